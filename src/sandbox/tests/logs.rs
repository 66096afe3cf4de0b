//! CloudWatch Logs.

use super::*;

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/a/one";
const GONE: &str = "ResourceNotFoundException: The specified log group does not exist.";

fn g(name: &str) -> Value {
    json!({"logGroupName": name})
}

#[test]
fn groups() {
    let key = "arn:aws:kms:us-east-1:000000000000:key/k";
    let one = "InvalidParameterException: 1 validation error detected: Value ";
    let steps: &[Step] = &[
        ("logs:CreateLogGroup", json!({"logGroupName": "/a/one", "tags": {"a": "1"}}), "{}"),
        ("logs:CreateLogGroup", g("/a/one"), "ResourceAlreadyExistsException: The specified log group already exists"),
        (
            "logs:CreateLogGroup",
            json!({"logGroupName": "/a/two", "kmsKeyId": key, "logGroupClass": "INFREQUENT_ACCESS", "deletionProtectionEnabled": true}),
            "",
        ),
        ("logs:CreateLogGroup", json!({"logGroupName": "/b/three", "logGroupClass": "DELIVERY"}), ""),
        (
            "logs:CreateLogGroup",
            g("a b"),
            &format!(
                "{one}'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
            ),
        ),
        (
            "logs:CreateLogGroup",
            json!({}),
            &format!("{one}null at 'logGroupName' failed to satisfy constraint: Member must not be null"),
        ),
        (
            "logs:CreateLogGroup",
            json!({"logGroupName": "x", "logGroupClass": "WARM"}),
            &format!(
                "{one}'WARM' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]"
            ),
        ),
        (
            "logs:CreateLogGroup",
            json!({"logGroupName": "x", "kmsKeyId": "k"}),
            "InvalidParameterException: The specified KMS Key Id could not be found.",
        ),
        (
            "logs:CreateLogGroup",
            g("aws/x"),
            "InvalidParameterException: Log groups starting with AWS/ are reserved for AWS.",
        ),
        (
            "logs:DescribeLogGroups",
            json!({}),
            r#"{"logGroups":[
               {"logGroupName":"/a/one","creationTime":1767225600000,"storedBytes":0,"metricFilterCount":0,"logGroupClass":"STANDARD",
                "arn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/one:*","retentionInDays":null,"kmsKeyId":null,
                "logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/one","deletionProtectionEnabled":false},
               {"logGroupName":"/a/two","kmsKeyId":"arn:aws:kms:us-east-1:000000000000:key/k","logGroupClass":"INFREQUENT_ACCESS",
                "deletionProtectionEnabled":true},
               {"logGroupName":"/b/three","retentionInDays":2}],"nextToken":null}"#,
        ),
        (
            "logs:DescribeLogGroups",
            json!({"logGroupNamePrefix": "/a/"}),
            r#"{"logGroups":[{"logGroupName":"/a/one"},{"logGroupName":"/a/two"}]}"#,
        ),
        (
            "logs:DescribeLogGroups",
            json!({"logGroupNamePattern": "THREE"}),
            r#"{"logGroups":[{"logGroupName":"/b/three"}]}"#,
        ),
        (
            "logs:DescribeLogGroups",
            json!({"logGroupClass": "DELIVERY"}),
            r#"{"logGroups":[{"logGroupName":"/b/three"}]}"#,
        ),
        (
            "logs:DescribeLogGroups",
            json!({"logGroupIdentifiers": [GROUP]}),
            r#"{"logGroups":[{"logGroupName":"/a/one"}]}"#,
        ),
        ("logs:DescribeLogGroups", json!({"logGroupNamePrefix": "none"}), r#"{"logGroups":[]}"#),
        ("logs:DescribeLogGroups", json!({"limit": 2}), r#"{"logGroups":[{},{}],"nextToken":"?"}"#),
        (
            "logs:DescribeLogGroups",
            json!({"nextToken": "x"}),
            "InvalidParameterException: The specified nextToken is invalid.",
        ),
        (
            "logs:DescribeLogGroups",
            json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"}),
            "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ),
        (
            "logs:DescribeLogGroups",
            json!({"limit": 51}),
            &format!(
                "{one}'51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"
            ),
        ),
        (
            "logs:DeleteLogGroup",
            g("/a/two"),
            "ValidationException: The specified log group has deletion protection enabled. Disable deletion protection and try again.",
        ),
        (
            "logs:PutLogGroupDeletionProtection",
            json!({"logGroupIdentifier": "/a/two", "deletionProtectionEnabled": false}),
            "",
        ),
        ("logs:DeleteLogGroup", g("/a/two"), ""),
        ("logs:DeleteLogGroup", g("/a/two"), GONE),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn settings() {
    let key = "arn:aws:kms:us-east-1:000000000000:key/k";
    let days = |n: i64| json!({"logGroupName": "/a/one", "retentionInDays": n});
    let steps: &[Step] = &[
        ("logs:CreateLogGroup", g("/a/one"), ""),
        ("logs:PutRetentionPolicy", days(14), ""),
        ("logs:DescribeLogGroups", json!({}), r#"{"logGroups":[{"retentionInDays":14}]}"#),
        (
            "logs:PutRetentionPolicy",
            days(2),
            "InvalidParameterException: 1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: Member \
             must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, \
             2922, 3288, 3653]",
        ),
        (
            "logs:PutRetentionPolicy",
            g("/a/one"),
            "InvalidParameterException: 1 validation error detected: Value null at 'retentionInDays' failed to satisfy constraint: Member \
             must not be null",
        ),
        ("logs:PutRetentionPolicy", json!({"logGroupName": "none", "retentionInDays": 1}), GONE),
        ("logs:DeleteRetentionPolicy", g("/a/one"), ""),
        ("logs:DeleteRetentionPolicy", g("none"), GONE),
        ("logs:DescribeLogGroups", json!({}), r#"{"logGroups":[{"retentionInDays":null}]}"#),
        ("logs:AssociateKmsKey", json!({"logGroupName": "/a/one", "kmsKeyId": key}), ""),
        (
            "logs:DescribeLogGroups",
            json!({}),
            r#"{"logGroups":[{"kmsKeyId":"arn:aws:kms:us-east-1:000000000000:key/k"}]}"#,
        ),
        ("logs:DisassociateKmsKey", json!({"resourceIdentifier": GROUP}), ""),
        ("logs:DescribeLogGroups", json!({}), r#"{"logGroups":[{"kmsKeyId":null}]}"#),
        ("logs:AssociateKmsKey", json!({"logGroupName": "none", "kmsKeyId": key}), GONE),
        ("logs:DisassociateKmsKey", g("none"), GONE),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn tags_by_both_ways() {
    let all = format!("{GROUP}:*");
    let steps: &[Step] = &[
        ("logs:CreateLogGroup", json!({"logGroupName": "/a/one", "tags": {"a": "1"}}), ""),
        ("logs:ListTagsForResource", json!({"resourceArn": GROUP}), r#"{"tags":{"a":"1"}}"#),
        ("logs:TagResource", json!({"resourceArn": GROUP, "tags": {"b": "2"}}), ""),
        ("logs:TagLogGroup", json!({"logGroupName": "/a/one", "tags": {"c": "3", "a": "4"}}), ""),
        ("logs:ListTagsLogGroup", g("/a/one"), r#"{"tags":{"a":"4","b":"2","c":"3"}}"#),
        ("logs:UntagResource", json!({"resourceArn": all, "tagKeys": ["a"]}), ""),
        ("logs:UntagLogGroup", json!({"logGroupName": "/a/one", "tags": ["b"]}), ""),
        ("logs:ListTagsForResource", json!({"resourceArn": GROUP}), r#"{"tags":{"a":null,"b":null,"c":"3"}}"#),
        (
            "logs:ListTagsForResource",
            json!({"resourceArn": "arn:aws:logs:us-east-1:000000000000:log-group:none"}),
            GONE,
        ),
        ("logs:TagLogGroup", json!({"logGroupName": "none", "tags": {"a": "1"}}), GONE),
        ("logs:ListTagsLogGroup", g("none"), GONE),
        (
            "logs:TagResource",
            json!({"resourceArn": GROUP, "tags": {"aws:x": "2"}}),
            "InvalidParameterException: Tag key must not begin with aws: as it is reserved for system use.",
        ),
        (
            "logs:TagResource",
            json!({"resourceArn": GROUP, "tags": (0..51).map(|i| (format!("k{i}"), json!(""))).collect::<serde_json::Map<_, _>>()}),
            "TooManyTagsException: A resource can have no more than 50 tags.",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn resource_policies() {
    let put = json!({"policyName": "p", "policyDocument": "{}"});
    let steps: &[Step] = &[
        ("logs:PutResourcePolicy", put, r#"{"resourcePolicy":{"policyName":"p","lastUpdatedTime":1767225600000}}"#),
        (
            "logs:DescribeResourcePolicies",
            json!({}),
            r#"{"resourcePolicies":[{"policyName":"p","policyDocument":"{}"}]}"#,
        ),
        ("logs:DeleteResourcePolicy", json!({"policyName": "p"}), ""),
        (
            "logs:DeleteResourcePolicy",
            json!({"policyName": "p"}),
            "ResourceNotFoundException: Policy with name [p] does not exist",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}
