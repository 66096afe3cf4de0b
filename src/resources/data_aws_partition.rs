//! `data.aws_partition`: the part of AWS that the provider's region belongs to.
//!
//! Refuses to know accounts.

use super::{Aws, DataSource, Result};
use crate::partition;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "aws_partition",
    version: 0,
    doc: "The partition of the provider's region.",
    block: Block {
        attributes: &[
            Attribute::computed("dns_suffix", Ty::String).doc("Domain of the partition: amazonaws.com."),
            Attribute::optional_computed("id", Ty::String).doc("Name of the partition: aws."),
            Attribute::computed("partition", Ty::String).doc("Name of the partition: aws."),
            Attribute::computed("reverse_dns_prefix", Ty::String).doc("Domain in reverse order: com.amazonaws."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `data.aws_partition`
pub struct Partition;

#[async_trait]
impl DataSource for Partition {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, aws: &Aws, _: &Object) -> Result<Object> {
        let place = aws.place_so_far();
        let suffix = partition::dns_suffix(&place.region);
        let reverse: Vec<&str> = suffix.split('.').rev().collect();
        Ok(Object::new()
            .with("dns_suffix", suffix)
            .with("id", place.partition.as_str())
            .with("partition", place.partition.as_str())
            .with("reverse_dns_prefix", reverse.join(".")))
    }

    fn pure(&self) -> bool {
        true
    }
}
