//! How few calls a plan without changes needs: counted, so that none comes back unnoticed.

use crate::faults::SEED;
use crate::support::place::{NOW, Place};
use formwork::config::{LoadOptions, load};
use formwork::eval::Facts;
use formwork::plan::{self, Action, Mode};
use formwork::resources::{Aws, Settings};
use formwork::sandbox::Sandbox;
use formwork::state::tfstate;
use std::sync::Arc;

/// A managed policy that the role has.
const ATTACHED: &str = r#"
resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.workflow.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"#;

/// What plans for this deployed configuration ask of AWS, sorted; they must be without changes.
fn calls(main: &str, mode: Mode) -> Vec<String> {
    let place = Place::with(&[("main.tf", main), ("provider.tf", "provider \"aws\" {\n  region = \"us-east-1\"\n}\n")]);
    place.ok("apply -auto-approve");
    let dir = place.path().join(".formwork/sandbox");
    let sandbox = Sandbox::open(dir.join("aws")).unwrap();
    let state = std::fs::read_to_string(dir.join("terraform.tfstate")).unwrap();
    let (config, diags) = load(place.path(), &LoadOptions::default());
    assert!(!diags.has_errors());
    let client = sandbox.clone();
    let connect = move |settings: Settings| -> futures_util::future::BoxFuture<'static, _> {
        let client = client.http_client();
        Box::pin(async move { Ok(Aws::with_http_client(settings, client)) })
    };
    let state = tfstate::parse("terraform.tfstate", &state).unwrap();
    let facts = Facts { now: NOW.into(), cwd: place.path().to_path_buf(), applying: false };
    let request = plan::Request { mode, ..plan::Request::new(Arc::new(config), state, facts, &connect) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let plan = runtime.block_on(plan::make(request)).unwrap_or_else(|d| panic!("{:?}", d.iter().next()));
    assert!(plan.changes.iter().all(|c| c.action == Action::NoOp));
    let mut calls = sandbox.take_calls();
    calls.sort();
    calls
}

#[test]
fn a_plan_without_changes_asks_little() {
    let wanted = [
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListRolePolicies",
        "states:DescribeStateMachine",
        "states:ListTagsForResource",
    ];
    assert_eq!(calls(SEED, Mode::Normal), wanted);

    // Two objects need the list, which is asked for once.
    let mut with_list = wanted.to_vec();
    with_list.push("iam:ListAttachedRolePolicies");
    with_list.sort_unstable();
    assert_eq!(calls(&format!("{SEED}{ATTACHED}"), Mode::Normal), with_list);
    // Whoever refers to an attribute gets it as it is.
    let output = "output \"o\" {\n  value = aws_iam_role.workflow.managed_policy_arns\n}\n";
    assert_eq!(calls(&format!("{SEED}{output}"), Mode::Normal), with_list);

    // A look for its own sake leaves nothing out.
    let mut all = with_list.clone();
    all.push("states:ListStateMachineVersions");
    all.sort_unstable();
    assert_eq!(calls(SEED, Mode::RefreshOnly), all);
}
