//! The way to AWS: over the network, or to the one inside this program.

use super::remote_state::States;
use super::{World, backend};
use crate::diag::Diagnostic;
use crate::resources::clock::Clock;
use crate::resources::data_terraform_remote_state::RemoteStates;
use crate::resources::{self, Aws, Settings};
use crate::sandbox::Sandbox;
use crate::state::s3::Ways;
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `plan` and `apply` open providers with.
pub type Connect = Box<dyn Fn(Settings) -> BoxFuture<'static, resources::Result<Aws>> + Send + Sync>;

/// The way of this run.
pub fn connect(world: &World) -> Result<Connect, Diagnostic> {
    let reader = |ways| -> Arc<dyn RemoteStates> { Arc::new(States { world: world.clone(), ways }) };
    let Some(dir) = world.sandbox() else {
        let states = reader(backend::ways());
        return Ok(Box::new(move |settings| {
            let states = states.clone();
            Box::pin(async move { Ok(Aws::connect(settings).await?.with_states(states)) })
        }));
    };
    let sandbox = open(&dir, world)?;
    let start = world.now();
    let states = reader(Ways { client: sandbox.http_client(), connector: sandbox.http_connector() });
    Ok(Box::new(move |settings| {
        let (client, states) = (sandbox.http_client(), states.clone());
        Box::pin(async move {
            // Waiting takes no time: nothing in there needs any.
            Ok(Aws::with_http_client(settings, client).with_clock(Clock::frozen(start.into())).with_states(states))
        })
    }))
}

/// Where the sandbox keeps its AWS.
pub fn aws_dir(sandbox: &Path) -> PathBuf {
    sandbox.join("aws")
}

/// The AWS of the sandbox in `dir`.
pub fn open(dir: &Path, world: &World) -> Result<Sandbox, Diagnostic> {
    let path = aws_dir(dir);
    let opened = make_private(dir).and_then(|()| match world.frozen {
        // The world stands still: then so does everything in it.
        Some(now) => {
            let seed = world.var("FORMWORK_SEED").and_then(|s| s.parse().ok()).unwrap_or(0);
            Sandbox::options().seed(seed).clock(move || now.as_millisecond()).open(&path)
        }
        None => Sandbox::open(&path),
    });
    opened.map_err(|e| {
        Diagnostic::error("Cannot open the sandbox", format!("{} cannot be used: {e}.", path.display()))
            .help(format!("To begin with an empty one:\n\n  {} sandbox reset", world.program))
    })
}

/// Makes the directory; version control shall not see it.
fn make_private(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let ignore = dir.with_file_name(".gitignore");
    if ignore.exists() { Ok(()) } else { std::fs::write(ignore, "*\n") }
}
