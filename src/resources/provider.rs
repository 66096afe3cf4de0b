//! The `provider "aws"` block: its shape, and the [`Settings`] that an evaluated one means.
//!
//! Refuses to know where blocks come from and which of them a resource uses.

use super::aws::{AssumeRole, Settings};
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::Object;

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
        Attribute::optional("policy_arns", Ty::Set(&Ty::String))
            .doc("Managed policies that narrow the session.")
            .unsupported(),
        Attribute::optional("role_arn", Ty::String).doc("The role to assume."),
        Attribute::optional("session_name", Ty::String).doc("The name of the session."),
        Attribute::optional("source_identity", Ty::String).doc("The identity the session carries on.").unsupported(),
        Attribute::optional("tags", Ty::Map(&Ty::String)).doc("Session tags.").unsupported(),
        Attribute::optional("transitive_tag_keys", Ty::Set(&Ty::String))
            .doc("Session tags that are passed on.")
            .unsupported(),
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
            Attribute::optional("custom_ca_bundle", Ty::String)
                .doc("A file with certificate authorities.")
                .unsupported(),
            Attribute::optional("ec2_metadata_service_endpoint", Ty::String)
                .doc("The address of the instance metadata service.")
                .unsupported(),
            Attribute::optional("ec2_metadata_service_endpoint_mode", Ty::String)
                .doc("`IPv4` or `IPv6`.")
                .unsupported(),
            Attribute::optional("forbidden_account_ids", Ty::Set(&Ty::String)).doc("Accounts never to work in."),
            Attribute::optional("http_proxy", Ty::String).doc("A proxy for HTTP.").unsupported(),
            Attribute::optional("https_proxy", Ty::String).doc("A proxy for HTTPS.").unsupported(),
            Attribute::optional("insecure", Ty::Bool).doc("Not to check certificates.").unsupported(),
            Attribute::optional("max_retries", Ty::Number).doc("How often a call is tried at most."),
            Attribute::optional("no_proxy", Ty::String).doc("Hosts to reach without a proxy.").unsupported(),
            Attribute::optional("profile", Ty::String).doc("The profile of the shared configuration files."),
            Attribute::optional("region", Ty::String).doc("The region to work in."),
            Attribute::optional("retry_mode", Ty::String)
                .doc("`standard` or `adaptive`; calls are always retried adaptively."),
            Attribute::optional("s3_us_east_1_regional_endpoint", Ty::String).doc("Of S3 only; not used."),
            Attribute::optional("s3_use_path_style", Ty::Bool).doc("Of S3 only; not used."),
            Attribute::optional("secret_key", Ty::String).doc("The secret access key.").sensitive(),
            Attribute::optional("shared_config_files", Ty::List(&Ty::String))
                .doc("Configuration files instead of `~/.aws/config`.")
                .unsupported(),
            Attribute::optional("shared_credentials_files", Ty::List(&Ty::String))
                .doc("Credentials files instead of `~/.aws/credentials`.")
                .unsupported(),
            Attribute::optional("skip_credentials_validation", Ty::Bool)
                .doc("Not to check credentials beforehand: formwork never does."),
            Attribute::optional("skip_metadata_api_check", Ty::String).doc("Not to ask the instance metadata service."),
            Attribute::optional("skip_region_validation", Ty::Bool)
                .doc("Not to check the region's name: formwork never does."),
            Attribute::optional("skip_requesting_account_id", Ty::Bool).doc("Not to ask STS for the account."),
            Attribute::optional("sts_region", Ty::String).doc("The region to call STS in.").unsupported(),
            Attribute::optional("token", Ty::String).doc("The session token.").sensitive(),
            Attribute::optional("token_bucket_rate_limiter_capacity", Ty::Number)
                .doc("The retry budget; the SDK's own is used."),
            Attribute::optional("use_dualstack_endpoint", Ty::Bool)
                .doc("To use endpoints that speak IPv6.")
                .unsupported(),
            Attribute::optional("use_fips_endpoint", Ty::Bool).doc("To use FIPS endpoints.").unsupported(),
        ],
        blocks: &[
            NestedBlock::list("assume_role", ASSUME_ROLE).items(0, 1).doc("A role to assume first."),
            NestedBlock::list("assume_role_with_web_identity", WEB_IDENTITY)
                .items(0, 1)
                .unsupported()
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
        assume_role: config.block("assume_role").and_then(|role| {
            Some(AssumeRole {
                role_arn: role.text("role_arn")?.to_string(),
                session_name: role.text("session_name").map(String::from),
                external_id: role.text("external_id").map(String::from),
                policy: role.text("policy").map(String::from),
                duration: role.text("duration").and_then(seconds),
                ..AssumeRole::default()
            })
        }),
        allowed_account_ids: owned(config.strings("allowed_account_ids")),
        forbidden_account_ids: owned(config.strings("forbidden_account_ids")),
        skip_requesting_account_id: config.bool("skip_requesting_account_id").unwrap_or_default(),
        max_retries: config.int("max_retries").and_then(|n| u32::try_from(n).ok()),
        default_tags: tags.string_map("tags").into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        ignore_tags: (owned(ignored.strings("keys")), owned(ignored.strings("key_prefixes"))),
        known_account: None,
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
