//! Input variables.

use super::facts;
use crate::config::{Condition, TypeDefaults, Variable, syntax};
use crate::diag::{Diags, Source};
use crate::eval::Scope;
use crate::eval::variables::{finish, validate};
use crate::value::{Fields, Marks, Type, Value, json};
use serde_json::json as j;
use std::sync::Arc;

fn variable(ty: serde_json::Value) -> Variable {
    let source = Source::new("main.tf", "variable \"v\" {}");
    let span = crate::diag::Span::new(&source, 0, 12);
    Variable {
        name: crate::config::expr::Ident { name: "v".into(), span: span.clone() },
        ty: json::type_from_json(&ty).unwrap(),
        type_defaults: None,
        ty_given: true,
        default: None,
        required: true,
        description: None,
        sensitive: false,
        ephemeral: false,
        nullable: true,
        validations: Vec::new(),
        span,
    }
}

fn given(value: serde_json::Value) -> Option<Value> {
    Some(json::from_json(&value, &json::implied_type(&value)).unwrap())
}

fn result(variable: &Variable, given: Option<Value>) -> Result<serde_json::Value, String> {
    let mut diags = Diags::new();
    let value = finish(variable, given, None, &mut diags);
    assert_eq!(value.marks(), Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral });
    match diags.iter().next() {
        None => Ok(json::to_json(&value)),
        Some(d) => {
            assert!(!value.is_known() && value.ty() == variable.ty.without_optional());
            Err(d.detail.clone())
        }
    }
}

#[test]
fn conversion_and_null() {
    let number = variable(j!("number"));
    assert_eq!(result(&number, given(j!("5"))), Ok(j!(5)));
    assert_eq!(result(&number, given(j!(null))), Ok(j!(null)));
    assert_eq!(
        result(&number, given(j!("x"))),
        Err("The given value is not suitable for var.v: a number is required.".to_owned())
    );
    assert_eq!(result(&number, None), Err("The variable \"v\" is required, but is not set.".to_owned()));

    let default = Value::from(7i64);
    let with_default = Variable { default: Some(default.clone()), ..variable(j!("number")) };
    assert_eq!(result(&with_default, None), Ok(j!(7)));
    assert_eq!(result(&with_default, given(j!(null))), Ok(j!(null)));
    let strict = Variable { nullable: false, ..with_default };
    assert_eq!(result(&strict, given(j!(null))), Ok(j!(7)));
    let strict = Variable { nullable: false, sensitive: true, ..variable(j!("number")) };
    assert!(result(&strict, given(j!(null))).is_err());
    assert_eq!(result(&strict, given(j!(1))), Ok(j!(1)));
}

#[test]
fn defaults_of_optional_attributes() {
    let ty = j!(["map", ["object", {"a": "string", "b": "number", "c": ["list", "string"]}, ["a", "b", "c"]]]);
    let values = [("a".into(), Value::from("x")), ("b".into(), Value::from(1i64))].into();
    let element = TypeDefaults { values, children: Default::default() };
    let defaults = TypeDefaults { values: Default::default(), children: [("".into(), element)].into() };
    let v = Variable { type_defaults: Some(defaults), ..variable(ty) };
    let filled = j!({"k": {"a": "y", "b": 1, "c": null}, "l": {"a": "x", "b": 2, "c": ["z"]}});
    assert_eq!(result(&v, given(j!({"k": {"a": "y", "b": null, "d": 1}, "l": {"b": "2", "c": ["z"]}}))), Ok(filled));
    assert_eq!(result(&v, given(j!({}))), Ok(j!({})));
    assert_eq!(result(&v, given(j!(null))), Ok(j!(null)));
    assert!(finish(&v, Some(Value::unknown(Type::Any)), None, &mut Diags::new()).ty() == v.ty.without_optional());
}

#[test]
fn validation() {
    let rule = |condition: &str, message: &str| {
        let parse = |text: &str| syntax::parse_expr(&Source::new("main.tf", text)).0.unwrap();
        let condition = parse(condition);
        Condition { span: condition.span.clone(), condition, error_message: parse(message) }
    };
    let facts = facts();
    let vars = Value::object_of([
        ("v", 5i64.into()),
        ("other", "o".into()),
        ("secret", Value::from("s").mark(Marks::SENSITIVE)),
        ("hole", Value::unknown(Type::Number)),
    ]);
    let roots: Fields = [("var".into(), vars)].into();
    let scope = Scope { facts: &facts, base_dir: std::path::Path::new("."), roots: vec![Arc::new(roots)] };
    let table = [
        ("var.v == 5", "\"x\"", None),
        ("var.hole == 5", "\"x\"", None),
        (
            "var.v > 5",
            "\"Must be more than 5, for ${var.other}.\"",
            Some("Must be more than 5, for o.\n\nThis was checked"),
        ),
        ("var.v > 5", "\"Not ${var.secret}.\"", Some("The error expression used to explain")),
        ("var.v == 5 ? null : true", "\"x\"", Some("Validation condition expression must return either true or false")),
        ("var.v", "\"x\"", Some("Invalid validation condition result value: bool required.")),
        ("var.v.x", "\"x\"", Some("Can't access attributes on a primitive-typed value (number).")),
        ("var.v > 5", "[var.v]", Some("Unsuitable value for error message: string required.")),
    ];
    for (condition, message, expected) in table {
        let v = Variable { validations: vec![rule(condition, message)], ..variable(j!("number")) };
        let diags = validate(&v, &scope).diags;
        let first = diags.iter().next().map(|d| d.detail.as_str());
        match expected {
            None => assert_eq!(first, None, "{condition}"),
            Some(start) => assert!(first.is_some_and(|d| d.starts_with(start)), "{condition}: {first:?}"),
        }
        assert!(!diags.iter().any(|d| d.detail.contains("Not s")), "{diags:?}");
    }
}
