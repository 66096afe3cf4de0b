//! Getting things over HTTP: redirects, one more try where a server stumbles, what a file says of proxies.
//!
//! Refuses to know what is got. It is the same HTTP and TLS as for AWS.

use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http_body_util::BodyExt;
use std::cell::OnceCell;
use std::error::Error as StdError;
use std::time::Duration;

/// So large may an answer be: a module is text.
const LARGEST: usize = 1 << 30;
const REDIRECTS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(300);

/// What a server said.
#[derive(Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// Where it was in the end.
    pub url: String,
    /// All of it.
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name, in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the status says that all is well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The client.
#[derive(Default)]
pub struct Http {
    connector: OnceCell<Connector>,
}

impl Http {
    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| {
            Connector::builder()
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
                .build()
        })
    }

    /// Gets what is at `url`. The error is a whole sentence.
    pub async fn get(&self, url: &str, headers: &[(&'static str, String)]) -> Result<Answer, String> {
        let mut last = String::new();
        for attempt in 0..2 {
            match tokio::time::timeout(PATIENCE, self.follow(url, headers)).await {
                Ok(Ok(answer)) if answer.status < 500 || attempt == 1 => return Ok(answer),
                Ok(Ok(answer)) => last = format!("{url} answered {}.", answer.status),
                Ok(Err(why)) => last = why,
                Err(_) => return Err(format!("{url} did not answer within {} seconds.", PATIENCE.as_secs())),
            }
        }
        Err(last)
    }

    async fn follow(&self, url: &str, headers: &[(&'static str, String)]) -> Result<Answer, String> {
        let mut url = url.to_string();
        let first_host = host(&url).to_string();
        for _ in 0..=REDIRECTS {
            let answer = self.once(&url, headers, host(&url) == first_host).await?;
            let to = match answer.status {
                301 | 302 | 303 | 307 | 308 => answer.header("location"),
                _ => return Ok(answer),
            };
            let Some(to) = to else { return Ok(answer) };
            let next = resolve(&url, to);
            if url.starts_with("https:") && !next.starts_with("https:") {
                return Err(format!("{url} leads to {next}, which is not encrypted."));
            }
            url = next;
        }
        Err(format!("{url} was reached by more than {REDIRECTS} redirects."))
    }

    async fn once(&self, url: &str, headers: &[(&'static str, String)], same_host: bool) -> Result<Answer, String> {
        let (plain, login) = without_login(url);
        let no_url = || format!("\"{url}\" is not an address that can be asked.");
        let mut request = HttpRequest::get(&plain).map_err(|_| no_url())?;
        let given = request.headers_mut();
        let ours = concat!("formwork/", env!("CARGO_PKG_VERSION"));
        let mut all = vec![("user-agent", ours.to_string())];
        // What proves who we are is for the host that it was given for.
        all.extend(headers.iter().filter(|(name, _)| same_host || *name != "authorization").cloned());
        if let Some(login) = login {
            use base64::Engine;
            let code = base64::engine::general_purpose::STANDARD.encode(login);
            all.retain(|(name, _)| *name != "authorization");
            all.push(("authorization", format!("Basic {code}")));
        }
        for (name, value) in all {
            given.try_insert(name, value).map_err(|_| format!("The header {name} cannot be sent."))?;
        }
        let failed = |e: &dyn StdError| format!("{url} cannot be reached: {}.", innermost(e));
        let answer = self.connector().call(request).await.map_err(|e| failed(&e))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(n, v)| (n.to_lowercase(), v.to_string())).collect();
        let mut body = answer.into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| format!("{url} broke off: {e}."))?;
            if let Some(data) = frame.data_ref() {
                if bytes.len() + data.len() > LARGEST {
                    return Err(format!("What {url} sends is larger than {} MiB.", LARGEST >> 20));
                }
                bytes.extend_from_slice(data);
            }
        }
        Ok(Answer { status, url: url.into(), body: bytes, headers })
    }
}

/// The last reason in a chain of errors: the others only say that something failed.
fn innermost(error: &dyn StdError) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

/// The host of a URL with its port, without a login.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Takes `user:password@` out.
fn without_login(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.into(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((login, host)) => (format!("{scheme}://{host}{behind}"), Some(decoded(login))),
        None => (url.into(), None),
    }
}

/// `%40` → `@`; what is no such code stays.
pub fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&b, behind)) = rest.split_first() {
        let digit = |i: usize| behind.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (b, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &behind[2..];
            }
            _ => {
                out.push(b);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where a link in what came from `base` leads.
pub fn resolve(base: &str, link: &str) -> String {
    if link.contains("://") {
        return link.into();
    }
    let Some((scheme, rest)) = base.split_once("://") else { return link.into() };
    if let Some(rest) = link.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if link.starts_with('/') {
        return format!("{scheme}://{host}{link}");
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    let (path, query) = link.find(['?', '#']).map_or((link, ""), |i| link.split_at(i));
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("{scheme}://{host}/{}{slash}{query}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_where_they_stand() {
        for (base, link, expected) in [
            ("https://h/a/b?x=1", "c", "https://h/a/c"),
            ("https://h/a/b/download", "./x.zip?archive=zip", "https://h/a/b/x.zip?archive=zip"),
            ("https://h/a/b/", "../c", "https://h/a/c"),
            ("https://h/a", "/v1/modules/", "https://h/v1/modules/"),
            ("https://h:1/a", "//other/x", "https://other/x"),
            ("https://h", "v1/", "https://h/v1/"),
            ("https://h/a", "../../../x", "https://h/x"),
            ("https://h/a", "http://o/b", "http://o/b"),
        ] {
            assert_eq!(resolve(base, link), expected, "{base} {link}");
        }
    }

    #[test]
    fn a_login_stands_before_the_host() {
        assert_eq!(without_login("https://u%40x:p%zz@h:8/a@b"), ("https://h:8/a@b".into(), Some("u@x:p%zz".into())));
        assert_eq!(without_login("https://h/a@b"), ("https://h/a@b".into(), None));
        assert_eq!((host("https://u:p@h:8/x"), host("h/x"), host("")), ("h:8", "h", ""));
    }
}
