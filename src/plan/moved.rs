//! `moved`, `removed` and the addresses that other blocks name: objects of the state under new addresses before anything is compared.

use crate::address::{Address, Key, Mode, ModulePath, Target};
use crate::config::expr::{Expr, ExprKind};
use crate::config::{Config, Module, Removed, Repeat};
use crate::diag::{Diagnostic, Diags, Span};
use crate::eval::{self, Scope};
use crate::state::State;
use crate::value::{Path, PathStep};
use std::collections::HashMap;
use std::sync::Arc;

/// One `moved` block, absolute.
struct Move {
    from: Target,
    to: Target,
    /// Keys of the module that holds the block are not known to it: every instance moves.
    holder: Vec<Arc<str>>,
    span: Span,
}

/// Moves objects of the state; gives each moved object's former address.
pub fn apply(config: &Config, state: &mut State, diags: &mut Diags) -> HashMap<Address, Address> {
    let mut moves = Vec::new();
    collect(&config.root, &mut moves, diags);
    let mut found = Diags::new();
    judge(&moves, &mut found);
    let ambiguous = found.has_errors();
    diags.extend(found);
    if ambiguous {
        return HashMap::new();
    }
    let implied = implied(config, state, &moves);
    moves.extend(implied);
    let mut previous: HashMap<Address, Address> = HashMap::new();
    if moves.is_empty() {
        return previous;
    }
    // Chains: each object goes on until no block moves it any further; a circle ends by the number of blocks.
    let mut addresses: Vec<Address> = state.objects().map(|(a, _, _)| a).filter(|a| a.mode == Mode::Managed).collect();
    addresses.dedup();
    for origin in addresses {
        let mut at = origin.clone();
        for _ in 0..moves.len() {
            let Some((next, span)) = moves.iter().find_map(|m| Some((moved(m, &at)?, &m.span))) else { break };
            if state.get(&next).is_some() {
                diags.push(
                    Diagnostic::warning(
                        "Unresolved resource instance address changes",
                        format!("{at} cannot move to {next}, for there is an object at that address already. It will be planned for destruction."),
                    )
                    .at(span)
                    .help("Remove one of the two from the state with `formwork state rm`, or rename it with `formwork state mv`."),
                );
                break;
            }
            at = next;
        }
        if at != origin {
            state.rename(&origin, &at);
            previous.insert(at, origin);
        }
    }
    previous
}

/// What `moved` blocks of the root module say has gone from its place, where that is one of several instances.
pub fn instances_gone(config: &Config) -> Vec<(Address, &Span)> {
    let gone = |m: &'_ crate::config::Moved| match target(&m.from) {
        Some(Target::Resource(address)) if address.key.is_some() => Some(address),
        _ => None,
    };
    config.root.moved.iter().filter_map(|m| Some((gone(m)?, &m.span))).collect()
}

/// Reports moves that say different things of one object, or lead in a circle.
fn judge(moves: &[Move], diags: &mut Diags) {
    for (n, m) in moves.iter().enumerate() {
        let before = &moves[..n];
        let detail = if let Some(other) = before.iter().find(|o| o.from == m.from && o.to != m.to) {
            Some((
                other,
                format!(
                    "{} moves to {} by one block and to {} by another. It can move to only one place.",
                    m.from, other.to, m.to
                ),
            ))
        } else {
            let other = before.iter().find(|o| o.to == m.to && o.from != m.from);
            other.map(|o| (o, format!("Both {} and {} move to {}. Only one can.", o.from, m.from, m.to)))
        };
        if let Some((other, detail)) = detail {
            let d = Diagnostic::error("Ambiguous move statements", detail).at(&m.span);
            diags.push(d.with_related(&other.span, "the other one"));
            return;
        }
    }
    for start in moves {
        let mut circle = vec![start];
        while let Some(next) = circle.last().and_then(|at| moves.iter().find(|m| m.from == at.to)) {
            if next.from == start.from {
                let names: Vec<String> =
                    circle.iter().map(|m| m.from.to_string()).chain([start.from.to_string()]).collect();
                let detail = format!(
                    "These moves form a circle, so there is no final place for the objects: {}.",
                    names.join(" -> ")
                );
                diags.push(Diagnostic::error("Cyclic dependency in move statements", detail).at(&start.span));
                return;
            }
            if circle.len() > moves.len() {
                break;
            }
            circle.push(next);
        }
    }
}

/// Moves that nobody writes: with a `count` that is new, the object without a key becomes the first one; without the `count` that was,
/// the first one loses its key. Not where a `moved` block says something of the resource.
fn implied(config: &Config, state: &State, written: &[Move]) -> Vec<Move> {
    let named = |address: &Address| {
        let here = |t: &Target| match t {
            Target::Resource(a) => a.block() == address.block(),
            Target::Module(_) => false,
        };
        written.iter().any(|m| here(&m.from) || here(&m.to))
    };
    let mut found = Vec::new();
    for (from, ..) in state.objects().filter(|(a, ..)| a.mode == Mode::Managed) {
        let Some(block) = config.resource(&from.block()) else { continue };
        let key = match (&block.repeat, &from.key) {
            (Repeat::Count(_), None) => Some(Key::Int(0)),
            (Repeat::Once, Some(Key::Int(0))) => None,
            _ => continue,
        };
        let to = from.with_key(key);
        if state.get(&to).is_none() && !named(&from) {
            let span = block.span.clone();
            found.push(Move { from: Target::Resource(from), to: Target::Resource(to), holder: Vec::new(), span });
        }
    }
    found
}

fn collect(module: &Module, out: &mut Vec<Move>, diags: &mut Diags) {
    for m in &module.moved {
        let (from, to) = (target(&m.from), target(&m.to));
        match (from, to) {
            (Some(from), Some(to)) => {
                let below = |t: Target| match t {
                    Target::Module(p) => Target::Module(under(&module.path, p)),
                    Target::Resource(a) => Target::Resource(Address { module: under(&module.path, a.module), ..a }),
                };
                out.push(Move { from: below(from), to: below(to), holder: module.path.clone(), span: m.span.clone() });
            }
            _ => diags.push(
                Diagnostic::error(
                    "Invalid \"moved\" addresses",
                    "Both \"from\" and \"to\" must be addresses of resources or of modules.",
                )
                .at(&m.span),
            ),
        }
    }
    for child in module.children.values() {
        collect(child, out, diags);
    }
}

fn under(path: &[Arc<str>], inner: ModulePath) -> ModulePath {
    let mut steps: Vec<_> = path.iter().map(|n| (n.clone(), None)).collect();
    steps.extend(inner.0);
    ModulePath(steps)
}

/// Where a move takes this address, if it is meant.
fn moved(m: &Move, at: &Address) -> Option<Address> {
    let depth = m.holder.len();
    let fits = |want: &ModulePath, have: &ModulePath| {
        have.0.len() >= want.0.len()
            && want.0.iter().zip(&have.0).enumerate().all(|(i, (w, h))| w.0 == h.0 && (i < depth || w.1 == h.1))
    };
    let carry = |to: &ModulePath, have: &ModulePath| {
        let mut steps = to.0.clone();
        for (i, step) in steps.iter_mut().enumerate().take(depth) {
            step.1 = have.0.get(i).and_then(|s| s.1.clone());
        }
        steps
    };
    match (&m.from, &m.to) {
        (Target::Module(from), Target::Module(to)) => {
            if from.0.is_empty() || at.module.0.len() < from.0.len() {
                return None;
            }
            // `module.a` without a key stands for all of its instances if `to` has none either.
            let last = from.0.len() - 1;
            let whole = from.0[last].1.is_none() && to.0.last().is_some_and(|s| s.1.is_none());
            let mut have = ModulePath(at.module.0[..from.0.len()].to_vec());
            let key = have.0[last].1.clone();
            if whole {
                have.0[last].1 = None;
            }
            if !fits(from, &have) {
                return None;
            }
            let mut steps = carry(to, &at.module);
            if let (true, Some(step)) = (whole, steps.last_mut()) {
                step.1 = key;
            }
            steps.extend(at.module.0[from.0.len()..].iter().cloned());
            Some(Address { module: ModulePath(steps), ..at.clone() })
        }
        (Target::Resource(from), Target::Resource(to)) => {
            let same = from.mode == at.mode && from.ty == at.ty && from.name == at.name;
            if !same || from.module.0.len() != at.module.0.len() || !fits(&from.module, &at.module) {
                return None;
            }
            let key = match (&from.key, &to.key) {
                // A block renamed as a whole keeps its instances' keys.
                (None, None) => at.key.clone(),
                _ if from.key == at.key => to.key.clone(),
                _ => return None,
            };
            let next = Address {
                module: ModulePath(carry(&to.module, &at.module)),
                mode: to.mode,
                ty: to.ty.clone(),
                name: to.name.clone(),
                key,
            };
            (next != *at).then_some(next)
        }
        _ => None,
    }
}

/// The address a bare expression spells: `module.a["k"].aws_iam_role.b[0]`.
fn target(e: &Expr) -> Option<Target> {
    spell(e)?.parse().ok()
}

fn spell(e: &Expr) -> Option<String> {
    Some(match &e.kind {
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Attr(inner, name) => format!("{}.{}", spell(inner)?, name.name),
        ExprKind::LegacyIndex(inner, n, _) => format!("{}[{n}]", spell(inner)?),
        ExprKind::Index(inner, key) => {
            let ExprKind::Literal(key) = &key.kind else { return None };
            let key = match (key.as_str(), key.as_i64()) {
                (Some(k), _) => Key::Str(k.into()),
                (None, Some(i)) => Key::Int(u64::try_from(i).ok()?),
                _ => return None,
            };
            format!("{}{key}", spell(inner)?)
        }
        _ => return None,
    })
}

/// The address an `import` block's `to` spells; keys may be expressions.
pub fn target_address(e: &Expr, scope: &Scope<'_>, diags: &mut Diags) -> Option<Address> {
    fn build(e: &Expr, scope: &Scope<'_>, diags: &mut Diags) -> Option<String> {
        match &e.kind {
            ExprKind::Index(inner, key) => {
                let key = eval::eval(key, scope, diags);
                let key = match (key.as_str(), key.as_i64()) {
                    (Some(k), _) => Key::Str(k.into()),
                    (None, Some(i)) => Key::Int(u64::try_from(i).ok()?),
                    _ => return None,
                };
                Some(format!("{}{key}", build(inner, scope, diags)?))
            }
            ExprKind::Attr(inner, name) => Some(format!("{}.{}", build(inner, scope, diags)?, name.name)),
            _ => spell(e),
        }
    }
    let found = build(e, scope, diags).and_then(|text| text.parse().ok());
    if found.is_none() && !diags.has_errors() {
        diags.push(
            Diagnostic::error(
                "Invalid import address",
                "\"to\" must be the address of one resource instance, with keys that are known while planning.",
            )
            .at(&e.span),
        );
    }
    found
}

/// What an entry of `replace_triggered_by` watches: an object of the same module and a part of it.
pub fn trigger(e: &Expr, scope: &Scope<'_>) -> Option<(Address, Path)> {
    let mut steps = Vec::new();
    let mut at = e;
    let mut ignored = Diags::new();
    let name = loop {
        match &at.kind {
            ExprKind::Name(name) => break name.clone(),
            ExprKind::Attr(inner, name) => {
                steps.push(PathStep::Attr(name.name.clone()));
                at = inner;
            }
            ExprKind::LegacyIndex(inner, n, _) => {
                steps.push(PathStep::Index(usize::try_from(n.to_i64()?).ok()?));
                at = inner;
            }
            ExprKind::Index(inner, key) => {
                let key = eval::eval(key, scope, &mut ignored);
                steps.push(match (key.as_str(), key.as_i64()) {
                    (Some(k), _) => PathStep::Key(k.into()),
                    (None, Some(i)) => PathStep::Index(usize::try_from(i).ok()?),
                    _ => return None,
                });
                at = inner;
            }
            _ => return None,
        }
    };
    steps.reverse();
    let mut steps = steps.into_iter().peekable();
    let Some(PathStep::Attr(label)) = steps.next() else { return None };
    let key = match steps.peek() {
        Some(PathStep::Index(i)) => Some(Key::Int(*i as u64)),
        Some(PathStep::Key(k)) => Some(Key::Str(k.clone())),
        _ => None,
    };
    if key.is_some() {
        steps.next();
    }
    let address = Address { module: ModulePath::root(), mode: Mode::Managed, ty: name, name: label, key };
    Some((address, Path(steps.collect())))
}

/// The `removed` block that covers this address.
pub fn removed<'a>(config: &'a Config, address: &Address) -> Option<&'a Removed> {
    let mut module = &config.root;
    let mut depth = 0;
    loop {
        for r in &module.removed {
            let rest = ModulePath(address.module.0[depth..].to_vec());
            let inner = Address { module: rest, ..address.clone() };
            if target(&r.from).is_some_and(|t| t.contains(&inner)) {
                return Some(r);
            }
        }
        module = module.children.get(&address.module.0.get(depth)?.0)?;
        depth += 1;
    }
}
