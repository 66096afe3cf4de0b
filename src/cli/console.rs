//! `console`: expressions, typed one after the other, and what they are.

use super::line_editor::{Editor, Typed};
use super::operation::{self, Input, PlanOptions, Session};
use super::options::StatePath;
use super::variables::{self, VarOptions};
use super::{Exit, Outcome, Ui, World, configuration, report, stored};
use crate::address::ModulePath;
use crate::config::expr::{Call, Expr, ExprKind};
use crate::config::syntax;
use crate::diag::{Diagnostic, Diags, Source};
use crate::eval;
use crate::plan::{Plan, console, world};
use crate::show;
use crate::state::{Keeper, State};
use std::path::PathBuf;
use std::sync::Arc;

/// Try expressions at an interactive command prompt
///
/// Evaluates expressions against the configuration, the values of its variables and the state, and prints what they give. Nothing is
/// changed, and nothing is read from AWS unless a plan is asked for.
///
/// On a terminal, lines are edited, and the arrow keys bring back those typed before. An expression whose brackets are still open goes
/// on in the next line. From a pipe, expressions are read line by line, and what the last one gives is printed.
///
/// "type(...)" tells the type of a value, "exit" or Ctrl-D ends.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Path to the state file to read. Defaults to where the configuration keeps it.
    #[arg(long, value_name = "path")]
    state: Option<PathBuf>,
    /// Create a new plan (as if running "plan") and then evaluate expressions against its planned state, instead of evaluating
    /// against the current state.
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    vars: VarOptions,
}

const HELP: &str = "The console evaluates expressions of the configuration language, one after the other.
What the configuration declares can be used as in the configuration itself:
\"aws_dynamodb_table.orders.arn\" is the ARN of that table, if the state has it.

Type an expression and press Enter to see what it gives; type(...) around it
tells its type.

To leave, type \"exit\" and press Enter, or press Ctrl-C or Ctrl-D.";

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let (config, mut warnings) = configuration::load(world)?;
    let config = Arc::new(config);
    let values = variables::known(ui, world, &config, &args.vars, &mut warnings)?;
    let mut store = stored::store(world, &StatePath { state: args.state.clone(), ..StatePath::default() })?;
    let workspace = stored::current_workspace(world)?;
    let (state, plan) = match args.plan {
        false => (stored::block_on(store.read())??.unwrap_or_default(), None),
        true => {
            let keeper = stored::block_on(Keeper::open(store))??;
            let variables = variables::values(ui, world, &config, &args.vars, ui.input, &mut warnings)?;
            let input = Input { config: config.clone(), variables, warnings: Diags::new() };
            match stored::block_on(make_plan(ui, world, input, &keeper, &workspace))?? {
                Some(plan) => (plan.refreshed_state.clone(), Some(plan)),
                None => return Ok(Exit::Interrupted),
            }
        }
    };
    let mut session = open(world, &config, values, &state, plan.as_ref(), &workspace)?;
    let mut found = std::mem::take(&mut session.names.diags);
    if found.has_errors() {
        found.push(Diagnostic::warning(
            "Some expressions may give unexpected results",
            "Because of the problems above, not every name has the value that it should have.",
        ));
    }
    warnings.extend(found);
    report::errors(ui, &warnings);
    if ui.typing { session.typed(ui) } else { session.piped(ui) }
}

async fn make_plan(
    ui: &Ui,
    world: &World,
    input: Input,
    keeper: &Keeper,
    workspace: &str,
) -> Result<Option<Plan>, Diags> {
    let session = Session::new(ui, world)?;
    let request = session.request(world, &input, &PlanOptions::plain(), keeper, workspace);
    session.plan(request, input.warnings).await
}

fn open(
    world: &World,
    config: &Arc<crate::config::Config>,
    variables: std::collections::BTreeMap<Arc<str>, crate::value::Value>,
    state: &State,
    plan: Option<&Plan>,
    workspace: &str,
) -> Result<Console, Diags> {
    // Functions such as timestamp() have values here.
    let facts = eval::Facts { applying: true, ..operation::facts(world) };
    let config = config.clone();
    let opening = console::Opening { config, variables, state, plan, facts, base_dir: &world.cwd, workspace };
    Ok(Console { names: console::names(opening)? })
}

/// An open console.
struct Console {
    names: world::World,
}

impl Console {
    /// From a pipe: the first mistake ends it; what the last expression gives is the output.
    fn piped(&self, ui: &Ui) -> Outcome {
        let text = ui.read_all().map_err(unreadable)?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let mut last = None;
        while let Some(line) = lines.next() {
            let mut expression = line.to_string();
            while is_open(&expression) {
                let Some(line) = lines.next() else { break };
                expression.push('\n');
                expression.push_str(line);
            }
            if expression.trim() == "exit" {
                return Ok(Exit::Done);
            }
            last = Some(self.answer(&expression)?);
        }
        if let Some(last) = last {
            ui.line(last);
        }
        Ok(Exit::Done)
    }

    /// On a terminal.
    fn typed(&self, ui: &Ui) -> Outcome {
        let mut editor = Editor::default();
        let mut expression = String::new();
        loop {
            let prompt = if expression.is_empty() { "> " } else { ": " };
            let line = match ui.edit_line(&mut editor, prompt).map_err(unreadable)? {
                Typed::Line(line) => line,
                // What was begun is given up; with nothing begun, this is.
                Typed::Interrupted if !expression.is_empty() => {
                    expression.clear();
                    continue;
                }
                Typed::Interrupted | Typed::End => return Ok(Exit::Done),
            };
            if !expression.is_empty() {
                expression.push('\n');
            }
            expression.push_str(&line);
            if is_open(&expression) {
                continue;
            }
            let whole = std::mem::take(&mut expression);
            match whole.trim() {
                "exit" => return Ok(Exit::Done),
                "" => continue,
                _ => {}
            }
            match self.answer(&whole) {
                Ok(answer) => ui.line(format!("{answer}\n")),
                Err(diags) => {
                    report::errors(ui, &diags);
                    // The next prompt stands apart, as after an answer.
                    ui.note("");
                }
            }
        }
    }

    /// What an expression gives, as text.
    fn answer(&self, text: &str) -> Result<String, Diags> {
        match text.trim() {
            "" => return Ok(String::new()),
            "help" => return Ok(HELP.into()),
            _ => {}
        }
        let source = Source::new("<console-input>", text);
        let (expr, mut diags) = syntax::parse_expr(&source);
        let Some(expr) = expr.filter(|_| !diags.has_errors()) else { return Err(diags) };
        let (asked, of_type) = match asks_type(&expr) {
            Some(call) => match asks_type(&call.args[0]) {
                Some(_) => return Ok("type".into()),
                None => (&call.args[0], true),
            },
            None => (&expr, false),
        };
        let mut found = Diags::new();
        let value = eval::eval(asked, &self.names.scope(&ModulePath::root(), None), &mut found);
        diags.extend(found.into_iter().map(explain_type));
        match diags.has_errors() {
            true => Err(diags),
            false if of_type => Ok(show::console::type_text(&value.ty())),
            false => Ok(show::console::console(&value)),
        }
    }
}

fn unreadable(e: std::io::Error) -> Diagnostic {
    Diagnostic::error("Cannot read the input", format!("The input cannot be read: {e}."))
}

/// `type(...)`, which only the console knows, and only around a whole expression.
fn asks_type(expr: &Expr) -> Option<&Call> {
    match &expr.kind {
        ExprKind::Paren(inner) => asks_type(inner),
        ExprKind::Call(call) if &*call.name.name == "type" && call.args.len() == 1 && !call.expand => Some(call),
        _ => None,
    }
}

/// Inside of an expression there is no such function; what is meant is known all the same.
fn explain_type(d: Diagnostic) -> Diagnostic {
    if d.summary != "Call to unknown function" || d.span.as_ref().is_none_or(|s| s.text() != "type") {
        return d;
    }
    let detail = "The console-only \"type\" function cannot be used as part of an expression: it takes one argument and stands alone.";
    Diagnostic::error("Invalid use of type function", detail).at_opt(d.span.as_ref())
}

/// Whether an expression goes on in the next line: a bracket, a template or a heredoc is still open.
fn is_open(text: &str) -> bool {
    let mut open: Vec<char> = Vec::new();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        let mut chars = line.char_indices().peekable();
        let mut heredoc = None;
        while let Some((at, c)) = chars.next() {
            match (open.last(), c) {
                (Some('"'), '\\') => {
                    chars.next();
                }
                (Some('"'), '"') => {
                    open.pop();
                }
                (Some('"'), '$' | '%') if chars.peek().is_some_and(|(_, c)| *c == '{') => {
                    chars.next();
                    open.push('}');
                }
                (Some('"'), _) => {}
                (_, '"') => open.push('"'),
                (_, '#') => break,
                (_, '/') if chars.peek().is_some_and(|(_, c)| *c == '/') => break,
                (_, '<') => heredoc = heredoc.or_else(|| introduces(&line[at..])),
                (_, '(') => open.push(')'),
                (_, '[') => open.push(']'),
                (_, '{') => open.push('}'),
                (Some(close), c) if *close == c => {
                    open.pop();
                }
                // Nothing that is typed behind this could mend it.
                (_, ')' | ']' | '}') => return false,
                _ => {}
            }
        }
        if let Some(word) = heredoc
            && !lines.any(|l| l.trim() == word)
        {
            return true;
        }
        // A text ends with its line, unless there is an expression in it.
        if open.last() == Some(&'"') {
            return false;
        }
    }
    !open.is_empty()
}

/// The word of `<<WORD` or `<<-WORD` at the end of a line.
fn introduces(text: &str) -> Option<&str> {
    let word = text.strip_prefix("<<")?;
    let word = word.strip_prefix('-').unwrap_or(word);
    let mut chars = word.chars();
    let plain = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    plain.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_goes_on() {
        for (text, open) in [
            ("", false),
            ("1 + 2", false),
            ("[", true),
            ("[\n1,\n2]", false),
            ("{ a = [1", true),
            ("f(\"(\")", false),
            ("f(\"\\\"(\"", true),
            ("\"${", true),
            ("\"${f(\"x\")}\"", false),
            ("\"unclosed", false),
            ("[ # (", true),
            ("[1] // [", false),
            (")", false),
            ("[)", false),
            ("<<EOT", true),
            ("<<-EOT\n x\n EOT", false),
            ("f(<<EOT\n(\nEOT\n", true),
            ("f(<<EOT\n(\nEOT\n)", false),
            ("1 << 2", false),
        ] {
            assert_eq!(is_open(text), open, "{text:?}");
        }
    }
}
