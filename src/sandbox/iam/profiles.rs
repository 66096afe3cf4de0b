//! Instance profiles.
//!
//! Refuses to know instances.

use super::rules::{add_tags, name, paged, path, percent, read_tags, remove_tags};
use super::{Iam, Profile, roles};
use crate::sandbox::call::{Call, iso};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::{Input, len};
use crate::sandbox::tags::{self, Spelling};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn find<'a>(iam: &'a mut Iam, name: &str) -> Result<&'a mut Profile, Fault> {
    let gone = || Fault::new("NoSuchEntity", format!("Instance Profile {name} cannot be found."));
    iam.profiles.get_mut(name).ok_or_else(gone)
}

fn show(iam: &Iam, profile: &Profile) -> Value {
    let role = profile.role.as_ref().and_then(|name| iam.roles.get(name));
    let roles: Vec<Value> = role
        .into_iter()
        .map(|r| {
            json!({
                "Path": r.path,
                "RoleName": r.name,
                "RoleId": r.id,
                "Arn": r.arn,
                "CreateDate": iso(r.created),
                "AssumeRolePolicyDocument": percent(&r.trust),
            })
        })
        .collect();
    let mut shown = json!({
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": iso(profile.created),
        "Roles": roles,
    });
    if !profile.tags.is_empty() {
        shown["Tags"] = tags::list(&profile.tags, Spelling::Upper);
    }
    shown
}

pub(super) fn create_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "InstanceProfileName", 128)?;
    let path = path(input)?;
    let tags = read_tags(input)?;
    if call.account().iam.profiles.keys().any(|n| n.eq_ignore_ascii_case(name)) {
        return Err(Fault::new("EntityAlreadyExists", format!("Instance Profile {name} already exists.")));
    }
    let mut profile = Profile {
        name: name.to_owned(),
        arn: call.iam_arn(&format!("instance-profile{path}{name}")),
        id: call.iam_id("AIPA", name),
        path,
        created: call.now,
        role: None,
        tags: BTreeMap::new(),
    };
    add_tags(&mut profile.tags, tags, "TagsPerInstanceProfile")?;
    let iam = &mut call.account().iam;
    let answer = json!({"InstanceProfile": show(iam, &profile)});
    iam.profiles.insert(name.to_owned(), profile);
    Ok(answer)
}

pub(super) fn get_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "InstanceProfileName", 128)?;
    input.check()?;
    let iam = &mut call.account().iam;
    let profile = find(iam, name)?.clone();
    Ok(json!({"InstanceProfile": show(iam, &profile)}))
}

pub(super) fn delete_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "InstanceProfileName", 128)?;
    input.check()?;
    let iam = &mut call.account().iam;
    if find(iam, name)?.role.is_some() {
        let why = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(Fault::new("DeleteConflict", why));
    }
    iam.profiles.remove(name);
    Ok(json!({}))
}

pub(super) fn list_instance_profiles(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let prefix = input.text("PathPrefix", len(1, 512)).unwrap_or("/");
    let iam = &call.account().iam;
    let found = iam.profiles.values().filter(|p| p.path.starts_with(prefix));
    paged(input, "InstanceProfiles", found.map(|p| show(iam, p)).collect())
}

pub(super) fn list_instance_profiles_for_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let role = name(input, "RoleName", 64)?;
    let iam = &mut call.account().iam;
    roles::find(iam, role)?;
    let found = iam.profiles.values().filter(|p| p.role.as_deref() == Some(role));
    paged(input, "InstanceProfiles", found.map(|p| show(iam, p)).collect())
}

pub(super) fn add_role_to_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let profile = name(input, "InstanceProfileName", 128)?;
    let role = name(input, "RoleName", 64)?;
    input.check()?;
    let iam = &mut call.account().iam;
    find(iam, profile)?;
    roles::find(iam, role)?;
    let profile = find(iam, profile)?;
    if profile.role.is_some() {
        let why = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
        return Err(Fault::new("LimitExceeded", why));
    }
    profile.role = Some(role.to_owned());
    Ok(json!({}))
}

pub(super) fn remove_role_from_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let profile = name(input, "InstanceProfileName", 128)?;
    let role = name(input, "RoleName", 64)?;
    input.check()?;
    let profile = find(&mut call.account().iam, profile)?;
    if profile.role.as_deref() != Some(role) {
        return Err(Fault::new("NoSuchEntity", format!("The role with name {role} cannot be found.")));
    }
    profile.role = None;
    Ok(json!({}))
}

pub(super) fn tag_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "InstanceProfileName", 128)?;
    let tags = read_tags(input)?;
    add_tags(&mut find(&mut call.account().iam, name)?.tags, tags, "TagsPerInstanceProfile")?;
    Ok(json!({}))
}

pub(super) fn untag_instance_profile(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let keys = input.texts("TagKeys");
    let name = name(input, "InstanceProfileName", 128)?;
    input.check()?;
    remove_tags(&mut find(&mut call.account().iam, name)?.tags, &keys);
    Ok(json!({}))
}

pub(super) fn list_instance_profile_tags(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = name(input, "InstanceProfileName", 128)?;
    let tags = tags::list(&find(&mut call.account().iam, name)?.tags, Spelling::Upper);
    paged(input, "Tags", tags.as_array().cloned().unwrap_or_default())
}

pub(super) fn list_account_aliases(_: &mut Call<'_>, input: &Input<'_>) -> Answer {
    paged(input, "AccountAliases", Vec::new())
}
