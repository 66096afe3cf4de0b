//! A plan as a file: written by `plan -out=`, read by `apply` and `show`. It carries everything it was computed from, so that applying it
//! needs neither the configuration's files nor the variables' values again.
//!
//! The format is formwork's own (JSON, versioned): only the version that wrote it is sure to understand it.

use super::beside::{Rest, Their, Waiting};
use super::loss::Loss;
use super::seen::{Running, Seen};
use super::{Action, Change, Deed, Mode, OutputChange, Plan, Reason, Step, links::Links};
use crate::config::{self, Snapshot};
use crate::diag::{Diagnostic, Diags};
use crate::eval::Facts;
use crate::state::{State, checks, tfstate};
use crate::value::{Fields, Kind, Marks, Number, Path, PathStep, Refinement, Type, Value, json};
use serde_json::{Map, Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

/// The version of the format. Another one is refused, politely.
const FORMAT: u64 = 1;
/// Stands for the lineage of a state that was never stored: its history begins with the apply.
const UNBORN: &str = "none yet";
/// How the file says what it is.
const MAGIC: &str = "formwork plan";

/// The plan as text.
pub fn print(plan: &Plan) -> String {
    let change = |c: &Change| {
        json!({
            "address": c.address.to_string(),
            "previous": c.previous.as_ref().map(ToString::to_string),
            "deposed": c.deposed,
            "provider": c.provider,
            "action": action_name(c.action),
            "reason": c.reason.map(Reason::name),
            "before": encode(&c.before),
            "after": encode(&c.after),
            "replace_paths": c.replace_paths.iter().map(encode_path).collect::<Vec<_>>(),
            "importing": c.importing,
            "create_before_destroy": c.create_before_destroy,
        })
    };
    let loss =
        |l: &Loss| json!({"address": l.address.to_string(), "deposed": l.deposed, "name": l.name, "what": l.what});
    let step = |s: &Step| {
        let (deed, index) = match s.deed {
            Deed::Do(c) => ("do", Some(c)),
            Deed::DeleteHalf(c) => ("delete", Some(c)),
            Deed::CreateHalf(c) => ("create", Some(c)),
            Deed::Join => ("join", None),
        };
        json!([deed, index, s.after])
    };
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, o)| {
            let entry = json!({
                "action": action_name(o.action),
                "before": encode(&o.before),
                "after": encode(&o.after),
                "sensitive": o.sensitive,
            });
            (name.to_string(), entry)
        })
        .collect();
    let variables: Map<String, Json> = plan.variables.iter().map(|(k, v)| (k.to_string(), encode(v))).collect();
    let snapshot: Map<String, Json> = plan
        .config
        .snapshot
        .files
        .iter()
        .map(|(path, text)| (path.to_string_lossy().into_owned(), json!(text)))
        .collect();
    let state = |s: &State| {
        let lineage = if s.lineage.is_empty() { UNBORN.to_string() } else { s.lineage.clone() };
        json!(tfstate::print(&State { lineage, ..s.clone() }))
    };
    let whole = json!({
        "kind": MAGIC,
        "format": FORMAT,
        "formwork_version": env!("CARGO_PKG_VERSION"),
        "mode": mode_name(plan.mode),
        "now": plan.facts.now,
        "cwd": plan.facts.cwd.to_string_lossy(),
        "base_dir": plan.base_dir.to_string_lossy(),
        "root_dir": plan.config.snapshot.root.to_string_lossy(),
        "data_dir": plan.config.snapshot.data_dir.to_string_lossy(),
        "workspace": plan.workspace,
        "targets": plan.targets,
        "journal": plan.journal,
        "variables": variables,
        "files": snapshot,
        "prior_state": state(&plan.prior_state),
        "refreshed_state": state(&plan.refreshed_state),
        "drift": plan.drift.iter().map(change).collect::<Vec<_>>(),
        "changes": plan.changes.iter().map(change).collect::<Vec<_>>(),
        "losses": plan.losses.iter().map(loss).collect::<Vec<_>>(),
        "seen": seen(&plan.seen),
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "outputs": outputs,
        "checks": checks::print(&plan.checks),
        "rest": rest(&plan.rest),
    });
    format!("{whole:#}\n")
}

/// Whether a text claims to be a plan file.
pub fn is_plan(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.get(..200.min(text.len())).is_some_and(|head| head.contains(MAGIC))
}

/// The plan in a text.
///
/// # Errors
/// What is wrong with the file, for the user.
pub fn parse(name: &str, text: &str) -> Result<Plan, Diags> {
    let bad = |detail: String| {
        Diags::from(
            Diagnostic::error("Unreadable plan file", detail).help("Make it anew:\n\n    formwork plan -out=FILE"),
        )
    };
    let whole: Json = serde_json::from_str(text).map_err(|e| bad(format!("{name} is no plan file: {e}.")))?;
    if whole.get("kind").and_then(Json::as_str) != Some(MAGIC) {
        return Err(bad(format!("{name} is no plan file that formwork wrote.")));
    }
    let version = whole.get("formwork_version").and_then(Json::as_str).unwrap_or("another version");
    if whole.get("format").and_then(Json::as_u64) != Some(FORMAT) {
        return Err(bad(format!(
            "{name} was written by formwork {version}, whose plan files this version ({}) does not understand.",
            env!("CARGO_PKG_VERSION")
        )));
    }
    let missing = |what: &str| bad(format!("{name} is damaged: {what} cannot be read."));
    let text_of = |key: &str| whole.get(key).and_then(Json::as_str).map(String::from).ok_or_else(|| missing(key));
    let snapshot = Snapshot {
        root: PathBuf::from(text_of("root_dir")?),
        data_dir: PathBuf::from(text_of("data_dir")?),
        files: whole["files"]
            .as_object()
            .ok_or_else(|| missing("files"))?
            .iter()
            .filter_map(|(path, text)| Some((PathBuf::from(path), text.as_str()?.to_string())))
            .collect(),
    };
    let (config, diags) = config::load_snapshot(snapshot);
    if diags.has_errors() {
        return Err(diags);
    }
    let state = |key: &str| -> Result<State, Diags> {
        let mut state = tfstate::parse(key, &text_of(key)?)
            .map_err(|e| bad(format!("{name} is damaged: its {key} cannot be read: {e}")))?;
        if state.lineage == UNBORN {
            state.lineage.clear();
        }
        Ok(state)
    };
    let changes = |key: &str| -> Result<Vec<Change>, Diags> {
        let list = whole[key].as_array().ok_or_else(|| missing(key))?;
        list.iter().map(|c| change(c).ok_or_else(|| missing(key))).collect()
    };
    let steps = whole["steps"].as_array().ok_or_else(|| missing("steps"))?;
    let changes_read = changes("changes")?;
    let steps: Vec<Step> = steps
        .iter()
        .map(|s| step(s, changes_read.len(), steps.len()).ok_or_else(|| missing("steps")))
        .collect::<Result<_, _>>()?;
    let entries = |key: &str| whole[key].as_object().ok_or_else(|| missing(key));
    let outputs = entries("outputs")?
        .iter()
        .map(|(name, o)| Some((Arc::from(&**name), output(o)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| missing("outputs"))?;
    let variables = entries("variables")?
        .iter()
        .map(|(name, v)| Some((Arc::from(&**name), decode(v, 0)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| missing("variables"))?;
    let dependencies = Links::new(&config).map_err(Diags::from)?.dependencies();
    let targets = whole["targets"].as_array().into_iter().flatten().filter_map(|t| t.as_str().map(String::from));
    Ok(Plan {
        mode: mode(&text_of("mode")?).ok_or_else(|| missing("mode"))?,
        config: Arc::new(config),
        variables,
        facts: Facts { now: text_of("now")?, cwd: PathBuf::from(text_of("cwd")?), applying: false },
        base_dir: PathBuf::from(text_of("base_dir")?),
        workspace: text_of("workspace")?,
        prior_state: state("prior_state")?,
        refreshed_state: state("refreshed_state")?,
        drift: changes("drift")?,
        changes: changes_read,
        losses: whole["losses"]
            .as_array()
            .into_iter()
            .flatten()
            .map(loss)
            .collect::<Option<_>>()
            .ok_or_else(|| missing("losses"))?,
        seen: read_seen(&whole["seen"]).ok_or_else(|| missing("seen"))?,
        steps,
        outputs,
        checks: checks::parse(&whole["checks"]),
        diags: Diags::new(),
        targets: targets.collect(),
        journal: whole.get("journal").and_then(Json::as_str).unwrap_or_default().to_string(),
        settled: Vec::new(),
        dependencies,
        rest: read_rest(&whole["rest"]).ok_or_else(|| missing("rest"))?,
    })
}

/// What looking showed beside the objects.
fn seen(seen: &Seen) -> Json {
    let running: Vec<Json> =
        seen.running.iter().map(|r| json!([r.address.to_string(), r.deposed, r.count, r.more])).collect();
    let traces: Vec<Json> = seen.traces.iter().map(|(a, told)| json!([a.to_string(), told])).collect();
    let empty: Vec<Json> = seen.empty.iter().map(|(a, deposed)| json!([a.to_string(), deposed])).collect();
    json!({ "running": running, "empty": empty, "traces": traces })
}

fn read_seen(json: &Json) -> Option<Seen> {
    let running = json["running"].as_array().into_iter().flatten().map(|r| {
        Some(Running {
            address: r.get(0)?.as_str()?.parse().ok()?,
            deposed: r.get(1)?.as_str().map(String::from),
            count: r.get(2)?.as_u64()?,
            more: r.get(3)?.as_bool()?,
        })
    });
    let traces = json["traces"].as_array().into_iter().flatten().map(|t| {
        let told = t.get(1)?.as_array()?.iter().map(|s| s.as_str().map(String::from));
        Some((t.get(0)?.as_str()?.parse().ok()?, told.collect::<Option<_>>()?))
    });
    let empty = json["empty"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| Some((e.get(0)?.as_str()?.parse().ok()?, e.get(1)?.as_str().map(String::from))));
    Some(Seen {
        running: running.collect::<Option<_>>()?,
        empty: empty.collect::<Option<_>>()?,
        traces: traces.collect::<Option<_>>()?,
    })
}

/// What is left to terraform.
fn rest(rest: &Rest) -> Json {
    let theirs: Vec<Json> = rest.theirs.iter().map(|t| json!([t.block, t.configured, t.objects])).collect();
    let waiting: Vec<Json> = rest.waiting.iter().map(|w| json!([w.address, w.why])).collect();
    json!({ "theirs": theirs, "waiting": waiting, "destroys": rest.destroys })
}

fn read_rest(json: &Json) -> Option<Rest> {
    let text = |j: &Json, i: usize| Some(j.get(i)?.as_str()?.to_string());
    let theirs = json.get("theirs")?.as_array()?.iter().map(|t| {
        let objects = usize::try_from(t.get(2)?.as_u64()?).ok()?;
        Some(Their { block: text(t, 0)?, configured: t.get(1)?.as_bool()?, objects })
    });
    let waiting = json.get("waiting")?.as_array()?.iter();
    Some(Rest {
        theirs: theirs.collect::<Option<_>>()?,
        waiting: waiting.map(|w| Some(Waiting { address: text(w, 0)?, why: text(w, 1)? })).collect::<Option<_>>()?,
        destroys: json.get("destroys")?.as_bool()?,
    })
}

fn change(c: &Json) -> Option<Change> {
    let text = |key: &str| c.get(key).and_then(Json::as_str);
    let optional = |key: &str| text(key).map(String::from);
    Some(Change {
        address: text("address")?.parse().ok()?,
        previous: match text("previous") {
            Some(p) => Some(p.parse().ok()?),
            None => None,
        },
        deposed: optional("deposed"),
        provider: optional("provider")?,
        action: action(text("action")?)?,
        reason: match text("reason") {
            Some(r) => Some(reason(r)?),
            None => None,
        },
        before: decode(c.get("before")?, 0)?,
        after: decode(c.get("after")?, 0)?,
        replace_paths: c.get("replace_paths")?.as_array()?.iter().map(decode_path).collect::<Option<_>>()?,
        importing: optional("importing"),
        create_before_destroy: c.get("create_before_destroy")?.as_bool()?,
    })
}

fn loss(l: &Json) -> Option<Loss> {
    let text = |key: &str| l.get(key).and_then(Json::as_str).map(String::from);
    Some(Loss {
        address: text("address")?.parse().ok()?,
        deposed: text("deposed"),
        name: text("name")?,
        what: text("what")?,
    })
}

fn step(s: &Json, changes: usize, steps: usize) -> Option<Step> {
    let index = |j: &Json, below: usize| j.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n < below);
    let list = s.as_array()?;
    let deed = match (list.first()?.as_str()?, list.get(1)?) {
        ("do", i) => Deed::Do(index(i, changes)?),
        ("delete", i) => Deed::DeleteHalf(index(i, changes)?),
        ("create", i) => Deed::CreateHalf(index(i, changes)?),
        ("join", _) => Deed::Join,
        _ => return None,
    };
    Some(Step { deed, after: list.get(2)?.as_array()?.iter().map(|j| index(j, steps)).collect::<Option<_>>()? })
}

fn output(o: &Json) -> Option<OutputChange> {
    Some(OutputChange {
        action: action(o.get("action")?.as_str()?)?,
        before: decode(o.get("before")?, 0)?,
        after: decode(o.get("after")?, 0)?,
        sensitive: o.get("sensitive")?.as_bool()?,
    })
}

const ACTIONS: [(Action, &str); 8] = [
    (Action::NoOp, "no-op"),
    (Action::Create, "create"),
    (Action::Read, "read"),
    (Action::Update, "update"),
    (Action::DeleteThenCreate, "delete,create"),
    (Action::CreateThenDelete, "create,delete"),
    (Action::Delete, "delete"),
    (Action::Forget, "forget"),
];

const MODES: [(Mode, &str); 3] =
    [(Mode::Normal, "normal"), (Mode::Destroy, "destroy"), (Mode::RefreshOnly, "refresh-only")];

fn action_name(a: Action) -> &'static str {
    ACTIONS.iter().find(|(x, _)| *x == a).map_or("no-op", |(_, n)| n)
}
fn action(name: &str) -> Option<Action> {
    ACTIONS.iter().find(|(_, n)| *n == name).map(|(a, _)| *a)
}
fn mode_name(m: Mode) -> &'static str {
    MODES.iter().find(|(x, _)| *x == m).map_or("normal", |(_, n)| n)
}
fn mode(name: &str) -> Option<Mode> {
    MODES.iter().find(|(_, n)| *n == name).map(|(m, _)| *m)
}
fn reason(name: &str) -> Option<Reason> {
    Reason::ALL.into_iter().find(|r| r.name() == name)
}

/// Values with types, holes and marks: scalars stand for themselves, everything else is an array that starts with what it is.
pub fn encode(v: &Value) -> Json {
    let marks = v.marks();
    if marks != Marks::NONE {
        let name = match (marks.sensitive, marks.ephemeral) {
            (true, true) => "se",
            (true, false) => "s",
            _ => "e",
        };
        return json!(["!", name, encode(&v.clone().with_marks(Marks::NONE))]);
    }
    let all = |vs: &[Value]| vs.iter().map(encode).collect::<Vec<_>>();
    let fields = |fs: &Fields| fs.iter().map(|(k, v)| (k.to_string(), encode(v))).collect::<Map<_, _>>();
    match v.kind() {
        Kind::Null(t) => json!(["null", json::type_to_json(t)]),
        Kind::Unknown(t, known) if **known == Refinement::default() => json!(["?", json::type_to_json(t)]),
        Kind::Unknown(t, known) => json!(["?", json::type_to_json(t), encode_refinement(known)]),
        Kind::Bool(b) => json!(b),
        Kind::Number(n) => json!(["n", n.to_string()]),
        Kind::String(s) => json!(&**s),
        Kind::List(t, vs) => json!(["list", json::type_to_json(t), all(vs)]),
        Kind::Set(t, vs) => json!(["set", json::type_to_json(t), all(vs)]),
        Kind::Tuple(vs) => json!(["tuple", all(vs)]),
        Kind::Map(t, fs) => json!(["map", json::type_to_json(t), fields(fs)]),
        Kind::Object(fs) => json!(["object", fields(fs)]),
    }
}

/// What is known of a hole, each thing only if it is: a count that was decided by it must come out the same in the apply.
fn encode_refinement(known: &Refinement) -> Json {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Json>| _ = value.map(|value| out.insert(name.to_owned(), value));
    let bound = |b: &Option<(Number, bool)>| b.as_ref().map(|(n, included)| json!([n.to_string(), included]));
    put("not_null", known.not_null.then_some(json!(true)));
    put("prefix", known.prefix.as_ref().map(|p| json!(&**p)));
    put("min", bound(&known.number.0));
    put("max", bound(&known.number.1));
    put("lmin", (known.length.0 > 0).then(|| json!(known.length.0)));
    put("lmax", known.length.1.map(|n| json!(n)));
    Json::Object(out)
}

fn decode_refinement(j: &Json) -> Option<Refinement> {
    let bound = |j: Option<&Json>| match j {
        Some(j) => Some(Some((Number::parse(j.get(0)?.as_str()?)?, j.get(1)?.as_bool()?))),
        None => Some(None),
    };
    Some(Refinement {
        not_null: j.get("not_null").is_some_and(|b| *b == true),
        prefix: j.get("prefix").and_then(Json::as_str).map(Arc::from),
        number: (bound(j.get("min"))?, bound(j.get("max"))?),
        length: (j.get("lmin").and_then(Json::as_u64).unwrap_or(0), j.get("lmax").and_then(Json::as_u64)),
    })
}

/// Values nested deeper than this are not ours.
const MAX_DEPTH: usize = 500;

/// The value that [`encode`] wrote; `None` for anything else.
pub fn value(j: &Json) -> Option<Value> {
    decode(j, 0)
}

fn decode(j: &Json, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let list = match j {
        Json::Bool(b) => return Some(Value::bool(*b)),
        Json::String(s) => return Some(Value::string(s)),
        Json::Array(list) => list,
        _ => return None,
    };
    let ty = || -> Option<Type> { json::type_from_json(list.get(1)?).ok() };
    let all = |j: &Json| j.as_array()?.iter().map(|j| decode(j, depth + 1)).collect::<Option<Vec<_>>>();
    let fields = |j: &Json| {
        j.as_object()?.iter().map(|(k, v)| Some((Arc::from(&**k), decode(v, depth + 1)?))).collect::<Option<Fields>>()
    };
    Some(match list.first()?.as_str()? {
        "!" => {
            let name = list.get(1)?.as_str()?;
            let marks = Marks { sensitive: name.contains('s'), ephemeral: name.contains('e') };
            decode(list.get(2)?, depth + 1)?.mark(marks)
        }
        "null" => Value::null(ty()?),
        "?" => Value::refined(ty()?, list.get(2).map_or(Some(Refinement::default()), decode_refinement)?),
        "n" => Value::number(Number::parse(list.get(1)?.as_str()?)?),
        "list" => Value::list(ty()?, all(list.get(2)?)?),
        "set" => Value::set(ty()?, all(list.get(2)?)?),
        "tuple" => Value::tuple(all(list.get(1)?)?),
        "map" => Value::map(ty()?, fields(list.get(2)?)?),
        "object" => Value::object(fields(list.get(1)?)?),
        _ => return None,
    })
}

fn encode_path(p: &Path) -> Json {
    let step = |s: &PathStep| match s {
        PathStep::Attr(name) => json!(["attr", &**name]),
        PathStep::Key(k) => json!(["key", &**k]),
        PathStep::Index(i) => json!(["index", i]),
        PathStep::Element(v) => json!(["element", encode(v)]),
    };
    Json::Array(p.0.iter().map(step).collect())
}

fn decode_path(j: &Json) -> Option<Path> {
    let step = |j: &Json| {
        let value = j.get(1)?;
        Some(match j.get(0)?.as_str()? {
            "attr" => PathStep::Attr(value.as_str()?.into()),
            "key" => PathStep::Key(value.as_str()?.into()),
            "index" => PathStep::Index(usize::try_from(value.as_u64()?).ok()?),
            "element" => PathStep::Element(decode(value, 0)?),
            _ => return None,
        })
    };
    Some(Path(j.as_array()?.iter().map(step).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::bool),
            any::<i64>().prop_map(Value::number),
            ".*".prop_map(Value::string),
            Just(Value::null(Type::String)),
            Just(Value::unknown(Type::list(Type::Number))),
            (any::<bool>(), "[a-z]{0,3}").prop_map(|(not_null, prefix)| {
                let known = Refinement { not_null, prefix: Some(prefix.into()), ..Refinement::default() };
                Value::refined(Type::String, known)
            }),
            (0..3u64, 3..9u64, any::<bool>()).prop_map(|(low, high, not_null)| {
                let known = Refinement { not_null, length: (low, Some(high)), ..Refinement::default() };
                Value::refined(Type::set(Type::String), known)
            }),
            (any::<i32>(), any::<bool>()).prop_map(|(low, included)| {
                let number = (Some((Number::from(i64::from(low)), included)), None);
                Value::refined(Type::Number, Refinement { not_null: true, number, ..Refinement::default() })
            }),
            Just(Value::string("secret").mark(Marks::SENSITIVE)),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                    .prop_map(|m| Value::object(m.into_iter().map(|(k, v)| (Arc::from(k), v)).collect())),
                prop::collection::vec(any::<i64>().prop_map(Value::number), 0..4)
                    .prop_map(|v| Value::set(Type::Number, v)),
                prop::collection::vec("[a-z]*".prop_map(Value::string), 0..4)
                    .prop_map(|v| Value::list(Type::String, v)),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_come_back_as_they_went(v in values()) {
            prop_assert_eq!(decode(&encode(&v), 0), Some(v));
        }
    }

    #[test]
    fn what_is_no_plan_is_refused_in_words() {
        for text in [
            "",
            "{}",
            "[]",
            "nonsense",
            r#"{"kind":"formwork plan"}"#,
            r#"{"kind":"formwork plan","format":99}"#,
            r#"{"kind":"formwork plan","format":1}"#,
        ] {
            let diags = parse("p", text).map(|_| ()).unwrap_err();
            assert!(diags.has_errors(), "{text}");
        }
    }
}
