//! *Look*: what an interrupted run left open is settled, what the state holds is taken apart and read from the world, all at once.

use super::{Planner, READS_AT_ONCE, Stored};
use crate::address::{Address, Mode as BlockMode};
use crate::diag::{Diagnostic, Diags};
use crate::plan::events::Event;
use crate::plan::providers::ProviderKey;
use crate::plan::{Action, Change, Mode, beside, diff, failure, moved, region, settle, stored};
use crate::resources::looking::Looking;
use crate::resources::{self, Resource};
use crate::value::{Object, Value};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;

/// What a read came to, and what AWS told about the object's past.
pub(super) type Looked = (Address, resources::Result<Option<Object>>, Vec<String>);

impl Planner<'_> {
    /// Finds out what came of what an interrupted run left open, before anything else is looked at.
    pub(super) async fn settle(&mut self) {
        let unsettled = std::mem::take(&mut self.request.unsettled);
        let mut ways = HashMap::new();
        for (provider, region) in unsettled.ways() {
            let key = ProviderKey::parse(&self.request.config, &provider);
            let named: Option<Arc<str>> = (!region.is_empty()).then(|| (*region).into());
            if let Some(key) = key
                && let Some(aws) = self.aws_in(&key, named.as_ref(), None).await
            {
                ways.insert((provider, region), aws);
            }
        }
        if self.world.diags.has_errors() {
            return;
        }
        let (settled, diags) = settle::settle(&unsettled, &ways, &mut self.state).await;
        self.world.diags.extend(diags);
        self.request.unsettled = unsettled;
        if settled.is_empty() {
            return;
        }
        for s in &settled {
            (self.request.watch)(Event::Settled { address: s.address.clone(), text: s.text.clone() });
        }
        self.settled = settled;
        // What has come into the state may be what a `moved` block is about.
        let mut diags = Diags::new();
        let moved = moved::apply(&self.request.config, &mut self.state, &mut diags);
        self.previous.extend(moved);
        self.world.diags.extend(diags);
    }

    /// Takes apart what the state has of our types.
    pub(super) fn decode(&mut self) {
        let mut found = Vec::new();
        for (address, holder, instance) in self.state.objects() {
            if address.mode == BlockMode::Managed && instance.deposed.is_none() {
                found.push((address, holder.provider.clone(), instance.clone()));
            }
        }
        for (address, provider, instance) in found {
            let Some(resource) = resources::resource(&address.ty) else {
                let matters = self.is_targeted(&address) && self.request.mode != Mode::RefreshOnly;
                if matters && self.beside.is_none() {
                    self.error(beside::refusal_in_state(&address));
                }
                continue;
            };
            if instance.schema_version > resource.schema().version {
                let detail = format!(
                    "The state of {address} was written by a newer provider (schema version {}); formwork knows version {}.",
                    instance.schema_version,
                    resource.schema().version
                );
                self.error(
                    Diagnostic::error("Resource instance managed by newer provider version", detail).about(&address),
                );
                continue;
            }
            match (stored::decode(resource, &instance), ProviderKey::parse(&self.request.config, &provider)) {
                (Ok(object), Some(provider)) => {
                    let value = object.to_value();
                    let mut marks = stored::stored_marks(&instance);
                    marks.extend(stored::schema_marks(&resource.schema().block, &value));
                    let now = Some(object.clone());
                    self.objects.insert(address, Stored { provider, instance, object, marks, now });
                }
                (Err(detail), _) => {
                    self.error(Diagnostic::error("Unreadable object in the state", detail).about(&address));
                }
                (_, None) => {
                    let detail = format!(
                        "The state says that {address} belongs to {provider:?}, which is no provider configuration."
                    );
                    self.error(Diagnostic::error("Unreadable object in the state", detail).about(&address));
                }
            }
        }
    }

    pub(super) async fn look(&mut self) {
        let looks = self.start_look().await.await;
        self.finish_look(looks);
    }

    /// Everything of the state that counts, read at once.
    pub(super) async fn start_look(&mut self) -> BoxFuture<'static, Vec<Looked>> {
        let mut jobs = Vec::new();
        let mut looks: HashMap<(ProviderKey, Option<Arc<str>>), Looking> = HashMap::new();
        if self.request.refresh {
            let mut addresses: Vec<(Address, ProviderKey)> = self
                .objects
                .iter()
                .filter(|(a, _)| self.is_targeted(a))
                .map(|(a, s)| (a.clone(), s.provider.clone()))
                .collect();
            addresses.sort();
            for (address, key) in addresses {
                let Some(resource) = resources::resource(&address.ty) else { continue };
                let span = self.request.config.resource(&address.block()).map(|r| r.span.clone());
                let Some(object) = self.objects.get(&address).map(|s| s.object.clone()) else { continue };
                let region = region::of(&object, resource.schema());
                let Some(aws) = self.aws_in(&key, region.as_ref(), span.as_ref()).await else { continue };
                let look = looks.entry((key, region)).or_default();
                jobs.push((address, resource, aws.within(look, self.spared(resource)), object));
            }
        }
        for (address, ..) in &jobs {
            if let Some(id) = self.objects.get(address).and_then(|s| s.object.str("id")) {
                (self.request.watch)(Event::Refreshing { address: address.clone(), id: id.to_string() });
            }
        }
        Box::pin(async move {
            let reads = jobs.into_iter().map(|(address, resource, aws, object)| -> BoxFuture<'static, _> {
                Box::pin(async move {
                    let result = resource.read(&aws, &object).await;
                    let traces = aws.traces(resource.schema().name, object.str("id").unwrap_or_default());
                    (address, result, traces)
                })
            });
            stream::iter(reads.collect::<Vec<_>>()).buffer_unordered(READS_AT_ONCE).collect().await
        })
    }

    /// Attributes of this type that a plan can do without: nobody writes them, refers to them, or has something that changes them.
    pub(super) fn spared(&self, resource: &dyn Resource) -> Vec<&'static str> {
        if self.request.mode == Mode::RefreshOnly {
            return Vec::new();
        }
        let ty = resource.schema().name;
        let idle = |(attribute, by): &&(&'static str, &'static [&'static str])| {
            let written = || {
                let modules = self.links.modules.iter().filter_map(|m| self.request.config.module(&m.path));
                let mut blocks = modules.flat_map(|m| &m.resources).filter(|((_, t, _), _)| **t == *ty);
                blocks.any(|(_, block)| block.body.attribute(attribute).is_some())
            };
            !self.objects.keys().any(|a| by.contains(&&*a.ty)) && !self.links.refers_to(ty, attribute) && !written()
        };
        resource.spared().iter().filter(idle).map(|(attribute, _)| *attribute).collect()
    }

    pub(super) fn finish_look(&mut self, looks: Vec<Looked>) {
        let mut looks = looks;
        looks.sort_by(|a, b| a.0.cmp(&b.0));
        for (address, result, traces) in looks {
            let span = self.request.config.resource(&address.block()).map(|r| r.span.clone());
            match result {
                Ok(found) => {
                    let Some(stored) = self.objects.get_mut(&address) else { continue };
                    let id = stored.object.str("id").unwrap_or_default().to_string();
                    let id = found.is_some().then_some(id);
                    (self.request.watch)(Event::Refreshed { address: address.clone(), id });
                    stored.now = match (found, resources::resource(&address.ty)) {
                        (Some(found), Some(resource)) => Some(diff::keep_form(resource, &stored.object, found)),
                        _ => None,
                    };
                    if stored.now.as_ref() != Some(&stored.object) {
                        let after = stored.now.as_ref().map(|o| o.to_value().mark_at(&stored.marks));
                        let before = stored.object.to_value().mark_at(&stored.marks);
                        let action = if after.is_some() { Action::Update } else { Action::Delete };
                        let after = after.unwrap_or_else(|| Value::null(before.ty()));
                        if !traces.is_empty() {
                            self.traces.insert(address.clone(), traces);
                        }
                        self.drift.push(Change {
                            previous: self.previous.get(&address).cloned(),
                            ..Change::new(address.clone(), stored.provider.to_string(), action, before, after)
                        });
                    }
                }
                Err(e) => self.error(failure(&e, Some(&address)).at_opt(span.as_ref())),
            }
        }
    }
}
