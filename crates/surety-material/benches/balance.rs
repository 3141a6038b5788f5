//! `cargo bench -p surety-material`: 270 periods and 31 locations, the size that others' tools take as large.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may fail loudly")]

use std::num::NonZeroUsize;

use criterion::{Criterion, criterion_group, criterion_main};
use surety_material::balance::{Alarms, Balance, Kind, Location, PAGE_K, Run};

/// Two inputs, 26 inventories, three outputs, with amounts that vary from period to period.
fn large() -> Balance {
    let kinds = [(Kind::Input, 2), (Kind::Inventory, 26), (Kind::Output, 3)];
    let locations = kinds.into_iter().flat_map(|(kind, count)| {
        (0..count).map(move |number| Location {
            name: format!("{kind} {number}"),
            kind,
            random_sd: 0.005,
            systematic_sd: 0.005,
            amounts: (0..270 + u32::from(kind == Kind::Inventory))
                .map(|period| 50.0 + f64::from((period * 37 + number * 11) % 29))
                .collect(),
        })
    });
    Balance::new(270, locations.collect()).unwrap()
}

fn run(realisations: u32) -> Run {
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    Run { realisations, seed: 1, threads }
}

fn balance(criterion: &mut Criterion) {
    let balance = large();
    let mut group = criterion.benchmark_group("270 periods, 31 locations");
    group.sample_size(20);
    group.bench_function("covariance", |bench| bench.iter(|| balance.covariance()));
    group.bench_function("covariance and factor", |bench| bench.iter(|| balance.prepare().unwrap()));
    group.bench_function("covariance, then SITMUF, Page, GEMUF of 100 realisations", |bench| {
        bench.iter(|| {
            let prepared = balance.prepare().unwrap();
            let draws = balance.realisations(run(100)).unwrap();
            draws.iter().map(|muf| prepared.evaluate(muf, PAGE_K).unwrap().gemuf[269]).sum::<f64>()
        });
    });
    group.bench_function("thresholds from 10,000 realisations", |bench| {
        let prepared = balance.prepare().unwrap();
        bench.iter(|| Alarms::find(&balance, &prepared, 0.05, PAGE_K, run(10_000)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, balance);
criterion_main!(benches);
