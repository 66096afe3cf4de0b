//! Function calls: arguments, `...`, templates, and the two functions that see expressions instead of values, `try` and `can`.
//!
//! Refuses to know what functions do.

use super::functions::{self, Ctx, FnError};
use super::names::is_static;
use super::walk::{Frame, LEVELS, Met, Walk};
use super::{Facts, Scope};
use crate::config::expr::{Call, Expr, ExprKind};
use crate::config::{free_names, syntax};
use crate::diag::{Diagnostic, Source, Span, nearest};
use crate::value::{Fields, Kind, Type, Value};
use std::path::Path;
use std::sync::Arc;

const EXPANDING: &str = "Invalid expanding argument value";
const FAILED: &str = "Error in function call";
/// How deep a single template may be, as far as reading it goes.
const TEMPLATE_LEVELS: usize = LEVELS / 2;
/// The stack of a thread for templates that are rendered deep inside each other.
const STACK: usize = 16 << 20;

/// An argument: an expression, or a value that `...` brought.
enum Arg<'a> {
    Expr(&'a Expr),
    Value(Value, &'a Span),
}

impl<'a> Arg<'a> {
    fn span(&self) -> &'a Span {
        match self {
            Arg::Expr(expr) => &expr.span,
            Arg::Value(_, span) => span,
        }
    }
}

impl Walk<'_> {
    /// `f(a, b...)`
    pub fn call(&mut self, call: &Call, whole: &Span, frame: Option<&Frame<'_>>) -> Value {
        let function = match functions::find(&call.name.name) {
            Ok(function) => function,
            Err(error) => {
                let diagnostic = Diagnostic::error("Call to unknown function", error.message);
                return self.fail(diagnostic.at(&call.name.span));
            }
        };
        let Some(args) = self.arguments(call, frame) else { return Value::unknown(Type::Any) };
        match function.name {
            "try" => return self.try_call(&args, whole, frame),
            "can" if args.len() == 1 => return self.can_call(&args[0], frame),
            _ => {}
        }
        if function.name == "templatestring"
            && let Some(Arg::Expr(template)) = args.first()
            && !is_reference(template)
        {
            let detail = "The template of templatestring() must be a reference to a string from elsewhere. A template that stands \
                          here can be written as a string with interpolations.";
            return self.fail(Diagnostic::error("Invalid function argument", detail).at(&template.span));
        }
        let mut complete = true;
        let mut values = Vec::with_capacity(args.len());
        for arg in &args {
            let (value, ok) = self.argument(arg, frame);
            complete &= ok;
            values.push(value);
        }
        if !complete {
            return Value::unknown(Type::Any);
        }
        // A number that can become a string is no template, whatever the parameter's type says.
        if function.name == "templatestring"
            && let Some(template) = values.first().filter(|v| !matches!(v.ty(), Type::String | Type::Any))
        {
            let detail =
                format!("The template of templatestring() must be a string; this is {}.", template.ty().friendly());
            return self.fail(Diagnostic::error("Invalid function argument", detail).at(args[0].span()));
        }
        let rendering = Rendering {
            facts: self.scope.facts,
            base_dir: self.scope.base_dir,
            templates: self.templates,
            level: self.level,
        };
        let ctx = Ctx {
            facts: self.scope.facts,
            base_dir: self.scope.base_dir,
            template_depth: self.templates,
            render: &|text, name, variables| rendering.render(text, name, variables),
        };
        match functions::call(&call.name.name, values, &ctx) {
            Ok(value) => value,
            Err(error) => {
                let at = error.arg.and_then(|i| args.get(i)).map(Arg::span);
                let summary = if at.is_some() { "Invalid function argument" } else { FAILED };
                self.fail(Diagnostic::error(summary, error.message).at(at.unwrap_or(whole)))
            }
        }
    }

    fn argument(&mut self, arg: &Arg<'_>, frame: Option<&Frame<'_>>) -> (Value, bool) {
        match arg {
            Arg::Expr(expr) => self.try_eval(expr, frame),
            Arg::Value(value, _) => (value.clone(), true),
        }
    }

    /// The arguments, the last one taken apart if `...` follows it; `None` if that is a hole or, reported, a mistake.
    fn arguments<'a>(&mut self, call: &'a Call, frame: Option<&Frame<'_>>) -> Option<Vec<Arg<'a>>> {
        let mut args: Vec<Arg<'a>> = call.args.iter().map(Arg::Expr).collect();
        if !call.expand {
            return Some(args);
        }
        args.pop();
        let last = call.args.last()?;
        let (value, ok) = self.try_eval(last, frame);
        if !ok {
            return None;
        }
        let why = match value.kind() {
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
                args.extend(elements.iter().map(|v| Arg::Value(v.clone().mark(value.marks()), &last.span)));
                return Some(args);
            }
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Any, _) => return None,
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Any) => "must not be null",
            _ => "must be of a tuple, list, or set type",
        };
        let detail = format!("The expanding argument (indicated by ...) {why}.");
        self.fail(Diagnostic::error(EXPANDING, detail).at(&last.span));
        None
    }

    /// `try(a, b)`: the first argument without a mistake. If it has holes, nobody knows whether it will stay without one.
    fn try_call(&mut self, args: &[Arg<'_>], whole: &Span, frame: Option<&Frame<'_>>) -> Value {
        let mut tried = String::new();
        for arg in args {
            let ((value, _), met) = self.apart(|w| w.argument(arg, frame));
            if met.is_clean() {
                return match value.is_wholly_known() {
                    true => value,
                    false => Value::unknown(Type::Any).mark(value.marks_deep()),
                };
            }
            if self.is_beyond_trying(&met) {
                self.report(met);
                return Value::unknown(Type::Any);
            }
            for d in met.diags.iter().filter(|d| d.is_error()) {
                let place = d.span.as_ref().map(|s| format!(" (at {s:?})")).unwrap_or_default();
                tried.push_str(&format!("- {}{place}\n  {}\n", d.summary, d.detail));
            }
        }
        let detail = match args.is_empty() {
            true => "try() needs at least one argument.".to_owned(),
            false => format!(
                "Call to function \"try\" failed: no expression succeeded:\n{tried}\nAt least one expression must produce a \
                 successful result."
            ),
        };
        self.fail(Diagnostic::error(FAILED, detail).at(whole))
    }

    /// `can(a)`: whether it is without a mistake.
    fn can_call(&mut self, arg: &Arg<'_>, frame: Option<&Frame<'_>>) -> Value {
        let ((value, _), met) = self.apart(|w| w.argument(arg, frame));
        if self.is_beyond_trying(&met) {
            self.report(met);
            return Value::unknown(Type::Any);
        }
        match (met.is_clean(), value.is_wholly_known()) {
            (false, _) => Value::bool(false),
            (true, true) => Value::bool(true),
            (true, false) => Value::unknown(Type::Bool),
        }
    }

    /// Whether there are mistakes in it that no value can make good: names of what does not exist.
    fn is_beyond_trying(&self, met: &Met) -> bool {
        met.diags.iter().any(is_static)
    }
}

/// Whether it is a name with steps behind it.
fn is_reference(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attr(source, _) | ExprKind::Index(source, _) | ExprKind::LegacyIndex(source, ..) => {
            is_reference(source)
        }
        _ => false,
    }
}

/// What a template that a function renders inherits from the place of the call.
struct Rendering<'a> {
    facts: &'a Facts,
    base_dir: &'a Path,
    templates: usize,
    level: usize,
}

impl Rendering<'_> {
    /// Renders a template with only these variables.
    fn render(&self, text: &str, name: &str, variables: Fields) -> Result<Value, FnError> {
        let source = Source::new(name, text);
        let (expr, diags) = syntax::parse_template(&source);
        let expr = match expr {
            Some(expr) if !diags.has_errors() => expr,
            _ => return Err(template_error(diags.iter())),
        };
        // Even inside of try(): a name that is not given is a mistake in the call.
        if let Some(missing) = free_names(&expr).into_iter().find(|name| !variables.contains_key(&name.name)) {
            let near = match nearest(&missing.name, variables.keys().map(|k| &**k)) {
                Some(near) => format!(" Did you mean {near:?}?"),
                None => String::new(),
            };
            let message = format!(
                "has no variable named {:?}, which the template uses at {:?}.{near}",
                missing.name, missing.span
            );
            return Err(FnError::arg(1, message));
        }
        let scope = Scope { facts: self.facts, base_dir: self.base_dir, roots: vec![Arc::new(variables)] };
        if self.level + TEMPLATE_LEVELS <= LEVELS {
            return self.evaluate(&expr, &scope, self.level);
        }
        // Templates inside templates could exhaust this thread's stack.
        let failed = || FnError::new("cannot be rendered: there is no thread left for it");
        std::thread::scope(|threads| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let handle = thread.spawn_scoped(threads, || self.evaluate(&expr, &scope, 0)).map_err(|_| failed())?;
            handle.join().unwrap_or_else(|_| Err(failed()))
        })
    }

    fn evaluate(&self, expr: &Expr, scope: &Scope<'_>, level: usize) -> Result<Value, FnError> {
        let mut walk = Walk::new(scope);
        walk.templates = self.templates + 1;
        walk.level = level;
        let (value, met) = walk.apart(|w| w.eval(expr, None));
        if met.is_clean() { Ok(value) } else { Err(template_error(met.diags.iter())) }
    }
}

/// The first mistake in a template, and how many more there are.
fn template_error<'a>(diags: impl Iterator<Item = &'a Diagnostic>) -> FnError {
    let mut errors = diags.filter(|d| d.is_error());
    let Some(first) = errors.next() else { return FnError::new("cannot be rendered") };
    let place = first.span.as_ref().map(|span| format!("{span:?}: ")).unwrap_or_default();
    let more = match errors.count() {
        0 => String::new(),
        1 => " There is 1 more mistake.".to_owned(),
        n => format!(" There are {n} more mistakes."),
    };
    FnError::new(format!("cannot be rendered: {place}{}: {}{more}", first.summary, first.detail))
}
