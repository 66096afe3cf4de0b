//! `aws_cloudwatch_log_group` against the embedded AWS.

use super::*;
use crate::resources::ErrorKind;
use crate::sandbox::{Trouble, When};
use serde_json::json;

const GROUP: &str = "aws_cloudwatch_log_group";

#[tokio::test]
async fn a_log_group_from_its_making_to_its_end() {
    let world = World::new().await;
    let (update, none) = (Action::Update, Action::NoOp);
    let mut object: Option<Object> = None;
    let key = "arn:aws:kms:us-east-1:000000000000:key/1";
    for (block, action, calls) in [
        (json!({"name": "/a/b"}), Action::Create, &["logs:CreateLogGroup", "logs:DescribeLogGroups"][..]),
        (json!({"name": "/a/b", "retention_in_days": 0}), none, &[]),
        (
            json!({"name": "/a/b", "retention_in_days": 7}),
            update,
            &["logs:PutRetentionPolicy", "logs:DescribeLogGroups"],
        ),
        (
            json!({"name": "/a/b", "tags": {"a": "1"}}),
            update,
            &["logs:DeleteRetentionPolicy", "logs:TagResource", "logs:DescribeLogGroups"],
        ),
        (
            json!({"name": "/a/b", "tags": {"b": "1"}, "kms_key_id": key}),
            update,
            &["logs:AssociateKmsKey", "logs:UntagResource", "logs:TagResource", "logs:DescribeLogGroups"],
        ),
        (json!({"name": "/a/b", "tags": {"b": "1"}}), update, &["logs:DisassociateKmsKey", "logs:DescribeLogGroups"]),
        (json!({"name": "/a/b", "tags": {"b": "1"}, "log_group_class": "STANDARD"}), none, &[]),
        (json!({"name": "/a/b", "tags": {"b": "1"}, "skip_destroy": true}), update, &["logs:DescribeLogGroups"]),
        (
            json!({"name": "/a/b", "log_group_class": "INFREQUENT_ACCESS"}),
            Action::DeleteThenCreate,
            &["logs:CreateLogGroup", "logs:DescribeLogGroups"],
        ),
    ] {
        if action == Action::DeleteThenCreate {
            // skip_destroy leaves it; somebody cleans up.
            let named = Object::new().with("id", "/a/b");
            world.delete(GROUP, &named).await.unwrap();
        }
        let applied = world.apply(GROUP, object.as_ref(), block.clone()).await;
        assert_eq!(applied.action, action, "{block}");
        assert_eq!(applied.calls, calls, "{block}");
        object = Some(applied.object);
    }
    let object = object.unwrap();
    assert_eq!(world.delete(GROUP, &object).await.unwrap(), ["logs:DeleteLogGroup"]);
    assert_eq!(world.read(GROUP, &object).await, None);
    world.delete(GROUP, &object).await.unwrap();
}

#[tokio::test]
async fn names_are_generated_when_they_are_needed() {
    let world = World::new().await;
    for (block, prefix) in [(json!({}), "terraform-"), (json!({"name_prefix": "/x/"}), "/x/")] {
        let made = world.apply(GROUP, None, block).await;
        assert!(is_hole(&made.planned, "name") && is_hole(&made.planned, "arn"));
        let name = made.object.str("name").unwrap();
        assert_eq!((&name[..prefix.len()], name.len()), (prefix, prefix.len() + 26));
        assert_eq!(made.object.str("name_prefix"), Some(prefix));
        assert!(arn_of(&made.object).ends_with(&format!(":log-group:{name}")));
        let imported = world.import(GROUP, name).await;
        let no_tags = Value::map(crate::value::Type::String, crate::value::Fields::new());
        assert_eq!(imported, made.object.clone().with("tags", no_tags));
    }
}

#[tokio::test]
async fn the_right_one_of_many_is_found() {
    let world = World::new().await;
    for name in ["/a/b", "/a/bc", "/a"] {
        world.apply(GROUP, None, json!({"name": name})).await;
    }
    assert_eq!(world.import(GROUP, "/a/b").await.str("name"), Some("/a/b"));
    let nobody = of(GROUP).import_id("/a/").unwrap();
    assert_eq!(world.read(GROUP, &nobody).await, None);
    assert!(of(GROUP).import_id("arn:aws:logs:us-east-1:1:log-group:x").is_err());
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_group() {
    let world = World::new().await;
    world.sandbox.trouble("logs:CreateLogGroup", 1, When::After, Trouble::Lost);
    world.apply(GROUP, None, json!({"name": "a"})).await;
    world.sandbox.trouble("logs:CreateLogGroup", 1, When::Before, Trouble::Lost);
    let error = world.try_apply(GROUP, None, json!({"name": "b"})).await.err().unwrap();
    assert_eq!((error.kind, error.partial.is_none()), (ErrorKind::Doubtful, true));
    let error = world.try_apply(GROUP, None, json!({"name": "a"})).await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn what_is_busy_is_tried_again() {
    let world = World::new().await;
    let busy = || Trouble::Refused { status: 400, code: "OperationAbortedException".into(), message: "busy".into() };
    for operation in ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"] {
        world.sandbox.trouble(operation, 3, When::Before, busy());
    }
    let made = world.apply(GROUP, None, json!({"name": "a", "retention_in_days": 5})).await;
    assert_eq!(made.object.int("retention_in_days"), Some(5));
    world.delete(GROUP, &made.object).await.unwrap();
}

#[tokio::test]
async fn log_groups_are_found() {
    let world = World::new().await;
    let block = json!({"name": "/a/b", "retention_in_days": 7, "tags": {"a": "1"}});
    let group = world.apply(GROUP, None, block).await.object;
    world.apply(GROUP, None, json!({"name": "/a/bc"})).await;
    world.apply(GROUP, None, json!({"name": "/z"})).await;
    let data = world.data(GROUP, json!({"name": "/a/b"})).await.unwrap();
    for name in ["arn", "id", "kms_key_id", "log_group_class", "name", "retention_in_days", "tags"] {
        assert_eq!(data.get(name), group.get(name), "{name}");
    }
    assert_eq!(data.int("creation_time"), Some(1_767_225_600_000));
    let error = world.data(GROUP, json!({"name": "/a"})).await.unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, "There is no log group \"/a\"."));

    let data = world.data("aws_cloudwatch_log_groups", json!({"log_group_name_prefix": "/a/"})).await.unwrap();
    assert_eq!((data.strings("log_group_names"), data.str("id")), (vec!["/a/b", "/a/bc"], Some("us-east-1")));
    assert!(data.strings("arns").contains(&arn_of(&group)));
    let data = world.data("aws_cloudwatch_log_groups", json!({})).await.unwrap();
    assert_eq!(data.strings("log_group_names").len(), 3);
}
