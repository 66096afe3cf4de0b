//! Step Functions' control plane: state machines, versions, aliases, activities.
//!
//! Refuses to know how a state machine runs: starting an execution is refused with a sentence that says so.

mod activities;
mod aliases;
mod arns;
mod definition;
mod machines;
mod settings;
mod tagging;
mod versions;

use super::call::{Call, seconds};
use super::fault::{Answer, Fault};
use super::input::{Input, one_of};
use super::tags::Tags;
use super::{Operation, reads, writes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const OPERATIONS: &[Operation] = &[
    writes("CreateStateMachine", machines::create_state_machine),
    reads("DescribeStateMachine", machines::describe_state_machine),
    writes("UpdateStateMachine", machines::update_state_machine),
    writes("DeleteStateMachine", machines::delete_state_machine),
    reads("ListStateMachines", machines::list_state_machines),
    reads("ValidateStateMachineDefinition", machines::validate_state_machine_definition),
    writes("PublishStateMachineVersion", versions::publish_state_machine_version),
    writes("DeleteStateMachineVersion", versions::delete_state_machine_version),
    reads("ListStateMachineVersions", versions::list_state_machine_versions),
    writes("CreateStateMachineAlias", aliases::create_state_machine_alias),
    reads("DescribeStateMachineAlias", aliases::describe_state_machine_alias),
    writes("UpdateStateMachineAlias", aliases::update_state_machine_alias),
    writes("DeleteStateMachineAlias", aliases::delete_state_machine_alias),
    reads("ListStateMachineAliases", aliases::list_state_machine_aliases),
    writes("CreateActivity", activities::create_activity),
    reads("DescribeActivity", activities::describe_activity),
    writes("DeleteActivity", activities::delete_activity),
    reads("ListActivities", activities::list_activities),
    writes("TagResource", tagging::tag_resource),
    writes("UntagResource", tagging::untag_resource),
    reads("ListTagsForResource", tagging::list_tags_for_resource),
    reads("ListExecutions", list_executions),
    reads("StartExecution", no_executions),
    reads("StartSyncExecution", no_executions),
    reads("StopExecution", no_executions),
    reads("DescribeExecution", no_executions),
    reads("DescribeStateMachineForExecution", no_executions),
    reads("GetExecutionHistory", no_executions),
    reads("RedriveExecution", no_executions),
    reads("GetActivityTask", no_executions),
    reads("TestState", no_executions),
];

/// Everything Step Functions has in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StepFunctions {
    /// Name → state machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    machines: BTreeMap<String, Machine>,
    /// Name → activity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    activities: BTreeMap<String, Activity>,
}

/// What an update may change, and what a version keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Revision {
    definition: String,
    role: String,
    logging: Value,
    tracing: bool,
    encryption: Value,
}

/// A state machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Machine {
    name: String,
    arn: String,
    kind: String,
    created: i64,
    current: Revision,
    /// The id of the current revision; the first has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
    /// The number the next version gets.
    next: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    versions: BTreeMap<u32, Version>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    aliases: BTreeMap<String, Alias>,
    /// Names of executions that run for ever. No call starts one: whoever wants to see them writes them into the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    running: Vec<String>,
}

/// A published version.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Version {
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    content: Revision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

/// A name for one or two versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Alias {
    created: i64,
    updated: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Version and weight.
    routes: Vec<(u32, i64)>,
}

/// An activity.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Activity {
    name: String,
    arn: String,
    created: i64,
    encryption: Value,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
}

fn no_executions(_: &mut Call<'_>, _: &Input<'_>) -> Answer {
    let text = "The embedded AWS does not execute state machines yet: it keeps and checks them only.";
    Err(Fault::validation(text))
}

/// In which an execution may be.
static STATUSES: [&str; 6] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

fn list_executions(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", arns::ARN);
    let status = input.text("statusFilter", one_of(&STATUSES));
    input.check()?;
    let machine = machines::find(call, arn)?;
    let shown = machine.running.iter().filter(|_| status.is_none_or(|s| s == "RUNNING")).map(|name| {
        json!({
            "executionArn": format!("{}:{name}", machine.arn.replacen(":stateMachine:", ":execution:", 1)),
            "stateMachineArn": machine.arn,
            "name": name,
            "status": "RUNNING",
            "startDate": seconds(machine.created),
        })
    });
    machines::paged(input, "executions", shown.collect())
}
