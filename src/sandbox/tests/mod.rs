//! The embedded AWS asked as clients ask it: through the real SDK clients in process, and by tables of requests and answers.

mod dispatch;
mod dynamodb;
mod dynamodb_settings;
mod iam;
mod iam_policies;
mod items;
mod keeping;
mod logs;
mod scaling;
mod script;
mod sdk;
mod seed;
mod sfn;
mod sfn_versions;
mod sts;

use super::Sandbox;
use aws_credential_types::Credentials;
use aws_types::region::Region;
use script::{Step, ask, run};
use serde_json::{Value, json};

/// The clients of one region.
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    iam: aws_sdk_iam::Client,
    sfn: aws_sdk_sfn::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    sts: aws_sdk_sts::Client,
}

fn keys(id: &str) -> Credentials {
    Credentials::new(id, "secret", None, None, "test")
}

impl Clients {
    /// In `us-east-1`.
    fn of(sandbox: &Sandbox) -> Clients {
        Clients::at(sandbox, "us-east-1", keys("AKIDTEST"))
    }

    fn at(sandbox: &Sandbox, region: &str, keys: Credentials) -> Clients {
        let config = aws_types::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
            .http_client(sandbox.http_client())
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .build();
        Clients {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
        }
    }
}

/// A trust policy for Step Functions.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// The shortest definition.
const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
