//! Diagnostics on their way to the user.

use super::{Ui, World};
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
    // The words of a diagnostic do not depend on what the program is called.
    text(d, Style { color: ui.color, width: ui.width.min(100), ..Style::PLAIN })
}

/// How texts are to look here. Wide lines are hard to read.
pub fn style(ui: &Ui, world: &World) -> Style {
    Style { color: ui.color, width: ui.width.min(100), product: world.product() }
}
