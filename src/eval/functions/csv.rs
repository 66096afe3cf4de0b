//! `csvdecode`: a table with a header line → a list of objects of strings.

use super::{Args, FnError};
use crate::value::{Fields, Type, Value};
use std::sync::Arc;

pub(super) fn csvdecode(a: &Args<'_>) -> Result<Value, FnError> {
    let mut rows =
        rows(a.str(0)).map_err(|(line, e)| FnError::arg(0, format!("is not CSV: line {line} {e}")))?.into_iter();
    let Some((_, header)) = rows.next() else { return Err(FnError::arg(0, "has no header line")) };
    let names: Vec<Arc<str>> =
        header.iter().map(|h| Arc::from(Value::string(h).as_str().unwrap_or_default())).collect();
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(FnError::arg(0, "has two columns of one name").got(&**name));
        }
    }
    let mut objects = Vec::new();
    for (line, row) in rows {
        if row.len() != names.len() {
            let (n, wanted) = (row.len(), names.len());
            return Err(FnError::arg(0, format!("is not CSV: line {line} has {n} fields, the header has {wanted}")));
        }
        objects.push(Value::object(names.iter().cloned().zip(row.iter().map(Value::string)).collect::<Fields>()));
    }
    let ty = Type::object(names.into_iter().map(|name| (name, Type::String)).collect());
    Ok(Value::list(ty, objects))
}

/// The fields of every line that is not empty, with the number of the line that they begin in.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, (usize, &'static str)> {
    // Lines end in one way; a carriage return at the very end is half of such an end.
    let text = text.replace("\r\n", "\n");
    let mut rest = text.strip_suffix('\r').unwrap_or(&text);
    let mut rows = Vec::new();
    let mut line = 1;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            line += 1;
            continue;
        }
        let start = line;
        let mut row = Vec::new();
        loop {
            let (field, after) = match rest.strip_prefix('"') {
                Some(inner) => quoted(inner).map_err(|e| (line, e))?,
                None => {
                    let (field, after) = rest.split_at(rest.find([',', '\n']).unwrap_or(rest.len()));
                    if field.contains('"') {
                        return Err((line, "has a quote in a field that does not begin with one"));
                    }
                    (field.to_owned(), after)
                }
            };
            line += field.matches('\n').count();
            row.push(field);
            match after.strip_prefix(',') {
                Some(after) => rest = after,
                None => {
                    rest = after.strip_prefix('\n').unwrap_or(after);
                    line += 1;
                    break;
                }
            }
        }
        rows.push((start, row));
    }
    Ok(rows)
}

/// The field behind an opening quote, and what follows its closing one: a comma, the end of the line, or nothing.
fn quoted(mut rest: &str) -> Result<(String, &str), &'static str> {
    let mut field = String::new();
    loop {
        let end = rest.find('"').ok_or("has a quote that does not end")?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.as_bytes().first() {
            Some(b'"') => {
                field.push('"');
                rest = &rest[1..];
            }
            None | Some(b',' | b'\n') => return Ok((field, rest)),
            Some(_) => return Err("has something behind a closing quote"),
        }
    }
}
