//! YAML → a value. The text is taken apart by the parser crate; what a plain word means is decided here, in the mixture of YAML
//! 1.1 and 1.2 that Terraform reads: `yes` is true, `017` is seventeen, `2020-01-01` is a moment.

use super::super::dates::Timestamp;
use super::super::encoding::from_base64;
use super::super::json::MAX_DEPTH;
use super::breaks::Breaks;
use super::indent;
use crate::value::{Fields, Kind, Number, Type, Value, convert};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// What `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";
/// So many bytes are read, all attempts together.
const MAX_WORK: usize = 64 << 20;
/// A document may have so many nodes, counting what stands behind an alias each time.
const MAX_NODES: usize = 1 << 20;

/// One document with one node.
pub(super) fn document(text: &str) -> Result<Value, String> {
    refuse_what_the_parser_takes(text)?;
    let (breaks, mut text) = Breaks::hide(text);
    // What the parser has against lines that Terraform takes, it says of one line at a time.
    let mut work = MAX_WORK;
    loop {
        let fault = match whole(&text, &breaks) {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        work = work.saturating_sub(text.len().max(1 << 12));
        match fault.marker.filter(|_| work > 0).and_then(|(at, line)| indent::mend(&text, fault.what, at, line)) {
            Some(mended) => text = Cow::Owned(mended),
            None => return Err(fault.message),
        }
    }
}

/// Why a text could not be read.
struct Fault {
    message: String,
    /// What the parser said, and where: the character and the line. Nothing if it was not the parser.
    what: &'static str,
    marker: Option<(usize, usize)>,
}

fn whole(text: &str, breaks: &Breaks) -> Result<Value, Fault> {
    // A block at the end keeps the line break there only if there is one.
    let open_end = if text.ends_with('\n') { usize::MAX } else { text.chars().count() };
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        breaks,
        tabbed: if text.contains('\t') { text.split('\n').collect() } else { Vec::new() },
        column: 0,
        flow: 0,
        anchors: HashMap::new(),
        nodes: 0,
        line: 1,
        end: 0,
        open_end,
        fault: None,
    };
    reader.read().map_err(|message| {
        let (what, marker) = match reader.fault {
            Some((what, at, line)) => (what, Some((at, line))),
            None => ("", None),
        };
        Fault { message, what, marker }
    })
}

/// The parser is made for YAML 1.2; Terraform's for 1.1.
fn refuse_what_the_parser_takes(text: &str) -> Result<(), String> {
    let odd = |c: char| !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.contains(odd) {
        return Err("there is a control character in it".into());
    }
    for line in text.lines().take_while(|line| !line.starts_with("---")) {
        if let Some(directive) = line.strip_prefix('%') {
            let mut words = directive.split_whitespace();
            match words.next() {
                Some("TAG") => {}
                Some("YAML") if words.next() == Some("1.1") => {}
                Some("YAML") => return Err("it is written for another version of YAML than 1.1".into()),
                _ => return Err("there is an unknown directive at its beginning".into()),
            }
        }
    }
    Ok(())
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    breaks: &'a Breaks,
    /// The lines, if there are tabs among them.
    tabbed: Vec<&'a str>,
    /// What stands behind an anchor and how many nodes that is; nothing while it is being read.
    anchors: HashMap<usize, Option<(Value, usize)>>,
    nodes: usize,
    /// Where the last event begins.
    line: usize,
    /// How many characters of the line are before it.
    column: usize,
    /// How many `[` and `{` are open.
    flow: usize,
    /// Where it ends, in characters.
    end: usize,
    /// Where the text ends without a line break.
    open_end: usize,
    /// What the parser itself said, at which character of which line.
    fault: Option<(&'static str, usize, usize)>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<Value, String> {
        let mut found = None;
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => break,
                _ if found.is_some() => return Err(self.at("there is more than one document")),
                event => found = Some(self.node(event, 0)?),
            }
        }
        found.ok_or_else(|| "there is no document in it".to_owned())
    }

    fn at(&self, what: impl std::fmt::Display) -> String {
        format!("{what} (line {})", self.line)
    }

    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                (self.line, self.column) = (span.start.line(), span.start.col());
                self.end = span.end.index();
                Ok(event)
            }
            Some(Err(e)) => {
                let (at, line) = (e.marker().index(), e.marker().line());
                self.fault = indent::FAULTS.iter().find(|f| e.info() == **f).map(|f| (*f, at, line));
                Err(format!("{} (line {line})", e.info()))
            }
            None => Ok(Event::StreamEnd),
        }
    }

    /// Whether the last event begins with a bracket.
    fn is_flow(&self) -> bool {
        let line = self.tabbed.get(self.line.saturating_sub(1));
        line.is_some_and(|line| line.chars().nth(self.column).is_some_and(|c| matches!(c, '[' | '{')))
    }

    /// Tabs do not indent, except within brackets.
    fn refuse_tabs(&self) -> Result<(), String> {
        let Some(line) = self.tabbed.get(self.line.saturating_sub(1)).filter(|_| self.flow == 0) else { return Ok(()) };
        let mut before = line.chars().take(self.column);
        if before.all(|c| matches!(c, ' ' | '\t' | '-' | '?')) && line.chars().take(self.column).any(|c| c == '\t') {
            return Err(self.at("a tab cannot indent"));
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err("it has too many values in it, or in its aliases".into()) } else { Ok(()) }
    }

    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(self.at("lists and maps are nested too deeply"));
        }
        self.count(1)?;
        self.refuse_tabs()?;
        let before = self.nodes;
        let (value, anchor) = match event {
            Event::Alias(id) => {
                let Some(there) = self.anchors.get(&id) else { return Err(self.at("an alias has no anchor")) };
                let Some((value, nodes)) = there.clone() else {
                    return Err(self.at("an alias stands inside of what it stands for"));
                };
                self.count(nodes)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let text = match text.strip_suffix('\n') {
                    Some(cut) if block && self.end >= self.open_end => cut,
                    _ => &text,
                };
                let text = self.breaks.restore(text, style);
                let value = scalar(&text, style == ScalarStyle::Plain, tag.as_deref()).map_err(|e| self.at(e))?;
                (value, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag, "seq")?;
                self.open(anchor);
                let flow = usize::from(self.is_flow());
                self.flow += flow;
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => elements.push(self.node(event, depth + 1)?),
                    }
                }
                self.flow -= flow;
                (Value::tuple(elements), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag, "map")?;
                self.open(anchor);
                let flow = usize::from(self.is_flow());
                self.flow += flow;
                let mut fields = Fields::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        event => self.key(event)?,
                    };
                    let event = self.next()?;
                    let value = self.node(event, depth + 1)?;
                    if &*key == "<<" {
                        // Terraform takes it in the order of writing: what was before it is overwritten.
                        let Kind::Object(more) = value.kind() else {
                            return Err(self.at("only a map can be merged with <<"));
                        };
                        fields.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
                    } else {
                        fields.insert(key, value);
                    }
                }
                self.flow -= flow;
                (Value::object(fields), anchor)
            }
            _ => return Err(self.at("a value is missing")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, Some((value.clone(), self.nodes - before)));
        }
        Ok(value)
    }

    fn open(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn collection_tag(&self, tag: Option<Cow<'_, Tag>>, wanted: &str) -> Result<(), String> {
        match tag {
            Some(tag) if format!("{}{}", tag.handle, tag.suffix) != format!("{CORE}{wanted}") => {
                Err(self.at(format!("the tag {}{} does not fit", tag.handle, tag.suffix)))
            }
            _ => Ok(()),
        }
    }

    /// Keys are strings, or what can become one. Anchors of keys stand for nothing.
    fn key(&mut self, event: Event<'a>) -> Result<Arc<str>, String> {
        self.count(1)?;
        let Event::Scalar(text, style, _, tag) = event else {
            return Err(self.at("only strings can be the keys of a map"));
        };
        let text = self.breaks.restore(&text, style);
        let value = scalar(&text, style == ScalarStyle::Plain, tag.as_deref()).map_err(|e| self.at(e))?;
        match convert(&value, &Type::String) {
            Ok(key) if !key.is_null() => Ok(Arc::from(key.as_str().unwrap_or_default())),
            _ => Err(self.at("null cannot be the key of a map")),
        }
    }
}

fn scalar(text: &str, plain: bool, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if plain { implied(text) } else { Ok(Value::string(text)) };
    };
    let whole = format!("{}{}", tag.handle, tag.suffix);
    let Some(name) = whole.strip_prefix(CORE) else { return Err(format!("the tag {whole} is not supported")) };
    match name {
        "str" => return Ok(Value::string(text)),
        "binary" if from_base64(text).is_some() => return Ok(Value::string(text)),
        "binary" => return Err("a !!binary is not Base64".into()),
        "int" | "float" | "bool" | "timestamp" | "null" => {}
        _ => return Err(format!("the tag !!{name} is not supported")),
    }
    // A tag cannot change what a word means, only refuse words that mean nothing; quoted ones stay strings.
    let (value, moment) = (implied(text)?, moment(text).is_some());
    match name {
        "null" if value.as_str().is_some() && !moment => Ok(Value::null(Type::Any)),
        other if value.as_str().is_some() && !moment => Err(format!("{text:?} is no !!{other}")),
        _ if plain => Ok(value),
        _ => Ok(Value::string(text)),
    }
}

/// What a word without quotes means.
fn implied(text: &str) -> Result<Value, String> {
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Any),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => false.into(),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::number(Number::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::number(Number::INFINITY.neg()),
        ".nan" | ".NaN" | ".NAN" => return Err("not a number is not supported".into()),
        text => {
            let based = |digits: &str, radix: u32| match digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix))
            {
                true => None,
                false => Some(u64::from_str_radix(digits, radix).map_err(|_| format!("{text} is too large"))),
            };
            let number = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
                (Some(digits), _) => based(digits, 16),
                (_, Some(digits)) => based(digits, 8),
                _ => None,
            };
            match number {
                Some(number) => Value::number(number?),
                None if is_decimal(text) => {
                    Value::number(Number::parse(text).ok_or_else(|| format!("{text} is out of range"))?)
                }
                None => moment(text).map_or_else(|| Value::string(text), Value::string),
            }
        }
    };
    Ok(value)
}

/// `12`, `-1.5`, `.5`, `1.`, `1e3`.
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() > 0
        && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

/// A date, or a date and a time, with parts of one digit or two, as RFC 3339.
fn moment(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at..=at], &text[at + 1..]))),
        None => (text, None),
    };
    let two = |s: &str| match s.len() {
        1 | 2 if s.bytes().all(|b| b.is_ascii_digit()) => Some(format!("{s:0>2}")),
        _ => None,
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()))?;
    let (month, day) = (two(parts.next()?)?, two(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    let rest = match time {
        None => "00:00:00Z".to_owned(),
        Some((separator, time)) => {
            // With a space there is no offset, without one there must be.
            let time = if separator == " " { time.trim_start_matches(' ') } else { time };
            let end = if separator == " " { time.len() } else { time.find(['Z', '+', '-'])? };
            let (clock, offset) = time.split_at(end);
            let (clock, fraction) = clock.split_at(clock.find(['.', ',']).unwrap_or(clock.len()));
            let mut parts = clock.split(':');
            let (hour, minute, second) = (two(parts.next()?)?, two(parts.next()?)?, two(parts.next()?)?);
            if parts.next().is_some() {
                return None;
            }
            let offset = if offset.is_empty() { "Z" } else { offset };
            format!("{hour}:{minute}:{second}{}{offset}", fraction.replace(',', "."))
        }
    };
    Timestamp::parse(&format!("{year}-{month}-{day}T{rest}")).ok().map(Timestamp::to_rfc3339)
}
