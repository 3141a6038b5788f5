//! How long a whole command takes, process start included: `cargo bench -p surety --bench process`.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::process::Command;

use criterion::{Criterion, criterion_group, criterion_main};

fn benches(criterion: &mut Criterion) {
    for args in [["world", "--format", "json"].as_slice(), &[], &["state", "JPN"]] {
        criterion.bench_function(&format!("surety {}", args.join(" ")), |bench| {
            bench.iter(|| Command::new(env!("CARGO_BIN_EXE_surety")).args(args).output().unwrap());
        });
    }
}

criterion_group!(process, benches);
criterion_main!(process);
