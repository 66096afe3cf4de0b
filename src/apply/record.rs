//! What a step did, taken over: into the state, into the names that others see, and held against what was planned.

use super::{Answer, Call, Walk, id_of, rollback};
use crate::address::Address;
use crate::diag::Diagnostic;
use crate::plan::conditions::Judged;
use crate::plan::events::Event;
use crate::plan::{Action, Change, Deed, diff, failure, remember_data, stored};
use crate::resources::{self, ErrorKind, Resource};
use crate::value::{Fields, Marks, Object, Path, Value};
use std::sync::Arc;

impl Walk<'_, '_> {
    /// Takes over what a step did; false if what waits for it must not begin.
    pub(super) fn record(&mut self, step: usize, call: Call, answer: Answer) -> bool {
        let (index, half) = match self.plan.steps[step].deed {
            Deed::Join => return true,
            Deed::Do(c) => (c, None),
            Deed::DeleteHalf(c) => (c, Some(Action::Delete)),
            Deed::CreateHalf(c) => (c, Some(Action::Create)),
        };
        let plan = self.plan;
        let change = &plan.changes[index];
        let action = half.unwrap_or(change.action);
        let (address, deposed) = (change.address.clone(), change.deposed.clone());
        let mut id = id_of(&change.before);
        let open = matches!(&answer, Answer::Object(Err(e)) | Answer::Gone(Err(e)) if e.is(ErrorKind::Doubtful) && e.partial.is_none());
        let done = match (call, answer) {
            (Call::Nothing, _) => {
                self.only_state(change);
                self.concluded(step, &address, false);
                return true;
            }
            (Call::Delete { .. }, Answer::Gone(Ok(()))) => {
                self.deeds.push(rollback::Done { index, deed: rollback::What::Deleted });
                self.forget(index, change);
                self.outcome.done.destroy += 1;
                true
            }
            (Call::Delete { .. }, Answer::Gone(Err(e))) => self.failed(change, &e),
            (Call::Read { source, marks, .. }, Answer::Object(Ok(object))) => {
                let mut marks = marks;
                let value = object.to_value();
                marks.extend(stored::schema_marks(&source.schema().block, &value));
                let value = value.mark_at(&marks);
                id = id_of(&value);
                remember_data(&mut self.outcome.state, &address, &change.provider, &value);
                self.settled(&address, value)
            }
            (Call::Create { resource, planned, marks, .. }, Answer::Object(result)) => {
                let created = self.made(index, change, resource, &planned, &marks, result, true);
                if let Some(value) = &created {
                    id = id_of(value);
                    self.outcome.done.add += 1;
                }
                created.is_some_and(|value| self.settled(&address, value))
            }
            (Call::Update { resource, planned, marks, .. }, Answer::Object(result)) => {
                let updated = self.made(index, change, resource, &planned, &marks, result, false);
                if updated.is_some() {
                    self.outcome.done.change += 1;
                    self.outcome.done.import += usize::from(change.importing.is_some());
                }
                updated.is_some_and(|value| self.settled(&address, value))
            }
            (_, Answer::Object(Err(e))) => self.failed(change, &e),
            _ => false,
        };
        self.concluded(step, &address, open);
        (self.request.watch)(match done {
            true => Event::Finished { address, deposed, action, id },
            false => Event::Failed { address, deposed, action },
        });
        done
    }

    fn failed(&mut self, change: &Change, e: &resources::Error) -> bool {
        let place = self.plan.config.resource(&change.address.block()).map(|r| r.span.clone());
        self.outcome.diags.push(failure(e, Some(&change.address)).at_opt(place.as_ref()));
        false
    }

    /// An object that was created or updated, or half so: into the state, and held against what was planned.
    #[allow(clippy::too_many_arguments)]
    fn made(
        &mut self,
        index: usize,
        change: &Change,
        resource: &'static dyn Resource,
        planned: &Object,
        marks: &[(Path, Marks)],
        result: resources::Result<Object>,
        created: bool,
    ) -> Option<Value> {
        let (object, error) = match result {
            Ok(object) => (object, None),
            Err(mut e) => match e.partial.take() {
                Some(object) => (*object, Some(e)),
                None => {
                    // Where nobody knows, the two stay apart until it is looked up.
                    if !e.is(ErrorKind::Doubtful)
                        && let Some(id) = self.deposed.remove(&index)
                    {
                        // Nothing was made: the old object is the object again.
                        self.outcome.state.restore(&change.address, &id);
                    }
                    self.failed(change, &e);
                    return None;
                }
            },
        };
        let wrong = if error.is_none() { diff::repainted(resource, planned, &object) } else { Vec::new() };
        let object = diff::without_holes(diff::keep_form(resource, planned, object));
        let previous = match created {
            true => None,
            false => self.outcome.state.get(&change.address).cloned(),
        };
        let dependencies = self
            .plan
            .dependencies
            .get(&change.address.block())
            .map(|d| stored::dependency_names(d))
            .unwrap_or_default();
        let mut instance =
            stored::encode(resource, &object, marks, previous.as_ref(), dependencies, change.create_before_destroy);
        instance.key.clone_from(&change.address.key);
        // What only the way to AWS stood in the way of can be completed as it is.
        let passing = |e: &resources::Error| {
            matches!(e.kind, ErrorKind::Doubtful | ErrorKind::Unreachable | ErrorKind::Throttled)
        };
        instance.tainted = created && error.as_ref().is_some_and(|e| !passing(e));
        let deed = match previous {
            Some(previous) => rollback::What::Changed { previous: previous.into(), object: object.clone() },
            None => rollback::What::Made { object: object.clone() },
        };
        self.deeds.push(rollback::Done { index, deed });
        self.outcome.state.set(&change.address, &change.provider, instance);
        if let Some(e) = error {
            self.failed(change, &e);
            return None;
        }
        let value = object.to_value().mark_at(marks);
        if !wrong.is_empty() {
            let show = |v: Option<Value>| v.map_or_else(|| "nothing".to_string(), |v| format!("{v:?}"));
            let lines: Vec<String> = wrong
                .iter()
                .map(|path| {
                    let hidden = marks.iter().any(|(p, m)| m.sensitive && (p.contains(path) || path.contains(p)));
                    match hidden {
                        true => format!("  {path}: (sensitive)"),
                        false => format!(
                            "  {path}: planned {}, got {}",
                            show(path.of(&planned.to_value())),
                            show(path.of(&object.to_value()))
                        ),
                    }
                })
                .collect();
            self.outcome.diags.push(
                Diagnostic::error(
                    "AWS made something else than was planned",
                    format!(
                        "{} is there and recorded in the state, but differs from the plan:\n\n{}",
                        change.address,
                        lines.join("\n")
                    ),
                )
                .about(&change.address)
                .help("What depends on it was not begun. Plan again to see what is left to do."),
            );
            return None;
        }
        Some(value)
    }

    /// A finished object: references to it see its final value. Postconditions are judged.
    fn settled(&mut self, address: &Address, value: Value) -> bool {
        self.world.set_object(address, value.clone());
        let Some(node) = self.links.find_block(&address.block()) else { return true };
        self.world.spoil_users(node);
        let config = self.plan.config.clone();
        let Some(written) = config.resource(&address.block()) else { return true };
        if written.lifecycle.postconditions.is_empty() {
            return true;
        }
        let names = self.world.repetition(&address.module, node).names(address.key.as_ref());
        let mut me: Fields = names.map(|n| (*n).clone()).unwrap_or_default();
        me.insert("self".into(), value);
        let posts = &written.lifecycle.postconditions;
        self.world.conditions(Judged::After(address), posts, Some(&Arc::new(me)))
    }

    /// Takes a deleted object out of the state.
    fn forget(&mut self, index: usize, change: &Change) {
        let set_aside = change.deposed.clone().or_else(|| self.deposed.get(&index).cloned());
        match set_aside {
            Some(id) => self.outcome.state.remove_deposed(&change.address, &id),
            None => self.outcome.state.remove(&change.address),
        };
    }

    /// Forgetting, and taking over what is imported as it is.
    fn only_state(&mut self, change: &Change) {
        match change.action {
            Action::Forget => {
                self.outcome.state.remove(&change.address);
                self.outcome.done.forget += 1;
            }
            _ => {
                let Some(resource) = resources::resource(&change.address.ty) else { return };
                let marks = change.after.marked_paths();
                let object = Object::from_value(&change.after.clone().unmark_deep().0);
                let dependencies = self
                    .plan
                    .dependencies
                    .get(&change.address.block())
                    .map(|d| stored::dependency_names(d))
                    .unwrap_or_default();
                let mut instance =
                    stored::encode(resource, &object, &marks, None, dependencies, change.create_before_destroy);
                instance.key.clone_from(&change.address.key);
                self.outcome.state.set(&change.address, &change.provider, instance);
            }
        }
        if change.importing.is_some() {
            self.outcome.done.import += 1;
        }
    }
}
