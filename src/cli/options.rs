//! Options that several commands share.

use crate::address::{Address, Target};
use std::path::PathBuf;
use std::time::Duration;

/// Whether and how long to wait for the state's lock.
#[derive(clap::Args, Clone, Debug)]
pub struct LockOptions {
    /// Don't hold a state lock during the operation. This is dangerous if others might concurrently run commands against the
    /// same workspace.
    #[arg(long, action = clap::ArgAction::SetFalse)]
    pub lock: bool,
    /// Duration to retry a state lock, such as 30s or 5m.
    #[arg(long, value_name = "0s", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// Where the state is, if not where the configuration says.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct StatePath {
    /// Path to read and save state (unless -state-out is specified). Defaults to "terraform.tfstate".
    #[arg(long, value_name = "path")]
    pub state: Option<PathBuf>,
    /// Path to write state to that is different than -state. This can be used to preserve the old state.
    #[arg(long, value_name = "path")]
    pub state_out: Option<PathBuf>,
    /// Path to backup the existing state file before modifying. Defaults to the -state-out path with ".backup" extension. Set
    /// to "-" to disable backup.
    #[arg(long, value_name = "path")]
    pub backup: Option<PathBuf>,
}

/// Options of Terraform that mean nothing here, and are taken so that scripts go on working.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Ignored {
    /// Only remote backends of Terraform know versions.
    #[arg(long, hide = true)]
    pub ignore_remote_version: bool,
}

/// Reads an address; for clap.
pub fn address(text: &str) -> Result<Address, String> {
    text.parse::<Address>().map_err(|e| e.0.trim_end_matches('.').to_string())
}

/// Reads an address of an object, a resource or a module; for clap.
pub fn target(text: &str) -> Result<Target, String> {
    text.parse::<Target>().map_err(|e| e.0.trim_end_matches('.').to_string())
}

/// A time as Go writes it: `10s`, `1m30s`, `500ms`, `0`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let error = || "A time is written as 30s, 5m or 1h30m".to_string();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(error)?;
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(error()),
        };
        total += number.parse::<f64>().map_err(|_| error())? * seconds;
        rest = behind;
    }
    if text.is_empty() {
        return Err(error());
    }
    Duration::try_from_secs_f64(total).map_err(|_| error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_gos() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("500ms", Some(500)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("", None),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("1d", None),
            ("1.2.3s", None),
            ("99999999999999999999999h", None),
        ] {
            assert_eq!(duration(text).ok().map(|d| d.as_millis()), expected, "{text}");
        }
    }
}
