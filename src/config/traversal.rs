//! Names and the steps behind them, as they stand in expressions and bodies: without those bound by `for` and `dynamic`.
//!
//! Refuses to know what any name means: that is `references`.

use super::content::is_json;
use super::expr::{Expr, ExprKind, Ident, ObjectItem, Part};
use super::references::Step;
use super::{Block, Body};
use crate::diag::Span;
use crate::value::Value;
use std::rc::Rc;

/// A name and the steps behind it, as far as they go without calculation.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// The first name.
    pub root: Ident,
    /// The way on.
    pub steps: Vec<Step>,
    /// It stands where its value may not count: within `try` and `can`, in a branch, in what is repeated.
    pub perhaps: bool,
}

impl Traversal {
    /// Whether all steps are attributes and constant keys.
    pub fn is_static(&self) -> bool {
        self.steps.iter().all(|s| matches!(s, Step::Attr(_) | Step::Key(..)))
    }
}

/// The expression as a traversal; `None` if it is something else.
pub(super) fn traversal(expr: &Expr) -> Option<Traversal> {
    let (root, steps, _) = flatten(expr);
    match &root.kind {
        ExprKind::Name(name) => {
            Some(Traversal { root: Ident { name: name.clone(), span: root.span.clone() }, steps, perhaps: false })
        }
        _ => None,
    }
}

/// All references, as far as their names go without calculation, and the names of all function calls.
pub(super) fn names_and_calls(expr: &Expr) -> (Vec<Span>, Vec<Ident>) {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Expr(expr), Around::default())]);
    let whole = |t: Traversal| {
        let attributes = t.steps.iter().take_while(|s| matches!(s, Step::Attr(_)));
        attributes.fold(t.root.span, |span, step| span.to(step.span()))
    };
    (walk.found.into_iter().map(whole).collect(), walk.calls)
}

/// All traversals in `expr` whose root is bound outside of it.
pub fn traversals(expr: &Expr) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Expr(expr), Around::default())]);
    walk.found
}

/// The names that `expr` takes from outside, each where it stands.
pub fn free_names(expr: &Expr) -> Vec<Ident> {
    traversals(expr).into_iter().map(|t| t.root).collect()
}

/// All traversals in `body` whose root is bound outside of it.
pub(super) fn body_traversals(body: &Body) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Body(body), Around::default())]);
    walk.found
}

/// What traversal there is at the end of attributes and indices: its root expression, the steps in order, and the expressions
/// inside computed indices.
fn flatten(expr: &Expr) -> (&Expr, Vec<Step>, Vec<&Expr>) {
    let (mut at, mut steps, mut inner) = (expr, Vec::new(), Vec::new());
    loop {
        let behind = |inside: &Expr| Span { start: inside.span.end.min(at.span.end), ..at.span.clone() };
        match &at.kind {
            ExprKind::Attr(source, name) => {
                steps.push(Step::Attr(name.clone()));
                at = source;
            }
            ExprKind::Index(source, key) => {
                match &key.kind {
                    ExprKind::Literal(v) if v.as_str().is_some() || v.as_number().is_some() => {
                        steps.push(Step::Key(v.clone(), behind(source)));
                    }
                    _ => {
                        steps.push(Step::Computed((**key).clone(), behind(source)));
                        inner.push(&**key);
                    }
                }
                at = source;
            }
            ExprKind::LegacyIndex(source, n, _) => {
                steps.push(Step::Key(Value::number(n.clone()), behind(source)));
                at = source;
            }
            ExprKind::Splat { source, each, marker, .. } => {
                let (item, mut on, more) = flatten(each);
                if !matches!(item.kind, ExprKind::SplatItem) {
                    inner.push(item);
                }
                on.reverse();
                steps.append(&mut on);
                inner.extend(more);
                steps.push(Step::Splat(marker.clone()));
                at = source;
            }
            _ => break,
        }
    }
    steps.reverse();
    (at, steps, inner)
}

/// What is around a place: the names that are bound there, and whether what stands there may not count.
#[derive(Clone, Default)]
struct Around<'a> {
    bound: Option<Rc<Names<'a>>>,
    perhaps: bool,
}

/// Names that are bound together, and those around them.
struct Names<'a> {
    names: Vec<&'a str>,
    outer: Option<Rc<Names<'a>>>,
}

impl<'a> Around<'a> {
    /// Further in, where these names are bound: in what is repeated, perhaps never.
    fn bind(&self, names: Vec<&'a str>) -> Around<'a> {
        Around { bound: Some(Rc::new(Names { names, outer: self.bound.clone() })), perhaps: true }
    }

    /// Further in, where what stands may not count.
    fn perhaps(&self) -> Around<'a> {
        Around { bound: self.bound.clone(), perhaps: true }
    }

    fn is_bound(&self, name: &str) -> bool {
        let mut at = &self.bound;
        while let Some(level) = at {
            if level.names.contains(&name) {
                return true;
            }
            at = &level.outer;
        }
        false
    }
}

#[derive(Clone, Copy)]
enum Work<'a> {
    Expr(&'a Expr),
    Part(&'a Part),
    Body(&'a Body),
    /// The object of a JSON `dynamic` property: by label, what a `dynamic` block holds.
    JsonDynamic(&'a [ObjectItem]),
}

/// A walk without recursion, so that no expression is too deep for it.
#[derive(Default)]
struct Walk {
    found: Vec<Traversal>,
    calls: Vec<Ident>,
}

impl Walk {
    fn run<'a>(&mut self, mut stack: Vec<(Work<'a>, Around<'a>)>) {
        while let Some((work, around)) = stack.pop() {
            let mut next = Vec::new();
            match work {
                Work::Expr(expr) => self.expr(expr, &around, &mut next),
                Work::Part(part) => parts(part, &around, &mut next),
                Work::Body(body) => bodies(body, &around, &mut next),
                Work::JsonDynamic(items) => json_dynamic(items, &around, &mut next),
            }
            stack.extend(next.into_iter().rev());
        }
    }

    fn expr<'a>(&mut self, expr: &'a Expr, around: &Around<'a>, next: &mut Vec<(Work<'a>, Around<'a>)>) {
        let mut push = |e: &'a Expr| next.push((Work::Expr(e), around.clone()));
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::SplatItem => {}
            ExprKind::Name(_)
            | ExprKind::Attr(..)
            | ExprKind::Index(..)
            | ExprKind::LegacyIndex(..)
            | ExprKind::Splat { .. } => {
                let (root, steps, inner) = flatten(expr);
                match &root.kind {
                    ExprKind::Name(name) if around.is_bound(name) => {}
                    ExprKind::Name(name) => {
                        let root = Ident { name: name.clone(), span: root.span.clone() };
                        self.found.push(Traversal { root, steps, perhaps: around.perhaps });
                    }
                    _ => push(root),
                }
                inner.into_iter().for_each(push);
            }
            ExprKind::Wrap(e) | ExprKind::Paren(e) | ExprKind::Unary(_, e) => push(e),
            ExprKind::Call(call) => {
                self.calls.push(call.name.clone());
                let inside = match &*call.name.name {
                    "try" | "can" | "core::try" | "core::can" => around.perhaps(),
                    _ => around.clone(),
                };
                next.extend(call.args.iter().map(|e| (Work::Expr(e), inside.clone())));
            }
            ExprKind::Conditional(parts) => {
                let [condition, branches @ ..] = &**parts;
                push(condition);
                next.extend(branches.iter().map(|e| (Work::Expr(e), around.perhaps())));
            }
            ExprKind::Binary(_, parts, _) => parts.iter().for_each(push),
            ExprKind::Tuple(items) => items.iter().for_each(push),
            ExprKind::Template(parts) => next.extend(parts.iter().map(|p| (Work::Part(p), around.clone()))),
            ExprKind::Object(items) => {
                let json = is_json(&expr.span);
                for item in items {
                    next.push((Work::Expr(&item.key), around.clone()));
                    match &item.value.kind {
                        ExprKind::Object(inner) if json && is_dynamic_key(&item.key) => {
                            next.push((Work::JsonDynamic(inner), around.clone()));
                        }
                        _ => next.push((Work::Expr(&item.value), around.clone())),
                    }
                }
            }
            ExprKind::For(f) => {
                push(&f.collection);
                let names = f.key_name.iter().chain([&f.value_name]).map(|n| &*n.name).collect();
                let inside = around.bind(names);
                for e in f.key.iter().chain([&f.value]).chain(&f.condition) {
                    next.push((Work::Expr(e), inside.clone()));
                }
            }
        }
    }
}

fn parts<'a>(part: &'a Part, around: &Around<'a>, next: &mut Vec<(Work<'a>, Around<'a>)>) {
    match part {
        Part::Text(..) => {}
        Part::Interpolation(e) => next.push((Work::Expr(e), around.clone())),
        Part::If { condition, then, otherwise, .. } => {
            next.push((Work::Expr(condition), around.clone()));
            next.extend(then.iter().chain(otherwise).map(|p| (Work::Part(p), around.perhaps())));
        }
        Part::For { key_name, value_name, collection, body, .. } => {
            next.push((Work::Expr(collection), around.clone()));
            let inside = around.bind(key_name.iter().chain([value_name]).map(|n| &*n.name).collect());
            next.extend(body.iter().map(|p| (Work::Part(p), inside.clone())));
        }
    }
}

fn bodies<'a>(body: &'a Body, around: &Around<'a>, next: &mut Vec<(Work<'a>, Around<'a>)>) {
    for attribute in &body.attributes {
        match &attribute.value.kind {
            ExprKind::Object(items) if &*attribute.name.name == "dynamic" && is_json(&attribute.name.span) => {
                next.push((Work::JsonDynamic(items), around.clone()));
            }
            _ => next.push((Work::Expr(&attribute.value), around.clone())),
        }
    }
    for block in &body.blocks {
        match dynamic_label(block) {
            None => next.push((Work::Body(&block.body), around.clone())),
            Some(label) => {
                let iterator = block.body.attribute("iterator");
                let inside = around.bind(vec![iterator.and_then(|a| word(&a.value)).unwrap_or(label)]);
                for a in &block.body.attributes {
                    match &*a.name.name {
                        "iterator" => {}
                        "for_each" => next.push((Work::Expr(&a.value), around.clone())),
                        _ => next.push((Work::Expr(&a.value), inside.clone())),
                    }
                }
                next.extend(block.body.blocks.iter().map(|b| (Work::Body(&b.body), inside.clone())));
            }
        }
    }
}

/// The name of the blocks that a `dynamic` block makes; `None` for an ordinary block.
fn dynamic_label(block: &Block) -> Option<&str> {
    match &*block.ty.name {
        "dynamic" => block.labels.first().map(|l| &*l.name),
        _ => None,
    }
}

fn is_dynamic_key(key: &Expr) -> bool {
    matches!(&key.kind, ExprKind::Literal(v) if v.as_str() == Some("dynamic"))
}

/// `{"label": {"for_each": ..., "content": {...}}}`, each perhaps several times in an array.
fn json_dynamic<'a>(items: &'a [ObjectItem], around: &Around<'a>, next: &mut Vec<(Work<'a>, Around<'a>)>) {
    for item in items {
        let ExprKind::Literal(label) = &item.key.kind else { continue };
        let several = match &item.value.kind {
            ExprKind::Tuple(several) => several.as_slice(),
            _ => std::slice::from_ref(&item.value),
        };
        for one in several {
            let ExprKind::Object(parts) = &one.kind else {
                next.push((Work::Expr(one), around.clone()));
                continue;
            };
            let named = |name: &str| {
                parts.iter().find(|p| matches!(&p.key.kind, ExprKind::Literal(v) if v.as_str() == Some(name)))
            };
            let iterator = named("iterator").and_then(|i| word(&i.value));
            let inside = around.bind(iterator.or(label.as_str()).into_iter().collect());
            for part in parts {
                let key = match &part.key.kind {
                    ExprKind::Literal(v) => v.as_str(),
                    _ => None,
                };
                match key {
                    Some("iterator") => {}
                    Some("for_each") => next.push((Work::Expr(&part.value), around.clone())),
                    _ => next.push((Work::Expr(&part.value), inside.clone())),
                }
            }
        }
    }
}

fn word(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Literal(v) => v.as_str(),
        _ => None,
    }
}
