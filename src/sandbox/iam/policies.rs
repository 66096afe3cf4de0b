//! Managed policies and their versions: the account's own, and those that AWS provides.
//!
//! Refuses to know grammar and roles.

use super::rules::{add_tags, arn, name, paged, path, percent, read_tags, remove_tags};
use super::{Iam, Policy, Version, aws_managed, document, roles};
use crate::sandbox::call::{Call, iso};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, len, one_of};
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// When AWS's own policies are said to have been made.
const PROVIDED_SINCE: &str = "2015-02-06T18:39:46Z";

fn no_policy(arn: &str) -> Fault {
    Fault::new("NoSuchEntity", format!("Policy {arn} was not found."))
}

/// A policy of the account, for changing it.
fn own<'a>(call: &'a mut Call<'_>, arn: &str, action: &str) -> Result<&'a mut Policy, Fault> {
    if aws_managed::name_in(arn).is_some() {
        let who = call.iam_arn("user/sandbox");
        let text = format!("User: {who} is not authorized to perform: iam:{action} on resource: policy {arn}");
        return Err(Fault::new("AccessDenied", text));
    }
    call.account().iam.policies.get_mut(arn).ok_or_else(|| no_policy(arn))
}

/// How many roles have it attached, and how many have it as boundary.
fn uses(iam: &Iam, arn: &str) -> (usize, usize) {
    let attached = iam.roles.values().filter(|r| r.attached.contains(arn)).count();
    let bounds = iam.roles.values().filter(|r| r.boundary.as_deref() == Some(arn)).count();
    (attached, bounds)
}

fn show(iam: &Iam, policy: &Policy, full: bool) -> Value {
    let (attached, bounds) = uses(iam, &policy.arn);
    let mut shown = json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default),
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounds,
        "IsAttachable": true,
        "CreateDate": iso(policy.created),
        "UpdateDate": iso(policy.updated),
    });
    if full {
        shown["Description"] = json!(policy.description);
        if !policy.tags.is_empty() {
            shown["Tags"] = tags::list(&policy.tags, Spelling::Upper);
        }
    }
    shown
}

fn show_provided(iam: &Iam, policy: &aws_managed::Provided, arn: &str) -> Value {
    let (attached, bounds) = uses(iam, arn);
    let digest = crate::sandbox::call::digest(0, policy.name);
    let letters = digest[..17].iter().map(|b| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(*b) % 32]));
    json!({
        "PolicyName": policy.name,
        "PolicyId": "ANPA".chars().chain(letters).collect::<String>(),
        "Arn": arn,
        "Path": policy.full_path(),
        "DefaultVersionId": policy.version,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounds,
        "IsAttachable": true,
        "CreateDate": PROVIDED_SINCE,
        "UpdateDate": PROVIDED_SINCE,
    })
}

fn judge_document(text: &str) -> Result<(), Fault> {
    document::identity(text)?;
    if text.chars().filter(|c| !c.is_whitespace()).count() > 6144 {
        return Err(Fault::new("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"));
    }
    Ok(())
}

pub(super) fn create_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let text = input.need("PolicyDocument", len(1, 131_072));
    let description = input.text("Description", len(0, 1000));
    let name = name(input, "PolicyName", 128)?;
    let path = path(input)?;
    let tags = read_tags(input)?;
    if call.account().iam.policies.values().any(|p| p.name.eq_ignore_ascii_case(name)) {
        let why = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Fault::new("EntityAlreadyExists", why));
    }
    judge_document(text)?;
    let arn = call.iam_arn(&format!("policy{path}{name}"));
    let first = Version { document: text.to_owned(), created: call.now };
    let mut policy = Policy {
        name: name.to_owned(),
        arn: arn.clone(),
        id: call.iam_id("ANPA", name),
        path,
        created: call.now,
        updated: call.now,
        description: description.filter(|d| !d.is_empty()).map(str::to_owned),
        tags: BTreeMap::new(),
        default: 1,
        next: 2,
        versions: BTreeMap::from([(1, first)]),
    };
    add_tags(&mut policy.tags, tags, "TagsPerPolicy")?;
    let iam = &mut call.account().iam;
    let mut shown = show(iam, &policy, false);
    if !policy.tags.is_empty() {
        shown["Tags"] = tags::list(&policy.tags, Spelling::Upper);
    }
    iam.policies.insert(arn, policy);
    Ok(json!({"Policy": shown}))
}

pub(super) fn get_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = arn(input, "PolicyArn")?;
    let iam = &call.account().iam;
    let shown = match (iam.policies.get(arn), aws_managed::find(arn)) {
        (Some(policy), _) => show(iam, policy, true),
        (None, Some(provided)) => show_provided(iam, &provided, arn),
        (None, None) => return Err(no_policy(arn)),
    };
    Ok(json!({"Policy": shown}))
}

pub(super) fn delete_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = arn(input, "PolicyArn")?;
    let versions = own(call, arn, "DeletePolicy")?.versions.len();
    let iam = &mut call.account().iam;
    if uses(iam, arn) != (0, 0) {
        return Err(Fault::new("DeleteConflict", "Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        let why = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
            versions. The default version is deleted with the policy.";
        return Err(Fault::new("DeleteConflict", why));
    }
    iam.policies.remove(arn);
    Ok(json!({}))
}

pub(super) fn list_policies(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let scope = input.text("Scope", one_of(&["All", "AWS", "Local"])).unwrap_or("All");
    let attached_only = input.flag("OnlyAttached").unwrap_or(false);
    let prefix = input.text("PathPrefix", len(1, 512)).unwrap_or("/");
    let usage = input.text("PolicyUsageFilter", one_of(&["PermissionsPolicy", "PermissionsBoundary"]));
    input.check()?;
    let provided: Vec<_> = if scope == "Local" {
        Vec::new()
    } else {
        let found = aws_managed::all().filter(|p| p.full_path().starts_with(prefix));
        found.map(|p| (roles::provided_arn(call, &p), p)).collect()
    };
    let iam = &call.account().iam;
    let mut shown: Vec<Value> = Vec::new();
    if scope != "AWS" {
        let local = iam.policies.values().filter(|p| p.path.starts_with(prefix));
        shown.extend(local.map(|p| show(iam, p, false)));
    }
    shown.extend(provided.iter().map(|(arn, p)| show_provided(iam, p, arn)));
    let used = |p: &Value, key: &str| p[key].as_u64().unwrap_or(0) > 0;
    shown.retain(|p| {
        let fits = match usage {
            Some("PermissionsBoundary") => used(p, "PermissionsBoundaryUsageCount"),
            Some(_) => used(p, "AttachmentCount"),
            None => true,
        };
        fits && (!attached_only || used(p, "AttachmentCount") || used(p, "PermissionsBoundaryUsageCount"))
    });
    paged(input, "Policies", shown)
}

pub(super) fn create_policy_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let text = input.need("PolicyDocument", len(1, 131_072));
    let default = input.flag("SetAsDefault").unwrap_or(false);
    let arn = arn(input, "PolicyArn")?;
    let now = call.now;
    let policy = own(call, arn, "CreatePolicyVersion")?;
    judge_document(text)?;
    if policy.versions.len() >= 5 {
        let why = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
            existing version.";
        return Err(Fault::new("LimitExceeded", why));
    }
    let number = policy.next;
    policy.next += 1;
    policy.versions.insert(number, Version { document: text.to_owned(), created: now });
    policy.updated = now;
    if default {
        policy.default = number;
    }
    Ok(json!({"PolicyVersion": {
        "VersionId": format!("v{number}"), "IsDefaultVersion": default, "CreateDate": iso(now),
    }}))
}

/// The number in `v3`.
fn number(input: &Input<'_>) -> Result<u32, Fault> {
    let text = input.need("VersionId", len(1, 64));
    input.check()?;
    let parsed = text.strip_prefix('v').and_then(|n| n.parse::<u32>().ok());
    parsed.ok_or_else(|| {
        let why = format!(
            "1 validation error detected: Value '{text}' at 'versionId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"
        );
        Fault::new("ValidationError", why)
    })
}

fn no_version(arn: &str, number: u32) -> Fault {
    Fault::new("NoSuchEntity", format!("Policy {arn} version v{number} does not exist or is not attachable."))
}

pub(super) fn get_policy_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let number = number(input)?;
    let arn = arn(input, "PolicyArn")?;
    let (document, default, created) = match (call.account().iam.policies.get(arn), aws_managed::find(arn)) {
        (Some(policy), _) => {
            let version = policy.versions.get(&number).ok_or_else(|| no_version(arn, number))?;
            (version.document.clone(), policy.default == number, iso(version.created))
        }
        (None, Some(provided)) => {
            if provided.version != format!("v{number}") {
                return Err(no_version(arn, number));
            }
            let document = provided.document.ok_or_else(|| {
                let why = format!("The embedded AWS knows the policy {arn}, but not its document.");
                Fault::new("NoSuchEntity", why)
            })?;
            (document.to_owned(), true, PROVIDED_SINCE.to_owned())
        }
        (None, None) => return Err(no_policy(arn)),
    };
    Ok(json!({"PolicyVersion": {
        "Document": percent(&document),
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": default,
        "CreateDate": created,
    }}))
}

pub(super) fn delete_policy_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let number = number(input)?;
    let arn = arn(input, "PolicyArn")?;
    let policy = own(call, arn, "DeletePolicyVersion")?;
    if policy.default == number {
        return Err(Fault::new("DeleteConflict", "Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number).ok_or_else(|| no_version(arn, number))?;
    Ok(json!({}))
}

pub(super) fn set_default_policy_version(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let number = number(input)?;
    let arn = arn(input, "PolicyArn")?;
    let now = call.now;
    let policy = own(call, arn, "SetDefaultPolicyVersion")?;
    if !policy.versions.contains_key(&number) {
        return Err(no_version(arn, number));
    }
    policy.default = number;
    policy.updated = now;
    Ok(json!({}))
}

pub(super) fn list_policy_versions(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = arn(input, "PolicyArn")?;
    let line = |id: String, default: bool, created: String| json!({"VersionId": id, "IsDefaultVersion": default, "CreateDate": created});
    let shown = match (call.account().iam.policies.get(arn), aws_managed::find(arn)) {
        (Some(policy), _) => {
            let newest = policy.versions.iter().rev();
            newest.map(|(n, v)| line(format!("v{n}"), *n == policy.default, iso(v.created))).collect()
        }
        (None, Some(provided)) => vec![line(provided.version.to_owned(), true, PROVIDED_SINCE.to_owned())],
        (None, None) => return Err(no_policy(arn)),
    };
    paged(input, "Versions", shown)
}

pub(super) fn list_entities_for_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let filters = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];
    let filter =
        input.text("EntityFilter", one_of(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]));
    let prefix = input.text("PathPrefix", len(1, 512)).unwrap_or("/");
    let usage = input.text("PolicyUsageFilter", one_of(&["PermissionsPolicy", "PermissionsBoundary"]));
    let arn = arn(input, "PolicyArn")?;
    let iam = &call.account().iam;
    if !roles::policy_exists(iam, arn) {
        return Err(no_policy(arn));
    }
    let wanted = filter.is_none_or(|f| f == filters[1]);
    let found = iam.roles.values().filter(|r| {
        let uses = match usage {
            Some("PermissionsBoundary") => r.boundary.as_deref() == Some(arn),
            _ => r.attached.contains(arn),
        };
        wanted && uses && r.path.starts_with(prefix)
    });
    let found = found.map(|r| json!({"RoleName": r.name, "RoleId": r.id})).collect();
    let mut answer = paged(input, "PolicyRoles", found)?;
    answer["PolicyGroups"] = json!([]);
    answer["PolicyUsers"] = json!([]);
    Ok(answer)
}

pub(super) fn tag_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let tags = read_tags(input)?;
    let arn = arn(input, "PolicyArn")?;
    add_tags(&mut own(call, arn, "TagPolicy")?.tags, tags, "TagsPerPolicy")?;
    Ok(json!({}))
}

pub(super) fn untag_policy(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let keys = input.texts("TagKeys");
    let arn = arn(input, "PolicyArn")?;
    remove_tags(&mut own(call, arn, "UntagPolicy")?.tags, &keys);
    Ok(json!({}))
}

pub(super) fn list_policy_tags(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = arn(input, "PolicyArn")?;
    let shown = match (call.account().iam.policies.get(arn), aws_managed::find(arn)) {
        (Some(policy), _) => tags::list(&policy.tags, Spelling::Upper),
        (None, Some(_)) => json!([]),
        (None, None) => return Err(no_policy(arn)),
    };
    paged(input, "Tags", shown.as_array().cloned().unwrap_or_default())
}
