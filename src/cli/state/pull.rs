//! `state pull`: the state as text.

use crate::cli::options::StatePath;
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::state::tfstate;

/// Pull current state and output to stdout
///
/// Pull the state from its location, upgrade the local copy, and output it to stdout.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Prints it; nothing where there is none.
pub fn run(ui: &Ui, _: &Args, world: &World) -> Outcome {
    let mut store = stored::store(world, &StatePath::default())?;
    if let Some(state) = stored::block_on(store.read())?? {
        ui.print(tfstate::print(&state));
    }
    Ok(Exit::Done)
}
