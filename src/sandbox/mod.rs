//! AWS inside the process, for a first run without an account and for tests: DynamoDB, IAM, STS, Step Functions
//! (their control plane), CloudWatch Logs, and what little of KMS, Application Auto Scaling and S3 a deployer meets.
//!
//! Refuses to know the rest of the house. It is spoken to as AWS is: by HTTP requests, either through
//! [`Sandbox::http_client`] inside the process or through [`Sandbox::serve`] on a port.
//!
//! What changes settles at once: a table that `CreateTable` calls `CREATING` is `ACTIVE` when next looked at
//! ([`Sandbox::settle_after`] makes it take longer, for tests of waiting). Permissions are not enforced: signatures are read
//! for region, service and access key, and nobody is denied anything, except where AWS checks a role that it is handed.

mod call;
mod connector;
mod dynamodb;
mod fault;
mod iam;
mod input;
mod kms;
mod logs;
mod s3;
mod scaling;
mod serve;
mod sfn;
mod store;
mod sts;
mod tags;
mod wire;
mod world;

#[cfg(test)]
mod tests;

use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use bytes::Bytes;
use call::{Call, Settling};
use fault::{Answer, Fault};
use http::{Request, Response};
use input::Input;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};
use store::Store;
use world::World;

/// The account that the embedded AWS plays unless told otherwise. No real account has this id.
pub const ACCOUNT: &str = "000000000000";

/// The moment at which the clock of [`Sandbox::in_memory`] stands: 2026-01-01T00:00:00Z, in milliseconds since 1970.
pub const FROZEN: i64 = 1_767_225_600_000;

/// Whether an operation changes anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// One operation of a service.
struct Operation {
    name: &'static str,
    access: Access,
    run: fn(&mut Call<'_>, &Input<'_>) -> Answer,
}

/// An operation that only looks.
const fn reads(name: &'static str, run: fn(&mut Call<'_>, &Input<'_>) -> Answer) -> Operation {
    Operation { name, access: Access::Read, run }
}

/// An operation that changes something.
const fn writes(name: &'static str, run: fn(&mut Call<'_>, &Input<'_>) -> Answer) -> Operation {
    Operation { name, access: Access::Write, run }
}

/// The services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    DynamoDb,
    DynamoDbStreams,
    Iam,
    Sts,
    StepFunctions,
    Logs,
    Kms,
    Scaling,
}

impl Service {
    fn by_target(prefix: &str) -> Option<Service> {
        Some(match prefix {
            "DynamoDB_20120810" => Service::DynamoDb,
            "DynamoDBStreams_20120810" => Service::DynamoDbStreams,
            "AWSStepFunctions" => Service::StepFunctions,
            "Logs_20140328" => Service::Logs,
            "TrentService" => Service::Kms,
            "AnyScaleFrontendService" => Service::Scaling,
            _ => return None,
        })
    }

    /// The Query services tell themselves apart by the version of their interface.
    fn by_version(version: &str) -> Option<Service> {
        match version {
            "2010-05-08" => Some(Service::Iam),
            "2011-06-15" => Some(Service::Sts),
            _ => None,
        }
    }

    /// By the signing name, or the first label of the host.
    fn by_scope(name: &str) -> Option<Service> {
        Some(match name {
            "dynamodb" => Service::DynamoDb,
            "iam" => Service::Iam,
            "sts" => Service::Sts,
            "states" => Service::StepFunctions,
            "logs" => Service::Logs,
            "kms" => Service::Kms,
            "application-autoscaling" => Service::Scaling,
            _ => return None,
        })
    }

    fn is_query(self) -> bool {
        matches!(self, Service::Iam | Service::Sts)
    }

    /// As IAM actions spell it.
    fn prefix(self) -> &'static str {
        match self {
            Service::DynamoDb | Service::DynamoDbStreams => "dynamodb",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::StepFunctions => "states",
            Service::Logs => "logs",
            Service::Kms => "kms",
            Service::Scaling => "application-autoscaling",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Service::DynamoDb | Service::DynamoDbStreams | Service::StepFunctions => "application/x-amz-json-1.0",
            Service::Logs | Service::Kms | Service::Scaling => "application/x-amz-json-1.1",
            Service::Iam | Service::Sts => "text/xml",
        }
    }

    fn xml_namespace(self) -> &'static str {
        match self {
            Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            _ => "https://iam.amazonaws.com/doc/2010-05-08/",
        }
    }

    /// What stands before an error's code in its `__type`.
    fn error_namespace(self, code: &str) -> &'static str {
        match (self, code) {
            (_, "UnknownOperationException" | "SerializationException") => "com.amazon.coral.service#",
            (Service::DynamoDb | Service::DynamoDbStreams | Service::StepFunctions, "ValidationException") => {
                "com.amazon.coral.validate#"
            }
            (Service::DynamoDb, _) => "com.amazonaws.dynamodb.v20120810#",
            (Service::DynamoDbStreams, _) => "com.amazonaws.dynamodb.streams.v20120810#",
            (Service::StepFunctions, _) => "com.amazonaws.swf.service.v2.model#",
            _ => "",
        }
    }

    /// The code under which broken constraints are reported.
    fn constraint_code(self) -> &'static str {
        match self {
            Service::Iam | Service::Sts => "ValidationError",
            Service::Logs => "InvalidParameterException",
            _ => "ValidationException",
        }
    }

    fn operations(self) -> &'static [Operation] {
        match self {
            Service::DynamoDb => dynamodb::OPERATIONS,
            Service::DynamoDbStreams => dynamodb::STREAM_OPERATIONS,
            Service::Iam => iam::OPERATIONS,
            Service::Sts => sts::OPERATIONS,
            Service::StepFunctions => sfn::OPERATIONS,
            Service::Logs => logs::OPERATIONS,
            Service::Kms => kms::OPERATIONS,
            Service::Scaling => scaling::OPERATIONS,
        }
    }
}

/// When a fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The operation is refused and nothing happens.
    Before,
    /// The operation takes effect, then the answer is replaced.
    After,
}

/// Trouble to come, for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// AWS answers with this HTTP status, code and message.
    Refused {
        /// HTTP status.
        status: u16,
        /// Such as `ThrottlingException`.
        code: String,
        /// The message.
        message: String,
    },
    /// The connection breaks instead of an answer.
    Lost,
}

struct Planned {
    operation: String,
    times: u32,
    when: When,
    trouble: Trouble,
}

#[derive(Default)]
struct Script {
    planned: Vec<Planned>,
    calls: Vec<String>,
}

type Now = dyn Fn() -> i64 + Send + Sync;

struct Inner {
    store: Mutex<Store>,
    settling: Mutex<Settling>,
    items: dynamodb::items::Items,
    script: Mutex<Script>,
    now: Box<Now>,
}

/// An embedded AWS. Cheap to clone: clones are the same world.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

/// How a [`Sandbox`] is made, where the usual way does not do.
#[derive(Default)]
pub struct Options {
    account: Option<String>,
    seed: Option<u64>,
    now: Option<Box<Now>>,
}

impl Options {
    /// Another account id than [`ACCOUNT`]: twelve digits. A world that exists already keeps its own.
    pub fn account(mut self, id: impl Into<String>) -> Options {
        self.account = Some(id.into());
        self
    }

    /// Another clock: milliseconds since 1970.
    pub fn clock(mut self, now: impl Fn() -> i64 + Send + Sync + 'static) -> Options {
        self.now = Some(Box::new(now));
        self
    }

    /// What ids and request ids are derived from. A world that exists already keeps its own.
    pub fn seed(mut self, seed: u64) -> Options {
        self.seed = Some(seed);
        self
    }

    fn home(&self) -> String {
        self.account.clone().unwrap_or_else(|| ACCOUNT.to_owned())
    }

    /// A world that lives as long as the value. Without more, its seed is 0 and its clock stands at [`FROZEN`].
    pub fn in_memory(self) -> Sandbox {
        let world = World::new(self.seed.unwrap_or(0), &self.home());
        let now = self.now.unwrap_or_else(|| Box::new(|| FROZEN));
        Sandbox::assemble(Store::memory(world), dynamodb::items::Items::in_memory(), now)
    }

    /// A world kept under a directory; see [`Sandbox::open`]. Without more, its seed is random and its clock that of the machine.
    pub fn open(self, dir: impl AsRef<Path>) -> io::Result<Sandbox> {
        let dir = dir.as_ref();
        let seed = match self.seed {
            Some(seed) => seed,
            None => random()?,
        };
        let store = Store::open(dir, World::new(seed, &self.home()))?;
        let now = self.now.unwrap_or_else(|| Box::new(wall_clock));
        Ok(Sandbox::assemble(store, dynamodb::items::Items::under(dir), now))
    }
}

fn random() -> io::Result<u64> {
    let mut seed = [0u8; 8];
    getrandom::fill(&mut seed).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(u64::from_be_bytes(seed))
}

/// A lock that a panic in another thread does not take away.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn wall_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Sandbox {
    /// A world kept under a directory, which is made when something is first written. Several processes may have it open.
    ///
    /// # Errors
    /// The directory cannot be read, or what lies there is not a world that this version understands.
    pub fn open(dir: impl AsRef<Path>) -> io::Result<Sandbox> {
        Sandbox::options().open(dir)
    }

    /// A world in memory in which everything follows from `seed`: ids, revisions, request ids. Its clock stands at [`FROZEN`].
    pub fn in_memory(seed: u64) -> Sandbox {
        Sandbox::options().seed(seed).in_memory()
    }

    /// For another account, clock or seed.
    pub fn options() -> Options {
        Options::default()
    }

    fn assemble(store: Store, items: dynamodb::items::Items, now: Box<Now>) -> Sandbox {
        let inner =
            Inner { store: Mutex::new(store), settling: Mutex::default(), items, script: Mutex::default(), now };
        Sandbox { inner: Arc::new(inner) }
    }

    /// A client for the AWS SDK whose every request goes to this world. Any credentials do; no thread, no port.
    pub fn http_client(&self) -> SharedHttpClient {
        connector::client(self.clone())
    }

    /// The same for requests that no SDK makes.
    pub fn http_connector(&self) -> SharedHttpConnector {
        connector::connector(self.clone())
    }

    /// The account it plays for credentials that it did not give out itself.
    pub fn account(&self) -> String {
        lock(&self.inner.store).world().home.clone()
    }

    /// Everything that is in the world, as it is kept: for comparing two of them.
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(lock(&self.inner.store).world()).unwrap_or_default()
    }

    /// How many looks at something changed still show it on its way (`CREATING`, `UPDATING`, `DELETING`). Usually none.
    pub fn settle_after(&self, looks: u32) {
        lock(&self.inner.settling).looks = looks;
    }

    /// From now on the next `times` calls of an operation, such as `dynamodb:CreateTable`, meet trouble.
    pub fn trouble(&self, operation: &str, times: u32, when: When, trouble: Trouble) {
        let planned = Planned { operation: operation.to_owned(), times, when, trouble };
        lock(&self.inner.script).planned.push(planned);
    }

    /// The operations called since the last time this was asked, in order: `dynamodb:CreateTable`, `states:TagResource`.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.inner.script).calls)
    }

    /// The planned trouble for this call, if there is any left.
    fn trouble_for(&self, name: &str) -> Option<(When, Trouble)> {
        let mut script = lock(&self.inner.script);
        // A server runs for long, and nobody may ever ask.
        if script.calls.len() < 100_000 {
            script.calls.push(name.to_owned());
        }
        let planned = script.planned.iter_mut().find(|p| p.operation == name && p.times > 0)?;
        planned.times -= 1;
        let found = (planned.when, planned.trouble.clone());
        script.planned.retain(|p| p.times > 0);
        Some(found)
    }

    /// Answers one HTTP request as AWS would. `None`: the connection breaks, as [`Trouble::Lost`] wants it.
    pub fn answer(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        if let Some(asked) = s3::read(request) {
            return self.answer_s3(&asked, request);
        }
        let asked = match wire::read(request) {
            Ok(asked) => asked,
            Err(response) => return Some(*response),
        };
        let name = format!("{}:{}", asked.service.prefix(), asked.operation);
        let trouble = self.trouble_for(&name);
        let answer = match &trouble {
            Some((When::Before, Trouble::Lost)) => return None,
            Some((When::Before, Trouble::Refused { .. })) => Ok(serde_json::Value::Null),
            _ => self.run(&asked),
        };
        let answer = match trouble {
            Some((_, Trouble::Lost)) => return None,
            Some((_, Trouble::Refused { status, code, message })) => {
                Err(Fault { status, ..Fault::new(&code, message) })
            }
            None => answer,
        };
        let seed = lock(&self.inner.store).world().seed;
        Some(wire::write(&asked, answer, seed))
    }

    fn answer_s3(&self, asked: &s3::Asked, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let trouble = self.trouble_for(&format!("s3:{}", asked.operation));
        let mut found = None;
        let answer = match &trouble {
            Some((When::Before, Trouble::Lost)) => return None,
            Some((When::Before, Trouble::Refused { .. })) => Ok(serde_json::Value::Null),
            _ => lock(&self.inner.store).with(asked.access() == Access::Write, |world| {
                found = Some(s3::run(world, asked, request, (self.inner.now)())?);
                Ok(serde_json::Value::Null)
            }),
        };
        match trouble {
            Some((_, Trouble::Lost)) => None,
            Some((_, Trouble::Refused { status, code, message })) => {
                Some(s3::refused(asked, &Fault { status, ..Fault::new(&code, message) }))
            }
            None => Some(match (answer, found) {
                (Ok(_), Some(response)) => response,
                (Err(fault), _) => s3::refused(asked, &fault),
                (Ok(_), None) => s3::refused(asked, &Fault::new("InternalError", "No answer was made.")),
            }),
        }
    }

    fn run(&self, asked: &wire::Asked) -> Answer {
        let operation = wire::find(asked)?;
        let input = Input::new(&asked.input, asked.service.constraint_code());
        let mut store = lock(&self.inner.store);
        let mut settling = lock(&self.inner.settling);
        store.with(operation.access == Access::Write, |world| {
            let session = world.sessions.get(&asked.access_key);
            let account = session.map_or_else(|| world.home.clone(), |s| s.account.clone());
            let mut call = Call {
                world,
                settling: &mut settling,
                items: &self.inner.items,
                account,
                region: asked.region.clone(),
                access_key: asked.access_key.clone(),
                now: (self.inner.now)(),
            };
            (operation.run)(&mut call, &input)
        })
    }
}
