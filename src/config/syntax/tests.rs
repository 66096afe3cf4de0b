//! Tables: what is accepted and refused, and what trees come out.

use super::*;
use crate::config::expr::{ExprKind, Part};

/// An expression in a short form of its own.
fn dump(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Literal(v) => format!("{v:?}"),
        ExprKind::Template(parts) => format!("tpl({})", parts.iter().map(dump_part).collect::<Vec<_>>().join(" ")),
        ExprKind::Wrap(e) => format!("wrap({})", dump(e)),
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Attr(e, n) => format!("{}.{}", dump(e), n.name),
        ExprKind::Index(e, k) => format!("{}[{}]", dump(e), dump(k)),
        ExprKind::LegacyIndex(e, n, _) => format!("{}.{n}", dump(e)),
        ExprKind::Splat { source, each, full, .. } => {
            format!("splat{}({}: {})", if *full { "[*]" } else { ".*" }, dump(source), dump(each))
        }
        ExprKind::SplatItem => "@".into(),
        ExprKind::Call(c) => {
            let args: Vec<_> = c.args.iter().map(dump).collect();
            format!("{}({}{})", c.name.name, args.join(", "), if c.expand { "..." } else { "" })
        }
        ExprKind::Conditional(p) => format!("({} ? {} : {})", dump(&p[0]), dump(&p[1]), dump(&p[2])),
        ExprKind::Binary(op, p, _) => format!("({} {op:?} {})", dump(&p[0]), dump(&p[1])),
        ExprKind::Unary(op, e) => format!("{op:?}({})", dump(e)),
        ExprKind::Tuple(items) => format!("[{}]", items.iter().map(dump).collect::<Vec<_>>().join(", ")),
        ExprKind::Object(items) => {
            let items: Vec<_> = items.iter().map(|i| format!("{}={}", dump(&i.key), dump(&i.value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::For(f) => {
            let mut s = format!("for {} in {}:", f.value_name.name, dump(&f.collection));
            if let Some(k) = &f.key_name {
                s = format!("for {}, {} in {}:", k.name, f.value_name.name, dump(&f.collection));
            }
            if let Some(k) = &f.key {
                s += &format!(" {} =>", dump(k));
            }
            s += &format!(" {}{}", dump(&f.value), if f.group { "..." } else { "" });
            if let Some(c) = &f.condition {
                s += &format!(" if {}", dump(c));
            }
            s
        }
        ExprKind::Paren(e) => format!("paren({})", dump(e)),
    }
}

fn dump_part(p: &Part) -> String {
    let all = |ps: &[Part]| ps.iter().map(dump_part).collect::<Vec<_>>().join(" ");
    match p {
        Part::Text(t, _) => format!("{t:?}"),
        Part::Interpolation(e) => format!("${{{}}}", dump(e)),
        Part::If { condition, then, otherwise, .. } => {
            format!("if({} | {} | {})", dump(condition), all(then), all(otherwise))
        }
        Part::For { value_name, collection, body, .. } => {
            format!("for({} in {} | {})", value_name.name, dump(collection), all(body))
        }
    }
}

/// What Terraform 1.11.4 accepts and refuses, with the line of its first error.
#[test]
fn accepts_and_refuses_what_terraform_does() {
    let mut wrong = Vec::new();
    for line in include_str!("cases/accepted.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let source = Source::new("x.tf", case["src"].as_str().unwrap());
        let (_, diags) = parse(&source);
        let first = diags.iter().next().map(|d| d.span.as_ref().unwrap().line_column().0 as u64);
        if case["ok"].as_bool() != Some(first.is_none()) || case["line"].as_u64() != first {
            wrong.push(format!("{name}: {:?}: terraform {}, here {first:?} {diags:?}", source.text, case["line"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing overflows the stack, neither in reading nor in dropping, and what is not too deep is accepted.
#[test]
fn depth_has_a_limit() {
    let forms: &[(&str, &str, &str)] = &[
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{ a = ", "1", "}"),
        ("f(", "1", ")"),
        ("-", "1", ""),
        ("!", "a", ""),
        ("a[", "1", "]"),
        ("a ? b : ", "c", ""),
        ("\"${", "a", "}\""),
        ("\"x${", "a", "}\""),
        ("[for x in ", "y", ": x]"),
        ("{for x in y: x => ", "y", "}"),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("", "a", " .0"),
        ("", "a", "[*]"),
        ("", "a", ".*[0]"),
        ("", "a", " + 1"),
        ("a || b && c == d + e * ", "f", ""),
        ("<<E\n${", "x", "}\nE\n"),
    ];
    for (before, middle, after) in forms {
        for (count, fits) in [(100, true), (230, false), (20_000, false)] {
            let text = format!("{}{middle}{}", before.repeat(count), after.repeat(count));
            let (expr, diags) = parse_expr(&Source::new("x", text));
            if fits {
                assert!(expr.is_some(), "{count} of {before} {after}: {diags:?}");
            } else {
                let summaries: Vec<_> = diags.iter().map(|d| d.summary).collect();
                assert_eq!(
                    (expr.is_none(), summaries),
                    (true, vec!["Nested too deeply"]),
                    "{count} of {before} {after}"
                );
            }
        }
    }
    for (count, fits) in [(220, true), (230, false), (20_000, false)] {
        let text = format!("{}{}", "a {\n".repeat(count), "}\n".repeat(count));
        let (_, diags) = parse(&Source::new("x", text));
        assert_eq!(
            diags.iter().map(|d| d.summary).collect::<Vec<_>>(),
            if fits { vec![] } else { vec!["Nested too deeply"] }
        );
        let text = format!("{}x{}", "%{ if a }".repeat(count), "%{ endif }".repeat(count));
        let (_, diags) = parse_template(&Source::new("x", text));
        assert_eq!(
            diags.iter().map(|d| d.summary).collect::<Vec<_>>(),
            if fits { vec![] } else { vec!["Nested too deeply"] }
        );
    }
}

/// Enough of an evaluator for templates of literals.
fn render(e: &Expr, each: &str) -> String {
    match &e.kind {
        ExprKind::Literal(v) => match (v.as_str(), v.as_number()) {
            (Some(s), _) => s.to_string(),
            (_, Some(n)) => n.to_string(),
            _ => format!("{v:?}"),
        },
        ExprKind::Template(parts) => render_parts(parts, each),
        ExprKind::Wrap(e) => render(e, each),
        ExprKind::Name(_) => each.to_string(),
        _ => panic!("{e:?}"),
    }
}

fn render_parts(parts: &[Part], each: &str) -> String {
    let mut out = String::new();
    for p in parts {
        match p {
            Part::Text(t, _) => out += t,
            Part::Interpolation(e) => out += &render(e, each),
            Part::If { condition, then, otherwise, .. } => {
                out += &render_parts(if render(condition, "") == "true" { then } else { otherwise }, each);
            }
            Part::For { collection, body, .. } => {
                let ExprKind::Tuple(items) = &collection.kind else { panic!("{collection:?}") };
                items.iter().for_each(|i| out += &render_parts(body, &render(i, "")));
            }
        }
    }
    crate::value::Value::string(out).as_str().unwrap().to_string()
}

/// What Terraform 1.11.4 makes of strings, heredocs and (`bare`) files read by `templatefile`: escapes, `~`, indents.
#[test]
fn templates_mean_what_they_mean_in_terraform() {
    let mut wrong = Vec::new();
    for line in include_str!("cases/templates.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let source = Source::new("x", case["src"].as_str().unwrap());
        let (expr, diags) = if case["bare"] == true { parse_template(&source) } else { parse_expr(&source) };
        let value = case["value"].as_str().map_or_else(|| case["value"].to_string(), String::from);
        let found = expr.map(|e| render(&e, ""));
        if found.as_ref() != Some(&value) {
            wrong.push(format!("{:?}: terraform {value:?}, here {found:?} {diags:?}", source.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
