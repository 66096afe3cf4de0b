//! What a `provider "aws"` block and the environment say, and what that means for the SDK.
//!
//! Refuses to know clients and what is done with them.

use super::connection::{self, Network};
use super::{Error, ErrorKind, Result};
use aws_config::imds;
use aws_config::imds::client::EndpointMode;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_iam::config::retry::{RetryPartition, TokenBucket};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How often a call is tried where the settings do not say: more than a minute of patience with throttling.
const ATTEMPTS: u32 = 12;

/// What the pause before the second attempt may last.
const FIRST_BACKOFF: Duration = Duration::from_millis(300);
/// What a `provider "aws"` block and the environment say. Filled by `plan` from evaluated configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `region`
    pub region: Option<String>,
    /// `profile`
    pub profile: Option<String>,
    /// `access_key`, `secret_key`, `token`
    pub keys: Option<(String, String, Option<String>)>,
    /// `endpoints`: service name as the provider spells it (`dynamodb`, `iam`, `sfn`, `sts`, `logs`) → URL.
    pub endpoints: Vec<(String, String)>,
    /// `assume_role`, in the order in which they are assumed.
    pub assume_role: Vec<AssumeRole>,
    /// `assume_role_with_web_identity`: before all of them.
    pub web_identity: Option<WebIdentity>,
    /// `shared_config_files`; empty: the usual one.
    pub shared_config_files: Vec<String>,
    /// `shared_credentials_files`; empty: the usual one.
    pub shared_credentials_files: Vec<String>,
    /// `http_proxy`
    pub http_proxy: Option<String>,
    /// `https_proxy`
    pub https_proxy: Option<String>,
    /// `no_proxy`
    pub no_proxy: Option<String>,
    /// `custom_ca_bundle`
    pub custom_ca_bundle: Option<String>,
    /// `use_fips_endpoint`
    pub use_fips_endpoint: bool,
    /// `use_dualstack_endpoint`
    pub use_dualstack_endpoint: bool,
    /// `ec2_metadata_service_endpoint`
    pub metadata_endpoint: Option<String>,
    /// `ec2_metadata_service_endpoint_mode`
    pub metadata_mode: Option<String>,
    /// `sts_region`
    pub sts_region: Option<String>,
    /// `retry_mode`
    pub retry_mode: Option<String>,
    /// `token_bucket_rate_limiter_capacity`
    pub token_bucket_capacity: Option<usize>,
    /// `allowed_account_ids`; empty: any.
    pub allowed_account_ids: Vec<String>,
    /// `forbidden_account_ids`
    pub forbidden_account_ids: Vec<String>,
    /// `skip_requesting_account_id`
    pub skip_requesting_account_id: bool,
    /// `max_retries`
    pub max_retries: Option<u32>,
    /// `default_tags`
    pub default_tags: Vec<(String, String)>,
    /// `ignore_tags` keys and key prefixes.
    pub ignore_tags: (Vec<String>, Vec<String>),
    /// An account known without a call, from ARNs in the state.
    pub known_account: Option<String>,
}

/// `assume_role`
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// `role_arn`
    pub role_arn: String,
    /// `session_name`
    pub session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `policy`
    pub policy: Option<String>,
    /// `policy_arns`
    pub policy_arns: Vec<String>,
    /// `source_identity`
    pub source_identity: Option<String>,
    /// `tags`
    pub tags: Vec<(String, String)>,
    /// `transitive_tag_keys`
    pub transitive_tag_keys: Vec<String>,
    /// `duration`, in seconds.
    pub duration: Option<u64>,
}

/// `assume_role_with_web_identity`
#[derive(Clone, Default)]
pub struct WebIdentity {
    /// `role_arn`
    pub role_arn: String,
    /// `session_name`
    pub session_name: Option<String>,
    /// `web_identity_token`
    pub token: Option<String>,
    /// `web_identity_token_file`
    pub token_file: Option<PathBuf>,
    /// `policy`
    pub policy: Option<String>,
    /// `policy_arns`
    pub policy_arns: Vec<String>,
    /// `duration`, in seconds.
    pub duration: Option<u64>,
}

/// Without the token, which is a secret.
impl fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebIdentity({})", self.role_arn)
    }
}

/// What the settings mean for the SDK.
impl Settings {
    /// With what the environment says beside, as the AWS provider reads it: further tags and tags to ignore. `names` are those of all
    /// variables, `var` gives a value.
    pub(super) fn with_environment(
        self,
        var: impl Fn(&str) -> Option<String>,
        names: impl Iterator<Item = String>,
    ) -> Settings {
        let mut settings = self;
        for name in names {
            if let Some(key) = name.strip_prefix("TF_AWS_DEFAULT_TAGS_").filter(|key| !key.is_empty())
                && let Some(value) = var(&name)
                && !settings.default_tags.iter().any(|(k, _)| k == key)
            {
                settings.default_tags.push((key.to_string(), value));
            }
        }
        settings.default_tags.sort();
        let list =
            |name: &str| var(name).map(|v| v.split(',').map(String::from).collect::<Vec<_>>()).unwrap_or_default();
        settings.ignore_tags.0.extend(list("TF_AWS_IGNORE_TAGS_KEYS"));
        settings.ignore_tags.1.extend(list("TF_AWS_IGNORE_TAGS_KEY_PREFIXES"));
        settings.custom_ca_bundle =
            settings.custom_ca_bundle.or_else(|| var("AWS_CA_BUNDLE").filter(|v| !v.is_empty()));
        settings
    }

    /// How requests leave this machine.
    pub(super) fn network(&self) -> Result<Network> {
        for url in [&self.http_proxy, &self.https_proxy].into_iter().flatten() {
            if !connection::is_proxy(url) {
                let message =
                    format!("A proxy is named by a URL such as \"http://proxy.example.com:3128\", got \"{url}\".");
                return Err(Error::new(ErrorKind::Other, "", message));
            }
        }
        let read = |path: &String| {
            std::fs::read(expanded(path)).map_err(|e| {
                let message = format!("The certificate authorities in {path} cannot be read: {e}.");
                Error::new(ErrorKind::Other, "", message)
            })
        };
        Ok(Network {
            http_proxy: self.http_proxy.clone(),
            https_proxy: self.https_proxy.clone(),
            no_proxy: self.no_proxy.clone(),
            authorities: self.custom_ca_bundle.as_ref().map(read).transpose()?,
        })
    }

    /// The instance metadata service at the address that the settings name; `None`: the usual one.
    pub(super) fn metadata(&self, config: &ProviderConfig) -> Result<Option<imds::Client>> {
        if self.metadata_endpoint.is_none() && self.metadata_mode.is_none() {
            return Ok(None);
        }
        let mut client = imds::Client::builder().configure(config);
        if let Some(url) = &self.metadata_endpoint {
            client = client.endpoint(url).map_err(|e| {
                let message = format!("The address \"{url}\" of the instance metadata service is none: {e}.");
                Error::new(ErrorKind::Other, "", message)
            })?;
        }
        if let Some(mode) = &self.metadata_mode {
            client = client.endpoint_mode(if mode == "IPv6" { EndpointMode::IpV6 } else { EndpointMode::IpV4 });
        }
        Ok(Some(client.build()))
    }

    /// How often and in which way a call is tried.
    pub(super) fn retries(&self) -> RetryConfig {
        let var = |name| std::env::var(name).ok();
        let attempts = match self.max_retries {
            Some(retries) => retries.max(1),
            None => var("AWS_MAX_ATTEMPTS").and_then(|n| n.parse().ok()).unwrap_or(ATTEMPTS).max(1),
        };
        let mode = self.retry_mode.clone().or_else(|| var("AWS_RETRY_MODE")).unwrap_or_default();
        let retries = match mode.eq_ignore_ascii_case("standard") {
            true => RetryConfig::standard(),
            false => RetryConfig::adaptive(),
        };
        retries.with_max_attempts(attempts).with_initial_backoff(FIRST_BACKOFF)
    }

    /// What counts the retries of one client. Unless told otherwise it has no end of them: `throttle` sees to it that they are few, and a
    /// thousand objects must not fail because a hundred of them had to wait.
    pub(super) fn retry_partition(&self) -> RetryPartition {
        let tokens = match self.token_bucket_capacity {
            Some(capacity) => TokenBucket::builder().capacity(capacity).build(),
            None => TokenBucket::unlimited(),
        };
        RetryPartition::custom("formwork").token_bucket(tokens).build()
    }

    /// The files of profiles, where they are not the usual ones. Where only one sort is given the other stays the usual one.
    pub(super) fn shared_files(&self) -> Option<EnvConfigFiles> {
        let (config, credentials) = (&self.shared_config_files, &self.shared_credentials_files);
        if config.is_empty() && credentials.is_empty() {
            return None;
        }
        let mut files = EnvConfigFiles::builder()
            .include_default_config_file(config.is_empty())
            .include_default_credentials_file(credentials.is_empty());
        for path in config {
            files = files.with_file(EnvConfigFileKind::Config, expanded(path));
        }
        for path in credentials {
            files = files.with_file(EnvConfigFileKind::Credentials, expanded(path));
        }
        Some(files.build())
    }

    /// The URL that `endpoints` has under one of a service's names.
    pub(super) fn endpoint(&self, names: &[&str]) -> Option<String> {
        let found = self.endpoints.iter().find(|(name, url)| names.contains(&name.as_str()) && !url.is_empty());
        found.map(|(_, url)| url.clone())
    }

    /// Whether one may work in `account`.
    pub(super) fn allow(&self, account: &str) -> Result<()> {
        let refuse = |why: String| Err(Error::new(ErrorKind::Other, account, why));
        if account.is_empty() {
            return refuse(
                "The account is not known because of skip_requesting_account_id, so allowed_account_ids and forbidden_account_ids \
                 cannot be checked."
                    .to_string(),
            );
        }
        if self.forbidden_account_ids.iter().any(|a| a == account) {
            return refuse(format!("The credentials are of account {account}, which is in forbidden_account_ids."));
        }
        let allowed = &self.allowed_account_ids;
        if !allowed.is_empty() && !allowed.iter().any(|a| a == account) {
            let allowed = allowed.join(", ");
            return refuse(format!("The credentials are of account {account}; allowed_account_ids has {allowed}."));
        }
        Ok(())
    }
}

/// A path as the provider takes it: `~/` is the home directory.
fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| id.to_string()).collect()
    }

    #[test]
    fn the_environment_adds_tags_and_tags_to_ignore() {
        let all = [
            ("TF_AWS_DEFAULT_TAGS_team", "env"),
            ("TF_AWS_DEFAULT_TAGS_owner", "env"),
            ("TF_AWS_DEFAULT_TAGS_", "nothing"),
            ("TF_AWS_IGNORE_TAGS_KEYS", "a,b"),
            ("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "x-"),
            ("AWS_CA_BUNDLE", "/ca.pem"),
        ];
        let var = |name: &str| all.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string());
        let names = all.iter().map(|(name, _)| name.to_string());
        let written = Settings {
            default_tags: vec![("team".into(), "block".into())],
            ignore_tags: (vec!["own".into()], Vec::new()),
            ..Settings::default()
        };
        let settings = written.with_environment(var, names);
        let tags = [("owner".to_string(), "env".to_string()), ("team".to_string(), "block".to_string())];
        assert_eq!(settings.default_tags, tags, "the block wins");
        assert_eq!(settings.ignore_tags, (ids(&["own", "a", "b"]), ids(&["x-"])));
        assert_eq!(settings.custom_ca_bundle.as_deref(), Some("/ca.pem"));
    }

    #[test]
    fn proxies_and_authorities_are_judged_before_anything_is_sent() {
        let proxy = |url: &str| Settings { http_proxy: Some(url.into()), ..Settings::default() };
        assert!(proxy("http://proxy:3128").network().is_ok());
        let error = proxy("proxy:3128").network().unwrap_err();
        assert!(error.message.contains("proxy:3128"), "{error}");
        let missing = Settings { custom_ca_bundle: Some("/no/such/file.pem".into()), ..Settings::default() };
        assert!(missing.network().unwrap_err().message.contains("/no/such/file.pem"));
    }

    #[test]
    fn retries_are_what_the_settings_say() {
        let settings = Settings { max_retries: Some(4), retry_mode: Some("standard".into()), ..Settings::default() };
        let retries = settings.retries();
        assert_eq!((retries.max_attempts(), retries.mode()), (4, aws_config::retry::RetryMode::Standard));
        let settings = Settings { max_retries: Some(0), retry_mode: Some("adaptive".into()), ..Settings::default() };
        assert_eq!(
            (settings.retries().max_attempts(), settings.retries().mode()),
            (1, aws_config::retry::RetryMode::Adaptive)
        );
    }
}
