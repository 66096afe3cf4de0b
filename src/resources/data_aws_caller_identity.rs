//! `data.aws_caller_identity`: whose credentials are used.
//!
//! Refuses to know where they come from.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Result};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "aws_caller_identity",
    version: 0,
    doc: "The account and the principal that the credentials belong to.",
    block: Block {
        attributes: &[
            Attribute::computed("account_id", Ty::String).doc("Account of the credentials."),
            Attribute::computed("arn", Ty::String).doc("ARN of the principal."),
            Attribute::optional_computed("id", Ty::String).doc("Account of the credentials."),
            Attribute::computed("user_id", Ty::String).doc("Unique id of the principal."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `data.aws_caller_identity`
pub struct CallerIdentity;

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(&["sts:GetCallerIdentity"], On::All)]);

#[async_trait]
impl DataSource for CallerIdentity {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, _: &Object) -> Result<Object> {
        let caller = aws.caller().await?;
        Ok(Object::new()
            .with("account_id", caller.account.as_str())
            .with("arn", caller.arn.as_str())
            .with("id", caller.account.as_str())
            .with("user_id", caller.user_id.as_str()))
    }
}
