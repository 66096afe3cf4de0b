//! Time to live, backups, tags, resource policies, insights, Kinesis destinations.

use super::*;

const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/tab";

fn world() -> Sandbox {
    let sandbox = Sandbox::in_memory(1);
    let table = json!({
        "TableName": "tab",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [{
            "IndexName": "index", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
        }],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
    });
    run(&sandbox, &[("dynamodb:CreateTable", table, "")]);
    sandbox
}

fn tab(other: Value) -> Value {
    let mut input = json!({"TableName": "tab"});
    for (key, value) in other.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

const GONE: &str = "ResourceNotFoundException: Requested resource not found: Table: none not found";

#[test]
fn time_to_live() {
    let set = |on: bool, name: &str| tab(json!({"TimeToLiveSpecification": {"Enabled": on, "AttributeName": name}}));
    let steps: &[Step] = &[
        (
            "dynamodb:DescribeTimeToLive",
            tab(json!({})),
            r#"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED","AttributeName":null}}"#,
        ),
        ("dynamodb:DescribeTimeToLive", json!({"TableName": "none"}), GONE),
        ("dynamodb:UpdateTimeToLive", set(false, "at"), "ValidationException: TimeToLive is already disabled"),
        (
            "dynamodb:UpdateTimeToLive",
            set(true, "at"),
            r#"{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"at"}}"#,
        ),
        (
            "dynamodb:DescribeTimeToLive",
            tab(json!({})),
            r#"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"at"}}"#,
        ),
        ("dynamodb:UpdateTimeToLive", set(true, "at"), "ValidationException: TimeToLive is already enabled"),
        (
            "dynamodb:UpdateTimeToLive",
            set(true, "other"),
            "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is at",
        ),
        (
            "dynamodb:UpdateTimeToLive",
            set(false, "other"),
            "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is at",
        ),
        ("dynamodb:UpdateTimeToLive", set(false, "at"), r#"{"TimeToLiveSpecification":{"Enabled":false}}"#),
        (
            "dynamodb:UpdateTimeToLive",
            set(true, ""),
            "ValidationException: 1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        ),
        (
            "dynamodb:UpdateTimeToLive",
            tab(json!({})),
            "ValidationException: 1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy constraint: \
             Member must not be null",
        ),
    ];
    run(&world(), steps);
}

#[test]
fn continuous_backups() {
    let set = |s: Value| tab(json!({"PointInTimeRecoverySpecification": s}));
    let steps: &[Step] = &[
        (
            "dynamodb:DescribeContinuousBackups",
            tab(json!({})),
            r#"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",
               "PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED","RecoveryPeriodInDays":null}}}"#,
        ),
        (
            "dynamodb:DescribeContinuousBackups",
            json!({"TableName": "none"}),
            "TableNotFoundException: Table not found: none",
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            set(json!({"PointInTimeRecoveryEnabled": true})),
            r#"{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED",
               "RecoveryPeriodInDays":35,"LatestRestorableDateTime":1767225600}}}"#,
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            set(json!({"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7})),
            "",
        ),
        (
            "dynamodb:DescribeContinuousBackups",
            tab(json!({})),
            r#"{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"RecoveryPeriodInDays":7}}}"#,
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            set(json!({"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 36})),
            "ValidationException: 1 validation error detected: Value '36' at \
             'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: Member must have value less than or \
             equal to 35",
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            set(json!({"PointInTimeRecoveryEnabled": false, "RecoveryPeriodInDays": 5})),
            "ValidationException: One or more parameter values were invalid: RecoveryPeriodInDays cannot be specified when \
             PointInTimeRecoveryEnabled is false",
        ),
        ("dynamodb:UpdateContinuousBackups", set(json!({"PointInTimeRecoveryEnabled": false})), ""),
        (
            "dynamodb:DescribeContinuousBackups",
            tab(json!({})),
            r#"{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}"#,
        ),
    ];
    run(&world(), steps);
}

#[test]
fn tags() {
    let tag = |arn: &str, tags: Value| json!({"ResourceArn": arn, "Tags": tags});
    let many: Vec<Value> = (0..12).map(|i| json!({"Key": format!("k{i:02}"), "Value": ""})).collect();
    let most: Vec<Value> = (0..51).map(|i| json!({"Key": format!("k{i:02}"), "Value": ""})).collect();
    let none = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
    let gone = &format!("ResourceNotFoundException: Requested resource not found: ResourcArn: {none} not found");
    let steps: &[Step] = &[
        ("dynamodb:TagResource", tag(ARN, json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])), ""),
        ("dynamodb:TagResource", tag(ARN, json!([{"Key": "a", "Value": "3"}])), ""),
        (
            "dynamodb:ListTagsOfResource",
            json!({"ResourceArn": ARN}),
            r#"{"Tags":[{"Key":"a","Value":"3"},{"Key":"b","Value":"2"}]}"#,
        ),
        ("dynamodb:UntagResource", json!({"ResourceArn": ARN, "TagKeys": ["a", "never"]}), ""),
        ("dynamodb:ListTagsOfResource", json!({"ResourceArn": ARN}), r#"{"Tags":[{"Key":"b"}]}"#),
        (
            "dynamodb:TagResource",
            tag(ARN, json!([])),
            "ValidationException: Atleast one Tag needs to be provided as Input.",
        ),
        (
            "dynamodb:UntagResource",
            json!({"ResourceArn": ARN, "TagKeys": []}),
            "ValidationException: Atleast one Tag Key needs to be provided as Input.",
        ),
        (
            "dynamodb:TagResource",
            tag(ARN, json!([{"Key": "", "Value": "1"}])),
            "ValidationException: 1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member \
             must have length greater than or equal to 1",
        ),
        (
            "dynamodb:TagResource",
            tag(ARN, json!(most)),
            "ValidationException: One or more parameter values were invalid: The number of tags exceeds the limit of 50",
        ),
        ("dynamodb:TagResource", tag(none, json!([{"Key": "a", "Value": "1"}])), gone),
        ("dynamodb:UntagResource", json!({"ResourceArn": none, "TagKeys": ["a"]}), gone),
        ("dynamodb:ListTagsOfResource", json!({"ResourceArn": none}), gone),
        (
            "dynamodb:ListTagsOfResource",
            json!({"ResourceArn": "tab"}),
            "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input tab",
        ),
        ("dynamodb:TagResource", tag(ARN, json!(many)), ""),
    ];
    let sandbox = world();
    run(&sandbox, steps);
    let first = ask(&sandbox, "dynamodb:ListTagsOfResource", json!({"ResourceArn": ARN})).unwrap();
    assert_eq!(first["Tags"].as_array().unwrap().len(), 10);
    let rest = json!({"ResourceArn": ARN, "NextToken": first["NextToken"]});
    let rest = ask(&sandbox, "dynamodb:ListTagsOfResource", rest).unwrap();
    assert_eq!((rest["Tags"].as_array().unwrap().len(), &rest["NextToken"]), (3, &Value::Null));
}

#[test]
fn resource_policies() {
    let stream = format!("{ARN}/stream/2026-01-01T00:00:00.001");
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let missing = format!(
        "PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: Requested policy not found for \
         resource: {ARN}"
    );
    let steps: &[Step] = &[
        ("dynamodb:GetResourcePolicy", json!({"ResourceArn": ARN}), &missing),
        ("dynamodb:DeleteResourcePolicy", json!({"ResourceArn": ARN}), r#"{"RevisionId":null}"#),
        ("dynamodb:PutResourcePolicy", json!({"ResourceArn": ARN, "Policy": policy}), r#"{"RevisionId":"?"}"#),
        ("dynamodb:PutResourcePolicy", json!({"ResourceArn": stream, "Policy": policy}), r#"{"RevisionId":"?"}"#),
        (
            "dynamodb:GetResourcePolicy",
            json!({"ResourceArn": ARN}),
            r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","RevisionId":"?"}"#,
        ),
        (
            "dynamodb:PutResourcePolicy",
            json!({"ResourceArn": ARN, "Policy": "[]"}),
            "ValidationException: Resource-based policy is invalid: the policy document is not well-formed",
        ),
        (
            "dynamodb:PutResourcePolicy",
            json!({"ResourceArn": ARN, "Policy": policy, "ExpectedRevisionId": "NO_POLICY"}),
            "PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: the revision id does not match",
        ),
        (
            "dynamodb:PutResourcePolicy",
            json!({"ResourceArn": format!("{ARN}x"), "Policy": policy}),
            "ResourceNotFoundException: Requested resource not found: ResourcArn: arn:aws:dynamodb:us-east-1:000000000000:table/tabx \
             not found",
        ),
        ("dynamodb:DeleteResourcePolicy", json!({"ResourceArn": ARN}), r#"{"RevisionId":"?"}"#),
        ("dynamodb:GetResourcePolicy", json!({"ResourceArn": ARN}), &missing),
    ];
    let sandbox = world();
    run(&sandbox, steps);
    let put = |text: &str| {
        ask(&sandbox, "dynamodb:PutResourcePolicy", json!({"ResourceArn": stream, "Policy": text})).unwrap()
    };
    let (same, other) = (put(policy), put(r#"{"Statement":[{}]}"#));
    assert_eq!(same, put(policy).clone().as_object().map(|_| same.clone()).unwrap());
    assert_ne!(same, other);
}

#[test]
fn contributor_insights() {
    let set = |action: &str, index: Value| tab(json!({"ContributorInsightsAction": action, "IndexName": index}));
    let steps: &[Step] = &[
        ("dynamodb:DescribeContributorInsights", tab(json!({})), r#"{"ContributorInsightsStatus":"DISABLED"}"#),
        (
            "dynamodb:UpdateContributorInsights",
            set("ENABLE", Value::Null),
            r#"{"TableName":"tab","ContributorInsightsStatus":"ENABLING"}"#,
        ),
        ("dynamodb:UpdateContributorInsights", set("ENABLE", json!("index")), r#"{"IndexName":"index"}"#),
        (
            "dynamodb:DescribeContributorInsights",
            tab(json!({"IndexName": "index"})),
            r#"{"IndexName":"index","ContributorInsightsStatus":"ENABLED","ContributorInsightsMode":"ACCESSED_AND_THROTTLED_KEYS"}"#,
        ),
        (
            "dynamodb:ListContributorInsights",
            json!({}),
            r#"{"ContributorInsightsSummaries":[{"TableName":"tab","IndexName":null},{"TableName":"tab","IndexName":"index"}]}"#,
        ),
        (
            "dynamodb:UpdateContributorInsights",
            set("ENABLE", json!("nothing")),
            "ResourceNotFoundException: Requested resource not found: Index: nothing not found for table: tab",
        ),
        (
            "dynamodb:UpdateContributorInsights",
            set("STOP", Value::Null),
            "ValidationException: 1 validation error detected: Value 'STOP' at 'contributorInsightsAction' failed to satisfy constraint: \
             Member must satisfy enum value set: [ENABLE, DISABLE]",
        ),
        (
            "dynamodb:UpdateContributorInsights",
            set("DISABLE", Value::Null),
            r#"{"ContributorInsightsStatus":"DISABLING"}"#,
        ),
        ("dynamodb:DescribeContributorInsights", tab(json!({})), r#"{"ContributorInsightsStatus":"DISABLED"}"#),
        ("dynamodb:DescribeContributorInsights", json!({"TableName": "none"}), GONE),
    ];
    run(&world(), steps);
}

#[test]
fn kinesis_destinations() {
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let k = || tab(json!({"StreamArn": stream}));
    let precise = |p: &str| {
        tab(
            json!({"StreamArn": stream, "UpdateKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": p}}),
        )
    };
    let steps: &[Step] = &[
        ("dynamodb:DescribeKinesisStreamingDestination", tab(json!({})), r#"{"KinesisDataStreamDestinations":[]}"#),
        ("dynamodb:EnableKinesisStreamingDestination", k(), r#"{"DestinationStatus":"ENABLING"}"#),
        (
            "dynamodb:EnableKinesisStreamingDestination",
            k(),
            "ValidationException: Table is not in a valid state to enable Kinesis Streaming Destination: \
             EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
        ),
        (
            "dynamodb:DescribeKinesisStreamingDestination",
            tab(json!({})),
            r#"{"KinesisDataStreamDestinations":[{"DestinationStatus":"ACTIVE","ApproximateCreationDateTimePrecision":"MILLISECOND"}]}"#,
        ),
        ("dynamodb:UpdateKinesisStreamingDestination", precise("MICROSECOND"), r#"{"DestinationStatus":"UPDATING"}"#),
        (
            "dynamodb:UpdateKinesisStreamingDestination",
            precise("MICROSECOND"),
            "ValidationException: Invalid Request: Precision is already set to the desired value of MICROSECOND for tableId",
        ),
        ("dynamodb:DisableKinesisStreamingDestination", k(), r#"{"DestinationStatus":"DISABLING"}"#),
        (
            "dynamodb:DisableKinesisStreamingDestination",
            k(),
            "ValidationException: Table is not in a valid state to disable Kinesis Streaming Destination: KinesisStreamingDestination \
             must be ACTIVE to perform DISABLE operation.",
        ),
        (
            "dynamodb:DescribeKinesisStreamingDestination",
            tab(json!({})),
            r#"{"KinesisDataStreamDestinations":[{"DestinationStatus":"DISABLED"}]}"#,
        ),
        ("dynamodb:DescribeKinesisStreamingDestination", json!({"TableName": "none"}), GONE),
    ];
    run(&world(), steps);
}
