//! The shape of an object and, for each part, who sets it and what changing it costs. Data, not code.
//!
//! Refuses to know which types there are: `resources` has a table of [`Schema`]s.

use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Arguments and blocks that later versions of the provider have: for saying so where one is written.
pub const LATER: &[&str] =
    &["consistency_mode", "global_table_witness", "key_schema", "restore_backup_arn", "warm_throughput"];

/// A type, written as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// Any type: decided by the value.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(&'static Ty),
    /// `set(T)`
    Set(&'static Ty),
    /// `map(T)`
    Map(&'static Ty),
    /// `object({...})`
    Object(&'static [(&'static str, Ty)]),
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// The configuration must.
    Required,
    /// The configuration may; otherwise it is null, or the default.
    Optional,
    /// The configuration may; otherwise AWS decides.
    OptionalComputed,
    /// Only AWS.
    Computed,
}

/// What changing an attribute costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// An update of the object as it stands.
    Update,
    /// The object is deleted and made anew ("forces replacement").
    Replace,
}

/// A constant value for a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Const {
    /// A bool.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Str(&'static str),
}

/// Judges one known, non-null value: the error is a whole sentence that starts with what was expected.
pub type Check = fn(&Value) -> Result<(), String>;

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Ty,
    /// Who sets it.
    pub set_by: SetBy,
    /// What changing it costs.
    pub cost: Cost,
    /// Must not be shown.
    pub sensitive: bool,
    /// What an omitted optional attribute is.
    pub default: Option<Const>,
    /// What it means, in one sentence.
    pub doc: &'static str,
    /// Why not to use it, if it is deprecated.
    pub deprecated: Option<&'static str>,
    /// Not supported yet: configuring it is an error that says so.
    pub unsupported: bool,
    /// Attributes of the same block (or blocks) that may not be set beside it.
    pub conflicts_with: &'static [&'static str],
    /// For a computed attribute: when one of these top-level parts changes it becomes a hole; `*` stands for any.
    /// Empty: an update leaves it as it was.
    pub moves_with: &'static [&'static str],
    /// Judges a known value.
    pub check: Option<Check>,
}

/// How often a nested block may come and what it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// An object, or null where it is not written (`timeouts`).
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
}

/// A nested block.
#[derive(Clone, Copy, Debug)]
pub struct NestedBlock {
    /// Its type name.
    pub name: &'static str,
    /// What several of them become.
    pub nesting: Nesting,
    /// At least so many.
    pub min: usize,
    /// At most so many; 0: no limit.
    pub max: usize,
    /// Optional and computed: where none is written, what AWS has is kept.
    pub computed: bool,
    /// What adding or removing one costs; parts have their own.
    pub cost: Cost,
    /// What it means, in one sentence.
    pub doc: &'static str,
    /// Why not to use it, if it is deprecated.
    pub deprecated: Option<&'static str>,
    /// Not supported yet: writing it is an error that says so.
    pub unsupported: bool,
    /// For a set: the attribute that names an element, so that a change of one is shown as that (`name` of an index).
    pub named_by: Option<&'static str>,
    /// Its content.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// In alphabetical order.
    pub attributes: &'static [Attribute],
    /// In alphabetical order.
    pub blocks: &'static [NestedBlock],
}

/// The shape of one resource type or data source.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Such as `aws_dynamodb_table`.
    pub name: &'static str,
    /// The provider's version of this shape, as the state stores it.
    pub version: u64,
    /// What it is, in one sentence.
    pub doc: &'static str,
    /// Its content, without `timeouts`.
    pub block: Block,
    /// Operations that a `timeouts` block may limit (`create`, `update`, `delete`, `read`), with the default in seconds.
    pub timeouts: &'static [(&'static str, u64)],
}

impl Attribute {
    const fn new(name: &'static str, ty: Ty, set_by: SetBy) -> Attribute {
        Attribute {
            name,
            ty,
            set_by,
            cost: Cost::Update,
            sensitive: false,
            default: None,
            doc: "",
            deprecated: None,
            unsupported: false,
            conflicts_with: &[],
            moves_with: &[],
            check: None,
        }
    }
    /// The configuration must set it.
    pub const fn required(name: &'static str, ty: Ty) -> Attribute {
        Attribute::new(name, ty, SetBy::Required)
    }
    /// The configuration may set it.
    pub const fn optional(name: &'static str, ty: Ty) -> Attribute {
        Attribute::new(name, ty, SetBy::Optional)
    }
    /// The configuration may set it; otherwise AWS decides.
    pub const fn optional_computed(name: &'static str, ty: Ty) -> Attribute {
        Attribute::new(name, ty, SetBy::OptionalComputed)
    }
    /// AWS sets it.
    pub const fn computed(name: &'static str, ty: Ty) -> Attribute {
        Attribute::new(name, ty, SetBy::Computed)
    }
    /// Changing it replaces the object.
    pub const fn replaces(mut self) -> Attribute {
        self.cost = Cost::Replace;
        self
    }
    /// It must not be shown.
    pub const fn sensitive(mut self) -> Attribute {
        self.sensitive = true;
        self
    }
    /// What it is where it is not given.
    pub const fn default(mut self, value: Const) -> Attribute {
        self.default = Some(value);
        self
    }
    /// What it means.
    pub const fn doc(mut self, doc: &'static str) -> Attribute {
        self.doc = doc;
        self
    }
    /// Why not to use it.
    pub const fn deprecated(mut self, why: &'static str) -> Attribute {
        self.deprecated = Some(why);
        self
    }
    /// Configuring it is an error that says that it is not supported yet.
    pub const fn unsupported(mut self) -> Attribute {
        self.unsupported = true;
        self
    }
    /// It may not be set beside these.
    pub const fn conflicts(mut self, with: &'static [&'static str]) -> Attribute {
        self.conflicts_with = with;
        self
    }
    /// It becomes a hole when one of these changes; `*` is any.
    pub const fn moves_with(mut self, with: &'static [&'static str]) -> Attribute {
        self.moves_with = with;
        self
    }
    /// How a known value is judged.
    pub const fn check(mut self, check: Check) -> Attribute {
        self.check = Some(check);
        self
    }
    /// Whether the configuration may set it.
    pub fn is_configurable(&self) -> bool {
        self.set_by != SetBy::Computed
    }
    /// Whether AWS may set it.
    pub fn is_computed(&self) -> bool {
        matches!(self.set_by, SetBy::Computed | SetBy::OptionalComputed)
    }
}

impl NestedBlock {
    const fn new(name: &'static str, nesting: Nesting, block: Block) -> NestedBlock {
        NestedBlock {
            name,
            nesting,
            min: 0,
            max: 0,
            computed: false,
            cost: Cost::Update,
            doc: "",
            deprecated: None,
            unsupported: false,
            named_by: None,
            block,
        }
    }
    /// A block that becomes a list.
    pub const fn list(name: &'static str, block: Block) -> NestedBlock {
        NestedBlock::new(name, Nesting::List, block)
    }
    /// A block that becomes a set.
    pub const fn set(name: &'static str, block: Block) -> NestedBlock {
        NestedBlock::new(name, Nesting::Set, block)
    }
    /// At least and at most so many (0: no limit).
    pub const fn items(mut self, min: usize, max: usize) -> NestedBlock {
        self.min = min;
        self.max = max;
        self
    }
    /// Where none is written, what AWS has is kept.
    pub const fn computed(mut self) -> NestedBlock {
        self.computed = true;
        self
    }
    /// Adding or removing one replaces the object.
    pub const fn replaces(mut self) -> NestedBlock {
        self.cost = Cost::Replace;
        self
    }
    /// What it means.
    pub const fn doc(mut self, doc: &'static str) -> NestedBlock {
        self.doc = doc;
        self
    }
    /// Why not to use it.
    pub const fn deprecated(mut self, why: &'static str) -> NestedBlock {
        self.deprecated = Some(why);
        self
    }
    /// Writing it is an error that says that it is not supported yet.
    pub const fn unsupported(mut self) -> NestedBlock {
        self.unsupported = true;
        self
    }
    /// The attribute that names an element of the set.
    pub const fn named_by(mut self, attribute: &'static str) -> NestedBlock {
        self.named_by = Some(attribute);
        self
    }
    /// The type of the whole: a list or set of objects, or an object.
    pub fn ty(&self) -> Type {
        match self.nesting {
            Nesting::Single => self.block.ty(),
            Nesting::List => Type::list(self.block.ty()),
            Nesting::Set => Type::set(self.block.ty()),
        }
    }
}

impl Block {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }
    /// The nested block of this name.
    pub fn nested(&self, name: &str) -> Option<&'static NestedBlock> {
        self.blocks.iter().find(|b| b.name == name)
    }
    /// The object type of this shape.
    pub fn ty(&self) -> Type {
        Type::object(self.fields())
    }
    fn fields(&self) -> BTreeMap<Arc<str>, Type> {
        let attributes = self.attributes.iter().map(|a| (Arc::from(a.name), a.ty.to_type()));
        attributes.chain(self.blocks.iter().map(|b| (Arc::from(b.name), b.ty()))).collect()
    }
}

impl Schema {
    /// The object type, `timeouts` included.
    pub fn ty(&self) -> Type {
        let mut fields = self.block.fields();
        if !self.timeouts.is_empty() {
            let times = self.timeouts.iter().map(|(name, _)| (Arc::from(*name), Type::String)).collect();
            fields.insert("timeouts".into(), Type::object(times));
        }
        Type::object(fields)
    }
}

impl Ty {
    /// As a type of values.
    pub fn to_type(self) -> Type {
        match self {
            Ty::Any => Type::Any,
            Ty::Bool => Type::Bool,
            Ty::Number => Type::Number,
            Ty::String => Type::String,
            Ty::List(t) => Type::list(t.to_type()),
            Ty::Set(t) => Type::set(t.to_type()),
            Ty::Map(t) => Type::map(t.to_type()),
            Ty::Object(fields) => Type::object(fields.iter().map(|(k, t)| (Arc::from(*k), t.to_type())).collect()),
        }
    }
}

impl Const {
    /// As a value.
    pub fn to_value(self) -> Value {
        match self {
            Const::Bool(b) => Value::bool(b),
            Const::Int(n) => Value::number(n),
            Const::Str(s) => Value::string(s),
        }
    }
}
