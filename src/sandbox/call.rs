//! One request on its way through a handler: where it goes, what time it is, and how ids are made.
//!
//! Refuses to know the protocols.

use super::fault::Fault;
use super::world::{Account, Region, World};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What is not worth saving: how many more looks until something has settled.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// How many looks at a changed table, index or machine still show it on its way.
    pub(super) looks: u32,
    left: HashMap<String, (u32, &'static str)>,
}

impl Settling {
    /// `thing` has just begun to be `status`.
    pub(super) fn begin(&mut self, thing: &str, status: &'static str) {
        if self.looks > 0 {
            self.left.insert(thing.to_owned(), (self.looks, status));
        }
    }

    /// The status `thing` shows on its way, without counting as a look.
    pub(super) fn status(&self, thing: &str) -> Option<&'static str> {
        self.left.get(thing).map(|(_, status)| *status)
    }

    /// The same, counting as a look.
    pub(super) fn look(&mut self, thing: &str) -> Option<&'static str> {
        let (left, status) = self.left.get_mut(thing)?;
        let status = *status;
        *left -= 1;
        if *left == 0 {
            self.left.remove(thing);
        }
        Some(status)
    }
}

/// One request on its way.
pub(super) struct Call<'a> {
    /// The world, for reading or changing.
    pub(super) world: &'a mut World,
    /// What is on its way.
    pub(super) settling: &'a mut Settling,
    /// Where items are kept.
    pub(super) items: &'a super::dynamodb::items::Items,
    /// The account it is for.
    pub(super) account: String,
    /// The region it is for.
    pub(super) region: String,
    /// The access key that signed it.
    pub(super) access_key: String,
    /// Milliseconds since 1970.
    pub(super) now: i64,
}

/// The partition a region lies in.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eu-isoe-") => "aws-iso-e",
        r if r.starts_with("us-isof-") => "aws-iso-f",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

impl Call<'_> {
    /// The account.
    pub(super) fn account(&mut self) -> &mut Account {
        self.world.accounts.entry(self.account.clone()).or_default()
    }

    /// The region.
    pub(super) fn here(&mut self) -> &mut Region {
        let region = self.region.clone();
        self.account().regions.entry(region).or_default()
    }

    /// `arn:<partition>:<service>:<region>:<account>:<rest>`
    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{rest}", partition(&self.region), self.region, self.account)
    }

    /// `arn:<partition>:iam::<account>:<rest>`
    pub(super) fn iam_arn(&self, rest: &str) -> String {
        format!("arn:{}:iam::{}:{rest}", partition(&self.region), self.account)
    }

    /// Counts one more thing of this kind and name.
    pub(super) fn born(&mut self, key: &str) -> u64 {
        let key = format!("{}/{key}", self.account);
        let count = self.world.born.entry(key).or_default();
        *count += 1;
        *count
    }

    /// 32 bytes that depend on the seed, the account, the key, and how often the key was asked for.
    fn bytes(&mut self, key: &str) -> [u8; 32] {
        let nth = self.born(key);
        digest(self.world.seed, &format!("{}/{key}/{nth}", self.account))
    }

    /// An id as IAM makes them: a prefix and 17 letters and digits.
    pub(super) fn iam_id(&mut self, prefix: &str, key: &str) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bytes = self.bytes(&format!("{prefix}:{key}"));
        let letters = bytes[..17].iter().map(|b| char::from(alphabet[usize::from(*b) % 32]));
        prefix.chars().chain(letters).collect()
    }

    /// A random-looking UUID.
    pub(super) fn uuid(&mut self, key: &str) -> String {
        let bytes = self.bytes(key);
        let mut half = [0u8; 16];
        half.copy_from_slice(&bytes[..16]);
        uuid::Builder::from_random_bytes(half).into_uuid().to_string()
    }
}

/// A digest of a seed and a text.
pub(super) fn digest(seed: u64, text: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(text.as_bytes());
    hash.finalize().into()
}

/// A time as the JSON protocols send it: seconds with milliseconds.
pub(super) fn seconds(ms: i64) -> Value {
    if ms % 1000 == 0 {
        return Value::from(ms / 1000);
    }
    Number::from_f64(ms as f64 / 1000.0).map_or(Value::Null, Value::Number)
}

/// A time as the Query protocol sends it.
pub(super) fn iso(ms: i64) -> String {
    format_time(ms, "%Y-%m-%dT%H:%M:%SZ")
}

/// A time by a `strftime` format, in UTC.
pub(super) fn format_time(ms: i64, format: &str) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_zoned(jiff::tz::TimeZone::UTC).strftime(format).to_string()
}

/// One page of `items`: those after `token` (a position given out before), `size` of them, and the next token.
pub(super) fn page<T>(
    items: Vec<T>,
    token: Option<&str>,
    size: usize,
    bad: impl FnOnce() -> Fault,
) -> Result<(Vec<T>, Option<String>), Fault> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let start = match token {
        None => 0,
        Some(token) => {
            let text = engine.decode(token).ok().and_then(|b| String::from_utf8(b).ok());
            match text.and_then(|t| t.strip_prefix("after:").and_then(|n| n.parse::<usize>().ok())) {
                Some(start) if start <= items.len() => start,
                _ => return Err(bad()),
            }
        }
    };
    let total = items.len();
    let shown: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let end = start + shown.len();
    let next = (end < total).then(|| engine.encode(format!("after:{end}")));
    Ok((shown, next))
}
