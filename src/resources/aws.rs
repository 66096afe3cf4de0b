//! One provider configuration's way to AWS: clients made on first use, and where one is.

use super::clock::Clock;
use super::data_terraform_remote_state::RemoteStates;
use super::looking::Looking;
use super::settings::Settings;
use super::throttle::Lanes;
use super::{Error, ErrorKind, Result, connection, credentials};
use crate::partition;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long an answer may take.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Where a provider configuration works: what ARNs are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// Twelve digits; empty while it is not known.
    pub account: String,
    /// `default_tags`
    pub default_tags: Vec<(String, String)>,
    /// `ignore_tags`: keys and key prefixes.
    pub ignore_tags: (Vec<String>, Vec<String>),
}

/// Whose credentials are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// ARN of the user or assumed role.
    pub arn: String,
    /// AWS's unique id of the principal.
    pub user_id: String,
}

/// Something worth showing while an operation runs: "IAM propagation, 11 s", "backfilling index by-email".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(pub String);

/// One provider configuration's way to AWS. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    inner: Arc<Inner>,
    observer: Option<Arc<dyn Fn(Note) + Send + Sync>>,
    looking: Option<Looking>,
    spared: Vec<&'static str>,
    states: Option<Arc<dyn RemoteStates>>,
}

struct Inner {
    settings: Settings,
    config: SdkConfig,
    region: String,
    clock: Clock,
    place: OnceCell<Place>,
    caller: OnceCell<Caller>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    sfn: OnceLock<aws_sdk_sfn::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    scaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
}

/// The client of one service, with its endpoint from the settings.
macro_rules! client {
    ($self:ident, $field:ident, $sdk:ident, $names:expr, $variables:expr) => {
        $self.inner.$field.get_or_init(|| {
            let mut config =
                $sdk::config::Builder::from(&$self.inner.config).retry_partition($self.settings().retry_partition());
            if let Some(url) = $self.endpoint($names, $variables) {
                config = config.endpoint_url(url);
            }
            $sdk::Client::from_conf(config.build())
        })
    };
}

/// Making.
impl Aws {
    /// Over the network, with what the settings, the environment and the files of `~/.aws` say. Sends nothing yet.
    /// Fails if no region can be found, or a file that the settings name cannot be read.
    pub async fn connect(settings: Settings) -> Result<Aws> {
        let settings =
            settings.with_environment(|name| std::env::var(name).ok(), std::env::vars().map(|(name, _)| name));
        let network = settings.network()?;
        let http = Lanes::of_process().guard(connection::client_by(network));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(settings.retries())
            .timeout_config(TimeoutConfig::builder().read_timeout(READ_TIMEOUT).build());
        if settings.use_fips_endpoint {
            loader = loader.use_fips(true);
        }
        if settings.use_dualstack_endpoint {
            loader = loader.use_dual_stack(true);
        }
        if let Ok(name) = AppName::new("formwork") {
            loader = loader.app_name(name);
        }
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let files = settings.shared_files();
        if let Some(files) = &files {
            loader = loader.profile_files(files.clone());
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some((access_key, secret_key, token)) = &settings.keys {
            let keys = Credentials::new(access_key, secret_key, token.clone(), None, "provider");
            loader = loader.credentials_provider(SharedCredentialsProvider::new(keys));
        } else if let Some(profile) = &settings.profile {
            // A profile named in the configuration goes before keys in the environment; in the default chain it would not.
            let config = ProviderConfig::without_region()
                .with_http_client(http)
                .with_region(settings.region.clone().map(Region::new));
            let config = match settings.region {
                Some(_) => config,
                None => config.load_default_region().await,
            };
            let mut provider = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile);
            if let Some(files) = files {
                provider = provider.profile_files(files);
            }
            if let Some(metadata) = settings.metadata(&config)? {
                let provider_of = ImdsCredentialsProvider::builder().configure(&config).imds_client(metadata).build();
                provider = provider.with_custom_provider("Ec2InstanceMetadata", provider_of);
            }
            loader = loader.credentials_provider(provider.build());
        } else if settings.metadata_endpoint.is_some() || settings.metadata_mode.is_some() {
            let config = ProviderConfig::without_region()
                .with_http_client(http)
                .with_region(settings.region.clone().map(Region::new));
            let mut chain = DefaultCredentialsChain::builder();
            if let Some(metadata) = settings.metadata(&config)? {
                chain = chain.imds_client(metadata);
            }
            loader = loader.credentials_provider(chain.configure(config).build().await);
        }
        let config = loader.load().await;
        let Some(region) = config.region().map(|r| r.as_ref().to_string()) else {
            return Err(Error::new(
                ErrorKind::Settings,
                "",
                "No region is set. Set region in the provider block, AWS_REGION in the environment, or region in the profile.",
            ));
        };
        let endpoint = settings.endpoint(&["sts"]);
        let (web, roles) = (settings.web_identity.as_ref(), &settings.assume_role);
        let config = credentials::assume(config, web, roles, endpoint.as_deref(), settings.sts_region.as_deref())?;
        Ok(Aws::new(settings, config, region, Clock::real()))
    }

    /// Through this HTTP client, which answers in place of AWS: static credentials, no retries, and neither files nor the
    /// environment nor the network are asked. Without `region` in the settings it works in `us-east-1`.
    pub fn with_http_client(settings: Settings, client: SharedHttpClient) -> Aws {
        let region = settings.region.clone().unwrap_or_else(|| "us-east-1".to_string());
        let (access_key, secret_key, token) =
            settings.keys.clone().unwrap_or(("sandbox".into(), "sandbox".into(), None));
        let keys = Credentials::new(access_key, secret_key, token, None, "sandbox");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .http_client(client)
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Aws::new(settings, config, region, Clock::real())
    }

    /// The same, as patient as over the network, keeping to these numbers, and sleeping by its clock; before any use.
    #[cfg(test)]
    pub(super) fn patient(self, lanes: &Lanes, retries: RetryConfig) -> Aws {
        use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
        #[derive(Debug)]
        struct ByClock(Clock);
        impl AsyncSleep for ByClock {
            fn sleep(&self, time: Duration) -> Sleep {
                let clock = self.0.clone();
                Sleep::new(async move { clock.sleep(time).await })
            }
        }
        let Inner { settings, config, region, clock, .. } = &*self.inner;
        let mut config = config.clone().into_builder().retry_config(retries).sleep_impl(ByClock(clock.clone()));
        if let Some(client) = self.inner.config.http_client() {
            config = config.http_client(lanes.guard(client));
        }
        Aws {
            observer: self.observer,
            states: self.states,
            ..Aws::new(settings.clone(), config.build(), region.clone(), clock.clone())
        }
    }

    fn new(settings: Settings, config: SdkConfig, region: String, clock: Clock) -> Aws {
        let inner = Inner {
            settings,
            config,
            region,
            clock,
            place: OnceCell::new(),
            caller: OnceCell::new(),
            dynamodb: OnceLock::new(),
            iam: OnceLock::new(),
            sfn: OnceLock::new(),
            logs: OnceLock::new(),
            sts: OnceLock::new(),
            scaling: OnceLock::new(),
        };
        Aws { inner: Arc::new(inner), observer: None, looking: None, spared: Vec::new(), states: None }
    }

    /// The same with another clock, before any use: waiting goes by it, and generated names are made of its time.
    pub fn with_clock(self, clock: Clock) -> Aws {
        let Inner { settings, config, region, .. } = &*self.inner;
        Aws {
            observer: self.observer,
            states: self.states,
            ..Aws::new(settings.clone(), config.clone(), region.clone(), clock)
        }
    }

    /// The same, with notes going to `observer`.
    pub fn observed(&self, observer: impl Fn(Note) + Send + Sync + 'static) -> Aws {
        Aws { observer: Some(Arc::new(observer)), ..self.clone() }
    }

    /// The same, within a look: answers are shared with all that is read in it, and these attributes need not be read
    /// ([`super::Resource::spared`]).
    pub fn within(&self, looking: &Looking, spared: Vec<&'static str>) -> Aws {
        Aws { looking: Some(looking.clone()), spared, ..self.clone() }
    }
}

/// Using.
impl Aws {
    /// The same, with a way to the states of other configurations.
    pub fn with_states(self, states: Arc<dyn RemoteStates>) -> Aws {
        Aws { states: Some(states), ..self }
    }

    /// The way to the states of other configurations.
    pub fn states(&self) -> Option<&dyn RemoteStates> {
        self.states.as_deref()
    }

    /// Tells whoever watches the current operation.
    pub fn note(&self, text: impl Into<String>) {
        if let Some(observer) = &self.observer {
            observer(Note(text.into()));
        }
    }

    /// The look that this is for.
    pub(super) fn looking(&self) -> Option<&Looking> {
        self.looking.as_ref()
    }

    /// Whether nobody asks for this attribute of the object that is being read: what was seen last may stay.
    pub fn spares(&self, attribute: &str) -> bool {
        self.spared.contains(&attribute)
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Its settings for another region; the account stays the same.
    pub fn settings_in(&self, region: &str) -> Settings {
        let account = self.place_so_far().account;
        Settings {
            region: Some(region.to_string()),
            known_account: (!account.is_empty()).then_some(account),
            ..self.settings().clone()
        }
    }

    /// The time that waiting goes by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        client!(self, dynamodb, aws_sdk_dynamodb, &["dynamodb"], &["TF_AWS_DYNAMODB_ENDPOINT", "AWS_DYNAMODB_ENDPOINT"])
    }

    /// DynamoDB in another region.
    pub fn dynamodb_in(&self, region: &str) -> aws_sdk_dynamodb::Client {
        if region == self.inner.region {
            return self.dynamodb().clone();
        }
        let config = self.dynamodb().config().to_builder().region(Region::new(region.to_string()));
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// IAM.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        client!(self, iam, aws_sdk_iam, &["iam"], &["TF_AWS_IAM_ENDPOINT", "AWS_IAM_ENDPOINT"])
    }

    /// Step Functions.
    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        client!(self, sfn, aws_sdk_sfn, &["sfn", "stepfunctions"], &[])
    }

    /// CloudWatch Logs.
    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        let names = &["logs", "cloudwatchlogs", "cloudwatchlog"];
        client!(self, logs, aws_sdk_cloudwatchlogs, names, &[])
    }

    /// Application Auto Scaling.
    pub fn scaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        let names = &["appautoscaling", "applicationautoscaling"];
        client!(self, scaling, aws_sdk_applicationautoscaling, names, &[])
    }

    /// STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.inner.sts.get_or_init(|| {
            let mut config = aws_sdk_sts::config::Builder::from(&self.inner.config)
                .retry_partition(self.settings().retry_partition());
            if let Some(url) = self.endpoint(&["sts"], &["TF_AWS_STS_ENDPOINT", "AWS_STS_ENDPOINT"]) {
                config = config.endpoint_url(url);
            }
            if let Some(region) = &self.settings().sts_region {
                config = config.region(Region::new(region.clone()));
            }
            aws_sdk_sts::Client::from_conf(config.build())
        })
    }

    /// Where the KMS of a region answers.
    pub(super) fn kms_url(&self, region: &str) -> String {
        let variables = &["AWS_ENDPOINT_URL_KMS", "TF_AWS_KMS_ENDPOINT", "AWS_KMS_ENDPOINT"];
        let given = self.endpoint(&["kms"], variables);
        given.or_else(|| self.inner.config.endpoint_url().map(str::to_string)).unwrap_or_else(|| {
            let fips = if self.settings().use_fips_endpoint { "-fips" } else { "" };
            match self.settings().use_dualstack_endpoint {
                true => format!("https://kms{fips}.{region}.api.aws"),
                false => format!("https://kms{fips}.{region}.{}", partition::dns_suffix(region)),
            }
        })
    }

    /// What the SDK's clients are made of.
    pub(super) fn sdk_config(&self) -> &SdkConfig {
        &self.inner.config
    }

    fn endpoint(&self, names: &[&str], variables: &[&str]) -> Option<String> {
        if let Some(url) = self.inner.settings.endpoint(names) {
            return Some(url);
        }
        // In-process there is no service configuration and no environment.
        self.inner.config.service_config()?;
        variables.iter().find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()))
    }

    /// Where it works, with the account: known from the settings, or asked of STS once; empty where it must not be asked.
    /// Fails if the account is not one that the settings allow.
    pub async fn place(&self) -> Result<Place> {
        self.inner.place.get_or_try_init(|| self.find_place()).await.cloned()
    }

    /// Where it works as far as it is known without a call.
    pub fn place_so_far(&self) -> Place {
        let known = self.inner.place.get().cloned();
        known.unwrap_or_else(|| self.place_in(self.settings().known_account.clone().unwrap_or_default()))
    }

    fn place_in(&self, account: String) -> Place {
        Place {
            partition: partition::of(&self.inner.region).to_string(),
            region: self.inner.region.clone(),
            account,
            default_tags: self.settings().default_tags.clone(),
            ignore_tags: self.settings().ignore_tags.clone(),
        }
    }

    async fn find_place(&self) -> Result<Place> {
        let settings = self.settings();
        let guarded = !settings.allowed_account_ids.is_empty() || !settings.forbidden_account_ids.is_empty();
        let account = match &settings.known_account {
            Some(account) if !guarded => account.clone(),
            _ if settings.skip_requesting_account_id => String::new(),
            _ => self.caller().await?.account,
        };
        if guarded {
            settings.allow(&account)?;
        }
        Ok(self.place_in(account))
    }

    /// Whose credentials are used, asked of STS once.
    pub async fn caller(&self) -> Result<Caller> {
        let caller = self.inner.caller.get_or_try_init(|| async {
            let answer =
                self.sts().get_caller_identity().send().await.map_err(Error::of("sts:GetCallerIdentity", ""))?;
            Ok(Caller {
                account: answer.account.unwrap_or_default(),
                arn: answer.arn.unwrap_or_default(),
                user_id: answer.user_id.unwrap_or_default(),
            })
        });
        caller.await.cloned()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aws({})", self.inner.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Answers every call as STS would GetCallerIdentity, and counts.
    #[derive(Clone, Debug, Default)]
    struct Sts(Arc<AtomicUsize>);
    impl HttpConnector for Sts {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::SeqCst);
            let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn>\
                        <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
                        </GetCallerIdentityResponse>";
            let status = 200u16.try_into().unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
        }
    }

    fn aws(settings: Settings) -> (Aws, Sts) {
        let sts = Sts::default();
        let connector = SharedHttpConnector::new(sts.clone());
        (Aws::with_http_client(settings, http_client_fn(move |_, _| connector.clone())), sts)
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| id.to_string()).collect()
    }

    #[tokio::test]
    async fn the_account_is_asked_once_and_only_when_needed() {
        let (here, sts) = aws(Settings { region: Some("cn-north-1".into()), ..Settings::default() });
        assert_eq!(here.place_so_far().account, "");
        for _ in 0..2 {
            let place = here.clone().place().await.unwrap();
            assert_eq!((&*place.partition, &*place.region, &*place.account), ("aws-cn", "cn-north-1", "123456789012"));
        }
        assert_eq!(sts.0.load(Ordering::SeqCst), 1);
        assert_eq!(here.place_so_far().account, "123456789012");

        let (here, sts) = aws(Settings { known_account: Some("210987654321".into()), ..Settings::default() });
        assert_eq!(here.place().await.unwrap().account, "210987654321");
        let (skipping, _) = aws(Settings { skip_requesting_account_id: true, ..Settings::default() });
        assert_eq!(skipping.place().await.unwrap().account, "");
        assert_eq!(sts.0.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn only_allowed_accounts_are_worked_in() {
        let base = Settings { known_account: Some("210987654321".into()), ..Settings::default() };
        for (allowed, forbidden, skip, fine) in [
            (ids(&["123456789012"]), ids(&[]), false, true),
            (ids(&["210987654321"]), ids(&[]), false, false),
            (ids(&[]), ids(&["123456789012"]), false, false),
            (ids(&[]), ids(&["210987654321"]), false, true),
            (ids(&["123456789012"]), ids(&[]), true, false),
        ] {
            let settings = Settings {
                allowed_account_ids: allowed,
                forbidden_account_ids: forbidden,
                skip_requesting_account_id: skip,
                ..base.clone()
            };
            let (here, _) = aws(settings.clone());
            assert_eq!(here.place().await.is_ok(), fine, "{settings:?}");
        }
    }

    #[tokio::test]
    async fn a_profile_is_read_from_the_files_that_are_named() {
        use aws_credential_types::provider::ProvideCredentials;
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_string_lossy().into_owned()
        };
        let settings = Settings {
            profile: Some("deploy".into()),
            shared_config_files: vec![write("config", "[profile deploy]\nregion = eu-north-1\n")],
            shared_credentials_files: vec![write(
                "credentials",
                "[deploy]\naws_access_key_id = AKIDEPLOY\naws_secret_access_key = secret\n",
            )],
            region: Some("eu-west-1".into()),
            ..Settings::default()
        };
        let aws = Aws::connect(settings).await.unwrap();
        assert_eq!(aws.place_so_far().region, "eu-west-1", "the block goes before the profile");
        let provider = aws.inner.config.credentials_provider().unwrap();
        assert_eq!(provider.provide_credentials().await.unwrap().access_key_id(), "AKIDEPLOY");
    }
}
