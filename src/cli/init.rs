//! `init`: installs the modules that the configuration calls, checks it, and notes what the backend was told.

use super::json_lines::JsonLines;
use super::migrate::Migration;
use super::options::{LockOptions, StatePath};
use super::ui::Style;
use super::{Exit, Outcome, Ui, World, backend, configuration, confirm, migrate, modules, report, stored};
use crate::config::{Backend, syntax};
use crate::diag::{Diagnostic, Diags, Source, Span, nearest};
use crate::install;
use crate::state;
use crate::state::backend::arguments::{Shape, of as backend_arguments, unsupported};
use crate::state::backend::{Arguments, Note, holds_anything, note};
use crate::state::workspace::{DEFAULT, Places};
use crate::value::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Prepare your working directory for other commands
///
/// Installs the modules that the configuration calls and remembers what the backend was told. No plugins are downloaded: the
/// resource types are part of this program. It is always safe to run it again, and without modules from elsewhere the other
/// commands work without it.
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
    /// Copy the contents of the given module into the target directory before initialization.
    #[arg(long, value_name = "SOURCE")]
    from_module: Option<String>,
    /// Install the newest versions of modules that the configuration allows, also where an older one is there.
    #[arg(long)]
    upgrade: bool,
    /// Disable interactive prompts.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    input: bool,
    /// Reconfigure the backend, ignoring any saved configuration.
    #[arg(long)]
    reconfigure: bool,
    /// Reconfigure the backend, and attempt to migrate any existing state.
    #[arg(long)]
    migrate_state: bool,
    /// Suppress prompts about copying state data when migrating: they are answered with yes. Implies -migrate-state.
    #[arg(long)]
    force_copy: bool,
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
    plugin_dir: Vec<PathBuf>,
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
    match prepare(ui, &to, args, world) {
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

fn prepare(ui: &Ui, to: &To<'_>, args: &Args, world: &World) -> Result<(), Diags> {
    let product = world.product();
    if let Some(source) = &args.from_module {
        let there = std::fs::read_dir(&world.cwd).into_iter().flatten().flatten();
        if there.map(|e| e.file_name()).any(|name| !name.to_string_lossy().starts_with('.')) {
            let d = Diagnostic::error(
                "The working directory already contains files",
                "The -from-module option requires an empty directory into which a copy of the referenced module will be placed.",
            );
            return Err(d
                .help("To initialize the configuration that is here already, omit the -from-module option.")
                .into());
        }
        to.say(
            "copying_configuration_message",
            Some(Style::Bold),
            &format!("Copying configuration from {source:?}..."),
        );
        to.say("", None, "");
        install::copy_module(source, &world.cwd, &modules::surroundings(world))?;
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
    let root = modules::here(world)?.root;
    if args.backend {
        backend(ui, to, args, world, root.settings.backend.as_ref())?;
    }
    if !root.calls.is_empty() && args.get {
        match args.upgrade {
            true => to.say("upgrading_modules_message", Some(Style::Bold), "Upgrading modules..."),
            false => to.say("initializing_modules_message", Some(Style::Bold), "Initializing modules..."),
        }
    }
    let (_, warnings) = match args.get {
        true => modules::install(world, args.upgrade, &mut |line| to.say("", None, line))?,
        false => configuration::load(world)?,
    };
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
                 for your infrastructure. All {program} commands\nshould now work. If you change where modules come from, run init again."
            ),
        );
    }
    Ok(())
}

/// Configures the backend: what changed is asked about, states are taken along, and what is configured is noted.
fn backend(ui: &Ui, to: &To<'_>, args: &Args, world: &World, block: Option<&Backend>) -> Result<(), Diags> {
    let (migrate, reconfigure) = (args.migrate_state || args.force_copy, args.reconfigure);
    if migrate && reconfigure {
        let detail = "The -migrate-state and -reconfigure options are mutually-exclusive.";
        return Err(Diagnostic::error("Invalid init options", detail).into());
    }
    let data_dir = world.data_dir();
    let noted = note::read(&data_dir)?;
    let Some(block) = block else {
        if !args.backend_config.is_empty() {
            return Err(Diagnostic::error(
                "Missing backend configuration",
                "The option -backend-config needs a \"backend\" block in the configuration to belong to, and there is none.",
            )
            .help("Add one, with the arguments that are the same everywhere:\n\n  terraform {\n    backend \"s3\" {}\n  }")
            .into());
        }
        let Some(noted) = noted else { return Ok(()) };
        return unset(ui, to, args, world, &noted);
    };
    let own = backend::arguments(block)?;
    let given = given(args, world, block)?;
    let merged = completed(ui, args, block, own.overridden_by(&given))?;
    // Wrong arguments show here, not at the first plan, and are not remembered.
    let new = backend::open(world, Some(block), &merged, backend::local_places(world, &StatePath::default()))?;
    let hash = own.hash();
    if let Some(noted) = &noted {
        let same_block = noted.kind == *block.kind && noted.hash == u64::from(hash) && given_nothing(args);
        if same_block || noted.arguments.as_ref() == Some(&merged) {
            if noted.hash != u64::from(hash) {
                note::write(&data_dir, &merged, hash)?;
            }
            return Ok(());
        }
        if !migrate && !reconfigure {
            return Err(changed(world).into());
        }
    }
    // The sandbox has a state of its own, and takes none along.
    let sandbox = world.sandbox().is_some();
    if !reconfigure && !sandbox {
        let from = match &noted {
            None => state::Backend::Local(backend::local_places(world, &StatePath::default())),
            Some(noted) => former(world, noted)?,
        };
        match &noted {
            Some(noted) if noted.kind != *block.kind => to.say(
                "backend_migrate_type_change",
                None,
                &format!(
                    "{} detected that the backend type changed from \"{}\" to \"{}\".\n",
                    world.product(),
                    noted.kind,
                    block.kind
                ),
            ),
            Some(_) => to.say(
                "backend_migrate_reconfigure",
                None,
                &format!(
                    "Backend configuration changed!\n\n{} has detected that the configuration specified for the backend\nhas changed. \
                     {0} will now check for existing state in the backends.\n",
                    world.product()
                ),
            ),
            None => {}
        }
        let ui = &ui.asking(args.input);
        let migration = Migration { ui, world, from: &from, to: &new, force: args.force_copy, lock: &args.lock };
        let copied = stored::block_on(migration.run())??;
        if let (true, None, state::Backend::Local(places)) = (copied, &noted, &from) {
            migrate::empty_local(places)?;
        }
    }
    let waiting = sandbox && (noted.is_some() || left_behind(world));
    if !waiting {
        note::write(&data_dir, &merged, hash)?;
    }
    to.say(
        "backend_configured_success",
        Some(Style::Green),
        &format!(
            "\nSuccessfully configured the backend \"{}\"! {} will automatically\nuse this backend unless the backend \
             configuration changes.",
            block.kind,
            world.product()
        ),
    );
    Ok(())
}

/// Whether there is a local state that nobody has decided about.
fn left_behind(world: &World) -> bool {
    let places = Places { dir: world.cwd.clone(), ..Places::default() };
    holds_anything(&places.path_of(DEFAULT))
}

/// There is no backend block any more.
fn unset(ui: &Ui, to: &To<'_>, args: &Args, world: &World, noted: &Note) -> Result<(), Diags> {
    if !args.migrate_state && !args.force_copy && !args.reconfigure {
        return Err(changed(world).into());
    }
    if !args.reconfigure {
        to.say(
            "backend_migrate_local",
            None,
            &format!(
                "{} has detected you're unconfiguring your previously set \"{}\" backend.",
                world.product(),
                noted.kind
            ),
        );
        let from = former(world, noted)?;
        let new = state::Backend::Local(Places { dir: world.cwd.clone(), ..Places::default() });
        let ui = &ui.asking(args.input);
        let migration = Migration { ui, world, from: &from, to: &new, force: args.force_copy, lock: &args.lock };
        stored::block_on(migration.run())??;
    }
    note::clear(&world.data_dir())?;
    to.say(
        "backend_configured_unset",
        Some(Style::Green),
        &format!(
            "\n\nSuccessfully unset the backend \"{}\". {} will now operate locally.",
            noted.kind,
            world.product()
        ),
    );
    Ok(())
}

/// Where the states were until now.
fn former(world: &World, noted: &Note) -> Result<state::Backend, Diags> {
    match &noted.arguments {
        Some(arguments) => backend::open(world, None, arguments, backend::local_places(world, &StatePath::default())),
        None => {
            let d = unsupported(&noted.kind);
            let help = d.help.clone().unwrap_or_default();
            let program = &world.program;
            Err(d
                .help(format!(
                    "{help}\n\nIf no state is left there that matters, forget it:\n\n  {program} init -reconfigure"
                ))
                .into())
        }
    }
}

/// Tools look for "Backend configuration changed".
fn changed(world: &World) -> Diagnostic {
    let program = &world.program;
    let detail = format!(
        "A change in the backend configuration has been detected, which may require migrating existing state.\n\nIf you wish to \
         attempt automatic migration of the state, use \"{program} init -migrate-state\".\nIf you wish to store the current \
         configuration with no changes to the state, use \"{program} init -reconfigure\"."
    );
    Diagnostic::error("Backend configuration changed", detail)
}

/// Asks for what a backend cannot do without.
fn completed(ui: &Ui, args: &Args, block: &Backend, arguments: Arguments) -> Result<Arguments, Diags> {
    if arguments.kind() != "s3" || !args.input || !ui.input || args.json {
        return Ok(arguments);
    }
    let mut answers = BTreeMap::new();
    for (name, what) in
        [("bucket", "The name of the S3 bucket"), ("key", "The path to the state file inside the bucket")]
    {
        if arguments.get(name).is_none() {
            let answer = confirm::ask(ui, &format!("{name}\n  {what}\n\n  Enter a value: "), "-backend-config")?;
            match answer.filter(|a| !a.is_empty()) {
                Some(answer) => answers.insert(Arc::from(name), Value::string(answer)),
                // What is missing is said together with all else.
                None => break,
            };
        }
    }
    let answers = Arguments::new("s3", &answers).map_err(|t| backend::located(t, Some(block)))?;
    Ok(arguments.overridden_by(&answers))
}

fn given_nothing(args: &Args) -> bool {
    args.backend_config.iter().all(String::is_empty)
}

/// What `-backend-config` says; later ones win.
fn given(args: &Args, world: &World, block: &Backend) -> Result<Arguments, Diags> {
    let mut all = BTreeMap::new();
    for text in args.backend_config.iter().filter(|t| !t.is_empty()) {
        if let Some((name, value)) = text.split_once('=') {
            let name = name.trim();
            let known = backend_arguments(&block.kind).unwrap_or_default();
            let Some(argument) = known.iter().find(|a| a.name == name) else {
                let d = Diagnostic::error(
                    "Invalid backend configuration argument",
                    format!(
                        "The backend configuration argument \"{name}\" given on the command line is not expected for the selected \
                         backend type."
                    ),
                );
                let near = nearest(name, known.iter().map(|a| a.name));
                return Err(match near {
                    Some(near) => d.help(format!("Did you mean \"{near}\"?")),
                    None => d,
                }
                .into());
            };
            let value = match argument.shape {
                Shape::Text | Shape::Flag | Shape::Number => Value::string(value),
                _ => expression(name, value)?,
            };
            all.insert(Arc::from(name), value);
            continue;
        }
        let content = std::fs::read_to_string(world.path(text)).map_err(|e| {
            Diagnostic::error(
                "Failed to read file",
                format!("The file \"{text}\", given with -backend-config, could not be read: {e}."),
            )
        })?;
        all.extend(parsed(text, content)?);
    }
    Arguments::new(&block.kind, &all).map_err(|t| backend::located(t, None))
}

/// A value that is no string, as in `-backend-config='endpoints={s3="..."}'`.
fn expression(name: &str, text: &str) -> Result<Value, Diags> {
    let values = parsed("<value for -backend-config>", format!("{name} = {text}\n"))?;
    Ok(values.into_values().next().unwrap_or_else(|| Value::string(text)))
}

/// The arguments in a file of them.
fn parsed(name: &str, content: String) -> Result<BTreeMap<Arc<str>, Value>, Diags> {
    let source = Source::new(name, content);
    let (body, diags) = syntax::parse(&source);
    if diags.has_errors() {
        return Err(diags);
    }
    let span = Span::new(&source, 0, 0);
    Ok(Backend { kind: "".into(), body, span }.arguments())
}
