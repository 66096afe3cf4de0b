//! Every diagram read by the real Mermaid. Skipped, saying so, where node or the package is not installed:
//! `npm ci --prefix tests/mermaid`, or NODE_PATH-like: `MERMAID_DIR=/a/directory/with/node_modules`.

use crate::support::place::{Place, repository};
use formwork::workflow::{diagram, model};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where `node_modules` has these packages, or why there is no such place.
pub fn packages(names: &[&str]) -> Result<PathBuf, String> {
    if !Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        return Err("node is not installed".into());
    }
    let dir = std::env::var_os("MERMAID_DIR").map_or_else(|| repository("tests/mermaid"), PathBuf::from);
    match names.iter().find(|p| !dir.join("node_modules").join(p).exists()) {
        None => Ok(dir),
        Some(name) => Err(format!("{} has no node_modules/{name}: run npm install there", dir.display())),
    }
}

/// A script of `tests/mermaid`, run where the packages are.
pub fn node(dir: &Path, script: &str) -> Command {
    let text = fs::read_to_string(repository("tests/mermaid").join(script)).unwrap();
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", &text, "--"]).current_dir(dir);
    node
}

/// Gives a script something to read, takes what it writes.
pub trait Answers {
    fn stdin_json(&mut self, given: &impl serde::Serialize) -> Vec<u8>;
}

impl Answers for Command {
    fn stdin_json(&mut self, given: &impl serde::Serialize) -> Vec<u8> {
        let mut child = self.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let text = serde_json::to_string(given).unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap().stdout
    }
}

/// Definitions that were written to be hard to draw, and ordinary ones.
fn definitions() -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(repository("tests/data/workflow")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".asl.json") {
            out.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    assert!(out.len() >= 5);
    let nasty = [
        "end",
        "subgraph",
        "a\"b",
        "a]b",
        "a)b}",
        "<script>",
        "%%{init: {\"theme\":\"dark\"}}%%",
        "click A",
        "style n1 fill:#f00;",
        "1. first",
        "- dash",
        "`code`",
        "**bold**",
        "$$x^2$$",
        "a;b",
        "a|b",
        "#quot;",
        "&amp;",
        "classDef x:y #z;",
        "日本 é",
        "\\",
        "\n",
        " ",
        "x@{ shape: rect }",
        "a --> b",
        "::: x",
        "o",
        "x",
        "graph TD",
    ];
    let states: serde_json::Map<String, serde_json::Value> = nasty
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let next = nasty[(i + 1) % nasty.len()];
            let choice = serde_json::json!({"Type": "Choice", "Default": next, "Choices": [{"Variable": name, "StringEquals": name, "Next": next}]});
            let task = serde_json::json!({"Type": "Task", "Resource": format!("arn:aws:states:::{name}"), "Next": next,
                "Catch": [{"ErrorEquals": [name], "Next": next}]});
            (name.to_string(), if i % 2 == 0 { choice } else { task })
        })
        .collect();
    out.insert("nasty".into(), serde_json::json!({"StartAt": "end", "States": states}).to_string());
    out
}

#[test]
fn mermaid_reads_every_diagram() {
    let dir = match packages(&["mermaid", "jsdom"]) {
        Ok(dir) => dir,
        Err(why) => return println!("skipped: {why}"),
    };
    let mut diagrams: BTreeMap<String, String> = BTreeMap::new();
    let machines: Vec<_> =
        definitions().into_iter().map(|(name, text)| (name, model::parse_text(&text).unwrap())).collect();
    for (name, machine) in &machines {
        diagrams.insert(name.clone(), diagram::one(machine));
        for (other, after) in &machines {
            diagrams.insert(format!("{name} -> {other}"), diagram::change(machine, after));
        }
    }
    let place = Place::copy_of(&repository("examples/sfn-dynamodb"));
    diagrams.insert("resources".into(), place.ok("graph -mermaid"));
    place.ok("plan -out=p");
    diagrams.insert("planned resources".into(), place.ok("graph -mermaid -plan=p"));
    diagrams.insert("planned machine".into(), place.ok("graph -plan=p aws_sfn_state_machine.hello"));
    assert!(diagrams.values().all(|d| d.starts_with("flowchart ")));
    let answer = node(&dir, "parse.mjs").stdin_json(&diagrams);
    let verdicts: BTreeMap<String, Option<String>> = serde_json::from_slice(&answer).unwrap();
    assert_eq!(verdicts.len(), diagrams.len());
    let wrong: Vec<String> =
        verdicts.into_iter().filter_map(|(n, v)| Some(format!("== {n}: {}\n{}", v?, diagrams[&n]))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), diagrams.len(), wrong.join("\n"));
}
