//! The way to a part of a value.

use super::{Kind, Value};
use std::fmt;
use std::sync::Arc;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathStep {
    /// `.name` of an object.
    Attr(Arc<str>),
    /// `[i]` of a list or tuple.
    Index(usize),
    /// `["k"]` of a map.
    Key(Arc<str>),
    /// The element of a set that is this value.
    Element(Value),
}

/// Steps from a whole value to one of its parts; empty for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<PathStep>);

impl Path {
    /// The whole.
    pub fn root() -> Path {
        Path::default()
    }

    /// The attribute of this name at the top.
    pub fn attr(name: &str) -> Path {
        Path(vec![PathStep::Attr(name.into())])
    }

    /// One step further.
    pub fn then(&self, step: PathStep) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether `other` is this part or lies inside it.
    pub fn contains(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The part of `value` at this path, if it is there and known that far.
    pub fn of(&self, value: &Value) -> Option<Value> {
        let mut at = value.clone();
        for step in &self.0 {
            let marks = at.marks();
            let next = match (step, at.kind()) {
                (PathStep::Attr(k) | PathStep::Key(k), Kind::Object(fs) | Kind::Map(_, fs)) => fs.get(k)?.clone(),
                (PathStep::Index(i), Kind::List(_, vs) | Kind::Tuple(vs)) => vs.get(*i)?.clone(),
                (PathStep::Element(e), Kind::Set(_, vs)) => vs.iter().find(|v| *v == e)?.clone(),
                _ => return None,
            };
            at = next.mark(marks);
        }
        Some(at)
    }
}

/// As a user would write it behind an object's address: `.global_secondary_index[0].name`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                PathStep::Attr(name) => write!(f, ".{name}")?,
                PathStep::Index(i) => write!(f, "[{i}]")?,
                PathStep::Key(k) => write!(f, "[{k:?}]")?,
                PathStep::Element(_) => f.write_str("[...]")?,
            }
        }
        Ok(())
    }
}
