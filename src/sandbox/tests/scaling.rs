//! Application Auto Scaling.

use super::*;

fn target(other: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "dynamodb", "ResourceId": "table/tab", "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    });
    for (key, value) in other.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

#[test]
fn targets_and_policies() {
    let table = json!({
        "TableName": "tab", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    });
    let tracking = json!({"TargetValue": 70.5, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}});
    let policy = target(json!({
        "PolicyName": "p", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": tracking,
    }));
    let none = "No scalable target registered for service namespace: dynamodb, resource ID: table/tab, scalable dimension: \
        dynamodb:table:ReadCapacityUnits";
    let sandbox = Sandbox::in_memory(1);
    let steps: &[Step] = &[
        (
            "application-autoscaling:RegisterScalableTarget",
            target(json!({"MinCapacity": 1, "MaxCapacity": 5})),
            "ValidationException: DynamoDB table does not exist: table/tab",
        ),
        ("dynamodb:CreateTable", table, ""),
        (
            "application-autoscaling:RegisterScalableTarget",
            target(json!({"MinCapacity": 1})),
            "ValidationException: MinCapacity and MaxCapacity must be specified to register a new scalable target.",
        ),
        (
            "application-autoscaling:RegisterScalableTarget",
            target(json!({"MinCapacity": 6, "MaxCapacity": 5})),
            "ValidationException: Maximum capacity cannot be less than minimum capacity.",
        ),
        ("application-autoscaling:PutScalingPolicy", policy.clone(), &format!("ObjectNotFoundException: {none}")),
        (
            "application-autoscaling:DeregisterScalableTarget",
            target(json!({})),
            &format!("ObjectNotFoundException: {none}"),
        ),
        (
            "application-autoscaling:RegisterScalableTarget",
            target(json!({"MinCapacity": 1, "MaxCapacity": 5, "Tags": {"a": "1"}})),
            r#"{"ScalableTargetARN":"?"}"#,
        ),
        ("application-autoscaling:RegisterScalableTarget", target(json!({"MaxCapacity": 9})), ""),
        (
            "application-autoscaling:DescribeScalableTargets",
            json!({"ServiceNamespace": "dynamodb", "ResourceIds": ["table/tab"]}),
            r#"{"ScalableTargets":[{"MinCapacity":1,"MaxCapacity":9,"ScalableDimension":"dynamodb:table:ReadCapacityUnits",
               "RoleARN":"arn:aws:iam::000000000000:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
               "SuspendedState":{"DynamicScalingInSuspended":false}}]}"#,
        ),
        (
            "application-autoscaling:DescribeScalableTargets",
            json!({"ServiceNamespace": "ecs"}),
            r#"{"ScalableTargets":[]}"#,
        ),
        ("application-autoscaling:PutScalingPolicy", policy, r#"{"PolicyARN":"?","Alarms":[{"AlarmName":"?"},{}]}"#),
        (
            "application-autoscaling:DescribeScalingPolicies",
            target(json!({"PolicyNames": ["p"]})),
            r#"{"ScalingPolicies":[{"PolicyName":"p","PolicyType":"TargetTrackingScaling",
               "TargetTrackingScalingPolicyConfiguration":{"TargetValue":70.5}}]}"#,
        ),
        ("application-autoscaling:DeleteScalingPolicy", target(json!({"PolicyName": "p"})), ""),
        (
            "application-autoscaling:DeleteScalingPolicy",
            target(json!({"PolicyName": "p"})),
            "ObjectNotFoundException: No scaling policy found for service namespace: dynamodb, resource ID: table/tab, scalable \
             dimension: dynamodb:table:ReadCapacityUnits: p",
        ),
    ];
    run(&sandbox, steps);
    let shown =
        ask(&sandbox, "application-autoscaling:DescribeScalableTargets", json!({"ServiceNamespace": "dynamodb"}))
            .unwrap();
    let arn = shown["ScalableTargets"][0]["ScalableTargetARN"].clone();
    let steps: &[Step] = &[
        ("application-autoscaling:TagResource", json!({"ResourceARN": arn, "Tags": {"b": "2"}}), ""),
        ("application-autoscaling:UntagResource", json!({"ResourceARN": arn, "TagKeys": ["a"]}), ""),
        ("application-autoscaling:ListTagsForResource", json!({"ResourceARN": arn}), r#"{"Tags":{"a":null,"b":"2"}}"#),
        (
            "application-autoscaling:ListTagsForResource",
            json!({"ResourceARN": "none"}),
            "ResourceNotFoundException: The requested resource could not be found: none",
        ),
        ("application-autoscaling:DeregisterScalableTarget", target(json!({})), ""),
        (
            "application-autoscaling:DescribeScalableTargets",
            json!({"ServiceNamespace": "dynamodb"}),
            r#"{"ScalableTargets":[]}"#,
        ),
    ];
    run(&sandbox, steps);
}
