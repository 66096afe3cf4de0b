//! The door: arguments, help, exit codes, prompts, and the commands around the state.

use crate::support::{NOW, World};

const ROLE: &str = r#"
variable "name" {
  default = "r"
}
resource "aws_iam_role" "r" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}
output "arn" {
  value = aws_iam_role.r.arn
}
output "secret" {
  value     = "hush"
  sensitive = true
}
"#;

#[test]
fn the_command_line_forgives_and_suggests() {
    let world = World::new();
    for (args, code, says) in [
        ("version", 0, "formwork v"),
        ("-version", 0, "formwork v"),
        ("--version -json", 0, "\"terraform_version\": \"1.11.4\""),
        ("-help", 0, "Usage: formwork [global options] <subcommand> [args]"),
        ("plan -help", 0, "Usage: formwork [global options] plan [options]"),
        ("help state mv", 0, "Usage: formwork [global options] state mv [options] SOURCE DESTINATION"),
        ("", 1, "Main commands:"),
        ("plna", 1, "Did you mean \"plan\"?"),
        ("state lst", 1, "Did you mean \"state list\"?"),
        ("plan -detailed-exitcod", 1, "Did you mean -detailed-exitcode?"),
        ("plan -lock-timeout=soon", 1, "A time is written as 30s, 5m or 1h30m."),
        ("plan -lock=maybe", 1, "takes only true or false"),
        ("plan here", 1, "Too many command line arguments"),
        ("-chdir=nowhere plan", 1, "Cannot change to nowhere"),
        ("plan", 1, "No configuration files"),
        ("workspace", 1, "Command required"),
        ("import", 1, "needs"),
        ("state rm 1x", 1, "is not an address"),
    ] {
        let output = world.run(args);
        assert_eq!(output.code, code, "{args}: {}{}", output.out, output.err);
        assert!(output.out.contains(says) || output.err.contains(says), "{args}: {}{}", output.out, output.err);
    }
}

#[test]
fn every_command_and_option_says_what_it_is() {
    let world = World::new();
    fn check(world: &World, command: &clap::Command, path: &str) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            assert!(sub.get_about().is_some(), "{path} has no description");
            for arg in sub.get_arguments().filter(|a| !a.is_hide_set()) {
                assert!(arg.get_help().is_some(), "{path}: {} has no description", arg.get_id());
            }
            let help = world.ok(&format!("{path} -help"));
            assert!(help.starts_with(&format!("Usage: formwork [global options]{path}")), "{help}");
            assert!(help.lines().all(|l| l.chars().count() <= 100), "{help}");
            check(world, sub, &path);
        }
    }
    check(&world, &formwork::cli::command(), "");
}

#[test]
fn by_another_name_it_is_that_tool() {
    let world = World::new();
    let link = world.path("terraform");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_formwork"), &link).unwrap();
    let output = std::process::Command::new(&link).arg("version").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("Terraform v1.11.4\n"));
}

#[test]
fn files_are_formatted_as_terraform_does() {
    let world = World::new();
    let ugly = "locals {\na=1\n  bb = 2\n}\n";
    let pretty = "locals {\n  a  = 1\n  bb = 2\n}\n";
    let diff = "--- old/main.tf\n+++ new/main.tf\n@@ -1,4 +1,4 @@\n locals {\n-a=1\n+  a  = 1\n   bb = 2\n }\n";
    let again = || {
        for name in ["main.tf", "sub/x.tf", ".hidden/x.tf", "t.tfvars", "a.tftest.hcl", "other.txt"] {
            world.write(name, if name == "t.tfvars" { "a=1\nbbb=2\n" } else { ugly });
        }
    };
    again();
    // Answers of Terraform 1.11.4.
    for (args, code, out) in [
        ("fmt -check", 3, "a.tftest.hcl\nmain.tf\nt.tfvars\n"),
        ("fmt -check -recursive", 3, "a.tftest.hcl\nmain.tf\nsub/x.tf\nt.tfvars\n"),
        ("fmt -check -list=false", 3, ""),
        ("fmt -write=false", 0, "a.tftest.hcl\nmain.tf\nt.tfvars\n"),
        ("fmt -check -diff main.tf", 3, &format!("main.tf\n{diff}")),
        ("fmt -diff -list=false -write=false main.tf", 0, diff),
        ("fmt main.tf", 0, "main.tf\n"),
        ("fmt main.tf", 0, ""),
        ("fmt sub t.tfvars", 0, "sub/x.tf\nt.tfvars\n"),
        ("fmt other.txt", 2, ""),
        ("fmt nowhere", 2, ""),
    ] {
        let output = world.run(args);
        assert_eq!((output.code, &*output.out), (code, out), "{args}: {}", output.err);
    }
    assert_eq!(world.read("main.tf"), pretty);
    assert_eq!(world.read(".hidden/x.tf"), ugly);
    for (args, code, out) in
        [("fmt -", 0, pretty), ("fmt -check -", 3, ""), ("fmt -diff -", 0, &*diff.replace("main.tf", "<stdin>"))]
    {
        let output = world.run_with(args, ugly);
        assert_eq!((output.code, &*output.out), (code, out), "{args}: {}", output.err);
    }
    world.write("bad.tf", "locals {\n");
    let output = world.run("fmt");
    assert_eq!(output.code, 2);
    assert!(output.err.contains("bad.tf:"), "{}", output.err);
}

#[test]
fn a_stack_lives_and_dies() {
    let world = World::with(ROLE);
    assert_eq!(world.run("plan -detailed-exitcode").code, 2);
    let refused = world.run_with("apply", "no\n");
    assert_eq!(refused.code, 1);
    assert!(refused.out.contains("Do you want to perform these actions?\n  formwork will perform"), "{}", refused.out);
    assert!(refused.out.contains("Only 'yes' will be accepted to approve.\n\n  Enter a value: \nApply cancelled."));
    assert!(world.fails("apply -input=false").contains("-auto-approve"));
    assert_eq!(world.run("apply").code, 1, "nobody answers");

    let applied = world.run_with("apply", "yes\n");
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    for line in [
        "Sandbox: AWS is inside this program; nothing here reaches an account.\n",
        "\naws_iam_role.r: Creating...\n",
        "\naws_iam_role.r: Creation complete after 0s [id=r]\n",
        "\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n",
        "\nOutputs:\n\narn = \"arn:aws:iam::000000000000:role/r\"\nsecret = <sensitive>\n",
    ] {
        assert!(applied.out.contains(line), "{line}\n{}", applied.out);
    }
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
    assert!(world.ok("plan").contains("No changes. Your infrastructure matches the configuration."));
    assert_eq!(world.run("plan -destroy -detailed-exitcode").code, 2);
    assert_eq!(world.run("plan -var name=other -detailed-exitcode").code, 2);

    assert_eq!(world.run("output -raw arn").out, "arn:aws:iam::000000000000:role/r");
    assert_eq!(world.run("output -json secret").out, "\"hush\"\n");
    assert!(world.fails("output arm").contains("Did you mean \"arn\"?"));
    assert_eq!(world.run("state list").out, "aws_iam_role.r\n");
    assert!(world.ok("show").contains("# aws_iam_role.r:\nresource \"aws_iam_role\" \"r\" {\n"));

    let destroyed = world.run_with("destroy", "yes\n");
    assert_eq!(destroyed.code, 0, "{}{}", destroyed.out, destroyed.err);
    assert!(destroyed.out.contains("There is no undo. Only 'yes' will be accepted to confirm."), "{}", destroyed.out);
    assert!(destroyed.out.contains("\nDestroy complete! Resources: 1 destroyed.\n"), "{}", destroyed.out);
    assert_eq!(world.run("state list").out, "");
}

#[test]
fn the_environment_adds_options() {
    let world = World::with(ROLE)
        .env("TF_CLI_ARGS_plan", "-detailed-exitcode -var 'name=from env'")
        .env("TF_CLI_ARGS", "-no-color");
    let output = world.run("plan");
    assert_eq!(output.code, 1);
    assert!(output.err.contains("from env"), "a name with a space in it is none: {}", output.err);
    let world = World::with(ROLE).env("TF_VAR_name", "enved").env("TF_CLI_ARGS_plan", "-detailed-exitcode");
    let output = world.run("plan");
    assert_eq!(output.code, 2);
    assert!(output.out.contains("role/enved"), "{}", output.out);
    assert!(world.run("plan -var name=typed").out.contains("role/typed"));
}

#[test]
fn a_saved_plan_is_applied_once_and_as_it_is() {
    let world = World::with(ROLE);
    let out = world.ok("plan -out=p.plan -var name=planned");
    assert!(out.contains("Saved the plan to: p.plan\n"), "{out}");
    assert!(out.contains("    formwork apply \"p.plan\"\n"), "{out}");
    assert!(world.fails("apply -var name=x p.plan").contains("Can't set options of planning"));
    assert!(world.ok("show p.plan").contains("# aws_iam_role.r will be created"));
    assert!(world.ok("apply p.plan").contains("1 added"));
    assert!(world.fails("apply p.plan").contains("Saved plan is stale"));
    assert!(world.fails("apply nothing.plan").contains("nothing.plan cannot be read"));
    world.write("bad.plan", "{}");
    assert!(world.fails("apply bad.plan").contains("Unreadable plan file"));
    world.write("terraform.plan", "PK\u{3}\u{4}...");
    for args in ["apply terraform.plan", "show terraform.plan"] {
        assert!(world.fails(args).contains("a plan file of Terraform's own kind"), "{args}");
    }
}

#[test]
fn asked_for_variables_are_taken_from_the_keyboard() {
    let world =
        World::with("variable \"v\" {\n  description = \"What is it?\"\n}\noutput \"o\" {\n  value = var.v\n}\n");
    let output = world.run_with("apply -auto-approve", "typed\n");
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(output.out.contains("var.v\n  What is it?\n\n  Enter a value: "), "{}", output.out);
    assert_eq!(world.run("output -raw o").out, "typed");
    for args in ["plan -input=false", "plan"] {
        assert!(world.fails(args).contains("No value for required variable"));
    }
}

#[test]
fn json_goes_line_by_line() {
    let world = World::with(ROLE);
    let output = world.run("apply -auto-approve -json");
    assert_eq!(output.code, 0, "{}", output.err);
    let lines: Vec<serde_json::Value> = output.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "version",
            "planned_change",
            "change_summary",
            "outputs",
            "apply_start",
            "apply_complete",
            "change_summary",
            "outputs"
        ]
    );
    let message = |i: usize| lines[i]["@message"].as_str().unwrap();
    assert_eq!(message(1), "aws_iam_role.r: Plan to create");
    assert_eq!(message(5), "aws_iam_role.r: Creation complete after 0s [id=r]");
    assert_eq!(message(6), "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.");
    assert_eq!(lines[7]["outputs"]["secret"], serde_json::json!({"sensitive": true, "type": "string"}));
    assert!(lines.iter().all(|l| l["@timestamp"].as_str().unwrap().starts_with(&NOW[..19])));

    world.write("main.tf", "resource \"aws_iam_rule\" \"r\" {}\n");
    let output = world.run("plan -json");
    assert_eq!(output.code, 1);
    let last: serde_json::Value = serde_json::from_str(output.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["diagnostic"]["range"]["filename"], "main.tf");
    let output = world.run("validate -json");
    assert_eq!(output.code, 1);
    let verdict: serde_json::Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!(verdict["valid"], false);
    assert_eq!(verdict["error_count"], 1);
}

#[test]
fn objects_are_moved_tainted_forgotten_and_imported_again() {
    let world = World::with(ROLE);
    world.ok("apply -auto-approve");
    assert!(world.ok("state mv aws_iam_role.r aws_iam_role.q").contains("Successfully moved 1 object(s)."));
    assert_eq!(world.run("state list").out, "aws_iam_role.q\n");
    assert!(
        world.ok("state mv aws_iam_role.q aws_iam_role.r").contains("Move \"aws_iam_role.q\" to \"aws_iam_role.r\"")
    );
    world.ok("taint aws_iam_role.r");
    assert!(world.ok("plan").contains("is tainted, so must be replaced"));
    world.ok("untaint aws_iam_role.r");
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
    assert!(world.fails("untaint aws_iam_role.r").contains("is not currently tainted"));

    assert!(world.ok("state rm aws_iam_role.r").contains("Successfully removed 1 resource instance(s)."));
    assert!(world.fails("state rm aws_iam_role.r").contains("No matching objects found"));
    assert!(world.ok("import aws_iam_role.r r").contains("Import successful!"));
    assert!(world.fails("import aws_iam_role.r r").contains("Resource already managed"));
    assert!(world.fails("import aws_iam_role.none r").contains("There is no resource \"aws_iam_role\" \"none\""));
    assert_eq!(world.run("plan -detailed-exitcode").code, 0, "{}", world.run("plan").out);
    // By hand, each time a backup of its own.
    let backups = std::fs::read_dir(world.path(".formwork/sandbox")).unwrap();
    let dated = backups.filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().contains("1767323045"));
    assert_eq!(dated.count(), 3);
}

#[test]
fn drift_is_taken_over_only_when_asked() {
    let world = World::with(ROLE);
    world.ok("apply -auto-approve");
    world.write("other/main.tf", &ROLE.replace("name = var.name", "name = var.name\n  description = \"changed\""));
    // The same AWS from elsewhere.
    std::fs::create_dir_all(world.path("other/.formwork")).unwrap();
    std::os::unix::fs::symlink(world.path(".formwork/sandbox"), world.path("other/.formwork/sandbox")).unwrap();
    let state = world.read(".formwork/sandbox/terraform.tfstate");
    world.ok("-chdir=other apply -auto-approve");
    world.write(".formwork/sandbox/terraform.tfstate", &state);
    assert_eq!(world.run("plan -detailed-exitcode").code, 2);
    let refused = world.run_with("apply -refresh-only", "no\n");
    assert!(refused.out.contains("Would you like to update the formwork state to reflect these detected changes?"));
    world.ok("apply -refresh-only -auto-approve");
    assert!(world.ok("state show aws_iam_role.r").contains("\"changed\""));
    assert!(world.fails("plan -refresh-only -refresh=false").contains("Incompatible plan mode options"));
}

#[test]
fn workspaces_keep_states_apart() {
    let world = World::with(ROLE).env("FORMWORK_SANDBOX", "0");
    assert_eq!(world.ok("workspace list"), "* default\n\n");
    assert!(world.ok("workspace new blue").starts_with("Created and switched to workspace \"blue\"!\n"));
    assert_eq!(world.ok("workspace show"), "blue\n");
    assert_eq!(world.ok("workspace list"), "  default\n* blue\n\n");
    assert_eq!(world.read(".terraform/environment"), "blue");
    assert!(world.fails("workspace new blue").contains("already"));
    assert!(world.fails("workspace select bleu").contains("Did you mean \"blue\"?"));
    assert!(world.fails("workspace delete blue").contains("is your active workspace"));
    assert_eq!(world.ok("workspace select default"), "Switched to workspace \"default\".\n");
    assert_eq!(
        world.ok("workspace select -or-create red").lines().next(),
        Some("Created and switched to workspace \"red\"!")
    );
    assert_eq!(world.ok("workspace delete blue"), "Deleted workspace \"blue\"!\n");
    let world = world.env("TF_WORKSPACE", "green");
    assert_eq!(world.ok("workspace show"), "green\n");
    assert!(world.fails("workspace select default").contains("overridden"));

    let world = World::with(ROLE);
    world.ok("workspace new blue");
    world.ok("apply -auto-approve");
    assert!(world.path(".formwork/sandbox/terraform.tfstate.d/blue/terraform.tfstate").exists());
    world.ok("workspace select default");
    assert!(world.fails("workspace delete blue").contains("  - aws_iam_role.r"));
    assert!(world.ok("workspace delete -force blue").contains("Resources left behind"));
}

#[test]
fn init_checks_and_remembers_the_backend() {
    let world = World::new().env("FORMWORK_SANDBOX", "0");
    assert!(world.ok("init").starts_with("formwork initialized in an empty directory!\n"));
    world.write("main.tf", "terraform {\n  backend \"local\" {}\n}\nmodule \"m\" {\n  source = \"./m\"\n}\noutput \"o\" {\n  value = 1\n}\n");
    world.write("m/main.tf", "output \"x\" {\n  value = 2\n}\n");
    let out =
        world.ok("init -input=false -upgrade -backend-config=path=kept/it.tfstate -plugin-dir=x -lockfile=readonly");
    for line in ["Initializing the backend...", "- m in m", "formwork has been successfully initialized!"] {
        assert!(out.lines().any(|l| l == line), "{line}\n{out}");
    }
    world.ok("apply -auto-approve");
    assert!(world.path("kept/it.tfstate").exists());
    assert!(!world.path("terraform.tfstate").exists());
    assert!(world.fails("init -backend-config=pat=x").contains("The backend configuration argument \"pat\""));
    assert_eq!(world.ok("output -raw o"), "1", "the bad one was not remembered");
    assert!(world.ok("providers").contains("└── module.m"));
    world.write("main.tf", "terraform {\n  required_version = \">= 9\"\n}\n");
    assert!(world.fails("init").contains("Unsupported Terraform Core version"));
    assert!(world.fails("plan").contains("Unsupported Terraform Core version"));
}

#[test]
fn a_state_is_pulled_changed_and_pushed() {
    let world = World::with("output \"o\" {\n  value = \"a\"\n}\n").env("FORMWORK_SANDBOX", "0");
    assert_eq!(world.ok("state pull"), "");
    assert!(world.fails("state list").contains("No state file was found"));
    world.ok("apply -auto-approve");
    let state = world.ok("state pull");
    assert_eq!(state, world.read("terraform.tfstate"));
    let output = world.run_with("state push -", &state.replace("\"a\"", "\"b\""));
    assert!(output.err.contains("Older state"), "{}", output.err);
    let newer = state.replace("\"a\"", "\"b\"").replace("\"serial\": 1", "\"serial\": 7");
    assert_eq!(world.run_with("state push -", &newer).code, 0);
    assert_eq!(world.ok("output -raw o"), "b");
    world.write("terraform.tfstate", &newer[..newer.len() / 2]);
    assert!(world.fails("plan").contains("Truncated state file"));
    assert!(world.fails("state push nowhere").contains("nowhere cannot be read"));
}

#[test]
fn what_cannot_be_saved_is_rescued() {
    let world = World::with("output \"o\" {\n  value = \"a\"\n}\n").env("FORMWORK_SANDBOX", "0");
    // A directory where the state should be.
    std::fs::create_dir_all(world.path("terraform.tfstate/x")).unwrap();
    let err = world.fails("apply -auto-approve -lock=false -refresh=false");
    assert!(err.contains("terraform.tfstate"), "{err}");
    std::fs::remove_dir_all(world.path("terraform.tfstate")).unwrap();
    // The backup cannot be written: the state can be read, but not replaced safely.
    world.ok("apply -auto-approve");
    std::fs::create_dir_all(world.path("terraform.tfstate.backup/x")).unwrap();
    world.write("main.tf", "output \"o\" {\n  value = \"b\"\n}\n");
    let err = world.fails("apply -auto-approve");
    assert!(err.contains("saved to errored.tfstate"), "{err}");
    assert!(err.contains("formwork state push errored.tfstate"), "{err}");
    std::fs::remove_dir_all(world.path("terraform.tfstate.backup")).unwrap();
    world.ok("state push errored.tfstate");
    assert_eq!(world.ok("output -raw o"), "b");
}

#[test]
fn what_is_not_of_aws_needs_no_region() {
    let main = "resource \"terraform_data\" \"x\" {\n  input = 1\n}\n";
    let world = World::with(main).env("FORMWORK_SANDBOX", "0");
    world.ok("apply -auto-approve");
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
    world.ok("destroy -auto-approve");
}

#[test]
fn one_run_at_a_time() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let world = World::with(ROLE).env("FORMWORK_SANDBOX", "1");
    let mut first =
        world.command("apply").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(first.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("Only 'yes'") {
        assert!(out.read_line(&mut seen).unwrap() > 0, "{seen}");
    }
    let err = world.fails("plan");
    // The lines are wrapped.
    let words = err.replace('\n', " ");
    assert!(err.contains("Error acquiring the state lock"), "{err}");
    assert!(words.contains(&format!("(process {} on this machine), for apply", first.id())), "{err}");
    assert!(err.contains("Lock Info:\n  ID:        "), "{err}");
    world.ok("plan -lock=false");
    let id = err.lines().find_map(|l| l.trim().strip_prefix("ID:")).unwrap().trim().to_string();
    assert!(world.fails(&format!("force-unlock -force {id}")).contains("Lock still held"));
    // The other answers, and whoever waits for it goes on.
    let mut waiting = world.command("apply -auto-approve -lock-timeout=30s");
    let waiting = waiting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    first.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    assert!(first.wait().unwrap().success());
    let second = waiting.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&second.stdout);
    assert!(text.contains("0 added, 0 changed, 0 destroyed"), "{text}");
    assert!(world.fails(&format!("force-unlock -force {id}")).contains("State not locked"));
}

#[test]
fn the_sandbox_is_shown_and_thrown_away() {
    let world = World::with(ROLE).env("FORMWORK_SANDBOX", "");
    assert!(world.ok("sandbox status").contains("There is no sandbox here yet."));
    world.ok("-sandbox apply -auto-approve");
    assert!(world.ok("sandbox status").contains("(1 objects)"));
    assert_eq!(world.files(), [".formwork", "main.tf"]);
    assert_eq!(world.read(".formwork/.gitignore"), "*\n");
    world.ok("sandbox reset");
    assert!(!world.path(".formwork/sandbox").exists());
}
