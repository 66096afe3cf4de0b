//! Asking before something happens.

use super::Ui;
use crate::diag::Diagnostic;

/// Asks; `None` if the input ended without an answer. `instead` is the option for those who cannot be asked.
///
/// # Errors
/// Nobody can be asked: `-input=false`, `TF_INPUT=0`.
pub fn ask(ui: &Ui, question: &str, instead: &str) -> Result<Option<String>, Diagnostic> {
    if !ui.input {
        return Err(Diagnostic::error(
            "Cannot ask for approval",
            "This needs an answer, and asking is switched off (-input=false or TF_INPUT). Nothing was changed.",
        )
        .help(format!("If you know what will happen, approve with {instead}.")));
    }
    ui.ask(question)
        .map_err(|e| Diagnostic::error("Cannot ask for approval", format!("The input cannot be read: {e}.")))
}
