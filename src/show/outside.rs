//! What was changed outside of Terraform, as far as it matters for what is planned: Terraform's note above a plan.
//!
//! Refuses to know how a change looks: `plan` renders it.

use super::{Style, diagnostics, json_relevant, plan};
use crate::plan::{Change, Plan};
use crate::value::{Fields, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The line between parts of a plan; tools cut there.
pub const RULE: &str = "─────────────────────────────────────────────────────────────────────────────";

/// The note with the rule below it; nothing where nothing matters.
pub fn note(plan: &Plan, style: Style) -> String {
    if plan.drift.is_empty() {
        return String::new();
    }
    let mut relevant: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in json_relevant::relevant_attributes(plan) {
        let (Some(resource), Some(path)) = (entry["resource"].as_str(), entry["attribute"].as_array()) else {
            continue;
        };
        let first = path.first().and_then(|first| first.as_str()).unwrap_or_default();
        relevant.entry(resource.to_string()).or_default().insert(first.to_string());
    }
    let shown: Vec<Change> =
        plan.drift.iter().filter_map(|c| narrowed(c, relevant.get(&c.address.to_string()))).collect();
    if shown.is_empty() {
        return String::new();
    }
    let product = style.product;
    // These words are Terraform's whatever our name: tools look for them.
    let mut out = format!("{}\n\n", style.bold("Note: Objects have changed outside of Terraform"));
    let intro = format!(
        "{product} detected the following changes made outside of {product} since the last \"{} apply\" which may have affected this plan:",
        product.to_lowercase()
    );
    out.push_str(&diagnostics::wrap(&intro, style.width));
    out.push_str("\n\n");
    for change in &shown {
        out.push_str(&plan::drift(change, &[], style));
        out.push('\n');
    }
    let rest = "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using \
                ignore_changes, the following plan may include actions to undo or respond to these changes.";
    out.push('\n');
    // The first words stay on one line, as tools look for them.
    out.push_str(&diagnostics::wrap(rest, style.width.max(80)));
    let rule: String = RULE.chars().take(style.width).collect();
    out.push_str(&format!("\n\n{}\n\n", style.bold(&rule)));
    out
}

/// What of a change matters: attributes that something looks at; an empty name stands for all of them.
fn narrowed(c: &Change, relevant: Option<&BTreeSet<String>>) -> Option<Change> {
    let relevant = relevant?;
    if relevant.contains("") {
        return Some(c.clone());
    }
    let before = c.before.as_fields()?;
    let mut differs = false;
    let fields: Fields = before
        .iter()
        .map(|(name, old)| {
            // Of an object that is gone nothing is left.
            let new = c.after.get(name).unwrap_or_else(|| Value::null(old.ty()));
            let shown = if relevant.contains(&**name) { new } else { old.clone() };
            differs |= shown != *old;
            (name.clone(), shown)
        })
        .collect();
    differs.then(|| Change { after: Value::object(fields), ..c.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::value::Path;

    fn change(action: Action, after: Value) -> Change {
        Change {
            address: "aws_cloudwatch_log_group.g".parse().unwrap(),
            previous: None,
            deposed: None,
            provider: String::new(),
            action,
            reason: None,
            before: Value::object_of([("name", Value::string("g")), ("retention_in_days", Value::number(30_i64))]),
            after,
            replace_paths: Vec::<Path>::new(),
            importing: None,
            create_before_destroy: false,
        }
    }

    #[test]
    fn only_what_something_looks_at_matters() {
        let after = Value::object_of([("name", Value::string("h")), ("retention_in_days", Value::number(30_i64))]);
        let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<BTreeSet<_>>();
        let updated = change(Action::Update, after.clone());
        assert!(narrowed(&updated, None).is_none());
        assert!(narrowed(&updated, Some(&set(&["retention_in_days"]))).is_none());
        assert_eq!(narrowed(&updated, Some(&set(&["name"]))).unwrap().after, after);
        assert_eq!(narrowed(&updated, Some(&set(&[""]))).unwrap().after, after);
        // Of an object that is gone, too: the rest is shown as it was.
        let gone = change(Action::Delete, Value::null(updated.before.ty()));
        assert!(narrowed(&gone, None).is_none());
        let shown = narrowed(&gone, Some(&set(&["retention_in_days"]))).unwrap().after;
        assert_eq!(shown.get("name"), Some(Value::string("g")));
        assert!(shown.get("retention_in_days").unwrap().is_null());
    }
}
