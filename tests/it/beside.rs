//! Types that are not ours in one configuration and one state with ours: refused in full, or left aside with `-skip-unsupported`.

use crate::support::place::Place;
use formwork::cli::Exit;
use serde_json::{Value as Json, json};
use std::fs;

/// A queue, which is not ours, between two tables and a role, which are.
const STACK: &str = r#"
resource "aws_dynamodb_table" "first" {
  name         = "first"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_sqs_queue" "q" {
  name = "${aws_dynamodb_table.first.name}-queue"
}

data "aws_vpc" "main" {
  default = true
}

locals {
  queue = aws_sqs_queue.q.arn
}

resource "aws_cloudwatch_log_group" "after" {
  name = "/after"
  tags = { queue = local.queue }
}

resource "aws_cloudwatch_log_group" "after_that" {
  name = "/after/${aws_cloudwatch_log_group.after.tags.queue}"
}

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
  depends_on = [aws_sqs_queue.q]
}

output "queue" {
  value = local.queue
}

output "table" {
  value = aws_dynamodb_table.first.arn
}
"#;

const AWS: &str = r#"provider["registry.terraform.io/hashicorp/aws"]"#;

fn state(place: &Place) -> Json {
    serde_json::from_str(&fs::read_to_string(state_path(place)).unwrap()).unwrap()
}

fn state_path(place: &Place) -> std::path::PathBuf {
    place.path().join(".formwork/sandbox/terraform.tfstate")
}

/// As terraform would have put it there.
fn put(place: &Place, mode: &str, ty: &str, name: &str, attributes: Json, dependencies: &[&str]) -> Json {
    let mut state = state(place);
    let mut object = json!({
        "mode": mode, "type": ty, "name": name, "provider": AWS,
        "instances": [{
            "schema_version": 3, "attributes": attributes, "sensitive_attributes": [], "private": "bnVsbA==",
            "identity_schema_version": 7, "identity": {"url": "u"}
        }]
    });
    if !dependencies.is_empty() {
        object["instances"][0]["dependencies"] = json!(dependencies);
    }
    state["resources"].as_array_mut().unwrap().push(object.clone());
    state["serial"] = json!(state["serial"].as_u64().unwrap() + 1);
    fs::write(state_path(place), state.to_string()).unwrap();
    object
}

fn find(state: &Json, ty: &str) -> Option<Json> {
    state["resources"].as_array().unwrap().iter().find(|r| r["type"] == ty).cloned()
}

#[test]
fn without_the_option_all_of_them_are_named() {
    let place = Place::with(&[("main.tf", STACK)]);
    for command in ["validate", "plan", "apply -auto-approve", "destroy -auto-approve"] {
        let output = place.run(command);
        assert_eq!(output.exit, Exit::Failed, "{command}");
        for wanted in ["data.aws_vpc.main", "aws_sqs_queue.q", "-skip-unsupported"] {
            assert!(output.all().contains(wanted), "{command}: {wanted} is not in {}", output.all());
        }
    }
}

#[test]
fn ours_are_applied_theirs_are_kept_and_what_waits_is_told() {
    let place = Place::with(&[("main.tf", STACK)]);
    place.ok("validate -skip-unsupported");
    let plan = place.ok("plan -skip-unsupported -no-color");
    assert!(plan.contains("Plan: 1 to add, 0 to change, 0 to destroy."), "{plan}");
    let all = place.run("plan -skip-unsupported -no-color").all();
    for wanted in [
        "aws_cloudwatch_log_group.after waits for aws_sqs_queue.q: it depends on",
        "aws_cloudwatch_log_group.after_that waits for aws_cloudwatch_log_group.after",
        "aws_iam_role.r waits for aws_sqs_queue.q: depends_on",
        "terraform apply -target=aws_sqs_queue.q",
    ] {
        assert!(unwrapped(&all).contains(wanted), "{wanted} is not in {all}");
    }
    let applied = place.ok("apply -skip-unsupported -auto-approve -no-color");
    assert!(applied.contains("Apply complete! Resources: 1 added"), "{applied}");
    assert!(applied.contains("Left to terraform:"), "{applied}");
    // What waits is no change: nothing is left that could be done now.
    assert_eq!(place.run("plan -skip-unsupported -detailed-exitcode").exit, Exit::Done);

    // Now terraform makes the queue, and reads its data source.
    let queue = put(
        &place,
        "managed",
        "aws_sqs_queue",
        "q",
        json!({"arn": "queue-arn", "name": "first-queue", "odd": [1, {"a": null}]}),
        &["aws_dynamodb_table.first"],
    );
    let vpc = put(&place, "data", "aws_vpc", "main", json!({"id": "vpc-1"}), &[]);
    let plan = place.ok("plan -skip-unsupported -no-color");
    assert!(plan.contains("Plan: 3 to add, 0 to change, 0 to destroy."), "{plan}");
    assert!(plan.contains("/after/queue-arn"), "the queue's attributes are values: {plan}");
    place.ok("apply -skip-unsupported -auto-approve");
    assert_eq!(place.run("plan -skip-unsupported -detailed-exitcode").exit, Exit::Done);
    place.ok("refresh -skip-unsupported");
    let after = state(&place);
    assert_eq!(find(&after, "aws_sqs_queue"), Some(queue.clone()));
    assert_eq!(find(&after, "aws_vpc"), Some(vpc));
    assert_eq!(after["outputs"]["queue"]["value"], "queue-arn");

    // The first table stays as long as the queue is there, which was made of it; everything else can go.
    let refused = place.run("destroy -auto-approve");
    assert_eq!(refused.exit, Exit::Failed);
    let destroyed = place.ok("destroy -skip-unsupported -auto-approve -no-color");
    assert!(destroyed.contains("Destroy complete! Resources: 3 destroyed."), "{destroyed}");
    assert!(destroyed.contains("terraform destroy -target=aws_sqs_queue.q"), "{destroyed}");
    assert!(
        unwrapped(&destroyed).contains("aws_dynamodb_table.first waits until aws_sqs_queue.q is destroyed"),
        "{destroyed}"
    );
    assert_eq!(find(&state(&place), "aws_sqs_queue"), Some(queue), "never forgotten");
    assert!(find(&state(&place), "aws_dynamodb_table").is_some());
}

#[test]
fn a_saved_plan_knows_the_rest_too() {
    let place = Place::with(&[("main.tf", STACK)]);
    place.ok("plan -skip-unsupported -out=p");
    let applied = place.ok("apply -no-color p");
    assert!(applied.contains("terraform apply -target=aws_sqs_queue.q"), "{applied}");
}

#[test]
fn a_machine_waits_with_the_policy_of_its_role() {
    let place = Place::with(&[(
        "main.tf",
        r#"
        resource "aws_sqs_queue" "q" {}
        resource "aws_iam_role" "r" {
          name = "r"
          assume_role_policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
          })
        }
        resource "aws_iam_role_policy" "p" {
          name   = "p"
          role   = aws_iam_role.r.id
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.q.arn }]
          })
        }
        resource "aws_sfn_state_machine" "m" {
          name       = "m"
          role_arn   = aws_iam_role.r.arn
          definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
        }
        "#,
    )]);
    let output = place.run("apply -skip-unsupported -auto-approve -no-color");
    assert_eq!(output.exit, Exit::Done, "{}", output.all());
    assert!(output.out.contains("Apply complete! Resources: 1 added"), "{}", output.all());
    let all = unwrapped(&output.all());
    assert!(all.contains("aws_sfn_state_machine.m waits for aws_iam_role_policy.p, a policy of the role"), "{all}");
    put(&place, "managed", "aws_sqs_queue", "q", json!({"arn": "arn:aws:sqs:us-east-1:000000000000:q"}), &[]);
    let applied = place.ok("apply -skip-unsupported -auto-approve -no-color");
    assert!(applied.contains("Apply complete! Resources: 2 added"), "{applied}");
    assert_eq!(place.run("plan -skip-unsupported -detailed-exitcode").exit, Exit::Done);
}

#[test]
fn a_provider_that_is_not_ours_is_not_evaluated() {
    let place = Place::with(&[(
        "main.tf",
        r#"
        terraform {
          required_providers {
            other = { source = "example/other" }
          }
        }
        provider "other" {
          url   = terraform_data.x.output
          dream = "of things that no schema knows"
          nested { deep = 1 }
        }
        resource "terraform_data" "x" { input = "u" }
        resource "other_thing" "t" { count = 2 }
        resource "terraform_data" "y" { input = try(other_thing.t[1].id, "none") }
        resource "terraform_data" "z" { input = length(other_thing.t) }
        "#,
    )]);
    let output = place.run("plan -skip-unsupported -no-color");
    assert_eq!(output.exit, Exit::Done, "{}", output.all());
    assert!(output.out.contains("Plan: 2 to add"), "{}", output.all());
    let all = unwrapped(&output.all());
    assert!(all.contains("terraform_data.y waits for other_thing.t[0]"), "{all}");
}

/// Words that a terminal's width tore apart, together again.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
