//! Of what looking showed to be different from the state, what somebody did. The first look after an apply fills in what the apply had
//! no need to know, and a role tells of policies that are objects of their own: nobody changed anything there.
//!
//! Terraform takes both for changes. A job that only looks for changes would never be quiet.

use super::{Action, Change};
use crate::address::Address;
use crate::value::{Fields, Object, Value};
use std::collections::BTreeSet;

/// Role and name or ARN of the policies that are objects of the state.
#[derive(Debug, Default)]
pub(super) struct Own(BTreeSet<(String, String)>);

impl Own {
    /// Of these objects, as the state and as the world has them.
    pub(super) fn of<'a>(objects: impl Iterator<Item = (&'a Address, &'a Object)>) -> Own {
        let mut out = BTreeSet::new();
        for (address, o) in objects {
            let mut put = |role: &str, name: Option<&str>| {
                out.extend(name.map(|n| (role.to_string(), n.to_string())));
            };
            let role = o.str("role").unwrap_or_default();
            match &*address.ty {
                "aws_iam_role_policy" => put(role, o.str("name")),
                "aws_iam_role_policy_attachment" => put(role, o.str("policy_arn")),
                "aws_iam_policy_attachment" => {
                    o.strings("roles").into_iter().for_each(|role| put(role, o.str("policy_arn")));
                }
                _ => {}
            }
        }
        Own(out)
    }

    /// Whether two values of this attribute of a role differ in nothing but these policies.
    fn explains(&self, role: &str, before: &Value, after: &Value) -> bool {
        let name = |v: &Value| {
            let name = v.get("name").unwrap_or_else(|| v.clone());
            name.as_str().map(String::from)
        };
        let others = |v: &Value| -> BTreeSet<String> {
            let parts = v.as_slice().unwrap_or_default().iter();
            let others = parts.filter(|p| name(p).is_none_or(|n| !self.0.contains(&(role.to_string(), n))));
            others.map(|p| format!("{:?}", p.clone().unmark_deep().0)).collect()
        };
        others(before) == others(after)
    }
}

/// The changes that somebody made, each without what nobody did.
pub(super) fn by_others(drift: Vec<Change>, own: &Own) -> Vec<Change> {
    drift.into_iter().filter_map(|change| by_other(change, own)).collect()
}

fn by_other(mut change: Change, own: &Own) -> Option<Change> {
    if change.action == Action::Delete {
        return Some(change);
    }
    let (Some(before), Some(after)) = (change.before.as_fields(), change.after.as_fields()) else {
        return Some(change);
    };
    let role = change.before.get("name").and_then(|n| n.as_str().map(String::from)).unwrap_or_default();
    let is_role = &*change.address.ty == "aws_iam_role";
    let same = |name: &str, b: &Value, a: &Value| {
        let of_policies = is_role && matches!(name, "inline_policy" | "managed_policy_arns");
        b == a || (b.is_zero() && a.is_zero()) || (of_policies && own.explains(&role, b, a))
    };
    // What nobody did looks as if it had been so all along.
    let told: Fields = before
        .iter()
        .map(|(name, b)| match after.get(name) {
            Some(a) if same(name, b, a) => (name.clone(), a.clone()),
            _ => (name.clone(), b.clone()),
        })
        .collect();
    if told == *after {
        return None;
    }
    change.before = Value::object(told);
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn change(ty: &str, before: &[(&'static str, Value)], after: &[(&'static str, Value)]) -> Change {
        let side = |fields: &[(&'static str, Value)]| Value::object_of(fields.iter().cloned());
        Change::new(format!("{ty}.x").parse().unwrap(), String::new(), Action::Update, side(before), side(after))
    }

    #[test]
    fn what_only_looking_filled_in_is_no_change() {
        let null = || Value::null(Type::map(Type::String));
        let empty = || Value::map(Type::String, Fields::new());
        let some = || Value::map(Type::String, Fields::from([("a".into(), Value::string("b"))]));
        let told = |before: Value, after: Value, days: (i64, i64)| {
            let c = change(
                "aws_cloudwatch_log_group",
                &[("tags", before), ("retention_in_days", Value::number(days.0))],
                &[("tags", after), ("retention_in_days", Value::number(days.1))],
            );
            by_others(vec![c], &Own::default())
        };
        assert!(told(null(), empty(), (30, 30)).is_empty());
        assert_eq!(told(null(), some(), (30, 30)).len(), 1);
        assert_eq!(told(some(), empty(), (30, 30)).len(), 1);
        let both = told(null(), empty(), (30, 7));
        assert_eq!(both.len(), 1);
        assert_eq!(both[0].before.get("tags"), both[0].after.get("tags"), "only the days are told");
    }

    #[test]
    fn a_role_that_tells_of_the_states_own_policies_did_not_change() {
        let policy = |name: &str| Value::object_of([("name", Value::string(name)), ("policy", Value::string("{}"))]);
        let policies = |names: &[&str]| {
            let list: Vec<Value> = names.iter().map(|n| policy(n)).collect();
            Value::set(policy("x").ty(), list)
        };
        let address: Address = "aws_iam_role_policy.p".parse().unwrap();
        let object = Object::new().with("role", "r").with("name", "mine");
        let own = Own::of([(&address, &object)].into_iter());
        for (before, after, told) in [
            (&[][..], &["mine"][..], 0),
            (&["mine"], &[], 0),
            (&[], &["mine", "other"], 1),
            (&["other"], &["other", "mine"], 0),
            (&["other"], &["mine"], 1),
        ] {
            let side = |names: &[&str]| [("name", Value::string("r")), ("inline_policy", policies(names))];
            let c = change("aws_iam_role", &side(before), &side(after));
            assert_eq!(by_others(vec![c], &own).len(), told, "{before:?} {after:?}");
        }
    }
}
