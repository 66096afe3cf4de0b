//! Configuration, state and a look at the world → a [`Plan`]; decides everything.
//!
//! Refuses to know how AWS is called.

use crate::address::{Address, BlockAddress};
use crate::config::Config;
use crate::diag::Diags;
use crate::eval::Facts;
use crate::state::State;
use crate::value::{Path, Value};
use std::collections::BTreeMap;
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

/// What a step does. One [`Change`] is one step or, for a replacement, two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Create, update, read or forget, as the change says.
    Do,
    /// The deleting half of a replacement.
    DeleteHalf,
    /// The creating half of a replacement.
    CreateHalf,
}

/// One step of an apply: pure data.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index into [`Plan::changes`].
    pub change: usize,
    /// Which half.
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
    /// The state as stored when planning began.
    pub prior_state: State,
    /// The state after looking at the world: what applies before any step.
    pub refreshed_state: State,
    /// What looking showed to be different from the state: before is the state, after the world.
    pub drift: Vec<Change>,
    /// Every object of configuration and state, no-ops too, sorted by address.
    pub changes: Vec<Change>,
    /// How the changes come true.
    pub steps: Vec<Step>,
    /// Root module outputs.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// What the user should read; no errors in a finished plan.
    pub diags: Diags,
    /// `-target=`: only part of the configuration was looked at.
    pub targets: Vec<String>,
    /// Which blocks each block needs: the state's `dependencies`.
    pub dependencies: BTreeMap<BlockAddress, Vec<BlockAddress>>,
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
