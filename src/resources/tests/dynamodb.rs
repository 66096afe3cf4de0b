//! `aws_dynamodb_table` against the embedded AWS.

use super::*;
use crate::resources::ErrorKind;
use crate::sandbox::{Trouble, When};
use serde_json::json;

const TABLE: &str = "aws_dynamodb_table";

fn refused(code: &str, message: &str) -> Trouble {
    Trouble::Refused { status: 400, code: code.into(), message: message.into() }
}

/// An on-demand table with these attributes in keys, and more.
fn table(keys: &[&str], more: Json) -> Json {
    let attributes: Vec<_> = keys.iter().map(|name| json!({"name": name, "type": "S"})).collect();
    let mut block =
        json!({"name": "orders", "hash_key": "id", "billing_mode": "PAY_PER_REQUEST", "attribute": attributes});
    for (name, value) in more.as_object().unwrap() {
        block[name] = value.clone();
    }
    block
}

fn index(name: &str, more: Json) -> Json {
    let mut block = json!({"name": format!("by-{name}"), "hash_key": name, "projection_type": "ALL"});
    for (name, value) in more.as_object().unwrap() {
        block[name] = value.clone();
    }
    block
}

/// What changes anything among calls.
fn writes(calls: &[String]) -> Vec<&str> {
    let names = calls.iter().filter_map(|c| c.strip_prefix("dynamodb:"));
    names.filter(|c| !c.starts_with("Describe") && !c.starts_with("List")).collect()
}

const LOOKS: [&str; 3] =
    ["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive"];

#[tokio::test]
async fn a_table_from_its_making_to_its_end() {
    let world = World::new().await;
    let (update, none, replace) = (Action::Update, Action::NoOp, Action::DeleteThenCreate);
    let gsi = |name: &str| index(name, json!({}));
    let capacity = |name: &str, n: i64| index(name, json!({"read_capacity": n, "write_capacity": n}));
    let mut object: Option<Object> = None;
    for (keys, more, action, calls) in [
        (&["id"][..], json!({}), Action::Create, &["CreateTable"][..]),
        (&["id"], json!({"table_class": "STANDARD", "ttl": [{"attribute_name": "x", "enabled": false}]}), none, &[]),
        (&["id"], json!({"server_side_encryption": [{"enabled": false}]}), none, &[]),
        (&["id"], json!({"tags": {"a": "1", "b": "1"}}), update, &["TagResource"]),
        (
            &["id"],
            json!({"tags": {"b": "2"}, "table_class": "STANDARD_INFREQUENT_ACCESS"}),
            update,
            &["UpdateTable", "UntagResource", "TagResource"],
        ),
        (&["id"], json!({}), update, &["UpdateTable", "UntagResource"]),
        (
            &["id", "a", "b"],
            json!({"global_secondary_index": [gsi("b"), gsi("a")]}),
            update,
            &["UpdateTable", "UpdateTable"],
        ),
        (&["b", "a", "id"], json!({"global_secondary_index": [gsi("a"), gsi("b")]}), none, &[]),
        (
            &["id", "a"],
            json!({"global_secondary_index": [capacity("a", 3)], "billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 5}),
            update,
            &["UpdateTable", "UpdateTable"],
        ),
        (
            &["id", "a"],
            json!({"global_secondary_index": [capacity("a", 4)], "billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 6}),
            update,
            &["UpdateTable"],
        ),
        (&["id", "a"], json!({"global_secondary_index": [gsi("a")]}), update, &["UpdateTable"]),
        (
            &["id", "a"],
            json!({"global_secondary_index": [index("a", json!({"range_key": "id", "projection_type": "KEYS_ONLY"}))]}),
            update,
            &["UpdateTable", "UpdateTable"],
        ),
        (&["id"], json!({}), update, &["UpdateTable"]),
        (&["id"], json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"}), update, &["UpdateTable"]),
        (
            &["id"],
            json!({"stream_enabled": true, "stream_view_type": "NEW_IMAGE"}),
            update,
            &["UpdateTable", "UpdateTable"],
        ),
        (&["id"], json!({"stream_enabled": false}), update, &["UpdateTable"]),
        (&["id"], json!({"ttl": [{"attribute_name": "x", "enabled": true}]}), update, &["UpdateTimeToLive"]),
        (&["id"], json!({}), none, &[]),
        (&["id"], json!({"ttl": [{"enabled": false}]}), update, &["UpdateTimeToLive"]),
        (&["id"], json!({"point_in_time_recovery": [{"enabled": true}]}), update, &["UpdateContinuousBackups"]),
        (
            &["id"],
            json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 7}]}),
            update,
            &["UpdateContinuousBackups"],
        ),
        (&["id"], json!({"point_in_time_recovery": [{"enabled": false}]}), update, &["UpdateContinuousBackups"]),
        (&["id"], json!({"server_side_encryption": [{"enabled": true}]}), update, &["UpdateTable"]),
        (
            &["id"],
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/1"}]}),
            update,
            &["UpdateTable"],
        ),
        (&["id"], json!({"server_side_encryption": [{"enabled": false}]}), update, &["UpdateTable"]),
        (&["id"], json!({"on_demand_throughput": [{"max_read_request_units": 5}]}), update, &["UpdateTable"]),
        (&["id"], json!({}), update, &["UpdateTable"]),
        (&["id"], json!({"deletion_protection_enabled": true}), update, &["UpdateTable"]),
        (&["id"], json!({}), update, &["UpdateTable"]),
        (
            &["id", "at", "on"],
            json!({"range_key": "at", "local_secondary_index": [{"name": "all", "range_key": "on", "projection_type": "ALL"}]}),
            replace,
            &["DeleteTable", "CreateTable"],
        ),
    ] {
        let block = table(keys, more);
        let applied = world.apply(TABLE, object.as_ref(), block.clone()).await;
        assert_eq!((applied.action, writes(&applied.calls)), (action, calls.to_vec()), "{block}");
        object = Some(applied.object);
    }
    let object = object.unwrap();
    let calls = world.delete(TABLE, &object).await.unwrap();
    assert_eq!(calls, ["dynamodb:DeleteTable", "dynamodb:DescribeTable"]);
    assert_eq!(world.read(TABLE, &object).await, None);
    assert_eq!(world.delete(TABLE, &object).await.unwrap(), ["dynamodb:DeleteTable"]);
}

#[tokio::test]
async fn looking_at_a_table_takes_four_calls() {
    let world = World::new().await;
    let object = world.apply(TABLE, None, table(&["id"], json!({}))).await.object;
    world.sandbox.take_calls();
    world.read(TABLE, &object).await.unwrap();
    let mut calls = world.sandbox.take_calls();
    calls.sort();
    let mut wanted = [&LOOKS[..], &["dynamodb:ListTagsOfResource"]].concat();
    wanted.sort();
    assert_eq!(calls, wanted);
}

#[tokio::test]
async fn a_plan_tells_what_a_new_table_will_be() {
    let world = World::new().await;
    let planned = world.plan(TABLE, None, &table(&["id"], json!({}))).after;
    let arn = format!("arn:aws:dynamodb:us-east-1:{}:table/orders", world.place.account);
    assert_eq!(
        (planned.str("arn"), planned.str("id"), planned.str("stream_arn")),
        (Some(&*arn), Some("orders"), Some(""))
    );
    assert_eq!(planned.int("read_capacity"), Some(0));
    let planned = world
        .plan(TABLE, None, &table(&["id"], json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"})))
        .after;
    assert!(is_hole(&planned, "stream_arn") && is_hole(&planned, "stream_label"));
}

#[tokio::test]
async fn a_stream_moves_only_when_it_changes() {
    let world = World::new().await;
    let stream = |view: &str| json!({"stream_enabled": true, "stream_view_type": view});
    let made = world.apply(TABLE, None, table(&["id"], stream("KEYS_ONLY"))).await.object;
    assert!(made.str("stream_arn").unwrap().contains("/stream/"));
    let mut tagged = table(&["id"], stream("KEYS_ONLY"));
    tagged["tags"] = json!({"a": "1"});
    let planned = world.plan(TABLE, Some(&made), &tagged).after;
    assert_eq!(planned.str("stream_arn"), made.str("stream_arn"));
    let planned = world.plan(TABLE, Some(&made), &table(&["id"], stream("NEW_IMAGE"))).after;
    assert!(is_hole(&planned, "stream_arn"));
}

#[tokio::test]
async fn the_type_of_a_key_stays() {
    let world = World::new().await;
    let made = world.apply(TABLE, None, table(&["id"], json!({}))).await.object;
    let mut block = table(&[], json!({}));
    block["attribute"] = json!([{"name": "id", "type": "N"}]);
    let applied = world.apply(TABLE, Some(&made), block).await;
    assert_eq!((applied.action, applied.object.get("attribute")), (Action::NoOp, made.get("attribute")));
}

#[tokio::test]
async fn a_local_index_is_its_name() {
    let world = World::new().await;
    let local = |name: &str, projection: &str| {
        let mut block = table(&["id", "at"], json!({"range_key": "at"}));
        block["local_secondary_index"] = json!([{"name": name, "range_key": "at", "projection_type": projection}]);
        block
    };
    let made = world.apply(TABLE, None, local("by-at", "ALL")).await.object;
    assert_eq!(world.plan(TABLE, Some(&made), &local("by-at", "KEYS_ONLY")).action, Action::NoOp);
    assert_eq!(world.plan(TABLE, Some(&made), &local("of-at", "ALL")).action, Action::DeleteThenCreate);
}

#[tokio::test]
async fn whatever_takes_time_is_waited_for_and_told() {
    let world = World::new().await;
    world.sandbox.settle_after(12);
    let made =
        world.apply(TABLE, None, table(&["id"], json!({"ttl": [{"attribute_name": "x", "enabled": true}]}))).await;
    let said = world.take_notes();
    assert!(said.iter().any(|note| note.starts_with("is being created, ")), "{said:?}");
    let block = table(&["id", "a"], json!({"global_secondary_index": [index("a", json!({}))]}));
    let changed = world.apply(TABLE, Some(&made.object), block).await;
    let said = world.take_notes();
    assert!(said.iter().any(|note| note.contains("index by-a, ")), "{said:?}");
    world.delete(TABLE, &changed.object).await.unwrap();
    let said = world.take_notes();
    assert!(said.iter().any(|note| note.starts_with("is being deleted, ")), "{said:?}");
}

#[tokio::test]
async fn waiting_ends_with_the_timeouts() {
    let world = World::new().await;
    world.sandbox.settle_after(1_000_000);
    let mut block = table(&["id"], json!({}));
    block["timeouts"] = json!({"create": "90s"});
    let error = world.try_apply(TABLE, None, block).await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::TimedOut, "{error}");
    let partial = error.partial.unwrap();
    assert_eq!((partial.str("id"), partial.str("arn").is_some()), (Some("orders"), true));
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_table() {
    let world = World::new().await;
    // It was made: it is found, and is ours.
    world.sandbox.trouble("dynamodb:CreateTable", 1, When::After, Trouble::Lost);
    let made = world.apply(TABLE, None, table(&["id"], json!({}))).await;
    assert_eq!(writes(&made.calls), ["CreateTable"]);
    world.delete(TABLE, &made.object).await.unwrap();
    // It was not made: it is asked for once more.
    world.sandbox.trouble("dynamodb:CreateTable", 1, When::Before, Trouble::Lost);
    let made = world.apply(TABLE, None, table(&["id"], json!({}))).await;
    assert_eq!(writes(&made.calls), ["CreateTable", "CreateTable"]);
    // What was there before is somebody else's.
    let error = world.try_apply(TABLE, None, table(&["id"], json!({}))).await.err().unwrap();
    assert_eq!((error.kind, error.partial.is_none()), (ErrorKind::AlreadyExists, true), "{error}");
}

#[tokio::test]
async fn what_is_busy_is_tried_again() {
    let world = World::new().await;
    let simultaneously =
        "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously";
    world.sandbox.trouble("dynamodb:CreateTable", 5, When::Before, refused("LimitExceededException", simultaneously));
    let made = world.apply(TABLE, None, table(&["id"], json!({}))).await.object;
    let busy = || refused("ResourceInUseException", "Attempt to change a resource which is still in use");
    world.sandbox.trouble("dynamodb:UpdateTable", 5, When::Before, busy());
    let changed = world.apply(TABLE, Some(&made), table(&["id"], json!({"deletion_protection_enabled": true}))).await;
    let soon = refused("ContinuousBackupsUnavailableException", "Backups are being enabled for the table");
    world.sandbox.trouble("dynamodb:UpdateContinuousBackups", 5, When::Before, soon);
    let backups = json!({"deletion_protection_enabled": true, "point_in_time_recovery": [{"enabled": true}]});
    let changed = world.apply(TABLE, Some(&changed.object), table(&["id"], backups)).await;
    let error = world.delete(TABLE, &changed.object).await.unwrap_err();
    assert!(error.message.contains("deletion_protection_enabled = false"), "{error}");
}

#[tokio::test]
async fn what_was_changed_is_kept_when_the_rest_fails() {
    let world = World::new().await;
    let denied = "User: u is not authorized to perform: dynamodb:UpdateTimeToLive on resource: arn:aws:dynamodb:us-east-1:1:table/orders";
    let trouble = || refused("AccessDeniedException", denied);
    world.sandbox.trouble("dynamodb:UpdateTimeToLive", 1, When::Before, trouble());
    let ttl = json!({"ttl": [{"attribute_name": "x", "enabled": true}]});
    let error = world.try_apply(TABLE, None, table(&["id"], ttl.clone())).await.err().unwrap();
    assert_eq!((error.kind, &*error.operation), (ErrorKind::AccessDenied, "dynamodb:UpdateTimeToLive"));
    assert_eq!(error.target, "arn:aws:dynamodb:us-east-1:1:table/orders");
    let made = *error.partial.unwrap();
    assert_eq!(made.block("ttl").unwrap().bool("enabled"), Some(false));

    world.sandbox.trouble("dynamodb:UpdateTimeToLive", 1, When::Before, trouble());
    let mut more = ttl;
    more["table_class"] = json!("STANDARD_INFREQUENT_ACCESS");
    let error = world.try_apply(TABLE, Some(&made), table(&["id"], more)).await.err().unwrap();
    let changed = *error.partial.unwrap();
    assert_eq!(changed.str("table_class"), Some("STANDARD_INFREQUENT_ACCESS"));
    assert_eq!(changed.block("ttl").unwrap().bool("enabled"), Some(false));
}

#[tokio::test]
async fn an_import_reads_everything() {
    let world = World::new().await;
    let block = table(
        &["id", "a"],
        json!({
            "global_secondary_index": [index("a", json!({}))], "tags": {"a": "1"},
            "stream_enabled": true, "stream_view_type": "KEYS_ONLY", "ttl": [{"attribute_name": "x", "enabled": true}],
        }),
    );
    let made = world.apply(TABLE, None, block.clone()).await.object;
    let imported = world.import(TABLE, "orders").await;
    assert_eq!(imported, made);
    assert_eq!(world.plan(TABLE, Some(&imported), &block).action, Action::NoOp);
}
