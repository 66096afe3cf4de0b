//! What AWS answers when it refuses: a code, a message, an HTTP status.
//!
//! Refuses to know which protocol carries it: `wire` renders it as JSON or XML.

use serde_json::{Map, Value};

/// A refusal, in AWS's own words.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// HTTP status.
    pub(super) status: u16,
    /// Such as `ResourceInUseException`.
    pub(super) code: String,
    /// AWS's sentence.
    pub(super) message: String,
    /// Further members of the error shape, such as `resourceName`.
    pub(super) more: Map<String, Value>,
}

/// What an operation answers: the members of its output shape, or a refusal.
pub(super) type Answer = Result<Value, Fault>;

impl Fault {
    /// A refusal; the HTTP status follows from the code as it does in AWS.
    pub(super) fn new(code: &str, message: impl Into<String>) -> Fault {
        let status = match code {
            "NoSuchEntity" => 404,
            "EntityAlreadyExists" | "DeleteConflict" | "LimitExceeded" | "ConcurrentModification" => 409,
            "AccessDenied" => 403,
            "InternalFailure" | "InternalServerError" => 500,
            _ => 400,
        };
        Fault { status, code: code.to_owned(), message: message.into(), more: Map::new() }
    }

    /// With a further member of the error shape.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Fault {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// DynamoDB's and others' `ValidationException`.
    pub(super) fn validation(message: impl Into<String>) -> Fault {
        Fault::new("ValidationException", message)
    }
}
