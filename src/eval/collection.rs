//! `{ k = v }` and `for`: making objects and tuples.
//!
//! Refuses to know what the parts are.

use super::walk::{Frame, Walk};
use crate::config::expr::{Expr, ExprKind, For, ObjectItem};
use crate::diag::Diagnostic;
use crate::value::{Fields, Kind, Marks, Type, Value, convert};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Walk<'_> {
    /// `{ k = v }`: later keys win. If a key is a hole the whole is, for nobody knows its attributes.
    pub fn object(&mut self, items: &[ObjectItem], frame: Option<&Frame<'_>>) -> Value {
        let mut fields = Fields::new();
        let mut marks = Marks::NONE;
        let mut complete = true;
        for item in items {
            let key = self.object_key(&item.key, frame, &mut marks);
            let value = self.eval(&item.value, frame);
            match key {
                Some(key) => _ = fields.insert(key, value),
                None => complete = false,
            }
        }
        match complete {
            true => Value::object(fields).mark(marks),
            false => Value::unknown(Type::Any).mark(marks),
        }
    }

    /// A key; `None` if it is a hole or a mistake.
    fn object_key(&mut self, expr: &Expr, frame: Option<&Frame<'_>>, marks: &mut Marks) -> Option<Arc<str>> {
        if let ExprKind::Literal(value) = &expr.kind
            && let Kind::String(key) = value.kind()
        {
            return Some(key.clone());
        }
        if matches!(expr.kind, ExprKind::Attr(..) | ExprKind::Index(..) | ExprKind::LegacyIndex(..)) {
            let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead \
                          intended as a literal name containing periods, wrap it in quotes to create a string literal.";
            self.fail(Diagnostic::error("Ambiguous attribute key", detail).at(&expr.span));
            return None;
        }
        let (value, ok) = self.try_eval(expr, frame);
        if !ok {
            return None;
        }
        let (value, key_marks) = value.unmark();
        *marks = marks.or(key_marks);
        if value.is_null() {
            let detail = "Can't use a null value as a key.";
            self.fail(Diagnostic::error("Null value as key", detail).at(&expr.span));
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(value) => value.as_shared_str(),
            Err(error) => {
                let detail = format!("Can't use this value as a key: {error}.");
                self.fail(Diagnostic::error("Incorrect key type", detail).at(&expr.span));
                None
            }
        }
    }

    /// `[for ...]` and `{for ...}`. A hole in the collection itself, in a condition or in a key makes the whole one.
    pub fn for_expr(&mut self, each: &For, frame: Option<&Frame<'_>>) -> Value {
        let collection = self.eval(&each.collection, frame);
        let Some((elements, mut marks)) = self.elements(&collection, &each.collection) else {
            if let (Some(condition), Entries::Hole) = (&each.condition, entries(&collection)) {
                self.may_include(each, condition, frame);
            }
            return Value::unknown(Type::Any).mark(collection.marks());
        };
        if let Some(condition) = &each.condition
            && elements.is_empty()
            && !self.may_include(each, condition, frame)
        {
            return Value::unknown(Type::Any).mark(marks);
        }
        let mut complete = true;
        let mut values = Vec::with_capacity(if each.key.is_none() { elements.len() } else { 0 });
        let mut fields = Fields::new();
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (key, value) in &elements {
            let keyed = each.key_name.as_ref().map(|name| Frame { name: &name.name, value: key, outer: frame });
            let inner = Frame { name: &each.value_name.name, value, outer: keyed.as_ref().or(frame) };
            let frame = Some(&inner);
            if let Some(condition) = &each.condition {
                match self.included(condition, frame, complete, &mut marks) {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        complete = false;
                        continue;
                    }
                }
            }
            let Some(key) = &each.key else {
                values.push(self.eval(&each.value, frame));
                continue;
            };
            let Some(name) = self.for_key(key, frame, complete, &mut marks) else {
                complete = false;
                continue;
            };
            let value = self.eval(&each.value, frame);
            if each.group {
                groups.entry(name).or_default().push(value);
            } else if fields.contains_key(&name) {
                let shown = if marks.sensitive { "the same key".to_owned() } else { format!("the key {name:?}") };
                let detail = format!(
                    "Two different items produced {shown} in this 'for' expression. If duplicates are expected, use the \
                     ellipsis (...) after the value expression to enable grouping by key."
                );
                self.fail(Diagnostic::error("Duplicate object key", detail).at(&key.span));
            } else {
                fields.insert(name, value);
            }
        }
        let value = match (complete, &each.key) {
            (false, _) => Value::unknown(Type::Any),
            (true, None) => Value::tuple(values),
            (true, Some(_)) if each.group => {
                Value::object(groups.into_iter().map(|(k, vs)| (k, Value::tuple(vs))).collect())
            }
            (true, Some(_)) => Value::object(fields),
        };
        value.mark(marks)
    }

    /// Keys and elements of what is gone through, and its marks; `None` if it is a hole or, reported, a mistake.
    pub fn elements(&mut self, collection: &Value, expr: &Expr) -> Option<(Vec<(Value, Value)>, Marks)> {
        if collection.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.fail(Diagnostic::error("Iteration over null value", detail).at(&expr.span));
            return None;
        }
        match entries(collection) {
            Entries::Known(elements) => Some((elements, collection.marks())),
            Entries::Hole => None,
            Entries::None => {
                let ty = collection.ty().friendly();
                let detail = format!("A value of type {ty} cannot be used as the collection in a 'for' expression.");
                self.fail(Diagnostic::error("Iteration over non-iterable value", detail).at(&expr.span));
                None
            }
        }
    }

    /// Whether the `if` can be a condition at all, judged where there is no element to try it on.
    fn may_include(&mut self, each: &For, condition: &Expr, frame: Option<&Frame<'_>>) -> bool {
        let hole = Value::unknown(Type::Any);
        let keyed = each.key_name.as_ref().map(|name| Frame { name: &name.name, value: &hole, outer: frame });
        let inner = Frame { name: &each.value_name.name, value: &hole, outer: keyed.as_ref().or(frame) };
        let (value, ok) = self.try_eval(condition, Some(&inner));
        let why = match convert(&value, &Type::Bool) {
            _ if !ok => return false,
            Ok(value) if !value.is_null() => return true,
            Ok(_) => "The value of the 'if' clause must not be null.".to_owned(),
            Err(error) => format!("The 'if' clause value is invalid: {error}."),
        };
        self.fail(Diagnostic::error("Invalid 'for' condition", why).at(&condition.span));
        false
    }

    /// Whether the `if` lets an element in; `None` if it is a hole or a mistake, which is reported only if `first`.
    fn included(&mut self, expr: &Expr, frame: Option<&Frame<'_>>, first: bool, marks: &mut Marks) -> Option<bool> {
        let (value, ok) = self.try_eval(expr, frame);
        *marks = marks.or(value.marks());
        let why = if value.is_null() {
            "The value of the 'if' clause must not be null.".to_owned()
        } else {
            match convert(&value, &Type::Bool) {
                Ok(value) => return value.as_bool(),
                Err(error) => format!("The 'if' clause value is invalid: {error}."),
            }
        };
        if first && ok {
            self.fail(Diagnostic::error("Invalid 'for' condition", why).at(&expr.span));
        }
        None
    }

    /// The key of an element; `None` if it is a hole or a mistake, which is reported only if `first`.
    fn for_key(&mut self, expr: &Expr, frame: Option<&Frame<'_>>, first: bool, marks: &mut Marks) -> Option<Arc<str>> {
        let (value, ok) = self.try_eval(expr, frame);
        let why = if value.is_null() {
            "Key expression in 'for' expression must not produce a null value.".to_owned()
        } else {
            *marks = marks.or(value.marks());
            match convert(&value, &Type::String) {
                Ok(value) => return value.as_shared_str(),
                Err(error) => format!("The key expression produced an invalid result: {error}."),
            }
        };
        if first && ok {
            self.fail(Diagnostic::error("Invalid object key", why).at(&expr.span));
        }
        None
    }
}

/// What going through a value gives.
pub(super) enum Entries {
    /// Keys and elements; of a set, each element is its own key.
    Known(Vec<(Value, Value)>),
    /// Something that can be gone through once it is known.
    Hole,
    /// It cannot be gone through; null is among these.
    None,
}

/// Keys and elements of a collection, without its marks.
pub(super) fn entries(collection: &Value) -> Entries {
    Entries::Known(match collection.kind() {
        Kind::List(_, vs) | Kind::Tuple(vs) => {
            vs.iter().enumerate().map(|(i, v)| (Value::number(i), v.clone())).collect()
        }
        Kind::Set(_, vs) => vs.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, fs) | Kind::Object(fs) => {
            fs.iter().map(|(k, v)| (Kind::String(k.clone()).into(), v.clone())).collect()
        }
        Kind::Unknown(t, _) if !t.is_primitive() => return Entries::Hole,
        _ => return Entries::None,
    })
}
