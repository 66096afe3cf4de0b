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

/// From where to where, and for whom.
pub struct Migration<'a> {
    /// Who is asked.
    pub ui: &'a Ui,
    /// Where it runs.
    pub world: &'a World,
    /// Where the states are.
    pub from: &'a Backend,
    /// Where they go.
    pub to: &'a Backend,
    /// `-force-copy`: every question is answered with yes.
    pub force: bool,
    /// Locks.
    pub lock: &'a LockOptions,
}

/// The states of one workspace in both places, locked.
struct Both {
    from: Keeper,
    to: Keeper,
}

impl Both {
    async fn close(self) -> Result<(), Diags> {
        stored::close(self.from).await?;
        stored::close(self.to).await
    }
}

impl Migration<'_> {
    /// Takes the states over, as far as the user wants. Gives whether any was copied.
    ///
    /// # Errors
    /// Nothing is changed where they come from; what was copied by then, stays.
    pub async fn run(&self) -> Result<bool, Diags> {
        let (there, _) = (self.from.list().await?, self.to.list().await?);
        if let [_] = there.as_slice() {
            return self.one().await;
        }
        if !self.agreed(&all_question(self.from, self.to, self.world)).await? {
            return Err(Diagnostic::error("Migration aborted by user", "Nothing was changed.").into());
        }
        let mut copied = false;
        for workspace in &there {
            copied |= self.copy(workspace).await?;
        }
        Ok(copied)
    }

    async fn both(&self, workspace: &str) -> Result<Both, Diags> {
        let Migration { ui, world, from, to, lock, .. } = self;
        let from = stored::open(ui, world, from.store(workspace), lock, "migration source state").await?;
        let to = stored::open(ui, world, to.store(workspace), lock, "migration destination state").await?;
        Ok(Both { from, to })
    }

    /// The only workspace, after a question that says what is there.
    async fn one(&self) -> Result<bool, Diags> {
        if self.from.is_same_place(self.to, DEFAULT) {
            return Ok(false);
        }
        // Where there is no file, locking would make one.
        if let Backend::Local(places) = self.from
            && !holds_anything(&places.path_of(DEFAULT))
        {
            return Ok(false);
        }
        let mut both = self.both(DEFAULT).await?;
        let result = self.taken(&mut both).await;
        both.close().await?;
        result
    }

    async fn taken(&self, both: &mut Both) -> Result<bool, Diags> {
        let Migration { from, to, .. } = self;
        let Some(old) = both.from.stored().filter(|s| !s.is_empty()).cloned() else { return Ok(false) };
        let wanted = match both.to.stored().filter(|s| !s.is_empty()) {
            None => self.agreed(&copy_question(from, to)).await?,
            Some(new) if new.same(&old) && new.lineage == old.lineage => return Ok(true),
            Some(_) if self.force => true,
            Some(new) => {
                let files = Files::new(from, &old, to, new)?;
                self.agreed(&overwrite_question(from, to, &files)).await?
            }
        };
        if wanted {
            both.to.push(&old, true).await?;
        }
        Ok(wanted)
    }

    /// Copies without asking again: all workspaces were agreed on.
    async fn copy(&self, workspace: &str) -> Result<bool, Diags> {
        if self.from.is_same_place(self.to, workspace) {
            return Ok(false);
        }
        if workspace != DEFAULT {
            self.to.create(workspace, &LockInfo::new("workspace-new", &self.world.now().to_string())).await?;
        }
        let mut both = self.both(workspace).await?;
        let old = both.from.stored().filter(|s| !s.is_empty()).cloned();
        let pushed = match &old {
            Some(old) => both.to.push(old, true).await.map(|_| true),
            None => Ok(false),
        };
        both.close().await?;
        Ok(pushed?)
    }

    async fn agreed(&self, question: &str) -> Result<bool, Diags> {
        if self.force {
            return Ok(true);
        }
        if !self.ui.input {
            return Err(Diagnostic::error(
                "Can't ask approval for state migration when interactive input is disabled.",
                "Nothing was changed. Remove the \"-input=false\" option and try again, or copy without being asked:\n\n  \
                 init -migrate-state -force-copy",
            )
            .into());
        }
        Ok(confirm::ask(self.ui, question, "-force-copy")?.as_deref() == Some("yes"))
    }
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
