//! Arguments that Terraform reads before anything is evaluated: constants, keywords, bare references, provider names.
//!
//! Refuses to know which arguments these are.

use super::content::is_json;
use super::expr::{Expr, ExprKind, Ident, ObjectItem, UnaryOp};
use super::references::Step;
use super::spans::each_span;
use super::traversal::{names_and_calls, traversal};
use super::{Attribute, ProviderRef, syntax};
use crate::diag::{Diagnostic, Diags, Source, Span};
use crate::value::{Kind, Type, TypeDefaults, Value, apply_defaults};
use std::path::Path;
use std::sync::Arc;

/// The value of an expression that may refer to nothing and call nothing; `None` where it does, with the reason reported.
pub(super) fn constant(expr: &Expr, diags: &mut Diags) -> Option<Value> {
    if is_json(&expr.span) {
        return json_constant(expr, diags);
    }
    if check_constant(expr, diags) { evaluate(expr, diags) } else { None }
}

/// The value of an expression that refers to nothing and calls nothing; `None` of any other, and of what is wrong.
pub fn constant_of(expr: &Expr) -> Option<Value> {
    constant(expr, &mut Diags::new())
}

/// Whether an expression refers to nothing and calls nothing; reports what it does.
pub(super) fn check_constant(expr: &Expr, diags: &mut Diags) -> bool {
    let (names, calls) = names_and_calls(expr);
    for name in &names {
        let detail = format!(
            "{} cannot be used here: this value is read before variables, locals and resources are known. Write the value itself.",
            name.text()
        );
        diags.push(Diagnostic::error("Variables not allowed", detail).at(name));
    }
    for call in &calls {
        let detail = format!(
            "The function \"{}\" cannot be called here: this value is read before anything is evaluated. Write its result.",
            call.name
        );
        diags.push(Diagnostic::error("Function calls not allowed", detail).at(&call.span));
    }
    names.is_empty() && calls.is_empty()
}

/// In JSON, strings of constants are taken as they stand: `${` has no meaning in them.
fn json_constant(expr: &Expr, diags: &mut Diags) -> Option<Value> {
    match &expr.kind {
        ExprKind::Tuple(items) => {
            let values: Vec<_> = items.iter().map(|e| json_constant(e, diags)).collect();
            Some(Value::tuple(values.into_iter().collect::<Option<_>>()?))
        }
        ExprKind::Object(items) => {
            let pairs: Vec<_> = items
                .iter()
                .map(|i| {
                    let key = json_constant(&i.key, diags)?;
                    Some((Arc::from(key.as_str()?), json_constant(&i.value, diags)?))
                })
                .collect();
            Some(Value::object(pairs.into_iter().collect::<Option<_>>()?))
        }
        _ => match serde_json::from_str::<serde_json::Value>(expr.span.text()) {
            Ok(serde_json::Value::String(s)) => Some(Value::string(s)),
            _ => evaluate(expr, diags),
        },
    }
}

/// Evaluates what refers to nothing.
fn evaluate(expr: &Expr, diags: &mut Diags) -> Option<Value> {
    if let Some(value) = written_out(expr) {
        return Some(value);
    }
    let facts = crate::eval::Facts { now: String::new(), cwd: Default::default(), applying: false };
    let scope = crate::eval::Scope { facts: &facts, base_dir: Path::new("."), roots: Vec::new() };
    let mut found = Diags::new();
    let value = crate::eval::eval(expr, &scope, &mut found);
    let failed = found.has_errors();
    diags.extend(found);
    (!failed && value.is_wholly_known()).then_some(value)
}

/// The value of what needs no evaluation, which is nearly everything that stands in such places.
fn written_out(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Paren(inner) => written_out(inner),
        ExprKind::Unary(UnaryOp::Neg, inner) => match written_out(inner)?.kind() {
            Kind::Number(n) => Some(Value::number(n.neg())),
            _ => None,
        },
        ExprKind::Tuple(items) => Some(Value::tuple(items.iter().map(written_out).collect::<Option<_>>()?)),
        ExprKind::Object(items) => {
            let pair = |i: &ObjectItem| match written_out(&i.key)?.kind() {
                Kind::String(key) => Some((key.clone(), written_out(&i.value)?)),
                _ => None,
            };
            Some(Value::object(items.iter().map(pair).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// Converts a constant to a type constraint, with the defaults of its optional attributes. The error is the reason, as a phrase.
pub(super) fn convert(value: &Value, ty: &Type, defaults: Option<&TypeDefaults>) -> Result<Value, String> {
    let value = defaults.map_or_else(|| value.clone(), |d| apply_defaults(value, d));
    crate::value::convert(&value, ty).map_err(|e| e.to_string())
}

fn unsuitable(attribute: &Attribute, wanted: &str) -> Diagnostic {
    let detail = format!("The argument \"{}\" must be {wanted}.", attribute.name.name);
    Diagnostic::error("Unsuitable value type", detail).at(&attribute.value.span)
}

/// The constant string of an argument.
pub(super) fn text(attribute: &Attribute, diags: &mut Diags) -> Option<String> {
    let value = constant(&attribute.value, diags)?;
    match value.kind() {
        Kind::String(s) => Some(s.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        _ => {
            diags.push(unsuitable(attribute, "a string"));
            None
        }
    }
}

/// The constant bool of an argument.
pub(super) fn flag(attribute: &Attribute, diags: &mut Diags) -> Option<bool> {
    let value = constant(&attribute.value, diags)?;
    match value.kind() {
        Kind::Bool(b) => Some(*b),
        Kind::String(s) if matches!(&**s, "true" | "1") => Some(true),
        Kind::String(s) if matches!(&**s, "false" | "0") => Some(false),
        _ => {
            diags.push(unsuitable(attribute, "true or false"));
            None
        }
    }
}

/// The word of a bare word, in JSON of a string.
pub(super) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Literal(value) if is_json(&expr.span) => value.as_str(),
        // `null`, `true` and `false` are words here.
        ExprKind::Literal(value) if value.as_str().is_none() && value.as_number().is_none() => Some(expr.span.text()),
        _ => None,
    }
}

/// A bare reference: names, attributes and constant keys only. In JSON it is a string; quoted elsewhere, it is read with a warning.
pub(super) fn reference(expr: &Expr, diags: &mut Diags) -> Option<Expr> {
    let expr = match &expr.kind {
        ExprKind::Literal(value) if value.as_str().is_some() => {
            if !is_json(&expr.span) {
                let detail = "A reference is written without quotes here. Terraform 0.11 wanted quotes; they are still \
                              read, but a later version may refuse them. Remove the quotes.";
                diags.push(Diagnostic::warning("Quoted references are deprecated", detail).at(&expr.span));
            }
            unquoted(expr, diags)?
        }
        _ => expr.clone(),
    };
    bare(expr, diags)
}

/// As `reference`, but quotes are an error outside JSON.
pub(super) fn strict_reference(expr: &Expr, diags: &mut Diags) -> Option<Expr> {
    let expr = match is_json(&expr.span) {
        true => unquoted(expr, diags)?,
        false => expr.clone(),
    };
    bare(expr, diags)
}

fn bare(expr: Expr, diags: &mut Diags) -> Option<Expr> {
    match traversal(&expr) {
        Some(t) if t.is_static() => Some(expr),
        _ => {
            let detail = "Only a plain reference can stand here: names joined by dots, and constant keys in brackets. \
                          No calculations, function calls or templates.";
            diags.push(Diagnostic::error("Invalid expression", detail).at(&expr.span));
            None
        }
    }
}

/// The elements of an argument that must be a literal list.
pub(super) fn list<'a>(expr: &'a Expr, diags: &mut Diags) -> &'a [Expr] {
    match &expr.kind {
        ExprKind::Tuple(items) => items,
        _ => {
            let detail = "A list must be written out here: it is read before anything is evaluated.";
            diags.push(Diagnostic::error("Invalid expression", detail).at(&expr.span));
            &[]
        }
    }
}

/// A list of bare references.
pub(super) fn references(expr: &Expr, diags: &mut Diags) -> Vec<Expr> {
    list(expr, diags).iter().filter_map(|e| reference(e, diags)).collect()
}

/// What a string holds, read as an expression with places inside the string.
pub(super) fn unquoted(expr: &Expr, diags: &mut Diags) -> Option<Expr> {
    let file = &expr.span.source;
    let Some((text, offsets)) = unescape(expr.span.text()) else {
        // No plain string (a heredoc, say): it reads the same, but its places are those of a text of its own.
        let ExprKind::Literal(value) = &expr.kind else { return Some(expr.clone()) };
        let (parsed, found) = syntax::parse_expr(&Source::new(file.name.clone(), value.as_str()?));
        diags.extend(found);
        return parsed;
    };
    let (parsed, found) = syntax::parse_expr(&Source::new(file.name.clone(), text));
    let place = |span: &mut Span| {
        let at = |i: u32| offsets.get(i as usize).map_or(expr.span.end, |o| expr.span.start + o);
        *span = Span { source: file.clone(), start: at(span.start), end: at(span.end) };
    };
    for mut d in found {
        d.span.iter_mut().for_each(&place);
        d.related.iter_mut().for_each(|(span, _)| place(span));
        diags.push(d);
    }
    let mut parsed = parsed?;
    each_span(&mut parsed, &place);
    Some(parsed)
}

/// The text of a quoted string, and for each of its bytes (and its end) where it stands in the quoted form.
fn unescape(quoted: &str) -> Option<(String, Vec<u32>)> {
    let body = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let (mut text, mut offsets) = (String::new(), Vec::new());
    let mut chars = body.char_indices();
    while let Some((i, c)) = chars.next() {
        let c = match c {
            '\\' => match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                c @ ('"' | '\\' | '/') => c,
                'u' => {
                    let code = chars.as_str().get(..4)?;
                    chars.nth(3);
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                _ => return None,
            },
            c => c,
        };
        text.push(c);
        offsets.resize(text.len(), i as u32 + 1);
    }
    offsets.push(body.len() as u32 + 1);
    Some((text, offsets))
}

/// `aws` or `aws.west`.
pub(super) fn provider_ref(expr: &Expr, diags: &mut Diags) -> Option<ProviderRef> {
    let invalid = |span: &Span| {
        let detail = "A provider configuration is named by its local name, with an alias behind a dot if it has one: \
                      aws or aws.west.";
        Diagnostic::error("Invalid provider configuration reference", detail).at(span)
    };
    if !matches!(expr.kind, ExprKind::Name(_) | ExprKind::Attr(..))
        && !matches!(&expr.kind, ExprKind::Literal(v) if v.as_str().is_some())
    {
        diags.push(invalid(&expr.span));
        return None;
    }
    let expr = reference(expr, diags)?;
    let t = traversal(&expr)?;
    if ["var", "local", "each", "count", "module", "data", "path", "self"].contains(&&*t.root.name) {
        let detail =
            "A provider configuration is named directly, as aws or aws.west: it is chosen before any value is known.";
        diags.push(Diagnostic::error("Invalid provider configuration reference", detail).at(&expr.span));
        return None;
    }
    let alias = match t.steps.as_slice() {
        [] => None,
        [Step::Attr(name)] => Some(name.name.clone()),
        _ => {
            diags.push(invalid(&expr.span));
            return None;
        }
    };
    Some(ProviderRef { name: t.root.name.clone(), alias, span: expr.span.clone() })
}

/// A name as an identifier at a place.
pub(super) fn ident(name: &str, span: &Span) -> Ident {
    Ident { name: name.into(), span: span.clone() }
}
