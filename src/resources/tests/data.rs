//! Small data sources against the embedded AWS, and `terraform_data`.

use super::*;
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
