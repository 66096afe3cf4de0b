//! What AWS answers when it does not do as asked, typed; `show` has the words and hints.

use super::connection;
use crate::value::Object;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use std::error::Error as StdError;
use std::fmt;

/// The result of talking to AWS.
pub type Result<T> = std::result::Result<T, Error>;

/// What sort of trouble it is, as far as a way on depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No credentials, expired ones, or an unknown profile.
    Credentials,
    /// How AWS is to be reached is not said, or not possible.
    Settings,
    /// The endpoint did not answer, or nothing could be sent.
    Unreachable,
    /// Sent, but the answer was lost, or was that the server failed: whether it took effect is not known.
    Doubtful,
    /// These credentials may not do that.
    AccessDenied,
    /// Something of this name is there already.
    AlreadyExists,
    /// It is not there.
    NotFound,
    /// Too many requests, and the retries are used up.
    Throttled,
    /// Waited for longer than the `timeouts` allow.
    TimedOut,
    /// The world answered otherwise than was planned.
    Mismatch,
    /// The state of another configuration cannot be read.
    RemoteState,
    /// Everything else: the message tells.
    Other,
}

/// An operation that failed.
#[derive(Clone, Debug)]
pub struct Error {
    /// What sort of trouble.
    pub kind: ErrorKind,
    /// Such as `dynamodb:CreateTable`, spelt as IAM spells actions; empty where no call was made.
    pub operation: String,
    /// What it was done to: a name or ARN.
    pub target: String,
    /// AWS's code, such as `ResourceInUseException`; may be empty.
    pub code: String,
    /// A whole sentence or AWS's own message.
    pub message: String,
    /// AWS's request id, where one came back.
    pub request_id: Option<String>,
    /// The object, if it exists although the operation failed: it goes into the state, tainted after a create.
    pub partial: Option<Box<Object>>,
}

impl Error {
    /// An error of our own about `target`.
    pub fn new(kind: ErrorKind, target: impl Into<String>, message: impl Into<String>) -> Error {
        Error {
            kind,
            operation: String::new(),
            target: target.into(),
            code: String::new(),
            message: message.into(),
            request_id: None,
            partial: None,
        }
    }

    /// The object exists although the operation failed.
    pub fn with_partial(mut self, object: Object) -> Error {
        self.partial = Some(Box::new(object));
        self
    }

    /// About this name or ARN.
    pub fn about(mut self, target: impl Into<String>) -> Error {
        self.target = target.into();
        self
    }
}

/// From what the SDK gives.
impl Error {
    /// The conversion of every SDK error, for `map_err`: `operation` is spelt as IAM spells the action, `target` is the name or
    /// ARN the call was about.
    ///
    /// ```ignore
    /// aws.dynamodb().describe_table().table_name(name).send().await.map_err(Error::of("dynamodb:DescribeTable", name))?;
    /// ```
    pub fn of<E>(operation: &str, target: &str) -> impl FnOnce(SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        move |error| {
            let request_id = error.request_id().map(str::to_owned);
            let mut error = match &error {
                SdkError::ServiceError(answer) => answered(operation, target, answer.err().meta(), answer.raw()),
                SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                    Some(source) => not_answered(target, source),
                    None => not_answered(target, &error),
                },
                SdkError::TimeoutError(_) => Error::new(ErrorKind::Doubtful, target, chain(&error)),
                SdkError::ResponseError(answer) => {
                    let status = answer.raw().status().as_u16();
                    let message = format!("The answer (HTTP status {status}) is not one of AWS: {}.", chain(&error));
                    Error::new(ErrorKind::Doubtful, target, message)
                }
                _ if connection::find::<CredentialsError>(&error).is_some() => not_answered(target, &error),
                _ => Error::new(ErrorKind::Other, target, chain(&error)),
            };
            error.request_id = request_id;
            if error.operation.is_empty() {
                error.operation = operation.to_string();
            }
            error
        }
    }

    /// What a look gives: `None` where there is no such object.
    pub fn found<T>(look: super::Result<T>) -> super::Result<Option<T>> {
        match look {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is(ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether it is of this kind.
    pub fn is(&self, kind: ErrorKind) -> bool {
        self.kind == kind
    }

    /// Whether it has this code and its message holds `part`.
    pub fn says(&self, code: &str, part: &str) -> bool {
        self.code == code && self.message.contains(part)
    }
}

/// AWS answered, with an error.
fn answered(operation: &str, target: &str, meta: &aws_smithy_types::error::ErrorMetadata, raw: &HttpResponse) -> Error {
    let code = meta.code().unwrap_or_default();
    let mut error = Error::new(kind_of(operation, code), target, meta.message().unwrap_or_default());
    if error.kind == ErrorKind::Other && raw.status().as_u16() >= 500 {
        // A server that fails may have done it before.
        error.kind = ErrorKind::Doubtful;
    }
    error.code = code.to_string();
    if error.message.is_empty() {
        let status = raw.status().as_u16();
        error.message = match code {
            "" => format!("The answer is HTTP status {status} without a code; is the endpoint AWS?"),
            _ => format!("The answer is HTTP status {status} without a message."),
        };
    }
    if error.kind == ErrorKind::AccessDenied
        && let Some((action, resource)) = denied(&error.message)
    {
        error.operation = action.to_string();
        if let Some(resource) = resource {
            error.target = resource.to_string();
        }
    }
    error
}

/// Nothing came back.
fn not_answered(target: &str, source: &(dyn StdError + 'static)) -> Error {
    if let Some(credentials) = connection::find::<CredentialsError>(source) {
        return Error::new(ErrorKind::Credentials, target, chain(credentials));
    }
    let kind = if connection::never_sent(source) { ErrorKind::Unreachable } else { ErrorKind::Doubtful };
    Error::new(kind, target, chain(source))
}

/// What sort of trouble AWS's code stands for.
fn kind_of(operation: &str, code: &str) -> ErrorKind {
    match code {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "OptInRequired" => ErrorKind::Credentials,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "UnauthorizedException" => {
            ErrorKind::AccessDenied
        }
        "EntityAlreadyExists"
        | "ResourceAlreadyExistsException"
        | "StateMachineAlreadyExists"
        | "ActivityAlreadyExists"
        | "TableAlreadyExistsException" => ErrorKind::AlreadyExists,
        // DynamoDB says the same of a table that is being changed.
        "ResourceInUseException" if operation == "dynamodb:CreateTable" => ErrorKind::AlreadyExists,
        "NoSuchEntity"
        | "ResourceNotFound"
        | "ResourceNotFoundException"
        | "TableNotFoundException"
        | "StateMachineDoesNotExist"
        | "ActivityDoesNotExist"
        | "PolicyNotFoundException" => ErrorKind::NotFound,
        _ if is_throttle(code) => ErrorKind::Throttled,
        _ => ErrorKind::Other,
    }
}

/// Whether AWS says by this code that there were too many requests.
pub(super) fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "PriorRequestNotComplete"
            | "TooManyRequestsException"
            | "SlowDown"
    )
}

/// The action and, where it is named, the resource of "User: x is not authorized to perform: iam:PassRole on resource: arn:...
/// because no identity-based policy allows the iam:PassRole action".
fn denied(message: &str) -> Option<(&str, Option<&str>)> {
    let word = |text: &str| text.len() - text.trim_start_matches(|c: char| !c.is_whitespace()).len();
    let (_, rest) = message.split_once("not authorized to perform: ").or_else(|| message.split_once("perform "))?;
    let action = rest.get(..word(rest))?.trim_end_matches([',', '.']);
    if !action.contains(':') {
        return None;
    }
    let resource = rest.split_once("on resource: ").and_then(|(_, rest)| rest.get(..word(rest)));
    let resource = resource.map(|r| r.trim_matches(['"', ',']).trim_end_matches('.')).filter(|r| !r.is_empty());
    Some((action, resource))
}

/// An error and what caused it, each once, as one line.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = error.source();
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation.is_empty() {
            write!(f, "{}: ", self.operation)?;
        }
        if !self.code.is_empty() {
            write!(f, "{}: ", self.code)?;
        }
        f.write_str(&self.message)
    }
}
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Aws, Settings};

    #[test]
    fn a_denial_names_action_and_resource() {
        let arn = "arn:aws:iam::123456789012:role/x";
        for (message, wanted) in [
            (
                format!(
                    "User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on resource: {arn} because no identity-based policy allows the iam:PassRole action"
                ),
                Some(("iam:PassRole", Some(arn))),
            ),
            (
                format!("User: u is not authorized to perform: dynamodb:CreateTable on resource: {arn}"),
                Some(("dynamodb:CreateTable", Some(arn))),
            ),
            (
                "User: u is not authorized to perform: sts:GetCallerIdentity".into(),
                Some(("sts:GetCallerIdentity", None)),
            ),
            ("The role defined for the function cannot be assumed.".into(), None),
            ("not authorized to perform: ".into(), None),
            ("not authorized to perform: é on resource: ".into(), None),
        ] {
            assert_eq!(denied(&message), wanted, "{message}");
        }
    }

    #[test]
    fn codes_have_kinds() {
        for (operation, code, kind) in [
            ("dynamodb:CreateTable", "ResourceInUseException", ErrorKind::AlreadyExists),
            ("dynamodb:UpdateTable", "ResourceInUseException", ErrorKind::Other),
            ("dynamodb:DescribeTable", "ResourceNotFoundException", ErrorKind::NotFound),
            ("iam:GetRole", "NoSuchEntity", ErrorKind::NotFound),
            ("iam:GetRole", "ExpiredToken", ErrorKind::Credentials),
            ("iam:GetRole", "Throttling", ErrorKind::Throttled),
            ("iam:CreateRole", "LimitExceeded", ErrorKind::Other),
        ] {
            assert_eq!(kind_of(operation, code), kind, "{operation} {code}");
        }
    }

    async fn describe(endpoint: String) -> Error {
        let settings = Settings { endpoints: vec![("dynamodb".into(), endpoint)], ..Settings::default() };
        let aws = Aws::with_http_client(settings, connection::client());
        let call = aws.dynamodb().describe_table().table_name("t");
        call.send().await.map_err(Error::of("dynamodb:DescribeTable", "t")).unwrap_err()
    }

    /// Answers one connection with these bytes, then closes it.
    async fn answering(answer: &'static [u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            stream.write_all(answer).await.unwrap();
        });
        url
    }

    #[tokio::test]
    async fn what_was_never_sent_is_told_from_what_was_not_answered() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = describe(nobody).await;
        assert_eq!((error.kind, &*error.operation), (ErrorKind::Unreachable, "dynamodb:DescribeTable"), "{error}");
        assert_eq!(describe(answering(b"").await).await.kind, ErrorKind::Doubtful);
    }

    #[tokio::test]
    async fn an_answer_is_read_whoever_gives_it() {
        let gone = b"HTTP/1.1 400 Bad Request\r\nx-amzn-requestid: R1\r\nconnection: close\r\n\r\n\
            {\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\",\"message\":\"No table t.\"}";
        let error = describe(answering(gone).await).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "ResourceNotFoundException"), "{error:?}");
        assert_eq!((&*error.message, error.request_id.as_deref()), ("No table t.", Some("R1")));
        assert_eq!(error.to_string(), "dynamodb:DescribeTable: ResourceNotFoundException: No table t.");

        let other = b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n<html></html>";
        let error = describe(answering(other).await).await;
        assert!(error.message.contains("403"), "{error:?}");
    }
}
