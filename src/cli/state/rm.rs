//! `state rm`: forgets objects without touching them.

use crate::address::Target;
use crate::cli::options::{Ignored, LockOptions, StatePath, target};
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::diag::{Diagnostic, Diags};

/// Remove instances from the state
///
/// Remove one or more items from the state, so that they are "forgotten". The real objects stay as they are: they are only no
/// longer managed from here.
///
/// This command creates a timestamped backup of the state on every invocation.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to forget: objects, resources with all their objects, modules with all that is in them.
    #[arg(value_name = "ADDRESS", value_parser = target, required = true)]
    addresses: Vec<Target>,
    /// If set, prints out what would've been removed but doesn't actually remove anything.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    path: StatePath,
    #[command(flatten)]
    ignored: Ignored,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    stored::block_on(async {
        let (mut keeper, mut state) = stored::edit(ui, world, &args.path, &args.lock, "state-rm").await?;
        let mut removed = Vec::new();
        let mut unknown = Diags::new();
        for target in &args.addresses {
            let found = state.matching(target);
            if found.is_empty() {
                unknown.push(no_match(target, world));
            }
            for address in found {
                state.remove_all(&address);
                removed.push(address);
            }
        }
        if unknown.has_errors() {
            return Err(unknown);
        }
        for address in &removed {
            ui.line(format!("{} {address}", if args.dry_run { "Would remove" } else { "Removed" }));
        }
        if !args.dry_run {
            keeper.save(&state).await?;
            ui.line(format!("Successfully removed {} resource instance(s).", removed.len()));
        }
        stored::close(keeper).await
    })??;
    Ok(Exit::Done)
}

/// What to say of an address that nothing has.
pub fn no_match(target: &Target, world: &World) -> Diagnostic {
    Diagnostic::error("Invalid target address", format!("No matching objects found for {target}."))
        .help(format!("To view the available instances:\n\n  {} state list", world.program))
}
