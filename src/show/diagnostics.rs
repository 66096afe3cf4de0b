//! Diagnostics as text, with the source and a caret, and as Terraform's JSON.

use super::Style;
use crate::diag::{Diagnostic, Severity, Span};
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};
use unicode_segmentation::UnicodeSegmentation;

/// One diagnostic as cargo and rustc write them; its first line says `Error: ` or `Warning: ` as Terraform's does.
pub fn text(d: &Diagnostic, style: Style) -> String {
    let (level, name) = match d.severity {
        Severity::Error => (Level::ERROR, "Error"),
        Severity::Warning => (Level::WARNING, "Warning"),
    };
    let title = level.with_name(name).primary_title(d.summary);
    let mut elements: Vec<Element<'_>> = Vec::new();
    let mut places: Vec<(&Span, AnnotationKind, Option<&str>)> = Vec::new();
    if let Some(span) = &d.span {
        places.push((span, AnnotationKind::Primary, None));
    }
    places.extend(d.related.iter().map(|(span, label)| (span, AnnotationKind::Context, Some(&**label))));
    let mut rest = &places[..];
    // Places in one file that follow each other share a picture.
    while let Some((first, _, _)) = rest.first() {
        let same = rest.iter().take_while(|(s, _, _)| s.source.name == first.source.name).count();
        let (here, after) = rest.split_at(same);
        rest = after;
        let mut snippet: Snippet<'_, Annotation<'_>> =
            Snippet::source(&*first.source.text).path(&*first.source.name).line_start(1);
        for (span, kind, label) in here {
            snippet = snippet.annotation(kind.span(range(span)).label(*label));
        }
        elements.push(snippet.into());
    }
    let group: Group<'_> = title.elements(elements);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let mut out = renderer.term_width(style.width.max(40)).render(&[group]);
    if let Some(address) = &d.address {
        out.push_str(&format!("\n  with {address}"));
    }
    out.push('\n');
    if !d.detail.is_empty() {
        out.push_str(&format!("\n{}\n", wrap(&d.detail, style.width)));
    }
    if let Some(help) = &d.help {
        out.push_str(&format!("\n{}\n", wrap(&format!("Help: {help}"), style.width)));
    }
    out
}

/// The span as a byte range that lies on character boundaries of its source.
fn range(span: &Span) -> std::ops::Range<usize> {
    let text = &span.source.text;
    let fit = |mut i: usize| {
        i = i.min(text.len());
        while !text.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    let start = fit(span.start as usize);
    start..fit(span.end as usize).max(start)
}

/// Breaks paragraphs at spaces; indented lines (commands, lists) stay as they are.
pub fn wrap(text: &str, width: usize) -> String {
    let width = width.clamp(40, 100);
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        if line.starts_with([' ', '\t']) {
            out.push_str(line);
            continue;
        }
        let mut column = 0;
        for (w, word) in line.split(' ').enumerate() {
            let len = word.graphemes(true).count();
            if w > 0 {
                if column + 1 + len > width {
                    out.push('\n');
                    column = 0;
                } else {
                    out.push(' ');
                    column += 1;
                }
            }
            out.push_str(word);
            column += len;
        }
    }
    out
}

/// One diagnostic as `validate -json` and the `-json` streams have it.
pub fn json(d: &Diagnostic) -> Json {
    let severity = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let detail = match &d.help {
        Some(help) if d.detail.is_empty() => help.clone(),
        Some(help) => format!("{}\n\n{help}", d.detail),
        None => d.detail.clone(),
    };
    let mut out = json!({ "severity": severity, "summary": d.summary, "detail": detail });
    if let Some(address) = &d.address {
        out["address"] = json!(address);
    }
    if let Some(span) = &d.span {
        let at = |byte: usize| {
            let (line, column) = span.source.line_column(byte);
            json!({ "line": line, "column": column, "byte": byte })
        };
        out["range"] = json!({
            "filename": span.source.name,
            "start": at(span.start as usize),
            "end": at(span.end as usize),
        });
        out["snippet"] = snippet(span);
    }
    out
}

/// The lines around a place: Terraform's `snippet`.
fn snippet(span: &Span) -> Json {
    let text = &span.source.text;
    let place = range(span);
    let start = text[..place.start].rfind('\n').map_or(0, |i| i + 1);
    let end = text[place.end..].find('\n').map_or(text.len(), |i| place.end + i);
    let (line, _) = span.line_column();
    // The nearest line above that opens a block at the left margin.
    let context = text[..start]
        .lines()
        .rev()
        .find(|l| l.starts_with(|c: char| c.is_alphabetic()))
        .filter(|l| l.trim_end().ends_with('{'))
        .map(|l| l.trim_end().trim_end_matches('{').trim_end().to_string());
    json!({
        "context": context,
        "code": &text[start..end],
        "start_line": line,
        "highlight_start_offset": place.start - start,
        "highlight_end_offset": place.end - start,
        "values": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn example() -> Diagnostic {
        let source = Source::new("main.tf", "resource \"aws_iam_role\" \"r\" {\n  nme = \"x\"\n}\n");
        Diagnostic::error("Unsupported argument", "An argument named \"nme\" is not expected here.")
            .at(&Span::new(&source, 32, 35))
            .help("Did you mean \"name\"?")
            .about("aws_iam_role.r")
    }

    #[test]
    fn a_diagnostic_has_what_where_and_what_to_do() {
        insta::assert_snapshot!(text(&example(), Style::PLAIN));
    }

    #[test]
    fn as_json_it_has_terraforms_shape() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&json(&example())).unwrap());
    }

    #[test]
    fn commands_are_not_wrapped() {
        let text = "A sentence that is long enough to be broken somewhere near its end.\n\n    formwork import 'aws_iam_role.a_rather_long_name' 'an-id'";
        assert_eq!(wrap(text, 40).lines().last(), text.lines().last());
    }
}
