//! `force-unlock`: breaks a lock whose holder is gone.

use super::options::StatePath;
use super::{Exit, Outcome, Ui, World, confirm, stored};

/// Release a stuck lock on the current workspace
///
/// Manually unlock the state for the defined configuration.
///
/// This will not modify your infrastructure. This command removes the lock on the state for the current workspace. A local lock
/// ends by itself when its process does, and cannot be taken from a process that lives.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The ID that the message about the lock names.
    #[arg(value_name = "LOCK_ID")]
    id: String,
    /// Don't ask for input for unlock confirmation.
    #[arg(long)]
    force: bool,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let mut store = stored::store(world, &StatePath::default())?;
    if !args.force {
        let question = "Do you really want to force-unlock?\n  formwork will remove the lock on the state.\n  This will allow \
                        other runs to modify this state while the holder of the\n  lock may still be running.\n  Only 'yes' \
                        will be accepted to confirm.\n\n  Enter a value: ";
        if confirm::ask(ui, question, "-force")?.as_deref() != Some("yes") {
            ui.line("force-unlock cancelled.");
            return Ok(Exit::Failed);
        }
    }
    stored::block_on(store.force_unlock(&args.id, &world.now().to_string()))??;
    ui.line("The state has been unlocked, and formwork commands should now be able to obtain a new lock on it.");
    Ok(Exit::Done)
}
