//! What IAM policies allow, one access at a time: what a change gains and loses, and whether a call is allowed.
//!
//! Works on policy documents alone; refuses to know plans, roles and who a policy is attached to.

mod compare;
mod names;

pub use compare::{Gain, compare};
pub use names::{account, resource_name};

use crate::resources::policy::{Policy, Principals, Statement};
use std::collections::BTreeMap;

/// `Condition`: operator → key → values.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What an element of a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What this pattern matches.
    Matching(String),
    /// Everything but what these patterns match: `NotAction`, `NotResource`, `NotPrincipal`.
    Except(Vec<String>),
}

impl Extent {
    /// Whether all of `other` is in it, as far as patterns tell.
    fn covers(&self, other: &Extent, ignore_case: bool) -> bool {
        match (self, other) {
            (Extent::Matching(p), Extent::Matching(t)) => matches(p, t, ignore_case),
            (Extent::Matching(p), Extent::Except(_)) => p == "*",
            // Nothing of what is left out may be in it, nor a pattern that reaches into that.
            (Extent::Except(out), Extent::Matching(t)) => {
                !out.iter().any(|p| matches(p, t, ignore_case) || matches(t, p, ignore_case))
            }
            (Extent::Except(ours), Extent::Except(theirs)) => {
                ours.iter().all(|p| theirs.iter().any(|t| matches(t, p, ignore_case)))
            }
        }
    }

    /// Whether it has one of everything.
    pub fn is_everything(&self) -> bool {
        match self {
            Extent::Matching(p) => !p.is_empty() && p.bytes().all(|b| b == b'*'),
            Extent::Except(_) => false,
        }
    }
}

/// Whom a statement of a resource or trust policy is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// The policy is attached to them.
    Holder,
    /// Anyone at all.
    Everyone,
    /// By kind (`AWS`, `Service`, `Federated`) and name.
    One(String, String),
    /// Everyone but these.
    Except(Vec<String>),
}

impl Whom {
    fn covers(&self, other: &Whom) -> bool {
        match (self, other) {
            (Whom::Everyone, Whom::Holder) => false,
            (Whom::Everyone, _) => true,
            // A whole account has everyone in it.
            (Whom::One(k, n), Whom::One(l, m)) if k == "AWS" && l == "AWS" => {
                n == m || (names::is_account_root(n) && account(n).is_some() && account(n) == account(m))
            }
            _ => self == other,
        }
    }
}

/// One thing that a policy allows or denies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// `Allow`, not `Deny`.
    pub allow: bool,
    /// Which actions.
    pub action: Extent,
    /// On what; `None` in trust policies, which are about what they stand on.
    pub resource: Option<Extent>,
    /// For whom.
    pub whom: Whom,
    /// Only under these conditions.
    pub condition: Option<Conditions>,
}

impl Access {
    /// Whether `other` adds nothing to it.
    fn covers(&self, other: &Access) -> bool {
        self.allow == other.allow
            && self.action.covers(&other.action, true)
            && match (&self.resource, &other.resource) {
                (Some(a), Some(b)) => a.covers(b, false),
                (a, b) => a == b,
            }
            && self.whom.covers(&other.whom)
            && weaker(self.condition.as_ref(), other.condition.as_ref())
    }
}

/// Whether whoever meets `other` meets this, too: every part of it is a part of the other. Parts must all be met.
fn weaker(this: Option<&Conditions>, other: Option<&Conditions>) -> bool {
    let none = Conditions::new();
    let other = other.unwrap_or(&none);
    this.into_iter().flatten().all(|(operator, keys)| {
        keys.iter().all(|(key, values)| other.get(operator).and_then(|keys| keys.get(key)) == Some(values))
    })
}

/// More accesses than this of one policy are not told apart.
const MOST: usize = 20_000;

/// Everything a policy allows and denies, each access by itself.
pub fn accesses(policy: &Policy) -> Vec<Access> {
    policy.statements.iter().flat_map(of_statement).take(MOST).collect()
}

fn of_statement(statement: &Statement) -> Vec<Access> {
    let extents = |own: &[String], not: &[String]| -> Vec<Extent> {
        if not.is_empty() {
            own.iter().cloned().map(Extent::Matching).collect()
        } else {
            vec![Extent::Except(not.to_vec())]
        }
    };
    let actions = extents(&statement.actions, &statement.not_actions);
    let resources = extents(&statement.resources, &statement.not_resources);
    let resources: Vec<Option<Extent>> =
        if resources.is_empty() { vec![None] } else { resources.into_iter().map(Some).collect() };
    let mut whom = Vec::new();
    match &statement.principals {
        Principals::Everyone(_) => whom.push(Whom::Everyone),
        Principals::Of(kinds) => {
            for (kind, names) in kinds {
                whom.extend(names.iter().map(|n| match n == "*" {
                    true => Whom::Everyone,
                    false => Whom::One(kind.clone(), n.clone()),
                }));
            }
        }
    }
    match &statement.not_principals {
        Principals::Everyone(name) => whom.push(Whom::Except(vec![name.clone()])),
        Principals::Of(kinds) if !kinds.is_empty() => {
            whom.push(Whom::Except(kinds.values().flatten().cloned().collect()));
        }
        Principals::Of(_) => {}
    }
    if whom.is_empty() {
        whom.push(Whom::Holder);
    }
    let condition = statement.conditions.clone().filter(|c| c.values().any(|keys| !keys.is_empty()));
    let allow = statement.effect.eq_ignore_ascii_case("Allow");
    let mut out = Vec::new();
    for action in &actions {
        for resource in &resources {
            for whom in &whom {
                out.push(Access {
                    allow,
                    action: action.clone(),
                    resource: resource.clone(),
                    whom: whom.clone(),
                    condition: condition.clone(),
                });
                if out.len() >= MOST {
                    return out;
                }
            }
        }
    }
    out
}

/// What a set of policies says about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is allowed.
    Allowed,
    /// It is allowed under conditions that are not looked into.
    Perhaps,
    /// It is denied in so many words.
    Denied,
    /// Nothing allows it.
    NotAllowed,
}

/// Whether the holder of these accesses may do `action` on `resource`. Where the name of the resource is not known, `resource` may be
/// a pattern: then an access to anything it might be counts as perhaps.
pub fn may(accesses: &[Access], action: &str, resource: &str) -> Verdict {
    let wanted = Extent::Matching(resource.to_string());
    let of = |a: &Access| -> Option<bool> {
        if !a.action.covers(&Extent::Matching(action.to_string()), true) {
            return None;
        }
        let on = a.resource.as_ref()?;
        if on.covers(&wanted, false) {
            return Some(true);
        }
        let overlaps = matches!(on, Extent::Matching(p) if resource.contains('*') && overlap(p, resource));
        overlaps.then_some(false)
    };
    let mut verdict = Verdict::NotAllowed;
    for access in accesses {
        let Some(wholly) = of(access) else { continue };
        let surely = wholly && access.condition.is_none();
        match (access.allow, surely) {
            (false, true) => return Verdict::Denied,
            // A denial under conditions may not hold here.
            (false, false) => {}
            (true, true) => verdict = Verdict::Allowed,
            (true, false) if verdict == Verdict::NotAllowed => verdict = Verdict::Perhaps,
            (true, false) => {}
        }
    }
    verdict
}

/// Whether `text`, which may be a pattern itself, is all inside the pattern: `*` stands for any text, `?` for one character.
pub fn matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let fold = |s: &str| -> Vec<char> {
        if ignore_case { s.chars().flat_map(char::to_lowercase).collect() } else { s.chars().collect() }
    };
    let (p, t) = (fold(pattern), fold(text));
    let (mut i, mut j) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while j < t.len() {
        match p.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
            }
            // A star in the text may be longer than one character.
            Some(c) if *c == t[j] || (*c == '?' && t[j] != '*') => {
                i += 1;
                j += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    i = at + 1;
                    j = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    p[i..].iter().all(|c| *c == '*')
}

/// Whether some text is inside both patterns, as far as their fixed beginnings and ends tell.
fn overlap(a: &str, b: &str) -> bool {
    let head = |s: &str| s.split(['*', '?']).next().unwrap_or_default().to_string();
    let tail = |s: &str| s.rsplit(['*', '?']).next().unwrap_or_default().to_string();
    let open = |s: &str| s.contains(['*', '?']);
    if !open(a) {
        return matches(b, a, false);
    }
    if !open(b) {
        return matches(a, b, false);
    }
    let (ha, hb, ta, tb) = (head(a), head(b), tail(a), tail(b));
    (ha.starts_with(&hb) || hb.starts_with(&ha)) && (ta.ends_with(&tb) || tb.ends_with(&ta))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("*", "a*b", true),
            ("a*", "ab*", true),
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("abc", "a*c", false),
            ("dynamodb:Get*", "dynamodb:getitem", true),
            ("*:*", "s3:x", true),
        ] {
            assert_eq!(matches(pattern, text, true), want, "{pattern} {text}");
        }
        assert!(!matches("table/A", "table/a", false));
    }

    fn allowed(statements: &str, action: &str, resource: &str) -> Verdict {
        let policy = Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
        may(&accesses(&policy), action, resource)
    }

    #[test]
    fn calls() {
        let put = r#"{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:t/a"}"#;
        let deny = r#"{"Effect":"Deny","Action":"dynamodb:*","Resource":"*"}"#;
        let not = r#"{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}"#;
        let when = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":"true"}}}"#;
        for (statements, action, resource, want) in [
            (put.to_string(), "dynamodb:putItem", "arn:t/a", Verdict::Allowed),
            (put.to_string(), "dynamodb:PutItem", "arn:t/b", Verdict::NotAllowed),
            (put.to_string(), "dynamodb:PutItem", "arn:t/*", Verdict::Perhaps),
            (put.to_string(), "dynamodb:PutItem", "arn:u/*", Verdict::NotAllowed),
            (put.to_string(), "dynamodb:GetItem", "arn:t/a", Verdict::NotAllowed),
            (format!("{put},{deny}"), "dynamodb:PutItem", "arn:t/a", Verdict::Denied),
            (not.to_string(), "dynamodb:PutItem", "arn:t/a", Verdict::Allowed),
            (not.to_string(), "iam:PassRole", "arn:t/a", Verdict::NotAllowed),
            (when.to_string(), "s3:GetObject", "arn:t/a", Verdict::Perhaps),
            (format!("{when},{put}"), "dynamodb:PutItem", "arn:t/a", Verdict::Allowed),
            (String::new(), "s3:GetObject", "arn:t/a", Verdict::NotAllowed),
        ] {
            assert_eq!(allowed(&statements, action, resource), want, "{statements} {action} {resource}");
        }
    }
}
