//! A definition taken apart: machines, states and transitions, each with its exact place in the JSON.
//!
//! Holes are allowed everywhere: what is known after apply is left open, and says nothing wrong. Reading is lenient, so that a
//! definition AWS would refuse can still be compared and drawn; judging is for the checks. Refuses to know why it is read.

use crate::value::{Fields, Number, Type, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The place of a part of a definition, as a JSON pointer: `/States/Save/Retry/0`. Empty for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(pub String);

impl Pointer {
    /// One step further. `~` and `/` in a name are written as JSON pointers write them.
    pub fn then(&self, step: &str) -> Pointer {
        let mut text = self.0.clone();
        text.push('/');
        for c in step.chars() {
            match c {
                '~' => text.push_str("~0"),
                '/' => text.push_str("~1"),
                c => text.push(c),
            }
        }
        Pointer(text)
    }

    /// The steps, names as they are.
    pub fn steps(&self) -> Vec<String> {
        self.0.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~")).collect()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}

/// How a state reads and writes data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `$.path`, `InputPath`, `Parameters` with names ending in `.$`.
    #[default]
    JsonPath,
    /// `{% expression %}`, `Arguments`, `Output`.
    Jsonata,
}

impl Language {
    fn named(value: Option<&Value>, inherited: Language) -> Language {
        match value.and_then(Value::as_str) {
            Some("JSONata") => Language::Jsonata,
            Some("JSONPath") => Language::JsonPath,
            _ => inherited,
        }
    }
}

/// What sort of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Passes its input on.
    Pass,
    /// Does one piece of work.
    Task,
    /// Goes one of several ways.
    Choice,
    /// Waits.
    Wait,
    /// Ends well.
    Succeed,
    /// Ends badly.
    Fail,
    /// Runs branches beside each other.
    Parallel,
    /// Runs one machine for each item.
    Map,
    /// Anything else; empty where there is none or it is known after apply.
    Other(Arc<str>),
}

impl StateKind {
    /// As `Type` has it.
    pub fn name(&self) -> &str {
        match self {
            StateKind::Pass => "Pass",
            StateKind::Task => "Task",
            StateKind::Choice => "Choice",
            StateKind::Wait => "Wait",
            StateKind::Succeed => "Succeed",
            StateKind::Fail => "Fail",
            StateKind::Parallel => "Parallel",
            StateKind::Map => "Map",
            StateKind::Other(name) => name,
        }
    }

    /// Of this name.
    pub fn of(name: &str) -> StateKind {
        match name {
            "Pass" => StateKind::Pass,
            "Task" => StateKind::Task,
            "Choice" => StateKind::Choice,
            "Wait" => StateKind::Wait,
            "Succeed" => StateKind::Succeed,
            "Fail" => StateKind::Fail,
            "Parallel" => StateKind::Parallel,
            "Map" => StateKind::Map,
            other => StateKind::Other(other.into()),
        }
    }
}

/// By what a transition is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// `Next`
    Next,
    /// `Default` of a Choice state.
    Default,
    /// A rule of a Choice state, by its place in `Choices`.
    Choice(usize),
    /// A catcher, by its place in `Catch`.
    Catch(usize),
}

/// A way from one state to another of the same machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state it leads to; `None` where that is known after apply.
    pub to: Option<Arc<str>>,
    /// By what it is taken.
    pub via: Via,
    /// Where it stands.
    pub at: Pointer,
}

/// A machine inside a state.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The field that holds it: `Branches`, `ItemProcessor`, `Iterator`.
    pub field: &'static str,
    /// The place in `Branches`.
    pub index: Option<usize>,
    /// It.
    pub machine: Machine,
}

impl Inside {
    /// For people: `branch 2`, `ItemProcessor`.
    pub fn label(&self) -> String {
        self.index.map_or_else(|| self.field.to_string(), |i| format!("branch {}", i + 1))
    }
}

/// One state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name.
    pub name: Arc<str>,
    /// Where it stands.
    pub at: Pointer,
    /// What sort.
    pub kind: StateKind,
    /// How it reads and writes data.
    pub language: Language,
    /// Everything that stands in it, `Type` and inner machines too.
    pub fields: Fields,
    /// Where it leads, in the order in which they are tried.
    pub transitions: Vec<Transition>,
    /// The machines inside.
    pub inside: Vec<Inside>,
}

impl State {
    /// A field that is there and not null.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|v| !v.is_null())
    }

    /// A known string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }

    /// The elements of a list field; empty where there is none.
    pub fn list(&self, name: &str) -> &[Value] {
        self.field(name).and_then(Value::as_slice).unwrap_or_default()
    }

    /// Whether the machine ends with it. A hole in `End` may be an end; the text "true" is meant as one.
    pub fn ends(&self) -> bool {
        matches!(self.kind, StateKind::Succeed | StateKind::Fail)
            || self
                .field("End")
                .is_some_and(|v| !v.is_known() || v.as_bool() == Some(true) || v.as_str() == Some("true"))
    }

    /// What a Task calls, short: `dynamodb:putItem`, `lambda:invoke.waitForTaskToken`, an ARN's last part otherwise.
    pub fn service(&self) -> Option<&str> {
        let resource = self.text("Resource")?;
        Some(match resource.split_once(":states:::") {
            Some((_, integration)) => integration,
            None => resource.rsplit(':').next().filter(|s| !s.is_empty()).unwrap_or(resource),
        })
    }

    /// Whether a Map state runs its items as executions of their own.
    pub fn is_distributed(&self) -> bool {
        let config = self.field("ItemProcessor").and_then(|p| p.get("ProcessorConfig"));
        config.and_then(|c| c.get("Mode")).is_some_and(|m| m.as_str() == Some("DISTRIBUTED"))
    }
}

/// A whole definition, a branch of a Parallel state, or the inside of a Map state.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where it stands; empty for the whole.
    pub at: Pointer,
    /// Where it begins.
    pub start_at: Option<Arc<str>>,
    /// How its states read and write data, where they say nothing else.
    pub language: Language,
    /// The states by name.
    pub states: BTreeMap<Arc<str>, State>,
    /// Everything else that stands in it.
    pub fields: Fields,
    /// Whether all its states are known: neither `States` nor `StartAt` is a hole.
    pub complete: bool,
}

impl Machine {
    /// The states in the order in which an execution may reach them, then those it cannot reach, by name.
    pub fn walk(&self) -> Vec<&State> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut out = Vec::new();
        let mut open: Vec<&str> = self.start_at.as_deref().into_iter().collect();
        while let Some(name) = open.pop() {
            let Some(state) = self.states.get(name) else { continue };
            if !seen.insert(name) {
                continue;
            }
            out.push(state);
            open.extend(state.transitions.iter().rev().filter_map(|t| t.to.as_deref()));
        }
        out.extend(self.states.values().filter(|s| !seen.contains(&*s.name)));
        out
    }

    /// The names an execution may reach. A transition whose target is known after apply may lead anywhere: then all of them.
    pub fn reachable(&self) -> BTreeSet<&str> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = self.start_at.as_deref().into_iter().collect();
        while let Some(name) = open.pop() {
            let Some(state) = self.states.get(name) else { continue };
            if !seen.insert(name) {
                continue;
            }
            if state.transitions.iter().any(|t| t.to.is_none()) {
                return self.states.keys().map(|k| &**k).collect();
            }
            open.extend(state.transitions.iter().filter_map(|t| t.to.as_deref()));
        }
        seen
    }

    /// Every state of it and of the machines inside.
    pub fn all_states(&self) -> Vec<&State> {
        let mut out = Vec::new();
        for state in self.walk() {
            out.push(state);
            for inside in &state.inside {
                out.extend(inside.machine.all_states());
            }
        }
        out
    }
}

/// Machines may lie this deep inside each other; deeper ones are not looked into.
const MAX_DEPTH: usize = 24;

/// Reads a definition: a JSON text, or a value with the same parts and holes in it. The error is a whole sentence.
pub fn parse(definition: &Value) -> Result<Machine, String> {
    let read;
    let whole = match definition.as_str() {
        Some(text) => {
            let json: Json = serde_json::from_str(text).map_err(|e| format!("The definition is no JSON: {e}."))?;
            read = from_json(&json);
            &read
        }
        None => definition,
    };
    let Some(fields) = whole.as_fields() else {
        return Err("A state machine definition is a JSON object.".into());
    };
    Ok(machine(fields, Pointer::default(), Language::default(), 0))
}

/// Reads a definition's text.
pub fn parse_text(text: &str) -> Result<Machine, String> {
    parse(&Value::string(text))
}

/// JSON as a value without a type of its own. serde_json has bounded its depth.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Any),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => Number::parse(&n.to_string()).map_or_else(|| Value::string(n.to_string()), Value::number),
        Json::String(s) => Value::string(s),
        Json::Array(items) => Value::tuple(items.iter().map(from_json).collect()),
        Json::Object(members) => Value::object(members.iter().map(|(k, v)| (Arc::from(&**k), from_json(v))).collect()),
    }
}

fn machine(fields: &Fields, at: Pointer, inherited: Language, depth: usize) -> Machine {
    let language = Language::named(fields.get("QueryLanguage"), inherited);
    let inner = at.then("States");
    let mut states = BTreeMap::new();
    let whole = fields.get("States");
    for (name, value) in whole.and_then(Value::as_fields).into_iter().flatten() {
        let at = inner.then(name);
        let state = match value.as_fields() {
            Some(fields) => state(name, fields, at, language, depth),
            None => State {
                name: name.clone(),
                at,
                kind: StateKind::Other("".into()),
                language,
                fields: Fields::new(),
                transitions: Vec::new(),
                inside: Vec::new(),
            },
        };
        states.insert(name.clone(), state);
    }
    let start = fields.get("StartAt");
    let known = |v: Option<&Value>| v.is_none_or(Value::is_known);
    let holes = |v: &Value| v.as_fields().is_some_and(|f| f.values().any(|v| !v.is_known()));
    Machine {
        at,
        start_at: start.and_then(Value::as_shared_str),
        language,
        states,
        fields: fields.iter().filter(|(k, _)| &***k != "States").map(|(k, v)| (k.clone(), v.clone())).collect(),
        complete: known(whole) && known(start) && !whole.is_some_and(holes),
    }
}

fn state(name: &Arc<str>, fields: &Fields, at: Pointer, inherited: Language, depth: usize) -> State {
    let language = Language::named(fields.get("QueryLanguage"), inherited);
    let kind = StateKind::of(fields.get("Type").and_then(Value::as_str).unwrap_or_default());
    let mut transitions = Vec::new();
    let mut lead = |holder: &Fields, key: &str, via: Via, at: &Pointer| {
        if let Some(value) = holder.get(key).filter(|v| !v.is_null()) {
            // What is neither a string nor a hole leads nowhere.
            if value.as_str().is_some() || !value.is_known() {
                transitions.push(Transition { to: value.as_shared_str(), via, at: at.then(key) });
            }
        }
    };
    lead(fields, "Next", Via::Next, &at);
    let list = |key: &str| fields.get(key).and_then(Value::as_slice).unwrap_or_default();
    let mut each = |key: &'static str, via: fn(usize) -> Via| {
        let inner = at.then(key);
        for (i, item) in list(key).iter().enumerate() {
            if let Some(item) = item.as_fields() {
                lead(item, "Next", via(i), &inner.then(&i.to_string()));
            }
        }
    };
    each("Choices", Via::Choice);
    each("Catch", Via::Catch);
    // Tried after all rules, and what a Choice state without a matching rule does.
    lead(fields, "Default", Via::Default, &at);
    let mut inside = Vec::new();
    if depth < MAX_DEPTH {
        for (i, branch) in list("Branches").iter().enumerate() {
            if let Some(fields) = branch.as_fields() {
                let at = at.then("Branches").then(&i.to_string());
                inside.push(Inside {
                    field: "Branches",
                    index: Some(i),
                    machine: machine(fields, at, language, depth + 1),
                });
            }
        }
        for field in ["ItemProcessor", "Iterator"] {
            if let Some(fields) = fields.get(field).and_then(Value::as_fields) {
                inside.push(Inside {
                    field,
                    index: None,
                    machine: machine(fields, at.then(field), language, depth + 1),
                });
            }
        }
    }
    State { name: name.clone(), at, kind, language, fields: fields.clone(), transitions, inside }
}

/// The strings of a field that holds a list of them, or one.
pub fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(v) if v.as_str().is_some() => v.as_str().into_iter().collect(),
        Some(v) => v.as_slice().unwrap_or_default().iter().filter_map(Value::as_str).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"StartAt":"Check","TimeoutSeconds":60,"States":{
        "Check":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":3,"Next":"Fan"}],"Default":"Each"},
        "Fan":{"Type":"Parallel","Branches":[{"StartAt":"L","States":{"L":{"Type":"Pass","End":true}}}],
               "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Bad"}],"Next":"Done"},
        "Each":{"Type":"Map","QueryLanguage":"JSONata","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},
               "StartAt":"Put","States":{"Put":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","End":true}}},"Next":"Done"},
        "Bad":{"Type":"Fail"},"Done":{"Type":"Succeed"},"Old/1~":{"Type":"Wait","Seconds":1,"End":true}}}"#;

    #[test]
    fn states_places_and_ways() {
        let m = parse_text(ORDER).unwrap();
        let names: Vec<&str> = m.all_states().iter().map(|s| &*s.name).collect();
        assert_eq!(names, ["Check", "Fan", "L", "Done", "Bad", "Each", "Put", "Old/1~"]);
        let ways: Vec<String> = m
            .all_states()
            .iter()
            .flat_map(|s| s.transitions.iter().map(|t| format!("{} -> {}", t.at, t.to.as_deref().unwrap_or("?"))))
            .collect();
        assert_eq!(
            ways,
            [
                "/States/Check/Choices/0/Next -> Fan",
                "/States/Check/Default -> Each",
                "/States/Fan/Next -> Done",
                "/States/Fan/Catch/0/Next -> Bad",
                "/States/Each/Next -> Done",
            ]
        );
        assert_eq!(m.states["Old/1~"].at.0, "/States/Old~11~0");
        assert_eq!(m.states["Old/1~"].at.steps(), ["States", "Old/1~"]);
        let put = m.all_states()[6];
        assert_eq!(put.at.0, "/States/Each/ItemProcessor/States/Put");
        assert_eq!(put.service(), Some("dynamodb:putItem"));
        assert_eq!((put.language, m.states["Fan"].language), (Language::Jsonata, Language::JsonPath));
        assert!(m.states["Each"].is_distributed());
        assert!(!m.reachable().contains("Old/1~"));
    }

    #[test]
    fn holes_are_left_open() {
        let hole = || Value::unknown(Type::String);
        let state = Value::object_of([("Type", "Task".into()), ("Resource", hole()), ("Next", hole())]);
        let states = Value::object_of([("A", state), ("B", Value::unknown(Type::Any))]);
        let m = parse(&Value::object_of([("StartAt", "A".into()), ("States", states)])).unwrap();
        assert!(!m.complete);
        assert_eq!(m.states["A"].transitions[0].to, None);
        assert_eq!(m.states["A"].service(), None);
        assert_eq!(m.reachable().len(), 2, "a hole may lead anywhere");
    }

    #[test]
    fn what_is_no_machine() {
        for text in ["", "{", "[]", "1", "\"x\""] {
            assert!(parse_text(text).is_err(), "{text}");
        }
        // What AWS would refuse can still be looked at.
        for text in
            ["{}", r#"{"States":[]}"#, r#"{"States":{"A":1,"B":{"Next":3,"Choices":{},"Catch":[1],"Branches":"x"}}}"#]
        {
            let m = parse_text(text).unwrap();
            assert!(m.all_states().iter().all(|s| s.transitions.is_empty()), "{text}");
        }
    }
}
