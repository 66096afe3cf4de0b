//! `aws_iam_role`: who may act as what, and, where the block says so, all policies of the role.

use super::permissions::{On, Permissions, Permit};
use super::policy::{self, Form};
use super::tags::{self, TagChanges};
use super::wait::{self, Look};
use super::{Aws, Count, Error, ErrorKind, Place, Resource, Result, arn, date, iam, names, settle};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Const, NestedBlock, Schema, Ty};
use crate::value::{Object, Path, Type, Value};
use async_trait::async_trait;
use aws_sdk_iam::types;
use std::collections::BTreeMap;
use std::time::Duration;

/// `aws_iam_role`
pub struct Role;

/// How long a role may still seem to have policies after the last one is gone.
const STILL_SEEN: Duration = Duration::from_secs(15);

static SCHEMA: Schema = Schema {
    name: "aws_iam_role",
    version: 0,
    doc: "An IAM role: an identity that services, users or other accounts can take on.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The role's ARN."),
            Attribute::required("assume_role_policy", Ty::String)
                .check(policy::check)
                .doc("The trust policy in JSON: who may take on the role."),
            Attribute::computed("create_date", Ty::String).doc("When the role was created."),
            Attribute::optional("description", Ty::String).check(description).doc("What the role is for."),
            Attribute::optional("force_detach_policies", Ty::Bool)
                .default(Const::Bool(false))
                .doc("Whether deleting the role takes away policies that others gave it; without it, such a role is not deleted."),
            Attribute::computed("id", Ty::String).doc("The role's name."),
            Attribute::optional_computed("managed_policy_arns", Ty::Set(&Ty::String))
                .deprecated(
                    "Use aws_iam_role_policy_attachment, and aws_iam_role_policy_attachments_exclusive where no other policies may be \
                     attached.",
                )
                .check(iam::check_arns)
                .doc("ARNs of all managed policies of the role; what else is attached is detached."),
            Attribute::optional("max_session_duration", Ty::Number)
                .default(Const::Int(3600))
                .check(session_duration)
                .doc("How long a session of the role may last, in seconds: 3600 to 43200."),
            Attribute::optional_computed("name", Ty::String)
                .replaces()
                .conflicts(&["name_prefix"])
                .check(iam::check_name::<64>)
                .doc("The role's name; one is generated where it is left out."),
            Attribute::optional_computed("name_prefix", Ty::String)
                .replaces()
                .conflicts(&["name"])
                .check(iam::check_prefix::<64>)
                .doc("What a generated name starts with."),
            Attribute::optional("path", Ty::String)
                .replaces()
                .default(Const::Str("/"))
                .check(iam::check_path)
                .doc("The role's path, such as `/service/`."),
            Attribute::optional("permissions_boundary", Ty::String)
                .check(iam::check_arn)
                .doc("ARN of the policy that limits what the role's policies can allow."),
            Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The role's tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("The role's tags together with the provider's default tags."),
            Attribute::computed("unique_id", Ty::String).doc("The id that no other role ever had."),
        ],
        blocks: &[NestedBlock::set(
            "inline_policy",
            Block {
                attributes: &[
                    Attribute::optional("name", Ty::String).check(iam::check_name::<128>).doc("The policy's name."),
                    Attribute::optional("policy", Ty::String).check(policy::check).doc("The policy in JSON."),
                ],
                blocks: &[],
            },
        )
        .computed()
        .named_by("name")
        .deprecated("Use aws_iam_role_policy, and aws_iam_role_policies_exclusive where the role may have no other inline policies.")
        .doc("One of all the role's inline policies; others are deleted. One empty block means that there are none.")],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:iam::{account}:role{path}{name}"]);
const PROFILES: On = On::Arns(&["arn:{partition}:iam::{account}:instance-profile/*"]);

/// What IAM has to allow. Not that a principal is looked for which IAM does not know: that only makes a message better.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(
        &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        SELF,
    )],
    create: &[
        Permit::new(&["iam:CreateRole"], SELF),
        Permit::new(&["iam:TagRole"], SELF).when("tags_all"),
        Permit::new(&["iam:PutRolePermissionsBoundary"], SELF).when("permissions_boundary").implied(),
        Permit::new(&["iam:PutRolePolicy"], SELF).when("inline_policy"),
        Permit::new(&["iam:AttachRolePolicy"], SELF).when("managed_policy_arns"),
    ],
    update: &[Permit::new(
        &[
            "iam:AttachRolePolicy",
            "iam:DeleteRolePermissionsBoundary",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ],
        SELF,
    )],
    delete: &[
        Permit::new(
            &[
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
            ],
            SELF,
        ),
        Permit::new(&["iam:RemoveRoleFromInstanceProfile"], PROFILES),
    ],
};

#[async_trait]
impl Resource for Role {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let name = prior.text("id").or(prior.text("name")).unwrap_or_default().to_string();
        let none_attached = prior.get("managed_policy_arns").and_then(Value::as_slice).is_some_and(<[Value]>::is_empty);
        let spared = none_attached && aws.spares("managed_policy_arns");
        let attached = async { if spared { Ok(Vec::new()) } else { iam::attached_policy_arns(aws, &name).await } };
        let (role, inline, attached) = tokio::join!(get(aws, &name), inline_policies(aws, &name), attached);
        let Some(role) = role? else { return Ok(None) };
        let (inline, attached) = (inline?, attached?);

        aws.trace(SCHEMA.name, &name, "made", Some(role.create_date()));
        let used = role.role_last_used();
        let region = used.and_then(|u| u.region()).map(|r| format!("last used in {r}")).unwrap_or_default();
        aws.trace(SCHEMA.name, &name, &region, used.and_then(|u| u.last_used_date()));
        let mut object = settle::complete(&SCHEMA, prior);
        let live = policy::stored(
            prior.str("assume_role_policy"),
            &iam::document(role.assume_role_policy_document()),
            Form::Sorted,
        );
        object.set("assume_role_policy", live);
        object.set("description", role.description().unwrap_or_default());
        object.set("max_session_duration", i64::from(role.max_session_duration().unwrap_or(3600)));
        object.set("path", role.path());
        let boundary = role.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
        object.set("permissions_boundary", boundary.unwrap_or_default());
        if object.bool("force_detach_policies").is_none() {
            object.set("force_detach_policies", false);
        }
        let inline = inline_value(inline);
        if !object.get("inline_policy").is_some_and(|seen| seen.is_known() && same_inline(seen, &inline)) {
            object.set("inline_policy", inline);
        }
        object.set("managed_policy_arns", Value::set(Type::String, attached.iter().map(Value::string).collect()));
        identify(&mut object, &role);
        let found = role.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string()));
        tags::fill(aws, prior, &mut object, found);
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let planned = normalized(planned);
        let name = names::chosen(aws, &planned);
        let tags = iam::tags(&tags::wanted(&planned))?;
        let answer = iam::with_new_principals(aws, || async {
            let call = aws
                .iam()
                .create_role()
                .role_name(&name)
                .assume_role_policy_document(planned.str("assume_role_policy").unwrap_or_default())
                .set_path(planned.text("path").map(String::from))
                .set_description(planned.text("description").map(String::from))
                .set_max_session_duration(session_seconds(&planned))
                .set_permissions_boundary(planned.text("permissions_boundary").map(String::from))
                .set_tags((!tags.is_empty()).then(|| tags.clone()));
            call.send().await.map_err(Error::of("iam:CreateRole", &name))
        });
        let answer = answer.await?;
        let role = answer.role().ok_or_else(|| Error::new(ErrorKind::Other, &name, "The answer has no role."))?;

        // What was sent stands: a read right after a change may not see it yet.
        let mut object = settle::complete(&SCHEMA, &planned);
        for empty in ["description", "permissions_boundary"] {
            if object.str(empty).is_none() {
                object.set(empty, "");
            }
        }
        for (name, nothing) in [
            ("managed_policy_arns", Value::set(Type::String, Vec::new())),
            ("inline_policy", inline_value(Vec::new())),
            ("tags_all", tags::all_value(&tags::wanted(&planned))),
        ] {
            if object.get(name).is_none_or(|v| !v.is_known()) {
                object.set(name, nothing);
            }
        }
        identify(&mut object, role);
        let bare = Object::new();
        change_policies(aws, &name, &bare, &object).await.map_err(|error| error.with_partial(object.clone()))?;
        Ok(object)
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let planned = normalized(planned);
        let name = prior.text("id").unwrap_or_default();
        let mut object = settle::complete(&SCHEMA, &planned);
        for empty in ["description", "permissions_boundary"] {
            if object.str(empty).is_none() {
                object.set(empty, "");
            }
        }
        // After a failure, what was done so far is what the state has to say.
        let mut done = prior.clone();
        let changed = |attribute: &str| prior.differs(&object, attribute);
        if changed("assume_role_policy") {
            let text = planned.str("assume_role_policy").unwrap_or_default();
            let call = iam::with_new_principals(aws, || async {
                let call = aws.iam().update_assume_role_policy().role_name(name).policy_document(text);
                call.send().await.map_err(Error::of("iam:UpdateAssumeRolePolicy", name))
            });
            call.await.map_err(|e| e.with_partial(done.clone()))?;
            done.set("assume_role_policy", text);
        }
        if changed("description") || changed("max_session_duration") {
            // AWS takes an hour for a duration that is left out, and leaves a description alone.
            let description = planned.str("description").filter(|d| changed("description") || !d.is_empty());
            let emptied = changed("description").then_some("");
            let call = aws
                .iam()
                .update_role()
                .role_name(name)
                .set_description(description.or(emptied).map(str::to_string))
                .set_max_session_duration(session_seconds(&planned));
            call.send().await.map_err(Error::of("iam:UpdateRole", name)).map_err(|e| e.with_partial(done.clone()))?;
            take(&mut done, &object, &["description", "max_session_duration"]);
        }
        if changed("permissions_boundary") {
            let result = match planned.text("permissions_boundary") {
                Some(boundary) => {
                    let call = aws.iam().put_role_permissions_boundary().role_name(name).permissions_boundary(boundary);
                    call.send().await.map(|_| ()).map_err(Error::of("iam:PutRolePermissionsBoundary", name))
                }
                None => {
                    let call = aws.iam().delete_role_permissions_boundary().role_name(name);
                    call.send().await.map(|_| ()).map_err(Error::of("iam:DeleteRolePermissionsBoundary", name))
                }
            };
            result.map_err(|e| e.with_partial(done.clone()))?;
            take(&mut done, &object, &["permissions_boundary"]);
        }
        change_policies(aws, name, prior, &object).await.map_err(|e| e.with_partial(done.clone()))?;
        take(&mut done, &object, &["inline_policy", "managed_policy_arns"]);
        change_tags(aws, name, &tags::changes(prior, &planned)).await.map_err(|e| e.with_partial(done))?;
        Ok(object)
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let name = prior.text("id").unwrap_or_default();
        let force = prior.bool("force_detach_policies") == Some(true);
        // What the state knows of goes with the role; what others gave it since only by force.
        let (profiles, attached, inline) = tokio::join!(
            instance_profiles(aws, name),
            async {
                if force {
                    return iam::attached_policy_arns(aws, name).await;
                }
                Ok(prior.strings("managed_policy_arns").into_iter().map(String::from).collect())
            },
            async {
                if force {
                    return iam::inline_policy_names(aws, name).await;
                }
                let known = prior.get("inline_policy").map(by_name).unwrap_or_default();
                Ok(known.into_keys().filter(|policy| !policy.is_empty()).collect())
            },
        );
        for profile in profiles? {
            let call = aws.iam().remove_role_from_instance_profile().instance_profile_name(&profile).role_name(name);
            let result = call.send().await.map(|_| ());
            iam::or_gone(result.map_err(Error::of("iam:RemoveRoleFromInstanceProfile", &profile)))?;
        }
        for policy in attached? {
            iam::detach(aws, name, &policy).await?;
        }
        for policy in inline? {
            iam::delete_inline_policy(aws, name, &policy).await?;
        }
        wait::until(aws, name, iam::PROPAGATION, || delete_once(aws, name)).await
    }

    fn spared(&self) -> &'static [(&'static str, &'static [&'static str])] {
        &[(
            "managed_policy_arns",
            &[
                "aws_iam_policy_attachment",
                "aws_iam_role_policy_attachment",
                "aws_iam_role_policy_attachments_exclusive",
            ],
        )]
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let mut found = Vec::new();
        let mut find = |attribute: &str, finding: Option<Diagnostic>| {
            found.extend(finding.map(|finding| (Path::attr(attribute), finding)));
        };
        let size = config.str("assume_role_policy").map(policy::size).unwrap_or_default();
        find("assume_role_policy", iam::too_large("A trust policy", size, policy::TRUST_SIZE_RAISED));
        let inline = config.blocks("inline_policy").iter().filter_map(|b| b.str("policy").map(policy::size)).sum();
        let what = "All inline policies of a role together";
        find("inline_policy", iam::too_large(what, inline, policy::ROLE_INLINE_SIZE));
        found
    }

    /// A trust policy that only an account with a raised quota may have.
    fn review(&self, _config: &Object, prior: Option<&Object>, planned: &Object) -> Vec<(Path, Diagnostic)> {
        if prior.is_some_and(|prior| !prior.differs(planned, "assume_role_policy")) {
            return Vec::new();
        }
        let size = planned.str("assume_role_policy").map(policy::size).unwrap_or_default();
        let raised = (policy::TRUST_SIZE + 1..=policy::TRUST_SIZE_RAISED).contains(&size).then(|| {
            let detail = format!(
                "The trust policy has {size} characters without white space. AWS takes up to {} unless the account's quota was \
                 raised, which is possible up to {}.",
                policy::TRUST_SIZE,
                policy::TRUST_SIZE_RAISED
            );
            (Path::attr("assume_role_policy"), Diagnostic::warning("Near a limit of AWS", detail))
        });
        raised.into_iter().collect()
    }

    fn counts(&self, config: &Object, planned: &Object) -> Vec<Count> {
        let role = planned.text("name");
        let inline = config.blocks("inline_policy");
        let inline = inline.iter().filter_map(|b| iam::count_inline(role, b.text("name"), b.str("policy")));
        let attached = config.strings("managed_policy_arns");
        let attached = attached.into_iter().filter_map(|arn| iam::count_attached(role, Some(arn)));
        inline.chain(attached).collect()
    }

    fn adjust(&self, _place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        *planned = normalized(planned);
        let Some(prior) = prior else { return names::hint(config, planned) };
        // All of them together: where none means anything else they stay as they are, otherwise each is as it is written now.
        // One empty block is none, and so is none.
        if let (Some(before), Some(after)) = (prior.get("inline_policy"), planned.get("inline_policy"))
            && before.is_wholly_known()
            && after.is_wholly_known()
            && same_inline(before, after)
        {
            planned.set("inline_policy", before.clone());
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match attribute {
            "assume_role_policy" => policy::same_value(a, b),
            "inline_policy" => same_inline(a, b),
            "path" => iam::same_path(a, b),
            _ => a == b,
        }
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        names::predict(planned);
        let Some(name) = planned.text("name").map(str::to_owned) else { return };
        planned.set("id", name.as_str());
        if let Some(path) = planned.str("path").map(|p| if p.is_empty() { "/" } else { p })
            && let Some(arn) = arn::global(place, "iam", &format!("role{path}{name}"))
        {
            planned.set("arn", arn);
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match id.contains([':', '/']) || id.is_empty() {
            true => Err(format!("A role is imported by its name, not by an ARN or a path; got \"{id}\".")),
            false => Ok(Object::new().with("id", id)),
        }
    }
}

/// The role; `None` if there is none.
pub(super) async fn get(aws: &Aws, name: &str) -> Result<Option<types::Role>> {
    let ask = async {
        let found =
            Error::found(aws.iam().get_role().role_name(name).send().await.map_err(Error::of("iam:GetRole", name)))?;
        Ok(found.and_then(|answer| answer.role))
    };
    aws.once(|| format!("iam:GetRole {name}"), ask).await
}

/// Names and documents of all inline policies.
async fn inline_policies(aws: &Aws, role: &str) -> Result<Vec<(String, String)>> {
    let names = iam::inline_policy_names(aws, role).await?;
    let documents = futures_util::future::join_all(names.iter().map(|name| iam::inline_policy(aws, role, name))).await;
    let mut all = Vec::new();
    for (name, document) in names.into_iter().zip(documents) {
        if let Some(document) = document? {
            all.push((name, policy::normalize(&document, Form::VersionFirst)));
        }
    }
    Ok(all)
}

fn inline_value(policies: Vec<(String, String)>) -> Value {
    let one = |(name, text): (String, String)| Value::object_of([("name", name.into()), ("policy", text.into())]);
    Value::set(SCHEMA.block.blocks[0].block.ty(), policies.into_iter().map(one).collect())
}

/// Inline policies by name; an empty block is none.
fn by_name(policies: &Value) -> BTreeMap<String, String> {
    let blocks = policies.as_slice().unwrap_or_default().iter().map(Object::from_value);
    let named = blocks.map(|b| (b.str("name").unwrap_or_default().into(), b.str("policy").unwrap_or_default().into()));
    named.filter(|(name, text): &(String, String)| !name.is_empty() || !text.is_empty()).collect()
}

fn same_inline(a: &Value, b: &Value) -> bool {
    let (a, b) = (by_name(a), by_name(b));
    a.len() == b.len() && a.iter().zip(&b).all(|((n, a), (m, b))| n == m && policy::equivalent(a, b))
}

/// What AWS decides about a role.
fn identify(object: &mut Object, role: &types::Role) {
    object.set("arn", role.arn());
    object.set("create_date", date::rfc3339(role.create_date()));
    object.set("id", role.role_name());
    object.set("name", role.role_name());
    object.set("name_prefix", names::prefix_of(role.role_name()));
    object.set("unique_id", role.role_id());
}

/// Texts as they are sent and stored.
fn normalized(planned: &Object) -> Object {
    let mut planned = planned.clone();
    policy::normalize_in(&mut planned, "assume_role_policy", Form::Sorted);
    if let Some(policies) = planned.get("inline_policy").and_then(Value::as_slice) {
        let policies = policies.iter().map(|block| {
            let mut block = Object::from_value(block);
            if block.get("name").is_none_or(Value::is_null) {
                block.set("name", "");
            }
            let text = match block.get("policy") {
                Some(text) if !text.is_known() => text.clone(),
                _ => policy::normalize(block.str("policy").unwrap_or_default(), Form::VersionFirst).into(),
            };
            block.set("policy", text);
            block.to_value()
        });
        let policies = Value::set(SCHEMA.block.blocks[0].block.ty(), policies.collect());
        planned.set("inline_policy", policies);
    }
    planned
}

/// From the inline and managed policies of `prior` to those of `planned`: what is to go goes first.
async fn change_policies(aws: &Aws, role: &str, prior: &Object, planned: &Object) -> Result<()> {
    let of = |object: &Object| object.get("inline_policy").map(by_name).unwrap_or_default();
    let (old, new) = (of(prior), of(planned));
    let (attached, wanted) = (prior.strings("managed_policy_arns"), planned.strings("managed_policy_arns"));
    for name in old.keys().filter(|name| !name.is_empty() && !new.contains_key(*name)) {
        iam::delete_inline_policy(aws, role, name).await?;
    }
    for policy in attached.iter().filter(|policy| !wanted.contains(policy)) {
        iam::detach(aws, role, policy).await?;
    }
    for (name, text) in new.iter().filter(|(name, text)| !name.is_empty() && !text.is_empty()) {
        if !old.get(name).is_some_and(|old| policy::equivalent(old, text)) {
            iam::put_inline_policy(aws, role, name, text).await?;
        }
    }
    for policy in wanted.iter().filter(|policy| !attached.contains(policy)) {
        iam::attach(aws, role, policy).await?;
    }
    Ok(())
}

async fn change_tags(aws: &Aws, role: &str, changes: &TagChanges) -> Result<()> {
    if !changes.remove.is_empty() {
        let call = aws.iam().untag_role().role_name(role).set_tag_keys(Some(changes.remove.clone()));
        call.send().await.map_err(Error::of("iam:UntagRole", role))?;
    }
    if !changes.set.is_empty() {
        let call = aws.iam().tag_role().role_name(role).set_tags(Some(iam::tags(&changes.set)?));
        call.send().await.map_err(Error::of("iam:TagRole", role))?;
    }
    Ok(())
}

fn take(into: &mut Object, from: &Object, attributes: &[&str]) {
    for name in attributes {
        if let Some(value) = from.get(name) {
            into.set(name, value.clone());
        }
    }
}

async fn instance_profiles(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let pages = aws.iam().list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    match pages
        .collect::<std::result::Result<Vec<_>, _>>()
        .await
        .map_err(Error::of("iam:ListInstanceProfilesForRole", role))
    {
        Ok(profiles) => Ok(profiles.iter().map(|p| p.instance_profile_name().to_string()).collect()),
        Err(error) if error.is(ErrorKind::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Deletes the role. While IAM sees policies of it that are gone, it is not done; where there are some, the error names them.
async fn delete_once(aws: &Aws, role: &str) -> Result<Look<()>> {
    let call = aws.iam().delete_role().role_name(role).send().await.map(|_| ());
    let mut error = match iam::or_gone(call.map_err(Error::of("iam:DeleteRole", role))) {
        Ok(()) => return Ok(Look::Done(())),
        Err(error) if error.code == "DeleteConflict" => error,
        Err(error) if iam::busy(&error).is_some() => {
            return Ok(Look::NotYet("is being changed by someone else".into()));
        }
        Err(error) => return Err(error),
    };
    let start = aws.clock().passed();
    loop {
        let (attached, inline) =
            tokio::join!(iam::attached_policy_arns(aws, role), iam::inline_policy_names(aws, role));
        let mut left = attached?;
        left.extend(inline?.into_iter().map(|name| format!("inline policy {name}")));
        if left.is_empty() {
            return Ok(Look::NotYet("is still seen as in use".into()));
        }
        // Something else that is being destroyed may just be taking them away.
        if aws.clock().passed().saturating_sub(start) >= STILL_SEEN {
            error.message = format!(
                "{} The role has policies that this configuration did not give it: {}. Remove them where they come from, or set \
                 force_detach_policies = true in the role, apply that, and delete it then.",
                error.message,
                left.join(", ")
            );
            return Err(error);
        }
        aws.clock().sleep(Duration::from_secs(1)).await;
    }
}

fn session_seconds(planned: &Object) -> Option<i32> {
    planned.int("max_session_duration").and_then(|n| i32::try_from(n).ok())
}

fn session_duration(value: &Value) -> std::result::Result<(), String> {
    match value.as_i64() {
        Some(3600..=43200) => Ok(()),
        _ => Err("A number of seconds from 3600 (an hour) to 43200 (12 hours) is expected.".into()),
    }
}

fn description(value: &Value) -> std::result::Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    if text.chars().count() > 1000 {
        return Err(format!("A text of up to 1000 characters is expected, got {}.", text.chars().count()));
    }
    match text.contains(['“', '‘']) {
        true => Err("IAM does not take the quotation marks “ and ‘ in a description; use \" and '.".into()),
        false => Ok(()),
    }
}
