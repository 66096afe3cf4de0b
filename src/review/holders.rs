//! Who may do what before a plan and after it: roles with all policies the plan knows of, whom they trust, and policies that stand alone.
//!
//! Refuses to know what anybody thinks of it.

use super::changes;
use crate::access::{self, Access};
use crate::address::{Address, Mode};
use crate::plan::{Action, Change, Plan};
use crate::resources::policy::Policy;
use crate::value::{Kind, Object, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Whom or what policies are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// What a role may do, by its name.
    Role(String),
    /// Who may assume a role, by its name.
    Trust(String),
    /// A managed policy that no role of the plan has, by its name.
    Policy(String),
    /// A policy on a resource: its address.
    Resource(String),
}

impl Subject {
    /// For sentences.
    pub fn text(&self) -> String {
        match self {
            Subject::Role(name) | Subject::Trust(name) => format!("role {name}"),
            Subject::Policy(name) => format!("whoever has policy {name}"),
            Subject::Resource(address) => address.clone(),
        }
    }
}

/// What one side allows.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Whether it is there at all.
    pub exists: bool,
    /// What is allowed and denied.
    pub accesses: Vec<Access>,
    /// Managed policies whose content the plan does not know: their ARNs.
    pub foreign: BTreeSet<String>,
    /// Whether some of it is known after apply, sensitive, or no policy.
    pub open: bool,
}

/// Before and after.
#[derive(Clone, Debug, Default)]
pub struct Holder {
    /// Before the plan.
    pub before: Side,
    /// After it.
    pub after: Side,
    /// The objects it comes from.
    pub addresses: BTreeSet<Address>,
}

/// All that a plan knows of.
#[derive(Clone, Debug, Default)]
pub struct Holders {
    /// By whom or what it is about.
    pub all: BTreeMap<Subject, Holder>,
    /// Role and name or ARN of the policies that have objects of their own: what the role itself says of them is what was last seen.
    told: BTreeSet<(String, String)>,
}

fn told_apart(plan: &Plan) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    for (c, value) in changes(plan).into_iter().flat_map(|c| [(c, &c.before), (c, &c.after)]) {
        let o = Object::from_value(value);
        let mut put = |role: Option<&str>, name: Option<&str>| {
            out.extend(role.zip(name).map(|(r, n)| (r.to_string(), n.to_string())));
        };
        match &*c.address.ty {
            "aws_iam_role_policy" => put(o.str("role"), o.str("name")),
            "aws_iam_role_policy_attachment" => put(o.str("role"), o.str("policy_arn")),
            "aws_iam_policy_attachment" => {
                o.strings("roles").into_iter().for_each(|r| put(Some(r), o.str("policy_arn")))
            }
            _ => {}
        }
    }
    out
}

/// A value with a hole for everything sensitive: nothing of it gets into a sentence.
pub(super) fn visible(value: &Value) -> Value {
    if value.is_sensitive() {
        return Value::unknown(value.ty());
    }
    match value.kind() {
        Kind::Object(fields) => Value::object(fields.iter().map(|(k, v)| (k.clone(), visible(v))).collect()),
        Kind::Map(ty, fields) => Value::map(ty.clone(), fields.iter().map(|(k, v)| (k.clone(), visible(v))).collect()),
        Kind::List(ty, items) => Value::list(ty.clone(), items.iter().map(visible).collect()),
        Kind::Tuple(items) => Value::tuple(items.iter().map(visible).collect()),
        _ => value.clone(),
    }
}

impl Holders {
    /// Of this plan.
    pub fn of(plan: &Plan) -> Holders {
        let mut out = Holders { told: told_apart(plan), ..Holders::default() };
        let objects: Vec<&Change> =
            changes(plan).into_iter().filter(|c| c.deposed.is_none() && c.address.mode == Mode::Managed).collect();
        for is_after in [false, true] {
            let objects: Vec<(&Address, Object)> = objects
                .iter()
                .filter_map(|c| {
                    let value = if is_after && c.action != Action::Forget { &c.after } else { &c.before };
                    (!value.is_null()).then(|| (&c.address, Object::from_value(&visible(value))))
                })
                .collect();
            out.side(&objects, is_after);
        }
        out
    }

    fn at(&mut self, subject: Subject, address: &Address, is_after: bool) -> &mut Side {
        let holder = self.all.entry(subject).or_default();
        holder.addresses.insert(address.clone());
        if is_after { &mut holder.after } else { &mut holder.before }
    }

    fn side(&mut self, objects: &[(&Address, Object)], is_after: bool) {
        let mut managed: BTreeMap<&str, (&str, Option<Vec<Access>>)> = BTreeMap::new();
        for (_, o) in objects.iter().filter(|(a, _)| &*a.ty == "aws_iam_policy") {
            if let (Some(arn), Some(name)) = (o.str("arn"), o.str("name")) {
                managed.insert(arn, (name, read(o.get("policy"))));
            }
        }
        let mut attached: BTreeSet<String> = BTreeSet::new();
        let mut attach = |out: &mut Holders, role: &str, address: &Address, arn: Option<&str>| {
            let side = out.at(Subject::Role(role.into()), address, is_after);
            match arn {
                None => side.open = true,
                Some(arn) => match managed.get(arn) {
                    Some((_, Some(accesses))) => side.accesses.extend(accesses.iter().cloned()),
                    Some((_, None)) => side.open = true,
                    None => {
                        side.foreign.insert(arn.to_string());
                    }
                },
            }
            attached.extend(arn.map(String::from));
        };
        for (address, o) in objects {
            match &*address.ty {
                "aws_iam_role" => {
                    let Some(name) = o.str("name") else { continue };
                    let side = self.at(Subject::Trust(name.into()), address, is_after);
                    side.exists = true;
                    side.take(read(o.get("assume_role_policy")));
                    self.at(Subject::Role(name.into()), address, is_after).exists = true;
                    let inline = o.get("inline_policy");
                    for block in inline.and_then(Value::as_slice).unwrap_or_default() {
                        let own = block.get("name").and_then(|n| n.as_shared_str()).unwrap_or_default();
                        if self.told.contains(&(name.to_string(), own.to_string())) {
                            continue;
                        }
                        let text = block.get("policy").filter(|p| !p.is_null() && p.as_str() != Some(""));
                        if let Some(text) = text {
                            self.at(Subject::Role(name.into()), address, is_after).take(read(Some(&text)));
                        }
                    }
                    for arn in o.strings("managed_policy_arns") {
                        if self.told.contains(&(name.to_string(), arn.to_string())) {
                            continue;
                        }
                        attach(self, name, address, Some(arn));
                    }
                }
                "aws_iam_role_policy" => {
                    if let Some(role) = o.str("role") {
                        self.at(Subject::Role(role.into()), address, is_after).take(read(o.get("policy")));
                    }
                }
                "aws_iam_role_policy_attachment" => {
                    if let Some(role) = o.str("role") {
                        attach(self, role, address, o.str("policy_arn"));
                    }
                }
                "aws_iam_policy_attachment" => {
                    for role in o.strings("roles") {
                        attach(self, role, address, o.str("policy_arn"));
                    }
                }
                "aws_dynamodb_resource_policy" => {
                    let side = self.at(Subject::Resource(address.to_string()), address, is_after);
                    side.exists = true;
                    side.take(read(o.get("policy")));
                }
                _ => {}
            }
        }
        for (address, o) in objects.iter().filter(|(a, _)| &*a.ty == "aws_iam_policy") {
            if let (Some(arn), Some(name)) = (o.str("arn"), o.str("name"))
                && !attached.contains(arn)
            {
                let side = self.at(Subject::Policy(name.into()), address, is_after);
                side.exists = true;
                side.take(read(o.get("policy")));
            }
        }
        // The policy of a role is also where the role says what it has: each access once.
        for holder in self.all.values_mut() {
            let side = if is_after { &mut holder.after } else { &mut holder.before };
            side.accesses.sort();
            side.accesses.dedup();
        }
    }
}

impl Side {
    fn take(&mut self, accesses: Option<Vec<Access>>) {
        match accesses {
            Some(accesses) => self.accesses.extend(accesses),
            None => self.open = true,
        }
    }
}

/// What a policy's text allows; `None` where it cannot be told.
fn read(text: Option<&Value>) -> Option<Vec<Access>> {
    let text = text?;
    if text.marks_deep().sensitive {
        return None;
    }
    Some(access::accesses(&Policy::parse(text.as_str()?).ok()?))
}
