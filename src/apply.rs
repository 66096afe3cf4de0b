//! Walks a plan's steps, fills holes, records each step; decides nothing.
//!
//! A step starts when all it waits for has finished and is on disk; at most N run at once. What fails stops only what waits for it.
//! Before a step changes something in the world, its intent is in the journal, and after it the result. So the state itself need not be
//! written after each step: it is, as long as that costs a small part of the time.
//! Refuses to know flags, modes, and why anything is done.

mod finish;
mod intents;
mod prepare;
mod record;
mod rollback;
mod send;

use crate::address::{Address, Mode as BlockMode};
use crate::diag::{Diagnostic, Diags};
use crate::plan::links::Links;
use crate::plan::world::World;
use crate::plan::{self, Action, Connect, Counts, Deed, Plan, Watch, stored};
use crate::resources::{self, Aws, DataSource, Place, Resource};
use crate::state::journal::Record;
use crate::state::{Instance, Keeper, State};
use crate::value::{Marks, Object, Path, Value};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Where an apply keeps what it does.
#[async_trait]
pub trait Keep: Send {
    /// Which run this is: a uuid.
    fn run(&self) -> String;

    /// Notes what is about to be done, or was. When this returns, no crash loses it.
    async fn note(&mut self, records: &[Record]) -> Result<(), Diagnostic>;

    /// Puts the state where it belongs.
    async fn save(&mut self, state: &State) -> Result<(), Diagnostic>;
}

#[async_trait]
impl Keep for Keeper {
    fn run(&self) -> String {
        Keeper::run(self).to_string()
    }

    async fn note(&mut self, records: &[Record]) -> Result<(), Diagnostic> {
        Ok(Keeper::note(self, records).await?)
    }

    async fn save(&mut self, state: &State) -> Result<(), Diagnostic> {
        Keeper::save(self, state).await?;
        Ok(())
    }
}

/// How to apply.
pub struct Request<'a> {
    /// At most so many steps at once.
    pub parallelism: usize,
    /// The way to AWS.
    pub connect: &'a Connect<'a>,
    /// Who watches.
    pub watch: Arc<Watch>,
    /// Set by an interrupt: what is in flight is finished, nothing more begins.
    pub stop: &'a AtomicBool,
    /// Keeps what is done.
    pub keep: &'a mut dyn Keep,
    /// Whether what this run created or changed in place is undone if anything fails.
    pub rollback: bool,
}

impl<'a> Request<'a> {
    /// An apply with ten steps at once, nobody watching, nothing undone.
    pub fn new(connect: &'a Connect<'a>, stop: &'a AtomicBool, keep: &'a mut dyn Keep) -> Request<'a> {
        Request { parallelism: 10, connect, watch: Arc::new(|_| {}), stop, keep, rollback: false }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The state as saved last.
    pub state: State,
    /// What went wrong.
    pub diags: Diags,
    /// What was done.
    pub done: Counts,
    /// Objects whose step was not reached: because of a failure, or of an interrupt.
    pub not_reached: Vec<Address>,
    /// Whether an interrupt ended it early.
    pub interrupted: bool,
    /// What was undone after a failure, if that was asked for.
    pub undone: Vec<Address>,
    /// What was not, each with the reason as the rest of a sentence.
    pub not_undone: Vec<(Address, String)>,
}

/// Applies a plan.
pub async fn run(plan: &Plan, request: Request<'_>) -> Outcome {
    let mut outcome = Outcome {
        state: plan.refreshed_state.clone(),
        diags: Diags::new(),
        done: Counts::default(),
        not_reached: Vec::new(),
        interrupted: false,
        undone: Vec::new(),
        not_undone: Vec::new(),
    };
    let links = match Links::new(&plan.config) {
        Ok(links) => Arc::new(links),
        Err(d) => {
            outcome.diags.push(d);
            return outcome;
        }
    };
    let world = rebuild(plan, links.clone());
    let mut walk = Walk {
        plan,
        request,
        links,
        world,
        outcome,
        providers: HashMap::new(),
        places: HashMap::new(),
        deposed: HashMap::new(),
        pending: Vec::new(),
        noted: 0,
        intents: HashMap::new(),
        deeds: Vec::new(),
        ended: HashSet::new(),
        saved: None,
    };
    walk.run().await;
    walk.outcome
}

/// The names as they stand before the first step: planned objects with their holes.
fn rebuild(plan: &Plan, links: Arc<Links>) -> World {
    let mut facts = plan.facts.clone();
    facts.applying = true;
    let mut world =
        World::new(plan.config.clone(), links.clone(), facts, &plan.base_dir, &plan.workspace, plan.variables.clone());
    let mut planned: HashMap<_, Vec<(&Address, Value)>> = HashMap::new();
    for change in
        plan.changes.iter().filter(|c| c.deposed.is_none() && !matches!(c.action, Action::Delete | Action::Forget))
    {
        planned.entry(change.address.block()).or_default().push((&change.address, change.after.clone()));
    }
    // What goes is no part of its block any more, whatever is still there meanwhile.
    let going: HashSet<&Address> = plan
        .changes
        .iter()
        .filter(|c| c.deposed.is_none() && matches!(c.action, Action::Delete | Action::Forget))
        .map(|c| &c.address)
        .collect();
    // What has no change of its own: data sources that were read, and what -target left out.
    let mut remembered: HashMap<_, Vec<(Address, Value)>> = HashMap::new();
    for (address, _, instance) in plan.refreshed_state.objects() {
        if instance.deposed.is_none()
            && !going.contains(&address)
            && let Some(value) = decoded(&address, instance)
        {
            remembered.entry(address.block()).or_default().push((address, value));
        }
    }
    for &node in &links.order {
        world.evaluate(node);
        let Some(block) = links.block(node) else { continue };
        for (address, value) in remembered.get(&block).into_iter().flatten() {
            world.set_object(address, value.clone());
        }
        for (address, value) in planned.get(&block).into_iter().flatten() {
            world.set_object(address, value.clone());
        }
    }
    // Every mistake was reported while planning.
    world.diags = Diags::new();
    world
}

fn decoded(address: &Address, instance: &Instance) -> Option<Value> {
    if !plan::beside::is_ours(address.mode, &address.ty) {
        return Some(plan::beside::value(instance));
    }
    let marks = stored::stored_marks(instance);
    let value = match address.mode {
        BlockMode::Managed => stored::decode(resources::resource(&address.ty)?, instance).ok()?.to_value(),
        BlockMode::Data => {
            stored::decode_fields(resources::data_source(&address.ty)?.schema(), &instance.attributes).ok()?.to_value()
        }
    };
    Some(value.mark_at(&marks))
}

/// What a step asks of AWS, with everything it needs.
enum Call {
    Create {
        resource: &'static dyn Resource,
        aws: Aws,
        planned: Object,
        marks: Vec<(Path, Marks)>,
    },
    Update {
        resource: &'static dyn Resource,
        aws: Aws,
        prior: Object,
        planned: Object,
        marks: Vec<(Path, Marks)>,
    },
    Delete {
        resource: &'static dyn Resource,
        aws: Aws,
        prior: Object,
        /// What takes its place.
        planned: Option<Object>,
    },
    Read {
        source: &'static dyn DataSource,
        aws: Aws,
        config: Object,
        marks: Vec<(Path, Marks)>,
    },
    /// Only the state changes.
    Nothing,
}

/// What AWS answered.
enum Answer {
    Object(resources::Result<Object>),
    Gone(resources::Result<()>),
    Nothing,
}

struct Walk<'a, 'r> {
    plan: &'a Plan,
    request: Request<'r>,
    links: Arc<Links>,
    world: World,
    outcome: Outcome,
    providers: HashMap<String, Aws>,
    places: HashMap<String, Place>,
    /// Ids of objects set aside by the creating half of a replacement.
    deposed: HashMap<usize, String>,
    /// What the journal lacks.
    pending: Vec<Record>,
    /// How many intents there were.
    noted: u64,
    /// The numbers of those of steps that are on their way.
    intents: HashMap<usize, u64>,
    /// What was done so far, for undoing it.
    deeds: Vec<rollback::Done>,
    /// Steps that came to a good end.
    ended: HashSet<usize>,
    /// When the state was saved last, and how long that took.
    saved: Option<(Instant, Duration)>,
}

/// Saving the state may take one part in so many of the time.
const SAVING_SHARE: u32 = 10;

impl Walk<'_, '_> {
    async fn run(&mut self) {
        let steps = &self.plan.steps;
        let mut waits: Vec<usize> = steps.iter().map(|s| s.after.len()).collect();
        let mut followers = vec![Vec::new(); steps.len()];
        for (i, step) in steps.iter().enumerate() {
            for s in &step.after {
                followers[*s].push(i);
            }
        }
        let mut ready: VecDeque<usize> = (0..steps.len()).filter(|s| waits[*s] == 0).collect();
        let mut reached = vec![false; steps.len()];
        let mut running: FuturesUnordered<BoxFuture<'static, (usize, Call, Answer)>> = FuturesUnordered::new();
        if self.outcome.state != self.plan.prior_state && !self.save().await {
            return;
        }
        // Set when what is done cannot be kept: then nothing more begins.
        let mut broken = false;
        loop {
            let mut starting = Vec::new();
            while running.len() + starting.len() < self.request.parallelism.max(1) && !broken {
                if self.request.stop.load(Ordering::Relaxed) {
                    self.outcome.interrupted = !ready.is_empty() || self.outcome.interrupted;
                    break;
                }
                let Some(step) = ready.pop_front() else { break };
                reached[step] = true;
                match self.prepare(step).await {
                    Some(call) => {
                        self.intend(step, &call);
                        starting.push((step, call));
                    }
                    None if matches!(steps[step].deed, Deed::Join) => {
                        release(step, &followers, &mut waits, &mut ready);
                    }
                    None => {}
                }
            }
            // What goes out together is noted together, with what came back since.
            if !broken && !self.note().await {
                broken = true;
                for (step, _) in starting.drain(..) {
                    reached[step] = false;
                    self.call_off(step);
                }
            }
            for (step, call) in starting {
                running.push(Box::pin(async move {
                    let answer = send::send(&call).await;
                    (step, call, answer)
                }));
            }
            let Some((step, call, answer)) = running.next().await else { break };
            // All that is finished by now is recorded together.
            let mut finished = vec![(step, call, answer)];
            while let Some(Some(more)) = futures_util::FutureExt::now_or_never(running.next()) {
                finished.push(more);
            }
            let mut succeeded = Vec::new();
            for (step, call, answer) in finished {
                if self.record(step, call, answer) {
                    self.ended.insert(step);
                    succeeded.push(step);
                }
            }
            if !broken && self.is_due() {
                broken = !self.note().await || !self.save().await;
            }
            if broken {
                continue;
            }
            for step in succeeded {
                release(step, &followers, &mut waits, &mut ready);
            }
        }
        for (i, step) in steps.iter().enumerate() {
            if let (false, Deed::Do(c) | Deed::CreateHalf(c) | Deed::DeleteHalf(c)) = (reached[i], step.deed) {
                let address = self.plan.changes[c].address.clone();
                if !self.outcome.not_reached.contains(&address) {
                    self.outcome.not_reached.push(address);
                }
            }
        }
        let failed = self.outcome.diags.has_errors() || self.world.diags.has_errors();
        if self.request.rollback && failed && !broken && !self.outcome.interrupted {
            self.roll_back().await;
        } else {
            self.finish_outputs();
            self.finish_checks().await;
            self.finish_conditions();
            self.tell_of_targets();
        }
        if !broken {
            self.note().await;
        }
        self.save().await;
        let diags = std::mem::take(&mut self.world.diags);
        self.outcome.diags.extend(diags);
    }

    async fn save(&mut self) -> bool {
        let start = Instant::now();
        match self.request.keep.save(&self.outcome.state).await {
            Ok(()) => {
                self.saved = Some((Instant::now(), start.elapsed()));
                true
            }
            Err(d) => {
                self.outcome.diags.push(d);
                false
            }
        }
    }

    /// Whether saving the state is worth its time again: the journal has what it lacks.
    fn is_due(&self) -> bool {
        self.saved.is_none_or(|(last, took)| last.elapsed() >= took * SAVING_SHARE)
    }
}

fn release(step: usize, followers: &[Vec<usize>], waits: &mut [usize], ready: &mut VecDeque<usize>) {
    for f in &followers[step] {
        waits[*f] -= 1;
        if waits[*f] == 0 {
            ready.push_back(*f);
        }
    }
}

fn id_of(value: &Value) -> Option<String> {
    value.get("id").and_then(|v| v.as_str().map(String::from))
}
