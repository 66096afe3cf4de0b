//! Numbers: to be replaced.
use std::fmt;
/// A number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(i64);
impl Number {
    /// As a machine integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        Some(self.0)
    }
    /// Reads a decimal number as HCL and JSON write them: `12`, `-0.5`, `1e400`.
    pub fn parse(text: &str) -> Option<Number> {
        text.parse().ok().map(Number)
    }
}
impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number(n)
    }
}
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
