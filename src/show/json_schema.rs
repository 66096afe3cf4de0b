//! The shapes of all types as `providers schema -json` has them: for editors, and for tools that write configuration.
//!
//! Refuses to know configurations: which provider is asked for is said by the caller.

use crate::resources::{self, provider};
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Schema, SetBy};
use crate::value::json::type_to_json;
use serde_json::{Map, Value as Json, json};

/// The version of the format.
const FORMAT: &str = "1.0";

/// The document. `source` is the address of the AWS provider as the configuration has it, if it wants one.
pub fn document(source: Option<&str>) -> Json {
    let Some(source) = source else { return json!({ "format_version": FORMAT }) };
    let named = |schemas: Vec<&Schema>| -> Json {
        let mut all: Map<String, Json> = schemas.iter().map(|s| (s.name.to_string(), schema(s))).collect();
        all.sort_keys();
        all.into()
    };
    let of_aws = json!({
        "provider": schema(&provider::SCHEMA),
        "resource_schemas": named(resources::RESOURCES.iter().map(|r| r.schema()).collect()),
        "data_source_schemas": named(resources::DATA_SOURCES.iter().map(|d| d.schema()).collect()),
    });
    json!({ "format_version": FORMAT, "provider_schemas": { source: of_aws } })
}

fn schema(schema: &Schema) -> Json {
    let mut block = block(&schema.block);
    if !schema.timeouts.is_empty() {
        let option = json!({ "type": "string", "description_kind": "plain", "optional": true });
        let mut options: Map<String, Json> =
            schema.timeouts.iter().map(|(name, _)| (name.to_string(), option.clone())).collect();
        options.sort_keys();
        let timeouts = json!({
            "nesting_mode": "single",
            "block": { "attributes": options, "description_kind": "plain" },
        });
        if let Json::Object(members) = &mut block {
            let types = members.entry("block_types").or_insert_with(|| json!({}));
            if let Json::Object(types) = types {
                types.insert("timeouts".into(), timeouts);
                types.sort_keys();
            }
            members.sort_keys();
        }
    }
    json!({ "version": schema.version, "block": block })
}

fn block(block: &Block) -> Json {
    let mut out = Map::new();
    let mut attributes: Map<String, Json> =
        block.attributes.iter().map(|a| (a.name.to_string(), attribute(a))).collect();
    if !attributes.is_empty() {
        attributes.sort_keys();
        out.insert("attributes".into(), attributes.into());
    }
    let mut types: Map<String, Json> = block.blocks.iter().map(|b| (b.name.to_string(), nested(b))).collect();
    if !types.is_empty() {
        types.sort_keys();
        out.insert("block_types".into(), types.into());
    }
    out.insert("description_kind".into(), json!("plain"));
    out.into()
}

fn attribute(a: &Attribute) -> Json {
    let mut out = json!({ "type": type_to_json(&a.ty.to_type()), "description_kind": "plain" });
    if !a.doc.is_empty() {
        out["description"] = json!(a.doc);
    }
    for (member, holds) in [
        ("required", a.set_by == SetBy::Required),
        ("optional", matches!(a.set_by, SetBy::Optional | SetBy::OptionalComputed)),
        ("computed", matches!(a.set_by, SetBy::Computed | SetBy::OptionalComputed)),
        ("sensitive", a.sensitive),
        ("deprecated", a.deprecated.is_some()),
    ] {
        if holds {
            out[member] = json!(true);
        }
    }
    out
}

fn nested(b: &NestedBlock) -> Json {
    let mode = match b.nesting {
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Single => "single",
    };
    let mut out = json!({ "nesting_mode": mode, "block": block(&b.block) });
    if b.min > 0 {
        out["min_items"] = json!(b.min);
    }
    if b.max > 0 && b.max < usize::MAX {
        out["max_items"] = json!(b.max);
    }
    if b.deprecated.is_some() {
        out["block"]["deprecated"] = json!(true);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Terraform has them of hashicorp/aws 5.100.0.
    #[test]
    fn a_type_as_terraform_has_it() {
        let source = "registry.terraform.io/hashicorp/aws";
        let document = document(Some(source));
        let aws = &document["provider_schemas"][source];
        let bare = |mut json: Json| {
            fn strip(json: &mut Json) {
                if let Json::Object(members) = json {
                    // The words are our own.
                    if members.contains_key("type") && members.get("description").is_some_and(Json::is_string) {
                        members.remove("description");
                    }
                    members.values_mut().for_each(strip);
                }
            }
            strip(&mut json);
            json
        };
        let table = bare(aws["resource_schemas"]["aws_dynamodb_table"].clone());
        assert_eq!(table["version"], 1);
        let block = &table["block"];
        assert_eq!(
            block["attributes"]["arn"],
            json!({"type": "string", "description_kind": "plain", "computed": true})
        );
        assert_eq!(
            block["attributes"]["tags"],
            json!({"type": ["map", "string"], "description_kind": "plain", "optional": true})
        );
        assert_eq!(
            block["block_types"]["ttl"],
            json!({"nesting_mode": "list", "block": {"attributes": {
                "attribute_name": {"type": "string", "description_kind": "plain", "optional": true},
                "enabled": {"type": "bool", "description_kind": "plain", "optional": true}
            }, "description_kind": "plain"}, "max_items": 1})
        );
        let option = json!({"type": "string", "description_kind": "plain", "optional": true});
        assert_eq!(
            block["block_types"]["timeouts"],
            json!({"nesting_mode": "single", "block": {"attributes": {"create": option, "delete": option, "update": option},
                "description_kind": "plain"}})
        );
        assert!(aws["provider"]["block"]["attributes"]["region"].is_object());
        assert!(aws["data_source_schemas"]["aws_caller_identity"].is_object());
        assert_eq!(document["format_version"], "1.0");
        assert_eq!(super::document(None), json!({"format_version": "1.0"}));
    }
}
