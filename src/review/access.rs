//! Who gains and loses what by a plan, as sentences.
//!
//! Refuses to know how policies are written: that is for `access`.

use super::hidden::Hidden;
use super::holders::{Holder, Holders, Side, Subject, visible};
use crate::access::{self, Gain};
use crate::address::Address;
use crate::plan::Plan;
use crate::value::{Object, Value};
use std::collections::BTreeSet;

/// What changes for one subject.
#[derive(Clone, Debug)]
pub struct AccessChange {
    /// Who.
    pub subject: Subject,
    /// Whether it is made by this plan.
    pub new: bool,
    /// Whether it is gone after it.
    pub gone: bool,
    /// What is gained and lost.
    pub gains: Vec<Gain>,
    /// Managed policies that others own and that come or go: their ARNs, and whether they come.
    pub managed: Vec<(String, bool)>,
    /// Whether some of it is known only after apply.
    pub open: bool,
    /// The objects it comes from.
    pub addresses: BTreeSet<Address>,
    /// The account that the plan is for.
    pub home: Option<String>,
    /// What its sentences must not tell.
    pub hidden: Hidden,
}

impl AccessChange {
    /// One sentence each, without full stop, with what deserves a second look.
    pub fn sentences(&self) -> Vec<Told> {
        let (subject, home) = (self.subject.text(), self.home.as_deref());
        let mut out: Vec<Told> = self
            .gains
            .iter()
            .map(|g| Told { widens: g.widens(), text: g.sentence(&subject, home), warnings: g.warnings(home) })
            .collect();
        for (arn, comes) in &self.managed {
            let name = arn.rsplit('/').next().unwrap_or(arn);
            let verb = if *comes { "gets" } else { "loses" };
            let wide = matches!(name, "AdministratorAccess" | "PowerUserAccess" | "IAMFullAccess")
                || name.ends_with("FullAccess");
            let warnings =
                if *comes && wide { vec!["a managed policy that allows very much".to_string()] } else { Vec::new() };
            out.push(Told { widens: *comes, text: format!("{subject} {verb} managed policy {name}"), warnings });
        }
        out.iter_mut().for_each(|t| t.text = self.hidden.veil(&t.text));
        out
    }
}

/// A sentence about access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether more is allowed than before.
    pub widens: bool,
    /// What.
    pub text: String,
    /// What deserves a second look.
    pub warnings: Vec<String>,
}

/// What a plan changes about who may do what.
pub fn access_changes(plan: &Plan) -> Vec<AccessChange> {
    let home = home(plan);
    let hidden = Hidden::of(plan);
    let holders = Holders::of(plan);
    let mut out = Vec::new();
    for (subject, holder) in &holders.all {
        let Holder { before, after, addresses } = holder;
        // What the plan does not make may be there all the same: a role that is managed elsewhere.
        let outside = matches!(subject, Subject::Role(_)) && !before.exists && !after.exists;
        let gains = access::compare(&before.accesses, &after.accesses);
        let differ = |a: &Side, b: &Side, comes: bool| -> Vec<(String, bool)> {
            a.foreign.difference(&b.foreign).map(|arn| (arn.clone(), comes)).collect()
        };
        let mut managed = differ(after, before, true);
        // What is attached is known after apply then, and says nothing about what goes.
        if !after.open {
            managed.extend(differ(before, after, false));
        }
        let open = after.open && addresses.iter().any(|a| changes(plan, a));
        if gains.is_empty() && managed.is_empty() && !open {
            continue;
        }
        out.push(AccessChange {
            subject: subject.clone(),
            new: !before.exists && !outside,
            gone: !after.exists && !outside,
            // Of what is known after apply nobody can say that it is lost.
            gains: gains.into_iter().filter(|g| g.gained || !after.open).collect(),
            managed,
            open,
            addresses: addresses.clone(),
            home: home.clone(),
            hidden: hidden.clone(),
        });
    }
    out
}

fn changes(plan: &Plan, address: &Address) -> bool {
    super::changes(plan).iter().any(|c| c.address == *address && c.action != crate::plan::Action::NoOp)
}

/// The account that most of the plan's objects are in.
pub(super) fn home(plan: &Plan) -> Option<String> {
    plan.changes.iter().flat_map(|c| [&c.after, &c.before]).find_map(|v: &Value| {
        let o = Object::from_value(&visible(v));
        o.str("arn").and_then(access::account).map(String::from)
    })
}
