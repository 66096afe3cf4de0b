//! What happens, told while it happens: Terraform's lines on a pipe, moving ones on a terminal.

use super::{Ui, World};
use crate::address::Address;
use crate::plan::Action;
use crate::plan::events::Event;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Tells what happens. Clones tell it to the same place.
#[derive(Clone)]
pub struct Progress {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    ui: Ui,
    /// A world that stands still takes no time.
    frozen: bool,
    live: Option<MultiProgress>,
    running: HashMap<(Address, Option<String>), Running>,
    /// Looking at the world: how many objects began and ended.
    looked: (usize, usize),
    looking: Option<ProgressBar>,
}

struct Running {
    action: Action,
    id: Option<String>,
    since: Instant,
    /// How often we said that it still runs.
    told: u64,
    bar: Option<ProgressBar>,
}

/// How often a pipe is told that something still runs.
const STILL: u64 = 10;

impl Progress {
    /// Nothing has happened yet.
    pub fn new(ui: &Ui, world: &World) -> Progress {
        let inner = Inner {
            ui: ui.clone(),
            frozen: world.frozen.is_some(),
            live: ui.live.then(MultiProgress::new),
            running: HashMap::new(),
            looked: (0, 0),
            looking: None,
        };
        Progress { inner: Arc::new(Mutex::new(inner)) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it moves, on a terminal.
    pub fn is_live(&self) -> bool {
        self.inner().live.is_some()
    }

    /// Takes in what happened.
    pub fn happened(&self, event: &Event) {
        self.inner().happened(event);
    }

    /// Says of long steps that they still run; for ever, so drop it.
    pub async fn tick(&self) {
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            self.inner().still();
        }
    }

    /// Takes away what moves: other output follows.
    pub fn pause(&self) {
        let mut inner = self.inner();
        let running: Vec<ProgressBar> = inner.running.values_mut().filter_map(|r| r.bar.take()).collect();
        for bar in inner.looking.take().into_iter().chain(running) {
            bar.finish_and_clear();
        }
    }

    /// A word for the user's eyes, above what moves.
    pub fn note(&self, text: &str) {
        let inner = self.inner();
        match &inner.live {
            Some(live) => live.suspend(|| inner.ui.note(text)),
            None => inner.ui.note(text),
        }
    }
}

impl Inner {
    fn happened(&mut self, event: &Event) {
        match event {
            Event::Refreshing { address, id } => {
                self.looked.0 += 1;
                if self.live.is_some() {
                    self.look();
                } else {
                    self.say(format!("{address}: Refreshing state... [id={id}]"));
                }
            }
            Event::Refreshed { .. } => {
                self.looked.1 += 1;
                self.look();
            }
            Event::Reading(address) => {
                self.begin(address, None, Action::Read, None);
                if self.live.is_none() {
                    self.say(format!("{address}: Reading..."));
                }
            }
            Event::Read { address, id } => self.end(address, None, Action::Read, Some(id)),
            Event::Started { address, deposed, action, id } => {
                self.begin(address, deposed.as_ref(), *action, id.clone());
                if self.live.is_none() {
                    let id = id_part(id.as_deref().filter(|_| *action != Action::Create));
                    self.say(format!("{}: {}...{id}", name(address, deposed.as_ref()), doing(*action)));
                }
            }
            Event::Note { address, text } => {
                let running = self.running.iter().find(|((a, _), _)| a == address).map(|(_, r)| r);
                match running.and_then(|r| r.bar.as_ref()) {
                    Some(bar) => bar.set_message(text.clone()),
                    None => self.say(format!("{address}: {text}")),
                }
            }
            Event::Settled { address, text } => self.say(format!("{address}: {text}")),
            Event::Finished { address, deposed, action, id } => {
                self.end(address, deposed.as_ref(), *action, id.as_ref());
            }
            Event::Failed { address, deposed, .. } => {
                if let Some(Running { bar: Some(bar), .. }) = self.running.remove(&(address.clone(), deposed.clone())) {
                    bar.finish_and_clear();
                }
            }
        }
    }

    fn say(&self, text: String) {
        match &self.live {
            // Above what moves.
            Some(live) => live.suspend(|| self.ui.line(text)),
            None => self.ui.line(text),
        }
    }

    fn look(&mut self) {
        let Some(live) = &self.live else { return };
        let (begun, ended) = self.looked;
        let bar = self.looking.get_or_insert_with(|| spinner(live));
        bar.set_message(format!("Looking at the world: {ended} of {begun} objects"));
    }

    fn begin(&mut self, address: &Address, deposed: Option<&String>, action: Action, id: Option<String>) {
        let bar = self.live.as_ref().map(|live| {
            let bar = spinner(live);
            bar.set_prefix(format!("{}: {}", name(address, deposed), doing(action)));
            bar
        });
        let running = Running { action, id, since: Instant::now(), told: 0, bar };
        self.running.insert((address.clone(), deposed.cloned()), running);
    }

    fn end(&mut self, address: &Address, deposed: Option<&String>, action: Action, id: Option<&String>) {
        let running = self.running.remove(&(address.clone(), deposed.cloned()));
        let elapsed = running.as_ref().map_or(Duration::ZERO, |r| r.since.elapsed());
        if let Some(bar) = running.and_then(|r| r.bar) {
            bar.finish_and_clear();
        }
        let elapsed = if self.frozen { Duration::ZERO } else { elapsed };
        // What is gone has no id any more.
        let id = id_part(id.map(String::as_str).filter(|_| action != Action::Delete));
        self.say(format!("{}: {} after {}{id}", name(address, deposed), done(action), words(elapsed)));
    }

    fn still(&mut self) {
        if self.live.is_some() || self.frozen {
            return;
        }
        let mut lines: Vec<String> = Vec::new();
        for ((address, deposed), running) in &mut self.running {
            let seconds = running.since.elapsed().as_secs();
            if seconds / STILL > running.told {
                running.told = seconds / STILL;
                let elapsed = words(Duration::from_secs(running.told * STILL));
                let id = running.id.as_ref().filter(|_| running.action != Action::Create);
                let id = id.map_or(String::new(), |id| format!("id={id}, "));
                let doing = doing(running.action).to_lowercase();
                lines.push(format!("{}: Still {doing}... [{id}{elapsed} elapsed]", name(address, deposed.as_ref())));
            }
        }
        lines.sort();
        for line in lines {
            self.say(line);
        }
    }
}

fn spinner(live: &MultiProgress) -> ProgressBar {
    let bar = live.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn name(address: &Address, deposed: Option<&String>) -> String {
    deposed.map_or_else(|| address.to_string(), |id| format!("{address} (deposed object {id})"))
}

fn id_part(id: Option<&str>) -> String {
    id.filter(|id| !id.is_empty()).map_or(String::new(), |id| format!(" [id={id}]"))
}

/// `Creating`, `Modifying`, ...
pub fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "Creating",
        Action::Read => "Reading",
        Action::Delete => "Destroying",
        _ => "Modifying",
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "Creation complete",
        Action::Read => "Read complete",
        Action::Delete => "Destruction complete",
        _ => "Modifications complete",
    }
}

/// As Go prints a time in whole seconds: `9s`, `1m30s`, `1h0m2s`.
pub fn words(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_on_a_pipe_are_terraforms() {
        let (ui, captured) = Ui::in_memory("");
        let world = World {
            program: "formwork".into(),
            cwd: ".".into(),
            env: Default::default(),
            frozen: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            in_sandbox: false,
        };
        let progress = Progress::new(&ui, &world);
        let role: Address = "aws_iam_role.r[0]".parse().unwrap();
        let id = Some("r-0".to_string());
        let started = |action, deposed: Option<&str>, id: &Option<String>| Event::Started {
            address: role.clone(),
            deposed: deposed.map(String::from),
            action,
            id: id.clone(),
        };
        let finished = |action, deposed: Option<&str>| Event::Finished {
            address: role.clone(),
            deposed: deposed.map(String::from),
            action,
            id: id.clone(),
        };
        for event in [
            Event::Refreshing { address: role.clone(), id: "r-0".into() },
            Event::Refreshed { address: role.clone(), id: Some("r-0".into()) },
            Event::Reading("data.aws_region.x".parse().unwrap()),
            Event::Read { address: "data.aws_region.x".parse().unwrap(), id: "eu".into() },
            started(Action::Create, None, &None),
            finished(Action::Create, None),
            started(Action::Update, None, &id),
            Event::Note { address: role.clone(), text: "waiting for IAM".into() },
            finished(Action::Update, None),
            started(Action::Delete, Some("0a1b2c3d"), &id),
            finished(Action::Delete, Some("0a1b2c3d")),
            started(Action::Delete, None, &id),
            Event::Failed { address: role.clone(), deposed: None, action: Action::Delete },
        ] {
            progress.happened(&event);
        }
        assert_eq!(
            captured.out(),
            "aws_iam_role.r[0]: Refreshing state... [id=r-0]
data.aws_region.x: Reading...
data.aws_region.x: Read complete after 0s [id=eu]
aws_iam_role.r[0]: Creating...
aws_iam_role.r[0]: Creation complete after 0s [id=r-0]
aws_iam_role.r[0]: Modifying... [id=r-0]
aws_iam_role.r[0]: waiting for IAM
aws_iam_role.r[0]: Modifications complete after 0s [id=r-0]
aws_iam_role.r[0] (deposed object 0a1b2c3d): Destroying... [id=r-0]
aws_iam_role.r[0] (deposed object 0a1b2c3d): Destruction complete after 0s
aws_iam_role.r[0]: Destroying... [id=r-0]
"
        );
    }

    #[test]
    fn times_are_gos() {
        for (millis, expected) in [(0, "0s"), (1499, "1s"), (59_600, "1m0s"), (90_000, "1m30s"), (3_602_000, "1h0m2s")]
        {
            assert_eq!(words(Duration::from_millis(millis)), expected);
        }
    }
}
