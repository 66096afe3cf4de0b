//! `data "aws_dynamodb_table"`: a table that is managed elsewhere.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Resource, Result, aws_dynamodb_table as table, tags};
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::{Object, Value, convert};
use async_trait::async_trait;

/// `data "aws_dynamodb_table"`
pub struct TableData;

const LIMITS: Ty =
    Ty::List(&Ty::Object(&[("max_read_request_units", Ty::Number), ("max_write_request_units", Ty::Number)]));

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_table",
    version: 0,
    doc: "Reads a DynamoDB table.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("ARN of the table."),
            Attribute::computed("attribute", Ty::Set(&Ty::Object(&[("name", Ty::String), ("type", Ty::String)])))
                .doc("Attributes that keys use, with their types."),
            Attribute::computed("billing_mode", Ty::String).doc("PROVISIONED or PAY_PER_REQUEST."),
            Attribute::computed("deletion_protection_enabled", Ty::Bool)
                .doc("Whether AWS refuses to delete the table."),
            Attribute::computed(
                "global_secondary_index",
                Ty::Set(&Ty::Object(&[
                    ("hash_key", Ty::String),
                    ("name", Ty::String),
                    ("non_key_attributes", Ty::List(&Ty::String)),
                    ("on_demand_throughput", LIMITS),
                    ("projection_type", Ty::String),
                    ("range_key", Ty::String),
                    ("read_capacity", Ty::Number),
                    ("write_capacity", Ty::Number),
                ])),
            )
            .doc("Global secondary indexes."),
            Attribute::computed("hash_key", Ty::String).doc("The partition key."),
            Attribute::optional_computed("id", Ty::String).doc("Name of the table."),
            Attribute::computed(
                "local_secondary_index",
                Ty::Set(&Ty::Object(&[
                    ("name", Ty::String),
                    ("non_key_attributes", Ty::List(&Ty::String)),
                    ("projection_type", Ty::String),
                    ("range_key", Ty::String),
                ])),
            )
            .doc("Local secondary indexes."),
            Attribute::required("name", Ty::String).doc("Name of the table."),
            Attribute::computed("on_demand_throughput", LIMITS).doc("Upper limits of on-demand throughput."),
            Attribute::computed(
                "point_in_time_recovery",
                Ty::List(&Ty::Object(&[("enabled", Ty::Bool), ("recovery_period_in_days", Ty::Number)])),
            )
            .doc("Continuous backups."),
            Attribute::computed("range_key", Ty::String).doc("The sort key; empty where there is none."),
            Attribute::computed("read_capacity", Ty::Number).doc("Read capacity units."),
            Attribute::computed(
                "replica",
                Ty::Set(&Ty::Object(&[("kms_key_arn", Ty::String), ("region_name", Ty::String)])),
            )
            .doc("Copies of the table in other regions."),
            Attribute::computed("stream_arn", Ty::String).doc("ARN of the latest stream."),
            Attribute::computed("stream_enabled", Ty::Bool).doc("Whether changes of items go into a stream."),
            Attribute::computed("stream_label", Ty::String).doc("Timestamp that names the latest stream."),
            Attribute::computed("stream_view_type", Ty::String).doc("What a stream record holds."),
            Attribute::computed("table_class", Ty::String).doc("Storage class."),
            Attribute::optional_computed("tags", Ty::Map(&Ty::String)).doc("Tags of the table."),
            Attribute::computed("ttl", Ty::Set(&Ty::Object(&[("attribute_name", Ty::String), ("enabled", Ty::Bool)])))
                .doc("Time to live of items."),
            Attribute::computed("write_capacity", Ty::Number).doc("Write capacity units."),
        ],
        blocks: &[NestedBlock::list(
            "server_side_encryption",
            Block {
                attributes: &[
                    Attribute::computed("enabled", Ty::Bool)
                        .doc("Whether a KMS key of the account encrypts the table."),
                    Attribute::computed("kms_key_arn", Ty::String).doc("ARN of the key."),
                ],
                blocks: &[],
            },
        )
        .items(0, 1)
        .doc("Encryption of the table with a key of the account.")],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(
    &[
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
    ],
    On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}"]),
)]);

#[async_trait]
impl DataSource for TableData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("name").unwrap_or_default();
        let Some(table) = table::Table.read(aws, &Object::new().with("id", name).with("name", name)).await? else {
            return Err(Error::new(ErrorKind::NotFound, name, format!("There is no DynamoDB table \"{name}\".")));
        };
        let arn = table.str("arn").unwrap_or_default().to_string();
        let mut object = Object::new();
        for attribute in SCHEMA.block.attributes {
            let ty = attribute.ty.to_type();
            let found = table.get(attribute.name).cloned().unwrap_or_else(|| Value::null(ty.clone()));
            object.set(attribute.name, convert(&found, &ty).unwrap_or_else(|_| Value::null(ty)));
        }
        if table.get("range_key").is_none_or(Value::is_null) {
            object.set("range_key", "");
        }
        if let Some(encryption) = table.get("server_side_encryption") {
            object.set("server_side_encryption", encryption.clone());
        }
        object.set("tags", tags::seen(aws, table::tags_of(aws, &arn).await?));
        Ok(object)
    }
}
