//! `fmt`: what was formatted still parses, and stays as it is when it is formatted again.
#![no_main]

use formwork::config::format::format;
use formwork::config::syntax::parse;
use formwork::diag::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    let (_, diags) = parse(&Source::new("formatted", once.as_str()));
    // (`1. 5. 5` is read as indexes of a number and becomes `1.5.5`, with Terraform, too.)
    let glued = diags.iter().any(|d| d.summary == "Invalid number literal");
    assert!(!diags.has_errors() || glued, "{once:?}\n{diags:?}");
    if glued {
        return;
    }
    let twice = format(&once).expect("what was formatted can be read");
    // Of `"${"${x}"}"` one layer goes at a time, as with Terraform.
    assert!(twice == once || once.contains("\"${\""), "{once:?} {twice:?}");
});
