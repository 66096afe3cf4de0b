//! Judging single values: what several types' schemas share.
//!
//! Refuses to know types. Each message is a whole sentence that starts with what was expected.

use super::arn::Arn;
use crate::diag::nearest;
use crate::value::Value;

/// What a schema's check answers.
pub type Checked = Result<(), String>;

/// One of these strings.
pub fn one_of(value: &Value, allowed: &[&str]) -> Checked {
    let Some(text) = value.as_str() else { return Ok(()) };
    if allowed.contains(&text) {
        return Ok(());
    }
    let list: Vec<String> = allowed.iter().map(|a| format!("\"{a}\"")).collect();
    let list = match list.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => list.concat(),
    };
    let upper = text.to_uppercase();
    let meant = match allowed.contains(&upper.as_str()) {
        true => Some(upper.as_str()),
        false => nearest(text, allowed.iter().copied()).filter(|_| !text.is_empty()),
    };
    let meant = meant.map(|m| format!(" Did you mean \"{m}\"?")).unwrap_or_default();
    Err(format!("Expected {list}, got \"{text}\".{meant}"))
}

/// A whole number from `least` to `most`.
pub fn between(value: &Value, least: i64, most: i64) -> Checked {
    match (value.as_number(), value.as_i64()) {
        (None, _) => Ok(()),
        (_, Some(n)) if (least..=most).contains(&n) => Ok(()),
        (Some(n), _) => Err(format!("Expected a whole number from {least} to {most}, got {n}.")),
    }
}

/// A name of this many characters, each a letter, a digit or one of `more`.
pub fn name(value: &Value, least: usize, most: usize, more: &str) -> Checked {
    let Some(text) = value.as_str() else { return Ok(()) };
    let length = text.chars().count();
    if length < least || length > most {
        let got = if length < least && length > 0 { format!("\"{text}\"") } else { length.to_string() };
        return Err(format!("Expected {least} to {most} characters, got {got}."));
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !more.contains(*c)) {
        Some(c) => Err(format!("Expected letters, digits and the characters {more} only, got {c:?} in \"{text}\".")),
        None => Ok(()),
    }
}

/// An ARN.
pub fn arn(value: &Value) -> Checked {
    match value.as_str() {
        Some(text) if !text.is_empty() && Arn::parse(text).is_none() => {
            Err(format!("Expected an ARN such as \"arn:aws:kms:eu-west-1:123456789012:key/id\", got \"{text}\"."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements() {
        let number = |n: &str| Value::number(crate::value::Number::parse(n).unwrap());
        for (got, wanted) in [
            (one_of(&"B".into(), &["A", "B"]), ""),
            (one_of(&"XY".into(), &["A"]), "Expected \"A\", got \"XY\"."),
            (
                one_of(&"ALLL".into(), &["ALL", "SOME"]),
                "Expected \"ALL\" or \"SOME\", got \"ALLL\". Did you mean \"ALL\"?",
            ),
            (
                one_of(&"all".into(), &["ALL", "SOME"]),
                "Expected \"ALL\" or \"SOME\", got \"all\". Did you mean \"ALL\"?",
            ),
            (one_of(&"".into(), &["A", "B", "C"]), "Expected \"A\", \"B\" or \"C\", got \"\"."),
            (between(&number("1"), 1, 35), ""),
            (between(&number("0"), 1, 35), "Expected a whole number from 1 to 35, got 0."),
            (between(&number("1.5"), 1, 35), "Expected a whole number from 1 to 35, got 1.5."),
            (name(&"a-b_c.d".into(), 3, 255, "_.-"), ""),
            (name(&"ab".into(), 3, 255, "_.-"), "Expected 3 to 255 characters, got \"ab\"."),
            (name(&"".into(), 3, 255, "_.-"), "Expected 3 to 255 characters, got 0."),
            (
                name(&"a b".into(), 3, 255, "_.-"),
                "Expected letters, digits and the characters _.- only, got ' ' in \"a b\".",
            ),
            (arn(&"arn:aws:kms:eu-west-1:1:key/x".into()), ""),
            (arn(&"".into()), ""),
            (arn(&"key".into()), "Expected an ARN such as \"arn:aws:kms:eu-west-1:123456789012:key/id\", got \"key\"."),
        ] {
            assert_eq!(got.err().unwrap_or_default(), wanted);
        }
    }
}
