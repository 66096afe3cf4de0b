//! `variable`, `locals` and `output` blocks, and the conditions they share with resources.
//!
//! Refuses to know which values variables get.

use super::constant::{constant, convert, flag, references, text};
use super::content::{Shape, check_name, header, read, shaped};
use super::expr::{Expr, ExprKind};
use super::references::Step;
use super::traversal::{Traversal, traversals};
use super::{Block, Condition, Local, Output, Variable, types};
use crate::diag::{Diagnostic, Diags};
use crate::value::{Type, Value};

/// Names of variables that would collide with arguments of a `module` block.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

pub(super) const VARIABLE: Shape = Shape {
    required: &[],
    optional: &["type", "default", "description", "sensitive", "ephemeral", "nullable"],
    blocks: &[("validation", &[])],
};

pub(super) const OUTPUT: Shape = Shape {
    required: &["value"],
    optional: &["description", "sensitive", "ephemeral", "depends_on"],
    blocks: &[("precondition", &[])],
};

const CONDITION: Shape = Shape { required: &["condition", "error_message"], optional: &[], blocks: &[] };

/// Reads a `variable` block.
pub(super) fn variable(block: Block, diags: &mut Diags) -> Option<Variable> {
    let span = header(&block);
    let name = block.labels.into_iter().next()?;
    check_name(&name, "Invalid variable name", diags);
    if RESERVED.contains(&&*name.name) {
        let detail = format!(
            "A variable cannot be called \"{}\": in a module block this name has a meaning of its own. Choose another name.",
            name.name
        );
        diags.push(Diagnostic::error("Invalid variable name", detail).at(&name.span));
    }
    let mut content = read(block.body, &VARIABLE, diags);
    let type_attribute = content.take("type");
    let (ty, type_defaults) = match &type_attribute {
        Some(a) => types::constraint(&a.value, diags),
        None => (Type::Any, None),
    };
    let mut bool_of = |name: &str, default: bool| content.take(name).and_then(|a| flag(&a, diags)).unwrap_or(default);
    let sensitive = bool_of("sensitive", false);
    let ephemeral = bool_of("ephemeral", false);
    let nullable = bool_of("nullable", true);
    let description = content.take("description").and_then(|a| text(&a, diags));
    let default = content.take("default");
    let required = default.is_none();
    let default = default.and_then(|a| {
        let value = constant(&a.value, diags)?;
        let invalid = |why: String| Diagnostic::error("Invalid default value for variable", why).at(&a.value.span);
        if value.is_null() && !nullable {
            diags.push(invalid(
                "The default is null, but the variable says nullable = false. Give another default, or none.".into(),
            ));
            return None;
        }
        match convert(&value, &ty, type_defaults.as_ref()) {
            Ok(value) => Some(value),
            Err(why) => {
                diags.push(invalid(format!("The default does not fit the variable's type: {why}.")));
                None
            }
        }
    });
    let validations: Vec<Condition> =
        content.take_blocks("validation").into_iter().filter_map(|b| condition(b, "validation", diags)).collect();
    for v in &validations {
        let found = traversals(&v.condition);
        let own = |t: &Traversal| {
            &*t.root.name == "var" && matches!(t.steps.first(), Some(Step::Attr(a)) if a.name == name.name)
        };
        if !found.is_empty() && !found.iter().any(own) {
            let detail = format!(
                "A validation judges the value of its own variable, so its condition must refer to var.{}.",
                name.name
            );
            diags.push(Diagnostic::error("Invalid variable validation condition", detail).at(&v.condition.span));
        }
    }
    Some(Variable {
        name,
        ty,
        type_defaults,
        ty_given: type_attribute.is_some(),
        default,
        required,
        description,
        sensitive,
        ephemeral,
        nullable,
        validations,
        span,
    })
}

/// Reads a `locals` block: every argument is a name.
pub(super) fn locals(block: Block, diags: &mut Diags) -> Vec<Local> {
    let block = Block { body: shaped(block.body, &[], diags), ..block };
    for b in &block.body.blocks {
        let detail = format!(
            "A locals block holds only NAME = VALUE. To give \"{}\" an object, write {0} = {{ ... }}.",
            b.ty.name
        );
        diags.push(Diagnostic::error("Unsupported block type", detail).at(&b.ty.span));
    }
    let locals = block.body.attributes.into_iter().map(|a| {
        check_name(&a.name, "Invalid local value name", diags);
        Local { name: a.name, value: a.value }
    });
    locals.collect()
}

/// Reads an `output` block.
pub(super) fn output(block: Block, diags: &mut Diags) -> Option<Output> {
    let span = header(&block);
    let name = block.labels.into_iter().next()?;
    check_name(&name, "Invalid output name", diags);
    let mut content = read(block.body, &OUTPUT, diags);
    let description = content.take("description").and_then(|a| text(&a, diags));
    let mut bool_of = |name: &str| content.take(name).and_then(|a| flag(&a, diags)).unwrap_or(false);
    let (sensitive, ephemeral) = (bool_of("sensitive"), bool_of("ephemeral"));
    let depends_on = content.take("depends_on").map(|a| references(&a.value, diags)).unwrap_or_default();
    let preconditions =
        content.take_blocks("precondition").into_iter().filter_map(|b| condition(b, "precondition", diags)).collect();
    // Without a value (reported) the name still exists.
    let missing = || Expr { kind: ExprKind::Literal(Value::null(Type::Any)), span: span.clone() };
    let value = content.take("value").map_or_else(missing, |a| a.value);
    Some(Output { name, value, description, sensitive, ephemeral, depends_on, preconditions, span })
}

/// Reads a `validation`, `precondition`, `postcondition` or `assert` block.
pub(super) fn condition(block: Block, what: &'static str, diags: &mut Diags) -> Option<Condition> {
    let span = header(&block);
    let mut content = read(block.body, &CONDITION, diags);
    let (condition, error_message) = (content.take("condition"), content.take("error_message"));
    if let Some(c) = &condition
        && traversals(&c.value).is_empty()
    {
        let summary = match what {
            "validation" => "Invalid validation expression",
            "precondition" => "Invalid precondition expression",
            "postcondition" => "Invalid postcondition expression",
            _ => "Invalid assert expression",
        };
        let detail = "The condition refers to nothing, so it would always give the same answer and check nothing. Refer to \
                      at least one object from elsewhere in the configuration.";
        diags.push(Diagnostic::error(summary, detail).at(&c.value.span));
    }
    Some(Condition { condition: condition?.value, error_message: error_message?.value, span })
}
