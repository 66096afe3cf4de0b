//! `apply` and `destroy`: plan, ask, do.

use super::interrupt::Interrupt;
use super::json_lines::JsonLines;
use super::operation::{self, PlanOptions, RunOptions, Session};
use super::plan::watch;
use super::{Exit, Outcome, Ui, World, check, confirm, output, plan_file, report, stored};
use crate::apply;
use crate::diag::{Diagnostic, Diags};
use crate::plan::{self, Counts, Mode, Plan};
use crate::show;
use crate::state::journal::Record;
use crate::state::store::rescue;
use crate::state::{Keeper, State};
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;

/// Create or update infrastructure
///
/// Creates or updates infrastructure according to the configuration files in the current directory.
///
/// By default, a new plan is generated and presented for your approval before taking any action. You can optionally provide a
/// plan file created by a previous call to "plan", in which case the actions described in that plan are taken without any
/// confirmation prompt.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A plan file.
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Skip interactive approval of plan before applying.
    #[arg(long)]
    auto_approve: bool,
    /// If anything fails, undo what this run created or changed in place, the latest first. What holds data is never deleted, and what
    /// was deleted does not come back; that is told.
    #[arg(long)]
    rollback_on_error: bool,
    /// Go ahead although tables are deleted or replaced that hold items. Without it, the name of each such table is asked for, and
    /// where nobody is asked (-auto-approve, a plan file) nothing is done. FORMWORK_ALLOW_DATA_LOSS=1 is the same.
    #[arg(long)]
    allow_data_loss: bool,
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    pub run: RunOptions,
    #[arg(long, hide = true)]
    suppress_forget_errors: bool,
}

/// Destroy previously-created infrastructure
///
/// Destroy infrastructure managed from here.
///
/// This command is a convenience alias for "apply -destroy".
#[derive(clap::Args, Debug)]
pub struct DestroyArgs {
    #[command(flatten)]
    pub apply: Args,
}

/// Plans to destroy, and does it.
pub fn destroy(ui: &Ui, args: DestroyArgs, world: &World) -> Outcome {
    let mut args = args.apply;
    if let Some(plan) = &args.plan {
        let detail = format!(
            "Destroy can't be called with a plan file, and {} was given: a plan says itself what it does.",
            plan.display()
        );
        return Err(Diagnostic::error("Unexpected argument", detail).into());
    }
    args.options.destroy = true;
    run(ui, &args, world)
}

/// Plans and does it, or does what a plan file says.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    args.options.check()?;
    if args.run.json && args.plan.is_none() && !args.auto_approve {
        let detail = "Plan file or auto-approve required: with -json there is nobody to ask.";
        return Err(Diagnostic::error("Plan file or auto-approve required", detail).into());
    }
    let stream = args.run.json.then(|| JsonLines::begin(ui, world));
    let ui = &if args.run.json { ui.plain() } else { ui.clone() };
    let result = stored::block_on(do_it(ui, args, world, stream.as_ref()))?;
    match (result, &stream) {
        (Err(diags), Some(stream)) => {
            diags.iter().for_each(|d| stream.diagnostic(d));
            Ok(Exit::Failed)
        }
        (result, _) => result,
    }
}

async fn do_it(ui: &Ui, args: &Args, world: &World, stream: Option<&JsonLines>) -> Outcome {
    let session = Session::new(ui, world)?;
    let (mut keeper, plan) = match &args.plan {
        Some(path) => {
            let both = from_file(ui, args, world, path).await?;
            if let Some(stream) = stream {
                stream.changes(&both.1);
            }
            both
        }
        None => match planned(ui, args, world, &session, stream).await? {
            Planned::Approved(both) => *both,
            Planned::Not(exit) => return Ok(exit),
        },
    };
    let (outcome, unsaved) = walk(ui, args, world, &plan, &mut keeper, &session, stream).await;
    let unlocked = stored::close(keeper).await;
    let Some(outcome) = outcome else { return Ok(Exit::Interrupted) };
    // As Terraform: a saved plan is applied, whatever it does.
    let verb = if plan.mode == Mode::Destroy && args.plan.is_none() { "Destroy" } else { "Apply" };
    finish(ui, world, &plan, &outcome, (verb, unsaved), stream);
    unlocked?;
    Ok(match (outcome.interrupted, outcome.diags.has_errors()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Done,
    })
}

enum Planned {
    Approved(Box<(Keeper, Plan)>),
    Not(Exit),
}

async fn planned(
    ui: &Ui,
    args: &Args,
    world: &World,
    session: &Session,
    stream: Option<&JsonLines>,
) -> Result<Planned, Diags> {
    let what_for = "Apply requires configuration to be present. Applying without a configuration would mark everything for \
                    destruction, which is normally not what is desired. If you would like to destroy everything, run destroy \
                    instead.";
    let input = operation::input(ui, world, &args.options, args.run.input, what_for)?;
    let (keeper, workspace) = operation::open(ui, world, &input.config, &args.run, "OperationTypeApply").await?;
    let watch = watch(session, stream, args.run.concise);
    let request = session.request(world, &input, &args.options, &keeper, &workspace);
    let made = session.plan(plan::Request { watch, ..request }, input.warnings).await;
    let plan = match made {
        Ok(Some(plan)) => plan,
        other => {
            stored::close(keeper).await?;
            return other.map(|_| Planned::Not(Exit::Interrupted));
        }
    };
    // Where nobody is asked, what check blocks say is told once, at the end.
    let mut told = Diags::new();
    told.extend(plan.diags.iter().filter(|d| !(args.auto_approve && plan::checks::is_of_a_check(d))).cloned());
    match stream {
        Some(stream) => {
            stream.plan(&plan);
            told.iter().for_each(|d| stream.diagnostic(d));
        }
        None => {
            ui.print(format!("\n{}", show::plan::text(&plan, report::style(ui, world))));
            operation::tell_warnings(ui, &told, args.run.compact_warnings);
            check::tell(ui, &plan, world);
        }
    }
    let asked = !args.auto_approve && plan.has_changes();
    let approval = match asked || may_lose(args, world, &plan) {
        true => approved(ui, args, world, &plan, asked, &session.interrupt).await,
        false => Err(would_lose(&plan, args, world).into()),
    };
    match approval {
        Ok(true) => return Ok(Planned::Approved(Box::new((keeper, plan)))),
        Ok(false) => stored::close(keeper).await?,
        Err(diags) => {
            stored::close(keeper).await?;
            return Err(diags);
        }
    }
    let what = if plan.mode == Mode::Destroy { "Destroy" } else { "Apply" };
    ui.line(format!("{what} cancelled."));
    Ok(Planned::Not(if session.interrupt.happened() { Exit::Interrupted } else { Exit::Failed }))
}

/// Whether nothing would be lost, or it was said that it may.
fn may_lose(args: &Args, world: &World, plan: &Plan) -> bool {
    let set = world.env.get("FORMWORK_ALLOW_DATA_LOSS").is_some_and(|v| matches!(&**v, "1" | "true"));
    plan.losses.is_empty() || args.allow_data_loss || set
}

/// Why a plan that deletes data is not applied unasked.
fn would_lose(plan: &Plan, args: &Args, world: &World) -> Diagnostic {
    let list: Vec<String> = plan.losses.iter().map(|l| format!("  {} holds {}", l.address, l.what)).collect();
    let detail = format!(
        "The plan deletes objects that hold data, and nothing brings it back. Nothing was changed.\n\n{}",
        list.join("\n")
    );
    let command = match (plan.mode, &args.plan) {
        (_, Some(path)) => format!("apply -allow-data-loss {}", path.display()),
        (Mode::Destroy, None) => "destroy -auto-approve -allow-data-loss".to_string(),
        (_, None) => "apply -auto-approve -allow-data-loss".to_string(),
    };
    Diagnostic::error("Data would be lost", detail)
        .help(format!("If it may go, say so, or set FORMWORK_ALLOW_DATA_LOSS=1:\n\n  {} {command}", world.program))
}

/// Asks whether to go ahead, and then for the name of each object that holds data.
async fn approved(
    ui: &Ui,
    args: &Args,
    world: &World,
    plan: &Plan,
    asked: bool,
    interrupt: &Interrupt,
) -> Result<bool, Diags> {
    if !asked {
        return Ok(true);
    }
    if !agreed(ui, args, world, plan, interrupt).await? {
        return Ok(false);
    }
    if may_lose(args, world, plan) {
        return Ok(true);
    }
    let ui = &ui.asking(args.run.input);
    for loss in &plan.losses {
        let question = format!(
            "\n{} holds {}, which will be lost.\n  There is no undo. Only the name {} will be accepted to confirm.\n\n  Enter a \
             value: ",
            loss.address, loss.what, loss.name
        );
        let answer = confirm::ask_interruptibly(ui, &question, "-allow-data-loss", interrupt).await?;
        if answer.as_deref() != Some(&loss.name) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn agreed(ui: &Ui, args: &Args, world: &World, plan: &Plan, interrupt: &Interrupt) -> Result<bool, Diags> {
    let product = world.product();
    let question = match plan.mode {
        Mode::Destroy => format!(
            "\nDo you really want to destroy all resources?\n  {product} will destroy all your managed infrastructure, as shown \
             above.\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
        ),
        Mode::RefreshOnly => format!(
            "\nWould you like to update the {product} state to reflect these detected changes?\n  {product} will write these \
             changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to \
             confirm.\n\n  Enter a value: "
        ),
        Mode::Normal => format!(
            "\nDo you want to perform these actions?\n  {product} will perform the actions described above.\n  Only 'yes' will be \
             accepted to approve.\n\n  Enter a value: "
        ),
    };
    let ui = &ui.asking(args.run.input);
    Ok(confirm::ask_interruptibly(ui, &question, "-auto-approve", interrupt).await?.as_deref() == Some("yes"))
}

/// A plan that was made before, if nothing has happened since.
async fn from_file(ui: &Ui, args: &Args, world: &World, path: &std::path::Path) -> Result<(Keeper, Plan), Diags> {
    let name = path.display().to_string();
    let text = plan_file::read(world, path, "Failed to load plan file")?;
    let options = &args.options;
    if !options.vars.0.is_empty()
        || !options.target.is_empty()
        || !options.replace.is_empty()
        || options.mode() != Mode::Normal
    {
        return Err(Diagnostic::error(
            "Can't set options of planning when applying a saved plan",
            "The options -var, -var-file, -target, -replace, -destroy and -refresh-only decide what is planned; a saved plan holds \
             what was decided.",
        )
        .into());
    }
    let mut plan = plan::file::parse(&name, &text)?;
    let workspace = stored::current_workspace(world)?;
    if plan.workspace != workspace {
        let detail =
            format!("The plan was made in the workspace {:?}, and the current one is {workspace:?}.", plan.workspace);
        return Err(Diagnostic::error("Saved plan is for another workspace", detail).into());
    }
    let (keeper, _) = operation::open(ui, world, &plan.config, &args.run, "OperationTypeApply").await?;
    if let Some(d) = stale(&mut plan, &keeper, world) {
        stored::close(keeper).await?;
        return Err(d.into());
    }
    if !may_lose(args, world, &plan) {
        stored::close(keeper).await?;
        return Err(would_lose(&plan, args, world).into());
    }
    Ok((keeper, plan))
}

/// What stands in the way of a saved plan. What has moved on without the plan touching it is taken as it is now.
fn stale(plan: &mut Plan, keeper: &Keeper, world: &World) -> Option<Diagnostic> {
    let now = keeper.state();
    let planned = &plan.prior_state;
    let again = |d: Diagnostic| Some(d.help(format!("Plan again:\n\n  {} plan -out=FILE", world.program)));
    if !planned.lineage.is_empty() && planned.lineage != now.lineage {
        let detail = "The given plan file was created from a different state, of another history.";
        return again(Diagnostic::error("Saved plan is stale", detail));
    }
    if plan.journal != keeper.mark() && !keeper.mark().is_empty() {
        let detail = "The given plan file can no longer be applied because a run was interrupted after the plan was created, and \
                      what came of it has to be looked up first.";
        return again(Diagnostic::error("Saved plan is stale", detail));
    }
    // Only what the state says counts: a serial that moved without a change is no reason to plan again.
    if now.same(planned) {
        return None;
    }
    let (before, after) = (planned.serial, now.serial);
    let moved = plan::rebase::rebase(plan, &now).err()?;
    let lines: Vec<String> = moved
        .iter()
        .map(|m| format!("  {}\n{}", m.what, m.how.iter().map(|h| format!("      {h}\n")).collect::<String>()))
        .collect();
    let detail = format!(
        "The given plan file can no longer be applied because the state was changed by another operation after the plan was created \
         (serial {before}, now {after}), and in parts that the plan changes or needs:\n\n{}",
        lines.concat().trim_end()
    );
    again(Diagnostic::error("Saved plan is stale", detail))
}

/// Does the plan; `None`: stopped by a second interrupt. And whether the state could not be saved where it belongs.
async fn walk(
    ui: &Ui,
    args: &Args,
    world: &World,
    plan: &Plan,
    keeper: &mut Keeper,
    session: &Session,
    stream: Option<&JsonLines>,
) -> (Option<apply::Outcome>, bool) {
    // The plan says what came of what earlier runs left open.
    keeper.settle();
    let mut kept = Kept { keeper, ui, world, unsaved: false };
    let watch: Arc<plan::Watch> = watch(session, stream, false);
    let request = apply::Request {
        parallelism: args.run.parallelism,
        connect: &*session.connect,
        watch,
        stop: session.interrupt.stop(),
        keep: &mut kept,
        rollback: args.rollback_on_error,
    };
    session.interrupt.begin();
    let outcome = tokio::select! {
        outcome = apply::run(plan, request) => Some(outcome),
        () = session.interrupt.wait(2) => None,
        () = session.progress.tick() => None,
    };
    session.progress.pause();
    (outcome, kept.unsaved)
}

/// The state's keeper, with a way out where it cannot save.
struct Kept<'a> {
    keeper: &'a mut Keeper,
    ui: &'a Ui,
    world: &'a World,
    /// Whether the state is somewhere else than where it belongs.
    unsaved: bool,
}

#[async_trait]
impl apply::Keep for Kept<'_> {
    fn run(&self) -> String {
        self.keeper.run().to_string()
    }

    async fn note(&mut self, records: &[Record]) -> Result<(), Diagnostic> {
        Ok(self.keeper.note(records).await?)
    }

    async fn save(&mut self, state: &State) -> Result<(), Diagnostic> {
        match self.keeper.save(state).await {
            Ok(_) => {
                self.unsaved = false;
                Ok(())
            }
            Err(e) => {
                let mut d = e.diagnostic();
                // Each time: a later state knows more.
                rescue_into(&mut d, self.keeper, state, self.ui, self.world);
                self.unsaved = true;
                Err(d)
            }
        }
    }
}

/// Puts a state that cannot be saved where it belongs beside it, or on the screen if even that fails.
fn rescue_into(d: &mut Diagnostic, keeper: &Keeper, state: &State, ui: &Ui, world: &World) {
    let next = keeper.next(state);
    // Where this disk is full, another one may have room.
    let elsewhere = std::env::temp_dir().join(format!("formwork-{}", std::process::id()));
    match rescue(&world.cwd, &next).or_else(|e| rescue(&elsewhere, &next).map_err(|_| e)) {
        Ok(path) => {
            let path = path.strip_prefix(".").unwrap_or(&path).display().to_string();
            d.detail.push_str(&format!(
                "\n\nThe state was saved to {path} instead, so nothing is lost. It holds everything that was done."
            ));
            d.help = Some(format!(
                "Put right what stands in the way, then push it; do not run anything else in between:\n\n  {} state push {path}",
                world.program
            ));
        }
        Err(e) => {
            d.detail.push_str(&format!(
                "\n\nIt could not be saved to errored.tfstate either ({}). It follows on the output: keep it, then push it with \
                 \"state push\".",
                e.diagnostic().detail
            ));
            ui.print(crate::state::tfstate::print(&next));
        }
    }
}

/// More than this that were not begun are counted.
const NOT_BEGUN: usize = 20;

/// The last words.
fn finish(
    ui: &Ui,
    world: &World,
    plan: &Plan,
    outcome: &apply::Outcome,
    (verb, unsaved): (&str, bool),
    stream: Option<&JsonLines>,
) {
    if let Some(stream) = stream {
        outcome.diags.iter().for_each(|d| stream.diagnostic(d));
        if !outcome.diags.has_errors() {
            stream.done(verb, outcome);
        }
        return;
    }
    let style = report::style(ui, world);
    let failed = outcome.diags.has_errors();
    if failed || outcome.interrupted {
        report::all(ui, &outcome.diags);
        if !outcome.not_reached.is_empty() {
            let mut list: Vec<String> = outcome.not_reached.iter().take(NOT_BEGUN).map(|a| format!("  {a}")).collect();
            if outcome.not_reached.len() > NOT_BEGUN {
                list.push(format!("  and {} more", outcome.not_reached.len() - NOT_BEGUN));
            }
            ui.note(format!("\nNot begun:\n{}", list.join("\n")));
        }
        if !outcome.undone.is_empty() || !outcome.not_undone.is_empty() {
            let undone = outcome.undone.iter().map(|a| format!("\n  {a}")).collect::<String>();
            let undone = if undone.is_empty() { " nothing".into() } else { undone };
            ui.note(format!("\nUndone:{undone}"));
        }
        if !outcome.not_undone.is_empty() {
            let list: Vec<String> = outcome.not_undone.iter().map(|(a, why)| format!("  {a}: {why}")).collect();
            ui.note(format!("\nNot undone:\n{}", list.join("\n")));
        }
        let done = outcome.done;
        let kept = match unsaved {
            false => "The state holds all of it: apply again to go on.",
            true => "Where that is kept, see above.",
        };
        let last =
            format!("{} added, {} changed, {} destroyed before that. {kept}", done.add, done.change, done.destroy);
        ui.note(format!("\n{}", show::diagnostics::wrap(&last, style.width)));
        return;
    }
    report::all(ui, &outcome.diags);
    left(ui, world, plan);
    ui.line(format!("\n{}", style.green(&style.bold(&summary(verb, outcome.done)))));
    if verb != "Destroy" && !outcome.state.outputs.is_empty() {
        ui.print(format!("\n{}\n\n{}", style.green(&style.bold("Outputs:")), output::listing(&outcome.state, false)));
    }
}

/// What is still to do, and by whom.
fn left(ui: &Ui, world: &World, plan: &Plan) {
    let rest = &plan.rest;
    let Some(command) = rest.command() else { return };
    let kept: Vec<String> =
        rest.theirs.iter().filter(|t| !rest.destroys || t.objects > 0).map(|t| format!("  {}", t.block)).collect();
    let waiting: Vec<String> = rest.waiting.iter().map(|w| format!("  {} {}.", w.address, w.why)).collect();
    let what = if rest.destroys { "Left, for terraform to destroy" } else { "Left to terraform" };
    ui.line(format!("\n{what}:\n\n{}\n\n    {command}", kept.join("\n")));
    if !waiting.is_empty() {
        let again = if rest.destroys { "destroy" } else { "apply" };
        ui.line(format!("\nThen, with {} {again} -skip-unsupported:\n\n{}", world.program, waiting.join("\n")));
    }
}

fn summary(verb: &str, done: Counts) -> String {
    let import = if done.import > 0 { format!("{} imported, ", done.import) } else { String::new() };
    let forget = if done.forget > 0 { format!(", {} forgotten", done.forget) } else { String::new() };
    match verb {
        "Destroy" => format!("{verb} complete! Resources: {} destroyed{forget}.", done.destroy),
        _ => format!(
            "{verb} complete! Resources: {import}{} added, {} changed, {} destroyed{forget}.",
            done.add, done.change, done.destroy
        ),
    }
}
