//! Alarms at a chosen rate of false ones, and how likely a loss is to raise one.

use std::fmt;

use surety_core::words;

use super::simulation::{Loss, Run};
use super::{Balance, Error, Prepared, Statistics};

words! {
    /// A test for a loss. Each looks at one number for each period and raises an alarm where that is above its
    /// threshold.
    pub enum Test("test") {
        /// MUF in units of its standard deviation: a sudden loss in one period.
        Muf = "MUF",
        /// CUMUF in units of its standard deviation: a loss over all periods.
        Cumuf = "CUMUF",
        /// SITMUF: a loss that the periods before do not explain.
        Sitmuf = "SITMUF",
        /// Page's test on SITMUF: a trend.
        Page = "Page",
        /// GEMUF: any pattern. Its cube root is brought to a standard normal (Wilson and Hilferty 1931), so that one
        /// threshold serves all periods.
        Gemuf = "GEMUF",
    }
}

const TESTS: usize = Test::ALL.len();

impl Prepared {
    /// What a test looks at, period by period.
    pub fn scores(&self, test: Test, statistics: &Statistics) -> Vec<f64> {
        let over =
            |values: &[f64], sds: &[f64]| values.iter().zip(sds).map(|(value, sd)| value / sd).collect();
        match test {
            Test::Muf => over(&statistics.muf, self.seid()),
            Test::Cumuf => over(&statistics.cumuf, self.cumuf_sd()),
            Test::Sitmuf => statistics.sitmuf.clone(),
            Test::Page => statistics.page.clone(),
            Test::Gemuf => {
                (1u32..).zip(&statistics.gemuf).map(|(periods, gemuf)| as_normal(*gemuf, periods)).collect()
            }
        }
    }

    /// The greatest score of each test, from a period counted from 0 on.
    fn greatest(&self, statistics: &Statistics) -> [f64; TESTS] {
        let mut greatest = [f64::NEG_INFINITY; TESTS];
        for (test, greatest) in Test::ALL.iter().zip(&mut greatest) {
            *greatest = self.scores(*test, statistics).into_iter().fold(*greatest, f64::max);
        }
        greatest
    }
}

/// A chi-square number of so many degrees of freedom as a standard normal one, nearly.
fn as_normal(gemuf: f64, degrees: u32) -> f64 {
    let degrees = f64::from(degrees);
    let variance = 2.0 / (9.0 * degrees);
    ((gemuf / degrees).cbrt() - (1.0 - variance)) / variance.sqrt()
}

/// The thresholds of every test at one rate of false alarms, found by simulating the balance without a loss.
#[derive(Clone, PartialEq)]
pub struct Alarms {
    false_alarm: f64,
    page_k: f64,
    run: Run,
    /// For each test the greatest scores of all realisations, in order.
    greatest: [Vec<f64>; TESTS],
}

impl fmt::Debug for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarms").field("false_alarm", &self.false_alarm).finish_non_exhaustive()
    }
}

/// How likely a test is to find a loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// The test.
    pub test: Test,
    /// The share of realisations with an alarm in the first period of the loss or later.
    pub probability: f64,
    /// The standard error of that share.
    pub standard_error: f64,
    /// The median number of periods from the first of the loss to the alarm, among those with one: 0 is the same
    /// period. None when no realisation raised an alarm.
    pub median_delay: Option<usize>,
}

impl Alarms {
    /// Finds the thresholds. `false_alarm` is, for each test by itself, the chance of one or more alarms in all
    /// periods together where nothing is lost.
    pub fn find(
        balance: &Balance,
        prepared: &Prepared,
        false_alarm: f64,
        page_k: f64,
        run: Run,
    ) -> Result<Self, Error> {
        /// Fewer realisations beyond a threshold say little about where it is.
        const BEYOND_MIN: f64 = 10.0;
        if !(false_alarm > 0.0 && false_alarm < 1.0) {
            return Err(Error::question(format!(
                "a rate of false alarms is between 0 and 1, not {false_alarm}"
            )));
        }
        if f64::from(run.realisations) * false_alarm.min(1.0 - false_alarm) < BEYOND_MIN {
            return Err(Error::question(format!(
                "{} realisations are too few for a rate of {false_alarm}: ask for {} or more",
                run.realisations,
                (BEYOND_MIN / false_alarm.min(1.0 - false_alarm)).ceil()
            )));
        }
        let scores = balance
            .each_realisation(run, 0, |muf| Ok(prepared.greatest(&prepared.evaluate(muf, page_k)?)))?;
        let scores = scores.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let greatest = std::array::from_fn(|test| {
            let mut greatest: Vec<f64> = scores.iter().map(|scores| scores[test]).collect();
            greatest.sort_unstable_by(f64::total_cmp);
            greatest
        });
        Ok(Self { false_alarm, page_k, run, greatest })
    }

    /// The rate of false alarms that was chosen.
    pub fn false_alarm(&self) -> f64 {
        self.false_alarm
    }

    /// The threshold of a test: a score above it is an alarm.
    pub fn threshold(&self, test: Test) -> f64 {
        let greatest = &self.greatest[test as usize];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a count, at most the count"
        )]
        let below = ((1.0 - self.false_alarm) * greatest.len() as f64).ceil() as usize;
        greatest[below.clamp(1, greatest.len()) - 1]
    }

    /// The chance of a score as great as the greatest of these statistics in any period, where nothing is lost.
    pub fn chance(&self, prepared: &Prepared, test: Test, statistics: &Statistics) -> f64 {
        let (observed, greatest) =
            (prepared.greatest(statistics)[test as usize], &self.greatest[test as usize]);
        let below = greatest.partition_point(|score| *score < observed);
        #[expect(clippy::cast_precision_loss, reason = "a share of a count")]
        // The observed sequence counts among those that could have been.
        let chance = (greatest.len() - below + 1) as f64 / (greatest.len() + 1) as f64;
        chance
    }

    /// The periods, counted from 1, in which a test raises an alarm.
    pub fn raised(&self, prepared: &Prepared, test: Test, statistics: &Statistics) -> Vec<usize> {
        let threshold = self.threshold(test);
        let scores = (1..).zip(prepared.scores(test, statistics));
        scores.filter(|(_, score)| *score > threshold).map(|(period, _)| period).collect()
    }

    /// How likely each test is to find a loss, from realisations that are independent of those behind the thresholds.
    pub fn power(&self, balance: &Balance, prepared: &Prepared, loss: Loss) -> Result<Vec<Detection>, Error> {
        let by_period = loss.by_period(balance.periods())?;
        let thresholds: Vec<f64> = Test::ALL.iter().map(|test| self.threshold(*test)).collect();
        let first = u64::from(self.run.realisations);
        let delays = balance.each_realisation(self.run, first, |errors| {
            let muf: Vec<f64> = errors.iter().zip(&by_period).map(|(error, loss)| error + loss).collect();
            let statistics = prepared.evaluate(&muf, self.page_k)?;
            let delay = |(test, threshold): (&Test, &f64)| {
                let scores = prepared.scores(*test, &statistics);
                scores.iter().skip(loss.onset() - 1).position(|score| score > threshold)
            };
            Ok(Test::ALL.iter().zip(&thresholds).map(delay).collect::<Vec<_>>())
        })?;
        let delays = delays.into_iter().collect::<Result<Vec<_>, Error>>()?;
        Ok(Test::ALL
            .iter()
            .enumerate()
            .map(|(at, test)| detection(*test, delays.iter().map(|one| one[at])))
            .collect())
    }
}

#[expect(clippy::cast_precision_loss, reason = "shares of a count")]
fn detection(test: Test, delays: impl ExactSizeIterator<Item = Option<usize>>) -> Detection {
    let count = delays.len() as f64;
    let mut found: Vec<usize> = delays.flatten().collect();
    found.sort_unstable();
    let probability = found.len() as f64 / count;
    Detection {
        test,
        probability,
        standard_error: (probability * (1.0 - probability) / count).sqrt(),
        median_delay: found.get(found.len().saturating_sub(1) / 2).copied(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::super::tests::worked_case;
    use super::super::{Kind, Location, PAGE_K};
    use super::*;

    fn run(realisations: u32) -> Run {
        Run { realisations, seed: 5, threads: NonZeroUsize::new(2).unwrap() }
    }

    fn alarms(balance: &Balance, false_alarm: f64) -> (Prepared, Alarms) {
        let prepared = balance.prepare().unwrap();
        let alarms = Alarms::find(balance, &prepared, false_alarm, PAGE_K, run(4_000)).unwrap();
        (prepared, alarms)
    }

    /// Twelve periods of a steady flow through one vault.
    fn steady() -> Balance {
        let location = |name: &str, kind, amount, count| Location {
            name: name.to_owned(),
            kind,
            random_sd: 0.01,
            systematic_sd: 0.002,
            amounts: vec![amount; count],
        };
        let locations = vec![
            location("feed", Kind::Input, 100.0, 12),
            location("vault", Kind::Inventory, 40.0, 13),
            location("product", Kind::Output, 100.0, 12),
        ];
        Balance::new(12, locations).unwrap()
    }

    #[test]
    fn one_period_has_the_threshold_of_the_normal_distribution() {
        let mut locations = worked_case().locations().to_vec();
        for location in &mut locations {
            location.amounts.truncate(1 + usize::from(location.kind == Kind::Inventory));
        }
        let balance = Balance::new(1, locations).unwrap();
        let prepared = balance.prepare().unwrap();
        let alarms = Alarms::find(&balance, &prepared, 0.05, PAGE_K, run(40_000)).unwrap();
        for (test, expected) in
            [(Test::Muf, 1.6449), (Test::Cumuf, 1.6449), (Test::Sitmuf, 1.6449), (Test::Page, 1.1449)]
        {
            let threshold = alarms.threshold(test);
            assert!((threshold - expected).abs() < 0.04, "{test}: {threshold}, not {expected}");
        }
        // A chi-square number of one degree of freedom is above 3.8415 with a chance of 5 %.
        let threshold = alarms.threshold(Test::Gemuf);
        assert!((threshold - as_normal(3.8415, 1)).abs() < 0.06, "{threshold}");
    }

    #[test]
    fn alarms_are_as_rare_as_was_asked_and_a_loss_raises_more() {
        let balance = steady();
        let (prepared, alarms) = alarms(&balance, 0.05);
        let found = |loss: &str| alarms.power(&balance, &prepared, loss.parse().unwrap()).unwrap();
        // A loss too small to see leaves the rate of false alarms.
        for detection in found("abrupt:1:0.000001") {
            assert!((detection.probability - 0.05).abs() < 0.017, "{detection:?}");
        }
        let (abrupt, protracted) = (found("abrupt:6:8"), found("protracted:1:12:18"));
        for detection in abrupt.iter().chain(&protracted) {
            assert!(detection.probability > 0.12, "{detection:?}");
            assert!(detection.standard_error < 0.01 && detection.median_delay.is_some());
        }
        let of = |found: &[Detection], test: Test| found[test as usize].probability;
        assert!(of(&abrupt, Test::Muf) > of(&abrupt, Test::Cumuf), "{abrupt:?}");
        assert!(of(&protracted, Test::Page) > of(&protracted, Test::Muf), "{protracted:?}");
    }

    #[test]
    fn more_loss_is_never_harder_to_find() {
        let balance = steady();
        let (prepared, alarms) = alarms(&balance, 0.05);
        let mut before = [0.0; TESTS];
        for amount in [1.0, 3.0, 6.0, 12.0] {
            let found = alarms.power(&balance, &prepared, Loss::Abrupt { period: 6, amount }).unwrap();
            for (detection, before) in found.iter().zip(&mut before) {
                assert!(detection.probability >= *before - 0.005, "{detection:?}");
                *before = detection.probability;
            }
        }
    }

    #[test]
    fn a_quiet_balance_raises_no_alarm_and_a_great_loss_every_one() {
        let balance = steady();
        let (prepared, alarms) = alarms(&balance, 0.05);
        let mut muf = balance.muf();
        let quiet = prepared.evaluate(&muf, PAGE_K).unwrap();
        muf[5] += 20.0;
        let loud = prepared.evaluate(&muf, PAGE_K).unwrap();
        for test in Test::ALL {
            assert!(alarms.raised(&prepared, *test, &quiet).is_empty(), "{test}");
            assert_eq!(alarms.raised(&prepared, *test, &loud).first(), Some(&6), "{test}");
            assert!(alarms.chance(&prepared, *test, &quiet) > 0.5);
            assert!(alarms.chance(&prepared, *test, &loud) < 0.01);
        }
    }

    #[test]
    fn a_question_that_the_realisations_cannot_answer_is_refused() {
        let balance = worked_case();
        let prepared = balance.prepare().unwrap();
        for (rate, realisations, expected) in [
            (0.0, 1_000, "between 0 and 1, not 0"),
            (1.0, 1_000, "between 0 and 1, not 1"),
            (f64::NAN, 1_000, "not NaN"),
            (0.001, 1_000, "ask for 10000 or more"),
        ] {
            let error = Alarms::find(&balance, &prepared, rate, PAGE_K, run(realisations)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
