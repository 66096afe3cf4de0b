//! `check` blocks: what their findings are called. They never fail a run.

use crate::diag::{Diagnostic, Severity};

/// An assertion does not hold.
pub const FAILED: &str = "Check block assertion failed";
/// Whether it holds is known after apply.
pub const LATER: &str = "Check block assertion known after apply";

/// A finding of a check block, which is a warning whatever it would be elsewhere.
pub fn warning(d: Diagnostic) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..d }
}

/// Whether this was said of a check block's assertion, which is judged again at the end of an apply.
pub fn is_of_a_check(d: &Diagnostic) -> bool {
    d.summary == FAILED || d.summary == LATER
}
