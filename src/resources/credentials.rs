//! Credentials that STS gives for a role: `assume_role`, one after the other where several are written, and
//! `assume_role_with_web_identity`.
//!
//! Refuses to know where the credentials that ask come from. What STS gave is kept until shortly before it runs out, by the SDK.

use super::settings::{AssumeRole, WebIdentity};
use super::{Error, ErrorKind, Result};
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_types::region::Region;
use std::path::PathBuf;
use std::time::SystemTime;

/// A role whose credentials STS gives to other credentials.
#[derive(Debug)]
struct Assumed {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

/// A role whose credentials STS gives for a token of an identity provider.
#[derive(Debug)]
struct Identified {
    sts: aws_sdk_sts::Client,
    role: WebIdentity,
}

/// `config` with the credentials of these roles, each assumed by those of the one before. STS is asked at `endpoint` and in
/// `region` where they are given.
///
/// # Errors
/// A block that lacks what it cannot do without.
pub(super) fn assume(
    config: SdkConfig,
    web: Option<&WebIdentity>,
    roles: &[AssumeRole],
    endpoint: Option<&str>,
    region: Option<&str>,
) -> Result<SdkConfig> {
    let mut config = config;
    let sts = |config: &SdkConfig| {
        let mut builder = aws_sdk_sts::config::Builder::from(config);
        if let Some(url) = endpoint {
            builder = builder.endpoint_url(url);
        }
        if let Some(region) = region {
            builder = builder.region(Region::new(region.to_string()));
        }
        aws_sdk_sts::Client::from_conf(builder.build())
    };
    if let Some(role) = web {
        if role.token.is_none() && role.token_file.is_none() {
            let message = "assume_role_with_web_identity needs web_identity_token or web_identity_token_file.";
            return Err(Error::new(ErrorKind::Credentials, &role.role_arn, message));
        }
        let provider = Identified { sts: sts(&config), role: role.clone() };
        config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    for role in roles {
        let provider = Assumed { sts: sts(&config), role: role.clone() };
        config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    Ok(config)
}

/// A session's name where none is given, as the provider makes one.
fn session_name(given: Option<&String>) -> String {
    match given {
        Some(name) => name.clone(),
        None => {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            format!("formwork-{}", since.as_millis())
        }
    }
}

fn seconds(given: Option<u64>) -> Option<i32> {
    given.map(|n| i32::try_from(n).unwrap_or(i32::MAX))
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let list: Vec<_> = arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect();
    (!list.is_empty()).then_some(list)
}

fn taken(given: Option<aws_sdk_sts::types::Credentials>) -> provider::Result {
    let given = given.ok_or_else(|| CredentialsError::unhandled("STS gave no credentials"))?;
    let expires = SystemTime::try_from(*given.expiration()).ok();
    Ok(Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_string()),
        expires,
        "assumed role",
    ))
}

impl Assumed {
    async fn ask(&self) -> provider::Result {
        let role = &self.role;
        let tags = role.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags: Vec<Tag> =
            tags.collect::<std::result::Result<_, _>>().map_err(CredentialsError::invalid_configuration)?;
        let answer = self
            .sts
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(session_name(role.session_name.as_ref()))
            .set_external_id(role.external_id.clone())
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_transitive_tag_keys((!role.transitive_tag_keys.is_empty()).then(|| role.transitive_tag_keys.clone()))
            .set_source_identity(role.source_identity.clone())
            .set_duration_seconds(seconds(role.duration))
            .send()
            .await
            .map_err(|e| refused("sts:AssumeRole", &role.role_arn, e))?;
        taken(answer.credentials)
    }
}

impl Identified {
    async fn ask(&self) -> provider::Result {
        let role = &self.role;
        let token = match (&role.token, &role.token_file) {
            (Some(token), _) => token.clone(),
            (None, file) => read_token(file.clone().unwrap_or_default())?,
        };
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&role.role_arn)
            .role_session_name(session_name(role.session_name.as_ref()))
            .web_identity_token(token)
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_duration_seconds(seconds(role.duration))
            .send()
            .await
            .map_err(|e| refused("sts:AssumeRoleWithWebIdentity", &role.role_arn, e))?;
        taken(answer.credentials)
    }
}

/// The token is read each time: who puts it there renews it.
fn read_token(path: PathBuf) -> std::result::Result<String, CredentialsError> {
    let text = std::fs::read_to_string(&path)
        .map_err(|e| CredentialsError::provider_error(format!("{} cannot be read: {e}", path.display())))?;
    Ok(text.trim().to_string())
}

/// What STS said, in the words of every other call.
fn refused<E>(
    operation: &str,
    role: &str,
    error: aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
) -> CredentialsError
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let error = Error::of(operation, role)(error);
    CredentialsError::provider_error(format!("{role} cannot be assumed: {error}"))
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

impl ProvideCredentials for Identified {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}
