//! The `checks` of the plan's and the state's JSON: how conditions came out, per block and per instance.
//!
//! Refuses to know where the results come from.

use crate::address::{Address, BlockAddress, Key, Mode};
use crate::state::{CheckKind, CheckResult, CheckedObject};
use serde_json::{Map, Value as Json, json};

/// The entries, by address.
pub fn checks(results: &[CheckResult]) -> Vec<Json> {
    let mut results: Vec<&CheckResult> = results.iter().collect();
    results.sort_by(|a, b| a.address.cmp(&b.address));
    results.into_iter().map(entry).collect()
}

fn entry(result: &CheckResult) -> Json {
    let mut out = json!({ "address": block(result), "status": result.status.name() });
    if !result.objects.is_empty() {
        let mut objects: Vec<&CheckedObject> = result.objects.iter().collect();
        objects.sort_by(|a, b| a.address.cmp(&b.address));
        out["instances"] = objects.into_iter().map(|o| instance(result.kind, o)).collect();
    }
    out
}

/// The address of a block, taken apart.
fn block(result: &CheckResult) -> Json {
    let mut out = Map::new();
    let kind = match result.kind {
        CheckKind::Resource => "resource",
        CheckKind::OutputValue => "output_value",
        CheckKind::Check => "check",
        CheckKind::InputVariable => "var",
    };
    out.insert("kind".into(), json!(kind));
    let mut module = String::new();
    match result.kind {
        CheckKind::Resource => {
            // A block's address is that of an instance without keys.
            if let Ok(address) = result.address.parse::<Address>() {
                let BlockAddress { mode, ty, name, .. } = address.block();
                let mode = if mode == Mode::Managed { "managed" } else { "data" };
                out.insert("mode".into(), json!(mode));
                out.insert("name".into(), json!(*name));
                out.insert("type".into(), json!(*ty));
                module = address.module.to_string();
            }
        }
        _ => {
            let (within, name) = split(&result.address);
            out.insert("name".into(), json!(name));
            module = within.to_string();
        }
    }
    if !module.is_empty() {
        out.insert("module".into(), json!(module));
    }
    out.insert("to_display".into(), json!(result.address));
    out.sort_keys();
    Json::Object(out)
}

fn instance(kind: CheckKind, object: &CheckedObject) -> Json {
    let mut address = Map::new();
    let module = match kind {
        CheckKind::Resource => object.address.parse::<Address>().map_or_else(
            |_| String::new(),
            |parsed| {
                match &parsed.key {
                    Some(Key::Int(i)) => drop(address.insert("instance_key".into(), json!(i))),
                    Some(Key::Str(s)) => drop(address.insert("instance_key".into(), json!(**s))),
                    None => {}
                }
                parsed.module.to_string()
            },
        ),
        _ => split(&object.address).0.to_string(),
    };
    if !module.is_empty() {
        address.insert("module".into(), json!(module));
    }
    address.insert("to_display".into(), json!(object.address));
    let mut out = json!({ "address": address, "status": object.status.name() });
    if !object.messages.is_empty() {
        out["problems"] = object.messages.iter().map(|m| json!({ "message": m })).collect();
    }
    out
}

/// `module.x["a.b"].output.o`: the module's address and the name.
fn split(address: &str) -> (&str, &str) {
    let Some((rest, name)) = address.rsplit_once('.') else { return ("", address) };
    (rest.rsplit_once('.').map_or("", |(module, _)| module), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::CheckStatus;

    fn object(address: &str, status: CheckStatus, messages: &[&str]) -> CheckedObject {
        CheckedObject { address: address.into(), status, messages: messages.iter().map(|m| m.to_string()).collect() }
    }

    /// As `terraform show -json` of Terraform 1.11.4 has them.
    #[test]
    fn every_kind_as_terraform_has_it() {
        use CheckStatus::{Fail, Pass, Unknown};
        let results = [
            CheckResult::new(CheckKind::InputVariable, "var.n".into(), vec![object("var.n", Pass, &[])]),
            CheckResult::new(
                CheckKind::Resource,
                "aws_cloudwatch_log_group.g".into(),
                vec![
                    object("aws_cloudwatch_log_group.g[\"b\"]", Unknown, &[]),
                    object("aws_cloudwatch_log_group.g[\"a\"]", Unknown, &[]),
                ],
            ),
            CheckResult::new(CheckKind::Resource, "module.ch.aws_cloudwatch_log_group.z".into(), Vec::new()),
            CheckResult::new(
                CheckKind::Check,
                "module.ch.check.inner".into(),
                vec![
                    object("module.ch[0].check.inner", Pass, &[]),
                    object("module.ch[1].check.inner", Fail, &["not x0: x1"]),
                ],
            ),
            CheckResult::new(CheckKind::OutputValue, "output.o".into(), vec![object("output.o", Pass, &[])]),
        ];
        let want = json!([
            {"address": {"kind": "resource", "mode": "managed", "name": "g", "to_display": "aws_cloudwatch_log_group.g",
                "type": "aws_cloudwatch_log_group"}, "status": "unknown", "instances": [
                {"address": {"instance_key": "a", "to_display": "aws_cloudwatch_log_group.g[\"a\"]"}, "status": "unknown"},
                {"address": {"instance_key": "b", "to_display": "aws_cloudwatch_log_group.g[\"b\"]"}, "status": "unknown"}]},
            {"address": {"kind": "resource", "mode": "managed", "module": "module.ch", "name": "z",
                "to_display": "module.ch.aws_cloudwatch_log_group.z", "type": "aws_cloudwatch_log_group"}, "status": "pass"},
            {"address": {"kind": "check", "module": "module.ch", "name": "inner", "to_display": "module.ch.check.inner"},
                "status": "fail", "instances": [
                {"address": {"module": "module.ch[0]", "to_display": "module.ch[0].check.inner"}, "status": "pass"},
                {"address": {"module": "module.ch[1]", "to_display": "module.ch[1].check.inner"}, "status": "fail",
                    "problems": [{"message": "not x0: x1"}]}]},
            {"address": {"kind": "output_value", "name": "o", "to_display": "output.o"}, "status": "pass",
                "instances": [{"address": {"to_display": "output.o"}, "status": "pass"}]},
            {"address": {"kind": "var", "name": "n", "to_display": "var.n"}, "status": "pass",
                "instances": [{"address": {"to_display": "var.n"}, "status": "pass"}]},
        ]);
        assert_eq!(json!(checks(&results)), want);
    }

    #[test]
    fn dots_in_the_key_of_a_module() {
        assert_eq!(split("module.x[\"a.b\"].output.o"), ("module.x[\"a.b\"]", "o"));
        assert_eq!(split("var.v"), ("", "v"));
    }
}
