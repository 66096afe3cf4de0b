//! What Terraform 1.11.4 with the AWS provider 5.100.0 plans, for many objects at once and step by step: `tests/provider/NAME/step-N.tf`, and in
//! `actions.json` what it did with each address (asked of it on moto; no-ops left out). Here each step is planned on the embedded AWS,
//! applied, and planned again, which must come to nothing.

use crate::support::place::{Place, repository};
use formwork::cli::Exit;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

type Actions = BTreeMap<String, Vec<String>>;

fn planned(place: &Place) -> Actions {
    place.ok("plan -out=p -no-color");
    let plan: Json = serde_json::from_str(&place.ok("show -json p")).unwrap();
    let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    changes
        .iter()
        .filter(|c| c["mode"] == "managed")
        .map(|c| {
            let actions = c["change"]["actions"].as_array().unwrap();
            let actions = actions.iter().map(|a| a.as_str().unwrap().to_string()).collect();
            (c["address"].as_str().unwrap().to_string(), actions)
        })
        .filter(|(_, actions): &(String, Vec<String>)| actions != &["no-op"])
        .collect()
}

fn follow(folder: &Path) -> usize {
    let text = fs::read_to_string(folder.join("actions.json")).unwrap();
    let steps: Vec<Actions> = serde_json::from_str(&text).unwrap();
    let place = Place::with(&[]);
    for (n, wanted) in steps.iter().enumerate() {
        let at = format!("{} step {}", folder.display(), n + 1);
        place.write("main.tf", &fs::read_to_string(folder.join(format!("step-{}.tf", n + 1))).unwrap());
        let got = planned(&place);
        let differing: Vec<_> = wanted
            .keys()
            .chain(got.keys())
            .filter(|address| wanted.get(*address) != got.get(*address))
            .map(|address| format!("{address}: Terraform {:?}, here {:?}", wanted.get(address), got.get(address)))
            .collect();
        assert!(differing.is_empty(), "{at}:\n{}", differing.join("\n"));
        place.ok("apply -auto-approve -allow-data-loss -no-color");
        let again = place.run("plan -detailed-exitcode -no-color");
        assert_eq!(again.exit, Exit::Done, "{at}, the second plan: {}", again.all());
    }
    place.ok("destroy -auto-approve -allow-data-loss -no-color");
    steps.len()
}

#[test]
fn plans_are_terraforms_step_by_step() {
    let mut folders = 0;
    for entry in fs::read_dir(repository("tests/provider")).unwrap() {
        let path = entry.unwrap().path();
        folders += usize::from(follow(&path) > 1);
    }
    assert!(folders >= 3);
}

#[test]
fn mistakes_that_terraform_finds_before_the_apply() {
    let table = |more: &str| {
        format!(
            "resource \"aws_dynamodb_table\" \"t\" {{\n name = \"orders\"\n billing_mode = \"PAY_PER_REQUEST\"\n hash_key = \"id\"\n \
             attribute {{\n name = \"id\"\n type = \"S\"\n }}\n {more}\n}}\n"
        )
    };
    let role =
        |more: &str| format!("resource \"aws_iam_role\" \"r\" {{\n assume_role_policy = \"{{}}\"\n {more}\n}}\n");
    let ignoring = |what: &str| table(&format!("lifecycle {{\n ignore_changes = [{what}]\n }}"));
    for (text, summary) in [
        (table("timeouts {\n create = \"ten minutes\"\n }"), "Invalid duration"),
        (table("id = \"x\""), "Value for unconfigurable attribute"),
        (role("id = \"x\""), "Value for unconfigurable attribute"),
        (role("name_prefix = \"\""), "Invalid value for an argument"),
        (ignoring("global_secondary_index[0].read_capacity"), "Cannot index a set value"),
        (ignoring("global_secondary_index.read_capacity"), "Cannot index a set value"),
        (ignoring("nothing"), "Unsupported attribute"),
    ] {
        let place = Place::with(&[("main.tf", &text)]);
        let output = place.run("plan -no-color");
        assert_eq!(output.exit, Exit::Failed, "{text}");
        assert!(output.err.contains(summary), "{text}{}", output.all());
    }
    let place = Place::with(&[("main.tf", &ignoring("global_secondary_index[\"by-date\"].read_capacity"))]);
    place.ok("plan -no-color");
}
