//! What an expression or a body refers to, found without evaluating anything: names bound by `for` and `dynamic` are left out.
//!
//! Refuses to know whether what is referred to exists: that is `validate`.

use super::content::is_json;
use super::expr::{Expr, ExprKind, Ident, ObjectItem, Part};
use super::{Block, Body};
use crate::address::Mode;
use crate::diag::{Diagnostic, Span, nearest};
use crate::value::{Kind, Value};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// What a reference is to, with the names it takes to say so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `var.name`
    Variable(Arc<str>),
    /// `local.name`
    Local(Arc<str>),
    /// `module.name` as a whole, or in a way that does not tell which output.
    Module(Arc<str>),
    /// `module.name.output`, also behind a key or a splat.
    Output {
        /// The call.
        module: Arc<str>,
        /// The output of the called module.
        output: Arc<str>,
    },
    /// `type.name` or `data.type.name`, as a whole or a part of it.
    Resource {
        /// `resource` or `data`.
        mode: Mode,
        /// Such as `aws_iam_role`.
        ty: Arc<str>,
        /// The second label.
        name: Arc<str>,
    },
    /// `each.key` or `each.value`: which.
    Each(Arc<str>),
    /// `count.index`
    Count(Arc<str>),
    /// `self`
    SelfObject,
    /// `path.module`, `path.root`, `path.cwd`: which.
    Path(Arc<str>),
    /// `terraform.workspace`, `terraform.applying`: which.
    Terraform(Arc<str>),
}

/// As it is written.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Variable(name) => write!(f, "var.{name}"),
            Subject::Local(name) => write!(f, "local.{name}"),
            Subject::Module(name) => write!(f, "module.{name}"),
            Subject::Output { module, output } => write!(f, "module.{module}.{output}"),
            Subject::Resource { mode: Mode::Managed, ty, name } => write!(f, "{ty}.{name}"),
            Subject::Resource { mode: Mode::Data, ty, name } => write!(f, "data.{ty}.{name}"),
            Subject::Each(part) => write!(f, "each.{part}"),
            Subject::Count(part) => write!(f, "count.{part}"),
            Subject::SelfObject => f.write_str("self"),
            Subject::Path(part) => write!(f, "path.{part}"),
            Subject::Terraform(part) => write!(f, "terraform.{part}"),
        }
    }
}

/// One step from a value into a part of it.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`
    Attr(Ident),
    /// `["key"]`, `[0]` or `.0`, with the place of the whole step.
    Key(Value, Span),
    /// `[expression]`, with the place of the whole step.
    Computed(Expr, Span),
    /// `[*]` or `.*`
    Splat(Span),
}

impl Step {
    /// Its place.
    pub fn span(&self) -> &Span {
        match self {
            Step::Attr(name) => &name.span,
            Step::Key(_, span) | Step::Computed(_, span) | Step::Splat(span) => span,
        }
    }
}

/// One reference to something outside the expression.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What is referred to.
    pub subject: Subject,
    /// Of a resource or module: which instance, where one is picked ([`Step::Splat`]: all of them).
    pub instance: Option<Step>,
    /// The way on, into the value.
    pub rest: Vec<Step>,
    /// The place of the subject, without instance and rest; of an output, the call: `module.name`.
    pub span: Span,
    /// The place of an output's own name.
    pub output_span: Option<Span>,
}

impl Reference {
    fn new(subject: Subject, rest: Vec<Step>, span: Span) -> Reference {
        Reference { subject, instance: None, rest, span, output_span: None }
    }
}

/// A name and the steps behind it, as far as they go without calculation.
#[derive(Clone, Debug)]
pub(super) struct Traversal {
    pub root: Ident,
    pub steps: Vec<Step>,
}

impl Traversal {
    /// Whether all steps are attributes and constant keys.
    pub fn is_static(&self) -> bool {
        self.steps.iter().all(|s| matches!(s, Step::Attr(_) | Step::Key(..)))
    }
}

/// All references in `expr`, in the order written. What is no valid reference (`var` alone) is left out.
pub fn references_of_expr(expr: &Expr) -> Vec<Reference> {
    parse_all(traversals(expr)).filter_map(Result::ok).collect()
}

/// All references in `body`, nested and `dynamic` blocks included.
pub fn references_of_body(body: &Body) -> Vec<Reference> {
    parse_all(body_traversals(body)).filter_map(Result::ok).collect()
}

/// As [`references_of_expr`], with what is wrong about the others.
pub(super) fn parse_all(found: Vec<Traversal>) -> impl Iterator<Item = Result<Reference, Diagnostic>> {
    found.into_iter().map(parse)
}

/// The expression as a traversal; `None` if it is something else.
pub(super) fn traversal(expr: &Expr) -> Option<Traversal> {
    let (root, steps, _) = flatten(expr);
    match &root.kind {
        ExprKind::Name(name) => Some(Traversal { root: Ident { name: name.clone(), span: root.span.clone() }, steps }),
        _ => None,
    }
}

/// All references, as far as their names go without calculation, and the names of all function calls.
pub(super) fn names_and_calls(expr: &Expr) -> (Vec<Span>, Vec<Ident>) {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Expr(expr), None)]);
    let whole = |t: Traversal| {
        let attributes = t.steps.iter().take_while(|s| matches!(s, Step::Attr(_)));
        attributes.fold(t.root.span, |span, step| span.to(step.span()))
    };
    (walk.found.into_iter().map(whole).collect(), walk.calls)
}

/// All traversals in `expr` whose root is bound outside of it.
pub(super) fn traversals(expr: &Expr) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Expr(expr), None)]);
    walk.found
}

/// All traversals in `body` whose root is bound outside of it.
pub(super) fn body_traversals(body: &Body) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.run(vec![(Work::Body(body), None)]);
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

/// Names that are bound around a place, innermost first.
type Bound<'a> = Option<Rc<Names<'a>>>;

struct Names<'a> {
    names: Vec<&'a str>,
    outer: Bound<'a>,
}

fn bind<'a>(names: Vec<&'a str>, outer: &Bound<'a>) -> Bound<'a> {
    Some(Rc::new(Names { names, outer: outer.clone() }))
}

fn is_bound(bound: &Bound<'_>, name: &str) -> bool {
    let mut at = bound;
    while let Some(level) = at {
        if level.names.contains(&name) {
            return true;
        }
        at = &level.outer;
    }
    false
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
    fn run<'a>(&mut self, mut stack: Vec<(Work<'a>, Bound<'a>)>) {
        while let Some((work, bound)) = stack.pop() {
            let mut next = Vec::new();
            match work {
                Work::Expr(expr) => self.expr(expr, &bound, &mut next),
                Work::Part(part) => parts(part, &bound, &mut next),
                Work::Body(body) => bodies(body, &bound, &mut next),
                Work::JsonDynamic(items) => json_dynamic(items, &bound, &mut next),
            }
            stack.extend(next.into_iter().rev());
        }
    }

    fn expr<'a>(&mut self, expr: &'a Expr, bound: &Bound<'a>, next: &mut Vec<(Work<'a>, Bound<'a>)>) {
        let mut push = |e: &'a Expr| next.push((Work::Expr(e), bound.clone()));
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::SplatItem => {}
            ExprKind::Name(_)
            | ExprKind::Attr(..)
            | ExprKind::Index(..)
            | ExprKind::LegacyIndex(..)
            | ExprKind::Splat { .. } => {
                let (root, steps, inner) = flatten(expr);
                match &root.kind {
                    ExprKind::Name(name) if is_bound(bound, name) => {}
                    ExprKind::Name(name) => {
                        let root = Ident { name: name.clone(), span: root.span.clone() };
                        self.found.push(Traversal { root, steps });
                    }
                    _ => push(root),
                }
                inner.into_iter().for_each(push);
            }
            ExprKind::Wrap(e) | ExprKind::Paren(e) | ExprKind::Unary(_, e) => push(e),
            ExprKind::Call(call) => {
                self.calls.push(call.name.clone());
                call.args.iter().for_each(push);
            }
            ExprKind::Conditional(parts) => parts.iter().for_each(push),
            ExprKind::Binary(_, parts, _) => parts.iter().for_each(push),
            ExprKind::Tuple(items) => items.iter().for_each(push),
            ExprKind::Template(parts) => next.extend(parts.iter().map(|p| (Work::Part(p), bound.clone()))),
            ExprKind::Object(items) => {
                let json = is_json(&expr.span);
                for item in items {
                    next.push((Work::Expr(&item.key), bound.clone()));
                    match &item.value.kind {
                        ExprKind::Object(inner) if json && is_dynamic_key(&item.key) => {
                            next.push((Work::JsonDynamic(inner), bound.clone()));
                        }
                        _ => next.push((Work::Expr(&item.value), bound.clone())),
                    }
                }
            }
            ExprKind::For(f) => {
                push(&f.collection);
                let names = f.key_name.iter().chain([&f.value_name]).map(|n| &*n.name).collect();
                let inside = bind(names, bound);
                for e in f.key.iter().chain([&f.value]).chain(&f.condition) {
                    next.push((Work::Expr(e), inside.clone()));
                }
            }
        }
    }
}

fn parts<'a>(part: &'a Part, bound: &Bound<'a>, next: &mut Vec<(Work<'a>, Bound<'a>)>) {
    match part {
        Part::Text(..) => {}
        Part::Interpolation(e) => next.push((Work::Expr(e), bound.clone())),
        Part::If { condition, then, otherwise, .. } => {
            next.push((Work::Expr(condition), bound.clone()));
            next.extend(then.iter().chain(otherwise).map(|p| (Work::Part(p), bound.clone())));
        }
        Part::For { key_name, value_name, collection, body, .. } => {
            next.push((Work::Expr(collection), bound.clone()));
            let inside = bind(key_name.iter().chain([value_name]).map(|n| &*n.name).collect(), bound);
            next.extend(body.iter().map(|p| (Work::Part(p), inside.clone())));
        }
    }
}

fn bodies<'a>(body: &'a Body, bound: &Bound<'a>, next: &mut Vec<(Work<'a>, Bound<'a>)>) {
    for attribute in &body.attributes {
        match &attribute.value.kind {
            ExprKind::Object(items) if &*attribute.name.name == "dynamic" && is_json(&attribute.name.span) => {
                next.push((Work::JsonDynamic(items), bound.clone()));
            }
            _ => next.push((Work::Expr(&attribute.value), bound.clone())),
        }
    }
    for block in &body.blocks {
        match dynamic_label(block) {
            None => next.push((Work::Body(&block.body), bound.clone())),
            Some(label) => {
                let iterator = block.body.attribute("iterator");
                let inside = bind(vec![iterator.and_then(|a| word(&a.value)).unwrap_or(label)], bound);
                for a in &block.body.attributes {
                    match &*a.name.name {
                        "iterator" => {}
                        "for_each" => next.push((Work::Expr(&a.value), bound.clone())),
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
fn json_dynamic<'a>(items: &'a [ObjectItem], bound: &Bound<'a>, next: &mut Vec<(Work<'a>, Bound<'a>)>) {
    for item in items {
        let ExprKind::Literal(label) = &item.key.kind else { continue };
        let several = match &item.value.kind {
            ExprKind::Tuple(several) => several.as_slice(),
            _ => std::slice::from_ref(&item.value),
        };
        for one in several {
            let ExprKind::Object(parts) = &one.kind else {
                next.push((Work::Expr(one), bound.clone()));
                continue;
            };
            let named = |name: &str| {
                parts.iter().find(|p| matches!(&p.key.kind, ExprKind::Literal(v) if v.as_str() == Some(name)))
            };
            let iterator = named("iterator").and_then(|i| word(&i.value));
            let inside = bind(iterator.or(label.as_str()).into_iter().collect(), bound);
            for part in parts {
                let key = match &part.key.kind {
                    ExprKind::Literal(v) => v.as_str(),
                    _ => None,
                };
                match key {
                    Some("iterator") => {}
                    Some("for_each") => next.push((Work::Expr(&part.value), bound.clone())),
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

/// Reads a traversal as a reference; the error says what is missing.
pub(super) fn parse(t: Traversal) -> Result<Reference, Diagnostic> {
    let Traversal { root, steps } = t;
    let mut steps = steps.into_iter();
    let root_name = root.name.clone();
    match &*root_name {
        "var" => {
            let (name, span) = attribute(&root, &mut steps)?;
            Ok(Reference::new(Subject::Variable(name), steps.collect(), span))
        }
        "local" => {
            let (name, span) = attribute(&root, &mut steps)?;
            Ok(Reference::new(Subject::Local(name), steps.collect(), span))
        }
        "path" => one_of(root, steps, &["module", "root", "cwd"], "Invalid path attribute", Subject::Path),
        "terraform" => {
            one_of(root, steps, &["workspace", "applying"], "Invalid terraform attribute", Subject::Terraform)
        }
        "each" => one_of(root, steps, &["key", "value"], "Invalid each attribute", Subject::Each),
        "count" => one_of(root, steps, &["index"], "Invalid count attribute", Subject::Count),
        "self" => Ok(Reference::new(Subject::SelfObject, steps.collect(), root.span)),
        "module" => {
            let (module, span) = attribute(&root, &mut steps)?;
            let mut rest: Vec<Step> = steps.collect();
            let instance = match rest.first() {
                Some(Step::Key(..) | Step::Computed(..) | Step::Splat(_)) => Some(rest.remove(0)),
                _ => None,
            };
            let (subject, output_span) = match rest.first() {
                Some(Step::Attr(output)) => {
                    (Subject::Output { module, output: output.name.clone() }, Some(output.span.clone()))
                }
                _ => (Subject::Module(module), None),
            };
            if output_span.is_some() {
                rest.remove(0);
            }
            Ok(Reference { subject, instance, rest, span, output_span })
        }
        "data" => resource(root.span, Mode::Data, steps, "data"),
        "resource" => resource(root.span, Mode::Managed, steps, "resource"),
        "ephemeral" => {
            let detail = "Ephemeral resources are not supported: formwork knows the blocks resource and data.";
            Err(Diagnostic::error("Unsupported reference", detail).at(&root.span))
        }
        "template" | "lazy" | "arg" => {
            let detail = format!(
                "The name \"{root_name}\" is reserved by Terraform for a later version. For a resource type of this name \
                 write resource.{root_name}."
            );
            Err(Diagnostic::error("Reserved symbol name", detail).at(&root.span))
        }
        _ => match steps.next() {
            Some(Step::Attr(name)) => {
                let span = root.span.to(&name.span);
                let subject = Subject::Resource { mode: Mode::Managed, ty: root.name, name: name.name };
                Ok(with_instance(subject, steps, span))
            }
            _ => {
                let detail = format!(
                    "The name \"{root_name}\" means nothing by itself. A variable is var.{root_name}, a local value \
                     local.{root_name}, and a resource is its type and its name: TYPE.NAME."
                );
                Err(Diagnostic::error("Invalid reference", detail).at(&root.span))
            }
        },
    }
}

fn with_instance(subject: Subject, steps: std::vec::IntoIter<Step>, span: Span) -> Reference {
    let mut rest: Vec<Step> = steps.collect();
    let instance = match rest.first() {
        Some(Step::Key(..) | Step::Computed(..) | Step::Splat(_)) => Some(rest.remove(0)),
        _ => None,
    };
    Reference { subject, instance, rest, span, output_span: None }
}

fn resource(root: Span, mode: Mode, mut steps: std::vec::IntoIter<Step>, word: &str) -> Result<Reference, Diagnostic> {
    match (steps.next(), steps.next()) {
        (Some(Step::Attr(ty)), Some(Step::Attr(name))) => {
            let span = root.to(&name.span);
            Ok(with_instance(Subject::Resource { mode, ty: ty.name, name: name.name }, steps, span))
        }
        (ty, _) => {
            let end = ty.map_or(root.clone(), |t| root.to(t.span()));
            let detail = format!("Behind \"{word}\" come a type and a name: {word}.TYPE.NAME.");
            Err(Diagnostic::error("Invalid reference", detail).at(&end))
        }
    }
}

/// The name behind `root`, and the place of both.
fn attribute(root: &Ident, steps: &mut std::vec::IntoIter<Step>) -> Result<(Arc<str>, Span), Diagnostic> {
    let word = &root.name;
    match steps.next() {
        Some(Step::Attr(name)) => Ok((name.name.clone(), root.span.to(&name.span))),
        Some(step) => {
            let detail = match &step {
                Step::Key(v, _) if matches!(v.kind(), Kind::String(_)) => {
                    let key = v.as_str().unwrap_or_default();
                    format!("\"{word}\" is not a map. Write {word}.{key}.")
                }
                _ => format!("\"{word}\" is neither a list nor a map. Write {word}.NAME."),
            };
            Err(Diagnostic::error("Invalid reference", detail).at(step.span()))
        }
        None => {
            let detail = format!("\"{word}\" is no value by itself. Write {word}.NAME.");
            Err(Diagnostic::error("Invalid reference", detail).at(&root.span))
        }
    }
}

fn one_of(
    root: Ident,
    mut steps: std::vec::IntoIter<Step>,
    known: &[&str],
    summary: &'static str,
    subject: fn(Arc<str>) -> Subject,
) -> Result<Reference, Diagnostic> {
    let (name, span) = attribute(&root, &mut steps)?;
    if !known.contains(&&*name) {
        let word = &root.name;
        let all = known.iter().map(|k| format!("{word}.{k}")).collect::<Vec<_>>().join(", ");
        let detail = format!("There is no {word}.{name}. There is: {all}.");
        let d = Diagnostic::error(summary, detail).at(&span);
        return Err(match nearest(&name, known.iter().copied()) {
            Some(near) => d.help(format!("Did you mean \"{near}\"?")),
            None => d,
        });
    }
    Ok(Reference::new(subject(name), steps.collect(), span))
}

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
