//! What a backend "s3" block and the environment say, checked as Terraform checks it.
//!
//! Refuses to know how S3 is spoken to.

use crate::diag::Diagnostic;
use crate::state::backend::arguments::{Arguments, Trouble};
use crate::value::{Object, Value};
use base64::Engine;
use std::path::PathBuf;
use std::time::Duration;

/// Looks up a variable of the environment that is set and not empty.
pub type Env<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// All there is to know before the first request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `bucket`
    pub bucket: String,
    /// `key`: of the default workspace's state.
    pub key: String,
    /// `workspace_key_prefix`
    pub prefix: String,
    /// `region`; `None`: the profile's.
    pub region: Option<String>,
    /// How objects are encrypted.
    pub encryption: Encryption,
    /// `acl`
    pub acl: Option<String>,
    /// `use_lockfile`
    pub lockfile: bool,
    /// `dynamodb_table`
    pub table: Option<String>,
    /// `use_path_style`
    pub path_style: bool,
    /// Unless `skip_s3_checksum`.
    pub checksums: bool,
    /// How often a request is tried.
    pub attempts: u32,
    /// How long it is waited before a state that does not fit its digest is read again: another copy of it may be on its way.
    pub patience: Duration,
    /// `use_fips_endpoint`
    pub fips: bool,
    /// `use_dualstack_endpoint`
    pub dualstack: bool,
    /// `endpoints`
    pub endpoints: Endpoints,
    /// Whose credentials are used.
    pub access: Access,
}

/// How objects are encrypted at rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Encryption {
    /// As the bucket wants it.
    #[default]
    Bucket,
    /// `encrypt`
    Aes,
    /// `kms_key_id`
    Kms(String),
    /// `sse_customer_key`, as base64.
    Customer(String),
}

/// URLs in the place of AWS's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// S3.
    pub s3: Option<String>,
    /// DynamoDB.
    pub dynamodb: Option<String>,
    /// STS.
    pub sts: Option<String>,
}

/// Whose credentials are used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// `access_key`, `secret_key`, `token`
    pub keys: Option<(String, String, Option<String>)>,
    /// `profile`
    pub profile: Option<String>,
    /// `shared_config_files`
    pub config_files: Vec<PathBuf>,
    /// `shared_credentials_files`
    pub credentials_files: Vec<PathBuf>,
    /// `assume_role`
    pub role: Option<Role>,
    /// `assume_role_with_web_identity`
    pub web_identity: Option<(Role, Token)>,
    /// `sts_region`
    pub sts_region: Option<String>,
    /// `allowed_account_ids`; empty: any.
    pub allowed: Vec<String>,
    /// `forbidden_account_ids`
    pub forbidden: Vec<String>,
}

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Role {
    /// `role_arn`
    pub arn: String,
    /// `session_name`
    pub session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `policy`
    pub policy: Option<String>,
    /// `policy_arns`
    pub policy_arns: Vec<String>,
    /// `duration`
    pub duration: Option<Duration>,
    /// `source_identity`
    pub source_identity: Option<String>,
    /// `tags`
    pub tags: Vec<(String, String)>,
    /// `transitive_tag_keys`
    pub transitive: Vec<String>,
}

/// A web identity token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// `web_identity_token`
    Text(String),
    /// `web_identity_token_file`
    File(PathBuf),
}

/// Pairs of which only one may be set.
const ONE_OF: &[(&str, &str)] = &[
    ("kms_key_id", "sse_customer_key"),
    ("allowed_account_ids", "forbidden_account_ids"),
    ("force_path_style", "use_path_style"),
    ("shared_credentials_file", "shared_credentials_files"),
];

/// Arguments that only work through the environment here, and the variable.
const ELSEWHERE: &[(&str, &str)] = &[
    ("http_proxy", "HTTP_PROXY"),
    ("https_proxy", "HTTPS_PROXY"),
    ("no_proxy", "NO_PROXY"),
    ("custom_ca_bundle", "SSL_CERT_FILE"),
    ("ec2_metadata_service_endpoint", "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    ("ec2_metadata_service_endpoint_mode", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
];

/// Collects what is wrong.
struct Check<'a> {
    arguments: &'a Arguments,
    troubles: Vec<Trouble>,
}

impl Check<'_> {
    fn wrong(&mut self, argument: &str, summary: &'static str, detail: impl Into<String>) {
        self.troubles.push(Trouble::new(Some(argument), Diagnostic::error(summary, detail)));
    }

    /// Text that must not be blank.
    fn required(&mut self, name: &str) -> String {
        match self.arguments.get(name).and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => return text.to_string(),
            Some(_) => self.wrong(name, "Invalid Value", "The value cannot be empty or all whitespace."),
            None => {
                let d = Diagnostic::error(
                    "Missing Required Value",
                    format!("The attribute \"{name}\" is required by the backend."),
                );
                self.troubles.push(Trouble::new(None, d.help(format!(
                    "Write it into the backend block, or give it once, for this directory:\n\n  formwork init -backend-config={name}=..."
                ))));
            }
        }
        String::new()
    }

    fn slashes(&mut self, name: &str) {
        if self.arguments.text(name).is_some_and(|t| t.starts_with('/') || t.ends_with('/')) {
            self.wrong(name, "Invalid Value", "The value must not start or end with \"/\".");
        }
    }

    fn role(&mut self, name: &str) -> Option<Role> {
        let given = Object::from_value(self.arguments.get(name)?);
        let text = |n: &str| given.text(n).filter(|t| !t.is_empty()).map(str::to_string);
        let texts = |n: &str| given.strings(n).into_iter().map(str::to_string).collect::<Vec<_>>();
        let arn = text("role_arn").unwrap_or_default();
        if !arn.starts_with("arn:") || arn.split(':').count() < 6 {
            self.wrong(name, "Invalid ARN", format!("The value {arn:?} of role_arn is no ARN of a role."));
        }
        let duration = text("duration").and_then(|text| match duration(&text) {
            Some(d) if (Duration::from_secs(900)..=Duration::from_secs(43_200)).contains(&d) => Some(d),
            Some(_) => {
                let detail = format!("The duration must be between 15m and 12h; it is {text}.");
                self.wrong(name, "Invalid Duration", detail);
                None
            }
            None => {
                let detail = format!("{text:?} is no duration. Write one like \"1h\" or \"30m\".");
                self.wrong(name, "Invalid Duration", detail);
                None
            }
        });
        Some(Role {
            arn,
            session_name: text("session_name"),
            external_id: text("external_id"),
            policy: text("policy"),
            policy_arns: texts("policy_arns"),
            duration,
            source_identity: text("source_identity"),
            tags: given.string_map("tags").into_iter().map(|(k, v)| (k.into(), v.into())).collect(),
            transitive: texts("transitive_tag_keys"),
        })
    }

    fn web_identity(&mut self) -> Option<(Role, Token)> {
        const NAME: &str = "assume_role_with_web_identity";
        let role = self.role(NAME)?;
        let given = Object::from_value(self.arguments.get(NAME)?);
        let text = |n: &str| given.text(n).filter(|t| !t.is_empty()).map(str::to_string);
        match (text("web_identity_token"), text("web_identity_token_file")) {
            (Some(token), None) => Some((role, Token::Text(token))),
            (None, Some(file)) => Some((role, Token::File(file.into()))),
            _ => {
                let detail = "Exactly one of web_identity_token, web_identity_token_file must be set.";
                self.wrong(NAME, "Missing Required Value", detail);
                None
            }
        }
    }

    fn encryption(&mut self, env: &Env<'_>) -> Encryption {
        let a = self.arguments;
        let customer = a.text("sse_customer_key").map(str::to_string).or_else(|| env("AWS_SSE_CUSTOMER_KEY"));
        if let Some(key) = &customer
            && base64::engine::general_purpose::STANDARD.decode(key).ok().is_none_or(|k| k.len() != 32)
        {
            let detail =
                "sse_customer_key (or AWS_SSE_CUSTOMER_KEY) must be 32 bytes in base64, which are 44 characters.";
            self.wrong("sse_customer_key", "Invalid sse_customer_key value", detail);
        }
        let kms = a.text("kms_key_id");
        if let Some(id) = kms
            && !is_kms_key(id)
        {
            self.wrong("kms_key_id", "Invalid KMS Key ID", format!("Value must be a valid KMS Key ID, got {id:?}."));
        }
        match (a.flag("encrypt"), kms, customer) {
            (false, ..) => Encryption::Bucket,
            (true, Some(id), _) => Encryption::Kms(id.to_string()),
            (true, None, Some(key)) => Encryption::Customer(key),
            (true, None, None) => Encryption::Aes,
        }
    }

    fn attempts(&mut self, env: &Env<'_>) -> u32 {
        let given = self.arguments.get("max_retries").map(|v| v.as_i64());
        match given {
            None => env("AWS_MAX_ATTEMPTS").and_then(|n| n.parse().ok()).unwrap_or(5).max(1),
            Some(Some(n)) if (0..=100).contains(&n) => u32::try_from(n).unwrap_or(1).max(1),
            Some(_) => {
                self.wrong("max_retries", "Invalid Value", "max_retries must be a whole number from 0 to 100.");
                1
            }
        }
    }
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(arguments: &Arguments, env: &Env<'_>) -> Result<Settings, Vec<Trouble>> {
        let a = arguments;
        let mut check = Check { arguments, troubles: Vec::new() };
        for (one, other) in ONE_OF {
            if a.get(one).is_some() && a.get(other).is_some() {
                let detail = format!("Only one of {one}, {other} can be set.");
                check.wrong(other, "Invalid Attribute Combination", detail);
            }
        }
        for (name, variable) in ELSEWHERE {
            if a.text(name).is_some() {
                let detail =
                    format!("formwork takes this from the environment only: set {variable} instead of \"{name}\".");
                check.wrong(name, "Unsupported argument", detail);
            }
        }
        if a.flag("insecure") {
            check.wrong(
                "insecure",
                "Unsupported argument",
                "formwork always checks TLS certificates. Remove \"insecure\".",
            );
        }
        let bucket = check.required("bucket");
        if bucket.starts_with("arn:") {
            let detail = "Access points are not supported: bucket is the name of a bucket.";
            check.wrong("bucket", "Invalid Value", detail);
        }
        let key = check.required("key");
        check.slashes("key");
        check.slashes("workspace_key_prefix");
        if let Some(mode) = a.text("retry_mode")
            && !matches!(mode, "standard" | "adaptive")
        {
            check.wrong(
                "retry_mode",
                "Invalid Value",
                format!("The retry mode is \"standard\" or \"adaptive\", not {mode:?}."),
            );
        }
        let text = |name: &str| a.text(name).map(str::to_string);
        let texts = |name: &str| {
            let slice = a.get(name).and_then(Value::as_slice).unwrap_or_default();
            slice.iter().filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>()
        };
        let region = text("region").or_else(|| env("AWS_REGION")).or_else(|| env("AWS_DEFAULT_REGION"));
        if let Some(region) = &region
            && !a.flag("skip_region_validation")
            && !is_region(region)
        {
            check.wrong("region", "Invalid region value", format!("Invalid AWS Region: {region}."));
        }
        let endpoints = a.get("endpoints").map(Object::from_value).unwrap_or_default();
        let mut endpoint = |service: &str, former: &str, variables: &[&str]| {
            let written =
                endpoints.text(service).filter(|t| !t.is_empty()).map(str::to_string).or_else(|| text(former));
            let found = written.or_else(|| variables.iter().find_map(|v| env(v)))?;
            let found = found.trim_end_matches('/').to_string();
            if http::Uri::try_from(&*found).ok().is_none_or(|u| u.scheme().is_none() || u.host().is_none()) {
                let detail = format!(
                    "The endpoint {found:?} of {service} is no URL. Write one like \"https://{service}.example.com\"."
                );
                check.wrong("endpoints", "Invalid Value", detail);
            }
            Some(found)
        };
        let endpoints = Endpoints {
            s3: endpoint("s3", "endpoint", &["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL"]),
            dynamodb: endpoint(
                "dynamodb",
                "dynamodb_endpoint",
                &["AWS_ENDPOINT_URL_DYNAMODB", "AWS_DYNAMODB_ENDPOINT", "AWS_ENDPOINT_URL"],
            ),
            sts: endpoint("sts", "sts_endpoint", &["AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT", "AWS_ENDPOINT_URL"]),
        };
        let keys = match (text("access_key"), text("secret_key")) {
            (Some(access), Some(secret)) => Some((access, secret, text("token"))),
            (None, None) => None,
            (given, _) => {
                let (has, misses) =
                    if given.is_some() { ("access_key", "secret_key") } else { ("secret_key", "access_key") };
                check.wrong(has, "Missing Required Value", format!("{has} goes with {misses}, which is not set."));
                None
            }
        };
        let home = |path: &String| match (path.strip_prefix("~/"), env("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(path),
        };
        let mut credentials_files = texts("shared_credentials_files");
        credentials_files.extend(text("shared_credentials_file"));
        let access = Access {
            keys,
            profile: text("profile"),
            config_files: texts("shared_config_files").iter().map(home).collect(),
            credentials_files: credentials_files.iter().map(home).collect(),
            role: check.role("assume_role"),
            web_identity: check.web_identity(),
            sts_region: text("sts_region").or_else(|| env("AWS_STS_REGION")),
            allowed: texts("allowed_account_ids"),
            forbidden: texts("forbidden_account_ids"),
        };
        let yes = |variable: &str| env(variable).is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let settings = Settings {
            bucket,
            key,
            prefix: a.get("workspace_key_prefix").and_then(Value::as_str).unwrap_or("env:").to_string(),
            region,
            encryption: check.encryption(env),
            acl: text("acl"),
            lockfile: a.flag("use_lockfile"),
            table: text("dynamodb_table"),
            path_style: a.flag("use_path_style") || a.flag("force_path_style"),
            checksums: !a.flag("skip_s3_checksum"),
            attempts: check.attempts(env),
            patience: Duration::from_secs(2),
            fips: a.flag("use_fips_endpoint") || yes("AWS_USE_FIPS_ENDPOINT"),
            dualstack: a.flag("use_dualstack_endpoint") || yes("AWS_USE_DUALSTACK_ENDPOINT"),
            endpoints,
            access,
        };
        if check.troubles.is_empty() { Ok(settings) } else { Err(check.troubles) }
    }

    /// The key of a workspace's state.
    pub fn key_of(&self, workspace: &str) -> String {
        match (workspace, &*self.prefix) {
            (crate::state::workspace::DEFAULT, _) => self.key.clone(),
            (workspace, "") => format!("{workspace}/{}", self.key),
            (workspace, prefix) => format!("{prefix}/{workspace}/{}", self.key),
        }
    }

    /// What the keys of all workspaces but the default one begin with.
    pub fn listed(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// The workspace whose state has this key.
    pub fn workspace_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        let (name, rest) = key.strip_prefix(&self.listed())?.split_once('/')?;
        (rest == self.key && !name.is_empty()).then_some(name)
    }
}

/// Such as `eu-central-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    words.len() >= 2
        && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// A key's id or ARN; an alias is none.
fn is_kms_key(text: &str) -> bool {
    let id = match text.strip_prefix("arn:") {
        None => text,
        Some(rest) => {
            let parts: Vec<&str> = rest.splitn(5, ':').collect();
            match parts.as_slice() {
                [_, "kms", _, _, resource] => match resource.strip_prefix("key/") {
                    Some(id) => id,
                    None => return false,
                },
                _ => return false,
            }
        }
    };
    let hex = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_hexdigit());
    match id.strip_prefix("mrk-") {
        Some(rest) => hex(rest, 32),
        None => {
            let lengths = [8, 4, 4, 4, 12];
            let parts: Vec<&str> = id.split('-').collect();
            parts.len() == 5 && parts.iter().zip(lengths).all(|(p, n)| hex(p, n))
        }
    }
}

/// A duration as Go writes it: `1h30m`, `900s`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0u64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let unit = tail.chars().next()?;
        let factor = match unit {
            'h' => 3600,
            'm' if !tail.starts_with("ms") => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(factor)?)?;
        rest = tail.strip_prefix(unit)?;
    }
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn given(pairs: &[(&str, Value)], env: &[(&str, &str)]) -> Result<Settings, Vec<Trouble>> {
        let mut all: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, value) in [("bucket", "b"), ("key", "p/k.tfstate"), ("region", "eu-west-1")] {
            all.insert(name.into(), Value::string(value));
        }
        for (name, value) in pairs {
            match value.is_null() {
                true => all.remove(*name),
                false => all.insert((*name).into(), value.clone()),
            };
        }
        let arguments = Arguments::new("s3", &all)?;
        Settings::new(&arguments, &|name| {
            env.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string()).filter(|v| !v.is_empty())
        })
    }

    fn s(text: &str) -> Value {
        Value::string(text)
    }

    /// Each as terraform 1.11.4 refused it.
    #[test]
    fn what_terraform_refuses_is_refused() {
        let none = || Value::null(crate::value::Type::String);
        let role = |arn: &str, duration: &str| Value::object_of([("role_arn", s(arn)), ("duration", s(duration))]);
        let arn = "arn:aws:iam::123456789012:role/x";
        for (pairs, wanted) in [
            (vec![("bucket", none())], "Missing Required Value"),
            (vec![("bucket", s(""))], "Invalid Value"),
            (vec![("key", s("/k"))], "Invalid Value"),
            (vec![("key", s("k/"))], "Invalid Value"),
            (vec![("workspace_key_prefix", s("/x/"))], "Invalid Value"),
            (vec![("retry_mode", s("foo"))], "Invalid Value"),
            (vec![("kms_key_id", s("abc"))], "Invalid KMS Key ID"),
            (vec![("sse_customer_key", s("aa"))], "Invalid sse_customer_key value"),
            (vec![("region", s("nowhere-1"))], "Invalid region value"),
            (vec![("assume_role", role("x", "1h"))], "Invalid ARN"),
            (vec![("assume_role", role(arn, "99h"))], "Invalid Duration"),
            (
                vec![("use_path_style", Value::bool(true)), ("force_path_style", Value::bool(true))],
                "Invalid Attribute Combination",
            ),
            (vec![("assume_role_with_web_identity", role(arn, "1h"))], "Missing Required Value"),
            (vec![("endpoints", Value::object_of([("s3", s("nowhere"))]))], "Invalid Value"),
            (vec![("access_key", s("a"))], "Missing Required Value"),
        ] {
            let troubles = given(&pairs, &[]).unwrap_err();
            assert_eq!(troubles.iter().map(|t| t.diagnostic.summary).collect::<Vec<_>>(), [wanted], "{pairs:?}");
        }
    }

    #[test]
    fn the_environment_stands_in() {
        let none = Value::null(crate::value::Type::String);
        let settings = given(
            &[("region", none), ("endpoints", Value::object_of([("sts", s("http://sts/"))]))],
            &[
                ("AWS_DEFAULT_REGION", "us-west-2"),
                ("AWS_ENDPOINT_URL_S3", "http://s3"),
                ("AWS_STS_ENDPOINT", "http://no"),
                ("AWS_MAX_ATTEMPTS", "9"),
            ],
        )
        .unwrap();
        assert_eq!(settings.region.as_deref(), Some("us-west-2"));
        let endpoints = Endpoints { s3: Some("http://s3".into()), sts: Some("http://sts".into()), dynamodb: None };
        assert_eq!(settings.endpoints, endpoints);
        assert_eq!(settings.attempts, 9);
    }

    #[test]
    fn encryption_is_only_what_encrypt_asks_for() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let key = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=";
        let yes = || ("encrypt", Value::bool(true));
        for (pairs, wanted) in [
            (vec![("kms_key_id", s(id))], Encryption::Bucket),
            (vec![yes()], Encryption::Aes),
            (vec![yes(), ("kms_key_id", s(id))], Encryption::Kms(id.into())),
            (vec![yes(), ("sse_customer_key", s(key))], Encryption::Customer(key.into())),
        ] {
            assert_eq!(given(&pairs, &[]).unwrap().encryption, wanted);
        }
        let from_env = given(&[yes()], &[("AWS_SSE_CUSTOMER_KEY", key)]).unwrap();
        assert_eq!(from_env.encryption, Encryption::Customer(key.into()));
    }

    #[test]
    fn workspaces_have_keys_as_terraforms() {
        for (prefix, key, listed) in [
            (None, "env:/w/p/k.tfstate", "env:/"),
            (Some("x/y"), "x/y/w/p/k.tfstate", "x/y/"),
            (Some(""), "w/p/k.tfstate", ""),
        ] {
            let pairs: Vec<_> = prefix.map(|p| ("workspace_key_prefix", s(p))).into_iter().collect();
            let settings = given(&pairs, &[]).unwrap();
            assert_eq!(settings.key_of("default"), "p/k.tfstate");
            assert_eq!(settings.key_of("w"), key);
            assert_eq!(settings.listed(), listed);
            assert_eq!(settings.workspace_of(key), Some("w"));
            assert_eq!(settings.workspace_of(&format!("{key}.tflock")), None);
        }
    }

    #[test]
    fn durations_are_gos() {
        for (text, seconds) in [
            ("1h", Some(3600)),
            ("1h30m", Some(5400)),
            ("900s", Some(900)),
            ("5ms", None),
            ("x", None),
            ("", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs()), seconds, "{text}");
        }
    }
}
