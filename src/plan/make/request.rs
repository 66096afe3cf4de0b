//! All that a plan is made of.

use crate::address::{Address, Target};
use crate::config::Config;
use crate::eval::Facts;
use crate::plan::Mode;
use crate::plan::events::Event;
use crate::plan::settle::Unsettled;
use crate::resources::{self, Aws, Settings};
use crate::state::State;
use crate::value::Value;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Opens the way to AWS for one provider configuration.
pub type Connect<'a> = dyn Fn(Settings) -> BoxFuture<'static, resources::Result<Aws>> + Send + Sync + 'a;

/// Shows what happens.
pub type Watch = dyn Fn(Event) + Send + Sync;

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
    /// The way to AWS.
    pub connect: &'a Connect<'a>,
    /// Who watches.
    pub watch: Arc<Watch>,
}

impl<'a> Request<'a> {
    /// A plan of everything as it is written: the default workspace, variables without values, files relative to `facts.cwd`, the world
    /// looked at, nobody watching.
    pub fn new(config: Arc<Config>, state: State, facts: Facts, connect: &'a Connect<'a>) -> Request<'a> {
        Request {
            config,
            variables: BTreeMap::new(),
            state,
            unsettled: Unsettled::default(),
            base_dir: facts.cwd.clone(),
            facts,
            workspace: "default".into(),
            mode: Mode::Normal,
            refresh: true,
            targets: Vec::new(),
            replace: Vec::new(),
            imports: Vec::new(),
            skip_unsupported: false,
            connect,
            watch: Arc::new(|_| {}),
        }
    }
}
