//! A thread with a runtime of its own, on which everything that a remote state waits for happens.
//!
//! What was begun there is finished even if whoever asked has gone, and what is asked for later comes later: an interrupted apply
//! gives its lock back after its last write, not before. Connections stay on the thread, so that they are used again. Refuses to
//! know what it does.

use futures_util::future::BoxFuture;
use std::io;
use tokio::sync::{mpsc, oneshot};

/// The thread. It ends when this is dropped, after what it was given.
#[derive(Debug)]
pub struct Worker {
    jobs: mpsc::UnboundedSender<BoxFuture<'static, ()>>,
}

impl Worker {
    /// Starts it.
    pub fn start() -> io::Result<Worker> {
        let (jobs, mut queue) = mpsc::unbounded_channel::<BoxFuture<'static, ()>>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("state".into()).spawn(move || {
            runtime.block_on(async {
                while let Some(job) = queue.recv().await {
                    job.await;
                }
            });
        })?;
        Ok(Worker { jobs })
    }

    /// Does it there, after what was given before; others go on meanwhile. `None`: the thread is gone.
    pub async fn run<T: Send + 'static>(&self, job: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (done, wait) = oneshot::channel();
        let job = async move {
            // Whoever waited may have gone.
            let _ = done.send(job.await);
        };
        self.jobs.send(Box::pin(job)).ok()?;
        wait.await.ok()
    }

    /// The same, and this thread waits.
    pub fn wait<T: Send + 'static>(&self, job: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (done, wait) = std::sync::mpsc::sync_channel(1);
        let job = async move {
            let _ = done.send(job.await);
        };
        self.jobs.send(Box::pin(job)).ok()?;
        wait.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn both_ways_in_order() {
        let worker = Worker::start().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            // Inside of a runtime, as in an apply, and done when first asked.
            let waited = async { worker.wait(async { std::thread::current().name().map(str::to_string) }) };
            assert_eq!(waited.now_or_never(), Some(Some(Some("state".into()))));
            assert_eq!(worker.run(async { 1 }).await, Some(1));
        });
    }
}
