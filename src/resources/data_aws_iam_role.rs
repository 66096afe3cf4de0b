//! `data "aws_iam_role"`: a role that others own.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, aws_iam_role, date, iam, tags};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Value};
use async_trait::async_trait;
use aws_sdk_iam::types;

/// `data "aws_iam_role"`
pub struct RoleData;

const LAST_USED: Ty = Ty::Object(&[("last_used_date", Ty::String), ("region", Ty::String)]);

static SCHEMA: Schema = Schema {
    name: "aws_iam_role",
    version: 0,
    doc: "Reads an IAM role.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The role's ARN."),
            Attribute::computed("assume_role_policy", Ty::String).doc("The trust policy in JSON, as IAM keeps it."),
            Attribute::computed("create_date", Ty::String).doc("When the role was created."),
            Attribute::computed("description", Ty::String).doc("What the role is for."),
            Attribute::computed("id", Ty::String).doc("The role's name."),
            Attribute::computed("max_session_duration", Ty::Number).doc("How long a session may last, in seconds."),
            Attribute::required("name", Ty::String).doc("The role's name."),
            Attribute::computed("path", Ty::String).doc("The role's path."),
            Attribute::computed("permissions_boundary", Ty::String)
                .doc("ARN of the permissions boundary; empty for none."),
            Attribute::computed("role_last_used", Ty::List(&LAST_USED)).doc("When and where the role was last used."),
            Attribute::optional_computed("tags", Ty::Map(&Ty::String)).doc("The role's tags."),
            Attribute::computed("unique_id", Ty::String).doc("The id that no other role ever had."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions::reading(&[Permit::new(&["iam:GetRole"], On::Roles("name"))]);

#[async_trait]
impl DataSource for RoleData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let name = config.str("name").unwrap_or_default();
        let Some(role) = aws_iam_role::get(aws, name).await? else {
            return Err(Error::new(ErrorKind::NotFound, name, format!("There is no IAM role \"{name}\".")));
        };
        let boundary = role.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
        let found = role.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string()));
        Ok(Object::new()
            .with("arn", role.arn())
            .with("assume_role_policy", iam::document(role.assume_role_policy_document()))
            .with("create_date", date::rfc3339(role.create_date()))
            .with("description", role.description().unwrap_or_default())
            .with("id", name)
            .with("max_session_duration", i64::from(role.max_session_duration().unwrap_or(3600)))
            .with("name", name)
            .with("path", role.path())
            .with("permissions_boundary", boundary.unwrap_or_default())
            .with("role_last_used", last_used(role.role_last_used()))
            .with("tags", tags::seen(aws, found))
            .with("unique_id", role.role_id()))
    }
}

fn last_used(live: Option<&types::RoleLastUsed>) -> Value {
    let one = live.map(|used| {
        Value::object_of([
            ("last_used_date", used.last_used_date().map(date::rfc3339).unwrap_or_default().into()),
            ("region", used.region().unwrap_or_default().into()),
        ])
    });
    Value::list(LAST_USED.to_type(), one.into_iter().collect())
}
