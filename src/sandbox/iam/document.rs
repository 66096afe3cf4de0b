//! The grammar of policy documents, refused in IAM's words.
//!
//! Refuses to know what actions exist and what permissions mean.

use crate::sandbox::fault::Fault;
use serde_json::{Map, Value};

/// The condition operators, without `IfExists` and without a set prefix.
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

const STATEMENT: &[&str] =
    &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"];

/// What IAM resources may begin with.
const IAM_PATHS: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// The members of a document or a statement.
type Members = Map<String, Value>;

fn malformed(text: impl Into<String>) -> Fault {
    Fault::new("MalformedPolicyDocument", text)
}

fn syntax() -> Fault {
    malformed("Syntax errors in policy.")
}

/// A text or a list of texts, as a list. `None`: something else.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(s) => Some(vec![s]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn operator_known(name: &str) -> bool {
    let name = name.strip_prefix("ForAnyValue:").or_else(|| name.strip_prefix("ForAllValues:")).unwrap_or(name);
    OPERATORS.contains(&name.strip_suffix("IfExists").unwrap_or(name))
}

/// The statements of a document whose outer shape is right.
fn statements(document: &str) -> Option<(Members, Vec<Members>)> {
    let Ok(Value::Object(top)) = serde_json::from_str(document) else { return None };
    if top.keys().any(|k| !matches!(k.as_str(), "Version" | "Id" | "Statement")) || duplicate_keys(document) {
        return None;
    }
    let found = match top.get("Statement")? {
        Value::Object(one) => vec![one.clone()],
        Value::Array(items) => items.iter().map(|s| s.as_object().cloned()).collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    (!found.is_empty()).then_some((top, found))
}

/// Whether the top level names a member twice, which serde would quietly accept.
fn duplicate_keys(document: &str) -> bool {
    struct Keys(bool);
    impl<'de> serde::de::Visitor<'de> for Keys {
        type Value = bool;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<bool, A::Error> {
            let mut seen = std::collections::HashSet::new();
            while let Some(key) = map.next_key::<String>()? {
                self.0 |= !seen.insert(key);
                map.next_value::<serde::de::IgnoredAny>()?;
            }
            Ok(self.0)
        }
    }
    use serde::Deserializer as _;
    let mut reader = serde_json::Deserializer::from_str(document);
    reader.deserialize_map(Keys(false)).unwrap_or(false)
}

/// What identity and trust policies have in common.
fn common(top: &Map<String, Value>, found: &[Map<String, Value>]) -> Result<(), Fault> {
    if top.get("Version").is_some_and(|v| !matches!(v.as_str(), Some("2012-10-17" | "2008-10-17"))) {
        return Err(malformed("The policy must contain a valid version string"));
    }
    if top.get("Id").is_some_and(|id| !id.is_string()) {
        return Err(syntax());
    }
    let mut sids: Vec<&str> = Vec::new();
    for statement in found {
        if statement.keys().any(|k| !STATEMENT.contains(&k.as_str())) {
            return Err(syntax());
        }
        let both = |a: &str, b: &str| statement.contains_key(a) && statement.contains_key(b);
        if both("Action", "NotAction") || both("Resource", "NotResource") || both("Principal", "NotPrincipal") {
            return Err(syntax());
        }
        if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
            return Err(syntax());
        }
        for key in ["Action", "NotAction", "Resource", "NotResource"] {
            if statement.get(key).is_some_and(|v| texts(v).is_none()) {
                return Err(syntax());
            }
        }
        if let Some(sid) = statement.get("Sid") {
            let sid = sid.as_str().ok_or_else(syntax)?;
            if !sid.is_empty() && sids.contains(&sid) {
                return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
            }
            sids.push(sid);
        }
        condition(statement.get("Condition"))?;
    }
    Ok(())
}

fn condition(value: Option<&Value>) -> Result<(), Fault> {
    let Some(value) = value else { return Ok(()) };
    for (operator, keys) in value.as_object().ok_or_else(syntax)? {
        let keys = keys.as_object().ok_or_else(syntax)?;
        if !operator_known(operator) && !keys.is_empty() {
            return Err(malformed(format!("Invalid Condition type : {operator}")));
        }
        let plain = |v: &Value| v.is_string() || v.is_boolean() || v.is_number();
        for value in keys.values() {
            let fine = match value {
                Value::Array(items) => items.iter().all(plain),
                one => plain(one),
            };
            if !fine {
                return Err(syntax());
            }
        }
    }
    Ok(())
}

fn actions(statement: &Map<String, Value>) -> Option<Vec<&str>> {
    statement.get("Action").or_else(|| statement.get("NotAction")).and_then(texts)
}

fn judge_action(action: &str) -> Result<(), Fault> {
    if action == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = action.split(':').collect();
    match parts.as_slice() {
        [vendor, _] => {
            let fine = *vendor == "*" || vendor.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
            if fine { Ok(()) } else { Err(malformed(format!("Vendor {vendor} is not valid"))) }
        }
        [_] => Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")),
        _ => Err(malformed("Actions/Condition can contain only one colon.")),
    }
}

fn judge_resource(resource: &str) -> Result<(), Fault> {
    // Policy variables stand for something that is not known here.
    if resource == "*" || resource.starts_with("${") {
        return Ok(());
    }
    let Some(rest) = resource.strip_prefix("arn:") else {
        return Err(malformed(format!("Resource {resource} must be in ARN format or \"*\".")));
    };
    let mut parts = rest.splitn(5, ':');
    let partition = parts.next().unwrap_or("");
    let known = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"];
    let (service, region, account, path) = (parts.next(), parts.next(), parts.next(), parts.next());
    if !known.contains(&partition) && !partition.contains(['*', '?', '$']) {
        let or_star = |p: Option<&str>| p.unwrap_or("*").to_owned();
        let (a, b, c, d) = (or_star(service), or_star(region), or_star(account), or_star(path));
        let text = format!("Partition \"{partition}\" is not valid for resource \"arn:{partition}:{a}:{b}:{c}:{d}\".");
        return Err(malformed(text));
    }
    let Some(service) = service else {
        return Err(malformed("Resource vendor must be fully qualified and cannot contain regexes."));
    };
    if service.is_empty() || path.is_none() && !resource.contains('*') {
        return Err(malformed("The policy failed legacy parsing"));
    }
    if service == "iam" {
        if region.is_some_and(|r| !r.is_empty() && r != "*") {
            return Err(malformed(format!("IAM resource {resource} cannot contain region information.")));
        }
        let path = path.unwrap_or("*");
        // A wildcard or a variable in the first step may stand for any of them.
        let first = path.split('/').next().unwrap_or("");
        let open = first.contains(['*', '?', '$']) || path == "root";
        if !open && !IAM_PATHS.iter().any(|p| path.starts_with(p)) {
            let all = IAM_PATHS.join(", ");
            return Err(malformed(format!("IAM resource path must either be \"*\" or start with {all}.")));
        }
    }
    Ok(())
}

/// Judges an identity policy: inline, managed or boundary.
pub(super) fn identity(document: &str) -> Result<(), Fault> {
    let (top, found) = statements(document).ok_or_else(syntax)?;
    common(&top, &found)?;
    for statement in &found {
        if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        let listed = actions(statement).filter(|a| !a.is_empty());
        let listed = listed.ok_or_else(|| malformed("Policy statement must contain actions."))?;
        let resources = statement.get("Resource").or_else(|| statement.get("NotResource")).and_then(texts);
        let resources = resources.filter(|r| !r.is_empty());
        let resources = resources.ok_or_else(|| malformed("Policy statement must contain resources."))?;
        resources.into_iter().try_for_each(judge_resource)?;
        listed.into_iter().try_for_each(judge_action)?;
    }
    Ok(())
}

/// Judges a trust policy. `exists` says whether a principal's ARN names something that is there (or cannot be told).
pub(super) fn trust(document: &str, exists: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
    if serde_json::from_str::<Value>(document).is_err() {
        return Err(malformed("This policy contains invalid Json"));
    }
    let (top, found) = statements(document).ok_or_else(syntax)?;
    common(&top, &found)?;
    for statement in &found {
        if statement.contains_key("Resource") || statement.contains_key("NotResource") {
            return Err(malformed("Has prohibited field Resource"));
        }
        let listed = actions(statement).filter(|a| !a.is_empty());
        let listed = listed.ok_or_else(|| malformed("Missing required field Action"))?;
        if listed.iter().any(|a| *a != "*" && !a.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("sts:"))) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        let principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
        let principal = principal.ok_or_else(|| malformed("Missing required field Principal"))?;
        judge_principal(principal, exists)?;
    }
    Ok(())
}

fn judge_principal(principal: &Value, exists: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
    let kinds = match principal {
        Value::String(s) if s == "*" => return Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        _ => return Err(syntax()),
    };
    for (kind, who) in kinds {
        let who = texts(who).ok_or_else(syntax)?;
        if who.is_empty() {
            return Err(malformed("Missing required field Principal cannot be empty!"));
        }
        for one in who {
            let fine = match kind.as_str() {
                "AWS" => {
                    let account = |a: &str| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit());
                    let arn = one.starts_with("arn:") && one.split(':').nth(4).is_some_and(account);
                    one == "*" || account(one) || arn && exists(one) || unique_id(one)
                }
                "Service" => one.contains('.') && !one.contains([' ', '/', '*']),
                "Federated" => !one.is_empty(),
                "CanonicalUser" => !one.is_empty(),
                _ => return Err(syntax()),
            };
            if !fine {
                let kind = kind.to_uppercase();
                return Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{one}\"")));
            }
        }
    }
    Ok(())
}

/// What IAM shows in place of a principal that has been deleted: `AROA...`, `AIDA...`.
fn unique_id(text: &str) -> bool {
    (16..=128).contains(&text.len()) && (text.starts_with("AROA") || text.starts_with("AIDA"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_policies() {
        let table = [
            (r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#, ""),
            (
                r#"{"Statement":{"Effect":"Deny","NotAction":["s3:*","ec2:Describe*"],"NotResource":["arn:aws:s3:::b/*"]}}"#,
                "",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"a":["b"]}}}}"#,
                "",
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:*:iam::*:role/*"}}"#, ""),
            (r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}}"#, ""),
            ("", "Syntax errors in policy."),
            ("[]", "Syntax errors in policy."),
            ("{}", "Syntax errors in policy."),
            (r#"{"Statement":[]}"#, "Syntax errors in policy."),
            (r#"{"Statement":[],"Statement":[]}"#, "Syntax errors in policy."),
            (r#"{"Foo":1,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, "Syntax errors in policy."),
            (r#"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#, "Syntax errors in policy."),
            (r#"{"Statement":{"Action":"*","Resource":"*"}}"#, "Syntax errors in policy."),
            (r#"{"Statement":{"Effect":"Allow","Action":1,"Resource":"*"}}"#, "Syntax errors in policy."),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}"#,
                "Syntax errors in policy.",
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","X":1}}"#, "Syntax errors in policy."),
            (
                r#"{"Version":"2012","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
                "The policy must contain a valid version string",
            ),
            (r#"{"Statement":{"Effect":"Allow","Resource":"*"}}"#, "Policy statement must contain actions."),
            (
                r#"{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#,
                "Policy statement must contain actions.",
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#, "Policy statement must contain resources."),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#,
                "Policy document should not specify a principal.",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"GetItem","Resource":"*"}}"#,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"a:b:c","Resource":"*"}}"#,
                "Actions/Condition can contain only one colon.",
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"a_b:c","Resource":"*"}}"#, "Vendor a_b is not valid"),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"table"}}"#,
                "Resource table must be in ARN format or \"*\".",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:foo:s3:::b"}}"#,
                "Partition \"foo\" is not valid for resource \"arn:foo:s3:::b\".",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam:us-east-1::role/x"}}"#,
                "IAM resource arn:aws:iam:us-east-1::role/x cannot contain region information.",
            ),
            (
                r#"{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                "Statement IDs (SID) in a single policy must be unique.",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqual":{"a":"b"}}}}"#,
                "Invalid Condition type : StringEqual",
            ),
        ];
        for (document, wanted) in table {
            let got = identity(document).err().map(|f| f.message).unwrap_or_default();
            assert_eq!(got, wanted, "{document}");
        }
    }

    #[test]
    fn trust_policies() {
        let table = [
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}}"#,
                "",
            ),
            (r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"]}}"#, ""),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["123456789012","*"]},"Action":"sts:AssumeRole"}}"#,
                "",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/there"},"Action":"sts:AssumeRole"}}"#,
                "",
            ),
            ("{", "This policy contains invalid Json"),
            ("[]", "Syntax errors in policy."),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}"#,
                "Has prohibited field Resource",
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}"#, "Missing required field Principal"),
            (r#"{"Statement":{"Effect":"Allow","Principal":"*"}}"#, "Missing required field Action"),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:Get*"}}"#,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"states"},"Action":"sts:AssumeRole"}}"#,
                "Invalid principal in policy: \"SERVICE\":\"states\"",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/gone"},"Action":"sts:AssumeRole"}}"#,
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/gone\"",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"Who":"x"},"Action":"sts:AssumeRole"}}"#,
                "Syntax errors in policy.",
            ),
        ];
        for (document, wanted) in table {
            let got = trust(document, &|arn| !arn.ends_with("gone")).err().map(|f| f.message).unwrap_or_default();
            assert_eq!(got, wanted, "{document}");
        }
    }
}
