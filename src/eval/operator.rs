//! Operators: `a + b`, `!a`. Both sides are always evaluated, `&&` and `||` included, as Terraform 1.11 does.
//!
//! Refuses to know where operands come from.

use super::walk::{Frame, Walk};
use crate::config::expr::{BinaryOp, Expr, UnaryOp};
use crate::diag::{Diagnostic, Span};
use crate::value::{Marks, NumberError, Type, Value, convert, equals, is_ordered};
use std::cmp::Ordering;

const INVALID: &str = "Invalid operand";
const FAILED: &str = "Operation failed";

impl Walk<'_> {
    /// `a op b`
    pub fn binary(&mut self, op: BinaryOp, sides: &[Expr; 2], whole: &Span, frame: Option<&Frame<'_>>) -> Value {
        let (operand, result) = types(op);
        let [left, right] = sides;
        let (a, a_ok) = self.try_eval(left, frame);
        let (b, b_ok) = self.try_eval(right, frame);
        let a = self.operand(&a, &operand, "left operand", &left.span);
        let b = self.operand(&b, &operand, "right operand", &right.span);
        let (Some(a), Some(b), true, true) = (a, b, a_ok, b_ok) else { return Value::unknown(result) };
        match compute(op, &a, &b) {
            Ok(value) => value,
            Err(why) => self.failed(why, whole, result),
        }
    }

    /// `-a`, `!a`
    pub fn unary(&mut self, op: UnaryOp, side: &Expr, whole: &Span, frame: Option<&Frame<'_>>) -> Value {
        let ty = match op {
            UnaryOp::Neg => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let (value, ok) = self.try_eval(side, frame);
        let value = self.operand(&value, &ty, "unary operand", &side.span);
        let (Some(value), true) = (value, ok) else { return Value::unknown(ty) };
        let (value, marks) = value.unmark();
        let result = match (op, value.as_number(), value.as_bool()) {
            _ if value.is_null() => return self.failed(NULL, whole, ty),
            (UnaryOp::Neg, Some(n), _) => Value::number(n.neg()),
            (UnaryOp::Not, _, Some(b)) => Value::bool(!b),
            _ => Value::unknown_not_null(ty),
        };
        result.mark(marks)
    }

    fn operand(&mut self, value: &Value, ty: &Type, which: &str, span: &Span) -> Option<Value> {
        match convert(value, ty) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(Diagnostic::error(INVALID, format!("Unsuitable value for {which}: {error}.")).at(span));
                None
            }
        }
    }

    fn failed(&mut self, why: &str, span: &Span, ty: Type) -> Value {
        self.fail(Diagnostic::error(FAILED, format!("Error during operation: {why}.")).at(span));
        Value::unknown(ty)
    }
}

const NULL: &str = "argument must not be null";

/// What both sides are converted to, and the type of the result.
fn types(op: BinaryOp) -> (Type, Type) {
    use BinaryOp::*;
    match op {
        Add | Sub | Mul | Div | Mod => (Type::Number, Type::Number),
        Eq | NotEq => (Type::Any, Type::Bool),
        Less | LessEq | Greater | GreaterEq => (Type::Number, Type::Bool),
        And | Or => (Type::Bool, Type::Bool),
    }
}

/// The result for operands of the right type.
fn compute(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, NumberError> {
    use BinaryOp::*;
    if !matches!(op, Eq | NotEq) && (a.is_null() || b.is_null()) {
        return Err(NULL);
    }
    let marks = a.marks().or(b.marks());
    let value = match op {
        Eq => equals(a, b),
        NotEq => not(equals(a, b)),
        Less => is_ordered(a, b, Ordering::Less),
        Greater => is_ordered(a, b, Ordering::Greater),
        LessEq => either(is_ordered(a, b, Ordering::Less), equals(a, b)),
        GreaterEq => either(is_ordered(a, b, Ordering::Greater), equals(a, b)),
        And => logic(a, b, |a, b| a && b),
        Or => logic(a, b, |a, b| a || b),
        Add | Sub | Mul | Div | Mod => match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => Value::number(match op {
                Add => a.add(b)?,
                Sub => a.sub(b)?,
                Mul => a.mul(b)?,
                Div => a.div(b)?,
                _ => a.rem(b)?,
            }),
            _ => Value::unknown_not_null(Type::Number),
        },
    };
    Ok(value.mark(marks))
}

/// Both must be known, even where one alone would decide.
fn logic(a: &Value, b: &Value, f: fn(bool, bool) -> bool) -> Value {
    match (a.as_bool(), b.as_bool()) {
        (Some(a), Some(b)) => Value::bool(f(a, b)),
        _ => Value::unknown_not_null(Type::Bool),
    }
}

fn either(a: Value, b: Value) -> Value {
    let marks: Marks = a.marks().or(b.marks());
    logic(&a, &b, |a, b| a || b).mark(marks)
}

fn not(a: Value) -> Value {
    match a.as_bool() {
        Some(b) => Value::bool(!b).mark(a.marks()),
        None => a,
    }
}
