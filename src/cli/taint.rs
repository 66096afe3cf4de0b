//! `taint` and `untaint`: whether an object is to be replaced.

use super::options::{Ignored, LockOptions, StatePath, address};
use super::{Exit, Outcome, Ui, World, report, stored};
use crate::address::{Address, Mode};
use crate::diag::{Diagnostic, Diags};
use crate::state::Instance;

/// Mark a resource instance as not fully functional
///
/// This will not modify your infrastructure directly. The next plan will propose to replace the object.
///
/// Prefer "apply -replace=ADDRESS": it shows in a plan what it will do before anything is recorded.
#[derive(clap::Args, Debug)]
pub struct TaintArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Remove the 'tainted' state from a resource instance
///
/// The next plan will no longer propose to replace the object.
#[derive(clap::Args, Debug)]
pub struct UntaintArgs {
    #[command(flatten)]
    shared: Shared,
}

#[derive(clap::Args, Debug)]
struct Shared {
    /// The object.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: Address,
    /// If specified, the command will succeed (exit code 0) even if the object is missing.
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    path: StatePath,
    #[command(flatten)]
    ignored: Ignored,
}

/// Marks it.
pub fn taint(ui: &Ui, args: &TaintArgs, world: &World) -> Outcome {
    let address = args.shared.address.clone();
    change(ui, &args.shared, world, "taint", |instance| {
        instance.tainted = true;
        Ok(format!("Resource instance {address} has been marked as tainted."))
    })
}

/// Takes the mark off.
pub fn untaint(ui: &Ui, args: &UntaintArgs, world: &World) -> Outcome {
    let address = args.shared.address.clone();
    change(ui, &args.shared, world, "untaint", |instance| {
        if !std::mem::take(&mut instance.tainted) {
            return Err(Diagnostic::error(
                "Resource instance is not tainted",
                format!("Resource instance {address} is not currently tainted, and so it cannot be untainted."),
            ));
        }
        Ok(format!("Resource instance {address} has been successfully untainted."))
    })
}

fn change(
    ui: &Ui,
    args: &Shared,
    world: &World,
    word: &str,
    change: impl FnOnce(&mut Instance) -> Result<String, Diagnostic>,
) -> Outcome {
    let address = &args.address;
    if address.mode == Mode::Data {
        let detail =
            format!("{address} is a data source: it is read anew in every run, so there is nothing to {word}.");
        return Err(Diagnostic::error("Invalid address", detail).into());
    }
    let store = stored::store(world, &args.path)?;
    stored::block_on(async {
        let mut keeper = stored::open(ui, world, store, &args.lock, word).await?;
        let mut state = keeper.state();
        let found = state.resources.get(address).and_then(|r| Some((r.provider.clone(), state.get(address)?.clone())));
        match found {
            Some((provider, mut instance)) => {
                let done = change(&mut instance)?;
                state.set(address, &provider, instance);
                keeper.save(&state).await?;
                ui.line(done);
            }
            None if args.allow_missing => {
                let detail = format!(
                    "Resource instance {address} was not found, but this is not an error because -allow-missing was set."
                );
                report::all(ui, &Diagnostic::warning("No such resource instance", detail).into());
            }
            None => {
                return Err(Diags::from(
                    Diagnostic::error(
                        "No such resource instance",
                        format!(
                            "There is no resource instance in the state with the address {address}. If it has just been added \
                             to the configuration, it must be created first."
                        ),
                    )
                    .help(format!("To view the available instances:\n\n  {} state list", world.program)),
                ));
            }
        }
        stored::close(keeper).await
    })??;
    Ok(Exit::Done)
}
