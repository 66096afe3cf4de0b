//! Replicas: tables of the same name in other regions, made and deleted through the table they are copies of.
//!
//! Refuses to know items: each region keeps its own, and nothing is copied between them.

use super::Table;
use super::tables::new_stream;
use crate::sandbox::call::Call;
use crate::sandbox::fault::Fault;
use crate::sandbox::input::{Input, len};
use crate::sandbox::kms;
use std::collections::BTreeMap;

/// What shall become of the replica in a region.
pub(super) enum Change {
    Create(String, Option<String>),
    Update(String, Option<String>),
    Delete(String),
}

/// The changes that a request asks for.
pub(super) fn changes(input: &Input<'_>) -> Result<Vec<Change>, Fault> {
    let mut changes = Vec::new();
    for given in input.structures("ReplicaUpdates") {
        let region = |given: &Input<'_>| given.need("RegionName", len(1, 64)).to_owned();
        let key = |given: &Input<'_>| given.text("KMSMasterKeyId", len(1, 2048)).map(str::to_owned);
        if let Some(create) = given.structure("Create") {
            changes.push(Change::Create(region(&create), key(&create)));
        } else if let Some(update) = given.structure("Update") {
            changes.push(Change::Update(region(&update), key(&update)));
        } else if let Some(delete) = given.structure("Delete") {
            changes.push(Change::Delete(region(&delete)));
        }
    }
    input.check()?;
    if changes.len() > 1 {
        return Err(Fault::validation("Only one replica update is allowed at a time."));
    }
    Ok(changes)
}

/// Makes them.
pub(super) fn update(call: &mut Call<'_>, table: &mut Table, changes: Vec<Change>) -> Result<(), Fault> {
    let missing = |region: &str| {
        let text = format!(
            "Replica specified in the Replica Update or Replica Delete action of the request was not found: {region}"
        );
        Fault::validation(text)
    };
    for change in changes {
        match change {
            Change::Create(region, key) => create(call, table, region, key)?,
            Change::Update(region, key) => *table.replicas.get_mut(&region).ok_or_else(|| missing(&region))? = key,
            Change::Delete(region) => {
                table.replicas.remove(&region).ok_or_else(|| missing(&region))?;
                let name = table.name.clone();
                elsewhere(call, &region, |call| {
                    call.here().dynamodb.tables.remove(&name);
                    call.items.forget(call, &name);
                });
            }
        }
    }
    Ok(())
}

fn create(call: &mut Call<'_>, table: &mut Table, region: String, key: Option<String>) -> Result<(), Fault> {
    let streams = table.stream.as_ref().is_some_and(|s| s.enabled && s.view == "NEW_AND_OLD_IMAGES");
    if !streams {
        let text =
            "Table must have DynamoDB Streams enabled with StreamViewType set to NEW_AND_OLD_IMAGES to add a replica.";
        return Err(Fault::validation(text));
    }
    if region == call.region || table.replicas.contains_key(&region) {
        let text = format!("Failed to create a replica in {region}: the table already exists there.");
        return Err(Fault::validation(text));
    }
    let (name, here, original) = (table.name.clone(), call.region.clone(), table.clone());
    // Each region has a default key of its own.
    let by_default = original.key.as_ref() == Some(&kms::service_key_arn(call, "dynamodb"));
    let made = elsewhere(call, &region, |call| {
        if call.here().dynamodb.tables.contains_key(&name) {
            return Err(Fault::validation(format!(
                "Failed to create a replica: the table {name} already exists there."
            )));
        }
        let arn = call.arn("dynamodb", &format!("table/{name}"));
        let copy = Table {
            id: call.uuid(&format!("table/{arn}")),
            created: call.now,
            stream: Some(new_stream(call, &arn, "NEW_AND_OLD_IMAGES".to_owned())),
            arn,
            key: match (&key, by_default) {
                (None, true) => Some(kms::service_key_arn(call, "dynamodb")),
                (key, _) => key.clone().or_else(|| original.key.clone()),
            },
            protected: false,
            tags: BTreeMap::new(),
            recovery: None,
            policies: BTreeMap::new(),
            insights: BTreeMap::new(),
            destinations: Vec::new(),
            replicas: BTreeMap::from([(here, original.key.clone())]),
            ..original
        };
        call.items.forget(call, &name);
        call.here().dynamodb.tables.insert(name.clone(), copy);
        Ok(())
    });
    made?;
    table.replicas.insert(region, key);
    Ok(())
}

/// Does something as if the call had been to another region.
fn elsewhere<T>(call: &mut Call<'_>, region: &str, work: impl FnOnce(&mut Call<'_>) -> T) -> T {
    let here = std::mem::replace(&mut call.region, region.to_owned());
    let done = work(call);
    call.region = here;
    done
}
