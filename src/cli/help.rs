//! Help texts, laid out from the table of commands as Terraform lays them out.

use clap::{Arg, ArgAction, Command};
use std::fmt::Write;

/// Commands of the daily round, named first.
const MAIN: &[&str] = &["init", "validate", "plan", "apply", "destroy"];

/// The help of the command that `words` name; of the whole where they name none.
pub fn text(tree: &mut Command, words: &[String], program: &str) -> String {
    tree.build();
    let mut at: &Command = tree;
    let mut name = String::new();
    for word in words {
        let Some(sub) = at.find_subcommand(word) else { break };
        name = format!("{name} {word}");
        at = sub;
    }
    let mut out = String::new();
    if name.is_empty() {
        top(at, program, &mut out)
    } else {
        one(at, &format!("{program} [global options]{name}"), &mut out)
    }
    out
}

fn top(tree: &Command, program: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "Usage: {program} [global options] <subcommand> [args]\n\n\
         The available commands for execution are listed below.\n\
         The primary workflow commands are given first, followed by\n\
         less common or more advanced commands."
    );
    let commands: Vec<&Command> = tree.get_subcommands().filter(|c| !c.is_hide_set()).collect();
    let width = commands.iter().map(|c| c.get_name().len()).max().unwrap_or(0);
    let line = |c: &Command| format!("  {:width$}  {}", c.get_name(), about(c));
    out.push_str("\nMain commands:\n");
    for name in MAIN {
        for c in commands.iter().filter(|c| c.get_name() == *name) {
            let _ = writeln!(out, "{}", line(c));
        }
    }
    out.push_str("\nAll other commands:\n");
    let mut others: Vec<&&Command> = commands.iter().filter(|c| !MAIN.contains(&c.get_name())).collect();
    others.sort_by_key(|c| c.get_name());
    for c in others {
        let _ = writeln!(out, "{}", line(c));
    }
    out.push_str("\nGlobal options (use these before the subcommand, if any):\n");
    options(tree.get_arguments(), out);
    table(
        &[
            ("-help".into(), "Show this help output, or the help for a specified subcommand.".into()),
            ("-version".into(), "An alias for the \"version\" subcommand.".into()),
        ],
        out,
    );
}

fn one(command: &Command, name: &str, out: &mut String) {
    let shown = |a: &&Arg| !a.is_hide_set() && !a.is_global_set();
    let mut usage = format!("Usage: {name}");
    if command.has_subcommands() {
        usage.push_str(" <subcommand>");
    }
    if command.get_opts().chain(command.get_arguments().filter(|a| a.get_long().is_some())).any(|a| shown(&a)) {
        usage.push_str(" [options]");
    }
    for a in command.get_positionals().filter(shown) {
        let value = value_name(a);
        let many = a.get_num_args().is_some_and(|n| n.max_values() > 1);
        let value = if many { format!("{value}...") } else { value };
        let _ = if a.is_required_set() { write!(usage, " {value}") } else { write!(usage, " [{value}]") };
    }
    let _ = writeln!(out, "{usage}\n");
    let text = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    for (i, paragraph) in text.split("\n\n").enumerate() {
        if i > 0 {
            out.push('\n');
        }
        // What is indented stays as it is: commands to copy.
        if paragraph.starts_with("  ") {
            let _ = writeln!(out, "  {}", paragraph.replace('\n', "\n  "));
            continue;
        }
        for line in wrap(&full_stop(paragraph), 78) {
            let _ = writeln!(out, "  {line}");
        }
    }
    let subcommands: Vec<(String, String)> =
        command.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| (c.get_name().to_string(), about(c))).collect();
    if !subcommands.is_empty() {
        out.push_str("\nSubcommands:\n");
        table(&subcommands, out);
    }
    let named: Vec<&Arg> = command.get_arguments().filter(|a| a.get_long().is_some()).filter(shown).collect();
    if !named.is_empty() {
        out.push_str("\nOptions:\n");
        options(named.into_iter(), out);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn full_stop(text: &str) -> String {
    if text.ends_with(['.', ':']) { text.to_string() } else { format!("{text}.") }
}

fn value_name(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(|n| n.first())
        .map_or_else(|| arg.get_id().to_string().to_uppercase(), ToString::to_string)
}

/// As it is typed: `-out=FILE`, `-json`, `-lock=false`, `-var 'NAME=VALUE'`.
fn spelling(arg: &Arg) -> String {
    let name = arg.get_long().unwrap_or_default();
    match arg.get_action() {
        ArgAction::SetTrue => format!("-{name}"),
        ArgAction::SetFalse => format!("-{name}=false"),
        _ if value_name(arg).contains('=') => format!("-{name} '{}'", value_name(arg)),
        _ => format!("-{name}={}", value_name(arg)),
    }
}

fn options<'a>(args: impl Iterator<Item = &'a Arg>, out: &mut String) {
    let mut rows: Vec<(String, String)> = args
        .filter(|a| a.get_long().is_some() && !a.is_hide_set())
        .map(|a| (spelling(a), full_stop(&a.get_help().map(ToString::to_string).unwrap_or_default())))
        .collect();
    rows.sort();
    table(&rows, out);
}

fn table(rows: &[(String, String)], out: &mut String) {
    const LEFT: usize = 22;
    for (name, text) in rows {
        let mut name = format!("  {name}");
        if name.len() > LEFT - 2 {
            let _ = writeln!(out, "{name}");
            name = String::new();
        }
        for line in wrap(text, 80 - LEFT) {
            let _ = writeln!(out, "{name:LEFT$}{line}");
            name = String::new();
        }
    }
}

/// Lines of at most `width` columns.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.width() + 1 + word.width() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}
