//! Ctrl-C: the first asks to stop, the second stops.

use crate::show::diagnostics::wrap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// What the user pressed so far. Clones are the same.
#[derive(Clone, Default)]
pub struct Interrupt {
    count: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    /// Whether anything is in flight that is worth waiting for.
    in_flight: Arc<AtomicBool>,
    changed: Arc<Notify>,
}

impl Interrupt {
    /// Listens from now on, on the current runtime. The first interrupt says what happens now, where something is in flight.
    pub fn listen(program: &str, width: usize, tell: impl Fn(&str) + Send + 'static) -> Interrupt {
        let program = program.to_string();
        Interrupt::telling(move |n, in_flight| {
            match n {
                // Nothing is lost, so there is nothing to say.
                _ if !in_flight => {}
                1 => tell(&wrap(
                    &format!(
                        "\nInterrupt received.\nPlease wait for {program} to exit: what is in flight is finished and saved, nothing more \
                 begins.\nGracefully shutting down...\n"
                    ),
                    width,
                )),
                _ => tell(&wrap(
                    "\nTwo interrupts received. Exiting immediately. What was in flight is in the journal: the next run \
                         looks what came of it.\n",
                    width,
                )),
            }
        })
    }

    /// The same without a word.
    pub fn quiet() -> Interrupt {
        Interrupt::telling(|_, _| ())
    }

    fn telling(tell: impl Fn(usize, bool) + Send + 'static) -> Interrupt {
        let interrupt = Interrupt::default();
        let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            // Without them, the system ends the process: the state is saved after each step anyway.
            return interrupt;
        };
        let heard = interrupt.clone();
        tokio::spawn(async move {
            loop {
                let got = tokio::select! { got = int.recv() => got, got = term.recv() => got };
                if got.is_none() {
                    return;
                }
                let n = heard.count.fetch_add(1, Ordering::SeqCst) + 1;
                tell(n, heard.in_flight.load(Ordering::SeqCst));
                heard.stop.store(true, Ordering::SeqCst);
                heard.changed.notify_waiters();
            }
        });
        interrupt
    }

    /// From now on something is in flight: it is finished first, and the user told so.
    pub fn begin(&self) {
        self.in_flight.store(true, Ordering::SeqCst);
    }

    /// The flag that the first interrupt sets.
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Whether there was one.
    pub fn happened(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// Returns at the `n`th one.
    pub async fn wait(&self, n: usize) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that none is missed.
            changed.as_mut().enable();
            if self.count.load(Ordering::SeqCst) >= n {
                return;
            }
            changed.await;
        }
    }
}
