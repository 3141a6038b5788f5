//! Sums and moments of columns with gaps.

/// The figures that are there.
pub(crate) fn figures(column: &[f64]) -> impl Iterator<Item = f64> + Clone + '_ {
    column.iter().copied().filter(|value| !value.is_nan())
}

/// A sum whose rounding error does not grow with its length (Neumaier 1974).
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}

/// The mean; `None` without figures.
pub(crate) fn mean(column: &[f64]) -> Option<f64> {
    let count = figures(column).count();
    (count > 0).then(|| sum(figures(column)) / count as f64)
}

/// The median; `None` without figures. Of an even number, the mean of the middle two.
pub(crate) fn median(column: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = figures(column).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

/// The standard deviation of a sample, n − 1 in the denominator; `None` with fewer than two figures.
pub(crate) fn sample_sd(column: &[f64]) -> Option<f64> {
    let count = figures(column).count();
    let mean = mean(column)?;
    (count > 1)
        .then(|| (sum(figures(column).map(|value| (value - mean).powi(2))) / (count - 1) as f64).sqrt())
}

/// The least and the greatest figure; `None` without figures.
pub(crate) fn range(column: &[f64]) -> Option<(f64, f64)> {
    figures(column).fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// The quantile of sorted figures, interpolated between the two nearest (Hyndman and Fan's type 7,
/// the default of R and of `NumPy`); `None` without figures.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let (index, part) = place(sorted.len(), share)?;
    let above = sorted[(index + 1).min(sorted.len() - 1)];
    Some(sorted[index] + part * (above - sorted[index]))
}

/// The figure at or below a quantile, and how far the quantile lies towards the next one.
fn place(count: usize, share: f64) -> Option<(usize, f64)> {
    let position = share.clamp(0.0, 1.0) * count.checked_sub(1)? as f64;
    let below = position.floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to below `count`")]
    let index = below as usize;
    Some((index, position - below))
}

/// The same of figures in any order, which it changes.
pub(crate) fn quantile_of(figures: &mut [f64], share: f64) -> Option<f64> {
    let (index, part) = place(figures.len(), share)?;
    let (_, below, rest) = figures.select_nth_unstable_by(index, f64::total_cmp);
    let above = rest.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
    Some(*below + part * (above - *below))
}

/// Bias-corrected skewness G1 and excess kurtosis G2 (Joanes and Gill 1998, as in Excel and R's
/// `e1071` type 2); `None` with fewer than four figures or when all are equal, for then neither exists.
pub(crate) fn skew_kurtosis(column: &[f64]) -> Option<(f64, f64)> {
    let (low, high) = range(column)?;
    let n = figures(column).count() as f64;
    if n < 4.0 || low >= high {
        return None;
    }
    let mean = mean(column)?;
    let moment = |power| sum(figures(column).map(|value| (value - mean).powi(power)));
    let (m2, m3, m4) = (moment(2), moment(3), moment(4));
    let skew = n.sqrt() * m3 / m2.powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0);
    let kurtosis = ((n + 1.0) * (n * m4 / (m2 * m2) - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
    Some((skew, kurtosis))
}

/// Pearson's correlation over the pairs without gaps; `None` with fewer than two pairs or when either
/// side is constant.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b): (Vec<f64>, Vec<f64>) =
        a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).unzip();
    let (mean_a, mean_b) = (mean(&a)?, mean(&b)?);
    let covariance = sum(a.iter().zip(&b).map(|(a, b)| (a - mean_a) * (b - mean_b)));
    let spread = |values: &[f64], mean: f64| sum(values.iter().map(|value| (value - mean).powi(2)));
    let scale = (spread(&a, mean_a) * spread(&b, mean_b)).sqrt();
    (scale > 0.0).then(|| (covariance / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_count_for_nothing() {
        let column = [1.0, f64::NAN, 3.0, 8.0];
        assert_eq!(mean(&column), Some(4.0));
        assert_eq!(median(&column), Some(3.0));
        assert_eq!(range(&column), Some((1.0, 8.0)));
        assert_eq!(mean(&[f64::NAN]), None);
        assert_eq!(sample_sd(&[1.0]), None);
    }

    #[test]
    fn a_column_without_spread_has_no_shape() {
        assert_eq!(skew_kurtosis(&[2.0; 6]), None);
        assert_eq!(skew_kurtosis(&[1.0, 2.0, 3.0]), None);
        assert_eq!(correlation(&[1.0, 2.0], &[5.0, 5.0]), None);
        assert_eq!(correlation(&[1.0, 2.0, 4.0], &[-2.0, -4.0, -8.0]), Some(-1.0));
    }

    #[test]
    fn small_figures_survive_a_large_one() {
        assert_eq!(sum([1e16, 1.0, -1e16].into_iter()), 1.0);
    }
}
