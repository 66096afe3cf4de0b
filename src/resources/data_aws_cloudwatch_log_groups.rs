//! `data "aws_cloudwatch_log_groups"`: all log groups whose names start alike.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, Result, aws_cloudwatch_log_group as logs};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

/// `data "aws_cloudwatch_log_groups"`
pub struct LogGroupsData;

static SCHEMA: Schema = Schema {
    name: "aws_cloudwatch_log_groups",
    version: 0,
    doc: "Names and ARNs of the log groups whose names start with a prefix.",
    block: Block {
        attributes: &[
            Attribute::computed("arns", Ty::Set(&Ty::String))
                .doc("ARNs of the log groups, without the :* at their end."),
            Attribute::computed("id", Ty::String).doc("The region."),
            Attribute::optional("log_group_name_prefix", Ty::String)
                .doc("What the names start with; without it, all log groups are found."),
            Attribute::computed("log_group_names", Ty::Set(&Ty::String)).doc("Names of the log groups."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(
    &["logs:DescribeLogGroups"],
    On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:*"]),
)]);

#[async_trait]
impl DataSource for LogGroupsData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let prefix = config.text("log_group_name_prefix");
        let (mut arns, mut names) = (Vec::new(), Vec::new());
        let mut next = None;
        loop {
            let call = aws.logs().describe_log_groups().set_log_group_name_prefix(prefix.map(String::from));
            let answer = call.set_next_token(next).send().await;
            let answer = answer.map_err(Error::of("logs:DescribeLogGroups", prefix.unwrap_or_default()))?;
            for group in answer.log_groups() {
                arns.push(Value::string(logs::arn_of(group)));
                names.push(Value::string(group.log_group_name().unwrap_or_default()));
            }
            next = answer.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(Object::new()
            .with("arns", Value::set(Type::String, arns))
            .with("id", aws.place_so_far().region)
            .with("log_group_name_prefix", prefix.map_or(Value::null(Type::String), Value::string))
            .with("log_group_names", Value::set(Type::String, names)))
    }
}
