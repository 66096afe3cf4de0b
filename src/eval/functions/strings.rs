//! Functions of strings. What counts as one character is a grapheme cluster, as users see it.

use super::regex::{self, Regex};
use super::{Args, FnError, hole};
use crate::value::{Kind, Number, Refinement, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

/// Longer texts than this are not made.
pub(super) const MAX_TEXT: usize = 1 << 28;

pub(super) fn upper(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).chars().map(upper_char).collect::<String>()))
}

pub(super) fn lower(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).chars().map(lower_char).collect::<String>()))
}

/// Only what follows something that separates words is changed: `"fooBar baz"` becomes `"FooBar Baz"`.
pub(super) fn title(a: &Args<'_>) -> Result<Value, FnError> {
    let mut separated = true;
    let titled = a.str(0).chars().map(|c| {
        let changed = if separated { title_char(c) } else { c };
        separated = if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() };
        changed
    });
    Ok(Value::string(titled.collect::<String>()))
}

/// One character for one: `ß` has no such upper case and stays.
fn upper_char(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(u), None) => u,
        // These have an upper case of one character beside the one of two that `to_uppercase` prefers.
        _ => match c as u32 {
            n @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => char::from_u32(n + 8).unwrap_or(c),
            n @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(n + 9).unwrap_or(c),
            _ => c,
        },
    }
}

fn lower_char(c: char) -> char {
    // `to_lowercase` gives two for the dotted I.
    if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) }
}

fn title_char(c: char) -> char {
    match c as u32 {
        // The digraphs have a third form, and Georgian letters begin words as they are.
        0x1c4..=0x1c6 => '\u{1c5}',
        0x1c7..=0x1c9 => '\u{1c8}',
        0x1ca..=0x1cc => '\u{1cb}',
        0x1f1..=0x1f3 => '\u{1f2}',
        0x10d0..=0x10fa | 0x10fd..=0x10ff => c,
        _ => upper_char(c),
    }
}

pub(super) fn chomp(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).trim_end_matches(['\r', '\n'])))
}

pub(super) fn trimspace(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).trim()))
}

pub(super) fn trim(a: &Args<'_>) -> Result<Value, FnError> {
    let cut: Vec<char> = a.str(1).chars().collect();
    Ok(Value::string(a.str(0).trim_matches(&cut[..])))
}

pub(super) fn trimprefix(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).strip_prefix(a.str(1)).unwrap_or(a.str(0))))
}

pub(super) fn trimsuffix(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).strip_suffix(a.str(1)).unwrap_or(a.str(0))))
}

/// The first argument may be a hole whose beginning is known.
pub(super) fn startswith(a: &Args<'_>) -> Result<Value, FnError> {
    let prefix = a.str(1);
    let Some(refinement) = a.values[0].refinement() else { return Ok(a.str(0).starts_with(prefix).into()) };
    let known = refinement.prefix.as_deref().unwrap_or_default();
    Ok(if known.starts_with(prefix) {
        true.into()
    } else if !known.is_empty() && known.len() >= prefix.len() {
        false.into()
    } else {
        hole(Type::Bool)
    })
}

pub(super) fn endswith(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(a.str(0).ends_with(a.str(1)).into())
}

pub(super) fn strcontains(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(a.str(0).contains(a.str(1)).into())
}

pub(super) fn strrev(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(a.str(0).graphemes(true).rev().collect::<String>()))
}

/// A negative offset counts from the end, a negative length means the rest.
pub(super) fn substr(a: &Args<'_>) -> Result<Value, FnError> {
    let (text, offset, length) = (a.str(0), a.int(1)?, a.int(2)?);
    let skip = if offset < 0 {
        (text.graphemes(true).count() as u64).saturating_sub(offset.unsigned_abs())
    } else {
        offset as u64
    };
    let take = match length {
        // Terraform never gets to a length of 0 when it has counted from the end, and takes the rest.
        0 if offset < 0 => u64::MAX,
        n => u64::try_from(n).unwrap_or(u64::MAX),
    };
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(Value::string(text.graphemes(true).skip(size(skip)).take(size(take)).collect::<String>()))
}

pub(super) fn indent(a: &Args<'_>) -> Result<Value, FnError> {
    let (spaces, text) = (a.int(0)?, a.str(1));
    let Ok(spaces) = usize::try_from(spaces) else { return Err(FnError::arg(0, "must not be negative")) };
    let lines = text.matches('\n').count();
    // Terraform makes the spaces even where no line needs them.
    if lines.checked_mul(spaces).is_none_or(|n| n > MAX_TEXT) || spaces > 1 << 38 {
        return Err(FnError::arg(0, "is too large: the text would fill the memory"));
    }
    Ok(Value::string(text.replace('\n', &format!("\n{}", " ".repeat(if lines > 0 { spaces } else { 0 })))))
}

pub(super) fn join(a: &Args<'_>) -> Result<Value, FnError> {
    let lists = &a.values[1..];
    if lists.is_empty() {
        return Err(FnError::new("needs at least one list beside the separator"));
    }
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(hole(Type::String));
    }
    let mut parts = Vec::new();
    for (i, list) in lists.iter().enumerate() {
        for (at, value) in list.as_slice().unwrap_or_default().iter().enumerate() {
            match value.as_str() {
                Some(s) => parts.push(s),
                None => return Err(FnError::arg(i + 1, format!("has null as element {at}, which cannot be joined"))),
            }
        }
    }
    let separators = parts.len().saturating_sub(1).saturating_mul(a.str(0).len());
    if parts.iter().map(|p| p.len()).fold(separators, usize::saturating_add) > MAX_TEXT {
        return Err(FnError::new("would make a text that fills the memory"));
    }
    Ok(Value::string(parts.join(a.str(0))))
}

pub(super) fn split(a: &Args<'_>) -> Result<Value, FnError> {
    let (separator, text) = (a.str(0), a.str(1));
    let parts = match (separator, text) {
        ("", _) => text.chars().map(|c| Value::string(c.encode_utf8(&mut [0; 4]))).collect(),
        _ => text.split(separator).map(Value::string).collect(),
    };
    Ok(Value::list(Type::String, parts))
}

/// The order is not known before all elements are; how many there will be is.
pub(super) fn sort(a: &Args<'_>) -> Result<Value, FnError> {
    let list = &a.values[0];
    if !list.is_wholly_known() {
        if let Some(r) = list.refinement() {
            return Ok(Value::refined(
                a.ty.clone(),
                Refinement { not_null: true, length: r.length, ..Refinement::default() },
            ));
        }
        return Ok(Value::list(Type::String, vec![Value::unknown(Type::String); a.elements(0).len()]));
    }
    if let Some(at) = a.elements(0).iter().position(Value::is_null) {
        return Err(FnError::arg(0, format!("has null as element {at}, which cannot be sorted")));
    }
    let mut sorted = a.elements(0).to_vec();
    sorted.sort_by(|x, y| x.as_str().cmp(&y.as_str()));
    Ok(Value::list(Type::String, sorted))
}

/// `/.../` is a regular expression, anything else is taken literally.
pub(super) fn replace(a: &Args<'_>) -> Result<Value, FnError> {
    let (text, old, new) = (a.str(0), a.str(1), a.str(2));
    let replaced = match old.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(pattern) => {
            let regex = Regex::new(pattern).map_err(|e| FnError::arg(1, e).got(old))?;
            regex.replace_all(text, new, MAX_TEXT)
        }
        None => {
            let count = text.matches(old).count();
            let grown = new.len().saturating_sub(old.len()).checked_mul(count);
            grown.is_some_and(|n| n <= MAX_TEXT).then(|| text.replace(old, new))
        }
    };
    replaced.map(Value::string).ok_or_else(|| FnError::new("would make a text that fills the memory"))
}

pub(super) fn regex_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].as_str() {
        Some(pattern) => Ok(compile(pattern)?.result_type()),
        None => Ok(Type::Any),
    }
}

pub(super) fn regex(a: &Args<'_>) -> Result<Value, FnError> {
    let regex = compile(a.str(0))?;
    match regex.find_all(a.str(1)).next() {
        Some(found) => Ok(found),
        None => Err(FnError::arg(1, "does not match the pattern anywhere").got(a.str(0))),
    }
}

pub(super) fn regexall_type(args: &[Value]) -> Result<Type, FnError> {
    regex_type(args).map(Type::list)
}

pub(super) fn regexall(a: &Args<'_>) -> Result<Value, FnError> {
    let regex = compile(a.str(0))?;
    let found: Vec<Value> = regex.find_all(a.str(1)).collect();
    Ok(Value::list(regex.result_type(), found))
}

fn compile(pattern: &str) -> Result<regex::Regex, FnError> {
    let regex = Regex::new(pattern).map_err(|e| FnError::arg(0, e).got(pattern))?;
    if regex.mixed() {
        return Err(FnError::arg(0, "has both groups with names and groups without").got(pattern));
    }
    Ok(regex)
}

/// How long a string is; of a hole, how long it is at least.
pub(super) fn length(value: &Value) -> Value {
    match value.kind() {
        Kind::String(s) => Value::number(s.graphemes(true).count()),
        _ => {
            let prefix = value.refinement().and_then(|r| r.prefix.as_deref()).unwrap_or_default();
            let least = Number::from(prefix.graphemes(true).count());
            let number = (Some((least, true)), None);
            Value::refined(Type::Number, Refinement { not_null: true, number, ..Refinement::default() })
        }
    }
}
