//! Time for operations that wait: the machine's, or one that runs ahead when asked to sleep.
//!
//! Refuses to know what is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A clock. Clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Kind, Arc<AtomicU32>);

#[derive(Clone, Debug)]
enum Kind {
    /// The machine's, counted from when the clock was made.
    Real(Instant),
    /// Starts at a moment; every sleep moves it on by its milliseconds and takes no time.
    Frozen(SystemTime, Arc<AtomicU64>),
}

impl Clock {
    /// The machine's.
    pub fn real() -> Clock {
        Clock(Kind::Real(Instant::now()), Arc::default())
    }

    /// Stands at `start` until somebody sleeps, which takes no time: for tests and for the sandbox.
    pub fn frozen(start: SystemTime) -> Clock {
        Clock(Kind::Frozen(start, Arc::default()), Arc::default())
    }

    /// The time of day.
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            Kind::Real(_) => SystemTime::now(),
            Kind::Frozen(start, _) => *start + self.passed(),
        }
    }

    /// How long the clock has run; never goes back.
    pub fn passed(&self) -> Duration {
        match &self.0 {
            Kind::Real(start) => start.elapsed(),
            Kind::Frozen(_, millis) => Duration::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// A number that this clock has not given before: what tells two names of the same moment apart.
    pub fn ticket(&self) -> u32 {
        self.1.fetch_add(1, Ordering::SeqCst).wrapping_add(1)
    }

    /// A random id; on a frozen clock the next of a fixed sequence, so that a whole run can be compared.
    pub fn uuid(&self) -> String {
        match &self.0 {
            Kind::Real(_) => uuid::Uuid::new_v4().to_string(),
            Kind::Frozen(..) => uuid::Uuid::from_u128(u128::from(self.ticket())).to_string(),
        }
    }

    /// Waits that long, by this clock.
    pub async fn sleep(&self, time: Duration) {
        match &self.0 {
            Kind::Real(_) => tokio::time::sleep(time).await,
            Kind::Frozen(_, millis) => {
                let add = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                let _ = millis.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| Some(now.saturating_add(add)));
                tokio::task::yield_now().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_moves_only_by_sleeping() {
        let clock = Clock::frozen(SystemTime::UNIX_EPOCH);
        let other = clock.clone();
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(other.passed(), Duration::from_secs(3600));
        assert_eq!(other.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(3600));
        assert_eq!((clock.ticket(), other.ticket()), (1, 2));
    }
}
