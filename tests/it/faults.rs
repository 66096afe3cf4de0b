//! Trouble at every call of a run: whatever happens, a plain `apply` afterwards comes to the same end as if nothing had happened.
//!
//! `FORMWORK_FAULTS=all cargo test --test it faults -- --nocapture` goes through every position and prints the table of the README.

use super::support::rig::{End, FAULTS, Fault, Rig};
use formwork::plan::Mode;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The example: a table, a role with its policy, a state machine.
pub const SEED: &str = r#"
resource "aws_dynamodb_table" "items" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_iam_role" "workflow" {
  name               = "items-workflow"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "items" {
  name   = "items"
  role   = aws_iam_role.workflow.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = aws_dynamodb_table.items.arn }]
  })
}
resource "aws_sfn_state_machine" "hello" {
  name       = "items-hello"
  role_arn   = aws_iam_role.workflow.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", Comment = aws_dynamodb_table.items.name, End = true } } })
}
output "arn" {
  value = aws_sfn_state_machine.hello.arn
}
"#;

/// Twelve resources, one of everything that is made in several calls; `b` is what it becomes: changed in place, replaced in both orders,
/// made and deleted.
fn twelve(b: bool) -> String {
    let pick = |one: &'static str, other: &'static str| if b { other } else { one };
    let trust = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["states.amazonaws.com", "ec2.amazonaws.com"] } }] })"#;
    let policy = |action: &str| {
        format!(
            r#"jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}] }})"#
        )
    };
    format!(
        r#"
resource "aws_dynamodb_table" "changed" {{
  name         = "changed"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {{
    name = "id"
    type = "S"
  }}
  attribute {{
    name = "{index}"
    type = "S"
  }}
  global_secondary_index {{
    name            = "by-{index}"
    hash_key        = "{index}"
    projection_type = "ALL"
  }}
  ttl {{
    attribute_name = "{ttl}"
    enabled        = true
  }}
  point_in_time_recovery {{
    enabled = {recovery}
  }}
  tags = {{ stage = "{tag}" }}
}}
resource "aws_dynamodb_table" "replaced" {{
  name         = "replaced"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "{key}"
  attribute {{
    name = "{key}"
    type = "S"
  }}
}}
resource "aws_iam_role" "named" {{
  name                 = "named"
  description          = "{tag}"
  max_session_duration = {seconds}
  assume_role_policy   = {trust}
  tags                 = {{ stage = "{tag}" }}
}}
resource "aws_iam_role" "generated" {{
  name_prefix        = "{prefix}"
  assume_role_policy = {trust}
  lifecycle {{
    create_before_destroy = true
  }}
}}
resource "aws_iam_role_policy" "inline" {{
  role   = aws_iam_role.generated.name
  policy = {inline}
}}
resource "aws_iam_policy" "managed" {{
  name   = "managed"
  policy = {managed}
}}
resource "aws_iam_policy" "moving" {{
  name   = "{moving}"
  policy = {managed}
  lifecycle {{
    create_before_destroy = true
  }}
}}
resource "aws_iam_role_policy_attachment" "managed" {{
  role       = aws_iam_role.named.name
  policy_arn = aws_iam_policy.moving.arn
}}
resource "aws_cloudwatch_log_group" "logs" {{
  name              = "/aws/vendedlogs/states/m"
  retention_in_days = {days}
}}
resource "aws_sfn_state_machine" "machine" {{
  name       = "machine"
  role_arn   = aws_iam_role.generated.arn
  publish    = true
  definition = jsonencode({{ StartAt = "A", States = {{ A = {{ Type = "Pass", Comment = "{tag}", End = true }} }} }})
}}
resource "aws_sfn_alias" "live" {{
  name = "live"
  routing_configuration {{
    state_machine_version_arn = aws_sfn_state_machine.machine.state_machine_version_arn
    weight                    = 100
  }}
}}
resource "aws_iam_instance_profile" "{profile}" {{
  name = "profile-{profile}"
  role = aws_iam_role.named.name
}}
"#,
        index = pick("mail", "phone"),
        ttl = pick("until", "expires"),
        recovery = pick("false", "true"),
        tag = pick("one", "two"),
        key = pick("id", "key"),
        seconds = pick("3600", "7200"),
        prefix = pick("gen-a-", "gen-b-"),
        inline = policy(pick("states:StartExecution", "states:StopExecution")),
        managed = policy(pick("logs:PutLogEvents", "logs:CreateLogStream")),
        moving = pick("moving-a", "moving-b"),
        days = pick("7", "30"),
        profile = pick("first", "second"),
    )
}

/// From where to where.
struct Story {
    name: &'static str,
    /// Applied without trouble first.
    before: Option<String>,
    main: String,
}

fn stories() -> Vec<Story> {
    vec![
        Story { name: "the example, from nothing", before: None, main: SEED.into() },
        Story { name: "12 resources, updated and replaced", before: Some(twelve(false)), main: twelve(true) },
    ]
}

impl Story {
    fn rig(&self) -> Rig {
        let rig = Rig::new();
        if let Some(before) = &self.before {
            rig.write(before);
            let end = rig.apply();
            assert!(end.is_done(), "{}: {}", self.name, end.errors());
        }
        rig.write(&self.main);
        rig.no_trouble();
        rig
    }
}

/// Whether every position is tried, not only some.
fn all() -> bool {
    std::env::var_os("FORMWORK_FAULTS").is_some_and(|v| v == "all")
}

/// What a run without trouble comes to.
struct Goal {
    world: serde_json::Value,
    state: serde_json::Value,
}

impl Goal {
    fn of(rig: &Rig) -> Goal {
        Goal { world: rig.world(), state: rig.state() }
    }
}

/// A plain `apply`, then `plan`: what is wrong then, if anything.
fn recovers(rig: &Rig, goal: &Goal, disturbed: &End) -> Result<(), String> {
    rig.no_trouble();
    let end = rig.apply();
    if !end.is_done() {
        return Err(format!("the next apply failed: {}after: {}", end.errors(), disturbed.errors()));
    }
    let left = rig.changes();
    if !left.is_empty() {
        return Err(format!("the plan after that is not empty: {left:?}"));
    }
    // What later steps did to earlier objects comes into the state with the next look.
    if !rig.apply().is_done() {
        return Err("an apply without changes failed".into());
    }
    let (world, want) = (rig.world(), &goal.world);
    if world != *want {
        return Err(format!("the world is another one:\n{}", difference("", want, &world).join("\n")));
    }
    let (state, want) = (rig.state(), &goal.state);
    if state["resources"] != want["resources"] || state["outputs"] != want["outputs"] {
        return Err(format!("the state is another one:\n{}", difference("", want, &state).join("\n")));
    }
    let files = rig.files();
    if files != ["terraform.tfstate", "terraform.tfstate.backup"] && files != ["terraform.tfstate"] {
        return Err(format!("files were left: {files:?}"));
    }
    Ok(())
}

fn difference(at: &str, a: &serde_json::Value, b: &serde_json::Value) -> Vec<String> {
    use serde_json::Value as Json;
    match (a, b) {
        _ if a == b => Vec::new(),
        (Json::Object(x), Json::Object(y)) => {
            let names: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            let null = Json::Null;
            let part = |name: &String| {
                difference(&format!("{at}.{name}"), x.get(name).unwrap_or(&null), y.get(name).unwrap_or(&null))
            };
            names.into_iter().flat_map(part).collect()
        }
        (Json::Array(x), Json::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().flat_map(|(i, (x, y))| difference(&format!("{at}[{i}]"), x, y)).collect()
        }
        _ => vec![format!("  {at}: {a} became {b}")],
    }
}

#[test]
fn whatever_happens_at_any_call_the_next_apply_completes_it() {
    let mut failures = Vec::new();
    let mut table: BTreeMap<(&str, Fault), (usize, usize, usize)> = BTreeMap::new();
    let stories = stories();
    for (s, story) in stories.iter().enumerate() {
        let wanted = story.rig();
        let end = wanted.apply();
        assert!(end.is_done(), "{}: {}", story.name, end.errors());
        let calls = wanted.no_trouble();
        assert!(wanted.changes().is_empty(), "{:?}", wanted.changes());
        assert!(wanted.apply().is_done());
        let mut tries: Vec<(Fault, usize)> = FAULTS.iter().flat_map(|f| (1..=calls.len()).map(|at| (*f, at))).collect();
        // The quick selection: the example killed at each call, and every fault somewhere.
        let quick = |(fault, at): &(Fault, usize)| match s {
            0 => *fault == Fault::KilledAfter || (at + *fault as usize).is_multiple_of(8),
            _ => (at + *fault as usize * 5).is_multiple_of(40),
        };
        tries.retain(|t| all() || quick(t));
        let (goal, next) = (Goal::of(&wanted), AtomicUsize::new(0));
        let work = || {
            let mut done = Vec::new();
            while let Some((fault, at)) = tries.get(next.fetch_add(1, Ordering::SeqCst)).copied() {
                let rig = story.rig();
                rig.trouble(at, fault);
                let disturbed = rig.apply();
                done.push((fault, at, disturbed.is_done(), recovers(&rig, &goal, &disturbed)));
            }
            done
        };
        let results = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|w| w.join().unwrap()).collect::<Vec<_>>()
        });
        for (fault, at, well, recovered) in results {
            let cell = table.entry((story.name, fault)).or_default();
            cell.0 += 1;
            cell.1 += usize::from(well);
            match recovered {
                Ok(()) => cell.2 += 1,
                Err(why) => failures.push(format!("{}: {fault:?} at call {at}, {}: {why}", story.name, calls[at - 1])),
            }
        }
    }
    println!("| run | fault | calls | that run ended well | then plain `apply` converged |\n|---|---|---:|---:|---:|");
    for ((story, fault), (calls, well, converged)) in &table {
        println!("| {story} | {fault:?} | {calls} | {well} | {converged} |");
    }
    assert!(failures.is_empty(), "{} of them:\n{}", failures.len(), failures.join("\n"));
}

/// Runs that follow each other, back and forth, each with one call in ten in trouble.
#[test]
fn a_long_life_with_trouble_ends_where_one_without_does() {
    let runs = if all() { 200 } else { 5 };
    let rig = Rig::new();
    let (a, b) = (twelve(false), twelve(true));
    for run in 0..runs {
        rig.write(if run % 2 == 0 { &a } else { &b });
        rig.random_trouble(0x9e37_79b9 * (run + 1), 10);
        rig.apply();
    }
    rig.no_trouble();
    rig.write(&b);
    let end = rig.apply();
    assert!(end.is_done(), "{}", end.errors());
    assert_eq!(rig.changes(), Vec::<String>::new());
    // Nothing is left over: everything goes.
    let end = rig.run(Mode::Destroy, false);
    assert!(end.is_done(), "{}", end.errors());
    let empty = Rig::new();
    empty.write(&a);
    assert!(empty.apply().is_done());
    assert!(empty.run(Mode::Destroy, false).is_done());
    let accounts = |rig: &Rig| rig.world()["accounts"].clone();
    assert_eq!(difference("", &accounts(&empty), &accounts(&rig)), Vec::<String>::new());
}

/// Who plans need not be allowed to see what runs on a state machine: the plan is the same, and says nothing of it.
#[test]
fn a_refused_look_at_executions_is_passed_over() {
    let rig = Rig::new();
    rig.write(SEED);
    assert!(rig.apply().is_done());
    rig.write(&SEED.replace("Comment = ", "Result = "));
    rig.no_trouble();
    let wanted = rig.changes();
    let calls = rig.no_trouble();
    assert!(calls.iter().any(|c| c == "ListExecutions"), "{calls:?}");
    assert_eq!(wanted, ["Update aws_sfn_state_machine.hello"]);
    rig.deny("ListExecutions");
    assert_eq!(rig.changes(), wanted);
    assert!(rig.no_trouble().iter().any(|c| c == "ListExecutions"));
    // What the plan does need is not passed over.
    rig.deny("DescribeStateMachine");
    assert!(matches!(rig.apply(), End::Unplanned(_)));
}
