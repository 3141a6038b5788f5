//! What `surety balance` shows.

use anyhow::Context as _;
use serde::Serialize;
use surety_core::Date;
use surety_material::balance::{Alarms, Balance, Detection, Loss, Prepared, Run, Statistics, Test};

use crate::output::{Page, Sheet, Table, View};

/// A balance with its statistics, its alarms, and how likely losses would be found.
pub(crate) struct BalanceView {
    as_of: Date,
    file: String,
    balance: Balance,
    prepared: Prepared,
    statistics: Statistics,
    alarms: Alarms,
    run: Run,
    page_k: f64,
    losses: Vec<(Loss, Vec<Detection>)>,
}

#[derive(Serialize)]
struct BalanceJson<'a> {
    as_of: Date,
    file: &'a str,
    unit: &'a str,
    false_alarm: f64,
    page_k: f64,
    realisations: u32,
    seed: u64,
    periods: Vec<PeriodJson>,
    tests: Vec<TestJson>,
    losses: Vec<LossJson>,
}

#[derive(Serialize)]
struct PeriodJson {
    period: usize,
    muf: f64,
    seid: f64,
    cumuf: f64,
    cumuf_sd: f64,
    sitmuf: f64,
    page: f64,
    gemuf: f64,
    alarms: Vec<Test>,
}

#[derive(Serialize)]
struct TestJson {
    test: Test,
    threshold: f64,
    greatest: f64,
    chance: f64,
    alarms: Vec<usize>,
}

#[derive(Serialize)]
struct LossJson {
    kind: &'static str,
    from: usize,
    to: usize,
    amount: f64,
    tests: Vec<DetectionJson>,
}

#[derive(Serialize)]
struct DetectionJson {
    test: Test,
    probability: f64,
    standard_error: f64,
    median_delay: Option<usize>,
}

impl BalanceView {
    pub(crate) fn new(
        as_of: Date,
        file: String,
        balance: Balance,
        false_alarm: f64,
        page_k: f64,
        run: Run,
        losses: &[Loss],
    ) -> anyhow::Result<Self> {
        let prepared = balance.prepare().with_context(|| file.clone())?;
        let statistics = prepared.evaluate(&balance.muf(), page_k)?;
        for loss in losses {
            loss.by_period(balance.periods()).context("--loss")?;
        }
        let alarms = Alarms::find(&balance, &prepared, false_alarm, page_k, run)?;
        let power = |loss: &Loss| Ok((*loss, alarms.power(&balance, &prepared, *loss).context("--loss")?));
        let losses = losses.iter().map(power).collect::<anyhow::Result<_>>()?;
        Ok(Self { as_of, file, balance, prepared, statistics, alarms, run, page_k, losses })
    }

    fn periods(&self) -> Vec<PeriodJson> {
        let raised: Vec<(Test, Vec<usize>)> =
            Test::ALL.iter().map(|test| (*test, self.raised(*test))).collect();
        let of = |at: usize| PeriodJson {
            period: at + 1,
            muf: self.statistics.muf[at],
            seid: self.prepared.seid()[at],
            cumuf: self.statistics.cumuf[at],
            cumuf_sd: self.prepared.cumuf_sd()[at],
            sitmuf: self.statistics.sitmuf[at],
            page: self.statistics.page[at],
            gemuf: self.statistics.gemuf[at],
            alarms: raised
                .iter()
                .filter(|(_, periods)| periods.contains(&(at + 1)))
                .map(|(test, _)| *test)
                .collect(),
        };
        (0..self.balance.periods()).map(of).collect()
    }

    fn tests(&self) -> Vec<TestJson> {
        let of = |test: &Test| TestJson {
            test: *test,
            threshold: self.alarms.threshold(*test),
            greatest: self
                .prepared
                .scores(*test, &self.statistics)
                .into_iter()
                .fold(f64::NEG_INFINITY, f64::max),
            chance: self.alarms.chance(&self.prepared, *test, &self.statistics),
            alarms: self.raised(*test),
        };
        Test::ALL.iter().map(of).collect()
    }

    fn raised(&self, test: Test) -> Vec<usize> {
        self.alarms.raised(&self.prepared, test, &self.statistics)
    }

    fn in_unit(&self) -> String {
        match self.balance.unit() {
            "" => "amounts in the unit of the file".to_owned(),
            unit => format!("amounts in {unit}"),
        }
    }

    fn describe(&self, loss: Loss) -> String {
        let unit = self.balance.unit();
        match loss {
            Loss::Abrupt { period, amount } => format!("A loss of {amount} {unit} in period {period}"),
            Loss::Protracted { from, to, amount } => {
                format!("A loss of {amount} {unit}, the same in each of the periods {from} to {to}")
            }
        }
        .replace("  ", " ")
    }
}

impl View for BalanceView {
    fn page(&self) -> Page {
        let count =
            |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        let mut page = Page::new(&format!("Material balance of {}", self.file));
        page.line(&format!(
            "{}, {}, {}. A loss is positive.",
            count(self.balance.periods(), "period"),
            count(self.balance.locations().len(), "location"),
            self.in_unit()
        ));
        let mut table =
            Table::new(&["period", "MUF", "SEID", "CUMUF", "its sd", "SITMUF", "Page", "GEMUF", "alarms"]);
        for period in self.periods() {
            let numbers = [
                period.muf,
                period.seid,
                period.cumuf,
                period.cumuf_sd,
                period.sitmuf,
                period.page,
                period.gemuf,
            ];
            let alarms: Vec<&str> = period.alarms.iter().map(|test| test.as_str()).collect();
            let mut row = vec![period.period.to_string()];
            row.extend(numbers.map(show));
            row.push(alarms.join(" "));
            table.row(row);
        }
        page.table(&table);
        page.heading("Alarms");
        page.line(&format!(
            "Each test by itself may raise one in {} % of balances without a loss ({} realisations, seed {}).",
            show(self.alarms.false_alarm() * 100.0),
            self.run.realisations,
            self.run.seed
        ));
        let mut table = Table::new(&["test", "threshold", "greatest", "chance", "alarms in periods"]);
        for test in self.tests() {
            let periods: Vec<String> = test.alarms.iter().map(ToString::to_string).collect();
            table.row([
                test.test.to_string(),
                format!("{:.3}", test.threshold),
                format!("{:.3}", test.greatest),
                format!("{:.1} %", test.chance * 100.0),
                if periods.is_empty() { "none".to_owned() } else { periods.join(" ") },
            ]);
        }
        page.table(&table);
        page.remark(
            "Chance: how often the greatest value would be as great where nothing is lost. MUF and CUMUF in standard \
             deviations; GEMUF as a standard normal number.",
        );
        for (loss, found) in &self.losses {
            page.heading(&self.describe(*loss));
            let mut table = Table::new(&["test", "found", "standard error", "median delay"]);
            for detection in found {
                table.row([
                    detection.test.to_string(),
                    format!("{:.1} %", detection.probability * 100.0),
                    format!("{:.1} %", detection.standard_error * 100.0),
                    detection.median_delay.map_or_else(
                        || "never found".to_owned(),
                        |delay| format!("{delay} period{}", if delay == 1 { "" } else { "s" }),
                    ),
                ]);
            }
            page.table(&table);
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let losses = self.losses.iter().map(|(loss, found)| {
            let (kind, from, to, amount) = match *loss {
                Loss::Abrupt { period, amount } => ("abrupt", period, period, amount),
                Loss::Protracted { from, to, amount } => ("protracted", from, to, amount),
            };
            let tests = found.iter().map(|detection| DetectionJson {
                test: detection.test,
                probability: detection.probability,
                standard_error: detection.standard_error,
                median_delay: detection.median_delay,
            });
            LossJson { kind, from, to, amount, tests: tests.collect() }
        });
        BalanceJson {
            as_of: self.as_of,
            file: &self.file,
            unit: self.balance.unit(),
            false_alarm: self.alarms.false_alarm(),
            page_k: self.page_k,
            realisations: self.run.realisations,
            seed: self.run.seed,
            periods: self.periods(),
            tests: self.tests(),
            losses: losses.collect(),
        }
    }

    fn sheet(&self) -> Sheet {
        let header = ["period", "muf", "seid", "cumuf", "cumuf_sd", "sitmuf", "page", "gemuf", "alarms"];
        let rows = self.periods().into_iter().map(|period| {
            let numbers = [
                period.muf,
                period.seid,
                period.cumuf,
                period.cumuf_sd,
                period.sitmuf,
                period.page,
                period.gemuf,
            ];
            let alarms: Vec<&str> = period.alarms.iter().map(|test| test.as_str()).collect();
            let mut row = vec![period.period.to_string()];
            row.extend(numbers.map(|number| number.to_string()));
            row.push(alarms.join(" "));
            row
        });
        Sheet::new(header, rows)
    }
}

/// Four significant digits, and never more than six decimals.
fn show(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let digits = number.abs().log10().floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 6")]
    let decimals = (3.0 - digits).clamp(0.0, 6.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        for (number, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (2.031_119, "2.031"),
            (123_456.7, "123457"),
            (0.000_012_34, "0.000012"),
            (0.200_000_000_000_002_84, "0.2"),
        ] {
            assert_eq!(show(number), expected);
        }
    }
}
