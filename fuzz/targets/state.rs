//! A state file; what was read is printed, and that reads and prints as the same.
#![no_main]

use formwork::state::tfstate::{parse, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse("terraform.tfstate", text) {
        Ok(state) => {
            for (address, _, _) in state.objects() {
                let _ = address.to_string();
            }
            let printed = print(&state);
            let again = parse("terraform.tfstate", &printed).expect("what was printed can be read");
            assert_eq!(print(&again), printed);
        }
        Err(e) => assert!(!e.to_string().is_empty()),
    }
});
