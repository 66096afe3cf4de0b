//! `fmt`: configuration files in the canonical layout.

use super::ui::Style;
use super::{Exit, Outcome, Ui, World, report};
use crate::config::format::format;
use crate::diag::{Diagnostic, Diags};
use similar::TextDiff;
use std::fs;
use std::path::{Path, PathBuf};

/// Reformat your configuration in the standard style
///
/// Rewrites all configuration files (.tf), variables files (.tfvars) and testing files (.tftest.hcl) to a canonical format. JSON
/// files are not modified.
///
/// By default, fmt scans the current directory. If you provide a directory as the target argument, fmt scans that directory instead. If
/// you provide a file, fmt processes just that file. If you provide a single dash ("-"), fmt reads from standard input.
///
/// The exit code is 0 if all is well, 2 if a file could not be read as configuration, and 3 if -check found files that are not
/// formatted.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files, directories, or "-".
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Don't list files whose formatting differs (always disabled if using standard input).
    #[arg(long, action = clap::ArgAction::SetFalse)]
    list: bool,
    /// Don't write to source files (always disabled if using standard input or -check).
    #[arg(long, action = clap::ArgAction::SetFalse)]
    write: bool,
    /// Display diffs of formatting changes.
    #[arg(long)]
    diff: bool,
    /// Check if the input is formatted. Exit status will be 0 if all input is properly formatted and 3 if not.
    #[arg(long)]
    check: bool,
    /// Also process files in subdirectories.
    #[arg(long)]
    recursive: bool,
}

/// Formats.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    if args.targets.iter().any(|t| t == "-") {
        return standard_input(ui, args);
    }
    let mut files = Vec::new();
    let mut diags = Diags::new();
    let here = vec![".".to_string()];
    for target in if args.targets.is_empty() { &here } else { &args.targets } {
        let path = world.path(target);
        if path.is_dir() {
            scan(&path, args.recursive, &mut files, &mut diags);
        } else if path.is_file() {
            match is_ours(&path) {
                true => files.push(path),
                false => diags.push(Diagnostic::error(
                    "Only .tf, .tfvars, and .tftest.hcl files can be processed",
                    format!("{target} is none of them."),
                )),
            }
        } else {
            diags
                .push(Diagnostic::error("No file or directory", format!("There is no file or directory at {target}.")));
        }
    }
    let mut differs = false;
    for file in files {
        match one(ui, args, world, &file) {
            Ok(changed) => differs |= changed,
            Err(found) => diags.extend(found),
        }
    }
    report::errors(ui, &diags);
    Ok(match (diags.has_errors(), args.check && differs) {
        (true, _) => Exit::Unreadable,
        (false, true) => Exit::Unformatted,
        (false, false) => Exit::Done,
    })
}

fn standard_input(ui: &Ui, args: &Args) -> Outcome {
    let bytes = ui
        .read_all()
        .map_err(|e| Diagnostic::error("Unreadable input", format!("Standard input cannot be read: {e}.")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Diagnostic::error("Invalid character encoding", "Standard input is not UTF-8 text."))?;
    let formatted = match format(&text) {
        Ok(formatted) => formatted,
        Err(diags) => {
            report::errors(ui, &diags);
            return Ok(Exit::Unreadable);
        }
    };
    if args.diff && formatted != text {
        ui.print(difference(ui, "<stdin>", &text, &formatted));
    } else if !args.check && !args.diff {
        ui.print(&formatted);
        // Terraform's way with what it prints.
        if !formatted.ends_with('\n') {
            ui.print("\n");
        }
    }
    Ok(if args.check && formatted != text { Exit::Unformatted } else { Exit::Done })
}

/// Formats a file; whether it was not formatted before.
fn one(ui: &Ui, args: &Args, world: &World, file: &Path) -> Result<bool, Diags> {
    let name = file.strip_prefix(&world.cwd).unwrap_or(file).display().to_string();
    let name = name.strip_prefix("./").unwrap_or(&name).to_string();
    let text = fs::read_to_string(file)
        .map_err(|e| Diagnostic::error("Unreadable file", format!("{name} cannot be read: {e}.")))?;
    let formatted = format(&text).map_err(|diags| named(diags, &name))?;
    if formatted == text {
        return Ok(false);
    }
    if args.list {
        ui.line(&name);
    }
    if args.write && !args.check {
        replace(file, &formatted)
            .map_err(|e| Diagnostic::error("Failed to write", format!("{name} cannot be written: {e}.")))?;
    }
    if args.diff {
        ui.print(difference(ui, &name, &text, &formatted));
    }
    Ok(true)
}

/// Puts a text in a file's place, so that the file is whole at any moment and keeps its permissions.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let file = fs::canonicalize(file)?;
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".formwork-fmt");
    let beside = file.with_file_name(name);
    fs::write(&beside, text)?;
    fs::set_permissions(&beside, fs::metadata(&file)?.permissions())?;
    fs::rename(&beside, &file)
}

/// Diagnostics of a text, as of this file.
fn named(diags: Diags, name: &str) -> Diags {
    let mut out = Diags::new();
    for mut d in diags {
        if let Some(span) = &d.span {
            let source = crate::diag::Source::new(name, span.source.text.clone());
            d.span = Some(crate::diag::Span::new(&source, span.start as usize, span.end as usize));
        }
        out.push(d);
    }
    out
}

fn difference(ui: &Ui, name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(&format!("old/{name}"), &format!("new/{name}")).to_string();
    if !ui.color {
        return text;
    }
    let paint = |line: &str| match line.as_bytes().first() {
        Some(b'+') => ui.style(Style::Green, line),
        Some(b'-') => ui.style(Style::Red, line),
        _ => line.to_string(),
    };
    text.lines().map(|l| paint(l) + "\n").collect()
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    [".tf", ".tfvars", ".tftest.hcl"].iter().any(|e| name.ends_with(e))
}

/// The files of a directory, sorted; hidden ones and editors' copies are left alone.
fn scan(dir: &Path, recursive: bool, files: &mut Vec<PathBuf>, diags: &mut Diags) {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) => {
            diags.push(Diagnostic::error("Unreadable directory", format!("{} cannot be read: {e}.", dir.display())));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        match (hidden, path.is_dir()) {
            (true, _) => {}
            (false, true) if recursive => scan(&path, true, files, diags),
            (false, false) if is_ours(&path) => files.push(path),
            _ => {}
        }
    }
}
