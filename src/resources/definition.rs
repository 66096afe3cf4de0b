//! The least that a state machine definition must be for AWS to take it, found without asking AWS: JSON, states of known types,
//! and transitions that lead somewhere.
//!
//! What a definition means is for `workflow`.

use super::policy::{json_fault, what};
use serde_json::{Map, Value as Json};

/// AWS's limit of a definition, in bytes.
const SIZE: usize = 1024 * 1024;

const TYPES: &[&str] = &["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"];

/// What is wrong with a definition: whole sentences, each with the place inside the JSON.
pub fn faults(text: &str) -> Vec<String> {
    if text.len() > SIZE {
        return vec![format!("A definition may have up to {SIZE} bytes; here there are {}.", text.len())];
    }
    let mut faults = Vec::new();
    match serde_json::from_str::<Json>(text) {
        Err(error) => faults.push(json_fault(text, &error)),
        Ok(Json::Object(machine)) => machine_faults(&machine, "", &mut faults),
        Ok(other) => faults.push(format!("A state machine definition is a JSON object, not {}.", what(&other))),
    }
    faults
}

/// Whether two definitions are the same JSON: white space and the order of keys do not matter, how a number is written does.
pub fn same(a: &str, b: &str) -> bool {
    let parsed = |text| serde_json::from_str::<Json>(text).ok();
    a == b || matches!((parsed(a), parsed(b)), (Some(a), Some(b)) if a == b)
}

/// A machine: the whole, a branch of a Parallel state or the inside of a Map state.
fn machine_faults(machine: &Map<String, Json>, place: &str, faults: &mut Vec<String>) {
    let shown = if place.is_empty() { "The definition".to_string() } else { format!("The machine at {place}") };
    let states = match machine.get("States") {
        Some(Json::Object(states)) if !states.is_empty() => states,
        Some(Json::Object(_)) => return faults.push(format!("{shown} has no state in `States`.")),
        Some(other) => return faults.push(format!("{shown} has {} for `States`; an object is expected.", what(other))),
        None => return faults.push(format!("{shown} has no `States`.")),
    };
    match machine.get("StartAt") {
        Some(Json::String(start)) => target(states, start, &format!("{place}/StartAt"), faults),
        Some(other) => faults.push(format!("{shown} has {} for `StartAt`; a string is expected.", what(other))),
        None => faults.push(format!("{shown} has no `StartAt`.")),
    }
    for (name, state) in states {
        let place = format!("{place}/States/{name}");
        match state {
            Json::Object(state) => state_faults(states, state, &place, faults),
            other => faults.push(format!("A state is an object; at {place} there is {}.", what(other))),
        }
    }
}

fn state_faults(states: &Map<String, Json>, state: &Map<String, Json>, place: &str, faults: &mut Vec<String>) {
    match state.get("Type") {
        Some(Json::String(ty)) if TYPES.contains(&ty.as_str()) => {}
        Some(Json::String(ty)) => {
            let near = crate::diag::nearest(ty, TYPES.iter().copied()).map(|t| format!(" Did you mean \"{t}\"?"));
            let types = TYPES.join(", ");
            let near = near.unwrap_or_default();
            faults.push(format!("The state at {place} has the unknown `Type` \"{ty}\"; the types are {types}.{near}"));
        }
        Some(other) => {
            faults.push(format!("The state at {place} has {} for `Type`; a string is expected.", what(other)))
        }
        None => faults.push(format!("The state at {place} has no `Type`.")),
    }
    let mut follow = |holder: &Map<String, Json>, key: &str, at: &str| {
        if let Some(Json::String(next)) = holder.get(key) {
            target(states, next, &format!("{at}/{key}"), faults);
        }
    };
    follow(state, "Next", place);
    follow(state, "Default", place);
    for list in ["Choices", "Catch"] {
        for (i, item) in state.get(list).and_then(Json::as_array).into_iter().flatten().enumerate() {
            if let Json::Object(item) = item {
                follow(item, "Next", &format!("{place}/{list}/{i}"));
            }
        }
    }
    for (i, branch) in state.get("Branches").and_then(Json::as_array).into_iter().flatten().enumerate() {
        if let Json::Object(branch) = branch {
            machine_faults(branch, &format!("{place}/Branches/{i}"), faults);
        }
    }
    for inside in ["ItemProcessor", "Iterator"] {
        if let Some(Json::Object(machine)) = state.get(inside) {
            machine_faults(machine, &format!("{place}/{inside}"), faults);
        }
    }
}

fn target(states: &Map<String, Json>, name: &str, place: &str, faults: &mut Vec<String>) {
    if !states.contains_key(name) {
        let near = crate::diag::nearest(name, states.keys().map(String::as_str));
        // Of names of a letter or two, any other is near.
        let near = near.filter(|n| name.chars().count() > 2 || n.eq_ignore_ascii_case(name));
        let near = near.map(|n| format!(" Did you mean \"{n}\"?")).unwrap_or_default();
        faults.push(format!("There is no state \"{name}\", to which {place} leads (MISSING_TRANSITION_TARGET).{near}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sameness() {
        for (a, b, want) in [
            (r#"{"StartAt":"A","States":{}}"#, "{\n \"States\": { }, \"StartAt\": \"A\" }\n", true),
            (r#"{"a":["x","y"]}"#, r#"{"a":["y","x"]}"#, false),
            (r#"{"a":1.0}"#, r#"{"a":1}"#, false),
            ("{", "{", true),
            ("{", "{ ", false),
        ] {
            assert_eq!(same(a, b), want, "{a} {b}");
        }
    }

    #[test]
    fn what_is_wrong() {
        for (text, want) in [
            (r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#, &[][..]),
            ("{", &["Valid JSON is expected: EOF while parsing an object, at line 1, column 1: `{`."]),
            ("[]", &["A state machine definition is a JSON object, not a list."]),
            ("{}", &["The definition has no `States`."]),
            (r#"{"States":{}}"#, &["The definition has no state in `States`."]),
            (
                r#"{"StartAt":"Nowhere","States":{"A":{"Type":"Pass","End":true}}}"#,
                &["There is no state \"Nowhere\", to which /StartAt leads (MISSING_TRANSITION_TARGET)."],
            ),
            (
                r#"{"StartAt":"A","States":{"A":{"Type":"Taks","Next":"Donne"},"Done":{},"C":{"Type":"Choice",
                    "Choices":[{"Next":"x"}],"Default":"y","Catch":[{"Next":"A"}]}}}"#,
                &[
                    "The state at /States/A has the unknown `Type` \"Taks\"; the types are Task, Pass, Choice, Wait, Succeed, Fail, \
                     Parallel, Map. Did you mean \"Task\"?",
                    "There is no state \"Donne\", to which /States/A/Next leads (MISSING_TRANSITION_TARGET). Did you mean \"Done\"?",
                    "The state at /States/Done has no `Type`.",
                    "There is no state \"y\", to which /States/C/Default leads (MISSING_TRANSITION_TARGET).",
                    "There is no state \"x\", to which /States/C/Choices/0/Next leads (MISSING_TRANSITION_TARGET).",
                ],
            ),
            (
                r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[{"StartAt":"L","States":{"L":{"Type":"Pass","Next":"P"}}}]},
                    "M":{"Type":"Map","ItemProcessor":{"StartAt":"x","States":{"X":{"Type":"Succeed"}}}}}}"#,
                &[
                    "There is no state \"P\", to which /States/P/Branches/0/States/L/Next leads (MISSING_TRANSITION_TARGET).",
                    "There is no state \"x\", to which /States/M/ItemProcessor/StartAt leads (MISSING_TRANSITION_TARGET). Did you mean \"X\"?",
                ],
            ),
        ] {
            assert_eq!(faults(text), want, "{text}");
        }
    }

    #[test]
    fn too_large() {
        assert_eq!(faults(&" ".repeat(SIZE + 1)).len(), 1);
    }
}
