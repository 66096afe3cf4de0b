//! A `.tf` file, loaded as a whole configuration: parsed, declared, checked. Every place that is told lies in the text.
#![no_main]

use formwork::config::{Snapshot, load_snapshot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let files = [("main.tf".into(), text.to_string())].into();
    let (_, diags) = load_snapshot(Snapshot { root: ".".into(), data_dir: ".terraform".into(), files });
    for d in diags.iter() {
        assert!(!d.detail.is_empty());
        if let Some(span) = &d.span {
            assert!(span.source.text.get(span.start as usize..span.end as usize).is_some(), "{d:?}");
        }
    }
});
