//! States on their way from one backend to another, in `init`.
//!
//! Refuses to know which backends these are, and why they changed.

use super::options::LockOptions;
use super::{Ui, World, confirm, stored};
use crate::diag::{Diagnostic, Diags};
use crate::state::backend::holds_anything;
use crate::state::lock::LockInfo;
use crate::state::workspace::{DEFAULT, Places};
use crate::state::{Backend, Keeper, State, tfstate};
use std::io::Write;

/// How it is done.
pub struct Options<'a> {
    /// `-force-copy`: every question is answered with yes.
    pub force: bool,
    /// Locks.
    pub lock: &'a LockOptions,
}

/// Takes the states of `from` to `to`, as far as the user wants. Gives whether `from` was copied.
///
/// # Errors
/// Nothing is changed at `from`; what was copied to `to` by then, stays.
pub async fn migrate(
    ui: &Ui,
    world: &World,
    from: &Backend,
    to: &Backend,
    options: &Options<'_>,
) -> Result<bool, Diags> {
    let (there, _) = (from.list().await?, to.list().await?);
    match there.as_slice() {
        [_] => one(ui, world, from, to, DEFAULT, options).await,
        all => {
            if !agreed(ui, options, &all_question(from, to, world)).await? {
                return Err(Diagnostic::error("Migration aborted by user", "Nothing was changed.").into());
            }
            let mut copied = false;
            for workspace in all {
                copied |= copy(ui, world, from, to, workspace, options).await?;
            }
            Ok(copied)
        }
    }
}

/// The states of one workspace in both places, locked.
struct Both {
    from: Keeper,
    to: Keeper,
}

async fn both(
    ui: &Ui,
    world: &World,
    from: &Backend,
    to: &Backend,
    workspace: &str,
    lock: &LockOptions,
) -> Result<Both, Diags> {
    let from = stored::open(ui, world, from.store(workspace), lock, "migration source state").await?;
    let to = stored::open(ui, world, to.store(workspace), lock, "migration destination state").await?;
    Ok(Both { from, to })
}

impl Both {
    async fn close(self) -> Result<(), Diags> {
        stored::close(self.from).await?;
        stored::close(self.to).await
    }
}

async fn one(
    ui: &Ui,
    world: &World,
    from: &Backend,
    to: &Backend,
    workspace: &str,
    options: &Options<'_>,
) -> Result<bool, Diags> {
    if from.is_same_place(to, workspace) {
        return Ok(false);
    }
    // Where there is no file, locking would make one.
    if let Backend::Local(places) = from
        && !holds_anything(&places.path_of(workspace))
    {
        return Ok(false);
    }
    let mut both = both(ui, world, from, to, workspace, options.lock).await?;
    let result = taken(ui, from, to, &mut both, options).await;
    both.close().await?;
    result
}

async fn taken(ui: &Ui, from: &Backend, to: &Backend, both: &mut Both, options: &Options<'_>) -> Result<bool, Diags> {
    let Some(old) = both.from.stored().filter(|s| !s.is_empty()).cloned() else { return Ok(false) };
    let wanted = match both.to.stored().filter(|s| !s.is_empty()) {
        None => agreed(ui, options, &copy_question(from, to)).await?,
        Some(new) if new.same(&old) && new.lineage == old.lineage => return Ok(true),
        Some(_) if options.force => true,
        Some(new) => {
            let files = Files::new(from, &old, to, new)?;
            agreed(ui, options, &overwrite_question(from, to, &files)).await?
        }
    };
    if wanted {
        both.to.push(&old, true).await?;
    }
    Ok(wanted)
}

/// Copies without asking again: all workspaces were agreed on.
async fn copy(
    ui: &Ui,
    world: &World,
    from: &Backend,
    to: &Backend,
    workspace: &str,
    options: &Options<'_>,
) -> Result<bool, Diags> {
    if from.is_same_place(to, workspace) {
        return Ok(false);
    }
    if workspace != DEFAULT {
        to.create(workspace, &LockInfo::new("workspace-new", &world.now().to_string())).await?;
    }
    let mut both = both(ui, world, from, to, workspace, options.lock).await?;
    let old = both.from.stored().filter(|s| !s.is_empty()).cloned();
    let pushed = match &old {
        Some(old) => both.to.push(old, true).await.map(|_| true),
        None => Ok(false),
    };
    both.close().await?;
    Ok(pushed?)
}

async fn agreed(ui: &Ui, options: &Options<'_>, question: &str) -> Result<bool, Diags> {
    if options.force {
        return Ok(true);
    }
    if !ui.input {
        return Err(Diagnostic::error(
            "Can't ask approval for state migration when interactive input is disabled.",
            "Nothing was changed. Remove the \"-input=false\" option and try again, or copy without being asked:\n\n  \
             init -migrate-state -force-copy",
        )
        .into());
    }
    Ok(confirm::ask(ui, question, "-force-copy")?.as_deref() == Some("yes"))
}

fn copy_question(from: &Backend, to: &Backend) -> String {
    let (from, to) = (from.kind(), to.kind());
    format!(
        "Do you want to copy existing state to the new backend?\n  Pre-existing state was found while migrating the previous \
         \"{from}\" backend to the\n  newly configured \"{to}\" backend. No existing state was found in the newly\n  configured \
         \"{to}\" backend. Do you want to copy this state to the new \"{to}\"\n  backend? Enter \"yes\" to copy and \"no\" to start \
         with an empty state.\n\n  Enter a value: "
    )
}

fn overwrite_question(from: &Backend, to: &Backend, files: &Files) -> String {
    let (old, new) = (files.old.path().display(), files.new.path().display());
    let (from, to) = (from.kind(), to.kind());
    format!(
        "Do you want to copy existing state to the new backend?\n  Pre-existing state was found while migrating the previous \
         \"{from}\" backend to the\n  newly configured \"{to}\" backend. An existing non-empty state already exists in\n  the new \
         backend. The two states have been saved to temporary files that will be\n  removed after responding to this query.\n  \n  \
         Previous (type \"{from}\"): {old}\n  New      (type \"{to}\"): {new}\n  \n  Do you want to overwrite the state in the new \
         backend with the previous state?\n  Enter \"yes\" to copy and \"no\" to start with the existing state in the newly\n  \
         configured \"{to}\" backend.\n\n  Enter a value: "
    )
}

fn all_question(from: &Backend, to: &Backend, world: &World) -> String {
    let product = world.product();
    let (from, to) = (from.kind(), to.kind());
    format!(
        "Do you want to migrate all workspaces to \"{to}\"?\n  Both the existing \"{from}\" backend and the newly configured \"{to}\" \
         backend\n  support workspaces. When migrating between backends, {product} will copy\n  all workspaces (with the same \
         names). THIS WILL OVERWRITE any conflicting\n  states in the destination.\n  \n  {product} initialization doesn't \
         currently migrate only select workspaces.\n  If you want to migrate a select number of workspaces, you must manually\n  \
         pull and push those states.\n  \n  If you answer \"yes\", {product} will migrate all states. If you answer\n  \"no\", \
         {product} will abort.\n\n  Enter a value: "
    )
}

/// Both states for the user to look at while deciding; removed when dropped.
struct Files {
    old: Removed,
    new: Removed,
}

/// A file that goes away.
struct Removed(std::path::PathBuf);

impl Removed {
    fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Files {
    fn new(from: &Backend, old: &State, to: &Backend, new: &State) -> Result<Files, Diagnostic> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let put = |n: u32, kind: &str, state: &State| {
            use std::os::unix::fs::OpenOptionsExt;
            let path = std::env::temp_dir().join(format!("formwork-{id}-{n}-{kind}.tfstate"));
            let mut options = std::fs::OpenOptions::new();
            let made = options.write(true).create_new(true).mode(0o600).open(&path);
            let written = made.and_then(|mut f| f.write_all(tfstate::print(state).as_bytes()));
            written.map(|()| Removed(path.clone())).map_err(|e| {
                Diagnostic::error("Failed to save state", format!("{} cannot be written: {e}.", path.display()))
            })
        };
        Ok(Files { old: put(1, from.kind(), old)?, new: put(2, to.kind(), new)? })
    }
}

/// The default workspace's local state, which was copied elsewhere, is emptied, so that nobody works on it any more; its content
/// stays in the backup.
pub fn empty_local(places: &Places) -> Result<(), Diagnostic> {
    let path = places.path_of(DEFAULT);
    if !holds_anything(&path) {
        return Ok(());
    }
    let mut backup = path.clone().into_os_string();
    backup.push(".backup");
    let moved =
        std::fs::copy(&path, &backup).and_then(|_| std::fs::OpenOptions::new().write(true).truncate(true).open(&path));
    moved.map(|_| ()).map_err(|e| {
        Diagnostic::error("Failed to back up state", format!("{} cannot be written: {e}.", path.display()))
    })
}
