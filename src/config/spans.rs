//! Moving the places of an expression: for texts that stand inside other texts, such as references in JSON strings.
//!
//! Refuses to know what the expression is.

use super::expr::{Expr, ExprKind, Part};
use crate::diag::Span;

/// Changes every place in an expression.
pub(super) fn each_span(expr: &mut Expr, change: &dyn Fn(&mut Span)) {
    change(&mut expr.span);
    match &mut expr.kind {
        ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::SplatItem => {}
        ExprKind::Template(parts) => each_part_span(parts, change),
        ExprKind::Wrap(e) | ExprKind::Paren(e) | ExprKind::Unary(_, e) => each_span(e, change),
        ExprKind::Attr(e, name) => {
            change(&mut name.span);
            each_span(e, change);
        }
        ExprKind::Index(a, b) => {
            each_span(a, change);
            each_span(b, change);
        }
        ExprKind::LegacyIndex(e, _, span) => {
            change(span);
            each_span(e, change);
        }
        ExprKind::Splat { source, each, marker, .. } => {
            change(marker);
            each_span(source, change);
            each_span(each, change);
        }
        ExprKind::Call(call) => {
            change(&mut call.name.span);
            call.args.iter_mut().for_each(|e| each_span(e, change));
        }
        ExprKind::Conditional(parts) => parts.iter_mut().for_each(|e| each_span(e, change)),
        ExprKind::Binary(_, parts, span) => {
            change(span);
            parts.iter_mut().for_each(|e| each_span(e, change));
        }
        ExprKind::Tuple(items) => items.iter_mut().for_each(|e| each_span(e, change)),
        ExprKind::Object(items) => {
            for item in items {
                each_span(&mut item.key, change);
                each_span(&mut item.value, change);
            }
        }
        ExprKind::For(f) => {
            f.key_name.iter_mut().for_each(|n| change(&mut n.span));
            change(&mut f.value_name.span);
            each_span(&mut f.collection, change);
            each_span(&mut f.value, change);
            f.key.iter_mut().chain(&mut f.condition).for_each(|e| each_span(e, change));
        }
    }
}

fn each_part_span(parts: &mut [Part], change: &dyn Fn(&mut Span)) {
    for part in parts {
        match part {
            Part::Text(_, span) => change(span),
            Part::Interpolation(e) => each_span(e, change),
            Part::If { condition, then, otherwise, span } => {
                change(span);
                each_span(condition, change);
                each_part_span(then, change);
                each_part_span(otherwise, change);
            }
            Part::For { key_name, value_name, collection, body, span } => {
                change(span);
                key_name.iter_mut().for_each(|n| change(&mut n.span));
                change(&mut value_name.span);
                each_span(collection, change);
                each_part_span(body, change);
            }
        }
    }
}
