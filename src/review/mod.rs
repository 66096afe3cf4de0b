//! What a reviewer must know about a plan, apart from planning: what can hurt, who may do more than before, and findings with codes.
//!
//! Refuses to know how AWS is called and how anything is shown; changes nothing about the plan.

mod access;
mod danger;
pub mod drift;
mod findings;
mod hidden;
mod holders;
mod machines;
mod objects;
mod place;
mod roles;
mod rules;
mod tables;

pub use access::{AccessChange, Told, access_changes};
pub use danger::{Danger, Harm, dangers};
pub use findings::{Finding, findings};
pub use hidden::Hidden;
pub use holders::{Holder, Holders, Side, Subject};
pub use rules::{Grade, RULES, Rule, rule};

use crate::plan::{Change, Mode, Plan};

/// What a plan is about: what it changes, or where it only takes over what others did, that.
fn changes(plan: &Plan) -> Vec<&Change> {
    if plan.mode != Mode::RefreshOnly {
        return plan.changes.iter().collect();
    }
    let drifted = |c: &Change| plan.drift.iter().any(|d| d.address == c.address);
    plan.drift.iter().chain(plan.changes.iter().filter(|c| !drifted(c))).collect()
}
