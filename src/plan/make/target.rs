//! `-target`: which nodes and instances count.

use super::{Planner, Request};
use crate::address::{Address, BlockAddress, Target};
use crate::graph;
use crate::plan::Mode;
use crate::plan::links::{Links, Node, NodeIndex};

impl Planner<'_> {
    pub(super) fn is_wanted(&self, node: NodeIndex) -> bool {
        self.wanted.as_ref().is_none_or(|w| w[node])
    }

    pub(super) fn is_targeted(&self, address: &Address) -> bool {
        if self.request.targets.is_empty() || self.request.targets.iter().any(|t| t.contains(address)) {
            return true;
        }
        // What a target needs counts as a whole; of a block that a target names, or whose module it names, only the instances it names.
        let named = self.request.targets.iter().any(|t| concerns(t, &address.block()));
        self.links.find_block(&address.block()).is_some_and(|node| self.is_wanted(node)) && !named
    }
}

/// Whether a target names objects of a block, all or some of them.
fn concerns(target: &Target, block: &BlockAddress) -> bool {
    match target {
        Target::Module(path) => block.module.starts_with(&path.config()),
        Target::Resource(address) => address.block() == *block,
    }
}

/// The nodes that `-target` leaves, with all they need; when destroying, with all that needs them.
pub(super) fn wanted_nodes(request: &Request<'_>, links: &Links) -> Option<Vec<bool>> {
    if request.targets.is_empty() {
        return None;
    }
    let is_target =
        |n: NodeIndex| links.block(n).is_some_and(|block| request.targets.iter().any(|t| concerns(t, &block)));
    let starts: Vec<NodeIndex> = (0..links.nodes.len()).filter(|n| is_target(*n)).collect();
    let edges = if request.mode == Mode::Destroy { &links.users } else { &links.needs };
    let mut wanted = graph::closure(edges, starts);
    // An output counts if all it needs counts.
    for &n in &links.order {
        if let Node::Output(0, _) = &links.nodes[n] {
            let blocks =
                links.needs[n].iter().filter(|n| !matches!(links.nodes[**n], Node::Variable(..) | Node::Module(_)));
            wanted[n] = wanted[n] || (blocks.clone().count() > 0 && blocks.clone().all(|n| wanted[*n]));
        }
        if matches!(links.nodes[n], Node::Variable(..) | Node::Provider(..) | Node::Module(_)) {
            wanted[n] = true;
        }
    }
    Some(wanted)
}
