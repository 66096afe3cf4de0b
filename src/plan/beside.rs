//! Types that are not ours, beside ours in one configuration and one state: which blocks those are, what of ours has to wait for
//! them, and the words for both.
//!
//! Pure. Refuses to know what such a type means: its objects are values that the state holds.

use super::links::{Links, NodeIndex};
use super::providers::provider_of;
use super::stored;
use crate::address::{Address, BlockAddress, Mode};
use crate::config::{self, Config};
use crate::diag::{Diagnostic, Diags, Span};
use crate::resources;
use crate::state::{Instance, State};
use crate::value::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// From so many on, the command that does the rest names none of them.
const NAMED: usize = 12;

/// What a plan leaves to terraform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// Blocks of other types, in the configuration or only in the state, sorted.
    pub theirs: Vec<Their>,
    /// Objects of ours that wait for some of them, sorted.
    pub waiting: Vec<Waiting>,
    /// Whether the plan destroys.
    pub destroys: bool,
}

/// A block of a type that is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Their {
    /// Its address: `module.a.aws_sqs_queue.q`.
    pub block: String,
    /// Whether the configuration has it.
    pub configured: bool,
    /// How many objects the state has of it.
    pub objects: usize,
}

/// Something of ours that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its address.
    pub address: String,
    /// What it waits for, and why: sentences without their end.
    pub why: String,
}

/// All blocks that are not ours, in the order of the configuration, each with its place.
pub fn blocks(config: &Config) -> Vec<(BlockAddress, Span)> {
    fn walk(config: &Config, module: &config::Module, found: &mut Vec<(BlockAddress, Span)>) {
        for ((mode, ty, name), r) in &module.resources {
            let key = provider_of(config, &module.path, r.provider.as_ref(), ty);
            if !(key.is_ours() && is_ours(*mode, ty)) {
                let block =
                    BlockAddress { module: module.path.clone(), mode: *mode, ty: ty.clone(), name: name.clone() };
                found.push((block, r.span.clone()));
            }
        }
        for child in module.children.values() {
            walk(config, child, found);
        }
    }
    let mut found = Vec::new();
    walk(config, &config.root, &mut found);
    found
}

/// Whether a type is ours.
pub fn is_ours(mode: Mode, ty: &str) -> bool {
    match mode {
        Mode::Managed => resources::resource(ty).is_some(),
        Mode::Data => resources::data_source(ty).is_some(),
    }
}

/// An object of another type as a value, as far as the state tells what it is.
pub fn value(instance: &Instance) -> Value {
    let whole = serde_json::Value::Object(instance.attributes.clone());
    let value = json::from_json(&whole, &json::implied_type(&whole));
    value.map_or_else(|_| Value::object(Default::default()), |v| v.mark_at(&stored::stored_marks(instance)))
}

/// What refuses a configuration that has types which are not ours: all of them, each with its place.
pub fn refusal(config: &Config) -> Diags {
    let mut diags = Diags::new();
    let found: Vec<(String, Span)> = blocks(config).into_iter().map(|(b, span)| (b.to_string(), span)).collect();
    let Some((first, span)) = found.first().cloned() else { return diags };
    let list: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
    let near = first.split('.').rev().nth(1).and_then(|ty| {
        let names = resources::RESOURCES
            .iter()
            .map(|r| r.schema().name)
            .chain(resources::DATA_SOURCES.iter().map(|d| d.schema().name));
        crate::diag::nearest(ty, names)
    });
    let mut d = Diagnostic::error(
        "Unsupported resource type",
        format!(
            "formwork does not support {}: {}. Its README lists those that it does.",
            if list.len() == 1 { "this type" } else { "these types" },
            list.join(", "),
        ),
    )
    .at(&span);
    for (name, span) in &found[1..] {
        d = d.with_related(span, name);
    }
    diags.push(match near {
        Some(near) => d.help(format!("Did you mean {near:?}?")),
        None => d.help("To plan and apply what is supported, and leave the rest to terraform, add -skip-unsupported."),
    });
    diags
}

/// What refuses a state that has an object of such a type.
pub fn refusal_in_state(address: &Address) -> Diagnostic {
    let detail = format!(
        "The state holds {address}, of a type that formwork does not support. Nothing was changed. The README lists the types that it does."
    );
    Diagnostic::error("Unsupported resource type in the state", detail).about(address).help(
        "To plan and apply what is supported, and leave the rest to terraform, add -skip-unsupported; or plan only supported \
         objects with -target.",
    )
}

/// What is worked out while a plan leaves other types aside.
#[derive(Debug)]
pub(super) struct Beside {
    /// Blocks of the configuration that are not ours.
    foreign: BTreeMap<NodeIndex, BlockAddress>,
    /// Resource blocks that each block needs without another in between.
    direct: BTreeMap<NodeIndex, Vec<NodeIndex>>,
    /// What completes something that a block uses: the policies of its role.
    completing: BTreeMap<NodeIndex, Vec<NodeIndex>>,
    /// Blocks some object of which is not there: theirs that the state does not have, ours that wait for such.
    missing: BTreeMap<NodeIndex, String>,
    waiting: BTreeMap<Address, String>,
}

impl Beside {
    /// Of a configuration.
    pub(super) fn new(config: &Config, links: &Links) -> Beside {
        let foreign = blocks(config).into_iter().filter_map(|(b, _)| Some((links.find_block(&b)?, b))).collect();
        let mut completing: BTreeMap<NodeIndex, Vec<NodeIndex>> = BTreeMap::new();
        for (user, completer) in &links.implicit {
            completing.entry(*user).or_default().push(*completer);
        }
        let direct = links.direct_resources(false);
        Beside { foreign, direct, completing, missing: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    /// Whether a block is not ours.
    pub(super) fn is_foreign(&self, node: NodeIndex) -> bool {
        self.foreign.contains_key(&node)
    }

    /// An object of this block is not there.
    pub(super) fn lacks(&mut self, node: NodeIndex, address: &Address) {
        self.missing.entry(node).or_insert_with(|| address.to_string());
    }

    /// What a block waits for if its arguments (or only what `depends_on` names) need something that is not there.
    pub(super) fn lacking(&self, needs: &[NodeIndex]) -> Option<Vec<String>> {
        let names: Vec<String> = needs.iter().filter_map(|n| self.missing.get(n).cloned()).collect();
        (!names.is_empty()).then_some(names)
    }

    /// Why an object must wait: its arguments are not known yet because of what is not there, or what `depends_on` names is not, or it
    /// is to be made and a policy of the role it uses waits itself.
    pub(super) fn why_wait(
        &self,
        node: NodeIndex,
        explicit: &[NodeIndex],
        known: bool,
        exists: bool,
    ) -> Option<String> {
        let direct = self.direct.get(&node).map(Vec::as_slice).unwrap_or_default();
        match (known, self.lacking(direct), self.lacking(explicit)) {
            (false, Some(names), _) => Some(format!(
                "waits for {}: it depends on attributes that the state does not have yet",
                names.join(", ")
            )),
            (_, _, Some(names)) => {
                Some(format!("waits for {}: depends_on names what is not there yet", names.join(", ")))
            }
            _ if exists => None,
            _ => {
                let names = self.lacking(self.completing.get(&node).map(Vec::as_slice).unwrap_or_default())?;
                Some(format!("waits for {}, a policy of the role it uses", names.join(", ")))
            }
        }
    }

    /// Takes down that an object waits.
    pub(super) fn wait(&mut self, address: &Address, why: String) {
        self.waiting.insert(address.clone(), why);
    }

    /// What needs a block that is not ours, for each block that the state or the configuration knows of.
    pub(super) fn users_in_state(
        &self,
        state: &State,
        dependencies: &BTreeMap<BlockAddress, Vec<BlockAddress>>,
    ) -> BTreeMap<BlockAddress, BTreeSet<String>> {
        let mut users: BTreeMap<BlockAddress, BTreeSet<String>> = BTreeMap::new();
        for (address, _, instance) in state.objects() {
            if address.mode != Mode::Managed || is_ours(address.mode, &address.ty) {
                continue;
            }
            let stored = instance.dependencies.iter().filter_map(|d| Some(d.parse::<Address>().ok()?.block()));
            let written = dependencies.get(&address.block()).into_iter().flatten().cloned();
            for block in stored.chain(written) {
                users.entry(block).or_default().insert(address.to_string());
            }
        }
        users
    }

    /// The rest, with everything that was taken down.
    pub(super) fn rest(self, state: &State, destroys: bool) -> Rest {
        let mut theirs: BTreeMap<String, Their> = BTreeMap::new();
        let their = |block: String| Their { block, configured: false, objects: 0 };
        for block in self.foreign.values() {
            let name = block.to_string();
            theirs.entry(name.clone()).or_insert_with(|| their(name)).configured = true;
        }
        for (address, _, _) in state.objects().filter(|(a, ..)| !is_ours(a.mode, &a.ty)) {
            let name = address.block().to_string();
            theirs.entry(name.clone()).or_insert_with(|| their(name)).objects += 1;
        }
        let waiting = self.waiting.into_iter();
        Rest {
            theirs: theirs.into_values().collect(),
            waiting: waiting.map(|(a, why)| Waiting { address: a.to_string(), why }).collect(),
            destroys,
        }
    }
}

/// Of the blocks whose objects are to be deleted, those that must stay, and why: something that is not ours uses them, or uses what
/// they complete (the policies of a role), or one of ours that stays needs them.
pub(super) fn held(
    deleted: &BTreeSet<BlockAddress>,
    users: &BTreeMap<BlockAddress, BTreeSet<String>>,
    needs: &BTreeMap<BlockAddress, BTreeSet<BlockAddress>>,
) -> BTreeMap<BlockAddress, String> {
    let mut held: BTreeMap<BlockAddress, String> = BTreeMap::new();
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    for block in deleted {
        if let Some(names) = users.get(block) {
            held.insert(block.clone(), format!("waits until {} is destroyed, which uses it", list(names)));
            continue;
        }
        let Some((_, owner_type)) = resources::resource(&block.ty).and_then(|r| r.completes()) else { continue };
        let owners = needs.get(block).into_iter().flatten().filter(|o| *o.ty == *owner_type);
        if let Some((owner, names)) = owners.filter_map(|o| Some((o, users.get(o)?))).next() {
            held.insert(block.clone(), format!("waits until {} is destroyed, which uses {owner}", list(names)));
        }
    }
    let mut open: Vec<BlockAddress> = held.keys().cloned().collect();
    while let Some(block) = open.pop() {
        for need in needs.get(&block).into_iter().flatten() {
            if deleted.contains(need) && !held.contains_key(need) {
                held.insert(need.clone(), format!("stays as long as {block}, which needs it"));
                open.push(need.clone());
            }
        }
    }
    held
}

impl Rest {
    /// Whether nothing is left to anybody else.
    pub fn is_empty(&self) -> bool {
        self.theirs.is_empty() && self.waiting.is_empty()
    }

    /// The blocks that the command has to do with: managed ones, and of a destroying plan only those that exist.
    fn to_do(&self) -> Vec<&Their> {
        let counts = |t: &&Their| match self.destroys {
            true => t.objects > 0,
            false => t.configured || t.objects > 0,
        };
        self.theirs.iter().filter(|t| !is_data(&t.block)).filter(counts).collect()
    }

    /// The command that does the rest; `None` if there is nothing to do.
    pub fn command(&self) -> Option<String> {
        let list = self.to_do();
        if list.is_empty() {
            return None;
        }
        let verb = if self.destroys { "destroy" } else { "apply" };
        let targets = match list.len() <= NAMED {
            true => list.iter().map(|t| format!(" -target={}", t.block)).collect(),
            false => String::new(),
        };
        Some(format!("terraform {verb}{targets}"))
    }

    /// All of it in words.
    pub fn warning(&self) -> Option<Diagnostic> {
        if self.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.theirs.iter().map(|t| &*t.block).collect();
        let kept = self.theirs.iter().map(|t| t.objects).sum::<usize>();
        let them = if names.len() == 1 { "it" } else { "them" };
        let mut detail = format!("formwork does not support {}, and leaves {them} to terraform.", listed(&names));
        match kept {
            0 => {}
            1 => detail.push_str(" The object of it in the state stays as it is."),
            n => detail.push_str(&format!(" The {n} objects of them in the state stay as they are.")),
        }
        if !self.waiting.is_empty() {
            let lines: Vec<String> = self.waiting.iter().map(|w| format!("  {} {}.", w.address, w.why)).collect();
            detail.push_str(&format!("\n\nNot in this plan:\n\n{}", lines.join("\n")));
        }
        let d = Diagnostic::warning("Left to terraform", detail);
        Some(match (self.command(), self.waiting.is_empty(), self.destroys) {
            (None, ..) => d,
            (Some(command), true, _) => d.help(format!("For the rest:\n\n    {command}")),
            (Some(command), false, false) => {
                d.help(format!("Apply this, then the rest, then plan again for what waits:\n\n    {command}"))
            }
            (Some(command), false, true) => {
                d.help(format!("Destroy the rest first, then destroy again for what waits:\n\n    {command}"))
            }
        })
    }
}

fn is_data(block: &str) -> bool {
    block.parse::<Address>().is_ok_and(|a| a.mode == Mode::Data)
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> BlockAddress {
        text.parse::<Address>().unwrap().block()
    }

    #[test]
    fn what_others_use_stays_with_all_it_needs() {
        let deleted: BTreeSet<_> =
            ["aws_iam_role.r", "aws_iam_role_policy.p", "aws_dynamodb_table.t", "aws_dynamodb_table.other"]
                .map(block)
                .into();
        let users = BTreeMap::from([(block("aws_iam_role.r"), BTreeSet::from(["aws_lambda_function.f".to_string()]))]);
        let needs = BTreeMap::from([(
            block("aws_iam_role_policy.p"),
            BTreeSet::from([block("aws_iam_role.r"), block("aws_dynamodb_table.t")]),
        )]);
        let held: Vec<(String, String)> =
            held(&deleted, &users, &needs).into_iter().map(|(b, why)| (b.to_string(), why)).collect();
        let expected = [
            ("aws_dynamodb_table.t", "stays as long as aws_iam_role_policy.p, which needs it"),
            ("aws_iam_role.r", "waits until aws_lambda_function.f is destroyed, which uses it"),
            ("aws_iam_role_policy.p", "waits until aws_lambda_function.f is destroyed, which uses aws_iam_role.r"),
        ];
        assert_eq!(held, expected.map(|(a, b)| (a.to_string(), b.to_string())));
    }

    #[test]
    fn the_command_names_what_there_is_to_do() {
        let their = |block: &str, configured, objects| Their { block: block.into(), configured, objects };
        let rest = |theirs: Vec<Their>, destroys| Rest { theirs, waiting: Vec::new(), destroys };
        let some = vec![their("aws_sqs_queue.a", true, 0), their("data.aws_vpc.v", true, 0), their("x_y.z", false, 1)];
        for (rest, wanted) in [
            (rest(some.clone(), false), Some("terraform apply -target=aws_sqs_queue.a -target=x_y.z")),
            (rest(some, true), Some("terraform destroy -target=x_y.z")),
            (rest(vec![their("data.aws_vpc.v", true, 1)], false), None),
            (rest(vec![their("aws_sqs_queue.a", true, 0)], true), None),
            (
                rest((0..20).map(|i| their(&format!("aws_sqs_queue.q{i}"), true, 0)).collect(), false),
                Some("terraform apply"),
            ),
        ] {
            assert_eq!(rest.command().as_deref(), wanted);
        }
    }
}
