//! Data sources and `check` blocks in the fold: read now, or put off to the apply.

use super::managed::self_names;
use super::{Planner, READS_AT_ONCE};
use crate::address::{Address, Mode as BlockMode};
use crate::config;
use crate::diag::Diags;
use crate::eval;
use crate::plan::checks;
use crate::plan::conditions::Judged;
use crate::plan::events::Event;
use crate::plan::links::{Node, NodeIndex};
use crate::plan::providers::provider_of;
use crate::plan::{Action, Change, Reason, check, data_hole, failure, region, remember_data, stored};
use crate::resources::{self, Aws, DataSource};
use crate::value::{Fields, Marks, Object, Path, Value};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A data source to be read.
pub(super) struct DataJob {
    pub(super) node: NodeIndex,
    address: Address,
    source: &'static dyn DataSource,
    aws: Aws,
    config: Object,
    marks: Vec<(Path, Marks)>,
}

impl Planner<'_> {
    /// Data sources of a node: what can be answered at once is; what must be asked comes back as jobs.
    pub(super) async fn prepare_data(&mut self, node: NodeIndex) -> Vec<DataJob> {
        let mut jobs = Vec::new();
        let Some(block) = self.links.block(node) else { return jobs };
        let config = self.request.config.clone();
        let Some(written) = config.resource(&block) else { return jobs };
        let Some(source) = resources::data_source(&block.ty) else { return jobs };
        let m = self.links.nodes[node].module();
        for module in self.world.module_instances(m).to_vec() {
            let repetition = self.world.repetition(&module, node).clone();
            self.keys.insert((module.clone(), node), repetition.clone());
            for (key, names) in repetition.instances() {
                let Some(address) = self.world.address(node, &module, key) else { continue };
                if let Some(job) = self.prepare_one(node, &address, written, source, names.as_ref()).await {
                    jobs.push(job);
                }
            }
        }
        jobs
    }

    pub(super) async fn prepare_one(
        &mut self,
        node: NodeIndex,
        address: &Address,
        written: &config::Resource,
        source: &'static dyn DataSource,
        names: Option<&Arc<Fields>>,
    ) -> Option<DataJob> {
        let schema = source.schema();
        let hole = Value::unknown(schema.ty());
        if !self.world.conditions(Judged::Before(address), &written.lifecycle.preconditions, names) {
            self.world.set_object(address, hole);
            return None;
        }
        let mut diags = Diags::new();
        let (body, region) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &self.world.scope(&address.module, names), &mut diags);
        let region = self.region(region, address, names, &mut diags);
        if !diags.has_errors() {
            diags.extend(check::data(source, &body, &value));
        }
        let failed = diags.has_errors();
        self.world.diags.extend(diags);
        if failed {
            self.world.set_object(address, hole);
            return None;
        }
        if self.waits(node, address, value.is_wholly_known()) {
            return None;
        }
        let marks = value.marked_paths();
        let (value, _) = value.unmark_deep();
        let pending = self.pending_dependency(node, !source.pure());
        let key = provider_of(&self.request.config, &address.module.config(), written.provider.as_ref(), &address.ty);
        if (!value.is_wholly_known() && !source.pure()) || pending {
            let after = data_hole(schema, &value).mark_at(&marks);
            self.world.set_object(address, after.clone());
            let known = value.is_wholly_known();
            let reason = if known { Reason::ReadBecauseDependencyPending } else { Reason::ReadBecauseConfigUnknown };
            self.put_off(address, after, reason);
            return None;
        }
        let Some(aws) = self.aws_in(&key, region.as_ref(), Some(&written.span)).await else {
            self.world.set_object(address, hole);
            return None;
        };
        let config = Object::from_value(&value);
        if !source.pure() {
            (self.request.watch)(Event::Reading(address.clone()));
        }
        Some(DataJob { node, address: address.clone(), source, aws, config, marks })
    }

    /// Whether something that a data source needs will change: what its `depends_on` names; for one that asks AWS also a managed
    /// resource that it refers to itself, and one behind local values, variables and outputs that is not there yet, whose names and
    /// ARNs are only predicted.
    pub(super) fn pending_dependency(&self, node: NodeIndex, asks: bool) -> bool {
        let blocks = |nodes: &[NodeIndex]| nodes.iter().filter_map(|n| self.links.block(*n)).collect::<BTreeSet<_>>();
        let pending = |nodes: &[NodeIndex], counts: fn(&Change) -> bool| {
            let blocks = blocks(nodes);
            !blocks.is_empty() && self.changes.iter().any(|c| counts(c) && blocks.contains(&c.address.block()))
        };
        let changes = |c: &Change| c.address.mode == BlockMode::Managed && c.action != Action::NoOp;
        let explicit = self.links.explicit.get(&node).map(Vec::as_slice).unwrap_or_default();
        if pending(explicit, changes) {
            return true;
        }
        if !asks {
            return false;
        }
        let (mut near, mut far, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut open: Vec<(NodeIndex, bool)> = self.links.needs[node].iter().map(|n| (*n, true)).collect();
        while let Some((n, direct)) = open.pop() {
            if !seen.insert((n, direct)) {
                continue;
            }
            match &self.links.nodes[n] {
                Node::Resource(..) if direct => near.push(n),
                Node::Resource(..) => far.push(n),
                _ => open.extend(self.links.needs[n].iter().map(|n| (*n, false))),
            }
        }
        let comes = |c: &Change| {
            matches!(c.action, Action::Create | Action::DeleteThenCreate | Action::CreateThenDelete | Action::Read)
        };
        pending(&near, |c| c.action != Action::NoOp) || pending(&far, comes)
    }

    pub(super) fn start_data(
        &self,
        jobs: Vec<DataJob>,
    ) -> BoxFuture<'static, Vec<(DataJob, resources::Result<Object>)>> {
        Box::pin(async move {
            let reads = jobs.into_iter().map(|job| -> BoxFuture<'static, _> {
                Box::pin(async move {
                    let result = job.source.read(&job.aws, &job.config).await;
                    (job, result)
                })
            });
            stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE).collect().await
        })
    }

    pub(super) fn finish_data(&mut self, reads: Vec<(DataJob, resources::Result<Object>)>) -> BTreeSet<NodeIndex> {
        let mut nodes = BTreeSet::new();
        for (job, result) in reads {
            nodes.insert(job.node);
            let config = self.request.config.clone();
            let written = config.resource(&job.address.block());
            let schema = job.source.schema();
            match result {
                Ok(object) => {
                    if !job.source.pure() {
                        let id = object.str("id").unwrap_or_default().to_string();
                        (self.request.watch)(Event::Read { address: job.address.clone(), id });
                    }
                    let value = object.to_value();
                    let mut marks = job.marks;
                    marks.extend(stored::schema_marks(&schema.block, &value));
                    let value = value.mark_at(&marks);
                    self.world.set_object(&job.address, value.clone());
                    if let Some(written) = written {
                        let names =
                            self.world.repetition(&job.address.module, job.node).names(job.address.key.as_ref());
                        let me = self_names(names.as_ref(), &value);
                        let posts = &written.lifecycle.postconditions;
                        self.world.conditions(Judged::After(&job.address), posts, Some(&me));
                    }
                    if value.is_wholly_known() {
                        self.remember_data(&job.address, &value);
                    } else {
                        self.put_off(&job.address, value, Reason::ReadBecauseConfigUnknown);
                    }
                }
                Err(e) => {
                    self.world.set_object(&job.address, Value::unknown(schema.ty()));
                    self.error(failure(&e, Some(&job.address)).at_opt(written.map(|w| &w.span)));
                }
            }
        }
        nodes
    }

    /// A data source that is read, or read again, during apply.
    pub(super) fn put_off(&mut self, address: &Address, after: Value, reason: Reason) {
        let Some(written) = self.request.config.resource(&address.block()) else {
            // That of a check block: judging the block during apply reads it, and it changes nothing.
            return;
        };
        let written = written.provider.as_ref();
        let key = provider_of(&self.request.config, &address.module.config(), written, &address.ty);
        let before = Value::null(after.ty());
        let change = Change::new(address.clone(), key.to_string(), Action::Read, before, after);
        self.changes.push(Change { reason: Some(reason), ..change });
    }

    /// What was read goes into the state, as Terraform keeps it.
    pub(super) fn remember_data(&mut self, address: &Address, value: &Value) {
        let key = provider_of(
            &self.request.config,
            &address.module.config(),
            self.request.config.resource(&address.block()).and_then(|r| r.provider.as_ref()),
            &address.ty,
        );
        remember_data(&mut self.state, address, &key.to_string(), value);
    }

    /// A `check` block: its data source, then its assertions; what fails is a warning.
    pub(super) async fn check_block(&mut self, node: NodeIndex) {
        let Node::Check(m, name) = self.links.nodes[node].clone() else { return };
        let config = self.request.config.clone();
        let Some(check) = config.module(&self.links.modules[m].path).and_then(|module| module.checks.get(&name)) else {
            return;
        };
        for module in self.world.module_instances(m).to_vec() {
            let before = std::mem::take(&mut self.world.diags);
            let mut names: Option<Arc<Fields>> = None;
            if let Some(written) = &check.data
                && let Some(source) = resources::data_source(&written.ty.name)
            {
                let address = Address {
                    module: module.clone(),
                    mode: BlockMode::Data,
                    ty: written.ty.name.clone(),
                    name: written.name.name.clone(),
                    key: None,
                };
                let mut value = Value::unknown(source.schema().ty());
                if let Some(job) = self.prepare_one(node, &address, written, source, None).await {
                    match job.source.read(&job.aws, &job.config).await {
                        Ok(object) => value = object.to_value(),
                        Err(e) => self.error(failure(&e, Some(&address)).at(&written.span)),
                    }
                }
                names = Some(self.world.with_data(&module, &written.ty.name, &written.name.name, value));
            }
            let reading = std::mem::replace(&mut self.world.diags, before);
            let unread = reading.has_errors();
            self.world.diags.extend(reading.into_iter().map(checks::warning));
            // Without its data, nothing can be said of it.
            if unread {
                continue;
            }
            self.world.conditions(Judged::Check(&module, &name), &check.asserts, names.as_ref());
        }
    }
}
