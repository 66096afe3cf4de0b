//! Override files (`override.tf`, `*_override.tf`): their blocks laid over those of the ordinary files, by Terraform's rules.
//!
//! Works on blocks as written, before they are read, so every rule about blocks is applied to the merged result once.
//! Refuses to know what any argument means.

use super::content::{BlockShape, header, shaped};
use super::expr::ExprKind;
use super::{Block, Body};
use crate::diag::{Diagnostic, Diags};

const TERRAFORM_BLOCKS: &[BlockShape] = super::settings::TERRAFORM.blocks;

/// What is a block and not an argument, in JSON.
fn block_names(ty: &str) -> &'static [BlockShape] {
    match ty {
        "variable" => super::variable::VARIABLE.blocks,
        "output" => super::variable::OUTPUT.blocks,
        "resource" | "data" => super::resource::RESOURCE.blocks,
        _ => &[],
    }
}

/// Lays `overrides` over `base`.
pub(super) fn apply(base: &mut Vec<Block>, overrides: Vec<Block>, diags: &mut Diags) {
    for over in overrides {
        match &*over.ty.name {
            "locals" => locals(base, over, diags),
            "terraform" => terraform(base, over, diags),
            "moved" | "import" | "check" => {
                let detail =
                    format!("Blocks of type \"{}\" can stand only in ordinary files. Move it there.", over.ty.name);
                diags.push(Diagnostic::error("Unsupported block in override file", detail).at(&header(&over)));
            }
            "removed" => base.push(over),
            _ => named(base, over, diags),
        }
    }
}

/// Blocks that are told apart by their labels (providers also by alias).
fn named(base: &mut Vec<Block>, mut over: Block, diags: &mut Diags) {
    let ty = over.ty.name.clone();
    let same = |b: &&mut Block| {
        b.ty.name == ty
            && b.labels.iter().map(|l| &l.name).eq(over.labels.iter().map(|l| &l.name))
            && (&*ty != "provider" || alias(&b.body) == alias(&over.body))
    };
    let Some(target) = base.iter_mut().find(same) else {
        if &*ty == "provider" {
            base.push(over);
        } else {
            let name = over.labels.iter().map(|l| format!(" \"{}\"", l.name)).collect::<String>();
            let detail = format!(
                "There is no {ty}{name} in the ordinary files of this module. An override file can only change what they declare."
            );
            diags.push(Diagnostic::error("Missing base declaration to override", detail).at(&header(&over)));
        }
        return;
    };
    over.body = shaped(over.body, block_names(&ty), diags);
    target.body = shaped(std::mem::take(&mut target.body), block_names(&ty), diags);
    over.body.attributes.retain(|a| {
        let list_of_some = matches!(&a.value.kind, ExprKind::Tuple(items) if !items.is_empty());
        if &*a.name.name == "depends_on" && list_of_some {
            let detail = "depends_on cannot be overridden. Change it in the ordinary file.";
            diags.push(Diagnostic::error("Unsupported override", detail).at(&a.value.span));
            return false;
        }
        true
    });
    let fixed = match &*ty {
        "variable" => "validation",
        "output" => "precondition",
        _ => "",
    };
    over.body.blocks.retain(|b| {
        if &*b.ty.name == fixed {
            let detail = format!("\"{fixed}\" blocks cannot be overridden. Change them in the ordinary file.");
            diags.push(Diagnostic::error("Unsupported override", detail).at(&header(b)));
            return false;
        }
        true
    });
    if matches!(&*ty, "resource" | "data" | "module") {
        count_stays(&mut target.body, &mut over.body, diags);
    }
    if !matches!(&*ty, "resource" | "data") {
        merge(&mut target.body, over.body);
        return;
    }
    let mut over_body = over.body;
    // A lifecycle is changed argument by argument; everything else by name as a whole.
    if let Some(old) = target.body.blocks.iter_mut().find(|b| &*b.ty.name == "lifecycle") {
        let (lifecycles, rest) =
            std::mem::take(&mut over_body.blocks).into_iter().partition(|b: &Block| &*b.ty.name == "lifecycle");
        over_body.blocks = rest;
        lifecycles.into_iter().for_each(|l: Block| merge(&mut old.body, l.body));
    }
    merge(&mut target.body, over_body);
}

/// Where one file has `count` and the other `for_each`, Terraform goes by `count`, whichever of them it overrides.
fn count_stays(base: &mut Body, over: &mut Body, diags: &mut Diags) {
    if over.attribute("count").is_some() {
        base.attributes.retain(|a| &*a.name.name != "for_each");
    } else if let (Some(count), Some(for_each)) = (base.attribute("count"), over.attribute("for_each")) {
        let detail = "The block that this overrides has count, which no for_each takes the place of: this line changes nothing. \
                      Change it in the ordinary file.";
        let found = Diagnostic::warning("Override without effect", detail).at(&for_each.name.span);
        diags.push(found.with_related(&count.name.span, "count stays"));
        over.attributes.retain(|a| &*a.name.name != "for_each");
    }
}

fn alias(body: &Body) -> Option<&str> {
    match &body.attribute("alias")?.value.kind {
        ExprKind::Literal(v) => v.as_str(),
        _ => None,
    }
}

fn locals(base: &mut [Block], over: Block, diags: &mut Diags) {
    for a in over.body.attributes {
        let found = base
            .iter_mut()
            .filter(|b| &*b.ty.name == "locals")
            .flat_map(|b| b.body.attributes.iter_mut())
            .find(|old| old.name.name == a.name.name);
        match found {
            Some(old) => *old = a,
            None => {
                let detail = format!(
                    "There is no local value \"{}\" in the ordinary files of this module. An override file can only change what \
                     they declare.",
                    a.name.name
                );
                diags.push(Diagnostic::error("Missing base declaration to override", detail).at(&a.name.span));
            }
        }
    }
}

/// Providers are required one by one; a backend takes the place of another or of `cloud`; arguments replace arguments.
fn terraform(base: &mut Vec<Block>, over: Block, diags: &mut Diags) {
    let body = shaped(over.body, TERRAFORM_BLOCKS, diags);
    for block in base.iter_mut().filter(|b| &*b.ty.name == "terraform") {
        block.body = shaped(std::mem::take(&mut block.body), TERRAFORM_BLOCKS, diags);
    }
    let mut new = body.clone_header();
    for a in body.attributes {
        for block in base.iter_mut().filter(|b| &*b.ty.name == "terraform") {
            block.body.attributes.retain(|old| old.name.name != a.name.name);
        }
        new.attributes.push(a);
    }
    for b in body.blocks {
        let mut homes = base.iter_mut().filter(|b| &*b.ty.name == "terraform");
        if &*b.ty.name == "required_providers" {
            match homes.flat_map(|h| h.body.blocks.iter_mut()).find(|old| &*old.ty.name == "required_providers") {
                Some(old) => merge(&mut old.body, b.body),
                None => new.blocks.push(b),
            }
            continue;
        }
        let state = |b: &Block| matches!(&*b.ty.name, "backend" | "cloud");
        homes.by_ref().for_each(|h| h.body.blocks.retain(|old| !(state(old) && state(&b))));
        new.blocks.push(b);
    }
    base.push(Block { ty: over.ty, labels: over.labels, body: new });
}

/// What `over` names takes the place of everything of that name in `base`, `dynamic` blocks included.
fn merge(base: &mut Body, over: Body) {
    let mut remove = |name: &str| {
        base.attributes.retain(|a| &*a.name.name != name);
        base.blocks.retain(|b| block_name(b) != name);
    };
    over.attributes.iter().for_each(|a| remove(&a.name.name));
    over.blocks.iter().for_each(|b| remove(block_name(b)));
    base.attributes.extend(over.attributes);
    base.blocks.extend(over.blocks);
}

fn block_name(block: &Block) -> &str {
    match (&*block.ty.name, block.labels.first()) {
        ("dynamic", Some(label)) => &label.name,
        (ty, _) => ty,
    }
}
