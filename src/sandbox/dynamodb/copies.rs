//! Tables that begin with data: restored from another table's continuous backups, or imported from S3.
//!
//! Only the present can be restored, whatever time is asked for. There is no S3 here, so an import finds nothing and is done at once.

use super::tables::{find, no_table};
use super::{Capacity, Table, create, items, shape};
use crate::sandbox::call::Call;
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input, len, one_of};
use crate::sandbox::kms;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn restore_table_to_point_in_time(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let target = input.need("TargetTableName", len(3, 255)).to_owned();
    let source = input.text("SourceTableName", len(3, 255));
    let source_arn = input.text("SourceTableArn", ANY);
    let billing = input.text("BillingModeOverride", shape::BILLING);
    let latest = input.flag("UseLatestRestorableTime").unwrap_or(false);
    let capacity = input.structure("ProvisionedThroughputOverride").map(|given| {
        let units = |key| given.int(key, 1, i64::MAX).unwrap_or(1);
        (units("ReadCapacityUnits"), units("WriteCapacityUnits"))
    });
    let indexes: Option<Vec<String>> = input.has("GlobalSecondaryIndexOverride").then(|| {
        let given = input.structures("GlobalSecondaryIndexOverride");
        given.iter().map(|i| i.need("IndexName", len(3, 255)).to_owned()).collect()
    });
    let key = input.structure("SSESpecificationOverride").map(|given| {
        let on = given.flag("Enabled").unwrap_or(false);
        (on, given.text("KMSMasterKeyId", ANY).map(str::to_owned))
    });
    input.check()?;
    let from_arn = source_arn.and_then(|arn| arn.rsplit_once("table/")).map(|(_, name)| name);
    let Some(source) = source.or(from_arn).map(str::to_owned) else {
        return Err(Fault::validation("One of SourceTableName and SourceTableArn must be specified"));
    };
    if !latest && !input.has("RestoreDateTime") {
        return Err(Fault::validation("One of RestoreDateTime and UseLatestRestorableTime must be specified"));
    }
    let not_found = |_| Fault::new("TableNotFoundException", format!("Table not found: {source}"));
    let original = find(call, &source).map_err(not_found)?.clone();
    if original.recovery.is_none() {
        let text = format!("Point in time recovery is not enabled for table '{source}'");
        return Err(Fault::new("PointInTimeRecoveryUnavailableException", text));
    }
    if call.here().dynamodb.tables.contains_key(&target) {
        return Err(Fault::new("TableAlreadyExistsException", format!("Table already exists: {target}")));
    }
    let arn = call.arn("dynamodb", &format!("table/{target}"));
    let on_demand_billing = billing.map_or(original.on_demand_billing, |mode| mode == "PAY_PER_REQUEST");
    let (read, write) = match on_demand_billing {
        true => (0, 0),
        false => capacity.unwrap_or((original.capacity.read.max(1), original.capacity.write.max(1))),
    };
    let mut global = original.global.clone();
    global.retain(|i| indexes.as_ref().is_none_or(|names| names.contains(&i.name)));
    for index in &mut global {
        let units = if on_demand_billing { (0, 0) } else { (index.capacity.read.max(1), index.capacity.write.max(1)) };
        index.capacity = Capacity { read: units.0, write: units.1, increased: None, decreased: None };
    }
    let key = match key {
        Some((true, Some(key))) => Some(kms::key_arn(call, &key)),
        Some((true, None)) => Some(kms::service_key_arn(call, "dynamodb")),
        Some((false, _)) => None,
        None => original.key.clone(),
    };
    let table = Table {
        name: target.clone(),
        id: call.uuid(&format!("table/{arn}")),
        arn: arn.clone(),
        created: call.now,
        on_demand_billing,
        on_demand_since: on_demand_billing.then_some(call.now),
        capacity: Capacity { read, write, increased: None, decreased: None },
        global,
        key,
        stream: None,
        class: None,
        class_changed: None,
        protected: false,
        tags: BTreeMap::new(),
        ttl: None,
        recovery: None,
        policies: BTreeMap::new(),
        insights: BTreeMap::new(),
        destinations: Vec::new(),
        replicas: BTreeMap::new(),
        ..original
    };
    let shown = super::show::table(&table, "CREATING", &|_| None, super::show::Size::default());
    call.items.forget(call, &target);
    call.settling.begin(&arn, "CREATING");
    call.here().dynamodb.tables.insert(target.clone(), table);
    copy_items(call, &source, &target)?;
    Ok(json!({"TableDescription": shown}))
}

/// Puts every item of one table into another.
fn copy_items(call: &mut Call<'_>, source: &str, target: &str) -> Result<(), Fault> {
    fn ask(map: &Map<String, Value>) -> Input<'_> {
        Input::new(map, "ValidationException")
    }
    let mut next = None;
    loop {
        let mut request = Map::from_iter([("TableName".to_owned(), json!(source))]);
        if let Some(next) = next {
            request.insert("ExclusiveStartKey".to_owned(), next);
        }
        let mut page = items::scan(call, &ask(&request))?;
        for item in page["Items"].as_array().into_iter().flatten() {
            let request = Map::from_iter([("TableName".to_owned(), json!(target)), ("Item".to_owned(), item.clone())]);
            items::put_item(call, &ask(&request))?;
        }
        next = page.as_object_mut().and_then(|page| page.shift_remove("LastEvaluatedKey"));
        if next.is_none() {
            return Ok(());
        }
    }
}

pub(super) fn import_table(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    input.need("InputFormat", one_of(&["DYNAMODB_JSON", "ION", "CSV"]));
    let source = input.structure("S3BucketSource");
    match &source {
        Some(source) => {
            source.need("S3Bucket", len(1, 255));
        }
        None => input.missing("S3BucketSource"),
    }
    let Some(parameters) = input.structure("TableCreationParameters") else {
        input.missing("TableCreationParameters");
        input.check()?;
        return Ok(Value::Null);
    };
    input.check()?;
    let name = shape::table_name(&parameters)?.to_owned();
    create::create_table(call, &parameters)?;
    let arn = find(call, &name).map_err(|_| no_table(&name))?.arn.clone();
    let id = call.uuid(&format!("import/{arn}"));
    let import = format!("{arn}/import/{id}");
    call.here().dynamodb.imports.insert(import.clone(), arn.clone());
    Ok(described(&import, &arn, "IN_PROGRESS"))
}

pub(super) fn describe_import(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let import = input.need("ImportArn", len(37, 1024));
    input.check()?;
    match call.here().dynamodb.imports.get(import) {
        Some(table) => Ok(described(import, table, "COMPLETED")),
        None => Err(Fault::new("ImportNotFoundException", format!("Import not found: {import}"))),
    }
}

fn described(import: &str, table: &str, status: &str) -> Value {
    json!({"ImportTableDescription": {
        "ImportArn": import, "TableArn": table, "ImportStatus": status, "ImportedItemCount": 0, "ProcessedItemCount": 0,
        "ErrorCount": 0,
    }})
}
