//! What uncertain factors mean for scores and ranks.
#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatch is compiled for its instructions"
)]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use pulp::{Simd, WithSimd};

use crate::data::Units;
use crate::draws::{Batch, LANES, Lane, Linear};
use crate::model::Model;
use crate::random::Stream;
use crate::stats::quantile_of;
use crate::{Error, data};

/// So many of the first draws are kept whole, for quantiles of scores and comparisons of pairs; ranks, means
/// and deviations count every draw.
const KEPT_MAX: u64 = 1 << 14;

/// How many draws are made, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The number of draws.
    pub draws: u64,
    /// The seed: the same seed gives the same draws, whatever the number of threads.
    pub seed: u64,
    /// The number of threads.
    pub threads: NonZeroUsize,
}

/// The distribution of scores and ranks over the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    units: Units,
    nominal: Vec<f64>,
    draws: u64,
    /// For each unit, how often it had each rank.
    counts: Vec<u64>,
    /// The sum and the sum of squares of score − centre, unit by unit.
    sums: Vec<f64>,
    squares: Vec<f64>,
    /// Scores of the first draws, draw by draw.
    kept: Vec<f64>,
}

impl Model<'_> {
    /// Draws every factor at once, again and again. `progress` is told the number of draws done, from any thread.
    pub fn uncertainty(&self, run: Run, progress: impl Fn(u64) + Sync) -> Result<Uncertainty, Error> {
        if run.draws == 0 {
            return Err(Error::question("0 draws say nothing: ask for at least 1"));
        }
        let linear = Linear::new(self);
        let size = block_size(run.draws);
        let done = AtomicU64::new(0);
        let blocks = in_parallel(run.threads, run.draws.div_ceil(size), |block| {
            let first = block * size;
            let draws = size.min(run.draws - first);
            let mut tally = Tally::new(self.nominal.top());
            match &linear {
                Some(linear) => {
                    let (model, seed, tally) = (self, run.seed, &mut tally);
                    pulp::Arch::new().dispatch(LinearBlock { model, linear, seed, first, draws, tally });
                }
                None => self.block(run.seed, first, draws, &mut tally)?,
            }
            progress(done.fetch_add(draws, Ordering::Relaxed) + draws);
            Ok(tally)
        });
        let mut whole = Tally::new(self.nominal.top());
        for block in blocks {
            whole.add(block?);
        }
        Ok(Uncertainty {
            units: self.nominal.scores().listed().clone(),
            nominal: self.nominal.top().to_vec(),
            draws: run.draws,
            counts: whole.counts,
            sums: whole.sums.iter().map(|lane| lane.iter().sum()).collect(),
            squares: whole.squares.iter().map(|lane| lane.iter().sum()).collect(),
            kept: whole.kept,
        })
    }

    /// Any model: each draw is a point, each point a whole evaluation.
    fn block(&self, seed: u64, first: u64, draws: u64, tally: &mut Tally) -> Result<(), Error> {
        let mut batch = Batch::new(tally.units);
        for start in (first..first + draws).step_by(LANES) {
            let lanes = lanes_of(start, first + draws);
            for (lane, draw) in (start..first + draws).take(LANES).enumerate() {
                for (score, all) in
                    self.evaluate(seed, &self.point(seed, draw))?.iter().zip(&mut batch.scores)
                {
                    all[lane] = *score;
                }
            }
            pulp::Arch::new().dispatch(Counted { batch: &mut batch, tally, start, lanes });
        }
        Ok(())
    }

    /// The point of one draw.
    fn point(&self, seed: u64, draw: u64) -> Vec<f64> {
        let mut stream = Stream::new(seed, draw);
        self.factors.iter().map(|_| stream.uniform()).collect()
    }
}

/// A block of draws of a model that the fast path can take.
struct LinearBlock<'a> {
    model: &'a Model<'a>,
    linear: &'a Linear,
    seed: u64,
    first: u64,
    draws: u64,
    tally: &'a mut Tally,
}

impl WithSimd for LinearBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let end = self.first + self.draws;
        let mut batch = Batch::new(self.tally.units);
        let mut weights = self.linear.weights(self.model);
        let mut points = vec![[0.0; LANES]; self.model.factors.len()];
        for start in (self.first..end).step_by(LANES) {
            let mut streams: [Stream; LANES] =
                std::array::from_fn(|lane| Stream::new(self.seed, start + lane as u64));
            for point in &mut points {
                *point = streams.each_mut().map(Stream::uniform);
            }
            self.linear.score(self.model, self.seed, &points, &mut weights, &mut batch);
            batch.rank_within(simd, self.linear.span);
            self.tally.count(&batch, start, lanes_of(start, end));
        }
    }
}

/// One batch of scores, from wherever they come.
struct Counted<'a> {
    batch: &'a mut Batch,
    tally: &'a mut Tally,
    start: u64,
    lanes: usize,
}

impl WithSimd for Counted<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.batch.rank();
        self.tally.count(self.batch, self.start, self.lanes);
    }
}

fn lanes_of(start: u64, end: u64) -> usize {
    usize::try_from(end - start).map_or(LANES, |left| left.min(LANES))
}

/// Draws are split into blocks whose size depends on their number alone, so that sums, which are made block
/// by block in order, do not depend on threads.
fn block_size(draws: u64) -> u64 {
    const BLOCKS_MAX: u64 = 64;
    const SIZE_MIN: u64 = 512;
    draws.div_ceil(BLOCKS_MAX).max(SIZE_MIN).next_multiple_of(LANES as u64)
}

/// Does pieces of work, each thread every n-th, and gives the results in order.
pub(crate) fn in_parallel<T: Send>(
    threads: NonZeroUsize,
    pieces: u64,
    work: impl Fn(u64) -> T + Sync,
) -> Vec<T> {
    let threads = usize::try_from(pieces).map_or(threads.get(), |pieces| threads.get().min(pieces)).max(1);
    let mut results: Vec<(u64, T)> = std::thread::scope(|scope| {
        let work = &work;
        let share = |thread: u64| {
            move || (thread..pieces).step_by(threads).map(|piece| (piece, work(piece))).collect::<Vec<_>>()
        };
        let others: Vec<_> = (1..).take(threads - 1).map(|thread| scope.spawn(share(thread))).collect();
        let mut results = share(0)();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(piece, _)| *piece);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What is counted while draws are made.
struct Tally {
    units: usize,
    centres: Vec<f64>,
    counts: Vec<u64>,
    sums: Vec<Lane>,
    squares: Vec<Lane>,
    kept: Vec<f64>,
}

impl Tally {
    fn new(nominal: &[f64]) -> Self {
        let units = nominal.len();
        let centres = nominal.iter().map(|score| if score.is_nan() { 0.0 } else { *score }).collect();
        let (sums, squares) = (vec![[0.0; LANES]; units], vec![[0.0; LANES]; units]);
        Self { units, centres, counts: vec![0; units * units], sums, squares, kept: Vec::new() }
    }

    /// Counts the first `lanes` draws of a batch; a unit without a score is left out of its counts.
    #[inline(always)]
    fn count(&mut self, batch: &Batch, start: u64, lanes: usize) {
        for unit in 0..self.units {
            let (scores, ranks) = (&batch.scores[unit], &batch.ranks[unit]);
            let (sums, squares) = (&mut self.sums[unit], &mut self.squares[unit]);
            let counts = &mut self.counts[unit * self.units..(unit + 1) * self.units];
            let off = scores.map(|score| score - self.centres[unit]);
            if lanes == LANES && !scores.iter().fold(false, |gap, score| gap | score.is_nan()) {
                for lane in 0..LANES {
                    sums[lane] += off[lane];
                    squares[lane] += off[lane] * off[lane];
                }
                for rank in ranks {
                    counts[*rank as usize] += 1;
                }
            } else {
                for lane in (0..lanes).filter(|&lane| !scores[lane].is_nan()) {
                    sums[lane] += off[lane];
                    squares[lane] += off[lane] * off[lane];
                    counts[ranks[lane] as usize] += 1;
                }
            }
        }
        if start < KEPT_MAX {
            for lane in 0..lanes {
                self.kept.extend(batch.scores[..self.units].iter().map(|scores| scores[lane]));
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        for (sums, more) in
            self.sums.iter_mut().zip(other.sums).chain(self.squares.iter_mut().zip(other.squares))
        {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        self.kept.extend(other.kept);
    }
}

impl Uncertainty {
    /// The units, in the order of the data.
    pub fn units(&self) -> &[String] {
        self.units.codes()
    }

    /// The number of draws.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// How often a unit had each rank, as a share of the draws; the first is rank 1. They sum to 1 for a unit
    /// that has a score in every draw.
    pub fn rank_probabilities(&self, unit: &str) -> Result<Vec<f64>, Error> {
        let counts = self.counts(self.row(unit)?);
        Ok(counts.iter().map(|count| *count as f64 / self.draws as f64).collect())
    }

    /// The ranks between which a unit lies with a probability of at least `share`, the same on either side cut
    /// off; `None` for one that never has a score.
    pub fn rank_interval(&self, unit: &str, share: f64) -> Result<Option<(u32, u32)>, Error> {
        let tail = tail(share)?;
        let counts = self.counts(self.row(unit)?);
        Ok(rank_quantile(counts, tail).zip(rank_quantile(counts, 1.0 - tail)))
    }

    /// The median rank.
    pub fn median_rank(&self, unit: &str) -> Result<Option<u32>, Error> {
        Ok(rank_quantile(self.counts(self.row(unit)?), 0.5))
    }

    /// The scores between which a unit lies with a probability of `share`, from the first 16 384 draws.
    pub fn score_interval(&self, unit: &str, share: f64) -> Result<Option<(f64, f64)>, Error> {
        let tail = tail(share)?;
        let row = self.row(unit)?;
        let mut scores: Vec<f64> = self.kept_scores(row).filter(|score| !score.is_nan()).collect();
        Ok(quantile_of(&mut scores, tail).zip(quantile_of(&mut scores, 1.0 - tail)))
    }

    /// The mean score and its standard deviation over all draws; `None` for a unit that never has a score.
    pub fn score_moments(&self, unit: &str) -> Result<Option<(f64, f64)>, Error> {
        let row = self.row(unit)?;
        let scored = self.counts(row).iter().sum::<u64>() as f64;
        if scored == 0.0 {
            return Ok(None);
        }
        let centre = data::present(self.nominal[row]).unwrap_or(0.0);
        let mean = self.sums[row] / scored;
        Ok(Some((centre + mean, (self.squares[row] / scored - mean * mean).max(0.0).sqrt())))
    }

    /// The probability that one unit scores above another, from the first 16 384 draws. What is missing to 1 in
    /// both directions together is the probability that they tie, or that one has no score.
    pub fn above(&self, unit: &str, other: &str) -> Result<f64, Error> {
        let (row, other) = (self.row(unit)?, self.row(other)?);
        let above = self.kept_scores(row).zip(self.kept_scores(other)).filter(|(a, b)| a > b).count();
        Ok(above as f64 / (self.kept.len() / self.units.codes().len()) as f64)
    }

    fn row(&self, unit: &str) -> Result<usize, Error> {
        self.units.find(unit)
    }

    fn counts(&self, row: usize) -> &[u64] {
        &self.counts[row * self.units.codes().len()..(row + 1) * self.units.codes().len()]
    }

    fn kept_scores(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        self.kept.iter().skip(row).step_by(self.units.codes().len()).copied()
    }
}

/// What is cut off on either side of an interval.
fn tail(share: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&share) {
        return Ok((1.0 - share) / 2.0);
    }
    Err(Error::question(format!("an interval of {share}: it holds a share of the draws, from 0 to 1")))
}

/// The least rank up to which a share of the draws lies.
fn rank_quantile(counts: &[u64], share: f64) -> Option<u32> {
    let total: u64 = counts.iter().sum();
    let mut reached = 0;
    let rank = counts.iter().position(|count| {
        reached += count;
        reached > 0 && reached as f64 >= share * total as f64
    })?;
    u32::try_from(rank + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Data, Doubt, Doubts, Framework};
    use proptest::prelude::*;

    const FRAMEWORK: &str = r#"
        [steps]
        normalise = { goalposts = { lower = 0, upper = 10, scale = 100 } }
        [[group]]
        code = "index"
        [[group]]
        code = "law"
        parent = "index"
        [[indicator]]
        code = "a"
        parent = "law"
        [[indicator]]
        code = "b"
        parent = "law"
        [[indicator]]
        code = "c"
        parent = "index"
    "#;

    fn framework(factors: &str) -> Framework {
        Framework::from_toml("f.toml", &format!("{FRAMEWORK}{factors}")).unwrap()
    }

    fn data(units: usize) -> Data {
        let column = |seed| {
            let mut stream = Stream::new(seed, 0);
            (0..units).map(|_| Some(10.0 * stream.uniform())).collect::<Vec<_>>()
        };
        let data = Data::new((0..units).map(|unit| format!("U{unit}"))).unwrap();
        ["a", "b", "c"]
            .into_iter()
            .zip(1..)
            .fold(data, |data, (code, seed)| data.with(code, &column(seed)).unwrap())
    }

    fn run(draws: u64, threads: usize) -> Run {
        Run { draws, seed: 42, threads: NonZeroUsize::new(threads).unwrap() }
    }

    fn uncertainty(framework: &Framework, data: &Data, doubts: &Doubts, run: Run) -> Uncertainty {
        Model::new(framework, data, &framework.plan().factors, doubts)
            .unwrap()
            .uncertainty(run, |_| {})
            .unwrap()
    }

    const WITHIN: &str = "[[factor]]\nname = \"w\"\nvary = { weights-within = 0.5 }\n";
    const DIRICHLET: &str = "[[factor]]\nname = \"w\"\nvary = { weights-dirichlet = 20 }\n";
    const DATA: &str = "[[factor]]\nname = \"d\"\nvary = \"data\"\n";
    const BOTH: &str = "[[factor]]\nname = \"w\"\nlevel = 2\nvary = { weights-within = 0.5 }\n\
        [[factor]]\nname = \"s\"\nvary = { data-of = \"silence\" }\n";
    const CHOICES: &str = "[[factor]]\nname = \"m\"\nvary = { aggregate = [\"arithmetic\", { generalised = 0.5 }] }\n\
        [[factor]]\nname = \"n\"\nvary = { normalise = [{ min-max = {} }, \"rank\"] }\n\
        [[factor]]\nname = \"p\"\nunder = \"a\"\nvary = \"presence\"\n[[factor]]\nname = \"d\"\nvary = \"data\"\n";

    fn doubts() -> Doubts {
        let mut doubts = Doubts::default();
        doubts.insert("U1", "a", Doubt::uniform(2.0, 9.0).unwrap());
        doubts.insert("U2", "c", Doubt::triangular(1.0, 2.0, 9.0).unwrap());
        doubts.insert("U3", "b", Doubt::one_of(&[(0.0, 1.0), (10.0, 3.0)]).unwrap());
        for code in ["a", "b", "c"] {
            doubts.insert_as("silence", "U6", code, Doubt::uniform(0.0, 10.0).unwrap(), true);
        }
        doubts
    }

    #[test]
    fn doubts_that_go_together_do_not_average_out() {
        let (framework, data) = (framework(BOTH), data(7));
        let result = uncertainty(&framework, &data, &doubts(), run(20_000, 2));
        let (low, high) = result.score_interval("U6", 0.9).unwrap().unwrap();
        assert!((low - 5.0).abs() < 0.5 && (high - 95.0).abs() < 0.5, "{low} to {high}");
        let (worst, best) = doubts().ends(&framework, &data).unwrap();
        let score = |data: &Data| framework.compute(data).unwrap().scores().get("U6", "index");
        assert_eq!((score(&worst), score(&best)), (Some(0.0), Some(100.0)));
    }

    #[test]
    fn threads_change_nothing() {
        for factors in [WITHIN, DIRICHLET, CHOICES, DATA, BOTH] {
            let (framework, data) = (framework(factors), data(7));
            let one = uncertainty(&framework, &data, &doubts(), run(2_001, 1));
            assert_eq!(one, uncertainty(&framework, &data, &doubts(), run(2_001, 3)), "{factors}");
        }
    }

    #[test]
    fn the_fast_path_and_the_general_one_agree() {
        for factors in [WITHIN, DIRICHLET, DATA, BOTH] {
            let (framework, mut data) = (framework(factors), data(9));
            data.set("U4", "a", None).unwrap();
            data.set("U5", "a", None).unwrap();
            data.set("U5", "b", None).unwrap();
            data.set("U3", "b", None).unwrap();
            let doubts = doubts();
            let model = Model::new(&framework, &data, &framework.plan().factors, &doubts).unwrap();
            let fast = model.uncertainty(run(600, 1), |_| {}).unwrap();
            let mut general = Tally::new(model.nominal.top());
            model.block(42, 0, 512, &mut general).unwrap();
            model.block(42, 512, 88, &mut general).unwrap();
            assert_eq!(fast.counts, general.counts);
            for (a, b) in fast.kept.iter().zip(&general.kept) {
                assert!((a - b).abs() < 1e-12 * b.abs());
            }
        }
    }

    #[test]
    fn probabilities_sum_to_one_and_intervals_hold_the_median() {
        let (framework, data) = (framework(CHOICES), data(7));
        let uncertainty = uncertainty(&framework, &data, &doubts(), run(3_000, 2));
        for unit in uncertainty.units() {
            let sum: f64 = uncertainty.rank_probabilities(unit).unwrap().iter().sum();
            assert!((sum - 1.0).abs() < 1e-12);
            let (best, worst) = uncertainty.rank_interval(unit, 0.9).unwrap().unwrap();
            let median = uncertainty.median_rank(unit).unwrap().unwrap();
            assert!(best <= median && median <= worst);
            for other in uncertainty.units().iter().filter(|other| *other != unit) {
                let both = uncertainty.above(unit, other).unwrap() + uncertainty.above(other, unit).unwrap();
                assert!(both <= 1.0 + 1e-12);
            }
        }
    }

    #[test]
    fn a_doubt_about_one_figure_moves_the_scores_it_should() {
        let (framework, data) = (framework(DATA), data(7));
        let result = uncertainty(&framework, &data, &doubts(), run(8_000, 2));
        let rest = (data.get("U1", "b").unwrap() / 4.0 + data.get("U1", "c").unwrap() / 2.0) * 10.0;
        let (mean, sd) = result.score_moments("U1").unwrap().unwrap();
        assert!((mean - rest - 5.5 / 4.0 * 10.0).abs() < 0.15, "{mean}");
        assert!((sd - 7.0 / 12f64.sqrt() / 4.0 * 10.0).abs() < 0.1, "{sd}");
        let (low, high) = result.score_interval("U1", 1.0).unwrap().unwrap();
        assert!(low >= rest + 5.0 - 1e-9 && high <= rest + 22.5 + 1e-9);
        assert_eq!(result.score_interval("U0", 0.9).unwrap().map(|(low, high)| high - low), Some(0.0));
    }

    #[test]
    fn dirichlet_weights_have_the_mean_of_the_framework() {
        let framework = framework(
            "[[factor]]\nname = \"w\"\nlevel = 2\nvary = { weights-dirichlet = 30 }\n\
            [[factor]]\nname = \"v\"\nlevel = 1\nunder = \"c\"\nvary = { weights-dirichlet = 30 }\n",
        );
        let data = data(3);
        let result = uncertainty(&framework, &data, &Doubts::default(), run(20_000, 2));
        for (row, unit) in result.units().iter().enumerate() {
            let (mean, _) = result.score_moments(unit).unwrap().unwrap();
            assert!((mean - result.nominal[row]).abs() < 0.3, "{mean} {}", result.nominal[row]);
        }
    }

    #[test]
    fn a_factor_that_cannot_be_is_refused() {
        let data = data(3);
        for (factor, what) in [
            ("level = 9\nvary = { weights-within = 0.1 }", "applies to nothing"),
            ("under = \"lwa\"\nvary = { weights-within = 0.1 }", "`lwa` is no indicator"),
            ("vary = { weight-sets = [{ z = 1 }] }", "`z` is no indicator"),
        ] {
            let framework = framework(&format!("[[factor]]\nname = \"w\"\n{factor}\n"));
            let error =
                Model::new(&framework, &data, &framework.plan().factors, &Doubts::default()).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
        let geometric = "[[factor]]\nname = \"n\"\nvary = { normalise = [\"rank\", \"fraction-of-maximum\", { min-max = {} }] }\n";
        let framework = framework(geometric);
        let flat = Data::new(["A", "B"]).unwrap();
        let flat =
            ["a", "b", "c"].iter().fold(flat, |data, code| data.with(code, &[Some(1.0), Some(1.0)]).unwrap());
        let error = Model::new(&framework, &flat, &framework.plan().factors, &Doubts::default()).unwrap_err();
        assert!(error.to_string().contains("same figure"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn renaming_units_renames_their_ranks(turn in 1usize..5) {
            let (framework, data) = (framework(WITHIN), data(5));
            let mut turned = Data::new((0..5).map(|unit| format!("U{}", (unit + turn) % 5))).unwrap();
            for code in ["a", "b", "c"] {
                let column: Vec<_> = turned.units().iter().map(|unit| data.get(unit, code)).collect();
                turned = turned.with(code, &column).unwrap();
            }
            let a = uncertainty(&framework, &data, &Doubts::default(), run(500, 1));
            let b = uncertainty(&framework, &turned, &Doubts::default(), run(500, 1));
            for unit in a.units() {
                prop_assert_eq!(a.rank_probabilities(unit).unwrap(), b.rank_probabilities(unit).unwrap());
            }
        }
    }
}
