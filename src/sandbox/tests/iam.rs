//! Roles, inline policies, attachments, boundaries, instance profiles.

use super::*;

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

fn role(name: &str) -> Value {
    json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST})
}

fn named(name: &str) -> Value {
    json!({"RoleName": name})
}

const GONE: &str = "NoSuchEntity: The role with name none cannot be found.";

#[test]
fn create_and_describe() {
    let full = json!({
        "RoleName": "full", "Path": "/a/b/", "AssumeRolePolicyDocument": TRUST, "Description": "what <it> \"does\" & why",
        "MaxSessionDuration": 7200, "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess",
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "B", "Value": ""}],
    });
    let steps: &[Step] = &[
        (
            "iam:CreateRole",
            role("plain"),
            r#"{"Role":{"Path":"/","RoleName":"plain","Arn":"arn:aws:iam::000000000000:role/plain","RoleId":"?",
               "CreateDate":"2026-01-01T00:00:00Z","MaxSessionDuration":null,"Tags":null,"Description":null}}"#,
        ),
        ("iam:CreateRole", role("plain"), "EntityAlreadyExists: Role with name plain already exists."),
        ("iam:CreateRole", role("PLAIN"), "EntityAlreadyExists: Role with name PLAIN already exists."),
        (
            "iam:GetRole",
            named("plain"),
            r#"{"Role":{"MaxSessionDuration":"3600","PermissionsBoundary":null,"RoleLastUsed":""}}"#,
        ),
        ("iam:CreateRole", full, ""),
        (
            "iam:GetRole",
            named("full"),
            r#"{"Role":{"Path":"/a/b/","Arn":"arn:aws:iam::000000000000:role/a/b/full","Description":"what <it> \"does\" & why",
               "MaxSessionDuration":"7200","Tags":[{"Key":"B","Value":""},{"Key":"a","Value":"1"}],
               "PermissionsBoundary":{"PermissionsBoundaryType":"Policy",
                 "PermissionsBoundaryArn":"arn:aws:iam::aws:policy/AdministratorAccess"}}}"#,
        ),
        ("iam:GetRole", named("none"), GONE),
        (
            "iam:ListRoles",
            json!({}),
            r#"{"Roles":[{"RoleName":"full","Tags":null,"PermissionsBoundary":null},{"RoleName":"plain"}],"IsTruncated":"false"}"#,
        ),
        ("iam:ListRoles", json!({"PathPrefix": "/a/"}), r#"{"Roles":[{"RoleName":"full"}]}"#),
        (
            "iam:ListRoles",
            json!({"MaxItems": 1}),
            r#"{"Roles":[{"RoleName":"full"}],"IsTruncated":"true","Marker":"?"}"#,
        ),
        ("iam:ListRoles", json!({"Marker": "x"}), "ValidationError: Invalid Marker."),
        (
            "iam:ListRoles",
            json!({"MaxItems": 0}),
            "ValidationError: 1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value \
             greater than or equal to 1",
        ),
    ];
    let sandbox = Sandbox::in_memory(1);
    run(&sandbox, steps);
    let first = ask(&sandbox, "iam:ListRoles", json!({"MaxItems": 1})).unwrap();
    let rest = json!({"MaxItems": 1, "Marker": first["Marker"]});
    run(
        &sandbox,
        &[("iam:ListRoles", rest, r#"{"Roles":[{"RoleName":"plain"}],"IsTruncated":"false","Marker":null}"#)],
    );
}

#[test]
fn creations_refused() {
    let other = |key: &str, value: Value| {
        let mut input = role("r");
        input[key] = value;
        input
    };
    let long = "x".repeat(65);
    let one = "ValidationError: 1 validation error detected: Value ";
    let malformed = "MalformedPolicyDocument: ";
    let trust = |principal: &str| {
        json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}})
            .to_string()
    };
    let big = json!({"Version": "2012-10-17", "Statement": [{"Sid": "x".repeat(2100), "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]});
    let table: Vec<(Value, String)> = vec![
        (
            json!({"AssumeRolePolicyDocument": TRUST}),
            format!("{one}null at 'roleName' failed to satisfy constraint: Member must not be null"),
        ),
        (
            json!({"RoleName": "r"}),
            format!("{one}null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null"),
        ),
        (
            role(&long),
            format!("{one}'{long}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"),
        ),
        (
            role("a b"),
            "ValidationError: The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
                .into(),
        ),
        (
            other("Path", json!("x")),
            "ValidationError: The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
                .into(),
        ),
        (
            other("MaxSessionDuration", json!(60)),
            format!("{one}'60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"),
        ),
        (
            other("Description", json!("\u{4e00}")),
            format!("{one}'\u{4e00}' at 'description' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"),
        ),
        (
            other("PermissionsBoundary", json!("arn:aws:iam::000000000000:policy/none")),
            "NoSuchEntity: Scope ARN: arn:aws:iam::000000000000:policy/none does not exist or is not attachable.".into(),
        ),
        (other("PermissionsBoundary", json!("x".repeat(20))), format!("InvalidInput: ARN {} is not valid.", "x".repeat(20))),
        (other("AssumeRolePolicyDocument", json!("{")), format!("{malformed}This policy contains invalid Json")),
        (other("AssumeRolePolicyDocument", json!(ALLOW)), format!("{malformed}Has prohibited field Resource")),
        (
            other("AssumeRolePolicyDocument", json!(trust("arn:aws:iam::000000000000:role/none"))),
            format!("{malformed}Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/none\""),
        ),
        (other("AssumeRolePolicyDocument", json!(big.to_string())), "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048".into()),
        (
            other("Tags", json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])),
            "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.".into(),
        ),
        (other("Tags", json!([{"Key": "aws:x", "Value": ""}])), "InvalidInput: Attempting to use a reserved tag namespace (aws:).".into()),
        (
            other("Tags", json!([{"Key": "a*", "Value": ""}])),
            format!("{one}'a*' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]+"),
        ),
        (
            other("Tags", (0..51).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect()),
            "LimitExceeded: Cannot exceed quota for TagsPerRole: 50".into(),
        ),
    ];
    let sandbox = Sandbox::in_memory(1);
    for (input, wanted) in table {
        run(&sandbox, &[("iam:CreateRole", input, &wanted)]);
    }
    run(&sandbox, &[("iam:ListRoles", json!({}), r#"{"Roles":""}"#)]);
    // Other accounts' roles, and roles that are there, may be trusted.
    run(
        &sandbox,
        &[("iam:CreateRole", other("AssumeRolePolicyDocument", json!(trust("arn:aws:iam::111111111111:role/x"))), "")],
    );
    let next = json!({"RoleName": "next", "AssumeRolePolicyDocument": trust("arn:aws:iam::000000000000:role/r")});
    run(&sandbox, &[("iam:CreateRole", next, "")]);
}

#[test]
fn updates_and_tags() {
    let tag = |tags: Value| json!({"RoleName": "r", "Tags": tags});
    let steps: &[Step] = &[
        ("iam:CreateRole", role("r"), ""),
        ("iam:UpdateRole", json!({"RoleName": "r", "Description": "d", "MaxSessionDuration": 3700}), ""),
        ("iam:GetRole", named("r"), r#"{"Role":{"Description":"d","MaxSessionDuration":"3700"}}"#),
        ("iam:UpdateRole", named("r"), ""),
        ("iam:GetRole", named("r"), r#"{"Role":{"Description":null,"MaxSessionDuration":"3600"}}"#),
        ("iam:UpdateRole", named("none"), GONE),
        ("iam:UpdateRoleDescription", json!({"RoleName": "r", "Description": "e"}), r#"{"Role":{"Description":"e"}}"#),
        ("iam:UpdateAssumeRolePolicy", json!({"RoleName": "r", "PolicyDocument": TRUST}), ""),
        ("iam:UpdateAssumeRolePolicy", json!({"RoleName": "none", "PolicyDocument": TRUST}), GONE),
        (
            "iam:UpdateAssumeRolePolicy",
            json!({"RoleName": "r", "PolicyDocument": "x"}),
            "MalformedPolicyDocument: This policy contains invalid Json",
        ),
        ("iam:TagRole", tag(json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])), ""),
        ("iam:TagRole", tag(json!([{"Key": "A", "Value": "3"}])), ""),
        (
            "iam:ListRoleTags",
            named("r"),
            r#"{"Tags":[{"Key":"A","Value":"3"},{"Key":"b","Value":"2"}],"IsTruncated":"false"}"#,
        ),
        ("iam:UntagRole", json!({"RoleName": "r", "TagKeys": ["a", "never"]}), ""),
        ("iam:ListRoleTags", named("r"), r#"{"Tags":[{"Key":"b","Value":"2"}]}"#),
        ("iam:TagRole", json!({"RoleName": "none", "Tags": []}), GONE),
        ("iam:UntagRole", json!({"RoleName": "none", "TagKeys": ["a"]}), GONE),
        ("iam:ListRoleTags", named("none"), GONE),
        (
            "iam:PutRolePermissionsBoundary",
            json!({"RoleName": "r", "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"}),
            "",
        ),
        (
            "iam:GetRole",
            named("r"),
            r#"{"Role":{"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::aws:policy/PowerUserAccess"}}}"#,
        ),
        (
            "iam:PutRolePermissionsBoundary",
            json!({"RoleName": "r", "PermissionsBoundary": "arn:aws:iam::aws:policy/Nothing"}),
            "NoSuchEntity: Scope ARN: arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.",
        ),
        ("iam:DeleteRolePermissionsBoundary", named("r"), ""),
        ("iam:GetRole", named("r"), r#"{"Role":{"PermissionsBoundary":null}}"#),
        ("iam:DeleteRolePermissionsBoundary", named("none"), GONE),
        ("iam:DeleteRole", named("r"), ""),
        ("iam:DeleteRole", named("none"), GONE),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn inline_policies() {
    let put =
        |role: &str, policy: &str, text: &str| json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": text});
    let one = |role: &str, policy: &str| json!({"RoleName": role, "PolicyName": policy});
    let missing = "NoSuchEntity: The role policy with name p cannot be found.";
    let actions: Vec<String> = (0..700).map(|i| format!("dynamodb:Action{i}")).collect();
    let big = json!({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}).to_string();
    let steps: &[Step] = &[
        ("iam:CreateRole", role("r"), ""),
        ("iam:GetRolePolicy", one("r", "p"), missing),
        ("iam:DeleteRolePolicy", one("r", "p"), missing),
        ("iam:PutRolePolicy", put("none", "p", ALLOW), GONE),
        ("iam:PutRolePolicy", put("r", "p", "{}"), "MalformedPolicyDocument: Syntax errors in policy."),
        (
            "iam:PutRolePolicy",
            put("r", "p", &big),
            "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r",
        ),
        (
            "iam:PutRolePolicy",
            put("r", "p/q", ALLOW),
            "ValidationError: The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-",
        ),
        ("iam:PutRolePolicy", put("r", "p", ALLOW), ""),
        ("iam:PutRolePolicy", put("r", "o", ALLOW), ""),
        (
            "iam:GetRolePolicy",
            one("r", "p"),
            r#"{"RoleName":"r","PolicyName":"p","PolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"}"#,
        ),
        ("iam:ListRolePolicies", named("r"), r#"{"PolicyNames":["o","p"],"IsTruncated":"false"}"#),
        ("iam:ListRolePolicies", named("none"), GONE),
        ("iam:DeleteRole", named("r"), "DeleteConflict: Cannot delete entity, must delete policies first."),
        ("iam:DeleteRolePolicy", one("r", "p"), ""),
        ("iam:DeleteRolePolicy", one("r", "o"), ""),
        ("iam:DeleteRolePolicy", one("none", "o"), GONE),
        ("iam:DeleteRole", named("r"), ""),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn attachments() {
    let arn = "arn:aws:iam::000000000000:policy/own/p";
    let lambda = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let a = |role: &str, arn: &str| json!({"RoleName": role, "PolicyArn": arn});
    let steps: &[Step] = &[
        ("iam:CreateRole", role("r"), ""),
        (
            "iam:AttachRolePolicy",
            a("r", arn),
            "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/own/p does not exist or is not attachable.",
        ),
        ("iam:CreatePolicy", json!({"PolicyName": "p", "Path": "/own/", "PolicyDocument": ALLOW}), ""),
        ("iam:AttachRolePolicy", a("none", arn), GONE),
        ("iam:AttachRolePolicy", a("r", arn), ""),
        ("iam:AttachRolePolicy", a("r", arn), ""),
        ("iam:AttachRolePolicy", a("r", lambda), ""),
        (
            "iam:AttachRolePolicy",
            a("r", &"x".repeat(30)),
            &format!("InvalidInput: ARN {} is not valid.", "x".repeat(30)),
        ),
        (
            "iam:ListAttachedRolePolicies",
            named("r"),
            r#"{"AttachedPolicies":[{"PolicyName":"p","PolicyArn":"arn:aws:iam::000000000000:policy/own/p"},
               {"PolicyName":"AWSLambdaBasicExecutionRole"}]}"#,
        ),
        (
            "iam:ListAttachedRolePolicies",
            json!({"RoleName": "r", "PathPrefix": "/own/"}),
            r#"{"AttachedPolicies":[{"PolicyName":"p"}]}"#,
        ),
        ("iam:GetPolicy", json!({"PolicyArn": arn}), r#"{"Policy":{"AttachmentCount":"1"}}"#),
        (
            "iam:ListEntitiesForPolicy",
            json!({"PolicyArn": arn}),
            r#"{"PolicyRoles":[{"RoleName":"r","RoleId":"?"}],"PolicyUsers":""}"#,
        ),
        ("iam:ListEntitiesForPolicy", json!({"PolicyArn": arn, "EntityFilter": "User"}), r#"{"PolicyRoles":""}"#),
        ("iam:DeletePolicy", json!({"PolicyArn": arn}), "DeleteConflict: Cannot delete a policy attached to entities."),
        ("iam:DeleteRole", named("r"), "DeleteConflict: Cannot delete entity, must detach all policies first."),
        ("iam:DetachRolePolicy", a("r", arn), ""),
        (
            "iam:DetachRolePolicy",
            a("r", arn),
            "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/own/p was not found.",
        ),
        ("iam:DetachRolePolicy", a("r", lambda), ""),
        ("iam:DetachRolePolicy", a("none", lambda), GONE),
        ("iam:DeletePolicy", json!({"PolicyArn": arn}), ""),
        ("iam:DeleteRole", named("r"), ""),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn no_more_than_ten_attachments() {
    let sandbox = Sandbox::in_memory(1);
    run(&sandbox, &[("iam:CreateRole", role("r"), "")]);
    for i in 0..11 {
        let arn = format!("arn:aws:iam::000000000000:policy/p{i}");
        run(&sandbox, &[("iam:CreatePolicy", json!({"PolicyName": format!("p{i}"), "PolicyDocument": ALLOW}), "")]);
        let wanted = if i < 10 { "" } else { "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10" };
        run(&sandbox, &[("iam:AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn}), wanted)]);
    }
}

#[test]
fn instance_profiles() {
    let p = |name: &str| json!({"InstanceProfileName": name});
    let both = |profile: &str, role: &str| json!({"InstanceProfileName": profile, "RoleName": role});
    let gone = "NoSuchEntity: Instance Profile none cannot be found.";
    let steps: &[Step] = &[
        ("iam:CreateRole", role("r"), ""),
        (
            "iam:CreateInstanceProfile",
            json!({"InstanceProfileName": "i", "Path": "/x/", "Tags": [{"Key": "a", "Value": "1"}]}),
            r#"{"InstanceProfile":{"Arn":"arn:aws:iam::000000000000:instance-profile/x/i","InstanceProfileId":"?","Roles":""}}"#,
        ),
        ("iam:CreateInstanceProfile", p("i"), "EntityAlreadyExists: Instance Profile i already exists."),
        ("iam:AddRoleToInstanceProfile", both("i", "none"), GONE),
        ("iam:AddRoleToInstanceProfile", both("none", "r"), gone),
        ("iam:AddRoleToInstanceProfile", both("i", "r"), ""),
        (
            "iam:AddRoleToInstanceProfile",
            both("i", "r"),
            "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
        ),
        ("iam:GetInstanceProfile", p("i"), r#"{"InstanceProfile":{"Roles":[{"RoleName":"r"}],"Tags":[{"Key":"a"}]}}"#),
        ("iam:GetInstanceProfile", p("none"), gone),
        ("iam:ListInstanceProfilesForRole", named("r"), r#"{"InstanceProfiles":[{"InstanceProfileName":"i"}]}"#),
        ("iam:ListInstanceProfiles", json!({"PathPrefix": "/y/"}), r#"{"InstanceProfiles":""}"#),
        (
            "iam:DeleteRole",
            named("r"),
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.",
        ),
        (
            "iam:DeleteInstanceProfile",
            p("i"),
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.",
        ),
        ("iam:TagInstanceProfile", json!({"InstanceProfileName": "i", "Tags": [{"Key": "b", "Value": "2"}]}), ""),
        ("iam:UntagInstanceProfile", json!({"InstanceProfileName": "i", "TagKeys": ["a"]}), ""),
        ("iam:ListInstanceProfileTags", p("i"), r#"{"Tags":[{"Key":"b","Value":"2"}]}"#),
        ("iam:RemoveRoleFromInstanceProfile", both("i", "r"), ""),
        ("iam:RemoveRoleFromInstanceProfile", both("i", "r"), "NoSuchEntity: The role with name r cannot be found."),
        ("iam:DeleteInstanceProfile", p("i"), ""),
        ("iam:DeleteInstanceProfile", p("none"), gone),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn a_name_used_again_gets_another_id() {
    let sandbox = Sandbox::in_memory(1);
    let make = || ask(&sandbox, "iam:CreateRole", role("r")).unwrap()["Role"]["RoleId"].clone();
    let first = make();
    run(&sandbox, &[("iam:DeleteRole", named("r"), "")]);
    assert_ne!(first, make());
    let again = ask(&Sandbox::in_memory(1), "iam:CreateRole", role("r")).unwrap();
    assert_eq!(first, again["Role"]["RoleId"], "the same seed, the same ids");
    let other = ask(&Sandbox::in_memory(2), "iam:CreateRole", role("r")).unwrap();
    assert_ne!(first, other["Role"]["RoleId"]);
}

#[test]
fn service_linked_roles() {
    let service = json!({"AWSServiceName": "dynamodb.application-autoscaling.amazonaws.com"});
    let steps: &[Step] = &[
        (
            "iam:CreateServiceLinkedRole",
            service.clone(),
            r#"{"Role":{"RoleName":"AWSServiceRoleForDynamodb","Path":"/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"}}"#,
        ),
        (
            "iam:CreateServiceLinkedRole",
            service,
            "InvalidInput: Service role name AWSServiceRoleForDynamodb has been taken in this account, please try a different suffix.",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}
