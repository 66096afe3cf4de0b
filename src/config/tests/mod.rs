//! What is reported for which configuration: the tables are the `.txt` files beside this one.
//!
//! A case is `### name`, then files (`--- name`; the first is `main.tf` without saying so), then one line `=> place summary` for
//! each finding in the order reported; `?` before the summary marks a warning, behind `--` stands what may have been meant. `FORMWORK_BLESS=1` writes what is reported now
//! into the tables: read the difference before committing it.

mod model;
mod reference;
mod robust;
mod values;

use super::{Config, LoadOptions, load};
use crate::diag::{Diags, Severity};
use std::fmt::Write;
use std::path::Path;

/// A directory with these files.
fn directory(files: &[(String, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Loads one file.
fn loaded(text: &str) -> (Config, Diags) {
    loaded_files(&[("main.tf", text)])
}

fn loaded_files(files: &[(&str, &str)]) -> (Config, Diags) {
    let dir = directory(&files.iter().map(|(n, t)| (n.to_string(), t.to_string())).collect::<Vec<_>>());
    load(dir.path(), &LoadOptions::default())
}

/// Each finding as `file:line:column summary`.
fn lines(diags: &Diags, dir: &Path) -> String {
    let mut out = String::new();
    for d in diags.iter() {
        let place = match &d.span {
            Some(span) => {
                let (line, column) = span.line_column();
                let name = Path::new(&span.source.name);
                format!("{}:{line}:{column}", name.strip_prefix(dir).unwrap_or(name).display())
            }
            None => "-".into(),
        };
        let mark = if d.severity == Severity::Warning { "? " } else { "" };
        let help =
            d.help.as_deref().filter(|h| h.starts_with("Did you mean")).map_or(String::new(), |h| format!(" -- {h}"));
        writeln!(out, "=> {place} {mark}{}{help}", d.summary).unwrap();
    }
    out
}

struct Case {
    name: String,
    files: Vec<(String, String)>,
    expected: String,
}

fn cases(table: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in table.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            cases.push(Case { name: name.into(), files: Vec::new(), expected: String::new() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with ###");
        if let Some(file) = line.strip_prefix("--- ") {
            case.files.push((file.into(), String::new()));
        } else if line.starts_with("=> ") {
            writeln!(case.expected, "{line}").unwrap();
        } else {
            if case.files.is_empty() {
                case.files.push(("main.tf".into(), String::new()));
            }
            writeln!(case.files.last_mut().unwrap().1, "{line}").unwrap();
        }
    }
    cases
}

fn check_table(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/tests").join(file);
    let mut wrong = Vec::new();
    let mut blessed = String::new();
    for case in cases(&std::fs::read_to_string(&path).unwrap()) {
        let dir = directory(&case.files);
        let (_, diags) = load(dir.path(), &LoadOptions::default());
        for d in diags.iter() {
            assert!(!d.summary.ends_with('.') && !d.summary.is_empty(), "{}: {}", case.name, d.summary);
            let last = d.detail.lines().last().unwrap();
            assert!(last.ends_with('.') || last.starts_with("    "), "{}: {}", case.name, d.detail);
        }
        let actual = lines(&diags, dir.path());
        writeln!(blessed, "### {}", case.name).unwrap();
        for (i, (name, text)) in case.files.iter().enumerate() {
            if i > 0 || name != "main.tf" {
                writeln!(blessed, "--- {name}").unwrap();
            }
            blessed.push_str(text);
        }
        blessed.push_str(&actual);
        if actual != case.expected {
            wrong.push(format!("### {}\nexpected\n{}reported\n{actual}", case.name, case.expected));
        }
    }
    if std::env::var_os("FORMWORK_BLESS").is_some() {
        std::fs::write(&path, blessed).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn variables_locals_and_outputs() {
    check_table("variables.txt");
}

#[test]
fn resources_and_data() {
    check_table("resources.txt");
}

#[test]
fn modules_and_providers() {
    check_table("modules.txt");
}

#[test]
fn settings_moves_and_checks() {
    check_table("settings.txt");
}

#[test]
fn names() {
    check_table("references.txt");
}

#[test]
fn override_files() {
    check_table("overrides.txt");
}

#[test]
fn json_files() {
    check_table("json.txt");
}
