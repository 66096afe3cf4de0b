//! Waiting for what AWS does in its own time: looking again until it is done, and trying again what is refused for a while.
//!
//! Refuses to know what is waited for.

use super::{Aws, Error, ErrorKind, Result};
use crate::schema::Schema;
use crate::value::Object;
use std::time::Duration;

/// The first pause between two looks; each next one is half as long again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It is as wanted.
    Done(T),
    /// Not yet: what is going on, as the rest of a sentence about the target: `is being created`.
    NotYet(String),
}

/// Between two words about the same thing.
const BETWEEN_WORDS: Duration = Duration::from_secs(10);

/// Tells whoever watches what is waited for: what lasts a second at least, and the same again only now and then.
struct Telling<'a> {
    aws: &'a Aws,
    /// What was told last, and when.
    told: Option<(String, Duration)>,
    /// When the same is told again; `None`: once is enough.
    again: Option<Duration>,
}

impl Telling<'_> {
    fn tell(&mut self, going_on: &str, passed: Duration) {
        let news = match &self.told {
            Some((text, at)) if text == going_on => self.again.is_some_and(|pause| passed.saturating_sub(*at) >= pause),
            _ => passed >= Duration::from_secs(1),
        };
        if news {
            self.aws.note(format!("{going_on}, {} s", passed.as_secs()));
            self.told = Some((going_on.to_string(), passed));
        }
    }
}

/// Looks until `look` finds it done. `target` is a name or ARN for the error when the `budget` is used up.
pub async fn until<T, F, Fut>(aws: &Aws, target: &str, budget: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Look<T>>> + Send,
{
    let clock = aws.clock();
    let start = clock.passed();
    let mut pause = FIRST_PAUSE;
    let mut telling = Telling { aws, told: None, again: Some(BETWEEN_WORDS) };
    loop {
        let going_on = match look().await? {
            Look::Done(found) => return Ok(found),
            Look::NotYet(going_on) => going_on,
        };
        let passed = clock.passed().saturating_sub(start);
        let Some(left) = budget.checked_sub(passed).filter(|left| !left.is_zero()) else {
            let message = format!(
                "{target} {going_on}, still after {}. It may finish later; a timeouts block sets how long is waited.",
                in_words(passed)
            );
            return Err(Error::new(ErrorKind::TimedOut, target, message));
        };
        telling.tell(&going_on, passed);
        clock.sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// Calls again what fails with an error that passes: `passing` gives what is going on, or `None` for an error that stays.
/// When the `budget` is used up, the last error is given.
pub async fn retry<T, F, Fut>(
    aws: &Aws,
    budget: Duration,
    passing: impl Fn(&Error) -> Option<String>,
    mut call: F,
) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>> + Send,
{
    let clock = aws.clock();
    let start = clock.passed();
    let mut pause = FIRST_PAUSE;
    let mut telling = Telling { aws, told: None, again: None };
    loop {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let Some(going_on) = passing(&error) else { return Err(error) };
        let passed = clock.passed().saturating_sub(start);
        let Some(left) = budget.checked_sub(passed).filter(|left| !left.is_zero()) else { return Err(error) };
        telling.tell(&going_on, passed);
        clock.sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// How long `operation` (`create`, `update`, `delete`) of `object` may take: its `timeouts`, or the type's default.
pub fn budget(schema: &Schema, object: &Object, operation: &str) -> Duration {
    let given = object.get("timeouts").and_then(|t| t.get(operation));
    let given = given.as_ref().and_then(|v| v.as_str()).and_then(duration);
    given.unwrap_or_else(|| {
        let default = schema.timeouts.iter().find(|(name, _)| *name == operation);
        Duration::from_secs(default.map_or(20 * 60, |(_, seconds)| *seconds))
    })
}

/// Reads a duration as `timeouts` has them: `30m`, `1h30m`, `1.5h`, `90s`, `300ms`. `None` if it is none or below zero.
pub fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds = 0f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let number: f64 = number.parse().ok()?;
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end)?;
        seconds += number
            * match unit {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = tail;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        s if s < 120 => format!("{s} s"),
        s => format!("{} min", s / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Clock, Settings};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use std::sync::{Arc, Mutex};
    use std::time::SystemTime;

    fn aws() -> Aws {
        let client = http_client_fn(|_, _| panic!("nothing is to be sent"));
        Aws::with_http_client(Settings::default(), client).with_clock(Clock::frozen(SystemTime::UNIX_EPOCH))
    }

    #[tokio::test]
    async fn looking_ends_when_it_is_done() {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let heard = notes.clone();
        let aws = aws().observed(move |note| heard.lock().unwrap().push(note.0));
        let looks = Mutex::new(0);
        let found = until(&aws, "t", Duration::from_secs(60), || async {
            let mut looks = looks.lock().unwrap();
            *looks += 1;
            Ok(if *looks < 6 { Look::NotYet("is being created".into()) } else { Look::Done(*looks) })
        });
        assert_eq!(found.await.unwrap(), 6);
        assert_eq!(*notes.lock().unwrap(), ["is being created, 1 s"]);
    }

    #[tokio::test]
    async fn looking_ends_when_time_is_up() {
        let aws = aws();
        let found = until::<(), _, _>(&aws, "t", Duration::from_secs(150), || async {
            Ok(Look::NotYet("is being created".into()))
        });
        let error = found.await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TimedOut);
        assert!(error.message.starts_with("t is being created, still after 2 min. "), "{error}");
        assert_eq!(aws.clock().passed(), Duration::from_secs(150));
    }

    #[tokio::test]
    async fn only_passing_errors_are_tried_again() {
        let passing = |e: &Error| (e.message == "soon").then(|| "waiting".to_string());
        for (messages, wanted) in [
            (vec![], Ok(1)),
            (vec!["soon", "soon"], Ok(3)),
            (vec!["never"], Err(("never", 1))),
            (vec!["soon", "never"], Err(("never", 2))),
            (vec!["soon"; 999], Err(("soon", 0))),
        ] {
            let aws = aws();
            let calls = Mutex::new(0);
            let result = retry(&aws, Duration::from_secs(30), passing, || async {
                let mut calls = calls.lock().unwrap();
                *calls += 1;
                match messages.get(*calls - 1) {
                    Some(message) => Err(Error::new(ErrorKind::Other, "", *message)),
                    None => Ok(*calls),
                }
            });
            match (result.await, wanted) {
                (Ok(calls), Ok(wanted)) => assert_eq!(calls, wanted),
                (Err(error), Err((message, wanted))) => {
                    assert_eq!(error.message, message);
                    assert!(wanted == 0 || wanted == *calls.lock().unwrap());
                }
                (got, wanted) => panic!("{got:?} {wanted:?}"),
            }
        }
    }

    #[tokio::test]
    async fn the_same_is_not_told_at_each_try() {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let heard = notes.clone();
        let aws = aws().observed(move |note| heard.lock().unwrap().push(note.0));
        let soon = || async { Err::<(), _>(Error::new(ErrorKind::Other, "", "soon")) };
        let passing = |_: &Error| Some("waiting for IAM propagation".to_string());
        retry(&aws, Duration::from_secs(60), passing, soon).await.unwrap_err();
        assert_eq!(*notes.lock().unwrap(), ["waiting for IAM propagation, 1 s"]);
        notes.lock().unwrap().clear();
        let look = || async { Ok(Look::<()>::NotYet("is being created".into())) };
        until(&aws, "t", Duration::from_secs(60), look).await.unwrap_err();
        let told = notes.lock().unwrap().len();
        assert!((5..=6).contains(&told), "{told}");
    }

    #[test]
    fn durations_are_read_as_timeouts_have_them() {
        for (text, wanted) in [
            ("30m", Some(1800.0)),
            ("1h30m", Some(5400.0)),
            ("1.5h", Some(5400.0)),
            ("300ms", Some(0.3)),
            ("0", Some(0.0)),
            (".5s", Some(0.5)),
            ("", None),
            ("5", None),
            ("m", None),
            ("-5m", None),
            ("5 m", None),
            ("5é", None),
            ("1..2s", None),
            ("99999999999999999999999999h", None),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs_f64()), wanted, "{text}");
        }
    }
}
