//! `data "aws_dynamodb_table_item"`: one item of a table, by its key.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, item};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Fields, Object, Type, Value};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// `data "aws_dynamodb_table_item"`
pub struct TableItemData;

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_table_item",
    version: 0,
    doc: "Reads one item of a DynamoDB table.",
    block: Block {
        attributes: &[
            Attribute::optional("expression_attribute_names", Ty::Map(&Ty::String))
                .doc("Names that stand for attributes in projection_expression, each starting with #."),
            Attribute::optional_computed("id", Ty::String)
                .doc("Name of the table and values of the key, with | between them."),
            Attribute::computed("item", Ty::String).doc("The item in DynamoDB's JSON."),
            Attribute::required("key", Ty::String)
                .check(check_key)
                .doc("The key in DynamoDB's JSON: {\"id\": {\"S\": \"a\"}}, with both keys where the table has two."),
            Attribute::optional("projection_expression", Ty::String).doc("Attributes to read; all where not given."),
            Attribute::required("table_name", Ty::String).doc("Name of the table."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(
    &["dynamodb:GetItem"],
    On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{table_name}"]),
)]);

#[async_trait]
impl DataSource for TableItemData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("table_name").unwrap_or_default();
        let text = config.str("key").unwrap_or_default();
        let key = item::parse(text).map_err(|message| Error::new(ErrorKind::Other, name, message))?;
        let sorted: BTreeMap<_, _> = key.iter().collect();
        let mut id = name.to_string();
        for value in sorted.values() {
            id.push_str(&format!("|{}", item::key_text(value).unwrap_or_default()));
        }
        let names = config.string_map("expression_attribute_names");
        let aliases = names.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let call = aws.dynamodb().get_item().table_name(name).consistent_read(true).set_key(Some(key));
        let call = call
            .set_expression_attribute_names((!names.is_empty()).then_some(aliases))
            .set_projection_expression(config.text("projection_expression").map(str::to_string));
        let answer = call.send().await.map_err(Error::of("dynamodb:GetItem", name))?;
        let Some(found) = answer.item.filter(|found| !found.is_empty()) else {
            let message = format!("The table {name} has no item with the key {}.", text.trim());
            return Err(Error::new(ErrorKind::NotFound, id, message));
        };
        let names: Fields = names.into_iter().map(|(k, v)| (k.into(), Value::string(v))).collect();
        Ok(Object::new()
            .with("expression_attribute_names", Value::map(Type::String, names))
            .with("id", id)
            // The provider ends it so.
            .with("item", format!("{}\n", item::print(&found)))
            .with("key", text)
            .with("projection_expression", config.str("projection_expression").unwrap_or_default())
            .with("table_name", name))
    }
}

fn check_key(value: &Value) -> std::result::Result<(), String> {
    value.as_str().map_or(Ok(()), |text| item::parse(text).map(drop))
}
