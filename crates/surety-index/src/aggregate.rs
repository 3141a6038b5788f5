//! From the scores of a group's members to the score of the group.

use serde::Deserialize;

/// How the scores of a group's members make the group's score.
///
/// Weights are rescaled to sum to 1 over the members that a unit has a score for; a unit without any has a
/// gap. See [`Steps::min_present`](crate::Steps::min_present) for when a gap in part makes a gap in whole.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregate {
    /// `Σ w x`. A weak member is made good by a strong one, point for point.
    #[default]
    Arithmetic,
    /// `exp(Σ w ln x)`. A score of 0 or less is an error: normalise from 1 instead of 0.
    Geometric,
    /// `1 / Σ (w / x)`. A score of 0 or less is an error.
    Harmonic,
    /// `(Σ w x^p)^(1/p)`; p = 1 is arithmetic, p → 0 geometric, −1 harmonic, −∞ the weakest member. A
    /// negative score is an error, and so is a zero where p is negative. p itself must not be 0.
    Generalised(f64),
    /// For each other unit, the weight of the members in which this unit beats it, and half the weight of
    /// those in which they tie; summed over the other units (Copeland 1951, outranking as in Munda and Nardo
    /// 2009). A member that either lacks counts for neither. Ranks, not distances, matter. n² work.
    Copeland,
}

impl Aggregate {
    pub(crate) fn check(self) -> Result<(), String> {
        match self {
            Self::Generalised(power) if power == 0.0 || !power.is_finite() => {
                Err(format!("a generalised mean with power {power} does not exist: for 0 use `geometric`"))
            }
            _ => Ok(()),
        }
    }

    /// The scores of a group: `members` are columns, each with a weight above 0; without any member the
    /// group is a gap. The error names a unit by its row, and the member by its place.
    pub(crate) fn combine(
        self,
        members: &[&[f64]],
        weights: &[f64],
        min_present: f64,
        group: &mut [f64],
    ) -> Result<(), BadScore> {
        match self {
            Self::Arithmetic => mean_of(members, weights, min_present, |value| value, group),
            Self::Geometric => {
                refuse(members, |value| value <= 0.0, "a geometric mean needs scores above 0")?;
                mean_of(members, weights, min_present, f64::ln, group);
                back(group, f64::exp);
            }
            Self::Harmonic => {
                refuse(members, |value| value <= 0.0, "a harmonic mean needs scores above 0")?;
                mean_of(members, weights, min_present, f64::recip, group);
                back(group, f64::recip);
            }
            Self::Generalised(power) => {
                let least = if power < 0.0 { f64::MIN_POSITIVE } else { 0.0 };
                refuse(members, |value| value < least, "this generalised mean needs scores above 0")?;
                mean_of(members, weights, min_present, |value| value.powf(power), group);
                back(group, |mean| mean.powf(power.recip()));
            }
            Self::Copeland => copeland(members, weights, min_present, group),
        }
        Ok(())
    }
}

fn back(group: &mut [f64], function: impl Fn(f64) -> f64) {
    for mean in group {
        *mean = function(*mean);
    }
}

/// A score for which the mean does not exist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BadScore {
    pub(crate) member: usize,
    pub(crate) row: usize,
    pub(crate) score: f64,
    pub(crate) needs: &'static str,
}

fn refuse(members: &[&[f64]], bad: impl Fn(f64) -> bool, needs: &'static str) -> Result<(), BadScore> {
    for (member, scores) in members.iter().enumerate() {
        if let Some(row) = scores.iter().position(|score| bad(*score)) {
            return Err(BadScore { member, row, score: scores[row], needs });
        }
    }
    Ok(())
}

/// `Σ w f(x) / Σ w` over the members present; member by member, so that the inner loop runs over units.
fn mean_of(members: &[&[f64]], weights: &[f64], min_present: f64, f: impl Fn(f64) -> f64, out: &mut [f64]) {
    let total: f64 = weights.iter().sum();
    if members.is_empty() {
        out.fill(f64::NAN);
        return;
    }
    if members.iter().all(|scores| scores.iter().all(|score| !score.is_nan())) {
        out.fill(0.0);
        for (scores, weight) in members.iter().zip(weights) {
            let share = weight / total;
            for (sum, score) in out.iter_mut().zip(*scores) {
                *sum += share * f(*score);
            }
        }
        return;
    }
    for (row, out) in out.iter_mut().enumerate() {
        let present = || members.iter().zip(weights).filter(|(scores, _)| !scores[row].is_nan());
        let weight: f64 = present().map(|(_, weight)| weight).sum();
        let sum: f64 = present().map(|(scores, weight)| weight / total * f(scores[row])).sum();
        let enough = enough(present().count(), members.len(), min_present);
        *out = if enough { sum / (weight / total) } else { f64::NAN };
    }
}

/// Whether a group has a score with so many of its members present.
pub(crate) fn enough(present: usize, all: usize, min_present: f64) -> bool {
    present > 0 && present as f64 >= min_present * all as f64
}

fn copeland(members: &[&[f64]], weights: &[f64], min_present: f64, out: &mut [f64]) {
    let total: f64 = weights.iter().sum();
    let present = |row: usize| members.iter().filter(|scores| !scores[row].is_nan()).count();
    let scored: Vec<bool> =
        (0..out.len()).map(|row| enough(present(row), members.len(), min_present)).collect();
    out.iter_mut().zip(&scored).for_each(|(out, scored)| *out = if *scored { 0.0 } else { f64::NAN });
    for a in (0..out.len()).filter(|&row| scored[row]) {
        for b in (a + 1..out.len()).filter(|&row| scored[row]) {
            let (mut wins, mut losses) = (0.0, 0.0);
            for (scores, weight) in members.iter().zip(weights) {
                let share = weight / total;
                match scores[a].partial_cmp(&scores[b]) {
                    Some(std::cmp::Ordering::Greater) => wins += share,
                    Some(std::cmp::Ordering::Less) => losses += share,
                    Some(std::cmp::Ordering::Equal) => {
                        (wins, losses) = (wins + share / 2.0, losses + share / 2.0);
                    }
                    None => {}
                }
            }
            out[a] += wins;
            out[b] += losses;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MEANS: [Aggregate; 5] = [
        Aggregate::Harmonic,
        Aggregate::Geometric,
        Aggregate::Generalised(0.5),
        Aggregate::Arithmetic,
        Aggregate::Generalised(2.0),
    ];

    fn combine(aggregate: Aggregate, members: &[&[f64]], weights: &[f64]) -> Result<Vec<f64>, BadScore> {
        let mut group = vec![0.0; members[0].len()];
        aggregate.combine(members, weights, 0.0, &mut group)?;
        Ok(group)
    }

    #[test]
    fn each_mean_is_its_formula() {
        let members: [&[f64]; 2] = [&[1.0], &[4.0]];
        for (aggregate, expected) in MEANS.into_iter().zip([1.6, 2.0, 2.25, 2.5, 8.5_f64.sqrt()]) {
            let group = combine(aggregate, &members, &[3.0, 3.0]).unwrap();
            assert!((group[0] - expected).abs() < 1e-14, "{aggregate:?} gives {group:?}");
        }
    }

    #[test]
    fn a_zero_has_no_geometric_mean_and_the_error_says_where() {
        let members: [&[f64]; 2] = [&[1.0, 2.0], &[4.0, 0.0]];
        for aggregate in [Aggregate::Geometric, Aggregate::Harmonic, Aggregate::Generalised(-2.0)] {
            let bad = combine(aggregate, &members, &[1.0, 1.0]).unwrap_err();
            assert_eq!((bad.member, bad.row, bad.score), (1, 1, 0.0), "{aggregate:?}");
        }
        assert!(combine(Aggregate::Generalised(0.5), &members, &[1.0, 1.0]).is_ok());
    }

    #[test]
    fn a_gap_passes_its_weight_to_the_others_up_to_the_limit() {
        let members: [&[f64]; 2] = [&[1.0, 2.0, f64::NAN], &[4.0, f64::NAN, f64::NAN]];
        let group = combine(Aggregate::Arithmetic, &members, &[1.0, 2.0]).unwrap();
        assert_eq!((group[0], group[1], group[2].is_nan()), (3.0, 2.0, true));
        let mut strict = vec![0.0; 3];
        Aggregate::Arithmetic.combine(&members, &[1.0, 2.0], 0.75, &mut strict).unwrap();
        assert!(strict[1].is_nan());
    }

    #[test]
    fn copeland_counts_wins_and_half_of_ties() {
        let members: [&[f64]; 2] = [&[3.0, 2.0, 1.0], &[5.0, 5.0, 9.0]];
        assert_eq!(combine(Aggregate::Copeland, &members, &[1.0, 1.0]).unwrap(), [1.25, 0.75, 1.0]);
    }

    proptest! {
        #[test]
        fn a_better_member_never_makes_a_worse_group(
            scores in prop::collection::vec(0.1..100f64, 2..8), which in 0usize..8, gain in 0.0..50f64,
        ) {
            let which = which % scores.len();
            let weights: Vec<f64> = (1..).take(scores.len()).map(f64::from).collect();
            for aggregate in MEANS {
                let members: Vec<[f64; 1]> = scores.iter().map(|score| [*score]).collect();
                let mut better = members.clone();
                better[which][0] += gain;
                let value = |members: &[[f64; 1]]| {
                    let columns: Vec<&[f64]> = members.iter().map(<[f64; 1]>::as_slice).collect();
                    combine(aggregate, &columns, &weights).unwrap()[0]
                };
                prop_assert!(value(&better) >= value(&members) * (1.0 - 1e-12), "{:?}", aggregate);
            }
        }

        #[test]
        fn the_means_keep_their_order_and_lie_among_the_scores(scores in prop::collection::vec(0.1..100f64, 1..8)) {
            let columns: Vec<[f64; 1]> = scores.iter().map(|score| [*score]).collect();
            let members: Vec<&[f64]> = columns.iter().map(<[f64; 1]>::as_slice).collect();
            let weights = vec![2.0; scores.len()];
            let values: Vec<f64> = MEANS.iter().map(|mean| combine(*mean, &members, &weights).unwrap()[0]).collect();
            let (low, high) = crate::stats::range(&scores).unwrap();
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-12)));
            prop_assert!(values[0] >= low * (1.0 - 1e-12) && values[4] <= high * (1.0 + 1e-12));
        }

        #[test]
        fn copeland_scores_share_out_every_duel(scores in prop::collection::vec(0u8..5, 2..12)) {
            let column: Vec<f64> = scores.iter().copied().map(f64::from).collect();
            let group = combine(Aggregate::Copeland, &[&column], &[1.0]).unwrap();
            let duels = (column.len() * (column.len() - 1) / 2) as f64;
            prop_assert!((group.iter().sum::<f64>() - duels).abs() < 1e-9);
        }
    }
}
