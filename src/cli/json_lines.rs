//! The stream of JSON objects, one a line, that `-json` asks for: Terraform's machine-readable user interface.

use super::{Ui, World};
use crate::TERRAFORM_VERSION;
use crate::diag::Diagnostic;
use crate::show::diagnostics;
use crate::state::print_json_line;
use serde_json::{Map, Value as Json, json};

/// Writes the stream.
#[derive(Clone)]
pub struct JsonLines {
    ui: Ui,
    world: World,
}

impl JsonLines {
    /// Begins the stream: it says its version first.
    pub fn begin(ui: &Ui, world: &World) -> JsonLines {
        let stream = JsonLines { ui: ui.clone(), world: world.clone() };
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

    /// A diagnostic.
    pub fn diagnostic(&self, d: &Diagnostic) {
        let (level, word) = if d.is_error() { ("error", "Error") } else { ("warn", "Warning") };
        let rest = json!({ "diagnostic": diagnostics::json(d) });
        self.send(level, format!("{word}: {}", d.summary), "diagnostic", rest);
    }
}
