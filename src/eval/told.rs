//! What the names in an expression came to: told beside a mistake in it, in Terraform's words.
//!
//! Refuses to tell what is sensitive, or not known.

use super::Scope;
use crate::config::expr::Expr;
use crate::config::references::Step;
use crate::config::traversals;
use crate::diag::Span;
use crate::value::{Kind, Type, Value, quote};

/// The names that a place in an expression is about, each with what it is: `("local.n", "is 3")`, sorted.
pub(super) fn told(expr: &Expr, place: &Span, scope: &Scope<'_>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for t in traversals(expr) {
        let whole = t.steps.last().map_or(t.root.span.clone(), |last| t.root.span.to(last.span()));
        // In the place; or the place is a step of it.
        let inside = place.start <= whole.start && whole.end <= place.end;
        if inside || (whole.start <= place.start && place.start < whole.end) {
            out.extend(one(&t.root.name, &t.steps, scope));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// As far as the steps lead, and at least so far that there is a value.
fn one(root: &str, steps: &[Step], scope: &Scope<'_>) -> Option<(String, String)> {
    let mut value = scope.root(root)?.clone();
    let mut text = root.to_string();
    // A type alone, or all data sources, are no value.
    let least = match root {
        "var" | "local" | "module" | "each" | "count" | "path" | "terraform" => 1,
        "self" => 0,
        "data" => 3,
        _ => 2,
    };
    let mut depth = 0;
    for step in steps {
        if value.is_sensitive() || !value.is_known() {
            return None;
        }
        let (next, written) = match step {
            Step::Attr(name) => (value.get(&name.name), format!(".{}", name.name)),
            Step::Key(key, _) => match (key.as_str(), key.as_number()) {
                (Some(name), _) => {
                    let mut quoted = String::new();
                    quote::go(name, &mut quoted);
                    (value.get(name), format!("[{quoted}]"))
                }
                (None, Some(n)) => {
                    let at: Option<usize> = n.to_string().parse().ok();
                    let next = at.and_then(|at| value.as_slice()?.get(at).cloned());
                    (next, format!("[{n}]"))
                }
                (None, None) => break,
            },
            Step::Computed(..) | Step::Splat(_) => break,
        };
        let Some(next) = next else { break };
        value = next;
        text.push_str(&written);
        depth += 1;
    }
    (depth >= least && value.is_known() && !value.is_sensitive()).then(|| (text, statement(&value)))
}

/// `is 3`, `is object with 2 attributes`
fn statement(value: &Value) -> String {
    let many = |n: usize, ty: &Type| {
        let ty = ty.friendly().replace("any single type", "dynamic");
        match n {
            0 => format!("is empty {ty}"),
            1 => format!("is {ty} with 1 element"),
            n => format!("is {ty} with {n} elements"),
        }
    };
    match value.kind() {
        _ if value.is_null() => "is null".into(),
        Kind::Bool(b) => format!("is {b}"),
        Kind::Number(n) => format!("is {n}"),
        Kind::String(s) => {
            let mut out = String::from("is ");
            quote::go(s, &mut out);
            out
        }
        Kind::Tuple(vs) => match vs.len() {
            0 => "is empty tuple".into(),
            1 => "is tuple with 1 element".into(),
            n => format!("is tuple with {n} elements"),
        },
        Kind::Object(fields) => match (fields.len(), fields.keys().next()) {
            (1, Some(name)) => {
                let mut out = String::from("is object with 1 attribute ");
                quote::go(name, &mut out);
                out
            }
            (0, _) => "is object with no attributes".into(),
            (n, _) => format!("is object with {n} attributes"),
        },
        Kind::List(_, vs) | Kind::Set(_, vs) => many(vs.len(), &value.ty()),
        Kind::Map(_, fields) => many(fields.len(), &value.ty()),
        _ => format!("is {}", value.ty().friendly()),
    }
}
