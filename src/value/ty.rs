//! Types of values and type constraints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The names of an object constraint's attributes that may be left out.
pub type OptionalAttrs = BTreeSet<Arc<str>>;

/// A type. As a constraint it may hold [`Type::Any`] and optional attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `any` in a constraint; of a hole or a null: not known yet, or never said.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([...])`
    Tuple(Arc<Vec<Type>>),
    /// `object({...})`, and which attributes a constraint lets out.
    Object(Arc<BTreeMap<Arc<str>, Type>>, Option<Arc<OptionalAttrs>>),
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }
    /// `set(element)`
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }
    /// `map(element)`
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }
    /// `tuple([...])`
    pub fn tuple(elements: Vec<Type>) -> Type {
        Type::Tuple(Arc::new(elements))
    }
    /// `object({...})` without optional attributes.
    pub fn object(attributes: BTreeMap<Arc<str>, Type>) -> Type {
        Type::Object(Arc::new(attributes), None)
    }

    /// `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(t) | Type::Set(t) | Type::Map(t) => Some(t),
            _ => None,
        }
    }

    /// The same with every attribute required: the type of a value that fits it.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::List(t) => Type::list(t.without_optional()),
            Type::Set(t) => Type::set(t.without_optional()),
            Type::Map(t) => Type::map(t.without_optional()),
            Type::Tuple(ts) if !ts.is_empty() => Type::tuple(ts.iter().map(Type::without_optional).collect()),
            Type::Object(ts, _) if !ts.is_empty() => {
                Type::object(ts.iter().map(|(k, t)| (k.clone(), t.without_optional())).collect())
            }
            Type::Object(ts, Some(_)) => Type::Object(ts.clone(), None),
            t => t.clone(),
        }
    }

    /// In words: `list of string`, `map of any single type`, `object`. What is required where something else was given.
    pub fn friendly(&self) -> String {
        let element = |t: &Type| if *t == Type::Any { "any single type".to_owned() } else { t.friendly() };
        match self {
            Type::Any => "any type".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Number => "number".to_owned(),
            Type::String => "string".to_owned(),
            Type::List(t) => format!("list of {}", element(t)),
            Type::Set(t) => format!("set of {}", element(t)),
            Type::Map(t) => format!("map of {}", element(t)),
            Type::Tuple(_) => "tuple".to_owned(),
            Type::Object(..) => "object".to_owned(),
        }
    }

    /// Whether [`Type::Any`] stands anywhere in it.
    pub fn has_any(&self) -> bool {
        match self {
            Type::Any => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(t) | Type::Set(t) | Type::Map(t) => t.has_any(),
            Type::Tuple(ts) => ts.iter().any(Type::has_any),
            Type::Object(ts, _) => ts.values().any(Type::has_any),
        }
    }
}

/// As Terraform writes type constraints: `object({a=string, b=list(number)})`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(t) => write!(f, "list({t})"),
            Type::Set(t) => write!(f, "set({t})"),
            Type::Map(t) => write!(f, "map({t})"),
            Type::Tuple(ts) => {
                f.write_str("tuple([")?;
                for (i, t) in ts.iter().enumerate() {
                    write!(f, "{}{t}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("])")
            }
            Type::Object(ts, optional) => {
                f.write_str("object({")?;
                for (i, (k, t)) in ts.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    let k = &AttributeName(k);
                    match optional.as_ref().is_some_and(|o| o.contains(k.0)) {
                        true => write!(f, "{comma}{k}=optional({t})")?,
                        false => write!(f, "{comma}{k}={t}")?,
                    }
                }
                f.write_str("})")
            }
        }
    }
}

/// A name as type constraints need it: in quotes unless it is a plain identifier.
struct AttributeName<'a>(&'a str);

impl fmt::Display for AttributeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        let plain = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if plain { f.write_str(self.0) } else { write!(f, "{:?}", self.0) }
    }
}
