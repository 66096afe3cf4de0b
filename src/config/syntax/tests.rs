//! Tables: what is accepted and refused, and what trees come out.

use super::*;
use crate::config::expr::{ExprKind, Part};

/// An expression in a short form of its own.
pub(super) fn dump(e: &Expr) -> String {
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
        for (count, fits) in [(100, true), (230, false), (3_000, false)] {
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
    for (count, fits) in [(220, true), (230, false), (3_000, false)] {
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

/// Expressions and their trees.
#[test]
fn trees() {
    let table: &[(&str, &str)] = &[
        ("1 + 2 * 3 - 4 / 5 % 6", "((1 Add (2 Mul 3)) Sub ((4 Div 5) Mod 6))"),
        ("a || b && c == d < e + f * -g", "(a Or (b And (c Eq (d Less (e Add (f Mul Neg(g)))))))"),
        ("a != b == c", "((a NotEq b) Eq c)"),
        ("a >= b > c <= d", "(((a GreaterEq b) Greater c) LessEq d)"),
        ("!a == b", "(Not(a) Eq b)"),
        ("- -1", "Neg(Neg(1))"),
        ("-1[*].x", "Neg(splat[*](1: @.x))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
        ("(a + b) * c", "(paren((a Add b)) Mul c)"),
        ("a.b[0].c", "a.b[0].c"),
        ("a[b.c + 1][\"x\"]", "a[(b.c Add 1)][\"x\"]"),
        ("a.0.b", "a.0.b"),
        ("a.*.b.c[0].d", "splat.*(a: @.b.c)[0].d"),
        ("a.*.0.b", "splat.*(a: @.0.b)"),
        ("a[*].b[0].c", "splat[*](a: @.b[0].c)"),
        ("a[*].b[*].c", "splat[*](a: splat[*](@.b: @.c))"),
        ("a[*].b.*.c[0]", "splat[*](a: splat.*(@.b: @.c)[0])"),
        ("f(x).y", "f(x).y"),
        ("f()", "f()"),
        ("f(1, a...,\n)", ""),
        ("f(1, a...)", "f(1, a...)"),
        ("provider :: x::y(1,)", "provider::x::y(1)"),
        ("[1, [], [2,],]", "[1, [], [2]]"),
        (
            "{ a = 1, \"b\" = 2, (c) = 3, \"${d}\" : 4, null = 5, true = 6, 1.50 = 7, a.b = 8, a = 9 }",
            "{\"a\"=1, \"b\"=2, paren(c)=3, wrap(d)=4, \"null\"=5, \"true\"=6, \"1.5\"=7, a.b=8, \"a\"=9}",
        ),
        ("[for k, v in x : v if k]", "for k, v in x: v if k"),
        ("{for k, v in x : k => v...}", "for k, v in x: k => v..."),
        ("{for v in x : v.a => v if v.b && c}", "for v in x: v.a => v if (v.b And c)"),
        ("null", "null"),
        ("\"é\" == \"e\\u0301\"", "(\"é\" Eq \"é\")"),
        ("\"${a}\"", "wrap(a)"),
        ("\"${\"a\"}\"", "wrap(\"a\")"),
        ("\" ${~ a ~} \"", "tpl(${a})"),
        ("\"a${b}c${d}\"", "tpl(\"a\" ${b} \"c\" ${d})"),
        ("\"%{ if a }x%{ else }y${b}%{ endif }z\"", "tpl(if(a | \"x\" | \"y\" ${b}) \"z\")"),
        ("\"%{ for k, v in a }%{ if v }${k}%{ endif }%{ endfor }\"", "tpl(for(v in a | if(v | ${k} | )))"),
        ("<<E\na\nb\nE\n", "\"a\\nb\\n\""),
        ("<<-E\n  a ${b}\n   c\n  E\n", "tpl(\"a \" ${b} \"\\n c\\n\")"),
        ("<<E\nE\n", "\"\""),
        ("a\n+ b\n", "(a Add b)"),
    ];
    for (text, tree) in table {
        let (expr, _) = parse_expr(&Source::new("x", *text));
        assert_eq!(expr.map(|e| dump(&e)).unwrap_or_default(), *tree, "{text}");
    }
}

/// Every node's place is the text it was written as.
#[test]
fn spans_are_exact() {
    let text = " a.b[0] + f( x )[*].c.0 ? \"p${ q }\" : -(1) ";
    let (expr, _) = parse_expr(&Source::new("x", text));
    let expr = expr.unwrap();
    let mut found = Vec::new();
    fn walk(e: &Expr, found: &mut Vec<String>) {
        found.push(e.span.text().to_string());
        match &e.kind {
            ExprKind::Conditional(p) => p.iter().for_each(|e| walk(e, found)),
            ExprKind::Binary(_, p, op) => {
                found.push(op.text().to_string());
                p.iter().for_each(|e| walk(e, found));
            }
            ExprKind::Unary(_, e) | ExprKind::Paren(e) => walk(e, found),
            ExprKind::Attr(e, n) => {
                walk(e, found);
                found.push(n.span.text().to_string());
            }
            ExprKind::Index(e, k) => {
                walk(e, found);
                walk(k, found);
            }
            ExprKind::Splat { source, each, marker, .. } => {
                walk(source, found);
                walk(each, found);
                found.push(marker.text().to_string());
            }
            ExprKind::LegacyIndex(e, _, n) => {
                walk(e, found);
                found.push(n.text().to_string());
            }
            ExprKind::Call(c) => {
                found.push(c.name.span.text().to_string());
                c.args.iter().for_each(|e| walk(e, found));
            }
            ExprKind::Template(parts) => {
                for p in parts {
                    match p {
                        Part::Text(_, s) => found.push(s.text().to_string()),
                        Part::Interpolation(e) => walk(e, found),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    walk(&expr, &mut found);
    let expected = [
        text.trim(),
        "a.b[0] + f( x )[*].c.0",
        "+",
        "a.b[0]",
        "a.b",
        "a",
        "b",
        "0",
        "f( x )[*].c.0",
        "f( x )",
        "f",
        "x",
        "*].c.0",
        "*].c",
        "*",
        "c",
        "0",
        "*",
        "\"p${ q }\"",
        "p",
        "q",
        "-(1)",
        "(1)",
        "1",
    ];
    assert_eq!(found, expected);
}

/// Bodies: names, labels and places.
#[test]
fn bodies() {
    let source = Source::new("x", "\u{feff}a = 1\r\nb \"c\\\"d\" e { # x\r\n  f = 2\r\n  g {}\r\n}\r\nb h { i = 3 }");
    let (body, diags) = parse(&source);
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(body.attribute("a").unwrap().value.span.text(), "1");
    let blocks: Vec<_> = body.blocks("b").collect();
    let labels: Vec<_> =
        blocks.iter().map(|b| b.labels.iter().map(|l| (&*l.name, l.span.text())).collect::<Vec<_>>()).collect();
    assert_eq!(labels, [vec![("c\"d", "\"c\\\"d\""), ("e", "e")], vec![("h", "h")]]);
    assert_eq!(blocks[0].body.span.as_ref().unwrap().text(), "b \"c\\\"d\" e");
    assert_eq!(blocks[0].body.attribute("f").unwrap().name.span.line_column(), (3, 3));
    assert_eq!(blocks[0].body.blocks.len(), 1);
    assert_eq!(blocks[1].body.attribute("i").unwrap().value.span.text(), "3");
}

/// All errors of a text, each once, none that only follows from another.
#[test]
fn errors() {
    let table: &[(&str, &[&str])] = &[
        ("a = \"x\nb = 2\nc = 'y'\n", &["1:7 Invalid multi-line string", "3:5 Invalid character"]),
        (
            "a = f(1 2, 3, , 4)\nb = [1 2, {c = }, 3 4]\n",
            &[
                "1:9 Missing argument separator",
                "1:15 Invalid expression",
                "2:8 Missing item separator",
                "2:16 Invalid expression",
                "2:21 Missing item separator",
            ],
        ),
        (
            "x \"a\" {\n  b = 1 +\n  c = [1, 2\n  d = 3\n  d = 4\n}\ny = 1 1\n",
            &[
                "2:10 Invalid expression",
                "4:3 Missing item separator",
                "5:3 Attribute redefined",
                "7:7 Missing newline after argument",
            ],
        ),
        ("a {\n  b = {\n    c = 1\n}\nd {\n}\n", &["1:3 Unclosed configuration block"]),
        ("a {\n  b = {\n    c = (1\n}\nd {\n}\n", &["4:1 Unbalanced parentheses"]),
        (
            "a = 1\n}\nb = 2\n}\n",
            &["2:1 Argument or block definition required", "4:1 Argument or block definition required"],
        ),
        (
            "a b = 1\nc: 2\n\"d\" = 3\n",
            &["1:5 Invalid block definition", "2:1 Argument or block definition required", "3:1 Invalid argument name"],
        ),
        (
            "a = \"${b c} ${d e} \\q\"\n",
            &[
                "1:10 Extra characters after interpolation expression",
                "1:17 Extra characters after interpolation expression",
                "1:20 Invalid escape sequence",
            ],
        ),
        (
            "policy = jsonencode({\n  S = [{\n    A = 1\n  }]\n)\nb = = 1\n",
            &["5:1 Invalid expression", "6:5 Invalid expression"],
        ),
        ("a = <<EOT\nx\nEOT)\n", &["4:1 Unterminated template string"]),
        (
            "a = 5 and 6\nb = 1, \nc = x = y ? 1 : 2\n",
            &[
                "1:7 Missing newline after argument",
                "2:6 Unexpected comma after argument",
                "3:7 Missing newline after argument",
            ],
        ),
        (
            "a = x.0.1.2\nb = x.*.y.*.z\nc = 1.2.3\n",
            &[
                "1:7 Invalid legacy index syntax",
                "2:11 Nested splat expression not allowed",
                "3:5 Invalid number literal",
            ],
        ),
        (
            "a = \"%{ if x }%{ endfor }\"\nb = \"%{ elseif x }\"\nc = \"%{ if x }\"\n",
            &[
                "1:15 Unexpected endfor directive",
                "2:9 Invalid template control keyword",
                "3:15 Unexpected end of template",
            ],
        ),
        (
            "a = [for x in y : z => w]\nb = {for x in y : z}\nc = [for 1 in y : 2]\n",
            &["1:21 Invalid 'for' expression", "2:20 Invalid 'for' expression", "3:10 Invalid 'for' expression"],
        ),
    ];
    for (text, expected) in table {
        let (_, diags) = parse(&Source::new("x", *text));
        let found: Vec<String> = diags
            .iter()
            .map(|d| {
                let (line, column) = d.span.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", d.summary)
            })
            .collect();
        assert_eq!(&found, expected, "{text}");
        for d in diags.iter() {
            assert!(d.detail.ends_with('.') && !d.detail.contains("  "), "{}", d.detail);
        }
    }
    let (_, diags) = parse(&Source::new("x", "a = ;\n".repeat(1000)));
    assert_eq!(diags.iter().count(), 101);
}
