//! Where in the configuration something stands that was found in a value, and whether a comment there silences it.
//!
//! Refuses to know what was found.

use crate::address::Address;
use crate::config::expr::{Expr, ExprKind, Part};
use crate::config::{Config, Module, Resource};
use crate::diag::Span;

/// The module and the block of an object, where the configuration has them.
pub(super) fn block<'a>(config: &'a Config, address: &Address) -> Option<(&'a Module, &'a Resource)> {
    let mut module = &config.root;
    for name in address.module.config() {
        module = module.children.get(&name)?;
    }
    Some((module, module.resources.get(&(address.mode, address.ty.clone(), address.name.clone()))?))
}

/// The place of an attribute of an object, and inside it of a part of the JSON that it holds; the nearest there is.
pub(super) fn span(config: &Config, address: &Address, attribute: Option<&str>, steps: &[String]) -> Option<Span> {
    let (module, resource) = block(config, address)?;
    let Some(attribute) = attribute else { return Some(resource.span.clone()) };
    let found = resource.body.attributes.iter().find(|a| &*a.name.name == attribute);
    let nested = || resource.body.blocks.iter().find(|b| &*b.ty.name == attribute).map(|b| b.ty.span.clone());
    let Some(found) = found else { return Some(nested().unwrap_or_else(|| resource.span.clone())) };
    match locate(module, &found.value, steps, 0) {
        Some(span) if !steps.is_empty() => Some(span),
        _ => Some(found.name.span.clone()),
    }
}

/// Follows steps into an expression as far as it shows them.
fn locate(module: &Module, expr: &Expr, steps: &[String], depth: usize) -> Option<Span> {
    if depth > 64 {
        return None;
    }
    match &expr.kind {
        ExprKind::Paren(e) | ExprKind::Wrap(e) => locate(module, e, steps, depth + 1),
        ExprKind::Call(call) if &*call.name.name == "jsonencode" && call.args.len() == 1 => {
            locate(module, &call.args[0], steps, depth + 1)
        }
        // What stands in locals stands there for good.
        ExprKind::Attr(e, name) if matches!(&e.kind, ExprKind::Name(n) if &**n == "local") => {
            locate(module, &module.locals.get(&name.name)?.value, steps, depth + 1)
        }
        ExprKind::Object(items) => {
            let Some((first, rest)) = steps.split_first() else { return Some(expr.span.clone()) };
            let item = items.iter().find(|i| key(&i.key).as_deref() == Some(first))?;
            if rest.is_empty() {
                return Some(item.key.span.clone());
            }
            locate(module, &item.value, rest, depth + 1).or_else(|| Some(item.key.span.clone()))
        }
        ExprKind::Tuple(items) => {
            let Some((first, rest)) = steps.split_first() else { return Some(expr.span.clone()) };
            let item = items.get(first.parse::<usize>().ok()?)?;
            locate(module, item, rest, depth + 1).or_else(|| Some(item.span.clone()))
        }
        // JSON as text: the last name of the way that stands there in quotes.
        ExprKind::Template(_) | ExprKind::Literal(_) if !steps.is_empty() => {
            let text = expr.span.text();
            let (at, len) = steps.iter().rev().find_map(|s| {
                let quoted = format!("\"{s}\"");
                text.find(&quoted).map(|at| (at, quoted.len()))
            })?;
            let start = expr.span.start as usize + at;
            Some(Span::new(&expr.span.source, start, start + len))
        }
        _ => Some(expr.span.clone()),
    }
}

/// A key as it is written: a bare name or a text.
fn key(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.to_string()),
        ExprKind::Literal(value) => value.as_str().map(String::from),
        ExprKind::Paren(e) | ExprKind::Wrap(e) => key(e),
        ExprKind::Template(parts) => match &parts[..] {
            [Part::Text(text, _)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The comment that silences a finding: `# formwork:ignore CODE reason` on its line, or on lines of comments above it. Several codes
/// are parted by commas. `None` where there is none, an empty reason where none is given.
pub(super) fn silenced(at: &Span, code: &str) -> Option<String> {
    let lines: Vec<&str> = at.source.text.lines().collect();
    let here = at.line_column().0.checked_sub(1)?;
    let comment = |line: &str| -> Option<String> {
        let (before, rest) = line.split_once("formwork:ignore")?;
        if !(before.contains('#') || before.contains("//") || before.contains("/*")) {
            return None;
        }
        let mut words = rest.trim().trim_end_matches("*/").splitn(2, char::is_whitespace);
        let codes = words.next().unwrap_or_default();
        codes.split(',').any(|c| c == code || c == "all").then(|| words.next().unwrap_or_default().trim().to_string())
    };
    if let Some(reason) = lines.get(here).and_then(|l| comment(l)) {
        return Some(reason);
    }
    let above = lines[..here.min(lines.len())].iter().rev();
    above.take_while(|l| ["#", "//", "/*", "*"].iter().any(|c| l.trim_start().starts_with(c))).find_map(|l| comment(l))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    #[test]
    fn comments_that_silence() {
        let text = "# formwork:ignore X-1,X-2 it is a test\n# more words\nresource \"a\" \"b\" {\n  x = 1 // formwork:ignore X-3\n  y = \"formwork:ignore X-4\"\n}\n";
        let source = Source::new("main.tf", text);
        let at = |needle: &str| {
            let start = text.find(needle).unwrap();
            Span::new(&source, start, start + 1)
        };
        for (needle, code, want) in [
            ("resource", "X-1", Some("it is a test")),
            ("resource", "X-2", Some("it is a test")),
            ("resource", "X-3", None),
            ("x = 1", "X-3", Some("")),
            ("x = 1", "X-1", None),
            ("y = ", "X-4", None),
            ("y = ", "X-3", None),
        ] {
            assert_eq!(silenced(&at(needle), code).as_deref(), want, "{needle} {code}");
        }
    }
}
