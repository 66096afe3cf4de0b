//! Adds up what planned objects count for against quotas of AWS that they share, such as all inline policies of one role.
//!
//! Refuses to know the quotas: types tell them.

use crate::address::Address;
use crate::diag::{Diags, Span};
use crate::resources::Count;
use std::collections::{BTreeMap, BTreeSet};

/// How many further places a finding shows.
const SHOWN: usize = 5;

/// What one planned object counts for.
pub(super) struct Counted {
    /// Whose.
    pub address: Address,
    /// The block.
    pub span: Span,
    /// The provider configuration: names mean something in its account only.
    pub provider: String,
    /// Whether anything is done to the object.
    pub changes: bool,
    /// What it counts for.
    pub count: Count,
}

/// Findings on what is too much, each at the last block that adds to it. What stands as it is is left alone: AWS has taken it.
pub(super) fn judge(counted: &[Counted]) -> Diags {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Counted>> = BTreeMap::new();
    for c in counted {
        groups.entry((&c.provider, c.count.quota.what, &c.count.owner)).or_default().push(c);
    }
    let mut diags = Diags::new();
    for ((_, _, owner), group) in groups {
        let Some(last) = group.iter().rev().find(|c| c.changes) else { continue };
        let mut items: BTreeMap<&str, usize> = BTreeMap::new();
        for c in &group {
            let amount = items.entry(&c.count.item).or_default();
            *amount = (*amount).max(c.count.amount);
        }
        let Some(finding) = last.count.quota.judge(owner, items.values().sum()) else { continue };
        let mut finding = finding.at(&last.span).about(&last.address);
        // Instances of one block have one place.
        let mut seen = BTreeSet::from([last.address.block()]);
        for other in group.iter().filter(|c| seen.insert(c.address.block())).take(SHOWN) {
            finding = finding.with_related(&other.span, format!("{} adds to it", other.address.block()));
        }
        diags.push(finding);
    }
    diags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;
    use crate::resources::limits::Quota;

    static QUOTA: Quota = Quota { what: "All x of", unit: "y", limit: 10, raised: 10, help: "Use fewer." };

    fn counted(address: &str, owner: &str, item: &str, amount: usize, changes: bool) -> Counted {
        let span = Span::new(&Source::new("main.tf", "resource"), 0, 8);
        let count = Count { quota: &QUOTA, owner: owner.into(), item: item.into(), amount };
        Counted { address: address.parse().unwrap(), span, provider: "p".into(), changes, count }
    }

    #[test]
    fn what_is_shared_is_added_up() {
        let is = |counted: &[Counted]| -> Vec<String> {
            judge(counted)
                .iter()
                .map(|d| format!("{} {}", d.address.clone().unwrap_or_default(), d.related.len()))
                .collect()
        };
        let none: [String; 0] = [];
        assert_eq!(is(&[counted("a.a", "r", "1", 5, true), counted("a.b", "r", "2", 5, true)]), none);
        assert_eq!(is(&[counted("a.a", "r", "1", 6, true), counted("a.b", "s", "2", 6, true)]), none);
        assert_eq!(is(&[counted("a.a", "r", "1", 6, true), counted("a.b", "r", "1", 6, true)]), none);
        assert_eq!(is(&[counted("a.a", "r", "1", 6, false), counted("a.b", "r", "2", 6, false)]), none);
        assert_eq!(is(&[counted("a.a", "r", "1", 6, true), counted("a.b", "r", "2", 6, false)]), ["a.a 1"]);
        assert_eq!(is(&[counted("a.a", "r", "1", 6, true), counted("a.b", "r", "2", 6, true)]), ["a.b 1"]);
        assert_eq!(is(&[counted("a.a[0]", "r", "1", 6, true), counted("a.a[1]", "r", "2", 6, true)]), ["a.a[1] 0"]);
    }
}
