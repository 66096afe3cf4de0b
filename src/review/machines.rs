//! Findings about state machines: the definition by itself, its tables, and what its role may do.
//!
//! Refuses to know how a definition is read and what a permission is: that is for `workflow` and `access`.

use super::findings::{Found, View};
use super::holders::{Holder, Subject};
use super::rules::Grade;
use crate::access::{self, Access, Extent, Verdict, Whom};
use crate::address::Address;
use crate::diag::nearest;
use crate::plan::Action;
use crate::value::{Object, Value};
use crate::workflow::checks::{self, Use};
use crate::workflow::model::{self, Machine, Pointer, State};
use crate::workflow::permissions::{self, Need, arguments, integration, is_expression, literal};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(view: &View<'_>, out: &mut Vec<Found>) {
    let tables = Tables::of(view);
    for (c, o) in &view.objects {
        if &*c.address.ty != "aws_sfn_state_machine" {
            continue;
        }
        let express = o.str("type") == Some("EXPRESS");
        let role = o.str("role_arn").and_then(|arn| arn.rsplit('/').next()).map(String::from);
        logging(view, &c.address, o, role.as_deref(), out);
        if let Some(role) = &role {
            trust(view, &c.address, role, out);
        }
        let Some(text) = o.str("definition") else { continue };
        let Ok(machine) = model::parse_text(text) else { continue };
        let faults = checks::check(&machine, Use { express }).into_iter().chain(checks::duplicates(text));
        out.extend(faults.map(|f| Found {
            code: f.code,
            grade: Some(f.grade),
            address: c.address.clone(),
            attribute: Some("definition"),
            inside: Some(f.at),
            text: f.text,
            way: f.way,
            related: Vec::new(),
        }));
        for state in machine.all_states() {
            dynamodb(&tables, &c.address, state, out);
        }
        if let Some(role) = role {
            permissions(view, &tables, &c.address, &machine, &role, out);
        }
    }
}

/// What the plan knows of tables, by name.
struct Tables {
    known: BTreeMap<String, Object>,
    gone: BTreeSet<String>,
    addresses: BTreeMap<String, Address>,
}

impl Tables {
    fn of(view: &View<'_>) -> Tables {
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
    fn find(&self, name: &str) -> Option<&Object> {
        self.known.get(name).or_else(|| self.known.values().find(|o| o.str("arn") == Some(name)))
    }
}

struct Teller<'a> {
    address: &'a Address,
    /// The other objects that it is about.
    related: Vec<Address>,
    out: &'a mut Vec<Found>,
}

impl Teller<'_> {
    fn tell(&mut self, code: &'static str, at: Pointer, text: String, way: impl Into<String>) {
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
fn dynamodb(tables: &Tables, address: &Address, state: &State, out: &mut Vec<Found>) {
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

/// What the role may do, if the plan knows all of it.
fn known_role<'a>(view: &'a View<'_>, role: &str) -> Option<&'a Holder> {
    let holder = view.holders.all.get(&Subject::Role(role.to_string()))?;
    (holder.after.exists && !holder.after.open && holder.after.foreign.is_empty()).then_some(holder)
}

fn permissions(
    view: &View<'_>,
    tables: &Tables,
    address: &Address,
    machine: &Machine,
    role: &str,
    out: &mut Vec<Found>,
) {
    let Some(holder) = known_role(view, role) else { return };
    let accesses = &holder.after.accesses;
    let related = holder.addresses.iter().cloned().collect();
    let mut teller = Teller { address, related, out };
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for need in permissions::needs(machine) {
        let resource = resolved(tables, &need);
        if !told.insert((need.action.clone(), resource.clone())) {
            continue;
        }
        let why = need.why.map(|w| format!(", {w}")).unwrap_or_default();
        let on = match need.named {
            true => format!(" on {}", access::resource_name(&resource, None).replace(" of any account", "")),
            false => String::new(),
        };
        match access::may(accesses, &need.action, &resource) {
            Verdict::Allowed => surplus(view, holder, role, &need, &resource, accesses, &mut teller),
            Verdict::Perhaps => {}
            Verdict::NotAllowed => {
                let text = format!(
                    "State \"{}\" needs {}{on}{why}, and role {role} does not have that permission.",
                    need.state, need.action
                );
                teller.tell(
                    "SFN-IAM-001",
                    need.at.clone(),
                    text,
                    format!(
                        "Allow it in a policy of the role:\n\n    {}",
                        statement(&need, &resource, partition(view))
                    ),
                );
            }
            Verdict::Denied => {
                let text = format!(
                    "State \"{}\" needs {}{on}{why}, and a policy of role {role} denies it.",
                    need.state, need.action
                );
                teller.tell("SFN-IAM-002", need.at.clone(), text, "Narrow the denial.");
            }
        }
    }
}

/// The partition that the plan's objects are in.
fn partition<'a>(view: &'a View<'_>) -> &'a str {
    let arns = view.objects.iter().filter_map(|(_, o)| o.str("arn")?.split(':').nth(1));
    arns.into_iter().next().unwrap_or("aws")
}

/// As a statement to copy.
fn statement(need: &Need, resource: &str, partition: &str) -> String {
    // IAM takes no wildcard there.
    let resource = match resource.strip_prefix("arn:*:") {
        Some(rest) => format!("arn:{partition}:{rest}"),
        None => resource.to_string(),
    };
    format!(r#"{{ Effect = "Allow", Action = "{}", Resource = "{resource}" }}"#, need.action)
}

/// The ARN of a table that the plan knows, instead of a pattern.
fn resolved(tables: &Tables, need: &Need) -> String {
    let Some((_, rest)) = need.resource.split_once(":table/") else { return need.resource.clone() };
    let (name, index) = rest.split_once('/').map_or((rest, None), |(n, i)| (n, Some(i)));
    match tables.find(name).and_then(|o| o.str("arn")) {
        Some(arn) => index.map_or_else(|| arn.to_string(), |i| format!("{arn}/{i}")),
        None => need.resource.clone(),
    }
}

/// A wildcard resource although the definition says which.
fn surplus(
    view: &View<'_>,
    holder: &Holder,
    role: &str,
    need: &Need,
    resource: &str,
    accesses: &[Access],
    teller: &mut Teller<'_>,
) {
    if !need.named || resource.contains('*') {
        return;
    }
    let exact: Vec<&Access> = accesses
        .iter()
        .filter(|a| a.allow && matches!(&a.action, Extent::Matching(p) if access::matches(p, &need.action, true)))
        .collect();
    let wide = exact.iter().all(|a| a.resource.as_ref().is_some_and(Extent::is_everything));
    // Told where the permission is, once for each action.
    let place = holder.addresses.iter().find(|a| {
        let text =
            view.objects.iter().find(|(c, _)| c.address == **a).and_then(|(_, o)| o.str("policy").map(String::from));
        text.is_some_and(|t| t.to_ascii_lowercase().contains(&need.action.to_ascii_lowercase()))
    });
    if let (true, Some(place)) = (wide && !exact.is_empty(), place) {
        teller.out.push(Found {
            code: "SFN-IAM-006",
            grade: None,
            address: place.clone(),
            attribute: Some("policy"),
            inside: None,
            text: format!(
                "Role {role} may do {} with every resource, and state \"{}\" uses just one.",
                need.action, need.state
            ),
            way: format!("Name it:\n\n    {}", statement(need, resource, partition(view))),
            related: vec![teller.address.clone()],
        });
    }
}

fn trust(view: &View<'_>, address: &Address, role: &str, out: &mut Vec<Found>) {
    let Some(holder) = view.holders.all.get(&Subject::Trust(role.to_string())) else { return };
    if !holder.after.exists || holder.after.open {
        return;
    }
    let trusts = holder.after.accesses.iter().any(|a| {
        a.allow
            && matches!(&a.action, Extent::Matching(p) if access::matches(p, "sts:AssumeRole", true))
            && match &a.whom {
                Whom::One(kind, name) => {
                    kind == "Service" && name.starts_with("states.") && name.contains(".amazonaws.com")
                }
                Whom::Everyone => true,
                Whom::Holder | Whom::Except(_) => false,
            }
    });
    if !trusts {
        out.push(Found {
            code: "SFN-IAM-003",
            grade: None,
            address: address.clone(),
            attribute: Some("role_arn"),
            inside: None,
            text: format!("Role {role} does not let states.amazonaws.com assume it, so the state machine cannot use it."),
            way: "Add to its `assume_role_policy`:\n\n    { Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { Service = \"states.amazonaws.com\" } }".into(),
            related: holder.addresses.iter().cloned().collect(),
        });
    }
}

/// What Step Functions needs to deliver logs.
const DELIVERY: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
];

fn logging(view: &View<'_>, address: &Address, o: &Object, role: Option<&str>, out: &mut Vec<Found>) {
    let Some(block) = o.block("logging_configuration") else { return };
    if block.str("level").is_none_or(|l| l == "OFF") {
        return;
    }
    let mut tell = |text: String, way: String| {
        out.push(Found {
            code: "SFN-LOG-001",
            grade: None,
            address: address.clone(),
            attribute: Some("logging_configuration"),
            inside: None,
            text,
            way,
            related: role.and_then(|r| known_role(view, r)).iter().flat_map(|h| h.addresses.clone()).collect(),
        });
    };
    if let Some(destination) = block.text("log_destination")
        && !destination.ends_with(":*")
    {
        tell(
            format!("The log destination {destination} does not end with `:*`."),
            "Write `log_destination = \"${aws_cloudwatch_log_group.x.arn}:*\"`.".into(),
        );
    }
    let Some((role, holder)) = role.and_then(|r| Some((r, known_role(view, r)?))) else { return };
    let missing: Vec<&str> = DELIVERY
        .into_iter()
        .filter(|action| {
            matches!(access::may(&holder.after.accesses, action, "*"), Verdict::NotAllowed | Verdict::Denied)
        })
        .collect();
    if !missing.is_empty() {
        tell(
            format!("The state machine is to log, and role {role} lacks {}.", missing.join(", ")),
            "Allow these actions on `*`: log deliveries have no ARN of their own.".into(),
        );
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
