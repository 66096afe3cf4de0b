//! A table as DynamoDB describes it.
//!
//! Refuses to change anything.

use super::{Capacity, Index, Keys, Table, Units, shape};
use crate::sandbox::call::seconds;
use serde_json::{Value, json};

fn keys(keys: &Keys) -> Value {
    let hash = keys.hash.iter().map(|n| json!({"AttributeName": n, "KeyType": "HASH"}));
    let range = keys.range.iter().map(|n| json!({"AttributeName": n, "KeyType": "RANGE"}));
    hash.chain(range).collect()
}

fn capacity(capacity: &Capacity) -> Value {
    let mut shown = json!({
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": capacity.read,
        "WriteCapacityUnits": capacity.write,
    });
    if let Some(ms) = capacity.increased {
        shown["LastIncreaseDateTime"] = seconds(ms);
    }
    if let Some(ms) = capacity.decreased {
        shown["LastDecreaseDateTime"] = seconds(ms);
    }
    shown
}

fn on_demand(units: &Units) -> Value {
    json!({
        "MaxReadRequestUnits": units.read.unwrap_or(-1),
        "MaxWriteRequestUnits": units.write.unwrap_or(-1),
    })
}

/// What was asked for, or what there is anyway.
fn warm(units: Option<Units>, capacity: &Capacity, on_demand: bool, status: &str) -> Value {
    let least = if on_demand { shape::LEAST_WARM } else { (capacity.read, capacity.write) };
    let units = units.unwrap_or_default();
    json!({
        "ReadUnitsPerSecond": units.read.unwrap_or(0).max(least.0),
        "WriteUnitsPerSecond": units.write.unwrap_or(0).max(least.1),
        "Status": status,
    })
}

fn projection(index: &Index) -> Value {
    let mut shown = json!({"ProjectionType": index.projection});
    if !index.included.is_empty() {
        shown["NonKeyAttributes"] = json!(index.included);
    }
    shown
}

/// How much is in a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) items: i64,
    pub(super) bytes: i64,
}

/// A table's description. `status` is the table's own, `index_status` says an index's where it is not `ACTIVE`.
pub(super) fn table(
    table: &Table,
    status: &str,
    index_status: &dyn Fn(&str) -> Option<&'static str>,
    size: Size,
) -> Value {
    let attributes = table.attributes.iter().map(|a| json!({"AttributeName": a.name, "AttributeType": a.kind}));
    let mut shown = json!({
        "AttributeDefinitions": attributes.collect::<Value>(),
        "TableName": table.name,
        "KeySchema": keys(&table.keys),
        "TableStatus": status,
        "CreationDateTime": seconds(table.created),
        "ProvisionedThroughput": capacity(&table.capacity),
        "TableSizeBytes": size.bytes,
        "ItemCount": size.items,
        "TableArn": table.arn,
        "TableId": table.id,
        "DeletionProtectionEnabled": table.protected,
    });
    let warm_status = if status == "CREATING" { "CREATING" } else { "ACTIVE" };
    shown["WarmThroughput"] = warm(table.warm, &table.capacity, table.on_demand_billing, warm_status);
    if table.on_demand_billing || table.on_demand_since.is_some() {
        let mode = if table.on_demand_billing { "PAY_PER_REQUEST" } else { "PROVISIONED" };
        shown["BillingModeSummary"] = json!({"BillingMode": mode});
        if let Some(ms) = table.on_demand_since {
            shown["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = seconds(ms);
        }
    }
    if let Some(units) = &table.on_demand {
        shown["OnDemandThroughput"] = on_demand(units);
    }
    if !table.local.is_empty() {
        let local = table.local.iter().map(|i| {
            json!({
                "IndexName": i.name,
                "KeySchema": keys(&i.keys),
                "Projection": projection(i),
                "IndexSizeBytes": 0,
                "ItemCount": 0,
                "IndexArn": format!("{}/index/{}", table.arn, i.name),
            })
        });
        shown["LocalSecondaryIndexes"] = local.collect();
    }
    if !table.global.is_empty() {
        let global = table.global.iter().map(|i| global(table, i, status, index_status(&i.name)));
        shown["GlobalSecondaryIndexes"] = global.collect();
    }
    if let Some(stream) = &table.stream {
        if stream.enabled {
            shown["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": stream.view});
        }
        shown["LatestStreamLabel"] = json!(stream.label);
        shown["LatestStreamArn"] = json!(format!("{}/stream/{}", table.arn, stream.label));
    }
    if let Some(key) = &table.key {
        shown["SSEDescription"] = json!({"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key});
    }
    if !table.replicas.is_empty() {
        let replicas = table.replicas.iter().map(|(region, key)| {
            let mut shown = json!({"RegionName": region, "ReplicaStatus": "ACTIVE"});
            if let Some(key) = key {
                shown["KMSMasterKeyId"] = json!(key);
            }
            shown
        });
        shown["Replicas"] = replicas.collect();
        shown["GlobalTableVersion"] = json!("2019.11.21");
    }
    if let Some(class) = &table.class {
        shown["TableClassSummary"] = json!({"TableClass": class});
        if let Some(ms) = table.class_changed {
            shown["TableClassSummary"]["LastUpdateDateTime"] = seconds(ms);
        }
    }
    shown
}

fn global(table: &Table, index: &Index, table_status: &str, own_status: Option<&str>) -> Value {
    let status = if table_status == "CREATING" { "CREATING" } else { own_status.unwrap_or("ACTIVE") };
    let mut shown = json!({
        "IndexName": index.name,
        "KeySchema": keys(&index.keys),
        "Projection": projection(index),
        "IndexStatus": status,
        "ProvisionedThroughput": capacity(&index.capacity),
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "IndexArn": format!("{}/index/{}", table.arn, index.name),
        "WarmThroughput": warm(index.warm, &index.capacity, table.on_demand_billing, status),
    });
    if own_status == Some("CREATING") {
        shown["Backfilling"] = json!(true);
    }
    if let Some(units) = &index.on_demand {
        shown["OnDemandThroughput"] = on_demand(units);
    }
    shown
}
