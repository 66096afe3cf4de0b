//! `state show`: one object of the state.

use crate::address::Address;
use crate::cli::options::StatePath;
use crate::cli::{Exit, Outcome, Ui, World, report, stored};
use crate::diag::{Diagnostic, nearest};
use crate::show;

/// Show a resource in the state
///
/// Shows the attributes of a resource in the state. The address must point to a single resource instance: see "state list".
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The object's address.
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Path to the state file to read. Defaults to where the configuration keeps it.
    #[arg(long, value_name = "path")]
    state: Option<std::path::PathBuf>,
}

/// Shows it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let wanted: Address = args
        .address
        .parse()
        .map_err(|e: crate::address::ParseError| Diagnostic::error("Error parsing instance address", e.0))?;
    let mut store = stored::store(world, &StatePath { state: args.state.clone(), ..StatePath::default() })?;
    let state = stored::block_on(store.read())??.unwrap_or_default();
    let mut found = false;
    for (address, holder, instance) in state.objects().filter(|(a, _, _)| *a == wanted) {
        ui.print(show::state::object(&address, holder, instance, report::style(ui, world)));
        found = true;
    }
    if found {
        return Ok(Exit::Done);
    }
    let names: Vec<String> = state.objects().map(|(a, _, _)| a.to_string()).collect();
    let d = Diagnostic::error("No instance found for the given address", format!("The state has no object {wanted}."));
    Err(match nearest(&args.address, names.iter().map(String::as_str)) {
        Some(near) => d.help(format!("Did you mean '{near}'?")),
        None => d.help(format!("List what there is:\n\n    {} state list", world.program)),
    }
    .into())
}
