//! `aws_appautoscaling_target`: between which limits the capacity of a table or index (or of something of another service) may move.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, ErrorKind, Resource, Result, checks, settle, tags, wait};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::{Kind, Object, Path, Value};
use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace, SuspendedState};
use std::time::Duration;

/// `aws_appautoscaling_target`
pub struct Target;

/// How long AWS may not know what was just made: a role, or the table.
const PROPAGATION: Duration = Duration::from_secs(120);

static SCHEMA: Schema = Schema {
    name: "aws_appautoscaling_target",
    version: 0,
    doc: "Registers something scalable, such as the read capacity of a table, with its limits.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("ARN of the scalable target."),
            Attribute::optional_computed("id", Ty::String).doc("The resource_id."),
            Attribute::required("max_capacity", Ty::Number).check(capacity).doc("Most capacity units."),
            Attribute::required("min_capacity", Ty::Number).check(capacity).doc("Least capacity units."),
            Attribute::required("resource_id", Ty::String)
                .replaces()
                .doc("What is scaled: table/NAME, table/NAME/index/INDEX, or as the service has it."),
            Attribute::optional_computed("role_arn", Ty::String)
                .check(checks::arn)
                .doc("ARN of the role that changes the capacity; for DynamoDB a service-linked role does."),
            Attribute::required("scalable_dimension", Ty::String)
                .replaces()
                .doc("What of it is scaled: dynamodb:table:ReadCapacityUnits, dynamodb:index:WriteCapacityUnits, ..."),
            Attribute::required("service_namespace", Ty::String).replaces().doc("The service: dynamodb, ..."),
            Attribute::optional("tags", Ty::Map(&Ty::String))
                .doc("Tags of the target; they win over the provider's default_tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("All tags, those of the provider's default_tags included."),
        ],
        blocks: &[NestedBlock::list(
            "suspended_state",
            Block {
                attributes: &[
                    Attribute::optional("dynamic_scaling_in_suspended", Ty::Bool)
                        .default(crate::schema::Const::Bool(false))
                        .doc("Whether policies must not take capacity away."),
                    Attribute::optional("dynamic_scaling_out_suspended", Ty::Bool)
                        .default(crate::schema::Const::Bool(false))
                        .doc("Whether policies must not add capacity."),
                    Attribute::optional("scheduled_scaling_suspended", Ty::Bool)
                        .default(crate::schema::Const::Bool(false))
                        .doc("Whether scheduled actions do nothing."),
                ],
                blocks: &[],
            },
        )
        .items(0, 1)
        .computed()
        .doc("What scaling is suspended.")],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"]);
/// One role for each sort of thing that scales; for tables it is `AWSServiceRoleForApplicationAutoScaling_DynamoDBTable`.
const ROLE: On = On::Arns(&[
    "arn:{partition}:iam::{account}:role/aws-service-role/{service_namespace}.application-autoscaling.amazonaws.com/*",
]);

/// What scaling a table does to it is checked when the target is made.
const TABLES: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/*"]);

/// What IAM has to allow. The first target of a service makes the service's own role.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(&["application-autoscaling:DescribeScalableTargets"], On::All),
        Permit::new(&["application-autoscaling:ListTagsForResource"], SELF),
    ],
    create: &[
        Permit::new(&["application-autoscaling:RegisterScalableTarget"], SELF),
        Permit::new(&["application-autoscaling:TagResource"], SELF).when("tags_all"),
        Permit::new(&["dynamodb:DescribeTable", "dynamodb:UpdateTable"], TABLES).implied(),
        Permit::new(&["iam:CreateServiceLinkedRole"], ROLE).implied(),
    ],
    update: &[Permit::new(
        &[
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource",
            "application-autoscaling:UntagResource",
        ],
        SELF,
    )],
    delete: &[Permit::new(&["application-autoscaling:DeregisterScalableTarget"], SELF)],
};

#[async_trait]
impl Resource for Target {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let Some(found) = find(aws, prior).await? else { return Ok(None) };
        let mut object = described(prior, &found);
        let tags = match found.scalable_target_arn() {
            Some(arn) => list_tags(aws, arn).await?,
            None => Vec::new(),
        };
        tags::fill(aws, prior, &mut object, tags);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        register(aws, planned, true).await?;
        look_again(aws, planned).await
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let changed = ["max_capacity", "min_capacity", "role_arn", "suspended_state"];
        if changed.iter().any(|name| prior.differs(planned, name)) {
            register(aws, planned, false).await?;
        }
        let changes = tags::changes(prior, planned);
        let arn = prior.str("arn").unwrap_or_default();
        if !changes.remove.is_empty() {
            let call = aws.scaling().untag_resource().resource_arn(arn).set_tag_keys(Some(changes.remove));
            call.send().await.map_err(Error::of("application-autoscaling:UntagResource", arn))?;
        }
        if !changes.set.is_empty() {
            let call = aws.scaling().tag_resource().resource_arn(arn).set_tags(Some(changes.set.into_iter().collect()));
            call.send().await.map_err(Error::of("application-autoscaling:TagResource", arn))?;
        }
        look_again(aws, planned).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let (namespace, id, dimension) = parts(prior);
        let call = aws.scaling().deregister_scalable_target().resource_id(id);
        let call = call.service_namespace(ServiceNamespace::from(namespace));
        let call = call.scalable_dimension(ScalableDimension::from(dimension));
        let error = call.send().await.map_err(Error::of("application-autoscaling:DeregisterScalableTarget", id)).err();
        match error {
            Some(error) if error.code != "ObjectNotFoundException" => Err(error),
            _ => Ok(()),
        }
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let mut findings = of_dynamodb(config);
        if let (Some(least), Some(most)) = (config.int("min_capacity"), config.int("max_capacity"))
            && least > most
        {
            let detail = format!("min_capacity is {least}, which is more than max_capacity, {most}.");
            findings.push((Path::attr("min_capacity"), Diagnostic::error("Limits the wrong way round", detail)));
        }
        findings
    }

    fn predict(&self, _: &super::Place, planned: &mut Object) {
        if let Some(id) = planned.text("resource_id").map(str::to_string) {
            planned.set("id", id);
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        let parts: Vec<&str> = id.split('/').collect();
        match parts.as_slice() {
            [namespace, resource @ .., dimension] if !resource.is_empty() && !parts.iter().any(|p| p.is_empty()) => {
                Ok(handle(namespace, &resource.join("/"), dimension))
            }
            _ => Err(format!(
                "A scalable target is imported by NAMESPACE/RESOURCE_ID/DIMENSION, such as \
                 \"dynamodb/table/orders/dynamodb:table:ReadCapacityUnits\"; got \"{id}\"."
            )),
        }
    }
}

/// What a target or policy is read by.
pub(super) fn handle(namespace: &str, resource: &str, dimension: &str) -> Object {
    Object::new()
        .with("id", resource)
        .with("resource_id", resource)
        .with("service_namespace", namespace)
        .with("scalable_dimension", dimension)
}

/// Namespace, resource id and dimension.
pub(super) fn parts(object: &Object) -> (&str, &str, &str) {
    let of = |name| object.str(name).unwrap_or_default();
    (of("service_namespace"), of("resource_id"), of("scalable_dimension"))
}

/// What cannot fit together where a table or index is scaled; AWS would find it during the apply.
pub(super) fn of_dynamodb(config: &Object) -> Vec<(Path, Diagnostic)> {
    if config.str("service_namespace") != Some("dynamodb") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let index = config.str("resource_id").map(|id| match id.split('/').collect::<Vec<_>>().as_slice() {
        ["table", name] if !name.is_empty() => Ok(false),
        ["table", name, "index", index] if !name.is_empty() && !index.is_empty() => Ok(true),
        _ => Err(id.to_string()),
    });
    if let Some(Err(id)) = &index {
        let detail =
            format!("The resource_id of a table is table/NAME, that of an index table/NAME/index/INDEX; got \"{id}\".");
        findings.push((Path::attr("resource_id"), Diagnostic::error("Unknown kind of scalable resource", detail)));
    }
    let Some(dimension) = config.str("scalable_dimension") else { return findings };
    let known = [
        "dynamodb:table:ReadCapacityUnits",
        "dynamodb:table:WriteCapacityUnits",
        "dynamodb:index:ReadCapacityUnits",
        "dynamodb:index:WriteCapacityUnits",
    ];
    if let Err(detail) = checks::one_of(&Value::string(dimension), &known) {
        findings.push((Path::attr("scalable_dimension"), Diagnostic::error("Unknown scalable dimension", detail)));
    } else if let Some(Ok(index)) = index
        && dimension.starts_with("dynamodb:index:") != index
    {
        let what = if index { "an index" } else { "a table" };
        let detail = format!("The resource_id names {what}, and \"{dimension}\" is not of {what}.");
        findings.push((Path::attr("scalable_dimension"), Diagnostic::error("Unknown scalable dimension", detail)));
    }
    findings
}

async fn register(aws: &Aws, planned: &Object, new: bool) -> Result<()> {
    let (namespace, id, dimension) = parts(planned);
    let unit = |name| planned.int(name).and_then(|n| i32::try_from(n).ok());
    // The service-linked role is AWS's own choice: it is said only where the configuration did.
    let role = planned.text("role_arn").filter(|arn| !arn.contains(":role/aws-service-role/"));
    let suspended = planned.block("suspended_state").map(|block| {
        SuspendedState::builder()
            .set_dynamic_scaling_in_suspended(block.bool("dynamic_scaling_in_suspended"))
            .set_dynamic_scaling_out_suspended(block.bool("dynamic_scaling_out_suspended"))
            .set_scheduled_scaling_suspended(block.bool("scheduled_scaling_suspended"))
            .build()
    });
    let tags = tags::wanted(planned);
    let tags = (new && !tags.is_empty()).then(|| tags.into_iter().collect());
    let registered = wait::retry(aws, PROPAGATION, passing, || async {
        let call = aws.scaling().register_scalable_target().resource_id(id);
        let call = call
            .service_namespace(ServiceNamespace::from(namespace))
            .scalable_dimension(ScalableDimension::from(dimension))
            .set_min_capacity(unit("min_capacity"))
            .set_max_capacity(unit("max_capacity"))
            .set_role_arn(role.map(str::to_string))
            .set_suspended_state(suspended.clone())
            .set_tags(tags.clone());
        call.send().await.map_err(Error::of("application-autoscaling:RegisterScalableTarget", id))
    });
    registered.await.map(drop)
}

/// Errors that pass: what was just made is not known everywhere.
pub(super) fn passing(error: &Error) -> Option<String> {
    let validation = |part| error.says("ValidationException", part);
    if validation("Unable to assume") || validation("ECS service doesn't exist") || validation("does not exist") {
        return Some("waits for what was just made to be known everywhere".into());
    }
    let busy = error.code == "ConcurrentUpdateException"
        || error.says("FailedResourceAccessException", "Rate exceeded")
        || error.says("FailedResourceAccessException", "Failed to execute action");
    busy.then(|| "waits for other changes of its scaling".into())
}

async fn find(aws: &Aws, object: &Object) -> Result<Option<ScalableTarget>> {
    let (namespace, id, dimension) = parts(object);
    let mut next = None;
    loop {
        let call = aws.scaling().describe_scalable_targets().resource_ids(id).set_next_token(next);
        let call = call
            .service_namespace(ServiceNamespace::from(namespace))
            .scalable_dimension(ScalableDimension::from(dimension));
        let answer = call.send().await.map_err(Error::of("application-autoscaling:DescribeScalableTargets", id))?;
        let all = answer.scalable_targets.unwrap_or_default();
        let found = all.into_iter().find(|t| t.resource_id() == id && t.scalable_dimension().as_str() == dimension);
        next = answer.next_token;
        if found.is_some() || next.is_none() {
            return Ok(found);
        }
    }
}

fn described(seen: &Object, found: &ScalableTarget) -> Object {
    let mut object = settle::complete(&SCHEMA, seen);
    let id = found.resource_id();
    object.set("id", id);
    object.set("resource_id", id);
    object.set("arn", found.scalable_target_arn().unwrap_or_default());
    object.set("service_namespace", found.service_namespace().as_str());
    object.set("scalable_dimension", found.scalable_dimension().as_str());
    object.set("max_capacity", i64::from(found.max_capacity()));
    object.set("min_capacity", i64::from(found.min_capacity()));
    object.set("role_arn", found.role_arn());
    let states = found.suspended_state().map(|state| {
        Object::new()
            .with("dynamic_scaling_in_suspended", state.dynamic_scaling_in_suspended().unwrap_or(false))
            .with("dynamic_scaling_out_suspended", state.dynamic_scaling_out_suspended().unwrap_or(false))
            .with("scheduled_scaling_suspended", state.scheduled_scaling_suspended().unwrap_or(false))
            .to_value()
    });
    if let Some(Kind::List(ty, _)) = settle::blank(&SCHEMA.block).get("suspended_state").map(Value::kind) {
        object.set("suspended_state", Value::list(ty.clone(), states.into_iter().collect()));
    }
    object
}

/// All tags; none where the endpoint does not know of them.
async fn list_tags(aws: &Aws, arn: &str) -> Result<Vec<(String, String)>> {
    let answer = aws.scaling().list_tags_for_resource().resource_arn(arn).send().await;
    let answer = answer.map_err(Error::of("application-autoscaling:ListTagsForResource", arn));
    let answer = match answer {
        Err(error) if error.is(ErrorKind::NotFound) => return Ok(Vec::new()),
        answer => answer?,
    };
    let mut tags: Vec<_> = answer.tags.unwrap_or_default().into_iter().collect();
    tags.sort();
    Ok(tags)
}

/// The object after a change, with the tags that were just set.
async fn look_again(aws: &Aws, planned: &Object) -> Result<Object> {
    let (_, id, _) = parts(planned);
    let Some(found) = find(aws, planned).await? else {
        let message = format!("The scalable target {id} is gone although it was just registered.");
        return Err(Error::new(ErrorKind::NotFound, id, message));
    };
    let mut object = settle::as_planned(planned, described(planned, &found));
    tags::fill(aws, planned, &mut object, tags::wanted(planned));
    for name in ["tags", "tags_all"] {
        if let Some(tags) = planned.get(name).filter(|tags| tags.is_known()) {
            object.set(name, tags.clone());
        }
    }
    Ok(object)
}

fn capacity(value: &Value) -> checks::Checked {
    checks::between(value, 0, i64::from(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_namespace_resource_and_dimension() {
        let object = Target.import_id("dynamodb/table/t/index/i/dynamodb:index:ReadCapacityUnits").unwrap();
        assert_eq!(parts(&object), ("dynamodb", "table/t/index/i", "dynamodb:index:ReadCapacityUnits"));
        for id in ["", "dynamodb", "dynamodb/x", "dynamodb//x", "/table/t/d"] {
            assert!(Target.import_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn what_does_not_fit_is_found() {
        for (id, dimension, least, wanted) in [
            ("table/t", "dynamodb:table:ReadCapacityUnits", 1, None),
            ("table/t/index/i", "dynamodb:index:ReadCapacityUnits", 1, None),
            ("table/t/index/i", "dynamodb:table:ReadCapacityUnits", 1, Some("Unknown scalable dimension")),
            ("table/t", "dynamodb:table:ReadCapacity", 1, Some("Unknown scalable dimension")),
            ("t", "dynamodb:table:ReadCapacityUnits", 1, Some("Unknown kind of scalable resource")),
            ("table/t", "dynamodb:table:ReadCapacityUnits", 20, Some("Limits the wrong way round")),
        ] {
            let config = handle("dynamodb", id, dimension).with("min_capacity", least).with("max_capacity", 10);
            let found = Target.check(&config);
            assert_eq!(found.first().map(|(_, d)| d.summary), wanted, "{id} {dimension}");
        }
    }
}
