//! The values of the Terraform language: null, known, or a hole ("known after apply"); possibly sensitive.
//!
//! Every value has a [`Type`], holes and nulls too. Refuses to know AWS, HCL and files.

mod compare;
mod convert;
mod defaults;
mod edit;
pub mod json;
mod mismatch;
mod number;
mod object;
mod path;
pub mod quote;
mod set;
mod ty;
mod unify;

pub use compare::{equals, is_ordered};
pub use convert::{ConvertError, can_convert, conforms, convert};
pub use defaults::{TypeDefaults, apply_defaults};
pub use number::{Number, NumberError};
pub use object::Object;
pub use path::{Path, PathStep};
pub use ty::{OptionalAttrs, Type};
pub use unify::unify;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Attributes of an object or elements of a map, sorted by the bytes of their names as Terraform iterates them.
pub type Fields = BTreeMap<Arc<str>, Value>;

/// What is said about a value beside what it is. Marks travel through every operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks {
    /// Must not be shown.
    pub sensitive: bool,
    /// Must not be stored in state or plan.
    pub ephemeral: bool,
}

impl Marks {
    /// No marks.
    pub const NONE: Marks = Marks { sensitive: false, ephemeral: false };
    /// Only `sensitive`.
    pub const SENSITIVE: Marks = Marks { sensitive: true, ephemeral: false };

    /// All marks of both.
    pub fn or(self, other: Marks) -> Marks {
        Marks { sensitive: self.sensitive || other.sensitive, ephemeral: self.ephemeral || other.ephemeral }
    }
}

/// What is known of a hole although its value is not. Only refinements that can show in a result are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// A string that will start so.
    pub prefix: Option<Arc<str>>,
    /// A number's bounds, each with whether the bound itself is included.
    pub number: (Option<(Number, bool)>, Option<(Number, bool)>),
    /// Bounds of a collection's length, both inclusive.
    pub length: (u64, Option<u64>),
}

/// The longest list that is made of holes because only its length is known.
const LONGEST: u64 = 1024;

/// What a value is, apart from its marks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `null` of a type.
    Null(Type),
    /// Known after apply. The type may be [`Type::Any`]: not even that is known.
    Unknown(Type, Arc<Refinement>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string in Unicode NFC.
    String(Arc<str>),
    /// Elements of one type, in order.
    List(Type, Arc<Vec<Value>>),
    /// Elements of one type, sorted and each once (holes as often as they come).
    Set(Type, Arc<Vec<Value>>),
    /// Elements of one type by name.
    Map(Type, Arc<Fields>),
    /// Elements of own types, in order.
    Tuple(Arc<Vec<Value>>),
    /// Attributes of own types.
    Object(Arc<Fields>),
}

/// A value of the Terraform language. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value { kind, marks: Marks::NONE }
    }
}

/// Making.
impl Value {
    /// `null` of this type.
    pub fn null(ty: Type) -> Value {
        Kind::Null(ty).into()
    }

    /// A hole of this type.
    pub fn unknown(ty: Type) -> Value {
        Kind::Unknown(ty, Arc::default()).into()
    }

    /// A hole of this type of which something is known. What does not concern the type is dropped, and where so much is known
    /// that only one value is left, it is that value: a number between 1 and 1, a list of two (of holes).
    pub fn refined(ty: Type, refinement: Refinement) -> Value {
        let mut known = Refinement { not_null: refinement.not_null && ty != Type::Any, ..Refinement::default() };
        match &ty {
            Type::String => known.prefix = refinement.prefix.filter(|p| !p.is_empty()),
            Type::Number => {
                if let (Some((low, true)), Some((high, true))) = &refinement.number
                    && low == high
                    && known.not_null
                {
                    return Value::number(low.clone());
                }
                known.number = refinement.number;
            }
            Type::List(t) | Type::Set(t) | Type::Map(t) => {
                known.length = refinement.length;
                if let (low, Some(high)) = known.length
                    && low == high
                    && known.not_null
                {
                    let hole = || Value::unknown((**t).clone());
                    match ty {
                        Type::List(_) if low <= LONGEST => {
                            return Value::list((**t).clone(), (0..low).map(|_| hole()).collect());
                        }
                        Type::Set(_) if low == 0 => return Value::set((**t).clone(), Vec::new()),
                        Type::Set(_) if low == 1 => return Value::set((**t).clone(), vec![hole()]),
                        Type::Map(_) if low == 0 => return Value::map((**t).clone(), Fields::new()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Kind::Unknown(ty, Arc::new(known)).into()
    }

    /// A string; brought into Unicode NFC.
    pub fn string(s: impl AsRef<str>) -> Value {
        use unicode_normalization::{UnicodeNormalization, is_nfc};
        let s = s.as_ref();
        let s: Arc<str> = if s.is_ascii() || is_nfc(s) { s.into() } else { s.nfc().collect::<String>().into() };
        Kind::String(s).into()
    }

    /// `true` or `false`.
    pub fn bool(b: bool) -> Value {
        Kind::Bool(b).into()
    }

    /// A number.
    pub fn number(n: impl Into<Number>) -> Value {
        Kind::Number(n.into()).into()
    }

    /// A list of `element`s. The caller has converted them.
    pub fn list(element: Type, elements: Vec<Value>) -> Value {
        Kind::List(element, Arc::new(elements)).into()
    }

    /// A set of `element`s: sorted, doubles dropped. Marks of the elements go to the whole set.
    pub fn set(element: Type, elements: Vec<Value>) -> Value {
        let mut marks = Marks::NONE;
        let elements: Vec<Value> = elements
            .into_iter()
            .map(|v| {
                let (v, m) = v.unmark_deep();
                marks = marks.or(m);
                v
            })
            .collect();
        let elements = set::arrange(&element, elements);
        Value { kind: Kind::Set(element, Arc::new(elements)), marks }
    }

    /// A map of `element`s.
    pub fn map(element: Type, elements: Fields) -> Value {
        Kind::Map(element, Arc::new(elements)).into()
    }

    /// A tuple.
    pub fn tuple(elements: Vec<Value>) -> Value {
        Kind::Tuple(Arc::new(elements)).into()
    }

    /// An object.
    pub fn object(fields: Fields) -> Value {
        Kind::Object(Arc::new(fields)).into()
    }

    /// An object from name and value pairs.
    pub fn object_of<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        Value::object(fields.into_iter().map(|(k, v)| (Arc::from(k), v)).collect())
    }
}

/// Looking.
impl Value {
    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What it is, taken apart.
    pub fn into_kind(self) -> (Kind, Marks) {
        (self.kind, self.marks)
    }

    /// Its own marks, without those of the parts.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(t) | Kind::Unknown(t, _) => t.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(t, _) => Type::list(t.clone()),
            Kind::Set(t, _) => Type::set(t.clone()),
            Kind::Map(t, _) => Type::map(t.clone()),
            Kind::Tuple(vs) => Type::tuple(vs.iter().map(Value::ty).collect()),
            Kind::Object(fs) => Type::object(fs.iter().map(|(k, v)| (k.clone(), v.ty())).collect()),
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether it is no hole; its parts may be.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(..))
    }

    /// Whether neither it nor any part of it is a hole.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown(..) => false,
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().all(Value::is_wholly_known),
            Kind::Map(_, fs) | Kind::Object(fs) => fs.values().all(Value::is_wholly_known),
            _ => true,
        }
    }

    /// What is known of a hole; `None` for what is known itself.
    pub fn refinement(&self) -> Option<&Refinement> {
        match &self.kind {
            Kind::Unknown(_, r) => Some(r),
            _ => None,
        }
    }

    /// A known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// A known string, to be kept without copying it.
    pub fn as_shared_str(&self) -> Option<Arc<str>> {
        match &self.kind {
            Kind::String(s) => Some(s.clone()),
            _ => None,
        }
    }

    /// A known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(n) => Some(n),
            _ => None,
        }
    }

    /// A known whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::to_i64)
    }

    /// The elements of a known list, set or tuple.
    pub fn as_slice(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Some(vs),
            _ => None,
        }
    }

    /// The parts of a known map or object.
    pub fn as_fields(&self) -> Option<&Fields> {
        match &self.kind {
            Kind::Map(_, fs) | Kind::Object(fs) => Some(fs),
            _ => None,
        }
    }

    /// A part of a known map or object, with the whole's marks.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.as_fields()?.get(name).map(|v| v.clone().mark(self.marks))
    }

    /// Its marks and those of all its parts.
    pub fn marks_deep(&self) -> Marks {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                vs.iter().fold(self.marks, |m, v| m.or(v.marks_deep()))
            }
            Kind::Map(_, fs) | Kind::Object(fs) => fs.values().fold(self.marks, |m, v| m.or(v.marks_deep())),
            _ => self.marks,
        }
    }

    /// Whether it, as a whole, must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.marks.sensitive
    }
}

/// Marking.
impl Value {
    /// With these marks added.
    pub fn mark(mut self, marks: Marks) -> Value {
        self.marks = self.marks.or(marks);
        self
    }

    /// With exactly these marks.
    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks = marks;
        self
    }

    /// Without its own marks, and they.
    pub fn unmark(mut self) -> (Value, Marks) {
        let marks = std::mem::take(&mut self.marks);
        (self, marks)
    }

    /// Without any marks at any depth, and all of them together.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let marks = self.marks_deep();
        if marks == Marks::NONE {
            return (self, marks);
        }
        let strip = |v: &Value| v.clone().unmark_deep().0;
        let kind = match self.kind {
            Kind::List(t, vs) => Kind::List(t, Arc::new(vs.iter().map(strip).collect())),
            Kind::Tuple(vs) => Kind::Tuple(Arc::new(vs.iter().map(strip).collect())),
            Kind::Map(t, fs) => Kind::Map(t, Arc::new(fs.iter().map(|(k, v)| (k.clone(), strip(v))).collect())),
            Kind::Object(fs) => Kind::Object(Arc::new(fs.iter().map(|(k, v)| (k.clone(), strip(v))).collect())),
            kind => kind,
        };
        (kind.into(), marks)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.sensitive {
            f.write_str("sensitive:")?;
        }
        match &self.kind {
            Kind::Null(_) => f.write_str("null"),
            Kind::Unknown(t, _) => write!(f, "?{t}"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Number(n) => write!(f, "{n}"),
            Kind::String(s) => write!(f, "{s:?}"),
            Kind::List(_, vs) => f.debug_list().entries(vs.iter()).finish(),
            Kind::Set(_, vs) => f.debug_set().entries(vs.iter()).finish(),
            Kind::Tuple(vs) => f.debug_list().entries(vs.iter()).finish(),
            Kind::Map(_, fs) | Kind::Object(fs) => f.debug_map().entries(fs.iter()).finish(),
        }
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::string(s)
    }
}
impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::string(s)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::bool(b)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::number(n)
    }
}
