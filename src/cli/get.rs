//! `get`: the modules that the configuration calls.

use super::{Exit, Outcome, Ui, World, configuration, report};
use std::path::PathBuf;

/// Install or upgrade remote Terraform modules
///
/// Checks that every module that the configuration calls is there, and lists them with -update.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// List all modules, also those that were there before.
    #[arg(long)]
    update: bool,
    #[arg(long, hide = true)]
    test_directory: Option<PathBuf>,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let (config, warnings) = configuration::load(world)?;
    report::all(ui, &warnings);
    if args.update {
        for (name, module) in configuration::modules(&config.root) {
            ui.line(format!("- {name} in {}", module.dir.display()));
        }
    }
    Ok(Exit::Done)
}
