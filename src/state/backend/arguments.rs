//! The arguments of the backends "local" and "s3" as data: names, types, what became of them; and their hash.
//!
//! The form in which `.terraform/terraform.tfstate` remembers them, and the hash that tells whether a block has changed since,
//! are Terraform's own, so that its `init` and ours believe each other. Refuses to know what an argument does.

use crate::diag::{Diagnostic, nearest};
use crate::value::{Fields, Kind, Type, Value, convert, json, quote};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A set of strings.
    Texts,
    /// A map of strings.
    Tags,
    /// An object of these.
    Object(&'static [Argument]),
}

/// One argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// It must be given (inside of an object).
    pub required: bool,
    /// What Terraform wants instead of it by now.
    pub instead: Option<&'static str>,
}

const fn argument(name: &'static str, shape: Shape) -> Argument {
    Argument { name, shape, required: false, instead: None }
}

const fn text(name: &'static str) -> Argument {
    argument(name, Shape::Text)
}

const fn flag(name: &'static str) -> Argument {
    argument(name, Shape::Flag)
}

const fn former(name: &'static str, shape: Shape, instead: &'static str) -> Argument {
    Argument { instead: Some(instead), ..argument(name, shape) }
}

const LOCAL: &[Argument] = &[text("path"), text("workspace_dir")];

const S3: &[Argument] = &[
    text("access_key"),
    text("acl"),
    argument("allowed_account_ids", Shape::Texts),
    argument(
        "assume_role",
        Shape::Object(&[
            text("duration"),
            text("external_id"),
            text("policy"),
            argument("policy_arns", Shape::Texts),
            Argument { required: true, ..text("role_arn") },
            text("session_name"),
            text("source_identity"),
            argument("tags", Shape::Tags),
            argument("transitive_tag_keys", Shape::Texts),
        ]),
    ),
    argument(
        "assume_role_with_web_identity",
        Shape::Object(&[
            text("duration"),
            text("policy"),
            argument("policy_arns", Shape::Texts),
            text("role_arn"),
            text("session_name"),
            text("web_identity_token"),
            text("web_identity_token_file"),
        ]),
    ),
    text("bucket"),
    text("custom_ca_bundle"),
    former("dynamodb_endpoint", Shape::Text, "endpoints.dynamodb"),
    former("dynamodb_table", Shape::Text, "use_lockfile"),
    text("ec2_metadata_service_endpoint"),
    text("ec2_metadata_service_endpoint_mode"),
    flag("encrypt"),
    former("endpoint", Shape::Text, "endpoints.s3"),
    argument("endpoints", Shape::Object(&[text("dynamodb"), text("iam"), text("s3"), text("sso"), text("sts")])),
    argument("forbidden_account_ids", Shape::Texts),
    former("force_path_style", Shape::Flag, "use_path_style"),
    text("http_proxy"),
    text("https_proxy"),
    former("iam_endpoint", Shape::Text, "endpoints.iam"),
    flag("insecure"),
    text("key"),
    text("kms_key_id"),
    argument("max_retries", Shape::Number),
    text("no_proxy"),
    text("profile"),
    text("region"),
    text("retry_mode"),
    text("secret_key"),
    argument("shared_config_files", Shape::Texts),
    former("shared_credentials_file", Shape::Text, "shared_credentials_files"),
    argument("shared_credentials_files", Shape::Texts),
    flag("skip_credentials_validation"),
    flag("skip_metadata_api_check"),
    flag("skip_region_validation"),
    flag("skip_requesting_account_id"),
    flag("skip_s3_checksum"),
    text("sse_customer_key"),
    former("sts_endpoint", Shape::Text, "endpoints.sts"),
    text("sts_region"),
    text("token"),
    flag("use_dualstack_endpoint"),
    flag("use_fips_endpoint"),
    flag("use_lockfile"),
    flag("use_path_style"),
    text("workspace_key_prefix"),
];

/// The backends that there are.
pub const KINDS: [&str; 2] = ["local", "s3"];

/// The arguments of a backend, sorted by name.
pub fn of(kind: &str) -> Option<&'static [Argument]> {
    match kind {
        "local" => Some(LOCAL),
        "s3" => Some(S3),
        _ => None,
    }
}

/// Something wrong with an argument, if with one.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The argument's name; `None`: with the block.
    pub argument: Option<String>,
    /// What.
    pub diagnostic: Diagnostic,
}

impl Trouble {
    pub(in crate::state) fn new(argument: Option<&str>, diagnostic: Diagnostic) -> Trouble {
        Trouble { argument: argument.map(str::to_string), diagnostic }
    }
}

/// All arguments of a backend, converted to their types; what was not given is null.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments {
    kind: &'static str,
    values: Arc<Fields>,
}

impl Arguments {
    /// What a block or a `config` object says.
    ///
    /// # Errors
    /// Every argument that there is not, or of another type.
    pub fn new(kind: &str, given: &BTreeMap<Arc<str>, Value>) -> Result<Arguments, Vec<Trouble>> {
        let Some((kind, known)) = KINDS.into_iter().find(|k| *k == kind).zip(of(kind)) else {
            return Err(vec![Trouble::new(None, unsupported(kind))]);
        };
        let mut troubles = Vec::new();
        for name in given.keys().filter(|n| !known.iter().any(|a| a.name == &***n)) {
            let d = Diagnostic::error(
                "Unsupported argument",
                format!("An argument named \"{name}\" is not expected here: the backend \"{kind}\" has none."),
            );
            let d = match nearest(name, known.iter().map(|a| a.name)) {
                Some(near) => d.help(format!("Did you mean \"{near}\"?")),
                None => d,
            };
            troubles.push(Trouble::new(Some(name), d));
        }
        let mut values = Fields::new();
        for argument in known {
            let value = given.get(argument.name).map_or_else(|| Value::null(Type::Any), Clone::clone).unmark_deep().0;
            match conform(argument, &value) {
                Ok(value) => {
                    values.insert(argument.name.into(), value);
                }
                Err(why) => {
                    let detail = format!("Inappropriate value for attribute \"{}\": {why}.", argument.name);
                    let d = Diagnostic::error("Incorrect attribute value type", detail);
                    troubles.push(Trouble::new(Some(argument.name), d));
                }
            }
        }
        if troubles.is_empty() { Ok(Arguments { kind, values: Arc::new(values) }) } else { Err(troubles) }
    }

    /// As [`Arguments::to_json`] gave it. What does not fit any more is left out: it was another version's.
    pub fn from_json(kind: &str, config: &Map<String, Json>) -> Option<Arguments> {
        let known = of(kind)?;
        let given = known.iter().filter_map(|a| {
            let json = config.get(a.name)?;
            let value = json::from_json(json, &json::implied_type(json)).ok()?;
            conform(a, &value).is_ok().then(|| (Arc::from(a.name), value))
        });
        Arguments::new(kind, &given.collect()).ok()
    }

    /// `local` or `s3`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The value of an argument, unless it is null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|v| !v.is_null())
    }

    /// The same for text that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|t| !t.is_empty())
    }

    /// The same for what is true or false.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Those of `more` in the place of our own, where it has any: `-backend-config`.
    pub fn overridden_by(&self, more: &Arguments) -> Arguments {
        let own = self.values.iter().map(|(name, value)| {
            let value = more.get(name).unwrap_or(value);
            (name.clone(), value.clone())
        });
        Arguments { kind: self.kind, values: Arc::new(own.collect()) }
    }

    /// As Terraform's note has them: every name, null where nothing was said.
    pub fn to_json(&self) -> Map<String, Json> {
        self.values.iter().map(|(name, value)| (name.to_string(), json::to_json(value))).collect()
    }

    /// Terraform's hash of a backend block.
    pub fn hash(&self) -> u32 {
        let both = Value::tuple(vec![Value::string(self.kind), Value::object((*self.values).clone())]);
        let mut text = String::new();
        append(&both, &mut text);
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        crc.sum()
    }
}

/// What to say of a backend that there is not.
pub fn unsupported(kind: &str) -> Diagnostic {
    let d = Diagnostic::error(
        "Unsupported backend type",
        format!("The state cannot be kept in a backend \"{kind}\": formwork knows \"local\" and \"s3\"."),
    );
    match kind {
        "remote" | "cloud" | "azurerm" | "gcs" | "http" | "consul" | "kubernetes" | "pg" | "oss" | "cos" => {
            d.help(
                "To move the state into a bucket, let Terraform write it into a local file, and formwork take it from there:\n\n  \
                 terraform state pull > terraform.tfstate\n\nthen write a backend \"s3\" { ... } block in place of this one, remove \
                 .terraform/terraform.tfstate, and run:\n\n  formwork init",
            )
        }
        _ => match nearest(kind, KINDS) {
            Some(near) => d.help(format!("Did you mean \"{near}\"?")),
            None => d,
        },
    }
}

/// A value as the argument wants it; the error is the reason, as a phrase.
fn conform(argument: &Argument, value: &Value) -> Result<Value, String> {
    let Shape::Object(attributes) = argument.shape else {
        return convert(value, &ty(argument.shape)).map_err(|e| e.to_string());
    };
    if value.is_null() {
        return Ok(Value::null(ty(argument.shape)));
    }
    let Some(given) = value.as_fields() else { return Err("object required".into()) };
    let mut fields = Fields::new();
    for attribute in attributes {
        let value = match given.get(attribute.name) {
            Some(value) => conform(attribute, value).map_err(|e| format!("attribute \"{}\": {e}", attribute.name))?,
            None if attribute.required => return Err(format!("attribute \"{}\" is required", attribute.name)),
            None => Value::null(ty(attribute.shape)),
        };
        fields.insert(attribute.name.into(), value);
    }
    Ok(Value::object(fields))
}

fn ty(shape: Shape) -> Type {
    match shape {
        Shape::Text => Type::String,
        Shape::Flag => Type::Bool,
        Shape::Number => Type::Number,
        Shape::Texts => Type::set(Type::String),
        Shape::Tags => Type::map(Type::String),
        Shape::Object(attributes) => {
            Type::object(attributes.iter().map(|a| (Arc::from(a.name), ty(a.shape))).collect())
        }
    }
}

/// The text that is hashed: values by their places, without names.
fn append(value: &Value, out: &mut String) {
    let all = |open: char, close: char, values: &mut dyn Iterator<Item = &Value>, out: &mut String| {
        out.push(open);
        for value in values {
            append(value, out);
            out.push(';');
        }
        out.push(close);
    };
    match value.kind() {
        Kind::Null(_) => out.push('~'),
        Kind::Unknown(..) => out.push('?'),
        Kind::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => quote::go(s, out),
        Kind::List(_, values) | Kind::Set(_, values) => all('[', ']', &mut values.iter(), out),
        Kind::Tuple(values) => all('<', '>', &mut values.iter(), out),
        Kind::Object(fields) => all('<', '>', &mut fields.values(), out),
        Kind::Map(_, fields) => {
            out.push('{');
            for (name, value) in fields.iter() {
                quote::go(name, out);
                out.push(':');
                append(value, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, Value)]) -> BTreeMap<Arc<str>, Value> {
        pairs.iter().map(|(n, v)| (Arc::from(*n), v.clone())).collect()
    }

    /// The hashes are those that terraform 1.11.4 wrote for the same blocks.
    #[test]
    fn hashes_are_terraforms() {
        let s = |t: &str| Value::string(t);
        let yes = Value::bool(true);
        let endpoints = |url: &str| Value::object_of([("s3", s(url)), ("dynamodb", s(url))]);
        let cases = [
            (
                "s3",
                vec![
                    ("bucket", s("tfstate")),
                    ("key", s("a/terraform.tfstate")),
                    ("region", s("us-east-1")),
                    ("encrypt", yes.clone()),
                    ("use_lockfile", yes.clone()),
                    ("dynamodb_table", s("locks")),
                    ("use_path_style", yes.clone()),
                    ("access_key", s("test")),
                    ("secret_key", s("test")),
                    ("skip_credentials_validation", s("true")),
                    ("skip_requesting_account_id", yes.clone()),
                    ("skip_metadata_api_check", yes.clone()),
                    ("endpoints", endpoints("http://127.0.0.1:7371")),
                ],
                2_182_614_640,
            ),
            (
                "s3",
                vec![
                    ("skip_credentials_validation", yes.clone()),
                    ("skip_requesting_account_id", yes.clone()),
                    ("use_path_style", yes),
                    ("endpoints", endpoints("http://127.0.0.1:7370")),
                ],
                3_445_105_888,
            ),
            ("local", vec![("path", s("x/y.tfstate"))], 1_293_398_979),
            ("local", vec![("path", s("z.tfstate"))], 218_712_783),
        ];
        for (kind, pairs, hash) in cases {
            let arguments = Arguments::new(kind, &given(&pairs)).unwrap();
            assert_eq!(arguments.hash(), hash, "{pairs:?}");
            let again = Arguments::from_json(kind, &arguments.to_json()).unwrap();
            assert_eq!(again, arguments);
            assert_eq!(again.hash(), hash);
        }
    }

    #[test]
    fn tables_are_sorted_as_terraform_writes_them() {
        fn check(arguments: &[Argument]) {
            assert!(arguments.windows(2).all(|w| w[0].name < w[1].name), "{arguments:?}");
            for argument in arguments {
                if let Shape::Object(inner) = argument.shape {
                    check(inner);
                }
            }
        }
        KINDS.iter().for_each(|k| check(of(k).unwrap()));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let wrong = |kind: &str, pairs: &[(&str, Value)]| -> String {
            let troubles = Arguments::new(kind, &given(pairs)).unwrap_err();
            let one = |t: &Trouble| format!("{}: {}", t.argument.as_deref().unwrap_or("-"), t.diagnostic.detail);
            troubles.iter().map(one).collect::<Vec<_>>().join("\n")
        };
        let role = |fields: &[(&str, Value)]| Value::object_of(fields.iter().map(|(n, v)| (*n, v.clone())));
        for (kind, pairs, wanted) in [
            ("s3", vec![("buckt", Value::string("b"))], "buckt: An argument named \"buckt\" is not expected here"),
            (
                "s3",
                vec![("encrypt", Value::string("x"))],
                "encrypt: Inappropriate value for attribute \"encrypt\": a bool is required.",
            ),
            (
                "s3",
                vec![("max_retries", Value::string("y"))],
                "max_retries: Inappropriate value for attribute \"max_retries\": a number is required.",
            ),
            (
                "s3",
                vec![("assume_role", role(&[]))],
                "assume_role: Inappropriate value for attribute \"assume_role\": attribute \"role_arn\" is required.",
            ),
            (
                "s3",
                vec![("endpoints", Value::string("u"))],
                "endpoints: Inappropriate value for attribute \"endpoints\": object required.",
            ),
            ("gcs", vec![], "-: The state cannot be kept in a backend \"gcs\""),
        ] {
            let said = wrong(kind, &pairs);
            assert!(said.starts_with(wanted), "{said}");
        }
    }

    #[test]
    fn what_the_command_line_says_goes_first() {
        let block =
            Arguments::new("s3", &given(&[("bucket", Value::string("b")), ("key", Value::string("k"))])).unwrap();
        let more = Arguments::new("s3", &given(&[("key", Value::string("other"))])).unwrap();
        let merged = block.overridden_by(&more);
        assert_eq!((merged.text("bucket"), merged.text("key")), (Some("b"), Some("other")));
    }
}
