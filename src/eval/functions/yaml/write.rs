//! A value → YAML, laid out as Terraform's emitter (a descendant of libyaml) does it, byte for byte.

use super::super::strings::MAX_TEXT;
use crate::value::{Kind, Value};
use std::fmt::Write;

/// Double-quoted text goes on in a new line at the first space behind this column.
const WIDTH: usize = 80;
/// Longer keys get a line of their own.
const LONGEST_KEY: usize = 128;

/// The whole document; `None` if it gets too long.
pub(super) fn document(value: &Value) -> Option<String> {
    let mut w = Writer { out: String::new(), column: 0 };
    w.node(value, None, Place::Start);
    if w.column > 0 {
        w.put("\n");
    }
    // What stands bare at the top could go on in the next line, so its end is said.
    if matches!(value.kind(), Kind::Null(_) | Kind::Bool(_) | Kind::Number(_)) {
        w.put("...\n");
    }
    (w.out.len() <= MAX_TEXT).then_some(w.out)
}

/// Where a node begins.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// At the beginning of the document.
    Start,
    /// Behind the colon of a key that stands in the same line.
    Value,
    /// Behind `-`, `?` or a colon that stands alone.
    Item,
}

struct Writer {
    out: String,
    /// In characters.
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        for c in text.chars() {
            self.out.push(c);
            // Other line breaks than these count as such in blocks only.
            self.column = if c == '\n' { 0 } else { self.column + 1 };
        }
    }

    /// To the beginning of a line with this indent, unless it is there.
    fn indent(&mut self, indent: usize) {
        if self.column > 0 {
            self.put("\n");
        }
        self.put(&" ".repeat(indent));
    }

    /// `around` is the indent of the collection that the node is in.
    fn node(&mut self, value: &Value, around: Option<usize>, place: Place) {
        if self.out.len() > MAX_TEXT {
            return;
        }
        let inner = around.map_or(0, |i| i + 2);
        match value.kind() {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) if !vs.is_empty() => {
                // The items of a key's list stand below the key.
                let indent = if place == Place::Value { around.unwrap_or(0) } else { inner };
                for (i, v) in vs.iter().enumerate() {
                    match (i, place) {
                        (0, Place::Start) => {}
                        (0, Place::Item) => self.put(" "),
                        _ => self.indent(indent),
                    }
                    self.put("-");
                    self.node(v, Some(indent), Place::Item);
                }
            }
            Kind::Map(_, fs) | Kind::Object(fs) if !fs.is_empty() => {
                for (i, (k, v)) in fs.iter().enumerate() {
                    match (i, place) {
                        (0, Place::Start) => {}
                        (0, Place::Item) => self.put(" "),
                        _ => self.indent(inner),
                    }
                    if k.len() <= LONGEST_KEY && !k.contains(is_break) {
                        self.quoted(k, None);
                        self.put(":");
                        self.node(v, Some(inner), Place::Value);
                    } else {
                        self.put("?");
                        self.string(k, Some(inner), Place::Item);
                        self.indent(inner);
                        self.put(":");
                        self.node(v, Some(inner), Place::Item);
                    }
                }
            }
            Kind::String(s) => self.string(s, around, place),
            kind => {
                if place != Place::Start {
                    self.put(" ");
                }
                let text = match kind {
                    Kind::Bool(b) => b.to_string(),
                    Kind::Number(n) => n.to_string(),
                    Kind::Null(_) | Kind::Unknown(..) => "null".to_owned(),
                    Kind::Map(..) | Kind::Object(_) => "{}".to_owned(),
                    _ => "[]".to_owned(),
                };
                self.put(&text);
            }
        }
    }

    fn string(&mut self, text: &str, around: Option<usize>, place: Place) {
        let indent = around.map_or(2, |i| i + 2);
        if place != Place::Start {
            self.put(" ");
        }
        if text.contains('\n') && block_allowed(text) {
            self.block(text, indent);
        } else {
            self.quoted(text, Some(indent));
        }
    }

    /// `|`, with the number of spaces where it cannot be seen, and what happens to the line breaks at the end.
    fn block(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put("2");
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.put("-"),
            (true, None) => self.put("+"),
            (true, Some(c)) if is_break(c) => self.put("+"),
            _ => {}
        }
        self.put("\n");
        let mut start = true;
        for c in text.chars() {
            if is_break(c) {
                self.put(c.encode_utf8(&mut [0; 4]));
                self.column = 0;
                start = true;
                continue;
            }
            if start {
                self.put(&" ".repeat(indent));
                start = false;
            }
            self.put(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// In double quotes; folded where it gets long, if there is an indent for the next line.
    fn quoted(&mut self, text: &str, fold: Option<usize>) {
        self.put("\"");
        // The emitter takes every character behind a byte order mark for one.
        let marked = text.starts_with('\u{feff}');
        let mut after_space = false;
        let mut letters = text.char_indices().peekable();
        while let Some((i, c)) = letters.next() {
            if marked || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                let escape = escape(c);
                self.put(&escape);
                after_space = false;
            } else if c == ' ' {
                let last = i + 1 == text.len();
                match fold {
                    Some(indent) if !after_space && self.column > WIDTH && i > 0 && !last => {
                        self.indent(indent);
                        if letters.peek().is_some_and(|(_, next)| *next == ' ') {
                            self.put("\\");
                        }
                    }
                    _ => self.put(" "),
                }
                after_space = true;
            } else {
                self.put(c.encode_utf8(&mut [0; 4]));
                after_space = false;
            }
        }
        self.put("\"");
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether a block would give the same text back: no characters that need escapes, no spaces at the end of a line.
fn block_allowed(text: &str) -> bool {
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        if !is_printable(c) || (is_break(c) && before == ' ' && i > 0) {
            return false;
        }
        before = c;
    }
    before != ' '
}

fn escape(c: char) -> String {
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let mut out = String::new();
            // Writing to a string cannot fail.
            let _ = match c as u32 {
                n @ ..=0xff => write!(out, "\\x{n:02X}"),
                n @ ..=0xffff => write!(out, "\\u{n:04X}"),
                n => write!(out, "\\U{n:08X}"),
            };
            return out;
        }
    };
    format!("\\{letter}")
}
