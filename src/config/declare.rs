//! The top-level blocks of all files of one directory → what the module declares, each name once.
//!
//! Refuses to know files and other modules.

use super::content::{Shape, duplicate, read};
use super::{Block, Body, Module, module_call, refactor, resource, settings, variable};
use crate::address::Mode;
use crate::diag::{Diagnostic, Diags};

/// What may stand at the top level.
pub(super) const TOP: Shape = Shape {
    required: &[],
    optional: &[],
    blocks: &[
        ("terraform", &[]),
        ("provider", &["name"]),
        ("variable", &["name"]),
        ("locals", &[]),
        ("output", &["name"]),
        ("module", &["name"]),
        ("resource", &["type", "name"]),
        ("data", &["type", "name"]),
        ("moved", &[]),
        ("import", &[]),
        ("removed", &[]),
        ("check", &["name"]),
    ],
};

/// The top-level blocks of one file; what is none is reported.
pub(super) fn top_blocks(mut body: Body, diags: &mut Diags) -> Vec<Block> {
    body.blocks.retain(|b| {
        let why = match &*b.ty.name {
            "ephemeral" => "Ephemeral resources are not supported.",
            "action" | "list" => "Blocks of this type came to Terraform after 1.11 and are not supported.",
            _ => return true,
        };
        let detail = format!("{why} At the top level there can be: {}.", supported());
        diags.push(Diagnostic::error("Unsupported block type", detail).at(&b.ty.span));
        false
    });
    read(body, &TOP, diags).blocks
}

fn supported() -> String {
    TOP.blocks.iter().map(|(ty, _)| *ty).collect::<Vec<_>>().join(", ")
}

/// Reads every block into `module`. Of two declarations of one name the first counts and the second is reported.
pub(super) fn declare(blocks: Vec<Block>, module: &mut Module, diags: &mut Diags) {
    for block in blocks {
        match &*block.ty.name {
            "terraform" => settings::terraform(block, &mut module.settings, diags),
            "provider" => {
                let Some(p) = settings::provider(block, diags) else { continue };
                match module.providers.iter().find(|o| o.name == p.name && o.alias == p.alias) {
                    Some(first) => diags.push(settings::duplicate_provider(&p, first)),
                    None => module.providers.push(p),
                }
            }
            "variable" => {
                let Some(v) = variable::variable(block, diags) else { continue };
                match module.variables.get(&v.name.name) {
                    Some(first) => {
                        let what = format!("A variable named \"{}\"", v.name.name);
                        diags.push(duplicate("Duplicate variable declaration", &what, &v.span, &first.span));
                    }
                    None => drop(module.variables.insert(v.name.name.clone(), v)),
                }
            }
            "locals" => {
                for l in variable::locals(block, diags) {
                    match module.locals.get(&l.name.name) {
                        Some(first) => {
                            let what = format!("A local value named \"{}\"", l.name.name);
                            diags.push(duplicate(
                                "Duplicate local value definition",
                                &what,
                                &l.name.span,
                                &first.name.span,
                            ));
                        }
                        None => drop(module.locals.insert(l.name.name.clone(), l)),
                    }
                }
            }
            "output" => {
                let Some(o) = variable::output(block, diags) else { continue };
                match module.outputs.get(&o.name.name) {
                    Some(first) => {
                        let what = format!("An output named \"{}\"", o.name.name);
                        diags.push(duplicate("Duplicate output definition", &what, &o.span, &first.span));
                    }
                    None => drop(module.outputs.insert(o.name.name.clone(), o)),
                }
            }
            "module" => {
                let Some(c) = module_call::module(block, diags) else { continue };
                match module.calls.get(&c.name.name) {
                    Some(first) => {
                        let what = format!("A module call named \"{}\"", c.name.name);
                        diags.push(duplicate("Duplicate module call", &what, &c.span, &first.span));
                    }
                    None => drop(module.calls.insert(c.name.name.clone(), c)),
                }
            }
            "resource" => declare_resource(Mode::Managed, block, module, diags),
            "data" => declare_resource(Mode::Data, block, module, diags),
            "moved" => module.moved.extend(refactor::moved(block, diags)),
            "import" => module.imports.extend(refactor::import(block, diags)),
            "removed" => module.removed.extend(refactor::removed(block, diags)),
            "check" => {
                let Some(c) = resource::check(block, diags) else { continue };
                match module.checks.get(&c.name.name) {
                    Some(first) => {
                        let what = format!("A check block named \"{}\"", c.name.name);
                        diags.push(duplicate("Duplicate check", &what, &c.span, &first.span));
                    }
                    None => drop(module.checks.insert(c.name.name.clone(), c)),
                }
            }
            _ => {}
        }
    }
    check_data_names(module, diags);
}

fn declare_resource(mode: Mode, block: Block, module: &mut Module, diags: &mut Diags) {
    let Some(r) = resource::resource(mode, block, diags) else { return };
    let key = (mode, r.ty.name.clone(), r.name.name.clone());
    match module.resources.get(&key) {
        Some(first) => {
            let (summary, kind) = match mode {
                Mode::Managed => ("Duplicate resource", "resource"),
                Mode::Data => ("Duplicate data source", "data source"),
            };
            let what = format!("A {} {kind} named \"{}\"", r.ty.name, r.name.name);
            diags.push(duplicate(summary, &what, &r.span, &first.span));
        }
        None => drop(module.resources.insert(key, r)),
    }
}

/// The data source inside a check shares the names of the module's.
fn check_data_names(module: &Module, diags: &mut Diags) {
    let mut seen: Vec<&super::Resource> = Vec::new();
    for data in module.checks.values().filter_map(|c| c.data.as_ref()) {
        let key = (Mode::Data, data.ty.name.clone(), data.name.name.clone());
        let same = |o: &&&super::Resource| o.ty.name == data.ty.name && o.name.name == data.name.name;
        if let Some(first) = module.resources.get(&key).or_else(|| seen.iter().find(same).copied()) {
            let what = format!("A {} data source named \"{}\"", data.ty.name, data.name.name);
            diags.push(duplicate("Duplicate data source", &what, &data.span, &first.span));
        }
        seen.push(data);
    }
}
