//! `import`: takes an object that exists into the state.

use super::operation::{self, PlanOptions, RunOptions, Session};
use super::options::{Ignored, address};
use super::plan::watch;
use super::{Exit, Outcome, Ui, World, report, stored};
use crate::address::{Address, Mode as BlockMode, Target};
use crate::apply;
use crate::diag::{Diagnostic, Diags};
use crate::plan::beside::Rest;
use crate::plan::settle::Unsettled;
use crate::plan::{self, Action, Deed, Plan, Step};

/// Associate existing infrastructure with a Terraform resource
///
/// Import existing infrastructure into your state. This will find and import the specified resource into your state, allowing it
/// to be managed from here. Nothing is changed in the world; the next plan shows how it differs from the configuration.
///
/// An "import" block in the configuration does the same, is planned and reviewed with it, and can be removed afterwards.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where it shall be: the address of a resource block that is written already, with a key if it has several.
    #[arg(value_name = "ADDR", value_parser = address)]
    address: Address,
    /// Its id, as the documentation of the type says.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    ignored: Ignored,
}

#[derive(clap::Args, Debug)]
struct Options {
    #[command(flatten)]
    vars: super::variables::VarOptions,
    #[command(flatten)]
    run: RunOptions,
    /// Path to a directory of configuration files. Defaults to the current one.
    #[arg(long, value_name = "path")]
    config: Option<std::path::PathBuf>,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let to = &args.address;
    if to.mode == BlockMode::Data {
        let detail = format!("{to} is a data source: it is read in every run, so there is nothing to import.");
        return Err(Diagnostic::error("Invalid address", detail).into());
    }
    if let Some(dir) = &args.options.config {
        let d = Diagnostic::error("Unsupported option", format!("-config={} is not supported.", dir.display()));
        return Err(d.help(format!("Work in that directory:\n\n  {} -chdir=DIR import ADDR ID", world.program)).into());
    }
    stored::block_on(do_it(ui, args, world))?
}

async fn do_it(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let (to, run) = (&args.address, &args.options.run);
    let options = PlanOptions {
        destroy: false,
        refresh_only: false,
        refresh: false,
        replace: Vec::new(),
        target: vec![Target::Resource(to.clone())],
        // Only this one object counts, whatever is beside it.
        skip_unsupported: true,
        vars: args.options.vars.clone(),
    };
    let input = operation::input(ui, world, &options, run.input, "An object is imported into a resource block.")?;
    if input.config.resource(&to.block()).is_none() {
        return Err(missing(to, world).into());
    }
    let (mut keeper, workspace) = operation::open(ui, world, &input.config, run, "import").await?;
    if keeper.stored().is_some_and(|s| s.get(to).is_some()) {
        stored::close(keeper).await?;
        let d = Diagnostic::error("Resource already managed", format!("The state has an object at {to} already."));
        return Err(d
            .help(format!(
                "To import another one there, forget the one that is there first:\n\n  {} state rm '{to}'",
                world.program
            ))
            .into());
    }
    let session = Session::new(ui, world)?;
    ui.line(format!("{to}: Importing from ID {:?}...", args.id));
    let request = plan::Request {
        imports: vec![(to.clone(), args.id.clone())],
        // It may be about the very object that is open; what is open stays so for the next plan.
        unsettled: Unsettled::default(),
        watch: watch(&session, None, true),
        ..session.request(world, &input, &options, &keeper, &workspace)
    };
    let made = session.plan(request, input.warnings).await;
    let taken = match made {
        Ok(Some(plan)) => match only_import(plan, to) {
            Some(plan) => Ok(Some(plan)),
            None => Err(Diags::from(Diagnostic::error(
                "Nothing to import",
                format!("{to} has no such instance: its count or for_each gives other keys."),
            ))),
        },
        other => other,
    };
    let exit = match taken {
        Ok(Some(plan)) => {
            let request = apply::Request {
                parallelism: 1,
                watch: watch(&session, None, true),
                ..apply::Request::new(&*session.connect, session.interrupt.stop(), &mut keeper)
            };
            let outcome = apply::run(&plan, request).await;
            if outcome.diags.has_errors() {
                Err(outcome.diags)
            } else {
                report::all(ui, &plan.diags);
                let style = report::style(ui, world);
                ui.line(format!("{to}: Import prepared!\n  Prepared {} for import", to.ty));
                ui.line(format!("\n{}\n", style.green("Import successful!")));
                ui.line(
                    "The resources that were imported are shown above. These resources are now in\nyour state and will \
                     henceforth be managed from here.",
                );
                Ok(Exit::Done)
            }
        }
        Ok(None) => Ok(Exit::Interrupted),
        Err(diags) => Err(diags),
    };
    stored::close(keeper).await?;
    exit
}

fn missing(to: &Address, world: &World) -> Diagnostic {
    let module = if to.module.is_root() { "the root module".to_string() } else { to.module.to_string() };
    Diagnostic::error(
        "Resource address does not exist in the configuration",
        format!(
            "There is no resource \"{}\" \"{}\" in {module}. Write it first; what is in it may come later.",
            to.ty, to.name
        ),
    )
    .help(format!(
        "To begin:\n\n  resource \"{}\" \"{}\" {{\n    # (arguments)\n  }}\n\nThen run {} import again.",
        to.ty, to.name, world.program
    ))
}

/// The plan without everything but taking the object as it is; `None` if it does not come in it.
fn only_import(mut plan: Plan, to: &Address) -> Option<Plan> {
    plan.changes.retain(|c| c.address == *to && c.importing.is_some());
    let change = plan.changes.first_mut()?;
    change.action = Action::NoOp;
    change.reason = None;
    change.after = change.before.clone();
    plan.steps = vec![Step { deed: Deed::Do(0), after: Vec::new() }];
    plan.outputs.clear();
    plan.rest = Rest::default();
    plan.refreshed_state = plan.prior_state.clone();
    Some(plan)
}
