//! Variables of JSONata states that nothing assigns.
//!
//! Looks at names alone, not at the order of states: what is assigned anywhere in the machine or around it counts. Refuses to know
//! what an expression evaluates to.

use super::checks::{Fault, Grade};
use super::condition;
use super::model::{Language, Machine, Pointer, State};
use crate::diag::nearest;
use crate::value::{Kind, Value};
use std::collections::BTreeSet;

/// Functions of JSONata and those that Step Functions adds; they can be handed on without being called.
const FUNCTIONS: &[&str] = &[
    "string",
    "length",
    "substring",
    "substringBefore",
    "substringAfter",
    "uppercase",
    "lowercase",
    "trim",
    "pad",
    "contains",
    "split",
    "join",
    "match",
    "replace",
    "eval",
    "base64encode",
    "base64decode",
    "encodeUrlComponent",
    "encodeUrl",
    "decodeUrlComponent",
    "decodeUrl",
    "number",
    "abs",
    "floor",
    "ceil",
    "round",
    "power",
    "sqrt",
    "random",
    "formatNumber",
    "formatBase",
    "formatInteger",
    "parseInteger",
    "sum",
    "max",
    "min",
    "average",
    "boolean",
    "not",
    "exists",
    "count",
    "append",
    "sort",
    "reverse",
    "shuffle",
    "distinct",
    "zip",
    "keys",
    "lookup",
    "spread",
    "merge",
    "sift",
    "each",
    "error",
    "assert",
    "type",
    "now",
    "millis",
    "fromMillis",
    "toMillis",
    "map",
    "filter",
    "single",
    "reduce",
    "partition",
    "range",
    "hash",
    "uuid",
    "parse",
];

/// Adds what is found.
pub(super) fn check(machine: &Machine, out: &mut Vec<Fault>) {
    visit(machine, &BTreeSet::new(), out);
}

fn visit(machine: &Machine, outer: &BTreeSet<String>, out: &mut Vec<Fault>) {
    let mut known = outer.clone();
    for state in machine.states.values() {
        let mut take = |holder: Option<Value>| {
            if let Some(fields) = holder.as_ref().and_then(Value::as_fields) {
                known.extend(fields.keys().map(|k| k.strip_suffix(".$").unwrap_or(k).to_string()));
            }
        };
        take(state.field("Assign").cloned());
        for list in ["Choices", "Catch"] {
            state.list(list).iter().for_each(|item| take(item.get("Assign")));
        }
    }
    for state in machine.states.values() {
        if state.language == Language::Jsonata {
            one(state, &known, out);
        }
        for inside in &state.inside {
            // Items of a distributed Map run as executions of their own, which see nothing of this one.
            let none = BTreeSet::new();
            visit(&inside.machine, if state.is_distributed() { &none } else { &known }, out);
        }
    }
}

fn one(state: &State, known: &BTreeSet<String>, out: &mut Vec<Fault>) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut tell = |at: &Pointer, text: &str| {
        let expression = condition::expression(text);
        if std::ptr::eq(expression, text) {
            return;
        }
        for name in free(expression) {
            if known.contains(&name) || FUNCTIONS.contains(&&*name) || name == "states" || !told.insert(name.clone()) {
                continue;
            }
            let near = nearest(&name, known.iter().map(String::as_str));
            out.push(Fault {
                code: "SFN-VAR-001",
                grade: Grade::Warning,
                at: at.clone(),
                text: format!(
                    "State \"{}\" uses the variable ${name}, which no state assigns that comes before or around it.",
                    state.name
                ),
                way: near.map_or_else(
                    || format!("Assign it: `\"Assign\": {{ \"{name}\": ... }}` in an earlier state."),
                    |n| format!("Did you mean ${n}?"),
                ),
            });
        }
    };
    for (name, value) in &state.fields {
        if !matches!(&**name, "Branches" | "ItemProcessor" | "Iterator" | "Comment") {
            texts(value, &state.at.then(name), &mut tell);
        }
    }
}

fn texts(value: &Value, at: &Pointer, tell: &mut dyn FnMut(&Pointer, &str)) {
    match value.kind() {
        Kind::String(s) => tell(at, s),
        Kind::Object(fields) | Kind::Map(_, fields) => fields.iter().for_each(|(k, v)| texts(v, &at.then(k), tell)),
        Kind::Tuple(items) | Kind::List(_, items) | Kind::Set(_, items) => {
            items.iter().enumerate().for_each(|(i, v)| texts(v, &at.then(&i.to_string()), tell));
        }
        _ => {}
    }
}

/// Variables that an expression uses and does not bind itself.
fn free(expression: &str) -> Vec<String> {
    let chars: Vec<char> = expression.chars().collect();
    let mut used = Vec::new();
    let mut bound: BTreeSet<String> = BTreeSet::new();
    let mut i = 0;
    // Within the parentheses behind `function`, names are parameters.
    let mut parameters = false;
    let mut word = String::new();
    while i < chars.len() {
        let c = chars[i];
        match c {
            '"' | '\'' | '`' => {
                i += 1;
                while i < chars.len() && chars[i] != c {
                    i += if chars[i] == '\\' && c != '`' { 2 } else { 1 };
                }
                word.clear();
            }
            '/' if chars.get(i + 1) == Some(&'*') => {
                i += 2;
                while i < chars.len() && !(chars[i] == '*' && chars.get(i + 1) == Some(&'/')) {
                    i += 1;
                }
                i += 1;
            }
            '$' => {
                let start = i + 1;
                let mut end = start;
                while chars.get(end).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                    end += 1;
                }
                let before = chars[..i].iter().rev().find(|c| !c.is_whitespace());
                let mut behind = chars[end..].iter().filter(|c| !c.is_whitespace());
                let (next, after) = (behind.next(), behind.next());
                let name: String = chars[start..end].iter().collect();
                // `$` and `$$` are the input itself; a name may not begin with a digit.
                if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
                    if parameters || matches!(before, Some('@' | '#')) || (next == Some(&':') && after == Some(&'=')) {
                        bound.insert(name);
                    } else if next != Some(&'(') {
                        used.push(name);
                    }
                }
                i = end;
                word.clear();
                continue;
            }
            '(' => {
                parameters = matches!(&*word, "function" | "λ");
                word.clear();
            }
            ')' => parameters = false,
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c if c.is_whitespace() => {}
            _ => word.clear(),
        }
        i += 1;
    }
    used.retain(|n| !bound.contains(n));
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::parse_text;

    #[test]
    fn free_names() {
        for (expression, want) in [
            ("$a + $b.c", &["a", "b"][..]),
            ("$count($items)", &["items"]),
            ("$states.input.x", &["states"]),
            ("$ + $$.x", &[]),
            ("($x := 3; $x + $y)", &["y"]),
            ("$map($list, function($v, $i) { $v * $i })", &["list"]),
            ("$list ~> $map(λ($v){$v}) ~> $string", &["list", "string"]),
            ("'$a' & \"$b\" & `$c`", &[]),
            ("/* $a */ 1", &[]),
            ("items@$i.x#$n[$i = $n]", &[]),
            ("\"unclosed $a", &[]),
            ("\\", &[]),
        ] {
            assert_eq!(free(expression), want, "{expression}");
        }
    }

    #[test]
    fn variables_by_scope() {
        let machine = |a: &str, inner: &str, mode: &str| {
            parse_text(&format!(
                r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{
                    "A":{{"Type":"Pass","Assign":{{"total":1}},"Output":"{{% {a} %}}","Next":"M"}},
                    "M":{{"Type":"Map","ItemProcessor":{{"ProcessorConfig":{{"Mode":"{mode}"}},"StartAt":"I","States":{{"I":{{"Type":"Pass","Output":"{{% {inner} %}}","End":true}}}}}},"End":true}}}}}}"#
            ))
            .unwrap()
        };
        let found = |m: &Machine| {
            let mut out = Vec::new();
            check(m, &mut out);
            out.iter().map(|f| format!("{} {}", f.at, f.way)).collect::<Vec<_>>()
        };
        assert!(found(&machine("$total", "$total", "INLINE")).is_empty());
        assert_eq!(found(&machine("$totl", "1", "INLINE")), ["/States/A/Output Did you mean $total?"]);
        assert_eq!(found(&machine("1", "$total", "DISTRIBUTED")).len(), 1);
        // What a JSONPath machine has between dollar signs is no JSONata.
        let path =
            parse_text(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"{% $x %}","End":true}}}"#).unwrap();
        assert!(found(&path).is_empty());
    }
}
