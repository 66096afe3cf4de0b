//! A state in a file of this machine: `terraform.tfstate`, its backup, its lock.
//!
//! Writing never leaves half a file. While we hold Terraform's lock there is more to it: that lock sits on the file itself
//! (the inode), and a Terraform that waits for it has the file open already. Were the file replaced under its hands, it would
//! later lock, read and write a file that has no name any more, and lose what it writes. So, under the lock, the new content is
//! written beside, swapped in by one system call, and then the original file gets the same content and is swapped back.

use super::error::Error;
use super::journal_file::JournalFile;
use super::lock::{self, LockInfo};
use super::store::Store;
use super::{State, tfstate};
use async_trait::async_trait;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A state file.
pub struct Local {
    /// What messages say.
    shown: PathBuf,
    /// Where it is written and locked: links resolved.
    path: PathBuf,
    /// Where it is read until it was first written (`-state=` beside `-state-out=`).
    source: Option<PathBuf>,
    /// Where the former content goes, once a run.
    backup: Option<PathBuf>,
    /// Whether what was read last holds sensitive values: then so does the backup.
    sensitive: bool,
    journal: JournalFile,
    held: Option<Held>,
}

impl Local {
    /// The state at `path`. `backup` is where the content from before this run is kept; `None`: nowhere.
    pub fn new(path: impl Into<PathBuf>, backup: Option<PathBuf>) -> Local {
        let shown = path.into();
        // A rename would put a file in the place of a link.
        let path = fs::canonicalize(&shown).unwrap_or_else(|_| shown.clone());
        let journal = JournalFile::beside(&path);
        Local { shown, path, source: None, backup, sensitive: false, journal, held: None }
    }

    /// With Terraform's usual backup: `terraform.tfstate.backup`.
    pub fn with_usual_backup(path: impl Into<PathBuf>) -> Local {
        let path = path.into();
        let mut backup = path.clone().into_os_string();
        backup.push(".backup");
        Local::new(path, Some(backup.into()))
    }

    /// Reads from `source`, until written.
    pub fn reading_from(mut self, source: impl Into<PathBuf>) -> Local {
        self.source = Some(source.into());
        self
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let path = self.source.as_ref().unwrap_or(&self.shown);
        let read = match (&mut self.held, &self.source) {
            // Not by name: closing a second descriptor of the file would end the lock.
            (Some(held), None) => held.read(),
            _ => match fs::read(path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
                read => read,
            },
        };
        read.map_err(|e| Error::io("read", path, e))
    }
}

#[async_trait]
impl Store for Local {
    async fn read(&mut self) -> Result<Option<State>, Error> {
        let bytes = self.bytes()?;
        let path = self.source.as_ref().unwrap_or(&self.shown);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => return Err(Error::io("read", path, io::Error::new(io::ErrorKind::InvalidData, e.utf8_error()))),
        };
        let state = tfstate::parse(&path.display().to_string(), &text)?;
        self.sensitive = state.holds_sensitive();
        Ok(Some(state))
    }

    async fn write(&mut self, state: &State) -> Result<(), Error> {
        if let Some(backup) = self.backup.clone() {
            let before = self.bytes()?;
            if !before.is_empty() {
                let mode = mode_for(self.sensitive, mode_of(&self.path));
                replace_bytes(&backup, &before, mode).map_err(|e| Error::io("back up", &backup, e))?;
            }
            // Only what was there before this run is worth a backup.
            self.backup = None;
        }
        let text = tfstate::print(state);
        let written = match &mut self.held {
            Some(held) => held.write(&self.path, text.as_bytes(), state),
            None => replace(&self.path, state),
        };
        written.map_err(|e| Error::io("write", &self.shown, e))?;
        self.source = None;
        Ok(())
    }

    async fn lock(&mut self, info: &LockInfo) -> Result<(), Error> {
        if self.held.is_some() {
            return Ok(());
        }
        // Where there is no state yet, a plan has nothing to protect and should leave no trace.
        if info.reads_only() && !self.path.exists() {
            return Ok(());
        }
        let file = lock::acquire(&self.path, &self.shown, info)?;
        sweep(&self.path);
        sweep(self.journal.path());
        self.held = Some(Held { path: self.path.clone(), file, spare: None, former: Vec::new() });
        Ok(())
    }

    async fn unlock(&mut self) -> Result<(), Error> {
        match self.held.take() {
            Some(mut held) => held.release(),
            None => Ok(()),
        }
    }

    async fn force_unlock(&mut self, id: &str, now: &str) -> Result<(), Error> {
        lock::force_release(&self.path, &self.shown, id, now)
    }

    async fn journal_read(&mut self) -> Result<Vec<u8>, Error> {
        self.journal.read()
    }

    async fn journal_append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.journal.append(bytes)
    }

    async fn journal_replace(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.journal.replace(bytes)
    }

    fn place(&self) -> String {
        self.shown.display().to_string()
    }
}

/// The lock, held.
struct Held {
    path: PathBuf,
    /// The locked file; it is the one of that name whenever nobody is writing.
    file: File,
    /// The file that is swapped in during a write, and its name.
    spare: Option<(File, PathBuf)>,
    /// Where files cannot be swapped: those that bore the name before and stay locked, for someone may wait for them.
    former: Vec<File>,
}

impl Held {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, path: &Path, bytes: &[u8], state: &State) -> io::Result<()> {
        // Should anything in this process have opened and closed the file, the lock is gone: it is taken again.
        if !lock::try_lock(&self.file)? {
            return Err(io::Error::other("another process has taken the lock meanwhile"));
        }
        let mode = mode_for(state.holds_sensitive(), mode_of(path));
        let (mut spare, name) = match self.spare.take() {
            Some(spare) => spare,
            None => match create_beside(path) {
                Ok(spare) => spare,
                Err(e) if cannot_create(&e) => return fill(&mut self.file, bytes, mode),
                Err(e) => return Err(e),
            },
        };
        let ready = lock::try_lock(&spare).and_then(|_| fill(&mut spare, bytes, mode));
        if let Err(e) = ready {
            let _ = fs::remove_file(&name);
            return Err(e);
        }
        if renameat_with(CWD, &name, CWD, path, RenameFlags::EXCHANGE).is_ok() {
            sync_dir(path);
            // From here on the new content is safe; whatever fails leaves it in its place.
            let back = fill(&mut self.file, bytes, mode)
                .and_then(|()| Ok(renameat_with(CWD, &name, CWD, path, RenameFlags::EXCHANGE)?));
            if back.is_err() {
                std::mem::swap(&mut self.file, &mut spare);
            }
            self.spare = Some((spare, name));
        } else if let Err(e) = fs::rename(&name, path) {
            let _ = fs::remove_file(&name);
            // A file that is a mount point of its own, as in a container, cannot be replaced.
            return match e.kind() {
                io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => fill(&mut self.file, bytes, mode),
                _ => Err(e),
            };
        } else {
            self.former.push(std::mem::replace(&mut self.file, spare));
            // Whoever waits has one of the first or one of the last; descriptors are not endless.
            if self.former.len() > 64 {
                self.former.remove(32);
            }
        }
        sync_dir(path);
        Ok(())
    }

    fn release(&mut self) -> Result<(), Error> {
        if let Some((_, name)) = &self.spare {
            let _ = fs::remove_file(name);
        }
        lock::release(&self.path)
    }
}

impl Drop for Held {
    /// The system's lock ends with the files; the note should not stay either.
    fn drop(&mut self) {
        let _ = self.release();
    }
}

/// Puts `state` at `path` without holding a lock.
pub(super) fn replace(path: &Path, state: &State) -> io::Result<()> {
    let mode = mode_for(state.holds_sensitive(), mode_of(path));
    replace_bytes(path, tfstate::print(state).as_bytes(), mode)
}

/// Replaces a file as one step: a crash leaves the old or the new, and a full disk leaves the old.
pub(super) fn replace_bytes(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        fs::create_dir_all(dir)?;
    }
    let in_place = |e: io::Error| match OpenOptions::new().write(true).open(path) {
        Ok(mut file) => fill(&mut file, bytes, mode),
        Err(_) => Err(e),
    };
    let (mut file, name) = match create_beside(path) {
        Ok(created) => created,
        Err(e) if cannot_create(&e) => return in_place(e),
        Err(e) => return Err(e),
    };
    let placed = fill(&mut file, bytes, mode).and_then(|()| fs::rename(&name, path));
    if let Err(e) = placed {
        let _ = fs::remove_file(&name);
        return match e.kind() {
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => in_place(e),
            _ => Err(e),
        };
    }
    sync_dir(path);
    Ok(())
}

/// Nothing can be made in that directory, but the file itself may be writable.
fn cannot_create(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::PermissionDenied)
}

/// 0600 if the state holds what must not be shown, otherwise as it was; `None`: as new files are.
fn mode_for(sensitive: bool, before: Option<u32>) -> Option<u32> {
    match (sensitive, before) {
        (true, before) => Some(before.unwrap_or(0o600) & 0o600),
        (false, Some(before)) => Some(before & 0o777),
        (false, None) => None,
    }
}

fn mode_of(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode())
}

/// A new file in the same directory: `.terraform.tfstate.1234.tmp`.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    Ok((options.open(&name)?, name))
}

/// Removes what processes left beside `path` that ended in the middle of writing. Called under the lock.
fn sweep(path: &Path) {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return };
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let prefix = format!(".{}.", name.to_string_lossy());
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let pid = file.to_str().and_then(|f| f.strip_prefix(&prefix)?.strip_suffix(".tmp")?.parse::<i32>().ok());
        let alive = |pid| {
            rustix::process::Pid::from_raw(pid)
                .is_some_and(|p| rustix::process::test_kill_process(p) != Err(rustix::io::Errno::SRCH))
        };
        if pid.is_some_and(|pid| !alive(pid)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The whole content of a file, on disk when this returns.
fn fill(file: &mut File, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    if let Some(mode) = mode {
        // Before any secret is in it. A file of someone else may be written and yet not be changed so.
        match file.set_permissions(Permissions::from_mode(mode)) {
            Err(e) if e.kind() != io::ErrorKind::PermissionDenied => return Err(e),
            _ => {}
        }
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

/// Makes a rename last. Some file systems have nothing to sync here, so failing means nothing.
pub(super) fn sync_dir(path: &Path) {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::lock::info_path;
    use crate::state::{Instance, Keeper, OutputValue};
    use crate::value::Value;
    use futures_util::FutureExt;

    /// Local stores never wait for anything.
    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn state(name: &str) -> State {
        let mut state = State::empty();
        state.set(&format!("aws_x.{name}").parse().unwrap(), "provider[\"p\"]", Instance::default());
        state
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn serials_lineage_and_backup_are_terraforms() {
        for locked in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("terraform.tfstate");
            let mut lineage = String::new();
            // Two states a run, over three runs.
            for run in 0..3u64 {
                let mut store = Local::with_usual_backup(&path);
                if locked {
                    now(store.lock(&LockInfo::new("OperationTypeApply", "2026-01-01T00:00:00Z"))).unwrap();
                }
                let mut keeper = now(Keeper::open(Box::new(store))).unwrap();
                assert_eq!(keeper.stored().map(|s| s.serial), (run > 0).then_some(run * 2));
                let first = state(&format!("a{run}"));
                assert!(now(keeper.save(&first)).unwrap());
                assert!(!now(keeper.save(&first)).unwrap(), "nothing new");
                assert!(now(keeper.save(&state(&format!("b{run}")))).unwrap());
                let stored = keeper.stored().unwrap();
                assert_eq!(stored.serial, run * 2 + 2);
                assert!(lineage.is_empty() || lineage == stored.lineage);
                lineage.clone_from(&stored.lineage);
                now(keeper.store().unlock()).unwrap();
                if run == 0 {
                    assert_eq!(names(dir.path()), ["terraform.tfstate"]);
                } else {
                    assert_eq!(names(dir.path()), ["terraform.tfstate", "terraform.tfstate.backup"]);
                    let text = fs::read_to_string(dir.path().join("terraform.tfstate.backup")).unwrap();
                    assert_eq!(tfstate::parse("b", &text).unwrap().serial, run * 2, "as it was before the run");
                }
            }
            assert_eq!(lineage.len(), 36);
        }
    }

    #[test]
    fn the_file_stays_the_same_file_under_the_lock() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        fs::write(&path, "").unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        let mut store = Local::with_usual_backup(&path);
        now(store.lock(&LockInfo::new("x", "2026-01-01T00:00:00Z"))).unwrap();
        for name in ["a", "a_longer_name_than_before", "b"] {
            now(store.write(&state(name))).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), tfstate::print(&state(name)));
            assert_eq!(now(store.read()).unwrap().unwrap(), state(name));
        }
        now(store.unlock()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
        assert_eq!(names(dir.path()), ["terraform.tfstate"]);
    }

    #[test]
    fn secrets_are_for_the_owner_alone() {
        let mut secret = state("s");
        secret.outputs.insert("o".into(), OutputValue::new(Value::string("x"), true));
        for locked in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("terraform.tfstate");
            let mut store = Local::with_usual_backup(&path);
            if locked {
                now(store.lock(&LockInfo::new("x", "2026-01-01T00:00:00Z"))).unwrap();
            }
            now(store.write(&state("a"))).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
            now(store.write(&state("b"))).unwrap();
            assert_eq!(mode(&path), 0o640, "kept");
            now(store.write(&secret)).unwrap();
            assert_eq!(mode(&path), 0o600);
            // What Terraform wrote may be open to all; the backup of it is not.
            fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
            drop(store);
            let mut store = Local::with_usual_backup(&path);
            now(store.read()).unwrap();
            now(store.write(&state("c"))).unwrap();
            assert_eq!(mode(&dir.path().join("terraform.tfstate.backup")), 0o600);
        }
    }

    #[test]
    fn planning_the_first_time_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Local::with_usual_backup(dir.path().join("terraform.tfstate"));
        now(store.lock(&LockInfo::new("OperationTypePlan", "2026-01-01T00:00:00Z"))).unwrap();
        assert_eq!(now(store.read()).unwrap(), None);
        assert!(names(dir.path()).is_empty());
        now(store.unlock()).unwrap();
    }

    #[test]
    fn links_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("terraform.tfstate"));
        fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        now(Local::new(&link, None).write(&state("a"))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), tfstate::print(&state("a")));
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub");
        fs::create_dir(&path).unwrap();
        let error = now(Local::new(&path, None).write(&state("a"))).unwrap_err();
        assert_eq!(error.diagnostic().summary, "Failed to save state");
        assert_eq!(names(dir.path()), ["sub"], "no litter");
        let rescued = super::super::store::rescue(dir.path(), &state("a")).unwrap();
        assert_eq!(now(Local::new(rescued, None).read()).unwrap().unwrap().resources, state("a").resources);
    }

    #[test]
    fn state_out_reads_here_and_writes_there() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        now(Local::new(&a, None).write(&state("a"))).unwrap();
        let before = fs::read_to_string(&a).unwrap();
        let mut store = Local::new(&b, None).reading_from(&a);
        assert_eq!(now(store.read()).unwrap().unwrap(), state("a"));
        now(store.write(&state("b"))).unwrap();
        assert_eq!(now(store.read()).unwrap().unwrap(), state("b"));
        assert_eq!(fs::read_to_string(&a).unwrap(), before);
    }

    #[test]
    fn leftovers_of_the_dead_are_swept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let alive = format!(".terraform.tfstate.{}.tmp", std::process::id());
        let dead = [".terraform.tfstate.2147483647.tmp", ".terraform.tfstate.journal.2147483647.tmp"];
        for name in dead.into_iter().chain([".terraform.tfstate.x.tmp", ".other.2147483647.tmp", &alive]) {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        let mut store = Local::new(&path, None);
        now(store.lock(&LockInfo::new("x", "2026-01-01T00:00:00Z"))).unwrap();
        assert!(info_path(&path).exists());
        now(store.unlock()).unwrap();
        assert_eq!(
            names(dir.path()),
            [".other.2147483647.tmp", alive.as_str(), ".terraform.tfstate.x.tmp", "terraform.tfstate"]
        );
    }

    #[test]
    fn pushing_minds_history() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let open = || now(Keeper::open(Box::new(Local::with_usual_backup(&path)))).unwrap();
        let at = |serial, lineage: &str, name| State { serial, lineage: lineage.into(), ..state(name) };
        assert!(now(open().push(&at(3, "l", "a"), false)).unwrap());
        assert!(!now(open().push(&at(3, "l", "a"), false)).unwrap(), "the very same");
        assert!(matches!(now(open().push(&at(3, "l", "b"), false)), Err(Error::Serial { new: 3, stored: 3 })));
        assert!(matches!(now(open().push(&at(2, "l", "a"), false)), Err(Error::Serial { .. })));
        assert!(matches!(now(open().push(&at(9, "k", "a"), false)), Err(Error::Lineage { .. })));
        assert!(now(open().push(&at(4, "l", "b"), false)).unwrap());
        assert!(now(open().push(&at(2, "k", "a"), true)).unwrap());
        assert_eq!(open().stored().unwrap().lineage, "k");
        assert_eq!(open().stored().unwrap().serial, 5, "never back");
    }
}
