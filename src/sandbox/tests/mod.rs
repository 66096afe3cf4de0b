//! The embedded AWS through the real SDK clients, in process.

mod seed;

use super::Sandbox;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_types::region::Region;

/// The clients of one region.
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    iam: aws_sdk_iam::Client,
    sfn: aws_sdk_sfn::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    sts: aws_sdk_sts::Client,
}

fn keys() -> Credentials {
    Credentials::new("AKIDTEST", "secret", None, None, "test")
}

impl Clients {
    /// In `us-east-1`.
    fn of(sandbox: &Sandbox) -> Clients {
        Clients::at(sandbox, "us-east-1", keys())
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

/// `Code: message` of a refusal.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    let error = result.expect_err("it should have been refused");
    let Some(service) = error.as_service_error() else { panic!("not a service error: {error:?}") };
    format!("{}: {}", service.meta().code().unwrap_or("?"), service.meta().message().unwrap_or(""))
}

/// A trust policy for Step Functions.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// The shortest definition.
const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
