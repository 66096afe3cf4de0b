//! Diagnostics as text, with the source and a caret, and as Terraform's JSON.

use super::Style;
use super::value::columns;
use crate::diag::{Diagnostic, Severity, Span};
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};
use unicode_segmentation::UnicodeSegmentation;

/// Of a value beside an expression, no more characters than this are shown.
const LONGEST: usize = 60;

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
            snippet = snippet.annotation(kind.span(narrow(span, style.width)).label(*label));
        }
        elements.push(snippet.into());
    }
    let group: Group<'_> = title.elements(elements);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let mut out = renderer.term_width(style.width.max(40)).render(&[group]);
    if let Some(address) = &d.address {
        out.push_str(&format!("\n  with {address}"));
    }
    for (name, is) in &d.values {
        // A long text is in the configuration; here it tells which one it is.
        let is: String =
            if is.chars().count() > LONGEST { is.chars().take(LONGEST).chain(['…']).collect() } else { is.clone() };
        out.push_str(&format!("\n  where {name} {is}"));
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

/// A place on one line that is wider than what can be shown, cut: the line would be broken otherwise, and so would be its carets.
fn narrow(span: &Span, width: usize) -> std::ops::Range<usize> {
    let place = range(span);
    let text = &span.source.text[place.clone()];
    // The number of the line, the bar, and the dots where a line is cut stand beside it.
    let room = width.max(40).saturating_sub(24);
    if text.contains('\n') || columns(text) <= room {
        return place;
    }
    let mut taken = 0;
    let kept = text.graphemes(true).take_while(|g| {
        taken += columns(g);
        taken <= room
    });
    place.start..place.start + kept.map(str::len).sum::<usize>()
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

/// All of them as texts, in their order. Where instances of one block are told the same, it is told once.
pub fn texts<'a>(diags: impl IntoIterator<Item = &'a Diagnostic>, style: Style) -> Vec<String> {
    let mut groups: Vec<(&Diagnostic, usize)> = Vec::new();
    for d in diags {
        let block = |d: &Diagnostic| d.address.as_ref().map(|a| without_key(a).to_string());
        let same = |(first, _): &&mut (&Diagnostic, usize)| {
            d.address.is_some()
                && d.span.is_some()
                && block(first) == block(d)
                && **first == Diagnostic { address: first.address.clone(), ..d.clone() }
        };
        match groups.iter_mut().find(same) {
            Some((_, more)) => *more += 1,
            None => groups.push((d, 0)),
        }
    }
    let one = |(d, more): (&Diagnostic, usize)| match (&d.address, more) {
        (Some(address), 1..) => {
            let s = if more == 1 { "" } else { "s" };
            let address = Some(format!("{address} and {more} more instance{s}"));
            text(&Diagnostic { address, ..d.clone() }, style)
        }
        _ => text(d, style),
    };
    groups.into_iter().map(one).collect()
}

/// An address without the key of its instance.
fn without_key(address: &str) -> &str {
    match address.ends_with(']') {
        true => address.rsplit_once('[').map_or(address, |(block, _)| block),
        false => address,
    }
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
        let values = d.values.iter().map(|(name, is)| json!({ "traversal": name, "statement": is }));
        out["snippet"]["values"] = values.collect();
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
    fn what_all_instances_have_is_told_once() {
        let of = |address: &str| Diagnostic { address: Some(address.into()), ..example() };
        let told = texts(
            &[of("aws_iam_role.r[0]"), of("aws_iam_role.q"), of("aws_iam_role.r[1]"), of("aws_iam_role.r[\"a[b\"]")],
            Style::PLAIN,
        );
        let with: Vec<&str> = told.iter().filter_map(|t| t.lines().find(|l| l.starts_with("  with"))).collect();
        assert_eq!(
            with,
            ["  with aws_iam_role.r[0] and 1 more instance", "  with aws_iam_role.q", "  with aws_iam_role.r[\"a[b\"]"]
        );
        // Without a place nothing shows that they are the same.
        let bare = |address: &str| Diagnostic::error("Failed", "It failed.").about(address);
        assert_eq!(texts(&[bare("a.b[0]"), bare("a.b[1]")], Style::PLAIN).len(), 2);
    }

    #[test]
    fn a_wide_place_is_cut_and_its_carets_stay_below_it() {
        for (text, from) in [
            (format!("  definition = jsonencode({{ {} }})\n", "StartAt = \"A\", ".repeat(20)), 15),
            (format!("  x = \"{}\"\n", "日本語".repeat(40)), 6),
        ] {
            let source = Source::new("main.tf", text.clone());
            let d = Diagnostic::error("Wrong", "It is wrong.").at(&Span::new(&source, from, text.len() - 1));
            for width in [40, 60, 80, 100] {
                let drawn = super::text(&d, Style { width, ..Style::PLAIN });
                assert!(drawn.lines().all(|l| columns(l) <= width), "{width}\n{drawn}");
                assert!(drawn.contains("^^^^"), "{drawn}");
            }
        }
    }

    #[test]
    fn commands_are_not_wrapped() {
        let text = "A sentence that is long enough to be broken somewhere near its end.\n\n    formwork import 'aws_iam_role.a_rather_long_name' 'an-id'";
        assert_eq!(wrap(text, 40).lines().last(), text.lines().last());
    }
}
