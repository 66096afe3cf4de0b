//! A state machine's change as a tree of states: what is added, removed, renamed and changed, retriers, catchers and rules one by one.
//!
//! Refuses to know plans: it is handed two definitions.

use super::lines::{Lines, Mark};
use super::value::{self, Place, columns};
use crate::value::{Type, Value, quote};
use crate::workflow::diff::{self, Difference, Fate, FieldChange, InsideChange, ItemChange, StateChange};
use crate::workflow::model;

/// Draws the change of a definition; `false` where the two are not both state machines with something between them that differs.
pub fn draw(out: &mut Lines, level: usize, place: Place<'_>, before: &Value, after: &Value) -> bool {
    if before.marks_deep().sensitive || after.marks_deep().sensitive || before.is_null() || after.is_null() {
        return false;
    }
    let (Ok(old), Ok(new)) = (model::parse(before), model::parse(after)) else { return false };
    if old.states.is_empty() || new.states.is_empty() {
        return false;
    }
    let difference = diff::compare(&old, &new);
    if difference.is_empty() {
        return false;
    }
    let mut remark = difference.tally().words();
    if difference.same > 0 && !remark.is_empty() {
        remark.push_str(&format!(", {} unchanged", difference.same));
    }
    if place.forces {
        remark.push_str(if remark.is_empty() { "forces replacement" } else { "; forces replacement" });
    }
    let head = format!("{}jsonencode(", place.prefix);
    match remark.is_empty() {
        true => out.push(level, Mark::Changed, head),
        // Beside it where it fits there, below it otherwise.
        false if level * 4 + 4 + columns(&head) + 3 + columns(&remark) <= 80 => {
            out.push(level, Mark::Changed, format!("{head} # {remark}"));
        }
        false => {
            out.push(level, Mark::Changed, head);
            out.remark(level + 1, format!("# {remark}"));
        }
    }
    machine(out, level + 1, &difference);
    out.push(level, Mark::Same, format!("){}", place.suffix));
    true
}

/// The lines of one machine's difference.
pub fn machine(out: &mut Lines, level: usize, difference: &Difference) {
    fields(out, level, &difference.fields);
    for change in &difference.states {
        state(out, level, change);
    }
}

fn mark(fate: &Fate) -> Mark {
    match fate {
        Fate::Added => Mark::Added,
        Fate::Removed => Mark::Removed,
        Fate::Changed | Fate::Renamed(_) => Mark::Changed,
    }
}

fn state(out: &mut Lines, level: usize, change: &StateChange) {
    let from = match &change.fate {
        Fate::Renamed(old) => format!(", renamed from {}", quote::hcl(old)),
        _ => String::new(),
    };
    out.push(level, mark(&change.fate), format!("state {} ({}){from}", quote::hcl(&change.name), change.sort));
    fields(out, level + 1, &change.fields);
    for item in &change.items {
        self::item(out, level + 1, item);
    }
    for inside in &change.inside {
        self::inside(out, level + 1, inside);
    }
}

fn inside(out: &mut Lines, level: usize, change: &InsideChange) {
    out.push(level, mark(&change.fate), change.label.clone());
    machine(out, level + 1, &change.difference);
}

/// A retrier, a catcher or a rule.
fn item(out: &mut Lines, level: usize, change: &ItemChange) {
    let word = match change.list {
        "Choices" => "if",
        "Catch" => "catch",
        _ => "retry",
    };
    let moved = if change.moved { " # tried in another order" } else { "" };
    // The label says what these fields say.
    let told = |name: &str| match change.list {
        "Choices" => name != "Next" && name != "Assign" && name != "Output" && name != "Comment",
        _ => name == "ErrorEquals",
    };
    let next = |f: &&FieldChange| &*f.name == "Next";
    let target = |v: &Option<Value>| v.as_ref().map(value::inline);
    let mut text = format!("{word} {}", change.label);
    let rest: Vec<FieldChange> = match change.fate {
        Fate::Added | Fate::Removed => {
            let side = change.fields.iter().find(next).and_then(|f| target(&f.after).or_else(|| target(&f.before)));
            if let Some(to) = side {
                text.push_str(&format!(" -> {to}"));
            }
            change.fields.iter().filter(|f| !next(f) && !told(&f.name)).cloned().collect()
        }
        _ => change.fields.clone(),
    };
    for line in broken(&text, level, moved) {
        out.push(level, if line.1 { mark(&change.fate) } else { Mark::Same }, line.0);
    }
    fields(out, level + 1, &rest);
}

/// Lines of at most 80 columns where that is possible, the first one marked.
fn broken(text: &str, level: usize, tail: &str) -> Vec<(String, bool)> {
    let room = 80usize.saturating_sub(level * 4 + 4).max(24);
    let whole = format!("{text}{tail}");
    if columns(&whole) <= room {
        return vec![(whole, true)];
    }
    let mut lines: Vec<(String, bool)> = Vec::new();
    let mut line = String::new();
    for word in whole.split(' ') {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
            let first = lines.is_empty();
            lines.push((std::mem::replace(&mut line, "    ".into()), first));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let first = lines.is_empty();
    lines.push((line, first));
    lines
}

fn fields(out: &mut Lines, level: usize, changes: &[FieldChange]) {
    let width = changes.iter().map(|f| columns(&f.name)).max().unwrap_or_default();
    let null = Value::null(Type::Any);
    for f in changes {
        let pad = " ".repeat(width - columns(&f.name));
        let prefix = format!("{}{pad} = ", f.name);
        let (before, after) = (f.before.as_ref().unwrap_or(&null), f.after.as_ref().unwrap_or(&null));
        value::draw(out, level, Place { prefix: &prefix, ..Place::default() }, before, after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Style;

    fn text(before: &str, after: &str) -> String {
        let mut out = Lines::default();
        let place = Place { prefix: "definition = ", ..Place::default() };
        assert!(draw(&mut out, 1, place, &Value::string(before), &Value::string(after)));
        out.render(Style::PLAIN)
    }

    #[test]
    fn a_tree_of_states() {
        let before = r#"{"StartAt":"Put","States":{
            "Put":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{"TableName":"t"},
                   "Retry":[{"ErrorEquals":["States.TaskFailed"],"MaxAttempts":2}],"Next":"Done"},
            "Done":{"Type":"Succeed"},"Old":{"Type":"Wait","Seconds":3,"Next":"Done"}}}"#;
        let after = r#"{"StartAt":"Put","TimeoutSeconds":60,"States":{
            "Put":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{"TableName":"u"},
                   "Retry":[{"ErrorEquals":["States.TaskFailed"],"MaxAttempts":5}],
                   "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Bad","ResultPath":"$.e"}],"Next":"Big?"},
            "Big?":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.amount.in.the.currency.of.the.account","NumericGreaterThan":1000},{"Variable":"$.kind","StringEquals":"order"}],"Next":"Bad"}],"Default":"Done"},
            "Bad":{"Type":"Fail","Error":"E"},"Done":{"Type":"Succeed"}}}"#;
        assert_eq!(
            text(before, after),
            r#"      ~ definition = jsonencode(
            # 2 states added, 1 removed, 1 changed, 1 unchanged
          + TimeoutSeconds = 60
          ~ state "Put" (Task dynamodb:putItem)
              ~ Next       = "Done" -> "Big?"
              ~ Parameters = {
                  ~ TableName = "t" -> "u"
                }
              ~ retry States.TaskFailed
                  ~ MaxAttempts = 2 -> 5
              + catch States.ALL -> "Bad"
                  + ResultPath = "$.e"
          + state "Big?" (Choice)
              + Default = "Done"
              + if $.amount.in.the.currency.of.the.account > 1000 and $.kind ==
                    "order" -> "Bad"
          + state "Bad" (Fail)
              + Error = "E"
          - state "Old" (Wait)
              - Next    = "Done"
              - Seconds = 3
        )
"#
        );
    }

    #[test]
    fn what_is_drawn_otherwise() {
        let machine = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
        let hole = Value::unknown(Type::String);
        let secret = Value::string("{}").mark(crate::value::Marks::SENSITIVE);
        for (before, after) in [
            (Value::string(machine), Value::string(format!(" {machine}"))),
            (Value::string(machine), hole),
            (Value::string(machine), secret),
            (Value::string(machine), Value::string("no JSON")),
            (Value::string(machine), Value::string("{}")),
            (Value::null(Type::String), Value::string(machine)),
        ] {
            let mut out = Lines::default();
            assert!(!draw(&mut out, 0, Place::default(), &before, &after));
            assert!(out.0.is_empty());
        }
    }
}
