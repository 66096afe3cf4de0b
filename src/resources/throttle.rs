//! How many requests one service of one region gets at the same time: one more with every round that went well, half as many when it
//! says that they are too many.
//!
//! All ways to AWS with the same credentials share these numbers, whatever `provider` block they come from: AWS counts so. The SDK
//! repeats what was refused, later and later; here only how much is under way at once is decided.
//! Refuses to know what is asked.

use super::error::is_throttle;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::Notify;

/// How many at once to begin with.
const FIRST: f64 = 16.0;
/// Never more than so many.
const MOST: f64 = 64.0;

/// Who is asked, by whom: access key, region and service, as the signature names them.
type Lane = String;

/// The numbers of one process.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes(Arc<Mutex<HashMap<Lane, Arc<Limiter>>>>);

impl Lanes {
    /// Those that every connection of this process goes by.
    pub(super) fn of_process() -> Lanes {
        static ALL: OnceLock<Lanes> = OnceLock::new();
        ALL.get_or_init(Lanes::default).clone()
    }

    /// The number of one lane.
    fn lane(&self, name: Lane) -> Arc<Limiter> {
        lock(&self.0).entry(name).or_default().clone()
    }

    /// A client that keeps to these numbers.
    pub(super) fn guard(&self, client: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Guarded { lanes: self.clone(), client })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Limiter {
    now: Mutex<Window>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    /// How many may be under way.
    size: f64,
    /// How many are.
    running: u32,
    /// How often it was cut: what had begun before the last cut must not cut again.
    cuts: u64,
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter { now: Mutex::new(Window { size: FIRST, running: 0, cuts: 0 }), changed: Notify::new() }
    }
}

impl Limiter {
    /// Waits for its turn.
    async fn enter(self: &Arc<Limiter>) -> Turn {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Before looking: what changes in between must not be missed.
            changed.as_mut().enable();
            {
                let mut now = lock(&self.now);
                if f64::from(now.running) < now.size.floor() {
                    now.running += 1;
                    return Turn { limiter: self.clone(), begun: now.cuts };
                }
            }
            changed.await;
        }
    }
}

/// One request under way; it ends with the value.
struct Turn {
    limiter: Arc<Limiter>,
    begun: u64,
}

impl Turn {
    /// Takes over what came of it.
    fn learn(&self, throttled: bool) {
        let mut now = lock(&self.limiter.now);
        if !throttled {
            now.size = (now.size + 1.0 / now.size).min(MOST);
        } else if self.begun == now.cuts {
            now.size = (now.size / 2.0).max(1.0);
            now.cuts += 1;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.limiter.now).running -= 1;
        self.limiter.changed.notify_waiters();
    }
}

#[derive(Debug)]
struct Guarded {
    lanes: Lanes,
    client: SharedHttpClient,
}

impl HttpClient for Guarded {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(GuardedConnector { lanes: self.lanes.clone(), connector })
    }
}

#[derive(Debug)]
struct GuardedConnector {
    lanes: Lanes,
    connector: SharedHttpConnector,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(lane) = lane(&request) else {
            // Not signed: where credentials come from. That is neither much nor AWS's to count.
            return self.connector.call(request);
        };
        let (limiter, connector) = (self.lanes.lane(lane), self.connector.clone());
        HttpConnectorFuture::new(async move {
            let turn = limiter.enter().await;
            let (answer, throttled) = look(connector.call(request).await).await;
            if answer.is_ok() {
                turn.learn(throttled);
            }
            answer
        })
    }
}

/// `AKIA.../20260102/us-east-1/iam/aws4_request` in the signature, without the day.
fn lane(request: &HttpRequest) -> Option<Lane> {
    let signature = request.headers().get("authorization")?;
    let (_, scope) = signature.split_once("Credential=")?;
    let mut parts = scope.split([',', ' ']).next()?.split('/');
    let (key, _, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{key}/{region}/{service}"))
}

/// Whether an answer says that there were too many requests.
async fn look(answer: Result<HttpResponse, ConnectorError>) -> (Result<HttpResponse, ConnectorError>, bool) {
    let Ok(mut response) = answer else { return (answer, false) };
    match response.status().as_u16() {
        429 => (Ok(response), true),
        400 | 503 => {
            let body = match ByteStream::new(response.take_body()).collect().await {
                Ok(body) => body.into_bytes(),
                Err(e) => return (Err(ConnectorError::io(e.into())), false),
            };
            let throttled = code(&body).is_some_and(|code| is_throttle(&code));
            *response.body_mut() = SdkBody::from(body);
            (Ok(response), throttled)
        }
        _ => (Ok(response), false),
    }
}

/// The code of an error in either protocol.
fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if let Some((_, rest)) = text.split_once("<Code>") {
        return Some(rest.split_once("</Code>")?.0.trim().to_string());
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let code = json.get("__type").or_else(|| json.get("code"))?.as_str()?;
    Some(code.rsplit('#').next().unwrap_or(code).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_either_protocol() {
        for (body, throttled) in [
            (r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"x"}"#, true),
            ("<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", true),
            (r#"{"__type":"ValidationException"}"#, false),
            ("<Error><Code>NoSuchEntity</Code></Error>", false),
            ("", false),
            ("nonsense", false),
        ] {
            assert_eq!(code(body.as_bytes()).is_some_and(|c| is_throttle(&c)), throttled, "{body}");
        }
    }

    #[test]
    fn lanes_are_told_apart_by_the_signature() {
        let signed =
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
        for (header, wanted) in [(signed, Some("AKID/us-east-1/iam")), ("Bearer x", None), ("Credential=x", None)] {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.headers_mut().insert("authorization", header);
            assert_eq!(lane(&request).as_deref(), wanted);
        }
    }

    #[tokio::test]
    async fn a_round_that_goes_well_adds_one_and_a_refusal_halves_once() {
        let limiter = Arc::new(Limiter::default());
        let mut turns = Vec::new();
        for _ in 0..16 {
            turns.push(limiter.enter().await);
        }
        let waiting = tokio::time::timeout(std::time::Duration::ZERO, limiter.enter()).await;
        assert!(waiting.is_err(), "the seventeenth waits");
        // All of one round are refused: that is one piece of news, not sixteen.
        for turn in turns.drain(..) {
            turn.learn(true);
        }
        assert_eq!(*lock(&limiter.now), Window { size: 8.0, running: 0, cuts: 1 });
        for _ in 0..8 {
            let turn = limiter.enter().await;
            turn.learn(false);
        }
        let size = lock(&limiter.now).size;
        assert!((8.9..=9.0).contains(&size), "{size}");
        for _ in 0..10 {
            limiter.enter().await.learn(true);
        }
        assert_eq!(lock(&limiter.now).size, 1.0, "never less than one");
        for _ in 0..10_000 {
            limiter.enter().await.learn(false);
        }
        assert_eq!(lock(&limiter.now).size, MOST);
    }
}
