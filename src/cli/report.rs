//! Diagnostics on their way to the user.

use super::{Ui, World};
use crate::diag::{Diagnostic, Diags};
use crate::show::{Style, diagnostics::texts};

/// All of them: warnings belong to the output, errors to the user's eyes.
pub fn all(ui: &Ui, diags: &Diags) {
    for warning in texts(diags.iter().filter(|d| !d.is_error()), look(ui)) {
        ui.print(format!("\n{warning}"));
    }
    for error in texts(diags.iter().filter(|d| d.is_error()), look(ui)) {
        ui.print_note(format!("\n{error}"));
    }
}

/// All of them to the user's eyes: the output is something else's.
pub fn errors(ui: &Ui, diags: &Diags) {
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) = diags.iter().partition(|d| d.is_error());
    for text in texts(warnings, look(ui)).into_iter().chain(texts(errors, look(ui))) {
        ui.print_note(format!("\n{text}"));
    }
}

/// The words of a diagnostic do not depend on what the program is called.
fn look(ui: &Ui) -> Style {
    Style { color: ui.color, width: ui.width.min(100), ..Style::PLAIN }
}

/// How texts are to look here. Wide lines are hard to read.
pub fn style(ui: &Ui, world: &World) -> Style {
    Style { color: ui.color, width: ui.width.min(100), product: world.product() }
}
