//! From an HTTP request to an operation's input, and from its answer to an HTTP response.
//!
//! Refuses to know what operations do: it finds the service, the operation, the region and the protocol.

use super::call::digest;
use super::fault::{Answer, Fault};
use super::{Operation, Service};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};

/// What a request asks for.
pub(super) struct Asked {
    /// The service; an error names what was asked for instead.
    pub(super) service: Service,
    /// Such as `CreateTable`.
    pub(super) operation: String,
    /// Such as `eu-central-1`.
    pub(super) region: String,
    /// The access key id that signed it; may be empty.
    pub(super) access_key: String,
    /// The members of the input.
    pub(super) input: Map<String, Value>,
}

/// The parts of a signature's credential scope: access key, region, service.
pub(super) fn scope(request: &Request<Bytes>) -> Option<(String, String, String)> {
    let header = request.headers().get("authorization").and_then(|v| v.to_str().ok());
    let from_header = header.and_then(|h| h.split_once("Credential=")).map(|(_, rest)| rest.to_owned());
    let from_query = || {
        let query = request.uri().query()?;
        query.split('&').find_map(|p| p.strip_prefix("X-Amz-Credential=")).map(decode)
    };
    let credential = from_header.or_else(from_query)?;
    let credential = credential.split([',', ' ']).next()?;
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [key, _, region, service, ..] => Some(((*key).to_owned(), (*region).to_owned(), (*service).to_owned())),
        _ => None,
    }
}

/// Undoes percent encoding and `+`.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (b'+', _, _) => out.push(b' '),
            (b, _, _) => out.push(b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A Query request's `A.member.1.B=x` pairs as nested members.
fn form(text: &str) -> Map<String, Value> {
    let pairs = text.split('&').filter(|p| !p.is_empty());
    let pairs = pairs.map(|p| p.split_once('=').unwrap_or((p, "")));
    let mut pairs: Vec<(Vec<String>, String)> =
        pairs.map(|(k, v)| (decode(k).split('.').map(str::to_owned).collect(), decode(v))).collect();
    // Some clients sort by name, and then the tenth member comes before the second.
    pairs.sort_by(|(a, _), (b, _)| {
        let number = |s: &String| s.parse::<usize>().ok();
        let unequal = a.iter().zip(b).map(|(a, b)| match (number(a), number(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        });
        unequal.into_iter().find(|o| o.is_ne()).unwrap_or(a.len().cmp(&b.len()))
    });
    let mut root = Map::new();
    let mut last: Vec<String> = Vec::new();
    for (steps, value) in &pairs {
        // Deeper than anything AWS has: not a request of its clients.
        if steps.len() <= 32 {
            insert(&mut root, steps, &last, value);
            last.clone_from(steps);
        }
    }
    root
}

/// Puts a value where its steps lead. `last` are the steps of the value before: where they part tells whether a member of a
/// list is another one.
fn insert(map: &mut Map<String, Value>, steps: &[String], last: &[String], value: &str) {
    let text = || Value::String(value.to_owned());
    let below = |n: usize| if last.get(..n) == steps.get(..n) { last.get(n..).unwrap_or(&[]) } else { &[] };
    match steps {
        [] => {}
        [name] => {
            map.insert(name.clone(), text());
        }
        [name, member, _, rest @ ..] if member == "member" => {
            let slot = map.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(items) = slot else { return };
            if items.is_empty() || last.get(..3) != steps.get(..3) {
                items.push(Value::Null);
            }
            let Some(item) = items.last_mut() else { return };
            if rest.is_empty() {
                *item = text();
                return;
            }
            if !item.is_object() {
                *item = Value::Object(Map::new());
            }
            if let Value::Object(inner) = item {
                insert(inner, rest, below(3), value);
            }
        }
        [name, rest @ ..] => {
            let slot = map.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = slot {
                insert(inner, rest, below(1), value);
            }
        }
    }
}

/// Finds out what is asked; a response straight away where that cannot be told.
pub(super) fn read(request: &Request<Bytes>) -> Result<Asked, Box<Response<Bytes>>> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let (access_key, region, scoped) = scope(request).unwrap_or_default();
    let target = header("x-amz-target").unwrap_or("");
    let (prefix, operation) = target.split_once('.').unwrap_or(("", ""));
    let body = request.body();
    let text = String::from_utf8_lossy(body);
    let query = if operation.is_empty() {
        let mut members = form(request.uri().query().unwrap_or(""));
        members.extend(form(&text));
        members
    } else {
        Map::new()
    };
    let version = query.get("Version").and_then(Value::as_str).unwrap_or("");
    let host = header("host").or_else(|| request.uri().host()).unwrap_or("");
    let service = Service::by_target(prefix)
        .or_else(|| if operation.is_empty() { Service::by_version(version) } else { None })
        .or_else(|| Service::by_scope(&scoped))
        .or_else(|| Service::by_scope(host.split('.').next().unwrap_or("")));
    let Some(service) = service else {
        let name = [scoped.as_str(), target, host].into_iter().find(|s| !s.is_empty()).unwrap_or("unsigned");
        return Err(Box::new(unknown(name, query.get("Action").and_then(Value::as_str))));
    };
    let region = match region.is_empty() {
        false => region,
        true => host.split('.').nth(1).filter(|r| r.contains('-')).unwrap_or("us-east-1").to_owned(),
    };
    let (operation, input) = if service.is_query() {
        let mut members = query;
        let action = members.remove("Action").and_then(|a| a.as_str().map(str::to_owned)).unwrap_or_default();
        members.remove("Version");
        (action, members)
    } else {
        let parsed = if body.is_empty() { Ok(Value::Object(Map::new())) } else { serde_json::from_slice(body) };
        match parsed {
            Ok(Value::Object(members)) => (operation.to_owned(), members),
            _ => {
                let fault = Fault::new("SerializationException", "The request's body is not a JSON object.");
                return Err(Box::new(json_response(
                    400,
                    &fault,
                    service.error_namespace("SerializationException"),
                    "",
                )));
            }
        }
    };
    Ok(Asked { service, operation, region, access_key, input })
}

/// That a service is not known, in the form that its clients are likely to read.
fn unknown(name: &str, action: Option<&str>) -> Response<Bytes> {
    let what = action.map(|a| format!(", operation {a}")).unwrap_or_default();
    let fault = Fault::new(
        "UnknownOperationException",
        format!("The embedded AWS does not know the service of this request ({name}{what})."),
    );
    let mut error = format!("<Error><Code>{}</Code><Message>", fault.code);
    escape(&fault.message, &mut error);
    error.push_str("</Message></Error>");
    let mut response = match (action, name) {
        (Some(_), "ec2") => xml_response(400, format!("<Response><Errors>{error}</Errors></Response>"), ""),
        (Some(_), _) => xml_response(400, format!("<ErrorResponse>{error}</ErrorResponse>"), ""),
        (None, "s3") => xml_response(400, error, ""),
        _ => json_response(400, &fault, "", ""),
    };
    response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static("UnknownOperationException"));
    response
}

/// The operation, or AWS's way to say there is none.
pub(super) fn find(asked: &Asked) -> Result<&'static Operation, Fault> {
    let known = asked.service.operations().iter().find(|o| o.name == asked.operation);
    known.ok_or_else(|| {
        let (service, name) = (asked.service.prefix(), &asked.operation);
        let code = if asked.service.is_query() { "InvalidAction" } else { "UnknownOperationException" };
        Fault::new(code, format!("The embedded AWS does not know the operation {service}:{name}."))
    })
}

/// An answer as the service's protocol has it.
pub(super) fn write(asked: &Asked, answer: Answer, seed: u64) -> Response<Bytes> {
    let text = Value::Object(asked.input.clone()).to_string();
    let id = request_id(asked.service, &digest(seed, &format!("{}{text}", asked.operation)));
    match (asked.service.is_query(), answer) {
        (false, Ok(value)) => {
            let body = if value.is_null() { "{}".to_owned() } else { value.to_string() };
            json_body(200, body, &id, asked.service)
        }
        (false, Err(fault)) => {
            let mut response = json_response(fault.status, &fault, asked.service.error_namespace(&fault.code), &id);
            if let Ok(kind) = http::HeaderValue::from_str(asked.service.content_type()) {
                response.headers_mut().insert("content-type", kind);
            }
            response
        }
        (true, Ok(value)) => {
            let (name, ns) = (&asked.operation, asked.service.xml_namespace());
            let mut xml = format!("<{name}Response xmlns=\"{ns}\">");
            if value.as_object().is_some_and(|m| !m.is_empty()) {
                xml.push_str(&format!("<{name}Result>"));
                element_content(&value, &mut xml);
                xml.push_str(&format!("</{name}Result>"));
            }
            xml.push_str(&format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{name}Response>"));
            xml_response(200, xml, &id)
        }
        (true, Err(fault)) => {
            let ns = asked.service.xml_namespace();
            let kind = if fault.status < 500 { "Sender" } else { "Receiver" };
            let mut xml =
                format!("<ErrorResponse xmlns=\"{ns}\"><Error><Type>{kind}</Type><Code>{}</Code>", fault.code);
            xml.push_str("<Message>");
            escape(&fault.message, &mut xml);
            xml.push_str(&format!("</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"));
            xml_response(fault.status, xml, &id)
        }
    }
}

/// DynamoDB's ids are 52 capital letters and digits, everyone else's are UUIDs.
fn request_id(service: Service, bytes: &[u8; 32]) -> String {
    if service == Service::DynamoDb {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
        let letters = bytes.iter().chain(&bytes[..20]).map(|b| char::from(alphabet[usize::from(*b) % 32]));
        return letters.collect();
    }
    let mut half = [0u8; 16];
    half.copy_from_slice(&bytes[..16]);
    uuid::Builder::from_random_bytes(half).into_uuid().to_string()
}

fn response(status: u16, content_type: &str, body: String, id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in [("content-type", content_type), ("x-amzn-requestid", id)] {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn json_body(status: u16, body: String, id: &str, service: Service) -> Response<Bytes> {
    response(status, service.content_type(), body, id)
}

fn json_response(status: u16, fault: &Fault, namespace: &str, id: &str) -> Response<Bytes> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), Value::String(format!("{namespace}{}", fault.code)));
    body.insert("message".to_owned(), Value::String(fault.message.clone()));
    body.extend(fault.more.clone());
    response(status, "application/x-amz-json-1.0", Value::Object(body).to_string(), id)
}

fn xml_response(status: u16, body: String, id: &str) -> Response<Bytes> {
    response(status, "text/xml", body, id)
}

/// The content of an XML element: structures as elements, lists as `<member>`s.
fn element_content(value: &Value, xml: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(b) => xml.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => xml.push_str(&n.to_string()),
        Value::String(s) => escape(s, xml),
        Value::Array(items) => {
            for item in items {
                xml.push_str("<member>");
                element_content(item, xml);
                xml.push_str("</member>");
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(_, m)| !m.is_null()) {
                xml.push('<');
                xml.push_str(name);
                xml.push('>');
                element_content(member, xml);
                xml.push_str("</");
                xml.push_str(name);
                xml.push('>');
            }
        }
    }
}

pub(super) fn escape(text: &str, xml: &mut String) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // Bare, a reader would turn it into a line feed.
            '\r' => xml.push_str("&#13;"),
            c if c < ' ' && c != '\n' && c != '\t' => xml.push('\u{FFFD}'),
            c => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn forms_nest() {
        let table = [
            ("A=1&B=x+y%26z", json!({"A": "1", "B": "x y&z"})),
            (
                "Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c",
                json!({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c"}]}),
            ),
            ("TagKeys.member.1=a&TagKeys.member.2=b", json!({"TagKeys": ["a", "b"]})),
            ("Empty=", json!({"Empty": ""})),
            ("Broken=%zz", json!({"Broken": "%zz"})),
            ("A=1&A.member.1=2", json!({"A": "1"})),
            (
                "T.member.1.K=a&T.member.1.V=1&T.member.10.K=c&T.member.10.V=3&T.member.2.K=b&T.member.2.V=2",
                json!({"T": [{"K": "a", "V": "1"}, {"K": "b", "V": "2"}, {"K": "c", "V": "3"}]}),
            ),
            (
                "A.member.1.L.member.1=x&A.member.1.L.member.2=y&A.member.2.L.member.1=z",
                json!({"A": [{"L": ["x", "y"]}, {"L": ["z"]}]}),
            ),
        ];
        for (text, wanted) in table {
            assert_eq!(Value::Object(form(text)), wanted, "{text}");
        }
    }

    #[test]
    fn xml_escapes_and_nests() {
        let mut xml = String::new();
        element_content(&json!({"A": "<&>\"\r\n", "L": [{"X": true}, 2], "N": null}), &mut xml);
        let wanted = "<A>&lt;&amp;&gt;&quot;&#13;\n</A><L><member><X>true</X></member><member>2</member></L>";
        assert_eq!(xml, wanted);
    }
}
