//! `a ? b : c`: both sides have one type in the end, whichever is taken.
//!
//! Refuses to know operators.

use super::walk::{Frame, Walk};
use crate::config::expr::Expr;
use crate::diag::{Diagnostic, Span};
use crate::value::{Kind, Number, Refinement, Type, Value, convert, unify};
use std::sync::Arc;

const INCONSISTENT: &str = "Inconsistent conditional result types";

impl Walk<'_> {
    /// `a ? b : c`
    pub fn conditional(&mut self, parts: &[Expr; 3], frame: Option<&Frame<'_>>) -> Value {
        let [condition, then, otherwise] = parts;
        // Mistakes in the side that is not taken do not count, as long as its type is known.
        let (then_value, then_met) = self.apart(|w| w.eval(then, frame));
        let (else_value, else_met) = self.apart(|w| w.eval(otherwise, frame));
        let Some(ty) = common_type(&then_value, &else_value) else {
            let why = difference(&then_value.ty(), &else_value.ty());
            let detail = format!("The true and false result expressions must have consistent types. {why}.");
            return self.fail(Diagnostic::error(INCONSISTENT, detail).at(&then.span.to(&otherwise.span)));
        };
        let Some(condition) = self.condition(condition, frame) else { return Value::unknown(ty) };
        let Some(taken) = condition.as_bool() else {
            return undecided(&then_value, &else_value, ty).mark(condition.marks());
        };
        let (value, met, span, which) = match taken {
            true => (then_value, then_met, &then.span, "true"),
            false => (else_value, else_met, &otherwise.span, "false"),
        };
        self.report(met);
        let value = match convert(&value, &ty) {
            Ok(value) => value,
            Err(error) => {
                let detail = format!("The {which} result value has the wrong type: {error}.");
                self.fail(Diagnostic::error(INCONSISTENT, detail).at(span));
                Value::unknown(ty)
            }
        };
        value.mark(condition.marks())
    }

    /// A condition as a bool that may be a hole; `None` and a report if it is none.
    fn condition(&mut self, expr: &Expr, frame: Option<&Frame<'_>>) -> Option<Value> {
        let value = self.eval(expr, frame);
        self.truth(&value, &expr.span)
    }

    /// A condition's value as a bool that may be a hole; `None` and a report if it is none.
    pub fn truth(&mut self, value: &Value, span: &Span) -> Option<Value> {
        if value.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            self.fail(Diagnostic::error("Null condition", detail).at(span));
            return None;
        }
        if !value.is_known() {
            return Some(value.clone());
        }
        let converted = convert(value, &Type::Bool);
        if converted.is_err() {
            let detail = "The condition expression must be of type bool.";
            self.fail(Diagnostic::error("Incorrect condition type", detail).at(span));
        }
        converted.ok()
    }
}

/// What both sides are converted to; [`Type::Any`] where one is not known yet.
fn common_type(a: &Value, b: &Value) -> Option<Type> {
    let untyped_null = |v: &Value| matches!(v.kind(), Kind::Null(Type::Any)) && v.marks() == Default::default();
    let untyped = |v: &Value| matches!(v.kind(), Kind::Null(Type::Any) | Kind::Unknown(Type::Any, _));
    match () {
        () if untyped_null(a) => Some(b.ty()),
        () if untyped_null(b) => Some(a.ty()),
        () if untyped(a) || untyped(b) => Some(Type::Any),
        () => unify(&[a.ty(), b.ty()]),
    }
}

/// The result while the condition is a hole, and what is known of it all the same.
fn undecided(a: &Value, b: &Value, ty: Type) -> Value {
    let marks = a.marks().or(b.marks());
    if a.is_null() && b.is_null() {
        return Value::null(ty).mark(marks);
    }
    let mut known = Refinement { not_null: a.is_never_null() && b.is_never_null(), ..Refinement::default() };
    match ty {
        Type::Number if a.ty() == Type::Number && b.ty() == Type::Number => {
            let (a, b) = (bounds(a), bounds(b));
            known.number = (lower(a.0, b.0), upper(a.1, b.1));
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) if a.ty() == b.ty() && !may_shrink(a) && !may_shrink(b) => {
            let (a, b) = (a.length_bounds().unwrap_or((0, None)), b.length_bounds().unwrap_or((0, None)));
            known.length = (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b)));
        }
        _ => {}
    }
    Value::refined(ty, known).mark(marks)
}

/// Whether it is a set with elements that may turn out the same. Nothing is concluded from its length.
fn may_shrink(v: &Value) -> bool {
    matches!(v.kind(), Kind::Set(_, vs) if vs.len() > 1) && !v.is_wholly_known()
}

type Bound = Option<(Number, bool)>;

fn bounds(v: &Value) -> (Bound, Bound) {
    match v.kind() {
        Kind::Number(n) => (Some((n.clone(), true)), Some((n.clone(), true))),
        Kind::Unknown(_, known) => known.number.clone(),
        _ => (None, None),
    }
}

fn lower(a: Bound, b: Bound) -> Bound {
    let (a, b) = (a?, b?);
    Some(match a.0.cmp(&b.0) {
        std::cmp::Ordering::Less => a,
        std::cmp::Ordering::Greater => b,
        std::cmp::Ordering::Equal => (a.0, a.1 || b.1),
    })
}

fn upper(a: Bound, b: Bound) -> Bound {
    let (a, b) = (a?, b?);
    Some(match a.0.cmp(&b.0) {
        std::cmp::Ordering::Greater => a,
        std::cmp::Ordering::Less => b,
        std::cmp::Ordering::Equal => (a.0, a.1 || b.1),
    })
}

/// What keeps two types from being one, as a sentence without a full stop.
fn difference(a: &Type, b: &Type) -> String {
    match (a, b) {
        (Type::Object(a, _), Type::Object(b, _)) => {
            let mut names: Vec<&Arc<str>> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let only = |one: &str, other: &str| {
                    format!("The '{one}' value includes object attribute {name:?}, which is absent in the '{other}' value")
                };
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) if a == b => {}
                    (Some(a), Some(b)) => {
                        return format!("Type mismatch for object attribute {name:?}: {}", difference(a, b));
                    }
                    (Some(_), None) => return only("true", "false"),
                    _ => return only("false", "true"),
                }
            }
            "Both are objects, but their attributes cannot have one type".to_owned()
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            format!("The 'true' tuple has length {}, but the 'false' tuple has length {}", a.len(), b.len())
        }
        (Type::Tuple(a), Type::Tuple(b)) => match a.iter().zip(b.iter()).position(|(a, b)| a != b) {
            Some(i) => format!("Type mismatch for tuple element {i}: {}", difference(&a[i], &b[i])),
            None => "Both are tuples, but their elements cannot have one type".to_owned(),
        },
        (Type::List(a), Type::List(b)) if is_structural(a) && is_structural(b) => {
            format!("Mismatched list element types: {}", difference(a, b))
        }
        (Type::Set(a), Type::Set(b)) if is_structural(a) && is_structural(b) => {
            format!("Mismatched set element types: {}", difference(a, b))
        }
        (Type::Map(a), Type::Map(b)) if is_structural(a) && is_structural(b) => {
            format!("Mismatched map element types: {}", difference(a, b))
        }
        (a, b) if a.friendly() == b.friendly() => {
            "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' value"
                .to_owned()
        }
        (a, b) => format!("The 'true' value is {}, but the 'false' value is {}", a.friendly(), b.friendly()),
    }
}

fn is_structural(ty: &Type) -> bool {
    matches!(ty, Type::Object(..) | Type::Tuple(_))
}
