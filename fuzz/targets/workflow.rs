//! A state machine's definition: model, checks, permissions, picture, and how it differs from another.
#![no_main]

use formwork::workflow::checks::{Use, check, duplicates};
use formwork::workflow::{diagram, diff, model, permissions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Two definitions, one behind the other.
    let (first, second) = text.split_once('\u{1}').unwrap_or((text, text));
    duplicates(first);
    let Ok(machine) = model::parse_text(first) else { return };
    for express in [false, true] {
        for fault in check(&machine, Use { express }) {
            assert!(!fault.text.is_empty() && !fault.way.is_empty());
        }
    }
    permissions::needs(&machine);
    diagram::one(&machine);
    machine.walk();
    assert!(diff::compare(&machine, &machine).is_empty());
    if let Ok(other) = model::parse_text(second) {
        let _ = diff::compare(&machine, &other).tally();
        diagram::change(&machine, &other);
    }
});
