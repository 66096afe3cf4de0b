//! `data.aws_region`: the provider's region, or one found by its name or endpoint.
//!
//! Refuses to ask AWS: regions are a table.

use super::region::{self, REGIONS};
use super::{Aws, DataSource, Error, ErrorKind, Result};
use crate::diag::nearest;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "aws_region",
    version: 0,
    doc: "A region: the provider's, or the one of the given name or endpoint.",
    block: Block {
        attributes: &[
            Attribute::computed("description", Ty::String).doc("The region in words: Europe (Ireland)."),
            Attribute::optional_computed("endpoint", Ty::String).doc("Host name of EC2 in the region."),
            Attribute::optional_computed("id", Ty::String).doc("Name of the region."),
            Attribute::optional_computed("name", Ty::String).doc("Name of the region: eu-west-1."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `data.aws_region`
pub struct Region;

#[async_trait]
impl DataSource for Region {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        if ["name", "endpoint"].iter().any(|n| config.get(n).is_some_and(|v| !v.is_known())) {
            let hole = || Value::unknown(Type::String);
            let written =
                |name| config.get(name).filter(|v| v.is_known() && !v.is_null()).cloned().unwrap_or_else(hole);
            let object = Object::new().with("name", written("name")).with("endpoint", written("endpoint"));
            return Ok(object.with("description", hole()).with("id", written("name")));
        }
        let own = aws.place_so_far().region;
        let name = find(config.text("name"), config.text("endpoint"), &own)?;
        Ok(Object::new()
            .with("description", region::description(&name))
            .with("endpoint", region::endpoint(&name))
            .with("id", name.as_str())
            .with("name", name.as_str()))
    }

    fn pure(&self) -> bool {
        true
    }
}

fn find(name: Option<&str>, endpoint: Option<&str>, own: &str) -> Result<String> {
    let refuse = |target: &str, message: String| Err(Error::new(ErrorKind::NotFound, target, message));
    let by_endpoint = match endpoint {
        Some(endpoint) => {
            let mut all = REGIONS.iter().map(|r| r.name).chain([own]);
            match all.find(|name| region::endpoint(name) == endpoint) {
                Some(name) => Some(name),
                None => {
                    return refuse(
                        endpoint,
                        format!("No region has the endpoint \"{endpoint}\"; one is ec2.eu-west-1.amazonaws.com."),
                    );
                }
            }
        }
        None => None,
    };
    let Some(name) = name else { return Ok(by_endpoint.unwrap_or(own).to_string()) };
    if !REGIONS.iter().any(|r| r.name == name) && name != own {
        let meant = nearest(name, REGIONS.iter().map(|r| r.name));
        let meant = meant.map(|m| format!(" Did you mean \"{m}\"?")).unwrap_or_default();
        return refuse(name, format!("There is no region \"{name}\".{meant}"));
    }
    match by_endpoint {
        Some(other) if other != name => {
            refuse(name, format!("name is the region \"{name}\", but endpoint is one of \"{other}\"."))
        }
        _ => Ok(name.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found() {
        let ireland = "ec2.eu-west-1.amazonaws.com";
        for (name, endpoint, wanted) in [
            (None, None, Ok("us-east-1")),
            (Some("eu-west-2"), None, Ok("eu-west-2")),
            (None, Some(ireland), Ok("eu-west-1")),
            (Some("eu-west-1"), Some(ireland), Ok("eu-west-1")),
            (
                Some("eu-west-2"),
                Some(ireland),
                Err("name is the region \"eu-west-2\", but endpoint is one of \"eu-west-1\"."),
            ),
            (Some("eu-west1"), None, Err("There is no region \"eu-west1\". Did you mean \"eu-west-1\"?")),
        ] {
            let found = find(name, endpoint, "us-east-1").map_err(|e| e.message);
            assert_eq!(found.as_deref().map_err(String::as_str), wanted);
        }
        assert_eq!(find(Some("mars-north-1"), None, "mars-north-1").unwrap(), "mars-north-1");
        assert!(find(None, Some("ec2.mars.amazonaws.com"), "us-east-1").is_err());
    }
}
