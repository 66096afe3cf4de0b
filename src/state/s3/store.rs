//! One state in S3.
//!
//! What is written is there when `write` returns, and its digest too. What was begun is finished on a thread beside even if nobody
//! waits for it any more.

use super::Inner;
use super::client::Failure;
use super::locks::{Places, Taken};
use crate::state::error::{Error, Locked};
use crate::state::lock::LockInfo;
use crate::state::store::Store;
use crate::state::{State, tfstate};
use async_trait::async_trait;
use md5::{Digest, Md5};
use std::sync::Arc;

/// How often a state that does not fit its digest is read again.
const AGAIN: u32 = 5;

/// One state in S3.
pub struct S3 {
    inner: Arc<Inner>,
    key: String,
    /// The id of the lock that we hold.
    held: Option<String>,
    /// The journal as we know it: objects cannot be added to, so each addition writes all of it.
    journal: Option<Vec<u8>>,
}

/// One state, on the thread where it is asked for.
struct There {
    inner: Arc<Inner>,
    key: String,
}

impl S3 {
    pub(super) fn new(inner: Arc<Inner>, key: String) -> S3 {
        S3 { inner, key, held: None, journal: None }
    }

    fn there(&self) -> There {
        There { inner: self.inner.clone(), key: self.key.clone() }
    }

    fn gone(&self) -> Error {
        Error::remote("read", &self.place(), Failure::new("waiting", "the thread that was to do it has ended"))
    }

    /// Removes the state, and its digest.
    pub async fn remove(&mut self) -> Result<(), Error> {
        let there = self.there();
        let job = async move {
            let places = there.places("delete").await?;
            there.done("delete", places.open.s3.delete(&there.key).await)?;
            there.done("delete", places.open.s3.delete(&there.journal()).await)?;
            there.done("delete", places.note_digest(None).await)
        };
        self.inner.worker.run(job).await.unwrap_or_else(|| Err(self.gone()))
    }
}

impl There {
    async fn places(&self, doing: &'static str) -> Result<Places<'_>, Error> {
        let settings = &self.inner.settings;
        Ok(Places {
            open: self.done(doing, self.inner.open().await)?,
            object: settings.lockfile.then(|| format!("{}.tflock", self.key)),
            table: settings.table.as_deref(),
            id: self.id(),
        })
    }

    fn id(&self) -> String {
        format!("{}/{}", self.inner.settings.bucket, self.key)
    }

    /// The key of the journal beside the state.
    fn journal(&self) -> String {
        format!("{}.journal", self.key)
    }

    async fn put_journal(&self, bytes: &[u8]) -> Result<(), Error> {
        let places = self.places("write").await?;
        let done = match bytes {
            [] => places.open.s3.delete(&self.journal()).await,
            bytes => places.open.s3.put(&self.journal(), bytes, false).await.map(|_| ()),
        };
        self.done("write", done)
    }

    fn done<T>(&self, doing: &'static str, result: Result<T, Failure>) -> Result<T, Error> {
        result.map_err(self.inner.failed(doing, &self.key))
    }

    async fn read(&self) -> Result<Option<State>, Error> {
        let places = self.places("read").await?;
        let mut left = AGAIN;
        let bytes = loop {
            let bytes = self.done("read", places.open.s3.get(&self.key).await)?.filter(|b| !b.is_empty());
            let Some(wanted) = self.done("read", places.digest().await)? else { break bytes };
            let found = bytes.as_ref().map_or(String::new(), |b| digest(b));
            if wanted == found {
                break bytes;
            }
            if left == 0 {
                let settings = &self.inner.settings;
                return Err(Error::Digest {
                    bucket: settings.bucket.clone(),
                    key: self.key.clone(),
                    found,
                    wanted,
                    table: settings.table.clone().unwrap_or_default(),
                });
            }
            left -= 1;
            tokio::time::sleep(self.inner.settings.patience).await;
        };
        let Some(bytes) = bytes.filter(|b| !b.iter().all(u8::is_ascii_whitespace)) else { return Ok(None) };
        let place = self.inner.place(&self.key);
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::remote("read", &place, Failure::new("reading", "it is not UTF-8 text")))?;
        Ok(Some(tfstate::parse(&place, &text)?))
    }

    async fn write(&self, text: String) -> Result<(), Error> {
        let places = self.places("write").await?;
        self.done("write", places.open.s3.put(&self.key, text.as_bytes(), false).await)?;
        self.done("write", places.note_digest(Some(&digest(text.as_bytes()))).await)
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), Error> {
        let places = self.places("lock").await?;
        match self.done("lock", places.take(info).await)? {
            Taken::Ours => Ok(()),
            Taken::Held(holder) => {
                let age = holder.as_ref().and_then(|h| h.age(&info.created));
                let place = self.inner.place(&self.key);
                Err(Error::Locked(Box::new(Locked { info: holder, process: None, age, place })))
            }
        }
    }

    async fn unlock(&self, id: &str) -> Result<(), Error> {
        let places = self.places("unlock").await?;
        match self.done("unlock", places.release(id).await)? {
            None => Ok(()),
            Some(other) => Err(Error::LockLost { place: self.inner.place(&self.key), now: Box::new(other) }),
        }
    }

    async fn force_unlock(&self, id: &str) -> Result<(), Error> {
        let places = self.places("unlock").await?;
        match self.done("unlock", places.holder().await)? {
            None => Err(Error::NotLocked { place: self.inner.place(&self.key) }),
            Some(info) if info.id != id => Err(Error::WrongLockId { info: Box::new(info), given: id.into() }),
            Some(_) => self.unlock(id).await,
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[async_trait]
impl Store for S3 {
    async fn read(&mut self) -> Result<Option<State>, Error> {
        let there = self.there();
        let read = self.inner.worker.run(async move { there.read().await }).await;
        read.unwrap_or_else(|| Err(self.gone()))
    }

    async fn write(&mut self, state: &State) -> Result<(), Error> {
        let (there, text) = (self.there(), tfstate::print(state));
        let written = self.inner.worker.run(async move { there.write(text).await }).await;
        written.unwrap_or_else(|| Err(self.gone()))
    }

    async fn lock(&mut self, info: &LockInfo) -> Result<(), Error> {
        let settings = &self.inner.settings;
        if self.held.is_some() || !settings.lockfile && settings.table.is_none() {
            return Ok(());
        }
        let there = self.there();
        let info = LockInfo { path: there.id(), ..info.clone() };
        let id = info.id.clone();
        self.inner.worker.run(async move { there.lock(&info).await }).await.unwrap_or_else(|| Err(self.gone()))?;
        self.held = Some(id);
        Ok(())
    }

    async fn unlock(&mut self) -> Result<(), Error> {
        let Some(id) = self.held.take() else { return Ok(()) };
        let there = self.there();
        let unlocked = self.inner.worker.run(async move { there.unlock(&id).await }).await;
        unlocked.unwrap_or_else(|| Err(self.gone()))
    }

    async fn force_unlock(&mut self, id: &str, _: &str) -> Result<(), Error> {
        let settings = &self.inner.settings;
        if !settings.lockfile && settings.table.is_none() {
            return Err(Error::NotLocked { place: self.place() });
        }
        let (there, id) = (self.there(), id.to_string());
        let unlocked = self.inner.worker.run(async move { there.force_unlock(&id).await }).await;
        unlocked.unwrap_or_else(|| Err(self.gone()))
    }

    async fn journal_read(&mut self) -> Result<Vec<u8>, Error> {
        let there = self.there();
        let job = async move {
            let places = there.places("read").await?;
            there.done("read", places.open.s3.get(&there.journal()).await)
        };
        let bytes = self.inner.worker.run(job).await.unwrap_or_else(|| Err(self.gone()))?.unwrap_or_default();
        self.journal = Some(bytes.clone());
        Ok(bytes)
    }

    async fn journal_append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut all = match self.journal.take() {
            Some(known) => known,
            None => self.journal_read().await?,
        };
        all.extend_from_slice(bytes);
        self.journal_replace(&all).await
    }

    async fn journal_replace(&mut self, bytes: &[u8]) -> Result<(), Error> {
        // Should it fail, nobody knows what is there.
        self.journal = None;
        let (there, all) = (self.there(), bytes.to_vec());
        let put = self.inner.worker.run(async move { there.put_journal(&all).await }).await;
        put.unwrap_or_else(|| Err(self.gone()))?;
        self.journal = Some(bytes.to_vec());
        Ok(())
    }

    fn place(&self) -> String {
        self.inner.place(&self.key)
    }
}

impl Drop for S3 {
    /// No lock is left behind by a run that ended early.
    fn drop(&mut self) {
        if let Some(id) = self.held.take() {
            let there = self.there();
            let _ = self.inner.worker.wait(async move { there.unlock(&id).await });
        }
    }
}
