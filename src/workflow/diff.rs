//! How one state machine becomes another: states added, removed, renamed and changed, field by field, and the ways that move.
//!
//! Refuses to know how it is shown.

use super::condition;
use super::model::{Inside, Machine, State, strings};
use crate::value::{Fields, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What happens to a state, a rule, or a machine inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not there before.
    Added,
    /// Not there afterwards.
    Removed,
    /// There before and after, but not the same.
    Changed,
    /// The same state under another name; this was its name. It may have changed, too.
    Renamed(Arc<str>),
}

/// One field that is not the same before and after; `None` where it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its name.
    pub name: Arc<str>,
    /// Before.
    pub before: Option<Value>,
    /// After.
    pub after: Option<Value>,
}

/// A retrier, a catcher or a rule of a Choice state that is not the same before and after.
#[derive(Clone, Debug)]
pub struct ItemChange {
    /// `Retry`, `Catch`, `Choices`.
    pub list: &'static str,
    /// What tells it from the others: its errors, its condition.
    pub label: String,
    /// What happens to it.
    pub fate: Fate,
    /// Its fields: all where it is added or removed.
    pub fields: Vec<FieldChange>,
    /// Whether it is only tried in another place of the order.
    pub moved: bool,
}

/// A machine inside a state that is not the same before and after.
#[derive(Clone, Debug)]
pub struct InsideChange {
    /// `branch 2`, `ItemProcessor`.
    pub label: String,
    /// What happens to it.
    pub fate: Fate,
    /// How it differs; from or to an empty machine where it is added or removed.
    pub difference: Difference,
}

/// A state that is not the same before and after.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// Its name afterwards; before where it is gone.
    pub name: Arc<str>,
    /// `Type`, and what a Task calls: `Task dynamodb:putItem`. As afterwards.
    pub sort: String,
    /// What happens to it.
    pub fate: Fate,
    /// Plain fields.
    pub fields: Vec<FieldChange>,
    /// Retriers, catchers and rules.
    pub items: Vec<ItemChange>,
    /// Machines inside.
    pub inside: Vec<InsideChange>,
}

/// How one machine becomes another.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Fields of the machine itself: `StartAt`, `TimeoutSeconds`, `Comment`.
    pub fields: Vec<FieldChange>,
    /// The states that are not the same, in the order in which an execution may reach them; what is gone stands behind.
    pub states: Vec<StateChange>,
    /// How many states are the same.
    pub same: usize,
    /// Whether the picture has another shape: a state more or less, or a way that leads elsewhere.
    pub reshaped: bool,
}

/// How many states are added, removed, renamed and changed, those inside others counted too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Added.
    pub added: usize,
    /// Removed.
    pub removed: usize,
    /// Renamed.
    pub renamed: usize,
    /// Changed in place.
    pub changed: usize,
}

impl Tally {
    /// `1 state added, 2 changed`; empty where nothing happens to any state.
    pub fn words(self) -> String {
        let mut out = String::new();
        for (n, what) in
            [(self.added, "added"), (self.removed, "removed"), (self.renamed, "renamed"), (self.changed, "changed")]
        {
            if n > 0 {
                let noun = match (out.is_empty(), n) {
                    (true, 1) => " state",
                    (true, _) => " states",
                    _ => "",
                };
                out.push_str(&format!("{}{n}{noun} {what}", if out.is_empty() { "" } else { ", " }));
            }
        }
        out
    }
}

impl Difference {
    /// Whether both are the same.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.states.is_empty()
    }

    /// The numbers.
    pub fn tally(&self) -> Tally {
        let mut out = Tally::default();
        for state in &self.states {
            match state.fate {
                Fate::Added => out.added += 1,
                Fate::Removed => out.removed += 1,
                Fate::Renamed(_) => out.renamed += 1,
                // What is changed only inside counts there.
                Fate::Changed if state.fields.is_empty() && state.items.is_empty() => {}
                Fate::Changed => out.changed += 1,
            }
            for inside in &state.inside {
                let inner = inside.difference.tally();
                out.added += inner.added;
                out.removed += inner.removed;
                out.renamed += inner.renamed;
                out.changed += inner.changed;
            }
        }
        out
    }
}

/// How `before` becomes `after`.
pub fn compare(before: &Machine, after: &Machine) -> Difference {
    let renamed = renames(before, after);
    let old_name = |new: &str| renamed.iter().find(|(_, n)| &***n == new).map(|(o, _)| o.clone());
    let mut out = Difference { fields: fields(&before.fields, &after.fields, |_| false), ..Difference::default() };
    if let (Some(b), Some(a)) = (&before.start_at, &after.start_at)
        && renamed.get(b) == Some(a)
    {
        out.fields.retain(|f| &*f.name != "StartAt");
    }
    out.reshaped = out.fields.iter().any(|f| &*f.name == "StartAt");
    for state in after.walk() {
        let from = old_name(&state.name);
        match before.states.get(from.as_ref().unwrap_or(&state.name)) {
            None => {
                out.reshaped = true;
                out.states.push(whole(state, Fate::Added));
            }
            Some(old) => {
                out.reshaped |= ways(old, &renamed) != ways(state, &BTreeMap::new());
                let change = changed(old, state, &renamed);
                out.reshaped |= change.inside.iter().any(|i| i.difference.reshaped);
                let nothing = change.fields.is_empty() && change.items.is_empty() && change.inside.is_empty();
                match from {
                    Some(old) => {
                        out.reshaped = true;
                        out.states.push(StateChange { fate: Fate::Renamed(old), ..change });
                    }
                    None if nothing => out.same += 1,
                    None => out.states.push(change),
                }
            }
        }
    }
    for state in before.walk() {
        if !after.states.contains_key(&state.name) && !renamed.contains_key(&state.name) {
            out.reshaped = true;
            out.states.push(whole(state, Fate::Removed));
        }
    }
    out
}

/// `Task dynamodb:putItem`.
fn sort(state: &State) -> String {
    match state.service() {
        Some(service) => format!("{} {service}", state.kind.name()),
        None => state.kind.name().to_string(),
    }
}

/// Fields that are shown by item or as machines inside.
const APART: [&str; 6] = ["Retry", "Catch", "Choices", "Branches", "ItemProcessor", "Iterator"];
/// Fields of a machine that holds states: the rest of `ItemProcessor` is `ProcessorConfig`.
const LISTS: [&str; 3] = ["Retry", "Catch", "Choices"];

fn plain(state: &State) -> Fields {
    // `Type` stands in the headline; what is written in a form that nobody expects is shown whole.
    let apart = |k: &str| match k {
        "Type" => true,
        k if LISTS.contains(&k) => {
            state.fields[k].as_slice().is_some_and(|l| l.iter().all(|i| i.as_fields().is_some()))
        }
        "Branches" => state.fields[k].as_slice().is_some_and(|l| l.iter().all(|i| i.as_fields().is_some())),
        k => APART.contains(&k) && state.fields[k].as_fields().is_some(),
    };
    state.fields.iter().filter(|(k, v)| !v.is_null() && !apart(k)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn fields(before: &Fields, after: &Fields, follows: impl Fn(&FieldChange) -> bool) -> Vec<FieldChange> {
    let names: BTreeSet<&Arc<str>> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .map(|name| FieldChange {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .filter(|f| f.before != f.after && !follows(f))
        .collect()
}

/// A state that is new or gone.
fn whole(state: &State, fate: Fate) -> StateChange {
    let none = Fields::new();
    let added = fate == Fate::Added;
    let pair = |own: &Fields| if added { fields(&none, own, |_| false) } else { fields(own, &none, |_| false) };
    let items = LISTS
        .into_iter()
        .flat_map(|list| items_of(state, list).into_iter().map(move |i| (list, i)))
        .map(|(list, (label, own))| ItemChange { list, label, fate: fate.clone(), fields: pair(own), moved: false })
        .collect();
    let inside = state.inside.iter().map(|i| whole_inside(i, &fate)).collect();
    StateChange { name: state.name.clone(), sort: sort(state), fields: pair(&plain(state)), items, inside, fate }
}

fn whole_inside(inside: &Inside, fate: &Fate) -> InsideChange {
    let states = inside.machine.walk().into_iter().map(|s| whole(s, fate.clone())).collect();
    let none = Fields::new();
    let own = &inside.machine.fields;
    let fields = if *fate == Fate::Added { fields(&none, own, |_| false) } else { fields(own, &none, |_| false) };
    let difference = Difference { fields, states, same: 0, reshaped: true };
    InsideChange { label: inside.label(), fate: fate.clone(), difference }
}

/// A state that is there before and after.
fn changed(before: &State, after: &State, renamed: &BTreeMap<Arc<str>, Arc<str>>) -> StateChange {
    let follows = |f: &FieldChange| matches!((&f.before, &f.after), (Some(b), Some(a)) if matches!(&*f.name, "Next" | "Default") && follows(b, a, renamed));
    let mut own = fields(&plain(before), &plain(after), follows);
    if before.kind != after.kind {
        let of = |s: &State| s.fields.get("Type").cloned();
        own.insert(0, FieldChange { name: "Type".into(), before: of(before), after: of(after) });
    }
    let items = LISTS.into_iter().flat_map(|list| item_changes(list, before, after, renamed)).collect();
    StateChange {
        name: after.name.clone(),
        sort: sort(after),
        fate: Fate::Changed,
        fields: own,
        items,
        inside: inside_changes(before, after),
    }
}

/// Whether a target only goes by another name now.
fn follows(before: &Value, after: &Value, renamed: &BTreeMap<Arc<str>, Arc<str>>) -> bool {
    matches!((before.as_str(), after.as_str()), (Some(b), Some(a)) if renamed.get(b).is_some_and(|n| &**n == a))
}

/// The items of a list, each with what tells it from the others.
fn items_of<'a>(state: &'a State, list: &str) -> Vec<(String, &'a Fields)> {
    let items = state.list(list);
    if items.iter().any(|i| i.as_fields().is_none()) {
        return Vec::new();
    }
    let label = |item: &Value| match list {
        "Choices" => condition::text(item),
        _ => {
            let errors = item.get("ErrorEquals");
            match errors.as_ref().is_some_and(|e| !e.is_known()) {
                true => "(known after apply)".into(),
                false => strings(errors.as_ref()).join(", "),
            }
        }
    };
    items.iter().filter_map(|i| Some((label(i), i.as_fields()?))).collect()
}

fn item_changes(
    list: &'static str,
    before: &State,
    after: &State,
    renamed: &BTreeMap<Arc<str>, Arc<str>>,
) -> Vec<ItemChange> {
    let (olds, news) = (items_of(before, list), items_of(after, list));
    let mut left: Vec<Option<usize>> = (0..olds.len()).map(Some).collect();
    let mut take = |fits: &dyn Fn(&(String, &Fields)) -> bool| {
        let slot = left.iter_mut().find(|s| s.is_some_and(|i| fits(&olds[i])))?;
        slot.take()
    };
    // Equal ones belong together first, then those with one label; of rules, also those that lead to one state.
    let mut partner: Vec<Option<usize>> = news.iter().map(|new| take(&|old| old == new)).collect();
    for (slot, new) in partner.iter_mut().zip(&news) {
        if slot.is_none() {
            *slot = take(&|old| old.0 == new.0);
        }
    }
    if list == "Choices" {
        let target = |f: &Fields| f.get("Next").and_then(Value::as_shared_str);
        for (slot, new) in partner.iter_mut().zip(&news) {
            if slot.is_none() {
                *slot = take(&|old| target(old.1).is_some() && target(old.1) == target(new.1));
            }
        }
    }
    // What keeps its place relative to the others did not move: the longest such run.
    let kept = longest_rise(&partner);
    let mut out = Vec::new();
    for (i, (label, own)) in news.iter().enumerate() {
        let Some(old) = partner[i] else {
            let fields = fields(&Fields::new(), own, |_| false);
            out.push(ItemChange { list, label: label.clone(), fate: Fate::Added, fields, moved: false });
            continue;
        };
        let follow = |f: &FieldChange| {
            &*f.name == "Next" && matches!((&f.before, &f.after), (Some(b), Some(a)) if follows(b, a, renamed))
        };
        let fields = fields(olds[old].1, own, follow);
        let moved = !kept.contains(&i);
        if !fields.is_empty() || moved {
            out.push(ItemChange { list, label: label.clone(), fate: Fate::Changed, fields, moved });
        }
    }
    for i in left.into_iter().flatten() {
        let (label, own) = &olds[i];
        let fields = fields(own, &Fields::new(), |_| false);
        out.push(ItemChange { list, label: label.clone(), fate: Fate::Removed, fields, moved: false });
    }
    out
}

/// The places of a longest rising run among the partners.
fn longest_rise(partner: &[Option<usize>]) -> BTreeSet<usize> {
    let mut best: Vec<(usize, Option<usize>)> = vec![(0, None); partner.len()];
    let mut last: Option<usize> = None;
    for (i, p) in partner.iter().enumerate() {
        let Some(p) = p else { continue };
        best[i] = (1, None);
        for (j, q) in partner[..i].iter().enumerate() {
            if q.is_some_and(|q| q < *p) && best[j].0 + 1 > best[i].0 {
                best[i] = (best[j].0 + 1, Some(j));
            }
        }
        if last.is_none_or(|l| best[i].0 > best[l].0) {
            last = Some(i);
        }
    }
    let mut out = BTreeSet::new();
    while let Some(i) = last {
        out.insert(i);
        last = best[i].1;
    }
    out
}

fn inside_changes(before: &State, after: &State) -> Vec<InsideChange> {
    let mut out = Vec::new();
    let mut rest: Vec<&Inside> = before.inside.iter().collect();
    // A branch that stayed as it is may have moved; otherwise what stands in the same place belongs together.
    // `Iterator` is the old name of `ItemProcessor`.
    let body = |i: &Inside| {
        let states = i.machine.states.values().map(|s| (s.name.clone(), s.fields.clone()));
        (i.machine.fields.clone(), states.collect::<Vec<_>>())
    };
    let same = |old: &Inside, new: &Inside| old.index.is_some() == new.index.is_some() && body(old) == body(new);
    let here = |old: &Inside, new: &Inside| old.index == new.index;
    let rules: [&dyn Fn(&Inside, &Inside) -> bool; 2] = [&same, &here];
    let mut partner: Vec<Option<&Inside>> = vec![None; after.inside.len()];
    for fits in rules {
        for (slot, new) in partner.iter_mut().zip(&after.inside) {
            if slot.is_none()
                && let Some(i) = rest.iter().position(|old| fits(old, new))
            {
                *slot = Some(rest.remove(i));
            }
        }
    }
    for (old, new) in partner.iter().zip(&after.inside) {
        match old {
            None => out.push(whole_inside(new, &Fate::Added)),
            Some(old) => {
                let difference = compare(&old.machine, &new.machine);
                if !difference.is_empty() || old.field != new.field {
                    let label = match old.field == new.field {
                        true => new.label(),
                        false => format!("{} -> {}", old.label(), new.label()),
                    };
                    out.push(InsideChange { label, fate: Fate::Changed, difference });
                }
            }
        }
    }
    out.extend(rest.into_iter().map(|old| whole_inside(old, &Fate::Removed)));
    out
}

/// The ways out of a state, each with its condition or errors, renamed targets by their new name.
fn ways(state: &State, renamed: &BTreeMap<Arc<str>, Arc<str>>) -> Vec<(u8, Option<Arc<str>>)> {
    use super::model::Via;
    let target = |t: &Arc<str>| renamed.get(t).unwrap_or(t).clone();
    let mut out: Vec<_> = state
        .transitions
        .iter()
        .map(|t| {
            let via = match t.via {
                Via::Next => 0,
                Via::Default => 1,
                Via::Choice(_) => 2,
                Via::Catch(_) => 3,
            };
            (via, t.to.as_ref().map(target))
        })
        .collect();
    out.sort();
    out
}

/// States that go by another name afterwards, obviously: old name → new name.
fn renames(before: &Machine, after: &Machine) -> BTreeMap<Arc<str>, Arc<str>> {
    let gone: Vec<&State> = before.states.values().filter(|s| !after.states.contains_key(&s.name)).collect();
    let new: Vec<&State> = after.states.values().filter(|s| !before.states.contains_key(&s.name)).collect();
    if gone.is_empty() || new.is_empty() || gone.len().saturating_mul(new.len()) > 10_000 {
        return BTreeMap::new();
    }
    // Two states are one if what they do is the same, whatever comes after them, and no other state does just that.
    let what: fn(&State) -> Fields = |s| {
        let ways = ["Next", "Default", "End", "Comment"];
        let untargeted = |v: &Value| match v.as_slice() {
            Some(items) => Value::tuple(
                items
                    .iter()
                    .map(|i| match i.as_fields() {
                        Some(f) => Value::object(
                            f.iter().filter(|(k, _)| &***k != "Next").map(|(k, v)| (k.clone(), v.clone())).collect(),
                        ),
                        None => i.clone(),
                    })
                    .collect(),
            ),
            None => v.clone(),
        };
        s.fields
            .iter()
            .filter(|(k, _)| !ways.contains(&&***k))
            .map(|(k, v)| (k.clone(), if matches!(&**k, "Catch" | "Choices") { untargeted(v) } else { v.clone() }))
            .collect()
    };
    let olds: Vec<Fields> = gone.iter().map(|s| what(s)).collect();
    let news: Vec<Fields> = new.iter().map(|s| what(s)).collect();
    // A state that does next to nothing looks like many others: then what comes after it must be the same, too.
    let distinct = |f: &Fields| f.len() > 1;
    let mut out = BTreeMap::new();
    for (i, old) in olds.iter().enumerate() {
        let fits = |j: usize| {
            news[j] == *old && (distinct(old) || ways(gone[i], &BTreeMap::new()) == ways(new[j], &BTreeMap::new()))
        };
        let mut matching = (0..news.len()).filter(|j| fits(*j));
        if let (Some(j), None) = (matching.next(), matching.next())
            && olds.iter().filter(|o| *o == old).count() == 1
        {
            out.insert(gone[i].name.clone(), new[j].name.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::parse_text;

    /// Each change on a line.
    fn lines(before: &str, after: &str) -> Vec<String> {
        fn value(v: &Option<Value>) -> String {
            v.as_ref().map_or("-".into(), |v| crate::value::json::to_json(v).to_string())
        }
        fn field(at: &str, f: &FieldChange) -> String {
            format!("{at}{}: {} -> {}", f.name, value(&f.before), value(&f.after))
        }
        fn walk(at: &str, d: &Difference, out: &mut Vec<String>) {
            out.extend(d.fields.iter().map(|f| field(&format!("{at}."), f)));
            for s in &d.states {
                let here = format!("{at}/{}", s.name);
                out.push(format!("{here} {:?}", s.fate));
                if !matches!(s.fate, Fate::Added | Fate::Removed) {
                    out.extend(s.fields.iter().map(|f| field(&format!("{here}."), f)));
                    for i in &s.items {
                        out.push(format!(
                            "{here}.{} [{}] {:?}{}",
                            i.list,
                            i.label,
                            i.fate,
                            if i.moved { " moved" } else { "" }
                        ));
                        if i.fate == Fate::Changed {
                            out.extend(i.fields.iter().map(|f| field(&format!("{here}.{}.", i.list), f)));
                        }
                    }
                    for i in &s.inside {
                        out.push(format!("{here} {} {:?}", i.label, i.fate));
                        if i.fate == Fate::Changed {
                            walk(&format!("{here}/{}", i.label), &i.difference, out);
                        }
                    }
                }
            }
        }
        let mut out = Vec::new();
        walk("", &compare(&parse_text(before).unwrap(), &parse_text(after).unwrap()), &mut out);
        out
    }

    fn machine(states: &str) -> String {
        format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#)
    }

    #[test]
    fn state_by_state() {
        let a = r#""A":{"Type":"Pass","Next":"B"}"#;
        let b = r#""B":{"Type":"Wait","Seconds":1,"End":true}"#;
        let task = |retry: &str| {
            format!(
                r#""A":{{"Type":"Task","Resource":"r","Retry":[{retry}],"Catch":[{{"ErrorEquals":["X"],"Next":"B"}}],"Next":"B"}}"#
            )
        };
        let retry = |error: &str, n: u8| format!(r#"{{"ErrorEquals":["{error}"],"MaxAttempts":{n}}}"#);
        for (before, after, want) in [
            (machine(&format!("{a},{b}")), format!(" {}", machine(&format!("{b},{a}"))), &[][..]),
            (
                machine(&format!("{a},{b}")),
                machine(&format!(r#"{a},"B":{{"Type":"Wait","Seconds":5,"Comment":"c","End":true}}"#)),
                &["/B Changed", "/B.Comment: - -> \"c\"", "/B.Seconds: 1 -> 5"],
            ),
            (
                machine(&format!("{a},{b}")),
                machine(&format!(r#"{},{b},"N":{{"Type":"Pass","Next":"B"}}"#, a.replace("\"B\"", "\"N\""))),
                &["/A Changed", "/A.Next: \"B\" -> \"N\"", "/N Added"],
            ),
            (
                machine(&format!("{a},{b}")),
                machine(r#""A":{"Type":"Pass","End":true}"#),
                &["/A Changed", "/A.End: - -> true", "/A.Next: \"B\" -> -", "/B Removed"],
            ),
            // Renamed, and what leads there only follows.
            (
                machine(&format!("{a},{b}")),
                machine(&format!("{a},{b}").replace("\"B\"", "\"Pause\"")),
                &["/Pause Renamed(\"B\")"],
            ),
            // Two states that look alike are not told apart.
            (
                machine(r#""A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","End":true}"#),
                machine(r#""A":{"Type":"Pass","Next":"X"},"X":{"Type":"Fail"}"#),
                &["/A Changed", "/A.Next: \"B\" -> \"X\"", "/X Added", "/B Removed"],
            ),
            (
                machine(&format!("{},{b}", task(&retry("E", 3)))),
                machine(&format!("{},{b}", task(&format!("{},{}", retry("F", 1), retry("E", 5))))),
                &["/A Changed", "/A.Retry [F] Added", "/A.Retry [E] Changed", "/A.Retry.MaxAttempts: 3 -> 5"],
            ),
            (
                machine(&format!("{},{b}", task(&format!("{},{}", retry("F", 1), retry("E", 5))))),
                machine(&format!("{},{b}", task(&format!("{},{}", retry("E", 5), retry("F", 1))))),
                &["/A Changed", "/A.Retry [F] Changed moved"],
            ),
            (
                machine(&format!("{},{b}", task(""))),
                machine(&format!("{},{b}", task("").replace("[\"X\"]", "[\"Y\"]"))),
                &["/A Changed", "/A.Catch [Y] Added", "/A.Catch [X] Removed"],
            ),
        ] {
            assert_eq!(lines(&before, &after), want, "{before}\n{after}");
        }
    }

    #[test]
    fn machines_inside() {
        let fan = |branches: &str| machine(&format!(r#""A":{{"Type":"Parallel","Branches":[{branches}],"End":true}}"#));
        let branch = |seconds: u8| {
            format!(r#"{{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":{seconds},"End":true}}}}}}"#)
        };
        assert_eq!(
            lines(&fan(&branch(1)), &fan(&format!("{},{}", branch(1), branch(2)))),
            ["/A Changed", "/A branch 2 Added"]
        );
        // A branch that only moved is the same.
        assert_eq!(
            lines(&fan(&format!("{},{}", branch(1), branch(2))), &fan(&branch(2))),
            ["/A Changed", "/A branch 1 Removed"]
        );
        assert_eq!(
            lines(&fan(&branch(1)), &fan(&branch(3))),
            ["/A Changed", "/A branch 1 Changed", "/A/branch 1/W Changed", "/A/branch 1/W.Seconds: 1 -> 3"]
        );
        let each = |field: &str| machine(&format!(r#""A":{{"Type":"Map","{field}":{},"End":true}}"#, branch(1)));
        assert_eq!(
            lines(&each("Iterator"), &each("ItemProcessor")),
            ["/A Changed", "/A Iterator -> ItemProcessor Changed"]
        );
    }

    #[test]
    fn tallies() {
        let compare = |b: &str, a: &str| compare(&parse_text(&machine(b)).unwrap(), &parse_text(&machine(a)).unwrap());
        let d = compare(
            r#""A":{"Type":"Pass","End":true}"#,
            r#""A":{"Type":"Pass","Next":"B"},"B":{"Type":"Fail"},"C":{"Type":"Fail"}"#,
        );
        assert_eq!(d.tally().words(), "2 states added, 1 changed");
        assert!(d.reshaped);
        let d =
            compare(r#""A":{"Type":"Wait","Seconds":1,"End":true}"#, r#""A":{"Type":"Wait","Seconds":2,"End":true}"#);
        assert_eq!((d.tally().words(), d.reshaped), ("1 state changed".into(), false));
    }
}
