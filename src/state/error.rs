//! What can go wrong with a state, typed, and the words for it.
//!
//! A state may hold secrets, so no message quotes its content: places are told as file, line and column.

use super::lock::LockInfo;
use super::s3::Failure;
use crate::diag::{Diagnostic, Diags};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A text that is no state file we can work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// Not JSON, or cut off.
    NotJson {
        /// As messages call the file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The text ends too early.
        truncated: bool,
        /// What the parser says.
        what: String,
    },
    /// JSON without a `version`.
    NotState {
        /// As messages call the file.
        file: String,
    },
    /// From Terraform 0.11 or before.
    TooOld {
        /// As messages call the file.
        file: String,
        /// 1 to 3.
        version: u64,
        /// `terraform_version`
        by: String,
    },
    /// From a Terraform that we do not know yet.
    TooNew {
        /// As messages call the file.
        file: String,
        /// 5 or more.
        version: u64,
        /// `terraform_version`
        by: String,
    },
    /// Version 4, but a part is not what it must be.
    Invalid {
        /// As messages call the file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong, without a full stop.
        what: String,
    },
}

impl FormatError {
    /// For the user.
    pub fn diagnostic(&self) -> Diagnostic {
        let restore =
            "Put back a good copy: the backup beside it, a version from the bucket, or one from version control.";
        match self {
            FormatError::NotJson { file, line, column, truncated: true, .. } => Diagnostic::error(
                "Truncated state file",
                format!(
                    "{file} ends in the middle, at line {line}, column {column}: it was cut off while it was written or \
                     copied. Nothing was changed."
                ),
            )
            .help(restore),
            FormatError::NotJson { file, line, column, what, .. } => Diagnostic::error(
                "Unsupported state file format",
                format!("{file}, line {line}, column {column}: the state file could not be parsed as JSON ({what})."),
            )
            .help(restore),
            FormatError::NotState { file } => Diagnostic::error(
                "Unsupported state file format",
                format!("{file} does not have a \"version\", which tells the format of a state: it is no state file."),
            )
            .help("Check the path: a state file is usually called terraform.tfstate."),
            FormatError::TooOld { file, version, by } => Diagnostic::error(
                "State file format too old",
                format!(
                    "{file} uses format version {version}{}; formwork reads version 4, which Terraform has written since \
                     0.12. Nothing was changed.",
                    written_by(by)
                ),
            )
            .help("Let Terraform 1.x upgrade it once, in a copy of the directory:\n\n  terraform apply -refresh-only"),
            FormatError::TooNew { file, version, by } => Diagnostic::error(
                "Unsupported state file format",
                format!(
                    "{file} uses format version {version}{}, which is newer than the version 4 that formwork knows. \
                     Nothing was changed.",
                    written_by(by)
                ),
            )
            .help("Use the tool that wrote it, or a newer formwork."),
            FormatError::Invalid { file, line, column, what } => Diagnostic::error(
                "Invalid state file",
                format!("{file}, line {line}, column {column}: {what}. Nothing was changed."),
            )
            .help(restore),
        }
    }
}

fn written_by(version: &str) -> String {
    if version.is_empty() { String::new() } else { format!(" (written by Terraform {version})") }
}

/// Someone else holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// What the holder wrote about itself, if it did.
    pub info: Option<LockInfo>,
    /// The holder's process on this machine, where the system tells.
    pub process: Option<u32>,
    /// How long it has been held.
    pub age: Option<Duration>,
    /// What is locked: a path.
    pub place: String,
}

/// Reading, writing or locking a state failed.
#[derive(Debug)]
pub enum Error {
    /// It is there, but no state we can work with.
    Format(FormatError),
    /// The system refused: reading, writing, locking.
    Io {
        /// `read`, `write`, `lock`, `unlock`, `back up`: fits behind "could not".
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The journal beside the state is of a version that we do not know.
    Journal {
        /// Beside what.
        place: String,
        /// Which version.
        version: u64,
    },
    /// Someone else holds the lock.
    Locked(Box<Locked>),
    /// `force-unlock` of what is not locked.
    NotLocked {
        /// What is not locked.
        place: String,
    },
    /// `force-unlock` with another id than the lock's.
    WrongLockId {
        /// The lock's.
        info: Box<LockInfo>,
        /// The one given.
        given: String,
    },
    /// `force-unlock` of a lock whose process lives.
    StillHeld(Box<Locked>),
    /// The lock that we held is someone else's by now: it was broken.
    LockLost {
        /// What was locked.
        place: String,
        /// Who holds it.
        now: Box<LockInfo>,
    },
    /// Something far away did not do what it should.
    Remote {
        /// `read`, `write`, `lock`, `unlock`, `list`, `delete`: fits behind "could not".
        doing: &'static str,
        /// `s3://bucket/key`
        place: String,
        /// Why.
        failure: Failure,
    },
    /// What is stored is not what was stored last, as the digest beside the lock says.
    Digest {
        /// The bucket.
        bucket: String,
        /// The state's key.
        key: String,
        /// Of what is there; empty if nothing is.
        found: String,
        /// As noted.
        wanted: String,
        /// The table in which it is noted.
        table: String,
    },
    /// Pushing a state of another history.
    Lineage {
        /// Of the one pushed.
        new: String,
        /// Of the one there.
        stored: String,
    },
    /// Pushing an older state.
    Serial {
        /// Of the one pushed.
        new: u64,
        /// Of the one there.
        stored: u64,
    },
}

impl Error {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { doing, path: path.to_path_buf(), source }
    }

    pub(super) fn remote(doing: &'static str, place: &str, failure: Failure) -> Error {
        Error::Remote { doing, place: place.to_string(), failure }
    }

    /// For the user.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Error::Format(e) => e.diagnostic(),
            Error::LockLost { place, now } => Diagnostic::error(
                "Error releasing the state lock",
                format!(
                    "The lock of {place} was taken away while this ran, and is someone else's now. Both may have changed \
                     things at the same time.\n\n{}",
                    now.block()
                ),
            )
            .help("When the other has finished, plan again and see whether anything is left to do."),
            Error::Remote { doing, place, failure } => remote_diagnostic(doing, place, failure),
            Error::Digest { bucket, key, found, wanted, table } => Diagnostic::error(
                "Error loading state",
                format!(
                    "State data in S3 does not have the expected content.\n\nThe checksum calculated for the state stored in S3 \
                     does not match the checksum stored in DynamoDB.\n\nBucket: {bucket}\nKey:    {key}\nCalculated checksum: \
                     {found}\nStored checksum:     {wanted}\n\nThis may be caused by unusually long delays in S3 processing a \
                     previous state update, or by someone who replaced the object by hand. Nothing was changed."
                ),
            )
            .help(format!(
                "Wait for a minute or two and try again. If this persists and you have seen that the object is the state that \
                 it should be, set Digest of the item {bucket}/{key}-md5 in the DynamoDB table {table} to:\n\n  {found}"
            )),
            Error::Io { doing, path, source } => io_diagnostic(doing, path, source),
            Error::Journal { place, version } => Diagnostic::error(
                "Journal of another version",
                format!(
                    "A run of another version of formwork was interrupted, and what it left open is in a journal beside {place}, in format \
                     version {version}, which this version does not know. Nothing was changed."
                ),
            )
            .help("Let the version that wrote it, or a newer one, apply once."),
            Error::Locked(locked) => locked_diagnostic(locked),
            Error::NotLocked { place } => Diagnostic::error(
                "State not locked",
                format!("Nobody holds the lock of {place}, so there is nothing to unlock."),
            ),
            Error::WrongLockId { info, given } => Diagnostic::error(
                "Wrong lock ID",
                format!("The lock has the ID {:?}, not {given:?}.\n\n{}", info.id, info.block()),
            )
            .help(format!("If you are sure that its holder is gone:\n\n  formwork force-unlock {}", info.id)),
            Error::StillHeld(locked) => Diagnostic::error(
                "Lock still held",
                format!(
                    "The process that holds the lock of {} is running{}. A local lock goes away by itself when its process \
                     ends, and cannot be taken from it.",
                    locked.place,
                    locked.process.map_or(String::new(), |p| format!(": process {p} on this machine"))
                ),
            )
            .help(match locked.process {
                Some(p) => format!("Wait for it, or end it:\n\n  kill -INT {p}"),
                None => "Wait for it, or end it where it runs.".into(),
            }),
            Error::Lineage { new, stored } => Diagnostic::error(
                "State of another history",
                format!(
                    "The state to push has lineage {new:?}, the one that is there {stored:?}: they describe different \
                     things. Nothing was changed."
                ),
            )
            .help("If it shall take the other's place nevertheless, push with -force."),
            Error::Serial { new, stored } => Diagnostic::error(
                "Older state",
                format!(
                    "The state to push has serial {new}, the one that is there {stored}: pushing it would undo what has \
                     happened since. Nothing was changed."
                ),
            )
            .help("If that is wanted, push with -force."),
        }
    }
}

fn io_diagnostic(doing: &str, path: &Path, source: &io::Error) -> Diagnostic {
    let path = path.display();
    let reason = source.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default();
    let reason = reason.get(..1).map_or(String::new(), |c| c.to_lowercase()) + reason.get(1..).unwrap_or_default();
    let (summary, help) = match doing {
        "read" => ("Failed to read state", "Check the path and its permissions."),
        "lock" => (
            "Error acquiring the state lock",
            "Check the path and its permissions. Where files cannot be locked at all, and nobody else works on this state, \
             use -lock=false.",
        ),
        "unlock" => ("Error releasing the state lock", "The lock itself ends with this process."),
        "back up" => {
            ("Failed to back up state", "Check free space and permissions, or choose another place with -backup=.")
        }
        _ => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ("Failed to save state", "Make room on the disk. The file that was there is untouched.")
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => (
                "Failed to save state",
                "Make the file and its directory writable for this user. The file that was there is untouched.",
            ),
            _ => ("Failed to save state", "Check the path, free space and permissions."),
        },
    };
    Diagnostic::error(summary, format!("Could not {doing} {path}: {reason}.")).help(help)
}

/// What AWS refused, and what to do about it.
fn remote_diagnostic(doing: &str, place: &str, failure: &Failure) -> Diagnostic {
    let (summary, untouched) = match doing {
        "lock" => ("Error acquiring the state lock", " Nothing was changed."),
        "unlock" => ("Error releasing the state lock", ""),
        "write" => ("Failed to save state", ""),
        "list" => ("Failed to get existing workspaces", ""),
        "delete" => ("Failed to delete workspace", ""),
        _ => ("Failed to read state", ""),
    };
    let reason = failure.to_string();
    let reason = reason.trim_end_matches(['.', ':', ' ']);
    let d = Diagnostic::error(summary, format!("Could not {doing} {place}: {reason}.{untouched}"));
    let table = failure.operation.starts_with("DynamoDB");
    match (&*failure.code, failure.status) {
        ("NoSuchBucket", _) => d.help(
            "The bucket of the backend must have been created before. If it was created within the last minute, wait for a \
             minute or two and try again. Check its name, and that the credentials are those of its account.",
        ),
        ("ResourceNotFoundException", _) if table => {
            d.help("The table named by dynamodb_table must exist, with LockID (a string) as its partition key.")
        }
        ("AccessDenied" | "AccessDeniedException" | "AllAccessDisabled", _) => d.help(match table {
            true => "The credentials need dynamodb:GetItem, dynamodb:PutItem and dynamodb:DeleteItem on the table of the locks.",
            false => {
                "The credentials need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject on the state \
                 and on its lock (the same name with .tflock). With kms_key_id they need kms:Encrypt, kms:Decrypt and \
                 kms:GenerateDataKey too."
            }
        }),
        ("NoCredentials" | "ExpiredToken" | "ExpiredTokenException" | "InvalidAccessKeyId" | "SignatureDoesNotMatch", _) => d.help(
            "Check AWS_PROFILE, AWS_ACCESS_KEY_ID, or profile in the backend block; log in again if they end after some time.",
        ),
        ("NoRegion", _) => d.help("For example:\n\n  export AWS_REGION=eu-central-1"),
        ("AccountNotAllowed", _) => d.help("See allowed_account_ids and forbidden_account_ids in the backend block."),
        ("NotImplemented", _) if doing == "lock" => {
            d.help("This store knows no conditional writes, which use_lockfile needs. Lock with dynamodb_table instead.")
        }
        (_, 0) if failure.operation.starts_with("S3") => {
            d.help("Check the network, the region, and the endpoint if the backend block names one.")
        }
        _ => d,
    }
}

/// Tools look for "Error acquiring the state lock" and "Lock Info:".
fn locked_diagnostic(locked: &Locked) -> Diagnostic {
    let who = match (&locked.info, locked.process) {
        (Some(info), process) => {
            let process = process.map_or(String::new(), |p| format!(" (process {p} on this machine)"));
            let age = locked.age.map_or(String::new(), |age| format!(", since {}", in_words(age)));
            format!("by {}{process}, for {}{age}", info.who, info.operation_in_words())
        }
        (None, Some(process)) => format!("by process {process} on this machine"),
        (None, None) => "by another process".into(),
    };
    let block = locked.info.as_ref().map_or(String::new(), |info| format!("\n\n{}", info.block()));
    let detail = format!("{} is locked {who}. Nothing was changed.{block}", locked.place);
    Diagnostic::error("Error acquiring the state lock", detail).help(match locked.process {
        Some(p) => format!(
            "Wait for it with -lock-timeout=5m, or end it:\n\n  kill -INT {p}\n\nThe lock goes away with its process."
        ),
        None => match &locked.info {
            Some(info) => format!(
                "Wait for it with -lock-timeout=5m. If you are sure that its holder is gone:\n\n  formwork force-unlock {}",
                info.id
            ),
            None => "Wait for it with -lock-timeout=5m.".into(),
        },
    })
}

/// `40 seconds`, `3 minutes`, `2 hours`, `5 days`.
fn in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    let (n, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.diagnostic();
        write!(f, "{}: {}", d.summary, d.detail)
    }
}
impl std::error::Error for Error {}

impl From<FormatError> for Error {
    fn from(e: FormatError) -> Error {
        Error::Format(e)
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.diagnostic();
        write!(f, "{}: {}", d.summary, d.detail)
    }
}
impl std::error::Error for FormatError {}

impl From<Error> for Diagnostic {
    fn from(e: Error) -> Diagnostic {
        e.diagnostic()
    }
}

impl From<Error> for Diags {
    fn from(e: Error) -> Diags {
        e.diagnostic().into()
    }
}
