//! `resource`, `data` and `check` blocks: everything in them that is not the type's own.
//!
//! Refuses to know resource types and their schemas.

use super::constant::{flag, keyword, list, provider_ref, reference, references};
use super::content::{Content, Shape, check_name, header, read, read_part};
use super::expr::{Expr, ExprKind};
use super::references::{Step, Subject, references_of_expr};
use super::traversal::traversal;
use super::variable::condition;
use super::{Attribute, Block, Check, Lifecycle, Repeat, Resource};
use crate::address::Mode;
use crate::diag::{Diagnostic, Diags};

pub(super) const RESOURCE: Shape = Shape {
    required: &[],
    optional: &["count", "for_each", "provider", "depends_on"],
    blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"]), ("locals", &[])],
};

const LIFECYCLE: Shape = Shape {
    required: &[],
    optional: &["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

const CHECK: Shape = Shape { required: &[], optional: &[], blocks: &[("data", &["type", "name"]), ("assert", &[])] };

/// Reads a `resource` or `data` block.
pub(super) fn resource(mode: Mode, block: Block, diags: &mut Diags) -> Option<Resource> {
    let span = header(&block);
    let mut labels = block.labels.into_iter();
    let (ty, name) = (labels.next()?, labels.next()?);
    check_name(&ty, "Invalid resource type name", diags);
    check_name(&name, "Invalid resource name", diags);
    let (mut content, body) = read_part(block.body, &RESOURCE, diags);
    let repeat = repeat(&mut content, diags);
    let provider = content.take("provider").and_then(|a| provider_ref(&a.value, diags));
    let depends_on = content.take("depends_on").map(|a| references(&a.value, diags)).unwrap_or_default();
    let lifecycle = content.take_block("lifecycle", diags).map(|b| lifecycle(mode, b, diags)).unwrap_or_default();
    for block in &content.blocks {
        diags.push(unsupported(block));
    }
    Some(Resource { mode, ty, name, repeat, provider, depends_on, lifecycle, body, span })
}

fn unsupported(block: &Block) -> Diagnostic {
    let at = header(block);
    match &*block.ty.name {
        "locals" => {
            let detail = "Terraform reserves the block type \"locals\" inside resources for a later version. Local values \
                          are declared at the top level.";
            Diagnostic::error("Reserved block type name in resource block", detail).at(&at)
        }
        "connection" => {
            let detail = "connection blocks are not supported: formwork runs no provisioners. Remove it.";
            Diagnostic::error("Unsupported connection block", detail).at(&at)
        }
        _ => {
            let detail = "Provisioners are not supported: formwork calls AWS and nothing else. Run such commands before or \
                          after it, in the pipeline that calls it.";
            Diagnostic::error("Unsupported provisioner", detail).at(&at)
        }
    }
}

/// `count` or `for_each`, of a resource or a module.
pub(super) fn repeat(content: &mut Content, diags: &mut Diags) -> Repeat {
    match (content.take("count"), content.take("for_each")) {
        (None, None) => Repeat::Once,
        (Some(count), None) => Repeat::Count(count.value),
        (None, Some(for_each)) => Repeat::ForEach(for_each.value),
        (Some(count), Some(for_each)) => {
            let detail = "count and for_each both say how many instances there are, so only one of them can be used.";
            diags.push(
                Diagnostic::error("Invalid combination of count and for_each", detail)
                    .at(&for_each.name.span)
                    .with_related(&count.name.span, "count is set here"),
            );
            Repeat::ForEach(for_each.value)
        }
    }
}

fn lifecycle(mode: Mode, block: Block, diags: &mut Diags) -> Lifecycle {
    let mut content = read(block.body, &LIFECYCLE, diags);
    let mut found = Lifecycle::default();
    for b in std::mem::take(&mut content.blocks) {
        match &*b.ty.name {
            "precondition" => found.preconditions.extend(condition(b, "precondition", diags)),
            _ => found.postconditions.extend(condition(b, "postcondition", diags)),
        }
    }
    if mode == Mode::Data {
        for name in LIFECYCLE.optional {
            if let Some(a) = content.take(name) {
                let detail =
                    format!("\"{name}\" is for resources: a data source is only read, never changed. Remove it.");
                diags.push(Diagnostic::error("Invalid data resource lifecycle argument", detail).at(&a.name.span));
            }
        }
        return found;
    }
    found.create_before_destroy = content.take("create_before_destroy").and_then(|a| flag(&a, diags));
    found.prevent_destroy = content.take("prevent_destroy").and_then(|a| prevent_destroy(a, diags));
    if let Some(a) = content.take("ignore_changes") {
        ignore_changes(&a, &mut found, diags);
    }
    if let Some(a) = content.take("replace_triggered_by") {
        let triggers = list(&a.value, diags).iter().filter_map(|e| trigger(e, diags));
        found.replace_triggered_by = triggers.collect();
    }
    found
}

/// A literal must be a bool; an expression is kept, and Terraform's stricter view is told.
fn prevent_destroy(a: Attribute, diags: &mut Diags) -> Option<Expr> {
    let found = references_of_expr(&a.value);
    if found.is_empty() {
        flag(&a, diags)?;
        return Some(a.value);
    }
    for r in &found {
        if !matches!(r.subject, Subject::Variable(_) | Subject::Local(_) | Subject::Path(_) | Subject::Terraform(_)) {
            let detail =
                format!("prevent_destroy can use variables and local values; {} is not known early enough.", r.subject);
            diags.push(Diagnostic::error("Invalid reference in prevent_destroy", detail).at(&r.span));
            return None;
        }
    }
    let detail = "Terraform accepts only true or false for prevent_destroy; formwork (like OpenTofu) also takes variables and \
                  local values. Write a literal if Terraform has to read this configuration, too.";
    diags.push(Diagnostic::warning("prevent_destroy is not a literal", detail).at(&a.value.span));
    Some(a.value)
}

fn ignore_changes(a: &Attribute, found: &mut Lifecycle, diags: &mut Diags) {
    if keyword(&a.value) == Some("all") {
        found.ignore_all = true;
        return;
    }
    for e in list(&a.value, diags) {
        if matches!(&e.kind, ExprKind::Literal(v) if v.as_str() == Some("*")) {
            let detail =
                "The form [\"*\"] is gone. To ignore the changes of all attributes write:\n\n    ignore_changes = all";
            diags.push(Diagnostic::error("Invalid ignore_changes wildcard", detail).at(&e.span));
            continue;
        }
        let Some(path) = reference(e, diags) else { continue };
        if matches!(&path.kind, ExprKind::Name(n) if &**n == "all") {
            let detail = "The word \"all\" stands without brackets. To ignore the changes of all attributes write:\n\n    ignore_changes = all";
            diags.push(Diagnostic::error("Invalid ignore_changes entry", detail).at(&path.span));
            continue;
        }
        found.ignore_changes.push(path);
    }
}

/// A resource, an instance of it or an attribute; in keys only `count.index` and `each.key` are known.
fn trigger(expr: &Expr, diags: &mut Diags) -> Option<Expr> {
    let expr = match super::content::is_json(&expr.span) {
        true => super::constant::unquoted(expr, diags)?,
        false => expr.clone(),
    };
    let invalid =
        |detail: &str| Diagnostic::error("Invalid reference in replace_triggered_by expression", detail).at(&expr.span);
    let Some(t) = traversal(&expr) else {
        diags.push(invalid("Each entry is a reference to a resource, to an instance of one, or to an attribute."));
        return None;
    };
    let keys_known = t.steps.iter().all(|s| match s {
        Step::Attr(_) | Step::Key(..) => true,
        Step::Splat(_) => false,
        Step::Computed(key, _) => {
            traversal(key).is_some()
                && references_of_expr(key).iter().all(|r| match &r.subject {
                    Subject::Each(part) => &**part == "key",
                    Subject::Count(_) => true,
                    _ => false,
                })
        }
    });
    if !keys_known {
        diags.push(invalid("In the brackets of an entry only a literal key, count.index or each.key can stand."));
        return None;
    }
    match super::references::parse(t) {
        Ok(r) if matches!(r.subject, Subject::Resource { mode: Mode::Managed, .. }) => Some(expr),
        Ok(_) => {
            diags.push(invalid(
                "Only resources can be named here. To react to a variable or local value, put it into a terraform_data \
                 resource and name that.",
            ));
            None
        }
        Err(d) => {
            diags.push(d);
            None
        }
    }
}

/// Reads a `check` block.
pub(super) fn check(block: Block, diags: &mut Diags) -> Option<Check> {
    let span = header(&block);
    let name = block.labels.into_iter().next()?;
    check_name(&name, "Invalid check block name", diags);
    let mut content = read(block.body, &CHECK, diags);
    let asserts_written = content.blocks.iter().filter(|b| &*b.ty.name == "assert").count();
    let data = content.take_block("data", diags).and_then(|b| resource(Mode::Data, b, diags));
    if let Some(data) = &data
        && let Repeat::Count(e) | Repeat::ForEach(e) = &data.repeat
    {
        let detail = "A data source inside a check block is read once: count and for_each are not possible here.";
        diags.push(Diagnostic::error("Invalid argument in nested data block", detail).at(&e.span));
    }
    let asserts = content.take_blocks("assert").into_iter().filter_map(|b| condition(b, "assert", diags)).collect();
    if asserts_written == 0 {
        let detail = "A check block needs at least one assert block: without one it checks nothing.";
        diags.push(Diagnostic::error("Zero assert blocks", detail).at(&span));
    }
    Some(Check { name, data, asserts, span })
}
