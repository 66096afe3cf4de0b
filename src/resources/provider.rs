//! The `provider "aws"` block: its shape, and the [`Settings`] that an evaluated one means.
//!
//! Refuses to know where blocks come from and which of them a resource uses.

use super::settings::{AssumeRole, Settings, WebIdentity};
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::{Object, Value};
use std::path::PathBuf;

/// The services that `endpoints` can name, as the AWS provider spells them. Those that formwork does not call are accepted and unused.
const ENDPOINTS: [&str; 303] = [
    "accessanalyzer",
    "account",
    "acm",
    "acmpca",
    "amg",
    "amp",
    "amplify",
    "apigateway",
    "apigatewayv2",
    "appautoscaling",
    "appconfig",
    "appfabric",
    "appflow",
    "appintegrations",
    "appintegrationsservice",
    "applicationautoscaling",
    "applicationinsights",
    "applicationsignals",
    "appmesh",
    "appregistry",
    "apprunner",
    "appstream",
    "appsync",
    "athena",
    "auditmanager",
    "autoscaling",
    "autoscalingplans",
    "backup",
    "batch",
    "bcmdataexports",
    "beanstalk",
    "bedrock",
    "bedrockagent",
    "billing",
    "budgets",
    "ce",
    "chatbot",
    "chime",
    "chimesdkmediapipelines",
    "chimesdkvoice",
    "cleanrooms",
    "cloud9",
    "cloudcontrol",
    "cloudcontrolapi",
    "cloudformation",
    "cloudfront",
    "cloudfrontkeyvaluestore",
    "cloudhsm",
    "cloudhsmv2",
    "cloudsearch",
    "cloudtrail",
    "cloudwatch",
    "cloudwatchevents",
    "cloudwatchevidently",
    "cloudwatchlog",
    "cloudwatchlogs",
    "cloudwatchobservabilityaccessmanager",
    "cloudwatchrum",
    "codeartifact",
    "codebuild",
    "codecatalyst",
    "codecommit",
    "codeconnections",
    "codedeploy",
    "codeguruprofiler",
    "codegurureviewer",
    "codepipeline",
    "codestarconnections",
    "codestarnotifications",
    "cognitoidentity",
    "cognitoidentityprovider",
    "cognitoidp",
    "comprehend",
    "computeoptimizer",
    "config",
    "configservice",
    "connect",
    "connectcases",
    "controltower",
    "costandusagereportservice",
    "costexplorer",
    "costoptimizationhub",
    "cur",
    "customerprofiles",
    "databasemigration",
    "databasemigrationservice",
    "databrew",
    "dataexchange",
    "datapipeline",
    "datasync",
    "datazone",
    "dax",
    "deploy",
    "detective",
    "devicefarm",
    "devopsguru",
    "directconnect",
    "directoryservice",
    "dlm",
    "dms",
    "docdb",
    "docdbelastic",
    "drs",
    "ds",
    "dsql",
    "dynamodb",
    "ec2",
    "ecr",
    "ecrpublic",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticloadbalancing",
    "elasticloadbalancingv2",
    "elasticsearch",
    "elasticsearchservice",
    "elastictranscoder",
    "elb",
    "elbv2",
    "emr",
    "emrcontainers",
    "emrserverless",
    "es",
    "eventbridge",
    "events",
    "evidently",
    "evs",
    "finspace",
    "firehose",
    "fis",
    "fms",
    "fsx",
    "gamelift",
    "glacier",
    "globalaccelerator",
    "glue",
    "gluedatabrew",
    "grafana",
    "greengrass",
    "groundstation",
    "guardduty",
    "healthlake",
    "iam",
    "identitystore",
    "imagebuilder",
    "inspector",
    "inspector2",
    "inspectorv2",
    "internetmonitor",
    "invoicing",
    "iot",
    "iotanalytics",
    "iotevents",
    "ivs",
    "ivschat",
    "kafka",
    "kafkaconnect",
    "kendra",
    "keyspaces",
    "kinesis",
    "kinesisanalytics",
    "kinesisanalyticsv2",
    "kinesisvideo",
    "kms",
    "lakeformation",
    "lambda",
    "launchwizard",
    "lex",
    "lexmodelbuilding",
    "lexmodelbuildingservice",
    "lexmodels",
    "lexmodelsv2",
    "lexv2models",
    "licensemanager",
    "lightsail",
    "location",
    "locationservice",
    "logs",
    "lookoutmetrics",
    "m2",
    "macie2",
    "managedgrafana",
    "mediaconnect",
    "mediaconvert",
    "medialive",
    "mediapackage",
    "mediapackagev2",
    "mediapackagevod",
    "mediastore",
    "memorydb",
    "mgn",
    "mq",
    "msk",
    "mwaa",
    "neptune",
    "neptunegraph",
    "networkfirewall",
    "networkmanager",
    "networkmonitor",
    "notifications",
    "notificationscontacts",
    "oam",
    "opensearch",
    "opensearchingestion",
    "opensearchserverless",
    "opensearchservice",
    "opsworks",
    "organizations",
    "osis",
    "outposts",
    "paymentcryptography",
    "pcaconnectorad",
    "pcs",
    "pinpoint",
    "pinpointsmsvoicev2",
    "pipes",
    "polly",
    "pricing",
    "prometheus",
    "prometheusservice",
    "qbusiness",
    "qldb",
    "quicksight",
    "ram",
    "rbin",
    "rds",
    "recyclebin",
    "redshift",
    "redshiftdata",
    "redshiftdataapiservice",
    "redshiftserverless",
    "rekognition",
    "resiliencehub",
    "resourceexplorer2",
    "resourcegroups",
    "resourcegroupstagging",
    "resourcegroupstaggingapi",
    "rolesanywhere",
    "route53",
    "route53domains",
    "route53profiles",
    "route53recoverycontrolconfig",
    "route53recoveryreadiness",
    "route53resolver",
    "rum",
    "s3",
    "s3api",
    "s3control",
    "s3outposts",
    "s3tables",
    "sagemaker",
    "scheduler",
    "schemas",
    "sdb",
    "secretsmanager",
    "securityhub",
    "securitylake",
    "serverlessapplicationrepository",
    "serverlessapprepo",
    "serverlessrepo",
    "servicecatalog",
    "servicecatalogappregistry",
    "servicediscovery",
    "servicequotas",
    "ses",
    "sesv2",
    "sfn",
    "shield",
    "signer",
    "simpledb",
    "sns",
    "sqs",
    "ssm",
    "ssmcontacts",
    "ssmincidents",
    "ssmquicksetup",
    "ssmsap",
    "sso",
    "ssoadmin",
    "stepfunctions",
    "storagegateway",
    "sts",
    "swf",
    "synthetics",
    "taxsettings",
    "timestreaminfluxdb",
    "timestreamquery",
    "timestreamwrite",
    "transcribe",
    "transcribeservice",
    "transfer",
    "verifiedpermissions",
    "vpclattice",
    "waf",
    "wafregional",
    "wafv2",
    "wellarchitected",
    "worklink",
    "workspaces",
    "workspacesweb",
    "xray",
];

const fn endpoints() -> [Attribute; ENDPOINTS.len()] {
    let mut out = [Attribute::optional("", Ty::String); ENDPOINTS.len()];
    let mut i = 0;
    while i < ENDPOINTS.len() {
        out[i] = Attribute::optional(ENDPOINTS[i], Ty::String).doc("The URL to use for this service.");
        i += 1;
    }
    out
}

const ASSUME_ROLE: Block = Block {
    attributes: &[
        Attribute::optional("duration", Ty::String).doc("How long the role's session lasts, such as `1h`."),
        Attribute::optional("external_id", Ty::String).doc("The external id that the role's trust policy may ask for."),
        Attribute::optional("policy", Ty::String).doc("A policy that narrows what the session may do."),
        Attribute::optional("policy_arns", Ty::Set(&Ty::String)).doc("Managed policies that narrow the session."),
        Attribute::optional("role_arn", Ty::String).doc("The role to assume."),
        Attribute::optional("session_name", Ty::String).doc("The name of the session."),
        Attribute::optional("source_identity", Ty::String).doc("The identity the session carries on."),
        Attribute::optional("tags", Ty::Map(&Ty::String)).doc("Session tags."),
        Attribute::optional("transitive_tag_keys", Ty::Set(&Ty::String)).doc("Session tags that are passed on."),
    ],
    blocks: &[],
};

const WEB_IDENTITY: Block = Block {
    attributes: &[
        Attribute::optional("duration", Ty::String).doc("How long the session lasts."),
        Attribute::optional("policy", Ty::String).doc("A policy that narrows the session."),
        Attribute::optional("policy_arns", Ty::Set(&Ty::String)).doc("Managed policies that narrow the session."),
        Attribute::optional("role_arn", Ty::String).doc("The role to assume."),
        Attribute::optional("session_name", Ty::String).doc("The name of the session."),
        Attribute::optional("web_identity_token", Ty::String).doc("The token.").sensitive(),
        Attribute::optional("web_identity_token_file", Ty::String).doc("The file that holds the token."),
    ],
    blocks: &[],
};

/// The shape of `provider "aws"`.
pub const SCHEMA: Schema = Schema {
    name: "aws",
    version: 0,
    doc: "How to reach AWS, and what all resources of this configuration share.",
    block: Block {
        attributes: &[
            Attribute::optional("access_key", Ty::String).doc("The access key id."),
            Attribute::optional("allowed_account_ids", Ty::Set(&Ty::String))
                .conflicts(&["forbidden_account_ids"])
                .doc("The only accounts to work in."),
            Attribute::optional("custom_ca_bundle", Ty::String).doc("A file with certificate authorities."),
            Attribute::optional("ec2_metadata_service_endpoint", Ty::String)
                .doc("The address of the instance metadata service."),
            Attribute::optional("ec2_metadata_service_endpoint_mode", Ty::String)
                .check(metadata_mode)
                .doc("`IPv4` or `IPv6`: which of its own addresses the instance metadata service is asked at."),
            Attribute::optional("forbidden_account_ids", Ty::Set(&Ty::String)).doc("Accounts never to work in."),
            Attribute::optional("http_proxy", Ty::String).doc("A proxy for HTTP."),
            Attribute::optional("https_proxy", Ty::String).doc("A proxy for HTTPS."),
            Attribute::optional("insecure", Ty::Bool).check(secure).doc("Not to check certificates."),
            Attribute::optional("max_retries", Ty::Number).doc("How often a call is tried at most."),
            Attribute::optional("no_proxy", Ty::String).doc("Hosts to reach without a proxy."),
            Attribute::optional("profile", Ty::String).doc("The profile of the shared configuration files."),
            Attribute::optional("region", Ty::String).doc("The region to work in."),
            Attribute::optional("retry_mode", Ty::String)
                .check(retry_mode)
                .doc("`standard` or `adaptive`; adaptive where it is left out."),
            Attribute::optional("s3_us_east_1_regional_endpoint", Ty::String).doc("Of S3 only; not used."),
            Attribute::optional("s3_use_path_style", Ty::Bool).doc("Of S3 only; not used."),
            Attribute::optional("secret_key", Ty::String).doc("The secret access key.").sensitive(),
            Attribute::optional("shared_config_files", Ty::List(&Ty::String))
                .doc("Configuration files instead of `~/.aws/config`."),
            Attribute::optional("shared_credentials_files", Ty::List(&Ty::String))
                .doc("Credentials files instead of `~/.aws/credentials`."),
            Attribute::optional("skip_credentials_validation", Ty::Bool)
                .doc("Not to check credentials beforehand: formwork never does."),
            Attribute::optional("skip_metadata_api_check", Ty::String).doc("Not to ask the instance metadata service."),
            Attribute::optional("skip_region_validation", Ty::Bool)
                .doc("Not to check the region's name: formwork never does."),
            Attribute::optional("skip_requesting_account_id", Ty::Bool).doc("Not to ask STS for the account."),
            Attribute::optional("sts_region", Ty::String).doc("The region to call STS in."),
            Attribute::optional("token", Ty::String).doc("The session token.").sensitive(),
            Attribute::optional("token_bucket_rate_limiter_capacity", Ty::Number)
                .doc("How many retries at once there may be before calls fail; without it there is no such limit."),
            Attribute::optional("use_dualstack_endpoint", Ty::Bool).doc("To use endpoints that speak IPv6."),
            Attribute::optional("use_fips_endpoint", Ty::Bool).doc("To use FIPS endpoints."),
        ],
        blocks: &[
            NestedBlock::list("assume_role", ASSUME_ROLE).doc("Roles to assume, one after the other."),
            NestedBlock::list("assume_role_with_web_identity", WEB_IDENTITY)
                .items(0, 1)
                .doc("A role to assume by a web identity; the environment's own is used without this block."),
            NestedBlock::list(
                "default_tags",
                Block {
                    attributes: &[Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The tags.")],
                    blocks: &[],
                },
            )
            .items(0, 1)
            .doc("Tags for every object that can have some."),
            NestedBlock::set("endpoints", Block { attributes: &endpoints(), blocks: &[] }).doc("URLs of services."),
            NestedBlock::list(
                "ignore_tags",
                Block {
                    attributes: &[
                        Attribute::optional("key_prefixes", Ty::Set(&Ty::String)).doc("Tags whose keys start so."),
                        Attribute::optional("keys", Ty::Set(&Ty::String)).doc("Tags of these keys."),
                    ],
                    blocks: &[],
                },
            )
            .items(0, 1)
            .doc("Tags that others manage."),
        ],
    },
    timeouts: &[],
};

/// What an evaluated block says.
pub fn settings(config: &Object) -> Settings {
    let text = |name: &str| config.text(name).map(String::from);
    let owned = |list: Vec<&str>| list.into_iter().map(String::from).collect::<Vec<_>>();
    let tags = config.block("default_tags").unwrap_or_default();
    let ignored = config.block("ignore_tags").unwrap_or_default();
    Settings {
        region: text("region"),
        profile: text("profile"),
        keys: text("access_key").zip(text("secret_key")).map(|(id, secret)| (id, secret, text("token"))),
        endpoints: config
            .blocks("endpoints")
            .iter()
            .flat_map(|block| {
                let given = block.0.keys().filter_map(|k| Some((k.to_string(), block.text(k)?.to_string())));
                given.collect::<Vec<_>>()
            })
            .collect(),
        assume_role: config.blocks("assume_role").iter().filter_map(assumed).collect(),
        web_identity: config.block("assume_role_with_web_identity").and_then(|role| {
            Some(WebIdentity {
                role_arn: role.text("role_arn")?.to_string(),
                session_name: role.text("session_name").map(String::from),
                token: role.text("web_identity_token").map(String::from),
                token_file: role.text("web_identity_token_file").map(PathBuf::from),
                policy: role.text("policy").map(String::from),
                policy_arns: owned(role.strings("policy_arns")),
                duration: role.text("duration").and_then(seconds),
            })
        }),
        shared_config_files: owned(config.strings("shared_config_files")),
        shared_credentials_files: owned(config.strings("shared_credentials_files")),
        http_proxy: text("http_proxy"),
        https_proxy: text("https_proxy"),
        no_proxy: text("no_proxy"),
        custom_ca_bundle: text("custom_ca_bundle"),
        use_fips_endpoint: config.bool("use_fips_endpoint").unwrap_or_default(),
        use_dualstack_endpoint: config.bool("use_dualstack_endpoint").unwrap_or_default(),
        metadata_endpoint: text("ec2_metadata_service_endpoint"),
        metadata_mode: text("ec2_metadata_service_endpoint_mode"),
        sts_region: text("sts_region"),
        retry_mode: text("retry_mode"),
        token_bucket_capacity: config
            .int("token_bucket_rate_limiter_capacity")
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0),
        allowed_account_ids: owned(config.strings("allowed_account_ids")),
        forbidden_account_ids: owned(config.strings("forbidden_account_ids")),
        skip_requesting_account_id: config.bool("skip_requesting_account_id").unwrap_or_default(),
        max_retries: config.int("max_retries").and_then(|n| u32::try_from(n).ok()),
        default_tags: tags.string_map("tags").into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        ignore_tags: (owned(ignored.strings("keys")), owned(ignored.strings("key_prefixes"))),
        known_account: None,
    }
}

fn metadata_mode(value: &Value) -> std::result::Result<(), String> {
    super::checks::one_of(value, &["IPv4", "IPv6"])
}

fn assumed(role: &Object) -> Option<AssumeRole> {
    let text = |name: &str| role.text(name).map(String::from);
    let owned = |list: Vec<&str>| list.into_iter().map(String::from).collect::<Vec<_>>();
    Some(AssumeRole {
        role_arn: text("role_arn")?,
        session_name: text("session_name"),
        external_id: text("external_id"),
        policy: text("policy"),
        policy_arns: owned(role.strings("policy_arns")),
        source_identity: text("source_identity"),
        tags: role.string_map("tags").into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        transitive_tag_keys: owned(role.strings("transitive_tag_keys")),
        duration: text("duration").as_deref().and_then(seconds),
    })
}

fn secure(value: &Value) -> Result<(), String> {
    match value.as_bool() {
        Some(true) => Err("Certificates are always checked. Name the authority to trust by custom_ca_bundle.".into()),
        _ => Ok(()),
    }
}

fn retry_mode(value: &Value) -> Result<(), String> {
    match value.as_str() {
        Some("standard" | "adaptive") | None => Ok(()),
        Some(other) => Err(format!("One of \"standard\" and \"adaptive\" is expected, got {other:?}.")),
    }
}

/// `1h`, `15m`, `900s` or combinations, in seconds.
fn seconds(text: &str) -> Option<u64> {
    let mut total = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn a_block_says_what_it_says() {
        let role = |arn: &str| {
            Value::object_of([
                ("role_arn", Value::string(arn)),
                ("duration", Value::string("1h30m")),
                ("source_identity", Value::string("me")),
                ("tags", Value::map(Type::String, [("a".into(), Value::string("1"))].into())),
                ("transitive_tag_keys", Value::set(Type::String, vec![Value::string("a")])),
                ("policy_arns", Value::set(Type::String, vec![Value::string("p")])),
            ])
        };
        let first = role("one");
        let config = Object::new()
            .with("assume_role", Value::list(first.ty(), vec![first, role("two")]))
            .with("https_proxy", "http://proxy:1")
            .with("use_fips_endpoint", Value::bool(true))
            .with("shared_config_files", Value::list(Type::String, vec![Value::string("~/c")]))
            .with("retry_mode", "standard")
            .with("max_retries", 3);
        let settings = settings(&config);
        let arns: Vec<&str> = settings.assume_role.iter().map(|r| &*r.role_arn).collect();
        assert_eq!(arns, ["one", "two"]);
        let one = &settings.assume_role[0];
        assert_eq!((one.duration, one.source_identity.as_deref()), (Some(5400), Some("me")));
        assert_eq!((&*one.tags, &*one.transitive_tag_keys), (&[("a".into(), "1".into())][..], &["a".to_string()][..]));
        assert_eq!(settings.https_proxy.as_deref(), Some("http://proxy:1"));
        assert!(settings.use_fips_endpoint && !settings.use_dualstack_endpoint);
        assert_eq!((settings.shared_config_files, settings.max_retries), (vec!["~/c".to_string()], Some(3)));
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (fine, judged) in [
            (true, secure(&Value::bool(false))),
            (false, secure(&Value::bool(true))),
            (true, retry_mode(&Value::string("adaptive"))),
            (false, retry_mode(&Value::string("legacy"))),
        ] {
            assert_eq!(judged.is_ok(), fine, "{judged:?}");
        }
    }
}
