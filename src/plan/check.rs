//! Judging what was written for one object, beyond its types: the schema's checks and the type's own, each with its place.

use super::remote;
use crate::address::Mode;
use crate::config::expr::{Expr, ExprKind};
use crate::config::{Body, Module};
use crate::diag::{Diagnostic, Diags, Span, nearest};
use crate::eval;
use crate::resources::{self, DataSource, Resource, limits, wait};
use crate::schema::{Attribute, Block, NestedBlock, Nesting, SetBy};
use crate::value::{Fields, Object, Path, PathStep, Value};

/// Findings on an evaluated body.
pub fn config(resource: &dyn Resource, body: &Body, value: &Value) -> Diags {
    let (value, _) = value.clone().unmark_deep();
    let mut diags = Diags::new();
    if let Some(fields) = value.as_fields() {
        block(&resource.schema().block, fields, &Path::root(), body, &mut diags);
    }
    diags.extend(timeouts(resource, body, &value));
    for (path, d) in resource.check(&Object::from_value(&value)) {
        let place = d.span.clone().or_else(|| place(body, &path));
        diags.push(d.at_opt(place.as_ref()));
    }
    diags
}

/// Findings on the evaluated body of a data source.
pub fn data(source: &dyn DataSource, body: &Body, value: &Value) -> Diags {
    let (value, _) = value.clone().unmark_deep();
    let mut diags = Diags::new();
    if let Some(fields) = value.as_fields() {
        block(&source.schema().block, fields, &Path::root(), body, &mut diags);
    }
    if source.schema().name == remote::TYPE && !diags.has_errors() {
        diags.extend(remote::check(body, &value));
    }
    diags
}

/// Each of `timeouts` is a duration; `id` is nobody's to write.
fn timeouts(resource: &dyn Resource, body: &Body, value: &Value) -> Diags {
    let mut diags = Diags::new();
    let mut find = |path: Path, summary, detail: String| {
        diags.push(Diagnostic::error(summary, detail).at_opt(place(body, &path).as_ref()));
    };
    for (name, _) in resource.schema().timeouts {
        let written = value.get("timeouts").and_then(|t| t.get(name));
        let text = written.as_ref().and_then(Value::as_str);
        if let Some(text) = text.filter(|text| wait::duration(text).is_none()) {
            let path = Path::attr("timeouts").then(PathStep::Attr((*name).into()));
            find(
                path,
                "Invalid duration",
                format!("How long to wait is written as \"30m\" or \"1h30m\", got \"{text}\"."),
            );
        }
    }
    if resource.schema().name.starts_with("aws_") && value.get("id").is_some_and(|id| !id.is_null()) {
        find(Path::attr("id"), "Value for unconfigurable attribute", "The id of an object is AWS's to decide.".into());
    }
    diags
}

/// Findings on what a body comes to, with what was there before.
pub fn planned(resource: &dyn Resource, body: &Body, config: &Object, prior: Option<&Object>, after: &Object) -> Diags {
    let mut diags = Diags::new();
    let mut found = resource.review(config, prior, after);
    // What AWS has taken already is not judged again.
    if prior.is_none_or(|prior| prior.differs(after, "tags_all") || prior.differs(after, "tags")) {
        found.extend(limits::tags(resource.schema().name, after));
    }
    for (path, d) in found {
        let place = d.span.clone().or_else(|| place(body, &path));
        diags.push(d.at_opt(place.as_ref()));
    }
    diags
}

/// Entries of `ignore_changes`, in a module and those it calls, that name no part of the type: such an entry ignores nothing.
pub fn lifecycles(module: &Module) -> Diags {
    let mut diags = Diags::new();
    for ((mode, ty, _), block) in &module.resources {
        let resource = resources::resource(ty).filter(|_| *mode == Mode::Managed);
        if let Some(resource) = resource {
            diags.extend(ignored(&resource.schema().block, &block.lifecycle.ignore_changes));
        }
    }
    for child in module.children.values() {
        diags.extend(lifecycles(child));
    }
    diags
}

fn ignored(schema: &Block, entries: &[Expr]) -> Diags {
    let mut diags = Diags::new();
    for entry in entries {
        let mut steps = Vec::new();
        let mut at = entry;
        let root = loop {
            match &at.kind {
                ExprKind::Attr(inner, name) => {
                    steps.push((Some(&name.name), &name.span, false));
                    at = inner;
                }
                ExprKind::Index(inner, key) => {
                    let named = matches!(&key.kind, ExprKind::Literal(key) if key.as_str().is_some());
                    steps.push((None, &at.span, named));
                    at = inner;
                }
                ExprKind::LegacyIndex(inner, ..) => {
                    steps.push((None, &at.span, false));
                    at = inner;
                }
                ExprKind::Name(name) => break Some((Some(name), &at.span, false)),
                _ => break None,
            }
        };
        let Some(root) = root else { continue };
        steps.push(root);
        let mut block = schema;
        while let Some((name, span, _)) = steps.pop() {
            let Some(name) = name else { continue };
            if let Some(a) = block.attribute(name).filter(|a| a.set_by == SetBy::Computed) {
                let detail = format!(
                    "The attribute \"{}\" is decided by the provider alone, so the configuration has nothing to be compared with: \
                     ignoring its changes does nothing. Remove it from the list.",
                    a.name
                );
                diags.push(Diagnostic::warning("Redundant ignore_changes element", detail).at(span));
            }
            if block.attribute(name).is_some() || &**name == "timeouts" {
                break;
            }
            let Some(inner) = block.blocks.iter().find(|b| *b.name == **name) else {
                let detail =
                    format!("This object has no argument, nested block, or exported attribute named {name:?}.");
                let names = block.attributes.iter().map(|a| a.name).chain(block.blocks.iter().map(|b| b.name));
                let found = Diagnostic::error("Unsupported attribute", detail).at(span);
                diags.push(match nearest(name, names) {
                    Some(near) => found.help(format!("Did you mean {near:?}?")),
                    None => found,
                });
                break;
            };
            // Of a list any element; of a set one that has a name.
            if inner.nesting == Nesting::Set && !steps.is_empty() {
                let (index, span, named) = steps.pop().unwrap_or((None, span, false));
                if index.is_some() || !named || inner.named_by.is_none() {
                    diags.push(no_element(inner).at(span));
                    break;
                }
            }
            block = &inner.block;
        }
    }
    diags
}

fn no_element(block: &NestedBlock) -> Diagnostic {
    let name = block.name;
    let detail = format!("The blocks \"{name}\" become a set, whose elements have neither order nor keys.");
    match block.named_by {
        Some(by) => Diagnostic::error("Cannot index a set value", detail)
            .help(format!("Say which one by its {by}: {name}[\"...\"]. Terraform knows only {name} as a whole.")),
        None => Diagnostic::error("Cannot index a set value", detail).help(format!("Ignore {name} as a whole.")),
    }
}

/// The place of a part, or of the nearest whole it belongs to that was written.
pub(super) fn place(body: &Body, path: &Path) -> Option<Span> {
    let mut path = path.clone();
    loop {
        if let Some(span) = eval::body::span_of(body, &path) {
            return Some(span);
        }
        if path.0.pop().is_none() {
            return body.span.clone();
        }
    }
}

fn block(block_schema: &Block, fields: &Fields, at: &Path, body: &Body, diags: &mut Diags) {
    for a in block_schema.attributes {
        let Some(value) = fields.get(a.name).filter(|v| !v.is_null()) else { continue };
        let path = at.then(PathStep::Attr(a.name.into()));
        attribute(a, value, fields, &path, body, diags);
    }
    for b in block_schema.blocks {
        let Some(value) = fields.get(b.name) else { continue };
        let path = at.then(PathStep::Attr(b.name.into()));
        nested(b, value, &path, body, diags);
    }
}

fn attribute(a: &Attribute, value: &Value, fields: &Fields, path: &Path, body: &Body, diags: &mut Diags) {
    let place = || place(body, path);
    if let Some(check) = a.check
        && value.is_wholly_known()
        && let Err(message) = check(value)
    {
        diags.push(
            Diagnostic::error("Invalid value for an argument", format!("\"{}\": {message}", a.name))
                .at_opt(place().as_ref()),
        );
    }
    for other in a.conflicts_with {
        let set = fields.get(*other).is_some_and(|v| !v.is_null() && !(v.as_slice().is_some_and(<[Value]>::is_empty)));
        if set {
            diags.push(
                Diagnostic::error(
                    "Conflicting configuration arguments",
                    format!("\"{}\": conflicts with {other}.", a.name),
                )
                .at_opt(place().as_ref())
                .help(format!("Keep either {} or {other}.", a.name)),
            );
        }
    }
    if let Some(why) = a.deprecated {
        diags.push(
            Diagnostic::warning("Argument is deprecated", format!("\"{}\": {why}", a.name)).at_opt(place().as_ref()),
        );
    }
}

fn nested(b: &NestedBlock, value: &Value, path: &Path, body: &Body, diags: &mut Diags) {
    let Some(elements) = value.as_slice() else { return };
    if let Some(why) = b.deprecated
        && !elements.is_empty()
    {
        diags.push(
            Diagnostic::warning("Argument is deprecated", format!("\"{}\": {why}", b.name))
                .at_opt(place(body, path).as_ref()),
        );
    }
    for (i, element) in elements.iter().enumerate() {
        if let Some(fields) = element.as_fields() {
            let step = match b.nesting {
                Nesting::Set => PathStep::Element(element.clone()),
                Nesting::List | Nesting::Single => PathStep::Index(i),
            };
            block(&b.block, fields, &path.then(step), body, diags);
        }
    }
}
