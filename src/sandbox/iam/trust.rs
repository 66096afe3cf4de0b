//! Whether a trust policy lets a service or an account assume the role.
//!
//! Refuses to know grammar (that is `document`) and permissions: only principals, actions and the external id are looked at.

use serde_json::Value;

fn statements(document: &str) -> Vec<Value> {
    let parsed: Value = serde_json::from_str(document).unwrap_or(Value::Null);
    match parsed.get("Statement") {
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// The texts of a member that is one text or a list of them.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(s)) => vec![s],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_assume_role(statement: &Value) -> bool {
    texts(statement.get("Action"))
        .iter()
        .any(|a| a.eq_ignore_ascii_case("sts:AssumeRole") || matches!(*a, "sts:*" | "*"))
}

/// Allow unless one statement allows and none denies.
fn decide(document: &str, matches: impl Fn(&Value) -> bool) -> bool {
    let statements = statements(document);
    let relevant: Vec<&Value> = statements.iter().filter(|s| is_assume_role(s) && matches(s)).collect();
    let effect = |s: &Value, wanted: &str| s.get("Effect").and_then(Value::as_str) == Some(wanted);
    relevant.iter().any(|s| effect(s, "Allow"))
        && !relevant.iter().any(|s| effect(s, "Deny") && s.get("Condition").is_none())
}

/// Whether a service, such as `states.amazonaws.com`, may assume it in `region`.
pub(in crate::sandbox) fn allows_service(document: &str, service: &str, region: &str) -> bool {
    let name = service.split('.').next().unwrap_or(service);
    decide(document, |s| {
        let Some(principal) = s.get("Principal") else { return false };
        let fits = |p: &str| {
            p == "*"
                || p == service
                || p.strip_prefix(name).is_some_and(|r| r == format!(".{region}.amazonaws.com"))
                || p == format!("{service}.cn")
        };
        principal.as_str() == Some("*") || texts(principal.get("Service")).into_iter().any(fits)
    })
}

/// Whether somebody of an account may assume it, with this external id.
pub(in crate::sandbox) fn allows_account(document: &str, account: &str, external: Option<&str>) -> bool {
    decide(document, |s| {
        let Some(principal) = s.get("Principal") else { return false };
        let fits = |p: &str| p == "*" || p == account || p.split(':').nth(4) == Some(account);
        let known = principal.as_str() == Some("*") || texts(principal.get("AWS")).into_iter().any(fits);
        known && external_fits(s, external)
    })
}

fn external_fits(statement: &Value, external: Option<&str>) -> bool {
    let condition = statement.get("Condition").and_then(|c| c.get("StringEquals")).and_then(Value::as_object);
    let wanted = condition.and_then(|c| c.iter().find(|(k, _)| k.eq_ignore_ascii_case("sts:ExternalId")));
    wanted.is_none_or(|(_, value)| external.is_some_and(|e| texts(Some(value)).contains(&e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services() {
        let document = |effect: &str, principal: &str, action: &str| {
            format!(r#"{{"Statement":{{"Effect":"{effect}","Principal":{principal},"Action":{action}}}}}"#)
        };
        let table = [
            ("Allow", r#"{"Service":"states.amazonaws.com"}"#, r#""sts:AssumeRole""#, true),
            (
                "Allow",
                r#"{"Service":["x.amazonaws.com","states.eu-west-1.amazonaws.com"]}"#,
                r#"["sts:AssumeRole"]"#,
                true,
            ),
            ("Allow", r#"{"Service":"states.us-east-1.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
            ("Allow", r#"{"Service":"lambda.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
            ("Allow", r#"{"AWS":"states.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
            ("Allow", r#""*""#, r#""sts:*""#, true),
            ("Allow", r#"{"Service":"states.amazonaws.com"}"#, r#""sts:TagSession""#, false),
            ("Deny", r#"{"Service":"states.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
        ];
        for (effect, principal, action, wanted) in table {
            let text = document(effect, principal, action);
            assert_eq!(allows_service(&text, "states.amazonaws.com", "eu-west-1"), wanted, "{text}");
        }
        assert!(!allows_service("not json", "states.amazonaws.com", "eu-west-1"));
    }

    #[test]
    fn accounts() {
        let text = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},
            "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":["a","b"]}}}]}"#;
        let table = [
            ("111111111111", Some("a"), true),
            ("111111111111", Some("c"), false),
            ("111111111111", None, false),
            ("222222222222", Some("a"), false),
        ];
        for (account, external, wanted) in table {
            assert_eq!(allows_account(text, account, external), wanted, "{account} {external:?}");
        }
    }
}
