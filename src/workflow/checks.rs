//! What is wrong with a definition by itself, under the codes of AWS's ValidateStateMachineDefinition where it has one.
//!
//! Judges what is known and says nothing of holes. Refuses to know tables and roles.

use super::model::{Language, Machine, Pointer, State, StateKind, strings};
use super::permissions::integration;
use super::variables;
use crate::diag::nearest;
use crate::value::Value;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// AWS refuses it, or it fails when it runs.
    Error,
    /// It is most likely not meant so.
    Warning,
    /// Worth knowing.
    Note,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Such as `MISSING_TRANSITION_TARGET`.
    pub code: &'static str,
    /// How bad.
    pub grade: Grade,
    /// Where.
    pub at: Pointer,
    /// Whole sentences.
    pub text: String,
    /// What to do, an imperative sentence.
    pub way: String,
}

/// What a machine is checked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// `EXPRESS` rather than `STANDARD`.
    pub express: bool,
}

/// Everything that is wrong with a definition.
pub fn check(machine: &Machine, usage: Use) -> Vec<Fault> {
    let mut out = Vec::new();
    self::machine(machine, usage, &mut out);
    variables::check(machine, &mut out);
    out.sort_by(|a, b| (&a.at, a.code).cmp(&(&b.at, b.code)));
    out
}

/// State names that stand more than once in a text: JSON keeps only the last of them. With the pointer of each.
pub fn duplicates(text: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    // What is no JSON is told elsewhere.
    let _ = serde::de::DeserializeSeed::deserialize(Names { at: Pointer::default(), found: &mut found }, &mut reader);
    found
        .into_iter()
        .map(|at: Pointer| {
            let name = at.steps().pop().unwrap_or_default();
            let state = at.0.rsplit_once('/').is_some_and(|(before, _)| before.ends_with("/States"));
            let what = if state {
                format!("Two states are called \"{name}\"")
            } else {
                format!("\"{name}\" stands twice in one object")
            };
            Fault {
                code: if state { "DUPLICATE_STATE_NAME" } else { "SCHEMA_VALIDATION_FAILED" },
                grade: Grade::Error,
                text: format!("{what} at {at}: only the last one counts."),
                way: "Rename one of them, or take it out.".into(),
                at,
            }
        })
        .collect()
}

/// Goes through JSON and notes names that an object has twice.
struct Names<'a> {
    at: Pointer,
    found: &'a mut Vec<Pointer>,
}

impl<'de> serde::de::DeserializeSeed<'de> for Names<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Names<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for i in 0usize.. {
            let at = self.at.then(&i.to_string());
            if seq.next_element_seed(Names { at, found: &mut *self.found })?.is_none() {
                break;
            }
        }
        Ok(())
    }
    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = std::collections::BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            // How serde_json hands out numbers of any length.
            let number = name == "$serde_json::private::Number";
            let at = self.at.then(&name);
            if !number && !seen.insert(name) {
                self.found.push(at.clone());
            }
            map.next_value_seed(Names { at, found: &mut *self.found })?;
        }
        Ok(())
    }
}

fn fault(code: &'static str, grade: Grade, at: &Pointer, text: String, way: impl Into<String>) -> Fault {
    Fault { code, grade, at: at.clone(), text, way: way.into() }
}

fn machine(m: &Machine, usage: Use, out: &mut Vec<Fault>) {
    let mut target = |name: Option<&str>, at: &Pointer| {
        let Some(name) = name.filter(|n| m.complete && !m.states.contains_key(*n)) else { return };
        let near = nearest(name, m.states.keys().map(|k| &**k));
        let way =
            near.map_or_else(|| "Name a state of the same machine.".to_string(), |n| format!("Did you mean \"{n}\"?"));
        out.push(fault(
            "MISSING_TRANSITION_TARGET",
            Grade::Error,
            at,
            format!("There is no state \"{name}\", to which {at} leads."),
            way,
        ));
    };
    target(m.start_at.as_deref(), &m.at.then("StartAt"));
    for state in m.states.values() {
        for way in &state.transitions {
            target(way.to.as_deref(), &way.at);
        }
    }
    if m.complete && !m.states.is_empty() && m.start_at.as_ref().is_some_and(|s| m.states.contains_key(s)) {
        let reachable = m.reachable();
        for state in m.states.values().filter(|s| !reachable.contains(&*s.name)) {
            out.push(fault(
                "MISSING_TRANSITION_TARGET",
                Grade::Error,
                &state.at,
                format!("State \"{}\" is not reachable: nothing that can be reached leads to it.", state.name),
                "Lead to it, or take it out.",
            ));
        }
        if !m.states.values().any(|s| reachable.contains(&*s.name) && s.ends()) {
            out.push(fault(
                "MISSING_END_STATE",
                Grade::Error,
                &m.at.then("States"),
                "No state that can be reached ends the machine, so an execution never ends.".into(),
                "Give a state `\"End\": true`, or add a Succeed or Fail state.",
            ));
        }
    }
    for state in m.states.values() {
        self::state(state, usage, out);
        for inside in &state.inside {
            // Items of a distributed Map run as executions of a type of their own.
            let config = inside.machine.fields.get("ProcessorConfig");
            let ty = config.and_then(|c| c.get("ExecutionType"));
            let express = match ty.as_ref().and_then(Value::as_str) {
                Some(ty) if state.is_distributed() => ty == "EXPRESS",
                _ => usage.express,
            };
            machine(&inside.machine, Use { express }, out);
        }
    }
}

fn state(s: &State, usage: Use, out: &mut Vec<Fault>) {
    let mut tell = |code: &'static str, grade: Grade, at: &Pointer, text: String, way: &str| {
        out.push(fault(code, grade, at, text, way));
    };
    let name = &s.name;
    if name.chars().count() > 80 {
        let way = "Shorten the name.";
        tell(
            "INVALID_STATE_NAME",
            Grade::Error,
            &s.at,
            format!("The name of state \"{name}\" has more than 80 characters."),
            way,
        );
    }
    let has = |field: &str| s.field(field).is_some();
    let terminal = matches!(s.kind, StateKind::Succeed | StateKind::Fail);
    if terminal || s.kind == StateKind::Choice {
        for field in ["Next", "End"].into_iter().filter(|f| has(f)) {
            let text = format!(
                "State \"{name}\" is a {} state and has `{field}`, which such a state cannot have.",
                s.kind.name()
            );
            tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at.then(field), text, "Take it out.");
        }
    } else if matches!(s.kind, StateKind::Other(_)) {
        // Its type is not known, so neither is what it must have.
    } else if has("Next") && s.field("End").and_then(Value::as_bool) == Some(true) {
        let text = format!("State \"{name}\" ends the machine and leads on: it has both `End` and `Next`.");
        tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at.then("End"), text, "Keep one of the two.");
    } else if !has("Next") && !has("End") {
        let text = format!("State \"{name}\" neither leads on nor ends the machine: it has neither `Next` nor `End`.");
        tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at, text, "Give it one of the two.");
    }
    for (field, value) in s.fields.iter().filter(|(f, _)| matches!(&***f, "End" | "Comment" | "Next" | "Resource")) {
        let wanted = if &**field == "End" { "a boolean" } else { "a text" };
        let fits = match &**field {
            "End" => value.as_bool().is_some(),
            _ => value.as_str().is_some(),
        };
        if fits || value.is_null() || !value.is_known() {
            continue;
        }
        let text = match value.as_str() {
            Some(given) => format!("`{field}` of state \"{name}\" is the text \"{given}\", not {wanted}."),
            None => format!("`{field}` of state \"{name}\" is not {wanted}."),
        };
        // What a conditional makes of { End = true } beside { Next = "B" }.
        let way = "Write it as it is meant. In Terraform, a conditional between objects with different attributes makes texts of all of them.";
        tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at.then(field), text, way);
    }
    let one_of = |names: &[&str]| names.iter().filter(|n| has(n)).count();
    if s.kind == StateKind::Wait && one_of(&["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]) != 1 {
        let text = format!(
            "Wait state \"{name}\" needs exactly one of `Seconds`, `SecondsPath`, `Timestamp` and `TimestampPath`."
        );
        tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at, text, "Say once how long it waits.");
    }
    if s.kind == StateKind::Choice && s.list("Choices").is_empty() && s.field("Choices").is_none_or(Value::is_known) {
        tell(
            "SCHEMA_VALIDATION_FAILED",
            Grade::Error,
            &s.at,
            format!("Choice state \"{name}\" has no rule in `Choices`."),
            "Add a rule.",
        );
    }
    if s.kind == StateKind::Choice && !has("Default") && !s.list("Choices").is_empty() {
        let text = format!(
            "Choice state \"{name}\" has no `Default`: where no rule matches, the execution fails with States.NoChoiceMatched."
        );
        tell("SFN-CHO-001", Grade::Note, &s.at, text, "Add a `Default`, or keep it so if the rules leave nothing out.");
    }
    if s.kind == StateKind::Task && !has("Resource") {
        tell(
            "SCHEMA_VALIDATION_FAILED",
            Grade::Error,
            &s.at,
            format!("Task state \"{name}\" has no `Resource`."),
            "Say what it calls.",
        );
    }
    if s.kind == StateKind::Parallel && s.list("Branches").is_empty() && s.field("Branches").is_none_or(Value::is_known)
    {
        tell(
            "SCHEMA_VALIDATION_FAILED",
            Grade::Error,
            &s.at,
            format!("Parallel state \"{name}\" has no branch."),
            "Add a branch.",
        );
    }
    if s.kind == StateKind::Map && one_of(&["ItemProcessor", "Iterator"]) != 1 {
        let text = format!("Map state \"{name}\" needs exactly one of `ItemProcessor` and `Iterator`.");
        tell(
            "SCHEMA_VALIDATION_FAILED",
            Grade::Error,
            &s.at,
            text,
            "Say what is done with each item in `ItemProcessor`.",
        );
    }
    wrong_language(s, &mut tell);
    handlers(s, &mut tell);
    if s.kind == StateKind::Task {
        task(s, usage, &mut tell);
    }
}

type Tell<'a> = dyn FnMut(&'static str, Grade, &Pointer, String, &str) + 'a;

/// Fields that belong to the other query language.
fn wrong_language(s: &State, tell: &mut Tell<'_>) {
    let (wrong, other, right): (&[&str], _, _) = match s.language {
        Language::Jsonata => (
            &[
                "InputPath",
                "OutputPath",
                "ResultPath",
                "Parameters",
                "ResultSelector",
                "ItemsPath",
                "SecondsPath",
                "TimestampPath",
                "TimeoutSecondsPath",
                "HeartbeatSecondsPath",
            ][..],
            "JSONPath",
            "Write it with `Arguments`, `Output` and `{% ... %}`, or give the state `\"QueryLanguage\": \"JSONPath\"`.",
        ),
        Language::JsonPath => (
            &["Arguments", "Output"][..],
            "JSONata",
            "Write it with `Parameters` and `ResultSelector`, or give the state `\"QueryLanguage\": \"JSONata\"`.",
        ),
    };
    for field in wrong.iter().filter(|f| s.field(f).is_some()) {
        let text = format!("State \"{}\" has `{field}`, which belongs to {other}.", s.name);
        tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &s.at.then(field), text, right);
    }
}

fn handlers(s: &State, tell: &mut Tell<'_>) {
    for list in ["Retry", "Catch"] {
        let items = s.list(list);
        for (i, item) in items.iter().enumerate() {
            let at = s.at.then(list).then(&i.to_string());
            let errors = item.get("ErrorEquals");
            let errors = strings(errors.as_ref());
            let all = errors.contains(&"States.ALL");
            if all && errors.len() > 1 {
                let text = format!("`States.ALL` stands beside other errors in `{list}` of state \"{}\".", s.name);
                tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &at, text, "Let it stand alone.");
            }
            if all && i + 1 < items.len() {
                let text = format!(
                    "`States.ALL` in `{list}` of state \"{}\" is not the last one: what stands behind it is never tried.",
                    s.name
                );
                tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &at, text, "Put it last.");
            }
            for (name, least) in [("IntervalSeconds", 1.0), ("MaxAttempts", 0.0), ("BackoffRate", 1.0)] {
                let number = item.get(name).and_then(|v| v.as_number().and_then(|n| n.to_string().parse::<f64>().ok()));
                if number.is_some_and(|n| n < least) {
                    let text = format!("`{name}` in `{list}` of state \"{}\" is less than {least}.", s.name);
                    tell("SCHEMA_VALIDATION_FAILED", Grade::Error, &at.then(name), text, "Raise it.");
                }
            }
        }
    }
}

fn task(s: &State, usage: Use, tell: &mut Tell<'_>) {
    let resource = s.text("Resource").unwrap_or_default();
    let found = integration(s);
    if usage.express {
        let why = match found {
            Some(i) if i.pattern.starts_with("sync") => Some("waits for a job (`.sync`)"),
            Some(i) if i.pattern == "waitForTaskToken" => Some("waits for a callback (`.waitForTaskToken`)"),
            None if resource.contains(":activity:") => Some("is an activity"),
            _ => None,
        };
        if let Some(why) = why {
            let text = format!("State \"{}\" {why}, which an Express workflow cannot do.", s.name);
            tell(
                "SFN-EXP-001",
                Grade::Error,
                &s.at.then("Resource"),
                text,
                "Make the machine STANDARD, or call the service without waiting.",
            );
        }
    }
    if let Some(i) = found.filter(|i| i.pattern == "waitForTaskToken")
        && s.field("HeartbeatSeconds").is_none()
        && s.field("HeartbeatSecondsPath").is_none()
        && s.field("TimeoutSeconds").is_none()
        && s.field("TimeoutSecondsPath").is_none()
    {
        let text = format!(
            "State \"{}\" waits for a callback of {} without a time limit: if it never comes, the execution hangs for up to a year.",
            s.name, i.service
        );
        tell("SFN-TMO-001", Grade::Warning, &s.at, text, "Set `TimeoutSeconds` or `HeartbeatSeconds`.");
    }
    let calls = found.is_some() || resource.contains(":lambda:");
    if calls && s.list("Retry").is_empty() && s.field("Retry").is_none_or(Value::is_known) {
        let text = format!(
            "State \"{}\" calls a service without `Retry`: a passing fault of the service ends the execution.",
            s.name
        );
        tell(
            "SFN-RTY-001",
            Grade::Note,
            &s.at,
            text,
            "Add a `Retry` for `States.TaskFailed`, or for the service's own passing errors.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::parse_text;

    /// Everything but notes.
    fn found(text: &str, express: bool) -> Vec<String> {
        let faults = check(&parse_text(text).unwrap(), Use { express });
        faults.iter().filter(|f| f.grade != Grade::Note).map(|f| format!("{} {}", f.code, f.at)).collect()
    }

    #[test]
    fn faults_by_code_and_place() {
        let of = |states: &str| format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#);
        let task = |more: &str| of(&format!(r#""A":{{"Type":"Task","Resource":"r","End":true{more}}}"#));
        for (text, want) in [
            (of(r#""A":{"Type":"Pass","End":true}"#), &[][..]),
            (
                of(r#""A":{"Type":"Pass","Next":"B"}"#),
                &["MISSING_TRANSITION_TARGET /States/A/Next", "MISSING_END_STATE /States"],
            ),
            (
                of(r#""A":{"Type":"Pass","End":true},"B":{"Type":"Pass","Next":"B"}"#),
                &["MISSING_TRANSITION_TARGET /States/B"],
            ),
            (of(r#""A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}"#), &["MISSING_END_STATE /States"]),
            (
                of(r#""A":{"Type":"Pass","Next":"B","End":true},"B":{"Type":"Succeed"}"#),
                &["SCHEMA_VALIDATION_FAILED /States/A/End"],
            ),
            (
                of(r#""A":{"Type":"Pass"},"B":{"Type":"Fail"}"#),
                &[
                    "MISSING_END_STATE /States",
                    "SCHEMA_VALIDATION_FAILED /States/A",
                    "MISSING_TRANSITION_TARGET /States/B",
                ],
            ),
            (
                of(r#""A":{"Type":"Wait","Seconds":1,"SecondsPath":"$.x","End":true}"#),
                &["SCHEMA_VALIDATION_FAILED /States/A"],
            ),
            (of(r#""A":{"Type":"Succeed","End":true}"#), &["SCHEMA_VALIDATION_FAILED /States/A/End"]),
            (of(r#""A":{"Type":"Pass","End":"true"}"#), &["SCHEMA_VALIDATION_FAILED /States/A/End"]),
            (
                of(r#""A":{"Type":"Task","Resource":["r"],"End":true}"#),
                &["SCHEMA_VALIDATION_FAILED /States/A/Resource"],
            ),
            (task(r#","Arguments":{}"#), &["SCHEMA_VALIDATION_FAILED /States/A/Arguments"]),
            (task(r#","QueryLanguage":"JSONata","Arguments":{}"#), &[]),
            (task(r#","QueryLanguage":"JSONata","Parameters":{}"#), &["SCHEMA_VALIDATION_FAILED /States/A/Parameters"]),
            (
                task(r#","Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["X"]}]"#),
                &["SCHEMA_VALIDATION_FAILED /States/A/Retry/0"],
            ),
            (
                task(r#","Retry":[{"ErrorEquals":["X"],"BackoffRate":0.5}]"#),
                &["SCHEMA_VALIDATION_FAILED /States/A/Retry/0/BackoffRate"],
            ),
            (
                of(r#""A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","End":true}"#),
                &["SFN-TMO-001 /States/A"],
            ),
            // Jumping out of a branch leads nowhere.
            (
                of(
                    r#""A":{"Type":"Parallel","Branches":[{"StartAt":"X","States":{"X":{"Type":"Pass","Next":"B"}}}],"Next":"B"},"B":{"Type":"Succeed"}"#,
                ),
                &[
                    "MISSING_END_STATE /States/A/Branches/0/States",
                    "MISSING_TRANSITION_TARGET /States/A/Branches/0/States/X/Next",
                ],
            ),
        ] {
            let mut seen = found(&text, false);
            let mut want: Vec<String> = want.iter().map(|s| s.to_string()).collect();
            seen.sort();
            want.sort();
            assert_eq!(seen, want, "{text}");
        }
    }

    #[test]
    fn express_workflows_do_not_wait() {
        let of = |resource: &str| {
            format!(
                r#"{{"StartAt":"A","States":{{"A":{{"Type":"Task","Resource":"{resource}","TimeoutSeconds":3,"End":true}}}}}}"#
            )
        };
        for (resource, wrong) in [
            ("arn:aws:states:::states:startExecution.sync:2", true),
            ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", true),
            ("arn:aws:states:us-east-1:123456789012:activity:a", true),
            ("arn:aws:states:::dynamodb:putItem", false),
        ] {
            assert_eq!(found(&of(resource), true).iter().any(|f| f.starts_with("SFN-EXP-001")), wrong, "{resource}");
            assert!(!found(&of(resource), false).iter().any(|f| f.starts_with("SFN-EXP-001")));
        }
    }

    #[test]
    fn holes_are_not_judged() {
        use crate::value::Type;
        let hole = || Value::unknown(Type::String);
        let state = Value::object_of([("Type", "Task".into()), ("Resource", hole()), ("Next", hole())]);
        let machine = Value::object_of([("StartAt", hole()), ("States", Value::object_of([("A", state)]))]);
        let faults = check(&crate::workflow::model::parse(&machine).unwrap(), Use::default());
        assert_eq!(faults.iter().filter(|f| f.grade == Grade::Error).count(), 0, "{faults:?}");
    }

    #[test]
    fn names_twice() {
        let text = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Type":"Pass","End":true},"B":{"Type":"Fail"},"A":{"Type":"Pass","Seconds":1.50,"End":true}}}"#;
        let found: Vec<String> = duplicates(text).iter().map(|f| format!("{} {}", f.code, f.at)).collect();
        assert_eq!(found, ["SCHEMA_VALIDATION_FAILED /States/A/Type", "DUPLICATE_STATE_NAME /States/A"]);
        assert!(duplicates("{").is_empty());
    }
}
