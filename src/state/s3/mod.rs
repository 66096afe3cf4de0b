//! States in a bucket of S3, as Terraform's backend "s3" keeps them: object, lock, digest, workspaces.
//!
//! S3 is spoken to with single signed requests: five operations do not need an SDK.

mod access;
mod client;
mod locks;
pub mod settings;
mod store;
#[cfg(test)]
mod tests;
mod worker;
mod xml;

pub use access::Ways;
pub use client::Failure;
pub use settings::Settings;
pub use store::S3;

use super::error::Error;
use super::lock::LockInfo;
use super::store::Store;
use super::workspace::DEFAULT;
use super::{State, TERRAFORM_VERSION};
use access::Open;
use std::sync::Arc;
use tokio::sync::OnceCell;
use worker::Worker;

/// The states of all workspaces. Cheap to clone; nothing is sent before something is asked for.
#[derive(Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    ways: Ways,
    worker: Worker,
    open: OnceCell<Open>,
}

impl Inner {
    async fn open(&self) -> Result<&Open, Failure> {
        self.open.get_or_try_init(|| access::open(&self.settings, &self.ways)).await
    }

    /// `s3://bucket/key`
    fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.settings.bucket)
    }

    fn failed(&self, doing: &'static str, key: &str) -> impl Fn(Failure) -> Error + use<> {
        let place = self.place(key);
        move |failure| Error::remote(doing, &place, failure)
    }
}

impl Bucket {
    /// The states that `settings` are about.
    pub fn new(settings: Settings, ways: Ways) -> Result<Bucket, Error> {
        let place = format!("s3://{}/{}", settings.bucket, settings.key);
        let worker =
            Worker::start().map_err(|e| Error::remote("read", &place, Failure::new("starting", e.to_string())))?;
        Ok(Bucket { inner: Arc::new(Inner { settings, ways, worker, open: OnceCell::new() }) })
    }

    /// The store of a workspace.
    pub fn store(&self, workspace: &str) -> S3 {
        S3::new(self.inner.clone(), self.inner.settings.key_of(workspace))
    }

    /// The names of all workspaces, the default one first, then sorted.
    pub async fn list(&self) -> Result<Vec<String>, Error> {
        let inner = self.inner.clone();
        let job = async move {
            let prefix = inner.settings.listed();
            let listed = async { inner.open().await?.s3.list(&prefix).await };
            let keys = listed.await.map_err(inner.failed("list", &prefix))?;
            let mut names: Vec<String> =
                keys.iter().filter_map(|k| inner.settings.workspace_of(k)).map(str::to_string).collect();
            names.retain(|n| n != DEFAULT);
            names.sort();
            names.insert(0, DEFAULT.into());
            Ok(names)
        };
        self.inner.worker.run(job).await.unwrap_or_else(|| Err(self.gone()))
    }

    /// Makes a workspace: with an empty state, without which it would not be there. One that exists stays as it is.
    pub async fn create(&self, workspace: &str, info: &LockInfo) -> Result<(), Error> {
        let mut store = self.store(workspace);
        store.lock(info).await?;
        let made = async {
            if store.read().await?.is_none() {
                let lineage = uuid::Uuid::new_v4().to_string();
                let state = State { lineage, terraform_version: TERRAFORM_VERSION.into(), ..State::default() };
                store.write(&state).await?;
            }
            Ok(())
        };
        let made = made.await;
        store.unlock().await?;
        made
    }

    /// Removes a workspace and its state.
    pub async fn delete(&self, workspace: &str) -> Result<(), Error> {
        self.store(workspace).remove().await
    }

    /// Whether both keep the state of a workspace in the same object.
    pub fn is_same_place(&self, other: &Bucket, workspace: &str) -> bool {
        let (one, two) = (&self.inner.settings, &other.inner.settings);
        one.bucket == two.bucket
            && one.endpoints.s3 == two.endpoints.s3
            && one.key_of(workspace) == two.key_of(workspace)
    }

    fn gone(&self) -> Error {
        let place = self.inner.place(&self.inner.settings.key);
        Error::remote("read", &place, Failure::new("waiting", "the thread that was to do it has ended"))
    }
}
