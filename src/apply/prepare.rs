//! What a step asks of AWS, made ready: its arguments with the holes filled, and the way there.
//!
//! Refuses to know how it is sent.

use super::{Call, Walk, id_of};
use crate::address::Mode as BlockMode;
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::plan::conditions::Judged;
use crate::plan::events::Event;
use crate::plan::providers::{self, ProviderKey};
use crate::plan::{Action, Change, Deed, Watch, check, diff, failure, region};
use crate::resources::{self, Aws, Place, Settings, names};
use crate::schema::Schema;
use crate::value::{Object, Value};
use std::sync::Arc;

impl Walk<'_, '_> {
    /// The call that a step makes; `None` if it cannot be made (the reason is in the diagnostics) or there is none to make.
    pub(super) async fn prepare(&mut self, step: usize) -> Option<Call> {
        let plan = self.plan;
        let (index, half) = match plan.steps[step].deed {
            Deed::Join => return None,
            Deed::Do(c) => (c, None),
            Deed::DeleteHalf(c) => (c, Some(Action::Delete)),
            Deed::CreateHalf(c) => (c, Some(Action::Create)),
        };
        let change = &plan.changes[index];
        let action = half.unwrap_or(change.action);
        let call = self.call(index, change, action).await;
        match &call {
            Some(Call::Nothing) => {}
            Some(_) => (self.request.watch)(Event::Started {
                address: change.address.clone(),
                deposed: change.deposed.clone(),
                action,
                id: id_of(&change.before),
            }),
            None => (self.request.watch)(Event::Failed {
                address: change.address.clone(),
                deposed: change.deposed.clone(),
                action,
            }),
        }
        call
    }

    async fn call(&mut self, index: usize, change: &Change, action: Action) -> Option<Call> {
        match action {
            Action::NoOp | Action::Forget => Some(Call::Nothing),
            Action::Delete => {
                let resource = resources::resource(&change.address.ty)?;
                let (before, _) = change.before.clone().unmark_deep();
                let lies_in = region::of(&Object::from_value(&before), resource.schema());
                let aws = self.aws(change, lies_in).await?;
                let replaced = change.action != Action::Delete;
                let planned = replaced.then(|| Object::from_value(&change.after.clone().unmark_deep().0));
                Some(Call::Delete { resource, aws, prior: Object::from_value(&before), planned })
            }
            Action::Read => {
                let source = resources::data_source(&change.address.ty)?;
                let value = self.evaluate(change, source.schema())?;
                let named = self.region(change, source.schema());
                let aws = self.aws(change, named).await?;
                let marks = value.marked_paths();
                let (value, _) = value.unmark_deep();
                Some(Call::Read { source, aws, config: Object::from_value(&value), marks })
            }
            Action::Create | Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => {
                let resource = resources::resource(&change.address.ty)?;
                let marks = change.after.marked_paths();
                let (after, _) = change.after.clone().unmark_deep();
                let mut planned = Object::from_value(&after);
                let aws = self.aws(change, region::of(&planned, resource.schema())).await?;
                if !after.is_wholly_known() {
                    let value = self.evaluate(change, resource.schema())?;
                    let (value, _) = value.unmark_deep();
                    if !value.is_wholly_known() {
                        self.outcome.diags.push(
                            Diagnostic::error(
                                "Arguments still not known",
                                format!("{} depends on something that is not known even now, because what it comes from was not applied.", change.address),
                            )
                            .about(&change.address),
                        );
                        return None;
                    }
                    // What was predicted while planning is not predicted again.
                    let open = |name| planned.get(name).is_some_and(|v| !v.is_known());
                    let predict = matches!(action, Action::Create) && (open("arn") || open("id") || open("name"));
                    let place = if predict && resource.predicts_by_account() {
                        self.place(change, &aws).await?
                    } else {
                        aws.place_so_far()
                    };
                    diff::fill(resource, &place, &mut planned, &Object::from_value(&value), predict);
                    if predict {
                        // The journal has to say what the object will be called.
                        names::choose(&aws, resource.schema(), &mut planned);
                        resource.predict(&place, &mut planned);
                    }
                }
                if action == Action::Update {
                    let (before, _) = change.before.clone().unmark_deep();
                    return Some(Call::Update { resource, aws, prior: Object::from_value(&before), planned, marks });
                }
                if change.action == Action::CreateThenDelete
                    && let Some(id) = self.outcome.state.depose(&change.address)
                {
                    // The journal knows it before the new object exists, so that neither of the two can be lost.
                    self.deposed.insert(index, id);
                }
                Some(Call::Create { resource, aws, planned, marks })
            }
        }
    }

    /// The block's arguments as they are now.
    fn evaluate(&mut self, change: &Change, schema: &'static Schema) -> Option<Value> {
        let config = self.plan.config.clone();
        let written = config.resource(&change.address.block())?;
        let node = self.links.find_block(&change.address.block())?;
        self.world.refresh(node);
        let names = self.world.repetition(&change.address.module, node).names(change.address.key.as_ref());
        let path = &change.address.module;
        let judged = Judged::Before(&change.address);
        let fine = self.world.conditions(judged, &written.lifecycle.preconditions, names.as_ref());
        let mut diags = Diags::new();
        let (body, _) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &self.world.scope(path, names.as_ref()), &mut diags);
        if !diags.has_errors()
            && let Some(resource) = resources::resource(&change.address.ty)
            && change.address.mode == BlockMode::Managed
        {
            diags.extend(check::config(resource, &body, &value).into_iter().filter(Diagnostic::is_error));
        }
        let failed = diags.has_errors() || !fine;
        self.outcome.diags.extend(diags.into_iter().filter(Diagnostic::is_error));
        (!failed).then_some(value)
    }

    /// The region that a data source's block names.
    fn region(&self, change: &Change, schema: &Schema) -> Option<Arc<str>> {
        let written = self.plan.config.resource(&change.address.block())?;
        let node = self.links.find_block(&change.address.block())?;
        let (_, expr) = region::split(&written.body, schema);
        let names = self.world.repetition(&change.address.module, node).names(change.address.key.as_ref());
        region::named(expr?, &self.world.scope(&change.address.module, names.as_ref())).ok()?
    }

    pub(super) async fn aws(&mut self, change: &Change, region: Option<Arc<str>>) -> Option<Aws> {
        let base = self.base(change).await?;
        let aws = match region.filter(|r| **r != *base.place_so_far().region) {
            None => base,
            Some(region) => {
                let name = format!("{} in {region}", change.provider);
                match self.providers.get(&name) {
                    Some(aws) => aws.clone(),
                    None => self.open(change, name, base.settings_in(&region)).await?,
                }
            }
        };
        Some(observed(&aws, change, &self.request.watch))
    }

    /// The way to AWS of the change's provider configuration.
    pub(super) async fn base(&mut self, change: &Change) -> Option<Aws> {
        if let Some(aws) = self.providers.get(&change.provider) {
            return Some(aws.clone());
        }
        let config = self.plan.config.clone();
        let key = ProviderKey::parse(&config, &change.provider)?;
        let settings = match providers::settings(&mut self.world, &key) {
            Ok(settings) => settings,
            Err(diags) => {
                self.outcome.diags.extend(diags);
                return None;
            }
        };
        self.open(change, change.provider.clone(), settings).await
    }

    async fn open(&mut self, change: &Change, name: String, settings: Settings) -> Option<Aws> {
        match (self.request.connect)(settings).await {
            Ok(aws) => {
                self.providers.insert(name, aws.clone());
                Some(aws)
            }
            Err(e) => {
                self.outcome.diags.push(failure(&e, Some(&change.address)));
                None
            }
        }
    }

    pub(super) async fn place(&mut self, change: &Change, aws: &Aws) -> Option<Place> {
        let which = format!("{} in {}", change.provider, aws.place_so_far().region);
        if let Some(place) = self.places.get(&which) {
            return Some(place.clone());
        }
        match aws.place().await {
            Ok(place) => {
                self.places.insert(which, place.clone());
                Some(place)
            }
            Err(e) => {
                self.outcome.diags.push(failure(&e, Some(&change.address)));
                None
            }
        }
    }
}

/// The same way to AWS, with notes told as being about this change's object.
fn observed(aws: &Aws, change: &Change, watch: &Arc<Watch>) -> Aws {
    let (address, watch) = (change.address.clone(), watch.clone());
    aws.observed(move |note| watch(Event::Note { address: address.clone(), text: note.0 }))
}
