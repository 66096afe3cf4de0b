//! The examples of comments in `docs/comments`: made by the program, read as GitHub reads them, drawn.
//!
//! `FORMWORK_BLESS=1` writes what was seen, and draws the pictures where Chromium and the packages of `tests/mermaid` are installed.

use crate::mermaid::{Answers, node, packages};
use crate::support::place::{Place, repository};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;

/// Name, how it comes about, and what its picture shows unfolded.
const EXAMPLES: [(&str, fn() -> String, &str); 3] = [
    ("first-deploy", first_deploy, "aws_sfn_state_machine"),
    ("risky-change", risky_change, "aws_sfn_state_machine"),
    ("drift", drift, "aws_dynamodb_table"),
];

fn configuration(name: &str) -> String {
    fs::read_to_string(repository(&format!("tests/data/comments/{name}.tf"))).unwrap()
}

fn comment(place: &Place, words: &str) -> String {
    place.ok(&format!("{words} -markdown=comment.md"));
    let text = fs::read_to_string(place.path().join("comment.md")).unwrap();
    // The directory has another name in every run.
    text.replace(&format!("{}/", place.path().display()), "")
}

fn first_deploy() -> String {
    comment(&Place::with(&[("main.tf", &configuration("first-deploy"))]), "plan")
}

/// Orders are stored by the application, and three executions run.
fn in_use() -> Place {
    let orders = r#"
resource "aws_dynamodb_table_item" "application" {
  count      = 120
  table_name = aws_dynamodb_table.archive.name
  hash_key   = "order"
  item       = jsonencode({ order = { S = "o${count.index}" }, note = { S = "${join("", [for i in range(20) : "0123456789"])}" } })
}
"#;
    let place = Place::with(&[("main.tf", &configuration("first-deploy")), ("orders.tf", orders)]);
    place.ok("apply -auto-approve");
    place.ok("state rm aws_dynamodb_table_item.application");
    fs::remove_file(place.path().join("orders.tf")).unwrap();
    let file = place.path().join(".formwork/sandbox/aws/aws.json");
    let mut world: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let machine = &mut world["accounts"]["000000000000"]["regions"]["us-east-1"]["sfn"]["machines"]["orders"];
    assert!(machine.is_object());
    machine["running"] = serde_json::json!(["a", "b", "c"]);
    fs::write(&file, world.to_string()).unwrap();
    place
}

fn risky_change() -> String {
    let place = in_use();
    place.write("main.tf", &configuration("risky-change"));
    comment(&place, "plan")
}

fn drift() -> String {
    comment(&drifted(), "plan -refresh-only")
}

fn drifted() -> Place {
    let place = Place::with(&[("main.tf", &configuration("first-deploy"))]);
    place.ok("apply -auto-approve");
    let state = place.path().join(".formwork/sandbox/terraform.tfstate");
    let before = fs::read(&state).unwrap();
    // What others do: the same stack changed, and none of it noted.
    place.write("main.tf", &configuration("drift"));
    place.ok("apply -auto-approve");
    fs::write(&state, before).unwrap();
    place.write("main.tf", &configuration("first-deploy"));
    place
}

/// In a plan that undoes what others did, each such change says so.
#[test]
fn what_others_did_is_told_where_it_is_undone() {
    let plan = drifted().ok("plan");
    let said: Vec<&str> = plan.lines().filter(|l| l.contains("outside of Terraform")).collect();
    assert_eq!(
        said,
        [
            "  # (changed outside of Terraform: retention_in_days)",
            "  # (changed outside of Terraform: billing_mode, deletion_protection_enabled,",
            "  # (changed outside of Terraform: description)",
            "  # (changed outside of Terraform: policy)",
            "  # (changed outside of Terraform: definition, logging_configuration)",
        ]
    );
}

#[test]
fn the_examples_in_the_documents_are_what_the_program_writes() {
    let bless = std::env::var_os("FORMWORK_BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, make, open) in EXAMPLES {
        let seen = make();
        assert!(seen.len() < 65_536);
        let file = repository(&format!("docs/comments/{name}.md"));
        if bless {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &seen).unwrap();
            draw(name, open);
        }
        let wanted = fs::read_to_string(&file).unwrap_or_default();
        if wanted != seen {
            let diff =
                similar::TextDiff::from_lines(&wanted, &seen).unified_diff().header("wanted", "seen").to_string();
            wrong.push(format!("{}:\n{diff}", file.display()));
        }
        assert!(repository(&format!("docs/comments/{name}.png")).exists(), "{name} has no picture");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn draw(name: &str, open: &str) {
    let (from, to) =
        (repository(&format!("docs/comments/{name}.md")), repository(&format!("docs/comments/{name}.png")));
    match packages(&["mermaid", "markdown-it", "playwright-core"]) {
        Ok(dir) => {
            let drawn = node(&dir, "page.mjs")
                .args([from.as_os_str(), to.as_os_str()])
                .args([&format!("open={open}"), "width=860"])
                .output()
                .unwrap();
            assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
        }
        Err(why) => println!("not drawn: {why}"),
    }
}

#[test]
fn github_shows_the_examples_as_they_are_meant() {
    let dir = match packages(&["mermaid", "jsdom", "micromark", "micromark-extension-gfm"]) {
        Ok(dir) => dir,
        Err(why) => return println!("skipped: {why}"),
    };
    let mut comments: BTreeMap<String, String> = BTreeMap::new();
    for (name, ..) in EXAMPLES {
        comments.insert(name.into(), fs::read_to_string(repository(&format!("docs/comments/{name}.md"))).unwrap());
    }
    // Names that are markup elsewhere.
    let nasty = r##"resource "aws_dynamodb_table" "t" {
  for_each     = toset(["a_b_c", "x-y", "</details>", "`code`", "[x](y)", "**b**", "@someone", "#1", "|", "<!--"])
  name         = "t-${md5(each.key)}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = { Name = each.key, more = "```\n</details>\n**x** <b>y</b>" }
  attribute {
    name = "id"
    type = "S"
  }
}
output "o" {
  value = "</details> ``` @someone"
}
"##;
    let place = Place::with(&[("main.tf", nasty)]);
    comments.insert("nasty".into(), comment(&place, "plan"));
    place.ok("apply -auto-approve");
    place.write("main.tf", "");
    comments.insert("nasty goes".into(), comment(&place, "plan"));
    let answer = node(&dir, "comment.mjs").stdin_json(&comments);
    let verdicts: BTreeMap<String, Vec<String>> = serde_json::from_slice(&answer).unwrap();
    assert_eq!(verdicts.len(), comments.len());
    let wrong: Vec<String> =
        verdicts.iter().flat_map(|(n, all)| all.iter().map(move |w| format!("{n}: {w}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A table that is replaced says what it holds, and a machine that changes what runs; who may not look still plans.
#[test]
fn what_is_lost_and_what_runs_is_counted() {
    let place = in_use();
    place.write("main.tf", &configuration("risky-change"));
    let text = comment(&place, "plan");
    let head = text.split("### Findings").next().unwrap();
    assert!(head.contains("Table orders-archive is destroyed: its 120 items ("), "{head}");
    assert!(head.contains("State machine orders changes while 3 executions run"), "{head}");
    let plan = place.ok("plan -out=p");
    let (_, behind) = plan.split_once("\nAccess:\n").unwrap();
    // What deserves a second look first, the same of several once, and findings with what is to be pasted.
    assert!(
        behind.starts_with("  !+ role orders-workflow can be assumed by account 999999999999 (account"),
        "{behind}"
    );
    let alike = "   + role orders-billing gains dynamodb:Scan on table orders-prod and index\n       by-status of table orders-prod; \
                 the same: role orders-shipping, role\n       orders-support\n";
    assert!(behind.contains(alike), "{behind}");
    assert!(behind.contains("         from = aws_cloudwatch_log_group.workflow\n"), "{behind}");
    assert_eq!(place.ok("show -markdown p"), text, "the file keeps what was seen");
    place.write("main.tf", "");
    let gone = comment(&place, "plan");
    assert!(gone.contains("State machine orders is destroyed while 3 executions run: they are stopped"), "{gone}");
}
