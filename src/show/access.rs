//! Who gains and loses which access by a plan, as text.
//!
//! Refuses to know how that is found out.

use super::{Style, diagnostics};
use crate::plan::Plan;
use crate::review;

/// More lines than this are counted, not shown.
const MOST: usize = 30;

/// The section behind a plan; empty where nobody's access changes. What new roles may do stands in their policies, so of them only
/// what deserves a second look is told.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut lines = Vec::new();
    for change in review::access_changes(plan).iter().filter(|c| !c.gone) {
        for told in change.sentences() {
            if change.new && told.warnings.is_empty() {
                continue;
            }
            let sign = if told.widens { style.green("+") } else { style.red("-") };
            let mut text = told.text;
            if !told.warnings.is_empty() {
                text.push_str(&format!(" (! {})", told.warnings.join("; ")));
            }
            lines.push((sign, text));
        }
        if change.open && !change.new {
            lines.push((style.yellow("~"), format!("what {} may do is known after apply", change.subject.text())));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.bold("Access:"));
    for (sign, text) in lines.iter().take(MOST) {
        let wrapped = diagnostics::wrap(text, style.width.saturating_sub(4));
        for (i, line) in wrapped.lines().enumerate() {
            out.push_str(&if i == 0 { format!("  {sign} {line}\n") } else { format!("      {line}\n") });
        }
    }
    if lines.len() > MOST {
        out.push_str(&format!("    and {} more\n", lines.len() - MOST));
    }
    out
}
