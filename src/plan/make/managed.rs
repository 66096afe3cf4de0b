//! Managed objects in the fold: each instance of a block becomes a [`Change`].

use super::Planner;
use crate::address::Address;
use crate::config;
use crate::config::expr::{Expr, ExprKind};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::plan::conditions::Judged;
use crate::plan::links::NodeIndex;
use crate::plan::providers::{ProviderKey, provider_of};
use crate::plan::quotas::Counted;
use crate::plan::world::Repetition;
use crate::plan::{Action, Change, Mode, Reason, check, diff, moved, region, stored};
use crate::resources::{self, Place, Resource};
use crate::value::{Fields, Object, Path, PathStep, Value};
use std::sync::Arc;

/// One instance of a block, with what is known of it before it is evaluated.
#[derive(Clone, Copy)]
struct InstanceOf<'a> {
    node: NodeIndex,
    address: &'a Address,
    written: &'a config::Resource,
    resource: &'static dyn Resource,
    /// `each`, `count`
    names: Option<&'a Arc<Fields>>,
    key: &'a ProviderKey,
}

impl Planner<'_> {
    pub(super) async fn plan_block(&mut self, node: NodeIndex) {
        let Some(block) = self.links.block(node) else { return };
        let config = self.request.config.clone();
        let Some(written) = config.resource(&block) else { return };
        let Some(resource) = resources::resource(&block.ty) else { return };
        let m = self.links.nodes[node].module();
        self.imports_for(&block);
        let mut instances = Vec::new();
        let mut open = false;
        for module in self.world.module_instances(m).to_vec() {
            let repetition = self.world.repetition(&module, node).clone();
            self.keys.insert((module.clone(), node), repetition.clone());
            open |= matches!(repetition, Repetition::Open);
            for (key, names) in repetition.instances() {
                let Some(address) = self.world.address(node, &module, key) else { continue };
                instances.push(address.clone());
                if self.is_targeted(&address) {
                    self.plan_instance(node, &address, written, resource, names.as_ref()).await;
                } else if let Some(stored) = self.objects.get(&address) {
                    let value = stored.object.to_value().mark_at(&stored.marks);
                    self.world.set_object(&address, value);
                }
            }
        }
        // Which instances there are may not be known, for a reason that is told already.
        if !open {
            self.imports_nowhere(&block, &instances);
        }
    }

    async fn plan_instance(
        &mut self,
        node: NodeIndex,
        address: &Address,
        written: &config::Resource,
        resource: &'static dyn Resource,
        names: Option<&Arc<Fields>>,
    ) {
        let key = provider_of(&self.request.config, &address.module.config(), written.provider.as_ref(), &address.ty);
        self.read_import(address, written, resource, &key, names).await;
        let instance = InstanceOf { node, address, written, resource, names, key: &key };
        if self.request.mode == Mode::RefreshOnly {
            let stored = self.objects.get(address);
            let value = stored.and_then(|s| Some(s.now.as_ref()?.to_value().mark_at(&s.marks)));
            let value = value.unwrap_or_else(|| Value::unknown(resource.schema().ty()));
            let lifecycle = &written.lifecycle;
            self.world.advisory(Judged::Before(address), &lifecycle.preconditions, names);
            self.world.set_object(address, value.clone());
            self.world.advisory(Judged::After(address), &lifecycle.postconditions, Some(&self_names(names, &value)));
        } else if self.plan_object(&instance).await.is_none() {
            // What is wrong was told; nothing more is said of what depends on it.
            self.world.set_object(address, Value::unknown(resource.schema().ty()));
        }
    }

    /// Works out what is done to one object; `None`: something is wrong, and was told.
    async fn plan_object(&mut self, instance: &InstanceOf<'_>) -> Option<()> {
        let InstanceOf { node, address, written, resource, names, key } = *instance;
        let schema = resource.schema();
        let preconditions = &written.lifecycle.preconditions;
        if !self.world.conditions(Judged::Before(address), preconditions, names) {
            return None;
        }
        let (value, region) = self.configured(instance)?;
        if self.waits(node, address, value.is_wholly_known()) {
            return Some(());
        }
        let mut marks = value.marked_paths();
        marks.retain(|(_, m)| m.sensitive);
        let mut config = Object::from_value(&value.unmark_deep().0);

        let prior = self.objects.get(address).and_then(|s| s.now.clone());
        let mut compared = prior.clone();
        let old_region = compared.as_mut().and_then(|p| region::take(p, schema));
        if let Some(compared) = &mut compared {
            ignore_changes(&mut config, compared, written, resource);
            self.as_written(address, resource, compared, &config);
        }
        let place = self.place(key, region.as_ref(), false, &written.span).await?;
        let elsewhere = prior.is_some() && self.lies_elsewhere(instance, &old_region, region.is_some(), &place);
        let forced = if prior.is_some() { self.forced(instance) } else { None };
        let force = forced.is_some() || elsewhere;
        let mut outcome = diff::change(resource, &place, compared.as_ref(), &config, force);
        let creates = matches!(outcome.action, Action::Create | Action::DeleteThenCreate);
        if creates && resource.predicts_by_account() && place.account.is_empty() {
            // Only what is made anew needs to know the account: a plan without changes does not ask for it.
            let place = self.place(key, region.as_ref(), true, &written.span).await?;
            outcome = diff::change(resource, &place, compared.as_ref(), &config, force);
        }
        self.judged(address, check::planned(resource, &written.body, &config, compared.as_ref(), &outcome.after))?;
        for count in resource.counts(&config, &outcome.after) {
            let changes = outcome.action != Action::NoOp;
            let (span, provider) = (written.span.clone(), key.to_string());
            self.counted.push(Counted { address: address.clone(), span, provider, changes, count });
        }
        if elsewhere {
            outcome.replace_paths.push(Path::attr(region::NAME));
        }
        let carries = region.is_some() || old_region.is_some() || self.world.has_regions;
        if carries && region::is_regional(schema) && (outcome.action != Action::NoOp || old_region.is_some()) {
            outcome.after.set(region::NAME, place.region.as_str());
        }

        let after = outcome.after.to_value();
        marks.extend(stored::schema_marks(&schema.block, &after));
        let after = after.mark_at(&marks);
        let before = match (self.objects.get(address), &prior) {
            (Some(stored), Some(prior)) => prior.to_value().mark_at(&stored.marks),
            _ => Value::null(schema.ty()),
        };
        let create_first = written.lifecycle.create_before_destroy.unwrap_or_default();
        let (action, reason) = match outcome.action {
            Action::DeleteThenCreate => {
                self.guard(written, address);
                let reason = match forced {
                    Some(Reason::ReplaceByTriggers) | None if !outcome.replace_paths.is_empty() => {
                        Reason::ReplaceBecauseCannotUpdate
                    }
                    forced => forced.unwrap_or(Reason::ReplaceByTriggers),
                };
                (if create_first { Action::CreateThenDelete } else { Action::DeleteThenCreate }, Some(reason))
            }
            action => (action, None),
        };
        self.world.set_object(address, after.clone());
        let me = self_names(names, &after);
        let postconditions = &written.lifecycle.postconditions;
        self.world.conditions(Judged::After(address), postconditions, Some(&me));
        self.changes.push(Change {
            previous: self.previous.get(address).cloned(),
            reason,
            replace_paths: outcome.replace_paths,
            importing: self.imports.get(address).cloned(),
            create_before_destroy: create_first,
            ..Change::new(address.clone(), key.to_string(), action, before, after)
        });
        Some(())
    }

    /// What the block says of this instance, and the region if it names one; `None`: something is wrong, and was told.
    fn configured(&mut self, instance: &InstanceOf<'_>) -> Option<(Value, Option<Arc<str>>)> {
        let InstanceOf { address, written, resource, names, .. } = *instance;
        let mut diags = Diags::new();
        let (body, region) = region::split(&written.body, resource.schema());
        let scope = self.world.scope(&address.module, names);
        let value = eval::body::eval_body(&body, resource.schema(), &scope, &mut diags);
        if !diags.has_errors() {
            diags.extend(check::config(resource, &body, &value));
        }
        let region = self.region(region, address, names, &mut diags);
        self.judged(address, diags)?;
        Some((value, region))
    }

    /// Tells what was found about an object; `None` if that is in the way.
    fn judged(&mut self, address: &Address, found: Diags) -> Option<()> {
        let failed = found.has_errors();
        self.world.diags.extend(found.into_iter().map(|d| if d.address.is_none() { d.about(address) } else { d }));
        (!failed).then_some(())
    }

    /// Why an object that is there is replaced, whatever its block says.
    fn forced(&mut self, instance: &InstanceOf<'_>) -> Option<Reason> {
        let InstanceOf { address, written, names, .. } = *instance;
        if self.objects.get(address).is_some_and(|s| s.instance.tainted) {
            return Some(Reason::ReplaceBecauseTainted);
        }
        if self.request.replace.contains(address) {
            return Some(Reason::ReplaceByRequest);
        }
        self.triggered(written, address, names).then_some(Reason::ReplaceByTriggers)
    }

    /// Whether an object lies in another region than the one it shall lie in: as its state says, or else where its provider works.
    fn lies_elsewhere(&self, instance: &InstanceOf<'_>, old: &Option<Value>, named: bool, place: &Place) -> bool {
        let lies_in = match old {
            Some(old) => old.as_str().map(String::from),
            None => self.providers.get(instance.key).map(|aws| aws.place_so_far().region),
        };
        region::is_regional(instance.resource.schema())
            && (old.is_some() || named)
            && lies_in.is_some_and(|lies_in| lies_in != place.region)
    }

    /// The prior object, with the arguments that are kept as they are written in the form of the configuration, where that means the
    /// same. The state takes this form over.
    fn as_written(&mut self, address: &Address, resource: &dyn Resource, prior: &mut Object, config: &Object) {
        for name in resource.as_written() {
            if let (Some(before), Some(written)) = (prior.get(name), config.get(name))
                && before != written
                && written.is_known()
                && !written.is_null()
                && resource.same(name, before, written)
            {
                prior.set(name, written.clone());
                if let Some(now) = self.objects.get_mut(address).and_then(|s| s.now.as_mut()) {
                    now.set(name, written.clone());
                }
            }
        }
    }

    /// Whether something in `replace_triggered_by` changes.
    fn triggered(&mut self, written: &config::Resource, address: &Address, names: Option<&Arc<Fields>>) -> bool {
        let scope_names = names.cloned();
        written.lifecycle.replace_triggered_by.iter().any(|e| {
            let Some((target, path)) = moved::trigger(e, &self.world.scope(&address.module, scope_names.as_ref()))
            else {
                return false;
            };
            let target = Address { module: address.module.clone(), ..target };
            self.changes
                .iter()
                .filter(|c| c.address == target || (target.key.is_none() && c.address.with_key(None) == target))
                .any(|c| match c.action {
                    Action::NoOp | Action::Read => false,
                    Action::Update if !path.0.is_empty() => path.of(&c.before) != path.of(&c.after),
                    _ => true,
                })
        })
    }

    /// `prevent_destroy`.
    pub(super) fn guard(&mut self, written: &config::Resource, address: &Address) {
        let Some(e) = &written.lifecycle.prevent_destroy else { return };
        let value = self.world.eval(e, &address.module, None);
        if value.as_bool() == Some(false) {
            return;
        }
        self.error(
            Diagnostic::error(
                "Instance cannot be destroyed",
                format!("Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."),
            )
            .at(&e.span)
            .about(address),
        );
    }
}

/// `self` beside the names an instance sees.
pub(super) fn self_names(names: Option<&Arc<Fields>>, value: &Value) -> Arc<Fields> {
    let mut fields = names.map(|n| (**n).clone()).unwrap_or_default();
    fields.insert("self".into(), value.clone());
    Arc::new(fields)
}

/// `ignore_changes`: what it names is as it was.
fn ignore_changes(config: &mut Object, prior: &Object, written: &config::Resource, resource: &dyn Resource) {
    let block = &resource.schema().block;
    if written.lifecycle.ignore_all {
        let configurable = |name: &str| block.attribute(name).is_none_or(|a| a.is_configurable());
        let kept = prior.0.iter().filter(|(name, _)| configurable(name));
        config.0.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    }
    let paths: Vec<Path> = written.lifecycle.ignore_changes.iter().filter_map(relative_path).collect();
    diff::ignore(block, config, prior, &paths);
}

/// The path that an entry of `ignore_changes` names, without the object.
fn relative_path(e: &Expr) -> Option<Path> {
    match &e.kind {
        ExprKind::Name(name) => Some(Path::attr(name)),
        ExprKind::Attr(inner, name) => Some(relative_path(inner)?.then(PathStep::Attr(name.name.clone()))),
        ExprKind::LegacyIndex(inner, n, _) => {
            Some(relative_path(inner)?.then(PathStep::Index(usize::try_from(n.to_i64()?).ok()?)))
        }
        ExprKind::Index(inner, key) => {
            let ExprKind::Literal(key) = &key.kind else { return None };
            let step = match (key.as_str(), key.as_i64()) {
                (Some(k), _) => PathStep::Key(k.into()),
                (None, Some(i)) => PathStep::Index(usize::try_from(i).ok()?),
                _ => return None,
            };
            Some(relative_path(inner)?.then(step))
        }
        _ => None,
    }
}
