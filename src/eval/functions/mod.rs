//! The functions of the Terraform language: one table, one way to call them, one file a subject.
//!
//! A function sees arguments that are converted to its parameters' types, not null and known, unless its line in the table says
//! otherwise; so most of them are a few lines. Refuses to know expressions: `try` and `can` are in the table (for their names
//! and their documentation) but the evaluator answers them, and templates are rendered through [`Ctx::render`].

mod aws;
mod call;
mod codepages;
mod collections;
mod csv;
mod dates;
mod encoding;
mod files;
mod format;
mod glob;
mod gzip;
mod hashes;
mod json;
mod maps;
pub mod metadata;
mod network;
mod numbers;
mod regex;
mod rsa;
mod sets;
mod strings;
mod table;
mod text_encoding;
mod types;
mod yaml;

pub use call::{call, find};
pub use table::FUNCTIONS;

use super::Facts;
use crate::value::{Fields, Type, Value};
use std::path::Path;

/// What `jsonencode` makes of a wholly known value; empty for what has no JSON.
pub fn json_text(value: &Value) -> String {
    json::encode(value).unwrap_or_default()
}

/// What a function may ask for beside its arguments.
pub struct Ctx<'a> {
    /// Time, working directory, and whether this is an apply.
    pub facts: &'a Facts,
    /// Where relative paths start from.
    pub base_dir: &'a Path,
    /// How many templates are being rendered around this call: inside of one, none can be rendered.
    pub template_depth: usize,
    /// Renders a template: its text, a name for it that errors can show, and the variables it may use.
    #[allow(clippy::type_complexity, reason = "it is this one type, and used here only")]
    pub render: &'a dyn Fn(&str, &str, Fields) -> Result<Value, FnError>,
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FnError {
    /// The argument that is to blame, counted from 0, if one is.
    pub arg: Option<usize>,
    /// What is wrong, in whole sentences.
    pub message: String,
    /// The user's own words that the message should show, unless they are sensitive.
    got: Option<String>,
}

impl FnError {
    /// No argument alone is to blame.
    pub fn new(message: impl Into<String>) -> FnError {
        FnError { arg: None, message: message.into(), got: None }
    }

    /// This argument is to blame.
    pub fn arg(arg: usize, message: impl Into<String>) -> FnError {
        FnError { arg: Some(arg), message: message.into(), got: None }
    }

    /// With the user's own words, which are shown only if they are not sensitive.
    fn got(mut self, words: impl Into<String>) -> FnError {
        self.got = Some(words.into());
        self
    }
}

/// Types that parameters and results are declared with: like [`Type`], but constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// Any type.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(&'static Ty),
    /// `set(T)`
    Set(&'static Ty),
    /// `map(T)`
    Map(&'static Ty),
}

impl Ty {
    /// As a type constraint.
    pub fn to_type(self) -> Type {
        match self {
            Ty::Any => Type::Any,
            Ty::Bool => Type::Bool,
            Ty::Number => Type::Number,
            Ty::String => Type::String,
            Ty::List(t) => Type::list(t.to_type()),
            Ty::Set(t) => Type::set(t.to_type()),
            Ty::Map(t) => Type::map(t.to_type()),
        }
    }
}

/// What a function takes at one place.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name, as Terraform documents it.
    pub name: &'static str,
    /// Arguments are converted to this.
    pub ty: Ty,
    /// Whether the function can do with null.
    pub nullable: bool,
    /// Whether the function can do with a hole; else any hole makes the result one.
    pub holes: bool,
    /// Whether the function can do with a hole (or null) of which not even the type is known; else the type of the result is not
    /// known either.
    pub untyped: bool,
    /// Whether the function deals with marks itself; else they are taken off and put on the result.
    pub marked: bool,
}

impl Param {
    const fn new(name: &'static str, ty: Ty) -> Param {
        Param { name, ty, nullable: false, holes: false, untyped: false, marked: false }
    }
    const fn nullable(self) -> Param {
        Param { nullable: true, ..self }
    }
    const fn holes(self) -> Param {
        Param { holes: true, ..self }
    }
    const fn untyped(self) -> Param {
        Param { untyped: true, ..self }
    }
    const fn marked(self) -> Param {
        Param { marked: true, ..self }
    }
}

/// One function of the table.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub doc: &'static str,
    /// What it takes.
    pub params: &'static [Param],
    /// What it takes any number of, after `params`.
    pub rest: Option<Param>,
    /// The type of its result, as far as it is the same for all arguments.
    pub returns: Ty,
    /// Whether its result is never null, which is then known of a hole as well.
    not_null: bool,
    /// The type of its result for these arguments, where `returns` does not say it.
    result: Option<fn(&[Value]) -> Result<Type, FnError>>,
    /// The function itself.
    run: Run,
}

impl Function {
    const fn rest(self, param: Param) -> Function {
        Function { rest: Some(param), ..self }
    }
    const fn typed(self, result: fn(&[Value]) -> Result<Type, FnError>) -> Function {
        Function { result: Some(result), ..self }
    }
    const fn not_null(self) -> Function {
        Function { not_null: true, ..self }
    }
}

/// How a function is evaluated.
#[derive(Clone, Copy)]
enum Run {
    /// By this, from its arguments.
    Eager(fn(&Args<'_>) -> Result<Value, FnError>),
    /// By the evaluator, which may leave out arguments.
    Lazy,
}

/// The arguments of a call as the function sees them.
struct Args<'a> {
    values: &'a [Value],
    /// The type that the result will have, as `result` found it.
    ty: &'a Type,
    ctx: &'a Ctx<'a>,
}

impl Args<'_> {
    /// A string argument. (The protocol has made sure that it is one.)
    fn str(&self, i: usize) -> &str {
        self.values.get(i).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number that must be whole and fit a machine word.
    fn int(&self, i: usize) -> Result<i64, FnError> {
        int(&self.values[i]).ok_or_else(|| FnError::arg(i, WHOLE))
    }

    /// The elements of a list, set or tuple.
    fn elements(&self, i: usize) -> &[Value] {
        self.values.get(i).and_then(Value::as_slice).unwrap_or_default()
    }
}

const WHOLE: &str = "must be a whole number between -9223372036854775808 and 9223372036854775807";

/// A whole number that fits a machine word.
fn int(value: &Value) -> Option<i64> {
    value.as_number().and_then(|n| n.to_i64())
}

/// A hole of this type that will not be null.
fn hole(ty: Type) -> Value {
    use crate::value::Refinement;
    Value::refined(ty, Refinement { not_null: true, ..Refinement::default() })
}

#[cfg(test)]
mod tests;
