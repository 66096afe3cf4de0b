//! The one test binary beside the tests in the code: the house, the laws, case folders, examples, and real programs.

// The futures of whole runs lie deep in each other.
#![recursion_limit = "256"]
// Everything here is a test, helpers too; clippy only sees that of functions that say so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod beside;
mod calls;
mod cases;
mod ci;
mod cli;
mod comments;
mod conditions;
mod console;
mod consumers;
mod crash;
mod docs;
mod faults;
mod house;
mod imports;
mod json;
mod laws;
mod lifecycle;
mod losses;
mod mermaid;
mod moto;
mod moves;
mod order;
mod permissions;
mod picture;
mod provider;
mod references;
mod region;
mod remote;
mod review;
mod schemas;
mod states;
mod support;
mod tools;

/// A test file that nobody names here would never run.
#[test]
fn no_test_file_is_forgotten() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = std::fs::read_to_string(dir.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        let is_module = path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
        if is_module && name != "main" {
            assert!(main.contains(&format!("mod {name};")), "tests/it/{name} is not named in main.rs");
        }
    }
}
