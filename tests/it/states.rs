//! States that other programs wrote: older and newer shapes, tainted and deposed objects, private notes, attributes that nobody knows.

use crate::support::place::Place;
use formwork::cli::Exit;
use serde_json::{Value as Json, json};
use std::fs;

const STACK: &str = r#"
resource "aws_dynamodb_table" "t" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  timeouts {
    create = "5m"
  }
}

resource "aws_cloudwatch_log_group" "g" {
  name = "/g"
  tags = { a = "1" }
}
"#;

fn path(place: &Place) -> std::path::PathBuf {
    place.path().join(".formwork/sandbox/terraform.tfstate")
}

fn state(place: &Place) -> Json {
    serde_json::from_str(&fs::read_to_string(path(place)).unwrap()).unwrap()
}

/// Changes the instance of a type in the stored state.
fn change(place: &Place, ty: &str, with: impl Fn(&mut Json)) {
    let mut state = state(place);
    let resources = state["resources"].as_array_mut().unwrap();
    let resource = resources.iter_mut().find(|r| r["type"] == ty).unwrap();
    with(&mut resource["instances"][0]);
    fs::write(path(place), state.to_string()).unwrap();
}

fn instances(place: &Place, ty: &str) -> Vec<Json> {
    let state = state(place);
    let found = state["resources"].as_array().unwrap().iter().find(|r| r["type"] == ty).cloned();
    found.map(|r| r["instances"].as_array().unwrap().clone()).unwrap_or_default()
}

fn applied() -> Place {
    let place = Place::with(&[("main.tf", STACK)]);
    place.ok("apply -auto-approve");
    place
}

fn settled(place: &Place) {
    let again = place.run("plan -detailed-exitcode");
    assert_eq!(again.exit, Exit::Done, "{}", again.all());
}

#[test]
fn a_newer_shape_is_refused_and_left_alone() {
    let place = applied();
    change(&place, "aws_dynamodb_table", |i| i["schema_version"] = json!(99));
    let before = fs::read(path(&place)).unwrap();
    for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "refresh"] {
        let output = place.run(command);
        assert_eq!(output.exit, Exit::Failed, "{command}: {}", output.all());
        for wanted in ["managed by newer provider version", "aws_dynamodb_table.t", "99"] {
            assert!(output.err.contains(wanted), "{command}: {wanted} is not in {}", output.err);
        }
        assert_eq!(fs::read(path(&place)).unwrap(), before, "{command} wrote");
    }
}

#[test]
fn older_shapes_are_read_and_brought_up_to_date() {
    let place = applied();
    // As provider 2 wrote it: without what came later, with what went since.
    change(&place, "aws_dynamodb_table", |i| {
        i["schema_version"] = json!(0);
        let attributes = i["attributes"].as_object_mut().unwrap();
        for later in ["deletion_protection_enabled", "import_table", "on_demand_throughput", "table_class", "tags_all"]
        {
            attributes.shift_remove(later);
        }
        attributes.insert("gone_since".into(), json!("x"));
    });
    change(&place, "aws_cloudwatch_log_group", |i| {
        let attributes = i["attributes"].as_object_mut().unwrap();
        for later in ["log_group_class", "skip_destroy", "tags_all", "name_prefix"] {
            attributes.shift_remove(later);
        }
    });
    settled(&place);
    place.ok("apply -auto-approve -refresh-only");
    let table = &instances(&place, "aws_dynamodb_table")[0];
    assert_eq!(table["schema_version"], 1);
    assert_eq!(table["attributes"]["table_class"], "STANDARD");
    assert!(table["attributes"].get("gone_since").is_none(), "today's shape has no such attribute");
    settled(&place);
}

#[test]
fn what_an_equal_shape_has_beyond_ours_is_kept() {
    let place = applied();
    change(&place, "aws_cloudwatch_log_group", |i| {
        i["attributes"]["of_tomorrow"] = json!([{"a": 1}]);
        i["identity_schema_version"] = json!(0);
        i["identity"] = json!({"account_id": "000000000000", "name": "/g"});
    });
    let before = instances(&place, "aws_cloudwatch_log_group");
    settled(&place);
    place.ok("apply -auto-approve");
    assert_eq!(instances(&place, "aws_cloudwatch_log_group"), before);
    place.write("main.tf", &STACK.replace("a = \"1\"", "a = \"2\""));
    place.ok("apply -auto-approve");
    let after = &instances(&place, "aws_cloudwatch_log_group")[0];
    for kept in ["identity_schema_version", "identity"] {
        assert_eq!(after[kept], before[0][kept]);
    }
    assert_eq!(after["attributes"]["of_tomorrow"], json!([{"a": 1}]));
}

#[test]
fn private_notes_hold_the_timeouts_as_the_provider_keeps_them() {
    use base64::Engine;
    let place = applied();
    let notes = |ty: &str| -> Json {
        let private = instances(&place, ty)[0]["private"].as_str().unwrap().to_string();
        serde_json::from_slice(&base64::engine::general_purpose::STANDARD.decode(private).unwrap()).unwrap()
    };
    let minutes = 60_000_000_000u64;
    let table = notes("aws_dynamodb_table");
    assert_eq!(table["schema_version"], "1");
    let times = &table["e2bfb730-ecaa-11e6-8f88-34363bc7c4c0"];
    assert_eq!(times["create"], json!(5 * minutes));
    assert_eq!(times["delete"], json!(10 * minutes), "the provider's default");
    assert_eq!(notes("aws_cloudwatch_log_group"), json!(null));
}

#[test]
fn a_tainted_object_is_replaced_and_a_deposed_one_is_deleted() {
    let place = applied();
    change(&place, "aws_cloudwatch_log_group", |i| i["status"] = json!("tainted"));
    let plan = place.ok("plan -no-color");
    assert!(plan.contains("is tainted, so must be replaced"), "{plan}");
    place.ok("apply -auto-approve");
    assert!(instances(&place, "aws_cloudwatch_log_group")[0].get("status").is_none());
    settled(&place);

    // What a replacement that was cut short left behind: another group, which is there.
    place.write("other.tf", "resource \"aws_cloudwatch_log_group\" \"old\" {\n  name = \"/old\"\n}\n");
    place.ok("apply -auto-approve");
    let mut old = {
        let state = state(&place);
        let all = state["resources"].as_array().unwrap().clone();
        all.into_iter().find(|r| r["name"] == "old").unwrap()["instances"][0].clone()
    };
    old["deposed"] = json!("0a1b2c3d");
    let mut whole = state(&place);
    let resources = whole["resources"].as_array_mut().unwrap();
    resources.retain(|r| r["name"] != "old");
    let group = resources.iter_mut().find(|r| r["type"] == "aws_cloudwatch_log_group").unwrap();
    group["instances"].as_array_mut().unwrap().push(old);
    fs::write(path(&place), whole.to_string()).unwrap();
    fs::remove_file(place.path().join("other.tf")).unwrap();

    let plan = place.ok("plan -no-color");
    assert!(plan.contains("0a1b2c3d") && plan.contains("Plan: 0 to add, 0 to change, 1 to destroy."), "{plan}");
    place.ok("apply -auto-approve");
    assert_eq!(instances(&place, "aws_cloudwatch_log_group").len(), 1);
    settled(&place);
    // The name is free again: it was really deleted.
    place.write("other.tf", "resource \"aws_cloudwatch_log_group\" \"old\" {\n  name = \"/old\"\n}\n");
    place.ok("apply -auto-approve");
}

#[test]
fn the_form_of_terraform_0_11_is_refused_in_words() {
    let place = applied();
    change(&place, "aws_cloudwatch_log_group", |i| {
        let members = i.as_object_mut().unwrap();
        members.shift_remove("attributes");
        members.insert("attributes_flat".into(), json!({"id": "/g", "name": "/g", "tags.%": "1", "tags.a": "1"}));
    });
    let output = place.run("plan");
    assert_eq!(output.exit, Exit::Failed);
    assert!(output.err.contains("Terraform 0.11"), "{}", output.err);
}
