//! The `configuration` of the plan's JSON: what was written, as constants and references.
//!
//! Refuses to know values: nothing is evaluated here.

use crate::address::Mode;
use crate::config::expr::Expr;
use crate::config::references::{Reference, Step, Subject, references_of_expr};
use crate::config::{Body, Config, Module, Repeat, Resource, constant_of, source_of};
use crate::resources;
use crate::schema::{Block, Nesting};
use crate::value::json;
use serde_json::{Map, Value as Json, json};

/// The whole configuration.
pub fn configuration(config: &Config) -> Json {
    let mut providers = Map::new();
    collect_providers(&config.root, &mut providers);
    let mut out = Map::new();
    if !providers.is_empty() {
        out.insert("provider_config".into(), Json::Object(providers));
    }
    out.insert("root_module".into(), module(config, &config.root));
    Json::Object(out)
}

fn collect_providers(m: &Module, out: &mut Map<String, Json>) {
    let prefix: String = m.path.iter().map(|n| format!("{n}:")).collect();
    let module_address: String = m.path.iter().map(|n| format!("module.{n}")).collect::<Vec<_>>().join(".");
    for p in &m.providers {
        let key = match &p.alias {
            Some(alias) => format!("{prefix}{}.{alias}", p.name),
            None => format!("{prefix}{}", p.name),
        };
        let mut entry = Map::new();
        entry.insert("name".into(), json!(&*p.name));
        entry.insert("full_name".into(), json!(source_of(m, &p.name)));
        if let Some(alias) = &p.alias {
            entry.insert("alias".into(), json!(&**alias));
        }
        if let Some(version) = m.settings.required_providers.get(&p.name).and_then(|r| r.version.clone()) {
            entry.insert("version_constraint".into(), json!(version));
        }
        if !m.path.is_empty() {
            entry.insert("module_address".into(), json!(module_address));
        }
        let expressions = expressions(&p.body, Some(&resources::provider::SCHEMA.block));
        if !expressions.is_empty() {
            entry.insert("expressions".into(), Json::Object(expressions));
        }
        out.insert(key, Json::Object(entry));
    }
    for child in m.children.values() {
        collect_providers(child, out);
    }
}

fn module(config: &Config, m: &Module) -> Json {
    let mut out = Map::new();
    if !m.outputs.is_empty() {
        let outputs: Map<String, Json> = m
            .outputs
            .iter()
            .map(|(name, o)| {
                let mut entry = Map::new();
                if o.sensitive {
                    entry.insert("sensitive".into(), json!(true));
                }
                entry.insert("expression".into(), expression(&o.value));
                if let Some(text) = o.description.as_ref().filter(|t| !t.is_empty()) {
                    entry.insert("description".into(), json!(text));
                }
                depends_on(&o.depends_on, &mut entry);
                (name.to_string(), Json::Object(entry))
            })
            .collect();
        out.insert("outputs".into(), Json::Object(outputs));
    }
    let mut all: Vec<&Resource> = m.resources.values().collect();
    all.extend(m.checks.values().filter_map(|c| c.data.as_ref()));
    all.sort_by_key(|r| (r.mode == Mode::Data, r.ty.name.clone(), r.name.name.clone()));
    if !all.is_empty() {
        out.insert("resources".into(), all.iter().map(|r| resource(config, m, r)).collect());
    }
    if !m.calls.is_empty() {
        let calls: Map<String, Json> = m
            .calls
            .iter()
            .map(|(name, call)| {
                let mut entry = Map::new();
                entry.insert("source".into(), json!(call.source));
                let expressions = expressions(&call.body, None);
                if !expressions.is_empty() {
                    entry.insert("expressions".into(), Json::Object(expressions));
                }
                repeat(&call.repeat, &mut entry);
                if let Some(child) = m.children.get(name) {
                    entry.insert("module".into(), module(config, child));
                }
                if let Some(version) = &call.version {
                    entry.insert("version_constraint".into(), json!(version));
                }
                depends_on(&call.depends_on, &mut entry);
                (name.to_string(), Json::Object(entry))
            })
            .collect();
        out.insert("module_calls".into(), Json::Object(calls));
    }
    if !m.variables.is_empty() {
        let variables: Map<String, Json> = m
            .variables
            .iter()
            .map(|(name, v)| {
                let mut entry = Map::new();
                if let Some(default) = &v.default {
                    entry.insert("default".into(), super::json::known(default));
                }
                if let Some(text) = v.description.as_ref().filter(|t| !t.is_empty()) {
                    entry.insert("description".into(), json!(text));
                }
                if v.sensitive {
                    entry.insert("sensitive".into(), json!(true));
                }
                (name.to_string(), Json::Object(entry))
            })
            .collect();
        out.insert("variables".into(), Json::Object(variables));
    }
    Json::Object(out)
}

fn resource(config: &Config, m: &Module, r: &Resource) -> Json {
    let schema = match r.mode {
        Mode::Managed => resources::resource(&r.ty.name).map(|x| x.schema()),
        Mode::Data => resources::data_source(&r.ty.name).map(|x| x.schema()),
    };
    let mut out = Map::new();
    let (prefix, mode) = match r.mode {
        Mode::Managed => ("", "managed"),
        Mode::Data => ("data.", "data"),
    };
    out.insert("address".into(), json!(format!("{prefix}{}.{}", r.ty.name, r.name.name)));
    out.insert("mode".into(), json!(mode));
    out.insert("type".into(), json!(&*r.ty.name));
    out.insert("name".into(), json!(&*r.name.name));
    out.insert("provider_config_key".into(), json!(provider_key(config, m, r)));
    let expressions = expressions(&r.body, schema.map(|s| &s.block));
    if !expressions.is_empty() {
        out.insert("expressions".into(), Json::Object(expressions));
    }
    out.insert("schema_version".into(), json!(schema.map_or(0, |s| s.version)));
    repeat(&r.repeat, &mut out);
    depends_on(&r.depends_on, &mut out);
    Json::Object(out)
}

/// The key under `provider_config`.
fn provider_key(config: &Config, m: &Module, r: &Resource) -> String {
    let (name, alias) = match &r.provider {
        Some(p) => (p.name.to_string(), p.alias.clone()),
        None => (r.ty.name.split('_').next().unwrap_or_default().to_string(), None),
    };
    let (path, name, alias) = match config.provider(&m.path, &name, alias.as_deref()) {
        Some(found) => (found.module, found.name.to_string(), found.alias),
        None => (Vec::new(), name, alias),
    };
    let prefix: String = path.iter().map(|n| format!("{n}:")).collect();
    match alias {
        Some(alias) => format!("{prefix}{name}.{alias}"),
        None => format!("{prefix}{name}"),
    }
}

fn repeat(repeat: &Repeat, out: &mut Map<String, Json>) {
    let (member, e) = match repeat {
        Repeat::Once => return,
        Repeat::Count(e) => ("count_expression", e),
        Repeat::ForEach(e) => ("for_each_expression", e),
    };
    let expression = expression(e);
    if expression.as_object().is_some_and(|o| !o.is_empty()) {
        out.insert(member.into(), expression);
    }
}

fn depends_on(list: &[Expr], out: &mut Map<String, Json>) {
    let names: Vec<String> =
        list.iter().flat_map(references_of_expr).map(|r| spellings(&r).pop().unwrap_or_default()).collect();
    if !names.is_empty() {
        out.insert("depends_on".into(), json!(names));
    }
}

/// A body's arguments and blocks. Without a schema every block becomes a list.
fn expressions(body: &Body, block: Option<&Block>) -> Map<String, Json> {
    let mut out = Map::new();
    for a in &body.attributes {
        out.insert(a.name.name.to_string(), expression(&a.value));
    }
    for b in &body.blocks {
        // What a dynamic block makes is not written out: Terraform leaves it out.
        if &*b.ty.name == "dynamic" {
            continue;
        }
        let (name, inner) = (b.ty.name.clone(), &b.body);
        let nested = block.and_then(|s| s.nested(&name));
        let entry = Json::Object(expressions(inner, nested.map(|n| &n.block)));
        if nested.is_some_and(|n| n.nesting == Nesting::Single) || &*name == "timeouts" {
            out.insert(name.to_string(), entry);
            continue;
        }
        if let Json::Array(list) = out.entry(name.to_string()).or_insert_with(|| json!([])) {
            list.push(entry);
        }
    }
    out.sort_keys();
    out
}

/// `{"constant_value": ...}` or `{"references": [...]}`; nothing where there is neither, as behind a function.
fn expression(e: &Expr) -> Json {
    let references = references_of_expr(e);
    if references.is_empty() {
        return match constant_of(e) {
            Some(v) => json!({ "constant_value": json::to_json(&v) }),
            None => json!({}),
        };
    }
    let names: Vec<String> = references.iter().flat_map(spellings).collect();
    json!({ "references": names })
}

/// A reference as Terraform lists it: the whole path as far as it is written out, then each shorter one down to what is referred to, and
/// of one instance the block.
fn spellings(r: &Reference) -> Vec<String> {
    let (subject, block, output) = match &r.subject {
        Subject::Output { module, output } => (format!("module.{module}"), None, Some(output)),
        Subject::Module(module) => (format!("module.{module}"), Some(format!("module.{module}")), None),
        Subject::Resource { .. } => (r.subject.to_string(), Some(r.subject.to_string()), None),
        other => (other.to_string(), None, None),
    };
    let instance = r.instance.as_ref().map(|step| spelt(step).map(|s| format!("{subject}{s}")));
    let mut out = Vec::new();
    let open = matches!(instance, Some(None));
    let mut at = match instance {
        Some(Some(instance)) => {
            out.extend(block);
            instance
        }
        _ => subject,
    };
    out.insert(0, at.clone());
    if open {
        return out;
    }
    if let Some(output) = output {
        at.push_str(&format!(".{output}"));
        out.insert(0, at.clone());
    }
    for step in r.rest.iter().map_while(spelt) {
        at.push_str(&step);
        out.insert(0, at.clone());
    }
    out
}

/// A step that is written out.
fn spelt(step: &Step) -> Option<String> {
    match step {
        Step::Attr(name) => Some(format!(".{}", name.name)),
        Step::Key(v, _) => match (v.as_str(), v.as_number()) {
            (Some(k), _) => Some(format!("[{k:?}]")),
            (None, Some(n)) => Some(format!("[{n}]")),
            _ => None,
        },
        Step::Computed(..) | Step::Splat(_) => None,
    }
}
