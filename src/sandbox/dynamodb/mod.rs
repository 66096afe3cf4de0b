//! DynamoDB: tables and everything about them here; items, queries and streams by the dynoxide crate.
//!
//! Refuses to know how items are kept: `items` has that, and makes a table there when one is first used.

mod copies;
mod create;
pub(super) mod items;
mod replicas;
mod settings;
mod shape;
mod show;
mod tables;
mod update;

use super::tags::Tags;
use super::{Operation, reads, writes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const OPERATIONS: &[Operation] = &[
    writes("CreateTable", create::create_table),
    reads("DescribeTable", tables::describe_table),
    writes("UpdateTable", update::update_table),
    writes("DeleteTable", tables::delete_table),
    writes("RestoreTableToPointInTime", copies::restore_table_to_point_in_time),
    writes("ImportTable", copies::import_table),
    reads("DescribeImport", copies::describe_import),
    reads("ListTables", tables::list_tables),
    reads("DescribeLimits", tables::describe_limits),
    reads("DescribeEndpoints", tables::describe_endpoints),
    writes("UpdateTimeToLive", settings::update_time_to_live),
    reads("DescribeTimeToLive", settings::describe_time_to_live),
    writes("UpdateContinuousBackups", settings::update_continuous_backups),
    reads("DescribeContinuousBackups", settings::describe_continuous_backups),
    writes("TagResource", settings::tag_resource),
    writes("UntagResource", settings::untag_resource),
    reads("ListTagsOfResource", settings::list_tags_of_resource),
    writes("PutResourcePolicy", settings::put_resource_policy),
    reads("GetResourcePolicy", settings::get_resource_policy),
    writes("DeleteResourcePolicy", settings::delete_resource_policy),
    writes("UpdateContributorInsights", settings::update_contributor_insights),
    reads("DescribeContributorInsights", settings::describe_contributor_insights),
    reads("ListContributorInsights", settings::list_contributor_insights),
    writes("EnableKinesisStreamingDestination", settings::enable_kinesis),
    writes("UpdateKinesisStreamingDestination", settings::update_kinesis),
    writes("DisableKinesisStreamingDestination", settings::disable_kinesis),
    reads("DescribeKinesisStreamingDestination", settings::describe_kinesis),
    reads("PutItem", items::put_item),
    reads("GetItem", items::get_item),
    reads("UpdateItem", items::update_item),
    reads("DeleteItem", items::delete_item),
    reads("Query", items::query),
    reads("Scan", items::scan),
    reads("BatchGetItem", items::batch_get_item),
    reads("BatchWriteItem", items::batch_write_item),
    reads("TransactGetItems", items::transact_get_items),
    reads("TransactWriteItems", items::transact_write_items),
];

pub(super) const STREAM_OPERATIONS: &[Operation] = &[reads("ListStreams", tables::list_streams)];

/// Everything DynamoDB has in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct DynamoDb {
    /// Name → table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tables: BTreeMap<String, Table>,
    /// ARN of an import → the table it made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    imports: BTreeMap<String, String>,
}

impl DynamoDb {
    /// Whether a table, or an index of it, is there.
    pub(super) fn has(&self, table: &str, index: Option<&str>) -> bool {
        let found = self.tables.get(table);
        found.is_some_and(|t| index.is_none_or(|i| t.global.iter().any(|g| g.name == i)))
    }
}

/// An attribute and its type: `S`, `N` or `B`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attribute {
    name: String,
    kind: String,
}

/// The attributes of a key: hash first. Several of each only in global indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Keys {
    hash: Vec<String>,
    range: Vec<String>,
}

impl Keys {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.hash.iter().chain(&self.range).map(String::as_str)
    }
}

/// Reads and writes: capacity units, request units or warm units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Units {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write: Option<i64>,
}

/// Provisioned capacity and when it changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Capacity {
    read: i64,
    write: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    increased: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decreased: Option<i64>,
}

impl Capacity {
    /// Sets new units and notes when they rose or fell.
    fn change(&mut self, read: i64, write: i64, now: i64) {
        if read > self.read || write > self.write {
            self.increased = Some(now);
        }
        if read < self.read || write < self.write {
            self.decreased = Some(now);
        }
        (self.read, self.write) = (read, write);
    }
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Index {
    name: String,
    keys: Keys,
    projection: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    included: Vec<String>,
    #[serde(default)]
    capacity: Capacity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_demand: Option<Units>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm: Option<Units>,
}

/// A stream: stays named after it was switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stream {
    enabled: bool,
    label: String,
    view: String,
}

/// A resource policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Policy {
    text: String,
    revision: String,
}

/// Where changes are sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Destination {
    arn: String,
    active: bool,
    precision: String,
}

/// A table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Table {
    name: String,
    arn: String,
    id: String,
    created: i64,
    attributes: Vec<Attribute>,
    keys: Keys,
    on_demand_billing: bool,
    /// When the table was last switched to on-demand billing; such a table shows its billing mode for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_demand_since: Option<i64>,
    capacity: Capacity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_demand: Option<Units>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm: Option<Units>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    global: Vec<Index>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    local: Vec<Index>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<Stream>,
    /// The ARN of the key, where the table is not encrypted with a key that DynamoDB owns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// When the class last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class_changed: Option<i64>,
    #[serde(default)]
    protected: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
    /// The attribute that says when an item expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<String>,
    /// Since when items can be restored, and for how many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<(i64, i64)>,
    /// ARN of the table or its stream → policy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    policies: BTreeMap<String, Policy>,
    /// Index name, empty for the table → mode, and when it was set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    insights: BTreeMap<String, (String, i64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    destinations: Vec<Destination>,
    /// Other region → the key that encrypts the table there, where one was named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    replicas: BTreeMap<String, Option<String>>,
}
