//! The function table as a whole: what Terraform answered, and that no argument makes it panic.

use super::*;
use crate::config::syntax;
use crate::diag::{Diags, Source};
use crate::eval::{Scope, eval};
use crate::value::json::to_json;
use crate::value::{Kind, Marks, Number, Refinement};
use proptest::prelude::*;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::Arc;

/// What Terraform 1.11.4 answered: an expression, then `error`, or the value and its type.
const CASES: &str = include_str!("../../../tests/data/functions/cases.tsv");
/// What it planned: an expression, then `error`, or the value, and which parts of it are known after apply.
const HOLES: &str = include_str!("../../../tests/data/functions/holes.tsv");
const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/functions");

fn facts(applying: bool) -> Facts {
    Facts { now: "2024-05-06T07:08:09Z".into(), cwd: PathBuf::from("/work"), applying }
}

/// Resources that do not exist yet: their ids and outputs are holes.
fn resources() -> Value {
    let id = || hole(Type::String);
    let of = |ty: Type| Value::object_of([("id", id()), ("output", Value::unknown(ty))]);
    let object = Type::object([("a".into(), Type::String), ("n".into(), Type::Number)].into());
    Value::object_of([
        ("s", of(Type::String)),
        ("n", of(Type::Number)),
        ("b", of(Type::Bool)),
        ("l", of(Type::list(Type::String))),
        ("ln", of(Type::list(Type::Number))),
        ("st", of(Type::set(Type::String))),
        ("m", of(Type::map(Type::String))),
        ("o", of(object)),
        ("tup", of(Type::tuple(vec![Type::String, Type::String]))),
        ("dyn", of(Type::Any)),
    ])
}

fn evaluate(text: &str, applying: bool) -> Result<Value, Diags> {
    let (expr, mut diags) = syntax::parse_expr(&Source::new("main.tf", text));
    let facts = facts(applying);
    let path = Value::object_of([("module", ".".into())]);
    let roots = Fields::from([("path".into(), path), ("terraform_data".into(), resources())]);
    let scope = Scope { facts: &facts, base_dir: Path::new(DIR), roots: vec![Arc::new(roots)] };
    let value = expr.map(|expr| eval(&expr, &scope, &mut diags));
    match value {
        Some(value) if !diags.has_errors() => Ok(value),
        _ => Err(diags),
    }
}

fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => Number::parse(&a.to_string()) == Number::parse(&b.to_string()),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (a, b) => a == b,
    }
}

/// Whether the value has its holes where Terraform has them, and is the same everywhere else.
fn same_holes(value: &Value, after: &Json, unknown: &Json) -> bool {
    match (value.kind(), unknown) {
        (Kind::Unknown(..), unknown) => *unknown == Json::Bool(true),
        (_, Json::Bool(unknown)) => !unknown && value.is_wholly_known() && same(&to_json(value), after),
        (Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs), Json::Array(unknown)) => {
            vs.len() == unknown.len()
                && vs.iter().zip(unknown).enumerate().all(|(i, (v, u))| same_holes(v, &after[i], u))
        }
        (Kind::Map(_, fs) | Kind::Object(fs), Json::Object(unknown)) => {
            let known = Json::Bool(false);
            fs.iter().all(|(k, v)| same_holes(v, &after[&**k], unknown.get(&**k).unwrap_or(&known)))
        }
        _ => false,
    }
}

fn check(lines: &str, ok: impl Fn(&Result<Value, Diags>, &[&str]) -> bool) {
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let (expr, want) = line.split_once('\t').expect("two columns");
        let got = evaluate(expr, false);
        if !ok(&got, &want.split('\t').collect::<Vec<_>>()) {
            let got = got.map(|v| format!("{v:?} {}", v.ty()));
            wrong.push(format!("{expr}\n   want {want}\n   got  {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), lines.lines().count(), wrong.join("\n"));
}

#[test]
fn what_terraform_answers() {
    check(CASES, |got, want| match (got, want) {
        (Err(_), ["error"]) => true,
        (Ok(v), ["Inf" | "-Inf", "number"]) => v.as_number().is_some_and(Number::is_infinite),
        (Ok(v), [want, ty]) => {
            let want: Json = serde_json::from_str(want).expect("JSON");
            same(&to_json(v), &want) && v.ty().to_string().replace('"', "") == *ty
        }
        _ => false,
    });
}

#[test]
fn what_terraform_plans() {
    check(HOLES, |got, want| match (got, want) {
        (Err(_), ["error"]) => true,
        (Ok(v), [after, unknown]) => {
            let json = |text| serde_json::from_str::<Json>(text).expect("JSON");
            same_holes(v, &json(after), &json(unknown))
        }
        _ => false,
    });
}

#[test]
fn the_table_is_sorted_and_documented() {
    assert_eq!(FUNCTIONS.len(), 118);
    for pair in FUNCTIONS.windows(2) {
        assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
    }
    for f in FUNCTIONS {
        assert!(f.doc.ends_with('.') && f.doc.matches(". ").count() == 0, "{}: one sentence", f.name);
    }
}

/// Terraform's own signatures, without its texts.
#[test]
fn signatures_are_terraforms() {
    let want: Json = serde_json::from_str(include_str!("../../../tests/data/functions/signatures.json")).expect("JSON");
    let got = metadata::signatures();
    for (name, want) in want.as_object().expect("object") {
        let mut got = got[name].clone();
        got.as_object_mut().expect("object").remove("description");
        assert_eq!(got, *want, "{name}");
    }
    assert_eq!(got.as_object().map(|g| g.len()), Some(2 * FUNCTIONS.len()));
}

const WORDS: &[&str] = &[
    "",
    "a",
    "b",
    "A b_c-d\n",
    "é日👩\u{200d}👩e\u{301}",
    "1.5",
    "-7",
    "true",
    "10.0.0.0/8",
    "fd00::/64",
    "::ffff:10.0.0.0/100",
    "%s-%05d %[1]v|%8.3f%%",
    "(?P<x>a+)|b",
    "/(b|$)/",
    "${1}$x$$",
    "2018-01-02T23:12:01.5+05:30",
    "1h30m-5s",
    "YYYY-MM-DD'T'hh:mm ZZZ",
    "{\"a\":[1,null,\"x\"]}",
    "a: &x [1, *x]\nb: !!str 2\n",
    "k: |\n  x\n\n  y",
    "a,b\n1,\"2\"\n",
    "AGE6Q+0=",
    "UTF-16",
    "Shift_JIS",
    "windows-1258",
    "dns",
    "../x/{a,b*}/[a-c]?",
    "-----BEGIN RSA PRIVATE KEY-----\nMAAC\n-----END RSA PRIVATE KEY-----",
];

fn word() -> impl Strategy<Value = Value> {
    prop_oneof![4 => prop::sample::select(WORDS).prop_map(Value::string), 1 => any::<String>().prop_map(Value::string)]
}

fn number() -> impl Strategy<Value = Value> {
    const NUMBERS: &[&str] = &[
        "0",
        "1",
        "2",
        "-1",
        "3",
        "8",
        "16",
        "1.5",
        "-0",
        "1e-400",
        "1e400",
        "-1e300",
        "9223372036854775807",
        "-1e19",
        "Inf",
        "-Inf",
        "4294967296",
    ];
    let special = prop::sample::select(NUMBERS).prop_map(|n| Value::number(Number::parse(n).expect("number")));
    prop_oneof![3 => special, 1 => any::<i64>().prop_map(Value::from)]
}

/// Values of this type, sometimes null, sometimes sensitive.
fn of(ty: Ty, depth: u32) -> BoxedStrategy<Value> {
    let plain = match ty {
        Ty::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Ty::Number => number().boxed(),
        Ty::String => word().boxed(),
        Ty::List(t) => {
            prop::collection::vec(of(*t, depth), 0..4).prop_map(move |vs| Value::list(t.to_type(), vs)).boxed()
        }
        Ty::Set(t) => {
            prop::collection::vec(of(*t, depth), 0..4).prop_map(move |vs| Value::set(t.to_type(), vs)).boxed()
        }
        Ty::Map(t) => {
            let key = prop::sample::select(WORDS);
            prop::collection::btree_map(key.prop_map(Arc::from), of(*t, depth), 0..3)
                .prop_map(move |fs| Value::map(t.to_type(), fs))
                .boxed()
        }
        Ty::Any => anything(depth),
    };
    (plain, 0..40u8)
        .prop_map(|(v, odd)| match odd {
            0 => Value::null(v.ty()),
            1 => v.mark(Marks::SENSITIVE),
            2 => Value::null(Type::Any),
            _ => v,
        })
        .boxed()
}

fn anything(depth: u32) -> BoxedStrategy<Value> {
    const TYPES: &[Ty] = &[
        Ty::List(&Ty::String),
        Ty::List(&Ty::Number),
        Ty::Set(&Ty::String),
        Ty::Set(&Ty::Number),
        Ty::Map(&Ty::String),
        Ty::List(&Ty::List(&Ty::String)),
        Ty::Map(&Ty::Bool),
    ];
    let leaf = prop_oneof![word(), number(), any::<bool>().prop_map(Value::from)];
    if depth == 0 {
        return leaf.boxed();
    }
    let element = of(Ty::Any, depth - 1);
    let key = prop::sample::select(WORDS).prop_map(Arc::from);
    prop_oneof![
        2 => leaf,
        2 => prop::sample::select(TYPES).prop_flat_map(|ty| of(ty, 0)),
        2 => prop::collection::vec(element.clone(), 0..4).prop_map(Value::tuple),
        2 => prop::collection::btree_map(key, element, 0..3).prop_map(Value::object),
    ]
    .boxed()
}

/// The value with holes where the next bit says so; each hole knows something true about what it hides. The type of a part is never
/// hidden: conversions of the whole depend on it, in Terraform too.
fn punched(value: &Value, bits: &mut impl Iterator<Item = bool>, typed: bool) -> Value {
    let mut next = || bits.next().unwrap_or(false);
    if next() && next() {
        let prefix = value.as_str().map(|s| s.chars().take(s.chars().count() / 2).collect::<String>().into());
        let known = Refinement {
            not_null: !value.is_null() && next(),
            prefix: prefix.filter(|_| next()),
            ..Refinement::default()
        };
        let ty = if typed || next() { value.ty() } else { Type::Any };
        return Value::refined(ty, known).mark(value.marks());
    }
    let marks = value.marks();
    let whole = match value.kind() {
        Kind::List(t, vs) => Value::list(t.clone(), vs.iter().map(|v| punched(v, bits, true)).collect()),
        Kind::Set(t, vs) => Value::set(t.clone(), vs.iter().map(|v| punched(v, bits, true)).collect()),
        Kind::Map(t, fs) => {
            Value::map(t.clone(), fs.iter().map(|(k, v)| (k.clone(), punched(v, bits, true))).collect())
        }
        Kind::Tuple(vs) => Value::tuple(vs.iter().map(|v| punched(v, bits, true)).collect()),
        Kind::Object(fs) => Value::object(fs.iter().map(|(k, v)| (k.clone(), punched(v, bits, true))).collect()),
        kind => kind.clone().into(),
    };
    whole.mark(marks)
}

fn type_fits(hole: &Type, got: &Type) -> bool {
    match (hole, got) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => type_fits(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| type_fits(a, b)),
        (Type::Object(a, _), Type::Object(b, _)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| type_fits(a, b))
        }
        (a, b) => a == b,
    }
}

/// Whether a result with holes allows the result without: nothing known is painted over.
fn fills(holed: &Value, full: &Value) -> bool {
    match (holed.kind(), full.kind()) {
        (Kind::Unknown(ty, known), _) => {
            let length = full.as_slice().map(<[Value]>::len).or(full.as_fields().map(Fields::len)).map(|n| n as u64);
            type_fits(ty, &full.ty())
                && !(known.not_null && full.is_null())
                && known.prefix.as_deref().is_none_or(|p| full.as_str().is_none_or(|s| s.starts_with(p)))
                && known.number.0.as_ref().is_none_or(|(low, _)| full.as_number().is_none_or(|n| n >= low))
                && known.number.1.as_ref().is_none_or(|(high, _)| full.as_number().is_none_or(|n| n <= high))
                && length.is_none_or(|n| n >= known.length.0 && known.length.1.is_none_or(|most| n <= most))
        }
        (_, Kind::Unknown(..)) => false,
        (Kind::Set(..), Kind::Set(_, vs)) if !holed.is_wholly_known() => {
            holed.as_slice().is_some_and(|holed| holed.len() >= vs.len())
        }
        (Kind::List(_, a) | Kind::Tuple(a), Kind::List(_, b) | Kind::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| fills(a, b))
        }
        (Kind::Map(_, a) | Kind::Object(a), Kind::Map(_, b) | Kind::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| fills(a, b))
        }
        (Kind::Null(_), Kind::Null(_)) => true,
        (a, b) => a == b,
    }
}

fn run(function: &Function, args: Vec<Value>) -> Result<Value, FnError> {
    let render = |text: &str, _: &str, _: Fields| Ok(Value::string(text));
    let dir = Path::new(DIR);
    call(function.name, args, &Ctx { facts: &facts(false), base_dir: dir, template_depth: 0, render: &render })
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A function and arguments of its parameters' types, all known.
fn calls() -> impl Strategy<Value = (&'static Function, Vec<Value>)> {
    let functions: Vec<&'static Function> = FUNCTIONS.iter().filter(|f| !matches!(f.run, Run::Lazy)).collect();
    (prop::sample::select(functions), 0..4usize).prop_flat_map(|(f, more)| {
        // Whatever a path names on this machine is no business of a test.
        let param = |p: &Param| match p.name {
            "path" => prop::sample::select(vec!["lang-fixtures", "lang-fixtures/hello.txt", "nope", ""])
                .prop_map(Value::string)
                .boxed(),
            _ => of(p.ty, 2),
        };
        let rest = f.rest.iter().cycle().take(if f.rest.is_some() { more } else { 0 });
        (Just(f), f.params.iter().chain(rest).map(param).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..crate::eval::tests::robust::config(3000) })]

    /// No arguments make a function panic, and a hole in them only ever hides what was there.
    #[test]
    fn holes_are_filled_and_never_repainted((f, args) in calls(), bits in prop::collection::vec(any::<bool>(), 40)) {
        // Holes stand last in a set, wherever what fills them will stand; Terraform reverses them all the same.
        if f.name == "reverse" && matches!(args[0].kind(), Kind::Set(..)) {
            return Ok(());
        }
        let full = run(f, args.clone());
        let mut bits = bits.into_iter();
        // With a type unknown among them, coalesce() does not convert what it takes, and does later: so does Terraform's.
        let typed = f.name == "coalesce";
        let holed: Vec<Value> = args.iter().map(|v| punched(v, &mut bits, typed)).collect();
        let with_holes = run(f, holed.clone());
        match (&with_holes, &full) {
            (_, Err(_)) => {}
            (Ok(holed), Ok(full)) => prop_assert!(fills(holed, full), "{}: {holed:?} {} -> {full:?} {}", f.name, holed.ty(), full.ty()),
            (Err(e), Ok(full)) => prop_assert!(false, "{}({holed:?}): {} although it will be {full:?}", f.name, e.message),
        }
        if let Ok(full) = &full {
            prop_assert!(full.is_wholly_known() || matches!(f.name, "timestamp" | "uuid" | "bcrypt") || !args.iter().all(Value::is_wholly_known)
                || full.ty() == Type::Any || !full.is_known(), "{}", f.name);
        }
    }
}
