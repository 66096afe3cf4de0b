//! The configuration of this run.

use super::{World, operation, stored};
use crate::config::{self, Config, LoadOptions};
use crate::diag::{Diagnostic, Diags, Span};
use crate::plan;
use std::sync::Arc;

/// Loads it.
///
/// # Errors
/// Everything that is wrong with it, warnings included.
pub fn load(world: &World) -> Result<(Config, Diags), Diags> {
    let (config, diags) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    if diags.has_errors() { Err(diags) } else { Ok((config, diags)) }
}

/// What else is wrong with a configuration in which loading found mistakes, told in the same run: `found` and what comes beside. What stands
/// on a broken file or on a module that is not there would only be told twice, and so would what lies where a mistake is already.
pub fn judged(world: &World, config: Config, found: Diags, skip_unsupported: bool) -> Result<Diags, Diags> {
    let mut diags = found;
    if !config.whole || !config.not_installed.is_empty() {
        return Ok(diags);
    }
    let workspace = stored::current_workspace(world)?;
    let taken: Vec<Span> = diags.iter().filter(|d| d.is_error()).filter_map(|d| d.span.clone()).collect();
    let told = |span: &Span| {
        taken.iter().any(|t| t.source.name == span.source.name && t.start < span.end && span.start < t.end)
    };
    let rest = plan::validate(Arc::new(config), operation::facts(world), &world.cwd, &workspace, skip_unsupported);
    diags.extend(rest.into_iter().filter(|d| !d.span.as_ref().is_some_and(told)));
    Ok(diags)
}

/// Whether the directory has no configuration at all.
pub fn is_empty(world: &World) -> bool {
    let is_config = |name: &str| name.ends_with(".tf") || name.ends_with(".tf.json");
    !std::fs::read_dir(&world.cwd)
        .into_iter()
        .flatten()
        .flatten()
        .any(|e| e.file_name().to_str().is_some_and(is_config))
}

/// What to say where there is none.
pub fn none(world: &World, what_for: &str) -> Diagnostic {
    Diagnostic::error("No configuration files", format!("{what_for} There is no .tf file in this directory."))
        .help(format!("Go to the directory of the configuration, or name it:\n\n  {} -chdir=DIR ...", world.program))
}
