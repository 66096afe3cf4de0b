//! Numbers as Terraform counts them: binary floats, 512 bits where they come from text, rounded half to even.
//!
//! Every number carries its precision, for it shows: a length is a 64 bit number and so is the quotient of two lengths.
//! Most numbers are small whole numbers; those cost no allocation. Refuses to know types and values.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};
use std::cmp::Ordering;
use std::fmt;
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
/// More digits than this are not read.
const MAX_DIGITS: usize = 1 << 16;

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

    /// Reads a decimal number as Terraform does: `12`, `-0.5`, `1e400`, `.5`, `1p3` (times a power of two), `Inf`.
    pub fn parse(text: &str) -> Option<Number> {
        let bytes = text.as_bytes();
        let (negative, digits) = match bytes.first()? {
            b'-' => (true, &bytes[1..]),
            b'+' => (false, &bytes[1..]),
            _ => (false, bytes),
        };
        if digits == b"Inf" || digits == b"inf" {
            return Some(Number { repr: Repr::Inf { negative }, bits: TEXT_BITS });
        }
        if (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
            let n = digits.iter().fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
            let repr = if negative && n == 0 { Repr::NegZero } else { Repr::Int(if negative { -n } else { n }) };
            return Some(Number { repr, bits: TEXT_BITS });
        }

        let end = digits.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(digits.len());
        let (mantissa, rest) = digits.split_at(end);
        let mut parts = mantissa.splitn(2, |b| *b == b'.');
        let whole = parts.next().unwrap_or_default();
        let fraction = parts.next().unwrap_or_default();
        if fraction.contains(&b'.') || whole.len() + fraction.len() == 0 || mantissa.len() > MAX_DIGITS {
            return None;
        }
        let (mut exp10, mut exp2) = (0i64, 0i64);
        if let Some((letter, exponent)) = rest.split_first() {
            let text = std::str::from_utf8(exponent).ok()?;
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let exponent: i64 = text.parse::<i64>().ok().filter(|e| e.abs() < LIMIT)?;
            match letter {
                b'e' | b'E' => exp10 = exponent,
                b'p' | b'P' => exp2 = exponent,
                _ => return None,
            }
        }
        let all: Vec<u8> = [whole, fraction].concat();
        let m = BigUint::parse_bytes(&all, 10)?;
        exp10 -= fraction.len() as i64;
        // 10^e = 5^e * 2^e
        let (m, exponent, sticky) = if exp10 >= 0 {
            (m * pow5(exp10 as u64), exp10 + exp2, false)
        } else {
            let (q, shift, sticky) = quotient(&m, &pow5(exp10.unsigned_abs()), TEXT_BITS);
            (q, exp10 + exp2 - shift, sticky)
        };
        let number = Number::rounded(negative, m, exponent, sticky, TEXT_BITS);
        // Terraform refuses exponents beyond its range, too; ours is narrower.
        (!number.is_infinite()).then_some(number)
    }

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

fn pow5(n: u64) -> BigUint {
    BigUint::from(5u32).pow(n as u32)
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

/// Counting.
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
    fn sign(&self) -> bool {
        matches!(self.repr, Repr::NegZero) || self.is_negative()
    }
}

/// How many bits of it matter: from the highest to the lowest that is set.
fn significant_bits(n: i64) -> u32 {
    let n = n.unsigned_abs();
    if n == 0 { 0 } else { 64 - n.leading_zeros() - n.trailing_zeros() }
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

/// Printing.
impl Number {
    /// All decimal digits of `m * 2^exponent`, and how many of them stand behind the point.
    fn decimal(m: &BigUint, exponent: i64) -> (Vec<u8>, usize) {
        if exponent >= 0 {
            ((m << exponent as u64).to_str_radix(10).into_bytes(), 0)
        } else {
            let behind = exponent.unsigned_abs();
            ((m * pow5(behind)).to_str_radix(10).into_bytes(), behind as usize)
        }
    }

    /// All decimal digits of it without its sign, and how many of them stand before the point (negative: zeros follow the
    /// point); `None` for infinity.
    pub fn decimal_digits(&self) -> Option<(Vec<u8>, i64)> {
        let (_, m, exponent) = self.parts()?;
        let (digits, behind) = Number::decimal(&m, exponent);
        let point = digits.len() as i64 - behind as i64;
        Some((digits, point))
    }

    /// The fewest digits that read back as the same number in its precision, and how many stand before the point (negative:
    /// zeros follow the point).
    fn shortest(f: &Float, bits: u32) -> (Vec<u8>, i64) {
        // One bit more than the precision, so that the neighbours' borders are one up and one down.
        let shift = i64::from(bits) + 1 - f.mantissa.bits() as i64;
        let (m, exponent) = (&f.mantissa << shift.max(0) as u64, f.exponent - shift.max(0));
        let inclusive = !m.bit(1);
        let (mut high, behind) = Number::decimal(&(&m + 1u32), exponent);
        let (mut here, _) = Number::decimal(&m, exponent);
        let (mut low, _) = Number::decimal(&(&m - 1u32), exponent);
        let width = high.len().max(behind);
        for digits in [&mut high, &mut here, &mut low] {
            digits.splice(0..0, std::iter::repeat_n(b'0', width - digits.len()));
        }
        let point = width as i64 - behind as i64;
        let first = here.iter().position(|d| *d != b'0').unwrap_or(0);
        // Rounding up may give a digit more: 9.99 is 10.
        for n in first.saturating_sub(1)..=width {
            let down = here[..n].to_vec();
            let exact = zeros(&here[n..]);
            let down_ok = match down.as_slice().cmp(&low[..n]) {
                Ordering::Greater => true,
                Ordering::Equal => inclusive && zeros(&low[n..]),
                Ordering::Less => false,
            } && !zeros(&down);
            let up = increment(&down);
            let up_ok = up.as_ref().is_some_and(|up| match up.as_slice().cmp(&high[..n]) {
                Ordering::Less => true,
                Ordering::Equal => inclusive || !zeros(&high[n..]),
                Ordering::Greater => false,
            });
            let digits = match (down_ok, up_ok, up) {
                (true, true, Some(up)) if !exact && round_up(&here, n) => up,
                (true, ..) => down,
                (false, true, Some(up)) => up,
                _ => continue,
            };
            return (digits, point);
        }
        (here, point)
    }

    /// As Go prints it with `%.10g`: the order of Terraform's sets of compound values hangs on it.
    pub(super) fn general(&self) -> String {
        const DIGITS: usize = 10;
        let sign = if self.sign() { "-" } else { "" };
        let Some((_, m, exponent)) = self.parts() else { return self.to_string() };
        if m.is_zero() {
            return format!("{sign}0");
        }
        let (all, behind) = Number::decimal(&m, exponent);
        let mut point = all.len() as i64 - behind as i64;
        let mut digits = all[..all.len().min(DIGITS)].to_vec();
        if all.len() > DIGITS && round_up(&all, DIGITS) {
            digits = increment(&digits).unwrap_or_else(|| {
                point += 1;
                vec![b'1']
            });
        }
        while digits.len() > 1 && digits.last() == Some(&b'0') {
            digits.pop();
        }
        let limit =
            if DIGITS > digits.len() && digits.len() as i64 >= point { digits.len() as i64 } else { DIGITS as i64 };
        let exponent = point - 1;
        if (-4..limit).contains(&exponent) {
            return format!("{sign}{}", plain(&digits, point));
        }
        let mut text = format!("{sign}{}", digits[0] as char);
        if digits.len() > 1 {
            text.push('.');
            text.extend(digits[1..].iter().map(|d| *d as char));
        }
        let e = if exponent < 0 { '-' } else { '+' };
        format!("{text}e{e}{:02}", exponent.abs())
    }
}

fn zeros(digits: &[u8]) -> bool {
    digits.iter().all(|d| *d == b'0')
}

/// The next greater number of as many digits; `None` where there is none.
fn increment(digits: &[u8]) -> Option<Vec<u8>> {
    let at = digits.iter().rposition(|d| *d != b'9')?;
    let mut digits = digits.to_vec();
    digits[at] += 1;
    digits[at + 1..].fill(b'0');
    Some(digits)
}

/// Whether `digits` cut behind the first `n` are rounded up: half goes to the even digit.
fn round_up(digits: &[u8], n: usize) -> bool {
    match digits.get(n) {
        None => false,
        Some(b'5') if zeros(&digits[n + 1..]) => n > 0 && digits[n - 1] % 2 == 1,
        Some(d) => *d >= b'5',
    }
}

/// Digits with the point behind the first `point` of them.
fn plain(digits: &[u8], point: i64) -> String {
    let text: String = digits.iter().map(|d| *d as char).collect();
    let (mut whole, mut fraction) = match point {
        p if p <= 0 => (String::new(), format!("{}{text}", "0".repeat(p.unsigned_abs() as usize))),
        p if p as usize >= text.len() => (format!("{text}{}", "0".repeat(p as usize - text.len())), String::new()),
        p => (text[..p as usize].to_owned(), text[p as usize..].to_owned()),
    };
    whole = whole.trim_start_matches('0').to_owned();
    fraction.truncate(fraction.trim_end_matches('0').len());
    if whole.is_empty() {
        whole.push('0');
    }
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// The shortest decimal that reads back, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            // Up to this size no digit is left away at any precision in use.
            Repr::Int(n) if n.unsigned_abs() < 1 << 53 || significant_bits(*n) <= self.bits && self.bits >= 64 => {
                n.fmt(f)
            }
            Repr::Int(n) => {
                let (m, zeros) = (BigUint::from(n.unsigned_abs()), n.trailing_zeros());
                let float = Float { negative: *n < 0, mantissa: m >> zeros, exponent: i64::from(zeros) };
                print(f, &float, self.bits)
            }
            Repr::NegZero => f.write_str("-0"),
            Repr::Inf { negative: false } => f.write_str("+Inf"),
            Repr::Inf { negative: true } => f.write_str("-Inf"),
            Repr::Float(float) => print(f, float, self.bits),
        }
    }
}

fn print(f: &mut fmt::Formatter<'_>, float: &Float, bits: u32) -> fmt::Result {
    let (digits, point) = Number::shortest(float, bits);
    write!(f, "{}{}", if float.negative { "-" } else { "" }, plain(&digits, point))
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    /// Expected values are Terraform's own.
    #[test]
    fn reads_and_prints() {
        let ones = "1234567890".repeat(20);
        let table = [
            ("0", "0"),
            ("-0", "-0"),
            ("1.", "1"),
            (".5", "0.5"),
            ("+5", "5"),
            ("00012", "12"),
            ("1p3", "8"),
            ("3p-1", "1.5"),
            ("1E-5", "0.00001"),
            ("0.1", "0.1"),
            ("1e21", "1000000000000000000000"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("99999999999999999999.99999999999", "99999999999999999999.99999999999"),
            ("123456789.000000001", "123456789.000000001"),
            ("inf", "+Inf"),
            ("-Inf", "-Inf"),
        ];
        for (text, printed) in table {
            assert_eq!(n(text).to_string(), printed, "{text}");
        }
        assert_eq!(n("1e400").to_string(), format!("1{}", "0".repeat(400)));
        assert_eq!(n("1e-30").to_string(), format!("0.{}1", "0".repeat(29)));
        // 512 bits are 154 digits; the rest is filled with zeros.
        assert!(n(&ones).to_string().starts_with(&ones[..154]) && n(&ones).to_string().ends_with("0000000000"));
        for text in ["", "+", ".", "e5", "1e", "1e+", "1_000", " 1", "0x10", "nan", "1.2.3", "1e99999999999", "ä"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn counts_in_the_finer_precision() {
        let third = |bits| {
            let d = if bits == 64 { 19 } else { 154 };
            format!("0.{}{}", "3".repeat(d), if bits == 64 { "4" } else { "5" })
        };
        let one = Number::from(1i64);
        assert_eq!(one.div(&Number::from(3i64)).unwrap().to_string(), third(64));
        assert_eq!(n("1").div(&n("3")).unwrap().to_string(), third(512));
        assert_eq!(one.div(&n("3")).unwrap().to_string(), third(512));
        assert_eq!(n("0.1").add(&n("0.2")).unwrap(), n("0.3"));
        let root = |x: f64| Number::from_f64(x.sqrt()).unwrap();
        assert_eq!(root(2.0).to_string(), "1.4142135623730951");
        let all = "1.4142135623730951454746218587388284504413604736328125";
        assert_eq!(root(2.0).mul(&n("1")).unwrap().to_string(), all);
        assert_eq!(root(2.0).add(&root(3.0)).unwrap().to_string(), "3.1462643699419726");
        assert_eq!(root(2.0).mul(&root(3.0)).unwrap().to_string(), "2.4494897427831781237221939200634");
        assert_eq!(Number::from_f64(717897987691852600000000.0).unwrap().to_string(), "717897987691852600000000");
        let thirds = Number::from(2i64).div(&Number::from(3i64)).unwrap();
        let whole = "2.0000000000000000000542101086242752217003726400434970855712890625";
        assert_eq!(thirds.mul(&n("3")).unwrap().to_string(), whole);
        assert_eq!(thirds.rem(&n("0.1")).unwrap().to_string(), "0.06666666666666666666");
    }

    #[test]
    fn remainders() {
        let table = [("10", "5", "0"), ("-7", "3", "-1"), ("7", "-3", "1"), ("7.5", "0.1", "0"), ("1", "0", "1")];
        for (a, b, rest) in table {
            assert_eq!(n(a).rem(&n(b)).unwrap(), n(rest), "{a} % {b}");
        }
        let rest = n("10").rem(&n("3.3")).unwrap().to_string();
        assert_eq!(rest, format!("0.1{}48", "0".repeat(152)));
    }

    #[test]
    fn infinities_and_signed_zeros() {
        let inf = n("1").div(&n("0")).unwrap();
        assert_eq!(inf.to_string(), "+Inf");
        assert_eq!(n("-1").div(&n("0")).unwrap().to_string(), "-Inf");
        assert_eq!(n("1").div(&inf).unwrap().to_string(), "0");
        assert_eq!(n("0").mul(&n("-1")).unwrap().to_string(), "-0");
        assert_eq!(n("0"), n("-0"));
        assert!(inf.sub(&inf).is_err() && inf.add(&inf.neg()).is_err() && inf.mul(&n("0")).is_err());
        assert!(inf.div(&inf).is_err() && n("0").div(&n("0")).is_err() && n("5").rem(&inf).is_err());
        assert!(inf > n("1e1000") && inf.neg() < n("-1e1000"));
    }

    #[test]
    fn whole_numbers() {
        let table = [("1.5", 1, 2), ("-1.5", -2, -1), ("3", 3, 3), ("-0.1", -1, 0), ("0.1", 0, 1)];
        for (x, floor, ceil) in table {
            assert_eq!(n(x).floor().to_i64(), Some(floor), "{x}");
            assert_eq!(n(x).ceil().to_i64(), Some(ceil), "{x}");
        }
        assert_eq!(n("18446744073709551615").to_u64(), Some(u64::MAX));
        assert_eq!(n("9223372036854775808").to_u64(), Some(1 << 63));
        assert_eq!(n("18446744073709551616").to_u64(), None);
        assert_eq!(n("-1").to_u64(), None);
        assert_eq!(n("9223372036854775808").neg().to_i64(), Some(i64::MIN));
        assert_eq!(n("-9223372036854775808").neg().to_string(), "9223372036854775808");
        assert_eq!(n("1e30").to_bigint().unwrap().to_string(), format!("1{}", "0".repeat(30)));
        assert!(n("1e30").is_integer() && !n("1.5").is_integer() && n("0.5").to_bigint().is_none());
    }

    #[test]
    fn general_form() {
        let table = [
            ("2", "2"),
            ("10", "10"),
            ("0", "0"),
            ("1.23456789012", "1.23456789"),
            ("1.99999999999", "2"),
            ("99999999999", "1e+11"),
            ("12345678901", "1.23456789e+10"),
            ("1234567890", "1234567890"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("-2.5", "-2.5"),
        ];
        for (x, text) in table {
            assert_eq!(n(x).general(), text, "{x}");
        }
    }

    proptest! {
        #[test]
        fn prints_what_it_reads(s in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,3})?") {
            let x = n(&s);
            prop_assert_eq!(n(&x.to_string()), x);
        }

        #[test]
        fn agrees_with_f64(bits in any::<u64>(), other in any::<u64>()) {
            let (f, g) = (f64::from_bits(bits), f64::from_bits(other));
            prop_assume!(!f.is_nan() && !g.is_nan());
            let (x, y) = (Number::from_f64(f).unwrap(), Number::from_f64(g).unwrap());
            prop_assert_eq!(x.to_f64(), f);
            prop_assert_eq!(Some(x.cmp(&y)), f.partial_cmp(&g));
            if f.is_finite() {
                // Rust prints the shortest decimal of a float, too, but of two equally near ones not always the even one.
                if f.is_normal() {
                    let text = x.to_string();
                    prop_assert_eq!(text.len(), format!("{f}").len());
                    prop_assert_eq!(text.parse::<f64>().unwrap(), f);
                }
                if g.is_finite() {
                    let sum = x.add(&y).unwrap().to_f64();
                    if (f + g).abs() > 1e-300 {
                        prop_assert_eq!(sum, f + g);
                    }
                }
            }
        }

        #[test]
        fn agrees_with_machine_integers(a in any::<i64>(), b in any::<i64>()) {
            let (x, y) = (Number::from(a), n(&b.to_string()));
            let exact = |i: i128| n(&i.to_string());
            prop_assert_eq!(x.add(&y).unwrap(), exact(i128::from(a) + i128::from(b)));
            prop_assert_eq!(x.sub(&y).unwrap(), exact(i128::from(a) - i128::from(b)));
            prop_assert_eq!(x.mul(&y).unwrap(), exact(i128::from(a) * i128::from(b)));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            if b != 0 {
                prop_assert_eq!(x.rem(&y).unwrap(), exact(i128::from(a) % i128::from(b)));
            }
        }
    }
}
