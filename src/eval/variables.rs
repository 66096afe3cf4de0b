//! Stands in until the evaluator's own file of this name lands: replace all of it.
use crate::config::Variable;
use crate::diag::{Diags, Span};
use crate::eval::Scope;
use crate::value::{Type, Value, convert};
pub fn validate(_: &Variable, _: &Scope<'_>) -> Diags {
    Diags::new()
}
pub fn finish(v: &Variable, given: Option<Value>, _: Option<&Span>, _: &mut Diags) -> Value {
    let x = given.or_else(|| v.default.clone()).unwrap_or_else(|| Value::null(Type::Any));
    convert(&x, &v.ty).unwrap_or_else(|_| Value::null(Type::Any))
}
