//! `get`: the modules that the configuration calls.

use super::{Exit, Outcome, Ui, World, modules, report};
use std::path::PathBuf;

/// Install or upgrade remote Terraform modules
///
/// Downloads and installs the modules that the configuration calls, and those that they call. What is there already and still is
/// what the configuration asks for stays as it is.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Check already-downloaded modules for available updates and install the newest versions available.
    #[arg(long)]
    update: bool,
    #[arg(long, hide = true)]
    test_directory: Option<PathBuf>,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    modules::here(world)?;
    let (_, warnings) = modules::install(world, args.update, &mut |line| ui.line(line))?;
    report::all(ui, &warnings);
    Ok(Exit::Done)
}
