//! What DynamoDB answers about a table → the object, as the provider keeps it.
//!
//! Refuses to know how it is asked for. DynamoDB answers the ARN of the key that encrypts a table even where it is the account's default
//! key, of which the provider says nothing; telling the two apart would take a call to KMS for each table and each read. So what was
//! said before stands: a key not named stays not named.

use super::replicas::{self, Replica};
use super::schema::SCHEMA;
use crate::resources::{Aws, settle};
use crate::value::{Object, Type, Value};
use aws_sdk_dynamodb::types::{
    BillingMode, KeySchemaElement, KeyType, OnDemandThroughput, PointInTimeRecoveryDescription,
    PointInTimeRecoveryStatus, Projection, SseStatus, TableDescription, TimeToLiveDescription, TimeToLiveStatus,
};

/// All that one look at a table finds. What an endpoint cannot tell (a local DynamoDB knows no backups) is `None`.
pub(super) struct Found {
    pub(super) table: TableDescription,
    pub(super) backups: Option<PointInTimeRecoveryDescription>,
    pub(super) ttl: Option<TimeToLiveDescription>,
    pub(super) replicas: Vec<Replica>,
    /// The key that AWS keeps for tables, where somebody asked KMS for it.
    pub(super) default_key: Option<String>,
}

impl Found {
    /// The key that encrypts the table, where one of KMS does.
    pub(super) fn key(&self) -> Option<&str> {
        self.table.sse_description()?.kms_master_key_arn()
    }
}

/// What DynamoDB says about the table's past.
pub(super) fn traces(aws: &Aws, found: &Found) {
    let table = &found.table;
    let throughput = table.provisioned_throughput();
    let backups = found.backups.as_ref().and_then(|b| b.earliest_restorable_date_time());
    for (what, when) in [
        ("made", table.creation_date_time()),
        ("capacity last raised", throughput.and_then(|t| t.last_increase_date_time())),
        ("capacity last lowered", throughput.and_then(|t| t.last_decrease_date_time())),
        (
            "switched to on-demand",
            table.billing_mode_summary().and_then(|b| b.last_update_to_pay_per_request_date_time()),
        ),
        ("class last changed", table.table_class_summary().and_then(|c| c.last_update_date_time())),
        ("can be restored from", backups),
    ] {
        aws.trace(SCHEMA.name, table.table_name().unwrap_or_default(), what, when);
    }
}

/// The object without its tags. `seen` is what we last saw or planned: what AWS does not tell is taken from it.
pub(super) fn object(seen: &Object, found: &Found) -> Object {
    let table = &found.table;
    let name = table.table_name().unwrap_or_default();
    let on_demand =
        table.billing_mode_summary().and_then(|b| b.billing_mode()).is_some_and(|m| *m == BillingMode::PayPerRequest);
    let mut object = settle::complete(&SCHEMA, seen);
    object.set("id", name);
    object.set("name", name);
    object.set("arn", table.table_arn().unwrap_or_default());
    object.set("billing_mode", if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" });
    let throughput = table.provisioned_throughput();
    let (read, write) = (
        throughput.and_then(|t| t.read_capacity_units()).filter(|_| !on_demand),
        throughput.and_then(|t| t.write_capacity_units()).filter(|_| !on_demand),
    );
    object.set("read_capacity", read.unwrap_or(0));
    object.set("write_capacity", write.unwrap_or(0));
    object.set("on_demand_throughput", limits(seen, table.on_demand_throughput().filter(|_| on_demand)));
    object.set("deletion_protection_enabled", table.deletion_protection_enabled().unwrap_or(false));
    let class = table.table_class_summary().and_then(|c| c.table_class());
    object.set("table_class", class.map_or("STANDARD", |c| c.as_str()));

    object.set("hash_key", key(table.key_schema(), &KeyType::Hash).unwrap_or_default());
    object.set("range_key", text_or_null(key(table.key_schema(), &KeyType::Range)));
    let attributes = table.attribute_definitions().iter();
    let attributes =
        attributes.map(|a| Object::new().with("name", a.attribute_name()).with("type", a.attribute_type().as_str()));
    object.set("attribute", set("attribute", attributes));
    object.set("global_secondary_index", global_indexes(seen, table, on_demand));
    let indexes = table.local_secondary_indexes().iter().map(|index| {
        Object::new()
            .with("name", index.index_name().unwrap_or_default())
            .with("range_key", key(index.key_schema(), &KeyType::Range).unwrap_or_default())
            .with("projection_type", projection_type(index.projection()))
            .with("non_key_attributes", Value::list(Type::String, non_key_attributes(index.projection())))
    });
    object.set("local_secondary_index", set("local_secondary_index", indexes));

    let stream = table.stream_specification().filter(|s| s.stream_enabled());
    object.set("stream_enabled", stream.is_some());
    match stream.and_then(|s| s.stream_view_type()) {
        Some(view) => object.set("stream_view_type", view.as_str()),
        // Kept by whoever wrote it, so that a stream can be switched on again as it was.
        None => object.set("stream_view_type", seen.str("stream_view_type").unwrap_or_default()),
    }
    object.set("stream_arn", table.latest_stream_arn().unwrap_or_default());
    object.set("stream_label", table.latest_stream_label().unwrap_or_default());

    object.set("server_side_encryption", encryption(seen, found));
    object.set("point_in_time_recovery", backups(found.backups.as_ref()));
    object.set("ttl", ttl(found.ttl.as_ref()));
    object.set("replica", replicas::value(seen, table.table_arn().unwrap_or_default(), &found.replicas));
    object
}

fn global_indexes(seen: &Object, table: &TableDescription, on_demand: bool) -> Value {
    let before = seen.blocks("global_secondary_index");
    let indexes = table.global_secondary_indexes().iter().map(|index| {
        let name = index.index_name().unwrap_or_default();
        let before = before.iter().find(|b| b.str("name") == Some(name)).cloned().unwrap_or_default();
        let throughput = index.provisioned_throughput().filter(|_| !on_demand);
        let names = Value::set(Type::String, non_key_attributes(index.projection()));
        Object::new()
            .with("name", name)
            .with("hash_key", key(index.key_schema(), &KeyType::Hash).unwrap_or_default())
            .with("range_key", key(index.key_schema(), &KeyType::Range).unwrap_or_default())
            .with("projection_type", projection_type(index.projection()))
            .with("non_key_attributes", names)
            .with("read_capacity", throughput.and_then(|t| t.read_capacity_units()).unwrap_or(0))
            .with("write_capacity", throughput.and_then(|t| t.write_capacity_units()).unwrap_or(0))
            .with("on_demand_throughput", limits(&before, index.on_demand_throughput().filter(|_| on_demand)))
    });
    set("global_secondary_index", indexes)
}

/// `on_demand_throughput`. Limits that were taken off (-1) are as good as none where nobody has written the block.
fn limits(seen: &Object, found: Option<&OnDemandThroughput>) -> Value {
    let read = found.and_then(|t| t.max_read_request_units()).unwrap_or(0);
    let write = found.and_then(|t| t.max_write_request_units()).unwrap_or(0);
    let written = seen.block("on_demand_throughput");
    let block = if read <= 0 && write <= 0 {
        // A written -1 stays as it is; a written limit that is gone is drift.
        let keep = |name, found: i64| written.as_ref().and_then(|b| b.int(name)).filter(|n| *n <= 0).unwrap_or(found);
        written.is_some().then(|| (keep("max_read_request_units", read), keep("max_write_request_units", write)))
    } else {
        Some((read, write))
    };
    let block = block.map(|(read, write)| {
        Object::new().with("max_read_request_units", read).with("max_write_request_units", write).to_value()
    });
    Value::list(block_type("on_demand_throughput"), block.into_iter().collect())
}

/// `server_side_encryption`. The default key is an empty text, as the provider has it: only a key of one's own has a name.
fn encryption(seen: &Object, all: &Found) -> Value {
    let Some(found) = all.table.sse_description() else {
        return Value::list(block_type("server_side_encryption"), vec![]);
    };
    let on = match found.status() {
        Some(SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating) => true,
        Some(SseStatus::Disabled | SseStatus::Disabling) | None => false,
        Some(_) => true,
    };
    let key = found.kms_master_key_arn().unwrap_or_default();
    let before = seen.block("server_side_encryption");
    let named = match &all.default_key {
        Some(default) => default != key,
        // KMS did not tell: a block that was seen or planned without a key says that the key is the default one.
        None => before.as_ref().is_none_or(|b| b.bool("enabled") != Some(true) || b.text("kms_key_arn").is_some()),
    };
    let key = if named { key } else { "" };
    let block = Object::new().with("enabled", on).with("kms_key_arn", key).to_value();
    Value::list(block_type("server_side_encryption"), if on { vec![block] } else { vec![] })
}

fn backups(found: Option<&PointInTimeRecoveryDescription>) -> Value {
    let on =
        found.and_then(|b| b.point_in_time_recovery_status()).is_some_and(|s| *s == PointInTimeRecoveryStatus::Enabled);
    let days = found.and_then(|b| b.recovery_period_in_days()).filter(|_| on).unwrap_or(0);
    let block = Object::new().with("enabled", on).with("recovery_period_in_days", i64::from(days));
    Value::list(block_type("point_in_time_recovery"), vec![block.to_value()])
}

fn ttl(found: Option<&TimeToLiveDescription>) -> Value {
    let on = found
        .and_then(|t| t.time_to_live_status())
        .is_some_and(|s| matches!(s, TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
    let name = found.and_then(|t| t.attribute_name()).unwrap_or_default();
    let block = Object::new().with("enabled", on).with("attribute_name", name);
    Value::list(block_type("ttl"), vec![block.to_value()])
}

fn key<'a>(schema: &'a [KeySchemaElement], ty: &KeyType) -> Option<&'a str> {
    schema.iter().find(|k| k.key_type() == ty).map(|k| k.attribute_name())
}

fn projection_type(projection: Option<&Projection>) -> &str {
    projection.and_then(|p| p.projection_type()).map_or("", |t| t.as_str())
}

fn non_key_attributes(projection: Option<&Projection>) -> Vec<Value> {
    projection.map(|p| p.non_key_attributes()).unwrap_or_default().iter().map(Value::string).collect()
}

fn text_or_null(text: Option<&str>) -> Value {
    text.map_or_else(|| Value::null(Type::String), Value::string)
}

fn set(block: &str, elements: impl Iterator<Item = Object>) -> Value {
    Value::set(block_type(block), elements.map(|e| e.to_value()).collect())
}

/// The type of one block of this name.
fn block_type(name: &str) -> Type {
    SCHEMA.block.nested(name).map_or(Type::Any, |b| b.block.ty())
}
