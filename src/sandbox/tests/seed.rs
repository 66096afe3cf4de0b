//! The seed stack: a table, a role, its policy, a state machine, a log group.

use super::*;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};

async fn create(c: &Clients) {
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let id =
        AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build().unwrap();
    let table = c.dynamodb.create_table().table_name("my-table").key_schema(key).attribute_definitions(id);
    let created = table.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
    assert_eq!(created.table_description().unwrap().table_status(), Some(&TableStatus::Creating));
    c.iam.create_role().role_name("flow").assume_role_policy_document(TRUST).send().await.unwrap();
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:us-east-1:000000000000:table/my-table"}}"#;
    c.iam.put_role_policy().role_name("flow").policy_name("ddb").policy_document(policy).send().await.unwrap();
    let role = "arn:aws:iam::000000000000:role/flow";
    c.sfn.create_state_machine().name("sm").definition(PASS).role_arn(role).send().await.unwrap();
    c.logs.create_log_group().log_group_name("/aws/vendedlogs/sm").send().await.unwrap();
}

async fn check(c: &Clients) {
    let who = c.sts.get_caller_identity().send().await.unwrap();
    assert_eq!((who.account(), who.arn()), (Some("000000000000"), Some("arn:aws:iam::000000000000:user/sandbox")));
    let table = c.dynamodb.describe_table().table_name("my-table").send().await.unwrap().table.unwrap();
    assert_eq!(table.table_status(), Some(&TableStatus::Active));
    assert_eq!(table.table_arn(), Some("arn:aws:dynamodb:us-east-1:000000000000:table/my-table"));
    let role = c.iam.get_role().role_name("flow").send().await.unwrap().role.unwrap();
    assert_eq!(role.arn(), "arn:aws:iam::000000000000:role/flow");
    assert!(role.role_id().starts_with("AROA") && role.role_id().len() == 21);
    let document = role.assume_role_policy_document().unwrap();
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{document}");
    let policy = c.iam.get_role_policy().role_name("flow").policy_name("ddb").send().await.unwrap();
    assert!(policy.policy_document().contains("%22dynamodb%3APutItem%22"));
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:sm";
    let machine = c.sfn.describe_state_machine().state_machine_arn(arn).send().await.unwrap();
    assert_eq!(machine.definition(), PASS);
    let groups = c.logs.describe_log_groups().log_group_name_prefix("/aws/vendedlogs/").send().await.unwrap();
    let arn = groups.log_groups()[0].arn();
    assert_eq!(arn, Some("arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/sm:*"));
}

#[tokio::test]
async fn in_memory() {
    let c = Clients::of(&Sandbox::in_memory(1));
    create(&c).await;
    check(&c).await;
}

#[tokio::test]
async fn kept_under_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    create(&Clients::of(&Sandbox::open(dir.path()).unwrap())).await;
    check(&Clients::of(&Sandbox::open(dir.path()).unwrap())).await;
}
