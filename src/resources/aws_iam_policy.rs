//! `aws_iam_policy`: a managed policy with its versions.

use super::permissions::{On, Permissions, Permit};
use super::policy::{self, Form};
use super::wait::{self, Look};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn, iam, names, settle, tags};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Const, Schema, Ty};
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use aws_sdk_iam::types::{self, PolicyScopeType, PolicyVersion};
use std::time::{Duration, SystemTime};

/// `aws_iam_policy`
pub struct Policy;

/// How many versions AWS keeps of a policy.
const VERSIONS: usize = 5;

/// How long a policy may still seem attached after the last attachment is gone.
const STILL_SEEN: Duration = Duration::from_secs(15);

static SCHEMA: Schema = Schema {
    name: "aws_iam_policy",
    version: 0,
    doc: "A managed policy: one that roles, users and groups can share.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The policy's ARN."),
            Attribute::computed("attachment_count", Ty::Number)
                .doc("To how many roles, users and groups it is attached."),
            Attribute::optional("description", Ty::String).replaces().check(description).doc("What the policy is for."),
            Attribute::computed("id", Ty::String).doc("The policy's ARN."),
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
            Attribute::optional("path", Ty::String)
                .replaces()
                .default(Const::Str("/"))
                .check(iam::check_path)
                .doc("The policy's path, such as `/service/`."),
            Attribute::required("policy", Ty::String)
                .check(policy::check)
                .doc("The policy in JSON; another text becomes a new version."),
            Attribute::computed("policy_id", Ty::String).doc("The id that no other policy ever had."),
            Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The policy's tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("The policy's tags together with the provider's default tags."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:iam::{account}:policy{path}{name}"]);

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["iam:GetPolicy", "iam:GetPolicyVersion"], SELF)],
    create: &[Permit::new(&["iam:CreatePolicy"], SELF), Permit::new(&["iam:TagPolicy"], SELF).when("tags_all")],
    update: &[Permit::new(
        &[
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:ListPolicyVersions",
            "iam:TagPolicy",
            "iam:UntagPolicy",
        ],
        SELF,
    )],
    delete: &[Permit::new(
        &["iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:ListEntitiesForPolicy", "iam:ListPolicyVersions"],
        SELF,
    )],
};

#[async_trait]
impl Resource for Policy {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.str("id").unwrap_or_default();
        let Some(live) = get(aws, arn).await? else { return Ok(None) };
        let Some(document) = document(aws, arn, live.default_version_id().unwrap_or_default()).await? else {
            return Ok(None);
        };
        aws.trace(SCHEMA.name, arn, "last changed", live.update_date());
        let mut object = settle::complete(&SCHEMA, prior);
        object.set("policy", policy::stored(prior.str("policy"), &document, Form::Sorted));
        object.set("description", live.description().unwrap_or_default());
        identify(&mut object, &live);
        let found = live.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string()));
        tags::fill(aws, prior, &mut object, found);
        Ok(Some(object))
    }

    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        if planned.text("id").is_some() {
            return self.read(aws, planned).await;
        }
        // Where the account is not known, nor is the ARN.
        let name = planned.str("name").unwrap_or_default();
        let mut pages = aws.iam().list_policies().scope(PolicyScopeType::Local).into_paginator().items().send();
        while let Some(policy) = pages.next().await {
            let policy = policy.map_err(Error::of("iam:ListPolicies", name))?;
            if let (Some(found), Some(arn)) = (policy.policy_name(), policy.arn())
                && found == name
            {
                return self.read(aws, &planned.clone().with("id", arn)).await;
            }
        }
        Ok(None)
    }

    async fn made(&self, aws: &Aws, object: &Object) -> Result<Option<SystemTime>> {
        let live = get(aws, object.str("id").unwrap_or_default()).await?;
        Ok(live.and_then(|p| SystemTime::try_from(*p.create_date()?).ok()))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = names::chosen(aws, planned);
        let mut object = settle::complete(&SCHEMA, planned);
        policy::normalize_in(&mut object, "policy", Form::Sorted);
        let tags = iam::tags(&tags::wanted(planned))?;
        let call = aws
            .iam()
            .create_policy()
            .policy_name(&name)
            .policy_document(object.str("policy").unwrap_or_default())
            .set_path(object.text("path").map(String::from))
            .set_description(object.text("description").map(String::from))
            .set_tags((!tags.is_empty()).then_some(tags));
        let answer = call.send().await.map_err(Error::of("iam:CreatePolicy", &name))?;
        let live = answer.policy().ok_or_else(|| Error::new(ErrorKind::Other, &name, "The answer has no policy."))?;
        if object.str("description").is_none() {
            object.set("description", "");
        }
        if object.get("tags_all").is_none_or(|v| !v.is_known()) {
            object.set("tags_all", tags::all_value(&tags::wanted(planned)));
        }
        identify(&mut object, live);
        Ok(object)
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let arn = prior.str("id").unwrap_or_default();
        let mut object = settle::complete(&SCHEMA, planned);
        policy::normalize_in(&mut object, "policy", Form::Sorted);
        let mut done = prior.clone();
        if prior.differs(&object, "policy") {
            make_room(aws, arn).await?;
            let text = object.str("policy").unwrap_or_default();
            let call = aws.iam().create_policy_version().policy_arn(arn).policy_document(text).set_as_default(true);
            call.send().await.map_err(Error::of("iam:CreatePolicyVersion", arn))?;
            done.set("policy", text);
        }
        change_tags(aws, arn, &tags::changes(prior, planned)).await.map_err(|e| e.with_partial(done))?;
        Ok(object)
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let arn = prior.str("id").unwrap_or_default();
        for version in versions(aws, arn).await?.iter().filter(|v| !v.is_default_version()) {
            delete_version(aws, arn, version).await?;
        }
        wait::until(aws, arn, iam::PROPAGATION, || delete_once(aws, arn)).await
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let size = config.str("policy").map(policy::size).unwrap_or_default();
        let finding = iam::too_large("A managed policy", size, policy::MANAGED_SIZE);
        finding.map(|finding| (Path::attr("policy"), finding)).into_iter().collect()
    }

    fn adjust(&self, _place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        policy::normalize_in(planned, "policy", Form::Sorted);
        if prior.is_none() {
            names::hint(config, planned);
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match attribute {
            "policy" => policy::same_value(a, b),
            "path" => iam::same_path(a, b),
            _ => a == b,
        }
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        names::predict(planned);
        if let (Some(name), Some(path)) = (planned.text("name"), planned.str("path")) {
            let path = if path.is_empty() { "/" } else { path };
            if let Some(arn) = arn::global(place, "iam", &format!("policy{path}{name}")) {
                planned.set("arn", arn.as_str());
                planned.set("id", arn);
            }
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        arn::import(id, "iam", |r| r.starts_with("policy/"), "A policy", "arn:aws:iam::123456789012:policy/name")
    }
}

/// The policy; `None` if there is none.
pub(super) async fn get(aws: &Aws, arn: &str) -> Result<Option<types::Policy>> {
    let ask = async {
        let found =
            Error::found(aws.iam().get_policy().policy_arn(arn).send().await.map_err(Error::of("iam:GetPolicy", arn)))?;
        Ok(found.and_then(|answer| answer.policy))
    };
    aws.once(|| format!("iam:GetPolicy {arn}"), ask).await
}

/// The text of one version; `None` if it is gone.
pub(super) async fn document(aws: &Aws, arn: &str, version: &str) -> Result<Option<String>> {
    let call = aws.iam().get_policy_version().policy_arn(arn).version_id(version).send().await;
    let found = Error::found(call.map_err(Error::of("iam:GetPolicyVersion", arn)))?;
    Ok(found.and_then(|answer| answer.policy_version().map(|v| iam::document(v.document()))))
}

/// What AWS decides about a policy.
fn identify(object: &mut Object, live: &types::Policy) {
    let (arn, name) = (live.arn().unwrap_or_default(), live.policy_name().unwrap_or_default());
    object.set("arn", arn);
    object.set("attachment_count", i64::from(live.attachment_count().unwrap_or_default()));
    object.set("id", arn);
    object.set("name", name);
    object.set("name_prefix", names::prefix_of(name));
    object.set("path", live.path().unwrap_or("/"));
    object.set("policy_id", live.policy_id().unwrap_or_default());
}

async fn versions(aws: &Aws, arn: &str) -> Result<Vec<PolicyVersion>> {
    let pages = aws.iam().list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let all = pages.collect::<std::result::Result<Vec<_>, _>>().await;
    match all.map_err(Error::of("iam:ListPolicyVersions", arn)) {
        Err(error) if error.is(ErrorKind::NotFound) => Ok(Vec::new()),
        all => all,
    }
}

/// Deletes the oldest version that is not in use where there are as many as AWS keeps.
async fn make_room(aws: &Aws, arn: &str) -> Result<()> {
    let all = versions(aws, arn).await?;
    if all.len() < VERSIONS {
        return Ok(());
    }
    let spare = all.iter().filter(|v| !v.is_default_version());
    match spare.min_by_key(|v| (v.create_date().map(|d| (d.secs(), d.subsec_nanos())), number(v))) {
        Some(oldest) => delete_version(aws, arn, oldest).await,
        None => Ok(()),
    }
}

/// 12 of `v12`.
fn number(version: &PolicyVersion) -> u64 {
    version.version_id().and_then(|id| id.strip_prefix('v')?.parse().ok()).unwrap_or_default()
}

async fn delete_version(aws: &Aws, arn: &str, version: &PolicyVersion) -> Result<()> {
    let call = aws.iam().delete_policy_version().policy_arn(arn).version_id(version.version_id().unwrap_or_default());
    iam::or_gone(call.send().await.map(|_| ()).map_err(Error::of("iam:DeletePolicyVersion", arn)))
}

async fn change_tags(aws: &Aws, arn: &str, changes: &tags::TagChanges) -> Result<()> {
    if !changes.remove.is_empty() {
        let call = aws.iam().untag_policy().policy_arn(arn).set_tag_keys(Some(changes.remove.clone()));
        call.send().await.map_err(Error::of("iam:UntagPolicy", arn))?;
    }
    if !changes.set.is_empty() {
        let call = aws.iam().tag_policy().policy_arn(arn).set_tags(Some(iam::tags(&changes.set)?));
        call.send().await.map_err(Error::of("iam:TagPolicy", arn))?;
    }
    Ok(())
}

/// Deletes the policy. While IAM sees attachments that are gone, it is not done; where there are some, the error names them.
async fn delete_once(aws: &Aws, arn: &str) -> Result<Look<()>> {
    let call = aws.iam().delete_policy().policy_arn(arn).send().await.map(|_| ());
    let mut error = match iam::or_gone(call.map_err(Error::of("iam:DeletePolicy", arn))) {
        Ok(()) => return Ok(Look::Done(())),
        Err(error) if error.code == "DeleteConflict" => error,
        Err(error) => return Err(error),
    };
    let start = aws.clock().passed();
    loop {
        let users = users(aws, arn).await?;
        if users.is_empty() {
            return Ok(Look::NotYet("is still seen as attached".into()));
        }
        // Something else that is being destroyed may just be letting go of it.
        if aws.clock().passed().saturating_sub(start) >= STILL_SEEN {
            error.message = format!("{} It is attached to {}. Detach it there first.", error.message, users.join(", "));
            return Err(error);
        }
        aws.clock().sleep(Duration::from_secs(1)).await;
    }
}

/// Who has the policy, as `role x`.
async fn users(aws: &Aws, arn: &str) -> Result<Vec<String>> {
    let found = iam::holders(aws, arn).await?;
    let named = |kind: &str, names: Vec<String>| names.into_iter().map(|n| format!("{kind} {n}")).collect::<Vec<_>>();
    Ok([named("role", found.roles), named("user", found.users), named("group", found.groups)].concat())
}

fn description(value: &Value) -> std::result::Result<(), String> {
    match value.as_str().map(|text| text.chars().count()) {
        Some(length) if length > 1000 => Err(format!("A text of up to 1000 characters is expected, got {length}.")),
        _ => Ok(()),
    }
}
