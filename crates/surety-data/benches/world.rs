//! How long the world takes, from the embedded data in memory: `cargo bench -p surety-data`.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use surety_core::parse_day;
use surety_data::{Dataset, FILES, embedded};
use surety_world::{Base, diff};

fn benches(criterion: &mut Criterion) {
    let today = parse_day("2026-11-22").unwrap();
    criterion.bench_function("read and check the tables", |bench| {
        bench.iter(|| Dataset::read(black_box(&FILES)).unwrap());
    });
    let facts = embedded().facts();
    criterion.bench_function("prepare the statements", |bench| bench.iter(|| Base::new(black_box(facts))));
    let base = Base::new(facts);
    criterion.bench_function("one world: all States, all actions", |bench| {
        bench.iter(|| black_box(base.world(black_box(today))));
    });
    criterion.bench_function("what changed in two years, and why: two worlds and their causes", |bench| {
        let before = parse_day("2024-11-22").unwrap();
        bench.iter(|| {
            let (before, after) = (base.world(before), base.world(black_box(today)));
            diff(&base, &before, &after).len()
        });
    });
    let mut group = criterion.benchmark_group("walk");
    group.sample_size(10);
    group.bench_function("the world on every day from 1980-01-01 to 2026-11-22", |bench| {
        bench.iter(|| {
            let mut days = base.days(parse_day("1980-01-01").unwrap(), today);
            let mut worlds = 0;
            while let Some(world) = days.advance() {
                worlds += usize::from(!black_box(world).states.is_empty());
            }
            worlds
        });
    });
    group.finish();
}

criterion_group!(world, benches);
criterion_main!(world);
