//! The settings of Terraform's command line, as far as they are about registries: `.terraformrc`, `credentials.tfrc.json`, and
//! tokens in the environment.
//!
//! Refuses to know what is asked of a registry.

use crate::config::expr::{Expr, ExprKind};
use crate::config::syntax;
use crate::diag::{Diagnostic, Source};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is known of each host.
#[derive(Clone, Debug, Default)]
pub struct CliConfig {
    env: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
    services: BTreeMap<String, String>,
}

impl CliConfig {
    /// Reads the files that there are.
    ///
    /// # Errors
    /// A file cannot be read as settings.
    pub fn load(env: &BTreeMap<String, String>) -> Result<CliConfig, Diagnostic> {
        let mut config = CliConfig { env: env.clone(), ..CliConfig::default() };
        let set = |name: &str| env.get(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home = set("HOME");
        let own = home.as_ref().map(|home| home.join(".terraform.d"));
        if let Some(dir) = &own {
            config.file(&dir.join("credentials.tfrc.json"))?;
        }
        match set("TF_CLI_CONFIG_FILE").or_else(|| set("TERRAFORM_CONFIG")) {
            Some(path) => config.file(&path)?,
            None => {
                let mut files: Vec<PathBuf> = home.iter().map(|home| home.join(".terraformrc")).collect();
                let mut more: Vec<PathBuf> = own
                    .iter()
                    .flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten().flatten())
                    .map(|e| e.path())
                    .filter(|p| {
                        let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                        name.ends_with(".tfrc") || (name.ends_with(".tfrc.json") && name != "credentials.tfrc.json")
                    })
                    .collect();
                more.sort();
                files.extend(more);
                for file in files {
                    config.file(&file)?;
                }
            }
        }
        Ok(config)
    }

    /// The token for a host: `TF_TOKEN_...` first.
    pub fn token(&self, host: &str) -> Option<&str> {
        let of_env = |name: String| self.env.get(&name).filter(|v| !v.is_empty());
        let found = of_env(token_variable(host)).or_else(|| of_env(format!("TF_TOKEN_{}", host.replace('.', "_"))));
        found.or_else(|| self.tokens.get(host)).map(String::as_str)
    }

    /// Where the modules of a host are, if the settings say so.
    pub fn service(&self, host: &str) -> Option<&str> {
        self.services.get(host).map(String::as_str)
    }

    fn file(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let Ok(text) = std::fs::read_to_string(path) else { return Ok(()) };
        let name = path.display().to_string();
        if name.ends_with(".json") {
            let json: Json = serde_json::from_str(&text).map_err(|e| {
                Diagnostic::error("Invalid settings of the command line", format!("{name} is no JSON: {e}."))
            })?;
            let each = |block: &str| json.get(block).and_then(Json::as_object).into_iter().flatten();
            for (host, block) in each("credentials") {
                if let Some(token) = block.get("token").and_then(Json::as_str) {
                    self.tokens.insert(host.to_lowercase(), token.into());
                }
            }
            for (host, block) in each("host") {
                if let Some(url) = block.pointer("/services/modules.v1").and_then(Json::as_str) {
                    self.services.insert(host.to_lowercase(), url.into());
                }
            }
            return Ok(());
        }
        let (body, diags) = syntax::parse(&Source::new(name, text));
        if let Some(d) = diags.into_iter().find(Diagnostic::is_error) {
            return Err(d);
        }
        for block in &body.blocks {
            let Some(host) = block.labels.first().map(|l| l.name.to_lowercase()) else { continue };
            let value = |name: &str| block.body.attribute(name).map(|a| &a.value);
            match &*block.ty.name {
                "credentials" => {
                    self.tokens.extend(value("token").and_then(text_of).map(|token| (host, token)));
                }
                "host" => {
                    let url = match value("services").map(|e| &e.kind) {
                        Some(ExprKind::Object(items)) => items
                            .iter()
                            .find(|i| text_of(&i.key).as_deref() == Some("modules.v1"))
                            .and_then(|i| text_of(&i.value)),
                        _ => None,
                    };
                    self.services.extend(url.map(|url| (host, url)));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The environment variable that a host's token is looked for in.
pub fn token_variable(host: &str) -> String {
    format!("TF_TOKEN_{}", host.replace('-', "__").replace(['.', ':'], "_"))
}

fn text_of(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Literal(v) => v.as_str().map(String::from),
        ExprKind::Wrap(inner) | ExprKind::Paren(inner) => text_of(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_services_come_from_files_and_the_environment() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".terraform.d/credentials.tfrc.json", r#"{"credentials": {"A.example": {"token": "a"}}}"#);
        write(
            ".terraformrc",
            "plugin_cache_dir = \"/x\"\ncredentials \"b.example\" {\n  token = \"b\"\n}\n\
             host \"b.example\" {\n  services = {\n    \"modules.v1\" = \"https://m/\"\n  }\n}\n",
        );
        let env = |more: &[(&str, &str)]| {
            let home = home.path().display().to_string();
            let all = [("HOME", &*home)];
            all.iter().chain(more).map(|(k, v)| (k.to_string(), v.to_string())).collect::<BTreeMap<_, _>>()
        };
        let config = CliConfig::load(&env(&[("TF_TOKEN_c__d_example", "c"), ("TF_TOKEN_b_example", "env")])).unwrap();
        for (host, token) in
            [("a.example", Some("a")), ("b.example", Some("env")), ("c-d.example", Some("c")), ("e.example", None)]
        {
            assert_eq!(config.token(host), token, "{host}");
        }
        assert_eq!(config.service("b.example"), Some("https://m/"));
        let other = home.path().join("other");
        std::fs::write(&other, "credentials \"b.example\" { token = \"o\" }").unwrap();
        let config = CliConfig::load(&env(&[("TF_CLI_CONFIG_FILE", other.to_str().unwrap())])).unwrap();
        assert_eq!((config.token("b.example"), config.service("b.example")), (Some("o"), None));
        std::fs::write(&other, "credentials {").unwrap();
        assert!(CliConfig::load(&env(&[("TF_CLI_CONFIG_FILE", other.to_str().unwrap())])).is_err());
    }
}
