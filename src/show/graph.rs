//! What needs what, in DOT: as `terraform graph` draws it.

use crate::address::Mode;
use crate::plan::links::{Links, Node};

/// The resource blocks and what they need of each other.
pub fn dot(links: &Links) -> String {
    let direct = links.direct_resources(true);
    let managed =
        |n: &usize| matches!(links.nodes[*n], Node::Resource(_, Mode::Managed, ..) | Node::Resource(_, Mode::Data, ..));
    let mut names: Vec<(String, usize)> =
        direct.keys().filter(|n| managed(n)).filter_map(|n| Some((links.block(*n)?.to_string(), *n))).collect();
    names.sort();
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    for (name, node) in &names {
        let label = links.block(*node).map(|b| match b.mode {
            Mode::Managed => format!("{}.{}", b.ty, b.name),
            Mode::Data => format!("data.{}.{}", b.ty, b.name),
        });
        out.push_str(&format!("  {} [label={}];\n", quoted(name), quoted(&label.unwrap_or_else(|| name.clone()))));
    }
    for (name, node) in &names {
        for need in &direct[node] {
            if let Some(block) = links.block(*need) {
                out.push_str(&format!("  {} -> {};\n", quoted(name), quoted(&block.to_string())));
            }
        }
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
