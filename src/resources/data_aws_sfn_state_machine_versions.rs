//! `data "aws_sfn_state_machine_versions"`: the published versions of a state machine.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, Result, iam};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

/// `data "aws_sfn_state_machine_versions"`
pub struct StateMachineVersionsData;

static SCHEMA: Schema = Schema {
    name: "aws_sfn_state_machine_versions",
    version: 0,
    doc: "The published versions of a state machine.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String).doc("The machine's ARN."),
            Attribute::required("statemachine_arn", Ty::String).check(iam::check_arn).doc("The machine's ARN."),
            Attribute::computed("statemachine_versions", Ty::List(&Ty::String))
                .doc("ARNs of the versions, the newest first."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions =
    Permissions::reading(&[Permit::new(&["states:ListStateMachineVersions"], On::Attribute("statemachine_arn"))]);

#[async_trait]
impl DataSource for StateMachineVersionsData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let arn = config.str("statemachine_arn").unwrap_or_default();
        let mut versions = Vec::new();
        let mut next = None;
        loop {
            let call = aws.sfn().list_state_machine_versions().state_machine_arn(arn).set_next_token(next);
            let page = call.send().await.map_err(Error::of("states:ListStateMachineVersions", arn))?;
            versions.extend(page.state_machine_versions().iter().map(|v| Value::string(v.state_machine_version_arn())));
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        let versions = Value::list(Type::String, versions);
        Ok(Object::new().with("id", arn).with("statemachine_arn", arn).with("statemachine_versions", versions))
    }
}
