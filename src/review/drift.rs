//! Who could have changed an object outside: the calls of AWS that do it, by which CloudTrail knows the caller.
//!
//! Refuses to know what was changed to what.

use crate::plan::{Action, Change};
use crate::value::Value;

/// The calls that change an attribute of a type; no attribute stands for all others, `-` for the object's end.
const CALLS: &[(&str, &str, &[&str])] = &[
    ("aws_appautoscaling_policy", "", &["PutScalingPolicy"]),
    ("aws_appautoscaling_policy", "-", &["DeleteScalingPolicy"]),
    ("aws_appautoscaling_target", "", &["RegisterScalableTarget"]),
    ("aws_appautoscaling_target", "-", &["DeregisterScalableTarget"]),
    ("aws_cloudwatch_log_group", "-", &["DeleteLogGroup"]),
    ("aws_cloudwatch_log_group", "kms_key_id", &["AssociateKmsKey", "DisassociateKmsKey"]),
    ("aws_cloudwatch_log_group", "retention_in_days", &["PutRetentionPolicy", "DeleteRetentionPolicy"]),
    ("aws_cloudwatch_log_group", "tags_all", &["TagResource", "UntagResource"]),
    ("aws_dynamodb_contributor_insights", "", &["UpdateContributorInsights"]),
    ("aws_dynamodb_kinesis_streaming_destination", "", &["EnableKinesisStreamingDestination"]),
    ("aws_dynamodb_kinesis_streaming_destination", "-", &["DisableKinesisStreamingDestination"]),
    ("aws_dynamodb_resource_policy", "", &["PutResourcePolicy"]),
    ("aws_dynamodb_resource_policy", "-", &["DeleteResourcePolicy"]),
    ("aws_dynamodb_table", "", &["UpdateTable"]),
    ("aws_dynamodb_table", "-", &["DeleteTable"]),
    ("aws_dynamodb_table", "point_in_time_recovery", &["UpdateContinuousBackups"]),
    ("aws_dynamodb_table", "tags_all", &["TagResource", "UntagResource"]),
    ("aws_dynamodb_table", "ttl", &["UpdateTimeToLive"]),
    ("aws_dynamodb_tag", "", &["TagResource"]),
    ("aws_dynamodb_tag", "-", &["UntagResource"]),
    ("aws_iam_instance_profile", "-", &["DeleteInstanceProfile"]),
    ("aws_iam_instance_profile", "role", &["AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"]),
    ("aws_iam_instance_profile", "tags_all", &["TagInstanceProfile", "UntagInstanceProfile"]),
    ("aws_iam_policy", "-", &["DeletePolicy"]),
    ("aws_iam_policy", "policy", &["CreatePolicyVersion", "SetDefaultPolicyVersion"]),
    ("aws_iam_policy", "tags_all", &["TagPolicy", "UntagPolicy"]),
    ("aws_iam_role", "-", &["DeleteRole"]),
    ("aws_iam_role", "assume_role_policy", &["UpdateAssumeRolePolicy"]),
    ("aws_iam_role", "description", &["UpdateRole"]),
    ("aws_iam_role", "inline_policy", &["PutRolePolicy", "DeleteRolePolicy"]),
    ("aws_iam_role", "managed_policy_arns", &["AttachRolePolicy", "DetachRolePolicy"]),
    ("aws_iam_role", "max_session_duration", &["UpdateRole"]),
    ("aws_iam_role", "permissions_boundary", &["PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"]),
    ("aws_iam_role", "tags_all", &["TagRole", "UntagRole"]),
    ("aws_iam_role_policy", "-", &["DeleteRolePolicy"]),
    ("aws_iam_role_policy", "policy", &["PutRolePolicy"]),
    ("aws_iam_role_policy_attachment", "-", &["DetachRolePolicy"]),
    ("aws_sfn_activity", "-", &["DeleteActivity"]),
    ("aws_sfn_activity", "tags_all", &["TagResource", "UntagResource"]),
    ("aws_sfn_alias", "", &["UpdateStateMachineAlias"]),
    ("aws_sfn_alias", "-", &["DeleteStateMachineAlias"]),
    ("aws_sfn_state_machine", "", &["UpdateStateMachine"]),
    ("aws_sfn_state_machine", "-", &["DeleteStateMachine"]),
    ("aws_sfn_state_machine", "state_machine_version_arn", &["PublishStateMachineVersion"]),
    ("aws_sfn_state_machine", "tags_all", &["TagResource", "UntagResource"]),
];

/// The attributes that differ, by name.
pub fn changed_attributes(change: &Change) -> Vec<&str> {
    let fields = |v: &Value| v.as_fields().cloned().unwrap_or_default();
    let after = fields(&change.after);
    let names = change.before.as_fields().into_iter().flatten();
    // Null and what is empty are the same to whoever reads it.
    let empty = |v: &Value| {
        let nothing =
            |v: &Value| v.as_slice().is_some_and(|l| l.is_empty()) || v.as_fields().is_some_and(|f| f.is_empty());
        v.is_null() || v.as_str() == Some("") || nothing(v)
    };
    names
        .filter(|(name, before)| {
            after.get(*name).is_some_and(|after| after != *before && !(empty(after) && empty(before)))
        })
        .map(|(name, _)| &**name)
        .collect()
}

/// The calls that could have made this change, by the names that CloudTrail has for them.
pub fn calls(change: &Change) -> Vec<&'static str> {
    let of = |attribute: &str| {
        let found = CALLS.iter().find(|(ty, name, _)| *ty == &*change.address.ty && *name == attribute);
        found.map(|(_, _, calls)| *calls).unwrap_or_default()
    };
    let mut out: Vec<&'static str> = Vec::new();
    let attributes = match change.action {
        Action::Delete => vec!["-"],
        _ => changed_attributes(change),
    };
    for attribute in attributes {
        let own = if attribute == "tags" { of("tags_all") } else { of(attribute) };
        let calls = if own.is_empty() { of("") } else { own };
        out.extend(calls.iter().filter(|c| !out.contains(c)).copied().collect::<Vec<_>>());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources;

    #[test]
    fn every_type_and_attribute_is_one() {
        assert!(CALLS.windows(2).all(|w| (w[0].0, w[0].1) < (w[1].0, w[1].1)));
        for (ty, attribute, calls) in CALLS {
            let schema = resources::resource(ty).unwrap_or_else(|| panic!("{ty}")).schema();
            let known = schema.block.attribute(attribute).is_some() || schema.block.nested(attribute).is_some();
            assert!(matches!(*attribute, "" | "-") || known, "{ty}.{attribute}");
            assert!(!calls.is_empty());
        }
    }

    #[test]
    fn calls_by_what_differs() {
        let change = |ty: &str, before: &[(&'static str, Value)], after: &[(&'static str, Value)]| {
            let action = if after.is_empty() { Action::Delete } else { Action::Update };
            let side = |fields: &[(&'static str, Value)]| Value::object_of(fields.iter().cloned());
            Change::new(format!("{ty}.x").parse().unwrap(), String::new(), action, side(before), side(after))
        };
        let t = Value::string;
        for (ty, before, after, want) in [
            (
                "aws_dynamodb_table",
                vec![("billing_mode", t("A"))],
                vec![("billing_mode", t("B"))],
                &["UpdateTable"][..],
            ),
            ("aws_dynamodb_table", vec![("name", t("A"))], vec![], &["DeleteTable"]),
            (
                "aws_iam_role",
                vec![("assume_role_policy", t("A")), ("description", t("x")), ("path", t("/"))],
                vec![("assume_role_policy", t("B")), ("description", t("y")), ("path", t("/"))],
                &["UpdateAssumeRolePolicy", "UpdateRole"],
            ),
            (
                "aws_iam_role",
                vec![("description", t(""))],
                vec![("description", Value::null(crate::value::Type::String))],
                &[],
            ),
        ] {
            assert_eq!(calls(&change(ty, &before, &after)), want, "{ty}");
        }
    }
}
