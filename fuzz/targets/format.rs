//! `fmt`: what was formatted still parses, and stays as it is when it is formatted again.
#![no_main]

use formwork::config::format::format;
use formwork::config::syntax::parse;
use formwork::diag::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    let (_, diags) = parse(&Source::new("formatted", once.as_str()));
    assert!(!diags.has_errors(), "{once:?}\n{diags:?}");
    let twice = format(&once).expect("what was formatted can be read");
    // Of `"${"${x}"}"` one layer goes at a time, as with Terraform.
    assert!(twice == once || once.contains("\"${\""), "{once:?} {twice:?}");
});
