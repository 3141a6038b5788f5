//! Material balance statistics: did what went in come out, as far as the measurements can tell?
//!
//! A [`Balance`] holds, for each [`Location`] of a material balance area, the amounts of every period and how well
//! they are measured. Each measurement is x(1 + r + s): r is drawn anew for every measurement, s once for a location.
//! From that follow the material unaccounted for (MUF) of each period, its covariance, and the tests on it:
//!
//! - MUF = ΣI − ΣO − Σ(C<sub>i</sub> − C<sub>i−1</sub>), with its standard deviation, SEID
//! - CUMUF, the running sum, with its standard deviation from the leading block of the covariance
//! - SITMUF = L⁻¹·MUF, L the lower Cholesky factor: what is new in each period, in standard deviations
//! - Page's trend test on SITMUF, P<sub>i</sub> = max(P<sub>i−1</sub> + y<sub>i</sub> − k, 0)
//! - GEMUF (V1) = MUFᵀV⁻¹MUF over the periods so far
//!
//! A loss is positive. Nothing here knows who holds the material; amounts are in whatever unit the caller counts in.
//!
//! ```
//! use surety_material::balance::{Balance, PAGE_K};
//!
//! let balance = Balance::from_csv("area.csv", "\
//! period,location,kind,amount_kg,random_sd,systematic_sd
//! 0,vault,inventory,50,0.02,0.01
//! 1,vault,inventory,52,0.02,0.01
//! 1,feed,input,101,0.01,0.005
//! 1,product,output,98,0.008,0.004
//! ")?;
//! let prepared = balance.prepare()?;
//! let statistics = prepared.evaluate(&balance.muf(), PAGE_K)?;
//! assert_eq!(statistics.muf, [1.0]); // kilograms
//! assert!((prepared.seid()[0] - 2.0311).abs() < 1e-4);
//! # Ok::<(), surety_material::balance::Error>(())
//! ```

mod alarm;
mod covariance;
mod simulation;
mod statistics;
mod table;

use surety_core::words;

pub use alarm::{Alarms, Detection, Test};
pub use covariance::Covariance;
pub use simulation::{Loss, ParseLossError, REALISATIONS_MAX, Run};
pub use statistics::{PAGE_K, Prepared, Statistics};

/// More periods than anybody balances: the covariance has a number for each pair of them.
pub const PERIODS_MAX: usize = 2_000;
/// More locations than any material balance area has.
pub const LOCATIONS_MAX: usize = 10_000;
/// No amount is greater: its square, summed over all locations, still has every digit.
pub const AMOUNT_MAX: f64 = 1e15;

words! {
    /// What a location of a material balance area counts.
    pub enum Kind("kind of location") {
        /// What comes in during a period.
        Input = "input",
        /// What goes out during a period.
        Output = "output",
        /// What is there at the end of a period.
        Inventory = "inventory",
    }
}

/// One place at which material is measured: its name, and how well it is measured there.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// Its name, unique in a balance.
    pub name: String,
    /// What it counts.
    pub kind: Kind,
    /// Relative standard deviation of what is new in every measurement: 0.01 is 1 %.
    pub random_sd: f64,
    /// Relative standard deviation of what all its measurements have in common.
    pub systematic_sd: f64,
    /// The amounts: one for each period; for an inventory the opening one before them.
    pub amounts: Vec<f64>,
}

/// The amounts of a material balance area, period by period. One that exists is complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    periods: usize,
    locations: Vec<Location>,
    unit: String,
}

/// Why a balance cannot be read, computed or asked about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table is not what its format asks for.
    #[error("{place}: {what}")]
    Parse {
        /// File and line.
        place: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A location makes a balance impossible.
    #[error("location `{location}`: {what}")]
    Location {
        /// Its name.
        location: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// The measurement errors of a period leave nothing to test.
    #[error(
        "period {period}: nothing about its MUF is uncertain once the periods before it are known: \
        give what is measured in it a random error, or leave the period out"
    )]
    Degenerate {
        /// The period, counted from 1.
        period: usize,
    },
    /// A question that cannot be answered as it is put.
    #[error("{0}")]
    Question(String),
}

impl Error {
    fn parse(file: &str, line: u64, what: impl Into<String>) -> Self {
        Self::Parse { place: format!("{file}:{line}"), what: what.into() }
    }

    fn question(what: impl Into<String>) -> Self {
        Self::Question(what.into())
    }
}

impl Balance {
    /// A balance of that many periods. Amounts are at least 0, and standard deviations from 0 to 1.
    pub fn new(periods: usize, locations: Vec<Location>) -> Result<Self, Error> {
        if periods == 0 || periods > PERIODS_MAX {
            return Err(Error::question(format!(
                "a balance has from 1 to {PERIODS_MAX} periods, not {periods}"
            )));
        }
        if locations.is_empty() || locations.len() > LOCATIONS_MAX {
            return Err(Error::question(format!(
                "a balance has from 1 to {LOCATIONS_MAX} locations, not {}",
                locations.len()
            )));
        }
        let mut names = std::collections::HashSet::new();
        for location in &locations {
            location.check(periods)?;
            if !names.insert(&location.name) {
                return Err(location.error("stands twice: give each location a name of its own"));
            }
        }
        Ok(Self { periods, locations, unit: String::new() })
    }

    /// The number of periods.
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// The locations, in the order given.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The unit of the amounts; empty when the table did not say.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The material unaccounted for, period by period: ΣI − ΣO − Σ(C<sub>i</sub> − C<sub>i−1</sub>).
    pub fn muf(&self) -> Vec<f64> {
        let mut muf = vec![0.0; self.periods];
        for location in &self.locations {
            for (sum, part) in muf.iter_mut().zip(location.contributions()) {
                *sum += part;
            }
        }
        muf
    }
}

impl Location {
    /// What the location adds to the MUF of each period: an input itself, an output its negative, an inventory what
    /// it fell by.
    fn contributions(&self) -> impl Iterator<Item = f64> + '_ {
        let first = usize::from(self.kind == Kind::Inventory);
        (first..self.amounts.len()).map(move |at| match self.kind {
            Kind::Input => self.amounts[at],
            Kind::Output => -self.amounts[at],
            Kind::Inventory => self.amounts[at - 1] - self.amounts[at],
        })
    }

    fn check(&self, periods: usize) -> Result<(), Error> {
        let expected = periods + usize::from(self.kind == Kind::Inventory);
        if self.amounts.len() != expected {
            return Err(self.error(format!(
                "{} amounts for {periods} periods: {} of them are needed{}",
                self.amounts.len(),
                expected,
                if self.kind == Kind::Inventory { ", the opening inventory first" } else { "" }
            )));
        }
        if let Some(amount) = self.amounts.iter().find(|amount| !(0.0..=AMOUNT_MAX).contains(*amount)) {
            return Err(self.error(format!("an amount is from 0 to {AMOUNT_MAX:e}, not {amount}")));
        }
        for sd in [self.random_sd, self.systematic_sd] {
            if !(0.0..=1.0).contains(&sd) {
                return Err(self.error(format!(
                    "a relative standard deviation is from 0 to 1, not {sd}: write 0.01 for 1 %"
                )));
            }
        }
        Ok(())
    }

    fn error(&self, what: impl Into<String>) -> Error {
        Error::Location { location: self.name.clone(), what: what.into() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn location(name: &str, kind: Kind, (random_sd, systematic_sd): (f64, f64), amounts: &[f64]) -> Location {
        Location { name: name.to_owned(), kind, random_sd, systematic_sd, amounts: amounts.to_vec() }
    }

    /// A worked case of the formulae: one location of each kind, five periods.
    pub(crate) fn worked_case() -> Balance {
        Balance::new(
            5,
            vec![
                location("feed", Kind::Input, (0.01, 0.005), &[101.0, 110.0, 90.0, 105.0, 95.0]),
                location("vault", Kind::Inventory, (0.02, 0.01), &[50.0, 52.0, 54.5, 51.0, 54.8, 52.5]),
                location("product", Kind::Output, (0.008, 0.004), &[98.0, 108.0, 93.0, 101.0, 97.0]),
            ],
        )
        .unwrap()
    }

    /// Any small balance with random errors everywhere, so that no period is degenerate.
    pub(crate) fn balances() -> impl Strategy<Value = Balance> {
        let kinds = prop::sample::select(Kind::ALL);
        (1..8usize).prop_flat_map(move |periods| {
            let amounts = prop::collection::vec(1.0..100.0f64, periods + 1);
            let one = (kinds.clone(), 0.001..0.05f64, 0.0..0.05f64, amounts);
            prop::collection::vec(one, 1..6).prop_map(move |rows| {
                let locations =
                    rows.into_iter().enumerate().map(|(at, (kind, random, systematic, amounts))| {
                        let count = periods + usize::from(kind == Kind::Inventory);
                        location(&format!("l{at}"), kind, (random, systematic), &amounts[..count])
                    });
                Balance::new(periods, locations.collect()).unwrap()
            })
        })
    }

    #[test]
    fn what_makes_no_balance_is_named() {
        let feed = |amounts: &[f64]| location("feed", Kind::Input, (0.01, 0.0), amounts);
        let vault = |amounts: &[f64]| location("vault", Kind::Inventory, (0.01, 0.0), amounts);
        for (periods, locations, expected) in [
            (0, vec![feed(&[])], "from 1 to 2000 periods, not 0"),
            (1, vec![], "from 1 to 10000 locations, not 0"),
            (2, vec![feed(&[1.0])], "location `feed`: 1 amounts for 2 periods: 2 of them are needed"),
            (2, vec![vault(&[1.0, 2.0])], "3 of them are needed, the opening inventory first"),
            (1, vec![feed(&[-1.0])], "from 0 to 1e15, not -1"),
            (1, vec![feed(&[f64::NAN])], "not NaN"),
            (1, vec![feed(&[f64::INFINITY])], "not inf"),
            (1, vec![feed(&[1.0]), feed(&[1.0])], "stands twice"),
            (1, vec![location("feed", Kind::Input, (1.5, 0.0), &[1.0])], "write 0.01 for 1 %"),
            (1, vec![location("feed", Kind::Input, (0.0, -0.1), &[1.0])], "from 0 to 1, not -0.1"),
        ] {
            let error = Balance::new(periods, locations).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_only_moves_inside_is_no_muf(amounts in prop::collection::vec(0.0..1e6f64, 2..20)) {
            // What leaves the vault arrives in the output: nothing is missing.
            let falls: Vec<f64> = amounts.windows(2).map(|pair| pair[0] - pair[1]).collect();
            let (to, from): (Vec<f64>, Vec<f64>) = falls.iter().map(|fall| (fall.max(0.0), (-fall).max(0.0))).unzip();
            let balance = Balance::new(falls.len(), vec![
                location("vault", Kind::Inventory, (0.01, 0.0), &amounts),
                location("out", Kind::Output, (0.01, 0.0), &to),
                location("in", Kind::Input, (0.01, 0.0), &from),
            ]).unwrap();
            for muf in balance.muf() {
                prop_assert!(muf.abs() < 1e-6);
            }
        }
    }
}
