//! `state list`: the addresses of all objects.

use crate::address::{Address, Target};
use crate::cli::options::{StatePath, target};
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::diag::{Diagnostic, Diags};

/// List resources in the state
///
/// This command lists resource instances in the state. The address argument can be used to filter the instances by resource or
/// module. If no pattern is given, all resource instances are listed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Resources or modules to list.
    #[arg(value_name = "ADDRESS", value_parser = target)]
    addresses: Vec<Target>,
    /// Path to a state file. Defaults to where the configuration keeps it.
    #[arg(long, value_name = "path")]
    state: Option<std::path::PathBuf>,
    /// Filters the results to include only instances whose resource types have an attribute named id whose value equals this.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

/// Prints them.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let mut store = stored::store(world, &StatePath { state: args.state.clone(), ..StatePath::default() })?;
    let state = stored::block_on(store.read())??.ok_or_else(stored::no_state)?;
    let mut unknown = Diags::new();
    for target in &args.addresses {
        if state.matching(target).is_empty() {
            unknown.push(Diagnostic::error(
                "Unknown resource",
                format!(
                    "The current state contains no {target}. If you've just added it to the configuration, you must run \
                     \"{} apply\" first to create its entry in the state.",
                    world.program
                ),
            ));
        }
    }
    if unknown.has_errors() {
        return Err(unknown);
    }
    let mut found: Vec<Address> = state
        .objects()
        .filter(|(a, _, _)| args.addresses.is_empty() || args.addresses.iter().any(|t| t.contains(a)))
        .filter(|(_, _, i)| args.id.as_deref().is_none_or(|id| i.attributes.get("id").is_some_and(|v| v == id)))
        .map(|(a, ..)| a)
        .collect();
    // People's order: the root module first, keys by number.
    found.sort_by(|a, b| (a.module.0.len(), &a.module, a).cmp(&(b.module.0.len(), &b.module, b)));
    found.dedup();
    for address in found {
        ui.line(address);
    }
    Ok(Exit::Done)
}
