//! `moved`, `import` and `removed` blocks, and the addresses written in them.
//!
//! Refuses to know what is in the state.

use super::constant::{flag, provider_ref, strict_reference, unquoted};
use super::content::{Shape, header, is_json, read};
use super::expr::{Expr, ExprKind};
use super::references::Step;
use super::traversal::{Traversal, traversal};
use super::{Block, Import, Moved, Removed};
use crate::address::{Address, Key, Mode, ModulePath, Target};
use crate::diag::{Diagnostic, Diags};
use crate::value::{Kind, Value};

const MOVED: Shape = Shape { required: &["from", "to"], optional: &[], blocks: &[] };
const IMPORT: Shape = Shape { required: &["to", "id"], optional: &["for_each", "provider"], blocks: &[] };
const REMOVED: Shape = Shape {
    required: &["from"],
    optional: &[],
    blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
};
const REMOVED_LIFECYCLE: Shape = Shape { required: &[], optional: &["destroy"], blocks: &[] };

/// The instance key a value stands for.
pub fn key_of(value: &Value) -> Option<Key> {
    match value.kind() {
        Kind::String(s) => Some(Key::Str(s.clone())),
        Kind::Number(_) => value.as_i64().and_then(|n| u64::try_from(n).ok()).map(Key::Int),
        _ => None,
    }
}

/// The address that an expression such as `module.a["k"].aws_iam_role.x[0]` writes, as `moved`, `import` and `removed` hold it.
/// `key` gives the value of an expression in brackets that is no literal (`each.key`); `None` makes it an error.
pub fn address_of(expr: &Expr, key: &mut dyn FnMut(&Expr) -> Option<Key>) -> Result<Target, Diagnostic> {
    let invalid = |detail: String| Diagnostic::error("Invalid address", detail).at(&expr.span);
    let form = "A resource is written as TYPE.NAME, a module as module.NAME, both with a key in brackets where needed.";
    let Some(Traversal { root, steps, .. }) = traversal(expr) else { return Err(invalid(form.into())) };
    let mut steps = steps.into_iter().peekable();
    let mut module = ModulePath::root();
    let mut word = root.name;
    loop {
        let mut name = || match steps.next() {
            Some(Step::Attr(name)) => Ok(name.name),
            Some(step) => Err(Diagnostic::error("Invalid address", form).at(step.span())),
            None => Err(invalid(form.into())),
        };
        let is_module = &*word == "module";
        let (mode, ty, name) = match &*word {
            "module" => (Mode::Managed, word.clone(), name()?),
            "data" => (Mode::Data, name()?, name()?),
            "resource" => (Mode::Managed, name()?, name()?),
            _ => (Mode::Managed, word.clone(), name()?),
        };
        let found = match steps.next_if(|s| !matches!(s, Step::Attr(_))) {
            None => None,
            Some(Step::Key(value, span)) => Some(key_of(&value).ok_or_else(|| bad_key(&span))?),
            Some(Step::Computed(e, span)) => Some(key(&e).ok_or_else(|| bad_key(&span))?),
            Some(step) => return Err(bad_key(step.span())),
        };
        if is_module {
            module.0.push((name, found));
            match steps.next() {
                None => return Ok(Target::Module(module)),
                Some(Step::Attr(next)) => word = next.name,
                Some(step) => return Err(Diagnostic::error("Invalid address", form).at(step.span())),
            }
            continue;
        }
        if let Some(extra) = steps.next() {
            let detail = "The address ends with the resource's name or key; nothing can follow.";
            return Err(Diagnostic::error("Invalid address", detail).at(extra.span()));
        }
        return Ok(Target::Resource(Address { module, mode, ty, name, key: found }));
    }
}

fn bad_key(span: &crate::diag::Span) -> Diagnostic {
    let detail = "In brackets stands a literal: a whole number (from count) or a string (from for_each).";
    Diagnostic::error("Invalid address", detail).at(span)
}

/// A written address without expressions in brackets.
fn fixed_address(expr: &Expr, diags: &mut Diags) -> Option<(Expr, Target)> {
    let expr = strict_reference(expr, diags)?;
    match address_of(&expr, &mut |_| None) {
        Ok(target) => Some((expr, target)),
        Err(d) => {
            diags.push(d);
            None
        }
    }
}

/// Reads a `moved` block.
pub(super) fn moved(block: Block, diags: &mut Diags) -> Option<Moved> {
    let span = header(&block);
    let mut content = read(block.body, &MOVED, diags);
    let (from, to) = (content.take("from"), content.take("to"));
    let from = from.and_then(|a| fixed_address(&a.value, diags));
    let to = to.and_then(|a| fixed_address(&a.value, diags));
    let ((from, from_target), (to, to_target)) = (from?, to?);
    if matches!(from_target, Target::Module(_)) != matches!(to_target, Target::Module(_)) {
        let detail = "from and to must both name a resource or both name a module.";
        diags.push(Diagnostic::error("Invalid moved addresses", detail).at(&span));
        return None;
    }
    let is_data = |t: &Target| matches!(t, Target::Resource(a) if a.mode == Mode::Data);
    match (is_data(&from_target), is_data(&to_target)) {
        (false, false) => {}
        // A data source is read anew in every run: there is nothing to move, and nothing wrong either.
        (true, true) => return None,
        _ => {
            let detail =
                "A data source cannot become a resource or the other way round: from and to must be of one kind.";
            diags.push(Diagnostic::error("Invalid moved addresses", detail).at(&span));
            return None;
        }
    }
    if from_target == to_target {
        let detail = format!("from and to are both {from_target}. Remove this block, or name another address.");
        diags.push(Diagnostic::error("Redundant move statement", detail).at(&span));
        return None;
    }
    Some(Moved { from, to, span })
}

/// Reads an `import` block.
pub(super) fn import(block: Block, diags: &mut Diags) -> Option<Import> {
    let span = header(&block);
    let mut content = read(block.body, &IMPORT, diags);
    let for_each = content.take("for_each").map(|a| a.value);
    let provider = content.take("provider").and_then(|a| provider_ref(&a.value, diags));
    let to = content.take("to").and_then(|a| import_to(&a.value, diags));
    let id = content.take("id").and_then(|a| {
        let wrong = match &a.value.kind {
            ExprKind::Literal(v) if v.is_null() => "The import ID cannot be null.",
            ExprKind::Literal(v) if v.as_str() == Some("") => {
                "The import ID value evaluates to an empty string, please provide a non-empty value."
            }
            _ => return Some(a.value),
        };
        diags.push(Diagnostic::error("Invalid import id argument", wrong).at(&a.value.span));
        None
    });
    Some(Import { to: to?, id: id?, for_each, provider, span })
}

/// `to` may use `each.key` and the like in brackets.
fn import_to(expr: &Expr, diags: &mut Diags) -> Option<Expr> {
    let expr = match is_json(&expr.span) {
        true => unquoted(expr, diags)?,
        false => expr.clone(),
    };
    // Which key does not matter here.
    let target = match address_of(&expr, &mut |_| Some(Key::Int(0))) {
        Ok(target) => target,
        Err(d) => {
            diags.push(d);
            return None;
        }
    };
    if !matches!(&target, Target::Resource(a) if a.mode == Mode::Managed) {
        let detail = "Only resources can be imported: to = TYPE.NAME, with a key in brackets where needed.";
        diags.push(Diagnostic::error("Invalid import address", detail).at(&expr.span));
        return None;
    }
    Some(expr)
}

/// Reads a `removed` block.
pub(super) fn removed(block: Block, diags: &mut Diags) -> Option<Removed> {
    let span = header(&block);
    let mut content = read(block.body, &REMOVED, diags);
    let lifecycle = content.take_block("lifecycle", diags);
    for b in &content.blocks {
        let detail = "Provisioners are not supported: formwork calls AWS and nothing else. Remove this block.";
        diags.push(Diagnostic::error("Unsupported provisioner", detail).at(&header(b)));
    }
    let destroy = lifecycle
        .and_then(|b| read(b.body, &REMOVED_LIFECYCLE, diags).take("destroy"))
        .and_then(|a| flag(&a, diags))
        .unwrap_or(true);
    let (from, target) = fixed_address(&content.take("from")?.value, diags)?;
    let problem = match &target {
        Target::Resource(a) if a.mode == Mode::Data => Some((
            "Data source address not allowed",
            "Data sources are never destroyed. To forget one, remove its data block.",
        )),
        Target::Resource(a) if a.key.is_some() || a.module.0.iter().any(|(_, k)| k.is_some()) => Some((
            "Resource instance keys not allowed",
            "A removed block is about a whole resource: name it without a key in brackets.",
        )),
        Target::Module(path) if path.0.iter().any(|(_, k)| k.is_some()) => Some((
            "Module instance keys not allowed",
            "A removed block is about a whole module call: name it without a key in brackets.",
        )),
        _ => None,
    };
    if let Some((summary, detail)) = problem {
        diags.push(Diagnostic::error(summary, detail).at(&from.span));
        return None;
    }
    Some(Removed { from, destroy, span })
}
