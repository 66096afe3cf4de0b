//! Counting: what operators and the functions about numbers do.
//!
//! Refuses to know how numbers are written.

use super::{COUNT_BITS, Number, NumberError, Repr, TEXT_BITS, quotient};
use num_bigint::BigUint;
use num_traits::Zero;
use std::cmp::Ordering;

impl Number {
    /// The sum, in the finer precision of both.
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        let bits = self.bits.max(other.bits);
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && let Some(n) = a.checked_add(*b)
            && bits >= 64
        {
            return Ok(Number { repr: Repr::Int(n), bits });
        }
        match (&self.repr, &other.repr) {
            (Repr::Inf { negative: a }, Repr::Inf { negative: b }) if a != b => {
                return Err("can't compute sum of opposing infinities");
            }
            (Repr::Inf { negative }, _) | (_, Repr::Inf { negative }) => {
                return Ok(Number { repr: Repr::Inf { negative: *negative }, bits });
            }
            (Repr::NegZero, Repr::NegZero) => return Ok(Number { repr: Repr::NegZero, bits }),
            _ => {}
        }
        let (Some((an, am, ae)), Some((bn, bm, be))) = (self.parts(), other.parts()) else { return Ok(self.clone()) };
        if am.is_zero() {
            return Ok(Number::rounded(bn && !bm.is_zero(), bm, be, false, bits));
        }
        if bm.is_zero() {
            return Ok(Number::rounded(an, am, ae, false, bits));
        }
        let exponent = ae.min(be);
        let a = am << (ae - exponent) as u64;
        let b = bm << (be - exponent) as u64;
        let (negative, m) = match (an == bn, a.cmp(&b)) {
            (true, _) => (an, a + b),
            (false, Ordering::Greater) => (an, a - b),
            (false, Ordering::Less) => (bn, b - a),
            (false, Ordering::Equal) => (false, BigUint::ZERO),
        };
        Ok(Number::rounded(negative, m, exponent, false, bits))
    }

    /// The difference, in the finer precision of both.
    pub fn sub(&self, other: &Number) -> Result<Number, NumberError> {
        self.add(&other.neg()).map_err(|_| "can't subtract infinity from itself")
    }

    /// The product, exact up to 512 bits.
    pub fn mul(&self, other: &Number) -> Result<Number, NumberError> {
        let bits = self.bits.max(other.bits);
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && *a != 0
            && *b != 0
            && let Some(n) = a.checked_mul(*b)
        {
            return Ok(Number { repr: Repr::Int(n), bits: bits.max(significant_bits(n)) });
        }
        if (self.is_infinite() && other.is_zero()) || (self.is_zero() && other.is_infinite()) {
            return Err("can't multiply zero by infinity");
        }
        let negative = self.sign() != other.sign();
        let (Some((_, a, ae)), Some((_, b, be))) = (self.parts(), other.parts()) else {
            return Ok(Number { repr: Repr::Inf { negative }, bits });
        };
        let mut product = Number::rounded(negative, a * b, ae + be, false, TEXT_BITS);
        let needed = match &product.repr {
            Repr::Int(n) => significant_bits(*n),
            Repr::Float(f) => f.mantissa.bits() as u32,
            _ => 0,
        };
        product.bits = bits.max(needed);
        Ok(product)
    }

    /// The quotient, in the finer precision of both. Anything but zero divided by zero is infinite.
    pub fn div(&self, other: &Number) -> Result<Number, NumberError> {
        let bits = self.bits.max(other.bits);
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && *a != 0
            && a.checked_rem(*b) == Some(0)
            && bits >= 64
        {
            return Ok(Number { repr: Repr::Int(a / b), bits });
        }
        if (self.is_zero() && other.is_zero()) || (self.is_infinite() && other.is_infinite()) {
            return Err("can't divide zero by zero or infinity by infinity");
        }
        let negative = self.sign() != other.sign();
        if self.is_infinite() || other.is_zero() {
            return Ok(Number { repr: Repr::Inf { negative }, bits });
        }
        let (Some((_, a, ae)), Some((_, b, be))) = (self.parts(), other.parts()) else {
            return Ok(Number { repr: if negative { Repr::NegZero } else { Repr::Int(0) }, bits });
        };
        let (q, shift, sticky) = quotient(&a, &b, bits);
        Ok(Number::rounded(negative, q, ae - be - shift, sticky, bits))
    }

    /// What remains of a division rounded towards zero; the number itself where it is divided by zero.
    pub fn rem(&self, other: &Number) -> Result<Number, NumberError> {
        if self.is_infinite() || other.is_infinite() {
            return Err("can't use modulo with zero and infinity");
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        let times = self.div(other)?.trunc();
        let Some((tn, t, te)) = times.parts() else { return Err("can't use modulo with zero and infinity") };
        let Some((on, o, oe)) = other.parts() else { return Ok(self.clone()) };
        // In the precision of the left side, as Terraform does it.
        let product = Number::rounded(tn != on, t * o, te + oe, false, self.bits);
        let mut rest = self.sub(&product)?;
        rest = rest.with_bits(self.bits);
        Ok(rest)
    }

    /// With the other sign; `-0` for `0`.
    #[allow(clippy::should_implement_trait, reason = "takes a reference like its siblings, which may fail")]
    pub fn neg(&self) -> Number {
        let repr = match &self.repr {
            Repr::Int(0) => Repr::NegZero,
            Repr::NegZero => Repr::Int(0),
            Repr::Int(n) => match n.checked_neg() {
                Some(n) => Repr::Int(n),
                None => return Number::rounded(false, BigUint::from(n.unsigned_abs()), 0, false, self.bits),
            },
            // -2^63 is small although 2^63 is not, so the parts are looked at anew.
            Repr::Float(f) => {
                return Number::rounded(!f.negative, f.mantissa.clone(), f.exponent, false, self.bits);
            }
            Repr::Inf { negative } => Repr::Inf { negative: !negative },
        };
        Number { repr, bits: self.bits }
    }

    /// Without its sign.
    pub fn abs(&self) -> Number {
        if self.sign() { self.neg() } else { self.clone() }
    }

    /// Rounded towards zero.
    pub fn trunc(&self) -> Number {
        match &self.repr {
            Repr::Float(f) if f.exponent < 0 => {
                let m = &f.mantissa >> f.exponent.unsigned_abs();
                Number::rounded(f.negative, m, 0, false, self.bits.max(COUNT_BITS))
            }
            _ => self.clone(),
        }
    }

    /// The greatest whole number that is not greater.
    pub fn floor(&self) -> Number {
        self.step(true)
    }

    /// The least whole number that is not less.
    pub fn ceil(&self) -> Number {
        self.step(false)
    }

    /// Truncated and, for what lies on the side of `negative`, one further from zero.
    fn step(&self, negative: bool) -> Number {
        match &self.repr {
            Repr::Float(f) if f.exponent < 0 => {
                let mut m = &f.mantissa >> f.exponent.unsigned_abs();
                if f.negative == negative {
                    m += 1u32;
                }
                Number::rounded(f.negative, m, 0, false, self.bits.max(COUNT_BITS))
            }
            _ => self.clone(),
        }
    }

    /// What is left of it after plan and state have carried it: Terraform keeps whole numbers that fit 64 bits, what `f64` holds
    /// exactly, and the printed text of everything else.
    pub fn stored(&self) -> Number {
        match &self.repr {
            Repr::Int(n) => (*n).into(),
            Repr::NegZero => 0i64.into(),
            Repr::Inf { .. } => self.clone(),
            Repr::Float(_) => match Number::from_f64(self.to_f64()) {
                Some(f) if f == *self && !self.is_integer() => f,
                _ => Number::parse(&self.to_string()).unwrap_or_else(|| self.clone()),
            },
        }
    }

    /// Rounded to so many bits.
    fn with_bits(&self, bits: u32) -> Number {
        match self.parts() {
            Some((negative, m, exponent)) => Number::rounded(negative, m, exponent, false, bits),
            None => Number { repr: self.repr.clone(), bits },
        }
    }

    /// Whether there is a minus before it, zero or not.
    pub(super) fn sign(&self) -> bool {
        matches!(self.repr, Repr::NegZero) || self.is_negative()
    }
}

/// How many bits of it matter: from the highest to the lowest that is set.
pub(super) fn significant_bits(n: i64) -> u32 {
    let n = n.unsigned_abs();
    if n == 0 { 0 } else { 64 - n.leading_zeros() - n.trailing_zeros() }
}
