//! What was wrong with the command line, in words.

use crate::diag::{Diagnostic, nearest};
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A clap error as something to read. `typed` are the words of the subcommand.
pub fn explain(error: &clap::Error, tree: &clap::Command, typed: &[String]) -> Diagnostic {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(s)) => s.clone(),
        Some(ContextValue::Strings(s)) => s.join(", "),
        _ => String::new(),
    };
    let at = typed.iter().fold(tree, |c, word| c.find_subcommand(word).unwrap_or(c));
    let argument = one_dash(&context(ContextKind::InvalidArg));
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand);
            let under = typed.iter().map(|w| format!("{w} ")).collect::<String>();
            let names: Vec<&str> =
                at.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name).collect();
            let d = Diagnostic::error("Unknown command", format!("There is no command named \"{under}{word}\"."));
            match nearest(&word, names.iter().copied()) {
                Some(near) => d.help(format!("Did you mean \"{under}{near}\"?")),
                None if typed.is_empty() => d,
                None => d.help(format!("There are: {}.", names.join(", "))),
            }
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let names: Vec<&str> = at.get_subcommands().map(clap::Command::get_name).collect();
            Diagnostic::error("Command required", format!("Which one? There are: {}.", names.join(", ")))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let name = argument.trim_start_matches('-').split('=').next().unwrap_or_default().to_string();
            let command = if typed.is_empty() { "formwork".to_string() } else { typed.join(" ") };
            let d = Diagnostic::error("Unknown option", format!("The command \"{command}\" has no option -{name}."));
            let names = at.get_arguments().chain(tree.get_arguments()).filter_map(|a| a.get_long());
            match nearest(&name, names) {
                Some(near) => d.help(format!("Did you mean -{near}?")),
                None => d,
            }
        }
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues => Diagnostic::error(
            "Too many command line arguments",
            format!("The command \"{}\" does not take the argument {argument:?}.", typed.join(" ")),
        )
        .help("To work in another directory, use the global option -chdir=DIR."),
        ErrorKind::MissingRequiredArgument => {
            Diagnostic::error("Missing argument", format!("The command \"{}\" needs {argument}.", typed.join(" ")))
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let option = argument.split([' ', '=']).next().unwrap_or_default().to_string();
            let value = context(ContextKind::InvalidValue);
            let why = match (std::error::Error::source(error), context(ContextKind::ValidValue)) {
                (Some(source), _) => format!("{source}."),
                (None, values) if !values.is_empty() => format!("It takes one of: {values}."),
                _ if value.is_empty() => "It needs a value.".into(),
                _ => String::new(),
            };
            Diagnostic::error("Invalid value for an option", format!("{option} cannot be {value:?}. {why}").trim_end())
        }
        _ => Diagnostic::error("Failed to parse command-line flags", error.to_string()),
    }
}

/// `--out <FILE>` → `-out=FILE`; `<ADDRESS>` → `ADDRESS`.
fn one_dash(text: &str) -> String {
    let text = text.strip_prefix('-').filter(|t| t.starts_with('-')).unwrap_or(text);
    text.replace(" <", "=").replace(['<', '>'], "")
}
