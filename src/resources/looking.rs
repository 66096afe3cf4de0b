//! One look at the world: an answer that several objects are read from is fetched once, and what no plan needs is not fetched.
//!
//! Refuses to know types and what the answers are. It lives as long as the look: nothing of it reaches an apply.

use super::{Aws, Result};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

type Answer = Arc<dyn Any + Send + Sync>;

/// What one look through one connection has fetched so far. Cheap to clone: clones share it.
#[derive(Clone, Default)]
pub struct Looking {
    answers: Arc<Mutex<HashMap<String, Arc<OnceCell<Answer>>>>>,
}

impl Looking {
    fn cell(&self, question: String) -> Arc<OnceCell<Answer>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.entry(question).or_default().clone()
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
