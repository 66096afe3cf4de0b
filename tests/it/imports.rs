//! `import` blocks: ids from anywhere, configuration written for what has none, and nothing left to do afterwards.

use crate::support::place::Place;
use formwork::cli::Exit;

#[track_caller]
fn quiet(place: &Place, what: &str) {
    let output = place.run("plan -detailed-exitcode");
    assert_eq!(output.exit, Exit::Done, "{what}: {}", output.all());
}

#[test]
fn an_id_may_come_from_anything_that_is_known() {
    let place = Place::with(&[(
        "main.tf",
        r#"
variable "x" { default = "abc" }
resource "terraform_data" "src" { input = "q" }
resource "terraform_data" "t" {}
resource "terraform_data" "u" { for_each = toset(["a", "b"]) }
import {
  to = terraform_data.t
  id = terraform_data.src.input
}
import {
  for_each = { a = "1", b = "2" }
  to       = terraform_data.u[each.key]
  id       = "${each.value}-${var.x}"
}
"#,
    )]);
    let plan = place.ok("plan");
    assert!(plan.contains("Plan: 3 to import, 1 to add, 0 to change, 0 to destroy."), "{plan}");
    place.ok("apply -auto-approve");
    let ids = place.answer("console", "[terraform_data.t.id, terraform_data.u[\"b\"].id]\n").out;
    assert!(ids.contains("\"q\"") && ids.contains("\"2-abc\""), "{ids}");
    quiet(&place, "what is in the state already is not imported again");
    let destroyed = place.ok("destroy -auto-approve");
    assert!(destroyed.contains("4 destroyed"), "{destroyed}");
}

#[test]
fn imports_that_cannot_be_say_why() {
    let t = "resource \"terraform_data\" \"t\" {}\n";
    let import = |to: &str, rest: &str| format!("import {{\n  to = {to}\n  {rest}\n}}\n");
    for (text, says) in [
        (import("terraform_data.gone", "id = \"x\""), "Configuration for import target does not exist"),
        (import("module.m.terraform_data.x", "id = \"x\""), "Configuration for import target does not exist"),
        (
            t.to_string() + &import("terraform_data.t[5]", "id = \"x\""),
            "The configuration for the given import terraform_data.t[5]",
        ),
        (
            t.to_string() + &import("terraform_data.t", "id = \"x\"") + &import("terraform_data.t", "id = \"y\""),
            "Duplicate import configuration",
        ),
        (
            t.to_string() + &import("terraform_data.t", "id = terraform_data.t.id"),
            "cannot reference the resource being imported",
        ),
        (t.to_string() + &import("terraform_data.t", "id = \"\""), "evaluates to an empty string"),
        (t.to_string() + &import("terraform_data.t", "id = null"), "The import ID cannot be null."),
        (
            "resource \"terraform_data\" \"s\" {}\n".to_string()
                + t
                + &import("terraform_data.t", "id = terraform_data.s.id"),
            "depends on resource attributes that cannot be",
        ),
        (
            t.to_string() + &import("terraform_data.t", "id = each.value\n  for_each = null"),
            "The given \"for_each\" argument value is null",
        ),
    ] {
        let place = Place::with(&[("main.tf", &text)]);
        let output = place.run("plan");
        assert_eq!(output.exit, Exit::Failed, "{text}{}", output.all());
        assert!(output.err.contains(says), "{text}{}", output.all());
    }
}

const EVERYTHING: &str = r#"
locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
  allow = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = "*" }]
  })
}
resource "aws_dynamodb_table" "simple" {
  name         = "simple"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_dynamodb_table" "rich" {
  name             = "rich"
  read_capacity    = 2
  write_capacity   = 3
  hash_key         = "id"
  range_key        = "r"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name               = "by-g"
    hash_key           = "g"
    projection_type    = "INCLUDE"
    non_key_attributes = ["x", "y"]
    read_capacity      = 1
    write_capacity     = 1
  }
  local_secondary_index {
    name            = "by-l"
    range_key       = "g"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "exp"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  tags = { "a b" = "c", Env = "x" }
}
resource "aws_iam_role" "r" {
  name               = "r"
  path               = "/p/"
  description        = "a \"role\" with $${x}"
  assume_role_policy = local.trust
  tags               = { T = "x" }
}
resource "aws_iam_role" "attached" {
  name               = "attached"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "p" {
  name   = "rp"
  role   = aws_iam_role.r.id
  policy = local.allow
}
resource "aws_iam_policy" "pol" {
  name   = "pol"
  policy = local.allow
}
resource "aws_iam_policy" "other" {
  name   = "other"
  policy = local.allow
}
resource "aws_iam_role_policy_attachment" "att" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.pol.arn
}
resource "aws_iam_role_policies_exclusive" "re" {
  role_name    = aws_iam_role.r.name
  policy_names = [aws_iam_role_policy.p.name]
}
resource "aws_iam_role_policy_attachments_exclusive" "ae" {
  role_name   = aws_iam_role.r.name
  policy_arns = [aws_iam_role_policy_attachment.att.policy_arn]
}
resource "aws_iam_instance_profile" "ip" {
  name = "ip"
  role = aws_iam_role.r.name
}
resource "aws_sfn_state_machine" "sm" {
  name       = "sm"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  publish    = true
}
resource "aws_sfn_state_machine" "pretty" {
  name       = "pretty"
  role_arn   = aws_iam_role.r.arn
  definition = <<EOF
{
  "StartAt": "A",
  "Comment": "with $${x}",
  "States": { "A": { "Type": "Pass", "End": true } }
}
EOF
}
resource "aws_sfn_alias" "al" {
  name = "al"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.sm.state_machine_version_arn
    weight                    = 100
  }
}
resource "aws_sfn_activity" "act" {
  name = "act"
}
resource "aws_cloudwatch_log_group" "lg" {
  name              = "/x/y"
  retention_in_days = 7
}
resource "aws_cloudwatch_log_group" "forever" {
  name = "/forever"
}
resource "terraform_data" "td" {}
"#;

/// Each address with the id that AWS knows it by.
const IDS: &[(&str, &str)] = &[
    ("aws_dynamodb_table.simple", "simple"),
    ("aws_dynamodb_table.rich", "rich"),
    ("aws_iam_role.r", "r"),
    ("aws_iam_role.attached", "attached"),
    ("aws_iam_role_policy.p", "r:rp"),
    ("aws_iam_policy.pol", "arn:aws:iam::000000000000:policy/pol"),
    ("aws_iam_policy.other", "arn:aws:iam::000000000000:policy/other"),
    ("aws_iam_role_policy_attachment.att", "r/arn:aws:iam::000000000000:policy/pol"),
    ("aws_iam_role_policies_exclusive.re", "r"),
    ("aws_iam_role_policy_attachments_exclusive.ae", "r"),
    ("aws_iam_instance_profile.ip", "ip"),
    ("aws_sfn_state_machine.sm", "arn:aws:states:us-east-1:000000000000:stateMachine:sm"),
    ("aws_sfn_state_machine.pretty", "arn:aws:states:us-east-1:000000000000:stateMachine:pretty"),
    ("aws_sfn_alias.al", "arn:aws:states:us-east-1:000000000000:stateMachine:sm:al"),
    ("aws_sfn_activity.act", "arn:aws:states:us-east-1:000000000000:activity:act"),
    ("aws_cloudwatch_log_group.lg", "/x/y"),
    ("aws_cloudwatch_log_group.forever", "/forever"),
    ("terraform_data.td", "some"),
];

#[test]
fn configuration_is_written_for_all_sorts_of_objects_and_deploys_without_a_change() {
    let provider = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";
    let place = Place::with(&[("main.tf", &(provider.to_string() + EVERYTHING))]);
    place.ok("apply -auto-approve");
    for (address, _) in IDS {
        place.ok(&format!("state rm {address}"));
    }
    let imports: String = IDS.iter().map(|(to, id)| format!("import {{\n  to = {to}\n  id = {id:?}\n}}\n")).collect();
    place.write("main.tf", &(provider.to_string() + &imports));
    let refused = place.run("plan");
    assert!(refused.err.contains("-generate-config-out"), "{}", refused.all());
    let plan = place.ok("plan -generate-config-out=generated.tf");
    let counts = format!("Plan: {} to import, 0 to add, 0 to change, 0 to destroy.", IDS.len());
    let text = std::fs::read_to_string(place.path().join("generated.tf")).unwrap();
    assert!(plan.contains(&counts), "{plan}\n{text}");
    assert!(plan.contains("written it to generated.tf"), "{plan}");
    assert!(text.starts_with("# __generated__ by Terraform\n# Please review"), "{text}");
    for line in
        ["  name        = \"rp\"\n  name_prefix = null\n", "    range_key          = null\n", "  description = null\n"]
    {
        assert!(text.contains(line), "{line}{text}");
    }
    assert_eq!(place.run("fmt -check generated.tf").exit, Exit::Done, "{text}");
    let again = place.run("plan -generate-config-out=generated.tf");
    assert!(again.err.contains("Target generated file already exists"), "{}", again.all());
    let applied = place.ok("apply -auto-approve");
    assert!(applied.contains(&format!("{} imported, 0 added, 0 changed, 0 destroyed", IDS.len())), "{applied}");
    quiet(&place, "nothing is left to do");
}
