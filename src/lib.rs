//! # formwork: the house
//!
//! > Config says what should be. State says what we last saw. Plan is the difference, complete and readable.
//! > Apply does the plan and nothing else.
//!
//! ```text
//!                       cli   (the door: argv in, exit code out; the only room that prints)
//!
//!   *.tf ──▶ config ──▶ eval ──▶ plan ──▶ apply ──▶ state ──▶ terraform.tfstate
//!                                  │ ╲       │         (and the next run's input to plan)
//!                                show ╲── resources ──▶ AWS, or the sandbox
//!                                  │
//!                         review · workflow · access   (what a plan, a state machine, a policy means)
//!
//!   install   (modules from elsewhere, brought while config loads)
//!
//!   underfoot, importing nothing above them:   address · value · schema · diag · graph · partition
//! ```
//!
//! ## Two laws
//!
//! - **A hole may be filled, never repainted.** Apply may turn unknown into known; a known planned value must come out equal.
//!   A value that plan predicted (an ARN, say) is known: if the world answers otherwise, apply says so and stops there.
//! - **After a successful apply, plan is empty.** Every test case ends by planning again.

pub mod access;
pub mod address;
pub mod apply;
pub mod cli;
pub mod config;
pub mod diag;
pub mod eval;
pub mod graph;
pub mod install;
pub mod partition;
pub mod plan;
pub mod resources;
pub mod review;
pub mod sandbox;
pub mod schema;
pub mod show;
pub mod state;
pub mod value;
pub mod workflow;

/// The version of Terraform whose language, files and manners formwork has: what states and plans say they were written by, and
/// what `required_version` is held against.
pub const TERRAFORM_VERSION: &str = "1.11.4";
