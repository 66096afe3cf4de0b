//! Terraform's own way of locking a local state: an fcntl lock on the file, and a note beside it that says who holds it.
//!
//! The lock is the system's, so it ends with its process; the note may be left behind and means nothing without the lock.

use super::error::{Error, Locked};
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};
use serde_json::{Value as Json, json};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the holder of a lock says about itself: `.terraform.tfstate.lock.info`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockInfo {
    /// A uuid.
    pub id: String,
    /// `OperationTypeApply`, `OperationTypePlan`, `state-mv`, ...
    pub operation: String,
    /// More about it; usually empty.
    pub info: String,
    /// `user@host`
    pub who: String,
    /// The Terraform version.
    pub version: String,
    /// RFC 3339.
    pub created: String,
    /// The locked file.
    pub path: String,
}

impl LockInfo {
    /// A new lock by this process. `now` in RFC 3339.
    pub fn new(operation: &str, now: &str) -> LockInfo {
        LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.into(),
            info: String::new(),
            who: who(),
            version: super::TERRAFORM_VERSION.into(),
            created: now.into(),
            path: String::new(),
        }
    }

    /// Whether it is taken by someone who will not write.
    pub fn reads_only(&self) -> bool {
        self.operation == "OperationTypePlan"
    }

    /// As Terraform stores it.
    pub fn to_json(&self) -> String {
        json!({
            "ID": self.id,
            "Operation": self.operation,
            "Info": self.info,
            "Who": self.who,
            "Version": self.version,
            "Created": self.created,
            "Path": self.path,
        })
        .to_string()
    }

    /// Reads what [`LockInfo::to_json`] wrote; what is missing is empty.
    pub fn from_json(text: &str) -> Option<LockInfo> {
        let json: Json = serde_json::from_str(text).ok()?;
        let get = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_string();
        json.is_object().then(|| LockInfo {
            id: get("ID"),
            operation: get("Operation"),
            info: get("Info"),
            who: get("Who"),
            version: get("Version"),
            created: get("Created"),
            path: get("Path"),
        })
    }

    /// As Terraform shows it, for people and tools.
    pub fn block(&self) -> String {
        format!(
            "Lock Info:\n  ID:        {}\n  Path:      {}\n  Operation: {}\n  Who:       {}\n  Version:   {}\n  Created:   {}\n  Info:      {}",
            self.id, self.path, self.operation, self.who, self.version, self.created, self.info
        )
    }

    /// `OperationTypeApply` → `apply`.
    pub fn operation_in_words(&self) -> String {
        match self.operation.strip_prefix("OperationType") {
            Some(rest) => rest.to_lowercase(),
            None => self.operation.clone(),
        }
    }

    /// How long before `now` it was made.
    pub fn age(&self, now: &str) -> Option<Duration> {
        let (created, now): (jiff::Timestamp, jiff::Timestamp) = (self.created.parse().ok()?, now.parse().ok()?);
        Duration::try_from(now.duration_since(created)).ok()
    }
}

/// `user@host`, as Terraform writes it.
fn who() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id == uid).then(|| name.to_string())
    });
    let user = user.or_else(|| std::env::var("USER").ok()).unwrap_or(uid);
    format!("{user}@{}", rustix::system::uname().nodename().to_string_lossy())
}

/// The note beside a state file.
pub(super) fn info_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lock.info"))
}

fn read_info(path: &Path) -> Option<LockInfo> {
    LockInfo::from_json(&fs::read_to_string(info_path(path)).ok()?)
}

/// Takes the system's lock on an open file. `Ok(false)`: someone else holds it.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Which process holds the system's lock.
fn holder(file: &File) -> Option<u32> {
    let wanted = Flock { start: 0, length: 0, pid: None, typ: FlockType::WriteLock, offset_type: FlockOffsetType::Set };
    // A process in another container has no number that we could use.
    let pid = fcntl_getlk(file, &wanted).ok()??.pid?.as_raw_nonzero().get();
    u32::try_from(pid).ok()
}

/// Whether the open file is still the one of that name.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

/// Takes the lock of the state at `path`, which is made (empty) if need be; messages call it `shown`. Gives the locked file.
///
/// The empty file stays if nothing is written to it: whoever waits for the lock has it open, and would write its own state
/// into a file without a name if we removed it. Everyone takes an empty file for no state.
///
/// Errors: [`Error::Locked`] if someone else holds it; [`Error::Io`] if the file cannot be opened or locked at all.
pub(super) fn acquire(path: &Path, shown: &Path, info: &LockInfo) -> Result<File, Error> {
    loop {
        let fail = |e| Error::io("lock", path, e);
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = match options.open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
                    fs::create_dir_all(dir).map_err(fail)?;
                }
                options.create(true).open(path).map_err(fail)?
            }
            Err(e) => return Err(fail(e)),
        };
        if !try_lock(&file).map_err(fail)? {
            return Err(locked(path, shown, &file, &info.created));
        }
        // The file may have been replaced between opening and locking.
        if !is_at(&file, path) {
            continue;
        }
        let info = LockInfo { path: shown.display().to_string(), ..info.clone() };
        write_info(path, &info).map_err(|e| Error::io("lock", &info_path(path), e))?;
        return Ok(file);
    }
}

fn locked(path: &Path, shown: &Path, file: &File, now: &str) -> Error {
    let info = read_info(path);
    let age = info.as_ref().and_then(|i| i.age(now));
    Error::Locked(Box::new(Locked { info, process: holder(file), age, place: shown.display().to_string() }))
}

fn write_info(path: &Path, info: &LockInfo) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(info_path(path))?.write_all(info.to_json().as_bytes())
}

/// Removes the note. The caller closes the file after.
pub(super) fn release(path: &Path) -> Result<(), Error> {
    let note = info_path(path);
    match fs::remove_file(&note) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("unlock", &note, e)),
        _ => Ok(()),
    }
}

/// Removes a note that was left behind, if it has this id and its process is gone.
pub(super) fn force_release(path: &Path, shown: &Path, id: &str, now: &str) -> Result<(), Error> {
    if let Ok(file) = OpenOptions::new().read(true).write(true).open(path)
        && !try_lock(&file).map_err(|e| Error::io("unlock", path, e))?
    {
        return Err(match locked(path, shown, &file, now) {
            Error::Locked(locked) => match &locked.info {
                Some(info) if info.id != id => Error::WrongLockId { info: info.clone().into(), given: id.into() },
                _ => Error::StillHeld(locked),
            },
            other => other,
        });
    }
    match read_info(path) {
        Some(info) if info.id == id => release(path),
        Some(info) => Err(Error::WrongLockId { info: info.into(), given: id.into() }),
        None => Err(Error::NotLocked { place: shown.display().to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::local::Local;
    use crate::state::store::{Store, lock_within};
    use futures_util::FutureExt;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    const NOW: &str = "2026-01-01T00:02:00Z";

    /// Not a test: what another process does in the tests below. It holds the lock until its input ends.
    #[test]
    fn hold_for_another_test() {
        let Some(path) = std::env::var_os("FORMWORK_TEST_HOLD") else { return };
        let mut store = Local::new(PathBuf::from(path), None);
        store.lock(&LockInfo::new("OperationTypeApply", "2026-01-01T00:00:00Z")).now_or_never().unwrap().unwrap();
        println!("\nheld");
        let _ = io::stdin().read_line(&mut String::new());
        store.unlock().now_or_never().unwrap().unwrap();
    }

    /// A process of its own that holds the lock: in one process fcntl locks do not see each other.
    fn holder(path: &Path) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "state::lock::tests::hold_for_another_test", "--nocapture"])
            .env("FORMWORK_TEST_HOLD", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|l| l == "held"));
        child
    }

    #[test]
    fn the_note_is_terraforms() {
        let text = r#"{"ID":"b960c33f","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4","Created":"2026-11-22T11:40:37.604265832Z","Path":"terraform.tfstate"}"#;
        let info = LockInfo::from_json(text).unwrap();
        assert_eq!(info.to_json(), text);
        assert_eq!(info.operation_in_words(), "apply");
        assert_eq!(info.age("2026-11-22T11:41:37.604265832Z"), Some(Duration::from_secs(60)));
        assert_eq!(info.age("2026-11-22T11:40:00Z"), None, "clocks differ");
        assert_eq!(LockInfo::from_json("{"), None);
        assert_eq!(LockInfo::from_json("[]"), None);
        assert!(who().contains('@'));
    }

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let mut other = holder(&path);
        let mut store = Local::new(&path, None);
        let mine = LockInfo::new("OperationTypePlan", NOW);

        let Err(Error::Locked(locked)) = store.lock(&mine).now_or_never().unwrap() else { panic!() };
        assert_eq!(locked.process, Some(other.id()));
        assert_eq!(locked.age, Some(Duration::from_secs(120)));
        let info = locked.info.clone().unwrap();
        assert_eq!((&*info.operation, &*info.path), ("OperationTypeApply", &*path.display().to_string()));
        let d = Error::Locked(locked).diagnostic();
        assert_eq!(d.summary, "Error acquiring the state lock");
        let process = other.id();
        let head = format!(
            "{} is locked by {} (process {process} on this machine), for apply, since 2 minutes. Nothing was changed.\n\nLock Info:\n  ID:        {}\n",
            path.display(),
            info.who,
            info.id
        );
        assert!(d.detail.starts_with(&head), "{}", d.detail);
        assert!(d.help.unwrap().contains(&format!("kill -INT {process}")));

        // Nobody can take a lock from a process that lives.
        let force = |store: &mut Local, id: &str| store.force_unlock(id, NOW).now_or_never().unwrap();
        assert!(matches!(force(&mut store, &info.id), Err(Error::StillHeld(_))));
        assert!(matches!(force(&mut store, "x"), Err(Error::WrongLockId { .. })));

        // Its death ends the lock; the note it leaves does not matter.
        other.kill().unwrap();
        other.wait().unwrap();
        assert_eq!(read_info(&path).unwrap().id, info.id);
        store.lock(&mine).now_or_never().unwrap().unwrap();
        assert_eq!(read_info(&path).unwrap().id, mine.id);
        store.unlock().now_or_never().unwrap().unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn waiting_ends_when_the_other_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let mut other = holder(&path);
        let mut store = Local::new(&path, None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut told = 0;
        let mut input = other.stdin.take();
        let mut waiting = |locked: &Locked| {
            assert!(locked.info.is_some());
            told += 1;
            // The other unlocks now.
            drop(input.take());
        };
        let mine = LockInfo::new("OperationTypePlan", NOW);
        runtime.block_on(lock_within(&mut store, &mine, Duration::from_secs(30), &mut waiting)).unwrap();
        assert_eq!(told, 1);
        other.wait().unwrap();
        store.unlock().now_or_never().unwrap().unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "someone may wait for the empty file");
    }

    #[test]
    fn writes_do_not_let_the_lock_slip() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let mut store = Local::new(&path, None);
        store.lock(&LockInfo::new("x", NOW)).now_or_never().unwrap().unwrap();
        let mut state = crate::state::State::empty();
        for serial in 1..4 {
            state.serial = serial;
            store.write(&state).now_or_never().unwrap().unwrap();
            store.read().now_or_never().unwrap().unwrap();
            // Another process finds it locked, by us.
            let asked = Command::new("python3")
                .arg("-c")
                .arg("import fcntl,sys\ntry: fcntl.lockf(open(sys.argv[1],'r+'), fcntl.LOCK_EX|fcntl.LOCK_NB)\nexcept OSError: sys.exit(7)")
                .arg(&path)
                .status();
            match asked {
                Ok(status) => assert_eq!(status.code(), Some(7)),
                Err(_) => return, // without Python there is nobody to ask
            }
        }
    }

    #[test]
    fn a_note_left_behind_can_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terraform.tfstate");
        let mut store = Local::new(&path, None);
        let mut force = |id: &str| store.force_unlock(id, NOW).now_or_never().unwrap();
        assert!(matches!(force("a"), Err(Error::NotLocked { .. })));
        let info = LockInfo { id: "a".into(), ..LockInfo::default() };
        write_info(&path, &info).unwrap();
        assert!(matches!(force("b"), Err(Error::WrongLockId { .. })));
        force("a").unwrap();
        assert!(!info_path(&path).exists());
    }
}
