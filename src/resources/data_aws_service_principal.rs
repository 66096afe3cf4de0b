//! `data.aws_service_principal`: how a service is named in policies, which differs between partitions.
//!
//! Refuses to ask AWS, and to know whether there is such a service.

use super::{Aws, DataSource, Result};
use crate::partition;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "aws_service_principal",
    version: 0,
    doc: "The name of a service as a principal of policies.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String)
                .doc("The principal's name with the region: states.eu-west-1.amazonaws.com."),
            Attribute::computed("name", Ty::String).doc("The principal's name: states.amazonaws.com."),
            Attribute::optional_computed("region", Ty::String).doc("Region; the provider's where not given."),
            Attribute::required("service_name", Ty::String).doc("Name of the service: states."),
            Attribute::computed("suffix", Ty::String).doc("The principal's name without the service: amazonaws.com."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `data.aws_service_principal`
pub struct ServicePrincipal;

#[async_trait]
impl DataSource for ServicePrincipal {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let own = aws.place_so_far().region;
        let hole = || Value::unknown(Type::String);
        let given = config.get("region").filter(|v| !v.is_null());
        let (Some(service), Some(region)) =
            (config.str("service_name"), given.map_or(Some(own.as_str()), |v| v.as_str()))
        else {
            let written = |name: &str| config.get(name).filter(|v| !v.is_null()).cloned().unwrap_or_else(hole);
            let object = Object::new().with("service_name", written("service_name"));
            let object = object.with("region", given.cloned().unwrap_or_else(|| own.as_str().into()));
            return Ok(object.with("id", hole()).with("name", hole()).with("suffix", hole()));
        };
        let suffix = suffix(service, region);
        Ok(Object::new()
            .with("id", format!("{service}.{region}.{suffix}"))
            .with("name", format!("{service}.{suffix}"))
            .with("region", region)
            .with("service_name", service)
            .with("suffix", suffix))
    }

    fn pure(&self) -> bool {
        true
    }
}

/// Only few services are named after the domain of their partition.
fn suffix(service: &str, region: &str) -> &'static str {
    let own: &[&str] = match partition::of(region) {
        "aws-cn" => &["codedeploy", "elasticmapreduce", "logs"],
        "aws-iso" => &["cloudhsm", "config", "logs", "workspaces"],
        "aws-iso-b" => &["dms", "logs"],
        _ => &[],
    };
    if own.contains(&service) { partition::dns_suffix(region) } else { "amazonaws.com" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_services_follow_their_partition() {
        for (service, region, wanted) in [
            ("states", "eu-west-1", "amazonaws.com"),
            ("states", "cn-north-1", "amazonaws.com"),
            ("logs", "cn-north-1", "amazonaws.com.cn"),
            ("codedeploy", "cn-north-1", "amazonaws.com.cn"),
            ("codedeploy", "us-iso-east-1", "amazonaws.com"),
            ("logs", "us-gov-west-1", "amazonaws.com"),
            ("logs", "us-iso-east-1", "c2s.ic.gov"),
            ("logs", "us-isob-east-1", "sc2s.sgov.gov"),
        ] {
            assert_eq!(suffix(service, region), wanted, "{service} {region}");
        }
    }
}
