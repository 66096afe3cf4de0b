//! Roles that are assumed, against the embedded STS.

use super::super::credentials::assume;
use super::super::settings::{AssumeRole, WebIdentity};
use super::TRUST;
use crate::resources::{Aws, ErrorKind, Settings};
use crate::sandbox::Sandbox;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

/// What the account's own credentials and network would be.
fn base(sandbox: &Sandbox) -> SdkConfig {
    let keys = Credentials::new("AKIASANDBOX", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(sandbox.http_client())
        .build()
}

async fn who(config: &SdkConfig) -> Result<String, String> {
    let answer = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    answer.map(|a| a.arn.unwrap_or_default()).map_err(|e| format!("{:?}", e))
}

fn role(arn: &str) -> AssumeRole {
    AssumeRole {
        role_arn: arn.into(),
        session_name: Some("deploy".into()),
        tags: vec![("team".into(), "a".into())],
        transitive_tag_keys: vec!["team".into()],
        source_identity: Some("me".into()),
        duration: Some(900),
        ..AssumeRole::default()
    }
}

#[tokio::test]
async fn roles_are_assumed_one_after_the_other() {
    // The clock of the machine: the SDK asks anew for what has run out by it.
    let sandbox = Sandbox::options()
        .clock(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            i64::try_from(since.as_millis()).unwrap()
        })
        .in_memory();
    let aws = Aws::with_http_client(Settings::default(), sandbox.http_client());
    let trust = TRUST.replace("\"Service\":\"states.amazonaws.com\"", "\"AWS\":\"arn:aws:iam::000000000000:root\"");
    let mut arns = Vec::new();
    for name in ["first", "second"] {
        let made = aws.iam().create_role().role_name(name).assume_role_policy_document(&trust).send().await.unwrap();
        arns.push(made.role.unwrap().arn);
    }
    sandbox.take_calls();
    let roles: Vec<AssumeRole> = arns.iter().map(|arn| role(arn)).collect();
    let config = assume(base(&sandbox), None, &roles, None, Some("eu-west-1")).unwrap();
    for _ in 0..2 {
        let arn = who(&config).await.unwrap();
        assert_eq!(arn, "arn:aws:sts::000000000000:assumed-role/second/deploy");
    }
    let calls = sandbox.take_calls();
    let assumed = calls.iter().filter(|c| *c == "sts:AssumeRole").count();
    assert!(assumed <= 4, "credentials are kept while they last: {calls:?}");

    // A role that does not trust, or is not there, is named with what STS said.
    let config = assume(base(&sandbox), None, &[role("arn:aws:iam::000000000000:role/nobody")], None, None).unwrap();
    let error = who(&config).await.unwrap_err();
    assert!(error.contains("role/nobody cannot be assumed") && error.contains("AccessDenied"), "{error}");
}

#[test]
fn a_web_identity_needs_a_token() {
    let sandbox = Sandbox::in_memory(0);
    let web = WebIdentity { role_arn: "arn:aws:iam::1:role/x".into(), ..WebIdentity::default() };
    let error = assume(base(&sandbox), Some(&web), &[], None, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(error.message.contains("web_identity_token"), "{error}");
}
