//! What a register counts: items of nuclear material, and the changes that befall them.

use serde::Serialize;
use surety_core::{Date, words};
use surety_material::{Irradiation, Material, Purpose};

use crate::{Error, Result};

/// No line may carry more: a million tonnes.
pub const MASS_MAX_MG: i64 = 1_000_000_000_000_000;

words! {
    /// What an item consists of, as accounts tell materials apart.
    pub enum MaterialKind("material") {
        /// Plutonium; its isotope is Pu-238.
        Plutonium = "plutonium",
        /// Uranium enriched in U-235; its isotope is U-235.
        EnrichedUranium = "enriched-uranium",
        /// Uranium-233; its isotope is U-233.
        Uranium233 = "uranium-233",
        /// Natural uranium.
        NaturalUranium = "natural-uranium",
        /// Depleted uranium.
        DepletedUranium = "depleted-uranium",
        /// Thorium.
        Thorium = "thorium",
    }
}

impl MaterialKind {
    /// The material, for its category and its significant quantity. The share of the isotope is rounded down to whole
    /// parts per million.
    pub fn material(self, element_mg: i64, isotope_mg: i64) -> Material {
        let ppm = || {
            let share = i128::from(isotope_mg.max(0)) * 1_000_000 / i128::from(element_mg.max(1));
            u32::try_from(share.min(1_000_000)).unwrap_or(1_000_000)
        };
        match self {
            Self::Plutonium => Material::Plutonium { pu238_ppm: ppm() },
            Self::EnrichedUranium => Material::EnrichedUranium { u235_ppm: ppm() },
            Self::Uranium233 => Material::Uranium233,
            Self::NaturalUranium => Material::NaturalUranium,
            Self::DepletedUranium => Material::DepletedUranium,
            Self::Thorium => Material::Thorium,
        }
    }

    /// The mass that categories and significant quantities count: of the isotope for enriched uranium and
    /// uranium-233, of the element for all others.
    pub fn counted_mg(self, element_mg: i64, isotope_mg: i64) -> i64 {
        match self {
            Self::EnrichedUranium | Self::Uranium233 => isotope_mg,
            _ => element_mg,
        }
    }

    /// The letter of IAEA reports.
    pub fn letter(self) -> char {
        match self {
            Self::Plutonium => 'P',
            Self::EnrichedUranium => 'E',
            Self::Uranium233 => 'K',
            Self::NaturalUranium => 'N',
            Self::DepletedUranium => 'D',
            Self::Thorium => 'T',
        }
    }
}

words! {
    /// What changes an inventory, by the codes of IAEA reports.
    pub enum ChangeCode("inventory change code") {
        /// Receipt, domestic.
        ReceiptDomestic = "RD",
        /// Receipt, foreign.
        ReceiptForeign = "RF",
        /// Receipt at the starting point of safeguards.
        ReceiptStart = "RS",
        /// Nuclear production.
        Production = "NP",
        /// Accidental gain.
        AccidentalGain = "GA",
        /// De-exemption, quantity.
        DeExemptionQuantity = "DQ",
        /// De-exemption, use.
        DeExemptionUse = "DU",
        /// Retransfer from retained waste.
        FromWaste = "FW",
        /// Rebatching, plus.
        RebatchPlus = "RP",
        /// Shipment, domestic.
        ShipmentDomestic = "SD",
        /// Shipment, foreign.
        ShipmentForeign = "SF",
        /// Nuclear loss.
        NuclearLoss = "LN",
        /// Measured discard.
        MeasuredDiscard = "LD",
        /// Accidental loss.
        AccidentalLoss = "LA",
        /// Transfer to retained waste.
        ToWaste = "TW",
        /// Exemption, quantity.
        ExemptionQuantity = "EQ",
        /// Exemption, use.
        ExemptionUse = "EU",
        /// Termination of use.
        Termination = "TU",
        /// Rebatching, minus.
        RebatchMinus = "RM",
        /// Category change, depleted to enriched.
        DepletedToEnriched = "DE",
        /// Category change, depleted to natural.
        DepletedToNatural = "DN",
        /// Category change, enriched to depleted.
        EnrichedToDepleted = "ED",
        /// Category change, enriched to natural.
        EnrichedToNatural = "EN",
        /// Category change, natural to depleted.
        NaturalToDepleted = "ND",
        /// Category change, natural to enriched.
        NaturalToEnriched = "NE",
        /// Shipper/receiver difference: what was received less what was shipped.
        ShipperReceiverDifference = "DI",
        /// Inventory difference that adds: more was found than the books said.
        FoundMore = "L+",
        /// Inventory difference that takes away: less was found than the books said.
        FoundLess = "L-",
        /// Rounding that adds.
        RoundingPlus = "R+",
        /// Rounding that takes away.
        RoundingMinus = "R-",
    }
}

/// Which way a change moves the book inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It adds what it says.
    Increase,
    /// It takes away what it says.
    Decrease,
    /// It adds or takes away, by the sign of what it says.
    Signed,
}

impl ChangeCode {
    /// Which way it moves the inventory of a material; none for a category change that is not of this material.
    pub fn direction(self, material: MaterialKind) -> Option<Direction> {
        use ChangeCode as C;
        Some(match self {
            C::ReceiptDomestic
            | C::ReceiptForeign
            | C::ReceiptStart
            | C::Production
            | C::AccidentalGain
            | C::DeExemptionQuantity
            | C::DeExemptionUse
            | C::FromWaste
            | C::RebatchPlus
            | C::FoundMore
            | C::RoundingPlus => Direction::Increase,
            C::ShipmentDomestic
            | C::ShipmentForeign
            | C::NuclearLoss
            | C::MeasuredDiscard
            | C::AccidentalLoss
            | C::ToWaste
            | C::ExemptionQuantity
            | C::ExemptionUse
            | C::Termination
            | C::RebatchMinus
            | C::FoundLess
            | C::RoundingMinus => Direction::Decrease,
            C::ShipperReceiverDifference => Direction::Signed,
            C::DepletedToEnriched
            | C::DepletedToNatural
            | C::EnrichedToDepleted
            | C::EnrichedToNatural
            | C::NaturalToDepleted
            | C::NaturalToEnriched => {
                let (from, to) = self.as_str().split_at(1);
                match material.letter() {
                    letter if from.starts_with(letter) => Direction::Decrease,
                    letter if to.starts_with(letter) => Direction::Increase,
                    _ => return None,
                }
            }
        })
    }

    /// Whether it books what an inventory found: no flow of material.
    pub fn is_inventory_difference(self) -> bool {
        matches!(self, Self::FoundMore | Self::FoundLess)
    }
}

/// A mass of an element and of its isotope, exact, in milligrams; and how many pieces it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize)]
pub struct Amount {
    /// Of the element.
    pub element_mg: i64,
    /// Of the isotope that [`MaterialKind`] names.
    pub isotope_mg: i64,
    /// How many pieces: rods, cans, assemblies.
    pub pieces: i64,
}

impl Amount {
    /// The sum; none beyond what 64 bits hold.
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            element_mg: self.element_mg.checked_add(other.element_mg)?,
            isotope_mg: self.isotope_mg.checked_add(other.isotope_mg)?,
            pieces: self.pieces.checked_add(other.pieces)?,
        })
    }

    /// The same taken away.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { element_mg: -self.element_mg, isotope_mg: -self.isotope_mg, pieces: -self.pieces }
    }

    /// What a change of this amount does to the book inventory.
    pub fn moved(self, direction: Direction) -> Self {
        match direction {
            Direction::Decrease => self.negated(),
            Direction::Increase | Direction::Signed => self,
        }
    }

    /// Whether an item can consist of it: nothing negative, no isotope without its element.
    pub fn can_be_held(self) -> bool {
        (0..=self.element_mg).contains(&self.isotope_mg) && self.pieces >= 0
    }
}

/// One inventory change, as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The line that it stands on in its file; 0 when it comes from none.
    pub line: u64,
    /// The day on which it happened.
    pub day: Date,
    /// The material balance area.
    pub area: String,
    /// The name of the batch, unique in the area for each material.
    pub batch: String,
    /// What it consists of.
    pub material: MaterialKind,
    /// What happened.
    pub code: ChangeCode,
    /// How much.
    pub amount: Amount,
    /// From or to which area or State.
    pub other: Option<String>,
    /// Of a batch that is new: its physical and chemical form.
    pub form: Option<String>,
    /// Of a batch that is new: whether it is irradiated, with more than 1 Gy/h at 1 m.
    pub irradiation: Option<Irradiation>,
    /// Of a batch that is new: what it is for; that of the site otherwise.
    pub purpose: Option<Purpose>,
    /// The number of the change that it takes the place of. With an amount of zero, that change is deleted.
    pub corrects: Option<i64>,
}

/// The numbers of the store. They are for ever: add at the end, never in between.
const MATERIALS: [MaterialKind; 6] = [
    MaterialKind::Plutonium,
    MaterialKind::EnrichedUranium,
    MaterialKind::Uranium233,
    MaterialKind::NaturalUranium,
    MaterialKind::DepletedUranium,
    MaterialKind::Thorium,
];
const PURPOSES: [Purpose; 4] =
    [Purpose::Civilian, Purpose::Military, Purpose::Naval, Purpose::ExcessDeclared];

/// The purposes that a register knows.
pub fn purposes() -> &'static [Purpose] {
    &PURPOSES
}

pub(crate) fn number_of_material(material: MaterialKind) -> i64 {
    place(&MATERIALS, material)
}

pub(crate) fn material_of_number(number: i64) -> Result<MaterialKind> {
    at(&MATERIALS, number, "material")
}

pub(crate) fn number_of_purpose(purpose: Purpose) -> Result<i64> {
    if PURPOSES.contains(&purpose) {
        Ok(place(&PURPOSES, purpose))
    } else {
        Err(Error::Refused(
            "say what the material is for: civilian, military, naval or excess-declared".to_owned(),
        ))
    }
}

pub(crate) fn purpose_of_number(number: i64) -> Result<Purpose> {
    at(&PURPOSES, number, "purpose")
}

pub(crate) fn number_of_irradiation(irradiation: Irradiation) -> i64 {
    i64::from(irradiation == Irradiation::Above1GrayPerHourAt1m)
}

pub(crate) fn irradiation_of_number(number: i64) -> Result<Irradiation> {
    at(&[Irradiation::Unirradiated, Irradiation::Above1GrayPerHourAt1m], number, "irradiation")
}

/// `unirradiated` or `irradiated`.
pub fn irradiation_word(irradiation: Irradiation) -> &'static str {
    match irradiation {
        Irradiation::Unirradiated => "unirradiated",
        Irradiation::Above1GrayPerHourAt1m => "irradiated",
    }
}

/// Reads `unirradiated` or `irradiated`.
pub fn parse_irradiation(text: &str) -> Result<Irradiation, String> {
    match text {
        "unirradiated" => Ok(Irradiation::Unirradiated),
        "irradiated" => Ok(Irradiation::Above1GrayPerHourAt1m),
        other => Err(format!("`{other}` is not a state of irradiation: use unirradiated or irradiated")),
    }
}

fn place<T: PartialEq>(all: &[T], wanted: T) -> i64 {
    all.iter().position(|one| *one == wanted).and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX)
}

fn at<T: Copy>(all: &[T], number: i64, what: &str) -> Result<T> {
    usize::try_from(number)
        .ok()
        .and_then(|place| all.get(place).copied())
        .ok_or_else(|| Error::Damaged(format!("{number} is the number of no {what}")))
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970-01-01.
pub(crate) fn number_of_day(day: Date) -> i64 {
    day.duration_since(EPOCH).as_hours() / 24
}

pub(crate) fn day_of_number(number: i64) -> Result<Date> {
    EPOCH
        .checked_add(jiff::SignedDuration::from_hours(number.saturating_mul(24)))
        .map_err(|_| Error::Damaged(format!("{number} is the number of no day")))
}

/// Reads grams with at most three decimals into whole milligrams.
///
/// ```
/// use surety_register::parse_grams;
/// assert_eq!(parse_grams("1234.5"), Ok(1_234_500));
/// assert_eq!(parse_grams("-0.001"), Ok(-1));
/// assert!(parse_grams("0.0001").is_err(), "less than a milligram");
/// assert!(parse_grams("1e3").is_err());
/// ```
pub fn parse_grams(text: &str) -> Result<i64, String> {
    let refuse =
        || format!("`{text}` is no mass in grams: write digits and at most three decimals, such as 1250.5");
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || decimals.len() > 3
        || !all_digits(whole)
        || !all_digits(decimals)
        || digits.ends_with('.')
    {
        return Err(refuse());
    }
    let whole: i64 = whole.parse().map_err(|_| refuse())?;
    let thousandths: i64 = format!("{decimals:0<3}").parse().map_err(|_| refuse())?;
    let mass = whole.checked_mul(1_000).and_then(|mass| mass.checked_add(thousandths)).ok_or_else(refuse)?;
    if mass > MASS_MAX_MG {
        return Err(format!("`{text}` is more than a million tonnes"));
    }
    Ok(if negative { -mass } else { mass })
}

/// Grams with as many decimals as are needed.
///
/// ```
/// assert_eq!(surety_register::show_grams(1_234_500), "1234.5");
/// ```
pub fn show_grams(mass_mg: i64) -> String {
    let (sign, mass) = (if mass_mg < 0 { "-" } else { "" }, mass_mg.unsigned_abs());
    match mass % 1_000 {
        0 => format!("{sign}{}", mass / 1_000),
        rest => format!("{sign}{}.{}", mass / 1_000, format!("{rest:03}").trim_end_matches('0')),
    }
}

/// Whether a text can be the name of a site, an area or a batch: 1 to 32 letters, digits and `- _ . / +`.
pub(crate) fn check_name(text: &str, what: &str) -> Result<(), String> {
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./+".contains(&byte));
    if fits {
        Ok(())
    } else {
        Err(format!("`{text}` is no name of {what}: use 1 to 32 letters, digits and - _ . / +"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_category_change_takes_from_one_material_and_gives_to_another() {
        let direction = |code: &str, material| code.parse::<ChangeCode>().unwrap().direction(material);
        assert_eq!(direction("EN", MaterialKind::EnrichedUranium), Some(Direction::Decrease));
        assert_eq!(direction("EN", MaterialKind::NaturalUranium), Some(Direction::Increase));
        assert_eq!(direction("EN", MaterialKind::Plutonium), None);
        assert_eq!(direction("LD", MaterialKind::Plutonium), Some(Direction::Decrease));
    }

    #[test]
    fn the_numbers_of_the_store_are_complete() {
        for material in MaterialKind::ALL {
            assert_eq!(material_of_number(number_of_material(*material)).unwrap(), *material);
        }
        for purpose in Purpose::ALL.iter().filter(|purpose| **purpose != Purpose::Unspecified) {
            assert_eq!(purpose_of_number(number_of_purpose(*purpose).unwrap()).unwrap(), *purpose);
        }
        assert!(number_of_purpose(Purpose::Unspecified).is_err() && material_of_number(6).is_err());
    }

    proptest! {
        #[test]
        fn a_mass_in_grams_reads_back(mass in -MASS_MAX_MG..=MASS_MAX_MG) {
            prop_assert_eq!(parse_grams(&show_grams(mass)), Ok(mass));
        }

        #[test]
        fn a_day_has_one_number(number in -20_000i64..60_000) {
            prop_assert_eq!(number_of_day(day_of_number(number).unwrap()), number);
        }

        #[test]
        fn no_text_makes_the_reader_of_masses_panic(text in "\\PC{0,24}") {
            let _ = parse_grams(&text);
        }
    }
}
