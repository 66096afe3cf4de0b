//! The attributes of one resource instance, with the accessors that resource types read them by.

use super::{Fields, Value};
use std::sync::Arc;

/// The attributes of one object in the world, nested blocks included, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(pub Fields);

impl Object {
    /// Without any attribute.
    pub fn new() -> Object {
        Object::default()
    }

    /// The attributes of an object or map value; empty for anything else.
    pub fn from_value(value: &Value) -> Object {
        Object(value.as_fields().cloned().unwrap_or_default())
    }

    /// As a value.
    pub fn to_value(&self) -> Value {
        Value::object(self.0.clone())
    }

    /// The attribute, if it is there (it may be null or a hole).
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(Arc::from(name), value.into());
    }

    /// Sets an attribute, for building in one expression.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Object {
        self.set(name, value);
        self
    }

    /// A known string; `None` for null, holes and what is not there.
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A known string that is not empty: most AWS parameters treat "" as not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.str(name).filter(|s| !s.is_empty())
    }

    /// A known bool.
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// A known whole number.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The known strings of a list or set; empty for anything else.
    pub fn strings(&self, name: &str) -> Vec<&str> {
        let values = self.get(name).and_then(Value::as_slice).unwrap_or_default();
        values.iter().filter_map(Value::as_str).collect()
    }

    /// The known strings of a map, sorted by key; empty for anything else.
    pub fn string_map(&self, name: &str) -> Vec<(&str, &str)> {
        let Some(fields) = self.get(name).and_then(Value::as_fields) else { return Vec::new() };
        fields.iter().filter_map(|(k, v)| Some((&**k, v.as_str()?))).collect()
    }

    /// The nested blocks of this name, each as an object; empty where there is none or it is a hole.
    pub fn blocks(&self, name: &str) -> Vec<Object> {
        let values = self.get(name).and_then(Value::as_slice).unwrap_or_default();
        values.iter().map(Object::from_value).collect()
    }

    /// The only (or first) nested block of this name.
    pub fn block(&self, name: &str) -> Option<Object> {
        self.blocks(name).into_iter().next()
    }

    /// Whether the attribute has another value in `other`; missing and null are the same.
    pub fn differs(&self, other: &Object, name: &str) -> bool {
        fn of<'a>(o: &'a Object, name: &str) -> Option<&'a Value> {
            o.get(name).filter(|v| !v.is_null())
        }
        of(self, name) != of(other, name)
    }
}
