//! Functions of numbers. Powers and logarithms go through 64 bit floats, as Terraform's do, everything else keeps its precision.

use super::{Args, FnError, int};
use crate::value::{Number, Type, Value};
use num_bigint::{BigInt, BigUint, Sign};
use std::cmp::Ordering;

/// `range` gives no more numbers than this.
const MAX_RANGE: usize = 1024;

fn number<'a>(a: &'a Args<'_>, i: usize) -> &'a Number {
    a.values[i].as_number().unwrap_or(&Number::ZERO)
}

pub(super) fn abs(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::number(number(a, 0).abs()))
}

pub(super) fn ceil(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::number(number(a, 0).ceil()))
}

pub(super) fn floor(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::number(number(a, 0).floor()))
}

pub(super) fn signum(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::number(a.int(0)?.signum()))
}

pub(super) fn max(a: &Args<'_>) -> Result<Value, FnError> {
    extreme(a, Ordering::Greater)
}

pub(super) fn min(a: &Args<'_>) -> Result<Value, FnError> {
    extreme(a, Ordering::Less)
}

/// The first of equal numbers.
fn extreme(a: &Args<'_>, wanted: Ordering) -> Result<Value, FnError> {
    let numbers = a.values.iter().filter_map(Value::as_number);
    let found = numbers.reduce(|best, n| if n.cmp(best) == wanted { n } else { best });
    found.map(|n| Value::number(n.clone())).ok_or_else(|| FnError::new("needs at least one number"))
}

pub(super) fn sum(a: &Args<'_>) -> Result<Value, FnError> {
    let list = &a.values[0];
    if !matches!(list.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return Err(FnError::arg(0, "must be a list, a set or a tuple of numbers"));
    }
    let mut sum: Option<Number> = None;
    if a.elements(0).is_empty() {
        return Err(FnError::arg(0, "must not be empty"));
    }
    if !list.is_wholly_known() {
        return Ok(Value::unknown(Type::Number));
    }
    for (i, value) in a.elements(0).iter().enumerate() {
        let value = crate::value::convert(value, &Type::Number)
            .map_err(|e| FnError::arg(0, format!("does not fit: element {i}: {e}")))?;
        let Some(n) = value.as_number() else {
            return Err(FnError::arg(0, format!("has null as element {i}, which cannot be added")));
        };
        sum = Some(match sum {
            None => n.clone(),
            Some(sum) => sum.add(n).map_err(|_| FnError::arg(0, "has opposing infinities, which have no sum"))?,
        });
    }
    Ok(sum.map_or_else(|| Value::null(Type::Number), Value::number))
}

pub(super) fn log(a: &Args<'_>) -> Result<Value, FnError> {
    float(ln(float_of(a, 0)?) / ln(float_of(a, 1)?))
}

pub(super) fn pow(a: &Args<'_>) -> Result<Value, FnError> {
    float(power(float_of(a, 0)?, float_of(a, 1)?))
}

/// A number that a 64 bit float can hold, if not exactly.
fn float_of(a: &Args<'_>, i: usize) -> Result<f64, FnError> {
    let n = number(a, i);
    match n.to_f64() {
        f if f.is_infinite() && !n.is_infinite() => Err(FnError::arg(i, "is too large")),
        f => Ok(f),
    }
}

fn float(f: f64) -> Result<Value, FnError> {
    Number::from_f64(f).map(Value::number).ok_or_else(|| FnError::new("has no result for these numbers"))
}

/// The natural logarithm. The last digit shows in results, so it is computed as Go does, after FreeBSD's `e_log.c`, and not as
/// this machine does.
fn ln(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x <= 0.0 {
        return if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    let (mut f1, mut exponent) = frexp(x);
    if f1 < std::f64::consts::FRAC_1_SQRT_2 {
        f1 *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (f1 - 1.0, exponent as f64);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (f64::from_bits(0x3FE5_5555_5555_5593)
            + s4 * (f64::from_bits(0x3FD2_4924_9422_9359)
                + s4 * (f64::from_bits(0x3FC7_4664_96CB_03DE) + s4 * f64::from_bits(0x3FC2_F112_DF3E_5244))));
    let even = s4
        * (f64::from_bits(0x3FD9_9999_9997_FA04)
            + s4 * (f64::from_bits(0x3FCC_71C5_1D8E_78AF) + s4 * f64::from_bits(0x3FC3_9A09_D078_C69F)));
    let half = 0.5 * f * f;
    let (high, low) = (f64::from_bits(0x3FE6_2E42_FEE0_0000), f64::from_bits(0x3DEA_39EF_3579_3C76));
    k * high - ((half - (s * (half + (odd + even)) + k * low)) - f)
}

/// `x` to the power of `y`, by squaring, as Go does it.
fn power(x: f64, y: f64) -> f64 {
    let (whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    let special = x == 0.0 || x == 1.0 || !x.is_finite() || !y.is_finite() || y == 0.0 || y == 1.0;
    if special || y.abs() == 0.5 || whole >= 9.2e18 || (fraction != 0.0 && x < 0.0) {
        return match y {
            0.5 if x.is_finite() => x.sqrt(),
            -0.5 if x.is_finite() && x != 0.0 => 1.0 / x.sqrt(),
            _ => x.powf(y),
        };
    }
    let mut whole = whole as i64;
    let mut result = 1.0;
    let mut result_exponent = 0i32;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1;
        }
        result = exp(fraction * ln(x));
    }
    let (mut factor, mut exponent) = frexp(x);
    while whole != 0 {
        if exponent.abs() > 1 << 12 {
            result_exponent += exponent;
            break;
        }
        if whole & 1 == 1 {
            result *= factor;
            result_exponent += exponent;
        }
        factor *= factor;
        exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            exponent -= 1;
        }
        whole >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    ldexp(result, result_exponent)
}

/// `e` to a power between -400 and 400, to the last digit as Go computes it on x86-64: Shibata's method (SLEEF, public domain) of a
/// power reduced to a small one, a Taylor series of eight terms for that, and as many squarings as make up for the reduction.
fn exp(x: f64) -> f64 {
    const LN_2_UPPER: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN_2_LOWER: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const REST: [f64; 7] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    let twos = (x * std::f64::consts::LOG2_E).round_ties_even();
    let rest = (-LN_2_LOWER).mul_add(twos, (-LN_2_UPPER).mul_add(twos, x)) / 16.0;
    let series = REST.iter().fold(1.0 / 40320.0, |sum: f64, term| sum.mul_add(rest, *term));
    // This is `e^rest - 1`; and `(1 + a)^2 - 1` is `a * (a + 2)`.
    let mut less_one = rest * series;
    for _ in 0..3 {
        less_one *= less_one + 2.0;
    }
    ldexp(less_one.mul_add(less_one + 2.0, 1.0), twos as i32)
}

/// `x` as a number from 0.5 to 1 (both signs) and a power of two; finite numbers only.
fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 {
        return (x, 0);
    }
    // Numbers too small for a full mantissa are brought up first.
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(54), -54) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent + shift)
}

/// `x * 2^exponent`, rounded once.
fn ldexp(x: f64, exponent: i32) -> f64 {
    let (m, e) = frexp(x);
    if m == 0.0 || !x.is_finite() {
        return x;
    }
    match e.saturating_add(exponent) {
        e if e > 1024 => f64::INFINITY.copysign(x),
        e if e < -1080 => 0f64.copysign(x),
        e if e > -1021 => m * 2.0 * 2f64.powi(e - 1),
        // Below, only the last of two steps rounds.
        e => (m * 2f64.powi(e + 100)) * 2f64.powi(-100),
    }
}

pub(super) fn parseint_type(args: &[Value]) -> Result<Type, FnError> {
    match args[0].ty() {
        Type::String => Ok(Type::Number),
        other => Err(FnError::arg(0, format!("must be a string, not {other}"))),
    }
}

pub(super) fn parseint(a: &Args<'_>) -> Result<Value, FnError> {
    let base = match int(&a.values[1]) {
        Some(base @ 2..=62) => base as u32,
        _ => return Err(FnError::arg(1, "must be a whole number from 2 to 62")),
    };
    let text = a.str(0);
    let wrong = || FnError::arg(0, format!("is no whole number in base {base}")).got(text);
    let (sign, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (Sign::Minus, digits),
        [b'+', digits @ ..] => (Sign::Plus, digits),
        digits => (Sign::Plus, digits),
    };
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'z' => digit - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
        b'A'..=b'Z' => digit - b'A' + 36,
        _ => u8::MAX,
    };
    let digits: Vec<u8> = digits.iter().map(|d| value(*d)).collect();
    if digits.is_empty() || digits.len() > 1 << 16 || digits.iter().any(|d| u32::from(*d) >= base) {
        return Err(wrong());
    }
    let magnitude = BigUint::from_radix_be(&digits, base).ok_or_else(wrong)?;
    Ok(Value::number(BigInt::from_biguint(sign, magnitude)))
}

/// `range(end)`, `range(start, end)` or `range(start, end, step)`; without a step it is one towards the end.
pub(super) fn range(a: &Args<'_>) -> Result<Value, FnError> {
    let zero = Number::from(0i64);
    let (start, end, step) = match a.values.len() {
        1 => (&zero, number(a, 0), None),
        2 => (number(a, 0), number(a, 1), None),
        3 => (number(a, 0), number(a, 1), Some(number(a, 2).clone())),
        n => return Err(FnError::new(format!("takes 1, 2 or 3 numbers, and {n} are given"))),
    };
    let step = step.unwrap_or_else(|| Number::from(if end < start { -1i64 } else { 1 }));
    if step.is_zero() {
        return Err(FnError::arg(2, "must not be zero"));
    }
    let down = step < zero;
    if down && end > start {
        return Err(FnError::arg(1, "must not be greater than the start, for the step is negative"));
    }
    if !down && end < start {
        return Err(FnError::arg(1, "must not be less than the start, for the step is positive"));
    }
    let mut numbers = Vec::new();
    let mut next = start.clone();
    while if down { next > *end } else { next < *end } {
        if numbers.len() >= MAX_RANGE {
            return Err(FnError::new(format!(
                "would give more than {MAX_RANGE} numbers. Bring start and end closer together or make the step larger"
            )));
        }
        let after = next.add(&step).map_err(|_| FnError::new("has no result for these numbers"))?;
        numbers.push(Value::number(next));
        next = after;
    }
    Ok(Value::list(Type::Number, numbers))
}
