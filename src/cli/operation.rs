//! What planning commands have in common: options, everything a plan is made of, and making it while Ctrl-C is heard.

use super::connect::{Connect, connect};
use super::interrupt::Interrupt;
use super::options::{LockOptions, StatePath, address, target};
use super::progress::Progress;
use super::variables::{self, VarOptions};
use super::{Ui, World, backend, configuration, stored};
use crate::address::{Address, Target};
use crate::config::{self, Config, LoadOptions};
use crate::diag::{Diagnostic, Diags};
use crate::eval::Facts;
use crate::plan::settle::Unsettled;
use crate::plan::{self, Mode, Plan};
use crate::state::Keeper;
use crate::value::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Options that decide what is planned.
#[derive(clap::Args, Clone, Debug)]
pub struct PlanOptions {
    /// Select the "destroy" planning mode, which creates a plan to destroy all objects currently managed by this configuration
    /// instead of the usual behavior.
    #[arg(long)]
    pub destroy: bool,
    /// Select the "refresh only" planning mode, which checks whether remote objects still match the outcome of the most recent
    /// apply but does not propose any actions to undo any changes made outside of it.
    #[arg(long, conflicts_with = "destroy")]
    pub refresh_only: bool,
    /// Skip checking for external changes to remote objects while creating the plan. This makes planning faster, at the
    /// expense of planning against what was last seen.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    pub refresh: bool,
    /// Force replacement of a particular resource instance using its resource address. You can use this option multiple times
    /// to replace more than one object.
    #[arg(long, value_name = "resource", value_parser = address)]
    pub replace: Vec<Address>,
    /// Limit the planning operation to only the given module, resource, or resource instance and all of its dependencies. You
    /// can use this option multiple times. This is for exceptional use only.
    #[arg(long, value_name = "resource", value_parser = target)]
    pub target: Vec<Target>,
    /// Leave resource types and data sources that are not supported to terraform, instead of refusing the configuration: what
    /// is supported is planned, what of it must wait for the others is told, and so is the command for the rest.
    #[arg(long)]
    pub skip_unsupported: bool,
    #[command(flatten)]
    pub vars: VarOptions,
}

/// Options of how it is done and shown.
#[derive(clap::Args, Clone, Debug)]
pub struct RunOptions {
    /// Show warnings that are not accompanied by errors in a more compact form that includes only the summary messages.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Ask for input for variables if not directly set.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    pub input: bool,
    /// Limit the number of concurrent operations. Defaults to 10.
    #[arg(long, value_name = "n", default_value_t = 10)]
    pub parallelism: usize,
    /// Produce output in a machine-readable JSON format, suitable for use in text editor integrations and other automated
    /// systems. Always disables color.
    #[arg(long)]
    pub json: bool,
    /// Leave out the lines that tell what is being looked at.
    #[arg(long)]
    pub concise: bool,
    #[command(flatten)]
    pub lock: LockOptions,
    #[command(flatten)]
    pub path: StatePath,
}

impl PlanOptions {
    /// As if no option was given.
    pub fn plain() -> PlanOptions {
        PlanOptions {
            destroy: false,
            refresh_only: false,
            refresh: true,
            replace: Vec::new(),
            target: Vec::new(),
            skip_unsupported: true,
            vars: VarOptions::default(),
        }
    }

    /// What sort of plan.
    pub fn mode(&self) -> Mode {
        match (self.destroy, self.refresh_only) {
            (true, _) => Mode::Destroy,
            (_, true) => Mode::RefreshOnly,
            _ => Mode::Normal,
        }
    }

    /// A mistake in how options go together.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let incompatible = |detail: &str| Err(Diagnostic::error("Incompatible plan mode options", detail));
        if self.refresh_only && !self.refresh {
            return incompatible(
                "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because there would be nothing to do.",
            );
        }
        if !self.replace.is_empty() && self.mode() != Mode::Normal {
            return incompatible(
                "The -replace option can be used only when planning changes: not with -destroy, not with -refresh-only.",
            );
        }
        Ok(())
    }
}

/// The configuration and what its variables are, before anything outside is asked.
pub struct Input {
    /// The configuration.
    pub config: Arc<Config>,
    /// The variables' values.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// Worth reading.
    pub warnings: Diags,
}

/// Loads the configuration and the variables' values.
pub fn input(ui: &Ui, world: &World, options: &PlanOptions, ask: bool, what_for: &str) -> Result<Input, Diags> {
    let mut warnings = Diags::new();
    // Without a configuration everything would be destroyed: only if that is what was asked for.
    if configuration::is_empty(world) && !options.destroy {
        return Err(configuration::none(world, what_for).into());
    }
    let (config, found) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    if found.has_errors() {
        return Err(configuration::judged(world, config, found, options.skip_unsupported)?);
    }
    warnings.extend(found);
    let variables = variables::values(ui, world, &config, &options.vars, ask, &mut warnings)?;
    Ok(Input { config: Arc::new(config), variables, warnings })
}

/// Opens the state that `input` is about.
pub async fn open(
    ui: &Ui,
    world: &World,
    config: &Config,
    run: &RunOptions,
    operation: &str,
) -> Result<(Keeper, String), Diags> {
    let workspace = stored::current_workspace(world)?;
    let block = config.root.settings.backend.as_ref();
    let kept = backend::of(world, block, &run.path)?;
    let keeper = stored::open(ui, world, kept.store(&workspace), &run.lock, operation).await?;
    if operation == "OperationTypeApply" {
        backend::remember(world, block, &run.path);
    }
    Ok((keeper, workspace))
}

/// Everything that a run needs while it plans and applies.
pub struct Session {
    /// The way to AWS.
    pub connect: Connect,
    /// What tells the user.
    pub progress: Progress,
    /// What hears Ctrl-C.
    pub interrupt: Interrupt,
}

impl Session {
    /// On the current runtime.
    pub fn new(ui: &Ui, world: &World) -> Result<Session, Diagnostic> {
        let progress = Progress::new(ui, world);
        let said = progress.clone();
        let interrupt = Interrupt::listen(world.product(), ui.width, move |text| said.note(text));
        Ok(Session { connect: connect(world)?, progress, interrupt })
    }

    /// What is planned by default: everything that the configuration says, nobody watching.
    pub fn request(
        &self,
        world: &World,
        input: &Input,
        options: &PlanOptions,
        keeper: &Keeper,
        workspace: &str,
    ) -> plan::Request<'_> {
        plan::Request {
            variables: input.variables.clone(),
            unsettled: Unsettled::of(keeper),
            base_dir: world.cwd.clone(),
            workspace: workspace.to_string(),
            mode: options.mode(),
            refresh: options.refresh,
            targets: options.target.clone(),
            replace: options.replace.clone(),
            skip_unsupported: options.skip_unsupported,
            ..plan::Request::new(input.config.clone(), keeper.state(), facts(world), &*self.connect)
        }
    }

    /// Writes the configuration that imports lack: `Some(None)` if they lack none. `None`: interrupted.
    pub async fn generate(&self, request: plan::Request<'_>) -> Result<Option<Option<String>>, Diags> {
        tokio::select! {
            made = plan::generate_missing(request) => made.map(Some),
            () = self.interrupt.wait(1) => Ok(None),
            () = self.progress.tick() => Ok(None),
        }
    }

    /// Makes the plan; these warnings come before its own. `None`: interrupted.
    pub async fn plan(&self, request: plan::Request<'_>, warnings: Diags) -> Result<Option<Plan>, Diags> {
        let made = tokio::select! {
            made = plan::make(request) => Some(made),
            // Nothing was changed yet, so there is nothing to wait for.
            () = self.interrupt.wait(1) => None,
            () = self.progress.tick() => None,
        };
        self.progress.pause();
        let mut diags = warnings;
        match made {
            None => Ok(None),
            Some(Ok(mut plan)) => {
                diags.extend(std::mem::take(&mut plan.diags));
                plan.diags = diags;
                Ok(Some(plan))
            }
            Some(Err(found)) => {
                diags.extend(found);
                Err(diags)
            }
        }
    }
}

/// Time and place of this run.
pub fn facts(world: &World) -> Facts {
    let cwd: PathBuf = std::fs::canonicalize(&world.cwd).unwrap_or_else(|_| world.cwd.clone());
    Facts { now: world.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), cwd, applying: false }
}

/// Warnings of a plan, as the options want them.
pub fn tell_warnings(ui: &Ui, diags: &Diags, compact: bool) {
    if !compact || diags.has_errors() {
        return super::report::all(ui, diags);
    }
    if diags.is_empty() {
        return;
    }
    ui.line("\nWarnings:\n");
    for d in diags.iter() {
        let place = d.span.as_ref().map(|s| format!("\n  on {} line {}", s.source.name, s.line_column().0));
        ui.line(format!("- {}{}", d.summary, place.unwrap_or_default()));
    }
    ui.line("\nTo see the full warning notes, run without -compact-warnings.");
}
