//! Managed policies and their versions.

use super::*;

const ARN: &str = "arn:aws:iam::000000000000:policy/p";
const LAMBDA: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
}

fn p() -> Value {
    json!({"PolicyArn": ARN})
}

fn version(id: &str) -> Value {
    json!({"PolicyArn": ARN, "VersionId": id})
}

const GONE: &str = "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/p was not found.";

#[test]
fn create_describe_delete() {
    let create = |name: &str, text: &str| json!({"PolicyName": name, "PolicyDocument": text});
    let actions: Vec<String> = (0..500).map(|i| format!("dynamodb:Action{i}")).collect();
    let big = json!({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}).to_string();
    let steps: &[Step] = &[
        ("iam:GetPolicy", p(), GONE),
        ("iam:DeletePolicy", p(), GONE),
        (
            "iam:CreatePolicy",
            json!({"PolicyName": "p", "PolicyDocument": allow("s3:*"), "Description": "d", "Tags": [{"Key": "a", "Value": "1"}]}),
            r#"{"Policy":{"Arn":"arn:aws:iam::000000000000:policy/p","PolicyId":"?","DefaultVersionId":"v1","AttachmentCount":"0",
               "IsAttachable":"true","CreateDate":"2026-01-01T00:00:00Z","Tags":[{"Key":"a","Value":"1"}]}}"#,
        ),
        (
            "iam:CreatePolicy",
            create("P", &allow("s3:*")),
            "EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed.",
        ),
        ("iam:CreatePolicy", create("q", "{}"), "MalformedPolicyDocument: Syntax errors in policy."),
        ("iam:CreatePolicy", create("q", &big), "LimitExceeded: Cannot exceed quota for PolicySize: 6144"),
        (
            "iam:GetPolicy",
            p(),
            r#"{"Policy":{"Description":"d","Tags":[{"Key":"a"}],"PermissionsBoundaryUsageCount":"0"}}"#,
        ),
        (
            "iam:GetPolicy",
            json!({"PolicyArn": "x".repeat(20)}),
            &format!("InvalidInput: ARN {} is not valid.", "x".repeat(20)),
        ),
        ("iam:TagPolicy", json!({"PolicyArn": ARN, "Tags": [{"Key": "b", "Value": "2"}]}), ""),
        ("iam:UntagPolicy", json!({"PolicyArn": ARN, "TagKeys": ["a"]}), ""),
        ("iam:ListPolicyTags", p(), r#"{"Tags":[{"Key":"b","Value":"2"}]}"#),
        (
            "iam:ListPolicies",
            json!({"Scope": "Local"}),
            r#"{"Policies":[{"PolicyName":"p","Description":null}],"IsTruncated":"false"}"#,
        ),
        ("iam:ListPolicies", json!({"Scope": "Local", "OnlyAttached": true}), r#"{"Policies":""}"#),
        (
            "iam:ListPolicies",
            json!({"Scope": "Mine"}),
            "ValidationError: 1 validation error detected: Value 'Mine' at 'scope' failed to satisfy constraint: Member must satisfy \
             enum value set: [All, AWS, Local]",
        ),
        ("iam:DeletePolicy", p(), ""),
        ("iam:GetPolicy", p(), GONE),
        ("iam:TagPolicy", json!({"PolicyArn": ARN, "Tags": [{"Key": "b", "Value": "2"}]}), GONE),
        ("iam:ListPolicyTags", p(), GONE),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn versions() {
    let add = |default: bool| json!({"PolicyArn": ARN, "PolicyDocument": allow("s3:Get*"), "SetAsDefault": default});
    let no_v9 =
        "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/p version v9 does not exist or is not attachable.";
    let steps: &[Step] = &[
        ("iam:CreatePolicyVersion", add(true), GONE),
        ("iam:CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": allow("s3:*")}), ""),
        ("iam:CreatePolicyVersion", add(true), r#"{"PolicyVersion":{"VersionId":"v2","IsDefaultVersion":"true"}}"#),
        ("iam:CreatePolicyVersion", add(false), r#"{"PolicyVersion":{"VersionId":"v3","IsDefaultVersion":"false"}}"#),
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": ARN, "PolicyDocument": "x"}),
            "MalformedPolicyDocument: Syntax errors in policy.",
        ),
        ("iam:GetPolicy", p(), r#"{"Policy":{"DefaultVersionId":"v2"}}"#),
        (
            "iam:GetPolicyVersion",
            version("v2"),
            r#"{"PolicyVersion":{"VersionId":"v2","IsDefaultVersion":"true","Document":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"}}"#,
        ),
        ("iam:GetPolicyVersion", version("v9"), no_v9),
        (
            "iam:GetPolicyVersion",
            version("nine"),
            "ValidationError: 1 validation error detected: Value 'nine' at 'versionId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
        ),
        ("iam:CreatePolicyVersion", add(false), ""),
        ("iam:CreatePolicyVersion", add(false), ""),
        (
            "iam:CreatePolicyVersion",
            add(false),
            "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing \
             version.",
        ),
        (
            "iam:ListPolicyVersions",
            p(),
            r#"{"Versions":[{"VersionId":"v5"},{"VersionId":"v4"},{"VersionId":"v3"},{"VersionId":"v2","IsDefaultVersion":"true"},{"VersionId":"v1"}]}"#,
        ),
        ("iam:DeletePolicyVersion", version("v2"), "DeleteConflict: Cannot delete the default version of a policy."),
        ("iam:DeletePolicyVersion", version("v9"), no_v9),
        ("iam:DeletePolicyVersion", version("v1"), ""),
        ("iam:SetDefaultPolicyVersion", version("v3"), ""),
        ("iam:SetDefaultPolicyVersion", version("v9"), no_v9),
        ("iam:GetPolicy", p(), r#"{"Policy":{"DefaultVersionId":"v3"}}"#),
        (
            "iam:DeletePolicy",
            p(),
            "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ),
        ("iam:CreatePolicyVersion", add(true), r#"{"PolicyVersion":{"VersionId":"v6"}}"#),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn what_aws_provides() {
    let one = |arn: &str| json!({"PolicyArn": arn});
    let denied = |action: &str| {
        format!(
            "AccessDenied: User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: iam:{action} on resource: policy {LAMBDA}"
        )
    };
    let steps: &[Step] = &[
        (
            "iam:GetPolicy",
            one(LAMBDA),
            r#"{"Policy":{"PolicyName":"AWSLambdaBasicExecutionRole","Path":"/service-role/","DefaultVersionId":"v1","PolicyId":"?"}}"#,
        ),
        ("iam:GetPolicy", one("arn:aws:iam::aws:policy/AdministratorAccess"), r#"{"Policy":{"Path":"/"}}"#),
        (
            "iam:GetPolicy",
            one("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"),
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole was not found.",
        ),
        (
            "iam:GetPolicyVersion",
            json!({"PolicyArn": LAMBDA, "VersionId": "v1"}),
            r#"{"PolicyVersion":{"Document":"?"}}"#,
        ),
        (
            "iam:GetPolicyVersion",
            json!({"PolicyArn": LAMBDA, "VersionId": "v7"}),
            &format!("NoSuchEntity: Policy {LAMBDA} version v7 does not exist or is not attachable."),
        ),
        ("iam:ListPolicyVersions", one(LAMBDA), r#"{"Versions":[{"VersionId":"v1","IsDefaultVersion":"true"}]}"#),
        ("iam:ListPolicyTags", one(LAMBDA), r#"{"Tags":""}"#),
        ("iam:DeletePolicy", one(LAMBDA), &denied("DeletePolicy")),
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": LAMBDA, "PolicyDocument": allow("*")}),
            &denied("CreatePolicyVersion"),
        ),
        ("iam:TagPolicy", json!({"PolicyArn": LAMBDA, "Tags": []}), &denied("TagPolicy")),
        (
            "iam:ListPolicies",
            json!({"Scope": "AWS", "MaxItems": 1}),
            r#"{"Policies":[{"Arn":"?"}],"IsTruncated":"true","Marker":"?"}"#,
        ),
        ("iam:ListPolicies", json!({"Scope": "AWS", "PathPrefix": "/nowhere/"}), r#"{"Policies":""}"#),
        ("iam:ListAccountAliases", json!({}), r#"{"AccountAliases":"","IsTruncated":"false"}"#),
    ];
    run(&Sandbox::in_memory(1), steps);
}
