//! `output`: values of the root module's outputs.

use super::options::StatePath;
use super::{Exit, Outcome, Ui, World, report, stored};
use crate::diag::{Diagnostic, nearest};
use crate::show::console::console;
use crate::state::{OutputValue, State, print_json};
use crate::value::json::{to_json, type_to_json};
use crate::value::{Kind, Marks};
use serde_json::{Value as Json, json};

/// Show output values from your root module
///
/// Reads output values from the state and prints them. With no additional arguments, the output command will display all the
/// outputs for the root module. If NAME is not specified, all outputs are printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// One of them.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Path to the state file to read. Defaults to where the configuration keeps it.
    #[arg(long, value_name = "path")]
    state: Option<std::path::PathBuf>,
    /// If specified, machine readable output will be printed in JSON format.
    #[arg(long, conflicts_with = "raw")]
    pub json: bool,
    /// For value types that can be automatically converted to a string, will print the raw string directly, rather than a
    /// human-oriented representation of the value.
    #[arg(long)]
    pub raw: bool,
    /// Show sensitive values too where all outputs are printed.
    #[arg(long)]
    show_sensitive: bool,
}

/// Prints them.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    if args.raw && args.name.is_none() {
        let detail = "You must give the name of a single output value when using the -raw option.";
        return Err(Diagnostic::error("Output name required", detail).into());
    }
    let mut store = stored::store(world, &StatePath { state: args.state.clone(), ..StatePath::default() })?;
    let state = stored::block_on(store.read())??.unwrap_or_default();
    match &args.name {
        None => all(ui, args, world, &state),
        Some(name) => match state.outputs.get(&**name) {
            Some(output) => one(ui, args, name, output),
            None => {
                let d = Diagnostic::error(
                    "Output not found",
                    format!(
                        "There is no output \"{name}\" in the state. If you recently added this to your configuration, be sure to \
                         run \"{} apply\", since the state won't be updated with new output variables until that command is run.",
                        world.program
                    ),
                );
                Err(match nearest(name, state.outputs.keys().map(|k| &**k)) {
                    Some(near) => d.help(format!("Did you mean \"{near}\"?")),
                    None => d,
                }
                .into())
            }
        },
    }
}

fn all(ui: &Ui, args: &Args, world: &World, state: &State) -> Outcome {
    if args.json {
        ui.line(print_json(&all_as_json(state)));
        return Ok(Exit::Done);
    }
    if state.outputs.is_empty() {
        let detail = format!(
            "The state file either has no outputs defined, or all the defined outputs are empty. Please define an output in your \
             configuration with the `output` keyword and run `{} apply` for it to become available.",
            world.program
        );
        report::all(ui, &Diagnostic::warning("No outputs found", detail).into());
        return Ok(Exit::Done);
    }
    ui.print(listing(state, args.show_sensitive));
    Ok(Exit::Done)
}

/// All outputs, a line or more each, as `output` and the end of an apply show them.
pub fn listing(state: &State, show_sensitive: bool) -> String {
    let mut out = String::new();
    for (name, output) in &state.outputs {
        let value = match output.sensitive && !show_sensitive {
            true => "<sensitive>".into(),
            false => console(&output.value.clone().with_marks(Marks::NONE)),
        };
        out.push_str(&format!("{name} = {value}\n"));
    }
    out
}

/// All outputs with their types.
fn all_as_json(state: &State) -> Json {
    let one = |o: &OutputValue| {
        json!({
            "sensitive": o.sensitive,
            "type": type_to_json(&o.value.ty()),
            "value": to_json(&o.value),
        })
    };
    Json::Object(state.outputs.iter().map(|(name, o)| (name.to_string(), one(o))).collect())
}

fn one(ui: &Ui, args: &Args, name: &str, output: &OutputValue) -> Outcome {
    let value = output.value.clone().with_marks(Marks::NONE);
    if args.json {
        ui.line(crate::state::print_json_line(&to_json(&value)));
    } else if args.raw {
        match value.kind() {
            Kind::String(s) => ui.print(s),
            Kind::Number(_) | Kind::Bool(_) => ui.print(console(&value)),
            Kind::Null(_) => {
                let detail = format!("The output value \"{name}\" is null, so there is nothing to print.");
                return Err(Diagnostic::error("Unsupported value for raw output", detail)
                    .help("Use the -json option for machine-readable representations of output values.")
                    .into());
            }
            _ => {
                let detail = format!(
                    "The -raw option only supports strings, numbers, and boolean values, but output value \"{name}\" is {}.",
                    value.ty().friendly()
                );
                return Err(Diagnostic::error("Unsupported value for raw output", detail)
                    .help(
                        "Use the -json option for machine-readable representations of output values that have complex types.",
                    )
                    .into());
            }
        }
    } else {
        ui.line(console(&value));
    }
    Ok(Exit::Done)
}
