//! JSON text of values and values of JSON text, exactly as Terraform writes and reads it.

use super::strings::MAX_TEXT;
use super::{Args, FnError};
use crate::value::json::write_string;
use crate::value::{Fields, Kind, Number, Refinement, Type, Value};
use std::fmt::Write;
use std::sync::Arc;

/// Arrays and objects may be nested so deeply.
pub(super) const MAX_DEPTH: usize = 500;

/// Of a hole inside, at least the first character is known: what reads it can tell that this will be an object.
pub(super) fn jsonencode(a: &Args<'_>) -> Result<Value, FnError> {
    let value = &a.values[0];
    if value.is_wholly_known() {
        return encode(value)
            .map(Value::string)
            .map_err(|e| FnError::arg(0, format!("cannot be written as JSON: {e}")));
    }
    let first = match value.ty() {
        _ if value.refinement().is_some_and(|r| !r.not_null) => None,
        Type::String => Some("\""),
        Type::Object(..) | Type::Map(_) => Some("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("["),
        _ => None,
    };
    Ok(Value::refined(
        Type::String,
        Refinement { not_null: true, prefix: first.map(Arc::from), ..Refinement::default() },
    ))
}

/// The type that the result will have, as far as the beginning of the text tells; a known text tells it by its value.
pub(super) fn jsondecode_type(args: &[Value]) -> Result<Type, FnError> {
    let prefix = args[0].refinement().and_then(|r| r.prefix.as_deref()).unwrap_or_default();
    match prefix.trim_start().chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Any),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '0'..='9') => Ok(Type::Number),
        Some(c) => Err(FnError::arg(0, format!("is not JSON, which cannot begin with {c:?}"))),
    }
}

pub(super) fn jsondecode(a: &Args<'_>) -> Result<Value, FnError> {
    decode(a.str(0)).map_err(|(at, e)| {
        let before = &a.str(0)[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        FnError::arg(0, format!("is not JSON: {e} (line {line}, column {column})"))
    })
}

/// Compact JSON of a wholly known value; marks are lost. Fails only for infinite numbers.
pub(super) fn encode(value: &Value) -> Result<String, &'static str> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), &'static str> {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) if n.is_infinite() => return Err("it has an infinite number in it"),
        Kind::Number(n) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "{n}");
        }
        Kind::String(s) => write_string(out, s),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            out.push('[');
            for (i, v) in vs.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(v, out)?;
            }
            out.push(']');
        }
        Kind::Map(_, fs) | Kind::Object(fs) => {
            out.push('{');
            for (i, (k, v)) in fs.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, k);
                out.push(':');
                write(v, out)?;
            }
            out.push('}');
        }
    }
    if out.len() > MAX_TEXT { Err("it would fill the memory") } else { Ok(()) }
}

/// In double quotes; what could end a `<script>` in HTML or a line in JavaScript is escaped, too.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text);
    out
}

/// Where it went wrong, in bytes, and how.
type Wrong = (usize, &'static str);

/// One JSON document; objects become objects, arrays tuples. Of two attributes with one name the later one counts.
fn decode(text: &str) -> Result<Value, Wrong> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() { Err((reader.at, "there is something behind the end")) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn wrong<T>(&self, what: &'static str) -> Result<T, Wrong> {
        // Inside a character there is nothing to point at.
        let mut at = self.at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        Err((at, what))
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value, Wrong> {
        if depth > MAX_DEPTH {
            return self.wrong("arrays and objects are nested too deeply");
        }
        self.space();
        match self.peek() {
            Some(b'"') => self.string().map(Value::string),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::bool(true)),
            Some(b'f') => self.word("false", Value::bool(false)),
            Some(b'n') => self.word("null", Value::null(Type::Any)),
            Some(_) => self.wrong("a value cannot begin like this"),
            None => self.wrong("it ends where a value should be"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Wrong> {
        if !self.text[self.at..].starts_with(word) {
            return self.wrong("a value cannot begin like this");
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value, Wrong> {
        self.at += 1;
        let mut elements = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::tuple(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Value::tuple(elements));
            }
            if !self.take(b',') {
                return self.wrong("a comma or the end of the array is missing");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Wrong> {
        self.at += 1;
        let mut fields = Fields::new();
        self.space();
        if self.take(b'}') {
            return Ok(Value::object(fields));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return self.wrong("the name of an attribute in double quotes is missing");
            }
            let name = Value::string(self.string()?);
            self.space();
            if !self.take(b':') {
                return self.wrong("the colon behind an attribute's name is missing");
            }
            let value = self.value(depth + 1)?;
            fields.insert(Arc::from(name.as_str().unwrap_or_default()), value);
            self.space();
            if self.take(b'}') {
                return Ok(Value::object(fields));
            }
            if !self.take(b',') {
                return self.wrong("a comma or the end of the object is missing");
            }
        }
    }

    fn digits(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.wrong("a digit is missing") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value, Wrong> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        match Number::parse(&self.text[start..self.at]) {
            Some(n) => Ok(Value::number(n)),
            None => Err((start, "the number is out of range")),
        }
    }

    fn string(&mut self) -> Result<String, Wrong> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\' && b >= b' ') {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(_) => return self.wrong("there is a control character in a string, which must be escaped"),
                None => return self.wrong("it ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let Some(c) = self.peek() else { return self.wrong("it ends inside a string") };
        let plain = match c {
            b'"' | b'\\' | b'/' => c as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let unit = self.unit()?;
                if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
                    let before = self.at;
                    self.at += 2;
                    let low = self.unit()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = before;
                }
                // Half of a pair stands for nothing.
                return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return self.wrong("there is no such escape"),
        };
        self.at += 1;
        Ok(plain)
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u32::from_str_radix(d, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.wrong("`\\u` needs four hexadecimal digits"),
        }
    }
}
