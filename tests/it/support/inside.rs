//! A world in memory: plans and applies through the library, against an AWS that tells each call.

use async_trait::async_trait;
use formwork::apply::{self, Keep, Outcome};
use formwork::config::{self, Config, LoadOptions};
use formwork::diag::{Diagnostic, Diags};
use formwork::eval::Facts;
use formwork::plan::{self, Mode, Plan};
use formwork::resources::clock::Clock;
use formwork::resources::{self, Aws, Settings};
use formwork::sandbox::Sandbox;
use formwork::state::State;
use formwork::state::journal::Record;
use formwork::value::Value;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

/// Opens the way to the AWS of a test.
pub type Connect = Box<dyn Fn(Settings) -> BoxFuture<'static, resources::Result<Aws>> + Send + Sync>;

/// An AWS, a state, and a directory with a configuration.
pub struct World {
    pub sandbox: Sandbox,
    pub state: State,
    pub dir: PathBuf,
}

/// Keeps every state that was saved.
#[derive(Default)]
struct Saved(Vec<State>);

#[async_trait]
impl Keep for Saved {
    fn run(&self) -> String {
        "00000000-0000-0000-0000-000000000000".into()
    }

    async fn note(&mut self, _: &[Record]) -> Result<(), Diagnostic> {
        Ok(())
    }

    async fn save(&mut self, state: &State) -> Result<(), Diagnostic> {
        self.0.push(state.clone());
        Ok(())
    }
}

/// The way to this AWS.
pub fn connect(sandbox: &Sandbox) -> Connect {
    let sandbox = sandbox.clone();
    Box::new(move |settings| {
        let client = sandbox.http_client();
        Box::pin(async move {
            Ok(Aws::with_http_client(settings, client).with_clock(Clock::frozen(SystemTime::UNIX_EPOCH)))
        })
    })
}

impl World {
    /// Nothing is there yet.
    pub fn in_dir(dir: &Path) -> World {
        World { sandbox: Sandbox::in_memory(0), state: State::empty(), dir: dir.to_path_buf() }
    }

    pub fn connect(&self) -> Connect {
        connect(&self.sandbox)
    }

    pub fn config(&self) -> Arc<Config> {
        let (config, diags) = config::load(&self.dir, &LoadOptions { data_dir: self.dir.join(".terraform") });
        assert!(!diags.has_errors(), "{diags:?}");
        Arc::new(config)
    }

    pub fn facts(&self) -> Facts {
        Facts { now: "2026-01-02T03:04:05Z".into(), cwd: self.dir.clone(), applying: false }
    }

    /// The defaults of the root module's variables.
    pub fn variables(config: &Config) -> BTreeMap<Arc<str>, Value> {
        let with_default = |(name, v): (&Arc<str>, &config::Variable)| Some((name.clone(), v.default.clone()?));
        config.root.variables.iter().filter_map(with_default).collect()
    }

    /// Makes a plan, or tells why not.
    pub async fn plan(&self, mode: Mode) -> Result<Plan, Diags> {
        let (config, connect) = (self.config(), self.connect());
        let variables = World::variables(&config);
        let request = plan::Request::new(config, self.state.clone(), self.facts(), &*connect);
        plan::make(plan::Request { variables, mode, ..request }).await
    }

    /// Makes a plan.
    pub async fn planned(&self, mode: Mode) -> Plan {
        self.plan(mode).await.unwrap_or_else(|diags| panic!("{}: {diags:?}", self.dir.display()))
    }

    /// Applies a plan over this connection; the state is the one that was saved last.
    pub async fn apply(&mut self, plan: &Plan, connect: &Connect) -> Outcome {
        let mut keep = Saved::default();
        let stop = AtomicBool::new(false);
        let request = apply::Request::new(&**connect, &stop, &mut keep);
        let outcome = apply::run(plan, request).await;
        if let Some(last) = keep.0.pop() {
            self.state = last;
        }
        outcome
    }

    /// Applies a plan; all goes well.
    pub async fn applied(&mut self, plan: &Plan) {
        let connect = self.connect();
        let outcome = self.apply(plan, &connect).await;
        assert!(!outcome.diags.has_errors(), "{}: {:?}", self.dir.display(), outcome.diags);
    }
}
