//! The real program, killed, interrupted, raced and locked out; saved plans that come late; what a failed run undoes.

use super::faults::SEED;
use super::support::World;
use super::support::rig::{End, Fault, Rig};
use formwork::plan::Mode;
use formwork::sandbox::Sandbox;
use formwork::state::{Journal, tfstate};
use proptest::prelude::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};

/// What is on its way when the process is killed, is found by the next one.
#[test]
fn killed_at_any_moment_it_carries_on() {
    for lines in [1, 2, 3, 5, 6, 7] {
        let world = World::with(SEED);
        let mut child =
            world.command("apply -auto-approve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut doing = out.lines().map_while(Result::ok).filter(|l| l.starts_with("aws_"));
        doing.nth(lines - 1);
        child.kill().unwrap();
        child.wait().unwrap();
        world.ok("apply -auto-approve");
        assert_eq!(world.run("plan -detailed-exitcode").code, 0, "killed after {lines} lines");
        assert_eq!(world.ok("state list").lines().filter(|l| l.starts_with("aws_")).count(), 4);
        let left: Vec<String> =
            world.files().into_iter().filter(|f| f.contains("journal") || f.contains("lock")).collect();
        assert!(left.is_empty(), "{left:?}");
        world.ok("destroy -auto-approve");
    }
}

/// The embedded AWS on a port, behind a door that holds back the answers to creations until it is opened.
struct Gate {
    port: u16,
    open: Arc<(Mutex<bool>, Condvar)>,
    held: mpsc::Receiver<()>,
}

impl Gate {
    fn new() -> Gate {
        let (tell, port) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap().port()).unwrap();
                // Over the network the program goes by the machine's clock.
                let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
                Sandbox::options()
                    .clock(move || i64::try_from(now()).unwrap())
                    .in_memory()
                    .serve(listener)
                    .await
                    .unwrap();
            });
        });
        let upstream = port.recv().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new((Mutex::new(false), Condvar::new()));
        let (arrived, held) = mpsc::channel();
        let door = open.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(("127.0.0.1", upstream)).unwrap();
                pass(client, server, door.clone(), arrived.clone());
            }
        });
        Gate { port, open, held }
    }

    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }

    /// A run of the program that talks to it.
    fn start(&self, world: &World, args: &str) -> Child {
        let mut command = world.command(args);
        command.env("FORMWORK_SANDBOX", "0").env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port));
        command.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

fn pass(client: TcpStream, server: TcpStream, door: Arc<(Mutex<bool>, Condvar)>, arrived: mpsc::Sender<()>) {
    let hold = Arc::new(AtomicBool::new(false));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let creating = hold.clone();
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..n]);
            creating.store(text.contains("CreateTable") || text.contains("Action=CreateRole"), Ordering::SeqCst);
            if to.write_all(&bytes[..n]).is_err() {
                return;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
    let (mut from, mut to) = (server, client);
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            if hold.load(Ordering::SeqCst) {
                let _ = arrived.send(());
                let mut open = door.0.lock().unwrap();
                while !*open {
                    open = door.1.wait(open).unwrap();
                }
            }
            if to.write_all(&bytes[..n]).is_err() {
                return;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Reads until a line holds `word`; gives the rest on when asked.
fn until(reader: &mut impl BufRead, word: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(word) {
        assert!(reader.read_line(&mut seen).unwrap() > 0, "no {word:?} in:\n{seen}");
    }
    seen
}

#[test]
fn the_first_interrupt_finishes_what_is_in_flight() {
    for name in ["-INT", "-TERM"] {
        let (gate, world) = (Gate::new(), World::with(SEED));
        let mut child = gate.start(&world, "apply -auto-approve");
        gate.held.recv().unwrap();
        gate.held.recv().unwrap();
        signal(&child, name);
        let mut err = BufReader::new(child.stderr.take().unwrap());
        until(&mut err, "Gracefully shutting down");
        gate.open();
        let mut rest = String::new();
        err.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
        assert!(rest.contains("Not begun:\n  aws_iam_role_policy.items\n  aws_sfn_state_machine.hello\n"), "{rest}");
        assert!(rest.contains("2 added, 0 changed, 0 destroyed before that. The state holds all of it"), "{rest}");
        let state = world.read("terraform.tfstate");
        assert!(state.contains("\"aws_dynamodb_table\"") && state.contains("\"aws_iam_role\""));
        assert_eq!(world.files(), ["main.tf", "terraform.tfstate"]);
        let again = gate.start(&world, "apply -auto-approve").wait_with_output().unwrap();
        assert!(String::from_utf8_lossy(&again.stdout).contains("2 added, 0 changed, 0 destroyed"));
    }
}

#[test]
fn the_second_interrupt_stops_at_once_and_loses_nothing() {
    let (gate, world) = (Gate::new(), World::with(SEED));
    let mut child = gate.start(&world, "apply -auto-approve");
    gate.held.recv().unwrap();
    gate.held.recv().unwrap();
    signal(&child, "-INT");
    let mut err = BufReader::new(child.stderr.take().unwrap());
    until(&mut err, "Gracefully shutting down");
    signal(&child, "-INT");
    until(&mut err, "Two interrupts received");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(world.files().contains(&"terraform.tfstate.journal".to_string()), "{:?}", world.files());
    gate.open();
    // Whoever only looks sees what came of it, and leaves it to the next apply.
    let plan = gate.start(&world, "plan").wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&plan.stdout);
    assert!(out.contains("aws_iam_role.workflow: Made by an interrupted run: taken over [id=items-workflow]"), "{out}");
    assert!(out.contains("Plan: 2 to add, 0 to change, 0 to destroy."), "{out}");
    let again = gate.start(&world, "apply -auto-approve").wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&again.stdout);
    assert!(out.contains("2 added, 0 changed, 0 destroyed"), "{out}{}", String::from_utf8_lossy(&again.stderr));
    assert!(!world.files().contains(&"terraform.tfstate.journal".to_string()));
    let plan = gate.start(&world, "plan -detailed-exitcode").wait_with_output().unwrap();
    assert_eq!(plan.status.code(), Some(0));
}

#[test]
fn processes_that_race_for_one_state_all_get_their_turn() {
    let main = r#"
resource "aws_iam_role" "r" {
  count              = 4
  name               = "r${count.index}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}
"#;
    let world = World::with(main);
    let start = |i: u32| {
        let args = format!("apply -auto-approve -lock-timeout=120s -target=aws_iam_role.r[{i}]");
        world.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in (0..4).map(start).collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
}

/// Terraform itself, both ways round; without it there is nobody to ask.
#[test]
fn terraform_and_formwork_exclude_each_other() {
    let world = World::with("resource \"terraform_data\" \"x\" {\n  input = 1\n}\n").env("FORMWORK_SANDBOX", "0");
    let terraform = |args: &[&str]| {
        let mut command = Command::new("terraform");
        command.args(args).current_dir(world.path(".")).env("CHECKPOINT_DISABLE", "1").env_remove("TF_CLI_ARGS");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    match terraform(&["init"]).output() {
        Ok(output) if output.status.success() => {}
        _ => {
            println!("skipped: terraform is not installed");
            return;
        }
    }
    let ask = |mut command: Command| {
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        until(&mut out, "Only 'yes'");
        (child, out)
    };
    // We hold it.
    let mut ours = world.command("apply");
    ours.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, _out) = ask(ours);
    let theirs = terraform(&["plan", "-no-color"]).output().unwrap();
    let err = String::from_utf8_lossy(&theirs.stderr);
    assert!(!theirs.status.success() && err.contains("Error acquiring the state lock"), "{err}");
    assert!(err.contains("OperationTypeApply"), "{err}");
    drop(child.stdin.take());
    child.wait().unwrap();
    // They hold it.
    let (mut child, _out) = ask(terraform(&["apply", "-no-color"]));
    let err = world.fails("plan").replace('\n', " ");
    assert!(err.contains("Error acquiring the state lock") && err.contains("for apply"), "{err}");
    assert!(err.contains(&format!("(process {} on this machine)", child.id())), "{err}");
    // Their death ends it; the note they leave is no obstacle.
    child.kill().unwrap();
    child.wait().unwrap();
    world.ok("apply -auto-approve");
    let theirs = terraform(&["plan", "-no-color", "-detailed-exitcode"]).output().unwrap();
    assert_eq!(theirs.status.code(), Some(0), "{}", String::from_utf8_lossy(&theirs.stderr));
}

#[test]
fn a_saved_plan_minds_only_what_it_touches() {
    let role = |name: &str, description: &str| {
        format!(
            r#"
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  description        = "{description}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}]
  }})
}}
"#
        )
    };
    let both = |a: &str, b: &str| format!("{}{}", role("a", a), role("b", b));
    let world = World::with(&both("one", "one"));
    world.ok("apply -auto-approve");
    world.write("main.tf", &both("two", "one"));
    world.ok("plan -out=a.plan");
    world.ok("plan -out=late.plan");
    // Someone else's change of something else is no obstacle, and stays.
    world.write("main.tf", &both("one", "three"));
    world.ok("apply -auto-approve");
    assert!(world.ok("apply a.plan").contains("0 added, 1 changed, 0 destroyed"));
    world.write("main.tf", &both("two", "three"));
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
    // A change of the same thing is.
    let err = world.fails("apply late.plan");
    assert!(err.contains("Saved plan is stale"), "{err}");
    assert!(err.contains("aws_iam_role.a") && err.contains("description: \"one\" → \"two\""), "{err}");
    assert!(!err.contains("aws_iam_role.b"), "{err}");
}

#[test]
fn what_a_failed_run_did_is_undone_on_demand() {
    let rig = Rig::new();
    rig.write(SEED);
    assert!(rig.apply().is_done());
    let calls = rig.no_trouble();
    let at = |name: &str| calls.iter().position(|c| c == name).unwrap_or_else(|| panic!("{calls:?}")) + 1;
    let rig = Rig::new();
    rig.write(SEED);
    let empty = rig.world()["accounts"].clone();
    rig.trouble(at("CreateStateMachine"), Fault::Throttled);
    let End::Applied(both) = rig.run(Mode::Normal, true) else { panic!() };
    let outcome = both.1;
    let undone: Vec<String> = outcome.undone.iter().map(ToString::to_string).collect();
    assert_eq!(undone, ["aws_iam_role_policy.items", "aws_iam_role.workflow"]);
    let not: Vec<(String, &str)> = outcome.not_undone.iter().map(|(a, why)| (a.to_string(), &**why)).collect();
    assert_eq!(not, [("aws_dynamodb_table.items".to_string(), "was created, and may hold data by now")]);
    rig.no_trouble();
    let names: Vec<String> =
        rig.state()["resources"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_string()).collect();
    assert_eq!(names, ["items"]);
    assert_ne!(rig.world()["accounts"], empty, "the table is there");
    assert!(
        rig.world().to_string().contains("items") && !rig.world()["accounts"].to_string().contains("items-workflow")
    );

    // A change in place goes back.
    let rig = Rig::new();
    rig.write(SEED);
    assert!(rig.apply().is_done());
    assert!(rig.apply().is_done());
    let (world, state) = (rig.world(), rig.state());
    rig.write(&SEED.replace("PutItem", "GetItem").replace("\"A\"", "\"B\"").replace("A = {", "B = {"));
    let probe = Rig::new();
    probe.write(SEED);
    assert!(probe.apply().is_done());
    probe.write(&SEED.replace("PutItem", "GetItem").replace("\"A\"", "\"B\"").replace("A = {", "B = {"));
    probe.no_trouble();
    assert!(probe.apply().is_done());
    let calls = probe.no_trouble();
    let at = calls.iter().position(|c| c == "UpdateStateMachine").unwrap() + 1;
    rig.trouble(at, Fault::Throttled);
    let End::Applied(both) = rig.run(Mode::Normal, true) else { panic!() };
    assert_eq!(both.1.undone.iter().map(ToString::to_string).collect::<Vec<_>>(), ["aws_iam_role_policy.items"]);
    rig.no_trouble();
    rig.write(SEED);
    assert_eq!(rig.changes(), Vec::<String>::new());
    assert_eq!((rig.world(), rig.state()), (world, state));
}

#[test]
fn a_journal_in_another_hand_is_left_to_it() {
    let world = World::with(SEED);
    world.write(
        "terraform.tfstate.journal",
        "{\"formwork_journal\":1,\"run\":\"r\",\"lineage\":\"none yet\",\"serial\":0}\nnonsense\n{\"intent\":{}}\n",
    );
    world.ok("apply -auto-approve");
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is done to the bytes, reading them says so or gives what can be written and read again.
    #[test]
    fn states_and_journals_of_any_bytes_are_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let state = include_str!("../../src/state/fixtures/terraform-1.11.4.tfstate");
        let journal = r#"{"formwork_journal":1,"run":"r","lineage":"none yet","serial":0}
{"intent":{"run":"r","number":1,"at":"2026-01-01T00:00:00Z","deed":"create","address":"aws_x.y[\"k\"]","deposed":null,"provider":"provider[\"p\"]","object":["object",{"a":["n","1.50"]}],"dependencies":["aws_x.z"],"create_before_destroy":true}}
{"done":1,"there":[{"address":"aws_x.y[\"k\"]","resources":[{"mode":"managed","type":"aws_x","name":"y","provider":"provider[\"p\"]","instances":[{"index_key":"k","schema_version":0,"attributes":{"id":"1"}}]}]}]}
"#;
        let edit = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            for (place, byte, what) in &edits {
                if bytes.is_empty() {
                    break;
                }
                let at = place.index(bytes.len());
                match what {
                    0 => bytes[at] = *byte,
                    1 => bytes.truncate(at),
                    2 => bytes.insert(at, *byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            bytes
        };
        if let Ok(text) = String::from_utf8(edit(state))
            && let Ok(read) = tfstate::parse("x", &text)
        {
            prop_assert_eq!(tfstate::parse("x", &tfstate::print(&read)).unwrap(), read);
        }
        let read = Journal::parse(&edit(journal));
        prop_assert!(read.open.len() <= 1 && read.results.len() <= 1);
    }
}
