//! The IAM types against the embedded AWS.

use super::*;
use crate::resources::{ErrorKind, policy};
use crate::sandbox::{Trouble, When};
use serde_json::json;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}]}"#;

fn policy(action: &str) -> String {
    POLICY.replace("dynamodb:GetItem", action)
}

fn refused(code: &str, message: &str) -> Trouble {
    Trouble::Refused { status: 400, code: code.into(), message: message.into() }
}

#[tokio::test]
async fn a_role_from_its_making_to_its_end() {
    let world = World::new().await;
    let boundary = world.apply("aws_iam_policy", None, json!({"name": "edge", "policy": POLICY})).await;
    let edge = arn_of(&boundary.object);
    let mut role: Option<Object> = None;
    for (block, action, calls) in [
        (json!({"name": "r", "assume_role_policy": TRUST}), Action::Create, &["iam:CreateRole"][..]),
        (
            json!({"name": "r", "assume_role_policy": TRUST.replace(r#""sts:AssumeRole""#, r#"[ "sts:AssumeRole" ]"#)}),
            Action::NoOp,
            &[],
        ),
        (
            json!({"name": "r", "assume_role_policy": TRUST.replace("states.", "lambda."), "description": "d", "tags": {"a": "1", "b": "2"}}),
            Action::Update,
            &["iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:TagRole"],
        ),
        (
            json!({
                "name": "r", "assume_role_policy": TRUST, "max_session_duration": 7200, "permissions_boundary": edge,
                "tags": {"b": "3"},
            }),
            Action::Update,
            &[
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:PutRolePermissionsBoundary",
                "iam:UntagRole",
                "iam:TagRole",
            ],
        ),
        (
            json!({
                "name": "r", "assume_role_policy": TRUST, "managed_policy_arns": [edge],
                "inline_policy": [{"name": "one", "policy": POLICY}, {"name": "two", "policy": POLICY}],
            }),
            Action::Update,
            &[
                "iam:UpdateRole",
                "iam:DeleteRolePermissionsBoundary",
                "iam:PutRolePolicy",
                "iam:PutRolePolicy",
                "iam:AttachRolePolicy",
                "iam:UntagRole",
            ],
        ),
        // Without the block, and with another form of the same text, nothing changes.
        (json!({"name": "r", "assume_role_policy": TRUST}), Action::NoOp, &[]),
        (
            json!({
                "name": "r", "assume_role_policy": TRUST,
                "inline_policy": [
                    {"name": "two", "policy": POLICY.replace(r#""*""#, r#"["*"]"#)},
                    {"name": "one", "policy": POLICY},
                ],
            }),
            Action::NoOp,
            &[],
        ),
        (
            json!({
                "name": "r", "assume_role_policy": TRUST, "managed_policy_arns": [],
                "inline_policy": [{"name": "two", "policy": policy("dynamodb:*")}],
            }),
            Action::Update,
            &["iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy"],
        ),
        (
            json!({"name": "r", "assume_role_policy": TRUST, "inline_policy": [{}]}),
            Action::Update,
            &["iam:DeleteRolePolicy"],
        ),
        (json!({"name": "r", "assume_role_policy": TRUST, "inline_policy": [{}]}), Action::NoOp, &[]),
        (
            json!({"name": "r", "path": "/x/", "assume_role_policy": TRUST}),
            Action::DeleteThenCreate,
            &["iam:ListInstanceProfilesForRole", "iam:DeleteRole", "iam:CreateRole"],
        ),
    ] {
        let applied = world.apply("aws_iam_role", role.as_ref(), block.clone()).await;
        assert_eq!(
            (applied.action, &*applied.calls),
            (action, &calls.iter().map(|c| c.to_string()).collect::<Vec<_>>()[..]),
            "{block}"
        );
        role = Some(applied.object);
    }
    let role = role.unwrap();
    assert_eq!(role.str("arn"), Some("arn:aws:iam::000000000000:role/x/r"));
    assert_eq!(role.str("create_date"), Some("2026-01-01T00:00:00Z"));
    let mut imported = world.import("aws_iam_role", "r").await;
    let block = json!({"name": "r", "path": "/x/", "assume_role_policy": TRUST, "inline_policy": [{}]});
    assert_eq!(world.plan("aws_iam_role", Some(&imported), &block).action, Action::NoOp);
    imported.set("tags", role.get("tags").unwrap().clone());
    assert_eq!(imported, role);
    world.delete("aws_iam_role", &role).await.unwrap();
    assert_eq!(world.read("aws_iam_role", &role).await, None);
    world.delete("aws_iam_role", &role).await.unwrap();
}

#[tokio::test]
async fn a_read_makes_no_more_calls_than_it_must() {
    let world = World::new().await;
    let block = json!({"name": "r", "assume_role_policy": TRUST, "inline_policy": [{"name": "one", "policy": POLICY}]});
    let role = world.apply("aws_iam_role", None, block).await.object;
    world.sandbox.take_calls();
    world.read("aws_iam_role", &role).await.unwrap();
    let mut calls = world.sandbox.take_calls();
    calls.sort();
    assert_eq!(calls, ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]);
}

#[tokio::test]
async fn names_are_generated_and_predicted() {
    let world = World::new().await;
    let applied = world.apply("aws_iam_role", None, json!({"name_prefix": "flow-", "assume_role_policy": TRUST})).await;
    assert!(is_hole(&applied.planned, "name") && is_hole(&applied.planned, "arn") && is_hole(&applied.planned, "id"));
    assert_eq!(applied.planned.get("name").unwrap().refinement().unwrap().prefix.as_deref(), Some("flow-"));
    assert_eq!(applied.object.str("name"), Some("flow-20260101000000000000000001"));
    assert_eq!(applied.object.str("name_prefix"), Some("flow-"));
    let applied = world.apply("aws_iam_role", None, json!({"assume_role_policy": TRUST})).await;
    assert_eq!(applied.object.str("name_prefix"), Some("terraform-"));
    let planned =
        world.plan("aws_iam_role", None, &json!({"name": "r", "path": "/a/", "assume_role_policy": TRUST})).after;
    assert_eq!(planned.str("arn"), Some("arn:aws:iam::000000000000:role/a/r"));
    assert_eq!((planned.str("id"), planned.str("name_prefix")), (Some("r"), Some("")));
    assert!(is_hole(&planned, "unique_id"));
}

#[tokio::test]
async fn a_role_with_policies_of_others_says_so() {
    let world = World::new().await;
    let role = world.apply("aws_iam_role", None, json!({"name": "r", "assume_role_policy": TRUST})).await.object;
    let block = json!({"role": "r", "name": "in", "policy": POLICY});
    let inline = world.apply("aws_iam_role_policy", None, block).await.object;
    let error = world.delete("aws_iam_role", &role).await.unwrap_err();
    assert_eq!(error.code, "DeleteConflict");
    assert!(error.message.ends_with(
        "The role has policies that this configuration did not give it: inline policy in. Remove them where they come from, or set \
         force_detach_policies = true in the role, apply that, and delete it then."
    ));
    world.delete("aws_iam_role_policy", &inline).await.unwrap();
    world.delete("aws_iam_role", &role).await.unwrap();

    // By force, all go.
    let block = json!({"name": "r", "assume_role_policy": TRUST, "force_detach_policies": true});
    let role = world.apply("aws_iam_role", None, block).await.object;
    world.apply("aws_iam_role_policy", None, json!({"role": "r", "name": "in", "policy": POLICY})).await;
    world.apply("aws_iam_instance_profile", None, json!({"name": "p", "role": "r"})).await;
    let calls = world.delete("aws_iam_role", &role).await.unwrap();
    assert!(
        calls.contains(&"iam:DeleteRolePolicy".into()) && calls.contains(&"iam:RemoveRoleFromInstanceProfile".into())
    );
}

#[tokio::test]
async fn a_role_takes_its_own_policies_along_and_names_those_of_others() {
    let world = World::new().await;
    let theirs = world.apply("aws_iam_policy", None, json!({"name": "theirs", "policy": POLICY})).await.object;
    let mine = world.apply("aws_iam_policy", None, json!({"name": "mine", "policy": POLICY})).await.object;
    let block = json!({
        "name": "r", "assume_role_policy": TRUST, "managed_policy_arns": [arn_of(&mine)],
        "inline_policy": [{"name": "own", "policy": POLICY}],
    });
    let role = world.apply("aws_iam_role", None, block).await.object;
    let block = json!({"role": "r", "policy_arn": arn_of(&theirs)});
    world.apply("aws_iam_role_policy_attachment", None, block).await;
    world.apply("aws_iam_role_policy", None, json!({"role": "r", "name": "in", "policy": POLICY})).await;

    let error = world.delete("aws_iam_role", &role).await.unwrap_err();
    let others = format!("did not give it: {}, inline policy in. Remove them", arn_of(&theirs));
    assert!(error.message.contains(&others), "{}", error.message);
    // What was seen of them by a later look is known, and goes.
    let seen = world.read("aws_iam_role", &role).await.unwrap();
    world.delete("aws_iam_role", &seen).await.unwrap();
    assert_eq!(world.read("aws_iam_role", &seen).await, None);
}

#[tokio::test]
async fn a_delete_conflict_that_passes_is_waited_for() {
    let world = World::new().await;
    let role = world.apply("aws_iam_role", None, json!({"name": "r", "assume_role_policy": TRUST})).await.object;
    world.sandbox.trouble(
        "iam:DeleteRole",
        3,
        When::Before,
        refused("DeleteConflict", "must detach all policies first."),
    );
    let calls = world.delete("aws_iam_role", &role).await.unwrap();
    assert_eq!(calls.iter().filter(|c| *c == "iam:DeleteRole").count(), 4);
}

#[tokio::test]
async fn a_new_principal_is_waited_for_and_a_missing_one_is_not() {
    let world = World::new().await;
    let trust = |arn: &str| TRUST.replace(r#""Service":"states.amazonaws.com""#, &format!(r#""AWS":"{arn}""#));
    let other = "arn:aws:iam::111122223333:role/theirs";
    let trouble = refused("MalformedPolicyDocument", &format!("Invalid principal in policy: \"AWS\":\"{other}\""));
    world.sandbox.trouble("iam:CreateRole", 8, When::Before, trouble);
    let block = json!({"name": "r", "assume_role_policy": trust(other)});
    let applied = world.apply("aws_iam_role", None, block).await;
    assert_eq!(applied.calls, ["iam:CreateRole"; 9]);
    assert!(world.take_notes().contains(&"waiting for IAM to know the principal, 1 s".to_string()));

    let mine = "arn:aws:iam::000000000000:role/none";
    let trouble = refused("MalformedPolicyDocument", &format!("Invalid principal in policy: \"AWS\":\"{mine}\""));
    world.sandbox.trouble("iam:CreateRole", 8, When::Before, trouble);
    let error = world
        .try_apply("aws_iam_role", None, json!({"name": "s", "assume_role_policy": trust(mine)}))
        .await
        .err()
        .unwrap();
    assert_eq!(world.sandbox.take_calls(), ["iam:CreateRole", "iam:GetRole"]);
    assert!(error.message.ends_with("There is no arn:aws:iam::000000000000:role/none."), "{}", error.message);
}

#[tokio::test]
async fn what_exists_after_a_failure_is_told() {
    let world = World::new().await;
    world.sandbox.trouble("iam:PutRolePolicy", 1, When::Before, refused("LimitExceeded", "too much"));
    let block = json!({"name": "r", "assume_role_policy": TRUST, "inline_policy": [{"name": "one", "policy": POLICY}]});
    let error = world.try_apply("aws_iam_role", None, block).await.err().unwrap();
    assert_eq!(error.partial.as_deref().and_then(|o| o.str("id")), Some("r"));

    let role = world.import("aws_iam_role", "r").await;
    world.sandbox.trouble("iam:TagRole", 1, When::Before, refused("LimitExceeded", "too many"));
    let block = json!({"name": "r", "assume_role_policy": TRUST, "description": "d", "tags": {"a": "b"}});
    let error = world.try_apply("aws_iam_role", Some(&role), block).await.err().unwrap();
    let partial = error.partial.unwrap();
    assert_eq!(partial.str("description"), Some("d"));
    assert_eq!(partial.string_map("tags_all"), []);
}

#[tokio::test]
async fn a_sixth_version_takes_the_place_of_the_oldest() {
    let world = World::new().await;
    let mut object = world.apply("aws_iam_policy", None, json!({"name": "p", "policy": POLICY})).await.object;
    for n in 2..=7 {
        let block = json!({"name": "p", "policy": policy(&format!("dynamodb:{n}"))});
        let applied = world.apply("aws_iam_policy", Some(&object), block).await;
        let mut want = vec!["iam:ListPolicyVersions", "iam:CreatePolicyVersion"];
        if n > 5 {
            want.insert(1, "iam:DeletePolicyVersion");
        }
        assert_eq!(applied.calls, want, "{n}");
        object = applied.object;
    }
    let arn = arn_of(&object);
    let left = world.aws.iam().list_policy_versions().policy_arn(arn).send().await.unwrap();
    let mut ids: Vec<_> = left.versions().iter().map(|v| v.version_id().unwrap()).collect();
    ids.sort();
    assert_eq!(ids, ["v3", "v4", "v5", "v6", "v7"]);
    world.delete("aws_iam_policy", &object).await.unwrap();
    assert_eq!(world.read("aws_iam_policy", &object).await, None);
}

#[tokio::test]
async fn a_policy_by_its_parts() {
    let world = World::new().await;
    let block = json!({"name": "p", "path": "/t/", "description": "d", "policy": POLICY, "tags": {"a": "1"}});
    let made = world.apply("aws_iam_policy", None, block).await;
    assert_eq!(made.planned.str("id"), Some("arn:aws:iam::000000000000:policy/t/p"));
    let policy = made.object;
    let same = POLICY.replace(r#""*""#, r#"["*"]"#);
    for (block, action) in [
        (json!({"name": "p", "path": "/t/", "description": "d", "policy": same, "tags": {"a": "1"}}), Action::NoOp),
        (json!({"name": "p", "path": "/t/", "description": "d", "policy": POLICY, "tags": {"a": "2"}}), Action::Update),
        (json!({"name": "p", "path": "/t/", "description": "e", "policy": POLICY}), Action::DeleteThenCreate),
        (json!({"name": "p", "path": "/u/", "description": "d", "policy": POLICY}), Action::DeleteThenCreate),
        (json!({"name": "q", "path": "/t/", "description": "d", "policy": POLICY}), Action::DeleteThenCreate),
    ] {
        assert_eq!(world.plan("aws_iam_policy", Some(&policy), &block).action, action, "{block}");
    }
    assert_eq!(world.import("aws_iam_policy", arn_of(&policy)).await, policy);

    let role = world.apply("aws_iam_role", None, json!({"name": "r", "assume_role_policy": TRUST})).await.object;
    let block = json!({"role": "r", "policy_arn": arn_of(&policy)});
    let attachment = world.apply("aws_iam_role_policy_attachment", None, block).await;
    assert!(is_hole(&attachment.planned, "id"));
    let error = world.delete("aws_iam_policy", &policy).await.unwrap_err();
    assert!(error.message.ends_with("It is attached to role r. Detach it there first."), "{error}");
    world.delete("aws_iam_role_policy_attachment", &attachment.object).await.unwrap();
    assert_eq!(world.read("aws_iam_role_policy_attachment", &attachment.object).await, None);
    world.delete("aws_iam_policy", &policy).await.unwrap();
    world.delete("aws_iam_role", &role).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_missed_after_a_moment() {
    let world = World::new().await;
    let block = json!({"role": "nobody", "name": "p", "policy": POLICY});
    let error = world.try_apply("aws_iam_role_policy", None, block).await.err().unwrap();
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NoSuchEntity"));
    assert!(world.aws.clock().passed() < Duration::from_secs(10));
    assert_eq!(world.take_notes().last().map(|n| n.starts_with("waiting for IAM propagation")), Some(true));
}

#[tokio::test]
async fn policies_of_no_role_are_not_exclusive() {
    let world = World::new().await;
    for (ty, what) in [
        ("aws_iam_role_policies_exclusive", "policy_names"),
        ("aws_iam_role_policy_attachments_exclusive", "policy_arns"),
    ] {
        let error = world.try_apply(ty, None, json!({"role_name": "none", what: []})).await.err().unwrap();
        assert_eq!(error.message, "There is no IAM role \"none\".", "{ty}");
    }
}

#[tokio::test]
async fn smaller_types_live_and_die() {
    let world = World::new().await;
    world.apply("aws_iam_role", None, json!({"name": "r", "assume_role_policy": TRUST})).await;
    world.apply("aws_iam_role", None, json!({"name": "s", "assume_role_policy": TRUST})).await;
    let policy = world.apply("aws_iam_policy", None, json!({"name": "p", "policy": POLICY})).await.object;
    let arn = arn_of(&policy);
    for (ty, first, second, id) in [
        (
            "aws_iam_role_policy",
            json!({"role": "r", "name": "in", "policy": POLICY}),
            json!({"role": "r", "name": "in", "policy": POLICY.replace("GetItem", "PutItem")}),
            Some("r:in"),
        ),
        (
            "aws_iam_instance_profile",
            json!({"name": "ip", "role": "r", "tags": {"a": "1"}}),
            json!({"name": "ip", "role": "s", "tags": {"b": "1"}}),
            Some("ip"),
        ),
        ("aws_iam_instance_profile", json!({"name": "iq", "role": "r"}), json!({"name": "iq"}), Some("iq")),
        (
            "aws_iam_policy_attachment",
            json!({"name": "att", "roles": ["r", "s"], "policy_arn": arn}),
            json!({"name": "att", "roles": ["s"], "policy_arn": arn}),
            None,
        ),
        (
            "aws_iam_role_policy_attachments_exclusive",
            json!({"role_name": "r", "policy_arns": [arn]}),
            json!({"role_name": "r", "policy_arns": []}),
            Some("r"),
        ),
    ] {
        let made = world.apply(ty, None, first.clone()).await.object;
        let changed = world.apply(ty, Some(&made), second.clone()).await;
        assert_eq!(changed.action, Action::Update, "{ty}");
        if let Some(id) = id {
            let imported = world.import(ty, id).await;
            assert_eq!(world.plan(ty, Some(&imported), &second).action, Action::NoOp, "{ty} {imported:?}");
        }
        world.delete(ty, &changed.object).await.unwrap();
        world.delete(ty, &changed.object).await.unwrap();
        if !ty.ends_with("exclusive") {
            assert_eq!(world.read(ty, &changed.object).await, None, "{ty}");
        }
    }
}

/// Terraform compares all inline policies of a role at once: where they mean the same they stay, otherwise each is as it is written.
#[tokio::test]
async fn inline_policies_are_compared_together() {
    let world = World::new().await;
    let other = POLICY.replace(r#""*""#, r#"["*"]"#);
    let role = |policies: Json| json!({"name": "r", "assume_role_policy": TRUST, "inline_policy": policies});
    let made = world.apply("aws_iam_role", None, role(json!([{"name": "one", "policy": POLICY}]))).await.object;
    let same = world.plan("aws_iam_role", Some(&made), &role(json!([{"name": "one", "policy": other}])));
    assert_eq!((same.action, same.after), (Action::NoOp, made.clone()));
    let block = role(json!([{"name": "one", "policy": other}, {"name": "two", "policy": POLICY}]));
    let both = world.apply("aws_iam_role", Some(&made), block.clone()).await;
    assert_eq!((both.action, &*both.calls), (Action::Update, &["iam:PutRolePolicy".to_string()][..]));
    let text = |name: &str| {
        let blocks = both.object.blocks("inline_policy");
        blocks.iter().find(|b| b.str("name") == Some(name)).and_then(|b| b.str("policy").map(str::to_string)).unwrap()
    };
    assert!(text("one").contains(r#""Resource":["*"]"#) && text("two").contains(r#""Resource":"*""#));
    let seen = world.read("aws_iam_role", &both.object).await.unwrap();
    assert_eq!(seen.get("inline_policy"), both.object.get("inline_policy"));
}

#[tokio::test]
async fn other_inline_policies_are_deleted_where_a_list_is_exclusive() {
    let world = World::new().await;
    world.apply("aws_iam_role", None, json!({"name": "r", "assume_role_policy": TRUST})).await;
    let one =
        world.apply("aws_iam_role_policy", None, json!({"role": "r", "name": "one", "policy": POLICY})).await.object;
    let two =
        world.apply("aws_iam_role_policy", None, json!({"role": "r", "name": "two", "policy": POLICY})).await.object;
    let ty = "aws_iam_role_policies_exclusive";
    world.apply(ty, None, json!({"role_name": "r", "policy_names": ["two"]})).await;
    assert_eq!(world.read("aws_iam_role_policy", &one).await, None);
    assert!(world.read("aws_iam_role_policy", &two).await.is_some());
}

#[tokio::test]
async fn data_sources_tell_what_is_there() {
    let world = World::new().await;
    let block = json!({"name": "ra", "path": "/p/", "assume_role_policy": TRUST, "tags": {"a": "b"}});
    let role = world.apply("aws_iam_role", None, block).await.object;
    world.apply("aws_iam_role", None, json!({"name": "other", "assume_role_policy": TRUST})).await;
    let block = json!({"name": "p", "path": "/t/", "policy": POLICY});
    let policy = world.apply("aws_iam_policy", None, block).await.object;

    let data = world.data("aws_iam_role", json!({"name": "ra"})).await.unwrap();
    for name in ["arn", "unique_id", "create_date", "id", "tags"] {
        assert_eq!(data.get(name), role.get(name), "{name}");
    }
    let error = world.data("aws_iam_role", json!({"name": "x"})).await.unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, "There is no IAM role \"x\"."));

    for block in [json!({"arn": arn_of(&policy)}), json!({"name": "p"}), json!({"name": "p", "path_prefix": "/t/"})] {
        let data = world.data("aws_iam_policy", block).await.unwrap();
        assert_eq!((data.str("id"), data.str("policy_id")), (policy.str("id"), policy.str("policy_id")));
    }
    let error = world.data("aws_iam_policy", json!({"name": "p", "path_prefix": "/u/"})).await.unwrap_err();
    assert_eq!(error.message, "There is no IAM policy \"p\" under /u/.");

    let data = world.data("aws_iam_roles", json!({"name_regex": "^r"})).await.unwrap();
    assert_eq!((data.strings("names"), data.strings("arns")), (vec!["ra"], vec![arn_of(&role)]));

    let session = "arn:aws:sts::000000000000:assumed-role/ra/me";
    let data = world.data("aws_iam_session_context", json!({"arn": session})).await.unwrap();
    assert_eq!((data.str("issuer_arn"), data.str("session_name")), (role.str("arn"), Some("me")));
    let data = world.data("aws_iam_session_context", json!({"arn": arn_of(&role)})).await.unwrap();
    assert_eq!((data.str("issuer_arn"), data.str("session_name")), (role.str("arn"), Some("")));
}

#[test]
fn quotas_of_a_role_are_counted() {
    let name = "r";
    let many = |n: usize| (0..n).map(|i| format!("arn:aws:iam::aws:policy/p{i}")).collect::<Vec<_>>();
    for (ty, block, want) in [
        (
            "aws_iam_role_policy",
            json!({"role": name, "name": "a", "policy": POLICY}),
            vec![("r", policy::size(POLICY))],
        ),
        ("aws_iam_role_policy_attachment", json!({"role": name, "policy_arn": many(1)[0]}), vec![("r", 1)]),
        (
            "aws_iam_policy_attachment",
            json!({"name": "a", "roles": ["r", "s"], "policy_arn": many(1)[0]}),
            vec![("r", 1), ("s", 1)],
        ),
        (
            "aws_iam_role_policy_attachments_exclusive",
            json!({"role_name": name, "policy_arns": many(3)}),
            vec![("r", 1); 3],
        ),
        (
            "aws_iam_role",
            json!({"name": name, "assume_role_policy": TRUST, "managed_policy_arns": many(1), "inline_policy": [{"name": "a", "policy": POLICY}]}),
            vec![("r", policy::size(POLICY)), ("r", 1)],
        ),
        ("aws_iam_role", json!({"name": name, "assume_role_policy": TRUST}), vec![]),
    ] {
        let config = config(of(ty).schema(), &block);
        let counts = of(ty).counts(&config, &config);
        let counts: Vec<(&str, usize)> = counts.iter().map(|c| (c.owner.as_str(), c.amount)).collect();
        assert_eq!(counts, want, "{ty}");
    }
    let long =
        config(of("aws_iam_role").schema(), &json!({"assume_role_policy": POLICY.replace("Get", &"x".repeat(2100))}));
    let warned = |prior| of("aws_iam_role").review(&long, prior, &long).len();
    assert_eq!((warned(None), warned(Some(&long))), (1, 0));
}

#[test]
fn whole_configurations_are_judged() {
    let long = |n: usize| POLICY.replace("dynamodb:GetItem", &"x".repeat(n));
    for (ty, block, want) in [
        ("aws_iam_role", json!({"assume_role_policy": TRUST}), ""),
        ("aws_iam_role", json!({"assume_role_policy": long(2100)}), ""),
        ("aws_iam_role", json!({"assume_role_policy": long(4100)}), "Policy too large"),
        (
            "aws_iam_role",
            json!({"assume_role_policy": TRUST, "inline_policy": [{"name": "a", "policy": long(6000)}, {"name": "b", "policy": long(6000)}]}),
            "Policy too large",
        ),
        ("aws_iam_role_policy", json!({"role": "r", "policy": long(10000)}), ""),
        ("aws_iam_role_policy", json!({"role": "r", "policy": long(10240)}), "Policy too large"),
        ("aws_iam_policy", json!({"policy": long(6144)}), "Policy too large"),
        (
            "aws_iam_policy_attachment",
            json!({"name": "a", "policy_arn": "arn:aws:iam::aws:policy/x", "roles": []}),
            "Nobody to attach to",
        ),
    ] {
        let found = of(ty).check(&config(of(ty).schema(), &block));
        let found: Vec<&str> = found.iter().map(|(_, d)| d.summary).collect();
        assert_eq!(found.join(", "), want, "{ty}");
    }
}
