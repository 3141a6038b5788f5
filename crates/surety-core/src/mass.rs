//! Masses with ranges: a stock is rarely one number.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a source qualifies a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Qualifier {
    /// `=`: the figure as given.
    Equal,
    /// `~`: about.
    About,
    /// `<`: less than.
    LessThan,
    /// `<=`: at most.
    AtMost,
    /// `>`: more than.
    MoreThan,
    /// `>=`: at least.
    AtLeast,
    /// `range`: between two figures.
    Range,
}

impl Qualifier {
    /// The sign used in the data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::About => "~",
            Self::LessThan => "<",
            Self::AtMost => "<=",
            Self::MoreThan => ">",
            Self::AtLeast => ">=",
            Self::Range => "range",
        }
    }
}

/// A figure, its qualifier or its range does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseMassError {
    /// The qualifier is unknown.
    #[error("`{0}` is not a qualifier: use =, ~, <, <=, >, >= or range")]
    Qualifier(String),
    /// A figure is negative or not a number.
    #[error("a mass must be a number of at least 0, and its uncertainty too")]
    Negative,
    /// The lower end lies above the upper end.
    #[error("the lower end of the range lies above its upper end")]
    Reversed,
    /// The best estimate lies outside the range.
    #[error("the figure lies outside its own range")]
    Outside,
    /// No upper end is written, and the qualifier sets one.
    #[error("no upper end is given, and the qualifier does not leave it open: write max_kg")]
    Open,
    /// There is no figure at all.
    #[error("no figure is given: fill in the quantity, or an end of the range")]
    Empty,
}

impl FromStr for Qualifier {
    type Err = ParseMassError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "=" => Self::Equal,
            "~" => Self::About,
            "<" => Self::LessThan,
            "<=" => Self::AtMost,
            ">" => Self::MoreThan,
            ">=" => Self::AtLeast,
            "range" => Self::Range,
            other => return Err(ParseMassError::Qualifier(other.to_owned())),
        })
    }
}

/// A mass in kilograms with the range in which the source puts it.
///
/// `min_kg <= max_kg` always holds, and a best estimate lies between them. An end that the source
/// leaves open is `0` below and infinite above.
///
/// ```
/// use surety_core::{MassRange, Qualifier};
///
/// let us_heu_2003 = MassRange::new(Some(700_000.0), Some(50_000.0), None, None, Qualifier::Equal)?;
/// assert_eq!((us_heu_2003.min_kg(), us_heu_2003.max_kg()), (650_000.0, 750_000.0));
/// # Ok::<(), surety_core::ParseMassError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Figures", into = "Figures")]
#[schemars(with = "Figures")]
pub struct MassRange {
    best_kg: Option<f64>,
    min_kg: f64,
    max_kg: f64,
    qualifier: Qualifier,
}

/// A mass range as it is written: every end is there, null where it is open above.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MassRange")]
struct Figures {
    /// The source's own figure, in kilograms; null when it gives only a range.
    #[schemars(range(min = 0))]
    best_kg: Option<f64>,
    /// The least that the source allows, in kilograms.
    #[schemars(range(min = 0))]
    min_kg: f64,
    /// The most that the source allows, in kilograms; null when it sets no upper end.
    #[schemars(range(min = 0))]
    max_kg: Option<f64>,
    /// How the source qualifies the figure.
    qualifier: Qualifier,
}

impl From<MassRange> for Figures {
    fn from(mass: MassRange) -> Self {
        let max_kg = Some(mass.max_kg).filter(|kg| kg.is_finite());
        Self { best_kg: mass.best_kg, min_kg: mass.min_kg, max_kg, qualifier: mass.qualifier }
    }
}

impl TryFrom<Figures> for MassRange {
    type Error = ParseMassError;

    fn try_from(figures: Figures) -> Result<Self, ParseMassError> {
        let Figures { best_kg, min_kg, max_kg, qualifier } = figures;
        let mass = Self::new(best_kg, None, Some(min_kg), max_kg, qualifier)?;
        // A figure that sets an upper end must say so: nothing is worked out on reading.
        if mass.max_kg.is_finite() == max_kg.is_some() { Ok(mass) } else { Err(ParseMassError::Open) }
    }
}

impl MassRange {
    /// Makes a range from what a source gives: a figure, its uncertainty (one side, same unit), and
    /// the ends of a range. All in kilograms.
    ///
    /// An explicit end wins over one computed from the uncertainty. Without either, `=` is exact, and
    /// so is `~`, which says "about" without saying how much; its qualifier keeps the doubt.
    pub fn new(
        best_kg: Option<f64>,
        uncertainty_kg: Option<f64>,
        min_kg: Option<f64>,
        max_kg: Option<f64>,
        qualifier: Qualifier,
    ) -> Result<Self, ParseMassError> {
        let figures = [best_kg, uncertainty_kg, min_kg, max_kg];
        if figures.iter().flatten().any(|figure| !figure.is_finite() || *figure < 0.0) {
            return Err(ParseMassError::Negative);
        }
        if best_kg.is_none() && min_kg.is_none() && max_kg.is_none() {
            return Err(ParseMassError::Empty);
        }
        let spread = uncertainty_kg.unwrap_or(0.0);
        let (open_below, open_above) = match qualifier {
            Qualifier::LessThan | Qualifier::AtMost => (true, false),
            Qualifier::MoreThan | Qualifier::AtLeast => (false, true),
            _ => (false, false),
        };
        let min_kg = min_kg
            .or_else(|| best_kg.filter(|_| !open_below).map(|best| (best - spread).max(0.0)))
            .unwrap_or(0.0);
        let max_kg = max_kg
            .or_else(|| best_kg.filter(|_| !open_above).map(|best| best + spread))
            .unwrap_or(f64::INFINITY);
        if min_kg > max_kg {
            return Err(ParseMassError::Reversed);
        }
        if best_kg.is_some_and(|best| best < min_kg || best > max_kg) {
            return Err(ParseMassError::Outside);
        }
        Ok(Self { best_kg, min_kg, max_kg, qualifier })
    }

    /// The source's own figure, when it gives one.
    pub fn best_kg(self) -> Option<f64> {
        self.best_kg
    }

    /// The least that the source allows.
    pub fn min_kg(self) -> f64 {
        self.min_kg
    }

    /// The most that the source allows; infinite when it sets no upper end.
    pub fn max_kg(self) -> f64 {
        self.max_kg
    }

    /// How the source qualifies the figure.
    pub fn qualifier(self) -> Qualifier {
        self.qualifier
    }

    /// Whether every mass in this range is below every mass in `other`: a fall that the uncertainty
    /// cannot explain.
    pub fn clearly_below(self, other: Self) -> bool {
        self.max_kg < other.min_kg
    }

    /// Whether the ranges have a mass in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.min_kg <= other.max_kg && other.min_kg <= self.max_kg
    }
}

/// Kilograms below one tonne, else tonnes, with the range when there is one.
impl fmt::Display for MassRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = [self.best_kg.unwrap_or(0.0), self.min_kg, self.max_kg]
            .into_iter()
            .filter(|mass| mass.is_finite())
            .fold(0.0, f64::max);
        let (scale, unit) = if largest >= 1000.0 { (1000.0, "t") } else { (1.0, "kg") };
        let number = |kg: f64| {
            let text = format!("{:.3}", kg / scale);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        let text = match (self.best_kg, self.max_kg.is_finite()) {
            (None, true) if self.min_kg == 0.0 => {
                let sign = if self.qualifier == Qualifier::LessThan { "<" } else { "≤" };
                format!("{sign} {} {unit}", number(self.max_kg))
            }
            (None, true) => format!("{}–{} {unit}", number(self.min_kg), number(self.max_kg)),
            (None, false) => format!("≥ {} {unit}", number(self.min_kg)),
            (Some(best), finite) => {
                let sign = match self.qualifier {
                    Qualifier::About => "~ ",
                    Qualifier::LessThan => "< ",
                    Qualifier::AtMost => "≤ ",
                    Qualifier::MoreThan => "> ",
                    Qualifier::AtLeast => "≥ ",
                    Qualifier::Equal | Qualifier::Range => "",
                };
                let open = !finite || (sign.starts_with(['<', '≤']) && self.min_kg == 0.0);
                if open || (self.min_kg >= best && self.max_kg <= best) {
                    format!("{sign}{} {unit}", number(best))
                } else {
                    format!("{sign}{} ({}–{}) {unit}", number(best), number(self.min_kg), number(self.max_kg))
                }
            }
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(
        best: Option<f64>,
        spread: Option<f64>,
        min: Option<f64>,
        max: Option<f64>,
        sign: &str,
    ) -> MassRange {
        MassRange::new(best, spread, min, max, sign.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_figure_reads_as_its_source_gives_it() {
        for (mass, shown) in [
            (range(Some(4400.0), None, None, None, "="), "4.4 t"),
            (range(Some(2.7), None, None, None, "="), "2.7 kg"),
            (range(Some(700_000.0), Some(50_000.0), None, None, "="), "700 (650–750) t"),
            (range(None, None, Some(15.0), Some(38.0), "range"), "15–38 kg"),
            (range(None, None, None, Some(100.0), "<"), "< 100 kg"),
            (range(Some(50.0), None, None, None, "<"), "< 50 kg"),
            (range(Some(10_000.0), None, None, None, "~"), "~ 10 t"),
            (range(None, None, Some(3900.0), None, ">="), "≥ 3.9 t"),
            (range(Some(0.0), None, None, None, "="), "0 kg"),
        ] {
            assert_eq!(mass.to_string(), shown);
        }
    }

    #[test]
    fn figures_that_contradict_each_other_are_refused() {
        use ParseMassError::{Empty, Negative, Outside, Reversed};
        let equal = Qualifier::Equal;
        assert_eq!(MassRange::new(None, None, None, None, equal), Err(Empty));
        assert_eq!(MassRange::new(Some(-1.0), None, None, None, equal), Err(Negative));
        assert_eq!(MassRange::new(Some(f64::NAN), None, None, None, equal), Err(Negative));
        assert_eq!(MassRange::new(None, None, Some(2.0), Some(1.0), Qualifier::Range), Err(Reversed));
        assert_eq!(MassRange::new(Some(3.0), None, Some(1.0), Some(2.0), equal), Err(Outside));
    }

    #[test]
    fn a_change_inside_the_uncertainty_is_no_fall() {
        let before = range(Some(700.0), Some(50.0), None, None, "=");
        assert!(!range(Some(660.0), Some(50.0), None, None, "=").clearly_below(before));
        assert!(range(Some(560.0), Some(50.0), None, None, "=").clearly_below(before));
    }

    proptest! {
        #[test]
        fn the_ends_always_enclose_the_figure(best in 0.0..1e6f64, spread in 0.0..1e6f64) {
            let mass = range(Some(best), Some(spread), None, None, "=");
            prop_assert!(mass.min_kg() <= best && best <= mass.max_kg());
            prop_assert!(mass.overlaps(mass));
        }

        #[test]
        fn clearly_below_is_never_both_ways(a in 0.0..10f64, b in 0.0..10f64, s in 0.0..5f64) {
            let (a, b) = (range(Some(a), Some(s), None, None, "="), range(Some(b), Some(s), None, None, "="));
            prop_assert!(!(a.clearly_below(b) && b.clearly_below(a)));
            prop_assert_eq!(a.clearly_below(b) || b.clearly_below(a), !a.overlaps(b));
        }
    }
}
