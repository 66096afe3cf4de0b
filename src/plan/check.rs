//! Judging what was written for one object, beyond its types: the schema's checks and the type's own, each with its place.

use crate::config::Body;
use crate::diag::{Diagnostic, Diags, Span};
use crate::eval;
use crate::resources::{Resource, limits};
use crate::schema::{Attribute, Block, NestedBlock};
use crate::value::{Fields, Object, Path, PathStep, Value};

/// Findings on an evaluated body.
pub fn config(resource: &dyn Resource, body: &Body, value: &Value) -> Diags {
    let (value, _) = value.clone().unmark_deep();
    let mut diags = Diags::new();
    if let Some(fields) = value.as_fields() {
        block(&resource.schema().block, fields, &Path::root(), body, &mut diags);
    }
    for (path, d) in resource.check(&Object::from_value(&value)) {
        let place = d.span.clone().or_else(|| place(body, &path));
        diags.push(d.at_opt(place.as_ref()));
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

/// The place of a part, or of the nearest whole it belongs to that was written.
fn place(body: &Body, path: &Path) -> Option<Span> {
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
            block(&b.block, fields, &path.then(PathStep::Index(i)), body, diags);
        }
    }
}
