//! Findings about what the role of a state machine may do: too little, too much, or not for Step Functions at all.
//!
//! Refuses to know how policies are compared: that is for `access`.

use super::findings::{Found, View};
use super::holders::{Holder, Subject};
use super::tables::{Tables, Teller};
use crate::access::{self, Access, Extent, Verdict, Whom};
use crate::address::Address;
use crate::workflow::model::{self, Machine, StateKind};
use crate::workflow::permissions::{self, Need, integration};
use std::collections::{BTreeMap, BTreeSet};

/// What the role may do, if the plan knows all of it.
pub(super) fn known_role<'a>(view: &'a View<'_>, role: &str) -> Option<&'a Holder> {
    let holder = view.holders.all.get(&Subject::Role(role.to_string()))?;
    (holder.after.exists && !holder.after.open && holder.after.foreign.is_empty()).then_some(holder)
}

pub(super) fn permissions(
    view: &View<'_>,
    tables: &Tables,
    address: &Address,
    machine: &Machine,
    role: &str,
    out: &mut Vec<Found>,
) {
    let Some(holder) = known_role(view, role) else { return };
    let accesses = &holder.after.accesses;
    let related = holder.addresses.iter().cloned().collect();
    let mut teller = Teller { address, related, out };
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for need in permissions::needs(machine) {
        let resource = resolved(tables, &need);
        if !told.insert((need.action.clone(), resource.clone())) {
            continue;
        }
        let why = need.why.map(|w| format!(", {w}")).unwrap_or_default();
        let on = match need.named {
            true => format!(" on {}", access::resource_name(&resource, None).replace(" of any account", "")),
            false => String::new(),
        };
        match access::may(accesses, &need.action, &resource) {
            Verdict::Allowed => surplus(view, holder, role, &need, &resource, accesses, &mut teller),
            Verdict::Perhaps => {}
            Verdict::NotAllowed => {
                let text = format!(
                    "State \"{}\" needs {}{on}{why}, and role {role} does not have that permission.",
                    need.state, need.action
                );
                teller.tell(
                    "SFN-IAM-001",
                    need.at.clone(),
                    text,
                    format!(
                        "Allow it in a policy of the role:\n\n    {}",
                        statement(&need, &resource, partition(view))
                    ),
                );
            }
            Verdict::Denied => {
                let text = format!(
                    "State \"{}\" needs {}{on}{why}, and a policy of role {role} denies it.",
                    need.state, need.action
                );
                teller.tell("SFN-IAM-002", need.at.clone(), text, "Narrow the denial.");
            }
        }
    }
}

/// The partition that the plan's objects are in.
fn partition<'a>(view: &'a View<'_>) -> &'a str {
    let arns = view.objects.iter().filter_map(|(_, o)| o.str("arn")?.split(':').nth(1));
    arns.into_iter().next().unwrap_or("aws")
}

/// As a statement to copy.
fn statement(need: &Need, resource: &str, partition: &str) -> String {
    // IAM takes no wildcard there.
    let resource = match resource.strip_prefix("arn:*:") {
        Some(rest) => format!("arn:{partition}:{rest}"),
        None => resource.to_string(),
    };
    format!(r#"{{ Effect = "Allow", Action = "{}", Resource = "{resource}" }}"#, need.action)
}

/// The ARN of a table that the plan knows, instead of a pattern.
fn resolved(tables: &Tables, need: &Need) -> String {
    let Some((_, rest)) = need.resource.split_once(":table/") else { return need.resource.clone() };
    let (name, index) = rest.split_once('/').map_or((rest, None), |(n, i)| (n, Some(i)));
    match tables.find(name).and_then(|o| o.str("arn")) {
        Some(arn) => index.map_or_else(|| arn.to_string(), |i| format!("{arn}/{i}")),
        None => need.resource.clone(),
    }
}

/// A wildcard resource although the definition says which.
fn surplus(
    view: &View<'_>,
    holder: &Holder,
    role: &str,
    need: &Need,
    resource: &str,
    accesses: &[Access],
    teller: &mut Teller<'_>,
) {
    if !need.named || resource.contains('*') {
        return;
    }
    let exact: Vec<&Access> = accesses
        .iter()
        .filter(|a| a.allow && matches!(&a.action, Extent::Matching(p) if access::matches(p, &need.action, true)))
        .collect();
    let wide = exact.iter().all(|a| a.resource.as_ref().is_some_and(Extent::is_everything));
    // Told where the permission is, once for each action.
    let place = holder.addresses.iter().find(|a| {
        let text =
            view.objects.iter().find(|(c, _)| c.address == **a).and_then(|(_, o)| o.str("policy").map(String::from));
        text.is_some_and(|t| t.to_ascii_lowercase().contains(&need.action.to_ascii_lowercase()))
    });
    if let (true, Some(place)) = (wide && !exact.is_empty(), place) {
        teller.out.push(Found {
            code: "SFN-IAM-006",
            grade: None,
            address: place.clone(),
            attribute: Some("policy"),
            inside: None,
            text: format!(
                "Role {role} may do {} with every resource, and state \"{}\" uses just one.",
                need.action, need.state
            ),
            way: format!("Name it:\n\n    {}", statement(need, resource, partition(view))),
            related: vec![teller.address.clone()],
        });
    }
}

pub(super) fn trust(view: &View<'_>, address: &Address, role: &str, out: &mut Vec<Found>) {
    let Some(holder) = view.holders.all.get(&Subject::Trust(role.to_string())) else { return };
    if !holder.after.exists || holder.after.open {
        return;
    }
    let trusts = holder.after.accesses.iter().any(|a| {
        a.allow
            && matches!(&a.action, Extent::Matching(p) if access::matches(p, "sts:AssumeRole", true))
            && match &a.whom {
                Whom::One(kind, name) => {
                    kind == "Service" && name.starts_with("states.") && name.contains(".amazonaws.com")
                }
                Whom::Everyone => true,
                Whom::Holder | Whom::Except(_) => false,
            }
    });
    if !trusts {
        out.push(Found {
            code: "SFN-IAM-003",
            grade: None,
            address: address.clone(),
            attribute: Some("role_arn"),
            inside: None,
            text: format!("Role {role} does not let states.amazonaws.com assume it, so the state machine cannot use it."),
            way: "Add to its `assume_role_policy`:\n\n    { Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { Service = \"states.amazonaws.com\" } }".into(),
            related: holder.addresses.iter().cloned().collect(),
        });
    }
}

/// What workloads call: of these actions a definition shows whether it needs them.
const WORK: [&str; 13] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "events:PutEvents",
    "lambda:InvokeFunction",
    "sns:Publish",
    "sqs:SendMessage",
    "states:StartExecution",
];

/// Permissions of roles that nothing but state machines use, and none of these needs.
pub(super) fn idle(view: &View<'_>, out: &mut Vec<Found>) {
    let mut users: BTreeMap<&str, Vec<Option<Machine>>> = BTreeMap::new();
    for (c, o) in view.objects.iter().filter(|(c, _)| &*c.address.ty == "aws_sfn_state_machine") {
        let role = o.str("role_arn").and_then(|arn| arn.rsplit('/').next());
        let machine = o.str("definition").and_then(|text| model::parse_text(text).ok());
        // A role that is not known yet may be any.
        let Some(role) = role else { return };
        users.entry(role).or_default().push(machine.filter(|_| !c.after.marks_deep().sensitive));
    }
    for (role, machines) in users {
        let machines: Option<Vec<Machine>> = machines.into_iter().collect();
        let (Some(machines), Some(holder)) = (machines, known_role(view, role)) else { continue };
        if !serves_step_functions_alone(view, role) || machines.iter().any(needs_what_it_does_not_say) {
            continue;
        }
        let needed: BTreeSet<String> = machines.iter().flat_map(permissions::needs).map(|n| n.action).collect();
        let mut unused: BTreeMap<&Address, Vec<&str>> = BTreeMap::new();
        for a in holder.after.accesses.iter().filter(|a| a.allow) {
            let Extent::Matching(pattern) = &a.action else { continue };
            let work = WORK.iter().find(|w| w.eq_ignore_ascii_case(pattern));
            let Some(action) = work.filter(|w| !needed.contains(**w)) else { continue };
            // The policy that says so.
            let place = holder.addresses.iter().find(|address| {
                let text = view.objects.iter().find(|(c, _)| c.address == **address).and_then(|(_, o)| o.str("policy"));
                text.is_some_and(|t| t.contains(&**pattern))
            });
            let told = place.map(|place| unused.entry(place).or_default());
            if let Some(told) = told.filter(|t| !t.contains(action)) {
                told.push(action);
            }
        }
        for (place, actions) in unused {
            out.push(Found {
                code: "SFN-IAM-005",
                grade: None,
                address: place.clone(),
                attribute: Some("policy"),
                inside: None,
                text: format!("Role {role} may do {}, which no state of its state machines uses.", actions.join(", ")),
                way: "Take it out, unless something else uses the role.".into(),
                related: Vec::new(),
            });
        }
    }
}

fn serves_step_functions_alone(view: &View<'_>, role: &str) -> bool {
    let Some(trust) = view.holders.all.get(&Subject::Trust(role.to_string())) else { return false };
    let mut allowed = trust.after.accesses.iter().filter(|a| a.allow).peekable();
    let is_states = |w: &Whom| matches!(w, Whom::One(kind, name) if kind == "Service" && name.starts_with("states."));
    !trust.after.open && allowed.peek().is_some() && allowed.all(|a| is_states(&a.whom))
}

/// Whether a state calls what shows only when it runs, or what stands for several calls.
fn needs_what_it_does_not_say(machine: &Machine) -> bool {
    machine.all_states().iter().filter(|s| s.kind == StateKind::Task).any(|s| {
        let Some(i) = integration(s) else { return s.text("Resource").is_none_or(|r| !r.starts_with("arn:")) };
        let operation = i.operation.to_ascii_lowercase();
        operation.contains("transact") || operation.contains("execute")
    })
}
