//! References to parts of objects are held against the types' shapes, also where their value would not count. The places and summaries
//! are those of Terraform 1.11.4 with version 5.100.0 of the AWS provider.

use crate::support::place::Place;
use serde_json::Value;

const MAIN: &str = r#"
variable "k" { default = "x" }
resource "aws_iam_role" "r" {
  name               = "x"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "n" {
  count              = 2
  name               = "x"
  assume_role_policy = "{}"
}
resource "terraform_data" "e" {
  for_each = { a = 1 }
}
resource "terraform_data" "d" {
  input = { a = 1 }
}
resource "aws_dynamodb_table" "t" {
  name         = "xyz"
  hash_key     = "a"
  billing_mode = "PAY_PER_REQUEST"
  attribute {
    name = "a"
    type = "S"
  }
}
data "aws_iam_policy_document" "p" {}
data "terraform_remote_state" "rs" {
  backend = "local"
  config  = { path = "x" }
}
module "m" {
  source = "./m"
}
module "mc" {
  source = "./m"
  count  = 2
}
module "me" {
  source   = "./m"
  for_each = { a = 1 }
}
"#;

/// What is wrong with the expression: the code of each mistake and what it is called, as they stand in the text.
fn wrong(expression: &str) -> Vec<String> {
    let place = Place::with(&[
        ("main.tf", &format!("{MAIN}locals {{\n  v = {expression}\n}}\n")),
        ("m/m.tf", "output \"o\" {\n  value = 1\n}\n"),
    ]);
    let output = place.run("validate -json");
    let said: Value = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("{}", output.all()));
    let one = |d: &Value| {
        let at = |which: &str| usize::try_from(d["range"][which]["column"].as_u64().unwrap()).unwrap() - 1;
        let line = format!("  v = {expression}");
        let mark = if d["severity"] == "warning" { "warning: " } else { "" };
        format!("{} | {mark}{}", &line[at("start")..at("end")], d["summary"].as_str().unwrap())
    };
    said["diagnostics"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn as_far_as_a_way_is_written_down() {
    let unsupported = "Unsupported attribute";
    let (set, object) = ("Cannot index a set value", "Invalid index operation");
    for (expression, code, summary) in [
        ("try(aws_iam_role.r.nope, 1)", ".nope", unsupported),
        ("try(aws_iam_role.n[0].nope, 1)", ".nope", unsupported),
        ("try(aws_iam_role.n.0.nope, 1)", ".nope", unsupported),
        ("try(terraform_data.e[\"zz\"].nope, 1)", ".nope", unsupported),
        ("can(aws_iam_role.r.arnn)", ".arnn", unsupported),
        ("false ? aws_iam_role.r.nope : 1", ".nope", unsupported),
        ("{ for k, v in {} : k => terraform_data.d.nope }", ".nope", unsupported),
        ("\"${try(aws_iam_role.r.nope.deep.deeper, 1)}\"", ".nope", unsupported),
        ("try(aws_dynamodb_table.t.attribute.name, 1)", ".name", set),
        ("try(aws_dynamodb_table.t.attribute[0].name, 1)", "[0]", set),
        ("try(aws_dynamodb_table.t.ttl.enabled, 1)", ".enabled", "Invalid operation"),
        ("try(aws_dynamodb_table.t.ttl[0].nope, 1)", ".nope", unsupported),
        ("try(aws_dynamodb_table.t.ttl.0.nope, 1)", ".nope", unsupported),
        ("try(aws_dynamodb_table.t.ttl[0][\"enabled\"], 1)", "[\"enabled\"]", object),
        ("try(aws_dynamodb_table.t.ttl[0][0], 1)", "[0]", object),
        ("aws_dynamodb_table.t.ttl[0][\"nope\"]", "[\"nope\"]", object),
        ("try(aws_dynamodb_table.t.ttl[0].enabled.foo, 1)", ".foo", unsupported),
        ("try(aws_dynamodb_table.t.tags.foo.bar, 1)", ".bar", unsupported),
        ("try(aws_dynamodb_table.t.tags[\"x\"][\"y\"], 1)", "[\"y\"]", "Invalid index"),
        ("try(aws_dynamodb_table.t.name[0], 1)", "[0]", "Invalid index"),
        ("try(aws_dynamodb_table.t.timeouts.nope, 1)", ".nope", unsupported),
        ("try(aws_dynamodb_table.t.timeouts[0].create, 1)", "[0]", object),
        ("try(terraform_data.d.nope, 1)", ".nope", unsupported),
        ("try(terraform_data.d.id.nope, 1)", ".nope", unsupported),
        ("try(data.aws_iam_policy_document.p.nope, 1)", ".nope", unsupported),
        ("try(data.aws_iam_policy_document.p.statement[0].nope, 1)", ".nope", unsupported),
        ("try(data.aws_iam_policy_document.p.statement[0].condition[0].test, 1)", "[0]", set),
        ("try(data.terraform_remote_state.rs.nope, 1)", ".nope", unsupported),
        ("try(aws_iam_role.r.managed_policy_arns, 1)", ".managed_policy_arns", "warning: Deprecated attribute"),
        ("aws_iam_role.r.nope", ".nope", unsupported),
        ("module.m.nope", "nope", unsupported),
        ("module.mc[*].nope", "nope", unsupported),
    ] {
        assert_eq!(wrong(expression), [format!("{code} | {summary}")], "{expression}");
    }
}

#[test]
fn and_no_further() {
    for expression in [
        "try(aws_iam_role.n[var.k].nope, 1)",
        "try(aws_iam_role.n[*].nope, 1)",
        "try(aws_iam_role.n.*.nope, 1)",
        "try(aws_iam_role.n[7].arn, 1)",
        "try((aws_iam_role.r).nope, 1)",
        "try([for x in aws_iam_role.n : x.nope], 1)",
        "try(aws_dynamodb_table.t.ttl[5].enabled, 1)",
        "try(aws_dynamodb_table.t.ttl[\"a\"].enabled, 1)",
        "try(aws_dynamodb_table.t.ttl[var.k].nope, 1)",
        "try(aws_dynamodb_table.t.ttl[*].nope, 1)",
        "try(aws_dynamodb_table.t.timeouts.create, 1)",
        "try(aws_dynamodb_table.t.tags.foo, 1)",
        "try(terraform_data.d.output.nope.deep[0], 1)",
        "try(terraform_data.d.input.nope, 1)",
        "try(data.terraform_remote_state.rs.outputs.x.y[0], 1)",
        "try(module.m.nope, 1)",
        "try(module.mc[0].nope, 1)",
        "try(module.mc.o, 1)",
        "try(module.me.a.nope, 1)",
        "false ? module.m.nope : 1",
        "[for x in [] : module.m.nope]",
        "\"%{ if false }${module.m.nope}%{ endif }\"",
        "\"%{ for x in [] }${module.m.nope}%{ endfor }\"",
    ] {
        assert_eq!(wrong(expression), [""; 0], "{expression}");
    }
}

/// A plan says the same, together with what else is wrong, and once; what types that are not ours have, nobody knows.
#[test]
fn in_plans_and_near_misses() {
    let place = Place::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"d\" {\n  lifecycle {\n    postcondition {\n      condition     = can(self.inputs)\n      \
         error_message = \"x\"\n    }\n  }\n}\nmodule \"m\" {\n  source = \"./m\"\n  count  = 0\n  x      = try(terraform_data.d.outputs, 1)\n}\n\
         locals {\n  a = terraform_data.d.idd\n  b = 1 + \"x\"\n}\n",
        ),
        ("m/m.tf", "variable \"x\" {}\n"),
    ]);
    for command in ["plan", "validate", "plan -destroy"] {
        let output = place.run(command);
        let said: String = output.all().split_whitespace().collect::<Vec<_>>().join(" ");
        for near in ["Did you mean \"input\"?", "Did you mean \"output\"?", "Did you mean \"id\"?"] {
            assert_eq!(said.matches(near).count(), 1, "{command}: {near}: {}", output.all());
        }
        assert_eq!(said.matches("Unsupported attribute").count(), 3, "{command}: {}", output.all());
        assert_eq!(said.matches("Invalid operand").count(), 1, "{command}: {}", output.all());
    }
    let place = Place::with(&[(
        "main.tf",
        "resource \"aws_sqs_queue\" \"q\" {}\nresource \"terraform_data\" \"d\" {\n  input = try(aws_sqs_queue.q.whatever, 1)\n}\n",
    )]);
    place.ok("plan -skip-unsupported");
}

/// Mistakes in names do not hide those behind them, and none is told twice.
#[test]
fn all_mistakes_are_told_together() {
    let main = "resource \"terraform_data\" \"t\" {\n  inptu = 1\n  input = var.nope\n}\noutput \"o\" {\n  value = local.gone\n}\n\
                output \"p\" {\n  value = upper([])\n}\nresource \"terraform_data\" \"u\" {\n  input = terraform_data.missing.id\n  \
                triggers_replace = [for x in [1] : y]\n}\nlocals {\n  a = terraform_data.t.nope\n}\nmodule \"m\" {\n  source = \"./m\"\n  \
                x = 1\n}\n";
    let place = Place::with(&[("main.tf", main), ("m/m.tf", "variable \"y\" {}\n")]);
    let wanted = [
        (2, "Unsupported argument"),
        (3, "Reference to undeclared input variable"),
        (6, "Reference to undeclared local value"),
        (9, "Invalid function argument"),
        (12, "Reference to undeclared resource"),
        (13, "Invalid reference"),
        (16, "Unsupported attribute"),
        (18, "Missing required argument"),
        (20, "Unsupported argument"),
    ];
    let said: Value = serde_json::from_str(&place.run("validate -json").out).unwrap();
    let mut found: Vec<(u64, &str)> = said["diagnostics"].as_array().unwrap().iter().map(told).collect();
    found.sort();
    assert_eq!(found, wanted);
    let planned = place.run("plan -no-color").all();
    assert_eq!(planned.matches("Error: ").count(), wanted.len(), "{planned}");
    // Behind a file that cannot be read nobody knows what is missing.
    place.write("more.tf", "locals {\n");
    let said: Value = serde_json::from_str(&place.run("validate -json").out).unwrap();
    assert!(
        said["diagnostics"].as_array().unwrap().iter().all(|d| told(d).1 != "Reference to undeclared input variable")
    );
}

fn told(d: &Value) -> (u64, &str) {
    (d["range"]["start"]["line"].as_u64().unwrap(), d["summary"].as_str().unwrap())
}
