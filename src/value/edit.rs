//! Changing a value in place, and its marks by path.

use super::{Fields, Kind, Marks, Path, PathStep, Value};
use std::sync::Arc;

impl Value {
    /// The parts of a known map or object, for changing. Costs a copy only while someone else holds the same value.
    pub fn fields_mut(&mut self) -> Option<&mut Fields> {
        match &mut self.kind {
            Kind::Map(_, fs) | Kind::Object(fs) => Some(Arc::make_mut(fs)),
            _ => None,
        }
    }

    /// The elements of a known list or tuple, for changing. (A set's order and uniqueness would suffer.)
    pub fn elements_mut(&mut self) -> Option<&mut Vec<Value>> {
        match &mut self.kind {
            Kind::List(_, vs) | Kind::Tuple(vs) => Some(Arc::make_mut(vs)),
            _ => None,
        }
    }

    /// Where its marks are: the outermost marked parts.
    pub fn marked_paths(&self) -> Vec<(Path, Marks)> {
        fn walk(v: &Value, at: &mut Path, out: &mut Vec<(Path, Marks)>) {
            if v.marks != Marks::NONE {
                out.push((at.clone(), v.marks));
            }
            let mut step = |step: PathStep, v: &Value| {
                at.0.push(step);
                walk(v, at, out);
                at.0.pop();
            };
            match &v.kind {
                Kind::Object(fs) => fs.iter().for_each(|(k, v)| step(PathStep::Attr(k.clone()), v)),
                Kind::Map(_, fs) => fs.iter().for_each(|(k, v)| step(PathStep::Key(k.clone()), v)),
                Kind::List(_, vs) | Kind::Tuple(vs) => {
                    vs.iter().enumerate().for_each(|(i, v)| step(PathStep::Index(i), v));
                }
                _ => {}
            }
        }
        let mut out = Vec::new();
        walk(self, &mut Path::root(), &mut out);
        out
    }

    /// With the marks put at these paths; where a path ends early (inside a set, at a hole), that part is marked.
    pub fn mark_at<'a>(mut self, paths: impl IntoIterator<Item = &'a (Path, Marks)>) -> Value {
        fn put(v: &mut Value, steps: &[PathStep], marks: Marks) {
            let inner = match steps.first() {
                None => None,
                Some(PathStep::Attr(k) | PathStep::Key(k)) => match &mut v.kind {
                    Kind::Map(_, fs) | Kind::Object(fs) => Arc::make_mut(fs).get_mut(k),
                    _ => None,
                },
                Some(PathStep::Index(i)) => match &mut v.kind {
                    Kind::List(_, vs) | Kind::Tuple(vs) => Arc::make_mut(vs).get_mut(*i),
                    _ => None,
                },
                Some(PathStep::Element(_)) => None,
            };
            match inner {
                Some(inner) => put(inner, &steps[1..], marks),
                None => v.marks = v.marks.or(marks),
            }
        }
        for (path, marks) in paths {
            put(&mut self, &path.0, *marks);
        }
        self
    }

    /// With null in place of every hole, of the hole's type.
    pub fn holes_as_null(self) -> Value {
        if self.is_wholly_known() {
            return self;
        }
        let all = |vs: &[Value]| vs.iter().map(|v| v.clone().holes_as_null()).collect::<Vec<_>>();
        let named = |fs: &Fields| fs.iter().map(|(k, v)| (k.clone(), v.clone().holes_as_null())).collect::<Fields>();
        let value = match &self.kind {
            Kind::Unknown(t, _) => Value::null(t.clone()),
            Kind::List(t, vs) => Value::list(t.clone(), all(vs)),
            Kind::Set(t, vs) => Value::set(t.clone(), all(vs)),
            Kind::Tuple(vs) => Value::tuple(all(vs)),
            Kind::Map(t, fs) => Value::map(t.clone(), named(fs)),
            Kind::Object(fs) => Value::object(named(fs)),
            _ => return self,
        };
        value.mark(self.marks)
    }

    /// Whether it is what the AWS provider takes for "not given": null, "", 0, false, or a collection without elements.
    pub fn is_zero(&self) -> bool {
        match &self.kind {
            Kind::Null(_) => true,
            Kind::Unknown(..) => false,
            Kind::Bool(b) => !b,
            Kind::Number(n) => n.to_i64() == Some(0),
            Kind::String(s) => s.is_empty(),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.is_empty(),
            Kind::Map(_, fs) => fs.is_empty(),
            Kind::Object(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn holes_become_null() {
        let hole = || Value::unknown(Type::String);
        let null = || Value::null(Type::String);
        let set = Value::set(Type::String, vec!["a".into(), hole(), hole()]);
        let v = Value::object_of([("a", Value::tuple(vec![hole(), 1.into()])), ("b", set)]).mark(Marks::SENSITIVE);
        let set = Value::set(Type::String, vec!["a".into(), null()]);
        let want = Value::object_of([("a", Value::tuple(vec![null(), 1.into()])), ("b", set)]).mark(Marks::SENSITIVE);
        assert_eq!(v.holes_as_null(), want);
    }

    #[test]
    fn marks_come_off_and_go_back() {
        let secret = Value::string("s").mark(Marks::SENSITIVE);
        let v = Value::object_of([
            ("a", Value::tuple(vec![Value::bool(true), secret.clone()])),
            ("b", Value::object_of([("c", secret)])),
        ]);
        let paths = v.marked_paths();
        assert_eq!(paths.iter().map(|(p, _)| p.to_string()).collect::<Vec<_>>(), [".a[1]", ".b.c"]);
        let (bare, _) = v.clone().unmark_deep();
        assert_ne!(bare, v);
        assert_eq!(bare.mark_at(&paths), v);
    }
}
