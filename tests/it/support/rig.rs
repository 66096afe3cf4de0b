//! Plans and applies against the embedded AWS in this process, with trouble at one call: an answer that is lost, a failing server, or
//! the end of the run as if its process had been killed.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use formwork::config;
use formwork::diag::Diags;
use formwork::eval::Facts;
use formwork::plan::settle::Unsettled;
use formwork::plan::{self, Mode, Plan};
use formwork::resources::{Aws, Clock, Settings};
use formwork::sandbox::Sandbox;
use formwork::state::lock::LockInfo;
use formwork::state::{Keeper, Local, Store};
use formwork::{apply, eval};
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Notify;

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process ends before the call goes out.
    KilledBefore,
    /// The call is done, and the process ends before its answer comes.
    KilledAfter,
    /// The call never arrives: the connection breaks.
    Refused,
    /// The call is done, and the connection breaks instead of an answer.
    Lost,
    /// The server fails and does nothing.
    Failed,
    /// The server does it and says that it failed.
    FailedAfter,
    /// Too many requests.
    Throttled,
    /// The answer comes late.
    Slow,
    /// No permission; not among [`FAULTS`], which pass.
    Denied,
}

/// All of them.
pub const FAULTS: [Fault; 8] = [
    Fault::KilledBefore,
    Fault::KilledAfter,
    Fault::Refused,
    Fault::Lost,
    Fault::Failed,
    Fault::FailedAfter,
    Fault::Throttled,
    Fault::Slow,
];

#[derive(Default)]
struct Script {
    calls: Vec<String>,
    at: Option<(usize, Fault)>,
    /// Calls of this name are refused: no permission.
    denied: Option<&'static str>,
    /// One call in so many fails, by this sequence of numbers.
    random: Option<(u64, u64)>,
}

/// A directory, an account, and a clock.
pub struct Rig {
    dir: tempfile::TempDir,
    sandbox: Sandbox,
    clock: Arc<AtomicI64>,
    /// The time of the current run, which the account goes by, too.
    running: Arc<Mutex<Clock>>,
    script: Arc<Mutex<Script>>,
    killed: Arc<Notify>,
}

/// How a run ended.
pub enum End {
    /// In the middle.
    Killed,
    /// There was no plan.
    Unplanned(Diags),
    /// It was applied, perhaps not all of it.
    Applied(Box<(Plan, apply::Outcome)>),
}

impl End {
    /// Whether everything was done.
    pub fn is_done(&self) -> bool {
        matches!(self, End::Applied(both) if !both.1.diags.has_errors())
    }

    /// The errors, for messages.
    pub fn errors(&self) -> String {
        let diags = match self {
            End::Killed => return "killed".into(),
            End::Unplanned(diags) => diags,
            End::Applied(both) => &both.1.diags,
        };
        diags
            .iter()
            .map(|d| format!("{}: {} {}\n", d.address.clone().unwrap_or_default(), d.summary, d.detail))
            .collect()
    }
}

impl Rig {
    pub fn new() -> Rig {
        let clock = Arc::new(AtomicI64::new(formwork::sandbox::FROZEN));
        let running = Arc::new(Mutex::new(at(formwork::sandbox::FROZEN)));
        let now = running.clone();
        let millis = move || {
            let now = now.lock().unwrap().now().duration_since(UNIX_EPOCH).unwrap();
            i64::try_from(now.as_millis()).unwrap()
        };
        let sandbox = Sandbox::options().seed(1).clock(millis).in_memory();
        sandbox.settle_after(1);
        let dir = tempfile::tempdir().unwrap();
        Rig { dir, sandbox, clock, running, script: Arc::default(), killed: Arc::new(Notify::new()) }
    }

    pub fn write(&self, main: &str) {
        std::fs::write(self.dir.path().join("main.tf"), main).unwrap();
    }

    /// The next run meets this at its call of this number.
    pub fn trouble(&self, at: usize, fault: Fault) {
        *self.script.lock().unwrap() = Script { at: Some((at, fault)), ..Script::default() };
    }

    /// Until told otherwise, this call is not allowed.
    pub fn deny(&self, call: &'static str) {
        *self.script.lock().unwrap() = Script { denied: Some(call), ..Script::default() };
    }

    /// Until told otherwise, one call in `one_in` meets some trouble.
    pub fn random_trouble(&self, seed: u64, one_in: u64) {
        *self.script.lock().unwrap() = Script { random: Some((seed | 1, one_in)), ..Script::default() };
    }

    /// From now on all is well; gives the calls since.
    pub fn no_trouble(&self) -> Vec<String> {
        std::mem::take(&mut *self.script.lock().unwrap()).calls
    }

    fn aws(&self, settings: Settings) -> Aws {
        let client = SharedHttpClient::new(Troubled {
            sandbox: self.sandbox.clone(),
            script: self.script.clone(),
            killed: self.killed.clone(),
        });
        Aws::with_http_client(settings, client).with_clock(self.running.lock().unwrap().clone())
    }

    fn request<'a>(
        &self,
        keeper: &Keeper,
        connect: &'a plan::Connect<'a>,
        mode: Mode,
    ) -> Result<plan::Request<'a>, Diags> {
        let (config, diags) =
            config::load(self.dir.path(), &config::LoadOptions { data_dir: PathBuf::from(".terraform") });
        if diags.has_errors() {
            return Err(diags);
        }
        let facts: eval::Facts =
            Facts { now: "2026-01-01T00:00:00Z".into(), cwd: self.dir.path().to_path_buf(), applying: false };
        let request = plan::Request::new(Arc::new(config), keeper.state(), facts, connect);
        Ok(plan::Request { unsettled: Unsettled::of(keeper), mode, ..request })
    }

    /// One run of the program: lock, read, plan, apply, save, unlock.
    pub fn run(&self, mode: Mode, rollback: bool) -> End {
        // Runs are a day apart, so that nobody waits into the next one.
        *self.running.lock().unwrap() = at(self.clock.fetch_add(86_400_000, Ordering::SeqCst) + 86_400_000);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::select! {
                end = self.plan_and_apply(mode, rollback) => end,
                () = self.killed.notified() => End::Killed,
            }
        })
    }

    pub fn apply(&self) -> End {
        self.run(Mode::Normal, false)
    }

    async fn open(&self) -> Keeper {
        let mut store = Local::with_usual_backup(self.dir.path().join("terraform.tfstate"));
        store.lock(&LockInfo::new("OperationTypeApply", "2026-01-01T00:00:00Z")).await.unwrap();
        Keeper::open(Box::new(store)).await.unwrap()
    }

    async fn plan_and_apply(&self, mode: Mode, rollback: bool) -> End {
        let mut keeper = self.open().await;
        let connect =
            |settings: Settings| -> futures_util::future::BoxFuture<'static, formwork::resources::Result<Aws>> {
                let aws = self.aws(settings);
                Box::pin(async move { Ok(aws) })
            };
        let made = match self.request(&keeper, &connect, mode) {
            Ok(request) => plan::make(request).await,
            Err(diags) => Err(diags),
        };
        let plan = match made {
            Ok(plan) => plan,
            Err(diags) => return End::Unplanned(diags),
        };
        keeper.settle();
        let stop = AtomicBool::new(false);
        let request = apply::Request { rollback, ..apply::Request::new(&connect, &stop, &mut keeper) };
        let outcome = apply::run(&plan, request).await;
        keeper.finish().await.unwrap();
        keeper.store().unlock().await.unwrap();
        End::Applied(Box::new((plan, outcome)))
    }

    /// Plans, with nothing done: what there is to change.
    pub fn changes(&self) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let plan = runtime.block_on(async {
            let keeper = self.open().await;
            let connect =
                |settings: Settings| -> futures_util::future::BoxFuture<'static, formwork::resources::Result<Aws>> {
                    let aws = self.aws(settings);
                    Box::pin(async move { Ok(aws) })
                };
            plan::make(self.request(&keeper, &connect, Mode::Normal).unwrap()).await
        });
        let plan = plan.unwrap_or_else(|d| panic!("{:?}", d.iter().map(|d| d.detail.clone()).collect::<Vec<_>>()));
        let mut changes: Vec<String> = plan
            .changes
            .iter()
            .filter(|c| c.action != plan::Action::NoOp)
            .map(|c| format!("{:?} {}", c.action, c.address))
            .collect();
        changes.extend(plan.settled.iter().map(|s| format!("settled {}: {}", s.address, s.text)));
        changes
    }

    /// Everything in the account, without what differs from run to run: times, and the ends of generated names.
    pub fn world(&self) -> Json {
        tidy(self.sandbox.snapshot())
    }

    /// The state without the same, and without its counting.
    pub fn state(&self) -> Json {
        let text = std::fs::read_to_string(self.dir.path().join("terraform.tfstate")).unwrap();
        let mut json: Json = serde_json::from_str(&text).unwrap();
        json["serial"] = 0.into();
        json["lineage"] = "".into();
        tidy(json)
    }

    /// The names of all files, but for the configuration.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|n| n != "main.tf");
        names.sort();
        names
    }
}

fn at(millis: i64) -> Clock {
    Clock::frozen(UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap()))
}

fn tidy(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let members = members.into_iter().filter(|(name, _)| {
                let name = name.to_lowercase();
                !["date", "created", "updated", "creation", "unique_id", "revision", "stamp", "since"]
                    .iter()
                    .any(|w| name.contains(w))
            });
            Json::Object(members.map(|(name, value)| (without_digits(&name), tidy(value))).collect())
        }
        Json::Array(values) => Json::Array(values.into_iter().map(tidy).collect()),
        Json::String(text) => Json::String(match serde_json::from_str::<Json>(&text) {
            Ok(inner @ (Json::Object(_) | Json::Array(_))) => tidy(inner).to_string(),
            _ if text.len() >= 16 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) => {
                "(id)".into()
            }
            _ => without_digits(&text),
        }),
        Json::Number(n) if n.as_f64().is_some_and(|n| n > 1.7e12) => "(time)".into(),
        other => other,
    }
}

/// The 26 digits at the end of generated names, and the moments in stream names, are anything.
fn without_digits(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || (!digits.is_empty() && c.is_ascii_hexdigit()) {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= 20 { "*" } else { &digits });
        digits.clear();
        if c != '\n' {
            out.push(c);
        }
    }
    match out.find("/stream/") {
        Some(at) => out[..at].to_string(),
        None => out,
    }
}

#[derive(Clone)]
struct Troubled {
    sandbox: Sandbox,
    script: Arc<Mutex<Script>>,
    killed: Arc<Notify>,
}

impl std::fmt::Debug for Troubled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Troubled")
    }
}

impl HttpClient for Troubled {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Troubled {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
        let (parts, _) = request.try_into_http1x().unwrap().into_parts();
        let request = http::Request::from_parts(parts, body);
        let fault = self.script.lock().unwrap().next(&request);
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            if fault == Some(Fault::KilledBefore) {
                this.killed.notify_one();
                std::future::pending::<()>().await;
            }
            let refused = |status: u16, code: &str| {
                let json = format!("{{\"__type\":\"{code}\",\"message\":\"as the test wants it\"}}");
                let xml = format!(
                    "<ErrorResponse><Error><Code>{code}</Code><Message>as the test wants it</Message></Error></ErrorResponse>"
                );
                let body = if request.headers().contains_key("x-amz-target") { json } else { xml };
                let response = http::Response::builder().status(status).body(SdkBody::from(body)).unwrap();
                HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
            };
            match fault {
                Some(Fault::Refused) => return Err(ConnectorError::io("the connection was lost".into())),
                Some(Fault::Failed) => return refused(500, "InternalFailure"),
                Some(Fault::Throttled) => return refused(400, "ThrottlingException"),
                Some(Fault::Denied) => return refused(400, "AccessDeniedException"),
                _ => {}
            }
            let answer = this.sandbox.answer(&request);
            match fault {
                Some(Fault::KilledAfter) => {
                    this.killed.notify_one();
                    std::future::pending::<()>().await;
                }
                Some(Fault::Lost) => return Err(ConnectorError::io("the connection was lost".into())),
                Some(Fault::FailedAfter) => return refused(500, "InternalFailure"),
                Some(Fault::Slow) => {
                    for _ in 0..20 {
                        tokio::task::yield_now().await;
                    }
                }
                _ => {}
            }
            match answer {
                Some(answer) => {
                    HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|e| ConnectorError::other(e.into(), None))
                }
                None => Err(ConnectorError::io("the connection was lost".into())),
            }
        })
    }
}

impl Script {
    /// The trouble of this call.
    fn next(&mut self, request: &http::Request<Bytes>) -> Option<Fault> {
        let target = request.headers().get("x-amz-target").and_then(|t| t.to_str().ok()?.rsplit('.').next());
        let action = || {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            Some(body.split('&').find_map(|p| p.strip_prefix("Action="))?.to_string())
        };
        self.calls.push(target.map(String::from).or_else(action).unwrap_or_default());
        if self.denied.is_some_and(|d| self.calls.last().is_some_and(|call| call == d)) {
            return Some(Fault::Denied);
        }
        if let Some((seed, one_in)) = &mut self.random {
            // Xorshift: the same in every run.
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            if *seed % *one_in == 0 {
                return Some(FAULTS[usize::try_from(*seed / *one_in % 8).unwrap()]);
            }
        }
        let (at, fault) = self.at?;
        (self.calls.len() == at).then_some(fault)
    }
}
