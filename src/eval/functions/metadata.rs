//! What `metadata functions -json` says: every function's signature, in the shape that Terraform gives it.

use super::{FUNCTIONS, Function, Param};
use crate::value::json::type_to_json;
use serde_json::{Map, Value as Json, json};

/// The signatures by name, each function under its plain name and under `core::`.
pub fn signatures() -> Json {
    let named = |prefix: &'static str| FUNCTIONS.iter().map(move |f| (format!("{prefix}{}", f.name), signature(f)));
    let mut all: Vec<(String, Json)> = named("").chain(named("core::")).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(all.into_iter().collect())
}

/// The same with the version of its format, as the command prints it.
pub fn document() -> Json {
    json!({ "format_version": "1.0", "function_signatures": signatures() })
}

fn signature(function: &Function) -> Json {
    let mut fields = Map::new();
    fields.insert("description".into(), function.doc.into());
    fields.insert("return_type".into(), type_to_json(&function.returns.to_type()));
    if !function.params.is_empty() {
        fields.insert("parameters".into(), function.params.iter().map(parameter).collect());
    }
    if let Some(rest) = &function.rest {
        fields.insert("variadic_parameter".into(), parameter(rest));
    }
    Json::Object(fields)
}

fn parameter(param: &Param) -> Json {
    let mut fields = Map::new();
    fields.insert("name".into(), param.name.into());
    if param.nullable {
        fields.insert("is_nullable".into(), true.into());
    }
    fields.insert("type".into(), type_to_json(&param.ty.to_type()));
    Json::Object(fields)
}
