//! `region` on what lies in one, as version 6 of the AWS provider has it: understood in configuration and state, and written as the
//! lock file or the state that is there wants it.

use crate::support::place::Place;
use formwork::cli::Exit;
use serde_json::{Value as Json, json};
use std::fs;

const LOCK: &str = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"6.3.0\"\n}\n";

fn table(name: &str, more: &str) -> String {
    format!(
        "resource \"aws_dynamodb_table\" \"{name}\" {{\n  name = \"{name}-table\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  hash_key = \"id\"\n  \
         attribute {{\n    name = \"id\"\n    type = \"S\"\n  }}\n  {more}\n}}\n"
    )
}

fn attributes(place: &Place, ty: &str) -> Json {
    let text = fs::read_to_string(place.path().join(".formwork/sandbox/terraform.tfstate")).unwrap();
    let state: Json = serde_json::from_str(&text).unwrap();
    let found = state["resources"].as_array().unwrap().iter().find(|r| r["type"] == ty).cloned();
    found.unwrap_or_default()["instances"][0]["attributes"].clone()
}

fn settled(place: &Place) {
    let again = place.run("plan -detailed-exitcode");
    assert_eq!(again.exit, Exit::Done, "{}", again.all());
}

#[test]
fn an_object_lies_where_its_argument_says() {
    let here = table("here", "");
    let there = table("there", "region = local.where");
    let main = format!(
        "{here}{there}locals {{\n  where = \"eu-west-1\"\n}}\noutput \"arn\" {{ value = aws_dynamodb_table.there.arn }}\n"
    );
    let place = Place::with(&[("main.tf", &main)]);
    place.ok("validate");
    let plan = place.ok("plan -no-color");
    assert!(plan.contains("arn:aws:dynamodb:eu-west-1:000000000000:table/there-table"), "{plan}");
    place.ok("apply -auto-approve");
    settled(&place);
    // Another region is another object.
    place.write("main.tf", &main.replace("eu-west-1", "eu-north-1"));
    let plan = place.ok("plan -no-color");
    assert!(plan.contains("Plan: 1 to add, 0 to change, 1 to destroy."), "{plan}");
    place.ok("apply -auto-approve");
    settled(&place);
    place.ok("destroy -auto-approve");
    // Nothing was left in any of the regions: the same names are free.
    place.write("main.tf", &main);
    place.ok("apply -auto-approve");
}

#[test]
fn what_is_written_follows_the_lock_file() {
    for (lock, wanted) in [(None, Json::Null), (Some(LOCK), json!("us-east-1"))] {
        let place = Place::with(&[("main.tf", &table("t", ""))]);
        if let Some(lock) = lock {
            place.write(".terraform.lock.hcl", lock);
        }
        place.ok("apply -auto-approve");
        assert_eq!(attributes(&place, "aws_dynamodb_table")["region"], wanted);
        settled(&place);
        // What is there stays, whatever the lock file says later.
        place.write(".terraform.lock.hcl", "");
        settled(&place);
        place.write("main.tf", &table("t", "tags = { a = \"1\" }"));
        place.ok("apply -auto-approve");
        assert_eq!(attributes(&place, "aws_dynamodb_table")["region"], wanted);
        settled(&place);
    }
}

#[test]
fn references_may_name_it_where_version_6_is_meant() {
    let required = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n      version = \">= 6.0\"\n    }\n  }\n}\n";
    let rest = table("t", "")
        + "data \"aws_region\" \"r\" {}\noutput \"t\" { value = aws_dynamodb_table.t.region }\noutput \"r\" { value = data.aws_region.r.region }\n";
    let place = Place::with(&[("main.tf", &(required.to_owned() + &rest))]);
    place.ok("validate");
    place.ok("apply -auto-approve");
    settled(&place);
    assert_eq!(place.ok("output -raw t"), "us-east-1");
    assert_eq!(place.ok("output -raw r"), "us-east-1");
    // Version 5 has no such attribute, unless the argument is written.
    place.write("main.tf", &rest);
    let refused = place.run("validate -no-color");
    assert_eq!(refused.exit, Exit::Failed);
    assert!(refused.all().contains("Version 6 of the AWS provider gives it one."), "{}", refused.all());
    let written = table("t", "region = \"eu-west-1\"") + "output \"t\" { value = aws_dynamodb_table.t.region }\n";
    Place::with(&[("main.tf", &written)]).ok("apply -auto-approve");
}

#[test]
fn an_import_may_name_the_region() {
    let place = Place::with(&[("main.tf", &table("t", "region = \"eu-west-1\""))]);
    place.ok("apply -auto-approve");
    place.ok("state rm aws_dynamodb_table.t");
    place.ok("import aws_dynamodb_table.t t-table@eu-west-1");
    assert_eq!(attributes(&place, "aws_dynamodb_table")["region"], "eu-west-1");
    settled(&place);
}

#[test]
fn what_is_no_region_is_told_where_it_is_written() {
    for (argument, wanted) in [
        ("region = \"mars\"", "A region is named as"),
        ("region = [1]", "A region is named by a string"),
        ("region = terraform_data.x.output", "known only after apply"),
    ] {
        let main = table("t", argument) + "resource \"terraform_data\" \"x\" {\n  input = timestamp()\n}\n";
        let place = Place::with(&[("main.tf", &main)]);
        let output = place.run("plan -no-color");
        assert_eq!(output.exit, Exit::Failed, "{argument}: {}", output.all());
        assert!(output.err.contains(wanted) && output.err.contains("main.tf"), "{argument}: {}", output.err);
    }
    // What lies in no region has no such argument.
    let place = Place::with(&[("main.tf", "resource \"aws_iam_role\" \"r\" {\n  region = \"eu-west-1\"\n}\n")]);
    assert!(place.run("plan -no-color").err.contains("Unsupported argument"));
}
