//! Functions of sets.

use super::collections::count;
use super::{Args, FnError};
use crate::value::{Marks, Refinement, Type, Value, convert, unify};
use std::collections::HashSet;

/// `setproduct` makes no more combinations than this.
const MAX_PRODUCT: usize = 1 << 20;

/// One element type for all. An empty `[]` fits any.
pub(super) fn common_type(args: &[Value]) -> Result<Type, FnError> {
    let mut types = Vec::new();
    for value in args {
        let element = value.ty().element().cloned().unwrap_or(Type::Any);
        if !(element == Type::Any && value.as_slice().is_some_and(|vs| vs.is_empty())) {
            types.push(element);
        }
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    unify(&types)
        .map(Type::set)
        .ok_or_else(|| FnError::new("needs sets of one element type, or of types that can be made one"))
}

/// All sets with the same element type.
fn sets(a: &Args<'_>) -> Result<Vec<Value>, FnError> {
    let one = |(i, value)| convert(value, a.ty).map_err(|e| FnError::arg(i, format!("does not fit: {e}")));
    a.values.iter().enumerate().map(one).collect()
}

/// Where a null keeps the element type open, elements of several types may have come together: no set has those.
fn of_one_type(all: &[Value]) -> Result<(), FnError> {
    let mut types = all.iter().flat_map(|s| s.as_slice().unwrap_or_default()).map(Value::ty);
    match types.next() {
        Some(first) if types.any(|t| t != first) => Err(FnError::new("needs sets of one element type")),
        _ => Ok(()),
    }
}

fn set(ty: &Type, elements: Vec<Value>) -> Value {
    Value::set(ty.element().cloned().unwrap_or(Type::Any), elements)
}

pub(super) fn union(a: &Args<'_>) -> Result<Value, FnError> {
    let all = sets(a)?;
    of_one_type(&all)?;
    Ok(set(a.ty, all.iter().flat_map(|s| s.as_slice().unwrap_or_default().iter().cloned()).collect()))
}

pub(super) fn intersection(a: &Args<'_>) -> Result<Value, FnError> {
    filtered(a, true)
}

pub(super) fn subtract(a: &Args<'_>) -> Result<Value, FnError> {
    filtered(a, false)
}

/// What of the first set is in every other set, or in none. Nothing is known before all elements are.
fn filtered(a: &Args<'_>, keep: bool) -> Result<Value, FnError> {
    let all = sets(a)?;
    if !all.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(a.ty.clone()));
    }
    of_one_type(&all)?;
    let mut kept = all[0].as_slice().unwrap_or_default().to_vec();
    for other in &all[1..] {
        let other: HashSet<&Value> = other.as_slice().unwrap_or_default().iter().collect();
        kept.retain(|v| other.contains(v) == keep);
    }
    Ok(set(a.ty, kept))
}

pub(super) fn product_type(args: &[Value]) -> Result<Type, FnError> {
    if args.len() < 2 {
        return Err(FnError::new("needs at least two arguments"));
    }
    let mut ordered = true;
    let mut elements = Vec::new();
    for (i, value) in args.iter().enumerate() {
        elements.push(match value.ty() {
            Type::Set(t) => {
                ordered = false;
                Type::clone(&t)
            }
            Type::List(t) => Type::clone(&t),
            Type::Tuple(ts) if ts.is_empty() => Type::Any,
            Type::Tuple(ts) => unify(&ts).ok_or_else(|| FnError::arg(i, "must have elements of one type"))?,
            _ => return Err(FnError::arg(i, "must be a set or a list")),
        });
    }
    let element = Type::tuple(elements);
    Ok(if ordered { Type::list(element) } else { Type::set(element) })
}

/// What is known where the length of a set is not: how many combinations there can be at most.
fn open_product(a: &Args<'_>, element: Type) -> Value {
    // Of a set with holes in it Terraform concludes nothing.
    let most = |v: &Value| v.length_bounds().filter(|_| count(v).is_some() || !v.is_known()).and_then(|(_, most)| most);
    let most = a.values.iter().try_fold(1u64, |all, v| all.checked_mul(most(v)?));
    match (most, a.ty) {
        (Some(0), Type::List(_)) => Value::list(element, Vec::new()),
        (Some(0), _) => Value::set(element, Vec::new()),
        (Some(most), ty) => {
            let least = a.values.iter().all(|v| v.length_bounds().is_some_and(|(least, _)| least > 0));
            Value::refined(ty.clone(), Refinement { length: (u64::from(least), Some(most)), ..Refinement::default() })
        }
        (None, ty) => Value::unknown(ty.clone()),
    }
}

/// All combinations, the last set going round fastest.
pub(super) fn product(a: &Args<'_>) -> Result<Value, FnError> {
    let marks = a.values.iter().fold(Marks::NONE, |m, v| m.or(v.marks()));
    let counts: Option<Vec<usize>> = a.values.iter().map(|v| count(v).filter(|_| v.is_known())).collect();
    let element = a.ty.element().cloned().unwrap_or(Type::Any);
    let Some(counts) = counts else { return Ok(open_product(a, element).mark(marks)) };
    let Type::Tuple(types) = &element else { return Err(FnError::new("needs sets")) };

    // Without the bound on the number of arguments, many sets of one element would make one huge tuple many times over.
    let total = match counts.contains(&0) {
        true => Some(0),
        false => counts.iter().try_fold(1usize, |total, n| total.checked_mul(*n)),
    };
    let total = match total.and_then(|t| t.checked_mul(counts.len()).map(|all| (t, all))) {
        Some((total, all)) if all <= MAX_PRODUCT => total,
        _ => return Err(FnError::new(format!("would make more than {MAX_PRODUCT} elements"))),
    };
    let mut columns = Vec::new();
    for (i, ty) in types.iter().enumerate() {
        let one = |v| convert(v, ty).map_err(|e| FnError::arg(i, format!("does not fit: {e}")));
        columns.push(a.elements(i).iter().map(one).collect::<Result<Vec<_>, _>>()?);
    }
    let tuple = |mut n: usize| {
        let mut picked: Vec<Value> = Vec::with_capacity(columns.len());
        for column in columns.iter().rev() {
            picked.push(column[n % column.len()].clone());
            n /= column.len();
        }
        picked.reverse();
        Value::tuple(picked)
    };
    let tuples: Vec<Value> = (0..total).map(tuple).collect();
    let value = match a.ty {
        Type::List(_) => Value::list(element, tuples),
        _ => Value::set(element, tuples),
    };
    Ok(value.mark(marks))
}
