//! What in a plan can hurt and is not about access, as text.
//!
//! Refuses to know how that is found out.

use super::{Style, diagnostics};
use crate::plan::Plan;
use crate::review::{self, Danger, Harm};

/// More than this are counted, not told.
const MOST: usize = 20;

/// The section behind a plan; empty where nothing can hurt. Who gains and loses what stands in a section of its own.
pub fn text(plan: &Plan, style: Style) -> String {
    let dangers = review::dangers(plan);
    let told: Vec<&Danger> =
        dangers.iter().filter(|d| matches!(d.harm, Harm::Data | Harm::Protection | Harm::Service)).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.bold("What can hurt:"));
    for d in told.iter().take(MOST) {
        let sign = if d.harm == Harm::Data { style.red("!!") } else { style.yellow(" !") };
        let wrapped = diagnostics::wrap(&d.text, style.width.saturating_sub(5));
        for (i, line) in wrapped.lines().enumerate() {
            out.push_str(&if i == 0 { format!("  {sign} {line}\n") } else { format!("     {line}\n") });
        }
    }
    if told.len() > MOST {
        out.push_str(&format!("     and {} more\n", told.len() - MOST));
    }
    out
}
