//! What is left when no step runs any more: the root module's outputs, conditions that could not be judged before, `check` blocks.
//!
//! Refuses to know how steps are done.

use super::Walk;
use crate::address::{Address, Mode};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::graph;
use crate::plan::conditions::Judged;
use crate::plan::links::{Node, NodeIndex};
use crate::plan::providers::provider_of;
use crate::plan::{self, Action, Change, Deed, checks, region, stored};
use crate::resources;
use crate::state::{self, OutputValue};
use crate::value::{Fields, Object, Type, Value};
use std::sync::Arc;

impl Walk<'_, '_> {
    /// Root module outputs as they are now; what could not be worked out stays as it was.
    pub(super) fn finish_outputs(&mut self) {
        let plan = self.plan;
        let complete = self.is_complete();
        let held = self.held();
        self.judge_outputs();
        for (name, change) in &plan.outputs {
            if change.action == Action::Delete {
                self.outcome.state.outputs.remove(name);
                continue;
            }
            let Some(node) = self.links.find(&Node::Output(0, name.clone())) else { continue };
            if held[node] {
                continue;
            }
            let judged = plan.config.root.outputs.get(name).is_some_and(|o| !o.preconditions.is_empty());
            if !change.after.is_wholly_known() || judged {
                self.world.freshen(node);
                self.world.evaluate(node);
            }
            let value = match change.after.is_wholly_known() && !judged {
                true => Some(change.after.clone()),
                false => self.world.output(name),
            };
            // What nothing could fill although nothing failed (`format("%s", null)`) is null in the end.
            let value = value.map(|v| if complete && self.is_complete() { v.holes_as_null() } else { v });
            let Some(value) = value.filter(Value::is_wholly_known) else { continue };
            let (value, marks) = value.unmark_deep();
            if value.is_null() {
                self.outcome.state.outputs.remove(name);
                continue;
            }
            let sensitive = change.sensitive || marks.sensitive;
            self.outcome
                .state
                .outputs
                .insert(name.clone(), OutputValue { value, sensitive, extra: Default::default() });
        }
    }

    /// By node, whether it is worked out of an object that was not made or changed as planned, whatever is known of that object.
    fn held(&self) -> Vec<bool> {
        let steps = self.plan.steps.iter().enumerate().filter(|(i, _)| !self.ended.contains(i));
        let changes = steps.filter_map(|(_, step)| match step.deed {
            Deed::Do(c) | Deed::CreateHalf(c) => Some(&self.plan.changes[c]),
            Deed::DeleteHalf(_) | Deed::Join => None,
        });
        let wanted = changes.filter(|c| !matches!(c.action, Action::Delete | Action::Forget));
        let nodes: Vec<NodeIndex> = wanted.filter_map(|c| self.links.find_block(&c.address.block())).collect();
        graph::closure(&self.links.users, nodes)
    }

    /// Preconditions of outputs of modules, whether somebody asked for these outputs or not.
    fn judge_outputs(&mut self) {
        let plan = self.plan;
        if !plan.targets.is_empty() || plan.mode != plan::Mode::Normal {
            return;
        }
        let nodes: Vec<NodeIndex> = (0..self.links.nodes.len())
            .filter(|n| match &self.links.nodes[*n] {
                Node::Output(0, _) => false,
                Node::Output(m, name) => plan
                    .config
                    .module(&self.links.modules[*m].path)
                    .and_then(|module| module.outputs.get(name))
                    .is_some_and(|o| !o.preconditions.is_empty()),
                _ => false,
            })
            .collect();
        for node in nodes {
            self.world.refresh(node);
        }
    }

    /// Whether nothing failed so far, and nothing was left undone.
    fn is_complete(&self) -> bool {
        !self.outcome.diags.has_errors() && !self.world.diags.has_errors() && !self.outcome.interrupted
    }

    /// All `check` blocks, now that all is known.
    pub(super) async fn finish_checks(&mut self) {
        if self.plan.mode == plan::Mode::Destroy {
            return;
        }
        let complete = self.is_complete();
        let checks: Vec<NodeIndex> =
            (0..self.links.nodes.len()).filter(|n| matches!(self.links.nodes[*n], Node::Check(..))).collect();
        for node in checks {
            self.judge_check(node, complete).await;
        }
    }

    /// The assertions of a `check` block. A data source of its own is read for it, anew, if all that was planned was done.
    async fn judge_check(&mut self, node: NodeIndex, complete: bool) {
        let Node::Check(m, name) = self.links.nodes[node].clone() else { return };
        let config = self.plan.config.clone();
        let module = config.module(&self.links.modules[m].path);
        let Some(check) = module.and_then(|module| module.checks.get(&name)) else { return };
        if check.data.is_some() && !complete {
            return;
        }
        self.world.freshen(node);
        for path in self.world.module_instances(m).to_vec() {
            let mut names = None;
            if let Some(written) = &check.data {
                let before = (std::mem::take(&mut self.world.diags), std::mem::take(&mut self.outcome.diags));
                let address = Address {
                    module: path.clone(),
                    mode: Mode::Data,
                    ty: written.ty.name.clone(),
                    name: written.name.name.clone(),
                    key: None,
                };
                let value = self.read_for_check(node, &address).await;
                names = Some(self.world.with_data(&path, &address.ty, &address.name, value));
                let found = std::mem::replace(&mut self.world.diags, before.0);
                let failed = std::mem::replace(&mut self.outcome.diags, before.1);
                let unread = found.has_errors() || failed.has_errors();
                self.world.diags.extend(found.into_iter().chain(failed).map(checks::warning));
                if unread {
                    continue;
                }
            }
            self.world.conditions(Judged::Check(&path, &name), &check.asserts, names.as_ref());
        }
    }

    /// What is left to do after part of a configuration was applied.
    pub(super) fn tell_of_targets(&mut self) {
        if !self.plan.targets.is_empty() && self.is_complete() {
            let detail = "The plan was made with -target, so changes of the configuration may be left, and outputs may not be up to date. \
                          Plan without it to see them.";
            self.outcome.diags.push(Diagnostic::warning("Applied changes may be incomplete", detail));
        }
    }

    /// Rules of variables that were not known while planning, and what all conditions came to.
    pub(super) fn finish_conditions(&mut self) {
        let results = match self.plan.mode {
            plan::Mode::Destroy => self.plan.checks.clone(),
            _ => {
                for node in 0..self.links.nodes.len() {
                    if matches!(self.links.nodes[node], Node::Output(..) | Node::Validation(..)) {
                        self.world.judge_again(node, &self.plan.checks);
                    }
                }
                self.world.check_results(&self.plan.checks)
            }
        };
        self.outcome.state.check_results = state::checks::print(&results);
    }

    /// What a data source says now; a hole if that cannot be told, and the diagnostics say why.
    async fn read_for_check(&mut self, node: NodeIndex, address: &Address) -> Value {
        let config = self.plan.config.clone();
        let written = match &self.links.nodes[node] {
            Node::Check(m, name) => {
                config.module(&self.links.modules[*m].path).and_then(|m| m.checks.get(name)?.data.as_ref())
            }
            _ => None,
        };
        let (Some(written), Some(source)) = (written, resources::data_source(&address.ty)) else {
            return Value::unknown(Type::Any);
        };
        let schema = source.schema();
        let hole = Value::unknown(schema.ty());
        let preconditions = &written.lifecycle.preconditions;
        if !self.world.conditions(Judged::Before(address), preconditions, None) {
            return hole;
        }
        let mut diags = Diags::new();
        let (body, named) = region::split(&written.body, schema);
        let scope = self.world.scope(&address.module, None);
        let value = eval::body::eval_body(&body, schema, &scope, &mut diags);
        let named = named.and_then(|expr| region::named(expr, &scope).ok()?);
        let failed = diags.has_errors();
        self.world.diags.extend(diags);
        if failed || !(value.is_wholly_known() || source.pure()) {
            return hole;
        }
        let key = provider_of(&self.plan.config, &address.module.config(), written.provider.as_ref(), &address.ty);
        let change = Change::new(address.clone(), key.to_string(), Action::Read, hole.clone(), hole.clone());
        let Some(aws) = self.aws(&change, named).await else { return hole };
        let mut marks = value.marked_paths();
        let (value, _) = value.unmark_deep();
        let value = match source.read(&aws, &Object::from_value(&value)).await {
            Ok(object) => object.to_value(),
            Err(e) => {
                self.world.diags.push(plan::failure(&e, Some(address)).at(&written.span));
                return hole;
            }
        };
        marks.extend(stored::schema_marks(&schema.block, &value));
        let value = value.mark_at(&marks);
        let me: Arc<Fields> = Arc::new(Fields::from([(Arc::from("self"), value.clone())]));
        let posts = &written.lifecycle.postconditions;
        self.world.conditions(Judged::After(address), posts, Some(&me));
        value
    }
}
