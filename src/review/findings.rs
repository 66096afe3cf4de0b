//! Findings about a plan: what is most likely a mistake, each with its code, place, reason and way on.
//!
//! Never makes a plan fail. Refuses to know how it is shown.

use super::hidden::Hidden;
use super::holders::{Holders, visible};
use super::rules::{Grade, Rule, rule};
use super::{machines, objects, place};
use crate::address::{Address, Mode};
use crate::diag::Span;
use crate::plan::{Action, Change, Plan};
use crate::value::Object;
use crate::workflow::Pointer;

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What sort.
    pub rule: &'static Rule,
    /// How bad this one is.
    pub grade: Grade,
    /// The object it is about.
    pub address: Address,
    /// The place in the configuration, where there is one.
    pub at: Option<Span>,
    /// The place inside the JSON of the attribute.
    pub inside: Option<Pointer>,
    /// What is wrong here, in whole sentences.
    pub text: String,
    /// What to do.
    pub way: String,
    /// A comment says that it is meant so: its reason.
    pub silenced: Option<String>,
    /// Whether the plan changes the object, or another one that it comes from.
    pub changes: bool,
}

/// What is found before it is known where.
pub(super) struct Found {
    pub code: &'static str,
    /// Another grade than the rule's.
    pub grade: Option<Grade>,
    pub address: Address,
    pub attribute: Option<&'static str>,
    pub inside: Option<Pointer>,
    pub text: String,
    pub way: String,
    /// Other objects that it comes from: where the plan changes one of them, it is about the plan, too.
    pub related: Vec<Address>,
}

/// What the checks look at.
pub(super) struct View<'a> {
    pub plan: &'a Plan,
    /// Managed objects that will be there: the change and what it will be, nothing sensitive in it.
    pub objects: Vec<(&'a Change, Object)>,
    pub holders: Holders,
}

/// All findings of a plan, sorted by place; those of `ignore` are left out.
pub fn findings(plan: &Plan, ignore: &[String]) -> Vec<Finding> {
    let objects = plan
        .changes
        .iter()
        .filter(|c| {
            c.deposed.is_none() && c.address.mode == Mode::Managed && !c.after.is_null() && c.action != Action::Forget
        })
        .map(|c| (c, Object::from_value(&visible(&c.after))))
        .collect();
    let view = View { plan, objects, holders: Holders::of(plan) };
    let mut found = Vec::new();
    machines::check(&view, &mut found);
    objects::check(&view, &mut found);
    let hidden = Hidden::of(plan);
    let mut out: Vec<Finding> = found
        .into_iter()
        .filter(|f| !ignore.iter().any(|code| code == f.code))
        .filter_map(|f| Some((rule(f.code)?, f)))
        .map(|(rule, f)| finding(plan, rule, Found { text: hidden.veil(&f.text), way: hidden.veil(&f.way), ..f }))
        .collect();
    let line = |f: &Finding| f.at.as_ref().map(|s| (s.source.name.clone(), s.start));
    out.sort_by(|a, b| {
        (line(a), &a.address, a.rule.code, &a.inside, &a.text).cmp(&(
            line(b),
            &b.address,
            b.rule.code,
            &b.inside,
            &b.text,
        ))
    });
    out.dedup_by(|a, b| a.rule == b.rule && a.address == b.address && a.text == b.text);
    out
}

fn finding(plan: &Plan, rule: &'static Rule, f: Found) -> Finding {
    let steps = f.inside.as_ref().map(Pointer::steps).unwrap_or_default();
    let at = place::span(&plan.config, &f.address, f.attribute, &steps);
    // Beside it, at its attribute, or at the block.
    let places = [
        at.clone(),
        place::span(&plan.config, &f.address, f.attribute, &[]),
        place::span(&plan.config, &f.address, None, &[]),
    ];
    let silenced = places.iter().flatten().find_map(|s| place::silenced(s, f.code));
    let is_about = |a: &Address| *a == f.address || f.related.contains(a);
    let changes = plan.changes.iter().any(|c| is_about(&c.address) && c.action != Action::NoOp);
    Finding {
        rule,
        grade: f.grade.unwrap_or(rule.grade),
        address: f.address,
        at,
        inside: f.inside,
        text: f.text,
        way: f.way,
        silenced,
        changes,
    }
}
