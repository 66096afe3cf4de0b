//! `x[*].name` and `x.*.name`: one expression for every element; anything else than a sequence is one of one or, if null, none.
//!
//! Refuses to know what is done with an element.

use super::walk::{Frame, ITEM, Walk};
use crate::config::expr::Expr;
use crate::diag::{Diagnostic, Span};
use crate::value::{Kind, Refinement, Type, Value};
use std::sync::Arc;

impl Walk<'_> {
    /// `source[*]` with what follows it.
    pub fn splat(&mut self, source: &Expr, each: &Expr, marker: &Span, frame: Option<&Frame<'_>>) -> Value {
        let (value, ok) = self.try_eval(source, frame);
        if !ok {
            return Value::unknown(Type::Any);
        }
        let (value, marks) = value.unmark();
        let result = match value.kind() {
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
                self.fail(Diagnostic::error("Splat of null value", detail).at(marker))
            }
            Kind::Null(_) => Value::tuple(Vec::new()),
            Kind::Unknown(Type::Any, _) => Value::unknown(Type::Any),
            Kind::Unknown(Type::List(ty) | Type::Set(ty), known) => {
                let length = match value.ty() {
                    Type::Set(_) => (known.length.0.min(1), known.length.1),
                    _ => known.length,
                };
                let (item, _) = self.each(each, &Value::unknown((**ty).clone()), frame);
                let known = Refinement { not_null: true, length, ..Refinement::default() };
                Value::refined(Type::list(item.ty()), known)
            }
            Kind::Unknown(Type::Tuple(types), _) => {
                let items = types.iter().map(|ty| self.each(each, &Value::unknown(ty.clone()), frame).0.ty());
                let ty = Type::tuple(items.collect());
                Value::unknown_not_null(ty)
            }
            // Whether it will be one element or, if it comes out null, none: nobody knows.
            Kind::Unknown(_, known) if !known.not_null => {
                self.each(each, &value, frame);
                Value::unknown(Type::Any)
            }
            Kind::List(ty, elements) | Kind::Set(ty, elements) => self.sequence(each, ty, elements, frame),
            Kind::Tuple(elements) => self.tuple(each, elements, frame),
            _ => self.tuple(each, std::slice::from_ref(&value), frame),
        };
        result.mark(marks)
    }

    fn each(&mut self, each: &Expr, item: &Value, frame: Option<&Frame<'_>>) -> (Value, bool) {
        self.try_eval(each, Some(&Frame { name: ITEM, value: item, outer: frame }))
    }

    fn tuple(&mut self, each: &Expr, elements: &[Value], frame: Option<&Frame<'_>>) -> Value {
        let mut complete = true;
        let values: Vec<Value> = (elements.iter())
            .map(|element| {
                let (value, ok) = self.each(each, element, frame);
                complete &= ok;
                value
            })
            .collect();
        if complete {
            Value::tuple(values)
        } else {
            Value::unknown(Type::tuple(values.iter().map(Value::ty).collect()))
        }
    }

    fn sequence(&mut self, each: &Expr, ty: &Type, elements: &Arc<Vec<Value>>, frame: Option<&Frame<'_>>) -> Value {
        if elements.is_empty() {
            let (item, ok) = self.each(each, &Value::unknown(ty.clone()), frame);
            let ty = item.ty();
            return if ok { Value::list(ty, Vec::new()) } else { Value::unknown(Type::list(ty)) };
        }
        let result = self.tuple(each, elements, frame);
        let Some(values) = result.as_slice() else { return Value::unknown(Type::Any) };
        let mut types = values.iter().map(Value::ty).filter(|ty| *ty != Type::Any);
        let ty = types.next().unwrap_or(Type::Any);
        if types.all(|other| other == ty) { Value::list(ty, values.to_vec()) } else { result }
    }

    /// The element inside a splat.
    pub fn item(&mut self, frame: Option<&Frame<'_>>) -> Value {
        super::walk::find(frame, ITEM).cloned().unwrap_or_else(|| Value::unknown(Type::Any))
    }
}
