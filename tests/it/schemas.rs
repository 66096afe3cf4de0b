//! Every shape is the provider's: `tests/provider-5.100.0.txt` says what `terraform providers schema -json` says of the types we have,
//! one attribute or block a line. The table of arguments in SHORTCOMINGS.md counts by it.

use crate::support::place::repository;
use formwork::resources::{DATA_SOURCES, RESOURCES};
use formwork::schema::{Attribute, Block, Nesting, Schema, SetBy, Ty};
use std::collections::BTreeSet;
use std::fs;

fn provider() -> String {
    fs::read_to_string(repository("tests/provider-5.100.0.txt")).unwrap()
}

fn ty(of: Ty) -> String {
    match of {
        Ty::Any => "dynamic".into(),
        Ty::Bool => "bool".into(),
        Ty::Number => "number".into(),
        Ty::String => "string".into(),
        Ty::List(t) => format!("list({})", ty(*t)),
        Ty::Set(t) => format!("set({})", ty(*t)),
        Ty::Map(t) => format!("map({})", ty(*t)),
        Ty::Object(fields) => {
            let mut fields: Vec<String> = fields.iter().map(|(name, t)| format!("{name}={}", ty(*t))).collect();
            fields.sort();
            format!("object({{{}}})", fields.join(","))
        }
    }
}

fn attribute(path: &str, a: &Attribute) -> String {
    let set_by = match a.set_by {
        SetBy::Required => "required",
        SetBy::Optional => "optional",
        SetBy::OptionalComputed => "optional computed",
        SetBy::Computed => "computed",
    };
    format!("{path}.{}: {set_by} {}{}", a.name, ty(a.ty), if a.sensitive { " sensitive" } else { "" })
}

fn walk(path: &str, block: &Block, out: &mut BTreeSet<String>) {
    out.extend(block.attributes.iter().filter(|a| !a.unsupported).map(|a| attribute(path, a)));
    for b in block.blocks.iter().filter(|b| !b.unsupported) {
        let nesting = match b.nesting {
            Nesting::Single => "single",
            Nesting::List => "list",
            Nesting::Set => "set",
        };
        out.insert(format!("{path}.{}: block {nesting} {}-{}", b.name, b.min, b.max));
        walk(&format!("{path}.{}", b.name), &b.block, out);
    }
}

fn lines(kind: &str, schema: &Schema, out: &mut BTreeSet<String>) {
    let path = format!("{kind} {}", schema.name);
    out.insert(format!("{path}: version {}", schema.version));
    walk(&path, &schema.block, out);
    if !schema.timeouts.is_empty() {
        out.insert(format!("{path}.timeouts: block single 0-0"));
        out.extend(schema.timeouts.iter().map(|(name, _)| format!("{path}.timeouts.{name}: optional string")));
    }
}

#[test]
fn every_shape_is_the_providers() {
    let mut ours = BTreeSet::new();
    for resource in RESOURCES.iter().filter(|r| r.schema().name.starts_with("aws_")) {
        lines("resource", resource.schema(), &mut ours);
    }
    for source in DATA_SOURCES.iter().filter(|d| d.schema().name.starts_with("aws_")) {
        lines("data", source.schema(), &mut ours);
    }
    let text = provider();
    // The provider's library lets every type have an `id` that nobody may write.
    let plain = |lines: BTreeSet<String>| -> BTreeSet<String> {
        lines.into_iter().map(|l| l.replace(".id: optional computed", ".id: computed")).collect()
    };
    let (ours, theirs) = (plain(ours), plain(text.lines().map(str::to_string).collect()));
    let missing: Vec<&String> = theirs.difference(&ours).collect();
    let other: Vec<&String> = ours.difference(&theirs).collect();
    assert!(missing.is_empty() && other.is_empty(), "the provider has {missing:#?}\nand we have {other:#?}");
}

/// Arguments by the provider's lines: what a configuration may set, parts of nested blocks and `timeouts` included. `id` is taken
/// and not used.
fn arguments<'a>(lines: impl Iterator<Item = &'a str>, name: &str) -> usize {
    let start = format!("resource {name}.");
    let set = |line: &&str| line.contains(": required") || line.contains(": optional");
    lines.filter_map(|l| l.strip_prefix(&*start)).filter(set).filter(|l| !l.starts_with("id: ")).count()
}

#[test]
fn the_table_of_arguments_is_true() {
    let text = fs::read_to_string(repository("SHORTCOMINGS.md")).unwrap();
    let (_, table) = text.split_once("## Arguments\n").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let provider = provider();
    for resource in RESOURCES.iter().filter(|r| r.schema().name.starts_with("aws_")) {
        let name = resource.schema().name;
        let mut ours = BTreeSet::new();
        lines("resource", resource.schema(), &mut ours);
        let (have, all) = (arguments(ours.iter().map(String::as_str), name), arguments(provider.lines(), name));
        let row = format!("| `{name}` | {have} of {all} | ");
        assert!(table.contains(&row), "SHORTCOMINGS.md should say {row}");
    }
}
