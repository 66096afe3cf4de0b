//! Configuration + state + a look at the world → [`Plan`].
//!
//! Three parts that overlap: *look* reads every object of the state at once; the *fold* goes through the configuration in the order of its
//! links, with whatever waits for AWS done together; what is left in the state without a block becomes a deletion.

mod data;
mod importing;
mod leftovers;
mod look;
mod managed;
mod request;
mod result;
mod target;
mod ways;

pub use request::{Connect, Request, Watch};

use super::beside::{self, Beside, Rest};
use super::links::{Links, Node, NodeIndex};
use super::providers::ProviderKey;
use super::quotas::Counted;
use super::seen::Seen;
use super::world::{Repetition, World};
use super::{Action, Change, Mode, Plan, drift, imports, moved, settle, steps};
use crate::address::{Address, BlockAddress, Mode as BlockMode, ModulePath};
use crate::config;
use crate::diag::{Diagnostic, Diags, Span};
use crate::graph;
use crate::resources::{Aws, Place};
use crate::state::{Instance, State};
use crate::value::{Marks, Object, Path, Type, Value};
use data::DataJob;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How many objects are read at once. Reading is cheap for AWS; the SDK slows down when throttled.
pub(super) const READS_AT_ONCE: usize = 32;

/// Makes a plan.
///
/// # Errors
/// Everything that stands in the way of one, warnings included.
pub async fn make(request: Request<'_>) -> Result<Plan, Diags> {
    planner(request)?.run().await
}

/// Writes the configuration that `import` blocks need and nobody wrote; `None` where all is there.
///
/// # Errors
/// What stands in the way: of the planning so far, or of reading one of the objects.
pub async fn generate_missing(request: Request<'_>) -> Result<Option<String>, Diags> {
    let config = request.config.clone();
    let missing = |i: &&config::Import| imports::block(i).is_some_and(|b| config.resource(&b).is_none());
    let missing: Vec<config::Import> = config.root.imports.iter().filter(missing).cloned().collect();
    match missing.is_empty() {
        true => Ok(None),
        false => planner(request)?.generate(missing).await.map(Some),
    }
}

fn planner(request: Request<'_>) -> Result<Planner<'_>, Diags> {
    let links = Arc::new(Links::new(&request.config)?);
    let mut diags = Diags::new();
    if !request.skip_unsupported {
        diags = beside::refusal(&request.config);
        if diags.has_errors() {
            return Err(diags);
        }
    }
    diags.extend(super::check::lifecycles(&request.config.root));
    if !request.targets.is_empty() {
        let detail = "The plan is made with -target, so it may leave out changes that the configuration asks for, and outputs that \
                      belong to what was left out stay as they are. This is for exceptional situations, such as recovering from a \
                      mistake; plan again without it afterwards.";
        diags.push(Diagnostic::warning("Resource targeting is in effect", detail));
    }
    let named = super::references::check(&request.config).diags;
    if request.mode == Mode::Destroy || named.has_errors() {
        // As Terraform: what is destroyed is read by a configuration that means something. And mistakes in names are told together
        // with all others that need no values.
        let (config, facts) = (request.config.clone(), request.facts.clone());
        let found = super::validate(config, facts, &request.base_dir, &request.workspace, request.skip_unsupported);
        if found.has_errors() {
            return Err(found);
        }
    }
    diags.extend(named);
    let mut state = request.state.clone();
    let previous = moved::apply(&request.config, &mut state, &mut diags);
    let mut world = World::new(
        request.config.clone(),
        links.clone(),
        request.facts.clone(),
        &request.base_dir,
        &request.workspace,
        request.variables.clone(),
    );
    world.diags = diags;
    Ok(Planner {
        beside: request.skip_unsupported.then(|| Beside::new(&request.config, &links)),
        dependencies: links.dependencies(),
        wanted: target::wanted_nodes(&request, &links),
        links,
        world,
        providers: HashMap::new(),
        regional: HashMap::new(),
        places: HashMap::new(),
        failed_providers: BTreeSet::new(),
        objects: HashMap::new(),
        keys: HashMap::new(),
        changes: Vec::new(),
        drift: Vec::new(),
        traces: BTreeMap::new(),
        counted: Vec::new(),
        imports: request.imports.iter().cloned().collect(),
        import_spans: HashMap::new(),
        waiting: BTreeSet::new(),
        previous,
        state,
        settled: Vec::new(),
        request,
    })
}

/// Something of the state, decoded.
struct Stored {
    provider: ProviderKey,
    instance: Instance,
    object: Object,
    marks: Vec<(Path, Marks)>,
    /// As the world has it; the stored one until it was read, `None` if it is gone.
    now: Option<Object>,
}

struct Planner<'a> {
    request: Request<'a>,
    links: Arc<Links>,
    world: World,
    state: State,
    previous: HashMap<Address, Address>,
    dependencies: BTreeMap<BlockAddress, Vec<BlockAddress>>,
    /// Nodes that count, where `-target` leaves some out.
    wanted: Option<Vec<bool>>,
    providers: HashMap<ProviderKey, Aws>,
    /// The same, leading to another region than the provider's own.
    regional: HashMap<(ProviderKey, Arc<str>), Aws>,
    places: HashMap<(ProviderKey, Option<Arc<str>>), Place>,
    failed_providers: BTreeSet<ProviderKey>,
    objects: HashMap<Address, Stored>,
    /// What became of each instance of each block: present only for what was worked out.
    keys: HashMap<(ModulePath, NodeIndex), Repetition>,
    changes: Vec<Change>,
    drift: Vec<Change>,
    /// What AWS told about the past of what drifted.
    traces: BTreeMap<Address, Vec<String>>,
    counted: Vec<Counted>,
    imports: HashMap<Address, String>,
    import_spans: HashMap<Address, Span>,
    /// Set where types that are not ours are left aside.
    beside: Option<Beside>,
    /// Objects that wait for some of these: nothing is done to them.
    waiting: BTreeSet<Address>,
    settled: Vec<settle::Settled>,
}

impl Planner<'_> {
    async fn run(mut self) -> Result<Plan, Diags> {
        // Mistakes of the configuration are told together; what a run left open is not looked for then.
        let mistaken = self.world.diags.has_errors();
        self.settle().await;
        if !mistaken && self.world.diags.has_errors() {
            return Err(self.world.diags);
        }
        self.decode();
        let destroy = self.request.mode == Mode::Destroy;
        if !destroy {
            self.imports_without_block();
        }
        if destroy {
            self.evaluate_for_destroy();
            self.look().await;
        } else {
            self.fold().await;
            let found = super::quotas::judge(&self.counted);
            self.world.diags.extend(found);
        }
        if self.world.diags.has_errors() {
            return Err(self.world.diags);
        }
        self.leftovers().await;
        self.deposed();
        let (losses, empty) = self.losses().await;
        let running = self.running().await;
        let outputs = self.outputs();
        if self.world.diags.has_errors() {
            return Err(self.world.diags);
        }
        let refreshed_state = self.refreshed();
        let rest = match self.beside.take() {
            Some(beside) => beside.rest(&refreshed_state, destroy),
            None => Rest::default(),
        };
        self.world.diags.extend(rest.warning());
        self.changes.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
        self.drift.sort_by(|a, b| a.address.cmp(&b.address));
        self.warn_of_forgotten();
        let checks = if destroy { self.world.unjudged() } else { self.world.check_results(&[]) };
        if self.request.mode == Mode::RefreshOnly {
            let objects = self.objects.iter().flat_map(|(a, s)| [Some((a, &s.object)), s.now.as_ref().map(|o| (a, o))]);
            let own = drift::Own::of(objects.flatten());
            self.drift = drift::by_others(self.drift, &own);
        }
        let mut plan = Plan {
            mode: self.request.mode,
            config: self.request.config,
            variables: self.request.variables,
            facts: self.request.facts,
            base_dir: self.request.base_dir,
            workspace: self.request.workspace,
            prior_state: self.request.state,
            refreshed_state,
            drift: self.drift,
            changes: self.changes,
            losses,
            seen: Seen { running, empty, traces: self.traces },
            steps: Vec::new(),
            outputs,
            checks,
            diags: self.world.diags,
            journal: self.request.unsettled.mark,
            settled: self.settled,
            targets: self.request.targets.iter().map(ToString::to_string).collect(),
            dependencies: self.dependencies,
            rest,
        };
        steps::order(&mut plan, &self.links)?;
        Ok(plan)
    }

    /// Says which objects `removed` blocks let go.
    fn warn_of_forgotten(&mut self) {
        let forgotten = self.changes.iter().filter(|c| c.action == Action::Forget);
        let list: Vec<String> = forgotten.map(|c| format!(" - {}", c.address)).collect();
        if !list.is_empty() {
            let detail = format!(
                "If you apply this plan, formwork will discard its tracking information for the following objects, but it will not delete \
                 them:\n{}\n\nAfter applying this plan, formwork will no longer manage these objects. You will need to import them to manage \
                 them again.",
                list.join("\n")
            );
            self.error(Diagnostic::warning("Some objects will no longer be managed by formwork", detail));
        }
    }

    fn error(&mut self, d: Diagnostic) {
        self.world.diags.push(d);
    }

    /// Destroying needs only what the providers are configured by.
    fn evaluate_for_destroy(&mut self) {
        let providers: Vec<NodeIndex> =
            (0..self.links.nodes.len()).filter(|n| matches!(self.links.nodes[*n], Node::Provider(..))).collect();
        let needed = graph::closure(&self.links.needs, providers);
        for &node in &self.links.order.clone() {
            if needed[node] || matches!(self.links.nodes[node], Node::Module(_) | Node::Variable(0, _)) {
                self.world.evaluate(node);
            }
        }
    }

    async fn fold(&mut self) {
        let order = self.links.order.clone();
        let links = self.links.clone();
        let mut done = vec![false; order.len()];
        let mut asked = vec![false; order.len()];
        let mut looked = false;
        loop {
            let mut jobs: Vec<DataJob> = Vec::new();
            let mut waiting = false;
            for &node in &order {
                if done[node] || asked[node] || links.needs[node].iter().any(|n| !done[*n]) {
                    continue;
                }
                if self.beside.as_ref().is_some_and(|b| b.is_foreign(node)) {
                    done[node] = true;
                    self.world.evaluate(node);
                    self.keep_foreign(node);
                    continue;
                }
                if !self.is_wanted(node) {
                    done[node] = true;
                    self.world.evaluate(node);
                    self.keep_untargeted(node);
                    continue;
                }
                match &links.nodes[node] {
                    Node::Resource(_, BlockMode::Managed, ..) => {
                        if !looked {
                            waiting = true;
                            continue;
                        }
                        self.world.evaluate(node);
                        self.plan_block(node).await;
                        done[node] = true;
                    }
                    Node::Resource(_, BlockMode::Data, ..) => {
                        self.world.evaluate(node);
                        let more = self.prepare_data(node).await;
                        if more.is_empty() {
                            done[node] = true;
                        } else {
                            asked[node] = true;
                            jobs.extend(more);
                        }
                    }
                    Node::Check(..) => {
                        self.check_block(node).await;
                        done[node] = true;
                    }
                    _ => {
                        self.world.evaluate(node);
                        done[node] = true;
                    }
                }
            }
            if !looked && (waiting || jobs.is_empty()) {
                // The first look and the first data sources go out together.
                let reads = self.start_data(jobs);
                let (looks, reads) = tokio::join!(self.start_look().await, reads);
                self.finish_look(looks);
                for node in self.finish_data(reads) {
                    done[node] = true;
                }
                looked = true;
                continue;
            }
            if jobs.is_empty() {
                break;
            }
            let reads = self.start_data(jobs).await;
            for node in self.finish_data(reads) {
                done[node] = true;
            }
        }
    }

    /// Outside `-target`: objects stay as the state has them, and so references still have values.
    fn keep_untargeted(&mut self, node: NodeIndex) {
        let Some(block) = self.links.block(node) else { return };
        let found: Vec<(Address, Value)> = self
            .objects
            .iter()
            .filter(|(a, _)| a.block() == block)
            .map(|(a, s)| (a.clone(), s.object.to_value().mark_at(&s.marks)))
            .collect();
        for (address, value) in found {
            self.world.set_object(&address, value);
        }
    }

    /// A block that is not ours: its objects are what the state holds; what it does not hold is not known.
    fn keep_foreign(&mut self, node: NodeIndex) {
        let m = self.links.nodes[node].module();
        for module in self.world.module_instances(m).to_vec() {
            let repetition = self.world.repetition(&module, node).clone();
            self.keys.insert((module.clone(), node), repetition.clone());
            for (key, _) in repetition.instances() {
                let Some(address) = self.world.address(node, &module, key) else { continue };
                match self.state.get(&address).map(beside::value) {
                    Some(value) => self.world.set_object(&address, value),
                    None => {
                        self.world.set_object(&address, Value::unknown(Type::Any));
                        if let Some(beside) = &mut self.beside {
                            beside.lacks(node, &address);
                        }
                    }
                }
            }
        }
    }

    /// Whether an object must wait for types that are not ours; then it stays as it is, and what depends on it sees that.
    fn waits(&mut self, node: NodeIndex, address: &Address, known: bool) -> bool {
        let explicit = self.links.explicit.get(&node).map(Vec::as_slice).unwrap_or_default();
        let exists = self.objects.get(address).is_some_and(|s| s.now.is_some());
        let Some(beside) = &mut self.beside else { return false };
        let Some(why) = beside.why_wait(node, explicit, known, exists) else { return false };
        beside.wait(address, why);
        let stays = self.objects.get(address).and_then(|s| Some(s.now.as_ref()?.to_value().mark_at(&s.marks)));
        if stays.is_none() {
            beside.lacks(node, address);
        }
        self.waiting.insert(address.clone());
        self.world.set_object(address, stays.unwrap_or_else(|| Value::unknown(Type::Any)));
        true
    }
}
