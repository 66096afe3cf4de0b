//! How a function is called: the number of arguments, their types, nulls, holes and marks are dealt with here, once.

use super::{Args, Ctx, FUNCTIONS, FnError, Function, Param, Run, aws};
use crate::diag::nearest;
use crate::value::{Kind, Marks, Refinement, Type, Value, convert};
use std::sync::Arc;

/// The function of this name; `core::` before it means nothing. Of providers' functions there are those of AWS.
pub fn find(name: &str) -> Result<&'static Function, FnError> {
    let plain = name.strip_prefix("core::").unwrap_or(name);
    if let Ok(at) = FUNCTIONS.binary_search_by(|f| f.name.cmp(plain)) {
        return Ok(&FUNCTIONS[at]);
    }
    if let Some(function) = aws::FUNCTIONS.iter().find(|f| f.name == name) {
        return Ok(function);
    }
    if name.starts_with("provider::") {
        let known: Vec<&str> = aws::FUNCTIONS.iter().map(|f| f.name).collect();
        return Err(FnError::new(format!(
            "There is no function named {name:?}. Of functions of providers there are here: {}.",
            known.join(", ")
        )));
    }
    let hint = match nearest(plain, FUNCTIONS.iter().map(|f| f.name)) {
        Some(near) => format!(" Did you mean {near:?}?"),
        None => String::new(),
    };
    Err(FnError::new(format!("There is no function named {name:?}.{hint}")))
}

/// Calls a function by its name. Holes in, holes out, with whatever can be said about them; marks of arguments go to the result.
///
/// The message of an error is whole sentences and names function and parameter; words of arguments are in it only if no
/// argument is sensitive.
pub fn call(name: &str, args: Vec<Value>, ctx: &Ctx<'_>) -> Result<Value, FnError> {
    let function = find(name)?;
    let secret = args.iter().fold(Marks::NONE, |m, v| m.or(v.marks_deep())) != Marks::NONE;
    function
        .check_count(args.len())
        .and_then(|()| function.convert(args))
        .and_then(|args| function.apply(args, ctx))
        .map_err(|e| {
            let got = match e.got {
                Some(words) if !secret => format!(": {}", shorten(&words)),
                _ => String::new(),
            };
            let stop = if e.message.ends_with(['.', '!', '?']) && got.is_empty() { "" } else { "." };
            let message = match e.arg {
                Some(i) => {
                    let param = function.param(i).map_or("", |p| p.name);
                    format!("The argument {param:?} of {}() {}{got}{stop}", function.name, e.message)
                }
                None => format!("{}() {}{got}{stop}", function.name, e.message),
            };
            FnError { arg: e.arg, message, got: None }
        })
}

/// In quotes, and not longer than a line.
fn shorten(words: &str) -> String {
    match words.char_indices().nth(80) {
        Some((end, _)) => format!("{:?}...", &words[..end]),
        None => format!("{words:?}"),
    }
}

impl Function {
    /// The parameter that takes argument `i`.
    pub fn param(&self, i: usize) -> Option<&Param> {
        self.params.get(i).or(self.rest.as_ref())
    }

    fn check_count(&self, given: usize) -> Result<(), FnError> {
        let wanted = self.params.len();
        let arguments = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
        if given < wanted {
            let least = if self.rest.is_some() { "at least " } else { "" };
            let missing = self.params[given].name;
            Err(FnError::new(format!(
                "needs {least}{}, and {given} given: {missing:?} is missing",
                arguments(wanted) + if given == 1 { " is" } else { " are" }
            )))
        } else if given > wanted && self.rest.is_none() {
            Err(FnError::arg(wanted, format!("is one too many: it takes {}", arguments(wanted))))
        } else {
            Ok(())
        }
    }

    fn convert(&self, args: Vec<Value>) -> Result<Vec<Value>, FnError> {
        let mut converted = Vec::with_capacity(args.len());
        for (i, value) in args.into_iter().enumerate() {
            let ty = self.param(i).map_or(super::Ty::Any, |p| p.ty);
            converted.push(match ty {
                super::Ty::Any => value,
                ty => convert(&value, &ty.to_type()).map_err(|e| FnError::arg(i, format!("does not fit: {e}")))?,
            });
        }
        Ok(converted)
    }

    /// What Terraform's functions have in common: the type of the result first, which may already be an error; then a hole if an
    /// argument is one; then the function itself.
    fn apply(&self, mut args: Vec<Value>, ctx: &Ctx<'_>) -> Result<Value, FnError> {
        let Run::Eager(run) = self.run else {
            return Err(FnError::new("can only be evaluated with its arguments unevaluated"));
        };
        let mut marks = Marks::NONE;
        let mut own_marks = Marks::NONE;
        let mut untyped = false;
        let mut unknown = false;
        for (i, value) in args.iter_mut().enumerate() {
            let Some(param) = self.param(i) else { continue };
            if !param.marked {
                let (plain, own) = std::mem::replace(value, Value::bool(false)).unmark_deep();
                marks = marks.or(own);
                *value = plain;
            } else {
                own_marks = own_marks.or(value.marks_deep());
            }
            if value.is_null() && !param.nullable {
                return Err(FnError::arg(i, "must not be null"));
            }
            untyped |= !param.untyped && matches!(value.kind(), Kind::Null(Type::Any) | Kind::Unknown(Type::Any, _));
            unknown |= !param.holes && !value.is_known();
        }
        if untyped || unknown {
            // The function itself will not see to them.
            marks = marks.or(own_marks);
        }
        if untyped {
            return Ok(Value::unknown(Type::Any).mark(marks));
        }
        let ty = match self.result {
            Some(result) => result(&args)?,
            None => self.returns.to_type(),
        };
        let result = if unknown { Value::unknown(ty) } else { run(&Args { values: &args, ty: &ty, ctx })? };
        Ok(if self.not_null { refuse_null(result) } else { result }.mark(marks))
    }
}

/// Says of a hole that it will not be null.
fn refuse_null(value: Value) -> Value {
    match value.kind() {
        Kind::Unknown(ty, r) if !r.not_null && *ty != Type::Any => {
            let (ty, refinement) = (ty.clone(), Refinement { not_null: true, ..Refinement::clone(r) });
            let marks = value.marks();
            Value::from(Kind::Unknown(ty, Arc::new(refinement))).mark(marks)
        }
        _ => value,
    }
}
