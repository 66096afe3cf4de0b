//! `version`: what this is. Starts nothing, reads nothing.

use super::{Exit, Ui, World};
use crate::state::{TERRAFORM_VERSION, print_json};
use serde_json::json;

/// Show the current version
///
/// Displays the version of formwork, and of the Terraform whose language and files it speaks.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Output the version information as a JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Prints it. By another tool's name we are that tool, so that what matches on the first line goes on working.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Exit {
    let own = env!("CARGO_PKG_VERSION");
    if args.json {
        let json = json!({
            "terraform_version": TERRAFORM_VERSION,
            "platform": platform(),
            "provider_selections": {},
            "terraform_outdated": false,
            "formwork_version": own,
        });
        ui.line(print_json(&json));
        return Exit::Done;
    }
    if world.poses() {
        ui.line(format!("Terraform v{TERRAFORM_VERSION}\non {}\n+ formwork v{own}", platform()));
    } else {
        ui.line(format!("formwork v{own}\non {}\n+ speaks Terraform v{TERRAFORM_VERSION}", platform()));
    }
    Exit::Done
}

/// As Go names it: `linux_amd64`.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        arch => arch,
    };
    format!("{os}_{arch}")
}
