//! `graph`: what needs what, and state machines as pictures.

use super::{Exit, Outcome, Ui, World, configuration, options::StatePath, plan_file, stored};
use crate::address::Address;
use crate::diag::{Diagnostic, Diags, nearest};
use crate::plan::links::Links;
use crate::plan::{Plan, file};
use crate::show;
use crate::value::Value;
use crate::workflow::{diagram, model};
use std::path::PathBuf;

/// Generate a graph of the resources, or a picture of a state machine
///
/// Produces a representation of the dependency graph between the objects of the configuration, in the DOT language. The typical
/// program that can read this format is Graphviz, but many web services are also available.
///
/// With -mermaid the graph is written for Mermaid, which GitHub and GitLab draw where it stands in a "mermaid" code block. Given the
/// address of a state machine, that machine is drawn: as it is in the state, or with -plan=FILE as it is now beside how it will be.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A state machine to draw: aws_sfn_state_machine.hello
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Accepted for Terraform's sake: there is one graph.
    #[arg(long = "type", value_name = "type", hide = true)]
    _type: Option<String>,
    /// Draw what is in this plan file: its configuration, and what happens to each object or state.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Write a Mermaid flowchart instead of DOT.
    #[arg(long)]
    mermaid: bool,
    /// Draw the state machine in this file of Amazon States Language.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "plan"])]
    definition: Option<PathBuf>,
    /// Accepted for Terraform's sake: a circle is an error that names it.
    #[arg(long, hide = true)]
    draw_cycles: bool,
}

/// Prints it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    let text = if let Some(path) = &args.definition {
        let name = path.display();
        let text = std::fs::read_to_string(world.path(path))
            .map_err(|e| Diagnostic::error("Unreadable definition", format!("{name} cannot be read: {e}.")))?;
        drawn(&name.to_string(), None, Some(&Value::string(text)))?
    } else if let Some(address) = &args.address {
        machine(args, world, address)?
    } else {
        let plan = args.plan.as_ref().map(|path| plan(world, path)).transpose()?;
        let links = match &plan {
            Some(plan) => Links::new(&plan.config)?,
            None => Links::new(&configuration::load(world)?.0)?,
        };
        match args.mermaid {
            true => show::graph::mermaid(&links, plan.as_ref()),
            false => show::graph::dot(&links),
        }
    };
    ui.print(text);
    Ok(Exit::Done)
}

fn plan(world: &World, path: &std::path::Path) -> Result<Plan, Diags> {
    let name = path.display().to_string();
    let text = plan_file::read(world, path, "Failed to read the given file as a plan file")?;
    file::parse(&name, &text)
}

/// The state machine of this address, as it is planned or as it is in the state.
fn machine(args: &Args, world: &World, wanted: &str) -> Result<String, Diags> {
    let address: Address = wanted
        .parse()
        .map_err(|e: crate::address::ParseError| Diagnostic::error("Error parsing instance address", e.0))?;
    let mut machines: Vec<(Address, Option<Value>, Option<Value>)> = Vec::new();
    match &args.plan {
        Some(path) => {
            for c in plan(world, path)?.changes.into_iter().filter(|c| c.deposed.is_none()) {
                let of = |v: &Value| v.get("definition").filter(|d| !d.is_null());
                machines.push((c.address, of(&c.before), of(&c.after)));
            }
        }
        None => {
            let mut store = stored::store(world, &StatePath::default())?;
            let state = stored::block_on(store.read())??.unwrap_or_default();
            for (a, _, instance) in state.objects().filter(|(_, _, i)| i.deposed.is_none()) {
                let text = instance.attributes.get("definition").and_then(|d| d.as_str()).map(Value::string);
                machines.push((a, None, text));
            }
        }
    }
    machines.retain(|(a, ..)| &*a.ty == "aws_sfn_state_machine");
    match machines.iter().find(|(a, ..)| *a == address) {
        Some((a, before, after)) => drawn(&a.to_string(), before.as_ref(), after.as_ref()),
        None => {
            let (place, way) = match args.plan {
                Some(_) => ("plan", "Look at what is planned with \"show PLAN\".".to_string()),
                None => ("state", "Draw what is planned with -plan=FILE, or a file with -definition=FILE.".to_string()),
            };
            let names: Vec<String> = machines.iter().map(|(a, ..)| a.to_string()).collect();
            let near = nearest(wanted, names.iter().map(String::as_str)).map(|n| format!("Did you mean '{n}'?"));
            let detail = format!("The {place} has no state machine {address}.");
            Err(Diagnostic::error("No such state machine", detail).help(near.unwrap_or(way)).into())
        }
    }
}

fn drawn(name: &str, before: Option<&Value>, after: Option<&Value>) -> Result<String, Diags> {
    let failed = |e: String| Diags::from(Diagnostic::error("Unreadable definition", format!("In {name}: {e}")));
    let read = |v: Option<&Value>| match v {
        Some(v) if v.marks_deep().sensitive => Err(failed("The definition is sensitive, so it is not drawn.".into())),
        Some(v) if !v.is_known() => Err(failed("The definition is known after apply.".into())),
        Some(v) => model::parse(v).map(Some).map_err(failed),
        None => Ok(None),
    };
    match (read(before)?, read(after)?) {
        (Some(b), Some(a)) => Ok(diagram::change(&b, &a)),
        (Some(m), None) | (None, Some(m)) => Ok(diagram::one(&m)),
        (None, None) => Err(failed("There is no definition.".into())),
    }
}
