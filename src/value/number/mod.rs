//! Numbers as Terraform counts them: binary floats, 512 bits where they come from text, rounded half to even.
//!
//! Every number carries its precision, for it shows: a length is a 64 bit number and so is the quotient of two lengths.
//! Most numbers are small whole numbers; those cost no allocation. Refuses to know types and values.

mod arithmetic;
mod text;

#[cfg(test)]
mod tests;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Precision of numbers read from text, in bits.
const TEXT_BITS: u32 = 512;
/// Precision of counted things, in bits.
const COUNT_BITS: u32 = 64;
/// Precision of what went through `f64`, in bits.
const F64_BITS: u32 = 53;
/// Numbers beyond `2^LIMIT` are infinite and nearer to zero than `2^-LIMIT` are zero. Terraform goes on to `2^(2^31)`; printing
/// those would fill the memory.
const LIMIT: i64 = 1 << 20;

/// A number. Cheap to clone; ordered and hashed by what it is, whatever its precision; `-0` equals `0`.
#[derive(Clone)]
pub struct Number {
    repr: Repr,
    bits: u32,
}

/// Whatever fits `Int` is `Int`; so the parts of equal numbers are equal.
#[derive(Clone)]
enum Repr {
    Int(i64),
    NegZero,
    Float(Arc<Float>),
    Inf { negative: bool },
}

/// `±mantissa * 2^exponent`; the mantissa is odd.
#[derive(PartialEq, Eq, Hash)]
struct Float {
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
}

/// Why there is no result, in Terraform's words.
pub type NumberError = &'static str;

/// Making.
impl Number {
    /// Zero.
    pub const ZERO: Number = Number { repr: Repr::Int(0), bits: TEXT_BITS };
    /// What divides everything by zero.
    pub const INFINITY: Number = Number { repr: Repr::Inf { negative: false }, bits: TEXT_BITS };

    /// The number that this `f64` is; `None` for what is not a number.
    pub fn from_f64(f: f64) -> Option<Number> {
        if f.is_nan() {
            return None;
        }
        if f.is_infinite() {
            return Some(Number { repr: Repr::Inf { negative: f < 0.0 }, bits: F64_BITS });
        }
        let raw = f.to_bits();
        let negative = raw >> 63 == 1;
        let exponent = (raw >> 52 & 0x7ff) as i64;
        let fraction = raw & ((1 << 52) - 1);
        let (m, e) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        Some(Number::rounded(negative, BigUint::from(m), e, false, F64_BITS))
    }

    /// `±m * 2^exponent` (plus a little, if `sticky`) in so many bits.
    fn rounded(negative: bool, mut m: BigUint, mut exponent: i64, sticky: bool, bits: u32) -> Number {
        if m.is_zero() {
            return Number { repr: if negative { Repr::NegZero } else { Repr::Int(0) }, bits };
        }
        let excess = m.bits() as i64 - i64::from(bits);
        if excess > 0 {
            let excess = excess as u64;
            let half = m.bit(excess - 1);
            let below = sticky || m.trailing_zeros().is_some_and(|z| z < excess - 1);
            m >>= excess;
            exponent += excess as i64;
            if half && (below || m.bit(0)) {
                m += 1u32;
            }
        }
        let zeros = m.trailing_zeros().unwrap_or(0);
        m >>= zeros;
        exponent += zeros as i64;
        let top = exponent + m.bits() as i64;
        let repr = if top > LIMIT {
            Repr::Inf { negative }
        } else if top < -LIMIT {
            if negative { Repr::NegZero } else { Repr::Int(0) }
        } else if let Some(n) = small(negative, &m, exponent) {
            Repr::Int(n)
        } else {
            Repr::Float(Arc::new(Float { negative, mantissa: m, exponent }))
        };
        Number { repr, bits }
    }
}

fn small(negative: bool, m: &BigUint, exponent: i64) -> Option<i64> {
    if exponent < 0 || exponent + m.bits() as i64 > 64 {
        return None;
    }
    let n = i128::from(m.to_u64()?) << exponent;
    i64::try_from(if negative { -n } else { n }).ok()
}

/// `a / b` with at least `bits + 2` bits: the quotient, how far `a` was shifted up for it, and whether something remained.
fn quotient(a: &BigUint, b: &BigUint, bits: u32) -> (BigUint, i64, bool) {
    let shift = (i64::from(bits) + 3 + b.bits() as i64 - a.bits() as i64).max(0);
    let a = a << shift as u64;
    let q = &a / b;
    let sticky = &q * b != a;
    (q, shift, sticky)
}

/// Looking.
impl Number {
    /// Sign, mantissa and exponent of a finite number.
    fn parts(&self) -> Option<(bool, BigUint, i64)> {
        match &self.repr {
            Repr::Int(n) => Some((*n < 0, BigUint::from(n.unsigned_abs()), 0)),
            Repr::NegZero => Some((true, BigUint::ZERO, 0)),
            Repr::Float(f) => Some((f.negative, f.mantissa.clone(), f.exponent)),
            Repr::Inf { .. } => None,
        }
    }

    /// As a machine integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.repr {
            Repr::Int(n) => Some(n),
            Repr::NegZero => Some(0),
            _ => None,
        }
    }

    /// As a machine integer, if it is whole, not negative and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.repr {
            Repr::Int(n) => u64::try_from(*n).ok(),
            Repr::NegZero => Some(0),
            Repr::Float(f) if !f.negative && f.exponent == 0 => f.mantissa.to_u64(),
            Repr::Float(f) if !f.negative && f.exponent > 0 && f.exponent + f.mantissa.bits() as i64 <= 64 => {
                Some(f.mantissa.to_u64()? << f.exponent)
            }
            _ => None,
        }
    }

    /// As a whole number of any size, if it is whole.
    pub fn to_bigint(&self) -> Option<BigInt> {
        let (negative, m, exponent) = self.parts()?;
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        (exponent >= 0).then(|| BigInt::from_biguint(sign, m << exponent as u64))
    }

    /// The nearest `f64`; infinite where that is too small.
    pub fn to_f64(&self) -> f64 {
        let (negative, m, exponent) = match &self.repr {
            Repr::Int(n) => return *n as f64,
            Repr::NegZero => return -0.0,
            Repr::Inf { negative: true } => return f64::NEG_INFINITY,
            Repr::Inf { negative: false } => return f64::INFINITY,
            Repr::Float(f) => (f.negative, &f.mantissa, f.exponent),
        };
        let sign = if negative { 1u64 << 63 } else { 0 };
        let top = exponent + m.bits() as i64; // the value lies in [2^(top-1), 2^top)
        let bits = if top > 1024 {
            0x7ff << 52
        } else if top < -1074 {
            0
        } else {
            // Subnormal numbers have fewer bits.
            let bits = 53.min(top + 1074);
            let excess = m.bits() as i64 - bits;
            let (mut q, mut e) = if excess <= 0 {
                (m.to_u64().unwrap_or(0), exponent)
            } else {
                let half = m.bit(excess as u64 - 1);
                let below = m.trailing_zeros().is_some_and(|z| z < excess as u64 - 1);
                let q = (m >> excess as u64).to_u64().unwrap_or(0);
                (q + u64::from(half && (below || q & 1 == 1)), exponent + excess)
            };
            while q != 0 && q < 1 << 52 && e > -1074 {
                q <<= 1;
                e -= 1;
            }
            while q >= 1 << 53 {
                q >>= 1;
                e += 1;
            }
            match () {
                () if q < 1 << 52 => q,
                () if e + 1075 >= 0x7ff => 0x7ff << 52,
                () => (q & ((1 << 52) - 1)) | ((e + 1075) as u64) << 52,
            }
        };
        f64::from_bits(sign | bits)
    }

    /// Whether it is whole.
    pub fn is_integer(&self) -> bool {
        match &self.repr {
            Repr::Int(_) | Repr::NegZero => true,
            Repr::Float(f) => f.exponent >= 0,
            Repr::Inf { .. } => false,
        }
    }

    /// Whether it is positive or negative infinity, which no JSON can hold.
    pub fn is_infinite(&self) -> bool {
        matches!(self.repr, Repr::Inf { .. })
    }

    /// Whether it is `0` or `-0`.
    pub fn is_zero(&self) -> bool {
        matches!(self.repr, Repr::Int(0) | Repr::NegZero)
    }

    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.repr {
            Repr::Int(n) => *n < 0,
            Repr::NegZero => false,
            Repr::Float(f) => f.negative,
            Repr::Inf { negative } => *negative,
        }
    }
}

/// Comparing.
impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        if let (Some(a), Some(b)) = (self.to_i64(), other.to_i64()) {
            return a.cmp(&b);
        }
        let side = |n: &Number| match n {
            _ if n.is_zero() => 0,
            _ if n.is_negative() => -1,
            _ => 1,
        };
        let by_side = side(self).cmp(&side(other));
        if by_side != Ordering::Equal {
            return by_side;
        }
        let magnitude = match (self.parts(), other.parts()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some((_, a, ae)), Some((_, b, be))) => {
                let top = (ae + a.bits() as i64).cmp(&(be + b.bits() as i64));
                let exponent = ae.min(be);
                top.then_with(|| (a << (ae - exponent) as u64).cmp(&(b << (be - exponent) as u64)))
            }
        };
        if self.is_negative() { magnitude.reverse() } else { magnitude }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Float(a), Repr::Float(b)) => a == b,
            (Repr::Inf { negative: a }, Repr::Inf { negative: b }) => a == b,
            _ => match (self.to_i64(), other.to_i64()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.repr {
            Repr::Int(n) => n.hash(state),
            Repr::NegZero => 0i64.hash(state),
            Repr::Float(f) => f.hash(state),
            Repr::Inf { negative } => negative.hash(state),
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number { repr: Repr::Int(n), bits: COUNT_BITS }
    }
}

impl From<usize> for Number {
    fn from(n: usize) -> Number {
        Number::from(n as u64)
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Number {
        match i64::try_from(n) {
            Ok(n) => n.into(),
            Err(_) => Number::rounded(false, BigUint::from(n), 0, false, COUNT_BITS),
        }
    }
}

impl From<BigInt> for Number {
    fn from(n: BigInt) -> Number {
        let bits = (n.bits() as u32).max(COUNT_BITS);
        let (sign, m) = n.into_parts();
        Number::rounded(sign == Sign::Minus, m, 0, false, bits)
    }
}
