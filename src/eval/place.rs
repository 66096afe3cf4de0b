//! Where a part of an evaluated body was written.
//!
//! Refuses to know values, but for telling the elements of a set apart.

use crate::config::expr::{Expr, ExprKind};
use crate::config::{Block, Body};
use crate::diag::Span;
use crate::value::{Path, PathStep, Value};

/// The place of the part at `path`, or of the nearest thing around it that was written inside the same argument or block; `None`
/// if nothing was. Blocks of a list are counted in the order written; of a set, an element is looked for by what it says
/// ([`PathStep::Element`]). What a `dynamic` block makes is found in its `content`.
pub fn span_of(body: &Body, path: &Path) -> Option<Span> {
    let (step, rest) = path.0.split_first()?;
    let (PathStep::Attr(name) | PathStep::Key(name)) = step else { return None };
    if let Some(attribute) = body.attribute(name) {
        return Some(part_of_steps(&attribute.value, rest).clone());
    }
    let blocks: Vec<&Block> = body.blocks.iter().filter(|block| makes(block, name)).collect();
    let (block, rest) = match rest {
        [PathStep::Index(i), rest @ ..] => (nth(&blocks, *i)?, rest),
        [PathStep::Element(value), rest @ ..] => (alike(&blocks, value)?, rest),
        rest => (*blocks.first()?, rest),
    };
    let content = match is_dynamic(block) {
        true => block.body.blocks("content").next().map(|content| &content.body),
        false => Some(&block.body),
    };
    let inner = content.filter(|_| !rest.is_empty()).and_then(|body| span_of(body, &Path(rest.to_vec())));
    Some(inner.unwrap_or_else(|| block.ty.span.clone()))
}

fn is_dynamic(block: &Block) -> bool {
    &*block.ty.name == "dynamic"
}

/// Whether it is a block of this type or makes some.
fn makes(block: &Block, name: &str) -> bool {
    match block.labels.as_slice() {
        [label] if is_dynamic(block) => &*label.name == name,
        _ => &*block.ty.name == name,
    }
}

/// The block that gives the element of this number. How many a `dynamic` block makes cannot be seen here, so behind one it counts
/// as the maker of all further ones.
fn nth<'b>(blocks: &[&'b Block], n: usize) -> Option<&'b Block> {
    let plain = blocks.iter().take_while(|block| !is_dynamic(block)).count();
    blocks.get(n.min(plain)).or(blocks.last().filter(|last| is_dynamic(last))).copied()
}

/// The block whose constants agree with this element, if it is only one.
fn alike<'b>(blocks: &[&'b Block], element: &Value) -> Option<&'b Block> {
    let agrees = |block: &Block| {
        is_dynamic(block)
            || block.body.attributes.iter().all(|attribute| {
                match (&attribute.value.kind, element.get(&attribute.name.name)) {
                    (ExprKind::Literal(written), Some(value)) => {
                        crate::value::convert(written, &value.ty()).is_ok_and(|written| written == value)
                    }
                    (_, value) => value.is_some(),
                }
            })
    };
    let mut found = blocks.iter().filter(|block| agrees(block));
    let first = found.next()?;
    if found.next().is_none() { Some(first) } else { None }
}

/// The place of a part inside an expression, as far as it is written out there.
pub(super) fn part_of<'e>(expr: &'e Expr, path: &Path) -> &'e Span {
    part_of_steps(expr, &path.0)
}

fn part_of_steps<'e>(expr: &'e Expr, steps: &[PathStep]) -> &'e Span {
    let inner = match (&expr.kind, steps.split_first()) {
        (ExprKind::Paren(inner), Some(_)) => Some((&**inner, steps)),
        (ExprKind::Tuple(items), Some((PathStep::Index(i), rest))) => items.get(*i).map(|item| (item, rest)),
        (ExprKind::Object(items), Some((PathStep::Attr(name) | PathStep::Key(name), rest))) => {
            let is_it = |key: &Expr| matches!(&key.kind, ExprKind::Literal(key) if key.as_str() == Some(name));
            items.iter().rev().find(|item| is_it(&item.key)).map(|item| (&item.value, rest))
        }
        _ => None,
    };
    match inner {
        Some((inner, rest)) => part_of_steps(inner, rest),
        None => &expr.span,
    }
}
