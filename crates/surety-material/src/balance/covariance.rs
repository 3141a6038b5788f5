//! The covariance of the MUF of all periods, and its Cholesky factor.
//!
//! Written out here rather than taken from a library of linear algebra: it is two loops, matrices have a few hundred
//! rows, and the error must name the period at which a balance has nothing left to test.

use super::{Balance, Error, Kind};

/// A symmetric matrix over the periods. Rows and columns count from 0, the first period.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    periods: usize,
    /// Row by row; only the lower triangle is used.
    cells: Vec<f64>,
}

impl Balance {
    /// The covariance of the MUF of any two periods under the error model x(1 + r + s).
    ///
    /// With amounts I, O, C and relative standard deviations δR, δS of each location:
    /// var<sub>i</sub> = Σ(I² + O²)(δR² + δS²) + Σ(C<sub>i</sub>² + C<sub>i−1</sub>²)(δR² + δS²) −
    /// 2ΣC<sub>i−1</sub>C<sub>i</sub>δS²; cov<sub>ij</sub> (i < j) = Σ(I<sub>i</sub>I<sub>j</sub> +
    /// O<sub>i</sub>O<sub>j</sub>)δS² + Σ(C<sub>i</sub> − C<sub>i−1</sub>)(C<sub>j</sub> − C<sub>j−1</sub>)δS² −
    /// \[j = i + 1\]ΣC<sub>i</sub>²δR². The systematic part of a location is the product of what it adds to the MUF of
    /// both periods; the random part joins neighbours only, which share an inventory.
    pub fn covariance(&self) -> Covariance {
        let n = self.periods;
        let mut covariance = Covariance { periods: n, cells: vec![0.0; n * n] };
        for location in &self.locations {
            let (random, systematic) = (location.random_sd.powi(2), location.systematic_sd.powi(2));
            if systematic > 0.0 {
                let parts: Vec<f64> = location.contributions().collect();
                for (row, part) in parts.iter().enumerate() {
                    let by = part * systematic;
                    let cells = &mut covariance.cells[row * n..=row * n + row];
                    for (cell, other) in cells.iter_mut().zip(&parts) {
                        *cell += by * other;
                    }
                }
            }
            for row in 0..n {
                let amounts = &location.amounts;
                let cells = &mut covariance.cells[row * n..];
                if location.kind == Kind::Inventory {
                    let (opening, closing) = (amounts[row], amounts[row + 1]);
                    cells[row] += random * (opening * opening + closing * closing);
                    if row > 0 {
                        cells[row - 1] -= random * opening * opening;
                    }
                } else {
                    cells[row] += random * amounts[row] * amounts[row];
                }
            }
        }
        covariance
    }
}

impl Covariance {
    /// The number of periods.
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// The covariance of two periods, counted from 0; `None` past the last.
    pub fn get(&self, one: usize, other: usize) -> Option<f64> {
        let (row, column) = (one.max(other), one.min(other));
        (row < self.periods).then(|| self.cells[row * self.periods + column])
    }

    /// The standard deviation of the MUF of each period: SEID.
    pub fn seid(&self) -> Vec<f64> {
        (0..self.periods).map(|row| self.row(row)[row].sqrt()).collect()
    }

    /// The standard deviation of CUMUF at the end of each period: the root of the sum of the leading block.
    pub fn cumuf_sd(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let rows = (0..self.periods).map(|row| {
            let (own, others) = (self.row(row)[row], &self.row(row)[..row]);
            sum += own + 2.0 * others.iter().sum::<f64>();
            // The variance of a sum is not negative; rounding can make it so where everything cancels.
            sum.max(0.0).sqrt()
        });
        rows.collect()
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.periods..(row + 1) * self.periods]
    }

    /// The lower Cholesky factor.
    pub(super) fn factor(&self) -> Result<Factor, Error> {
        /// A period whose variance falls to this share of itself, given those before it, has none.
        const NOTHING_LEFT: f64 = 1e-13;
        let n = self.periods;
        let mut cells = self.cells.clone();
        let mut column = vec![0.0; n];
        for at in 0..n {
            let left = cells[at * n + at];
            if left.is_nan() || left <= NOTHING_LEFT * self.row(at)[at] {
                return Err(Error::Degenerate { period: at + 1 });
            }
            let pivot = left.sqrt();
            cells[at * n + at] = pivot;
            for row in at + 1..n {
                column[row] = cells[row * n + at] / pivot;
                cells[row * n + at] = column[row];
            }
            for row in at + 1..n {
                let by = column[row];
                for (cell, other) in cells[row * n + at + 1..=row * n + row].iter_mut().zip(&column[at + 1..])
                {
                    *cell -= by * other;
                }
            }
        }
        Ok(Factor { periods: n, cells })
    }
}

/// The lower Cholesky factor L of a covariance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factor {
    periods: usize,
    cells: Vec<f64>,
}

impl Factor {
    /// Solves L·y = x in place.
    pub(super) fn solve(&self, values: &mut [f64]) {
        let n = self.periods;
        for row in 0..n {
            let (known, rest) = values.split_at_mut(row);
            let cells = &self.cells[row * n..=row * n + row];
            rest[0] = (rest[0] - dot(cells, known)) / cells[row];
        }
    }
}

/// Four sums side by side, which a processor makes at once; the order is the same everywhere.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let length = one.len().min(other.len());
    let (one, other) = (&one[..length], &other[..length]);
    let (fours, others) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest: f64 = fours.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 4];
    for (four, other) in fours.zip(others) {
        for lane in 0..4 {
            sums[lane] += four[lane] * other[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::super::tests::{balances, worked_case};
    use super::super::{Balance, Kind, Location};
    use proptest::prelude::*;

    /// The formulae as they are published, term by term: slow and plain.
    fn by_the_book(balance: &Balance, i: usize, j: usize) -> f64 {
        let mut sum = 0.0;
        for location in balance.locations() {
            let random = location.random_sd.powi(2);
            let systematic = location.systematic_sd.powi(2);
            let x = &location.amounts;
            sum += match (location.kind, i == j) {
                (Kind::Inventory, true) => {
                    (x[i + 1].powi(2) + x[i].powi(2)) * (random + systematic)
                        - 2.0 * x[i] * x[i + 1] * systematic
                }
                (Kind::Inventory, false) => {
                    let shared = if j == i + 1 { random } else { 0.0 };
                    (x[i + 1] * x[j + 1] + x[i] * x[j]) * systematic
                        - x[i + 1] * x[j] * (systematic + shared)
                        - x[i] * x[j + 1] * systematic
                }
                (_, true) => x[i].powi(2) * (random + systematic),
                (_, false) => x[i] * x[j] * systematic,
            };
        }
        sum
    }

    #[test]
    fn a_balance_without_random_errors_has_nothing_to_test_from_its_second_period() {
        let location = |kind, random_sd, amounts: &[f64]| Location {
            name: "only".to_owned(),
            kind,
            random_sd,
            systematic_sd: 0.01,
            amounts: amounts.to_vec(),
        };
        let systematic = Balance::new(2, vec![location(Kind::Input, 0.0, &[5.0, 7.0])]).unwrap();
        let error = systematic.covariance().factor().unwrap_err().to_string();
        assert!(error.starts_with("period 2: nothing about its MUF is uncertain"), "{error}");
        let empty = Balance::new(1, vec![location(Kind::Input, 0.01, &[0.0])]).unwrap();
        assert!(empty.covariance().factor().unwrap_err().to_string().starts_with("period 1:"));
    }

    #[test]
    fn nothing_lies_past_the_last_period() {
        assert_eq!(worked_case().covariance().get(0, 5), None);
    }

    proptest! {
        #[test]
        fn the_covariance_is_that_of_the_published_formulae(balance in balances()) {
            let covariance = balance.covariance();
            for i in 0..balance.periods() {
                for j in i..balance.periods() {
                    let (ours, theirs) = (covariance.get(j, i).unwrap(), by_the_book(&balance, i, j));
                    let scale = (covariance.get(i, i).unwrap() * covariance.get(j, j).unwrap()).sqrt();
                    prop_assert!((ours - theirs).abs() <= 1e-9 * scale, "{i} {j}: {ours} {theirs}");
                }
            }
        }

        #[test]
        fn the_factor_times_its_transpose_is_the_covariance(balance in balances()) {
            let covariance = balance.covariance();
            let (factor, n) = (covariance.factor().unwrap(), balance.periods());
            for i in 0..n {
                for j in 0..=i {
                    let product: f64 =
                        (0..=j).map(|at| factor.cells[i * n + at] * factor.cells[j * n + at]).sum();
                    let scale = (covariance.get(i, i).unwrap() * covariance.get(j, j).unwrap()).sqrt();
                    prop_assert!((product - covariance.get(i, j).unwrap()).abs() <= 1e-12 * scale);
                }
            }
        }
    }
}
