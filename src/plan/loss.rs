//! Data that goes with what a plan deletes: what nobody gets back by applying again.

use super::make::READS_AT_ONCE;
use super::seen::Empty;
use super::{Action, Change};
use crate::address::Address;
use crate::resources::{self, Aws, Contents};
use crate::value::Object;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};

/// An object that is deleted or replaced although it holds data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The object.
    pub address: Address,
    /// Set if it is a deposed one.
    pub deposed: Option<String>,
    /// What people call it: the name of the table.
    pub name: String,
    /// What it holds: `1,204 items (3.4 MB)`.
    pub what: String,
}

impl Loss {
    /// Whether it is what this change brings about.
    pub fn is_of(&self, change: &Change) -> bool {
        self.address == change.address && self.deposed == change.deposed
    }
}

/// Whether a change deletes an object that is there.
pub(super) fn deletes(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete)
}

/// A question about one object: the object, the way to AWS, and how many of its parts the state has as objects of their own.
pub(super) struct Question {
    pub(super) address: Address,
    pub(super) deposed: Option<String>,
    pub(super) aws: Aws,
    pub(super) object: Object,
    pub(super) known: usize,
}

/// Looks into what is to be deleted: what holds data, and what certainly holds none. What cannot be looked into is neither: who may
/// not read shall still plan.
pub(super) async fn look(questions: Vec<Question>) -> (Vec<Loss>, Vec<Empty>) {
    let looks = questions.into_iter().filter_map(|q| {
        let resource = resources::resource(&q.address.ty)?;
        Some(Box::pin(async move {
            let (address, deposed) = (q.address, q.deposed);
            match resource.contents(&q.aws, &q.object, q.known).await {
                Ok(Some(Contents { name, what })) => Some(Ok(Loss { address, deposed, name, what })),
                Ok(None) => Some(Err((address, deposed))),
                Err(_) => None,
            }
        }) as BoxFuture<'static, Option<std::result::Result<Loss, Empty>>>)
    });
    let found: Vec<_> = stream::iter(looks.collect::<Vec<_>>()).buffered(READS_AT_ONCE).collect().await;
    let (mut losses, mut empty) = (Vec::new(), Vec::new());
    for one in found.into_iter().flatten() {
        match one {
            Ok(loss) => losses.push(loss),
            Err(address) => empty.push(address),
        }
    }
    losses.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    empty.sort();
    (losses, empty)
}
