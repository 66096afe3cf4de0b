//! The evaluator on expressions; bodies and input variables in the files beside.

mod bodies;
mod corpus;
mod inputs;
pub(in crate::eval) mod robust;

use super::*;
use crate::config::syntax;
use crate::diag::Source;
use crate::value::{Marks, Refinement, Type, json};
use proptest::prelude::*;
use serde_json::json as j;

fn facts() -> Facts {
    Facts { now: "2026-01-02T03:04:05Z".into(), cwd: "/work".into(), applying: false }
}

fn roots() -> Arc<Fields> {
    let hole = |ty| Value::refined(ty, Refinement { not_null: true, ..Refinement::default() });
    let role = |name: &str| Value::object_of([("id", hole(Type::String)), ("name", name.into()), ("n", 1i64.into())]);
    let roots = [
        ("var", Value::object_of([("secret", Value::string("s").mark(Marks::SENSITIVE)), ("name", "x".into())])),
        (
            "local",
            Value::object_of([
                ("list", Value::list(Type::String, vec!["a".into(), "b".into()])),
                ("set", Value::set(Type::Number, vec![10i64.into(), 9i64.into()])),
                ("map", Value::map(Type::Number, [("k".into(), 1i64.into())].into())),
                ("obj", Value::object_of([("a", 1i64.into()), ("b", "x".into())])),
                ("null", Value::null(Type::Any)),
                ("hole", Value::unknown(Type::String)),
                ("list_hole", Value::unknown(Type::list(Type::String))),
                ("bool_hole", Value::unknown(Type::Bool)),
                ("any_hole", Value::unknown(Type::Any)),
            ]),
        ),
        (
            "aws_iam_role",
            Value::object_of([
                ("one", role("one")),
                ("many", Value::tuple(vec![role("m0"), role("m1")])),
                ("each", Value::object_of([("k", role("ek"))])),
            ]),
        ),
        (
            "data",
            Value::object_of([("aws_region", Value::object_of([("here", Value::object_of([("name", "eu".into())]))]))]),
        ),
        ("each", Value::object_of([("key", "k".into()), ("value", "v".into())])),
    ];
    Arc::new(roots.into_iter().map(|(k, v)| (k.into(), v)).collect())
}

fn run(text: &str) -> (Value, Diags) {
    let (expr, mut diags) = syntax::parse_expr(&Source::new("main.tf", text));
    let facts = facts();
    let scope = Scope { facts: &facts, base_dir: std::path::Path::new("."), roots: vec![roots()] };
    let value = match expr {
        Some(expr) => eval(&expr, &scope, &mut diags),
        None => Value::unknown(Type::Any),
    };
    (value, diags)
}

fn value(text: &str) -> Value {
    let (value, diags) = run(text);
    assert!(diags.is_empty(), "{text}: {diags:?}");
    value
}

/// All rules of the language are in `tests/data/lang`; here are those that the file cannot tell.
#[test]
fn values() {
    let table = [
        ("var.name", j!("x")),
        ("local.list[1]", j!("b")),
        ("local.map.k + 1", j!(2)),
        ("local.obj[\"b\"]", j!("x")),
        ("aws_iam_role.one.name", j!("one")),
        ("aws_iam_role.many[*].name", j!(["m0", "m1"])),
        ("aws_iam_role.many.1.name", j!("m1")),
        ("aws_iam_role.each[\"k\"].name", j!("ek")),
        ("data.aws_region.here.name", j!("eu")),
        ("{ for k, v in aws_iam_role.each : k => v.name }", j!({"k": "ek"})),
        ("[for var in local.list : var]", j!(["a", "b"])),
        ("[for v in local.set : v]", j!([9, 10])),
        ("\"%{ for i, x in local.list }${i}${x}%{ endfor }\"", j!("0a1b")),
        ("try(local.obj.nope, \"d\")", j!("d")),
        ("can(local.obj.nope)", j!(false)),
    ];
    for (text, expected) in table {
        assert_eq!(json::to_json(&value(text)), expected, "{text}");
    }
}

/// Text, then each mistake as `line:column-column summary` and its help.
#[test]
fn mistakes() {
    let table: &[(&str, &[(&str, &str, &str)])] = &[
        ("var.nam", &[("var.nam", "Reference to undeclared input variable", "Did you mean var.name?")]),
        ("local.lst", &[("local.lst", "Reference to undeclared local value", "Did you mean local.list?")]),
        (
            "aws_iam_role.on.id",
            &[("aws_iam_role.on", "Reference to undeclared resource", "Did you mean aws_iam_role.one?")],
        ),
        ("aws_iam_rol.x", &[("aws_iam_rol.x", "Reference to undeclared resource", "Did you mean aws_iam_role.x?")]),
        (
            "aws_region.here.name",
            &[(
                "aws_region.here",
                "Reference to undeclared resource",
                "Did you mean the data resource data.aws_region.here?",
            )],
        ),
        (
            "data.aws_region.her.name",
            &[("data.aws_region.her", "Reference to undeclared resource", "Did you mean data.aws_region.here?")],
        ),
        ("aws_iam_role.one.nam", &[(".nam", "Unsupported attribute", "Did you mean \"name\"?")]),
        ("aws_iam_role.many.name", &[("aws_iam_role.many", "Missing resource instance key", "")]),
        ("aws_iam_role.each.name", &[("aws_iam_role.each", "Missing resource instance key", "")]),
        ("count.index", &[("count", "Reference to \"count\" in non-counted context", "")]),
        ("var", &[("var", "Invalid reference", "")]),
        ("each.vale", &[("each.vale", "Invalid \"each\" attribute", "Did you mean each.value?")]),
        ("local.map.j", &[(".j", "Missing map element", "")]),
        ("local.list[7]", &[("[7]", "Invalid index", "")]),
        ("local.null.x", &[(".x", "Attempt to get attribute from null value", "")]),
        ("1 + [] + {}", &[("[]", "Invalid operand", ""), ("{}", "Invalid operand", "")]),
        ("nope(1)", &[("nope", "Call to unknown function", "")]),
        (
            "try(var.nope, 1)",
            &[(
                "var.nope",
                "Reference to undeclared input variable",
                "This variable can be declared with a variable \"nope\" {} block.",
            )],
        ),
        ("\"a${local.null}b\"", &[("local.null", "Invalid template interpolation value", "")]),
        ("{ for x in local.list : \"same\" => x }", &[("\"same\"", "Duplicate object key", "")]),
        ("[for x in [] : x if \"x\"]", &[("\"x\"", "Invalid 'for' condition", "")]),
        ("{ a.b = 1 }", &[("a.b", "Ambiguous attribute key", "")]),
        ("local.bool_hole ? 1 : []", &[("1 : []", "Inconsistent conditional result types", "")]),
    ];
    for (text, expected) in table {
        let (_, diags) = run(text);
        let got: Vec<_> = diags
            .iter()
            .map(|d| (d.span.as_ref().map_or("", |s| s.text()), d.summary, d.help.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(got, *expected, "{text}");
        assert!(diags.iter().all(|d| d.detail.ends_with('.') || d.detail.contains('\n')), "{diags:?}");
    }
}

#[test]
fn a_mistake_shows_once() {
    let (_, diags) = run("[for x in [1, 2, 3] : local.obj.nope]");
    assert_eq!(diags.iter().count(), 1);
    let (_, diags) = run("\"${local.obj.nope}-${local.obj.nope + 1}\"");
    assert_eq!(diags.iter().count(), 2);
}

#[test]
fn marks_travel() {
    for text in [
        "var.secret",
        "\"a${var.secret}\"",
        "var.secret == \"s\"",
        "var.secret == \"s\" ? 1 : 2",
        "{ (var.secret) = 1 }",
        "[for x in local.list : x if var.secret == \"s\"]",
        "\"%{ if var.secret == \"s\" }a%{ endif }\"",
        "\"${local.hole}${var.secret}\"",
        "!(var.secret == \"s\")",
        "local.map[var.secret == \"s\" ? \"k\" : \"j\"]",
        "[var.secret] == [1]",
        "try(\"${local.hole}${var.secret}\", 1)",
    ] {
        assert!(value(text).is_sensitive(), "{text}");
    }
    for text in ["[var.secret]", "{ a = var.secret }", "can(var.secret)", "true ? 1 : var.secret == \"s\" ? 1 : 2"] {
        assert!(!value(text).is_sensitive(), "{text}");
    }
    let (_, diags) = run("{ for x in [1, 2] : var.secret => x }");
    assert!(!diags.iter().any(|d| d.detail.contains("\"s\"")), "{diags:?}");
}

#[test]
fn known_of_holes() {
    let table = [
        ("\"arn:${local.hole}\" == \"x\"", Some(j!(false))),
        ("\"arn:${local.hole}\" == \"arn:x\"", None),
        ("\"a${local.hole}\" == \"b\"", None),
        ("local.hole == null", None),
        ("aws_iam_role.one.id == null", Some(j!(false))),
        ("(local.bool_hole ? 1 : 2) > 0", Some(j!(true))),
        ("(local.bool_hole ? 1 : 2) == 3", Some(j!(false))),
        ("local.any_hole.a[0].b == 1", None),
        ("[local.any_hole] == []", Some(j!(false))),
        ("local.bool_hole && false", None),
    ];
    for (text, expected) in table {
        let value = value(text);
        assert_eq!(value.is_known().then(|| json::to_json(&value)), expected, "{text}");
    }
    assert_eq!(value("local.list_hole[*]").ty(), Type::list(Type::String));
    assert_eq!(value("local.bool_hole ? [1] : [\"a\", \"b\"]").ty(), Type::list(Type::String));
    assert_eq!(value("try(local.hole, 1)").ty(), Type::Any);
    assert_eq!(value("{ (local.hole) = 1 }").ty(), Type::Any);
}

#[test]
fn without_roots_references_are_refused() {
    let (expr, mut diags) = syntax::parse_expr(&Source::new("x", "[a, var.b]"));
    let facts = facts();
    let scope = Scope { facts: &facts, base_dir: std::path::Path::new("."), roots: Vec::new() };
    eval(&expr.unwrap(), &scope, &mut diags);
    let summaries: Vec<_> = diags.iter().map(|d| d.summary).collect();
    assert_eq!(summaries, ["Variables not allowed", "Variables not allowed"]);
}

/// Expressions of everything there is, mostly wrong ones.
fn any_expr() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-2.5",
        "true",
        "null",
        "\"a\"",
        "\"1\"",
        "[]",
        "{}",
        "var.secret",
        "local.list",
        "local.set",
        "local.map",
        "local.obj",
        "local.null",
        "local.hole",
        "local.list_hole",
        "local.bool_hole",
        "local.any_hole",
        "aws_iam_role.many",
        "aws_iam_role.each",
        "each.key",
        "nope.x",
        "self",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("(-{a})")),
            inner.clone().prop_map(|a| format!("({a})[*].name")),
            inner.clone().prop_map(|a| format!("({a}).*.0")),
            inner.clone().prop_map(|a| format!("({a}).name")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|v| format!("[{}]", v.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{ ({a}) = {b}, b = {a} }}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("[for k, v in {a} : {b} if {c}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{for k, v in {a} : k => [v, {b}]...}}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{for v in {a} : {b} => v}}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("\"x${{{a}}}-${{{b}}}\"")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(
                "\"%{{ if {a} }}${{{b}}}%{{ else }}n%{{ endif }}%{{ for x in {b} }}${{x}}%{{ endfor }}\""
            )),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("try({a}, {b})")),
            inner.clone().prop_map(|a| format!("can({a})")),
            inner.prop_map(|a| format!("try({a}...)")),
        ]
    })
}

proptest! {
    #![proptest_config(robust::config(256))]

    /// Evaluating ends in a value, always, and a mistake leaves a hole, so what depends on it stays quiet.
    #[test]
    fn nothing_panics(text in any_expr()) {
        let (value, diags) = run(&text);
        if !diags.has_errors() {
            prop_assert_eq!(run(&text).0, value);
        }
        for d in diags.iter() {
            prop_assert!(d.span.is_some(), "{:?}", d);
            prop_assert!(!d.detail.is_empty());
        }
    }
}
