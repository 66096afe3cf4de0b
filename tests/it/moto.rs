//! The example on moto, an AWS of somebody else's: deployed by the real program over HTTP, run, and its item read back through the API.
//! Skipped, saying so, where moto is not installed.

use crate::support::place::repository;
use aws_sdk_dynamodb::types::AttributeValue;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// moto on a free port; stopped when the test ends.
struct Moto {
    server: Child,
    port: u16,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Moto {
    fn start() -> Option<Moto> {
        let installed =
            Command::new("python3").args(["-c", "import moto.server, flask"]).stderr(Stdio::null()).status();
        if !installed.is_ok_and(|s| s.success()) {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new("python3")
            .arg(repository("tests/moto_server.py"))
            .arg(port.to_string())
            // Where its state machines find the other services.
            .env("MOTO_PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Moto { server, port };
        // It takes Python a while to come up, and nothing tells when it did.
        for _ in 0..600 {
            if moto.post("/moto-api/config", r#"{"stepfunctions": {"execute_state_machine": true}}"#).is_some() {
                return Some(moto);
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        panic!("moto did not start");
    }

    fn post(&self, path: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.starts_with("HTTP/1.1 2").then_some(answer)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn formwork(&self, dir: &Path, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_formwork"))
            .args(args)
            .current_dir(dir)
            .env_remove("FORMWORK_SANDBOX")
            .env("AWS_ENDPOINT_URL", self.url())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap()
    }

    #[track_caller]
    fn ok(&self, dir: &Path, args: &[&str]) -> String {
        let output = self.formwork(dir, args);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{args:?}: {out}\n{err}");
        out.into_owned()
    }
}

#[test]
fn the_example_deploys_runs_and_goes_away_on_moto() {
    let Some(moto) = Moto::start() else {
        println!("skipped: moto is not installed (pip install 'moto[server]')");
        return;
    };
    let place = crate::support::place::Place::copy_of(&repository("examples/sfn-dynamodb"));
    // The example keeps its state two folders up; here it stays in its own.
    let main = std::fs::read_to_string(place.path().join("main.tf")).unwrap();
    place.write("main.tf", &main.replace("../../state/", "state/"));
    let dir = place.path();
    moto.ok(dir, &["apply", "-auto-approve", "-no-color"]);
    let second = moto.ok(dir, &["plan", "-detailed-exitcode", "-no-color"]);
    assert!(second.contains("No changes. Your infrastructure matches the configuration."), "{second}");

    let ran = moto.ok(dir, &["run", "aws_sfn_state_machine.hello", "--input", r#"{"id": "42"}"#]);
    for wanted in ["PutItem", "GetItem", "SUCCEEDED", "Hello, my id is 42."] {
        assert!(ran.contains(wanted), "{wanted} is not in:\n{ran}");
    }
    let failed = moto.formwork(dir, &["run", "aws_sfn_state_machine.hello", "--input", "{}"]);
    assert_eq!(failed.status.code(), Some(1), "without an id the execution must fail");

    let item = read_item(&moto.url());
    assert_eq!(item.as_deref(), Some("Hello, my id is 42."));
    let refused = moto.formwork(dir, &["destroy", "-auto-approve", "-no-color"]);
    assert_eq!(refused.status.code(), Some(1), "the table holds an item");
    moto.ok(dir, &["destroy", "-auto-approve", "-allow-data-loss", "-no-color"]);
    assert_eq!(moto.ok(dir, &["state", "list"]).trim(), "");
}

/// The item's description, read as anyone would.
fn read_item(url: &str) -> Option<String> {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let got =
        runtime.block_on(client.get_item().table_name("hello-items").key("id", AttributeValue::S("42".into())).send());
    got.unwrap().item?.get("description")?.as_s().ok().cloned()
}
