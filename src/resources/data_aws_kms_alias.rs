//! `data "aws_kms_alias"`: a name that a key of KMS has.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Result, kms};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Value};
use async_trait::async_trait;

/// `data "aws_kms_alias"`
pub struct KmsAlias;

static SCHEMA: Schema = Schema {
    name: "aws_kms_alias",
    version: 0,
    doc: "Finds the key that an alias of KMS leads to.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The alias's ARN."),
            Attribute::optional_computed("id", Ty::String).doc("The alias's ARN."),
            Attribute::required("name", Ty::String).check(name).doc("The alias, with alias/ before it."),
            Attribute::computed("target_key_arn", Ty::String).doc("ARN of the key."),
            Attribute::computed("target_key_id", Ty::String).doc("Id of the key."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow. Of an alias that AWS made and nobody used yet the list does not tell the key.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(&["kms:ListAliases"], On::All),
    Permit::new(&["kms:DescribeKey"], On::Arns(&["arn:{partition}:kms:{region}:{account}:key/*"])),
]);

fn name(value: &Value) -> std::result::Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
    match value.as_str().and_then(|text| text.strip_prefix("alias/")) {
        Some(rest) if !rest.is_empty() && rest.chars().all(fits) => Ok(()),
        _ => Err("Expected alias/ and then letters, digits, slashes, underscores and hyphens.".to_string()),
    }
}

#[async_trait]
impl DataSource for KmsAlias {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("name").unwrap_or_default();
        let alias = kms::alias(aws, name).await?;
        let arn = alias["AliasArn"].as_str().unwrap_or_default();
        let (key_arn, key) = match alias["TargetKeyId"].as_str() {
            Some(key) => (arn.replacen(name, &format!("key/{key}"), 1), key.to_string()),
            None => {
                let key = kms::describe_key(aws, name, &[]).await?;
                let text = |part: &str| key[part].as_str().unwrap_or_default().to_string();
                (text("Arn"), text("KeyId"))
            }
        };
        Ok(Object::new()
            .with("arn", arn)
            .with("id", arn)
            .with("name", name)
            .with("target_key_arn", key_arn)
            .with("target_key_id", key))
    }
}
