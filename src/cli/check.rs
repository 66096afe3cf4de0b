//! `check`: findings about a plan, apart from planning.

use super::operation::{PlanOptions, RunOptions};
use super::{Exit, Outcome, Ui, World, plan as planning, plan_file, report, stored};
use crate::diag::Diagnostic;
use crate::plan::{Mode, Plan, file};
use crate::review::{self, Grade};
use crate::show::findings;
use crate::state::print_json_line;
use std::path::PathBuf;

/// Look for mistakes in what is planned
///
/// Lists what is most likely a mistake in a plan: state machines that AWS would refuse or that would fail when they run, permissions that
/// are missing or too wide, tables without protection, secrets in plain text, renames. Each finding has a code, a place, a reason and a
/// way on. Without PLAN a plan is made first, as "plan" makes it, and nothing is changed.
///
/// A comment on the line of a finding, or above it, silences it:
///
///   # formwork:ignore SFN-IAM-004 the account is not shared
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A plan file.
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Write SARIF 2.1.0, which code scanning reads.
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    /// Leave out findings of this code. You can use this option multiple times.
    #[arg(long, value_name = "CODE")]
    ignore: Vec<String>,
    /// Fail (exit code 1) if there is a finding at least this bad: "error", "warning" or "note". Without it, findings fail nothing.
    #[arg(long, value_name = "grade")]
    fail_on: Option<String>,
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

impl Args {
    /// Whether a program reads the output.
    pub fn feeds_a_program(&self) -> bool {
        self.sarif || self.run.json
    }
}

/// Looks.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let worst = match args.fail_on.as_deref() {
        None => None,
        Some("error") => Some(Grade::Error),
        Some("warning") => Some(Grade::Warning),
        Some("note") => Some(Grade::Note),
        Some(other) => {
            let detail = format!("The option -fail-on takes error, warning or note, not {other:?}.");
            return Err(Diagnostic::error("Failed to parse command-line flags", detail).into());
        }
    };
    let codes = ignored(world, &args.ignore)?;
    let quiet = &if args.feeds_a_program() { ui.plain() } else { ui.clone() };
    let plan: Plan = match &args.plan {
        Some(path) => {
            let name = path.display().to_string();
            let text = plan_file::read(world, path, "Failed to read the given file as a plan file")?;
            file::parse(&name, &text)?
        }
        None => {
            args.options.check()?;
            let Some(plan) = stored::block_on(planning::quiet(quiet, &args.options, &args.run, world))?? else {
                return Ok(Exit::Interrupted);
            };
            plan
        }
    };
    let found = review::findings(&plan, &codes);
    match (args.sarif, args.run.json) {
        (true, _) => ui.line(print_json_line(&findings::sarif(&found, first_file(&plan), &from_root(world)))),
        (_, true) => ui.line(print_json_line(&findings::json(&found))),
        _ => ui.print(findings::text(&found, report::style(ui, world))),
    }
    // The worst grade comes first.
    let fails = worst.is_some_and(|w| found.iter().any(|f| f.silenced.is_none() && f.grade <= w));
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// Tells what stands behind a plan: errors and warnings about what it changes.
pub fn tell(ui: &Ui, plan: &Plan, world: &World) {
    if !plan.has_changes() || plan.mode == Mode::RefreshOnly {
        return;
    }
    let found = review::findings(plan, &ignored(world, &[]).unwrap_or_default());
    let text = findings::behind_a_plan(&found, report::style(ui, world));
    if !text.is_empty() {
        ui.print(format!("\n{text}"));
    }
}

/// What stands for the place of what has none.
pub fn first_file(plan: &Plan) -> &str {
    plan.config.root.files.first().map_or("main.tf", |f| f)
}

/// The directory of this run as seen from the root of the repository that it is in: code scanning knows files by where they are there.
/// Empty outside of a repository.
pub fn from_root(world: &World) -> String {
    let Ok(here) = std::fs::canonicalize(&world.cwd) else { return String::new() };
    let Some(root) = here.ancestors().find(|dir| dir.join(".git").exists()) else { return String::new() };
    here.strip_prefix(root).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Codes that are not to be told: of options and of FORMWORK_IGNORE in the environment.
pub fn ignored(world: &World, options: &[String]) -> Result<Vec<String>, Diagnostic> {
    let mut codes: Vec<String> = options.to_vec();
    codes.extend(world.env.get("FORMWORK_IGNORE").into_iter().flat_map(|v| v.split([',', ' '])).map(String::from));
    codes.retain(|c| !c.is_empty());
    for code in &codes {
        if review::rule(code).is_none() {
            let near = crate::diag::nearest(code, review::RULES.iter().map(|r| r.code));
            let d = Diagnostic::error("No such finding", format!("There is no finding with the code {code:?}."));
            return Err(match near {
                Some(near) => d.help(format!("Did you mean {near}?")),
                None => d,
            });
        }
    }
    Ok(codes)
}
