//! Versions and version constraints, as Terraform reads `required_version` and `version`.
//!
//! Refuses to know what has a version.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

pub use crate::TERRAFORM_VERSION;

/// A version: `1.2.3`, `1.2.3-beta.1`, `v1.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// At least three, filled up with zeros.
    segments: Vec<u64>,
    /// How many were written.
    written: usize,
    /// What stands behind `-`.
    pre: String,
}

/// Conditions that all must hold: `>= 1.2, < 2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint(Vec<(Op, Version)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// Why a text is no version or constraint: a whole sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ParseError {}

impl FromStr for Version {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Version, ParseError> {
        let error =
            || ParseError(format!("\"{text}\" is not a version. A version is written as 1.2.3 or 1.2.3-beta1."));
        let body = text.strip_prefix('v').unwrap_or(text);
        let (body, metadata) = body.split_once('+').map_or((body, None), |(b, m)| (b, Some(m)));
        let numbers = body.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(body.len());
        let (numbers, pre) = body.split_at(numbers);
        let pre = pre.strip_prefix('-').unwrap_or(pre);
        let word = |s: &str| {
            s.split('.').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '~'))
        };
        let dash_without_word = body.len() > numbers.len() && pre.is_empty();
        if dash_without_word || (!pre.is_empty() && !word(pre)) || metadata.is_some_and(|m| !word(m)) {
            return Err(error());
        }
        let mut segments = numbers.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().map_err(|_| error())?;
        let written = segments.len();
        segments.resize(written.max(3), 0);
        Ok(Version { segments, written, pre: pre.into() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: Vec<String> = self.segments.iter().map(u64::to_string).collect();
        f.write_str(&text.join("."))?;
        match self.pre.as_str() {
            "" => Ok(()),
            pre => write!(f, "-{pre}"),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.compare(other))
    }
}

impl Version {
    /// Whether it is a pre-release, such as `1.0.0-rc1`.
    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    fn compare(&self, other: &Version) -> Ordering {
        let len = self.segments.len().max(other.segments.len());
        let at = |v: &Version, i: usize| v.segments.get(i).copied().unwrap_or(0);
        for i in 0..len {
            match at(self, i).cmp(&at(other, i)) {
                Ordering::Equal => {}
                different => return different,
            }
        }
        match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_pre(&self.pre, &other.pre),
        }
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            // Numbers come before words.
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl FromStr for Constraint {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Constraint, ParseError> {
        const OPS: [(&str, Op); 7] = [
            ("!=", Op::NotEqual),
            (">=", Op::GreaterOrEqual),
            ("<=", Op::LessOrEqual),
            ("~>", Op::Pessimistic),
            ("=", Op::Equal),
            (">", Op::Greater),
            ("<", Op::Less),
        ];
        let part = |part: &str| {
            let part = part.trim();
            let found = OPS.iter().find_map(|(sign, op)| Some((*op, part.strip_prefix(sign)?)));
            let (op, version) = found.unwrap_or((Op::Equal, part));
            match version.trim_start().parse() {
                Ok(version) => Ok((op, version)),
                Err(_) => Err(ParseError(format!(
                    "\"{part}\" is not a version constraint. One is written as \">= 1.2\" or \"~> 1.2, != 1.2.5\"."
                ))),
            }
        };
        text.split(',').map(part).collect::<Result<Vec<_>, _>>().map(Constraint)
    }
}

impl Constraint {
    /// The first number of the least version that can meet it; 0 if there is no lower bound.
    pub fn least_major(&self) -> u64 {
        let bounds = self.0.iter().filter(|(op, _)| !matches!(op, Op::NotEqual | Op::Less | Op::LessOrEqual));
        bounds.map(|(_, version)| version.segments[0]).max().unwrap_or(0)
    }

    /// Whether one of the conditions is to be this very version, and the others allow it: only so is a pre-release of a module taken.
    pub fn is_exactly(&self, version: &Version) -> bool {
        self.0.iter().any(|(op, wanted)| *op == Op::Equal && wanted.compare(version) == Ordering::Equal)
            && self.allows(version)
    }

    /// Whether `version` meets every condition. A pre-release meets only conditions that name a pre-release of the same version.
    pub fn allows(&self, version: &Version) -> bool {
        self.0.iter().all(|(op, wanted)| holds(*op, wanted, version))
    }
}

fn holds(op: Op, wanted: &Version, v: &Version) -> bool {
    let order = v.compare(wanted);
    let comparable = match (v.is_prerelease(), wanted.is_prerelease()) {
        (true, true) => v.segments == wanted.segments,
        (true, false) => false,
        (false, true) => op != Op::Pessimistic,
        (false, false) => true,
    };
    match op {
        Op::Equal => order == Ordering::Equal,
        Op::NotEqual => order != Ordering::Equal,
        Op::Greater => comparable && order == Ordering::Greater,
        Op::GreaterOrEqual => comparable && order != Ordering::Less,
        Op::Less => comparable && order == Ordering::Less,
        Op::LessOrEqual => comparable && order != Ordering::Greater,
        Op::Pessimistic => {
            // All but the last written part stand; `~> 1` alone fixes nothing above it.
            let fixed = wanted.written.saturating_sub(1);
            comparable && order != Ordering::Less && v.segments.get(..fixed) == wanted.segments.get(..fixed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_as_terraform_holds_them() {
        for (constraint, version, holds) in [
            ("1.2.3", "1.2.3", true),
            ("= 1.2", "1.2.0", true),
            ("!= 1.2", "1.2.0", false),
            (">= 1.0, < 2", "1.11.4", true),
            (">=1.0,<1.11", "1.11.4", false),
            ("~> 1.2", "1.11.4", true),
            ("~> 1.2", "2.0.0", false),
            ("~> 1.2", "1.1.9", false),
            ("~> 1.11.0", "1.11.4", true),
            ("~> 1.10.0", "1.11.4", false),
            ("~> 1", "1.11.4", true),
            ("~> 1", "2.0", true),
            ("> 1.11.4-beta1", "1.11.4", true),
            ("~> 1.11.4-beta1", "1.11.4", false),
            (">= 1.0", "1.2.0-rc1", false),
            (">= 1.2.0-alpha", "1.2.0-rc1", true),
            ("v1.2.3", "1.2.3", true),
            ("<= 1.2.3+build", "1.2.3", true),
        ] {
            let c: Constraint = constraint.parse().unwrap();
            assert_eq!(c.allows(&version.parse().unwrap()), holds, "{constraint} {version}");
        }
    }

    #[test]
    fn prereleases_are_ordered() {
        let sorted = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc1", "1.0.0", "1.0.1"];
        for pair in sorted.windows(2) {
            let (a, b): (Version, Version) = (pair[0].parse().unwrap(), pair[1].parse().unwrap());
            assert!(a < b, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_constraint_says_so() {
        for text in ["", "foo", ">= ", "1.2,", "=> 1", "1..2", "1.2.x", "~ 1", "1.2-", "99999999999999999999"] {
            assert!(text.parse::<Constraint>().is_err(), "{text}");
        }
    }
}
