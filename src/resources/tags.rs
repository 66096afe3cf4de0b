//! Tags as every taggable type has them: `tags` (what the block says) and `tags_all` (what AWS has, the provider's
//! `default_tags` among them).
//!
//! Refuses to know how a service takes and lists tags. The planned `tags_all` is the pipeline's work.

use super::Aws;
use crate::value::{Fields, Object, Type, Value};
use std::collections::BTreeMap;

/// What to do to get from one `tags_all` to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagChanges {
    /// Keys to take away.
    pub remove: Vec<String>,
    /// Tags to add or to give another value.
    pub set: Vec<(String, String)>,
}

impl TagChanges {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.set.is_empty()
    }
}

/// The tags to create an object with, sorted by key.
pub fn wanted(planned: &Object) -> Vec<(String, String)> {
    let tags = match planned.get("tags_all").is_some_and(Value::is_known) {
        true => planned.string_map("tags_all"),
        false => planned.string_map("tags"),
    };
    tags.into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

/// How the tags of an object must change.
pub fn changes(prior: &Object, planned: &Object) -> TagChanges {
    let (old, new) = (wanted(prior), wanted(planned));
    let gone = old.iter().filter(|(key, _)| !new.iter().any(|(k, _)| k == key));
    TagChanges {
        remove: gone.map(|(key, _)| key.clone()).collect(),
        set: new.iter().filter(|tag| !old.contains(tag)).cloned().collect(),
    }
}

/// Sets `tags` and `tags_all` from the tags that AWS has. `reference` is what was seen last or planned: a tag it says in `tags`
/// stays there although it equals a default.
pub fn fill(aws: &Aws, reference: &Object, object: &mut Object, found: impl IntoIterator<Item = (String, String)>) {
    let settings = aws.settings();
    let all = kept(aws, found);
    let said = reference.string_map("tags");
    let own =
        all.iter().filter(|tag| !settings.default_tags.contains(tag) || said.iter().any(|(key, _)| *key == tag.0));
    object.set("tags", map(own));
    object.set("tags_all", map(&all));
}

/// The `tags` of a data source: all that AWS has but those to ignore.
pub fn seen(aws: &Aws, found: impl IntoIterator<Item = (String, String)>) -> Value {
    map(&kept(aws, found))
}

/// All but those to ignore, sorted. An emulator may list a key twice: the last one counts, as for the AWS provider.
fn kept(aws: &Aws, found: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let all: BTreeMap<String, String> = found.into_iter().collect();
    all.into_iter().filter(|(key, _)| !is_ignored(&aws.settings().ignore_tags, key)).collect()
}

/// Tags as a value of `tags` or `tags_all`.
pub fn all_value(tags: &[(String, String)]) -> Value {
    map(tags)
}

/// Whether a tag is none of ours: AWS's own, or one that `ignore_tags` names by its key or by how its key starts.
pub fn is_ignored((keys, prefixes): &(Vec<String>, Vec<String>), key: &str) -> bool {
    key.starts_with("aws:") || keys.iter().any(|k| k == key) || prefixes.iter().any(|p| key.starts_with(p.as_str()))
}

fn map<'a>(tags: impl IntoIterator<Item = &'a (String, String)>) -> Value {
    let fields: Fields = tags.into_iter().map(|(k, v)| (k.as_str().into(), Value::string(v))).collect();
    Value::map(Type::String, fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::Settings;
    use aws_smithy_runtime_api::client::http::http_client_fn;

    type Tags = &'static [(&'static str, &'static str)];

    fn owned(tags: Tags) -> Vec<(String, String)> {
        tags.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    fn object(name: &str, tags: Tags) -> Object {
        Object::new().with(name, map(&owned(tags)))
    }

    #[test]
    fn changes_take_away_and_set() {
        let cases: [(Tags, Tags, &[&str], Tags); 4] = [
            (&[], &[], &[], &[]),
            (&[("a", "1")], &[("a", "1")], &[], &[]),
            (&[("a", "1"), ("b", "1")], &[("b", "2"), ("c", "3")], &["a"], &[("b", "2"), ("c", "3")]),
            (&[("a", "1")], &[], &["a"], &[]),
        ];
        for (old, new, remove, set) in cases {
            let got = changes(&object("tags_all", old), &object("tags_all", new));
            assert_eq!(got, TagChanges { remove: remove.iter().map(|k| k.to_string()).collect(), set: owned(set) });
        }
    }

    #[test]
    fn own_tags_are_told_from_defaults() {
        let settings = Settings {
            default_tags: owned(&[("env", "dev"), ("team", "x")]),
            ignore_tags: (vec!["noise".into()], vec!["auto-".into()]),
            ..Settings::default()
        };
        let aws = Aws::with_http_client(settings, http_client_fn(|_, _| panic!("nothing is to be sent")));
        let cases: [(Tags, Tags, Tags, Tags); 5] = [
            (&[], &[], &[], &[]),
            (&[], &[("env", "dev"), ("a", "1")], &[("a", "1")], &[("a", "1"), ("env", "dev")]),
            (
                &[("env", "dev")],
                &[("env", "dev"), ("team", "y")],
                &[("env", "dev"), ("team", "y")],
                &[("env", "dev"), ("team", "y")],
            ),
            (&[], &[("aws:x", "1"), ("noise", "1"), ("auto-1", "1"), ("b", "2")], &[("b", "2")], &[("b", "2")]),
            (
                &[],
                &[("b", "1"), ("env", "old"), ("env", "dev"), ("b", "2")],
                &[("b", "2")],
                &[("b", "2"), ("env", "dev")],
            ),
        ];
        for (said, found, own, all) in cases {
            let mut filled = Object::new();
            fill(&aws, &object("tags", said), &mut filled, owned(found));
            assert_eq!(filled, Object::new().with("tags", map(&owned(own))).with("tags_all", map(&owned(all))));
        }
    }
}
