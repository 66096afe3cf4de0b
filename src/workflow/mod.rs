//! Amazon States Language as a thing of its own: the model of a state machine, what is wrong with it, which permissions it needs,
//! how two of them differ, and a picture of it.
//!
//! Refuses to know AWS clients and HCL: it is handed a definition and gives facts about it back.

pub mod checks;
pub mod condition;
pub mod diagram;
pub mod diff;
pub mod model;
pub mod permissions;
mod variables;

pub use model::{Language, Machine, Pointer, State, StateKind, Transition, Via, parse};
