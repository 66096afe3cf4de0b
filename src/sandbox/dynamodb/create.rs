//! `CreateTable`.
//!
//! Refuses to know updates.

use super::shape::{self, invalid};
use super::tables::{self, new_stream};
use super::{Capacity, Table};
use crate::sandbox::call::Call;
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input};
use crate::sandbox::kms;
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Refuses the names that are there twice.
fn judge_names(names: &[&str]) -> Result<(), Fault> {
    match (1..names.len()).find(|i| names[..*i].contains(&names[*i])) {
        Some(i) => Err(invalid(format!("Duplicate index name: {}", names[i]))),
        None => Ok(()),
    }
}

pub(super) fn create_table(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    let billing = input.text("BillingMode", shape::BILLING);
    let capacity = shape::capacity(input);
    let schema = shape::key_schema(input, 2);
    if !input.has("AttributeDefinitions") {
        input.missing("AttributeDefinitions");
    }
    let attributes = shape::attributes(input);
    let global: Vec<_> = input.structures("GlobalSecondaryIndexes").iter().map(|i| shape::index(i, 8)).collect();
    let local: Vec<_> = input.structures("LocalSecondaryIndexes").iter().map(|i| shape::index(i, 2)).collect();
    let class = input.text("TableClass", shape::CLASS);
    let protected = input.flag("DeletionProtectionEnabled").unwrap_or(false);
    let on_demand = shape::on_demand(input);
    let warm = shape::warm(input);
    let given_tags = tags::read(input, "Tags", Spelling::Upper);
    let policy = input.text("ResourcePolicy", ANY);
    let stream = shape::stream(input)?;
    input.check()?;

    let on_demand_billing = billing == Some("PAY_PER_REQUEST");
    if on_demand_billing && capacity.is_some() {
        let why =
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";
        return Err(invalid(why));
    }
    shape::judge_capacity(capacity)?;
    if !on_demand_billing && capacity.is_none() {
        let why = "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED";
        return Err(invalid(why));
    }
    let keys = shape::judge_table_keys(&schema, &attributes)?;
    for (key, list) in [("LocalSecondaryIndexes", &local), ("GlobalSecondaryIndexes", &global)] {
        if list.is_empty() && input.has(key) {
            return Err(invalid(format!("List of {key} is empty")));
        }
    }
    if !local.is_empty() && keys.range.is_empty() {
        let why = "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex";
        return Err(invalid(why));
    }
    let local = local.into_iter().map(|i| shape::local(i, &attributes, &keys)).collect::<Result<Vec<_>, _>>()?;
    judge_names(&local.iter().map(|i| i.name.as_str()).collect::<Vec<_>>())?;
    if local.len() > 5 {
        return Err(invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5"));
    }
    let global =
        global.into_iter().map(|i| shape::global(i, &attributes, on_demand_billing)).collect::<Result<Vec<_>, _>>()?;
    judge_names(&local.iter().chain(&global).map(|i| i.name.as_str()).collect::<Vec<_>>())?;
    if global.len() > 20 {
        return Err(invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20"));
    }
    let indexes: Vec<_> = local.iter().chain(&global).collect();
    shape::judge_used(&attributes, &keys, &indexes)?;
    shape::judge_on_demand(on_demand, on_demand_billing, "table")?;
    shape::judge_warm(warm, capacity.unwrap_or(shape::LEAST_WARM), "table")?;
    let encryption = shape::encryption(input)?;
    tables::judge_tags(&given_tags)?;
    if call.here().dynamodb.tables.contains_key(name) {
        return Err(Fault::new("ResourceInUseException", format!("Table already exists: {name}")));
    }

    let arn = call.arn("dynamodb", &format!("table/{name}"));
    let key = match encryption {
        Some((true, Some(key))) => Some(kms::key_arn(call, &key)),
        Some((true, None)) => Some(kms::service_key_arn(call, "dynamodb")),
        _ => None,
    };
    let stream = stream.flatten().map(|view| new_stream(call, &arn, view));
    let (read, write) = capacity.unwrap_or_default();
    let mut table = Table {
        name: name.to_owned(),
        id: call.uuid(&format!("table/{arn}")),
        arn: arn.clone(),
        created: call.now,
        attributes,
        keys,
        on_demand_billing,
        on_demand_since: on_demand_billing.then_some(call.now),
        capacity: Capacity { read, write, increased: None, decreased: None },
        on_demand,
        warm,
        global,
        local,
        stream,
        key,
        class: class.map(str::to_owned),
        class_changed: None,
        protected,
        tags: given_tags.into_iter().collect(),
        ttl: None,
        recovery: None,
        policies: BTreeMap::new(),
        insights: BTreeMap::new(),
        destinations: Vec::new(),
        replicas: BTreeMap::new(),
    };
    if let Some(text) = policy {
        let policy = super::settings::new_policy(call, &arn, text)?;
        table.policies.insert(arn.clone(), policy);
    }
    let shown = super::show::table(&table, "CREATING", &|_| None, super::show::Size::default());
    call.items.forget(call, name);
    call.settling.begin(&arn, "CREATING");
    call.here().dynamodb.tables.insert(name.to_owned(), table);
    Ok(json!({"TableDescription": creating(shown)}))
}

/// What a table that is being created does not show yet.
fn creating(mut shown: Value) -> Value {
    if let Some(members) = shown.as_object_mut() {
        members.shift_remove("WarmThroughput");
    }
    shown
}
