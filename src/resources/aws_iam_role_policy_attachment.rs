//! `aws_iam_role_policy_attachment`: one managed policy that a role has.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Count, Resource, Result, arn, iam, names, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

/// `aws_iam_role_policy_attachment`
pub struct RolePolicyAttachment;

static SCHEMA: Schema = Schema {
    name: "aws_iam_role_policy_attachment",
    version: 0,
    doc: "Gives a role a managed policy.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String).doc("An id of this attachment; it has no meaning for AWS."),
            Attribute::required("policy_arn", Ty::String).replaces().check(iam::check_arn).doc("The policy's ARN."),
            Attribute::required("role", Ty::String).replaces().check(iam::check_name::<64>).doc("The role's name."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const ROLE: On = On::Roles("role");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:ListAttachedRolePolicies"], ROLE)],
    create: &[Permit::new(&["iam:AttachRolePolicy"], ROLE)],
    update: &[],
    delete: &[Permit::new(&["iam:DetachRolePolicy"], ROLE)],
};

#[async_trait]
impl Resource for RolePolicyAttachment {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let (role, policy) = parts(prior);
        let attached = iam::attached_policy_arns(aws, role).await?;
        Ok(attached.iter().any(|a| a == policy).then(|| settle::complete(&SCHEMA, prior)))
    }

    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        let Some(mut found) = self.read(aws, planned).await? else { return Ok(None) };
        if found.text("id").is_none() {
            // AWS has none for it.
            let id = names::generated(aws, &format!("{}-", parts(planned).0));
            found.set("id", id);
        }
        Ok(Some(found))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let (role, policy) = parts(planned);
        iam::attach(aws, role, policy).await?;
        Ok(settle::complete(&SCHEMA, planned).with("id", names::generated(aws, &format!("{role}-"))))
    }

    /// Nothing of it can change in place.
    async fn update(&self, _aws: &Aws, _prior: &Object, planned: &Object) -> Result<Object> {
        Ok(planned.clone())
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let (role, policy) = parts(prior);
        iam::detach(aws, role, policy).await
    }

    fn counts(&self, _config: &Object, planned: &Object) -> Vec<Count> {
        iam::count_attached(planned.text("role"), planned.text("policy_arn")).into_iter().collect()
    }

    fn completes(&self) -> Option<(&'static str, &'static str)> {
        Some(("role", "aws_iam_role"))
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match id.split_once('/') {
            Some((role, policy)) if !role.is_empty() && arn::Arn::parse(policy).is_some() => {
                Ok(Object::new().with("id", format!("{role}-{policy}")).with("role", role).with("policy_arn", policy))
            }
            _ => Err(format!(
                "An attachment is imported by ROLE/POLICY_ARN, such as \"my-role/arn:aws:iam::aws:policy/ReadOnlyAccess\"; got \
                 \"{id}\"."
            )),
        }
    }
}

fn parts(object: &Object) -> (&str, &str) {
    (object.str("role").unwrap_or_default(), object.str("policy_arn").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let arn = "arn:aws:iam::123456789012:policy/team/p";
        let object = RolePolicyAttachment.import_id(&format!("r/{arn}")).unwrap();
        assert_eq!(parts(&object), ("r", arn));
        assert_eq!(object.str("id"), Some("r-arn:aws:iam::123456789012:policy/team/p"));
        for id in ["", "r", "r/", "r/ReadOnlyAccess", "/arn:aws:iam::aws:policy/x"] {
            assert!(RolePolicyAttachment.import_id(id).is_err(), "{id}");
        }
    }
}
