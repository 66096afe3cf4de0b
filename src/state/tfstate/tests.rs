//! States as Terraform writes them, there and back; files that are none.

use super::*;
use crate::state::State;
use serde_json::Value as Json;

/// Written by Terraform 1.11.4: keys of all kinds, modules, a tainted and a deposed object, sensitive paths, checks.
const TERRAFORM: &str = include_str!("../fixtures/terraform-1.11.4.tfstate");

#[test]
fn terraforms_own_file_comes_back_byte_for_byte() {
    let state = parse("terraform.tfstate", TERRAFORM).unwrap();
    assert!(print(&state) == TERRAFORM, "{}", first_difference(&print(&state), TERRAFORM));
    assert!(state.holds_sensitive());
    let deposed = state.get_deposed(&"terraform_data.cbd".parse().unwrap(), "0a1b2c3d").unwrap();
    assert_eq!(deposed.private.as_deref(), Some("eyJhIjoxfQ=="));
    assert!(state.get(&"terraform_data.each[\"a\"]".parse().unwrap()).unwrap().tainted);
    let one = state.get(&"terraform_data.one".parse().unwrap()).unwrap();
    assert_eq!(one.attributes["input"]["value"], "a<b>&\u{2028}é\u{1}");
    assert!(state.outputs["s"].value.is_sensitive());
}

#[test]
fn order_and_layout_of_the_input_do_not_matter() {
    let compact = parse("x", &compact(TERRAFORM)).unwrap();
    assert!(print(&compact) == TERRAFORM, "{}", first_difference(&print(&compact), TERRAFORM));
    let mut json: Json = serde_json::from_str(TERRAFORM).unwrap();
    json["resources"].as_array_mut().unwrap().reverse();
    for r in json["resources"].as_array_mut().unwrap() {
        r["instances"].as_array_mut().unwrap().reverse();
    }
    let printed = print(&parse("x", &json.to_string()).unwrap());
    assert!(printed == TERRAFORM, "{}", first_difference(&printed, TERRAFORM));
}

fn first_difference(a: &str, b: &str) -> String {
    a.lines().zip(b.lines()).find(|(a, b)| a != b).map_or("length".into(), |(a, b)| format!("{a}\n{b}"))
}

fn compact(text: &str) -> String {
    serde_json::from_str::<Json>(text).unwrap().to_string()
}

#[test]
fn an_empty_state_looks_like_terraforms() {
    let state = State { terraform_version: "1.11.4".into(), serial: 3, lineage: "l".into(), ..State::empty() };
    let expected = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 3,
  "lineage": "l",
  "outputs": {},
  "resources": [],
  "check_results": null
}
"#;
    assert_eq!(print(&state), expected);
    assert_eq!(parse("x", expected).unwrap(), state);
}

#[test]
fn what_is_not_known_is_kept() {
    let text = r#"{
  "version": 4,
  "terraform_version": "1.15.0",
  "serial": 18446744073709551615,
  "lineage": "l",
  "outputs": {
    "o": {
      "value": 1.0,
      "type": "number",
      "future": {
        "z": 1,
        "a": 2
      }
    }
  },
  "resources": [
    {
      "mode": "managed",
      "type": "random_id",
      "name": "x",
      "each": "list",
      "provider": "provider[\"registry.opentofu.org/hashicorp/random\"]",
      "instances": [
        {
          "index_key": 0,
          "schema_version": 0,
          "attributes": {
            "z": 1.10,
            "a": 123456789012345678901234567890.5,
            "e": 1e+400,
            "b": -0
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "z"
              }
            ]
          ],
          "identity_schema_version": 0,
          "identity": {
            "id": "x"
          },
          "private": "bnVsbA==",
          "skip_destroy": true
        },
        {
          "index_key": 1,
          "schema_version": 0,
          "attributes_flat": {
            "id": "y"
          },
          "sensitive_attributes": []
        }
      ],
      "later": [
        1,
        {}
      ]
    }
  ],
  "check_results": null,
  "more": "things"
}
"#;
    let printed = print(&parse("x", text).unwrap());
    // The output alone is a value of ours, printed as Terraform prints numbers.
    assert_eq!(printed.replace("\"value\": 1,", "\"value\": 1.0,"), text);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let in_instance = |member: &str| {
        format!(
            "{{\"version\":4,\"resources\":[\n{{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\",\"provider\":\"p\",\n\
                 \"instances\":[{{}},{{{member}}}]}}]}}"
        )
    };
    for (text, expected) in [
        (
            "hello".to_string(),
            "Unsupported state file format: s, line 1, column 1: the state file could not be parsed as JSON (expected value).",
        ),
        (
            "{\"version\":4".into(),
            "Truncated state file: s ends in the middle, at line 1, column 12: it was cut off while it was written or copied. Nothing was changed.",
        ),
        (
            "{\"version\":4}\nx".into(),
            "Unsupported state file format: s, line 2, column 1: the state file could not be parsed as JSON (trailing characters).",
        ),
        ("[]".into(), "Invalid state file: s, line 1, column 1: A state is a JSON object. Nothing was changed."),
        (
            "{}".into(),
            "Unsupported state file format: s does not have a \"version\", which tells the format of a state: it is no state file.",
        ),
        (
            " {\"a\":[1,{}],\"version\":\"4\"}".into(),
            "Invalid state file: s, line 1, column 24: \"version\" must be a positive whole number. Nothing was changed.",
        ),
        (
            "{\"version\":0}".into(),
            "Invalid state file: s, line 1, column 12: \"version\" must be a positive whole number. Nothing was changed.",
        ),
        (
            "{\"version\":3,\"terraform_version\":\"0.11.14\"}".into(),
            "State file format too old: s uses format version 3 (written by Terraform 0.11.14); formwork reads version 4, which Terraform has written since 0.12. Nothing was changed.",
        ),
        (
            "{\"version\":5}".into(),
            "Unsupported state file format: s uses format version 5, which is newer than the version 4 that formwork knows. Nothing was changed.",
        ),
        (
            "{\"version\":4,\n \"serial\": -1}".into(),
            "Invalid state file: s, line 2, column 12: \"serial\" must be a whole number. Nothing was changed.",
        ),
        (
            "{\"version\":4,\"outputs\":{\"é\":{\"value\":\"hush\",\"type\":\"bool\"}}}".into(),
            "Invalid state file: s, line 1, column 38: The value of output \"é\": bool required. Nothing was changed.",
        ),
        (
            in_instance("\"index_key\":true"),
            "Invalid state file: s, line 3, column 30: \"index_key\" must be a string or a whole number. Nothing was changed.",
        ),
        (
            in_instance("\"status\":\"odd\""),
            "Invalid state file: s, line 3, column 27: \"status\" must be \"tainted\" where it is given, not \"odd\". Nothing was changed.",
        ),
        (in_instance(""), "Invalid state file: s, line 3, column 17: t.n is there twice. Nothing was changed."),
        (
            in_instance("\"deposed\":\"a\",\"dependencies\":[1]"),
            "Invalid state file: s, line 3, column 47: \"dependencies\" must be an array of strings. Nothing was changed.",
        ),
        (
            "{\"version\":4,\"resources\":[{\"mode\":\"weird\"}]}".into(),
            "Invalid state file: s, line 1, column 35: \"mode\" must be \"managed\" or \"data\". Nothing was changed.",
        ),
        (
            "{\"version\":4,\"resources\":[{\"module\":\"x\",\"mode\":\"data\"}]}".into(),
            "Invalid state file: s, line 1, column 37: \"module\" must be the address of a module, not \"x\". Nothing was changed.",
        ),
        (
            "{\"version\":4,\"resources\":[{\"mode\":\"data\",\"type\":\"\"}]}".into(),
            "Invalid state file: s, line 1, column 27: A resource must have a \"type\". Nothing was changed.",
        ),
    ] {
        let error = parse("s", &text).expect_err(&text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn nothing_makes_it_panic() {
    // Every prefix, and every byte replaced: valid or not, an answer comes back.
    let text = &compact(TERRAFORM)[..3000];
    for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)) {
        assert!(parse("x", &text[..end]).is_err());
    }
    let small = r#"{"version":4,"outputs":{"a":{"value":[1],"type":["list","number"]}},"resources":[{"mode":"data","type":"t","name":"n","provider":"p","instances":[{"index_key":"k","attributes":{"a":1}}]}]}"#;
    for i in 0..small.len() {
        for c in ["\"", "{", "]", "0", "\\", "n"] {
            let mut text = small.to_string();
            text.replace_range(i..i + 1, c);
            let _ = parse("x", &text);
        }
    }
    assert!(parse("x", &"[".repeat(100_000)).is_err());
}

#[test]
fn one_resource_in_two_entries_is_one() {
    let entry = |key: &str| {
        format!(r#"{{"mode":"data","type":"t","name":"n","provider":"p","instances":[{{"index_key":{key}}}]}}"#)
    };
    let both = |a: &str, b: &str| parse("x", &format!(r#"{{"version":4,"resources":[{},{}]}}"#, entry(a), entry(b)));
    let state = both("1", "0").unwrap();
    assert_eq!(state.objects().map(|(a, ..)| a.to_string()).collect::<Vec<_>>(), ["data.t.n[0]", "data.t.n[1]"]);
    assert!(both("0", "0").is_err());
}

/// Whatever happened to a file, reading it ends in a state or in words.
#[test]
fn mangled_files_are_refused_in_words() {
    use proptest::prelude::*;
    use proptest::test_runner::{RngSeed, TestRunner};
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    let config = ProptestConfig {
        cases: wanted.unwrap_or(400),
        failure_persistence: None,
        rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(3) },
        ..ProptestConfig::default()
    };
    let cut = (0..TERRAFORM.len(), 0..60usize, "[\\[\\]{}\",:a-z0-9\\\\-]{0,6}");
    TestRunner::new(config)
        .run(&prop::collection::vec(cut, 1..5), |cuts| {
            let mut text = TERRAFORM.to_owned();
            for (at, length, new) in cuts {
                let mut start = at.min(text.len());
                while !text.is_char_boundary(start) {
                    start -= 1;
                }
                let mut end = (start + length).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(start..end, &new);
            }
            match parse("terraform.tfstate", &text) {
                Ok(state) => prop_assert_eq!(print(&parse("again", &print(&state)).unwrap()), print(&state)),
                Err(e) => prop_assert!(!e.to_string().is_empty()),
            }
            Ok(())
        })
        .unwrap();
    for text in ["[".repeat(100_000), "{\"version\":4,\"outputs\":".to_owned() + &"{\"a\":".repeat(100_000)] {
        assert!(parse("terraform.tfstate", &text).is_err());
    }
}
