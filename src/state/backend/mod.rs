//! Where the states of a configuration are kept: on this machine or in a bucket, for each workspace one.
//!
//! Refuses to know the configuration: it is given the arguments of the backend block as values.

pub mod arguments;
pub mod note;

pub use arguments::{Arguments, Trouble};
pub use note::Note;

use super::error::Error;
use super::lock::LockInfo;
use super::s3::{Bucket, Settings, Ways};
use super::store::Store;
use super::workspace::Places;
use std::path::Path;

/// Where the states of all workspaces are kept.
pub enum Backend {
    /// On this machine.
    Local(Places),
    /// In a bucket of S3.
    S3(Bucket),
}

impl Backend {
    /// What a backend block says. `places` are those of the command line, for a local one.
    ///
    /// # Errors
    /// Everything that is wrong with the arguments.
    pub fn new(
        arguments: &Arguments,
        places: Places,
        env: &dyn Fn(&str) -> Option<String>,
        ways: &dyn Fn() -> Ways,
    ) -> Result<Backend, Vec<Trouble>> {
        if arguments.kind() == "s3" {
            let settings = Settings::new(arguments, env)?;
            let bucket = Bucket::new(settings, ways()).map_err(|e| vec![Trouble::new(None, e.diagnostic())])?;
            return Ok(Backend::S3(bucket));
        }
        let path = |name| arguments.text(name).map(Into::into);
        Ok(Backend::Local(Places { path: path("path"), workspace_dir: path("workspace_dir"), ..places }))
    }

    /// `local` or `s3`.
    pub fn kind(&self) -> &'static str {
        match self {
            Backend::Local(_) => "local",
            Backend::S3(_) => "s3",
        }
    }

    /// The current state's store of a workspace.
    pub fn store(&self, workspace: &str) -> Box<dyn Store> {
        match self {
            Backend::Local(places) => Box::new(places.store(workspace)),
            Backend::S3(bucket) => Box::new(bucket.store(workspace)),
        }
    }

    /// The names of all workspaces, the default one first, then sorted.
    pub async fn list(&self) -> Result<Vec<String>, Error> {
        match self {
            Backend::Local(places) => places.list().map_err(|e| Error::io("read", &places.workspace_dir(), e)),
            Backend::S3(bucket) => bucket.list().await,
        }
    }

    /// Makes a workspace, without anything in its state.
    pub async fn create(&self, workspace: &str, info: &LockInfo) -> Result<(), Error> {
        match self {
            Backend::Local(places) => {
                places.create(workspace).map_err(|e| Error::io("write", &places.path_of(workspace), e))
            }
            Backend::S3(bucket) => bucket.create(workspace, info).await,
        }
    }

    /// Removes a workspace and its state.
    pub async fn delete(&self, workspace: &str) -> Result<(), Error> {
        match self {
            Backend::Local(places) => {
                places.delete(workspace).map_err(|e| Error::io("delete", &places.path_of(workspace), e))
            }
            Backend::S3(bucket) => bucket.delete(workspace).await,
        }
    }

    /// Whether the state of `workspace` lies in the same place in both.
    pub fn is_same_place(&self, other: &Backend, workspace: &str) -> bool {
        let path = |places: &Places| {
            let path = places.path_of(workspace);
            std::fs::canonicalize(&path).unwrap_or(path)
        };
        match (self, other) {
            (Backend::Local(one), Backend::Local(two)) => path(one) == path(two),
            (Backend::S3(one), Backend::S3(two)) => one.is_same_place(two, workspace),
            _ => false,
        }
    }
}

/// Whether there is anything in the file of a local state.
pub fn holds_anything(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| !bytes.iter().all(u8::is_ascii_whitespace))
}
