//! Configuration + state + a look at the world → [`Plan`].
//!
//! Three parts that overlap: *look* reads every object of the state at once; the *fold* goes through the configuration in the order of its
//! links, with whatever waits for AWS done together; what is left in the state without a block becomes a deletion.

use super::beside::{self, Beside, Rest};
use super::events::Event;
use super::links::{Links, Node, NodeIndex};
use super::loss::{self, Loss};
use super::providers::{self, ProviderKey, provider_of};
use super::quotas::Counted;
use super::settle::{self, Unsettled};
use super::world::{Repetition, World};
use super::{Action, Change, Mode, OutputChange, Plan, Reason, diff, generate, imports, moved, region, steps, stored};
use crate::address::{Address, BlockAddress, Key, Mode as BlockMode, ModulePath, Target};
use crate::config::{self, Config};
use crate::diag::{Diagnostic, Diags, Span};
use crate::eval::{self, Facts};
use crate::graph;
use crate::resources::looking::Looking;
use crate::resources::{self, Aws, DataSource, Place, Resource, Settings};
use crate::state::{Instance, State};
use crate::value::{Fields, Marks, Object, Path, PathStep, Type, Value};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// Opens the way to AWS for one provider configuration.
pub type Connect<'a> = dyn Fn(Settings) -> BoxFuture<'static, resources::Result<Aws>> + Send + Sync + 'a;

/// Shows what happens.
pub type Watch = dyn Fn(Event) + Send + Sync;

/// How many objects are read at once. Reading is cheap for AWS; the SDK slows down when throttled.
pub(super) const READS_AT_ONCE: usize = 32;

/// All that a plan is made of.
pub struct Request<'a> {
    /// What was written.
    pub config: Arc<Config>,
    /// Values of the root module's variables: converted, with defaults, validated one by one.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// What we last saw.
    pub state: State,
    /// What an interrupted run left open.
    pub unsettled: Unsettled,
    /// Time and place.
    pub facts: Facts,
    /// What `file("x")` starts from.
    pub base_dir: PathBuf,
    /// `terraform.workspace`
    pub workspace: String,
    /// What sort of plan.
    pub mode: Mode,
    /// Whether to look at the world; otherwise the state is believed.
    pub refresh: bool,
    /// `-target=`; empty: everything.
    pub targets: Vec<Target>,
    /// `-replace=`
    pub replace: Vec<Address>,
    /// Objects to import, each by its id, beside those of `import` blocks.
    pub imports: Vec<(Address, String)>,
    /// Whether types that are not ours are left to terraform; otherwise they are refused.
    pub skip_unsupported: bool,
    /// Whether new objects carry their region in the state, as version 6 of the AWS provider writes them.
    pub writes_region: bool,
    /// The way to AWS.
    pub connect: &'a Connect<'a>,
    /// Who watches.
    pub watch: Arc<Watch>,
}

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
    if request.mode == Mode::Destroy {
        // As Terraform: what is destroyed is read by a configuration that means something.
        let (config, facts) = (request.config.clone(), request.facts.clone());
        let found = super::validate(config, facts, &request.base_dir, &request.workspace, request.skip_unsupported);
        if found.has_errors() {
            return Err(found);
        }
    }
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
        wanted: wanted_nodes(&request, &links),
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
    counted: Vec<Counted>,
    imports: HashMap<Address, String>,
    import_spans: HashMap<Address, Span>,
    /// Set where types that are not ours are left aside.
    beside: Option<Beside>,
    /// Objects that wait for some of these: nothing is done to them.
    waiting: BTreeSet<Address>,
    settled: Vec<settle::Settled>,
}

/// A data source to be read.
struct DataJob {
    node: NodeIndex,
    address: Address,
    source: &'static dyn DataSource,
    aws: Aws,
    config: Object,
    marks: Vec<(Path, Marks)>,
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
        let losses = self.losses().await;
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
            steps: Vec::new(),
            outputs,
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

    /// Reads what these blocks import and writes a block for each, in their order.
    async fn generate(mut self, missing: Vec<config::Import>) -> Result<String, Diags> {
        self.decode();
        self.fold().await;
        let mut text = generate::HEADER.to_string();
        for import in missing {
            if self.world.diags.has_errors() {
                break;
            }
            for (to, id) in imports::evaluate(&mut self.world, &import) {
                if self.objects.contains_key(&to) || !self.is_targeted(&to) {
                    continue;
                }
                let Some(resource) = self.generates(&import, &to) else { continue };
                let key = provider_of(&self.request.config, &[], import.provider.as_ref(), &to.ty);
                self.import_spans.insert(to.clone(), import.span.clone());
                self.imports.insert(to.clone(), id.clone());
                self.read_import_in(None, &to, resource, &key, &import.span).await;
                if let Some(stored) = self.objects.get(&to) {
                    let provider = import.provider.as_ref().map(|p| p.text());
                    let region = region::of_import(&id, resource.schema()).1.map(String::from);
                    let object = &stored.object;
                    let found = generate::Found { address: &to, id: &id, provider, region, resource, object };
                    text.push_str(&generate::block(&found, &self.request.facts, &self.request.base_dir));
                }
            }
        }
        match self.world.diags.has_errors() {
            true => Err(self.world.diags),
            false => Ok(text),
        }
    }

    /// The type of an object that configuration can be written for; reports why none can.
    fn generates(&mut self, import: &config::Import, to: &Address) -> Option<&'static dyn Resource> {
        if import.for_each.is_some() || !generate::possible(to) {
            let detail = "The given import block is not compatible with config generation. The -generate-config-out option cannot be \
                          used with import blocks which use for_each, with resources which use for_each or count, or with those of \
                          other modules than the root module.";
            let d = Diagnostic::error("Configuration for import target does not exist", detail).at(&import.to.span);
            self.error(d);
            return None;
        }
        let found = resources::resource(&to.ty);
        if found.is_none() {
            let detail =
                format!("formwork does not support the type \"{}\", so it cannot write configuration for it.", to.ty);
            self.error(Diagnostic::error("Unsupported resource type", detail).at(&import.to.span));
        }
        found
    }

    fn error(&mut self, d: Diagnostic) {
        self.world.diags.push(d);
    }

    /// Finds out what came of what an interrupted run left open, before anything else is looked at.
    async fn settle(&mut self) {
        let unsettled = std::mem::take(&mut self.request.unsettled);
        let mut ways = HashMap::new();
        for (provider, region) in unsettled.ways() {
            let key = ProviderKey::parse(&self.request.config, &provider);
            let named: Option<Arc<str>> = (!region.is_empty()).then(|| (*region).into());
            if let Some(key) = key
                && let Some(aws) = self.aws_in(&key, named.as_ref(), None).await
            {
                ways.insert((provider, region), aws);
            }
        }
        if self.world.diags.has_errors() {
            return;
        }
        let (settled, diags) = settle::settle(&unsettled, &ways, &mut self.state).await;
        self.world.diags.extend(diags);
        self.request.unsettled = unsettled;
        if settled.is_empty() {
            return;
        }
        for s in &settled {
            (self.request.watch)(Event::Settled { address: s.address.clone(), text: s.text.clone() });
        }
        self.settled = settled;
        // What has come into the state may be what a `moved` block is about.
        let mut diags = Diags::new();
        let moved = moved::apply(&self.request.config, &mut self.state, &mut diags);
        self.previous.extend(moved);
        self.world.diags.extend(diags);
    }

    /// Takes apart what the state has of our types.
    fn decode(&mut self) {
        let mut found = Vec::new();
        for (address, holder, instance) in self.state.objects() {
            if address.mode == BlockMode::Managed && instance.deposed.is_none() {
                found.push((address, holder.provider.clone(), instance.clone()));
            }
        }
        for (address, provider, instance) in found {
            let Some(resource) = resources::resource(&address.ty) else {
                let matters = self.is_targeted(&address) && self.request.mode != Mode::RefreshOnly;
                if matters && self.beside.is_none() {
                    self.error(beside::refusal_in_state(&address));
                }
                continue;
            };
            if instance.schema_version > resource.schema().version {
                let detail = format!(
                    "The state of {address} was written by a newer provider (schema version {}); formwork knows version {}.",
                    instance.schema_version,
                    resource.schema().version
                );
                self.error(
                    Diagnostic::error("Resource instance managed by newer provider version", detail).about(&address),
                );
                continue;
            }
            match (stored::decode(resource, &instance), ProviderKey::parse(&self.request.config, &provider)) {
                (Ok(object), Some(provider)) => {
                    let value = object.to_value();
                    let mut marks = stored::stored_marks(&instance);
                    marks.extend(stored::schema_marks(&resource.schema().block, &value));
                    let now = Some(object.clone());
                    self.objects.insert(address, Stored { provider, instance, object, marks, now });
                }
                (Err(detail), _) => {
                    self.error(Diagnostic::error("Unreadable object in the state", detail).about(&address));
                }
                (_, None) => {
                    let detail = format!(
                        "The state says that {address} belongs to {provider:?}, which is no provider configuration."
                    );
                    self.error(Diagnostic::error("Unreadable object in the state", detail).about(&address));
                }
            }
        }
    }

    /// Works out the `import` blocks for this block, as far as they are for what the state does not have yet.
    fn imports_for(&mut self, block: &BlockAddress) {
        let config = self.request.config.clone();
        for import in config.root.imports.iter().filter(|i| imports::block(i).as_ref() == Some(block)) {
            for (to, id) in imports::evaluate(&mut self.world, import) {
                if !self.objects.contains_key(&to) {
                    self.import_spans.insert(to.clone(), import.span.clone());
                    self.imports.insert(to, id);
                }
            }
        }
    }

    /// Reports imports into instances that their block does not have.
    fn imports_nowhere(&mut self, block: &BlockAddress, instances: &[Address]) {
        let mut nowhere: Vec<Address> = self
            .imports
            .keys()
            .filter(|to| to.block() == *block && !instances.contains(to) && self.is_targeted(to))
            .cloned()
            .collect();
        nowhere.sort();
        for to in nowhere {
            let detail = format!(
                "The configuration for the given import {to} does not exist. All target instances must have an associated \
                 configuration to be imported."
            );
            let d = Diagnostic::error("Configuration for import target does not exist", detail);
            self.error(d.at_opt(self.import_spans.get(&to)));
        }
    }

    /// Reports imports into blocks that nobody wrote.
    fn imports_without_block(&mut self) {
        let config = self.request.config.clone();
        for import in &config.root.imports {
            let Some(block) = imports::block(import).filter(|b| config.resource(b).is_none()) else { continue };
            let target =
                Address { module: ModulePath::root(), mode: block.mode, ty: block.ty, name: block.name, key: None };
            if !self.request.targets.is_empty() && !self.request.targets.iter().any(|t| t.contains(&target)) {
                continue;
            }
            let detail = format!(
                "The configuration for the given import target {} does not exist. All target instances must have an associated \
                 configuration to be imported.",
                import.to.span.text()
            );
            let d = Diagnostic::error("Configuration for import target does not exist", detail).at(&import.to.span);
            self.error(d.help(
                "Write the resource block, or have it written from what is there:\n\n    formwork plan -generate-config-out=generated.tf",
            ));
        }
    }

    fn is_wanted(&self, node: NodeIndex) -> bool {
        self.wanted.as_ref().is_none_or(|w| w[node])
    }

    fn is_targeted(&self, address: &Address) -> bool {
        if self.request.targets.is_empty() || self.request.targets.iter().any(|t| t.contains(address)) {
            return true;
        }
        match self.links.find_block(&address.block()) {
            // What a target needs counts as a whole; of a targeted block only the targeted instances.
            Some(node) => {
                self.is_wanted(node)
                    && !self
                        .request
                        .targets
                        .iter()
                        .any(|t| t.contains(&address.with_key(None)) || names_block(t, address))
            }
            None => false,
        }
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

    // --- Looking ---

    /// The way to AWS of a provider configuration.
    async fn aws(&mut self, key: &ProviderKey, span: Option<&Span>) -> Option<Aws> {
        if let Some(aws) = self.providers.get(key) {
            return Some(aws.clone());
        }
        if self.failed_providers.contains(key) {
            return None;
        }
        let settings = match providers::settings(&mut self.world, key) {
            Ok(settings) => settings,
            Err(diags) => {
                self.world.diags.extend(diags.into_iter().map(|d| if d.span.is_none() { d.at_opt(span) } else { d }));
                self.failed_providers.insert(key.clone());
                return None;
            }
        };
        match (self.request.connect)(settings).await {
            Ok(aws) => {
                self.providers.insert(key.clone(), aws.clone());
                Some(aws)
            }
            Err(e) => {
                let block = key.block(&self.request.config).map(|(_, b)| b.span.clone());
                self.error(super::failure(&e, None).at_opt(block.as_ref()));
                self.failed_providers.insert(key.clone());
                None
            }
        }
    }

    /// The way to AWS of a provider configuration in the region that an object says; the provider's own where it says none.
    async fn aws_in(&mut self, key: &ProviderKey, region: Option<&Arc<str>>, span: Option<&Span>) -> Option<Aws> {
        let base = self.aws(key, span).await?;
        let Some(region) = region.filter(|r| ***r != *base.place_so_far().region) else { return Some(base) };
        let which = (key.clone(), region.clone());
        if let Some(aws) = self.regional.get(&which) {
            return Some(aws.clone());
        }
        match (self.request.connect)(base.settings_in(region)).await {
            Ok(aws) => {
                self.regional.insert(which, aws.clone());
                Some(aws)
            }
            Err(e) => {
                self.error(super::failure(&e, None).at_opt(span));
                None
            }
        }
    }

    async fn look(&mut self) {
        let looks = self.start_look().await.await;
        self.finish_look(looks);
    }

    /// Everything of the state that counts, read at once.
    async fn start_look(&mut self) -> BoxFuture<'static, Vec<(Address, resources::Result<Option<Object>>)>> {
        let mut jobs = Vec::new();
        let mut looks: HashMap<(ProviderKey, Option<Arc<str>>), Looking> = HashMap::new();
        if self.request.refresh {
            let mut addresses: Vec<(Address, ProviderKey)> = self
                .objects
                .iter()
                .filter(|(a, _)| self.is_targeted(a))
                .map(|(a, s)| (a.clone(), s.provider.clone()))
                .collect();
            addresses.sort();
            for (address, key) in addresses {
                let Some(resource) = resources::resource(&address.ty) else { continue };
                let span = self.request.config.resource(&address.block()).map(|r| r.span.clone());
                let Some(object) = self.objects.get(&address).map(|s| s.object.clone()) else { continue };
                let region = region::of(&object, resource.schema());
                let Some(aws) = self.aws_in(&key, region.as_ref(), span.as_ref()).await else { continue };
                let look = looks.entry((key, region)).or_default();
                jobs.push((address, resource, aws.within(look, self.spared(resource)), object));
            }
        }
        for (address, ..) in &jobs {
            if let Some(id) = self.objects.get(address).and_then(|s| s.object.str("id")) {
                (self.request.watch)(Event::Refreshing { address: address.clone(), id: id.to_string() });
            }
        }
        Box::pin(async move {
            let reads = jobs.into_iter().map(|(address, resource, aws, object)| -> BoxFuture<'static, _> {
                Box::pin(async move {
                    let result = resource.read(&aws, &object).await;
                    (address, result)
                })
            });
            stream::iter(reads.collect::<Vec<_>>()).buffer_unordered(READS_AT_ONCE).collect().await
        })
    }

    /// Attributes of this type that a plan can do without: nobody writes them, refers to them, or has something that changes them.
    fn spared(&self, resource: &dyn Resource) -> Vec<&'static str> {
        if self.request.mode == Mode::RefreshOnly {
            return Vec::new();
        }
        let ty = resource.schema().name;
        let idle = |(attribute, by): &&(&'static str, &'static [&'static str])| {
            let written = || {
                let modules = self.links.modules.iter().filter_map(|m| self.request.config.module(&m.path));
                let mut blocks = modules.flat_map(|m| &m.resources).filter(|((_, t, _), _)| **t == *ty);
                blocks.any(|(_, block)| block.body.attribute(attribute).is_some())
            };
            !self.objects.keys().any(|a| by.contains(&&*a.ty)) && !self.links.refers_to(ty, attribute) && !written()
        };
        resource.spared().iter().filter(idle).map(|(attribute, _)| *attribute).collect()
    }

    fn finish_look(&mut self, looks: Vec<(Address, resources::Result<Option<Object>>)>) {
        let mut looks = looks;
        looks.sort_by(|a, b| a.0.cmp(&b.0));
        for (address, result) in looks {
            let span = self.request.config.resource(&address.block()).map(|r| r.span.clone());
            match result {
                Ok(found) => {
                    let Some(stored) = self.objects.get_mut(&address) else { continue };
                    let id = stored.object.str("id").unwrap_or_default().to_string();
                    (self.request.watch)(Event::Refreshed { address: address.clone(), id });
                    stored.now = match (found, resources::resource(&address.ty)) {
                        (Some(found), Some(resource)) => Some(diff::keep_form(resource, &stored.object, found)),
                        _ => None,
                    };
                    if stored.now.as_ref() != Some(&stored.object) {
                        let after = stored.now.as_ref().map(|o| o.to_value().mark_at(&stored.marks));
                        let before = stored.object.to_value().mark_at(&stored.marks);
                        self.drift.push(Change {
                            address: address.clone(),
                            previous: self.previous.get(&address).cloned(),
                            deposed: None,
                            provider: stored.provider.to_string(),
                            action: if after.is_some() { Action::Update } else { Action::Delete },
                            reason: None,
                            after: after.unwrap_or_else(|| Value::null(before.ty())),
                            before,
                            replace_paths: Vec::new(),
                            importing: None,
                            create_before_destroy: false,
                        });
                    }
                }
                Err(e) => self.error(super::failure(&e, Some(&address)).at_opt(span.as_ref())),
            }
        }
    }

    /// Where a provider configuration works, with the account if `account`.
    async fn place(
        &mut self,
        key: &ProviderKey,
        region: Option<&Arc<str>>,
        account: bool,
        span: &Span,
    ) -> Option<Place> {
        if key.is_builtin() {
            return Some(Place::default());
        }
        let which = (key.clone(), region.cloned());
        if let Some(place) = self.places.get(&which) {
            return Some(place.clone());
        }
        let aws = self.aws_in(key, region, Some(span)).await?;
        if !account {
            return Some(aws.place_so_far());
        }
        match aws.place().await {
            Ok(place) => {
                self.places.insert(which, place.clone());
                Some(place)
            }
            Err(e) => {
                self.error(super::failure(&e, None).at(span));
                None
            }
        }
    }

    // --- Managed objects ---

    async fn plan_block(&mut self, node: NodeIndex) {
        let Some(block) = self.links.block(node) else { return };
        let config = self.request.config.clone();
        let Some(written) = config.resource(&block) else { return };
        let Some(resource) = resources::resource(&block.ty) else { return };
        let m = self.links.nodes[node].module();
        self.imports_for(&block);
        let mut instances = Vec::new();
        let mut open = false;
        for module in self.world.module_instances(m).to_vec() {
            let repetition = self.world.repetition(&module, node).clone();
            self.keys.insert((module.clone(), node), repetition.clone());
            open |= matches!(repetition, Repetition::Open);
            for (key, names) in repetition.instances() {
                let Some(address) = self.world.address(node, &module, key) else { continue };
                instances.push(address.clone());
                if self.is_targeted(&address) {
                    self.plan_instance(node, &address, written, resource, names.as_ref()).await;
                } else if let Some(stored) = self.objects.get(&address) {
                    let value = stored.object.to_value().mark_at(&stored.marks);
                    self.world.set_object(&address, value);
                }
            }
        }
        // Which instances there are may not be known, for a reason that is told already.
        if !open {
            self.imports_nowhere(&block, &instances);
        }
    }

    async fn plan_instance(
        &mut self,
        node: NodeIndex,
        address: &Address,
        written: &config::Resource,
        resource: &'static dyn Resource,
        names: Option<&Arc<Fields>>,
    ) {
        let schema = resource.schema();
        let module_config = address.module.config();
        let key = provider_of(&self.request.config, &module_config, written.provider.as_ref(), &address.ty);
        self.read_import(address, written, resource, &key, names).await;
        if self.request.mode == Mode::RefreshOnly {
            let stored = self.objects.get(address);
            let value = stored.and_then(|s| Some(s.now.as_ref()?.to_value().mark_at(&s.marks)));
            self.world.set_object(address, value.unwrap_or_else(|| Value::unknown(schema.ty())));
            return;
        }
        if !self.world.conditions(
            "Resource precondition failed",
            &written.lifecycle.preconditions,
            &address.module,
            names,
        ) {
            self.world.set_object(address, Value::unknown(schema.ty()));
            return;
        }
        let mut diags = Diags::new();
        let (body, region) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &self.world.scope(&address.module, names), &mut diags);
        if !diags.has_errors() {
            diags.extend(super::check::config(resource, &body, &value));
        }
        let region = self.region(region, address, names, &mut diags);
        let failed = diags.has_errors();
        self.world.diags.extend(diags.into_iter().map(|d| if d.address.is_none() { d.about(address) } else { d }));
        if failed {
            self.world.set_object(address, Value::unknown(schema.ty()));
            return;
        }
        if self.waits(node, address, value.is_wholly_known()) {
            return;
        }
        let mut config_marks = value.marked_paths();
        config_marks.retain(|(_, m)| m.sensitive);
        let (value, _) = value.unmark_deep();
        let mut config = Object::from_value(&value);

        let mut prior = self.objects.get(address).and_then(|s| s.now.clone());
        let whole_prior = prior.clone();
        let old_region = prior.as_mut().and_then(|p| region::take(p, schema));
        let tainted = self.objects.get(address).is_some_and(|s| s.instance.tainted);
        if let Some(prior) = &prior {
            if written.lifecycle.ignore_all {
                for (name, v) in &prior.0 {
                    let configurable = schema.block.attribute(name).is_none_or(|a| a.is_configurable());
                    if configurable {
                        config.0.insert(name.clone(), v.clone());
                    }
                }
            }
            let paths: Vec<Path> = written.lifecycle.ignore_changes.iter().filter_map(relative_path).collect();
            diff::ignore(&mut config, prior, &paths);
        }
        let prior = prior.map(|prior| self.as_written(address, resource, prior, &config));
        let requested = self.request.replace.contains(address);
        let triggered = prior.is_some() && self.triggered(written, address, names);
        let forced = prior.is_some() && (tainted || requested || triggered);
        let Some(mut place) = self.place(&key, region.as_ref(), false, &written.span).await else {
            self.world.set_object(address, Value::unknown(schema.ty()));
            return;
        };
        // Where it lies now: as the state says, or where the provider works.
        let lies_in = match &old_region {
            Some(old) => old.as_str().map(String::from),
            None => self.providers.get(&key).map(|aws| aws.place_so_far().region),
        };
        let elsewhere = prior.is_some()
            && region::is_regional(schema)
            && (old_region.is_some() || region.is_some())
            && lies_in.is_some_and(|lies_in| lies_in != place.region);
        let forced = forced || elsewhere;
        let mut outcome = diff::change(resource, &place, prior.as_ref(), &config, forced);
        let creates = matches!(outcome.action, Action::Create | Action::DeleteThenCreate);
        if creates && resource.predicts_by_account() && place.account.is_empty() {
            // Only what is made anew needs to know the account: a plan without changes does not ask for it.
            let Some(whole) = self.place(&key, region.as_ref(), true, &written.span).await else {
                self.world.set_object(address, Value::unknown(schema.ty()));
                return;
            };
            place = whole;
            outcome = diff::change(resource, &place, prior.as_ref(), &config, forced);
        }
        let found = super::check::planned(resource, &written.body, &config, prior.as_ref(), &outcome.after);
        let failed = found.has_errors();
        self.world.diags.extend(found.into_iter().map(|d| if d.address.is_none() { d.about(address) } else { d }));
        if failed {
            self.world.set_object(address, Value::unknown(schema.ty()));
            return;
        }
        for count in resource.counts(&config, &outcome.after) {
            let changes = outcome.action != Action::NoOp;
            let (span, provider) = (written.span.clone(), key.to_string());
            self.counted.push(Counted { address: address.clone(), span, provider, changes, count });
        }
        if elsewhere {
            outcome.replace_paths.push(Path::attr(region::NAME));
        }
        let carries = region.is_some() || old_region.is_some() || self.request.writes_region;
        if carries && region::is_regional(schema) && (outcome.action != Action::NoOp || old_region.is_some()) {
            outcome.after.set(region::NAME, place.region.as_str());
        }
        let prior = whole_prior;
        let stored = self.objects.get(address);
        let mut marks = config_marks;
        let after = outcome.after.to_value();
        marks.extend(stored::schema_marks(&schema.block, &after));
        let after = after.mark_at(&marks);
        let before = match (stored, &prior) {
            (Some(stored), Some(prior)) => prior.to_value().mark_at(&stored.marks),
            _ => Value::null(schema.ty()),
        };
        let cbd = written.lifecycle.create_before_destroy.unwrap_or_default();
        let (action, reason) = match outcome.action {
            Action::DeleteThenCreate => {
                let reason = if tainted {
                    Reason::ReplaceBecauseTainted
                } else if requested {
                    Reason::ReplaceByRequest
                } else if !outcome.replace_paths.is_empty() {
                    Reason::ReplaceBecauseCannotUpdate
                } else {
                    Reason::ReplaceByTriggers
                };
                (if cbd { Action::CreateThenDelete } else { Action::DeleteThenCreate }, Some(reason))
            }
            action => (action, None),
        };
        if matches!(action, Action::DeleteThenCreate | Action::CreateThenDelete) {
            self.guard(written, address);
        }
        self.world.set_object(address, after.clone());
        let me = self_names(names, &after);
        self.world.conditions(
            "Resource postcondition failed",
            &written.lifecycle.postconditions,
            &address.module,
            Some(&me),
        );
        self.changes.push(Change {
            address: address.clone(),
            previous: self.previous.get(address).cloned(),
            deposed: None,
            provider: key.to_string(),
            action,
            reason,
            before,
            after,
            replace_paths: outcome.replace_paths,
            importing: self.imports.get(address).cloned(),
            create_before_destroy: cbd,
        });
    }

    /// The prior object, with the arguments that are kept as they are written in the form of the configuration, where that means the
    /// same. The state takes this form over.
    fn as_written(&mut self, address: &Address, resource: &dyn Resource, prior: Object, config: &Object) -> Object {
        let mut prior = prior;
        for name in resource.as_written() {
            if let (Some(before), Some(written)) = (prior.get(name), config.get(name))
                && before != written
                && written.is_known()
                && !written.is_null()
                && resource.same(name, before, written)
            {
                prior.set(name, written.clone());
                if let Some(stored) = self.objects.get_mut(address) {
                    stored.now = Some(prior.clone());
                }
            }
        }
        prior
    }

    /// Reads an object that is to be imported; from then on it is as if the state had it.
    async fn read_import(
        &mut self,
        address: &Address,
        written: &config::Resource,
        resource: &'static dyn Resource,
        key: &ProviderKey,
        names: Option<&Arc<Fields>>,
    ) {
        if !self.imports.contains_key(address) || self.objects.contains_key(address) {
            return;
        }
        let mut diags = Diags::new();
        let region = self.region(region::split(&written.body, resource.schema()).1, address, names, &mut diags);
        // What is wrong is told where the block is planned.
        if !diags.has_errors() {
            self.read_import_in(region, address, resource, key, &written.span).await;
        }
    }

    /// The same, of an object whose block says that it lies in this region.
    async fn read_import_in(
        &mut self,
        written_region: Option<Arc<str>>,
        address: &Address,
        resource: &'static dyn Resource,
        key: &ProviderKey,
        span: &Span,
    ) {
        let Some(id) = self.imports.get(address).cloned() else { return };
        let place_span = self.import_spans.get(address).cloned().unwrap_or_else(|| span.clone());
        let schema = resource.schema();
        let (own, of_id) = region::of_import(&id, schema);
        let carried = of_id.map(Arc::from).or(written_region);
        let handle = match resource.import_id(own) {
            Ok(handle) => handle,
            Err(detail) => {
                self.error(Diagnostic::error("Invalid import id", detail).at(&place_span).about(address));
                return;
            }
        };
        let Some(aws) = self.aws_in(key, carried.as_ref(), Some(span)).await else { return };
        match resource.read(&aws, &handle).await {
            Ok(Some(mut object)) => {
                if region::is_regional(schema) && (carried.is_some() || self.request.writes_region) {
                    object.set(region::NAME, aws.place_so_far().region);
                }
                for (name, ty) in stored::fields(resource.schema()) {
                    object.0.entry(name).or_insert_with(|| Value::null(ty));
                }
                let marks = stored::schema_marks(&resource.schema().block, &object.to_value());
                let dependencies =
                    self.dependencies.get(&address.block()).map(|d| stored::dependency_names(d)).unwrap_or_default();
                let instance = stored::encode(resource, &object, &marks, None, dependencies, false);
                let now = Some(object.clone());
                self.objects.insert(address.clone(), Stored { provider: key.clone(), instance, object, marks, now });
            }
            Ok(None) => {
                let detail = format!(
                    "Cannot import {address}: there is no object with the id {id:?}. Only objects that exist can be imported."
                );
                self.error(
                    Diagnostic::error("Cannot import non-existent remote object", detail)
                        .at(&place_span)
                        .help("Check the id and that the provider is configured for the right region and account, or create a new object instead."),
                );
            }
            Err(e) => self.error(super::failure(&e, Some(address)).at(&place_span)),
        }
    }

    /// The region that a block's argument names, if it has one.
    fn region(
        &self,
        written: Option<&config::expr::Expr>,
        address: &Address,
        names: Option<&Arc<Fields>>,
        diags: &mut Diags,
    ) -> Option<Arc<str>> {
        match region::named(written?, &self.world.scope(&address.module, names)) {
            Ok(region) => region,
            Err(found) => {
                diags.extend(found);
                None
            }
        }
    }

    /// Whether something in `replace_triggered_by` changes.
    fn triggered(&mut self, written: &config::Resource, address: &Address, names: Option<&Arc<Fields>>) -> bool {
        let scope_names = names.cloned();
        written.lifecycle.replace_triggered_by.iter().any(|e| {
            let Some((target, path)) = moved::trigger(e, &self.world.scope(&address.module, scope_names.as_ref()))
            else {
                return false;
            };
            let target = Address { module: address.module.clone(), ..target };
            self.changes
                .iter()
                .filter(|c| c.address == target || (target.key.is_none() && c.address.with_key(None) == target))
                .any(|c| match c.action {
                    Action::NoOp | Action::Read => false,
                    Action::Update if !path.0.is_empty() => path.of(&c.before) != path.of(&c.after),
                    _ => true,
                })
        })
    }

    /// `prevent_destroy`.
    fn guard(&mut self, written: &config::Resource, address: &Address) {
        let Some(e) = &written.lifecycle.prevent_destroy else { return };
        let value = self.world.eval(e, &address.module, None);
        if value.as_bool() == Some(false) {
            return;
        }
        self.error(
            Diagnostic::error(
                "Instance cannot be destroyed",
                format!("Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."),
            )
            .at(&e.span)
            .about(address),
        );
    }

    // --- Data sources ---

    /// Data sources of a node: what can be answered at once is; what must be asked comes back as jobs.
    async fn prepare_data(&mut self, node: NodeIndex) -> Vec<DataJob> {
        let mut jobs = Vec::new();
        let Some(block) = self.links.block(node) else { return jobs };
        let config = self.request.config.clone();
        let Some(written) = config.resource(&block) else { return jobs };
        let Some(source) = resources::data_source(&block.ty) else { return jobs };
        let m = self.links.nodes[node].module();
        for module in self.world.module_instances(m).to_vec() {
            let repetition = self.world.repetition(&module, node).clone();
            self.keys.insert((module.clone(), node), repetition.clone());
            for (key, names) in repetition.instances() {
                let Some(address) = self.world.address(node, &module, key) else { continue };
                if let Some(job) = self.prepare_one(node, &address, written, source, names.as_ref()).await {
                    jobs.push(job);
                }
            }
        }
        jobs
    }

    async fn prepare_one(
        &mut self,
        node: NodeIndex,
        address: &Address,
        written: &config::Resource,
        source: &'static dyn DataSource,
        names: Option<&Arc<Fields>>,
    ) -> Option<DataJob> {
        let schema = source.schema();
        let hole = Value::unknown(schema.ty());
        if !self.world.conditions(
            "Resource precondition failed",
            &written.lifecycle.preconditions,
            &address.module,
            names,
        ) {
            self.world.set_object(address, hole);
            return None;
        }
        let mut diags = Diags::new();
        let (body, region) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &self.world.scope(&address.module, names), &mut diags);
        let region = self.region(region, address, names, &mut diags);
        let failed = diags.has_errors();
        self.world.diags.extend(diags);
        if failed {
            self.world.set_object(address, hole);
            return None;
        }
        if self.waits(node, address, value.is_wholly_known()) {
            return None;
        }
        let marks = value.marked_paths();
        let (value, _) = value.unmark_deep();
        let pending = self.pending_dependency(node, !source.pure());
        let key = provider_of(&self.request.config, &address.module.config(), written.provider.as_ref(), &address.ty);
        if (!value.is_wholly_known() && !source.pure()) || pending {
            let after = super::data_hole(schema, &value).mark_at(&marks);
            self.world.set_object(address, after.clone());
            let reason = if pending { Reason::ReadBecauseDependencyPending } else { Reason::ReadBecauseConfigUnknown };
            self.put_off(address, after, reason);
            return None;
        }
        let Some(aws) = self.aws_in(&key, region.as_ref(), Some(&written.span)).await else {
            self.world.set_object(address, hole);
            return None;
        };
        let config = Object::from_value(&value);
        if !source.pure() {
            (self.request.watch)(Event::Reading(address.clone()));
        }
        Some(DataJob { node, address: address.clone(), source, aws, config, marks })
    }

    /// Whether something that a data source needs will change: what its `depends_on` names; for one that asks AWS also a managed
    /// resource that it refers to itself, and one behind local values, variables and outputs that is not there yet, whose names and
    /// ARNs are only predicted.
    fn pending_dependency(&self, node: NodeIndex, asks: bool) -> bool {
        let blocks = |nodes: &[NodeIndex]| nodes.iter().filter_map(|n| self.links.block(*n)).collect::<BTreeSet<_>>();
        let pending = |nodes: &[NodeIndex], counts: fn(&Change) -> bool| {
            let blocks = blocks(nodes);
            !blocks.is_empty() && self.changes.iter().any(|c| counts(c) && blocks.contains(&c.address.block()))
        };
        let changes = |c: &Change| c.address.mode == BlockMode::Managed && c.action != Action::NoOp;
        let explicit = self.links.explicit.get(&node).map(Vec::as_slice).unwrap_or_default();
        if pending(explicit, changes) {
            return true;
        }
        if !asks {
            return false;
        }
        let (mut near, mut far, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut open: Vec<(NodeIndex, bool)> = self.links.needs[node].iter().map(|n| (*n, true)).collect();
        while let Some((n, direct)) = open.pop() {
            if !seen.insert((n, direct)) {
                continue;
            }
            match &self.links.nodes[n] {
                Node::Resource(..) if direct => near.push(n),
                Node::Resource(..) => far.push(n),
                _ => open.extend(self.links.needs[n].iter().map(|n| (*n, false))),
            }
        }
        let comes = |c: &Change| {
            matches!(c.action, Action::Create | Action::DeleteThenCreate | Action::CreateThenDelete | Action::Read)
        };
        pending(&near, |c| c.action != Action::NoOp) || pending(&far, comes)
    }

    fn start_data(&self, jobs: Vec<DataJob>) -> BoxFuture<'static, Vec<(DataJob, resources::Result<Object>)>> {
        Box::pin(async move {
            let reads = jobs.into_iter().map(|job| -> BoxFuture<'static, _> {
                Box::pin(async move {
                    let result = job.source.read(&job.aws, &job.config).await;
                    (job, result)
                })
            });
            stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE).collect().await
        })
    }

    fn finish_data(&mut self, reads: Vec<(DataJob, resources::Result<Object>)>) -> BTreeSet<NodeIndex> {
        let mut nodes = BTreeSet::new();
        for (job, result) in reads {
            nodes.insert(job.node);
            let config = self.request.config.clone();
            let written = config.resource(&job.address.block());
            let schema = job.source.schema();
            match result {
                Ok(object) => {
                    if !job.source.pure() {
                        let id = object.str("id").unwrap_or_default().to_string();
                        (self.request.watch)(Event::Read { address: job.address.clone(), id });
                    }
                    let value = object.to_value();
                    let mut marks = job.marks;
                    marks.extend(stored::schema_marks(&schema.block, &value));
                    let value = value.mark_at(&marks);
                    self.world.set_object(&job.address, value.clone());
                    if let Some(written) = written {
                        let names =
                            self.world.repetition(&job.address.module, job.node).names(job.address.key.as_ref());
                        let me = self_names(names.as_ref(), &value);
                        let posts = &written.lifecycle.postconditions;
                        self.world.conditions("Resource postcondition failed", posts, &job.address.module, Some(&me));
                    }
                    if value.is_wholly_known() {
                        self.remember_data(&job.address, &value);
                    } else {
                        self.put_off(&job.address, value, Reason::ReadBecauseConfigUnknown);
                    }
                }
                Err(e) => {
                    self.world.set_object(&job.address, Value::unknown(schema.ty()));
                    self.error(super::failure(&e, Some(&job.address)).at_opt(written.map(|w| &w.span)));
                }
            }
        }
        nodes
    }

    /// A data source that is read, or read again, during apply.
    fn put_off(&mut self, address: &Address, after: Value, reason: Reason) {
        let written = self.request.config.resource(&address.block()).and_then(|r| r.provider.as_ref());
        let key = provider_of(&self.request.config, &address.module.config(), written, &address.ty);
        self.changes.push(Change {
            address: address.clone(),
            previous: None,
            deposed: None,
            provider: key.to_string(),
            action: Action::Read,
            reason: Some(reason),
            before: Value::null(after.ty()),
            after,
            replace_paths: Vec::new(),
            importing: None,
            create_before_destroy: false,
        });
    }

    /// What was read goes into the state, as Terraform keeps it.
    fn remember_data(&mut self, address: &Address, value: &Value) {
        let key = provider_of(
            &self.request.config,
            &address.module.config(),
            self.request.config.resource(&address.block()).and_then(|r| r.provider.as_ref()),
            &address.ty,
        );
        super::remember_data(&mut self.state, address, &key.to_string(), value);
    }

    /// A `check` block: its data source, then its assertions; what fails is a warning.
    async fn check_block(&mut self, node: NodeIndex) {
        let Node::Check(m, name) = self.links.nodes[node].clone() else { return };
        let config = self.request.config.clone();
        let Some(check) = config.module(&self.links.modules[m].path).and_then(|module| module.checks.get(&name)) else {
            return;
        };
        for module in self.world.module_instances(m).to_vec() {
            let before = std::mem::take(&mut self.world.diags);
            let mut names: Option<Arc<Fields>> = None;
            if let Some(written) = &check.data
                && let Some(source) = resources::data_source(&written.ty.name)
            {
                let address = Address {
                    module: module.clone(),
                    mode: BlockMode::Data,
                    ty: written.ty.name.clone(),
                    name: written.name.name.clone(),
                    key: None,
                };
                let mut value = Value::unknown(source.schema().ty());
                if let Some(job) = self.prepare_one(node, &address, written, source, None).await {
                    match job.source.read(&job.aws, &job.config).await {
                        Ok(object) => value = object.to_value(),
                        Err(e) => self.error(super::failure(&e, Some(&address)).at(&written.span)),
                    }
                }
                let ty = Value::object(Fields::from([(written.name.name.clone(), value)]));
                let data = Value::object(Fields::from([(written.ty.name.clone(), ty)]));
                names = Some(Arc::new(Fields::from([(Arc::from("data"), data)])));
            }
            self.world.conditions("Check block assertion failed", &check.asserts, &module, names.as_ref());
            let found = std::mem::replace(&mut self.world.diags, before);
            for mut d in found {
                d.severity = crate::diag::Severity::Warning;
                self.world.diags.push(d);
            }
        }
    }

    // --- What is left ---

    /// Objects of the state that no block wants any more.
    async fn leftovers(&mut self) {
        let destroy = self.request.mode == Mode::Destroy;
        if self.request.mode == Mode::RefreshOnly {
            return;
        }
        let mut planned: BTreeSet<Address> = self.changes.iter().map(|c| c.address.clone()).collect();
        planned.extend(self.waiting.iter().cloned());
        let mut left: Vec<Address> =
            self.objects.keys().filter(|a| !planned.contains(*a) && self.is_targeted(a)).cloned().collect();
        left.sort();
        let held = self.held(&left);
        for address in left {
            let (forget, reason) = self.why_left(&address);
            if let (Some(why), Some(beside), false) = (held.get(&address.block()), &mut self.beside, forget) {
                beside.wait(&address, why.clone());
                continue;
            }
            let written = self.request.config.clone();
            if let Some(block) = written.resource(&address.block())
                && !forget
            {
                self.guard(block, &address);
            }
            let Some(stored) = self.objects.get(&address) else { continue };
            // What is gone already needs no deletion: it only leaves the state.
            let Some(now) = &stored.now else { continue };
            let before = now.to_value().mark_at(&stored.marks);
            self.changes.push(Change {
                previous: self.previous.get(&address).cloned(),
                deposed: None,
                provider: stored.provider.to_string(),
                action: if forget && !destroy { Action::Forget } else { Action::Delete },
                reason: if destroy { None } else { reason },
                after: Value::null(before.ty()),
                before,
                replace_paths: Vec::new(),
                importing: None,
                create_before_destroy: stored.instance.create_before_destroy,
                address,
            });
        }
    }

    /// Of what is left over, the blocks that something not ours still needs, and why.
    fn held(&self, left: &[Address]) -> BTreeMap<BlockAddress, String> {
        let Some(beside) = &self.beside else { return BTreeMap::new() };
        let users = beside.users_in_state(&self.state, &self.dependencies);
        let mut needs: BTreeMap<BlockAddress, BTreeSet<BlockAddress>> = BTreeMap::new();
        for address in left {
            let list = needs.entry(address.block()).or_default();
            let Some(stored) = self.objects.get(address) else { continue };
            let names = stored.instance.dependencies.iter();
            list.extend(names.filter_map(|d| Some(d.parse::<Address>().ok()?.block())));
            list.extend(self.dependencies.get(&address.block()).into_iter().flatten().cloned());
        }
        beside::held(&left.iter().map(Address::block).collect(), &users, &needs)
    }

    /// Whether a `removed` block says to leave it in the world, and why it is left over.
    fn why_left(&mut self, address: &Address) -> (bool, Option<Reason>) {
        let config = self.request.config.clone();
        let forget = moved::removed(&config, address).is_some_and(|r| !r.destroy);
        let mut at = &config.root;
        for (i, (name, key)) in address.module.0.iter().enumerate() {
            let Some(next) = at.children.get(name) else { return (forget, Some(Reason::DeleteBecauseNoModule)) };
            let parent = ModulePath(address.module.0[..i].to_vec());
            let node = self.links.module_index(&next.path).and_then(|m| self.links.find(&Node::Module(m)));
            if !node.is_some_and(|n| self.world.repetition(&parent, n).has(key.as_ref())) {
                return (forget, Some(Reason::DeleteBecauseNoModule));
            }
            at = next;
        }
        let Some(node) = self.links.find_block(&address.block()) else {
            return (forget, Some(Reason::DeleteBecauseNoResourceConfig));
        };
        let reason = match (self.world.repetition(&address.module, node), &address.key) {
            (Repetition::Count(_), Some(Key::Int(_))) => Reason::DeleteBecauseCountIndex,
            (Repetition::Each(_), Some(Key::Str(_))) => Reason::DeleteBecauseEachKey,
            _ => Reason::DeleteBecauseWrongRepetition,
        };
        (forget, Some(reason))
    }

    /// Objects that a replacement left behind are deleted.
    fn deposed(&mut self) {
        if self.request.mode == Mode::RefreshOnly {
            return;
        }
        let mut found = Vec::new();
        for (address, holder, instance) in self.state.objects() {
            if let (Some(deposed), Some(resource)) = (&instance.deposed, resources::resource(&address.ty))
                && let Ok(object) = stored::decode(resource, instance)
                && self.is_targeted(&address)
            {
                let before = object.to_value().mark_at(&stored::stored_marks(instance));
                found.push(Change {
                    address,
                    previous: None,
                    deposed: Some(deposed.clone()),
                    provider: holder.provider.clone(),
                    action: Action::Delete,
                    reason: None,
                    after: Value::null(before.ty()),
                    before,
                    replace_paths: Vec::new(),
                    importing: None,
                    create_before_destroy: instance.create_before_destroy,
                });
            }
        }
        self.changes.extend(found);
    }

    /// Data that goes with what is deleted or replaced: asked of AWS, and told to whoever reads the plan.
    async fn losses(&mut self) -> Vec<Loss> {
        let mut asked = Vec::new();
        for change in self.changes.iter().filter(|c| loss::deletes(c)) {
            if resources::resource(&change.address.ty).is_some_and(|r| r.holds_data()) {
                asked.push((
                    change.address.clone(),
                    change.deposed.clone(),
                    change.provider.clone(),
                    change.before.clone(),
                ));
            }
        }
        let mut questions = Vec::new();
        for (address, deposed, provider, before) in asked {
            let Some(key) = ProviderKey::parse(&self.request.config, &provider) else { continue };
            let Some(aws) = self.aws(&key, None).await else { continue };
            let object = Object::from_value(&before.unmark_deep().0);
            let ty = address.ty.clone();
            let is_part = |address: &Address, stored: &Stored| {
                let within = resources::resource(&address.ty).and_then(|r| r.lies_within());
                within.is_some_and(|(name, holder)| *holder == *ty && stored.object.str(name) == object.str("id"))
            };
            let known = self.objects.iter().filter(|(a, s)| is_part(a, s) && s.provider == key).count();
            questions.push(loss::Question { address, deposed, aws, object, known });
        }
        let losses = loss::look(questions).await;
        for l in &losses {
            let detail = format!(
                "The plan deletes {}, which holds {}. Nothing brings them back. Applying asks for the name of each such object, or \
                 takes -allow-data-loss.",
                l.address, l.what
            );
            let written = self.request.config.resource(&l.address.block()).map(|r| r.span.clone());
            self.world
                .diags
                .push(Diagnostic::warning("Data would be lost", detail).about(&l.address).at_opt(written.as_ref()));
        }
        losses
    }

    fn outputs(&mut self) -> BTreeMap<Arc<str>, OutputChange> {
        let mut out = BTreeMap::new();
        let config = self.request.config.clone();
        let destroy = self.request.mode == Mode::Destroy;
        let nothing = || Value::null(Type::Any);
        for (name, output) in &config.root.outputs {
            let before = self.state.outputs.get(name);
            let old = before.map_or_else(nothing, |o| o.value.clone());
            let Some(node) = self.links.find(&Node::Output(0, name.clone())) else { continue };
            let after = match destroy {
                // What is left has outputs still.
                true if self.waits_for_others(node) => old.clone(),
                true => nothing(),
                false if !self.is_wanted(node) => old.clone(),
                false if self.waits_for_others(node) => old.clone(),
                false => self.world.output(name).unwrap_or_else(nothing),
            };
            if after.marks_deep().ephemeral && !destroy {
                continue;
            }
            let bare = |v: &Value| v.clone().unmark_deep().0;
            let sensitive = output.sensitive;
            let action = match before {
                Some(o) if bare(&o.value) == bare(&after) && o.sensitive == sensitive => Action::NoOp,
                None if destroy || bare(&after).is_null() => Action::NoOp,
                None => Action::Create,
                Some(_) if destroy => Action::Delete,
                Some(_) => Action::Update,
            };
            if before.is_none() && action == Action::NoOp && destroy {
                continue;
            }
            out.insert(name.clone(), OutputChange { action, before: old, after, sensitive });
        }
        for (name, output) in &self.state.outputs {
            if !config.root.outputs.contains_key(name) {
                let change = OutputChange {
                    action: Action::Delete,
                    before: output.value.clone(),
                    after: nothing(),
                    sensitive: output.sensitive,
                };
                out.insert(name.clone(), change);
            }
        }
        out
    }

    /// Whether an output cannot be worked out because of types that are not ours; when destroying, whether some of them stay.
    fn waits_for_others(&self, node: NodeIndex) -> bool {
        let Some(beside) = &self.beside else { return false };
        if self.request.mode == Mode::Destroy {
            return self.state.objects().any(|(a, ..)| !beside::is_ours(a.mode, &a.ty));
        }
        let Node::Output(_, name) = &self.links.nodes[node] else { return false };
        let known = self.world.output(name).is_none_or(|v| v.is_wholly_known());
        !known && beside.lacking(&graph_below(&self.links, node)).is_some()
    }

    /// The state after looking, moving and importing: what applies before any step.
    fn refreshed(&mut self) -> State {
        let mut state = std::mem::replace(&mut self.state, State::empty());
        let mut addresses: Vec<&Address> = self.objects.keys().collect();
        addresses.sort();
        for address in addresses {
            let stored = &self.objects[address];
            let imported = self.imports.contains_key(address);
            let Some(resource) = resources::resource(&address.ty) else { continue };
            match &stored.now {
                None => drop(state.remove(address)),
                Some(now) if *now != stored.object || stored.instance.schema_version < resource.schema().version => {
                    let mut instance = stored::encode(
                        resource,
                        now,
                        &stored.marks,
                        Some(&stored.instance),
                        stored.instance.dependencies.clone(),
                        stored.instance.create_before_destroy,
                    );
                    instance.tainted = stored.instance.tainted;
                    instance.private.clone_from(&stored.instance.private);
                    state.set(address, &stored.provider.to_string(), instance);
                }
                // An import becomes part of the state by its step.
                Some(_) if imported => {}
                Some(_) => {}
            }
        }
        // Data sources that no block reads any more.
        let gone: Vec<Address> = state
            .objects()
            .map(|(a, _, _)| a)
            .filter(|a| a.mode == BlockMode::Data && self.wanted.is_none())
            .filter(|a| self.beside.is_none() || beside::is_ours(a.mode, &a.ty))
            .filter(|a| {
                self.request.mode == Mode::Destroy
                    || self
                        .links
                        .find_block(&a.block())
                        .is_none_or(|n| self.keys.get(&(a.module.clone(), n)).is_none_or(|r| !r.has(a.key.as_ref())))
            })
            .collect();
        for address in gone {
            state.remove(&address);
        }
        state
    }
}

/// Whether a target names an instance of the same block.
fn names_block(target: &Target, address: &Address) -> bool {
    matches!(target, Target::Resource(t) if t.block() == address.block() && t.key.is_some())
}

/// `self` beside the names an instance sees.
fn self_names(names: Option<&Arc<Fields>>, value: &Value) -> Arc<Fields> {
    let mut fields = names.map(|n| (**n).clone()).unwrap_or_default();
    fields.insert("self".into(), value.clone());
    Arc::new(fields)
}

/// The path that an entry of `ignore_changes` names, without the object.
fn relative_path(e: &config::expr::Expr) -> Option<Path> {
    use config::expr::ExprKind;
    match &e.kind {
        ExprKind::Name(name) => Some(Path::attr(name)),
        ExprKind::Attr(inner, name) => Some(relative_path(inner)?.then(PathStep::Attr(name.name.clone()))),
        ExprKind::LegacyIndex(inner, n, _) => {
            Some(relative_path(inner)?.then(PathStep::Index(usize::try_from(n.to_i64()?).ok()?)))
        }
        ExprKind::Index(inner, key) => {
            let ExprKind::Literal(key) = &key.kind else { return None };
            let step = match (key.as_str(), key.as_i64()) {
                (Some(k), _) => PathStep::Key(k.into()),
                (None, Some(i)) => PathStep::Index(usize::try_from(i).ok()?),
                _ => return None,
            };
            Some(relative_path(inner)?.then(step))
        }
        _ => None,
    }
}

/// The nodes that `-target` leaves, with all they need; when destroying, with all that needs them.
fn wanted_nodes(request: &Request<'_>, links: &Links) -> Option<Vec<bool>> {
    if request.targets.is_empty() {
        return None;
    }
    let is_target = |n: NodeIndex| {
        links.block(n).is_some_and(|block| {
            request.targets.iter().any(|t| match t {
                Target::Module(path) => block.module.starts_with(&path.config()),
                Target::Resource(address) => address.block() == block,
            })
        })
    };
    let starts: Vec<NodeIndex> = (0..links.nodes.len()).filter(|n| is_target(*n)).collect();
    let edges = if request.mode == Mode::Destroy { &links.users } else { &links.needs };
    let mut wanted = graph::closure(edges, starts);
    // An output counts if all it needs counts.
    for &n in &links.order {
        if let Node::Output(0, _) = &links.nodes[n] {
            let blocks =
                links.needs[n].iter().filter(|n| !matches!(links.nodes[**n], Node::Variable(..) | Node::Module(_)));
            wanted[n] = wanted[n] || (blocks.clone().count() > 0 && blocks.clone().all(|n| wanted[*n]));
        }
        if matches!(links.nodes[n], Node::Variable(..) | Node::Provider(..) | Node::Module(_)) {
            wanted[n] = true;
        }
    }
    Some(wanted)
}

/// All nodes that a node needs, through others too.
fn graph_below(links: &Links, node: NodeIndex) -> Vec<NodeIndex> {
    let below = graph::closure(&links.needs, links.needs[node].iter().copied());
    (0..links.nodes.len()).filter(|n| below[*n]).collect()
}
