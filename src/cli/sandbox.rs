//! `sandbox`: the AWS inside this program, for the user's own hands.

use super::connect::{aws_dir, open};
use super::interrupt::Interrupt;
use super::{Exit, Outcome, Ui, World, stored};
use crate::diag::Diagnostic;
use crate::state::Store;
use crate::state::workspace::Places;
use std::net::{Ipv4Addr, SocketAddr};

/// Look at, serve or reset the AWS inside this program
///
/// With the global option -sandbox (or FORMWORK_SANDBOX=1), every command works with an AWS inside this program instead of a real
/// account. It is kept in .formwork/sandbox, with a state of its own.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Status(Status),
    Serve(Serve),
    Reset(Reset),
}

/// Show what is in the sandbox
#[derive(clap::Args, Debug)]
struct Status {}

/// Offer the sandbox to other programs over HTTP
///
/// Any tool that lets you set AWS's endpoint can use it: the AWS CLI, an SDK, Terraform. Ends with Ctrl-C.
#[derive(clap::Args, Debug)]
struct Serve {
    /// The port, on this machine only; 0: any free one.
    #[arg(long, value_name = "n", default_value_t = 4566)]
    port: u16,
}

/// Throw away the sandbox and its state
#[derive(clap::Args, Debug)]
struct Reset {}

/// Runs the subcommand.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    // These are about the sandbox whether or not the run is in it.
    let world = &World { in_sandbox: true, ..world.clone() };
    let dir = world.sandbox().unwrap_or_default();
    match &args.command {
        Command::Status(_) => {
            if !dir.exists() {
                ui.line(format!("There is no sandbox here yet. To begin one:\n\n  {} -sandbox apply", world.program));
                return Ok(Exit::Done);
            }
            let places = Places { dir: dir.clone(), ..Places::default() };
            let mut store = places.store(&stored::current_workspace(world)?);
            let state = stored::block_on(store.read())??.unwrap_or_default();
            let sandbox = open(&dir, world)?;
            ui.line(format!("Directory: {}", aws_dir(&dir).display()));
            ui.line(format!("Account:   {}", sandbox.account()));
            ui.line(format!("State:     {} ({} objects)", store.place(), state.objects().count()));
            Ok(Exit::Done)
        }
        Command::Serve(args) => serve(ui, args, world, &dir),
        Command::Reset(_) => match std::fs::remove_dir_all(&dir) {
            Ok(()) => {
                ui.line("The sandbox is empty.");
                Ok(Exit::Done)
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                ui.line("There is no sandbox here.");
                Ok(Exit::Done)
            }
            Err(e) => {
                let detail = format!("{} cannot be removed: {e}.", dir.display());
                Err(Diagnostic::error("Cannot reset the sandbox", detail).into())
            }
        },
    }
}

fn serve(ui: &Ui, args: &Serve, world: &World, dir: &std::path::Path) -> Outcome {
    let sandbox = open(dir, world)?;
    stored::block_on(async {
        let failed = |e: std::io::Error| {
            Diagnostic::error("Cannot serve the sandbox", format!("Port {} cannot be used: {e}.", args.port))
                .help("Choose another one with -port=, or any free one with -port=0.")
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let interrupt = Interrupt::quiet();
        ui.line(format!(
            "The sandbox answers at http://{at} until Ctrl-C. For other programs:\n\n  export AWS_ENDPOINT_URL=http://{at} \
             AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox\n"
        ));
        tokio::select! {
            served = sandbox.serve(listener) => served.map_err(failed).map(|()| Exit::Done),
            () = interrupt.wait(1) => Ok(Exit::Done),
        }
    })?
    .map_err(Into::into)
}
