//! `permissions`: what IAM has to allow whoever plans, applies or destroys.

use super::operation::{self, PlanOptions};
use super::options::StatePath;
use super::variables::VarOptions;
use super::{Exit, Outcome, Ui, World, connect, report, stored};
use crate::diag::Diagnostic;
use crate::plan::permissions::{self, Purpose};
use std::path::PathBuf;

/// The longest document that a managed policy may be, without spaces.
const MANAGED_SIZE: usize = 6144;

/// Print the IAM policy that planning or applying needs
///
/// Prints, as JSON, the IAM policy that credentials need to plan, apply or destroy the current configuration with its current
/// state: the actions that are called, each on the resources it is called on as far as their ARNs are known before they exist.
///
/// AWS is asked for nothing but the account, which becomes a "*" where there are no credentials yet.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What shall be possible: "plan" only looks; "apply" also creates, changes, replaces and deletes; "destroy" looks and
    /// deletes.
    #[arg(long = "for", value_name = "what", default_value = "apply", value_parser = ["plan", "apply", "destroy"])]
    purpose: String,
    /// Write the policy to this file instead.
    #[arg(long, value_name = "path")]
    out: Option<PathBuf>,
    /// Leave resource types and data sources that are not supported aside, instead of refusing the configuration.
    #[arg(long)]
    skip_unsupported: bool,
    /// Ask for input for variables if not directly set.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    input: bool,
    #[command(flatten)]
    vars: VarOptions,
    #[command(flatten)]
    path: StatePath,
}

impl Args {
    /// Whether its output is read by a program.
    pub fn feeds_a_program(&self) -> bool {
        self.out.is_none()
    }
}

/// Prints it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    stored::block_on(print(ui, args, world))?
}

async fn print(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let options = PlanOptions {
        destroy: args.purpose == "destroy",
        refresh_only: false,
        refresh: false,
        replace: Vec::new(),
        target: Vec::new(),
        skip_unsupported: args.skip_unsupported,
        vars: args.vars.clone(),
    };
    let input = operation::input(ui, world, &options, args.input, "What is needed is read from a configuration.")?;
    let workspace = stored::current_workspace(world)?;
    // Without a lock: nothing is written.
    let state = stored::store(world, &args.path)?.read().await?.unwrap_or_default();
    let connect = connect::connect(world)?;
    let purpose = match &*args.purpose {
        "plan" => Purpose::Plan,
        "destroy" => Purpose::Destroy,
        _ => Purpose::Apply,
    };
    let policy = permissions::policy(permissions::Request {
        config: input.config,
        variables: input.variables,
        state: &state,
        facts: operation::facts(world),
        base_dir: &world.cwd,
        workspace: &workspace,
        connect: &*connect,
        purpose,
        skip_unsupported: args.skip_unsupported,
    })
    .await?;
    report::all(ui, &policy.diags);
    let text = format!("{:#}\n", policy.document);
    match &args.out {
        None => ui.print(text),
        Some(path) => {
            let file = world.path(path);
            std::fs::write(&file, text).map_err(|e| {
                Diagnostic::error("Cannot write the policy", format!("{} cannot be written: {e}.", file.display()))
            })?;
            ui.line(format!("Wrote the policy to {}.", path.display()));
        }
    }
    if policy.open_account {
        ui.note("The account could not be found out, so it is a \"*\" in the ARNs above.");
    }
    for role in &policy.assumed {
        ui.note(format!(
            "This is what the role {role} needs; the credentials that assume it need sts:AssumeRole on it."
        ));
    }
    let size = policy.document.to_string().len();
    if size > MANAGED_SIZE {
        ui.note(format!(
            "The policy has {size} characters; a managed policy may have {MANAGED_SIZE}. Split its statements over several \
             policies of one role, or use it as an inline policy (10,240)."
        ));
    }
    Ok(Exit::Done)
}
