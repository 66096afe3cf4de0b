//! `aws_iam_role_policy_attachments_exclusive`: the managed policies that a role has, and no others.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Count, Resource, Result, aws_iam_role, iam, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

/// `aws_iam_role_policy_attachments_exclusive`
pub struct RolePolicyAttachmentsExclusive;

static SCHEMA: Schema = Schema {
    name: "aws_iam_role_policy_attachments_exclusive",
    version: 0,
    doc: "The managed policies that a role has; others are detached.",
    block: Block {
        attributes: &[
            Attribute::required("policy_arns", Ty::Set(&Ty::String))
                .check(iam::check_arns)
                .doc("ARNs of the role's managed policies."),
            Attribute::required("role_name", Ty::String).replaces().doc("The role's name."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const ROLE: On = On::Roles("role_name");
const CHANGES: &[Permit] =
    &[Permit::new(&["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"], ROLE)];

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetRole", "iam:ListAttachedRolePolicies"], ROLE)],
    create: CHANGES,
    update: CHANGES,
    delete: &[],
};

#[async_trait]
impl Resource for RolePolicyAttachmentsExclusive {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let role = prior.str("role_name").unwrap_or_default();
        let (exists, arns) = tokio::join!(aws_iam_role::get(aws, role), iam::attached_policy_arns(aws, role));
        let arns = arns?;
        Ok(exists?.map(|_| settle::complete(&SCHEMA, prior).with("policy_arns", set(&arns))))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let role = planned.str("role_name").unwrap_or_default();
        iam::exists(aws, role).await?;
        let wanted = planned.strings("policy_arns");
        let attached = iam::attached_policy_arns(aws, role).await?;
        for policy in attached.iter().filter(|policy| !wanted.contains(&policy.as_str())) {
            iam::detach(aws, role, policy).await?;
        }
        for policy in wanted.iter().filter(|policy| !attached.iter().any(|a| a == *policy)) {
            iam::attach(aws, role, policy).await?;
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

    fn counts(&self, _config: &Object, planned: &Object) -> Vec<Count> {
        let arns = planned.strings("policy_arns");
        arns.into_iter().filter_map(|arn| iam::count_attached(planned.text("role_name"), Some(arn))).collect()
    }

    fn completes(&self) -> Option<(&'static str, &'static str)> {
        Some(("role_name", "aws_iam_role"))
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        Ok(Object::new().with("role_name", id))
    }
}

fn set(items: &[String]) -> Value {
    Value::set(Type::String, items.iter().map(Value::string).collect())
}
