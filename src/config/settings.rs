//! `terraform` and `provider` blocks.
//!
//! Refuses to know what a backend or a provider does with its arguments.

use super::constant::{constant, keyword, list, strict_reference, text};
use super::content::{Shape, check_name, duplicate, header, is_name, read, read_part, suggest, unexpected_argument};
use super::expr::{Expr, ExprKind};
use super::references::Step;
use super::traversal::traversal;
use super::version::{Constraint, TERRAFORM_VERSION, Version};
use super::{Attribute, Backend, Block, Provider, RequiredProvider, Settings};
use crate::diag::{Diagnostic, Diags, Span};
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const TERRAFORM: Shape = Shape {
    required: &[],
    optional: &["required_version", "experiments", "language"],
    blocks: &[("required_providers", &[]), ("backend", &["type"]), ("cloud", &[]), ("provider_meta", &["provider"])],
};

const PROVIDER: Shape = Shape { required: &[], optional: &["alias", "version"], blocks: &[] };

/// Adds what a `terraform` block says to `settings`.
pub(super) fn terraform(block: Block, settings: &mut Settings, diags: &mut Diags) {
    let mut content = read(block.body, &TERRAFORM, diags);
    if let Some(a) = content.take("required_version") {
        required_version(&a, settings, diags);
    }
    if let Some(a) = content.take("experiments")
        && !list(&a.value, diags).is_empty()
    {
        let detail = "Experimental features exist only in alpha releases of Terraform; formwork has none of them. Remove \
                      this argument.";
        diags.push(Diagnostic::error("Experimental features are not supported", detail).at(&a.name.span));
    }
    if let Some(a) = content.take("language")
        && keyword(&a.value) != Some("TF2021")
    {
        let detail = "There is only one language edition, TF2021, and it is the default. Remove this argument.";
        diags.push(Diagnostic::error("Invalid language edition", detail).at(&a.value.span));
    }
    for block in content.blocks {
        let span = header(&block);
        match &*block.ty.name {
            "required_providers" => required_providers(block, span, settings, diags),
            "backend" => {
                let kind = block.labels.first().map(|l| l.name.clone()).unwrap_or_default();
                match &settings.backend {
                    Some(first) => diags.push(
                        Diagnostic::error(
                            "Duplicate backend configuration",
                            "The state can live in one place only, so a module has at most one backend block. Remove one.",
                        )
                        .at(&span)
                        .with_related(&first.span, "the first backend block"),
                    ),
                    None => {
                        only_constants(&block.body, diags);
                        settings.backend = Some(Backend { kind, body: block.body, span });
                    }
                }
            }
            "cloud" => {
                let detail = "HCP Terraform (the cloud block) is not supported. Keep the state in a backend instead, such \
                              as:\n\n    backend \"s3\" { ... }";
                diags.push(Diagnostic::error("Unsupported cloud block", detail).at(&span));
            }
            // `provider_meta` only counts module downloads; it changes nothing.
            _ => {}
        }
    }
}

impl Backend {
    /// The values of its arguments. What is no constant was reported in loading, and is left out.
    pub fn arguments(&self) -> BTreeMap<Arc<str>, Value> {
        let value = |a: &Attribute| Some((a.name.name.clone(), constant(&a.value, &mut Diags::new())?));
        self.body.attributes.iter().filter_map(value).collect()
    }
}

/// A backend is read before everything else.
fn only_constants(body: &super::Body, diags: &mut Diags) {
    for a in &body.attributes {
        super::constant::check_constant(&a.value, diags);
    }
    for b in &body.blocks {
        only_constants(&b.body, diags);
    }
}

fn required_version(a: &Attribute, settings: &mut Settings, diags: &mut Diags) {
    let Some(text) = text(a, diags) else { return };
    let Some(wanted) = version_constraint(&text, &a.value.span, diags) else { return };
    if !TERRAFORM_VERSION.parse::<Version>().is_ok_and(|v| wanted.allows(&v)) {
        let detail = format!(
            "This configuration wants Terraform {text}, and formwork works as Terraform {TERRAFORM_VERSION}. Such constraints \
             are mostly there for a reason; if you know that {TERRAFORM_VERSION} will do, change the constraint."
        );
        diags.push(Diagnostic::error("Unsupported Terraform Core version", detail).at(&a.value.span));
    }
    settings.required_version.push((text, a.value.span.clone()));
}

/// Reads a version constraint; reports what is none.
pub(super) fn version_constraint(text: &str, span: &Span, diags: &mut Diags) -> Option<Constraint> {
    match text.parse::<Constraint>() {
        Ok(c) => Some(c),
        Err(e) => {
            diags.push(Diagnostic::error("Invalid version constraint", e.to_string()).at(span));
            None
        }
    }
}

fn required_providers(block: Block, span: Span, settings: &mut Settings, diags: &mut Diags) {
    if let Some(first) = &settings.required_providers_span {
        diags.push(
            Diagnostic::error(
                "Duplicate required providers configuration",
                "A module has at most one required_providers block. Move these entries into the first.",
            )
            .at(&span)
            .with_related(first, "the first required_providers block"),
        );
        return;
    }
    settings.required_providers_span = Some(span);
    for b in &block.body.blocks {
        let detail = format!("A provider is required by an argument: {} = {{ source = \"...\" }}.", b.ty.name);
        diags.push(Diagnostic::error("Unsupported block type", detail).at(&b.ty.span));
    }
    for a in block.body.attributes {
        check_provider_name(&a.name.name, &a.name.span, diags);
        if let Some(required) = required_provider(&a, diags) {
            settings.required_providers.insert(a.name.name.clone(), required);
        }
    }
}

fn check_provider_name(name: &str, span: &Span, diags: &mut Diags) {
    let lower = name.to_lowercase();
    let detail = if !is_name(name) {
        "A provider's local name starts with a letter and may contain only letters, digits and dashes.".to_string()
    } else if lower != name {
        format!("A provider's local name is written in lower case. Write \"{lower}\".")
    } else {
        return;
    };
    diags.push(Diagnostic::error("Invalid provider local name", detail).at(span));
}

fn required_provider(a: &Attribute, diags: &mut Diags) -> Option<RequiredProvider> {
    let name = &a.name.name;
    let span = a.name.span.clone();
    let default = || default_source(name);
    let ExprKind::Object(items) = &a.value.kind else {
        let value = constant(&a.value, diags)?;
        let Some(version) = value.as_str() else {
            let detail = format!(
                "A provider is required so:\n\n    {name} = {{ source = \"hashicorp/{name}\", version = \">= 1.0\" }}"
            );
            diags.push(Diagnostic::error("Invalid required_providers object", detail).at(&a.value.span));
            return None;
        };
        version_constraint(version, &a.value.span, diags);
        return Some(RequiredProvider { source: default(), version: Some(version.into()), aliases: Vec::new(), span });
    };
    let mut required = RequiredProvider { source: default(), version: None, aliases: Vec::new(), span };
    for item in items {
        let key = match &item.key.kind {
            ExprKind::Literal(v) => v.as_str().unwrap_or_default(),
            _ => "",
        };
        match key {
            "source" => match constant(&item.value, diags) {
                Some(v) => match v.as_str().and_then(provider_source) {
                    Some(source) => required.source = source,
                    None => {
                        let detail =
                            "A provider's source is written as \"namespace/name\" or \"hostname/namespace/name\".";
                        diags.push(Diagnostic::error("Invalid provider source string", detail).at(&item.value.span));
                    }
                },
                None => continue,
            },
            "version" => match constant(&item.value, diags) {
                Some(v) => match v.as_str() {
                    Some(text) => {
                        version_constraint(text, &item.value.span, diags);
                        required.version = Some(text.into());
                    }
                    None => {
                        let detail = "A version constraint is a string, such as \">= 5.0\".";
                        diags.push(Diagnostic::error("Invalid version constraint", detail).at(&item.value.span));
                    }
                },
                None => continue,
            },
            "configuration_aliases" => {
                for e in list(&item.value, diags) {
                    required.aliases.extend(configuration_alias(name, e, diags));
                }
            }
            _ => {
                let detail = "An entry of required_providers holds source, version and configuration_aliases. To configure \
                              a provider, write a provider block.";
                let d = Diagnostic::error("Invalid required_providers object", detail).at(&item.key.span);
                diags.push(suggest(d, key, ["source", "version", "configuration_aliases"]));
            }
        }
    }
    Some(required)
}

fn configuration_alias(provider: &str, expr: &Expr, diags: &mut Diags) -> Option<(String, Span)> {
    let expr = strict_reference(expr, diags)?;
    let t = traversal(&expr)?;
    match t.steps.as_slice() {
        [Step::Attr(alias)] if &*t.root.name == provider => {
            Some((format!("{provider}.{}", alias.name), expr.span.clone()))
        }
        // The default configuration is passed without being asked for.
        [] if &*t.root.name == provider => None,
        _ => {
            let detail = format!("An alias of this provider is written as {provider}.NAME.");
            diags.push(Diagnostic::error("Invalid configuration_aliases value", detail).at(&expr.span));
            None
        }
    }
}

/// The provider that a local name means where nothing else is said.
pub(super) fn default_source(name: &str) -> String {
    match name {
        "terraform" => "terraform.io/builtin/terraform".to_string(),
        name => format!("registry.terraform.io/hashicorp/{name}"),
    }
}

/// In full: `registry.terraform.io/hashicorp/aws`.
fn provider_source(text: &str) -> Option<String> {
    let word = |s: &str| {
        !s.is_empty() && s.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') && !s.starts_with('-')
    };
    let host = |s: &str| s.contains('.') && !s.is_empty() && !s.contains(' ') || s.starts_with("localhost");
    let lower = text.to_lowercase();
    match lower.split('/').collect::<Vec<_>>().as_slice() {
        [name] if word(name) => Some(format!("registry.terraform.io/hashicorp/{name}")),
        [namespace, name] if word(namespace) && word(name) => Some(format!("registry.terraform.io/{namespace}/{name}")),
        [hostname, namespace, name] if host(hostname) && word(namespace) && word(name) => Some(lower.clone()),
        _ => None,
    }
}

/// Reads a `provider` block.
pub(super) fn provider(block: Block, diags: &mut Diags) -> Option<Provider> {
    let span = header(&block);
    let label = block.labels.first()?;
    let name: Arc<str> = label.name.clone();
    check_provider_name(&name, &label.span, diags);
    let (mut content, body) = read_part(block.body, &PROVIDER, diags);
    let alias = content.take("alias").and_then(|a| {
        let text = text(&a, diags)?;
        check_name(&super::constant::ident(&text, &a.value.span), "Invalid provider configuration alias", diags);
        Some(text.into())
    });
    if let Some(a) = content.take("version") {
        let detail = "The version of a provider belongs into required_providers. formwork has its own AWS provider built in \
                      and does not read this.";
        diags.push(
            Diagnostic::warning("Version constraints inside provider configuration blocks are deprecated", detail)
                .at(&a.name.span),
        );
        if let Some(text) = text(&a, diags) {
            version_constraint(&text, &a.value.span, diags);
        }
    }
    for a in &body.attributes {
        if ["count", "depends_on", "for_each", "source"].contains(&&*a.name.name) {
            diags.push(unexpected_argument(&a.name, &PROVIDER));
        }
    }
    Some(Provider { name, alias, body, span })
}

/// Reports a second configuration of the same provider and alias.
pub(super) fn duplicate_provider(again: &Provider, first: &Provider) -> Diagnostic {
    let what = match &again.alias {
        Some(alias) => format!("The configuration of provider \"{}\" with the alias \"{alias}\"", again.name),
        None => format!("The default configuration of provider \"{}\"", again.name),
    };
    let d = duplicate("Duplicate provider configuration", &what, &again.span, &first.span);
    match again.alias {
        Some(_) => d,
        None => d.help("To have a second configuration of the same provider, give it an alias."),
    }
}
