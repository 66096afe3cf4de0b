//! The state file, version 4: the only place that knows its JSON.
//!
//! What it does not know it hands through: unknown members stay where they are, attributes of types that are not ours are not
//! interpreted, numbers keep their digits. What it prints is byte for byte what Terraform 1.11 prints for the same state.

mod place;
mod print;
mod read;
#[cfg(test)]
mod tests;

pub use print::print;
pub use read::parse;
