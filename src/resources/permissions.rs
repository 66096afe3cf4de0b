//! Which IAM actions a type needs, and on what: data that stands beside each type, and how an object's ARNs are made of it.
//!
//! Refuses to know which objects there are; `plan::permissions` does.

use super::{Object, Place};
use crate::value::Value;

/// What an action is allowed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// ARNs with `{partition}`, `{region}`, `{account}` and names of attributes in braces; `*` stands for what is not known.
    Arns(&'static [&'static str]),
    /// The ARN, or the ARNs, that this attribute holds. A version behind a state machine's name is left out.
    Attribute(&'static str),
    /// The roles that this attribute names.
    Roles(&'static str),
    /// Everything: the action knows no resources.
    All,
}

/// One need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Such as `dynamodb:CreateTable`.
    pub actions: &'static [&'static str],
    /// On what.
    pub on: On,
    /// Only where this attribute is set (neither null, nor empty).
    pub when: Option<&'static str>,
    /// `iam:PassedToService`: for handing a role to a service.
    pub passed_to: Option<&'static str>,
    /// Set for what AWS checks although nobody calls it, as `iam:PassRole`.
    pub implied: bool,
}

impl Permit {
    /// Actions on something.
    pub const fn new(actions: &'static [&'static str], on: On) -> Permit {
        Permit { actions, on, when: None, passed_to: None, implied: false }
    }
    /// Needed only where this attribute is set.
    pub const fn when(mut self, attribute: &'static str) -> Permit {
        self.when = Some(attribute);
        self
    }
    /// Checked by AWS without a call of that name.
    pub const fn implied(mut self) -> Permit {
        self.implied = true;
        self
    }
    /// Handing the roles that an attribute names by their ARNs to a service.
    pub const fn pass_role(attribute: &'static str, service: &'static str) -> Permit {
        let mut permit = Permit::new(&["iam:PassRole"], On::Attribute(attribute)).when(attribute).implied();
        permit.passed_to = Some(service);
        permit
    }
}

/// What a type needs, by operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// To look at an object: for every plan.
    pub read: &'static [Permit],
    /// To make one, beside looking.
    pub create: &'static [Permit],
    /// To change one, beside looking.
    pub update: &'static [Permit],
    /// To delete one, beside looking.
    pub delete: &'static [Permit],
}

impl Permissions {
    /// Nothing of AWS.
    pub const NONE: Permissions = Permissions { read: &[], create: &[], update: &[], delete: &[] };
    /// Of a data source.
    pub const fn reading(read: &'static [Permit]) -> Permissions {
        Permissions { read, create: &[], update: &[], delete: &[] }
    }
}

/// Whether an object has what makes a permit necessary; what is not known yet may have it.
pub fn applies(permit: &Permit, object: &Object) -> bool {
    let Some(name) = permit.when else { return true };
    match object.get(name) {
        Some(value) => !value.is_known() || !value.is_zero(),
        None => false,
    }
}

/// The ARNs that a permit is about, for one object; `path_of` knows the paths of roles by their names.
pub fn arns(on: On, place: &Place, object: &Object, path_of: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    match on {
        On::All => vec!["*".to_string()],
        On::Arns(templates) => templates.iter().map(|t| filled(t, place, object)).collect(),
        On::Attribute(name) => {
            let found = texts(object, name);
            match found.is_empty() {
                true => vec!["*".to_string()],
                false => found.iter().map(|arn| unversioned(arn)).collect(),
            }
        }
        On::Roles(name) => {
            let (partition, account) = (&place.partition, account(place));
            let found = texts(object, name);
            let names = if found.is_empty() { vec!["*".to_string()] } else { found };
            let arn = |path: &str, role: &str| format!("arn:{partition}:iam::{account}:role{path}{role}");
            let of = |role: &String| match path_of(role) {
                Some(path) => vec![arn(&path, role)],
                None if role == "*" => vec![arn("/", role)],
                // Whose path is not known: with none, or any.
                None => vec![arn("/", role), arn("/*/", role)],
            };
            names.iter().flat_map(of).collect()
        }
    }
}

fn account(place: &Place) -> &str {
    if place.account.is_empty() { "*" } else { &place.account }
}

/// The known strings of an attribute: one, or those of a collection, or what one of its blocks holds (`block.attribute`).
fn texts(object: &Object, name: &str) -> Vec<String> {
    if let Some((block, name)) = name.split_once('.') {
        return object.blocks(block).iter().flat_map(|b| texts(b, name)).collect();
    }
    let of = |v: &Value| v.as_str().filter(|s| !s.is_empty()).map(String::from);
    match object.get(name) {
        Some(v) if v.is_known() => match v.as_slice() {
            Some(list) => list.iter().filter_map(of).collect(),
            None => of(v).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

/// A template with its braces filled.
fn filled(template: &str, place: &Place, object: &Object) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&match name {
            "partition" => place.partition.clone(),
            "region" => place.region.clone(),
            "account" => account(place).to_string(),
            "path" => object.text("path").unwrap_or("/").to_string(),
            "name" => match (object.text("name"), object.text("name_prefix")) {
                (Some(name), _) => name.to_string(),
                (None, Some(prefix)) => format!("{prefix}*"),
                (None, None) => "*".to_string(),
            },
            // It may be given as an ARN.
            "table_name" => {
                object.text("table_name").map_or("*", |n| n.rsplit("table/").next().unwrap_or(n)).to_string()
            }
            other => object.text(other).unwrap_or("*").to_string(),
        });
        rest = behind;
    }
    out + rest
}

/// The ARN of a state machine without the version behind it.
fn unversioned(arn: &str) -> String {
    let machine = arn.contains(":stateMachine:") && arn.split(':').count() == 8;
    match arn.rsplit_once(':') {
        Some((machine_arn, _)) if machine => machine_arn.to_string(),
        _ => arn.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn arns_are_as_exact_as_what_is_known() {
        let place = Place {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            ..Place::default()
        };
        let nowhere = Place { account: String::new(), ..place.clone() };
        let table = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}"]);
        let role = On::Arns(&["arn:{partition}:iam::{account}:role{path}{name}"]);
        let named = Object::new().with("name", "x");
        let prefixed = Object::new().with("name", Value::unknown(Type::String)).with("name_prefix", "x-");
        let hole = Object::new().with("name", Value::unknown(Type::String));
        let holder = Object::new().with("role", "r").with("role_arn", "arn:aws:iam::1:role/r");
        let alias = Object::new().with("machine", "arn:aws:states:eu-west-1:1:stateMachine:m:7");
        let paths = |role: &str| (role == "r").then(|| "/p/".to_string());
        for (on, place, object, wanted) in [
            (table, &place, &named, vec!["arn:aws:dynamodb:eu-west-1:123456789012:table/x"]),
            (table, &nowhere, &prefixed, vec!["arn:aws:dynamodb:eu-west-1:*:table/x-*"]),
            (table, &place, &hole, vec!["arn:aws:dynamodb:eu-west-1:123456789012:table/*"]),
            (role, &place, &named, vec!["arn:aws:iam::123456789012:role/x"]),
            (On::Roles("role"), &place, &holder, vec!["arn:aws:iam::123456789012:role/p/r"]),
            (
                On::Roles("name"),
                &place,
                &named,
                vec!["arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:role/*/x"],
            ),
            (On::Roles("name"), &place, &hole, vec!["arn:aws:iam::123456789012:role/*"]),
            (On::Attribute("role_arn"), &place, &holder, vec!["arn:aws:iam::1:role/r"]),
            (On::Attribute("role_arn"), &place, &named, vec!["*"]),
            (On::Attribute("machine"), &place, &alias, vec!["arn:aws:states:eu-west-1:1:stateMachine:m"]),
            (On::All, &place, &named, vec!["*"]),
        ] {
            assert_eq!(arns(on, place, object, &paths), wanted);
        }
    }
}
