//! Judging a configuration alone: no variables' values, no state, no AWS. Whatever these would tell is a hole.

use super::beside;
use super::check;
use super::conditions::Judged;
use super::links::{Links, Node, NodeIndex};
use super::references;
use super::region;
use super::world::{Repetition, World};
use crate::address::{Address, Mode};
use crate::config::Config;
use crate::diag::Diags;
use crate::eval::{self, Facts};
use crate::resources::{self, provider};
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// All that is wrong with a configuration whatever the values of its variables. Types that are not ours are wrong unless they are
/// to be left aside.
pub fn validate(config: Arc<Config>, facts: Facts, base_dir: &Path, workspace: &str, skip_unsupported: bool) -> Diags {
    let mut diags = if skip_unsupported { Diags::new() } else { beside::refusal(&config) };
    diags.extend(check::lifecycles(&config.root));
    let named = references::check(&config);
    diags.extend(named.diags.clone());
    let links = match Links::new(&config) {
        Ok(links) => Arc::new(links),
        Err(circle) => {
            diags.push(circle);
            return diags;
        }
    };
    let mut world = World::new(config, links.clone(), facts, base_dir, workspace, BTreeMap::new());
    world.validating = true;
    for &node in &links.order {
        world.evaluate(node);
        match &links.nodes[node] {
            Node::Resource(..) => block(&mut world, node),
            Node::Provider(m, n) => {
                let Some(block) = world.module(*m).providers.get(*n).cloned().filter(|b| &*b.name == "aws") else {
                    continue;
                };
                for module in world.module_instances(*m).to_vec() {
                    let mut found = Diags::new();
                    eval::body::eval_body(&block.body, &provider::SCHEMA, &world.scope(&module, None), &mut found);
                    world.diags.extend(found);
                }
            }
            Node::Check(m, name) => {
                let Some(check) = world.module(*m).checks.get(name).filter(|c| c.data.is_none()).cloned() else {
                    continue;
                };
                for module in world.module_instances(*m).to_vec() {
                    world.conditions(Judged::Check(&module, name), &check.asserts, None);
                }
            }
            _ => {}
        }
    }
    // What the names alone told is not told again by their values.
    diags.extend(std::mem::take(&mut world.diags).into_iter().filter(|d| !named.tells(d)));
    diags
}

/// One `resource` or `data` block, once for all of its instances.
fn block(world: &mut World, node: NodeIndex) {
    let config = world.config.clone();
    let Some(address) = world.links.block(node) else { return };
    let Some(written) = config.resource(&address) else { return };
    let schema = match address.mode {
        Mode::Managed => resources::resource(&address.ty).map(|r| r.schema()),
        Mode::Data => resources::data_source(&address.ty).map(|d| d.schema()),
    };
    let Some(schema) = schema else { return };
    let m = world.links.nodes[node].module();
    for module in world.module_instances(m).to_vec() {
        let repetition = world.repetition(&module, node).clone();
        let instances = match &repetition {
            Repetition::Open => vec![(None, repetition.names(None))],
            known => known.instances(),
        };
        for (key, names) in instances {
            let mut found = Diags::new();
            let (body, region) = region::split(&written.body, schema);
            let value = eval::body::eval_body(&body, schema, &world.scope(&module, names.as_ref()), &mut found);
            if let Some(region) = region {
                eval::eval(region, &world.scope(&module, names.as_ref()), &mut found);
            }
            if !found.has_errors()
                && let (Mode::Managed, Some(resource)) = (address.mode, resources::resource(&address.ty))
            {
                found.extend(check::config(resource, &body, &value));
            }
            if !found.has_errors()
                && let (Mode::Data, Some(source)) = (address.mode, resources::data_source(&address.ty))
            {
                found.extend(check::data(source, &body, &value));
            }
            let failed = found.has_errors();
            world.diags.extend(found);
            let whole = match failed {
                true => Value::unknown(Type::Any),
                false => super::data_hole(schema, &value),
            };
            if !matches!(repetition, Repetition::Open)
                && let Some(address) = world.address(node, &module, key.clone())
            {
                world.set_object(&address, whole);
            }
            let me = Address {
                module: module.clone(),
                mode: address.mode,
                ty: address.ty.clone(),
                name: address.name.clone(),
                key,
            };
            world.conditions(Judged::Before(&me), &written.lifecycle.preconditions, names.as_ref());
        }
    }
}
