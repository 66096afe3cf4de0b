//! `aws_appautoscaling_policy`: by what the capacity of a scalable target is moved.

use super::aws_appautoscaling_target as target;
use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, Place, Resource, Result, checks, settle, wait};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Const, NestedBlock, Schema, Ty};
use crate::value::{Object, Path, Type, Value, json};
use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types as sdk;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// `aws_appautoscaling_policy`
pub struct Policy;

/// How long AWS may need to know of the target.
const PROPAGATION: Duration = Duration::from_secs(120);

const DIMENSIONS: NestedBlock = NestedBlock::set(
    "dimensions",
    Block {
        attributes: &[
            Attribute::required("name", Ty::String).doc("Name of the dimension."),
            Attribute::required("value", Ty::String).doc("Value of the dimension."),
        ],
        blocks: &[],
    },
)
.doc("Dimensions of the metric.");

const METRICS: NestedBlock = NestedBlock::set(
    "metrics",
    Block {
        attributes: &[
            Attribute::optional("expression", Ty::String).doc("What is worked out of other metrics."),
            Attribute::required("id", Ty::String).doc("What other expressions call this metric."),
            Attribute::optional("label", Ty::String).doc("What people call it."),
            Attribute::optional("return_data", Ty::Bool)
                .default(Const::Bool(true))
                .doc("Whether the policy goes by it; exactly one does."),
        ],
        blocks: &[NestedBlock::list(
            "metric_stat",
            Block {
                attributes: &[
                    Attribute::required("stat", Ty::String).doc("Statistic, such as Average or Sum."),
                    Attribute::optional("unit", Ty::String).doc("Unit of the metric."),
                ],
                blocks: &[NestedBlock::list(
                    "metric",
                    Block {
                        attributes: &[
                            Attribute::required("metric_name", Ty::String).doc("Name of the metric."),
                            Attribute::required("namespace", Ty::String).doc("Namespace of the metric."),
                        ],
                        blocks: &[DIMENSIONS],
                    },
                )
                .items(1, 1)
                .doc("Which metric.")],
            },
        )
        .items(0, 1)
        .doc("A metric of CloudWatch.")],
    },
)
.named_by("id")
.doc("Metrics, and expressions over them.");

static SCHEMA: Schema = Schema {
    name: "aws_appautoscaling_policy",
    version: 0,
    doc: "Moves the capacity of a scalable target, in steps or towards a value of a metric.",
    block: Block {
        attributes: &[
            Attribute::computed("alarm_arns", Ty::List(&Ty::String)).doc("ARNs of the alarms that AWS made for it."),
            Attribute::computed("arn", Ty::String).doc("ARN of the policy."),
            Attribute::optional_computed("id", Ty::String).doc("Name of the policy."),
            Attribute::required("name", Ty::String).replaces().check(name).doc("Name of the policy."),
            Attribute::optional("policy_type", Ty::String)
                .default(Const::Str("StepScaling"))
                .check(kind)
                .doc("StepScaling or TargetTrackingScaling; DynamoDB knows only the latter."),
            Attribute::required("resource_id", Ty::String).replaces().doc("The target's resource_id."),
            Attribute::required("scalable_dimension", Ty::String).replaces().doc("The target's scalable_dimension."),
            Attribute::required("service_namespace", Ty::String).replaces().doc("The target's service_namespace."),
        ],
        blocks: &[
            NestedBlock::list(
                "step_scaling_policy_configuration",
                Block {
                    attributes: &[
                        Attribute::optional("adjustment_type", Ty::String).check(adjustment).doc(
                            "What scaling_adjustment is: ChangeInCapacity, PercentChangeInCapacity or ExactCapacity.",
                        ),
                        Attribute::optional("cooldown", Ty::Number)
                            .doc("Seconds after a change before the next one."),
                        Attribute::optional("metric_aggregation_type", Ty::String)
                            .check(aggregation)
                            .doc("How values are put together: Minimum, Maximum or Average."),
                        Attribute::optional("min_adjustment_magnitude", Ty::Number)
                            .doc("Least change, with PercentChangeInCapacity."),
                    ],
                    blocks: &[NestedBlock::set(
                        "step_adjustment",
                        Block {
                            attributes: &[
                                Attribute::optional("metric_interval_lower_bound", Ty::String)
                                    .check(bound)
                                    .doc("Where the step begins, as distance from the alarm's threshold; no limit where not given."),
                                Attribute::optional("metric_interval_upper_bound", Ty::String)
                                    .check(bound)
                                    .doc("Where the step ends; no limit where not given."),
                                Attribute::required("scaling_adjustment", Ty::Number)
                                    .doc("By how much, or to what, capacity changes."),
                            ],
                            blocks: &[],
                        },
                    )
                    .doc("What is done how far from the threshold.")],
                },
            )
            .items(0, 1)
            .doc("With StepScaling: how far capacity moves."),
            NestedBlock::list(
                "target_tracking_scaling_policy_configuration",
                Block {
                    attributes: &[
                        Attribute::optional("disable_scale_in", Ty::Bool)
                            .default(Const::Bool(false))
                            .doc("Whether the policy never takes capacity away."),
                        Attribute::optional("scale_in_cooldown", Ty::Number)
                            .doc("Seconds after taking capacity away before the next time."),
                        Attribute::optional("scale_out_cooldown", Ty::Number)
                            .doc("Seconds after adding capacity before the next time."),
                        Attribute::required("target_value", Ty::Number).doc("What the metric is to be."),
                    ],
                    blocks: &[
                        NestedBlock::list(
                            "customized_metric_specification",
                            Block {
                                attributes: &[
                                    Attribute::optional("metric_name", Ty::String).doc("Name of the metric."),
                                    Attribute::optional("namespace", Ty::String).doc("Namespace of the metric."),
                                    Attribute::optional("statistic", Ty::String)
                                        .check(statistic)
                                        .doc("Average, Minimum, Maximum, SampleCount or Sum."),
                                    Attribute::optional("unit", Ty::String).doc("Unit of the metric."),
                                ],
                                blocks: &[DIMENSIONS, METRICS],
                            },
                        )
                        .items(0, 1)
                        .doc("A metric of one's own."),
                        NestedBlock::list(
                            "predefined_metric_specification",
                            Block {
                                attributes: &[
                                    Attribute::required("predefined_metric_type", Ty::String)
                                        .doc("DynamoDBReadCapacityUtilization, DynamoDBWriteCapacityUtilization, ..."),
                                    Attribute::optional("resource_label", Ty::String)
                                        .doc("Which load balancer's target group the metric is of."),
                                ],
                                blocks: &[],
                            },
                        )
                        .items(0, 1)
                        .doc("A metric that AWS knows."),
                    ],
                },
            )
            .items(0, 1)
            .doc("With TargetTrackingScaling: what metric is kept at what value."),
        ],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"]);
const PUT: &[Permit] = &[
    Permit::new(&["application-autoscaling:PutScalingPolicy"], SELF),
    Permit::new(&["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"], On::All).implied(),
];

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["application-autoscaling:DescribeScalingPolicies"], On::All)],
    create: PUT,
    update: PUT,
    delete: &[
        Permit::new(&["application-autoscaling:DeleteScalingPolicy"], SELF),
        Permit::new(&["cloudwatch:DeleteAlarms"], On::All).implied(),
    ],
};

#[async_trait]
impl Resource for Policy {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let found = find(aws, prior).await?;
        Ok(found.map(|found| described(prior, &found)))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn update(&self, aws: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let (namespace, id, dimension) = target::parts(prior);
        let name = prior.str("name").unwrap_or_default();
        let deleted = wait::retry(aws, PROPAGATION, busy, || async {
            let call = aws.scaling().delete_scaling_policy().policy_name(name).resource_id(id);
            let call = call
                .service_namespace(sdk::ServiceNamespace::from(namespace))
                .scalable_dimension(sdk::ScalableDimension::from(dimension));
            call.send().await.map_err(Error::of("application-autoscaling:DeleteScalingPolicy", name))
        });
        match deleted.await {
            Err(error) if error.code != "ObjectNotFoundException" => Err(error),
            _ => Ok(()),
        }
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let mut findings = target::of_dynamodb(config);
        let (step, tracking) = ("step_scaling_policy_configuration", "target_tracking_scaling_policy_configuration");
        let open = |name: &str| config.get(name).is_some_and(|v| !v.is_known());
        let kind = config.str("policy_type").unwrap_or("StepScaling");
        let (wanted, other) = if kind == "TargetTrackingScaling" { (tracking, step) } else { (step, tracking) };
        if !open("policy_type") && !open(wanted) && config.block(wanted).is_none() && config.block(other).is_some() {
            let right = if kind == "StepScaling" { "TargetTrackingScaling" } else { "StepScaling" };
            let detail = format!("policy_type is \"{kind}\", which is described in {wanted}; there is only {other}.");
            let finding = Diagnostic::error("Configuration of another type of policy", detail);
            findings.push((Path::attr(other), finding.help(format!("Set policy_type = \"{right}\"."))));
        }
        if config.str("service_namespace") == Some("dynamodb") && !open("policy_type") && kind == "StepScaling" {
            let detail = "DynamoDB scales only by TargetTrackingScaling, and policy_type is \"StepScaling\", which is the default.";
            let finding = Diagnostic::warning("Type of policy that DynamoDB does not know", detail);
            findings.push((Path::attr("policy_type"), finding));
        }
        findings
    }

    fn adjust(&self, _: &Place, _: &Object, _: Option<&Object>, planned: &mut Object) {
        // What is not written the provider keeps as nothing: "" and 0.
        for block in SCHEMA.block.blocks {
            if let Some(value) = planned.get(block.name) {
                let filled = filled(&block.block, value);
                planned.set(block.name, filled);
            }
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match (attribute, a.as_str(), b.as_str()) {
            (_, Some(a), Some(b)) if attribute.ends_with("_bound") => {
                matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
            }
            _ => a == b,
        }
    }

    fn predict(&self, _: &Place, planned: &mut Object) {
        if let Some(name) = planned.text("name").map(str::to_string) {
            planned.set("id", name);
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        // The name may have slashes; the dimension is the first part with colons.
        let parts: Vec<&str> = id.split('/').collect();
        let at = parts.iter().position(|p| p.contains(':'));
        match (at, parts.first()) {
            (Some(at), Some(namespace)) if at >= 2 && at + 1 < parts.len() && !parts.contains(&"") => {
                let name = parts[at + 1..].join("/");
                let object = target::handle(namespace, &parts[1..at].join("/"), parts[at]);
                Ok(object.with("id", name.clone()).with("name", name))
            }
            _ => Err(format!(
                "A scaling policy is imported by NAMESPACE/RESOURCE_ID/DIMENSION/NAME, such as \
                 \"dynamodb/table/orders/dynamodb:table:ReadCapacityUnits/read\"; got \"{id}\"."
            )),
        }
    }
}

/// `value`, blocks of this shape, with "" and 0 for texts and numbers that are null.
fn filled(shape: &Block, value: &Value) -> Value {
    let Some(elements) = value.as_slice() else { return value.clone() };
    let element = |element: &Value| {
        let Some(_) = element.as_fields() else { return element.clone() };
        let mut object = Object::from_value(element);
        for attribute in shape.attributes {
            if object.get(attribute.name).is_some_and(Value::is_null) {
                match attribute.ty {
                    Ty::String => object.set(attribute.name, ""),
                    Ty::Number => object.set(attribute.name, 0),
                    _ => {}
                }
            }
        }
        for nested in shape.blocks {
            if let Some(value) = object.get(nested.name) {
                let value = filled(&nested.block, value);
                object.set(nested.name, value);
            }
        }
        object.to_value()
    };
    let elements = elements.iter().map(element).collect();
    match value.ty() {
        Type::Set(_) => Value::set(shape.ty(), elements),
        _ => Value::list(shape.ty(), elements),
    }
}

async fn put(aws: &Aws, planned: &Object) -> Result<Object> {
    let (namespace, id, dimension) = target::parts(planned);
    let name = planned.str("name").unwrap_or_default();
    let step = planned.block("step_scaling_policy_configuration").map(|b| step(&b)).transpose()?;
    let tracking = planned.block("target_tracking_scaling_policy_configuration").map(|b| tracking(&b)).transpose()?;
    let put = wait::retry(aws, PROPAGATION, passing, || async {
        let call = aws.scaling().put_scaling_policy().policy_name(name).resource_id(id);
        let call = call
            .service_namespace(sdk::ServiceNamespace::from(namespace))
            .scalable_dimension(sdk::ScalableDimension::from(dimension))
            .set_policy_type(planned.text("policy_type").map(sdk::PolicyType::from))
            .set_step_scaling_policy_configuration(step.clone())
            .set_target_tracking_scaling_policy_configuration(tracking.clone());
        call.send().await.map_err(Error::of("application-autoscaling:PutScalingPolicy", name))
    });
    let answer = put.await?;
    let mut object = settle::complete(&SCHEMA, planned);
    object.set("id", name);
    object.set("arn", answer.policy_arn());
    object.set("alarm_arns", alarms(answer.alarms()));
    Ok(object)
}

/// Errors that pass: the target or a role was just made, or CloudWatch is busy.
fn passing(error: &Error) -> Option<String> {
    let failed = |part| error.says("FailedResourceAccessException", part);
    if failed("token included in the request is invalid") || failed("is not authorized to perform") {
        return Some("waits for IAM".into());
    }
    if error.code == "ObjectNotFoundException" {
        return Some("waits for the target".into());
    }
    target::passing(error)
}

fn busy(error: &Error) -> Option<String> {
    (error.code != "ObjectNotFoundException").then(|| target::passing(error)).flatten()
}

async fn find(aws: &Aws, object: &Object) -> Result<Option<sdk::ScalingPolicy>> {
    let (namespace, id, dimension) = target::parts(object);
    let name = object.text("name").or(object.text("id")).unwrap_or_default();
    let mut next = None;
    loop {
        let call = aws.scaling().describe_scaling_policies().policy_names(name).resource_id(id).set_next_token(next);
        let call = call
            .service_namespace(sdk::ServiceNamespace::from(namespace))
            .scalable_dimension(sdk::ScalableDimension::from(dimension));
        let answer = call.send().await.map_err(Error::of("application-autoscaling:DescribeScalingPolicies", name))?;
        next = answer.next_token;
        let found = answer.scaling_policies.unwrap_or_default().into_iter();
        let found = found.into_iter().find(|p| p.policy_name() == name && p.resource_id() == id);
        if found.is_some() || next.is_none() {
            return Ok(found);
        }
    }
}

fn described(seen: &Object, found: &sdk::ScalingPolicy) -> Object {
    let mut object = settle::complete(&SCHEMA, seen);
    object.set("id", found.policy_name());
    object.set("name", found.policy_name());
    object.set("arn", found.policy_arn());
    object.set("alarm_arns", alarms(found.alarms()));
    object.set("policy_type", found.policy_type().as_str());
    object.set("resource_id", found.resource_id());
    object.set("scalable_dimension", found.scalable_dimension().as_str());
    object.set("service_namespace", found.service_namespace().as_str());
    let step = found.step_scaling_policy_configuration().map(step_json);
    object.set("step_scaling_policy_configuration", blocks("step_scaling_policy_configuration", step));
    let tracking = found.target_tracking_scaling_policy_configuration().map(tracking_json);
    let name = "target_tracking_scaling_policy_configuration";
    object.set(name, blocks(name, tracking));
    object
}

fn alarms(alarms: &[sdk::Alarm]) -> Value {
    Value::list(Type::String, alarms.iter().map(|a| Value::string(a.alarm_arn())).collect())
}

/// At most one block of this name, from JSON that has every attribute.
fn blocks(name: &str, one: Option<Json>) -> Value {
    let Some(shape) = SCHEMA.block.nested(name) else { return Value::null(Type::Any) };
    let one = Json::Array(one.into_iter().collect());
    json::from_json(&one, &shape.ty()).unwrap_or_else(|_| Value::list(shape.block.ty(), Vec::new()))
}

fn step_json(found: &sdk::StepScalingPolicyConfiguration) -> Json {
    let bound = |bound: Option<f64>| bound.map(|b| b.to_string()).unwrap_or_default();
    let steps = found.step_adjustments().iter().map(|step| {
        json!({
            "metric_interval_lower_bound": bound(step.metric_interval_lower_bound()),
            "metric_interval_upper_bound": bound(step.metric_interval_upper_bound()),
            "scaling_adjustment": step.scaling_adjustment(),
        })
    });
    json!({
        "adjustment_type": found.adjustment_type().map_or("", |t| t.as_str()),
        "cooldown": found.cooldown().unwrap_or(0),
        "metric_aggregation_type": found.metric_aggregation_type().map_or("", |t| t.as_str()),
        "min_adjustment_magnitude": found.min_adjustment_magnitude().unwrap_or(0),
        "step_adjustment": steps.collect::<Vec<_>>(),
    })
}

fn tracking_json(found: &sdk::TargetTrackingScalingPolicyConfiguration) -> Json {
    let list = |one: Option<Json>| Json::Array(one.into_iter().collect());
    let customized = found.customized_metric_specification().map(|c| {
        let dimensions = c.dimensions().iter().map(|d| json!({"name": d.name(), "value": d.value()}));
        json!({
            "metric_name": c.metric_name().unwrap_or_default(),
            "namespace": c.namespace().unwrap_or_default(),
            "statistic": c.statistic().map_or("", |s| s.as_str()),
            "unit": c.unit().unwrap_or_default(),
            "dimensions": dimensions.collect::<Vec<_>>(),
            "metrics": c.metrics().iter().map(metric_json).collect::<Vec<_>>(),
        })
    });
    let predefined = found.predefined_metric_specification().map(|p| {
        json!({
            "predefined_metric_type": p.predefined_metric_type().as_str(),
            "resource_label": p.resource_label().unwrap_or_default(),
        })
    });
    json!({
        "disable_scale_in": found.disable_scale_in().unwrap_or(false),
        "scale_in_cooldown": found.scale_in_cooldown().unwrap_or(0),
        "scale_out_cooldown": found.scale_out_cooldown().unwrap_or(0),
        "target_value": found.target_value(),
        "customized_metric_specification": list(customized),
        "predefined_metric_specification": list(predefined),
    })
}

fn metric_json(found: &sdk::TargetTrackingMetricDataQuery) -> Json {
    let stat = found.metric_stat().map(|stat| {
        let metric = stat.metric().map(|metric| {
            let dimensions = metric.dimensions().iter();
            let dimensions = dimensions.map(|d| json!({"name": d.name(), "value": d.value()}));
            json!({
                "metric_name": metric.metric_name().unwrap_or_default(),
                "namespace": metric.namespace().unwrap_or_default(),
                "dimensions": dimensions.collect::<Vec<_>>(),
            })
        });
        json!({
            "metric": Json::Array(metric.into_iter().collect()),
            "stat": stat.stat(),
            "unit": stat.unit().unwrap_or_default(),
        })
    });
    json!({
        "expression": found.expression().unwrap_or_default(),
        "id": found.id(),
        "label": found.label().unwrap_or_default(),
        "return_data": found.return_data().unwrap_or(true),
        "metric_stat": Json::Array(stat.into_iter().collect()),
    })
}

fn built<T, E: std::fmt::Display>(part: std::result::Result<T, E>) -> Result<T> {
    part.map_err(|e| Error::new(super::ErrorKind::Other, "", format!("The request cannot be made: {e}.")))
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.text(name).map(str::to_string)
}

fn whole(object: &Object, name: &str) -> Option<i32> {
    object.int(name).and_then(|n| i32::try_from(n).ok())
}

fn step(block: &Object) -> Result<sdk::StepScalingPolicyConfiguration> {
    let mut steps = Vec::new();
    for one in block.blocks("step_adjustment") {
        let bound = |name| one.text(name).and_then(|text| text.parse::<f64>().ok());
        let step = sdk::StepAdjustment::builder()
            .set_metric_interval_lower_bound(bound("metric_interval_lower_bound"))
            .set_metric_interval_upper_bound(bound("metric_interval_upper_bound"))
            .scaling_adjustment(whole(&one, "scaling_adjustment").unwrap_or_default());
        steps.push(built(step.build())?);
    }
    Ok(sdk::StepScalingPolicyConfiguration::builder()
        .set_adjustment_type(block.text("adjustment_type").map(sdk::AdjustmentType::from))
        .set_cooldown(whole(block, "cooldown"))
        .set_metric_aggregation_type(block.text("metric_aggregation_type").map(sdk::MetricAggregationType::from))
        .set_min_adjustment_magnitude(whole(block, "min_adjustment_magnitude").filter(|n| *n > 0))
        .set_step_adjustments(Some(steps))
        .build())
}

fn tracking(block: &Object) -> Result<sdk::TargetTrackingScalingPolicyConfiguration> {
    let mut configuration = sdk::TargetTrackingScalingPolicyConfiguration::builder()
        .set_disable_scale_in(block.bool("disable_scale_in"))
        // 0 is what the provider keeps for nothing.
        .set_scale_in_cooldown(whole(block, "scale_in_cooldown").filter(|n| *n > 0))
        .set_scale_out_cooldown(whole(block, "scale_out_cooldown").filter(|n| *n > 0))
        .target_value(block.get("target_value").and_then(Value::as_number).map_or(0.0, |n| n.to_f64()));
    if let Some(predefined) = block.block("predefined_metric_specification") {
        let predefined = sdk::PredefinedMetricSpecification::builder()
            .predefined_metric_type(sdk::MetricType::from(predefined.str("predefined_metric_type").unwrap_or_default()))
            .set_resource_label(text(&predefined, "resource_label"));
        configuration = configuration.predefined_metric_specification(built(predefined.build())?);
    }
    if let Some(own) = block.block("customized_metric_specification") {
        let mut specification = sdk::CustomizedMetricSpecification::builder()
            .set_metric_name(text(&own, "metric_name"))
            .set_namespace(text(&own, "namespace"))
            .set_statistic(own.text("statistic").map(sdk::MetricStatistic::from))
            .set_unit(text(&own, "unit"));
        for one in own.blocks("dimensions") {
            let dimension = sdk::MetricDimension::builder().set_name(text(&one, "name")).set_value(text(&one, "value"));
            specification = specification.dimensions(built(dimension.build())?);
        }
        for one in own.blocks("metrics") {
            specification = specification.metrics(metric(&one)?);
        }
        configuration = configuration.customized_metric_specification(specification.build());
    }
    built(configuration.build())
}

fn metric(block: &Object) -> Result<sdk::TargetTrackingMetricDataQuery> {
    let mut query = sdk::TargetTrackingMetricDataQuery::builder()
        .id(block.str("id").unwrap_or_default())
        .set_expression(text(block, "expression"))
        .set_label(text(block, "label"))
        .set_return_data(block.bool("return_data"));
    if let Some(stat) = block.block("metric_stat") {
        let mut built_stat = sdk::TargetTrackingMetricStat::builder()
            .stat(stat.str("stat").unwrap_or_default())
            .set_unit(text(&stat, "unit"));
        if let Some(of) = stat.block("metric") {
            let mut metric = sdk::TargetTrackingMetric::builder()
                .set_metric_name(text(&of, "metric_name"))
                .set_namespace(text(&of, "namespace"));
            for one in of.blocks("dimensions") {
                let dimension = sdk::TargetTrackingMetricDimension::builder()
                    .set_name(text(&one, "name"))
                    .set_value(text(&one, "value"));
                metric = metric.dimensions(built(dimension.build())?);
            }
            built_stat = built_stat.metric(metric.build());
        }
        query = query.metric_stat(built(built_stat.build())?);
    }
    built(query.build())
}

fn name(value: &Value) -> checks::Checked {
    match value.as_str().map(|s| s.chars().count()) {
        Some(0) => Err("Expected a name, got \"\".".into()),
        Some(length) if length > 255 => Err(format!("Expected up to 255 characters, got {length}.")),
        _ => Ok(()),
    }
}

fn kind(value: &Value) -> checks::Checked {
    checks::one_of(value, &["StepScaling", "TargetTrackingScaling"])
}

fn adjustment(value: &Value) -> checks::Checked {
    checks::one_of(value, &["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"])
}

fn aggregation(value: &Value) -> checks::Checked {
    checks::one_of(value, &["Minimum", "Maximum", "Average"])
}

fn statistic(value: &Value) -> checks::Checked {
    checks::one_of(value, &["Average", "Minimum", "Maximum", "SampleCount", "Sum"])
}

fn bound(value: &Value) -> checks::Checked {
    match value.as_str() {
        Some(text) if !text.is_empty() && text.parse::<f64>().is_err() => {
            Err(format!("Expected a number, got \"{text}\"."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_targets_and_the_name() {
        let id = "dynamodb/table/t/index/i/dynamodb:index:ReadCapacityUnits/read:table/t";
        let object = Policy.import_id(id).unwrap();
        assert_eq!(target::parts(&object), ("dynamodb", "table/t/index/i", "dynamodb:index:ReadCapacityUnits"));
        assert_eq!(object.str("name"), Some("read:table/t"));
        for id in ["", "dynamodb/table/t", "dynamodb/table/t/dynamodb:table:ReadCapacityUnits", "a//b:c/d"] {
            assert!(Policy.import_id(id).is_err(), "{id}");
        }
    }
}
