//! A policy document: read, compared with itself in other forms, and what it allows.
#![no_main]

use formwork::access::{accesses, compare, may};
use formwork::resources::policy::{Form, Policy, check, equivalent, normalize, size, stored};
use formwork::value::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Two documents, one behind the other.
    let (first, second) = text.split_once('\u{1}').unwrap_or((text, text));
    let _ = check(&Value::string(first));
    size(first);
    for form in [Form::Sorted, Form::VersionFirst] {
        let once = normalize(first, form);
        assert_eq!(normalize(&once, form), once);
        stored(Some(first), second, form);
    }
    assert_eq!(equivalent(first, second), equivalent(second, first));
    let (Ok(one), Ok(two)) = (Policy::parse(first), Policy::parse(second)) else { return };
    assert!(one.same(&one));
    let canonical = one.canonical(Some("aws")).to_string();
    assert!(Policy::parse(&canonical).is_ok(), "{canonical}");
    let (one, two) = (accesses(&one), accesses(&two));
    may(&one, "dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t");
    assert!(compare(&one, &one).iter().all(|gain| !gain.widens()));
    for gain in compare(&one, &two) {
        assert!(!gain.sentence("the role", None).is_empty());
        gain.warnings(None);
    }
});
