//! The rule of a Choice state as people say it: `$.count >= 3 and $.kind == "big"`.
//!
//! Refuses to know states and transitions.

use crate::value::{Kind, Value};

/// How deep rules are followed into each other.
const MAX_DEPTH: usize = 12;

/// The rule in words; `Next` is no part of it.
pub fn text(rule: &Value) -> String {
    one(rule, 0)
}

fn one(rule: &Value, depth: usize) -> String {
    let Some(fields) = rule.as_fields() else { return literal(rule) };
    if depth > MAX_DEPTH {
        return "...".into();
    }
    if let Some(condition) = fields.get("Condition") {
        return match condition.as_str() {
            Some(text) => expression(text).trim().to_string(),
            None => literal(condition),
        };
    }
    let joined = |key: &str, word: &str| -> Option<String> {
        let parts = fields.get(key)?.as_slice()?;
        let several = parts.len() > 1;
        let part = |p: &Value| match several && is_compound(p) {
            true => format!("({})", one(p, depth + 1)),
            false => one(p, depth + 1),
        };
        Some(parts.iter().map(part).collect::<Vec<_>>().join(word))
    };
    if let Some(text) = joined("And", " and ").or_else(|| joined("Or", " or ")) {
        return text;
    }
    if let Some(inner) = fields.get("Not") {
        return format!("not ({})", one(inner, depth + 1));
    }
    let variable =
        fields.get("Variable").map_or_else(|| "?".into(), |v| v.as_str().map_or_else(|| literal(v), String::from));
    for (name, value) in fields {
        if let Some(words) = comparison(name, value) {
            return format!("{variable} {words}");
        }
    }
    variable
}

fn is_compound(rule: &Value) -> bool {
    rule.as_fields().is_some_and(|f| f.contains_key("And") || f.contains_key("Or"))
}

/// `NumericGreaterThanEquals: 3` as `>= 3`.
fn comparison(name: &str, value: &Value) -> Option<String> {
    if let Some(what) = name.strip_prefix("Is") {
        let what = match what {
            "Present" => "present",
            "Null" => "null",
            "String" => "a string",
            "Numeric" => "a number",
            "Boolean" => "a boolean",
            "Timestamp" => "a timestamp",
            _ => return None,
        };
        return Some(format!("is {}{what}", if value.as_bool() == Some(false) { "not " } else { "" }));
    }
    let rest = ["String", "Numeric", "Boolean", "Timestamp"].iter().find_map(|ty| name.strip_prefix(ty))?;
    let (operator, is_path) = match rest.strip_suffix("Path") {
        Some(operator) => (operator, true),
        None => (rest, false),
    };
    let sign = match operator {
        "Equals" => "==",
        "LessThan" => "<",
        "LessThanEquals" => "<=",
        "GreaterThan" => ">",
        "GreaterThanEquals" => ">=",
        "Matches" => "matches",
        _ => return None,
    };
    let value = if is_path { value.as_str().map_or_else(|| literal(value), String::from) } else { literal(value) };
    Some(format!("{sign} {value}"))
}

fn literal(value: &Value) -> String {
    match value.kind() {
        Kind::String(s) => format!("\"{s}\""),
        Kind::Number(n) => n.to_string(),
        Kind::Bool(b) => b.to_string(),
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => "(known after apply)".into(),
        _ => "...".into(),
    }
}

/// What stands between `{%` and `%}`; the text itself where there is no such thing.
pub fn expression(text: &str) -> &str {
    text.trim().strip_prefix("{%").and_then(|t| t.strip_suffix("%}")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::from_json;

    #[test]
    fn rules_in_words() {
        for (rule, want) in [
            (r#"{"Variable":"$.a","StringEquals":"x","Next":"N"}"#, "$.a == \"x\""),
            (r#"{"Variable":"$.a","NumericGreaterThanEquals":3}"#, "$.a >= 3"),
            (r#"{"Variable":"$.a","NumericLessThanPath":"$.b"}"#, "$.a < $.b"),
            (r#"{"Variable":"$.a","IsPresent":true}"#, "$.a is present"),
            (r#"{"Variable":"$.a","IsNull":false}"#, "$.a is not null"),
            (r#"{"Variable":"$.a","StringMatches":"log-*"}"#, "$.a matches \"log-*\""),
            (r#"{"Not":{"Variable":"$.a","BooleanEquals":true}}"#, "not ($.a == true)"),
            (
                r#"{"And":[{"Variable":"$.a","IsPresent":true},{"Or":[{"Variable":"$.b","BooleanEquals":true},{"Variable":"$.c","IsNumeric":true}]}]}"#,
                "$.a is present and ($.b == true or $.c is a number)",
            ),
            (r#"{"Condition":"{% $n > 3 %}","Next":"N"}"#, "$n > 3"),
            (r#"{"Condition":true}"#, "true"),
            (r#"{"Next":"N"}"#, "?"),
            ("3", "3"),
        ] {
            assert_eq!(text(&from_json(&serde_json::from_str(rule).unwrap())), want, "{rule}");
        }
    }
}
