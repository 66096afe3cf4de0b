//! Where the texts of a configuration come from: the disk, or a [`Snapshot`] that a plan file carries.
//!
//! Refuses to know what stands in them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// All texts that a configuration was loaded from, so that it can be loaded again without them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The directory that was loaded, relative to the working directory.
    pub root: PathBuf,
    /// Where installed modules are listed.
    pub data_dir: PathBuf,
    /// Every text by its path, as the paths were spelt in reading.
    pub files: BTreeMap<PathBuf, String>,
}

/// Reads from the disk and remembers, or answers from what was remembered.
pub(super) struct Files {
    seen: Snapshot,
    replay: bool,
}

impl Files {
    /// From the disk.
    pub(super) fn disk(root: &Path, data_dir: &Path) -> Files {
        let seen = Snapshot { root: root.to_path_buf(), data_dir: data_dir.to_path_buf(), files: BTreeMap::new() };
        Files { seen, replay: false }
    }

    /// From a snapshot: nothing is read.
    pub(super) fn replay(snapshot: Snapshot) -> Files {
        Files { seen: snapshot, replay: true }
    }

    /// The names of a directory's files, in no order.
    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        if self.replay {
            let here = |p: &&PathBuf| parent(p) == dir;
            let name = |p: &PathBuf| p.file_name().and_then(|n| n.to_str()).map(String::from);
            return Ok(self.seen.files.keys().filter(here).filter_map(name).collect());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if !entry.path().is_dir() {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The bytes of a file.
    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.replay {
            return match self.seen.files.get(path) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => Err(io::ErrorKind::NotFound.into()),
            };
        }
        std::fs::read(path)
    }

    /// Keeps a text that was read.
    pub(super) fn remember(&mut self, path: &Path, text: &str) {
        if !self.replay {
            self.seen.files.insert(path.to_path_buf(), text.to_string());
        }
    }

    /// Whether there is such a directory.
    pub(super) fn is_dir(&self, dir: &Path) -> bool {
        match self.replay {
            // It was there, or nothing would have been kept; a module without files leaves no other trace.
            true => true,
            false => dir.is_dir(),
        }
    }

    /// The directory whatever way leads there.
    pub(super) fn real(&self, dir: &Path) -> PathBuf {
        match self.replay {
            true => dir.to_path_buf(),
            false => std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf()),
        }
    }

    /// All that was read.
    pub(super) fn into_snapshot(self) -> Snapshot {
        self.seen
    }
}

/// The directory of a file; `.` for a bare name.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}
