//! `yamldecode`; what it reads, `yamlencode` writes, and that reads as the same.
#![no_main]

use formwork::eval::Facts;
use formwork::eval::functions::{Ctx, FnError, call};
use formwork::value::{Fields, Value};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fn answer(name: &str, arg: Value) -> Result<Value, FnError> {
    let facts = Facts { now: "2026-01-02T03:04:05Z".into(), cwd: "/work".into(), applying: false };
    let render = |text: &str, _: &str, _: Fields| Ok(Value::string(text));
    call(name, vec![arg], &Ctx { facts: &facts, base_dir: Path::new("."), template_depth: 0, render: &render })
}

fuzz_target!(|text: &str| {
    match answer("yamldecode", Value::string(text)) {
        Ok(value) => {
            let written = answer("yamlencode", value.clone()).expect("what was read can be written");
            // Numbers too long to be read again can be written, and infinity only as a word. A separator that begins a line of a
            // block is written, and not understood; an accent behind an escape becomes one with its letter (with Terraform, too).
            let back = answer("yamldecode", written.clone()).ok();
            let accented =
                |t: &str| t.split('\\').skip(1).any(|rest| rest.chars().next().is_some_and(|c| !c.is_ascii()));
            let long = |t: &str| t.len() > 4096 || t.contains("Inf");
            let odd = written.as_str().is_some_and(|t| long(t) || t.contains(['\u{2028}', '\u{2029}']) || accented(t));
            assert!(back == Some(value) || odd, "{written:?}");
        }
        Err(e) => assert!(e.message.ends_with('.'), "{}", e.message),
    }
});
