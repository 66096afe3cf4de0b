//! `data "aws_iam_roles"`: names and ARNs of the account's roles.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;
use aws_sdk_iam::types;

/// `data "aws_iam_roles"`
pub struct RolesData;

static SCHEMA: Schema = Schema {
    name: "aws_iam_roles",
    version: 0,
    doc: "Names and ARNs of the account's IAM roles.",
    block: Block {
        attributes: &[
            Attribute::computed("arns", Ty::Set(&Ty::String)).doc("The roles' ARNs."),
            Attribute::computed("id", Ty::String).doc("The region."),
            Attribute::optional("name_regex", Ty::String)
                .check(regex)
                .doc("Only roles whose name this regular expression matches."),
            Attribute::computed("names", Ty::Set(&Ty::String)).doc("The roles' names."),
            Attribute::optional("path_prefix", Ty::String).doc("Only roles whose path starts so."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(&["iam:ListRoles"], On::All)]);

#[async_trait]
impl DataSource for RolesData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let pattern = config.text("name_regex").map(regex::Regex::new).transpose();
        let pattern = pattern.map_err(|e| Error::new(ErrorKind::Other, "name_regex", e.to_string()))?;
        let call = aws.iam().list_roles().set_path_prefix(config.text("path_prefix").map(String::from));
        let all = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        let all = all.map_err(Error::of("iam:ListRoles", ""))?;
        let fits = |role: &&types::Role| pattern.as_ref().is_none_or(|p| p.is_match(role.role_name()));
        let roles: Vec<&types::Role> = all.iter().filter(fits).collect();
        let set =
            |part: fn(&types::Role) -> &str| Value::set(Type::String, roles.iter().map(|r| part(r).into()).collect());
        let given = |name| config.get(name).cloned().unwrap_or(Value::null(Type::String));
        Ok(Object::new()
            .with("arns", set(types::Role::arn))
            .with("id", aws.place_so_far().region)
            .with("name_regex", given("name_regex"))
            .with("names", set(types::Role::role_name))
            .with("path_prefix", given("path_prefix")))
    }
}

fn regex(value: &Value) -> std::result::Result<(), String> {
    match value.as_str().map(regex::Regex::new) {
        Some(Err(error)) => Err(format!("A regular expression is expected: {error}.")),
        _ => Ok(()),
    }
}
