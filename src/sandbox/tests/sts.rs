//! STS and KMS.

use super::*;

#[test]
fn who_one_is() {
    let steps: &[Step] = &[
        (
            "sts:GetCallerIdentity",
            json!({}),
            r#"{"Account":"000000000000","Arn":"arn:aws:iam::000000000000:user/sandbox","UserId":"?"}"#,
        ),
        ("sts:GetAccessKeyInfo", json!({"AccessKeyId": "AKIDTESTAKIDTEST"}), r#"{"Account":"000000000000"}"#),
        (
            "sts:GetSessionToken",
            json!({}),
            r#"{"Credentials":{"AccessKeyId":"?","Expiration":"2026-01-01T12:00:00Z"}}"#,
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
    let other = Sandbox::options().account("123456789012").in_memory();
    run(&other, &[("sts:GetCallerIdentity", json!({}), r#"{"Account":"123456789012"}"#)]);
    assert_eq!(other.account(), "123456789012");
}

#[test]
fn assume_role() {
    let trust = |account: &str| {
        json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"}})
            .to_string()
    };
    let ask_for = |arn: &str| json!({"RoleArn": arn, "RoleSessionName": "me"});
    let denied = |arn: &str| {
        format!(
            "AccessDenied: User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )
    };
    let (here, stranger) = ("arn:aws:iam::000000000000:role/deploy", "arn:aws:iam::000000000000:role/stranger");
    let steps: &[Step] = &[
        ("sts:AssumeRole", ask_for(here), &denied(here)),
        ("iam:CreateRole", json!({"RoleName": "deploy", "AssumeRolePolicyDocument": trust("000000000000")}), ""),
        ("iam:CreateRole", json!({"RoleName": "stranger", "AssumeRolePolicyDocument": trust("111111111111")}), ""),
        (
            "sts:AssumeRole",
            ask_for(here),
            r#"{"AssumedRoleUser":{"Arn":"arn:aws:sts::000000000000:assumed-role/deploy/me","AssumedRoleId":"?"},
               "Credentials":{"AccessKeyId":"?","SecretAccessKey":"?","SessionToken":"?","Expiration":"2026-01-01T01:00:00Z"}}"#,
        ),
        ("sts:AssumeRole", ask_for(stranger), &denied(stranger)),
        (
            "sts:AssumeRole",
            ask_for("arn:aws:iam::1:nothing/at-all"),
            "ValidationError: arn:aws:iam::1:nothing/at-all is invalid",
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": here}),
            "ValidationError: 1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not \
             be null",
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": here, "RoleSessionName": "me", "DurationSeconds": 1}),
            "ValidationError: 1 validation error detected: Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have \
             value greater than or equal to 900",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[tokio::test]
async fn another_account_is_another_world() {
    let sandbox = Sandbox::in_memory(1);
    let here = Clients::of(&sandbox);
    let role = "arn:aws:iam::222222222222:role/deploy";
    let assumed = here.sts.assume_role().role_arn(role).role_session_name("me").send().await.unwrap();
    let there = Clients::at(&sandbox, "us-east-1", keys(assumed.credentials().unwrap().access_key_id()));
    let who = there.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account(), Some("222222222222"));
    assert_eq!(who.arn(), Some("arn:aws:sts::222222222222:assumed-role/deploy/me"));
    let made = there.iam.create_role().role_name("r").assume_role_policy_document(TRUST).send().await.unwrap();
    assert_eq!(made.role().unwrap().arn(), "arn:aws:iam::222222222222:role/r");
    assert!(here.iam.get_role().role_name("r").send().await.is_err());
    // From there on, further: the chain of accounts is followed.
    let next = there
        .sts
        .assume_role()
        .role_arn("arn:aws:iam::333333333333:role/x")
        .role_session_name("me")
        .send()
        .await
        .unwrap();
    let further = Clients::at(&sandbox, "us-east-1", keys(next.credentials().unwrap().access_key_id()));
    assert_eq!(further.sts.get_caller_identity().send().await.unwrap().account(), Some("333333333333"));
}

#[test]
fn kms_keys() {
    let sandbox = Sandbox::in_memory(1);
    let id = "11111111-2222-3333-4444-555555555555";
    let steps: &[Step] = &[
        (
            "kms:DescribeKey",
            json!({"KeyId": "alias/aws/dynamodb"}),
            r#"{"KeyMetadata":{"KeyManager":"AWS","Enabled":true,"AWSAccountId":"000000000000"}}"#,
        ),
        (
            "kms:DescribeKey",
            json!({"KeyId": id}),
            r#"{"KeyMetadata":{"KeyManager":"CUSTOMER","Arn":"arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"}}"#,
        ),
        ("kms:DescribeKey", json!({"KeyId": "nothing"}), "NotFoundException: Invalid keyId 'nothing'"),
        (
            "kms:DescribeKey",
            json!({"KeyId": "alias/mine"}),
            "NotFoundException: Alias arn:aws:kms:us-east-1:000000000000:alias/mine is not found.",
        ),
        (
            "kms:ListAliases",
            json!({"Limit": 1}),
            r#"{"Aliases":[{"AliasName":"alias/aws/dynamodb"}],"Truncated":true}"#,
        ),
    ];
    run(&sandbox, steps);
    // A table encrypted with the service's key names the key that the alias means.
    let table = json!({
        "TableName": "tab", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST", "SSESpecification": {"Enabled": true},
    });
    let made = ask(&sandbox, "dynamodb:CreateTable", table).unwrap();
    let key = ask(&sandbox, "kms:DescribeKey", json!({"KeyId": "alias/aws/dynamodb"})).unwrap();
    assert_eq!(made["TableDescription"]["SSEDescription"]["KMSMasterKeyArn"], key["KeyMetadata"]["Arn"]);
    let by_arn = ask(&sandbox, "kms:DescribeKey", json!({"KeyId": key["KeyMetadata"]["Arn"]})).unwrap();
    assert_eq!(by_arn["KeyMetadata"]["KeyManager"], "AWS");
}
