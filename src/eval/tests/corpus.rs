//! Recorded answers of Terraform 1.11.4: expressions, holes and input variables, from `tests/data/lang`.
//!
//! `FORMWORK_LANG_DIR` names another directory with such files, for a longer run.

use super::facts;
use crate::config::expr::ExprKind;
use crate::config::{Body, Snapshot, load_snapshot, syntax};
use crate::diag::{Diags, Source};
use crate::eval::variables::{finish, validate};
use crate::eval::{Facts, Scope, eval};
use crate::value::{Fields, Kind, Number, Refinement, Type, Value, json};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn dir() -> PathBuf {
    match std::env::var_os("FORMWORK_LANG_DIR") {
        Some(dir) => dir.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lang"),
    }
}

fn cases(name: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(dir().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Numbers by what they are, however they are written.
fn normal(json: &Json) -> Json {
    match json {
        Json::Number(n) => Json::String(format!("{}", Number::parse(n.as_str()).unwrap().add(&Number::ZERO).unwrap())),
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), normal(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(fields.into_iter().collect())
        }
        json => json.clone(),
    }
}

fn type_text(json: &Json) -> String {
    let text = match json {
        Json::String(text) => text.replace("dynamic", "any"),
        json => json::type_from_json(json).unwrap().to_string(),
    };
    text.replace([' ', '"'], "")
}

/// What differs from the recorded answer, if anything does.
fn judge(case: &Json, value: &Value, diags: &Diags) -> Option<String> {
    let failed = diags.has_errors();
    if case.get("error").is_some() {
        return (!failed).then(|| format!("should be an error, is {value:?}"));
    }
    if failed {
        return Some(diags.iter().map(|d| format!("{}: {}; ", d.summary, d.detail)).collect());
    }
    if case.get("infinity").is_some() {
        return None;
    }
    let (got, want) = (normal(&json::to_json(value)), normal(&case["value"]));
    let (ty, want_ty) = (value.ty().to_string().replace([' ', '"'], ""), type_text(&case["type"]));
    (got != want || ty != want_ty).then(|| format!("is {got} ({ty}), should be {want} ({want_ty})"))
}

fn report(wrong: Vec<String>, all: usize) {
    assert!(all > 100);
    assert!(wrong.is_empty(), "{} of {all} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn names(facts: &Facts) -> Fields {
    let path = ["module", "root", "cwd"].map(|name| (name, Value::from(".")));
    let empty = || Value::object(Fields::new());
    let names = [("path", Value::object_of(path)), ("local", empty()), ("var", empty()), ("terraform_data", empty())];
    let names: Fields = names.into_iter().map(|(k, v)| (k.into(), v)).collect();
    let text = std::fs::read_to_string(dir().join("locals.tf")).unwrap();
    declared(&syntax::parse(&Source::new("locals.tf", text)).0, names, facts)
}

/// Adds the locals and the `terraform_data` resources of a file to the names, each once it can be evaluated.
fn declared(file: &Body, mut names: Fields, facts: &Facts) -> Fields {
    let locals: Vec<_> = file.blocks("locals").flat_map(|b| &b.body.attributes).collect();
    let resources: Vec<_> = file.blocks("resource").collect();
    for _ in 0..locals.len() + resources.len() {
        for local in &locals {
            if let Some(value) = quietly(&local.value, &names, facts) {
                add(&mut names, "local", &local.name.name, value);
            }
        }
        for block in &resources {
            if let Some(value) = resource(&block.body, &names, facts) {
                add(&mut names, "terraform_data", &block.labels[1].name, value);
            }
        }
    }
    names
}

fn add(names: &mut Fields, root: &str, name: &Arc<str>, value: Value) {
    let fields = names.get_mut(root).and_then(Value::fields_mut).unwrap();
    fields.insert(name.clone(), value);
}

fn quietly(expr: &crate::config::expr::Expr, names: &Fields, facts: &Facts) -> Option<Value> {
    let mut diags = Diags::new();
    let value = eval(expr, &scope(names.clone(), facts), &mut diags);
    (!diags.has_errors()).then_some(value)
}

fn scope(names: Fields, facts: &Facts) -> Scope<'_> {
    static HERE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    Scope { facts, base_dir: HERE.get_or_init(dir), roots: vec![Arc::new(names)] }
}

/// A planned `terraform_data`: all of `output` and `id` is known after apply.
fn resource(body: &Body, names: &Fields, facts: &Facts) -> Option<Value> {
    let one = |each: Option<(&str, Value)>| {
        let mut names = names.clone();
        names.extend(each.map(|(root, value)| (root.into(), value)));
        let input = match body.attribute("input") {
            Some(input) => quietly(&input.value, &names, facts)?,
            None => Value::null(Type::Any),
        };
        let output = if input.is_null() { input.clone() } else { Value::unknown(input.ty()) };
        let id = Value::refined(Type::String, Refinement { not_null: true, ..Refinement::default() });
        Some(Value::object_of([
            ("id", id),
            ("input", input),
            ("output", output),
            ("triggers_replace", Value::null(Type::Any)),
        ]))
    };
    if let Some(count) = body.attribute("count") {
        let count = quietly(&count.value, names, facts)?.as_i64()?;
        let index = |i: i64| Some(("count", Value::object_of([("index", i.into())])));
        return (0..count).map(|i| one(index(i))).collect::<Option<_>>().map(Value::tuple);
    }
    let Some(for_each) = body.attribute("for_each") else { return one(None) };
    let for_each = quietly(&for_each.value, names, facts)?;
    let items: Vec<(Arc<str>, Value)> = match for_each.kind() {
        Kind::Set(_, items) => items.iter().filter_map(|v| Some((v.as_shared_str()?, v.clone()))).collect(),
        _ => for_each.as_fields()?.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
    };
    let instance = |(key, value): (Arc<str>, Value)| {
        let each = Value::object_of([("key", Value::string(&key)), ("value", value)]);
        Some((key, one(Some(("each", each)))?))
    };
    items.into_iter().map(instance).collect::<Option<_>>().map(Value::object)
}

#[test]
fn expressions() {
    let facts = Facts { applying: true, ..facts() };
    let names = names(&facts);
    let mut wrong = Vec::new();
    let cases = cases("expressions.jsonl");
    for case in &cases {
        let text = case["expr"].as_str().unwrap();
        let (file, mut diags) = syntax::parse(&Source::new("main.tf", format!("v = {text}\n")));
        let value = match file.attribute("v") {
            Some(v) if !diags.has_errors() => eval(&v.value, &scope(names.clone(), &facts), &mut diags),
            _ => Value::unknown(Type::Any),
        };
        wrong.extend(judge(case, &value, &diags).map(|why| format!("{text}\n    {why}")));
    }
    report(wrong, cases.len());
}

#[test]
fn holes() {
    let facts = facts();
    let names = names(&facts);
    let mut wrong = Vec::new();
    let cases = cases("holes.jsonl");
    for case in &cases {
        let (file, mut diags) = syntax::parse(&Source::new("main.tf", case["tf"].as_str().unwrap()));
        let names = declared(&file, names.clone(), &facts);
        let output = file.blocks("output").next().unwrap();
        let ExprKind::Object(items) = &output.body.attribute("value").unwrap().value.kind else { panic!() };
        let value = eval(&items[0].value, &scope(names, &facts), &mut diags);
        let why = match case.get("error") {
            Some(_) => (!diags.has_errors()).then(|| format!("should be an error, is {value:?}")),
            None if diags.has_errors() => Some(format!("{diags:?}")),
            None => {
                let (after, unknown) = planned(&value);
                let as_recorded = normal(&after) == normal(&case["after"])
                    && something(&unknown) == something(&case["after_unknown"]);
                (!as_recorded)
                    .then(|| format!("is {after} {unknown}, should be {} {}", case["after"], case["after_unknown"]))
            }
        };
        wrong.extend(why.map(|why| format!("{}\n    {why}", case["expr"])));
    }
    report(wrong, cases.len());
}

/// Exactly what is known of each hole: its type, that it is not null, how it starts, and its bounds.
#[test]
fn refinements() {
    let facts = facts();
    let text = std::fs::read_to_string(dir().join("refined.tf")).unwrap();
    let file = syntax::parse(&Source::new("refined.tf", text)).0;
    let names = declared(&file, names(&facts), &facts);
    let mut wrong = Vec::new();
    let cases = cases("refined.jsonl");
    for case in &cases {
        let expr = case["expr"].as_str().unwrap();
        let (parsed, mut diags) = syntax::parse_expr(&Source::new("main.tf", expr));
        let value = eval(&parsed.unwrap(), &scope(names.clone(), &facts), &mut diags);
        let why = match case.get("planned") {
            None => (!diags.has_errors()).then(|| format!("should be an error, is {value:?}")),
            Some(_) if diags.has_errors() => Some(format!("{diags:?}")),
            Some(want) => {
                let got = spelt(&value);
                (got != *want).then(|| format!("is {got}, should be {want}"))
            }
        };
        wrong.extend(why.map(|why| format!("{expr}\n    {why}")));
    }
    report(wrong, cases.len());
}

/// A value with all that is known of its holes.
fn spelt(value: &Value) -> Json {
    let all = |vs: &[Value]| vs.iter().map(spelt).collect::<Vec<_>>();
    let named = |fs: &Fields| fs.iter().map(|(k, v)| (k.to_string(), spelt(v))).collect::<serde_json::Map<_, _>>();
    let ty = json::type_to_json;
    let number = |n: &Number| n.to_string();
    match value.kind() {
        Kind::Null(t) => serde_json::json!(["null", ty(t)]),
        Kind::Unknown(t, known) => {
            let bound =
                |b: &Option<(Number, bool)>| b.as_ref().map(|(n, included)| serde_json::json!([number(n), included]));
            let parts = [
                ("not_null", known.not_null.then_some(Json::Bool(true))),
                ("prefix", known.prefix.as_ref().map(|p| Json::from(&**p))),
                ("min", bound(&known.number.0)),
                ("max", bound(&known.number.1)),
                ("lmin", Some(known.length.0).filter(|n| *n > 0).map(Json::from)),
                ("lmax", known.length.1.map(Json::from)),
            ];
            let known: serde_json::Map<_, _> =
                parts.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect();
            serde_json::json!(["?", ty(t), known])
        }
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => serde_json::json!(["n", number(n)]),
        Kind::String(s) => Json::from(&**s),
        Kind::List(t, vs) => serde_json::json!(["list", ty(t), all(vs)]),
        Kind::Set(t, vs) => serde_json::json!(["set", ty(t), all(vs)]),
        Kind::Tuple(vs) => serde_json::json!(["tuple", all(vs)]),
        Kind::Map(t, fs) => serde_json::json!(["map", ty(t), named(fs)]),
        Kind::Object(fs) => serde_json::json!(["object", named(fs)]),
    }
}

/// A value as a plan shows it: what is known, and which parts are not.
fn planned(value: &Value) -> (Json, Json) {
    match value.kind() {
        Kind::Unknown(..) => (Json::Null, Json::Bool(true)),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            let (known, unknown): (Vec<Json>, Vec<Json>) = items.iter().map(planned).unzip();
            (known.into(), unknown.into())
        }
        Kind::Map(_, fields) | Kind::Object(fields) => {
            let parts = fields.iter().map(|(k, v)| (k.to_string(), v.is_known(), planned(v)));
            let (mut known, mut unknown) = (serde_json::Map::new(), serde_json::Map::new());
            for (name, is_known, (value, holes)) in parts {
                if is_known {
                    known.insert(name.clone(), value);
                }
                unknown.insert(name, holes);
            }
            (known.into(), unknown.into())
        }
        _ => (json::to_json(value), Json::Bool(false)),
    }
}

/// Without the parts that say that nothing is unknown.
fn something(unknown: &Json) -> Json {
    match unknown {
        Json::Object(fields) => {
            let fields: serde_json::Map<String, Json> =
                fields.iter().map(|(k, v)| (k.clone(), something(v))).filter(|(_, v)| *v != false).collect();
            if fields.is_empty() { Json::Bool(false) } else { fields.into() }
        }
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().map(something).collect();
            if items.iter().all(|v| *v == false) { Json::Bool(false) } else { items.into() }
        }
        json => json.clone(),
    }
}

#[test]
fn variables() {
    let facts = facts();
    let mut wrong = Vec::new();
    let cases = cases("variables.jsonl");
    for case in &cases {
        let (ty, attributes) = (case["type_expr"].as_str().unwrap(), case["attrs"].as_str().unwrap_or_default());
        let text = format!("variable \"v\" {{\n  type = {ty}\n  {attributes}\n}}\n");
        let files = [(PathBuf::from("main.tf"), text)].into();
        let (config, mut diags) = load_snapshot(Snapshot { root: ".".into(), data_dir: ".terraform".into(), files });
        let value = match config.root.variables.get("v") {
            Some(variable) if !diags.has_errors() => {
                let given = case["input"].as_str().map(|text| {
                    let expr = syntax::parse_expr(&Source::new("input", text)).0.unwrap();
                    eval(&expr, &scope(names(&facts), &facts), &mut diags)
                });
                let value = finish(variable, given, None, &mut diags);
                let vars = Value::object_of([("v", value.clone())]);
                diags.extend(validate(variable, &scope([("var".into(), vars)].into(), &facts)).diags);
                value
            }
            _ => Value::unknown(Type::Any),
        };
        let why = judge(case, &value, &diags);
        wrong.extend(why.map(|why| format!("{ty} {attributes} <- {}\n    {why}", case["input"])));
    }
    report(wrong, cases.len());
}
