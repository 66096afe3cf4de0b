//! An expression and what its names mean → a value, with holes.
//!
//! Refuses to know AWS and state. Nothing here stops at the first mistake: it is collected and a hole takes its place.

pub mod access;
pub mod body;
mod call;
mod collection;
mod conditional;
mod dynamic;
pub mod functions;
mod names;
mod operator;
mod place;
mod splat;
mod template;
mod told;
pub mod variables;
mod walk;

#[cfg(test)]
mod tests;

use crate::config::expr::Expr;
use crate::diag::Diags;
use crate::value::{Fields, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// What stays the same during a whole run and functions may ask for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Now, in RFC 3339: what `plantimestamp()` gives.
    pub now: String,
    /// `path.cwd`, absolute.
    pub cwd: PathBuf,
    /// Whether the run is an apply: then `timestamp()`, `uuid()` and `bcrypt()` have values; before they are holes.
    pub applying: bool,
}

/// What every name means at this moment of the walk. Data, not a service.
///
/// Roots are the first words of references. `var`, `local`, `module`, `path`, `terraform`, `each`, `count`, `self`, `data` and
/// every resource type are roots like any other; each is an object (so `aws_iam_role` maps names to values). Without any roots,
/// references are refused as such: that is how `.tfvars` files are read.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The same everywhere.
    pub facts: &'a Facts,
    /// The directory that `file("x")` starts from: the working directory of the run.
    pub base_dir: &'a std::path::Path,
    /// Names, outermost first; the last that has a name wins (`for` variables, `dynamic` iterators, then the module's).
    pub roots: Vec<Arc<Fields>>,
}

impl<'a> Scope<'a> {
    /// The same with more names, which win over the others. Costs a clone of the list of roots, not of what is in them.
    pub fn with(&self, roots: Arc<Fields>) -> Scope<'a> {
        let mut scope = self.clone();
        scope.roots.push(roots);
        scope
    }

    /// What a root name means here.
    pub fn root(&self, name: &str) -> Option<&Value> {
        self.roots.iter().rev().find_map(|fields| fields.get(name))
    }
}

/// Evaluates `expr`. On a mistake, that part is a hole of unknown type and `diags` has the reason.
pub fn eval(expr: &Expr, scope: &Scope<'_>, diags: &mut Diags) -> Value {
    let mut walk = walk::Walk::new(scope);
    let value = walk.eval(expr, None);
    walk.finish(diags);
    value
}
