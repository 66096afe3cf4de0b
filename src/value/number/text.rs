//! Numbers as decimal text, there and back.
//!
//! Refuses to know arithmetic.

use super::arithmetic::significant_bits;
use super::{Float, LIMIT, Number, Repr, TEXT_BITS, quotient};
use num_bigint::BigUint;
use num_traits::Zero;
use std::cmp::Ordering;
use std::fmt;

/// More digits than this are not read; none of ours is printed with more.
const MAX_DIGITS: usize = 1 << 19;

/// Reading.
impl Number {
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
}

fn pow5(n: u64) -> BigUint {
    BigUint::from(5u32).pow(n as u32)
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
    pub(in crate::value) fn general(&self) -> String {
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
