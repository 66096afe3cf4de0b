//! What looking showed beside the objects themselves: executions that run, and when things last changed. For whoever reads the plan.
//!
//! Decides nothing: without it the same plan is made.

use super::loss::deletes;
use super::make::READS_AT_ONCE;
use super::{Action, Change};
use crate::address::Address;
use crate::resources::{self, Aws};
use crate::value::Object;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What runs on objects that change or go, sorted by address. An object that could not be looked into is missing.
    pub running: Vec<Running>,
    /// What is deleted or replaced and holds none of the data that its type may hold.
    pub empty: Vec<Empty>,
    /// What AWS told about the past of objects that were changed outside: `last changed 2026-01-02T03:04:05Z`.
    pub traces: BTreeMap<Address, Vec<String>>,
}

/// An object, and which deposed one if it is one.
pub type Empty = (Address, Option<String>);

/// How many executions run on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The object.
    pub address: Address,
    /// Set if it is a deposed one.
    pub deposed: Option<String>,
    /// How many.
    pub count: u64,
    /// There are more than were counted.
    pub more: bool,
}

impl Running {
    /// Whether it is about the object of this change.
    pub fn is_of(&self, change: &Change) -> bool {
        self.address == change.address && self.deposed == change.deposed
    }

    /// `3 executions`, `1,000 executions or more`
    pub fn words(&self) -> String {
        let s = if self.count == 1 && !self.more { "" } else { "s" };
        let more = if self.more { " or more" } else { "" };
        let count = if self.count == 1000 { "1,000".to_string() } else { self.count.to_string() };
        format!("{count} execution{s}{more}")
    }
}

/// Whether what runs on an object has to do with this change of it: it goes, or works otherwise afterwards.
pub(super) fn concerns_what_runs(change: &Change) -> bool {
    let differs = |name: &str| change.before.get(name) != change.after.get(name);
    let works_otherwise = || change.action == Action::Update && (differs("definition") || differs("role_arn"));
    let executes = resources::resource(&change.address.ty).is_some_and(|r| r.executes());
    executes && (deletes(change) || works_otherwise())
}

/// A question about one object.
pub(super) struct Question {
    pub(super) address: Address,
    pub(super) deposed: Option<String>,
    pub(super) aws: Aws,
    pub(super) object: Object,
}

/// Counts what runs. Who may not count shall still plan.
pub(super) async fn running(questions: Vec<Question>) -> Vec<Running> {
    let counts = questions.into_iter().filter_map(|q| {
        let resource = resources::resource(&q.address.ty)?;
        Some(Box::pin(async move {
            let (count, more) = resource.running(&q.aws, &q.object).await.ok().flatten()?;
            Some(Running { address: q.address, deposed: q.deposed, count, more })
        }) as BoxFuture<'static, Option<Running>>)
    });
    let mut running: Vec<Running> = stream::iter(counts.collect::<Vec<_>>())
        .buffered(READS_AT_ONCE)
        .filter_map(|found| async { found })
        .collect()
        .await;
    running.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    running
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_words() {
        let running = |count, more| Running { address: "a.b".parse().unwrap(), deposed: None, count, more }.words();
        assert_eq!(running(1, false), "1 execution");
        assert_eq!(running(3, false), "3 executions");
        assert_eq!(running(1000, true), "1,000 executions or more");
    }
}
