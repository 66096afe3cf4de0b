//! A template, scanned, parsed and evaluated. Every place that is told lies in the text.
#![no_main]

use formwork::config::syntax::parse_template;
use formwork::diag::Source;
use formwork::eval::{Facts, Scope, eval};
use formwork::value::{Type, Value};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::Arc;

fuzz_target!(|text: &str| {
    // Nothing on this machine is to be read.
    if text.contains("file") {
        return;
    }
    let (expr, mut diags) = parse_template(&Source::new("t", text));
    let facts = Facts { now: "2026-01-02T03:04:05Z".into(), cwd: "/work".into(), applying: false };
    let roots = [
        ("x".into(), Value::string("é x")),
        ("l".into(), Value::list(Type::String, vec!["a".into(), "b".into()])),
        ("n".into(), Value::null(Type::Any)),
        ("h".into(), Value::unknown(Type::String)),
        ("t".into(), Value::bool(true)),
    ];
    let scope = Scope { facts: &facts, base_dir: Path::new("."), roots: vec![Arc::new(roots.into_iter().collect())] };
    if let Some(expr) = expr {
        eval(&expr, &scope, &mut diags);
    }
    for d in diags.iter() {
        if let Some(span) = &d.span {
            assert!(span.source.text.get(span.start as usize..span.end as usize).is_some(), "{d:?}");
        }
    }
});
