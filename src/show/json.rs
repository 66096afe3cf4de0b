//! Plan and state as Terraform's JSON: what policy tools, cost tools and pull request bots read.
//!
//! Formats: plan `1.2`, state `1.0`. `before` and `after` are always there, as null if there is nothing.

use super::{json_checks, json_config, json_relevant};
use crate::address::{Address, Mode as BlockMode, ModulePath};
use crate::plan::{Action, Change, OutputChange, Plan, stored};
use crate::resources;
use crate::state::{Instance, OutputValue, State, TERRAFORM_VERSION, checks};
use crate::value::{Fields, Kind, Marks, Type, Value, json};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The version of the plan's format.
const PLAN_FORMAT: &str = "1.2";
/// The version of the state's format.
const STATE_FORMAT: &str = "1.0";

/// `show -json PLAN`.
pub fn plan(plan: &Plan) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), json!(PLAN_FORMAT));
    out.insert("terraform_version".into(), json!(TERRAFORM_VERSION));
    if !plan.variables.is_empty() {
        let variables: Map<String, Json> =
            plan.variables.iter().map(|(name, v)| (name.to_string(), json!({ "value": known(v) }))).collect();
        out.insert("variables".into(), Json::Object(variables));
    }
    out.insert("planned_values".into(), planned_values(plan));
    if !plan.drift.is_empty() {
        out.insert("resource_drift".into(), plan.drift.iter().map(resource_change).collect());
    }
    if !plan.changes.is_empty() {
        out.insert("resource_changes".into(), plan.changes.iter().map(resource_change).collect());
    }
    if !plan.outputs.is_empty() {
        let outputs: Map<String, Json> =
            plan.outputs.iter().map(|(name, o)| (name.to_string(), output_change(o))).collect();
        out.insert("output_changes".into(), Json::Object(outputs));
    }
    let prior = prior_state(plan);
    if !prior.is_empty() {
        out.insert("prior_state".into(), state(&prior));
    }
    out.insert("configuration".into(), json_config::configuration(&plan.config));
    let relevant = json_relevant::relevant_attributes(plan);
    if !relevant.is_empty() {
        out.insert("relevant_attributes".into(), Json::Array(relevant));
    }
    if !plan.checks.is_empty() {
        out.insert("checks".into(), Json::Array(json_checks::checks(&plan.checks)));
    }
    out.insert("timestamp".into(), json!(plan.facts.now));
    out.insert("applyable".into(), json!(plan.has_changes()));
    out.insert("complete".into(), json!(plan.targets.is_empty()));
    out.insert("errored".into(), json!(plan.diags.has_errors()));
    Json::Object(out)
}

/// Terraform's names of what is done.
pub fn actions(action: Action) -> Json {
    match action {
        Action::NoOp => json!(["no-op"]),
        Action::Create => json!(["create"]),
        Action::Read => json!(["read"]),
        Action::Update => json!(["update"]),
        Action::DeleteThenCreate => json!(["delete", "create"]),
        Action::CreateThenDelete => json!(["create", "delete"]),
        Action::Delete => json!(["delete"]),
        Action::Forget => json!(["forget"]),
    }
}

/// An address, taken apart as each entry has it.
fn address_members(address: &Address, provider: &str) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("address".into(), json!(address.to_string()));
    if !address.module.is_root() {
        out.insert("module_address".into(), json!(address.module.to_string()));
    }
    out.insert("mode".into(), json!(mode(address.mode)));
    out.insert("type".into(), json!(&*address.ty));
    out.insert("name".into(), json!(&*address.name));
    if let Some(key) = &address.key {
        out.insert("index".into(), key_json(key));
    }
    out.insert("provider_name".into(), json!(provider_name(provider)));
    out
}

fn mode(mode: BlockMode) -> &'static str {
    match mode {
        BlockMode::Managed => "managed",
        BlockMode::Data => "data",
    }
}

fn key_json(key: &crate::address::Key) -> Json {
    match key {
        crate::address::Key::Int(i) => json!(i),
        crate::address::Key::Str(s) => json!(&**s),
    }
}

/// `registry.terraform.io/hashicorp/aws` out of what the state stores.
fn provider_name(stored: &str) -> &str {
    stored.split("provider[\"").nth(1).and_then(|s| s.split("\"]").next()).unwrap_or(stored)
}

/// One entry of `resource_changes` or `resource_drift`.
pub fn resource_change(c: &Change) -> Json {
    let mut out = address_members(&c.address, &c.provider);
    if let Some(previous) = &c.previous {
        out.insert("previous_address".into(), json!(previous.to_string()));
    }
    if let Some(deposed) = &c.deposed {
        out.insert("deposed".into(), json!(deposed));
    }
    out.insert("change".into(), change(c));
    if let Some(reason) = c.reason {
        out.insert("action_reason".into(), json!(reason.name()));
    }
    Json::Object(out)
}

fn change(c: &Change) -> Json {
    let mut out = json!({
        "actions": actions(c.action),
        "before": known(&c.before),
        "after": known(&c.after),
        // Of an object without any hole, or that goes, no part is listed.
        "after_unknown": if c.after.is_wholly_known() { json!({}) } else { unknown(&c.after) },
        "before_sensitive": sensitive(&c.before),
        "after_sensitive": sensitive(&c.after),
    });
    if !c.replace_paths.is_empty() {
        let paths: Vec<Json> = c.replace_paths.iter().map(path).collect();
        out["replace_paths"] = Json::Array(paths);
    }
    if let Some(id) = &c.importing {
        out["importing"] = json!({ "id": id });
    }
    out
}

fn path(p: &crate::value::Path) -> Json {
    use crate::value::PathStep;
    p.0.iter()
        .map(|s| match s {
            PathStep::Attr(name) | PathStep::Key(name) => json!(&**name),
            PathStep::Index(i) => json!(i),
            PathStep::Element(v) => known(v),
        })
        .collect()
}

fn output_change(o: &OutputChange) -> Json {
    let mut out = json!({ "actions": actions(o.action), "before": known(&o.before) });
    if o.after.is_wholly_known() {
        out["after"] = known(&o.after);
        out["after_unknown"] = json!(false);
    } else {
        // A wholly unknown value has no `after`; of a partly unknown one, what is known.
        if o.after.is_known() {
            out["after"] = known(&o.after);
        }
        out["after_unknown"] = unknown(&o.after);
    }
    // Both, if either is.
    let sensitive = o.is_sensitive();
    out["before_sensitive"] = json!(sensitive);
    out["after_sensitive"] = json!(sensitive);
    out
}

/// The known parts of a value: holes are left out of objects and maps, and null in lists.
pub fn known(v: &Value) -> Json {
    let fields = |fs: &Fields| -> Json {
        fs.iter().filter(|(_, v)| v.is_known()).map(|(k, v)| (k.to_string(), known(v))).collect::<Map<_, _>>().into()
    };
    match v.kind() {
        Kind::Unknown(..) => Json::Null,
        Kind::Object(fs) | Kind::Map(_, fs) => fields(fs),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().map(known).collect(),
        _ => json::to_json(&v.clone().with_marks(Marks::NONE)),
    }
}

/// `after_unknown`: `true` for each hole, and of objects only what has some.
pub fn unknown(v: &Value) -> Json {
    fn walk(v: &Value) -> Json {
        match v.kind() {
            Kind::Unknown(..) => Json::Bool(true),
            Kind::Object(fs) | Kind::Map(_, fs) => fs
                .iter()
                .map(|(k, v)| (k, walk(v)))
                .filter(|(_, j)| *j != Json::Bool(false))
                .map(|(k, j)| (k.to_string(), j))
                .collect::<Map<_, _>>()
                .into(),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().map(walk).collect(),
            _ => Json::Bool(false),
        }
    }
    walk(v)
}

/// `before_sensitive`: `true` for each value that must not be shown, and of objects only what has some.
pub fn sensitive(v: &Value) -> Json {
    if v.is_sensitive() {
        return Json::Bool(true);
    }
    match v.kind() {
        Kind::Object(fs) | Kind::Map(_, fs) => fs
            .iter()
            .map(|(k, v)| (k, sensitive(v)))
            .filter(|(_, j)| *j != Json::Bool(false))
            .map(|(k, j)| (k.to_string(), j))
            .collect::<Map<_, _>>()
            .into(),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().map(sensitive).collect(),
        // Nothing is known of what is in it, but what holds it is.
        Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => json!([]),
        Kind::Unknown(Type::Map(_) | Type::Object(..), _) => json!({}),
        _ => Json::Bool(false),
    }
}

/// A tree of modules, as `planned_values` and the state have it.
#[derive(Default)]
struct Tree {
    resources: Vec<Json>,
    children: BTreeMap<ModulePath, Tree>,
}

impl Tree {
    fn at(&mut self, path: &ModulePath) -> &mut Tree {
        let mut tree = self;
        for depth in 1..=path.0.len() {
            tree = tree.children.entry(ModulePath(path.0[..depth].to_vec())).or_default();
        }
        tree
    }

    fn into_json(self, path: &ModulePath) -> Json {
        let mut out = Map::new();
        if !self.resources.is_empty() {
            out.insert("resources".into(), Json::Array(self.resources));
        }
        if !path.is_root() {
            out.insert("address".into(), json!(path.to_string()));
        }
        if !self.children.is_empty() {
            let children: Vec<Json> = self.children.into_iter().map(|(path, tree)| tree.into_json(&path)).collect();
            out.insert("child_modules".into(), Json::Array(children));
        }
        Json::Object(out)
    }
}

/// The state that the plan starts from: as the world is now, and outputs as far as they are known already. Data sources that are read again
/// by the apply are not in it, nor what came of conditions: that is the plan's own.
fn prior_state(plan: &Plan) -> State {
    let mut state = plan.refreshed_state.clone();
    state.check_results = Json::Null;
    for change in plan.changes.iter().filter(|c| c.action == Action::Read) {
        state.remove(&change.address);
    }
    // What is imported was read, though it is not in the stored state yet.
    for change in plan.changes.iter().filter(|c| c.importing.is_some() && !c.before.is_null()) {
        let (before, marks) = (known(&change.before), change.before.marked_paths());
        let instance = Instance {
            schema_version: resources::resource(&change.address.ty).map_or(0, |r| r.schema().version),
            attributes: before.as_object().cloned().unwrap_or_default(),
            sensitive_attributes: stored::sensitive_paths(&marks),
            ..Instance::default()
        };
        state.set(&change.address, &change.provider, instance);
    }
    for (name, output) in &plan.outputs {
        if output.action != Action::Delete && output.after.is_wholly_known() && !output.after.is_null() {
            let (value, _) = output.after.clone().unmark_deep();
            state.outputs.insert(name.clone(), OutputValue::new(value, output.sensitive));
        }
    }
    state
}

fn planned_values(plan: &Plan) -> Json {
    let mut tree = Tree::default();
    for c in &plan.changes {
        if c.deposed.is_some() || c.after.is_null() {
            continue;
        }
        let schema_version = match c.address.mode {
            BlockMode::Managed => resources::resource(&c.address.ty).map(|r| r.schema().version),
            BlockMode::Data => resources::data_source(&c.address.ty).map(|d| d.schema().version),
        };
        let mut entry = address_members(&c.address, &c.provider);
        entry.remove("module_address");
        entry.insert("schema_version".into(), json!(schema_version.unwrap_or_default()));
        entry.insert("values".into(), known(&c.after));
        entry.insert("sensitive_values".into(), sensitive(&c.after));
        tree.at(&c.address.module).resources.push(Json::Object(entry));
    }
    let mut out = Map::new();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|(_, o)| o.action != Action::Delete)
        .map(|(name, o)| {
            let mut entry = json!({ "sensitive": o.is_sensitive() });
            if o.after.is_wholly_known() {
                entry["type"] = json::type_to_json(&o.after.ty());
                entry["value"] = known(&o.after);
            }
            (name.to_string(), entry)
        })
        .collect();
    if !outputs.is_empty() {
        out.insert("outputs".into(), Json::Object(outputs));
    }
    out.insert("root_module".into(), tree.into_json(&ModulePath::root()));
    Json::Object(out)
}

/// `show -json` of a state.
pub fn state(state: &State) -> Json {
    if state.is_empty() {
        return json!({ "format_version": STATE_FORMAT });
    }
    let mut tree = Tree::default();
    for (address, holder, instance) in state.objects() {
        let mut entry = address_members(&address, &holder.provider);
        entry.remove("module_address");
        entry.insert("schema_version".into(), json!(instance.schema_version));
        entry.insert("values".into(), Json::Object(instance.attributes.clone()));
        entry.insert("sensitive_values".into(), sensitive_of(&address, instance));
        if !instance.dependencies.is_empty() {
            entry.insert("depends_on".into(), json!(instance.dependencies));
        }
        if instance.tainted {
            entry.insert("tainted".into(), json!(true));
        }
        if let Some(deposed) = &instance.deposed {
            entry.insert("deposed_key".into(), json!(deposed));
        }
        tree.at(&address.module).resources.push(Json::Object(entry));
    }
    let mut values = Map::new();
    if !state.outputs.is_empty() {
        let outputs: Map<String, Json> = state
            .outputs
            .iter()
            .map(|(name, o)| {
                let entry = json!({
                    "sensitive": o.sensitive,
                    "value": json::to_json(&o.value.clone().unmark_deep().0),
                    "type": json::type_to_json(&o.value.ty()),
                });
                (name.to_string(), entry)
            })
            .collect();
        values.insert("outputs".into(), Json::Object(outputs));
    }
    values.insert("root_module".into(), tree.into_json(&ModulePath::root()));
    let version = if state.terraform_version.is_empty() { TERRAFORM_VERSION } else { &state.terraform_version };
    let mut out = json!({ "format_version": STATE_FORMAT, "terraform_version": version, "values": values });
    let results = checks::parse(&state.check_results);
    if !results.is_empty() {
        out["checks"] = Json::Array(json_checks::checks(&results));
    }
    out
}

/// The shape of a stored object's sensitive values.
fn sensitive_of(address: &Address, instance: &Instance) -> Json {
    let block = match address.mode {
        BlockMode::Managed => resources::resource(&address.ty).map(|r| r.schema()),
        BlockMode::Data => resources::data_source(&address.ty).map(|d| d.schema()),
    };
    let marks = stored::stored_marks(instance);
    match block.and_then(|schema| Some((schema, stored::decode_fields(schema, &instance.attributes).ok()?))) {
        Some((schema, object)) => {
            let value = object.to_value();
            let own = stored::schema_marks(&schema.block, &value);
            sensitive(&value.mark_at(&marks).mark_at(&own))
        }
        None => {
            // Others' objects: what the state marks at their top level.
            let names = instance.sensitive_attributes.iter().filter_map(|p| p.get(0)?.get("value")?.as_str());
            names.map(|n| (n.to_string(), json!(true))).collect::<Map<_, _>>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `terraform show -json` writes `after_sensitive` of a first plan.
    #[test]
    fn holes_among_what_is_sensitive() {
        let object = Value::object_of([
            ("arn", Value::unknown(Type::String)),
            ("tags_all", Value::unknown(Type::map(Type::String))),
            ("ttl", Value::unknown(Type::list(Type::object(Default::default())))),
            ("managed_policy_arns", Value::unknown(Type::set(Type::String))),
            ("name", Value::string("n").mark(Marks::SENSITIVE)),
            ("tags", Value::null(Type::map(Type::String))),
        ]);
        let want = json!({ "managed_policy_arns": [], "name": true, "tags_all": {}, "ttl": [] });
        assert_eq!(sensitive(&object), want);
    }
}
