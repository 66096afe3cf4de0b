//! `aws_dynamodb_kinesis_streaming_destination`: a Kinesis stream that gets the changes of a table.

use super::aws_dynamodb_table as table;
use super::permissions::{On, Permissions, Permit};
use super::wait::{self, Look};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, checks, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Value};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    ApproximateCreationDateTimePrecision as Precision, DestinationStatus, EnableKinesisStreamingConfiguration,
    KinesisDataStreamDestination,
};
use std::time::Duration;

/// `aws_dynamodb_kinesis_streaming_destination`
pub struct KinesisStreamingDestination;

/// How long switching on or off may take.
const BUDGET: Duration = Duration::from_secs(5 * 60);

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_kinesis_streaming_destination",
    version: 0,
    doc: "Sends every change of a table's items to a Kinesis data stream.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("approximate_creation_date_time_precision", Ty::String)
                .replaces()
                .check(precision)
                .doc("Precision of the time in a record: MILLISECOND or MICROSECOND."),
            Attribute::optional_computed("id", Ty::String)
                .doc("Name of the table and ARN of the stream, with a comma between them."),
            Attribute::required("stream_arn", Ty::String)
                .replaces()
                .check(checks::arn)
                .doc("ARN of the Kinesis stream."),
            Attribute::required("table_name", Ty::String).replaces().check(table::check_name).doc("Name of the table."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const TABLE: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{table_name}"]);

const ROLE: On = On::Arns(&[
    "arn:{partition}:iam::{account}:role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBKinesisDataStreamsReplication",
]);

/// What IAM has to allow: on the table, and on the stream what AWS looks at there.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(&["dynamodb:DescribeKinesisStreamingDestination"], TABLE),
        Permit::new(&["kinesis:DescribeStream", "kinesis:DescribeStreamSummary"], On::Attribute("stream_arn"))
            .implied(),
    ],
    create: &[
        Permit::new(&["dynamodb:EnableKinesisStreamingDestination"], TABLE),
        Permit::new(&["kinesis:DescribeStream", "kinesis:PutRecords"], On::Attribute("stream_arn")).implied(),
        Permit::new(&["kinesis:ListStreams"], On::All).implied(),
        Permit::new(&["iam:CreateServiceLinkedRole"], ROLE).implied(),
    ],
    update: &[],
    delete: &[Permit::new(&["dynamodb:DisableKinesisStreamingDestination"], TABLE)],
};

#[async_trait]
impl Resource for KinesisStreamingDestination {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let Some((name, stream)) = split(prior.str("id").unwrap_or_default()) else { return Ok(None) };
        let Some(found) = describe(aws, name, stream).await? else { return Ok(None) };
        let off = [DestinationStatus::Disabled, DestinationStatus::Disabling];
        if found.destination_status().is_none_or(|status| off.contains(status)) {
            return Ok(None);
        }
        Ok(Some(described(settle::complete(&SCHEMA, prior), name, stream, &found)))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = planned.str("table_name").unwrap_or_default();
        let stream = planned.str("stream_arn").unwrap_or_default();
        let precision = planned.text("approximate_creation_date_time_precision").map(Precision::from);
        let settings = precision.map(|precision| {
            EnableKinesisStreamingConfiguration::builder().approximate_creation_date_time_precision(precision).build()
        });
        let enabled = wait::retry(aws, BUDGET, table::passing, || async {
            let call = aws.dynamodb().enable_kinesis_streaming_destination().table_name(name).stream_arn(stream);
            let call = call.set_enable_kinesis_streaming_configuration(settings.clone());
            call.send().await.map_err(Error::of("dynamodb:EnableKinesisStreamingDestination", name))
        });
        enabled.await?;
        let object = settle::complete(&SCHEMA, planned).with("id", format!("{name},{stream}"));
        let active = wait::until(aws, name, BUDGET, || async {
            let found = describe(aws, name, stream).await?;
            match found.as_ref().and_then(|f| f.destination_status()) {
                Some(DestinationStatus::Active) => Ok(Look::Done(found)),
                Some(DestinationStatus::EnableFailed) => {
                    let why = found.as_ref().and_then(|f| f.destination_status_description()).unwrap_or_default();
                    let message = format!("Changes of {name} cannot be sent to {stream}. {why}");
                    Err(Error::new(ErrorKind::Other, name, message.trim_end()))
                }
                _ => Ok(Look::NotYet("is switching on the Kinesis destination".into())),
            }
        });
        match active.await {
            Ok(Some(found)) => Ok(described(object, name, stream, &found)),
            Ok(None) => Ok(object),
            Err(error) => Err(error.with_partial(object)),
        }
    }

    async fn update(&self, _: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        // Every argument replaces it.
        Ok(settle::complete(&SCHEMA, planned))
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let Some((name, stream)) = split(prior.str("id").unwrap_or_default()) else { return Ok(()) };
        let disabled = wait::retry(aws, BUDGET, table::passing, || async {
            let call = aws.dynamodb().disable_kinesis_streaming_destination().table_name(name).stream_arn(stream);
            call.send().await.map_err(Error::of("dynamodb:DisableKinesisStreamingDestination", name))
        });
        match disabled.await {
            Err(error) if error.is(ErrorKind::NotFound) || error.says("ValidationException", "valid state") => {
                return Ok(());
            }
            disabled => drop(disabled?),
        }
        wait::until(aws, name, BUDGET, || async {
            let found = describe(aws, name, stream).await?;
            Ok(match found.and_then(|f| f.destination_status) {
                None | Some(DestinationStatus::Disabled) => Look::Done(()),
                Some(_) => Look::NotYet("is switching off the Kinesis destination".into()),
            })
        })
        .await
    }

    fn predict(&self, _: &Place, planned: &mut Object) {
        if let (Some(name), Some(stream)) = (planned.text("table_name"), planned.text("stream_arn")) {
            planned.set("id", format!("{name},{stream}"));
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match split(id) {
            Some(_) => Ok(Object::new().with("id", id)),
            None => Err(format!(
                "A Kinesis destination is imported by TABLE,STREAM_ARN, such as \
                 \"orders,arn:aws:kinesis:us-east-1:123456789012:stream/changes\"; got \"{id}\"."
            )),
        }
    }
}

fn described(mut object: Object, name: &str, stream: &str, found: &KinesisDataStreamDestination) -> Object {
    object.set("table_name", name);
    object.set("stream_arn", found.stream_arn().unwrap_or(stream));
    let precision = found.approximate_creation_date_time_precision().map_or("", Precision::as_str);
    object.set("approximate_creation_date_time_precision", precision);
    object
}

async fn describe(aws: &Aws, name: &str, stream: &str) -> Result<Option<KinesisDataStreamDestination>> {
    let answer = aws.dynamodb().describe_kinesis_streaming_destination().table_name(name).send().await;
    let answer = answer.map(Some).map_err(Error::of("dynamodb:DescribeKinesisStreamingDestination", name));
    let all = table::there(answer)?.and_then(|a| a.kinesis_data_stream_destinations).unwrap_or_default();
    Ok(all.into_iter().find(|d| d.stream_arn() == Some(stream)))
}

fn split(id: &str) -> Option<(&str, &str)> {
    id.split_once(',').filter(|(name, stream)| !name.is_empty() && stream.starts_with("arn:"))
}

fn precision(value: &Value) -> checks::Checked {
    checks::one_of(value, &["MILLISECOND", "MICROSECOND"])
}
