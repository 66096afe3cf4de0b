//! What conditions came to: `check_results` of the state, per object of the configuration and per instance of it.
//!
//! Refuses to know conditions: whoever judges them notes what came out.

use serde_json::{Value as Json, json};

/// What conditions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// `precondition` and `postcondition` of a `resource` or `data` block.
    Resource,
    /// `precondition` of an output.
    OutputValue,
    /// The assertions of a `check` block.
    Check,
    /// `validation` of a variable.
    InputVariable,
}

/// How conditions came out, from the best to the worst: many together are as bad as the worst of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    /// All are true.
    #[default]
    Pass,
    /// Some are known after apply, or were not looked at.
    Unknown,
    /// Some are false.
    Fail,
    /// Some cannot be judged.
    Error,
}

/// One instance of what conditions are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedObject {
    /// Such as `module.x[0].aws_iam_role.y["k"]`, `output.o`, `check.c`, `var.v`.
    pub address: String,
    /// How its conditions came out.
    pub status: CheckStatus,
    /// What those that are false say.
    pub messages: Vec<String>,
}

/// All instances of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What it is.
    pub kind: CheckKind,
    /// The block's address, without keys.
    pub address: String,
    /// The worst of its instances.
    pub status: CheckStatus,
    /// Its instances, by address.
    pub objects: Vec<CheckedObject>,
}

impl CheckKind {
    /// All of them.
    pub const ALL: [CheckKind; 4] =
        [CheckKind::Resource, CheckKind::OutputValue, CheckKind::Check, CheckKind::InputVariable];

    /// As the state spells it.
    fn stored(self) -> &'static str {
        match self {
            CheckKind::Resource => "resource",
            CheckKind::OutputValue => "output",
            CheckKind::Check => "check",
            CheckKind::InputVariable => "var",
        }
    }
}

impl CheckStatus {
    /// All of them.
    pub const ALL: [CheckStatus; 4] = [CheckStatus::Pass, CheckStatus::Unknown, CheckStatus::Fail, CheckStatus::Error];

    /// As the state and the JSON of plans spell it.
    pub fn name(self) -> &'static str {
        match self {
            CheckStatus::Pass => "pass",
            CheckStatus::Unknown => "unknown",
            CheckStatus::Fail => "fail",
            CheckStatus::Error => "error",
        }
    }
}

impl CheckResult {
    /// A block and its instances; it is as bad as the worst of them.
    pub fn new(kind: CheckKind, address: String, objects: Vec<CheckedObject>) -> CheckResult {
        let status = objects.iter().map(|o| o.status).max().unwrap_or_default();
        CheckResult { kind, address, status, objects }
    }
}

/// `check_results` as the state stores them; null if there are none.
pub fn print(results: &[CheckResult]) -> Json {
    if results.is_empty() {
        return Json::Null;
    }
    let object = |o: &CheckedObject| {
        let mut out = json!({ "object_addr": o.address, "status": o.status.name() });
        if !o.messages.is_empty() {
            out["failure_messages"] = json!(o.messages);
        }
        out
    };
    let result = |r: &CheckResult| {
        let objects = match r.objects.is_empty() {
            true => Json::Null,
            false => r.objects.iter().map(object).collect(),
        };
        json!({ "object_kind": r.kind.stored(), "config_addr": r.address, "status": r.status.name(), "objects": objects })
    };
    results.iter().map(result).collect()
}

/// `check_results` as they are stored. Entries of a kind or shape that we do not know are left out.
pub fn parse(stored: &Json) -> Vec<CheckResult> {
    let status = |json: &Json| {
        let name = json.get("status").and_then(Json::as_str).unwrap_or_default();
        CheckStatus::ALL.into_iter().find(|s| s.name() == name).unwrap_or(CheckStatus::Unknown)
    };
    let text = |json: &Json, member: &str| json.get(member).and_then(Json::as_str).map(String::from);
    let list = |json: &Json, member: &str| json.get(member).and_then(Json::as_array).cloned().unwrap_or_default();
    let object = |json: &Json| {
        let messages = list(json, "failure_messages").iter().filter_map(|m| m.as_str().map(String::from)).collect();
        Some(CheckedObject { address: text(json, "object_addr")?, status: status(json), messages })
    };
    let result = |json: &Json| {
        let kind = text(json, "object_kind")?;
        Some(CheckResult {
            kind: CheckKind::ALL.into_iter().find(|k| k.stored() == kind)?,
            address: text(json, "config_addr")?,
            status: status(json),
            objects: list(json, "objects").iter().filter_map(object).collect(),
        })
    };
    stored.as_array().into_iter().flatten().filter_map(result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Terraform 1.11.4 stores them.
    #[test]
    fn what_terraform_stores_is_read_and_written_again() {
        let stored = json!([
            { "object_kind": "check", "config_addr": "check.c", "status": "fail", "objects": [
                { "object_addr": "check.c", "status": "fail", "failure_messages": ["not zz"] }
            ] },
            { "object_kind": "resource", "config_addr": "module.m.aws_iam_role.r", "status": "pass", "objects": null },
            { "object_kind": "var", "config_addr": "var.v", "status": "unknown", "objects": [
                { "object_addr": "var.v", "status": "unknown" }
            ] },
        ]);
        let parsed = parse(&stored);
        assert_eq!(
            parsed.iter().map(|r| r.kind).collect::<Vec<_>>(),
            [CheckKind::Check, CheckKind::Resource, CheckKind::InputVariable]
        );
        assert_eq!(parsed[0].objects[0].messages, ["not zz"]);
        assert_eq!(print(&parsed), stored);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        for odd in
            [json!(null), json!("x"), json!([1, {"object_kind": "moon", "config_addr": "x"}, {"status": "pass"}])]
        {
            assert_eq!(parse(&odd), [], "{odd}");
        }
        assert_eq!(print(&[]), Json::Null);
    }

    #[test]
    fn a_block_is_as_bad_as_its_worst_instance() {
        let object = |status| CheckedObject { address: "a".into(), status, messages: Vec::new() };
        let of = |all: &[CheckStatus]| {
            CheckResult::new(CheckKind::Check, "c".into(), all.iter().map(|s| object(*s)).collect()).status
        };
        assert_eq!(of(&[]), CheckStatus::Pass);
        assert_eq!(of(&[CheckStatus::Pass, CheckStatus::Unknown]), CheckStatus::Unknown);
        assert_eq!(of(&[CheckStatus::Fail, CheckStatus::Unknown]), CheckStatus::Fail);
        assert_eq!(of(&[CheckStatus::Fail, CheckStatus::Error, CheckStatus::Pass]), CheckStatus::Error);
    }
}
