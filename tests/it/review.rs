//! What a reviewer reads, on whole configurations in the sandbox: the comment, who gains what, findings, SARIF.

use crate::support::place::Place;
use formwork::cli::Exit;
use serde_json::Value as Json;

/// A role, its policy, a table and a machine that uses it.
fn workload(actions: &str, seconds: u8, more: &str) -> String {
    format!(
        r##"resource "aws_dynamodb_table" "items" {{
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {{
    name = "id"
    type = "S"
  }}
}}

resource "aws_iam_role" "workflow" {{
  name = "workflow"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}]
  }})
}}

resource "aws_iam_role_policy" "items" {{
  name = "items"
  role = aws_iam_role.workflow.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = [{actions}], Resource = aws_dynamodb_table.items.arn }}]
  }})
}}

resource "aws_sfn_state_machine" "hello" {{
  name     = "hello"
  role_arn = aws_iam_role.workflow.arn
  definition = jsonencode({{
    StartAt = "Wait"
    States = {{
      Wait = {{ Type = "Wait", Seconds = {seconds}, Next = "PutItem" }}
      PutItem = {{
        Type       = "Task"
        Resource   = "arn:aws:states:::dynamodb:putItem"
        Parameters = {{ TableName = aws_dynamodb_table.items.name, Item = {{ id = {{ "S.$" = "$.id" }} }} }}
        End        = true
      }}
    }}
  }})
}}
{more}"##
    )
}

#[test]
fn who_gains_what_stands_behind_the_plan_and_first_in_the_comment() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    place.ok("apply -auto-approve");
    place.write("main.tf", &workload(r#""dynamodb:PutItem", "dynamodb:DeleteItem""#, 5, ""));
    let plan = place.ok("plan -out=p -markdown=comment.md");
    assert!(plan.contains("\nAccess:\n  + role workflow gains dynamodb:DeleteItem on table items\n"), "{plan}");
    let comment = place.ok("show -markdown p");
    assert!(
        comment.starts_with(
            "Plan: 0 to add, 2 to change, 0 to destroy. **1 thing can hurt**: permissions are gained (1).\n"
        ),
        "{comment}"
    );
    assert!(comment.contains("- Role workflow gains dynamodb:DeleteItem on table items\n"), "{comment}");
    assert!(comment.contains("```mermaid\nflowchart TD\n"), "{comment}");
    assert!(comment.ends_with("<!-- formwork:plan:default -->\n"), "{comment}");
    let written = std::fs::read_to_string(place.path().join("comment.md")).unwrap();
    assert_eq!(written, comment, "the same plan, the same bytes");
    let named = place.ok("show -markdown -name=prod-eu p");
    assert!(named.ends_with("<!-- formwork:plan:prod-eu -->\n"));
    assert_eq!(place.run("show -markdown").exit, Exit::Failed);
}

#[test]
fn a_role_that_lacks_a_permission_is_found_with_place_and_way_on() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:GetItem""#, 1, ""))]);
    let plan = place.ok("plan -out=p -findings=f.json");
    assert!(plan.contains("Findings:") && plan.contains("SFN-IAM-001"), "{plan}");
    let json: Json = serde_json::from_str(&std::fs::read_to_string(place.path().join("f.json")).unwrap()).unwrap();
    let lacks = json["findings"].as_array().unwrap().iter().find(|f| f["code"] == "SFN-IAM-001").unwrap();
    assert_eq!(lacks["address"], "aws_sfn_state_machine.hello");
    assert_eq!(lacks["path"], "/States/PutItem");
    // The line of the state itself, inside jsonencode.
    let line = workload("", 1, "").lines().position(|l| l.trim_start().starts_with("PutItem = {")).unwrap() + 1;
    assert_eq!(lacks["range"]["start"]["line"], line);
    assert!(lacks["help"].as_str().unwrap().contains("dynamodb:PutItem"));
    // It fails only if asked to.
    assert_eq!(place.run("check p").exit, Exit::Done);
    assert_eq!(place.run("check -fail-on=warning p").exit, Exit::Failed);
    assert_eq!(place.run("check -fail-on=error p").exit, Exit::Done);
    assert_eq!(place.run("check -fail-on=warning -ignore=SFN-IAM-001 p").exit, Exit::Done);
    assert_eq!(place.run("check -ignore=SFN-IAM-0001 p").exit, Exit::Failed);
    // Without a plan file one is made.
    assert!(place.ok("check -no-color").contains("warning[SFN-IAM-001]"));
    // Silenced where it stands.
    let quiet = workload(r#""dynamodb:GetItem""#, 1, "")
        .replace("      PutItem = {", "      # formwork:ignore SFN-IAM-001 not yet\n      PutItem = {");
    place.write("main.tf", &quiet);
    let text = place.ok("check");
    assert!(!text.contains("SFN-IAM-001") && text.contains("1 silenced by a comment."), "{text}");
}

#[test]
fn sarif_has_a_rule_and_a_place_for_each_result() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:*""#, 1, ""))]);
    let text = place.ok("check -sarif");
    let log: Json = serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let (rules, results) = (run["tool"]["driver"]["rules"].as_array().unwrap(), run["results"].as_array().unwrap());
    assert!(results.len() >= 3, "{text}");
    for r in results {
        assert_eq!(rules[usize::try_from(r["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], r["ruleId"]);
        let at = &r["locations"][0]["physicalLocation"];
        assert_eq!(at["artifactLocation"]["uri"], "main.tf");
        assert!(at["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    // What nobody changes has a place as well as what has none.
    let nowhere = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    nowhere.ok("apply -auto-approve");
    nowhere.write("main.tf", "# formwork:ignore nothing\n");
    let gone = nowhere.ok("check -sarif");
    let gone: Json = serde_json::from_str(&gone[gone.find('{').unwrap()..]).unwrap();
    oasis_takes(&[&log, &gone]);
}

/// Against the schema of OASIS, where Python has `jsonschema`.
fn oasis_takes(logs: &[&Json]) {
    use std::process::Command;
    let script = r#"
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
judge = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
print(json.dumps([e.json_path + ": " + e.message for log in sys.argv[2:] for e in judge.iter_errors(json.loads(log))]))
"#;
    if !Command::new("python3").args(["-c", "import jsonschema"]).output().is_ok_and(|o| o.status.success()) {
        return println!("skipped: python3 has no jsonschema");
    }
    let schema = crate::support::place::repository("tests/data/sarif-schema-2.1.0.json");
    let logs: Vec<String> = logs.iter().map(ToString::to_string).collect();
    let said = Command::new("python3").args(["-c", script]).arg(schema).args(logs).output().unwrap();
    let errors: Vec<String> = serde_json::from_slice(&said.stdout).unwrap();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn a_table_that_the_state_machine_does_not_fit() {
    let place = Place::with(&[]);
    for (from, to, code) in [
        ("Item = { id =", "Item = { ident =", "SFN-TBL-005"),
        ("\"S.$\" = \"$.id\"", "\"N.$\" = \"$.id\"", "SFN-TBL-003"),
        ("TableName = aws_dynamodb_table.items.name", "TableName = \"itens\"", "SFN-TBL-001"),
        ("arn:aws:states:::dynamodb:putItem\"", "arn:aws:states:::dynamodb:putItem.waitForTaskToken\"", "SFN-TMO-001"),
        (
            "Principal = { Service = \"states.amazonaws.com\" }",
            "Principal = { Service = \"lambda.amazonaws.com\" }",
            "SFN-IAM-003",
        ),
    ] {
        let good = workload(r#""dynamodb:PutItem""#, 1, "");
        place.write("main.tf", &good);
        assert!(!place.ok("check").contains(code), "{code}");
        assert!(good.contains(from));
        place.write("main.tf", &good.replace(from, to));
        let text = place.ok("check");
        assert!(text.contains(&format!("[{code}]")), "{code}: {text}");
    }
}

#[test]
fn a_rename_is_told_from_a_loss() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    place.ok("apply -auto-approve");
    place.write(
        "main.tf",
        &workload(r#""dynamodb:PutItem""#, 1, "")
            .replace("aws_dynamodb_table\" \"items\"", "aws_dynamodb_table\" \"things\"")
            .replace("aws_dynamodb_table.items", "aws_dynamodb_table.things"),
    );
    let text = place.ok("check");
    assert!(text.contains("[MOV-001]") && !text.contains("DDB-DATA-001"), "{text}");
    assert!(
        text.contains("from = aws_dynamodb_table.items\n") && text.contains("to   = aws_dynamodb_table.things\n"),
        "{text}"
    );
}

#[test]
fn a_plan_of_400_resources_fits_and_still_says_what_can_hurt() {
    let many = |n: usize, read: &str| -> String {
        (0..n)
            .map(|i| {
                format!(
                    r#"resource "aws_iam_role" "r{i}" {{
  name = "role-{i}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}] }})
}}
resource "aws_iam_role_policy" "p{i}" {{
  name = "p"
  role = aws_iam_role.r{i}.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = ["{read}"], Resource = "arn:aws:dynamodb:us-east-1:000000000000:table/t{i}" }}] }})
}}
"#
                )
            })
            .collect()
    };
    let table = "resource \"aws_dynamodb_table\" \"t\" {\n  name = \"precious\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  hash_key = \"id\"\n  attribute {\n    name = \"id\"\n    type = \"S\"\n  }\n}\n";
    let place = Place::with(&[("main.tf", &format!("{}{table}", many(200, "dynamodb:GetItem")))]);
    let first = {
        place.ok("plan -out=p -markdown-full=full.md -markdown=c.md -markdown-link=https://example.org/run/1");
        place.ok("show -markdown p")
    };
    let full = place.ok("show -markdown -full p");
    let written = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    assert!(full.len() > 65_536 && full == written("full.md") && !full.contains("Shortened"), "{}", full.len());
    let linked = written("c.md");
    assert!(linked.len() < 65_536);
    assert!(linked.contains("<a href=\"https://example.org/run/1\">The full text</a>"), "{linked}");
    assert_eq!(linked, place.ok("show -markdown -link=https://example.org/run/1 p"));
    assert!(first.len() < 65_536 && first.contains("Plan: 401 to add"), "{}", first.len());
    place.ok("apply -auto-approve");
    place.write("main.tf", &many(200, "dynamodb:*"));
    place.ok("plan -out=p");
    let comment = place.ok("show -markdown p");
    assert!(comment.len() < 65_536, "{}", comment.len());
    assert!(
        comment.starts_with(
            "Plan: 0 to add, 200 to change, 1 to destroy. **201 things can hurt**: permissions are gained (200), what runs is affected (1)."
        ),
        "{}",
        &comment[..200]
    );
    assert!(comment.contains("Table precious is destroyed; it has no items"));
    assert!(comment.contains("every action of dynamodb"));
    assert!(comment.contains("the same 199 times more"), "{comment}");
    assert!(comment.contains("200 objects change in the same way"), "{comment}");
    assert!(first.contains("\nShortened to fit into a comment.\n") && !comment.contains("Shortened"));
    assert!(comment.ends_with("<!-- formwork:plan:default -->\n"));
}

/// What the policy of a resource allows is told of those whom it allows it, not of the policy.
#[test]
fn a_resource_that_is_opened() {
    let text = r#"resource "aws_dynamodb_table" "t" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_dynamodb_resource_policy" "p" {
  resource_arn = aws_dynamodb_table.t.arn
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Principal = "*", Resource = aws_dynamodb_table.t.arn }] })
}
"#;
    let plan = Place::with(&[("main.tf", text)]).ok("plan -no-color");
    let told = "\nAccess:\n  !+ anyone gains dynamodb:GetItem on table items (anyone, in any account)\n";
    assert!(plan.contains(told), "{plan}");
}

#[test]
fn nothing_sensitive_gets_into_the_comment_or_a_finding() {
    let secret = "hunter2hunter2";
    let text = format!(
        r#"variable "password" {{
  default   = "{secret}"
  sensitive = true
}}
resource "aws_iam_role" "workflow" {{
  name = "workflow"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}] }})
  tags = {{ secret = var.password }}
}}
resource "aws_sfn_state_machine" "m" {{
  name     = "m"
  role_arn = aws_iam_role.workflow.arn
  definition = jsonencode({{ StartAt = "A", States = {{ A = {{ Type = "Pass", Comment = var.password, End = true }} }} }})
}}
resource "aws_dynamodb_table" "t" {{
  name         = "t-${{var.password}}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {{
    name = "id"
    type = "S"
  }}
}}
output "o" {{
  value     = var.password
  sensitive = true
}}
"#
    );
    let place = Place::with(&[("main.tf", &text)]);
    place.ok("plan -out=p");
    for words in ["show -markdown p", "check p", "check -json p", "check -sarif p", "graph -mermaid -plan=p"] {
        let out = place.ok(words);
        assert!(!out.contains(secret), "{words}: {out}");
    }
    let refused = place.run("graph -plan=p aws_sfn_state_machine.m");
    assert_eq!(refused.exit, Exit::Failed);
    assert!(!refused.all().contains(secret));
    // (Its name makes an ARN, which `show` prints: SHORTCOMINGS.)
    let shown = place.ok("show -no-color p");
    assert!(shown.contains("tags_all") && !shown.contains(&format!("= \"{secret}\"")), "{shown}");
}

#[test]
fn nothing_to_do_is_said_in_a_line() {
    let place = Place::with(&[("main.tf", "output \"x\" {\n  value = 1\n}\n")]);
    place.ok("apply -auto-approve");
    place.ok("plan -out=p");
    let comment = place.ok("show -markdown p");
    assert_eq!(
        comment,
        "No changes. Your infrastructure matches the configuration.\n\n<!-- formwork:plan:default -->\n"
    );
}

/// Ordinary definitions have no fault: false alarms are what makes people turn checks off. `ASL_CORPUS=/a/directory` adds others' files.
#[test]
fn ordinary_definitions_are_found_without_fault() {
    use formwork::workflow::{checks, model};
    let mut dirs = vec![crate::support::place::repository("tests/data/workflow")];
    dirs.extend(std::env::var_os("ASL_CORPUS").map(std::path::PathBuf::from));
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in dirs.iter().flat_map(|d| std::fs::read_dir(d).unwrap()).map(|e| e.unwrap().path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(machine) = model::parse_text(&text) else {
            println!("no JSON: {}", path.display());
            continue;
        };
        seen += 1;
        let faults = checks::check(&machine, checks::Use::default());
        for f in faults.iter().chain(&checks::duplicates(&text)).filter(|f| f.grade != checks::Grade::Note) {
            if f.code != "SFN-TMO-001" {
                wrong.push(format!("{}: {} {} {}", path.display(), f.code, f.at, f.text));
            }
        }
    }
    println!("{seen} definitions");
    assert!(seen >= 5 && wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_another_objects_change_breaks_is_told() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    place.ok("apply -auto-approve");
    // The machine stays as it is; only its role loses what it needs.
    place.write("main.tf", &workload(r#""dynamodb:GetItem""#, 1, ""));
    let plan = place.ok("plan -markdown=c.md");
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{plan}");
    assert!(plan.contains("SFN-IAM-001"), "{plan}");
    let comment = std::fs::read_to_string(place.path().join("c.md")).unwrap();
    assert!(comment.contains("**SFN-IAM-001**"), "{comment}");
    // ...and an index of a table.
    place.write("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""));
    assert!(!place.ok("plan").contains("SFN-IAM-001"));
}

#[test]
fn permissions_that_no_state_uses_are_worth_knowing() {
    for (actions, told) in [
        (r#""dynamodb:PutItem""#, false),
        (r#""dynamodb:PutItem", "dynamodb:DescribeTable""#, false),
        (r#""dynamodb:PutItem", "dynamodb:DeleteItem""#, true),
    ] {
        let place = Place::with(&[("main.tf", &workload(actions, 1, ""))]);
        let text = place.ok("check");
        assert_eq!(text.contains("[SFN-IAM-005]"), told, "{actions}: {text}");
        // What something else may use, too, is not judged.
        let shared = workload(actions, 1, "").replace(
            "Service = \"states.amazonaws.com\"",
            "Service = [\"states.amazonaws.com\", \"lambda.amazonaws.com\"]",
        );
        place.write("main.tf", &shared);
        assert!(!place.ok("check").contains("[SFN-IAM-005]"));
    }
}

#[test]
fn who_changed_nothing_is_not_told_of_changes() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    place.ok("apply -auto-approve");
    let output = place.run("plan -refresh-only -detailed-exitcode");
    assert_eq!(output.exit, Exit::Done, "{}", output.all());
    assert!(output.out.contains("No changes. Your infrastructure still matches the configuration."), "{}", output.out);
}

#[test]
fn what_can_hurt_stands_behind_the_plan() {
    let place = Place::with(&[("main.tf", &workload(r#""dynamodb:PutItem""#, 1, ""))]);
    place.ok("apply -auto-approve");
    let plan = place.ok("plan -destroy");
    assert!(plan.contains("\nWhat can hurt:\n"), "{plan}");
    assert!(plan.contains("   ! state machine hello is destroyed; no execution runs now\n"), "{plan}");
    assert!(
        plan.contains("   ! table items is destroyed; it has no items but those of this configuration\n"),
        "{plan}"
    );
}

/// Code scanning knows files by where they are in the repository, wherever the plan was made.
#[test]
fn sarif_names_files_from_the_root_of_the_repository() {
    let place = Place::with(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        (
            "infra/prod/main.tf",
            &workload(r#""dynamodb:GetItem""#, 1, "module \"m\" {\n  source = \"../modules/m\"\n}\n"),
        ),
        (
            "infra/modules/m/main.tf",
            "resource \"aws_dynamodb_table\" \"t\" {\n  name = \"m-prod\"\n  hash_key = \"id\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  attribute {\n    name = \"id\"\n    type = \"S\"\n  }\n}\n",
        ),
    ]);
    // The program itself: where it runs is where it is.
    let run = |words: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_formwork"))
            .args(words.split(' '))
            .current_dir(place.path())
            .env("FORMWORK_SANDBOX", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{words}: {output:?}");
    };
    run("-chdir=infra/prod init");
    run("-chdir=infra/prod plan -findings=f.sarif");
    let text = std::fs::read_to_string(place.path().join("infra/prod/f.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let mut files: Vec<&str> = results
        .iter()
        .map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    files.sort();
    files.dedup();
    assert_eq!(files, ["infra/modules/m/main.tf", "infra/prod/main.tf"]);
}
