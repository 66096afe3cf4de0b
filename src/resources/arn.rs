//! Amazon Resource Names.
//!
//! Refuses to know which services there are.

use super::Place;
use crate::value::Object;

/// An ARN in its six parts. Prints as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`
    pub partition: &'a str,
    /// `dynamodb`
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty where the owner is AWS or is not named.
    pub account: &'a str,
    /// All the rest: `table/x/index/y`, `stateMachine:x`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes a text apart; `None` if it is no ARN.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }
}

/// An object that is imported by its ARN, which is its id; what is wrong with another text: a whole sentence. `what` is what it is,
/// with its article, `example` the ARN of one.
pub fn import(
    id: &str,
    service: &str,
    is_one: impl Fn(&str) -> bool,
    what: &str,
    example: &str,
) -> Result<Object, String> {
    match Arn::parse(id).filter(|arn| arn.service == service && is_one(arn.resource)) {
        Some(_) => Ok(Object::new().with("id", id)),
        None => Err(format!("{what} is imported by its ARN, such as \"{example}\"; got \"{id}\".")),
    }
}

/// The ARN of something of `service` in this place's region and account. `None` while the account is not known.
pub fn regional(place: &Place, service: &str, resource: &str) -> Option<String> {
    let Place { partition, region, account, .. } = place;
    (!account.is_empty()).then(|| format!("arn:{partition}:{service}:{region}:{account}:{resource}"))
}

/// The ARN of something of `service` that belongs to the account and to no region. `None` while the account is not known.
pub fn global(place: &Place, service: &str, resource: &str) -> Option<String> {
    let Place { partition, account, .. } = place;
    (!account.is_empty()).then(|| format!("arn:{partition}:{service}::{account}:{resource}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_come_apart() {
        let arn = Arn::parse("arn:aws:logs:eu-central-1:123456789012:log-group:/a:b:*").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region), ("aws", "logs", "eu-central-1"));
        assert_eq!((arn.account, arn.resource), ("123456789012", "log-group:/a:b:*"));
        assert_eq!(Arn::parse("arn:aws:iam::aws:policy/x").unwrap().region, "");
        for text in ["", "arn", "arn:aws:iam::1:", "arn:aws:iam::1", "urn:aws:iam::1:x", "arn::iam::1:x"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn arns_need_the_account() {
        let mut place = Place {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
            ..Place::default()
        };
        assert_eq!(regional(&place, "dynamodb", "table/t").unwrap(), "arn:aws:dynamodb:us-east-1:123456789012:table/t");
        assert_eq!(global(&place, "iam", "role/r").unwrap(), "arn:aws:iam::123456789012:role/r");
        place.account.clear();
        assert_eq!((regional(&place, "dynamodb", "table/t"), global(&place, "iam", "role/r")), (None, None));
    }
}
