//! Tables that hold items are not deleted unasked.

use crate::support::World;

const TABLE: &str = r#"
resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"
  attribute {
    name = "id"
    type = "S"
  }
}
"#;

const ITEM: &str = r#"
resource "aws_dynamodb_table_item" "first" {
  table_name = aws_dynamodb_table.orders.name
  hash_key   = aws_dynamodb_table.orders.hash_key
  item       = jsonencode({ id = { S = "1" } })
}
"#;

/// A table with an item that no configuration has any more.
fn with_item() -> World {
    let world = World::with(&format!("{TABLE}{ITEM}"));
    world.ok("apply -auto-approve");
    world.ok("state rm aws_dynamodb_table_item.first");
    world.write("main.tf", TABLE);
    world
}

#[test]
fn what_the_configuration_can_make_again_is_no_loss() {
    let world = World::with(&format!("{TABLE}{ITEM}"));
    world.ok("apply -auto-approve");
    let plan = world.ok("plan -destroy -no-color");
    assert!(!plan.contains("holds"), "{plan}");
    world.ok("destroy -auto-approve");
}

#[test]
fn a_plan_tells_what_would_be_lost() {
    let world = with_item();
    let output = world.run("plan -destroy -no-color");
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        output.out.contains("# aws_dynamodb_table.orders will be destroyed\n  # (holds 1 item ("),
        "{}",
        output.out
    );
    let all = format!("{}{}", output.out, output.err);
    assert!(all.contains("Warning: Data would be lost") && all.contains("-allow-data-loss"), "{all}");
    // A change in place loses nothing.
    world.write(
        "main.tf",
        &TABLE
            .replace("hash_key     = \"id\"", "hash_key     = \"id\"\n  table_class = \"STANDARD_INFREQUENT_ACCESS\""),
    );
    let plan = world.ok("plan -no-color");
    assert!(plan.contains("1 to change") && !plan.contains("holds"), "{plan}");
}

#[test]
fn nobody_loses_data_unasked() {
    let world = with_item();
    for command in ["destroy -auto-approve", "destroy -auto-approve -json", "apply -destroy -auto-approve"] {
        let output = world.run(command);
        assert_eq!(output.code, 1, "{command}");
        let all = format!("{}{}", output.out, output.err);
        assert!(all.contains("Data would be lost") && all.contains("-allow-data-loss"), "{command}: {all}");
    }
    // A replacement is a loss, too.
    world.write("main.tf", &TABLE.replace("\"id\"", "\"key\""));
    let error = world.fails("apply -auto-approve -no-color");
    assert!(error.contains("aws_dynamodb_table.orders holds 1 item"), "{error}");
    // The table is still there, with its item: nothing was done.
    world.write("main.tf", TABLE);
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);

    for (typed, done) in [("no\n", false), ("yes\n", false), ("yes\nyes\n", false), ("yes\norders\n", true)] {
        let output = world.run_with("destroy -no-color", typed);
        assert_eq!(output.code == 0, done, "{typed:?}: {}{}", output.out, output.err);
        assert!(output.out.contains("Destroy cancelled.") != done, "{typed:?}: {}", output.out);
    }
}

#[test]
fn who_says_so_may_lose_data() {
    let world = with_item();
    world.ok("destroy -auto-approve -allow-data-loss");
    let world = with_item().env("FORMWORK_ALLOW_DATA_LOSS", "1");
    world.ok("destroy -auto-approve");
    // Nobody is asked about a plan file.
    let world = with_item();
    world.ok("plan -destroy -out=saved.plan");
    let error = world.fails("apply -no-color saved.plan");
    assert!(error.contains("apply -allow-data-loss saved.plan"), "{error}");
    world.ok("apply -allow-data-loss saved.plan");
}

#[test]
fn an_empty_table_is_not_asked_about() {
    let world = World::with(TABLE);
    world.ok("apply -auto-approve");
    let output = world.run_with("destroy", "yes\n");
    assert_eq!(output.code, 0, "{}", output.err);
}
