//! `aws_sfn_alias`: a name for one or two versions of a state machine, with how much of the traffic each gets.

use super::permissions::{On, Permissions, Permit};
use super::wait;
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn, date, iam, settle, sfn};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use aws_sdk_sfn::operation::describe_state_machine_alias::DescribeStateMachineAliasOutput;
use aws_sdk_sfn::types::RoutingConfigurationListItem;
use std::time::Duration;

/// `aws_sfn_alias`
pub struct Alias;

/// How long a version published just before may be unseen.
const UNSEEN: Duration = Duration::from_secs(10);

const ROUTING: NestedBlock = NestedBlock::list(
    "routing_configuration",
    Block {
        attributes: &[
            Attribute::required("state_machine_version_arn", Ty::String)
                .check(version_arn)
                .doc("ARN of a version of the state machine."),
            Attribute::required("weight", Ty::Number)
                .check(weight)
                .doc("How many of a hundred executions that version gets."),
        ],
        blocks: &[],
    },
)
.items(1, 0)
.doc("A version that the alias leads to.");

static SCHEMA: Schema = Schema {
    name: "aws_sfn_alias",
    version: 0,
    doc: "An alias of a Step Functions state machine: a name for one or two of its versions.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The alias's ARN."),
            Attribute::computed("creation_date", Ty::String).doc("When the alias was created."),
            Attribute::optional("description", Ty::String).doc("What the alias is for."),
            Attribute::computed("id", Ty::String).doc("The alias's ARN."),
            Attribute::required("name", Ty::String).replaces().check(sfn::check_name).doc("The alias's name."),
        ],
        blocks: &[ROUTING],
    },
    timeouts: &[("create", 30 * 60), ("update", 30 * 60), ("delete", 30 * 60)],
};

/// The machine that the alias belongs to, and the alias, whose ARN is the machine's and its name.
const MACHINE: On = On::Attribute("routing_configuration.state_machine_version_arn");
const SELF: On = On::Arns(&["arn:{partition}:states:{region}:{account}:stateMachine:*:{name}"]);

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(&["states:DescribeStateMachineAlias"], MACHINE),
        Permit::new(&["states:DescribeStateMachineAlias"], SELF),
    ],
    create: &[Permit::new(&["states:CreateStateMachineAlias"], MACHINE)],
    update: &[
        Permit::new(&["states:UpdateStateMachineAlias"], MACHINE),
        Permit::new(&["states:UpdateStateMachineAlias"], SELF),
    ],
    delete: &[
        Permit::new(&["states:DeleteStateMachineAlias"], MACHINE),
        Permit::new(&["states:DeleteStateMachineAlias"], SELF),
    ],
};

#[async_trait]
impl Resource for Alias {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.str("id").unwrap_or_default();
        let Some(alias) = describe(aws, arn).await? else { return Ok(None) };
        let mut object = settle::complete(&SCHEMA, prior);
        let arn = alias.state_machine_alias_arn().unwrap_or(arn);
        aws.trace(SCHEMA.name, arn, "last changed", alias.update_date());
        object.set("arn", arn);
        object.set("creation_date", alias.creation_date().map(date::rfc3339).unwrap_or_default());
        object.set("description", alias.description().unwrap_or_default());
        object.set("id", arn);
        object.set("name", alias.name().unwrap_or_default());
        let routes = alias.routing_configuration().iter().map(route_value);
        object.set("routing_configuration", Value::list(ROUTING.block.ty(), routes.collect()));
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = planned.str("name").unwrap_or_default();
        let routes = routes(planned)?;
        let answer = wait::retry(aws, UNSEEN, unseen, || async {
            let call = aws
                .sfn()
                .create_state_machine_alias()
                .name(name)
                .set_description(planned.text("description").map(String::from))
                .set_routing_configuration(Some(routes.clone()));
            call.send().await.map_err(Error::of("states:CreateStateMachineAlias", name))
        });
        let answer = answer.await?;
        let arn = answer.state_machine_alias_arn();
        let mut object = settle::complete(&SCHEMA, planned).with("arn", arn).with("id", arn);
        object.set("creation_date", date::rfc3339(answer.creation_date()));
        if object.str("description").is_none() {
            object.set("description", "");
        }
        Ok(object)
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let arn = prior.str("id").unwrap_or_default();
        let mut object = settle::complete(&SCHEMA, planned);
        if object.str("description").is_none() {
            object.set("description", "");
        }
        let (described, routed) =
            (prior.differs(&object, "description"), prior.differs(planned, "routing_configuration"));
        if described || routed {
            let routes = if routed { Some(routes(planned)?) } else { None };
            wait::retry(aws, UNSEEN, unseen, || async {
                let call = aws
                    .sfn()
                    .update_state_machine_alias()
                    .state_machine_alias_arn(arn)
                    .set_description(described.then(|| object.str("description").unwrap_or_default().to_string()))
                    .set_routing_configuration(routes.clone());
                call.send().await.map_err(Error::of("states:UpdateStateMachineAlias", arn))
            })
            .await?;
        }
        Ok(object)
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let arn = prior.str("id").unwrap_or_default();
        let call = aws.sfn().delete_state_machine_alias().state_machine_alias_arn(arn).send().await.map(|_| ());
        iam::or_gone(call.map_err(Error::of("states:DeleteStateMachineAlias", arn)))
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let routes = config.blocks("routing_configuration");
        let weights: Option<Vec<i64>> = routes.iter().map(|route| route.int("weight")).collect();
        let mut found = Vec::new();
        let mut find = |summary, detail: String| {
            found.push((Path::attr("routing_configuration"), Diagnostic::error(summary, detail)));
        };
        if routes.len() > 2 {
            find("Too many versions", format!("An alias leads to one version or to two; here are {}.", routes.len()));
        }
        match weights {
            Some(weights) if !weights.is_empty() && weights.iter().sum::<i64>() != 100 => {
                let sum = weights.iter().map(i64::to_string).collect::<Vec<_>>().join(" + ");
                find("Invalid weights", format!("The weights of an alias add up to 100; here they are {sum}."));
            }
            _ => {}
        }
        let machines: Vec<&str> =
            routes.iter().filter_map(|r| Some(r.str("state_machine_version_arn")?.rsplit_once(':')?.0)).collect();
        if let [one, other] = machines.as_slice()
            && one != other
        {
            find(
                "Versions of different state machines",
                format!("The versions of an alias belong to one state machine; here they are of {one} and of {other}."),
            );
        }
        found
    }

    fn predict(&self, _place: &Place, planned: &mut Object) {
        let machine = planned.block("routing_configuration");
        let machine = machine.as_ref().and_then(|r| Some(r.str("state_machine_version_arn")?.rsplit_once(':')?.0));
        if let (Some(machine), Some(name)) = (machine, planned.text("name")) {
            let arn = format!("{machine}:{name}");
            planned.set("arn", arn.as_str());
            planned.set("id", arn);
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        let is_alias = |resource: &str| resource.strip_prefix("stateMachine:").is_some_and(|rest| rest.contains(':'));
        arn::import(
            id,
            "states",
            is_alias,
            "An alias",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:name:alias",
        )
    }
}

/// The alias; `None` if there is none.
pub(super) async fn describe(aws: &Aws, arn: &str) -> Result<Option<DescribeStateMachineAliasOutput>> {
    let call = aws.sfn().describe_state_machine_alias().state_machine_alias_arn(arn).send().await;
    Error::found(call.map_err(Error::of("states:DescribeStateMachineAlias", arn)))
}

/// A version and its weight.
pub(super) fn route_value(route: &RoutingConfigurationListItem) -> Value {
    Value::object_of([
        ("state_machine_version_arn", route.state_machine_version_arn().into()),
        ("weight", i64::from(route.weight()).into()),
    ])
}

fn routes(planned: &Object) -> Result<Vec<RoutingConfigurationListItem>> {
    let one = |route: &Object| {
        let item = RoutingConfigurationListItem::builder()
            .state_machine_version_arn(route.str("state_machine_version_arn").unwrap_or_default())
            .weight(route.int("weight").and_then(|n| i32::try_from(n).ok()).unwrap_or_default())
            .build();
        item.map_err(|e| Error::new(ErrorKind::Other, "routing_configuration", e.to_string()))
    };
    planned.blocks("routing_configuration").iter().map(one).collect()
}

fn unseen(error: &Error) -> Option<String> {
    match error.is(ErrorKind::NotFound) {
        true => Some("waiting for the version to be seen".into()),
        false => sfn::passing(error).filter(|_| error.code == "ConflictException"),
    }
}

fn version_arn(value: &Value) -> std::result::Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let version = arn::Arn::parse(text).and_then(|arn| arn.resource.strip_prefix("stateMachine:")?.split_once(':'));
    match version {
        Some((_, version)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err(format!(
            "The ARN of a version is expected: that of a state machine, a colon and a number; got \"{text}\". Is publish = true \
             missing at the state machine?"
        )),
    }
}

fn weight(value: &Value) -> std::result::Result<(), String> {
    match value.as_i64() {
        Some(0..=100) => Ok(()),
        _ => Err("A whole number from 0 to 100 is expected.".into()),
    }
}
