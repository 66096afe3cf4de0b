//! Whose credentials S3 and DynamoDB are asked with: keys, profiles, files, roles; and whether the account is one that may be.
//!
//! Refuses to know states.

use super::client::{Client, Failure, reason};
use super::settings::{Role, Settings, Token};
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use std::time::{Duration, SystemTime};

/// The ways out of this process.
#[derive(Clone, Debug)]
pub struct Ways {
    /// For the AWS SDK.
    pub client: SharedHttpClient,
    /// For single requests.
    pub connector: SharedHttpConnector,
}

/// What a state needs of AWS.
pub struct Open {
    /// The bucket.
    pub s3: Client,
    /// For `dynamodb_table`.
    pub dynamodb: aws_sdk_dynamodb::Client,
}

/// Finds credentials and region. Asks STS only where the account must be checked.
pub async fn open(settings: &Settings, ways: &Ways) -> Result<Open, Failure> {
    let failed =
        |code: &str, message: String| Failure { code: code.into(), ..Failure::new("AWS configuration", message) };
    let access = &settings.access;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(ways.client.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(settings.attempts))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .use_fips(settings.fips)
        .use_dual_stack(settings.dualstack);
    if let Ok(name) = AppName::new("formwork") {
        loader = loader.app_name(name);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
    }
    let files = files(settings);
    if let Some(files) = &files {
        loader = loader.profile_files(files.clone());
    }
    if let Some((access_key, secret_key, token)) = &access.keys {
        let keys = Credentials::new(access_key, secret_key, token.clone(), None, "backend");
        loader = loader.credentials_provider(SharedCredentialsProvider::new(keys));
    } else if let Some(profile) = &access.profile {
        // A profile named in the configuration goes before keys in the environment; in the default chain it would not.
        let mut region = ProfileFileRegionProvider::builder().profile_name(profile);
        let mut provider = ProfileFileCredentialsProvider::builder().profile_name(profile);
        if let Some(files) = files {
            region = region.profile_files(files.clone());
            provider = provider.profile_files(files);
        }
        let region = match &settings.region {
            Some(region) => Some(Region::new(region.clone())),
            None => region.build().region().await,
        };
        let config = ProviderConfig::without_region().with_http_client(ways.client.clone()).with_region(region);
        provider = provider.configure(&config);
        loader = loader.credentials_provider(provider.build());
    }
    let mut config = loader.load().await;
    let Some(region) = config.region().map(|r| r.as_ref().to_string()) else {
        let message = "The \"region\" attribute or the \"AWS_REGION\" or \"AWS_DEFAULT_REGION\" environment variables must be set.";
        return Err(failed("NoRegion", message.into()));
    };
    if let Some((role, token)) = &access.web_identity {
        config = assuming(settings, config, role, Some(token));
    }
    if let Some(role) = &access.role {
        config = assuming(settings, config, role, None);
    }
    if !access.allowed.is_empty() || !access.forbidden.is_empty() {
        let answer = sts(settings, &config).get_caller_identity().send().await;
        let answer = answer.map_err(|e| failed("", reason(&e)))?;
        let account = answer.account.unwrap_or_default();
        if access.forbidden.contains(&account) || !access.allowed.is_empty() && !access.allowed.contains(&account) {
            return Err(failed("AccountNotAllowed", format!("AWS account ID not allowed: {account}.")));
        }
    }
    let Some(credentials) = config.credentials_provider() else {
        return Err(failed("NoCredentials", "There are no credentials.".into()));
    };
    let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(&config);
    if let Some(url) = &settings.endpoints.dynamodb {
        dynamodb = dynamodb.endpoint_url(url);
    }
    Ok(Open {
        s3: Client::new(settings.clone(), region, ways.connector.clone(), credentials),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
    })
}

/// The files of `~/.aws` in the places that the settings name.
fn files(settings: &Settings) -> Option<EnvConfigFiles> {
    let access = &settings.access;
    if access.config_files.is_empty() && access.credentials_files.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder()
        .include_default_config_file(access.config_files.is_empty())
        .include_default_credentials_file(access.credentials_files.is_empty());
    for path in &access.config_files {
        files = files.with_file(EnvConfigFileKind::Config, path);
    }
    for path in &access.credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, path);
    }
    Some(files.build())
}

fn sts(settings: &Settings, config: &SdkConfig) -> aws_sdk_sts::Client {
    let mut sts = aws_sdk_sts::config::Builder::from(config);
    if let Some(url) = &settings.endpoints.sts {
        sts = sts.endpoint_url(url);
    }
    if let Some(region) = &settings.access.sts_region {
        sts = sts.region(Region::new(region.clone()));
    }
    aws_sdk_sts::Client::from_conf(sts.build())
}

/// `config` with the credentials of the role.
fn assuming(settings: &Settings, config: SdkConfig, role: &Role, token: Option<&Token>) -> SdkConfig {
    let session = role.session_name.clone().unwrap_or_else(|| format!("formwork-{}", uuid::Uuid::new_v4().simple()));
    let assume = Assume { sts: sts(settings, &config), role: role.clone(), token: token.cloned(), session };
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(assume)).build()
}

/// Asks STS for a role's credentials.
#[derive(Debug)]
struct Assume {
    sts: aws_sdk_sts::Client,
    role: Role,
    token: Option<Token>,
    session: String,
}

impl ProvideCredentials for Assume {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

impl Assume {
    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        let policies: Vec<_> =
            role.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect();
        let policies = (!policies.is_empty()).then_some(policies);
        let seconds = role.duration.and_then(|d| i32::try_from(d.as_secs()).ok());
        let failed = |e: &(dyn std::error::Error + 'static)| {
            CredentialsError::provider_error(format!("the role {} cannot be assumed: {}", role.arn, reason(e)))
        };
        let given = match &self.token {
            None => {
                let mut ask = self
                    .sts
                    .assume_role()
                    .role_arn(&role.arn)
                    .role_session_name(&self.session)
                    .set_external_id(role.external_id.clone())
                    .set_policy(role.policy.clone())
                    .set_policy_arns(policies)
                    .set_duration_seconds(seconds)
                    .set_source_identity(role.source_identity.clone());
                for (key, value) in &role.tags {
                    ask = ask.tags(Tag::builder().key(key).value(value).build().map_err(|e| failed(&e))?);
                }
                for key in &role.transitive {
                    ask = ask.transitive_tag_keys(key);
                }
                ask.send().await.map_err(|e| failed(&e))?.credentials
            }
            Some(token) => {
                let token = match token {
                    Token::Text(text) => text.clone(),
                    Token::File(path) => std::fs::read_to_string(path).map_err(|e| failed(&e))?,
                };
                let ask = self
                    .sts
                    .assume_role_with_web_identity()
                    .role_arn(&role.arn)
                    .role_session_name(&self.session)
                    .web_identity_token(token.trim())
                    .set_policy(role.policy.clone())
                    .set_policy_arns(policies)
                    .set_duration_seconds(seconds);
                ask.send().await.map_err(|e| failed(&e))?.credentials
            }
        };
        let given = given.ok_or_else(|| CredentialsError::provider_error("STS answered without credentials"))?;
        let end = u64::try_from(given.expiration.secs()).unwrap_or(0);
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(end);
        Ok(Credentials::new(given.access_key_id, given.secret_access_key, Some(given.session_token), Some(end), "role"))
    }
}
