//! Where the configuration keeps its states: its backend block, what `init` noted about it, and whether both agree.
//!
//! No `init` is needed where the block says all. Where it was another block that was configured last, nobody goes on before it
//! is clear what becomes of the state that lies there.

use super::World;
use super::options::StatePath;
use crate::config::{self, Backend as Block, LoadOptions};
use crate::diag::{Diagnostic, Diags};
use crate::resources::connection;
use crate::state;
use crate::state::backend::{self, Arguments, Trouble, note};
use crate::state::s3::Ways;
use crate::state::workspace::{DEFAULT, Places};
use std::path::PathBuf;
use std::time::Duration;

/// The `backend` block of the configuration, as far as there is a configuration.
///
/// # Errors
/// The configuration cannot be read: then nobody knows where the state lives.
pub fn configured(world: &World) -> Result<Option<Block>, Diags> {
    let (config, diags) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    if diags.has_errors() {
        return Err(diags);
    }
    Ok(config.root.settings.backend)
}

/// Where the states of all workspaces live.
///
/// # Errors
/// The block is wrong, or another one than was configured.
pub fn of(world: &World, block: Option<&Block>, paths: &StatePath) -> Result<state::Backend, Diags> {
    let places = local_places(world, paths);
    // With a path given, the configuration has no say.
    if world.sandbox().is_some() || paths.state.is_some() {
        return Ok(state::Backend::Local(places));
    }
    match agreed(world, block)? {
        Some(arguments) => open(world, block, &arguments, places),
        None => Ok(state::Backend::Local(places)),
    }
}

/// Notes which backend is in use, as `init` would have, before something is kept there for the first time: should the block change
/// later, it will be known where the state is.
pub fn remember(world: &World, block: Option<&Block>, paths: &StatePath) {
    let Some(block) = block.filter(|_| world.sandbox().is_none() && paths.state.is_none()) else { return };
    if let (Ok(None), Ok(arguments)) = (note::read(&world.data_dir()), arguments(block)) {
        // A directory that cannot be written to is no reason not to apply: the next one will find the same block.
        let _ = note::write(&world.data_dir(), &arguments, arguments.hash());
    }
}

/// What the command line says about files.
pub fn local_places(world: &World, paths: &StatePath) -> Places {
    let here = |path: &Option<PathBuf>| path.as_ref().map(|p| world.path(p));
    Places {
        dir: world.sandbox().unwrap_or_else(|| world.cwd.clone()),
        state: here(&paths.state),
        state_out: here(&paths.state_out),
        // `-` is no path.
        backup: paths.backup.as_ref().map(|p| if p.as_os_str() == "-" { p.clone() } else { world.path(p) }),
        ..Places::default()
    }
}

/// The backend that has these arguments. `block` is where they stand.
pub fn open(
    world: &World,
    block: Option<&Block>,
    arguments: &Arguments,
    places: Places,
) -> Result<state::Backend, Diags> {
    let env = |name: &str| world.var(name).map(str::to_string);
    state::Backend::new(arguments, places, &env, &ways).map_err(|troubles| located(troubles, block))
}

/// The ways to AWS that states go.
pub fn ways() -> Ways {
    let connector = connection::connector(Duration::from_secs(10), Duration::from_secs(60));
    Ways { client: connection::client(), connector }
}

/// The arguments that the block has.
pub fn arguments(block: &Block) -> Result<Arguments, Diags> {
    let mut diags = Diags::new();
    if let Some(inner) = block.body.blocks.first() {
        let name = &inner.ty.name;
        let known = backend::arguments::of(&block.kind).is_some_and(|all| all.iter().any(|a| a.name == &**name));
        let d =
            Diagnostic::error("Unsupported block type", format!("Blocks of type \"{name}\" are not expected here."));
        let d = match known {
            true => d.help(format!(
                "\"{name}\" is an argument. Use the equals sign to assign it a value:\n\n  {name} = {{ ... }}"
            )),
            false => d,
        };
        diags.push(d.at(&inner.ty.span));
    }
    match Arguments::new(&block.kind, &block.arguments()) {
        Ok(arguments) if !diags.has_errors() => Ok(arguments),
        Ok(_) => Err(diags),
        Err(troubles) => {
            diags.extend(located(troubles, Some(block)));
            Err(diags)
        }
    }
}

/// What is wrong, with the place in the block where it stands.
pub fn located(troubles: Vec<Trouble>, block: Option<&Block>) -> Diags {
    let mut diags = Diags::new();
    for Trouble { argument, diagnostic } in troubles {
        let span = block.map(|b| {
            let written = argument.as_deref().and_then(|name| b.body.attribute(name));
            written.map_or(&b.span, |a| &a.name.span)
        });
        diags.push(diagnostic.at_opt(span));
    }
    diags
}

/// The arguments that block and note agree on; `None`: no backend is configured.
fn agreed(world: &World, block: Option<&Block>) -> Result<Option<Arguments>, Diags> {
    let noted = note::read(&world.data_dir())?;
    let (block, noted) = match (block, noted) {
        (None, None) => return Ok(None),
        (None, Some(noted)) => {
            let reason = format!("Unsetting the previously set backend \"{}\"", noted.kind);
            return Err(required(world, None, &reason, "where it is now").into());
        }
        (Some(block), None) => {
            let arguments = arguments(block)?;
            if let Some(left) = left_behind(world, &arguments) {
                let reason = format!("Initial configuration of the requested backend \"{}\"", block.kind);
                return Err(required(world, Some(block), &reason, &format!("in {}", left.display())).into());
            }
            return Ok(Some(arguments));
        }
        (Some(block), Some(noted)) => (block, noted),
    };
    if *block.kind != *noted.kind {
        let reason = format!("Backend type changed from \"{}\" to \"{}\"", noted.kind, block.kind);
        return Err(required(world, Some(block), &reason, "where it was configured before").into());
    }
    let arguments = arguments(block)?;
    match noted.arguments {
        Some(noted_arguments) if noted.hash == u64::from(arguments.hash()) => Ok(Some(noted_arguments)),
        Some(noted_arguments) if noted_arguments == arguments => Ok(Some(arguments)),
        _ => {
            let reason = "Backend configuration block has changed";
            Err(required(world, Some(block), reason, "where it was configured before").into())
        }
    }
}

/// The local state that would be forgotten if a backend were simply used that was never configured.
fn left_behind(world: &World, arguments: &Arguments) -> Option<PathBuf> {
    let before = Places { dir: world.cwd.clone(), ..Places::default() }.path_of(DEFAULT);
    if !backend::holds_anything(&before) {
        return None;
    }
    if arguments.kind() == "local" {
        let now = Places { dir: world.cwd.clone(), path: arguments.text("path").map(Into::into), ..Places::default() };
        // The same file, or one that is in use already.
        if now.path_of(DEFAULT) == before || backend::holds_anything(&now.path_of(DEFAULT)) {
            return None;
        }
    }
    Some(before)
}

/// Tools look for "Backend initialization required".
fn required(world: &World, block: Option<&Block>, reason: &str, place: &str) -> Diagnostic {
    let detail = format!(
        "Reason: {reason}.\n\nA state may still be {place}, and it must be clear what becomes of it before another place is used. \
         At this point, no changes to your existing configuration or state have been made."
    );
    let program = &world.program;
    let summary = match world.poses() {
        true => "Backend initialization required, please run \"terraform init\"",
        false => "Backend initialization required, please run \"formwork init\"",
    };
    Diagnostic::error(summary, detail).at_opt(block.map(|b| &b.span)).help(format!(
        "To take the state along to the new place:\n\n  {program} init -migrate-state\n\nTo leave it where it is and use what the \
         configuration says from now on:\n\n  {program} init -reconfigure"
    ))
}
