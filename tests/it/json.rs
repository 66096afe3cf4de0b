//! Terraform's own JSON, recorded, beside ours: plans, states, and the streams of `-json`, field by field.
//!
//! `tests/data/json/CASE/N/` is the Nth configuration of a case, with what Terraform 1.11.4 and hashicorp/aws 5.100.0 said about it on moto: `plan.json`
//! (`show -json PLAN`), `state.json` (`show -json` after the apply), `plan.jsonl` and `apply.jsonl`. `arguments` are further options of `plan`.
//! What Terraform does not know yet and we do is no difference; what is different on purpose stands in [`EXCUSED`].

use crate::support::place::{Place, repository};
use regex::Regex;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Differences that are meant, or that come of the world the test runs in: a pattern of `CASE/N FILE PATH`, and why.
const EXCUSED: &[(&str, &str)] = &[
    (r"\.table_class$", "the class of a table is known while planning"),
    (r"\.log_group_class$|\.revision_id$", "moto does not keep it"),
    (
        r"^stack/2 plan\.json \S*aws_sfn_state_machine\.m\]\.change\.after_unknown",
        "a new revision is known after apply, but on moto there is none",
    ),
    (r"\.me\.value\.(arn|user_id)$|\.me\.(before|after)\.", "another caller"),
    (r"data\.aws_caller_identity\.me\]\.(values|change\.(before|after))\.(arn|user_id)$", "another caller"),
    (r"data\.aws_iam_policy_document", "policy documents are evaluated while planning, always"),
    (
        r"^expr/1 plan\.json \.prior_state\.values\.root_module\.resources$",
        "policy documents are evaluated while planning, always",
    ),
    (r"^expr/1 plan\.json \.relevant_attributes", "policy documents are evaluated while planning, always"),
    (r"plan\.jsonl \.apply_(start|complete) data\.aws_(region|partition)", "what asks nobody is not told"),
    (r"before(_sensitive)?\.tags$", "tags that the provider reads as an empty map are read so everywhere"),
    (r" plan\.json \.variables\.", "variables are shown as they are after conversion to their type"),
    (r"^checks/. \S+ .*aws_caller_identity", "the data source of a check block is no change of its own"),
    (
        r"^checks/. plan\.json \.prior_state\.values\.root_module\.resources$",
        "the data source of a check block is no change of its own",
    ),
    (r"^checks/1 plan\.json \.checks\[0\]", "an ARN is known while planning, and so is what its conditions come to"),
    (r"^checks/1 plan\.jsonl \.diagnostic The condition could not", "an ARN is known while planning"),
    (r"^checks/3 plan\.json \.applyable$", "to Terraform, tags read as an empty map are something to refresh"),
    (r"^moved/2 plan\.json\w* \S*aws_cloudwatch_log_group\.rm", "what is forgotten is looked at, too"),
    (
        r"^moved/2 plan\.jsonl \.(resource_drift|refresh_start|refresh_complete) aws_cloudwatch_log_group\.rm",
        "what is forgotten is looked at, too",
    ),
    (r"^moved/2 plan\.jsonl \.diagnostic If you apply this plan", "words of our own"),
    (
        r"^moved/2 (state\.json|apply\.jsonl) \S*",
        "two objects of one name: which of them Terraform makes first is chance",
    ),
    (r"^target/1 \w+\.jsonl \.diagnostic ", "words of our own"),
];

static EXCUSES: LazyLock<Vec<Regex>> =
    LazyLock::new(|| EXCUSED.iter().map(|(pattern, _)| Regex::new(pattern).unwrap()).collect());

/// What differs from run to run, by what stands for it.
static VOLATILE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<time>"),
        (r"20\d{16}[0-9a-f]{8}", "<generated>"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
        (r"\b(AROA|ANPA)[A-Z0-9]{8,}|\bA[A-Z0-9]{20}\b", "<id>"),
        (r"\b(123456789012|000000000000)\b", "<account>"),
        (r"after \d+s", "after <n>s"),
    ]
    .into_iter()
    .map(|(pattern, word)| (Regex::new(pattern).unwrap(), word))
    .collect()
});

fn normal(json: &Json) -> Json {
    let text = |s: &str| VOLATILE.iter().fold(s.to_string(), |s, (r, word)| r.replace_all(&s, *word).into_owned());
    match json {
        Json::String(s) => json!(text(s)),
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(members) => members.iter().map(|(k, v)| (text(k), normal(v))).collect::<Map<_, _>>().into(),
        other => other.clone(),
    }
}

/// What differs, as `path: terraform ..., ours ...`.
fn differences(theirs: &Json, ours: &Json, path: &str, out: &mut Vec<(String, String)>) {
    let absent = json!("<absent>");
    let mut entries = |theirs: BTreeMap<String, &Json>, ours: BTreeMap<String, &Json>, bracket: bool| {
        let keys: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
        for key in keys {
            let path = if bracket { format!("{path}[{key}]") } else { format!("{path}.{key}") };
            differences(theirs.get(key).unwrap_or(&&absent), ours.get(key).unwrap_or(&&absent), &path, out);
        }
    };
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) => {
            entries(
                a.iter().map(|(k, v)| (k.clone(), v)).collect(),
                b.iter().map(|(k, v)| (k.clone(), v)).collect(),
                false,
            );
        }
        (Json::Array(a), Json::Array(b)) if path.ends_with("relevant_attributes") => {
            let sorted =
                |items: &[Json]| items.iter().map(|i| (i.to_string(), json!(true))).collect::<BTreeMap<_, _>>();
            let (a, b) = (sorted(a), sorted(b));
            entries(
                a.iter().map(|(k, v)| (k.clone(), v)).collect(),
                b.iter().map(|(k, v)| (k.clone(), v)).collect(),
                true,
            );
        }
        (Json::Array(a), Json::Array(b)) if a.iter().chain(b).all(|i| i["address"].is_string()) && !a.is_empty() => {
            let named = |items: &'_ [Json]| -> Vec<String> {
                items
                    .iter()
                    .map(|i| format!("{}{}", i["address"].as_str().unwrap(), i["deposed"].as_str().unwrap_or("")))
                    .collect()
            };
            let (names_a, names_b) = (named(a), named(b));
            entries(names_a.into_iter().zip(a).collect(), names_b.into_iter().zip(b).collect(), true);
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}[{i}]"), out);
            }
        }
        _ if theirs == ours => {}
        _ => out.push((path.to_string(), format!("terraform {theirs}, ours {ours}"))),
    }
}

/// Takes out of both what Terraform does not know yet and we do. `open` is an `after_unknown`.
fn settle(open_theirs: &mut Json, open_ours: &mut Json, theirs: &mut Json, ours: &mut Json) {
    match open_theirs {
        Json::Object(members) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            for key in keys {
                let known = open_ours.get(&key).is_none_or(|o| *o != json!(true));
                if members[&key] == json!(true) && known {
                    members.remove(&key);
                    for json in [&mut *open_ours, &mut *theirs, &mut *ours] {
                        if let Json::Object(o) = json {
                            o.remove(&key);
                        }
                    }
                    continue;
                }
                let (mut none, mut a, mut b) = (Json::Null, Json::Null, Json::Null);
                settle(
                    members.get_mut(&key).unwrap(),
                    open_ours.get_mut(&key).unwrap_or(&mut none),
                    theirs.get_mut(&key).unwrap_or(&mut a),
                    ours.get_mut(&key).unwrap_or(&mut b),
                );
            }
        }
        Json::Array(items) => {
            for (i, open) in items.iter_mut().enumerate() {
                let known = open_ours.get(i).is_none_or(|o| *o != json!(true));
                if *open == json!(true) && known {
                    *open = json!(false);
                    for json in [&mut *theirs, &mut *ours] {
                        if let Some(slot) = json.get_mut(i) {
                            *slot = json!("<known to us>");
                        }
                    }
                    continue;
                }
                let (mut none, mut a, mut b) = (Json::Null, Json::Null, Json::Null);
                settle(
                    open,
                    open_ours.get_mut(i).unwrap_or(&mut none),
                    theirs.get_mut(i).unwrap_or(&mut a),
                    ours.get_mut(i).unwrap_or(&mut b),
                );
            }
            if items.iter().all(|i| *i == json!(false)) && open_ours.is_boolean() {
                *open_theirs = json!(false);
            }
        }
        _ => {}
    }
    if *open_theirs == json!({}) && *open_ours == json!(false) {
        *open_theirs = json!(false);
    }
}

/// The same for whole plans.
fn settle_plans(theirs: &mut Json, ours: &mut Json) {
    let settle_change = |a: &mut Json, b: &mut Json| {
        if a["after_unknown"] == json!(true) && b["after_unknown"] != json!(true) {
            for change in [&mut *a, &mut *b] {
                let change = change.as_object_mut().unwrap();
                change.remove("after");
                change.remove("after_unknown");
            }
            return;
        }
        let (mut open_a, mut open_b) = (a["after_unknown"].take(), b["after_unknown"].take());
        let (mut after_a, mut after_b) = (a["after"].take(), b["after"].take());
        settle(&mut open_a, &mut open_b, &mut after_a, &mut after_b);
        (a["after_unknown"], b["after_unknown"]) = (open_a, open_b);
        (a["after"], b["after"]) = (after_a, after_b);
    };
    for list in ["resource_changes", "resource_drift"] {
        let (Some(a), Some(b)) = (theirs[list].as_array_mut(), ours[list].as_array_mut()) else { continue };
        for change in a {
            let same = |b: &&mut Json| b["address"] == change["address"] && b["deposed"] == change["deposed"];
            if let Some(other) = b.iter_mut().find(same) {
                settle_change(&mut change["change"], &mut other["change"]);
            }
        }
    }
    if let (Some(a), Some(b)) = (theirs["output_changes"].as_object_mut(), ours["output_changes"].as_object_mut()) {
        for (name, change) in a {
            if let Some(other) = b.get_mut(name) {
                settle_change(change, other);
            }
        }
    }
    // Values of resources and outputs that Terraform leaves out of what is planned, because they are open.
    fn values(theirs: &Json, ours: &mut Json, path: &str) {
        match (theirs, ours) {
            (Json::Object(a), Json::Object(b)) => {
                if path.contains(".values") || path.contains(".outputs") {
                    b.retain(|key, _| a.contains_key(key));
                }
                for (key, a) in a {
                    if let Some(b) = b.get_mut(key) {
                        values(a, b, &format!("{path}.{key}"));
                    }
                }
            }
            (Json::Array(a), Json::Array(b)) if path.contains(".values") => {
                for (a, b) in a.iter().zip(b) {
                    values(a, b, path);
                }
            }
            (Json::Array(a), Json::Array(b)) => {
                for b in b {
                    let same = a.iter().find(|a| a["address"].is_string() && a["address"] == b["address"]);
                    if let Some(a) = same {
                        values(a, b, path);
                    }
                }
            }
            _ => {}
        }
    }
    let wanted = theirs["planned_values"].clone();
    values(&wanted, &mut ours["planned_values"], "");
    let wanted = theirs.pointer("/prior_state/values/outputs").cloned();
    if let Some(values) = ours.pointer_mut("/prior_state/values").and_then(Json::as_object_mut) {
        match (wanted.as_ref().and_then(Json::as_object), values.get_mut("outputs").and_then(Json::as_object_mut)) {
            (Some(a), Some(b)) => b.retain(|key, _| a.contains_key(key)),
            _ => drop(values.remove("outputs")),
        }
    }
    // Nothing was known to Terraform of what we put in there.
    for json in [theirs, ours] {
        if json.pointer("/prior_state/values") == Some(&json!({ "root_module": {} })) {
            json.as_object_mut().unwrap().remove("prior_state");
        }
    }
}

/// A stream's lines by what they are about; the order of independent lines is no matter.
fn lines(text: &str) -> Json {
    let mut out: BTreeMap<String, Json> = BTreeMap::new();
    for line in text.lines() {
        let mut line: Json = serde_json::from_str(line).unwrap();
        if let Some(hook) = line.get_mut("hook").and_then(Json::as_object_mut) {
            hook.remove("elapsed_seconds");
        }
        // How the values in a condition are shown beside it is for people.
        if let Some(snippet) = line.pointer_mut("/diagnostic/snippet").and_then(Json::as_object_mut) {
            snippet.remove("values");
        }
        let about = ["/hook/resource/addr", "/change/resource/addr", "/diagnostic/detail"];
        let about = about.iter().find_map(|p| line.pointer(p).and_then(Json::as_str)).unwrap_or_default();
        let action = line.pointer("/hook/action").and_then(Json::as_str).unwrap_or_default();
        out.insert(format!("{} {about} {action}", line["type"].as_str().unwrap()), line);
    }
    json!(out)
}

fn steps() -> Vec<(String, Vec<PathBuf>)> {
    let sorted = |dir: &Path| {
        let mut all: Vec<PathBuf> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
        all.sort();
        all
    };
    let cases = sorted(&repository("tests/data/json"));
    cases.into_iter().map(|c| (c.file_name().unwrap().to_string_lossy().into_owned(), sorted(&c))).collect()
}

#[test]
fn json_is_what_terraform_says() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (case, steps) in steps() {
        let place = Place::with(&[]);
        for step in steps {
            let copy = Place::copy_of(&step);
            for name in ["main.tf", "child/main.tf", "terraform.tfvars"] {
                if let Ok(text) = fs::read_to_string(copy.path().join(name)) {
                    place.write(name, &text);
                }
            }
            let read = |name: &str| fs::read_to_string(step.join(name)).ok();
            let arguments = read("arguments").unwrap_or_default();
            place.run("init");
            let mut got = BTreeMap::new();
            let plan = place.run(&format!("plan -json -out=p {arguments}"));
            got.insert("plan.jsonl", plan.out);
            if place.path().join("p").exists() {
                got.insert("plan.json", place.ok("show -json p"));
                if read("apply.jsonl").is_some() {
                    got.insert("apply.jsonl", place.run("apply -json p").out);
                }
                fs::remove_file(place.path().join("p")).unwrap();
            }
            got.insert("state.json", place.ok("show -json"));
            for (file, ours) in got {
                let Some(theirs) = read(file) else { continue };
                let (mut theirs, mut ours) = match file.ends_with('l') {
                    true => (lines(&normal_text(&theirs)), lines(&normal_text(&ours))),
                    false => {
                        (normal(&serde_json::from_str(&theirs).unwrap()), normal(&serde_json::from_str(&ours).unwrap()))
                    }
                };
                if file == "plan.json" {
                    settle_plans(&mut theirs, &mut ours);
                }
                let mut found = Vec::new();
                differences(&theirs, &ours, "", &mut found);
                let number = step.file_name().unwrap().to_string_lossy().into_owned();
                compared += 1;
                for (path, what) in found {
                    let place = format!("{case}/{number} {file} {path}");
                    if !EXCUSES.iter().any(|e| e.is_match(&place)) {
                        wrong.push(format!("{place}: {what}"));
                    }
                }
            }
        }
    }
    assert!(compared >= 60, "only {compared} answers were compared");
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

fn normal_text(text: &str) -> String {
    let line = |line: &str| serde_json::from_str::<Json>(line).map(|l| normal(&l).to_string()).unwrap_or_default();
    text.lines().map(|l| line(l) + "\n").collect()
}

/// An excuse that nothing needs any more, or that is too wide to mean anything, would hide mistakes.
#[test]
fn excuses_say_where_they_hold() {
    for (pattern, why) in EXCUSED {
        assert!(!Regex::new(pattern).unwrap().is_match("") && why.len() > 10, "{pattern}");
    }
}

/// The cases that need no provider, asked again. Skipped, saying so, where terraform is not installed.
#[test]
fn recorded_answers_are_terraforms() {
    use std::process::Command;
    let version = Command::new("terraform").arg("version").env("CHECKPOINT_DISABLE", "1").output();
    if !version.is_ok_and(|v| String::from_utf8_lossy(&v.stdout).starts_with("Terraform v1.11.")) {
        return println!("skipped: terraform 1.11 is not installed");
    }
    for (case, steps) in steps().into_iter().filter(|(case, _)| ["empty", "outputs", "typed"].contains(&&**case)) {
        let place = Place::with(&[]);
        let terraform = |words: &str| {
            let mut command = Command::new("terraform");
            command.args(words.split_whitespace()).current_dir(place.path()).env("CHECKPOINT_DISABLE", "1");
            let output = command.env_remove("TF_CLI_CONFIG_FILE").output().unwrap();
            assert!(output.status.success(), "{case}: {words}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        for step in steps {
            for name in ["main.tf", "terraform.tfvars"] {
                if let Ok(text) = fs::read_to_string(step.join(name)) {
                    place.write(name, &text);
                }
            }
            let json = |text: &str| normal(&serde_json::from_str(text).unwrap());
            terraform("plan -out=p");
            let mut found = Vec::new();
            let recorded = fs::read_to_string(step.join("plan.json")).unwrap();
            differences(&json(&recorded), &json(&terraform("show -json p")), "", &mut found);
            terraform("apply p");
            let recorded = fs::read_to_string(step.join("state.json")).unwrap();
            differences(&json(&recorded), &json(&terraform("show -json")), "", &mut found);
            assert!(found.is_empty(), "{}: {found:#?}", step.display());
        }
    }
}

const GROUP: &str = "resource \"aws_cloudwatch_log_group\" \"g\" {\n  name = \"/g\"\n}\n\nvariable \"v\" {\n  default = \"a\"\n  validation {\n    condition     = var.v != \"\"\n    error_message = \"empty\"\n  }\n}\n\noutput \"o\" {\n  value = var.v\n}\n";

#[test]
fn a_refresh_has_a_stream_and_keeps_what_conditions_came_to() {
    let place = Place::with(&[("main.tf", GROUP)]);
    place.ok("apply -auto-approve");
    let kept = |place: &Place| -> Json { serde_json::from_str(&place.ok("show -json")).unwrap() };
    assert_eq!(kept(&place)["checks"][0]["address"]["to_display"], "var.v");
    place.write("main.tf", &GROUP.replace("\"a\"", "\"b\"").replace("empty", "nothing"));
    let out = place.ok("refresh -json");
    let types: Vec<Json> = out.lines().map(|l| serde_json::from_str::<Json>(l).unwrap()["type"].clone()).collect();
    assert_eq!(types, ["version", "refresh_start", "refresh_complete", "outputs"]);
    let last: Json = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["outputs"], json!({"o": {"sensitive": false, "type": "string", "value": "b"}}));
    assert_eq!(kept(&place)["values"]["outputs"]["o"]["value"], "b");
    assert_eq!(kept(&place)["checks"][0]["status"], "pass");
    place.write("main.tf", "output \"o\" {\n  value = nope\n}\n");
    let failed = place.run("refresh -json");
    let last: Json = serde_json::from_str(failed.out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["@level"]), (&json!("diagnostic"), &json!("error")));
}

#[test]
fn the_schemas_of_what_is_used() {
    let read = |text: &str| -> Json {
        serde_json::from_str(&Place::with(&[("main.tf", text)]).ok("providers schema -json")).unwrap()
    };
    assert_eq!(read("output \"o\" {\n  value = 1\n}\n"), json!({"format_version": "1.0"}));
    let schemas = read(GROUP);
    let aws = &schemas["provider_schemas"]["registry.terraform.io/hashicorp/aws"];
    let group = &aws["resource_schemas"]["aws_cloudwatch_log_group"];
    assert_eq!(group["version"], 0);
    assert_eq!(group["block"]["attributes"]["arn"]["computed"], true);
    let without = Place::with(&[("main.tf", GROUP)]).run("providers schema");
    assert!(without.err.contains("requires the `-json` flag"), "{}", without.all());
}

/// Beside a mistake stands what the names in it came to, in Terraform's words (asked of 1.11.4), and nothing that is sensitive.
#[test]
fn values_stand_beside_a_mistake() {
    let main = r#"
locals {
  own  = sensitive("hunter2")
  n    = 3
  m    = { a = "x", b = [1, 2, 3], "c d" = null }
  k    = { "a b" = "x", l = ["p"] }
  o0   = {}
  o1   = { "a b" = 1.50 }
  t0   = []
  set  = toset(["a"])
  bool = true
  v01  = local.m["zzz"]
  v02  = local.m["z${local.n}"]
  v03  = tolist([1, 2])[local.n]
  v04  = local.m + 1
  v05  = local.m.a ? 1 : 2
  v06  = [for x in [1] : local.m[x]]
  v07  = local.m.nope
  v08  = local.bool + 1
  v09  = 1 + local.k["a b"]
  v10  = 1 + local.k.l[0]
  v11  = local.o0 + 1
  v12  = local.o1 + 1
  v13  = local.t0 + 1
  v14  = local.set + 1
  v15  = element(local.m.b, "x${local.n}")
  v16  = local.m.b + 1
  v17  = local.m["c d"] + 1
  v18  = "${local.own}x" + 1
}
"#;
    let place = Place::with(&[("main.tf", main)]);
    let json: Json = serde_json::from_str(&place.run("validate -json").out).unwrap();
    let seen: Vec<String> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            let code = d["snippet"]["code"].as_str().unwrap().trim().split(' ').next().unwrap();
            let values = d["snippet"]["values"].as_array().unwrap();
            let values: Vec<String> = values
                .iter()
                .map(|v| format!("{} {}", v["traversal"].as_str().unwrap(), v["statement"].as_str().unwrap()))
                .collect();
            format!("{code}: {}", values.join(", "))
        })
        .collect();
    let mut wanted = vec![
        "v01: local.m is object with 3 attributes",
        "v02: local.m is object with 3 attributes, local.n is 3",
        "v03: local.n is 3",
        "v04: local.m is object with 3 attributes",
        "v05: local.m.a is \"x\"",
        "v06: local.m is object with 3 attributes",
        "v07: local.m is object with 3 attributes",
        "v08: local.bool is true",
        "v09: local.k[\"a b\"] is \"x\"",
        "v10: local.k.l[0] is \"p\"",
        "v11: local.o0 is object with no attributes",
        "v12: local.o1 is object with 1 attribute \"a b\"",
        "v13: local.t0 is empty tuple",
        "v14: local.set is set of string with 1 element",
        "v15: local.n is 3",
        "v16: local.m.b is tuple with 3 elements",
        "v17: local.m[\"c d\"] is null",
        "v18: ",
    ];
    let mut seen: Vec<&str> = seen.iter().map(|s| &**s).collect();
    seen.sort();
    wanted.sort();
    assert_eq!(seen, wanted);
    let text = place.run("validate").all();
    assert!(text.contains("  where local.n is 3\n"), "{text}");
    assert!(!text.contains("is \"hunter2"), "{text}");
}
