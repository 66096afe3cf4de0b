//! The function table as a whole: what Terraform answered, and that no argument makes it panic.

use crate::config::syntax;
use crate::diag::{Diags, Source};
use crate::eval::functions::{FUNCTIONS, Facts};
use crate::eval::{Scope, eval};
use crate::value::json::to_json;
use crate::value::{Fields, Number, Value};
use std::path::PathBuf;
use std::sync::Arc;

pub(super) fn facts(applying: bool) -> Facts {
    Facts { now: "2024-05-06T07:08:09Z".into(), cwd: PathBuf::from("/work"), applying }
}

/// Evaluates an expression; the only name is `path.module`.
pub(super) fn run(text: &str) -> Result<Value, Diags> {
    let (expr, mut diags) = syntax::parse_expr(&Source::new("main.tf", text));
    let facts = facts(false);
    let base = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/functions"));
    let path = Value::object_of([("module", ".".into())]);
    let roots = vec![Arc::new(Fields::from([("path".into(), path)]))];
    let scope = Scope { facts: &facts, base_dir: base, roots };
    let value = expr.map(|expr| eval(&expr, &scope, &mut diags));
    match value {
        Some(value) if !diags.has_errors() => Ok(value),
        _ => Err(diags),
    }
}

fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value as J;
    match (a, b) {
        (J::Number(a), J::Number(b)) => {
            a.to_string() == b.to_string() || Number::parse(&a.to_string()) == Number::parse(&b.to_string())
        }
        (J::Array(a), J::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (J::Object(a), J::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (a, b) => a == b,
    }
}

#[test]
fn cases() {
    let (mut skipped, mut passed, mut wrong) = (0, 0, Vec::new());
    for line in include_str!("../../../tests/data/functions/cases.tsv").lines() {
        let mut parts = line.split('\t');
        let (expr, want, ty) = (parts.next().unwrap(), parts.next().unwrap(), parts.next());
        let got = run(expr);
        if let Err(d) = &got
            && want != "error"
            && d.iter().any(|d| d.detail.contains("There is no function named"))
        {
            skipped += 1;
            continue;
        }
        let ok = match (&got, ty) {
            (Err(_), None) => true,
            (Ok(v), Some("number")) if want.ends_with("Inf") => v.as_number().is_some_and(|n| n.is_infinite()),
            (Ok(v), Some(ty)) => {
                let want: serde_json::Value = serde_json::from_str(want).unwrap();
                same(&to_json(v), &want) && v.ty().to_string().replace('"', "") == ty
            }
            _ => false,
        };
        if ok {
            passed += 1
        } else {
            let got = match got {
                Ok(v) => format!("{} {}", to_json(&v), v.ty()),
                Err(e) => format!("ERR {e:?}"),
            };
            wrong.push(format!("{expr}\n   want {want} {}\n   got  {got}", ty.unwrap_or("")));
        }
    }
    println!("passed {passed} skipped {skipped} wrong {}", wrong.len());
    for w in &wrong {
        println!("{w}");
    }
    assert!(wrong.is_empty());
}

#[test]
fn the_table_is_sorted() {
    assert!(FUNCTIONS.windows(2).all(|w| w[0].name < w[1].name));
}
