//! Conditions that are judged while planning, or only by the apply: of outputs, of `check` blocks, of variables. As Terraform 1.11.4.

use crate::support::place::Place;
use formwork::cli::Exit;

const T: &str = "resource \"terraform_data\" \"t\" {\n  input = \"other.tfstate\"\n}\n";
const OTHER: &str = "{\"version\":4,\"terraform_version\":\"1.11.4\",\"serial\":1,\"lineage\":\"x\",\"outputs\":{\"v\":{\"value\":1,\"type\":\
                     \"number\"}},\"resources\":[]}";

fn said(output: &str) -> String {
    output.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an output's condition waits for is known after apply: then it is judged, whether or not its value was known before.
#[test]
fn conditions_of_outputs_wait_for_the_apply() {
    let output = "output \"o\" {\n  value = 1\n  precondition {\n    condition     = terraform_data.t.id == \"x\"\n    error_message = \
                  \"Not x.\"\n  }\n}\n";
    let call = "module \"m\" {\n  source = \"./m\"\n}\n";
    for files in
        [&[("main.tf", T.to_string() + output)][..], &[("main.tf", call.into()), ("m/m.tf", T.to_string() + output)]]
    {
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let place = Place::with(&files);
        place.ok("plan");
        let output = place.run("apply -auto-approve");
        assert_eq!(output.exit, Exit::Failed, "{}", output.all());
        assert!(said(&output.err).contains("Module output value precondition failed"), "{}", output.all());
        assert!(said(&output.err).contains("Not x."), "{}", output.all());
    }
}

/// A check block with a data source of its own: read while planning if it can be, and again when all is done.
#[test]
fn checks_with_data_are_judged_after_the_apply() {
    let check = |path: &str, more: &str| {
        format!(
            "check \"c\" {{\n  data \"terraform_remote_state\" \"r\" {{\n    backend = \"local\"\n    config  = {{ path = {path} }}\n  \
             }}\n  assert {{\n    condition     = data.terraform_remote_state.r.outputs.v == {more}\n    error_message = \"v is \
             ${{data.terraform_remote_state.r.outputs.v}}.\"\n  }}\n}}\n"
        )
    };
    // Known after apply.
    let place = Place::with(&[
        ("main.tf", &(T.to_string() + &check("terraform_data.t.output", "2"))),
        ("other.tfstate", OTHER),
    ]);
    let plan = place.run("plan");
    assert_eq!(plan.exit, Exit::Done, "{}", plan.all());
    assert!(said(&plan.all()).contains("Check block assertion known after apply"), "{}", plan.all());
    let applied = place.run("apply -auto-approve");
    assert_eq!(applied.exit, Exit::Done, "{}", applied.all());
    assert_eq!(said(&applied.all()).matches("Check block assertion").count(), 1, "{}", applied.all());
    assert!(said(&applied.all()).contains("v is 1."), "{}", applied.all());
    // Known while planning, beside a data source of the module; what it reads does not make the plan one with changes.
    let beside =
        "data \"terraform_remote_state\" \"s\" {\n  backend = \"local\"\n  config  = { path = \"other.tfstate\" }\n}\n";
    let main = T.to_string() + beside + &check("\"other.tfstate\"", "data.terraform_remote_state.s.outputs.v + 1");
    place.write("main.tf", &main);
    let plan = place.run("plan -detailed-exitcode");
    assert_eq!(plan.exit, Exit::Done, "{}", plan.all());
    assert!(said(&plan.all()).contains("Check block assertion failed"), "{}", plan.all());
    place.write("main.tf", &main.replace(" + 1", ""));
    let plan = place.run("plan");
    assert!(!said(&plan.all()).contains("Check block"), "{}", plan.all());
    // What cannot be read is no failure of the run.
    place.write("main.tf", &(T.to_string() + &check("\"nowhere.tfstate\"", "2")));
    for command in ["plan", "apply -auto-approve"] {
        let output = place.run(command);
        assert_eq!(output.exit, Exit::Done, "{}", output.all());
        assert!(said(&output.all()).contains("No stored state was found"), "{}", output.all());
        assert!(!said(&output.all()).contains("Check block assertion"), "{}", output.all());
    }
    // A condition that is none is an error, in a check too.
    place.write("main.tf", &(T.to_string() + &check("\"other.tfstate\"", "[1] ? true : null")));
    assert_eq!(place.run("plan").exit, Exit::Failed);
}

/// Rules of variables that lead to each other, also by way of a local value.
#[test]
fn rules_in_a_circle_are_refused() {
    let variable = |name: &str, other: &str| {
        format!(
            "variable \"{name}\" {{\n  default = 1\n  validation {{\n    condition     = var.{name} == {other}\n    error_message = \
             \"No.\"\n  }}\n}}\n"
        )
    };
    for (text, fine) in [
        (variable("a", "var.b") + &variable("b", "1"), true),
        (variable("a", "var.b") + &variable("b", "var.a"), false),
        (variable("a", "local.l") + "locals {\n  l = var.a\n}\n", false),
    ] {
        let place = Place::with(&[("main.tf", &text)]);
        for command in ["validate", "plan"] {
            let output = place.run(command);
            assert_eq!(output.exit == Exit::Done, fine, "{text}{}", output.all());
            assert!(fine || output.err.contains("ycle"), "{}", output.all());
        }
    }
}

/// Outputs that belong to what -target leaves out stay as they are.
#[test]
fn outputs_of_what_is_left_out_stay() {
    let two = T.to_string() + &T.replace("\"t\"", "\"u\"");
    let outputs =
        "output \"t\" {\n  value = terraform_data.t.output\n}\noutput \"u\" {\n  value = terraform_data.u.output\n}\n";
    let place = Place::with(&[("main.tf", &(two + outputs))]);
    let output = place.run("apply -auto-approve -target=terraform_data.t");
    assert!(said(&output.all()).contains("Resource targeting is in effect"), "{}", output.all());
    let outputs = said(&place.ok("output"));
    assert!(outputs.contains("t = \"other.tfstate\"") && !outputs.contains("u ="), "{outputs}");
    place.ok("apply -auto-approve");
    place.ok("destroy -auto-approve -target=terraform_data.u");
    assert!(said(&place.ok("output")).contains("t = \"other.tfstate\""));
}
