//! Functions of time. Timestamps are RFC 3339 and nothing else; days are counted by the Gregorian calendar, before its time too.

use super::{Args, FnError, hole};
use crate::value::{Type, Value};
use std::fmt::Write;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment, and the offset from UTC that its clock shows.
#[derive(Clone, Copy)]
pub(super) struct Timestamp {
    /// Seconds since 1970 in UTC.
    seconds: i64,
    nanos: u32,
    offset_minutes: i64,
}

/// What clock and calendar show.
struct Fields {
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of days since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year + era * 400, month, day)
}

impl Timestamp {
    /// `2018-01-02T23:12:01Z`, `2018-01-02T23:12:01.5+05:30`; the error is a phrase.
    pub(super) fn parse(text: &str) -> Result<Timestamp, &'static str> {
        Timestamp::within(text, 23, 59)
    }

    /// As Go reads RFC 3339: the hour may have one digit, the fraction a comma, and the offset a day or an hour of minutes.
    fn parse_leniently(text: &str) -> Result<Timestamp, &'static str> {
        let mut text = text.to_owned();
        if text.as_bytes().get(12) == Some(&b':') && text.is_char_boundary(11) {
            text.insert(11, '0');
        }
        if text.as_bytes().get(19) == Some(&b',') {
            text.replace_range(19..20, ".");
        }
        Timestamp::within(&text, 24, 60)
    }

    /// With an offset of so many hours and minutes at most.
    fn within(text: &str, most_hours: i64, most_minutes: i64) -> Result<Timestamp, &'static str> {
        let b = text.as_bytes();
        let number = |from: usize, digits: usize| -> Result<i64, &'static str> {
            let part = b.get(from..from + digits).filter(|p| p.iter().all(u8::is_ascii_digit));
            let part = part.ok_or("is not a timestamp like 2006-01-02T15:04:05Z")?;
            Ok(part.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
        };
        for (at, c) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if b.get(at) != Some(&c) {
                return Err("is not a timestamp like 2006-01-02T15:04:05Z");
            }
        }
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        let mut at = 19;
        let mut nanos = 0;
        if b.get(at) == Some(&b'.') {
            let digits = b[at + 1..].iter().take_while(|d| d.is_ascii_digit()).count();
            if digits == 0 {
                return Err("has a point without a fraction of a second");
            }
            for i in 0..9 {
                let digit = if i < digits { b[at + 1 + i] - b'0' } else { 0 };
                nanos = nanos * 10 + u32::from(digit);
            }
            at += 1 + digits;
        }
        let offset_minutes = match b.get(at) {
            Some(b'Z') => {
                at += 1;
                0
            }
            Some(sign @ (b'+' | b'-')) if b.get(at + 3) == Some(&b':') => {
                let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
                if hours > most_hours || minutes > most_minutes {
                    return Err("has an impossible offset from UTC");
                }
                at += 6;
                let minutes = hours * 60 + minutes;
                if *sign == b'-' { -minutes } else { minutes }
            }
            _ => return Err("has no offset from UTC, such as Z or +02:00, at its end"),
        };
        if at != b.len() {
            return Err("has something behind its end");
        }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let longest = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err("has an impossible month"),
        };
        if !(1..=longest).contains(&day) {
            return Err("has an impossible day");
        }
        if hour > 23 || minute > 59 || second > 59 {
            return Err("has an impossible time of day");
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset_minutes * 60;
        Ok(Timestamp { seconds, nanos, offset_minutes })
    }

    fn fields(&self) -> Fields {
        let local = self.seconds + self.offset_minutes * 60;
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = date(days);
        Fields {
            year,
            month: month as usize,
            day,
            weekday: (days + 4).rem_euclid(7) as usize,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }

    fn plus(&self, nanos: i64) -> Timestamp {
        let total = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        Timestamp {
            seconds: self.seconds + nanos.div_euclid(1_000_000_000) + total / 1_000_000_000,
            nanos: (total % 1_000_000_000) as u32,
            ..*self
        }
    }

    /// `Z` for UTC, else `+05:30` with this between hours and minutes.
    fn offset(&self, separator: &str) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.abs();
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    fn zone(&self) -> String {
        if self.offset_minutes == 0 { "Z".into() } else { self.offset(":") }
    }

    /// RFC 3339 to the second.
    pub(super) fn to_rfc3339(self) -> String {
        let f = self.fields();
        let sign = if f.year < 0 { "-" } else { "" };
        format!(
            "{sign}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            f.year.abs(),
            f.month,
            f.day,
            f.hour,
            f.minute,
            f.second,
            self.zone()
        )
    }
}

fn argument(a: &Args<'_>, i: usize) -> Result<Timestamp, FnError> {
    Timestamp::parse(a.str(i)).map_err(|e| FnError::arg(i, e).got(a.str(i)))
}

/// Known only while applying: until then the time of the apply is to come.
pub(super) fn timestamp(a: &Args<'_>) -> Result<Value, FnError> {
    if !a.ctx.facts.applying {
        return Ok(hole(Type::String));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = now.map_err(|_| FnError::new("needs a clock that is set"))?.as_secs() as i64;
    Ok(Value::string(Timestamp { seconds, nanos: 0, offset_minutes: 0 }.to_rfc3339()))
}

pub(super) fn plantimestamp(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(&a.ctx.facts.now))
}

pub(super) fn timecmp(a: &Args<'_>) -> Result<Value, FnError> {
    let moment = |i| Timestamp::parse_leniently(a.str(i)).map_err(|e| FnError::arg(i, e).got(a.str(i)));
    let (x, y) = (moment(0)?, moment(1)?);
    Ok(Value::number((x.seconds, x.nanos).cmp(&(y.seconds, y.nanos)) as i64))
}

pub(super) fn timeadd(a: &Args<'_>) -> Result<Value, FnError> {
    let moment = argument(a, 0)?;
    let nanos = duration(a.str(1)).map_err(|e| FnError::arg(1, e).got(a.str(1)))?;
    Ok(Value::string(moment.plus(nanos).to_rfc3339()))
}

/// `1h30m`, `-1.5h`, `100ms`, `0`, in nanoseconds.
fn duration(text: &str) -> Result<i64, &'static str> {
    const WRONG: &str = "is not a duration like 1h30m";
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(WRONG);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(WRONG);
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err("has no unit: ns, us, ms, s, m or h"),
            _ => return Err("has a unit other than ns, us, ms, s, m and h"),
        };
        let whole: i128 = match whole {
            "" => 0,
            digits => digits.parse().map_err(|_| WRONG)?,
        };
        // Terraform's fraction goes through a float; so does this.
        let mut part = 0f64;
        if !fraction.is_empty() {
            let (mut digits, mut scale) = (0i64, 1f64);
            for d in fraction.bytes() {
                match digits.checked_mul(10).and_then(|n| n.checked_add(i64::from(d - b'0'))) {
                    Some(n) => (digits, scale) = (n, scale * 10.0),
                    None => break,
                }
            }
            part = digits as f64 * (unit as f64 / scale);
        }
        let limit = i128::from(i64::MAX) + 1;
        total = whole
            .checked_mul(unit)
            .map(|n| n + part as i128 + total)
            .filter(|n| *n <= limit)
            .ok_or("is longer than 292 years")?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| "is longer than 292 years")
}

/// Letters stand for parts of the time, text in single quotes for itself.
pub(super) fn formatdate(a: &Args<'_>) -> Result<Value, FnError> {
    let moment = argument(a, 1)?;
    let f = moment.fields();
    let mut out = String::new();
    let mut rest = a.str(0);
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let (text, after) =
                quoted(rest).ok_or_else(|| FnError::arg(0, "has a quote that does not end").got(rest))?;
            out.push_str(&text);
            rest = after;
            continue;
        }
        let end = rest.find(|other| other != c).unwrap_or(rest.len());
        let (letters, after) = rest.split_at(end);
        rest = after;
        let hour12 = (f.hour + 11) % 12 + 1;
        // Writing to a string cannot fail.
        let _ = match letters {
            "YYYY" => write!(out, "{:04}", f.year),
            "YY" => write!(out, "{:02}", f.year % 100),
            "MMMM" => write!(out, "{}", MONTHS[f.month - 1]),
            "MMM" => write!(out, "{}", &MONTHS[f.month - 1][..3]),
            "MM" => write!(out, "{:02}", f.month),
            "M" => write!(out, "{}", f.month),
            "DD" => write!(out, "{:02}", f.day),
            "D" => write!(out, "{}", f.day),
            "EEEE" => write!(out, "{}", WEEKDAYS[f.weekday]),
            "EEE" => write!(out, "{}", &WEEKDAYS[f.weekday][..3]),
            "hh" => write!(out, "{:02}", f.hour),
            "h" => write!(out, "{}", f.hour),
            "HH" => write!(out, "{hour12:02}"),
            "H" => write!(out, "{hour12}"),
            "AA" => write!(out, "{}", if f.hour < 12 { "AM" } else { "PM" }),
            "aa" => write!(out, "{}", if f.hour < 12 { "am" } else { "pm" }),
            "mm" => write!(out, "{:02}", f.minute),
            "m" => write!(out, "{}", f.minute),
            "ss" => write!(out, "{:02}", f.second),
            "s" => write!(out, "{}", f.second),
            "ZZZZZ" => write!(out, "{}", moment.offset(":")),
            "ZZZZ" => write!(out, "{}", moment.offset("")),
            "ZZZ" if moment.offset_minutes == 0 => write!(out, "UTC"),
            "ZZZ" => write!(out, "{}", moment.offset("")),
            "Z" => write!(out, "{}", moment.zone()),
            _ if c.is_ascii_alphabetic() => {
                let message = "has letters that stand for nothing (text goes between single quotes)";
                return Err(FnError::arg(0, message).got(letters));
            }
            text => write!(out, "{text}"),
        };
    }
    Ok(Value::string(out))
}

/// The text in single quotes that `rest` begins with, and what follows; two quotes are one.
fn quoted(rest: &str) -> Option<(String, &str)> {
    if let Some(after) = rest.strip_prefix("''") {
        return Some(("'".to_owned(), after));
    }
    let mut text = String::new();
    let mut rest = &rest[1..];
    loop {
        let end = rest.find('\'')?;
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                text.push('\'');
                rest = after;
            }
            None => return Some((text, rest)),
        }
    }
}
