//! How long the pure parts take: loading and planning a large configuration, without AWS. (Policy documents are a data source
//! of the AWS provider, but ask nothing.)

use criterion::{Criterion, criterion_group, criterion_main};
use formwork::config::{Config, LoadOptions, load};
use formwork::eval::Facts;
use formwork::plan::{self, Plan};
use formwork::resources::Aws;
use formwork::state::State;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Locals that lead to each other, and one `for_each`.
fn chain(locals: usize, hundreds: usize) -> String {
    let mut out = String::from("locals {\n  l0 = 1\n");
    for i in 1..locals {
        let _ = writeln!(out, "  l{i} = local.l{} + 1", i - 1);
    }
    let _ = write!(
        out,
        "}}\nresource \"terraform_data\" \"d\" {{\n  for_each = {{ for i in flatten([for a in range({hundreds}) : [for b in range(100) : \
         a * 100 + b]]) : tostring(i) => i }}\n  input = each.value\n}}\n"
    );
    out
}

/// One object with many keys, and its length.
fn wide(keys: usize) -> String {
    let mut out = String::from("locals {\n  o = {\n");
    for i in 0..keys {
        let _ = writeln!(out, "    key{i} = {i}");
    }
    out.push_str("  }\n}\noutput \"n\" {\n  value = length(local.o)\n}\n");
    out
}

/// Policy documents, each with a statement of its own.
fn documents(count: usize) -> String {
    let mut out = String::from("provider \"aws\" {\n  region = \"us-east-1\"\n}\n");
    for i in 0..count {
        let _ = write!(
            out,
            "data \"aws_iam_policy_document\" \"d{i}\" {{\n  statement {{\n    actions   = [\"s3:Get{i}\"]\n    resources = [\"*\"]\n  \
             }}\n}}\n"
        );
    }
    out
}

fn loaded(text: &str) -> Arc<Config> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("main.tf"), text).expect("a file");
    let (config, diags) = load(dir.path(), &LoadOptions::default());
    assert!(!diags.has_errors(), "{diags:?}");
    Arc::new(config)
}

fn planned(config: &Arc<Config>) -> Plan {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let facts = Facts { now: "2026-01-02T03:04:05Z".into(), cwd: PathBuf::from("."), applying: false };
    let connect: &plan::Connect<'_> = &|settings| Box::pin(Aws::connect(settings));
    let request = plan::Request::new(config.clone(), State::empty(), facts, connect);
    runtime.block_on(plan::make(request)).expect("a plan")
}

fn planning(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let texts = [
        ("10,000 instances and 5,000 locals", chain(5000, 100)),
        ("an object with 20,000 keys", wide(20_000)),
        ("900 policy documents", documents(900)),
    ];
    for (name, text) in &texts {
        group.bench_function(format!("load {name}"), |b| b.iter(|| loaded(text)));
        let config = loaded(text);
        group.bench_function(*name, |b| b.iter(|| planned(&config)));
    }
    group.finish();
}

criterion_group!(benches, planning);
criterion_main!(benches);
