//! A journal in a file of this machine, beside the state: `terraform.tfstate.journal`. Its owner alone may read it, for it holds
//! what the state holds.
//!
//! Refuses to know what is in it.

use super::error::Error;
use super::local::{replace_bytes, sync_dir};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file, opened when something is first added.
pub(super) struct JournalFile {
    path: PathBuf,
    open: Option<File>,
}

impl JournalFile {
    /// Beside the state at `path`.
    pub(super) fn beside(path: &Path) -> JournalFile {
        let mut name = path.as_os_str().to_os_string();
        name.push(".journal");
        JournalFile { path: name.into(), open: None }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// All of it; empty if there is none.
    pub(super) fn read(&self) -> Result<Vec<u8>, Error> {
        match fs::read(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|e| Error::io("read", &self.path, e)),
        }
    }

    /// Adds to its end, on disk when this returns. What could be added only in part is taken back.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.try_append(bytes).map_err(|e| Error::io("write", &self.path, e))
    }

    fn try_append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let mut options = OpenOptions::new();
                let file = options.append(true).create(true).mode(0o600).open(&self.path)?;
                sync_dir(&self.path);
                self.open.insert(file)
            }
        };
        let before = file.metadata()?.len();
        let added = file.write_all(bytes).and_then(|()| file.sync_data());
        if added.is_err() {
            let _ = file.set_len(before);
        }
        added
    }

    /// Puts `bytes` in the place of all of it, as one step; without any, the file goes.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.open = None;
        let replaced = match bytes.is_empty() {
            true => match fs::remove_file(&self.path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
                removed => removed.map(|()| sync_dir(&self.path)),
            },
            false => replace_bytes(&self.path, bytes, Some(0o600)),
        };
        replaced.map_err(|e| Error::io("write", &self.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_grows_is_replaced_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = JournalFile::beside(&dir.path().join("terraform.tfstate"));
        assert_eq!(journal.read().unwrap(), b"");
        journal.replace(b"").unwrap();
        journal.append(b"a\n").unwrap();
        journal.append(b"b\n").unwrap();
        assert_eq!(journal.read().unwrap(), b"a\nb\n");
        journal.replace(b"c\n").unwrap();
        journal.append(b"d\n").unwrap();
        let path = dir.path().join("terraform.tfstate.journal");
        assert_eq!(fs::read(&path).unwrap(), b"c\nd\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        journal.replace(b"").unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
