//! Every type from its making to its end: create, read, an empty plan, update, import, destroy.

use super::*;
use crate::resources::RESOURCES;
use serde_json::json;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}]}"#;
const FLOW: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
const ACCOUNT: &str = "000000000000";

/// A block, the same block changed, and by what the object is imported.
struct Life {
    first: Json,
    second: Json,
    id: Option<String>,
}

/// `None` for types whose lives are told elsewhere.
fn life(ty: &str) -> Option<Life> {
    let iam = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    let states = |resource: &str| format!("arn:aws:states:us-east-1:{ACCOUNT}:{resource}");
    let (role, version) = (iam("role/there"), format!("{}:1", states("stateMachine:there")));
    let other = POLICY.replace("GetItem", "PutItem");
    let route = |weight: u32| json!({"state_machine_version_arn": version, "weight": weight});
    let (first, second, id) = match ty {
        "aws_cloudwatch_log_group" => (
            json!({"name": "/a", "retention_in_days": 7}),
            json!({"name": "/a", "retention_in_days": 14, "tags": {"a": "1"}}),
            Some("/a".to_string()),
        ),
        "aws_iam_instance_profile" => {
            (json!({"name": "x", "role": "there"}), json!({"name": "x", "tags": {"a": "1"}}), Some("x".into()))
        }
        "aws_iam_policy" => (
            json!({"name": "x", "policy": POLICY}),
            json!({"name": "x", "policy": other, "tags": {"a": "1"}}),
            Some(iam("policy/x")),
        ),
        "aws_iam_policy_attachment" => (
            json!({"name": "x", "policy_arn": iam("policy/there"), "roles": ["there"]}),
            json!({"name": "x", "policy_arn": iam("policy/there"), "roles": ["also"]}),
            None,
        ),
        "aws_iam_role" => (
            json!({"name": "x", "assume_role_policy": TRUST, "inline_policy": [{"name": "a", "policy": POLICY}]}),
            json!({"name": "x", "assume_role_policy": TRUST, "description": "d", "max_session_duration": 7200,
                "permissions_boundary": iam("policy/there"), "managed_policy_arns": [iam("policy/there")],
                "inline_policy": [{"name": "a", "policy": other}, {"name": "b", "policy": POLICY}], "tags": {"a": "1"}}),
            Some("x".into()),
        ),
        "aws_iam_role_policies_exclusive" => (
            json!({"role_name": "there", "policy_names": []}),
            json!({"role_name": "there", "policy_names": []}),
            Some("there".into()),
        ),
        "aws_iam_role_policy" => (
            json!({"role": "there", "name": "x", "policy": POLICY}),
            json!({"role": "there", "name": "x", "policy": other}),
            Some("there:x".into()),
        ),
        "aws_iam_role_policy_attachment" => (
            json!({"role": "there", "policy_arn": iam("policy/there")}),
            json!({"role": "also", "policy_arn": iam("policy/there")}),
            Some(format!("also/{}", iam("policy/there"))),
        ),
        "aws_iam_role_policy_attachments_exclusive" => (
            json!({"role_name": "there", "policy_arns": [iam("policy/there")]}),
            json!({"role_name": "there", "policy_arns": []}),
            Some("there".into()),
        ),
        "aws_sfn_activity" => {
            (json!({"name": "x"}), json!({"name": "x", "tags": {"a": "1"}}), Some(states("activity:x")))
        }
        "aws_sfn_alias" => (
            json!({"name": "x", "routing_configuration": [route(100)]}),
            json!({"name": "x", "description": "d", "routing_configuration": [route(100)]}),
            Some(states("stateMachine:there:x")),
        ),
        "aws_sfn_state_machine" => (
            json!({"name": "x", "definition": FLOW, "role_arn": role}),
            json!({"name": "x", "definition": FLOW.replace("Pass", "Succeed").replace(r#","End":true"#, ""), "role_arn": role,
                "tracing_configuration": [{"enabled": true}], "tags": {"a": "1"}}),
            Some(states("stateMachine:x")),
        ),
        _ => return None,
    };
    Some(Life { first, second, id })
}

#[tokio::test]
async fn every_type_survives_its_life() {
    let told = ["aws_iam_", "aws_sfn_", "aws_cloudwatch_"];
    for resource in RESOURCES.iter().filter(|r| told.iter().any(|start| r.schema().name.starts_with(start))) {
        let ty = resource.schema().name;
        let Life { first, second, id } = life(ty).unwrap_or_else(|| panic!("nobody tells the life of {ty}"));
        let world = World::new().await;
        for name in ["there", "also"] {
            world.apply("aws_iam_role", None, json!({"name": name, "assume_role_policy": TRUST})).await;
        }
        world.apply("aws_iam_policy", None, json!({"name": "there", "policy": POLICY})).await;
        let role = format!("arn:aws:iam::{ACCOUNT}:role/there");
        let machine = json!({"name": "there", "definition": FLOW, "role_arn": role, "publish": true});
        world.apply("aws_sfn_state_machine", None, machine).await;

        // `apply` reads the object and plans again, which must be empty.
        let made = world.apply(ty, None, first.clone()).await;
        assert_eq!(made.action, Action::Create, "{ty}");
        let changed = world.apply(ty, Some(&made.object), second.clone()).await;
        let replaced = ty == "aws_iam_role_policy_attachment";
        let wanted = match first == second {
            true => Action::NoOp,
            false if replaced => Action::DeleteThenCreate,
            false => Action::Update,
        };
        assert_eq!(changed.action, wanted, "{ty}");
        match id {
            Some(id) => {
                let imported = world.import(ty, &id).await;
                assert_eq!(world.plan(ty, Some(&imported), &second).action, Action::NoOp, "{ty} {imported:?}");
            }
            None => assert!(resource.import_id("x").is_err(), "{ty}"),
        }
        world.delete(ty, &changed.object).await.unwrap();
        if !ty.ends_with("_exclusive") && ty != "aws_iam_policy_attachment" {
            assert_eq!(world.read(ty, &changed.object).await, None, "{ty}");
        }
        world.delete(ty, &changed.object).await.unwrap_or_else(|e| panic!("{ty} is gone already: {e}"));
    }
}
