//! States in S3, through the real program against a served sandbox, and beside the real Terraform where there is one.

use crate::support::World;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const SIGNED: &str =
    "authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=0\r\n";

/// A served sandbox with a bucket and a table of locks.
struct Aws {
    server: Child,
    port: u16,
    _home: World,
}

impl Drop for Aws {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Aws {
    fn new() -> Aws {
        let home = World::new().env("FORMWORK_SANDBOX", "0");
        let server = home.command("sandbox serve -port=0").stdout(Stdio::piped()).spawn().unwrap();
        // From here on it is ended with the test.
        let mut aws = Aws { server, port: 0, _home: home };
        let mut lines = BufReader::new(aws.server.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|l| l.split("127.0.0.1:").nth(1)?.split(' ').next()?.parse().ok());
        aws.port = port.unwrap();
        assert_eq!(aws.ask("PUT", "/tfstate", "").0, 200);
        let table = r#"{"TableName":"locks","KeySchema":[{"AttributeName":"LockID","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"LockID","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#;
        assert_eq!(aws.dynamodb("CreateTable", table).0, 200);
        aws
    }

    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_string())
    }

    /// A request of somebody else.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{SIGNED}");
        self.send(&format!("{head}content-length: {}\r\n\r\n{body}", body.len()))
    }

    fn dynamodb(&self, operation: &str, body: &str) -> (u16, String) {
        let signed = SIGNED.replace("/s3/", "/dynamodb/");
        let head = format!(
            "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{signed}x-amz-target: DynamoDB_20120810."
        );
        self.send(&format!("{head}{operation}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }

    /// An object as JSON.
    fn object(&self, key: &str) -> serde_json::Value {
        let (status, body) = self.ask("GET", &format!("/tfstate/{key}"), "");
        assert_eq!(status, 200, "{key}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn has(&self, key: &str) -> bool {
        self.ask("HEAD", &format!("/tfstate/{key}"), "").0 == 200
    }

    /// A directory whose backend is a key here.
    fn world(&self, key: &str, more: &str) -> World {
        let world = World::new().env("FORMWORK_SANDBOX", "0");
        let world = world.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        self.configure(&world, key, more);
        world
    }

    fn backend(&self, key: &str, more: &str) -> String {
        self.backend_at(self.port, key, more)
    }

    fn backend_at(&self, port: u16, key: &str, more: &str) -> String {
        format!(
            "terraform {{\n  backend \"s3\" {{\n    bucket = \"tfstate\"\n    key = \"{key}\"\n    region = \"us-east-1\"\n    \
             use_path_style = true\n    skip_credentials_validation = true\n    skip_requesting_account_id = true\n    {more}\n    \
             endpoints = {{ s3 = \"http://127.0.0.1:{port}\", dynamodb = \"http://127.0.0.1:{port}\" }}\n  }}\n}}\n"
        )
    }

    fn configure(&self, world: &World, key: &str, more: &str) {
        world.write("main.tf", &(self.backend(key, more) + DATA));
    }
}

/// Something to keep that needs no AWS.
const DATA: &str = "variable \"v\" {\n  default = 1\n}\nresource \"terraform_data\" \"x\" {\n  input = var.v\n}\noutput \"o\" {\n  value = terraform_data.x.output\n}\n";

const BOTH: &str = "use_lockfile = true\n    dynamodb_table = \"locks\"";

const LOCK: &str = r#"{"ID":"bceb9a19-1f44-b57e-d615-adbe1e467734","Operation":"OperationTypeApply","Info":"","Who":"joe@host","Version":"1.11.4","Created":"2026-01-02T02:04:05Z","Path":"tfstate/p/k"}"#;

#[test]
fn every_command_works_without_init() {
    let aws = Aws::new();
    let world = aws.world("p/k", BOTH);
    assert!(world.ok("plan").contains("1 to add"));
    world.ok("apply -auto-approve");
    let serial = || aws.object("p/k")["serial"].as_u64().unwrap();
    let first = serial();
    assert!(!aws.has("p/k.tflock") && !aws.has("p/k.journal") && !world.path("terraform.tfstate").exists());
    assert_eq!(world.run("plan -detailed-exitcode").code, 0);
    assert_eq!(world.ok("state list"), "terraform_data.x\n");
    assert!(world.ok("state show terraform_data.x").contains("input  = 1"));
    assert!(world.ok("show").contains("terraform_data.x"));
    assert_eq!(world.ok("output -raw o"), "1");
    world.ok("state mv terraform_data.x terraform_data.y");
    assert_eq!(serial(), first + 1);
    let pulled = world.ok("state pull");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&pulled).unwrap(), aws.object("p/k"));
    world.ok("state rm terraform_data.y");
    assert_eq!(serial(), first + 2);
    // Lineage and serial are looked at.
    world.write("old.tfstate", &pulled);
    assert!(world.fails("state push old.tfstate").contains("Older state"));
    world.write("other.tfstate", &pulled.replace("\"lineage\": \"", "\"lineage\": \"x"));
    assert!(world.fails("state push other.tfstate").contains("State of another history"));
    world.ok("state push -force old.tfstate");
    assert_eq!(world.ok("state list"), "terraform_data.y\n");
}

#[test]
fn a_lock_keeps_others_out() {
    let aws = Aws::new();
    let world = aws.world("p/k", BOTH);
    world.ok("apply -auto-approve");
    let item = serde_json::json!({ "TableName": "locks", "Item": { "LockID": { "S": "tfstate/p/k" }, "Info": { "S": LOCK } } });
    for by_object in [true, false] {
        match by_object {
            true => assert_eq!(aws.ask("PUT", "/tfstate/p/k.tflock", LOCK).0, 200),
            false => assert_eq!(aws.dynamodb("PutItem", &item.to_string()).0, 200),
        }
        for command in ["plan", "apply -auto-approve", "state rm terraform_data.x", "plan -lock-timeout=150ms"] {
            let said = world.fails(command);
            for part in [
                "Error acquiring the state lock",
                "s3://tfstate/p/k is locked by joe@host, for apply, since 60 minutes.",
                "ID:        bceb9a19-1f44-b57e-d615-adbe1e467734",
                "force-unlock bceb9a19-1f44-b57e-d615-adbe1e467734",
            ] {
                assert!(said.contains(part), "{command}: {part}\n{said}");
            }
            assert_eq!(
                command.contains("timeout"),
                said.contains("Acquiring state lock. This may take a few moments...")
            );
        }
        assert!(world.ok("plan -lock=false").contains("No changes."));
        assert!(world.fails("force-unlock -force x").contains("Wrong lock ID"));
        world.ok("force-unlock -force bceb9a19-1f44-b57e-d615-adbe1e467734");
        assert!(world.fails("force-unlock -force bceb9a19-1f44-b57e-d615-adbe1e467734").contains("State not locked"));
        world.ok("plan");
    }
}

#[test]
fn of_several_at_once_nothing_is_lost() {
    let aws = Aws::new();
    let worlds: Vec<World> = (0..4).map(|_| aws.world("p/k", "use_lockfile = true")).collect();
    let race = |options: &str| -> Vec<Output> {
        let start = |(i, w): (usize, &World)| {
            let mut command = w.command(&format!("apply -auto-approve {options} -var v={i}"));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<Child> = worlds.iter().enumerate().map(start).collect();
        children.into_iter().map(|c| c.wait_with_output().unwrap()).collect()
    };
    // Who waits comes later: each makes one change to what the one before left.
    for output in race("-lock-timeout=60s") {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let serial = |aws: &Aws| aws.object("p/k")["serial"].as_u64().unwrap();
    // Each wrote at least once, and none wrote over another.
    let before = serial(&aws);
    assert!(before >= 4);
    // Who does not wait is refused, and changes nothing.
    let outputs = race("-lock-timeout=0s");
    let done = outputs.iter().filter(|o| o.status.success()).count();
    assert!(done >= 1);
    for output in outputs.iter().filter(|o| !o.status.success()) {
        assert!(String::from_utf8_lossy(&output.stderr).contains("Error acquiring the state lock"));
    }
    assert!(serial(&aws) >= before);
    assert!(worlds[0].run("plan -detailed-exitcode").code != 1);
    assert!(!aws.has("p/k.tflock"));
}

#[test]
fn a_saved_plan_knows_when_the_state_has_moved_on() {
    let aws = Aws::new();
    let world = aws.world("p/k", "use_lockfile = true");
    world.ok("apply -auto-approve");
    world.ok("plan -var v=2 -out=two.plan");
    world.ok("apply -auto-approve -var v=3");
    assert!(world.fails("apply two.plan").contains("Saved plan is stale"));
    assert!(!aws.has("p/k.tflock"));
    world.ok("plan -var v=2 -out=two.plan");
    world.ok("apply two.plan");
    assert_eq!(world.ok("output -raw o"), "2");
}

#[test]
fn init_takes_states_along() {
    let aws = Aws::new();
    let world = aws.world("a", "use_lockfile = true");
    let with_backend = world.read("main.tf");
    world.write("main.tf", DATA);
    world.ok("apply -auto-approve");
    let local = world.read("terraform.tfstate");

    // Another place is not used before it is clear what becomes of the state that is here.
    world.write("main.tf", &with_backend);
    let said = world.fails("plan");
    for part in [
        "Backend initialization required",
        "Initial configuration of the requested backend \"s3\"",
        "init -migrate-state",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(world.fails("init -input=false").contains("Can't ask approval for state migration"));
    let output = world.run_with("init", "yes\n");
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(output.out.contains("Do you want to copy existing state to the new backend?\n  Pre-existing state was found while migrating the previous \"local\" backend to the\n"));
    assert!(output.out.contains("\nSuccessfully configured the backend \"s3\"! formwork will automatically\nuse this backend unless the backend configuration changes.\n"));
    assert_eq!(aws.object("a"), serde_json::from_str::<serde_json::Value>(&local).unwrap());
    assert_eq!(
        (world.read("terraform.tfstate"), world.read("terraform.tfstate.backup")),
        (String::new(), local.clone())
    );
    assert!(world.ok("plan").contains("No changes."));
    assert!(!world.ok("init").contains("Successfully configured"));

    // Another key.
    aws.configure(&world, "b", "use_lockfile = true");
    assert!(world.fails("plan").contains("Backend configuration block has changed"));
    assert!(world.fails("init").contains("Backend configuration changed"));
    assert!(world.fails("init -migrate-state -reconfigure").contains("mutually-exclusive"));
    assert!(world.ok("init -migrate-state -force-copy").contains("Backend configuration changed!\n"));
    assert_eq!(aws.object("b"), aws.object("a"));
    // Only how it is spoken to: the same place, nothing to ask.
    aws.configure(&world, "b", BOTH);
    world.ok("init -migrate-state -input=false");
    world.ok("apply -auto-approve -var v=2");

    // A state is there already.
    aws.configure(&world, "a", "use_lockfile = true");
    let output = world.run_with("init -migrate-state", "no\n");
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(output.out.contains("An existing non-empty state already exists in\n  the new backend."));
    assert_eq!(world.ok("output -raw o"), "1");

    // And back to this machine.
    world.write("main.tf", DATA);
    assert!(world.fails("plan").contains("Unsetting the previously set backend \"s3\""));
    let out = world.run_with("init -migrate-state", "yes\n").out;
    assert!(out.contains("Successfully unset the backend \"s3\". formwork will now operate locally."), "{out}");
    assert_eq!(world.ok("output -raw o"), "1");
    assert!(!aws.has("a.tflock") && !aws.has("b.tflock"));
}

#[test]
fn a_partial_backend_is_completed_once() {
    let aws = Aws::new();
    let world = aws.world("p/k", "");
    let main = world.read("main.tf");
    world.write("main.tf", &main.replace("bucket = \"tfstate\"", "").replace("key = \"p/k\"", ""));
    for command in ["plan", "init -input=false"] {
        let said = world.fails(command);
        assert!(
            said.contains("The attribute \"bucket\" is required by the backend.")
                && said.contains("\"key\" is required"),
            "{said}"
        );
    }
    assert_eq!(world.run_with("init", "tfstate\ntyped/k\n").code, 0);
    world.ok("apply -auto-approve");
    assert!(aws.has("typed/k"));
    world.write("prod.tfbackend", "bucket = \"tfstate\"\nkey = \"file/k\"\n");
    assert!(world.fails("init -backend-config=prod.tfbackend").contains("Backend configuration changed"));
    world.ok("init -reconfigure -backend-config=prod.tfbackend -backend-config=key=cli/k");
    world.ok("apply -auto-approve");
    assert!(aws.has("cli/k") && !aws.has("file/k"));
    assert!(world.fails("init -backend-config=kez=x").contains("Did you mean \"key\"?"));
    assert!(
        world
            .fails("init -backend-config=nofile")
            .contains("The file \"nofile\", given with -backend-config, could not be read")
    );
    world.ok("plan");
}

#[test]
fn workspaces_live_in_the_bucket() {
    let aws = Aws::new();
    let world = aws.world("p/k", "use_lockfile = true\n    workspace_key_prefix = \"ws\"");
    world.ok("workspace new blue");
    assert_eq!(aws.object("ws/blue/p/k")["resources"], serde_json::json!([]));
    world.ok("apply -auto-approve -var v=5");
    assert_eq!(world.ok("workspace list"), "  default\n* blue\n\n");
    assert!(world.fails("workspace new blue").contains("already"));
    world.ok("workspace select default");
    assert!(world.fails("workspace delete blue").contains("terraform_data.x"));
    assert!(!aws.has("ws/blue/p/k.tflock"));
    // All of them go along: where they are was noted when something was first kept there.
    aws.configure(&world, "q", "use_lockfile = true");
    let no = world.run_with("init -migrate-state", "no\n");
    assert!(
        no.out.contains("Do you want to migrate all workspaces to \"s3\"?")
            && no.err.contains("Migration aborted by user")
    );
    assert_eq!(world.run_with("init -migrate-state", "yes\n").code, 0);
    assert_eq!(aws.object("env:/blue/q"), aws.object("ws/blue/p/k"));
    world.ok("workspace delete -force blue");
    assert_eq!(world.ok("workspace list"), "* default\n\n");
}

#[test]
fn other_configurations_outputs_are_read() {
    let aws = Aws::new();
    let base = aws.world("base", "");
    base.write("more.tf", "output \"s\" {\n  value = \"geheim\"\n  sensitive = true\n}\noutput \"obj\" {\n  value = { a = 1, b = [\"x\"] }\n}\n");
    base.ok("apply -auto-approve");
    let world = aws.world("top", "");
    let port = aws.port;
    let reading = |key: &str, more: &str| {
        let data = format!(
            "data \"terraform_remote_state\" \"r\" {{\n  backend = \"s3\"\n  config = {{\n    bucket = \"tfstate\"\n    key = \"{key}\"\n    region = \
             \"us-east-1\"\n    use_path_style = true\n    endpoints = {{ s3 = \"http://127.0.0.1:{port}\" }}\n  }}\n  {more}\n}}\n"
        );
        world.write("main.tf", &(data + "output \"all\" {\n  value = data.terraform_remote_state.r.outputs\n}\n"));
    };
    reading("base", "defaults = { extra = \"d\", o = \"unused\" }");
    world.ok("validate");
    let out = world.ok("apply -auto-approve");
    assert!(out.contains("data.terraform_remote_state.r: Read complete after 0s\n"), "{out}");
    let all: serde_json::Value = serde_json::from_str(&world.ok("output -json all")).unwrap();
    assert_eq!(all, serde_json::json!({ "extra": "d", "o": 1, "obj": { "a": 1, "b": ["x"] }, "s": "geheim" }));
    assert!(world.ok("plan").contains("No changes."));
    reading("nowhere", "");
    let said = world.fails("plan").split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted =
        "Unable to find remote state: No stored state was found for the workspace \"default\" at s3://tfstate/nowhere.";
    assert!(said.contains(wanted), "{said}");
    // A workspace that nobody made has no outputs.
    reading("base", "workspace = \"none\"\n  defaults = { o = \"d\" }");
    world.ok("apply -auto-approve");
    assert_eq!(world.ok("output -json all").trim(), "{\"o\":\"d\"}");
    world.write("main.tf", "data \"terraform_remote_state\" \"l\" {\n  backend = \"local\"\n  config = { path = \"../l.tfstate\" }\n}\noutput \"l\" {\n  value = data.terraform_remote_state.l.outputs.o\n}\n");
    assert!(world.fails("plan").contains("No stored state was found"));
    world.write("main.tf", "data \"terraform_remote_state\" \"l\" {\n  backend = \"gcs\"\n}\n");
    for command in ["validate", "plan"] {
        let said = world.fails(command).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("(\"local\" or \"s3\") was expected, not \"gcs\""), "{said}");
    }
}

/// Passes requests on to `port`, but refuses what `refuses` says.
fn between(port: u16, refuses: impl Fn(&str) -> bool + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let refuses = Arc::new(refuses);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let refuses = refuses.clone();
            std::thread::spawn(move || pass(stream, port, &*refuses));
        }
    });
    own
}

fn pass(mut client: TcpStream, port: u16, refuses: &dyn Fn(&str) -> bool) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let lower = line.to_lowercase();
            if let Some(n) = lower.strip_prefix("content-length:") {
                length = n.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
            if !lower.starts_with("connection:") {
                head.push_str(&line);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        if refuses(&head) {
            let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
            write!(client, "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n{body}", body.len()).ok()?;
            continue;
        }
        let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
        write!(server, "{head}connection: close\r\n\r\n").ok()?;
        server.write_all(&body).ok()?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).ok()?;
        client.write_all(&answer).ok()?;
        // The answer says that the connection ends.
        return None;
    }
}

#[test]
fn a_state_that_cannot_be_saved_is_rescued() {
    let aws = Aws::new();
    let world = aws.world("p/k", "use_lockfile = true");
    let count = Arc::new(AtomicU32::new(0));
    let seen = count.clone();
    let port = between(aws.port, move |head| {
        head.starts_with("PUT /tfstate/p/k ") && seen.fetch_add(1, Ordering::Relaxed) < 1000
    });
    world.write("main.tf", &(aws.backend_at(port, "p/k", "use_lockfile = true") + DATA));
    let said = world.fails("apply -auto-approve");
    for part in [
        "Failed to save state",
        "Could not write s3://tfstate/p/k: S3 PutObject: AccessDenied: Access Denied.",
        "The state was saved to errored.tfstate instead, so nothing is lost.",
        "state push errored.tfstate",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(count.load(Ordering::Relaxed) > 0 && !aws.has("p/k") && !aws.has("p/k.tflock"));
    aws.configure(&world, "p/k", "use_lockfile = true");
    world.ok("init -reconfigure");
    world.ok("state push errored.tfstate");
    assert!(world.ok("plan").contains("No changes."));
}

/// The real Terraform, if it is on this machine.
fn terraform(world: &World, args: &str) -> Option<Output> {
    let mut command = Command::new("terraform");
    let theirs = world.command(args);
    command.args(theirs.get_args()).current_dir(theirs.get_current_dir()?).stdin(Stdio::null());
    for (name, value) in theirs.get_envs().filter_map(|(n, v)| Some((n, v?))) {
        command.env(name, value);
    }
    command.env("CHECKPOINT_DISABLE", "1").output().ok()
}

#[test]
fn terraform_and_we_share_a_state_and_its_locks() {
    let aws = Aws::new();
    let world = aws.world("p/k", BOTH);
    let Some(init) = terraform(&world, "init -no-color") else { return };
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let theirs = |args: &str| {
        let output = terraform(&world, &format!("{args} -no-color")).unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    // Their init, our apply, their plan.
    world.ok("apply -auto-approve");
    let (code, out) = theirs("plan -detailed-exitcode");
    assert_eq!(code, 0, "{out}");
    let (code, out) = theirs("apply -auto-approve -var v=2");
    assert_eq!(code, 0, "{out}");
    assert_eq!(world.ok("output -raw o"), "2");
    // Our init, their plan.
    std::fs::remove_dir_all(world.path(".terraform")).unwrap();
    world.ok("init");
    let (code, out) = theirs("plan -detailed-exitcode -var v=2");
    assert_eq!(code, 0, "{out}");
    // A lock of ours keeps them out, and one of theirs is told by us as it is by them.
    aws.ask("PUT", "/tfstate/p/k.tflock", LOCK);
    let (code, out) = theirs("plan");
    assert!(code == 1 && out.contains("Error acquiring the state lock"), "{out}");
    assert!(world.fails("plan").contains("joe@host"));
    let (code, out) = theirs("force-unlock -force bceb9a19-1f44-b57e-d615-adbe1e467734");
    // Without the item in the table they are only half content, but the object is gone.
    assert!(!aws.has("p/k.tflock"), "{code} {out}");
    // Workspaces.
    theirs("workspace new theirs");
    assert_eq!(world.ok("workspace list"), "  default\n* theirs\n\n");
    world.ok("workspace new ours");
    let (_, out) = theirs("workspace list");
    assert!(out.contains("* ours") && out.contains("  theirs"), "{out}");
}
