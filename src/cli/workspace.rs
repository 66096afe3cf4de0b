//! `workspace`: several states of one configuration.

use super::options::{LockOptions, StatePath};
use super::ui::Style;
use super::{Exit, Outcome, Ui, World, backend, report, stored};
use crate::diag::{Diagnostic, Diags};
use crate::state::lock::LockInfo;
use crate::state::workspace::{DEFAULT, select, valid_name};
use crate::state::{Backend, Keeper, backend::holds_anything, tfstate};
use std::path::PathBuf;

/// Workspace management
///
/// Workspaces are several states of one configuration, told apart by a name: new, list, show, select and delete them.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    List(List),
    Show(Show),
    New(New),
    Select(Select),
    Delete(Delete),
}

/// List workspaces
#[derive(clap::Args, Debug)]
struct List {}

/// Show the name of the current workspace
#[derive(clap::Args, Debug)]
struct Show {}

/// Create a new workspace
#[derive(clap::Args, Debug)]
struct New {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Copy an existing state file into the new workspace.
    #[arg(long, value_name = "path")]
    state: Option<PathBuf>,
    #[command(flatten)]
    lock: LockOptions,
}

/// Select a workspace
#[derive(clap::Args, Debug)]
struct Select {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Create the workspace if it doesn't exist.
    #[arg(long)]
    or_create: bool,
}

/// Delete a workspace
#[derive(clap::Args, Debug)]
struct Delete {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Remove a workspace even if it is managing resources. They can no longer be tracked or managed from here.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lock: LockOptions,
}

impl Args {
    /// Whether the output is read by a program.
    pub fn feeds_a_program(&self) -> bool {
        matches!(self.command, Command::List(_) | Command::Show(_))
    }
}

/// Runs the subcommand.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    // Which one it is needs no look at anything.
    if let Command::Show(_) = args.command {
        ui.line(stored::current_workspace(world)?);
        return Ok(Exit::Done);
    }
    let block = backend::configured(world)?;
    let places = &backend::of(world, block.as_ref(), &StatePath::default())?;
    match &args.command {
        Command::List(_) => list(ui, world, places),
        Command::Show(_) => Ok(Exit::Done),
        Command::New(args) => {
            backend::remember(world, block.as_ref(), &StatePath::default());
            new(ui, args, world, places)
        }
        Command::Select(args) => choose(ui, args, world, places),
        Command::Delete(args) => delete(ui, args, world, places),
    }
}

fn list(ui: &Ui, world: &World, places: &Backend) -> Outcome {
    let current = stored::current_workspace(world)?;
    let mut names = names(places)?;
    if !names.contains(&current) {
        names.push(current.clone());
        names[1..].sort();
    }
    for name in names {
        ui.line(format!("{} {name}", if name == current { "*" } else { " " }));
    }
    ui.line("");
    if world.var("TF_WORKSPACE").is_some() {
        ui.line("\nThe active workspace is being overridden using the TF_WORKSPACE environment\nvariable.\n");
    }
    Ok(Exit::Done)
}

fn names(places: &Backend) -> Result<Vec<String>, Diags> {
    Ok(stored::block_on(places.list())??)
}

fn new(ui: &Ui, args: &New, world: &World, places: &Backend) -> Outcome {
    if !valid_name(&args.name) {
        return Err(stored::invalid_name(&args.name).into());
    }
    if world.var("TF_WORKSPACE").is_some_and(|name| name != args.name) {
        return Err(overridden("create a new workspace").into());
    }
    if names(places)?.contains(&args.name) {
        let d =
            Diagnostic::error("Workspace already exists", format!("There is a workspace \"{}\" already.", args.name));
        return Err(d.help(format!("To go there:\n\n  {} workspace select {}", world.program, args.name)).into());
    }
    create(ui, &args.name, world, places)?;
    if let Some(path) = &args.state {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(world.path(path))
            .map_err(|e| Diagnostic::error("Failed to read state", format!("{name} cannot be read: {e}.")))?;
        let state = tfstate::parse(&name, &text).map_err(|e| e.diagnostic())?;
        stored::block_on(async {
            let mut keeper = stored::open(ui, world, places.store(&args.name), &args.lock, "workspace-new").await?;
            // An empty one may be there already, of another history: it was made just now.
            keeper.push(&state, true).await?;
            stored::close(keeper).await
        })??;
    }
    Ok(Exit::Done)
}

fn create(ui: &Ui, name: &str, world: &World, places: &Backend) -> Result<(), Diags> {
    let failed =
        |e: std::io::Error| Diagnostic::error("Failed to create workspace", format!("The system refused: {e}."));
    let info = LockInfo::new("workspace-new", &world.now().to_string());
    stored::block_on(places.create(name, &info))??;
    select(&world.data_dir(), name).map_err(failed)?;
    ui.line(ui.style(Style::Green, ui.style(Style::Bold, format!("Created and switched to workspace \"{name}\"!"))));
    ui.line(ui.style(
        Style::Green,
        format!(
            "\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"{} plan\" it will not see \
             any existing state\nfor this configuration.",
            world.program
        ),
    ));
    Ok(())
}

fn choose(ui: &Ui, args: &Select, world: &World, places: &Backend) -> Outcome {
    if !valid_name(&args.name) {
        return Err(stored::invalid_name(&args.name).into());
    }
    if world.var("TF_WORKSPACE").is_some() {
        return Err(overridden("select another workspace").into());
    }
    if stored::current_workspace(world)? == args.name {
        return Ok(Exit::Done);
    }
    let names = names(places)?;
    if !names.contains(&args.name) {
        if args.or_create {
            create(ui, &args.name, world, places)?;
            return Ok(Exit::Done);
        }
        let d = Diagnostic::error("No such workspace", format!("Workspace \"{}\" doesn't exist.", args.name));
        let near = crate::diag::nearest(&args.name, names.iter().map(String::as_str));
        let near = near.map_or(String::new(), |n| format!("Did you mean \"{n}\"? "));
        return Err(d
            .help(format!(
                "{near}You can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \
                 \"select\" subcommand."
            ))
            .into());
    }
    select(&world.data_dir(), &args.name)
        .map_err(|e| Diagnostic::error("Failed to select workspace", format!("The system refused: {e}.")))?;
    ui.line(ui.style(Style::Green, format!("Switched to workspace \"{}\".", args.name)));
    Ok(Exit::Done)
}

fn delete(ui: &Ui, args: &Delete, world: &World, places: &Backend) -> Outcome {
    let name = &args.name;
    if !valid_name(name) {
        return Err(stored::invalid_name(name).into());
    }
    if !names(places)?.contains(name) {
        return Err(Diagnostic::error("No such workspace", format!("Workspace \"{name}\" doesn't exist.")).into());
    }
    if name == DEFAULT {
        return Err(Diagnostic::error("Cannot delete workspace", "The workspace \"default\" is always there.").into());
    }
    if stored::current_workspace(world)? == *name {
        let d = Diagnostic::error("Cannot delete workspace", format!("Workspace \"{name}\" is your active workspace."));
        return Err(d.help(format!("Go to another one first:\n\n  {} workspace select default", world.program)).into());
    }
    stored::block_on(async {
        let exists = match places {
            Backend::Local(files) => holds_anything(&files.path_of(name)),
            Backend::S3(_) => true,
        };
        let mut keeper: Option<Keeper> = None;
        if exists {
            keeper = Some(stored::open(ui, world, places.store(name), &args.lock, "workspace-delete").await?);
        }
        let managed: Vec<String> = keeper
            .as_ref()
            .and_then(Keeper::stored)
            .map(|s| {
                s.objects()
                    .filter(|(a, ..)| a.mode == crate::address::Mode::Managed)
                    .map(|(a, ..)| format!("  - {a}"))
                    .collect()
            })
            .unwrap_or_default();
        if !managed.is_empty() && !args.force {
            let d = Diagnostic::error(
                "Workspace is not empty",
                format!(
                    "Workspace \"{name}\" is currently tracking the following resource instances:\n\n{}\n\nDeleting this \
                     workspace would lose track of them: they would have to be deleted by hand.",
                    managed.join("\n")
                ),
            );
            return Err(Diags::from(d.help(
                "Destroy these objects first. If you want to delete this workspace anyway, and forget about them, use -force.",
            )));
        }
        match (keeper, places) {
            // The lock lies in what is removed.
            (Some(keeper), Backend::Local(_)) => stored::close(keeper).await?,
            (Some(keeper), Backend::S3(_)) => {
                places.delete(name).await?;
                stored::close(keeper).await?;
            }
            (None, _) => {}
        }
        if let Backend::Local(_) = places {
            places.delete(name).await?;
        }
        ui.line(ui.style(Style::Green, format!("Deleted workspace \"{name}\"!")));
        if !managed.is_empty() {
            let detail = format!(
                "\"{name}\" was non-empty. The resources managed by the deleted workspace may still exist, but are no longer \
                 manageable from here since the state has been deleted."
            );
            report::all(ui, &Diagnostic::warning("Resources left behind", detail).into());
        }
        Ok(())
    })??;
    Ok(Exit::Done)
}

fn overridden(what: &str) -> Diagnostic {
    let detail = format!(
        "The workspace is currently overridden using the TF_WORKSPACE environment variable, so you cannot {what}."
    );
    Diagnostic::error("Workspace is overridden", detail).help("Unset TF_WORKSPACE, or change its value, and try again.")
}
