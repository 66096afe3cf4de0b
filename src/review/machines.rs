//! Findings about state machines: the definition by itself, its logs, and by others' help its tables and its role.
//!
//! Refuses to know how a definition is read and what a permission is: that is for `workflow` and `access`.

use super::findings::{Found, View};
use super::roles::{self, known_role};
use super::tables::{self, Tables};
use crate::access::{self, Verdict};
use crate::address::Address;
use crate::value::Object;
use crate::workflow::checks::{self, Use};
use crate::workflow::model;

pub(super) fn check(view: &View<'_>, out: &mut Vec<Found>) {
    let tables = Tables::of(view);
    for (c, o) in &view.objects {
        if &*c.address.ty != "aws_sfn_state_machine" {
            continue;
        }
        let express = o.str("type") == Some("EXPRESS");
        let role = o.str("role_arn").and_then(|arn| arn.rsplit('/').next()).map(String::from);
        logging(view, &c.address, o, role.as_deref(), out);
        if let Some(role) = &role {
            roles::trust(view, &c.address, role, out);
        }
        let Some(text) = o.str("definition") else { continue };
        let Ok(machine) = model::parse_text(text) else { continue };
        let faults = checks::check(&machine, Use { express }).into_iter().chain(checks::duplicates(text));
        out.extend(faults.map(|f| Found {
            code: f.code,
            grade: Some(f.grade),
            address: c.address.clone(),
            attribute: Some("definition"),
            inside: Some(f.at),
            text: f.text,
            way: f.way,
            related: Vec::new(),
        }));
        for state in machine.all_states() {
            tables::dynamodb(&tables, &c.address, state, out);
        }
        if let Some(role) = role {
            roles::permissions(view, &tables, &c.address, &machine, &role, out);
        }
    }
    roles::idle(view, out);
}

/// What Step Functions needs to deliver logs.
const DELIVERY: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
];

fn logging(view: &View<'_>, address: &Address, o: &Object, role: Option<&str>, out: &mut Vec<Found>) {
    let Some(block) = o.block("logging_configuration") else { return };
    if block.str("level").is_none_or(|l| l == "OFF") {
        return;
    }
    let mut tell = |code: &'static str, text: String, way: String| {
        out.push(Found {
            code,
            grade: None,
            address: address.clone(),
            attribute: Some("logging_configuration"),
            inside: None,
            text,
            way,
            related: role.and_then(|r| known_role(view, r)).iter().flat_map(|h| h.addresses.clone()).collect(),
        });
    };
    if let Some(destination) = block.text("log_destination")
        && !destination.ends_with(":*")
    {
        tell(
            "SFN-LOG-001",
            format!("The log destination {destination} does not end with `:*`."),
            "Write `log_destination = \"${aws_cloudwatch_log_group.x.arn}:*\"`.".into(),
        );
    }
    let group = block.text("log_destination").and_then(|d| d.split_once(":log-group:")).map(|(_, name)| name);
    if let Some(group) = group.map(|g| g.strip_suffix(":*").unwrap_or(g))
        && !group.starts_with("/aws/vendedlogs/")
    {
        tell(
            "SFN-LOG-002",
            format!("The state machine logs to {group}."),
            "Name the log group `/aws/vendedlogs/states/...`: such groups need no entry of their own.".into(),
        );
    }
    let Some((role, holder)) = role.and_then(|r| Some((r, known_role(view, r)?))) else { return };
    let missing: Vec<&str> = DELIVERY
        .into_iter()
        .filter(|action| {
            matches!(access::may(&holder.after.accesses, action, "*"), Verdict::NotAllowed | Verdict::Denied)
        })
        .collect();
    if !missing.is_empty() {
        tell(
            "SFN-LOG-001",
            format!("The state machine is to log, and role {role} lacks {}.", missing.join(", ")),
            "Allow these actions on `*`: log deliveries have no ARN of their own.".into(),
        );
    }
}
