//! The shape of the house: who may import whom, who may print, and that every file says what it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may know. Underfoot rooms import nothing above them.
const ROOMS: &[(&str, &[&str])] = &[
    ("address", &["value"]),
    ("access", &["resources"]),
    ("value", &[]),
    ("diag", &[]),
    ("graph", &[]),
    ("partition", &[]),
    ("schema", &["value"]),
    ("config", &["address", "value", "diag", "eval", "graph"]),
    ("install", &["config", "diag"]),
    ("eval", &["config", "value", "diag", "schema"]),
    ("state", &["address", "value", "diag", "partition"]),
    ("resources", &["value", "diag", "schema", "partition"]),
    ("plan", &["address", "value", "diag", "graph", "schema", "config", "eval", "state", "resources"]),
    ("apply", &["address", "value", "diag", "graph", "schema", "eval", "state", "resources", "plan"]),
    ("sandbox", &[]),
    (
        "show",
        &["address", "value", "diag", "schema", "config", "state", "plan", "resources", "workflow", "review", "access"],
    ),
    ("workflow", &["value", "diag"]),
    ("review", &["access", "address", "value", "diag", "config", "plan", "workflow", "resources"]),
    (
        "cli",
        &[
            "address",
            "value",
            "diag",
            "schema",
            "config",
            "eval",
            "state",
            "resources",
            "plan",
            "apply",
            "sandbox",
            "install",
            "show",
            "workflow",
            "review",
            "graph",
        ],
    ),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, out: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    walk(&root, &mut out);
    out.sort();
    out.into_iter().map(|(p, t)| (p.strip_prefix(&root).unwrap().to_path_buf(), t)).collect()
}

/// The room a file is in: its folder, or its own name.
fn room(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

/// The code of a file without its tests, comments and strings' insides left as they are.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    body.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &Path) -> bool {
    path.components().any(|c| {
        c.as_os_str().to_str().is_some_and(|n| n == "tests" || n.starts_with("tests.") || n.ends_with("_tests.rs"))
    })
}

#[test]
fn rooms_know_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(p, _)| !is_test(p)) {
        let room = room(path);
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(may) = allowed.get(&*room) else {
            wrong.push(format!("{}: the room {room} is not in the table", path.display()));
            continue;
        };
        for (n, line) in code(text).lines().enumerate() {
            for part in line.split("crate::").skip(1) {
                let other: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = allowed.contains_key(&*other);
                if known && other != room && !may.contains(&&*other) {
                    wrong.push(format!("{}:{}: {room} must not know {other}: {}", path.display(), n + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_door_prints_and_exits() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if room(&path) == "cli" || is_test(&path) {
            continue;
        }
        for word in ["println!", "print!(", "eprintln!", "eprint!(", "process::exit", "dbg!("] {
            if code(&text).contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = sources().into_iter().filter(|(_, t)| !t.starts_with("//!")).map(|(p, _)| p).collect();
    assert!(silent.is_empty(), "no //! in the first line of {silent:?}");
}

#[test]
fn no_room_is_without_a_name() {
    let nameless: Vec<_> = sources()
        .into_iter()
        .map(|(p, _)| p)
        .filter(|p| {
            p.iter().any(|c| {
                ["util", "utils", "helpers", "common", "misc"].contains(&c.to_str().unwrap().trim_end_matches(".rs"))
            })
        })
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

#[test]
fn tests_glob_imports_stay_in_tests() {
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(p, _)| !is_test(p)) {
        if code(text).contains("use super::*") {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "use super::* hides who needs whom: {wrong:?}");
}
