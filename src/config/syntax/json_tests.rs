//! Tables: JSON texts, what is wrong with them, and the bodies and expressions that come out.

use super::tests::dump;
use super::*;
use crate::config::{Block, expr};

fn found(diags: &Diags) -> Vec<String> {
    let line = |d: &crate::diag::Diagnostic| {
        let (line, column) = d.span.as_ref().unwrap().line_column();
        format!("{line}:{column} {}", d.summary)
    };
    diags.iter().map(line).collect()
}

/// Values, numbers and escapes as Terraform 1.11.4 reads them.
#[test]
fn values() {
    let table = [
        ("null", "null"),
        (" [true, false,\t[] , {} ] \r\n", "[true, false, [], {}]"),
        ("[0, 1.50, 1e3, 1E+2, -2.5e-1]", "[0, 1.5, 1000, 100, -0.25]"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("{\"a\": {\"b\": \"c\"}, \"a\": 2}", "{\"a\": 2}"),
        (
            r#""\ud83d\ude00 \ud800 \udc00 \ud800\u0041 \/\b\f\n\r\t\"\\ \u00E9""#,
            r#""😀 � � �A /\u{8}\u{c}\n\r\t\"\\ é""#,
        ),
        ("\"e\u{301} ${not} read\"", "\"é ${not} read\""),
        ("\u{feff}1", "1"),
    ];
    for (text, value) in table {
        let (json, diags) = parse_json_value(&Source::new("x.json", text));
        assert_eq!(json.map(|j| format!("{:?}", j.to_value())).as_deref(), Some(value), "{text} {diags:?}");
    }
}

/// What is no JSON, and where.
#[test]
fn errors() {
    let table = [
        ("", "1:1 Missing JSON value"),
        ("01", "1:1 Invalid JSON number"),
        ("+1", "1:1 Invalid JSON number"),
        (".5", "1:1 Invalid JSON number"),
        ("1.", "1:1 Invalid JSON number"),
        ("1e", "1:1 Invalid JSON number"),
        ("0x1", "1:1 Invalid JSON number"),
        ("1e9999999999", "1:1 Invalid JSON number"),
        ("tru", "1:1 Invalid JSON keyword"),
        ("True", "1:1 Invalid JSON keyword"),
        ("[\n abc]", "2:2 Invalid JSON keyword"),
        ("'x'", "1:1 Invalid JSON value"),
        ("// x\n{}", "1:1 Invalid JSON value"),
        ("{\"a\": 1,}", "1:9 Trailing comma in object"),
        ("[1,]", "1:4 Trailing comma in array"),
        ("[1 2]", "1:4 Missing comma"),
        ("{\"a\": 1 \"b\": 2}", "1:9 Missing comma"),
        ("{\"a\" 1}", "1:6 Missing property value colon"),
        ("{\"a\" = 1}", "1:6 Missing property value colon"),
        ("{a: 1}", "1:2 Invalid object property name"),
        ("{1: 1}", "1:2 Invalid object property name"),
        ("{\"a\": }", "1:7 Missing JSON value"),
        ("[1}", "1:3 Mismatched brackets"),
        ("{\"a\": [1, {", "1:11 Unclosed object"),
        ("{\"a\": [1", "1:7 Unclosed array"),
        ("{} x", "1:4 Extraneous data after value"),
        ("\"a\tb\"", "1:3 Invalid JSON string"),
        ("\"a\nb\"", "1:1 Invalid JSON string"),
        ("\"a", "1:1 Invalid JSON string"),
        ("\"é\\q\"", "1:3 Invalid JSON string"),
        ("\"\\u12\"", "1:2 Invalid JSON string"),
        ("\"\\u+123\"", "1:2 Invalid JSON string"),
        ("\"\\é\"", "1:2 Invalid JSON string"),
        ("\u{a0}1", "1:1 Missing JSON value"),
    ];
    for (text, error) in table {
        let (json, diags) = parse_json_value(&Source::new("x.json", text));
        assert_eq!((json.is_none(), found(&diags)), (true, vec![error.to_string()]), "{text}");
    }
    let deep = |n: usize| parse_json_value(&Source::new("x.json", format!("{}{}", "[".repeat(n), "]".repeat(n))));
    assert!(deep(220).0.is_some());
    assert_eq!(found(&deep(3000).1), ["1:225 Nested too deeply"]);
}

/// A body with all its blocks, in a short form of its own. `names` are the blocks at every level.
fn outline(body: &Body, names: &[(&str, usize)], diags: &mut Diags) -> String {
    let body = body.shaped(names, diags);
    let mut parts: Vec<String> =
        body.attributes.iter().map(|a| format!("{}={}", a.name.name, dump(&a.value))).collect();
    let block = |b: &Block, diags: &mut Diags| {
        let labels: String = b.labels.iter().map(|l| format!(" {}", l.name)).collect();
        format!("{}{labels}({})", b.ty.name, outline(&b.body, names, diags))
    };
    parts.extend(body.blocks.iter().map(|b| block(b, diags)));
    parts.join(" ")
}

/// What is a block, what an argument, what a template. Accepted and refused as by Terraform 1.11.4.
#[test]
fn bodies() {
    let names = [
        ("r", 2),
        ("output", 1),
        ("variable", 1),
        ("locals", 0),
        ("terraform", 0),
        ("inner", 0),
        ("dynamic", 1),
        ("content", 0),
    ];
    let table: &[(&str, &str, &[&str])] = &[
        ("{}", "", &[]),
        ("[]", "", &[]),
        ("\"x\"", "", &["1:1 Root value must be object"]),
        ("[1]", "", &["1:2 Incorrect JSON value type"]),
        ("[{\"locals\": {\"a\": 1}}, {\"//\": 0, \"x\": true}]", "x=true locals(a=1)", &[]),
        (
            "{\"output\": {\"a\": {\"value\": 1}, \"b\": [{\"//\": [], \"value\": null}]}}",
            "output a(value=1) output b(value=null)",
            &[],
        ),
        ("{\"output\": [{\"a\": {}}, null, {\"b\": null, \"c\": []}]}", "output a()", &[]),
        ("{\"output\": {\"a\": [{}, null]}, \"output\": {\"c\": {}}}", "output a() output a() output c()", &[]),
        (
            "{\"r\": {\"x\": {\"y\": {\"inner\": [{\"k\": 1}, {\"k\": 2}]}}, \"z\": [{\"w\": {}}]}}",
            "r x y(inner(k=1) inner(k=2)) r z w()",
            &[],
        ),
        ("{\"output\": null}", "", &["1:12 Missing block label"]),
        ("{\"output\": []}", "", &["1:12 Missing block label"]),
        ("{\"r\": {\"x\": {}}}", "", &["1:13 Missing block label"]),
        ("{\"output\": \"x\"}", "", &["1:12 Incorrect JSON value type"]),
        ("{\"output\": {\"a\": \"x\"}}", "", &["1:18 Incorrect JSON value type"]),
        ("{\"output\": {\"a\": [\"x\"]}}", "output a()", &["1:19 Incorrect JSON value type"]),
        ("{\"output\": {\"//\": \"c\"}}", "", &["1:19 Incorrect JSON value type"]),
        ("{\"output\": {\"a\": {\"value\": 1, \"value\": 2}}}", "output a(value=1)", &["1:31 Duplicate argument"]),
        (
            "{\"locals\": {\"a\": {\"x\": 1, \"//\": 3, \"x\": 2}}}",
            "locals(a={\"x\"=1, \"//\"=3, \"x\"=2})",
            &["1:36 Duplicate object attribute"],
        ),
        (
            r#"{"locals": {"a": "${b}", "c": ["x${d}", "$${e}%%{f}"], "g": {"k${h}": "%{ if i }j%{ endif }", "l.m": "n"}}}"#,
            r#"locals(a=wrap(b) c=[tpl("x" ${d}), "${e}%{f}"] g={tpl("k" ${h})=tpl(if(i | "j" | )), "l.m"="n"})"#,
            &[],
        ),
        (r#"{"locals": {"a": "line\nx ${b +}"}}"#, "locals(a=\"line\\nx ${b +}\")", &["1:32 Invalid expression"]),
        (
            r#"{"variable": {"v": {"default": {"a${": ["${"]}, "type": "list(string)"}}, "terraform": {"inner": {"x": "${"}}, "output": {"o": {"description": "${", "value": "${"}}}"#,
            r#"variable v(default={"a${"=["${"]} type="list(string)") terraform(inner(x="${")) output o(description="${" value="${")"#,
            &["1:162 Missing expression"],
        ),
        (
            r#"{"inner": {"dynamic": {"inner": [{"for_each": "${a}", "content": {"b": "${c.value}"}}]}}}"#,
            "inner(dynamic inner(for_each=wrap(a) content(b=wrap(c.value))))",
            &[],
        ),
    ];
    for (text, expected, errors) in table {
        let source = Source::new("x.tf.json", *text);
        let (body, mut diags) = parse_json(&source);
        assert_eq!(
            (&*outline(&body, &names, &mut diags), found(&diags)),
            (*expected, errors.iter().map(|e| e.to_string()).collect()),
            "{text}"
        );
    }
}

/// A resource's body is shaped twice: for what every resource has, then for what its type has.
#[test]
fn bodies_are_shaped_again() {
    let text = r#"{"resource": {"t": {"n": {"count": "${1}", "lifecycle": {"x": 1}, "a": {"k": "${v}"}, "a": {"k": 2}, "b": {"c": "d"}, "b": {"c": "e"}}}}}"#;
    let (root, mut diags) = parse_json(&Source::new("x.tf.json", text));
    let root = root.shaped(&[("resource", 2)], &mut diags).into_owned();
    let body = &root.blocks[0].body;
    assert_eq!(body.span.as_ref().unwrap().text(), "\"n\"");
    let first = body.shaped(&[("lifecycle", 0)], &mut diags).into_owned();
    assert_eq!((first.blocks.len(), first.attributes.len()), (1, 5));
    assert_eq!(found(&diags), Vec::<String>::new());
    let second = first.shaped(&[("a", 0)], &mut diags);
    assert_eq!(second.blocks("a").map(|b| dump(&b.body.attributes[0].value)).collect::<Vec<_>>(), ["wrap(v)", "2"]);
    assert_eq!(second.attribute("b").unwrap().value.span.text(), r#"{"c": "d"}"#);
    assert_eq!(found(&diags), ["1:119 Duplicate argument"]);
    let native = parse(&Source::new("x.tf", "a = 1\n")).0;
    assert!(matches!(native.shaped(&[("a", 0)], &mut diags), std::borrow::Cow::Borrowed(_)));
}

/// Places inside strings, also behind escapes.
#[test]
fn places_in_strings() {
    let text = r#"{"x": "\u00e9\"\ud83d\ude00${ local.é[\"k\"] }"}"#;
    let (body, mut diags) = parse_json(&Source::new("x.tf.json", text));
    let body = body.shaped(&[], &mut diags);
    let expr::ExprKind::Template(parts) = &body.attributes[0].value.kind else { panic!("{body:?}") };
    let [expr::Part::Text(t, place), expr::Part::Interpolation(e)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((&**t, place.text()), ("é\"😀", r#"\u00e9\"\ud83d\ude00"#));
    assert_eq!(e.span.text(), r#"local.é[\"k\"]"#);
}
