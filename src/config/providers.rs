//! Which provider configuration counts where: own blocks, those passed by `providers`, those inherited.
//!
//! Refuses to know what a provider does with its configuration.

use super::content::suggest;
use super::{Config, Module, ModuleCall, Provider, ProviderRef, Repeat};
use crate::diag::{Diagnostic, Diags};
use std::sync::Arc;

/// A provider configuration, named from the module that has it.
#[derive(Clone, Debug)]
pub struct ProviderConfig<'a> {
    /// The module (names of calls) that has it.
    pub module: Vec<Arc<str>>,
    /// The local name there.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
    /// The block; `None`: nothing was written, and all comes from the environment.
    pub block: Option<&'a Provider>,
}

impl Config {
    /// The configuration that `name` (and `alias`) means in the module at `path`; `None` if there is no such alias.
    pub fn provider(&self, path: &[Arc<str>], name: &str, alias: Option<&str>) -> Option<ProviderConfig<'_>> {
        let module = self.module(path)?;
        let own = own(module, name, alias);
        let found = |block| {
            Some(ProviderConfig { module: path.to_vec(), name: name.into(), alias: alias.map(Arc::from), block })
        };
        let Some((call, above)) = path.split_last() else {
            return if own.is_some() || alias.is_none() { found(own) } else { None };
        };
        let parent = self.module(above)?;
        let passed = parent.calls.get(call)?.providers.iter().find(|(inside, _)| is(inside, name, alias));
        if let Some((_, outside)) = passed {
            return self.provider(above, &outside.name, outside.alias.as_deref());
        }
        match own {
            // An empty block in a called module only says that it wants to be passed one.
            Some(block) if alias.is_some() || !is_empty(block) => found(Some(block)),
            _ if alias.is_some() => None,
            _ => self.provider(above, name_of(parent, &source_of(module, name)).as_deref().unwrap_or(name), None),
        }
    }
}

fn own<'a>(module: &'a Module, name: &str, alias: Option<&str>) -> Option<&'a Provider> {
    module.providers.iter().find(|p| &*p.name == name && p.alias.as_deref() == alias)
}

fn is(r: &ProviderRef, name: &str, alias: Option<&str>) -> bool {
    &*r.name == name && r.alias.as_deref() == alias
}

fn is_empty(block: &Provider) -> bool {
    block.body.attributes.is_empty() && block.body.blocks.is_empty()
}

impl Module {
    /// The full source behind a local name here: `aws` → `registry.terraform.io/hashicorp/aws`.
    pub fn provider_source(&self, name: &str) -> String {
        source_of(self, name)
    }
}

/// The full source behind a local name: what `required_providers` says, or HashiCorp's provider of this name.
pub fn source_of(module: &Module, name: &str) -> String {
    match module.settings.required_providers.get(name) {
        Some(required) => required.source.clone(),
        None => super::settings::default_source(name),
    }
}

fn name_of(module: &Module, source: &str) -> Option<String> {
    let required = module.settings.required_providers.iter().find(|(_, r)| r.source == source);
    required.map(|(name, _)| name.to_string())
}

fn declares(module: &Module, name: &str, alias: &str) -> bool {
    own(module, name, Some(alias)).is_some() || asked_for(module).any(|text| text == format!("{name}.{alias}"))
}

/// The aliases that a module wants to be passed, as `aws.west`.
fn asked_for(module: &Module) -> impl Iterator<Item = &str> {
    module.settings.required_providers.values().flat_map(|r| r.aliases.iter().map(|(text, _)| text.as_str()))
}

/// Whether a reference to a provider configuration in `module` leads somewhere; reports it if not.
pub(super) fn check_ref(module: &Module, r: &ProviderRef, diags: &mut Diags) -> bool {
    let Some(alias) = &r.alias else { return true };
    if declares(module, &r.name, alias) {
        return true;
    }
    let name = &r.name;
    let how = match module.path.is_empty() {
        true => format!("Declare it:\n\n    provider \"{name}\" {{\n      alias = \"{alias}\"\n    }}"),
        false => format!(
            "To be passed it by the caller, declare it in required_providers:\n\n    configuration_aliases = [{name}.{alias}]"
        ),
    };
    let detail = format!(
        "There is no configuration of the provider \"{name}\" with the alias \"{alias}\" in this module. {how}"
    );
    let aliases = module.providers.iter().filter(|p| p.name == *name).filter_map(|p| p.alias.as_deref());
    let d = Diagnostic::error("Provider configuration not present", detail).at(&r.span);
    diags.push(suggest(d, alias, aliases));
    false
}

/// Checks what a call passes to the module behind it.
pub(super) fn check_call(module: &Module, call: &ModuleCall, child: &Module, diags: &mut Diags) {
    for (inside, outside) in &call.providers {
        let known = check_ref(module, outside, diags);
        let text = inside.text();
        if let Some(alias) = &inside.alias
            && !declares(child, &inside.name, alias)
        {
            let detail = format!(
                "The module \"{}\" does not ask for a provider configuration {text}. If it is yours, add it to its \
                 required_providers:\n\n    configuration_aliases = [{text}]",
                call.name.name
            );
            let d = Diagnostic::error("Reference to undefined provider", detail).at(&inside.span);
            diags.push(suggest(d, &text, asked_for(child)));
        }
        if let Some(block) = own(child, &inside.name, inside.alias.as_deref())
            && !is_empty(block)
        {
            let detail = format!(
                "The module \"{}\" has its own configuration of {text}, so it cannot be passed one. Remove one of the two.",
                call.name.name
            );
            diags.push(
                Diagnostic::error("Cannot override provider configuration", detail)
                    .at(&inside.span)
                    .with_related(&block.span, "the module's own configuration"),
            );
        }
        if !known {
            continue;
        }
        let (wanted, given) = (source_of(child, &inside.name), source_of(module, &outside.name));
        if wanted != given {
            let detail = format!("{text} of the module is the provider {wanted}, but {} is {given}.", outside.text());
            diags.push(Diagnostic::error("Provider type mismatch", detail).at(&outside.span));
            continue;
        }
        let declared = child.settings.required_providers.contains_key(&inside.name);
        if inside.alias.is_none() && !declared && own(child, &inside.name, None).is_none() {
            let detail = format!(
                "The module \"{}\" does not say which provider it means by {text}; {wanted} is assumed. If it is yours, say so in \
                 its required_providers:\n\n    {text} = {{\n      source = \"{}\"\n    }}",
                call.name.name,
                given.trim_start_matches("registry.terraform.io/"),
            );
            diags.push(Diagnostic::warning("Reference to undefined provider", detail).at(&inside.span));
        }
    }
    for required in child.settings.required_providers.values() {
        for (text, span) in &required.aliases {
            let passed = call.providers.iter().any(|(inside, _)| inside.text() == *text);
            if !passed && !child.providers.iter().any(|p| text == &provider_text(p)) {
                let detail = format!(
                    "The module \"{}\" needs to be passed a provider configuration {text}. Add it to the call:\n\n    providers = \
                     {{\n      {text} = ...\n    }}",
                    call.name.name
                );
                diags.push(
                    Diagnostic::error("Missing required provider configuration", detail)
                        .at(&call.span)
                        .with_related(span, "the module asks for it here"),
                );
            }
        }
    }
    for block in child.providers.iter().filter(|p| is_empty(p)) {
        let text = provider_text(block);
        let how = match &block.alias {
            Some(_) => format!("configuration_aliases = [{text}]"),
            None => format!("{text} = {{\n      source = \"...\"\n    }}"),
        };
        let detail = format!(
            "This block is empty: it only says that the module wants to be passed the provider {text}, which was the way before \
             Terraform 0.13. Remove it, and say so in required_providers instead:\n\n    {how}"
        );
        diags.push(Diagnostic::warning("Redundant empty provider block", detail).at(&block.span));
    }
    let several = !matches!(call.repeat, Repeat::Once) || !call.depends_on.is_empty();
    if several && let Some(block) = configured(child) {
        let detail = format!(
            "The module \"{}\" configures a provider itself, and such a module cannot be called with count, for_each or \
             depends_on. If it is yours, let it be passed the configuration by its caller instead.",
            call.name.name
        );
        diags.push(
            Diagnostic::error("Module is incompatible with count, for_each, and depends_on", detail)
                .at(&call.span)
                .with_related(&block.span, "the provider is configured here"),
        );
    }
}

fn provider_text(p: &Provider) -> String {
    match &p.alias {
        Some(alias) => format!("{}.{alias}", p.name),
        None => p.name.to_string(),
    }
}

/// A provider block with content in a module or below it.
fn configured(module: &Module) -> Option<&Provider> {
    let own = module.providers.iter().find(|p| !is_empty(p));
    own.or_else(|| module.children.values().find_map(configured))
}
