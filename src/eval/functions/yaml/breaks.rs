//! Line breaks that YAML 1.1 has and the parser does not: NEL, which is one like any other, and the separators of lines and of
//! paragraphs, which break a line and stay in the text.
//!
//! Refuses to know YAML otherwise: a separator goes to the parser as a mark at the end of a line, and what the parser made of
//! mark and line break becomes the separator again. (One that begins a line of a block is not understood: the parser wants it indented.)

use saphyr_parser::ScalarStyle;
use std::borrow::Cow;

const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// Marks that stand for separators; two that do not occur in the text.
pub(super) struct Breaks(Option<[char; 2]>);

impl Breaks {
    /// The text for the parser.
    pub(super) fn hide(text: &str) -> (Breaks, Cow<'_, str>) {
        let text = if text.contains('\u{85}') { Cow::Owned(text.replace('\u{85}', "\n")) } else { Cow::Borrowed(text) };
        if !text.contains(SEPARATORS) {
            return (Breaks(None), text);
        }
        let mut free = ('\u{e000}'..='\u{f8ff}').filter(|c| !text.contains(*c));
        let (Some(line), Some(paragraph)) = (free.next(), free.next()) else { return (Breaks(None), text) };
        let hidden =
            text.replace(SEPARATORS[0], &format!("{line}\n")).replace(SEPARATORS[1], &format!("{paragraph}\n"));
        (Breaks(Some([line, paragraph])), Cow::Owned(hidden))
    }

    /// A text out of the document. In all styles but the literal one the parser made spaces of line breaks.
    pub(super) fn restore<'a>(&self, text: &'a str, style: ScalarStyle) -> Cow<'a, str> {
        let Some(marks) = self.0.filter(|marks| text.contains(marks)) else { return Cow::Borrowed(text) };
        let folded = style != ScalarStyle::Literal;
        // What breaks a line before or after a plain word is no part of it.
        let text =
            if style == ScalarStyle::Plain { text.trim_matches(|c| c == ' ' || marks.contains(&c)) } else { text };
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(marks) {
            let before = &rest[..at];
            out.push_str(if folded { before.trim_end_matches([' ', '\t']) } else { before });
            let mut chars = rest[at..].chars();
            out.push(SEPARATORS[usize::from(chars.next() == Some(marks[1]))]);
            rest = chars.as_str();
            // Where more breaks follow, folding has taken the first already.
            rest = rest.strip_prefix(if folded { ' ' } else { '\n' }).unwrap_or(rest);
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}
