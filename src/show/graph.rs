//! What needs what, in DOT as `terraform graph` draws it, and for Mermaid.

use crate::address::{BlockAddress, Mode};
use crate::plan::links::{Links, Node};
use crate::plan::{Action, Plan};
use crate::workflow::diagram;
use std::collections::BTreeMap;

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

/// The same as a Mermaid flowchart, each module a box; with what `plan` does to each block, in signs and colours.
pub fn mermaid(links: &Links, plan: Option<&Plan>) -> String {
    let direct = links.direct_resources(true);
    let mut fates: BTreeMap<String, Action> = BTreeMap::new();
    for c in plan.iter().flat_map(|p| &p.changes).filter(|c| c.action != Action::NoOp && c.deposed.is_none()) {
        let fate = fates.entry(c.address.block().to_string()).or_insert(c.action);
        if weight(c.action) > weight(*fate) {
            *fate = c.action;
        }
    }
    let mut blocks: Vec<(BlockAddress, usize)> = direct
        .keys()
        .filter(|n| matches!(links.nodes[**n], Node::Resource(..)))
        .filter_map(|n| Some((links.block(*n)?, *n)))
        .collect();
    blocks.sort_by_key(|(b, _)| b.to_string());
    let ids: BTreeMap<usize, String> =
        blocks.iter().enumerate().map(|(i, (_, n))| (*n, format!("r{}", i + 1))).collect();
    let mut modules: BTreeMap<String, Vec<&(BlockAddress, usize)>> = BTreeMap::new();
    for block in &blocks {
        modules
            .entry(block.0.module.iter().map(|m| format!("module.{m}")).collect::<Vec<_>>().join("."))
            .or_default()
            .push(block);
    }
    let mut out = String::from("flowchart RL\n");
    let mut used: Vec<(&str, &str)> = Vec::new();
    for (i, (module, blocks)) in modules.iter().enumerate() {
        let indent = if module.is_empty() { "  " } else { "    " };
        if !module.is_empty() {
            out.push_str(&format!("  subgraph m{i} [\"{}\"]\n", diagram::escape(module)));
        }
        for (block, node) in blocks {
            let fate = fates.get(&block.to_string()).map(|a| look(*a));
            let (sign, class) = fate.map(|(sign, class, _)| (sign, format!(":::{class}"))).unwrap_or_default();
            if let Some((_, class, style)) = fate
                && !used.contains(&(class, style))
            {
                used.push((class, style));
            }
            let data = if block.mode == Mode::Data { "data." } else { "" };
            let name = format!("{data}{}<br/>{}", diagram::escape(&block.ty), diagram::escape(&block.name));
            let label = format!("\"{sign}{name}\"");
            let shape = if block.mode == Mode::Data { format!("([{label}])") } else { format!("[{label}]") };
            out.push_str(&format!("{indent}{}{shape}{class}\n", ids[node]));
        }
        if !module.is_empty() {
            out.push_str("  end\n");
        }
    }
    for (_, node) in &blocks {
        for need in &direct[node] {
            if let Some(to) = ids.get(need) {
                out.push_str(&format!("  {} --> {to}\n", ids[node]));
            }
        }
    }
    used.sort_unstable();
    for (class, style) in used {
        out.push_str(&format!("  classDef {class} {style}\n"));
    }
    let boxes: Vec<String> =
        modules.keys().enumerate().filter(|(_, m)| !m.is_empty()).map(|(i, _)| format!("m{i}")).collect();
    if !boxes.is_empty() {
        out.push_str(&format!("  classDef box {}\n  class {} box\n", diagram::FRAME, boxes.join(",")));
    }
    out
}

fn weight(action: Action) -> u8 {
    match action {
        Action::NoOp => 0,
        Action::Read => 1,
        Action::Create => 2,
        Action::Update => 3,
        Action::Forget => 4,
        Action::Delete => 5,
        Action::DeleteThenCreate | Action::CreateThenDelete => 6,
    }
}

/// Sign, class and style of an action.
fn look(action: Action) -> (&'static str, &'static str, &'static str) {
    match action {
        Action::Create => ("#43; ", "added", "fill:#dafbe1,stroke:#1a7f37,color:#0a3d1a"),
        Action::Delete => ("#8722; ", "removed", "fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-dasharray:4 3"),
        Action::DeleteThenCreate | Action::CreateThenDelete => {
            ("#8722;/#43; ", "replaced", "fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-width:3px")
        }
        Action::Forget => (". ", "forgotten", "fill:#f6f8fa,stroke:#8c959f,color:#57606a"),
        Action::Read => ("#60;= ", "read", "fill:#ddf4ff,stroke:#0969da,color:#0a3069"),
        Action::Update | Action::NoOp => ("#126; ", "changed", "fill:#fff8c5,stroke:#9a6700,color:#3b2300"),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
