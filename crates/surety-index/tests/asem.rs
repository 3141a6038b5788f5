//! The ASEM index of `COINr` (51 units, 49 indicators), step by step.
//!
//! The reference tables are not part of the project. They are looked for in a folder `shared` beside the
//! repository or above it; without them these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking and say what they skip"
)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use surety_index::{
    Aggregate, Data, Design, Doubts, Estimator, Factor, Framework, Index, Model, Normalise, Outliers, Output,
    Plan, Step, Treat, Treatment, Vary, coinr_alternatives,
};

const PLAN: &str = r#"
    [steps]
    impute = { group-mean = "EurAsia_group" }
    screen = { min-present = 0.9, after-imputing = true }
    treat = { outliers = { winsorise = 5, skew = 2, kurtosis = 3.5, log = true } }
"#;

/// The folder with the reference tables.
fn reference() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data/index/asem"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("\n*** SKIPPED: no folder shared/data/index/asem beside the repository or above it ***\n");
    }
    found
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The cells of a reference table, header first, quotes removed.
fn cells(folder: &Path, file: &str) -> Vec<Vec<String>> {
    let split = |line: &str| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect();
    read(folder, file).lines().map(split).collect()
}

fn framework(folder: &Path, steps: &str) -> Framework {
    let plan = Plan::from_toml("plan.toml", &format!("{PLAN}{steps}")).unwrap();
    Framework::from_imeta("iMeta.csv", &read(folder, "iMeta.csv"), plan).unwrap()
}

fn compute(folder: &Path, steps: &str) -> Index {
    let framework = framework(folder, steps);
    let data = Data::from_csv("iData.csv", &read(folder, "iData.csv"), &framework).unwrap();
    framework.compute(&data).unwrap()
}

/// Compares every cell of a reference table with ours: a number to 1e-12 of its size, a gap with a gap.
fn check(folder: &Path, file: &str, ours: impl Fn(&str, &str) -> Option<f64>) {
    let rows = cells(folder, file);
    let (header, rows) = rows.split_first().unwrap();
    assert_eq!(rows.len(), 51, "{file}");
    for row in rows {
        for (code, cell) in header.iter().zip(row).skip(1) {
            let (unit, theirs) = (&row[0], cell.parse::<f64>().ok());
            let close = match (ours(unit, code), theirs) {
                (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1e-3),
                (ours, theirs) => ours == theirs,
            };
            assert!(close, "{file}: {unit} {code} is {cell}, ours is {:?}", ours(unit, code));
        }
    }
}

#[test]
fn every_step_equals_the_reference() {
    let Some(folder) = reference() else { return };
    let index = compute(&folder, "");
    for (file, step) in [
        ("step_Denominated.csv", Step::Denominated),
        ("step_Imputed.csv", Step::Imputed),
        ("step_Screened.csv", Step::Screened),
        ("step_Treated.csv", Step::Treated),
        ("step_Normalised.csv", Step::Normalised),
    ] {
        check(&folder, file, |unit, code| index.step(step).get(unit, code));
    }
    check(&folder, "step_Aggregated.csv", |unit, code| index.scores().get(unit, code));
    let unit_row = |unit: &str| index.scores().units().iter().position(|known| known == unit).unwrap();
    check(&folder, "ranks_all_levels.csv", |unit, code| {
        index.ranks(code).unwrap()[unit_row(unit)].map(f64::from)
    });
}

#[test]
fn treatment_touches_the_indicators_and_the_points_of_the_reference() {
    let Some(folder) = reference() else { return };
    let index = compute(&folder, "");
    for row in &cells(&folder, "treat_details.csv")[1..] {
        let ours = index
            .treatments()
            .iter()
            .find(|(code, _)| *code == row[0])
            .map(|(_, treatment)| treatment.clone());
        assert_eq!(ours, row[4].parse().ok().map(Treatment::Winsorised), "{}", row[0]);
    }
}

#[test]
fn every_normalisation_and_mean_equals_the_reference() {
    let Some(folder) = reference() else { return };
    for (file, normalise) in [
        ("norm_minmax_0_100.csv", "{ min-max = {} }"),
        ("norm_minmax_1_100.csv", "{ min-max = { lower = 1 } }"),
        ("norm_zscore_0_1.csv", "{ z-score = {} }"),
        ("norm_rank.csv", "\"rank\""),
        ("norm_borda.csv", "\"borda\""),
    ] {
        let index = compute(&folder, &format!("normalise = {normalise}"));
        check(&folder, file, |unit, code| index.step(Step::Normalised).get(unit, code));
    }
    for (file, aggregate) in [("amean", "arithmetic"), ("gmean", "geometric"), ("hmean", "harmonic")] {
        let index = compute(
            &folder,
            &format!("normalise = {{ min-max = {{ lower = 1 }} }}\naggregate = \"{aggregate}\""),
        );
        check(&folder, &format!("agg_minmax1_100_{file}.csv"), |unit, code| index.scores().get(unit, code));
    }
}

#[test]
fn weights_equal_the_reference() {
    let Some(folder) = reference() else { return };
    let effective = cells(&folder, "effective_weights.csv");
    let framework = framework(&folder, "");
    for (code, share) in framework.effective_weights() {
        let row = effective.iter().find(|row| row[0] == code).unwrap();
        assert!((share - row[3].parse::<f64>().unwrap()).abs() < 1e-14, "{code}");
    }
    let index = compute(&folder, "");
    let reference = cells(&folder, "pca_weights.csv");
    for group in ["Conn", "Sust"] {
        let loadings = index.pca_loadings(group).unwrap();
        let theirs: Vec<f64> = loadings
            .iter()
            .map(|(code, _)| reference.iter().find(|row| row[0] == *code).unwrap()[2].parse().unwrap())
            .collect();
        // The sign of an eigenvector is a matter of convention.
        let sign = theirs.iter().sum::<f64>().signum();
        for ((code, ours), theirs) in loadings.iter().zip(&theirs) {
            assert!((ours - sign * theirs).abs() < 1e-12, "{group} {code}: {ours} and {theirs}");
        }
    }
    let lineage = cells(&folder, "lineage.csv");
    assert_eq!(lineage.len() - 1, framework.indicators().count());
}

/// The uncertain factors of the reference: normalisation, one of 100 sets of weights, aggregation.
fn factors(folder: &Path) -> Vec<Factor> {
    let mut sets = vec![BTreeMap::new(); 100];
    for row in &cells(folder, "sa_noisy_weights_100.csv")[1..] {
        let draw: usize = row[0].parse().unwrap();
        sets[draw - 1].insert(row[1].clone(), row[3].parse().unwrap());
    }
    let factor = |name: &str, vary| Factor { name: name.into(), under: None, level: None, vary };
    vec![
        factor(
            "Normalisation",
            Vary::Normalise(vec![
                Normalise::MinMax { lower: 1.0, upper: 100.0 },
                Normalise::ZScore { mean: 10.0, sd: 2.0 },
            ]),
        ),
        factor("Weights", Vary::WeightSets(sets)),
        factor("Aggregation", Vary::Aggregate(vec![Aggregate::Arithmetic, Aggregate::Geometric])),
    ]
}

/// The fourth factor: how many points winsorisation may change.
fn winmax() -> Factor {
    let treat = |winsorise| Treat::Outliers(Outliers { winsorise, ..Outliers::default() });
    Factor {
        name: "Winmax".into(),
        under: None,
        level: None,
        vary: Vary::Treat((1..=5).map(treat).collect()),
    }
}

fn with_model<T>(folder: &Path, factors: &[Factor], question: impl FnOnce(&Model<'_>) -> T) -> T {
    let framework = framework(folder, "");
    let data = Data::from_csv("iData.csv", &read(folder, "iData.csv"), &framework).unwrap();
    question(&Model::new(&framework, &data, factors, &Doubts::default()).unwrap())
}

#[test]
fn the_stored_draws_replay() {
    let Some(folder) = reference() else { return };
    let sample = cells(&folder, "sa_UA_d3_N100_sample.csv");
    let (scores, stored_ranks) =
        (cells(&folder, "sa_UA_d3_N100_scores.csv"), cells(&folder, "sa_UA_d3_N100_ranks.csv"));
    with_model(&folder, &factors(&folder), |model| {
        let units = model.nominal().scores().units();
        for (run, row) in sample.iter().enumerate().skip(1) {
            let choice: Vec<usize> =
                row[4..7].iter().map(|index| index.parse::<usize>().unwrap() - 1).collect();
            let ours: Vec<f64> = model.scores_of(&choice).unwrap().into_iter().map(Option::unwrap).collect();
            for (theirs, their_rank) in scores.iter().zip(&stored_ranks).skip(1) {
                let unit = units.iter().position(|unit| *unit == theirs[0]).unwrap();
                let score: f64 = theirs[run + 1].parse().unwrap();
                assert!((ours[unit] - score).abs() <= 1e-12 * score.abs(), "run {run}, {}", theirs[0]);
                let rank = 1 + ours.iter().filter(|other| **other > ours[unit]).count();
                assert_eq!(rank.to_string(), their_rank[run + 1], "run {run}, {}", theirs[0]);
            }
        }
    });
}

#[test]
fn the_compatible_cut_gives_the_stored_alternatives() {
    let Some(folder) = reference() else { return };
    let sample = cells(&folder, "sa_UA_d3_N100_sample.csv");
    for (column, count) in [(1, 2), (2, 100), (3, 2)] {
        let numbers: Vec<f64> = sample[1..].iter().map(|row| row[column].parse().unwrap()).collect();
        let stored: Vec<usize> =
            sample[1..].iter().map(|row| row[column + 3].parse::<usize>().unwrap() - 1).collect();
        assert_eq!(coinr_alternatives(&numbers, count), stored, "column {column}");
    }
}

#[test]
fn exact_indices_equal_the_stored_enumeration_and_estimates_hold_them() {
    let Some(folder) = reference() else { return };
    let stored = cells(&folder, "sa_exact_enumeration.csv");
    let three = factors(&folder);
    let four: Vec<Factor> = std::iter::once(winmax()).chain(factors(&folder)).collect();
    for (problem, factors) in [("d3", three), ("d4", four)] {
        with_model(&folder, &factors, |model| {
            let exact = model.exact_indices(&Output::RankShift).unwrap();
            let design = Design {
                points: 512,
                seed: 1,
                resamples: 400,
                share: 0.95,
                threads: NonZeroUsize::new(2).unwrap(),
                estimator: Estimator::Centred,
            };
            let estimated = model.estimated_indices(&Output::RankShift, design).unwrap();
            for (number, factor) in model.factor_names().iter().enumerate() {
                let row = stored.iter().find(|row| row[0] == problem && row[3] == *factor).unwrap();
                let theirs: Vec<f64> =
                    [1, 2, 4, 5].iter().map(|&column| row[column].parse().unwrap()).collect();
                let ours = [exact.mean, exact.variance, exact.first[number].value, exact.total[number].value];
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert!((ours - theirs).abs() < 1e-9, "{problem} {factor}: {ours} and {theirs}");
                }
                for (estimate, exact) in
                    [(estimated.first[number], theirs[2]), (estimated.total[number], theirs[3])]
                {
                    let (low, high) = estimate.interval.unwrap();
                    assert!(low <= exact && exact <= high, "{problem} {factor}: {estimate:?} and {exact}");
                }
            }
        });
    }
}

#[test]
fn unscrambled_points_equal_the_stored_sequence() {
    let Some(folder) = reference() else { return };
    let points = surety_index::Sobol::new(8, None).unwrap();
    for (number, row) in (0..).zip(&cells(&folder, "../sobol/sobol_joekuo_unscrambled_64x8.csv")[1..]) {
        let stored: Vec<f64> = row.iter().map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(points.point(number), stored, "point {number}");
    }
}
