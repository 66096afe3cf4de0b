//! Published versions of state machines.
//!
//! Refuses to know aliases, except that one may hold a version fast.

use super::arns::{self, ARN, Named};
use super::machines::{find, find_own, paged};
use super::{Machine, Version};
use crate::sandbox::call::{Call, seconds};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, len};
use serde_json::json;

/// Publishes the current revision, unless the latest version is of it already. Gives the version's number.
pub(super) fn publish(machine: &mut Machine, description: Option<&str>, now: i64) -> u32 {
    if let Some((number, latest)) = machine.versions.iter().next_back()
        && latest.revision == machine.revision
        && latest.content == machine.current
    {
        return *number;
    }
    let number = machine.next;
    machine.next += 1;
    let version = Version {
        created: now,
        description: description.filter(|d| !d.is_empty()).map(str::to_owned),
        content: machine.current.clone(),
        revision: machine.revision.clone(),
    };
    machine.versions.insert(number, version);
    number
}

pub(super) fn publish_state_machine_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    let revision = input.text("revisionId", len(0, 256));
    let description = input.text("description", len(0, 256));
    input.check()?;
    let now = call.now;
    let machine = find_own(call, arn)?;
    if let Some(wanted) = revision {
        let current = machine.revision.as_deref().unwrap_or("INITIAL");
        if wanted != current {
            let text = format!(
                "Failed to publish the State Machine version for revision {wanted}. The current State Machine revision is {current}."
            );
            return Err(Fault::new("ConflictException", text));
        }
    }
    let number = publish(machine, description, now);
    let created = machine.versions.get(&number).map_or(now, |v| v.created);
    Ok(json!({"creationDate": seconds(created), "stateMachineVersionArn": format!("{arn}:{number}")}))
}

pub(super) fn delete_state_machine_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineVersionArn", len(1, 2000));
    input.check()?;
    let Named::Version(_, number) = arns::parse(arn)? else {
        return Err(arns::wrong_kind("stateMachine"));
    };
    // Deleting what is not there is no error.
    let Ok(machine) = find(call, arn) else { return Ok(json!({})) };
    let holds = machine.aliases.iter().filter(|(_, a)| a.routes.iter().any(|r| r.0 == number));
    let names: Vec<&str> = holds.map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        let text = format!(
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{}]",
            names.join(", ")
        );
        return Err(Fault::new("ConflictException", text));
    }
    machine.versions.remove(&number);
    Ok(json!({}))
}

pub(super) fn list_state_machine_versions(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    input.check()?;
    // Of what is not there, none are listed.
    let shown = match arns::parse(arn)? {
        Named::Machine(_) => find(call, arn).map(|m| m.versions.clone()).unwrap_or_default(),
        _ => return Err(arns::wrong_kind("stateMachine version or alias")),
    };
    let shown = shown.iter().rev().map(
        |(number, v)| json!({"stateMachineVersionArn": format!("{arn}:{number}"), "creationDate": seconds(v.created)}),
    );
    paged(input, "stateMachineVersions", shown.collect())
}
