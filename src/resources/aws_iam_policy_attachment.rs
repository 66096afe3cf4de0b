//! `aws_iam_policy_attachment`: everyone in the account who has a managed policy, and nobody else.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Count, Error, Resource, Result, iam, settle};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Path, Type, Value};
use async_trait::async_trait;

/// `aws_iam_policy_attachment`
pub struct PolicyAttachment;

static SCHEMA: Schema = Schema {
    name: "aws_iam_policy_attachment",
    version: 0,
    doc: "All roles, users and groups of the account that have a managed policy; it is taken from everyone else.",
    block: Block {
        attributes: &[
            Attribute::optional("groups", Ty::Set(&Ty::String)).doc("Names of the groups that have the policy."),
            Attribute::computed("id", Ty::String).doc("The same as `name`."),
            Attribute::required("name", Ty::String)
                .replaces()
                .check(not_empty)
                .doc("A name for this block; AWS does not know it."),
            Attribute::required("policy_arn", Ty::String).replaces().check(iam::check_arn).doc("The policy's ARN."),
            Attribute::optional("roles", Ty::Set(&Ty::String)).doc("Names of the roles that have the policy."),
            Attribute::optional("users", Ty::Set(&Ty::String)).doc("Names of the users that have the policy."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const KINDS: &[&str] = &["groups", "roles", "users"];

const GROUPS: On = On::Arns(&["arn:{partition}:iam::{account}:group/*"]);
const USERS: On = On::Arns(&["arn:{partition}:iam::{account}:user/*"]);
const POLICY: On = On::Attribute("policy_arn");

/// What IAM has to allow. Who is not in the lists any more, or never was, is detached: that can be anyone.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetPolicy", "iam:ListEntitiesForPolicy"], POLICY)],
    create: &[
        Permit::new(&["iam:AttachRolePolicy"], On::Roles("roles")).when("roles"),
        Permit::new(&["iam:AttachGroupPolicy"], GROUPS).when("groups"),
        Permit::new(&["iam:AttachUserPolicy"], USERS).when("users"),
    ],
    update: &[
        Permit::new(
            &["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            On::Arns(&["arn:{partition}:iam::{account}:role/*"]),
        ),
        Permit::new(&["iam:AttachGroupPolicy", "iam:DetachGroupPolicy"], GROUPS),
        Permit::new(&["iam:AttachUserPolicy", "iam:DetachUserPolicy"], USERS),
    ],
    delete: &[
        Permit::new(&["iam:DetachRolePolicy"], On::Roles("roles")).when("roles"),
        Permit::new(&["iam:DetachGroupPolicy"], GROUPS).when("groups"),
        Permit::new(&["iam:DetachUserPolicy"], USERS).when("users"),
    ],
};

#[async_trait]
impl Resource for PolicyAttachment {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.str("policy_arn").unwrap_or_default();
        let (exists, holders) = tokio::join!(super::aws_iam_policy::get(aws, arn), iam::holders(aws, arn));
        let holders = holders?;
        // A policy that nobody has is attached to nothing.
        let nobody = holders.groups.is_empty() && holders.roles.is_empty() && holders.users.is_empty();
        if exists?.is_none() || nobody {
            return Ok(None);
        }
        let mut object = settle::complete(&SCHEMA, prior);
        for (kind, names) in [("groups", holders.groups), ("roles", holders.roles), ("users", holders.users)] {
            object.set(kind, Value::set(Type::String, names.iter().map(Value::string).collect()));
        }
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let mut object = settle::complete(&SCHEMA, planned);
        object.set("id", planned.str("name").unwrap_or_default());
        change(aws, &Object::new(), planned).await?;
        Ok(object)
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        change(aws, prior, planned).await?;
        Ok(settle::complete(&SCHEMA, planned))
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let nobody = Object::new().with("policy_arn", prior.str("policy_arn").unwrap_or_default());
        change(aws, prior, &nobody).await
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let nobody = |kind: &&str| {
            let named = config.get(kind);
            named.is_none_or(|v| v.is_null() || v.as_slice().is_some_and(<[Value]>::is_empty))
        };
        let detail = "At least one of groups, roles and users has to be given.";
        let finding =
            KINDS.iter().all(nobody).then(|| (Path::root(), Diagnostic::error("Nobody to attach to", detail)));
        finding.into_iter().collect()
    }

    fn counts(&self, _config: &Object, planned: &Object) -> Vec<Count> {
        let roles = planned.strings("roles");
        roles.into_iter().filter_map(|role| iam::count_attached(Some(role), planned.text("policy_arn"))).collect()
    }

    fn predict(&self, _place: &super::Place, planned: &mut Object) {
        if let Some(name) = planned.text("name").map(str::to_owned) {
            planned.set("id", name);
        }
    }

    fn completes(&self) -> Option<(&'static str, &'static str)> {
        Some(("roles", "aws_iam_role"))
    }

    fn import_id(&self, _id: &str) -> std::result::Result<Object, String> {
        Err("aws_iam_policy_attachment cannot be imported. Use aws_iam_role_policy_attachment, which can.".into())
    }
}

/// Takes the policy from those who are to lose it, gives it to those who are to get it.
async fn change(aws: &Aws, prior: &Object, planned: &Object) -> Result<()> {
    let arn = planned.str("policy_arn").unwrap_or_default();
    for kind in KINDS {
        let (old, new) = (prior.strings(kind), planned.strings(kind));
        for name in old.iter().filter(|name| !new.contains(name)) {
            detach(aws, kind, name, arn).await?;
        }
        for name in new.iter().filter(|name| !old.contains(name)) {
            attach(aws, kind, name, arn).await?;
        }
    }
    Ok(())
}

async fn attach(aws: &Aws, kind: &str, name: &str, arn: &str) -> Result<()> {
    let target = format!("{arn} to {name}");
    match kind {
        "groups" => {
            let call = aws.iam().attach_group_policy().group_name(name).policy_arn(arn).send().await;
            call.map(|_| ()).map_err(Error::of("iam:AttachGroupPolicy", &target))
        }
        "users" => {
            let call = aws.iam().attach_user_policy().user_name(name).policy_arn(arn).send().await;
            call.map(|_| ()).map_err(Error::of("iam:AttachUserPolicy", &target))
        }
        _ => iam::attach(aws, name, arn).await,
    }
}

async fn detach(aws: &Aws, kind: &str, name: &str, arn: &str) -> Result<()> {
    let target = format!("{arn} from {name}");
    iam::or_gone(match kind {
        "groups" => {
            let call = aws.iam().detach_group_policy().group_name(name).policy_arn(arn).send().await;
            call.map(|_| ()).map_err(Error::of("iam:DetachGroupPolicy", &target))
        }
        "users" => {
            let call = aws.iam().detach_user_policy().user_name(name).policy_arn(arn).send().await;
            call.map(|_| ()).map_err(Error::of("iam:DetachUserPolicy", &target))
        }
        _ => iam::detach(aws, name, arn).await,
    })
}

fn not_empty(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some("") => Err("A name is expected, not an empty string.".into()),
        _ => Ok(()),
    }
}
