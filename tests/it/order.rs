//! The order that people expect without `depends_on`: the policies of a role are in place before whatever uses the role, and go after
//! it, however the stack changes. And what a plan knew beforehand is held against what comes out.

use crate::support::inside::{World, connect};
use crate::support::place::Place;
use formwork::plan::{Action, Deed, Mode, Plan};
use formwork::sandbox::Sandbox;

/// A role and its policies, a machine that uses the role, in all the ways one can write that.
const STACK: &str = r#"
locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
  nothing = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
  machine = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}

module "role" {
  source = "./role"
  trust  = local.trust
  policy = local.nothing
}

resource "aws_sfn_state_machine" "of_module" {
  name       = "of-module"
  role_arn   = module.role.arn
  definition = local.machine
}

resource "aws_iam_role" "each" {
  for_each           = toset(["a", "b"])
  name               = "each-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "each" {
  for_each = aws_iam_role.each
  name     = "p"
  role     = each.value.id
  policy   = local.nothing
}

resource "aws_iam_policy" "managed" {
  name   = "managed"
  policy = local.nothing
}

resource "aws_iam_role_policy_attachment" "one" {
  role       = aws_iam_role.each["a"].name
  policy_arn = aws_iam_policy.managed.arn
}

resource "aws_sfn_state_machine" "of_each" {
  for_each   = aws_iam_role.each
  name       = "of-each-${each.key}"
  role_arn   = each.value.arn
  definition = local.machine
}
"#;

const ROLE: &str = r#"
variable "trust" {}
variable "policy" {}
resource "aws_iam_role" "r" {
  name               = "inner"
  assume_role_policy = var.trust
}
resource "aws_iam_role_policy" "p" {
  name   = "p"
  role   = aws_iam_role.r.name
  policy = var.policy
}
output "arn" { value = aws_iam_role.r.arn }
"#;

/// Users and the policies of the roles they use.
const PAIRS: &[(&str, &str)] = &[
    ("aws_sfn_state_machine.of_module", "module.role.aws_iam_role_policy.p"),
    ("aws_sfn_state_machine.of_each[\"a\"]", "aws_iam_role_policy.each[\"a\"]"),
    ("aws_sfn_state_machine.of_each[\"b\"]", "aws_iam_role_policy.each[\"b\"]"),
    ("aws_sfn_state_machine.of_each[\"a\"]", "aws_iam_role_policy_attachment.one"),
];

/// Steps that make (or with `gone` delete) what is at an address.
fn steps(plan: &Plan, address: &str, gone: bool) -> Vec<usize> {
    let of = |i: &usize, deletes: bool| plan.changes[*i].address.to_string() == address && deletes == gone;
    let fits = |deed: &Deed| match deed {
        Deed::Do(i) => of(i, plan.changes[*i].action == Action::Delete),
        Deed::DeleteHalf(i) => of(i, true),
        Deed::CreateHalf(i) => of(i, false),
        Deed::Join => false,
    };
    (0..plan.steps.len()).filter(|s| fits(&plan.steps[*s].deed)).collect()
}

/// Whether `late` waits for `early`, directly or through others.
fn waits(plan: &Plan, late: usize, early: usize) -> bool {
    let mut open = vec![late];
    let mut seen = vec![false; plan.steps.len()];
    while let Some(s) = open.pop() {
        if s == early {
            return true;
        }
        if !std::mem::replace(&mut seen[s], true) {
            open.extend(&plan.steps[s].after);
        }
    }
    false
}

/// Every pair is in order: made with the policy first, deleted with the policy last. How many pairs of steps that were.
#[track_caller]
fn in_order(plan: &Plan) -> usize {
    let mut found = 0;
    for (user, policy) in PAIRS {
        for late in steps(plan, user, false) {
            for early in steps(plan, policy, false) {
                assert!(waits(plan, late, early), "{user} must be made after {policy}");
                found += 1;
            }
        }
        for early in steps(plan, user, true) {
            for late in steps(plan, policy, true) {
                assert!(waits(plan, late, early), "{policy} must go after {user}");
                found += 1;
            }
        }
    }
    found
}

fn place(main: &str) -> Place {
    Place::with(&[("main.tf", main), ("role/main.tf", ROLE)])
}

#[tokio::test]
async fn policies_come_before_the_users_of_a_role_and_go_after_them() {
    let place = place(STACK);
    let mut world = World::in_dir(place.path());
    let plan = world.planned(Mode::Normal).await;
    assert_eq!(in_order(&plan), 4);
    world.applied(&plan).await;

    // Everything is replaced: the names change.
    let renamed = |text: &str| {
        text.replace("\"each-$", "\"new-$").replace("\"inner\"", "\"outer\"").replace("\"of-", "\"new-of-")
    };
    place.write("role/main.tf", &renamed(ROLE));
    place.write("main.tf", &renamed(STACK));
    let plan = world.planned(Mode::Normal).await;
    assert_eq!(in_order(&plan), 8, "{:?}", plan.steps);
    world.applied(&plan).await;

    // The same, the new before the old.
    let first = |text: &str| {
        text.replace("assume_role_policy", "lifecycle {\n create_before_destroy = true\n }\n assume_role_policy")
    };
    place.write("role/main.tf", &first(ROLE));
    place.write("main.tf", &first(STACK));
    let plan = world.planned(Mode::Normal).await;
    assert!(plan.changes.iter().any(|c| c.action == Action::CreateThenDelete), "names change back");
    world.applied(&plan).await;

    // One of each is no longer written.
    place.write("main.tf", &first(STACK).replace("[\"a\", \"b\"]", "[\"a\"]"));
    let plan = world.planned(Mode::Normal).await;
    assert_eq!(in_order(&plan), 1, "b is deleted in order");
    world.applied(&plan).await;

    let plan = world.planned(Mode::Destroy).await;
    assert_eq!(in_order(&plan), 3);
    world.applied(&plan).await;
    assert_eq!(world.state.objects().count(), 0);
}

/// Whatever a policy of a role is made of, the order that nobody wrote never closes a circle.
#[tokio::test]
async fn no_circle_comes_of_it() {
    let trust = r#"assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",
        Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })"#;
    let allow = |on: &str| {
        format!(
            r#"policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "states:*", Resource = {on} }}] }})"#
        )
    };
    let machine = |name: &str, role: &str| {
        format!(
            r#"resource "aws_sfn_state_machine" "{name}" {{
              name = "{name}"
              role_arn = {role}
              definition = jsonencode({{ StartAt = "A", States = {{ A = {{ Type = "Succeed" }} }} }})
            }}
            "#
        )
    };
    let role = |name: &str, more: &str| {
        format!("resource \"aws_iam_role\" \"{name}\" {{\n name = \"{name}\"\n {trust}\n {more}\n}}\n")
    };
    let policy = |name: &str, role: &str, on: &str| {
        format!("resource \"aws_iam_role_policy\" \"{name}\" {{\n role = {role}\n {}\n}}\n", allow(on))
    };
    for (what, main) in [
        (
            "a policy on the very machine that uses the role",
            role("r", "")
                + &machine("m", "aws_iam_role.r.arn")
                + &policy("p", "aws_iam_role.r.id", "aws_sfn_state_machine.m.arn"),
        ),
        (
            "two roles whose policies name each other's machines",
            role("r", "")
                + &role("s", "")
                + &machine("m", "aws_iam_role.r.arn")
                + &machine("n", "aws_iam_role.s.arn")
                + &policy("p", "aws_iam_role.r.id", "aws_sfn_state_machine.n.arn")
                + &policy("q", "aws_iam_role.s.id", "aws_sfn_state_machine.m.arn"),
        ),
        (
            "a role made after what uses another role",
            role("r", "")
                + &machine("m", "aws_iam_role.r.arn")
                + &role("s", "tags = { machine = aws_sfn_state_machine.m.arn }")
                + &policy("p", "aws_iam_role.r.id", "aws_iam_role.s.arn"),
        ),
    ] {
        let place = Place::with(&[("main.tf", &main)]);
        let mut world = World::in_dir(place.path());
        let plan = world.plan(Mode::Normal).await.unwrap_or_else(|d| panic!("{what}: {d:?}"));
        world.applied(&plan).await;
        let again = world.planned(Mode::Normal).await;
        assert!(!again.has_changes(), "{what}");
        let plan = world.plan(Mode::Destroy).await.unwrap_or_else(|d| panic!("{what}: {d:?}"));
        world.applied(&plan).await;
    }
}

/// A prediction that does not come true stops what depends on it, and only that; what was made is on record.
#[tokio::test]
async fn a_prediction_that_fails_stops_its_branch() {
    let place = Place::with(&[(
        "main.tf",
        r#"
        provider "aws" { region = "us-east-1" }
        provider "aws" {
          alias  = "west"
          region = "us-west-2"
        }
        resource "aws_dynamodb_table" "t" {
          name         = "items"
          billing_mode = "PAY_PER_REQUEST"
          hash_key     = "id"
          attribute {
            name = "id"
            type = "S"
          }
        }
        resource "aws_cloudwatch_log_group" "of_table" {
          name = "/of/table"
          tags = { table = aws_dynamodb_table.t.arn }
        }
        resource "aws_cloudwatch_log_group" "apart" {
          provider = aws.west
          name     = "/apart"
        }
        output "arn" { value = aws_dynamodb_table.t.arn }
        "#,
    )]);
    let mut world = World::in_dir(place.path());
    let plan = world.planned(Mode::Normal).await;
    let arn = |account: &str| format!("arn:aws:dynamodb:us-east-1:{account}:table/items");
    let planned = plan.changes.iter().find(|c| &*c.address.ty == "aws_dynamodb_table").unwrap();
    assert_eq!(planned.after.get("arn").and_then(|v| v.as_str().map(String::from)), Some(arn("000000000000")));

    // In the east somebody else answers now.
    let (here, other) = (world.connect(), connect(&Sandbox::options().account("999999999999").in_memory()));
    let both: crate::support::inside::Connect = Box::new(move |settings| match settings.region.as_deref() {
        Some("us-east-1") => other(settings),
        _ => here(settings),
    });
    let outcome = world.apply(&plan, &both).await;
    let told: Vec<_> = outcome.diags.iter().filter(|d| d.is_error()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].summary, "AWS made something else than was planned");
    for wanted in
        ["aws_dynamodb_table.t is there and recorded in the state", &arn("000000000000"), &arn("999999999999")]
    {
        assert!(told[0].detail.contains(wanted), "{wanted} is not in {}", told[0].detail);
    }
    let not_reached: Vec<String> = outcome.not_reached.iter().map(ToString::to_string).collect();
    assert_eq!(not_reached, ["aws_cloudwatch_log_group.of_table"]);
    let kept: Vec<String> = world.state.objects().map(|(a, ..)| a.to_string()).collect();
    assert_eq!(kept, ["aws_cloudwatch_log_group.apart", "aws_dynamodb_table.t"]);
    let table = world.state.get(&"aws_dynamodb_table.t".parse().unwrap()).unwrap();
    assert_eq!(table.attributes["arn"], arn("999999999999"));
}

/// One machine of several goes while the role of all is replaced: what else uses the machines is changed after that, as there is no other way.
#[test]
fn what_goes_and_what_is_made_of_one_block_close_no_circle() {
    let config = |flows: &str, role: &str, lifecycle: &str| {
        format!(
            r#"
locals {{ flows = toset([{flows}]) }}
resource "aws_iam_role" "r" {{
  name               = "role-{role}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}] }})
  {lifecycle}
}}
resource "aws_iam_role_policy" "p" {{
  role   = aws_iam_role.r.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = "*" }}] }})
}}
resource "aws_sfn_state_machine" "m" {{
  for_each   = local.flows
  name       = "m-${{each.key}}"
  role_arn   = aws_iam_role.r.arn
  publish    = true
  definition = jsonencode({{ StartAt = "A", States = {{ A = {{ Type = "Succeed" }} }} }})
}}
resource "aws_sfn_alias" "live" {{
  for_each = aws_sfn_state_machine.m
  name     = "live"
  routing_configuration {{
    state_machine_version_arn = each.value.state_machine_version_arn
    weight                    = 100
  }}
}}
output "versions" {{ value = {{ for k, m in aws_sfn_state_machine.m : k => m.state_machine_version_arn }} }}
"#
        )
    };
    for lifecycle in ["", "lifecycle {\n    create_before_destroy = true\n  }"] {
        let place = Place::with(&[("main.tf", &config(r#""a", "b""#, "one", lifecycle))]);
        place.ok("apply -auto-approve -no-color");
        place.write("main.tf", &config(r#""a", "c""#, "two", lifecycle));
        place.ok("apply -auto-approve -no-color");
        place.ok("plan -detailed-exitcode -no-color");
        place.ok("destroy -auto-approve -no-color");
    }
}
