//! Finding, describing, listing and deleting tables.
//!
//! Refuses to know how they are created and updated.

use super::show::{self, Size};
use super::{Stream, Table, shape};
use crate::sandbox::call::{Call, format_time};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, len};
use serde_json::{Value, json};

pub(super) fn no_table(name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("Requested resource not found: Table: {name} not found"))
}

/// A table by name.
pub(super) fn find<'a>(call: &'a mut Call<'_>, name: &str) -> Result<&'a mut Table, Fault> {
    call.here().dynamodb.tables.get_mut(name).ok_or_else(|| no_table(name))
}

/// A table that has settled, for changing it.
pub(super) fn find_settled<'a>(call: &'a mut Call<'_>, name: &str) -> Result<&'a mut Table, Fault> {
    let arn = find(call, name)?.arn.clone();
    let status = call.settling.status(&arn);
    match status {
        Some("DELETING") => {
            let text = format!("Attempt to change a resource which is still in use: Table is being deleted: {name}");
            Err(Fault::new("ResourceInUseException", text))
        }
        Some(status) => {
            let how = if status == "CREATING" { "created" } else { "updated" };
            let text = format!("Attempt to change a resource which is still in use: Table is being {how}: {name}");
            Err(Fault::new("ResourceInUseException", text))
        }
        None => find(call, name),
    }
}

/// A new stream of a table, labelled by the time; namesakes are a millisecond apart.
pub(super) fn new_stream(call: &mut Call<'_>, arn: &str, view: String) -> Stream {
    let nth = i64::try_from(call.born(&format!("stream/{arn}"))).unwrap_or(0);
    let ms = call.now.saturating_add(nth);
    let label = format!("{}.{:03}", format_time(ms, "%Y-%m-%dT%H:%M:%S"), ms.rem_euclid(1000));
    Stream { enabled: true, label, view }
}

/// Refuses tags that nothing may have.
pub(super) fn judge_tags(tags: &[(String, String)]) -> Result<(), Fault> {
    if let Some(key) = crate::sandbox::tags::duplicate(tags) {
        return Err(shape::invalid(format!("Duplicate tag key found: {key}")));
    }
    if tags.iter().any(|(k, _)| k.to_ascii_lowercase().starts_with("aws:")) {
        return Err(shape::invalid("Tag keys starting with 'aws:' are reserved for system use"));
    }
    if tags.len() > 50 {
        return Err(shape::invalid("The number of tags exceeds the limit of 50"));
    }
    Ok(())
}

/// A description as it is now; a look counts towards settling.
pub(super) fn described(call: &mut Call<'_>, name: &str) -> Answer {
    let table = find(call, name)?.clone();
    let status = call.settling.look(&table.arn);
    let gone = status == Some("DELETING") && call.settling.status(&table.arn).is_none();
    let mut indexes = Vec::new();
    for index in &table.global {
        let status = call.settling.look(&index_arn(&table, &index.name));
        indexes.push((index.name.clone(), status));
    }
    let size = call.items.size(call, name);
    if gone {
        // That was the last look at it.
        call.here().dynamodb.tables.remove(name);
        call.items.forget(call, name);
    }
    let of = |name: &str| indexes.iter().find(|(n, _)| n == name).and_then(|(_, s)| *s);
    Ok(show::table(&table, status.unwrap_or("ACTIVE"), &of, size))
}

/// The ARN of an index.
pub(super) fn index_arn(table: &Table, index: &str) -> String {
    format!("{}/index/{index}", table.arn)
}

pub(super) fn describe_table(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    input.check()?;
    Ok(json!({"Table": described(call, name)?}))
}

pub(super) fn delete_table(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    input.check()?;
    let table = find_settled(call, name)?.clone();
    if table.protected {
        let text = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection \
            first.";
        return Err(Fault::validation(text));
    }
    let mut shown = show::table(&table, "DELETING", &|_| None, Size::default());
    if let Some(members) = shown.as_object_mut() {
        // A table on its way out shows little of itself.
        for key in ["AttributeDefinitions", "KeySchema", "CreationDateTime", "WarmThroughput"] {
            members.shift_remove(key);
        }
    }
    if call.settling.looks > 0 {
        call.settling.begin(&table.arn, "DELETING");
    } else {
        call.here().dynamodb.tables.remove(name);
        call.items.forget(call, name);
    }
    Ok(json!({"TableDescription": shown}))
}

pub(super) fn list_tables(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let start = input.text("ExclusiveStartTableName", len(3, 255));
    let limit = input.int("Limit", 1, 100).unwrap_or(100);
    input.check()?;
    let limit = usize::try_from(limit).unwrap_or(100);
    let mut names = call.here().dynamodb.tables.keys().filter(|n| start.is_none_or(|s| n.as_str() > s));
    let shown: Vec<&String> = names.by_ref().take(limit).collect();
    let last = shown.last().map(|n| json!(n));
    let mut answer = json!({"TableNames": shown});
    if let (Some(_), Some(last)) = (names.next(), last) {
        answer["LastEvaluatedTableName"] = last;
    }
    Ok(answer)
}

pub(super) fn list_streams(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let wanted = input.text("TableName", len(1, 1024));
    input.check()?;
    let tables = call.here().dynamodb.tables.values().filter(|t| wanted.is_none_or(|w| w == t.name || w == t.arn));
    let shown = tables.filter_map(|t| {
        let label = &t.stream.as_ref()?.label;
        Some(json!({"StreamArn": format!("{}/stream/{label}", t.arn), "TableName": t.name, "StreamLabel": label}))
    });
    Ok(json!({"Streams": shown.collect::<Value>()}))
}

pub(super) fn describe_limits(_: &mut Call<'_>, _: &Input<'_>) -> Answer {
    Ok(json!({
        "AccountMaxReadCapacityUnits": 80000,
        "AccountMaxWriteCapacityUnits": 80000,
        "TableMaxReadCapacityUnits": 40000,
        "TableMaxWriteCapacityUnits": 40000,
    }))
}

pub(super) fn describe_endpoints(call: &mut Call<'_>, _: &Input<'_>) -> Answer {
    let address = format!("dynamodb.{}.amazonaws.com", call.region);
    Ok(json!({"Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]}))
}
