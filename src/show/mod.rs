//! Plans, states and diagnostics as text, Terraform's JSON, and more.
//!
//! Refuses to know AWS, and prints nothing: it gives texts back.

pub mod access;
pub mod console;
mod danger;
pub mod definition;
pub mod diagnostics;
pub mod findings;
pub mod fold;
pub mod graph;
pub mod json;
pub mod json_checks;
pub mod json_config;
mod json_relevant;
pub mod json_schema;
pub mod lines;
pub mod markdown;
mod outside;
pub mod plan;
pub mod state;
mod style;
pub mod value;

pub use style::Style;
