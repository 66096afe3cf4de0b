//! `state replace-provider`: another provider for the resources that have this one.

use crate::cli::options::{Ignored, LockOptions, StatePath};
use crate::cli::ui::Style;
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::diag::Diagnostic;

/// Replace provider in the state
///
/// Replace provider for resources in the state, such as when a stack moves between Terraform and OpenTofu, whose registries
/// differ.
///
/// This command creates a timestamped backup of the state on every invocation.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The provider now: hashicorp/aws, or in full registry.terraform.io/hashicorp/aws.
    #[arg(value_name = "FROM_PROVIDER_FQN")]
    from: String,
    /// The provider that takes its place.
    #[arg(value_name = "TO_PROVIDER_FQN")]
    to: String,
    /// Skip interactive approval.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    path: StatePath,
    #[command(flatten)]
    ignored: Ignored,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let (from, to) = (in_full(&args.from)?, in_full(&args.to)?);
    stored::block_on(async {
        let (mut keeper, mut state) = stored::edit(ui, world, &args.path, &args.lock, "state-replace-provider").await?;
        let (stored_from, stored_to) = (format!("provider[\"{from}\"]"), format!("provider[\"{to}\"]"));
        let mut changing = Vec::new();
        state.replace_providers(|resource| {
            // An alias stays behind it, and the module of the provider before it.
            let new = resource.provider.replacen(&stored_from, &stored_to, 1);
            (new != resource.provider).then(|| {
                let module = if resource.module.is_root() { String::new() } else { format!("{}.", resource.module) };
                let data = if resource.mode == crate::address::Mode::Data { "data." } else { "" };
                changing.push(format!("{module}{data}{}.{}", resource.ty, resource.name));
                new
            })
        });
        if changing.is_empty() {
            ui.line("No matching resources found.");
            stored::close(keeper).await?;
            return Ok::<_, crate::diag::Diags>(Exit::Done);
        }
        ui.line(format!(
            "formwork will perform the following actions:\n\n  {} Updating provider:\n    {} {from}\n    {} {to}\n\n{} {} resources:\n",
            ui.style(Style::Yellow, "~"),
            ui.style(Style::Red, "-"),
            ui.style(Style::Green, "+"),
            ui.style(Style::Bold, "Changing"),
            changing.len()
        ));
        for address in &changing {
            ui.line(format!("  {address}"));
        }
        ui.line("");
        if !args.auto_approve {
            let question =
                "Do you want to make these changes?\nOnly 'yes' will be accepted to continue.\n\nEnter a value: ";
            let answer = super::super::confirm::ask(ui, question, "-auto-approve")?;
            if answer.as_deref() != Some("yes") {
                ui.line("Cancelled replacing providers.");
                stored::close(keeper).await?;
                return Ok(Exit::Done);
            }
        }
        keeper.save(&state).await?;
        ui.line(format!("Successfully replaced provider for {} resources.", changing.len()));
        stored::close(keeper).await?;
        Ok(Exit::Done)
    })?
}

/// `hashicorp/aws` → `registry.terraform.io/hashicorp/aws`.
fn in_full(name: &str) -> Result<String, Diagnostic> {
    let parts: Vec<&str> = name.split('/').collect();
    let word = |p: &&str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
    match parts[..] {
        _ if !parts.iter().all(word) => {}
        [one] => return Ok(format!("registry.terraform.io/hashicorp/{one}")),
        [namespace, ty] => return Ok(format!("registry.terraform.io/{namespace}/{ty}")),
        [_, _, _] => return Ok(name.to_string()),
        _ => {}
    }
    let detail =
        format!("{name:?} is no provider. A provider is written as hashicorp/aws, or with its registry in front.");
    Err(Diagnostic::error("Invalid provider source string", detail))
}
