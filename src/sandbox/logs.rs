//! CloudWatch Logs: groups, their settings and tags, and resource policies.
//!
//! Refuses to know log events: nothing that runs here writes any.

use super::call::{Call, page};
use super::fault::{Answer, Fault};
use super::input::{ANY, Input, Rule, len, one_of};
use super::tags::Tags;
use super::{Operation, reads, writes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const OPERATIONS: &[Operation] = &[
    writes("CreateLogGroup", create_log_group),
    reads("DescribeLogGroups", describe_log_groups),
    writes("DeleteLogGroup", delete_log_group),
    writes("PutRetentionPolicy", put_retention_policy),
    writes("DeleteRetentionPolicy", delete_retention_policy),
    writes("AssociateKmsKey", associate_kms_key),
    writes("DisassociateKmsKey", disassociate_kms_key),
    writes("PutLogGroupDeletionProtection", put_log_group_deletion_protection),
    writes("TagResource", tag_resource),
    writes("UntagResource", untag_resource),
    reads("ListTagsForResource", list_tags_for_resource),
    writes("TagLogGroup", tag_log_group),
    writes("UntagLogGroup", untag_log_group),
    reads("ListTagsLogGroup", list_tags_log_group),
    writes("PutResourcePolicy", put_resource_policy),
    reads("DescribeResourcePolicies", describe_resource_policies),
    writes("DeleteResourcePolicy", delete_resource_policy),
];

/// Everything CloudWatch Logs has in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Logs {
    /// Name → group.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) groups: BTreeMap<String, Group>,
    /// Name → resource policy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    policies: BTreeMap<String, ResourcePolicy>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ResourcePolicy {
    document: String,
    updated: i64,
}

/// A log group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    arn: String,
    created: i64,
    class: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms: Option<String>,
    #[serde(default)]
    protected: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
}

const RETENTION: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

fn name_fits(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_/#".contains(c))
}

const NAME: Rule = Rule { min: 1, max: 512, pattern: Some(("[\\.\\-_/#A-Za-z0-9]+", name_fits)), values: &[] };

fn gone() -> Fault {
    Fault::new("ResourceNotFoundException", "The specified log group does not exist.")
}

/// The group that a name or an ARN (with or without `:*`) means.
fn find<'a>(call: &'a mut Call<'_>, name: &str) -> Result<&'a mut Group, Fault> {
    let name = name.splitn(7, ':').nth(6).unwrap_or(name);
    let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
    call.here().logs.groups.get_mut(&name).ok_or_else(gone)
}

/// A request's `tags`, which Logs keeps as a map.
fn read_tags(input: &Input<'_>) -> Result<Vec<(String, String)>, Fault> {
    let Some(tags) = input.structure("tags") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for key in tags.map().keys() {
        tags.judge("key", key, len(1, 128));
        found.push((key.clone(), tags.text(key, len(0, 256)).unwrap_or("").to_owned()));
    }
    input.check()?;
    if found.iter().any(|(k, _)| k.to_ascii_lowercase().starts_with("aws:")) {
        let text = "Tag key must not begin with aws: as it is reserved for system use.";
        return Err(Fault::new("InvalidParameterException", text));
    }
    Ok(found)
}

fn add_tags(tags: &mut Tags, new: Vec<(String, String)>) -> Result<(), Fault> {
    let mut next = tags.clone();
    next.extend(new);
    if next.len() > 50 {
        return Err(Fault::new("TooManyTagsException", "A resource can have no more than 50 tags."));
    }
    *tags = next;
    Ok(())
}

fn create_log_group(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    let kms = input.text("kmsKeyId", len(0, 256));
    let class = input.text("logGroupClass", one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]));
    let protected = input.flag("deletionProtectionEnabled").unwrap_or(false);
    let tags = read_tags(input)?;
    input.check()?;
    if name.starts_with("aws/") {
        let text = "Log groups starting with AWS/ are reserved for AWS.";
        return Err(Fault::new("InvalidParameterException", text));
    }
    if call.here().logs.groups.contains_key(name) {
        return Err(Fault::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    if let Some(kms) = kms {
        judge_key(kms)?;
    }
    let class = class.unwrap_or("STANDARD");
    let mut group = Group {
        arn: call.arn("logs", &format!("log-group:{name}")),
        created: call.now,
        class: class.to_owned(),
        // What is delivered elsewhere is kept for two days.
        retention: (class == "DELIVERY").then_some(2),
        kms: kms.map(str::to_owned),
        protected,
        tags: Tags::new(),
    };
    add_tags(&mut group.tags, tags)?;
    call.here().logs.groups.insert(name.to_owned(), group);
    Ok(Value::Null)
}

fn judge_key(key: &str) -> Result<(), Fault> {
    if key.starts_with("arn:") && key.split(':').nth(2) == Some("kms") {
        return Ok(());
    }
    let text = "The specified KMS Key Id could not be found.";
    Err(Fault::new("InvalidParameterException", text))
}

fn describe_log_groups(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let prefix = input.text("logGroupNamePrefix", NAME);
    let pattern = input.text("logGroupNamePattern", Rule { min: 0, ..NAME });
    let class = input.text("logGroupClass", one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]));
    let named = input.texts("logGroupIdentifiers");
    let limit = input.int("limit", 1, 50).unwrap_or(50);
    let token = input.text("nextToken", ANY);
    input.check()?;
    if prefix.is_some() && pattern.is_some() {
        let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Fault::new("InvalidParameterException", text));
    }
    let pattern = pattern.map(str::to_lowercase);
    let found = call.here().logs.groups.iter().filter(|(name, group)| {
        prefix.is_none_or(|p| name.starts_with(p))
            && pattern.as_ref().is_none_or(|p| name.to_lowercase().contains(p.as_str()))
            && class.is_none_or(|c| group.class == c)
            && (named.is_empty() || named.iter().any(|n| n == name || *n == group.arn))
    });
    let shown = found.map(|(name, group)| {
        let mut line = json!({
            "logGroupName": name,
            "creationTime": group.created,
            "metricFilterCount": 0,
            "arn": format!("{}:*", group.arn),
            "storedBytes": 0,
            "logGroupClass": group.class,
            "logGroupArn": group.arn,
            "deletionProtectionEnabled": group.protected,
        });
        if let Some(days) = group.retention {
            line["retentionInDays"] = json!(days);
        }
        if let Some(kms) = &group.kms {
            line["kmsKeyId"] = json!(kms);
        }
        line
    });
    let bad = || Fault::new("InvalidParameterException", "The specified nextToken is invalid.");
    let (shown, next) = page(shown.collect(), token, usize::try_from(limit).unwrap_or(50), bad)?;
    let mut answer = json!({"logGroups": shown});
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    Ok(answer)
}

fn delete_log_group(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    input.check()?;
    if find(call, name)?.protected {
        let text =
            "The specified log group has deletion protection enabled. Disable deletion protection and try again.";
        return Err(Fault::validation(text));
    }
    call.here().logs.groups.remove(name);
    Ok(Value::Null)
}

fn put_retention_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    let days = input.int("retentionInDays", i64::MIN, i64::MAX);
    match days {
        None if !input.has("retentionInDays") => input.missing("retentionInDays"),
        Some(days) if !RETENTION.contains(&days) => {
            let set: Vec<String> = RETENTION.iter().map(i64::to_string).collect();
            let text = format!("Member must satisfy enum value set: [{}]", set.join(", "));
            input.broken("retentionInDays", &format!("'{days}'"), &text);
        }
        _ => {}
    }
    input.check()?;
    find(call, name)?.retention = days;
    Ok(Value::Null)
}

fn delete_retention_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    input.check()?;
    find(call, name)?.retention = None;
    Ok(Value::Null)
}

/// The group that `logGroupName` or `resourceIdentifier` means.
fn named<'a>(input: &Input<'a>) -> Result<&'a str, Fault> {
    let name = input.text("logGroupName", NAME).or_else(|| input.text("resourceIdentifier", len(1, 2048)));
    if name.is_none() {
        input.missing("logGroupName");
    }
    input.check()?;
    Ok(name.unwrap_or(""))
}

fn associate_kms_key(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let kms = input.need("kmsKeyId", len(1, 256));
    let name = named(input)?;
    judge_key(kms)?;
    find(call, name)?.kms = Some(kms.to_owned());
    Ok(Value::Null)
}

fn disassociate_kms_key(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = named(input)?;
    find(call, name)?.kms = None;
    Ok(Value::Null)
}

fn put_log_group_deletion_protection(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupIdentifier", len(1, 2048));
    let protected = input.flag("deletionProtectionEnabled");
    if protected.is_none() {
        input.missing("deletionProtectionEnabled");
    }
    input.check()?;
    find(call, name)?.protected = protected.unwrap_or(false);
    Ok(Value::Null)
}

fn tag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", len(1, 1011));
    let tags = read_tags(input)?;
    add_tags(&mut find(call, arn)?.tags, tags)?;
    Ok(Value::Null)
}

fn untag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", len(1, 1011));
    let keys = input.texts("tagKeys");
    input.check()?;
    find(call, arn)?.tags.retain(|k, _| !keys.contains(&k.as_str()));
    Ok(Value::Null)
}

fn list_tags_for_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", len(1, 1011));
    input.check()?;
    Ok(json!({"tags": find(call, arn)?.tags}))
}

fn tag_log_group(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    let tags = read_tags(input)?;
    add_tags(&mut find(call, name)?.tags, tags)?;
    Ok(Value::Null)
}

fn untag_log_group(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    let keys = input.texts("tags");
    input.check()?;
    find(call, name)?.tags.retain(|k, _| !keys.contains(&k.as_str()));
    Ok(Value::Null)
}

fn list_tags_log_group(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("logGroupName", NAME);
    input.check()?;
    Ok(json!({"tags": find(call, name)?.tags}))
}

fn put_resource_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("policyName", ANY).to_owned();
    let document = input.need("policyDocument", len(1, 5120)).to_owned();
    input.check()?;
    let now = call.now;
    let policies = &mut call.here().logs.policies;
    if !policies.contains_key(&name) && policies.len() >= 10 {
        return Err(Fault::new("LimitExceededException", "Resource limit exceeded."));
    }
    let shown = json!({"policyName": name, "policyDocument": document, "lastUpdatedTime": now});
    policies.insert(name, ResourcePolicy { document, updated: now });
    Ok(json!({"resourcePolicy": shown}))
}

fn describe_resource_policies(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let limit = input.int("limit", 1, 50).unwrap_or(50);
    let token = input.text("nextToken", ANY);
    input.check()?;
    let policies = call.here().logs.policies.iter();
    let shown = policies
        .map(|(name, p)| json!({"policyName": name, "policyDocument": p.document, "lastUpdatedTime": p.updated}));
    let bad = || Fault::new("InvalidParameterException", "The specified nextToken is invalid.");
    let (shown, next) = page(shown.collect(), token, usize::try_from(limit).unwrap_or(50), bad)?;
    let mut answer = json!({"resourcePolicies": shown});
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    Ok(answer)
}

fn delete_resource_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("policyName", ANY);
    input.check()?;
    match call.here().logs.policies.remove(name) {
        Some(_) => Ok(Value::Null),
        None => Err(Fault::new("ResourceNotFoundException", format!("Policy with name [{name}] does not exist"))),
    }
}
