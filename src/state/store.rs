//! A place that keeps one state: read, write, lock. What kind of place is behind it, nobody else needs to know.

use super::error::{Error, Locked};
use super::lock::LockInfo;
use super::{State, TERRAFORM_VERSION};
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Keeps one state.
#[async_trait]
pub trait Store: Send {
    /// What is kept; `None` if nothing is yet.
    async fn read(&mut self) -> Result<Option<State>, Error>;

    /// Puts `state` in its place, exactly as it is. When this returns it is safe: no crash loses it any more, and no reader
    /// ever sees half of it.
    async fn write(&mut self, state: &State) -> Result<(), Error>;

    /// Takes the lock, once. [`Error::Locked`] if someone else holds it.
    async fn lock(&mut self, info: &LockInfo) -> Result<(), Error>;

    /// Gives the lock back. Without one, nothing happens.
    async fn unlock(&mut self) -> Result<(), Error>;

    /// Breaks someone else's lock of this id. `now` in RFC 3339.
    async fn force_unlock(&mut self, id: &str, now: &str) -> Result<(), Error>;

    /// The journal that lies beside the state: what was added to it, in order; empty if there is none. Its content is opaque here.
    async fn journal_read(&mut self) -> Result<Vec<u8>, Error>;

    /// Adds to the end of the journal, which is made if need be. When this returns it is safe, as with [`Store::write`]. What is there
    /// holds what the state holds, secrets too.
    async fn journal_append(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Puts `bytes` in the place of the whole journal, as one step; without any, there is no journal any more.
    async fn journal_replace(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// What messages call the place: a path or URL.
    fn place(&self) -> String;
}

/// Takes the lock, and tries again until `timeout` has passed. `waiting` is told once, before the first wait.
pub async fn lock_within(
    store: &mut dyn Store,
    info: &LockInfo,
    timeout: Duration,
    waiting: &mut (dyn FnMut(&Locked) + Send),
) -> Result<(), Error> {
    let mut left = timeout;
    let mut pause = Duration::from_millis(100);
    let mut told = false;
    loop {
        match store.lock(info).await {
            Err(Error::Locked(locked)) if !left.is_zero() => {
                if !std::mem::replace(&mut told, true) {
                    waiting(&locked);
                }
            }
            done => return done,
        }
        pause = pause.min(left);
        tokio::time::sleep(pause).await;
        left -= pause;
        // Longer pauses for those who wait long, up to Terraform's own.
        pause = (pause * 2).min(Duration::from_secs(4));
    }
}

/// Saves a state that could not be saved where it belongs, into `errored.tfstate` in `dir`. Gives the path.
pub fn rescue(dir: &Path, state: &State) -> Result<PathBuf, Error> {
    let path = dir.join("errored.tfstate");
    let state = State { terraform_version: TERRAFORM_VERSION.into(), ..state.clone() };
    super::local::replace(&path, &state).map_err(|e| Error::io("write", &path, e))?;
    Ok(path)
}
