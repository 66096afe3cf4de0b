//! Versions and aliases of state machines.

use super::*;

const SM: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:sm";
const ROLE: &str = "arn:aws:iam::000000000000:role/flow";
const NOTHING: &str = "ResourceNotFound: Request references a resource that does not exist.";

fn world() -> Sandbox {
    let sandbox = Sandbox::in_memory(1);
    run(
        &sandbox,
        &[
            ("iam:CreateRole", json!({"RoleName": "flow", "AssumeRolePolicyDocument": TRUST}), ""),
            ("states:CreateStateMachine", json!({"name": "sm", "definition": PASS, "roleArn": ROLE}), ""),
        ],
    );
    sandbox
}

fn definition(state: &str) -> String {
    PASS.replace("\"A\"", &format!("\"{state}\""))
}

fn publish(other: Value) -> Value {
    let mut input = json!({"stateMachineArn": SM});
    for (key, value) in other.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

fn version(n: u32) -> String {
    format!("{SM}:{n}")
}

#[test]
fn versions() {
    let describe = |n: u32| json!({"stateMachineArn": version(n)});
    let steps: &[Step] = &[
        ("states:ListStateMachineVersions", json!({"stateMachineArn": SM}), r#"{"stateMachineVersions":[]}"#),
        (
            "states:ListStateMachineVersions",
            json!({"stateMachineArn": format!("{SM}-none")}),
            r#"{"stateMachineVersions":[]}"#,
        ),
        (
            "states:PublishStateMachineVersion",
            publish(json!({"description": "one"})),
            r#"{"creationDate":1767225600,"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:1"}"#,
        ),
        // Nothing new, no new version.
        (
            "states:PublishStateMachineVersion",
            publish(json!({})),
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:1"}"#,
        ),
        (
            "states:PublishStateMachineVersion",
            publish(json!({"revisionId": "other"})),
            "ConflictException: Failed to publish the State Machine version for revision other. The current State Machine revision is \
             INITIAL.",
        ),
        (
            "states:UpdateStateMachine",
            publish(json!({"definition": definition("B"), "publish": true, "versionDescription": "two"})),
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:2"}"#,
        ),
        (
            "states:DescribeStateMachine",
            describe(1),
            r#"{"description":"one","name":"sm","revisionId":null,
            "stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:1",
            "definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}"}"#,
        ),
        ("states:DescribeStateMachine", describe(2), r#"{"description":"two","revisionId":"?"}"#),
        (
            "states:DescribeStateMachine",
            describe(3),
            "StateMachineDoesNotExist: State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:sm:3'",
        ),
        (
            "states:UpdateStateMachine",
            publish(json!({"definition": definition("C"), "versionDescription": "three"})),
            "ValidationException: Version description can only be set when publish is true",
        ),
        // A role alone is a new revision too.
        ("iam:CreateRole", json!({"RoleName": "r2", "AssumeRolePolicyDocument": TRUST}), ""),
        (
            "states:UpdateStateMachine",
            publish(json!({"roleArn": "arn:aws:iam::000000000000:role/r2", "publish": true})),
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:3"}"#,
        ),
        (
            "states:ListStateMachineVersions",
            json!({"stateMachineArn": SM}),
            r#"{"stateMachineVersions":[{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:3"},
               {"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:2"},
               {"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:1"}]}"#,
        ),
        ("states:ListStateMachineVersions", json!({"stateMachineArn": SM, "maxResults": 2}), r#"{"nextToken":"?"}"#),
        ("states:DeleteStateMachineVersion", json!({"stateMachineVersionArn": version(1)}), ""),
        ("states:DeleteStateMachineVersion", json!({"stateMachineVersionArn": version(1)}), ""),
        (
            "states:DeleteStateMachineVersion",
            json!({"stateMachineVersionArn": SM}),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
        ),
        (
            "states:PublishStateMachineVersion",
            json!({"stateMachineArn": format!("{SM}-none")}),
            "StateMachineDoesNotExist: State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:sm-none'",
        ),
        // Numbers are never used again.
        ("states:DeleteStateMachineVersion", json!({"stateMachineVersionArn": version(3)}), ""),
        (
            "states:PublishStateMachineVersion",
            publish(json!({})),
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:4"}"#,
        ),
    ];
    run(&world(), steps);
}

#[test]
fn created_with_a_version() {
    let create = json!({
        "name": "p", "definition": PASS, "roleArn": ROLE, "publish": true, "versionDescription": "first",
    });
    let steps: &[Step] = &[
        (
            "states:CreateStateMachine",
            create.clone(),
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:p:1"}"#,
        ),
        (
            "states:CreateStateMachine",
            create,
            r#"{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:p:1"}"#,
        ),
    ];
    run(&world(), steps);
}

#[test]
fn aliases() {
    let route = |n: u32, weight: i64| json!({"stateMachineVersionArn": version(n), "weight": weight});
    let create = |name: &str, routes: Value| json!({"name": name, "routingConfiguration": routes});
    let alias = |name: &str| json!({"stateMachineAliasArn": format!("{SM}:{name}")});
    let update = |name: &str, routes: Value| json!({"stateMachineAliasArn": format!("{SM}:{name}"), "routingConfiguration": routes});
    let one = "ValidationException: 1 validation error detected: Value ";
    let conflict = "ConflictException: Version to be deleted must not be referenced by an alias. Current list of aliases referencing \
        this version: [live]";
    let steps: &[Step] = &[
        ("states:PublishStateMachineVersion", publish(json!({})), ""),
        ("states:UpdateStateMachine", publish(json!({"definition": definition("B"), "publish": true})), ""),
        ("states:DescribeStateMachineAlias", alias("live"), NOTHING),
        (
            "states:CreateStateMachineAlias",
            create("live", json!([route(1, 100)])),
            r#"{"stateMachineAliasArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:live","creationDate":1767225600}"#,
        ),
        ("states:CreateStateMachineAlias", create("live", json!([route(1, 100)])), ""),
        (
            "states:CreateStateMachineAlias",
            create("live", json!([route(2, 100)])),
            "ConflictException: Failed to create alias because an alias with the same name and a different routing configuration already \
             exists.",
        ),
        ("states:CreateStateMachineAlias", create("next", json!([route(9, 100)])), NOTHING),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([{"stateMachineVersionArn": format!("{SM}-none:1"), "weight": 100}])),
            NOTHING,
        ),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([route(1, 50)])),
            "ValidationException: Sum of routing configuration weights must equal 100",
        ),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([route(1, 50), route(1, 50)])),
            "ValidationException: Routing configuration must contain distinct versions.",
        ),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([])),
            "ValidationException: Routing configuration must contain at least one and at most two versions.",
        ),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([{"stateMachineVersionArn": SM, "weight": 100}])),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
        ),
        (
            "states:CreateStateMachineAlias",
            create("12", json!([route(1, 100)])),
            &format!(
                "{one}'12' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
            ),
        ),
        (
            "states:CreateStateMachineAlias",
            create("next", json!([route(1, 101)])),
            &format!(
                "{one}'101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100"
            ),
        ),
        (
            "states:CreateStateMachineAlias",
            json!({"name": "next"}),
            &format!("{one}null at 'routingConfiguration' failed to satisfy constraint: Member must not be null"),
        ),
        (
            "states:DescribeStateMachineAlias",
            alias("live"),
            r#"{"name":"live","description":null,"updateDate":1767225600,
               "routingConfiguration":[{"stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:1","weight":100}]}"#,
        ),
        (
            "states:UpdateStateMachineAlias",
            update("live", json!([route(1, 90), route(2, 10)])),
            r#"{"updateDate":1767225600}"#,
        ),
        (
            "states:UpdateStateMachineAlias",
            json!({"stateMachineAliasArn": format!("{SM}:live"), "description": "d"}),
            "",
        ),
        (
            "states:DescribeStateMachineAlias",
            alias("live"),
            r#"{"description":"d","routingConfiguration":[{"weight":90},{"weight":10}]}"#,
        ),
        (
            "states:UpdateStateMachineAlias",
            alias("live"),
            "ValidationException: Either description or routing configuration must be specified.",
        ),
        ("states:UpdateStateMachineAlias", update("none", json!([route(1, 100)])), NOTHING),
        ("states:UpdateStateMachineAlias", update("live", json!([route(7, 100)])), NOTHING),
        // A machine can be described by an alias.
        ("states:DescribeStateMachine", json!({"stateMachineArn": format!("{SM}:live")}), r#"{"name":"sm"}"#),
        (
            "states:ListStateMachineAliases",
            json!({"stateMachineArn": SM}),
            r#"{"stateMachineAliases":[{"stateMachineAliasArn":"arn:aws:states:us-east-1:000000000000:stateMachine:sm:live"}]}"#,
        ),
        ("states:ListStateMachineAliases", json!({"stateMachineArn": version(2)}), r#"{"stateMachineAliases":[{}]}"#),
        ("states:DeleteStateMachineVersion", json!({"stateMachineVersionArn": version(2)}), conflict),
        ("states:DeleteStateMachineAlias", alias("live"), ""),
        ("states:DeleteStateMachineAlias", alias("live"), NOTHING),
        ("states:DeleteStateMachineVersion", json!({"stateMachineVersionArn": version(2)}), ""),
        ("states:ListStateMachineAliases", json!({"stateMachineArn": SM}), r#"{"stateMachineAliases":[]}"#),
    ];
    run(&world(), steps);
}
