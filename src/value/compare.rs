//! Equality, order and length as the language sees them: with holes the answer may be a hole.
//!
//! Refuses to know operators and functions. Nothing is converted here.

use super::convert::conforms;
use super::{Kind, Number, Refinement, Type, Value};
use std::cmp::Ordering;

/// Whether two values are equal, marked as both of them; a hole if that is not known yet.
///
/// Values of different types are not equal, but null equals null. What is known of a hole may tell that it is not equal.
pub fn equals(a: &Value, b: &Value) -> Value {
    maybe(equal(a, b)).mark(a.marks_deep().or(b.marks_deep()))
}

/// The order of two numbers, marked as both: whether `a` is less (or greater) than `b`, equal being neither.
pub fn is_ordered(a: &Value, b: &Value, wanted: Ordering) -> Value {
    let ordered = match (a.as_number(), b.as_number()) {
        (Some(a), Some(b)) => Some(a.cmp(b) == wanted),
        _ => match wanted {
            Ordering::Less => apart(a, b),
            Ordering::Greater => apart(b, a),
            Ordering::Equal => equal(a, b),
        },
    };
    maybe(ordered).mark(a.marks().or(b.marks()))
}

/// A bool, or a hole for one that will not be null.
fn maybe(b: Option<bool>) -> Value {
    b.map_or_else(|| Value::refined(Type::Bool, Refinement { not_null: true, ..Refinement::default() }), Value::bool)
}

/// Whether all that `a` may be is less than all that `b` may be, or greater.
fn apart(a: &Value, b: &Value) -> Option<bool> {
    let (a_low, a_high) = bounds(a);
    let (b_low, b_high) = bounds(b);
    if a_high.zip(b_low).is_some_and(|(a, b)| a < b) {
        Some(true)
    } else if a_low.zip(b_high).is_some_and(|(a, b)| a > b) {
        Some(false)
    } else {
        None
    }
}

fn bounds(v: &Value) -> (Option<&Number>, Option<&Number>) {
    match v.kind() {
        Kind::Number(n) => (Some(n), Some(n)),
        Kind::Unknown(_, known) => (known.number.0.as_ref().map(|(n, _)| n), known.number.1.as_ref().map(|(n, _)| n)),
        _ => (None, None),
    }
}

/// Equality without marks; `None` if it is not known yet.
pub(super) fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a.kind(), b.kind()) {
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Null(_), Kind::Unknown(_, known)) | (Kind::Unknown(_, known), Kind::Null(_)) => {
            if known.not_null {
                Some(false)
            } else {
                None
            }
        }
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Unknown(..), Kind::Unknown(..)) => None,
        (Kind::Unknown(ty, known), _) => may_become(ty, known, b),
        (_, Kind::Unknown(ty, known)) => may_become(ty, known, a),
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a == b),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        _ if !may_be_compound(a) || !may_be_compound(b) => Some(false),
        _ if has_untyped_hole(a) || has_untyped_hole(b) => {
            let (a, b) = (a.ty(), b.ty());
            if fits(&a, &b) || fits(&b, &a) { None } else { Some(false) }
        }
        _ if !conforms(a, &b.ty()) => Some(false),
        _ => same_type(a, b),
    }
}

fn may_be_compound(v: &Value) -> bool {
    !matches!(v.kind(), Kind::Bool(_) | Kind::Number(_) | Kind::String(_))
}

/// The parts of two compound values of one type, compared.
fn same_type(a: &Value, b: &Value) -> Option<bool> {
    match (a.kind(), b.kind()) {
        (Kind::Set(_, a), Kind::Set(_, b)) => {
            if !a.iter().chain(b.iter()).all(Value::is_wholly_known) {
                return None;
            }
            Some(a == b)
        }
        (Kind::List(_, a), Kind::List(_, b)) | (Kind::Tuple(a), Kind::Tuple(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            // In order, and the first hole ends it, as in Terraform.
            for (a, b) in a.iter().zip(b.iter()) {
                match part(a, b) {
                    Some(true) => {}
                    decided => return decided,
                }
            }
            Some(true)
        }
        (Kind::Map(_, a), Kind::Map(_, b)) | (Kind::Object(a), Kind::Object(b)) => {
            if a.len() != b.len() || !a.keys().eq(b.keys()) {
                return Some(false);
            }
            let parts = a.values().zip(b.values()).map(|(a, b)| part(a, b));
            // Terraform goes through these in no order; one difference decides here always.
            parts.fold(Some(true), |all, one| match (all, one) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (None, _) | (_, None) => None,
                _ => Some(true),
            })
        }
        _ => equal(a, b),
    }
}

/// Parts of values of one type have one type, so that needs no second look, unless holes are involved.
fn part(a: &Value, b: &Value) -> Option<bool> {
    if a.is_known() && b.is_known() && !a.is_null() && !b.is_null() { same_type(a, b) } else { equal(a, b) }
}

/// `Some(false)` if the hole cannot become this value.
fn may_become(ty: &Type, known: &Refinement, value: &Value) -> Option<bool> {
    if !fits(&value.ty(), ty) {
        return Some(false);
    }
    let possible = match value.kind() {
        Kind::String(s) => known.prefix.as_ref().is_none_or(|p| s.starts_with(&**p)),
        Kind::Number(n) => {
            let (low, high) = &known.number;
            low.as_ref().is_none_or(|(low, included)| n > low || *included && n == low)
                && high.as_ref().is_none_or(|(high, included)| n < high || *included && n == high)
        }
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
            let (low, high) = value.length_bounds().unwrap_or((0, None));
            high.is_none_or(|high| high >= known.length.0) && known.length.1.is_none_or(|limit| low <= limit)
        }
        _ => true,
    };
    if possible { None } else { Some(false) }
}

/// Whether a value of this type fits where `want` is what is known of the type.
fn fits(ty: &Type, want: &Type) -> bool {
    match (ty, want) {
        (_, Type::Any) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => fits(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| fits(a, b)),
        (Type::Object(a, _), Type::Object(b, _)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((i, a), (j, b))| i == j && fits(a, b))
        }
        (a, b) => a == b,
    }
}

/// Whether there is a hole of unknown type in it.
fn has_untyped_hole(v: &Value) -> bool {
    match v.kind() {
        Kind::Unknown(t, _) => t.has_any(),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().any(has_untyped_hole),
        Kind::Map(_, fs) | Kind::Object(fs) => fs.values().any(has_untyped_hole),
        _ => false,
    }
}

/// How long.
impl Value {
    /// The least and the greatest length that a list, set, map, tuple or object may turn out to have; `None` for null and for
    /// what has no length. A set with holes may turn out shorter than it is, for holes may turn out equal.
    pub fn length_bounds(&self) -> Option<(u64, Option<u64>)> {
        let exactly = |n: usize| Some((n as u64, Some(n as u64)));
        match self.kind() {
            Kind::Set(_, vs) if vs.len() > 1 && !vs.iter().all(Value::is_wholly_known) => {
                Some((1, Some(vs.len() as u64)))
            }
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => exactly(vs.len()),
            Kind::Map(_, fs) | Kind::Object(fs) => exactly(fs.len()),
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Map(_), known) => Some(known.length),
            Kind::Unknown(Type::Tuple(ts), _) => exactly(ts.len()),
            Kind::Unknown(Type::Object(ts, _), _) => exactly(ts.len()),
            _ => None,
        }
    }

    /// Its length as a number, a hole with bounds if it is not known yet; `None` for null and for what has no length. Carries
    /// no marks.
    pub fn length(&self) -> Option<Value> {
        let (low, high) = self.length_bounds()?;
        if high == Some(low) {
            return Some(Value::number(low));
        }
        Some(Value::counted(low, high))
    }

    /// A length that is not known yet, between these bounds, both inclusive. No collection is longer than a machine word can count.
    pub fn counted(low: u64, high: Option<u64>) -> Value {
        let bound = |n: u64| Some((Number::from(n), true));
        let number = (bound(low), bound(high.unwrap_or(i64::MAX as u64)));
        Value::refined(Type::Number, Refinement { not_null: true, number, ..Refinement::default() })
    }

    /// Whether it is known that it is not and will not be null.
    pub fn is_never_null(&self) -> bool {
        match self.kind() {
            Kind::Null(_) => false,
            Kind::Unknown(_, known) => known.not_null,
            _ => true,
        }
    }

    /// The same hole, of which is known that it will not be null; anything known stays as it is.
    pub fn not_null(self) -> Value {
        match &self.kind {
            Kind::Unknown(ty, known) if !known.not_null => {
                let known = Refinement { not_null: true, ..(**known).clone() };
                Value::refined(ty.clone(), known).with_marks(self.marks)
            }
            _ => self,
        }
    }

    /// A hole of this type that will not be null.
    pub fn unknown_not_null(ty: Type) -> Value {
        Value::refined(ty, Refinement { not_null: true, ..Refinement::default() })
    }
}
