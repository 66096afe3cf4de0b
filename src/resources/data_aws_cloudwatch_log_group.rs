//! `data "aws_cloudwatch_log_group"`: a log group that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_cloudwatch_log_group as logs, tags};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

/// `data "aws_cloudwatch_log_group"`
pub struct LogGroupData;

static SCHEMA: Schema = Schema {
    name: "aws_cloudwatch_log_group",
    version: 0,
    doc: "Reads a CloudWatch log group.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("ARN of the log group, without the :* at its end."),
            Attribute::computed("creation_time", Ty::Number)
                .doc("When the log group was created, in milliseconds since 1970."),
            Attribute::computed("id", Ty::String).doc("The log group's name."),
            Attribute::computed("kms_key_id", Ty::String).doc("ARN of the KMS key that encrypts the events."),
            Attribute::computed("log_group_class", Ty::String).doc("Class of the log group."),
            Attribute::required("name", Ty::String).doc("The log group's name."),
            Attribute::computed("retention_in_days", Ty::Number)
                .doc("Days after which events are deleted; 0 keeps them for ever."),
            Attribute::optional_computed("tags", Ty::Map(&Ty::String)).doc("The log group's tags."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(&["logs:DescribeLogGroups"], On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:*"])),
    Permit::new(
        &["logs:ListTagsForResource"],
        On::Arns(&[
            "arn:{partition}:logs:{region}:{account}:log-group:{name}",
            "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
        ]),
    ),
]);

#[async_trait]
impl DataSource for LogGroupData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("name").unwrap_or_default();
        let Some(group) = logs::find(aws, name).await? else {
            return Err(Error::new(ErrorKind::NotFound, name, format!("There is no log group \"{name}\".")));
        };
        let arn = logs::arn_of(&group);
        let found = logs::list_tags(aws, Some(arn)).await?.unwrap_or_default();
        Ok(Object::new()
            .with("arn", arn)
            .with("creation_time", group.creation_time().unwrap_or_default())
            .with("id", name)
            .with("kms_key_id", group.kms_key_id().unwrap_or_default())
            .with("log_group_class", group.log_group_class().map_or("", |c| c.as_str()))
            .with("name", name)
            .with("retention_in_days", i64::from(group.retention_in_days().unwrap_or_default()))
            .with("tags", tags::seen(aws, found)))
    }
}
