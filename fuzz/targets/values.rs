//! A file of values, `.tfvars` (or, where it begins with `{`, `.tfvars.json`), for variables of several types.
#![no_main]

use formwork::config::variables::{VariableInputs, VariableOption, missing, variable_values};
use formwork::config::{Config, Snapshot, load_snapshot};
use formwork::diag::Diags;
use formwork::eval::variables::finish;
use formwork::value::convert;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

const VARIABLES: &str = r#"
variable "a" {}
variable "s" { type = string }
variable "n" { type = number }
variable "l" { type = list(string) }
variable "set" { type = set(any) }
variable "m" { type = map(object({ x = optional(number, 1), y = any })) }
variable "o" { type = object({ a = optional(list(string), []), b = optional(object({ c = optional(bool, true) }), {}) }) }
variable "t" { type = tuple([string, any]) }
"#;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let files = [("main.tf".into(), VARIABLES.to_string())].into();
    let (config, diags) = load_snapshot(Snapshot { root: ".".into(), data_dir: ".terraform".into(), files });
    assert!(diags.is_empty(), "{diags:?}");
    config
});

/// A directory of this process alone, without other files of values.
static DIR: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = std::env::temp_dir().join(format!("formwork-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    dir
});

fuzz_target!(|text: &str| {
    let file = DIR.join(if text.starts_with('{') { "v.tfvars.json" } else { "v.tfvars" });
    std::fs::write(&file, text).expect("a file");
    let inputs = VariableInputs { dir: DIR.clone(), env: Vec::new(), options: vec![VariableOption::File(file)] };
    let (values, diags) = variable_values(&CONFIG, &inputs);
    for d in diags.iter() {
        if let Some(span) = &d.span {
            assert!(span.source.text.get(span.start as usize..span.end as usize).is_some(), "{d:?}");
        }
    }
    missing(&CONFIG, &values);
    for (name, variable) in &CONFIG.root.variables {
        if let Some(given) = values.get(name) {
            let value = finish(variable, Some(given.value.clone()), Some(&given.span), &mut Diags::new());
            let again = convert(&value, &variable.ty);
            assert_eq!(again.ok().as_ref(), Some(&value), "var.{name} is converted already");
        }
    }
});
