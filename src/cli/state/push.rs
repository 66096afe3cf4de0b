//! `state push`: a state from a file takes the place of the one that is kept.

use crate::cli::options::{Ignored, LockOptions, StatePath};
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::diag::Diagnostic;
use crate::state::tfstate;

/// Update the stored state from a local state file
///
/// This command "pushes" a local state and overwrites the stored state with it. The command will protect you against writing an
/// older serial or a different state file lineage unless you specify the -force flag.
///
/// If PATH is "-", then this command will read the state to push from stdin.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The state file.
    #[arg(value_name = "PATH")]
    path: String,
    /// Write the state even if lineages don't match or the stored serial is higher.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    ignored: Ignored,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let (name, bytes) = match &*args.path {
        "-" => ("<stdin>", ui.read_all()),
        path => (path, std::fs::read(world.path(path))),
    };
    let unreadable = |why: String| Diagnostic::error("Failed to read state", format!("{name} cannot be read: {why}."));
    let bytes = bytes.map_err(|e| unreadable(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".into()))?;
    let state = tfstate::parse(name, &text).map_err(|e| e.diagnostic())?;
    let store = stored::store(world, &StatePath::default())?;
    stored::block_on(async {
        let mut keeper = stored::open(ui, world, store, &args.lock, "state-push").await?;
        keeper.push(&state, args.force).await?;
        stored::close(keeper).await
    })??;
    Ok(Exit::Done)
}
