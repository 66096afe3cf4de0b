//! Reading a request's members, with AWS's own constraint messages for what is missing or malformed.
//!
//! Refuses to know what the members mean. A handler reads everything it needs, then calls [`Input::check`] once:
//! AWS reports all broken constraints of a request together.

use super::fault::Fault;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// A regular expression as AWS prints it, and the same as a predicate.
pub(super) type Pattern = (&'static str, fn(&str) -> bool);

/// What a text member must look like.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// Least length in characters.
    pub(super) min: usize,
    /// Greatest length in characters.
    pub(super) max: usize,
    /// What all of it must match.
    pub(super) pattern: Option<Pattern>,
    /// The allowed values in AWS's order; empty: any.
    pub(super) values: &'static [&'static str],
}

/// Any text.
pub(super) const ANY: Rule = Rule { min: 0, max: usize::MAX, pattern: None, values: &[] };

/// Any text of this length.
pub(super) const fn len(min: usize, max: usize) -> Rule {
    Rule { min, max, pattern: None, values: &[] }
}

/// One of these.
pub(super) const fn one_of(values: &'static [&'static str]) -> Rule {
    Rule { min: 0, max: usize::MAX, pattern: None, values }
}

#[derive(Default)]
struct Problems {
    constraints: Vec<String>,
    types: Option<String>,
}

/// The members of a request, or of a structure inside it.
#[derive(Clone)]
pub(super) struct Input<'a> {
    map: &'a Map<String, Value>,
    path: String,
    code: &'static str,
    problems: Rc<RefCell<Problems>>,
}

/// `RoleName` → `roleName`, as constraint messages spell members.
fn lower_first(key: &str) -> String {
    let mut chars = key.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

impl<'a> Input<'a> {
    /// A request's members; broken constraints are reported under `code`.
    pub(super) fn new(map: &'a Map<String, Value>, code: &'static str) -> Input<'a> {
        Input { map, path: String::new(), code, problems: Rc::default() }
    }

    fn spelled(&self, key: &str) -> String {
        format!("{}{}", self.path, lower_first(key))
    }

    fn inside(&self, map: &'a Map<String, Value>, step: &str) -> Input<'a> {
        Input { map, path: format!("{step}."), code: self.code, problems: self.problems.clone() }
    }

    fn mistyped(&self, key: &str, wanted: &str) {
        let mut problems = self.problems.borrow_mut();
        if problems.types.is_none() {
            problems.types = Some(format!("{} can not be converted to {wanted}", self.spelled(key)));
        }
    }

    /// Notes a broken constraint of `key`, whose value prints as `shown`.
    pub(super) fn broken(&self, key: &str, shown: &str, constraint: &str) {
        let text = format!("Value {shown} at '{}' failed to satisfy constraint: {constraint}", self.spelled(key));
        self.problems.borrow_mut().constraints.push(text);
    }

    /// The raw member; null counts as absent.
    pub(super) fn raw(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|v| !v.is_null())
    }

    /// Whether the member is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// All members.
    pub(super) fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    /// An optional text.
    pub(super) fn text(&self, key: &str, rule: Rule) -> Option<&'a str> {
        let text = match self.raw(key)? {
            Value::String(s) => s.as_str(),
            _ => {
                self.mistyped(key, "a String");
                return None;
            }
        };
        self.judge(key, text, rule);
        Some(text)
    }

    /// Notes how `text` breaks `rule`.
    pub(super) fn judge(&self, key: &str, text: &str, rule: Rule) {
        let shown = format!("'{text}'");
        let count = text.chars().count();
        if count < rule.min {
            let least = rule.min;
            self.broken(key, &shown, &format!("Member must have length greater than or equal to {least}"));
        }
        if count > rule.max {
            let most = rule.max;
            self.broken(key, &shown, &format!("Member must have length less than or equal to {most}"));
        }
        if let Some((pattern, fits)) = rule.pattern
            && !fits(text)
        {
            self.broken(key, &shown, &format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        if !rule.values.is_empty() && !rule.values.contains(&text) {
            let set = rule.values.join(", ");
            self.broken(key, &shown, &format!("Member must satisfy enum value set: [{set}]"));
        }
    }

    /// Notes that a required member is missing.
    pub(super) fn missing(&self, key: &str) {
        self.broken(key, "null", "Member must not be null");
    }

    /// A required text; empty (and noted) when missing.
    pub(super) fn need(&self, key: &str, rule: Rule) -> &'a str {
        if !self.has(key) {
            self.missing(key);
        }
        self.text(key, rule).unwrap_or("")
    }

    /// An optional whole number within `least..=most`.
    pub(super) fn int(&self, key: &str, least: i64, most: i64) -> Option<i64> {
        let number = match self.raw(key)? {
            Value::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|f| f.abs() < 9e15).map(|f| f as i64)),
            // The Query protocol has only texts.
            Value::String(s) if self.code == "ValidationError" => s.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            self.mistyped(key, "a Long");
            return None;
        };
        if number < least {
            self.broken(
                key,
                &format!("'{number}'"),
                &format!("Member must have value greater than or equal to {least}"),
            );
        }
        if number > most {
            self.broken(key, &format!("'{number}'"), &format!("Member must have value less than or equal to {most}"));
        }
        Some(number)
    }

    /// An optional truth value.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.raw(key)? {
            Value::Bool(b) => Some(*b),
            Value::String(s) if self.code == "ValidationError" => Some(s == "true"),
            _ => {
                self.mistyped(key, "a Boolean");
                None
            }
        }
    }

    /// An optional list.
    pub(super) fn list(&self, key: &str) -> Option<&'a [Value]> {
        match self.raw(key)? {
            Value::Array(items) => Some(items),
            // The Query protocol sends an empty list as an empty text.
            Value::String(s) if s.is_empty() && self.code == "ValidationError" => Some(&[]),
            _ => {
                self.mistyped(key, "a List");
                None
            }
        }
    }

    /// An optional structure.
    pub(super) fn structure(&self, key: &str) -> Option<Input<'a>> {
        match self.raw(key)? {
            Value::Object(map) => Some(self.inside(map, &self.spelled(key))),
            _ => {
                self.mistyped(key, "a Structure");
                None
            }
        }
    }

    /// A list of structures; empty when absent.
    pub(super) fn structures(&self, key: &str) -> Vec<Input<'a>> {
        let spelled = self.spelled(key);
        let items = self.list(key).unwrap_or(&[]);
        items
            .iter()
            .enumerate()
            .filter_map(|(i, v)| match v {
                Value::Object(map) => Some(self.inside(map, &format!("{spelled}.{}.member", i + 1))),
                _ => {
                    self.mistyped(key, "a Structure");
                    None
                }
            })
            .collect()
    }

    /// A list of texts; empty when absent.
    pub(super) fn texts(&self, key: &str) -> Vec<&'a str> {
        let items = self.list(key).unwrap_or(&[]);
        items
            .iter()
            .filter_map(|v| {
                if !v.is_string() {
                    self.mistyped(key, "a String");
                }
                v.as_str()
            })
            .collect()
    }

    /// All broken constraints so far as AWS words them, if there are any.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let problems = self.problems.borrow();
        if let Some(types) = &problems.types {
            return Err(Fault::new("SerializationException", types.clone()));
        }
        let found = &problems.constraints;
        if found.is_empty() {
            return Ok(());
        }
        // AWS prints ten at most.
        let shown = found.len().min(10);
        let plural = if shown == 1 { "" } else { "s" };
        let text = format!("{shown} validation error{plural} detected: {}", found[..shown].join("; "));
        Err(Fault::new(self.code, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn constraints_are_reported_together() {
        let value = json!({"Name": "", "Kind": "X", "Size": 0, "Inner": {"Deep": "toolong"}, "List": [{"A": 1}, {}]});
        let input = Input::new(value.as_object().unwrap(), "ValidationException");
        input.need("Name", len(1, 80));
        input.need("Gone", ANY);
        input.text("Kind", one_of(&["A", "B"]));
        input.int("Size", 1, 5);
        input.structure("Inner").unwrap().text("Deep", len(0, 3));
        for item in input.structures("List") {
            if !item.has("A") {
                item.missing("A");
            }
        }
        let fault = input.check().unwrap_err();
        assert_eq!(fault.code, "ValidationException");
        let wanted = "6 validation errors detected: \
            Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; \
            Value null at 'gone' failed to satisfy constraint: Member must not be null; \
            Value 'X' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; \
            Value '0' at 'size' failed to satisfy constraint: Member must have value greater than or equal to 1; \
            Value 'toolong' at 'inner.deep' failed to satisfy constraint: Member must have length less than or equal to 3; \
            Value null at 'list.2.member.a' failed to satisfy constraint: Member must not be null";
        assert_eq!(fault.message, wanted);
    }

    #[test]
    fn wrong_types_are_a_serialization_fault() {
        let value = json!({"Name": 1});
        let input = Input::new(value.as_object().unwrap(), "ValidationException");
        input.text("Name", ANY);
        assert_eq!(input.check().unwrap_err().code, "SerializationException");
    }
}
