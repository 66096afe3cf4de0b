//! What the state holds and no block wants any more, deposed objects among it, and the data that goes with what is deleted.

use super::{Planner, Stored};
use crate::address::{Address, BlockAddress, Key, ModulePath};
use crate::diag::Diagnostic;
use crate::plan::links::Node;
use crate::plan::loss::{self, Loss};
use crate::plan::providers::ProviderKey;
use crate::plan::seen::{self, Empty, Running};
use crate::plan::world::Repetition;
use crate::plan::{Action, Change, Mode, Reason, beside, moved, region, stored};
use crate::resources;
use crate::value::{Object, Value};
use std::collections::{BTreeMap, BTreeSet};

impl Planner<'_> {
    /// Objects of the state that no block wants any more.
    pub(super) async fn leftovers(&mut self) {
        let destroy = self.request.mode == Mode::Destroy;
        if self.request.mode == Mode::RefreshOnly {
            return;
        }
        self.still_there();
        self.replaced_without_key();
        let mut planned: BTreeSet<Address> = self.changes.iter().map(|c| c.address.clone()).collect();
        planned.extend(self.waiting.iter().cloned());
        let mut left: Vec<Address> =
            self.objects.keys().filter(|a| !planned.contains(*a) && self.is_targeted(a)).cloned().collect();
        left.sort();
        let held = self.held(&left);
        for address in left {
            let (forget, reason) = self.why_left(&address);
            if let (Some(why), Some(beside), false) = (held.get(&address.block()), &mut self.beside, forget) {
                beside.wait(&address, why.clone());
                continue;
            }
            let written = self.request.config.clone();
            if let Some(block) = written.resource(&address.block())
                && !forget
            {
                self.guard(block, &address);
            }
            let Some(stored) = self.objects.get(&address) else { continue };
            // What is gone already needs no deletion: it only leaves the state.
            let Some(now) = &stored.now else { continue };
            let before = now.to_value().mark_at(&stored.marks);
            let action = if forget && !destroy { Action::Forget } else { Action::Delete };
            let after = Value::null(before.ty());
            self.changes.push(Change {
                previous: self.previous.get(&address).cloned(),
                reason: if destroy { None } else { reason },
                create_before_destroy: stored.instance.create_before_destroy,
                ..Change::new(address, stored.provider.to_string(), action, before, after)
            });
        }
    }

    /// Instances that a `moved` block says are elsewhere now, while `count` or `for_each` still make them.
    fn still_there(&mut self) {
        let config = self.request.config.clone();
        for (address, span) in moved::instances_gone(&config) {
            let node = self.links.find_block(&address.block());
            let keys = node.and_then(|n| self.keys.get(&(address.module.clone(), n)));
            if keys.is_some_and(|r| r.has(address.key.as_ref())) {
                let detail = format!(
                    "This block says that {address} is somewhere else now, but that instance is still declared. Change the \
                     configuration so that only the new address is declared, or remove the block."
                );
                self.error(Diagnostic::error("Moved object still exists", detail).at(span));
            }
        }
    }

    /// `-replace` of a resource with several instances names none of them.
    fn replaced_without_key(&mut self) {
        for address in self.request.replace.clone().iter().filter(|a| a.key.is_none()) {
            let here = |c: &&Change| c.address.with_key(None) == *address && c.address.key.is_some();
            let instances: Vec<String> =
                self.changes.iter().filter(here).map(|c| format!("    -replace='{}'", c.address)).collect();
            if instances.is_empty() {
                continue;
            }
            let detail = format!("{address} has several instances, so -replace without a key means none of them.");
            let help = format!("Name those that are to be replaced:\n\n{}", instances.join("\n"));
            let summary = "Incompletely-matched force-replace resource instance";
            self.world.diags.push(Diagnostic::warning(summary, detail).help(help));
        }
    }

    /// Of what is left over, the blocks that something not ours still needs, and why.
    pub(super) fn held(&self, left: &[Address]) -> BTreeMap<BlockAddress, String> {
        let Some(beside) = &self.beside else { return BTreeMap::new() };
        let users = beside.users_in_state(&self.state, &self.dependencies);
        let mut needs: BTreeMap<BlockAddress, BTreeSet<BlockAddress>> = BTreeMap::new();
        for address in left {
            let list = needs.entry(address.block()).or_default();
            let Some(stored) = self.objects.get(address) else { continue };
            let names = stored.instance.dependencies.iter();
            list.extend(names.filter_map(|d| Some(d.parse::<Address>().ok()?.block())));
            list.extend(self.dependencies.get(&address.block()).into_iter().flatten().cloned());
        }
        beside::held(&left.iter().map(Address::block).collect(), &users, &needs)
    }

    /// Whether a `removed` block says to leave it in the world, and why it is left over.
    pub(super) fn why_left(&mut self, address: &Address) -> (bool, Option<Reason>) {
        let config = self.request.config.clone();
        let forget = moved::removed(&config, address).is_some_and(|r| !r.destroy);
        let mut at = &config.root;
        for (i, (name, key)) in address.module.0.iter().enumerate() {
            // Terraform knows of missing modules only as missing instances of them.
            let Some(next) = at.children.get(name) else { return (forget, Some(self.without_block(address))) };
            let parent = ModulePath(address.module.0[..i].to_vec());
            let node = self.links.module_index(&next.path).and_then(|m| self.links.find(&Node::Module(m)));
            if !node.is_some_and(|n| self.world.repetition(&parent, n).has(key.as_ref())) {
                return (forget, Some(Reason::DeleteBecauseNoModule));
            }
            at = next;
        }
        let Some(node) = self.links.find_block(&address.block()) else {
            return (forget, Some(self.without_block(address)));
        };
        let reason = match (self.world.repetition(&address.module, node), &address.key) {
            (Repetition::Count(_), Some(Key::Int(_))) => Reason::DeleteBecauseCountIndex,
            (Repetition::Each(_), Some(Key::Str(_))) => Reason::DeleteBecauseEachKey,
            _ => Reason::DeleteBecauseWrongRepetition,
        };
        (forget, Some(reason))
    }

    /// Why an object goes that no block is written for.
    fn without_block(&self, address: &Address) -> Reason {
        match self.previous.contains_key(address) {
            true => Reason::DeleteBecauseNoMoveTarget,
            false => Reason::DeleteBecauseNoResourceConfig,
        }
    }

    /// Objects that a replacement left behind are deleted.
    pub(super) fn deposed(&mut self) {
        if self.request.mode == Mode::RefreshOnly {
            return;
        }
        let mut found = Vec::new();
        for (address, holder, instance) in self.state.objects() {
            if let (Some(deposed), Some(resource)) = (&instance.deposed, resources::resource(&address.ty))
                && let Ok(object) = stored::decode(resource, instance)
                && self.is_targeted(&address)
            {
                let before = object.to_value().mark_at(&stored::stored_marks(instance));
                let after = Value::null(before.ty());
                found.push(Change {
                    deposed: Some(deposed.clone()),
                    create_before_destroy: instance.create_before_destroy,
                    ..Change::new(address, holder.provider.clone(), Action::Delete, before, after)
                });
            }
        }
        self.changes.extend(found);
    }

    /// Data that goes with what is deleted or replaced: asked of AWS, and told to whoever reads the plan.
    pub(super) async fn losses(&mut self) -> (Vec<Loss>, Vec<Empty>) {
        let mut asked = Vec::new();
        for change in self.changes.iter().filter(|c| loss::deletes(c)) {
            if resources::resource(&change.address.ty).is_some_and(|r| r.holds_data()) {
                asked.push((
                    change.address.clone(),
                    change.deposed.clone(),
                    change.provider.clone(),
                    change.before.clone(),
                ));
            }
        }
        let mut questions = Vec::new();
        for (address, deposed, provider, before) in asked {
            let Some(key) = ProviderKey::parse(&self.request.config, &provider) else { continue };
            let Some(aws) = self.aws(&key, None).await else { continue };
            let object = Object::from_value(&before.unmark_deep().0);
            let ty = address.ty.clone();
            let is_part = |address: &Address, stored: &Stored| {
                let within = resources::resource(&address.ty).and_then(|r| r.lies_within());
                within.is_some_and(|(name, holder)| *holder == *ty && stored.object.str(name) == object.str("id"))
            };
            let known = self.objects.iter().filter(|(a, s)| is_part(a, s) && s.provider == key).count();
            questions.push(loss::Question { address, deposed, aws, object, known });
        }
        let (losses, empty) = loss::look(questions).await;
        for l in &losses {
            let detail = format!(
                "The plan deletes {}, which holds {}. Nothing brings them back. Applying asks for the name of each such object, or \
                 takes -allow-data-loss.",
                l.address, l.what
            );
            let written = self.request.config.resource(&l.address.block()).map(|r| r.span.clone());
            self.world
                .diags
                .push(Diagnostic::warning("Data would be lost", detail).about(&l.address).at_opt(written.as_ref()));
        }
        (losses, empty)
    }

    /// What runs on objects that change or go.
    pub(super) async fn running(&mut self) -> Vec<Running> {
        let asked: Vec<_> = self
            .changes
            .iter()
            .filter(|c| seen::concerns_what_runs(c))
            .map(|c| (c.address.clone(), c.deposed.clone(), c.provider.clone(), c.before.clone()))
            .collect();
        let mut questions = Vec::new();
        for (address, deposed, provider, before) in asked {
            let Some(key) = ProviderKey::parse(&self.request.config, &provider) else { continue };
            let object = Object::from_value(&before.unmark_deep().0);
            let region = resources::resource(&address.ty).and_then(|r| region::of(&object, r.schema()));
            let Some(aws) = self.aws_in(&key, region.as_ref(), None).await else { continue };
            questions.push(seen::Question { address, deposed, aws, object });
        }
        seen::running(questions).await
    }
}
