//! Objects that get another address: written moves, and those that follow from a `count` that comes or goes. As Terraform 1.11.4.

use crate::support::place::Place;
use formwork::cli::Exit;

const T: &str = "resource \"terraform_data\" \"t\" {\n  input = 1\n}\n";

fn counted(n: u32) -> String {
    format!("resource \"terraform_data\" \"t\" {{\n  count = {n}\n  input = 1\n}}\n")
}

#[test]
fn a_count_that_comes_or_goes_moves_the_first_object() {
    let moved = "moved {\n  from = terraform_data.t\n  to   = terraform_data.t[1]\n}\n";
    for (before, after, says) in [
        (T.to_string(), counted(1), "Plan: 0 to add, 0 to change, 0 to destroy."),
        (T.to_string(), counted(2), "Plan: 1 to add, 0 to change, 0 to destroy."),
        (T.to_string(), counted(0), "(because index [0] is out of range for count)"),
        (T.to_string(), counted(2) + moved, "terraform_data.t has moved to terraform_data.t[1]"),
        (counted(1), T.to_string(), "terraform_data.t[0] has moved to terraform_data.t"),
        (counted(2), T.to_string(), "Plan: 0 to add, 0 to change, 1 to destroy."),
        (counted(1), T.replace("input", "for_each = toset([\"q\"])\n  input"), "(because resource does not use count)"),
    ] {
        let place = Place::with(&[("main.tf", &before)]);
        place.ok("apply -auto-approve");
        place.write("main.tf", &after);
        let plan = place.ok("plan");
        assert!(plan.contains(says), "{before}{after}{plan}");
        place.ok("apply -auto-approve");
        assert_eq!(place.run("plan -detailed-exitcode").exit, Exit::Done, "{before}{after}");
    }
    // Also in a module, and not for the module itself.
    let call = |rest: &str| format!("module \"m\" {{\n  source = \"./m\"\n{rest}}}\n");
    let place = Place::with(&[("main.tf", &call("  for_each = toset([\"a\"])\n")), ("m/main.tf", T)]);
    place.ok("apply -auto-approve");
    place.write("m/main.tf", &counted(1));
    let plan = place.ok("plan");
    assert!(
        plan.contains("module.m[\"a\"].terraform_data.t has moved to module.m[\"a\"].terraform_data.t[0]"),
        "{plan}"
    );
}

#[test]
fn moves_that_contradict_each_other_are_refused() {
    let moves = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(from, to)| format!("moved {{\n  from = terraform_data.{from}\n  to   = terraform_data.{to}\n}}\n"))
            .collect::<String>()
    };
    for (pairs, says) in [
        (&[("a", "t"), ("a", "d")][..], "Ambiguous move statements"),
        (&[("a", "t"), ("b", "t")], "Ambiguous move statements"),
        (&[("a", "b"), ("b", "a")], "Cyclic dependency in move statements"),
        (&[("a", "b"), ("b", "c"), ("c", "a")], "Cyclic dependency in move statements"),
    ] {
        let place = Place::with(&[("main.tf", &(T.to_string() + &moves(pairs)))]);
        let output = place.run("plan");
        assert_eq!(output.exit, Exit::Failed, "{pairs:?}: {}", output.all());
        assert!(output.err.contains(says), "{pairs:?}: {}", output.all());
    }
    let place = Place::with(&[("main.tf", &(T.to_string() + &moves(&[("a", "b"), ("b", "t")])))]);
    place.ok("plan");
}

/// `from` is one of several instances and still declared, or the new address is declared by nobody.
#[test]
fn where_a_move_comes_from_and_goes_to_is_judged() {
    let place = Place::with(&[("main.tf", &counted(2))]);
    place.ok("apply -auto-approve");
    let moved =
        |from: &str, to: &str| format!("moved {{\n  from = terraform_data.{from}\n  to   = terraform_data.{to}\n}}\n");
    place.write("main.tf", &(counted(2) + &moved("t[0]", "t[1]")));
    let output = place.run("plan");
    assert_eq!(output.exit, Exit::Failed);
    assert!(output.err.contains("Moved object still exists"), "{}", output.all());
    place.write("main.tf", &moved("t", "gone"));
    let plan = place.ok("plan");
    let why = "(because terraform_data.t[0] was moved to terraform_data.gone[0], which is not in configuration)";
    assert!(plan.contains(why), "{plan}");
    assert!(plan.contains("Plan: 0 to add, 0 to change, 2 to destroy."), "{plan}");
}
