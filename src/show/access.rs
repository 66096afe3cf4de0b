//! Who gains and loses which access by a plan, as text.
//!
//! Refuses to know how that is found out.

use super::{Style, diagnostics};
use crate::plan::Plan;
use crate::review;

/// More lines than this are counted, not shown.
const MOST: usize = 30;
/// More subjects than this that all gain or lose the same are counted.
const ALIKE: usize = 6;

/// One line: what the first of some subjects gains or loses, and the others with it.
struct Row {
    /// `None`: known after apply.
    widens: Option<bool>,
    first: String,
    /// What follows the subject.
    rest: String,
    warnings: Vec<String>,
    others: Vec<String>,
}

/// The section behind a plan; empty where nobody's access changes. What new roles may do stands in their policies, so of them only
/// what deserves a second look is told. That comes first.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut rows = rows(plan);
    rows.sort_by_key(|r| r.warnings.is_empty());
    let Some(first) = rows.first() else { return String::new() };
    // A column of its own for what deserves a second look, where something does.
    let heeded = !first.warnings.is_empty();
    let indent = if heeded { " " } else { "" };
    let mut out = format!("\n{}\n", style.bold("Access:"));
    for row in rows.iter().take(MOST) {
        let heed = if row.warnings.is_empty() { indent.into() } else { style.yellow("!") };
        let sign = match row.widens {
            Some(true) => style.green("+"),
            Some(false) => style.red("-"),
            None => style.yellow("~"),
        };
        let wrapped = diagnostics::wrap(&row.text(), style.width.saturating_sub(6));
        for (i, line) in wrapped.lines().enumerate() {
            out.push_str(&if i == 0 { format!("  {heed}{sign} {line}\n") } else { format!("{indent}      {line}\n") });
        }
    }
    let more: usize = rows.iter().skip(MOST).map(|r| 1 + r.others.len()).sum();
    if more > 0 {
        out.push_str(&format!("{indent}    and {more} more\n"));
    }
    out
}

fn rows(plan: &Plan) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    for change in review::access_changes(plan).iter().filter(|c| !c.gone) {
        let subject = change.hidden.veil(&change.subject.text());
        let mut add = |widens: Option<bool>, text: &str, warnings: Vec<String>| {
            // What the policy of a resource allows is told of those whom it allows it.
            let (first, rest) = match text.strip_prefix(&*subject) {
                Some(rest) => (subject.clone(), rest.to_string()),
                None => (String::new(), text.to_string()),
            };
            let alike = |r: &&mut Row| r.widens == widens && r.rest == rest && r.warnings == warnings;
            match out.iter_mut().find(alike).filter(|_| !first.is_empty()) {
                Some(row) => row.others.push(first),
                None => out.push(Row { widens, first, rest, warnings, others: Vec::new() }),
            }
        };
        for told in change.sentences() {
            if change.new && told.warnings.is_empty() {
                continue;
            }
            add(Some(told.widens), &told.text, told.warnings);
        }
        if change.open && !change.new {
            add(None, &format!("{subject}: what is allowed is known after apply, or sensitive"), Vec::new());
        }
    }
    out
}

impl Row {
    fn text(&self) -> String {
        let mut out = format!("{}{}", self.first, self.rest);
        if !self.warnings.is_empty() {
            out.push_str(&format!(" ({})", self.warnings.join("; ")));
        }
        if !self.others.is_empty() {
            let told: Vec<&str> = self.others.iter().take(ALIKE).map(|o| &**o).collect();
            let more = match self.others.len() - told.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            out.push_str(&format!("; the same: {}{more}", told.join(", ")));
        }
        out
    }
}
