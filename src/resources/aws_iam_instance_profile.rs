//! `aws_iam_instance_profile`: what hands a role to EC2 instances.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn, date, iam, names, settle, tags, wait};
use crate::schema::{Attribute, Block, Const, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;
use aws_sdk_iam::types;

/// `aws_iam_instance_profile`
pub struct InstanceProfile;

static SCHEMA: Schema = Schema {
    name: "aws_iam_instance_profile",
    version: 0,
    doc: "An IAM instance profile: it hands a role to EC2 instances.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The profile's ARN."),
            Attribute::computed("create_date", Ty::String).doc("When the profile was created."),
            Attribute::computed("id", Ty::String).doc("The profile's name."),
            Attribute::optional_computed("name", Ty::String)
                .replaces()
                .conflicts(&["name_prefix"])
                .check(iam::check_name::<128>)
                .doc("The profile's name; one is generated where it is left out."),
            Attribute::optional_computed("name_prefix", Ty::String)
                .replaces()
                .conflicts(&["name"])
                .check(iam::check_prefix::<128>)
                .doc("What a generated name starts with."),
            Attribute::optional("path", Ty::String)
                .replaces()
                .default(Const::Str("/"))
                .check(iam::check_path)
                .doc("The profile's path, such as `/service/`."),
            Attribute::optional("role", Ty::String).doc("The name of the role."),
            Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The profile's tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("The profile's tags together with the provider's default tags."),
            Attribute::computed("unique_id", Ty::String).doc("The id that no other profile ever had."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:iam::{account}:instance-profile{path}{name}"]);

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetInstanceProfile"], SELF)],
    create: &[
        Permit::new(&["iam:CreateInstanceProfile"], SELF),
        Permit::new(&["iam:TagInstanceProfile"], SELF).when("tags_all"),
        Permit::new(&["iam:AddRoleToInstanceProfile"], SELF).when("role"),
        PASS,
    ],
    update: &[
        Permit::new(&["iam:TagInstanceProfile", "iam:UntagInstanceProfile"], SELF),
        Permit::new(&["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"], SELF),
        PASS,
    ],
    delete: &[
        Permit::new(&["iam:RemoveRoleFromInstanceProfile"], SELF).when("role"),
        Permit::new(&["iam:DeleteInstanceProfile"], SELF),
    ],
};

/// The role is handed to EC2.
const PASS: Permit = {
    let mut pass = Permit::new(&["iam:PassRole"], On::Roles("role")).when("role").implied();
    pass.passed_to = Some("ec2.amazonaws.com");
    pass
};

#[async_trait]
impl Resource for InstanceProfile {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let name = prior.str("id").unwrap_or_default();
        let call = aws.iam().get_instance_profile().instance_profile_name(name).send().await;
        let answer = match call.map_err(Error::of("iam:GetInstanceProfile", name)) {
            Ok(answer) => answer,
            Err(error) if error.is(ErrorKind::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(profile) = answer.instance_profile() else { return Ok(None) };
        let mut object = settle::complete(&SCHEMA, prior);
        identify(&mut object, profile);
        object.set("path", profile.path());
        let role = profile.roles().first().map(|role| role.role_name());
        // As the provider: nothing where there never was one, an empty text where one is gone.
        let none = || if prior.get("role").is_none_or(Value::is_null) { Value::null(Type::String) } else { "".into() };
        object.set("role", role.map_or_else(none, Value::string));
        let found = profile.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string()));
        tags::fill(aws, prior, &mut object, found);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = names::chosen(aws, planned);
        let tags = iam::tags(&tags::wanted(planned))?;
        let call = aws
            .iam()
            .create_instance_profile()
            .instance_profile_name(&name)
            .set_path(planned.text("path").map(String::from))
            .set_tags((!tags.is_empty()).then_some(tags));
        let answer = call.send().await.map_err(Error::of("iam:CreateInstanceProfile", &name))?;
        let Some(profile) = answer.instance_profile() else {
            return Err(Error::new(ErrorKind::Other, &name, "The answer has no instance profile."));
        };
        let mut object = settle::complete(&SCHEMA, planned);
        if object.get("tags_all").is_none_or(|v| !v.is_known()) {
            object.set("tags_all", tags::all_value(&tags::wanted(planned)));
        }
        identify(&mut object, profile);
        if let Some(role) = planned.text("role") {
            add_role(aws, &name, role).await.map_err(|e| e.with_partial(object.clone()))?;
        }
        Ok(object)
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let name = prior.str("id").unwrap_or_default();
        let mut done = prior.clone();
        if prior.text("role") != planned.text("role") {
            if let Some(role) = prior.text("role") {
                remove_role(aws, name, role).await?;
                done.set("role", "");
            }
            if let Some(role) = planned.text("role") {
                add_role(aws, name, role).await.map_err(|e| e.with_partial(done.clone()))?;
                done.set("role", role);
            }
        }
        let changes = tags::changes(prior, planned);
        if !changes.remove.is_empty() {
            let call =
                aws.iam().untag_instance_profile().instance_profile_name(name).set_tag_keys(Some(changes.remove));
            let result = call.send().await.map_err(Error::of("iam:UntagInstanceProfile", name));
            result.map_err(|e| e.with_partial(done.clone()))?;
        }
        if !changes.set.is_empty() {
            let tags = iam::tags(&changes.set)?;
            let call = aws.iam().tag_instance_profile().instance_profile_name(name).set_tags(Some(tags));
            let result = call.send().await.map_err(Error::of("iam:TagInstanceProfile", name));
            result.map_err(|e| e.with_partial(done.clone()))?;
        }
        let mut object = settle::complete(&SCHEMA, planned);
        object.set("role", done.get("role").cloned().unwrap_or_else(|| Value::null(Type::String)));
        Ok(object)
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let name = prior.str("id").unwrap_or_default();
        if let Some(role) = prior.text("role") {
            remove_role(aws, name, role).await?;
        }
        let call = aws.iam().delete_instance_profile().instance_profile_name(name).send().await.map(|_| ());
        iam::or_gone(call.map_err(Error::of("iam:DeleteInstanceProfile", name)))
    }

    fn adjust(&self, _place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        if prior.is_none() {
            names::hint(config, planned);
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        a == b || (attribute == "path" && iam::same_path(a, b))
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        names::predict(planned);
        let (Some(name), Some(path)) = (planned.text("name"), planned.str("path")) else { return };
        let arn =
            arn::global(place, "iam", &format!("instance-profile{}{name}", if path.is_empty() { "/" } else { path }));
        let name = name.to_string();
        planned.set("id", name);
        if let Some(arn) = arn {
            planned.set("arn", arn);
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match id.contains([':', '/']) || id.is_empty() {
            true => Err(format!("An instance profile is imported by its name; got \"{id}\".")),
            false => Ok(Object::new().with("id", id)),
        }
    }
}

/// What AWS decides about a profile.
fn identify(object: &mut Object, profile: &types::InstanceProfile) {
    object.set("arn", profile.arn());
    object.set("create_date", date::rfc3339(profile.create_date()));
    object.set("id", profile.instance_profile_name());
    object.set("name", profile.instance_profile_name());
    object.set("name_prefix", names::prefix_of(profile.instance_profile_name()));
    object.set("unique_id", profile.instance_profile_id());
}

async fn add_role(aws: &Aws, profile: &str, role: &str) -> Result<()> {
    wait::retry(aws, iam::UNSEEN, iam::unseen, || async {
        let call = aws.iam().add_role_to_instance_profile().instance_profile_name(profile).role_name(role);
        call.send().await.map(|_| ()).map_err(Error::of("iam:AddRoleToInstanceProfile", profile))
    })
    .await
}

async fn remove_role(aws: &Aws, profile: &str, role: &str) -> Result<()> {
    let call = aws.iam().remove_role_from_instance_profile().instance_profile_name(profile).role_name(role);
    iam::or_gone(call.send().await.map(|_| ()).map_err(Error::of("iam:RemoveRoleFromInstanceProfile", profile)))
}
