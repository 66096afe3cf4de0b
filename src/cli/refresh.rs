//! `refresh`: takes over into the state what the world has.

use super::json_lines::JsonLines;
use super::operation::{self, PlanOptions, RunOptions, Session};
use super::plan::watch;
use super::{Exit, Outcome, Ui, World, output, report, stored};
use crate::plan::{self, Plan};
use crate::state::{OutputValue, State, checks};

/// Update the state to match remote systems
///
/// Update the state file of your infrastructure with metadata that matches the physical resources they are tracking. This will
/// not modify your infrastructure.
///
/// Prefer "apply -refresh-only", which shows what it found and asks before it records it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let stream = args.run.json.then(|| JsonLines::begin(ui, world));
    match (stored::block_on(refresh(ui, args, world, stream.as_ref()))?, &stream) {
        (Err(diags), Some(stream)) => {
            diags.iter().for_each(|d| stream.diagnostic(d));
            Ok(Exit::Failed)
        }
        (result, _) => result,
    }
}

async fn refresh(ui: &Ui, args: &Args, world: &World, stream: Option<&JsonLines>) -> Outcome {
    let mut options = args.options.clone();
    options.refresh_only = true;
    options.check()?;
    let what_for = "Refreshing needs the configuration's providers.";
    let input = operation::input(ui, world, &options, args.run.input, what_for)?;
    let (mut keeper, workspace) = operation::open(ui, world, &input.config, &args.run, "OperationTypeRefresh").await?;
    let session = Session::new(ui, world)?;
    let watch = watch(&session, stream, args.run.concise);
    let request = session.request(world, &input, &options, &keeper, &workspace);
    let made = session.plan(plan::Request { watch, ..request }, input.warnings).await;
    let exit = match made {
        Ok(Some(plan)) => {
            let state = refreshed(&plan);
            keeper.settle();
            keeper.save(&state).await?;
            match stream {
                Some(stream) => {
                    plan.diags.iter().for_each(|d| stream.diagnostic(d));
                    stream.outputs(&state);
                }
                None => tell(ui, world, &plan, &state),
            }
            Ok(Exit::Done)
        }
        Ok(None) => Ok(Exit::Interrupted),
        Err(diags) => Err(diags),
    };
    stored::close(keeper).await?;
    exit
}

/// The state as the world, the outputs and the conditions are now.
fn refreshed(plan: &Plan) -> State {
    let mut state = plan.refreshed_state.clone();
    for (name, change) in &plan.outputs {
        if change.after.is_null() {
            state.outputs.remove(name);
        } else if change.after.is_wholly_known() {
            let value = OutputValue::new(change.after.clone().unmark_deep().0, change.sensitive);
            state.outputs.insert(name.clone(), value);
        }
    }
    state.check_results = checks::print(&plan.checks);
    state
}

fn tell(ui: &Ui, world: &World, plan: &Plan, state: &State) {
    report::all(ui, &plan.diags);
    if !state.outputs.is_empty() {
        let style = report::style(ui, world);
        ui.print(format!("\n{}\n\n{}", style.green(&style.bold("Outputs:")), output::listing(state, false)));
    }
}
