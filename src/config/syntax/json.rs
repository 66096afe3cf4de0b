//! JSON texts → values with places. Numbers are exact; nothing is said of what a text means.
//!
//! Refuses to know configuration: that JSON becomes bodies and expressions is in `json_body`.

use super::parser::{LEVELS, Origin};
use crate::diag::{Diagnostic, Diags, Source, Span, nearest};
use crate::value::{Fields, Number, Type, Value};
use std::sync::Arc;

/// A JSON value and its place.
#[derive(Clone, Debug)]
pub struct Json {
    /// What it is.
    pub kind: JsonKind,
    /// Its place; of a string, with the quotes.
    pub span: Span,
}

/// The forms of JSON values.
#[derive(Clone, Debug)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, exactly.
    Number(Number),
    /// A string.
    String(JsonString),
    /// `[...]`
    Array(Vec<Json>),
    /// `{...}`: all properties in the order written, also those of the same name.
    Object(Vec<(JsonString, Json)>),
}

/// A JSON string: its text, and where each part of it stands.
#[derive(Clone, Debug)]
pub struct JsonString {
    /// The text, escapes resolved.
    pub text: Arc<str>,
    /// Its place, with the quotes.
    pub span: Span,
    pub(super) origin: Origin,
}

impl Json {
    /// The value it stands for when strings are taken as they are. Of several properties of one name the last counts.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            JsonKind::Null => Value::null(Type::Any),
            JsonKind::Bool(b) => Value::bool(*b),
            JsonKind::Number(n) => Value::number(n.clone()),
            JsonKind::String(s) => Value::string(&s.text),
            JsonKind::Array(items) => Value::tuple(items.iter().map(Json::to_value).collect()),
            JsonKind::Object(items) => {
                let fields =
                    items.iter().map(|(k, v)| (Arc::from(Value::string(&k.text).as_str().unwrap_or("")), v.to_value()));
                Value::object(fields.collect::<Fields>())
            }
        }
    }

    /// The properties of an object.
    pub fn properties(&self) -> Option<&[(JsonString, Json)]> {
        match &self.kind {
            JsonKind::Object(properties) => Some(properties),
            _ => None,
        }
    }
}

/// Reads a text that is a single JSON value. The first error ends the reading.
pub fn parse_json_value(source: &Arc<Source>) -> (Option<Json>, Diags) {
    if source.text.len() >= i32::MAX as usize {
        let detail = "Files of two gigabytes and more are not read. Split the file.";
        return (None, Diagnostic::error("File too large", detail).at(&Span::new(source, 0, 0)).into());
    }
    let mut reader = Reader { source, text: &source.text, at: 0, level: 0 };
    if source.text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    match reader.whole() {
        Ok(json) => (Some(json), Diags::new()),
        Err(diagnostic) => (None, (*diagnostic).into()),
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

struct Reader<'a> {
    source: &'a Arc<Source>,
    text: &'a str,
    at: usize,
    level: u32,
}

impl<'a> Reader<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn error<T>(&self, summary: &'static str, detail: impl Into<String>, start: usize, end: usize) -> Read<T> {
        Err(Box::new(Diagnostic::error(summary, detail).at(&self.span(start, end))))
    }

    /// An error at the next character.
    fn error_here<T>(&self, summary: &'static str, detail: impl Into<String>) -> Read<T> {
        let len = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        self.error(summary, detail, self.at, self.at + len)
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes this byte if it is next, blanks aside.
    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn whole(&mut self) -> Read<Json> {
        let value = self.value()?;
        self.blanks();
        match self.byte() {
            None => Ok(value),
            Some(_) => {
                let detail = "The JSON value is complete, but the text goes on.";
                self.error_here("Extraneous data after value", detail)
            }
        }
    }

    fn value(&mut self) -> Read<Json> {
        self.blanks();
        let start = self.at;
        let kind = match self.byte() {
            Some(b'{') => self.deeper(Self::object)?,
            Some(b'[') => self.deeper(Self::array)?,
            Some(b'"') => JsonKind::String(self.string()?),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            Some(b) if b.is_ascii_alphabetic() => self.keyword()?,
            None => return self.error_here("Missing JSON value", "The text ends where a value should begin."),
            Some(b'\'') => {
                return self.error_here("Invalid JSON value", "JSON strings are written in double quotes (\").");
            }
            Some(b'/' | b'#') => return self.error_here("Invalid JSON value", "There are no comments in JSON."),
            Some(_) => {
                let detail = "A value is expected here: a string, a number, true, false, null, [...] or {...}.";
                return self.error_here("Missing JSON value", detail);
            }
        };
        Ok(Json { kind, span: self.span(start, self.at) })
    }

    fn deeper(&mut self, rule: impl FnOnce(&mut Self) -> Read<JsonKind>) -> Read<JsonKind> {
        if self.level >= LEVELS {
            let detail = format!("This is nested more than {LEVELS} levels deep.");
            return self.error_here("Nested too deeply", detail);
        }
        self.level += 1;
        let result = rule(self);
        self.level -= 1;
        result
    }

    fn object(&mut self) -> Read<JsonKind> {
        let open = self.at;
        self.at += 1;
        let mut properties = Vec::new();
        if self.take(b'}') {
            return Ok(JsonKind::Object(properties));
        }
        loop {
            self.blanks();
            if self.byte() != Some(b'"') {
                return self.no_property(open, !properties.is_empty());
            }
            let name = self.string()?;
            if !self.take(b':') {
                let detail = match self.byte() {
                    Some(b'=') => "In JSON a colon stands between a property's name and its value, not an equals sign.",
                    _ => "A colon is expected between a property's name and its value.",
                };
                return self.error_here("Missing property value colon", detail);
            }
            let value = self.value()?;
            properties.push((name, value));
            if self.take(b'}') {
                return Ok(JsonKind::Object(properties));
            }
            if !self.take(b',') {
                return self.no_comma(open, "object", "brace (})", b']');
            }
        }
    }

    fn no_property(&self, open: usize, after_comma: bool) -> Read<JsonKind> {
        match self.byte() {
            None => self.unclosed(open, "object", "brace (})"),
            Some(b'}') if after_comma => {
                let detail = "In JSON no comma may stand behind the last property. Remove it.";
                self.error_here("Trailing comma in object", detail)
            }
            Some(_) => {
                let detail = "The name of a property is expected here, in double quotes.";
                self.error_here("Invalid object property name", detail)
            }
        }
    }

    fn array(&mut self) -> Read<JsonKind> {
        let open = self.at;
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(JsonKind::Array(items));
        }
        loop {
            self.blanks();
            match self.byte() {
                None => return self.unclosed(open, "array", "bracket (])"),
                Some(b']') => {
                    let detail = "In JSON no comma may stand behind the last value. Remove it.";
                    return self.error_here("Trailing comma in array", detail);
                }
                _ => items.push(self.value()?),
            }
            if self.take(b']') {
                return Ok(JsonKind::Array(items));
            }
            if !self.take(b',') {
                return self.no_comma(open, "array", "bracket (])", b'}');
            }
        }
    }

    fn unclosed<T>(&self, open: usize, what: &str, closer: &str) -> Read<T> {
        let summary = if what == "object" { "Unclosed object" } else { "Unclosed array" };
        let detail = format!("The text ends before this {what} is closed. Add its closing {closer}.");
        self.error(summary, detail, open, open + 1)
    }

    fn no_comma<T>(&self, open: usize, what: &str, closer: &str, wrong: u8) -> Read<T> {
        match self.byte() {
            None => self.unclosed(open, what, closer),
            Some(b) if b == wrong => {
                let detail = format!("This {what} is closed by a closing {closer}.");
                self.error_here("Mismatched brackets", detail)
            }
            Some(_) => {
                let what = if what == "object" { "Properties" } else { "Values" };
                self.error_here("Missing comma", format!("{what} are separated by commas."))
            }
        }
    }

    fn keyword(&mut self) -> Read<JsonKind> {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let (start, word) = (self.at, &rest[..len]);
        self.at += len;
        match word {
            "true" => Ok(JsonKind::Bool(true)),
            "false" => Ok(JsonKind::Bool(false)),
            "null" => Ok(JsonKind::Null),
            _ => {
                let detail = match nearest(&word.to_lowercase(), ["true", "false", "null"]) {
                    _ if matches!(&*word.to_lowercase(), "true" | "false" | "null") => {
                        format!("\"{word}\" is not a JSON value. Did you mean {}?", word.to_lowercase())
                    }
                    Some(near) => format!("\"{word}\" is not a JSON value. Did you mean {near}?"),
                    None => format!("\"{word}\" is not a JSON value. A string is written in double quotes."),
                };
                self.error("Invalid JSON keyword", detail, start, self.at)
            }
        }
    }

    fn number(&mut self) -> Read<JsonKind> {
        let rest = &self.text[self.at..];
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))).unwrap_or(rest.len());
        let (start, text) = (self.at, &rest[..len]);
        self.at += len;
        match is_number(text).then(|| Number::parse(text)).flatten() {
            Some(number) => Ok(JsonKind::Number(number)),
            None => {
                let detail = format!("\"{text}\" is not a JSON number. A number is written as 12, -0.5 or 1e6.");
                self.error("Invalid JSON number", detail, start, self.at)
            }
        }
    }

    fn string(&mut self) -> Read<JsonString> {
        const SUMMARY: &str = "Invalid JSON string";
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut jumps = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    let origin = Origin { start: start + 1, jumps };
                    return Ok(JsonString { text: text.into(), span: self.span(start, self.at), origin });
                }
                Some(b'\\') => {
                    let (c, len) = self.escape()?;
                    text.push(c);
                    self.at += len;
                    jumps.push((text.len(), self.at));
                }
                None | Some(b'\n' | b'\r') => {
                    let detail = "The line ends before the closing quote. A newline inside a string is written \\n.";
                    return self.error(SUMMARY, detail, start, self.at);
                }
                Some(b) => {
                    let detail = format!("A control character inside a string is written as an escape: \\u{b:04x}.");
                    return self.error_here(SUMMARY, detail);
                }
            }
        }
    }

    /// The character of the escape sequence that is next, and its length. Half a surrogate pair is U+FFFD.
    fn escape(&self) -> Read<(char, usize)> {
        let rest = &self.text[self.at..];
        let hex = |rest: &str| -> Option<u32> {
            let digits = rest.strip_prefix("\\u")?.get(..4)?;
            digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
        };
        Ok(match rest.as_bytes().get(1) {
            Some(b'"') => ('"', 2),
            Some(b'\\') => ('\\', 2),
            Some(b'/') => ('/', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') if hex(rest).is_some() => {
                let first = hex(rest).unwrap_or(0);
                let second = rest.get(6..).and_then(hex).filter(|s| (0xdc00..0xe000).contains(s));
                match (char::from_u32(first), second) {
                    (Some(c), _) => (c, 6),
                    (None, Some(second)) if first < 0xdc00 => {
                        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                    }
                    _ => (char::REPLACEMENT_CHARACTER, 6),
                }
            }
            _ => {
                let len = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                let detail = format!(
                    "{} is not an escape sequence of JSON; there are \\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t and \\uNNNN.",
                    &rest[..len]
                );
                return self.error("Invalid JSON string", detail, self.at, self.at + len);
            }
        })
    }
}

/// Whether a text is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
