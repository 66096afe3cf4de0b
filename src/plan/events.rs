//! What happens while planning and applying, for whoever shows progress.

use super::Action;
use crate::address::Address;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// An object of the state is being read.
    Refreshing {
        /// The object.
        address: Address,
        /// Its id.
        id: String,
    },
    /// It was read.
    Refreshed {
        /// The object.
        address: Address,
        /// Its id, if it is still there.
        id: Option<String>,
    },
    /// A data source is being read.
    Reading(Address),
    /// It was read.
    Read {
        /// The data source.
        address: Address,
        /// Its id.
        id: String,
    },
    /// A step began.
    Started {
        /// The object.
        address: Address,
        /// Set if it is a deposed object.
        deposed: Option<String>,
        /// What is done: [`Action::Create`], [`Action::Update`], [`Action::Delete`] or [`Action::Read`].
        action: Action,
        /// Its id, where it has one.
        id: Option<String>,
    },
    /// Something worth knowing while a step runs.
    Note {
        /// The object.
        address: Address,
        /// What: "waiting for IAM propagation".
        text: String,
    },
    /// What an interrupted run left open is settled.
    Settled {
        /// The object.
        address: Address,
        /// What came of it, as the rest of a line about it.
        text: String,
    },
    /// A step ended well.
    Finished {
        /// The object.
        address: Address,
        /// Set if it is a deposed object.
        deposed: Option<String>,
        /// What was done.
        action: Action,
        /// Its id, where it has one.
        id: Option<String>,
    },
    /// A step failed; the reason is among the diagnostics.
    Failed {
        /// The object.
        address: Address,
        /// Set if it is a deposed object.
        deposed: Option<String>,
        /// What was tried.
        action: Action,
    },
}
