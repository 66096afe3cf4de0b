//! The Step Functions types against the embedded AWS.

use super::*;
use crate::resources::ErrorKind;
use crate::sandbox::{Trouble, When};
use serde_json::json;

const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1,"End":true}}}"#;

fn refused(code: &str, message: &str) -> Trouble {
    Trouble::Refused { status: 400, code: code.into(), message: message.into() }
}

/// A world with a role for machines, and its ARN.
async fn world() -> (World, String) {
    let world = World::new().await;
    let role = world.apply("aws_iam_role", None, json!({"name": "flow", "assume_role_policy": TRUST})).await;
    (world, arn_of(&role.object).to_string())
}

fn machine(role: &str, more: Json) -> Json {
    let mut block = json!({"name": "m", "role_arn": role, "definition": PASS});
    for (name, value) in more.as_object().unwrap() {
        block[name] = value.clone();
    }
    block
}

#[tokio::test]
async fn a_machine_from_its_making_to_its_end() {
    let (world, role) = world().await;
    let (create, update, none) = (Action::Create, Action::Update, Action::NoOp);
    let changed = &["states:UpdateStateMachine", "states:DescribeStateMachine"][..];
    let mut object: Option<Object> = None;
    for (more, action, calls) in [
        (json!({}), create, &["states:CreateStateMachine", "states:DescribeStateMachine"][..]),
        (
            json!({"definition": "{ \"States\": {\"A\": {\"End\": true, \"Type\": \"Pass\"}},\n \"StartAt\": \"A\" }"}),
            none,
            &[],
        ),
        (json!({"type": "STANDARD", "tracing_configuration": [{"enabled": false}]}), none, &[]),
        (json!({"definition": WAIT}), update, changed),
        (
            json!({"definition": WAIT.replace("1,", "1.0,"), "tracing_configuration": [{"enabled": true}]}),
            update,
            changed,
        ),
        (json!({"definition": WAIT.replace("1,", "1.0,")}), none, &[]),
        (
            json!({"definition": WAIT, "tracing_configuration": [{"enabled": false}], "tags": {"a": "1"}}),
            update,
            &["states:UpdateStateMachine", "states:DescribeStateMachine", "states:TagResource"],
        ),
        (json!({"definition": WAIT, "tags": {"b": "1"}}), update, &["states:UntagResource", "states:TagResource"]),
        (
            json!({"definition": WAIT, "type": "EXPRESS"}),
            Action::DeleteThenCreate,
            &[
                "states:DeleteStateMachine",
                "states:DescribeStateMachine",
                "states:CreateStateMachine",
                "states:DescribeStateMachine",
            ],
        ),
    ] {
        let block = machine(&role, more);
        let applied = world.apply("aws_sfn_state_machine", object.as_ref(), block.clone()).await;
        assert_eq!((applied.action, applied.calls), (action, calls.iter().map(|c| c.to_string()).collect()), "{block}");
        object = Some(applied.object);
    }
    let object = object.unwrap();
    assert_eq!(object.str("type"), Some("EXPRESS"));
    assert_eq!(object.str("arn"), Some("arn:aws:states:us-east-1:000000000000:stateMachine:m"));
    let mut imported = world.import("aws_sfn_state_machine", arn_of(&object)).await;
    imported.set("tags", object.get("tags").unwrap().clone());
    assert_eq!(imported, object);
    world.delete("aws_sfn_state_machine", &object).await.unwrap();
    assert_eq!(world.read("aws_sfn_state_machine", &object).await, None);
    world.delete("aws_sfn_state_machine", &object).await.unwrap();
}

#[tokio::test]
async fn a_read_makes_three_calls() {
    let (world, role) = world().await;
    let object = world.apply("aws_sfn_state_machine", None, machine(&role, json!({}))).await.object;
    world.sandbox.take_calls();
    world.read("aws_sfn_state_machine", &object).await.unwrap();
    let mut calls = world.sandbox.take_calls();
    calls.sort();
    assert_eq!(calls, ["states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"]);
}

#[tokio::test]
async fn logging_stays_where_its_block_goes_and_ends_with_off() {
    let (world, role) = world().await;
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/m";
    world.aws.logs().create_log_group().log_group_name("/aws/vendedlogs/states/m").send().await.unwrap();
    let on = json!({"logging_configuration": [{"level": "ALL", "include_execution_data": true, "log_destination": format!("{group}:*")}]});
    let logged = world.apply("aws_sfn_state_machine", None, machine(&role, on)).await.object;
    assert_eq!(world.plan("aws_sfn_state_machine", Some(&logged), &machine(&role, json!({}))).action, Action::NoOp);
    let off = machine(&role, json!({"logging_configuration": [{"level": "OFF"}]}));
    let block =
        world.apply("aws_sfn_state_machine", Some(&logged), off).await.object.block("logging_configuration").unwrap();
    assert_eq!((block.str("level"), block.bool("include_execution_data")), (Some("OFF"), Some(false)));
    assert_eq!(block.str("log_destination"), Some(""));
}

#[tokio::test]
async fn what_a_block_does_not_say_is_what_aws_makes_of_it() {
    let (world, role) = world().await;
    let key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let own = json!({"encryption_configuration": [{"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": key}]});
    let empty = json!({"encryption_configuration": [{}], "logging_configuration": [{}], "tracing_configuration": [{}]});
    for (more, period) in [(own.clone(), 300), (empty, 0)] {
        let made = world.apply("aws_sfn_state_machine", None, machine(&role, more)).await.object;
        let block = made.block("encryption_configuration").unwrap();
        assert_eq!(block.int("kms_data_key_reuse_period_seconds"), Some(period));
        world.delete("aws_sfn_state_machine", &made).await.unwrap();
    }
    for (name, block) in [("a", own["encryption_configuration"].clone()), ("b", json!([{}]))] {
        world.apply("aws_sfn_activity", None, json!({"name": name, "encryption_configuration": block})).await;
    }
}

#[tokio::test]
async fn versions_are_known_after_apply_where_they_are_published() {
    let (world, role) = world().await;
    let version = |object: &Object| object.str("state_machine_version_arn").map(String::from);
    let published = |more: Json| {
        let mut block = machine(&role, json!({"publish": true}));
        block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        block
    };
    let ty = "aws_sfn_state_machine";
    let plain = world.apply(ty, None, machine(&role, json!({}))).await;
    assert!(is_hole(&plain.planned, "state_machine_version_arn"));
    assert_eq!(version(&plain.object).as_deref(), Some(""));

    let unpublished = world.plan(ty, Some(&plain.object), &machine(&role, json!({"definition": WAIT}))).after;
    assert!(!is_hole(&unpublished, "state_machine_version_arn") && is_hole(&unpublished, "revision_id"));

    let arn = format!("{}:1", arn_of(&plain.object));
    let first = world.apply(ty, Some(&plain.object), published(json!({}))).await;
    assert!(is_hole(&first.planned, "state_machine_version_arn") && is_hole(&first.planned, "revision_id"));
    assert_eq!(version(&first.object), Some(arn.clone()));

    let tagged = world.apply(ty, Some(&first.object), published(json!({"tags": {"a": "b"}}))).await;
    assert!(is_hole(&tagged.planned, "state_machine_version_arn") && !is_hole(&tagged.planned, "revision_id"));
    assert_eq!((version(&tagged.object), &*tagged.calls), (Some(arn.clone()), &["states:TagResource".to_string()][..]));

    let second = world.apply(ty, Some(&tagged.object), published(json!({"definition": WAIT}))).await;
    assert_eq!(version(&second.object), Some(arn.replace(":m:1", ":m:2")));

    // What reads the same is no change and publishes nothing.
    let same = published(json!({"definition": format!("{WAIT}\n")}));
    assert_eq!(world.plan(ty, Some(&second.object), &same).action, Action::NoOp);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_yet_is_waited_for() {
    let (world, role) = world().await;
    let message = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.";
    world.sandbox.trouble("states:CreateStateMachine", 9, When::Before, refused("AccessDeniedException", message));
    let object = world.apply("aws_sfn_state_machine", None, machine(&role, json!({}))).await.object;
    let notes = world.take_notes();
    assert!(notes.iter().all(|n| n.starts_with("waiting for IAM propagation, ") && n.ends_with(" s")), "{notes:?}");
    assert_eq!(notes.len(), 1);

    // The same on update, and with a log group that is not ready.
    let message = "The state machine IAM Role is not authorized to access the Log Destination";
    world.sandbox.trouble("states:UpdateStateMachine", 4, When::Before, refused("AccessDeniedException", message));
    world.apply("aws_sfn_state_machine", Some(&object), machine(&role, json!({"definition": WAIT}))).await;

    // Two minutes are enough for IAM, unless more is asked for.
    let message = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.";
    for (timeouts, seconds) in [(json!(null), 120), (json!({"create": "10m"}), 600), (json!({"create": "5s"}), 5)] {
        world.sandbox.trouble(
            "states:CreateStateMachine",
            9999,
            When::Before,
            refused("AccessDeniedException", message),
        );
        let start = world.aws.clock().passed();
        let mut block = machine(&role, json!({"name": "other"}));
        if !timeouts.is_null() {
            block["timeouts"] = timeouts;
        }
        let error = world.try_apply("aws_sfn_state_machine", None, block).await.err().unwrap();
        assert_eq!((error.kind, (world.aws.clock().passed() - start).as_secs()), (ErrorKind::AccessDenied, seconds));
    }
}

#[tokio::test]
async fn a_caller_who_may_not_is_told_at_once() {
    let (world, role) = world().await;
    let message =
        format!("User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on resource: {role} because");
    world.sandbox.trouble("states:CreateStateMachine", 9, When::Before, refused("AccessDeniedException", &message));
    let error = world.try_apply("aws_sfn_state_machine", None, machine(&role, json!({}))).await.err().unwrap();
    assert_eq!((&*error.operation, &*error.target), ("iam:PassRole", &*role));
    assert_eq!(world.sandbox.take_calls(), ["states:CreateStateMachine"]);
}

#[tokio::test]
async fn an_update_and_a_deletion_are_waited_for() {
    let (world, role) = world().await;
    let object = world.apply("aws_sfn_state_machine", None, machine(&role, json!({}))).await.object;
    world.sandbox.settle_after(3);
    let calls = world.delete("aws_sfn_state_machine", &object).await.unwrap();
    assert!(calls.iter().filter(|c| *c == "states:DescribeStateMachine").count() > 1, "{calls:?}");
    world.sandbox.settle_after(0);
    assert_eq!(world.read("aws_sfn_state_machine", &object).await, None);
}

#[tokio::test]
async fn an_alias_follows_versions() {
    let (world, role) = world().await;
    let ty = "aws_sfn_alias";
    let first = world.apply("aws_sfn_state_machine", None, machine(&role, json!({"publish": true}))).await.object;
    let block = machine(&role, json!({"publish": true, "definition": WAIT}));
    let second = world.apply("aws_sfn_state_machine", Some(&first), block).await.object;
    let (one, two) =
        (first.str("state_machine_version_arn").unwrap(), second.str("state_machine_version_arn").unwrap());
    let routes = |routes: &[(&str, i64)]| -> Json {
        routes.iter().map(|(arn, weight)| json!({"state_machine_version_arn": arn, "weight": weight})).collect()
    };
    let made = world.apply(ty, None, json!({"name": "live", "routing_configuration": routes(&[(one, 100)])})).await;
    assert_eq!(made.planned.str("arn"), Some(&*format!("{}:live", arn_of(&first))));
    let block = json!({"name": "live", "description": "d", "routing_configuration": routes(&[(one, 80), (two, 20)])});
    let split = world.apply(ty, Some(&made.object), block.clone()).await;
    assert_eq!((split.action, &*split.calls), (Action::Update, &["states:UpdateStateMachineAlias".to_string()][..]));
    let imported = world.import(ty, arn_of(&split.object)).await;
    assert_eq!(imported, split.object);
    let renamed = json!({"name": "blue", "routing_configuration": routes(&[(two, 100)])});
    let renamed = world.apply(ty, Some(&split.object), renamed).await;
    assert_eq!(renamed.action, Action::DeleteThenCreate);
    world.delete(ty, &renamed.object).await.unwrap();
    world.delete(ty, &renamed.object).await.unwrap();
    assert_eq!(world.read(ty, &renamed.object).await, None);
}

#[tokio::test]
async fn an_activity_changes_only_by_its_tags() {
    let (world, _) = world().await;
    let ty = "aws_sfn_activity";
    let made = world.apply(ty, None, json!({"name": "bob", "tags": {"a": "1"}})).await;
    assert_eq!(made.planned.str("id"), Some("arn:aws:states:us-east-1:000000000000:activity:bob"));
    let tagged = world.apply(ty, Some(&made.object), json!({"name": "bob", "tags": {"b": "1"}})).await;
    assert_eq!(tagged.calls, ["states:UntagResource", "states:TagResource"]);
    let encrypted =
        json!({"name": "bob", "encryption_configuration": [{"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": "k"}]});
    assert_eq!(world.plan(ty, Some(&tagged.object), &encrypted).action, Action::DeleteThenCreate);
    assert_eq!(world.import(ty, tagged.object.str("id").unwrap()).await, tagged.object);
    world.delete(ty, &tagged.object).await.unwrap();
    assert_eq!(world.read(ty, &tagged.object).await, None);
}

#[tokio::test]
async fn data_sources_find_by_name() {
    let (world, role) = world().await;
    let machine = world.apply("aws_sfn_state_machine", None, machine(&role, json!({"publish": true}))).await.object;
    let version = machine.str("state_machine_version_arn").unwrap();
    let route = json!([{"state_machine_version_arn": version, "weight": 100}]);
    let alias =
        world.apply("aws_sfn_alias", None, json!({"name": "live", "routing_configuration": route})).await.object;
    let activity = world.apply("aws_sfn_activity", None, json!({"name": "bob"})).await.object;

    let data = world.data("aws_sfn_state_machine", json!({"name": "m"})).await.unwrap();
    for name in ["arn", "definition", "role_arn", "revision_id", "creation_date", "status"] {
        assert_eq!(data.get(name), machine.get(name), "{name}");
    }
    let data =
        world.data("aws_sfn_state_machine_versions", json!({"statemachine_arn": arn_of(&machine)})).await.unwrap();
    assert_eq!(data.strings("statemachine_versions"), [version]);
    let block = json!({"name": "live", "statemachine_arn": arn_of(&machine)});
    let data = world.data("aws_sfn_alias", block).await.unwrap();
    assert_eq!(data.get("routing_configuration"), alias.get("routing_configuration"));
    for block in [json!({"name": "bob"}), json!({"arn": activity.str("id").unwrap()})] {
        assert_eq!(world.data("aws_sfn_activity", block).await.unwrap().str("id"), activity.str("id"));
    }
    let error = world.data("aws_sfn_state_machine", json!({"name": "x"})).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn whole_configurations_are_judged() {
    let role = "arn:aws:iam::1:role/r";
    let version = |name: &str| format!("arn:aws:states:us-east-1:1:stateMachine:{name}:1");
    for (ty, block, want) in [
        ("aws_sfn_state_machine", machine(role, json!({})), vec![]),
        ("aws_sfn_state_machine", machine(role, json!({"definition": "{"})), vec!["Invalid state machine definition"]),
        ("aws_sfn_state_machine", machine(role, json!({"logging_configuration": [{"level": "OFF"}]})), vec![]),
        (
            "aws_sfn_state_machine",
            machine(role, json!({"logging_configuration": [{"level": "ALL"}]})),
            vec!["Missing log destination"],
        ),
        (
            "aws_sfn_alias",
            json!({"name": "a", "routing_configuration": [{"state_machine_version_arn": version("m"), "weight": 90}]}),
            vec!["Invalid weights"],
        ),
        (
            "aws_sfn_alias",
            json!({"name": "a", "routing_configuration": [
                {"state_machine_version_arn": version("m"), "weight": 50}, {"state_machine_version_arn": version("n"), "weight": 50},
            ]}),
            vec!["Versions of different state machines"],
        ),
    ] {
        let found = of(ty).check(&config(of(ty).schema(), &block));
        assert_eq!(found.iter().map(|(_, d)| d.summary).collect::<Vec<_>>(), want, "{block}");
    }
}
