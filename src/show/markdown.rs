//! A plan as a comment for a pull request: counts and verdict first, then what can hurt, then the changes, collapsed.
//!
//! Always short enough to be posted: what is least important is folded first. The same plan gives the same bytes.
//! Refuses to know where it is posted.

mod escape;
mod fit;
mod head;

use super::plan as text;
use crate::plan::{Action, Change, Mode, Plan};
use crate::review::{self, Finding, Grade, Hidden};
use crate::value::Object;
use crate::workflow::{diagram, diff, model};
use escape::{code, escape, fence, short};
use fit::{Piece, Section, fit};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What GitHub takes as a comment, in characters. Bytes are counted here, which are never fewer.
const LIMIT: usize = 65_536;
/// Longer differences are cut.
const LONGEST: usize = 20_000;

/// What the caller says about the comment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form<'a> {
    /// What tells it from those of other plans in the same pull request.
    pub name: &'a str,
    /// Everything, however long it is: for where there is room.
    pub full: bool,
    /// Where the full text is: told where the comment had to be shortened.
    pub link: Option<&'a str>,
}

/// The comment.
pub fn plan(plan: &Plan, findings: &[Finding], form: Form<'_>) -> String {
    let dangers = review::dangers(plan);
    let told: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.changes && f.silenced.is_none() && f.grade != Grade::Note && f.rule.code != "DDB-DATA-001")
        .collect();
    let mut head = head::head(plan, &dangers, told.len());
    head.push_str(&head::findings(&told));
    let tail = format!("\n{}\n", marker(form.name));
    let hidden = Hidden::of(plan);
    let mut sections = sections(plan, &hidden);
    sections.extend(access_of_new(plan));
    sections.extend(outputs(plan, &hidden));
    sections.extend(drift(plan, &hidden));
    let shortened = match form.link {
        Some(link) => format!(
            "\nShortened to fit into a comment. <a href=\"{}\">The full text</a>\n",
            escape(link).replace('"', "%22")
        ),
        None => "\nShortened to fit into a comment.\n".to_string(),
    };
    let room = match form.full {
        true => usize::MAX / 2,
        false => LIMIT.saturating_sub(head.len() + tail.len() + shortened.len()),
    };
    let (body, whole) = fit(sections, room);
    let shortened = if whole { "" } else { &shortened };
    format!("{head}{body}{shortened}{tail}")
}

/// What a bot finds its own comment by.
pub fn marker(name: &str) -> String {
    let safe: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/') { c } else { '-' }).collect();
    // Two dashes would end the comment.
    let mut safe = safe.trim_matches('-').to_string();
    while safe.contains("--") {
        safe = safe.replace("--", "-");
    }
    format!("<!-- formwork:plan:{safe} -->")
}

/// In the order of how much attention they need.
const ORDER: [(&[Action], &str, u8); 6] = [
    (&[Action::Delete], "Destroy", 5),
    (&[Action::DeleteThenCreate, Action::CreateThenDelete], "Replace", 6),
    (&[Action::Update], "Change", 4),
    (&[Action::Create], "Create", 2),
    (&[Action::Forget], "Forget", 1),
    (&[Action::Read], "Read during apply", 0),
];

fn sections(plan: &Plan, hidden: &Hidden) -> Vec<Section> {
    if plan.mode == Mode::RefreshOnly {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (actions, title, weight) in ORDER {
        let changes: Vec<&Change> = plan.changes.iter().filter(|c| actions.contains(&c.action)).collect();
        if !changes.is_empty() {
            out.push(section(plan, title, weight, &changes, hidden));
        }
    }
    let still: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|c| c.action == Action::NoOp && (c.previous.is_some() || c.importing.is_some()))
        .collect();
    if !still.is_empty() {
        let line = |c: &&Change| match (&c.previous, &c.importing) {
            (Some(from), _) => format!("- {} moved to {}\n", code(&from.to_string()), code(&c.address.to_string())),
            (None, id) => format!(
                "- {} imported{}\n",
                code(&c.address.to_string()),
                id.as_ref().map(|id| format!(" from {}", code(id))).unwrap_or_default()
            ),
        };
        let pieces = vec![Piece { weight: 1, forms: vec![still.iter().map(line).collect()] }];
        let counted = format!("{} objects.\n", still.len());
        out.push(Section { title: format!("Move and import ({})", still.len()), pieces, counted });
    }
    out
}

fn section(plan: &Plan, title: &str, weight: u8, changes: &[&Change], hidden: &Hidden) -> Section {
    // Like ones together: the same difference, but for their own names.
    let mut groups: Vec<(String, String, Vec<&Change>)> = Vec::new();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for c in changes {
        let body = hidden.veil(&difference(c));
        let key = (c.address.ty.to_string(), nameless(c, &body));
        match known.get(&key) {
            Some(i) => groups[*i].2.push(c),
            None => {
                known.insert(key, groups.len());
                groups.push((c.address.ty.to_string(), body, vec![c]));
            }
        }
    }
    let outside = plan.mode == Mode::RefreshOnly;
    let pieces = groups
        .into_iter()
        .map(|(_, body, members)| {
            let who = if outside { who(plan, members[0]) } else { String::new() };
            piece(weight, body, &members, outside, &hidden.veil(&who))
        })
        .collect();
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    changes.iter().for_each(|c| *by_type.entry(&c.address.ty).or_default() += 1);
    let counted: String = by_type.iter().map(|(ty, n)| format!("- {n} × {}\n", code(ty))).collect();
    Section { title: format!("{title} ({})", changes.len()), pieces, counted }
}

/// `outside`: the changes were made by others; `who` tells by whom.
fn piece(weight: u8, body: String, members: &[&Change], outside: bool, who: &str) -> Piece {
    let first = members[0];
    let address = |c: &Change| match &c.deposed {
        Some(id) => format!("{} (deposed object {})", code(&c.address.to_string()), escape(id)),
        None => code(&c.address.to_string()),
    };
    let more = match members.len() {
        1 => String::new(),
        n => format!(" and {} alike", n - 1),
    };
    let remarks = if outside { drifted(first) } else { remarks(first) };
    let all = |most: usize| -> String {
        let mut out: Vec<String> = members.iter().take(most).map(|c| address(c)).collect();
        if members.len() > most {
            out.push(format!("{} more", members.len() - most));
        }
        out.join(", ")
    };
    let machine = machine(first);
    let inner = match members.len() {
        1 => String::new(),
        n => format!("{n} objects change in the same way: {}. Shown is the first.\n\n", all(60)),
    };
    let summary = format!("<summary>{}{more}{remarks}</summary>", address(first));
    let details = |inside: &str| format!("<details>{summary}\n\n{inner}{inside}{who}\n</details>\n\n");
    let mut forms = Vec::new();
    if let Some(picture) = &machine {
        forms.push(details(&format!("{picture}\n{}", fence("diff", &body))));
    }
    forms.push(details(&fence("diff", &body)));
    forms.push(format!("- {}{remarks}\n", all(12)));
    if members.len() > 1 {
        forms.push(format!("- {}{more}\n", address(first)));
    }
    Piece { weight, forms }
}

/// What a summary says of a change that others made.
fn drifted(c: &Change) -> String {
    if c.action == Action::Delete {
        return " was deleted".into();
    }
    let names: Vec<String> = review::drift::changed_attributes(c).into_iter().map(code).collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

/// What a summary says beside the address.
fn remarks(c: &Change) -> String {
    let mut out = String::new();
    if c.action == Action::CreateThenDelete {
        out.push_str(", made anew before the old one goes");
    }
    if !c.replace_paths.is_empty() {
        let paths: Vec<String> = c.replace_paths.iter().map(|p| code(p.to_string().trim_start_matches('.'))).collect();
        let _ = write!(out, " because of {}", paths.join(", "));
    }
    if let Some(from) = &c.previous {
        let _ = write!(out, ", moved from {}", code(&from.to_string()));
    }
    if c.importing.is_some() {
        out.push_str(", imported");
    }
    if let Some(words) = both_machines(c).map(|(b, a)| diff::compare(&b, &a).tally().words()).filter(|w| !w.is_empty())
    {
        let _ = write!(out, ": {words}");
    }
    out
}

/// The definitions before and after, where both are there, readable, and different.
fn both_machines(c: &Change) -> Option<(model::Machine, model::Machine)> {
    if &*c.address.ty != "aws_sfn_state_machine" {
        return None;
    }
    let of = |v: &crate::value::Value| {
        let d = v.get("definition").filter(|d| !d.is_null() && d.is_known() && !d.marks_deep().sensitive)?;
        model::parse(&d).ok().filter(|m| !m.states.is_empty())
    };
    let (before, after) = (of(&c.before)?, of(&c.after)?);
    (!diff::compare(&before, &after).is_empty()).then_some((before, after))
}

/// The picture of a state machine that is new, changes, or goes.
fn machine(c: &Change) -> Option<String> {
    if &*c.address.ty != "aws_sfn_state_machine" {
        return None;
    }
    let drawn = match both_machines(c) {
        Some((before, after)) => diagram::change(&before, &after),
        None => {
            if c.action != Action::Create {
                return None;
            }
            let d = c.after.get("definition").filter(|d| d.is_known() && !d.marks_deep().sensitive)?;
            diagram::one(&model::parse(&d).ok().filter(|m| !m.states.is_empty())?)
        }
    };
    // Mermaid itself reads no more than this.
    (drawn.len() < 40_000).then(|| fence("mermaid", &drawn))
}

/// The difference in the form that is coloured: signs in the first column. Of what is new nothing is told that is empty or not known.
fn difference(c: &Change) -> String {
    use super::lines::Mark;
    let mut out = String::new();
    // The level of the JSON that the lines are in: there, what is empty is meant.
    let mut json: Option<usize> = None;
    let mut left_out = 0;
    let mut inside_orienting = false;
    for line in &text::lines(c).0 {
        let closes = matches!(line.text.get(..1), Some(")" | "}" | "]")) || line.text == "EOT";
        let orients = line.mark == Mark::Same && line.level == 1 && !line.text.is_empty() && !line.remark;
        // They tell which object it is, and the summary says that; so does what is inside them.
        if inside_orienting {
            inside_orienting = !(line.level == 1 && closes);
            continue;
        }
        if orients && !closes {
            inside_orienting = line.text.ends_with(['{', '[', '(']) || line.text.ends_with("<<-EOT");
            continue;
        }
        if json == Some(line.level) && closes {
            json = None;
        } else if json.is_none() && line.text.contains("jsonencode(") && !line.text.ends_with(')') {
            json = Some(line.level);
        }
        let says_nothing = [" = (known after apply)", " = \"\"", " = {}", " = []", " (known after apply)"];
        if c.action == Action::Create
            && json.is_none()
            && line.mark == Mark::Added
            && says_nothing.iter().any(|end| line.text.ends_with(end))
        {
            left_out += 1;
            continue;
        }
        // No gap after a gap.
        if line.text.is_empty() && (out.ends_with("\n\n") || out.is_empty()) {
            continue;
        }
        if line.level == 0 && closes && left_out > 0 {
            let s = if left_out == 1 { "" } else { "s" };
            let _ = writeln!(out, "    # ({left_out} attribute{s} not shown: empty or known after apply)");
        }
        let sign = match line.mark {
            Mark::Same | Mark::Read => ' ',
            Mark::Added => '+',
            Mark::Removed | Mark::Forgotten => '-',
            Mark::Changed | Mark::Replaced | Mark::ReplacedCreateFirst => '!',
        };
        let row = format!("{sign} {}{}", "  ".repeat(line.level), line.text);
        let _ = writeln!(out, "{}", row.trim_end());
        if out.len() > LONGEST {
            out.push_str("  ...\n");
            break;
        }
    }
    out
}

/// A difference without what only this object is called.
fn nameless(c: &Change, body: &str) -> String {
    let mut out = body.split_once('\n').map(|(_, rest)| rest.to_string()).unwrap_or_default();
    let of = |v: &crate::value::Value| Object::from_value(v);
    let mut names: Vec<String> = Vec::new();
    for o in [of(&c.before), of(&c.after)] {
        for name in ["arn", "id", "name", "role", "role_arn"] {
            names.extend(o.str(name).map(String::from));
        }
    }
    names.push(c.address.name.to_string());
    if let Some(crate::address::Key::Str(key)) = &c.address.key {
        names.push(key.to_string());
    }
    names.retain(|n| n.len() > 1);
    names.sort_by_key(|n| std::cmp::Reverse(n.len()));
    names.dedup();
    for name in names {
        out = out.replace(&name, "\u{0}");
    }
    if let Some(crate::address::Key::Int(index)) = &c.address.key {
        out = without_number(&out, &index.to_string());
    }
    out
}

/// A text without this number where it stands in a string, as the index of an instance does: a number by itself is a value.
fn without_number(text: &str, number: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        for (i, part) in line.split('"').enumerate() {
            if i > 0 {
                out.push('"');
            }
            let mut rest = part;
            while let Some(at) = rest.find(|c: char| c.is_ascii_digit()).filter(|_| i % 2 == 1) {
                let (before, from) = rest.split_at(at);
                let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
                let (digits, after) = from.split_at(end);
                out.push_str(before);
                out.push_str(if digits == number { "\u{0}" } else { digits });
                rest = after;
            }
            out.push_str(rest);
        }
        out.push('\n');
    }
    out
}

fn access_of_new(plan: &Plan) -> Option<Section> {
    let mut lines = Vec::new();
    for change in review::access_changes(plan).iter().filter(|c| c.new) {
        for told in change.sentences().iter().filter(|t| t.warnings.is_empty()) {
            lines.push(format!("- {}\n", escape(&short(&told.text, 300))));
        }
        if change.open {
            lines
                .push(format!("- what {} may do is known after apply, or sensitive\n", escape(&change.subject.text())));
        }
    }
    if lines.is_empty() {
        return None;
    }
    let n = lines.len();
    let whole = format!("<details><summary>{n} permissions</summary>\n\n{}\n</details>\n\n", lines.concat());
    let first: String = lines[..n.min(20)].concat();
    let part = format!("<details><summary>The first of {n} permissions</summary>\n\n{first}\n</details>\n\n");
    let counted = format!("{n} permissions of new roles and policies.\n");
    let forms = vec![whole, part, counted.clone()];
    Some(Section { title: "Access of what is new".into(), pieces: vec![Piece { weight: 3, forms }], counted })
}

fn outputs(plan: &Plan, hidden: &Hidden) -> Option<Section> {
    let changed: Vec<_> = plan.outputs.iter().filter(|(_, o)| o.action != Action::NoOp).collect();
    if changed.is_empty() {
        return None;
    }
    let drawn = text::output_changes(changed.iter().map(|(n, o)| (&***n, *o)), super::Style::PLAIN);
    let body: String = drawn
        .lines()
        .skip(1)
        .map(|l| {
            let trimmed = l.trim_start();
            let (sign, rest) = match trimmed.get(..1) {
                Some("+") => ('+', &trimmed[1..]),
                Some("-") => ('-', &trimmed[1..]),
                Some("~") => ('!', &trimmed[1..]),
                _ => (' ', l),
            };
            let indent = " ".repeat((l.len() - trimmed.len()).saturating_sub(2));
            match sign {
                ' ' => format!("{l}\n"),
                _ => format!("{sign}{indent}{rest}\n"),
            }
        })
        .collect();
    let body = hidden.veil(&body);
    let many = if changed.len() == 1 { "1 output".into() } else { format!("{} outputs", changed.len()) };
    let counted = format!("{many}.\n");
    let summary = format!("<details><summary>{many}</summary>\n\n{}\n</details>\n\n", fence("diff", &body));
    Some(Section {
        title: "Outputs".into(),
        pieces: vec![Piece { weight: 0, forms: vec![summary, counted.clone()] }],
        counted,
    })
}

fn drift(plan: &Plan, hidden: &Hidden) -> Option<Section> {
    if plan.mode != Mode::RefreshOnly || plan.drift.is_empty() {
        return None;
    }
    let changes: Vec<&Change> = plan.drift.iter().collect();
    Some(section(plan, "Changed outside", 3, &changes, hidden))
}

/// When it happened, as far as AWS tells, and how to learn who did it.
fn who(plan: &Plan, c: &Change) -> String {
    let mut out = String::new();
    if let Some(told) = plan.seen.traces.get(&c.address).filter(|t| !t.is_empty()) {
        let _ = write!(out, "\nWhat AWS tells of its past: {}.\n", escape(&told.join(", ")));
    }
    let calls = review::drift::calls(c);
    if let [first, rest @ ..] = &*calls {
        let others: String = rest.iter().map(|c| format!(" or {}", code(c))).collect();
        let _ = write!(
            out,
            "\nWho did it stands in CloudTrail, for 90 days, as {}{others}:\n\n{}",
            code(first),
            fence(
                "sh",
                &format!(
                    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue={first}"
                )
            )
        );
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_number_of_an_instance_tells_none_apart_where_it_is_part_of_a_name() {
        for (text, wanted) in [
            ("name = \"t-7-x\"", "name = \"t-\u{0}-x\""),
            ("name = \"t-77\" -> \"7t07\"", "name = \"t-77\" -> \"\u{0}t07\""),
            // A number by itself is a value.
            ("read_capacity = 7 -> 70", "read_capacity = 7 -> 70"),
            ("a = \"ä7\"\n}", "a = \"ä\u{0}\"\n}"),
        ] {
            assert_eq!(super::without_number(text, "7"), format!("{wanted}\n"));
        }
    }
}
