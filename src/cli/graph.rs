//! `graph`: what needs what, for Graphviz.

use super::{Exit, Outcome, Ui, World, configuration};
use crate::plan::links::Links;
use crate::show;

/// Generate a Graphviz graph of the resources
///
/// Produces a representation of the dependency graph between the objects of the configuration, in the DOT language. The typical
/// program that can read this format is Graphviz, but many web services are also available.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Accepted for Terraform's sake: there is one graph.
    #[arg(long = "type", value_name = "type", hide = true)]
    _type: Option<String>,
    /// Accepted for Terraform's sake.
    #[arg(long, value_name = "FILE", hide = true)]
    plan: Option<String>,
    /// Accepted for Terraform's sake: a circle is an error that names it.
    #[arg(long, hide = true)]
    draw_cycles: bool,
}

/// Prints it.
pub fn run(ui: &Ui, world: &World) -> Outcome {
    let (config, _) = configuration::load(world)?;
    let links = Links::new(&config)?;
    ui.print(show::graph::dot(&links));
    Ok(Exit::Done)
}
