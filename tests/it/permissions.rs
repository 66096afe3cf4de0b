//! `permissions` prints what is needed, and no more: held against the calls that planning, applying and destroying really make.

use crate::support::inside::World;
use crate::support::place::{Place, repository};
use formwork::cli::Exit;
use formwork::plan::Mode;
use formwork::plan::permissions::{self, Policy, Purpose};
use formwork::resources::{DATA_SOURCES, Permissions, RESOURCES};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Asking for the policy makes no call but the one for the account.
async fn policy(world: &World, purpose: Purpose) -> Policy {
    let (config, connect) = (world.config(), world.connect());
    let policy = permissions::policy(permissions::Request {
        variables: World::variables(&config),
        config,
        state: &world.state,
        facts: world.facts(),
        base_dir: &world.dir,
        workspace: "default",
        connect: &*connect,
        purpose,
        skip_unsupported: false,
    })
    .await
    .unwrap_or_else(|diags| panic!("{}: {diags:?}", world.dir.display()));
    let calls: BTreeSet<String> = world.sandbox.take_calls().into_iter().collect();
    assert!(calls.iter().all(|c| c == "sts:GetCallerIdentity"), "asking for the policy called {calls:?}");
    policy
}

/// Every call made since is allowed.
fn hold(world: &World, what: &str, policy: &Policy) {
    let calls: BTreeSet<String> = world.sandbox.take_calls().into_iter().collect();
    // Whether a table to be deleted holds items: a plan that may not ask goes by what DescribeTable counted, so no plan needs it.
    let asked = |c: &str| c == "dynamodb:Scan" && what == "plan";
    let missing: Vec<&String> = calls.iter().filter(|c| !policy.allowed.contains_key(*c) && !asked(c)).collect();
    assert!(missing.is_empty(), "{}, {what}: not allowed are {missing:?}", world.dir.display());
}

/// Every folder with a configuration that can be applied: the examples, and the cases with their steps.
fn folders() -> Vec<PathBuf> {
    fn find(dir: &Path, out: &mut Vec<PathBuf>) {
        if dir.join("main.tf").exists() {
            if !dir.join("errors.txt").exists() {
                out.push(dir.to_path_buf());
            }
            return;
        }
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                find(&path, out);
            }
        }
    }
    let mut out = Vec::new();
    find(&repository("examples"), &mut out);
    find(&repository("tests/cases"), &mut out);
    out.sort();
    out
}

#[tokio::test]
async fn every_call_is_allowed_by_the_printed_policy() {
    let mut seen = 0;
    for folder in folders() {
        let place = Place::copy_of(&folder);
        let steps: Vec<String> = (2..)
            .map_while(|n| {
                let path = place.path().join(format!("step-{n}.tf"));
                let text = fs::read_to_string(&path).ok()?;
                fs::remove_file(path).unwrap();
                Some(text)
            })
            .collect();
        let first = fs::read_to_string(place.path().join("main.tf")).unwrap();
        let mut world = World::in_dir(place.path());
        for text in std::iter::once(first).chain(steps) {
            place.write("main.tf", &text);
            let to_plan = policy(&world, Purpose::Plan).await;
            let to_apply = policy(&world, Purpose::Apply).await;
            let plan = world.planned(Mode::Normal).await;
            hold(&world, "plan", &to_plan);
            world.applied(&plan).await;
            hold(&world, "apply", &to_apply);
            let again = policy(&world, Purpose::Plan).await;
            world.planned(Mode::Normal).await;
            hold(&world, "plan of what is there", &again);
            seen += 1;
        }
        let to_destroy = policy(&world, Purpose::Destroy).await;
        let plan = world.planned(Mode::Destroy).await;
        world.applied(&plan).await;
        hold(&world, "destroy", &to_destroy);
    }
    assert!(seen >= 5, "{seen}");
}

/// The sources of the resource types, where each call names the action it is.
fn sources() -> String {
    fn walk(dir: &Path, out: &mut String) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.components().any(|c| c.as_os_str().to_str().is_some_and(|n| n.starts_with("tests")));
            if path.is_dir() && !is_test {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") && !is_test {
                out.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = String::new();
    walk(&repository("src/resources"), &mut out);
    out
}

#[test]
fn every_type_says_what_it_needs_and_nothing_that_nobody_calls() {
    let sources = sources();
    let all = RESOURCES
        .iter()
        .map(|r| (r.schema().name, r.permissions()))
        .chain(DATA_SOURCES.iter().filter(|d| !d.pure()).map(|d| (d.schema().name, d.permissions())));
    let mut wrong = Vec::new();
    for (name, needs) in all {
        let silent = *needs == Permissions::NONE;
        let of_nothing = [
            "terraform_data",
            "terraform_remote_state",
            "aws_default_tags",
            "aws_partition",
            "aws_region",
            "aws_service_principal",
        ];
        if silent != of_nothing.contains(&name) {
            wrong.push(format!("{name} does not say what IAM has to allow (fn permissions), or says it for nothing"));
        }
        let lists = [needs.read, needs.create, needs.update, needs.delete];
        for permit in lists.into_iter().flatten().filter(|p| !p.implied) {
            for action in permit.actions {
                if !sources.contains(&format!("Error::of(\"{action}\"")) {
                    wrong.push(format!("{name}: nobody calls {action}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const STACK: &str = r#"
variable "name" {}
resource "aws_iam_role" "r" {
  name = "role-${var.name}"
  path = "/flows/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
resource "aws_dynamodb_table" "t" {
  for_each     = toset(["a", "b"])
  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_sfn_state_machine" "m" {
  name       = "m"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
"#;

#[test]
fn the_command_prints_exact_arns() {
    let place = Place::with(&[("main.tf", STACK)]);
    let printed = place.ok("permissions -var=name=x");
    let json: serde_json::Value = serde_json::from_str(&printed).expect("nothing but JSON on standard output");
    let of = |action: &str| -> Vec<(Vec<String>, serde_json::Value)> {
        json["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|s| s["Action"].as_array().unwrap().iter().any(|a| a == action))
            .map(|s| {
                let on = s["Resource"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_string()).collect();
                (on, s["Condition"].clone())
            })
            .collect()
    };
    let account = "000000000000";
    let one = |action: &str| -> Vec<String> { of(action).into_iter().flat_map(|(on, _)| on).collect() };
    let region = "us-east-1";
    for (action, wanted) in [
        ("iam:CreateRole", vec![format!("arn:aws:iam::{account}:role/flows/role-x")]),
        ("iam:PutRolePolicy", vec![format!("arn:aws:iam::{account}:role/flows/role-x")]),
        (
            "dynamodb:CreateTable",
            vec![
                format!("arn:aws:dynamodb:{region}:{account}:table/a"),
                format!("arn:aws:dynamodb:{region}:{account}:table/b"),
            ],
        ),
        ("states:DeleteStateMachine", vec![format!("arn:aws:states:{region}:{account}:stateMachine:m")]),
        ("sts:GetCallerIdentity", vec!["*".to_string()]),
    ] {
        assert_eq!(one(action), wanted, "{action} in {printed}");
    }
    let pass = of("iam:PassRole");
    assert_eq!(pass[0].0, [format!("arn:aws:iam::{account}:role/flows/role-x")]);
    assert_eq!(pass[0].1["StringEquals"]["iam:PassedToService"], "states.amazonaws.com");

    let plan: serde_json::Value = serde_json::from_str(&place.ok("permissions -for=plan -var=name=x")).unwrap();
    assert!(!plan.to_string().contains("Create") && plan.to_string().contains("dynamodb:DescribeTable"));
    let destroy = place.ok("permissions -for=destroy -var=name=x");
    assert!(destroy.contains("iam:DeleteRole") && !destroy.contains("iam:CreateRole"), "{destroy}");

    place.ok("permissions -var=name=x -out=policy.json");
    assert_eq!(fs::read_to_string(place.path().join("policy.json")).unwrap(), printed);
    assert_eq!(place.run("permissions -for=everything -var=name=x").exit, Exit::Failed);
}
