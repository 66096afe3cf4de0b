//! Tags, which every service keeps alike and words differently.
//!
//! Refuses to know what is tagged.

use super::input::Input;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Key → value, sorted by key, so that answers do not depend on the order of calls.
pub(super) type Tags = BTreeMap<String, String>;

/// How a service spells a tag's two members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `{"Key": ..., "Value": ...}`
    Upper,
    /// `{"key": ..., "value": ...}`
    Lower,
}

impl Spelling {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Spelling::Upper => ("Key", "Value"),
            Spelling::Lower => ("key", "value"),
        }
    }
}

/// The list of tags in a request's member, in its order, duplicates kept.
pub(super) fn read(input: &Input<'_>, member: &str, spelling: Spelling) -> Vec<(String, String)> {
    use super::input::len;
    let (key, value) = spelling.words();
    let tags = input.structures(member);
    tags.iter()
        .map(|tag| {
            let k = tag.need(key, len(1, 128)).to_owned();
            (k, tag.text(value, len(0, 256)).unwrap_or("").to_owned())
        })
        .collect()
}

/// The first key that is there twice.
pub(super) fn duplicate(tags: &[(String, String)]) -> Option<&str> {
    let twice = |i: usize| tags[..i].iter().any(|t| t.0 == tags[i].0);
    (0..tags.len()).find(|i| twice(*i)).map(|i| tags[i].0.as_str())
}

/// As a list of structures.
pub(super) fn list(tags: &Tags, spelling: Spelling) -> Value {
    let (key, value) = spelling.words();
    tags.iter().map(|(k, v)| json!({ key: k, value: v })).collect()
}
