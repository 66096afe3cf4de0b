//! Items of DynamoDB as JSON text, each value in an object that names its type: `{"id": {"S": "a"}}`.
//!
//! Refuses to know tables and calls.

use super::json;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// The attributes of an item.
pub type Item = HashMap<String, AttributeValue>;

/// DynamoDB lets lists and maps lie in each other this deep.
const DEEPEST: usize = 32;

/// Reads an item, or a key. The error is a whole sentence with the part that is wrong.
pub fn parse(text: &str) -> Result<Item, String> {
    let value: Json = serde_json::from_str(text).map_err(|e| format!("Expected JSON: {e}."))?;
    let Json::Object(members) = value else {
        return Err("Expected a JSON object with an attribute for each member.".into());
    };
    members.iter().map(|(name, value)| Ok((name.clone(), attribute(value, name, DEEPEST)?))).collect()
}

fn attribute(value: &Json, at: &str, deep: usize) -> Result<AttributeValue, String> {
    let Some(deep) = deep.checked_sub(1) else {
        return Err(format!("Attribute \"{at}\": DynamoDB allows {DEEPEST} levels, there are more."));
    };
    let member = value.as_object().filter(|m| m.len() == 1).and_then(|m| m.iter().next());
    let Some((ty, value)) = member else {
        return Err(format!(
            "Attribute \"{at}\": Expected an object with the value under its type, such as {{\"S\": \"text\"}} or {{\"N\": \"1\"}}, got {value}."
        ));
    };
    let wrong = |what: &str| format!("Attribute \"{at}\": Expected {what} for type {ty}, got {value}.");
    let text = |value: &Json| value.as_str().map(str::to_string);
    let number = |value: &Json| text(value).filter(|n| Decimal::parse(n).is_some());
    let bytes = |value: &Json| value.as_str().and_then(|s| BASE64.decode(s).ok()).map(Blob::new);
    let all = |what: &str| value.as_array().filter(|a| !a.is_empty()).ok_or_else(|| wrong(what));
    Ok(match ty.as_str() {
        "S" => AttributeValue::S(text(value).ok_or_else(|| wrong("a string"))?),
        "N" => AttributeValue::N(number(value).ok_or_else(|| wrong("a number in quotation marks"))?),
        "B" => AttributeValue::B(bytes(value).ok_or_else(|| wrong("a string in base64"))?),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or_else(|| wrong("true or false"))?),
        "NULL" => AttributeValue::Null(value.as_bool().ok_or_else(|| wrong("true"))?),
        "SS" => {
            let what = "a list of strings that is not empty";
            AttributeValue::Ss(all(what)?.iter().map(text).collect::<Option<_>>().ok_or_else(|| wrong(what))?)
        }
        "NS" => {
            let what = "a list of numbers in quotation marks that is not empty";
            AttributeValue::Ns(all(what)?.iter().map(number).collect::<Option<_>>().ok_or_else(|| wrong(what))?)
        }
        "BS" => {
            let what = "a list of strings in base64 that is not empty";
            AttributeValue::Bs(all(what)?.iter().map(bytes).collect::<Option<_>>().ok_or_else(|| wrong(what))?)
        }
        "L" => {
            let elements = value.as_array().ok_or_else(|| wrong("a list"))?.iter().enumerate();
            let elements = elements.map(|(i, v)| attribute(v, &format!("{at}[{i}]"), deep));
            AttributeValue::L(elements.collect::<Result<_, _>>()?)
        }
        "M" => {
            let members = value.as_object().ok_or_else(|| wrong("an object"))?.iter();
            let members = members.map(|(k, v)| Ok((k.clone(), attribute(v, &format!("{at}.{k}"), deep)?)));
            AttributeValue::M(members.collect::<Result<_, String>>()?)
        }
        _ => {
            return Err(format!(
                "Attribute \"{at}\": Expected a type of DynamoDB (S, N, B, BOOL, NULL, SS, NS, BS, L or M), got \"{ty}\"."
            ));
        }
    })
}

/// An item as text: compact, sorted by name.
pub fn print(item: &Item) -> String {
    let members: Map<String, Json> = item.iter().map(|(name, value)| (name.clone(), as_json(value))).collect();
    json::compact(&Json::Object(members)).unwrap_or_default()
}

fn as_json(value: &AttributeValue) -> Json {
    match value {
        AttributeValue::S(s) => json!({"S": s}),
        AttributeValue::N(n) => json!({"N": n}),
        AttributeValue::B(b) => json!({"B": BASE64.encode(b)}),
        AttributeValue::Bool(b) => json!({"BOOL": b}),
        AttributeValue::Null(n) => json!({"NULL": n}),
        AttributeValue::Ss(all) => json!({"SS": all}),
        AttributeValue::Ns(all) => json!({"NS": all}),
        AttributeValue::Bs(all) => json!({"BS": all.iter().map(|b| BASE64.encode(b)).collect::<Vec<_>>()}),
        AttributeValue::L(all) => json!({"L": all.iter().map(as_json).collect::<Vec<_>>()}),
        AttributeValue::M(all) => {
            let members: Map<String, Json> = all.iter().map(|(k, v)| (k.clone(), as_json(v))).collect();
            json!({"M": members})
        }
        // The SDK may know types that we do not.
        _ => Json::Null,
    }
}

/// Whether two texts are the same JSON.
pub fn same_text(a: &str, b: &str) -> bool {
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(a), Ok(b)) => json::sorted(a) == json::sorted(b),
        _ => a == b,
    }
}

/// Whether DynamoDB keeps both as the same: it writes numbers its own way and gives sets in any order.
pub fn same(a: &Item, b: &Item) -> bool {
    a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_value(a, b)))
}

/// The same for one attribute.
pub fn same_value(a: &AttributeValue, b: &AttributeValue) -> bool {
    let number = |n: &str| Decimal::parse(n);
    match (a, b) {
        (AttributeValue::N(a), AttributeValue::N(b)) => number(a) == number(b),
        (AttributeValue::Ns(a), AttributeValue::Ns(b)) => {
            let all = |ns: &[String]| ns.iter().map(|n| number(n)).collect::<BTreeSet<_>>();
            all(a) == all(b)
        }
        (AttributeValue::Ss(a), AttributeValue::Ss(b)) => {
            a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
        }
        (AttributeValue::Bs(a), AttributeValue::Bs(b)) => {
            let all = |bs: &[Blob]| bs.iter().map(|b| b.as_ref().to_vec()).collect::<BTreeSet<_>>();
            all(a) == all(b)
        }
        (AttributeValue::L(a), AttributeValue::L(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (AttributeValue::M(a), AttributeValue::M(b)) => same(a, b),
        _ => a == b,
    }
}

/// The value of a key attribute as ids have it: the text or number itself, bytes in base64. `None` for what can be no key.
pub fn key_text(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::S(s) | AttributeValue::N(s) => Some(s.clone()),
        AttributeValue::B(b) => Some(BASE64.encode(b)),
        _ => None,
    }
}

/// The value of a key attribute of this type (`S`, `N` or `B`) from the text that an id has.
pub fn key_value(ty: &str, text: &str) -> Option<AttributeValue> {
    attribute(&json!({ty: text}), "", 1).ok()
}

/// A number told by what it is worth, whatever way it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for 0.
    digits: String,
    /// Where the last of the digits stands: 0 for ones, -1 for tenths.
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{part}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        let exponent = i64::from(exponent) - i64::try_from(part.len()).ok()? + zeros;
        let digits = significant.trim_start_matches('0').to_string();
        Some(match digits.is_empty() {
            true => Decimal { negative: false, digits, exponent: 0 },
            false => Decimal { negative, digits, exponent },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_and_written() {
        let text = r#"{"z":{"M":{"l":{"L":[{"NULL":true},{"BOOL":false},{"BS":["aGVsbG8="]}]}}},"id":{"S":"<a>"},"n":{"NS":["1","2.50"]}}"#;
        let item = parse(text).unwrap();
        assert_eq!(
            print(&item),
            r#"{"id":{"S":"\u003ca\u003e"},"n":{"NS":["1","2.50"]},"z":{"M":{"l":{"L":[{"NULL":true},{"BOOL":false},{"BS":["aGVsbG8="]}]}}}}"#
        );
        assert!(same(&item, &parse(&print(&item)).unwrap()));
    }

    #[test]
    fn what_is_no_item_says_where() {
        let deep = format!("{{\"a\":{}{{\"S\":\"x\"}}{}}}", "{\"L\":[".repeat(40), "]}".repeat(40));
        for (text, part) in [
            ("[]", "Expected a JSON object"),
            ("{", "Expected JSON"),
            (r#"{"a":"x"}"#, "Attribute \"a\": Expected an object with the value under its type"),
            (r#"{"a":{}}"#, "Attribute \"a\""),
            (r#"{"a":{"S":"x","N":"1"}}"#, "Attribute \"a\""),
            (r#"{"a":{"Q":"x"}}"#, "got \"Q\""),
            (r#"{"a":{"N":1}}"#, "a number in quotation marks"),
            (r#"{"a":{"N":"1x"}}"#, "a number in quotation marks"),
            (r#"{"a":{"B":"*"}}"#, "base64"),
            (r#"{"a":{"SS":[]}}"#, "not empty"),
            (r#"{"a":{"M":{"b":{"L":[{"S":1}]}}}}"#, "Attribute \"a.b[0]\""),
            (&deep, "32 levels"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn numbers_and_sets_are_told_by_worth() {
        for (a, b, wanted) in [
            ("1", "1.0", true),
            ("100", "1e2", true),
            ("-0", "0", true),
            ("0.50", ".5", true),
            ("1E-3", "0.001", true),
            ("10", "1", false),
            ("-1", "1", false),
        ] {
            assert_eq!(Decimal::parse(a) == Decimal::parse(b), wanted, "{a} {b}");
        }
        for text in ["", "-", ".", "e1", "1e", "1e99999999999", "é", "0x1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        let same_of = |a: &str, b: &str| same(&parse(a).unwrap(), &parse(b).unwrap());
        assert!(same_of(r#"{"a":{"SS":["x","y"]}}"#, r#"{"a":{"SS":["y","x"]}}"#));
        assert!(!same_of(r#"{"a":{"L":[{"N":"1"},{"N":"2"}]}}"#, r#"{"a":{"L":[{"N":"2"},{"N":"1"}]}}"#));
        assert!(same_text(r#"{"a":{"N":"1"},"b":{"S":"x"}}"#, r#" {"b":{"S":"x"}, "a":{"N":"1"}}"#));
        assert!(!same_text(r#"{"a":{"N":"1"}}"#, r#"{"a":{"N":"1.0"}}"#));
    }
}
