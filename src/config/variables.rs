//! Values for the root module's variables: where they come from, in which order, and how their text is read.
//!
//! Refuses to know types beyond the question whether text is taken as it stands; converting is `value::convert`.

use super::constant::constant;
use super::load::{parse, read_source, sorted};
use super::{Body, Config, Variable, syntax};
use crate::diag::{Diagnostic, Diags, Source, Span, nearest};
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run is given for its variables.
#[derive(Clone, Debug, Default)]
pub struct VariableInputs {
    /// The directory whose `terraform.tfvars` and `*.auto.tfvars` count; the root module's.
    pub dir: PathBuf,
    /// The environment, as pairs; what is not `TF_VAR_*` is ignored.
    pub env: Vec<(String, String)>,
    /// `-var` and `-var-file`, in the order given.
    pub options: Vec<VariableOption>,
}

/// One of the command's options about variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableOption {
    /// `-var NAME=VALUE`, as given.
    Var(String),
    /// `-var-file PATH`
    File(PathBuf),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputSource {
    /// `TF_VAR_name`
    Environment,
    /// A file of values that is read without being asked for.
    AutoFile(String),
    /// `-var-file`
    File(String),
    /// `-var`
    Option,
}

/// A variable's value as it was given: not converted to the variable's type yet.
#[derive(Clone, Debug)]
pub struct InputValue {
    /// The value. Where it could not be read (and an error says so): a hole.
    pub value: Value,
    /// Where it comes from.
    pub source: InputSource,
    /// The place of the value, for messages about it.
    pub span: Span,
}

/// Collects the values given for the variables of the root module; of several for one, the last counts.
///
/// Undeclared names are errors on `-var`, warnings in files, and nothing in the environment. Whether every required variable has
/// a value is not asked here: see [`missing`].
pub fn variable_values(config: &Config, inputs: &VariableInputs) -> (BTreeMap<Arc<str>, InputValue>, Diags) {
    let mut collector = Collector {
        variables: &config.root.variables,
        values: BTreeMap::new(),
        undeclared: Vec::new(),
        diags: Diags::new(),
    };
    for (key, text) in &inputs.env {
        if let Some(name) = key.strip_prefix("TF_VAR_")
            && let Some(variable) = config.root.variables.get(name)
        {
            let source =
                Source::new(format!("<value for var.{name} from the environment variable {key}>"), text.as_str());
            collector.text(variable, &source, InputSource::Environment);
        }
    }
    for path in auto_files(&inputs.dir, &mut collector.diags) {
        collector.file(&path, InputSource::AutoFile(path.display().to_string()));
    }
    for option in &inputs.options {
        match option {
            VariableOption::Var(text) => collector.option(text),
            VariableOption::File(path) if !path.exists() => {
                let detail = format!("The file {}, given with -var-file, does not exist.", path.display());
                collector.diags.push(Diagnostic::error("Failed to read variables file", detail));
            }
            VariableOption::File(path) => collector.file(path, InputSource::File(path.display().to_string())),
        }
    }
    collector.warn_undeclared();
    (collector.values, sorted(collector.diags))
}

/// The variables of the root module that have neither a value nor a default.
pub fn missing<'a>(config: &'a Config, values: &BTreeMap<Arc<str>, InputValue>) -> Vec<&'a Variable> {
    config.root.variables.values().filter(|v| v.required && !values.contains_key(&v.name.name)).collect()
}

/// What to say about a variable that has no value.
pub fn no_value(variable: &Variable) -> Diagnostic {
    let name = &variable.name.name;
    let detail = format!(
        "The variable \"{name}\" has no default, so a value must be given: with -var {name}=VALUE, in a file such as \
         terraform.tfvars, or in the environment variable TF_VAR_{name}."
    );
    Diagnostic::error("No value for required variable", detail).at(&variable.span)
}

struct Collector<'a> {
    variables: &'a BTreeMap<Arc<str>, Variable>,
    values: BTreeMap<Arc<str>, InputValue>,
    /// Names in files that no variable has, with their places.
    undeclared: Vec<(String, Span)>,
    diags: Diags,
}

impl Collector<'_> {
    /// What could not be read is a hole: that is reported already, and nobody should say that the value is missing.
    fn set(&mut self, name: &Arc<str>, value: Option<Value>, source: InputSource, span: Span) {
        let value = value.unwrap_or_else(|| Value::unknown(Type::Any));
        self.values.insert(name.clone(), InputValue { value, source, span });
    }

    /// Text from the environment or an option: as it stands for simple types, else an expression.
    fn text(&mut self, variable: &Variable, text: &Arc<Source>, from: InputSource) {
        let span = Span::new(text, 0, text.text.len());
        let literal = !variable.ty_given || matches!(variable.ty, Type::String | Type::Number | Type::Bool);
        let value = if literal {
            Some(Value::string(&text.text))
        } else {
            let (expr, found) = syntax::parse_expr(text);
            let failed = found.has_errors();
            self.diags.extend(found);
            expr.filter(|_| !failed).and_then(|e| constant(&e, &mut self.diags))
        };
        self.set(&variable.name.name, value, from, span);
    }

    /// `-var NAME=VALUE`
    fn option(&mut self, text: &str) {
        let Some((name, value)) = text.split_once('=') else {
            let detail = format!("The option -var takes NAME=VALUE; \"{text}\" has no equals sign.");
            self.diags.push(Diagnostic::error("Invalid -var option", detail));
            return;
        };
        if name.is_empty() || name.ends_with(' ') {
            let detail =
                format!("\"-var {text}\" has no name, or a space behind it. Write -var NAME=VALUE without spaces.");
            self.diags.push(Diagnostic::error("Invalid -var option", detail));
            return;
        }
        match self.variables.get(name) {
            Some(variable) => {
                let source = Source::new(format!("<value for var.{name}>"), value);
                self.text(variable, &source, InputSource::Option);
            }
            None => {
                let detail = format!(
                    "A value for \"{name}\" was given with -var, but the root module declares no such variable."
                );
                let d = Diagnostic::error("Value for undeclared variable", detail);
                self.diags.push(match nearest(name, self.variables.keys().map(|k| &**k)) {
                    Some(near) => d.help(format!("Did you mean \"{near}\"?")),
                    None => d,
                });
            }
        }
    }

    fn file(&mut self, path: &Path, from: InputSource) {
        let source = match read_source(path) {
            Ok(source) => source,
            Err(d) => {
                self.diags.push(*d);
                return;
            }
        };
        let (body, found) = parse(&source);
        self.diags.extend(found);
        self.body(body, &from);
    }

    fn body(&mut self, body: Body, from: &InputSource) {
        for b in &body.blocks {
            let what = b.ty.name.as_ref();
            let detail = match what {
                "variable" => {
                    "A file of values holds only NAME = VALUE. A variable is declared in a .tf file.".to_string()
                }
                _ => format!("A file of values holds only NAME = VALUE, and \"{what}\" is a block."),
            };
            let d = Diagnostic::error("Unexpected block", detail).at(&b.ty.span);
            self.diags.push(match self.variables.contains_key(what) {
                true => d.help(format!("Did you mean to write {what} = {{ ... }}?")),
                false => d,
            });
        }
        let mut seen: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        for a in body.attributes {
            let value = constant(&a.value, &mut self.diags);
            // (In the other syntax the parser has said so.)
            if let (Some(_), Some(first)) = (&a.json, seen.insert(a.name.name.clone(), a.name.span.clone())) {
                let detail = format!(
                    "The variable \"{}\" has a value already in this file. Remove one of the two.",
                    a.name.name
                );
                let d = Diagnostic::error("Duplicate attribute definition", detail).at(&a.name.span);
                self.diags.push(d.with_related(&first, "the first value"));
            }
            if !self.variables.contains_key(&a.name.name) {
                self.undeclared.push((a.name.name.to_string(), a.name.span));
                continue;
            }
            self.set(&a.name.name, value, from.clone(), a.value.span);
        }
    }

    /// A few by name, the rest as a number: a shared file of values may have many.
    fn warn_undeclared(&mut self) {
        const SHOWN: usize = 2;
        for (name, span) in self.undeclared.iter().take(SHOWN) {
            let detail = format!(
                "The root module declares no variable \"{name}\", but {} has a value for it. Declare it, or remove the value; for \
                 values meant for several configurations use environment variables, TF_VAR_{name}.",
                span.source.name
            );
            let d = Diagnostic::warning("Value for undeclared variable", detail).at(span);
            self.diags.push(match nearest(name, self.variables.keys().map(|k| &**k)) {
                Some(near) => d.help(format!("Did you mean \"{near}\"?")),
                None => d,
            });
        }
        if self.undeclared.len() > SHOWN {
            let rest: Vec<&str> = self.undeclared.iter().skip(SHOWN).map(|(name, _)| name.as_str()).collect();
            let detail =
                format!("There are values for {} more names that no variable has: {}.", rest.len(), rest.join(", "));
            self.diags.push(Diagnostic::warning("Values for undeclared variables", detail));
        }
    }
}

/// `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars` and `*.auto.tfvars.json` by name.
fn auto_files(dir: &Path, diags: &mut Diags) -> Vec<PathBuf> {
    let join = |name: &str| if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) };
    let mut files: Vec<PathBuf> =
        ["terraform.tfvars", "terraform.tfvars.json"].iter().map(|n| join(n)).filter(|p| p.is_file()).collect();
    let here = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let entries = match std::fs::read_dir(here) {
        Ok(entries) => entries,
        Err(e) => {
            let detail = format!("The directory {} cannot be read: {e}.", here.display());
            diags.push(Diagnostic::error("Unreadable module directory", detail));
            return files;
        }
    };
    let mut auto: Vec<String> = entries
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| !n.starts_with('.') && (n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json")))
        .collect();
    auto.sort();
    files.extend(auto.iter().map(|n| join(n)).filter(|p| p.is_file()));
    files
}
