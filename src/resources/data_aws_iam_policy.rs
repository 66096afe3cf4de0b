//! `data "aws_iam_policy"`: a managed policy that others own, AWS's own among them.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_iam_policy, iam, tags};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

/// `data "aws_iam_policy"`
pub struct PolicyData;

static SCHEMA: Schema = Schema {
    name: "aws_iam_policy",
    version: 0,
    doc: "Reads a managed IAM policy.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("arn", Ty::String)
                .conflicts(&["name", "path_prefix"])
                .check(iam::check_arn)
                .doc("The policy's ARN: what to find it by, or else what was found."),
            Attribute::computed("attachment_count", Ty::Number)
                .doc("To how many roles, users and groups it is attached."),
            Attribute::computed("description", Ty::String).doc("What the policy is for."),
            Attribute::computed("id", Ty::String).doc("The policy's ARN."),
            Attribute::optional_computed("name", Ty::String)
                .conflicts(&["arn"])
                .doc("The policy's name: what to find it by, or else what was found."),
            Attribute::computed("path", Ty::String).doc("The policy's path."),
            Attribute::optional("path_prefix", Ty::String)
                .conflicts(&["arn"])
                .doc("How the path starts, where several policies have the name."),
            Attribute::computed("policy", Ty::String).doc("The policy in JSON, as IAM keeps it."),
            Attribute::computed("policy_id", Ty::String).doc("The id that no other policy ever had."),
            Attribute::optional_computed("tags", Ty::Map(&Ty::String)).doc("The policy's tags."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[
    Permit::new(&["iam:GetPolicy", "iam:GetPolicyVersion"], On::Attribute("arn")),
    Permit::new(&["iam:ListPolicies"], On::All).when("name"),
    Permit::new(&["iam:ListPolicies"], On::All).when("path_prefix"),
]);

#[async_trait]
impl DataSource for PolicyData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let arn = match config.text("arn") {
            Some(arn) => arn.to_string(),
            None => find(aws, config.text("name"), config.text("path_prefix")).await?,
        };
        let missing = || Error::new(ErrorKind::NotFound, &arn, format!("There is no IAM policy \"{arn}\"."));
        let policy = aws_iam_policy::get(aws, &arn).await?.ok_or_else(missing)?;
        let version = policy.default_version_id().unwrap_or_default();
        let document = aws_iam_policy::document(aws, &arn, version).await?.ok_or_else(missing)?;
        let found = policy.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string()));
        Ok(Object::new()
            .with("arn", policy.arn().unwrap_or(&arn))
            .with("attachment_count", i64::from(policy.attachment_count().unwrap_or_default()))
            .with("description", policy.description().unwrap_or_default())
            .with("id", policy.arn().unwrap_or(&arn))
            .with("name", policy.policy_name().unwrap_or_default())
            .with("path", policy.path().unwrap_or_default())
            .with("path_prefix", config.get("path_prefix").cloned().unwrap_or(Value::null(Type::String)))
            .with("policy", document)
            .with("policy_id", policy.policy_id().unwrap_or_default())
            .with("tags", tags::seen(aws, found)))
    }
}

/// The ARN of the one policy of this name and path.
async fn find(aws: &Aws, name: Option<&str>, path: Option<&str>) -> Result<String> {
    let shown = format!("\"{}\"{}", name.unwrap_or("*"), path.map(|p| format!(" under {p}")).unwrap_or_default());
    let mut pages = aws.iam().list_policies().set_path_prefix(path.map(String::from)).into_paginator().send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(Error::of("iam:ListPolicies", &shown))?;
        let fits = page.policies().iter().filter(|p| name.is_none() || p.policy_name() == name);
        arns.extend(fits.filter_map(|p| p.arn().map(String::from)));
    }
    match arns.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::new(ErrorKind::NotFound, &shown, format!("There is no IAM policy {shown}."))),
        more => {
            let message = format!("There are {} IAM policies {shown}. Give the arn, or a path_prefix.", more.len());
            Err(Error::new(ErrorKind::Other, &shown, message))
        }
    }
}
