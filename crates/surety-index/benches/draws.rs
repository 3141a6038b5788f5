//! Draws of perturbed weights and of doubtful data: the time for one, for a million, and for a large index.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use surety_index::{Data, Doubt, Doubts, Framework, Model, Run};

/// An index with so many indicators, spread evenly over the pillars, and two halves.
fn framework(indicators: usize, pillars: usize, factors: &str) -> Framework {
    let mut text = String::from("[[group]]\ncode = \"index\"\n");
    for half in 0..2 {
        writeln!(text, "[[group]]\ncode = \"h{half}\"\nparent = \"index\"").unwrap();
    }
    for pillar in 0..pillars {
        writeln!(text, "[[group]]\ncode = \"p{pillar}\"\nparent = \"h{}\"", pillar % 2).unwrap();
    }
    for indicator in 0..indicators {
        writeln!(text, "[[indicator]]\ncode = \"i{indicator}\"\nparent = \"p{}\"", indicator % pillars)
            .unwrap();
    }
    Framework::from_toml("bench.toml", &format!("{text}{factors}")).unwrap()
}

/// Figures without pattern.
fn data(units: usize, indicators: usize) -> Data {
    let figure = |unit: usize, indicator: usize| ((unit * 7919 + indicator * 104_729) % 1009) as f64;
    let data = Data::new((0..units).map(|unit| format!("U{unit}"))).unwrap();
    (0..indicators).fold(data, |data, indicator| {
        let column: Vec<_> = (0..units).map(|unit| Some(figure(unit, indicator))).collect();
        data.with(&format!("i{indicator}"), &column).unwrap()
    })
}

const GROUP_WEIGHTS: &str = "[[factor]]\nname = \"p\"\nlevel = 2\nvary = { weights-within = 0.25 }\n\
    [[factor]]\nname = \"h\"\nlevel = 3\nvary = { weights-within = 0.25 }\n";
const ALL_WEIGHTS: &str = "[[factor]]\nname = \"all\"\nvary = { weights-within = 0.25 }\n";

fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draws");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for (name, units, indicators, pillars, factors, draws, threads) in [
        ("51 x 49, weights of groups, 1 thread", 51, 49, 8, GROUP_WEIGHTS, 100_000, 1),
        ("51 x 49, all weights, 1 thread", 51, 49, 8, ALL_WEIGHTS, 100_000, 1),
        ("51 x 49, all weights, 2 threads", 51, 49, 8, ALL_WEIGHTS, 1_000_000, 2),
        ("200 x 100, all weights, 2 threads", 200, 100, 10, ALL_WEIGHTS, 1_000_000, 2),
    ] {
        let (framework, data) = (framework(indicators, pillars, factors), data(units, indicators));
        let doubts = Doubts::default();
        let model = Model::new(&framework, &data, &framework.plan().factors, &doubts).unwrap();
        let run = Run { draws, seed: 1, threads: NonZeroUsize::new(threads).unwrap() };
        group.throughput(Throughput::Elements(draws));
        group.bench_function(name, |bencher| {
            bencher.iter(|| model.uncertainty(black_box(run), |_| {}).unwrap());
        });
    }
    group.finish();
}

/// Every figure of 200 units and 30 indicators is doubtful, on fixed scales.
fn doubtful_data(criterion: &mut Criterion) {
    let factor = "[[factor]]\nname = \"data\"\nvary = \"data\"\n";
    let goalposts = "[steps]\nnormalise = { goalposts = { lower = 0, upper = 1009 } }\n";
    let (framework, data) = (framework(30, 4, &format!("{goalposts}{factor}")), data(200, 30));
    let mut doubts = Doubts::default();
    for unit in data.units() {
        for indicator in framework.indicators() {
            doubts.insert(unit, indicator.code(), Doubt::uniform(10.0, 900.0).unwrap());
        }
    }
    let model = Model::new(&framework, &data, &framework.plan().factors, &doubts).unwrap();
    let run = Run { draws: 10_000, seed: 1, threads: NonZeroUsize::new(2).unwrap() };
    let mut group = criterion.benchmark_group("doubtful data");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2))
        .throughput(Throughput::Elements(run.draws));
    group.bench_function("200 x 30, 2 threads", |bencher| {
        bencher.iter(|| model.uncertainty(black_box(run), |_| {}).unwrap());
    });
    group.finish();
}

criterion_group!(benches, draws, doubtful_data);
criterion_main!(benches);
