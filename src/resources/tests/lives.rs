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

/// `None` for types whose life nobody tells.
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
        _ => return life_of_data(ty),
    };
    Some(Life { first, second, id })
}

/// The same for tables, and what belongs to them.
fn life_of_data(ty: &str) -> Option<Life> {
    let arn = format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/there");
    let of_table = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},"Action":"{action}","Resource":"{arn}"}}]}}"#
        )
    };
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/changes";
    let table = |more: Json| {
        let mut block = json!({"name": "mine", "hash_key": "id", "attribute": [{"name": "id", "type": "S"}, {"name": "a", "type": "S"}],
            "global_secondary_index": [{"name": "by-a", "hash_key": "a", "projection_type": "ALL"}], "billing_mode": "PAY_PER_REQUEST"});
        for (name, value) in more.as_object().unwrap() {
            block[name] = value.clone();
        }
        block
    };
    let scaled = |more: Json| {
        let mut block = json!({"resource_id": "table/there", "scalable_dimension": "dynamodb:table:ReadCapacityUnits",
            "service_namespace": "dynamodb"});
        for (name, value) in more.as_object().unwrap() {
            block[name] = value.clone();
        }
        block
    };
    let tracking = |value: f64| {
        scaled(
            json!({"name": "p", "policy_type": "TargetTrackingScaling", "target_tracking_scaling_policy_configuration": [{
                "target_value": value,
                "predefined_metric_specification": [{"predefined_metric_type": "DynamoDBReadCapacityUtilization"}],
            }]}),
        )
    };
    let (first, second, id) = match ty {
        "aws_appautoscaling_policy" => {
            (tracking(50.0), tracking(70.5), Some("dynamodb/table/there/dynamodb:table:ReadCapacityUnits/p".into()))
        }
        "aws_appautoscaling_target" => (
            scaled(json!({"min_capacity": 1, "max_capacity": 5})),
            scaled(json!({"min_capacity": 1, "max_capacity": 6, "tags": {"a": "1"}})),
            Some("dynamodb/table/there/dynamodb:table:ReadCapacityUnits".into()),
        ),
        "aws_dynamodb_contributor_insights" => (
            json!({"table_name": "there"}),
            json!({"table_name": "there", "index_name": "by-a"}),
            Some(format!("name:there/index:by-a/{ACCOUNT}")),
        ),
        "aws_dynamodb_kinesis_streaming_destination" => (
            json!({"table_name": "there", "stream_arn": stream}),
            json!({"table_name": "there", "stream_arn": stream, "approximate_creation_date_time_precision": "MICROSECOND"}),
            Some(format!("there,{stream}")),
        ),
        "aws_dynamodb_resource_policy" => (
            json!({"resource_arn": arn, "policy": of_table("dynamodb:GetItem")}),
            json!({"resource_arn": arn, "policy": of_table("dynamodb:Query")}),
            Some(arn),
        ),
        "aws_dynamodb_table" => (
            table(json!({"tags": {"a": "1"}, "ttl": [{"attribute_name": "end", "enabled": true}]})),
            table(
                json!({"attribute": [{"name": "id", "type": "S"}, {"name": "b", "type": "N"}], "table_class": "STANDARD_INFREQUENT_ACCESS",
                "global_secondary_index": [{"name": "by-b", "hash_key": "b", "projection_type": "KEYS_ONLY"}], "stream_enabled": true,
                "stream_view_type": "NEW_IMAGE", "ttl": [{"attribute_name": "end", "enabled": true}], "tags": {"a": "2"},
                "point_in_time_recovery": [{"enabled": true}], "server_side_encryption": [{"enabled": true}]}),
            ),
            Some("mine".into()),
        ),
        "aws_dynamodb_table_item" => (
            json!({"table_name": "there", "hash_key": "id", "item": r#"{"id":{"S":"x"},"n":{"N":"1"}}"#}),
            json!({"table_name": "there", "hash_key": "id", "item": r#"{"id":{"S":"x"},"n":{"N":"2"}}"#}),
            Some("there|id|x".into()),
        ),
        "aws_dynamodb_tag" => (
            json!({"resource_arn": arn, "key": "a", "value": "1"}),
            json!({"resource_arn": arn, "key": "a", "value": "2"}),
            Some(format!("{arn},a")),
        ),
        _ => return None,
    };
    Some(Life { first, second, id })
}

#[tokio::test]
async fn every_type_survives_its_life() {
    // terraform_data lives in the state alone.
    for resource in RESOURCES.iter().filter(|r| r.schema().name != "terraform_data") {
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
        let table = json!({"name": "there", "hash_key": "id", "read_capacity": 1, "write_capacity": 1,
            "attribute": [{"name": "id", "type": "S"}, {"name": "a", "type": "S"}], "global_secondary_index": [
                {"name": "by-a", "hash_key": "a", "projection_type": "ALL", "read_capacity": 1, "write_capacity": 1}]});
        world.apply("aws_dynamodb_table", None, table).await;
        if ty == "aws_appautoscaling_policy" {
            world.apply("aws_appautoscaling_target", None, life("aws_appautoscaling_target").unwrap().first).await;
        }

        // `apply` reads the object and plans again, which must be empty.
        let made = world.apply(ty, None, first.clone()).await;
        assert_eq!(made.action, Action::Create, "{ty}");
        let changed = world.apply(ty, Some(&made.object), second.clone()).await;
        let replaced = [
            "aws_dynamodb_contributor_insights",
            "aws_dynamodb_kinesis_streaming_destination",
            "aws_iam_role_policy_attachment",
        ]
        .contains(&ty);
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
        let goes = !ty.ends_with("_exclusive") && ty != "aws_iam_policy_attachment";
        if goes {
            assert_eq!(world.read(ty, &changed.object).await, None, "{ty}");
        }
        world.delete(ty, &changed.object).await.unwrap_or_else(|e| panic!("{ty} is gone already: {e}"));
    }
}
