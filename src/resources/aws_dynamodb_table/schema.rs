//! The shape of a table: every argument and attribute of the provider's version 1 schema.

use crate::resources::checks::{self, Checked};
use crate::schema::{Attribute, Block, Const, NestedBlock, Schema, Ty};
use crate::value::Value;

/// `aws_dynamodb_table`
pub(super) static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_table",
    version: 1,
    doc: "A DynamoDB table with its indexes, stream, backups and time to live.",
    block: Block { attributes: ATTRIBUTES, blocks: BLOCKS },
    timeouts: &[("create", 30 * 60), ("delete", 10 * 60), ("update", 60 * 60)],
};

const STRINGS: Ty = Ty::Map(&Ty::String);

const ATTRIBUTES: &[Attribute] = &[
    Attribute::computed("arn", Ty::String).doc("ARN of the table."),
    Attribute::optional("billing_mode", Ty::String)
        .default(Const::Str("PROVISIONED"))
        .check(billing_mode)
        .doc("How reads and writes are paid for: PROVISIONED, by capacity, or PAY_PER_REQUEST, on demand."),
    Attribute::optional("deletion_protection_enabled", Ty::Bool).doc("Whether AWS refuses to delete the table."),
    Attribute::optional_computed("hash_key", Ty::String)
        .replaces()
        .check(attribute_name)
        .doc("Attribute that is the partition key; it needs an attribute block."),
    Attribute::optional_computed("id", Ty::String).doc("Name of the table."),
    Attribute::required("name", Ty::String)
        .replaces()
        .check(table_name)
        .doc("Name of the table, unique in its account and region."),
    Attribute::optional("range_key", Ty::String)
        .replaces()
        .check(attribute_name_or_none)
        .doc("Attribute that is the sort key; it needs an attribute block."),
    Attribute::optional_computed("read_capacity", Ty::Number)
        .conflicts(&["on_demand_throughput"])
        .doc("Read capacity units, with PROVISIONED billing."),
    Attribute::optional("restore_date_time", Ty::String)
        .replaces()
        .check(super::copies::check_moment)
        .doc("Point in time to restore the source table from."),
    Attribute::optional("restore_source_name", Ty::String)
        .conflicts(&["restore_source_table_arn"])
        .doc("Table to restore this one from."),
    Attribute::optional("restore_source_table_arn", Ty::String)
        .conflicts(&["restore_source_name"])
        .doc("ARN of the table to restore this one from."),
    Attribute::optional("restore_to_latest_time", Ty::Bool)
        .replaces()
        .doc("Whether to restore the newest state of the source table."),
    Attribute::computed("stream_arn", Ty::String)
        .moves_with(&["stream_enabled", "stream_view_type"])
        .doc("ARN of the latest stream; empty where there was none."),
    Attribute::optional("stream_enabled", Ty::Bool).doc("Whether changes of items go into a stream."),
    Attribute::computed("stream_label", Ty::String)
        .moves_with(&["stream_enabled", "stream_view_type"])
        .doc("Timestamp that names the latest stream; empty where there was none."),
    Attribute::optional_computed("stream_view_type", Ty::String)
        .check(view_type)
        .doc("What a stream record holds: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES."),
    Attribute::optional("table_class", Ty::String)
        .default(Const::Str("STANDARD"))
        .check(table_class)
        .doc("Storage class: STANDARD or STANDARD_INFREQUENT_ACCESS."),
    Attribute::optional("tags", STRINGS).doc("Tags of the table; they win over the provider's default_tags."),
    Attribute::optional_computed("tags_all", STRINGS).doc("All tags, those of the provider's default_tags included."),
    Attribute::optional_computed("write_capacity", Ty::Number)
        .conflicts(&["on_demand_throughput"])
        .doc("Write capacity units, with PROVISIONED billing."),
];

const BLOCKS: &[NestedBlock] = &[
    NestedBlock::set(
        "attribute",
        Block {
            attributes: &[
                Attribute::required("name", Ty::String).check(attribute_name).doc("Name of the attribute."),
                Attribute::required("type", Ty::String)
                    .check(attribute_type)
                    .doc("Type of the attribute: S for string, N for number, B for binary."),
            ],
            blocks: &[],
        },
    )
    .computed()
    .named_by("name")
    .doc("Type of an attribute that a key of the table or of an index uses; others are not declared."),
    NestedBlock::set(
        "global_secondary_index",
        Block {
            attributes: &[
                Attribute::required("hash_key", Ty::String)
                    .check(attribute_name)
                    .doc("Attribute that is the partition key of the index."),
                Attribute::required("name", Ty::String).check(index_name).doc("Name of the index."),
                Attribute::optional("non_key_attributes", Ty::Set(&Ty::String))
                    .doc("Attributes to copy into the index, with projection_type INCLUDE."),
                Attribute::required("projection_type", Ty::String)
                    .check(projection_type)
                    .doc("What is copied into the index: ALL, KEYS_ONLY or INCLUDE."),
                Attribute::optional("range_key", Ty::String)
                    .check(attribute_name_or_none)
                    .doc("Attribute that is the sort key of the index."),
                Attribute::optional_computed("read_capacity", Ty::Number)
                    .doc("Read capacity units of the index, with PROVISIONED billing."),
                Attribute::optional_computed("write_capacity", Ty::Number)
                    .doc("Write capacity units of the index, with PROVISIONED billing."),
            ],
            blocks: &[NestedBlock::list("on_demand_throughput", LIMITS)
                .items(0, 1)
                .doc("Upper limits of on-demand throughput of the index.")],
        },
    )
    .named_by("name")
    .doc("An index with its own keys over all items; it may be added, changed and removed at any time."),
    NestedBlock::list(
        "import_table",
        Block {
            attributes: &[
                Attribute::optional("input_compression_type", Ty::String)
                    .replaces()
                    .check(compression)
                    .doc("Compression of the input: GZIP, ZSTD or NONE."),
                Attribute::required("input_format", Ty::String)
                    .replaces()
                    .check(input_format)
                    .doc("Format of the input: CSV, DYNAMODB_JSON or ION."),
            ],
            blocks: &[
                NestedBlock::list("input_format_options", Block { attributes: &[], blocks: &[CSV] })
                    .items(0, 1)
                    .doc("How the input is to be read."),
                NestedBlock::list(
                    "s3_bucket_source",
                    Block {
                        attributes: &[
                            Attribute::required("bucket", Ty::String).replaces().doc("Bucket with the input."),
                            Attribute::optional("bucket_owner", Ty::String)
                                .replaces()
                                .doc("Account that the bucket belongs to."),
                            Attribute::optional("key_prefix", Ty::String)
                                .replaces()
                                .doc("Prefix of the keys of the input objects."),
                        ],
                        blocks: &[],
                    },
                )
                .items(1, 1)
                .doc("Where the input is."),
            ],
        },
    )
    .items(0, 1)
    .doc("Fills the new table from S3."),
    NestedBlock::set(
        "local_secondary_index",
        Block {
            attributes: &[
                Attribute::required("name", Ty::String).replaces().check(index_name).doc("Name of the index."),
                Attribute::optional("non_key_attributes", Ty::List(&Ty::String))
                    .replaces()
                    .doc("Attributes to copy into the index, with projection_type INCLUDE."),
                Attribute::required("projection_type", Ty::String)
                    .replaces()
                    .check(projection_type)
                    .doc("What is copied into the index: ALL, KEYS_ONLY or INCLUDE."),
                Attribute::required("range_key", Ty::String)
                    .replaces()
                    .check(attribute_name)
                    .doc("Attribute that is the sort key of the index; the partition key is the table's."),
            ],
            blocks: &[],
        },
    )
    .named_by("name")
    .replaces()
    .doc("An index with the table's partition key and another sort key; it is made with the table."),
    NestedBlock::list("on_demand_throughput", LIMITS)
        .items(0, 1)
        .doc("Upper limits of on-demand throughput, with PAY_PER_REQUEST billing."),
    NestedBlock::list(
        "point_in_time_recovery",
        Block {
            attributes: &[
                Attribute::required("enabled", Ty::Bool).doc("Whether continuous backups are kept."),
                Attribute::optional_computed("recovery_period_in_days", Ty::Number)
                    .check(days)
                    .doc("How many days back one can restore; 35 where not given."),
            ],
            blocks: &[],
        },
    )
    .items(0, 1)
    .computed()
    .doc("Continuous backups of the table."),
    NestedBlock::set(
        "replica",
        Block {
            attributes: &[
                Attribute::computed("arn", Ty::String).doc("ARN of the replica."),
                Attribute::optional_computed("kms_key_arn", Ty::String)
                    .check(checks::arn)
                    .doc("ARN of the key, in its region, that encrypts the replica."),
                Attribute::optional("point_in_time_recovery", Ty::Bool)
                    .default(Const::Bool(false))
                    .doc("Whether continuous backups of the replica are kept."),
                Attribute::optional("propagate_tags", Ty::Bool)
                    .default(Const::Bool(false))
                    .doc("Whether the replica gets the tags of the table."),
                Attribute::required("region_name", Ty::String).doc("Region of the replica."),
                Attribute::computed("stream_arn", Ty::String).doc("ARN of the replica's stream."),
                Attribute::computed("stream_label", Ty::String).doc("Timestamp that names the replica's stream."),
            ],
            blocks: &[],
        },
    )
    .named_by("region_name")
    .doc("A copy of the table in another region."),
    NestedBlock::list(
        "server_side_encryption",
        Block {
            attributes: &[
                Attribute::required("enabled", Ty::Bool).doc(
                    "Whether a KMS key of the account encrypts the table; otherwise a key that DynamoDB owns does.",
                ),
                Attribute::optional_computed("kms_key_arn", Ty::String)
                    .check(checks::arn)
                    .doc("ARN of the key; the account's default key alias/aws/dynamodb where not given."),
            ],
            blocks: &[],
        },
    )
    .items(0, 1)
    .computed()
    .doc("Encryption of the table with a key of the account."),
    NestedBlock::list(
        "ttl",
        Block {
            attributes: &[
                Attribute::optional("attribute_name", Ty::String)
                    .doc("Attribute that holds the time, in seconds since 1970, after which an item is deleted."),
                Attribute::optional("enabled", Ty::Bool)
                    .default(Const::Bool(false))
                    .doc("Whether expired items are deleted."),
            ],
            blocks: &[],
        },
    )
    .items(0, 1)
    .computed()
    .doc("Time to live of items."),
];

/// `on_demand_throughput` of a table and of an index.
const LIMITS: Block = Block {
    attributes: &[
        Attribute::optional_computed("max_read_request_units", Ty::Number)
            .check(limit)
            .doc("Most read request units a second; -1 is no limit."),
        Attribute::optional_computed("max_write_request_units", Ty::Number)
            .check(limit)
            .doc("Most write request units a second; -1 is no limit."),
    ],
    blocks: &[],
};

const CSV: NestedBlock = NestedBlock::list(
    "csv",
    Block {
        attributes: &[
            Attribute::optional("delimiter", Ty::String).replaces().doc("Character between the values of a row."),
            Attribute::optional("header_list", Ty::Set(&Ty::String)).replaces().doc("Names of the columns."),
        ],
        blocks: &[],
    },
)
.items(0, 1)
.doc("How CSV input is to be read.");

fn billing_mode(value: &Value) -> Checked {
    checks::one_of(value, &["PROVISIONED", "PAY_PER_REQUEST"])
}

fn input_format(value: &Value) -> Checked {
    checks::one_of(value, &["DYNAMODB_JSON", "ION", "CSV"])
}

fn compression(value: &Value) -> Checked {
    checks::one_of(value, &["GZIP", "ZSTD", "NONE"])
}

fn table_class(value: &Value) -> Checked {
    checks::one_of(value, &["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
}

fn view_type(value: &Value) -> Checked {
    match value.as_str() {
        Some("") => Ok(()),
        _ => checks::one_of(value, &["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]),
    }
}

fn projection_type(value: &Value) -> Checked {
    checks::one_of(value, &["ALL", "KEYS_ONLY", "INCLUDE"])
}

fn attribute_type(value: &Value) -> Checked {
    match value.as_str() {
        Some("S" | "N" | "B") | None => Ok(()),
        Some(text) => {
            let meant = match text.to_lowercase().as_str() {
                "s" | "str" | "string" => " Did you mean \"S\"?",
                "n" | "num" | "number" => " Did you mean \"N\"?",
                "b" | "bin" | "binary" => " Did you mean \"B\"?",
                _ => "",
            };
            Err(format!("Expected \"S\" (string), \"N\" (number) or \"B\" (binary), got \"{text}\".{meant}"))
        }
    }
}

fn table_name(value: &Value) -> Checked {
    checks::name(value, 3, 255, "_.-")
}

/// The provider takes shorter ones than AWS does; those are warned of elsewhere.
fn index_name(value: &Value) -> Checked {
    checks::name(value, 1, 255, "_.-")
}

fn attribute_name(value: &Value) -> Checked {
    let length = value.as_str().map_or(1, str::len);
    match length {
        0 => Err("Expected the name of an attribute, got \"\".".into()),
        1..=255 => Ok(()),
        _ => Err(format!("Expected a name of up to 255 bytes, got {length}.")),
    }
}

/// The provider takes "" for none.
fn attribute_name_or_none(value: &Value) -> Checked {
    match value.as_str() {
        Some("") => Ok(()),
        _ => attribute_name(value),
    }
}

fn days(value: &Value) -> Checked {
    checks::between(value, 1, 35)
}

fn limit(value: &Value) -> Checked {
    checks::between(value, -1, i64::MAX)
}
