//! Items, by the dynoxide crate: one SQLite database per account and region, opened when an item is first used.
//!
//! Refuses to know tables beyond their keys and indexes. The world says which tables there are; a table is made or adjusted
//! in the database before an operation uses it.

use super::show::Size;
use super::{Index, Table, tables};
use crate::sandbox::call::Call;
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input};
use crate::sandbox::lock;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Where items are kept.
pub(in crate::sandbox) struct Items {
    /// `None`: in memory.
    dir: Option<PathBuf>,
    /// Account and region → its open database.
    open: Mutex<HashMap<String, Open>>,
}

struct Open {
    database: Database,
    /// Table → what it looked like when it was last made to fit: the database remembers tables, and another process may
    /// have replaced one since.
    fitted: HashMap<String, String>,
}

/// What a table in the database depends on.
fn fingerprint(table: &Table) -> String {
    let indexes: Vec<String> =
        table.global.iter().map(|i| format!("{} {:?} {:?}", i.name, i.keys, i.included)).collect();
    format!("{} {}", table.id, indexes.join(";"))
}

fn refused(operation: &str, error: &DynoxideError) -> Fault {
    let code = error.error_type();
    let code = code.rsplit('#').next().unwrap_or(code);
    let mut message = error.to_string();
    // The three that carry one item say how many constraints broke.
    if matches!(error, DynoxideError::EnvelopedValidation(_))
        && matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem")
    {
        message = format!("1 validation error detected: {message}");
    }
    let mut fault = Fault::new(code, message);
    fault.status = error.status_code();
    match error {
        DynoxideError::TransactionCanceledException(_, reasons) => {
            fault = fault.with("CancellationReasons", serde_json::to_value(reasons).unwrap_or(Value::Null));
        }
        DynoxideError::ConditionalCheckFailedException(_, Some(item)) => {
            fault = fault.with("Item", serde_json::to_value(item).unwrap_or(Value::Null));
        }
        _ => {}
    }
    fault
}

/// What a request's shape is refused with: the crate says it through serde.
fn misread(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    match (text.strip_prefix("VALIDATION:"), text.strip_prefix("SERIALIZATION:")) {
        (Some(rest), _) => Fault::validation(rest),
        (_, Some(rest)) => Fault::new("SerializationException", rest),
        _ => Fault::new("SerializationException", text),
    }
}

fn keys(index: &super::Keys) -> Value {
    let hash = index.hash.iter().map(|n| json!({"AttributeName": n, "KeyType": "HASH"}));
    hash.chain(index.range.iter().map(|n| json!({"AttributeName": n, "KeyType": "RANGE"}))).collect()
}

fn index(index: &Index) -> Value {
    let mut projection = json!({"ProjectionType": index.projection});
    if !index.included.is_empty() {
        projection["NonKeyAttributes"] = json!(index.included);
    }
    json!({"IndexName": index.name, "KeySchema": keys(&index.keys), "Projection": projection})
}

fn attributes(table: &Table) -> Value {
    table.attributes.iter().map(|a| json!({"AttributeName": a.name, "AttributeType": a.kind})).collect()
}

/// The table as the database is to create it.
fn creation(table: &Table) -> Value {
    let mut request = json!({
        "TableName": table.name,
        "KeySchema": keys(&table.keys),
        "AttributeDefinitions": attributes(table),
        "BillingMode": "PAY_PER_REQUEST",
    });
    if !table.global.is_empty() {
        request["GlobalSecondaryIndexes"] = table.global.iter().map(index).collect();
    }
    if !table.local.is_empty() {
        request["LocalSecondaryIndexes"] = table.local.iter().map(index).collect();
    }
    request
}

impl Items {
    /// Kept in memory.
    pub(in crate::sandbox) fn in_memory() -> Items {
        Items { dir: None, open: Mutex::default() }
    }

    /// Kept under a directory.
    pub(in crate::sandbox) fn under(dir: &Path) -> Items {
        Items { dir: Some(dir.to_owned()), open: Mutex::default() }
    }

    fn file(&self, place: &str) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(format!("items-{place}.sqlite")))
    }

    fn place(call: &Call<'_>) -> String {
        let plain = |s: &str| s.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
        format!("{}-{}", plain(&call.account), plain(&call.region))
    }

    fn open(&self, place: &str) -> Result<Database, Fault> {
        let failed = |e: DynoxideError| Fault::new("InternalServerError", e.to_string());
        match self.file(place) {
            None => Database::memory().map_err(failed),
            Some(path) => {
                if let Some(dir) = path.parent() {
                    let io = |e: std::io::Error| Fault::new("InternalServerError", e.to_string());
                    std::fs::create_dir_all(dir).map_err(io)?;
                }
                Database::new(&path.to_string_lossy()).map_err(failed)
            }
        }
    }

    /// A database in which these tables are as the world has them.
    fn fitted(&self, place: &str, tables: &[Table]) -> Result<Database, Fault> {
        let mut open = lock(&self.open);
        let changed = open
            .get(place)
            .is_some_and(|o| tables.iter().any(|t| o.fitted.get(&t.name).is_some_and(|f| *f != fingerprint(t))));
        // What the database remembers of a table that has changed must not be believed. In memory nobody else changes any.
        if changed && self.dir.is_some() {
            open.remove(place);
        }
        if !open.contains_key(place) {
            let database = self.open(place)?;
            open.insert(place.to_owned(), Open { database, fitted: HashMap::new() });
        }
        let Some(found) = open.get_mut(place) else {
            return Err(Fault::new("InternalServerError", "The items cannot be opened."));
        };
        for table in tables {
            let print = fingerprint(table);
            if found.fitted.get(&table.name) != Some(&print) {
                fit(&found.database, table)?;
                found.fitted.insert(table.name.clone(), print);
            }
        }
        Ok(found.database.clone())
    }

    /// Forgets a table's items: it is gone, or a namesake is about to be created.
    pub(super) fn forget(&self, call: &Call<'_>, name: &str) {
        let place = Items::place(call);
        let there = self.file(&place).is_some_and(|f| f.exists());
        let mut open = lock(&self.open);
        if let Some(found) = open.get_mut(&place) {
            found.fitted.remove(name);
        }
        let database = match open.get(&place) {
            Some(found) => found.database.clone(),
            None if there => match self.open(&place) {
                Ok(database) => database,
                // Creating the table anew finds out what is wrong, and says so.
                Err(_) => return,
            },
            None => return,
        };
        // Most tables never held an item, and then there is nothing to delete.
        let _ = parse(json!({"TableName": name})).map(|request| database.delete_table(request));
    }

    /// How much is in a table, without making a database for it.
    pub(super) fn size(&self, call: &Call<'_>, name: &str) -> Size {
        let place = Items::place(call);
        let mut open = lock(&self.open);
        if !open.contains_key(&place) {
            if !self.file(&place).is_some_and(|f| f.exists()) {
                return Size::default();
            }
            let Ok(database) = self.open(&place) else { return Size::default() };
            open.insert(place.clone(), Open { database, fitted: HashMap::new() });
        }
        let stats = open.get(&place).and_then(|o| o.database.table_stats().ok()).unwrap_or_default();
        let found = stats.into_iter().find(|s| s.table_name == name);
        found.map_or(Size::default(), |s| Size {
            items: s.item_count,
            bytes: i64::try_from(s.size_bytes).unwrap_or(i64::MAX),
        })
    }
}

fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|e| misread(&e))
}

/// Makes or adjusts a table in the database.
fn fit(database: &Database, table: &Table) -> Result<(), Fault> {
    let failed = |e: DynoxideError| refused("", &e);
    let Some(there) = database.get_table_metadata(&table.name).map_err(failed)? else {
        return create(database, table);
    };
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    if read(&there.key_schema) != keys(&table.keys) {
        // Left behind by a process that died between deleting a table here and there.
        database.delete_table(parse(json!({"TableName": table.name}))?).map_err(failed)?;
        return create(database, table);
    }
    let old = there.gsi_definitions.as_deref().map(read).unwrap_or(json!([]));
    let old: Vec<Value> = old.as_array().cloned().unwrap_or_default();
    let name = |v: &Value| v["IndexName"].as_str().unwrap_or("").to_owned();
    let same = |v: &Value, i: &Index| {
        let wanted = index(i);
        name(v) == i.name && v["KeySchema"] == wanted["KeySchema"] && v["Projection"] == wanted["Projection"]
    };
    let mut changes = Vec::new();
    for gone in old.iter().filter(|v| !table.global.iter().any(|i| same(v, i))) {
        changes.push(json!({"Delete": {"IndexName": name(gone)}}));
    }
    for new in table.global.iter().filter(|i| !old.iter().any(|v| same(v, i))) {
        changes.push(json!({"Create": index(new)}));
    }
    // One at a time, as DynamoDB itself has it.
    for change in changes {
        let request = json!({
            "TableName": table.name,
            "AttributeDefinitions": attributes(table),
            "GlobalSecondaryIndexUpdates": [change],
        });
        database.update_table(parse(request)?).map_err(failed)?;
    }
    Ok(())
}

fn create(database: &Database, table: &Table) -> Result<(), Fault> {
    match database.create_table(parse(creation(table))?) {
        // Another process was faster.
        Ok(_) | Err(DynoxideError::ResourceInUseException(_)) => Ok(()),
        Err(e) => Err(refused("", &e)),
    }
}

/// The name of a table given by name or by ARN.
fn plain(name: &str) -> &str {
    name.splitn(6, ':').nth(5).and_then(|r| r.strip_prefix("table/")).unwrap_or(name)
}

/// A request with names in place of ARNs, which the crate does not take.
fn by_name(input: &Map<String, Value>) -> Map<String, Value> {
    let mut request = input.clone();
    let rename = |members: &mut Map<String, Value>| {
        if let Some(Value::String(name)) = members.get_mut("TableName") {
            *name = plain(name).to_owned();
        }
    };
    rename(&mut request);
    for item in request.get_mut("TransactItems").and_then(Value::as_array_mut).into_iter().flatten() {
        for part in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            part.as_object_mut().into_iter().for_each(rename);
        }
    }
    if let Some(Value::Object(tables)) = request.get_mut("RequestItems") {
        let renamed = std::mem::take(tables).into_iter().map(|(name, v)| (plain(&name).to_owned(), v));
        *tables = renamed.collect();
    }
    request
}

/// Runs an operation on the tables it names.
fn run<Q: DeserializeOwned, A: Serialize>(
    call: &mut Call<'_>,
    input: &Input<'_>,
    operation: &str,
    names: &[String],
    work: impl FnOnce(&Database, Q) -> dynoxide::Result<A>,
) -> Answer {
    let request: Q = parse(Value::Object(by_name(input.map())))?;
    let mut used = Vec::new();
    for name in names {
        let name = plain(name);
        let gone = || Fault::new("ResourceNotFoundException", "Requested resource not found");
        let table = tables::find(call, name).map_err(|_| gone())?.clone();
        if matches!(call.settling.status(&table.arn), Some("CREATING" | "DELETING")) {
            return Err(gone());
        }
        used.push(table);
    }
    let database = call.items.fitted(&Items::place(call), &used)?;
    let answer = work(&database, request).map_err(|e| refused(operation, &e))?;
    serde_json::to_value(answer).map_err(|e| Fault::new("InternalServerError", e.to_string()))
}

/// The table that `TableName` names; the crate refuses a request without one.
fn one(input: &Input<'_>) -> Vec<String> {
    input.text("TableName", ANY).map(str::to_owned).into_iter().collect()
}

/// The tables of a batch.
fn batch(input: &Input<'_>) -> Vec<String> {
    input.raw("RequestItems").and_then(Value::as_object).map(|m| m.keys().cloned().collect()).unwrap_or_default()
}

/// The tables of a transaction.
fn transaction(input: &Input<'_>) -> Vec<String> {
    let items = input.raw("TransactItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or(&[]);
    let parts = items.iter().filter_map(Value::as_object).flat_map(Map::values);
    let mut names: Vec<String> =
        parts.filter_map(|p| p.get("TableName").and_then(Value::as_str)).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

pub(super) fn put_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "PutItem", &one(input), Database::put_item)
}

pub(super) fn get_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "GetItem", &one(input), Database::get_item)
}

pub(super) fn update_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "UpdateItem", &one(input), Database::update_item)
}

pub(super) fn delete_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "DeleteItem", &one(input), Database::delete_item)
}

pub(super) fn query(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "Query", &one(input), Database::query)
}

pub(super) fn scan(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "Scan", &one(input), Database::scan)
}

pub(super) fn batch_get_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "BatchGetItem", &batch(input), Database::batch_get_item)
}

pub(super) fn batch_write_item(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "BatchWriteItem", &batch(input), Database::batch_write_item)
}

pub(super) fn transact_get_items(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "TransactGetItems", &transaction(input), Database::transact_get_items)
}

pub(super) fn transact_write_items(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    run(call, input, "TransactWriteItems", &transaction(input), Database::transact_write_items)
}
