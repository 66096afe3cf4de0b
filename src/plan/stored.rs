//! Objects as the state stores them ↔ objects as the planner compares them.

use super::region;
use crate::address::BlockAddress;
use crate::resources::Resource;
use crate::resources::wait::duration;
use crate::schema::{Block, Schema};
use crate::state::{Instance, JsonMap};
use crate::value::{Fields, Kind, Marks, Object, Path, PathStep, Type, Value, json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// The member of `private` under which the provider keeps timeouts: a constant of its SDK.
const TIMEOUTS_KEY: &str = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";

/// The object that an instance stores, brought to today's shape; attributes that the shape does not have stay behind.
///
/// # Errors
/// A whole sentence: which attribute does not fit.
pub fn decode(resource: &dyn Resource, instance: &Instance) -> Result<Object, String> {
    let schema = resource.schema();
    if instance.attributes.is_empty() && instance.extra.contains_key("attributes_flat") {
        return Err("Its attributes are stored in the form of Terraform 0.11, which only its provider can read. \
                    \"terraform apply -refresh-only\" brings them to today's form."
            .into());
    }
    let upgraded;
    let attributes = if instance.schema_version < schema.version {
        let mut map = instance.attributes.clone();
        resource.upgrade(instance.schema_version, &mut map);
        upgraded = map;
        &upgraded
    } else {
        &instance.attributes
    };
    let mut object = decode_fields(schema, attributes)?;
    if let (true, Some(Json::String(region))) = (region::is_regional(schema), attributes.get(region::NAME)) {
        object.set(region::NAME, region.as_str());
    }
    Ok(object)
}

/// Attributes as stored, by a schema of the same version.
///
/// # Errors
/// A whole sentence: which attribute does not fit.
pub fn decode_fields(schema: &Schema, attributes: &JsonMap) -> Result<Object, String> {
    let mut object = Object::new();
    for (name, ty) in fields(schema) {
        let value = match attributes.get(&*name) {
            None | Some(Json::Null) => Value::null(ty),
            Some(json) => {
                value_of(json, &ty).map_err(|e| format!("The stored attribute \"{name}\" does not fit: {e}."))?
            }
        };
        object.0.insert(name, value);
    }
    Ok(object)
}

/// Reads leniently along a type: members that an object type does not have are left out, missing ones are null.
fn value_of(json: &Json, ty: &Type) -> Result<Value, String> {
    match (json, ty) {
        (Json::Object(map), Type::Object(types, _)) => {
            let mut fields = Fields::new();
            for (name, ty) in types.iter() {
                let value = match map.get(&**name) {
                    None | Some(Json::Null) => Value::null(ty.clone()),
                    Some(json) => value_of(json, ty)?,
                };
                fields.insert(name.clone(), value);
            }
            Ok(Value::object(fields))
        }
        (Json::Array(list), Type::List(t)) => {
            Ok(Value::list((**t).clone(), list.iter().map(|j| value_of(j, t)).collect::<Result<_, _>>()?))
        }
        (Json::Array(list), Type::Set(t)) => {
            Ok(Value::set((**t).clone(), list.iter().map(|j| value_of(j, t)).collect::<Result<_, _>>()?))
        }
        _ => json::from_json(json, ty).map_err(|e| e.to_string()),
    }
}

/// The names and types of a schema's top level.
pub fn fields(schema: &Schema) -> Vec<(std::sync::Arc<str>, Type)> {
    match schema.ty() {
        Type::Object(types, _) => types.iter().map(|(k, t)| (k.clone(), t.clone())).collect(),
        _ => Vec::new(),
    }
}

/// Stores an object. What `previous` (the same object's last entry) holds beyond the shape is kept.
pub fn encode(
    resource: &dyn Resource,
    object: &Object,
    marks: &[(Path, Marks)],
    previous: Option<&Instance>,
    dependencies: Vec<String>,
    create_before_destroy: bool,
) -> Instance {
    let schema = resource.schema();
    let mut attributes = JsonMap::new();
    for (name, ty) in fields(schema) {
        let value = object.get(&name).cloned().unwrap_or_else(|| Value::null(ty.clone()));
        attributes.insert(name.to_string(), json::to_json_as(&value, &ty));
    }
    if let Some(region) = region::of(object, schema) {
        attributes.insert(region::NAME.into(), Json::String(region.to_string()));
    }
    if let Some(previous) = previous.filter(|p| p.schema_version == schema.version) {
        for (name, value) in &previous.attributes {
            if !attributes.contains_key(name) {
                attributes.insert(name.clone(), value.clone());
            }
        }
    }
    attributes.sort_keys();
    Instance {
        key: previous.and_then(|p| p.key.clone()),
        deposed: None,
        tainted: false,
        schema_version: schema.version,
        attributes,
        sensitive_attributes: sensitive_paths(marks),
        private: (!WITHOUT_NOTES.contains(&schema.name)).then(|| private(schema, object)),
        dependencies,
        create_before_destroy,
        extra: previous.map(|p| p.extra.clone()).unwrap_or_default(),
    }
}

/// Types beside whose objects nothing is noted: Terraform's own, and those of the provider that are made with its newer framework.
const WITHOUT_NOTES: &[&str] = &[
    "aws_dynamodb_resource_policy",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy_attachments_exclusive",
    "terraform_data",
];

/// The provider's notes beside an object: its timeouts and the version of its shape.
fn private(schema: &Schema, object: &Object) -> String {
    let mut notes = JsonMap::new();
    if !schema.timeouts.is_empty() {
        let written = object.get("timeouts").map(Object::from_value).unwrap_or_default();
        let mut times = JsonMap::new();
        for (name, seconds) in schema.timeouts {
            let nanos =
                written.str(name).and_then(duration).map_or(u128::from(*seconds) * 1_000_000_000, |d| d.as_nanos());
            let nanos = u64::try_from(nanos).unwrap_or(u64::MAX);
            times.insert((*name).to_string(), json!(nanos));
        }
        notes.insert(TIMEOUTS_KEY.into(), Json::Object(times));
    }
    if schema.version > 0 {
        notes.insert("schema_version".into(), json!(schema.version.to_string()));
    }
    let text = if notes.is_empty() { "null".to_string() } else { Json::Object(notes).to_string() };
    STANDARD.encode(text)
}

/// `sensitive_attributes` as the state spells them.
pub fn sensitive_paths(marks: &[(Path, Marks)]) -> Vec<Json> {
    let step = |s: &PathStep| match s {
        PathStep::Attr(name) => json!({"type": "get_attr", "value": &**name}),
        PathStep::Key(k) => json!({"type": "index", "value": {"value": &**k, "type": "string"}}),
        PathStep::Index(i) => json!({"type": "index", "value": {"value": i, "type": "number"}}),
        PathStep::Element(v) => {
            json!({"type": "index", "value": {"value": json::to_json(v), "type": json::type_to_json(&v.ty())}})
        }
    };
    marks.iter().filter(|(_, m)| m.sensitive).map(|(path, _)| Json::Array(path.0.iter().map(step).collect())).collect()
}

/// Where a stored instance is marked sensitive.
pub fn stored_marks(instance: &Instance) -> Vec<(Path, Marks)> {
    let step = |j: &Json| {
        let value = j.get("value")?;
        match j.get("type")?.as_str()? {
            "get_attr" => Some(PathStep::Attr(value.as_str()?.into())),
            _ => match value.get("value")? {
                Json::String(s) => Some(PathStep::Key(s.as_str().into())),
                Json::Number(n) => Some(PathStep::Index(usize::try_from(n.as_u64()?).ok()?)),
                _ => None,
            },
        }
    };
    let path = |j: &Json| Some(Path(j.as_array()?.iter().map(step).collect::<Option<Vec<_>>>()?));
    instance.sensitive_attributes.iter().filter_map(|j| Some((path(j)?, Marks::SENSITIVE))).collect()
}

/// Where the schema says that a value must not be shown.
pub fn schema_marks(block: &Block, value: &Value) -> Vec<(Path, Marks)> {
    fn walk(block: &Block, value: &Value, at: &Path, out: &mut Vec<(Path, Marks)>) {
        let Some(fields) = value.as_fields() else { return };
        for a in block.attributes.iter().filter(|a| a.sensitive) {
            if fields.get(a.name).is_some_and(|v| !v.is_null()) {
                out.push((at.then(PathStep::Attr(a.name.into())), Marks::SENSITIVE));
            }
        }
        for b in block.blocks {
            let at = at.then(PathStep::Attr(b.name.into()));
            match fields.get(b.name).map(Value::kind) {
                Some(Kind::List(_, elements)) => {
                    for (i, e) in elements.iter().enumerate() {
                        walk(&b.block, e, &at.then(PathStep::Index(i)), out);
                    }
                }
                Some(Kind::Set(_, elements)) => {
                    for e in elements.iter() {
                        walk(&b.block, e, &at.then(PathStep::Element(e.clone())), out);
                    }
                }
                Some(Kind::Object(_)) => walk(&b.block, &fields[b.name], &at, out),
                _ => {}
            }
        }
    }
    let mut out = Vec::new();
    walk(block, value, &Path::root(), &mut out);
    out
}

/// `dependencies` as the state spells them.
pub fn dependency_names(list: &[BlockAddress]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}
