//! What Step Functions says about a definition: the checks of `ValidateStateMachineDefinition`, under AWS's codes.
//!
//! Refuses to know services, tables and roles. It is the service's own opinion: where AWS's is not certain, it keeps quiet.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How deeply parts may nest before AWS, too, calls it too deep.
const DEPTH: usize = 40;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// An error, or a warning only.
    pub(super) error: bool,
    /// AWS's code.
    pub(super) code: &'static str,
    /// A sentence.
    pub(super) message: String,
    /// Such as `/States/Get/Next`.
    pub(super) location: String,
}

struct Checker {
    findings: Vec<Finding>,
    names: BTreeMap<String, usize>,
}

/// All findings about a definition, in the order of the text.
pub(super) fn diagnose(text: &str) -> Vec<Finding> {
    let mut checker = Checker { findings: Vec::new(), names: BTreeMap::new() };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(machine)) => checker.machine(&machine, "", "JSONPath", 0),
        Ok(_) => checker.error("SCHEMA_VALIDATION_FAILED", "Expected value of type Object", "/"),
        Err(e) => checker.error("INVALID_JSON_DESCRIPTION", format!("The string is not valid JSON: {e}"), "/"),
    }
    let twice = checker.names.iter().filter(|(_, n)| **n > 1).map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for name in twice {
        checker.error("DUPLICATE_STATE_NAME", format!("Duplicate State name: {name}"), "/States");
    }
    checker.findings
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

impl Checker {
    fn error(&mut self, code: &'static str, message: impl Into<String>, location: &str) {
        let location = if location.is_empty() { "/" } else { location };
        let finding = Finding { error: true, code, message: message.into(), location: location.to_owned() };
        self.findings.push(finding);
    }

    fn schema(&mut self, message: impl Into<String>, location: &str) {
        self.error("SCHEMA_VALIDATION_FAILED", message, location);
    }

    fn required(&mut self, map: &Map<String, Value>, keys: &[&str], location: &str) {
        let missing: Vec<&str> = keys.iter().copied().filter(|k| !map.contains_key(*k)).collect();
        if !missing.is_empty() {
            self.schema(format!("These fields are required: [{}]", missing.join(", ")), location);
        }
    }

    /// A machine, a branch, or what a Map runs.
    fn machine(&mut self, machine: &Map<String, Value>, at: &str, language: &str, depth: usize) {
        if depth > DEPTH {
            self.error("TOO_DEEPLY_NESTED", "The definition is nested too deeply", at);
            return;
        }
        self.required(machine, &["StartAt", "States"], at);
        let language = match machine.get("QueryLanguage") {
            None => language,
            Some(Value::String(s)) if s == "JSONPath" || s == "JSONata" => s,
            Some(_) => {
                self.schema("Value is not one of [JSONPath, JSONata]", &format!("{at}/QueryLanguage"));
                language
            }
        };
        if machine.get("StartAt").is_some_and(|s| !s.is_string()) {
            self.schema("Expected value of type String", &format!("{at}/StartAt"));
        }
        let states = match machine.get("States") {
            Some(Value::Object(states)) => states,
            None => return,
            Some(_) => return self.schema("Expected value of type Object", &format!("{at}/States")),
        };
        if states.is_empty() {
            self.schema("Expected at least one state", &format!("{at}/States"));
        }
        let start = text(machine, "StartAt");
        if let Some(start) = start {
            self.target(states, start, &format!("{at}/StartAt"));
        }
        let mut ends = false;
        for (name, state) in states {
            let here = format!("{at}/States/{name}");
            *self.names.entry(name.clone()).or_default() += 1;
            if name.chars().count() > 80 {
                let why = "State name must not be longer than 80 characters";
                self.error("INVALID_STATE_NAME", why, &here);
            }
            match state {
                Value::Object(state) => ends |= self.state(state, states, &here, language, depth),
                _ => self.schema("Expected value of type Object", &here),
            }
        }
        if let Some(start) = start.filter(|s| states.contains_key(*s)) {
            self.reach(states, start, at);
        }
        if !ends && !states.is_empty() {
            self.error("MISSING_END_STATE", "The workflow has no state that ends it", at);
        }
    }

    fn target(&mut self, states: &Map<String, Value>, name: &str, location: &str) {
        if !states.contains_key(name) {
            self.error("MISSING_TRANSITION_TARGET", format!("Missing 'Next' target: {name}"), location);
        }
    }

    /// States that nothing leads to.
    fn reach(&mut self, states: &Map<String, Value>, start: &str, at: &str) {
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(name) = todo.pop() {
            let Some(state) = states.get(name).and_then(Value::as_object) else { continue };
            for next in successors(state) {
                if seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        for name in states.keys().filter(|n| !seen.contains(n.as_str())) {
            let why = format!("State \"{name}\" is not reachable.");
            self.error("MISSING_TRANSITION_TARGET", why, &format!("{at}/States/{name}"));
        }
    }

    /// One state; whether the machine may end there.
    fn state(
        &mut self,
        state: &Map<String, Value>,
        states: &Map<String, Value>,
        here: &str,
        language: &str,
        depth: usize,
    ) -> bool {
        let Some(kind) = state.get("Type") else {
            self.required(state, &["Type"], here);
            return true;
        };
        let kinds = ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"];
        let Some(kind) = kind.as_str().filter(|k| kinds.contains(k)) else {
            let why = format!("Value is not one of [{}]", kinds.join(", "));
            self.schema(why, &format!("{here}/Type"));
            return true;
        };
        let language = match text(state, "QueryLanguage") {
            Some(own @ ("JSONPath" | "JSONata")) => own,
            _ => language,
        };
        self.fields(state, kind, language, here);
        self.paths(state, language, here);
        self.transitions(state, states, kind, here);
        self.handlers(state, states, kind, here);
        match kind {
            "Task" => self.task(state, here),
            "Choice" => self.choices(state, states, language, here),
            "Wait" => self.wait(state, here),
            "Parallel" => self.parallel(state, here, language, depth),
            "Map" => self.map(state, here, language, depth),
            "Fail" => {
                for (one, other) in [("Error", "ErrorPath"), ("Cause", "CausePath")] {
                    if state.contains_key(one) && state.contains_key(other) {
                        self.schema(format!("Only one of [{one}, {other}] may be set"), here);
                    }
                }
            }
            _ => {}
        }
        matches!(kind, "Succeed" | "Fail") || state.get("End") == Some(&Value::Bool(true))
    }

    /// Fields of the other query language.
    fn fields(&mut self, state: &Map<String, Value>, kind: &str, language: &str, here: &str) {
        let foreign: &[&str] = match language {
            "JSONata" => &["InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "ItemsPath"],
            // Map takes Items only with JSONata.
            _ if kind == "Map" => &["Arguments", "Items"],
            _ => &["Arguments"],
        };
        for field in foreign.iter().filter(|f| state.contains_key(**f)) {
            let why = format!("The field \"{field}\" is not supported when the QueryLanguage is {language}");
            self.schema(why, &format!("{here}/{field}"));
        }
    }

    /// Paths and templates of JSONPath.
    fn paths(&mut self, state: &Map<String, Value>, language: &str, here: &str) {
        if language != "JSONPath" {
            return;
        }
        for field in ["InputPath", "OutputPath", "ResultPath", "ItemsPath", "SecondsPath", "TimestampPath"] {
            let fine = match state.get(field) {
                None => true,
                Some(Value::Null) => matches!(field, "InputPath" | "OutputPath" | "ResultPath"),
                Some(Value::String(path)) => is_path(path),
                Some(_) => false,
            };
            if !fine {
                self.schema("Value is not a valid JSONPath", &format!("{here}/{field}"));
            }
        }
        for field in ["Parameters", "ResultSelector", "ItemSelector", "Assign"] {
            if let Some(template) = state.get(field) {
                self.template(template, &format!("{here}/{field}"));
            }
        }
    }

    /// A template: what a member ending in `.$` says is looked up. No deeper than the JSON reader goes.
    fn template(&mut self, template: &Value, at: &str) {
        match template {
            Value::Array(items) => items.iter().for_each(|item| self.template(item, at)),
            Value::Object(members) => {
                for (name, value) in members {
                    let Some(plain) = name.strip_suffix(".$") else {
                        self.template(value, at);
                        continue;
                    };
                    if members.contains_key(plain) {
                        self.schema(format!("The field '{plain}' is specified twice"), at);
                    }
                    if !value.as_str().is_some_and(is_path) {
                        let why = format!(
                            "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                        );
                        self.schema(why, at);
                    }
                }
            }
            _ => {}
        }
    }

    fn transitions(&mut self, state: &Map<String, Value>, states: &Map<String, Value>, kind: &str, here: &str) {
        if let Some(next) = state.get("Next") {
            match next.as_str() {
                Some(next) => self.target(states, next, &format!("{here}/Next")),
                None => self.schema("Expected value of type String", &format!("{here}/Next")),
            }
        }
        let end = match state.get("End") {
            None => false,
            Some(Value::Bool(end)) => *end,
            Some(_) => {
                self.schema("Expected value of type Boolean", &format!("{here}/End"));
                true
            }
        };
        match kind {
            "Choice" | "Succeed" | "Fail" => {
                for field in ["Next", "End"].into_iter().filter(|f| state.contains_key(*f)) {
                    let why = format!("The field \"{field}\" is not supported in a {kind} state");
                    self.schema(why, &format!("{here}/{field}"));
                }
            }
            _ => match (state.contains_key("Next"), end) {
                (false, false) => self.schema("Exactly one of [Next, End] is required", here),
                (true, true) => self.schema("Only one of [Next, End] may be set", here),
                _ => {}
            },
        }
    }

    fn handlers(&mut self, state: &Map<String, Value>, states: &Map<String, Value>, kind: &str, here: &str) {
        for field in ["Retry", "Catch"] {
            let Some(list) = state.get(field) else { continue };
            let at = format!("{here}/{field}");
            if !matches!(kind, "Task" | "Parallel" | "Map") {
                self.schema(format!("The field \"{field}\" is not supported in a {kind} state"), &at);
                continue;
            }
            let Some(list) = list.as_array() else {
                self.schema("Expected value of type Array", &at);
                continue;
            };
            for (i, entry) in list.iter().enumerate() {
                let at = format!("{at}[{i}]");
                let Some(entry) = entry.as_object() else {
                    self.schema("Expected value of type Object", &at);
                    continue;
                };
                let wanted: &[&str] = if field == "Catch" { &["ErrorEquals", "Next"] } else { &["ErrorEquals"] };
                self.required(entry, wanted, &at);
                self.errors(entry, i + 1 == list.len(), &at);
                if let Some(next) = text(entry, "Next") {
                    self.target(states, next, &format!("{at}/Next"));
                }
                if field == "Retry" {
                    self.retry(entry, &at);
                }
            }
        }
    }

    fn errors(&mut self, entry: &Map<String, Value>, last: bool, at: &str) {
        let Some(errors) = entry.get("ErrorEquals") else { return };
        let at = format!("{at}/ErrorEquals");
        let names: Option<Vec<&str>> = errors.as_array().and_then(|l| l.iter().map(Value::as_str).collect());
        match names {
            None => self.schema("Expected value of type Array of String", &at),
            Some(names) if names.is_empty() => self.schema("Expected at least one value", &at),
            Some(names) if names.contains(&"States.ALL") && (names.len() > 1 || !last) => {
                let why = "\"States.ALL\" must appear alone and in the last entry";
                self.schema(why, &at);
            }
            Some(_) => {}
        }
    }

    fn retry(&mut self, entry: &Map<String, Value>, at: &str) {
        let least = [("IntervalSeconds", 1.0), ("MaxAttempts", 0.0), ("BackoffRate", 1.0), ("MaxDelaySeconds", 1.0)];
        for (field, least) in least {
            match entry.get(field) {
                Some(Value::Number(n)) if n.as_f64().is_some_and(|n| n >= least) => {}
                Some(Value::Number(_)) => {
                    self.schema(format!("Value must be at least {least}"), &format!("{at}/{field}"));
                }
                Some(_) => self.schema("Expected value of type Number", &format!("{at}/{field}")),
                None => {}
            }
        }
        if entry.get("JitterStrategy").is_some_and(|j| !matches!(j.as_str(), Some("FULL" | "NONE"))) {
            self.schema("Value is not one of [FULL, NONE]", &format!("{at}/JitterStrategy"));
        }
    }

    fn task(&mut self, state: &Map<String, Value>, here: &str) {
        self.required(state, &["Resource"], here);
        if let Some(resource) = state.get("Resource") {
            let fine = resource.as_str().is_some_and(|r| {
                let parts: Vec<&str> = r.splitn(6, ':').collect();
                parts.len() == 6 && parts[0] == "arn" && !parts[2].is_empty() && !parts[5].is_empty()
            });
            if !fine {
                self.schema("Value is not a valid resource ARN", &format!("{here}/Resource"));
            }
        }
        for (one, other) in [("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")] {
            if state.contains_key(one) && state.contains_key(other) {
                self.schema(format!("Only one of [{one}, {other}] may be set"), here);
            }
        }
    }

    fn wait(&mut self, state: &Map<String, Value>, here: &str) {
        let ways = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
        if ways.iter().filter(|w| state.contains_key(**w)).count() != 1 {
            self.schema(format!("Exactly one of [{}] is required", ways.join(", ")), here);
        }
    }

    fn choices(&mut self, state: &Map<String, Value>, states: &Map<String, Value>, language: &str, here: &str) {
        self.required(state, &["Choices"], here);
        if let Some(default) = text(state, "Default") {
            self.target(states, default, &format!("{here}/Default"));
        }
        let Some(choices) = state.get("Choices") else { return };
        let at = format!("{here}/Choices");
        let Some(choices) = choices.as_array().filter(|c| !c.is_empty()) else {
            return self.schema("Expected an Array with at least one value", &at);
        };
        for (i, choice) in choices.iter().enumerate() {
            let at = format!("{at}[{i}]");
            let Some(choice) = choice.as_object() else {
                self.schema("Expected value of type Object", &at);
                continue;
            };
            self.required(choice, &["Next"], &at);
            if let Some(next) = text(choice, "Next") {
                self.target(states, next, &format!("{at}/Next"));
            }
            if language == "JSONata" {
                self.required(choice, &["Condition"], &at);
            } else {
                self.rule(choice, &at, 0);
            }
        }
    }

    /// A comparison, or a combination of comparisons.
    fn rule(&mut self, rule: &Map<String, Value>, at: &str, depth: usize) {
        if depth > DEPTH {
            return self.error("TOO_DEEPLY_NESTED", "The definition is nested too deeply", at);
        }
        for field in ["And", "Or"] {
            match rule.get(field) {
                None => {}
                Some(Value::Array(parts)) if !parts.is_empty() => {
                    for (i, part) in parts.iter().enumerate() {
                        match part {
                            Value::Object(part) => self.rule(part, &format!("{at}/{field}[{i}]"), depth + 1),
                            _ => self.schema("Expected value of type Object", &format!("{at}/{field}[{i}]")),
                        }
                    }
                    return;
                }
                Some(_) => return self.schema("Expected an Array with at least one value", &format!("{at}/{field}")),
            }
        }
        match rule.get("Not") {
            Some(Value::Object(part)) => return self.rule(part, &format!("{at}/Not"), depth + 1),
            Some(_) => return self.schema("Expected value of type Object", &format!("{at}/Not")),
            None => {}
        }
        self.required(rule, &["Variable"], at);
        let compares = |key: &str| {
            ["String", "Numeric", "Boolean", "Timestamp"].iter().any(|p| key.starts_with(p))
                || matches!(key, "IsNull" | "IsPresent" | "IsNumeric" | "IsString" | "IsBoolean" | "IsTimestamp")
        };
        if rule.keys().filter(|k| compares(k)).count() != 1 {
            self.schema("Exactly one comparison operator is required", at);
        }
    }

    fn parallel(&mut self, state: &Map<String, Value>, here: &str, language: &str, depth: usize) {
        self.required(state, &["Branches"], here);
        let Some(branches) = state.get("Branches") else { return };
        let Some(branches) = branches.as_array().filter(|b| !b.is_empty()) else {
            return self.schema("Expected an Array with at least one value", &format!("{here}/Branches"));
        };
        for (i, branch) in branches.iter().enumerate() {
            let at = format!("{here}/Branches[{i}]");
            match branch {
                Value::Object(branch) => self.machine(branch, &at, language, depth + 1),
                _ => self.schema("Expected value of type Object", &at),
            }
        }
    }

    fn map(&mut self, state: &Map<String, Value>, here: &str, language: &str, depth: usize) {
        match (state.get("ItemProcessor"), state.get("Iterator")) {
            (None, None) => self.required(state, &["ItemProcessor"], here),
            (Some(_), Some(_)) => self.schema("Only one of [ItemProcessor, Iterator] may be set", here),
            (Some(Value::Object(inner)), None) => {
                self.machine(inner, &format!("{here}/ItemProcessor"), language, depth + 1);
            }
            (None, Some(Value::Object(inner))) => self.machine(inner, &format!("{here}/Iterator"), language, depth + 1),
            _ => self.schema("Expected value of type Object", &format!("{here}/ItemProcessor")),
        }
    }
}

/// Whether a text may be a path, a variable, or a call of an intrinsic function.
fn is_path(text: &str) -> bool {
    text.starts_with('$') || text.starts_with("States.")
}

/// The states that one leads to directly.
fn successors(state: &Map<String, Value>) -> Vec<&str> {
    let mut found: Vec<&str> = ["Next", "Default"].iter().filter_map(|k| text(state, k)).collect();
    for list in ["Catch", "Choices"] {
        let entries = state.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or(&[]);
        found.extend(entries.iter().filter_map(|e| e.get("Next").and_then(Value::as_str)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        diagnose(text).into_iter().map(|f| format!("{} {}", f.code, f.location)).collect()
    }

    #[test]
    fn good_definitions_pass() {
        let table = [
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#,
            r#"{"Comment":"c","StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Next":"B",
                "Retry":[{"ErrorEquals":["X"],"IntervalSeconds":1,"BackoffRate":2.5},{"ErrorEquals":["States.ALL"]}],
                "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]},"B":{"Type":"Succeed"},"C":{"Type":"Fail","Error":"e"}}}"#,
            r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsPresent":true},
                {"Not":{"Variable":"$.a","StringEquals":"x"}}],"Next":"W"}],"Default":"M"},
                "W":{"Type":"Wait","Seconds":1,"Next":"M"},
                "M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"Next":"P"},
                "P":{"Type":"Parallel","Branches":[{"StartAt":"X","States":{"X":{"Type":"Succeed"}}}],"End":true}}}"#,
            r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Condition":"{% true %}","Next":"B"}]},
                "B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{},"End":true}}}"#,
        ];
        for text in table {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn bad_definitions() {
        let one = |state: &str| format!(r#"{{"StartAt":"A","States":{{"A":{state}}}}}"#);
        let table = [
            ("{".to_owned(), vec!["INVALID_JSON_DESCRIPTION /"]),
            ("[]".to_owned(), vec!["SCHEMA_VALIDATION_FAILED /"]),
            ("{}".to_owned(), vec!["SCHEMA_VALIDATION_FAILED /"]),
            (
                r#"{"StartAt":"A","States":{}}"#.to_owned(),
                vec!["SCHEMA_VALIDATION_FAILED /States", "MISSING_TRANSITION_TARGET /StartAt"],
            ),
            (
                r#"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#.to_owned(),
                vec!["MISSING_TRANSITION_TARGET /StartAt"],
            ),
            (
                one(r#"{"Type":"Pass","Next":"Z"}"#),
                vec!["MISSING_TRANSITION_TARGET /States/A/Next", "MISSING_END_STATE /"],
            ),
            (one(r#"{"Type":"Pass"}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A", "MISSING_END_STATE /"]),
            (one(r#"{"Type":"Pas","End":true}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A/Type"]),
            (one(r#"{"End":true}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A"]),
            (one(r#"{"Type":"Task","End":true}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A"]),
            (
                one(r#"{"Type":"Task","Resource":"lambda","End":true}"#),
                vec!["SCHEMA_VALIDATION_FAILED /States/A/Resource"],
            ),
            (one(r#"{"Type":"Wait","End":true}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A"]),
            (one(r#"{"Type":"Succeed","End":true}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A/End"]),
            (one(r#"{"Type":"Pass","End":true,"Retry":[]}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A/Retry"]),
            (
                one(r#"{"Type":"Task","Resource":"arn:aws:states:::x:y","End":true,"Retry":[{"ErrorEquals":["States.ALL","X"]}]}"#),
                vec!["SCHEMA_VALIDATION_FAILED /States/A/Retry[0]/ErrorEquals"],
            ),
            (
                one(r#"{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"A"}}}}"#),
                vec![
                    "MISSING_TRANSITION_TARGET /States/A/ItemProcessor/States/B/Next",
                    "MISSING_END_STATE /States/A/ItemProcessor",
                ],
            ),
            (
                one(r#"{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]}"#),
                vec!["DUPLICATE_STATE_NAME /States"],
            ),
            (
                r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"B":{"Type":"Succeed"}}}"#.to_owned(),
                vec!["MISSING_TRANSITION_TARGET /States/B"],
            ),
            (one(r#"{"Type":"Pass","End":true,"ResultPath":"a"}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A/ResultPath"]),
            (one(r#"{"Type":"Pass","End":true,"Parameters":{"a":[{"b.$":"c"}]}}"#), vec!["SCHEMA_VALIDATION_FAILED /States/A/Parameters"]),
            (
                one(r#"{"Type":"Pass","End":true,"Parameters":{"a":1,"a.$":"$.x"}}"#),
                vec!["SCHEMA_VALIDATION_FAILED /States/A/Parameters"],
            ),
            (
                r#"{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Pass","Parameters":{},"End":true}}}"#.to_owned(),
                vec!["SCHEMA_VALIDATION_FAILED /States/A/Parameters"],
            ),
        ];
        for (text, wanted) in table {
            assert_eq!(codes(&text), wanted, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_no_accident() {
        let mut text = r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#.to_owned();
        for _ in 0..50 {
            text = format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Map","End":true,"ItemProcessor":{text}}}}}}}"#);
        }
        // 50 levels of Map are 200 levels of JSON, deeper than the reader goes.
        assert_eq!(codes(&text), ["INVALID_JSON_DESCRIPTION /"]);
    }
}
