//! From the command line as users of Terraform type it to the one that clap reads.
//!
//! Options have one dash or two; flags may be told `=true` and `=false`; the environment adds options behind the subcommand.

use clap::{ArgAction, Command};
use std::collections::BTreeMap;

/// Turns `args` (without the program's name) into what `command` can parse. The error is a whole sentence.
pub fn normalise(command: &Command, args: Vec<String>, env: &BTreeMap<String, String>) -> Result<Vec<String>, String> {
    let args = add_environment(command, args, env)?;
    let mut at = command;
    let mut out: Vec<String> = Vec::with_capacity(args.len());
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            out.push(arg);
            out.extend(args);
            break;
        }
        let Some(name) = option_name(&arg) else {
            if let Some(sub) = at.find_subcommand(&arg) {
                at = sub;
            }
            out.push(arg);
            continue;
        };
        let (name, value) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v)));
        let known = find(command, at, name);
        match known.map(|a| a.get_action()) {
            Some(action @ (ArgAction::SetTrue | ArgAction::SetFalse)) => {
                let on = match value {
                    None => true,
                    Some(v) => boolean(v)
                        .ok_or_else(|| format!("The option -{name} is given {v:?}, but takes only true or false."))?,
                };
                // The last one counts.
                let option = format!("--{name}");
                out.retain(|a| *a != option);
                if on == matches!(action, ArgAction::SetTrue) {
                    out.push(option);
                }
            }
            Some(_) => {
                out.push(format!("--{}", arg.trim_start_matches('-')));
                // The value of its own word is no subcommand and no option, whatever it looks like.
                if value.is_none()
                    && let Some(value) = args.next()
                {
                    let last = out.len() - 1;
                    out[last] = format!("{}={value}", out[last]);
                }
            }
            None => out.push(format!("--{}", arg.trim_start_matches('-'))),
        }
    }
    Ok(out)
}

/// Behind the dashes of an option; `None` for anything else, a lone `-` among it.
fn option_name(arg: &str) -> Option<&str> {
    let name = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'))?;
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(name)
}

fn find<'a>(root: &'a Command, at: &'a Command, name: &str) -> Option<&'a clap::Arg> {
    let in_command = |c: &'a Command| c.get_arguments().find(|a| a.get_long() == Some(name));
    in_command(at).or_else(|| in_command(root).filter(|a| a.is_global_set()))
}

/// As Go reads them.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Where the words of the subcommand stand: their indices.
pub fn subcommand_at(command: &Command, args: &[String]) -> Vec<usize> {
    let mut at = command;
    let mut found = Vec::new();
    let mut skip = false;
    for (i, arg) in args.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match option_name(arg) {
            // The value of a global option before the subcommand.
            Some(name) => {
                skip = !name.contains('=') && find(command, at, name).is_some_and(|a| a.get_action().takes_values())
            }
            None => match at.find_subcommand(arg) {
                Some(sub) => {
                    found.push(i);
                    at = sub;
                }
                None => break,
            },
        }
        if !found.is_empty() && !at.has_subcommands() {
            break;
        }
    }
    found
}

/// `TF_CLI_ARGS_<command>`, then `TF_CLI_ARGS`, behind the subcommand: what comes later counts more, as in Terraform.
fn add_environment(
    command: &Command,
    mut args: Vec<String>,
    env: &BTreeMap<String, String>,
) -> Result<Vec<String>, String> {
    let words = subcommand_at(command, &args);
    let Some(&last) = words.last() else { return Ok(args) };
    let name: Vec<&str> = words.iter().map(|i| &*args[*i]).collect();
    let specific = format!("TF_CLI_ARGS_{}", name.join("_").replace('-', "_"));
    let mut added = Vec::new();
    for variable in [&*specific, "TF_CLI_ARGS"] {
        if let Some(text) = env.get(variable) {
            added.extend(split(text).map_err(|e| format!("The environment variable {variable} cannot be read: {e}."))?);
        }
    }
    args.splice(last + 1..last + 1, added);
    Ok(args)
}

/// Splits as a shell does, without expanding anything.
fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("a single quote is not closed"),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') if matches!(chars.peek(), Some('"' | '\\' | '$' | '`')) => word.extend(chars.next()),
                        Some(c) => word.push(c),
                        None => return Err("a double quote is not closed"),
                    }
                }
            }
            '\\' => match chars.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err("there is nothing behind the last backslash"),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Arg;

    fn command() -> Command {
        let flag = |name: &'static str, action| Arg::new(name).long(name).action(action);
        Command::new("formwork")
            .arg(Arg::new("chdir").long("chdir").global(true))
            .subcommand(
                Command::new("plan")
                    .arg(flag("json", ArgAction::SetTrue))
                    .arg(flag("lock", ArgAction::SetFalse))
                    .arg(flag("out", ArgAction::Set))
                    .arg(flag("var", ArgAction::Append)),
            )
            .subcommand(Command::new("state").subcommand(Command::new("list").arg(Arg::new("address").num_args(0..))))
            .subcommand(Command::new("fmt").arg(Arg::new("target").num_args(0..)))
    }

    fn run(args: &str, env: &[(&str, &str)]) -> Result<String, String> {
        let env = env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        normalise(&command(), args.split_whitespace().map(String::from).collect(), &env).map(|a| a.join(" "))
    }

    #[test]
    fn one_dash_or_two() {
        for (args, expected) in [
            ("plan -out=x", "plan --out=x"),
            ("plan --out=x", "plan --out=x"),
            ("plan -out x", "plan --out=x"),
            ("plan -out -x", "plan --out=-x"),
            ("plan -var a=b -var=c=d", "plan --var=a=b --var=c=d"),
            ("plan -json", "plan --json"),
            ("plan -json=true", "plan --json"),
            ("plan -json=false", "plan"),
            ("plan -json -json=0", "plan"),
            ("plan -lock=false", "plan --lock"),
            ("plan -lock=false -lock=true", "plan"),
            ("plan -lock", "plan"),
            ("plan -nope", "plan --nope"),
            ("-chdir=d plan", "--chdir=d plan"),
            ("-chdir plan plan", "--chdir=plan plan"),
            ("fmt -", "fmt -"),
            ("fmt -- -x", "fmt -- -x"),
            ("state list -foo", "state list --foo"),
        ] {
            assert_eq!(run(args, &[]).unwrap(), expected, "{args}");
        }
        assert_eq!(
            run("plan -json=maybe", &[]).unwrap_err(),
            "The option -json is given \"maybe\", but takes only true or false."
        );
    }

    #[test]
    fn the_environment_comes_behind_the_subcommand() {
        for (args, env, expected) in [
            ("plan -out=b", &[("TF_CLI_ARGS_plan", "-out=a")][..], "plan --out=a --out=b"),
            ("-chdir=d plan x", &[("TF_CLI_ARGS", "-json")], "--chdir=d plan --json x"),
            ("state list a", &[("TF_CLI_ARGS_state_list", "-id=1")], "state list --id=1 a"),
            (
                "plan",
                &[("TF_CLI_ARGS", "-var=a"), ("TF_CLI_ARGS_plan", "-var 'b c' -var=\"d\\\"\" -var=e\\ f")],
                "plan --var=b c --var=d\" --var=e f --var=a",
            ),
            ("plan -json", &[("TF_CLI_ARGS_plan", "-json=false")], "plan --json"),
            ("", &[("TF_CLI_ARGS", "-json")], ""),
        ] {
            assert_eq!(run(args, env).unwrap(), expected, "{args} {env:?}");
        }
        for text in ["'", "\"", "\\"] {
            assert!(run("plan", &[("TF_CLI_ARGS", text)]).is_err());
        }
    }
}
