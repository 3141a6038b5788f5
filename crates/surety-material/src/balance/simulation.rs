//! Realisations of the error model, from a seed.

use std::num::NonZeroUsize;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use super::{Balance, Error, Kind};

/// The greatest number of realisations in one run.
pub const REALISATIONS_MAX: u32 = 10_000_000;

/// How many realisations are drawn, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// How many.
    pub realisations: u32,
    /// The seed: the same seed gives the same realisations, for any number of threads.
    pub seed: u64,
    /// The number of threads.
    pub threads: NonZeroUsize,
}

/// A loss of material. Periods count from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// All at once.
    Abrupt {
        /// In which period.
        period: usize,
        /// How much, in the unit of the amounts.
        amount: f64,
    },
    /// The same in each of several periods.
    Protracted {
        /// The first period.
        from: usize,
        /// The last.
        to: usize,
        /// How much in all, in the unit of the amounts.
        amount: f64,
    },
}

/// The text is not a loss.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a loss: write abrupt:PERIOD:AMOUNT or protracted:FROM:TO:AMOUNT, periods counted from 1 and the \
    amount above 0 and in all, for example protracted:3:9:2.5"
)]
pub struct ParseLossError(String);

impl FromStr for Loss {
    type Err = ParseLossError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let period = |text: &str| text.parse().ok().filter(|period| *period >= 1);
        let amount =
            |text: &str| text.parse().ok().filter(|amount: &f64| amount.is_finite() && *amount > 0.0);
        let loss = match text.split(':').collect::<Vec<_>>()[..] {
            ["abrupt", at, much] => {
                period(at).zip(amount(much)).map(|(period, amount)| Self::Abrupt { period, amount })
            }
            ["protracted", first, last, much] => period(first)
                .zip(period(last))
                .filter(|(from, to)| from <= to)
                .zip(amount(much))
                .map(|((from, to), amount)| Self::Protracted { from, to, amount }),
            _ => None,
        };
        loss.ok_or_else(|| ParseLossError(text.to_owned()))
    }
}

impl Loss {
    /// The first period of the loss, from 1.
    pub fn onset(self) -> usize {
        match self {
            Self::Abrupt { period, .. } => period,
            Self::Protracted { from, .. } => from,
        }
    }

    /// What it adds to the MUF of each period.
    pub fn by_period(self, periods: usize) -> Result<Vec<f64>, Error> {
        let (from, to, amount) = match self {
            Self::Abrupt { period, amount } => (period, period, amount),
            Self::Protracted { from, to, amount } => (from, to, amount),
        };
        if from == 0 || from > to || to > periods {
            return Err(Error::question(format!(
                "a loss from period {from} to {to}: the balance has periods 1 to {periods}"
            )));
        }
        #[expect(clippy::cast_precision_loss, reason = "periods are few")]
        let each = amount / (to - from + 1) as f64;
        Ok((1..=periods).map(|period| if (from..=to).contains(&period) { each } else { 0.0 }).collect())
    }
}

impl Balance {
    /// What measurement errors alone make of the MUF: one sequence for each realisation, in order. A true loss adds
    /// [`Loss::by_period`]; that it makes later measurements a little smaller is left out.
    pub fn realisations(&self, run: Run) -> Result<Vec<Vec<f64>>, Error> {
        self.each_realisation(run, 0, <[f64]>::to_vec)
    }

    /// Does something with each realisation, and gives the results in order. `first` is the number of the first stream
    /// of random numbers: runs that share none are independent.
    pub(super) fn each_realisation<T: Send>(
        &self,
        run: Run,
        first: u64,
        work: impl Fn(&[f64]) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        if run.realisations == 0 || run.realisations > REALISATIONS_MAX {
            return Err(Error::question(format!(
                "{} realisations: ask for 1 to {REALISATIONS_MAX}",
                run.realisations
            )));
        }
        let count = u64::from(run.realisations);
        let share = count.div_ceil(run.threads.get() as u64);
        let (work, start) = (&work, ChaCha8Rng::seed_from_u64(run.seed));
        let of_thread = |from: u64| {
            let numbers = from..(from + share).min(count);
            let mut muf = vec![0.0; self.periods];
            let mut random = start.clone();
            numbers
                .map(|number| {
                    random.set_stream(first + number);
                    random.set_word_pos(0);
                    self.realise(&mut random, &mut muf);
                    work(&muf)
                })
                .collect::<Vec<T>>()
        };
        let parts: Vec<Vec<T>> = std::thread::scope(|scope| {
            let others: Vec<_> = (share..count)
                .step_by(usize::try_from(share).unwrap_or(usize::MAX))
                .map(|from| scope.spawn(move || of_thread(from)))
                .collect();
            let mut parts = vec![of_thread(0)];
            for other in others {
                match other.join() {
                    Ok(part) => parts.push(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            parts
        });
        Ok(parts.into_iter().flatten().collect())
    }

    /// One realisation of x(1 + r + s): r for every measurement, s for every location.
    fn realise(&self, random: &mut ChaCha8Rng, muf: &mut [f64]) {
        muf.fill(0.0);
        for location in &self.locations {
            let systematic = location.systematic_sd * normal(random);
            let mut error = |amount: f64| amount * (systematic + location.random_sd * normal(random));
            match location.kind {
                Kind::Input => {
                    location.amounts.iter().zip(&mut *muf).for_each(|(amount, muf)| *muf += error(*amount));
                }
                Kind::Output => {
                    location.amounts.iter().zip(&mut *muf).for_each(|(amount, muf)| *muf -= error(*amount));
                }
                Kind::Inventory => {
                    // One measurement closes a period and opens the next.
                    let mut opening = location.amounts.first().map_or(0.0, |amount| error(*amount));
                    for (amount, muf) in location.amounts.iter().skip(1).zip(&mut *muf) {
                        let closing = error(*amount);
                        *muf += opening - closing;
                        opening = closing;
                    }
                }
            }
        }
    }
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

#[cfg(test)]
mod tests {
    use super::super::tests::worked_case;
    use super::*;

    fn run(realisations: u32, threads: usize) -> Run {
        Run { realisations, seed: 11, threads: NonZeroUsize::new(threads).unwrap() }
    }

    #[test]
    fn the_error_model_agrees_with_the_covariance_within_its_own_standard_error() {
        let balance = worked_case();
        let covariance = balance.covariance();
        let draws = balance.realisations(run(200_000, 2)).unwrap();
        let count = 200_000.0;
        for i in 0..balance.periods() {
            let mean = draws.iter().map(|muf| muf[i]).sum::<f64>() / count;
            let sd_of_mean = (covariance.get(i, i).unwrap() / count).sqrt();
            assert!(mean.abs() < 4.0 * sd_of_mean, "mean of period {}: {mean}", i + 1);
            for j in 0..=i {
                let products: Vec<f64> = draws.iter().map(|muf| muf[i] * muf[j]).collect();
                let estimate = products.iter().sum::<f64>() / count;
                let spread = products.iter().map(|product| (product - estimate).powi(2)).sum::<f64>() / count;
                let (standard_error, exact) = ((spread / count).sqrt(), covariance.get(i, j).unwrap());
                assert!(
                    (estimate - exact).abs() < 4.0 * standard_error,
                    "covariance of periods {} and {}: {estimate} ± {standard_error}, not {exact}",
                    i + 1,
                    j + 1
                );
            }
        }
    }

    #[test]
    fn threads_change_nothing() {
        let balance = worked_case();
        let one = balance.realisations(run(101, 1)).unwrap();
        for threads in [2, 3, 16, 200] {
            assert_eq!(balance.realisations(run(101, threads)).unwrap(), one, "{threads} threads");
        }
        let other = Run { seed: 12, ..run(101, 1) };
        assert_ne!(balance.realisations(other).unwrap(), one);
    }

    #[test]
    fn a_loss_is_spread_over_its_periods() {
        let by_period = |text: &str| text.parse::<Loss>().unwrap().by_period(4);
        assert_eq!(by_period("abrupt:2:3").unwrap(), [0.0, 3.0, 0.0, 0.0]);
        assert_eq!(by_period("protracted:2:4:3").unwrap(), [0.0, 1.0, 1.0, 1.0]);
        assert!(by_period("abrupt:5:3").unwrap_err().to_string().contains("periods 1 to 4"));
        for bad in [
            "",
            "abrupt",
            "abrupt:0:3",
            "abrupt:1:0",
            "abrupt:1:-3",
            "abrupt:1:nan",
            "abrupt:1:inf",
            "abrupt:1:2:3",
            "protracted:3:2:1",
            "protracted:1:2",
            "sudden:1:2",
        ] {
            let error = bad.parse::<Loss>().unwrap_err().to_string();
            assert!(error.contains("abrupt:PERIOD:AMOUNT") && error.contains(&format!("`{bad}`")), "{error}");
        }
    }

    #[test]
    fn no_realisations_say_nothing() {
        assert!(worked_case().realisations(run(0, 1)).unwrap_err().to_string().contains("ask for 1 to"));
    }
}
