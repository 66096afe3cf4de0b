//! One file per Terraform type, named after it: how it is shaped, read, created, updated and deleted.
//!
//! Refuses to know configuration, state and plan: it is handed objects and gives objects back.

pub mod arn;
pub mod aws;
pub mod aws_appautoscaling_policy;
pub mod aws_appautoscaling_target;
pub mod aws_cloudwatch_log_group;
pub mod aws_dynamodb_contributor_insights;
pub mod aws_dynamodb_kinesis_streaming_destination;
pub mod aws_dynamodb_resource_policy;
pub mod aws_dynamodb_table;
pub mod aws_dynamodb_table_item;
pub mod aws_dynamodb_tag;
pub mod aws_iam_instance_profile;
pub mod aws_iam_policy;
pub mod aws_iam_policy_attachment;
pub mod aws_iam_role;
pub mod aws_iam_role_policies_exclusive;
pub mod aws_iam_role_policy;
pub mod aws_iam_role_policy_attachment;
pub mod aws_iam_role_policy_attachments_exclusive;
pub mod aws_sfn_activity;
pub mod aws_sfn_alias;
pub mod aws_sfn_state_machine;
pub mod checks;
pub mod clock;
pub mod connection;
mod credentials;
pub mod data_aws_caller_identity;
pub mod data_aws_cloudwatch_log_group;
pub mod data_aws_cloudwatch_log_groups;
pub mod data_aws_default_tags;
pub mod data_aws_dynamodb_table;
pub mod data_aws_dynamodb_table_item;
pub mod data_aws_iam_policy;
pub mod data_aws_iam_policy_document;
pub mod data_aws_iam_role;
pub mod data_aws_iam_roles;
pub mod data_aws_iam_session_context;
pub mod data_aws_kms_alias;
pub mod data_aws_kms_key;
pub mod data_aws_partition;
pub mod data_aws_region;
pub mod data_aws_service_principal;
pub mod data_aws_sfn_activity;
pub mod data_aws_sfn_alias;
pub mod data_aws_sfn_state_machine;
pub mod data_aws_sfn_state_machine_versions;
pub mod data_terraform_remote_state;
pub mod date;
pub mod definition;
pub mod error;
pub mod execution;
pub mod iam;
pub mod item;
pub mod json;
mod kms;
pub mod limits;
pub mod looking;
pub mod names;
pub mod permissions;
pub mod policy;
pub mod provider;
pub mod region;
pub mod settings;
pub mod settle;
pub mod sfn;
pub mod tags;
pub mod terraform_data;
mod throttle;
pub mod wait;
pub mod whose;

#[cfg(test)]
mod tests;

pub use aws::{Aws, Note, Place};
pub use clock::Clock;
pub use error::{Error, ErrorKind, Result};
pub use limits::Count;
pub use permissions::Permissions;
pub use settings::{AssumeRole, Settings, WebIdentity};
pub use whose::{Whose, whose};

use crate::diag::Diagnostic;
use crate::schema::Schema;
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use std::time::SystemTime;

/// Reads, creates, updates and deletes one kind of thing.
#[async_trait]
pub trait Resource: Sync {
    /// Its shape.
    fn schema(&self) -> &'static Schema;

    /// The object as AWS has it, every attribute filled as the provider's read would; `None` if it is gone.
    /// `prior` is what we last saw, or for an import only what [`Resource::import_id`] made of the id.
    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>>;

    /// Makes the object; gives it as read back. `planned` has holes only where AWS decides.
    /// An error after the object exists carries it ([`Error::partial`]).
    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object>;

    /// Brings the object from `prior` to `planned` in place; gives it as read back.
    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object>;

    /// Deletes the object and waits until it is gone. What is gone already is no error.
    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()>;

    /// The object that was to be made as `planned`, which has a name at least; `None` if there is none, or one that is going away.
    /// What is still on its way is waited for.
    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        self.read(aws, planned).await
    }

    /// When an object was made; `None` for what has no date because it is not made, but put.
    async fn made(&self, aws: &Aws, object: &Object) -> Result<Option<SystemTime>> {
        let _ = aws;
        Ok(object.text("create_date").or(object.text("creation_date")).and_then(date::moment))
    }

    /// Judges a configuration as a whole, holes allowed: what single attributes' checks cannot see.
    /// Each finding comes with the part it is about, for its place.
    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let _ = config;
        Vec::new()
    }

    /// Judges a planned object (not one that is about to be deleted): what follows from configuration and prior together. Each finding
    /// comes with the part of the configuration it is about.
    fn review(&self, config: &Object, prior: Option<&Object>, planned: &Object) -> Vec<(Path, Diagnostic)> {
        let _ = (config, prior, planned);
        Vec::new()
    }

    /// What a planned object counts for against quotas that it shares with other objects.
    fn counts(&self, config: &Object, planned: &Object) -> Vec<Count> {
        let _ = (config, planned);
        Vec::new()
    }

    /// Last word on a planned object, after defaults and holes: for what depends on several attributes.
    /// `prior` is `None` on create. `config` has nulls where nothing was written.
    fn adjust(&self, place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        let _ = (place, config, prior, planned);
    }

    /// Whether two known values of the top-level attribute (or of an attribute inside a block: `block.attribute`) mean the same.
    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        let _ = attribute;
        a == b
    }

    /// Arguments of which another spelling in the configuration is a change, although what AWS has may be spelled in any way.
    fn spelled(&self) -> &'static [&'static str] {
        &[]
    }

    /// Arguments that the state has as they are written, wherever what AWS has means the same: another form of them is no change.
    fn as_written(&self) -> &'static [&'static str] {
        &[]
    }

    /// Parts whose change forces replacement although the schema does not say so, given what they change from and to.
    fn replaces(&self, prior: &Object, planned: &Object) -> Vec<Path> {
        let _ = (prior, planned);
        Vec::new()
    }

    /// Fills holes that follow from partition, region, account and name: ARNs, ids. Called on create and replace, after `adjust`;
    /// what it fills must come out so.
    fn predict(&self, place: &Place, planned: &mut Object) {
        let _ = (place, planned);
    }

    /// Which IAM actions it needs, and on what.
    fn permissions(&self) -> &'static Permissions {
        &Permissions::NONE
    }

    /// Whether deleting its objects loses data that others have put into them and no configuration brings back, so that [`Resource::contents`] is worth asking.
    fn holds_data(&self) -> bool {
        false
    }

    /// The data that would go with the object, beyond `known` parts of it that the state has as objects of their own. `None` if there
    /// is none, an error where that cannot be told. Asked while planning, of what is to be deleted or replaced.
    async fn contents(&self, aws: &Aws, prior: &Object, known: usize) -> Result<Option<Contents>> {
        let _ = (aws, prior, known);
        Err(Error::new(ErrorKind::Other, "", "What it holds is not counted."))
    }

    /// Whether something runs on its objects that a change may touch, so that [`Resource::running`] is worth asking.
    fn executes(&self) -> bool {
        false
    }

    /// How many executions run on the object, and whether there are more than were counted; `None` where that cannot be told. Asked
    /// while planning, of what changes or goes.
    async fn running(&self, aws: &Aws, prior: &Object) -> Result<Option<(u64, bool)>> {
        let _ = (aws, prior);
        Ok(None)
    }

    /// For what is a part of another object's data: the attribute that has that object's id, and its type.
    fn lies_within(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Readies an object for being deleted in favour of `planned`: what the same plan switches off, such as a protection, goes off first.
    async fn give_way(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<()> {
        let _ = (aws, prior, planned);
        Ok(())
    }

    /// For what completes another object: the attribute that names that object, and its type. (`role`, `aws_iam_role`) of a role's
    /// policies. Whatever uses that object waits for this one, and this one goes after it, without anyone writing `depends_on`.
    fn completes(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Computed attributes that cost a call of their own, with the types of other resources that change them. They are left as they
    /// were last seen in a plan whose configuration neither writes nor refers to them and whose state has no object of those types.
    fn spared(&self) -> &'static [(&'static str, &'static [&'static str])] {
        &[]
    }

    /// Whether [`Resource::predict`] needs the account (which may cost a call).
    fn predicts_by_account(&self) -> bool {
        false
    }

    /// Brings attributes stored under an older `schema_version` to today's shape.
    fn upgrade(&self, version: u64, attributes: &mut serde_json::Map<String, serde_json::Value>) {
        let _ = (version, attributes);
    }

    /// What `import ADDRESS ID` is given → an object to read by. The error is a whole sentence with the format.
    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        Ok(Object::new().with("id", id))
    }
}

/// Data that an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// What people call the object.
    pub name: String,
    /// What it holds: `1,204 items (3.4 MB)`.
    pub what: String,
}

/// Reads something that others own.
#[async_trait]
pub trait DataSource: Sync {
    /// Its shape.
    fn schema(&self) -> &'static Schema;

    /// All attributes. `config` has nulls where nothing was written; holes only if [`DataSource::pure`].
    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object>;

    /// Which IAM actions it needs, and on what.
    fn permissions(&self) -> &'static Permissions {
        &Permissions::NONE
    }

    /// Whether it asks nothing of AWS: then it is evaluated at plan always, holes in, holes out.
    fn pure(&self) -> bool {
        false
    }
}

/// Every resource type there is.
pub const RESOURCES: &[&dyn Resource] = &[
    &aws_appautoscaling_policy::Policy,
    &aws_appautoscaling_target::Target,
    &aws_cloudwatch_log_group::LogGroup,
    &aws_dynamodb_contributor_insights::ContributorInsights,
    &aws_dynamodb_kinesis_streaming_destination::KinesisStreamingDestination,
    &aws_dynamodb_resource_policy::ResourcePolicy,
    &aws_dynamodb_table::Table,
    &aws_dynamodb_table_item::TableItem,
    &aws_dynamodb_tag::Tag,
    &aws_iam_instance_profile::InstanceProfile,
    &aws_iam_policy::Policy,
    &aws_iam_policy_attachment::PolicyAttachment,
    &aws_iam_role_policies_exclusive::RolePoliciesExclusive,
    &aws_iam_role_policy_attachments_exclusive::RolePolicyAttachmentsExclusive,
    &aws_iam_role::Role,
    &aws_iam_role_policy::RolePolicy,
    &aws_iam_role_policy_attachment::RolePolicyAttachment,
    &aws_sfn_activity::Activity,
    &aws_sfn_alias::Alias,
    &aws_sfn_state_machine::StateMachine,
    &terraform_data::TerraformData,
];

/// Every data source there is.
pub const DATA_SOURCES: &[&dyn DataSource] = &[
    &data_aws_caller_identity::CallerIdentity,
    &data_aws_cloudwatch_log_group::LogGroupData,
    &data_aws_cloudwatch_log_groups::LogGroupsData,
    &data_aws_default_tags::DefaultTags,
    &data_aws_dynamodb_table::TableData,
    &data_aws_dynamodb_table_item::TableItemData,
    &data_aws_iam_policy::PolicyData,
    &data_aws_iam_policy_document::PolicyDocument,
    &data_aws_iam_role::RoleData,
    &data_aws_iam_roles::RolesData,
    &data_aws_iam_session_context::SessionContext,
    &data_aws_kms_alias::KmsAlias,
    &data_aws_kms_key::KmsKey,
    &data_aws_partition::Partition,
    &data_aws_region::Region,
    &data_aws_service_principal::ServicePrincipal,
    &data_aws_sfn_activity::ActivityData,
    &data_aws_sfn_alias::AliasData,
    &data_aws_sfn_state_machine::StateMachineData,
    &data_aws_sfn_state_machine_versions::StateMachineVersionsData,
    &data_terraform_remote_state::RemoteState,
];

/// The resource type of this name.
pub fn resource(name: &str) -> Option<&'static dyn Resource> {
    RESOURCES.iter().copied().find(|r| r.schema().name == name)
}

/// The data source of this name.
pub fn data_source(name: &str) -> Option<&'static dyn DataSource> {
    DATA_SOURCES.iter().copied().find(|d| d.schema().name == name)
}
