//! S3, as much of it as keeping states takes: buckets, and small objects that are put, read, listed and deleted as a whole, on
//! condition if need be.
//!
//! Its protocol is none of the others': the path names the object, and the body is it. Refuses to know who may do what.

use super::Access;
use super::call::{format_time, iso};
use super::fault::Fault;
use super::wire::{decode, escape, scope};
use super::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;

/// A bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Bucket {
    /// Milliseconds since 1970.
    created: i64,
    #[serde(default)]
    objects: BTreeMap<String, Object>,
}

/// An object.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Object {
    /// In base64.
    body: String,
    etag: String,
    /// Milliseconds since 1970.
    modified: i64,
    /// What was said of it, and is said again whenever it is read.
    headers: BTreeMap<String, String>,
    /// With whose key it is encrypted: the key's digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
}

/// What a request asks for.
pub(super) struct Asked {
    /// Such as `PutObject`; what is not known is `Unknown`.
    pub(super) operation: &'static str,
    bucket: String,
    key: String,
    query: BTreeMap<String, String>,
    head: bool,
}

impl Asked {
    /// Whether it changes anything.
    pub(super) fn access(&self) -> Access {
        match self.operation {
            "CreateBucket" | "DeleteBucket" | "PutObject" | "DeleteObject" => Access::Write,
            _ => Access::Read,
        }
    }
}

/// Parameters that mean another operation than the path alone says.
const OTHERS: [&str; 12] = [
    "acl",
    "attributes",
    "cors",
    "lifecycle",
    "policy",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
];

/// Headers that an object keeps.
const KEPT: [&str; 5] = [
    "content-type",
    "content-encoding",
    "x-amz-checksum-sha256",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
];

const KEY_MD5: &str = "x-amz-server-side-encryption-customer-key-md5";

/// Finds out what is asked, if it is S3 that is asked.
pub(super) fn read(request: &Request<Bytes>) -> Option<Asked> {
    let (_, _, service) = scope(request)?;
    if service != "s3" || request.headers().contains_key("x-amz-target") {
        return None;
    }
    let host = request.headers().get("host").and_then(|v| v.to_str().ok()).or(request.uri().host()).unwrap_or("");
    let path = request.uri().path().trim_start_matches('/');
    // A plus is a plus in a path.
    let path = decode(&path.replace('+', "%2B"));
    let named = host.split_once(".s3.").or_else(|| host.split_once(".s3-")).or_else(|| host.split_once(".localhost"));
    let (bucket, key) = match named {
        Some((bucket, _)) => (bucket.to_owned(), path),
        None => path.split_once('/').map_or((path.clone(), String::new()), |(b, k)| (b.to_owned(), k.to_owned())),
    };
    let pairs = request.uri().query().unwrap_or("").split('&').filter(|p| !p.is_empty());
    let query: BTreeMap<String, String> =
        pairs.map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(k, v)| (decode(k), decode(v))).collect();
    let other = OTHERS.iter().any(|o| query.contains_key(*o));
    let copy = request.headers().contains_key("x-amz-copy-source");
    let operation = match (request.method(), bucket.is_empty(), key.is_empty()) {
        _ if other || copy => "Unknown",
        (&Method::GET, true, _) => "ListBuckets",
        (&Method::PUT, false, true) => "CreateBucket",
        (&Method::HEAD, false, true) => "HeadBucket",
        (&Method::DELETE, false, true) => "DeleteBucket",
        (&Method::GET, false, true) if query.contains_key("location") => "GetBucketLocation",
        (&Method::GET, false, true) => "ListObjectsV2",
        (&Method::PUT, false, false) => "PutObject",
        (&Method::GET, false, false) => "GetObject",
        (&Method::HEAD, false, false) => "HeadObject",
        (&Method::DELETE, false, false) => "DeleteObject",
        _ => "Unknown",
    };
    Some(Asked { operation, bucket, key, query, head: request.method() == Method::HEAD })
}

/// Does it.
pub(super) fn run(
    world: &mut World,
    asked: &Asked,
    request: &Request<Bytes>,
    now: i64,
) -> Result<Response<Bytes>, Fault> {
    match asked.operation {
        "ListBuckets" => Ok(list_buckets(world)),
        "CreateBucket" => create_bucket(world, asked, now),
        "PutObject" => put(bucket(world, asked)?, asked, request, now),
        "GetObject" | "HeadObject" => get(bucket(world, asked)?, asked, request),
        "DeleteObject" => {
            bucket(world, asked)?.objects.remove(&asked.key);
            Ok(plain(204, &[], Bytes::new()))
        }
        "HeadBucket" => {
            bucket(world, asked)?;
            Ok(plain(200, &[], Bytes::new()))
        }
        "GetBucketLocation" => {
            bucket(world, asked)?;
            Ok(xml(200, "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>".into()))
        }
        "ListObjectsV2" => list(bucket(world, asked)?, asked),
        "DeleteBucket" => {
            if !bucket(world, asked)?.objects.is_empty() {
                return Err(fault(409, "BucketNotEmpty", "The bucket you tried to delete is not empty"));
            }
            world.buckets.remove(&asked.bucket);
            Ok(plain(204, &[], Bytes::new()))
        }
        _ => Err(fault(501, "NotImplemented", "The embedded AWS does not know this operation of S3.")),
    }
}

fn fault(status: u16, code: &str, message: &str) -> Fault {
    Fault { status, ..Fault::new(code, message) }
}

fn bucket<'a>(world: &'a mut World, asked: &Asked) -> Result<&'a mut Bucket, Fault> {
    let none = || fault(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", &*asked.bucket);
    world.buckets.get_mut(&asked.bucket).ok_or_else(none)
}

fn create_bucket(world: &mut World, asked: &Asked, now: i64) -> Result<Response<Bytes>, Fault> {
    let name = &asked.bucket;
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    if !(3..=63).contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(fault(400, "InvalidBucketName", "The specified bucket is not valid."));
    }
    // Whose it is nobody can tell here: it is one's own.
    world.buckets.entry(name.clone()).or_insert_with(|| Bucket { created: now, ..Bucket::default() });
    Ok(plain(200, &[("location", &format!("/{name}"))], Bytes::new()))
}

fn list_buckets(world: &World) -> Response<Bytes> {
    let mut text = String::from("<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Buckets>");
    for (name, bucket) in &world.buckets {
        text.push_str(&format!(
            "<Bucket><Name>{name}</Name><CreationDate>{}</CreationDate></Bucket>",
            iso(bucket.created)
        ));
    }
    text.push_str("</Buckets></ListAllMyBucketsResult>");
    xml(200, text)
}

fn put(bucket: &mut Bucket, asked: &Asked, request: &Request<Bytes>, now: i64) -> Result<Response<Bytes>, Fault> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let there = bucket.objects.get(&asked.key);
    let failed = || fault(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    match (header("if-none-match"), header("if-match"), there) {
        (Some("*"), _, Some(_)) => return Err(failed()),
        (_, Some(_), None) => return Err(fault(404, "NoSuchKey", "The specified key does not exist.")),
        (_, Some(etag), Some(there)) if etag.trim_matches('"') != there.etag => return Err(failed()),
        _ => {}
    }
    let body = match header("x-amz-content-sha256") {
        Some(kind) if kind.starts_with("STREAMING-") => unchunked(request.body())
            .ok_or_else(|| fault(400, "IncompleteBody", "The request body terminated unexpectedly"))?,
        _ => request.body().to_vec(),
    };
    let sha256 = BASE64.encode(Sha256::digest(&body));
    let md5 = Md5::digest(&body);
    let damaged = header("x-amz-checksum-sha256").is_some_and(|c| c != sha256)
        || header("content-md5").is_some_and(|c| c != BASE64.encode(md5));
    if damaged {
        return Err(fault(400, "BadDigest", "The checksum you specified did not match what we received."));
    }
    let mut headers: BTreeMap<String, String> =
        KEPT.iter().filter_map(|n| Some(((*n).to_owned(), header(n)?.to_owned()))).collect();
    let encoding =
        headers.remove("content-encoding").map(|e| e.replace("aws-chunked", "").trim_matches([',', ' ']).to_owned());
    if let Some(encoding) = encoding.filter(|e| !e.is_empty()) {
        headers.insert("content-encoding".to_owned(), encoding);
    }
    headers.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    let etag: String = md5.iter().map(|b| format!("{b:02x}")).collect();
    let object = Object {
        body: BASE64.encode(&body),
        etag: etag.clone(),
        modified: now,
        headers,
        customer: header(KEY_MD5).map(str::to_owned),
    };
    bucket.objects.insert(asked.key.clone(), object);
    Ok(plain(200, &[("etag", &format!("\"{etag}\""))], Bytes::new()))
}

fn get(bucket: &Bucket, asked: &Asked, request: &Request<Bytes>) -> Result<Response<Bytes>, Fault> {
    let none = || fault(404, "NoSuchKey", "The specified key does not exist.").with("Key", &*asked.key);
    let object = bucket.objects.get(&asked.key).ok_or_else(none)?;
    let given = request.headers().get(KEY_MD5).and_then(|v| v.to_str().ok());
    match (&object.customer, given) {
        (Some(key), Some(given)) if key != given => {
            return Err(fault(403, "AccessDenied", "Access Denied"));
        }
        (Some(_), None) => {
            let message = "The object was stored using a form of Server Side Encryption. The correct parameters must be \
                           provided to retrieve the object.";
            return Err(fault(400, "InvalidRequest", message));
        }
        _ => {}
    }
    let body = BASE64.decode(&object.body).map_err(|_| fault(500, "InternalError", "The object is damaged."))?;
    let (etag, modified, length) = (format!("\"{}\"", object.etag), http_date(object.modified), body.len().to_string());
    let mut headers = vec![("etag", &*etag), ("last-modified", &modified), ("accept-ranges", "bytes")];
    headers.extend(object.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    if asked.head {
        headers.push(("content-length", &length));
    }
    Ok(plain(200, &headers, if asked.head { Bytes::new() } else { body.into() }))
}

fn list(bucket: &Bucket, asked: &Asked) -> Result<Response<Bytes>, Fault> {
    let parameter = |name: &str| asked.query.get(name).map_or("", String::as_str);
    let prefix = parameter("prefix");
    let delimiter = parameter("delimiter");
    let most = parameter("max-keys").parse().unwrap_or(1000).min(1000usize);
    let after = [parameter("continuation-token"), parameter("start-after")].into_iter().find(|t| !t.is_empty());
    let mut found: Vec<(&String, &Object)> = Vec::new();
    let mut folders: Vec<&str> = Vec::new();
    let mut next = None;
    for (key, object) in bucket.objects.iter().filter(|(k, _)| k.starts_with(prefix)) {
        if after.is_some_and(|a| key.as_str() <= a) {
            continue;
        }
        let rest = key.get(prefix.len()..).unwrap_or("");
        let folder = rest
            .find(delimiter)
            .filter(|_| !delimiter.is_empty())
            .and_then(|at| key.get(..prefix.len() + at + delimiter.len()));
        if folder.is_some_and(|f| folders.last() == Some(&f)) {
            continue;
        }
        if found.len() + folders.len() >= most {
            next = found.last().map(|(k, _)| k.as_str());
            break;
        }
        match folder {
            Some(folder) => folders.push(folder),
            None => found.push((key, object)),
        }
    }
    let url = parameter("encoding-type") == "url";
    let name = |text: &str| {
        let mut out = String::new();
        let text = if url { text.replace('%', "%25").replace('+', "%2B").replace(' ', "+") } else { text.to_owned() };
        escape(&text, &mut out);
        out
    };
    let mut text = format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name><Prefix>{}</Prefix><MaxKeys>{most}\
         </MaxKeys><KeyCount>{}</KeyCount><IsTruncated>{}</IsTruncated>",
        asked.bucket,
        name(prefix),
        found.len() + folders.len(),
        next.is_some()
    );
    if let Some(next) = next {
        text.push_str(&format!("<NextContinuationToken>{}</NextContinuationToken>", name(next)));
    }
    for (key, object) in found {
        text.push_str(&format!(
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD\
             </StorageClass></Contents>",
            name(key),
            iso(object.modified),
            object.etag,
            BASE64.decode(&object.body).map_or(0, |b| b.len())
        ));
    }
    for folder in folders {
        text.push_str(&format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", name(folder)));
    }
    text.push_str("</ListBucketResult>");
    Ok(xml(200, text))
}

/// The content of a body that comes in signed pieces: each with its length before it, in hexadecimal digits.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        let (line, tail) = (rest.get(..end)?, rest.get(end + 2..)?);
        let length = std::str::from_utf8(line).ok()?.split(';').next()?;
        let length = usize::from_str_radix(length.trim(), 16).ok()?;
        if length == 0 {
            return Some(out);
        }
        out.extend_from_slice(tail.get(..length)?);
        rest = tail.get(length.checked_add(2)?..)?;
    }
}

/// A refusal in S3's form.
pub(super) fn refused(asked: &Asked, fault: &Fault) -> Response<Bytes> {
    if asked.head {
        return plain(fault.status, &[], Bytes::new());
    }
    let mut text = format!("<Error><Code>{}</Code><Message>", fault.code);
    escape(&fault.message, &mut text);
    text.push_str("</Message>");
    for (name, value) in &fault.more {
        text.push_str(&format!("<{name}>"));
        escape(value.as_str().unwrap_or_default(), &mut text);
        text.push_str(&format!("</{name}>"));
    }
    text.push_str("</Error>");
    xml(fault.status, text)
}

fn xml(status: u16, body: String) -> Response<Bytes> {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    plain(status, &[("content-type", "application/xml")], body.into())
}

fn plain(status: u16, headers: &[(&str, &str)], body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(*name), http::HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn http_date(millis: i64) -> String {
    format_time(millis, "%a, %d %b %Y %H:%M:%S GMT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Sandbox;

    fn ask(sandbox: &Sandbox, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(uri).header("host", "127.0.0.1:1").header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = sandbox.answer(&request.body(Bytes::from(body.to_owned())).unwrap()).unwrap();
        let (parts, body) = answer.into_parts();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn objects_come_and_go() {
        let s = Sandbox::in_memory(0);
        assert_eq!(ask(&s, "PUT", "/buck/k", &[], "x").0, 404);
        assert_eq!(ask(&s, "PUT", "/b", &[], "").0, 400);
        assert_eq!(ask(&s, "PUT", "/buck", &[], "").0, 200);
        assert_eq!(ask(&s, "HEAD", "/buck", &[], ""), (200, String::new()));
        let (status, body) = ask(&s, "GET", "/buck/a/k%20b", &[], "");
        assert!(status == 404 && body.contains("<Code>NoSuchKey</Code>"), "{body}");
        let once = [("if-none-match", "*")];
        assert_eq!(ask(&s, "PUT", "/buck/a/k%20b?x-id=PutObject", &once, "{}").0, 200);
        let (status, body) = ask(&s, "PUT", "/buck/a/k%20b", &once, "other");
        assert!(status == 412 && body.contains("<Code>PreconditionFailed</Code>"), "{body}");
        assert_eq!(ask(&s, "GET", "/buck/a/k%20b", &[], ""), (200, "{}".into()));
        assert_eq!(ask(&s, "PUT", "/buck/a/k", &[("x-amz-checksum-sha256", "AAAA")], "{}").0, 400);
        assert_eq!(
            ask(
                &s,
                "PUT",
                "/buck/z",
                &[("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")],
                "2\r\nab\r\n1;x=y\r\nc\r\n0\r\nt:1\r\n\r\n"
            )
            .0,
            200
        );
        assert_eq!(ask(&s, "GET", "/buck/z", &[], ""), (200, "abc".into()));
        assert_eq!(ask(&s, "DELETE", "/buck", &[], "").0, 409);
        assert_eq!(ask(&s, "DELETE", "/buck/z", &[], "").0, 204);
        assert_eq!(ask(&s, "DELETE", "/buck/z", &[], "").0, 204);
        assert_eq!(ask(&s, "PUT", "/buck/k?acl", &[], "").0, 501);
        assert_eq!(s.take_calls().last().map(String::as_str), Some("s3:Unknown"));
    }

    #[test]
    fn a_customers_key_is_needed_again() {
        let s = Sandbox::in_memory(0);
        ask(&s, "PUT", "/buck", &[], "");
        let key = |k| [(KEY_MD5, k)];
        assert_eq!(ask(&s, "PUT", "/buck/k", &key("one"), "x").0, 200);
        assert_eq!(ask(&s, "GET", "/buck/k", &key("one"), "").0, 200);
        assert_eq!(ask(&s, "GET", "/buck/k", &key("two"), "").0, 403);
        assert_eq!(ask(&s, "GET", "/buck/k", &[], "").0, 400);
    }

    #[test]
    fn listings_have_pages_and_folders() {
        let s = Sandbox::in_memory(0);
        ask(&s, "PUT", "/buck", &[], "");
        for key in ["env:/a/k", "env:/b/k", "env:/b/l", "k"] {
            ask(&s, "PUT", &format!("/buck/{key}"), &[], "x");
        }
        let keys = |query: &str| {
            let body = ask(&s, "GET", &format!("/buck?list-type=2&{query}"), &[], "").1;
            let texts = |tag: &str| -> Vec<String> {
                body.split(&format!("<{tag}>")).skip(1).map(|p| p.split('<').next().unwrap().to_owned()).collect()
            };
            (texts("Key"), texts("NextContinuationToken"), texts("Prefix"))
        };
        assert_eq!(keys("prefix=env%3A%2F").0, ["env:/a/k", "env:/b/k", "env:/b/l"]);
        assert_eq!(keys("max-keys=2").1, ["env:/b/k"]);
        assert_eq!(keys("max-keys=2&continuation-token=env%3A%2Fb%2Fk").0, ["env:/b/l", "k"]);
        assert_eq!(keys("prefix=env%3A%2F&delimiter=%2F").2, ["env:/", "env:/a/", "env:/b/"]);
    }
}
