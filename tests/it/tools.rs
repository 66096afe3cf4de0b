//! What is a Go binary and cannot be run here: Atlantis, tfcmt, setup-terraform. Their patterns, as their sources have them, matched against what we print
//! under the name `terraform`.

use crate::support::place::Place;
use regex::Regex;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// A stack in the sandbox, driven by a link of another name.
struct Stack {
    place: Place,
    program: &'static str,
}

impl Stack {
    fn new(main: &str) -> Stack {
        Stack::named("terraform", main)
    }

    fn named(program: &'static str, main: &str) -> Stack {
        let place = Place::with(&[("main.tf", main), ("bin/none", "")]);
        symlink(env!("CARGO_BIN_EXE_formwork"), place.path().join("bin").join(program)).unwrap();
        Stack { place, program }
    }

    fn write(&self, main: &str) {
        self.place.write("main.tf", main);
    }

    /// Exit code, stdout, stderr.
    fn run(&self, words: &str) -> (i32, String, String) {
        let output = Command::new(self.place.path().join("bin").join(self.program))
            .args(words.split_whitespace())
            .current_dir(self.place.path())
            .env("FORMWORK_SANDBOX", "1")
            .env_remove("TF_IN_AUTOMATION")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn ok(&self, words: &str) -> String {
        let (code, out, err) = self.run(words);
        assert!(code == 0 || code == 2, "{words}: {code}\n{out}\n{err}");
        out
    }

    fn exists(&self, name: &str) -> bool {
        Path::new(self.place.path()).join(name).exists()
    }
}

fn group(name: &str, rest: &str) -> String {
    format!("resource \"aws_cloudwatch_log_group\" \"{name}\" {{\n  name = \"/{name}\"\n{rest}\n}}\n")
}

/// tfcmt's parser of plans: pkg/terraform/parser.go.
#[derive(Debug, Default, PartialEq)]
struct Parsed {
    result: String,
    outside: String,
    changed: String,
    destroys: bool,
    no_changes: bool,
    failed: bool,
    created: Vec<String>,
    updated: Vec<String>,
    deleted: Vec<String>,
    replaced: Vec<String>,
    moved: Vec<(String, String)>,
    imported: Vec<String>,
}

fn tfcmt(body: &str) -> Parsed {
    let re = |pattern: &str| Regex::new(pattern).unwrap();
    let (pass, fail) = (re(r"(?m)^(Plan: \d|No changes.)"), re(r"(?m)^([│|] )?(Error: )"));
    let outputs = re(r"(?m)^Changes to Outputs:");
    assert!(pass.is_match(body) || fail.is_match(body) || outputs.is_match(body), "tfcmt cannot parse this:\n{body}");
    let one = |pattern: &str, line: &str| re(pattern).captures(line).map(|c| c[1].to_string());
    let mut out = Parsed::default();
    let lines: Vec<&str> = body.split('\n').collect();
    let (mut outside, mut outside_end, mut change, mut change_end) = (None, None, None, None);
    let mut first = None;
    for (i, line) in lines.iter().enumerate() {
        if *line == "Note: Objects have changed outside of Terraform" {
            outside = Some(i + 1);
        }
        if line.starts_with("Unless you have made equivalent changes to your configuration") {
            outside_end = Some(i + 1);
        }
        if *line == "Terraform will perform the following actions:" {
            change = Some(i + 1);
        }
        if *line == "Changes to Outputs:" && change.is_none() {
            change = Some(i);
        }
        if line.starts_with("─────") && change.is_some() && change_end.is_none() {
            change_end = Some(i - 1);
        }
        if first.is_none() && (pass.is_match(line) || fail.is_match(line) || outputs.is_match(line)) {
            first = Some(i);
        }
        let previous = || {
            let above = lines[i - 1];
            one(r"^ *# (.*) will be updated in-place$", above)
                .or_else(|| one(r"^ *# (.*?)(?: is tainted, so)? must be replaced$", above))
        };
        if let Some(r) = one(r"^ *# (.*) will be created$", line) {
            out.created.push(r);
        } else if let Some(r) = one(r"^ *# (.*) will be updated in-place$", line) {
            out.updated.push(r);
        } else if let Some(r) = one(r"^ *# (.*) will be destroyed$", line) {
            out.deleted.push(r);
        } else if let Some(r) = one(r"^ *# (.*?)(?: is tainted, so)? must be replaced$", line)
            .or_else(|| one(r"^ *# (.*?) will be replaced, as requested$", line))
            .or_else(|| one(r"^ *# (.*?) will be replaced due to changes in replace_triggered_by$", line))
        {
            out.replaced.push(r);
        } else if let Some(r) = one(r"^ *# (.*?) will be imported$", line) {
            out.imported.push(r);
        } else if one(r"^ *# \(imported from (.*?)\)$", line).is_some() {
            out.imported.extend(previous());
        } else if let Some(c) = re(r"^ *# (.*?) has moved to (.*?)$").captures(line) {
            out.moved.push((c[1].to_string(), c[2].to_string()));
        } else if let Some(from) = one(r"^ *# \(moved from (.*?)\)$", line) {
            out.moved.extend(previous().map(|to| (from, to)));
        }
    }
    let line = lines[first.unwrap()];
    out.result = if outputs.is_match(line) { "Only Outputs will be changed.".into() } else { line.to_string() };
    out.failed = fail.is_match(line);
    out.destroys = re(r"([1-9][0-9]* to destroy.)").is_match(line);
    out.no_changes =
        re(r"^(No changes\.|Plan: (\d+ to import, )?0 to add, 0 to change, 0 to destroy\.)").is_match(line);
    // Without the second of these lines tfcmt crashes.
    out.outside =
        outside.map(|from| lines[from..outside_end.expect("the end of the note")].join("\n")).unwrap_or_default();
    out.changed = change.map(|from| lines[from..change_end.unwrap_or(lines.len() - 1)].join("\n")).unwrap_or_default();
    out
}

/// Atlantis' summary of a plan: server/events/models/models.go.
fn atlantis(body: &str) -> (Option<Vec<usize>>, bool, bool) {
    let re = |pattern: &str| Regex::new(pattern).unwrap();
    let counts =
        re(r"Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\.");
    let none = re(r"No changes. (Infrastructure is up-to-date|Your infrastructure matches the configuration).");
    let counts =
        counts.captures(body).map(|c| (1..=5).map(|i| c.get(i).map_or(0, |m| m.as_str().parse().unwrap())).collect());
    (counts, none.is_match(body), body.contains("Note: Objects have changed outside of Terraform"))
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|s| s.to_string()).collect()
}

#[test]
fn the_version_is_terraforms_in_every_name_that_wrappers_give() {
    // tfclient/terraform_client.go
    let atlantis = Regex::new("(?:Terraform|OpenTofu) v(.*?)(\\s.*)?\n").unwrap();
    // setup-terraform calls what it wraps terraform-bin; Atlantis keeps one file for each version.
    for name in ["terraform", "terraform-bin", "terraform1.11.4", "tofu"] {
        let stack = Stack::named(name, "");
        for words in ["version", "-version", "--version", "-v"] {
            let out = stack.ok(words);
            assert_eq!(&atlantis.captures(&out).unwrap_or_else(|| panic!("{words}: {out}"))[1], "1.11.4");
            assert!(out.starts_with("Terraform v1.11.4\non "), "{name} {words}: {out}");
        }
        let json: serde_json::Value = serde_json::from_str(&stack.ok("version -json")).unwrap();
        assert_eq!(json["terraform_version"], "1.11.4");
        assert!(
            json["platform"].is_string()
                && json["provider_selections"].is_object()
                && json["terraform_outdated"] == false
        );
    }
    let own = Stack::named("formwork", "").ok("version");
    assert!(own.contains("\nformwork v") && own.contains("Terraform v1.11.4\n"), "{own}");
}

#[test]
fn plans_are_parsed_by_tfcmt_and_counted_by_atlantis() {
    let stack = Stack::new(&(group("a", "") + &group("b", "") + "output \"o\" {\n  value = \"x\"\n}\n"));
    let first = stack.ok("plan -no-color -input=false -refresh -out=p -detailed-exitcode");
    let parsed = tfcmt(&first);
    assert_eq!(parsed.created, strings(&["aws_cloudwatch_log_group.a", "aws_cloudwatch_log_group.b"]));
    assert_eq!(parsed.result, "Plan: 2 to add, 0 to change, 0 to destroy.");
    assert!(
        parsed.changed.contains("+ resource") && parsed.changed.contains("Changes to Outputs:"),
        "{}",
        parsed.changed
    );
    assert!(!parsed.changed.contains("Saved the plan to"));
    assert_eq!(atlantis(&first), (Some(vec![0, 2, 0, 0, 0]), false, false));
    // plan_step_runner.go moves these to the first column.
    assert!(Regex::new(r"(?m)^ {2}\+").unwrap().is_match(&first));

    let applied = stack.ok("apply -no-color -input=false p");
    assert!(Regex::new("(?m)^(Apply complete!)").unwrap().is_match(&applied), "{applied}");
    assert!(applied.contains("Apply complete! Resources: 2 added, 0 changed, 0 destroyed."));
    assert!(applied.contains("\nOutputs:\n\no = \"x\"\n"), "{applied}");

    let (code, none, _) = stack.run("plan -no-color -detailed-exitcode");
    assert_eq!(code, 0);
    assert!(tfcmt(&none).no_changes);
    assert_eq!(atlantis(&none), (None, true, false));

    stack.write(&(group("a", "") + &group("b", "") + "output \"o\" {\n  value = \"y\"\n}\n"));
    let (code, outputs, _) = stack.run("plan -no-color -detailed-exitcode");
    assert_eq!(code, 2);
    assert_eq!(tfcmt(&outputs).result, "Only Outputs will be changed.");

    // One of each.
    let lifecycle = "  lifecycle {\n    replace_triggered_by = [aws_cloudwatch_log_group.new]\n  }";
    stack.write(
        &(group("a", "").replace("\"/a\"", "\"/a2\"")
            + &group("new", "")
            + &group("t", lifecycle)
            + &group("c", "  retention_in_days = 3").replacen("\"c\"", "\"d\"", 1).replace("\"/c\"", "\"/b\"")
            + "moved {\n  from = aws_cloudwatch_log_group.b\n  to = aws_cloudwatch_log_group.d\n}\n"),
    );
    let parsed = tfcmt(&stack.ok("plan -no-color"));
    assert_eq!(parsed.replaced, strings(&["aws_cloudwatch_log_group.a"]));
    assert_eq!(parsed.updated, strings(&["aws_cloudwatch_log_group.d"]));
    assert_eq!(parsed.moved, [("aws_cloudwatch_log_group.b".to_string(), "aws_cloudwatch_log_group.d".to_string())]);
    assert_eq!(parsed.result, "Plan: 3 to add, 1 to change, 1 to destroy.");
    assert!(parsed.destroys && !parsed.no_changes);
    stack.ok("apply -no-color -auto-approve");
    stack.ok("taint aws_cloudwatch_log_group.a");
    let parsed = tfcmt(&stack.ok("plan -no-color -replace=aws_cloudwatch_log_group.new"));
    assert_eq!(
        parsed.replaced,
        strings(&["aws_cloudwatch_log_group.a", "aws_cloudwatch_log_group.new", "aws_cloudwatch_log_group.t"])
    );
    let parsed = tfcmt(&stack.ok("plan -no-color -destroy"));
    assert_eq!(parsed.deleted.len(), 4);
    assert_eq!(parsed.result, "Plan: 0 to add, 0 to change, 4 to destroy.");
    assert!(stack.ok("destroy -no-color -auto-approve").contains("Destroy complete! Resources: 4 destroyed."));
}

#[test]
fn what_was_moved_aside_comes_in_by_import() {
    let stack = Stack::new(&group("a", ""));
    stack.ok("apply -auto-approve");
    stack.ok("state rm aws_cloudwatch_log_group.a");
    let import = "import {\n  to = aws_cloudwatch_log_group.a\n  id = \"/a\"\n}\n";
    stack.write(&(group("a", "") + import));
    let plan = stack.ok("plan -no-color");
    assert_eq!(tfcmt(&plan).imported, strings(&["aws_cloudwatch_log_group.a"]));
    assert_eq!(atlantis(&plan).0, Some(vec![1, 0, 0, 0, 0]));
    assert!(tfcmt(&plan).no_changes, "an import alone changes nothing in the world");
    stack.write(&(group("a", "  retention_in_days = 7") + import));
    let plan = stack.ok("plan -no-color");
    assert_eq!(tfcmt(&plan).imported, strings(&["aws_cloudwatch_log_group.a"]));
    assert_eq!(atlantis(&plan).0, Some(vec![1, 0, 1, 0, 0]));
    assert!(
        stack
            .ok("apply -no-color -auto-approve")
            .contains("Apply complete! Resources: 1 imported, 0 added, 1 changed, 0 destroyed.")
    );
}

/// The note stands above a plan only where the plan has something to do with it, as in Terraform.
#[test]
fn changes_made_outside_are_noted() {
    let look = "output \"days\" {\n  value = aws_cloudwatch_log_group.a.retention_in_days\n}\n";
    let with = |days: u32| group("a", &format!("  retention_in_days = {days}")) + &group("b", "") + look;
    let stack = Stack::new(&with(7));
    stack.ok("apply -auto-approve");
    let before = stack.ok("state pull");
    stack.write(&with(14));
    stack.ok("apply -auto-approve");
    // The state knows nothing of that.
    let state = stack.place.path().join(".formwork/sandbox/terraform.tfstate");
    assert!(stack.exists(".formwork/sandbox/terraform.tfstate"));
    fs::write(&state, before).unwrap();
    stack.write(&with(30));
    let plan = stack.ok("plan -no-color");
    let parsed = tfcmt(&plan);
    assert!(parsed.outside.contains("# aws_cloudwatch_log_group.a has changed"), "{plan}");
    assert!(parsed.outside.contains("~ retention_in_days = 7 -> 14"), "{plan}");
    assert!(atlantis(&plan).2);
    assert_eq!(parsed.updated, strings(&["aws_cloudwatch_log_group.a"]));
    // Nobody looks at it: nothing is noted.
    stack.write(&with(30).replace(look, ""));
    assert!(!atlantis(&stack.ok("plan -no-color")).2);
    let refreshed = stack.ok("plan -no-color -refresh-only");
    assert!(refreshed.contains("Note: Objects have changed outside of Terraform"), "{refreshed}");
}

#[test]
fn errors_and_exit_codes() {
    let stack = Stack::new("resource \"aws_cloudwatch_log_group\" \"a\" {\n  nmae = \"x\"\n}\n");
    for words in ["plan -no-color -detailed-exitcode", "apply -no-color -auto-approve", "validate -no-color"] {
        let (code, out, err) = stack.run(words);
        assert_eq!(code, 1, "{words}");
        let parsed = tfcmt(&(out + &err));
        assert!(parsed.failed && parsed.result.starts_with("Error: "), "{words}: {parsed:?}");
    }
    stack.write("variable \"v\" {\n  default = 1\n}\ncheck \"c\" {\n  assert {\n    condition = var.v == 2\n    error_message = \"not two\"\n  }\n}\n");
    let (code, out, err) = stack.run("plan -no-color -detailed-exitcode");
    assert_eq!(code, 0, "{out}{err}");
    assert!(Regex::new(r"(?m)^([│|] )?(Warning: )").unwrap().is_match(&(out + &err)));
    assert_eq!(stack.run("fmt -check").0, 3);
    assert_eq!(stack.run("nonsense").0, 1);
}

#[test]
fn workspaces_and_states_as_atlantis_asks_for_them() {
    let stack = Stack::new(&group("a", ""));
    assert_eq!(stack.ok("workspace show"), "default\n");
    stack.ok("workspace new -no-color staging");
    assert_eq!(stack.ok("workspace list"), "  default\n* staging\n\n");
    stack.ok("workspace select -no-color default");
    stack.ok("apply -auto-approve");
    assert_eq!(stack.ok("state list"), "aws_cloudwatch_log_group.a\n");
    assert!(
        stack
            .ok("state show -no-color aws_cloudwatch_log_group.a")
            .starts_with("# aws_cloudwatch_log_group.a:\nresource \"aws_cloudwatch_log_group\" \"a\" {\n")
    );
    assert!(
        stack
            .ok("state mv aws_cloudwatch_log_group.a aws_cloudwatch_log_group.z")
            .contains("Successfully moved 1 object(s).")
    );
    assert!(
        stack
            .ok("taint aws_cloudwatch_log_group.z")
            .contains("Resource instance aws_cloudwatch_log_group.z has been marked as tainted.")
    );
    let untainted = stack.ok("untaint aws_cloudwatch_log_group.z");
    assert!(
        untainted.contains("Resource instance aws_cloudwatch_log_group.z has been successfully untainted."),
        "{untainted}"
    );
    let pulled: serde_json::Value = serde_json::from_str(&stack.ok("state pull")).unwrap();
    assert_eq!(pulled["version"], 4);
    let removed = stack.ok("state rm aws_cloudwatch_log_group.z");
    assert!(
        removed.contains("Removed aws_cloudwatch_log_group.z\nSuccessfully removed 1 resource instance(s)."),
        "{removed}"
    );
}
