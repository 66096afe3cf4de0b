//! Regular expressions as Terraform has them (Go's RE2), made from crate `regex`, which differs in what it accepts and in what
//! its classes mean: the pattern is read here and written anew.
//!
//! Refuses to know the arguments of functions: a pattern goes in, values come out.

use crate::value::{Fields, Type, Value};
use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

/// Repetitions inside repetitions multiply, and may reach this together.
const MAX_REPEAT: u32 = 1000;

/// A compiled pattern.
pub(super) struct Regex {
    regex: regex::Regex,
    /// The names of the groups; empty for groups without one. Two may have the same.
    groups: Vec<String>,
}

impl Regex {
    /// Compiles; the error is a phrase like `is not a regular expression: ...`.
    pub(super) fn new(pattern: &str) -> Result<Regex, String> {
        let translated = Translation::of(pattern).map_err(|e| format!("is not a regular expression: {e}"))?;
        let regex = regex::RegexBuilder::new(&translated.text).size_limit(1 << 26).build().map_err(|e| match e {
            regex::Error::CompiledTooBig(_) => "is too large a regular expression".to_owned(),
            // The library shows the rewritten pattern, which nobody has written; its last line is the reason.
            e => {
                let text = e.to_string();
                let reason = text.lines().last().unwrap_or_default();
                format!("is not a regular expression: {}", reason.trim_start_matches("error: "))
            }
        })?;
        Ok(Regex { regex, groups: translated.groups })
    }

    /// Whether some groups have names and some not, which `regex` and `regexall` refuse.
    pub(super) fn mixed(&self) -> bool {
        self.groups.iter().any(String::is_empty) && self.groups.iter().any(|g| !g.is_empty())
    }

    /// What one match gives: a string, a tuple of the groups, or an object of the named groups.
    pub(super) fn result_type(&self) -> Type {
        match self.groups.first() {
            None => Type::String,
            Some(name) if name.is_empty() => Type::tuple(vec![Type::String; self.groups.len()]),
            Some(_) => Type::object(self.groups.iter().map(|name| (Arc::from(&**name), Type::String)).collect()),
        }
    }

    /// All matches, one after the other.
    pub(super) fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Value> + 'a {
        self.regex.captures_iter(text).map(|found| {
            let group = |i: usize| match found.get(i) {
                Some(m) => Value::string(m.as_str()),
                None => Value::null(Type::String),
            };
            match self.groups.first() {
                None => group(0),
                Some(name) if name.is_empty() => Value::tuple((1..=self.groups.len()).map(group).collect()),
                // Of two groups with the same name the later one counts.
                Some(_) => {
                    let fields = self.groups.iter().enumerate();
                    Value::object(fields.map(|(i, name)| (Arc::from(&**name), group(i + 1))).collect::<Fields>())
                }
            }
        })
    }

    /// Replaces all matches; `$1`, `${1}`, `$name` and `${name}` stand for groups. `None` if that gets longer than `limit`.
    pub(super) fn replace_all(&self, text: &str, replacement: &str, limit: usize) -> Option<String> {
        let parts = template(replacement);
        let mut out = String::new();
        let mut end = 0;
        for found in self.regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(&text[end..whole.start()]);
            for part in &parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Group(i) => out.push_str(found.get(*i).map_or("", |m| m.as_str())),
                    Part::Named(name) => {
                        let groups = self.groups.iter().enumerate().filter(|(_, n)| n == name);
                        out.push_str(groups.filter_map(|(i, _)| found.get(i + 1)).next().map_or("", |m| m.as_str()));
                    }
                }
            }
            if out.len() > limit {
                return None;
            }
            end = whole.end();
        }
        out.push_str(&text[end..]);
        Some(out)
    }
}

/// A piece of a replacement.
enum Part<'a> {
    Text(&'a str),
    Group(usize),
    Named(&'a str),
}

fn template(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(at) = text.find('$') {
        parts.push(Part::Text(&text[..at]));
        let rest = &text[at + 1..];
        if let Some(rest) = rest.strip_prefix('$') {
            parts.push(Part::Text("$"));
            text = rest;
            continue;
        }
        let braced = rest.strip_prefix('{');
        let inner = braced.unwrap_or(rest);
        let end = inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let (name, after) = inner.split_at(end);
        let after = if braced.is_some() { after.strip_prefix('}') } else { Some(after) };
        match after {
            Some(after) if !name.is_empty() => {
                let digits = name.bytes().all(|b| b.is_ascii_digit());
                parts.push(match name.parse() {
                    Ok(group) if digits => Part::Group(group),
                    _ => Part::Named(name),
                });
                text = after;
            }
            _ => {
                parts.push(Part::Text("$"));
                text = rest;
            }
        }
    }
    parts.push(Part::Text(text));
    parts
}

/// A pattern written anew.
struct Translation<'a> {
    input: Peekable<Chars<'a>>,
    text: String,
    groups: Vec<String>,
}

/// What a repetition operator would apply to.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing: the start of the pattern, a group or a branch.
    Nothing,
    /// Something that was repeated so often already, inside.
    Thing(u32),
    /// Something with a repetition operator, which takes no second.
    Repeated(u32),
}

impl<'a> Translation<'a> {
    fn of(pattern: &'a str) -> Result<Translation<'a>, String> {
        let mut t = Translation { input: pattern.chars().peekable(), text: String::new(), groups: Vec::new() };
        t.run()?;
        Ok(t)
    }

    fn run(&mut self) -> Result<(), String> {
        let mut last = Last::Nothing;
        // For every open group, how often things in it are repeated at most.
        let mut open: Vec<u32> = Vec::new();
        let mut most = 1;
        while let Some(c) = self.input.next() {
            if let Last::Thing(n) | Last::Repeated(n) = last {
                most = most.max(n);
            }
            last = match c {
                '(' => {
                    if self.group()? {
                        open.push(std::mem::replace(&mut most, 1));
                        if open.len() > 250 {
                            return Err("its groups are nested too deeply".into());
                        }
                    }
                    Last::Nothing
                }
                ')' => {
                    let Some(outer) = open.pop() else { return Err("there is a `)` without a `(`".into()) };
                    self.text.push(')');
                    let inner = std::mem::replace(&mut most, outer);
                    Last::Thing(inner)
                }
                '|' => {
                    self.text.push('|');
                    Last::Nothing
                }
                '[' => {
                    self.class()?;
                    Last::Thing(1)
                }
                '\\' => self.escape()?,
                '*' | '+' | '?' => self.repeat(last, &c.to_string(), 1)?,
                '{' => match self.counts()? {
                    Some((text, least_or_most)) => self.repeat(last, &text, least_or_most)?,
                    None => {
                        self.text.push_str("\\{");
                        Last::Thing(1)
                    }
                },
                '.' | '^' | '$' => {
                    self.text.push(c);
                    Last::Thing(1)
                }
                c => {
                    self.literal(c);
                    Last::Thing(1)
                }
            };
        }
        if open.is_empty() { Ok(()) } else { Err("there is a `(` without a `)`".into()) }
    }

    fn literal(&mut self, c: char) {
        self.text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn repeat(&mut self, last: Last, operator: &str, times: u32) -> Result<Last, String> {
        let inner = match last {
            Last::Nothing => return Err(format!("there is nothing for `{operator}` to repeat")),
            Last::Repeated(_) => return Err(format!("`{operator}` follows another repetition")),
            Last::Thing(inner) => inner,
        };
        let times = times.max(1).saturating_mul(inner);
        if times > MAX_REPEAT {
            return Err(format!("`{operator}` repeats more than {MAX_REPEAT} times"));
        }
        self.text.push_str(operator);
        if self.input.next_if_eq(&'?').is_some() {
            self.text.push('?');
        }
        Ok(Last::Repeated(times))
    }

    /// `{2}`, `{2,}` or `{2,3}` behind the brace; anything else is no repetition but text.
    fn counts(&mut self) -> Result<Option<(String, u32)>, String> {
        let rest: String = self.input.clone().take_while(|c| *c != '}').take(20).collect();
        let end = rest.chars().count();
        if self.input.clone().nth(end) != Some('}') {
            return Ok(None);
        }
        let (least, most) = match rest.split_once(',') {
            Some((least, most)) => (least, Some(most)),
            None => (&*rest, None),
        };
        let number =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) && (s == "0" || !s.starts_with('0'));
        if !number(least) || most.is_some_and(|m| !m.is_empty() && !number(m)) {
            return Ok(None);
        }
        let text = format!("{{{rest}}}");
        let value = |s: &str| s.parse::<u32>().unwrap_or(u32::MAX);
        let (low, high) = (value(least), most.filter(|m| !m.is_empty()).map(value));
        if low > MAX_REPEAT || high.is_some_and(|high| high > MAX_REPEAT || high < low) {
            return Err(format!("`{text}` is no number of times"));
        }
        self.input.nth(end);
        Ok(Some((text, high.unwrap_or(low))))
    }

    /// Behind `(`. Whether a group was opened: `(?i)` only sets flags.
    fn group(&mut self) -> Result<bool, String> {
        if self.input.next_if_eq(&'?').is_none() {
            self.groups.push(String::new());
            self.text.push('(');
            return Ok(true);
        }
        let mut ahead = self.input.clone();
        let named = match ahead.next() {
            Some('<') => true,
            Some('P') => ahead.next() == Some('<'),
            _ => false,
        };
        if named {
            let name: String = ahead.by_ref().take_while(|c| *c != '>').collect();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(format!("{name:?} is no name for a group"));
            }
            self.input = ahead;
            self.groups.push(name);
            self.text.push('(');
            return Ok(true);
        }
        let mut flags = String::new();
        let (mut negated, mut any) = (false, false);
        loop {
            match self.input.next() {
                Some(c @ ('i' | 'm' | 's' | 'U')) => {
                    flags.push(c);
                    any = true;
                }
                Some('-') if !negated => {
                    flags.push('-');
                    negated = true;
                    any = false;
                }
                Some(c @ (':' | ')')) if any || !negated => {
                    if flags.is_empty() && c == ')' {
                        // `(?)` is allowed and means nothing.
                        return Ok(false);
                    }
                    self.text.push_str("(?");
                    self.text.push_str(&flags);
                    self.text.push(c);
                    return Ok(c == ':');
                }
                Some(c) => return Err(format!("`(?{flags}{c}` is not supported")),
                None => return Err("there is a `(` without a `)`".into()),
            }
        }
    }

    /// Behind a backslash outside of a class.
    fn escape(&mut self) -> Result<Last, String> {
        match self.input.peek().copied() {
            Some(c @ ('A' | 'z')) => {
                self.input.next();
                self.text.push('\\');
                self.text.push(c);
            }
            Some(c @ ('b' | 'B')) => {
                self.input.next();
                self.text.push_str(if c == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
            }
            Some('Q') => {
                self.input.next();
                return Ok(self.quoted());
            }
            _ => match self.class_escape()? {
                Some(class) => self.text.push_str(&format!("[{class}]")),
                None => {
                    let c = self.character()?;
                    self.literal(c);
                }
            },
        }
        Ok(Last::Thing(1))
    }

    /// Behind `\Q`: literally everything until `\E`.
    fn quoted(&mut self) -> Last {
        let mut last = Last::Nothing;
        while let Some(c) = self.input.next() {
            if c == '\\' && self.input.next_if_eq(&'E').is_some() {
                break;
            }
            self.literal(c);
            last = Last::Thing(1);
        }
        last
    }

    /// Behind a backslash: `\d`, `\pL` and their like, as the inside of a class.
    fn class_escape(&mut self) -> Result<Option<String>, String> {
        let perl = match self.input.peek() {
            Some('d') => "0-9",
            Some('D') => "^0-9",
            Some('s') => r"\t\n\f\r ",
            Some('S') => r"^\t\n\f\r ",
            Some('w') => "0-9A-Za-z_",
            Some('W') => "^0-9A-Za-z_",
            Some('p' | 'P') => return self.property().map(Some),
            _ => return Ok(None),
        };
        self.input.next();
        Ok(Some(perl.to_owned()))
    }

    /// `pL`, `p{Greek}`, `P{^Lu}`: categories and scripts, no other property.
    fn property(&mut self) -> Result<String, String> {
        let mut negated = self.input.next() == Some('P');
        let mut name = match self.input.next() {
            Some('{') => {
                let name: String = self.input.clone().take_while(|c| *c != '}').collect();
                if self.input.nth(name.chars().count()) != Some('}') {
                    return Err("there is a `\\p{` without a `}`".into());
                }
                name
            }
            Some(c) => c.to_string(),
            None => return Err("there is nothing behind `\\p`".into()),
        };
        if let Some(rest) = name.strip_prefix('^') {
            negated = !negated;
            name = rest.to_owned();
        }
        let p = if negated { 'P' } else { 'p' };
        let known = match name.chars().count() {
            1 => "CLMNPSZ".contains(&name),
            2 => name.starts_with(['C', 'L', 'M', 'N', 'P', 'S', 'Z']),
            _ => {
                name.starts_with(|c: char| c.is_ascii_uppercase())
                    && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
            }
        };
        if name == "Any" {
            return Ok(if negated { r"^\x{0}-\x{10FFFF}".into() } else { r"\x{0}-\x{10FFFF}".into() });
        }
        let text = match name.chars().count() {
            1 | 2 => format!("\\{p}{{gc={name}}}"),
            _ => format!("\\{p}{{sc={name}}}"),
        };
        // Asking the library is the only way to know which names exist.
        if !known || regex::Regex::new(&text).is_err() {
            return Err(format!("`\\{p}{{{name}}}` is no class of characters"));
        }
        Ok(text)
    }

    /// Behind a backslash: one character.
    fn character(&mut self) -> Result<char, String> {
        let Some(c) = self.input.next() else { return Err("it ends with a backslash".into()) };
        let wrong = |c: char| Err(format!("`\\{c}` means nothing"));
        match c {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            '1'..='7' if !self.input.peek().is_some_and(|c| ('0'..='7').contains(c)) => wrong(c),
            '0'..='7' => {
                let mut code = c as u32 - '0' as u32;
                for _ in 0..2 {
                    match self.input.next_if(|c| ('0'..='7').contains(c)) {
                        Some(c) => code = code * 8 + (c as u32 - '0' as u32),
                        None => break,
                    }
                }
                char::from_u32(code).ok_or_else(|| format!("`\\{c}` means nothing"))
            }
            'x' => {
                let hex: String = if self.input.next_if_eq(&'{').is_some() {
                    let hex: String = self.input.clone().take_while(|c| *c != '}').take(9).collect();
                    if self.input.nth(hex.chars().count()) != Some('}') {
                        return wrong('x');
                    }
                    hex
                } else {
                    self.input.by_ref().take(2).collect()
                };
                let digits = hex.bytes().all(|b| b.is_ascii_hexdigit()) && hex.len() != 1;
                let code = u32::from_str_radix(&hex, 16).ok().filter(|_| digits || hex.len() == 1);
                code.and_then(char::from_u32).map_or_else(|| wrong('x'), Ok)
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            c => wrong(c),
        }
    }

    /// Behind `[`.
    fn class(&mut self) -> Result<(), String> {
        self.text.push('[');
        if self.input.next_if_eq(&'^').is_some() {
            self.text.push('^');
        }
        let unclosed = || Err("there is a `[` without a `]`".to_owned());
        let mut first = true;
        loop {
            let Some(c) = self.input.peek().copied() else { return unclosed() };
            if c == ']' && !first {
                self.input.next();
                self.text.push(']');
                return Ok(());
            }
            first = false;
            if c == '[' && self.input.clone().nth(1) == Some(':') {
                let name: String = self.input.clone().skip(2).take_while(|c| *c != ':').take(20).collect();
                let length = name.chars().count();
                let end: String = self.input.clone().skip(2 + length).take(2).collect();
                if end == ":]" {
                    let word = name.strip_prefix('^').unwrap_or(&name);
                    const NAMES: &[&str] = &[
                        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
                        "space", "upper", "word", "xdigit",
                    ];
                    if !NAMES.contains(&word) {
                        return Err(format!("`[:{name}:]` is no class of characters"));
                    }
                    self.text.push_str(&format!("[:{name}:]"));
                    self.input.nth(length + 3);
                    continue;
                }
            }
            if c == '\\' {
                let mut ahead = self.input.clone();
                ahead.next();
                if matches!(ahead.peek(), Some('d' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P')) {
                    self.input.next();
                    if let Some(class) = self.class_escape()? {
                        self.text.push_str(&format!("[{class}]"));
                    }
                    continue;
                }
            }
            let Some(low) = self.member()? else { return unclosed() };
            let mut high = low;
            let mut ahead = self.input.clone();
            if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
                self.input.next();
                match self.member()? {
                    Some(c) => high = c,
                    None => return unclosed(),
                }
            }
            if high < low {
                return Err(format!("`{low}-{high}` is a range from high to low"));
            }
            self.text.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", low as u32, high as u32));
        }
    }

    /// One character inside of a class.
    fn member(&mut self) -> Result<Option<char>, String> {
        match self.input.next() {
            Some('\\') => self.character().map(Some),
            c => Ok(c),
        }
    }
}
