//! Roles, their inline policies, attachments and boundaries.
//!
//! Refuses to know grammar and trust.

use super::rules::{add_tags, arn, judge_arn, name, paged, path, percent, read_tags, remove_tags};
use super::{Iam, Role, aws_managed, document};
use crate::sandbox::call::{Call, iso, partition};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, len};
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn no_role(name: &str) -> Fault {
    Fault::new("NoSuchEntity", format!("The role with name {name} cannot be found."))
}

/// A role by name.
pub(super) fn find<'a>(iam: &'a mut Iam, name: &str) -> Result<&'a mut Role, Fault> {
    iam.roles.get_mut(name).ok_or_else(|| no_role(name))
}

/// Whether a managed policy is there, in the account or among those that AWS provides.
pub(super) fn policy_exists(iam: &Iam, arn: &str) -> bool {
    iam.policies.contains_key(arn) || aws_managed::find(arn).is_some()
}

/// How much of a role an answer shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Created,
    Full,
    Listed,
}

fn show(role: &Role, view: View) -> Value {
    let mut shown = json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": iso(role.created),
        "AssumeRolePolicyDocument": percent(&role.trust),
        "Description": role.description,
    });
    if view != View::Created {
        shown["MaxSessionDuration"] = json!(role.session);
    }
    if view != View::Listed {
        if let Some(boundary) = &role.boundary {
            shown["PermissionsBoundary"] =
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary});
        }
        if !role.tags.is_empty() {
            shown["Tags"] = tags::list(&role.tags, Spelling::Upper);
        }
    }
    if view == View::Full {
        shown["RoleLastUsed"] = json!({});
    }
    shown
}

/// Judges a trust policy against what is in the account.
fn judge_trust(call: &mut Call<'_>, document: &str, own: Option<&str>) -> Result<(), Fault> {
    let account = call.account.clone();
    let iam = &call.account().iam;
    // Roles of this account must be there; what other accounts have, and users, is not known here.
    document::trust(document, &|arn| {
        let mut parts = arn.splitn(6, ':').skip(4);
        let (theirs, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        match rest.strip_prefix("role/") {
            Some(path) if theirs == account => {
                let name = path.rsplit('/').next().unwrap_or("");
                own == Some(name) || iam.roles.get(name).is_some_and(|r| r.arn == arn)
            }
            _ => true,
        }
    })?;
    if document.chars().filter(|c| !c.is_whitespace()).count() > 2048 {
        return Err(Fault::new("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"));
    }
    Ok(())
}

fn judge_description(text: Option<&str>) -> Result<(), Fault> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    match text {
        Some(text) if !text.chars().all(fits) => {
            let text = format!(
                "1 validation error detected: Value '{text}' at 'description' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"
            );
            Err(Fault::new("ValidationError", text))
        }
        _ => Ok(()),
    }
}

fn judge_boundary(iam: &Iam, arn: &str) -> Result<(), Fault> {
    judge_arn(arn)?;
    if policy_exists(iam, arn) {
        return Ok(());
    }
    Err(Fault::new("NoSuchEntity", format!("Scope ARN: {arn} does not exist or is not attachable.")))
}

pub(super) fn create_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let trust = input.need("AssumeRolePolicyDocument", len(1, 131_072));
    let description = input.text("Description", len(0, 1000));
    let session = input.int("MaxSessionDuration", 3600, 43200).unwrap_or(3600);
    let boundary = input.text("PermissionsBoundary", len(20, 2048));
    let name = name(input, "RoleName", 64)?;
    let path = path(input)?;
    let tags = read_tags(input)?;
    judge_description(description)?;
    let iam = &call.account().iam;
    // Names differ by more than case.
    if iam.roles.keys().any(|n| n.eq_ignore_ascii_case(name)) {
        return Err(Fault::new("EntityAlreadyExists", format!("Role with name {name} already exists.")));
    }
    if let Some(boundary) = boundary {
        judge_boundary(iam, boundary)?;
    }
    judge_trust(call, trust, None)?;
    let mut role = Role {
        name: name.to_owned(),
        arn: call.iam_arn(&format!("role{path}{name}")),
        id: call.iam_id("AROA", name),
        path,
        created: call.now,
        trust: trust.to_owned(),
        description: description.filter(|d| !d.is_empty()).map(str::to_owned),
        session,
        tags: BTreeMap::new(),
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: boundary.map(str::to_owned),
    };
    add_tags(&mut role.tags, tags, "TagsPerRole")?;
    let answer = json!({"Role": show(&role, View::Created)});
    call.account().iam.roles.insert(name.to_owned(), role);
    Ok(answer)
}

pub(super) fn get_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    Ok(json!({"Role": show(find(&mut call.account().iam, name)?, View::Full)}))
}

pub(super) fn update_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let description = input.text("Description", len(0, 1000));
    let session = input.int("MaxSessionDuration", 3600, 43200);
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    judge_description(description)?;
    let role = find(&mut call.account().iam, name)?;
    // Unlike elsewhere, what is left out goes back to its default.
    role.description = description.filter(|d| !d.is_empty()).map(str::to_owned);
    role.session = session.unwrap_or(3600);
    Ok(json!({}))
}

pub(super) fn update_role_description(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let description = input.need("Description", len(0, 1000));
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    judge_description(Some(description))?;
    let role = find(&mut call.account().iam, name)?;
    role.description = Some(description.to_owned()).filter(|d| !d.is_empty());
    Ok(json!({"Role": show(role, View::Full)}))
}

pub(super) fn update_assume_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let trust = input.need("PolicyDocument", len(1, 131_072));
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    find(&mut call.account().iam, name)?;
    judge_trust(call, trust, Some(name))?;
    find(&mut call.account().iam, name)?.trust = trust.to_owned();
    Ok(json!({}))
}

pub(super) fn delete_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    let iam = &mut call.account().iam;
    let in_profile = iam.profiles.values().any(|p| p.role.as_deref() == Some(name));
    let role = find(iam, name)?;
    let why = if in_profile {
        "Cannot delete entity, must remove roles from instance profile first."
    } else if !role.attached.is_empty() {
        "Cannot delete entity, must detach all policies first."
    } else if !role.inline.is_empty() {
        "Cannot delete entity, must delete policies first."
    } else {
        iam.roles.remove(name);
        return Ok(json!({}));
    };
    Err(Fault::new("DeleteConflict", why))
}

pub(super) fn list_roles(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let prefix = input.text("PathPrefix", len(1, 512)).unwrap_or("/");
    let roles = call.account().iam.roles.values().filter(|r| r.path.starts_with(prefix));
    paged(input, "Roles", roles.map(|r| show(r, View::Listed)).collect())
}

pub(super) fn tag_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "RoleName", 64)?;
    let tags = read_tags(input)?;
    add_tags(&mut find(&mut call.account().iam, name)?.tags, tags, "TagsPerRole")?;
    Ok(json!({}))
}

pub(super) fn untag_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let keys = input.texts("TagKeys");
    let name = name(input, "RoleName", 64)?;
    input.check()?;
    remove_tags(&mut find(&mut call.account().iam, name)?.tags, &keys);
    Ok(json!({}))
}

pub(super) fn list_role_tags(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "RoleName", 64)?;
    let tags = tags::list(&find(&mut call.account().iam, name)?.tags, Spelling::Upper);
    paged(input, "Tags", tags.as_array().cloned().unwrap_or_default())
}

pub(super) fn put_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let text = input.need("PolicyDocument", len(1, 131_072));
    let role_name = name(input, "RoleName", 64)?;
    let policy = name(input, "PolicyName", 128)?;
    input.check()?;
    let role = find(&mut call.account().iam, role_name)?;
    document::identity(text)?;
    let size = |d: &str| d.chars().filter(|c| !c.is_whitespace()).count();
    let others: usize = role.inline.iter().filter(|(n, _)| *n != policy).map(|(_, d)| size(d)).sum();
    if others + size(text) > 10_240 {
        let why = format!("Maximum policy size of 10240 bytes exceeded for role {role_name}");
        return Err(Fault::new("LimitExceeded", why));
    }
    role.inline.insert(policy.to_owned(), text.to_owned());
    Ok(json!({}))
}

fn no_inline(policy: &str) -> Fault {
    Fault::new("NoSuchEntity", format!("The role policy with name {policy} cannot be found."))
}

pub(super) fn get_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    let policy = name(input, "PolicyName", 128)?;
    input.check()?;
    let role = find(&mut call.account().iam, role_name)?;
    let text = role.inline.get(policy).ok_or_else(|| no_inline(policy))?;
    Ok(json!({"RoleName": role_name, "PolicyName": policy, "PolicyDocument": percent(text)}))
}

pub(super) fn delete_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    let policy = name(input, "PolicyName", 128)?;
    input.check()?;
    let role = find(&mut call.account().iam, role_name)?;
    role.inline.remove(policy).ok_or_else(|| no_inline(policy))?;
    Ok(json!({}))
}

pub(super) fn list_role_policies(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "RoleName", 64)?;
    let role = find(&mut call.account().iam, name)?;
    let names = role.inline.keys().map(|n| json!(n)).collect();
    paged(input, "PolicyNames", names)
}

pub(super) fn attach_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    let policy = arn(input, "PolicyArn")?;
    let iam = &mut call.account().iam;
    let exists = policy_exists(iam, policy);
    let role = find(iam, role_name)?;
    if !exists {
        let why = format!("Policy {policy} does not exist or is not attachable.");
        return Err(Fault::new("NoSuchEntity", why));
    }
    if !role.attached.contains(policy) && role.attached.len() >= 10 {
        return Err(Fault::new("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"));
    }
    role.attached.insert(policy.to_owned());
    Ok(json!({}))
}

pub(super) fn detach_role_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    let policy = arn(input, "PolicyArn")?;
    let role = find(&mut call.account().iam, role_name)?;
    if !role.attached.remove(policy) {
        return Err(Fault::new("NoSuchEntity", format!("Policy {policy} was not found.")));
    }
    Ok(json!({}))
}

pub(super) fn list_attached_role_policies(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let prefix = input.text("PathPrefix", len(1, 512)).unwrap_or("/");
    let name = name(input, "RoleName", 64)?;
    let role = find(&mut call.account().iam, name)?;
    let shown = role.attached.iter().filter_map(|arn| {
        let (_, rest) = arn.split_once(":policy")?;
        let (path, policy) = rest.rsplit_once('/')?;
        format!("{path}/").starts_with(prefix).then(|| json!({"PolicyName": policy, "PolicyArn": arn}))
    });
    paged(input, "AttachedPolicies", shown.collect())
}

pub(super) fn put_role_permissions_boundary(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    let boundary = arn(input, "PermissionsBoundary")?;
    let iam = &mut call.account().iam;
    find(iam, role_name)?;
    judge_boundary(iam, boundary)?;
    find(iam, role_name)?.boundary = Some(boundary.to_owned());
    Ok(json!({}))
}

pub(super) fn delete_role_permissions_boundary(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role_name = name(input, "RoleName", 64)?;
    input.check()?;
    find(&mut call.account().iam, role_name)?.boundary = None;
    Ok(json!({}))
}

pub(super) fn create_service_linked_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let service = input.need("AWSServiceName", len(1, 128));
    let description = input.text("Description", len(0, 1000));
    let suffix = input.text("CustomSuffix", len(1, 64));
    input.check()?;
    let stem = service.split('.').next().unwrap_or(service);
    let mut words = stem.split('-').map(|w| {
        let mut chars = w.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    });
    let word = words.by_ref().collect::<String>();
    let tail = suffix.map(|s| format!("_{s}")).unwrap_or_default();
    let name = format!("AWSServiceRoleFor{word}{tail}");
    if call.account().iam.roles.contains_key(&name) {
        let text = format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(Fault::new("InvalidInput", text));
    }
    let path = format!("/aws-service-role/{service}/");
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}],
    });
    let role = Role {
        arn: call.iam_arn(&format!("role{path}{name}")),
        id: call.iam_id("AROA", &name),
        name: name.clone(),
        path,
        created: call.now,
        trust: trust.to_string(),
        description: description.map(str::to_owned),
        session: 3600,
        tags: BTreeMap::new(),
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: None,
    };
    let answer = json!({"Role": show(&role, View::Created)});
    call.account().iam.roles.insert(name, role);
    Ok(answer)
}

/// The partition's spelling of a policy that AWS provides, for listing.
pub(super) fn provided_arn(call: &Call<'_>, policy: &aws_managed::Provided) -> String {
    policy.arn(partition(&call.region))
}
