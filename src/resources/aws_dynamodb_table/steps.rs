//! How a table gets from what it is to what it shall be: the calls, in an order that DynamoDB accepts. Pure.
//!
//! DynamoDB's rules behind the order: one index is made or deleted at a time and nothing else meanwhile; the storage class changes
//! alone; a stream's view type changes by switching it off and on; a table that becomes provisioned needs the capacity of every
//! index in the same call, so indexes that go are deleted before and new ones are made after.

use super::replicas;
use super::request::{self, Index, Limits, built};
use crate::resources::tags::{self, TagChanges};
use crate::resources::{Error, ErrorKind, Result};
use crate::value::Object;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, ProvisionedThroughput, SseSpecification,
    SseStatus, StreamSpecification, TableClass, TableDescription, UpdateGlobalSecondaryIndexAction,
};

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// `UpdateTable`; what it brings about is waited for.
    Table(Box<UpdateTableInputBuilder>),
    /// `UpdateTimeToLive`
    TimeToLive {
        /// The attribute, also when it is switched off.
        attribute: String,
        /// On or off.
        enabled: bool,
    },
    /// `UpdateContinuousBackups`
    Backups {
        /// On or off.
        enabled: bool,
        /// How far back, where it is said.
        days: Option<i32>,
    },
    /// `TagResource` and `UntagResource`.
    Tags(TagChanges),
    /// `UpdateContinuousBackups` of a replica.
    ReplicaBackups {
        /// Where it is.
        region: String,
        /// On or off.
        enabled: bool,
    },
    /// `TagResource` and `UntagResource` of a replica.
    ReplicaTags {
        /// Where it is.
        region: String,
        /// What changes.
        changes: TagChanges,
    },
}

/// All steps from `prior` to `planned`.
pub(super) fn steps(prior: &Object, planned: &Object) -> Result<Vec<Step>> {
    let name = prior.str("id").or(prior.str("name")).unwrap_or_default();
    let table = || UpdateTableInputBuilder::default().table_name(name);
    let step = |input: UpdateTableInputBuilder| Step::Table(Box::new(input));
    let mut steps = replicas::going(prior, planned, table)?;

    let (old, new) = (Index::all(prior), Index::all(planned));
    for index in old.iter().filter(|index| !new.iter().any(|n| n.is_like(index))) {
        let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(&index.name).build();
        let update = GlobalSecondaryIndexUpdate::builder().delete(built(delete)?).build();
        steps.push(step(table().global_secondary_index_updates(update)));
    }

    if prior.differs(planned, "table_class")
        && let Some(class) = planned.text("table_class")
    {
        steps.push(step(table().table_class(TableClass::from(class))));
    }

    let streams = (prior.bool("stream_enabled") == Some(true), planned.bool("stream_enabled") == Some(true));
    if streams == (true, true) && prior.differs(planned, "stream_view_type") {
        let off = built(StreamSpecification::builder().stream_enabled(false).build())?;
        steps.push(step(table().stream_specification(off)));
    }

    let main = main(prior, planned, &old, &new, table())?;
    if main != table() {
        steps.push(step(main));
    }

    if prior.differs(planned, "server_side_encryption") {
        let (before, after) = (request::encryption(prior), request::encryption(planned));
        if before != after {
            let off = || SseSpecification::builder().enabled(false).build();
            steps.push(step(table().sse_specification(after.unwrap_or_else(off))));
        }
    }

    let on_demand = request::on_demand(planned);
    for index in new.iter().filter(|index| !old.iter().any(|o| o.is_like(index))) {
        let update = GlobalSecondaryIndexUpdate::builder().create(index.creation(on_demand)?).build();
        let definitions = request::attribute_definitions(planned)?;
        let input = table().set_attribute_definitions(Some(definitions)).global_secondary_index_updates(update);
        steps.push(step(input));
    }

    steps.extend(time_to_live(prior, planned));
    steps.extend(backups(prior, planned)?);
    let tags = tags::changes(prior, planned);
    if !tags.is_empty() {
        steps.push(Step::Tags(tags));
    }
    steps.extend(replicas::coming(prior, planned, table)?);
    Ok(steps)
}

/// What one call can change at once: billing, capacity, deletion protection, the stream, indexes that stay.
fn main(
    prior: &Object,
    planned: &Object,
    old: &[Index],
    new: &[Index],
    mut input: UpdateTableInputBuilder,
) -> Result<UpdateTableInputBuilder> {
    let (was_on_demand, on_demand) = (request::on_demand(prior), request::on_demand(planned));
    let becomes_provisioned = was_on_demand && !on_demand;
    if was_on_demand != on_demand {
        input = input.billing_mode(if on_demand { BillingMode::PayPerRequest } else { BillingMode::Provisioned });
    }
    let capacity = request::capacity(planned);
    if !on_demand && (becomes_provisioned || capacity != request::capacity(prior)) {
        input = input.provisioned_throughput(request::throughput(capacity)?);
    }
    let limits = if was_on_demand { Limits::of(prior) } else { Limits::default() };
    if on_demand {
        input = input.set_on_demand_throughput(Limits::of(planned).from(limits));
    }
    let protection = |object: &Object| object.bool("deletion_protection_enabled") == Some(true);
    if protection(prior) != protection(planned) {
        input = input.deletion_protection_enabled(protection(planned));
    }
    let stream = |object: &Object| object.bool("stream_enabled") == Some(true);
    if stream(prior) != stream(planned) || (stream(planned) && prior.differs(planned, "stream_view_type")) {
        input = input.stream_specification(request::stream(planned)?);
    }
    for index in new {
        let Some(before) = old.iter().find(|o| o.is_like(index)) else { continue };
        let mut update = UpdateGlobalSecondaryIndexAction::builder().index_name(&index.name);
        if on_demand {
            let limits = if was_on_demand { before.limits } else { Limits::default() };
            let Some(limits) = index.limits.from(limits) else { continue };
            update = update.on_demand_throughput(limits);
        } else if becomes_provisioned || index.capacity != before.capacity {
            update = update.provisioned_throughput(request::throughput(index.capacity)?);
        } else {
            continue;
        }
        let update = GlobalSecondaryIndexUpdate::builder().update(built(update.build())?).build();
        input = input.global_secondary_index_updates(update);
    }
    Ok(input)
}

/// Switching off needs the name of the attribute that is used; another attribute means off and on.
fn time_to_live(prior: &Object, planned: &Object) -> Vec<Step> {
    let of = |object: &Object| {
        let block = object.block("ttl").unwrap_or_default();
        (block.bool("enabled") == Some(true), block.str("attribute_name").unwrap_or_default().to_string())
    };
    let ((was_on, before), (on, after)) = (of(prior), of(planned));
    let mut steps = Vec::new();
    if was_on && (!on || before != after) {
        steps.push(Step::TimeToLive { attribute: before.clone(), enabled: false });
    }
    if on && (!was_on || before != after) {
        steps.push(Step::TimeToLive { attribute: after, enabled: true });
    }
    steps
}

fn backups(prior: &Object, planned: &Object) -> Result<Option<Step>> {
    if !prior.differs(planned, "point_in_time_recovery") {
        return Ok(None);
    }
    let of = |object: &Object| {
        let block = object.block("point_in_time_recovery").unwrap_or_default();
        let enabled = block.bool("enabled") == Some(true);
        (enabled, block.int("recovery_period_in_days").filter(|days| enabled && *days > 0))
    };
    let (enabled, days) = of(planned);
    if (enabled, days) == of(prior) {
        return Ok(None);
    }
    let days = days.map(i32::try_from).transpose();
    let days = days.map_err(|_| Error::new(ErrorKind::Other, "", "recovery_period_in_days is too large."))?;
    Ok(Some(Step::Backups { enabled, days }))
}

/// The steps that follow `CreateTable`.
pub(super) fn after_creation(planned: &Object) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = backups(&Object::new(), planned)?
        .into_iter()
        .filter(|step| matches!(step, Step::Backups { enabled: true, .. }))
        .collect();
    steps.extend(time_to_live(&Object::new(), planned));
    let name = planned.str("name").unwrap_or_default();
    let table = || UpdateTableInputBuilder::default().table_name(name);
    steps.extend(replicas::coming(&Object::new(), planned, table)?);
    Ok(steps)
}

/// What goes on while a step is waited for.
pub(super) fn what(input: &UpdateTableInputBuilder) -> String {
    let updates = input.get_global_secondary_index_updates().as_deref().unwrap_or_default();
    for update in updates {
        if let Some(delete) = update.delete() {
            return format!("is deleting index {}", delete.index_name());
        }
        if let Some(create) = update.create() {
            return format!("is making index {}", create.index_name());
        }
    }
    for update in input.get_replica_updates().iter().flatten() {
        if let Some(delete) = update.delete() {
            return format!("is deleting the replica in {}", delete.region_name());
        }
        if let Some(create) = update.create() {
            return format!("is making the replica in {}", create.region_name());
        }
    }
    "is being updated".to_string()
}

/// Whether a table at rest shows what `input` asked for. AWS's answers may lag a little behind what it accepted.
pub(super) fn shows(input: &UpdateTableInputBuilder, table: &TableDescription) -> bool {
    let billing = |wanted: &BillingMode| {
        let found = table.billing_mode_summary().and_then(|b| b.billing_mode());
        found.unwrap_or(&BillingMode::Provisioned) == wanted
    };
    let capacity = |wanted: &ProvisionedThroughput| {
        table.provisioned_throughput().is_some_and(|found| {
            found.read_capacity_units() == Some(wanted.read_capacity_units())
                && found.write_capacity_units() == Some(wanted.write_capacity_units())
        })
    };
    let stream = |wanted: &StreamSpecification| {
        let found = table.stream_specification().filter(|s| s.stream_enabled());
        found.is_some() == wanted.stream_enabled()
            && (found.is_none() || found.and_then(|s| s.stream_view_type()) == wanted.stream_view_type())
    };
    let class = |wanted: &TableClass| {
        table.table_class_summary().and_then(|c| c.table_class()).unwrap_or(&TableClass::Standard) == wanted
    };
    let index = |update: &GlobalSecondaryIndexUpdate| {
        let there = |name: &str| table.global_secondary_indexes().iter().any(|i| i.index_name() == Some(name));
        update.delete().is_none_or(|d| !there(d.index_name())) && update.create().is_none_or(|c| there(c.index_name()))
    };
    let encrypted = |wanted: &SseSpecification| {
        let on = table.sse_description().and_then(|s| s.status()) == Some(&SseStatus::Enabled);
        on == (wanted.enabled() == Some(true))
    };
    input.get_billing_mode().as_ref().is_none_or(billing)
        && input.get_provisioned_throughput().as_ref().is_none_or(capacity)
        && input.get_stream_specification().as_ref().is_none_or(stream)
        && input.get_table_class().as_ref().is_none_or(class)
        && input.get_sse_specification().as_ref().is_none_or(encrypted)
        && input.get_global_secondary_index_updates().iter().flatten().all(index)
        && replicas::shows(input, table)
}
