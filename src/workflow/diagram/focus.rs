//! What of a large machine is drawn: what changes and what is next to it; the rest is folded.
//!
//! Refuses to know how it is drawn.

use super::super::diff::Difference;
use super::super::model::Machine;
use super::side::{Side, look};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A picture of a change with more states than this shows only what changes and what is next to it.
pub(super) const WHOLE: usize = 24;

/// The states that are drawn; the others are folded.
pub(super) type Kept = BTreeSet<Arc<str>>;

/// All of them.
pub(super) fn keep_all(machine: &Machine) -> Kept {
    machine.states.keys().cloned().collect()
}

/// Of a large machine only what changes, what is next to it, and the start.
pub(super) fn focus(machine: &Machine, difference: &Difference, side: Side) -> Kept {
    if machine.all_states().len() <= WHOLE {
        return keep_all(machine);
    }
    let changed: Kept =
        machine.states.values().filter(|s| look(s, Some(difference), side).is_some()).map(|s| s.name.clone()).collect();
    let mut kept = changed.clone();
    for state in machine.states.values() {
        let mut to = state.transitions.iter().filter_map(|t| t.to.clone());
        if changed.contains(&state.name) {
            kept.extend(to);
        } else if to.any(|to| changed.contains(&to)) {
            kept.insert(state.name.clone());
        }
    }
    kept.extend(machine.start_at.clone());
    kept.retain(|name| machine.states.contains_key(name));
    // A fold of one state tells less than the state itself.
    for group in folds(machine, &kept).into_iter().filter(|g| g.len() == 1) {
        kept.extend(group);
    }
    kept
}

/// Runs of states that are not drawn, each connected. An end that many lead to connects nothing.
pub(super) fn folds(machine: &Machine, kept: &Kept) -> Vec<Vec<Arc<str>>> {
    let mut from: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for state in machine.states.values() {
        for to in state.transitions.iter().filter_map(|t| t.to.as_deref()) {
            from.entry(to).or_default().insert(&state.name);
        }
    }
    let is_end = |name: &str| {
        let ends = machine.states.get(name).is_some_and(|s| s.transitions.is_empty());
        ends && from.get(name).is_some_and(|f| f.len() > 1)
    };
    let mut near: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for state in machine.states.values().filter(|s| !kept.contains(&s.name)) {
        for to in state.transitions.iter().filter_map(|t| t.to.as_deref()) {
            if machine.states.contains_key(to) && !kept.contains(to) && !is_end(to) {
                near.entry(&state.name).or_default().push(to);
                near.entry(to).or_default().push(&state.name);
            }
        }
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut out = Vec::new();
    for state in machine.walk().into_iter().filter(|s| !kept.contains(&s.name)) {
        let mut group = Vec::new();
        let mut open = vec![&*state.name];
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                group.push(Arc::from(name));
                open.extend(near.get(name).into_iter().flatten());
            }
        }
        if !group.is_empty() {
            out.push(group);
        }
    }
    out
}
