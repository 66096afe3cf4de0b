//! Where the state of this run lives, opened: backend, workspace, options, lock.

use super::options::{LockOptions, StatePath};
use super::{Ui, World, backend};
use crate::diag::{Diagnostic, Diags};
use crate::state::lock::LockInfo;
use crate::state::store::lock_within;
use crate::state::workspace;
use crate::state::{Keeper, State, Store};
use std::path::PathBuf;

/// Runs what waits for something. Commands that wait for nothing never start a runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Diagnostic> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Diagnostic::error("Cannot start", format!("The system refused: {e}.")))?;
    Ok(runtime.block_on(future))
}

/// The workspace of this run.
pub fn current_workspace(world: &World) -> Result<String, Diagnostic> {
    let name = match world.var("TF_WORKSPACE") {
        Some(name) => name.to_string(),
        None => workspace::selected(&world.data_dir()).map_err(|e| {
            let file = world.data_dir().join("environment");
            Diagnostic::error(
                "Failed to read the current workspace",
                format!("{} cannot be read: {e}.", file.display()),
            )
        })?,
    };
    if !workspace::valid_name(&name) {
        return Err(invalid_name(&name));
    }
    Ok(name)
}

/// What to say of a name that no workspace can have.
pub fn invalid_name(name: &str) -> Diagnostic {
    let detail = format!(
        "The workspace name {name:?} is not allowed. The name must contain only URL safe characters, and no path separators."
    );
    Diagnostic::error("Invalid workspace name", detail)
}

/// The current workspace's store, without looking into it.
pub fn store(world: &World, paths: &StatePath) -> Result<Box<dyn Store>, Diags> {
    // With a path given, the configuration has no say.
    let block = if paths.state.is_some() { None } else { backend::configured(world)? };
    Ok(backend::of(world, block.as_ref(), paths)?.store(&current_workspace(world)?))
}

/// Takes the lock, if it is to be taken, and reads. `operation` is what others see that we do.
pub async fn open(
    ui: &Ui,
    world: &World,
    mut store: Box<dyn Store>,
    lock: &LockOptions,
    operation: &str,
) -> Result<Keeper, Diags> {
    if lock.lock {
        let info = LockInfo::new(operation, &world.now().to_string());
        let waiting = ui.clone();
        let mut tell = move |locked: &crate::state::error::Locked| {
            let by = locked.info.as_ref().map_or(String::new(), |i| format!(" It is held by {}.", i.who));
            waiting.note(format!("Acquiring state lock. This may take a few moments...{by}"));
        };
        lock_within(&mut *store, &info, lock.lock_timeout, &mut tell).await?;
    }
    Ok(Keeper::open(store).await?)
}

/// The state for a command that changes it by hand, and its keeper: beside it comes a dated backup, unless the user says where.
pub async fn edit(
    ui: &Ui,
    world: &World,
    path: &StatePath,
    lock: &LockOptions,
    operation: &str,
) -> Result<(Keeper, State), Diags> {
    let mut path = path.clone();
    if path.backup.is_none() {
        path.backup = Some(dated_backup(world, &*store(world, &path)?));
    }
    let keeper = open(ui, world, store(world, &path)?, lock, operation).await?;
    let state = keeper.stored().cloned().ok_or_else(no_state)?;
    Ok((keeper, state))
}

/// Gives the lock back.
pub async fn close(mut keeper: Keeper) -> Result<(), Diags> {
    let finished = keeper.finish().await;
    keeper.store().unlock().await?;
    Ok(finished?)
}

/// What to say where there must be a state and is none.
pub fn no_state() -> Diagnostic {
    Diagnostic::error(
        "No state file was found",
        "State management commands require a state file. Run this command in a directory where formwork or Terraform has been \
         run, or use the -state flag to point the command to a specific state location.",
    )
}

/// Beside the state: `terraform.tfstate.1700000000.backup`, for commands that change a state by hand. Never one that is there.
pub fn dated_backup(world: &World, store: &dyn Store) -> PathBuf {
    let place = store.place();
    let now = world.now().as_second();
    let named = |n: u32| {
        PathBuf::from(if n == 1 { format!("{place}.{now}.backup") } else { format!("{place}.{now}-{n}.backup") })
    };
    (1..).map(named).find(|p| !p.exists()).unwrap_or_else(|| named(1))
}
