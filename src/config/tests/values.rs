//! Values for variables: order, reading, messages.

use super::super::variables::{InputSource, VariableInputs, VariableOption, missing, no_value, variable_values};
use super::super::{LoadOptions, load};
use super::{directory, lines};
use crate::value::Value;

struct Run {
    values: Vec<(String, Value, InputSource)>,
    found: String,
    missing: Vec<String>,
}

fn run(files: &[(&str, &str)], env: &[(&str, &str)], options: &[&str]) -> Run {
    let dir = directory(&files.iter().map(|(n, t)| (n.to_string(), t.to_string())).collect::<Vec<_>>());
    let (config, diags) = load(dir.path(), &LoadOptions::default());
    assert!(diags.is_empty(), "{diags:?}");
    let inputs = VariableInputs {
        dir: dir.path().into(),
        env: env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        options: options
            .iter()
            .map(|o| match o.strip_prefix('@') {
                Some(file) => VariableOption::File(dir.path().join(file)),
                None => VariableOption::Var(o.to_string()),
            })
            .collect(),
    };
    let (values, diags) = variable_values(&config, &inputs);
    let missing = missing(&config, &values).iter().map(|v| no_value(v).detail[..16].to_string()).collect();
    let values = values.into_iter().map(|(name, v)| (name.to_string(), v.value, v.source)).collect();
    Run { values, found: lines(&diags, dir.path()), missing }
}

#[test]
fn later_sources_win() {
    let main = ("main.tf", "variable \"a\" {\n default = 0\n}\n");
    let tfvars = ("terraform.tfvars", "a = \"tfvars\"");
    let json = ("terraform.tfvars.json", "{\"a\": \"${as} it stands\"}");
    let (auto_b, auto_a) = (("b.auto.tfvars", "a = \"b\""), ("a.auto.tfvars.json", "{\"a\": \"a\"}"));
    let file = ("x.tfvars", "a = \"file\"");
    let env = [("TF_VAR_a", "env"), ("HOME", "/")];
    for (files, env, options, value) in [
        (vec![main], &env[..0], &[][..], None),
        (vec![main], &env, &[], Some("env")),
        (vec![main, tfvars], &env, &[], Some("tfvars")),
        (vec![main, tfvars, json], &env, &[], Some("${as} it stands")),
        (vec![main, tfvars, json, auto_b, auto_a], &env, &[], Some("b")),
        (vec![main, auto_b, file], &env, &["a=option", "@x.tfvars"], Some("file")),
        (vec![main, auto_b, file], &env, &["@x.tfvars", "a=option"], Some("option")),
    ] {
        let run = run(&files, env, options);
        assert_eq!(run.found, "", "{value:?}");
        assert_eq!(run.values.first().map(|v| v.1.clone()), value.map(Value::from), "{value:?}");
    }
}

#[test]
fn text_is_taken_as_it_stands_or_as_an_expression() {
    let text = Value::from;
    for (ty, given, value) in [
        ("", "[1]", text("[1]")),
        ("type = string", "null", text("null")),
        ("type = string", "a=b", text("a=b")),
        ("type = number", "1.50", text("1.50")),
        ("type = bool", "yes", text("yes")),
        ("type = any", "[1]", Value::tuple(vec![Value::number(1i64)])),
        ("type = list(string)", "[\n\"a\",\n]", Value::tuple(vec!["a".into()])),
        ("type = map(string)", "{ a = 1 }", Value::object_of([("a", Value::number(1i64))])),
    ] {
        let main = format!("variable \"v\" {{\n {ty}\n}}\n");
        for (env, options) in [(vec![("TF_VAR_v", given)], vec![]), (vec![], vec![format!("v={given}")])] {
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let run = run(&[("main.tf", &main)], &env, &options);
            assert_eq!(run.found, "", "{ty} {given}");
            assert_eq!(run.values[0].1, value, "{ty} {given}");
        }
    }
}

#[test]
fn what_is_wrong_is_said_once() {
    let main = ("main.tf", "variable \"l\" {\n type = list(string)\n}\nvariable \"n\" {\n type = number\n}\n");
    for (files, env, options, found) in [
        (vec![], vec![("TF_VAR_x", "1")], vec![], ""),
        (vec![], vec![], vec!["x=1"], "=> - Value for undeclared variable\n"),
        (vec![], vec![], vec!["l"], "=> - Invalid -var option\n"),
        (vec![], vec![], vec!["l = 1"], "=> - Invalid -var option\n"),
        (vec![], vec![], vec!["@nope.tfvars"], "=> - Failed to read variables file\n"),
        (vec![], vec![], vec!["l=a"], "=> <value for var.l>:1:1 Variables not allowed\n"),
        (vec![], vec![], vec!["l=[upper(1)]"], "=> <value for var.l>:1:2 Function calls not allowed\n"),
        (
            vec![],
            vec![("TF_VAR_l", "a b")],
            vec![],
            "=> <value for var.l from the environment variable TF_VAR_l>:1:3 Extra characters after expression\n",
        ),
        (
            vec![("terraform.tfvars", "a = 1\nb = 2\nc = 3\nd = 4\n")],
            vec![],
            vec![],
            "=> - ? Values for undeclared variables\n=> terraform.tfvars:1:1 ? Value for undeclared variable\n\
             => terraform.tfvars:2:1 ? Value for undeclared variable\n",
        ),
        (
            vec![("terraform.tfvars", "variable \"l\" {\n}\nl = [n, var.n]\nn = 1\n")],
            vec![],
            vec![],
            "=> terraform.tfvars:1:1 Unexpected block\n=> terraform.tfvars:3:6 Variables not allowed\n\
             => terraform.tfvars:3:9 Variables not allowed\n",
        ),
    ] {
        let files: Vec<_> = files.into_iter().chain([main]).collect();
        let run = run(&files, &env, &options);
        assert_eq!(run.found, found, "{env:?} {options:?}");
    }
}

#[test]
fn a_value_that_could_not_be_read_is_not_missing() {
    let main = ("main.tf", "variable \"l\" {\n type = list(string)\n}\nvariable \"n\" {\n type = number\n}\n");
    let run = run(&[main], &[], &["l=a"]);
    assert!(!run.values[0].1.is_known());
    assert_eq!(run.values[0].2, InputSource::Option);
    assert_eq!(run.missing, ["The variable \"n\""]);
}
