//! The shell of the GitHub action, with the real program in the sandbox and a `gh` that writes down what it is asked.
//! Skipped, saying so, where bash or openssl is not installed.

use crate::support::place::{Place, repository};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn installed(program: &str) -> bool {
    Command::new(program).arg("version").output().is_ok()
}

/// Answers as GitHub would: `comments` is what `--jq` made of the list; every call is written down.
fn gh(dir: &Path) {
    let script = "#!/usr/bin/env bash\necho \"$*\" >>\"$CALLS\"\ncase $* in\n*--jq*pulls*|*pulls*--jq*) echo abc123 ;;\n*artifacts*) echo 42 ;;\n*comments*--jq*|*--jq*comments*) cat \"$COMMENTS\" ;;\n*body=@*) for a; do case $a in body=@*) cp \"${a#body=@}\" \"$CALLS.body\" ;; esac; done ;;\nesac\n";
    let path = dir.join("gh");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

struct Runner {
    place: Place,
}

impl Runner {
    fn new(main: &str) -> Runner {
        let place = Place::with(&[("main.tf", main), ("comments", ""), ("bin/none", "")]);
        gh(&place.path().join("bin"));
        Runner { place }
    }

    fn run(&self, command: &str) -> Output {
        let dir = self.place.path();
        let path = format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap());
        Command::new("bash")
            .arg(repository("ci/github.sh"))
            .arg(command)
            .current_dir(dir)
            .env("PATH", path)
            .env("FORMWORK", env!("CARGO_BIN_EXE_formwork"))
            .env("FORMWORK_SANDBOX", "1")
            .env("NAME", "prod eu")
            .env("WORK", dir.join("work"))
            .env("CALLS", dir.join("calls"))
            .env("COMMENTS", dir.join("comments"))
            .env("GITHUB_REPOSITORY", "me/it")
            .env("GITHUB_SHA", "def456")
            .env("GITHUB_OUTPUT", dir.join("outputs"))
            .env("GITHUB_STEP_SUMMARY", dir.join("summary"))
            .env("PULL_REQUEST", "7")
            .env("PASSPHRASE", "correct horse")
            .output()
            .unwrap()
    }

    #[track_caller]
    fn ok(&self, command: &str) {
        let output = self.run(command);
        assert!(output.status.success(), "{command}: {output:?}");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).unwrap_or_default()
    }
}

const TABLE: &str = "resource \"aws_dynamodb_table\" \"t\" {\n  name = \"things\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  hash_key = \"id\"\n  attribute {\n    name = \"id\"\n    type = \"S\"\n  }\n}\n";

#[test]
fn a_plan_is_posted_once_sealed_and_applied_as_reviewed() {
    if !installed("bash") || !installed("openssl") {
        return println!("skipped: bash or openssl is not installed");
    }
    let runner = Runner::new(TABLE);
    runner.ok("plan");
    assert_eq!(runner.read("outputs"), "exitcode=2\nchanges=true\n");
    let comment = runner.read("work/comment.md");
    assert!(comment.starts_with("Plan: 1 to add, 0 to change, 0 to destroy."), "{comment}");
    assert!(comment.ends_with("<!-- formwork:plan:prod-eu -->\n"), "{comment}");
    assert_eq!(runner.read("summary"), comment);
    assert!(runner.read("work/findings.sarif").contains("\"2.1.0\""));

    runner.ok("comment");
    let calls = runner.read("calls");
    assert!(calls.contains("--method POST repos/me/it/issues/7/comments"), "{calls}");
    // The script looks for the marker that the program wrote.
    assert!(calls.contains("<!-- formwork:plan:prod-eu -->"), "{calls}");
    assert_eq!(runner.read("calls.body"), comment);
    runner.place.write("comments", "99\n");
    runner.ok("comment");
    assert!(runner.read("calls").contains("--method PATCH repos/me/it/issues/comments/99"));

    runner.ok("seal");
    let sealed = fs::read(runner.place.path().join("work/plan.sealed")).unwrap();
    assert!(sealed.starts_with(b"Salted__"));
    fs::remove_file(runner.place.path().join("work/plan.json")).unwrap();
    runner.ok("reviewed");
    assert!(runner.read("outputs").ends_with("artifact=formwork-prod eu-abc123\nrun=42\n"));

    // Changed on the way: not applied.
    let mut other = sealed.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(runner.place.path().join("work/plan.sealed"), &other).unwrap();
    assert!(!runner.run("apply").status.success());
    fs::write(runner.place.path().join("work/plan.sealed"), &sealed).unwrap();
    runner.ok("apply");
    assert!(!runner.place.path().join("work/plan.json").exists(), "the plan in the clear stays behind");
    runner.ok("plan");
    assert!(runner.read("outputs").ends_with("exitcode=0\nchanges=false\n"));
    assert!(runner.read("work/comment.md").starts_with("No changes."));
}

#[test]
fn a_plan_that_fails_says_so_in_the_comment() {
    if !installed("bash") {
        return println!("skipped: bash is not installed");
    }
    let runner = Runner::new("resource \"aws_dynamodb_table\" \"t\" {\n  nmae = \"t\"\n}\n");
    runner.ok("plan");
    assert!(runner.read("outputs").starts_with("exitcode=1\n"));
    let comment = runner.read("work/comment.md");
    assert!(comment.starts_with("The plan failed.") && comment.contains("nmae"), "{comment}");
    assert!(comment.ends_with("<!-- formwork:plan:prod-eu -->\n"), "{comment}");
}

#[test]
fn the_action_runs_only_what_the_script_has() {
    let action = fs::read_to_string(repository("action.yml")).unwrap();
    let script = fs::read_to_string(repository("ci/github.sh")).unwrap();
    let used: Vec<&str> = action.split("ci/github.sh\" ").skip(1).map(|s| s.split('\'').next().unwrap()).collect();
    assert!(used.len() >= 5);
    for command in used {
        assert!(script.contains(&format!("\n{command})\n")), "{command}");
    }
}
