//! What can be wrong with a `terraform_remote_state` before anything is read: the arguments of its backend.
//!
//! Refuses to know what an argument does, and to read anything.

use crate::config::Body;
use crate::diag::{Diagnostic, Diags, Span};
use crate::plan::check::place;
use crate::state::backend::Arguments;
use crate::value::{Fields, Path, PathStep, Type, Value};

/// The type it is about.
pub const TYPE: &str = "terraform_remote_state";

const SUMMARY: &str = "Invalid backend configuration";
/// What an S3 backend cannot do without.
const REQUIRED: [&str; 2] = ["bucket", "key"];

/// Findings on the evaluated body of such a data source.
pub fn check(body: &Body, value: &Value) -> Diags {
    let (value, _) = value.clone().unmark_deep();
    let at = |path: &Path| -> Option<Span> { place(body, path) };
    let mut diags = Diags::new();
    if let Some(defaults) = value.get("defaults").filter(|d| !d.is_null() && d.is_known() && d.as_fields().is_none()) {
        let detail = format!("Defaults must be an object or a map, and this is {}.", defaults.ty().friendly());
        let found = Diagnostic::error("Invalid default values", detail);
        diags.push(found.at_opt(at(&Path::attr("defaults")).as_ref()));
    }
    let config = value.get("config").unwrap_or_else(|| Value::null(Type::Any));
    let backend = value.get("backend");
    let Some(kind) = backend.as_ref().and_then(Value::as_str).filter(|_| config.is_known()) else { return diags };
    let whole = Path::attr("config");
    let given = match config.as_fields() {
        Some(fields) => fields.clone(),
        None if config.is_null() => Fields::new(),
        None => {
            let detail = format!("The arguments of a backend are an object, and this is {}.", config.ty().friendly());
            diags.push(Diagnostic::error(SUMMARY, detail).at_opt(at(&whole).as_ref()));
            return diags;
        }
    };
    // What is known after apply can be anything.
    let known = |v: &Value| if v.is_wholly_known() { v.clone() } else { Value::null(Type::Any) };
    let arguments = given.iter().map(|(name, v)| (name.clone(), known(v))).collect();
    for trouble in Arguments::new(kind, &arguments).err().unwrap_or_default() {
        let Some(name) = trouble.argument else { continue };
        let span = at(&whole.then(PathStep::Attr(name.into())));
        let found = Diagnostic { summary: SUMMARY, ..trouble.diagnostic };
        diags.push(found.at_opt(span.as_ref()));
    }
    if kind == "s3" {
        for name in REQUIRED.iter().filter(|name| given.get(**name).is_none_or(Value::is_null)) {
            let detail = format!("The backend \"s3\" needs the argument \"{name}\".");
            diags.push(Diagnostic::error(SUMMARY, detail).at_opt(at(&whole).as_ref()));
        }
    }
    diags
}
