//! How long the pure parts take: loading and planning a large configuration, without AWS.

use criterion::{Criterion, criterion_group, criterion_main};
use formwork::config::{LoadOptions, load};
use std::fmt::Write;

/// Many blocks, locals that lead to each other, and one `for_each`.
fn configuration(locals: usize, instances: usize) -> String {
    let mut out = String::from("locals {\n  l0 = 1\n");
    for i in 1..locals {
        let _ = writeln!(out, "  l{i} = local.l{} + 1", i - 1);
    }
    let _ = write!(
        out,
        "}}\nresource \"terraform_data\" \"d\" {{\n  for_each = {{ for i in range({instances}) : tostring(i) => i }}\n  input = each.value\n}}\n"
    );
    out
}

fn loading(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("main.tf"), configuration(5000, 1000)).expect("a file");
    c.bench_function("load 5,000 locals", |b| b.iter(|| load(dir.path(), &LoadOptions::default())));
}

criterion_group!(benches, loading);
criterion_main!(benches);
