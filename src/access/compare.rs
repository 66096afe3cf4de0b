//! What two sets of policies allow, compared: gained and lost, like accesses told together.

use super::names::{self, account, resource_name};
use super::{Access, Conditions, Extent, Whom, weaker};
use std::collections::BTreeSet;

/// Accesses that are gained, or lost, together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gain {
    /// Not there before; otherwise not there afterwards.
    pub gained: bool,
    /// `Allow`, not `Deny`.
    pub allow: bool,
    /// Which actions, sorted.
    pub actions: Vec<Extent>,
    /// On what, sorted; empty in trust policies.
    pub resources: Vec<Extent>,
    /// For whom.
    pub whom: Whom,
    /// Only under these conditions.
    pub condition: Option<Conditions>,
    /// It is there on the other side, too, but under another condition: that one.
    pub otherwise: Option<Option<Conditions>>,
}

/// What `after` allows or denies that `before` did not, and the other way round.
pub fn compare(before: &[Access], after: &[Access]) -> Vec<Gain> {
    let (olds, news): (BTreeSet<&Access>, BTreeSet<&Access>) = (before.iter().collect(), after.iter().collect());
    let mut out = Vec::new();
    for (own, other, gained) in [(&news, &olds, true), (&olds, &news, false)] {
        let fresh: Vec<&&Access> =
            own.iter().filter(|a| !other.contains(**a) && !other.iter().any(|b| b.covers(a))).collect();
        // What is wholly inside another fresh access says nothing new.
        let told: Vec<Gain> = fresh
            .iter()
            .enumerate()
            .filter(|(i, a)| !fresh.iter().enumerate().any(|(j, b)| *i != j && b.covers(a) && (!a.covers(b) || j < *i)))
            .map(|(_, a)| Gain {
                gained,
                allow: a.allow,
                actions: vec![a.action.clone()],
                resources: a.resource.iter().cloned().collect(),
                whom: a.whom.clone(),
                condition: a.condition.clone(),
                otherwise: other
                    .iter()
                    .find(|b| Access { condition: None, ..(**b).clone() }.covers(a))
                    .map(|b| b.condition.clone()),
            })
            .collect();
        out.extend(together(told));
    }
    // A condition that changed is told once: as what is there now.
    let known: Vec<Gain> = out.iter().filter(|g| g.gained && g.otherwise.is_some()).cloned().collect();
    out.retain(|g| {
        g.gained
            || !known
                .iter()
                .any(|k| (&k.actions, &k.resources, &k.whom, k.allow) == (&g.actions, &g.resources, &g.whom, g.allow))
    });
    out.sort_by_key(|g| (!g.gained, g.clone()));
    out
}

/// First the actions on one resource, then the resources of the same actions.
fn together(gains: Vec<Gain>) -> Vec<Gain> {
    let mut by_resource: Vec<Gain> = Vec::new();
    for g in gains {
        let same = by_resource.iter_mut().find(|h| {
            (&h.resources, &h.whom, &h.condition, &h.otherwise, h.allow)
                == (&g.resources, &g.whom, &g.condition, &g.otherwise, g.allow)
        });
        match same {
            Some(h) => h.actions.extend(g.actions),
            None => by_resource.push(g),
        }
    }
    let mut out: Vec<Gain> = Vec::new();
    for mut g in by_resource {
        g.actions.sort();
        g.actions.dedup();
        let same = out.iter_mut().find(|h| {
            !h.resources.is_empty()
                && (&h.actions, &h.whom, &h.condition, &h.otherwise, h.allow)
                    == (&g.actions, &g.whom, &g.condition, &g.otherwise, g.allow)
        });
        match same {
            Some(h) => {
                h.resources.extend(g.resources);
                h.resources.sort();
            }
            None => out.push(g),
        }
    }
    out
}

impl Gain {
    /// Whether more is allowed than before.
    pub fn widens(&self) -> bool {
        self.gained == self.allow
    }

    /// `role workflow gains dynamodb:DeleteItem on table items`: a sentence without its full stop. `home` is the account that the
    /// resources of this account are in.
    pub fn sentence(&self, subject: &str, home: Option<&str>) -> String {
        let assume = self.resources.is_empty() && self.actions.iter().all(is_assume);
        let resources: Vec<String> = self.resources.iter().map(|r| resource_text(r, home)).collect();
        let actions = actions_text(&self.actions);
        let mut out = if assume && self.whom != Whom::Holder {
            let whom = whom_text(&self.whom, home);
            match (self.allow, self.gained) {
                (true, true) => format!("{subject} can be assumed by {whom}"),
                (true, false) => format!("{subject} can no longer be assumed by {whom}"),
                (false, true) => format!("{subject} is denied to {whom}"),
                (false, false) => format!("{subject} is no longer denied to {whom}"),
            }
        } else {
            let (who, on) = match &self.whom {
                Whom::Holder => (subject.to_string(), String::new()),
                whom if resources.is_empty() => (whom_text(whom, home), format!(" on {subject}")),
                whom => (whom_text(whom, home), String::new()),
            };
            let on = if resources.is_empty() { on } else { format!(" on {}", listed(&resources)) };
            match (self.allow, self.gained) {
                (true, true) => format!("{who} gains {actions}{on}"),
                (true, false) => format!("{who} loses {actions}{on}"),
                (false, true) => format!("{who} is denied {actions}{on}"),
                (false, false) => format!("{who} is no longer denied {actions}{on}"),
            }
        };
        if let Some(condition) = &self.condition {
            out.push_str(&format!(" when {}", condition_text(condition)));
        }
        match (&self.otherwise, self.gained) {
            (Some(Some(was)), true) => match self.dropped() {
                Some(dropped) => out.push_str(&format!(" without the condition that {}", condition_text(&dropped))),
                None => out.push_str(&format!(", before when {}", condition_text(was))),
            },
            (Some(Some(now)), false) => out.push_str(&format!(", except when {}", condition_text(now))),
            _ => {}
        }
        out
    }

    /// What had to be met before and needs no more to be, where nothing else has to be met instead.
    fn dropped(&self) -> Option<Conditions> {
        let Some(Some(was)) = &self.otherwise else { return None };
        if !weaker(self.condition.as_ref(), Some(was)) {
            return None;
        }
        let mut dropped = was.clone();
        for (operator, keys) in self.condition.iter().flatten() {
            if let Some(left) = dropped.get_mut(operator) {
                left.retain(|key, _| !keys.contains_key(key));
            }
        }
        dropped.retain(|_, keys| !keys.is_empty());
        (!dropped.is_empty()).then_some(dropped)
    }

    /// Whether a condition names the identities that an OpenID Connect provider vouches for.
    fn names_who(&self) -> bool {
        let keys = self.condition.iter().flatten().flat_map(|(_, keys)| keys);
        keys.into_iter().any(|(key, values)| {
            key.to_ascii_lowercase().ends_with(":sub") && !values.iter().any(|v| v.bytes().all(|b| b == b'*'))
        })
    }

    /// What deserves a second look: wildcards, exclusions, strangers, dropped conditions. Each a phrase.
    pub fn warnings(&self, home: Option<&str>) -> Vec<String> {
        if !self.widens() {
            return Vec::new();
        }
        let mut out = Vec::new();
        if !self.allow {
            out.push("a denial is taken away".to_string());
            return out;
        }
        for action in &self.actions {
            match action {
                Extent::Matching(a) if matches!(&**a, "*" | "*:*") => out.push("every action of every service".into()),
                Extent::Matching(a) => {
                    if let Some(service) = a.strip_suffix(":*") {
                        out.push(format!("every action of {service}"));
                    }
                }
                Extent::Except(_) => out.push("NotAction: every action but those named, future ones too".into()),
            }
        }
        for resource in &self.resources {
            match resource {
                // What has no resource of its own can only be allowed on all.
                r if r.is_everything() && self.actions.iter().all(has_no_resource) => {}
                r if r.is_everything() => out.push("every resource".into()),
                Extent::Except(_) => out.push("NotResource: every resource but those named".into()),
                Extent::Matching(_) => {}
            }
        }
        match &self.whom {
            Whom::Everyone if self.condition.is_none() => out.push("anyone, in any account".into()),
            Whom::Everyone => out.push("anyone who meets the condition, in any account".into()),
            Whom::Except(_) => out.push("NotPrincipal: everyone but those named".into()),
            Whom::One(kind, name) if kind == "AWS" => {
                if let (Some(other), Some(home)) = (account(name), home)
                    && other != home
                {
                    out.push(format!("account {other} is another account"));
                }
            }
            Whom::One(kind, name) if kind == "Federated" && !self.names_who() => {
                if let Some((_, provider)) = name.split_once(":oidc-provider/") {
                    out.push(format!("anyone known to {provider}: no condition says whom, by {provider}:sub"));
                }
            }
            Whom::One(..) | Whom::Holder => {}
        }
        if self.dropped().is_some() {
            out.push("a condition is dropped".into());
        }
        out.sort();
        out.dedup();
        out
    }
}

/// Whether an action is about no resource in particular, so that AWS takes no other resource than `*` for it.
fn has_no_resource(action: &Extent) -> bool {
    matches!(action, Extent::Matching(a) if WITHOUT_RESOURCE.iter().any(|w| a.eq_ignore_ascii_case(w)))
}

/// From the service authorization reference: what workflows and tables commonly need.
const WITHOUT_RESOURCE: [&str; 27] = [
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "dynamodb:DescribeLimits",
    "dynamodb:DescribeReservedCapacity",
    "dynamodb:ListGlobalTables",
    "dynamodb:ListTables",
    "iam:ListPolicies",
    "iam:ListRoles",
    "lambda:ListFunctions",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "s3:ListAllMyBuckets",
    "states:ListActivities",
    "states:ListStateMachines",
    "states:ValidateStateMachineDefinition",
    "sts:GetCallerIdentity",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

fn is_assume(action: &Extent) -> bool {
    matches!(action, Extent::Matching(a) if a.to_ascii_lowercase().starts_with("sts:assumerole"))
}

/// `a, b and c`, cut where it is very long.
fn listed(items: &[String]) -> String {
    const MOST: usize = 8;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() > MOST => {
            format!("{} and {} more", many[..MOST - 1].join(", "), many.len() - (MOST - 1))
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Actions of one service name it once: `dynamodb:GetItem, PutItem`.
fn actions_text(actions: &[Extent]) -> String {
    let mut out = Vec::new();
    let mut service = "";
    // What reaches furthest is not among those that are only counted.
    let narrow = |a: &Extent| matches!(a, Extent::Matching(a) if !a.contains('*'));
    let (named, wide): (Vec<&Extent>, Vec<&Extent>) = actions.iter().partition(|a| narrow(a));
    for action in wide.into_iter().chain(named) {
        match action {
            Extent::Matching(a) if a == "*" => out.push("every action".to_string()),
            Extent::Matching(a) => match a.split_once(':') {
                Some((s, name)) if s == service => out.push(name.to_string()),
                Some((s, _)) => {
                    service = s;
                    out.push(a.clone());
                }
                None => out.push(a.clone()),
            },
            Extent::Except(but) => out.push(format!("every action but {}", listed(but))),
        }
    }
    listed(&out)
}

fn resource_text(resource: &Extent, home: Option<&str>) -> String {
    match resource {
        Extent::Matching(arn) => resource_name(arn, home),
        Extent::Except(but) => {
            let names: Vec<String> = but.iter().map(|b| resource_name(b, home)).collect();
            format!("everything but {}", listed(&names))
        }
    }
}

fn whom_text(whom: &Whom, home: Option<&str>) -> String {
    match whom {
        Whom::Holder => "the holder".into(),
        Whom::Everyone => "anyone".into(),
        Whom::Except(but) => format!("everyone but {}", listed(but)),
        Whom::One(kind, name) => match (&**kind, account(name)) {
            ("AWS", Some(id)) if names::is_account_root(name) => match home == Some(id) {
                true => "this account".into(),
                false => format!("account {id}"),
            },
            ("AWS", _) => resource_name(name, home),
            ("Service", _) => format!("service {name}"),
            ("Federated", _) => match name.split_once("-provider/") {
                Some((_, provider)) => format!("identities of {provider}"),
                None => format!("identities of {name}"),
            },
            (_, _) => name.clone(),
        },
    }
}

fn condition_text(condition: &Conditions) -> String {
    let parts: Vec<String> = condition
        .iter()
        .flat_map(|(operator, keys)| {
            keys.iter().map(move |(key, values)| {
                let values: Vec<String> = values.iter().map(|v| format!("\"{v}\"")).collect();
                format!("{key} {operator} {}", values.join(" or "))
            })
        })
        .collect();
    parts.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::super::accesses;
    use super::*;
    use crate::resources::policy::Policy;

    const HOME: Option<&str> = Some("123456789012");

    fn told(before: &[&str], after: &[&str]) -> Vec<String> {
        let of = |statements: &[&str]| {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            accesses(&Policy::parse(&text).unwrap())
        };
        compare(&of(before), &of(after))
            .iter()
            .map(|g| {
                let warnings = g.warnings(HOME);
                let tail = if warnings.is_empty() { String::new() } else { format!(" [{}]", warnings.join("; ")) };
                g.sentence("role r", HOME) + &tail
            })
            .collect()
    }

    fn allow(members: &str) -> String {
        format!(r#"{{"Effect":"Allow",{members}}}"#)
    }

    #[test]
    fn gained_and_lost() {
        let on = |actions: &str, table: &str| {
            allow(&format!(r#""Action":{actions},"Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/{table}""#))
        };
        let put = on(r#""dynamodb:PutItem""#, "items");
        let both = on(r#"["dynamodb:PutItem","dynamodb:DeleteItem"]"#, "items");
        for (before, after, want) in [
            (vec![&*put], vec![&*both], &["role r gains dynamodb:DeleteItem on table items"][..]),
            (vec![&*both], vec![&*put], &["role r loses dynamodb:DeleteItem on table items"]),
            // The same said otherwise, in another order, in two statements.
            (vec![&*both], vec![&*on(r#""dynamodb:DeleteItem""#, "items"), &*put], &[]),
            (
                vec![],
                vec![
                    &*on(r#"["dynamodb:GetItem","dynamodb:PutItem"]"#, "a"),
                    &*on(r#"["dynamodb:PutItem","dynamodb:GetItem"]"#, "b"),
                ],
                &["role r gains dynamodb:GetItem and PutItem on table a and table b"],
            ),
            // Inside what it had already.
            (vec![&*on(r#""dynamodb:*""#, "items")], vec![&*on(r#""dynamodb:*""#, "items"), &*put], &[]),
            (
                vec![&*put],
                vec![&*on(r#""dynamodb:*""#, "items")],
                &["role r gains dynamodb:* on table items [every action of dynamodb]"],
            ),
            (
                vec![&*put],
                vec![&*allow(r#""Action":"*","Resource":"*""#)],
                &["role r gains every action on everything [every action of every service; every resource]"],
            ),
            // Neither can be allowed on less.
            (
                vec![],
                vec![&*allow(r#""Action":["logs:CreateLogDelivery","xray:PutTraceSegments"],"Resource":"*""#)],
                &["role r gains logs:CreateLogDelivery and xray:PutTraceSegments on everything"],
            ),
            (
                vec![],
                vec![&*allow(r#""NotAction":"iam:*","Resource":"*""#)],
                &[
                    "role r gains every action but iam:* on everything [NotAction: every action but those named, future ones too; every resource]",
                ],
            ),
            (
                vec![],
                vec![r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#],
                &["role r is denied s3:* on everything"],
            ),
            (
                vec![r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#],
                vec![],
                &["role r is no longer denied s3:* on everything [a denial is taken away]"],
            ),
        ] {
            assert_eq!(told(&before, &after), want, "{before:?} {after:?}");
        }
    }

    #[test]
    fn trust_and_conditions() {
        let trust = |principal: &str, condition: &str| {
            allow(&format!(r#""Action":"sts:AssumeRole","Principal":{principal}{condition}"#))
        };
        let states = r#"{"Service":"states.amazonaws.com"}"#;
        let only = r#","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}"#;
        let root = r#"{"AWS":"123456789012"}"#;
        let one = r#","Condition":{"StringEquals":{"sts:ExternalId":"x"}}"#;
        let both =
            r#","Condition":{"StringEquals":{"sts:ExternalId":"x"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
        let github = r#"{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}"#;
        let sub = r#","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:o/r:*"}}"#;
        for (before, after, want) in [
            (vec![], vec![trust(states, "")], &["role r can be assumed by service states.amazonaws.com"][..]),
            (
                vec![trust(states, "")],
                vec![trust(states, ""), trust(r#"{"AWS":"999999999999"}"#, "")],
                &["role r can be assumed by account 999999999999 [account 999999999999 is another account]"],
            ),
            (
                vec![trust(r#"{"AWS":"123456789012"}"#, "")],
                vec![trust(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, "")],
                &[],
            ),
            (vec![], vec![trust(r#""*""#, "")], &["role r can be assumed by anyone [anyone, in any account]"]),
            (
                vec![trust(states, only)],
                vec![trust(states, "")],
                &[
                    "role r can be assumed by service states.amazonaws.com without the condition that aws:SourceAccount StringEquals \"123456789012\" [a condition is dropped]",
                ],
            ),
            (
                vec![trust(states, "")],
                vec![trust(states, only)],
                &[
                    "role r can no longer be assumed by service states.amazonaws.com, except when aws:SourceAccount StringEquals \"123456789012\"",
                ],
            ),
            (vec![trust(states, "")], vec![], &["role r can no longer be assumed by service states.amazonaws.com"]),
            // One of two parts is dropped; the other way round it is no gain.
            (
                vec![trust(root, both)],
                vec![trust(root, one)],
                &[
                    "role r can be assumed by this account when sts:ExternalId StringEquals \"x\" without the condition that aws:MultiFactorAuthPresent Bool \"true\" [a condition is dropped]",
                ],
            ),
            (
                vec![trust(root, one)],
                vec![trust(root, both)],
                &[
                    "role r can no longer be assumed by this account when sts:ExternalId StringEquals \"x\", except when aws:MultiFactorAuthPresent Bool \"true\" and sts:ExternalId StringEquals \"x\"",
                ],
            ),
            // Whom a provider vouches for must be said.
            (
                vec![],
                vec![trust(github, "")],
                &[
                    "role r can be assumed by identities of token.actions.githubusercontent.com [anyone known to token.actions.githubusercontent.com: no condition says whom, by token.actions.githubusercontent.com:sub]",
                ],
            ),
            (
                vec![],
                vec![trust(github, sub)],
                &[
                    "role r can be assumed by identities of token.actions.githubusercontent.com when token.actions.githubusercontent.com:sub StringLike \"repo:o/r:*\"",
                ],
            ),
        ] {
            let (b, a): (Vec<&str>, Vec<&str>) =
                (before.iter().map(|s| &**s).collect(), after.iter().map(|s| &**s).collect());
            assert_eq!(told(&b, &a), want, "{before:?} {after:?}");
        }
    }
}
