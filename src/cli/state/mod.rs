//! `state`: looking into the state and changing it by hand.

pub mod list;
pub mod mv;
pub mod pull;
pub mod push;
pub mod replace_provider;
pub mod rm;
pub mod show;

use super::{Outcome, Ui, World};

/// Advanced state management
///
/// This command has subcommands for advanced state management.
///
/// These subcommands can be used to slice and dice the state. They never touch what the state is about. A backup is kept of
/// every state that they change.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    #[command(visible_alias = "ls")]
    List(list::Args),
    #[command(visible_alias = "move")]
    Mv(mv::Args),
    Pull(pull::Args),
    Push(push::Args),
    ReplaceProvider(replace_provider::Args),
    #[command(visible_alias = "remove")]
    Rm(rm::Args),
    Show(show::Args),
}

impl Args {
    /// Whether the output is read by a program.
    pub fn feeds_a_program(&self) -> bool {
        matches!(self.command, Command::List(_) | Command::Pull(_))
    }
}

/// Runs the subcommand.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    match &args.command {
        Command::List(args) => list::run(ui, args, world),
        Command::Mv(args) => mv::run(ui, args, world),
        Command::Pull(args) => pull::run(ui, args, world),
        Command::Push(args) => push::run(ui, args, world),
        Command::ReplaceProvider(args) => replace_provider::run(ui, args, world),
        Command::Rm(args) => rm::run(ui, args, world),
        Command::Show(args) => show::run(ui, args, world),
    }
}
