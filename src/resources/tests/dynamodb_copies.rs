//! Tables that are copies, have copies, or give way to others, against the embedded AWS.

use super::*;
use crate::resources::ErrorKind;
use serde_json::json;

const TABLE: &str = "aws_dynamodb_table";

fn table(name: &str, more: Json) -> Json {
    let mut block = json!({
        "name": name, "hash_key": "id", "billing_mode": "PAY_PER_REQUEST", "attribute": [{"name": "id", "type": "S"}],
    });
    for (name, value) in more.as_object().unwrap() {
        block[name] = value.clone();
    }
    block
}

/// A table with a stream that feeds replicas.
fn global(replicas: Json, tags: Json) -> Json {
    let more =
        json!({"stream_enabled": true, "stream_view_type": "NEW_AND_OLD_IMAGES", "replica": replicas, "tags": tags});
    table("orders", more)
}

fn writes(calls: &[String]) -> Vec<&str> {
    let names = calls.iter().filter_map(|c| c.strip_prefix("dynamodb:"));
    names.filter(|c| !c.starts_with("Describe") && !c.starts_with("List")).collect()
}

async fn put(world: &World, name: &str, id: &str) {
    let item = aws_sdk_dynamodb::types::AttributeValue::S(id.into());
    world.aws.dynamodb().put_item().table_name(name).item("id", item).send().await.unwrap();
}

#[tokio::test]
async fn replicas_come_change_and_go() {
    let world = World::new().await;
    let west = |more: Json| {
        let mut replica = json!({"region_name": "us-west-2"});
        for (name, value) in more.as_object().unwrap() {
            replica[name] = value.clone();
        }
        replica
    };
    let east = || json!({"region_name": "eu-west-1"});
    let (update, none) = (Action::Update, Action::NoOp);
    let key = "arn:aws:kms:us-west-2:000000000000:key/1";
    let mut object: Option<Object> = None;
    for (replicas, tags, action, calls) in [
        (json!([]), json!({"a": "1"}), Action::Create, &["CreateTable"][..]),
        (json!([west(json!({}))]), json!({"a": "1"}), update, &["UpdateTable"]),
        (json!([west(json!({"propagate_tags": false}))]), json!({"a": "1"}), none, &[]),
        (
            json!([west(json!({"point_in_time_recovery": true, "propagate_tags": true}))]),
            json!({"a": "1"}),
            update,
            &["UpdateContinuousBackups", "TagResource"],
        ),
        (
            json!([east(), west(json!({"point_in_time_recovery": true, "propagate_tags": true}))]),
            json!({"b": "1"}),
            update,
            &["UntagResource", "TagResource", "UntagResource", "TagResource", "UpdateTable"],
        ),
        (
            json!([west(json!({"kms_key_arn": key}))]),
            json!({"b": "1"}),
            update,
            &["UpdateTable", "UpdateTable", "UpdateContinuousBackups"],
        ),
        (json!([]), json!({"b": "1"}), update, &["UpdateTable"]),
        (json!([east()]), json!({"b": "1"}), update, &["UpdateTable"]),
    ] {
        let block = global(replicas, tags);
        let applied = world.apply(TABLE, object.as_ref(), block.clone()).await;
        assert_eq!((applied.action, writes(&applied.calls)), (action, calls.to_vec()), "{block}");
        object = Some(applied.object);
    }
    let object = object.unwrap();
    let replica = object.block("replica").unwrap();
    let arn = format!("arn:aws:dynamodb:eu-west-1:{}:table/orders", world.place.account);
    assert_eq!(replica.str("arn"), Some(&*arn));
    assert!(replica.str("stream_arn").unwrap().starts_with(&arn));
    let imported = world.import(TABLE, "orders").await;
    assert_eq!(imported.get("replica"), object.get("replica"));

    // A table takes its replicas with it.
    let calls = world.delete(TABLE, &object).await.unwrap();
    assert_eq!(writes(&calls), ["UpdateTable", "DeleteTable"]);
    let there = world.aws.dynamodb_in("eu-west-1").describe_table().table_name("orders").send().await;
    assert!(there.is_err());
}

#[tokio::test]
async fn a_replica_comes_with_its_table() {
    let world = World::new().await;
    let block = global(json!([{"region_name": "eu-west-1", "point_in_time_recovery": true}]), json!({}));
    let planned = world.plan(TABLE, None, &block).after;
    assert!(!planned.get("replica").unwrap().is_wholly_known());
    let made = world.apply(TABLE, None, block).await;
    assert_eq!(writes(&made.calls), ["CreateTable", "UpdateTable", "UpdateContinuousBackups"]);
}

/// Each region has a default key of its own, and none of them has a name in the state.
#[tokio::test]
async fn default_keys_have_no_name() {
    let world = World::new().await;
    let mut block = global(json!([{"region_name": "eu-west-1"}]), json!({}));
    block["server_side_encryption"] = json!([{"enabled": true}]);
    let made = world.apply(TABLE, None, block.clone()).await.object;
    let imported = world.import(TABLE, "orders").await;
    for object in [&made, &imported] {
        let encryption = object.block("server_side_encryption").unwrap();
        assert_eq!((encryption.bool("enabled"), encryption.str("kms_key_arn")), (Some(true), Some("")));
        assert_eq!(object.block("replica").unwrap().str("kms_key_arn"), Some(""));
    }
    let there = world.aws.dynamodb_in("eu-west-1").describe_table().table_name("orders").send().await.unwrap();
    let key = there.table().and_then(|t| t.sse_description()).and_then(|sse| sse.kms_master_key_arn());
    assert!(key.unwrap().starts_with("arn:aws:kms:eu-west-1:"), "{key:?}");
    assert_eq!(world.plan(TABLE, Some(&imported), &block).action, Action::NoOp);
}

#[tokio::test]
async fn a_table_is_restored() {
    let world = World::new().await;
    let gsi = json!([{"name": "by-id", "hash_key": "id", "projection_type": "ALL"}]);
    let source = table("source", json!({"point_in_time_recovery": [{"enabled": true}], "global_secondary_index": gsi}));
    let source = world.apply(TABLE, None, source).await.object;
    put(&world, "source", "1").await;
    let restored = json!({
        "name": "copy", "restore_source_name": "source", "restore_to_latest_time": true, "billing_mode": "PAY_PER_REQUEST",
        "tags": {"a": "1"}, "deletion_protection_enabled": false, "table_class": "STANDARD_INFREQUENT_ACCESS",
        "point_in_time_recovery": [{"enabled": true}],
    });
    let planned = world.plan(TABLE, None, &restored).after;
    assert!(is_hole(&planned, "hash_key") && is_hole(&planned, "attribute"));
    let made = world.apply(TABLE, None, restored.clone()).await;
    // What the call does not take comes afterwards; an index that is not wanted goes.
    let wanted = ["RestoreTableToPointInTime", "UpdateTable", "UpdateTable", "UpdateContinuousBackups", "TagResource"];
    assert_eq!(writes(&made.calls), wanted);
    assert_eq!((made.object.str("hash_key"), made.object.blocks("attribute").len()), (Some("id"), 1));
    let contents = of(TABLE).contents(&world.aws, &made.object, 0).await.unwrap().unwrap();
    assert!(contents.what.starts_with("1 item ("), "{contents:?}");

    let other = table(
        "other",
        json!({"restore_source_table_arn": arn_of(&source), "restore_date_time": "2026-01-01T00:00:00Z"}),
    );
    world.apply(TABLE, None, other).await;
    let none = table("none", json!({"restore_source_name": "copy2", "restore_to_latest_time": true}));
    let error = world.try_apply(TABLE, None, none).await.err().unwrap();
    assert_eq!((error.kind, &*error.operation), (ErrorKind::NotFound, "dynamodb:RestoreTableToPointInTime"), "{error}");
}

#[tokio::test]
async fn a_table_is_imported_from_s3() {
    let world = World::new().await;
    let source = json!({
        "input_format": "CSV", "input_compression_type": "NONE", "s3_bucket_source": [{"bucket": "b", "key_prefix": "x/"}],
        "input_format_options": [{"csv": [{"delimiter": ";", "header_list": ["id"]}]}],
    });
    let block = table("orders", json!({"import_table": [source], "tags": {"a": "1"}}));
    let made = world.apply(TABLE, None, block.clone()).await;
    assert_eq!(writes(&made.calls), ["ImportTable", "TagResource"]);
    let mut other = block;
    other["import_table"][0]["input_format"] = json!("ION");
    assert_eq!(world.plan(TABLE, Some(&made.object), &other).action, Action::DeleteThenCreate);
}

#[tokio::test]
async fn a_protection_that_the_same_plan_switches_off_stands_in_no_ones_way() {
    let world = World::new().await;
    let made = world.apply(TABLE, None, table("orders", json!({"deletion_protection_enabled": true}))).await.object;
    let open = world.plan(TABLE, Some(&made), &table("other", json!({}))).after;
    let closed = world.plan(TABLE, Some(&made), &table("other", json!({"deletion_protection_enabled": true}))).after;
    of(TABLE).give_way(&world.aws, &made, &closed).await.unwrap();
    let error = world.delete(TABLE, &made).await.unwrap_err();
    assert!(error.message.contains("protect"), "{error}");
    of(TABLE).give_way(&world.aws, &made, &open).await.unwrap();
    world.delete(TABLE, &made).await.unwrap();
}

#[tokio::test]
async fn what_a_table_holds() {
    let world = World::new().await;
    let made = world.apply(TABLE, None, table("orders", json!({}))).await.object;
    let held = async |known: usize| of(TABLE).contents(&world.aws, &made, known).await.unwrap().map(|c| c.what);
    assert_eq!(held(0).await, None);
    put(&world, "orders", "1").await;
    put(&world, "orders", "2").await;
    assert!(held(0).await.unwrap().starts_with("2 items ("));
    assert!(held(1).await.is_some());
    assert_eq!(held(2).await, None);
    // Who may not read items still knows what DynamoDB counted.
    let denied =
        || crate::sandbox::Trouble::Refused { status: 400, code: "AccessDeniedException".into(), message: "no".into() };
    for (known, wanted) in [(0, true), (2, false)] {
        world.sandbox.trouble("dynamodb:Scan", 1, crate::sandbox::When::Before, denied());
        assert_eq!(held(known).await.is_some(), wanted, "{known}");
    }
    world.delete(TABLE, &made).await.unwrap();
    assert_eq!(held(0).await, None);
}
