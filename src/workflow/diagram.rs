//! A state machine as a Mermaid flowchart that GitHub renders: conditions on the edges, catchers dashed, machines inside as boxes of
//! their own, what a change does to each state and each way in colour and in signs.
//!
//! Refuses to know where the picture is put.

mod focus;
mod label;
mod side;

pub use label::escape;

use super::diff::{self, Difference};
use super::model::{Machine, State, StateKind};
use focus::{Kept, WHOLE, focus, folds, keep_all};
use label::{arrow, detail, retries};
use side::{Look, Side, Way, all_ways, inner, look, step, way, ways};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// Mermaid refuses to draw more edges than 500.
const MAX_EDGES: usize = 480;
/// The frame of a box: no ground of its own, so that it stands on white and on black.
pub const FRAME: &str = "fill:none,stroke:#8c959f";

/// One machine as it is.
pub fn one(machine: &Machine) -> String {
    let mut picture = Picture::new("TD");
    picture.machine(machine, &keep_all(machine), View::default());
    picture.finish()
}

/// How one machine becomes another: both beside each other if the shape changes, else the new one with its changed states marked.
pub fn change(before: &Machine, after: &Machine) -> String {
    let difference = diff::compare(before, after);
    let kept = |machine: &Machine, side| focus(machine, &difference, side);
    let view = |side| View { difference: Some(&difference), side, ..View::default() };
    let mut picture = Picture::new(if difference.reshaped { "LR" } else { "TD" });
    picture.folding = before.all_states().len().max(after.all_states().len()) > WHOLE;
    for (machine, side) in [(before, Side::Before), (after, Side::After)] {
        all_ways(machine, &difference, side, &mut Vec::new(), picture.known.entry(side).or_default());
    }
    if !difference.reshaped {
        picture.machine(after, &kept(after, Side::After), view(Side::After));
        return picture.finish();
    }
    picture.both = true;
    let ids = [("Before", before, Side::Before), ("After", after, Side::After)].map(|(title, machine, side)| {
        let id = picture.open(title);
        picture.machine(machine, &kept(machine, side), view(side));
        picture.close();
        id
    });
    picture.edge(&format!("{} ==> {}", ids[0], ids[1]), None);
    picture.finish()
}

/// How a machine is looked at.
#[derive(Clone, Copy, Default)]
struct View<'a> {
    difference: Option<&'a Difference>,
    side: Side,
    /// What happens to all of it.
    all: Option<Look>,
}

struct Picture {
    out: String,
    level: usize,
    next_id: usize,
    edges: usize,
    cut: usize,
    looks: BTreeSet<Look>,
    /// Boxes by what happens to them.
    boxes: BTreeMap<Option<Look>, Vec<String>>,
    /// Edges that are not on the other side, by their numbers.
    moved: BTreeMap<Look, Vec<usize>>,
    /// The ways of each side.
    known: BTreeMap<Side, BTreeSet<Way>>,
    /// Where the machine is that is being drawn.
    path: Vec<String>,
    /// Whether both sides are drawn.
    both: bool,
    /// Whether what does not change is drawn in few words.
    folding: bool,
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
            boxes: BTreeMap::new(),
            moved: BTreeMap::new(),
            known: BTreeMap::new(),
            path: Vec::new(),
            both: false,
            folding: false,
        }
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        format!("n{}", self.next_id)
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.level));
    }

    /// Begins a box; its title is escaped.
    fn open(&mut self, title: &str) -> String {
        let id = self.id();
        self.open_as(&id, title, None, "TB");
        id
    }

    fn open_as(&mut self, id: &str, title: &str, look: Option<Look>, direction: &str) {
        self.line(&format!("subgraph {id} [\"{title}\"]"));
        self.level += 1;
        self.line(&format!("direction {direction}"));
        self.boxes.entry(look).or_default().push(id.to_string());
    }

    fn close(&mut self) {
        self.level -= 1;
        self.line("end");
    }

    fn machine(&mut self, machine: &Machine, kept: &Kept, view: View<'_>) {
        let mut ids: BTreeMap<Arc<str>, String> = BTreeMap::new();
        let walk = machine.walk();
        let folded = folds(machine, kept);
        for state in &walk {
            if kept.contains(&state.name) {
                let id = self.id();
                self.state(state, &id, view);
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
                Some(to) => self.edge(&format!("{id} --> {to}"), None),
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
                let look = view
                    .difference
                    .and_then(|_| self.fate(&way(&self.path, state, &group, view.difference, view.side), view.side));
                if drawn.insert(text.clone()) {
                    self.edge(&text, look);
                }
            }
        }
    }

    /// What happens to a way of this side.
    fn fate(&self, way: &Way, side: Side) -> Option<Look> {
        let (other, look) = match side {
            Side::Before => (Side::After, Look::Removed),
            Side::After if self.both => (Side::Before, Look::Added),
            Side::After => (Side::Before, Look::Changed),
            Side::Only => return None,
        };
        (!self.known.get(&other)?.contains(way)).then_some(look)
    }

    /// An edge to a state that does not exist.
    fn nowhere(&mut self, from: &str, arrow: &str, name: &str) {
        let id = self.id();
        self.line(&format!("{id}{{{{\"no state {}\"}}}}:::missing", escape(name)));
        self.edge(&format!("{from} {arrow} {id}"), None);
    }

    fn edge(&mut self, text: &str, look: Option<Look>) {
        if self.edges >= MAX_EDGES {
            self.cut += 1;
            return;
        }
        if let Some(look) = look {
            self.moved.entry(look).or_default().push(self.edges);
        }
        self.edges += 1;
        self.line(text);
    }

    fn state(&mut self, state: &State, id: &str, view: View<'_>) {
        let look = view.all.or_else(|| look(state, view.difference, view.side));
        self.looks.extend(look);
        let sign = look.map(Look::sign).unwrap_or_default();
        let class = look.map(|l| format!(":::{}", l.class())).unwrap_or_default();
        let name = escape(&state.name);
        let sort = match state.kind {
            StateKind::Map if state.is_distributed() => "Map, distributed",
            _ => state.kind.name(),
        };
        if state.inside.is_empty() {
            let label = format!("\"{sign}{name}<br/>{}{}\"", detail(state), retries(state));
            let shape = match state.kind {
                StateKind::Choice => format!("{{{label}}}"),
                StateKind::Succeed | StateKind::Fail => format!("([{label}])"),
                StateKind::Wait | StateKind::Pass => format!("({label})"),
                _ => format!("[{label}]"),
            };
            return self.line(&format!("{id}{shape}{class}"));
        }
        let changed = |label: &str| inner(state, label, view.difference, view.side);
        let within: usize = state.inside.iter().map(|i| i.machine.all_states().len()).sum();
        if self.folding && within > 3 && state.inside.iter().all(|i| changed(&i.label()).is_none()) {
            let label = format!("\"{sign}{name} #40;{}#41;<br/>{within} states inside\"", escape(sort));
            let class = if class.is_empty() { ":::folded" } else { &class };
            return self.line(&format!("{id}[[{label}]]{class}"));
        }
        self.open_as(id, &format!("{sign}{name} #40;{}#41;", escape(sort)), look, "TB");
        let many = state.inside.len() > 1;
        for inside in &state.inside {
            let label = inside.label();
            if many {
                self.open(&escape(&label));
            }
            let all = look.filter(|l| *l != Look::Changed);
            // Of what is all new or all gone there are no two sides.
            let difference = changed(&label).map(|c| &c.difference).filter(|_| all.is_none());
            let kept = match difference {
                Some(d) => focus(&inside.machine, d, view.side),
                None => keep_all(&inside.machine),
            };
            self.path.push(step(state, &label, view.difference, view.side));
            self.machine(&inside.machine, &kept, View { difference, all, ..view });
            self.path.pop();
            if many {
                self.close();
            }
        }
        self.close();
    }

    fn finish(mut self) -> String {
        let looks = std::mem::take(&mut self.looks);
        if self.cut > 0 {
            let id = self.id();
            self.line(&format!("{id}[\"#8943; {} further transitions are not drawn\"]:::folded", self.cut));
        }
        if !looks.is_empty() {
            self.open_as("legend", "Legend", None, "LR");
            let ids: Vec<String> = looks.iter().map(|look| self.legend(*look)).collect();
            if ids.len() > 1 {
                self.line(&ids.join(" ~~~ "));
            }
            self.close();
        }
        for look in &looks {
            self.line(&format!("classDef {} {}", look.class(), look.style()));
        }
        for (class, style) in [
            ("folded", "fill:#f6f8fa,stroke:#8c959f,color:#57606a,stroke-dasharray:2 2"),
            ("missing", "fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-width:3px"),
        ] {
            if self.out.contains(&format!(":::{class}")) {
                self.line(&format!("classDef {class} {style}"));
            }
        }
        for (look, ids) in std::mem::take(&mut self.boxes) {
            let (class, style) = match look {
                None => ("box".to_string(), FRAME.to_string()),
                Some(look) => {
                    let dashes = if look == Look::Removed { ",stroke-dasharray:4 3" } else { "" };
                    (
                        format!("{}Box", look.class()),
                        format!("fill:none,stroke:{},stroke-width:2px{dashes}", look.stroke()),
                    )
                }
            };
            self.line(&format!("classDef {class} {style}"));
            self.line(&format!("class {} {class}", ids.join(",")));
        }
        for (look, edges) in std::mem::take(&mut self.moved) {
            let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
            self.line(&format!("linkStyle {} stroke:{},stroke-width:2px", edges.join(","), look.stroke()));
        }
        self.out
    }

    fn legend(&mut self, look: Look) -> String {
        let id = self.id();
        self.line(&format!("{id}[\"{}{}\"]:::{}", look.sign(), look.class(), look.class()));
        id
    }
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
  classDef box fill:none,stroke:#8c959f
  class n2 box
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
}
