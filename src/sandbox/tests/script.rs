//! Tables of requests and answers, without a client in between: what a client would refuse to send can be sent too.

use super::*;
use bytes::Bytes;
use http::Request;
use serde_json::Map;

/// An operation such as `iam:GetRole`, its input, and what is wanted: `""` for any success, a JSON text for an answer that has
/// at least these members, else `Code: message` of the refusal.
pub(super) type Step<'a> = (&'a str, Value, &'a str);

/// Runs a table, in order, in one world.
pub(super) fn run(sandbox: &Sandbox, steps: &[Step<'_>]) {
    for (i, (operation, input, wanted)) in steps.iter().enumerate() {
        let got = ask(sandbox, operation, input.clone());
        let shown = format!("step {i}, {operation} {input}");
        match (wanted, got) {
            (&"", Ok(_)) => {}
            (wanted, Ok(got)) if wanted.starts_with('{') => {
                let wanted: Value = serde_json::from_str(wanted).unwrap_or_else(|e| panic!("{shown}: {e}"));
                holds(&wanted, &got, "").unwrap_or_else(|why| panic!("{shown}: {why}\nin {got}"));
            }
            (wanted, Err(got)) => assert_eq!(got, *wanted, "{shown}"),
            (wanted, Ok(got)) => panic!("{shown}: wanted {wanted:?}, got {got}"),
        }
    }
}

/// Whether `got` has at least what `wanted` has. A list must match member for member; `"?"` matches any text, `null` absence.
fn holds(wanted: &Value, got: &Value, at: &str) -> Result<(), String> {
    let differ = || Err(format!("{at}: wanted {wanted}, got {got}"));
    match (wanted, got) {
        (Value::Object(w), Value::Object(g)) => {
            w.iter().try_for_each(|(k, v)| holds(v, g.get(k).unwrap_or(&Value::Null), &format!("{at}/{k}")))
        }
        (Value::Array(w), Value::Array(g)) if w.len() == g.len() => {
            w.iter().zip(g).enumerate().try_for_each(|(i, (w, g))| holds(w, g, &format!("{at}/{i}")))
        }
        (Value::String(w), Value::String(_)) if w == "?" => Ok(()),
        (w, g) if w == g => Ok(()),
        _ => differ(),
    }
}

/// Asks in `us-east-1`. A refusal comes as `Code: message`.
pub(super) fn ask(sandbox: &Sandbox, operation: &str, input: Value) -> Result<Value, String> {
    ask_at(sandbox, "us-east-1", operation, input)
}

/// Asks in a region.
pub(super) fn ask_at(sandbox: &Sandbox, region: &str, operation: &str, input: Value) -> Result<Value, String> {
    let (service, name) = operation.split_once(':').unwrap();
    let query = matches!(service, "iam" | "sts");
    let target = match service {
        "dynamodb" if name == "ListStreams" => "DynamoDBStreams_20120810",
        "dynamodb" => "DynamoDB_20120810",
        "states" => "AWSStepFunctions",
        "logs" => "Logs_20140328",
        "kms" => "TrentService",
        "application-autoscaling" => "AnyScaleFrontendService",
        _ => "",
    };
    let body = if query { form(service, name, &input) } else { input.to_string() };
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/{region}/{service}/aws4_request, Signature=0");
    let mut request = Request::post("https://x/").header("authorization", scope);
    if !query {
        request = request.header("x-amz-target", format!("{target}.{name}"));
    }
    let response = sandbox.answer(&request.body(Bytes::from(body)).unwrap()).expect("an answer");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    let ok = response.status().is_success();
    if query {
        let answer = parse_xml(&text);
        if ok {
            return Ok(answer[format!("{name}Result")].clone());
        }
        let error = &answer["Error"];
        return Err(format!("{}: {}", error["Code"].as_str().unwrap(), error["Message"].as_str().unwrap()));
    }
    let answer: Value = serde_json::from_str(&text).unwrap();
    if ok {
        return Ok(answer);
    }
    let code = answer["__type"].as_str().unwrap();
    let code = code.rsplit('#').next().unwrap_or(code);
    Err(format!("{code}: {}", answer["message"].as_str().unwrap()))
}

/// A Query request's body.
fn form(service: &str, name: &str, input: &Value) -> String {
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut pairs = vec![format!("Action={name}"), format!("Version={version}")];
    for (key, value) in input.as_object().unwrap() {
        flatten(key, value, &mut pairs);
    }
    pairs.join("&")
}

fn flatten(key: &str, value: &Value, pairs: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(k, v)| flatten(&format!("{key}.{k}"), v, pairs)),
        Value::Array(items) if items.is_empty() => pairs.push(format!("{key}=")),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| flatten(&format!("{key}.member.{}", i + 1), v, pairs));
        }
        Value::String(s) => {
            let quoted: String = s.bytes().map(|b| format!("%{b:02X}")).collect();
            pairs.push(format!("{key}={quoted}"));
        }
        other => pairs.push(format!("{key}={other}")),
    }
}

/// XML as JSON: elements as members, `<member>`s as a list, the rest as texts. Only what is written here is read.
fn parse_xml(text: &str) -> Value {
    fn unescape(text: &str) -> String {
        let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#13;", "\r"), ("&amp;", "&")];
        pairs.iter().fold(text.to_owned(), |t, (from, to)| t.replace(from, to))
    }
    fn element(mut rest: &str) -> (String, Value, &str) {
        let end = rest.find('>').unwrap();
        let name = rest[1..end].split(' ').next().unwrap().to_owned();
        rest = &rest[end + 1..];
        let mut members = Map::new();
        let mut list = None;
        while rest.starts_with('<') && !rest.starts_with("</") {
            let (inner, value, after) = element(rest);
            rest = after;
            if inner == "member" {
                list.get_or_insert_with(Vec::new).push(value);
            } else {
                members.insert(inner, value);
            }
        }
        let end = rest.find("</").unwrap();
        let text = &rest[..end];
        let after = &rest[rest[end..].find('>').unwrap() + end + 1..];
        let value = match list {
            Some(list) => Value::Array(list),
            None if members.is_empty() => Value::String(unescape(text)),
            None => Value::Object(members),
        };
        (name, value, after)
    }
    element(text).1
}
