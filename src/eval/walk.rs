//! The walk over an expression: which rule answers which form, the names that expressions bring themselves, and the mistakes
//! met on the way.
//!
//! Refuses to know the rules.

use super::Scope;
use super::told::told;
use crate::config::expr::{Expr, ExprKind};
use crate::diag::{Diagnostic, Diags};
use crate::value::{Type, Value};

/// So deep may expressions be nested on one stack, those of templates rendered on the way included.
pub(super) const LEVELS: usize = 448;

/// A name that an expression itself brings: of `for`, or the element of a splat.
pub(super) struct Frame<'f> {
    pub name: &'f str,
    pub value: &'f Value,
    pub outer: Option<&'f Frame<'f>>,
}

/// The name of a splat's element. No variable can have it.
pub(super) const ITEM: &str = "*";

/// One evaluation.
pub(super) struct Walk<'s> {
    pub scope: &'s Scope<'s>,
    diags: Diags,
    /// How many mistakes were met, repeated ones too.
    mistakes: usize,
    /// How many templates are being rendered around this expression.
    pub templates: usize,
    /// How deep this is.
    pub level: usize,
}

impl<'s> Walk<'s> {
    pub fn new(scope: &'s Scope<'s>) -> Walk<'s> {
        Walk { scope, diags: Diags::new(), mistakes: 0, templates: 0, level: 0 }
    }

    /// Hands over what was met.
    pub fn finish(self, diags: &mut Diags) {
        diags.extend(self.diags);
    }

    /// Evaluates an expression.
    pub fn eval(&mut self, expr: &Expr, frame: Option<&Frame<'_>>) -> Value {
        if self.level >= LEVELS {
            let detail = format!("This is nested more than {LEVELS} levels deep. Split it up with local values.");
            return self.fail(Diagnostic::error("Nested too deeply", detail).at(&expr.span));
        }
        self.level += 1;
        let before = self.mistakes;
        let value = match &expr.kind {
            ExprKind::Literal(value) => value.clone(),
            ExprKind::Paren(inner) | ExprKind::Wrap(inner) => self.eval(inner, frame),
            ExprKind::Name(name) => self.name(name, &expr.span, frame),
            ExprKind::SplatItem => self.item(frame),
            ExprKind::Attr(source, name) => self.attribute(source, name, frame),
            ExprKind::Index(source, key) => self.index(source, key, &expr.span, frame),
            ExprKind::LegacyIndex(source, number, span) => self.legacy_index(source, number, span, frame),
            ExprKind::Splat { source, each, full: _, marker } => self.splat(source, each, marker, frame),
            ExprKind::Call(call) => self.call(call, &expr.span, frame),
            ExprKind::Conditional(parts) => self.conditional(parts, frame),
            ExprKind::Binary(op, sides, _) => self.binary(*op, sides, &expr.span, frame),
            ExprKind::Unary(op, side) => self.unary(*op, side, &expr.span, frame),
            ExprKind::Template(parts) => self.template(parts, frame),
            ExprKind::Tuple(items) => Value::tuple(items.iter().map(|item| self.eval(item, frame)).collect()),
            ExprKind::Object(items) => self.object(items, frame),
            ExprKind::For(each) => self.for_expr(each, frame),
        };
        self.level -= 1;
        if self.level == 0 && self.mistakes > before {
            self.tell_values(expr);
        }
        value
    }

    /// Beside each mistake in this expression stands what its names came to.
    fn tell_values(&mut self, expr: &Expr) {
        let scope = self.scope;
        self.diags.each(|d| {
            let Some(place) = d.span.clone().filter(|s| std::sync::Arc::ptr_eq(&s.source, &expr.span.source)) else {
                return;
            };
            if d.values.is_empty() && expr.span.start <= place.start && place.end <= expr.span.end {
                d.values = told(expr, &place, scope);
            }
        });
    }

    /// Evaluates, and tells whether there was no mistake in it.
    pub fn try_eval(&mut self, expr: &Expr, frame: Option<&Frame<'_>>) -> (Value, bool) {
        let before = self.mistakes;
        let value = self.eval(expr, frame);
        (value, self.mistakes == before)
    }

    /// Runs `f` and hands over what it met, instead of reporting it.
    pub fn apart<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, Met) {
        let (diags, mistakes) = (std::mem::take(&mut self.diags), std::mem::take(&mut self.mistakes));
        let result = f(self);
        let met = Met {
            diags: std::mem::replace(&mut self.diags, diags),
            mistakes: std::mem::replace(&mut self.mistakes, mistakes),
        };
        (result, met)
    }

    /// Reports what was met apart.
    pub fn report(&mut self, met: Met) {
        self.diags.extend(met.diags);
        self.mistakes += met.mistakes;
    }

    /// Reports a mistake; a hole takes its place.
    pub fn fail(&mut self, diagnostic: Diagnostic) -> Value {
        self.mistakes += 1;
        self.diags.push(diagnostic);
        Value::unknown(Type::Any)
    }
}

/// What was met in a part that may not count: a branch not taken, an argument of `try`.
pub(super) struct Met {
    pub diags: Diags,
    mistakes: usize,
}

impl Met {
    /// Whether there was no mistake.
    pub fn is_clean(&self) -> bool {
        self.mistakes == 0
    }
}

/// The value a frame gives to a name.
pub(super) fn find<'f>(mut frame: Option<&'f Frame<'f>>, name: &str) -> Option<&'f Value> {
    while let Some(here) = frame {
        if here.name == name {
            return Some(here.value);
        }
        frame = here.outer;
    }
    None
}
