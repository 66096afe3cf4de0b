//! Input variables: what was given → the value that `var.name` has, and whether it passes its validation rules.
//!
//! Refuses to know where values are given.

use super::{Scope, eval};
use crate::config::{Condition, Variable};
use crate::diag::{Diagnostic, Diags, Span};
use crate::value::{Marks, Type, Value, apply_defaults, convert};

const UNSUITABLE: &str = "Invalid value for input variable";
const NOT_SET: &str = "Required variable not set";
const INVALID_RESULT: &str = "Invalid variable validation result";
const INVALID_MESSAGE: &str = "Invalid error message";

/// The final value of a variable: with defaults filled in, converted to its type, marked as declared. `given` is `None` where
/// nothing was given; `span` is the place of what was given, or of the call that gave nothing. On a mistake, a hole of the type.
pub fn finish(variable: &Variable, given: Option<Value>, span: Option<&Span>, diags: &mut Diags) -> Value {
    let marks = Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral };
    let value = final_value(variable, given, span, diags);
    value.unwrap_or_else(|| Value::unknown(variable.ty.without_optional())).mark(marks)
}

fn final_value(variable: &Variable, given: Option<Value>, span: Option<&Span>, diags: &mut Diags) -> Option<Value> {
    let name = &variable.name.name;
    let Some(given) = given.or_else(|| variable.default.clone()) else {
        let detail = format!("The variable {:?} is required, but is not set.", &**name);
        let diagnostic = Diagnostic::error(NOT_SET, detail).at(span.unwrap_or(&variable.span));
        diags.push(declared(diagnostic, variable, span));
        return None;
    };
    let given = match &variable.type_defaults {
        Some(defaults) => apply_defaults(&given, defaults),
        None => given,
    };
    let value = match convert(&given, &variable.ty) {
        Ok(value) => value,
        Err(error) => {
            let detail = format!("The given value is not suitable for var.{name}: {error}.");
            let diagnostic = Diagnostic::error(UNSUITABLE, detail).at(span.unwrap_or(&variable.span));
            diags.push(declared(diagnostic, variable, span));
            return None;
        }
    };
    if !value.is_null() || variable.nullable {
        return Some(value);
    }
    // A variable that must not be null takes its default instead.
    if variable.default.is_none() {
        let detail =
            format!("The given value is not suitable for var.{name}: a required variable may not be set to null.");
        let diagnostic = Diagnostic::error(NOT_SET, detail).at(span.unwrap_or(&variable.span));
        diags.push(declared(diagnostic, variable, span));
    }
    variable.default.clone()
}

/// With the place of the declaration, if that is another one.
fn declared(diagnostic: Diagnostic, variable: &Variable, span: Option<&Span>) -> Diagnostic {
    match span {
        Some(span) if *span != variable.span => diagnostic.with_related(&variable.span, "declared here"),
        _ => diagnostic,
    }
}

/// How the rules of a variable came out.
#[derive(Debug, Default)]
pub struct Validated {
    /// What the user should read.
    pub diags: Diags,
    /// What the rules that do not hold say.
    pub messages: Vec<String>,
    /// Whether a rule is not known yet; it passes for now.
    pub open: bool,
    /// Whether a rule could not be judged.
    pub broken: bool,
}

/// Judges the final value, which is in `scope` as `var.name`.
pub fn validate(variable: &Variable, scope: &Scope<'_>) -> Validated {
    let mut out = Validated::default();
    for rule in &variable.validations {
        let mut diags = Diags::new();
        match holds(rule, scope, &mut diags) {
            Some(true) => {}
            Some(false) => {
                let (line, column) = rule.span.line_column();
                let text = message(rule, scope, &mut diags);
                // As Terraform, whose place is that of the block's type.
                let (name, end) = (&rule.span.source.name, column + "validation".len());
                let checked = format!("This was checked by the validation rule at {name}:{line},{column}-{end}.");
                let diagnostic = Diagnostic::error("Invalid value for variable", format!("{text}\n\n{checked}"));
                let diagnostic = diagnostic.at(&variable.span);
                diags.push(diagnostic.with_related(&rule.condition.span, "this condition is false"));
                out.messages.push(text);
            }
            None if diags.has_errors() => out.broken = true,
            None => out.open = true,
        }
        out.diags.extend(diags);
    }
    out
}

/// Whether the condition holds; `None` if it is not known yet or, reported, no condition.
fn holds(rule: &Condition, scope: &Scope<'_>, diags: &mut Diags) -> Option<bool> {
    let mut found = Diags::new();
    let (value, _) = eval(&rule.condition, scope, &mut found).unmark_deep();
    if found.has_errors() {
        diags.extend(found);
        return None;
    }
    let why = if value.is_null() {
        "Validation condition expression must return either true or false, not null.".to_owned()
    } else {
        match convert(&value, &Type::Bool) {
            Ok(value) => return value.as_bool(),
            Err(error) => format!("Invalid validation condition result value: {error}."),
        }
    };
    diags.push(Diagnostic::error(INVALID_RESULT, why).at(&rule.condition.span));
    None
}

/// What the rule has to say.
fn message(rule: &Condition, scope: &Scope<'_>, diags: &mut Diags) -> String {
    let span = &rule.error_message.span;
    let mut found = Diags::new();
    let value = eval(&rule.error_message, scope, &mut found);
    let failed = found.has_errors();
    diags.extend(found);
    if !failed {
        let (value, marks) = value.unmark_deep();
        if marks.sensitive || marks.ephemeral {
            let (kind, which) = match marks.sensitive {
                true => ("Error message refers to sensitive values", "sensitive"),
                false => ("Error message refers to ephemeral values", "ephemeral"),
            };
            let detail = format!(
                "The error expression used to explain this condition refers to {which} values, so the resulting message is not \
                 shown. Remove references to {which} values from it."
            );
            diags.push(Diagnostic::warning(kind, detail).at(span));
            return format!("The error message included a {which} value, so it will not be displayed.");
        }
        match convert(&value, &Type::String) {
            Ok(value) => match value.as_str() {
                Some(text) => return text.trim().to_owned(),
                None if !value.is_null() => return "The error message is not known yet.".to_owned(),
                None => {
                    let detail = "Unsuitable value for error message: it must not be null.";
                    diags.push(Diagnostic::error(INVALID_MESSAGE, detail).at(span));
                }
            },
            Err(error) => {
                let detail = format!("Unsuitable value for error message: {error}.");
                diags.push(Diagnostic::error(INVALID_MESSAGE, detail).at(span));
            }
        }
    }
    "The validation rule's own message could not be worked out.".to_owned()
}
