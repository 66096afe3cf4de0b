//! States in the S3 of the embedded AWS.

use super::settings::{Encryption, Settings};
use super::*;
use crate::sandbox::{Sandbox, Trouble, When};
use crate::state::Keeper;
use crate::state::error::Locked;
use crate::state::store::lock_within;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

const NOW: &str = "2026-01-01T00:02:00Z";

/// An embedded AWS with a bucket and a table of locks.
struct Place {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Place {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let place = Place { sandbox: Sandbox::in_memory(0), runtime };
        assert_eq!(place.ask("PUT", "/tfstate", ""), 200);
        let element = KeySchemaElement::builder().attribute_name("LockID").key_type(KeyType::Hash).build().unwrap();
        let name = AttributeDefinition::builder()
            .attribute_name("LockID")
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap();
        let create =
            place.dynamodb().create_table().table_name("locks").key_schema(element).attribute_definitions(name);
        place.wait(create.billing_mode(BillingMode::PayPerRequest).send()).unwrap();
        place
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let keys = aws_credential_types::Credentials::new("k", "s", None, None, "test");
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(keys)
            .http_client(self.sandbox.http_client());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A request of somebody else.
    fn ask(&self, method: &str, path: &str, body: &str) -> u16 {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).unwrap();
        request.set_uri(format!("http://127.0.0.1{path}")).unwrap();
        request.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=k/1/us-east-1/s3/aws4_request");
        self.wait(self.sandbox.http_connector().call(request)).unwrap().status().as_u16()
    }

    fn settings(&self) -> Settings {
        Settings {
            bucket: "tfstate".into(),
            key: "p/k".into(),
            prefix: "env:".into(),
            region: Some("us-east-1".into()),
            path_style: true,
            checksums: true,
            attempts: 1,
            lockfile: true,
            table: Some("locks".into()),
            access: settings::Access { keys: Some(("k".into(), "s".into(), None)), ..Default::default() },
            ..Settings::default()
        }
    }

    fn bucket(&self, settings: Settings) -> Bucket {
        let ways = Ways { client: self.sandbox.http_client(), connector: self.sandbox.http_connector() };
        Bucket::new(settings, ways).unwrap()
    }

    fn store(&self) -> S3 {
        self.bucket(self.settings()).store(DEFAULT)
    }

    fn lock(&self, store: &mut S3) -> Result<LockInfo, Error> {
        let info = LockInfo::new("OperationTypeApply", NOW);
        self.wait(store.lock(&info)).map(|()| info)
    }

    fn set_digest(&self, digest: &str) {
        let item = self.dynamodb().put_item().table_name("locks");
        let item = item.item("LockID", AttributeValue::S("tfstate/p/k-md5".into()));
        self.wait(item.item("Digest", AttributeValue::S(digest.into())).send()).unwrap();
    }
}

fn state(serial: u64) -> State {
    State { serial, lineage: "l".into(), terraform_version: TERRAFORM_VERSION.into(), ..State::default() }
}

#[test]
fn a_state_comes_back_with_its_digest() {
    let place = Place::new();
    let mut store = place.store();
    assert_eq!(place.wait(store.read()).unwrap(), None);
    for serial in 1..3 {
        place.wait(store.write(&state(serial))).unwrap();
        assert_eq!(place.wait(place.store().read()).unwrap().unwrap().serial, serial);
    }
    place.set_digest("00000000000000000000000000000000");
    let Err(Error::Digest { found, wanted, .. }) = place.wait(place.store().read()) else { panic!() };
    assert_eq!(wanted, "00000000000000000000000000000000");
    let said = Error::Digest {
        bucket: "tfstate".into(),
        key: "p/k".into(),
        found: found.clone(),
        wanted,
        table: "locks".into(),
    };
    let said = said.diagnostic();
    assert!(said.detail.starts_with("State data in S3 does not have the expected content."));
    assert!(said.help.unwrap().ends_with(&found), "what to write is said");
    // As it says.
    place.set_digest(&found);
    assert_eq!(place.wait(place.store().read()).unwrap().unwrap().serial, 2);
    // Something that is no digest says nothing.
    place.set_digest("aaaa");
    assert!(place.wait(place.store().read()).is_ok());
}

#[test]
fn a_state_that_is_gone_is_missed() {
    let place = Place::new();
    place.wait(place.store().write(&state(1))).unwrap();
    assert_eq!(place.ask("DELETE", "/tfstate/p/k", ""), 204);
    assert!(matches!(place.wait(place.store().read()), Err(Error::Digest { found, .. }) if found.is_empty()));
}

#[test]
fn one_holder_at_a_time_by_either_lock() {
    for (lockfile, table) in [(true, None), (false, Some("locks".to_string())), (true, Some("locks".to_string()))] {
        let place = Place::new();
        let store = || place.bucket(Settings { lockfile, table: table.clone(), ..place.settings() }).store(DEFAULT);
        let (mut one, mut two) = (store(), store());
        let held = place.lock(&mut one).unwrap();
        let Err(Error::Locked(locked)) = place.lock(&mut two) else { panic!() };
        let Locked { info: Some(info), age: Some(_), process: None, place: shown } = *locked else { panic!() };
        assert_eq!((info.id, &*info.path, &*shown), (held.id.clone(), "tfstate/p/k", "s3://tfstate/p/k"));
        // Only by its id, and only once.
        let force = |id: &str| place.wait(store().force_unlock(id, NOW));
        assert!(matches!(force("x"), Err(Error::WrongLockId { .. })));
        place.wait(one.unlock()).unwrap();
        assert!(matches!(force(&held.id), Err(Error::NotLocked { .. })));
        let second = place.lock(&mut two).unwrap();
        force(&second.id).unwrap();
        // Broken and taken by another: the first must not take it away from there, and is told.
        let third = place.lock(&mut one).unwrap();
        let Err(Error::LockLost { now, .. }) = place.wait(two.unlock()) else { panic!() };
        assert_eq!(now.id, third.id);
        // Whoever ends early leaves no lock.
        drop(one);
        place.lock(&mut two).unwrap();
    }
}

#[test]
fn a_lock_that_is_only_half_free_is_not_taken() {
    let place = Place::new();
    let only = |lockfile, table: Option<&str>| {
        place.bucket(Settings { lockfile, table: table.map(String::from), ..place.settings() }).store(DEFAULT)
    };
    let mut item = only(false, Some("locks"));
    let held = place.lock(&mut item).unwrap();
    let Err(Error::Locked(locked)) = place.lock(&mut place.store()) else { panic!() };
    assert_eq!(locked.info.unwrap().id, held.id);
    let mut object = only(true, None);
    assert!(place.lock(&mut object).is_ok(), "the object was given back");
}

#[test]
fn waiting_ends_when_the_other_does() {
    let place = Place::new();
    let (mut one, mut two) = (place.store(), place.store());
    place.lock(&mut one).unwrap();
    let mut told = 0;
    let mut held = Some(one);
    let mut waiting = |locked: &Locked| {
        assert!(locked.info.is_some());
        told += 1;
        drop(held.take());
    };
    let info = LockInfo::new("OperationTypePlan", NOW);
    place.wait(lock_within(&mut two, &info, Duration::from_secs(30), &mut waiting)).unwrap();
    assert_eq!(told, 1);
}

#[test]
fn an_answer_that_is_lost_does_not_lock_one_out() {
    let place = Place::new();
    let mut store = place.bucket(Settings { attempts: 2, ..place.settings() }).store(DEFAULT);
    place.sandbox.trouble("s3:PutObject", 1, When::After, Trouble::Lost);
    place.lock(&mut store).unwrap();
    place.wait(store.unlock()).unwrap();
    assert_eq!(place.ask("HEAD", "/tfstate/p/k.tflock", ""), 404);
}

#[test]
fn refusals_say_what_to_do() {
    let place = Place::new();
    let refused = |code: &str| Trouble::Refused { status: 403, code: code.into(), message: "No".into() };
    place.sandbox.trouble("s3:GetObject", 1, When::Before, refused("AccessDenied"));
    let d = place.wait(place.store().read()).unwrap_err().diagnostic();
    assert_eq!(d.detail, "Could not read s3://tfstate/p/k: S3 GetObject: AccessDenied: No.");
    assert!(d.help.unwrap().contains("s3:GetObject"));
    place.sandbox.trouble("dynamodb:PutItem", 1, When::Before, refused("AccessDeniedException"));
    let d = place.lock(&mut place.store()).unwrap_err().diagnostic();
    assert_eq!(d.summary, "Error acquiring the state lock");
    assert!(d.help.unwrap().contains("dynamodb:PutItem"));
    let nowhere = place.bucket(Settings { bucket: "nowhere".into(), ..place.settings() });
    let d = place.wait(nowhere.list()).unwrap_err().diagnostic();
    assert_eq!(d.summary, "Failed to get existing workspaces");
    assert!(d.help.unwrap().starts_with("The bucket of the backend must have been created before."));
    let no_table = place.bucket(Settings { table: Some("none".into()), ..place.settings() });
    let d = place.lock(&mut no_table.store(DEFAULT)).unwrap_err().diagnostic();
    assert!(d.help.unwrap().contains("LockID"), "{}", d.detail);
    assert_eq!(place.ask("HEAD", "/tfstate/p/k.tflock", ""), 404, "half a lock is given back");
}

#[test]
fn workspaces_are_objects() {
    let place = Place::new();
    let bucket = place.bucket(place.settings());
    let info = LockInfo::new("workspace-new", NOW);
    assert_eq!(place.wait(bucket.list()).unwrap(), ["default"]);
    for name in ["w2", "w1"] {
        place.wait(bucket.create(name, &info)).unwrap();
    }
    place.wait(bucket.store("w1").write(&state(7))).unwrap();
    place.wait(bucket.create("w1", &info)).unwrap();
    assert_eq!(place.wait(bucket.store("w1").read()).unwrap().unwrap().serial, 7, "what is there stays");
    place.ask("PUT", "/tfstate/env:/other/another", "");
    place.ask("PUT", "/tfstate/env:/w3/p/k.tflock", "");
    assert_eq!(place.wait(bucket.list()).unwrap(), ["default", "w1", "w2"]);
    place.wait(bucket.delete("w1")).unwrap();
    assert_eq!(place.wait(bucket.list()).unwrap(), ["default", "w2"]);
    assert_eq!(place.wait(bucket.store("w1").read()).unwrap(), None, "the digest is gone, too");
}

#[test]
fn the_journal_lies_beside() {
    let place = Place::new();
    let mut store = place.store();
    assert!(place.wait(store.journal_read()).unwrap().is_empty());
    place.wait(store.journal_append(b"one\n")).unwrap();
    place.wait(store.journal_append(b"two\n")).unwrap();
    assert_eq!(place.wait(place.store().journal_read()).unwrap(), b"one\ntwo\n");
    let mut later = place.store();
    place.wait(later.journal_append(b"three\n")).unwrap();
    assert_eq!(place.wait(place.store().journal_read()).unwrap(), b"one\ntwo\nthree\n");
    place.wait(later.journal_replace(b"")).unwrap();
    assert_eq!(place.ask("HEAD", "/tfstate/p/k.journal", ""), 404);
}

#[test]
fn with_a_customers_key_nobody_else_reads() {
    let place = Place::new();
    let key = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=";
    let settings = Settings { encryption: Encryption::Customer(key.into()), table: None, ..place.settings() };
    let mut store = place.bucket(settings).store(DEFAULT);
    let mut keeper = place.wait(async {
        store.lock(&LockInfo::new("x", NOW)).await.unwrap();
        Keeper::open(Box::new(store)).await.unwrap()
    });
    assert!(place.wait(keeper.push(&state(3), false)).unwrap());
    place.wait(keeper.store().unlock()).unwrap();
    assert_eq!(place.wait(keeper.store().read()).unwrap().unwrap().serial, 3);
    let mut without = place.bucket(Settings { table: None, ..place.settings() }).store(DEFAULT);
    assert!(
        matches!(place.wait(without.read()), Err(Error::Remote { failure, .. }) if failure.code == "InvalidRequest")
    );
}
