//! Weights that the data give: principal components, balanced correlations, benefit of the doubt.

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variables};
use serde::Deserialize;

use crate::stats::{correlation, sample_sd};

/// A member of a group and its scores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) code: &'a str,
    pub(crate) scores: &'a [f64],
}

/// Where the weights of a group's members come from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// The weights of the framework.
    #[default]
    Given,
    /// All the same.
    Equal,
    /// The loadings of the first principal component of the members' scores, as
    /// [`Index::pca_loadings`](crate::Index::pca_loadings) gives them. A negative loading is an error: it
    /// would reward a unit for doing worse.
    Pca,
    /// Weights under which each member correlates with the group in proportion to the weight that the
    /// framework gives it (the aim of Becker et al. 2017, doi:10.1016/j.ecolind.2017.03.056). What only a negative weight would balance is an error.
    Correlation,
    /// Each unit has the weights that suit it best (Melyn and Moesen 1991; Cherchye et al. 2007):
    /// its score is `max Σ w x` over `w ≥ 0` such that no unit scores above 1 with these weights. The group is
    /// scored by it in place of any mean, on a scale from 0 to 1. A gap or a negative score is an error.
    BenefitOfTheDoubt,
}

/// The loadings of the first principal component of the standardised columns, as R's `prcomp` with
/// `scale. = TRUE` gives them. Units with a gap are left out.
///
/// Their squares sum to 1. An eigenvector has no sign of its own: this one is turned so that the
/// loadings sum to a positive number, or the first is positive if they sum to zero.
pub(crate) fn pca_loadings(members: &[Member<'_>]) -> Result<Vec<f64>, String> {
    let complete = without_gaps(members);
    for (member, column) in members.iter().zip(&complete) {
        if sample_sd(column).is_none_or(|sd| sd <= 0.0) {
            return Err(format!(
                "every unit scores the same in `{}`, so no component exists: use other weights",
                member.code
            ));
        }
    }
    let mut loadings = first_eigenvector(correlations(&complete));
    let sum: f64 = loadings.iter().sum();
    let turned = if sum.abs() > 1e-12 { sum } else { loadings.first().copied().unwrap_or(1.0) };
    for loading in &mut loadings {
        *loading *= turned.signum();
    }
    Ok(loadings)
}

fn without_gaps(members: &[Member<'_>]) -> Vec<Vec<f64>> {
    let rows = members.first().map_or(0, |member| member.scores.len());
    let whole: Vec<usize> =
        (0..rows).filter(|&row| members.iter().all(|one| !one.scores[row].is_nan())).collect();
    members.iter().map(|member| whole.iter().map(|&row| member.scores[row]).collect()).collect()
}

/// The eigenvector of the greatest eigenvalue of a symmetric matrix, by Jacobi's rotations (Golub and
/// Van Loan, *Matrix Computations*, §8.5): slow for large matrices, exact to rounding for any.
fn first_eigenvector(mut matrix: Vec<Vec<f64>>) -> Vec<f64> {
    const SWEEPS_MAX: usize = 64;
    let size = matrix.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for _ in 0..SWEEPS_MAX {
        let mut rotated = false;
        for p in 0..size {
            for q in p + 1..size {
                if matrix[p][q].abs() > f64::EPSILON * (matrix[p][p] * matrix[q][q]).abs().sqrt() {
                    rotate(&mut matrix, &mut vectors, p, q);
                    rotated = true;
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let greatest = (0..size).max_by(|&a, &b| matrix[a][a].total_cmp(&matrix[b][b])).unwrap_or(0);
    vectors.iter().map(|row| row[greatest]).collect()
}

/// One rotation, which makes `matrix[p][q]` zero.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = tangent.hypot(1.0).recip();
    let sine = tangent * cosine;
    let turn = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in matrix.iter_mut().chain(vectors) {
        (row[p], row[q]) = turn(row[p], row[q]);
    }
    let (above, below) = matrix.split_at_mut(q);
    for (a, b) in above[p].iter_mut().zip(&mut below[0]) {
        (*a, *b) = turn(*a, *b);
    }
}

/// Weights, summing to 1, under which the correlation of each member with the weighted sum is in proportion
/// to `targets`.
///
/// Member i correlates with the sum as `Σ_j r_ij w_j s_j`, up to one factor for all, so the weights times
/// their standard deviations solve `R v = targets`. If some `v` is negative, no weights will do.
pub(crate) fn balanced(members: &[Member<'_>], targets: &[f64]) -> Result<Vec<f64>, String> {
    let complete = without_gaps(members);
    let mut spreads = Vec::with_capacity(members.len());
    for (member, column) in members.iter().zip(&complete) {
        let spread = sample_sd(column).filter(|sd| *sd > 0.0);
        spreads.push(
            spread.ok_or_else(|| {
                format!("every unit scores the same in `{}`: use other weights", member.code)
            })?,
        );
    }
    let scaled = solve(correlations(&complete), targets.to_vec())
        .ok_or("one member is a combination of the others, so no weights balance them: use other weights")?;
    if let Some(against) = scaled.iter().position(|weight| *weight < 0.0) {
        let code = members[against].code;
        return Err(format!(
            "only a negative weight for `{code}` would balance the group: use other weights"
        ));
    }
    let weights: Vec<f64> = scaled.iter().zip(&spreads).map(|(weight, spread)| weight / spread).collect();
    let sum: f64 = weights.iter().sum();
    Ok(weights.iter().map(|weight| weight / sum).collect())
}

fn correlations(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    columns.iter().map(|a| columns.iter().map(|b| correlation(a, b).unwrap_or(0.0)).collect()).collect()
}

/// Solves `matrix · x = right` by elimination with the greatest pivot; `None` if the matrix is singular.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for at in 0..size {
        let pivot = (at..size).max_by(|&a, &b| matrix[a][at].abs().total_cmp(&matrix[b][at].abs()))?;
        if matrix[pivot][at].abs() < 1e-12 {
            return None;
        }
        matrix.swap(at, pivot);
        right.swap(at, pivot);
        let (above, below) = matrix.split_at_mut(at + 1);
        for (offset, row) in below.iter_mut().enumerate() {
            let factor = row[at] / above[at][at];
            row.iter_mut().zip(&above[at]).skip(at).for_each(|(value, pivot)| *value -= factor * pivot);
            right[at + 1 + offset] -= factor * right[at];
        }
    }
    for at in (0..size).rev() {
        let known: f64 = (at + 1..size).map(|column| matrix[at][column] * right[column]).sum();
        right[at] = (right[at] - known) / matrix[at][at];
    }
    Some(right)
}

/// The score of each unit with the weights that suit it best.
///
/// The scores are rescaled by each column's maximum first, which changes no result (weights absorb the unit
/// of measurement) and keeps the programme well conditioned.
pub(crate) fn benefit_of_the_doubt(members: &[Member<'_>]) -> Result<Vec<f64>, String> {
    let units = members.first().map_or(0, |member| member.scores.len());
    let mut scaled = Vec::with_capacity(members.len());
    for Member { code, scores } in members {
        let highest = scores.iter().copied().fold(0.0, f64::max);
        if scores.iter().any(|score| score.is_nan() || *score < 0.0) {
            return Err(format!(
                "benefit of the doubt needs a score of at least 0 from every unit in `{code}`"
            ));
        }
        if highest > 0.0 {
            scaled.push(scores.iter().map(|score| score / highest).collect::<Vec<f64>>());
        }
    }
    (0..units).map(|unit| best_score(&scaled, unit)).collect()
}

fn best_score(columns: &[Vec<f64>], unit: usize) -> Result<f64, String> {
    let mut problem = variables!();
    let weights: Vec<Variable> = columns.iter().map(|_| problem.add(good_lp::variable().min(0.0))).collect();
    let score = |row: usize| -> Expression {
        columns.iter().zip(&weights).map(|(column, weight)| column[row] * *weight).sum()
    };
    let mut model = problem.maximise(score(unit)).using(microlp);
    for row in 0..columns.first().map_or(0, Vec::len) {
        model = model.with(constraint!(score(row) <= 1.0));
    }
    let solution =
        model.solve().map_err(|error| format!("the programme for the best weights failed: {error}"))?;
    Ok(solution.eval(score(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mean;

    fn members<'a>(columns: &[&'a [f64]]) -> Vec<Member<'a>> {
        ["a", "b", "c"].into_iter().zip(columns).map(|(code, scores)| Member { code, scores }).collect()
    }

    fn standardised(column: &[f64]) -> Vec<f64> {
        let (mean, sd) = (mean(column).unwrap(), sample_sd(column).unwrap());
        column.iter().map(|value| (value - mean) / sd).collect()
    }

    const A: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
    const B: [f64; 6] = [3.0, 1.0, 6.0, 2.0, 4.0, 5.0];
    const C: [f64; 6] = [4.0, 1.0, 5.0, 3.0, 2.0, 6.0];

    #[test]
    fn no_other_direction_has_more_variance_than_the_first_component() {
        let columns = [&A[..], &B[..], &C[..]];
        let loadings = pca_loadings(&members(&columns)).unwrap();
        let variance = |weights: &[f64]| {
            let standard: Vec<Vec<f64>> = columns.iter().map(|column| standardised(column)).collect();
            let sum: Vec<f64> =
                (0..6).map(|row| standard.iter().zip(weights).map(|(c, w)| c[row] * w).sum()).collect();
            let length: f64 = weights.iter().map(|weight| weight * weight).sum();
            sample_sd(&sum).unwrap().powi(2) / length
        };
        assert!((loadings.iter().map(|value| value * value).sum::<f64>() - 1.0).abs() < 1e-12);
        for other in [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.6, -0.2]] {
            assert!(variance(&loadings) >= variance(&other));
        }
        assert!(pca_loadings(&members(&[&A, &[1.0; 6]])).unwrap_err().contains("`b`"));
    }

    #[test]
    fn balanced_weights_make_the_correlations_equal() {
        let columns = [&A[..], &B[..], &C[..]];
        let weights = balanced(&members(&columns), &[1.0, 1.0, 1.0]).unwrap();
        let group: Vec<f64> = (0..6)
            .map(|row| columns.iter().zip(&weights).map(|(column, weight)| column[row] * weight).sum())
            .collect();
        let correlations: Vec<f64> =
            columns.iter().map(|column| correlation(column, &group).unwrap()).collect();
        assert!(correlations.iter().all(|value| (value - correlations[0]).abs() < 1e-8), "{correlations:?}");
        let turned: Vec<f64> = A.iter().map(|value| -value).collect();
        assert!(balanced(&members(&[&A, &turned]), &[1.0, 1.0]).is_err());
    }

    #[test]
    fn a_unit_that_is_best_at_something_gets_the_whole_benefit_of_the_doubt() {
        let scores = benefit_of_the_doubt(&members(&[&[1.0, 0.5, 0.2], &[0.2, 0.5, 1.0]])).unwrap();
        assert!((scores[0] - 1.0).abs() < 1e-9 && (scores[2] - 1.0).abs() < 1e-9);
        assert!((scores[1] - 5.0 / 6.0).abs() < 1e-9, "{scores:?}");
        assert!(benefit_of_the_doubt(&members(&[&[1.0, f64::NAN]])).is_err());
    }
}
