//! `show`: a state or a saved plan, for people or as Terraform's JSON.

use super::{Exit, Outcome, Ui, World, options::StatePath, plan_file, report, stored};
use crate::plan::file;
use crate::show::{json, plan, state};
use crate::state::{State, print_json_line, tfstate};
use std::path::PathBuf;

/// Show the current state or a saved plan
///
/// Reads and outputs a state or plan file in a human-readable form. If no path is specified, the current state will be shown.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A state file or a plan file. Defaults to the current state.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// If specified, output the plan or state in a machine-readable form.
    #[arg(long)]
    pub json: bool,
}

/// Shows it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let Some(path) = &args.path else {
        let mut store = stored::store(world, &StatePath::default())?;
        let state = stored::block_on(store.read())??.unwrap_or_default();
        return Ok(show_state(ui, world, args, &state));
    };
    let name = path.display().to_string();
    let text = plan_file::read(world, path, "Failed to read the given file as a state or plan file")?;
    if file::is_plan(&text) {
        let plan = file::parse(&name, &text)?;
        match args.json {
            true => ui.line(print_json_line(&json::plan(&plan))),
            false => ui.print(plan::text(&plan, report::style(ui, world))),
        }
        return Ok(Exit::Done);
    }
    let state = tfstate::parse(&name, &text).map_err(crate::state::error::Error::from)?;
    Ok(show_state(ui, world, args, &state))
}

fn show_state(ui: &Ui, world: &World, args: &Args, state: &State) -> Exit {
    match args.json {
        true => ui.line(print_json_line(&json::state(state))),
        false => ui.print(state::text(state, report::style(ui, world))),
    }
    Exit::Done
}
