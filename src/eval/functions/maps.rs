//! Functions of maps and objects.

use super::{Args, FnError};
use crate::value::{Fields, Kind, Marks, Type, Value, convert};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn keys_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(fields, _) => Ok(Type::tuple(vec![Type::String; fields.len()])),
        other => Err(FnError::arg(0, format!("must be a map or an object, not {other}"))),
    }
}

/// An object's type tells its keys, even of a hole.
pub(super) fn keys(a: &Args<'_>) -> Result<Value, FnError> {
    let value = &a.values[0];
    let names = |names: &mut dyn Iterator<Item = &Arc<str>>| names.map(|k| Value::string(&**k)).collect::<Vec<_>>();
    let keys = match (value.kind(), value.ty()) {
        (Kind::Map(_, fields), _) => Value::list(Type::String, names(&mut fields.keys())),
        (_, Type::Object(fields, _)) => Value::tuple(names(&mut fields.keys())),
        _ => Value::unknown(a.ty.clone()),
    };
    Ok(keys.mark(value.marks()))
}

pub(super) fn values_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::Map(t) => Ok(Type::List(t)),
        Type::Object(fields, _) => Ok(Type::tuple(fields.values().cloned().collect())),
        other => Err(FnError::arg(0, format!("must be a map or an object, not {other}"))),
    }
}

pub(super) fn values(a: &Args<'_>) -> Result<Value, FnError> {
    let values: Vec<Value> = fields(&a.values[0]).map(|(_, v)| v.clone()).collect();
    let value = match a.ty {
        Type::List(t) => Value::list(Type::clone(t), values),
        _ => Value::tuple(values),
    };
    Ok(value.mark(a.values[0].marks()))
}

fn fields(value: &Value) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    value.as_fields().into_iter().flatten()
}

pub(super) fn lookup_type(args: &[Value]) -> Result<Type, FnError> {
    if args.len() > 3 {
        return Err(FnError::arg(3, "is one too many: lookup() takes two or three arguments"));
    }
    match args[0].ty() {
        Type::Object(fields, _) => {
            let Some(key) = args[1].as_str() else { return Ok(Type::Any) };
            match (fields.get(key), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FnError::arg(0, "has no such attribute, and no default is given").got(key)),
            }
        }
        Type::Map(t) => match args.get(2) {
            Some(default) if convert(default, &t).is_err() => {
                Err(FnError::arg(2, format!("must have the type of the map's elements, which is {t}")))
            }
            _ => Ok(Type::clone(&t)),
        },
        other => Err(FnError::arg(0, format!("must be a map or an object, not {other}"))),
    }
}

/// The marks of the map and of the key go to the result; those of the default only if it is the result.
pub(super) fn lookup(a: &Args<'_>) -> Result<Value, FnError> {
    let (map, key) = (&a.values[0], a.str(1));
    let marks = map.marks().or(a.values[1].marks());
    if !map.is_known() || !a.values[1].is_known() {
        return Ok(Value::unknown(a.ty.clone()).mark(marks));
    }
    let found = match (map.as_fields().and_then(|f| f.get(key)), a.values.get(2)) {
        (Some(value), _) => value.clone(),
        (None, Some(default)) => convert(default, a.ty).map_err(|e| FnError::arg(2, format!("does not fit: {e}")))?,
        (None, None) => return Err(FnError::arg(1, "is not in the map, and no default is given").got(key)),
    };
    Ok(found.mark(marks))
}

/// Maps of one type stay a map of it; everything else becomes an object.
pub(super) fn merge_type(args: &[Value]) -> Result<Type, FnError> {
    let Some(first) = args.first() else { return Ok(Type::object(BTreeMap::new())) };
    let first = first.ty();
    let mut attributes = BTreeMap::new();
    let (mut same, mut known) = (true, true);
    for (i, value) in args.iter().enumerate() {
        let ty = value.ty();
        match &ty {
            Type::Any => return Ok(Type::Any),
            Type::Object(types, _) => {
                if !value.is_null() {
                    attributes.extend(types.iter().map(|(k, t)| (k.clone(), t.clone())));
                }
            }
            Type::Map(t) => match value.kind() {
                Kind::Null(_) => {}
                Kind::Map(_, fields) => attributes.extend(fields.keys().map(|k| (k.clone(), Type::clone(t)))),
                _ => known = false,
            },
            other => return Err(FnError::arg(i, format!("must be a map or an object, not {other}"))),
        }
        same &= ty == first;
    }
    Ok(match (same, known) {
        (true, _) => first,
        (false, true) => Type::object(attributes),
        (false, false) => Type::Any,
    })
}

pub(super) fn merge(a: &Args<'_>) -> Result<Value, FnError> {
    let mut marks = Marks::NONE;
    let mut merged = Fields::new();
    for value in a.values {
        marks = marks.or(value.marks());
        merged.extend(fields(value).map(|(k, v)| (k.clone(), v.clone())));
    }
    let value = match a.ty {
        Type::Map(t) => Value::map(Type::clone(t), merged),
        _ => Value::object(merged),
    };
    Ok(value.mark(marks))
}

pub(super) fn zipmap_type(args: &[Value]) -> Result<Type, FnError> {
    let (keys, values) = (&args[0], &args[1]);
    match values.ty() {
        Type::List(t) => Ok(Type::Map(t)),
        // The keys are part of the object's type.
        Type::Tuple(_) if !keys.is_wholly_known() => Ok(Type::Any),
        Type::Tuple(ts) => {
            let names = key_names(keys, ts.len())?;
            Ok(Type::object(names.into_iter().zip(ts.iter().cloned()).collect()))
        }
        other => Err(FnError::arg(1, format!("must be a list or a tuple, not {other}"))),
    }
}

fn key_names(keys: &Value, count: usize) -> Result<Vec<Arc<str>>, FnError> {
    let keys = keys.as_slice().unwrap_or_default();
    if keys.len() != count {
        let n = keys.len();
        return Err(FnError::arg(1, format!("must have as many elements as there are keys: {n}, not {count}")));
    }
    let name = |(i, key): (usize, &Value)| match key.as_str() {
        Some(name) => Ok(Arc::from(name)),
        None => Err(FnError::arg(0, format!("has null as element {i}, which cannot be a key"))),
    };
    keys.iter().enumerate().map(name).collect()
}

pub(super) fn zipmap(a: &Args<'_>) -> Result<Value, FnError> {
    let (keys, key_marks) = a.values[0].clone().unmark_deep();
    let marks = key_marks.or(a.values[1].marks());
    if !keys.is_wholly_known() {
        return Ok(Value::unknown(a.ty.clone()).mark(marks));
    }
    let names = key_names(&keys, a.elements(1).len())?;
    let fields: Fields = names.into_iter().zip(a.elements(1).iter().cloned()).collect();
    let value = match a.ty {
        Type::Map(t) => Value::map(Type::clone(t), fields),
        _ => Value::object(fields),
    };
    Ok(value.mark(marks))
}

/// From `{ a = ["1", "2"] }` to `{ "1" = ["a"], "2" = ["a"] }`.
pub(super) fn transpose(a: &Args<'_>) -> Result<Value, FnError> {
    if !a.values[0].is_wholly_known() {
        return Ok(Value::unknown(a.ty.clone()));
    }
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in fields(&a.values[0]) {
        let null = || FnError::arg(0, "has null in it, which cannot be a key").got(&**key);
        for value in list.as_slice().ok_or_else(null)? {
            let name = value.as_str().ok_or_else(null)?;
            turned.entry(Arc::from(name)).or_default().push(Value::string(&**key));
        }
    }
    let fields = turned.into_iter().map(|(k, vs)| (k, Value::list(Type::String, vs))).collect();
    Ok(Value::map(Type::list(Type::String), fields))
}
