//! What we last saw in the world, per address. It keeps what it does not understand.
//!
//! Refuses to know configuration and plans. One file (`tfstate`) knows the JSON.

pub mod backend;
mod change;
pub mod checks;
mod collections;
pub mod error;
pub mod journal;
mod journal_file;
pub mod keeper;
pub mod local;
pub mod lock;
mod print;
pub mod s3;
pub mod store;
pub mod tfstate;
pub mod workspace;

pub use backend::Backend;
pub use checks::{CheckKind, CheckResult, CheckStatus, CheckedObject};
pub use collections::{Instances, Resources};
pub use error::Error;
pub use journal::Journal;
pub use keeper::Keeper;
pub use local::Local;
pub use print::{print_json, print_json_line};
pub use store::Store;

use crate::address::{Address, Key, Mode, ModulePath};
use crate::value::{Marks, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A JSON object whose members keep their order.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;

pub use crate::TERRAFORM_VERSION;

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The Terraform version that wrote it last, as stored.
    pub terraform_version: String,
    /// Counts the changes.
    pub serial: u64,
    /// Tells histories apart; never changes. Empty until the first write.
    pub lineage: String,
    /// Root module outputs.
    pub outputs: BTreeMap<Arc<str>, OutputValue>,
    /// Every resource, ours or not, in the order of the file.
    pub resources: Resources,
    /// `check_results`, as it stands in the file.
    pub check_results: serde_json::Value,
    /// Top-level members that we do not know.
    pub extra: JsonMap,
}

/// A root module output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputValue {
    /// The value, marked if it is sensitive.
    pub value: Value,
    /// `sensitive`
    pub sensitive: bool,
    /// Members that we do not know.
    pub extra: JsonMap,
}

impl OutputValue {
    /// An output; the value is marked to match.
    pub fn new(value: Value, sensitive: bool) -> OutputValue {
        let marks = if sensitive { Marks::SENSITIVE } else { Marks::NONE };
        OutputValue { value: value.mark(marks), sensitive, extra: JsonMap::new() }
    }
}

/// All instances of one block in one module instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The module instance.
    pub module: ModulePath,
    /// `resource` or `data`.
    pub mode: Mode,
    /// Such as `aws_iam_role`.
    pub ty: Arc<str>,
    /// The second label.
    pub name: Arc<str>,
    /// As stored: `provider["registry.terraform.io/hashicorp/aws"].west`.
    pub provider: String,
    /// The instances, deposed ones too.
    pub instances: Instances,
    /// Members that we do not know.
    pub extra: JsonMap,
}

/// One object in the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    /// `index_key`
    pub key: Option<Key>,
    /// Set for an object that was replaced but not deleted yet: eight hexadecimal digits.
    pub deposed: Option<String>,
    /// Its creation did not finish; it will be replaced.
    pub tainted: bool,
    /// The version of the shape of `attributes`.
    pub schema_version: u64,
    /// As stored. A type that is ours is decoded by its schema, others' stay as they are.
    pub attributes: JsonMap,
    /// `sensitive_attributes`: paths of values that the configuration marked, as stored.
    pub sensitive_attributes: Vec<serde_json::Value>,
    /// The provider's own notes (base64), such as `timeouts`.
    pub private: Option<String>,
    /// Addresses (without keys) of what it depends on: the order of deletion.
    pub dependencies: Vec<String>,
    /// `create_before_destroy`
    pub create_before_destroy: bool,
    /// Members that we do not know, `identity` among them.
    pub extra: JsonMap,
}

impl State {
    /// The address of the `instance` of `resource`.
    pub fn address(resource: &Resource, instance: &Instance) -> Address {
        Address {
            module: resource.module.clone(),
            mode: resource.mode,
            ty: resource.ty.clone(),
            name: resource.name.clone(),
            key: instance.key.clone(),
        }
    }

    /// Every object with its address, in the order of the file.
    pub fn objects(&self) -> impl Iterator<Item = (Address, &Resource, &Instance)> {
        self.resources.iter().flat_map(|r| r.instances.iter().map(move |i| (State::address(r, i), r, i)))
    }
}
