//! IAM policy documents as what they mean: parsing, judging, comparing, and the text that is stored.
//!
//! Two texts are the same policy if AWS would treat them the same as far as their structure tells: white space, the order of
//! keys, statements, actions, resources, principals and condition values, `"x"` or `["x"]`, a single statement or a list of
//! one do not matter. `Version` and `Id` do. Refuses to know resource types and AWS clients.

use super::json;
use crate::value::{Object, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// AWS's default limit of a role's trust policy, in characters without white space; it can be raised to 4096.
pub const TRUST_SIZE: usize = 2048;
/// What AWS can raise the limit of a role's trust policy to.
pub const TRUST_SIZE_RAISED: usize = 4096;
/// AWS's limit of a managed policy, in characters without white space.
pub const MANAGED_SIZE: usize = 6144;
/// AWS's limit of all inline policies of a role together, in characters without white space.
pub const ROLE_INLINE_SIZE: usize = 10240;

/// A policy document, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// `Version`, or empty.
    pub version: String,
    /// `Id`, or empty.
    pub id: String,
    /// `Statement`, in order; one that stood alone is a list of one.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// `Sid`, or empty.
    pub sid: String,
    /// `Effect` as written.
    pub effect: String,
    /// `Action`
    pub actions: Vec<String>,
    /// `NotAction`
    pub not_actions: Vec<String>,
    /// `Resource`
    pub resources: Vec<String>,
    /// `NotResource`
    pub not_resources: Vec<String>,
    /// `Principal`
    pub principals: Principals,
    /// `NotPrincipal`
    pub not_principals: Principals,
    /// `Condition`: operator → key → values. `None` where there is no such member, which is not the same as an empty one.
    pub conditions: Option<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Principals {
    /// `"*"`, or another bare string.
    Everyone(String),
    /// By kind: `AWS`, `Service`, `Federated`, `CanonicalUser`. Kinds without a principal are left out.
    Of(BTreeMap<String, Vec<String>>),
}

impl Default for Principals {
    fn default() -> Principals {
        Principals::Of(BTreeMap::new())
    }
}

impl Policy {
    /// Reads a document. An empty text is an empty policy; one document in a list of one is that document.
    ///
    /// The error says in a whole sentence what is wrong.
    pub fn parse(text: &str) -> Result<Policy, String> {
        let members: Json = serde_json::from_str(bare(text)).map_err(|e| json_fault(text, &e))?;
        let Json::Object(members) = members else {
            return Err(format!("A policy document is a JSON object, not {}.", what(&members)));
        };
        Ok(Policy {
            version: text_member(&members, "Version", "the document")?,
            id: text_member(&members, "Id", "the document")?,
            statements: match member(&members, "Statement") {
                None | Some(Json::Null) => Vec::new(),
                Some(Json::Array(items)) => {
                    items.iter().enumerate().map(|(i, s)| Statement::parse(s, i)).collect::<Result<_, _>>()?
                }
                Some(one) => vec![Statement::parse(one, 0)?],
            },
        })
    }

    /// Whether both mean the same.
    pub fn same(&self, other: &Policy) -> bool {
        let matched = |ours: &[Statement], theirs: &[Statement]| {
            ours.iter().all(|statement| theirs.iter().any(|other| statement.same(other)))
        };
        self.version == other.version
            && self.id == other.id
            && self.statements.len() == other.statements.len()
            && matched(&self.statements, &other.statements)
            && matched(&other.statements, &self.statements)
    }

    /// One form for all texts that mean the same: sorted, single values as lists, account principals as ARNs of their root user
    /// where `partition` is given. For showing and hashing; not what is sent or stored.
    pub fn canonical(&self, partition: Option<&str>) -> Json {
        let mut statements: Vec<Json> = self.statements.iter().map(|s| s.canonical(partition)).collect();
        statements.sort_by_cached_key(|s| json::compact(s).unwrap_or_default());
        let mut members = Map::new();
        for (key, value) in [("Version", &self.version), ("Id", &self.id)] {
            if !value.is_empty() {
                members.insert(key.into(), Json::String(value.clone()));
            }
        }
        members.insert("Statement".into(), Json::Array(statements));
        Json::Object(members)
    }
}

impl Statement {
    fn parse(value: &Json, index: usize) -> Result<Statement, String> {
        let place = format!("statement {}", index + 1);
        let Json::Object(members) = value else {
            return Err(format!("A policy statement is a JSON object, but {place} is {}.", what(value)));
        };
        let strings = |key| match member(members, key) {
            None => Ok(Vec::new()),
            Some(value) => strings(value).ok_or_else(|| {
                format!("In {place}, `{key}` is {}; a string or a list of strings is expected.", what(value))
            }),
        };
        Ok(Statement {
            sid: text_member(members, "Sid", &place)?,
            effect: text_member(members, "Effect", &place)?,
            actions: strings("Action")?,
            not_actions: strings("NotAction")?,
            resources: strings("Resource")?,
            not_resources: strings("NotResource")?,
            principals: Principals::parse(members, "Principal", &place)?,
            not_principals: Principals::parse(members, "NotPrincipal", &place)?,
            conditions: conditions(members, &place)?,
        })
    }

    fn same(&self, other: &Statement) -> bool {
        self.sid == other.sid
            && self.effect.eq_ignore_ascii_case(&other.effect)
            && same_in_any_order(&self.actions, &other.actions)
            && same_in_any_order(&self.not_actions, &other.not_actions)
            && same_in_any_order(&self.resources, &other.resources)
            && same_in_any_order(&self.not_resources, &other.not_resources)
            && self.principals.same(&other.principals)
            && self.not_principals.same(&other.not_principals)
            && same_conditions(self.conditions.as_ref(), other.conditions.as_ref())
    }

    fn canonical(&self, partition: Option<&str>) -> Json {
        let mut members = Map::new();
        let mut put = |key: &str, value: Json| {
            members.insert(key.into(), value);
        };
        if !self.sid.is_empty() {
            put("Sid", Json::String(self.sid.clone()));
        }
        let effect = ["Allow", "Deny"].into_iter().find(|e| e.eq_ignore_ascii_case(&self.effect));
        put("Effect", Json::String(effect.unwrap_or(&self.effect).into()));
        for (key, principals) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            match principals {
                Principals::Everyone(whom) => put(key, Json::String(whom.clone())),
                Principals::Of(kinds) if kinds.is_empty() => {}
                Principals::Of(kinds) => put(
                    key,
                    kinds
                        .iter()
                        .map(|(kind, names)| {
                            (kind.clone(), sorted_list(names.iter().map(|name| root_arn(name, partition))))
                        })
                        .collect(),
                ),
            }
        }
        for (key, values) in [
            ("Action", &self.actions),
            ("NotAction", &self.not_actions),
            ("Resource", &self.resources),
            ("NotResource", &self.not_resources),
        ] {
            if !values.is_empty() {
                put(key, sorted_list(values.iter().cloned()));
            }
        }
        if let Some(conditions) = &self.conditions {
            let operators = conditions.iter().map(|(operator, keys)| {
                let keys: Map<String, Json> =
                    keys.iter().map(|(k, values)| (k.clone(), sorted_list(values.iter().cloned()))).collect();
                (operator.clone(), Json::Object(keys))
            });
            put("Condition", Json::Object(operators.collect()));
        }
        Json::Object(members)
    }
}

impl Principals {
    fn parse(members: &Map<String, Json>, key: &str, place: &str) -> Result<Principals, String> {
        let fault = |value: &Json| {
            Err(format!(
                "In {place}, `{key}` is {}; \"*\" or an object such as {{\"AWS\": \"...\"}} is expected.",
                what(value)
            ))
        };
        match member(members, key) {
            None | Some(Json::Null) => Ok(Principals::default()),
            Some(Json::String(whom)) => Ok(Principals::Everyone(whom.clone())),
            Some(Json::Object(kinds)) => {
                let mut of = BTreeMap::new();
                for (kind, names) in kinds {
                    let Some(names) = strings(names) else {
                        return Err(format!(
                            "In {place}, `{key}` of `{kind}` is {}; a string or a list of strings is expected.",
                            what(names)
                        ));
                    };
                    if !names.is_empty() {
                        of.insert(kind.clone(), names);
                    }
                }
                Ok(Principals::Of(of))
            }
            Some(other) => fault(other),
        }
    }

    fn same(&self, other: &Principals) -> bool {
        match (self, other) {
            (Principals::Everyone(a), Principals::Everyone(b)) => same_principal(a, b),
            (Principals::Of(a), Principals::Of(b)) => {
                let matched = |ours: &[String], theirs: &[String]| {
                    ours.iter().all(|name| theirs.iter().any(|other| same_principal(name, other)))
                };
                a.len() == b.len()
                    && a.iter().zip(b).all(|((kind, ours), (other, theirs))| {
                        kind == other && ours.len() == theirs.len() && matched(ours, theirs) && matched(theirs, ours)
                    })
            }
            _ => false,
        }
    }
}

/// Whether two texts are the same policy. What is no policy is the same only as a text that is the same JSON.
pub fn equivalent(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (Policy::parse(a), Policy::parse(b)) {
        (Ok(a), Ok(b)) => a.same(&b),
        _ => match (serde_json::from_str::<Json>(bare(a)), serde_json::from_str::<Json>(bare(b))) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        },
    }
}

/// For `same` of a resource type: two values of an argument that holds a policy.
pub fn same_value(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => equivalent(a, b),
        _ => a == b,
    }
}

/// How a policy's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Compact, keys sorted.
    Sorted,
    /// The same, but `"Version": "2012-10-17"` comes first: some of AWS's services parse no other.
    VersionFirst,
}

/// A policy's text as it is planned, sent and stored; what is no JSON stays as it is.
pub fn normalize(text: &str, form: Form) -> String {
    let Some(sorted) = json::normalize(text) else { return text.to_string() };
    if form == Form::Sorted {
        return sorted;
    }
    let Ok(Json::Object(mut members)) = serde_json::from_str::<Json>(&sorted) else { return sorted };
    if members.get("Version").and_then(Json::as_str) != Some("2012-10-17") {
        return sorted;
    }
    let mut first = Map::new();
    if let Some(version) = members.shift_remove("Version") {
        first.insert("Version".into(), version);
    }
    first.extend(members);
    json::compact_in_order(&Json::Object(first)).unwrap_or(sorted)
}

/// Brings the policy in an attribute into the form that is planned, sent and stored.
pub fn normalize_in(object: &mut Object, attribute: &str, form: Form) {
    if let Some(text) = object.str(attribute).map(|text| normalize(text, form)) {
        object.set(attribute, text);
    }
}

/// What the state says after a read: the text it had if that means the same as what AWS has now, else AWS's.
pub fn stored(prior: Option<&str>, live: &str, form: Form) -> String {
    let live = live.trim();
    match prior {
        _ if live.is_empty() || live == "{}" => live.to_string(),
        Some(prior) if !matches!(prior.trim(), "" | "{}") && equivalent(prior, live) => normalize(prior, form),
        _ => normalize(live, form),
    }
}

/// How many characters AWS counts: white space is free.
pub fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// For `check` of an attribute that holds an IAM policy.
pub fn check(value: &Value) -> Result<(), String> {
    value.as_str().map_or(Ok(()), check_text)
}

/// For `check` of an attribute that holds any JSON.
pub fn check_json(value: &Value) -> Result<(), String> {
    match value.as_str() {
        Some(text) if !text.is_empty() => match serde_json::from_str::<Json>(text) {
            Ok(_) => Ok(()),
            Err(e) => Err(json_fault(text, &e)),
        },
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("A policy document in JSON is expected, but the text is empty.".into());
    }
    let value: Json = serde_json::from_str(text).map_err(|e| json_fault(text, &e))?;
    match &value {
        Json::Object(_) => {}
        Json::String(inner) => {
            let hint = if inner.ends_with(".json") {
                " It looks like the name of a file: pass its content, with `file(...)`."
            } else if serde_json::from_str::<Json>(inner).is_ok() {
                " It holds JSON once more: it went through `jsonencode` twice."
            } else {
                ""
            };
            return Err(format!("A policy document is a JSON object, not a JSON string.{hint}"));
        }
        other => return Err(format!("A policy document is a JSON object, not {}.", what(other))),
    }
    Policy::parse(text).map(|_| ())
}

/// A sentence about JSON that does not parse, with the place and the line.
pub(super) fn json_fault(text: &str, error: &serde_json::Error) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("").trim();
    let said = error.to_string();
    let why = said.split(" at line ").next().unwrap_or(&said);
    let shown: String = line.chars().take(60).collect();
    let more = if shown.len() < line.len() { "..." } else { "" };
    match (shown.is_empty(), error.line()) {
        (true, _) => format!("Valid JSON is expected: {why}."),
        (_, line) => {
            format!("Valid JSON is expected: {why}, at line {line}, column {}: `{shown}{more}`.", error.column())
        }
    }
}

/// Without the list around a document that stands alone in one; `{}` for nothing.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).map_or(text, str::trim);
    if inner.is_empty() { "{}" } else { inner }
}

/// A member by its name in any case.
fn member<'a>(members: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    members.get(name).or_else(|| members.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn text_member(members: &Map<String, Json>, name: &str, place: &str) -> Result<String, String> {
    match member(members, name) {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(s)) => Ok(s.clone()),
        Some(other) => Err(format!("In {place}, `{name}` is {}; a string is expected.", what(other))),
    }
}

/// One or several strings; booleans and numbers count as their text. `None` for anything else.
fn strings(value: &Json) -> Option<Vec<String>> {
    fn one(value: &Json) -> Option<String> {
        match value {
            Json::String(s) => Some(s.clone()),
            Json::Bool(b) => Some(b.to_string()),
            Json::Number(n) => n.as_f64().map(|f| format!("{f}")),
            _ => None,
        }
    }
    match value {
        Json::Null => Some(Vec::new()),
        Json::Array(items) => items.iter().map(one).collect(),
        value => one(value).map(|s| vec![s]),
    }
}

type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn conditions(members: &Map<String, Json>, place: &str) -> Result<Option<Conditions>, String> {
    let operators = match member(members, "Condition") {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Object(operators)) => operators,
        Some(other) => {
            return Err(format!("In {place}, `Condition` is {}; an object of operators is expected.", what(other)));
        }
    };
    let mut out = Conditions::new();
    for (operator, keys) in operators {
        let Json::Object(keys) = keys else {
            let what = what(keys);
            return Err(format!("In {place}, the condition `{operator}` is {what}; an object of keys is expected."));
        };
        let mut of = BTreeMap::new();
        for (key, values) in keys {
            let Some(values) = strings(values) else {
                return Err(format!(
                    "In {place}, the condition `{operator}` of `{key}` is {}; a string or a list of strings is expected.",
                    what(values)
                ));
            };
            of.insert(key.clone(), values);
        }
        out.insert(operator.clone(), of);
    }
    Ok(Some(out))
}

fn same_conditions(a: Option<&Conditions>, b: Option<&Conditions>) -> bool {
    let set = |values: &[String]| values.iter().cloned().collect::<BTreeSet<String>>();
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((operator, ours), (other, theirs))| {
                    operator == other
                        && ours.len() == theirs.len()
                        && ours.iter().zip(theirs).all(|((key, ours), (other, theirs))| {
                            key == other && ours.len() == theirs.len() && set(ours) == set(theirs)
                        })
                })
        }
        _ => false,
    }
}

fn same_in_any_order(a: &[String], b: &[String]) -> bool {
    let sorted = |values: &[String]| {
        let mut values = values.to_vec();
        values.sort();
        values
    };
    a.len() == b.len() && (a == b || sorted(a) == sorted(b))
}

/// An account is the same as its root user: AWS writes the one as the other.
fn same_principal(a: &str, b: &str) -> bool {
    let is_root_of = |arn: &str, account: &str| is_account(account) && root_account(arn) == Some(account);
    a == b || is_root_of(a, b) || is_root_of(b, a)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The account of `arn:PARTITION:iam:REGION:ACCOUNT:root`.
fn root_account(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    (prefix == "arn" && service == "iam" && resource == "root").then_some(account)
}

fn root_arn(name: &str, partition: Option<&str>) -> String {
    match partition {
        Some(partition) if is_account(name) => format!("arn:{partition}:iam::{name}:root"),
        _ => name.to_string(),
    }
}

fn sorted_list(values: impl Iterator<Item = String>) -> Json {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.into_iter().map(Json::String).collect()
}

/// What a JSON value is, for a sentence.
pub(super) fn what(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one statement that most comparisons are about, with `members` put into it.
    fn with(members: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#)
    }

    #[test]
    fn same_and_different() {
        let same = true;
        for (a, b, want) in [
            (r#""Action":"a""#, r#""Action":["a"]"#, same),
            (r#""Action":["a","b"]"#, r#" "Action" : [ "b" , "a" ] "#, same),
            (r#""Action":["a","b"]"#, r#""Action":["a"]"#, !same),
            (r#""Action":["a","a"]"#, r#""Action":["a"]"#, !same),
            (r#""Action":"S3:Get*""#, r#""Action":"s3:Get*""#, !same),
            (r#""Action":"a","Resource":"*""#, r#""Resource":["*"],"Action":"a""#, same),
            (r#""Action":"a","NotResource":"*""#, r#""Action":"a","Resource":"*""#, !same),
            (r#""Action":"a""#, r#""Action":"a","Sid":"""#, same),
            (r#""Action":"a""#, r#""Action":"a","Sid":"x""#, !same),
            (r#""Action":"a""#, r#""action":"a""#, same),
            (r#""Action":"a""#, r#""Action":"a","Foo":"x""#, same),
            (r#""Action":"a""#, r#""Action":"a","NotAction":[]"#, same),
            (r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, !same),
            (r#""Principal":"*""#, r#""Action":[]"#, !same),
            (r#""Principal":{"AWS":["*"]}"#, r#""Principal":{"AWS":"*"}"#, same),
            (r#""Principal":{"AWS":[]}"#, r#""Action":[]"#, same),
            (r#""Principal":{"AWS":"111122223333"}"#, r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#, same),
            (
                r#""Principal":{"AWS":"111122223333"}"#,
                r#""Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"}"#,
                same,
            ),
            (r#""Principal":{"AWS":"111122223333"}"#, r#""Principal":{"AWS":"arn:aws:iam::111122223334:root"}"#, !same),
            (
                r#""Principal":{"AWS":"111122223333"}"#,
                r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/a"}"#,
                !same,
            ),
            (
                r#""Principal":{"AWS":["a","b"],"Service":"s"}"#,
                r#""Principal":{"Service":["s"],"AWS":["b","a"]}"#,
                same,
            ),
            (r#""Principal":{"AWS":"a"}"#, r#""NotPrincipal":{"AWS":"a"}"#, !same),
            (r#""Condition":{"B":{"k":"true"}}"#, r#""Condition":{"B":{"k":[true]}}"#, same),
            (r#""Condition":{"B":{"k":"3600"}}"#, r#""Condition":{"B":{"k":3600.0}}"#, same),
            (r#""Condition":{"B":{"k":["a","b"]}}"#, r#""Condition":{"B":{"k":["b","a"]}}"#, same),
            (r#""Condition":{"B":{"k":"a"}}"#, r#""Condition":{"B":{"k":"A"}}"#, !same),
            (r#""Condition":{"B":{"k":"a"}}"#, r#""Condition":{"B":{"k":"a","l":"b"}}"#, !same),
            (r#""Condition":{}"#, r#""Action":[]"#, !same),
        ] {
            assert_eq!(equivalent(&with(a), &with(b)), want, "{a} {b}");
            assert_eq!(equivalent(&with(b), &with(a)), want, "{b} {a}");
            assert!(equivalent(&with(a), &with(a)));
        }
    }

    #[test]
    fn documents() {
        let same = true;
        for (a, b, want) in [
            (r#"{"Statement":{"Effect":"Allow"}}"#, r#"{"Statement":[{"Effect":"Allow"}]}"#, same),
            (r#"{"Statement":{"Effect":"Allow"}}"#, r#"{"Statement":[{"Effect":"allow"}]}"#, same),
            (r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}]}"#, r#"{"Statement":[{"Sid":"b"},{"Sid":"a"}]}"#, same),
            (r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}]}"#, r#"{"Statement":[{"Sid":"a"},{"Sid":"a"}]}"#, !same),
            (r#"{"Statement":[{"Sid":"a"}]}"#, r#"[{"Statement":[{"Sid":"a"}]}]"#, same),
            (r#"{"Version":"2012-10-17"}"#, r#"{"Version":"2008-10-17"}"#, !same),
            (r#"{"Version":"2012-10-17"}"#, "{}", !same),
            (r#"{"Id":"a"}"#, r#"{"Id":"b"}"#, !same),
            ("", " {} ", same),
            ("[]", "", same),
            ("{", "{", same),
            ("{", "{ ", !same),
            (r#"{"Version":1}"#, r#"{ "Version": 1 }"#, same),
            (r#"{"Version":1}"#, r#"{"Version":2}"#, !same),
        ] {
            assert_eq!(equivalent(a, b), want, "{a} {b}");
            assert_eq!(equivalent(b, a), want, "{b} {a}");
        }
    }

    #[test]
    fn the_form_that_is_stored() {
        let text = r#"{ "Statement": [{"Effect": "Allow", "Action": "a"}], "Id": "i", "Version": "2012-10-17" }"#;
        let sorted = r#"{"Id":"i","Statement":[{"Action":"a","Effect":"Allow"}],"Version":"2012-10-17"}"#;
        let first = r#"{"Version":"2012-10-17","Id":"i","Statement":[{"Action":"a","Effect":"Allow"}]}"#;
        assert_eq!(normalize(text, Form::Sorted), sorted);
        assert_eq!(normalize(text, Form::VersionFirst), first);
        assert_eq!(
            normalize(r#"{"Version":"2008-10-17","Id":"i"}"#, Form::VersionFirst),
            r#"{"Id":"i","Version":"2008-10-17"}"#
        );
        assert_eq!(normalize("{no", Form::VersionFirst), "{no");
        assert_eq!(normalize("", Form::VersionFirst), "");

        let list = r#"{"Version":"2012-10-17","Id":"i","Statement":{"Action":["a"],"Effect":"Allow"}}"#;
        assert_eq!(stored(Some(list), text, Form::VersionFirst), list);
        assert_eq!(stored(None, text, Form::VersionFirst), first);
        assert_eq!(stored(Some(""), text, Form::Sorted), sorted);
        assert_eq!(stored(Some(r#"{"Id":"j"}"#), text, Form::Sorted), sorted);
        assert_eq!(stored(Some(text), "", Form::Sorted), "");
        assert_eq!(stored(Some(text), " {} ", Form::Sorted), "{}");
    }

    #[test]
    fn one_canonical_form() {
        let texts = [
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"b","Effect":"Deny","NotAction":"z","Resource":"*"},
                {"Effect":"Allow","Action":["b","a"],"Principal":{"AWS":"111122223333"},"Condition":{"X":{"k":["2","1"]}}}]}"#,
            r#"{"Statement":[{"Effect":"allow","Action":["a","b"],"Principal":{"AWS":["arn:aws:iam::111122223333:root"]},
                "Condition":{"X":{"k":["1","2"]}}},{"Resource":["*"],"NotAction":["z"],"Sid":"b","Effect":"Deny"}],"Version":"2012-10-17"}"#,
        ];
        let [a, b] = texts.map(|t| json::compact_in_order(&Policy::parse(t).unwrap().canonical(Some("aws"))).unwrap());
        assert_eq!(a, b);
        assert_eq!(
            a,
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"#,
                r#""Action":["a","b"],"Condition":{"X":{"k":["1","2"]}}},{"Sid":"b","Effect":"Deny","NotAction":["z"],"Resource":["*"]}]}"#
            )
        );
    }

    #[test]
    fn helpful_errors() {
        for (text, want) in [
            (r#"{"Statement":[]}"#, ""),
            ("\n  { }\n", ""),
            ("", "A policy document in JSON is expected, but the text is empty."),
            ("{not json", "Valid JSON is expected: key must be a string, at line 1, column 2: `{not json`."),
            ("{]", "Valid JSON is expected: key must be a string, at line 1, column 2: `{]`."),
            ("{\n  \"a\": 1,\n}", "Valid JSON is expected: trailing comma, at line 3, column 1: `}`."),
            ("[]", "A policy document is a JSON object, not a list."),
            (
                r#""policy.json""#,
                "A policy document is a JSON object, not a JSON string. It looks like the name of a file: pass its content, with `file(...)`.",
            ),
            (
                r#""{\"Version\":\"2012-10-17\"}""#,
                "A policy document is a JSON object, not a JSON string. It holds JSON once more: it went through `jsonencode` twice.",
            ),
            (r#"{"Statement":["x"]}"#, "A policy statement is a JSON object, but statement 1 is a string."),
            (
                r#"{"Statement":[{},{"Action":{}}]}"#,
                "In statement 2, `Action` is an object; a string or a list of strings is expected.",
            ),
            (
                r#"{"Statement":{"Principal":["*"]}}"#,
                "In statement 1, `Principal` is a list; \"*\" or an object such as {\"AWS\": \"...\"} is expected.",
            ),
            (
                r#"{"Statement":{"Condition":{"Bool":"x"}}}"#,
                "In statement 1, the condition `Bool` is a string; an object of keys is expected.",
            ),
            (r#"{"Version":2012}"#, "In the document, `Version` is a number; a string is expected."),
        ] {
            assert_eq!(check(&Value::string(text)).err().unwrap_or_default(), want, "{text}");
        }
    }

    #[test]
    fn white_space_is_free() {
        assert_eq!(size("{ \"a\":\n\t\"b c\" }"), 10);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = "[".repeat(100_000);
        assert!(!equivalent(&deep, "{}"));
        assert!(check(&Value::string(deep)).is_err());
    }
}
