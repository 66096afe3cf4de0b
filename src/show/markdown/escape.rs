//! Texts of others in Markdown: nothing in them is markup, a mention or a reference.
//!
//! Refuses to know what they say.

use crate::value::quote;
use std::fmt::Write;

/// A code block that nothing inside it can end.
pub(super) fn fence(language: &str, body: &str) -> String {
    let body = quote::visible(body);
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    let end = if body.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{language}\n{body}{end}{ticks}\n")
}

/// In the font of code, as HTML, so that nothing in it is Markdown.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", html(&short(text, 250)))
}

pub(super) fn html(text: &str) -> String {
    // A line has no lines in it, and nothing turns the direction of what follows.
    let text = text.replace(char::is_control, " ");
    let chars: Vec<char> = quote::visible(&text).chars().collect();
    let word = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Inside a word it is no Markdown.
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push('_'),
            // Inside HTML of a line, Markdown is still Markdown.
            '*' | '_' | '`' | '[' | ']' | '\\' | '@' | '#' | '~' | '|' => {
                let _ = write!(out, "&#{};", u32::from(*c));
            }
            c => out.push(*c),
        }
    }
    out
}

/// Our own sentences: what stands between backticks is code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    parts.iter().enumerate().map(|(i, part)| if i % 2 == 1 { code(part) } else { escape(part) }).collect()
}

/// Plain text: no markup, no mention, no reference.
pub(super) fn escape(text: &str) -> String {
    html(text)
}

pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_turns_the_direction_or_moves_the_cursor() {
        for (text, wanted) in [
            ("a\u{202e}b", "a&#92;u202eb"),
            ("x\u{1b}[2J\ny", "x &#91;2J y"),
            ("zero\u{200b}width", "zero&#92;u200bwidth"),
            ("日本語 ключ é", "日本語 ключ é"),
            ("@me </details> `|`", "&#64;me &lt;/details&gt; &#96;&#124;&#96;"),
        ] {
            assert_eq!(html(text), wanted);
        }
        assert_eq!(fence("diff", "+ a\u{202e}\u{1b}[2J\n+ ```\n"), "````diff\n+ a\\u202e\\u001b[2J\n+ ```\n````\n");
    }
}
