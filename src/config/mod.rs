//! What was written: a directory of `.tf` files as blocks and expressions with places, nothing evaluated.
//!
//! Refuses to know what anything evaluates to, AWS, and state.

mod aws_version;
mod constant;
mod content;
mod declare;
pub mod expr;
mod files;
pub mod format;
mod load;
pub mod manifest;
mod module_call;
mod overrides;
mod providers;
mod refactor;
pub mod references;
mod resource;
mod settings;
pub mod source;
mod spans;
pub mod syntax;
mod traversal;
mod types;
mod validate;
mod variable;
pub mod variables;
pub mod version;
mod wanted;

pub use constant::constant_of;
pub use files::Snapshot;
pub use load::{LoadOptions, NotInstalled, load, load_installing, load_snapshot};
pub use providers::{ProviderConfig, source_of};
pub use traversal::{Traversal, free_names, traversals};
pub use validate::each_reference;
pub use wanted::{Install, Wanted};
#[cfg(test)]
mod tests;

pub use refactor::{address_of, key_of};

use crate::address::{BlockAddress, Mode};
use crate::diag::Span;
pub use crate::value::TypeDefaults;
use crate::value::{Type, Value};
use expr::{Expr, Ident};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A whole configuration: the root module and, below it, every module it calls.
#[derive(Clone, Debug)]
pub struct Config {
    /// The root module.
    pub root: Module,
    /// The texts it was loaded from.
    pub snapshot: Snapshot,
    /// Modules that have to be installed first; each is an error in the diagnostics, too.
    pub not_installed: Vec<NotInstalled>,
    /// The first number of the version of the AWS provider that the dependency lock file chose.
    pub locked_aws: Option<u64>,
    /// Whether every file could be read as what it is: otherwise nobody knows what is missing.
    pub whole: bool,
}

/// One module: all the files of one directory, seen from one call of it.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Names of the calls that lead here; empty for the root.
    pub path: Vec<Arc<str>>,
    /// The directory, as `path.module` prints it: `.` for the root.
    pub dir: PathBuf,
    /// The files it was read from, by name, sorted.
    pub files: Vec<String>,
    /// `terraform` blocks, merged.
    pub settings: Settings,
    /// `provider` blocks.
    pub providers: Vec<Provider>,
    /// `variable` blocks.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// `locals`, each by name.
    pub locals: BTreeMap<Arc<str>, Local>,
    /// `output` blocks.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// `resource` and `data` blocks by type and name.
    pub resources: BTreeMap<(Mode, Arc<str>, Arc<str>), Resource>,
    /// `module` blocks.
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `import` blocks.
    pub imports: Vec<Import>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `check` blocks.
    pub checks: BTreeMap<Arc<str>, Check>,
    /// The modules behind `calls`, loaded, by the same names.
    pub children: BTreeMap<Arc<str>, Module>,
}

/// What `terraform` blocks say.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `required_version`, each with its place.
    pub required_version: Vec<(String, Span)>,
    /// `required_providers` by local name.
    pub required_providers: BTreeMap<Arc<str>, RequiredProvider>,
    /// Where they are required.
    pub required_providers_span: Option<Span>,
    /// `backend "kind" { ... }`
    pub backend: Option<Backend>,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Such as `hashicorp/aws`, in full `registry.terraform.io/hashicorp/aws`.
    pub source: String,
    /// The version constraint as written.
    pub version: Option<String>,
    /// `configuration_aliases`, as `aws.west`.
    pub aliases: Vec<(String, Span)>,
    /// Its place.
    pub span: Span,
}

/// A `backend` block.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Such as `local` or `s3`.
    pub kind: Arc<str>,
    /// Its arguments, all constant.
    pub body: Body,
    /// Its place.
    pub span: Span,
}

/// The content of a block: arguments and nested blocks, in the order written.
///
/// In `.tf` files it is known which is which. In `.tf.json` only a schema can tell: there, everything is an argument at first,
/// and a reader says with [`Body::shaped`] which names are blocks before it looks for any. Who knows further names
/// (those of a resource type, behind those that every resource has) shapes again.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Arguments.
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<Block>,
    /// Where a missing argument is reported: the block's header.
    pub span: Option<Span>,
}

/// `name = value`
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
    /// In a `.tf.json` file: what [`Body::shaped`] makes blocks of. Not for anyone else.
    pub json: Option<syntax::Property>,
}

/// A nested block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its type: the first word.
    pub ty: Ident,
    /// Its labels.
    pub labels: Vec<Ident>,
    /// Its content.
    pub body: Body,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The local name: `aws`.
    pub name: Arc<str>,
    /// `alias`
    pub alias: Option<Arc<str>>,
    /// The arguments without `alias` and `version`.
    pub body: Body,
    /// Its place.
    pub span: Span,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: Ident,
    /// `type`, `any` where not given. Attributes declared `optional(...)` are marked as such.
    pub ty: Type,
    /// The defaults of `optional(T, default)`, where there are any.
    pub type_defaults: Option<TypeDefaults>,
    /// Whether a `type` was written: decides how text from `-var` and the environment is read.
    pub ty_given: bool,
    /// `default`, already converted to the type.
    pub default: Option<Value>,
    /// Whether no `default` was written: a value must be given.
    pub required: bool,
    /// `description`
    pub description: Option<String>,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `nullable`; true where not given.
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// Its place.
    pub span: Span,
}

/// `condition` and `error_message`, of a `validation`, `precondition`, `postcondition` or `assert` block.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// What to say if it is not.
    pub error_message: Expr,
    /// The block's place.
    pub span: Span,
}

/// One name of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name.
    pub name: Ident,
    /// `value`
    pub value: Expr,
    /// `description`
    pub description: Option<String>,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `depends_on`
    pub depends_on: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// Its place.
    pub span: Span,
}

/// How many instances.
#[derive(Clone, Debug, Default)]
pub enum Repeat {
    /// One, without a key.
    #[default]
    Once,
    /// `count`
    Count(Expr),
    /// `for_each`
    ForEach(Expr),
}

/// A `resource` or `data` block.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `resource` or `data`.
    pub mode: Mode,
    /// The first label.
    pub ty: Ident,
    /// The second label.
    pub name: Ident,
    /// `count` or `for_each`
    pub repeat: Repeat,
    /// `provider`: local name and alias.
    pub provider: Option<ProviderRef>,
    /// `depends_on`: each a bare reference.
    pub depends_on: Vec<Expr>,
    /// `lifecycle`
    pub lifecycle: Lifecycle,
    /// All that is the type's own: meta-arguments are gone; `dynamic` blocks are still there.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// A reference to a provider configuration: `aws` or `aws.west`.
#[derive(Clone, Debug)]
pub struct ProviderRef {
    /// The local name.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
    /// Its place.
    pub span: Span,
}

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// `create_before_destroy`
    pub create_before_destroy: Option<bool>,
    /// `prevent_destroy`. An expression, for it may use variables here (Terraform wants a literal).
    pub prevent_destroy: Option<Expr>,
    /// `ignore_changes = all`
    pub ignore_all: bool,
    /// `ignore_changes = [...]`: each a path without the object, such as `tags["x"]`.
    pub ignore_changes: Vec<Expr>,
    /// `replace_triggered_by`
    pub replace_triggered_by: Vec<Expr>,
    /// `precondition`
    pub preconditions: Vec<Condition>,
    /// `postcondition`
    pub postconditions: Vec<Condition>,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// The name.
    pub name: Ident,
    /// `source` as written; empty where it was none, and an error said so.
    pub source: String,
    /// Its place.
    pub source_span: Span,
    /// `version` as written.
    pub version: Option<String>,
    /// Its place.
    pub version_span: Option<Span>,
    /// `count` or `for_each`
    pub repeat: Repeat,
    /// `providers`: the name inside and the configuration outside, each as `aws` or `aws.west`.
    pub providers: Vec<(ProviderRef, ProviderRef)>,
    /// `depends_on`
    pub depends_on: Vec<Expr>,
    /// The rest: values for the module's variables.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// A `moved` block. Addresses are relative to the module that holds it.
#[derive(Clone, Debug)]
pub struct Moved {
    /// `from`
    pub from: Expr,
    /// `to`
    pub to: Expr,
    /// Its place.
    pub span: Span,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct Import {
    /// `to`
    pub to: Expr,
    /// `id`
    pub id: Expr,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `provider`
    pub provider: Option<ProviderRef>,
    /// Its place.
    pub span: Span,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// `from`
    pub from: Expr,
    /// `lifecycle { destroy = ... }`; true where not given.
    pub destroy: bool,
    /// Its place.
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name.
    pub name: Ident,
    /// The data source inside, if there is one.
    pub data: Option<Resource>,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// Its place.
    pub span: Span,
}

impl ProviderRef {
    /// As it is written: `aws` or `aws.west`.
    pub fn text(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{}.{alias}", self.name),
            None => self.name.to_string(),
        }
    }
}

impl Resource {
    /// The address as written inside its module: `aws_iam_role.x` or `data.aws_region.current`.
    pub fn local_address(&self) -> String {
        match self.mode {
            Mode::Managed => format!("{}.{}", self.ty.name, self.name.name),
            Mode::Data => format!("data.{}.{}", self.ty.name, self.name.name),
        }
    }

    /// The local name of its provider: what `provider` says, or the first word of the type.
    pub fn provider_name(&self) -> &str {
        match &self.provider {
            Some(p) => &p.name,
            None => self.ty.name.split('_').next().unwrap_or_default(),
        }
    }
}

impl Config {
    /// The module at this path of calls.
    pub fn module(&self, path: &[Arc<str>]) -> Option<&Module> {
        path.iter().try_fold(&self.root, |m, name| m.children.get(name))
    }

    /// The block at this address.
    pub fn resource(&self, address: &BlockAddress) -> Option<&Resource> {
        let key = (address.mode, address.ty.clone(), address.name.clone());
        self.module(&address.module)?.resources.get(&key)
    }
}

impl Body {
    /// A body without content at the same place.
    fn clone_header(&self) -> Body {
        Body { attributes: Vec::new(), blocks: Vec::new(), span: self.span.clone() }
    }

    /// The argument of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| &*a.name.name == name)
    }

    /// The nested blocks of this type.
    pub fn blocks<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a Block> + 'a {
        self.blocks.iter().filter(move |b| &*b.ty.name == ty)
    }
}
