//! `data "aws_sfn_activity"`: an activity that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_sfn_activity, date, iam, sfn};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

/// `data "aws_sfn_activity"`
pub struct ActivityData;

static SCHEMA: Schema = Schema {
    name: "aws_sfn_activity",
    version: 0,
    doc: "Reads a Step Functions activity.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("arn", Ty::String)
                .conflicts(&["name"])
                .check(iam::check_arn)
                .doc("The activity's ARN: what to find it by, or else what was found."),
            Attribute::computed("creation_date", Ty::String).doc("When the activity was created."),
            Attribute::computed("id", Ty::String).doc("The activity's ARN."),
            Attribute::optional_computed("name", Ty::String)
                .conflicts(&["arn"])
                .doc("The activity's name: what to find it by, or else what was found."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(&["states:DescribeActivity"], On::Attribute("arn")).when("arn"),
    Permit::new(&["states:DescribeActivity"], On::Arns(&["arn:{partition}:states:{region}:{account}:activity:{name}"]))
        .when("name"),
    Permit::new(&["sts:GetCallerIdentity"], On::All).when("name"),
]);

#[async_trait]
impl DataSource for ActivityData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let arn = match (config.text("arn"), config.text("name")) {
            (Some(arn), _) => arn.to_string(),
            (None, Some(name)) => sfn::arn(aws, &format!("activity:{name}")).await?,
            (None, None) => return Err(Error::new(ErrorKind::Other, SCHEMA.name, "Either arn or name is needed.")),
        };
        let missing = || Error::new(ErrorKind::NotFound, &arn, format!("There is no activity {arn}."));
        let activity = aws_sfn_activity::describe(aws, &arn).await?.ok_or_else(missing)?;
        Ok(Object::new()
            .with("arn", activity.activity_arn())
            .with("creation_date", date::rfc3339(activity.creation_date()))
            .with("id", activity.activity_arn())
            .with("name", activity.name()))
    }
}
