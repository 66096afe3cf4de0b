//! The regions of AWS by name and in words.
//!
//! Refuses to know which of them an account may use.

use crate::partition;

/// A region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Such as `eu-central-1`.
    pub name: &'static str,
    /// Such as `Europe (Frankfurt)`.
    pub description: &'static str,
}

const fn region(name: &'static str, description: &'static str) -> Region {
    Region { name, description }
}

/// All that were there when the provider's data were taken.
pub const REGIONS: &[Region] = &[
    region("af-south-1", "Africa (Cape Town)"),
    region("ap-east-1", "Asia Pacific (Hong Kong)"),
    region("ap-east-2", "Asia Pacific (Taipei)"),
    region("ap-northeast-1", "Asia Pacific (Tokyo)"),
    region("ap-northeast-2", "Asia Pacific (Seoul)"),
    region("ap-northeast-3", "Asia Pacific (Osaka)"),
    region("ap-south-1", "Asia Pacific (Mumbai)"),
    region("ap-south-2", "Asia Pacific (Hyderabad)"),
    region("ap-southeast-1", "Asia Pacific (Singapore)"),
    region("ap-southeast-2", "Asia Pacific (Sydney)"),
    region("ap-southeast-3", "Asia Pacific (Jakarta)"),
    region("ap-southeast-4", "Asia Pacific (Melbourne)"),
    region("ap-southeast-5", "Asia Pacific (Malaysia)"),
    region("ap-southeast-7", "Asia Pacific (Thailand)"),
    region("ca-central-1", "Canada (Central)"),
    region("ca-west-1", "Canada West (Calgary)"),
    region("cn-north-1", "China (Beijing)"),
    region("cn-northwest-1", "China (Ningxia)"),
    region("eu-central-1", "Europe (Frankfurt)"),
    region("eu-central-2", "Europe (Zurich)"),
    region("eu-isoe-west-1", "EU ISOE West"),
    region("eu-north-1", "Europe (Stockholm)"),
    region("eu-south-1", "Europe (Milan)"),
    region("eu-south-2", "Europe (Spain)"),
    region("eu-west-1", "Europe (Ireland)"),
    region("eu-west-2", "Europe (London)"),
    region("eu-west-3", "Europe (Paris)"),
    region("eusc-de-east-1", "EU (Germany)"),
    region("il-central-1", "Israel (Tel Aviv)"),
    region("me-central-1", "Middle East (UAE)"),
    region("me-south-1", "Middle East (Bahrain)"),
    region("mx-central-1", "Mexico (Central)"),
    region("sa-east-1", "South America (Sao Paulo)"),
    region("us-east-1", "US East (N. Virginia)"),
    region("us-east-2", "US East (Ohio)"),
    region("us-gov-east-1", "AWS GovCloud (US-East)"),
    region("us-gov-west-1", "AWS GovCloud (US-West)"),
    region("us-iso-east-1", "US ISO East"),
    region("us-iso-west-1", "US ISO WEST"),
    region("us-isob-east-1", "US ISOB East (Ohio)"),
    region("us-isof-east-1", "US ISOF EAST"),
    region("us-isof-south-1", "US ISOF SOUTH"),
    region("us-west-1", "US West (N. California)"),
    region("us-west-2", "US West (Oregon)"),
];

/// What a region is called; empty for one that is newer than the list.
pub fn description(name: &str) -> &'static str {
    REGIONS.iter().find(|r| r.name == name).map_or("", |r| r.description)
}

/// The host name of EC2 in a region, by which the provider also lets one find a region.
pub fn endpoint(name: &str) -> String {
    format!("ec2.{name}.{}", partition::dns_suffix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted_and_have_endpoints() {
        assert!(REGIONS.is_sorted_by(|a, b| a.name < b.name));
        for (name, wanted) in [
            ("eu-west-1", "ec2.eu-west-1.amazonaws.com"),
            ("cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"),
            ("us-iso-east-1", "ec2.us-iso-east-1.c2s.ic.gov"),
            ("us-isof-east-1", "ec2.us-isof-east-1.csp.hci.ic.gov"),
            ("eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(endpoint(name), wanted);
        }
        assert_eq!((description("eu-west-1"), description("mars-1")), ("Europe (Ireland)", ""));
    }
}
