//! Dates as the provider stores them: RFC 3339, whole seconds, UTC.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::time::SystemTime;

/// `2026-11-22T11:56:59Z`; empty for a date no calendar has.
pub fn rfc3339(date: &DateTime) -> String {
    DateTime::from_secs(date.secs()).fmt(Format::DateTime).unwrap_or_default()
}

/// `20261122115659` and four digits for the ten thousandths of the second: how generated names begin.
pub fn digits(time: SystemTime) -> String {
    let date = DateTime::from(time);
    let second: String = rfc3339(&date).chars().filter(char::is_ascii_digit).collect();
    format!("{second}{:04}", date.subsec_nanos() / 100_000)
}

/// The moment that [`rfc3339`] wrote.
pub fn moment(text: &str) -> Option<SystemTime> {
    SystemTime::try_from(DateTime::from_str(text, Format::DateTime).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates() {
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_795_348_619, 901_180_999);
        assert_eq!(rfc3339(&DateTime::from(time)), "2026-11-22T11:56:59Z");
        assert_eq!(moment("2026-11-22T11:56:59Z"), Some(time - Duration::from_nanos(901_180_999)));
        assert_eq!(moment("yesterday"), None);
        assert_eq!(digits(time), "202611221156599011");
        assert_eq!(digits(SystemTime::UNIX_EPOCH), "197001010000000000");
    }
}
