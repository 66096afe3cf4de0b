//! One look at the world: an answer that several objects are read from is fetched once, and what no plan needs is not fetched.
//!
//! Refuses to know types and what the answers are. It lives as long as the look: nothing of it reaches an apply.

use super::{Aws, Result, date};
use aws_smithy_types::DateTime;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

type Answer = Arc<dyn Any + Send + Sync>;

/// What one look through one connection has fetched so far. Cheap to clone: clones share it.
#[derive(Clone, Default)]
pub struct Looking {
    answers: Arc<Mutex<HashMap<String, Arc<OnceCell<Answer>>>>>,
    traces: Arc<Mutex<HashMap<(&'static str, String), Vec<String>>>>,
}

impl Looking {
    fn cell(&self, question: String) -> Arc<OnceCell<Answer>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.entry(question).or_default().clone()
    }
}

/// What AWS tells beside an object about its past.
impl Aws {
    /// What happened to the object of this type and `id`, as far as AWS told within this look: `last changed 2026-01-02T03:04:05Z`.
    pub fn traces(&self, ty: &'static str, id: &str) -> Vec<String> {
        let Some(looking) = self.looking() else { return Vec::new() };
        let traces = looking.traces.lock().unwrap_or_else(PoisonError::into_inner);
        traces.get(&(ty, id.to_string())).cloned().unwrap_or_default()
    }

    /// Keeps, within a look, what happened to an object and when. Costs no call: it is for what an answer says anyway.
    pub(super) fn trace(&self, ty: &'static str, id: &str, what: &str, when: Option<&DateTime>) {
        let (Some(looking), Some(when)) = (self.looking(), when) else { return };
        let mut traces = looking.traces.lock().unwrap_or_else(PoisonError::into_inner);
        traces.entry((ty, id.to_string())).or_default().push(format!("{what} {}", date::rfc3339(when)));
    }
}

impl Aws {
    /// Asks; within a look, only the first time, and those who ask meanwhile wait for that answer. `question` is the operation and
    /// what it is about. An error is not kept: the next one asks again.
    pub async fn once<T, F>(&self, question: impl FnOnce() -> String, ask: F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>>,
    {
        let Some(looking) = self.looking() else { return ask.await };
        let cell = looking.cell(question());
        // Taken by whichever caller comes to ask; for all others it is dropped without being begun.
        let answer = cell.get_or_try_init(|| async move { ask.await.map(|answer| Arc::new(answer) as Answer) }).await?;
        match answer.downcast_ref::<T>() {
            Some(answer) => Ok(answer.clone()),
            None => {
                Err(super::Error::new(super::ErrorKind::Other, "", "One question was asked for two kinds of answer."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Error, ErrorKind, Settings};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn traces_are_kept_within_a_look() {
        let client = http_client_fn(|_, _| panic!("nothing is to be sent"));
        let aws = Aws::with_http_client(Settings::default(), client);
        let moment = DateTime::from_secs(1_767_323_045);
        aws.trace("t", "id", "made", Some(&moment));
        assert!(aws.traces("t", "id").is_empty());
        let look = aws.within(&Looking::default(), Vec::new());
        look.trace("t", "id", "made", Some(&moment));
        look.trace("t", "id", "last used", None);
        assert_eq!(look.traces("t", "id"), ["made 2026-01-02T03:04:05Z"]);
        assert!(look.traces("t", "other").is_empty() && look.traces("other", "id").is_empty());
    }

    #[tokio::test]
    async fn an_answer_is_fetched_once_in_a_look() {
        let client = http_client_fn(|_, _| panic!("nothing is to be sent"));
        let aws = Aws::with_http_client(Settings::default(), client);
        let asked = AtomicUsize::new(0);
        let ask = |aws: &Aws, about: &'static str, fails: bool| {
            let aws = aws.clone();
            let asked = &asked;
            async move {
                let answer = aws.once(|| about.to_string(), async {
                    tokio::task::yield_now().await;
                    asked.fetch_add(1, Ordering::SeqCst);
                    if fails { Err(Error::new(ErrorKind::Other, about, "no")) } else { Ok(about.to_string()) }
                });
                answer.await.map_err(|e| e.message)
            }
        };
        let look = aws.within(&Looking::default(), Vec::new());
        let (a, b, c) = tokio::join!(ask(&look, "a", false), ask(&look, "a", false), ask(&look, "b", false));
        assert_eq!((a, b, c), (Ok("a".into()), Ok("a".into()), Ok("b".into())));
        assert_eq!(asked.swap(0, Ordering::SeqCst), 2);

        assert_eq!(ask(&look, "c", true).await, Err("no".to_string()));
        assert_eq!(ask(&look, "c", false).await, Ok("c".to_string()));
        assert_eq!(asked.swap(0, Ordering::SeqCst), 2);

        // Another look, and whoever is in none, asks for itself.
        ask(&aws.within(&Looking::default(), Vec::new()), "a", false).await.unwrap();
        ask(&aws, "a", false).await.unwrap();
        ask(&aws, "a", false).await.unwrap();
        assert_eq!(asked.swap(0, Ordering::SeqCst), 3);
    }
}
