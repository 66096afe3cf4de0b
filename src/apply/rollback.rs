//! Undoing what a run did, on demand: what it created goes, what it changed in place becomes what it was, the latest first.
//!
//! What holds data is never deleted, and what was deleted cannot come back: that is told.

use super::{Answer, Call, Walk, send};
use crate::plan::events::Event;
use crate::plan::{Action, region, stored};
use crate::resources;
use crate::state::Instance;
use crate::state::journal::{self, Intent, Record, There};
use crate::value::Object;

/// Something that was done.
pub(super) struct Done {
    /// The change it was part of.
    pub(super) index: usize,
    /// What.
    pub(super) deed: What,
}

/// What was done to an object.
pub(super) enum What {
    /// Created.
    Made {
        /// As it is now.
        object: Object,
    },
    /// Changed in place.
    Changed {
        /// Its entry in the state before.
        previous: Box<Instance>,
        /// As it is now.
        object: Object,
    },
    /// Deleted.
    Deleted,
}

impl Walk<'_, '_> {
    /// Undoes what can be undone.
    pub(super) async fn roll_back(&mut self) {
        while let Some(done) = self.deeds.pop() {
            let plan = self.plan;
            let change = &plan.changes[done.index];
            let address = change.address.clone();
            let Some(resource) = resources::resource(&address.ty) else { continue };
            let set_aside = self.deposed.get(&done.index).cloned();
            let replaced = matches!(change.action, Action::DeleteThenCreate | Action::CreateThenDelete);
            let why = match &done.deed {
                What::Deleted => Some("was deleted".to_string()),
                What::Made { .. } if replaced && set_aside.is_none() => {
                    Some("takes the place of an object that was deleted".to_string())
                }
                What::Made { .. } if resource.holds_data() => Some("was created, and may hold data by now".to_string()),
                _ => None,
            };
            if let Some(why) = why {
                if !self.outcome.not_undone.iter().any(|(a, _)| *a == address) {
                    self.outcome.not_undone.push((address, why));
                }
                continue;
            }
            let of_deed = match &done.deed {
                What::Made { object } | What::Changed { object, .. } => region::of(object, resource.schema()),
                What::Deleted => None,
            };
            let Some(aws) = self.aws(change, of_deed).await else { continue };
            let place = aws.place_so_far().region;
            let (action, deed, call) = match &done.deed {
                What::Changed { previous, object } => {
                    let Ok(before) = stored::decode(resource, previous) else { continue };
                    let marks = stored::stored_marks(previous);
                    let call = Call::Update { resource, aws, prior: object.clone(), planned: before, marks };
                    (Action::Update, journal::Deed::Update, call)
                }
                What::Made { object } => (
                    Action::Delete,
                    journal::Deed::Delete,
                    Call::Delete { resource, aws, prior: object.clone(), planned: None },
                ),
                What::Deleted => continue,
            };
            let id = self.outcome.state.get(&address).and_then(|i| Some(i.attributes.get("id")?.as_str()?.to_string()));
            (self.request.watch)(Event::Started { address: address.clone(), deposed: None, action, id: id.clone() });
            let number = self.next_number();
            let object = match &call {
                Call::Update { planned, .. } => planned,
                Call::Delete { prior, .. } => prior,
                _ => continue,
            };
            let intent = Intent {
                run: self.request.keep.run(),
                number,
                at: String::new(),
                deed,
                address: address.clone(),
                deposed: None,
                provider: change.provider.clone(),
                region: place,
                object: crate::plan::settle::object(object, &change.before.marked_paths()),
                dependencies: self.dependencies_of(&address),
                create_before_destroy: change.create_before_destroy,
            };
            self.pending.push(Record::Intent(intent.into(), None));
            if !self.note().await {
                return;
            }
            let undone = match (send::send(&call).await, done.deed) {
                (Answer::Gone(Ok(())), _) => {
                    self.outcome.state.remove(&address);
                    if let Some(id) = set_aside {
                        self.outcome.state.restore(&address, &id);
                    }
                    self.outcome.done.add = self.outcome.done.add.saturating_sub(1);
                    Ok(())
                }
                (Answer::Object(Ok(_)), What::Changed { previous, .. }) => {
                    self.outcome.state.set(&address, &change.provider, *previous);
                    self.outcome.done.change = self.outcome.done.change.saturating_sub(1);
                    Ok(())
                }
                (Answer::Gone(Err(e)) | Answer::Object(Err(e)), _) => Err(e),
                _ => continue,
            };
            match undone {
                Ok(()) => {
                    self.pending.push(Record::Done(number, vec![There::of(&self.outcome.state, &address)]));
                    self.outcome.undone.push(address.clone());
                    (self.request.watch)(Event::Finished { address, deposed: None, action, id });
                }
                Err(e) => {
                    if !e.is(resources::ErrorKind::Doubtful) {
                        self.pending.push(Record::Done(number, Vec::new()));
                    }
                    (self.request.watch)(Event::Failed { address: address.clone(), deposed: None, action });
                    self.outcome.not_undone.push((address, format!("could not be undone: {e}")));
                }
            }
        }
        self.note().await;
    }
}
