//! What a reviewer must know about a plan, apart from planning: what can hurt, who may do more than before, and findings with codes.
//!
//! Refuses to know how AWS is called and how anything is shown; changes nothing about the plan.

mod access;
mod danger;
mod findings;
mod hidden;
mod holders;
mod machines;
mod objects;
mod place;
mod rules;

pub use access::{AccessChange, Told, access_changes};
pub use danger::{Danger, Harm, dangers};
pub use findings::{Finding, findings};
pub use hidden::Hidden;
pub use holders::{Holder, Holders, Side, Subject};
pub use rules::{Grade, RULES, Rule, rule};
