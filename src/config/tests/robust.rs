//! No text makes loading panic: neither mangled files nor real ones, nor files of values or templates.

use super::super::variables::{VariableInputs, VariableOption, missing, variable_values};
use super::super::{LoadOptions, load, syntax};
use super::directory;
use crate::diag::{Source, Span};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::Path;

/// Everything the tables have: much of it wrong in interesting ways.
const TABLES: [&str; 7] = [
    include_str!("variables.txt"),
    include_str!("resources.txt"),
    include_str!("modules.txt"),
    include_str!("settings.txt"),
    include_str!("references.txt"),
    include_str!("overrides.txt"),
    include_str!("json.txt"),
];

fn check(files: Vec<(String, String)>) {
    let dir = directory(&files);
    let (_, diags) = load(dir.path(), &LoadOptions::default());
    for d in diags.iter() {
        if let Some(span) = &d.span {
            assert!(span.start <= span.end && span.end as usize <= span.source.text.len(), "{d:?}");
        }
        assert!(!d.detail.is_empty());
    }
}

/// The same cases each time; with `PROPTEST_CASES` so many, others each time.
fn config() -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: wanted.unwrap_or(96),
        failure_persistence: None,
        rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(5) },
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn mangled_files_are_reported_not_fatal(
        table in 0..TABLES.len(),
        case in 0..64usize,
        cuts in prop::collection::vec((0..4000usize, 0..40usize, "[\\[\\]{}()\"$%.=*a-z0-9 \n]{0,6}"), 0..6),
    ) {
        let cases = super::cases(TABLES[table]);
        let mut files = cases[case % cases.len()].files.clone();
        let count = files.len();
        for (i, (at, len, new)) in cuts.into_iter().enumerate() {
            let text = &mut files[i % count].1;
            let mut start = at % (text.len() + 1);
            while !text.is_char_boundary(start) { start -= 1 }
            let mut end = (start + len).min(text.len());
            while !text.is_char_boundary(end) { end += 1 }
            text.replace_range(start..end, &new);
        }
        check(files);
    }
}

/// Pieces of values and templates.
const PIECES: &[&str] = &[
    "a",
    "o = ",
    "s=",
    "l = [",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    "\n",
    "\r\n",
    " ",
    "\t",
    "\"",
    "\"x\"",
    "1",
    "-",
    "1e5",
    "null",
    "true",
    ":",
    "=",
    "${",
    "%{",
    "$${",
    "%%{",
    "~}",
    "${~",
    "%{ if ",
    "%{ else }",
    "%{ endif }",
    "%{ for x in l }",
    "%{ endfor ~}",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "\\n",
    "\\u00e9",
    "\\u12",
    "é",
    "\u{feff}",
    "#",
    "//",
    "/*",
    "*/",
    "variable \"s\" {",
    "=>",
    "...",
    "[*]",
    ".",
    "\u{0}",
    "for x in ",
    "if ",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => prop::sample::select(PIECES).prop_map(String::from), 1 => ".{0,3}"];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

const VARIABLES: &str = "variable \"a\" {}\nvariable \"s\" {\n  type = string\n}\nvariable \"l\" {\n  type = list(string)\n}\n\
    variable \"o\" {\n  type = object({ a = optional(number, 1) })\n}\n";

proptest! {
    #![proptest_config(config())]

    #[test]
    fn files_of_values_are_reported_not_fatal(text in text(), json in any::<bool>(), option in text()) {
        let name = if json { "v.auto.tfvars.json" } else { "v.auto.tfvars" };
        let text = if json { format!("{{{text}}}") } else { text };
        let dir = directory(&[("main.tf".into(), VARIABLES.into()), (name.into(), text)]);
        let (config, diags) = load(dir.path(), &LoadOptions::default());
        prop_assert!(diags.is_empty());
        let options = vec![VariableOption::Var(format!("l={option}")), VariableOption::Var(option)];
        let inputs = VariableInputs { dir: dir.path().into(), env: Vec::new(), options };
        let (values, diags) = variable_values(&config, &inputs);
        missing(&config, &values);
        for d in diags.iter() {
            let inside = |s: &Span| s.source.text.get(s.start as usize..s.end as usize).is_some();
            prop_assert!(!d.detail.is_empty() && d.span.as_ref().is_none_or(inside), "{:?}", d);
        }
    }

    #[test]
    fn templates_are_reported_not_fatal(text in text()) {
        let (expr, diags) = syntax::parse_template(&Source::new("t", text.as_str()));
        prop_assert!(expr.is_some() || diags.has_errors(), "{:?}", text);
        for d in diags.iter() {
            let span = d.span.as_ref().expect("a place");
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{:?}", d);
        }
    }
}

/// Names a directory below which every configuration is loaded: real ones are not part of this repository.
#[test]
fn real_configurations_load() {
    let Some(root) = std::env::var_os("FORMWORK_REAL_CONFIGURATIONS") else { return };
    let mut dirs = vec![Path::new(&root).to_path_buf()];
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        let paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        dirs.extend(paths.iter().filter(|p| p.is_dir()).cloned());
        if paths.iter().any(|p| p.extension().is_some_and(|e| e == "tf")) {
            let (_, diags) = load(&dir, &LoadOptions::default());
            println!("{}", dir.display());
            print!("{}", super::lines(&diags, &dir));
        }
    }
}
