//! The `configuration` of the plan's JSON: what was written, as constants and references.
//!
//! Refuses to know values: nothing is evaluated here.

use crate::address::Mode;
use crate::config::expr::{Expr, ExprKind};
use crate::config::references::{Reference, Step, Subject, references_of_expr};
use crate::config::{Body, Config, Module, Repeat, Resource, source_of};
use crate::resources;
use crate::schema::{Block, Nesting};
use crate::value::{Value, json};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

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
    match repeat {
        Repeat::Once => {}
        Repeat::Count(e) => drop(out.insert("count_expression".into(), expression(e))),
        Repeat::ForEach(e) => drop(out.insert("for_each_expression".into(), expression(e))),
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
        // The content of a dynamic block stands for what it makes.
        let (name, inner) = match (&*b.ty.name, b.labels.first()) {
            ("dynamic", Some(label)) => match b.body.blocks("content").next() {
                Some(content) => (label.name.clone(), &content.body),
                None => continue,
            },
            _ => (b.ty.name.clone(), &b.body),
        };
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

/// `{"constant_value": ...}` or `{"references": [...]}`.
fn expression(e: &Expr) -> Json {
    let references = references_of_expr(e);
    if references.is_empty() {
        return match constant(e) {
            Some(v) => json!({ "constant_value": json::to_json(&v) }),
            None => json!({}),
        };
    }
    let names: Vec<String> = references.iter().flat_map(spellings).collect();
    json!({ "references": names })
}

/// The value of an expression that is written out.
fn constant(e: &Expr) -> Option<Value> {
    match &e.kind {
        ExprKind::Literal(v) => Some(v.clone()),
        ExprKind::Paren(inner) => constant(inner),
        ExprKind::Tuple(items) => Some(Value::tuple(items.iter().map(constant).collect::<Option<_>>()?)),
        ExprKind::Object(items) => {
            let fields = items.iter().map(|i| Some((constant(&i.key)?.as_str()?.into(), constant(&i.value)?)));
            Some(Value::object(fields.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// A reference as Terraform lists it: the whole path, then each shorter one that still names something.
fn spellings(r: &Reference) -> Vec<String> {
    let mut at = r.subject.to_string();
    let mut out = vec![at.clone()];
    if let Some(step) = &r.instance {
        at.push_str(&spelt(step));
        out.insert(0, at.clone());
    }
    if matches!(r.subject, Subject::Resource { .. } | Subject::Output { .. } | Subject::Variable(_) | Subject::Local(_))
    {
        for step in &r.rest {
            at.push_str(&spelt(step));
            if matches!(step, Step::Attr(_)) || matches!(r.subject, Subject::Resource { .. }) {
                out.insert(0, at.clone());
            }
        }
    }
    if let Subject::Output { module, .. } = &r.subject {
        out.push(format!("module.{module}"));
    }
    out
}

fn spelt(step: &Step) -> String {
    match step {
        Step::Attr(name) => format!(".{}", name.name),
        Step::Key(v, _) => match (v.as_str(), v.as_number()) {
            (Some(k), _) => format!("[{k:?}]"),
            (None, Some(n)) => format!("[{n}]"),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// `relevant_attributes`: parts of objects that something in the configuration looks at.
pub fn relevant_attributes(config: &Config) -> Vec<Json> {
    fn walk(m: &Module, out: &mut BTreeSet<(String, Vec<String>)>) {
        let prefix: String = m.path.iter().map(|n| format!("module.{n}.")).collect();
        let mut add = |refs: Vec<Reference>| {
            for r in refs {
                if let Subject::Resource { .. } = &r.subject {
                    let attribute = r.rest.iter().map_while(|s| match s {
                        Step::Attr(name) => Some(name.name.to_string()),
                        _ => None,
                    });
                    out.insert((format!("{prefix}{}", r.subject), attribute.collect()));
                }
            }
        };
        m.resources.values().for_each(|r| add(crate::config::references::references_of_body(&r.body)));
        m.outputs.values().for_each(|o| add(references_of_expr(&o.value)));
        m.locals.values().for_each(|l| add(references_of_expr(&l.value)));
        m.calls.values().for_each(|c| add(crate::config::references::references_of_body(&c.body)));
        m.children.values().for_each(|c| walk(c, out));
    }
    let mut found = BTreeSet::new();
    walk(&config.root, &mut found);
    found.into_iter().map(|(resource, attribute)| json!({ "resource": resource, "attribute": attribute })).collect()
}
