//! The modules that the configuration of this run calls, brought here: what `init` and `get` have in common.

use super::World;
use crate::config::{self, Config, LoadOptions};
use crate::diag::Diags;
use crate::install::{Installer, Surroundings};

/// The configuration as far as it is here already.
///
/// # Errors
/// What is wrong in the root module: nothing is fetched for a configuration that nobody could use.
pub fn here(world: &World) -> Result<Config, Diags> {
    let (config, diags) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    let missing: Vec<_> = config.not_installed.iter().map(|m| &m.diagnostic).collect();
    let mut own = Diags::new();
    own.extend(diags.into_iter().filter(|d| {
        let in_root = d.span.as_ref().is_none_or(|s| config.root.files.contains(&s.source.name));
        in_root && !missing.contains(&d)
    }));
    // What a damaged list says is written anew.
    if own.iter().any(|d| d.is_error()) { Err(own) } else { Ok(config) }
}

/// Brings what is missing, all of it anew if `upgrade`; `tell` hears a line for each thing that is done.
///
/// # Errors
/// What could not be brought, and what is wrong with the whole. What was brought stays.
pub fn install(world: &World, upgrade: bool, tell: &mut dyn FnMut(&str)) -> Result<(Config, Diags), Diags> {
    let options = LoadOptions { data_dir: world.data_dir_option() };
    let mut installer = Installer::new(surroundings(world), upgrade, tell)?;
    let (config, mut diags) = config::load_installing(&world.cwd, &options, &mut installer);
    let failed = diags.has_errors();
    if let Err(d) = installer.finish(!failed) {
        diags.push(d);
    }
    if diags.has_errors() { Err(diags) } else { Ok((config, diags)) }
}

/// Where this run installs.
pub fn surroundings(world: &World) -> Surroundings {
    Surroundings { root: world.cwd.clone(), data_dir: world.data_dir_option(), env: world.env.clone() }
}
