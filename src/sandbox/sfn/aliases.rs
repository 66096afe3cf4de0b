//! Aliases of state machine versions.
//!
//! Refuses to know what versions hold.

use super::arns::{self, ARN, Named};
use super::machines::{find, paged};
use super::{Alias, Machine};
use crate::sandbox::call::{Call, seconds};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, Rule, len};
use serde_json::{Value, json};

fn name_fits(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    plain && text.chars().any(|c| !c.is_ascii_digit())
}

const NAME: Rule =
    Rule { min: 1, max: 80, pattern: Some(("^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$", name_fits)), values: &[] };

/// The machine's ARN, and versions with weights, as `routingConfiguration` has them.
fn routes(input: &Input<'_>) -> Result<(String, Vec<(u32, i64)>), Fault> {
    let mut found: Vec<(String, u32, i64)> = Vec::new();
    for route in input.structures("routingConfiguration") {
        let arn = route.need("stateMachineVersionArn", ARN);
        let weight = route.int("weight", 0, 100);
        if weight.is_none() {
            route.missing("weight");
        }
        input.check()?;
        let Named::Version(_, number) = arns::parse(arn)? else {
            return Err(arns::wrong_kind("stateMachine"));
        };
        let machine = arn.rsplit_once(':').map_or(arn, |(start, _)| start);
        found.push((machine.to_owned(), number, weight.unwrap_or(0)));
    }
    let Some((machine, first, _)) = found.first().cloned() else {
        let text = "Routing configuration must contain at least one and at most two versions.";
        return Err(Fault::validation(text));
    };
    if found.len() > 2 {
        let text = "Routing configuration must contain at least one and at most two versions.";
        return Err(Fault::validation(text));
    }
    if found.iter().any(|r| r.0 != machine) {
        return Err(Fault::validation("Routing configuration must contain versions of the same state machine."));
    }
    if found.len() == 2 && found[1].1 == first {
        return Err(Fault::validation("Routing configuration must contain distinct versions."));
    }
    if found.iter().map(|r| r.2).sum::<i64>() != 100 {
        return Err(Fault::validation("Sum of routing configuration weights must equal 100"));
    }
    Ok((machine, found.into_iter().map(|r| (r.1, r.2)).collect()))
}

fn judge_versions(machine: &Machine, routes: &[(u32, i64)]) -> Result<(), Fault> {
    if routes.iter().all(|r| machine.versions.contains_key(&r.0)) { Ok(()) } else { Err(arns::no_resource()) }
}

fn show_routes(arn: &str, routes: &[(u32, i64)]) -> Value {
    let shown = routes.iter().map(|(v, w)| json!({"stateMachineVersionArn": format!("{arn}:{v}"), "weight": w}));
    shown.collect()
}

pub(super) fn create_state_machine_alias(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("name", NAME);
    let description = input.text("description", len(0, 256)).filter(|d| !d.is_empty()).map(str::to_owned);
    if !input.has("routingConfiguration") {
        input.missing("routingConfiguration");
    }
    input.check()?;
    let (arn, routes) = routes(input)?;
    let now = call.now;
    let machine = find(call, &arn).map_err(|_| arns::no_resource())?;
    judge_versions(machine, &routes)?;
    let alias_arn = format!("{arn}:{name}");
    if let Some(old) = machine.aliases.get(name) {
        // Asking twice for the same is no error.
        if old.routes == routes && old.description == description {
            return Ok(json!({"stateMachineAliasArn": alias_arn, "creationDate": seconds(old.created)}));
        }
        let text = "Failed to create alias because an alias with the same name and a different routing configuration already \
            exists.";
        return Err(Fault::new("ConflictException", text));
    }
    if machine.aliases.len() >= 100 {
        let text = "The maximum number of aliases of a state machine is 100.";
        return Err(Fault::new("ServiceQuotaExceededException", text));
    }
    machine.aliases.insert(name.to_owned(), Alias { created: now, updated: now, description, routes });
    Ok(json!({"stateMachineAliasArn": alias_arn, "creationDate": seconds(now)}))
}

/// The machine and the alias' name that a request's ARN means.
fn named<'a>(call: &'a mut Call<'_>, input: &Input<'_>) -> Result<(&'a mut Machine, String), Fault> {
    let arn = input.need("stateMachineAliasArn", ARN);
    input.check()?;
    let Named::Alias(_, name) = arns::parse(arn)? else {
        return Err(arns::wrong_kind("stateMachine"));
    };
    let machine = find(call, arn).map_err(|_| arns::no_resource())?;
    Ok((machine, name.to_owned()))
}

pub(super) fn describe_state_machine_alias(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let (machine, name) = named(call, input)?;
    let alias = machine.aliases.get(&name).ok_or_else(arns::no_resource)?;
    let mut shown = json!({
        "stateMachineAliasArn": format!("{}:{name}", machine.arn),
        "name": name,
        "routingConfiguration": show_routes(&machine.arn, &alias.routes),
        "creationDate": seconds(alias.created),
        "updateDate": seconds(alias.updated),
    });
    if let Some(description) = &alias.description {
        shown["description"] = json!(description);
    }
    Ok(shown)
}

pub(super) fn update_state_machine_alias(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let description = input.text("description", len(0, 256));
    let next = if input.has("routingConfiguration") { Some(routes(input)?) } else { None };
    let now = call.now;
    let (machine, name) = named(call, input)?;
    if !machine.aliases.contains_key(&name) {
        return Err(arns::no_resource());
    }
    if description.is_none() && next.is_none() {
        let text = "Either description or routing configuration must be specified.";
        return Err(Fault::validation(text));
    }
    if let Some((arn, routes)) = &next {
        if *arn != machine.arn {
            let text = "Routing configuration must contain versions of the state machine of the alias.";
            return Err(Fault::validation(text));
        }
        judge_versions(machine, routes)?;
    }
    if let Some(alias) = machine.aliases.get_mut(&name) {
        if let Some((_, routes)) = next {
            alias.routes = routes;
        }
        if let Some(description) = description {
            alias.description = Some(description.to_owned()).filter(|d| !d.is_empty());
        }
        alias.updated = now;
    }
    Ok(json!({"updateDate": seconds(now)}))
}

pub(super) fn delete_state_machine_alias(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let (machine, name) = named(call, input)?;
    machine.aliases.remove(&name).ok_or_else(arns::no_resource)?;
    Ok(json!({}))
}

pub(super) fn list_state_machine_aliases(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("stateMachineArn", ARN);
    input.check()?;
    let version = match arns::parse(arn)? {
        Named::Version(_, number) => Some(number),
        _ => None,
    };
    let machine = find(call, arn)?;
    let found = machine.aliases.iter().filter(|(_, a)| version.is_none_or(|v| a.routes.iter().any(|r| r.0 == v)));
    let shown = found.map(|(name, alias)| {
        let arn = format!("{}:{name}", machine.arn);
        json!({"stateMachineAliasArn": arn, "creationDate": seconds(alias.created)})
    });
    let shown = shown.collect();
    paged(input, "stateMachineAliases", shown)
}
