//! What in a plan can hurt, worst first: data that is destroyed, trust and permissions that widen, protection that is switched off,
//! executions that are running.
//!
//! Refuses to know how it is shown.

use super::access::{AccessChange, access_changes};
use super::hidden::Hidden;
use super::holders::{Subject, visible};
use crate::address::{Address, Mode};
use crate::plan::seen::Running;
use crate::plan::{self, Action, Change, Plan};
use crate::value::Object;
use crate::workflow::{diff, model};

/// In what way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Data is gone afterwards.
    Data,
    /// Someone else may assume a role, or reach a resource.
    Trust,
    /// A role may do more.
    Permission,
    /// What protected something is off.
    Protection,
    /// Something that runs or works now may not go on.
    Service,
    /// A role may do less.
    Lost,
}

impl Harm {
    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Harm::Data => "Data is lost",
            Harm::Trust => "Trust widens",
            Harm::Permission => "Permissions are gained",
            Harm::Protection => "Protection is switched off",
            Harm::Service => "What runs is affected",
            Harm::Lost => "Permissions are lost",
        }
    }
}

/// One thing that can hurt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Danger {
    /// In what way.
    pub harm: Harm,
    /// The object; `None` for what several do together.
    pub address: Option<Address>,
    /// A sentence without its full stop.
    pub text: String,
    /// What deserves a second look about it.
    pub warnings: Vec<String>,
}

/// All of them, worst first.
pub fn dangers(plan: &Plan) -> Vec<Danger> {
    let mut out = Vec::new();
    for c in super::changes(plan).into_iter().filter(|c| c.address.mode == Mode::Managed) {
        let told = Told {
            held: plan.losses.iter().find(|l| l.is_of(c)).map(|l| &*l.what),
            empty: plan.seen.empty.iter().any(|(a, deposed)| *a == c.address && *deposed == c.deposed),
            running: plan.seen.running.iter().find(|r| r.is_of(c)),
            outside: plan.mode == plan::Mode::RefreshOnly,
        };
        of_change(c, &told, &mut out);
    }
    for change in access_changes(plan) {
        of_access(&change, &mut out);
    }
    let hidden = Hidden::of(plan);
    out.iter_mut().for_each(|d| d.text = hidden.veil(&d.text));
    // With strangers and wildcards first.
    out.sort_by_key(|d| (d.harm, d.warnings.is_empty()));
    out
}

fn of_access(change: &AccessChange, out: &mut Vec<Danger>) {
    // A role that goes away takes its permissions along.
    if change.gone {
        return;
    }
    for told in change.sentences() {
        let harm = match (&change.subject, told.widens) {
            (Subject::Trust(_) | Subject::Resource(_), true) => Harm::Trust,
            (_, true) => Harm::Permission,
            (_, false) => Harm::Lost,
        };
        // What a new role may do is no surprise, unless it is much.
        if change.new && told.warnings.is_empty() {
            continue;
        }
        out.push(Danger { harm, address: None, text: told.text, warnings: told.warnings });
    }
    if change.open && !change.new {
        let text = format!("what {} may do is known after apply, or sensitive", change.subject.text());
        out.push(Danger { harm: Harm::Permission, address: None, text, warnings: Vec::new() });
    }
}

/// What is known about a change beside the object.
struct Told<'a> {
    /// What it holds, as far as AWS told.
    held: Option<&'a str>,
    /// It certainly holds nothing.
    empty: bool,
    /// What runs on it, as far as AWS told.
    running: Option<&'a Running>,
    /// Somebody else did it.
    outside: bool,
}

fn of_change(c: &Change, told: &Told<'_>, out: &mut Vec<Danger>) {
    let (before, after) = (Object::from_value(&visible(&c.before)), Object::from_value(&visible(&c.after)));
    let goes = matches!(c.action, Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete);
    let replaced = goes && c.action != Action::Delete;
    let mut tell = |harm: Harm, text: String| {
        out.push(Danger { harm, address: Some(c.address.clone()), text, warnings: Vec::new() });
    };
    let verb = match (told.outside, replaced) {
        (true, _) => "was deleted",
        (_, true) => "is replaced",
        (_, false) => "is destroyed",
    };
    let name = |kind: &str| match before.str("name") {
        Some(name) => format!("{kind} {name}"),
        None => kind.to_string(),
    };
    match (&*c.address.ty, goes) {
        ("aws_dynamodb_table", true) => {
            let (harm, items) = match told.held {
                Some(what) => {
                    let are = if what.starts_with("1 item ") { "is" } else { "are" };
                    (Harm::Data, format!(": its {what} {are} lost"))
                }
                None if told.empty => (Harm::Service, "; it has no items but those of this configuration".into()),
                None => (Harm::Data, ": all its items are lost".to_string()),
            };
            tell(harm, format!("{} {verb}{items}", name("table")));
        }
        ("aws_dynamodb_table", false) => table(&before, &after, &name("table"), &mut tell),
        ("aws_dynamodb_table_item", true) => {
            let table = before.str("table_name").unwrap_or("?");
            tell(Harm::Data, format!("an item of table {table} {verb}"));
        }
        ("aws_cloudwatch_log_group", true) if before.bool("skip_destroy") != Some(true) => {
            tell(Harm::Data, format!("{} {verb}: its logs are lost", name("log group")));
        }
        ("aws_cloudwatch_log_group", false) => {
            if before.text("kms_key_id").is_some_and(|k| !k.is_empty()) && no_longer(&after, "kms_key_id") {
                tell(Harm::Protection, format!("{} is no longer encrypted with a key of its own", name("log group")));
            }
            let days = |o: &Object| o.int("retention_in_days").filter(|d| *d > 0);
            if let (true, Some(now)) = (!c.before.is_null(), days(&after))
                && days(&before).is_none_or(|was| was > now)
            {
                tell(Harm::Data, format!("{} keeps its logs {now} days only: older ones are lost", name("log group")));
            }
        }
        ("aws_sfn_state_machine", true) => {
            let stopped = match told.running {
                Some(r) if r.count == 0 => "; no execution runs now".to_string(),
                Some(r) if r.count == 1 && !r.more => " while 1 execution runs: it is stopped".to_string(),
                Some(r) => format!(" while {} run: they are stopped", r.words()),
                None => ": executions that run are stopped".to_string(),
            };
            tell(Harm::Service, format!("{} {verb}{stopped}", name("state machine")));
        }
        ("aws_sfn_state_machine", false) => machine(&before, &after, &name("state machine"), told, &mut tell),
        ("aws_iam_role", true) => {
            tell(Harm::Service, format!("{} {verb}: whoever uses it can do nothing until it is there", name("role")));
        }
        ("aws_iam_role", false) => {
            let boundary = |o: &Object| o.text("permissions_boundary").map(String::from);
            let open = after.get("permissions_boundary").is_some_and(|v| !v.is_known());
            if boundary(&before).is_some() && boundary(&after).is_none() && !open && !c.after.is_null() {
                tell(Harm::Protection, format!("{} loses its permissions boundary", name("role")));
            }
        }
        _ => {}
    }
}

/// Whether an argument is certainly empty.
fn no_longer(after: &Object, name: &str) -> bool {
    !after.0.is_empty() && after.get(name).is_none_or(|v| v.is_null() || v.as_str() == Some(""))
}

/// A switch that was on and is off.
fn switched_off(before: &Object, after: &Object, at: &[&str]) -> bool {
    let of = |o: &Object| match at {
        [name] => o.bool(name),
        [block, name] => o.block(block).map(|b| b.bool(name).unwrap_or(false)),
        _ => None,
    };
    // What is left out of the configuration stays as it is, and then the plan says so.
    of(before) == Some(true) && of(after) == Some(false)
}

fn table(before: &Object, after: &Object, name: &str, tell: &mut dyn FnMut(Harm, String)) {
    for (at, text) in [
        (&["deletion_protection_enabled"][..], "is no longer protected against deletion"),
        (&["point_in_time_recovery", "enabled"], "loses point-in-time recovery: what was can no longer be restored"),
        (&["server_side_encryption", "enabled"], "is no longer encrypted with a key of its own choice"),
    ] {
        if switched_off(before, after, at) {
            tell(Harm::Protection, format!("{name} {text}"));
        }
    }
    if switched_off(before, after, &["stream_enabled"]) {
        tell(Harm::Service, format!("{name} loses its stream: whatever reads it stops"));
    }
    let ttl = |o: &Object| {
        let block = o.block("ttl")?;
        (block.bool("enabled") == Some(true)).then(|| block.str("attribute_name").unwrap_or_default().to_string())
    };
    if let Some(attribute) = ttl(after)
        && !before.0.is_empty()
        && ttl(before).as_ref() != Some(&attribute)
    {
        tell(Harm::Data, format!("{name} deletes items whose {attribute} has passed"));
    }
    let indexes = |o: &Object| -> Vec<String> {
        o.blocks("global_secondary_index").iter().filter_map(|b| b.str("name").map(String::from)).collect()
    };
    let left = indexes(after);
    let open = after.get("global_secondary_index").is_some_and(|v| !v.is_known());
    for index in indexes(before).iter().filter(|i| !open && !after.0.is_empty() && !left.contains(i)) {
        tell(Harm::Service, format!("{name} loses index {index}: queries on it fail"));
    }
}

fn machine(before: &Object, after: &Object, name: &str, told: &Told<'_>, tell: &mut dyn FnMut(Harm, String)) {
    if before.0.is_empty() || after.0.is_empty() {
        return;
    }
    let level = |o: &Object| o.block("logging_configuration").and_then(|b| b.str("level").map(String::from));
    if level(before).is_some_and(|l| l != "OFF") && level(after).as_deref() == Some("OFF") {
        tell(Harm::Protection, format!("{name} is no longer logged"));
    }
    if switched_off(before, after, &["tracing_configuration", "enabled"]) {
        tell(Harm::Protection, format!("{name} is no longer traced"));
    }
    let own_key = |o: &Object| {
        o.block("encryption_configuration").and_then(|b| b.str("type").map(|t| t == "CUSTOMER_MANAGED_KMS_KEY"))
    };
    if own_key(before) == Some(true) && own_key(after) == Some(false) {
        tell(Harm::Protection, format!("{name} is no longer encrypted with a key of its own"));
    }
    if let Some(running) = told.running.filter(|r| r.count > 0) {
        let verb = if running.count == 1 && !running.more { "runs: it finishes" } else { "run: they finish" };
        tell(
            Harm::Service,
            format!("{name} changes while {} {verb} with the old definition and role", running.words()),
        );
    }
    let definition = |o: &Object| o.get("definition").filter(|d| !d.marks_deep().sensitive).cloned();
    let (Some(was), Some(is)) = (definition(before), definition(after)) else { return };
    if was == is || !is.is_known() {
        return;
    }
    let (Ok(was), Ok(is)) = (model::parse(&was), model::parse(&is)) else { return };
    let difference = diff::compare(&was, &is);
    let gone: Vec<String> =
        difference.states.iter().filter(|s| s.fate == diff::Fate::Removed).map(|s| s.name.to_string()).collect();
    let told_already = told.running.is_some();
    if !gone.is_empty() && before.str("type") != Some("EXPRESS") && !told_already {
        let s = if gone.len() == 1 { "state" } else { "states" };
        let text = format!(
            "{name} no longer has {s} {}: executions that run now finish with the old definition",
            gone.join(", ")
        );
        tell(Harm::Service, text);
    }
}
