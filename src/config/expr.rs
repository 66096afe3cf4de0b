//! The expression tree: what was written, with nothing evaluated. Every node carries its place.
//!
//! Both syntaxes (`.tf` and `.tf.json`) are lowered into it; nothing outside `config::syntax` knows which it was.

use crate::diag::Span;
use crate::value::{Number, Value};
use std::sync::Arc;

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// From its first to its last byte, parentheses included where they belong to it.
    pub span: Span,
}

/// A name as written.
#[derive(Clone, Debug)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Its place.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number, `true`, `false`, `null`, or a string without anything to fill in.
    Literal(Value),
    /// A quoted string or heredoc with something to fill in. `"${x}"` alone is [`ExprKind::Wrap`].
    Template(Vec<Part>),
    /// `"${x}"` alone: the value of `x`, whatever its type.
    Wrap(Box<Expr>),
    /// A name without a dot: the start of every reference.
    Name(Arc<str>),
    /// `x.name`
    Attr(Box<Expr>, Ident),
    /// `x[key]`
    Index(Box<Expr>, Box<Expr>),
    /// `x.0`
    LegacyIndex(Box<Expr>, Number, Span),
    /// `x.*` (attribute-only) or `x[*]` (full): `each` is applied to every element, which it sees as [`ExprKind::SplatItem`].
    Splat {
        /// What is gone through.
        source: Box<Expr>,
        /// What is made of each element.
        each: Box<Expr>,
        /// `[*]` rather than `.*`.
        full: bool,
        /// The place of the operator.
        marker: Span,
    },
    /// The element inside a splat's `each`.
    SplatItem,
    /// `f(a, b...)`
    Call(Box<Call>),
    /// `a ? b : c`
    Conditional(Box<[Expr; 3]>),
    /// `a + b`
    Binary(BinaryOp, Box<[Expr; 2]>, Span),
    /// `-a`, `!a`
    Unary(UnaryOp, Box<Expr>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ k = v }`
    Object(Vec<ObjectItem>),
    /// `[for k, v in x : y if z]` and `{for k, v in x : a => b... if z}`
    For(Box<For>),
    /// `(x)`; matters for object keys, where `(x)` is an expression and `x` a word.
    Paren(Box<Expr>),
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// As written, with namespaces: `core::max`, `provider::x::y`.
    pub name: Ident,
    /// The arguments.
    pub args: Vec<Expr>,
    /// Whether the last argument is followed by `...`.
    pub expand: bool,
}

/// One `k = v` of an object.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// A bare word is a [`ExprKind::Literal`] string already (`null = 1`, `true = 1` and `1 = 1` are words too);
    /// an expression as key is what was written, in parentheses or as a template.
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For {
    /// The name for the key, if there are two names.
    pub key_name: Option<Ident>,
    /// The name for the element.
    pub value_name: Ident,
    /// What is gone through.
    pub collection: Expr,
    /// The result's key: an object is built; without one, a tuple.
    pub key: Option<Expr>,
    /// The result's element.
    pub value: Expr,
    /// `...` behind the element: values of one key are grouped.
    pub group: bool,
    /// `if`
    pub condition: Option<Expr>,
}

/// A piece of a template. Whitespace trimmed by `~` and the indent of `<<-` are gone already.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text, escapes resolved.
    Text(String, Span),
    /// `${x}`
    Interpolation(Expr),
    /// `%{ if c }...%{ else }...%{ endif }`
    If {
        /// What decides.
        condition: Expr,
        /// Where it is true.
        then: Vec<Part>,
        /// Where it is false.
        otherwise: Vec<Part>,
        /// From the first to the last directive.
        span: Span,
    },
    /// `%{ for k, v in x }...%{ endfor }`
    For {
        /// The name for the key, if there are two names.
        key_name: Option<Ident>,
        /// The name for the element.
        value_name: Ident,
        /// What is gone through.
        collection: Expr,
        /// What is made of each element.
        body: Vec<Part>,
        /// From the first to the last directive.
        span: Span,
    },
}

/// Operators of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Less,
    /// `<=`
    LessEq,
    /// `>`
    Greater,
    /// `>=`
    GreaterEq,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Operators of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}
