//! The table of commands: a new one is a file, a line in the enum and a line in `run`.

use super::{
    Outcome, Ui, World, apply, check, completions, console, fmt, force_unlock, get, graph, import, init, metadata,
    output, permissions, plan, providers, refresh, run, sandbox, show, state, taint, validate, version, workspace,
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;

/// Options for every command.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Global {
    /// Switch to a different working directory before executing the given subcommand.
    #[arg(long, global = true, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// Write no colours, even on a terminal. NO_COLOR in the environment does the same.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Work with an AWS inside this program instead of the real one: free, without an account, kept in .formwork/sandbox.
    /// FORMWORK_SANDBOX=1 in the environment does the same.
    #[arg(long, global = true)]
    pub sandbox: bool,
}

#[derive(Parser)]
#[command(name = "formwork", disable_help_flag = true, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The commands. What each says of itself stands above its arguments: the first line in the list of commands, all of it in its help.
#[derive(Subcommand)]
pub enum Command {
    Apply(apply::Args),
    Destroy(apply::DestroyArgs),
    Import(import::Args),
    Plan(plan::Args),
    Refresh(refresh::Args),
    Metadata(metadata::Args),
    Sandbox(sandbox::Args),
    Validate(validate::Args),
    Check(check::Args),
    Completions(completions::Args),
    Console(console::Args),
    Fmt(fmt::Args),
    ForceUnlock(force_unlock::Args),
    Get(get::Args),
    Graph(graph::Args),
    Init(init::Args),
    Output(output::Args),
    Permissions(permissions::Args),
    Providers(providers::Args),
    Run(run::Args),
    Show(show::Args),
    State(state::Args),
    Taint(taint::TaintArgs),
    Untaint(taint::UntaintArgs),
    Version(version::Args),
    Workspace(workspace::Args),
}

impl Command {
    /// Whether its output is read by a program, so that nothing may stand before it.
    pub fn feeds_a_program(&self) -> bool {
        match self {
            Command::Completions(_) | Command::Console(_) | Command::Graph(_) | Command::Metadata(_) => true,
            Command::Show(args) => args.feeds_a_program(),
            Command::Check(args) => args.feeds_a_program(),
            Command::Permissions(args) => args.feeds_a_program(),
            Command::Apply(args) => args.run.json,
            Command::Destroy(args) => args.apply.run.json,
            Command::Plan(args) => args.run.json,
            Command::Refresh(args) => args.run.json,
            Command::Validate(args) => args.json,
            Command::Init(args) => args.json,
            Command::Output(args) => args.json || args.raw,
            Command::State(args) => args.feeds_a_program(),
            Command::Providers(args) => args.feeds_a_program(),
            Command::Version(args) => args.json,
            Command::Workspace(args) => args.feeds_a_program(),
            Command::Fmt(_) => true,
            Command::ForceUnlock(_)
            | Command::Get(_)
            | Command::Import(_)
            | Command::Run(_)
            | Command::Sandbox(_)
            | Command::Taint(_)
            | Command::Untaint(_) => false,
        }
    }

    /// Does it.
    pub fn run(self, ui: &Ui, world: &World) -> Outcome {
        match self {
            Command::Apply(args) => apply::run(ui, &args, world),
            Command::Destroy(args) => apply::destroy(ui, args, world),
            Command::Import(args) => import::run(ui, &args, world),
            Command::Plan(args) => plan::run(ui, &args, world),
            Command::Refresh(args) => refresh::run(ui, &args, world),
            Command::Metadata(args) => metadata::run(ui, &args),
            Command::Sandbox(args) => sandbox::run(ui, &args, world),
            Command::Validate(args) => validate::run(ui, &args, world),
            Command::Check(args) => check::run(ui, &args, world),
            Command::Completions(args) => completions::run(ui, &args),
            Command::Console(args) => console::run(ui, &args, world),
            Command::Fmt(args) => fmt::run(ui, &args, world),
            Command::ForceUnlock(args) => force_unlock::run(ui, &args, world),
            Command::Get(args) => get::run(ui, &args, world),
            Command::Graph(args) => graph::run(ui, &args, world),
            Command::Init(args) => init::run(ui, &args, world),
            Command::Run(args) => run::run(ui, &args, world),
            Command::Show(args) => show::run(ui, &args, world),
            Command::Providers(args) => providers::run(ui, &args, world),
            Command::Output(args) => output::run(ui, &args, world),
            Command::Permissions(args) => permissions::run(ui, &args, world),
            Command::State(args) => state::run(ui, &args, world),
            Command::Taint(args) => taint::taint(ui, &args, world),
            Command::Untaint(args) => taint::untaint(ui, &args, world),
            Command::Workspace(args) => workspace::run(ui, &args, world),
            Command::Version(args) => Ok(version::run(ui, &args, world)),
        }
    }
}

/// The tree of commands and their options.
pub fn command() -> clap::Command {
    fn settle(command: clap::Command) -> clap::Command {
        // An option given twice: the last one counts, so that the environment can be overruled.
        command.args_override_self(true).disable_help_flag(true).mut_subcommands(settle)
    }
    settle(Cli::command())
}

/// Reads normalised arguments.
pub fn parse(tree: &mut clap::Command, args: Vec<String>) -> Result<(Global, Command), clap::Error> {
    let matches = tree.try_get_matches_from_mut(std::iter::once("formwork".to_string()).chain(args))?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok((cli.global, cli.command))
}
