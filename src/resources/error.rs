//! What AWS answers when it does not do as asked, typed; `show` has the words and hints.

use crate::value::Object;
use std::fmt;

/// The result of talking to AWS.
pub type Result<T> = std::result::Result<T, Error>;

/// What sort of trouble it is, as far as a way on depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No credentials, expired ones, or an unknown profile.
    Credentials,
    /// The endpoint did not answer, or nothing could be sent.
    Unreachable,
    /// Sent, but the answer was lost: whether it took effect is not known.
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
