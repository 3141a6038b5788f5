//! Stocks of weapons-usable material: figures with ranges, in bases that are never mixed.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use surety_core::schemars::{self, JsonSchema};
use surety_core::{MassRange, words};

words! {
    /// A material that stocks are counted in.
    pub enum StockMaterial("material") {
        /// Highly enriched uranium.
        Heu = "HEU",
        /// Separated plutonium, plutonium in fresh MOX included.
        SeparatedPlutonium = "separated-Pu",
        /// Plutonium in spent fuel: not weapons-usable as it stands.
        PlutoniumInSpentFuel = "Pu-in-spent-fuel",
    }
}

words! {
    /// What a stock is kept for.
    pub enum Purpose("purpose") {
        /// Civilian.
        Civilian = "civilian",
        /// For weapons or other military use.
        Military = "military",
        /// For naval reactors.
        Naval = "naval",
        /// Declared excess to military needs.
        ExcessDeclared = "excess-declared",
        /// The source does not say, or gives the total.
        Unspecified = "unspecified",
    }
}

words! {
    /// On what basis a figure is given. Figures on different bases are never joined into one series.
    pub enum Basis("basis") {
        /// Declared by the State.
        Declared = "declared",
        /// Estimated.
        Estimated = "estimated",
        /// Estimated as the mass that, at 90 % enrichment, would hold the same U-235.
        Equivalent90 = "90-percent-equivalent",
        /// Only what has not been irradiated.
        Unirradiated = "unirradiated",
    }
}

impl StockMaterial {
    /// Whether it is usable in weapons as it stands.
    pub fn is_weapons_usable(self) -> bool {
        matches!(self, Self::Heu | Self::SeparatedPlutonium)
    }
}

impl Purpose {
    /// Whether it lies outside civilian programmes: military, naval, declared excess.
    pub fn is_military(self) -> bool {
        matches!(self, Self::Military | Self::Naval | Self::ExcessDeclared)
    }
}

/// The compiler of the yearly declarations of plutonium under INFCIRC/549.
pub const YEARLY_DECLARATION: &str = "INFCIRC/549";

/// One figure for one stock at the end of one year. Who holds it is the caller's to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    /// At the end of which year.
    pub year: i16,
    /// What.
    pub material: StockMaterial,
    /// What for.
    pub purpose: Purpose,
    /// What is measured: `held`, `owned`, a line of a declaration.
    pub measure: String,
    /// On what basis.
    pub basis: Basis,
    /// Who compiled it. Compilers differ in method, so their figures are not joined either.
    pub compiler: String,
    /// How much.
    pub mass: MassRange,
    /// Whether it is part of another figure of the same source.
    pub part: bool,
}

/// What makes the figures of one holder comparable over time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SeriesKey {
    /// What.
    pub material: StockMaterial,
    /// What for.
    pub purpose: Purpose,
    /// What is measured.
    pub measure: String,
    /// On what basis.
    pub basis: Basis,
    /// Who compiled it.
    pub compiler: String,
}

impl Stock {
    /// The series that this figure belongs to.
    pub fn key(&self) -> SeriesKey {
        SeriesKey {
            material: self.material,
            purpose: self.purpose,
            measure: self.measure.clone(),
            basis: self.basis,
            compiler: self.compiler.clone(),
        }
    }

    /// Whether the figure says what is held, rather than what is owned elsewhere, was once declared, or is a part.
    pub fn is_holding(&self) -> bool {
        !self.part && self.measure.starts_with("held")
    }

    /// The best figure; where the source gives none, the least that it allows.
    pub fn at_least_kg(&self) -> f64 {
        self.mass.best_kg().unwrap_or_else(|| self.mass.min_kg())
    }
}

/// Groups the figures of one holder into series of comparable ones, each in order of year. Parts of other figures
/// stay out.
pub fn series<S: Borrow<Stock>>(stocks: impl IntoIterator<Item = S>) -> BTreeMap<SeriesKey, Vec<S>> {
    let mut series = BTreeMap::<_, Vec<S>>::new();
    for stock in stocks {
        if !stock.borrow().part {
            series.entry(stock.borrow().key()).or_default().push(stock);
        }
    }
    for figures in series.values_mut() {
        figures.sort_by_key(|stock| stock.borrow().year);
    }
    series
}

/// How a stock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trend {
    /// It fell by more than the uncertainty.
    Falling,
    /// It rose by more than the uncertainty.
    Rising,
    /// Any change is inside the uncertainty.
    NoClearChange,
    /// There are not two comparable figures within the window.
    Unknown,
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Falling => "falling",
            Self::Rising => "rising",
            Self::NoClearChange => "no clear change",
            Self::Unknown => "too few figures",
        })
    }
}

/// The two figures of a series that a trend compares: the first that is at most `window_years` older than the last,
/// and the last.
pub fn compared<S: Borrow<Stock>>(series: &[S], window_years: i16) -> Option<(&S, &S)> {
    let year = |stock: &S| Borrow::<Stock>::borrow(stock).year;
    let last = series.last()?;
    let in_window = |stock: &&S| year(stock) < year(last) && year(stock) >= year(last) - window_years;
    series.iter().find(in_window).map(|first| (first, last))
}

/// The trend of one series, in order of year, over at most `window_years`. A change that the ranges can explain is
/// none.
pub fn trend<S: Borrow<Stock>>(series: &[S], window_years: i16) -> Trend {
    match compared(series, window_years).map(|(first, last)| (first.borrow().mass, last.borrow().mass)) {
        None => Trend::Unknown,
        Some((first, last)) if last.clearly_below(first) => Trend::Falling,
        Some((first, last)) if first.clearly_below(last) => Trend::Rising,
        Some(_) => Trend::NoClearChange,
    }
}

/// Pairs of figures of one holder that contradict each other: what is held of the same material for the same
/// purpose at the end of the same year, on the same basis, and no mass in common.
pub fn contradictions<S: Borrow<Stock> + Copy>(stocks: &[S]) -> Vec<(S, S)> {
    let comparable = |a: &Stock, b: &Stock| {
        a.is_holding()
            && b.is_holding()
            && (a.year, a.material, a.purpose, a.basis) == (b.year, b.material, b.purpose, b.basis)
    };
    let mut pairs = Vec::new();
    for (index, a) in stocks.iter().enumerate() {
        for b in &stocks[index + 1..] {
            if comparable(a.borrow(), b.borrow()) && !a.borrow().mass.overlaps(b.borrow().mass) {
                pairs.push((*a, *b));
            }
        }
    }
    pairs
}

/// The half-width of a figure declared under INFCIRC/549, which is rounded to 100 kg: 50 kg for each of the
/// `lines` it adds up. A figure that is no multiple of 100 kg was not rounded, and a declared zero is none.
pub fn declared_rounding_kg(mass_kg: f64, lines: u32) -> f64 {
    const ROUNDED_TO_KG: f64 = 100.0;
    if mass_kg > 0.0 && mass_kg % ROUNDED_TO_KG == 0.0 { f64::from(lines) * ROUNDED_TO_KG / 2.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use surety_core::Qualifier;

    fn stock(year: i16, best_kg: f64, spread_kg: f64) -> Stock {
        Stock {
            year,
            material: StockMaterial::Heu,
            purpose: Purpose::Civilian,
            measure: "held".to_owned(),
            basis: Basis::Declared,
            compiler: "XAA".to_owned(),
            mass: MassRange::new(Some(best_kg), Some(spread_kg), None, None, Qualifier::Equal).unwrap(),
            part: false,
        }
    }

    #[test]
    fn a_trend_is_only_what_the_uncertainty_cannot_explain() {
        for (before, after, expected) in [
            ((700.0, 50.0), (500.0, 50.0), Trend::Falling),
            ((700.0, 50.0), (620.0, 50.0), Trend::NoClearChange),
            ((700.0, 50.0), (700.0, 50.0), Trend::NoClearChange),
            ((700.0, 50.0), (900.0, 50.0), Trend::Rising),
            ((700.0, 0.0), (699.0, 0.0), Trend::Falling),
        ] {
            let (before, after) = (stock(2015, before.0, before.1), stock(2019, after.0, after.1));
            assert_eq!(trend(&[&before, &after], 5), expected);
        }
    }

    #[test]
    fn a_trend_looks_back_no_further_than_its_window() {
        let (old, new) = (stock(2013, 700.0, 0.0), stock(2019, 500.0, 0.0));
        assert_eq!(trend(&[&old, &new], 5), Trend::Unknown);
        assert_eq!(trend(&[&old, &new], 6), Trend::Falling);
        assert_eq!(trend::<Stock>(&[], 5), Trend::Unknown);
    }

    #[test]
    fn bases_compilers_and_measures_are_never_mixed() {
        let base = stock(2018, 10.0, 0.0);
        let others = [
            Stock { basis: Basis::Equivalent90, ..base.clone() },
            Stock { compiler: "another".to_owned(), ..base.clone() },
            Stock { measure: "owned".to_owned(), ..base.clone() },
            Stock { purpose: Purpose::Military, ..base.clone() },
            Stock { material: StockMaterial::SeparatedPlutonium, ..base.clone() },
        ];
        let later = Stock { year: 2019, ..base.clone() };
        let all: Vec<&Stock> = others.iter().chain([&base, &later]).collect();
        let series = series(all);
        assert_eq!(series.len(), 6);
        assert_eq!(series[&base.key()].iter().map(|stock| stock.year).collect::<Vec<_>>(), [2018, 2019]);
    }

    #[test]
    fn a_part_of_another_figure_is_in_no_series() {
        let part = Stock { part: true, ..stock(2018, 10.0, 0.0) };
        assert!(series([&part]).is_empty());
    }

    #[test]
    fn figures_without_a_mass_in_common_contradict_each_other() {
        let (a, b) =
            (stock(2019, 6000.0, 0.0), Stock { compiler: "CNS".to_owned(), ..stock(2019, 17_500.0, 2500.0) });
        assert_eq!(contradictions(&[&a, &b]).len(), 1);
        let apart_in_time = Stock { year: 2018, ..b };
        assert!(contradictions(&[&a, &apart_in_time]).is_empty());
    }

    #[test]
    fn what_is_declared_in_steps_of_100_kg_is_known_to_50() {
        assert!((declared_rounding_kg(4400.0, 4) - 200.0).abs() < f64::EPSILON);
        assert!(declared_rounding_kg(13.8, 1).abs() < f64::EPSILON);
        assert!(declared_rounding_kg(0.0, 4).abs() < f64::EPSILON, "a declared zero is none");
    }

    proptest! {
        #[test]
        fn the_order_of_the_rows_never_matters(
            rows in prop::collection::vec((2000i16..2030, 0.0..9e3f64), 0..20).prop_shuffle()
        ) {
            // Two figures of one year in one series keep their order; that is no matter of the law.
            let mut rows = rows;
            rows.sort_by_key(|(year, _)| *year);
            rows.dedup_by_key(|(year, _)| *year);
            let stocks: Vec<Stock> = rows.iter().map(|(year, kg)| stock(*year, *kg, 1.0)).collect();
            let reversed: Vec<&Stock> = stocks.iter().rev().collect();
            prop_assert_eq!(series(&stocks), series(reversed));
        }

        #[test]
        fn a_wider_uncertainty_never_makes_a_trend(a in 0.0..9e3f64, b in 0.0..9e3f64, s in 0.0..1e3f64, more in 0.0..1e3f64) {
            let with = |spread| trend(&[&stock(2015, a, spread), &stock(2019, b, spread)], 5);
            if with(s) == Trend::NoClearChange {
                prop_assert_eq!(with(s + more), Trend::NoClearChange);
            }
        }
    }
}
