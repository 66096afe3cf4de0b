//! `init`: checks the configuration and notes what the backend was told. There is nothing to download.

use super::json_lines::JsonLines;
use super::options::LockOptions;
use super::ui::Style;
use super::{Exit, Outcome, Ui, World, configuration, report, stored};
use crate::config::{Backend, syntax};
use crate::diag::{Diagnostic, Diags, Source};
use crate::state::print_json;
use serde_json::{Map, Value as Json, json};
use std::path::PathBuf;

/// Prepare your working directory for other commands
///
/// Checks the configuration, lists its modules and remembers what the backend was told. Nothing is downloaded: the resource types
/// are part of this program. It is always safe to run it again, and other commands work without it.
///
/// The options of Terraform's init are taken, so that scripts go on working; those about plugins mean nothing here.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Disable backend initialization for this configuration and use what was previously initialized instead.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    backend: bool,
    /// Configuration to be merged with what is in the configuration file's 'backend' block: a path to a file of arguments, or one
    /// argument. May be given more than once.
    #[arg(long, value_name = "path|KEY=VALUE")]
    backend_config: Vec<String>,
    /// Disable downloading modules for this configuration.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    get: bool,
    /// Disable interactive prompts.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    input: bool,
    /// Reconfigure the backend, ignoring any saved configuration.
    #[arg(long)]
    reconfigure: bool,
    /// Produce output in a machine-readable JSON format.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    ignored: Ignored,
}

/// Taken, and without meaning here.
#[derive(clap::Args, Debug)]
struct Ignored {
    #[arg(long, hide = true)]
    force_copy: bool,
    #[arg(long, hide = true)]
    from_module: Option<String>,
    #[arg(long, hide = true)]
    plugin_dir: Vec<PathBuf>,
    #[arg(long, hide = true)]
    migrate_state: bool,
    #[arg(long, hide = true)]
    upgrade: bool,
    #[arg(long, hide = true)]
    lockfile: Option<String>,
    #[arg(long, hide = true)]
    ignore_remote_version: bool,
    #[arg(long, hide = true)]
    test_directory: Option<PathBuf>,
    #[arg(long, hide = true)]
    var: Vec<String>,
    #[arg(long, hide = true)]
    var_file: Vec<PathBuf>,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let to = if args.json { To::Json(JsonLines::begin(ui, world)) } else { To::Text(ui) };
    match prepare(&to, args, world) {
        Ok(()) => Ok(Exit::Done),
        Err(diags) if args.json => {
            if let To::Json(stream) = &to {
                diags.iter().for_each(|d| stream.diagnostic(d));
            }
            Ok(Exit::Failed)
        }
        Err(diags) => Err(diags),
    }
}

enum To<'a> {
    Text(&'a Ui),
    Json(JsonLines),
}

impl To<'_> {
    /// `code` is Terraform's name of the message; empty for lines that have none.
    fn say(&self, code: &str, style: Option<Style>, text: &str) {
        match self {
            To::Text(ui) => ui.line(style.map_or(text.to_string(), |s| ui.style(s, text))),
            To::Json(stream) if code.is_empty() => stream.send("info", text.trim(), "log", json!({})),
            To::Json(stream) => stream.send("info", text.trim(), "init_output", json!({ "message_code": code })),
        }
    }
}

fn prepare(to: &To<'_>, args: &Args, world: &World) -> Result<(), Diags> {
    let product = world.product();
    if let Some(source) = &args.ignored.from_module {
        let d = Diagnostic::error(
            "Unsupported option",
            format!("Copying a module here (-from-module={source}) is not done."),
        );
        return Err(d.help("Get it with git or cp, then run init again.").into());
    }
    if configuration::is_empty(world) {
        to.say(
            "output_init_empty_message",
            Some(Style::Bold),
            &format!("{product} initialized in an empty directory!"),
        );
        to.say(
            "",
            None,
            &format!(
                "\nThe directory has no Terraform configuration files. You may begin working\nwith {product} immediately by \
                 creating Terraform configuration files."
            ),
        );
        return Ok(());
    }
    to.say("initializing_backend_message", Some(Style::Bold), "Initializing the backend...");
    let (config, warnings) = configuration::load(world)?;
    if args.backend {
        backend(to, args, world, config.root.settings.backend.as_ref())?;
    }
    let modules = configuration::modules(&config.root);
    if !modules.is_empty() && args.get {
        to.say("initializing_modules_message", Some(Style::Bold), "Initializing modules...");
        for (name, module) in modules {
            to.say("", None, &format!("- {name} in {}", module.dir.display()));
        }
    }
    to.say("initializing_provider_plugin_message", Some(Style::Bold), "Initializing provider plugins...");
    to.say("", None, "- hashicorp/aws is built in: DynamoDB, IAM, Step Functions and what belongs to them");
    match to {
        To::Text(ui) => report::all(ui, &warnings),
        To::Json(stream) => warnings.iter().for_each(|d| stream.diagnostic(d)),
    }
    let done = format!("\n{product} has been successfully initialized!");
    to.say("output_init_success_message", Some(Style::Green), &done);
    if matches!(to, To::Text(ui) if !ui.automation) {
        let program = &world.program;
        to.say(
            "",
            None,
            &format!(
                "\nYou may now begin working with {product}. Try running \"{program} plan\" to see\nany changes that are required \
                 for your infrastructure. All {program} commands\nshould now work, and would have before: this only checks."
            ),
        );
    }
    Ok(())
}

/// Remembers what the command line says about the backend.
fn backend(to: &To<'_>, args: &Args, world: &World, backend: Option<&Backend>) -> Result<(), Diags> {
    let file = stored::backend_file(world);
    let Some(backend) = backend else {
        return match args.backend_config.first() {
            None => Ok(()),
            Some(_) => Err(Diagnostic::error(
                "Missing backend configuration",
                "The option -backend-config needs a \"backend\" block in the configuration to belong to, and there is none.",
            )
            .help("Add one, with the arguments that are the same everywhere:\n\n  terraform {\n    backend \"local\" {}\n  }")
            .into()),
        };
    };
    let given = given(args, world)?;
    let failed = |e: std::io::Error| {
        Diagnostic::error(
            "Failed to save the backend configuration",
            format!("{} cannot be written: {e}.", file.display()),
        )
    };
    let before = std::fs::read(&file).ok();
    if given.is_empty() {
        if args.reconfigure && file.exists() {
            std::fs::remove_file(&file).map_err(failed)?;
        }
    } else {
        std::fs::create_dir_all(world.data_dir()).map_err(failed)?;
        std::fs::write(&file, print_json(&Json::Object(given)) + "\n").map_err(failed)?;
    }
    // Wrong arguments show here, not at the first plan, and are not remembered.
    if let Err(diags) = stored::places(world, Some(backend), &Default::default()) {
        match before {
            Some(before) => std::fs::write(&file, before).map_err(failed)?,
            None => std::fs::remove_file(&file).or_else(gone).map_err(failed)?,
        }
        return Err(diags);
    }
    to.say(
        "backend_configured_success",
        Some(Style::Green),
        &format!(
            "\nSuccessfully configured the backend \"{}\"! {} will automatically\nuse this backend unless the backend \
             configuration changes.",
            backend.kind,
            world.product()
        ),
    );
    Ok(())
}

fn gone(e: std::io::Error) -> std::io::Result<()> {
    if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) }
}

/// What `-backend-config` says; later ones win.
fn given(args: &Args, world: &World) -> Result<Map<String, Json>, Diags> {
    let mut all = Map::new();
    for text in &args.backend_config {
        if let Some((name, value)) = text.split_once('=') {
            all.insert(name.trim().to_string(), value.into());
            continue;
        }
        let content = std::fs::read_to_string(world.path(text)).map_err(|e| {
            Diagnostic::error(
                "Failed to read file",
                format!("{text}, given with -backend-config, cannot be read: {e}."),
            )
        })?;
        let source = Source::new(text.as_str(), content);
        let (body, diags) = syntax::parse(&source);
        if diags.has_errors() {
            return Err(diags);
        }
        let span = crate::diag::Span::new(&source, 0, 0);
        for (name, value) in (Backend { kind: "".into(), body, span }).arguments() {
            if let Some(value) = value.as_str() {
                all.insert(name.to_string(), value.into());
            }
        }
    }
    Ok(all)
}
