//! The few requests of KMS that data sources make: JSON, signed, and tried again as those of the SDK are.
//!
//! Refuses to know what is asked. A client of the SDK for them would weigh as much as that of IAM.

use super::{Aws, Error, ErrorKind, Result};
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::{ErrorKind as RetryKind, RetryConfig};
use serde_json::{Value as Json, json};
use std::fmt;
use std::time::SystemTime;

/// What KMS refuses.
#[derive(Debug)]
struct Refused(ErrorMetadata);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message().unwrap_or("KMS refused the request"))
    }
}

impl std::error::Error for Refused {}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Throttling comes with the status of a mistake.
#[derive(Debug)]
struct Throttling;

impl ClassifyRetry for Throttling {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failure = context.output_or_error().and_then(std::result::Result::err);
        let refused = failure.and_then(|e| e.as_operation_error()).and_then(|e| e.downcast_ref::<Refused>());
        match refused.and_then(|r| r.0.code()) {
            Some(code) if super::error::is_throttle(code) => RetryAction::retryable_error(RetryKind::ThrottlingError),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "throttling"
    }
}

/// What `DescribeKey` says of a key: `KeyMetadata`.
///
/// # Errors
/// There is no such key, or KMS could not be asked.
pub async fn describe_key(aws: &Aws, key: &str, grant_tokens: &[&str]) -> Result<Json> {
    let mut input = json!({"KeyId": key});
    if !grant_tokens.is_empty() {
        input["GrantTokens"] = json!(grant_tokens);
    }
    let region = aws.place_so_far().region;
    let mut answer = call(aws, &region, "DescribeKey", input).await.map_err(Error::of("kms:DescribeKey", key))?;
    Ok(answer["KeyMetadata"].take())
}

/// The ARN of the key that AWS keeps for a service in a region, `alias/aws/SERVICE`; `None` where KMS does not tell (the
/// key is not needed to read what it encrypts, and few may ask for it). Asked once within a look.
pub async fn default_key(aws: &Aws, region: &str, service: &str) -> Option<String> {
    let question = || format!("kms:DescribeKey alias/aws/{service} {region}");
    let asked = aws.once(question, async {
        let input = json!({"KeyId": format!("alias/aws/{service}")});
        let answer = call(aws, region, "DescribeKey", input).await;
        Ok(answer.ok().and_then(|answer| answer["KeyMetadata"]["Arn"].as_str().map(str::to_string)))
    });
    asked.await.ok().flatten()
}

/// The alias of this name: what `ListAliases` says of it.
///
/// # Errors
/// There is no such alias, or KMS could not be asked.
pub async fn alias(aws: &Aws, name: &str) -> Result<Json> {
    let (region, mut input) = (aws.place_so_far().region, json!({"Limit": 100}));
    loop {
        let answer = call(aws, &region, "ListAliases", input).await.map_err(Error::of("kms:ListAliases", name))?;
        let aliases = answer["Aliases"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(found) = aliases.iter().find(|a| a["AliasName"] == name) {
            return Ok(found.clone());
        }
        let Some(marker) = answer["NextMarker"].as_str().filter(|_| answer["Truncated"] == true) else { break };
        input = json!({"Limit": 100, "Marker": marker});
    }
    Err(Error::new(ErrorKind::NotFound, name, format!("There is no KMS alias \"{name}\".")))
}

async fn call(
    aws: &Aws,
    region: &str,
    operation: &'static str,
    input: Json,
) -> std::result::Result<Json, SdkError<Refused, HttpResponse>> {
    let failed = |e: BoxError| SdkError::construction_failure(e);
    let config = aws.sdk_config();
    let (Some(http), Some(credentials)) = (config.http_client(), config.credentials_provider()) else {
        return Err(failed("there is no way to AWS".into()));
    };
    let identity: Identity = credentials.provide_credentials().await.map_err(|e| failed(e.into()))?.into();
    let url = aws.kms_url(region);
    let request = signed(&url, region, operation, &identity, input.to_string()).map_err(failed)?;
    let attempts = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    let mut call = Operation::builder()
        .service_name("kms")
        .operation_name(operation)
        .http_client(http)
        .endpoint_url(&url)
        .no_auth()
        .retry_classifier(Throttling)
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<Refused>::new())
        .standard_retry(&attempts);
    if let Some(sleep) = config.sleep_impl() {
        call = call.sleep_impl(sleep);
    }
    if let Some(timeouts) = config.timeout_config() {
        call = call.timeout_config(timeouts.clone());
    }
    let call = call
        .serializer(|request: Signed| request.into_request())
        .deserializer(|answer: &HttpResponse| -> std::result::Result<Json, OrchestratorError<Refused>> {
            let body: Json = serde_json::from_slice(answer.body().bytes().unwrap_or_default()).unwrap_or_default();
            if answer.status().is_success() {
                return Ok(body);
            }
            let text = |names: &[&str]| names.iter().find_map(|n| body[*n].as_str()).unwrap_or_default();
            let code = text(&["__type"]).rsplit('#').next().unwrap_or_default();
            let meta = ErrorMetadata::builder().code(code).message(text(&["message", "Message"])).build();
            Err(OrchestratorError::operation(Refused(meta)))
        })
        .build();
    call.invoke(request).await
}

/// A request with its signature.
#[derive(Debug)]
struct Signed(http::Request<String>);

impl Signed {
    fn into_request(self) -> std::result::Result<HttpRequest, BoxError> {
        Ok(self.0.map(SdkBody::from).try_into()?)
    }
}

fn signed(
    url: &str,
    region: &str,
    operation: &str,
    identity: &Identity,
    body: String,
) -> std::result::Result<Signed, BoxError> {
    let target = format!("TrentService.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &*target)];
    let params = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name("kms")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let url = if url.ends_with('/') { url.to_string() } else { format!("{url}/") };
    let signable = SignableRequest::new("POST", &url, headers.into_iter(), SignableBody::Bytes(body.as_bytes()))?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    let mut request = http::Request::builder().method("POST").uri(&url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(body)?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(Signed(request))
}
