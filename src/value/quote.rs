//! Text in quotes, as HCL and as Go write it; JSON's quotes are in [`super::json`].

use std::borrow::Cow;
use std::fmt::Write as _;

/// A string as HCL writes it: a template that says just this.
pub fn hcl(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => out.extend([c, c]),
            c => show(c, &mut out),
        }
    }
    out.push('"');
    out
}

/// A text of which every character shows, but for tabs and the ends of lines: what moves a cursor, turns the direction of the text
/// or takes no room is written as HCL escapes it.
pub fn visible(text: &str) -> Cow<'_, str> {
    let plain = |c: char| matches!(c, ' '..='~' | '\n' | '\t');
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if plain(c) { out.push(c) } else { show(c, &mut out) }
    }
    Cow::Owned(out)
}

/// Appends a character, escaped where it would not show. Writing into a String cannot fail.
fn show(c: char, out: &mut String) {
    match c {
        c if is_printable(c) => out.push(c),
        '\0'..='\u{ffff}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
        c => drop(write!(out, "\\U{:08x}", u32::from(c))),
    }
}

/// A name as a key of an object in HCL: in quotes unless it is an identifier that means nothing else there.
pub fn hcl_key(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(|c| unicode_ident::is_xid_continue(c) || c == '-')
        && name != "for";
    if plain { name.into() } else { hcl(name) }
}

/// Appends a string as Go's `strconv.Quote` writes it, which is what Terraform's hashes, console and messages are made of.
pub fn go(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            '\0'..='\u{7f}' => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c if is_printable(c) => out.push(c),
            '\u{80}'..='\u{ffff}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
}

/// Whether a character shows. The standard library knows, but says so only in how it escapes a string for debugging (and there
/// not of a string's first character, where combining marks are escaped too).
fn is_printable(c: char) -> bool {
    if matches!(c, ' '..='~') {
        return true;
    }
    !format!("a{c}").escape_debug().any(|c| c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terraform's answers.
    #[test]
    fn what_does_not_show_is_escaped() {
        for (text, wanted) in [
            ("a\u{202e}b", r#""a\u202eb""#),
            ("c\u{1b}[31md", r#""c\u001b[31md""#),
            ("e\u{200b}f", r#""e\u200bf""#),
            ("ключ 日本語 e\u{301}", "\"ключ 日本語 e\u{301}\""),
            ("\u{e0001}'", r#""\U000e0001'""#),
        ] {
            assert_eq!(hcl(text), wanted);
            assert_eq!(visible(text), wanted.trim_matches('"'));
        }
        assert_eq!(visible("a\n\tb\"\\"), "a\n\tb\"\\");
    }

    /// Go's answers.
    #[test]
    fn as_go_quotes() {
        let cases = [
            ("", r#""""#),
            ("a \"b\" \\", r#""a \"b\" \\""#),
            ("\n\r\t\u{7}\u{8}\u{b}\u{c}", r#""\n\r\t\a\b\v\f""#),
            ("\0\u{1f}\u{7f}", r#""\x00\x1f\x7f""#),
            ("\u{80}\u{200b}\u{feff}", r#""\u0080\u200b\ufeff""#),
            ("ä💚e\u{301}", "\"ä💚e\u{301}\""),
            ("\u{e0001}", r#""\U000e0001""#),
            ("${a}", r#""${a}""#),
        ];
        for (text, wanted) in cases {
            let mut out = String::new();
            go(text, &mut out);
            assert_eq!(out, wanted);
        }
    }

    #[test]
    fn as_hcl_writes() {
        let cases = [
            ("a", "\"a\"", "a"),
            ("", "\"\"", "\"\""),
            ("_a-1", "\"_a-1\"", "_a-1"),
            ("for", "\"for\"", "\"for\""),
            ("1a", "\"1a\"", "\"1a\""),
            ("é", "\"é\"", "é"),
            ("${a} %{b} $c", "\"$${a} %%{b} $c\"", "\"$${a} %%{b} $c\""),
            ("a\n\u{7}", "\"a\\n\\u0007\"", "\"a\\n\\u0007\""),
        ];
        for (text, quoted, key) in cases {
            assert_eq!(hcl(text), quoted);
            assert_eq!(hcl_key(text), key);
        }
    }
}
