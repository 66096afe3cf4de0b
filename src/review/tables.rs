//! Findings about the calls that a state machine makes of tables: whether they fit the tables' keys and indexes.
//!
//! Refuses to know permissions.

use super::findings::{Found, View};
use super::rules::Grade;
use crate::address::Address;
use crate::diag::nearest;
use crate::plan::Action;
use crate::value::{Object, Value};
use crate::workflow::model::{Pointer, State};
use crate::workflow::permissions::{arguments, integration, is_expression, literal};
use std::collections::{BTreeMap, BTreeSet};

/// What the plan knows of tables, by name.
pub(super) struct Tables {
    known: BTreeMap<String, Object>,
    gone: BTreeSet<String>,
    addresses: BTreeMap<String, Address>,
}

impl Tables {
    pub(super) fn of(view: &View<'_>) -> Tables {
        let is_table = |a: &Address| &*a.ty == "aws_dynamodb_table";
        let named = |(_, o): &(_, Object)| Some((o.str("name")?.to_string(), o.clone()));
        let known: BTreeMap<String, Object> =
            view.objects.iter().filter(|(c, _)| is_table(&c.address)).filter_map(named).collect();
        let gone = view.plan.changes.iter().filter(|c| is_table(&c.address) && c.action == Action::Delete);
        let gone =
            gone.filter_map(|c| Object::from_value(&super::holders::visible(&c.before)).str("name").map(String::from));
        let gone = gone.filter(|n| !known.contains_key(n)).collect();
        let mut addresses = BTreeMap::new();
        for c in view.plan.changes.iter().filter(|c| is_table(&c.address) && c.deposed.is_none()) {
            for value in [&c.before, &c.after] {
                let o = Object::from_value(&super::holders::visible(value));
                addresses.extend(o.str("name").map(|name| (name.to_string(), c.address.clone())));
            }
        }
        Tables { gone, known, addresses }
    }

    /// The address of a table by name or ARN, one that goes included.
    fn address(&self, name: &str) -> Option<&Address> {
        self.addresses.get(name.rsplit('/').next().unwrap_or(name))
    }

    /// A table by name or ARN.
    pub(super) fn find(&self, name: &str) -> Option<&Object> {
        self.known.get(name).or_else(|| self.known.values().find(|o| o.str("arn") == Some(name)))
    }
}

pub(super) struct Teller<'a> {
    pub(super) address: &'a Address,
    /// The other objects that it is about.
    pub(super) related: Vec<Address>,
    pub(super) out: &'a mut Vec<Found>,
}

impl Teller<'_> {
    pub(super) fn tell(&mut self, code: &'static str, at: Pointer, text: String, way: impl Into<String>) {
        self.grade(code, None, at, text, way);
    }

    fn grade(&mut self, code: &'static str, grade: Option<Grade>, at: Pointer, text: String, way: impl Into<String>) {
        self.out.push(Found {
            code,
            grade,
            address: self.address.clone(),
            attribute: Some("definition"),
            inside: Some(at),
            text,
            way: way.into(),
            related: self.related.clone(),
        });
    }
}

/// A call of DynamoDB against the table it names.
pub(super) fn dynamodb(tables: &Tables, address: &Address, state: &State, out: &mut Vec<Found>) {
    let Some(call) = integration(state).filter(|i| i.service == "dynamodb") else { return };
    let Some(given) = arguments(state) else { return };
    let field = if state.field("Arguments").is_some() { "Arguments" } else { "Parameters" };
    let at = state.at.then(field);
    let name = literal(given, "TableName");
    let related = name.iter().filter_map(|n| tables.address(n)).cloned().collect();
    let mut teller = Teller { address, related, out };
    placeholders(&mut teller, state, given, &at);
    let Some(name) = name else { return };
    let Some(table) = tables.find(&name) else {
        return unknown_table(&mut teller, tables, state, &name, at.then("TableName"));
    };
    let types: BTreeMap<String, String> = table
        .blocks("attribute")
        .iter()
        .filter_map(|b| Some((b.str("name")?.to_string(), b.str("type")?.to_string())))
        .collect();
    let keys: Vec<&str> = ["hash_key", "range_key"].iter().filter_map(|k| table.text(k)).collect();
    if keys.is_empty() {
        return;
    }
    let name = table.str("name").unwrap_or(&name);
    match call.operation {
        "getItem" | "updateItem" | "deleteItem" => {
            let key = given.get("Key");
            let Some(given) = key.as_ref().and_then(Value::as_fields) else { return };
            let named: Vec<&str> = given.keys().map(|k| k.strip_suffix(".$").unwrap_or(k)).collect();
            let missing: Vec<&&str> = keys.iter().filter(|k| !named.contains(k)).collect();
            let other: Vec<&&str> = named.iter().filter(|k| !keys.contains(k)).collect();
            if !missing.is_empty() || !other.is_empty() {
                let text = format!(
                    "State \"{}\" gives {} as the key of table {name}, whose key is {}.",
                    state.name,
                    quoted(&named),
                    quoted(&keys)
                );
                let way = match (nearest_of(&other, &keys), missing.is_empty()) {
                    (Some((_, n)), _) => format!("Did you mean \"{n}\"?"),
                    (None, true) => format!("Take {} out of `Key`.", quoted(&other)),
                    (None, false) => format!("Give {} in `Key`, and nothing else.", quoted(&keys)),
                };
                teller.tell("SFN-TBL-002", at.then("Key"), text, way);
            }
            key_types(&mut teller, state, name, given, &keys, &types, &at.then("Key"));
        }
        "putItem" => {
            let item = given.get("Item");
            let Some(given) = item.as_ref().and_then(Value::as_fields) else { return };
            let named: Vec<&str> = given.keys().map(|k| k.strip_suffix(".$").unwrap_or(k)).collect();
            let missing: Vec<&str> = keys.iter().copied().filter(|k| !named.contains(k)).collect();
            if !missing.is_empty() {
                let text = format!(
                    "State \"{}\" puts an item into table {name} without {}, which is part of its key.",
                    state.name,
                    quoted(&missing)
                );
                let near = missing.iter().find_map(|k| nearest(k, named.iter().copied()).map(|n| (k, n)));
                let way = match near {
                    Some((k, n)) => format!("Is \"{n}\" meant to be \"{k}\"?"),
                    None => format!("Add {} to `Item`.", quoted(&missing)),
                };
                teller.tell("SFN-TBL-005", at.then("Item"), text, way);
            }
            key_types(&mut teller, state, name, given, &keys, &types, &at.then("Item"));
        }
        "query" | "scan" => {
            let Some(index) = literal(given, "IndexName") else { return };
            let names = |block: &str| -> Option<Vec<String>> {
                if table.get(block).is_some_and(|v| !v.is_wholly_known()) {
                    return None;
                }
                Some(table.blocks(block).iter().filter_map(|b| b.str("name").map(String::from)).collect())
            };
            let (Some(global), Some(local)) = (names("global_secondary_index"), names("local_secondary_index")) else {
                return;
            };
            if !global.contains(&index) && !local.contains(&index) {
                let near = nearest(&index, global.iter().chain(&local).map(String::as_str));
                let text = format!(
                    "State \"{}\" uses index {index}, which table {name} does not have after this plan.",
                    state.name
                );
                let way = near.map_or_else(
                    || "Add the index to the table, or use another one.".to_string(),
                    |n| format!("Did you mean \"{n}\"?"),
                );
                teller.tell("SFN-TBL-004", at.then("IndexName"), text, way);
            } else if global.contains(&index) && given.get("ConsistentRead").and_then(|v| v.as_bool()) == Some(true) {
                let text = format!(
                    "State \"{}\" wants a consistent read of index {index}, which global secondary indexes do not offer.",
                    state.name
                );
                teller.tell("SFN-TBL-004", at.then("ConsistentRead"), text, "Leave `ConsistentRead` out.");
            }
        }
        _ => {}
    }
}

fn unknown_table(teller: &mut Teller<'_>, tables: &Tables, state: &State, name: &str, at: Pointer) {
    let short = name.rsplit('/').next().unwrap_or(name);
    let text = format!("State \"{}\" uses table {short}, which is not in this plan.", state.name);
    let near = nearest(short, tables.known.keys().map(String::as_str));
    if tables.gone.contains(short) {
        let text = format!("State \"{}\" uses table {short}, which this plan destroys.", state.name);
        teller.grade("SFN-TBL-001", Some(Grade::Warning), at, text, "Change the state first, or keep the table.");
    } else if let Some(near) = near {
        teller.grade("SFN-TBL-001", Some(Grade::Warning), at, text, format!("Did you mean \"{near}\"? A reference to the table, such as `aws_dynamodb_table.x.name`, cannot be misspelt."));
    } else {
        teller.tell(
            "SFN-TBL-001",
            at,
            text,
            "If it is made elsewhere, all is well. Otherwise refer to the table: `aws_dynamodb_table.x.name`.",
        );
    }
}

fn nearest_of<'a>(words: &[&&'a str], candidates: &[&'a str]) -> Option<(&'a str, &'a str)> {
    words.iter().find_map(|w| nearest(w, candidates.iter().copied()).map(|n| (**w, n)))
}

fn quoted(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => "nothing".into(),
        names => names.iter().map(|n| format!("\"{}\"", n.as_ref())).collect::<Vec<_>>().join(" and "),
    }
}

/// `{"S": ...}` against the type of the attribute.
fn key_types(
    teller: &mut Teller<'_>,
    state: &State,
    table: &str,
    given: &crate::value::Fields,
    keys: &[&str],
    types: &BTreeMap<String, String>,
    at: &Pointer,
) {
    for key in keys {
        let (Some(want), Some(value)) = (types.get(*key), given.get(*key).and_then(Value::as_fields)) else { continue };
        let tags: Vec<&str> = value.keys().map(|k| k.strip_suffix(".$").unwrap_or(k)).collect();
        let [tag] = tags[..] else { continue };
        if tag != want && ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"].contains(&tag) {
            let text = format!(
                "State \"{}\" gives \"{key}\" of table {table} as {tag}; the table has it as {want}.",
                state.name
            );
            teller.tell("SFN-TBL-003", at.then(key), text, format!("Write it as `{{\"{want}\": ...}}`."));
        }
    }
}

/// `#names` and `:values` of expressions against their definitions.
fn placeholders(teller: &mut Teller<'_>, state: &State, given: &Value, at: &Pointer) {
    const EXPRESSIONS: [&str; 5] = [
        "KeyConditionExpression",
        "FilterExpression",
        "ConditionExpression",
        "UpdateExpression",
        "ProjectionExpression",
    ];
    let Some(fields) = given.as_fields() else { return };
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut any = false;
    for name in EXPRESSIONS {
        // What is made when it runs may use anything.
        if fields.contains_key(&*format!("{name}.$")) {
            return;
        }
        let Some(value) = fields.get(name) else { continue };
        let Some(text) = value.as_str().filter(|t| !is_expression(t)) else { return };
        any = true;
        let chars: Vec<char> = text.chars().collect();
        for (i, c) in chars.iter().enumerate().filter(|(_, c)| matches!(c, '#' | ':')) {
            let word: String = chars[i + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            if !word.is_empty() {
                used.insert(format!("{c}{word}"));
            }
        }
    }
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (name, sign) in [("ExpressionAttributeNames", '#'), ("ExpressionAttributeValues", ':')] {
        if fields.contains_key(&*format!("{name}.$")) {
            return;
        }
        match fields.get(name).map(|v| v.as_fields()) {
            None => {}
            Some(None) => return,
            Some(Some(names)) => {
                let names = names.keys().map(|k| k.strip_suffix(".$").unwrap_or(k).to_string());
                defined.extend(names.filter(|k| k.starts_with(sign)));
            }
        }
    }
    if !any && defined.is_empty() {
        return;
    }
    let missing: Vec<&String> = used.difference(&defined).collect();
    let idle: Vec<&String> = defined.difference(&used).collect();
    if !missing.is_empty() {
        let text =
            format!("State \"{}\" uses {} in an expression, and does not define it.", state.name, quoted(&missing));
        let way = "Define names in `ExpressionAttributeNames` and values in `ExpressionAttributeValues`.";
        teller.tell("SFN-TBL-006", at.clone(), text, way);
    }
    if !idle.is_empty() {
        let text = format!("State \"{}\" defines {} and uses it in no expression.", state.name, quoted(&idle));
        teller.tell("SFN-TBL-006", at.clone(), text, "Use it, or take it out.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_sentences() {
        assert_eq!(quoted(&["a", "b"]), "\"a\" and \"b\"");
        assert_eq!(quoted(&[] as &[&str]), "nothing");
        assert_eq!(nearest_of(&[&"custmer"], &["customer", "id"]), Some(("custmer", "customer")));
    }
}
