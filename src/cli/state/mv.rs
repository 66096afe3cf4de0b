//! `state mv`: gives objects other addresses.

use crate::address::{Address, ModulePath, Target};
use crate::cli::options::{Ignored, LockOptions, StatePath, target};
use crate::cli::{Exit, Outcome, Ui, World, stored};
use crate::diag::Diagnostic;
use crate::state::State;

/// Move an item in the state
///
/// This command will move an item matched by the address given to the destination address. This can be used for simple resource
/// renaming, moving items to and from a module, moving entire modules, and more.
///
/// A "moved" block in the configuration does the same and is reviewed with it, so prefer one where you can.
///
/// This command creates a timestamped backup of the state on every invocation.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to move: an object, a resource with all its objects, or a module instance with all that is in it.
    #[arg(value_name = "SOURCE", value_parser = target)]
    source: Target,
    /// Where it goes.
    #[arg(value_name = "DESTINATION", value_parser = target)]
    destination: Target,
    /// If set, prints out what would've been moved but doesn't actually move anything.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    lock: LockOptions,
    #[command(flatten)]
    path: StatePath,
    #[command(flatten)]
    ignored: Ignored,
}

/// Does it.
pub fn run(ui: &Ui, args: &Args, world: &World) -> Outcome {
    stored::block_on(async {
        let (mut keeper, mut state) = stored::edit(ui, world, &args.path, &args.lock, "state-mv").await?;
        let moves = moves(&state, &args.source, &args.destination)?;
        let word = if args.dry_run { "Would move" } else { "Move" };
        ui.line(format!("{word} \"{}\" to \"{}\"", args.source, args.destination));
        for (from, to) in &moves {
            if !state.rename(from, to) {
                return Err(occupied(from, to).into());
            }
        }
        if !args.dry_run {
            keeper.save(&state).await?;
            ui.line(format!("Successfully moved {} object(s).", moves.len()));
        }
        stored::close(keeper).await
    })??;
    Ok(Exit::Done)
}

/// Each object's way.
fn moves(state: &State, source: &Target, destination: &Target) -> Result<Vec<(Address, Address)>, Diagnostic> {
    let refuse = |what: &str| {
        Err(Diagnostic::error("Invalid target address", format!("Cannot move {source} to {destination}: {what}.")))
    };
    // `aws_x.y` is the one object without a key if there is one, otherwise the resource with all its keys.
    let mut found = state.matching(source);
    if let Target::Resource(address) = source
        && address.key.is_none()
        && found.contains(address)
    {
        found = vec![address.clone()];
    }
    if let Target::Module(path) = source {
        found.retain(|a| a.module.0.starts_with(&path.0));
    }
    if found.is_empty() {
        return Err(Diagnostic::error(
            "Invalid source address",
            format!("Cannot move {source}: it does not match anything in the current state."),
        ));
    }
    match (source, destination) {
        (Target::Module(from), Target::Module(to)) => {
            let moved = |a: &Address| {
                let rest = a.module.0.iter().skip(from.0.len()).cloned();
                Address { module: ModulePath(to.0.iter().cloned().chain(rest).collect()), ..a.clone() }
            };
            Ok(found.into_iter().map(|a| (a.clone(), moved(&a))).collect())
        }
        (Target::Resource(from), Target::Resource(to)) => {
            if (from.mode, &from.ty) != (to.mode, &to.ty) {
                return refuse("both must be of the same type");
            }
            let whole = found.len() > 1 || (from.key.is_none() && found[0].key.is_some());
            if whole && to.key.is_some() {
                return refuse("the source is a whole resource, so the target must be one too, without a key");
            }
            let moved = |a: &Address| if whole { to.with_key(a.key.clone()) } else { to.clone() };
            Ok(found.into_iter().map(|a| (a.clone(), moved(&a))).collect())
        }
        (Target::Module(_), _) => refuse("the source is a module, so the target must be one too"),
        (Target::Resource(_), _) => refuse("the source is a resource, so the target must be one too"),
    }
}

fn occupied(from: &Address, to: &Address) -> Diagnostic {
    let why = if from == to { "both are the same" } else { "something is at that address already" };
    Diagnostic::error("Invalid target address", format!("Cannot move {from} to {to}: {why}. Nothing was changed."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Instance;

    #[test]
    fn what_goes_where() {
        let mut state = State::empty();
        for a in [
            "aws_x.one",
            "aws_x.n[0]",
            "aws_x.n[1]",
            "module.m.aws_x.a",
            "module.m.module.k.aws_x.b",
            "module.c[0].aws_x.a",
        ] {
            state.set(&a.parse().unwrap(), "p", Instance::default());
        }
        let moved = |from: &str, to: &str| match moves(&state, &from.parse().unwrap(), &to.parse().unwrap()) {
            Ok(moves) => moves.iter().map(|(a, b)| format!("{a}>{b}")).collect::<Vec<_>>().join(" "),
            Err(d) => d.detail,
        };
        for (from, to, expected) in [
            ("aws_x.one", "aws_x.two", "aws_x.one>aws_x.two"),
            ("aws_x.one", "aws_x.one[0]", "aws_x.one>aws_x.one[0]"),
            ("aws_x.one", "module.z[\"k\"].aws_x.q", "aws_x.one>module.z[\"k\"].aws_x.q"),
            ("aws_x.n", "aws_x.z", "aws_x.n[0]>aws_x.z[0] aws_x.n[1]>aws_x.z[1]"),
            ("aws_x.n[1]", "aws_x.z", "aws_x.n[1]>aws_x.z"),
            (
                "aws_x.n",
                "aws_x.z[0]",
                "Cannot move aws_x.n to aws_x.z[0]: the source is a whole resource, so the target must be one too, without a key.",
            ),
            (
                "module.m",
                "module.z",
                "module.m.aws_x.a>module.z.aws_x.a module.m.module.k.aws_x.b>module.z.module.k.aws_x.b",
            ),
            ("module.c[0]", "module.c", "module.c[0].aws_x.a>module.c.aws_x.a"),
            ("module.c", "module.d", "Cannot move module.c: it does not match anything in the current state."),
            (
                "module.m",
                "aws_x.y",
                "Cannot move module.m to aws_x.y: the source is a module, so the target must be one too.",
            ),
            (
                "aws_x.one",
                "module.m",
                "Cannot move aws_x.one to module.m: the source is a resource, so the target must be one too.",
            ),
            ("aws_x.one", "aws_y.one", "Cannot move aws_x.one to aws_y.one: both must be of the same type."),
            ("aws_x.zero", "aws_x.y", "Cannot move aws_x.zero: it does not match anything in the current state."),
        ] {
            assert_eq!(moved(from, to), expected, "{from} {to}");
        }
    }
}
