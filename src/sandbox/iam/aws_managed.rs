//! The managed policies that AWS provides: names and default versions, and the documents of those a deployer meets often.
//!
//! Refuses to know accounts. A line of the list is `<path and name> <default version> [<document>]`.

const LIST: &str = include_str!("aws_managed.txt");

/// A policy that AWS provides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Provided {
    /// `/` or such as `/service-role/`.
    pub(super) path: &'static str,
    /// Such as `AWSLambdaBasicExecutionRole`.
    pub(super) name: &'static str,
    /// Such as `v1`.
    pub(super) version: &'static str,
    /// The document, where the list has it.
    pub(super) document: Option<&'static str>,
}

fn parse(line: &'static str) -> Option<Provided> {
    let mut fields = line.splitn(3, ' ');
    let (full, version) = (fields.next()?, fields.next()?);
    let (path, name) = match full.rsplit_once('/') {
        Some((path, name)) => (path, name),
        None => ("", full),
    };
    Some(Provided { path, name, version, document: fields.next() })
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Provided> {
    LIST.lines().filter_map(parse)
}

/// The one an ARN names: `arn:aws:iam::aws:policy/service-role/AWSLambdaRole`.
pub(super) fn find(arn: &str) -> Option<Provided> {
    let full = name_in(arn)?;
    let line = LIST.lines().find(|l| l.strip_prefix(full).is_some_and(|rest| rest.starts_with(' ')))?;
    parse(line)
}

/// Path and name in the ARN of a policy that AWS provides, whether the list has it or not.
pub(super) fn name_in(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:")?;
    let (_, rest) = rest.split_once(':')?;
    rest.strip_prefix("iam::aws:policy/")
}

impl Provided {
    /// With its slashes: `/service-role/`.
    pub(super) fn full_path(&self) -> String {
        if self.path.is_empty() { "/".to_owned() } else { format!("/{}/", self.path) }
    }

    /// In a partition.
    pub(super) fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.full_path(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_well_formed() {
        assert_eq!(all().count(), LIST.lines().count());
        for policy in all() {
            assert!(policy.version.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok()), "{}", policy.name);
            if let Some(document) = policy.document {
                assert!(serde_json::from_str::<serde_json::Value>(document).is_ok(), "{}", policy.name);
            }
            assert_eq!(find(&policy.arn("aws")).unwrap().name, policy.name);
        }
        assert!(find("arn:aws:iam::aws:policy/AWSLambda").is_none());
        assert!(find("arn:aws:iam::123456789012:policy/AdministratorAccess").is_none());
    }
}
