//! `data "aws_sfn_alias"`: an alias that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_sfn_alias, date, iam};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Value};
use async_trait::async_trait;

/// `data "aws_sfn_alias"`
pub struct AliasData;

const ROUTE: Ty = Ty::Object(&[("state_machine_version_arn", Ty::String), ("weight", Ty::Number)]);

static SCHEMA: Schema = Schema {
    name: "aws_sfn_alias",
    version: 0,
    doc: "Reads an alias of a state machine.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The alias's ARN."),
            Attribute::computed("creation_date", Ty::String).doc("When the alias was created."),
            Attribute::optional("description", Ty::String).doc("What the alias is for."),
            Attribute::computed("id", Ty::String).doc("The alias's ARN."),
            Attribute::required("name", Ty::String).doc("The alias's name."),
            Attribute::computed("routing_configuration", Ty::List(&ROUTE)).doc("The versions that the alias leads to."),
            Attribute::required("statemachine_arn", Ty::String).check(iam::check_arn).doc("The machine's ARN."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(&["states:DescribeStateMachineAlias"], On::Attribute("statemachine_arn")),
    Permit::new(
        &["states:DescribeStateMachineAlias"],
        On::Arns(&["arn:{partition}:states:{region}:{account}:stateMachine:*:{name}"]),
    ),
]);

#[async_trait]
impl DataSource for AliasData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let (name, machine) =
            (config.str("name").unwrap_or_default(), config.str("statemachine_arn").unwrap_or_default());
        let arn = format!("{machine}:{name}");
        let missing = || Error::new(ErrorKind::NotFound, &arn, format!("{machine} has no alias \"{name}\"."));
        let alias = aws_sfn_alias::describe(aws, &arn).await?.ok_or_else(missing)?;
        let routes = alias.routing_configuration().iter().map(aws_sfn_alias::route_value);
        Ok(Object::new()
            .with("arn", alias.state_machine_alias_arn().unwrap_or(&arn))
            .with("creation_date", alias.creation_date().map(date::rfc3339).unwrap_or_default())
            .with("description", alias.description().unwrap_or_default())
            .with("id", alias.state_machine_alias_arn().unwrap_or(&arn))
            .with("name", name)
            .with("routing_configuration", Value::list(ROUTE.to_type(), routes.collect()))
            .with("statemachine_arn", machine))
    }
}
