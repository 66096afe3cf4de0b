//! Where a world is kept: in memory, or in one JSON file that is replaced as a whole after each change.
//!
//! Refuses to know what is in it. Several processes may use one directory: whoever changes something holds a file lock
//! meanwhile and first reads again what others wrote; whoever only looks reads again when the file is another one.

use super::fault::{Answer, Fault};
use super::world::{FORMAT, World};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const FILE: &str = "aws.json";
const LOCK: &str = "aws.lock";

/// What tells one version of the file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&meta);
    #[cfg(not(unix))]
    let inode = 0;
    Ok(Some(Stamp { modified: meta.modified().ok(), length: meta.len(), inode }))
}

struct Place {
    dir: PathBuf,
    /// What the world was last read from or written to; `None`: there is no file.
    seen: Option<Stamp>,
    /// The world in memory may differ from the file.
    stale: bool,
    /// What to begin with where there is no file.
    empty: World,
}

/// A world and where it is kept.
pub(super) struct Store {
    world: World,
    place: Option<Place>,
}

impl Store {
    /// Kept nowhere.
    pub(super) fn memory(world: World) -> Store {
        Store { world, place: None }
    }

    /// Kept under `dir`; `empty` is what to begin with.
    pub(super) fn open(dir: &Path, empty: World) -> io::Result<Store> {
        let place = Place { dir: dir.to_owned(), seen: None, stale: true, empty: empty.clone() };
        let mut store = Store { world: empty, place: Some(place) };
        store.refresh()?;
        Ok(store)
    }

    /// The world as last seen.
    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// Reads the file again if it is another one than last seen.
    fn refresh(&mut self) -> io::Result<()> {
        let Some(place) = &mut self.place else { return Ok(()) };
        let path = place.dir.join(FILE);
        // The file may be replaced between looking and reading: then look again.
        for _ in 0..100 {
            let now = stamp(&path)?;
            if now == place.seen && !place.stale {
                return Ok(());
            }
            let world = match now {
                None => place.empty.clone(),
                Some(_) => match fs::read(&path) {
                    Ok(bytes) => parse(&bytes, &path)?,
                    Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                    Err(e) => return Err(e),
                },
            };
            if stamp(&path)? == now {
                self.world = world;
                place.seen = now;
                place.stale = false;
                return Ok(());
            }
        }
        Err(io::Error::other(format!("{} changes all the time", path.display())))
    }

    /// Runs `f` on the world as it is now; if it may change something, under the lock, and keeps what it did.
    pub(super) fn with(&mut self, changes: bool, f: impl FnOnce(&mut World) -> Answer) -> Answer {
        let failed =
            |e: io::Error| Fault::new("InternalFailure", format!("The embedded AWS cannot keep its world: {e}."));
        let guard = if changes { self.acquire().map_err(failed)? } else { None };
        self.refresh().map_err(failed)?;
        let answer = f(&mut self.world);
        if changes {
            match &answer {
                Ok(_) => self.save().map_err(failed)?,
                // Half a change must not be seen by the next call.
                Err(_) => self.forget(),
            }
        }
        drop(guard);
        answer
    }

    fn forget(&mut self) {
        if let Some(place) = &mut self.place {
            place.stale = true;
        }
    }

    /// The lock of the directory, held until the file is dropped.
    fn acquire(&self) -> io::Result<Option<File>> {
        let Some(place) = &self.place else { return Ok(None) };
        fs::create_dir_all(&place.dir)?;
        let file = File::options().create(true).truncate(false).write(true).open(place.dir.join(LOCK))?;
        file.lock()?;
        Ok(Some(file))
    }

    /// Replaces the file as a whole: a reader sees the old or the new one, also after a crash.
    fn save(&mut self) -> io::Result<()> {
        let Some(place) = &mut self.place else { return Ok(()) };
        place.stale = true;
        let (path, next) = (place.dir.join(FILE), place.dir.join(format!("{FILE}.next")));
        let mut file = File::create(&next)?;
        let mut text = serde_json::to_vec(&self.world)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_data()?;
        drop(file);
        fs::rename(&next, &path)?;
        place.seen = stamp(&path)?;
        place.stale = false;
        Ok(())
    }
}

fn parse(bytes: &[u8], path: &Path) -> io::Result<World> {
    let bad = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    #[derive(serde::Deserialize)]
    struct Version {
        version: u32,
    }
    let shown = path.display();
    let found: Version =
        serde_json::from_slice(bytes).map_err(|e| bad(format!("{shown} is not the embedded AWS's world: {e}")))?;
    if found.version != FORMAT {
        let version = found.version;
        return Err(bad(format!("{shown} has format {version}, and this version of formwork knows format {FORMAT}")));
    }
    serde_json::from_slice(bytes).map_err(|e| bad(format!("{shown} is not the embedded AWS's world: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn count(world: &mut World) -> Answer {
        *world.born.entry("x".to_owned()).or_default() += 1;
        Ok(Value::from(world.born["x"]))
    }

    fn look(world: &mut World) -> Answer {
        Ok(Value::from(world.born.get("x").copied().unwrap_or(0)))
    }

    #[test]
    fn an_empty_world_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a/b");
        let mut store = Store::open(&place, World::new(1, "1")).unwrap();
        assert_eq!(store.with(false, look).unwrap(), Value::from(0));
        assert!(!place.exists());
        assert_eq!(store.with(true, count).unwrap(), Value::from(1));
        assert!(place.join(FILE).exists());
    }

    #[test]
    fn two_handles_see_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut one = Store::open(dir.path(), World::new(1, "1")).unwrap();
        let mut two = Store::open(dir.path(), World::new(2, "2")).unwrap();
        for n in 0..20u64 {
            let (a, b) = if n % 2 == 0 { (&mut one, &mut two) } else { (&mut two, &mut one) };
            assert_eq!(a.with(true, count).unwrap(), Value::from(n + 1));
            assert_eq!(b.with(false, look).unwrap(), Value::from(n + 1));
        }
        assert_eq!(two.world().seed, 1, "the first to write decides");
    }

    #[test]
    fn many_handles_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut store = Store::open(dir.path(), World::new(1, "1")).unwrap();
                    for _ in 0..25 {
                        store.with(true, count).unwrap();
                    }
                });
            }
        });
        let mut store = Store::open(dir.path(), World::new(1, "1")).unwrap();
        assert_eq!(store.with(false, look).unwrap(), Value::from(100));
    }

    #[test]
    fn a_refused_change_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), World::new(1, "1")).unwrap();
        store.with(true, count).unwrap();
        let refused = |world: &mut World| {
            world.born.clear();
            Err(Fault::validation("no"))
        };
        assert!(store.with(true, refused).is_err());
        assert_eq!(store.with(false, look).unwrap(), Value::from(1));
    }

    #[test]
    fn a_crash_while_writing_leaves_the_old_world() {
        let dir = tempfile::tempdir().unwrap();
        Store::open(dir.path(), World::new(1, "1")).unwrap().with(true, count).unwrap();
        let whole = fs::read(dir.path().join(FILE)).unwrap();
        // What a process that dies in the middle leaves behind.
        fs::write(dir.path().join(format!("{FILE}.next")), &whole[..whole.len() / 2]).unwrap();
        let mut store = Store::open(dir.path(), World::new(1, "1")).unwrap();
        assert_eq!(store.with(false, look).unwrap(), Value::from(1));
        assert_eq!(store.with(true, count).unwrap(), Value::from(2));
        assert!(!dir.path().join(format!("{FILE}.next")).exists());
    }

    #[test]
    fn foreign_files_are_refused() {
        let table = [
            ("", "is not the embedded AWS's world"),
            ("{}", "is not the embedded AWS's world"),
            ("{\"version\":99}", "has format 99"),
            ("{\"version\":1}", "is not the embedded AWS's world"),
        ];
        for (text, wanted) in table {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(FILE), text).unwrap();
            let error = Store::open(dir.path(), World::new(1, "1")).err().unwrap();
            assert!(error.to_string().contains(wanted), "{text}: {error}");
            assert_eq!(fs::read_to_string(dir.path().join(FILE)).unwrap(), text);
        }
    }
}
