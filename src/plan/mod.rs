//! Configuration, state and a look at the world → a [`Plan`]; decides everything.
//!
//! Refuses to know how AWS is called.

pub mod beside;
pub mod check;
pub mod checks;
pub mod conditions;
pub mod console;
pub mod diff;
mod drift;
pub mod events;
pub mod file;
pub mod generate;
mod imports;
pub mod links;
pub mod loss;
mod make;
mod moved;
pub mod permissions;
pub mod providers;
mod quotas;
pub mod rebase;
mod references;
pub mod region;
mod remote;
pub mod seen;
pub mod settle;
pub mod steps;
pub mod stored;
mod validate;
pub mod world;

pub use make::{Connect, Request, Watch, generate_missing, make};
pub use validate::validate;

use crate::address::{Address, BlockAddress};
use crate::config::Config;
use crate::diag::{Diagnostic, Diags};
use crate::eval::Facts;
use crate::resources::{Error, ErrorKind};
use crate::schema::{Nesting, Schema};
use crate::state::{CheckResult, Instance, State};
use crate::value::{Fields, Path, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What is done to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Make it.
    Create,
    /// A data source that is read during apply.
    Read,
    /// Change it as it stands.
    Update,
    /// Delete it, then make it anew.
    DeleteThenCreate,
    /// Make it anew, then delete the old one.
    CreateThenDelete,
    /// Delete it.
    Delete,
    /// Drop it from the state, leave it in the world.
    Forget,
}

/// Why, where the action alone does not tell. Terraform's `action_reason`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A changed part cannot be changed in place.
    ReplaceBecauseCannotUpdate,
    /// Its creation did not finish.
    ReplaceBecauseTainted,
    /// `-replace=`
    ReplaceByRequest,
    /// `replace_triggered_by`
    ReplaceByTriggers,
    /// No block in the configuration.
    DeleteBecauseNoResourceConfig,
    /// A key although there is no repetition, or none although there is.
    DeleteBecauseWrongRepetition,
    /// Beyond `count`.
    DeleteBecauseCountIndex,
    /// Not in `for_each`.
    DeleteBecauseEachKey,
    /// The module instance is gone.
    DeleteBecauseNoModule,
    /// A `moved` target that has no block.
    DeleteBecauseNoMoveTarget,
    /// Its arguments are known after apply.
    ReadBecauseConfigUnknown,
    /// What it depends on changes.
    ReadBecauseDependencyPending,
    /// It belongs to a `check` block.
    ReadBecauseCheckNested,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 13] = [
        Reason::ReplaceBecauseCannotUpdate,
        Reason::ReplaceBecauseTainted,
        Reason::ReplaceByRequest,
        Reason::ReplaceByTriggers,
        Reason::DeleteBecauseNoResourceConfig,
        Reason::DeleteBecauseWrongRepetition,
        Reason::DeleteBecauseCountIndex,
        Reason::DeleteBecauseEachKey,
        Reason::DeleteBecauseNoModule,
        Reason::DeleteBecauseNoMoveTarget,
        Reason::ReadBecauseConfigUnknown,
        Reason::ReadBecauseDependencyPending,
        Reason::ReadBecauseCheckNested,
    ];

    /// As Terraform's plan JSON spells it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
            Reason::ReplaceBecauseTainted => "replace_because_tainted",
            Reason::ReplaceByRequest => "replace_by_request",
            Reason::ReplaceByTriggers => "replace_by_triggers",
            Reason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
            Reason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
            Reason::DeleteBecauseCountIndex => "delete_because_count_index",
            Reason::DeleteBecauseEachKey => "delete_because_each_key",
            Reason::DeleteBecauseNoModule => "delete_because_no_module",
            Reason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
            Reason::ReadBecauseConfigUnknown => "read_because_config_unknown",
            Reason::ReadBecauseDependencyPending => "read_because_dependency_pending",
            Reason::ReadBecauseCheckNested => "read_because_check_nested",
        }
    }
}

/// Before, after, action and reason for one address: the unit a reviewer reads.
#[derive(Clone, Debug)]
pub struct Change {
    /// The object.
    pub address: Address,
    /// Where it was before a `moved` block.
    pub previous: Option<Address>,
    /// Set if this is about a deposed object.
    pub deposed: Option<String>,
    /// As in the state: `provider["registry.terraform.io/hashicorp/aws"].west`.
    pub provider: String,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Option<Reason>,
    /// As it is now; null if there is none. Marked where sensitive.
    pub before: Value,
    /// As it will be, holes for what is known after apply; null if it will be gone. Marked where sensitive.
    pub after: Value,
    /// Parts that force the replacement.
    pub replace_paths: Vec<Path>,
    /// The id it is imported by.
    pub importing: Option<String>,
    /// Whether its replacement is made before it is deleted; what depends on it passes this on.
    pub create_before_destroy: bool,
}

impl Change {
    /// A change with nothing more to say of it.
    pub fn new(address: Address, provider: String, action: Action, before: Value, after: Value) -> Change {
        Change {
            address,
            previous: None,
            deposed: None,
            provider,
            action,
            reason: None,
            before,
            after,
            replace_paths: Vec::new(),
            importing: None,
            create_before_destroy: false,
        }
    }
}

/// The change of one root module output.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// [`Action::Create`], [`Action::Update`], [`Action::Delete`] or [`Action::NoOp`].
    pub action: Action,
    /// As in the state; null if there was none.
    pub before: Value,
    /// As it will be, holes included.
    pub after: Value,
    /// `sensitive`
    pub sensitive: bool,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Create, update, delete, read or forget, as the change says. Index into [`Plan::changes`].
    Do(usize),
    /// The deleting half of a replacement.
    DeleteHalf(usize),
    /// The creating half of a replacement.
    CreateHalf(usize),
    /// Nothing: stands for many steps that many others wait for.
    Join,
}

/// One step of an apply: pure data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub deed: Deed,
    /// Indices of the steps that must have finished.
    pub after: Vec<usize>,
}

/// What sort of plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Bring the world to the configuration.
    #[default]
    Normal,
    /// Delete everything.
    Destroy,
    /// Only take over into the state what the world has.
    RefreshOnly,
}

/// All changes, the steps that realise them in order, and what it was computed from. The only thing `apply` accepts.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What sort.
    pub mode: Mode,
    /// The configuration it was computed from; holes are filled from it.
    pub config: Arc<Config>,
    /// Values of the root module's variables.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// Time and place of planning.
    pub facts: Facts,
    /// What `file("x")` starts from.
    pub base_dir: PathBuf,
    /// `terraform.workspace`
    pub workspace: String,
    /// The state as stored when planning began.
    pub prior_state: State,
    /// The state after looking at the world: what applies before any step.
    pub refreshed_state: State,
    /// What looking showed to be different from the state: before is the state, after the world.
    pub drift: Vec<Change>,
    /// Every object of configuration and state, no-ops too, sorted by address.
    pub changes: Vec<Change>,
    /// Data that goes with what is deleted.
    pub losses: Vec<loss::Loss>,
    /// What else looking showed.
    pub seen: seen::Seen,
    /// How the changes come true.
    pub steps: Vec<Step>,
    /// Root module outputs.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// How the conditions of the configuration came out.
    pub checks: Vec<CheckResult>,
    /// What the user should read; no errors in a finished plan.
    pub diags: Diags,
    /// Which open intents of an interrupted run it takes for settled; see [`crate::state::Keeper::mark`].
    pub journal: String,
    /// What came of them.
    pub settled: Vec<settle::Settled>,
    /// `-target=`: only part of the configuration was looked at.
    pub targets: Vec<String>,
    /// Which blocks each block needs: the state's `dependencies`.
    pub dependencies: BTreeMap<BlockAddress, Vec<BlockAddress>>,
    /// What is left to terraform.
    pub rest: beside::Rest,
}

impl OutputChange {
    /// Whether a reader must not see it: as it was or as it will be.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive || self.before.marks_deep().sensitive
    }
}

impl Plan {
    /// How many objects are imported, added, changed, destroyed and forgotten.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for change in &self.changes {
            counts.import += usize::from(change.importing.is_some());
            match change.action {
                Action::Create => counts.add += 1,
                Action::Update => counts.change += 1,
                Action::Delete => counts.destroy += 1,
                Action::Forget => counts.forget += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    counts.add += 1;
                    counts.destroy += 1;
                }
                Action::NoOp | Action::Read => {}
            }
        }
        counts
    }
}

impl Plan {
    /// Whether applying would do anything: to objects, outputs, or the state.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|c| c.action != Action::NoOp || c.importing.is_some() || c.previous.is_some())
            || self.outputs.values().any(|o| o.action != Action::NoOp)
            || (self.mode == Mode::RefreshOnly && !self.drift.is_empty())
    }
}

/// A failure of AWS as something to read.
pub fn failure(e: &Error, address: Option<&Address>) -> Diagnostic {
    let (summary, help): (&'static str, Option<String>) = match e.kind {
        ErrorKind::Credentials => (
            "No valid AWS credentials",
            Some("Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in again with `aws sso login`, or try the stack without an account by -sandbox.".into()),
        ),
        ErrorKind::Settings => ("Invalid provider configuration", None),
        ErrorKind::Unreachable => (
            "AWS cannot be reached",
            Some("Check the network, the region, and the endpoint (AWS_ENDPOINT_URL or the provider's `endpoints`).".into()),
        ),
        ErrorKind::Doubtful => (
            if e.code.is_empty() { "The answer of AWS was lost" } else { "AWS failed" },
            Some("Whether the call took effect is not known. Apply again: what was made will be found.".into()),
        ),
        ErrorKind::AccessDenied => (
            "Access denied",
            (!e.operation.is_empty()).then(|| {
                let on = if e.target.is_empty() { String::new() } else { format!(" on {}", e.target) };
                format!("Allow {}{on} to these credentials, or use others.", e.operation)
            }),
        ),
        ErrorKind::AlreadyExists => (
            "It exists already",
            address.map(|a| {
                let id = if e.target.is_empty() { "ID" } else { &e.target };
                format!("If it is yours, take it over with\n\n    formwork import '{a}' '{id}'\n\nOtherwise choose another name.")
            }),
        ),
        ErrorKind::NotFound => ("Not found", None),
        ErrorKind::Throttled => ("Too many requests", Some("Try again later, or with a smaller -parallelism.".into())),
        ErrorKind::TimedOut => ("Waited too long", Some("Apply again to go on waiting, or raise the limit in the `timeouts` block.".into())),
        ErrorKind::Mismatch => ("AWS made something else than was planned", None),
        ErrorKind::RemoteState => ("Error loading state", None),
        ErrorKind::Other => ("AWS refused the request", None),
    };
    let mut detail = match e.operation.is_empty() {
        true => e.to_string(),
        false => {
            format!("{} failed for {}: ", e.operation, if e.target.is_empty() { "this object" } else { &e.target })
                + &if e.code.is_empty() { e.message.clone() } else { format!("{}: {}", e.code, e.message) }
        }
    };
    if let Some(id) = &e.request_id {
        detail.push_str(&format!("\n\nRequest id: {id}"));
    }
    let mut d = Diagnostic::error(summary, detail);
    d.address = address.map(ToString::to_string);
    d.help = help;
    d
}

/// A data source that cannot be read yet: its arguments as far as they are known, the rest holes.
pub fn data_hole(schema: &Schema, config: &Value) -> Value {
    let given = config.as_fields().cloned().unwrap_or_default();
    let mut out = Fields::new();
    for a in schema.block.attributes {
        let value = given.get(a.name).filter(|v| !v.is_null() || !a.is_computed()).cloned();
        out.insert(a.name.into(), value.unwrap_or_else(|| Value::unknown(a.ty.to_type())));
    }
    for b in schema.block.blocks {
        let value = given.get(b.name).cloned();
        let empty = || match b.nesting {
            Nesting::List => Value::list(b.block.ty(), Vec::new()),
            Nesting::Set => Value::set(b.block.ty(), Vec::new()),
            Nesting::Single => Value::null(b.ty()),
        };
        out.insert(b.name.into(), value.unwrap_or_else(empty));
    }
    Value::object(out)
}

/// Puts what a data source answered into the state, as Terraform keeps it.
pub fn remember_data(state: &mut State, address: &Address, provider: &str, value: &Value) {
    let Some(source) = crate::resources::data_source(&address.ty) else { return };
    let mut attributes = crate::state::JsonMap::new();
    for (name, ty) in stored::fields(source.schema()) {
        let part = value.get(&name).unwrap_or_else(|| Value::null(ty.clone()));
        attributes.insert(name.to_string(), json::to_json_as(&part.unmark_deep().0, &ty));
    }
    let marks = value.marked_paths();
    let instance = Instance {
        key: address.key.clone(),
        schema_version: source.schema().version,
        attributes,
        sensitive_attributes: stored::sensitive_paths(&marks),
        ..Instance::default()
    };
    state.set(address, provider, instance);
}

/// The numbers of the plan's summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To import.
    pub import: usize,
    /// To add.
    pub add: usize,
    /// To change.
    pub change: usize,
    /// To destroy.
    pub destroy: usize,
    /// To forget.
    pub forget: usize,
}
