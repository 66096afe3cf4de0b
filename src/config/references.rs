//! What an expression or a body refers to, found without evaluating anything: names bound by `for` and `dynamic` are left out.
//!
//! Refuses to know whether what is referred to exists: that is `validate`.

use super::Body;
use super::expr::{Expr, Ident};
use super::traversal::{Traversal, body_traversals, traversals};
use crate::address::Mode;
use crate::diag::{Diagnostic, Span, nearest};
use crate::value::{Kind, Value};
use std::fmt;
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
    /// It stands where its value may not count: within `try` and `can`, in a branch, in what is repeated.
    pub perhaps: bool,
}

impl Reference {
    fn new(subject: Subject, rest: Vec<Step>, span: Span) -> Reference {
        Reference { subject, instance: None, rest, span, output_span: None, perhaps: false }
    }
}

/// All references in `expr`, in the order written. What is no valid reference (`var` alone) is left out.
pub fn references_of_expr(expr: &Expr) -> Vec<Reference> {
    valid(traversals(expr))
}

/// All references in `body`, nested and `dynamic` blocks included.
pub fn references_of_body(body: &Body) -> Vec<Reference> {
    valid(body_traversals(body))
}

fn valid(found: Vec<Traversal>) -> Vec<Reference> {
    found.into_iter().filter_map(|t| parse(t).ok()).collect()
}

/// Reads a traversal as a reference; the error says what is missing.
pub(super) fn parse(t: Traversal) -> Result<Reference, Diagnostic> {
    let perhaps = t.perhaps;
    read(t).map(|r| Reference { perhaps, ..r })
}

fn read(t: Traversal) -> Result<Reference, Diagnostic> {
    let Traversal { root, steps, .. } = t;
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
            Ok(Reference { subject, instance, rest, span, output_span, perhaps: false })
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
    Reference { subject, instance, rest, span, output_span: None, perhaps: false }
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
