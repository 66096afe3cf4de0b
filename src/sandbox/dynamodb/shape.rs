//! Reading keys, indexes and throughput from requests, refused in DynamoDB's words.
//!
//! Refuses to know what is there already.

use super::{Attribute, Index, Keys, Units};
use crate::sandbox::fault::Fault;
use crate::sandbox::input::{ANY, Input, Rule, len, one_of};
use serde_json::Value;

/// What every refused combination begins with.
pub(super) fn invalid(why: impl AsRef<str>) -> Fault {
    Fault::validation(format!("One or more parameter values were invalid: {}", why.as_ref()))
}

fn name_fits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// The name of a table or an index.
const NAME: Rule = Rule { min: 3, max: 255, pattern: Some(("[a-zA-Z0-9_.-]+", name_fits)), values: &[] };

const KEY_TYPE: Rule = one_of(&["HASH", "RANGE"]);
const SCALAR: Rule = one_of(&["B", "N", "S"]);
const PROJECTION: Rule = one_of(&["ALL", "INCLUDE", "KEYS_ONLY"]);
pub(super) const BILLING: Rule = one_of(&["PROVISIONED", "PAY_PER_REQUEST"]);
pub(super) const CLASS: Rule = one_of(&["STANDARD", "STANDARD_INFREQUENT_ACCESS"]);
const VIEW: Rule = one_of(&["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]);

/// The name of the table that a request means: a name, or the ARN of one.
pub(super) fn table_name<'a>(input: &Input<'a>) -> Result<&'a str, Fault> {
    if !input.has("TableName") {
        let text = "The parameter 'TableName' is required but was not present in the request";
        return Err(Fault::validation(text));
    }
    let given = input.text("TableName", ANY).unwrap_or("");
    let name = match given.starts_with("arn:") {
        true => given.splitn(6, ':').nth(5).and_then(|r| r.strip_prefix("table/")).unwrap_or(given),
        false => given,
    };
    input.judge("TableName", name, NAME);
    Ok(name)
}

/// `AttributeDefinitions`
pub(super) fn attributes(input: &Input<'_>) -> Vec<Attribute> {
    let read = |d: &Input<'_>| Attribute {
        name: d.need("AttributeName", len(1, 255)).to_owned(),
        kind: d.need("AttributeType", SCALAR).to_owned(),
    };
    input.structures("AttributeDefinitions").iter().map(read).collect()
}

/// `KeySchema`, still as written.
pub(super) fn key_schema(input: &Input<'_>, most: usize) -> Vec<(String, String)> {
    if !input.has("KeySchema") {
        input.missing("KeySchema");
    }
    let read =
        |k: &Input<'_>| (k.need("AttributeName", len(1, 255)).to_owned(), k.need("KeyType", KEY_TYPE).to_owned());
    let found: Vec<_> = input.structures("KeySchema").iter().map(read).collect();
    if input.list("KeySchema").is_some_and(<[Value]>::is_empty) {
        input.broken("KeySchema", "'[]'", "Member must have length greater than or equal to 1");
    }
    if found.len() > most {
        let parts: Vec<String> =
            found.iter().map(|(n, k)| format!("KeySchemaElement(attributeName={n}, keyType={k})")).collect();
        let shown = format!("'[{}]'", parts.join(", "));
        input.broken("KeySchema", &shown, &format!("Member must have length less than or equal to {most}"));
    }
    found
}

/// A table's or a local index's key.
pub(super) fn keys(schema: &[(String, String)]) -> Result<Keys, Fault> {
    let bad = |text: &str| Err(Fault::validation(text));
    match schema {
        [(_, first), ..] if first != "HASH" => {
            bad("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
        [(hash, _)] => Ok(Keys { hash: vec![hash.clone()], range: Vec::new() }),
        [(hash, _), (range, _)] if hash == range => {
            bad("Both the Hash Key and the Range Key element in the KeySchema have the same name")
        }
        [_, (_, second)] if second != "RANGE" => {
            bad("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        }
        [(hash, _), (range, _)] => Ok(Keys { hash: vec![hash.clone()], range: vec![range.clone()] }),
        _ => bad("Invalid KeySchema: A key has one or two attributes"),
    }
}

/// A global index's key: up to four hash attributes, then up to four range attributes.
fn wide_keys(schema: &[(String, String)]) -> Result<Keys, Fault> {
    if schema.len() <= 2 && schema.iter().filter(|k| k.1 == "HASH").count() <= 1 {
        return keys(schema);
    }
    let hash: Vec<String> = schema.iter().take_while(|k| k.1 == "HASH").map(|k| k.0.clone()).collect();
    let range: Vec<String> = schema.iter().skip(hash.len()).map(|k| k.0.clone()).collect();
    if hash.is_empty() {
        return Err(Fault::validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
    }
    if schema.iter().skip(hash.len()).any(|k| k.1 != "RANGE") {
        return Err(Fault::validation("Invalid KeySchema: All HASH key types must come before RANGE key types"));
    }
    if hash.len() > 4 || range.len() > 4 {
        return Err(invalid("An index key can have at most four HASH and four RANGE attributes"));
    }
    let names: Vec<&String> = hash.iter().chain(&range).collect();
    if (1..names.len()).any(|i| names[..i].contains(&names[i])) {
        return Err(Fault::validation("Invalid KeySchema: An attribute appears more than once in the KeySchema"));
    }
    Ok(Keys { hash, range })
}

/// `ProvisionedThroughput`
pub(super) fn capacity(input: &Input<'_>) -> Option<(i64, i64)> {
    let given = input.structure("ProvisionedThroughput")?;
    let need = |key: &str| {
        if !given.has(key) {
            given.missing(key);
        }
        given.int(key, 1, i64::MAX).unwrap_or(0)
    };
    // AWS looks at writes first.
    let write = need("WriteCapacityUnits");
    Some((need("ReadCapacityUnits"), write))
}

/// Refuses capacity that nobody has.
pub(super) fn judge_capacity(capacity: Option<(i64, i64)>) -> Result<(), Fault> {
    const MOST: i64 = 1_000_000_000_000;
    let Some((read, write)) = capacity else { return Ok(()) };
    for (value, key) in [(read, "ReadCapacityUnits"), (write, "WriteCapacityUnits")] {
        if value > MOST {
            return Err(Fault::validation(format!("Given value {value} for {key} is out of bounds")));
        }
    }
    Ok(())
}

/// `OnDemandThroughput`
pub(super) fn on_demand(input: &Input<'_>) -> Option<Units> {
    let given = input.structure("OnDemandThroughput")?;
    let read = given.int("MaxReadRequestUnits", i64::MIN, i64::MAX);
    let write = given.int("MaxWriteRequestUnits", i64::MIN, i64::MAX);
    (read.is_some() || write.is_some()).then_some(Units { read, write })
}

/// Refuses on-demand throughput where it does not fit.
pub(super) fn judge_on_demand(units: Option<Units>, on_demand_billing: bool, what: &str) -> Result<(), Fault> {
    let Some(units) = units else { return Ok(()) };
    for (value, key) in [(units.read, "MaxReadRequestUnits"), (units.write, "MaxWriteRequestUnits")] {
        let Some(value) = value else { continue };
        if !on_demand_billing {
            let why = format!("{key} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED");
            return Err(invalid(why));
        }
        if value == 0 || value < -1 {
            let why = format!("Requested {key} for OnDemandThroughput for {what} is outside of valid range");
            return Err(invalid(why));
        }
    }
    Ok(())
}

/// `WarmThroughput`
pub(super) fn warm(input: &Input<'_>) -> Option<Units> {
    let given = input.structure("WarmThroughput")?;
    let (read, write) = (given.int("ReadUnitsPerSecond", 1, i64::MAX), given.int("WriteUnitsPerSecond", 1, i64::MAX));
    (read.is_some() || write.is_some()).then_some(Units { read, write })
}

/// What no table and no index has less of.
pub(super) const LEAST_WARM: (i64, i64) = (12_000, 4_000);

/// Refuses warm throughput below what there is anyway.
pub(super) fn judge_warm(units: Option<Units>, least: (i64, i64), what: &str) -> Result<(), Fault> {
    let Some(units) = units else { return Ok(()) };
    let pairs = [(units.read, least.0, "ReadUnitsPerSecond"), (units.write, least.1, "WriteUnitsPerSecond")];
    for (value, least, key) in pairs {
        if let Some(value) = value.filter(|v| *v < least) {
            let why = format!(
                "Requested {key} for WarmThroughput for {what} is lower than minimum WarmThroughput, minimum: {least}, \
                 requested: {value}"
            );
            return Err(invalid(why));
        }
    }
    Ok(())
}

/// An index of a request, its key schema not yet judged.
pub(super) struct Given {
    pub(super) index: Index,
    schema: Vec<(String, String)>,
    pub(super) capacity: Option<(i64, i64)>,
    listed: bool,
}

/// One index.
pub(super) fn index(input: &Input<'_>, most_keys: usize) -> Given {
    let name = input.need("IndexName", NAME).to_owned();
    let schema = key_schema(input, most_keys);
    let projection = input.structure("Projection");
    if projection.is_none() {
        input.missing("Projection");
    }
    let kind = projection.as_ref().and_then(|p| p.text("ProjectionType", PROJECTION)).unwrap_or("").to_owned();
    let listed = projection.as_ref().is_some_and(|p| p.has("NonKeyAttributes"));
    let included = projection.as_ref().map(|p| p.texts("NonKeyAttributes")).unwrap_or_default();
    if let Some(p) = projection.as_ref().filter(|_| listed && included.is_empty()) {
        p.broken("NonKeyAttributes", "'[]'", "Member must have length greater than or equal to 1");
    }
    let capacity = capacity(input);
    let index = Index {
        name,
        keys: Keys::default(),
        projection: kind,
        included: included.into_iter().map(str::to_owned).collect(),
        capacity: super::Capacity::default(),
        on_demand: on_demand(input),
        warm: warm(input),
    };
    Given { index, schema, capacity, listed }
}

fn judge_projection(given: &Given) -> Result<(), Fault> {
    match (given.index.projection.as_str(), given.listed) {
        ("", _) => Err(invalid("Unknown ProjectionType: null")),
        ("ALL", true) => Err(invalid("ProjectionType is ALL, but NonKeyAttributes is specified")),
        ("KEYS_ONLY", true) => Err(invalid("ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified")),
        ("INCLUDE", false) => Err(invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")),
        _ => Ok(()),
    }
}

/// Refuses an index key whose attributes are not defined.
fn judge_defined(given: &Given, defined: &[Attribute]) -> Result<(), Fault> {
    let missing = given.schema.iter().any(|k| !defined.iter().any(|d| d.name == k.0));
    if !missing {
        return Ok(());
    }
    let keys: Vec<&str> = given.schema.iter().map(|k| k.0.as_str()).collect();
    Err(not_defined(&keys, defined))
}

fn not_defined(keys: &[&str], defined: &[Attribute]) -> Fault {
    let names: Vec<&str> = defined.iter().map(|d| d.name.as_str()).collect();
    invalid(format!(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
        keys.join(", "),
        names.join(", ")
    ))
}

/// Judges a table's key against its attribute definitions.
pub(super) fn judge_table_keys(schema: &[(String, String)], defined: &[Attribute]) -> Result<Keys, Fault> {
    let missing: Vec<&str> =
        schema.iter().map(|k| k.0.as_str()).filter(|n| !defined.iter().any(|d| d.name == *n)).collect();
    if !missing.is_empty() {
        if defined.is_empty() || schema.len() > 1 {
            return Err(Fault::validation("Invalid KeySchema: Some index key attribute have no definition"));
        }
        return Err(not_defined(&missing, defined));
    }
    keys(schema)
}

/// Judges a global index.
pub(super) fn global(given: Given, defined: &[Attribute], on_demand_billing: bool) -> Result<Index, Fault> {
    judge_defined(&given, defined)?;
    let keys = wide_keys(&given.schema)?;
    judge_projection(&given)?;
    let name = &given.index.name;
    judge_capacity(given.capacity)?;
    if on_demand_billing && given.capacity.is_some() {
        let why = format!(
            "ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
        );
        return Err(invalid(why));
    }
    if !on_demand_billing && given.capacity.is_none() {
        return Err(invalid(format!("ProvisionedThroughput must be specified for index: {name}")));
    }
    judge_on_demand(given.index.on_demand, on_demand_billing, &format!("index: {name}"))?;
    let least = given.capacity.unwrap_or(LEAST_WARM);
    judge_warm(given.index.warm, least, &format!("index: {name}"))?;
    let (read, write) = given.capacity.unwrap_or_default();
    let capacity = super::Capacity { read, write, increased: None, decreased: None };
    Ok(Index { keys, capacity, ..given.index })
}

/// Judges a local index of a table with this key.
pub(super) fn local(given: Given, defined: &[Attribute], table: &Keys) -> Result<Index, Fault> {
    judge_defined(&given, defined)?;
    let keys = keys(&given.schema)?;
    let name = &given.index.name;
    if keys.range.is_empty() {
        return Err(invalid(format!("Index KeySchema does not have a range key for index: {name}")));
    }
    if keys.hash != table.hash {
        let (own, theirs) = (keys.hash.concat(), table.hash.concat());
        let why = format!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. \
             index hash key: {own}, table hash key: {theirs}"
        );
        return Err(invalid(why));
    }
    judge_projection(&given)?;
    Ok(Index { keys, ..given.index })
}

/// Refuses attribute definitions that nothing uses.
pub(super) fn judge_used(defined: &[Attribute], keys: &Keys, indexes: &[&Index]) -> Result<(), Fault> {
    let mut used: Vec<&str> = Vec::new();
    for name in keys.names().chain(indexes.iter().flat_map(|i| i.keys.names())) {
        if !used.contains(&name) {
            used.push(name);
        }
    }
    if defined.len() == used.len() {
        return Ok(());
    }
    if indexes.is_empty() {
        return Err(invalid(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
        ));
    }
    let names: Vec<&str> = defined.iter().map(|d| d.name.as_str()).collect();
    let (names, used) = (names.join(", "), used.join(", "));
    Err(invalid(format!(
        "Some AttributeDefinitions are not used. AttributeDefinitions: [{names}], keys used: [{used}]"
    )))
}

/// `StreamSpecification`: whether it is on, and the view.
pub(super) fn stream(input: &Input<'_>) -> Result<Option<Option<String>>, Fault> {
    let Some(given) = input.structure("StreamSpecification") else { return Ok(None) };
    let on = given.flag("StreamEnabled");
    if on.is_none() {
        given.missing("StreamEnabled");
    }
    let view = given.text("StreamViewType", VIEW);
    input.check()?;
    match (on.unwrap_or(false), view) {
        (true, Some(view)) => Ok(Some(Some(view.to_owned()))),
        (true, None) => {
            Err(invalid("Table is being created with a stream enabled, but no StreamViewType was specified"))
        }
        (false, Some(_)) => {
            Err(invalid("Table is being created with a stream disabled, UpdateViewType should not be specified"))
        }
        (false, None) => Ok(Some(None)),
    }
}

/// `SSESpecification`: whether a KMS key is used, and which one was named.
pub(super) fn encryption(input: &Input<'_>) -> Result<Option<(bool, Option<String>)>, Fault> {
    let Some(given) = input.structure("SSESpecification") else { return Ok(None) };
    let key = given.text("KMSMasterKeyId", ANY).map(str::to_owned);
    let kind = given.text("SSEType", one_of(&["AES256", "KMS"]));
    let enabled = given.flag("Enabled").unwrap_or(false);
    input.check()?;
    if !enabled && (key.is_some() || kind.is_some()) {
        let why = "SSEType cannot be specified unless SSE is enabled";
        return Err(invalid(if key.is_some() {
            "KMSMasterKeyId cannot be specified unless SSE is enabled"
        } else {
            why
        }));
    }
    if kind == Some("AES256") {
        return Err(invalid("AES256 is not a valid SSEType"));
    }
    Ok(Some((enabled, key)))
}
