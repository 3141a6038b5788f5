//! The steps that prepare indicators: filling gaps, screening units, treating outliers, normalising.
//!
//! The definitions are those of the OECD and JRC *Handbook on Constructing Composite Indicators*
//! (2008) and of `COINr` (Becker et al. 2022, doi:10.21105/joss.04567), which the tests compare with.

use serde::Deserialize;

use crate::stats::{figures, mean, median, range, sample_sd, skew_kurtosis};

/// How the gaps of an indicator are filled before anything else is done with it.
///
/// An indicator without any figure, or a group of units without any figure of an indicator, cannot be
/// imputed and is an error.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impute {
    /// Gaps stay gaps; aggregation then shares their weight among what is there.
    #[default]
    None,
    /// The mean of the indicator.
    Mean,
    /// The median of the indicator.
    Median,
    /// The mean of the indicator over the units with the same label in this column of the data.
    GroupMean(String),
    /// The median of the indicator over the units with the same label in this column of the data.
    GroupMedian(String),
    /// A fixed figure, such as 0 for what nobody reports.
    Value(f64),
}

impl Impute {
    /// The column of labels that this needs.
    pub(crate) fn grouping(&self) -> Option<&str> {
        match self {
            Self::GroupMean(column) | Self::GroupMedian(column) => Some(column),
            _ => None,
        }
    }

    /// Fills the gaps of one column. `labels` are those of [`grouping`](Self::grouping).
    pub(crate) fn fill(&self, column: &mut [f64], labels: &[String]) -> Result<(), String> {
        let whole: Option<f64> = match self {
            Self::None => return Ok(()),
            Self::Mean => mean(column),
            Self::Median => median(column),
            Self::Value(value) => Some(*value),
            Self::GroupMean(_) => return fill_by_group(column, labels, mean),
            Self::GroupMedian(_) => return fill_by_group(column, labels, median),
        };
        let whole = whole.ok_or("no unit has a figure, so gaps cannot be filled: leave the indicator out")?;
        column.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = whole);
        Ok(())
    }
}

fn fill_by_group(
    column: &mut [f64],
    labels: &[String],
    centre: fn(&[f64]) -> Option<f64>,
) -> Result<(), String> {
    let before = column.to_vec();
    for (row, label) in labels.iter().enumerate().filter(|&(row, _)| before[row].is_nan()) {
        let peers: Vec<f64> =
            before.iter().zip(labels).filter(|(_, other)| *other == label).map(|(value, _)| *value).collect();
        column[row] = centre(&peers).ok_or_else(|| {
            format!("no unit labelled `{label}` has a figure, so the gap cannot be filled: group more widely or use `mean`")
        })?;
    }
    Ok(())
}

/// Which units have enough data to be scored.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Screen {
    /// The least share of indicators, 0 to 1, for which a unit must have a figure.
    pub min_present: f64,
    /// Count after imputation, when few gaps are left, instead of in the data as given.
    #[serde(default)]
    pub after_imputing: bool,
}

/// How an indicator whose figures bunch together is treated before it is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treat {
    /// The figures as they are.
    #[default]
    None,
    /// The natural logarithm of every figure; a figure of 0 or less is an error.
    Log,
    /// Outliers are pulled in, and only where there are any.
    Outliers(Outliers),
}

/// A column is fine when |skewness| < `skew` or excess kurtosis < `kurtosis` (bias-corrected sample
/// values); one with fewer than four figures, or without spread, is always fine.
///
/// If it is not fine, the most extreme figure on the side of the skew takes the value of the next one
/// (winsorisation), one value at a time, with all that tie on it, until the column is fine or `winsorise` points
/// have been changed. If that does not help and `log` is set, the untreated figures become
/// `ln(x − min + 0.01 (max − min))` instead. This is `COINr`'s `qTreat` with `log_CT`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outliers {
    /// The most points that winsorisation may change.
    pub winsorise: usize,
    /// The limit of absolute skewness.
    pub skew: f64,
    /// The limit of excess kurtosis.
    pub kurtosis: f64,
    /// Whether to take logarithms of what winsorisation cannot mend.
    pub log: bool,
}

impl Default for Outliers {
    fn default() -> Self {
        Self { winsorise: 5, skew: 2.0, kurtosis: 3.5, log: true }
    }
}

/// What treatment did to an indicator.
#[derive(Debug, Clone, PartialEq)]
pub enum Treatment {
    /// So many points were winsorised.
    Winsorised(usize),
    /// Every figure became a logarithm.
    Logged,
    /// Winsorisation changed so many points and did not suffice; nothing further was allowed.
    StillSkewed(usize),
}

impl Treat {
    /// Treats one column; `Ok(None)` when nothing was changed.
    pub(crate) fn apply(self, column: &mut [f64]) -> Result<Option<Treatment>, String> {
        match self {
            Self::None => Ok(None),
            Self::Log => {
                if let Some(value) = figures(column).find(|value| *value <= 0.0) {
                    return Err(format!("{value} has no logarithm: choose another treatment"));
                }
                for value in column.iter_mut() {
                    *value = value.ln();
                }
                Ok(Some(Treatment::Logged))
            }
            Self::Outliers(limits) => Ok(limits.apply(column)),
        }
    }
}

impl Outliers {
    fn apply(self, column: &mut [f64]) -> Option<Treatment> {
        let untreated = column.to_vec();
        let mut changed = 0;
        while let Some(skew) = self.excess(column) {
            if changed >= self.winsorise {
                return Some(self.after_winsorising(column, &untreated, changed));
            }
            changed = pull_in(column, &untreated, skew > 0.0);
        }
        (changed > 0).then_some(Treatment::Winsorised(changed))
    }

    /// The skewness of a column that is not fine.
    fn excess(self, column: &[f64]) -> Option<f64> {
        let (skew, kurtosis) = skew_kurtosis(column)?;
        (skew.abs() >= self.skew && kurtosis >= self.kurtosis).then_some(skew)
    }

    fn after_winsorising(self, column: &mut [f64], untreated: &[f64], changed: usize) -> Treatment {
        let (true, Some((low, high))) = (self.log, range(untreated)) else {
            return Treatment::StillSkewed(changed);
        };
        let shift = 0.01 * (high - low);
        for (value, before) in column.iter_mut().zip(untreated) {
            *value = (before - low + shift).ln();
        }
        Treatment::Logged
    }
}

/// Gives the extreme figures the value of the next one; returns how many points now differ from the
/// untreated ones.
fn pull_in(column: &mut [f64], untreated: &[f64], high: bool) -> usize {
    let sign = if high { 1.0 } else { -1.0 };
    let top = figures(column).map(|value| sign * value).fold(f64::NEG_INFINITY, f64::max);
    let next = figures(column)
        .map(|value| sign * value)
        .filter(|value| *value < top)
        .fold(f64::NEG_INFINITY, f64::max);
    for value in column.iter_mut().filter(|value| sign * **value >= top) {
        *value = sign * next;
    }
    column.iter().zip(untreated).filter(|(value, before)| (*value - *before).abs() > 0.0).count()
}

/// How the figures of an indicator are brought to a common scale.
///
/// An indicator of which less is better is first multiplied by −1; limits and targets are given in its own
/// units and turned with it. A gap stays a gap. A column without any figure is an error wherever the scale is
/// fitted to it (all but goalposts and none). So is a column without spread wherever the formula divides by spread.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Normalise {
    /// The figures as they are, after direction.
    None,
    /// `lower + (upper − lower) (x − min) / (max − min)`. Needs spread.
    MinMax {
        /// The score of the worst unit.
        #[serde(default)]
        lower: f64,
        /// The score of the best unit.
        #[serde(default = "hundred")]
        upper: f64,
    },
    /// `mean + sd (x − x̄) / s`, s the standard deviation of a sample. Needs spread.
    ZScore {
        /// The mean of the scores.
        #[serde(default)]
        mean: f64,
        /// The standard deviation of the scores.
        #[serde(default = "one")]
        sd: f64,
    },
    /// `1 + |{ j : x_j < x_i }|`: the worst unit has 1; units that tie share the lowest place.
    Rank,
    /// `(rank − 1) / (n − 1)`. Needs two units with figures.
    PercentileRank,
    /// `rank − 1`: the number of units that do worse.
    Borda,
    /// `1 − (max − x) / (max − min)`. Needs spread.
    DistanceToMaximum,
    /// `1 − (ref − x) / (ref − min)`, ref the figure of one unit. That unit must have a figure and not be the worst.
    DistanceToReference {
        /// The unit.
        unit: String,
        /// Whether units beyond the reference score 1 and no more.
        #[serde(default)]
        cap: bool,
    },
    /// `1 − (target − x) / (target − min)`. The target must be better than the worst unit.
    DistanceToTarget {
        /// The target.
        target: f64,
        /// Whether units beyond the target score 1 and no more.
        #[serde(default)]
        cap: bool,
    },
    /// `x / max`. Needs a positive maximum, so it does not suit an indicator of which less is better.
    FractionOfMaximum,
    /// `scale (x − lower) / (upper − lower)` with fixed goalposts; the one scale that does not move
    /// when other units do.
    Goalposts {
        /// The figure that scores 0 (where less is better, the figure that scores `scale`).
        lower: f64,
        /// The figure that scores `scale` (where less is better, 0).
        upper: f64,
        /// The highest score.
        #[serde(default = "one")]
        scale: f64,
        /// Whether figures beyond a goalpost count as the goalpost.
        #[serde(default = "yes")]
        cap: bool,
    },
}

fn hundred() -> f64 {
    100.0
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl Default for Normalise {
    fn default() -> Self {
        Self::MinMax { lower: 0.0, upper: 100.0 }
    }
}

impl Normalise {
    /// Whether the parameters make sense.
    pub(crate) fn check(&self) -> Result<(), String> {
        match *self {
            Self::MinMax { lower, upper } if lower >= upper || !(upper - lower).is_finite() => {
                Err(format!("min-max from {lower} to {upper}: the upper end must lie above the lower one"))
            }
            Self::ZScore { mean, sd } if sd <= 0.0 || !sd.is_finite() || !mean.is_finite() => {
                Err(format!("z-score with mean {mean} and sd {sd}: the standard deviation must be above 0"))
            }
            Self::Goalposts { lower, upper, scale, .. }
                if lower >= upper || !(upper - lower).is_finite() || scale <= 0.0 || !scale.is_finite() =>
            {
                Err(format!(
                    "goalposts {lower} and {upper}, scale {scale}: the upper post must lie above the lower, the scale above 0"
                ))
            }
            Self::DistanceToTarget { target, .. } if !target.is_finite() => {
                Err("the target must be a number".into())
            }
            _ => Ok(()),
        }
    }

    /// Whether a figure's score depends on that figure alone, and not on other units.
    pub(crate) fn is_pointwise(&self) -> bool {
        matches!(self, Self::None | Self::Goalposts { .. })
    }

    /// Fits the scale to a column. `row` finds the row of a unit.
    pub(crate) fn fit(
        &self,
        column: &[f64],
        lower_is_better: bool,
        row: impl Fn(&str) -> Option<usize>,
    ) -> Result<Scale, String> {
        let sign = if lower_is_better { -1.0 } else { 1.0 };
        let empty = "no unit has a figure: leave the indicator out";
        // A scale that does not look at the column needs none.
        let (min, max) = match range(column).or(self.is_pointwise().then_some((0.0, 0.0))).ok_or(empty)? {
            (low, high) if lower_is_better => (-high, -low),
            ends => ends,
        };
        let spread = || {
            if max > min {
                Ok(max - min)
            } else {
                Err(
                    "every unit has the same figure, so this scale does not exist: use goalposts or leave the indicator out",
                )
            }
        };
        let linear = |from, span, range, to, floor, cap| Line { sign, from, span, range, to, floor, cap };
        let (lowest, highest) = (f64::NEG_INFINITY, f64::INFINITY);
        let towards = |target: f64, cap: bool| {
            if target > min {
                Ok(Scale::Line(linear(min, target - min, 1.0, 0.0, lowest, if cap { 1.0 } else { highest })))
            } else {
                Err(
                    "the reference is no better than the worst unit, so there is no distance to measure: choose a better one",
                )
            }
        };
        Ok(match self {
            Self::None => Scale::Line(linear(0.0, 1.0, 1.0, 0.0, lowest, highest)),
            Self::MinMax { lower, upper } => {
                Scale::Line(linear(min, spread()?, upper - lower, *lower, lowest, highest))
            }
            Self::ZScore { mean: centre, sd } => {
                spread()?;
                let (from, span) = mean(column).zip(sample_sd(column)).ok_or(empty)?;
                Scale::Line(linear(sign * from, span, *sd, *centre, lowest, highest))
            }
            Self::DistanceToMaximum => Scale::Line(linear(min, spread()?, 1.0, 0.0, lowest, highest)),
            Self::DistanceToReference { unit, cap } => {
                let row =
                    row(unit).ok_or_else(|| format!("the reference `{unit}` is no unit that is scored"))?;
                if column[row].is_nan() {
                    return Err(format!("the reference `{unit}` has no figure here: choose another"));
                }
                towards(sign * column[row], *cap)?
            }
            Self::DistanceToTarget { target, cap } => towards(sign * target, *cap)?,
            Self::FractionOfMaximum if max <= 0.0 => {
                return Err("the highest figure, after direction, is not above 0, so a fraction of it means nothing: use min-max".into());
            }
            Self::FractionOfMaximum => Scale::Line(linear(0.0, max, 1.0, 0.0, lowest, highest)),
            Self::Goalposts { lower, upper, scale, cap } => {
                let from = if lower_is_better { -upper } else { *lower };
                let (floor, cap) = if *cap { (0.0, 1.0) } else { (lowest, highest) };
                Scale::Line(linear(from, upper - lower, *scale, 0.0, floor, cap))
            }
            Self::Rank | Self::Borda | Self::PercentileRank => {
                let mut sorted: Vec<f64> = figures(column).map(|value| sign * value).collect();
                sorted.sort_unstable_by(f64::total_cmp);
                let (first, step) = match self {
                    Self::Rank => (1.0, 1.0),
                    Self::PercentileRank if sorted.len() < 2 => {
                        return Err(
                            "only one unit has a figure, so there is no percentile: leave the indicator out"
                                .into(),
                        );
                    }
                    Self::PercentileRank => (0.0, (sorted.len() - 1) as f64),
                    _ => (0.0, 1.0),
                };
                Scale::Ranks { sign, sorted, first, step }
            }
        })
    }
}

/// A normalisation fitted to a column: it can score any figure, also one that is not in the column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scale {
    /// A line.
    Line(Line),
    /// A place among the sorted figures: `first + below / step`.
    Ranks { sign: f64, sorted: Vec<f64>, first: f64, step: f64 },
}

/// `to + range · clamp((sign · x − from) / span, floor, cap)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    sign: f64,
    from: f64,
    span: f64,
    range: f64,
    to: f64,
    floor: f64,
    cap: f64,
}

impl Scale {
    /// The least and the greatest score there can be, where the scale is a line; between them it is straight.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        match self {
            Self::Line(line) => Some((line.floor * line.range + line.to, line.cap * line.range + line.to)),
            Self::Ranks { .. } => None,
        }
    }

    /// The line of [`ends`](Self::ends), without the ends.
    pub(crate) fn unbounded(&self, value: f64) -> f64 {
        match self {
            Self::Line(line) => Line { floor: f64::NEG_INFINITY, cap: f64::INFINITY, ..*line }.score(value),
            Self::Ranks { .. } => self.score(value),
        }
    }

    /// The score of one figure; a gap stays a gap.
    pub(crate) fn score(&self, value: f64) -> f64 {
        match self {
            Self::Line(line) => line.score(value),
            Self::Ranks { .. } if value.is_nan() => f64::NAN,
            Self::Ranks { sign, sorted, first, step } => {
                first + sorted.partition_point(|other| *other < sign * value) as f64 / step
            }
        }
    }
}

impl Line {
    fn score(self, value: f64) -> f64 {
        ((self.sign * value - self.from) / self.span).clamp(self.floor, self.cap) * self.range + self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(normalise: &Normalise, column: &[f64], lower_is_better: bool) -> Result<Vec<f64>, String> {
        let scale = normalise.fit(column, lower_is_better, |unit| unit.parse().ok())?;
        Ok(column.iter().map(|value| scale.score(*value)).collect())
    }

    #[test]
    fn each_normalisation_is_its_formula() {
        let column = [2.0, 4.0, 4.0, 10.0];
        let goalposts = Normalise::Goalposts { lower: 3.0, upper: 7.0, scale: 100.0, cap: true };
        let reference = |cap| Normalise::DistanceToReference { unit: "1".into(), cap };
        for (normalise, up, down) in [
            (Normalise::None, vec![2.0, 4.0, 4.0, 10.0], vec![-2.0, -4.0, -4.0, -10.0]),
            (Normalise::default(), vec![0.0, 25.0, 25.0, 100.0], vec![100.0, 75.0, 75.0, 0.0]),
            (Normalise::Rank, vec![1.0, 2.0, 2.0, 4.0], vec![4.0, 2.0, 2.0, 1.0]),
            (Normalise::Borda, vec![0.0, 1.0, 1.0, 3.0], vec![3.0, 1.0, 1.0, 0.0]),
            (
                Normalise::PercentileRank,
                vec![0.0, 1.0 / 3.0, 1.0 / 3.0, 1.0],
                vec![1.0, 1.0 / 3.0, 1.0 / 3.0, 0.0],
            ),
            (Normalise::DistanceToMaximum, vec![0.0, 0.25, 0.25, 1.0], vec![1.0, 0.75, 0.75, 0.0]),
            (reference(false), vec![0.0, 1.0, 1.0, 4.0], vec![4.0 / 3.0, 1.0, 1.0, 0.0]),
            (reference(true), vec![0.0, 1.0, 1.0, 1.0], vec![1.0, 1.0, 1.0, 0.0]),
            (goalposts, vec![0.0, 25.0, 25.0, 100.0], vec![100.0, 75.0, 75.0, 0.0]),
        ] {
            assert_eq!(scores(&normalise, &column, false).unwrap(), up, "{normalise:?}");
            assert_eq!(scores(&normalise, &column, true).unwrap(), down, "{normalise:?}");
        }
        assert_eq!(scores(&Normalise::FractionOfMaximum, &column, false).unwrap(), [0.2, 0.4, 0.4, 1.0]);
    }

    #[test]
    fn what_has_no_scale_is_an_error_that_says_what_to_do() {
        let (flat, empty) = ([3.0, 3.0, f64::NAN], [f64::NAN; 3]);
        for normalise in
            [Normalise::default(), Normalise::ZScore { mean: 0.0, sd: 1.0 }, Normalise::DistanceToMaximum]
        {
            let error = scores(&normalise, &flat, false).unwrap_err();
            assert!(error.contains("same figure") && error.contains("goalposts"), "{error}");
            assert!(scores(&normalise, &empty, false).unwrap_err().contains("no unit has a figure"));
        }
        assert!(
            scores(&Normalise::FractionOfMaximum, &[1.0, 2.0], true).unwrap_err().contains("use min-max")
        );
        assert!(
            scores(&Normalise::DistanceToReference { unit: "0".into(), cap: true }, &[1.0, 2.0], false)
                .is_err()
        );
        assert!(
            scores(&Normalise::PercentileRank, &[1.0, f64::NAN], false)
                .unwrap_err()
                .contains("only one unit")
        );
    }

    #[test]
    fn a_gap_stays_a_gap_in_every_normalisation() {
        let column = [1.0, f64::NAN, 5.0];
        for normalise in [Normalise::None, Normalise::default(), Normalise::Rank, Normalise::PercentileRank] {
            assert!(scores(&normalise, &column, false).unwrap()[1].is_nan(), "{normalise:?}");
        }
    }

    #[test]
    fn gaps_are_filled_from_the_group_or_refused() {
        let labels = ["a", "a", "b", "a", "b"].map(str::to_owned);
        let by = Impute::GroupMedian("region".into());
        let mut column = [1.0, f64::NAN, 9.0, 5.0, 9.0];
        by.fill(&mut column, &labels).unwrap();
        assert_eq!(column, [1.0, 3.0, 9.0, 5.0, 9.0]);
        let error = by.fill(&mut [1.0, 1.0, f64::NAN, 1.0, f64::NAN], &labels).unwrap_err();
        assert!(error.contains("labelled `b`") && error.contains("group more widely"), "{error}");
        assert!(Impute::Mean.fill(&mut [f64::NAN], &[]).is_err());
    }

    #[test]
    fn an_outlier_is_pulled_in_and_a_stubborn_column_becomes_logarithms() {
        let outliers = Treat::Outliers(Outliers::default());
        let mut one = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1000.0];
        assert_eq!(outliers.apply(&mut one), Ok(Some(Treatment::Winsorised(1))));
        assert_eq!(one[9], 9.0);
        let spread: Vec<f64> = (0..67).map(|at| f64::from(at) + if at < 60 { 0.0 } else { 1e6 }).collect();
        let mut stubborn = spread.clone();
        assert_eq!(outliers.apply(&mut stubborn), Ok(Some(Treatment::Logged)));
        let mut kept = spread.clone();
        let no_log = Treat::Outliers(Outliers { log: false, ..Outliers::default() });
        assert_eq!(no_log.apply(&mut kept), Ok(Some(Treatment::StillSkewed(5))));
        assert_eq!(outliers.apply(&mut [4.0; 12]), Ok(None));
        assert!(Treat::Log.apply(&mut [1.0, 0.0]).unwrap_err().contains("no logarithm"));
    }

    proptest! {
        #[test]
        fn min_max_does_not_see_units_of_measurement(
            column in prop::collection::vec(-1e3..1e3f64, 2..30), factor in 0.1..10f64, shift in -100.0..100f64,
        ) {
            let moved: Vec<f64> = column.iter().map(|value| factor * value + shift).collect();
            if let (Ok(before), Ok(after)) =
                (scores(&Normalise::default(), &column, false), scores(&Normalise::default(), &moved, false))
            {
                let (low, high) = range(&column).unwrap();
                prop_assume!(high - low > 1e-3);
                for (a, b) in before.iter().zip(&after) {
                    prop_assert!((a - b).abs() < 1e-6, "{} {}", a, b);
                }
            }
        }

        #[test]
        fn every_normalisation_keeps_the_order(column in prop::collection::vec(-1e3..1e3f64, 2..30)) {
            let (low, high) = range(&column).unwrap();
            prop_assume!(high > low);
            for normalise in [Normalise::default(), Normalise::ZScore { mean: 0.0, sd: 1.0 }, Normalise::Rank,
                Normalise::Borda, Normalise::PercentileRank, Normalise::DistanceToMaximum,
                Normalise::Goalposts { lower: -1.0, upper: 1.0, scale: 1.0, cap: true }] {
                let scores = scores(&normalise, &column, false).unwrap();
                for (i, a) in column.iter().enumerate() {
                    for (j, b) in column.iter().enumerate() {
                        prop_assert!(a <= b || scores[i] >= scores[j], "{:?}", normalise);
                    }
                }
            }
        }

        #[test]
        fn treatment_never_turns_the_order_round(column in prop::collection::vec(-1e3..1e3f64, 4..30)) {
            let mut treated = column.clone();
            Treat::Outliers(Outliers::default()).apply(&mut treated).unwrap();
            for (i, a) in column.iter().enumerate() {
                for (j, b) in column.iter().enumerate() {
                    prop_assert!(a <= b || treated[i] >= treated[j]);
                }
            }
        }
    }
}
