//! `data "aws_kms_key"`: a key of KMS that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, date, kms};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;
use aws_smithy_types::DateTime;
use serde_json::Value as Json;

/// `data "aws_kms_key"`
pub struct KmsKey;

const REPLICA: Ty = Ty::Object(&[("arn", Ty::String), ("region", Ty::String)]);
const REGIONS: Ty = Ty::Object(&[
    ("multi_region_key_type", Ty::String),
    ("primary_key", Ty::List(&REPLICA)),
    ("replica_keys", Ty::List(&REPLICA)),
]);
const EXTERNAL: Ty = Ty::Object(&[("id", Ty::String)]);

static SCHEMA: Schema = Schema {
    name: "aws_kms_key",
    version: 0,
    doc: "Reads a key of KMS.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The key's ARN."),
            Attribute::computed("aws_account_id", Ty::String).doc("The account that the key belongs to."),
            Attribute::computed("cloud_hsm_cluster_id", Ty::String)
                .doc("The CloudHSM cluster with the key's material."),
            Attribute::computed("creation_date", Ty::String).doc("When the key was made."),
            Attribute::computed("custom_key_store_id", Ty::String).doc("The custom store that holds the key."),
            Attribute::computed("customer_master_key_spec", Ty::String).doc("The same as key_spec."),
            Attribute::computed("deletion_date", Ty::String).doc("When the key is to be deleted."),
            Attribute::computed("description", Ty::String).doc("What the key is for."),
            Attribute::computed("enabled", Ty::Bool).doc("Whether the key can be used."),
            Attribute::computed("expiration_model", Ty::String).doc("Whether the key's material expires."),
            Attribute::optional("grant_tokens", Ty::List(&Ty::String)).doc("Tokens of grants that are new."),
            Attribute::optional_computed("id", Ty::String).doc("The key's id."),
            Attribute::required("key_id", Ty::String).check(key).doc("Id, ARN, alias or ARN of an alias of the key."),
            Attribute::computed("key_manager", Ty::String).doc("AWS or CUSTOMER."),
            Attribute::computed("key_spec", Ty::String).doc("The kind of key."),
            Attribute::computed("key_state", Ty::String).doc("Such as Enabled or PendingDeletion."),
            Attribute::computed("key_usage", Ty::String).doc("What the key may be used for."),
            Attribute::computed("multi_region", Ty::Bool).doc("Whether the key is one of several regions."),
            Attribute::computed("multi_region_configuration", Ty::List(&REGIONS)).doc("The regions of such a key."),
            Attribute::computed("origin", Ty::String).doc("Where the key's material is from."),
            Attribute::computed("pending_deletion_window_in_days", Ty::Number)
                .doc("How long a key of several regions waits for being deleted."),
            Attribute::computed("valid_to", Ty::String).doc("When the key's material expires."),
            Attribute::computed("xks_key_configuration", Ty::List(&EXTERNAL)).doc("The key in an external store."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(
    &["kms:DescribeKey"],
    On::Arns(&["arn:{partition}:kms:{region}:{account}:key/*"]),
)]);

fn key(value: &Value) -> std::result::Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let id = text.strip_prefix("mrk-").unwrap_or(text);
    let is_id = id.len() >= 32 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_arn =
        text.starts_with("arn:") && text.contains(":kms:") && (text.contains(":key/") || text.contains(":alias/"));
    let is_alias = text.strip_prefix("alias/").is_some_and(|rest| !rest.is_empty() && !rest.contains(' '));
    match is_id || is_arn || is_alias {
        true => Ok(()),
        false => Err("Expected the id or ARN of a key, or an alias (alias/name) or its ARN.".to_string()),
    }
}

#[async_trait]
impl DataSource for KmsKey {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("key_id").unwrap_or_default();
        let tokens = config.strings("grant_tokens");
        let found = kms::describe_key(aws, name, &tokens).await.map_err(|error| match &*error.code {
            "NotFoundException" => Error::new(ErrorKind::NotFound, name, format!("There is no KMS key \"{name}\".")),
            _ => error,
        })?;
        let text = |part: &str| found[part].as_str().unwrap_or_default();
        let mut object = Object::new();
        for (attribute, part) in [
            ("arn", "Arn"),
            ("aws_account_id", "AWSAccountId"),
            ("cloud_hsm_cluster_id", "CloudHsmClusterId"),
            ("custom_key_store_id", "CustomKeyStoreId"),
            ("customer_master_key_spec", "CustomerMasterKeySpec"),
            ("description", "Description"),
            ("expiration_model", "ExpirationModel"),
            ("id", "KeyId"),
            ("key_manager", "KeyManager"),
            ("key_spec", "KeySpec"),
            ("key_state", "KeyState"),
            ("key_usage", "KeyUsage"),
            ("origin", "Origin"),
        ] {
            object.set(attribute, text(part));
        }
        for (attribute, part) in
            [("creation_date", "CreationDate"), ("deletion_date", "DeletionDate"), ("valid_to", "ValidTo")]
        {
            object.set(attribute, moment(&found[part]));
        }
        object.set("key_id", name);
        object.set(
            "grant_tokens",
            config.get("grant_tokens").cloned().unwrap_or_else(|| Value::null(Type::list(Type::String))),
        );
        object.set("enabled", found["Enabled"].as_bool().unwrap_or_default());
        object.set("multi_region", found["MultiRegion"].as_bool().unwrap_or_default());
        object
            .set("pending_deletion_window_in_days", found["PendingDeletionWindowInDays"].as_i64().unwrap_or_default());
        object.set("multi_region_configuration", some(&REGIONS, &found["MultiRegionConfiguration"], regions));
        object.set(
            "xks_key_configuration",
            some(&EXTERNAL, &found["XksKeyConfiguration"], |j| {
                Value::object_of([("id", Value::string(j["Id"].as_str().unwrap_or_default()))])
            }),
        );
        Ok(object)
    }
}

/// A list of one, or of none where AWS says nothing.
fn some(ty: &Ty, found: &Json, value: impl Fn(&Json) -> Value) -> Value {
    Value::list(ty.to_type(), if found.is_object() { vec![value(found)] } else { Vec::new() })
}

fn regions(found: &Json) -> Value {
    let one = |j: &Json| {
        let text = |part: &str| Value::string(j[part].as_str().unwrap_or_default());
        Value::object_of([("arn", text("Arn")), ("region", text("Region"))])
    };
    let replicas = found["ReplicaKeys"].as_array().map(Vec::as_slice).unwrap_or_default();
    Value::object_of([
        ("multi_region_key_type", Value::string(found["MultiRegionKeyType"].as_str().unwrap_or_default())),
        ("primary_key", some(&REPLICA, &found["PrimaryKey"], one)),
        ("replica_keys", Value::list(REPLICA.to_type(), replicas.iter().map(one).collect())),
    ])
}

/// Seconds since 1970 as the provider writes a moment; null where there is none.
fn moment(seconds: &Json) -> Value {
    match seconds.as_f64() {
        Some(seconds) => Value::string(date::rfc3339(&DateTime::from_secs_f64(seconds))),
        None => Value::null(Type::String),
    }
}
