//! The two sides of a change: what happens to each state, to each machine inside it, and to each way between states.
//!
//! Refuses to know how it is drawn.

use super::super::diff::{Difference, Fate, InsideChange, StateChange};
use super::super::model::{Machine, State, Transition};
use super::label::arrow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which machine is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    #[default]
    Only,
    Before,
    After,
}

/// What happens to a state, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Added,
    Changed,
    Removed,
}

impl Look {
    pub(super) fn class(self) -> &'static str {
        match self {
            Look::Added => "added",
            Look::Changed => "changed",
            Look::Removed => "removed",
        }
    }

    /// In front of the name: meaning does not lie in colour alone.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Look::Added => "#43; ",
            Look::Changed => "#126; ",
            Look::Removed => "#8722; ",
        }
    }

    /// Of a state.
    pub(super) fn style(self) -> &'static str {
        match self {
            Look::Added => "fill:#dafbe1,stroke:#1a7f37,color:#0a3d1a",
            Look::Changed => "fill:#fff8c5,stroke:#9a6700,color:#3b2300",
            Look::Removed => "fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-dasharray:4 3",
        }
    }

    /// Of a line or the frame of a box: seen on white and on black.
    pub(super) fn stroke(self) -> &'static str {
        match self {
            Look::Added => "#2da44e",
            Look::Changed => "#bf8700",
            Look::Removed => "#e5534b",
        }
    }
}

/// The change of a state of this side.
fn change_of<'a>(state: &State, difference: Option<&'a Difference>, side: Side) -> Option<&'a StateChange> {
    difference?.states.iter().find(|c| match (&c.fate, side) {
        (Fate::Renamed(old), Side::Before) => *old == state.name,
        (Fate::Added, Side::Before) | (Fate::Removed, Side::After | Side::Only) => false,
        _ => c.name == state.name,
    })
}

/// What happens to a state of this side.
pub(super) fn look(state: &State, difference: Option<&Difference>, side: Side) -> Option<Look> {
    Some(match change_of(state, difference, side)?.fate {
        Fate::Added => Look::Added,
        Fate::Removed => Look::Removed,
        Fate::Changed | Fate::Renamed(_) => Look::Changed,
    })
}

/// The change of a machine inside a state.
pub(super) fn inner<'a>(
    state: &State,
    label: &str,
    difference: Option<&'a Difference>,
    side: Side,
) -> Option<&'a InsideChange> {
    change_of(state, difference, side)?.inside.iter().find(|i| {
        let fits = i.label.split(" -> ").any(|l| l == label);
        fits && !matches!((&i.fate, side), (Fate::Added, Side::Before) | (Fate::Removed, Side::After | Side::Only))
    })
}

/// A way between two states of one machine, in words that are the same on both sides.
pub(super) type Way = (Vec<String>, String, String, String);

/// What a way is called on both sides, `path` being where its machine is.
pub(super) fn way(
    path: &[String],
    state: &State,
    group: &[&Transition],
    difference: Option<&Difference>,
    side: Side,
) -> Way {
    let after = |name: &Arc<str>| match (difference, side) {
        (Some(d), Side::Before) => {
            let renamed = d.states.iter().find(|c| matches!(&c.fate, Fate::Renamed(old) if old == name));
            renamed.map_or_else(|| name.to_string(), |c| c.name.to_string())
        }
        _ => name.to_string(),
    };
    let (line, label) = arrow(state, group);
    (path.to_vec(), after(&state.name), format!("{line}{label}"), group[0].to.as_ref().map(after).unwrap_or_default())
}

/// The step to a machine inside a state, the same on both sides.
pub(super) fn step(state: &State, label: &str, difference: Option<&Difference>, side: Side) -> String {
    let name = change_of(state, difference, side).map_or(&state.name, |c| &c.name);
    let label = inner(state, label, difference, side).map_or(label, |i| &i.label);
    format!("{name}/{label}")
}

/// All ways of a machine, of those inside it only where these change.
pub(super) fn all_ways(
    machine: &Machine,
    difference: &Difference,
    side: Side,
    path: &mut Vec<String>,
    out: &mut BTreeSet<Way>,
) {
    for state in machine.states.values() {
        for group in ways(state) {
            out.insert(way(path, state, &group, Some(difference), side));
        }
        for inside in &state.inside {
            let label = inside.label();
            if let Some(change) = inner(state, &label, Some(difference), side) {
                path.push(step(state, &label, Some(difference), side));
                all_ways(&inside.machine, &change.difference, side, path, out);
                path.pop();
            }
        }
    }
}

/// The ways out of a state, those by one kind to one state together.
pub(super) fn ways(state: &State) -> Vec<Vec<&Transition>> {
    let mut out: Vec<Vec<&Transition>> = Vec::new();
    for way in &state.transitions {
        let sort = |t: &Transition| std::mem::discriminant(&t.via);
        match out.iter_mut().find(|g| g[0].to.is_some() && g[0].to == way.to && sort(g[0]) == sort(way)) {
            Some(group) => group.push(way),
            None => out.push(vec![way]),
        }
    }
    out
}
