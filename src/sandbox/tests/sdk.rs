//! Round trips through the real SDK clients: that every answer has the shape that they read.

use super::*;
use aws_sdk_dynamodb::types as ddb;
use aws_sdk_sfn::types as states;

fn attribute(name: &str, kind: ddb::ScalarAttributeType) -> ddb::AttributeDefinition {
    ddb::AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
}

fn key(name: &str, kind: ddb::KeyType) -> ddb::KeySchemaElement {
    ddb::KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

fn units(read: i64, write: i64) -> ddb::ProvisionedThroughput {
    ddb::ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build().unwrap()
}

#[tokio::test]
async fn dynamodb_tables() {
    let c = Clients::of(&Sandbox::in_memory(1)).dynamodb;
    let index = ddb::GlobalSecondaryIndex::builder()
        .index_name("by-at")
        .key_schema(key("at", ddb::KeyType::Hash))
        .projection(ddb::Projection::builder().projection_type(ddb::ProjectionType::KeysOnly).build())
        .provisioned_throughput(units(1, 1))
        .build()
        .unwrap();
    let stream = ddb::StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(ddb::StreamViewType::NewImage)
        .build()
        .unwrap();
    c.create_table()
        .table_name("tab")
        .attribute_definitions(attribute("id", ddb::ScalarAttributeType::S))
        .attribute_definitions(attribute("at", ddb::ScalarAttributeType::N))
        .key_schema(key("id", ddb::KeyType::Hash))
        .provisioned_throughput(units(2, 3))
        .global_secondary_indexes(index)
        .stream_specification(stream)
        .sse_specification(ddb::SseSpecification::builder().enabled(true).build())
        .table_class(ddb::TableClass::StandardInfrequentAccess)
        .deletion_protection_enabled(false)
        .tags(ddb::Tag::builder().key("a").value("1").build().unwrap())
        .send()
        .await
        .unwrap();
    let t = c.describe_table().table_name("tab").send().await.unwrap().table.unwrap();
    assert_eq!(t.table_status(), Some(&ddb::TableStatus::Active));
    assert_eq!(t.creation_date_time().unwrap().secs(), 1_767_225_600);
    assert_eq!(t.provisioned_throughput().unwrap().write_capacity_units(), Some(3));
    assert_eq!(t.global_secondary_indexes()[0].index_status(), Some(&ddb::IndexStatus::Active));
    assert_eq!(t.warm_throughput().unwrap().read_units_per_second(), Some(2));
    assert_eq!(t.sse_description().unwrap().status(), Some(&ddb::SseStatus::Enabled));
    assert_eq!(t.table_class_summary().unwrap().table_class(), Some(&ddb::TableClass::StandardInfrequentAccess));
    assert!(t.latest_stream_arn().unwrap().starts_with(t.table_arn().unwrap()));

    let ttl = ddb::TimeToLiveSpecification::builder().enabled(true).attribute_name("x").build().unwrap();
    c.update_time_to_live().table_name("tab").time_to_live_specification(ttl).send().await.unwrap();
    let ttl = c.describe_time_to_live().table_name("tab").send().await.unwrap().time_to_live_description.unwrap();
    assert_eq!(ttl.time_to_live_status(), Some(&ddb::TimeToLiveStatus::Enabled));

    let recovery =
        ddb::PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().unwrap();
    c.update_continuous_backups()
        .table_name("tab")
        .point_in_time_recovery_specification(recovery)
        .send()
        .await
        .unwrap();
    let backups =
        c.describe_continuous_backups().table_name("tab").send().await.unwrap().continuous_backups_description.unwrap();
    let recovery = backups.point_in_time_recovery_description().unwrap();
    assert_eq!(recovery.point_in_time_recovery_status(), Some(&ddb::PointInTimeRecoveryStatus::Enabled));
    assert_eq!(recovery.earliest_restorable_date_time().unwrap().secs(), 1_767_225_600);

    let arn = t.table_arn().unwrap();
    c.tag_resource()
        .resource_arn(arn)
        .tags(ddb::Tag::builder().key("b").value("2").build().unwrap())
        .send()
        .await
        .unwrap();
    c.untag_resource().resource_arn(arn).tag_keys("a").send().await.unwrap();
    let tags = c.list_tags_of_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags().iter().map(|t| t.key()).collect::<Vec<_>>(), ["b"]);

    let policy = c.put_resource_policy().resource_arn(arn).policy(r#"{"Statement":[]}"#).send().await.unwrap();
    assert!(policy.revision_id().is_some());
    let error = c.get_resource_policy().resource_arn(t.latest_stream_arn().unwrap()).send().await.unwrap_err();
    assert!(error.into_service_error().is_policy_not_found_exception());

    let updated =
        c.update_table().table_name("tab").billing_mode(ddb::BillingMode::PayPerRequest).send().await.unwrap();
    let summary = updated.table_description.unwrap().billing_mode_summary.unwrap();
    assert_eq!(summary.billing_mode(), Some(&ddb::BillingMode::PayPerRequest));
    assert_eq!(c.list_tables().send().await.unwrap().table_names(), ["tab"]);
    c.delete_table().table_name("tab").send().await.unwrap();
    let error = c.describe_table().table_name("tab").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let error = c.describe_continuous_backups().table_name("tab").send().await.unwrap_err();
    assert!(error.into_service_error().is_table_not_found_exception());
}

#[tokio::test]
async fn dynamodb_items() {
    let c = Clients::of(&Sandbox::in_memory(1)).dynamodb;
    c.create_table()
        .table_name("tab")
        .attribute_definitions(attribute("id", ddb::ScalarAttributeType::S))
        .key_schema(key("id", ddb::KeyType::Hash))
        .billing_mode(ddb::BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    let text = |s: &str| ddb::AttributeValue::S(s.to_owned());
    c.put_item()
        .table_name("tab")
        .item("id", text("1"))
        .item("n", ddb::AttributeValue::N("1.50".into()))
        .send()
        .await
        .unwrap();
    let item = c.get_item().table_name("tab").key("id", text("1")).send().await.unwrap().item.unwrap();
    assert_eq!(item["n"], ddb::AttributeValue::N("1.5".into()));
    let refused = c.put_item().table_name("tab").item("id", text("1")).condition_expression("attribute_not_exists(id)");
    let refused =
        refused.return_values_on_condition_check_failure(ddb::ReturnValuesOnConditionCheckFailure::AllOld).send().await;
    match refused.unwrap_err().into_service_error() {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(e) => {
            assert_eq!(e.item().unwrap()["id"], text("1"));
        }
        other => panic!("{other:?}"),
    }
    let check = ddb::ConditionCheck::builder()
        .table_name("tab")
        .key("id", text("none"))
        .condition_expression("attribute_exists(id)");
    let write = ddb::TransactWriteItem::builder().condition_check(check.build().unwrap()).build();
    let cancelled = c.transact_write_items().transact_items(write).send().await.unwrap_err().into_service_error();
    match cancelled {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(e) => {
            assert_eq!(e.cancellation_reasons()[0].code(), Some("ConditionalCheckFailed"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn iam() {
    let c = Clients::of(&Sandbox::in_memory(1)).iam;
    let tag = aws_sdk_iam::types::Tag::builder().key("k").value("v & w").build().unwrap();
    let made =
        c.create_role().role_name("r").assume_role_policy_document(TRUST).tags(tag.clone()).send().await.unwrap();
    assert_eq!(made.role().unwrap().create_date().secs(), 1_767_225_600);
    let role = c.get_role().role_name("r").send().await.unwrap().role.unwrap();
    assert_eq!((role.max_session_duration(), role.tags()), (Some(3600), &[tag][..]));
    assert!(role.role_last_used().is_some());
    let allow = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    c.put_role_policy().role_name("r").policy_name("p").policy_document(allow).send().await.unwrap();
    assert_eq!(c.list_role_policies().role_name("r").send().await.unwrap().policy_names(), ["p"]);
    let policy = c.create_policy().policy_name("m").policy_document(allow).send().await.unwrap().policy.unwrap();
    let arn = policy.arn().unwrap();
    c.attach_role_policy().role_name("r").policy_arn(arn).send().await.unwrap();
    let attached = c.list_attached_role_policies().role_name("r").send().await.unwrap();
    assert_eq!((attached.attached_policies()[0].policy_arn(), attached.is_truncated()), (Some(arn), false));
    c.create_policy_version().policy_arn(arn).policy_document(allow).set_as_default(true).send().await.unwrap();
    let versions = c.list_policy_versions().policy_arn(arn).send().await.unwrap();
    let shown: Vec<_> = versions.versions().iter().map(|v| (v.version_id().unwrap(), v.is_default_version())).collect();
    assert_eq!(shown, [("v2", true), ("v1", false)]);
    assert_eq!(c.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap().attachment_count(), Some(1));
    assert!(c.list_role_tags().role_name("r").send().await.unwrap().tags().len() == 1);
    assert!(c.list_roles().send().await.unwrap().roles().len() == 1);
    assert!(c.list_instance_profiles_for_role().role_name("r").send().await.unwrap().instance_profiles().is_empty());
    let error = c.delete_role().role_name("r").send().await.unwrap_err().into_service_error();
    assert!(error.is_delete_conflict_exception());
    let error = c.get_role().role_name("none").send().await.unwrap_err().into_service_error();
    assert!(error.is_no_such_entity_exception());
    let error = c.create_role().role_name("r").assume_role_policy_document(TRUST).send().await.unwrap_err();
    assert!(error.into_service_error().is_entity_already_exists_exception());
    let error = c.create_role().role_name("s").assume_role_policy_document("x").send().await.unwrap_err();
    assert!(error.into_service_error().is_malformed_policy_document_exception());
    let pages: Vec<_> = {
        let mut pages = c.list_policies().max_items(500).into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(policy) = pages.next().await {
            names.push(policy.unwrap().policy_name.unwrap());
        }
        names
    };
    assert!(pages.len() > 1000 && pages[0] == "m");
}

#[tokio::test]
async fn step_functions() {
    let sandbox = Sandbox::in_memory(1);
    let clients = Clients::of(&sandbox);
    let c = clients.sfn;
    clients.iam.create_role().role_name("r").assume_role_policy_document(TRUST).send().await.unwrap();
    let role = "arn:aws:iam::000000000000:role/r";
    let made = c
        .create_state_machine()
        .name("sm")
        .definition(PASS)
        .role_arn(role)
        .publish(true)
        .version_description("v")
        .send()
        .await
        .unwrap();
    assert_eq!(made.creation_date().secs(), 1_767_225_600);
    let arn = made.state_machine_arn();
    let sm = c.describe_state_machine().state_machine_arn(arn).send().await.unwrap();
    assert_eq!(
        (sm.status(), sm.r#type()),
        (Some(&states::StateMachineStatus::Active), &states::StateMachineType::Standard)
    );
    assert_eq!(sm.logging_configuration().unwrap().level(), Some(&states::LogLevel::Off));
    assert_eq!(sm.revision_id(), None);
    let updated = c
        .update_state_machine()
        .state_machine_arn(arn)
        .definition(PASS.replace("\"A\"", "\"B\""))
        .publish(true)
        .send()
        .await
        .unwrap();
    assert_eq!(updated.state_machine_version_arn(), Some(format!("{arn}:2").as_str()));
    assert!(updated.revision_id().is_some());
    let route = |n: u32, weight| {
        states::RoutingConfigurationListItem::builder()
            .state_machine_version_arn(format!("{arn}:{n}"))
            .weight(weight)
            .build()
            .unwrap()
    };
    let alias = c
        .create_state_machine_alias()
        .name("live")
        .routing_configuration(route(1, 40))
        .routing_configuration(route(2, 60))
        .send()
        .await
        .unwrap();
    let shown =
        c.describe_state_machine_alias().state_machine_alias_arn(alias.state_machine_alias_arn()).send().await.unwrap();
    assert_eq!(shown.routing_configuration()[1].weight(), 60);
    assert_eq!(
        c.list_state_machine_versions().state_machine_arn(arn).send().await.unwrap().state_machine_versions().len(),
        2
    );
    assert_eq!(
        c.list_state_machine_aliases().state_machine_arn(arn).send().await.unwrap().state_machine_aliases().len(),
        1
    );
    let activity = c.create_activity().name("a").send().await.unwrap();
    c.describe_activity().activity_arn(activity.activity_arn()).send().await.unwrap();
    c.tag_resource().resource_arn(arn).tags(states::Tag::builder().key("a").value("1").build()).send().await.unwrap();
    assert_eq!(c.list_tags_for_resource().resource_arn(arn).send().await.unwrap().tags()[0].key(), Some("a"));
    let checked = c.validate_state_machine_definition().definition("{}").send().await.unwrap();
    assert_eq!(checked.result(), &states::ValidateStateMachineDefinitionResultCode::Fail);
    assert_eq!(checked.diagnostics()[0].severity(), &states::ValidateStateMachineDefinitionSeverity::Error);
    let error = c.create_state_machine().name("x").definition("{}").role_arn(role).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_definition());
    let error = c.start_execution().state_machine_arn(arn).send().await.unwrap_err();
    assert!(error.into_service_error().is_validation_exception());
    c.delete_state_machine().state_machine_arn(arn).send().await.unwrap();
    let error = c.describe_state_machine().state_machine_arn(arn).send().await.unwrap_err();
    assert!(error.into_service_error().is_state_machine_does_not_exist());
}

#[tokio::test]
async fn logs() {
    let c = Clients::of(&Sandbox::in_memory(1)).logs;
    for name in ["g1", "g2", "g3"] {
        c.create_log_group().log_group_name(name).tags("a", "1").send().await.unwrap();
    }
    c.put_retention_policy().log_group_name("g1").retention_in_days(30).send().await.unwrap();
    let mut pages = c.describe_log_groups().limit(2).into_paginator().items().send();
    let mut shown = Vec::new();
    while let Some(group) = pages.next().await {
        let group = group.unwrap();
        shown.push((group.log_group_name.unwrap(), group.retention_in_days));
    }
    assert_eq!(shown, [("g1".to_owned(), Some(30)), ("g2".to_owned(), None), ("g3".to_owned(), None)]);
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g1";
    let tags = c.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["a"], "1");
    let error = c.delete_log_group().log_group_name("none").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}
