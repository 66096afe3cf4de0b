//! The configuration of this run.

use super::World;
use crate::config::{self, Config, LoadOptions};
use crate::diag::{Diagnostic, Diags};

/// Loads it.
///
/// # Errors
/// Everything that is wrong with it, warnings included.
pub fn load(world: &World) -> Result<(Config, Diags), Diags> {
    let (config, diags) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    if diags.has_errors() { Err(diags) } else { Ok((config, diags)) }
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
