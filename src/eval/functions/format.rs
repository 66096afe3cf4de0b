//! `format` and `formatlist`: Go's verbs as Terraform has them.

use super::strings::MAX_TEXT;
use super::{Args, FnError, json};
use crate::eval::template::safe_prefix;
use crate::value::{Kind, Number, Refinement, Type, Value, convert};
use num_bigint::Sign;
use unicode_segmentation::UnicodeSegmentation;

/// Wider fields and longer fractions are refused.
const MAX_WIDTH: usize = 1 << 20;

pub(super) fn format(a: &Args<'_>) -> Result<Value, FnError> {
    let text = a.str(0);
    if !a.values[1..].iter().all(Value::is_wholly_known) {
        // What stands before the first verb is known.
        let literal = text.split_once('%').map_or("", |(literal, _)| literal);
        return Ok(Value::refined(
            Type::String,
            Refinement { not_null: true, prefix: Some(safe_prefix(literal).into()), ..Refinement::default() },
        ));
    }
    print(text, &a.values[1..]).map(Value::string)
}

/// Formats once for every element; what has no elements is the same every time.
pub(super) fn formatlist(a: &Args<'_>) -> Result<Value, FnError> {
    let (text, args) = (a.str(0), &a.values[1..]);
    let mut rounds: Option<(usize, usize)> = None;
    let mut open = false;
    for (i, value) in args.iter().enumerate() {
        let ty = value.ty();
        if value.is_null() || !matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
            open |= matches!(value.kind(), Kind::Unknown(Type::Any, _));
            continue;
        }
        let Some(length) = super::collections::count(value) else {
            open = true;
            continue;
        };
        match rounds {
            Some((_, other)) if other != length => {
                let message = format!("has {length} elements, but another argument has {other}");
                return Err(FnError::arg(i + 1, message));
            }
            _ => rounds = Some((i, length)),
        }
        open |= !value.is_known();
    }
    if open {
        return Ok(Value::unknown(a.ty.clone()));
    }
    let mut results = Vec::new();
    for round in 0..rounds.map_or(1, |(_, n)| n) {
        let one: Vec<Value> = args
            .iter()
            .map(|value| match value.as_slice() {
                Some(elements) => elements[round].clone(),
                None => value.clone(),
            })
            .collect();
        results.push(match one.iter().all(Value::is_wholly_known) {
            true => Value::string(print(text, &one)?),
            false => super::hole(Type::String),
        });
    }
    Ok(Value::list(Type::String, results))
}

/// One `%...` of a format.
struct Verb<'a> {
    /// As written.
    raw: &'a str,
    letter: char,
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// Which argument, counted from 1.
    arg: usize,
}

fn print(format: &str, args: &[Value]) -> Result<String, FnError> {
    let mut out = String::new();
    let mut rest = format;
    let (mut next, mut highest) = (1, 0);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("%%") {
            out.push('%');
            rest = after;
            continue;
        }
        let verb = parse(rest, next)?;
        (next, highest) = (verb.arg + 1, highest.max(verb.arg));
        let Some(value) = args.get(verb.arg - 1) else {
            let given = args.len();
            return Err(FnError::arg(
                0,
                format!("needs argument {} for {:?}, but {given} are given", verb.arg, verb.raw),
            ));
        };
        rest = &rest[verb.raw.len()..];
        out.push_str(&verb.print(value)?);
        if out.len() > MAX_TEXT {
            return Err(FnError::new("would make a text that fills the memory"));
        }
    }
    out.push_str(rest);
    if highest < args.len() {
        return Err(FnError::arg(highest + 1, "is not used by the format"));
    }
    Ok(out)
}

/// Reads the verb that `text` begins with. The argument's number comes right before the letter: `%5.1[2]f`.
fn parse(text: &str, next: usize) -> Result<Verb<'_>, FnError> {
    let mut verb = Verb {
        raw: "",
        letter: ' ',
        sharp: false,
        zero: false,
        minus: false,
        plus: false,
        space: false,
        width: None,
        precision: None,
        arg: next,
    };
    let mut at = 1;
    let bytes = text.as_bytes();
    while let Some(flag) = bytes.get(at) {
        match flag {
            b'#' => verb.sharp = true,
            b'0' => verb.zero = true,
            b'-' => verb.minus = true,
            b'+' => verb.plus = true,
            b' ' => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    let wrong = |what: &str| Err(FnError::arg(0, what.to_owned()).got(text.split_whitespace().next().unwrap_or(text)));
    let number = |at: usize| {
        let digits = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        (at + digits, text[at..at + digits].parse::<usize>().ok().filter(|n| *n <= MAX_WIDTH), digits)
    };
    let (after, width, digits) = number(at);
    if digits > 0 {
        let Some(width) = width else { return wrong("has a width that is too large") };
        (verb.width, at) = (Some(width), after);
    }
    if bytes.get(at) == Some(&b'.') {
        let (after, precision, digits) = number(at + 1);
        let precision = if digits == 0 { Some(0) } else { precision };
        let Some(precision) = precision else { return wrong("has a precision that is too large") };
        (verb.precision, at) = (Some(precision), after);
    }
    if bytes.get(at) == Some(&b'[') {
        let (after, index, _) = number(at + 1);
        match index {
            Some(index) if index > 0 && bytes[at + 1] != b'0' && bytes.get(after) == Some(&b']') => {
                (verb.arg, at) = (index, after + 1);
            }
            _ => return wrong("has no number of an argument between `[` and `]`"),
        }
    }
    match text[at..].chars().next() {
        Some(c @ ('v' | 't' | 'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' | 's' | 'q')) => {
            (verb.letter, verb.raw) = (c, &text[..=at]);
            Ok(verb)
        }
        Some(_) => wrong("has a verb that does not exist"),
        None => wrong("ends in the middle of a verb (a percent sign is written %%)"),
    }
}

impl Verb<'_> {
    fn print(&self, value: &Value) -> Result<String, FnError> {
        let fails = |why: &str| FnError::arg(self.arg, format!("cannot be printed with {:?}: {why}", self.raw));
        let converted = |ty: Type| convert(value, &ty).map_err(|e| fails(&e.to_string()));
        if value.is_null() && self.letter != 'v' {
            return Err(fails("it is null"));
        }
        match self.letter {
            'v' => match (value.kind(), self.sharp) {
                (Kind::String(s), false) => Ok(self.pad(s.to_string())),
                (Kind::Number(n), false) => Ok(self.pad(general(n, None, 'e'))),
                _ => json::encode(value).map(|text| self.pad(text)).map_err(&fails),
            },
            't' => Ok(converted(Type::Bool)?.as_bool().unwrap_or_default().to_string()),
            's' | 'q' => {
                let text = converted(Type::String)?;
                let text = text.as_str().unwrap_or_default();
                let text: String = match self.precision {
                    Some(n) if n > 0 => text.graphemes(true).take(n).collect(),
                    _ => text.to_owned(),
                };
                Ok(self.pad(if self.letter == 'q' { json::quoted(&text) } else { text }))
            }
            'b' | 'd' | 'o' | 'x' | 'X' => {
                let n = converted(Type::Number)?;
                n.as_number().and_then(|n| self.integer(n)).ok_or_else(|| fails("a whole number is required"))
            }
            _ => Ok(self.float(converted(Type::Number)?.as_number().unwrap_or(&Number::ZERO))),
        }
    }

    /// To the width, which counts grapheme clusters.
    fn pad(&self, text: String) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus { text + &padding } else { padding + &text }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match negative {
            true => "-",
            false if self.plus => "+",
            false if self.space => " ",
            false => "",
        }
    }

    fn integer(&self, n: &Number) -> Option<String> {
        let n = n.to_bigint()?;
        let sign = self.sign(n.sign() == Sign::Minus);
        let (radix, prefix) = match self.letter {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let prefix = if self.sharp { prefix } else { "" };
        let mut digits = n.magnitude().to_str_radix(radix);
        if self.letter == 'X' {
            digits.make_ascii_uppercase();
        }
        let mut zeros = match self.precision {
            Some(0) if digits == "0" => return Some(String::new()),
            Some(precision) => precision.saturating_sub(digits.len()),
            None => 0,
        };
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len() + zeros + digits.len());
        let (mut left, mut right) = (0, 0);
        match (self.minus, self.zero && self.precision.is_none()) {
            (true, _) => right = missing,
            (false, true) => zeros = missing,
            (false, false) => left = missing,
        }
        Some(format!("{}{sign}{prefix}{}{digits}{}", " ".repeat(left), "0".repeat(zeros), " ".repeat(right)))
    }

    fn float(&self, n: &Number) -> String {
        let (text, infinite) = match n.is_infinite() {
            true => ("Inf".to_owned(), true),
            false => {
                let text = match self.letter {
                    'f' => fixed(n, self.precision.unwrap_or(6)),
                    'e' | 'E' => scientific(n, self.precision.unwrap_or(6), self.letter),
                    'G' => general(n, self.precision, 'E'),
                    _ => general(n, self.precision, 'e'),
                };
                (text.trim_start_matches('-').to_owned(), false)
            }
        };
        let negative = n.is_negative() || n.to_string().starts_with('-');
        let sign = match (infinite, negative, self.space) {
            (true, false, true) => " ",
            (true, false, false) => "+",
            _ => self.sign(negative),
        };
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + text.len());
        match (self.zero && !infinite, self.minus) {
            (true, _) => format!("{sign}{}{text}", "0".repeat(missing)),
            (false, true) => format!("{sign}{text}{}", " ".repeat(missing)),
            (false, false) => format!("{}{sign}{text}", " ".repeat(missing)),
        }
    }
}

/// Decimal digits without zeros at either end, and how many of them stand before the point.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn new(digits: Vec<u8>, point: i64) -> Decimal {
        let zeros = digits.iter().take_while(|d| **d == b'0').count();
        let mut digits = digits[zeros..].to_vec();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = if digits.is_empty() { 0 } else { point - zeros as i64 };
        Decimal { digits, point }
    }

    /// All digits of it.
    fn exact(n: &Number) -> Decimal {
        let (digits, point) = n.decimal_digits().unwrap_or_default();
        Decimal::new(digits, point)
    }

    /// The fewest digits that read back as it.
    fn shortest(n: &Number) -> Decimal {
        let text = n.to_string();
        let text = text.trim_start_matches('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Decimal::new([whole, fraction].concat().into_bytes(), whole.len() as i64)
    }

    /// To so many digits; half goes to the even digit.
    fn round(mut self, count: i64) -> Decimal {
        let Ok(count) = usize::try_from(count) else { return Decimal::new(Vec::new(), 0) };
        let Some(next) = self.digits.get(count) else { return self };
        let odd = count > 0 && self.digits[count - 1] % 2 == 1;
        let up = *next > b'5' || *next == b'5' && (self.digits.len() > count + 1 || odd);
        self.digits.truncate(count);
        if up {
            match self.digits.iter().rposition(|d| *d != b'9') {
                Some(at) => {
                    self.digits.truncate(at + 1);
                    self.digits[at] += 1;
                }
                None => {
                    self.digits = vec![b'1'];
                    self.point += 1;
                }
            }
        }
        Decimal::new(self.digits, self.point)
    }

    fn at(&self, i: i64) -> char {
        usize::try_from(i).ok().and_then(|i| self.digits.get(i)).map_or('0', |d| *d as char)
    }

    fn fixed(&self, precision: usize) -> String {
        let mut text: String = (0..self.point).map(|i| self.at(i)).collect();
        if text.is_empty() {
            text.push('0');
        }
        if precision > 0 {
            text.push('.');
            text.extend((0..precision as i64).map(|i| self.at(self.point + i)));
        }
        text
    }

    fn scientific(&self, precision: usize, letter: char) -> String {
        let mut text = String::from(self.at(0));
        if precision > 0 {
            text.push('.');
            text.extend((1..=precision as i64).map(|i| self.at(i)));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{text}{letter}{sign}{:02}", exponent.abs())
    }
}

fn fixed(n: &Number, precision: usize) -> String {
    let d = Decimal::exact(n);
    let count = d.point + precision as i64;
    d.round(count).fixed(precision)
}

fn scientific(n: &Number, precision: usize, letter: char) -> String {
    Decimal::exact(n).round(precision as i64 + 1).scientific(precision, letter)
}

/// With an exponent only where the number is large or small; without a precision as short as can be. With its sign.
fn general(n: &Number, precision: Option<usize>, letter: char) -> String {
    if n.is_infinite() {
        return n.to_string();
    }
    let (d, precision, shortest) = match precision {
        None => {
            let d = Decimal::shortest(n);
            let digits = d.digits.len() as i64;
            (d, digits, true)
        }
        Some(p) => (Decimal::exact(n).round(p.max(1) as i64), p.max(1) as i64, false),
    };
    let digits = d.digits.len() as i64;
    let limit = match precision {
        _ if shortest => 6,
        p if p > digits && digits >= d.point => digits,
        p => p,
    };
    let sign = if n.to_string().starts_with('-') { "-" } else { "" };
    let exponent = d.point - 1;
    if exponent < -4 || exponent >= limit {
        return format!("{sign}{}", d.scientific((precision.min(digits) - 1).max(0) as usize, letter));
    }
    let precision = if precision > d.point { digits } else { precision };
    format!("{sign}{}", d.fixed((precision - d.point).max(0) as usize))
}
