//! `relevant_attributes` of the plan's JSON: parts of objects that what changes was worked out of, through variables, local values and
//! outputs of modules.
//!
//! Refuses to know values: what refers to what follows from the configuration.

use crate::address::{Address, Key, ModulePath};
use crate::config::references::{Reference, Step, Subject, references_of_body, references_of_expr};
use crate::config::{Config, Module, Repeat};
use crate::plan::{Action, Mode, Plan};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The entries, by resource.
pub fn relevant_attributes(plan: &Plan) -> Vec<Json> {
    let mut walk = Walk { config: &plan.config, found: BTreeMap::new(), seen: BTreeSet::new() };
    let mut modules = BTreeSet::from([ModulePath::root()]);
    let mut blocks = BTreeSet::new();
    for change in &plan.changes {
        let module = &change.address.module;
        if !matches!(change.action, Action::Delete | Action::Forget) {
            modules.extend((1..=module.0.len()).map(|n| ModulePath(module.0[..n].to_vec())));
        }
        if change.action != Action::NoOp {
            blocks.insert((module.clone(), change.address.block()));
        }
    }
    for (module, block) in blocks {
        let Some(written) = plan.config.resource(&block) else { continue };
        walk.follow(&module, references_of_body(&written.body));
        match &written.repeat {
            Repeat::Once => {}
            Repeat::Count(e) | Repeat::ForEach(e) => walk.follow(&module, references_of_expr(e)),
        }
    }
    called_once(&plan.config.root, &ModulePath::root(), &mut modules);
    for module in modules {
        let Some(written) = plan.config.module(&module.config()) else { continue };
        let changed = written.outputs.iter().filter(|(name, _)| match module.is_root() {
            true => plan.outputs.get(*name).is_some_and(|o| o.action != Action::NoOp),
            // Outputs of modules are in no state: they are always new.
            false => plan.mode != Mode::Destroy,
        });
        for (_, output) in changed {
            walk.follow(&module, references_of_expr(&output.value));
        }
    }
    walk.found.into_values().collect()
}

/// Modules that are there once, even if there is nothing in them.
fn called_once(module: &Module, path: &ModulePath, out: &mut BTreeSet<ModulePath>) {
    for (name, call) in &module.calls {
        if let (Repeat::Once, Some(child)) = (&call.repeat, module.children.get(name)) {
            let path = path.child(name, None);
            called_once(child, &path, out);
            out.insert(path);
        }
    }
}

struct Walk<'a> {
    config: &'a Config,
    found: BTreeMap<(String, String), Json>,
    seen: BTreeSet<(ModulePath, String)>,
}

impl Walk<'_> {
    /// Goes from references back to the objects behind them.
    fn follow(&mut self, module: &ModulePath, references: Vec<Reference>) {
        let mut open: Vec<(ModulePath, Reference)> = references.into_iter().map(|r| (module.clone(), r)).collect();
        while let Some((module, r)) = open.pop() {
            if let Subject::Resource { mode, ty, name } = &r.subject {
                let key = r.instance.as_ref().and_then(key_of);
                let address = Address { module: module.clone(), mode: *mode, ty: ty.clone(), name: name.clone(), key };
                self.add(&address, &r);
                continue;
            }
            let place = format!(
                "{}{}",
                r.subject,
                r.instance.as_ref().and_then(key_of).map(|k| k.to_string()).unwrap_or_default()
            );
            if !self.seen.insert((module.clone(), place)) {
                continue;
            }
            open.extend(self.behind(&module, &r));
        }
    }

    fn add(&mut self, address: &Address, r: &Reference) {
        let open = matches!(r.instance, Some(Step::Computed(..) | Step::Splat(_)));
        let steps = r.rest.iter().take_while(|_| !open);
        let attribute: Vec<Json> = steps.map_while(step_json).collect();
        let entry = json!({ "resource": address.to_string(), "attribute": attribute });
        self.found.insert((address.to_string(), entry["attribute"].to_string()), entry);
    }

    /// What a variable, local value or output is worked out of.
    fn behind(&self, module: &ModulePath, r: &Reference) -> Vec<(ModulePath, Reference)> {
        let Some(written) = self.config.module(&module.config()) else { return Vec::new() };
        let within = |path: ModulePath, found: Vec<Reference>| found.into_iter().map(|r| (path.clone(), r)).collect();
        match &r.subject {
            Subject::Local(name) => match written.locals.get(name) {
                Some(local) => within(module.clone(), references_of_expr(&local.value)),
                None => Vec::new(),
            },
            Subject::Variable(name) => {
                let Some((parent, (call, _))) = module.parent().zip(module.0.last()) else { return Vec::new() };
                let caller = self.config.module(&parent.config());
                let argument = caller.and_then(|m| m.calls.get(call)).and_then(|call| {
                    call.body.attributes.iter().find(|a| a.name.name == *name).map(|a| references_of_expr(&a.value))
                });
                within(parent, argument.unwrap_or_default())
            }
            Subject::Output { module: call, output } => {
                let path = module.child(call, r.instance.as_ref().and_then(key_of));
                let found = self.config.module(&path.config()).and_then(|m| m.outputs.get(output));
                within(path, found.map(|o| references_of_expr(&o.value)).unwrap_or_default())
            }
            Subject::Module(call) => {
                let path = module.child(call, r.instance.as_ref().and_then(key_of));
                let outputs = self.config.module(&path.config()).map(|m| m.outputs.values());
                let found = outputs.into_iter().flatten().flat_map(|o| references_of_expr(&o.value)).collect();
                within(path, found)
            }
            _ => Vec::new(),
        }
    }
}

fn key_of(step: &Step) -> Option<Key> {
    let Step::Key(value, _) = step else { return None };
    match (value.as_str(), value.as_number()) {
        (Some(text), _) => Some(Key::Str(text.into())),
        (None, Some(n)) => n.to_string().parse().ok().map(Key::Int),
        _ => None,
    }
}

fn step_json(step: &Step) -> Option<Json> {
    match step {
        Step::Attr(name) => Some(json!(*name.name)),
        Step::Key(value, _) => Some(crate::value::json::to_json(value)),
        Step::Computed(..) | Step::Splat(_) => None,
    }
}
