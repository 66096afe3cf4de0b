//! What every name of the root module means between runs: the configuration over what the state has, or over what a plan would
//! leave. `console` asks it.
//!
//! Refuses to look at the world and to decide anything.

use super::links::{Links, Node};
use super::stored;
use super::world::World;
use super::{Action, Plan};
use crate::address::{Address, Mode};
use crate::config::Config;
use crate::diag::Diags;
use crate::eval::Facts;
use crate::resources;
use crate::state::{Instance, State};
use crate::value::{Fields, Type, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What a console is opened on.
pub struct Opening<'a> {
    /// The configuration.
    pub config: Arc<Config>,
    /// The variables' values; those that have none are not known.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The state: what objects are.
    pub state: &'a State,
    /// Or this plan: what they will be.
    pub plan: Option<&'a Plan>,
    /// Time and place.
    pub facts: Facts,
    /// What `file("x")` starts from.
    pub base_dir: &'a Path,
    /// `terraform.workspace`
    pub workspace: &'a str,
}

/// The names, with what was wrong on the way to them in [`World::diags`].
///
/// # Errors
/// There is a circle in the configuration.
pub fn names(opening: Opening<'_>) -> Result<World, Diags> {
    let Opening { config, variables, state, plan, facts, base_dir, workspace } = opening;
    let links = Arc::new(Links::new(&config)?);
    let mut objects: BTreeMap<Address, Value> =
        state.objects().filter(|(_, _, i)| i.deposed.is_none()).map(|(a, _, i)| (a.clone(), object(&a, i))).collect();
    for change in plan.iter().flat_map(|p| &p.changes).filter(|c| c.deposed.is_none()) {
        match change.action {
            Action::Delete | Action::Forget => objects.remove(&change.address),
            _ => objects.insert(change.address.clone(), change.after.clone()),
        };
    }
    let mut world = World::new(config, links.clone(), facts, base_dir, workspace, variables);
    for &node in &links.order {
        world.evaluate(node);
        let Node::Resource(m, ..) = &links.nodes[node] else { continue };
        let Some(block) = links.block(node) else { continue };
        for module in world.module_instances(*m).to_vec() {
            let here = |a: &&Address| a.module == module && a.block() == block;
            if !objects.keys().any(|a| here(&a)) {
                // Nothing is known of it, not even how many there are.
                if let Some(address) = world.address(node, &module, None) {
                    world.set_object(&address, Value::unknown(Type::Any));
                }
                continue;
            }
            for (key, _) in world.repetition(&module, node).clone().instances() {
                let Some(address) = world.address(node, &module, key) else { continue };
                let value = objects.get(&address).cloned().unwrap_or_else(|| Value::unknown(Type::Any));
                world.set_object(&address, value);
            }
        }
    }
    Ok(world)
}

/// An object of the state; by what its JSON looks like where its type is not ours.
fn object(address: &Address, instance: &Instance) -> Value {
    let schema = match address.mode {
        Mode::Managed => resources::resource(&address.ty).map(|r| r.schema()),
        Mode::Data => resources::data_source(&address.ty).map(|d| d.schema()),
    };
    let decoded = match (address.mode, schema) {
        (Mode::Managed, Some(_)) => resources::resource(&address.ty).map(|r| stored::decode(r, instance)),
        (_, Some(schema)) => Some(stored::decode_fields(schema, &instance.attributes)),
        _ => None,
    };
    let value = match decoded {
        Some(Ok(object)) => object.to_value(),
        Some(Err(_)) => return Value::unknown(Type::Any),
        None => {
            let read = |json| json::from_json(json, &json::implied_type(json)).ok();
            let fields: Fields =
                instance.attributes.iter().filter_map(|(k, v)| Some((k.as_str().into(), read(v)?))).collect();
            Value::object(fields)
        }
    };
    let mut marks = stored::stored_marks(instance);
    if let Some(schema) = schema {
        marks.extend(stored::schema_marks(&schema.block, &value));
    }
    value.mark_at(&marks)
}
