//! An expression, evaluated where there are values of many kinds, holes among them: twice the same, and known values go
//! through JSON and come back.
#![no_main]

use formwork::config::syntax::parse_expr;
use formwork::diag::{Diags, Source};
use formwork::eval::{Facts, Scope, eval};
use formwork::value::{Fields, Marks, Type, Value, json};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::{Arc, LazyLock};

static ROOTS: LazyLock<Arc<Fields>> = LazyLock::new(|| {
    let object = |fields: Vec<(&str, Value)>| Value::object_of(fields);
    let var = object(vec![
        ("s", "Grüße, \u{1f468}\u{200d}\u{1f469}".into()),
        ("n", 5i64.into()),
        ("b", true.into()),
        ("l", Value::list(Type::String, vec!["a".into(), "b".into(), "a".into()])),
        ("ln", Value::list(Type::Number, vec![3i64.into(), 1i64.into()])),
        ("e", Value::list(Type::String, vec![])),
        ("set", Value::set(Type::String, vec!["x".into(), "y".into()])),
        ("m", Value::map(Type::Number, [("k".into(), 1i64.into()), ("j".into(), 2i64.into())].into())),
        ("o", object(vec![("a", 1i64.into()), ("b", "x".into()), ("c", Value::null(Type::String))])),
        ("t", Value::tuple(vec![1i64.into(), "x".into(), Value::null(Type::Any)])),
        ("null", Value::null(Type::Any)),
        ("ns", Value::null(Type::String)),
        ("nl", Value::null(Type::list(Type::String))),
        ("secret", Value::string("s").mark(Marks::SENSITIVE)),
        ("h", Value::unknown(Type::String)),
        ("hl", Value::unknown(Type::list(Type::String))),
        ("hm", Value::unknown(Type::map(Type::Number))),
        ("hb", Value::unknown(Type::Bool)),
        ("hn", Value::unknown(Type::Number)),
        ("ha", Value::unknown(Type::Any)),
        ("hs", Value::unknown(Type::set(Type::String))),
    ]);
    Arc::new([("var".into(), var)].into())
});

fuzz_target!(|text: &str| {
    // Nothing on this machine is to be read.
    if text.contains("file") {
        return;
    }
    let (expr, diags) = parse_expr(&Source::new("e", text));
    let Some(expr) = expr.filter(|_| !diags.has_errors()) else { return };
    let facts = Facts { now: "2026-01-02T03:04:05Z".into(), cwd: "/work".into(), applying: false };
    let scope = Scope { facts: &facts, base_dir: Path::new("."), roots: vec![ROOTS.clone()] };
    let (mut first, mut second) = (Diags::new(), Diags::new());
    let value = eval(&expr, &scope, &mut first);
    let again = eval(&expr, &scope, &mut second);
    for d in first.iter() {
        if let Some(span) = &d.span {
            assert!(span.source.text.get(span.start as usize..span.end as usize).is_some(), "{d:?}");
        }
    }
    assert_eq!(first.has_errors(), second.has_errors());
    assert_eq!(value, again);
    if !first.has_errors() && value.is_wholly_known() {
        let (plain, _) = value.unmark_deep();
        // (Floats have more digits than JSON shows, and there is no infinity in it.)
        let text = json::to_json(&plain);
        let back = json::from_json(&text, &plain.ty());
        assert!(back.is_ok_and(|back| json::to_json(&back) == text) || format!("{plain:?}").contains("Inf"), "{text}");
    }
});
