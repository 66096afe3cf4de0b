//! What holds for every type and every input, whatever comes later.

use crate::support::place::Place;
use formwork::resources::{DATA_SOURCES, RESOURCES};
use formwork::schema::{Block, Schema, SetBy};
use proptest::prelude::*;

fn schemas() -> Vec<&'static Schema> {
    RESOURCES.iter().map(|r| r.schema()).chain(DATA_SOURCES.iter().map(|d| d.schema())).collect()
}

fn walk(name: &str, block: &Block, wrong: &mut Vec<String>) {
    let names: Vec<&str> = block.attributes.iter().map(|a| a.name).chain(block.blocks.iter().map(|b| b.name)).collect();
    for (i, n) in names.iter().enumerate() {
        if names[..i].contains(n) {
            wrong.push(format!("{name}.{n} is there twice"));
        }
    }
    for a in block.attributes {
        if a.doc.is_empty() {
            wrong.push(format!("{name}.{} has no words", a.name));
        }
        if a.set_by == SetBy::Required && a.default.is_some() {
            wrong.push(format!("{name}.{} is required and has a default", a.name));
        }
        for other in a.conflicts_with.iter().filter(|o| !names.contains(o)) {
            wrong.push(format!("{name}.{} conflicts with {other}, which is not there", a.name));
        }
        for other in a.moves_with.iter().filter(|o| **o != "*" && !names.contains(o)) {
            wrong.push(format!("{name}.{} moves with {other}, which is not there", a.name));
        }
    }
    for b in block.blocks {
        if let Some(by) = b.named_by.filter(|by| b.block.attribute(by).is_none()) {
            wrong.push(format!("{name}.{} is named by {by}, which is not there", b.name));
        }
        walk(&format!("{name}.{}", b.name), &b.block, wrong);
    }
}

#[test]
fn every_schema_is_sound_and_every_attribute_documented() {
    let mut wrong = Vec::new();
    for schema in schemas() {
        walk(schema.name, &schema.block, &mut wrong);
        if schema.doc.is_empty() {
            wrong.push(format!("{} has no words", schema.name));
        }
    }
    for (kind, names) in [
        ("resource", RESOURCES.iter().map(|r| r.schema().name).collect::<Vec<_>>()),
        ("data source", DATA_SOURCES.iter().map(|d| d.schema().name).collect()),
    ] {
        for (i, n) in names.iter().enumerate() {
            if names[..i].contains(n) {
                wrong.push(format!("the {kind} {n} is in the table twice"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is deployed, the next plan is empty; whatever is changed, too; and in the end nothing is left.
    #[test]
    fn after_a_successful_apply_plan_is_empty(
        names in prop::collection::btree_set("[a-z]{3,8}", 1..4),
        tag in "[A-Za-z0-9 ]{0,12}",
        more in prop::collection::btree_set("[a-z]{3,8}", 0..4),
    ) {
        let list = |names: &std::collections::BTreeSet<String>| {
            names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ")
        };
        let config = |names: &std::collections::BTreeSet<String>, tag: &str| format!(r#"
            resource "aws_dynamodb_table" "t" {{
              for_each     = toset([{}])
              name         = each.key
              billing_mode = "PAY_PER_REQUEST"
              hash_key     = "id"
              attribute {{
                name = "id"
                type = "S"
              }}
              tags = {{ Name = "{tag}" }}
            }}
            output "arns" {{
              value = {{ for k, t in aws_dynamodb_table.t : k => t.arn }}
            }}
        "#, list(names));
        let place = Place::with(&[("main.tf", &config(&names, &tag))]);
        place.ok("apply -auto-approve");
        prop_assert!(place.ok("plan").contains("No changes."));
        place.write("main.tf", &config(&more, "other"));
        place.ok("apply -auto-approve");
        prop_assert!(place.ok("plan").contains("No changes."));
        place.ok("destroy -auto-approve");
        prop_assert_eq!(place.ok("state list").lines().filter(|l| !l.starts_with("Sandbox")).count(), 0);
    }
}
