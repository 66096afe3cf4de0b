//! `console`: expressions from a pipe, answered as Terraform 1.11.4 answers them.

use crate::support::place::Place;
use formwork::cli::Exit;

const MAIN: &str = r#"
variable "x" { default = "abc" }
variable "s" {
  default   = "hush"
  sensitive = true
}
variable "need" {}
locals {
  l = [1, 2, 3]
  m = { a = 1, b = [true] }
}
resource "terraform_data" "t" { input = { k = "v" } }
resource "terraform_data" "c" { count = 2 }
resource "terraform_data" "e" { for_each = toset(["p", "q"]) }
output "o" { value = local.m }
module "m" { source = "./m" }
"#;

fn place() -> Place {
    Place::with(&[("main.tf", MAIN), ("m/main.tf", "output \"y\" {\n  value = \"why\"\n}\n")])
}

#[test]
fn expressions_are_answered_as_terraform_answers_them() {
    let place = place();
    for (typed, expected) in [
        ("1 + 2", "3"),
        ("\"a ${var.x}\"", "\"a abc\""),
        ("1\n2", "2"),
        ("1\nexit", ""),
        ("exit\n1", ""),
        ("", ""),
        ("var.need", "(known after apply)"),
        ("type(var.need)", "dynamic"),
        ("var.s", "(sensitive value)"),
        ("local.m", "{\n  \"a\" = 1\n  \"b\" = [\n    true,\n  ]\n}"),
        ("module.m", "{\n  \"y\" = \"why\"\n}"),
        ("module.m.y", "\"why\""),
        ("terraform_data.t.id", "(known after apply)"),
        ("terraform_data.t", "(known after apply)"),
        ("terraform_data.c", "(known after apply)"),
        ("terraform_data.e", "(known after apply)"),
        ("type(terraform_data.t)", "dynamic"),
        ("type(local.m)", "object({\n    a: number,\n    b: tuple([\n        bool,\n    ]),\n})"),
        ("type(1)", "number"),
        ("type(toset([\"a\"]))", "set(string)"),
        ("type(null)", "dynamic"),
        ("type(type(1))", "type"),
        ("(type(1))", "number"),
        ("type(sensitive(1))", "number"),
        ("type(tomap({a=toset([])}))", "map(set(dynamic))"),
        ("null", "null"),
        ("\"a\\nb\"", "<<EOT\na\nb\nEOT"),
        ("[for x in local.l : x*2]", "[\n  2,\n  4,\n  6,\n]"),
        ("tolist([\"a\"])", "tolist([\n  \"a\",\n])"),
        ("{}", "{}"),
        ("sensitive(\"x\")", "(sensitive value)"),
        ("1 # comment", "1"),
        ("terraform.workspace", "\"default\""),
        ("path.module", "\".\""),
        // Here formwork goes on where Terraform gives up.
        ("[\n1,\n2]", "[\n  1,\n  2,\n]"),
        ("upper(<<EOT\nhello\nEOT\n)", "<<EOT\nHELLO\n\nEOT"),
    ] {
        let output = place.answer("console", &format!("{typed}\n"));
        assert_eq!(output.exit, Exit::Done, "{typed}: {}", output.all());
        let out = output.out.strip_prefix("Sandbox: AWS is inside this program; nothing here reaches an account.\n");
        assert_eq!(out.unwrap_or(&output.out).trim_end(), expected, "{typed}");
    }
    assert_eq!(place.answer("console -var need=5", "var.need\n").out.trim(), "\"5\"");
}

#[test]
fn mistakes_end_what_is_piped() {
    let place = place();
    for (typed, says) in [
        ("1 +", "Missing expression"),
        ("nonsense(1)", "Call to unknown function"),
        ("local.nope", "Reference to undeclared local value"),
        ("terraform_data.zz.id", "Reference to undeclared resource"),
        ("data.x.y", "Reference to undeclared resource"),
        ("module.nope", "Reference to undeclared module"),
        ("output.o", "Reference to undeclared resource"),
        ("unknown", "Invalid reference"),
        ("each.key", "Reference to \"each\" in context without for_each"),
        ("count.index", "Reference to \"count\" in non-counted context"),
        ("self", "Invalid \"self\" reference"),
        ("local", "Invalid reference"),
        ("\"unclosed", "Unterminated template string"),
        ("# comment", "Missing expression"),
        ("[type(1)]", "Invalid use of type function"),
        ("type()", ""),
        ("[", ""),
        ("1;2", "Invalid character"),
        ("a = 1", "Extra characters after expression"),
        ("1 +\n2", "Missing expression"),
    ] {
        let output = place.answer("console", &format!("{typed}\n"));
        assert_eq!(output.exit, Exit::Failed, "{typed}: {}", output.all());
        assert!(output.err.contains(says), "{typed}: {}", output.all());
    }
}

#[test]
fn objects_are_what_the_state_or_a_plan_says() {
    let place = Place::with(&[(
        "main.tf",
        "variable \"v\" {\n  default = \"one\"\n}\nresource \"terraform_data\" \"t\" {\n  input = var.v\n}\n\
         resource \"terraform_data\" \"c\" {\n  count = 2\n  input = count.index\n}\n",
    )]);
    let asked = |options: &str, expression: &str| {
        let output = place.answer(&format!("console {options}"), &format!("{expression}\n"));
        assert_eq!(output.exit, Exit::Done, "{expression}: {}", output.all());
        output.out.trim().to_string()
    };
    assert!(asked("-plan", "terraform_data.t.input").ends_with("\"one\""));
    place.ok("apply -auto-approve");
    assert!(asked("", "terraform_data.t.output").ends_with("\"one\""));
    assert!(asked("", "terraform_data.c[*].output").ends_with("[\n  0,\n  1,\n]"));
    assert!(asked("-var v=two", "terraform_data.t.input").ends_with("\"one\""));
    assert!(asked("-plan -var v=two", "terraform_data.t.input").ends_with("\"two\""));
    assert!(asked("-plan -var v=two", "terraform_data.t.output").ends_with("(known after apply)"));
    let missing = place.answer("console", "terraform_data.c.id\n");
    assert!(missing.err.contains("Missing resource instance key"), "{}", missing.all());
}
