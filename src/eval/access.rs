//! `x.name` and `x[key]`: parts of values.
//!
//! Refuses to know what root names are: that is `names`.

use super::walk::{Frame, Walk};
use crate::config::expr::{Expr, Ident};
use crate::diag::{Diagnostic, Span, nearest};
use crate::value::{Kind, Number, Type, Value, convert};

const UNSUPPORTED: &str = "Unsupported attribute";
const INVALID_INDEX: &str = "Invalid index";
const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

impl Walk<'_> {
    /// `source.name`
    pub fn attribute(&mut self, source: &Expr, name: &Ident, frame: Option<&Frame<'_>>) -> Value {
        if let Some(value) = self.member(source, name, frame) {
            return value;
        }
        let value = self.eval(source, frame);
        match get_attribute(&value, name, &source.span) {
            Ok(value) => value,
            Err(diagnostic) => {
                let diagnostic = self.instance_key_missing(source, &value, name, frame).unwrap_or(*diagnostic);
                self.fail(diagnostic)
            }
        }
    }

    /// `source[key]`; `whole` ends behind the bracket.
    pub fn index(&mut self, source: &Expr, key: &Expr, whole: &Span, frame: Option<&Frame<'_>>) -> Value {
        let (value, source_ok) = self.try_eval(source, frame);
        let (key, key_ok) = self.try_eval(key, frame);
        if !source_ok || !key_ok {
            return Value::unknown(Type::Any);
        }
        let bracket = behind(&source.span, whole);
        get_index(&value, &key, &bracket).unwrap_or_else(|diagnostic| self.fail(*diagnostic))
    }

    /// `source.0`
    pub fn legacy_index(&mut self, source: &Expr, number: &Number, span: &Span, frame: Option<&Frame<'_>>) -> Value {
        let (value, ok) = self.try_eval(source, frame);
        if !ok {
            return Value::unknown(Type::Any);
        }
        let key = Value::number(number.clone());
        get_index(&value, &key, &behind(&source.span, span)).unwrap_or_else(|diagnostic| self.fail(*diagnostic))
    }
}

/// From the end of one span to the end of another: the step taken.
fn behind(source: &Span, step: &Span) -> Span {
    match source.end < step.end {
        true => Span { start: source.end, ..step.clone() },
        false => step.clone(),
    }
}

/// An attribute of an object or an element of a map, with the marks of the whole.
pub fn get_attribute(value: &Value, name: &Ident, source: &Span) -> Result<Value, Box<Diagnostic>> {
    let step = behind(source, &name.span);
    let key = &*name.name;
    let found = match value.kind() {
        Kind::Null(_) => {
            let detail = "This value is null, so it does not have any attributes.";
            return Err(Box::new(Diagnostic::error("Attempt to get attribute from null value", detail).at(&step)));
        }
        Kind::Unknown(Type::Any, _) => Value::unknown(Type::Any),
        Kind::Unknown(Type::Map(ty), _) => Value::unknown((**ty).clone()),
        Kind::Unknown(Type::Object(types, _), _) => match types.get(key) {
            Some(ty) => Value::unknown(ty.clone()),
            None => return Err(Box::new(no_attribute(value, types.keys().map(|k| &**k), key, &step))),
        },
        Kind::Object(fields) => match fields.get(key) {
            Some(value) => value.clone(),
            None => return Err(Box::new(no_attribute(value, fields.keys().map(|k| &**k), key, &step))),
        },
        Kind::Map(_, fields) => match fields.get(key) {
            Some(value) => value.clone(),
            None => {
                let detail = format!("This map does not have an element with the key {key:?}.");
                let diagnostic = Diagnostic::error("Missing map element", detail).at(&step);
                return Err(Box::new(suggest(diagnostic, value, fields.keys().map(|k| &**k), key)));
            }
        },
        _ => return Err(Box::new(no_attributes(value, key).at(&step))),
    };
    Ok(found.mark(value.marks()))
}

fn no_attribute<'a>(value: &Value, names: impl Iterator<Item = &'a str>, key: &str, span: &Span) -> Diagnostic {
    let detail = format!("This object does not have an attribute named {key:?}.");
    suggest(Diagnostic::error(UNSUPPORTED, detail).at(span), value, names, key)
}

/// Adds the nearest name, unless names must not be shown.
fn suggest<'a>(d: Diagnostic, value: &Value, names: impl Iterator<Item = &'a str>, key: &str) -> Diagnostic {
    match nearest(key, names) {
        Some(name) if !value.is_sensitive() => d.help(format!("Did you mean {name:?}?")),
        _ => d,
    }
}

/// For values that have no attributes at all.
fn no_attributes(value: &Value, key: &str) -> Diagnostic {
    let ty = value.ty();
    let (detail, help) = match &ty {
        Type::Bool | Type::Number | Type::String => {
            (format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly()), None)
        }
        Type::List(element) if matches!(**element, Type::Object(..)) => {
            let has = matches!(&**element, Type::Object(types, _) if types.contains_key(key));
            let which = if has { format!("attribute {key:?}") } else { "an attribute".to_owned() };
            let detail = format!(
                "Can't access attributes on a list of objects. Did you mean to access {which} for a specific element of the \
                 list, or across all elements of the list?"
            );
            (detail, has.then(|| format!("For the first element write `[0].{key}`, for all of them `[*].{key}`.")))
        }
        Type::Set(element) if matches!(**element, Type::Object(..)) => {
            let detail = "Can't access attributes on a set of objects. Did you mean to access an attribute across all \
                          elements of the set?";
            (detail.to_owned(), Some(format!("For all elements write `[*].{key}`.")))
        }
        Type::Tuple(types) => {
            let has = |ty: &Type| matches!(ty, Type::Object(names, _) if names.contains_key(key));
            let help = (!types.is_empty() && types.iter().all(has))
                .then(|| format!("For the first element write `[0].{key}`, for all of them `[*].{key}`."));
            ("This value does not have any attributes.".to_owned(), help)
        }
        _ => ("This value does not have any attributes.".to_owned(), None),
    };
    let diagnostic = Diagnostic::error(UNSUPPORTED, detail);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// An element of a list, tuple or map or an attribute of an object, with the marks of the whole and of the key.
pub fn get_index(value: &Value, key: &Value, span: &Span) -> Result<Value, Box<Diagnostic>> {
    let invalid = |detail: String| Err(Box::new(Diagnostic::error(INVALID_INDEX, detail).at(span)));
    let marks = value.marks().or(key.marks());
    if value.is_null() {
        let detail = "This value is null, so it does not have any indices.";
        return Err(Box::new(Diagnostic::error("Attempt to index null value", detail).at(span)));
    }
    if key.is_null() {
        return invalid("Can't use a null value as an indexing key.".to_owned());
    }
    let untyped = |v: &Value| matches!(v.kind(), Kind::Unknown(Type::Any, _));
    if untyped(value) || untyped(key) {
        return Ok(Value::unknown(Type::Any).mark(marks));
    }
    let as_key = |ty: &Type| {
        convert(key, ty)
            .map_err(|error| Box::new(Diagnostic::error(INVALID_INDEX, format!("{NO_ELEMENT}: {error}.")).at(span)))
    };
    let found = match value.kind() {
        Kind::List(ty, elements) => match as_key(&Type::Number)?.as_number() {
            None => Value::unknown(ty.clone()),
            Some(number) => match element(elements, number) {
                Ok(value) => value.clone(),
                Err(why) => return invalid(format!("{NO_ELEMENT}{why}.")),
            },
        },
        Kind::Tuple(elements) => match as_key(&Type::Number)?.as_number() {
            None => Value::unknown(Type::Any),
            Some(number) => match element(elements, number) {
                Ok(value) => value.clone(),
                Err(why) => return invalid(format!("{NO_ELEMENT}{why}.")),
            },
        },
        Kind::Unknown(Type::List(ty), _) => {
            as_key(&Type::Number)?;
            Value::unknown((**ty).clone())
        }
        Kind::Unknown(Type::Tuple(types), _) => match as_key(&Type::Number)?.as_number() {
            None => Value::unknown(Type::Any),
            Some(number) => match element(types, number) {
                Ok(ty) => Value::unknown(ty.clone()),
                Err(_) => return invalid(format!("{NO_ELEMENT}.")),
            },
        },
        Kind::Map(ty, fields) => match as_key(&Type::String)?.as_str() {
            None => Value::unknown(ty.clone()),
            Some(name) => match fields.get(name) {
                Some(value) => value.clone(),
                None => {
                    let diagnostic = Diagnostic::error(INVALID_INDEX, format!("{NO_ELEMENT}.")).at(span);
                    return Err(Box::new(suggest_key(diagnostic, value, key, fields.keys().map(|k| &**k), name)));
                }
            },
        },
        Kind::Unknown(Type::Map(ty), _) => {
            as_key(&Type::String)?;
            Value::unknown((**ty).clone())
        }
        Kind::Object(fields) => match as_key(&Type::String)?.as_str() {
            None => Value::unknown(Type::Any),
            Some(name) => match fields.get(name) {
                Some(value) => value.clone(),
                None if key.as_number().is_some() => {
                    let more = "An object only supports looking up attributes by name, not by numeric index.";
                    return invalid(format!("{NO_ELEMENT}. {more}"));
                }
                None => {
                    let diagnostic = Diagnostic::error(INVALID_INDEX, format!("{NO_ELEMENT}.")).at(span);
                    return Err(Box::new(suggest_key(diagnostic, value, key, fields.keys().map(|k| &**k), name)));
                }
            },
        },
        Kind::Unknown(Type::Object(..), _) => {
            as_key(&Type::String)?;
            Value::unknown(Type::Any)
        }
        Kind::Set(..) | Kind::Unknown(Type::Set(_), _) => {
            return invalid(
                "Elements of a set are identified only by their value and don't have any separate index or key to select \
                 with, so it's only possible to perform operations across all elements of the set."
                    .to_owned(),
            );
        }
        _ => return invalid("This value does not have any indices.".to_owned()),
    };
    Ok(found.mark(marks))
}

fn suggest_key<'a>(
    d: Diagnostic,
    value: &Value,
    key: &Value,
    names: impl Iterator<Item = &'a str>,
    name: &str,
) -> Diagnostic {
    if key.is_sensitive() { d } else { suggest(d, value, names, name) }
}

/// The element at a number; the error is how the sentence goes on.
fn element<'a, T>(elements: &'a [T], number: &Number) -> Result<&'a T, &'static str> {
    if let Some(i) = number.to_i64()
        && let Ok(i) = usize::try_from(i)
        && let Some(element) = elements.get(i)
    {
        return Ok(element);
    }
    Err(match () {
        () if !number.is_integer() && !number.is_infinite() => {
            ": indexing a sequence requires a whole number, but the given index has a fractional part"
        }
        () if number.is_negative() => ": a negative number is not a valid index for a sequence",
        () if elements.is_empty() => ": the collection has no elements",
        () => ": the given index is greater than or equal to the length of the collection",
    })
}
