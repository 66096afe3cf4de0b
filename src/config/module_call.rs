//! `module` blocks.
//!
//! Refuses to know where a source leads and what the called module declares.

use super::constant::{provider_ref, references, text, unquoted};
use super::content::{Shape, check_name, header, is_json, read_part, unexpected_block};
use super::expr::{Expr, ExprKind};
use super::references::Step;
use super::resource::repeat;
use super::settings::version_constraint;
use super::source::ModuleSource;
use super::traversal::traversal;
use super::{Attribute, Block, ModuleCall, ProviderRef};
use crate::diag::{Diagnostic, Diags};

const MODULE: Shape = Shape {
    required: &["source"],
    optional: &["version", "count", "for_each", "providers", "depends_on"],
    blocks: &[],
};

/// Reads a `module` block.
pub(super) fn module(block: Block, diags: &mut Diags) -> Option<ModuleCall> {
    let span = header(&block);
    let name = block.labels.into_iter().next()?;
    check_name(&name, "Invalid module instance name", diags);
    let (mut content, body) = read_part(block.body, &MODULE, diags);
    for b in &body.blocks {
        match &*b.ty.name {
            ty @ ("lifecycle" | "locals" | "provider" | "provisioner") => {
                let detail =
                    format!("A module block cannot hold a \"{ty}\" block: Terraform reserves the name. Remove it.");
                diags.push(Diagnostic::error("Reserved block type name in module block", detail).at(&header(b)));
            }
            _ => diags.push(unexpected_block(b, &MODULE)),
        }
    }
    let repeat = repeat(&mut content, diags);
    let version = content.take("version").and_then(|a| {
        let text = text(&a, diags)?;
        version_constraint(&text, &a.value.span, diags)?;
        Some((text, a.value.span))
    });
    let providers = content.take("providers").map(|a| providers(&a.value, diags)).unwrap_or_default();
    let depends_on = content.take("depends_on").map(|a| references(&a.value, diags)).unwrap_or_default();
    let (source, source_span) = match content.take("source") {
        Some(a) => (source(&a, diags), a.value.span),
        None => (String::new(), span.clone()),
    };
    let (version, version_span) = version.unzip();
    Some(ModuleCall { name, source, source_span, version, version_span, repeat, providers, depends_on, body, span })
}

/// The source as written; empty where it is none, which is reported.
fn source(a: &Attribute, diags: &mut Diags) -> String {
    let Some(text) = text(a, diags) else { return String::new() };
    if let Err(why) = ModuleSource::parse(&text) {
        diags.push(Diagnostic::error("Invalid module source address", why).at(&a.value.span));
        return String::new();
    }
    text
}

fn providers(expr: &Expr, diags: &mut Diags) -> Vec<(ProviderRef, ProviderRef)> {
    let ExprKind::Object(items) = &expr.kind else {
        let detail = "providers is written out as { NAME = CONFIGURATION }: the name inside the module and the configuration \
                      outside, such as { aws = aws.west }.";
        diags.push(Diagnostic::error("Invalid providers argument", detail).at(&expr.span));
        return Vec::new();
    };
    let mut found: Vec<(ProviderRef, ProviderRef)> = Vec::new();
    for item in items {
        let (Some(inside), Some(outside)) = (inner_name(&item.key, diags), provider_ref(&item.value, diags)) else {
            continue;
        };
        if let Some((first, _)) = found.iter().find(|(n, _)| n.name == inside.name && n.alias == inside.alias) {
            let detail = format!("The provider configuration {} is given twice. Remove one.", inside.text());
            diags.push(
                Diagnostic::error("Duplicate provider address", detail)
                    .at(&inside.span)
                    .with_related(&first.span, "given here already"),
            );
            continue;
        }
        found.push((inside, outside));
    }
    found
}

/// The key of an entry: a bare word is a string already.
fn inner_name(key: &Expr, diags: &mut Diags) -> Option<ProviderRef> {
    let expr = match &key.kind {
        ExprKind::Literal(v) if !is_json(&key.span) && !key.span.text().starts_with('"') => {
            return Some(ProviderRef { name: v.as_str()?.into(), alias: None, span: key.span.clone() });
        }
        ExprKind::Literal(_) => unquoted(key, diags)?,
        _ => key.clone(),
    };
    if let Some(t) = traversal(&expr) {
        match t.steps.as_slice() {
            [] => return Some(ProviderRef { name: t.root.name, alias: None, span: expr.span }),
            [Step::Attr(alias)] => {
                let alias = Some(alias.name.clone());
                return Some(ProviderRef { name: t.root.name, alias, span: expr.span });
            }
            _ => {}
        }
    }
    let detail = "The name inside the module is a provider's local name, with an alias behind a dot if it has one.";
    diags.push(Diagnostic::error("Invalid provider configuration reference", detail).at(&key.span));
    None
}
