//! The few requests of S3 that a state needs: signed, tried again, sent to the region where the bucket is.
//!
//! Refuses to know states, locks and where credentials come from.

use super::settings::{Encryption, Settings};
use super::xml;
use crate::partition;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Credentials that end sooner than this are fetched anew.
const MARGIN: Duration = Duration::from_secs(60);

/// Why a request did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status; 0 if no answer came.
    pub status: u16,
    /// AWS's code, such as `NoSuchBucket`; empty if there is none.
    pub code: String,
    /// AWS's message, or what stood in the way.
    pub message: String,
    /// Such as `S3 PutObject`.
    pub operation: &'static str,
}

impl Failure {
    pub(super) fn new(operation: &'static str, message: impl Into<String>) -> Failure {
        Failure { status: 0, code: String::new(), message: message.into(), operation }
    }

    fn worth_another_try(&self) -> bool {
        let throttled = ["SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "InternalError"];
        self.status == 0 || self.status == 429 || self.status >= 500 || throttled.contains(&&*self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { status, code, message, operation } = self;
        match (status, code.is_empty()) {
            (0, _) => write!(f, "{operation}: {message}"),
            (_, true) => write!(f, "{operation}: HTTP status {status} {message}"),
            (_, false) => write!(f, "{operation}: {code}: {message}"),
        }
    }
}

/// An answer that is none of failure.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

struct Ask<'a> {
    operation: &'static str,
    method: &'static str,
    /// `None`: the bucket itself.
    key: Option<&'a str>,
    query: Vec<(&'static str, &'a str)>,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
}

/// A bucket.
pub struct Client {
    settings: Settings,
    http: SharedHttpConnector,
    credentials: SharedCredentialsProvider,
    known: Mutex<Option<Credentials>>,
    /// Where the bucket is, as far as we know.
    region: Mutex<String>,
}

impl Client {
    /// Sends nothing yet.
    pub fn new(
        settings: Settings,
        region: String,
        http: SharedHttpConnector,
        credentials: SharedCredentialsProvider,
    ) -> Client {
        Client { settings, http, credentials, known: Mutex::new(None), region: Mutex::new(region) }
    }

    /// The content of an object; `None`: there is no such object.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut headers = self.customer_key();
        if self.settings.checksums {
            headers.push(("x-amz-checksum-mode", "ENABLED".into()));
        }
        let ask =
            Ask { operation: "S3 GetObject", method: "GET", key: Some(key), query: Vec::new(), headers, body: &[] };
        match self.send(&ask).await {
            Ok(answer) => {
                // Of objects in several parts the checksum is another one, with a number behind.
                let wanted = answer.header("x-amz-checksum-sha256").filter(|c| c.len() == 44);
                if wanted.is_some_and(|c| c != BASE64.encode(Sha256::digest(&answer.body))) {
                    return Err(Failure::new(
                        ask.operation,
                        "what arrived does not have the checksum that it was stored with",
                    ));
                }
                Ok(Some(answer.body))
            }
            Err(e) if e.status == 404 && e.code != "NoSuchBucket" => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Puts an object in its place; `only_new`: unless there is one already. Gives whether it was put.
    pub async fn put(&self, key: &str, body: &[u8], only_new: bool) -> Result<bool, Failure> {
        let mut headers = vec![("content-type", "application/json".to_string())];
        if self.settings.checksums {
            headers.push(("x-amz-checksum-sha256", BASE64.encode(Sha256::digest(body))));
        }
        match &self.settings.encryption {
            Encryption::Bucket => {}
            Encryption::Aes => headers.push(("x-amz-server-side-encryption", "AES256".into())),
            Encryption::Kms(id) => {
                headers.push(("x-amz-server-side-encryption", "aws:kms".into()));
                headers.push(("x-amz-server-side-encryption-aws-kms-key-id", id.clone()));
            }
            Encryption::Customer(_) => headers.extend(self.customer_key()),
        }
        if let Some(acl) = &self.settings.acl {
            headers.push(("x-amz-acl", acl.clone()));
        }
        if only_new {
            headers.push(("if-none-match", "*".into()));
        }
        let ask = Ask { operation: "S3 PutObject", method: "PUT", key: Some(key), query: Vec::new(), headers, body };
        match self.send(&ask).await {
            Ok(_) => Ok(true),
            Err(e) if only_new && matches!(e.status, 409 | 412) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Removes an object. That there is none is no error.
    pub async fn delete(&self, key: &str) -> Result<(), Failure> {
        let ask = Ask {
            operation: "S3 DeleteObject",
            method: "DELETE",
            key: Some(key),
            query: Vec::new(),
            headers: Vec::new(),
            body: &[],
        };
        match self.send(&ask).await {
            Err(e) if e.status == 404 && e.code != "NoSuchBucket" => Ok(()),
            done => done.map(|_| ()),
        }
    }

    /// The keys that begin so.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut query = vec![("list-type", "2"), ("max-keys", "1000"), ("prefix", prefix)];
            if let Some(token) = &token {
                query.push(("continuation-token", token));
            }
            let ask =
                Ask { operation: "S3 ListObjectsV2", method: "GET", key: None, query, headers: Vec::new(), body: &[] };
            let answer = self.send(&ask).await?;
            let text = String::from_utf8_lossy(&answer.body);
            keys.extend(xml::texts(&text, &["ListBucketResult", "Contents", "Key"]));
            token = xml::text(&text, &["ListBucketResult", "NextContinuationToken"]);
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    fn customer_key(&self) -> Vec<(&'static str, String)> {
        let Encryption::Customer(key) = &self.settings.encryption else { return Vec::new() };
        let md5 = BASE64.encode(Md5::digest(BASE64.decode(key).unwrap_or_default()));
        vec![
            ("x-amz-server-side-encryption-customer-algorithm", "AES256".into()),
            ("x-amz-server-side-encryption-customer-key", key.clone()),
            ("x-amz-server-side-encryption-customer-key-md5", md5),
        ]
    }

    /// Sends until an answer comes that is worth having.
    async fn send(&self, ask: &Ask<'_>) -> Result<Answer, Failure> {
        let mut pause = Duration::from_millis(100);
        let mut moved = false;
        let mut attempt = 1;
        loop {
            let failure = match self.once(ask).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) => {
                    if let Some(region) = self.elsewhere(&answer).filter(|_| !moved) {
                        moved = true;
                        *self.region.lock().unwrap_or_else(PoisonError::into_inner) = region;
                        continue;
                    }
                    refused(ask.operation, &answer)
                }
                Err(failure) => failure,
            };
            if attempt >= self.settings.attempts || !failure.worth_another_try() {
                return Err(failure);
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// The region in which the bucket is, if that is why it was refused.
    fn elsewhere(&self, answer: &Answer) -> Option<String> {
        if !matches!(answer.status, 301 | 307 | 400) || self.settings.endpoints.s3.is_some() {
            return None;
        }
        let text = String::from_utf8_lossy(&answer.body);
        let region = answer
            .header("x-amz-bucket-region")
            .map(str::to_string)
            .or_else(|| xml::text(&text, &["Error", "Region"]))?;
        let known = self.region.lock().unwrap_or_else(PoisonError::into_inner);
        (*known != region).then_some(region)
    }

    async fn once(&self, ask: &Ask<'_>) -> Result<Answer, Failure> {
        let failed = |e: &dyn fmt::Display| Failure::new(ask.operation, e.to_string());
        let region = self.region.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let uri = self.uri(&region, ask);
        let identity: Identity = self.credentials(ask.operation).await?.into();
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|e| failed(&e))?
            .into();
        let headers = ask.headers.iter().map(|(n, v)| (*n, v.as_str()));
        let signable =
            SignableRequest::new(ask.method, &uri, headers, SignableBody::Bytes(ask.body)).map_err(|e| failed(&e))?;
        let (instructions, _) = sign(signable, &params).map_err(|e| failed(&e))?.into_parts();
        let mut request = http::Request::builder().method(ask.method).uri(&uri);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(SdkBody::from(ask.body)).map_err(|e| failed(&e))?;
        instructions.apply_to_request_http1x(&mut request);
        let request = request.try_into().map_err(|e: aws_smithy_runtime_api::http::HttpError| failed(&e))?;
        let answer = self.http.call(request).await.map_err(|e| failed(&reason(&e)))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        let body = ByteStream::new(answer.into_body()).collect().await.map_err(|e| failed(&reason(&e)))?;
        Ok(Answer { status, headers, body: body.to_vec() })
    }

    async fn credentials(&self, operation: &'static str) -> Result<Credentials, Failure> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|c| c.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)) {
            return Ok(known);
        }
        let fresh = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|e| Failure { code: "NoCredentials".into(), ..Failure::new(operation, reason(&e)) })?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }

    fn uri(&self, region: &str, ask: &Ask<'_>) -> String {
        let mut path = ask.key.map_or(String::new(), |k| encode(k, true));
        let s = &self.settings;
        let (scheme, host, base) = match &s.endpoints.s3 {
            Some(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
                let (host, base) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
                (scheme, host.to_string(), base)
            }
            None => {
                let fips = if s.fips { "-fips" } else { "" };
                let dualstack = if s.dualstack { ".dualstack" } else { "" };
                ("https", format!("s3{fips}{dualstack}.{region}.{}", partition::dns_suffix(region)), String::new())
            }
        };
        // A name with dots has no certificate, and a number is no domain that names could stand before.
        let numeric =
            host.split(':').next().is_some_and(|h| h.parse::<std::net::IpAddr>().is_ok()) || host.starts_with('[');
        let mut uri = if s.path_style || s.bucket.contains('.') || numeric {
            if !path.is_empty() {
                path.insert(0, '/');
            }
            format!("{scheme}://{host}{base}/{}{path}", encode(&s.bucket, true))
        } else {
            format!("{scheme}://{}.{host}{base}/{path}", s.bucket)
        };
        for (i, (name, value)) in ask.query.iter().enumerate() {
            uri.push(if i == 0 { '?' } else { '&' });
            uri.push_str(&format!("{name}={}", encode(value, false)));
        }
        uri
    }
}

/// What AWS said instead of doing it.
fn refused(operation: &'static str, answer: &Answer) -> Failure {
    let text = String::from_utf8_lossy(&answer.body);
    let code = xml::text(&text, &["Error", "Code"]).unwrap_or_else(|| match answer.status {
        403 => "AccessDenied".into(),
        _ => String::new(),
    });
    let message = xml::text(&text, &["Error", "Message"]).unwrap_or_default();
    Failure { status: answer.status, code, message, operation }
}

/// An error with all that it comes from, as one phrase.
pub(super) fn reason(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = error.source();
    }
    text
}

/// Percent encoding as signatures want it: all but letters, digits, `-`, `.`, `_`, `~`, and `/` in paths.
fn encode(text: &str, path: bool) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            b'/' if path => out.push('/'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::s3::settings::Endpoints;
    use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use std::sync::Arc;

    /// Answers in turn; remembers what it was asked.
    #[derive(Clone, Debug, Default)]
    struct Script {
        answers: Arc<Mutex<Vec<(u16, &'static [(&'static str, &'static str)], &'static str)>>>,
        asked: Arc<Mutex<Vec<(String, String, Vec<(String, String)>)>>>,
    }

    impl HttpConnector for Script {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let headers = request.headers().iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
            self.asked.lock().unwrap().push((request.method().to_string(), request.uri().to_string(), headers));
            let mut answers = self.answers.lock().unwrap();
            if answers.is_empty() {
                return HttpConnectorFuture::ready(Err(ConnectorError::io("lost".into())));
            }
            let (status, headers, body) = answers.remove(0);
            let mut response = http::Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            let response = response.body(SdkBody::from(body)).unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).unwrap()))
        }
    }

    fn settings() -> Settings {
        Settings { bucket: "b".into(), key: "k".into(), attempts: 2, checksums: true, ..Settings::default() }
    }

    fn client(
        settings: Settings,
        answers: &[(u16, &'static [(&'static str, &'static str)], &'static str)],
    ) -> (Client, Script) {
        let script = Script { answers: Arc::new(Mutex::new(answers.to_vec())), ..Script::default() };
        let keys = SharedCredentialsProvider::new(Credentials::new("AKIA", "secret", None, None, "test"));
        (Client::new(settings, "eu-west-1".into(), SharedHttpConnector::new(script.clone()), keys), script)
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn addresses_are_s3s() {
        let ask = |key| Ask {
            operation: "x",
            method: "GET",
            key,
            query: vec![("prefix", "env:/")],
            headers: Vec::new(),
            body: &[],
        };
        let at = |url: &str| Endpoints { s3: Some(url.into()), ..Endpoints::default() };
        for (settings, key, wanted) in [
            (
                settings(),
                Some("p/k a.tfstate"),
                "https://b.s3.eu-west-1.amazonaws.com/p/k%20a.tfstate?prefix=env%3A%2F",
            ),
            (settings(), None, "https://b.s3.eu-west-1.amazonaws.com/?prefix=env%3A%2F"),
            (
                Settings { path_style: true, ..settings() },
                Some("k"),
                "https://s3.eu-west-1.amazonaws.com/b/k?prefix=env%3A%2F",
            ),
            (
                Settings { bucket: "a.b".into(), ..settings() },
                Some("k"),
                "https://s3.eu-west-1.amazonaws.com/a.b/k?prefix=env%3A%2F",
            ),
            (
                Settings { fips: true, dualstack: true, ..settings() },
                Some("k"),
                "https://b.s3-fips.dualstack.eu-west-1.amazonaws.com/k?prefix=env%3A%2F",
            ),
            (
                Settings { endpoints: at("http://127.0.0.1:5000"), ..settings() },
                None,
                "http://127.0.0.1:5000/b?prefix=env%3A%2F",
            ),
            (
                Settings { endpoints: at("http://minio:9000/x"), ..settings() },
                Some("k"),
                "http://b.minio:9000/x/k?prefix=env%3A%2F",
            ),
        ] {
            let (client, _) = client(settings, &[]);
            assert_eq!(client.uri("eu-west-1", &ask(key)), wanted);
        }
        assert_eq!(partition::dns_suffix("cn-north-1"), "amazonaws.com.cn");
    }

    #[test]
    fn what_is_put_is_encrypted_and_checked_as_terraform_does() {
        let key = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=";
        let sse = "x-amz-server-side-encryption";
        for (encryption, wanted) in [
            (Encryption::Bucket, vec![]),
            (Encryption::Aes, vec![(sse.to_string(), "AES256".to_string())]),
            (
                Encryption::Kms("id".into()),
                vec![(sse.into(), "aws:kms".into()), (format!("{sse}-aws-kms-key-id"), "id".into())],
            ),
            (
                Encryption::Customer(key.into()),
                vec![
                    (format!("{sse}-customer-algorithm"), "AES256".into()),
                    (format!("{sse}-customer-key"), key.into()),
                    (format!("{sse}-customer-key-md5"), "3I/h1kl+vSP1l12NKhxegQ==".into()),
                ],
            ),
        ] {
            let (client, script) =
                client(Settings { encryption, acl: Some("private".into()), ..settings() }, &[(200, &[], "")]);
            assert_eq!(now(client.put("k", b"{}", true)), Ok(true));
            let (method, _, headers) = script.asked.lock().unwrap().remove(0);
            assert_eq!(method, "PUT");
            let mut found: Vec<_> = headers.iter().filter(|(n, _)| n.starts_with(sse)).cloned().collect();
            found.sort();
            assert_eq!(found, wanted);
            for (name, value) in [
                ("if-none-match", "*"),
                ("x-amz-acl", "private"),
                ("content-type", "application/json"),
                ("x-amz-checksum-sha256", "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="),
                ("x-amz-content-sha256", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
            ] {
                assert!(headers.contains(&(name.to_string(), value.to_string())), "{name}: {headers:?}");
            }
            let authorization = headers.iter().find(|(n, _)| n == "authorization").unwrap();
            assert!(
                authorization.1.starts_with("AWS4-HMAC-SHA256 Credential=AKIA/")
                    && authorization.1.contains("/eu-west-1/s3/aws4_request")
            );
        }
    }

    #[test]
    fn a_bucket_elsewhere_is_followed_once() {
        let moved = (301, &[("x-amz-bucket-region", "us-west-2")][..], "<Error><Code>PermanentRedirect</Code></Error>");
        let (client, script) = client(settings(), &[moved, (200, &[], "there"), moved]);
        assert_eq!(now(client.get("k")), Ok(Some(b"there".to_vec())));
        let asked = script.asked.lock().unwrap().clone();
        assert_eq!(
            asked.iter().map(|a| &*a.1).collect::<Vec<_>>(),
            ["https://b.s3.eu-west-1.amazonaws.com/k", "https://b.s3.us-west-2.amazonaws.com/k"]
        );
        assert_eq!(now(client.get("k")).unwrap_err().code, "PermanentRedirect");
    }

    #[test]
    fn trouble_passes_or_is_told() {
        let slow = (503, &[][..], "<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>");
        let denied = (403, &[][..], "<Error><Code>AccessDenied</Code><Message>No &lt;way&gt;</Message></Error>");
        let none = (404, &[][..], "<Error><Code>NoSuchKey</Code></Error>");
        let no_bucket = (404, &[][..], "<Error><Code>NoSuchBucket</Code></Error>");
        let get = |answers: &[_]| now(client(settings(), answers).0.get("k")).map_err(|e| e.to_string());
        assert_eq!(get(&[slow, (200, &[], "x")]), Ok(Some(b"x".to_vec())));
        assert_eq!(get(&[slow, slow]), Err("S3 GetObject: SlowDown: Reduce your rate".into()));
        assert_eq!(get(&[denied, (200, &[], "x")]), Err("S3 GetObject: AccessDenied: No <way>".into()));
        assert_eq!(get(&[none]), Ok(None));
        assert_eq!(get(&[no_bucket]), Err("S3 GetObject: NoSuchBucket: ".into()));
        assert!(get(&[]).unwrap_err().contains("lost"));
        let broken = (200, &[("x-amz-checksum-sha256", "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=")][..], "half");
        assert!(get(&[broken]).unwrap_err().contains("checksum"));
        let taken = (412, &[][..], "<Error><Code>PreconditionFailed</Code></Error>");
        assert_eq!(now(client(settings(), &[taken]).0.put("k", b"", true)), Ok(false));
        assert_eq!(now(client(settings(), &[taken]).0.put("k", b"", false)).unwrap_err().status, 412);
    }

    #[test]
    fn listings_go_on() {
        let first = (
            200,
            &[][..],
            "<ListBucketResult><Contents><Key>a</Key></Contents><IsTruncated>true</IsTruncated><NextContinuationToken>t+1</NextContinuationToken></ListBucketResult>",
        );
        let second = (200, &[][..], "<ListBucketResult><Contents><Key>b&amp;c</Key></Contents></ListBucketResult>");
        let (client, script) = client(settings(), &[first, second]);
        assert_eq!(now(client.list("p")), Ok(vec!["a".to_string(), "b&c".into()]));
        assert!(script.asked.lock().unwrap()[1].1.ends_with("&continuation-token=t%2B1"));
    }
}
