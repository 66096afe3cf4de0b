//! `data.aws_default_tags`: the tags that the provider gives to everything.
//!
//! Refuses to know what is tagged.

use super::{Aws, DataSource, Result};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Fields, Object, Type, Value};
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "aws_default_tags",
    version: 0,
    doc: "The default_tags of the provider.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("id", Ty::String).doc("Partition of the provider."),
            Attribute::computed("tags", Ty::Map(&Ty::String)).doc("The default_tags of the provider."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `data.aws_default_tags`
pub struct DefaultTags;

#[async_trait]
impl DataSource for DefaultTags {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, aws: &Aws, _: &Object) -> Result<Object> {
        let place = aws.place_so_far();
        let tags: Fields = place.default_tags.iter().map(|(k, v)| (k.as_str().into(), Value::string(v))).collect();
        Ok(Object::new().with("id", place.partition.as_str()).with("tags", Value::map(Type::String, tags)))
    }

    fn pure(&self) -> bool {
        true
    }
}
