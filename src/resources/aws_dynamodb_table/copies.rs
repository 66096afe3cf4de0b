//! New tables that begin with the data of others: restored from continuous backups, or imported from S3.
//!
//! Neither call takes everything that a table can be made with; the rest is changed afterwards, as an update would.

use super::passing;
use super::request::{self, built};
use crate::resources::wait::{self, Look};
use crate::resources::{Aws, Error, ErrorKind, Result};
use crate::value::{Kind, Object, Value};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    CsvOptions, ImportStatus, InputCompressionType, InputFormat, InputFormatOptions, S3BucketSource,
    TableCreationParameters,
};
use std::time::Duration;

/// Whether the table is restored from another one; a source that is not known yet is one.
pub(super) fn restores(object: &Object) -> bool {
    let given = |name| object.get(name).is_some_and(|v| !v.is_null() && v.as_str() != Some(""));
    given("restore_source_name") || given("restore_source_table_arn")
}

/// Whether the table is filled from S3.
pub(super) fn imports(object: &Object) -> bool {
    object.get("import_table").is_some_and(|v| v.as_slice().is_some_and(|blocks| !blocks.is_empty()))
}

/// Starts restoring; the table is there from then on, and `CREATING` until its data is.
pub(super) async fn restore(aws: &Aws, name: &str, planned: &Object, budget: Duration) -> Result<()> {
    let input = match planned.get("hash_key").is_some_and(|v| v.as_str().is_some()) {
        true => Some(request::creation(planned, Vec::new())?),
        // Nothing is said of keys: they are the source's, and so are the indexes.
        false => None,
    };
    let on_demand = request::on_demand(planned);
    let billing = planned.text("billing_mode").map(aws_sdk_dynamodb::types::BillingMode::from);
    let throughput = (!on_demand).then(|| request::throughput(request::capacity(planned))).transpose()?;
    let time = match planned.text("restore_date_time") {
        Some(text) => Some(moment(text).map_err(|message| Error::new(ErrorKind::Other, name, message))?),
        None => None,
    };
    let global = input.as_ref().and_then(|i| i.get_global_secondary_indexes().clone());
    let local = input.as_ref().and_then(|i| i.get_local_secondary_indexes().clone());
    let text = |argument| planned.text(argument).map(str::to_string);
    let restored = wait::retry(aws, budget, passing, || async {
        let call = aws.dynamodb().restore_table_to_point_in_time().target_table_name(name);
        let call = call
            .set_source_table_name(text("restore_source_name"))
            .set_source_table_arn(text("restore_source_table_arn"))
            .set_use_latest_restorable_time(planned.bool("restore_to_latest_time").filter(|latest| *latest))
            .set_restore_date_time(time)
            .set_billing_mode_override(billing.clone())
            .set_provisioned_throughput_override(throughput.clone())
            .set_on_demand_throughput_override(input.as_ref().and_then(|i| i.get_on_demand_throughput().clone()))
            .set_global_secondary_index_override(global.clone())
            .set_local_secondary_index_override(local.clone())
            .set_sse_specification_override(request::encryption(planned));
        call.send().await.map_err(Error::of("dynamodb:RestoreTableToPointInTime", name))
    });
    match restored.await {
        Err(mut error) if error.code == "TableAlreadyExistsException" => {
            error.kind = ErrorKind::AlreadyExists;
            Err(error)
        }
        restored => restored.map(drop),
    }
}

/// A moment as `restore_date_time` has it.
pub(super) fn moment(text: &str) -> std::result::Result<aws_sdk_dynamodb::primitives::DateTime, String> {
    use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
    DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset)
        .map_err(|_| format!("Expected a time such as \"2026-01-31T12:00:00Z\", got \"{text}\"."))
}

/// Imports, and waits until all is in.
pub(super) async fn import(
    aws: &Aws,
    name: &str,
    planned: &Object,
    input: CreateTableInputBuilder,
    budget: Duration,
) -> Result<()> {
    let block = planned.block("import_table").unwrap_or_default();
    let source = block.block("s3_bucket_source").unwrap_or_default();
    let text = |object: &Object, argument| object.text(argument).map(str::to_string);
    let source = S3BucketSource::builder()
        .s3_bucket(source.str("bucket").unwrap_or_default())
        .set_s3_bucket_owner(text(&source, "bucket_owner"))
        .set_s3_key_prefix(text(&source, "key_prefix"));
    let source = built(source.build())?;
    let csv = block.block("input_format_options").and_then(|options| options.block("csv")).map(|csv| {
        let headers: Vec<String> = csv.strings("header_list").into_iter().map(str::to_string).collect();
        CsvOptions::builder()
            .set_delimiter(text(&csv, "delimiter"))
            .set_header_list((!headers.is_empty()).then_some(headers))
            .build()
    });
    let options = csv.map(|csv| InputFormatOptions::builder().csv(csv).build());
    let parameters = TableCreationParameters::builder()
        .table_name(name)
        .set_attribute_definitions(input.get_attribute_definitions().clone())
        .set_key_schema(input.get_key_schema().clone())
        .set_billing_mode(input.get_billing_mode().clone())
        .set_provisioned_throughput(input.get_provisioned_throughput().clone())
        .set_on_demand_throughput(input.get_on_demand_throughput().clone())
        .set_sse_specification(input.get_sse_specification().clone())
        .set_global_secondary_indexes(input.get_global_secondary_indexes().clone());
    let parameters = built(parameters.build())?;
    let started = wait::retry(aws, budget, passing, || async {
        let call = aws.dynamodb().import_table().s3_bucket_source(source.clone());
        let call = call
            .input_format(InputFormat::from(block.str("input_format").unwrap_or_default()))
            .set_input_format_options(options.clone())
            .set_input_compression_type(block.text("input_compression_type").map(InputCompressionType::from))
            .table_creation_parameters(parameters.clone());
        call.send().await.map_err(Error::of("dynamodb:ImportTable", name))
    });
    let started = started.await?.import_table_description;
    let Some(import) = started.and_then(|d| d.import_arn) else { return Ok(()) };
    wait::until(aws, name, budget, || async {
        let answer = aws.dynamodb().describe_import().import_arn(&import).send().await;
        let answer = answer.map_err(Error::of("dynamodb:DescribeImport", &import))?;
        let found = answer
            .import_table_description
            .unwrap_or_else(|| aws_sdk_dynamodb::types::ImportTableDescription::builder().build());
        match found.import_status() {
            Some(ImportStatus::Completed) => Ok(Look::Done(())),
            Some(ImportStatus::Failed | ImportStatus::Cancelled) => {
                let what = [found.failure_code(), found.failure_message()].into_iter().flatten();
                let why = what.collect::<Vec<_>>().join(": ");
                let message = format!("The import into {name} failed. {why}");
                Err(Error::new(ErrorKind::Other, name, message.trim_end()))
            }
            _ => Ok(Look::NotYet(format!("is importing, {} items so far", found.imported_item_count()))),
        }
    })
    .await
}

/// `planned`, with what AWS decided where that was open.
pub(super) fn filled(planned: &Object, seen: &Object) -> Object {
    Object(planned.0.iter().map(|(name, value)| (name.clone(), fill(value, seen.get(name)))).collect())
}

fn fill(planned: &Value, seen: Option<&Value>) -> Value {
    if !planned.is_known() {
        return seen.cloned().unwrap_or_else(|| Value::null(planned.ty()));
    }
    if planned.is_wholly_known() {
        return planned.clone();
    }
    match planned.kind() {
        Kind::List(ty, elements) => {
            let seen = seen.and_then(Value::as_slice).unwrap_or_default();
            Value::list(ty.clone(), elements.iter().enumerate().map(|(i, v)| fill(v, seen.get(i))).collect())
        }
        Kind::Set(ty, elements) => Value::set(ty.clone(), elements.iter().map(|v| fill(v, None)).collect()),
        Kind::Object(fields) => {
            let seen = seen.and_then(Value::as_fields);
            let part = |(name, v): (&std::sync::Arc<str>, &Value)| {
                (name.clone(), fill(v, seen.and_then(|seen| seen.get(name))))
            };
            Value::object(fields.iter().map(part).collect())
        }
        _ => planned.clone(),
    }
}

/// For the check of `restore_date_time`.
pub(super) fn check_moment(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        None | Some("") => Ok(()),
        Some(text) => moment(text).map(drop),
    }
}
