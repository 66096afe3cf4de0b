//! `UpdateTable`.
//!
//! Refuses to know creation. Everything is judged before anything is changed.

use super::replicas;
use super::shape::{self, Given, invalid};
use super::tables::{find_settled, index_arn, new_stream};
use super::{Attribute, Table, Units, show};
use crate::sandbox::call::Call;
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input, len};
use crate::sandbox::kms;
use serde_json::json;

/// One of `GlobalSecondaryIndexUpdates`.
enum Change {
    Create(Given),
    Update { name: String, capacity: Option<(i64, i64)>, on_demand: Option<Units>, warm: Option<Units> },
    Delete(String),
}

impl Change {
    fn name(&self) -> &str {
        match self {
            Change::Create(given) => &given.index.name,
            Change::Update { name, .. } | Change::Delete(name) => name,
        }
    }
}

fn changes(input: &Input<'_>) -> Result<Vec<Change>, Fault> {
    let mut found = Vec::new();
    for given in input.structures("GlobalSecondaryIndexUpdates") {
        if let Some(create) = given.structure("Create") {
            found.push(Change::Create(shape::index(&create, 8)));
        } else if let Some(update) = given.structure("Update") {
            found.push(Change::Update {
                name: update.need("IndexName", len(3, 255)).to_owned(),
                capacity: shape::capacity(&update),
                on_demand: shape::on_demand(&update),
                warm: shape::warm(&update),
            });
        } else if let Some(delete) = given.structure("Delete") {
            found.push(Change::Delete(delete.need("IndexName", len(3, 255)).to_owned()));
        } else {
            let why = "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                GlobalSecondaryIndexUpdate.Delete must not be null";
            return Err(invalid(why));
        }
    }
    Ok(found)
}

pub(super) fn update_table(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    let billing = input.text("BillingMode", shape::BILLING);
    let capacity = shape::capacity(input);
    let class = input.text("TableClass", shape::CLASS);
    let protected = input.flag("DeletionProtectionEnabled");
    let on_demand = shape::on_demand(input);
    let warm = shape::warm(input);
    let defined = shape::attributes(input);
    let changes = changes(input)?;
    input.check()?;
    if input.has("GlobalTableWitnessUpdates") {
        return Err(Fault::validation("The embedded AWS does not know witnesses of global tables."));
    }
    let replicas = replicas::changes(input)?;
    input.text("MultiRegionConsistency", ANY);
    input.text("GlobalTableSettingsReplicationMode", ANY);
    let nothing = billing.is_none()
        && capacity.is_none()
        && class.is_none()
        && protected.is_none()
        && on_demand.is_none()
        && warm.is_none()
        && changes.is_empty()
        && replicas.is_empty()
        && !input.has("StreamSpecification")
        && !input.has("SSESpecification");
    if nothing {
        let text = "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or \
            SSESpecification or ReplicaUpdates is required";
        return Err(Fault::validation(text));
    }
    if billing == Some("PAY_PER_REQUEST") && capacity.is_some() {
        let why =
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";
        return Err(invalid(why));
    }
    shape::judge_capacity(capacity)?;
    judge_repeats(&changes)?;
    let stream = shape::stream(input)?;
    let encryption = shape::encryption(input)?;

    let mut table = find_settled(call, name)?.clone();
    let before = table.clone();
    let now = call.now;
    update_billing(&mut table, billing, capacity, now)?;
    shape::judge_on_demand(on_demand, table.on_demand_billing, "table")?;
    if let Some(units) = on_demand {
        table.on_demand = merged(table.on_demand, units);
    }
    if let Some(units) = warm {
        let old = before.warm.unwrap_or_default();
        let least = (old.read.unwrap_or(0), old.write.unwrap_or(0));
        shape::judge_warm(Some(units), least, "table")?;
        table.warm = Some(Units { read: units.read.or(old.read), write: units.write.or(old.write) });
    }
    let touched = update_indexes(&mut table, changes, &defined, billing.is_some(), now)?;
    match stream {
        Some(Some(view)) => {
            if table.stream.as_ref().is_some_and(|s| s.enabled) {
                let text = format!("Table already has an enabled stream: TableName: {name}");
                return Err(Fault::validation(text));
            }
            let arn = table.arn.clone();
            table.stream = Some(new_stream(call, &arn, view));
        }
        Some(None) => match &mut table.stream {
            Some(stream) if stream.enabled => stream.enabled = false,
            _ => return Err(Fault::validation(format!("Table is already disabled: TableName: {name}"))),
        },
        None => {}
    }
    match encryption {
        Some((true, Some(key))) => table.key = Some(kms::key_arn(call, &key)),
        Some((true, None)) => table.key = Some(kms::service_key_arn(call, "dynamodb")),
        Some((false, _)) => {
            if table.key.is_none() {
                let text = "Table is already encrypted by given KMSMasterKey";
                return Err(invalid(text));
            }
            table.key = None;
        }
        None => {}
    }
    if let Some(class) = class {
        if table.class.as_deref().unwrap_or("STANDARD") != class {
            table.class_changed = Some(now);
        }
        table.class = Some(class.to_owned());
    }
    table.protected = protected.unwrap_or(table.protected);
    replicas::update(call, &mut table, replicas)?;

    // Only this: such a change takes no time.
    let at_once = Table { protected: before.protected, ..table.clone() }.same_as(&before);
    if !at_once {
        call.settling.begin(&table.arn, "UPDATING");
        for (index, status) in &touched {
            call.settling.begin(&index_arn(&table, index), status);
        }
    }
    let of = |name: &str| touched.iter().find(|(n, _)| n == name).map(|(_, s)| *s);
    let status = if at_once { "ACTIVE" } else { "UPDATING" };
    let size = call.items.size(call, name);
    let shown = show::table(&table, status, &of, size);
    call.here().dynamodb.tables.insert(name.to_owned(), table);
    Ok(json!({"TableDescription": shown}))
}

impl Table {
    /// Whether a description would be the same.
    fn same_as(&self, other: &Table) -> bool {
        let shown = |t: &Table| show::table(t, "ACTIVE", &|_| None, show::Size::default());
        shown(self) == shown(other)
    }
}

/// New ceilings over old ones; `-1` takes one away.
fn merged(old: Option<Units>, new: Units) -> Option<Units> {
    let old = old.unwrap_or_default();
    let kept = |n: Option<i64>, o: Option<i64>| n.or(o).filter(|v| *v != -1);
    let units = Units { read: kept(new.read, old.read), write: kept(new.write, old.write) };
    (units.read.is_some() || units.write.is_some()).then_some(units)
}

/// What was warm on demand stays so.
fn kept_warm(units: Option<Units>) -> Units {
    let units = units.unwrap_or_default();
    let (read, write) = shape::LEAST_WARM;
    Units { read: Some(units.read.unwrap_or(0).max(read)), write: Some(units.write.unwrap_or(0).max(write)) }
}

fn judge_repeats(changes: &[Change]) -> Result<(), Fault> {
    let names: Vec<&str> = changes.iter().map(Change::name).collect();
    if let Some(i) = (1..names.len()).find(|i| names[..*i].contains(&names[*i])) {
        let why = "Only one global secondary index update per index is allowed simultaneously. Index: ";
        return Err(invalid(format!("{why}{}", names[i])));
    }
    Ok(())
}

fn update_billing(
    table: &mut Table,
    billing: Option<&str>,
    capacity: Option<(i64, i64)>,
    now: i64,
) -> Result<(), Fault> {
    let switched = match billing {
        Some("PAY_PER_REQUEST") => {
            let switched = !table.on_demand_billing;
            if switched {
                table.on_demand_billing = true;
                table.on_demand_since = Some(now);
                table.capacity = super::Capacity::default();
                for index in &mut table.global {
                    index.capacity = super::Capacity::default();
                }
            }
            switched
        }
        Some(_) => {
            if capacity.is_none() {
                return Err(invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED"));
            }
            let switched = table.on_demand_billing;
            table.on_demand_billing = false;
            if switched {
                table.on_demand = None;
                table.warm = Some(kept_warm(table.warm));
                for index in &mut table.global {
                    index.on_demand = None;
                    index.warm = Some(kept_warm(index.warm));
                }
            }
            switched
        }
        None if table.on_demand_billing && capacity.is_some() => {
            let why =
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";
            return Err(invalid(why));
        }
        None => false,
    };
    let Some((read, write)) = capacity else { return Ok(()) };
    let (old_read, old_write) = (table.capacity.read, table.capacity.write);
    if !switched && (read, write) == (old_read, old_write) {
        let text = format!(
            "The provisioned throughput for the table will not change. The requested value equals the current value. \
             Current ReadCapacityUnits provisioned for the table: {old_read}. Requested ReadCapacityUnits: {read}. \
             Current WriteCapacityUnits provisioned for the table: {old_write}. Requested WriteCapacityUnits: {write}. \
             Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
        );
        return Err(Fault::validation(text));
    }
    if switched {
        table.capacity = super::Capacity { read, write, increased: None, decreased: None };
    } else {
        table.capacity.change(read, write, now);
    }
    Ok(())
}

/// Creates, updates and deletes indexes; gives the status each shows meanwhile.
fn update_indexes(
    table: &mut Table,
    changes: Vec<Change>,
    defined: &[Attribute],
    billing_given: bool,
    now: i64,
) -> Result<Vec<(String, &'static str)>, Fault> {
    let online = changes.iter().filter(|c| !matches!(c, Change::Update { .. })).count();
    if online > 1 {
        let text = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
        return Err(Fault::new("LimitExceededException", text));
    }
    let mut touched = Vec::new();
    let structural = online > 0;
    let mut given_capacity = Vec::new();
    for change in changes {
        match change {
            Change::Create(given) => {
                let index = shape::global(given, defined, table.on_demand_billing)?;
                if table.global.iter().chain(&table.local).any(|i| i.name == index.name) {
                    return Err(invalid(format!("Index already exists: {}", index.name)));
                }
                if table.global.len() >= 20 {
                    return Err(invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20"));
                }
                // What is defined already keeps its type.
                for name in index.keys.names() {
                    let known = table.attributes.iter().any(|a| a.name == name);
                    if let (false, Some(new)) = (known, defined.iter().find(|d| d.name == name)) {
                        table.attributes.push(new.clone());
                    }
                }
                touched.push((index.name.clone(), "CREATING"));
                table.global.push(index);
            }
            Change::Update { name, capacity, on_demand, warm } => {
                shape::judge_capacity(capacity)?;
                let on_demand_billing = table.on_demand_billing;
                let Some(index) = table.global.iter_mut().find(|i| i.name == name) else {
                    let text = "This operation cannot be performed with given input values. Please contact DynamoDB service \
                        team for more info: Action Blocked: IndexUpdate";
                    return Err(Fault::validation(text));
                };
                if let Some((read, write)) = capacity {
                    if on_demand_billing {
                        let why = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
                            PAY_PER_REQUEST";
                        return Err(invalid(why));
                    }
                    if !billing_given && (read, write) == (index.capacity.read, index.capacity.write) {
                        let text = format!(
                            "The provisioned throughput for the index {name} will not change. The requested value equals the \
                             current value. Current ReadCapacityUnits provisioned for the index: {read}. Requested \
                             ReadCapacityUnits: {read}. Current WriteCapacityUnits provisioned for the index: {write}. \
                             Requested WriteCapacityUnits: {write}. Refer to the Amazon DynamoDB Developer Guide for current \
                             limits and how to request higher limits."
                        );
                        return Err(Fault::validation(text));
                    }
                    index.capacity.change(read, write, now);
                    given_capacity.push(name.clone());
                }
                shape::judge_on_demand(on_demand, on_demand_billing, &format!("index: {name}"))?;
                if let Some(units) = on_demand {
                    index.on_demand = merged(index.on_demand, units);
                }
                if let Some(units) = warm {
                    let old = index.warm.unwrap_or_default();
                    let least = (old.read.unwrap_or(0), old.write.unwrap_or(0));
                    shape::judge_warm(Some(units), least, &format!("index: {name}"))?;
                    index.warm = Some(Units { read: units.read.or(old.read), write: units.write.or(old.write) });
                }
                touched.push((name, "UPDATING"));
            }
            Change::Delete(name) => {
                let Some(at) = table.global.iter().position(|i| i.name == name) else {
                    let text = format!("Requested resource not found: No such Index in table: {name}");
                    return Err(Fault::new("ResourceNotFoundException", text));
                };
                table.global.remove(at);
                table.insights.remove(&name);
            }
        }
    }
    if structural {
        // Definitions that only a deleted index used go with it.
        let keys = table.keys.clone();
        let indexes: Vec<_> = table.global.iter().chain(&table.local).map(|i| i.keys.clone()).collect();
        table.attributes.retain(|a| keys.names().chain(indexes.iter().flat_map(|k| k.names())).any(|n| n == a.name));
    }
    // Coming from on-demand billing every index needs capacity of its own.
    if !table.on_demand_billing {
        let without = table.global.iter().find(|i| i.capacity.read == 0 || i.capacity.write == 0);
        if let Some(index) = without {
            let name = &index.name;
            return Err(invalid(format!("ProvisionedThroughput must be specified for index: {name}")));
        }
    }
    Ok(touched)
}
