//! No text makes a decoder panic, and nothing small becomes so large that it fills the memory.
//!
//! Cases are the same each time; with `PROPTEST_CASES` there are so many, others each time.

use super::{facts, run};
use crate::eval::functions::{Ctx, FnError, call};
use crate::value::{Fields, Value};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::Path;

/// So many cases, the same each time, unless more are wanted.
pub(in crate::eval) fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: wanted.unwrap_or(cases),
        failure_persistence: None,
        rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) },
        ..ProptestConfig::default()
    }
}

fn answer(name: &str, args: Vec<Value>) -> Result<Value, FnError> {
    let render = |text: &str, _: &str, _: Fields| Ok(Value::string(text));
    call(name, args, &Ctx { facts: &facts(), base_dir: Path::new("."), template_depth: 0, render: &render })
}

/// Pieces of the formats that functions read.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "\\u12",
    "\\ud800",
    "null",
    "true",
    "1",
    "-",
    "1e5",
    "0.",
    " ",
    "\n",
    "  ",
    "\t",
    "- ",
    "? ",
    "&a ",
    "*a ",
    "!!str ",
    "!!binary ",
    "!x ",
    "|\n",
    ">-\n",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "<<: *a\n",
    "a: ",
    "#",
    "é",
    "\u{feff}",
    "\r\n",
    "a,b\n",
    "\"\"",
    "(",
    ")",
    "(?P<n>",
    "*",
    "+",
    "{2,}",
    "|",
    "^",
    "$",
    "\\pL",
    "\\x{",
    "[^",
    "[:alpha:]",
    "%",
    "%s",
    "%[2]*d",
    "%-+#0 5.3",
    "v",
    "q",
    "YYYY",
    "'T'",
    "ZZZ",
    "2018-01-02T23:12:01Z",
    "1h",
    "-5ms",
    "10.0.0.0/8",
    "::/0",
    "/",
    "..",
    "~",
    "=",
    "AAAA",
    "${",
    "%{",
    "a",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![8 => prop::sample::select(PIECES).prop_map(String::from), 1 => ".{0,3}"];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// The functions that read text, with what they need beside it.
fn readers() -> impl Strategy<Value = (&'static str, Vec<Value>)> {
    let names = prop::sample::select(vec![
        "jsondecode",
        "yamldecode",
        "csvdecode",
        "base64decode",
        "regex",
        "regexall",
        "replace",
        "format",
        "formatlist",
        "formatdate",
        "timeadd",
        "timecmp",
        "cidrhost",
        "cidrnetmask",
        "cidrsubnet",
        "cidrsubnets",
        "parseint",
        "tonumber",
        "textdecodebase64",
        "textencodebase64",
        "urlencode",
        "split",
        "trimspace",
        "uuidv5",
        "rsadecrypt",
        "templatestring",
    ]);
    (names, text(), text(), any::<i8>()).prop_map(|(name, a, b, n)| {
        let (a, b, n) = (Value::string(a), Value::string(b), Value::from(i64::from(n)));
        let args = match name {
            "regex" | "regexall" | "formatdate" | "timeadd" | "timecmp" | "split" | "textdecodebase64"
            | "textencodebase64" | "uuidv5" | "rsadecrypt" => vec![a, b],
            "replace" => vec![b.clone(), a, b],
            "format" | "formatlist" => vec![a, b, n],
            "cidrhost" | "parseint" => vec![a, n],
            "cidrsubnet" => vec![a, n.clone(), n],
            "cidrsubnets" => vec![a, n.clone(), n],
            "templatestring" => vec![a, Value::object(Fields::new())],
            _ => vec![a],
        };
        (name, args)
    })
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn what_functions_read_may_be_anything((name, args) in readers()) {
        match answer(name, args.clone()) {
            Ok(value) => prop_assert_eq!(answer(name, args).ok(), Some(value)),
            Err(e) => prop_assert!(!e.message.is_empty()),
        }
    }
}

/// Small texts that ask for much: each an error in words, soon.
#[test]
fn bombs_are_refused() {
    // As much stack as a program has.
    std::thread::Builder::new().stack_size(8 << 20).spawn(bombs).unwrap().join().unwrap();
}

fn bombs() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(200_000), close.repeat(200_000));
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let before = format!("*a{}, ", i - 1).repeat(9);
        laughs.push_str(&format!("a{i}: &a{i} [{}]\n", before.trim_end_matches(", ")));
    }
    let bombs = [
        ("jsondecode", vec![Value::string(deep("[", "]"))]),
        ("jsondecode", vec![Value::string(deep("{\"a\":", "}"))]),
        ("yamldecode", vec![Value::string(deep("[", "]"))]),
        ("yamldecode", vec![Value::string(deep("- ", ""))]),
        ("yamldecode", vec![Value::string(laughs)]),
        ("yamldecode", vec!["a: &a [*a]".into()]),
        ("range", vec![1_000_000_000.into()]),
        ("range", vec![0.into(), 1.into(), Value::number(crate::value::Number::parse("1e-9").unwrap())]),
        ("format", vec!["%999999999d".into(), 1.into()]),
        ("format", vec!["%.999999999f".into(), 1.into()]),
        ("format", vec!["%*d".into(), 999_999_999.into(), 1.into()]),
        ("indent", vec![999_999_999.into(), "a\nb".into()]),
        ("regex", vec!["((a{1000}){1000}){1000}".into(), "a".into()]),
        ("cidrsubnets", vec!["::/0".into(), 200.into()]),
    ];
    for (name, args) in bombs {
        let began = std::time::Instant::now();
        let error = answer(name, args).expect_err(name);
        assert!(error.message.ends_with('.') && error.message.len() < 1000, "{name}: {}", error.message);
        assert!(began.elapsed().as_secs() < 20, "{name}");
    }
    let thousand = Value::tuple((0..1000i64).map(Value::from).collect());
    assert!(answer("setproduct", vec![thousand.clone(), thousand.clone(), thousand]).is_err());
    let long = Value::string("a".repeat(1 << 16));
    assert!(answer("replace", vec![long.clone(), "a".into(), long]).is_err());
}

/// Expressions nested deeper than any stack are refused, each by one error.
#[test]
fn depth_is_refused() {
    let deep = [
        format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "{ a = ".repeat(100_000), " }".repeat(100_000)),
        format!("{}1", "!".repeat(100_000)),
        format!("{}1", "-".repeat(100_000)),
        format!("{}1{}", "\"${".repeat(50_000), "}\"".repeat(50_000)),
        format!("{}1", "true ? 1 : ".repeat(100_000)),
        format!("1{}", " + 1".repeat(100_000)),
        format!("local{}", ".a".repeat(100_000)),
        format!("local{}", "[0]".repeat(100_000)),
        format!("local{}", "[*]".repeat(100_000)),
        format!("{}1{}", "abs(".repeat(100_000), ")".repeat(100_000)),
        format!("{}[]{}", "[for x in ".repeat(100_000), " : x]".repeat(100_000)),
        format!("\"{}{}\"", "%{ if true }".repeat(50_000), "%{ endif }".repeat(50_000)),
    ];
    for text in deep {
        let (_, diags) = run(&text);
        assert_eq!(diags.iter().filter(|d| d.is_error()).count(), 1, "{}", &text[..20]);
    }
}
