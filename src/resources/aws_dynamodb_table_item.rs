//! `aws_dynamodb_table_item`: one item of a table, with all of its attributes.
//!
//! Attributes that others put into the item are drift, and go with the next update. Refuses to know what items look like as JSON.

use super::aws_dynamodb_table as table;
use super::item::{self, Item};
use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, settle, wait};
use crate::diag::{Diagnostic, nearest};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Path, Type, Value};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeAction, AttributeValue, AttributeValueUpdate, KeyType};
use std::collections::BTreeMap;
use std::time::Duration;

/// `aws_dynamodb_table_item`
pub struct TableItem;

/// How long a table that was just made may refuse items.
const PATIENCE: Duration = Duration::from_secs(60);

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_table_item",
    version: 0,
    doc: "One item of a table.",
    block: Block {
        attributes: &[
            Attribute::required("hash_key", Ty::String).replaces().doc("Name of the table's partition key."),
            Attribute::optional_computed("id", Ty::String)
                .doc("Name of the table, name and value of the partition key, and value of the sort key, with | between them."),
            Attribute::required("item", Ty::String)
                .check(check_item)
                .doc("The item in DynamoDB's JSON: each value under its type, such as {\"id\": {\"S\": \"a\"}}."),
            Attribute::optional("range_key", Ty::String).replaces().doc("Name of the table's sort key."),
            Attribute::required("table_name", Ty::String).replaces().doc("Name of the table."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const TABLE: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{table_name}"]);

/// What IAM has to allow. Importing asks the table for its keys.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["dynamodb:DescribeTable", "dynamodb:GetItem"], TABLE)],
    create: &[Permit::new(&["dynamodb:PutItem"], TABLE)],
    update: &[Permit::new(&["dynamodb:DeleteItem", "dynamodb:UpdateItem"], TABLE)],
    delete: &[Permit::new(&["dynamodb:DeleteItem"], TABLE)],
};

#[async_trait]
impl Resource for TableItem {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        if prior.text("item").is_none() {
            return imported(aws, prior.str("id").unwrap_or_default()).await;
        }
        let name = prior.str("table_name").unwrap_or_default();
        let said = parsed(prior)?;
        let call = aws.dynamodb().get_item().table_name(name).consistent_read(true).set_key(Some(key(prior, &said)?));
        let answer = call.send().await.map_err(Error::of("dynamodb:GetItem", name));
        let Some(found) = table::there(answer.map(|a| a.item))?.filter(|found| !found.is_empty()) else {
            return Ok(None);
        };
        let mut object = settle::complete(&SCHEMA, prior);
        if !item::same(&said, &found) {
            // With the line break at the end that the provider writes.
            object.set("item", format!("{}\n", item::print(&found)));
        }
        identify(&mut object, &said);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = planned.str("table_name").unwrap_or_default();
        let wanted = parsed(planned)?;
        let put = wait::retry(aws, PATIENCE, not_yet, || async {
            let call = aws.dynamodb().put_item().table_name(name).set_item(Some(wanted.clone()));
            let call = call.condition_expression("attribute_not_exists(#hk)");
            let call = call.expression_attribute_names("#hk", planned.str("hash_key").unwrap_or_default());
            call.send().await.map_err(Error::of("dynamodb:PutItem", name))
        });
        if let Err(mut error) = put.await {
            if error.code == "ConditionalCheckFailedException" {
                error.kind = ErrorKind::AlreadyExists;
                error.message = "The table has an item with this key already.".into();
                error.target = id_of(planned, &wanted).unwrap_or_default();
            }
            return Err(error);
        }
        Ok(made(planned, &wanted))
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let name = prior.str("table_name").unwrap_or_default();
        let (old, new) = (parsed(prior)?, parsed(planned)?);
        let (old_key, new_key) = (key(prior, &old)?, key(planned, &new)?);
        let action = |action: AttributeAction| AttributeValueUpdate::builder().action(action);
        let mut updates: BTreeMap<&String, AttributeValueUpdate> = BTreeMap::new();
        for (name, value) in new.iter().filter(|(name, _)| !new_key.contains_key(*name)) {
            updates.insert(name, action(AttributeAction::Put).value(value.clone()).build());
        }
        for name in old.keys().filter(|name| !new.contains_key(*name) && !new_key.contains_key(*name)) {
            updates.insert(name, action(AttributeAction::Delete).build());
        }
        let call = aws.dynamodb().update_item().table_name(name).set_key(Some(new_key.clone()));
        let updates = updates.into_iter().map(|(name, update)| (name.clone(), update)).collect();
        let call = call.set_attribute_updates(Some(updates));
        call.send().await.map_err(Error::of("dynamodb:UpdateItem", name))?;
        if old_key != new_key {
            // Another key is another item: the old one goes.
            let call = aws.dynamodb().delete_item().table_name(name).set_key(Some(old_key));
            call.send().await.map_err(Error::of("dynamodb:DeleteItem", name))?;
        }
        Ok(made(planned, &new))
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let name = prior.str("table_name").unwrap_or_default();
        let call = aws.dynamodb().delete_item().table_name(name).set_key(Some(key(prior, &parsed(prior)?)?));
        table::gone(call.send().await.map(drop).map_err(Error::of("dynamodb:DeleteItem", name)))
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let mut findings = Vec::new();
        let Some(item) = config.str("item").and_then(|text| item::parse(text).ok()) else { return findings };
        for role in ["hash_key", "range_key"] {
            let Some(name) = config.text(role) else { continue };
            match item.get(name) {
                None => {
                    let meant = nearest(name, item.keys().map(String::as_str));
                    let meant = meant.map(|m| format!(" Did you mean \"{m}\"?")).unwrap_or_default();
                    let detail = format!("{role} is \"{name}\", but the item has no attribute of this name.{meant}");
                    findings.push((Path::attr("item"), Diagnostic::error("Item without its key", detail)));
                }
                Some(value) if item::key_text(value).is_none() => {
                    let detail = format!("The attribute \"{name}\" is the {role}: only S, N and B can be keys.");
                    findings.push((Path::attr("item"), Diagnostic::error("Wrong type of a key attribute", detail)));
                }
                Some(_) => {}
            }
        }
        findings
    }

    fn adjust(&self, _: &Place, _: &Object, prior: Option<&Object>, planned: &mut Object) {
        if prior.is_some() {
            // The id goes with the key.
            let known = ["item", "hash_key", "range_key", "table_name"];
            if known.iter().any(|name| planned.get(name).is_some_and(|v| !v.is_known())) {
                planned.set("id", Value::unknown(Type::String));
            } else {
                predict(planned);
            }
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match (attribute, a.as_str(), b.as_str()) {
            ("item", Some(a), Some(b)) => item::same_text(a, b),
            _ => a == b,
        }
    }

    fn predict(&self, _: &Place, planned: &mut Object) {
        predict(planned);
    }

    fn lies_within(&self) -> Option<(&'static str, &'static str)> {
        Some(("table_name", "aws_dynamodb_table"))
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        let parts: Vec<&str> = id.splitn(3, '|').collect();
        match parts.len() == 3 && !parts.contains(&"") {
            true => Ok(Object::new().with("id", id)),
            false => Err(format!(
                "An item is imported by TABLE|HASH_KEY|VALUE or, where the table has a sort key, TABLE|HASH_KEY|VALUE|SORT_VALUE, \
                 such as \"orders|id|42\"; got \"{id}\"."
            )),
        }
    }
}

fn predict(planned: &mut Object) {
    let open = |name: &str| planned.get(name).is_some_and(|v| !v.is_known());
    if ["hash_key", "range_key", "table_name"].into_iter().any(open) {
        return;
    }
    let item = planned.str("item").and_then(|text| item::parse(text).ok());
    if let Some(id) = item.and_then(|item| id_of(planned, &item)) {
        planned.set("id", id);
    }
}

/// The whole item that an id means, as nothing says which of its attributes count.
async fn imported(aws: &Aws, id: &str) -> Result<Option<Object>> {
    let mut parts = id.splitn(3, '|');
    let (Some(name), Some(hash), Some(values)) = (parts.next(), parts.next(), parts.next()) else { return Ok(None) };
    let Some(found) = table::describe_table(aws, name).await? else { return Ok(None) };
    let mut object = settle::complete(&SCHEMA, &Object::new().with("id", id).with("table_name", name));
    let range = found.key_schema().iter().find(|k| *k.key_type() == KeyType::Range).map(|k| k.attribute_name());
    // A value may have the separator in it: that of the sort key is the last.
    let pairs = match (range, values.rsplit_once('|')) {
        (Some(range), Some((first, second))) => vec![("hash_key", hash, first), ("range_key", range, second)],
        _ => vec![("hash_key", hash, values)],
    };
    let mut key = Item::new();
    for (role, attribute, text) in pairs {
        let ty = found.attribute_definitions().iter().find(|d| d.attribute_name() == attribute);
        let Some(value) = ty.and_then(|ty| item::key_value(ty.attribute_type().as_str(), text)) else {
            let message = format!("\"{attribute}\" with the value \"{text}\" is no key of the table {name}.");
            return Err(Error::new(ErrorKind::Other, id, message));
        };
        object.set(role, attribute);
        key.insert(attribute.to_string(), value);
    }
    let call = aws.dynamodb().get_item().table_name(name).consistent_read(true).set_key(Some(key));
    let answer = call.send().await.map_err(Error::of("dynamodb:GetItem", name))?;
    let Some(found) = answer.item.filter(|found| !found.is_empty()) else { return Ok(None) };
    object.set("item", item::print(&found));
    Ok(Some(object))
}

fn made(planned: &Object, item: &Item) -> Object {
    let mut object = settle::complete(&SCHEMA, planned);
    identify(&mut object, item);
    object
}

fn identify(object: &mut Object, item: &Item) {
    if let Some(id) = id_of(object, item) {
        object.set("id", id);
    }
}

/// `table|hash key|its value|value of the range key`
fn id_of(object: &Object, item: &Item) -> Option<String> {
    let mut id = object.text("table_name")?.to_string();
    for role in ["hash_key", "range_key"] {
        let Some(name) = object.text(role) else { continue };
        let value = item::key_text(item.get(name)?)?;
        id.push_str(&if role == "hash_key" { format!("|{name}|{value}") } else { format!("|{value}") });
    }
    Some(id)
}

fn parsed(object: &Object) -> Result<Item> {
    let target = object.text("id").or(object.text("table_name")).unwrap_or_default();
    item::parse(object.str("item").unwrap_or_default()).map_err(|message| Error::new(ErrorKind::Other, target, message))
}

/// The key attributes of an item.
fn key(object: &Object, item: &Item) -> Result<Item> {
    let mut key = Item::new();
    for role in ["hash_key", "range_key"] {
        let Some(name) = object.text(role) else { continue };
        let value: &AttributeValue = item.get(name).ok_or_else(|| {
            let message = format!("The item has no attribute \"{name}\", which is its {role}.");
            Error::new(ErrorKind::Other, object.str("table_name").unwrap_or_default(), message)
        })?;
        key.insert(name.to_string(), value.clone());
    }
    Ok(key)
}

/// A table that was just made is not everywhere at once.
fn not_yet(error: &Error) -> Option<String> {
    (error.code == "ResourceNotFoundException").then(|| "waits for the table".into())
}

fn check_item(value: &Value) -> std::result::Result<(), String> {
    value.as_str().map_or(Ok(()), |text| item::parse(text).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_table_and_keys() {
        let object = Object::new().with("table_name", "t").with("hash_key", "id").with("range_key", "n");
        let item = item::parse(r#"{"id":{"B":"aGVsbG8="},"n":{"N":"1.50"}}"#).unwrap();
        assert_eq!(id_of(&object, &item).as_deref(), Some("t|id|aGVsbG8=|1.50"));
        assert_eq!(id_of(&object.with("range_key", ""), &item).as_deref(), Some("t|id|aGVsbG8="));
        for (id, fine) in [("t|id|a", true), ("t|id|a|1", true), ("t|id", false), ("t|id|", false), ("t||a", false)] {
            assert_eq!(TableItem.import_id(id).is_ok(), fine, "{id}");
        }
    }

    #[test]
    fn an_item_needs_its_keys() {
        let config = |item: &str| Object::new().with("hash_key", "id").with("range_key", "").with("item", item);
        for (item, wanted) in [
            (r#"{"id":{"S":"a"}}"#, None),
            (r#"{"ID":{"S":"a"}}"#, Some("Item without its key")),
            (r#"{"id":{"BOOL":true}}"#, Some("Wrong type of a key attribute")),
        ] {
            let found = TableItem.check(&config(item));
            assert_eq!(found.first().map(|(_, d)| d.summary), wanted, "{item}");
        }
    }
}
