//! What in a configuration needs what: every named thing of every module as a node, and the order in which they can be worked out.
//!
//! Refuses to know values: this is the same for every run of one configuration.

use super::imports;
use crate::address::{BlockAddress, Mode};
use crate::config::expr::Expr;
use crate::config::references::{Reference, Step, Subject, references_of_body, references_of_expr};
use crate::config::{Condition, Config, Module, Repeat, Resource};
use crate::diag::{Diagnostic, Span};
use crate::graph::{self, Needs};
use crate::resources;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Index of a module in [`Links::modules`]; 0 is the root.
pub type ModuleIndex = usize;
/// Index of a node in [`Links::nodes`].
pub type NodeIndex = usize;

/// One thing that has a meaning of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Which instances a module has.
    Module(ModuleIndex),
    /// An input variable.
    Variable(ModuleIndex, Arc<str>),
    /// The `validation` rules of an input variable: apart, for they may look at other variables.
    Validation(ModuleIndex, Arc<str>),
    /// A local value.
    Local(ModuleIndex, Arc<str>),
    /// An output value.
    Output(ModuleIndex, Arc<str>),
    /// A `resource` or `data` block.
    Resource(ModuleIndex, Mode, Arc<str>, Arc<str>),
    /// The n-th `provider` block.
    Provider(ModuleIndex, usize),
    /// A `check` block.
    Check(ModuleIndex, Arc<str>),
}

impl Node {
    /// The module it is in.
    pub fn module(&self) -> ModuleIndex {
        match self {
            Node::Module(m)
            | Node::Variable(m, _)
            | Node::Validation(m, _)
            | Node::Local(m, _)
            | Node::Output(m, _)
            | Node::Resource(m, ..)
            | Node::Provider(m, _)
            | Node::Check(m, _) => *m,
        }
    }
}

/// A module of the configuration and where it hangs.
#[derive(Clone, Debug)]
pub struct ModuleLink {
    /// Names of the calls that lead to it.
    pub path: Vec<Arc<str>>,
    /// The module that calls it.
    pub parent: Option<ModuleIndex>,
}

/// The whole web.
#[derive(Clone, Debug)]
pub struct Links {
    /// All modules, callers before called.
    pub modules: Vec<ModuleLink>,
    /// All nodes.
    pub nodes: Vec<Node>,
    /// What each node needs, as written and by [`resources::Resource::completes`].
    pub needs: Needs,
    /// Who needs each node.
    pub users: Needs,
    /// Every node, after what it needs.
    pub order: Vec<NodeIndex>,
    /// What `depends_on` names, of the block itself and of the modules around it: for data sources, whose reading it puts off.
    pub explicit: HashMap<NodeIndex, Vec<NodeIndex>>,
    /// Edges that nobody wrote: (user, what completes the thing it uses).
    pub implicit: Vec<(NodeIndex, NodeIndex)>,
    index: HashMap<Node, NodeIndex>,
    /// Attributes that are referred to, by the type of the resource; no attribute: an object as a whole.
    parts: HashSet<(Arc<str>, Option<Arc<str>>)>,
}

impl Links {
    /// Links a configuration.
    ///
    /// # Errors
    /// A circle, named as a path with its places.
    pub fn new(config: &Config) -> Result<Links, Diagnostic> {
        let mut b = Builder::default();
        b.module(&config.root, None);
        for m in 0..b.modules.len() {
            let path = b.modules[m].path.clone();
            if let Some(module) = config.module(&path) {
                b.edges(config, m, module);
            }
        }
        b.imports(config);
        let implicit = b.implicit(config);
        for list in &mut b.needs {
            list.sort_unstable();
            list.dedup();
        }
        let order = graph::order(&b.needs).map_err(|circle| b.circle(config, &circle))?;
        let users = graph::reversed(&b.needs);
        Ok(Links {
            modules: b.modules,
            nodes: b.nodes,
            needs: b.needs,
            users,
            order,
            explicit: b.explicit,
            implicit,
            index: b.index,
            parts: b.parts,
        })
    }

    /// Whether anything refers to this attribute of an object of this type, or to such an object as a whole.
    pub fn refers_to(&self, ty: &str, attribute: &str) -> bool {
        // Of `self` it is not told what it is.
        self.parts
            .iter()
            .any(|(t, part)| (**t == *ty || **t == *"self") && part.as_deref().is_none_or(|part| part == attribute))
    }

    /// The index of a node.
    pub fn find(&self, node: &Node) -> Option<NodeIndex> {
        self.index.get(node).copied()
    }

    /// The index of the module at this path of calls.
    pub fn module_index(&self, path: &[Arc<str>]) -> Option<ModuleIndex> {
        self.modules.iter().position(|m| m.path == path)
    }

    /// The node of a block.
    pub fn find_block(&self, address: &BlockAddress) -> Option<NodeIndex> {
        let m = self.module_index(&address.module)?;
        self.find(&Node::Resource(m, address.mode, address.ty.clone(), address.name.clone()))
    }

    /// The address of a resource node.
    pub fn block(&self, node: NodeIndex) -> Option<BlockAddress> {
        match &self.nodes[node] {
            Node::Resource(m, mode, ty, name) => Some(BlockAddress {
                module: self.modules[*m].path.clone(),
                mode: *mode,
                ty: ty.clone(),
                name: name.clone(),
            }),
            _ => None,
        }
    }

    /// For each resource node, the resource nodes it needs without another resource in between; as written,
    /// or with the implicit edges too.
    pub fn direct_resources(&self, with_implicit: bool) -> BTreeMap<NodeIndex, Vec<NodeIndex>> {
        let is_resource = |n: NodeIndex| matches!(self.nodes[n], Node::Resource(..));
        // What each node reaches through names alone, worked out once per node, in order.
        let mut through: Vec<Arc<Vec<NodeIndex>>> = vec![Arc::default(); self.nodes.len()];
        let implicit: std::collections::HashSet<(usize, usize)> = self.implicit.iter().copied().collect();
        for &node in &self.order {
            let mut set: Vec<NodeIndex> = Vec::new();
            for &need in &self.needs[node] {
                if !with_implicit && implicit.contains(&(node, need)) {
                    continue;
                }
                if is_resource(need) {
                    set.push(need);
                } else {
                    set.extend(through[need].iter());
                }
            }
            set.sort_unstable();
            set.dedup();
            through[node] = Arc::new(set);
        }
        (0..self.nodes.len()).filter(|n| is_resource(*n)).map(|n| (n, through[n].to_vec())).collect()
    }

    /// For each resource block all blocks it needs, directly or through others, sorted: the state's `dependencies`.
    pub fn dependencies(&self) -> BTreeMap<BlockAddress, Vec<BlockAddress>> {
        let direct = self.direct_resources(false);
        let mut all: HashMap<NodeIndex, std::collections::BTreeSet<NodeIndex>> = HashMap::new();
        for &node in self.order.iter().filter(|n| direct.contains_key(n)) {
            let mut set = std::collections::BTreeSet::new();
            for need in &direct[&node] {
                set.insert(*need);
                if let Some(further) = all.get(need) {
                    set.extend(further.iter().copied());
                }
            }
            all.insert(node, set);
        }
        let address = |n: &NodeIndex| self.block(*n);
        all.iter()
            .filter_map(|(n, set)| {
                let mut list: Vec<BlockAddress> = set.iter().filter_map(address).collect();
                list.sort_by_key(ToString::to_string);
                Some((address(n)?, list))
            })
            .collect()
    }

    /// How a node is named in messages.
    pub fn name(&self, node: NodeIndex) -> String {
        name(&self.modules, &self.nodes[node])
    }
}

fn name(modules: &[ModuleLink], node: &Node) -> String {
    let path = &modules[node.module()].path;
    let prefix: String = path.iter().map(|n| format!("module.{n}.")).collect();
    match node {
        Node::Module(_) => prefix.trim_end_matches('.').to_string(),
        Node::Variable(_, n) => format!("{prefix}var.{n}"),
        Node::Validation(_, n) => format!("{prefix}var.{n} (validation)"),
        Node::Local(_, n) => format!("{prefix}local.{n}"),
        Node::Output(_, n) => format!("{prefix}output.{n}"),
        Node::Resource(_, Mode::Managed, t, n) => format!("{prefix}{t}.{n}"),
        Node::Resource(_, Mode::Data, t, n) => format!("{prefix}data.{t}.{n}"),
        Node::Provider(_, n) => format!("{prefix}provider[{n}]"),
        Node::Check(_, n) => format!("{prefix}check.{n}"),
    }
}

#[derive(Default)]
struct Builder {
    modules: Vec<ModuleLink>,
    nodes: Vec<Node>,
    needs: Needs,
    explicit: HashMap<NodeIndex, Vec<NodeIndex>>,
    index: HashMap<Node, NodeIndex>,
    children: HashMap<(ModuleIndex, Arc<str>), ModuleIndex>,
    parts: HashSet<(Arc<str>, Option<Arc<str>>)>,
}

impl Builder {
    fn node(&mut self, node: Node) -> NodeIndex {
        let i = self.nodes.len();
        self.index.insert(node.clone(), i);
        self.nodes.push(node);
        self.needs.push(Vec::new());
        i
    }

    fn module(&mut self, module: &Module, parent: Option<ModuleIndex>) {
        let m = self.modules.len();
        self.modules.push(ModuleLink { path: module.path.clone(), parent });
        if let (Some(parent), Some(name)) = (parent, module.path.last()) {
            self.children.insert((parent, name.clone()), m);
        }
        self.node(Node::Module(m));
        for (name, v) in &module.variables {
            self.node(Node::Variable(m, name.clone()));
            if !v.validations.is_empty() {
                self.node(Node::Validation(m, name.clone()));
            }
        }
        for name in module.locals.keys() {
            self.node(Node::Local(m, name.clone()));
        }
        for name in module.outputs.keys() {
            self.node(Node::Output(m, name.clone()));
        }
        for (mode, ty, name) in module.resources.keys() {
            self.node(Node::Resource(m, *mode, ty.clone(), name.clone()));
        }
        for i in 0..module.providers.len() {
            self.node(Node::Provider(m, i));
        }
        for name in module.checks.keys() {
            self.node(Node::Check(m, name.clone()));
        }
        for child in module.children.values() {
            self.module(child, Some(m));
        }
    }

    fn need(&mut self, node: &Node, references: &[Reference], in_module: ModuleIndex) {
        for r in references {
            let ty = match &r.subject {
                Subject::Resource { mode: Mode::Managed, ty, .. } => ty.clone(),
                Subject::SelfObject => "self".into(),
                _ => continue,
            };
            let part = match r.rest.first() {
                Some(Step::Attr(name)) => Some(name.name.clone()),
                Some(Step::Key(key, _)) => key.as_str().map(Arc::from),
                _ => None,
            };
            self.parts.insert((ty, part));
        }
        let Some(&i) = self.index.get(node) else { return };
        let targets: Vec<NodeIndex> = references.iter().flat_map(|r| self.targets(in_module, r)).collect();
        // What uses a variable waits until its rules are judged; with that, rules that lead to each other are a circle.
        let rules: Vec<NodeIndex> = targets
            .iter()
            .filter_map(|t| match &self.nodes[*t] {
                Node::Variable(m, name) => self.index.get(&Node::Validation(*m, name.clone())).copied(),
                _ => None,
            })
            .collect();
        self.needs[i].extend(targets.into_iter().chain(rules).filter(|t| *t != i));
    }

    fn edges(&mut self, config: &Config, m: ModuleIndex, module: &Module) {
        let own = self.index.get(&Node::Module(m)).copied();
        let parent = self.modules[m].parent;
        // All in a module waits until it is known which instances the module has.
        if let (Some(own), Some(_)) = (own, parent) {
            for i in 0..self.nodes.len() {
                if self.nodes[i].module() == m && i != own {
                    self.needs[i].push(own);
                }
            }
        }
        let call = parent.and_then(|p| {
            let path = self.modules[p].path.clone();
            config.module(&path)?.calls.get(module.path.last()?)
        });
        if let (Some(p), Some(call)) = (parent, call) {
            self.need(&Node::Module(m), &of_repeat(&call.repeat), p);
            if let (Some(own), Some(&up)) = (own, self.index.get(&Node::Module(p))) {
                self.needs[own].push(up);
            }
            for name in module.variables.keys() {
                if let Some(a) = call.body.attribute(name) {
                    self.need(&Node::Variable(m, name.clone()), &references_of_expr(&a.value), p);
                }
            }
        }
        for (name, v) in &module.variables {
            let node = Node::Validation(m, name.clone());
            self.need(&node, &of_conditions(&v.validations), m);
            if let (Some(&i), Some(&v)) = (self.index.get(&node), self.index.get(&Node::Variable(m, name.clone()))) {
                self.needs[i].push(v);
            }
        }
        for (name, local) in &module.locals {
            self.need(&Node::Local(m, name.clone()), &references_of_expr(&local.value), m);
        }
        for (name, output) in &module.outputs {
            let mut refs = references_of_expr(&output.value);
            refs.extend(of_conditions(&output.preconditions));
            refs.extend(of_exprs(&output.depends_on));
            self.need(&Node::Output(m, name.clone()), &refs, m);
        }
        for (i, provider) in module.providers.iter().enumerate() {
            self.need(&Node::Provider(m, i), &references_of_body(&provider.body), m);
        }
        for (name, check) in &module.checks {
            let mut refs = of_conditions(&check.asserts);
            if let Some(data) = &check.data {
                refs.extend(of_resource(data));
            }
            let node = Node::Check(m, name.clone());
            self.need(&node, &refs, m);
            let depends = check.data.as_ref().map(|data| self.explicit_of(config, m, &data.depends_on));
            if let (Some(&i), Some(explicit)) = (self.index.get(&node), depends.filter(|e| !e.is_empty())) {
                self.needs[i].extend(explicit.iter().copied());
                self.explicit.insert(i, explicit);
            }
        }
        for ((mode, ty, name), resource) in &module.resources {
            let node = Node::Resource(m, *mode, ty.clone(), name.clone());
            self.need(&node, &of_resource(resource), m);
            let explicit = self.explicit_of(config, m, &resource.depends_on);
            if let Some(&i) = self.index.get(&node) {
                self.needs[i].extend(explicit.iter().copied().filter(|t| *t != i));
                if !explicit.is_empty() {
                    self.explicit.insert(i, explicit);
                }
            }
        }
    }

    /// What an import's id is made of comes before the block that it is for.
    fn imports(&mut self, config: &Config) {
        for import in &config.root.imports {
            let Some(BlockAddress { module, mode, ty, name }) = imports::block(import) else { continue };
            if let Some(m) = self.modules.iter().position(|link| link.path == module) {
                self.need(&Node::Resource(m, mode, ty, name), &imports::references(import), 0);
            }
        }
    }

    /// What the block's `depends_on` and those of the module calls around it name.
    fn explicit_of(&self, config: &Config, m: ModuleIndex, own: &[Expr]) -> Vec<NodeIndex> {
        let mut out: Vec<NodeIndex> = of_exprs(own).iter().flat_map(|r| self.depended(m, r)).collect();
        let mut at = m;
        while let Some(parent) = self.modules[at].parent {
            let call = config
                .module(&self.modules[parent].path)
                .zip(self.modules[at].path.last())
                .and_then(|(module, name)| module.calls.get(name));
            if let Some(call) = call {
                out.extend(of_exprs(&call.depends_on).iter().flat_map(|r| self.depended(parent, r)));
            }
            at = parent;
        }
        out
    }

    /// What a `depends_on` entry stands for: a whole module is everything in it and below it.
    fn depended(&self, m: ModuleIndex, r: &Reference) -> Vec<NodeIndex> {
        match &r.subject {
            Subject::Module(name) => match self.children.get(&(m, name.clone())) {
                Some(child) => {
                    let path = &self.modules[*child].path;
                    let inside = |n: &Node| self.modules[n.module()].path.starts_with(path);
                    let counts = |n: &Node| matches!(n, Node::Resource(..) | Node::Output(..) | Node::Module(_));
                    (0..self.nodes.len()).filter(|i| inside(&self.nodes[*i]) && counts(&self.nodes[*i])).collect()
                }
                None => Vec::new(),
            },
            _ => self.targets(m, r),
        }
    }

    fn targets(&self, m: ModuleIndex, r: &Reference) -> Vec<NodeIndex> {
        let one = |node: Node| self.index.get(&node).copied().into_iter().collect();
        match &r.subject {
            Subject::Variable(name) => one(Node::Variable(m, name.clone())),
            Subject::Local(name) => one(Node::Local(m, name.clone())),
            Subject::Resource { mode, ty, name } => one(Node::Resource(m, *mode, ty.clone(), name.clone())),
            Subject::Output { module, output } => {
                let Some(&child) = self.children.get(&(m, module.clone())) else { return Vec::new() };
                let nodes = [Node::Module(child), Node::Output(child, output.clone())];
                nodes.iter().filter_map(|n| self.index.get(n).copied()).collect()
            }
            Subject::Module(name) => {
                let Some(&child) = self.children.get(&(m, name.clone())) else { return Vec::new() };
                let whole = |n: &Node| matches!(n, Node::Output(c, _) | Node::Module(c) if *c == child);
                (0..self.nodes.len()).filter(|i| whole(&self.nodes[*i])).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The edges nobody writes: what uses an object waits for the blocks that complete it (the policies of a role), unless they, in turn,
    /// need the user.
    fn implicit(&mut self, config: &Config) -> Vec<(NodeIndex, NodeIndex)> {
        let mut completing: Vec<(NodeIndex, Vec<NodeIndex>)> = Vec::new();
        for i in 0..self.nodes.len() {
            let Node::Resource(m, Mode::Managed, ty, name) = &self.nodes[i] else { continue };
            let Some((attribute, _)) = resources::resource(ty).and_then(|r| r.completes()) else { continue };
            let block = config
                .module(&self.modules[*m].path)
                .and_then(|module| module.resources.get(&(Mode::Managed, ty.clone(), name.clone())));
            let Some(value) = block.and_then(|b| b.body.attribute(attribute)) else { continue };
            let mut owners = Vec::new();
            let mut seen = vec![false; self.nodes.len()];
            let mut refs = references_of_expr(&value.value);
            if refs.iter().any(|r| matches!(r.subject, Subject::Each(_))) {
                // `role = each.value.name`: what it is, `for_each` tells.
                refs.extend(block.map(|b| of_repeat(&b.repeat)).unwrap_or_default());
            }
            let mut open: Vec<NodeIndex> = refs.iter().flat_map(|r| self.targets(*m, r)).collect();
            while let Some(n) = open.pop() {
                if std::mem::replace(&mut seen[n], true) {
                    continue;
                }
                match &self.nodes[n] {
                    Node::Resource(_, Mode::Managed, ..) => owners.push(n),
                    Node::Resource(..) => {}
                    _ => open.extend(self.needs[n].iter().copied()),
                }
            }
            completing.push((i, owners));
        }
        if completing.is_empty() {
            return Vec::new();
        }
        let is_completing: Vec<bool> = (0..self.nodes.len()).map(|i| completing.iter().any(|(c, _)| *c == i)).collect();
        let users = graph::reversed(&self.needs);
        let mut out = Vec::new();
        for (completer, owners) in completing {
            let below = graph::closure(&self.needs, [completer]);
            for owner in owners {
                // Users of the owner, also through locals, variables and outputs.
                let mut seen = vec![false; self.nodes.len()];
                let mut open = users[owner].clone();
                while let Some(n) = open.pop() {
                    if std::mem::replace(&mut seen[n], true) {
                        continue;
                    }
                    match &self.nodes[n] {
                        Node::Resource(_, Mode::Managed, ..) => {
                            if !is_completing[n] && !below[n] {
                                out.push((n, completer));
                            }
                        }
                        Node::Resource(..) => {}
                        _ => open.extend(users[n].iter().copied()),
                    }
                }
            }
        }
        // A written edge is not implicit; an implicit one must not close a circle with one added before.
        out.retain(|(user, completer)| !self.needs[*user].contains(completer));
        let mut kept = Vec::new();
        for (user, completer) in out {
            if !graph::closure(&self.needs, [completer])[user] {
                self.needs[user].push(completer);
                kept.push((user, completer));
            }
        }
        kept
    }

    fn circle(&self, config: &Config, circle: &[NodeIndex]) -> Diagnostic {
        let mut names: Vec<String> = circle.iter().map(|n| name(&self.modules, &self.nodes[*n])).collect();
        names.extend(names.first().cloned());
        let mut places = circle.iter().filter_map(|n| self.span(config, *n).map(|s| (*n, s)));
        let d = Diagnostic::error(
            "Cycle",
            format!("These need each other, so none can come first: {}.", names.join(" -> ")),
        )
        .help("Break the circle: let one of them take its value from somewhere else.");
        match places.next() {
            Some((_, first)) => {
                places.fold(d.at(&first), |d, (n, span)| d.with_related(&span, name(&self.modules, &self.nodes[n])))
            }
            None => d,
        }
    }

    fn span(&self, config: &Config, node: NodeIndex) -> Option<Span> {
        let module = config.module(&self.modules[self.nodes[node].module()].path)?;
        match &self.nodes[node] {
            Node::Local(_, n) => module.locals.get(n).map(|l| l.name.span.clone()),
            Node::Output(_, n) => module.outputs.get(n).map(|o| o.span.clone()),
            Node::Variable(_, n) | Node::Validation(_, n) => module.variables.get(n).map(|v| v.span.clone()),
            Node::Resource(_, mode, t, n) => {
                module.resources.get(&(*mode, t.clone(), n.clone())).map(|r| r.span.clone())
            }
            Node::Provider(_, i) => module.providers.get(*i).map(|p| p.span.clone()),
            Node::Check(_, n) => module.checks.get(n).map(|c| c.span.clone()),
            Node::Module(_) => None,
        }
    }
}

fn of_exprs(exprs: &[Expr]) -> Vec<Reference> {
    exprs.iter().flat_map(references_of_expr).collect()
}

fn of_conditions(conditions: &[Condition]) -> Vec<Reference> {
    let both = |c: &Condition| {
        let mut refs = references_of_expr(&c.condition);
        refs.extend(references_of_expr(&c.error_message));
        refs
    };
    conditions.iter().flat_map(both).collect()
}

fn of_repeat(repeat: &Repeat) -> Vec<Reference> {
    match repeat {
        Repeat::Once => Vec::new(),
        Repeat::Count(e) | Repeat::ForEach(e) => references_of_expr(e),
    }
}

fn of_resource(r: &Resource) -> Vec<Reference> {
    let mut refs = references_of_body(&r.body);
    refs.extend(of_repeat(&r.repeat));
    refs.extend(of_conditions(&r.lifecycle.preconditions));
    refs.extend(of_conditions(&r.lifecycle.postconditions));
    refs.extend(of_exprs(&r.lifecycle.replace_triggered_by));
    if let Some(e) = &r.lifecycle.prevent_destroy {
        refs.extend(references_of_expr(e));
    }
    refs
}
