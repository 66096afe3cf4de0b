//! The one type that values of several types can all be brought to: for lists, maps and both sides of `a ? b : c`.
//!
//! Refuses to know values.

use super::Type;
use super::convert::possible;
use std::cmp::Ordering;
use std::collections::HashSet;

/// The most general of these types, or one made of their parts, to which all of them can be converted; conversions that can
/// fail (text to number) are allowed. `None` where there is none, and for no types at all. [`Type::Any`] where some type is not
/// known yet and decides.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_with(types, true)
}

/// The same; without conversions that can fail if not `lossy`.
pub(super) fn unify_with(types: &[Type], lossy: bool) -> Option<Type> {
    let mut seen = HashSet::new();
    let types: Vec<&Type> = types.iter().filter(|t| seen.insert(*t)).collect();
    one_of(&types, lossy)
}

fn one_of(types: &[&Type], lossy: bool) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|t| t == first) {
        return Some(first.without_optional());
    }
    let count = |f: fn(&Type) -> bool| types.iter().filter(|t| f(t)).count();
    let any = count(|t| *t == Type::Any);
    let maps = count(|t| matches!(t, Type::Map(_)));
    let lists = count(|t| matches!(t, Type::List(_)));
    let sets = count(|t| matches!(t, Type::Set(_)));
    let objects = count(|t| matches!(t, Type::Object(..)));
    let tuples = count(|t| matches!(t, Type::Tuple(_)));
    // Nobody knows which way it goes once the missing types are known.
    let or_any = |unified: &dyn Fn() -> Option<Type>| if any > 0 { Some(Type::Any) } else { unified() };
    match types.len() - any {
        n if maps > 0 && n == maps => return or_any(&|| Some(Type::map(elements(types, lossy)?))),
        n if lists > 0 && n == lists => return or_any(&|| Some(Type::list(elements(types, lossy)?))),
        n if sets > 0 && n == sets => return or_any(&|| Some(Type::set(elements(types, lossy)?))),
        n if objects > 0 && n == objects => return or_any(&|| of_objects(types, lossy)),
        n if tuples > 0 && n == tuples => return or_any(&|| of_tuples(types, lossy)),
        // Objects beside maps and tuples beside lists are most often maps and lists in disguise.
        n if maps > 0 && n == maps + objects => {
            if let Some(ty) = disguised(types, lossy, |t| matches!(t, Type::Object(..)), map_of) {
                return Some(ty);
            }
        }
        n if lists > 0 && n == lists + tuples => {
            if let Some(ty) = disguised(types, lossy, |t| matches!(t, Type::Tuple(_)), list_of) {
                return Some(ty);
            }
        }
        _ if objects > 0 && tuples > 0 => return None,
        _ => {}
    }
    let fits = |want: &&&Type| types.iter().all(|t| t == *want || possible(t, want, lossy));
    by_generality(types).iter().find(fits).map(|t| t.without_optional())
}

fn elements(types: &[&Type], lossy: bool) -> Option<Type> {
    let elements: Vec<&Type> = types.iter().filter_map(|t| t.element()).collect();
    one_of(&elements, lossy)
}

/// An object type if all have the same attributes, otherwise a map.
fn of_objects(types: &[&Type], lossy: bool) -> Option<Type> {
    let attributes: Vec<_> =
        types.iter().filter_map(|t| if let Type::Object(a, _) = t { Some(a) } else { None }).collect();
    let (first, rest) = attributes.split_first()?;
    if rest.iter().any(|a| !a.keys().eq(first.keys())) {
        return map_of(types, lossy);
    }
    let across = |name| attributes.iter().filter_map(|a| a.get(name)).collect::<Vec<_>>();
    let unified = first.keys().map(|name| Some((name.clone(), one_of(&across(name), lossy)?)));
    Some(Type::object(unified.collect::<Option<_>>()?))
}

/// A tuple type if all have the same length, otherwise a list.
fn of_tuples(types: &[&Type], lossy: bool) -> Option<Type> {
    let elements: Vec<_> = types.iter().filter_map(|t| if let Type::Tuple(e) = t { Some(e) } else { None }).collect();
    let (first, rest) = elements.split_first()?;
    if rest.iter().any(|e| e.len() != first.len()) {
        return list_of(types, lossy);
    }
    let across = |i| elements.iter().map(|e: &&std::sync::Arc<Vec<Type>>| &e[i]).collect::<Vec<_>>();
    Some(Type::tuple((0..first.len()).map(|i| one_of(&across(i), lossy)).collect::<Option<_>>()?))
}

/// The map type of all attributes of these objects.
fn map_of(types: &[&Type], lossy: bool) -> Option<Type> {
    let parts = types.iter().flat_map(|t| if let Type::Object(a, _) = t { a.values().collect() } else { Vec::new() });
    collection(Type::map, parts.collect(), types, lossy)
}

/// The list type of all elements of these tuples.
fn list_of(types: &[&Type], lossy: bool) -> Option<Type> {
    let parts = types.iter().flat_map(|t| if let Type::Tuple(e) = t { e.iter().collect() } else { Vec::new() });
    collection(Type::list, parts.collect(), types, lossy)
}

fn collection(of: fn(Type) -> Type, parts: Vec<&Type>, types: &[&Type], lossy: bool) -> Option<Type> {
    let mut seen = HashSet::new();
    let parts: Vec<&Type> = parts.into_iter().filter(|t| seen.insert(*t)).collect();
    let ty = of(one_of(&parts, lossy)?);
    types.iter().all(|t| possible(t, &ty, lossy)).then_some(ty)
}

/// With all types that `is` points out replaced by the collection that `of` makes of them.
fn disguised(
    types: &[&Type],
    lossy: bool,
    is: fn(&Type) -> bool,
    of: fn(&[&Type], bool) -> Option<Type>,
) -> Option<Type> {
    let structural: Vec<&Type> = types.iter().copied().filter(|t| is(t)).collect();
    let collection = of(&structural, lossy)?;
    let mut replaced: Vec<&Type> = types.iter().copied().filter(|t| !is(t)).collect();
    replaced.push(&collection);
    let ty = one_of(&replaced, lossy)?;
    (!is(&ty) && ty != Type::Any && types.iter().all(|t| possible(t, &ty, lossy))).then_some(ty)
}

/// The most general type first; where none of two is more general, in the order given.
fn by_generality<'a>(types: &[&'a Type]) -> Vec<&'a Type> {
    let mut left: Vec<&Type> = types.to_vec();
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let most = |t: &&Type| left.iter().all(|other| generality(t, other) != Ordering::Greater);
        let at = left.iter().position(most).unwrap_or(0);
        sorted.push(left.remove(at));
    }
    sorted
}

/// `Less` if `a` is the more general one.
fn generality(a: &Type, b: &Type) -> Ordering {
    match (a, b) {
        (Type::Any, Type::Any) => Ordering::Equal,
        (_, Type::Any) => Ordering::Less,
        (Type::Any, _) => Ordering::Greater,
        (Type::String, Type::Bool | Type::Number) => Ordering::Less,
        (Type::Bool | Type::Number, Type::String) => Ordering::Greater,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            generality(a, b)
        }
        (Type::List(_), Type::Set(_) | Type::Tuple(_)) => Ordering::Less,
        (Type::Set(_) | Type::Tuple(_), Type::List(_)) => Ordering::Greater,
        (Type::Set(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(..)) => Ordering::Less,
        (Type::Tuple(_), Type::Set(_)) | (Type::Object(..), Type::Map(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}
