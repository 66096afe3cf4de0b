//! What stands first: counts and verdict, what can hurt, findings. Bounded, so that it is always there.
//!
//! Refuses to know the changes themselves.

use super::escape::{code, escape, fence, prose, short};
use crate::plan::{Mode, Plan};
use crate::review::{Danger, Finding, Harm};
use crate::show::{Style, plan as text};
use crate::value::Object;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Of one harm, more dangers than this are counted, not told.
const DANGERS: usize = 25;

/// Of dangers that are alike, so many are told beside the first.
const ALIKE: usize = 5;

/// Nor more than fits into so many bytes.
const LONGEST_DANGERS: usize = 24_000;

/// The same for findings.
const LONGEST_FINDINGS: usize = 14_000;

/// More findings than this are folded: what changes stands below them.
const OPEN_FINDINGS: usize = 5;

/// More findings than this are counted, not told.
const FINDINGS: usize = 30;

pub(super) fn head(plan: &Plan, dangers: &[Danger], findings: usize) -> String {
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
        _ => text::counts(plan.counts(), Style::PLAIN),
    };
    let mut out = format!("{first}{verdict}{found}\n");
    if !plan.targets.is_empty() {
        out.push_str("\nOnly part of the configuration was looked at: the plan was made with `-target`.\n");
    }
    if !dangers.is_empty() {
        out.push_str("\n### What can hurt\n");
        let mut told: BTreeMap<Harm, usize> = BTreeMap::new();
        let mut rest: Vec<Danger> = Vec::new();
        for group in alike(plan, dangers) {
            let harm = group[0].harm;
            let before = told.get(&harm).copied().unwrap_or_default();
            // Of each harm something is told, and the rest is counted.
            if before >= DANGERS || (out.len() > LONGEST_DANGERS && before > 0) {
                rest.extend(group.into_iter().cloned());
                continue;
            }
            if before == 0 {
                let _ = write!(out, "\n**{}**\n\n", harm.title());
            }
            told.insert(harm, before + 1);
            out.push_str(&bullet(&group));
        }
        if !rest.is_empty() {
            let _ = write!(out, "\nAnd {} more: {}.\n", rest.len(), by_harm(&rest));
        }
    }
    out
}

/// What is most likely a mistake.
pub(super) fn findings(told: &[&Finding]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n### Findings\n\n");
    let mut shown = 0;
    for f in told.iter().take(FINDINGS) {
        if out.len() > LONGEST_FINDINGS {
            break;
        }
        if shown == OPEN_FINDINGS && told.len() > OPEN_FINDINGS + 1 {
            out.push_str("\n<details><summary>More findings</summary>\n\n");
        }
        shown += 1;
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
    if told.len() > shown {
        let _ = write!(out, "\nAnd {} more.\n", told.len() - shown);
    }
    if shown > OPEN_FINDINGS && told.len() > OPEN_FINDINGS + 1 {
        out.push_str("\n</details>\n");
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
        // Numbered names are alike, too.
        let mut shape = String::with_capacity(text.len());
        for c in text.chars() {
            let c = if c.is_ascii_digit() { '0' } else { c };
            if !(c == '0' && shape.ends_with('0')) {
                shape.push(c);
            }
        }
        (d.harm, shape, d.warnings.clone())
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
        false => format!(" ⚠️ **{}**", escape(&d.warnings.join("; "))),
    };
    let address = d.address.as_ref().map(|a| format!(" ({})", code(&a.to_string()))).unwrap_or_default();
    format!("- {}{address}{warnings}\n", escape(&text))
}
