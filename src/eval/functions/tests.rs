//! The function table as a whole: what Terraform answered, and that no argument makes it panic.

use super::*;
use crate::config::syntax;
use crate::diag::{Diags, Source};
use crate::eval::{Scope, eval};
use crate::value::json::to_json;
use crate::value::{Kind, Number};
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::Arc;

/// What Terraform 1.11.4 answered: an expression, then `error`, or the value and its type.
const CASES: &str = include_str!("../../../tests/data/functions/cases.tsv");
/// What it planned: an expression, then `error`, or the value, and which parts of it are known after apply.
const HOLES: &str = include_str!("../../../tests/data/functions/holes.tsv");
const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/functions");

fn facts(applying: bool) -> Facts {
    Facts { now: "2024-05-06T07:08:09Z".into(), cwd: PathBuf::from("/work"), applying }
}

/// Resources that do not exist yet: their ids and outputs are holes.
fn resources() -> Value {
    let id = || hole(Type::String);
    let of = |ty: Type| Value::object_of([("id", id()), ("output", Value::unknown(ty))]);
    let object = Type::object([("a".into(), Type::String), ("n".into(), Type::Number)].into());
    Value::object_of([
        ("s", of(Type::String)),
        ("n", of(Type::Number)),
        ("b", of(Type::Bool)),
        ("l", of(Type::list(Type::String))),
        ("ln", of(Type::list(Type::Number))),
        ("st", of(Type::set(Type::String))),
        ("m", of(Type::map(Type::String))),
        ("o", of(object)),
        ("tup", of(Type::tuple(vec![Type::String, Type::String]))),
        ("dyn", of(Type::Any)),
    ])
}

fn evaluate(text: &str, applying: bool) -> Result<Value, Diags> {
    let (expr, mut diags) = syntax::parse_expr(&Source::new("main.tf", text));
    let facts = facts(applying);
    let path = Value::object_of([("module", ".".into())]);
    let roots = Fields::from([("path".into(), path), ("terraform_data".into(), resources())]);
    let scope = Scope { facts: &facts, base_dir: Path::new(DIR), roots: vec![Arc::new(roots)] };
    let value = expr.map(|expr| eval(&expr, &scope, &mut diags));
    match value {
        Some(value) if !diags.has_errors() => Ok(value),
        _ => Err(diags),
    }
}

fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => Number::parse(&a.to_string()) == Number::parse(&b.to_string()),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (a, b) => a == b,
    }
}

/// Whether the value has its holes where Terraform has them, and is the same everywhere else.
fn same_holes(value: &Value, after: &Json, unknown: &Json) -> bool {
    match (value.kind(), unknown) {
        (Kind::Unknown(..), unknown) => *unknown == Json::Bool(true),
        (_, Json::Bool(unknown)) => !unknown && value.is_wholly_known() && same(&to_json(value), after),
        (Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs), Json::Array(unknown)) => {
            vs.len() == unknown.len()
                && vs.iter().zip(unknown).enumerate().all(|(i, (v, u))| same_holes(v, &after[i], u))
        }
        (Kind::Map(_, fs) | Kind::Object(fs), Json::Object(unknown)) => {
            let known = Json::Bool(false);
            fs.iter().all(|(k, v)| same_holes(v, &after[&**k], unknown.get(&**k).unwrap_or(&known)))
        }
        _ => false,
    }
}

fn check(lines: &str, ok: impl Fn(&Result<Value, Diags>, &[&str]) -> bool) {
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let (expr, want) = line.split_once('\t').expect("two columns");
        let got = evaluate(expr, false);
        if !ok(&got, &want.split('\t').collect::<Vec<_>>()) {
            let got = got.map(|v| format!("{v:?} {}", v.ty()));
            wrong.push(format!("{expr}\n   want {want}\n   got  {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), lines.lines().count(), wrong.join("\n"));
}

#[test]
fn what_terraform_answers() {
    check(CASES, |got, want| match (got, want) {
        (Err(_), ["error"]) => true,
        (Ok(v), ["Inf" | "-Inf", "number"]) => v.as_number().is_some_and(Number::is_infinite),
        (Ok(v), [want, ty]) => {
            let want: Json = serde_json::from_str(want).expect("JSON");
            same(&to_json(v), &want) && v.ty().to_string().replace('"', "") == *ty
        }
        _ => false,
    });
}

#[test]
fn what_terraform_plans() {
    check(HOLES, |got, want| match (got, want) {
        (Err(_), ["error"]) => true,
        (Ok(v), [after, unknown]) => {
            let json = |text| serde_json::from_str::<Json>(text).expect("JSON");
            same_holes(v, &json(after), &json(unknown))
        }
        _ => false,
    });
}

#[test]
fn the_table_is_sorted() {
    assert!(FUNCTIONS.is_sorted_by_key(|f| f.name));
}
