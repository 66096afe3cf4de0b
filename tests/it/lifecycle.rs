//! `lifecycle` and what else a block says of how its objects live: `ignore_changes` of parts, `create_before_destroy` in the state,
//! `count` and `for_each` in override files, `removed`. Expectations are what Terraform 1.11.4 does.

use crate::support::place::Place;
use serde_json::{Value, json};

/// What was, what is written, what is ignored, and what is planned; `None`: nothing to do.
type Case = (&'static str, &'static str, &'static str, Option<Value>);

fn ignored() -> Vec<Case> {
    let object = "{ a = 1, b = [1, 2] }";
    let nested = "{ a = { x = 1, y = 2 }, b = [1, 2] }";
    let map = "tomap({ a = 1, b = 2 })";
    vec![
        (object, "{ a = 2, b = [1, 3] }", "input.a", Some(json!({"a": 1, "b": [1, 3]}))),
        // Before a key stands what is looked for; only of a map that is one element.
        (object, "{ a = 2, b = [1, 3] }", "input[\"a\"]", None),
        (object, "{ a = 2, b = [1, 3] }", "input[\"zz\"]", None),
        (object, "{ a = 2, b = [1, 3] }", "input[\"b\"][1]", Some(json!({"a": 2, "b": [1, 3]}))),
        (object, "{ a = 2, b = [1, 3] }", "input.a[\"k\"]", Some(json!({"a": 1, "b": [1, 3]}))),
        (object, "{ a = 2, b = [1, 3] }", "input.b[0]", Some(json!({"a": 2, "b": [1, 3]}))),
        (
            nested,
            "{ a = { x = 2, y = 3 }, b = [9, 8] }",
            "input.a.x",
            Some(json!({"a": {"x": 1, "y": 3}, "b": [9, 8]})),
        ),
        (
            nested,
            "{ a = { x = 2, y = 3 }, b = [9, 8] }",
            "input.b[0]",
            Some(json!({"a": {"x": 2, "y": 3}, "b": [1, 8]})),
        ),
        (map, "tomap({ a = 3, b = 4 })", "input[\"a\"]", Some(json!({"a": 1, "b": 4}))),
        (map, "tomap({ b = 4 })", "input[\"a\"]", Some(json!({"a": 1, "b": 4}))),
        (map, "tomap({ a = 3, b = 4 })", "input.a", Some(json!({"a": 3, "b": 4}))),
        (map, "{ a = 2, b = [1, 3] }", "input.a", Some(json!({"a": 2, "b": [1, 3]}))),
        ("\"s\"", "{ a = 2 }", "input.a", Some(json!({"a": 2}))),
        ("\"s\"", "{ a = 2 }", "input[\"a\"]", None),
        ("[1, { a = 1 }]", "[2, { a = 2 }]", "input[1].a", Some(json!([2, {"a": 1}]))),
        (
            "{ a = tomap({ k = \"1\" }) }",
            "{ a = tomap({ k = \"2\", l = \"3\" }) }",
            "input.a[\"k\"]",
            Some(json!({"a": {"k": "1", "l": "3"}})),
        ),
        (
            "{ a = tomap({ k = \"1\" }) }",
            "{ a = tomap({ k = \"2\", l = \"3\" }) }",
            "input.a[\"l\"]",
            Some(json!({"a": {"k": "2"}})),
        ),
    ]
}

#[test]
fn parts_of_values_are_ignored() {
    let cases = ignored();
    let write = |place: &Place, after: bool| {
        let block = |(i, (before, now, ignored, _)): (usize, &Case)| {
            let value = if after { now } else { before };
            format!(
                "resource \"terraform_data\" \"r{i}\" {{\n  input = {value}\n  lifecycle {{\n    ignore_changes = [{ignored}]\n  }}\n}}\n"
            )
        };
        place.write("main.tf", &cases.iter().enumerate().map(block).collect::<String>());
    };
    let place = Place::with(&[]);
    write(&place, false);
    place.ok("apply -auto-approve");
    write(&place, true);
    place.ok("plan -out=p");
    let plan: Value = serde_json::from_str(&place.ok("show -json p")).unwrap();
    for (i, (before, now, ignored, wanted)) in cases.iter().enumerate() {
        let address = format!("terraform_data.r{i}");
        let change = plan["resource_changes"].as_array().unwrap().iter().find(|c| c["address"] == *address).unwrap();
        let found = (change["change"]["actions"][0] != "no-op").then(|| change["change"]["after"]["input"].clone());
        assert_eq!(found, *wanted, "{before} -> {now}, ignoring {ignored}");
    }
}

#[test]
fn the_state_follows_create_before_destroy() {
    let main = |lifecycle: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{}}\nresource \"terraform_data\" \"b\" {{\n  count = 2\n  input = terraform_data.a.id\n  \
             {lifecycle}\n}}\nresource \"terraform_data\" \"c\" {{\n  input = terraform_data.b[0].id\n}}\n"
        )
    };
    let place = Place::with(&[("main.tf", &main("lifecycle {\n    create_before_destroy = true\n  }"))]);
    let flags = || -> Vec<bool> {
        let state: Value = serde_json::from_str(&place.ok("state pull")).unwrap();
        let instances = |r: &Value| r["instances"].as_array().unwrap().clone();
        let all = state["resources"].as_array().unwrap().iter().flat_map(instances);
        all.map(|i| i["create_before_destroy"] == true).collect()
    };
    place.ok("apply -auto-approve");
    assert_eq!(flags(), [true, true, true, false]);
    // Nothing else changes, and the state follows.
    place.write("main.tf", &main(""));
    place.ok("apply -auto-approve");
    assert_eq!(flags(), [false; 4]);
    place.write("main.tf", &main("lifecycle {\n    create_before_destroy = true\n  }"));
    place.ok("apply -auto-approve");
    assert_eq!(flags(), [true, true, true, false]);
    // What goes asks for nothing any more.
    place.write("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    place.ok("apply -auto-approve");
    assert_eq!(flags(), [false]);
}

#[test]
fn count_stays_in_override_files() {
    let place = Place::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {\n  count = 2\n}\nresource \"terraform_data\" \"b\" {\n  for_each = { x = 1 }\n}\n\
             module \"a\" {\n  source = \"./m\"\n  count  = 2\n}\nmodule \"b\" {\n  source   = \"./m\"\n  for_each = { x = 1 }\n}\n",
        ),
        (
            "a_override.tf",
            "resource \"terraform_data\" \"a\" {\n  for_each = { k = 1 }\n}\nresource \"terraform_data\" \"b\" {\n  count = 1\n}\n\
             module \"a\" {\n  for_each = { k = 1 }\n}\nmodule \"b\" {\n  count = 1\n}\n",
        ),
        ("m/m.tf", "resource \"terraform_data\" \"q\" {}\n"),
    ]);
    let said = place.run("plan").all();
    for address in
        ["terraform_data.a[1]", "terraform_data.b[0]", "module.a[1].terraform_data.q", "module.b[0].terraform_data.q"]
    {
        assert!(said.contains(&format!("# {address} will be created")), "{address}: {said}");
    }
    assert!(said.contains("Plan: 6 to add"), "{said}");
    assert_eq!(said.matches("Override without effect").count(), 2, "{said}");
}

#[test]
fn objects_that_are_let_go_are_named() {
    let place = Place::with(&[("main.tf", "resource \"terraform_data\" \"a\" {\n  count = 2\n}\n")]);
    place.ok("apply -auto-approve");
    place.write("main.tf", "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\n");
    let said = place.run("plan").all();
    assert_eq!(said.matches("Some objects will no longer be managed").count(), 1, "{said}");
    assert!(said.contains(" - terraform_data.a[0]\n") && said.contains(" - terraform_data.a[1]\n"), "{said}");
}

/// The arguments of another configuration's backend are judged before anything is read.
#[test]
fn arguments_of_remote_states_are_judged_early() {
    for (config, wrong) in [
        ("backend = \"local\"\nconfig = { path = \"x\", paht = 1 }", vec!["paht = 1"]),
        (
            "backend = \"s3\"\nconfig = { bucket = \"x\", key = \"y\", nopp = 1, encrypt = \"maybe\" }",
            vec!["nopp = 1", "encrypt = \"maybe\""],
        ),
        ("backend = \"s3\"\nconfig = { bucket = \"x\" }", vec!["config = { bucket = \"x\" }"]),
        (
            "backend = \"s3\"\nconfig = { bucket = \"x\", key = \"y\", assume_role = { nope = \"x\" } }",
            vec!["assume_role = { nope = \"x\" }"],
        ),
        (
            "backend = \"s3\"\nconfig = { bucket = \"x\", key = terraform_data.x.id, role_arn = \"q\" }",
            vec!["role_arn = \"q\""],
        ),
        ("backend = \"local\"\nconfig = \"x\"", vec!["config = \"x\""]),
        ("backend = \"local\"\nconfig = {}\ndefaults = [\"x\"]", vec!["defaults = [\"x\"]"]),
        ("backend = \"local\"\nconfig = { path = terraform_data.x.id }", vec![]),
        ("backend = \"local\"\nworkspace = \"w\"\nconfig = null", vec![]),
        ("backend = \"s3\"\nconfig = { bucket = \"x\", key = \"y\", region = 7 }", vec![]),
        ("backend = \"s3\"\nconfig = terraform_data.x.output", vec![]),
    ] {
        let main =
            format!("data \"terraform_remote_state\" \"r\" {{\n{config}\n}}\nresource \"terraform_data\" \"x\" {{}}\n");
        let place = Place::with(&[("main.tf", &main)]);
        let output = place.run("validate -json");
        let said: Value = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("{}", output.all()));
        let lines: Vec<&str> = main.lines().collect();
        let code = |d: &Value| {
            let n = |which: &str, part: &str| usize::try_from(d["range"][which][part].as_u64().unwrap()).unwrap() - 1;
            lines[n("start", "line")][n("start", "column")..n("end", "column")].to_string()
        };
        let found: Vec<String> = said["diagnostics"].as_array().unwrap().iter().map(code).collect();
        // The place is the value, or the argument with it.
        let fits = found.len() == wrong.len()
            && found.iter().zip(&wrong).all(|(f, w)| !f.is_empty() && w.contains(f.as_str()));
        assert!(fits, "{config}: {found:?} {}", output.all());
    }
}

/// What is known only during the apply comes into the state wherever it stands in a value.
#[test]
fn holes_are_filled_in_values_of_any_shape() {
    let value = "[terraform_data.a.id, { x = [terraform_data.a.id], y = toset([terraform_data.a.id]) }, tomap({ k = \
                 [terraform_data.a.id] })]";
    let place = Place::with(&[(
        "main.tf",
        &format!(
            "resource \"terraform_data\" \"a\" {{}}\nresource \"terraform_data\" \"b\" {{\n  triggers_replace = [terraform_data.a.id]\n}}\n\
             resource \"terraform_data\" \"c\" {{\n  input = {value}\n}}\n"
        ),
    )]);
    place.ok("apply -auto-approve");
    let state: Value = serde_json::from_str(&place.ok("state pull")).unwrap();
    let part = |name: &str, part: &str| {
        let resources = state["resources"].as_array().unwrap();
        let found = resources.iter().find(|r| r["name"] == name).unwrap();
        found["instances"][0]["attributes"][part].clone()
    };
    let id = part("a", "id");
    assert_eq!(part("b", "triggers_replace")["value"], json!([id]));
    assert_eq!(part("c", "input")["value"], json!([id, {"x": [id], "y": [id]}, {"k": [id]}]));
    assert_eq!(part("c", "output")["value"], part("c", "input")["value"]);
    assert!(place.ok("plan").contains("No changes"));
}

/// A collection of any kind says what is imported.
#[test]
fn imports_go_through_any_collection() {
    for (each, to, id, wanted) in [
        ("[\"p\", \"q\"]", "each.key", "each.value", ["p", "q"]),
        ("[null, 1]", "each.key", "\"z${each.key}\"", ["z0", "z1"]),
        ("toset([0, 1])", "each.value", "\"x${each.key}\"", ["x0", "x1"]),
        ("[{ i = 1, id = \"q\" }, { i = 0, id = \"r\" }]", "each.value.i", "each.value.id", ["r", "q"]),
        ("sensitive([true, false])", "each.key", "each.value", ["true", "false"]),
        ("{ s = 0, t = 1 }", "each.value", "each.key", ["s", "t"]),
    ] {
        let place = Place::with(&[(
            "main.tf",
            &format!(
                "resource \"terraform_data\" \"a\" {{\n  count = 2\n}}\nimport {{\n  for_each = {each}\n  to = terraform_data.a[{to}]\n  \
                 id = {id}\n}}\n"
            ),
        )]);
        place.ok("apply -auto-approve");
        let state: Value = serde_json::from_str(&place.ok("state pull")).unwrap();
        let instances = state["resources"][0]["instances"].as_array().unwrap();
        let ids: Vec<&str> = instances.iter().map(|i| i["attributes"]["id"].as_str().unwrap()).collect();
        assert_eq!(ids, wanted, "{each}");
    }
    let place = Place::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nimport {\n  for_each = \"x\"\n  to = terraform_data.a\n  id = \"y\"\n}\n",
    )]);
    assert!(place.run("plan").all().contains("Invalid for_each argument"));
}

/// Of a module that is targeted in one instance, the others are left alone, whatever else the plan needs.
#[test]
fn a_target_in_a_module_is_one_instance_of_it() {
    let place = Place::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {}\nmodule \"m\" {\n  source = \"./m\"\n  count  = 2\n  x      = terraform_data.a.id\n}\n\
             resource \"terraform_data\" \"z\" {\n  input = module.m[0].o\n}\n",
        ),
        (
            "m/m.tf",
            "variable \"x\" {}\nresource \"terraform_data\" \"q\" {\n  input = var.x\n}\noutput \"o\" {\n  value = \
             terraform_data.q.output\n}\n",
        ),
    ]);
    for (target, number) in [
        ("module.m[0]", 2),
        ("module.m[1].terraform_data.q", 2),
        ("module.m", 3),
        ("terraform_data.z", 4),
        ("terraform_data.a", 1),
    ] {
        let said = place.run(&format!("plan -target={target}")).all();
        assert!(said.contains(&format!("Plan: {number} to add")), "{target}: {said}");
    }
}

/// What is worked out of an object that came to no good end is not told to others.
#[test]
fn outputs_of_what_failed_stay() {
    let main = |n: u8| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = {n}\n  lifecycle {{\n    postcondition {{\n      condition = self.output < 4\n      \
             error_message = \"post\"\n    }}\n  }}\n}}\noutput \"o\" {{\n  value = terraform_data.a.output\n}}\noutput \"i\" {{\n  value = \
             terraform_data.a.input\n}}\noutput \"n\" {{\n  value = {n}\n}}\n"
        )
    };
    let place = Place::with(&[("main.tf", &main(3))]);
    place.ok("apply -auto-approve");
    place.write("main.tf", &main(4));
    assert!(place.run("apply -auto-approve").all().contains("Resource postcondition failed"));
    let outputs: Value = serde_json::from_str(&place.ok("output -json")).unwrap();
    let value = |name: &str| outputs[name]["value"].clone();
    assert_eq!((value("o"), value("i"), value("n")), (json!(3), json!(3), json!(4)));
}

/// What was no secret and is one now is hidden by the state, although nothing else changes.
#[test]
fn the_state_follows_what_is_sensitive() {
    let main = |input: &str| format!("resource \"terraform_data\" \"a\" {{\n  input = {input}\n}}\n");
    let place = Place::with(&[("main.tf", &main("{ a = 1 }"))]);
    for (input, wanted) in [
        ("{ a = 1 }", json!([])),
        ("sensitive({ a = 1 })", json!([[{"type": "get_attr", "value": "input"}]])),
        ("{ a = sensitive(1) }", json!([[{"type": "get_attr", "value": "input"}, {"type": "get_attr", "value": "a"}]])),
        ("{ a = 1 }", json!([])),
    ] {
        place.write("main.tf", &main(input));
        place.ok("apply -auto-approve");
        let state: Value = serde_json::from_str(&place.ok("state pull")).unwrap();
        let noted = state["resources"][0]["instances"][0].get("sensitive_attributes").cloned();
        assert_eq!(noted.unwrap_or_else(|| json!([])), wanted, "{input}");
    }
}
