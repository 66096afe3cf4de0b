//! Conversion of values to types: what Terraform does to arguments, variables and operands.
//!
//! Refuses to know what it is for. Which types *can* be converted is decided by types alone ([`can_convert`]); a value may
//! still not fit: `"x"` is no number.

use super::mismatch::{mismatch, required};
use super::unify::unify_with;
use super::{Fields, Kind, Number, OptionalAttrs, Path, PathStep, Refinement, Type, Value, unify};
use std::fmt;
use std::sync::Arc;

/// Why a value cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// The part that does not fit.
    pub path: Path,
    /// What is required there, in Terraform's words, without a full stop: `a number is required`.
    pub message: String,
}

impl ConvertError {
    pub(super) fn at(path: &[PathStep], message: impl Into<String>) -> ConvertError {
        ConvertError { path: Path(path.to_vec()), message: message.into() }
    }
}

/// `attribute "a": element 0: a number is required`
impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.path.0 {
            match step {
                PathStep::Attr(name) => write!(f, "attribute {name:?}: ")?,
                PathStep::Key(name) => write!(f, "element {name:?}: ")?,
                PathStep::Index(i) => write!(f, "element {i}: ")?,
                PathStep::Element(_) => f.write_str("element: ")?,
            }
        }
        f.write_str(&self.message)
    }
}

/// The value as the type wants it. `any` is filled by what the value is; attributes that the type does not have are left away,
/// optional ones that the value does not have become null. Holes and nulls stay what they are, marks stay where they are.
pub fn convert(value: &Value, want: &Type) -> Result<Value, ConvertError> {
    if conforms(value, want) {
        return Ok(value.clone());
    }
    to(value, want, &mut Vec::new()).map_err(|error| {
        // What is wrong by type alone is worse than a wrong text, so it is said first.
        let mut path = Vec::new();
        match mismatch(&value.ty(), want, &mut path) {
            Some(message) => ConvertError::at(&path, message),
            None => error,
        }
    })
}

/// Whether values of one type can be converted to another, as far as types tell: a string to a number, yes.
pub fn can_convert(from: &Type, want: &Type) -> bool {
    possible(from, want, true)
}

/// Whether the value has this type already. Optional attributes of the type count as present ones.
pub fn conforms(value: &Value, want: &Type) -> bool {
    match (value.kind(), want) {
        (Kind::Null(t) | Kind::Unknown(t, _), _) => same(t, want),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => true,
        (Kind::List(t, _), Type::List(w)) | (Kind::Set(t, _), Type::Set(w)) | (Kind::Map(t, _), Type::Map(w)) => {
            same(t, w)
        }
        (Kind::Tuple(vs), Type::Tuple(ts)) => {
            vs.len() == ts.len() && vs.iter().zip(ts.iter()).all(|(v, t)| conforms(v, t))
        }
        (Kind::Object(fs), Type::Object(ts, _)) => {
            fs.len() == ts.len() && fs.iter().zip(ts.iter()).all(|((a, v), (b, t))| a == b && conforms(v, t))
        }
        _ => false,
    }
}

/// Whether two types are the same apart from optional attributes.
fn same(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => same(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)),
        (Type::Object(a, _), Type::Object(b, _)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((i, a), (j, b))| i == j && same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Whether there is a conversion by types; one that may lose something or fail only if `lossy`.
pub(super) fn possible(from: &Type, want: &Type, lossy: bool) -> bool {
    let part = |from: &Type, want: &Type| part_possible(from, want, lossy);
    match (from, want) {
        (_, Type::Any) => true,
        (Type::Any, _) => lossy,
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => lossy,
        (Type::Bool, Type::Bool) | (Type::Number, Type::Number) | (Type::String, Type::String) => true,
        (Type::Object(from, _), Type::Object(want, optional)) => want.iter().all(|(name, want)| match from.get(name) {
            Some(from) => part(from, want),
            None => is_optional(optional, name),
        }),
        (Type::Tuple(from), Type::Tuple(want)) => {
            from.len() == want.len() && from.iter().zip(want.iter()).all(|(from, want)| part(from, want))
        }
        (Type::List(from) | Type::Set(from), Type::List(want)) | (Type::Set(from), Type::Set(want)) => part(from, want),
        (Type::List(from), Type::Set(want)) => lossy && part(from, want),
        (Type::Map(from), Type::Map(want)) => part(from, want),
        (Type::Tuple(from), Type::List(want) | Type::Set(want)) => {
            from.is_empty()
                || sequence_element(from, want, lossy).is_some_and(|want| from.iter().all(|t| part(t, &want)))
        }
        (Type::Object(from, _), Type::Map(want)) => {
            let types: Vec<Type> = from.values().cloned().collect();
            types.is_empty() || element(&types, want, lossy).is_some_and(|want| types.iter().all(|t| part(t, &want)))
        }
        // An optional attribute of another type only means that the map must not have it.
        (Type::Map(from), Type::Object(want, optional)) => {
            lossy && want.iter().all(|(name, want)| is_optional(optional, name) || part(from, want))
        }
        _ => false,
    }
}

pub(super) fn part_possible(from: &Type, want: &Type, lossy: bool) -> bool {
    same(from, want) || possible(from, want, lossy)
}

pub(super) fn is_optional(optional: &Option<Arc<OptionalAttrs>>, name: &str) -> bool {
    optional.as_ref().is_some_and(|o| o.contains(name))
}

/// The element type that elements of these types get where `want` is wanted.
fn element(types: &[Type], want: &Type, lossy: bool) -> Option<Type> {
    if *want == Type::Any { unify_with(types, lossy) } else { Some(want.clone()) }
}

/// The same for lists and sets, which do not wait for types that are not known yet.
fn sequence_element(types: &[Type], want: &Type, lossy: bool) -> Option<Type> {
    element(types, want, lossy)
        .filter(|t| *want != Type::Any || *t != Type::Any || types.iter().all(|t| *t == Type::Any))
}

/// Converts; what does not fit is reported as it is met.
fn to(value: &Value, want: &Type, path: &mut Vec<PathStep>) -> Result<Value, ConvertError> {
    if *want == Type::Any || conforms(value, want) {
        return Ok(value.clone());
    }
    let converted = match (value.kind(), want) {
        (Kind::Null(from), _) if possible(from, want, true) => Value::null(fill(from, want)),
        (Kind::Unknown(from, known), _) if possible(from, want, true) => hole(from, known, fill(from, want)),
        (Kind::Number(n), Type::String) => Kind::String(n.to_string().into()).into(),
        (Kind::Bool(b), Type::String) => Value::string(if *b { "true" } else { "false" }),
        (Kind::String(s), Type::Number) => match Number::parse(s) {
            Some(n) => Value::number(n),
            None => return Err(ConvertError::at(path, "a number is required")),
        },
        (Kind::String(s), Type::Bool) => match &**s {
            "true" | "1" => Value::bool(true),
            "false" | "0" => Value::bool(false),
            s => {
                let meant = ["true", "false"].into_iter().find(|w| s.eq_ignore_ascii_case(w));
                let hint = meant.map(|w| format!("; to convert from string, use lowercase {w:?}")).unwrap_or_default();
                return Err(ConvertError::at(path, format!("a bool is required{hint}")));
            }
        },
        (Kind::Object(fields), Type::Object(types, optional)) => {
            let mut converted = Fields::new();
            for (name, want) in types.iter() {
                let value = match fields.get(name) {
                    Some(value) => within(path, PathStep::Attr(name.clone()), |path| to(value, want, path))?,
                    None if is_optional(optional, name) => Value::null(want.without_optional()),
                    None => return Err(refuse(value, want, path)),
                };
                converted.insert(name.clone(), value);
            }
            Value::object(converted)
        }
        (Kind::Map(from, fields), Type::Object(types, optional)) => {
            let whole = value;
            let mut converted = Fields::new();
            for (name, want) in types.iter() {
                let (value, optional) = (fields.get(name), is_optional(optional, name));
                if !part_possible(from, want, true) && (value.is_some() || !optional) {
                    return Err(refuse(whole, &want.without_optional(), path));
                }
                let value = match value {
                    Some(value) => within(path, PathStep::Key(name.clone()), |path| to(value, want, path))?,
                    None if optional => Value::null(want.without_optional()),
                    None => {
                        let message = format!("map has no element for required attribute {name:?}");
                        return Err(ConvertError::at(path, message));
                    }
                };
                converted.insert(name.clone(), value);
            }
            Value::object(converted)
        }
        (Kind::Tuple(values), Type::Tuple(types)) if values.len() == types.len() => {
            let values = values.iter().zip(types.iter()).enumerate();
            let values = values.map(|(i, (v, t))| within(path, PathStep::Index(i), |path| to(v, t, path)));
            Value::tuple(values.collect::<Result<_, _>>()?)
        }
        (Kind::Tuple(values), Type::List(element) | Type::Set(element)) => {
            let types: Vec<Type> =
                if **element == Type::Any { values.iter().map(Value::ty).collect() } else { Vec::new() };
            let element = match types.is_empty() {
                true => (**element).clone(),
                false => sequence_element(&types, element, true).ok_or_else(|| refuse(value, want, path))?,
            };
            let (ty, values) = all_to(values, index, &element, &Type::Any, path)?;
            if matches!(want, Type::Set(_)) { Value::set(ty, values) } else { Value::list(ty, values) }
        }
        (Kind::Set(from, values), Type::List(element)) if part_possible(from, element, true) => {
            if values.len() > 1 && !values.iter().all(Value::is_wholly_known) {
                // Holes in a set may turn out equal, so nobody knows how many elements the list will have. Terraform converts them later.
                return Ok(Value::unknown(Type::list(from.clone())).mark(value.marks()));
            }
            let (ty, values) = all_to(values, index, element, from, path)?;
            Value::list(ty, values)
        }
        (Kind::List(from, values), Type::List(element)) if part_possible(from, element, true) => {
            let (ty, values) = all_to(values, index, element, from, path)?;
            Value::list(ty, values)
        }
        (Kind::List(from, values) | Kind::Set(from, values), Type::Set(element))
            if part_possible(from, element, true) =>
        {
            let (ty, values) = all_to(values, index, element, from, path)?;
            Value::set(ty, values)
        }
        (Kind::Object(fields), Type::Map(element)) => {
            let types: Vec<Type> =
                if **element == Type::Any { fields.values().map(Value::ty).collect() } else { Vec::new() };
            let element = match types.is_empty() {
                true => (**element).clone(),
                false => self::element(&types, element, true).ok_or_else(|| refuse(value, want, path))?,
            };
            fields_to(fields, &element, &Type::Any, path)?
        }
        (Kind::Map(from, fields), Type::Map(element)) if part_possible(from, element, true) => {
            fields_to(fields, element, from, path)?
        }
        _ => return Err(refuse(value, want, path)),
    };
    Ok(converted.mark(value.marks()))
}

fn index(i: usize) -> PathStep {
    PathStep::Index(i)
}

/// Runs `f` one step further down.
fn within<T>(path: &mut Vec<PathStep>, step: PathStep, f: impl FnOnce(&mut Vec<PathStep>) -> T) -> T {
    path.push(step);
    let result = f(path);
    path.pop();
    result
}

fn refuse(value: &Value, want: &Type, path: &[PathStep]) -> ConvertError {
    let mut path = path.to_vec();
    let message = mismatch(&value.ty(), want, &mut path).unwrap_or_else(|| required(want));
    ConvertError { path: Path(path), message }
}

fn fields_to(fields: &Fields, element: &Type, from: &Type, path: &mut Vec<PathStep>) -> Result<Value, ConvertError> {
    let names: Vec<&Arc<str>> = fields.keys().collect();
    let values: Vec<Value> = fields.values().cloned().collect();
    let (ty, values) = all_to(&values, |i| PathStep::Key(names[i].clone()), element, from, path)?;
    Ok(Value::map(ty, fields.keys().cloned().zip(values).collect()))
}

/// Converts elements and brings them to one type, which `any` in `want` leaves open. `from` is what they are declared as.
fn all_to(
    values: &[Value],
    step: impl Fn(usize) -> PathStep,
    want: &Type,
    from: &Type,
    path: &mut Vec<PathStep>,
) -> Result<(Type, Vec<Value>), ConvertError> {
    let each = |want: &Type, values: &[Value], path: &mut Vec<PathStep>| {
        let values = values.iter().enumerate();
        values.map(|(i, v)| within(path, step(i), |path| to(v, want, path))).collect::<Result<Vec<_>, _>>()
    };
    let values = each(want, values, path)?;
    if !want.has_any() {
        return Ok((want.without_optional(), values));
    }
    if values.is_empty() {
        let ty = if *want == Type::Any { from.clone() } else { want.without_optional() };
        return Ok((ty, values));
    }
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    if types.iter().all(|t| *t == types[0]) {
        return Ok((types[0].clone(), values));
    }
    let unified =
        unify(&types).ok_or_else(|| ConvertError::at(path, "cannot find a common base type for all elements"))?;
    let values = each(&unified, &values, path)?;
    // A hole of unknown type fits beside anything.
    let mut types = values.iter().map(Value::ty).filter(|t| *t != Type::Any);
    let ty = types.next().unwrap_or(Type::Any);
    match types.all(|t| t == ty) {
        true => Ok((ty, values)),
        false => Err(ConvertError::at(path, "all elements must have the same type")),
    }
}

/// What is still known of a hole after conversion.
fn hole(from: &Type, known: &Refinement, target: Type) -> Value {
    let exactly = |n: usize| (n as u64, Some(n as u64));
    let length = match (from, &target) {
        (Type::Object(attributes, _), Type::Map(_)) => exactly(attributes.len()),
        (Type::Tuple(elements), Type::List(_)) => exactly(elements.len()),
        (Type::Tuple(elements), Type::Set(_)) => (elements.len().min(1) as u64, Some(elements.len() as u64)),
        (Type::List(_), Type::Set(_)) => (known.length.0.min(1), known.length.1),
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Set(_) | Type::Map(_)) => known.length,
        _ => (0, None),
    };
    Value::refined(target, Refinement { not_null: known.not_null, length, ..Refinement::default() })
}

/// The type with `any` replaced by what a value of type `from` has there.
fn fill(from: &Type, want: &Type) -> Type {
    let one = |types: Vec<Type>, want: &Type| fill(&unify(&types).unwrap_or(Type::Any), want);
    match (from, want) {
        (Type::Any, _) => want.without_optional(),
        (_, Type::Any) => from.clone(),
        (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list(fill(a, b)),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set(fill(a, b)),
        (Type::Tuple(a), Type::List(b)) => Type::list(one(a.to_vec(), b)),
        (Type::Tuple(a), Type::Set(b)) => Type::set(one(a.to_vec(), b)),
        (Type::Map(a), Type::Map(b)) => Type::map(fill(a, b)),
        (Type::Object(a, _), Type::Map(b)) => Type::map(one(a.values().cloned().collect(), b)),
        (Type::Tuple(a), Type::Tuple(b)) => Type::tuple(a.iter().zip(b.iter()).map(|(a, b)| fill(a, b)).collect()),
        (Type::Map(a), Type::Object(b, _)) => Type::object(b.iter().map(|(k, b)| (k.clone(), fill(a, b))).collect()),
        (Type::Object(a, _), Type::Object(b, _)) => {
            let filled =
                |(k, b): (&Arc<str>, &Type)| (k.clone(), a.get(k).map_or_else(|| b.without_optional(), |a| fill(a, b)));
            Type::object(b.iter().map(filled).collect())
        }
        _ => want.without_optional(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Marks, json};
    use proptest::prelude::*;
    use serde_json::json as j;

    /// A value as `jsondecode` would make it.
    fn v(json: serde_json::Value) -> Value {
        json::from_json(&json, &json::implied_type(&json)).unwrap()
    }

    fn t(json: serde_json::Value) -> Type {
        json::type_from_json(&json).unwrap()
    }

    /// What Terraform makes of a variable: value, type; result, and its type if it is not the wanted one.
    #[test]
    fn conversions() {
        let any_list = j!(["list", "dynamic"]);
        let table = [
            (j!(1), j!("string"), j!("1"), None),
            (j!(true), j!("string"), j!("true"), None),
            (j!("1.50"), j!("number"), j!(1.5), None),
            (j!("1"), j!("bool"), j!(true), None),
            (j!([1, "a", true]), any_list.clone(), j!(["1", "a", "true"]), Some(j!(["list", "string"]))),
            (j!([]), any_list.clone(), j!([]), None),
            (j!([null]), any_list.clone(), j!([null]), None),
            (j!([[1], ["a", "b"]]), any_list.clone(), j!([["1"], ["a", "b"]]), Some(j!(["list", ["list", "string"]]))),
            (j!([[1], ["a"]]), any_list.clone(), j!([["1"], ["a"]]), Some(j!(["list", ["tuple", ["string"]]]))),
            (
                j!([{"a": 1}, {"b": 2}]),
                any_list.clone(),
                j!([{"a": 1}, {"b": 2}]),
                Some(j!(["list", ["map", "number"]])),
            ),
            (j!(["b", "a", "b"]), j!(["set", "string"]), j!(["a", "b"]), None),
            (j!({"a": 1, "b": "x"}), j!(["map", "string"]), j!({"a": "1", "b": "x"}), None),
            (j!({"a": 1, "b": "x"}), j!(["object", {"a": "string"}]), j!({"a": "1"}), None),
            (
                j!({"a": 1}),
                j!(["object", {"a": "string", "b": "number"}, ["b"]]),
                j!({"a": "1", "b": null}),
                Some(j!(["object", {"a": "string", "b": "number"}])),
            ),
            (j!(null), j!(["list", "string"]), j!(null), None),
            (j!([1, "2"]), j!(["tuple", ["string", "number"]]), j!(["1", 2]), None),
        ];
        for (value, want, result, ty) in table {
            let converted = convert(&v(value.clone()), &t(want.clone())).unwrap();
            assert_eq!(json::to_json(&converted), result, "{value} to {want}");
            assert_eq!(json::type_to_json(&converted.ty()), ty.unwrap_or(want.clone()), "{value} to {want}");
            assert_eq!(convert(&converted, &t(want)).unwrap(), converted);
        }
    }

    /// A map becomes an object without an optional attribute that it could not hold.
    #[test]
    fn maps_to_objects() {
        let map = |key: &str| convert(&v(j!({key: [1]})), &t(j!(["map", ["tuple", ["number"]]]))).unwrap();
        let object = t(j!(["object", {"d": "bool", "e": "dynamic"}, ["d", "e"]]));
        assert_eq!(json::to_json(&convert(&map("k"), &object).unwrap()), j!({"d": null, "e": null}));
        assert_eq!(json::to_json(&convert(&map("e"), &object).unwrap()), j!({"d": null, "e": [1]}));
        assert!(convert(&map("d"), &object).is_err());
        assert!(convert(&map("k"), &t(j!(["object", {"d": "bool"}]))).is_err());
    }

    #[test]
    fn refusals() {
        let table = [
            (j!("x"), j!("number"), "a number is required"),
            (j!("True"), j!("bool"), "a bool is required; to convert from string, use lowercase \"true\""),
            (j!(1), j!("bool"), "bool required"),
            (j!([1]), j!("string"), "string required"),
            (j!(["a", "1"]), j!(["list", "number"]), "element 0: a number is required"),
            (j!(["a", {}]), j!(["list", "number"]), "element 1: number required"),
            (j!({"a": []}), j!(["map", "number"]), "element \"a\": number required"),
            (j!({}), j!(["object", {"a": "string"}]), "attribute \"a\" is required"),
            (j!({}), j!(["object", {"a": "string", "b": "bool"}]), "attributes \"a\" and \"b\" are required"),
            (
                j!({"a": {"b": []}}),
                j!(["object", {"a": ["object", {"b": "bool"}]}]),
                "attribute \"a\": attribute \"b\": bool required",
            ),
            (j!([[], {}]), j!(["list", "dynamic"]), "all list elements must have the same type"),
            (j!([1]), j!(["tuple", ["number", "number"]]), "tuple required"),
            (j!({}), j!(["list", "string"]), "list of string required"),
            (j!([]), j!(["map", "dynamic"]), "map of any single type required"),
        ];
        for (value, want, message) in table {
            let error = convert(&v(value.clone()), &t(want.clone())).unwrap_err();
            assert_eq!(error.to_string(), message, "{value} to {want}");
        }
        let strings = convert(&v(j!(["a"])), &t(j!(["list", "string"]))).unwrap();
        let error = convert(&strings, &t(j!(["list", ["list", "string"]]))).unwrap_err();
        assert_eq!(error.to_string(), "incorrect list element type: list of string required");
        let map = convert(&v(j!({"a": 1})), &t(j!(["map", "number"]))).unwrap();
        let error = convert(&map, &t(j!(["object", {"b": "number"}]))).unwrap_err();
        assert_eq!(error.to_string(), "map has no element for required attribute \"b\"");
    }

    #[test]
    fn holes_and_marks_survive() {
        let hole = Value::refined(
            Type::tuple(vec![Type::Number, Type::String]),
            Refinement { not_null: true, ..Refinement::default() },
        );
        let list = convert(&hole, &Type::list(Type::Any)).unwrap();
        assert_eq!(list.ty(), Type::list(Type::String));
        assert_eq!(list.as_slice().map(<[Value]>::len), Some(2));

        let known = Refinement { not_null: true, length: (3, Some(5)), ..Refinement::default() };
        let set = convert(&Value::refined(Type::list(Type::Number), known), &Type::set(Type::String)).unwrap();
        assert_eq!(set.refinement().unwrap().length, (1, Some(5)));

        let any = Value::unknown(Type::Any);
        assert_eq!(convert(&any, &Type::String).unwrap().ty(), Type::String);
        assert_eq!(
            convert(&Value::null(Type::Any), &Type::list(Type::Any)).unwrap(),
            Value::null(Type::list(Type::Any))
        );
        let mixed = convert(&Value::tuple(vec!["a".into(), any.clone()]), &Type::list(Type::Any)).unwrap();
        assert_eq!(mixed.ty(), Type::list(Type::String));
        assert!(convert(&Value::tuple(vec![any, v(j!([1]))]), &Type::list(Type::Any)).is_err());

        let secret = Value::tuple(vec![Value::number(1i64).mark(Marks::SENSITIVE), 2i64.into()]);
        let list = convert(&secret, &Type::list(Type::String)).unwrap();
        assert!(!list.is_sensitive() && list.as_slice().unwrap()[0].is_sensitive());
        assert!(convert(&secret, &Type::set(Type::String)).unwrap().is_sensitive());

        let set = Value::set(Type::String, vec!["a".into(), Value::unknown(Type::String)]);
        let list = convert(&set, &Type::list(Type::String)).unwrap();
        assert_eq!(list, Value::unknown(Type::list(Type::String)));
    }

    pub(in crate::value) fn any_type() -> impl Strategy<Value = Type> {
        let leaf = prop_oneof![Just(Type::Any), Just(Type::Bool), Just(Type::Number), Just(Type::String)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let attributes = prop::collection::btree_map("[abc]".prop_map(Arc::<str>::from), inner.clone(), 0..3);
            prop_oneof![
                inner.clone().prop_map(Type::list),
                inner.clone().prop_map(Type::set),
                inner.clone().prop_map(Type::map),
                prop::collection::vec(inner, 0..3).prop_map(Type::tuple),
                (attributes, any::<bool>()).prop_map(|(attributes, optional)| {
                    let names = optional.then(|| Arc::new(attributes.keys().cloned().collect()));
                    Type::Object(Arc::new(attributes), names)
                }),
            ]
        })
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any_type().prop_map(|t| Value::null(t.without_optional())),
            any_type().prop_map(|t| Value::unknown(t.without_optional())),
            any::<bool>().prop_map(Value::bool),
            (-3i64..3).prop_map(Value::number),
            "(true|1|x|é)".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let fields = prop::collection::btree_map("[abc]".prop_map(Arc::<str>::from), inner.clone(), 0..3);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::tuple),
                fields.prop_map(Value::object),
                inner.prop_map(|v| v.mark(Marks::SENSITIVE)),
            ]
        })
    }

    proptest! {
        /// What was converted needs no further conversion, and what converts is what types promise.
        #[test]
        fn converting_twice_changes_nothing(value in any_value(), want in any_type()) {
            match convert(&value, &want) {
                Ok(converted) => {
                    prop_assert!(can_convert(&value.ty(), &want) || conforms(&value, &want));
                    prop_assert_eq!(convert(&converted, &want), Ok(converted.clone()));
                    prop_assert_eq!(value.marks_deep().or(converted.marks_deep()), value.marks_deep());
                    if !want.has_any() {
                        prop_assert!(conforms(&converted, &want), "{:?} is no {}", converted, want);
                    }
                }
                Err(error) => prop_assert!(!error.message.is_empty()),
            }
        }

        #[test]
        fn all_types_convert_to_the_unified_one(types in prop::collection::vec(any_type(), 1..4)) {
            let types: Vec<Type> = types.iter().map(Type::without_optional).collect();
            if let Some(one) = unify(&types) {
                for ty in &types {
                    prop_assert!(can_convert(ty, &one), "{} to {}", ty, one);
                }
            }
        }
    }
}
