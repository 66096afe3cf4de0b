//! `show`: a state or a saved plan, for people or as Terraform's JSON.

use super::{Exit, Outcome, Ui, World, check, options::StatePath, plan_file, report, stored};
use crate::diag::Diagnostic;
use crate::plan::file;
use crate::review;
use crate::show::{json, markdown, plan, state};
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
    /// Write a plan as Markdown: a comment for a pull request, always short enough to be posted.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// What tells the comment from those of other plans: it stands in a hidden marker in its last line. Defaults to the workspace.
    #[arg(long, value_name = "NAME", requires = "markdown")]
    pub name: Option<String>,
    /// With -markdown: everything, however long it gets.
    #[arg(long, requires = "markdown")]
    pub full: bool,
    /// With -markdown: where the full text is. The comment points there if it had to be shortened.
    #[arg(long, value_name = "URL", requires = "markdown")]
    pub link: Option<String>,
}

impl Args {
    /// Whether a program reads the output.
    pub fn feeds_a_program(&self) -> bool {
        self.json || self.markdown
    }
}

/// Shows it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let Some(path) = &args.path else {
        if args.markdown {
            let d = Diagnostic::error("Not a plan file", "-markdown shows plans, and no plan file is given.");
            return Err(d.help(format!("Plan first:\n\n  {} plan -out=FILE", world.program)).into());
        }
        let mut store = stored::store(world, &StatePath::default())?;
        let state = stored::block_on(store.read())??.unwrap_or_default();
        return Ok(show_state(ui, world, args, &state));
    };
    let name = path.display().to_string();
    let text = plan_file::read(world, path, "Failed to read the given file as a state or plan file")?;
    if file::is_plan(&text) {
        let plan = file::parse(&name, &text)?;
        match (args.json, args.markdown) {
            (true, _) => ui.line(print_json_line(&json::plan(&plan))),
            (_, true) => {
                let name = args.name.as_deref().unwrap_or(&plan.workspace);
                let form = markdown::Form { name, full: args.full, link: args.link.as_deref() };
                ui.print(markdown::plan(&plan, &review::findings(&plan, &check::ignored(world, &[])?), form));
            }
            _ => ui.print(plan::text(&plan, report::style(ui, world))),
        }
        return Ok(Exit::Done);
    }
    if args.markdown {
        let detail = format!("{name} is a state; -markdown shows plans.");
        return Err(Diagnostic::error("Not a plan file", detail)
            .help(format!("Plan first:\n\n  {} plan -out=FILE", world.program))
            .into());
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
