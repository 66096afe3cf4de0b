//! Plans, states and diagnostics as text, Terraform's JSON, and more.
//!
//! Refuses to know AWS, and prints nothing: it gives texts back.

pub mod diagnostics;
