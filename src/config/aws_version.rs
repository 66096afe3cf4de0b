//! For which version of the AWS provider a configuration is written: from version 6 on, objects have a `region`.
//!
//! The dependency lock file knows, which is only read; where there is none, `required_providers` may exclude what is older.

use super::files::Files;
use super::version::Constraint;
use super::{Config, Module, syntax};
use crate::diag::Source;
use std::path::Path;

/// Where terraform notes which version it chose.
const LOCK_FILE: &str = ".terraform.lock.hcl";
const AWS: &str = "/hashicorp/aws";

/// The first number of the version of hashicorp/aws that is chosen in `dir`, if one is.
pub(super) fn locked(files: &mut Files, dir: &Path) -> Option<u64> {
    let path = dir.join(LOCK_FILE);
    let text = String::from_utf8(files.read(&path).ok()?).ok()?;
    files.remember(&path, &text);
    major(&text)
}

fn major(text: &str) -> Option<u64> {
    let (body, _) = syntax::parse(&Source::new(LOCK_FILE, text));
    let ours = body
        .blocks
        .iter()
        .find(|b| &*b.ty.name == "provider" && b.labels.first().is_some_and(|l| l.name.ends_with(AWS)))?;
    let version = ours.body.attribute("version")?.value.span.text();
    version.trim_matches('"').split('.').next()?.parse().ok()
}

impl Config {
    /// Whether objects have the attribute `region` that version 6 of the AWS provider gave them.
    pub fn has_regions(&self) -> bool {
        self.locked_aws.unwrap_or_else(|| least(&self.root)) >= 6
    }
}

/// The first number below which no version of the provider will do, in a module and those it calls.
fn least(module: &Module) -> u64 {
    let aws = module.settings.required_providers.values().filter(|r| r.source.ends_with(AWS));
    let own = aws.filter_map(|r| r.version.as_ref()?.parse::<Constraint>().ok()).map(|c| c.least_major());
    own.chain(module.children.values().map(least)).max().unwrap_or(0)
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

    #[test]
    fn regions_come_with_version_6() {
        let required = |version: &str| {
            format!(
                "terraform {{\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
            )
        };
        let lock = |version: &str| {
            format!("provider \"registry.terraform.io/hashicorp/aws\" {{\n  version = \"{version}\"\n}}\n")
        };
        let call = "module \"m\" {\n  source = \"./m\"\n}\n".to_string();
        for (main, module, lock, wanted) in [
            (String::new(), String::new(), String::new(), false),
            (required(">= 5.0"), String::new(), String::new(), false),
            (required(">= 6.0"), String::new(), String::new(), true),
            (required("~> 6.28, != 6.30.0"), String::new(), String::new(), true),
            (required("< 7.0"), String::new(), String::new(), false),
            (call.clone() + &required(">= 5.0"), required("> 6.2"), String::new(), true),
            // What was chosen goes before what might have been.
            (required(">= 5.0"), String::new(), lock("6.3.0"), true),
            (required(">= 6.0"), String::new(), lock("5.100.0"), false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::create_dir(dir.path().join("m")).unwrap();
            for (name, text) in [("main.tf", &main), ("m/main.tf", &module), (LOCK_FILE, &lock)] {
                std::fs::write(dir.path().join(name), text).unwrap();
            }
            let (config, diags) = crate::config::load(dir.path(), &crate::config::LoadOptions::default());
            assert!(!diags.has_errors(), "{diags:?}");
            assert_eq!(config.has_regions(), wanted, "{main}{module}{lock}");
            let (again, _) = crate::config::load_snapshot(config.snapshot.clone());
            assert_eq!(again.has_regions(), wanted, "from a plan file: {main}{module}{lock}");
        }
    }
}
