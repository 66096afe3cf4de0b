//! `aws_iam_role_policy`: one inline policy of a role.

use super::permissions::{On, Permissions, Permit};
use super::policy::{self, Form};
use super::{Aws, Count, Place, Resource, Result, iam, names, settle};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Path, Value};
use async_trait::async_trait;

/// `aws_iam_role_policy`
pub struct RolePolicy;

static SCHEMA: Schema = Schema {
    name: "aws_iam_role_policy",
    version: 0,
    doc: "A policy that is part of a role.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String).doc("The role's name and the policy's, with a colon between them."),
            Attribute::optional_computed("name", Ty::String)
                .replaces()
                .conflicts(&["name_prefix"])
                .check(iam::check_name::<128>)
                .doc("The policy's name; one is generated where it is left out."),
            Attribute::optional_computed("name_prefix", Ty::String)
                .replaces()
                .conflicts(&["name"])
                .check(iam::check_prefix::<128>)
                .doc("What a generated name starts with."),
            Attribute::required("policy", Ty::String).check(policy::check).doc("The policy in JSON."),
            Attribute::required("role", Ty::String)
                .replaces()
                .check(role_name)
                .doc("The name of the role that the policy is part of."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const ROLE: On = On::Roles("role");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetRolePolicy"], ROLE)],
    create: &[Permit::new(&["iam:PutRolePolicy"], ROLE)],
    update: &[Permit::new(&["iam:PutRolePolicy"], ROLE)],
    delete: &[Permit::new(&["iam:DeleteRolePolicy"], ROLE)],
};

#[async_trait]
impl Resource for RolePolicy {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let (role, name) = split(prior.str("id").unwrap_or_default()).unwrap_or_default();
        let Some(live) = iam::inline_policy(aws, role, name).await? else { return Ok(None) };
        let mut object = settle::complete(&SCHEMA, prior);
        object.set("policy", policy::stored(prior.str("policy"), &live, Form::VersionFirst));
        identify(&mut object, role, name);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        put(aws, planned, &names::chosen(aws, planned)).await
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        put(aws, planned, prior.str("name").unwrap_or_default()).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let (role, name) = split(prior.str("id").unwrap_or_default()).unwrap_or_default();
        iam::delete_inline_policy(aws, role, name).await
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let size = config.str("policy").map(policy::size).unwrap_or_default();
        let finding = iam::too_large("All inline policies of a role together", size, policy::ROLE_INLINE_SIZE);
        finding.map(|finding| (Path::attr("policy"), finding)).into_iter().collect()
    }

    fn counts(&self, _config: &Object, planned: &Object) -> Vec<Count> {
        iam::count_inline(planned.text("role"), planned.text("name"), planned.str("policy")).into_iter().collect()
    }

    fn adjust(&self, _place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        policy::normalize_in(planned, "policy", Form::VersionFirst);
        if prior.is_none() {
            names::hint(config, planned);
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match attribute {
            "policy" => policy::same_value(a, b),
            _ => a == b,
        }
    }

    fn predict(&self, _place: &Place, planned: &mut Object) {
        names::predict(planned);
        if let (Some(role), Some(name)) = (planned.text("role"), planned.text("name")) {
            planned.set("id", format!("{role}:{name}"));
        }
    }

    fn completes(&self) -> Option<(&'static str, &'static str)> {
        Some(("role", "aws_iam_role"))
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match split(id) {
            Some(_) => Ok(Object::new().with("id", id)),
            None => Err(format!(
                "A role's inline policy is imported by ROLE:POLICY, such as \"my-role:my-policy\"; got \"{id}\"."
            )),
        }
    }
}

async fn put(aws: &Aws, planned: &Object, name: &str) -> Result<Object> {
    let mut object = settle::complete(&SCHEMA, planned);
    policy::normalize_in(&mut object, "policy", Form::VersionFirst);
    let role = planned.str("role").unwrap_or_default();
    iam::put_inline_policy(aws, role, name, object.str("policy").unwrap_or_default()).await?;
    identify(&mut object, role, name);
    Ok(object)
}

fn identify(object: &mut Object, role: &str, name: &str) {
    object.set("id", format!("{role}:{name}"));
    object.set("name", name);
    object.set("name_prefix", names::prefix_of(name));
    object.set("role", role);
}

fn split(id: &str) -> Option<(&str, &str)> {
    id.split_once(':').filter(|(role, name)| !role.is_empty() && !name.is_empty())
}

fn role_name(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(name) if name.starts_with("arn:") => {
            Err(format!("The name of a role is expected, not its ARN, got \"{name}\"."))
        }
        _ => iam::check_name::<64>(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert_eq!(RolePolicy.import_id("r:p:q").unwrap().str("id"), Some("r:p:q"));
        assert_eq!(split("r:p:q"), Some(("r", "p:q")));
        for id in ["", "r", "r:", ":p"] {
            assert!(RolePolicy.import_id(id).is_err(), "{id}");
        }
    }
}
