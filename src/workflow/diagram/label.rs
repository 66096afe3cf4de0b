//! The texts of a picture: what stands in a state and on an arrow, and how it is written so that Mermaid reads nothing else in it.
//!
//! Refuses to know where they are put.

use super::super::condition;
use super::super::model::{State, StateKind, Transition, Via, strings};
use std::fmt::Write;

/// Longer names are cut; the text of the plan has all of them.
const LONGEST_NAME: usize = 60;
/// The same for what stands on an arrow, which Mermaid breaks into lines.
const LONGEST_ARROW: usize = 140;

/// The arrow and its label.
pub(super) fn arrow(state: &State, group: &[&Transition]) -> (&'static str, String) {
    let texts: Vec<String> = group
        .iter()
        .filter_map(|t| match t.via {
            Via::Next => None,
            Via::Default => Some("otherwise".to_string()),
            Via::Choice(i) => state.list("Choices").get(i).map(condition::text),
            Via::Catch(i) => {
                let errors = state.list("Catch").get(i).and_then(|c| c.get("ErrorEquals"));
                Some(strings(errors.as_ref()).join(", "))
            }
        })
        .filter(|t| !t.is_empty())
        .collect();
    let arrow = if matches!(group[0].via, Via::Catch(_)) { "-.->" } else { "-->" };
    let joined = texts.join(if matches!(group[0].via, Via::Choice(_)) { " or " } else { ", " });
    (arrow, if joined.is_empty() { String::new() } else { format!("|\"{}\"|", escape_cut(&joined, LONGEST_ARROW)) })
}

fn waits(state: &State) -> String {
    for (name, unit) in [("Seconds", " s"), ("SecondsPath", " s"), ("Timestamp", ""), ("TimestampPath", "")] {
        if let Some(value) = state.field(name) {
            let text = match (value.as_str(), value.as_number()) {
                (Some(text), _) => condition::expression(text).trim().to_string(),
                (_, Some(n)) => n.to_string(),
                _ => "?".into(),
            };
            return format!("Wait {text}{unit}");
        }
    }
    "Wait".into()
}

pub(super) fn retries(state: &State) -> &'static str {
    if state.list("Retry").is_empty() { "" } else { " #8635;" }
}

/// What a state does, below its name.
pub(super) fn detail(state: &State) -> String {
    match (state.service(), &state.kind) {
        (Some(service), _) => escape(service),
        (None, StateKind::Wait) => escape(&waits(state)),
        (None, StateKind::Fail) => escape(state.text("Error").unwrap_or("Fail")),
        (None, kind) => escape(if kind.name().is_empty() { "no Type" } else { kind.name() }),
    }
}

/// Text that stands inside quotes of Mermaid: nothing in it is markup, an entity, a directive or Markdown.
pub fn escape(text: &str) -> String {
    escape_cut(text, LONGEST_NAME)
}

fn escape_cut(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let chars: Vec<char> = shown.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let word = |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(|c| c.is_alphanumeric());
        match c {
            c if c.is_control() => out.push(' '),
            // Inside a word an underscore is no Markdown.
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push('_'),
            // A number and a dot at the beginning would be a list.
            '.' if i > 0 && chars[..i].iter().all(char::is_ascii_digit) => out.push_str("#46;"),
            '-' if i > 0 => out.push('-'),
            // No colon: before an entity it makes Mermaid cut lines that it takes for styles.
            ' ' | '.' | ',' | '/' | '\'' | '!' | '?' | '=' | '…' => out.push(*c),
            c if c.is_alphanumeric() => out.push(*c),
            // An emoji, a letter with marks: nothing that Mermaid reads.
            c if !c.is_ascii() => out.push(*c),
            c => {
                let _ = write!(out, "#{};", u32::from(*c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_label_is_markup() {
        for (text, want) in [
            ("plain name_1", "plain name_1"),
            ("a\"]; B[x", "a#34;#93;#59; B#91;x"),
            ("<b>&amp;", "#60;b#62;#38;amp#59;"),
            ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
            ("1. do", "1#46; do"),
            ("- do", "#45; do"),
            ("__x__ `y` *z*", "#95;#95;x#95;#95; #96;y#96; #42;z#42;"),
            ("#quot;", "#35;quot#59;"),
            ("$$x$$", "#36;#36;x#36;#36;"),
            ("a\nb", "a b"),
            ("é 日本", "é 日本"),
        ] {
            assert_eq!(escape(text), want);
        }
        assert_eq!(escape(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
    }
}
