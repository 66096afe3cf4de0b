//! Values for the root module's variables: options, files, environment, and asking.

use super::{Ui, World};
use crate::config::variables::{VariableInputs, VariableOption, missing, no_value, variable_values};
use crate::config::{Config, Variable};
use crate::diag::{Diagnostic, Diags};
use crate::eval;
use crate::value::Value;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// `-var` and `-var-file`, in the order given: of several values for one variable the last counts.
#[derive(Clone, Debug, Default)]
pub struct VarOptions(pub Vec<VariableOption>);

impl clap::Args for VarOptions {
    fn augment_args(command: Command) -> Command {
        command
            .arg(Arg::new("var").long("var").value_name("foo=bar").action(ArgAction::Append).help(
                "Set a value for one of the input variables in the root module of the configuration. Use this option more than \
                 once to set more than one variable",
            ))
            .arg(Arg::new("var_file").long("var-file").value_name("filename").action(ArgAction::Append).help(
                "Load variable values from the given file, in addition to the default files terraform.tfvars and *.auto.tfvars. \
                 Use this option more than once to include more than one variables file",
            ))
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for VarOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<VarOptions, clap::Error> {
        let given = |id: &str| {
            let values = matches.get_many::<String>(id).into_iter().flatten().cloned();
            matches.indices_of(id).into_iter().flatten().zip(values).collect::<Vec<_>>()
        };
        let vars = given("var").into_iter().map(|(i, v)| (i, VariableOption::Var(v)));
        let files = given("var_file").into_iter().map(|(i, v)| (i, VariableOption::File(PathBuf::from(v))));
        let mut all: Vec<_> = vars.chain(files).collect();
        all.sort_by_key(|(i, _)| *i);
        Ok(VarOptions(all.into_iter().map(|(_, o)| o).collect()))
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = VarOptions::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values; warnings go to `warnings`.
pub fn values(
    ui: &Ui,
    world: &World,
    config: &Config,
    options: &VarOptions,
    ask: bool,
    warnings: &mut Diags,
) -> Result<BTreeMap<Arc<str>, Value>, Diags> {
    let need = if ask { Need::AllAsking } else { Need::All };
    collect(ui, world, config, options, need, warnings)
}

/// The values that are given; the others are left out.
pub fn known(
    ui: &Ui,
    world: &World,
    config: &Config,
    options: &VarOptions,
    warnings: &mut Diags,
) -> Result<BTreeMap<Arc<str>, Value>, Diags> {
    collect(ui, world, config, options, Need::Known, warnings)
}

/// What to do about variables without a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// That is an error.
    All,
    /// The user is asked.
    AllAsking,
    /// They are left out.
    Known,
}

fn collect(
    ui: &Ui,
    world: &World,
    config: &Config,
    options: &VarOptions,
    need: Need,
    warnings: &mut Diags,
) -> Result<BTreeMap<Arc<str>, Value>, Diags> {
    let options = options.0.iter().map(|o| match o {
        VariableOption::File(path) => VariableOption::File(world.path(path)),
        var => var.clone(),
    });
    let mut inputs = VariableInputs {
        dir: world.cwd.clone(),
        env: world.env.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        options: options.collect(),
    };
    let (mut given, mut diags) = variable_values(config, &inputs);
    if need == Need::AllAsking && ui.input && !diags.has_errors() {
        let unset: Vec<Variable> = missing(config, &given).into_iter().cloned().collect();
        for variable in &unset {
            let Some(answer) = question(ui, variable)? else { break };
            inputs.options.push(VariableOption::Var(format!("{}={answer}", variable.name.name)));
        }
        if !unset.is_empty() {
            (given, diags) = variable_values(config, &inputs);
        }
    }
    let unset: BTreeSet<Arc<str>> = missing(config, &given).into_iter().map(|v| v.name.name.clone()).collect();
    // Behind a mistake in a file of values may stand any value.
    let unread = |d: &Diagnostic| d.is_error() && d.span.as_ref().is_some_and(|s| s.source.name.contains(".tfvars"));
    if need != Need::Known && !diags.iter().any(unread) {
        diags.extend(missing(config, &given).into_iter().map(no_value));
    }
    if diags.has_errors() {
        return Err(diags);
    }
    let mut values = BTreeMap::new();
    for (name, variable) in config.root.variables.iter().filter(|(name, _)| !unset.contains(*name)) {
        let input = given.get(name);
        let value =
            eval::variables::finish(variable, input.map(|i| i.value.clone()), input.map(|i| &i.span), &mut diags);
        values.insert(name.clone(), value);
    }
    if diags.has_errors() {
        return Err(diags);
    }
    warnings.extend(diags);
    Ok(values)
}

/// Asks for one value; `None` if the input ended.
fn question(ui: &Ui, variable: &Variable) -> Result<Option<String>, Diagnostic> {
    let description = variable.description.as_ref().map_or(String::new(), |d| format!("  {d}\n"));
    let answer = ui
        .ask(format!("var.{}\n{description}\n  Enter a value: ", variable.name.name))
        .map_err(|e| Diagnostic::error("Cannot ask for a value", format!("The input cannot be read: {e}.")))?;
    ui.line("");
    Ok(answer)
}
