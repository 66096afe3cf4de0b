//! State machines and activities.

use super::*;

const SM: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:sm";
const ROLE: &str = "arn:aws:iam::000000000000:role/flow";
const GONE: &str =
    "StateMachineDoesNotExist: State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:sm'";
const NOT_TRUSTED: &str = "AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is \
    authorized to assume the provided role.";

fn world() -> Sandbox {
    let sandbox = Sandbox::in_memory(1);
    let lambda = TRUST.replace("states", "lambda");
    run(
        &sandbox,
        &[
            ("iam:CreateRole", json!({"RoleName": "flow", "AssumeRolePolicyDocument": TRUST}), ""),
            ("iam:CreateRole", json!({"RoleName": "other", "Path": "/x/", "AssumeRolePolicyDocument": TRUST}), ""),
            ("iam:CreateRole", json!({"RoleName": "lambda", "AssumeRolePolicyDocument": lambda}), ""),
        ],
    );
    sandbox
}

fn sm() -> Value {
    json!({"stateMachineArn": SM})
}

/// What creates `sm`, with other members.
fn create(other: Value) -> Value {
    let mut input = json!({"name": "sm", "definition": PASS, "roleArn": ROLE});
    for (key, value) in other.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

/// What updates `sm`.
fn update(other: Value) -> Value {
    let mut input = sm();
    for (key, value) in other.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

fn logging(level: &str, group: Option<&str>) -> Value {
    let destinations: Vec<Value> =
        group.iter().map(|g| json!({"cloudWatchLogsLogGroup": {"logGroupArn": g}})).collect();
    json!({"level": level, "includeExecutionData": true, "destinations": destinations})
}

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/sm:*";

#[test]
fn create_and_describe() {
    let other = PASS.replace("Pass", "Succeed").replace(",\"End\":true", "");
    let steps: &[Step] = &[
        ("states:DescribeStateMachine", sm(), GONE),
        (
            "states:CreateStateMachine",
            create(json!({"tags": [{"key": "a", "value": "1"}]})),
            r#"{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm","creationDate":1767225600,"stateMachineVersionArn":null}"#,
        ),
        (
            "states:DescribeStateMachine",
            sm(),
            r#"{"name":"sm","status":"ACTIVE","type":"STANDARD","revisionId":null,"roleArn":"arn:aws:iam::000000000000:role/flow",
               "definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}",
               "loggingConfiguration":{"level":"OFF","includeExecutionData":false},"tracingConfiguration":{"enabled":false},
               "encryptionConfiguration":{"type":"AWS_OWNED_KEY"}}"#,
        ),
        ("states:ListTagsForResource", json!({"resourceArn": SM}), r#"{"tags":[{"key":"a","value":"1"}]}"#),
        // Asking for the same again is no error, and the role and the tags do not count.
        ("states:CreateStateMachine", create(json!({"roleArn": "arn:aws:iam::000000000000:role/x/other"})), ""),
        ("states:DescribeStateMachine", sm(), r#"{"roleArn":"arn:aws:iam::000000000000:role/flow"}"#),
        (
            "states:CreateStateMachine",
            create(json!({"definition": other})),
            "StateMachineAlreadyExists: State Machine Already Exists: 'arn:aws:states:us-east-1:000000000000:stateMachine:sm'",
        ),
        (
            "states:CreateStateMachine",
            create(json!({"type": "EXPRESS"})),
            "StateMachineAlreadyExists: State Machine Already Exists: 'arn:aws:states:us-east-1:000000000000:stateMachine:sm'",
        ),
        (
            "states:CreateStateMachine",
            create(json!({
                "name": "fast", "type": "EXPRESS", "loggingConfiguration": logging("ERROR", Some(GROUP)),
                "tracingConfiguration": {"enabled": true}, "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"},
            })),
            "",
        ),
        (
            "states:DescribeStateMachine",
            json!({"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:fast"}),
            r#"{"type":"EXPRESS","tracingConfiguration":{"enabled":true},
               "loggingConfiguration":{"level":"ERROR","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":
                 {"logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/sm:*"}}]},
               "encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k","kmsDataKeyReusePeriodSeconds":300}}"#,
        ),
        ("states:DescribeStateMachine", update(json!({"includedData": "METADATA_ONLY"})), r#"{"definition":""}"#),
        (
            "states:ListStateMachines",
            json!({}),
            r#"{"stateMachines":[{"name":"fast","type":"EXPRESS"},{"name":"sm"}],"nextToken":null}"#,
        ),
        (
            "states:ListStateMachines",
            json!({"maxResults": 1}),
            r#"{"stateMachines":[{"name":"fast"}],"nextToken":"?"}"#,
        ),
        ("states:ListStateMachines", json!({"nextToken": "x"}), "InvalidToken: Invalid Token: 'Invalid token'"),
        ("states:ListExecutions", sm(), r#"{"executions":[]}"#),
        ("states:DeleteStateMachine", sm(), ""),
        ("states:DeleteStateMachine", sm(), ""),
        ("states:DescribeStateMachine", sm(), GONE),
        (
            "states:ListTagsForResource",
            json!({"resourceArn": SM}),
            &format!("ResourceNotFound: Resource not found: '{SM}'"),
        ),
        ("states:CreateStateMachine", create(json!({})), ""),
        ("states:ListTagsForResource", json!({"resourceArn": SM}), r#"{"tags":[]}"#),
    ];
    run(&world(), steps);
}

#[test]
fn creations_refused() {
    let one = "ValidationException: 1 validation error detected: Value ";
    let definition = "InvalidDefinition: Invalid State Machine Definition: '";
    let missing = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#;
    let table: Vec<(Value, String)> = vec![
        (create(json!({"name": null})), format!("{one}null at 'name' failed to satisfy constraint: Member must not be null")),
        (
            create(json!({"name": "x".repeat(81)})),
            format!("{one}'{}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80", "x".repeat(81)),
        ),
        (create(json!({"name": "a b"})), "InvalidName: Invalid Name: 'a b'".into()),
        (create(json!({"name": "a:b"})), "InvalidName: Invalid Name: 'a:b'".into()),
        (create(json!({"definition": null})), format!("{one}null at 'definition' failed to satisfy constraint: Member must not be null")),
        (create(json!({"roleArn": null})), format!("{one}null at 'roleArn' failed to satisfy constraint: Member must not be null")),
        (
            create(json!({"type": "SLOW"})),
            format!("{one}'SLOW' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"),
        ),
        (
            create(json!({"definition": "[]"})),
            format!("{definition}SCHEMA_VALIDATION_FAILED: Expected value of type Object at /'"),
        ),
        (
            create(json!({"definition": missing})),
            format!(
                "{definition}MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, MISSING_END_STATE: The workflow has \
                 no state that ends it at /'"
            ),
        ),
        (create(json!({"roleArn": "flow"})), "InvalidArn: Invalid Role Arn: 'flow'".into()),
        (
            create(json!({"roleArn": "arn:aws:iam::000000000000:user/x"})),
            "InvalidArn: Invalid Role Arn: 'arn:aws:iam::000000000000:user/x'".into(),
        ),
        (create(json!({"roleArn": "arn:aws:iam::000000000000:role/none"})), NOT_TRUSTED.into()),
        (create(json!({"roleArn": "arn:aws:iam::000000000000:role/lambda"})), NOT_TRUSTED.into()),
        // The path is part of the ARN.
        (create(json!({"roleArn": "arn:aws:iam::000000000000:role/other"})), NOT_TRUSTED.into()),
        (
            create(json!({"roleArn": "arn:aws:iam::111111111111:role/flow"})),
            "AccessDeniedException: Cross-account pass role is not allowed.".into(),
        ),
        (
            create(json!({"loggingConfiguration": logging("ALL", None)})),
            "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.".into(),
        ),
        (
            create(json!({"loggingConfiguration": logging("ALL", Some("arn:aws:logs:us-east-1:000000000000:log-group:g"))})),
            "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination must be the ARN of a log group and end with ':*'."
                .into(),
        ),
        (
            create(json!({"loggingConfiguration": logging("LOUD", None)})),
            format!("{one}'LOUD' at 'loggingConfiguration.level' failed to satisfy constraint: Member must satisfy enum value set: [ALL, ERROR, FATAL, OFF]"),
        ),
        (
            create(json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}})),
            "InvalidEncryptionConfiguration: Invalid Encryption Configuration: 'kmsKeyId' must be provided when 'type' is \
             CUSTOMER_MANAGED_KMS_KEY"
                .into(),
        ),
        (
            create(json!({"encryptionConfiguration": {"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}})),
            "InvalidEncryptionConfiguration: Invalid Encryption Configuration: 'kmsKeyId' and 'kmsDataKeyReusePeriodSeconds' must be \
             empty when 'type' is AWS_OWNED_KEY"
                .into(),
        ),
        (
            create(json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k", "kmsDataKeyReusePeriodSeconds": 10}})),
            format!("{one}'10' at 'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"),
        ),
        (
            create(json!({"versionDescription": "d"})),
            "ValidationException: Version description can only be set when publish is true".into(),
        ),
        (
            create(json!({"tags": (0..51).map(|i| json!({"key": format!("k{i}"), "value": ""})).collect::<Vec<_>>()})),
            "TooManyTags: Too many tags: a resource can have at most 50.".into(),
        ),
        (
            create(json!({"tags": [{"key": "aws:x", "value": ""}]})),
            "ValidationException: Tag keys starting with 'aws:' are reserved for system use".into(),
        ),
    ];
    let sandbox = world();
    for (input, wanted) in table {
        run(&sandbox, &[("states:CreateStateMachine", input, &wanted)]);
    }
    run(&sandbox, &[("states:ListStateMachines", json!({}), r#"{"stateMachines":[]}"#)]);
}

#[test]
fn updates() {
    let next = PASS.replace("\"A\"", "\"B\"");
    let steps: &[Step] = &[
        ("states:UpdateStateMachine", update(json!({"definition": PASS})), GONE),
        ("states:CreateStateMachine", create(json!({})), ""),
        (
            "states:UpdateStateMachine",
            sm(),
            "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, or the \
             EncryptionConfiguration must be specified",
        ),
        // Nothing new, no new revision.
        (
            "states:UpdateStateMachine",
            update(json!({"definition": PASS, "roleArn": ROLE})),
            r#"{"updateDate":1767225600,"revisionId":null}"#,
        ),
        ("states:UpdateStateMachine", update(json!({"definition": next})), r#"{"revisionId":"?"}"#),
        (
            "states:DescribeStateMachine",
            sm(),
            r#"{"definition":"{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Pass\",\"End\":true}}}","revisionId":"?"}"#,
        ),
        (
            "states:UpdateStateMachine",
            update(json!({"definition": "{}"})),
            "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, \
             States] at /'",
        ),
        ("states:UpdateStateMachine", update(json!({"roleArn": "arn:aws:iam::000000000000:role/none"})), NOT_TRUSTED),
        ("states:UpdateStateMachine", update(json!({"roleArn": "arn:aws:iam::000000000000:role/x/other"})), ""),
        ("states:UpdateStateMachine", update(json!({"tracingConfiguration": {"enabled": true}})), ""),
        ("states:UpdateStateMachine", update(json!({"loggingConfiguration": logging("ALL", Some(GROUP))})), ""),
        (
            "states:DescribeStateMachine",
            sm(),
            r#"{"roleArn":"arn:aws:iam::000000000000:role/x/other","tracingConfiguration":{"enabled":true},
               "loggingConfiguration":{"level":"ALL"},"encryptionConfiguration":{"type":"AWS_OWNED_KEY"}}"#,
        ),
        ("states:UpdateStateMachine", update(json!({"loggingConfiguration": {"level": "OFF"}})), ""),
        ("states:DescribeStateMachine", sm(), r#"{"loggingConfiguration":{"level":"OFF","destinations":null}}"#),
        (
            "states:UpdateStateMachine",
            json!({"stateMachineArn": format!("{SM}:1"), "definition": PASS}),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine version or alias'",
        ),
        (
            "states:UpdateStateMachine",
            json!({"stateMachineArn": "sm", "definition": PASS}),
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: sm'",
        ),
        (
            "states:DescribeStateMachine",
            json!({"stateMachineArn": "arn:aws:states:us-east-1:000000000000:activity:a"}),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: activity'",
        ),
    ];
    run(&world(), steps);
}

#[test]
fn validation() {
    let check = |text: &str| json!({"definition": text});
    let two = r#"{"StartAt":"A","States":{"A":{"Type":"Wait"},"B":{"Type":"Succeed"}}}"#;
    let steps: &[Step] = &[
        ("states:ValidateStateMachineDefinition", check(PASS), r#"{"result":"OK","diagnostics":[],"truncated":false}"#),
        (
            "states:ValidateStateMachineDefinition",
            check("nothing"),
            r#"{"result":"FAIL","diagnostics":[{"severity":"ERROR","code":"INVALID_JSON_DESCRIPTION","message":"?","location":"/"}]}"#,
        ),
        (
            "states:ValidateStateMachineDefinition",
            check(two),
            r#"{"result":"FAIL","diagnostics":[
               {"code":"SCHEMA_VALIDATION_FAILED","location":"/States/A","message":"Exactly one of [Next, End] is required"},
               {"code":"SCHEMA_VALIDATION_FAILED","location":"/States/A"},
               {"code":"MISSING_TRANSITION_TARGET","location":"/States/B","message":"State \"B\" is not reachable."}]}"#,
        ),
        (
            "states:ValidateStateMachineDefinition",
            json!({"definition": two, "maxResults": 1}),
            r#"{"diagnostics":[{"location":"/States/A"}],"truncated":true}"#,
        ),
        (
            "states:ValidateStateMachineDefinition",
            check(""),
            "ValidationException: 1 validation error detected: Value '' at 'definition' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn nothing_runs_yet() {
    let not_yet =
        "ValidationException: The embedded AWS does not execute state machines yet: it keeps and checks them only.";
    for operation in [
        "StartExecution",
        "StartSyncExecution",
        "StopExecution",
        "DescribeExecution",
        "GetExecutionHistory",
        "TestState",
    ] {
        run(&Sandbox::in_memory(1), &[(&format!("states:{operation}"), json!({}), not_yet)]);
    }
}

#[test]
fn slow_deletion() {
    let sandbox = world();
    sandbox.settle_after(1);
    let deleting = format!("StateMachineDeleting: State Machine is being deleted: '{SM}'");
    let steps: &[Step] = &[
        ("states:CreateStateMachine", create(json!({})), ""),
        ("states:DescribeStateMachine", sm(), r#"{"status":"ACTIVE"}"#),
        ("states:DeleteStateMachine", sm(), ""),
        ("states:UpdateStateMachine", update(json!({"definition": PASS})), &deleting),
        ("states:CreateStateMachine", create(json!({})), &deleting),
        ("states:DeleteStateMachine", sm(), ""),
        ("states:DescribeStateMachine", sm(), r#"{"status":"DELETING"}"#),
        ("states:DescribeStateMachine", sm(), GONE),
        ("states:CreateStateMachine", create(json!({})), ""),
    ];
    run(&sandbox, steps);
}

#[test]
fn activities() {
    let arn = "arn:aws:states:us-east-1:000000000000:activity:act";
    let a = || json!({"activityArn": arn});
    let gone = format!("ActivityDoesNotExist: Activity Does Not Exist: '{arn}'");
    let kms = json!({"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k", "kmsDataKeyReusePeriodSeconds": 600});
    let steps: &[Step] = &[
        ("states:DescribeActivity", a(), &gone),
        (
            "states:CreateActivity",
            json!({"name": "act", "tags": [{"key": "a", "value": "1"}]}),
            r#"{"activityArn":"arn:aws:states:us-east-1:000000000000:activity:act","creationDate":1767225600}"#,
        ),
        ("states:CreateActivity", json!({"name": "act"}), ""),
        (
            "states:CreateActivity",
            json!({"name": "act", "encryptionConfiguration": kms}),
            &format!("ActivityAlreadyExists: Activity Already Exists: '{arn}'"),
        ),
        ("states:CreateActivity", json!({"name": "secret", "encryptionConfiguration": kms}), ""),
        (
            "states:DescribeActivity",
            a(),
            r#"{"name":"act","creationDate":1767225600,"encryptionConfiguration":{"type":"AWS_OWNED_KEY"}}"#,
        ),
        (
            "states:DescribeActivity",
            json!({"activityArn": "arn:aws:states:us-east-1:000000000000:activity:secret"}),
            r#"{"encryptionConfiguration":{"kmsKeyId":"k","kmsDataKeyReusePeriodSeconds":600}}"#,
        ),
        ("states:CreateActivity", json!({"name": "a/b"}), "InvalidName: Invalid Name: 'a/b'"),
        ("states:ListActivities", json!({}), r#"{"activities":[{"name":"act"},{"name":"secret"}],"nextToken":null}"#),
        ("states:TagResource", json!({"resourceArn": arn, "tags": [{"key": "b", "value": "2"}]}), ""),
        ("states:UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]}), ""),
        ("states:ListTagsForResource", json!({"resourceArn": arn}), r#"{"tags":[{"key":"b","value":"2"}]}"#),
        ("states:DeleteActivity", a(), ""),
        ("states:DeleteActivity", a(), ""),
        ("states:DescribeActivity", a(), &gone),
        (
            "states:DescribeActivity",
            sm_as_activity(),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

fn sm_as_activity() -> Value {
    json!({"activityArn": SM})
}

#[test]
fn tags() {
    let none = format!("{SM}-none");
    let gone = format!("ResourceNotFound: Resource not found: '{none}'");
    let tag = |arn: &str| json!({"resourceArn": arn, "tags": [{"key": "b", "value": "2"}]});
    let steps: &[Step] = &[
        ("states:CreateStateMachine", create(json!({"tags": [{"key": "a", "value": "1"}]})), ""),
        ("states:TagResource", tag(SM), ""),
        (
            "states:ListTagsForResource",
            json!({"resourceArn": SM}),
            r#"{"tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}"#,
        ),
        ("states:UntagResource", json!({"resourceArn": SM, "tagKeys": ["a", "z"]}), ""),
        ("states:ListTagsForResource", json!({"resourceArn": SM}), r#"{"tags":[{"key":"b","value":"2"}]}"#),
        ("states:TagResource", tag(&none), &gone),
        ("states:UntagResource", json!({"resourceArn": none, "tagKeys": ["a"]}), &gone),
        ("states:ListTagsForResource", json!({"resourceArn": none}), &gone),
        (
            "states:TagResource",
            json!({"resourceArn": SM, "tags": [{"key": "", "value": "2"}]}),
            "ValidationException: 1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member \
             must have length greater than or equal to 1",
        ),
        (
            "states:TagResource",
            json!({"resourceArn": SM, "tags": (0..50).map(|i| json!({"key": format!("k{i}"), "value": ""})).collect::<Vec<_>>()}),
            "TooManyTags: Too many tags: a resource can have at most 50.",
        ),
    ];
    run(&world(), steps);
}
