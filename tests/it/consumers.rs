//! Real programs that read what we write: scanners, policy tests, libraries that drive terraform. They lie where `.ci/run` puts them, in `target/consumers`
//! (`FORMWORK_CONSUMERS` names another virtual environment) and `tests/consumers/node_modules`; a suite says that it was skipped where they do not.
//!
//! What they find in our plans must be what they find in Terraform's own plans of the same configuration, which is recorded here.

use crate::support::place::{Place, repository};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A program of the virtual environment, or why there is none.
pub fn program(name: &str) -> Result<PathBuf, String> {
    let of_target = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("../consumers");
    let dir = std::env::var_os("FORMWORK_CONSUMERS").map_or_else(of_target, PathBuf::from);
    let path = dir.join("bin").join(name);
    match path.exists() {
        true => Ok(path),
        false => {
            Err(format!("{} does not exist: pip install -r tests/consumers/requirements.txt there", path.display()))
        }
    }
}

/// The folder whose `node_modules` has this package, or why there is none.
pub fn node(package: &str) -> Result<PathBuf, String> {
    if !Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        return Err("node is not installed".into());
    }
    let dir = repository("tests/consumers");
    match dir.join("node_modules").join(package).exists() {
        true => Ok(dir),
        false => Err(format!("{} has no node_modules/{package}: run npm install there", dir.display())),
    }
}

const CONFIGURATIONS: [&str; 3] = ["careful", "modules", "risky"];

/// Our plans of the configurations as JSON, each in a file of its name.
fn plans(place: &Place) {
    for name in CONFIGURATIONS {
        let here = Place::copy_of(&repository(&format!("tests/consumers/plans/{name}")));
        here.ok("init");
        here.ok("plan -out=p");
        place.write(&format!("plans/{name}.json"), &here.ok("show -json p"));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn checkov_finds_what_it_finds_in_terraforms_plans() {
    let checkov = match program("checkov") {
        Ok(program) => program,
        Err(why) => return println!("skipped: {why}"),
    };
    let place = Place::with(&[]);
    plans(&place);
    let output = Command::new(checkov)
        .args(["-d", "plans", "--framework", "terraform_plan", "-o", "json", "--quiet", "--compact", "--skip-download"])
        .current_dir(place.path())
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    let reports = report.as_array().cloned().unwrap_or_else(|| vec![report]);
    let mut found = BTreeSet::new();
    for report in &reports {
        assert_eq!(report["summary"]["parsing_errors"], 0, "{report}");
        for check in report["results"]["failed_checks"].as_array().unwrap() {
            let file =
                check["file_path"].as_str().unwrap().trim_start_matches('/').trim_end_matches(".json").to_string();
            found.insert(format!(
                "{file} {} {}",
                check["resource"].as_str().unwrap(),
                check["check_id"].as_str().unwrap()
            ));
        }
    }
    let recorded = fs::read_to_string(repository("tests/consumers/checkov.txt")).unwrap();
    let wanted: BTreeSet<String> = recorded.lines().filter(|l| !l.starts_with('#')).map(String::from).collect();
    assert!(wanted.len() > 20);
    assert_eq!(found, wanted);
    // It looked at the careful one, too, and had nothing to say.
    assert!(!found.iter().any(|f| f.starts_with("careful")));
}

/// It refuses plans whose format or Terraform version it does not know.
#[test]
fn terraform_compliance_judges_what_is_planned() {
    let compliance = match program("terraform-compliance") {
        Ok(program) => program,
        Err(why) => return println!("skipped: {why}"),
    };
    let place = Place::with(&[]);
    plans(&place);
    let run = |plan: &str| -> (Option<i32>, Vec<String>) {
        let Output { stdout, stderr, status } = Command::new(&compliance)
            .args(["--no-ansi", "-f"])
            .arg(repository("tests/consumers/features"))
            .args(["-p", &format!("plans/{plan}.json")])
            .current_dir(place.path())
            .output()
            .unwrap();
        let all = text(&stdout) + &text(&stderr);
        let told = ["Failure:", "SKIPPING:", "scenarios (", "steps ("];
        let lines = all.lines().filter(|l| told.iter().any(|t| l.contains(t)));
        (status.code(), lines.map(|l| l.trim().trim_start_matches("* ").to_string()).collect())
    };
    // As of Terraform's plan of the same configuration.
    let (code, lines) = run("modules");
    assert_eq!(code, Some(1), "{lines:?}");
    for wanted in [
        "Failure: enabled property in module.tables[\"payments\"].aws_dynamodb_table.table resource does not match with ^true$ case insensitive regex. It is set to False.",
        "SKIPPING: Can not find aws_iam_role defined in target terraform plan.",
        "Failure: for aws_cloudwatch_log_group.logs[0] on aws_cloudwatch_log_group. 7 is not more than 364.",
    ] {
        assert!(lines.iter().any(|l| l == wanted), "{wanted} is not in {lines:#?}");
    }
    assert!(lines.iter().any(|l| l.starts_with("4 scenarios (1 passed, 2 failed, 1 skipped)")), "{lines:#?}");
    let (code, lines) = run("careful");
    assert_eq!(code, Some(0), "{lines:?}");
    assert!(lines.iter().any(|l| l.starts_with("4 scenarios (4 passed)")), "{lines:#?}");
}

/// Runs one of our scripts around the program by the name `terraform`, in the sandbox; gives what it printed as its last line.
fn driven(script: &str) -> Result<Json, String> {
    let python = program("python")?;
    let place = Place::copy_of(&repository("tests/consumers/plans/modules"));
    fs::create_dir(place.path().join("bin")).unwrap();
    let terraform = place.path().join("bin/terraform");
    symlink(env!("CARGO_BIN_EXE_formwork"), &terraform).unwrap();
    let output = Command::new(python)
        .arg(repository("tests/consumers").join(script))
        .args([terraform, place.path().to_path_buf()])
        .env("FORMWORK_SANDBOX", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    Ok(serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap())
}

#[test]
fn tftest_drives_us_as_terraform() {
    let found = match driven("with_tftest.py") {
        Ok(found) => found,
        Err(why) => return println!("skipped: {why}"),
    };
    let created = json!(["create"]);
    let wanted = json!({
        "version": "1.2",
        "outputs": { "names": ["prod-orders", "prod-payments"] },
        "variables": { "stage": "prod", "token": "hush-hush" },
        "resources": ["aws_cloudwatch_log_group.logs[0]", "aws_cloudwatch_log_group.logs[1]"],
        "modules": {
            "module.tables[\"orders\"]": ["aws_dynamodb_table.table"],
            "module.tables[\"payments\"]": ["aws_dynamodb_table.table"],
        },
        "changes": {
            "aws_cloudwatch_log_group.logs[0]": created,
            "aws_cloudwatch_log_group.logs[1]": created,
            "module.tables[\"orders\"].aws_dynamodb_table.table": created,
            "module.tables[\"payments\"].aws_dynamodb_table.table": created,
        },
        "applied": { "names": ["prod-orders", "prod-payments"] },
        "state": ["aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_dynamodb_table"],
    });
    assert_eq!(found, wanted);
}

#[test]
fn python_terraform_drives_us_as_terraform() {
    let found = match driven("with_python_terraform.py") {
        Ok(found) => found,
        Err(why) => return println!("skipped: {why}"),
    };
    let wanted = json!({
        "init": 0,
        "plan": 2,
        "apply": [0, true],
        "again": 0,
        "output": { "names": ["prod-orders", "prod-payments"] },
        "workspace": [0, 0, "default"],
        "destroy": 0,
    });
    assert_eq!(found, wanted);
}
