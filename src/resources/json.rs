//! JSON text the way the AWS provider writes it: what stands in a state is compared byte for byte with it.
//!
//! Keys sorted, no white space, `<`, `>` and `&` escaped, numbers as 64 bit floats. Refuses to know what a text is about.

use crate::value::json::write_string;
use serde_json::Value;
use std::collections::BTreeMap;

/// A text parsed and written anew: compact, keys sorted. `""` stays. `None` if it is no JSON.
pub fn normalize(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let value: Value = serde_json::from_str(text).ok()?;
    let mut out = String::with_capacity(text.len());
    write_value(&mut out, &value)?;
    Some(out)
}

/// A value as text, compact, keys sorted. `None` for a number that no 64 bit float holds.
pub fn compact(value: &Value) -> Option<String> {
    let mut out = String::new();
    write_value(&mut out, value)?;
    Some(out)
}

/// Like [`compact`], but objects keep the order of their keys, and with each member on a line of its own,
/// two blanks a level; what `aws_iam_policy_document` gives.
pub fn indented(value: &Value) -> Option<String> {
    let mut out = String::new();
    write_indented(&mut out, value, 0)?;
    Some(out)
}

/// Like [`compact`], but objects keep the order of their keys.
pub fn compact_in_order(value: &Value) -> Option<String> {
    let mut out = String::new();
    write_in_order(&mut out, value)?;
    Some(out)
}

/// A number as the shortest decimal that reads back as the same 64 bit float; very large and very small ones with an exponent.
/// `None` if it is too large for one.
pub fn float_text(number: &serde_json::Number) -> Option<String> {
    let f = number.as_f64().filter(|f| f.is_finite())?;
    let size = f.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{f:e}");
        return Some(match text.split_once('e') {
            Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent:0>2}"),
            _ => text,
        });
    }
    Some(format!("{f}"))
}

fn write_scalar(out: &mut String, value: &Value) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&float_text(n)?),
        Value::String(s) => write_string(out, s),
        Value::Array(_) | Value::Object(_) => return None,
    }
    Some(())
}

fn write_value(out: &mut String, value: &Value) -> Option<()> {
    match value {
        Value::Array(items) => write_all(out, ('[', ']'), items, write_value),
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            write_all(out, ('{', '}'), sorted, |out, (key, item)| {
                write_string(out, key);
                out.push(':');
                write_value(out, item)
            })
        }
        scalar => write_scalar(out, scalar),
    }
}

fn write_in_order(out: &mut String, value: &Value) -> Option<()> {
    match value {
        Value::Array(items) => write_all(out, ('[', ']'), items, write_in_order),
        Value::Object(members) => write_all(out, ('{', '}'), members, |out, (key, item)| {
            write_string(out, key);
            out.push(':');
            write_in_order(out, item)
        }),
        scalar => write_scalar(out, scalar),
    }
}

fn write_all<T>(
    out: &mut String,
    brackets: (char, char),
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> Option<()>,
) -> Option<()> {
    out.push(brackets.0);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, item)?;
    }
    out.push(brackets.1);
    Some(())
}

fn write_indented(out: &mut String, value: &Value, level: usize) -> Option<()> {
    fn line(out: &mut String, level: usize) {
        out.push('\n');
        (0..level).for_each(|_| out.push_str("  "));
    }
    match value {
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                out.push(if i == 0 { '[' } else { ',' });
                line(out, level + 1);
                write_indented(out, item, level + 1)?;
            }
            line(out, level);
            out.push(']');
        }
        Value::Object(members) => {
            for (i, (key, item)) in members.iter().enumerate() {
                out.push(if i == 0 { '{' } else { ',' });
                line(out, level + 1);
                write_string(out, key);
                out.push_str(": ");
                write_indented(out, item, level + 1)?;
            }
            line(out, level);
            out.push('}');
        }
        scalar => write_scalar(out, scalar)?,
    }
    Some(())
}

/// The same value with sorted keys at every level.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(members) => {
            let by_key: BTreeMap<String, Value> = members.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(by_key.into_iter().collect())
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_as_the_provider_does() {
        for (text, want) in [
            ("", Some("")),
            (" { \"b\" : [1, 2.50 ,true,null ] ,\n\"a\":{} } ", Some(r#"{"a":{},"b":[1,2.5,true,null]}"#)),
            (r#"{"a":"<&>\u00e9\u2028\/\u0007\b\f"}"#, Some(r#"{"a":"\u003c\u0026\u003eé\u2028/\u0007\b\f"}"#)),
            (r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
            ("[1.0, 1e3, 1e21, 1e20, 0.000001, 1.5e-7, -0, 123456789012345678901]", {
                Some("[1,1000,1e+21,100000000000000000000,0.000001,1.5e-7,-0,123456789012345680000]")
            }),
            ("[1e400]", None),
            ("{", None),
            ("{} {}", None),
            ("\u{feff}{}", None),
        ] {
            assert_eq!(normalize(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn indents_in_the_order_of_keys() {
        let value: Value = serde_json::from_str(r#"{"b":[],"a":{"y":{},"x":[1,{"k":"v"}]}}"#).unwrap();
        let want = "{\n  \"b\": [],\n  \"a\": {\n    \"y\": {},\n    \"x\": [\n      1,\n      {\n        \"k\": \"v\"\n      }\n    ]\n  }\n}";
        assert_eq!(indented(&value).as_deref(), Some(want));
        assert_eq!(compact_in_order(&value).as_deref(), Some(r#"{"b":[],"a":{"y":{},"x":[1,{"k":"v"}]}}"#));
        assert_eq!(compact(&value).as_deref(), Some(r#"{"a":{"x":[1,{"k":"v"}],"y":{}},"b":[]}"#));
    }
}
