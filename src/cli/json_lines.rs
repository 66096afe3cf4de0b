//! The stream of JSON objects, one a line, that `-json` asks for: Terraform's machine-readable user interface.

use super::progress::{doing, words};
use super::{Ui, World};
use crate::TERRAFORM_VERSION;
use crate::address::{Address, Key};
use crate::apply;
use crate::diag::Diagnostic;
use crate::plan::events::Event;
use crate::plan::{Action, Counts, Plan};
use crate::show::diagnostics;
use crate::state::{State, print_json_line};
use crate::value::json::{to_json, type_to_json};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Writes the stream.
#[derive(Clone)]
pub struct JsonLines {
    ui: Ui,
    world: World,
    since: Arc<Mutex<HashMap<Address, Instant>>>,
}

impl JsonLines {
    /// Begins the stream: it says its version first.
    pub fn begin(ui: &Ui, world: &World) -> JsonLines {
        let stream = JsonLines { ui: ui.clone(), world: world.clone(), since: Arc::default() };
        stream.send(
            "info",
            format!("Terraform {TERRAFORM_VERSION}"),
            "version",
            json!({"terraform": TERRAFORM_VERSION, "ui": "1.2"}),
        );
        stream
    }

    /// One line. `rest` is an object with what this type has beside the usual.
    pub fn send(&self, level: &str, message: impl Into<String>, ty: &str, rest: Json) {
        let now = self.world.now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let mut line: Map<String, Json> = Map::new();
        line.insert("@level".into(), level.into());
        line.insert("@message".into(), message.into().into());
        line.insert("@module".into(), "terraform.ui".into());
        line.insert("@timestamp".into(), now.into());
        let mut members: Vec<(String, Json)> = match rest {
            Json::Object(rest) => rest.into_iter().collect(),
            _ => Vec::new(),
        };
        members.push(("type".into(), ty.into()));
        members.sort_by(|a, b| a.0.cmp(&b.0));
        line.extend(members);
        self.ui.line(print_json_line(&Json::Object(line)));
    }

    /// What happens while planning and applying: Terraform's hooks.
    pub fn event(&self, event: &Event) {
        match event {
            Event::Refreshing { address, id } => {
                let hook = json!({ "resource": resource(address), "id_key": "id", "id_value": id });
                self.send(
                    "info",
                    format!("{address}: Refreshing state... [id={id}]"),
                    "refresh_start",
                    json!({ "hook": hook }),
                );
            }
            Event::Refreshed { address, id } => {
                let mut hook = json!({ "resource": resource(address) });
                let mut shown = String::new();
                if let Some(id) = id {
                    hook["id_key"] = json!("id");
                    hook["id_value"] = json!(id);
                    shown = format!(" [id={id}]");
                }
                let message = format!("{address}: Refresh complete{shown}");
                self.send("info", message, "refresh_complete", json!({ "hook": hook }));
            }
            Event::Reading(address) => {
                let hook = json!({ "resource": resource(address), "action": "read" });
                self.started(address);
                self.send("info", format!("{address}: Refreshing..."), "apply_start", json!({ "hook": hook }));
            }
            Event::Read { address, id } => self.complete(address, Action::Read, Some(id)),
            Event::Started { address, action, id, .. } => {
                let mut hook = json!({ "resource": resource(address), "action": action_name(*action) });
                let mut shown = String::new();
                if let Some(id) = id.as_ref().filter(|_| *action != Action::Create) {
                    hook["id_key"] = json!("id");
                    hook["id_value"] = json!(id);
                    shown = format!(" [id={id}]");
                }
                self.started(address);
                let doing = if *action == Action::Read { "Refreshing" } else { doing(*action) };
                let message = format!("{address}: {doing}...{shown}");
                self.send("info", message, "apply_start", json!({ "hook": hook }));
            }
            Event::Note { address, text } => {
                let hook = json!({ "resource": resource(address), "note": text });
                self.send("info", format!("{address}: {text}"), "apply_progress", json!({ "hook": hook }));
            }
            Event::Settled { address, text } => {
                let hook = json!({ "resource": resource(address), "note": text });
                self.send("info", format!("{address}: {text}"), "refresh_complete", json!({ "hook": hook }));
            }
            Event::Finished { address, action, id, .. } => self.complete(address, *action, id.as_ref()),
            Event::Failed { address, action, .. } => {
                let elapsed = self.elapsed(address);
                let hook = json!({
                    "resource": resource(address),
                    "action": action_name(*action),
                    "elapsed_seconds": elapsed.as_secs(),
                });
                let message = format!("{address}: {} errored after {}", noun(*action), words(elapsed));
                self.send("info", message, "apply_errored", json!({ "hook": hook }));
            }
        }
    }

    fn complete(&self, address: &Address, action: Action, id: Option<&String>) {
        let elapsed = self.elapsed(address);
        let mut hook = json!({ "resource": resource(address), "action": action_name(action) });
        let mut shown = String::new();
        if let Some(id) = id.filter(|_| action != Action::Delete) {
            hook["id_key"] = json!("id");
            hook["id_value"] = json!(id);
            shown = format!(" [id={id}]");
        }
        hook["elapsed_seconds"] = json!(elapsed.as_secs());
        let message = format!("{address}: {} complete after {}{shown}", noun(action), words(elapsed));
        self.send("info", message, "apply_complete", json!({ "hook": hook }));
    }

    fn started(&self, address: &Address) {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), Instant::now());
    }

    fn elapsed(&self, address: &Address) -> Duration {
        let since = self.since.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
        if self.world.frozen.is_some() { Duration::ZERO } else { since.map_or(Duration::ZERO, |s| s.elapsed()) }
    }

    /// What was changed outside.
    fn drift(&self, plan: &Plan) {
        for change in &plan.drift {
            let action = if change.after.is_null() { "delete" } else { "update" };
            let mut body = json!({ "resource": resource(&change.address), "action": action });
            if let Some(previous) = &change.previous {
                body["previous_resource"] = resource(previous);
            }
            let message = format!("{}: Drift detected ({action})", change.address);
            self.send("info", message, "resource_drift", json!({ "change": body }));
        }
    }

    /// A plan: drift, changes, the summary and the outputs.
    pub fn plan(&self, plan: &Plan) {
        self.drift(plan);
        self.changes(plan);
        self.summary("plan", plan.counts());
        let outputs: Map<String, Json> = plan
            .outputs
            .iter()
            .map(|(name, o)| {
                (name.to_string(), json!({ "action": action_name(o.action), "sensitive": o.is_sensitive() }))
            })
            .collect();
        if !outputs.is_empty() {
            self.send("info", format!("Outputs: {}", outputs.len()), "outputs", json!({ "outputs": outputs }));
        }
    }

    /// What is going to be done, object by object: all that is said of a plan that was made before.
    pub fn changes(&self, plan: &Plan) {
        for change in &plan.changes {
            let moved = change.previous.is_some();
            if change.action == Action::NoOp && !moved && change.importing.is_none() {
                continue;
            }
            let action = match change.action {
                Action::NoOp if change.importing.is_some() => "import",
                Action::NoOp => "move",
                Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
                Action::Forget => "remove",
                action => action_name(action),
            };
            let mut body = json!({ "resource": resource(&change.address), "action": action });
            if let Some(previous) = &change.previous {
                body["previous_resource"] = resource(previous);
            }
            if let Some(reason) = change.reason {
                // Here Terraform leaves the first words out.
                let name = reason.name();
                body["reason"] = json!(match name {
                    "replace_because_cannot_update" => "cannot_update",
                    "replace_because_tainted" => "tainted",
                    "replace_by_request" => "requested",
                    "replace_by_triggers" => "replace_triggered_by",
                    name => name,
                });
            }
            if let Some(id) = &change.importing {
                body["importing"] = json!({ "id": id });
            }
            self.send(
                "info",
                format!("{}: Plan to {action}", change.address),
                "planned_change",
                json!({ "change": body }),
            );
        }
    }

    /// The end of an apply.
    pub fn done(&self, verb: &str, outcome: &apply::Outcome) {
        self.summary(&verb.to_lowercase(), outcome.done);
        if verb != "Destroy" {
            self.outputs(&outcome.state);
        }
    }

    /// The outputs of a state.
    pub fn outputs(&self, state: &State) {
        let outputs: Map<String, Json> = state
            .outputs
            .iter()
            .map(|(name, o)| {
                let mut body = json!({ "sensitive": o.sensitive, "type": type_to_json(&o.value.ty()) });
                if !o.sensitive {
                    body["value"] = to_json(&o.value);
                }
                (name.to_string(), body)
            })
            .collect();
        self.send("info", format!("Outputs: {}", outputs.len()), "outputs", json!({ "outputs": outputs }));
    }

    fn summary(&self, operation: &str, c: Counts) {
        let import = if c.import > 0 { format!("{} to import, ", c.import) } else { String::new() };
        let imported = if c.import > 0 { format!("{} imported, ", c.import) } else { String::new() };
        let message = match operation {
            "plan" => format!("Plan: {import}{} to add, {} to change, {} to destroy.", c.add, c.change, c.destroy),
            "destroy" => format!("Destroy complete! Resources: {} destroyed.", c.destroy),
            _ => {
                format!(
                    "Apply complete! Resources: {imported}{} added, {} changed, {} destroyed.",
                    c.add, c.change, c.destroy
                )
            }
        };
        let changes = json!({
            "add": c.add,
            "change": c.change,
            "import": c.import,
            "remove": c.destroy,
            "operation": operation,
        });
        self.send("info", message, "change_summary", json!({ "changes": changes }));
    }

    /// A diagnostic.
    pub fn diagnostic(&self, d: &Diagnostic) {
        let (level, word) = if d.is_error() { ("error", "Error") } else { ("warn", "Warning") };
        let rest = json!({ "diagnostic": diagnostics::json(d) });
        self.send(level, format!("{word}: {}", d.summary), "diagnostic", rest);
    }
}

/// An object as the stream names it.
fn resource(address: &Address) -> Json {
    let key = match &address.key {
        None => Json::Null,
        Some(Key::Int(i)) => json!(i),
        Some(Key::Str(s)) => json!(**s),
    };
    let module = address.module.to_string();
    let full = address.to_string();
    let local = if module.is_empty() { full.as_str() } else { full.get(module.len() + 1..).unwrap_or_default() };
    json!({
        "addr": full,
        "module": module,
        "resource": local,
        "implied_provider": address.ty.split('_').next().unwrap_or_default(),
        "resource_type": *address.ty,
        "resource_name": *address.name,
        "resource_key": key,
    })
}

fn action_name(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

fn noun(action: Action) -> &'static str {
    match action {
        Action::Create => "Creation",
        // In this stream alone, Terraform reads by another word.
        Action::Read => "Refresh",
        Action::Delete => "Destruction",
        _ => "Modifications",
    }
}
