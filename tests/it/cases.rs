//! Walks `tests/cases`: one folder is one test, in the sandbox.
//!
//! `main.tf` is validated, planned (`plan.txt`), applied, planned again (nothing), and destroyed. Further steps (`step-2.tf`, `step-3.tf`, …) take
//! the place of `main.tf` one after the other, each with its own `plan-2.txt`. A folder with `errors.txt` must be refused by `plan` in these words.
//! `FORMWORK_BLESS=1` writes what was seen; read the difference before you commit it.

use crate::support::place::{Output, Place, repository};
use formwork::cli::Exit;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_case_plans_applies_and_is_then_empty() {
    let mut folders = Vec::new();
    find(&repository("tests/cases"), &mut folders);
    folders.sort();
    assert!(folders.len() >= 10, "cases are missing");
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.strip_prefix(repository("tests/cases")).unwrap().display().to_string();
        if let Err(why) = case(folder) {
            wrong.push(format!("== {name}\n{why}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), folders.len(), wrong.join("\n\n"));
}

fn find(dir: &Path, out: &mut Vec<PathBuf>) {
    if dir.join("main.tf").exists() {
        out.push(dir.to_path_buf());
        return;
    }
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, out);
        }
    }
}

fn case(folder: &Path) -> Result<(), String> {
    let place = Place::copy_of(folder);
    for n in (2..).take_while(|n| place.path().join(format!("step-{n}.tf")).exists()) {
        fs::remove_file(place.path().join(format!("step-{n}.tf"))).unwrap();
    }
    if folder.join("errors.txt").exists() {
        let output = place.run("plan -no-color");
        if output.exit != Exit::Failed {
            return Err(format!("should be refused: {}", output.all()));
        }
        return same(&folder.join("errors.txt"), &output.err);
    }
    step(&place, folder, "plan.txt")?;
    for n in 2.. {
        let Ok(text) = fs::read_to_string(folder.join(format!("step-{n}.tf"))) else { break };
        place.write("main.tf", &text);
        step(&place, folder, &format!("plan-{n}.txt"))?;
    }
    done(&place, "destroy -auto-approve -no-color")?;
    let left = done(&place, "state list")?.out;
    if left.lines().any(|l| !l.starts_with("Sandbox")) {
        return Err(format!("destroy left something behind: {left}"));
    }
    Ok(())
}

fn step(place: &Place, folder: &Path, expected: &str) -> Result<(), String> {
    done(place, "validate -no-color")?;
    let plan = done(place, "plan -no-color -concise")?;
    same(&folder.join(expected), &plan.out)?;
    done(place, "apply -auto-approve -no-color")?;
    let again = place.run("plan -detailed-exitcode -no-color");
    if again.exit != Exit::Done {
        return Err(format!("the second plan is not empty: {}", again.all()));
    }
    Ok(())
}

fn done(place: &Place, words: &str) -> Result<Output, String> {
    let output = place.run(words);
    if output.exit == Exit::Done { Ok(output) } else { Err(format!("{words}: {}", output.all())) }
}

fn same(file: &Path, seen: &str) -> Result<(), String> {
    if std::env::var_os("FORMWORK_BLESS").is_some() {
        fs::write(file, seen).unwrap();
    }
    let wanted = fs::read_to_string(file).unwrap_or_default();
    if wanted == seen {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&wanted, seen).unified_diff().header("wanted", "seen").to_string();
    Err(format!("{}:\n{diff}", file.display()))
}
