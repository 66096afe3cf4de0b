//! Bodies against a schema.

use super::{facts, roots};
use crate::config::{Body, syntax};
use crate::diag::{Diags, Source};
use crate::eval::body::{eval_body, span_of};
use crate::eval::{Facts, Scope};
use crate::schema::{Attribute, Block, NestedBlock, Schema, Ty};
use crate::value::{Kind, Path, PathStep, Value, json};
use serde_json::json as j;

const RULE: Block = Block {
    attributes: &[Attribute::required("name", Ty::String), Attribute::optional("size", Ty::Number)],
    blocks: &[NestedBlock::list("part", Block { attributes: &[Attribute::optional("text", Ty::String)], blocks: &[] })],
};

const SCHEMA: Schema = Schema {
    name: "aws_test_thing",
    version: 0,
    doc: "A thing.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String),
            Attribute::optional("later", Ty::String).unsupported(),
            Attribute::optional("list", Ty::List(&Ty::Number)),
            Attribute::required("name", Ty::String),
            Attribute::optional_computed("tags", Ty::Map(&Ty::String)),
        ],
        blocks: &[
            NestedBlock::list("one", Block { attributes: &[Attribute::optional("x", Ty::Bool)], blocks: &[] })
                .items(0, 1),
            NestedBlock::list("rule", RULE),
            NestedBlock::set("tag", RULE),
            NestedBlock::list("unbuilt", RULE).unsupported(),
        ],
    },
    timeouts: &[("create", 60), ("delete", 60)],
};

fn body(text: &str) -> Body {
    let (file, diags) = syntax::parse(&Source::new("main.tf", text));
    assert!(diags.is_empty(), "{text}: {diags:?}");
    file.blocks.into_iter().next().unwrap().body
}

fn run(text: &str) -> (Value, Diags, Body) {
    let body = body(&format!("thing {{\n{text}\n}}\n"));
    let facts: Facts = facts();
    let scope = Scope { facts: &facts, base_dir: std::path::Path::new("."), roots: vec![roots()] };
    let mut diags = Diags::new();
    let value = eval_body(&body, &SCHEMA, &scope, &mut diags);
    (value, diags, body)
}

/// What was written; of the result, what is neither null nor empty.
#[test]
fn values() {
    let table = [
        ("name = \"a\"", j!({"name": "a"})),
        ("name = 5\n tags = { a = 1 }\n list = [\"2\", 3]", j!({"name": "5", "tags": {"a": "1"}, "list": [2, 3]})),
        (
            "name = each.key\n rule {\n name = \"r\"\n part {}\n }",
            j!({"name": "k", "rule": [{"name": "r", "part": [{}]}]}),
        ),
        (
            "name = \"a\"\n tag { name = \"z\" }\n tag { name = \"y\" }\n tag { name = \"y\" }",
            j!({"name": "a", "tag": [{"name": "y"}, {"name": "z"}]}),
        ),
        ("name = \"a\"\n timeouts {\n create = \"5m\"\n }", j!({"name": "a", "timeouts": {"create": "5m"}})),
        (
            "name = \"a\"\n rule { name = \"first\" }\n dynamic \"rule\" {\n for_each = local.list\n content {\n name = rule.value\n size = rule.key\n }\n }",
            j!({"name": "a", "rule": [{"name": "first"}, {"name": "a", "size": 0}, {"name": "b", "size": 1}]}),
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = local.map\n iterator = it\n content {\n name = it.key\n dynamic \"part\" {\n for_each = local.set\n content {\n text = \"${it.value}-${part.value}\"\n }\n }\n }\n }",
            j!({"name": "a", "rule": [{"name": "k", "part": [{"text": "1-9"}, {"text": "1-10"}]}]}),
        ),
        ("name = \"a\"\n dynamic \"one\" {\n for_each = []\n content {}\n }", j!({"name": "a"})),
        ("name = \"a\"\n later = null", j!({"name": "a"})),
        // What later versions of the provider have, as long as it says nothing.
        (
            "name = \"a\"\n consistency_mode = null\n dynamic \"warm_throughput\" {\n for_each = []\n content {\n any = 1\n }\n }",
            j!({"name": "a"}),
        ),
    ];
    for (text, expected) in table {
        let (value, diags, _) = run(text);
        assert!(diags.is_empty(), "{text}: {diags:?}");
        assert_eq!(value.ty(), SCHEMA.ty(), "{text}");
        assert_eq!(written(&json::to_json(&value)), expected, "{text}");
    }
}

fn written(json: &serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(fields) => {
            let is_empty = |v: &serde_json::Value| v.is_null() || v.as_array().is_some_and(Vec::is_empty);
            fields.iter().filter(|(_, v)| !is_empty(v)).map(|(k, v)| (k.clone(), written(v))).collect()
        }
        serde_json::Value::Array(items) => items.iter().map(written).collect(),
        json => json.clone(),
    }
}

/// What was written and each mistake: the text it points at, summary and help.
#[test]
fn mistakes() {
    let table: &[(&str, &[(&str, &str, &str)])] = &[
        (
            "nam = 1",
            &[("nam", "Unsupported argument", "Did you mean \"name\"?"), ("thing", "Missing required argument", "")],
        ),
        ("name = null", &[("null", "Missing required argument", "")]),
        ("name = [1]", &[("[1]", "Incorrect attribute value type", "")]),
        ("name = \"a\"\n tags = { a = 1, b = [2] }", &[("[2]", "Incorrect attribute value type", "")]),
        ("name = \"a\"\n list = [1, \"x\"]", &[("\"x\"", "Incorrect attribute value type", "")]),
        ("name = \"a\"\n arn = \"x\"", &[("arn", "Value for unconfigurable attribute", "")]),
        ("name = \"a\"\n later = \"x\"", &[("later", "Argument not supported yet", "")]),
        ("name = \"a\"\n unbuilt { name = \"x\" }", &[("unbuilt", "Block type not supported yet", "")]),
        ("name = \"a\"\n rul { name = \"x\" }", &[("rul", "Unsupported block type", "Did you mean \"rule\"?")]),
        (
            "name = \"a\"\n warm_throughput {}",
            &[(
                "warm_throughput",
                "Unsupported block type",
                "A later version of the AWS provider has \"warm_throughput\"; formwork has what version 5.100 has.",
            )],
        ),
        (
            "name = \"a\"\n consistency_mode = \"STRONG\"\n dynamic \"key_schema\" {\n for_each = [1]\n content {}\n }",
            &[
                (
                    "consistency_mode",
                    "Unsupported argument",
                    "A later version of the AWS provider has \"consistency_mode\"; formwork has what version 5.100 has.",
                ),
                (
                    "\"key_schema\"",
                    "Unsupported block type",
                    "A later version of the AWS provider has \"key_schema\"; formwork has what version 5.100 has.",
                ),
            ],
        ),
        (
            "name = \"a\"\n rule = []",
            &[("rule", "Unsupported argument", "To write a block of type \"rule\", remove the equals sign.")],
        ),
        (
            "name = \"a\"\n tags { a = 1 }",
            &[("tags", "Unsupported block type", "To set the argument \"tags\", put an equals sign behind its name.")],
        ),
        ("name = \"a\"\n rule \"l\" { name = \"x\" }", &[("\"l\"", "Extraneous block label", "")]),
        ("name = \"a\"\n one {}\n one {}", &[("one", "Too many blocks", "")]),
        (
            "name = \"a\"\n timeouts { creat = \"1m\" }",
            &[("creat", "Unsupported argument", "Did you mean \"create\"?")],
        ),
        ("name = \"a\"\n timeouts {}\n timeouts {}", &[("timeouts", "Duplicate timeouts block", "")]),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = null\n content {\n name = \"x\"\n }\n }",
            &[("null", "Invalid dynamic for_each value", "")],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = \"x\"\n content {\n name = \"x\"\n }\n }",
            &[("\"x\"", "Invalid dynamic for_each value", "")],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = [1]\n }",
            &[("dynamic \"rule\"", "Missing dynamic content block", "")],
        ),
        (
            "name = \"a\"\n dynamic \"rul\" {\n for_each = [1]\n content {}\n }",
            &[("\"rul\"", "Unsupported block type", "Did you mean \"rule\"?")],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = [1, 2]\n content {}\n }",
            &[("content", "Missing required argument", "")],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = local.list_hole\n content { size = [] }\n }",
            &[("content", "Missing required argument", ""), ("[]", "Incorrect attribute value type", "")],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = [1]\n iterator = \"x\"\n name = 1\n content {\n name = rule.value\n }\n }",
            &[
                ("name", "Unsupported argument", "Arguments of the blocks to be made go into the \"content\" block."),
                ("\"x\"", "Invalid dynamic iterator name", ""),
            ],
        ),
        (
            "name = \"a\"\n dynamic \"rule\" {\n for_each = [1]\n content {\n name = rule.vale\n }\n }",
            &[(".vale", "Unsupported attribute", "Did you mean \"value\"?")],
        ),
    ];
    for (text, expected) in table {
        let (value, diags, _) = run(text);
        let got: Vec<_> = diags
            .iter()
            .map(|d| (d.span.as_ref().map_or("", |s| s.text()), d.summary, d.help.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(got, *expected, "{text}");
        assert!(diags.iter().all(|d| d.detail.ends_with('.')), "{diags:?}");
        assert_eq!(value.ty(), SCHEMA.ty(), "{text}");
    }
}

#[test]
fn holes_and_marks() {
    let (value, diags, _) = run(
        "name = local.hole\n tags = local.any_hole\n dynamic \"rule\" {\n for_each = local.list_hole\n content {\n name = rule.value\n }\n }\n rule { name = \"x\" }",
    );
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(value.ty(), SCHEMA.ty());
    for name in ["name", "tags", "rule"] {
        assert!(!value.get(name).unwrap().is_known(), "{name}");
    }
    let (value, diags, _) = run(
        "name = var.secret\n dynamic \"rule\" {\n for_each = [1, var.secret]\n content {\n name = rule.value\n }\n }\n tag { name = var.secret }",
    );
    assert!(diags.is_empty(), "{diags:?}");
    assert!(value.get("name").unwrap().is_sensitive() && value.get("tag").unwrap().is_sensitive());
    let Kind::List(_, rules) = value.get("rule").unwrap().kind().clone() else { panic!() };
    assert_eq!(rules.iter().map(|r| r.get("name").unwrap().is_sensitive()).collect::<Vec<_>>(), [false, true]);
    let (value, _, _) =
        run("name = \"a\"\n dynamic \"rule\" {\n for_each = { (var.secret) = 1 }\n content {\n name = \"x\"\n }\n }");
    assert!(value.get("rule").unwrap().as_slice().unwrap()[0].is_sensitive());
}

#[test]
fn places() {
    let text = "name = \"a\"\n tags = { k = \"v\" }\n list = [1, 2 + 3]\n rule {\n name = \"r0\"\n }\n rule {\n name = \"r1\"\n part {\n text = \"t\"\n }\n }\n \
                dynamic \"rule\" {\n for_each = [1]\n content {\n name = \"r2\"\n }\n }\n tag { name = \"t0\" }\n tag { name = \"t1\" }";
    let (value, diags, body) = run(text);
    assert!(diags.is_empty(), "{diags:?}");
    let attr = |name: &str| PathStep::Attr(name.into());
    let i = PathStep::Index;
    let element = |i: usize| PathStep::Element(value.get("tag").unwrap().as_slice().unwrap()[i].clone());
    let table = [
        (vec![attr("name")], Some("\"a\"")),
        (vec![attr("tags"), PathStep::Key("k".into())], Some("\"v\"")),
        (vec![attr("tags"), PathStep::Key("z".into())], Some("{ k = \"v\" }")),
        (vec![attr("list"), i(1)], Some("2 + 3")),
        (vec![attr("rule"), i(0), attr("name")], Some("\"r0\"")),
        (vec![attr("rule"), i(1), attr("part"), i(0), attr("text")], Some("\"t\"")),
        (vec![attr("rule"), i(2), attr("name")], Some("\"r2\"")),
        (vec![attr("rule"), i(1)], Some("rule")),
        (vec![attr("rule"), i(0), attr("size")], Some("rule")),
        (vec![attr("tag"), element(1), attr("name")], Some("\"t1\"")),
        (vec![attr("one")], None),
        (vec![], None),
    ];
    for (path, expected) in table {
        let path = Path(path);
        assert_eq!(span_of(&body, &path).as_ref().map(|span| span.text()), expected, "{path}");
    }
}
