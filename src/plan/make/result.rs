//! What is left to say when all changes stand: root outputs, and the state that applies before any step.

use super::Planner;
use crate::address::{Address, Mode as BlockMode};
use crate::graph;
use crate::plan::links::{Links, Node, NodeIndex};
use crate::plan::{Action, Mode, OutputChange, beside, stored};
use crate::resources;
use crate::state::State;
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn outputs(&mut self) -> BTreeMap<Arc<str>, OutputChange> {
        let mut out = BTreeMap::new();
        let config = self.request.config.clone();
        let destroy = self.request.mode == Mode::Destroy;
        let nothing = || Value::null(Type::Any);
        for (name, output) in &config.root.outputs {
            let before = self.state.outputs.get(name);
            let old = before.map_or_else(nothing, |o| o.value.clone());
            let Some(node) = self.links.find(&Node::Output(0, name.clone())) else { continue };
            // What -target leaves aside stays as it is, and when only a part is destroyed, so do all outputs.
            if !self.is_wanted(node) || (destroy && self.wanted.is_some()) {
                continue;
            }
            let after = match destroy {
                // What is left has outputs still.
                true if self.waits_for_others(node) => old.clone(),
                true => nothing(),
                false if self.waits_for_others(node) => old.clone(),
                false => self.world.output(name).unwrap_or_else(nothing),
            };
            if after.marks_deep().ephemeral && !destroy {
                continue;
            }
            let bare = |v: &Value| v.clone().unmark_deep().0;
            let sensitive = output.sensitive;
            let action = match before {
                Some(o) if bare(&o.value) == bare(&after) && o.sensitive == sensitive => Action::NoOp,
                None if destroy || bare(&after).is_null() => Action::NoOp,
                None => Action::Create,
                Some(_) if destroy => Action::Delete,
                Some(_) => Action::Update,
            };
            if before.is_none() && action == Action::NoOp && destroy {
                continue;
            }
            out.insert(name.clone(), OutputChange { action, before: old, after, sensitive });
        }
        for (name, output) in &self.state.outputs {
            if !config.root.outputs.contains_key(name) {
                let change = OutputChange {
                    action: Action::Delete,
                    before: output.value.clone(),
                    after: nothing(),
                    sensitive: output.sensitive,
                };
                out.insert(name.clone(), change);
            }
        }
        out
    }

    /// Whether an output cannot be worked out because of types that are not ours; when destroying, whether some of them stay.
    pub(super) fn waits_for_others(&self, node: NodeIndex) -> bool {
        let Some(beside) = &self.beside else { return false };
        if self.request.mode == Mode::Destroy {
            return self.state.objects().any(|(a, ..)| !beside::is_ours(a.mode, &a.ty));
        }
        let Node::Output(_, name) = &self.links.nodes[node] else { return false };
        let known = self.world.output(name).is_none_or(|v| v.is_wholly_known());
        !known && beside.lacking(&graph_below(&self.links, node)).is_some()
    }

    /// The state after looking, moving and importing: what applies before any step.
    pub(super) fn refreshed(&mut self) -> State {
        let mut state = std::mem::replace(&mut self.state, State::empty());
        let mut addresses: Vec<&Address> = self.objects.keys().collect();
        addresses.sort();
        for address in addresses {
            let stored = &self.objects[address];
            let imported = self.imports.contains_key(address);
            let Some(resource) = resources::resource(&address.ty) else { continue };
            match &stored.now {
                None => drop(state.remove(address)),
                Some(now) if *now != stored.object || stored.instance.schema_version < resource.schema().version => {
                    let mut instance = stored::encode(
                        resource,
                        now,
                        &stored.marks,
                        Some(&stored.instance),
                        stored.instance.dependencies.clone(),
                        stored.instance.create_before_destroy,
                    );
                    instance.tainted = stored.instance.tainted;
                    instance.private.clone_from(&stored.instance.private);
                    state.set(address, &stored.provider.to_string(), instance);
                }
                // An import becomes part of the state by its step.
                Some(_) if imported => {}
                Some(_) => {}
            }
        }
        // Data sources that no block reads any more.
        let gone: Vec<Address> = state
            .objects()
            .map(|(a, _, _)| a)
            .filter(|a| a.mode == BlockMode::Data && self.wanted.is_none())
            .filter(|a| self.beside.is_none() || beside::is_ours(a.mode, &a.ty))
            .filter(|a| {
                self.request.mode == Mode::Destroy
                    || self
                        .links
                        .find_block(&a.block())
                        .is_none_or(|n| self.keys.get(&(a.module.clone(), n)).is_none_or(|r| !r.has(a.key.as_ref())))
            })
            .collect();
        for address in gone {
            state.remove(&address);
        }
        state
    }
}

/// All nodes that a node needs, through others too.
fn graph_below(links: &Links, node: NodeIndex) -> Vec<NodeIndex> {
    let below = graph::closure(&links.needs, links.needs[node].iter().copied());
    (0..links.nodes.len()).filter(|n| below[*n]).collect()
}
