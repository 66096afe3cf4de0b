//! Application Auto Scaling: targets and policies, as a table's or index's capacity has them.
//!
//! Refuses to know load: nothing is ever scaled.

use super::call::{Call, page, seconds};
use super::fault::{Answer, Fault};
use super::input::{ANY, Input, len, one_of};
use super::tags::Tags;
use super::{Operation, reads, writes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const OPERATIONS: &[Operation] = &[
    writes("RegisterScalableTarget", register_scalable_target),
    reads("DescribeScalableTargets", describe_scalable_targets),
    writes("DeregisterScalableTarget", deregister_scalable_target),
    writes("PutScalingPolicy", put_scaling_policy),
    reads("DescribeScalingPolicies", describe_scaling_policies),
    writes("DeleteScalingPolicy", delete_scaling_policy),
    writes("TagResource", tag_resource),
    writes("UntagResource", untag_resource),
    reads("ListTagsForResource", list_tags_for_resource),
];

/// Everything Application Auto Scaling has in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Scaling {
    /// Namespace, dimension and resource, joined by spaces → target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    targets: BTreeMap<String, Target>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Target {
    namespace: String,
    dimension: String,
    resource: String,
    min: i64,
    max: i64,
    role: String,
    arn: String,
    created: i64,
    suspended: Value,
    #[serde(default)]
    tags: Tags,
    /// Name → policy.
    #[serde(default)]
    policies: BTreeMap<String, Policy>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Policy {
    arn: String,
    created: i64,
    kind: String,
    /// `TargetTrackingScalingPolicyConfiguration` or `StepScalingPolicyConfiguration` with its value.
    settings: Value,
    alarms: Value,
}

/// The settings that a policy may have.
const SETTINGS: &[&str] = &[
    "TargetTrackingScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
];

struct Named<'a> {
    namespace: &'a str,
    dimension: &'a str,
    resource: &'a str,
    key: String,
}

fn named<'a>(input: &Input<'a>) -> Named<'a> {
    let namespace = input.need("ServiceNamespace", ANY);
    let resource = input.need("ResourceId", len(1, 1600));
    let dimension = input.need("ScalableDimension", ANY);
    Named { namespace, dimension, resource, key: format!("{namespace} {dimension} {resource}") }
}

fn no_target(n: &Named<'_>) -> Fault {
    let (ns, dim, res) = (n.namespace, n.dimension, n.resource);
    let text = format!(
        "No scalable target registered for service namespace: {ns}, resource ID: {res}, scalable dimension: {dim}"
    );
    Fault::new("ObjectNotFoundException", text)
}

/// What the role linked to a service is called.
fn linked_role(namespace: &str) -> &str {
    match namespace {
        "dynamodb" => "DynamoDBTable",
        other => other,
    }
}

fn register_scalable_target(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let n = named(input);
    let (min, max) = (input.int("MinCapacity", 0, i64::MAX), input.int("MaxCapacity", 0, i64::MAX));
    let role = input.text("RoleARN", len(1, 1600));
    let tags = read_tags(input);
    input.check()?;
    judge_resource(call, &n)?;
    let id = call.uuid(&format!("scaling/{}", n.key)).replace('-', "");
    let arn = call.arn("application-autoscaling", &format!("scalable-target/{id}"));
    let service = format!("{}.application-autoscaling.amazonaws.com", n.namespace);
    let linked =
        format!("role/aws-service-role/{service}/AWSServiceRoleForApplicationAutoScaling_{}", linked_role(n.namespace));
    let (linked, now) = (call.iam_arn(&linked), call.now);
    let targets = &mut call.here().scaling.targets;
    let old = targets.get(&n.key);
    let (Some(min), Some(max)) = (min.or(old.map(|t| t.min)), max.or(old.map(|t| t.max))) else {
        let text = "MinCapacity and MaxCapacity must be specified to register a new scalable target.";
        return Err(Fault::validation(text));
    };
    if min > max {
        let text = "Maximum capacity cannot be less than minimum capacity.";
        return Err(Fault::validation(text));
    }
    let target = targets.entry(n.key.clone()).or_insert_with(|| Target {
        namespace: n.namespace.to_owned(),
        dimension: n.dimension.to_owned(),
        resource: n.resource.to_owned(),
        min,
        max,
        role: linked,
        arn,
        created: now,
        suspended: json!({
            "DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false,
        }),
        tags: Tags::new(),
        policies: BTreeMap::new(),
    });
    (target.min, target.max) = (min, max);
    if let Some(role) = role {
        target.role = role.to_owned();
    }
    if let Some(Value::Object(state)) = input.raw("SuspendedState") {
        for (key, value) in state {
            target.suspended[key] = value.clone();
        }
    }
    target.tags.extend(tags);
    Ok(json!({"ScalableTargetARN": target.arn}))
}

/// A table or an index of it must be there.
fn judge_resource(call: &mut Call<'_>, n: &Named<'_>) -> Result<(), Fault> {
    if n.namespace != "dynamodb" {
        return Ok(());
    }
    let mut steps = n.resource.split('/');
    let (kind, table, index) = (steps.next(), steps.next().unwrap_or(""), steps.nth(1));
    let here = kind == Some("table") && call.here().dynamodb.has(table, index);
    if here {
        return Ok(());
    }
    let text = format!("DynamoDB table does not exist: {}", n.resource);
    Err(Fault::validation(text))
}

fn read_tags(input: &Input<'_>) -> Vec<(String, String)> {
    let Some(tags) = input.structure("Tags") else { return Vec::new() };
    tags.map().keys().map(|k| (k.clone(), tags.text(k, len(0, 256)).unwrap_or("").to_owned())).collect()
}

fn paged(input: &Input<'_>, member: &str, items: Vec<Value>) -> Answer {
    let limit = input.int("MaxResults", 1, 50).unwrap_or(50);
    let token = input.text("NextToken", ANY);
    input.check()?;
    let bad = || Fault::new("InvalidNextTokenException", "The next token supplied was invalid.");
    let (shown, next) = page(items, token, usize::try_from(limit).unwrap_or(50), bad)?;
    let mut answer = json!({member: shown});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

fn describe_scalable_targets(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let namespace = input.need("ServiceNamespace", ANY);
    let dimension = input.text("ScalableDimension", ANY);
    let resources = input.texts("ResourceIds");
    let found = call.here().scaling.targets.values().filter(|t| {
        t.namespace == namespace
            && dimension.is_none_or(|d| t.dimension == d)
            && (resources.is_empty() || resources.contains(&t.resource.as_str()))
    });
    let shown = found.map(|t| {
        json!({
            "ServiceNamespace": t.namespace,
            "ResourceId": t.resource,
            "ScalableDimension": t.dimension,
            "MinCapacity": t.min,
            "MaxCapacity": t.max,
            "RoleARN": t.role,
            "CreationTime": seconds(t.created),
            "SuspendedState": t.suspended,
            "ScalableTargetARN": t.arn,
        })
    });
    let shown = shown.collect();
    paged(input, "ScalableTargets", shown)
}

fn deregister_scalable_target(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let n = named(input);
    input.check()?;
    match call.here().scaling.targets.remove(&n.key) {
        Some(_) => Ok(json!({})),
        None => Err(no_target(&n)),
    }
}

fn put_scaling_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let n = named(input);
    let name = input.need("PolicyName", len(1, 256)).to_owned();
    let kinds = one_of(&["StepScaling", "TargetTrackingScaling", "PredictiveScaling"]);
    let kind = input.text("PolicyType", kinds).unwrap_or("StepScaling").to_owned();
    let given = SETTINGS.iter().find_map(|s| input.raw(s).map(|v| json!({*s: v})));
    input.check()?;
    let id = call.uuid(&format!("scaling-policy/{}/{name}", n.key));
    let resource = format!("scalingPolicy:{id}:resource/{}/{}:policyName/{name}", n.namespace, n.resource);
    let arn = call.arn("autoscaling", &resource);
    let alarm_id = call.uuid(&format!("alarm/{}/{name}", n.key));
    let (high, low) = (format!("TargetTracking-{}-AlarmHigh-{alarm_id}", n.resource), {
        format!("TargetTracking-{}-AlarmLow-{alarm_id}", n.resource)
    });
    let alarm = |name: &str| json!({"AlarmName": name, "AlarmARN": call.arn("cloudwatch", &format!("alarm:{name}"))});
    let alarms = if kind == "TargetTrackingScaling" { json!([alarm(&high), alarm(&low)]) } else { json!([]) };
    let now = call.now;
    if !call.here().scaling.targets.contains_key(&n.key) {
        return Err(no_target(&n));
    }
    let Some(target) = call.here().scaling.targets.get_mut(&n.key) else { return Ok(json!({})) };
    let old = target.policies.get(&name);
    let Some(settings) = given.or_else(|| old.map(|p| p.settings.clone())) else {
        return Err(Fault::validation("A scaling policy configuration must be specified."));
    };
    let policy =
        target.policies.entry(name).or_insert(Policy { arn, created: now, kind, settings: Value::Null, alarms });
    policy.settings = settings;
    Ok(json!({"PolicyARN": policy.arn, "Alarms": policy.alarms}))
}

fn describe_scaling_policies(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let namespace = input.need("ServiceNamespace", ANY);
    let (resource, dimension) = (input.text("ResourceId", len(1, 1600)), input.text("ScalableDimension", ANY));
    let names = input.texts("PolicyNames");
    let mut shown = Vec::new();
    for target in call.here().scaling.targets.values() {
        let fits = target.namespace == namespace
            && resource.is_none_or(|r| target.resource == r)
            && dimension.is_none_or(|d| target.dimension == d);
        if !fits {
            continue;
        }
        for (name, policy) in &target.policies {
            if !names.is_empty() && !names.iter().any(|n| n == name || *n == policy.arn) {
                continue;
            }
            let mut line = json!({
                "PolicyARN": policy.arn,
                "PolicyName": name,
                "ServiceNamespace": target.namespace,
                "ResourceId": target.resource,
                "ScalableDimension": target.dimension,
                "PolicyType": policy.kind,
                "Alarms": policy.alarms,
                "CreationTime": seconds(policy.created),
            });
            for (key, value) in policy.settings.as_object().into_iter().flatten() {
                line[key] = value.clone();
            }
            shown.push(line);
        }
    }
    paged(input, "ScalingPolicies", shown)
}

fn delete_scaling_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let n = named(input);
    let name = input.need("PolicyName", len(1, 1600));
    input.check()?;
    let target = call.here().scaling.targets.get_mut(&n.key);
    if target.and_then(|t| t.policies.remove(name)).is_some() {
        return Ok(json!({}));
    }
    let (ns, dim, res) = (n.namespace, n.dimension, n.resource);
    let text = format!(
        "No scaling policy found for service namespace: {ns}, resource ID: {res}, scalable dimension: {dim}: {name}"
    );
    Err(Fault::new("ObjectNotFoundException", text))
}

fn by_arn<'a>(call: &'a mut Call<'_>, input: &Input<'_>) -> Result<&'a mut Target, Fault> {
    let arn = input.need("ResourceARN", len(1, 1011)).to_owned();
    input.check()?;
    let found = call.here().scaling.targets.values_mut().find(|t| t.arn == arn);
    found.ok_or_else(|| {
        let text = format!("The requested resource could not be found: {arn}");
        Fault::new("ResourceNotFoundException", text).with("ResourceName", arn)
    })
}

fn tag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let tags = read_tags(input);
    by_arn(call, input)?.tags.extend(tags);
    Ok(json!({}))
}

fn untag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let keys = input.texts("TagKeys");
    by_arn(call, input)?.tags.retain(|k, _| !keys.contains(&k.as_str()));
    Ok(json!({}))
}

fn list_tags_for_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    Ok(json!({"Tags": by_arn(call, input)?.tags}))
}
