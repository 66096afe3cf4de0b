//! Diagnostics on their way to the user.

use super::{Ui, help, ui::Style};
use crate::diag::{Diagnostic, Diags, Severity};

/// All of them to the user's eyes, errors last.
pub fn errors(ui: &Ui, diags: &Diags) {
    for d in diags.iter().filter(|d| !d.is_error()).chain(diags.iter().filter(|d| d.is_error())) {
        ui.note(text(ui, d));
    }
}

fn text(ui: &Ui, d: &Diagnostic) -> String {
    let (word, style) = match d.severity {
        Severity::Error => ("Error: ", Style::Red),
        Severity::Warning => ("Warning: ", Style::Yellow),
    };
    let mut lines =
        vec![String::new(), format!("{}{}", ui.style(style, word), ui.style(Style::Bold, d.summary)), String::new()];
    if let Some(address) = &d.address {
        lines.push(format!("  with {address},"));
    }
    if let Some(span) = &d.span {
        let (line, _) = span.line_column();
        lines.push(format!("  on {} line {line}:", span.source.name));
        let code = span.source.text.lines().nth(line - 1).unwrap_or_default();
        lines.push(format!("  {line:>2}: {code}"));
    }
    if d.address.is_some() || d.span.is_some() {
        lines.push(String::new());
    }
    for text in std::iter::once(&d.detail).chain(&d.help) {
        for paragraph in text.split("\n\n") {
            if paragraph.starts_with("  ") {
                lines.push(paragraph.to_string());
            } else {
                lines.extend(help::wrap(paragraph, ui.width.min(78)));
            }
            lines.push(String::new());
        }
    }
    lines.pop();
    lines.join("\n")
}
