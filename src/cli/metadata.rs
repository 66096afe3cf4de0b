//! `metadata functions`: the signatures of all functions, for editors.

use super::{Exit, Outcome, Ui};
use crate::diag::Diagnostic;
use crate::eval::functions::{FUNCTIONS, Param};
use crate::state::print_json_line;
use crate::value::json::type_to_json;
use serde_json::{Map, Value as Json, json};

/// Metadata related commands
///
/// This command has subcommands for metadata related purposes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Functions(Functions),
}

/// Show signatures and descriptions for the available functions
///
/// Prints out a json representation of the available function signatures.
#[derive(clap::Args, Debug)]
struct Functions {
    /// Required, for there is no other format.
    #[arg(long)]
    json: bool,
}

/// Prints them.
pub fn run(ui: &Ui, args: &Args) -> Outcome {
    let Command::Functions(args) = &args.command;
    if !args.json {
        let detail = "The `metadata functions` command requires the `-json` flag.";
        return Err(Diagnostic::error("Option required", detail).into());
    }
    let mut signatures: Vec<(String, Json)> = Vec::new();
    for function in FUNCTIONS {
        let mut signature = json!({
            "description": function.doc,
            "return_type": type_to_json(&function.returns.to_type()),
        });
        if !function.params.is_empty() {
            signature["parameters"] = function.params.iter().map(parameter).collect();
        }
        if let Some(rest) = &function.rest {
            signature["variadic_parameter"] = parameter(rest);
        }
        signatures.push((format!("core::{}", function.name), signature.clone()));
        signatures.push((function.name.to_string(), signature));
    }
    signatures.sort_by(|a, b| a.0.cmp(&b.0));
    let signatures: Map<String, Json> = signatures.into_iter().collect();
    ui.line(print_json_line(&json!({ "format_version": "1.0", "function_signatures": signatures })));
    Ok(Exit::Done)
}

fn parameter(param: &Param) -> Json {
    let mut out = json!({ "name": param.name });
    if param.nullable {
        out["is_nullable"] = json!(true);
    }
    out["type"] = type_to_json(&param.ty.to_type());
    out
}
