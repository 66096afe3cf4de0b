//! Which `provider` block a resource uses, and the way to AWS that it means.

use super::links::Node;
use super::world::World;
use crate::address::ModulePath;
use crate::config::{Config, Provider, ProviderRef, source_of};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::resources::{Settings, provider};
use crate::value::Object;
use std::fmt;
use std::sync::Arc;

/// One provider configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderKey {
    /// The module that holds the `provider` block.
    pub module: Vec<Arc<str>>,
    /// The local name there.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
    /// In full: `registry.terraform.io/hashicorp/aws`.
    pub source: String,
}

/// As the state spells it: `module.a.provider["registry.terraform.io/hashicorp/aws"].west`.
impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.module {
            write!(f, "module.{name}.")?;
        }
        write!(f, "provider[\"{}\"]", self.source)?;
        match &self.alias {
            Some(alias) => write!(f, ".{alias}"),
            None => Ok(()),
        }
    }
}

impl ProviderKey {
    /// Reads what the state stores.
    pub fn parse(config: &Config, text: &str) -> Option<ProviderKey> {
        let (module, rest) = match text.find("provider[\"") {
            Some(0) => (Vec::new(), text),
            Some(i) => {
                let path = text[..i].trim_end_matches('.');
                let names = path.split('.').filter(|s| *s != "module").map(Arc::from).collect();
                (names, &text[i..])
            }
            None => return None,
        };
        let rest = rest.strip_prefix("provider[\"")?;
        let (source, rest) = rest.split_once("\"]")?;
        let alias = rest.strip_prefix('.').map(Arc::from);
        let name = config
            .module(&module)
            .and_then(|m| m.settings.required_providers.iter().find(|(_, p)| p.source == source))
            .map_or_else(|| Arc::from(source.rsplit('/').next().unwrap_or(source)), |(name, _)| name.clone());
        Some(ProviderKey { module, name, alias, source: source.to_string() })
    }

    /// The block behind it.
    pub fn block<'a>(&self, config: &'a Config) -> Option<(usize, &'a Provider)> {
        let module = config.module(&self.module)?;
        module.providers.iter().enumerate().find(|(_, p)| p.name == self.name && p.alias == self.alias)
    }

    /// Whether formwork has resource types of this provider.
    pub fn is_ours(&self) -> bool {
        self.source.ends_with("/hashicorp/aws") || self.is_builtin()
    }

    /// Whether it is Terraform's own provider, of `terraform_data`.
    pub fn is_builtin(&self) -> bool {
        self.source == "terraform.io/builtin/terraform"
    }
}

/// The provider configuration that a resource in this module uses: its `provider` argument's or the type's default.
pub fn provider_of(config: &Config, module: &[Arc<str>], reference: Option<&ProviderRef>, ty: &str) -> ProviderKey {
    let (name, alias) = match reference {
        Some(r) => (r.name.clone(), r.alias.clone()),
        None => (Arc::from(ty.split('_').next().unwrap_or(ty)), None),
    };
    let source = config.module(module).map_or_else(String::new, |m| source_of(m, &name));
    match config.provider(module, &name, alias.as_deref()) {
        Some(found) => ProviderKey { module: found.module, name: found.name, alias: found.alias, source },
        None => ProviderKey { module: module.to_vec(), name, alias, source },
    }
}

/// What an evaluated provider configuration says: everything from the environment where there is no block.
///
/// # Errors
/// What is wrong with the block; a missing alias; an argument that is not known yet.
pub fn settings(world: &mut World, key: &ProviderKey) -> Result<Settings, Diags> {
    if key.is_builtin() {
        // Its objects are made of nothing: no region is needed, and none is looked for.
        return Ok(Settings { region: Some("us-east-1".into()), ..Settings::default() });
    }
    let config = world.config.clone();
    let Some((i, block)) = key.block(&config) else {
        if key.alias.is_none() {
            return Ok(Settings::default());
        }
        return Err(Diagnostic::error(
            "Provider configuration not present",
            format!("There is no configuration for {key}. Objects of the state, too, need the provider configuration they were made with until they are destroyed."),
        )
        .help("Put the provider block back, destroy what uses it, then remove the block.")
        .into());
    };
    let module = ModulePath(key.module.iter().map(|n| (n.clone(), None)).collect());
    if let Some(node) = world.links.module_index(&key.module).and_then(|m| world.links.find(&Node::Provider(m, i))) {
        world.freshen(node);
    }
    let mut diags = Diags::new();
    let value = eval::body::eval_body(&block.body, &provider::SCHEMA, &world.scope(&module, None), &mut diags);
    if diags.has_errors() {
        return Err(diags);
    }
    let (value, _) = value.unmark_deep();
    if !value.is_wholly_known() {
        return Err(Diagnostic::error(
            "Provider configuration known only after apply",
            "An argument of this provider depends on an object that does not exist yet, so nothing can be read through it.",
        )
        .at(&block.span)
        .help("Use values that are known while planning, or apply first what they depend on, with -target.")
        .into());
    }
    Ok(provider::settings(&Object::from_value(&value)))
}
