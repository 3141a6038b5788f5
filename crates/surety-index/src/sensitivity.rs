//! What drives an output: variance-based sensitivity indices (Sobol 1993).
//!
//! The first-order index of a factor is the share of the output's variance that would vanish on average if the
//! factor were known; the total index the share that would remain if all others were. They differ by
//! interactions.

use std::num::NonZeroUsize;

use crate::data::ranks;
use crate::random::Stream;
use crate::stats::{quantile, sum};
use crate::uncertainty::in_parallel;
use crate::{Error, Model, Sobol};

/// The most combinations that are enumerated.
const COMBINATIONS_MAX: usize = 10_000_000;

/// Sensitivity indices, one of each kind for each factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Indices {
    /// The mean of the output.
    pub mean: f64,
    /// The variance of the output.
    pub variance: f64,
    /// First-order indices.
    pub first: Vec<Estimate>,
    /// Total indices.
    pub total: Vec<Estimate>,
    /// How often the output was computed.
    pub evaluations: usize,
}

/// An index, and the interval in which it lies if it is not exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The index.
    pub value: f64,
    /// The interval; `None` when the index is exact.
    pub interval: Option<(f64, f64)>,
}

/// How indices are estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// The number of base points N; the output is computed N (d + 2) times. A power of two fills the cube best.
    pub points: u32,
    /// The seed.
    pub seed: u64,
    /// How often the points are resampled for intervals.
    pub resamples: u32,
    /// The share of resamples that an interval holds.
    pub share: f64,
    /// The number of threads.
    pub threads: NonZeroUsize,
    /// Which estimator.
    pub estimator: Estimator,
}

/// Which estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimator {
    /// A scrambled Sobol sequence; first order after Saltelli et al. (2010), total after Jansen (1999), on
    /// the output less its mean; the bootstrap resamples points and with them the variance too. Points of
    /// a sequence are more even than independent ones, so the intervals are too wide rather than too narrow.
    #[default]
    Centred,
    /// As `COINr` 1.1 does: independent random points, the output not centred, the variance not resampled,
    /// and the alternatives of a factor cut by the range of the sample instead of by [0, 1]. For comparison with
    /// old results only: where the mean is far from 0 the first-order indices are much noisier.
    Coinr,
}

/// The number that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// The mean over units of the absolute difference between the rank and the nominal rank.
    RankShift,
    /// The score of a unit in the top group.
    Score(String),
    /// The rank of a unit in the top group.
    Rank(String),
}

impl Model<'_> {
    /// Exact indices, by computing every combination of the alternatives of all factors.
    pub fn exact_indices(&self, output: &Output) -> Result<Indices, Error> {
        let alternatives = self.alternatives().ok_or_else(|| {
            Error::question(
                "a factor has no finite number of alternatives, so its indices can only be estimated",
            )
        })?;
        enumerate(&alternatives, |choice| self.output(output, &self.evaluate(0, &self.point_of(choice)?)?))
    }

    /// Estimated indices, for factors of any kind.
    pub fn estimated_indices(&self, output: &Output, design: Design) -> Result<Indices, Error> {
        let sample = match design.estimator {
            Estimator::Centred => Sample::sobol(self.factors.len(), design)?,
            Estimator::Coinr => {
                let mut sample = Sample::random(self.factors.len(), design);
                for (column, scoped) in self.factors.iter().enumerate() {
                    if let Some(count) = scoped.factor.alternatives() {
                        sample.cut(column, count);
                    }
                }
                sample
            }
        };
        sample.indices(design, |point| self.output(output, &self.evaluate(design.seed, point)?))
    }

    /// What is watched, from the scores in the top group.
    fn output(&self, output: &Output, scores: &[f64]) -> Result<f64, Error> {
        let row = |unit: &String| self.nominal.scores().listed().find(unit);
        let top = self.framework.top().code();
        let gap =
            |unit: &String| Error::cell(unit, top, "there is no score under some values of the factors");
        match output {
            Output::RankShift => {
                let pairs = ranks(scores).into_iter().zip(ranks(self.nominal.top()));
                let shifts: Vec<u32> =
                    pairs.filter_map(|(now, nominal)| Some(now?.abs_diff(nominal?))).collect();
                Ok(f64::from(shifts.iter().sum::<u32>()) / shifts.len().max(1) as f64)
            }
            Output::Score(unit) => crate::data::present(scores[row(unit)?]).ok_or_else(|| gap(unit)),
            Output::Rank(unit) => ranks(scores)[row(unit)?].map(f64::from).ok_or_else(|| gap(unit)),
        }
    }
}

/// Exact indices of a function of finite factors, all alternatives of a factor equally likely.
///
/// `S_i = Var(E[y | x_i]) / Var(y)`, `ST_i = 1 − Var(E[y | all but x_i]) / Var(y)`. A function that does not
/// vary has no indices, which is an error.
pub fn enumerate(
    alternatives: &[usize],
    mut output: impl FnMut(&[usize]) -> Result<f64, Error>,
) -> Result<Indices, Error> {
    let combinations = alternatives.iter().try_fold(1_usize, |product, count| product.checked_mul(*count));
    let count = combinations.filter(|count| (1..=COMBINATIONS_MAX).contains(count)).ok_or_else(|| {
        Error::question(format!(
            "the alternatives make no combination, or more than {COMBINATIONS_MAX}: estimate instead"
        ))
    })?;
    let mut outputs = Vec::with_capacity(count);
    for number in 0..count {
        outputs.push(output(&digits(number, alternatives))?);
    }
    let (mean, variance) = moments(&outputs);
    check_variance(mean, variance)?;
    let mut indices = Indices { mean, variance, first: Vec::new(), total: Vec::new(), evaluations: count };
    let mut stride = count;
    for &levels in alternatives {
        stride /= levels;
        let level = |number: usize| number / stride % levels;
        let alone = group_means(&outputs, levels, level);
        let others = group_means(&outputs, count / levels, |number| {
            number / (stride * levels) * stride + number % stride
        });
        indices.first.push(Estimate { value: moments(&alone).1 / variance, interval: None });
        indices.total.push(Estimate { value: 1.0 - moments(&others).1 / variance, interval: None });
    }
    Ok(indices)
}

/// Estimated indices of a function of numbers from 0 to 1, by [`Estimator::Centred`] or on
/// [`Estimator::Coinr`]'s sample.
pub fn estimate(
    dimensions: usize,
    design: Design,
    output: impl Fn(&[f64]) -> Result<f64, Error> + Sync,
) -> Result<Indices, Error> {
    let sample = match design.estimator {
        Estimator::Centred => Sample::sobol(dimensions, design)?,
        Estimator::Coinr => Sample::random(dimensions, design),
    };
    sample.indices(design, output)
}

/// The alternative, from 0, that `COINr` takes for each number of a sample: R's `cut(x, n)`, which divides the range of
/// the sample, and not the interval from 0 to 1, into n parts, each closed on its right.
pub fn coinr_alternatives(sample: &[f64], alternatives: usize) -> Vec<usize> {
    let Some((low, high)) = crate::stats::range(sample) else { return Vec::new() };
    let breaks: Vec<f64> =
        (1..alternatives).map(|part| low + (high - low) * part as f64 / alternatives as f64).collect();
    sample.iter().map(|value| breaks.partition_point(|limit| limit < value)).collect()
}

fn digits(mut number: usize, alternatives: &[usize]) -> Vec<usize> {
    let mut digits = vec![0; alternatives.len()];
    for (digit, count) in digits.iter_mut().zip(alternatives).rev() {
        (number, *digit) = (number / count, number % count);
    }
    digits
}

/// Mean and variance of a whole population.
fn moments(values: &[f64]) -> (f64, f64) {
    let mean = sum(values.iter().copied()) / values.len() as f64;
    (mean, sum(values.iter().map(|value| (value - mean).powi(2))) / values.len() as f64)
}

fn group_means(outputs: &[f64], groups: usize, group: impl Fn(usize) -> usize) -> Vec<f64> {
    let mut sums = vec![0.0; groups];
    for (number, output) in outputs.iter().enumerate() {
        sums[group(number)] += output;
    }
    sums.iter().map(|sum| sum * groups as f64 / outputs.len() as f64).collect()
}

fn check_variance(mean: f64, variance: f64) -> Result<(), Error> {
    if variance > f64::EPSILON * mean * mean {
        return Ok(());
    }
    Err(Error::question("the output is the same whatever the factors are, so none of them drives it"))
}

/// Base points A and B; the others are A with one column from B.
struct Sample {
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
}

/// The outputs at A, at B and at each of the others.
struct Outputs {
    a: Vec<f64>,
    b: Vec<f64>,
    mixed: Vec<Vec<f64>>,
}

impl Sample {
    fn sobol(dimensions: usize, design: Design) -> Result<Self, Error> {
        let points = Sobol::new(2 * dimensions, Some(design.seed))?;
        let halves = (0..design.points).map(|number| {
            let mut point = points.point(number);
            let b = point.split_off(dimensions);
            (point, b)
        });
        let (a, b) = halves.unzip();
        Ok(Self { a, b })
    }

    fn random(dimensions: usize, design: Design) -> Self {
        let halves = (0..design.points).map(|number| {
            let mut stream = Stream::new(design.seed, number.into());
            let mut half = || (0..dimensions).map(|_| stream.uniform()).collect::<Vec<_>>();
            (half(), half())
        });
        let (a, b) = halves.unzip();
        Self { a, b }
    }

    /// Replaces the numbers of one column by the middles of the parts that `COINr` would put them into.
    fn cut(&mut self, column: usize, alternatives: usize) {
        let all: Vec<f64> = self.a.iter().chain(&self.b).map(|point| point[column]).collect();
        let chosen = coinr_alternatives(&all, alternatives);
        for (point, chosen) in self.a.iter_mut().chain(&mut self.b).zip(chosen) {
            point[column] = (chosen as f64 + 0.5) / alternatives as f64;
        }
    }

    fn indices(
        &self,
        design: Design,
        output: impl Fn(&[f64]) -> Result<f64, Error> + Sync,
    ) -> Result<Indices, Error> {
        if design.points < 2 || self.a[0].is_empty() {
            return Err(Error::question("sensitivity needs at least 2 points and 1 factor"));
        }
        let dimensions = self.a[0].len();
        let rows = in_parallel(design.threads, design.points.into(), |row| {
            #[expect(clippy::cast_possible_truncation, reason = "the number of points is 32 bits")]
            let (a, b) = (&self.a[row as usize], &self.b[row as usize]);
            let mixed = (0..dimensions).map(|column| {
                let mut point = a.clone();
                point[column] = b[column];
                output(&point)
            });
            Ok((output(a)?, output(b)?, mixed.collect::<Result<Vec<_>, _>>()?))
        });
        let mut outputs = Outputs { a: Vec::new(), b: Vec::new(), mixed: vec![Vec::new(); dimensions] };
        for row in rows {
            let (a, b, mixed) = row?;
            outputs.a.push(a);
            outputs.b.push(b);
            outputs.mixed.iter_mut().zip(mixed).for_each(|(column, value)| column.push(value));
        }
        outputs.indices(design)
    }
}

impl Outputs {
    fn indices(mut self, design: Design) -> Result<Indices, Error> {
        let count = self.a.len();
        let both: Vec<f64> = self.a.iter().chain(&self.b).copied().collect();
        let (mean, mut variance) = moments(&both);
        check_variance(mean, variance)?;
        match design.estimator {
            Estimator::Centred => {
                for value in self.a.iter_mut().chain(&mut self.b).chain(self.mixed.iter_mut().flatten()) {
                    *value -= mean;
                }
            }
            Estimator::Coinr => variance *= both.len() as f64 / (both.len() - 1) as f64,
        }
        let everything: Vec<usize> = (0..count).collect();
        let mut samples = vec![Vec::new(); 2 * self.mixed.len()];
        let mut stream = Stream::new(design.seed, u64::MAX);
        for _ in 0..design.resamples {
            let rows: Vec<usize> = (0..count).map(|_| stream.below(count)).collect();
            let variance = match design.estimator {
                Estimator::Centred => self.variance(&rows),
                Estimator::Coinr => variance,
            };
            for (samples, value) in samples.iter_mut().zip(self.values(&rows, variance)) {
                samples.push(value);
            }
        }
        let tail = (1.0 - design.share.clamp(0.0, 1.0)) / 2.0;
        let estimates =
            self.values(&everything, variance).into_iter().zip(&mut samples).map(|(value, samples)| {
                samples.sort_unstable_by(f64::total_cmp);
                Estimate { value, interval: quantile(samples, tail).zip(quantile(samples, 1.0 - tail)) }
            });
        let mut first: Vec<Estimate> = estimates.collect();
        let total = first.split_off(self.mixed.len());
        Ok(Indices { mean, variance, first, total, evaluations: count * (self.mixed.len() + 2) })
    }

    fn variance(&self, rows: &[usize]) -> f64 {
        let both: Vec<f64> = rows.iter().flat_map(|&row| [self.a[row], self.b[row]]).collect();
        moments(&both).1
    }

    /// First-order indices, then total ones, from some of the rows.
    fn values(&self, rows: &[usize], variance: f64) -> Vec<f64> {
        let count = rows.len() as f64;
        let first = |mixed: &Vec<f64>| {
            rows.iter().map(|&row| self.b[row] * (mixed[row] - self.a[row])).sum::<f64>() / count / variance
        };
        let total = |mixed: &Vec<f64>| {
            rows.iter().map(|&row| (self.a[row] - mixed[row]).powi(2)).sum::<f64>() / (2.0 * count * variance)
        };
        self.mixed.iter().map(first).chain(self.mixed.iter().map(total)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn design(points: u32, estimator: Estimator) -> Design {
        let threads = NonZeroUsize::new(2).unwrap();
        Design { points, seed: 5, resamples: 300, share: 0.95, threads, estimator }
    }

    /// Ishigami and Homma's function with a = 7, b = 0.1.
    #[expect(clippy::unnecessary_wraps, reason = "what `estimate` asks for")]
    fn ishigami(x: &[f64]) -> Result<f64, Error> {
        let angle = |u: f64| PI * (2.0 * u - 1.0);
        let (x1, x2, x3) = (angle(x[0]), angle(x[1]), angle(x[2]));
        Ok(x1.sin() + 7.0 * x2.sin().powi(2) + 0.1 * x3.powi(4) * x1.sin())
    }

    /// Its exact indices.
    const FIRST: [f64; 3] = [0.313_905_191_147_811_46, 0.442_411_144_790_040_9, 0.0];
    const TOTAL: [f64; 3] = [0.557_588_855_209_959, 0.442_411_144_790_040_9, 0.243_683_664_062_147_7];

    #[test]
    fn the_estimator_finds_the_indices_of_ishigami() {
        let indices = estimate(3, design(4096, Estimator::Centred), ishigami).unwrap();
        for (estimates, exact) in [(&indices.first, FIRST), (&indices.total, TOTAL)] {
            for (estimate, exact) in estimates.iter().zip(exact) {
                assert!((estimate.value - exact).abs() < 0.01, "{estimate:?} {exact}");
                let (low, high) = estimate.interval.unwrap();
                assert!(low <= exact && exact <= high, "{estimate:?} {exact}");
            }
        }
        assert_eq!(indices.evaluations, 4096 * 5);
    }

    #[test]
    fn enumeration_of_a_fine_grid_comes_to_the_exact_indices() {
        const LEVELS: usize = 40;
        let middle = |chosen: usize| (chosen as f64 + 0.5) / LEVELS as f64;
        let grid = [LEVELS; 3];
        let indices =
            enumerate(&grid, |choice| ishigami(&[middle(choice[0]), middle(choice[1]), middle(choice[2])]))
                .unwrap();
        for (estimates, exact) in [(&indices.first, FIRST), (&indices.total, TOTAL)] {
            for (estimate, exact) in estimates.iter().zip(exact) {
                assert!((estimate.value - exact).abs() < 0.002, "{estimate:?} {exact}");
            }
        }
    }

    #[test]
    fn indices_of_a_sum_are_the_shares_of_its_variance() {
        let indices = enumerate(&[2, 3], |choice| Ok(choice[0] as f64 + 3.0 * choice[1] as f64)).unwrap();
        let (a, b) = (0.25, 9.0 * 2.0 / 3.0);
        for (estimate, variance) in indices.first.iter().chain(&indices.total).zip([a, b, a, b]) {
            assert!((estimate.value - variance / (a + b)).abs() < 1e-14);
        }
        assert!((indices.variance - a - b).abs() < 1e-14);
    }

    #[test]
    fn what_does_not_vary_has_no_drivers_and_too_much_is_refused() {
        assert!(enumerate(&[2, 2], |_| Ok(3.0)).unwrap_err().to_string().contains("none of them drives it"));
        assert!(
            enumerate(&[10_000, 10_000], |_| Ok(3.0)).unwrap_err().to_string().contains("estimate instead")
        );
        assert!(estimate(3, design(64, Estimator::Centred), |_| Ok(1.0)).is_err());
    }

    #[test]
    fn a_shift_of_the_output_disturbs_only_the_uncentred_estimator() {
        let error = |estimator, shift: f64| {
            let indices = estimate(3, design(1024, estimator), |x| Ok(ishigami(x)? + shift)).unwrap();
            (indices.first[1].value - FIRST[1]).abs()
        };
        assert!((error(Estimator::Centred, 0.0) - error(Estimator::Centred, 1000.0)).abs() < 1e-6);
        assert!(error(Estimator::Coinr, 1000.0) > 10.0 * error(Estimator::Centred, 1000.0));
    }

    #[test]
    fn the_compatible_cut_divides_the_range_of_the_sample() {
        assert_eq!(coinr_alternatives(&[0.3, 0.4, 0.6, 0.7], 2), [0, 0, 1, 1]);
        assert_eq!(coinr_alternatives(&[0.1, 0.2, 0.3], 2), [0, 0, 1]);
        assert_eq!(coinr_alternatives(&[], 2), [0; 0]);
    }
}
