//! Findings about single objects: tables, log groups, policies, secrets, and renames.
//!
//! Refuses to know state machines.

use super::findings::{Found, View};
use super::holders::Subject;
use super::rules::Grade;
use crate::access::{Access, Extent, Whom};
use crate::address::Address;
use crate::plan::{Action, Change};
use crate::value::{Object, Value};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn check(view: &View<'_>, out: &mut Vec<Found>) {
    for c in &view.plan.changes {
        if c.deposed.is_none()
            && matches!(c.action, Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete)
        {
            gone(view, c, out);
        }
    }
    for (c, o) in &view.objects {
        match &*c.address.ty {
            "aws_dynamodb_table" => table(view, c, o, out),
            "aws_cloudwatch_log_group" => logs(&c.address, o, out),
            _ => {}
        }
        for attribute in ["policy", "assume_role_policy", "definition"] {
            if let Some(text) = o.str(attribute) {
                secrets(&c.address, attribute, text, out);
            }
        }
    }
    policies(view, out);
    renames(view, out);
}

fn found(code: &'static str, address: &Address, attribute: Option<&'static str>, text: String, way: String) -> Found {
    Found { code, grade: None, address: address.clone(), attribute, inside: None, text, way, related: Vec::new() }
}

fn gone(view: &View<'_>, c: &Change, out: &mut Vec<Found>) {
    if &*c.address.ty != "aws_dynamodb_table" || moved_to(view, c).is_some() {
        return;
    }
    // An empty table takes nothing along.
    if view.plan.seen.empty.iter().any(|(a, deposed)| *a == c.address && *deposed == c.deposed) {
        return;
    }
    let name = Object::from_value(&super::holders::visible(&c.before));
    let name = name.str("name").unwrap_or("?").to_string();
    let held = view.plan.losses.iter().find(|l| l.is_of(c)).map(|l| format!(", which holds {}", l.what));
    let lost = held.as_deref().unwrap_or(": its items are lost");
    let (verb, way) = match c.action {
        Action::Delete => (
            "destroys",
            "Keep the block, or take the table out of the state with `removed { lifecycle { destroy = false } }`.",
        ),
        _ => (
            "replaces",
            "Copy the items first, or go back to what the table has: the plan marks what forces replacement.",
        ),
    };
    let text = format!("This plan {verb} table {name}{lost}.");
    out.push(found("DDB-DATA-001", &c.address, None, text, way.into()));
}

/// Whether a name, a tag or the workspace says that this is production.
fn is_production(view: &View<'_>, name: &str, o: &Object) -> bool {
    let says = |text: &str| {
        text.to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word, "prod" | "production" | "prd" | "live"))
    };
    let tags = o.string_map("tags_all");
    says(name)
        || says(&view.plan.workspace)
        || tags.iter().any(|(k, v)| matches!(&*k.to_ascii_lowercase(), "environment" | "env" | "stage") && says(v))
}

fn table(view: &View<'_>, c: &Change, o: &Object, out: &mut Vec<Found>) {
    let address = &c.address;
    let name = o.str("name").unwrap_or(&address.name);
    let off = |v: Option<&Value>| v.is_none_or(|v| v.is_null() || v.as_bool() == Some(false));
    if is_production(view, name, o) && off(o.get("deletion_protection_enabled")) {
        let text = format!(
            "Table {name} is for production by its name, tags or workspace, and is not protected against deletion."
        );
        let way = "Set `deletion_protection_enabled = true`.".to_string();
        out.push(found("DDB-PROT-001", address, Some("deletion_protection_enabled"), text, way));
    }
    let recovery = o.block("point_in_time_recovery");
    // A new table has none unless it is written; one that is restored may bring it along.
    let written = |v: &Value| v.is_known() || c.action != Action::Create || o.text("restore_source_name").is_some();
    let open = o.get("point_in_time_recovery").is_some_and(|v| !v.is_wholly_known() && written(v));
    if !open && recovery.is_none_or(|r| off(r.get("enabled"))) {
        let text = format!("Table {name} has no point-in-time recovery.");
        let way = "Add `point_in_time_recovery { enabled = true }`.".to_string();
        out.push(found("DDB-PROT-002", address, Some("point_in_time_recovery"), text, way));
    }
}

fn logs(address: &Address, o: &Object, out: &mut Vec<Found>) {
    let days = o.get("retention_in_days");
    if days.is_none_or(|d| d.is_null() || d.as_i64() == Some(0)) {
        let name = o.str("name").unwrap_or(&address.name);
        let text = format!("Log group {name} keeps its logs for ever.");
        out.push(found(
            "LOG-RET-001",
            address,
            Some("retention_in_days"),
            text,
            "Set `retention_in_days`, such as 30.".into(),
        ));
    }
}

/// Texts that are secrets by their form, and what they are.
static SECRETS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", "an AWS access key id"),
        (r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----", "a private key"),
        (r"\bgh[pousr]_[A-Za-z0-9]{36}\b", "a GitHub token"),
        (r"\bxox[abprs]-[A-Za-z0-9-]{10,}", "a Slack token"),
        (r"\bsk_live_[A-Za-z0-9]{16,}", "a Stripe key"),
        (r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", "a JSON web token"),
        (r"[a-z][a-z0-9+.-]*://[^/\s:@$\x22{}]+:[^/\s:@$\x22{}]+@", "a password in an address"),
        (
            // A value under a telling name, unless it is a path, an expression, or a reference to where the secret is kept.
            r#"(?i)"[a-z0-9_-]*(?:password|passwd|secret|api_?key|apikey|access_?token|auth_?token)"\s*:\s*"(?:[^"$\\{:/ ]{8,})""#,
            "what looks like a password, key or token",
        ),
    ]
    .into_iter()
    .filter_map(|(pattern, what)| Some((Regex::new(pattern).ok()?, what)))
    .collect()
});

fn secrets(address: &Address, attribute: &'static str, text: &str, out: &mut Vec<Found>) {
    for (pattern, what) in SECRETS.iter() {
        if pattern.is_match(text) {
            // The secret itself is not repeated.
            let text = format!("`{attribute}` contains {what}.");
            let way = "Keep it in Secrets Manager or Parameter Store and read it when it is needed; replace it, for it has been seen.";
            out.push(found("SEC-001", address, Some(attribute), text, way.into()));
        }
    }
}

/// The object that a subject's accesses come from, for the place: the last one, which is the policy rather than the role.
fn policies(view: &View<'_>, out: &mut Vec<Found>) {
    for (subject, holder) in &view.holders.all {
        let Some(address) = holder.addresses.iter().find(|a| view.objects.iter().any(|(c, _)| c.address == **a)) else {
            continue;
        };
        for a in holder.after.accesses.iter().filter(|a| a.allow) {
            access(view, subject, address, &holder.addresses, a, out);
        }
        if let Subject::Trust(role) = subject {
            for service in unguarded(&holder.after.accesses) {
                let text = format!("Role {role} trusts {service} without a condition on who makes it act.");
                let way = "Add a condition: `StringEquals = { \"aws:SourceAccount\" = data.aws_caller_identity.current.account_id }`.";
                out.push(found("SFN-IAM-004", address, Some("assume_role_policy"), text, way.into()));
            }
        }
    }
}

/// Services that act for others and may use a role without a source condition.
fn unguarded(accesses: &[Access]) -> Vec<String> {
    accesses
        .iter()
        .filter(|a| a.allow)
        .filter_map(|a| match &a.whom {
            Whom::One(kind, name) if kind == "Service" && name.starts_with("states.") => Some((a, name)),
            _ => None,
        })
        .filter(|(a, _)| {
            let keys = a.condition.iter().flat_map(|c| c.values()).flat_map(|keys| keys.keys());
            !keys
                .into_iter()
                .any(|k| ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"].contains(&&*k.to_ascii_lowercase()))
        })
        .map(|(_, name)| name.clone())
        .collect()
}

fn access(
    view: &View<'_>,
    subject: &Subject,
    address: &Address,
    all: &std::collections::BTreeSet<Address>,
    a: &Access,
    out: &mut Vec<Found>,
) {
    // The object whose text it is, as far as that can be told.
    let of = |needle: &str| {
        all.iter().find_map(|address| {
            let (c, o) = view.objects.iter().find(|(c, _)| c.address == *address)?;
            let attribute =
                ["policy", "assume_role_policy"].into_iter().find(|n| o.str(n).is_some_and(|t| t.contains(needle)))?;
            Some((c.address.clone(), attribute))
        })
    };
    let mut tell = |code, needle: &str, text: String, way: &str| {
        let (address, attribute) = of(needle).map_or((address.clone(), None), |(a, n)| (a, Some(n)));
        out.push(found(code, &address, attribute, text, way.into()));
    };
    let who = subject.text();
    if a.whom == Whom::Everyone && a.condition.is_none() {
        let text = match subject {
            Subject::Trust(_) => format!("{who} can be assumed by anyone, in any account."),
            _ => format!("Anyone, in any account, may use {who}."),
        };
        tell(
            "IAM-PUB-001",
            "*",
            capital(&text),
            "Name the principals, or add a condition that names the organisation or account.",
        );
        return;
    }
    if a.whom != Whom::Holder {
        return;
    }
    let every_resource = a.resource.as_ref().is_some_and(Extent::is_everything);
    match &a.action {
        Extent::Matching(p) if matches!(&**p, "*" | "*:*") && every_resource => {
            tell(
                "IAM-ANY-001",
                "*",
                capital(&format!("{who} may do everything with everything.")),
                "Name the actions and resources it needs.",
            );
        }
        Extent::Except(but) if every_resource => {
            let text = format!("{who} may do everything but {} with everything (NotAction).", but.join(", "));
            tell("IAM-ANY-001", "NotAction", capital(&text), "Name the actions it needs with Action.");
        }
        Extent::Matching(p) if p.ends_with(":*") => {
            let text = format!("{who} may do {p}: every action of the service.");
            tell("IAM-ANY-002", p, capital(&text), "Name the actions it needs.");
        }
        _ => {}
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// What tells one object from others of its type in the world.
fn identity(o: &Object) -> Option<String> {
    ["name", "arn", "id"].iter().find_map(|n| o.str(n)).filter(|s| !s.is_empty()).map(String::from)
}

/// The new address of an object that this plan destroys and makes anew under another one.
fn moved_to<'a>(view: &'a View<'_>, gone: &Change) -> Option<&'a Address> {
    if gone.action != Action::Delete {
        return None;
    }
    let was = Object::from_value(&super::holders::visible(&gone.before));
    let name = identity(&was)?;
    let mut fits = view.objects.iter().filter(|(c, o)| {
        c.action == Action::Create
            && c.address.ty == gone.address.ty
            && c.address != gone.address
            && match &*c.address.ty {
                // A policy of a role is told by both.
                "aws_iam_role_policy" => o.str("name") == was.str("name") && o.str("role") == was.str("role"),
                "aws_iam_role_policy_attachment" => {
                    o.str("role") == was.str("role") && o.str("policy_arn") == was.str("policy_arn")
                }
                _ => identity(o).as_deref() == Some(&*name),
            }
    });
    match (fits.next(), fits.next()) {
        (Some((c, _)), None) => Some(&c.address),
        _ => None,
    }
}

fn renames(view: &View<'_>, out: &mut Vec<Found>) {
    for c in view.plan.changes.iter().filter(|c| c.deposed.is_none()) {
        let Some(to) = moved_to(view, c) else { continue };
        let text = format!(
            "{} is destroyed and made anew as {to}, with the same name: it was renamed in the configuration.",
            c.address
        );
        let way = format!(
            "Say so, and nothing is destroyed:\n\n    moved {{\n      from = {}\n      to   = {to}\n    }}",
            c.address
        );
        let data = &*c.address.ty == "aws_dynamodb_table";
        out.push(Found {
            code: "MOV-001",
            grade: data.then_some(Grade::Error),
            address: to.clone(),
            attribute: None,
            inside: None,
            text,
            way,
            related: vec![c.address.clone()],
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_their_form() {
        let address: Address = "aws_sfn_state_machine.m".parse().unwrap();
        for (text, want) in [
            (r#"{"Key":"AKIAIOSFODNN7EXAMPLE"}"#, 1),
            (r#"{"password":"hunter2hunter2"}"#, 1),
            (r#"{"password":"$.password"}"#, 0),
            (r#"{"password.$":"$.password"}"#, 0),
            (r#"{"SecretId":"my/secret/name"}"#, 0),
            (r#"{"api_key":"{% $key %}"}"#, 0),
            (r#"{"password":"arn:aws:secretsmanager:us-east-1:1:secret:x"}"#, 0),
            (r#"{"url":"https://user:pass@example.org/x"}"#, 1),
            (r#"{"url":"https://example.org/x@y"}"#, 0),
            (r#"{"x":"-----BEGIN RSA PRIVATE KEY-----"}"#, 1),
            (r#"{"Resource":"arn:aws:states:::aws-sdk:secretsmanager:getSecretValue"}"#, 0),
        ] {
            let mut out = Vec::new();
            secrets(&address, "definition", text, &mut out);
            assert_eq!(out.len(), want, "{text}");
            assert!(out.iter().all(|f| !f.text.contains("hunter2")));
        }
        assert_eq!(SECRETS.len(), 8, "a pattern does not compile");
    }
}
