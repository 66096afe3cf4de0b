//! The values of all names in all module instances so far: what [`Scope`]s are cut from.
//!
//! The same thing serves planning (objects are as planned, with holes), applying (they become final one by one) and `console`.
//! Refuses to know AWS and state: objects are put in from outside.

use super::conditions::{Judged, Ledger};
use super::links::{Links, ModuleIndex, Node, NodeIndex};
use super::region;
use crate::address::{Address, BlockAddress, Key, Mode, ModulePath};
use crate::config::expr::Expr;
use crate::config::{Config, Module, Repeat};
use crate::diag::{Diagnostic, Diags};
use crate::eval::{self, Facts, Scope};
use crate::value::{Fields, Kind, Marks, Type, Value};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// Which instances a block has.
#[derive(Clone, Debug, PartialEq)]
pub enum Repetition {
    /// One, without a key.
    Once,
    /// `count`
    Count(u64),
    /// `for_each`: the keys and `each.value`s.
    Each(Arc<Fields>),
    /// It could not be worked out; the reason is in the diagnostics. While validating: not known yet.
    Open,
}

/// One instance: its key and the names only it sees (`each`, `count`).
pub type InstanceNames = (Option<Key>, Option<Arc<Fields>>);

impl Repetition {
    /// The instances in order.
    pub fn instances(&self) -> Vec<InstanceNames> {
        match self {
            Repetition::Once => vec![(None, None)],
            Repetition::Count(n) => (0..*n).map(|i| (Some(Key::Int(i)), Some(count_names(i)))).collect(),
            Repetition::Each(fields) => fields
                .iter()
                .map(|(k, v)| (Some(Key::Str(k.clone())), Some(each_names(Value::string(k), v.clone()))))
                .collect(),
            Repetition::Open => Vec::new(),
        }
    }

    /// Whether an instance of this key is among them.
    pub fn has(&self, key: Option<&Key>) -> bool {
        match (self, key) {
            (Repetition::Once, None) => true,
            (Repetition::Count(n), Some(Key::Int(i))) => i < n,
            (Repetition::Each(fields), Some(Key::Str(k))) => fields.contains_key(k),
            _ => false,
        }
    }

    /// The names the instance of this key sees.
    pub fn names(&self, key: Option<&Key>) -> Option<Arc<Fields>> {
        match (self, key) {
            (Repetition::Count(_), Some(Key::Int(i))) => Some(count_names(*i)),
            (Repetition::Each(fields), Some(Key::Str(k))) => {
                Some(each_names(Value::string(k), fields.get(k).cloned().unwrap_or_else(|| Value::unknown(Type::Any))))
            }
            (Repetition::Open, _) => {
                let mut names = Fields::new();
                names.extend((*each_names(Value::unknown(Type::String), Value::unknown(Type::Any))).clone());
                names.insert("count".into(), Value::object_of([("index", Value::unknown(Type::Number))]));
                Some(Arc::new(names))
            }
            _ => None,
        }
    }
}

fn count_names(i: u64) -> Arc<Fields> {
    let index = Value::number(i64::try_from(i).unwrap_or(i64::MAX));
    Arc::new(Fields::from([(Arc::from("count"), Value::object_of([("index", index)]))]))
}

/// What `each` is for one instance.
pub(super) fn each_names(key: Value, value: Value) -> Arc<Fields> {
    Arc::new(Fields::from([(Arc::from("each"), Value::object_of([("key", key), ("value", value)]))]))
}

/// The values of all names so far.
pub struct World {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its web.
    pub links: Arc<Links>,
    /// What stays the same during a run.
    pub facts: Facts,
    /// The working directory of the run: what `file("x")` starts from.
    pub base_dir: std::path::PathBuf,
    /// `terraform.workspace`
    pub workspace: String,
    /// What is wrong with what was evaluated.
    pub diags: Diags,
    /// While validating nothing is known: variables are holes, and so are instances.
    pub validating: bool,
    /// See [`Config::has_regions`]; it does not change.
    pub has_regions: bool,
    /// Raw values of the root module's variables, converted and with defaults.
    pub variables: BTreeMap<Arc<str>, Value>,
    pub(super) ledger: Ledger,
    frames: HashMap<ModulePath, Arc<Fields>>,
    instances: Vec<Vec<ModulePath>>,
    module_names: HashMap<ModulePath, Option<Arc<Fields>>>,
    repetitions: HashMap<(ModulePath, NodeIndex), Repetition>,
    stale: Vec<bool>,
}

impl World {
    /// Nothing evaluated yet.
    pub fn new(
        config: Arc<Config>,
        links: Arc<Links>,
        facts: Facts,
        base_dir: &Path,
        workspace: &str,
        variables: BTreeMap<Arc<str>, Value>,
    ) -> World {
        let mut world = World {
            instances: vec![Vec::new(); links.modules.len()],
            stale: vec![true; links.nodes.len()],
            has_regions: config.has_regions(),
            config,
            links,
            facts,
            base_dir: base_dir.to_path_buf(),
            workspace: workspace.to_string(),
            diags: Diags::new(),
            validating: false,
            variables,
            ledger: Ledger::default(),
            frames: HashMap::new(),
            module_names: HashMap::new(),
            repetitions: HashMap::new(),
        };
        world.open_frame(0, ModulePath::root(), None);
        world
    }

    /// The module behind an index.
    pub fn module(&self, m: ModuleIndex) -> &Module {
        let path = &self.links.modules[m].path;
        self.config.module(path).unwrap_or(&self.config.root)
    }

    /// The instances of a module, as far as they are worked out.
    pub fn module_instances(&self, m: ModuleIndex) -> &[ModulePath] {
        &self.instances[m]
    }

    /// Which instances a block has in this module instance.
    pub fn repetition(&self, module: &ModulePath, node: NodeIndex) -> &Repetition {
        self.repetitions.get(&(module.clone(), node)).unwrap_or(&Repetition::Open)
    }

    /// The names seen in a module instance, and those only one block's instance sees on top.
    pub fn scope(&self, module: &ModulePath, names: Option<&Arc<Fields>>) -> Scope<'_> {
        let frame = self.frames.get(module).cloned().unwrap_or_default();
        let mut roots = vec![frame];
        roots.extend(names.cloned());
        Scope { facts: &self.facts, base_dir: &self.base_dir, roots }
    }

    /// Evaluates in a module instance; what is wrong goes to [`World::diags`].
    pub fn eval(&mut self, expr: &Expr, module: &ModulePath, names: Option<&Arc<Fields>>) -> Value {
        let mut diags = Diags::new();
        let value = eval::eval(expr, &self.scope(module, names), &mut diags);
        self.diags.extend(diags);
        value
    }

    /// Works a name's value out anew in every instance of its module. Blocks only get their instances; what those are is put in by
    /// [`World::set_object`].
    pub fn evaluate(&mut self, node: NodeIndex) {
        self.stale[node] = false;
        let links = self.links.clone();
        let config = self.config.clone();
        let m = links.nodes[node].module();
        let Some(module) = config.module(&links.modules[m].path) else { return };
        if let Node::Module(_) = links.nodes[node] {
            if m != 0 {
                self.expand_module(m, node);
            }
            return;
        }
        for path in self.instances[m].clone() {
            match &links.nodes[node] {
                Node::Variable(_, name) => {
                    let value = self.variable(m, module, &path, name);
                    self.put(&path, &["var", name], value);
                }
                Node::Validation(_, name) => {
                    if let Some(variable) = module.variables.get(name) {
                        self.validations(variable, &path);
                    }
                }
                Node::Local(_, name) => {
                    if let Some(local) = module.locals.get(name) {
                        let value = self.eval(&local.value, &path, None);
                        self.put(&path, &["local", name], value);
                    }
                }
                Node::Output(_, name) => {
                    let Some(output) = module.outputs.get(name) else { continue };
                    let ok = self.conditions(Judged::Output(&path, name), &output.preconditions, None);
                    let mut value = self.eval(&output.value, &path, None);
                    if !ok {
                        value = Value::unknown(Type::Any);
                    }
                    if output.sensitive {
                        value = value.mark(Marks::SENSITIVE);
                    } else if m == 0 && value.marks_deep().sensitive {
                        self.diags.push(
                            Diagnostic::error(
                                "Output refers to sensitive values",
                                "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, every root module output containing sensitive data must be explicitly marked as sensitive, to confirm your intent.",
                            )
                            .at(&output.span)
                            .help("Add `sensitive = true` to the output, or wrap the value in nonsensitive(...) if it is no secret."),
                        );
                    }
                    if output.ephemeral {
                        value = value.mark(Marks { sensitive: false, ephemeral: true });
                    } else if value.marks_deep().ephemeral {
                        let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value.";
                        let help = match m {
                            0 => {
                                "An output of the root module is stored. Leave it out, or wrap the value in ephemeralasnull(...)."
                            }
                            _ => "Add `ephemeral = true` to the output.",
                        };
                        self.diags.push(Diagnostic::error(EPHEMERAL, detail).at(&output.value.span).help(help));
                        value = Value::unknown(Type::Any);
                    }
                    self.put_output(&path, name, value);
                }
                Node::Resource(_, mode, ty, name) => {
                    let key = (*mode, ty.clone(), name.clone());
                    if let Some(block) = module.resources.get(&key) {
                        let what = Block { module: &path, node, ty, name, mode: *mode };
                        self.expand_block(&what, &block.repeat);
                    }
                }
                Node::Provider(..) | Node::Check(..) | Node::Module(_) => {}
            }
        }
    }

    /// Evaluates every stale name that `node` needs, in order.
    pub fn freshen(&mut self, node: NodeIndex) {
        let links = self.links.clone();
        let mut open = links.needs[node].clone();
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(n) = open.pop() {
            if self.stale[n] && seen.insert(n) {
                found.push(n);
                open.extend(&links.needs[n]);
            }
        }
        if found.len() > 1 {
            let wanted: std::collections::HashSet<_> = found.iter().copied().collect();
            found = links.order.iter().copied().filter(|n| wanted.contains(n)).collect();
        }
        for n in found {
            self.evaluate(n);
        }
    }

    /// Works out what is stale of the names that `node` needs, and then the node itself if one of them may have changed it: the
    /// `for_each` of ten thousand instances is not gone through for each of them.
    pub fn refresh(&mut self, node: NodeIndex) {
        self.freshen(node);
        if self.stale[node] {
            self.evaluate(node);
        }
    }

    /// All names that are worked out from this node must be worked out again when they are next asked for. Blocks keep their instances'
    /// objects; only what they are worked out of is stale.
    pub fn spoil_users(&mut self, node: NodeIndex) {
        let links = self.links.clone();
        let mut open = links.users[node].clone();
        while let Some(n) = open.pop() {
            if self.stale[n] {
                continue;
            }
            match &links.nodes[n] {
                Node::Resource(..) => {
                    // `each.value` may hold what was a hole.
                    self.stale[n] = true;
                }
                Node::Module(_) | Node::Variable(..) | Node::Local(..) | Node::Output(..) => {
                    self.stale[n] = true;
                    open.extend(&links.users[n]);
                }
                _ => {}
            }
        }
    }

    /// Puts an object's value where references find it.
    pub fn set_object(&mut self, address: &Address, value: Value) {
        let Some(node) = self.links.find_block(&address.block()) else { return };
        let value = if self.has_regions { region::shown(&address.ty, value) } else { value };
        let repetition = self.repetition(&address.module, node).clone();
        let (ty, name) = (&*address.ty, &*address.name);
        let roots: Vec<&str> = match address.mode {
            Mode::Managed => vec![ty, name],
            Mode::Data => vec!["data", ty, name],
        };
        match (&address.key, repetition) {
            (None, _) => self.put(&address.module, &roots, value),
            (Some(Key::Int(i)), _) => {
                if let Some(slot) = self.slot(&address.module, &roots)
                    && let Some(elements) = slot.elements_mut()
                    && let Some(element) = usize::try_from(*i).ok().and_then(|i| elements.get_mut(i))
                {
                    *element = value;
                }
            }
            (Some(Key::Str(k)), _) => {
                if let Some(slot) = self.slot(&address.module, &roots)
                    && let Some(fields) = slot.fields_mut()
                {
                    fields.insert(k.clone(), value);
                }
            }
        }
    }

    /// The names of a module with the data source that a `check` block has for itself.
    pub fn with_data(&self, module: &ModulePath, ty: &Arc<str>, name: &Arc<str>, value: Value) -> Arc<Fields> {
        let empty = || Value::object(Fields::new());
        let mut data = self.scope(module, None).root("data").cloned().unwrap_or_else(empty);
        if let Some(fields) = data.fields_mut()
            && let Some(of_type) = fields.entry(ty.clone()).or_insert_with(empty).fields_mut()
        {
            of_type.insert(name.clone(), value);
        }
        Arc::new(Fields::from([(Arc::from("data"), data)]))
    }

    fn open_frame(&mut self, m: ModuleIndex, path: ModulePath, names: Option<Arc<Fields>>) {
        let module = self.module(m);
        let mut roots = Fields::new();
        let empty = || Value::object(Fields::new());
        for root in ["var", "local", "module", "data"] {
            roots.insert(root.into(), empty());
        }
        let text = |p: &Path| Value::string(p.to_string_lossy());
        roots.insert(
            "path".into(),
            Value::object_of([
                ("module", text(&module.dir)),
                ("root", text(&self.config.root.dir)),
                ("cwd", text(&self.facts.cwd)),
            ]),
        );
        roots.insert(
            "terraform".into(),
            Value::object_of([
                ("workspace", Value::string(&self.workspace)),
                ("applying", Value::bool(self.facts.applying).mark(Marks { sensitive: false, ephemeral: true })),
            ]),
        );
        for (mode, ty, name) in module.resources.keys() {
            let holder = match mode {
                Mode::Managed => roots.entry(ty.clone()).or_insert_with(empty),
                Mode::Data => {
                    let Some(data) = roots.get_mut("data").and_then(Value::fields_mut) else { continue };
                    data.entry(ty.clone()).or_insert_with(empty)
                }
            };
            if let Some(fields) = holder.fields_mut() {
                fields.insert(name.clone(), Value::unknown(Type::Any));
            }
        }
        self.frames.insert(path.clone(), Arc::new(roots));
        self.module_names.insert(path.clone(), names);
        self.instances[m].push(path);
    }

    fn expand_module(&mut self, m: ModuleIndex, node: NodeIndex) {
        let Some(parent) = self.links.modules[m].parent else { return };
        let config = self.config.clone();
        let parent_path = self.links.modules[parent].path.clone();
        let name = self.links.modules[m].path.last().cloned().unwrap_or_else(|| "".into());
        let Some(call) = config.module(&parent_path).and_then(|p| p.calls.get(&name)) else { return };
        for caller in self.instances[parent].clone() {
            let repetition = self.repeat(&call.repeat, &caller);
            let known = self.repetitions.insert((caller.clone(), node), repetition.clone());
            let outputs = || Value::object(Fields::new());
            if known.is_none() {
                let whole = match &repetition {
                    Repetition::Once => outputs(),
                    Repetition::Count(n) => Value::tuple((0..*n).map(|_| outputs()).collect()),
                    Repetition::Each(keys) => Value::object(keys.keys().map(|k| (k.clone(), outputs())).collect()),
                    Repetition::Open => Value::unknown(Type::Any),
                };
                self.put(&caller, &["module", &name], whole);
            }
            let instances = match &repetition {
                Repetition::Open => vec![(None, repetition.names(None))],
                r => r.instances(),
            };
            for (key, names) in instances {
                let path = caller.child(&name, key);
                if self.frames.contains_key(&path) {
                    self.module_names.insert(path, names);
                } else {
                    self.open_frame(m, path, names);
                }
            }
        }
    }

    fn expand_block(&mut self, what: &Block<'_>, repeat: &Repeat) {
        let repetition = self.repeat(repeat, what.module);
        let before = self.repetitions.insert((what.module.clone(), what.node), repetition.clone());
        if before.is_some() {
            return;
        }
        let hole = || Value::unknown(Type::Any);
        let whole = match &repetition {
            Repetition::Once | Repetition::Open => hole(),
            Repetition::Count(n) => Value::tuple((0..*n).map(|_| hole()).collect()),
            Repetition::Each(keys) => Value::object(keys.keys().map(|k| (k.clone(), hole())).collect()),
        };
        match what.mode {
            Mode::Managed => self.put(what.module, &[what.ty, what.name], whole),
            Mode::Data => self.put(what.module, &["data", what.ty, what.name], whole),
        }
    }

    fn repeat(&mut self, repeat: &Repeat, module: &ModulePath) -> Repetition {
        let (expr, each) = match repeat {
            Repeat::Once => return Repetition::Once,
            Repeat::Count(e) => (e, false),
            Repeat::ForEach(e) => (e, true),
        };
        let mut diags = Diags::new();
        let value = eval::eval(expr, &self.scope(module, None), &mut diags);
        let failed = diags.has_errors();
        self.diags.extend(diags);
        let marks = value.marks();
        if !failed && (marks.ephemeral || each && marks.sensitive) {
            self.diags.push(hidden(expr, each, marks));
            return Repetition::Open;
        }
        if failed || (self.validating && !value.is_wholly_known()) {
            return Repetition::Open;
        }
        let result = if each { for_each(expr, value) } else { count(expr, value) };
        result.unwrap_or_else(|d| {
            self.diags.push(*d);
            Repetition::Open
        })
    }

    fn variable(&mut self, m: ModuleIndex, module: &Module, path: &ModulePath, name: &str) -> Value {
        let Some(variable) = module.variables.get(name) else { return Value::unknown(Type::Any) };
        if m == 0 {
            if self.validating {
                return Value::unknown(variable.ty.clone())
                    .mark(Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral });
            }
            return self.variables.get(name).cloned().unwrap_or_else(|| Value::unknown(variable.ty.clone()));
        }
        let config = self.config.clone();
        let parent = path.parent().unwrap_or_default();
        let call = config.module(&parent.config()).zip(path.0.last()).and_then(|(p, (call, _))| p.calls.get(call));
        let argument = call.and_then(|c| c.body.attribute(name));
        let given = argument.map(|a| {
            let names = self.module_names.get(path).cloned().flatten();
            self.eval(&a.value, &parent, names.as_ref())
        });
        let given = given.map(|value| match argument {
            Some(a) if !variable.ephemeral && value.marks_deep().ephemeral => {
                let detail = "This input variable is not declared as accepting ephemeral values, so it cannot be set to a result derived from an ephemeral value.";
                let help = format!("Add `ephemeral = true` to the variable {name:?} of the module.");
                self.diags.push(Diagnostic::error(EPHEMERAL, detail).at(&a.value.span).help(help));
                Value::unknown(variable.ty.clone())
            }
            _ => value,
        });
        let span = argument.map(|a| a.value.span.clone()).or_else(|| call.map(|c| c.span.clone()));
        let mut diags = Diags::new();
        let value = eval::variables::finish(variable, given, span.as_ref(), &mut diags);
        self.diags.extend(diags);
        value
    }

    fn put_output(&mut self, module: &ModulePath, name: &Arc<str>, value: Value) {
        let Some((call, key)) = module.0.last().cloned() else {
            self.put(module, &["\u{0}output", name], value);
            return;
        };
        let parent = module.parent().unwrap_or_default();
        let Some(slot) = self.slot(&parent, &["module", &call]) else { return };
        let outputs = match key {
            None => Some(slot),
            Some(Key::Int(i)) => slot.elements_mut().and_then(|e| e.get_mut(usize::try_from(i).ok()?)),
            Some(Key::Str(k)) => slot.fields_mut().and_then(|f| f.get_mut(&k)),
        };
        if let Some(fields) = outputs.and_then(Value::fields_mut) {
            fields.insert(name.clone(), value);
        }
    }

    /// The value of a root module output.
    pub fn output(&self, name: &str) -> Option<Value> {
        self.frames.get(&ModulePath::root())?.get("\u{0}output")?.as_fields()?.get(name).cloned()
    }

    /// The place in a module instance's names where a value stands, for changing it.
    fn slot(&mut self, module: &ModulePath, names: &[&str]) -> Option<&mut Value> {
        let frame = self.frames.get_mut(module)?;
        let (first, rest) = names.split_first()?;
        let mut at = Arc::make_mut(frame).get_mut(*first)?;
        for name in rest {
            at = at.fields_mut()?.get_mut(*name)?;
        }
        Some(at)
    }

    fn put(&mut self, module: &ModulePath, names: &[&str], value: Value) {
        let Some((last, holders)) = names.split_last() else { return };
        let Some(frame) = self.frames.get_mut(module) else { return };
        let Some((first, rest)) = holders.split_first() else { return };
        let mut at = Arc::make_mut(frame).entry(Arc::from(*first)).or_insert_with(|| Value::object(Fields::new()));
        for name in rest {
            let Some(fields) = at.fields_mut() else { return };
            at = fields.entry(Arc::from(*name)).or_insert_with(|| Value::object(Fields::new()));
        }
        if let Some(fields) = at.fields_mut() {
            fields.insert(Arc::from(*last), value);
        }
    }

    /// The address of an instance of a resource node.
    pub fn address(&self, node: NodeIndex, module: &ModulePath, key: Option<Key>) -> Option<Address> {
        let BlockAddress { mode, ty, name, .. } = self.links.block(node)?;
        Some(Address { module: module.clone(), mode, ty, name, key })
    }
}

/// One block in one module instance.
struct Block<'a> {
    module: &'a ModulePath,
    node: NodeIndex,
    mode: Mode,
    ty: &'a str,
    name: &'a str,
}

const EPHEMERAL: &str = "Ephemeral value not allowed";

type Refused = Box<Diagnostic>;

/// Why a value that must not be seen or stored decides about no instances.
fn hidden(expr: &Expr, each: bool, marks: Marks) -> Diagnostic {
    let (summary, name) = match each {
        true => ("Invalid for_each argument", "for_each"),
        false => ("Invalid count argument", "count"),
    };
    let detail = match marks.ephemeral {
        true => format!(
            "The given \"{name}\" is derived from an ephemeral value, which is not there any more when the plan is applied. Use only values that are not ephemeral to say which instances there are."
        ),
        false => format!(
            "Sensitive values, or values derived from sensitive values, cannot be used as {name} arguments: the keys would be disclosed in every address."
        ),
    };
    Diagnostic::error(summary, detail).at(&expr.span)
}

fn count(expr: &Expr, value: Value) -> Result<Repetition, Refused> {
    let (value, _) = value.unmark_deep();
    let bad = |detail: String| Box::new(Diagnostic::error("Invalid count argument", detail).at(&expr.span));
    if value.is_null() {
        return Err(bad("The given \"count\" argument value is null. An integer is required.".into()));
    }
    let number = crate::value::convert(&value, &Type::Number)
        .map_err(|e| bad(format!("The given \"count\" argument value is unsuitable: {}.", e.message)))?;
    if !number.is_known() {
        return Err(Box::new(
            Diagnostic::error(
                "Invalid count argument",
                "The \"count\" value depends on resource attributes that cannot be determined until apply, so it cannot be predicted how many instances will be created.",
            )
            .at(&expr.span)
            .help("Use a value that is known now, or apply first only what the count depends on, with -target."),
        ));
    }
    match number.as_i64() {
        Some(n) if n >= 0 => Ok(Repetition::Count(n.unsigned_abs())),
        Some(_) => {
            Err(bad("The given \"count\" argument value is unsuitable: must be greater than or equal to zero.".into()))
        }
        None => Err(bad("The given \"count\" argument value is unsuitable: a whole number is required.".into())),
    }
}

fn for_each(expr: &Expr, value: Value) -> Result<Repetition, Refused> {
    let bad = |detail: String| Box::new(Diagnostic::error("Invalid for_each argument", detail).at(&expr.span));
    let hole = |what: &str| {
        Box::new(
            Diagnostic::error(
                "Invalid for_each argument",
                format!("The \"for_each\" {what} that cannot be determined until apply, so the full set of keys that will identify the instances is not known."),
            )
            .at(&expr.span)
            .help("Define the keys statically in your configuration and place results known after apply only in the map values, or apply first only what the keys depend on, with -target."),
        )
    };
    if value.is_null() {
        return Err(bad("The given \"for_each\" argument value is null. A map, or set of strings is allowed.".into()));
    }
    match value.kind() {
        Kind::Unknown(Type::Set(_), _) => Err(hole("set includes values derived from resource attributes")),
        Kind::Unknown(Type::Map(_) | Type::Object(..) | Type::Any, _) => Err(hole("map includes keys derived from resource attributes")),
        Kind::Map(_, fields) | Kind::Object(fields) => Ok(Repetition::Each(fields.clone())),
        Kind::Set(ty, values) => {
            if values.is_empty() {
                return Ok(Repetition::Each(Arc::default()));
            }
            if *ty != Type::String {
                return Err(bad(format!(
                    "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {ty}."
                )));
            }
            let mut fields = Fields::new();
            for v in values.iter() {
                match v.kind() {
                    Kind::String(s) => fields.insert(s.clone(), v.clone()),
                    Kind::Unknown(..) => return Err(hole("set includes values derived from resource attributes")),
                    _ => return Err(bad("The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.".into())),
                };
            }
            Ok(Repetition::Each(Arc::new(fields)))
        }
        Kind::List(..) | Kind::Tuple(_) | Kind::Unknown(Type::List(_) | Type::Tuple(_), _) => Err(Box::new(
            Diagnostic::error(
                "Invalid for_each argument",
                format!(
                    "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.",
                    if matches!(value.ty(), Type::Tuple(_)) { "tuple".to_string() } else { value.ty().to_string() }
                ),
            )
            .at(&expr.span)
            .help(format!("Write toset({}) if the order does not matter and each element is a different string.", short(expr.span.text()))),
        )),
        _ => Err(bad(format!(
            "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.",
            value.ty()
        ))),
    }
}

fn short(text: &str) -> &str {
    if text.len() <= 60 && !text.contains('\n') { text } else { "..." }
}
