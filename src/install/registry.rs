//! Module registries: which versions of a module there are, which one is wanted, and where it can be had.
//!
//! Refuses to know how a package is fetched.

use super::cli_config::CliConfig;
use super::http::{self, Answer, Http};
use crate::TERRAFORM_VERSION;
use crate::config::Wanted;
use crate::config::version::{Constraint, Version};
use crate::diag::Diagnostic;
use serde_json::Value as Json;
use std::collections::HashMap;

/// The registries of this run, and what they said already.
pub struct Registry {
    http: Http,
    settings: CliConfig,
    services: HashMap<String, String>,
    versions: HashMap<String, Vec<String>>,
}

const UNREACHABLE: &str = "Error accessing remote module registry";

impl Registry {
    /// Nobody asked yet.
    pub fn new(settings: CliConfig) -> Registry {
        Registry { http: Http::default(), settings, services: HashMap::new(), versions: HashMap::new() }
    }

    /// The newest version that is wanted.
    pub async fn select(&mut self, host: &str, name: &str, wanted: &Wanted<'_>) -> Result<String, Diagnostic> {
        let all = self.list(host, name, wanted).await?;
        let constraint = match wanted.version {
            Some((text, span)) => match text.parse::<Constraint>() {
                Ok(constraint) => Some((constraint, text, span)),
                Err(e) => return Err(Diagnostic::error("Invalid version constraint", e.to_string()).at_opt(span)),
            },
            None => None,
        };
        let parsed = |text: &String| Some((text.parse::<Version>().ok()?, text.clone()));
        let mut versions: Vec<(Version, String)> = all.iter().filter_map(parsed).collect();
        versions.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        let fits = |v: &Version| match &constraint {
            // A version before its release is taken only by its very name.
            Some((constraint, ..)) if v.is_prerelease() => constraint.is_exactly(v),
            Some((constraint, ..)) => constraint.allows(v),
            None => !v.is_prerelease(),
        };
        if let Some((_, text)) = versions.iter().rev().find(|(v, _)| fits(v)) {
            return Ok(text.clone());
        }
        let newest = versions.iter().rev().find(|(v, _)| !v.is_prerelease()).or(versions.last());
        let Some((_, newest)) = newest else {
            let why = format!("The module {host}/{name} has no versions at {host}.");
            return Err(Diagnostic::error("Module has no versions", why).at(wanted.span));
        };
        Err(match constraint {
            Some((_, text, span)) => Diagnostic::error(
                "Unresolvable module version constraint",
                format!(
                    "There is no version of the module {host}/{name} that meets \"{text}\". The newest one is {newest}."
                ),
            )
            .at_opt(span.or(Some(wanted.span))),
            None => Diagnostic::error(
                "Unresolvable module version constraint",
                format!("The module {host}/{name} has only versions before its release, such as {newest}."),
            )
            .at(wanted.span)
            .help(format!("To take it all the same, name it:\n\n  version = \"{newest}\"")),
        })
    }

    async fn list(&mut self, host: &str, name: &str, wanted: &Wanted<'_>) -> Result<Vec<String>, Diagnostic> {
        let whole = format!("{host}/{name}");
        if let Some(versions) = self.versions.get(&whole) {
            return Ok(versions.clone());
        }
        let unreachable = |why: String| {
            let why = format!("The versions of the module {whole} could not be listed: {why}");
            Diagnostic::error(UNREACHABLE, why).at(wanted.span)
        };
        let base = self.service(host).await.map_err(unreachable)?;
        let answer = self.ask(host, &format!("{base}{name}/versions")).await.map_err(unreachable)?;
        let json: Json = match answer.status {
            200 => serde_json::from_slice(&answer.body)
                .map_err(|e| unreachable(format!("{} is no JSON: {e}.", answer.url)))?,
            404 => {
                let why = format!("The registry at {host} has no module {name}.");
                return Err(Diagnostic::error("Module not found", why).at(wanted.span));
            }
            401 | 403 => {
                return Err(unreachable(format!("{host} answered {}.", answer.status)).help(format!(
                    "If it needs a token, set it in the environment:\n\n  {}=...",
                    super::cli_config::token_variable(host)
                )));
            }
            status => return Err(unreachable(format!("{} answered {status}.", answer.url))),
        };
        let versions: Vec<String> = json
            .pointer("/modules/0/versions")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(|v| Some(v.get("version")?.as_str()?.to_string()))
            .collect();
        self.versions.insert(whole, versions.clone());
        Ok(versions)
    }

    /// Where a version can be had: an address as `source` takes it.
    pub async fn location(
        &mut self,
        host: &str,
        name: &str,
        version: &str,
        wanted: &Wanted<'_>,
    ) -> Result<String, Diagnostic> {
        let unreachable = |why: String| {
            let why = format!("The registry did not tell where {host}/{name} {version} is: {why}");
            Diagnostic::error(UNREACHABLE, why).at(wanted.span)
        };
        let base = self.service(host).await.map_err(unreachable)?;
        let answer = self.ask(host, &format!("{base}{name}/{version}/download")).await.map_err(unreachable)?;
        if !answer.is_success() {
            return Err(unreachable(format!("{} answered {}.", answer.url, answer.status)));
        }
        let body = || serde_json::from_slice::<Json>(&answer.body).ok()?.get("location")?.as_str().map(String::from);
        let location = answer.header("x-terraform-get").map(String::from).or_else(body);
        let Some(location) = location.filter(|l| !l.is_empty()) else {
            return Err(unreachable(format!("{} has no X-Terraform-Get header.", answer.url)));
        };
        Ok(if ["/", "./", "../"].iter().any(|p| location.starts_with(p)) {
            http::resolve(&answer.url, &location)
        } else {
            location
        })
    }

    async fn ask(&self, host: &str, url: &str) -> Result<Answer, String> {
        let mut headers = vec![("x-terraform-version", TERRAFORM_VERSION.to_string())];
        headers.extend(self.settings.token(host).map(|token| ("authorization", format!("Bearer {token}"))));
        self.http.get(url, &headers).await
    }

    /// Where the host keeps its modules, with a slash behind.
    async fn service(&mut self, host: &str) -> Result<String, String> {
        if let Some(base) = self.services.get(host) {
            return Ok(base.clone());
        }
        let slash = |url: String| if url.ends_with('/') { url } else { format!("{url}/") };
        let base = match self.settings.service(host) {
            Some(url) => slash(url.to_string()),
            None => {
                let url = format!("https://{host}/.well-known/terraform.json");
                let answer = self.ask(host, &url).await?;
                if answer.status == 404 {
                    return Err(format!("{host} is no registry: it has no {url}."));
                }
                if !answer.is_success() {
                    return Err(format!("{url} answered {}.", answer.status));
                }
                let json: Json = serde_json::from_slice(&answer.body).map_err(|e| format!("{url} is no JSON: {e}."))?;
                match json.get("modules.v1").and_then(Json::as_str) {
                    Some(link) => slash(http::resolve(&answer.url, link)),
                    None => return Err(format!("{host} has no module registry.")),
                }
            }
        };
        self.services.insert(host.into(), base.clone());
        Ok(base)
    }
}
