//! `plan`: what would be done.

use super::json_lines::JsonLines;
use super::operation::{self, Input, PlanOptions, RunOptions, Session};
use super::{Exit, Outcome, Ui, World, check, report, stored};
use crate::config;
use crate::diag::{Diagnostic, Diags};
use crate::plan::{self, Mode, Plan};
use crate::review;
use crate::show;
use crate::state::{Keeper, print_json_line};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Show changes required by the current configuration
///
/// Generates a speculative execution plan, showing what actions would be taken to apply the current configuration. This command
/// will not actually perform the planned actions.
///
/// You can optionally save the plan to a file, which you can then pass to the "apply" command to perform exactly the actions
/// described in the plan.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Write a plan file to the given path. This can be used as input to the "apply" command.
    #[arg(long, value_name = "path")]
    out: Option<PathBuf>,
    /// If import blocks are present in configuration, writes configuration for the resources that are imported and not yet in the
    /// configuration. The file must not exist yet.
    #[arg(long, value_name = "path")]
    generate_config_out: Option<PathBuf>,
    /// Return detailed exit codes when the command exits: 0 = Succeeded with empty diff (no changes), 1 = Error, 2 = Succeeded
    /// with non-empty diff (changes present).
    #[arg(long)]
    detailed_exitcode: bool,
    /// Write the plan as Markdown to this file, too: a comment for a pull request.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write the plan as Markdown to this file, too, however long it gets: for a page that the comment can point at.
    #[arg(long, value_name = "FILE")]
    markdown_full: Option<PathBuf>,
    /// Where the full text is: the comment points there if it had to be shortened.
    #[arg(long, value_name = "URL")]
    markdown_link: Option<String>,
    /// Write what "check" finds to this file, too: as JSON, or as SARIF if its name ends with ".sarif".
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    args.options.check()?;
    if let Some(path) = &args.generate_config_out {
        if world.path(path).exists() {
            let detail = format!(
                "Generated config is written only into a new file, and {} exists. Choose a different target location, or move all \
                 existing configuration out of it, delete it and try again.",
                path.display()
            );
            return Err(Diagnostic::error("Target generated file already exists", detail).into());
        }
        if args.options.destroy {
            let detail = "The -generate-config-out option is for what is imported; with -destroy nothing is.";
            return Err(Diagnostic::error("Invalid generate-config-out flag", detail).into());
        }
    }
    let stream = args.run.json.then(|| JsonLines::begin(ui, world));
    let ui = &if args.run.json { ui.plain() } else { ui.clone() };
    let result = stored::block_on(make(ui, args, world, stream.as_ref()))?;
    match (result, &stream) {
        (Err(diags), Some(stream)) => {
            diags.iter().for_each(|d| stream.diagnostic(d));
            Ok(Exit::Failed)
        }
        (result, _) => result,
    }
}

async fn make(ui: &Ui, args: &Args, world: &World, stream: Option<&JsonLines>) -> Outcome {
    let what_for = "Plan requires configuration to be present. Planning without a configuration would mark everything for \
                    destruction, which is normally not what is desired. If you would like to destroy everything, run plan with \
                    the -destroy option.";
    let input = operation::input(ui, world, &args.options, args.run.input, what_for)?;
    let (keeper, workspace) = operation::open(ui, world, &input.config, &args.run, "OperationTypePlan").await?;
    let session = Session::new(ui, world)?;
    let watch = watch(&session, stream, args.run.concise);
    let (input, generated) = match &args.generate_config_out {
        None => (input, false),
        Some(path) => match generate(world, args, path, &session, input, (&keeper, &workspace)).await {
            Ok(Some(generated)) => generated,
            stopped => {
                stored::close(keeper).await?;
                return stopped.map(|_| Exit::Interrupted);
            }
        },
    };
    let request = session.request(world, &input, &args.options, &keeper, &workspace);
    let made = session.plan(plan::Request { watch, ..request }, input.warnings).await;
    let unlocked = stored::close(keeper).await;
    let Some(plan) = made? else { return Ok(Exit::Interrupted) };
    unlocked?;
    if let Some(path) = &args.out {
        save(&plan, &world.path(path))?;
    }
    write_beside(args, world, &plan)?;
    match stream {
        Some(stream) => {
            stream.plan(&plan);
            plan.diags.iter().for_each(|d| stream.diagnostic(d));
        }
        None => tell(ui, &plan, args, world),
    }
    if let (true, Some(path), None) = (generated, &args.generate_config_out, stream) {
        ui.line(format!(
            "\n{} has generated configuration and written it to {}. Please review the\nconfiguration and edit it as necessary before \
             adding it to version control.",
            world.product(),
            path.display()
        ));
    }
    Ok(if args.detailed_exitcode && plan.has_changes() { Exit::Changes } else { Exit::Done })
}

/// Writes the configuration that imports lack, and adds it to what is planned. `None`: interrupted.
async fn generate(
    world: &World,
    args: &Args,
    path: &Path,
    session: &Session,
    input: Input,
    (keeper, workspace): (&Keeper, &str),
) -> Result<Option<(Input, bool)>, Diags> {
    let request = session.request(world, &input, &args.options, keeper, workspace);
    let Some(text) = session.generate(request).await? else { return Ok(None) };
    let Some(text) = text else { return Ok(Some((input, false))) };
    let unwritable = |e| {
        Diagnostic::error("Failed to write generated config", format!("{} cannot be written: {e}.", path.display()))
    };
    std::fs::write(world.path(path), &text).map_err(unwritable)?;
    // It counts as a file of the root module from now on, wherever it is.
    let mut snapshot = input.config.snapshot.clone();
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut name = if name.ends_with(".tf") { name } else { format!("{name}.tf") };
    let place = |name: &str| if snapshot.root == Path::new(".") { name.into() } else { snapshot.root.join(name) };
    while snapshot.files.contains_key(&place(&name)) {
        name.insert(0, '_');
    }
    let place = place(&name);
    snapshot.files.insert(place, text);
    let (config, diags) = config::load_snapshot(snapshot);
    if diags.has_errors() {
        return Err(diags);
    }
    Ok(Some((Input { config: Arc::new(config), ..input }, true)))
}

/// The files that the options ask for beside the plan itself.
fn write_beside(args: &Args, world: &World, plan: &Plan) -> Result<(), Diags> {
    if args.markdown.is_none() && args.markdown_full.is_none() && args.findings.is_none() {
        return Ok(());
    }
    let found = review::findings(plan, &check::ignored(world, &[])?);
    let write = |path: &PathBuf, text: String| {
        std::fs::write(world.path(path), text).map_err(|e| {
            Diagnostic::error("Failed to write a file", format!("{} cannot be written: {e}.", path.display()))
        })
    };
    if let Some(path) = &args.markdown {
        let link = args.markdown_link.as_deref();
        let form = show::markdown::Form { name: &plan.workspace, full: false, link };
        write(path, show::markdown::plan(plan, &found, form))?;
    }
    if let Some(path) = &args.markdown_full {
        let form = show::markdown::Form { name: &plan.workspace, full: true, link: None };
        write(path, show::markdown::plan(plan, &found, form))?;
    }
    if let Some(path) = &args.findings {
        let json = match path.extension().is_some_and(|e| e == "sarif") {
            true => show::findings::sarif(&found, check::first_file(plan), &check::from_root(world)),
            false => show::findings::json(&found),
        };
        write(path, print_json_line(&json) + "\n")?;
    }
    Ok(())
}

/// Makes a plan and tells nothing but what goes on meanwhile. `None`: interrupted.
pub async fn quiet(ui: &Ui, options: &PlanOptions, run: &RunOptions, world: &World) -> Result<Option<Plan>, Diags> {
    let input = operation::input(ui, world, options, run.input, "There is nothing to check without a configuration.")?;
    let (keeper, workspace) = operation::open(ui, world, &input.config, run, "OperationTypePlan").await?;
    let session = Session::new(ui, world)?;
    let request = session.request(world, &input, options, &keeper, &workspace);
    let made = session.plan(request, input.warnings).await;
    let unlocked = stored::close(keeper).await;
    let plan = made?;
    unlocked?;
    Ok(plan)
}

/// What hears of each event.
pub fn watch(session: &Session, stream: Option<&JsonLines>, concise: bool) -> Arc<plan::Watch> {
    use plan::events::Event;
    match stream {
        Some(stream) => {
            let stream = stream.clone();
            Arc::new(move |event| stream.event(&event))
        }
        None => {
            let progress = session.progress.clone();
            // What moves on a terminal is gone afterwards: only lines are left out.
            let concise = concise && !progress.is_live();
            Arc::new(move |event| {
                let looking = matches!(event, Event::Refreshing { .. } | Event::Reading(_) | Event::Read { .. });
                if !(concise && looking) {
                    progress.happened(&event);
                }
            })
        }
    }
}

fn tell(ui: &Ui, plan: &Plan, args: &Args, world: &World) {
    ui.print(format!("\n{}", show::plan::text(plan, report::style(ui, world))));
    operation::tell_warnings(ui, &plan.diags, args.run.compact_warnings);
    check::tell(ui, plan, world);
    if !plan.has_changes() {
        return;
    }
    let rule = "─".repeat(ui.width.min(77));
    let program = &world.program;
    if let Some(path) = &args.out {
        let path = path.display();
        ui.line(format!("\n{rule}\n\nSaved the plan to: {path}"));
        if !ui.automation {
            ui.line(format!(
                "\nTo perform exactly these actions, run the following command to apply:\n    {program} apply {:?}",
                path.to_string()
            ));
        }
    } else if !ui.automation && plan.mode == Mode::Normal {
        let note = format!(
            "Note: You didn't use the -out option to save this plan, so {} can't guarantee to take exactly these actions if you \
             run \"{program} apply\" now.",
            world.product()
        );
        ui.line(format!("\n{rule}\n\n{}", show::diagnostics::wrap(&note, ui.width.min(100))));
    }
}

/// Writes a plan file, for its owner alone: it holds the state and the variables.
fn save(plan: &Plan, path: &Path) -> Result<(), Diags> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(plan::file::print(plan).as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| {
        Diagnostic::error("Failed to write plan file", format!("{} cannot be written: {e}.", path.display())).into()
    })
}
