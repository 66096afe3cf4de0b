//! Walks a plan's steps, fills holes, records each step; decides nothing.
//!
//! A step starts when all it waits for has finished and is on disk; at most N run at once. What fails stops only what waits for it.
//! Before a step changes something in the world, its intent is in the journal, and after it the result. So the state itself need not be
//! written after each step: it is, as long as that costs a small part of the time.
//! Refuses to know flags, modes, and why anything is done.

mod finish;
mod intents;
mod rollback;
mod send;

use crate::address::{Address, Mode as BlockMode};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::plan::conditions::Judged;
use crate::plan::events::Event;
use crate::plan::links::Links;
use crate::plan::providers::ProviderKey;
use crate::plan::region;
use crate::plan::stored;
use crate::plan::world::World;
use crate::plan::{self, Action, Change, Connect, Counts, Deed, Plan, Watch, diff};
use crate::resources::{self, Aws, DataSource, ErrorKind, Place, Resource, names};
use crate::state::journal::Record;
use crate::state::{Instance, Keeper, State};
use crate::value::{Fields, Marks, Object, Path, Value};
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

    /// The call that a step makes; `None` if it cannot be made (the reason is in the diagnostics) or there is none to make.
    async fn prepare(&mut self, step: usize) -> Option<Call> {
        let plan = self.plan;
        let (index, half) = match plan.steps[step].deed {
            Deed::Join => return None,
            Deed::Do(c) => (c, None),
            Deed::DeleteHalf(c) => (c, Some(Action::Delete)),
            Deed::CreateHalf(c) => (c, Some(Action::Create)),
        };
        let change = &plan.changes[index];
        let action = half.unwrap_or(change.action);
        let call = self.call(index, change, action).await;
        match &call {
            Some(Call::Nothing) => {}
            Some(_) => (self.request.watch)(Event::Started {
                address: change.address.clone(),
                deposed: change.deposed.clone(),
                action,
                id: id_of(&change.before),
            }),
            None => (self.request.watch)(Event::Failed {
                address: change.address.clone(),
                deposed: change.deposed.clone(),
                action,
            }),
        }
        call
    }

    async fn call(&mut self, index: usize, change: &Change, action: Action) -> Option<Call> {
        match action {
            Action::NoOp | Action::Forget => Some(Call::Nothing),
            Action::Delete => {
                let resource = resources::resource(&change.address.ty)?;
                let (before, _) = change.before.clone().unmark_deep();
                let lies_in = region::of(&Object::from_value(&before), resource.schema());
                let aws = self.aws(change, lies_in).await?;
                let replaced = change.action != Action::Delete;
                let planned = replaced.then(|| Object::from_value(&change.after.clone().unmark_deep().0));
                Some(Call::Delete { resource, aws, prior: Object::from_value(&before), planned })
            }
            Action::Read => {
                let source = resources::data_source(&change.address.ty)?;
                let value = self.evaluate(change, source.schema())?;
                let named = self.region(change, source.schema());
                let aws = self.aws(change, named).await?;
                let marks = value.marked_paths();
                let (value, _) = value.unmark_deep();
                Some(Call::Read { source, aws, config: Object::from_value(&value), marks })
            }
            Action::Create | Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => {
                let resource = resources::resource(&change.address.ty)?;
                let marks = change.after.marked_paths();
                let (after, _) = change.after.clone().unmark_deep();
                let mut planned = Object::from_value(&after);
                let aws = self.aws(change, region::of(&planned, resource.schema())).await?;
                if !after.is_wholly_known() {
                    let value = self.evaluate(change, resource.schema())?;
                    let (value, _) = value.unmark_deep();
                    if !value.is_wholly_known() {
                        self.outcome.diags.push(
                            Diagnostic::error(
                                "Arguments still not known",
                                format!("{} depends on something that is not known even now, because what it comes from was not applied.", change.address),
                            )
                            .about(&change.address),
                        );
                        return None;
                    }
                    // What was predicted while planning is not predicted again.
                    let open = |name| planned.get(name).is_some_and(|v| !v.is_known());
                    let predict = matches!(action, Action::Create) && (open("arn") || open("id") || open("name"));
                    let place = if predict && resource.predicts_by_account() {
                        self.place(change, &aws).await?
                    } else {
                        aws.place_so_far()
                    };
                    diff::fill(resource, &place, &mut planned, &Object::from_value(&value), predict);
                    if predict {
                        // The journal has to say what the object will be called.
                        names::choose(&aws, resource.schema(), &mut planned);
                        resource.predict(&place, &mut planned);
                    }
                }
                if action == Action::Update {
                    let (before, _) = change.before.clone().unmark_deep();
                    return Some(Call::Update { resource, aws, prior: Object::from_value(&before), planned, marks });
                }
                if change.action == Action::CreateThenDelete
                    && let Some(id) = self.outcome.state.depose(&change.address)
                {
                    // The journal knows it before the new object exists, so that neither of the two can be lost.
                    self.deposed.insert(index, id);
                }
                Some(Call::Create { resource, aws, planned, marks })
            }
        }
    }

    /// The block's arguments as they are now.
    fn evaluate(&mut self, change: &Change, schema: &'static crate::schema::Schema) -> Option<Value> {
        let config = self.plan.config.clone();
        let written = config.resource(&change.address.block())?;
        let node = self.links.find_block(&change.address.block())?;
        self.world.refresh(node);
        let names = self.world.repetition(&change.address.module, node).names(change.address.key.as_ref());
        let path = &change.address.module;
        let judged = Judged::Before(&change.address);
        let fine = self.world.conditions(judged, &written.lifecycle.preconditions, names.as_ref());
        let mut diags = Diags::new();
        let (body, _) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &self.world.scope(path, names.as_ref()), &mut diags);
        if !diags.has_errors()
            && let Some(resource) = resources::resource(&change.address.ty)
            && change.address.mode == BlockMode::Managed
        {
            diags.extend(plan::check::config(resource, &body, &value).into_iter().filter(Diagnostic::is_error));
        }
        let failed = diags.has_errors() || !fine;
        self.outcome.diags.extend(diags.into_iter().filter(Diagnostic::is_error));
        (!failed).then_some(value)
    }

    /// The region that a data source's block names.
    fn region(&self, change: &Change, schema: &crate::schema::Schema) -> Option<Arc<str>> {
        let written = self.plan.config.resource(&change.address.block())?;
        let node = self.links.find_block(&change.address.block())?;
        let (_, expr) = region::split(&written.body, schema);
        let names = self.world.repetition(&change.address.module, node).names(change.address.key.as_ref());
        region::named(expr?, &self.world.scope(&change.address.module, names.as_ref())).ok()?
    }

    async fn aws(&mut self, change: &Change, region: Option<Arc<str>>) -> Option<Aws> {
        let base = self.base(change).await?;
        let aws = match region.filter(|r| **r != *base.place_so_far().region) {
            None => base,
            Some(region) => {
                let name = format!("{} in {region}", change.provider);
                match self.providers.get(&name) {
                    Some(aws) => aws.clone(),
                    None => self.open(change, name, base.settings_in(&region)).await?,
                }
            }
        };
        Some(observed(&aws, change, &self.request.watch))
    }

    /// The way to AWS of the change's provider configuration.
    async fn base(&mut self, change: &Change) -> Option<Aws> {
        if let Some(aws) = self.providers.get(&change.provider) {
            return Some(aws.clone());
        }
        let config = self.plan.config.clone();
        let key = ProviderKey::parse(&config, &change.provider)?;
        let settings = match plan::providers::settings(&mut self.world, &key) {
            Ok(settings) => settings,
            Err(diags) => {
                self.outcome.diags.extend(diags);
                return None;
            }
        };
        self.open(change, change.provider.clone(), settings).await
    }

    async fn open(&mut self, change: &Change, name: String, settings: resources::Settings) -> Option<Aws> {
        match (self.request.connect)(settings).await {
            Ok(aws) => {
                self.providers.insert(name, aws.clone());
                Some(aws)
            }
            Err(e) => {
                self.outcome.diags.push(plan::failure(&e, Some(&change.address)));
                None
            }
        }
    }

    async fn place(&mut self, change: &Change, aws: &Aws) -> Option<Place> {
        let which = format!("{} in {}", change.provider, aws.place_so_far().region);
        if let Some(place) = self.places.get(&which) {
            return Some(place.clone());
        }
        match aws.place().await {
            Ok(place) => {
                self.places.insert(which, place.clone());
                Some(place)
            }
            Err(e) => {
                self.outcome.diags.push(plan::failure(&e, Some(&change.address)));
                None
            }
        }
    }

    /// Takes over what a step did; false if what waits for it must not begin.
    fn record(&mut self, step: usize, call: Call, answer: Answer) -> bool {
        let (index, half) = match self.plan.steps[step].deed {
            Deed::Join => return true,
            Deed::Do(c) => (c, None),
            Deed::DeleteHalf(c) => (c, Some(Action::Delete)),
            Deed::CreateHalf(c) => (c, Some(Action::Create)),
        };
        let plan = self.plan;
        let change = &plan.changes[index];
        let action = half.unwrap_or(change.action);
        let (address, deposed) = (change.address.clone(), change.deposed.clone());
        let mut id = id_of(&change.before);
        let open = matches!(&answer, Answer::Object(Err(e)) | Answer::Gone(Err(e)) if e.is(ErrorKind::Doubtful) && e.partial.is_none());
        let done = match (call, answer) {
            (Call::Nothing, _) => {
                self.only_state(change);
                self.concluded(step, &address, false);
                return true;
            }
            (Call::Delete { .. }, Answer::Gone(Ok(()))) => {
                self.deeds.push(rollback::Done { index, deed: rollback::What::Deleted });
                self.forget(index, change);
                self.outcome.done.destroy += 1;
                true
            }
            (Call::Delete { .. }, Answer::Gone(Err(e))) => self.failed(change, &e),
            (Call::Read { source, marks, .. }, Answer::Object(Ok(object))) => {
                let mut marks = marks;
                let value = object.to_value();
                marks.extend(stored::schema_marks(&source.schema().block, &value));
                let value = value.mark_at(&marks);
                id = id_of(&value);
                plan::remember_data(&mut self.outcome.state, &address, &change.provider, &value);
                self.settled(&address, value)
            }
            (Call::Create { resource, planned, marks, .. }, Answer::Object(result)) => {
                let created = self.made(index, change, resource, &planned, &marks, result, true);
                if let Some(value) = &created {
                    id = id_of(value);
                    self.outcome.done.add += 1;
                }
                created.is_some_and(|value| self.settled(&address, value))
            }
            (Call::Update { resource, planned, marks, .. }, Answer::Object(result)) => {
                let updated = self.made(index, change, resource, &planned, &marks, result, false);
                if updated.is_some() {
                    self.outcome.done.change += 1;
                    self.outcome.done.import += usize::from(change.importing.is_some());
                }
                updated.is_some_and(|value| self.settled(&address, value))
            }
            (_, Answer::Object(Err(e))) => self.failed(change, &e),
            _ => false,
        };
        self.concluded(step, &address, open);
        (self.request.watch)(match done {
            true => Event::Finished { address, deposed, action, id },
            false => Event::Failed { address, deposed, action },
        });
        done
    }

    fn failed(&mut self, change: &Change, e: &resources::Error) -> bool {
        let place = self.plan.config.resource(&change.address.block()).map(|r| r.span.clone());
        self.outcome.diags.push(plan::failure(e, Some(&change.address)).at_opt(place.as_ref()));
        false
    }

    /// An object that was created or updated, or half so: into the state, and held against what was planned.
    #[allow(clippy::too_many_arguments)]
    fn made(
        &mut self,
        index: usize,
        change: &Change,
        resource: &'static dyn Resource,
        planned: &Object,
        marks: &[(Path, Marks)],
        result: resources::Result<Object>,
        created: bool,
    ) -> Option<Value> {
        let (object, error) = match result {
            Ok(object) => (object, None),
            Err(mut e) => match e.partial.take() {
                Some(object) => (*object, Some(e)),
                None => {
                    // Where nobody knows, the two stay apart until it is looked up.
                    if !e.is(ErrorKind::Doubtful)
                        && let Some(id) = self.deposed.remove(&index)
                    {
                        // Nothing was made: the old object is the object again.
                        self.outcome.state.restore(&change.address, &id);
                    }
                    self.failed(change, &e);
                    return None;
                }
            },
        };
        let wrong = if error.is_none() { diff::repainted(resource, planned, &object) } else { Vec::new() };
        let object = diff::without_holes(diff::keep_form(resource, planned, object));
        let previous = match created {
            true => None,
            false => self.outcome.state.get(&change.address).cloned(),
        };
        let dependencies = self
            .plan
            .dependencies
            .get(&change.address.block())
            .map(|d| stored::dependency_names(d))
            .unwrap_or_default();
        let mut instance =
            stored::encode(resource, &object, marks, previous.as_ref(), dependencies, change.create_before_destroy);
        instance.key.clone_from(&change.address.key);
        // What only the way to AWS stood in the way of can be completed as it is.
        let passing = |e: &resources::Error| {
            matches!(e.kind, ErrorKind::Doubtful | ErrorKind::Unreachable | ErrorKind::Throttled)
        };
        instance.tainted = created && error.as_ref().is_some_and(|e| !passing(e));
        let deed = match previous {
            Some(previous) => rollback::What::Changed { previous: previous.into(), object: object.clone() },
            None => rollback::What::Made { object: object.clone() },
        };
        self.deeds.push(rollback::Done { index, deed });
        self.outcome.state.set(&change.address, &change.provider, instance);
        if let Some(e) = error {
            self.failed(change, &e);
            return None;
        }
        let value = object.to_value().mark_at(marks);
        if !wrong.is_empty() {
            let show = |v: Option<Value>| v.map_or_else(|| "nothing".to_string(), |v| format!("{v:?}"));
            let lines: Vec<String> = wrong
                .iter()
                .map(|path| {
                    let hidden = marks.iter().any(|(p, m)| m.sensitive && (p.contains(path) || path.contains(p)));
                    match hidden {
                        true => format!("  {path}: (sensitive)"),
                        false => format!(
                            "  {path}: planned {}, got {}",
                            show(path.of(&planned.to_value())),
                            show(path.of(&object.to_value()))
                        ),
                    }
                })
                .collect();
            self.outcome.diags.push(
                Diagnostic::error(
                    "AWS made something else than was planned",
                    format!(
                        "{} is there and recorded in the state, but differs from the plan:\n\n{}",
                        change.address,
                        lines.join("\n")
                    ),
                )
                .about(&change.address)
                .help("What depends on it was not begun. Plan again to see what is left to do."),
            );
            return None;
        }
        Some(value)
    }

    /// A finished object: references to it see its final value. Postconditions are judged.
    fn settled(&mut self, address: &Address, value: Value) -> bool {
        self.world.set_object(address, value.clone());
        let Some(node) = self.links.find_block(&address.block()) else { return true };
        self.world.spoil_users(node);
        let config = self.plan.config.clone();
        let Some(written) = config.resource(&address.block()) else { return true };
        if written.lifecycle.postconditions.is_empty() {
            return true;
        }
        let names = self.world.repetition(&address.module, node).names(address.key.as_ref());
        let mut me: Fields = names.map(|n| (*n).clone()).unwrap_or_default();
        me.insert("self".into(), value);
        let posts = &written.lifecycle.postconditions;
        self.world.conditions(Judged::After(address), posts, Some(&Arc::new(me)))
    }

    /// Takes a deleted object out of the state.
    fn forget(&mut self, index: usize, change: &Change) {
        let set_aside = change.deposed.clone().or_else(|| self.deposed.get(&index).cloned());
        match set_aside {
            Some(id) => self.outcome.state.remove_deposed(&change.address, &id),
            None => self.outcome.state.remove(&change.address),
        };
    }

    /// Forgetting, and taking over what is imported as it is.
    fn only_state(&mut self, change: &Change) {
        match change.action {
            Action::Forget => {
                self.outcome.state.remove(&change.address);
                self.outcome.done.forget += 1;
            }
            _ => {
                let Some(resource) = resources::resource(&change.address.ty) else { return };
                let marks = change.after.marked_paths();
                let object = Object::from_value(&change.after.clone().unmark_deep().0);
                let dependencies = self
                    .plan
                    .dependencies
                    .get(&change.address.block())
                    .map(|d| stored::dependency_names(d))
                    .unwrap_or_default();
                let mut instance =
                    stored::encode(resource, &object, &marks, None, dependencies, change.create_before_destroy);
                instance.key.clone_from(&change.address.key);
                self.outcome.state.set(&change.address, &change.provider, instance);
            }
        }
        if change.importing.is_some() {
            self.outcome.done.import += 1;
        }
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

/// The same way to AWS, with notes told as being about this change's object.
fn observed(aws: &Aws, change: &Change, watch: &Arc<Watch>) -> Aws {
    let (address, watch) = (change.address.clone(), watch.clone());
    aws.observed(move |note| watch(Event::Note { address: address.clone(), text: note.0 }))
}

fn id_of(value: &Value) -> Option<String> {
    value.get("id").and_then(|v| v.as_str().map(String::from))
}
