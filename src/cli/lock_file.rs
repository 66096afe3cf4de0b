//! `.terraform.lock.hcl`: which version of the AWS provider terraform uses here. It is only read.

use super::World;
use crate::config::syntax;
use crate::diag::Source;

/// The first number of the version of hashicorp/aws that is chosen, if one is.
pub fn aws_major(world: &World) -> Option<u64> {
    major(&std::fs::read_to_string(world.path(".terraform.lock.hcl")).ok()?)
}

fn major(text: &str) -> Option<u64> {
    let (body, _) = syntax::parse(&Source::new(".terraform.lock.hcl", text));
    let ours = body
        .blocks
        .iter()
        .find(|b| &*b.ty.name == "provider" && b.labels.first().is_some_and(|l| l.name.ends_with("/hashicorp/aws")))?;
    let version = ours.body.attribute("version")?.value.span.text();
    version.trim_matches('"').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_locks() {
        let lock = |source: &str, version: &str| {
            format!(
                "# This file is maintained.\nprovider \"{source}\" {{\n  version     = \"{version}\"\n  hashes = [\"h1:x\"]\n}}\n"
            )
        };
        for (text, wanted) in [
            (lock("registry.terraform.io/hashicorp/aws", "6.12.0"), Some(6)),
            (lock("registry.opentofu.org/hashicorp/aws", "5.100.0"), Some(5)),
            (lock("registry.terraform.io/hashicorp/random", "6.0.0"), None),
            (String::new(), None),
            ("provider {".to_string(), None),
        ] {
            assert_eq!(major(&text), wanted, "{text}");
        }
    }
}
