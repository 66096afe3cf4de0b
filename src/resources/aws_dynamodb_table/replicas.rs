//! Copies of a table in other regions: what there is of them, and the calls that bring them to what shall be.
//!
//! A replica's backups and tags belong to it and are set in its own region; everything else follows the table.

use super::request::built;
use super::schema::SCHEMA;
use super::steps::Step;
use super::{describe_backups_by, describe_table_by, passing};
use crate::resources::arn::Arn;
use crate::resources::tags::{self, TagChanges};
use crate::resources::wait::{self, Look};
use crate::resources::{Aws, Error, Result, kms};
use crate::value::{Object, Type, Value};
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    CreateReplicationGroupMemberAction, DeleteReplicationGroupMemberAction, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, ReplicationGroupUpdate, TableDescription, Tag, UpdateReplicationGroupMemberAction,
};
use futures_util::future::join_all;
use std::time::Duration;

/// A replica as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replica {
    pub(super) region: String,
    /// The key, where the table is encrypted with one of the account.
    pub(super) key: Option<String>,
    pub(super) stream_arn: String,
    pub(super) stream_label: String,
    pub(super) backups: bool,
}

/// Looks at the table's replicas, each in its region.
pub(super) async fn look(aws: &Aws, name: &str, table: &TableDescription) -> Result<Vec<Replica>> {
    let here = aws.place_so_far().region;
    let regions = table.replicas().iter().filter(|r| r.region_name().is_some_and(|region| region != here));
    let looks = regions.map(|found| async move {
        let region = found.region_name().unwrap_or_default().to_string();
        let client = aws.dynamodb_in(&region);
        let (table, backups) = tokio::join!(describe_table_by(&client, name), describe_backups_by(&client, name));
        let (table, backups) = (table?, backups?);
        let text = |text: Option<&str>| text.unwrap_or_default().to_string();
        let status = backups.as_ref().and_then(|b| b.point_in_time_recovery_status());
        let key = table.as_ref().and_then(|t| t.sse_description()).and_then(|sse| sse.kms_master_key_arn());
        let key = match key {
            Some(key) => match kms::default_key(aws, &region, "dynamodb").await {
                Some(default) => (default != key).then_some(key),
                None => found.kms_master_key_id(),
            },
            None => found.kms_master_key_id(),
        };
        Ok(Replica {
            region,
            key: key.map(str::to_string),
            stream_arn: text(table.as_ref().and_then(|t| t.latest_stream_arn())),
            stream_label: text(table.as_ref().and_then(|t| t.latest_stream_label())),
            backups: status == Some(&PointInTimeRecoveryStatus::Enabled),
        })
    });
    let mut replicas = join_all(looks).await.into_iter().collect::<Result<Vec<_>>>()?;
    replicas.sort_by(|a, b| a.region.cmp(&b.region));
    Ok(replicas)
}

/// `replica`, as the provider keeps it. What AWS does not tell is taken from `seen`.
pub(super) fn value(seen: &Object, table_arn: &str, found: &[Replica]) -> Value {
    let before = seen.blocks("replica");
    let replicas = found.iter().map(|replica| {
        let before = before.iter().find(|b| b.str("region_name") == Some(&replica.region)).cloned().unwrap_or_default();
        Object::new()
            .with("region_name", replica.region.as_str())
            .with("arn", arn_in(table_arn, &replica.region))
            .with("kms_key_arn", replica.key.as_deref().unwrap_or_default())
            .with("point_in_time_recovery", replica.backups)
            .with("propagate_tags", before.bool("propagate_tags").unwrap_or(false))
            .with("stream_arn", replica.stream_arn.as_str())
            .with("stream_label", replica.stream_label.as_str())
            .to_value()
    });
    let ty = SCHEMA.block.nested("replica").map_or(Type::Any, |b| b.block.ty());
    Value::set(ty, replicas.collect())
}

/// The ARN of the table of the same name in another region.
pub(super) fn arn_in(table_arn: &str, region: &str) -> String {
    match Arn::parse(table_arn) {
        Some(Arn { partition, service, account, resource, .. }) => {
            format!("arn:{partition}:{service}:{region}:{account}:{resource}")
        }
        None => String::new(),
    }
}

/// The replicas that go: before anything that they would stand in the way of.
pub(super) fn going(
    prior: &Object,
    planned: &Object,
    table: impl Fn() -> UpdateTableInputBuilder,
) -> Result<Vec<Step>> {
    let wanted = planned.blocks("replica");
    let gone = prior.blocks("replica").into_iter().filter(|old| {
        let stays = |new: &Object| new.str("region_name") == old.str("region_name");
        !wanted.iter().any(stays)
    });
    gone.map(|old| delete(&old, &table)).collect()
}

/// All replicas go: the table itself is to be deleted, and what it leaves behind would live on.
pub(super) fn all_going(prior: &Object, table: impl Fn() -> UpdateTableInputBuilder) -> Result<Vec<Step>> {
    prior.blocks("replica").iter().map(|old| delete(old, &table)).collect()
}

fn delete(old: &Object, table: impl Fn() -> UpdateTableInputBuilder) -> Result<Step> {
    let region = old.str("region_name").unwrap_or_default();
    let action = built(DeleteReplicationGroupMemberAction::builder().region_name(region).build())?;
    let update = ReplicationGroupUpdate::builder().delete(action).build();
    Ok(Step::Table(Box::new(table().replica_updates(update))))
}

/// The replicas that come or change: after everything that they are copies of.
pub(super) fn coming(
    prior: &Object,
    planned: &Object,
    table: impl Fn() -> UpdateTableInputBuilder,
) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let (before, all) = (prior.blocks("replica"), tags::wanted(planned));
    for new in planned.blocks("replica") {
        let region = new.str("region_name").unwrap_or_default();
        let key = new.text("kms_key_arn");
        let old = before.iter().find(|old| old.str("region_name") == Some(region));
        let update = match old {
            None => {
                let action = CreateReplicationGroupMemberAction::builder().region_name(region);
                let action = action.set_kms_master_key_id(key.map(str::to_string)).build();
                Some(ReplicationGroupUpdate::builder().create(built(action)?).build())
            }
            Some(old) if key.is_some() && old.text("kms_key_arn") != key => {
                let action = UpdateReplicationGroupMemberAction::builder().region_name(region);
                let action = action.set_kms_master_key_id(key.map(str::to_string)).build();
                Some(ReplicationGroupUpdate::builder().update(built(action)?).build())
            }
            Some(_) => None,
        };
        steps.extend(update.map(|update| Step::Table(Box::new(table().replica_updates(update)))));
        let flag = |object: Option<&Object>, name: &str| object.and_then(|o| o.bool(name)) == Some(true);
        let backups = flag(Some(&new), "point_in_time_recovery");
        if backups != flag(old, "point_in_time_recovery") {
            steps.push(Step::ReplicaBackups { region: region.to_string(), enabled: backups });
        }
        if flag(Some(&new), "propagate_tags") {
            let had = flag(old, "propagate_tags");
            let changes =
                if had { tags::changes(prior, planned) } else { TagChanges { remove: vec![], set: all.clone() } };
            if !changes.is_empty() {
                steps.push(Step::ReplicaTags { region: region.to_string(), changes });
            }
        }
    }
    Ok(steps)
}

/// What is going on with a replica: the rest of a sentence about the table.
pub(super) fn going_on(table: &TableDescription) -> Option<String> {
    table.replicas().iter().find_map(|replica| {
        let region = replica.region_name().unwrap_or_default();
        match replica.replica_status().map(|s| s.as_str()) {
            Some("CREATING") => Some(format!("is making the replica in {region}")),
            Some("UPDATING") => Some(format!("is updating the replica in {region}")),
            Some("DELETING") => Some(format!("is deleting the replica in {region}")),
            _ => None,
        }
    })
}

/// Why a replica will not come to be.
pub(super) fn trouble(table: &TableDescription) -> Option<String> {
    table.replicas().iter().find_map(|replica| {
        let region = replica.region_name().unwrap_or_default();
        match replica.replica_status().map(|s| s.as_str()) {
            Some("CREATION_FAILED") => {
                let why = replica.replica_status_description().unwrap_or_default();
                Some(format!("The replica in {region} could not be made. {why}").trim_end().to_string())
            }
            Some("INACCESSIBLE_ENCRYPTION_CREDENTIALS") => Some(format!(
                "The replica in {region} cannot be used: DynamoDB has no access to the key that encrypts it."
            )),
            Some("REGION_DISABLED") => {
                Some(format!("The region {region} of a replica is not enabled for the account."))
            }
            _ => None,
        }
    })
}

/// Whether the table shows the replicas that an update asked for.
pub(super) fn shows(input: &UpdateTableInputBuilder, table: &TableDescription) -> bool {
    let there = |region: &str| table.replicas().iter().any(|r| r.region_name() == Some(region));
    input.get_replica_updates().iter().flatten().all(|update| {
        update.create().is_none_or(|c| there(c.region_name()))
            && update.delete().is_none_or(|d| !there(d.region_name()))
    })
}

/// Switches the backups of a replica.
pub(super) async fn backups(aws: &Aws, name: &str, region: &str, enabled: bool, budget: Duration) -> Result<()> {
    let client = aws.dynamodb_in(region);
    let specification = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(enabled).build();
    let specification = built(specification)?;
    let soon = |error: &Error| match &*error.code {
        "ContinuousBackupsUnavailableException" | "TableNotFoundException" | "ResourceNotFoundException" => {
            Some(format!("waits for the replica in {region}"))
        }
        _ => passing(error),
    };
    let updated = wait::retry(aws, budget, soon, || async {
        let call = client.update_continuous_backups().table_name(name);
        let call = call.point_in_time_recovery_specification(specification.clone());
        call.send().await.map_err(Error::of("dynamodb:UpdateContinuousBackups", name))
    });
    updated.await?;
    wait::until(aws, name, budget, || async {
        let found = describe_backups_by(&client, name).await?;
        let status = found.as_ref().and_then(|b| b.point_in_time_recovery_status());
        let on = status == Some(&PointInTimeRecoveryStatus::Enabled);
        let done = status.is_none() || on == enabled;
        Ok(if done { Look::Done(()) } else { Look::NotYet(format!("is changing backups of the replica in {region}")) })
    })
    .await
}

/// Gives a replica the tags of the table.
pub(super) async fn tag(aws: &Aws, arn: &str, region: &str, changes: TagChanges) -> Result<()> {
    let client = aws.dynamodb_in(region);
    let arn = arn_in(arn, region);
    if !changes.remove.is_empty() {
        let call = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(changes.remove));
        call.send().await.map_err(Error::of("dynamodb:UntagResource", &arn))?;
    }
    if !changes.set.is_empty() {
        let mut call = client.tag_resource().resource_arn(&arn);
        for (key, value) in changes.set {
            call = call.tags(built(Tag::builder().key(key).value(value).build())?);
        }
        call.send().await.map_err(Error::of("dynamodb:TagResource", &arn))?;
    }
    Ok(())
}
