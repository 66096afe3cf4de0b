//! References found in expressions and bodies.

use super::super::references::{Reference, Step, references_of_body, references_of_expr};
use super::super::syntax;
use crate::diag::Source;

fn text(r: &Reference) -> String {
    let step = |s: &Step| match s {
        Step::Attr(name) => format!(".{}", name.name),
        Step::Key(value, _) => format!("[{value:?}]"),
        Step::Computed(e, _) => format!("[({})]", e.span.text()),
        Step::Splat(_) => "[*]".into(),
    };
    let instance = r.instance.iter().map(step).collect::<String>();
    let rest = r.rest.iter().map(step).collect::<String>();
    format!(
        "{}{}{}",
        r.subject,
        if instance.is_empty() { instance } else { format!(" {instance}") },
        if rest.is_empty() { rest } else { format!(" {rest}") }
    )
}

fn of_expr(source: &str) -> Vec<String> {
    let (expr, diags) = syntax::parse_expr(&Source::new("x", source));
    assert!(diags.is_empty(), "{source}: {diags:?}");
    references_of_expr(&expr.unwrap()).iter().map(text).collect()
}

fn of_body(source: &str) -> Vec<String> {
    let (body, diags) = syntax::parse(&Source::new("x", source));
    assert!(diags.is_empty(), "{source}: {diags:?}");
    references_of_body(&body).iter().map(text).collect()
}

#[test]
fn references_are_found_in_order() {
    for (source, found) in [
        ("1 + 2", vec![]),
        ("var.a", vec!["var.a"]),
        ("var.a.b[0].c[\"d\"]", vec!["var.a .b[0].c[\"d\"]"]),
        ("\"${local.x}-${path.module}-${terraform.workspace}\"", vec!["local.x", "path.module", "terraform.workspace"]),
        ("aws_iam_role.r", vec!["aws_iam_role.r"]),
        ("aws_iam_role.r.arn", vec!["aws_iam_role.r .arn"]),
        ("aws_iam_role.r[0].arn", vec!["aws_iam_role.r [0] .arn"]),
        ("aws_iam_role.r[each.key].arn", vec!["aws_iam_role.r [(each.key)] .arn", "each.key"]),
        ("aws_iam_role.r[*].arn", vec!["aws_iam_role.r [*] .arn"]),
        ("aws_iam_role.r.*.arn", vec!["aws_iam_role.r [*] .arn"]),
        ("aws_iam_role.r.0.arn", vec!["aws_iam_role.r [0] .arn"]),
        ("resource.aws_iam_role.r.arn", vec!["aws_iam_role.r .arn"]),
        ("data.aws_region.r.name", vec!["data.aws_region.r .name"]),
        ("data.aws_region.r[count.index].name", vec!["data.aws_region.r [(count.index)] .name", "count.index"]),
        ("module.m", vec!["module.m"]),
        ("module.m.o.x", vec!["module.m.o .x"]),
        ("module.m[0].o", vec!["module.m.o [0]"]),
        ("module.m[*].o.x", vec!["module.m.o [*] .x"]),
        ("module.m[local.k].o", vec!["module.m.o [(local.k)]", "local.k"]),
        ("self.x", vec!["self .x"]),
        ("f(var.a, [local.b], { (var.c) = var.d, e = var.f })", vec!["var.a", "local.b", "var.c", "var.d", "var.f"]),
        ("var.a ? var.b : !var.c && var.d == -var.e", vec!["var.a", "var.b", "var.c", "var.d", "var.e"]),
        ("(var.a).b", vec!["var.a"]),
        ("f(var.a).b[var.c]", vec!["var.a", "var.c"]),
        ("[for k, v in var.a : \"${k}${v.x}${w.y}\" if v.z]", vec!["var.a", "w.y"]),
        ("{ for v in v.x : v.a => v.b... if v.c }", vec!["v.x"]),
        ("[for x in [1] : [for y in x : y + x + z.a]]", vec!["z.a"]),
        ("[for var in [1] : var.a]", vec![]),
        (
            "\"%{ for x in var.l }${x.a}%{ if y.b }${z.c}%{ else }${u.d}%{ endif }%{ endfor }${x.e}\"",
            vec!["var.l", "y.b", "z.c", "u.d", "x.e"],
        ),
        ("var.l[*].a[var.i]", vec!["var.l [*].a[(var.i)]", "var.i"]),
        ("[var.a, var, foo, path.nope, data.x, each.x]", vec!["var.a"]),
    ] {
        assert_eq!(of_expr(source), found, "{source}");
    }
}

#[test]
fn dynamic_blocks_bind_their_iterator() {
    let found = of_body(
        r#"a = a.x
           block {
             b = b.x
           }
           dynamic "d" {
             for_each = d.outside
             content {
               c = d.value
               e = e.x
               dynamic "inner" {
                 for_each = d.value
                 iterator = it
                 labels   = [it.key, l.x]
                 content {
                   f = [it.value, d.key, inner.x]
                 }
               }
             }
           }
           g = d.y
        "#,
    );
    assert_eq!(found, ["a.x", "d.y", "b.x", "d.outside", "e.x", "l.x", "inner.x"]);
}

#[test]
fn as_deep_as_an_expression_can_be() {
    for (source, count) in [
        (format!("a{}", ".b".repeat(200)), 1),
        (vec!["var.a"; 200].join(" + "), 200),
        (format!("x.y{}", "[*].z".repeat(90)), 1),
        (format!("{}a.b{}", "[".repeat(200), "]".repeat(200)), 1),
        (format!("{}x.y{}", "[for v in ".repeat(100), " : v.z]".repeat(100)), 1),
    ] {
        assert_eq!(of_expr(&source).len(), count, "{}", &source[..40]);
    }
}
