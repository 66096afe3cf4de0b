//! `aws_iam_role_policies_exclusive`: the inline policies that a role may have, and no others.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Resource, Result, aws_iam_role, iam, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

/// `aws_iam_role_policies_exclusive`
pub struct RolePoliciesExclusive;

static SCHEMA: Schema = Schema {
    name: "aws_iam_role_policies_exclusive",
    version: 0,
    doc: "The inline policies that a role may have; others are deleted.",
    block: Block {
        attributes: &[
            Attribute::required("policy_names", Ty::Set(&Ty::String)).doc("The names of the role's inline policies."),
            Attribute::required("role_name", Ty::String).replaces().doc("The role's name."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const ROLE: On = On::Roles("role_name");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetRole", "iam:ListRolePolicies"], ROLE)],
    create: &[Permit::new(&["iam:DeleteRolePolicy", "iam:ListRolePolicies"], ROLE)],
    update: &[Permit::new(&["iam:DeleteRolePolicy", "iam:ListRolePolicies"], ROLE)],
    delete: &[],
};

#[async_trait]
impl Resource for RolePoliciesExclusive {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let role = prior.str("role_name").unwrap_or_default();
        let (exists, names) = tokio::join!(aws_iam_role::get(aws, role), iam::inline_policy_names(aws, role));
        let names = names?;
        Ok(exists?.map(|_| settle::complete(&SCHEMA, prior).with("policy_names", set(&names))))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let role = planned.str("role_name").unwrap_or_default();
        iam::exists(aws, role).await?;
        let wanted = planned.strings("policy_names");
        for name in iam::inline_policy_names(aws, role).await? {
            if !wanted.contains(&name.as_str()) {
                iam::delete_inline_policy(aws, role, &name).await?;
            }
        }
        Ok(settle::complete(&SCHEMA, planned))
    }

    async fn update(&self, aws: &Aws, _prior: &Object, planned: &Object) -> Result<Object> {
        self.create(aws, planned).await
    }

    /// The role may have other policies again; those it has stay.
    async fn delete(&self, _aws: &Aws, _prior: &Object) -> Result<()> {
        Ok(())
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        Ok(Object::new().with("role_name", id))
    }
}

fn set(items: &[String]) -> Value {
    Value::set(Type::String, items.iter().map(Value::string).collect())
}
