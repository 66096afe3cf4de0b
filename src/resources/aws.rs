//! One provider configuration's way to AWS: settings, clients made on first use, and where one is.

use super::Result;
use std::sync::Arc;

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
    /// `assume_role`: ARN, session name, external id, each further setting as the SDK takes it.
    pub assume_role: Option<AssumeRole>,
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
    /// `duration`, in seconds.
    pub duration: Option<u64>,
}

/// Where a provider configuration works: what ARNs are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// Twelve digits; empty while it is not known.
    pub account: String,
    /// `default_tags`
    pub default_tags: Vec<(String, String)>,
}

/// Something worth showing while an operation runs: "IAM propagation, 11 s", "backfilling index by-email".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(pub String);

/// One provider configuration's way to AWS. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    inner: Arc<Settings>,
    observer: Option<Arc<dyn Fn(Note) + Send + Sync>>,
}

impl Aws {
    /// The same, with notes going to `observer`.
    pub fn observed(&self, observer: impl Fn(Note) + Send + Sync + 'static) -> Aws {
        Aws { inner: self.inner.clone(), observer: Some(Arc::new(observer)) }
    }

    /// Tells whoever watches the current operation.
    pub fn note(&self, text: impl Into<String>) {
        if let Some(observer) = &self.observer {
            observer(Note(text.into()));
        }
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.inner
    }

    /// Where it works, with the account (asked of STS once, unless it is known or must not be asked).
    pub async fn place(&self) -> Result<Place> {
        unimplemented!("by the helper who writes this room")
    }
}
