//! The order of the elements of a set.
//!
//! Strings, numbers and bools have theirs; anything compound is ordered by a text made of it, as Terraform does it, for the
//! order shows in plans and in the state.

use super::{Kind, Type, Value, quote};
use std::cmp::Ordering;

/// Sorts the elements and drops doubles. The elements carry no marks.
pub(super) fn arrange(element: &Type, mut elements: Vec<Value>) -> Vec<Value> {
    if element.is_primitive() {
        elements.sort_by(|a, b| last(a).cmp(&last(b)).then_with(|| a.cmp(b)));
    } else {
        let mut keyed: Vec<(u8, String, Value)> = elements
            .into_iter()
            .map(|v| {
                let mut text = String::new();
                key(&v, &mut text);
                (last(&v), text, v)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)).then_with(|| by_value(&a.2, &b.2)));
        elements = keyed.into_iter().map(|(_, _, v)| v).collect();
    }
    elements.dedup_by(|a, b| a == b && a.is_wholly_known());
    elements
}

/// Known values come first, then holes, then null.
fn last(v: &Value) -> u8 {
    match v.kind() {
        Kind::Null(_) => 2,
        Kind::Unknown(..) => 1,
        _ => 0,
    }
}

/// Puts what has the same text side by side where it is equal, and leaves it in order where it is not known to be.
fn by_value(a: &Value, b: &Value) -> Ordering {
    if a.is_wholly_known() && b.is_wholly_known() { a.cmp(b) } else { Ordering::Equal }
}

fn key(v: &Value, text: &mut String) {
    let (open, close) = match v.kind() {
        Kind::Null(_) => return text.push('~'),
        Kind::Unknown(..) => return text.push('?'),
        Kind::Bool(b) => return text.push(if *b { 'T' } else { 'F' }),
        Kind::Number(n) => return text.push_str(&n.general()),
        Kind::String(s) => return quote::go(s, text),
        Kind::Map(_, fields) => {
            text.push('{');
            for (name, v) in fields.iter() {
                quote::go(name, text);
                text.push(':');
                key(v, text);
                text.push(';');
            }
            return text.push('}');
        }
        Kind::Object(fields) => {
            text.push('<');
            for v in fields.values() {
                key(v, text);
                text.push(';');
            }
            return text.push('>');
        }
        Kind::List(..) | Kind::Set(..) => ('[', ']'),
        Kind::Tuple(_) => ('<', '>'),
    };
    text.push(open);
    for v in v.as_slice().unwrap_or_default() {
        key(v, text);
        text.push(';');
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;
    use serde_json::json as j;

    /// The orders are Terraform's.
    #[test]
    fn order() {
        let table = [
            (j!("string"), j!(["a", "A", "é", "e", null, "a"]), j!(["A", "a", "e", "é", null])),
            (j!("number"), j!([10, 9, 1.5, 9]), j!([1.5, 9, 10])),
            (j!("bool"), j!([true, false]), j!([false, true])),
            (
                j!(["object", {"a": "number"}]),
                j!([{"a": 2}, {"a": 10}, {"a": null}, {"a": 1.23456789012}, {"a": 2}]),
                j!([{"a": 1.23456789012}, {"a": 10}, {"a": 2}, {"a": null}]),
            ),
            (
                j!(["object", {"a": "string"}]),
                j!([{"a": "b"}, {"a": "B"}, {"a": "é"}, {"a": "\n"}]),
                j!([{"a": "B"}, {"a": "\n"}, {"a": "b"}, {"a": "é"}]),
            ),
            (j!(["list", "number"]), j!([[2], [10], []]), j!([[10], [2], []])),
        ];
        for (ty, elements, sorted) in table {
            let ty = Type::set(json::type_from_json(&ty).unwrap());
            assert_eq!(json::to_json(&json::from_json(&elements, &ty).unwrap()), sorted);
        }
    }

    #[test]
    fn holes_are_never_the_same() {
        let hole = || Value::unknown(Type::String);
        let set = Value::set(Type::String, vec![hole(), "a".into(), hole()]);
        assert_eq!(set.as_slice().unwrap().len(), 3);
        assert_eq!(set.as_slice().unwrap()[0], "a".into());
    }
}
