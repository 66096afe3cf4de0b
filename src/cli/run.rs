//! `run`: executes a deployed state machine and follows it, so that one sees what was deployed do what it is for.

use super::operation::{self, PlanOptions};
use super::ui::Style;
use super::{Exit, Outcome, Ui, World, connect, options::StatePath, stored};
use crate::address::Address;
use crate::diag::{Diagnostic, Diags, nearest};
use crate::plan;
use crate::plan::links::Links;
use crate::plan::providers::{self, ProviderKey};
use crate::plan::world::World as Names;
use crate::resources::execution::{self, Ended, Moment};
use crate::state::State;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Execute a deployed state machine and follow it
///
/// Starts an execution of the state machine at ADDRESS in the state, prints each state as it is entered and left, and then the status and
/// the output as JSON. Fails if the execution does not succeed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The state machine, as "state list" names it: aws_sfn_state_machine.hello
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// The input: JSON, or @FILE.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
    input: String,
    /// Path to the state file to read. Defaults to where the configuration keeps it.
    #[arg(long, value_name = "path")]
    state: Option<std::path::PathBuf>,
    #[command(flatten)]
    vars: super::variables::VarOptions,
}

/// Runs it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let input = input(args, world)?;
    let mut store = stored::store(world, &StatePath { state: args.state.clone(), ..StatePath::default() })?;
    let state = stored::block_on(store.read())??.unwrap_or_default();
    let (machine, provider) = machine(args, &state, world)?;
    stored::block_on(follow(ui, args, world, &machine, &provider, &input))?
}

/// The input as JSON text.
fn input(args: &Args, world: &World) -> Result<String, Diagnostic> {
    let text = match args.input.strip_prefix('@') {
        None => args.input.clone(),
        Some(file) => std::fs::read_to_string(world.path(file))
            .map_err(|e| Diagnostic::error("Unreadable input", format!("The file {file} cannot be read: {e}.")))?,
    };
    match serde_json::from_str::<Json>(&text) {
        Ok(_) => Ok(text),
        Err(e) => Err(Diagnostic::error(
            "Invalid input",
            format!("The input of an execution is JSON, and this is none: {e}."),
        )
        .help("Quote it for the shell, such as --input '{\"id\": \"1\"}', or put it into a file: --input @FILE.")),
    }
}

/// The machine's ARN and its provider configuration.
fn machine(args: &Args, state: &State, world: &World) -> Result<(String, String), Diagnostic> {
    let wanted: Address = args
        .address
        .parse()
        .map_err(|e: crate::address::ParseError| Diagnostic::error("Error parsing instance address", e.0))?;
    for (address, holder, instance) in state.objects().filter(|(_, _, i)| i.deposed.is_none()) {
        if address != wanted {
            continue;
        }
        if &*address.ty != "aws_sfn_state_machine" {
            return Err(Diagnostic::error("Nothing that can be run", format!("{wanted} is no state machine.")));
        }
        if let Some(arn) = instance.attributes.get("arn").and_then(Json::as_str) {
            return Ok((arn.to_string(), holder.provider.clone()));
        }
    }
    let names: Vec<String> = state
        .objects()
        .map(|(a, _, _)| a)
        .filter(|a| &*a.ty == "aws_sfn_state_machine")
        .map(|a| a.to_string())
        .collect();
    let d = Diagnostic::error("No such state machine", format!("The state has no object {wanted}."));
    Err(match (nearest(&args.address, names.iter().map(String::as_str)), names.len()) {
        (Some(near), _) => d.help(format!("Did you mean '{near}'?")),
        (None, 0) => d.help(format!("Deploy it first:\n\n    {} apply", world.program)),
        (None, _) => d.help(format!("There is {}.", names.join(", "))),
    })
}

async fn follow(ui: &Ui, args: &Args, world: &World, machine: &str, provider: &str, input: &str) -> Outcome {
    let options = PlanOptions {
        destroy: false,
        refresh_only: false,
        refresh: true,
        replace: Vec::new(),
        target: Vec::new(),
        vars: args.vars.clone(),
        skip_unsupported: true,
    };
    let operation::Input { config, variables, .. } = operation::input(ui, world, &options, true, "run")?;
    let links = Arc::new(Links::new(&config)?);
    let workspace = stored::current_workspace(world)?;
    let mut names = Names::new(config.clone(), links, operation::facts(world), &world.cwd, &workspace, variables);
    let key = ProviderKey::parse(&config, provider)
        .ok_or_else(|| Diagnostic::error("Unreadable state", format!("{provider:?} is no provider configuration.")))?;
    let settings = providers::settings(&mut names, &key)?;
    let failed = |e: crate::resources::Error| Diags::from(plan::failure(&e, None));
    let aws = connect::connect(world)?(settings).await.map_err(failed)?;
    let mut clock = Watch::default();
    let ended =
        execution::run(&aws, machine, input, |moment| ui.line(clock.line(ui, &moment))).await.map_err(failed)?;
    Ok(finish(ui, &ended))
}

/// Turns moments into lines with the time since the start.
#[derive(Default)]
struct Watch {
    start: i64,
    entered: HashMap<String, i64>,
}

impl Watch {
    fn line(&mut self, ui: &Ui, moment: &Moment) -> String {
        let (at, text) = match moment {
            Moment::Started { execution, at } => {
                self.start = *at;
                (*at, format!("started {execution}"))
            }
            Moment::Entered { state, at } => {
                self.entered.insert(state.clone(), *at);
                (*at, format!("{} {state}", ui.style(Style::Bold, "->")))
            }
            Moment::Left { state, at } => {
                let took = self.entered.remove(state).map_or(0, |entered| at - entered);
                (*at, format!("{} {state} ({})", ui.style(Style::Green, "<-"), seconds(took)))
            }
            Moment::Trouble { what, error, cause, at } => {
                (*at, format!("{} {what}: {error}: {cause}", ui.style(Style::Red, "!!")))
            }
        };
        format!("{:>9}  {text}", seconds(at - self.start))
    }
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03} s", millis / 1000, millis.rem_euclid(1000))
}

fn finish(ui: &Ui, ended: &Ended) -> Exit {
    let color = if ended.succeeded() { Style::Green } else { Style::Red };
    ui.line(format!("\n{}", ui.style(color, &ended.status)));
    if let Some(error) = &ended.error {
        ui.line(format!("{error}: {}", ended.cause.as_deref().unwrap_or_default()));
    }
    if let Some(output) = &ended.output {
        let pretty = serde_json::from_str::<Json>(output).ok().and_then(|j| serde_json::to_string_pretty(&j).ok());
        ui.line(pretty.as_ref().unwrap_or(output));
    }
    if ended.succeeded() { Exit::Done } else { Exit::Failed }
}
