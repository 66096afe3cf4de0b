//! What AWS refuses whatever the type: tags it does not take, and quotas that several objects use up together.
//!
//! Refuses to know which objects there are: a plan adds up what each of them counts for.

use crate::diag::Diagnostic;
use crate::value::{Object, Path, PathStep};

/// How many tags an object may have.
const TAGS: usize = 50;
/// How long the key of a tag may be, in characters.
const TAG_KEY: usize = 128;
/// How long the value of a tag may be, in characters.
const TAG_VALUE: usize = 256;

/// A limit for all objects that belong to one thing.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// What is counted, as the beginning of a sentence: `All inline policies of the role`.
    pub what: &'static str,
    /// In what it is counted: `characters without white space`.
    pub unit: &'static str,
    /// What AWS takes.
    pub limit: usize,
    /// What AWS takes where the account's quota was raised as far as it goes; the same as `limit` where it cannot be raised.
    pub raised: usize,
    /// What to do.
    pub help: &'static str,
}

/// What one object counts for against a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Against which.
    pub quota: &'static Quota,
    /// To what it belongs: the name of the role.
    pub owner: String,
    /// What it is: the same item counts once, whoever has it.
    pub item: String,
    /// How much.
    pub amount: usize,
}

impl Quota {
    /// A finding where `amount` of what `owner` has is too much.
    pub fn judge(&self, owner: &str, amount: usize) -> Option<Diagnostic> {
        let Quota { what, unit, limit, raised, help } = self;
        if amount <= *limit {
            return None;
        }
        let count = format!("{what} \"{owner}\" come to {amount} {unit}.");
        let finding = match amount <= *raised {
            true => Diagnostic::warning(
                "Near a limit of AWS",
                format!(
                    "{count} AWS takes up to {limit} unless the account's quota was raised, which is possible up to {raised}."
                ),
            ),
            false => Diagnostic::error("Limit of AWS exceeded", format!("{count} AWS takes up to {raised}.")),
        };
        Some(finding.help(*help))
    }
}

/// What AWS refuses of the tags of a planned object; `ty` is its type.
pub fn tags(ty: &str, planned: &Object) -> Vec<(Path, Diagnostic)> {
    let mut found = Vec::new();
    let mut find = |key: Option<&str>, finding: Diagnostic| {
        let path = Path::attr("tags");
        found.push((key.map_or(path.clone(), |key| path.then(PathStep::Key(key.into()))), finding));
    };
    let refused = |detail: String| Diagnostic::error("Invalid tag", detail);
    let own = planned.string_map("tags");
    for (key, value) in &own {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if key_length == 0 || key_length > TAG_KEY {
            find(
                Some(key),
                refused(format!("The key of a tag has 1 to {TAG_KEY} characters; here there are {key_length}.")),
            );
        }
        if value_length > TAG_VALUE {
            let detail =
                format!("The value of a tag has up to {TAG_VALUE} characters; that of \"{key}\" has {value_length}.");
            find(Some(key), refused(detail));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            find(Some(key), refused(format!("Keys that start with \"aws:\" are AWS's own; \"{key}\" cannot be set.")));
        }
        if let Some(odd) = key.chars().chain(value.chars()).find(|c| !is_usual(*c)) {
            let detail = format!(
                "AWS takes letters, digits, white space and the characters _.:/=+-@ in tags; \"{key}\" has {odd:?}, and may be \
                 refused."
            );
            find(Some(key), Diagnostic::warning("Unusual character in a tag", detail));
        }
    }
    let same = |a: &str, b: &str| a != b && a.to_lowercase() == b.to_lowercase();
    if ty.starts_with("aws_iam_")
        && let Some((key, other)) = own
            .iter()
            .enumerate()
            .find_map(|(i, (a, _))| own[..i].iter().find(|(b, _)| same(a, b)).map(|(b, _)| (a, b)))
    {
        find(
            Some(key),
            refused(format!("IAM does not tell capitals from small letters in keys: \"{other}\" and \"{key}\".")),
        );
    }
    let all = planned.string_map("tags_all").len().max(own.len());
    if all > TAGS {
        let detail = format!(
            "An object has up to {TAGS} tags, those of the provider's default_tags included; here there are {all}."
        );
        find(None, Diagnostic::error("Too many tags", detail));
    }
    found
}

/// What AWS's `[\p{L}\p{Z}\p{N}_.:/=+\-@]` stands for, as far as it can be told without tables.
fn is_usual(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Fields, Type, Value};

    fn tagged(own: &[(&str, &str)]) -> Object {
        let map: Fields = own.iter().map(|(k, v)| ((*k).into(), Value::string(v))).collect();
        let map = Value::map(Type::String, map);
        Object::new().with("tags", map.clone()).with("tags_all", map)
    }

    #[test]
    fn tags_that_are_refused() {
        let long = "x".repeat(257);
        let key = "k".repeat(129);
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|n| (n.as_str(), "")).collect();
        for (ty, tags_of, wanted) in [
            ("aws_iam_role", &[("team", "a b"), ("a:b/c=d+e-f@g_h.i", "é"), ("e", "")][..], &[][..]),
            ("aws_iam_role", &[("", "x")], &["The key of a tag has 1 to 128 characters; here there are 0."]),
            ("aws_iam_role", &[(&key, "x")], &["The key of a tag has 1 to 128 characters; here there are 129."]),
            ("aws_iam_role", &[("a", &long)], &["The value of a tag has up to 256 characters; that of \"a\" has 257."]),
            (
                "aws_iam_role",
                &[("AWS:x", "")],
                &["Keys that start with \"aws:\" are AWS's own; \"AWS:x\" cannot be set."],
            ),
            ("aws_iam_role", &[("awsx", ""), ("éaws:", "")], &[]),
            (
                "aws_iam_role",
                &[("Team", ""), ("team", "")],
                &["IAM does not tell capitals from small letters in keys: \"Team\" and \"team\"."],
            ),
            ("aws_dynamodb_table", &[("Team", ""), ("team", "")], &[]),
            (
                "aws_sfn_activity",
                &[("a", "4 & 5")],
                &[
                    "AWS takes letters, digits, white space and the characters _.:/=+-@ in tags; \"a\" has '&', and may be refused.",
                ],
            ),
            (
                "aws_iam_role",
                &many,
                &["An object has up to 50 tags, those of the provider's default_tags included; here there are 51."],
            ),
        ] {
            let got: Vec<String> = tags(ty, &tagged(tags_of)).into_iter().map(|(_, d)| d.detail).collect();
            assert_eq!(got, wanted, "{tags_of:?}");
        }
    }

    #[test]
    fn quotas() {
        static QUOTA: Quota = Quota { what: "All x of", unit: "y", limit: 10, raised: 20, help: "Use fewer." };
        for (amount, wanted) in [(10, None), (11, Some(false)), (20, Some(false)), (21, Some(true))] {
            assert_eq!(QUOTA.judge("r", amount).map(|d| d.is_error()), wanted, "{amount}");
        }
        assert_eq!(QUOTA.judge("r", 21).unwrap().detail, "All x of \"r\" come to 21 y. AWS takes up to 20.");
    }
}
