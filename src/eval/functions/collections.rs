//! Functions of lists, tuples and whatever has elements.

use super::{Args, FnError, WHOLE, hole, int, strings};
use crate::value::{Kind, Marks, Refinement, Type, Value, can_convert, convert, equals, unify};

/// Whether two values are equal; `None` if that is not known yet.
fn equal(a: &Value, b: &Value) -> Option<bool> {
    equals(a, b).as_bool()
}

/// How many elements there are; `None` if that is not known: of a set with holes, some may turn out the same.
pub(super) fn count(value: &Value) -> Option<usize> {
    match value.kind() {
        Kind::Set(_, vs) if vs.len() > 1 && !value.is_wholly_known() => None,
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Some(vs.len()),
        Kind::Map(_, fs) | Kind::Object(fs) => Some(fs.len()),
        Kind::Unknown(Type::Tuple(ts), _) => Some(ts.len()),
        Kind::Unknown(Type::Object(ts, _), _) => Some(ts.len()),
        _ => None,
    }
}

pub(super) fn length_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::Bool | Type::Number => {
            Err(FnError::arg(0, "must be a string, a list, a set, a map, a tuple or an object"))
        }
        _ => Ok(Type::Number),
    }
}

/// Known even of a hole, if its type tells; else with what is known about it.
pub(super) fn length(a: &Args<'_>) -> Result<Value, FnError> {
    let value = &a.values[0];
    if value.ty() == Type::String {
        return Ok(strings::length(value).mark(value.marks()));
    }
    let length = match (count(value), value.kind()) {
        (Some(n), _) => Value::number(n),
        (None, Kind::Set(_, vs)) => Value::counted(1, Some(vs.len() as u64)),
        (None, Kind::Unknown(Type::Any, _)) => hole(Type::Number),
        (None, _) => match value.refinement() {
            Some(Refinement { length: (least, Some(most)), .. }) if least == most => Value::number(*least),
            Some(r) => Value::counted(r.length.0, r.length.1),
            None => hole(Type::Number),
        },
    };
    Ok(length.mark(value.marks()))
}

pub(super) fn alltrue(a: &Args<'_>) -> Result<Value, FnError> {
    for value in a.elements(0) {
        match value.as_bool() {
            Some(true) => {}
            _ if !value.is_known() => return Ok(hole(Type::Bool)),
            _ => return Ok(false.into()),
        }
    }
    Ok(true.into())
}

pub(super) fn anytrue(a: &Args<'_>) -> Result<Value, FnError> {
    if a.elements(0).iter().any(|v| v.as_bool() == Some(true)) {
        return Ok(true.into());
    }
    Ok(if a.elements(0).iter().all(Value::is_known) { false.into() } else { hole(Type::Bool) })
}

pub(super) fn coalesce_type(args: &[Value]) -> Result<Type, FnError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| FnError::new("needs arguments of one type, or of types that can be made one"))
}

/// The first that is neither null nor, where all are strings, empty.
pub(super) fn coalesce(a: &Args<'_>) -> Result<Value, FnError> {
    for (i, value) in a.values.iter().enumerate() {
        let value = convert(value, a.ty).map_err(|e| FnError::arg(i, format!("does not fit: {e}")))?;
        if !value.is_known() {
            return Ok(Value::unknown(a.ty.clone()));
        }
        if !value.is_null() && !(*a.ty == Type::String && value.as_str() == Some("")) {
            return Ok(value);
        }
    }
    Err(FnError::new("has only arguments that are null or empty strings"))
}

pub(super) fn coalescelist_type(args: &[Value]) -> Result<Type, FnError> {
    let Some(first) = args.first() else { return Err(FnError::new("needs at least one list")) };
    let mut same = true;
    for (i, value) in args.iter().enumerate() {
        if !value.is_known() {
            return Ok(Type::Any);
        }
        let ty = value.ty();
        if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
            return Err(FnError::arg(i, "must be a list or a tuple"));
        }
        same &= ty == first.ty();
    }
    Ok(if same { first.ty() } else { Type::Any })
}

pub(super) fn coalescelist(a: &Args<'_>) -> Result<Value, FnError> {
    for value in a.values {
        if !value.is_known() {
            return Ok(Value::unknown(a.ty.clone()));
        }
        if value.as_slice().is_some_and(|vs| !vs.is_empty()) {
            return Ok(value.clone());
        }
    }
    Err(FnError::new("has only arguments that are null or empty"))
}

pub(super) fn compact(a: &Args<'_>) -> Result<Value, FnError> {
    if !a.values[0].is_wholly_known() {
        return Ok(Value::unknown(a.ty.clone()));
    }
    let kept = a.elements(0).iter().filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

/// A list of lists stays a list if the element types can be made one; everything else becomes a tuple.
pub(super) fn concat_type(args: &[Value]) -> Result<Type, FnError> {
    if args.is_empty() {
        return Err(FnError::new("needs at least one list"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|t| matches!(t, Type::List(_)))
        && let Some(ty) = unify(&types)
    {
        return Ok(ty);
    }
    let mut elements = Vec::new();
    for (i, (ty, value)) in types.iter().zip(args).enumerate() {
        match ty {
            Type::Tuple(ts) => elements.extend(ts.iter().cloned()),
            Type::List(t) => match value.as_slice() {
                Some(vs) => elements.extend(std::iter::repeat_n(Type::clone(t), vs.len())),
                // As long as the list is not known, nor is the tuple's type.
                None => return Ok(Type::Any),
            },
            other => return Err(FnError::arg(i, format!("must be a list or a tuple, not {other}"))),
        }
    }
    Ok(Type::tuple(elements))
}

pub(super) fn concat(a: &Args<'_>) -> Result<Value, FnError> {
    let mut marks = Marks::NONE;
    let mut elements = Vec::new();
    for (i, value) in a.values.iter().enumerate() {
        let value = match a.ty {
            Type::List(_) => convert(value, a.ty).map_err(|e| FnError::arg(i, format!("does not fit: {e}")))?,
            _ => value.clone(),
        };
        marks = marks.or(value.marks());
        elements.extend_from_slice(value.as_slice().unwrap_or_default());
    }
    let result = match a.ty {
        Type::List(t) => Value::list(Type::clone(t), elements),
        _ => Value::tuple(elements),
    };
    Ok(result.mark(marks))
}

pub(super) fn contains_type(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::Bool)
}

pub(super) fn contains(a: &Args<'_>) -> Result<Value, FnError> {
    if !matches!(a.values[0].ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return Err(FnError::arg(0, "must be a list, a tuple or a set"));
    }
    let mut known = true;
    for value in a.elements(0) {
        match equal(&a.values[1], value) {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => known = false,
        }
    }
    Ok(if known { false.into() } else { hole(Type::Bool) })
}

/// The index of the first element that is equal.
pub(super) fn index(a: &Args<'_>) -> Result<Value, FnError> {
    if !matches!(a.values[0].ty(), Type::List(_) | Type::Tuple(_)) {
        return Err(FnError::arg(0, "must be a list or a tuple"));
    }
    for (i, value) in a.elements(0).iter().enumerate() {
        match equal(value, &a.values[1]) {
            Some(true) => return Ok(Value::number(i)),
            Some(false) => {}
            None => return Ok(hole(Type::Number)),
        }
    }
    Err(FnError::arg(1, "is not in the list"))
}

pub(super) fn distinct(a: &Args<'_>) -> Result<Value, FnError> {
    if !a.values[0].is_wholly_known() {
        return Ok(Value::unknown(a.ty.clone()));
    }
    let mut seen = std::collections::HashSet::new();
    let kept: Vec<Value> = a.elements(0).iter().filter(|v| seen.insert(*v)).cloned().collect();
    Ok(Value::list(a.ty.element().cloned().unwrap_or(Type::Any), kept))
}

pub(super) fn element_type(args: &[Value]) -> Result<Type, FnError> {
    let (list, index) = (&args[0], &args[1]);
    match list.ty() {
        Type::List(t) => Ok(Type::clone(&t)),
        Type::Tuple(_) if !index.is_known() => Ok(Type::Any),
        // Terraform takes a negative index for lists only.
        Type::Tuple(ts) => match wrapped(index, ts.len())? {
            at if int(index).is_some_and(|i| i < 0) && at != 0 => {
                Err(FnError::arg(1, "must not be negative for a tuple"))
            }
            at => Ok(ts[at].clone()),
        },
        other => Err(FnError::arg(0, format!("must be a list or a tuple, not {other}"))),
    }
}

/// An index beyond the end starts over, one below zero counts from the end.
fn wrapped(index: &Value, length: usize) -> Result<usize, FnError> {
    let index = int(index).ok_or_else(|| FnError::arg(1, WHOLE))?;
    match i64::try_from(length) {
        Ok(n) if n > 0 => Ok(index.rem_euclid(n) as usize),
        _ => Err(FnError::arg(0, "must not be empty")),
    }
}

pub(super) fn element(a: &Args<'_>) -> Result<Value, FnError> {
    let list = &a.values[0];
    let Some(elements) = list.as_slice() else { return Ok(Value::unknown(a.ty.clone()).mark(list.marks())) };
    Ok(elements[wrapped(&a.values[1], elements.len())?].clone().mark(list.marks()))
}

pub(super) fn flatten_type(args: &[Value]) -> Result<Type, FnError> {
    if !args[0].is_wholly_known() {
        return Ok(Type::Any);
    }
    if !matches!(args[0].ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return Err(FnError::arg(0, "must be a list, a set or a tuple"));
    }
    Ok(flat(&args[0]).map_or(Type::Any, |(vs, _)| Type::tuple(vs.iter().map(Value::ty).collect())))
}

pub(super) fn flatten(a: &Args<'_>) -> Result<Value, FnError> {
    let list = &a.values[0];
    let list = match list.kind() {
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => list.clone(),
        // (Even of what can never be a list: Terraform asks once it is known.)
        Kind::Unknown(..) => return Ok(Value::unknown(a.ty.clone()).mark(list.marks())),
        // While there are holes in it, Terraform takes what has named parts, too.
        Kind::Map(_, fs) | Kind::Object(fs) => Value::tuple(fs.values().cloned().collect()).mark(list.marks()),
        _ => return Err(FnError::arg(0, "must be a list, a set or a tuple")),
    };
    Ok(match flat(&list) {
        Ok((elements, marks)) => Value::tuple(elements).mark(marks),
        Err(marks) => Value::unknown(a.ty.clone()).mark(marks),
    })
}

/// All elements that have none themselves, in order, and the marks of what held them; only the marks where it is not known how
/// many there will be.
fn flat(value: &Value) -> Result<(Vec<Value>, Marks), Marks> {
    fn walk(value: &Value, out: &mut Vec<Value>, marks: &mut Marks) -> bool {
        *marks = marks.or(value.marks());
        let Some(elements) = value.as_slice().filter(|_| count(value).is_some()) else { return false };
        let mut known = true;
        for element in elements {
            match element.ty() {
                // Whatever it will be, it may have elements.
                Type::Any if !element.is_known() => known = false,
                Type::List(_) | Type::Set(_) | Type::Tuple(_) if !element.is_null() => {
                    known &= walk(element, out, marks);
                }
                _ => out.push(element.clone()),
            }
        }
        known
    }
    let (mut out, mut marks) = (Vec::new(), Marks::NONE);
    if walk(value, &mut out, &mut marks) { Ok((out, marks)) } else { Err(marks) }
}

pub(super) fn one_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::List(t) | Type::Set(t) => Ok(Type::clone(&t)),
        Type::Tuple(ts) if ts.len() < 2 => Ok(ts.first().cloned().unwrap_or(Type::Any)),
        _ => Err(FnError::arg(0, ONE)),
    }
}

const ONE: &str = "must be a list, a set or a tuple with no element or one";

pub(super) fn one(a: &Args<'_>) -> Result<Value, FnError> {
    match (count(&a.values[0]), a.elements(0)) {
        (Some(_), []) => Ok(Value::null(a.ty.clone())),
        (Some(_), [only]) => Ok(only.clone()),
        (Some(_), _) => Err(FnError::arg(0, ONE)),
        (None, _) => Ok(Value::unknown(a.ty.clone())),
    }
}

pub(super) fn reverse_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::Tuple(ts) => Ok(Type::tuple(ts.iter().rev().cloned().collect())),
        Type::List(t) | Type::Set(t) => Ok(Type::List(t)),
        other => Err(FnError::arg(0, format!("must be a list, a set or a tuple, not {other}"))),
    }
}

pub(super) fn reverse(a: &Args<'_>) -> Result<Value, FnError> {
    let reversed: Vec<Value> = a.elements(0).iter().rev().cloned().collect();
    let value = match a.ty {
        Type::List(t) => Value::list(Type::clone(t), reversed),
        _ => Value::tuple(reversed),
    };
    Ok(value.mark(a.values[0].marks()))
}

pub(super) fn slice_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        ty @ Type::List(_) => bounds(args).map(|_| ty),
        Type::Tuple(ts) => Ok(match bounds(args)? {
            Some((start, end)) => Type::tuple(ts[start..end].to_vec()),
            None => Type::Any,
        }),
        Type::Set(_) => Err(FnError::arg(
            0,
            "is a set, whose elements have no places. Convert it with tolist() if its order does not matter",
        )),
        _ => Err(FnError::arg(0, "must be a list or a tuple")),
    }
}

/// Start and end, if both are known, checked as far as they can be.
fn bounds(args: &[Value]) -> Result<Option<(usize, usize)>, FnError> {
    let length = count(&args[0]);
    let bound = |i: usize| -> Result<Option<usize>, FnError> {
        if !args[i].is_known() {
            return Ok(None);
        }
        let at = int(&args[i]).ok_or_else(|| FnError::arg(i, WHOLE))?;
        let at = usize::try_from(at).map_err(|_| FnError::arg(i, "must not be negative"))?;
        match length {
            Some(length) if at > length => {
                Err(FnError::arg(i, format!("must not be greater than the length of the list, which is {length}")))
            }
            _ => Ok(Some(at)),
        }
    };
    match (bound(1)?, bound(2)?) {
        (Some(start), Some(end)) if start > end => Err(FnError::arg(1, "must not be greater than the end index")),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

pub(super) fn slice(a: &Args<'_>) -> Result<Value, FnError> {
    let marks = a.values[0].marks();
    let Some((start, end)) = bounds(a.values)? else { return Ok(Value::unknown(a.ty.clone()).mark(marks)) };
    let elements = a.elements(0).get(start..end).unwrap_or_default().to_vec();
    let value = match a.ty {
        Type::List(t) => Value::list(Type::clone(t), elements),
        _ => Value::tuple(elements),
    };
    Ok(value.mark(marks))
}

pub(super) fn chunklist_type(args: &[Value]) -> Result<Type, FnError> {
    Ok(Type::list(args[0].ty()))
}

/// A size of 0 means one chunk of everything.
pub(super) fn chunklist(a: &Args<'_>) -> Result<Value, FnError> {
    let marks = a.values[0].marks();
    let size = usize::try_from(a.int(1)?).map_err(|_| FnError::arg(1, "must not be negative"))?;
    let (list_type, element) = (a.values[0].ty(), a.values[0].ty().element().cloned().unwrap_or(Type::Any));
    let chunks = match size {
        0 if a.elements(0).is_empty() => Vec::new(),
        0 => vec![a.values[0].clone().with_marks(Marks::NONE)],
        size => a.elements(0).chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec())).collect(),
    };
    Ok(Value::list(list_type, chunks).mark(marks))
}

pub(super) fn matchkeys_type(args: &[Value]) -> Result<Type, FnError> {
    match unify(&[args[1].ty(), args[2].ty()]) {
        Some(_) => Ok(args[0].ty()),
        None => Err(FnError::arg(2, "must have elements of the type that the keys have")),
    }
}

/// The values whose keys are in the search set.
pub(super) fn matchkeys(a: &Args<'_>) -> Result<Value, FnError> {
    let element = a.ty.element().cloned().unwrap_or(Type::Any);
    if a.elements(0).len() != a.elements(1).len() {
        return Err(FnError::arg(1, "must have as many elements as there are values"));
    }
    let common = unify(&[a.values[1].ty(), a.values[2].ty()]).unwrap_or(Type::Any);
    let converted =
        |i: usize| convert(&a.values[i], &common).map_err(|e| FnError::arg(i, format!("does not fit: {e}")));
    let (keys, wanted) = (converted(1)?, converted(2)?);
    let wanted = wanted.as_slice().unwrap_or_default();
    if wanted.is_empty() {
        return Ok(Value::list(element, Vec::new()));
    }
    if !a.values[0].is_wholly_known() || !keys.is_wholly_known() {
        return Ok(Value::unknown(a.ty.clone()));
    }
    let known: std::collections::HashSet<&Value> = wanted.iter().filter(|v| v.is_wholly_known()).collect();
    let open = known.len() < wanted.iter().collect::<std::collections::HashSet<_>>().len();
    let mut found = Vec::new();
    for (key, value) in keys.as_slice().unwrap_or_default().iter().zip(a.elements(0)) {
        if open && !known.contains(key) {
            return Ok(Value::unknown(a.ty.clone()));
        }
        if known.contains(key) {
            found.push(value.clone());
        }
    }
    Ok(Value::list(element, found))
}

/// Whether there is a conversion at all; holes are judged by it, too.
pub(super) fn convertible(args: &[Value], want: Type) -> Result<Type, FnError> {
    let ty = args[0].ty();
    if can_convert(&ty, &want) {
        Ok(want)
    } else {
        Err(FnError::arg(0, format!("is {ty}, which cannot become {want}")))
    }
}
