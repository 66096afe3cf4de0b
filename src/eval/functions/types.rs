//! Conversions, and the functions that look at or change marks.

use super::collections::convertible;
use super::{Args, FnError};
use crate::value::{Fields, Kind, Marks, Type, Value, convert};
use std::sync::Arc;

pub(super) fn bool_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::Bool)
}
pub(super) fn number_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::Number)
}
pub(super) fn string_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::String)
}
pub(super) fn list_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::list(Type::Any))
}
pub(super) fn set_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::set(Type::Any))
}
pub(super) fn map_type(args: &[Value]) -> Result<Type, FnError> {
    convertible(args, Type::map(Type::Any))
}

/// `tostring`, `tolist` and their like.
pub(super) fn to(a: &Args<'_>) -> Result<Value, FnError> {
    convert(&a.values[0], a.ty).map_err(|e| FnError::arg(0, format!("cannot become {}: {e}", a.ty)))
}

pub(super) fn sensitive(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(a.values[0].clone().mark(Marks::SENSITIVE))
}

/// Only the whole; what is sensitive inside stays so.
pub(super) fn nonsensitive(a: &Args<'_>) -> Result<Value, FnError> {
    let marks = Marks { sensitive: false, ..a.values[0].marks() };
    Ok(a.values[0].clone().with_marks(marks))
}

pub(super) fn issensitive(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(match &a.values[0] {
        v if v.is_sensitive() => true.into(),
        v if v.is_known() => false.into(),
        // It may turn out to be.
        _ => Value::unknown(Type::Bool),
    })
}

/// Null in place of everything that must not be stored, at any depth.
pub(super) fn ephemeralasnull(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(as_null(&a.values[0]))
}

fn as_null(value: &Value) -> Value {
    let marks = value.marks();
    if marks.ephemeral {
        return Value::null(value.ty()).mark(Marks { ephemeral: false, ..marks });
    }
    if !value.marks_deep().ephemeral {
        return value.clone();
    }
    let all = |vs: &[Value]| Arc::new(vs.iter().map(as_null).collect::<Vec<_>>());
    let named = |fs: &Fields| Arc::new(fs.iter().map(|(k, v)| (k.clone(), as_null(v))).collect::<Fields>());
    let kind = match value.kind() {
        Kind::List(t, vs) => Kind::List(t.clone(), all(vs)),
        Kind::Tuple(vs) => Kind::Tuple(all(vs)),
        Kind::Map(t, fs) => Kind::Map(t.clone(), named(fs)),
        Kind::Object(fs) => Kind::Object(named(fs)),
        kind => kind.clone(),
    };
    Value::from(kind).mark(marks)
}

/// A type that is the argument's.
pub(super) fn its_type(args: &[Value]) -> Result<Type, FnError> {
    Ok(args[0].ty())
}

/// Known only by the value.
pub(super) fn any_type(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::Any)
}

/// A type that Terraform does not tell before it has seen arguments.
pub(super) fn number_result(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::Number)
}
pub(super) fn string_result(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::String)
}
pub(super) fn strings_result(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::list(Type::String))
}
