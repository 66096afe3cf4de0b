//! `aws_dynamodb_tag`: one tag of a table that is managed elsewhere, such as a replica.

use super::arn::Arn;
use super::aws_dynamodb_table as table;
use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, Place, Resource, Result, checks, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;
use aws_sdk_dynamodb::types::Tag as SdkTag;

/// `aws_dynamodb_tag`
pub struct Tag;

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_tag",
    version: 0,
    doc: "One tag of a table; not to be mixed with the tags argument of the same table.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("id", Ty::String)
                .doc("ARN of the table and the key, with a comma between them."),
            Attribute::required("key", Ty::String).replaces().doc("Key of the tag."),
            Attribute::required("resource_arn", Ty::String).replaces().check(checks::arn).doc("ARN of the table."),
            Attribute::required("value", Ty::String).doc("Value of the tag."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const OWNER: On = On::Attribute("resource_arn");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["dynamodb:ListTagsOfResource"], OWNER)],
    create: &[Permit::new(&["dynamodb:TagResource"], OWNER)],
    update: &[Permit::new(&["dynamodb:TagResource"], OWNER)],
    delete: &[Permit::new(&["dynamodb:UntagResource"], OWNER)],
};

#[async_trait]
impl Resource for Tag {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let Some((arn, key)) = split(prior.str("id").unwrap_or_default()) else { return Ok(None) };
        let tags = table::tags_of(aws, arn).await?;
        let Some((key, value)) = tags.into_iter().rfind(|(k, _)| k == key) else { return Ok(None) };
        let mut object = settle::complete(&SCHEMA, prior);
        object.set("resource_arn", arn);
        object.set("key", key);
        object.set("value", value);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn update(&self, aws: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let Some((arn, key)) = split(prior.str("id").unwrap_or_default()) else { return Ok(()) };
        let call = aws.dynamodb().untag_resource().resource_arn(arn).tag_keys(key);
        table::gone(call.send().await.map(drop).map_err(Error::of("dynamodb:UntagResource", arn)))
    }

    fn predict(&self, _: &Place, planned: &mut Object) {
        if let (Some(arn), Some(key)) = (planned.text("resource_arn"), planned.text("key")) {
            planned.set("id", format!("{arn},{key}"));
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match split(id).filter(|(arn, _)| Arn::parse(arn).is_some()) {
            Some(_) => Ok(Object::new().with("id", id)),
            None => Err(format!(
                "A tag is imported by ARN,KEY, such as \"arn:aws:dynamodb:us-east-1:123456789012:table/orders,team\"; got \"{id}\"."
            )),
        }
    }
}

async fn put(aws: &Aws, planned: &Object) -> Result<Object> {
    let arn = planned.str("resource_arn").unwrap_or_default();
    let key = planned.str("key").unwrap_or_default();
    let tag = SdkTag::builder().key(key).value(planned.str("value").unwrap_or_default()).build();
    let call = aws.dynamodb().tag_resource().resource_arn(arn).tags(table::built(tag)?);
    call.send().await.map_err(Error::of("dynamodb:TagResource", arn))?;
    let id = format!("{arn},{key}");
    Ok(settle::complete(&SCHEMA, planned).with("id", id))
}

/// ARN and key; the key may have commas.
fn split(id: &str) -> Option<(&str, &str)> {
    id.split_once(',').filter(|(arn, key)| !arn.is_empty() && !key.is_empty())
}
