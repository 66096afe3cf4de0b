//! `validate`: whether the configuration makes sense, without state, variables' values and AWS.

use super::ui::Style;
use super::{Exit, Outcome, Ui, World, configuration, report};
use crate::config::{self, LoadOptions};
use crate::diag::Diags;
use crate::show::diagnostics;
use crate::state::print_json;
use serde_json::json;
use std::path::PathBuf;

/// Check whether the configuration is valid
///
/// Validate the configuration files in a directory, referring only to the configuration and not accessing any remote services.
///
/// Validate runs checks that verify whether a configuration is syntactically valid and internally consistent, regardless of any
/// provided variables or existing state. It is safe to run this command automatically, for example as a post-save check in a
/// text editor or in CI.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Produce output in a machine-readable JSON format, suitable for use in text editor integrations and other automated
    /// systems. Always disables color.
    #[arg(long)]
    pub json: bool,
    /// Leave resource types and data sources that are not supported to terraform, instead of refusing the configuration.
    #[arg(long)]
    skip_unsupported: bool,
    #[arg(long, hide = true)]
    no_tests: bool,
    #[arg(long, hide = true)]
    test_directory: Option<PathBuf>,
}

/// Judges it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let diags = judge(args, world)?;
    let errors = diags.iter().filter(|d| d.is_error()).count();
    if args.json {
        let json = json!({
            "format_version": "1.0",
            "valid": errors == 0,
            "error_count": errors,
            "warning_count": diags.iter().count() - errors,
            "diagnostics": diags.iter().map(diagnostics::json).collect::<Vec<_>>(),
        });
        ui.line(print_json(&json));
    } else {
        report::all(ui, &diags);
        if errors == 0 {
            let but = if diags.is_empty() { "." } else { ", but there were some\nvalidation warnings as shown above." };
            let success = ui.style(Style::Green, ui.style(Style::Bold, "Success!"));
            ui.line(format!("{success} The configuration is valid{but}\n"));
        }
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::Failed })
}

fn judge(args: &Args, world: &World) -> Result<Diags, Diags> {
    if configuration::is_empty(world) {
        return Ok(Diags::new());
    }
    let (config, found) = config::load(&world.cwd, &LoadOptions { data_dir: world.data_dir_option() });
    configuration::judged(world, config, found, args.skip_unsupported)
}
