//! Changes → steps, each with the steps it waits for. Pure.
//!
//! Making goes along what needs what, deleting against it. A replacement deletes first unless its block, or anything that needs it and is
//! replaced too, asks for `create_before_destroy`.

use super::links::Links;
use super::{Action, Change, Deed, Plan, Step, stored};
use crate::address::BlockAddress;
use crate::diag::Diagnostic;
use crate::graph;
use crate::resources;
use crate::state::{Instance, State};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// From so many steps on, those who wait for all of them wait for one that stands for them.
const JOIN_FROM: usize = 4;

/// Block → the blocks it needs, from the configuration and from what the state remembers.
type BlockNeeds = BTreeMap<BlockAddress, BTreeSet<BlockAddress>>;

/// Orders the plan's changes: fills [`Plan::steps`], and turns replacements round where they must create first.
///
/// # Errors
/// A circle, which only contradictory `create_before_destroy` can make.
pub fn order(plan: &mut Plan, links: &Links) -> Result<(), Diagnostic> {
    let needs = block_needs(plan, links);
    note_create_before_destroy(plan, &needs);
    note_marks(plan);
    spread_create_before_destroy(&mut plan.changes, &needs);
    plan.steps = steps(&plan.changes, &needs)?;
    Ok(())
}

fn block_needs(plan: &Plan, links: &Links) -> BlockNeeds {
    let mut needs: BlockNeeds = BTreeMap::new();
    for (node, list) in links.direct_resources(true) {
        let Some(block) = links.block(node) else { continue };
        needs.entry(block).or_default().extend(list.iter().filter_map(|n| links.block(*n)));
    }
    // What the state remembers counts for what the configuration no longer has.
    let stored = stored_needs(&plan.refreshed_state);
    for (block, list) in &stored {
        if !needs.contains_key(block) {
            needs.insert(block.clone(), list.clone());
        }
    }
    // Whoever uses an object goes before what completes it, in the state too, unless that would close a circle.
    let completes = |b: &BlockAddress| resources::resource(&b.ty).and_then(|r| r.completes());
    for (completer, owners) in stored.iter().filter(|(b, _)| completes(b).is_some()) {
        let Some((_, owner_type)) = completes(completer) else { continue };
        let owners: Vec<&BlockAddress> = owners.iter().filter(|o| *o.ty == *owner_type).collect();
        let below = below(completer, &needs);
        for (user, uses) in stored.iter().filter(|(b, _)| completes(b).is_none()) {
            if !below.contains(user) && !owners.contains(&user) && owners.iter().any(|o| uses.contains(*o)) {
                needs.entry(user.clone()).or_default().insert(completer.clone());
            }
        }
    }
    needs
}

/// All that a block needs, directly or through others.
fn below(block: &BlockAddress, needs: &BlockNeeds) -> BTreeSet<BlockAddress> {
    let mut seen = BTreeSet::new();
    let mut open = vec![block];
    while let Some(b) = open.pop() {
        for need in needs.get(b).into_iter().flatten() {
            if seen.insert(need.clone()) {
                open.push(need);
            }
        }
    }
    seen
}

fn stored_needs(state: &State) -> BlockNeeds {
    let mut out: BlockNeeds = BTreeMap::new();
    for (address, _, instance) in state.objects() {
        let list = out.entry(address.block()).or_default();
        for name in &instance.dependencies {
            if let Ok(a) = name.parse::<crate::address::Address>() {
                list.insert(a.block());
            }
        }
    }
    out
}

/// The blocks of these changes that are created first, and all they need.
fn created_first<'a>(changes: impl Iterator<Item = &'a Change>, needs: &BlockNeeds) -> BTreeSet<BlockAddress> {
    let mut open: Vec<BlockAddress> = changes.filter(|c| c.create_before_destroy).map(|c| c.address.block()).collect();
    let mut seen: BTreeSet<BlockAddress> = BTreeSet::new();
    while let Some(block) = open.pop() {
        if seen.insert(block.clone()) {
            open.extend(needs.get(&block).into_iter().flatten().cloned());
        }
    }
    seen
}

/// A replaced object that is created first needs its own replaced needs created first as well.
fn spread_create_before_destroy(changes: &mut [Change], needs: &BlockNeeds) {
    let seen = created_first(changes.iter(), needs);
    for change in changes.iter_mut().filter(|c| seen.contains(&c.address.block())) {
        change.create_before_destroy = true;
        if change.action == Action::DeleteThenCreate {
            change.action = Action::CreateThenDelete;
        }
    }
}

/// What the state says of the order of an object's replacement follows the configuration, whether or not anything is done to it.
fn note_create_before_destroy(plan: &mut Plan, needs: &BlockNeeds) {
    let stays = |c: &&Change| c.deposed.is_none() && !matches!(c.action, Action::Delete | Action::Forget);
    let first = created_first(plan.changes.iter().filter(stays), needs);
    for change in plan.changes.iter().filter(stays) {
        let Some(noted) = plan.refreshed_state.get(&change.address) else { continue };
        let create_before_destroy = first.contains(&change.address.block());
        if noted.create_before_destroy != create_before_destroy {
            let noted = Instance { create_before_destroy, ..noted.clone() };
            plan.refreshed_state.set(&change.address, &change.provider, noted);
        }
    }
}

/// Of an object that stays as it is, what must not be shown follows the configuration, too.
fn note_marks(plan: &mut Plan) {
    for change in plan.changes.iter().filter(|c| c.action == Action::NoOp && c.deposed.is_none()) {
        let Some(noted) = plan.refreshed_state.get(&change.address) else { continue };
        let wanted = stored::sensitive_paths(&change.after.marked_paths());
        let sorted = |paths: &[serde_json::Value]| {
            let mut texts: Vec<String> = paths.iter().map(ToString::to_string).collect();
            texts.sort();
            texts
        };
        if sorted(&wanted) != sorted(&noted.sensitive_attributes) {
            let noted = Instance { sensitive_attributes: wanted, ..noted.clone() };
            plan.refreshed_state.set(&change.address, &change.provider, noted);
        }
    }
}

/// The steps of one block, by what they do.
#[derive(Default)]
struct BlockSteps {
    /// Creating, updating, reading, forgetting; the creating half of replacements.
    making: Vec<usize>,
    /// Deleting; the deleting half of replacements.
    deleting: Vec<usize>,
    /// Deleting halves of replacements that delete first: the creating half waits for its own.
    delete_first: Vec<usize>,
}

fn steps(changes: &[Change], needs: &BlockNeeds) -> Result<Vec<Step>, Diagnostic> {
    let mut steps: Vec<Step> = Vec::new();
    let mut blocks: BTreeMap<BlockAddress, BlockSteps> = BTreeMap::new();
    let mut push = |deed: Deed, after: Vec<usize>| {
        steps.push(Step { deed, after });
        steps.len() - 1
    };
    for (i, change) in changes.iter().enumerate() {
        let here = blocks.entry(change.address.block()).or_default();
        match change.action {
            Action::NoOp if change.importing.is_none() => {}
            Action::NoOp | Action::Create | Action::Update | Action::Read | Action::Forget => {
                here.making.push(push(Deed::Do(i), Vec::new()));
            }
            Action::Delete => here.deleting.push(push(Deed::Do(i), Vec::new())),
            Action::DeleteThenCreate => {
                let delete = push(Deed::DeleteHalf(i), Vec::new());
                here.deleting.push(delete);
                here.delete_first.push(delete);
                here.making.push(push(Deed::CreateHalf(i), vec![delete]));
            }
            Action::CreateThenDelete => {
                let create = push(Deed::CreateHalf(i), Vec::new());
                here.making.push(create);
                here.deleting.push(push(Deed::DeleteHalf(i), vec![create]));
            }
        }
    }
    let mut joins: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut wait_all = |steps: &mut Vec<Step>, waiting: &[usize], on: &[usize]| {
        if on.is_empty() || waiting.is_empty() {
            return;
        }
        let on: Vec<usize> = if on.len() >= JOIN_FROM && waiting.len() >= JOIN_FROM {
            let join = *joins.entry(on.to_vec()).or_insert_with(|| {
                steps.push(Step { deed: Deed::Join, after: on.to_vec() });
                steps.len() - 1
            });
            vec![join]
        } else {
            on.to_vec()
        };
        for w in waiting {
            steps[*w].after.extend(on.iter().filter(|o| *o != w));
        }
    };
    // Pairs of who waits and on whom that may be given up where they close a circle.
    let mut wishes: BTreeSet<(usize, usize)> = BTreeSet::new();
    let all: Vec<(BlockAddress, BTreeSet<BlockAddress>)> =
        blocks.keys().map(|block| (block.clone(), nearest(block, needs, &blocks))).collect();
    for (block, needed) in &all {
        let Some(mine) = blocks.get(block) else { continue };
        for need in needed {
            let Some(theirs) = blocks.get(need) else { continue };
            wait_all(&mut steps, &mine.making, &theirs.making);
            let delete_last: Vec<usize> =
                theirs.deleting.iter().copied().filter(|d| !theirs.delete_first.contains(d)).collect();
            // What is deleted for good, or after its replacement stands, waits until nobody uses it.
            let before: Vec<usize> = delete_last.iter().map(|d| steps[*d].after.len()).collect();
            wait_all(&mut steps, &delete_last, &mine.making);
            for (d, before) in delete_last.iter().zip(before) {
                // One instance of several goes, and others are made: those that use the block need not be those that used this one.
                if matches!(steps[*d].deed, Deed::Do(_)) {
                    wishes.extend(steps[*d].after.iter().skip(before).map(|on| (*d, *on)));
                }
            }
            wait_all(&mut steps, &theirs.deleting, &mine.deleting);
        }
    }
    for step in &mut steps {
        step.after.sort_unstable();
        step.after.dedup();
    }
    loop {
        let web: graph::Needs = steps.iter().map(|s| s.after.clone()).collect();
        let Err(circle) = graph::order(&web) else { break };
        let pairs = circle.iter().zip(circle.iter().cycle().skip(1)).flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
        if let Some(wish) = pairs.into_iter().find(|pair| wishes.contains(pair)) {
            wishes.remove(&wish);
            steps[wish.0].after.retain(|on| *on != wish.1);
            continue;
        }
        let names: Vec<String> = circle
            .iter()
            .filter_map(|s| match steps[*s].deed {
                Deed::Do(i) | Deed::CreateHalf(i) => Some(changes[i].address.to_string()),
                Deed::DeleteHalf(i) => Some(format!("{} (destroy)", changes[i].address)),
                Deed::Join => None,
            })
            .collect();
        return Err(Diagnostic::error(
            "Cycle",
            format!("The changes need each other's results, so none can come first: {}.", names.join(", ")),
        )
        .help("Set create_before_destroy on what is replaced, or apply in two steps with -target."));
    }
    Ok(steps)
}

/// The blocks with steps that a block needs; what is needed may lie behind blocks without any.
fn nearest(
    block: &BlockAddress,
    needs: &BlockNeeds,
    active: &BTreeMap<BlockAddress, BlockSteps>,
) -> BTreeSet<BlockAddress> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<&BlockAddress> = needs.get(block).into_iter().flatten().collect();
    while let Some(b) = open.pop() {
        if !seen.insert(b) {
            continue;
        }
        if active.get(b).is_some_and(|s| !s.making.is_empty() || !s.deleting.is_empty()) {
            found.insert(b.clone());
        } else {
            open.extend(needs.get(b).into_iter().flatten());
        }
    }
    found.remove(block);
    found
}
