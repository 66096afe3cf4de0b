//! Between what AWS answers and what Terraform keeps: completing what was read, and letting what was planned win where the two
//! mean the same.
//!
//! Refuses to know types and AWS.

use crate::schema::{Block, Nesting, Schema};
use crate::value::{Fields, Kind, Object, Type, Value};
use std::sync::Arc;

/// `seen` with every attribute of the schema: null, or no blocks, where it has none. What a `read` starts from, so that
/// arguments AWS does not tell stay as they were.
pub fn complete(schema: &Schema, seen: &Object) -> Object {
    let mut object = blank(&schema.block);
    if !schema.timeouts.is_empty() {
        let Type::Object(fields, _) = schema.ty() else { return object };
        if let Some(ty) = fields.get("timeouts") {
            object.set("timeouts", Value::null(ty.clone()));
        }
    }
    for (name, value) in &seen.0 {
        if let Some(blank) = object.0.get_mut(name).filter(|_| !value.is_null()) {
            *blank = value.clone();
        }
    }
    object
}

/// An object of this shape with nothing set.
pub fn blank(block: &Block) -> Object {
    let mut object = Object::new();
    for attribute in block.attributes {
        object.set(attribute.name, Value::null(attribute.ty.to_type()));
    }
    for nested in block.blocks {
        let ty = nested.block.ty();
        object.set(
            nested.name,
            match nested.nesting {
                Nesting::Single => Value::null(ty),
                Nesting::List => Value::list(ty, Vec::new()),
                Nesting::Set => Value::set(ty, Vec::new()),
            },
        );
    }
    object
}

/// What `create` and `update` give back: `read`, but as `planned` where only null and empty tell them apart, where a planned set is
/// wholly known, and where nothing was read. This is what the provider's state has after an apply.
pub fn as_planned(planned: &Object, read: Object) -> Object {
    let mut object = read;
    for (name, wanted) in &planned.0 {
        match object.0.get_mut(name) {
            Some(got) => *got = settle(wanted, got),
            None if wanted.is_wholly_known() => {
                object.0.insert(name.clone(), wanted.clone());
            }
            None => {}
        }
    }
    object
}

fn settle(wanted: &Value, got: &Value) -> Value {
    let empty = |v: &Value| match v.kind() {
        Kind::List(_, vs) | Kind::Set(_, vs) => vs.is_empty(),
        Kind::Map(_, fs) => fs.is_empty(),
        _ => false,
    };
    if !wanted.is_known() {
        return got.clone();
    }
    if (wanted.is_null() && empty(got)) || (empty(wanted) && got.is_null()) {
        return wanted.clone();
    }
    match (wanted.kind(), got.kind()) {
        (Kind::Set(..), _) if wanted.is_wholly_known() => wanted.clone(),
        (Kind::List(_, ws), Kind::List(ty, gs)) if ws.len() == gs.len() => {
            Value::list(ty.clone(), ws.iter().zip(gs.iter()).map(|(w, g)| settle(w, g)).collect())
        }
        (Kind::Object(ws), Kind::Object(gs)) => {
            let part = |(name, g): (&Arc<str>, &Value)| {
                (name.clone(), ws.get(name).map_or_else(|| g.clone(), |w| settle(w, g)))
            };
            Value::object(gs.iter().map(part).collect::<Fields>())
        }
        (Kind::Bool(_) | Kind::Number(_) | Kind::String(_), Kind::Null(_)) => wanted.clone(),
        _ => got.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(items: &[&str]) -> Vec<Value> {
        items.iter().map(Value::string).collect()
    }

    #[test]
    fn what_was_planned_wins_only_where_both_mean_the_same() {
        let s = || Type::String;
        let null = || Value::null(Type::map(s()));
        let empty = || Value::map(s(), Fields::new());
        let list = |items: &[&str]| Value::list(s(), strings(items));
        let set = |items: &[&str]| Value::set(s(), strings(items));
        let object = |v: Value| Value::object_of([("a", v)]);
        let blocks = |vs: Vec<Value>| Value::list(Type::object([("a".into(), Type::map(s()))].into()), vs);
        for (wanted, got, settled) in [
            (null(), empty(), null()),
            (empty(), null(), empty()),
            (empty(), empty(), empty()),
            (Value::unknown(s()), "x".into(), "x".into()),
            ("x".into(), Value::null(s()), "x".into()),
            (Value::null(s()), "x".into(), "x".into()),
            (Value::null(s()), "".into(), "".into()),
            ("x".into(), "y".into(), "y".into()),
            (list(&["a"]), list(&["b"]), list(&["b"])),
            (list(&["a"]), list(&["b", "c"]), list(&["b", "c"])),
            (set(&["a"]), set(&["b"]), set(&["a"])),
            (set(&[]), set(&["b"]), set(&[])),
            (object(null()), object(empty()), object(null())),
            (blocks(vec![object(null())]), blocks(vec![object(empty())]), blocks(vec![object(null())])),
        ] {
            assert_eq!(settle(&wanted, &got), settled, "{wanted:?} {got:?}");
        }
    }

    #[test]
    fn what_was_not_read_stays_as_planned() {
        let planned = Object::new().with("kept", "x").with("hole", Value::unknown(Type::String)).with("read", "a");
        let read = Object::new().with("read", "b").with("more", "c");
        let wanted = Object::new().with("kept", "x").with("read", "b").with("more", "c");
        assert_eq!(as_planned(&planned, read), wanted);
    }
}
