//! The door: arguments in, exit code out; the only room that prints, asks and chooses exit codes.
//!
//! One file per command: what it takes, and `run`. Refuses to know how anything is done.

mod apply;
mod argv;
mod backend;
mod check;
mod command;
mod completions;
mod configuration;
mod confirm;
mod connect;
mod console;
mod fmt;
mod force_unlock;

mod get;
mod graph;
mod help;
mod import;
mod init;
mod interrupt;
mod json_lines;
mod line_editor;
mod metadata;
mod migrate;
mod modules;
mod operation;
mod options;
mod output;
mod permissions;
mod plan;
mod plan_file;
mod progress;
mod providers;
mod refresh;
mod remote_state;
mod report;
mod run;
mod sandbox;
mod show;
mod state;
mod stored;
mod taint;
mod ui;
mod usage;
mod validate;
mod variables;
mod version;
mod workspace;
mod world;

pub use command::command;
pub use ui::{Captured, Ui};
pub use world::World;

use crate::diag::{Diagnostic, Diags};
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is done.
    Done,
    /// It failed; the reasons were told.
    Failed,
    /// `-detailed-exitcode`: done, and there are changes.
    Changes,
    /// `fmt`: a file could not be read as configuration.
    Unreadable,
    /// `fmt -check`: a file is not in the canonical format.
    Unformatted,
    /// Ended early by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Changes | Exit::Unreadable => 2,
            Exit::Unformatted => 3,
            Exit::Interrupted => 130,
        }
    }
}

/// What a command's `run` gives: how it ended, or what stopped it.
pub type Outcome = Result<Exit, Diags>;

/// The process's own run.
pub fn main() -> ExitCode {
    let world = World::of_process();
    let ui = Ui::of_process(|name| world.env.get(name).cloned());
    let args = std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    ExitCode::from(run(ui, args, world).code())
}

/// One run: `args` without the program's name.
pub fn run(mut ui: Ui, args: Vec<String>, mut world: World) -> Exit {
    let mut tree = command::command();
    // What only asks is answered before anything is judged.
    match asks(&tree, &args) {
        Some(Asks::Help(words)) => {
            ui.print(help::text(&mut tree, &words, &world.program));
            return Exit::Done;
        }
        Some(Asks::Version(json)) => return version::run(&ui, &version::Args { json }, &world),
        None => {}
    }
    if args.is_empty() {
        ui.print(help::text(&mut tree, &[], &world.program));
        return Exit::Failed;
    }
    let typed = argv::subcommand_at(&tree, &args).iter().map(|i| args[*i].clone()).collect::<Vec<_>>();
    let parsed = match argv::normalise(&tree, args, &world.env) {
        Ok(args) => command::parse(&mut tree, args).map_err(|e| usage::explain(&e, &tree, &typed)),
        Err(sentence) => Err(Diagnostic::error("Failed to parse command-line flags", sentence)),
    };
    let (global, command) = match parsed {
        Ok(parsed) => parsed,
        Err(d) => {
            report::errors(&ui, &d.into());
            let typed = typed.iter().map(|w| format!("{w} ")).collect::<String>();
            ui.note(format!("\nFor more help on using this command, run:\n  {} {typed}-help", world.program));
            return Exit::Failed;
        }
    };
    world.in_sandbox |= global.sandbox;
    if global.no_color {
        ui.color = false;
    }
    if let Some(dir) = &global.chdir {
        // A process of its own moves, so that all names in messages are short.
        let moved = match world.cwd == std::path::Path::new(".") {
            true => std::env::set_current_dir(dir).map_err(|e| e.to_string()),
            false => {
                world.cwd = world.cwd.join(dir);
                if world.cwd.is_dir() { Ok(()) } else { Err("no such directory".into()) }
            }
        };
        if let Err(e) = moved {
            let d =
                Diagnostic::error("Error handling -chdir option", format!("Cannot change to {}: {e}.", dir.display()));
            report::errors(&ui, &d.into());
            return Exit::Failed;
        }
    }
    if world.in_sandbox {
        let line = "Sandbox: AWS is inside this program; nothing here reaches an account.";
        if command.feeds_a_program() || world.poses() { ui.note(line) } else { ui.line(line) }
    }
    match command.run(&ui, &world) {
        Ok(exit) => exit,
        Err(diags) => {
            report::errors(&ui, &diags);
            Exit::Failed
        }
    }
}

enum Asks {
    Help(Vec<String>),
    Version(bool),
}

/// `-help` anywhere before `--`, `help COMMAND`, or `-version` before the subcommand.
fn asks(tree: &clap::Command, args: &[String]) -> Option<Asks> {
    let words = argv::subcommand_at(tree, args);
    let names = || words.iter().map(|i| args[*i].clone()).collect();
    let options = args.iter().take_while(|a| *a != "--");
    if options.clone().any(|a| matches!(&**a, "-help" | "--help" | "-h")) {
        return Some(Asks::Help(names()));
    }
    if args.first().is_some_and(|a| a == "help") {
        return Some(Asks::Help(args[1..].to_vec()));
    }
    let before = words.first().copied().unwrap_or(args.len());
    if options.take(before).any(|a| matches!(&**a, "-version" | "--version" | "-v")) {
        return Some(Asks::Version(args.iter().any(|a| matches!(&**a, "-json" | "--json"))));
    }
    None
}
