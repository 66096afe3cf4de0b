//! Where the state of this run lives, opened: backend, workspace, options, lock.

use super::options::{LockOptions, StatePath};
use super::{Ui, World};
use crate::config::{self, Backend, LoadOptions};
use crate::diag::{Diagnostic, Diags};
use crate::state::lock::LockInfo;
use crate::state::store::lock_within;
use crate::state::workspace::{self, Places};
use crate::state::{Keeper, Store};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Runs what waits for something. Commands that wait for nothing never start a runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Diagnostic> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Diagnostic::error("Cannot start", format!("The system refused: {e}.")))?;
    Ok(runtime.block_on(future))
}

/// What `init -backend-config=` was given, kept for later runs.
pub fn backend_file(world: &World) -> PathBuf {
    world.data_dir().join("formwork.backend.json")
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

/// The `backend` block of the configuration, as far as there is a configuration.
///
/// # Errors
/// The configuration cannot be read: then nobody knows where the state lives.
pub fn configured_backend(world: &World) -> Result<Option<Backend>, Diags> {
    let (config, diags) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    if diags.has_errors() {
        return Err(diags);
    }
    Ok(config.root.settings.backend)
}

/// Where the states of all workspaces live.
pub fn places(world: &World, backend: Option<&Backend>, paths: &StatePath) -> Result<Places, Diags> {
    let here = |path: &Option<PathBuf>| path.as_ref().map(|p| world.path(p));
    let mut places = Places {
        dir: world.cwd.clone(),
        state: here(&paths.state),
        state_out: here(&paths.state_out),
        // `-` is no path.
        backup: paths.backup.as_ref().map(|p| if p.as_os_str() == "-" { p.clone() } else { world.path(p) }),
        ..Places::default()
    };
    if let Some(dir) = world.sandbox() {
        places.dir = dir;
        return Ok(places);
    }
    let Some(backend) = backend else { return Ok(places) };
    if &*backend.kind != "local" {
        let d = Diagnostic::error(
            "Unsupported backend",
            format!("The state cannot be kept in a backend \"{}\": formwork knows \"local\".", backend.kind),
        );
        return Err(d.at(&backend.span).into());
    }
    let mut unknown = Diags::new();
    for (name, value) in arguments(world, backend) {
        match &*name {
            "path" => places.path = Some(value.into()),
            "workspace_dir" => places.workspace_dir = Some(value.into()),
            _ => unknown.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("The backend \"local\" has no argument \"{name}\". It has path and workspace_dir."),
                )
                .at_opt(backend.body.attribute(&name).map(|a| &a.name.span).or(Some(&backend.span))),
            ),
        }
    }
    if unknown.has_errors() { Err(unknown) } else { Ok(places) }
}

/// The backend's arguments that are text: from the block, from `-backend-config`, or from what Terraform's init stored.
fn arguments(world: &World, backend: &Backend) -> BTreeMap<String, String> {
    let mut all = stored_by_terraform(world, &backend.kind);
    for (name, value) in backend.arguments() {
        if let Some(text) = value.as_str() {
            all.insert(name.to_string(), text.to_string());
        }
    }
    let own = std::fs::read_to_string(backend_file(world)).ok().and_then(|t| serde_json::from_str::<Json>(&t).ok());
    for (name, value) in own.iter().filter_map(Json::as_object).flatten() {
        if let Some(text) = value.as_str() {
            all.insert(name.clone(), text.to_string());
        }
    }
    all
}

/// What `terraform init` was told: `.terraform/terraform.tfstate`, which is no state but a note about the backend.
fn stored_by_terraform(world: &World, kind: &str) -> BTreeMap<String, String> {
    let read = || {
        let text = std::fs::read_to_string(world.data_dir().join("terraform.tfstate")).ok()?;
        let json: Json = serde_json::from_str(&text).ok()?;
        let backend = json.get("backend")?;
        if backend.get("type")?.as_str()? != kind {
            return None;
        }
        let text = |(k, v): (&String, &Json)| Some((k.clone(), v.as_str()?.to_string()));
        Some(backend.get("config")?.as_object()?.iter().filter_map(text).collect())
    };
    read().unwrap_or_default()
}

/// The current workspace's store, without looking into it.
pub fn store(world: &World, paths: &StatePath) -> Result<Box<dyn Store>, Diags> {
    // With a path given, the configuration has no say.
    let backend = if paths.state.is_some() { None } else { configured_backend(world)? };
    let places = places(world, backend.as_ref(), paths)?;
    Ok(Box::new(places.store(&current_workspace(world)?)))
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
