//! A state machine as a Mermaid flowchart that GitHub renders: conditions on the edges, catchers dashed, machines inside as boxes of
//! their own, what a change does to each state in colour and in signs.
//!
//! Refuses to know where the picture is put.

use super::condition;
use super::diff::{self, Difference, Fate};
use super::model::{Machine, State, StateKind, Transition, Via, strings};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// A picture with more states than this shows only what changes and what is next to it.
const WHOLE: usize = 60;
/// Mermaid refuses to draw more edges than 500.
const MAX_EDGES: usize = 480;
/// Longer labels are cut; the text of the plan has all of them.
const MAX_LABEL: usize = 60;

/// One machine as it is.
pub fn one(machine: &Machine) -> String {
    let mut picture = Picture::new("TD");
    picture.machine(machine, None, Side::Only, &keep_all(machine));
    picture.finish()
}

/// How one machine becomes another: both beside each other if the shape changes, else the new one with its changed states marked.
pub fn change(before: &Machine, after: &Machine) -> String {
    let difference = diff::compare(before, after);
    let (old, new) = (focus(before, &difference, Side::Before), focus(after, &difference, Side::After));
    if !difference.reshaped {
        let mut picture = Picture::new("TD");
        picture.machine(after, Some(&difference), Side::After, &new);
        return picture.finish();
    }
    let mut picture = Picture::new("LR");
    for (title, machine, side, kept) in [("Before", before, Side::Before, &old), ("After", after, Side::After, &new)] {
        let id = picture.id();
        picture.line(&format!("subgraph {id} [\"{title}\"]"));
        picture.level += 1;
        picture.line("direction TB");
        picture.machine(machine, Some(&difference), side, kept);
        picture.level -= 1;
        picture.line("end");
    }
    picture.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Only,
    Before,
    After,
}

/// What happens to a state, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Added,
    Changed,
    Removed,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Look::Added => "added",
            Look::Changed => "changed",
            Look::Removed => "removed",
        }
    }

    /// In front of the name: meaning does not lie in colour alone.
    fn sign(self) -> &'static str {
        match self {
            Look::Added => "#43; ",
            Look::Changed => "#126; ",
            Look::Removed => "#8722; ",
        }
    }

    fn style(self) -> &'static str {
        match self {
            Look::Added => "fill:#dafbe1,stroke:#1a7f37,color:#0a3d1a",
            Look::Changed => "fill:#fff8c5,stroke:#9a6700,color:#3b2300",
            Look::Removed => "fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-dasharray:4 3",
        }
    }
}

/// What happens to a state of this side.
fn look(state: &State, difference: Option<&Difference>, side: Side) -> Option<Look> {
    let found = difference?.states.iter().find(|c| match (&c.fate, side) {
        (Fate::Renamed(old), Side::Before) => *old == state.name,
        (Fate::Added, Side::Before) | (Fate::Removed, Side::After | Side::Only) => false,
        _ => c.name == state.name,
    })?;
    Some(match found.fate {
        Fate::Added => Look::Added,
        Fate::Removed => Look::Removed,
        Fate::Changed | Fate::Renamed(_) => Look::Changed,
    })
}

/// The difference of a machine inside a state.
fn inner<'a>(state: &State, label: &str, difference: Option<&'a Difference>, side: Side) -> Inner<'a> {
    let change = difference.and_then(|d| {
        d.states.iter().find(|c| match (&c.fate, side) {
            (Fate::Renamed(old), Side::Before) => *old == state.name,
            _ => c.name == state.name,
        })
    });
    let found = change.and_then(|c| {
        c.inside.iter().find(|i| {
            let fits = i.label.split(" -> ").any(|l| l == label);
            fits && !matches!((&i.fate, side), (Fate::Added, Side::Before) | (Fate::Removed, Side::After | Side::Only))
        })
    });
    Inner(found.map(|i| &i.difference))
}

struct Inner<'a>(Option<&'a Difference>);

/// The states that are drawn; the others are folded.
type Kept = BTreeSet<Arc<str>>;

fn keep_all(machine: &Machine) -> Kept {
    machine.states.keys().cloned().collect()
}

/// Of a large machine only what changes, what is next to it, and the start.
fn focus(machine: &Machine, difference: &Difference, side: Side) -> Kept {
    if machine.all_states().len() <= WHOLE {
        return keep_all(machine);
    }
    let mut kept = Kept::new();
    for state in machine.states.values() {
        if look(state, Some(difference), side).is_some() {
            kept.insert(state.name.clone());
            kept.extend(state.transitions.iter().filter_map(|t| t.to.clone()));
        }
    }
    let changed: Vec<Arc<str>> =
        machine.states.values().filter(|s| look(s, Some(difference), side).is_some()).map(|s| s.name.clone()).collect();
    for state in machine.states.values() {
        if state.transitions.iter().any(|t| t.to.as_ref().is_some_and(|to| changed.contains(to))) {
            kept.insert(state.name.clone());
        }
    }
    kept.extend(machine.start_at.clone());
    kept.retain(|name| machine.states.contains_key(name));
    kept
}

struct Picture {
    out: String,
    level: usize,
    next_id: usize,
    edges: usize,
    cut: usize,
    looks: BTreeSet<Look>,
}

impl Picture {
    fn new(direction: &str) -> Picture {
        Picture {
            out: format!("flowchart {direction}\n"),
            level: 1,
            next_id: 0,
            edges: 0,
            cut: 0,
            looks: BTreeSet::new(),
        }
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        format!("n{}", self.next_id)
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.level));
    }

    fn machine(&mut self, machine: &Machine, difference: Option<&Difference>, side: Side, kept: &Kept) {
        let mut ids: BTreeMap<Arc<str>, String> = BTreeMap::new();
        let walk = machine.walk();
        let folded = folds(machine, kept);
        for state in &walk {
            if kept.contains(&state.name) {
                let id = self.id();
                self.state(state, &id, difference, side);
                ids.insert(state.name.clone(), id);
            }
        }
        for group in &folded {
            let id = self.id();
            let s = if group.len() == 1 { "" } else { "s" };
            self.line(&format!("{id}[\"#8943; {} unchanged state{s}\"]:::folded", group.len()));
            ids.extend(group.iter().map(|name| (name.clone(), id.clone())));
        }
        if let Some(start) = machine.start_at.as_ref() {
            let id = self.id();
            self.line(&format!("{id}((\"#9654;\"))"));
            match ids.get(start) {
                Some(to) => self.edge(&format!("{id} --> {to}")),
                None => self.nowhere(&id, "-->", start),
            }
        }
        let mut drawn = BTreeSet::new();
        for state in &walk {
            let Some(from) = ids.get(&state.name).cloned() else { continue };
            for group in ways(state) {
                let (arrow, label) = arrow(state, &group);
                let text = match group[0].to.as_ref().map(|to| (to, ids.get(to))) {
                    Some((_, Some(to))) if *to == from && !kept.contains(&state.name) => continue,
                    Some((_, Some(to))) if !kept.contains(&state.name) => format!("{from} {arrow} {to}"),
                    Some((_, Some(to))) => format!("{from} {arrow}{label} {to}"),
                    Some((name, None)) => {
                        let name = name.clone();
                        self.nowhere(&from, &format!("{arrow}{label}"), &name);
                        continue;
                    }
                    None => {
                        let open = self.id();
                        self.line(&format!("{open}[\"(known after apply)\"]:::folded"));
                        format!("{from} {arrow}{label} {open}")
                    }
                };
                if drawn.insert(text.clone()) {
                    self.edge(&text);
                }
            }
        }
    }

    /// An edge to a state that does not exist.
    fn nowhere(&mut self, from: &str, arrow: &str, name: &str) {
        let id = self.id();
        self.line(&format!("{id}{{{{\"no state {}\"}}}}:::missing", escape(name)));
        self.edge(&format!("{from} {arrow} {id}"));
    }

    fn edge(&mut self, text: &str) {
        if self.edges >= MAX_EDGES {
            self.cut += 1;
            return;
        }
        self.edges += 1;
        self.line(text);
    }

    fn state(&mut self, state: &State, id: &str, difference: Option<&Difference>, side: Side) {
        let look = look(state, difference, side);
        self.looks.extend(look);
        let sign = look.map(Look::sign).unwrap_or_default();
        let class = look.map(|l| format!(":::{}", l.class())).unwrap_or_default();
        let name = escape(&state.name);
        if !state.inside.is_empty() {
            let sort = match state.kind {
                StateKind::Map if state.is_distributed() => "Map, distributed",
                _ => state.kind.name(),
            };
            self.line(&format!("subgraph {id} [\"{sign}{name} #40;{}#41;\"]", escape(sort)));
            self.level += 1;
            self.line("direction TB");
            let many = state.inside.len() > 1;
            for inside in &state.inside {
                let label = inside.label();
                if many {
                    let branch = self.id();
                    self.line(&format!("subgraph {branch} [\"{}\"]", escape(&label)));
                    self.level += 1;
                    self.line("direction TB");
                }
                let own = match look {
                    // All of it is new, or gone.
                    Some(Look::Added | Look::Removed) => Inner(None),
                    _ => inner(state, &label, difference, side),
                };
                let kept = match own.0 {
                    Some(d) => focus(&inside.machine, d, side),
                    None => keep_all(&inside.machine),
                };
                self.machine(&inside.machine, own.0, side, &kept);
                if many {
                    self.level -= 1;
                    self.line("end");
                }
            }
            self.level -= 1;
            self.line("end");
            if let Some(look) = look {
                self.line(&format!("class {id} {}", look.class()));
            }
            return;
        }
        let detail = match (state.service(), &state.kind) {
            (Some(service), _) => escape(service),
            (None, StateKind::Wait) => escape(&waits(state)),
            (None, StateKind::Fail) => escape(state.text("Error").unwrap_or("Fail")),
            (None, kind) => escape(if kind.name().is_empty() { "no Type" } else { kind.name() }),
        };
        let label = format!("\"{sign}{name}<br/>{detail}{}\"", retries(state));
        let shape = match state.kind {
            StateKind::Choice => format!("{{{label}}}"),
            StateKind::Succeed | StateKind::Fail => format!("([{label}])"),
            StateKind::Wait | StateKind::Pass => format!("({label})"),
            _ => format!("[{label}]"),
        };
        self.line(&format!("{id}{shape}{class}"));
    }

    fn finish(mut self) -> String {
        let looks = std::mem::take(&mut self.looks);
        if self.cut > 0 {
            let id = self.id();
            self.line(&format!("{id}[\"#8943; {} further transitions are not drawn\"]:::folded", self.cut));
        }
        if !looks.is_empty() {
            self.line("subgraph legend [\"Legend\"]");
            self.level += 1;
            self.line("direction LR");
            for look in &looks {
                let id = self.id();
                self.line(&format!("{id}[\"{}{}\"]:::{}", look.sign(), look.class(), look.class()));
            }
            self.level -= 1;
            self.line("end");
        }
        for look in &looks {
            self.line(&format!("classDef {} {}", look.class(), look.style()));
        }
        if self.out.contains(":::folded") {
            self.line("classDef folded fill:#f6f8fa,stroke:#8c959f,color:#57606a,stroke-dasharray:2 2");
        }
        if self.out.contains(":::missing") {
            self.line("classDef missing fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-width:3px");
        }
        self.out
    }
}

/// Runs of states that are not drawn, each connected.
fn folds(machine: &Machine, kept: &Kept) -> Vec<Vec<Arc<str>>> {
    let mut near: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for state in machine.states.values().filter(|s| !kept.contains(&s.name)) {
        for to in state.transitions.iter().filter_map(|t| t.to.as_deref()) {
            if machine.states.contains_key(to) && !kept.contains(to) {
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

/// The ways out of a state, those by one kind to one state together.
fn ways(state: &State) -> Vec<Vec<&Transition>> {
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

/// The arrow and its label.
fn arrow(state: &State, group: &[&Transition]) -> (&'static str, String) {
    let texts: Vec<String> = group
        .iter()
        .filter_map(|t| match t.via {
            Via::Next => None,
            Via::Default => Some("otherwise".to_string()),
            Via::Choice(i) => state.list("Choices").get(i).map(condition::text),
            Via::Catch(i) => {
                let errors = state.list("Catch").get(i).and_then(|c| c.get("ErrorEquals"));
                Some(strings(errors.as_ref()).join(", "))
            }
        })
        .filter(|t| !t.is_empty())
        .collect();
    let arrow = if matches!(group[0].via, Via::Catch(_)) { "-.->" } else { "-->" };
    let joined = texts.join(if matches!(group[0].via, Via::Choice(_)) { " or " } else { ", " });
    (arrow, if joined.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&joined)) })
}

fn waits(state: &State) -> String {
    for (name, unit) in [("Seconds", " s"), ("SecondsPath", " s"), ("Timestamp", ""), ("TimestampPath", "")] {
        if let Some(value) = state.field(name) {
            let text = match (value.as_str(), value.as_number()) {
                (Some(text), _) => condition::expression(text).trim().to_string(),
                (_, Some(n)) => n.to_string(),
                _ => "?".into(),
            };
            return format!("Wait {text}{unit}");
        }
    }
    "Wait".into()
}

fn retries(state: &State) -> &'static str {
    if state.list("Retry").is_empty() { "" } else { " #8635;" }
}

/// Text that stands inside quotes of Mermaid: nothing in it is markup, an entity, a directive or Markdown.
pub fn escape(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_LABEL).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let chars: Vec<char> = shown.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let word = |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(|c| c.is_alphanumeric());
        match c {
            c if c.is_control() => out.push(' '),
            // Inside a word an underscore is no Markdown.
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push('_'),
            // A number and a dot at the beginning would be a list.
            '.' if i > 0 && chars[..i].iter().all(char::is_ascii_digit) => out.push_str("#46;"),
            '-' if i > 0 => out.push('-'),
            // No colon: before an entity it makes Mermaid cut lines that it takes for styles.
            ' ' | '.' | ',' | '/' | '\'' | '!' | '?' | '=' | '…' => out.push(*c),
            c if c.is_alphanumeric() => out.push(*c),
            // An emoji, a letter with marks: nothing that Mermaid reads.
            c if !c.is_ascii() => out.push(*c),
            c => {
                let _ = write!(out, "#{};", u32::from(*c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::parse_text;

    fn machine(states: &str) -> Machine {
        parse_text(&format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#)).unwrap()
    }

    #[test]
    fn conditions_catchers_and_boxes() {
        let m = machine(
            r#""A":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":3,"Next":"Fan"},{"Variable":"$.n","IsNull":true,"Next":"Fan"}],"Default":"Put"},
               "Put":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Retry":[{"ErrorEquals":["X"]}],
                      "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Bad"}],"End":true},
               "Fan":{"Type":"Map","ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3,"End":true}}},"Next":"Gone"},
               "Bad":{"Type":"Fail","Error":"E"}"#,
        );
        assert_eq!(
            one(&m),
            r##"flowchart TD
  n1{"A<br/>Choice"}
  subgraph n2 ["Fan #40;Map#41;"]
    direction TB
    n3("W<br/>Wait 3 s")
    n4(("#9654;"))
    n4 --> n3
  end
  n5["Put<br/>dynamodb#58;putItem #8635;"]
  n6(["Bad<br/>E"])
  n7(("#9654;"))
  n7 --> n1
  n1 -->|"#36;.n #62; 3 or #36;.n is null"| n2
  n1 -->|"otherwise"| n5
  n8{{"no state Gone"}}:::missing
  n2 --> n8
  n5 -.->|"States.ALL"| n6
  classDef missing fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-width:3px
"##
        );
    }

    #[test]
    fn before_beside_after_only_where_the_shape_changes() {
        let old = machine(r#""A":{"Type":"Wait","Seconds":1,"Next":"B"},"B":{"Type":"Succeed"}"#);
        let field = machine(r#""A":{"Type":"Wait","Seconds":2,"Next":"B"},"B":{"Type":"Succeed"}"#);
        let shape = machine(r#""A":{"Type":"Wait","Seconds":1,"Next":"C"},"C":{"Type":"Fail"}"#);
        let drawn = change(&old, &field);
        assert!(
            !drawn.contains("Before") && drawn.contains("[\"#126; A<br/>") || drawn.contains("(\"#126; A<br/>"),
            "{drawn}"
        );
        let drawn = change(&old, &shape);
        for part in
            ["[\"Before\"]", "[\"After\"]", "#8722; B", "#43; C", "[\"Legend\"]", "classDef added", "classDef removed"]
        {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
    }

    #[test]
    fn long_machines_are_folded_around_what_changes() {
        let chain = |seconds: usize| {
            let states: Vec<String> = (0..200)
                .map(|i| {
                    let name = if i == 0 { "A".to_string() } else { format!("S{i}") };
                    let seconds = if i == 100 { seconds } else { 1 };
                    match i {
                        199 => format!(r#""{name}":{{"Type":"Succeed"}}"#),
                        _ => format!(r#""{name}":{{"Type":"Wait","Seconds":{seconds},"Next":"S{}"}}"#, i + 1),
                    }
                })
                .collect();
            machine(&states.join(","))
        };
        let drawn = change(&chain(1), &chain(2));
        assert!(drawn.contains("S99<br/>") && drawn.contains("S101<br/>") && !drawn.contains("S50<br/>"), "{drawn}");
        assert!(drawn.contains("98 unchanged states"), "{drawn}");
        assert!(drawn.lines().count() < 30, "{drawn}");
    }

    #[test]
    fn nothing_in_a_label_is_markup() {
        for (text, want) in [
            ("plain name_1", "plain name_1"),
            ("a\"]; B[x", "a#34;#93;#59; B#91;x"),
            ("<b>&amp;", "#60;b#62;#38;amp#59;"),
            ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
            ("1. do", "1#46; do"),
            ("- do", "#45; do"),
            ("__x__ `y` *z*", "#95;#95;x#95;#95; #96;y#96; #42;z#42;"),
            ("#quot;", "#35;quot#59;"),
            ("$$x$$", "#36;#36;x#36;#36;"),
            ("a\nb", "a b"),
            ("é 日本", "é 日本"),
        ] {
            assert_eq!(escape(text), want);
        }
        assert_eq!(escape(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
    }
}
