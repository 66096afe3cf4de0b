//! What IAM accepts as names, paths, ARNs, tags and page sizes.
//!
//! Refuses to know roles and policies.

use crate::sandbox::call::page;
use crate::sandbox::fault::Fault;
use crate::sandbox::input::{ANY, Input, len};
use crate::sandbox::tags::{self, Spelling, Tags};
use serde_json::{Value, json};

/// Whether a text has only letters, digits and `+=,.@_-`.
fn plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c))
}

/// A required name of at most `most` characters.
pub(super) fn name<'a>(input: &Input<'a>, key: &str, most: usize) -> Result<&'a str, Fault> {
    let name = input.need(key, len(1, most));
    if !plain(name) {
        input.check()?;
        return Err(bad_characters(key));
    }
    Ok(name)
}

fn bad_characters(key: &str) -> Fault {
    let mut chars = key.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase()).into_iter();
    let key: String = first.chain(chars).collect();
    let text = format!(
        "The specified value for {key} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    );
    Fault::new("ValidationError", text)
}

/// `Path`, by default `/`.
pub(super) fn path(input: &Input<'_>) -> Result<String, Fault> {
    let path = input.text("Path", len(1, 512)).unwrap_or("/");
    let printable = path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if !(path.starts_with('/') && path.ends_with('/') && printable) {
        input.check()?;
        let text = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
            characters and/or / characters.";
        return Err(Fault::new("ValidationError", text));
    }
    Ok(path.to_owned())
}

/// A required ARN; what is none is `InvalidInput`.
pub(super) fn arn<'a>(input: &Input<'a>, key: &str) -> Result<&'a str, Fault> {
    let arn = input.need(key, len(20, 2048));
    input.check()?;
    judge_arn(arn)?;
    Ok(arn)
}

/// Refuses what is no ARN.
pub(super) fn judge_arn(arn: &str) -> Result<(), Fault> {
    let fine = arn.starts_with("arn:") && arn.splitn(6, ':').count() == 6;
    if fine { Ok(()) } else { Err(Fault::new("InvalidInput", format!("ARN {arn} is not valid."))) }
}

/// The tags of a request.
pub(super) fn read_tags(input: &Input<'_>) -> Result<Vec<(String, String)>, Fault> {
    let found = tags::read(input, "Tags", Spelling::Upper);
    input.check()?;
    if (1..found.len()).any(|i| found[..i].iter().any(|t| t.0.eq_ignore_ascii_case(&found[i].0))) {
        let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(Fault::new("InvalidInput", text));
    }
    for (i, (key, _)) in found.iter().enumerate() {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::new("InvalidInput", "Attempting to use a reserved tag namespace (aws:)."));
        }
        let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        if !key.chars().all(fits) {
            let member = i + 1;
            let text = format!(
                "1 validation error detected: Value '{key}' at 'tags.{member}.member.key' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]+"
            );
            return Err(Fault::new("ValidationError", text));
        }
    }
    Ok(found)
}

/// Adds tags; keys are told apart without regard to case, and the new spelling wins.
pub(super) fn add_tags(tags: &mut Tags, new: Vec<(String, String)>, quota: &str) -> Result<(), Fault> {
    let mut next = tags.clone();
    for (key, value) in new {
        next.retain(|k, _| !k.eq_ignore_ascii_case(&key));
        next.insert(key, value);
    }
    if next.len() > 50 {
        return Err(Fault::new("LimitExceeded", format!("Cannot exceed quota for {quota}: 50")));
    }
    *tags = next;
    Ok(())
}

/// Removes tags by key.
pub(super) fn remove_tags(tags: &mut Tags, keys: &[&str]) {
    tags.retain(|k, _| !keys.iter().any(|key| k.eq_ignore_ascii_case(key)));
}

/// `{member: page, IsTruncated, Marker}`
pub(super) fn paged(input: &Input<'_>, member: &str, items: Vec<Value>) -> Result<Value, Fault> {
    let size = input.int("MaxItems", 1, 1000).unwrap_or(100);
    let marker = input.text("Marker", ANY);
    input.check()?;
    let bad = || Fault::new("ValidationError", "Invalid Marker.");
    let (shown, next) = page(items, marker, usize::try_from(size).unwrap_or(100), bad)?;
    Ok(json!({member: shown, "IsTruncated": next.is_some(), "Marker": next}))
}

/// Percent-encodes as IAM does its documents (RFC 3986).
pub(super) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
