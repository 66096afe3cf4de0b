//! What a table has besides its shape: time to live, backups, tags, policies, insights, destinations.
//!
//! Refuses to know keys and throughput.

use super::tables::{find, find_settled, judge_tags, no_table};
use super::{Destination, Policy, Table, shape};
use crate::sandbox::call::{Call, page, seconds};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{ANY, Input, len, one_of};
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};

// ---- time to live

pub(super) fn update_time_to_live(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    let Some(given) = input.structure("TimeToLiveSpecification") else {
        input.missing("TimeToLiveSpecification");
        input.check()?;
        return Ok(Value::Null);
    };
    let attribute = given.need("AttributeName", len(1, 255));
    let enabled = given.flag("Enabled");
    if enabled.is_none() {
        given.missing("Enabled");
    }
    input.check()?;
    let enabled = enabled.unwrap_or(false);
    let table = find_settled(call, name)?;
    match (enabled, table.ttl.as_deref()) {
        (true, Some(old)) if old == attribute => return Err(Fault::validation("TimeToLive is already enabled")),
        (true, Some(_)) => {
            let text = "TimeToLive is active on a different AttributeName: current AttributeName is ";
            return Err(Fault::validation(format!("{text}{}", table.ttl.as_deref().unwrap_or(""))));
        }
        (false, None) => return Err(Fault::validation("TimeToLive is already disabled")),
        (false, Some(old)) if old != attribute => {
            let text = "TimeToLive is active on a different AttributeName: current AttributeName is ";
            return Err(Fault::validation(format!("{text}{old}")));
        }
        _ => {}
    }
    table.ttl = enabled.then(|| attribute.to_owned());
    Ok(json!({"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}))
}

pub(super) fn describe_time_to_live(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    input.check()?;
    let shown = match &find(call, name)?.ttl {
        Some(attribute) => json!({"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}),
        None => json!({"TimeToLiveStatus": "DISABLED"}),
    };
    Ok(json!({"TimeToLiveDescription": shown}))
}

// ---- continuous backups

fn no_such_table(name: &str) -> Fault {
    Fault::new("TableNotFoundException", format!("Table not found: {name}"))
}

fn backups(table: &Table, now: i64) -> Value {
    let mut recovery = json!({"PointInTimeRecoveryStatus": "DISABLED"});
    if let Some((since, days)) = table.recovery {
        let earliest = since.max(now - days * 86_400_000);
        recovery = json!({
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": days,
            "EarliestRestorableDateTime": seconds(earliest),
            "LatestRestorableDateTime": seconds(now),
        });
    }
    json!({"ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery,
    }})
}

pub(super) fn update_continuous_backups(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    let Some(given) = input.structure("PointInTimeRecoverySpecification") else {
        input.missing("PointInTimeRecoverySpecification");
        input.check()?;
        return Ok(Value::Null);
    };
    let enabled = given.flag("PointInTimeRecoveryEnabled");
    if enabled.is_none() {
        given.missing("PointInTimeRecoveryEnabled");
    }
    let days = given.int("RecoveryPeriodInDays", 1, 35);
    input.check()?;
    let enabled = enabled.unwrap_or(false);
    if !enabled && days.is_some() {
        let why = "RecoveryPeriodInDays cannot be specified when PointInTimeRecoveryEnabled is false";
        return Err(shape::invalid(why));
    }
    find(call, name).map_err(|_| no_such_table(name))?;
    let now = call.now;
    let table = find_settled(call, name)?;
    let (since, old) = table.recovery.unwrap_or((now, 35));
    table.recovery = enabled.then(|| (since, days.unwrap_or(old)));
    Ok(backups(table, now))
}

pub(super) fn describe_continuous_backups(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    input.check()?;
    let now = call.now;
    Ok(backups(find(call, name).map_err(|_| no_such_table(name))?, now))
}

// ---- tags

/// The table that an ARN means.
fn by_arn<'a>(call: &'a mut Call<'_>, arn: &str) -> Result<&'a mut Table, Fault> {
    let Some(name) = arn.splitn(6, ':').nth(5).and_then(|r| r.strip_prefix("table/")) else {
        return Err(Fault::validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}")));
    };
    let name = name.split('/').next().unwrap_or(name).to_owned();
    let gone = || {
        let text = format!("Requested resource not found: ResourcArn: {arn} not found");
        Fault::new("ResourceNotFoundException", text)
    };
    let found = call.here().dynamodb.tables.get_mut(&name).filter(|t| arn.starts_with(&t.arn));
    found.ok_or_else(gone)
}

pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    let given = tags::read(input, "Tags", Spelling::Upper);
    input.check()?;
    if given.is_empty() {
        return Err(Fault::validation("Atleast one Tag needs to be provided as Input."));
    }
    judge_tags(&given)?;
    let table = by_arn(call, arn)?;
    let mut next = table.tags.clone();
    next.extend(given);
    judge_tags(&next.clone().into_iter().collect::<Vec<_>>())?;
    table.tags = next;
    Ok(Value::Null)
}

pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    let keys = input.texts("TagKeys");
    input.check()?;
    if keys.is_empty() {
        return Err(Fault::validation("Atleast one Tag Key needs to be provided as Input."));
    }
    by_arn(call, arn)?.tags.retain(|k, _| !keys.contains(&k.as_str()));
    Ok(Value::Null)
}

pub(super) fn list_tags_of_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    let token = input.text("NextToken", ANY);
    input.check()?;
    let shown = tags::list(&by_arn(call, arn)?.tags, Spelling::Upper);
    let bad = || Fault::validation("Invalid NextToken");
    let (shown, next) = page(shown.as_array().cloned().unwrap_or_default(), token, 10, bad)?;
    let mut answer = json!({"Tags": shown});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

// ---- resource policies

/// A policy with a new revision.
pub(super) fn new_policy(call: &mut Call<'_>, arn: &str, text: &str) -> Result<Policy, Fault> {
    let parsed = serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    if parsed.get("Statement").is_none() {
        return Err(Fault::validation("Resource-based policy is invalid: the policy document is not well-formed"));
    }
    if text.len() > 20 * 1024 {
        return Err(Fault::new("LimitExceededException", "The resource-based policy must not be larger than 20 KB"));
    }
    let uuid = call.uuid(&format!("policy/{arn}"));
    let number: String = uuid.bytes().filter(u8::is_ascii_hexdigit).map(|b| char::from(b'0' + b % 10)).collect();
    Ok(Policy { text: text.to_owned(), revision: number.chars().take(13).collect() })
}

/// That an ARN is of the table or of its stream.
fn judge_policy_target(call: &mut Call<'_>, arn: &str) -> Result<String, Fault> {
    let table = by_arn(call, arn)?;
    let stream = table.stream.as_ref().map(|s| format!("{}/stream/{}", table.arn, s.label));
    if arn != table.arn && stream.as_deref() != Some(arn) {
        let text = format!("Requested resource not found: ResourcArn: {arn} not found");
        return Err(Fault::new("ResourceNotFoundException", text));
    }
    Ok(table.name.clone())
}

fn judge_revision(old: Option<&Policy>, expected: Option<&str>) -> Result<(), Fault> {
    let fine = match (expected, old) {
        (None, _) | (Some("NO_POLICY"), None) => true,
        (Some(wanted), Some(old)) => wanted == old.revision,
        _ => false,
    };
    if fine {
        return Ok(());
    }
    let text = "Resource-based policy not found for the provided ResourceArn: the revision id does not match";
    Err(Fault::new("PolicyNotFoundException", text))
}

pub(super) fn put_resource_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    let text = input.need("Policy", ANY);
    let expected = input.text("ExpectedRevisionId", len(1, 255));
    input.flag("ConfirmRemoveSelfResourceAccess");
    input.check()?;
    let name = judge_policy_target(call, arn)?;
    let old = find(call, &name)?.policies.get(arn).cloned();
    judge_revision(old.as_ref(), expected)?;
    // The same again is no new revision.
    let policy = match old {
        Some(old) if old.text == text => old,
        _ => new_policy(call, arn, text)?,
    };
    let answer = json!({"RevisionId": policy.revision});
    find(call, &name)?.policies.insert(arn.to_owned(), policy);
    Ok(answer)
}

fn no_policy(arn: &str) -> Fault {
    let text = format!(
        "Resource-based policy not found for the provided ResourceArn: Requested policy not found for resource: {arn}"
    );
    Fault::new("PolicyNotFoundException", text)
}

pub(super) fn get_resource_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    input.check()?;
    let name = judge_policy_target(call, arn)?;
    let policy = find(call, &name)?.policies.get(arn).ok_or_else(|| no_policy(arn))?;
    Ok(json!({"Policy": policy.text, "RevisionId": policy.revision}))
}

pub(super) fn delete_resource_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("ResourceArn", len(1, 1283));
    let expected = input.text("ExpectedRevisionId", len(1, 255));
    input.check()?;
    let name = judge_policy_target(call, arn)?;
    let policies = &mut find(call, &name)?.policies;
    judge_revision(policies.get(arn), expected)?;
    // Deleting what is not there is no error, and then there is no revision.
    Ok(match policies.remove(arn) {
        Some(old) => json!({"RevisionId": old.revision}),
        None => json!({}),
    })
}

// ---- contributor insights

/// A table that has the index, and the index' name, empty for the table itself.
fn insights<'a, 'b>(call: &'a mut Call<'_>, input: &Input<'b>) -> Result<(&'a mut Table, &'b str), Fault> {
    let name = shape::table_name(input)?;
    let index = input.text("IndexName", len(3, 255)).unwrap_or("");
    input.check()?;
    let table = find(call, name)?;
    if !index.is_empty() && !table.global.iter().any(|i| i.name == index) {
        let text = format!("Requested resource not found: Index: {index} not found for table: {name}");
        return Err(Fault::new("ResourceNotFoundException", text));
    }
    Ok((table, index))
}

fn with_index(mut shown: Value, index: &str) -> Value {
    if !index.is_empty() {
        shown["IndexName"] = json!(index);
    }
    shown
}

pub(super) fn update_contributor_insights(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let action = input.need("ContributorInsightsAction", one_of(&["ENABLE", "DISABLE"]));
    let modes = one_of(&["ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"]);
    let mode = input.text("ContributorInsightsMode", modes).unwrap_or("ACCESSED_AND_THROTTLED_KEYS");
    let now = call.now;
    let (table, index) = insights(call, input)?;
    let mut shown = json!({"TableName": table.name, "ContributorInsightsMode": mode});
    if action == "ENABLE" {
        table.insights.insert(index.to_owned(), (mode.to_owned(), now));
        shown["ContributorInsightsStatus"] = json!("ENABLING");
    } else {
        table.insights.remove(index);
        shown["ContributorInsightsStatus"] = json!("DISABLING");
    }
    Ok(with_index(shown, index))
}

pub(super) fn describe_contributor_insights(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let (table, index) = insights(call, input)?;
    let mut shown = json!({"TableName": table.name, "ContributorInsightsStatus": "DISABLED"});
    if let Some((mode, since)) = table.insights.get(index) {
        let what = if index.is_empty() { table.name.clone() } else { format!("{}-{index}", table.name) };
        shown["ContributorInsightsStatus"] = json!("ENABLED");
        shown["ContributorInsightsMode"] = json!(mode);
        shown["LastUpdateDateTime"] = seconds(*since);
        shown["ContributorInsightsRuleList"] = json!([
            format!("DynamoDBContributorInsights-PKC-{what}-{since}"),
            format!("DynamoDBContributorInsights-PKT-{what}-{since}"),
        ]);
    }
    Ok(with_index(shown, index))
}

pub(super) fn list_contributor_insights(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let wanted = if input.has("TableName") { Some(shape::table_name(input)?) } else { None };
    let most = input.int("MaxResults", 0, 100).filter(|n| *n > 0).unwrap_or(100);
    let token = input.text("NextToken", ANY);
    input.check()?;
    if let Some(name) = wanted {
        find(call, name)?;
    }
    let mut shown = Vec::new();
    for table in call.here().dynamodb.tables.values().filter(|t| wanted.is_none_or(|w| w == t.name)) {
        for (index, (mode, _)) in &table.insights {
            let line = json!({
                "TableName": table.name, "ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": mode,
            });
            shown.push(with_index(line, index));
        }
    }
    let bad = || Fault::validation("Invalid NextToken");
    let (shown, next) = page(shown, token, usize::try_from(most).unwrap_or(100), bad)?;
    let mut answer = json!({"ContributorInsightsSummaries": shown});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

// ---- Kinesis destinations

struct Kinesis<'a> {
    table: &'a str,
    stream: &'a str,
    precision: Option<&'a str>,
}

fn kinesis<'a>(input: &Input<'a>, settings: &str) -> Result<Kinesis<'a>, Fault> {
    let table = shape::table_name(input)?;
    let stream = input.need("StreamArn", len(37, 1024));
    let values = one_of(&["MILLISECOND", "MICROSECOND"]);
    let precision = input.structure(settings).and_then(|s| s.text("ApproximateCreationDateTimePrecision", values));
    input.check()?;
    Ok(Kinesis { table, stream, precision })
}

fn destination(k: &Kinesis<'_>, status: &str, settings: &str, precision: &str) -> Value {
    json!({
        "TableName": k.table,
        "StreamArn": k.stream,
        "DestinationStatus": status,
        settings: {"ApproximateCreationDateTimePrecision": precision},
    })
}

pub(super) fn enable_kinesis(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let settings = "EnableKinesisStreamingConfiguration";
    let k = kinesis(input, settings)?;
    let table = find_settled(call, k.table)?;
    if table.destinations.iter().any(|d| d.arn == k.stream && d.active) {
        let text = "Table is not in a valid state to enable Kinesis Streaming Destination: EnableKinesisStreamingDestination \
            must be DISABLED or ENABLE_FAILED to perform ENABLE operation.";
        return Err(Fault::validation(text));
    }
    if table.destinations.iter().filter(|d| d.active).count() >= 2 {
        return Err(Fault::new(
            "LimitExceededException",
            "A table can have at most two Kinesis streaming destinations.",
        ));
    }
    let precision = k.precision.unwrap_or("MILLISECOND");
    table.destinations.retain(|d| d.arn != k.stream);
    let new = Destination { arn: k.stream.to_owned(), active: true, precision: precision.to_owned() };
    table.destinations.push(new);
    Ok(destination(&k, "ENABLING", settings, precision))
}

/// The active destination that a request means.
fn active<'a>(call: &'a mut Call<'_>, k: &Kinesis<'_>, verb: &str) -> Result<&'a mut Destination, Fault> {
    let table = find_settled(call, k.table)?;
    let found = table.destinations.iter_mut().find(|d| d.arn == k.stream && d.active);
    found.ok_or_else(|| {
        let text = format!(
            "Table is not in a valid state to {verb} Kinesis Streaming Destination: KinesisStreamingDestination must be \
             ACTIVE to perform {} operation.",
            verb.to_uppercase()
        );
        Fault::validation(text)
    })
}

pub(super) fn update_kinesis(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let settings = "UpdateKinesisStreamingConfiguration";
    let k = kinesis(input, settings)?;
    let found = active(call, &k, "update")?;
    let precision = k.precision.unwrap_or("MILLISECOND");
    if found.precision == precision {
        let text = format!("Invalid Request: Precision is already set to the desired value of {precision} for tableId");
        return Err(Fault::validation(text));
    }
    found.precision = precision.to_owned();
    Ok(destination(&k, "UPDATING", settings, precision))
}

pub(super) fn disable_kinesis(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let k = kinesis(input, "EnableKinesisStreamingConfiguration")?;
    active(call, &k, "disable")?.active = false;
    Ok(json!({"TableName": k.table, "StreamArn": k.stream, "DestinationStatus": "DISABLING"}))
}

pub(super) fn describe_kinesis(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = shape::table_name(input)?;
    input.check()?;
    let table = find(call, name).map_err(|_| no_table(name))?;
    let shown = table.destinations.iter().map(|d| {
        let status = if d.active { "ACTIVE" } else { "DISABLED" };
        json!({
            "StreamArn": d.arn,
            "DestinationStatus": status,
            "ApproximateCreationDateTimePrecision": d.precision,
        })
    });
    Ok(json!({"TableName": name, "KinesisDataStreamDestinations": shown.collect::<Value>()}))
}
