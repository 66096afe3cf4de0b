//! `data "aws_sfn_state_machine"`: a state machine that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_sfn_state_machine, date, sfn};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;
use aws_sdk_sfn::types::StateMachineStatus;

/// `data "aws_sfn_state_machine"`
pub struct StateMachineData;

static SCHEMA: Schema = Schema {
    name: "aws_sfn_state_machine",
    version: 0,
    doc: "Reads a Step Functions state machine.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The machine's ARN."),
            Attribute::computed("creation_date", Ty::String).doc("When the machine was created."),
            Attribute::computed("definition", Ty::String).doc("The definition in the Amazon States Language."),
            Attribute::computed("description", Ty::String).doc("The description that AWS has."),
            Attribute::computed("id", Ty::String).doc("The machine's ARN."),
            Attribute::required("name", Ty::String).doc("The machine's name."),
            Attribute::computed("revision_id", Ty::String)
                .doc("The id of the latest change; empty before the first one."),
            Attribute::computed("role_arn", Ty::String).doc("ARN of the role that executions act as."),
            Attribute::computed("status", Ty::String).doc("`ACTIVE` or `DELETING`."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(
        &["states:DescribeStateMachine"],
        On::Arns(&["arn:{partition}:states:{region}:{account}:stateMachine:{name}"]),
    ),
    Permit::new(&["sts:GetCallerIdentity"], On::All),
]);

#[async_trait]
impl DataSource for StateMachineData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("name").unwrap_or_default();
        let arn = sfn::arn(aws, &format!("stateMachine:{name}")).await?;
        let missing =
            || Error::new(ErrorKind::NotFound, name, format!("There is no state machine \"{name}\" ({arn})."));
        let machine = aws_sfn_state_machine::describe(aws, &arn).await?.ok_or_else(missing)?;
        Ok(Object::new()
            .with("arn", machine.state_machine_arn())
            .with("creation_date", date::rfc3339(machine.creation_date()))
            .with("definition", machine.definition())
            .with("description", machine.description().unwrap_or_default())
            .with("id", machine.state_machine_arn())
            .with("name", name)
            .with("revision_id", machine.revision_id().unwrap_or_default())
            .with("role_arn", machine.role_arn())
            .with("status", machine.status().map_or("", StateMachineStatus::as_str)))
    }
}
