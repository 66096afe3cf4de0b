//! Small data sources against the embedded AWS, and `terraform_data`.

use super::*;
use crate::resources::ErrorKind;
use crate::sandbox::{Trouble, When};
use serde_json::json;

#[tokio::test]
async fn who_and_where() {
    let world = World::new().await;
    let account = world.place.account.clone();
    let caller = world.data("aws_caller_identity", json!({})).await.unwrap();
    assert_eq!((caller.str("account_id"), caller.str("id")), (Some(&*account), Some(&*account)));
    assert!(arn_of(&caller).contains(&account));
    // The account was asked for when the place was: once is enough.
    assert_eq!(world.sandbox.take_calls(), [""; 0]);

    let region = world.data("aws_region", json!({})).await.unwrap();
    assert_eq!((region.str("name"), region.str("description")), (Some("us-east-1"), Some("US East (N. Virginia)")));
    let other = world.data("aws_region", json!({"name": "cn-north-1"})).await.unwrap();
    assert_eq!(other.str("endpoint"), Some("ec2.cn-north-1.amazonaws.com.cn"));
    let error = world.data("aws_region", json!({"name": "us-eest-1"})).await.unwrap_err();
    assert!(error.message.contains("us-east-1"), "{error}");

    let partition = world.data("aws_partition", json!({})).await.unwrap();
    assert_eq!((partition.str("partition"), partition.str("reverse_dns_prefix")), (Some("aws"), Some("com.amazonaws")));
    let principal = world.data("aws_service_principal", json!({"service_name": "states"})).await.unwrap();
    assert_eq!(principal.str("name"), Some("states.amazonaws.com"));
    assert_eq!(principal.str("id"), Some("states.us-east-1.amazonaws.com"));
    let tags = world.data("aws_default_tags", json!({})).await.unwrap();
    assert_eq!((tags.string_map("tags"), tags.str("id")), (vec![], Some("aws")));
}

#[tokio::test]
async fn keys_and_their_names() {
    let world = World::new().await;
    let alias = world.data("aws_kms_alias", json!({"name": "alias/aws/dynamodb"})).await.unwrap();
    assert_eq!(arn_of(&alias), "arn:aws:kms:us-east-1:000000000000:alias/aws/dynamodb");
    assert_eq!(world.sandbox.take_calls(), ["kms:ListAliases"]);
    let key = world.data("aws_kms_key", json!({"key_id": "alias/aws/dynamodb"})).await.unwrap();
    assert_eq!(world.sandbox.take_calls(), ["kms:DescribeKey"]);
    assert_eq!(alias.str("target_key_arn"), key.str("arn"));
    assert_eq!(alias.str("target_key_id"), key.str("id"));
    assert_eq!((key.str("key_manager"), key.bool("enabled")), (Some("AWS"), Some(true)));
    assert_eq!(key.str("creation_date"), Some("2026-01-01T00:00:00Z"));
    assert!(key.get("deletion_date").unwrap().is_null());

    let error = world.data("aws_kms_alias", json!({"name": "alias/none"})).await.unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, "There is no KMS alias \"alias/none\"."));
    let error = world.data("aws_kms_key", json!({"key_id": "alias/none"})).await.unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, "There is no KMS key \"alias/none\"."));
    let refused = Trouble::Refused { status: 400, code: "AccessDeniedException".into(), message: "no".into() };
    world.sandbox.trouble("kms:DescribeKey", 1, When::Before, refused);
    let error = world.data("aws_kms_key", json!({"key_id": "alias/aws/s3"})).await.unwrap_err();
    assert_eq!((error.kind, &*error.operation), (ErrorKind::AccessDenied, "kms:DescribeKey"));

    for (ty, attribute, good, bad) in [
        ("aws_kms_alias", "name", "alias/a/b_c-1", "a"),
        ("aws_kms_alias", "name", "alias/aws/s3", "alias/a b"),
        ("aws_kms_key", "key_id", "1234abcd-12ab-34cd-56ef-1234567890ab", "key"),
        ("aws_kms_key", "key_id", "mrk-1234abcd12ab34cd56ef1234567890ab", "not a key"),
        ("aws_kms_key", "key_id", "arn:aws:kms:us-east-1:1:key/1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:s3:::b"),
    ] {
        let check = data_source(ty).unwrap().schema().block.attribute(attribute).unwrap().check.unwrap();
        assert!(check(&Value::string(good)).is_ok() && check(&Value::string(bad)).is_err(), "{ty} {good} {bad}");
    }
}

#[tokio::test]
async fn holes_go_through_what_asks_nothing() {
    let world = World::new().await;
    let hole = || Value::unknown(crate::value::Type::String);
    for (ty, known) in [("aws_region", "name"), ("aws_service_principal", "service_name")] {
        let source = data_source(ty).unwrap();
        assert!(source.pure());
        let config = config(source.schema(), &json!({})).with(known, hole());
        let read = source.read(&world.aws, &config).await.unwrap();
        assert!(is_hole(&read, known) && is_hole(&read, "id"), "{ty}");
        let crate::value::Type::Object(fields, _) = source.schema().ty() else { panic!() };
        assert!(fields.keys().eq(read.0.keys()), "{ty}: {:?}", read.0.keys());
    }
}
