//! Defaults of optional attributes: what `optional(string, "x")` in a variable's type does to a value.
//!
//! Refuses to know how types are written. Applied before conversion, so the value may still lack attributes.

use super::{Fields, Kind, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Defaults inside a type constraint, as a tree along the type.
#[derive(Clone, Debug, Default)]
pub struct TypeDefaults {
    /// Of an object: attributes and their defaults.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Further down: by attribute name, by tuple index as text, or under `""` for a collection's elements.
    pub children: BTreeMap<Arc<str>, TypeDefaults>,
}

/// The value with defaults where it has null or nothing. Nulls and holes as a whole stay as they are. Collections whose elements
/// differ afterwards become tuples or objects; `convert` brings them back.
pub fn apply_defaults(value: &Value, defaults: &TypeDefaults) -> Value {
    if defaults.values.is_empty() && defaults.children.is_empty() {
        return value.clone();
    }
    let child = |name: &str, v: &Value| match defaults.children.get("").or_else(|| defaults.children.get(name)) {
        Some(child) => apply_defaults(v, child),
        None => v.clone(),
    };
    let applied = match value.kind() {
        Kind::List(_, vs) | Kind::Set(_, vs) if vs.is_empty() => return value.clone(),
        Kind::Map(_, fs) if fs.is_empty() && defaults.values.is_empty() => return value.clone(),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            Value::tuple(vs.iter().enumerate().map(|(i, v)| child(&i.to_string(), v)).collect())
        }
        Kind::Map(_, fs) | Kind::Object(fs) => {
            let mut fields: Fields = fs.iter().map(|(k, v)| (k.clone(), child(k, v))).collect();
            for (name, default) in &defaults.values {
                if fields.get(name).is_none_or(Value::is_null) {
                    fields.insert(name.clone(), child(name, default));
                }
            }
            Value::object(fields)
        }
        _ => return value.clone(),
    };
    applied.mark(value.marks())
}
