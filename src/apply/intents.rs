//! What the journal is told: each intent before its call goes out, each result after.

use super::{Call, Walk};
use crate::address::{Address, Mode as BlockMode};
use crate::plan::{Deed, region, settle, stored};
use crate::resources::Aws;
use crate::state::journal::{self, Intent, Record, There};
use crate::value::{Marks, Object, Path};

impl Walk<'_, '_> {
    /// Notes what a step is about to change in the world. What only the state is about needs no note.
    pub(super) fn intend(&mut self, step: usize, call: &Call) {
        let (deed, object, marks, aws): (_, &Object, &[(Path, Marks)], &Aws) = match call {
            Call::Create { planned, marks, aws, .. } => (journal::Deed::Create, planned, marks, aws),
            Call::Update { planned, marks, aws, .. } => (journal::Deed::Update, planned, marks, aws),
            Call::Delete { prior, aws, .. } => (journal::Deed::Delete, prior, &[], aws),
            Call::Read { .. } | Call::Nothing => return,
        };
        let Some(index) = self.change_of(step) else { return };
        let change = &self.plan.changes[index];
        if change.provider.contains("terraform.io/builtin/") {
            // Its objects are in the state and nowhere else.
            return;
        }
        let set_aside = self.deposed.get(&index).cloned();
        // An object that is set aside is part of the state from now on.
        let there = (deed == journal::Deed::Create && set_aside.is_some())
            .then(|| There::of(&self.outcome.state, &change.address));
        let marks = match deed {
            journal::Deed::Delete => change.before.marked_paths(),
            _ => marks.to_vec(),
        };
        // Types know nothing of the region that an object carries.
        let carried = if deed == journal::Deed::Delete { &change.before } else { &change.after };
        let mut object = object.clone();
        if let Some(region) = carried.get(region::NAME).filter(|r| r.is_known() && !r.is_null()) {
            object.set(region::NAME, region.clone().unmark_deep().0);
        }
        let intent = Intent {
            run: self.request.keep.run(),
            number: self.next_number(),
            at: settle::moment(aws.clock().now()),
            deed,
            address: change.address.clone(),
            deposed: change.deposed.clone().or(set_aside),
            provider: change.provider.clone(),
            region: aws.place_so_far().region,
            object: settle::object(&object, &marks),
            dependencies: self.dependencies_of(&change.address),
            create_before_destroy: change.create_before_destroy,
        };
        self.intents.insert(step, intent.number);
        self.pending.push(Record::Intent(intent.into(), there));
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.noted += 1;
        self.noted
    }

    /// Notes what is at `address` after a step. An intent of which nobody knows what came of it stays `open`.
    pub(super) fn concluded(&mut self, step: usize, address: &Address, open: bool) {
        let number = self.intents.remove(&step);
        if open || address.mode != BlockMode::Managed {
            return;
        }
        self.pending.push(Record::Done(number.unwrap_or_default(), vec![There::of(&self.outcome.state, address)]));
    }

    /// A step whose intent could not be noted does not begin.
    pub(super) fn call_off(&mut self, step: usize) {
        self.intents.remove(&step);
        let Some(index) = self.change_of(step) else { return };
        if let Some(id) = self.deposed.remove(&index) {
            self.outcome.state.restore(&self.plan.changes[index].address, &id);
        }
    }

    /// Puts what is pending into the journal; false if it cannot be kept.
    pub(super) async fn note(&mut self) -> bool {
        if self.pending.is_empty() {
            return true;
        }
        let pending = std::mem::take(&mut self.pending);
        match self.request.keep.note(&pending).await {
            Ok(()) => true,
            Err(d) => {
                self.outcome.diags.push(d);
                false
            }
        }
    }

    pub(super) fn change_of(&self, step: usize) -> Option<usize> {
        match self.plan.steps[step].deed {
            Deed::Do(c) | Deed::DeleteHalf(c) | Deed::CreateHalf(c) => Some(c),
            Deed::Join => None,
        }
    }

    /// As the state spells them.
    pub(super) fn dependencies_of(&self, address: &Address) -> Vec<String> {
        self.plan.dependencies.get(&address.block()).map(|d| stored::dependency_names(d)).unwrap_or_default()
    }
}
