//! IAM: roles, policies, instance profiles.
//!
//! Refuses to know what permissions mean: it keeps documents, checks their grammar, and judges trust.

mod aws_managed;
mod document;
mod policies;
mod profiles;
mod roles;
mod rules;
pub(super) mod trust;

use super::tags::Tags;
use super::{Operation, reads, writes};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const OPERATIONS: &[Operation] = &[
    writes("CreateRole", roles::create_role),
    reads("GetRole", roles::get_role),
    writes("UpdateRole", roles::update_role),
    writes("UpdateRoleDescription", roles::update_role_description),
    writes("UpdateAssumeRolePolicy", roles::update_assume_role_policy),
    writes("DeleteRole", roles::delete_role),
    reads("ListRoles", roles::list_roles),
    writes("TagRole", roles::tag_role),
    writes("UntagRole", roles::untag_role),
    reads("ListRoleTags", roles::list_role_tags),
    writes("PutRolePolicy", roles::put_role_policy),
    reads("GetRolePolicy", roles::get_role_policy),
    writes("DeleteRolePolicy", roles::delete_role_policy),
    reads("ListRolePolicies", roles::list_role_policies),
    writes("AttachRolePolicy", roles::attach_role_policy),
    writes("DetachRolePolicy", roles::detach_role_policy),
    reads("ListAttachedRolePolicies", roles::list_attached_role_policies),
    writes("PutRolePermissionsBoundary", roles::put_role_permissions_boundary),
    writes("DeleteRolePermissionsBoundary", roles::delete_role_permissions_boundary),
    writes("CreateServiceLinkedRole", roles::create_service_linked_role),
    writes("CreatePolicy", policies::create_policy),
    reads("GetPolicy", policies::get_policy),
    writes("DeletePolicy", policies::delete_policy),
    reads("ListPolicies", policies::list_policies),
    writes("CreatePolicyVersion", policies::create_policy_version),
    reads("GetPolicyVersion", policies::get_policy_version),
    writes("DeletePolicyVersion", policies::delete_policy_version),
    writes("SetDefaultPolicyVersion", policies::set_default_policy_version),
    reads("ListPolicyVersions", policies::list_policy_versions),
    reads("ListEntitiesForPolicy", policies::list_entities_for_policy),
    writes("TagPolicy", policies::tag_policy),
    writes("UntagPolicy", policies::untag_policy),
    reads("ListPolicyTags", policies::list_policy_tags),
    writes("CreateInstanceProfile", profiles::create_instance_profile),
    reads("GetInstanceProfile", profiles::get_instance_profile),
    writes("DeleteInstanceProfile", profiles::delete_instance_profile),
    reads("ListInstanceProfiles", profiles::list_instance_profiles),
    reads("ListInstanceProfilesForRole", profiles::list_instance_profiles_for_role),
    writes("AddRoleToInstanceProfile", profiles::add_role_to_instance_profile),
    writes("RemoveRoleFromInstanceProfile", profiles::remove_role_from_instance_profile),
    writes("TagInstanceProfile", profiles::tag_instance_profile),
    writes("UntagInstanceProfile", profiles::untag_instance_profile),
    reads("ListInstanceProfileTags", profiles::list_instance_profile_tags),
    reads("ListAccountAliases", profiles::list_account_aliases),
];

/// Everything IAM has in one account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Iam {
    /// Name → role.
    #[serde(default)]
    pub(super) roles: BTreeMap<String, Role>,
    /// ARN → customer managed policy.
    #[serde(default)]
    pub(super) policies: BTreeMap<String, Policy>,
    /// Name → instance profile.
    #[serde(default)]
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) id: String,
    pub(super) path: String,
    pub(super) created: i64,
    /// The trust policy as it was sent.
    pub(super) trust: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) session: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: Tags,
    /// Name → document of the inline policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) attached: BTreeSet<String>,
    /// The ARN of the permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) boundary: Option<String>,
}

/// A customer managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    name: String,
    arn: String,
    id: String,
    path: String,
    created: i64,
    updated: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
    /// The number of the default version.
    default: u32,
    /// The number the next version gets.
    next: u32,
    /// Number → version.
    versions: BTreeMap<u32, Version>,
}

/// A version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Version {
    document: String,
    created: i64,
}

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Profile {
    name: String,
    arn: String,
    id: String,
    path: String,
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Tags,
}
