//! The one HTTP client that all AWS clients share: connections are pooled across services, and TLS roots are loaded only
//! when the first `https` request is sent.
//!
//! Refuses to know services and credentials. It also decides what a retry may not repeat: a host that cannot be reached is
//! given up after a few attempts, and a `Create...` call whose answer was lost, or was that the server failed, is never sent a second
//! time on its own.

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use hyper_util::client::legacy;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How often a host that cannot be reached is tried.
const CONNECT_ATTEMPTS: u32 = 3;

/// A client for every service of one process.
pub fn client() -> SharedHttpClient {
    client_by(Network::default())
}

/// How requests leave this machine, where the environment does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Network {
    /// The proxy for `http` requests, and for `https` ones if these have none of their own.
    pub(super) http_proxy: Option<String>,
    /// The proxy for `https` requests.
    pub(super) https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, separated by commas.
    pub(super) no_proxy: Option<String>,
    /// Certificate authorities in PEM that are trusted in place of the system's.
    pub(super) authorities: Option<Vec<u8>>,
}

/// A client for every service of one provider configuration.
pub(super) fn client_by(network: Network) -> SharedHttpClient {
    SharedHttpClient::new(Pool { network: Arc::new(network), doors: Mutex::default() })
}

impl Network {
    /// The proxy for requests of a scheme.
    fn proxy(&self, secure: bool) -> ProxyConfig {
        let own = if secure { self.https_proxy.as_ref() } else { None };
        let Some(url) = own.or(self.http_proxy.as_ref()) else { return ProxyConfig::from_env() };
        let proxy = if secure { ProxyConfig::https(url) } else { ProxyConfig::http(url) };
        // What is no URL was refused before.
        let Ok(proxy) = proxy else { return ProxyConfig::from_env() };
        let given = ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok());
        match self.no_proxy.clone().or(given) {
            Some(hosts) => proxy.no_proxy(hosts),
            None => proxy,
        }
    }

    /// Whom to trust where TLS is spoken.
    fn trust(&self) -> tls::TrustStore {
        match &self.authorities {
            Some(pem) => tls::TrustStore::empty().with_pem_certificate(pem.clone()),
            None => tls::TrustStore::default(),
        }
    }

    /// Whether `http` requests go through a proxy that is spoken to over TLS.
    fn secure_proxy(&self) -> bool {
        match &self.http_proxy {
            Some(url) => url.starts_with("https:"),
            None => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
                .iter()
                .any(|name| std::env::var(name).is_ok_and(|url| url.starts_with("https:"))),
        }
    }
}

/// Whether a text can be the URL of a proxy.
pub(super) fn is_proxy(url: &str) -> bool {
    ProxyConfig::all(url).is_ok() && (url.starts_with("http://") || url.starts_with("https://"))
}

/// The same for requests that no SDK makes. Waits at most so long for a connection and for an answer.
pub fn connector(connect: Duration, read: Duration) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(connect).read_timeout(read).build();
    SharedHttpConnector::new(Door {
        network: Arc::default(),
        settings,
        sleep: Some(SharedAsyncSleep::new(TokioSleep::new())),
        plain: OnceLock::new(),
        secure: OnceLock::new(),
    })
}

/// Connect and read timeout.
type Limits = (Option<Duration>, Option<Duration>);

/// One [`Door`] for each set of timeouts; services have the same.
#[derive(Debug, Default)]
struct Pool {
    network: Arc<Network>,
    doors: Mutex<HashMap<Limits, SharedHttpConnector>>,
}

impl HttpClient for Pool {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let door = doors.entry((settings.connect_timeout(), settings.read_timeout())).or_insert_with(|| {
            SharedHttpConnector::new(Door {
                network: self.network.clone(),
                settings: settings.clone(),
                sleep: components.sleep_impl(),
                plain: OnceLock::new(),
                secure: OnceLock::new(),
            })
        });
        door.clone()
    }
}

/// Sends `http` and `https` requests over separate pools, the second made when first needed.
#[derive(Debug)]
struct Door {
    network: Arc<Network>,
    settings: HttpConnectorSettings,
    sleep: Option<SharedAsyncSleep>,
    plain: OnceLock<Connector>,
    secure: OnceLock<Connector>,
}

impl Door {
    fn connector(&self, trust: tls::TrustStore, secure: bool) -> Connector {
        let mut builder = Connector::builder()
            .connector_settings(self.settings.clone())
            .proxy_config(self.network.proxy(secure))
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
        builder.set_sleep_impl(self.sleep.clone());
        if let Ok(context) = tls::TlsContext::builder().with_trust_store(trust).build() {
            builder = builder.tls_context(context);
        }
        builder.build()
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let attempt = attempt(&request);
        let creating = creates(&request);
        let connector = if request.uri().starts_with("https:") {
            self.secure.get_or_init(|| self.connector(self.network.trust(), true))
        } else {
            // No roots: reading those of the system takes longer than everything else a small plan does. A proxy that is
            // itself spoken to over TLS needs them.
            self.plain.get_or_init(|| {
                let trust = match self.network.secure_proxy() {
                    true => self.network.trust(),
                    false => tls::TrustStore::empty(),
                };
                self.connector(trust, false)
            })
        };
        let answer = connector.call(request);
        HttpConnectorFuture::new(async move {
            match answer.await {
                Ok(answer) if creating && answer.status().as_u16() >= 500 => {
                    // It may have been done nevertheless.
                    let message = format!("the answer is HTTP status {}", answer.status().as_u16());
                    Err(ConnectorError::other(message.into(), None))
                }
                answer => answer.map_err(|error| judge(error, attempt, creating)),
            }
        })
    }
}

/// Which attempt this is, counted from 1, as the SDK writes it into `amz-sdk-request: attempt=2; max=12`.
fn attempt(request: &HttpRequest) -> u32 {
    let header = request.headers().get("amz-sdk-request").unwrap_or_default();
    header.split(';').find_map(|part| part.trim().strip_prefix("attempt=")?.parse().ok()).unwrap_or(1)
}

/// Whether the request makes something that a second sending would find made: `Create...` in either protocol, and an item that
/// must not be there.
fn creates(request: &HttpRequest) -> bool {
    let json = request.headers().get("x-amz-target").and_then(|t| t.rsplit('.').next());
    json.is_some_and(|operation| operation.starts_with("Create") || operation == "PutItem")
        || request.body().bytes().is_some_and(|body| body.starts_with(b"Action=Create"))
}

/// Leaves an error as it is, or makes it final: the SDK repeats what it does not find final.
fn judge(error: ConnectorError, attempt: u32, creating: bool) -> ConnectorError {
    let network = error.is_io() || error.is_timeout();
    match never_sent(&error) {
        true if network && attempt >= CONNECT_ATTEMPTS => {
            ConnectorError::other(error.into_source(), None).never_connected()
        }
        // A connection that ends before the answer has begun is of no kind; the SDK would repeat it all the same.
        false if creating && !error.is_user() => ConnectorError::other(error.into_source(), None),
        _ => error,
    }
}

/// Whether no connection came about, so that nothing can have been sent.
pub(super) fn never_sent(error: &(dyn StdError + 'static)) -> bool {
    find::<legacy::Error>(error).is_some_and(legacy::Error::is_connect)
}

/// The first error of this type in the chain.
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn request(headers: &[(&'static str, &'static str)], body: &'static str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        for (name, value) in headers {
            request.headers_mut().insert(*name, *value);
        }
        request
    }

    #[test]
    fn the_attempt_is_read_from_the_sdks_header() {
        for (header, wanted) in [("attempt=1; max=12", 1), ("ttl=20; attempt=7; max=12", 7), ("nonsense", 1), ("", 1)] {
            assert_eq!(attempt(&request(&[("amz-sdk-request", header)], "")), wanted, "{header}");
        }
        assert_eq!(attempt(&request(&[], "")), 1);
    }

    #[test]
    fn creating_is_told_from_either_protocol() {
        for (target, body, wanted) in [
            ("DynamoDB_20120810.CreateTable", "{}", true),
            ("Logs_20140328.CreateLogGroup", "{}", true),
            ("DynamoDB_20120810.UpdateTable", "{}", false),
            ("", "Action=CreateRole&RoleName=x", true),
            ("", "Action=UpdateRole&Description=Action%3DCreate", false),
        ] {
            assert_eq!(creates(&request(&[("x-amz-target", target)], body)), wanted, "{target} {body}");
        }
    }

    #[test]
    fn a_proxy_of_the_provider_goes_before_the_environments() {
        let network = |http: Option<&str>, https: Option<&str>| Network {
            http_proxy: http.map(String::from),
            https_proxy: https.map(String::from),
            no_proxy: Some("localhost".into()),
            authorities: None,
        };
        assert!(Network::default().proxy(true).is_from_env());
        let both = network(Some("http://a:1"), Some("http://b:1"));
        assert!(format!("{:?}", both.proxy(true)).contains("b:1"));
        assert!(format!("{:?}", both.proxy(false)).contains("a:1"));
        // As the AWS provider does: one for both.
        let one = network(Some("http://a:1"), None);
        assert!(
            format!("{:?}", one.proxy(true)).contains("a:1") && format!("{:?}", one.proxy(true)).contains("localhost")
        );
        assert!(network(None, Some("http://b:1")).proxy(false).is_from_env());
        assert!(network(Some("https://a:1"), None).secure_proxy() && !both.secure_proxy());
        for (url, fine) in
            [("http://proxy:3128", true), ("https://u:p@proxy", true), ("proxy:3128", false), ("", false)]
        {
            assert_eq!(is_proxy(url), fine, "{url}");
        }
    }

    #[test]
    fn only_a_lost_answer_to_a_creation_is_final_at_once() {
        let io = || ConnectorError::io(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into());
        assert!(judge(io(), 1, false).is_io());
        assert!(judge(io(), 9, false).is_io());
        assert!(judge(io(), 1, true).is_other());
        let timeout = ConnectorError::timeout("read timeout".into());
        assert!(judge(timeout, 1, true).is_other());
    }
}
