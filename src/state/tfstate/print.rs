//! From a [`State`] to the text of its file: Terraform's order of members, Terraform's layout.

use crate::address::{Key, Mode};
use crate::state::print::{List, write};
use crate::state::{Instance, JsonMap, OutputValue, Resource, State};
use crate::value::json::{to_json, type_to_json};
use serde_json::Value as Json;

/// Prints a state file.
pub fn print(state: &State) -> String {
    let mut out = String::new();
    let mut top = List::new('{', 0, &mut out);
    top.member("version");
    top.out.push('4');
    top.member("terraform_version");
    write(&Json::from(state.terraform_version.as_str()), 1, top.out);
    top.member("serial");
    top.out.push_str(&state.serial.to_string());
    top.member("lineage");
    write(&Json::from(state.lineage.as_str()), 1, top.out);
    top.member("outputs");
    let mut outputs = List::new('{', 1, top.out);
    for (name, output) in &state.outputs {
        outputs.member(name);
        print_output(output, outputs.out);
    }
    outputs.end('}');
    top.member("resources");
    let mut resources = List::new('[', 1, top.out);
    for resource in &state.resources {
        resources.next();
        print_resource(resource, resources.out);
    }
    resources.end(']');
    top.member("check_results");
    write(&state.check_results, 1, top.out);
    members(&state.extra, &[], 1, &mut top);
    top.end('}');
    out.push('\n');
    out
}

fn print_output(output: &OutputValue, out: &mut String) {
    let mut map = List::new('{', 2, out);
    map.member("value");
    write(&to_json(&output.value), 3, map.out);
    map.member("type");
    write(&type_to_json(&output.value.ty()), 3, map.out);
    if output.sensitive {
        map.member("sensitive");
        map.out.push_str("true");
    }
    members(&output.extra, &[], 3, &mut map);
    map.end('}');
}

fn print_resource(resource: &Resource, out: &mut String) {
    let mut map = List::new('{', 2, out);
    let text = |map: &mut List<'_>, name: &str, value: &str| {
        map.member(name);
        write(&Json::from(value), 3, map.out);
    };
    if !resource.module.is_root() {
        text(&mut map, "module", &resource.module.to_string());
    }
    text(&mut map, "mode", if resource.mode == Mode::Data { "data" } else { "managed" });
    text(&mut map, "type", &resource.ty);
    text(&mut map, "name", &resource.name);
    one(&resource.extra, "each", 3, &mut map);
    text(&mut map, "provider", &resource.provider);
    map.member("instances");
    let mut instances = List::new('[', 3, map.out);
    for instance in &resource.instances {
        instances.next();
        print_instance(instance, instances.out);
    }
    instances.end(']');
    members(&resource.extra, &["each"], 3, &mut map);
    map.end('}');
}

/// Members that later versions of Terraform put in the midst of those that we know.
const PLACED: &[&str] = &["attributes_flat", "identity_schema_version", "identity"];

fn print_instance(instance: &Instance, out: &mut String) {
    const LEVEL: usize = 5;
    let mut map = List::new('{', 4, out);
    match &instance.key {
        None => {}
        Some(Key::Int(i)) => {
            map.member("index_key");
            map.out.push_str(&i.to_string());
        }
        Some(Key::Str(s)) => {
            map.member("index_key");
            write(&Json::from(&**s), LEVEL, map.out);
        }
    }
    if instance.tainted {
        map.member("status");
        map.out.push_str("\"tainted\"");
    }
    if let Some(id) = &instance.deposed {
        map.member("deposed");
        write(&Json::from(id.as_str()), LEVEL, map.out);
    }
    map.member("schema_version");
    map.out.push_str(&instance.schema_version.to_string());
    if !instance.attributes.is_empty() || !instance.extra.contains_key("attributes_flat") {
        map.member("attributes");
        object(&instance.attributes, LEVEL, map.out);
    }
    one(&instance.extra, "attributes_flat", LEVEL, &mut map);
    map.member("sensitive_attributes");
    array(&instance.sensitive_attributes, LEVEL, map.out);
    one(&instance.extra, "identity_schema_version", LEVEL, &mut map);
    one(&instance.extra, "identity", LEVEL, &mut map);
    if let Some(private) = &instance.private {
        map.member("private");
        write(&Json::from(private.as_str()), LEVEL, map.out);
    }
    if !instance.dependencies.is_empty() {
        map.member("dependencies");
        let mut list = List::new('[', LEVEL, map.out);
        for address in &instance.dependencies {
            list.next();
            write(&Json::from(address.as_str()), LEVEL + 1, list.out);
        }
        list.end(']');
    }
    if instance.create_before_destroy {
        map.member("create_before_destroy");
        map.out.push_str("true");
    }
    members(&instance.extra, PLACED, LEVEL, &mut map);
    map.end('}');
}

fn object(members: &JsonMap, level: usize, out: &mut String) {
    let mut list = List::new('{', level, out);
    for (name, value) in members {
        list.member(name);
        write(value, level + 1, list.out);
    }
    list.end('}');
}

fn array(values: &[Json], level: usize, out: &mut String) {
    let mut list = List::new('[', level, out);
    for value in values {
        list.next();
        write(value, level + 1, list.out);
    }
    list.end(']');
}

/// One unknown member, if it is there.
fn one(extra: &JsonMap, name: &str, level: usize, map: &mut List<'_>) {
    if let Some(value) = extra.get(name) {
        map.member(name);
        write(value, level, map.out);
    }
}

/// All unknown members but those printed before.
fn members(extra: &JsonMap, printed: &[&str], level: usize, map: &mut List<'_>) {
    for (name, value) in extra {
        if !printed.contains(&name.as_str()) {
            map.member(name);
            write(value, level, map.out);
        }
    }
}
