//! Diagnostics on their way to the user.

use super::Ui;
use crate::diag::{Diagnostic, Diags};
use crate::show::{Style, diagnostics::text};

/// All of them: warnings belong to the output, errors to the user's eyes.
pub fn all(ui: &Ui, diags: &Diags) {
    for d in diags.iter().filter(|d| !d.is_error()) {
        ui.print(format!("\n{}", one(ui, d)));
    }
    for d in diags.iter().filter(|d| d.is_error()) {
        ui.print_note(format!("\n{}", one(ui, d)));
    }
}

/// All of them to the user's eyes: the output is something else's.
pub fn errors(ui: &Ui, diags: &Diags) {
    for d in diags.iter().filter(|d| !d.is_error()).chain(diags.iter().filter(|d| d.is_error())) {
        ui.print_note(format!("\n{}", one(ui, d)));
    }
}

fn one(ui: &Ui, d: &Diagnostic) -> String {
    text(d, style(ui))
}

/// How texts are to look here. Wide lines are hard to read.
pub fn style(ui: &Ui) -> Style {
    Style { color: ui.color, width: ui.width.min(100), ..Style::PLAIN }
}
