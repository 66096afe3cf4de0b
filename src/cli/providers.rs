//! `providers`: which providers the configuration and the state want.

use super::options::StatePath;
use super::{Exit, Outcome, Ui, World, configuration, report, stored};
use crate::config::Module;
use crate::diag::Diagnostic;
use crate::show::json_schema;
use crate::state::print_json_line;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Show the providers required for this configuration
///
/// Prints out a tree of modules in the referenced configuration annotated with their provider requirements. Of these, formwork
/// is hashicorp/aws itself; resources of others stay untouched in the state.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, hide = true)]
    test_directory: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Schema(SchemaArgs),
}

/// Show schemas for the providers used in the configuration
///
/// Prints out a json representation of the shapes of all types that formwork has, where the configuration uses hashicorp/aws.
#[derive(clap::Args, Debug)]
struct SchemaArgs {
    /// Required, for there is no other format.
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Whether a program reads the output.
    pub fn feeds_a_program(&self) -> bool {
        self.command.is_some()
    }
}

/// Prints them.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    if let Some(Command::Schema(args)) = &args.command {
        return schema(ui, args, world);
    }
    if configuration::is_empty(world) {
        return Err(configuration::none(world, "The providers are listed from a configuration.").into());
    }
    let (config, warnings) = configuration::load(world)?;
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    tree(&config.root, "", &mut out);
    ui.line(out);
    let mut store = stored::store(world, &StatePath::default())?;
    if let Some(state) = stored::block_on(store.read())??
        && !state.resources.is_empty()
    {
        let providers: BTreeSet<&str> = state.resources.iter().map(|r| address_of(&r.provider)).collect();
        ui.line("Providers required by state:\n");
        for provider in providers {
            ui.line(format!("    provider[{provider}]\n"));
        }
    }
    report::all(ui, &warnings);
    Ok(Exit::Done)
}

/// The shapes of our types, if the configuration wants any.
fn schema(ui: &Ui, args: &SchemaArgs, world: &World) -> Outcome {
    if !args.json {
        let detail = "The `providers schema` command requires the `-json` flag.";
        return Err(Diagnostic::error("Option required", detail).into());
    }
    let mut source = None;
    if !configuration::is_empty(world) {
        let (config, _) = configuration::load(world)?;
        source = wanted(&config.root);
    }
    ui.line(print_json_line(&json_schema::document(source.as_deref())));
    Ok(Exit::Done)
}

/// Where the AWS provider comes from, for the modules that want it.
fn wanted(module: &Module) -> Option<String> {
    let own = required(module).into_keys().find(|source| source.ends_with("/hashicorp/aws"));
    own.or_else(|| module.children.values().find_map(wanted))
}

/// `provider["registry.terraform.io/hashicorp/aws"].west` → what is between the quotes.
fn address_of(stored: &str) -> &str {
    stored.split('"').nth(1).unwrap_or(stored)
}

fn tree(module: &Module, indent: &str, out: &mut String) {
    let providers = required(module);
    let count = providers.len() + module.children.len();
    let mut done = 0;
    let mut branch = || {
        done += 1;
        if done == count { ("└── ", "    ") } else { ("├── ", "│   ") }
    };
    for (source, constraints) in providers {
        let constraints = if constraints.is_empty() { String::new() } else { format!(" {constraints}") };
        out.push_str(&format!("{indent}{}provider[{source}]{constraints}\n", branch().0));
    }
    for (name, child) in &module.children {
        let (corner, below) = branch();
        out.push_str(&format!("{indent}{corner}module.{name}\n"));
        tree(child, &format!("{indent}{below}"), out);
    }
}

/// The providers of one module, with the versions it asks for: those it requires, those it configures, and those of its blocks.
fn required(module: &Module) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for required in module.settings.required_providers.values() {
        found.insert(required.source.clone(), required.version.clone().unwrap_or_default());
    }
    let configured = module.providers.iter().map(|p| p.name.to_string());
    let used = module.resources.values().map(|r| r.provider_name().to_string());
    for name in configured.chain(used) {
        found.entry(module.provider_source(&name)).or_default();
    }
    found
}
