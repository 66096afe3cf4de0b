//! Judging conditions, and the ledger of how they came out: what a plan and a state say about `check`s.
//!
//! Refuses to know when something is judged: planning, validating and applying ask for it.

use super::checks;
use super::links::{ModuleIndex, Node, NodeIndex};
use super::world::{Repetition, World};
use crate::address::{Address, BlockAddress, ModulePath};
use crate::config::{Condition, Variable};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::state::{CheckKind, CheckResult, CheckStatus, CheckedObject};
use crate::value::{Fields, Type, convert};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Whose conditions are judged, and which of them.
#[derive(Clone, Copy, Debug)]
pub enum Judged<'a> {
    /// The preconditions of an object.
    Before(&'a Address),
    /// Its postconditions.
    After(&'a Address),
    /// The preconditions of an output.
    Output(&'a ModulePath, &'a str),
    /// The assertions of a `check` block.
    Check(&'a ModulePath, &'a str),
}

impl Judged<'_> {
    fn module(&self) -> &ModulePath {
        match self {
            Judged::Before(address) | Judged::After(address) => &address.module,
            Judged::Output(module, _) | Judged::Check(module, _) => module,
        }
    }

    fn summary(&self) -> &'static str {
        match self {
            Judged::Before(_) => "Resource precondition failed",
            Judged::After(_) => "Resource postcondition failed",
            Judged::Output(..) => "Module output value precondition failed",
            Judged::Check(..) => checks::FAILED,
        }
    }

    /// The object's place in the ledger, and which of its two groups of conditions this is.
    fn entry(&self) -> (Entry, bool) {
        match self {
            Judged::Before(address) => ((CheckKind::Resource, address.to_string()), false),
            Judged::After(address) => ((CheckKind::Resource, address.to_string()), true),
            Judged::Output(module, name) => {
                ((CheckKind::OutputValue, within(&module.to_string(), "output", name)), false)
            }
            Judged::Check(module, name) => ((CheckKind::Check, within(&module.to_string(), "check", name)), false),
        }
    }
}

type Entry = (CheckKind, String);

/// How the conditions of each object came out so far: preconditions and, apart from them, postconditions.
#[derive(Debug, Default)]
pub(super) struct Ledger(HashMap<Entry, BTreeMap<bool, Verdict>>);

#[derive(Debug, Default)]
struct Verdict {
    status: CheckStatus,
    messages: Vec<String>,
}

impl Verdict {
    fn worsen(&mut self, status: CheckStatus) {
        self.status = self.status.max(status);
    }
}

/// `module.x.output.o`
fn within(module: &str, kind: &str, name: &str) -> String {
    if module.is_empty() { format!("{kind}.{name}") } else { format!("{module}.{kind}.{name}") }
}

impl World {
    /// Judges conditions; false if one failed. What cannot be known yet passes. An assertion of a `check` block that does not hold, or is not
    /// known yet, is a warning.
    pub fn conditions(&mut self, judged: Judged<'_>, conditions: &[Condition], names: Option<&Arc<Fields>>) -> bool {
        if conditions.is_empty() {
            return true;
        }
        let module = judged.module();
        let mut verdict = Verdict::default();
        for c in conditions {
            let mut diags = Diags::new();
            let value = eval::eval(&c.condition, &self.scope(module, names), &mut diags);
            let value = convert(&value.unmark_deep().0, &Type::Bool);
            if diags.has_errors() {
                verdict.worsen(CheckStatus::Error);
                self.diags.extend(diags);
                continue;
            }
            match value {
                Ok(v) if v.as_bool() == Some(true) => {}
                // What cannot be known yet passes, and is judged again during apply.
                Ok(v) if !v.is_known() => {
                    verdict.worsen(CheckStatus::Unknown);
                    if matches!(judged, Judged::Check(..)) && !self.validating {
                        let detail = "The condition could not be evaluated at this time, a result will be known when this plan is applied.";
                        self.diags.push(Diagnostic::warning(checks::LATER, detail).at(&c.condition.span));
                    }
                }
                // Validating asks whether a condition can be judged; planning judges it.
                Ok(v) if v.as_bool() == Some(false) && self.validating => {}
                Ok(v) if v.as_bool() == Some(false) => {
                    let message = self.error_message(c, module, names);
                    verdict.worsen(CheckStatus::Fail);
                    verdict.messages.push(message.clone());
                    let d = Diagnostic::error(judged.summary(), message).at(&c.condition.span);
                    self.diags.push(if matches!(judged, Judged::Check(..)) { checks::warning(d) } else { d });
                }
                _ => {
                    verdict.worsen(CheckStatus::Error);
                    let detail = "A condition must be true or false: this one is neither.";
                    self.diags.push(Diagnostic::error("Invalid condition result", detail).at(&c.condition.span));
                }
            }
        }
        let ok = verdict.status < CheckStatus::Fail;
        let (entry, group) = judged.entry();
        self.ledger.0.entry(entry).or_default().insert(group, verdict);
        ok
    }

    /// The same where what fails is a warning whatever it is: while only the state is refreshed.
    pub fn advisory(&mut self, judged: Judged<'_>, conditions: &[Condition], names: Option<&Arc<Fields>>) {
        let before = std::mem::take(&mut self.diags);
        self.conditions(judged, conditions, names);
        let found = std::mem::replace(&mut self.diags, before);
        self.diags.extend(found.into_iter().map(checks::warning));
    }

    /// The text of a failed condition's `error_message`.
    fn error_message(&mut self, c: &Condition, module: &ModulePath, names: Option<&Arc<Fields>>) -> String {
        let mut diags = Diags::new();
        let value = eval::eval(&c.error_message, &self.scope(module, names), &mut diags);
        self.diags.extend(diags);
        if value.marks_deep().sensitive {
            return "The error message included a sensitive value, so it will not be displayed.".into();
        }
        match convert(&value, &Type::String).ok().and_then(|v| v.as_str().map(String::from)) {
            Some(text) => text.trim().to_string(),
            None => "The condition is false, and its error message could not be worked out.".into(),
        }
    }

    /// Judges the rules of a variable in one instance of its module.
    pub(super) fn validations(&mut self, variable: &Variable, module: &ModulePath) {
        if variable.validations.is_empty() {
            return;
        }
        let judged = eval::variables::validate(variable, &self.scope(module, None));
        let status = match (judged.broken, judged.messages.is_empty(), judged.open) {
            (true, ..) => CheckStatus::Error,
            (_, false, _) => CheckStatus::Fail,
            (_, _, true) => CheckStatus::Unknown,
            _ => CheckStatus::Pass,
        };
        self.diags.extend(judged.diags);
        let entry = (CheckKind::InputVariable, within(&module.to_string(), "var", &variable.name.name));
        let verdict = Verdict { status, messages: judged.messages };
        self.ledger.0.entry(entry).or_default().insert(false, verdict);
    }

    /// Works an output or the rules of a variable out again if their conditions were not known in `before`.
    pub fn judge_again(&mut self, node: NodeIndex, before: &[CheckResult]) {
        let (kind, word, name) = match &self.links.nodes[node] {
            Node::Output(_, name) => (CheckKind::OutputValue, "output", name.clone()),
            Node::Validation(_, name) => (CheckKind::InputVariable, "var", name.clone()),
            _ => return,
        };
        let module = &self.links.modules[self.links.nodes[node].module()].path;
        let prefix = module.iter().map(|name| format!("module.{name}")).collect::<Vec<_>>().join(".");
        let address = within(&prefix, word, &name);
        if before.iter().any(|r| r.kind == kind && r.address == address && r.status == CheckStatus::Unknown) {
            self.freshen(node);
            self.evaluate(node);
        }
    }

    /// How all conditions of the configuration came out, by address. What was not judged here is as it was `before`, or not known.
    pub fn check_results(&self, before: &[CheckResult]) -> Vec<CheckResult> {
        let before: HashMap<(CheckKind, &str), &CheckedObject> =
            before.iter().flat_map(|r| r.objects.iter().map(|o| ((r.kind, &*o.address), o))).collect();
        let mut out = Vec::new();
        for (m, link) in self.links.modules.iter().enumerate() {
            let Some(module) = self.config.module(&link.path) else { continue };
            let prefix = link.path.iter().map(|name| format!("module.{name}")).collect::<Vec<_>>().join(".");
            let named = |kind, word: &str, name: &str| {
                let objects = self.module_instances(m).iter().map(|path| within(&path.to_string(), word, name));
                let objects = objects.map(|address| self.checked(kind, address, &before)).collect();
                CheckResult::new(kind, within(&prefix, word, name), objects)
            };
            out.extend(module.resources.values().filter_map(|r| {
                let conditions = r.lifecycle.preconditions.len() + r.lifecycle.postconditions.len();
                let block = BlockAddress {
                    module: link.path.clone(),
                    mode: r.mode,
                    ty: r.ty.name.clone(),
                    name: r.name.name.clone(),
                };
                (conditions > 0).then(|| self.checked_block(m, &block, &before))
            }));
            let outputs = module.outputs.iter().filter(|(_, o)| !o.preconditions.is_empty());
            out.extend(outputs.map(|(name, _)| named(CheckKind::OutputValue, "output", name)));
            out.extend(module.checks.keys().map(|name| named(CheckKind::Check, "check", name)));
            let variables = module.variables.iter().filter(|(_, v)| !v.validations.is_empty());
            out.extend(variables.map(|(name, _)| named(CheckKind::InputVariable, "var", name)));
        }
        out.sort_by(|a, b| a.address.cmp(&b.address));
        out
    }

    /// All conditions of the configuration where none is judged, as when everything is destroyed.
    pub fn unjudged(&self) -> Vec<CheckResult> {
        let unknown = |result: CheckResult| CheckResult {
            status: CheckStatus::Unknown,
            objects: match &*result.address {
                // As Terraform: outputs of the root module are there even then.
                root if result.kind == CheckKind::OutputValue && root.starts_with("output.") => {
                    vec![CheckedObject {
                        address: root.to_string(),
                        status: CheckStatus::Unknown,
                        messages: Vec::new(),
                    }]
                }
                _ => Vec::new(),
            },
            ..result
        };
        self.check_results(&[]).into_iter().map(unknown).collect()
    }

    /// All instances of a block with conditions.
    fn checked_block(
        &self,
        m: ModuleIndex,
        block: &BlockAddress,
        before: &HashMap<(CheckKind, &str), &CheckedObject>,
    ) -> CheckResult {
        let kind = CheckKind::Resource;
        let mut objects = Vec::new();
        let mut open = false;
        if let Some(node) = self.links.find_block(block) {
            for path in self.module_instances(m) {
                let repetition = self.repetition(path, node);
                open |= *repetition == Repetition::Open;
                let keys = repetition.instances().into_iter().map(|(key, _)| key);
                let addresses = keys.filter_map(|key| self.address(node, path, key));
                objects.extend(addresses.map(|address| self.checked(kind, address.to_string(), before)));
            }
        }
        let mut result = CheckResult::new(kind, block.to_string(), objects);
        if open {
            result.status = result.status.max(CheckStatus::Unknown);
        }
        result
    }

    /// How one object's conditions came out.
    fn checked(
        &self,
        kind: CheckKind,
        address: String,
        before: &HashMap<(CheckKind, &str), &CheckedObject>,
    ) -> CheckedObject {
        if let Some(groups) = self.ledger.0.get(&(kind, address.clone())) {
            let status = groups.values().map(|v| v.status).max().unwrap_or_default();
            let messages = groups.values().flat_map(|v| v.messages.clone()).collect();
            return CheckedObject { address, status, messages };
        }
        match before.get(&(kind, &*address)) {
            Some(object) => (*object).clone(),
            None => CheckedObject { address, status: CheckStatus::Unknown, messages: Vec::new() },
        }
    }
}
