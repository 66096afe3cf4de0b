//! A saved plan and the state as it is by now: whether what the plan touches is as it was, and if so, the plan on top of it.
//!
//! What the plan neither changes nor reads may have moved on: it is taken as it is now. Refuses to look at the world.

use super::{Action, Plan, stored};
use crate::address::{Address, BlockAddress};
use crate::resources;
use crate::state::journal::There;
use crate::state::{Instance, State};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is not as the plan saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// `aws_iam_role.x` or `output.x`.
    pub what: String,
    /// How: a line each.
    pub how: Vec<String>,
}

/// Puts the plan on top of `now`, a later version of the state it was made of.
///
/// # Errors
/// What the plan changes, or needs for that, and is not as it was.
pub fn rebase(plan: &mut Plan, now: &State) -> Result<(), Vec<Moved>> {
    let touched = touched(plan);
    let before = plan.prior_state.clone();
    let mut addresses: BTreeSet<Address> = before.objects().map(|(a, ..)| a).collect();
    addresses.extend(now.objects().map(|(a, ..)| a));
    let mut moved = Vec::new();
    let mut later: BTreeMap<Address, There> = BTreeMap::new();
    for address in addresses {
        let (was, is) = (There::of(&before, &address), There::of(now, &address));
        if same(&was, &is) {
            continue;
        }
        if touched.contains(&address.block()) {
            moved.push(Moved { what: address.to_string(), how: differences(&was, &is) });
        } else {
            later.insert(address, is);
        }
    }
    for (name, change) in &mut plan.outputs {
        let (was, is) = (before.outputs.get(name), now.outputs.get(name));
        if was == is {
            continue;
        }
        match (change.action, is) {
            (Action::NoOp, Some(is)) => {
                change.before = is.value.clone();
                change.after = is.value.clone();
            }
            // Whoever changed it before us: what we make of it is worked out anew from what is there.
            _ => moved.push(Moved { what: format!("output.{name}"), how: vec!["has another value".into()] }),
        }
    }
    if !moved.is_empty() {
        return Err(moved);
    }
    let mut refreshed = now.clone();
    let seen: BTreeSet<Address> = plan.refreshed_state.objects().map(|(a, ..)| a).collect();
    let gone = before.objects().map(|(a, ..)| a).filter(|a| !seen.contains(a)).collect::<Vec<_>>();
    for address in seen.iter().chain(&gone).filter(|a| !later.contains_key(*a)) {
        let there = There::of(&plan.refreshed_state, address);
        if there != There::of(&before, address) {
            there.apply(&mut refreshed);
        }
    }
    for change in plan.changes.iter_mut().filter(|c| c.action == Action::NoOp) {
        // Nothing is done with it; what it is, outputs may still ask.
        let instance = later.get(&change.address).and_then(|t| t.instances.iter().find(|i| i.deposed.is_none()));
        let value = instance.and_then(|instance| {
            let object = stored::decode(resources::resource(&change.address.ty)?, instance).ok()?;
            Some(object.to_value().mark_at(&stored::stored_marks(instance)))
        });
        if let Some(value) = value {
            change.before = value.clone();
            change.after = value;
        }
    }
    plan.prior_state = now.clone();
    plan.refreshed_state = refreshed;
    Ok(())
}

/// The blocks that the plan changes, and those it needs for that.
fn touched(plan: &Plan) -> BTreeSet<BlockAddress> {
    let changed = |c: &&super::Change| c.action != Action::NoOp || c.importing.is_some() || c.previous.is_some();
    let mut touched = BTreeSet::new();
    for change in plan.changes.iter().filter(changed) {
        let block = change.address.block();
        touched.extend(plan.dependencies.get(&block).into_iter().flatten().cloned());
        touched.extend(change.previous.as_ref().map(Address::block));
        touched.insert(block);
    }
    touched
}

/// Whether both say the same: what a look at the world only writes in another form (no tags as null or as none) is no difference.
fn same(was: &There, is: &There) -> bool {
    let nothing = |json: &Json| match json {
        Json::Null | Json::Bool(false) => true,
        Json::Number(n) => n.as_f64() == Some(0.0),
        Json::String(s) => s.is_empty(),
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.is_empty(),
        Json::Bool(true) => false,
    };
    let bare = |there: &There| {
        let mut instances = there.instances.clone();
        instances.iter_mut().for_each(|i| i.attributes.retain(|_, v| !nothing(v)));
        instances
    };
    bare(was) == bare(is)
}

fn differences(was: &There, is: &There) -> Vec<String> {
    let current = |there: &There| there.instances.iter().find(|i| i.deposed.is_none()).cloned();
    match (current(was), current(is)) {
        (None, Some(_)) => vec!["is in the state by now".into()],
        (Some(_), None) => vec!["is not in the state any more".into()],
        (Some(was), Some(is)) => {
            let how = attributes(&was, &is);
            if how.is_empty() { vec!["its entry in the state was changed".into()] } else { how }
        }
        (None, None) => vec!["its deposed objects are others".into()],
    }
}

fn attributes(was: &Instance, is: &Instance) -> Vec<String> {
    let names: BTreeSet<&String> = was.attributes.keys().chain(is.attributes.keys()).collect();
    let secret = |name: &str| {
        let named =
            |i: &Instance| i.sensitive_attributes.iter().any(|p| p.to_string().contains(&format!("\"{name}\"")));
        named(was) || named(is)
    };
    let show = |json: Option<&Json>| {
        let text = json.map_or_else(|| "null".into(), Json::to_string);
        if text.chars().count() > 60 { format!("{}…", text.chars().take(59).collect::<String>()) } else { text }
    };
    let mut how = Vec::new();
    for name in names {
        let (a, b) = (was.attributes.get(name), is.attributes.get(name));
        if a.unwrap_or(&Json::Null) == b.unwrap_or(&Json::Null) {
            continue;
        }
        how.push(match secret(name) {
            true => format!("{name}: (sensitive)"),
            false => format!("{name}: {} → {}", show(a), show(b)),
        });
    }
    if was.tainted != is.tainted {
        how.push(if is.tainted { "is tainted".into() } else { "is not tainted any more".into() });
    }
    how
}
