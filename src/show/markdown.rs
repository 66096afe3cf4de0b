//! A plan as a comment for a pull request: counts and verdict first, then what can hurt, then the changes, collapsed.
//!
//! Always short enough to be posted: what is least important is folded first. The same plan gives the same bytes.
//! Refuses to know where it is posted.

use super::plan as text;
use crate::plan::{Action, Change, Mode, Plan};
use crate::review::{self, Danger, Finding, Grade, Harm, Hidden};
use crate::value::Object;
use crate::workflow::{diagram, diff, model};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What GitHub takes as a comment, in characters. Bytes are counted here, which are never fewer.
const LIMIT: usize = 65_536;
/// More dangers than this are counted, not told.
const DANGERS: usize = 60;
/// Of dangers that are alike, so many are told beside the first.
const ALIKE: usize = 5;
/// More findings than this are counted, not told.
const FINDINGS: usize = 30;
/// Longer differences are cut.
const LONGEST: usize = 20_000;

/// The comment. `name` tells it from those of other plans in the same pull request.
pub fn plan(plan: &Plan, findings: &[Finding], name: &str) -> String {
    let dangers = review::dangers(plan);
    let told: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.changes && f.silenced.is_none() && f.grade != Grade::Note && f.rule.code != "DDB-DATA-001")
        .collect();
    let mut head = head(plan, &dangers, told.len());
    head.push_str(&self::findings(&told));
    let tail = format!("\n{}\n", marker(name));
    let hidden = Hidden::of(plan);
    let mut sections = sections(plan, &hidden);
    sections.extend(access_of_new(plan));
    sections.extend(outputs(plan, &hidden));
    sections.extend(drift(plan, &hidden));
    let room = LIMIT.saturating_sub(head.len() + tail.len() + 64);
    let body = fit(sections, room);
    format!("{head}{body}{tail}")
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

fn head(plan: &Plan, dangers: &[Danger], findings: usize) -> String {
    let verdict = match dangers.len() {
        _ if !plan.has_changes() => String::new(),
        0 if plan.mode == Mode::RefreshOnly => String::new(),
        0 => " Nothing found that can hurt.".into(),
        1 => format!(" **1 thing can hurt**: {}.", by_harm(dangers)),
        n => format!(" **{n} things can hurt**: {}.", by_harm(dangers)),
    };
    let found = match findings {
        0 => String::new(),
        1 => " 1 finding.".to_string(),
        n => format!(" {n} findings."),
    };
    let first = match (plan.has_changes(), plan.mode) {
        (false, Mode::Destroy) => "No changes. No objects need to be destroyed.".to_string(),
        (false, Mode::RefreshOnly) => "No changes. Your infrastructure still matches the configuration.".to_string(),
        (false, _) => "No changes. Your infrastructure matches the configuration.".to_string(),
        (true, Mode::RefreshOnly) => {
            format!("Objects changed outside of Terraform: {}. Only the state is changed.", plan.drift.len())
        }
        _ => text::counts(plan.counts(), super::Style::PLAIN),
    };
    let mut out = format!("{first}{verdict}{found}\n");
    if !plan.targets.is_empty() {
        out.push_str("\nOnly part of the configuration was looked at: the plan was made with `-target`.\n");
    }
    if !dangers.is_empty() {
        out.push_str("\n### What can hurt\n");
        let groups = alike(plan, dangers);
        let mut last: Option<Harm> = None;
        for group in groups.iter().take(DANGERS) {
            if last != Some(group[0].harm) {
                let _ = write!(out, "\n**{}**\n\n", group[0].harm.title());
                last = Some(group[0].harm);
            }
            out.push_str(&bullet(group));
        }
        let rest: Vec<Danger> = groups.iter().skip(DANGERS).flatten().map(|d| (*d).clone()).collect();
        if !rest.is_empty() {
            let _ = write!(out, "\nAnd {} more: {}.\n", rest.len(), by_harm(&rest));
        }
    }
    out
}

/// What is most likely a mistake.
fn findings(told: &[&Finding]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n### Findings\n\n");
    for f in told.iter().take(FINDINGS) {
        let place = match &f.at {
            Some(span) => code(&format!("{}:{}", span.source.name, span.line_column().0)),
            None => code(&f.address.to_string()),
        };
        let (way, block) = f.way.split_once("\n\n").unwrap_or((&f.way, ""));
        let text = format!("{} {way}", short(&f.text, 300));
        let _ = writeln!(out, "- **{}** {place} {}", f.rule.code, prose(&text));
        // Ready to be pasted.
        if !block.is_empty() && block.len() < 1000 {
            let block: String = block.lines().map(|l| format!("{}\n", l.strip_prefix("    ").unwrap_or(l))).collect();
            let block = fence("hcl", &block);
            block.lines().for_each(|l| {
                let _ = writeln!(out, "  {l}");
            });
        }
    }
    if told.len() > FINDINGS {
        let _ = write!(out, "\nAnd {} more.\n", told.len() - FINDINGS);
    }
    out
}

/// `data is lost (1), permissions are gained (200)`
fn by_harm(dangers: &[Danger]) -> String {
    let mut by: BTreeMap<Harm, usize> = BTreeMap::new();
    dangers.iter().for_each(|d| *by.entry(d.harm).or_default() += 1);
    by.iter().map(|(h, n)| format!("{} ({n})", h.title().to_lowercase())).collect::<Vec<_>>().join(", ")
}

/// Those that say the same of other objects together, in the order of the first of them. What is lost is told one by one.
fn alike<'a>(plan: &Plan, dangers: &'a [Danger]) -> Vec<Vec<&'a Danger>> {
    let mut names: Vec<String> = Vec::new();
    for c in &plan.changes {
        for v in [&c.before, &c.after] {
            let o = Object::from_value(v);
            names.extend(["name", "role", "table_name"].iter().filter_map(|n| o.str(n)).map(String::from));
        }
    }
    names.retain(|n| n.len() > 1);
    names.sort_by_key(|n| (std::cmp::Reverse(n.len()), n.clone()));
    names.dedup();
    let sort = |d: &Danger| {
        let mut text = d.text.clone();
        for name in names.iter().filter(|n| d.text.contains(n.as_str())) {
            text = text.replace(name, "\u{0}");
        }
        (d.harm, text, d.warnings.clone())
    };
    let mut groups: Vec<Vec<&Danger>> = Vec::new();
    let mut known: BTreeMap<(Harm, String, Vec<String>), usize> = BTreeMap::new();
    for d in dangers {
        let together = matches!(d.harm, Harm::Trust | Harm::Permission | Harm::Lost);
        match together.then(|| *known.entry(sort(d)).or_insert(groups.len())) {
            Some(at) if at < groups.len() => groups[at].push(d),
            _ => groups.push(vec![d]),
        }
    }
    groups
}

fn bullet(group: &[&Danger]) -> String {
    let mut out = one_bullet(group[0]);
    if group.len() > 1 {
        let others: Vec<String> = group.iter().skip(1).take(ALIKE).map(|d| escape(&short(&d.text, 120))).collect();
        let more = group.len() - 1 - others.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let _ = writeln!(out, "  - the same {} more: {}{more}", times(group.len() - 1), others.join("; "));
    }
    out
}

fn times(n: usize) -> String {
    if n == 1 { "once".into() } else { format!("{n} times") }
}

fn one_bullet(d: &Danger) -> String {
    let mut text = short(&d.text, 300);
    if let Some(first) = text.get(..1) {
        text = format!("{}{}", first.to_uppercase(), &text[1..]);
    }
    let warnings = match d.warnings.is_empty() {
        true => String::new(),
        false => format!(" :warning: **{}**", escape(&d.warnings.join("; "))),
    };
    let address = d.address.as_ref().map(|a| format!(" ({})", code(&a.to_string()))).unwrap_or_default();
    format!("- {}{address}{warnings}\n", escape(&text))
}

/// A part of the comment, with ever shorter forms of itself.
struct Piece {
    /// Higher ones keep their length longer.
    weight: u8,
    /// From whole to shortest; the last one may be empty.
    forms: Vec<String>,
}

struct Section {
    title: String,
    pieces: Vec<Piece>,
    /// What stands for all pieces where there is no room for each.
    counted: String,
}

/// Shortens what weighs least until everything fits.
fn fit(sections: Vec<Section>, room: usize) -> String {
    let mut form: Vec<Vec<usize>> = sections.iter().map(|s| vec![0; s.pieces.len()]).collect();
    let mut counted = vec![false; sections.len()];
    let size_of = |s: usize, p: usize, f: usize| sections[s].pieces[p].forms[f].len();
    let mut total: usize =
        sections.iter().map(|s| s.title.len() + 8 + s.pieces.iter().map(|p| p.forms[0].len()).sum::<usize>()).sum();
    // One shortening after the other: the lightest first, of those the longest, of those the last.
    let mut order: Vec<(u8, usize, usize, usize, usize)> = Vec::new();
    for (s, section) in sections.iter().enumerate() {
        for (p, piece) in section.pieces.iter().enumerate() {
            for f in 1..piece.forms.len() {
                order.push((piece.weight, f, usize::MAX - piece.forms[f - 1].len(), usize::MAX - s, usize::MAX - p));
            }
        }
    }
    order.sort_unstable();
    for (_, f, _, s, p) in order {
        if total <= room {
            break;
        }
        let (s, p) = (usize::MAX - s, usize::MAX - p);
        total = total - size_of(s, p, form[s][p]) + size_of(s, p, f);
        form[s][p] = f;
    }
    for s in (0..sections.len()).rev() {
        if total <= room {
            break;
        }
        let now: usize = form[s].iter().enumerate().map(|(p, f)| size_of(s, p, *f)).sum();
        total = (total - now) + sections[s].counted.len();
        counted[s] = true;
    }
    let folded = form.iter().flatten().filter(|f| **f > 0).count() + counted.iter().filter(|c| **c).count();
    let mut out = String::new();
    for (s, section) in sections.iter().enumerate() {
        let _ = write!(out, "\n### {}\n\n", section.title);
        match counted[s] {
            true => out.push_str(&section.counted),
            false => section.pieces.iter().enumerate().for_each(|(p, piece)| out.push_str(&piece.forms[form[s][p]])),
        }
    }
    if folded > 0 && out.len() + 80 <= room + 64 {
        out.push_str("\nShortened to fit into a comment.\n");
    }
    out
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
    for line in &text::lines(c).0 {
        let closes = matches!(line.text.get(..1), Some(")" | "}" | "]"));
        let orients = line.mark == Mark::Same && line.level == 1 && !line.text.is_empty() && !line.remark;
        // They tell which object it is, and the summary says that.
        if orients && !closes && !line.text.starts_with("EOT") {
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
    out
}

fn access_of_new(plan: &Plan) -> Option<Section> {
    let mut lines = Vec::new();
    for change in review::access_changes(plan).iter().filter(|c| c.new) {
        for told in change.sentences().iter().filter(|t| t.warnings.is_empty()) {
            lines.push(format!("- {}\n", escape(&short(&told.text, 300))));
        }
        if change.open {
            lines.push(format!("- what {} may do is known after apply\n", escape(&change.subject.text())));
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
    let counted = format!("{} outputs.\n", changed.len());
    let summary =
        format!("<details><summary>{} outputs</summary>\n\n{}\n</details>\n\n", changed.len(), fence("diff", &body));
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

/// A code block that nothing inside it can end.
fn fence(language: &str, body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    let end = if body.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{language}\n{body}{end}{ticks}\n")
}

/// In the font of code, as HTML, so that nothing in it is Markdown.
fn code(text: &str) -> String {
    format!("<code>{}</code>", html(&short(text, 250)))
}

fn html(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let word = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c.is_control() => out.push(' '),
            // Inside a word it is no Markdown.
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push('_'),
            // Inside HTML of a line, Markdown is still Markdown.
            '*' | '_' | '`' | '[' | ']' | '\\' | '@' | '#' | '~' | '|' => {
                let _ = write!(out, "&#{};", u32::from(*c));
            }
            c => out.push(*c),
        }
    }
    out
}

/// Our own sentences: what stands between backticks is code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len() % 2 == 0 {
        return escape(text);
    }
    parts.iter().enumerate().map(|(i, part)| if i % 2 == 1 { code(part) } else { escape(part) }).collect()
}

/// Plain text: no markup, no mention, no reference.
fn escape(text: &str) -> String {
    html(text)
}

fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}
