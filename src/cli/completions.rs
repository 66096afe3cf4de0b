//! `completions`: a script for a shell.

use super::{Exit, Outcome, Ui, command};
use clap_complete::Shell;

/// Print a script that completes commands and options in your shell
///
/// For bash:
///
///   formwork completions bash > ~/.local/share/bash-completion/completions/formwork
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The shell: bash, elvish, fish, powershell or zsh.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints it.
pub fn run(ui: &Ui, args: &Args) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "formwork", &mut script);
    ui.print(String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
