//! A planned object in the words of DynamoDB's API: keys, indexes, throughput.
//!
//! Refuses to know when and in which order anything is sent.

use crate::resources::{Error, ErrorKind, Result};
use crate::value::Object;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, LocalSecondaryIndex, OnDemandThroughput, Projection, ProjectionType, ProvisionedThroughput,
    ScalarAttributeType, SseSpecification, SseType, StreamSpecification, StreamViewType, TableClass, Tag,
};

/// What an absent part of a request is to the builders: none of them is absent here, so this is a defect of ours.
pub(in crate::resources) fn built<T>(part: std::result::Result<T, BuildError>) -> Result<T> {
    part.map_err(|error| Error::new(ErrorKind::Other, "", format!("The request could not be put together: {error}.")))
}

/// Whether the table is paid on demand.
pub(super) fn on_demand(object: &Object) -> bool {
    object.str("billing_mode") == Some("PAY_PER_REQUEST")
}

/// Upper limits of on-demand throughput; 0 and -1 are none, and a -1 that is written is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    read: i64,
    write: i64,
}

impl PartialEq for Limits {
    fn eq(&self, other: &Limits) -> bool {
        self.read.max(0) == other.read.max(0) && self.write.max(0) == other.write.max(0)
    }
}

impl Eq for Limits {}

impl Limits {
    /// Of a table or of an index.
    pub(super) fn of(object: &Object) -> Limits {
        let block = object.block("on_demand_throughput").unwrap_or_default();
        let limit = |name| block.int(name).unwrap_or(0).max(-1);
        Limits { read: limit("max_read_request_units"), write: limit("max_write_request_units") }
    }

    /// For a creation: `None` where nothing is said.
    fn given(self) -> Option<OnDemandThroughput> {
        let limit = |n: i64| (n != 0).then_some(n);
        (self.read != 0 || self.write != 0).then(|| {
            OnDemandThroughput::builder()
                .set_max_read_request_units(limit(self.read))
                .set_max_write_request_units(limit(self.write))
                .build()
        })
    }

    /// For a change from `old`: what was limited and is not any more is set to -1, which takes the limit off.
    pub(super) fn from(self, old: Limits) -> Option<OnDemandThroughput> {
        let limit = |new: i64, old: i64| if new != 0 { Some(new) } else { (old > 0).then_some(-1) };
        (self != old).then(|| {
            OnDemandThroughput::builder()
                .set_max_read_request_units(limit(self.read, old.read))
                .set_max_write_request_units(limit(self.write, old.write))
                .build()
        })
    }
}

/// An index as it is planned or was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: String,
    hash_key: String,
    range_key: String,
    projection: String,
    non_key_attributes: Vec<String>,
    pub(super) capacity: (i64, i64),
    pub(super) limits: Limits,
}

impl Index {
    /// The global secondary indexes of a table, by name.
    pub(super) fn all(object: &Object) -> Vec<Index> {
        object.blocks("global_secondary_index").iter().map(Index::of).collect()
    }

    fn of(block: &Object) -> Index {
        let text = |name| block.str(name).unwrap_or_default().to_string();
        let mut non_key_attributes: Vec<_> =
            block.strings("non_key_attributes").into_iter().map(str::to_string).collect();
        non_key_attributes.sort();
        Index {
            name: text("name"),
            hash_key: text("hash_key"),
            range_key: text("range_key"),
            projection: text("projection_type"),
            non_key_attributes,
            capacity: (block.int("read_capacity").unwrap_or(0), block.int("write_capacity").unwrap_or(0)),
            limits: Limits::of(block),
        }
    }

    /// Whether one can be turned into the other without making it anew.
    pub(super) fn is_like(&self, other: &Index) -> bool {
        self.name == other.name
            && self.hash_key == other.hash_key
            && self.range_key == other.range_key
            && self.projection == other.projection
            && self.non_key_attributes == other.non_key_attributes
    }

    /// As part of a new table.
    fn definition(&self, on_demand: bool) -> Result<GlobalSecondaryIndex> {
        let index = GlobalSecondaryIndex::builder()
            .index_name(&self.name)
            .set_key_schema(Some(key_schema(&self.hash_key, &self.range_key)?))
            .projection(projection(&self.projection, &self.non_key_attributes));
        built(match on_demand {
            true => index.set_on_demand_throughput(self.limits.given()).build(),
            false => index.provisioned_throughput(throughput(self.capacity)?).build(),
        })
    }

    /// As an addition to a table that is there.
    pub(super) fn creation(&self, on_demand: bool) -> Result<CreateGlobalSecondaryIndexAction> {
        let index = CreateGlobalSecondaryIndexAction::builder()
            .index_name(&self.name)
            .set_key_schema(Some(key_schema(&self.hash_key, &self.range_key)?))
            .projection(projection(&self.projection, &self.non_key_attributes));
        built(match on_demand {
            true => index.set_on_demand_throughput(self.limits.given()).build(),
            false => index.provisioned_throughput(throughput(self.capacity)?).build(),
        })
    }
}

/// Everything a new table is made with; backups and time to live come later.
pub(super) fn creation(planned: &Object, tags: Vec<(String, String)>) -> Result<CreateTableInputBuilder> {
    let hash_key = planned.str("hash_key").unwrap_or_default();
    let on_demand = on_demand(planned);
    let mut input = CreateTableInputBuilder::default()
        .table_name(planned.str("name").unwrap_or_default())
        .billing_mode(if on_demand { BillingMode::PayPerRequest } else { BillingMode::Provisioned })
        .set_attribute_definitions(Some(attribute_definitions(planned)?))
        .set_key_schema(Some(key_schema(hash_key, planned.str("range_key").unwrap_or_default())?));
    if on_demand {
        input = input.set_on_demand_throughput(Limits::of(planned).given());
    } else {
        input = input.provisioned_throughput(throughput(capacity(planned))?);
    }
    for index in Index::all(planned) {
        input = input.global_secondary_indexes(index.definition(on_demand)?);
    }
    for block in planned.blocks("local_secondary_index") {
        let index = LocalSecondaryIndex::builder()
            .index_name(block.str("name").unwrap_or_default())
            .set_key_schema(Some(key_schema(hash_key, block.str("range_key").unwrap_or_default())?))
            .projection(projection(
                block.str("projection_type").unwrap_or_default(),
                &block.strings("non_key_attributes"),
            ));
        input = input.local_secondary_indexes(built(index.build())?);
    }
    if planned.bool("stream_enabled") == Some(true) {
        input = input.stream_specification(stream(planned)?);
    }
    if let Some(key) = encryption(planned) {
        input = input.sse_specification(key);
    }
    if planned.bool("deletion_protection_enabled") == Some(true) {
        input = input.deletion_protection_enabled(true);
    }
    // What AWS takes for granted is not said.
    if let Some(class) = planned.text("table_class").filter(|class| *class != "STANDARD") {
        input = input.table_class(TableClass::from(class));
    }
    for (key, value) in tags {
        input = input.tags(built(Tag::builder().key(key).value(value).build())?);
    }
    Ok(input)
}

/// The types of key attributes.
pub(super) fn attribute_definitions(object: &Object) -> Result<Vec<AttributeDefinition>> {
    let definition = |block: &Object| {
        let ty = ScalarAttributeType::from(block.str("type").unwrap_or_default());
        let name = block.str("name").unwrap_or_default();
        built(AttributeDefinition::builder().attribute_name(name).attribute_type(ty).build())
    };
    object.blocks("attribute").iter().map(definition).collect()
}

fn key_schema(hash_key: &str, range_key: &str) -> Result<Vec<KeySchemaElement>> {
    let key = |name: &str, ty| built(KeySchemaElement::builder().attribute_name(name).key_type(ty).build());
    let mut keys = vec![key(hash_key, KeyType::Hash)?];
    if !range_key.is_empty() {
        keys.push(key(range_key, KeyType::Range)?);
    }
    Ok(keys)
}

fn projection<S: AsRef<str>>(ty: &str, non_key_attributes: &[S]) -> Projection {
    let names: Vec<_> = non_key_attributes.iter().map(|name| name.as_ref().to_string()).collect();
    Projection::builder()
        .projection_type(ProjectionType::from(ty))
        .set_non_key_attributes((!names.is_empty()).then_some(names))
        .build()
}

/// Read and write capacity.
pub(super) fn capacity(object: &Object) -> (i64, i64) {
    (object.int("read_capacity").unwrap_or(0), object.int("write_capacity").unwrap_or(0))
}

pub(super) fn throughput((read, write): (i64, i64)) -> Result<ProvisionedThroughput> {
    built(ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build())
}

/// The stream as planned, on or off.
pub(super) fn stream(planned: &Object) -> Result<StreamSpecification> {
    let enabled = planned.bool("stream_enabled") == Some(true);
    let view = planned.text("stream_view_type").filter(|_| enabled).map(StreamViewType::from);
    built(StreamSpecification::builder().stream_enabled(enabled).set_stream_view_type(view).build())
}

/// Encryption with a key of the account; `None` where it is off.
pub(super) fn encryption(planned: &Object) -> Option<SseSpecification> {
    let block = planned.block("server_side_encryption").filter(|block| block.bool("enabled") == Some(true))?;
    let key = block.text("kms_key_arn").map(str::to_string);
    Some(
        SseSpecification::builder()
            .enabled(true)
            .set_sse_type(key.is_some().then_some(SseType::Kms))
            .set_kms_master_key_id(key)
            .build(),
    )
}
