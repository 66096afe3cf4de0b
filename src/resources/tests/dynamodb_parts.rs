//! What belongs to a table and has a type of its own, against the embedded AWS: items, tags, policies, insights, Kinesis destinations,
//! scaling.

use super::*;
use crate::resources::ErrorKind;
use serde_json::json;

/// A table with the keys `id` (a string) and `n` (a number), and one index.
async fn table(world: &World) -> Object {
    let block = json!({
        "name": "orders", "hash_key": "id", "range_key": "n", "billing_mode": "PROVISIONED", "read_capacity": 1, "write_capacity": 1,
        "attribute": [{"name": "id", "type": "S"}, {"name": "n", "type": "N"}],
        "global_secondary_index": [{
            "name": "by-n", "hash_key": "n", "projection_type": "ALL", "read_capacity": 1, "write_capacity": 1,
        }],
        "stream_enabled": true, "stream_view_type": "KEYS_ONLY",
    });
    world.apply("aws_dynamodb_table", None, block).await.object
}

fn writes(calls: &[String]) -> Vec<&str> {
    let reads = ["Describe", "List", "Get"];
    let names = calls.iter().filter_map(|c| c.split_once(':')).map(|(_, name)| name);
    names.filter(|name| !reads.iter().any(|r| name.starts_with(r))).collect()
}

/// One type through creating, changing, importing and deleting: each step is checked to read back and to plan empty.
async fn survives(world: &World, ty: &str, import: &str, steps: &[(Json, Action, &[&str])]) -> Object {
    let mut object: Option<Object> = None;
    for (block, action, calls) in steps {
        let applied = world.apply(ty, object.as_ref(), block.clone()).await;
        assert_eq!((applied.action, writes(&applied.calls)), (*action, calls.to_vec()), "{ty} {block}");
        object = Some(applied.object);
    }
    let object = object.unwrap();
    let last = &steps.last().unwrap().0;
    let imported = world.import(ty, import).await;
    assert_eq!(world.plan(ty, Some(&imported), last).action, Action::NoOp, "{ty}: {imported:?}");
    for (name, value) in &object.0 {
        let kept = ["timeouts", "tags", "item"].contains(&&**name);
        assert!(kept || imported.get(name) == Some(value), "{ty}.{name}: {value:?} {:?}", imported.get(name));
    }
    assert!(of(ty).import_id("").is_err(), "{ty}");
    world.delete(ty, &object).await.unwrap();
    assert_eq!(world.read(ty, &object).await, None, "{ty}");
    world.delete(ty, &object).await.unwrap();
    object
}

const CREATE: Action = Action::Create;
const UPDATE: Action = Action::Update;
const NONE: Action = Action::NoOp;
const REPLACE: Action = Action::DeleteThenCreate;

#[tokio::test]
async fn an_item() {
    let world = World::new().await;
    let table = table(&world).await;
    let block = |item: &str| json!({"table_name": "orders", "hash_key": "id", "range_key": "n", "item": item});
    let ty = "aws_dynamodb_table_item";
    let same = r#"{ "n": {"N": "1"}, "a": {"M": {"y": {"BOOL": true}, "x": {"SS": ["b", "a"]}}}, "id": {"S": "a"} }"#;
    let object = survives(
        &world,
        ty,
        "orders|id|b|1",
        &[
            (
                block(r#"{"id":{"S":"a"},"n":{"N":"1"},"a":{"M":{"x":{"SS":["b","a"]},"y":{"BOOL":true}}}}"#),
                CREATE,
                &["PutItem"],
            ),
            (block(same), NONE, &[]),
            (block(r#"{"id":{"S":"a"},"n":{"N":"1"},"b":{"N":"2.5"}}"#), UPDATE, &["UpdateItem"]),
            (block(r#"{"id":{"S":"b"},"n":{"N":"1"},"b":{"N":"2.5"}}"#), UPDATE, &["UpdateItem", "DeleteItem"]),
        ],
    )
    .await;
    assert_eq!(object.str("id"), Some("orders|id|b|1"));

    // The form that DynamoDB gives to numbers is no drift; what others add is.
    let written = r#"{"id":{"S":"c"},"n":{"N":"1.0"},"b":{"N":"2.50"}}"#;
    let made = world.apply(ty, None, block(written)).await.object;
    assert_eq!(world.read(ty, &made).await.unwrap().str("item"), Some(written));
    let name = table.str("name").unwrap();
    let call = world.aws.dynamodb().update_item().table_name(name);
    let key = crate::resources::item::parse(r#"{"id":{"S":"c"},"n":{"N":"1"}}"#).unwrap();
    let call = call.set_key(Some(key)).update_expression("SET extra = :o");
    call.expression_attribute_values(":o", aws_sdk_dynamodb::types::AttributeValue::S("x".into()))
        .send()
        .await
        .unwrap();
    let found = world.read(ty, &made).await.unwrap();
    let text = "{\"b\":{\"N\":\"2.5\"},\"extra\":{\"S\":\"x\"},\"id\":{\"S\":\"c\"},\"n\":{\"N\":\"1\"}}\n";
    assert_eq!(found.str("item"), Some(text));
    assert_eq!(world.plan(ty, Some(&found), &block(written)).action, UPDATE);

    // What is there already is not overwritten.
    let error = world.try_apply(ty, None, block(written)).await.err().unwrap();
    assert_eq!((error.kind, error.target.as_str()), (ErrorKind::AlreadyExists, "orders|id|c|1.0"), "{error}");

    let key = r#"{"n": {"N": "1"}, "id": {"S": "c"}}"#;
    let found = world.data(ty, json!({"table_name": "orders", "key": key})).await.unwrap();
    assert_eq!(found.str("id"), Some("orders|c|1"));
    let item = found.str("item").unwrap();
    assert!(item.ends_with("}\n") && item.contains(r#""extra":{"S":"x"}"#), "{item}");
    let part = json!({"table_name": "orders", "key": key, "projection_expression": "#o", "expression_attribute_names": {"#o": "extra"}});
    assert_eq!(world.data(ty, part).await.unwrap().str("item"), Some("{\"extra\":{\"S\":\"x\"}}\n"));
    let missing = json!({"table_name": "orders", "key": r#"{"id":{"S":"z"},"n":{"N":"1"}}"#});
    assert_eq!(world.data(ty, missing).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_tag() {
    let world = World::new().await;
    let table = table(&world).await;
    let arn = arn_of(&table);
    let block = |key: &str, value: &str| json!({"resource_arn": arn, "key": key, "value": value});
    let id = format!("{arn},b,c");
    let steps: [(Json, Action, &[&str]); 4] = [
        (block("a", "1"), CREATE, &["TagResource"]),
        (block("a", "1"), NONE, &[]),
        (block("a", "2"), UPDATE, &["TagResource"]),
        (block("b,c", "2"), REPLACE, &["UntagResource", "TagResource"]),
    ];
    survives(&world, "aws_dynamodb_tag", &id, &steps).await;
}

#[tokio::test]
async fn a_resource_policy() {
    let world = World::new().await;
    let table = table(&world).await;
    let arn = arn_of(&table);
    let text = |sid: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{sid}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},"Action":{action},"Resource":"{arn}"}}]}}"#
        )
    };
    let block = |policy: String| json!({"resource_arn": arn, "policy": policy});
    let get = || text("a", r#""dynamodb:GetItem""#);
    let steps: [(Json, Action, &[&str]); 4] = [
        (block(get()), CREATE, &["PutResourcePolicy"]),
        (block(get()), NONE, &[]),
        // As Terraform, which plans each other spelling of this policy, and of no other.
        (block(text("a", r#"["dynamodb:GetItem"]"#)), UPDATE, &["PutResourcePolicy"]),
        (block(text("b", r#"["dynamodb:GetItem"]"#)), UPDATE, &["PutResourcePolicy"]),
    ];
    let ty = "aws_dynamodb_resource_policy";
    survives(&world, ty, arn, &steps).await;
    let made = world.apply(ty, None, block(get())).await.object;
    assert_eq!(made.bool("confirm_remove_self_resource_access"), Some(false));
    let planned = world.plan(ty, Some(&made), &block(text("c", r#""dynamodb:Query""#))).after;
    assert!(is_hole(&planned, "revision_id"));
    let large = Object::new().with("policy", " ".repeat(20 * 1024 + 1));
    assert_eq!(of(ty).check(&large).len(), 1);
}

#[tokio::test]
async fn contributor_insights() {
    let world = World::new().await;
    table(&world).await;
    let account = world.place.account.clone();
    let steps: [(Json, Action, &[&str]); 3] = [
        (json!({"table_name": "orders"}), CREATE, &["UpdateContributorInsights"]),
        // As Terraform: how long one waits is no change of the object.
        (json!({"table_name": "orders", "timeouts": {"create": "1m"}}), Action::NoOp, &[]),
        (
            json!({"table_name": "orders", "index_name": "by-n"}),
            REPLACE,
            &["UpdateContributorInsights", "UpdateContributorInsights"],
        ),
    ];
    let id = format!("name:orders/index:by-n/{account}");
    let object = survives(&world, "aws_dynamodb_contributor_insights", &id, &steps).await;
    assert_eq!(object.str("id"), Some(&*id));
}

#[tokio::test]
async fn a_kinesis_destination() {
    let world = World::new().await;
    table(&world).await;
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/changes";
    let block = |precision: Json| json!({"table_name": "orders", "stream_arn": stream, "approximate_creation_date_time_precision": precision});
    let steps: [(Json, Action, &[&str]); 3] = [
        (block(Json::Null), CREATE, &["EnableKinesisStreamingDestination"]),
        (block(json!("MILLISECOND")), NONE, &[]),
        (
            block(json!("MICROSECOND")),
            REPLACE,
            &["DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination"],
        ),
    ];
    let ty = "aws_dynamodb_kinesis_streaming_destination";
    survives(&world, ty, &format!("orders,{stream}"), &steps).await;
}

#[tokio::test]
async fn a_scalable_target_and_its_policies() {
    let world = World::new().await;
    table(&world).await;
    let what = json!({
        "resource_id": "table/orders", "scalable_dimension": "dynamodb:table:ReadCapacityUnits", "service_namespace": "dynamodb",
    });
    let block = |more: Json| {
        let mut block = what.clone();
        for (name, value) in more.as_object().unwrap() {
            block[name] = value.clone();
        }
        block
    };
    let target = |max: i64, more: Json| {
        let mut block = block(more);
        (block["min_capacity"], block["max_capacity"]) = (json!(1), json!(max));
        block
    };
    let suspended = || json!({"suspended_state": [{"dynamic_scaling_in_suspended": true}], "tags": {"a": "1"}});
    let ty = "aws_appautoscaling_target";
    let id = "dynamodb/table/orders/dynamodb:table:ReadCapacityUnits";
    let steps: [(Json, Action, &[&str]); 5] = [
        (target(5, json!({})), CREATE, &["RegisterScalableTarget"]),
        (target(5, json!({"suspended_state": [{}]})), NONE, &[]),
        (target(6, suspended()), UPDATE, &["RegisterScalableTarget", "TagResource"]),
        // A state that is no longer written stays, as in the provider.
        (target(6, json!({"tags": {"a": "1"}})), NONE, &[]),
        (target(6, json!({})), UPDATE, &["UntagResource"]),
    ];
    survives(&world, ty, id, &steps).await;

    world.apply(ty, None, target(5, json!({}))).await;
    let tracking = |value: Json, more: Json| {
        let mut configuration = json!({"target_value": value});
        for (name, value) in more.as_object().unwrap() {
            configuration[name] = value.clone();
        }
        block(json!({
            "name": "read:table/orders", "policy_type": "TargetTrackingScaling",
            "target_tracking_scaling_policy_configuration": [configuration],
        }))
    };
    let known =
        || json!({"predefined_metric_specification": [{"predefined_metric_type": "DynamoDBReadCapacityUtilization"}]});
    let own = json!({
        "scale_in_cooldown": 10,
        "customized_metric_specification": [{"metrics": [
            {"id": "m1", "label": "L", "return_data": false, "metric_stat": [
                {"stat": "Sum", "metric": [{"metric_name": "M", "namespace": "N", "dimensions": [{"name": "a", "value": "b"}]}]},
            ]},
            {"id": "e1", "expression": "m1 / 2"},
        ]}],
    });
    let steps_of = |lower: &str, cooldown: i64| {
        block(json!({
            "name": "read:table/orders",
            "step_scaling_policy_configuration": [{
                "adjustment_type": "ChangeInCapacity", "cooldown": cooldown, "metric_aggregation_type": "Maximum",
                "step_adjustment": [
                    {"metric_interval_upper_bound": "0", "scaling_adjustment": -1},
                    {"metric_interval_lower_bound": lower, "scaling_adjustment": 2},
                ],
            }],
        }))
    };
    let ty = "aws_appautoscaling_policy";
    let id = format!("{id}/read:table/orders");
    let put = &["PutScalingPolicy"][..];
    let steps: [(Json, Action, &[&str]); 4] = [
        (tracking(json!(70), known()), CREATE, put),
        (tracking(json!(70.0), known()), NONE, &[]),
        (tracking(json!(70.5), known()), UPDATE, put),
        (tracking(json!(50), own), UPDATE, put),
    ];
    survives(&world, ty, &id, &steps).await;
    let steps: [(Json, Action, &[&str]); 3] =
        [(steps_of("0.5", 60), CREATE, put), (steps_of("0.50", 60), NONE, &[]), (steps_of("0.5", 61), UPDATE, put)];
    survives(&world, ty, &id, &steps).await;
}

#[tokio::test]
async fn a_table_that_others_own() {
    let world = World::new().await;
    let table = table(&world).await;
    let found = world.data("aws_dynamodb_table", json!({"name": "orders"})).await.unwrap();
    for name in
        ["arn", "attribute", "hash_key", "range_key", "read_capacity", "stream_arn", "billing_mode", "table_class"]
    {
        assert_eq!(found.get(name), table.get(name), "{name}");
    }
    assert_eq!(found.blocks("global_secondary_index").len(), 1);
    let error = world.data("aws_dynamodb_table", json!({"name": "none"})).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}
