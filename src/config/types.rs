//! Type constraints: the expression behind `type =` → [`Type`] and the defaults of its optional attributes.
//!
//! Refuses to know values other than those defaults.

use super::constant::{constant, unquoted};
use super::content::is_json;
use super::expr::{Call, Expr, ExprKind};
use crate::diag::{Diagnostic, Diags, Span};
use crate::value::{OptionalAttrs, Type, TypeDefaults};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a type constraint; `any` where it is none, with the reason reported.
pub(super) fn constraint(expr: &Expr, diags: &mut Diags) -> (Type, Option<TypeDefaults>) {
    let expr = match &expr.kind {
        ExprKind::Literal(v) if v.as_str().is_some() && is_json(&expr.span) => match unquoted(expr, diags) {
            Some(e) => e,
            None => return (Type::Any, None),
        },
        ExprKind::Literal(v) if v.as_str().is_some() => {
            diags.push(quoted(v.as_str().unwrap_or_default(), &expr.span));
            return (Type::Any, None);
        }
        _ => expr.clone(),
    };
    // Left over from Terraform 0.11, and still read: a list or a map of anything.
    match &expr.kind {
        ExprKind::Name(word) if &**word == "list" => return (Type::list(Type::Any), None),
        ExprKind::Name(word) if &**word == "map" => return (Type::map(Type::Any), None),
        _ => {}
    }
    let (ty, defaults) = read(&expr, diags);
    (ty, (!is_empty(&defaults)).then_some(defaults))
}

fn quoted(text: &str, span: &Span) -> Diagnostic {
    let write = match text {
        "list" => "list(string)",
        "map" => "map(string)",
        text => text,
    };
    let detail = format!(
        "A type is written without quotes; the quoted form of Terraform 0.11 is gone. Write:\n\n    type = {write}"
    );
    Diagnostic::error("Invalid quoted type constraint", detail).at(span)
}

fn is_empty(defaults: &TypeDefaults) -> bool {
    defaults.values.is_empty() && defaults.children.is_empty()
}

/// With the defaults of a part.
fn add(defaults: &mut TypeDefaults, key: &str, child: TypeDefaults) {
    if !is_empty(&child) {
        defaults.children.insert(key.into(), child);
    }
}

const WORDS: [&str; 10] = ["bool", "number", "string", "any", "list", "set", "map", "object", "tuple", "optional"];

fn invalid(span: &Span, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid type specification", detail).at(span)
}

fn read(expr: &Expr, diags: &mut Diags) -> (Type, TypeDefaults) {
    let mut fail = |d: Diagnostic| {
        diags.push(d);
        (Type::Any, TypeDefaults::default())
    };
    match &expr.kind {
        ExprKind::Name(word) => match &**word {
            "bool" => (Type::Bool, TypeDefaults::default()),
            "number" => (Type::Number, TypeDefaults::default()),
            "string" => (Type::String, TypeDefaults::default()),
            "any" => (Type::Any, TypeDefaults::default()),
            "list" | "set" | "map" => {
                fail(invalid(&expr.span, format!("The type {word} needs the type of its elements: {word}(string).")))
            }
            "object" => fail(invalid(&expr.span, "The type object needs its attributes: object({ name = string }).")),
            "tuple" => {
                fail(invalid(&expr.span, "The type tuple needs the types of its elements: tuple([string, number])."))
            }
            "optional" => fail(misplaced_optional(&expr.span)),
            word => fail(super::content::suggest(
                invalid(
                    &expr.span,
                    format!(
                        "\"{word}\" is not a type. The types are bool, number, string, any, list(T), set(T), map(T), object({{...}}) and tuple([...])."
                    ),
                ),
                word,
                WORDS,
            )),
        },
        ExprKind::Call(call) => constructor(expr, call, diags),
        _ => fail(invalid(
            &expr.span,
            "A type is written as one of bool, number, string, any, list(T), set(T), map(T), object({...}) and tuple([...]).",
        )),
    }
}

fn misplaced_optional(span: &Span) -> Diagnostic {
    invalid(span, "optional(...) can only stand around the type of an object's attribute.")
}

fn constructor(expr: &Expr, call: &Call, diags: &mut Diags) -> (Type, TypeDefaults) {
    let nothing = TypeDefaults::default;
    let word = &*call.name.name;
    match word {
        "bool" | "number" | "string" | "any" => {
            diags.push(invalid(&expr.span, format!("The type {word} takes no arguments.")));
            return (Type::Any, nothing());
        }
        "optional" => {
            diags.push(misplaced_optional(&call.name.span));
            return (Type::Any, nothing());
        }
        "list" | "set" | "map" | "object" | "tuple" => {}
        _ => {
            let d = invalid(&call.name.span, format!("\"{word}\" is not a type."));
            diags.push(super::content::suggest(d, word, WORDS));
            return (Type::Any, nothing());
        }
    }
    let [argument] = call.args.as_slice() else {
        let wanted = match word {
            "object" => "its attributes, as object({ name = string })",
            "tuple" => "the types of its elements, as tuple([string, number])",
            _ => "the type of its elements",
        };
        let span = call.args.get(1).map_or(&expr.span, |e| &e.span);
        diags.push(invalid(span, format!("The type {word} takes exactly one argument: {wanted}.")));
        return (Type::Any, nothing());
    };
    match (word, &argument.kind) {
        ("object", ExprKind::Object(_)) => object(argument, diags),
        ("object", _) => {
            diags.push(invalid(
                &argument.span,
                "The attributes of an object type are written in braces: object({ name = string }).",
            ));
            (Type::Any, nothing())
        }
        ("tuple", ExprKind::Tuple(items)) => {
            let mut defaults = nothing();
            let mut types = Vec::with_capacity(items.len());
            for (i, item) in items.iter().enumerate() {
                let (ty, below) = read(item, diags);
                types.push(ty);
                add(&mut defaults, &i.to_string(), below);
            }
            (Type::tuple(types), defaults)
        }
        ("tuple", _) => {
            diags.push(invalid(
                &argument.span,
                "The elements of a tuple type are written in brackets: tuple([string, number]).",
            ));
            (Type::Any, nothing())
        }
        _ => {
            let (element, below) = read(argument, diags);
            let ty = match word {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            };
            let mut defaults = nothing();
            add(&mut defaults, "", below);
            (ty, defaults)
        }
    }
}

fn object(expr: &Expr, diags: &mut Diags) -> (Type, TypeDefaults) {
    let ExprKind::Object(items) = &expr.kind else { return (Type::Any, TypeDefaults::default()) };
    let mut types: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let mut optional = OptionalAttrs::new();
    let mut defaults = TypeDefaults::default();
    for item in items {
        let word = match &item.key.kind {
            // In JSON the quote itself is escaped.
            ExprKind::Literal(v) if !item.key.span.text().starts_with(['"', '\\']) => v.as_str(),
            _ => None,
        };
        let Some(name) = word.map(Arc::<str>::from) else {
            diags.push(invalid(&item.key.span, "The attributes of an object type are plain names."));
            continue;
        };
        if types.contains_key(&name) {
            diags.push(invalid(&item.key.span, format!("The attribute \"{name}\" is there twice.")));
            continue;
        }
        let (ty, below) = match &item.value.kind {
            ExprKind::Call(call) if &*call.name.name == "optional" => {
                optional.insert(name.clone());
                optional_attribute(&name, call, &item.value.span, &mut defaults, diags)
            }
            _ => read(&item.value, diags),
        };
        add(&mut defaults, &name, below);
        types.insert(name, ty);
    }
    let optional = (!optional.is_empty()).then(|| Arc::new(optional));
    (Type::Object(Arc::new(types), optional), defaults)
}

/// `optional(type)` or `optional(type, default)`
fn optional_attribute(
    name: &Arc<str>,
    call: &Call,
    span: &Span,
    defaults: &mut TypeDefaults,
    diags: &mut Diags,
) -> (Type, TypeDefaults) {
    let (ty, default) = match call.args.as_slice() {
        [ty] => (ty, None),
        [ty, default] => (ty, Some(default)),
        args => {
            let detail = match args {
                [] => "optional(...) takes the attribute's type, and after it perhaps a default.",
                _ => "optional(...) takes two arguments at most: the attribute's type and a default.",
            };
            diags.push(invalid(span, detail));
            return (Type::Any, TypeDefaults::default());
        }
    };
    let (ty, below) = read(ty, diags);
    if let Some(expr) = default
        && let Some(value) = constant(expr, diags)
    {
        match super::constant::convert(&value, &ty, Some(&below)) {
            Ok(value) => {
                defaults.values.insert(name.clone(), value);
            }
            Err(why) => diags.push(
                Diagnostic::error(
                    "Invalid default value for optional attribute",
                    format!("The default of \"{name}\" does not fit its type: {why}."),
                )
                .at(&expr.span),
            ),
        }
    }
    (ty, below)
}
