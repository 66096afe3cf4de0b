//! `metadata functions`: the signatures of all functions, for editors.

use super::{Exit, Outcome, Ui};
use crate::diag::Diagnostic;
use crate::eval::functions::metadata;
use crate::state::print_json_line;

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
    ui.line(print_json_line(&metadata::document()));
    Ok(Exit::Done)
}
