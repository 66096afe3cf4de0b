//! Worlds under a directory: kept, shared, whole.

use super::*;

fn group(name: &str) -> Value {
    json!({"logGroupName": name})
}

fn count(sandbox: &Sandbox) -> usize {
    ask(sandbox, "logs:DescribeLogGroups", json!({})).unwrap()["logGroups"].as_array().unwrap().len()
}

#[test]
fn everything_survives() {
    let dir = tempfile::tempdir().unwrap();
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:sm";
    let table = json!({
        "TableName": "tab",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [{"IndexName": "by-at", "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}, "OnDemandThroughput": {"MaxReadRequestUnits": 5}}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
        "SSESpecification": {"Enabled": true}, "TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": true,
        "Tags": [{"Key": "a", "Value": "1"}], "WarmThroughput": {"ReadUnitsPerSecond": 15000},
    });
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let steps: &[Step] = &[
        ("dynamodb:CreateTable", table, ""),
        (
            "dynamodb:UpdateTimeToLive",
            json!({"TableName": "tab", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "x"}}),
            "",
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            json!({"TableName": "tab", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 9}}),
            "",
        ),
        ("dynamodb:UpdateContributorInsights", json!({"TableName": "tab", "ContributorInsightsAction": "ENABLE"}), ""),
        (
            "iam:CreateRole",
            json!({"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Description": "d", "Tags": [{"Key": "a", "Value": "1"}],
                "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            "",
        ),
        ("iam:PutRolePolicy", json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": policy}), ""),
        ("iam:CreatePolicy", json!({"PolicyName": "m", "PolicyDocument": policy}), ""),
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": "arn:aws:iam::000000000000:policy/m", "PolicyDocument": policy}),
            "",
        ),
        ("iam:AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": "arn:aws:iam::000000000000:policy/m"}), ""),
        ("iam:CreateInstanceProfile", json!({"InstanceProfileName": "i"}), ""),
        ("iam:AddRoleToInstanceProfile", json!({"InstanceProfileName": "i", "RoleName": "r"}), ""),
        (
            "states:CreateStateMachine",
            json!({"name": "sm", "definition": PASS, "roleArn": "arn:aws:iam::000000000000:role/r", "publish": true, "versionDescription": "v",
                "tags": [{"key": "a", "value": "1"}]}),
            "",
        ),
        (
            "states:CreateStateMachineAlias",
            json!({"name": "live", "routingConfiguration": [{"stateMachineVersionArn": format!("{arn}:1"), "weight": 100}]}),
            "",
        ),
        ("states:CreateActivity", json!({"name": "act"}), ""),
        ("logs:CreateLogGroup", json!({"logGroupName": "g", "tags": {"a": "1"}}), ""),
        ("logs:PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 7}), ""),
    ];
    let looks = [
        ("dynamodb:DescribeTable", json!({"TableName": "tab"})),
        ("dynamodb:DescribeTimeToLive", json!({"TableName": "tab"})),
        ("dynamodb:DescribeContinuousBackups", json!({"TableName": "tab"})),
        ("dynamodb:DescribeContributorInsights", json!({"TableName": "tab"})),
        ("dynamodb:ListTagsOfResource", json!({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/tab"})),
        ("iam:GetRole", json!({"RoleName": "r"})),
        ("iam:GetRolePolicy", json!({"RoleName": "r", "PolicyName": "p"})),
        ("iam:ListAttachedRolePolicies", json!({"RoleName": "r"})),
        ("iam:GetPolicy", json!({"PolicyArn": "arn:aws:iam::000000000000:policy/m"})),
        ("iam:ListPolicyVersions", json!({"PolicyArn": "arn:aws:iam::000000000000:policy/m"})),
        ("iam:GetInstanceProfile", json!({"InstanceProfileName": "i"})),
        ("states:DescribeStateMachine", json!({"stateMachineArn": arn})),
        ("states:DescribeStateMachine", json!({"stateMachineArn": format!("{arn}:1")})),
        ("states:DescribeStateMachineAlias", json!({"stateMachineAliasArn": format!("{arn}:live")})),
        ("states:ListTagsForResource", json!({"resourceArn": arn})),
        ("states:ListActivities", json!({})),
        ("logs:DescribeLogGroups", json!({})),
        ("logs:ListTagsLogGroup", json!({"logGroupName": "g"})),
        ("kms:DescribeKey", json!({"KeyId": "alias/aws/dynamodb"})),
    ];
    // A clock that stands, so that answers can be compared whole.
    let open = || Sandbox::options().seed(3).clock(|| crate::sandbox::FROZEN).open(dir.path()).unwrap();
    let first = open();
    run(&first, steps);
    let second = open();
    for (operation, input) in looks {
        let (a, b) = (ask(&first, operation, input.clone()).unwrap(), ask(&second, operation, input).unwrap());
        assert_eq!(a, b, "{operation}");
    }
}

#[test]
fn an_account_and_a_seed_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let first = Sandbox::options().account("111111111111").seed(1).open(dir.path()).unwrap();
    ask(&first, "logs:CreateLogGroup", group("g")).unwrap();
    let second = Sandbox::options().account("222222222222").seed(2).open(dir.path()).unwrap();
    assert_eq!(second.account(), "111111111111");
}

#[test]
fn a_refused_call_changes_nothing_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::open(dir.path()).unwrap();
    ask(&sandbox, "logs:CreateLogGroup", group("g")).unwrap();
    let before = std::fs::read(dir.path().join("aws.json")).unwrap();
    assert!(ask(&sandbox, "logs:CreateLogGroup", group("g")).is_err());
    assert!(ask(&sandbox, "logs:DeleteLogGroup", group("none")).is_err());
    assert_eq!(count(&sandbox), 1);
    assert_eq!(std::fs::read(dir.path().join("aws.json")).unwrap(), before);
}

#[test]
fn two_handles_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let started = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (dir, started) = (&dir, &started);
            scope.spawn(move || {
                let sandbox = Sandbox::open(dir.path()).unwrap();
                started.wait();
                for i in 0..10 {
                    ask(&sandbox, "logs:CreateLogGroup", group(&format!("g-{thread}-{i}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&Sandbox::open(dir.path()).unwrap()), 40);
}

#[test]
fn a_world_deleted_by_hand_is_an_empty_one() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::open(dir.path()).unwrap();
    ask(&sandbox, "logs:CreateLogGroup", group("g")).unwrap();
    std::fs::remove_file(dir.path().join("aws.json")).unwrap();
    assert_eq!(count(&sandbox), 0);
    ask(&sandbox, "logs:CreateLogGroup", group("g")).unwrap();
    assert_eq!(count(&sandbox), 1);
}

#[test]
fn a_broken_world_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("aws.json"), "{\"version\": 1").unwrap();
    let error = Sandbox::open(dir.path()).err().unwrap();
    assert!(error.to_string().contains("is not the embedded AWS's world"), "{error}");
}
