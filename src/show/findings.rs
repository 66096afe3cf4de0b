//! Findings as text, as JSON, and as SARIF 2.1.0 for code scanning.
//!
//! Refuses to know what is looked for.

use super::{Style, diagnostics};
use crate::diag::Span;
use crate::review::{Finding, Grade, RULES};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// More than this many are counted, not told, behind a plan.
const BEHIND_A_PLAN: usize = 10;
/// What is to be pasted is shown behind a plan up to this many lines.
const LONGEST_BLOCK: usize = 8;

fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Error => "error",
        Grade::Warning => "warning",
        Grade::Note => "note",
    }
}

/// All of them, one below the other, and how many there are.
pub fn text(findings: &[Finding], style: Style) -> String {
    let open: Vec<&Finding> = findings.iter().filter(|f| f.silenced.is_none()).collect();
    let mut out = String::new();
    for f in &open {
        out.push_str(&one(f, style));
        out.push('\n');
    }
    let silenced = findings.len() - open.len();
    out.push_str(&count(&open));
    if silenced > 0 {
        out.push_str(&format!(" {silenced} silenced by a comment."));
    }
    out.push('\n');
    out
}

/// `2 errors, 1 warning.`
fn count(findings: &[&Finding]) -> String {
    if findings.is_empty() {
        return "Nothing found.".into();
    }
    let mut by: BTreeMap<Grade, usize> = BTreeMap::new();
    findings.iter().for_each(|f| *by.entry(f.grade).or_default() += 1);
    let parts: Vec<String> =
        by.iter().map(|(g, n)| format!("{n} {}{}", word(*g), if *n == 1 { "" } else { "s" })).collect();
    format!("{}.", parts.join(", "))
}

fn one(f: &Finding, style: Style) -> String {
    let sign = match f.grade {
        Grade::Error => style.red("error"),
        Grade::Warning => style.yellow("warning"),
        Grade::Note => style.cyan("note"),
    };
    let place = match &f.at {
        Some(span) => {
            let (line, column) = span.line_column();
            format!("  {}:{line}:{column} in {}", span.source.name, f.address)
        }
        None => format!("  {}", f.address),
    };
    let mut out = format!("{sign}[{}]: {}\n{place}\n\n", f.rule.code, style.bold(f.rule.title));
    let narrow = style.width.saturating_sub(2);
    let indent = |text: &str| -> String {
        diagnostics::wrap(text, narrow).lines().map(|l| format!("  {l}").trim_end().to_string() + "\n").collect()
    };
    out.push_str(&indent(&format!("{} {}", f.text, f.rule.why)));
    out.push('\n');
    out.push_str(&indent(&f.way));
    out
}

/// What stands behind a plan: errors and warnings about objects that it changes; empty where there are none.
pub fn behind_a_plan(findings: &[Finding], style: Style) -> String {
    // That data is lost stands above, under what can hurt.
    let told: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.changes && f.silenced.is_none() && f.grade != Grade::Note && f.rule.code != "DDB-DATA-001")
        .collect();
    if told.is_empty() {
        return String::new();
    }
    let mut out = format!("{}\n", style.bold("Findings:"));
    for f in told.iter().take(BEHIND_A_PLAN) {
        let place = match &f.at {
            Some(span) => format!("{}:{}", span.source.name, span.line_column().0),
            None => f.address.to_string(),
        };
        let text = format!("{} {}", f.text, f.way.lines().next().unwrap_or_default());
        let sign = if f.grade == Grade::Error { style.red("!!") } else { style.yellow(" !") };
        out.push_str(&format!("  {sign} {} {place}\n", f.rule.code));
        for line in diagnostics::wrap(&text, style.width.saturating_sub(5)).lines() {
            out.push_str(&format!("     {line}\n"));
        }
        // What is to be pasted, where it is short.
        let block = f.way.split_once("\n\n").map(|(_, block)| block).filter(|b| b.lines().count() <= LONGEST_BLOCK);
        for line in block.into_iter().flat_map(str::lines) {
            out.push_str(format!("     {line}").trim_end());
            out.push('\n');
        }
    }
    if told.len() > BEHIND_A_PLAN {
        out.push_str(&format!("     And {} more.\n", told.len() - BEHIND_A_PLAN));
    }
    out
}

/// As JSON, every finding, silenced ones marked.
pub fn json(findings: &[Finding]) -> Json {
    let list: Vec<Json> = findings
        .iter()
        .map(|f| {
            json!({
                "code": f.rule.code,
                "title": f.rule.title,
                "severity": word(f.grade),
                "address": f.address.to_string(),
                "message": f.text,
                "reason": f.rule.why,
                "help": f.way,
                "path": f.inside.as_ref().map(|p| p.0.clone()),
                "range": f.at.as_ref().map(range),
                "silenced": f.silenced,
                "changes": f.changes,
            })
        })
        .collect();
    let of = |g: Grade| findings.iter().filter(|f| f.grade == g && f.silenced.is_none()).count();
    json!({
        "format_version": "1.0",
        "error_count": of(Grade::Error),
        "warning_count": of(Grade::Warning),
        "note_count": of(Grade::Note),
        "findings": list,
    })
}

fn range(span: &Span) -> Json {
    let at = |byte: u32| {
        let (line, column) = span.source.line_column(byte as usize);
        json!({ "line": line, "column": column, "byte": byte })
    };
    json!({ "filename": span.source.name, "start": at(span.start), "end": at(span.end) })
}

/// As SARIF 2.1.0. What has no place in a file is put to the beginning of `fallback`: GitHub shows nothing without a place. `base` is
/// where all names of files start, as seen from the root of the repository.
pub fn sarif(findings: &[Finding], fallback: &str, base: &str) -> Json {
    let rules: Vec<Json> = RULES
        .iter()
        .map(|r| {
            json!({
                "id": r.code,
                "name": r.code,
                "shortDescription": { "text": r.title },
                "fullDescription": { "text": r.why },
                "help": { "text": format!("{} Silence it where it is meant so: # formwork:ignore {} reason", r.why, r.code) },
                "defaultConfiguration": { "level": word(r.grade) },
                "properties": { "tags": tags(r.code) },
            })
        })
        .collect();
    let results: Vec<Json> = findings
        .iter()
        .map(|f| {
            let index = RULES.iter().position(|r| r.code == f.rule.code);
            let (uri, region) = match &f.at {
                Some(span) => (uri(base, &span.source.name), region(span)),
                None => (uri(base, fallback), json!({ "startLine": 1 })),
            };
            let mut result = json!({
                "ruleId": f.rule.code,
                "ruleIndex": index,
                "level": word(f.grade),
                "message": { "text": format!("{} {}", f.text, f.way) },
                "locations": [{
                    "physicalLocation": { "artifactLocation": { "uri": uri }, "region": region },
                    "logicalLocations": [{ "fullyQualifiedName": f.address.to_string(), "kind": "resource" }],
                }],
                // The same finding next time, wherever the line has gone.
                "partialFingerprints": { "formwork/v1": fingerprint(f) },
            });
            if let Some(reason) = &f.silenced {
                result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "formwork",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn tags(code: &str) -> Vec<&'static str> {
    match code {
        c if c.contains("IAM") || c.starts_with("SEC") => vec!["security"],
        c if c.starts_with("DDB") || c.starts_with("MOV") => vec!["reliability"],
        _ => vec!["correctness"],
    }
}

/// A path below a base as a relative URI reference.
fn uri(base: &str, path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    // What is absolute stays what it is.
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if path.starts_with('/') { "/" } else { "" };
    let mut out = String::new();
    for b in format!("{slash}{}", parts.join("/")).bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn region(span: &Span) -> Json {
    let at = |byte: u32| {
        // Code points, as `columnKind` says, not graphemes.
        let byte = (byte as usize).min(span.source.text.len());
        let before = span.source.text.get(..byte).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
    };
    let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

fn fingerprint(f: &Finding) -> String {
    use sha2::{Digest, Sha256};
    let inside = f.inside.as_ref().map(|p| p.0.clone()).unwrap_or_default();
    let digest = Sha256::digest(format!("{}\n{}\n{inside}\n{}", f.rule.code, f.address, f.text));
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn files_are_named_from_the_root_of_the_repository() {
        for (base, path, wanted) in [
            ("", "main.tf", "main.tf"),
            ("", "./a b/main.tf", "a%20b/main.tf"),
            ("infra/prod", "main.tf", "infra/prod/main.tf"),
            ("infra/prod", "../modules/ä/main.tf", "infra/modules/%C3%A4/main.tf"),
            ("infra", "../../outside/main.tf", "../outside/main.tf"),
            ("infra", "/etc/main.tf", "/etc/main.tf"),
            ("infra", "modules\\\\m\\\\main.tf", "infra/modules/m/main.tf"),
        ] {
            assert_eq!(super::uri(base, path), wanted, "{base} {path}");
        }
    }
}
