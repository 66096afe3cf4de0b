//! `import` blocks: which object becomes which, worked out when the planning comes to the block they are for.
//!
//! Refuses to know how an object is read.

use super::moved;
use super::world::{World, each_names};
use crate::address::{Address, BlockAddress, Key, ModulePath, Target};
use crate::config::expr::Expr;
use crate::config::references::{Reference, references_of_expr};
use crate::config::{Import, address_of};
use crate::diag::{Diagnostic, Diags};
use crate::value::{Fields, Kind, Type, Value, convert};
use std::sync::Arc;

/// The block that an import is for.
pub fn block(import: &Import) -> Option<BlockAddress> {
    match address_of(&import.to, &mut |_| Some(Key::Int(0))) {
        Ok(Target::Resource(address)) => Some(address.block()),
        _ => None,
    }
}

/// What the block that an import is for needs, so that the import can be worked out before it.
pub fn references(import: &Import) -> Vec<Reference> {
    let mut found = references_of_expr(&import.id);
    found.extend(import.for_each.iter().flat_map(references_of_expr));
    // What stands in brackets; the address itself is no reference.
    let _ = address_of(&import.to, &mut |key: &Expr| {
        found.extend(references_of_expr(key));
        Some(Key::Int(0))
    });
    found
}

/// The objects of an `import` block, each with its id. What is wrong goes to the diagnostics of the world.
pub fn evaluate(world: &mut World, import: &Import) -> Vec<(Address, String)> {
    let root = ModulePath::root();
    let instances = match &import.for_each {
        None => vec![None],
        Some(e) => for_each(world, e).unwrap_or_default().into_iter().map(Some).collect(),
    };
    let mut found = Vec::new();
    for names in instances {
        let before = world.diags.iter().filter(|d| d.is_error()).count();
        let id = world.eval(&import.id, &root, names.as_ref());
        let mut diags = Diags::new();
        let to = moved::target_address(&import.to, &world.scope(&root, names.as_ref()), &mut diags);
        world.diags.extend(diags);
        if world.diags.iter().filter(|d| d.is_error()).count() > before {
            continue;
        }
        let id = convert(&id.unmark_deep().0, &Type::String).ok();
        let wrong = match (&id, id.as_ref().and_then(|id| id.as_str())) {
            (_, Some("")) => "The import ID value evaluates to an empty string, please provide a non-empty value.",
            (_, Some(id)) => {
                found.extend(to.map(|to| (to, id.to_string())));
                continue;
            }
            (Some(id), None) if id.is_null() => "The import ID cannot be null.",
            (Some(_), None) => {
                "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so this \
                 resource cannot be planned to be imported."
            }
            (None, _) => "The import ID must be a string.",
        };
        world.diags.push(Diagnostic::error("Invalid import id argument", wrong).at(&import.id.span));
    }
    found
}

/// What `each` is, one by one: of a map or an object, of a list or tuple with its numbers, of a set with its elements as keys. Whether
/// they are strings, or secret, does not matter: no address has these keys.
fn for_each(world: &mut World, e: &Expr) -> Option<Vec<Arc<Fields>>> {
    let value = world.eval(e, &ModulePath::root(), None).unmark_deep().0;
    let number = |i: usize| Value::number(i64::try_from(i).unwrap_or(i64::MAX));
    let wrong = match value.kind() {
        Kind::Map(_, fields) | Kind::Object(fields) => {
            return Some(fields.iter().map(|(k, v)| each_names(Value::string(k), v.clone())).collect());
        }
        Kind::List(_, elements) | Kind::Tuple(elements) => {
            return Some(elements.iter().enumerate().map(|(i, v)| each_names(number(i), v.clone())).collect());
        }
        Kind::Set(_, elements) if elements.iter().all(Value::is_wholly_known) => {
            return Some(elements.iter().map(|v| each_names(v.clone(), v.clone())).collect());
        }
        Kind::Unknown(..) if world.diags.has_errors() => return None,
        Kind::Unknown(..) | Kind::Set(..) => {
            "The \"for_each\" of an import block must be known while planning; this depends on what is not."
        }
        Kind::Null(_) => "The given \"for_each\" argument value is null. A collection is needed.",
        _ => "The given \"for_each\" argument value is unsuitable: a collection is needed.",
    };
    world.diags.push(Diagnostic::error("Invalid for_each argument", wrong).at(&e.span));
    None
}
