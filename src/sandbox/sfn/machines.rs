//! State machines: create, describe, update, delete, list, validate.
//!
//! Refuses to know versions' and aliases' own operations, and what a definition means.

use super::arns::{self, ARN, Named};
use super::{Machine, Revision, Version, definition, settings, versions};
use crate::sandbox::call::{Call, page, seconds};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input, len, one_of};
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The machine that an ARN of a machine, a version or an alias means.
pub(super) fn find<'a>(call: &'a mut Call<'_>, arn: &str) -> Result<&'a mut Machine, Fault> {
    let name = match arns::parse(arn)? {
        Named::Machine(name) | Named::Version(name, _) | Named::Alias(name, _) => name.to_owned(),
        Named::Activity(_) => return Err(arns::wrong_kind("activity")),
    };
    let found = call.here().sfn.machines.get_mut(&name);
    found.filter(|m| arn.starts_with(&m.arn)).ok_or_else(|| arns::no_machine(arn))
}

/// The machine itself that an ARN means, for changing it.
pub(super) fn find_own<'a>(call: &'a mut Call<'_>, arn: &str) -> Result<&'a mut Machine, Fault> {
    if matches!(arns::parse(arn)?, Named::Version(..) | Named::Alias(..)) {
        return Err(arns::wrong_kind("stateMachine version or alias"));
    }
    if call.settling.status(arn) == Some("DELETING") {
        return Err(deleting(arn));
    }
    find(call, arn)
}

fn deleting(arn: &str) -> Fault {
    Fault::new("StateMachineDeleting", format!("State Machine is being deleted: '{arn}'"))
}

/// Judges a definition as create and update do.
fn judge_definition(text: &str) -> Result<(), Fault> {
    let findings: Vec<String> = definition::diagnose(text)
        .into_iter()
        .filter(|f| f.error)
        .map(|f| format!("{}: {} at {}", f.code, f.message, f.location))
        .collect();
    if findings.is_empty() {
        return Ok(());
    }
    let all = findings.join(", ");
    Err(Fault::new("InvalidDefinition", format!("Invalid State Machine Definition: '{all}'")))
}

pub(super) fn create_state_machine(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let text = input.need("definition", len(1, 1_048_576));
    let role = input.need("roleArn", ARN);
    let kind = input.text("type", one_of(&["STANDARD", "EXPRESS"])).unwrap_or("STANDARD");
    let publish = input.flag("publish").unwrap_or(false);
    let description = input.text("versionDescription", len(0, 256));
    let given = tags::read(input, "tags", Spelling::Lower);
    let name = arns::name(input, "name")?;
    let logging = settings::logging(input)?.unwrap_or_else(settings::no_logging);
    let tracing = settings::tracing(input).unwrap_or(false);
    let encryption = settings::encryption(input)?.unwrap_or_else(settings::no_encryption);
    input.check()?;
    super::tagging::judge(&given)?;
    if description.is_some() && !publish {
        return Err(Fault::validation("Version description can only be set when publish is true"));
    }
    let arn = call.arn("states", &format!("stateMachine:{name}"));
    if call.settling.status(&arn) == Some("DELETING") {
        return Err(deleting(&arn));
    }
    judge_definition(text)?;
    settings::judge_role(call, role)?;
    let current = Revision { definition: text.to_owned(), role: role.to_owned(), logging, tracing, encryption };
    if let Some(old) = call.here().sfn.machines.get(name) {
        // Asking twice for the same is no error; the role and the tags do not count.
        let same = Revision { role: old.current.role.clone(), ..current } == old.current && old.kind == kind;
        if !same {
            return Err(Fault::new("StateMachineAlreadyExists", format!("State Machine Already Exists: '{arn}'")));
        }
        let mut answer = json!({"stateMachineArn": arn, "creationDate": seconds(old.created)});
        if publish {
            let latest = old.versions.keys().next_back().copied().unwrap_or(0);
            answer["stateMachineVersionArn"] = json!(format!("{arn}:{latest}"));
        }
        return Ok(answer);
    }
    let mut machine = Machine {
        name: name.to_owned(),
        arn: arn.clone(),
        kind: kind.to_owned(),
        created: call.now,
        current,
        revision: None,
        tags: given.into_iter().collect(),
        next: 1,
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        running: Vec::new(),
    };
    let mut answer = json!({"stateMachineArn": arn, "creationDate": seconds(call.now)});
    if publish {
        let number = versions::publish(&mut machine, description, call.now);
        answer["stateMachineVersionArn"] = json!(format!("{arn}:{number}"));
    }
    call.here().sfn.machines.insert(name.to_owned(), machine);
    Ok(answer)
}

pub(super) fn describe_state_machine(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    let included = input.text("includedData", one_of(&["ALL_DATA", "METADATA_ONLY"]));
    input.check()?;
    let named = arns::parse(arn)?;
    let going = call.settling.look(arn);
    let machine = match find(call, arn) {
        Ok(machine) => machine.clone(),
        Err(gone) => return Err(gone),
    };
    let version = |number: u32| machine.versions.get(&number).cloned().ok_or_else(|| arns::no_machine(arn));
    let chosen: Option<Version> = match named {
        Named::Version(_, number) => Some(version(number)?),
        Named::Alias(_, alias) => {
            let alias = machine.aliases.get(alias).ok_or_else(|| arns::no_machine(arn))?;
            Some(version(alias.routes.first().map_or(0, |r| r.0))?)
        }
        _ => None,
    };
    if going == Some("DELETING") && call.settling.status(arn).is_none() {
        // That was the last look at it.
        call.here().sfn.machines.remove(&machine.name);
    }
    let (content, revision, description, created) = match &chosen {
        Some(v) => (&v.content, &v.revision, v.description.as_deref(), v.created),
        None => (&machine.current, &machine.revision, None, machine.created),
    };
    let text = if included == Some("METADATA_ONLY") { "" } else { content.definition.as_str() };
    let mut shown = json!({
        "stateMachineArn": arn,
        "name": machine.name,
        "status": going.unwrap_or("ACTIVE"),
        "definition": text,
        "roleArn": content.role,
        "type": machine.kind,
        "creationDate": seconds(created),
        "loggingConfiguration": content.logging,
        "tracingConfiguration": {"enabled": content.tracing},
        "encryptionConfiguration": content.encryption,
    });
    if let Some(revision) = revision {
        shown["revisionId"] = json!(revision);
    }
    if let Some(description) = description {
        shown["description"] = json!(description);
    }
    Ok(shown)
}

pub(super) fn update_state_machine(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    let text = input.text("definition", len(1, 1_048_576));
    let role = input.text("roleArn", ARN);
    let publish = input.flag("publish").unwrap_or(false);
    let description = input.text("versionDescription", len(0, 256));
    let logging = settings::logging(input)?;
    let tracing = settings::tracing(input);
    let encryption = settings::encryption(input)?;
    input.check()?;
    let mut next = find_own(call, arn)?.current.clone();
    let nothing = text.is_none() && role.is_none() && logging.is_none() && tracing.is_none() && encryption.is_none();
    if nothing && !publish {
        let why = "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, or the \
            EncryptionConfiguration must be specified";
        return Err(Fault::new("MissingRequiredParameter", why));
    }
    if description.is_some() && !publish {
        return Err(Fault::validation("Version description can only be set when publish is true"));
    }
    if let Some(text) = text {
        judge_definition(text)?;
        next.definition = text.to_owned();
    }
    if let Some(role) = role {
        settings::judge_role(call, role)?;
        next.role = role.to_owned();
    }
    next.logging = logging.unwrap_or(next.logging);
    next.tracing = tracing.unwrap_or(next.tracing);
    next.encryption = encryption.unwrap_or(next.encryption);
    let (id, now) = (call.uuid(&format!("revision/{arn}")), call.now);
    let machine = find_own(call, arn)?;
    if machine.current != next {
        machine.current = next;
        machine.revision = Some(id);
    }
    let mut answer = json!({"updateDate": seconds(now)});
    if let Some(revision) = &machine.revision {
        answer["revisionId"] = json!(revision);
    }
    if publish {
        let number = versions::publish(machine, description, now);
        answer["stateMachineVersionArn"] = json!(format!("{arn}:{number}"));
    }
    Ok(answer)
}

pub(super) fn delete_state_machine(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    input.check()?;
    let Named::Machine(name) = arns::parse(arn)? else {
        return Err(arns::wrong_kind("stateMachine version or alias"));
    };
    if call.settling.looks > 0 && call.here().sfn.machines.contains_key(name) {
        if call.settling.status(arn).is_none() {
            call.settling.begin(arn, "DELETING");
        }
        return Ok(json!({}));
    }
    // Deleting what is not there is no error.
    if call.here().sfn.machines.get(name).is_some_and(|m| m.arn == arn) {
        call.here().sfn.machines.remove(name);
    }
    Ok(json!({}))
}

/// One page of a list.
pub(super) fn paged(input: &Input<'_>, member: &str, items: Vec<Value>) -> Answer {
    let size = input.int("maxResults", 0, 1000).filter(|n| *n > 0).unwrap_or(100);
    let token = input.text("nextToken", len(1, 1024));
    input.check()?;
    let bad = || Fault::new("InvalidToken", "Invalid Token: 'Invalid token'");
    let (shown, next) = page(items, token, usize::try_from(size).unwrap_or(100), bad)?;
    let mut answer = json!({member: shown});
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn list_state_machines(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let shown = call.here().sfn.machines.values().map(|m| {
        json!({
            "stateMachineArn": m.arn, "name": m.name, "type": m.kind, "creationDate": seconds(m.created),
        })
    });
    let shown = shown.collect();
    paged(input, "stateMachines", shown)
}

pub(super) fn validate_state_machine_definition(_: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let text = input.need("definition", len(1, 1_048_576));
    input.text("type", one_of(&["STANDARD", "EXPRESS"]));
    let severity = input.text("severity", one_of(&["ERROR", "WARNING"])).unwrap_or("ERROR");
    let most = input.int("maxResults", 0, 100).filter(|n| *n > 0).unwrap_or(100);
    input.text("nextToken", ANY);
    input.check()?;
    let findings = definition::diagnose(text);
    let failed = findings.iter().any(|f| f.error);
    let shown: Vec<Value> = findings
        .into_iter()
        .filter(|f| f.error || severity == "WARNING")
        .map(|f| {
            let severity = if f.error { "ERROR" } else { "WARNING" };
            json!({"severity": severity, "code": f.code, "message": f.message, "location": f.location})
        })
        .collect();
    let most = usize::try_from(most).unwrap_or(100);
    let truncated = shown.len() > most;
    let shown: Vec<Value> = shown.into_iter().take(most).collect();
    Ok(json!({"result": if failed { "FAIL" } else { "OK" }, "diagnostics": shown, "truncated": truncated}))
}
