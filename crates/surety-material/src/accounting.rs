//! Nuclear material accounts: kinds of material, exact masses, inventory changes, and what follows from them.
//!
//! Masses are whole milligrams. The codes are those that the Canadian REGDOC-2.13.1 reuses from Code 10 of the IAEA; an
//! extract of its Appendix D was read, neither the whole of it nor Code 10. Which way a code moves material, where its
//! name leaves it open, is our choice.

use surety_core::words;

use crate::category::{Irradiation, Material};

/// No single mass is greater: a million tonnes.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, serde::Serialize)]
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

    /// The difference; none beyond what 64 bits hold.
    pub fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            element_mg: self.element_mg.checked_sub(other.element_mg)?,
            isotope_mg: self.isotope_mg.checked_sub(other.isotope_mg)?,
            pieces: self.pieces.checked_sub(other.pieces)?,
        })
    }

    /// The same taken away.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { element_mg: -self.element_mg, isotope_mg: -self.isotope_mg, pieces: -self.pieces }
    }

    /// What a change of this amount does to the book inventory.
    #[must_use]
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

/// The book inventory after changes: the opening inventory and what every change did to it. None where a change is not
/// of this material, or beyond what 64 bits hold.
///
/// ```
/// use surety_material::{Amount, ChangeCode, MaterialKind, book_inventory};
///
/// let mass = |element_mg| Amount { element_mg, ..Amount::default() };
/// let changes = [(ChangeCode::ReceiptDomestic, mass(5_000)), (ChangeCode::MeasuredDiscard, mass(200))];
/// assert_eq!(book_inventory(mass(1_000), MaterialKind::Plutonium, changes), Some(mass(5_800)));
/// ```
pub fn book_inventory(
    opening: Amount,
    material: MaterialKind,
    changes: impl IntoIterator<Item = (ChangeCode, Amount)>,
) -> Option<Amount> {
    changes
        .into_iter()
        .try_fold(opening, |book, (code, amount)| book.plus(amount.moved(code.direction(material)?)))
}

/// The inventory difference, ID or MUF: book inventory less physical inventory. Positive where material is missing.
pub fn inventory_difference(book: Amount, physical: Amount) -> Option<Amount> {
    book.minus(physical)
}

/// The shipper/receiver difference of a batch: the shipper's amount less what the receiving area measured, by our
/// choice of the sign. The change `DI` books its negative, since the receipt is booked with the shipper's amount.
pub fn shipper_receiver_difference(shipped: Amount, received: Amount) -> Option<Amount> {
    shipped.minus(received)
}

words! {
    /// How the mass of a batch was found (Code 10, label 469).
    pub enum MeasurementBasis("measurement basis") {
        /// Measured in the material balance area that reports.
        HereNow = "M",
        /// Measured in another area.
        Elsewhere = "N",
        /// Measured in the area that reports, and reported earlier.
        HereEarlier = "T",
        /// Measured in another area, and reported earlier for this one.
        ElsewhereEarlier = "L",
    }
}

/// The first two letters of a material description code: the physical form.
const FORMS: [&str; 26] = [
    "CP", "CS", "CO", "ER", "EP", "EB", "EA", "EO", "WL", "WM", "WH", "MP", "MA", "PH", "PN", "QS", "SS",
    "SH", "SN", "AH", "AM", "AC", "AO", "LN", "LF", "LO",
];

/// A material description (Code 10, label 430): four letters for form, container and state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialDescription([u8; 4]);

impl MaterialDescription {
    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the state is `I`, irradiated.
    pub fn is_irradiated(self) -> bool {
        self.0[3] == b'I'
    }
}

impl std::fmt::Display for MaterialDescription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for MaterialDescription {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The text is not a material description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is no material description: its {part} is none of {allowed} (two letters of form, one of container, one of state)"
)]
pub struct ParseDescriptionError {
    found: String,
    part: &'static str,
    allowed: String,
}

impl std::str::FromStr for MaterialDescription {
    type Err = ParseDescriptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const CONTAINERS: &str = "CPDSBFO";
        const STATES: &str = "FIWNR";
        let refuse = |part: &'static str, allowed: String| ParseDescriptionError {
            found: text.to_owned(),
            part,
            allowed,
        };
        let form = text.get(..2).unwrap_or_default();
        if !FORMS.contains(&form) {
            return Err(refuse("form", FORMS.join(" ")));
        }
        let mut rest = text.chars().skip(2);
        if !rest.next().is_some_and(|container| CONTAINERS.contains(container)) {
            return Err(refuse("container", CONTAINERS.to_owned()));
        }
        if !rest.next().is_some_and(|state| STATES.contains(state)) {
            return Err(refuse("state", STATES.to_owned()));
        }
        let code: [u8; 4] =
            text.as_bytes().try_into().map_err(|_| refuse("length", "4 letters".to_owned()))?;
        Ok(Self(code))
    }
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

/// Reads grams with at most three decimals into whole milligrams.
///
/// ```
/// use surety_material::parse_grams;
/// assert_eq!(parse_grams("1234.5"), Ok(1_234_500));
/// assert_eq!(parse_grams("-0.001"), Ok(-1));
/// assert!(parse_grams("0.0001").is_err(), "less than a milligram");
/// assert!(parse_grams("1e3").is_err());
/// ```
pub fn parse_grams(text: &str) -> Result<i64, String> {
    let refuse =
        || format!("`{text}` is no mass in grams: write digits and at most three decimals, such as 1250.5");
    let mass = decimal(text, 3).ok_or_else(refuse)?;
    if mass.abs() > MASS_MAX_MG {
        return Err(format!("`{text}` is more than a million tonnes"));
    }
    Ok(mass)
}

/// A decimal number as a whole number of its last place: `1.5` with three decimals is 1500. None when it has more
/// decimals that are not zero, or is no number.
pub(crate) fn decimal(text: &str, decimals: usize) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return None;
    }
    let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let number: i64 = format!("{whole}{kept:0<decimals$}").parse().ok()?;
    Some(if negative { -number } else { number })
}

/// Grams with as many decimals as are needed.
///
/// ```
/// assert_eq!(surety_material::show_grams(1_234_500), "1234.5");
/// ```
pub fn show_grams(mass_mg: i64) -> String {
    show_decimal(mass_mg, 3)
}

/// The inverse of [`decimal`], with as many decimals as are needed.
pub(crate) fn show_decimal(number: i64, decimals: u32) -> String {
    let (sign, number, one) = (if number < 0 { "-" } else { "" }, number.unsigned_abs(), 10u64.pow(decimals));
    match number % one {
        0 => format!("{sign}{}", number / one),
        rest => {
            let rest = format!("{rest:0width$}", width = decimals as usize);
            format!("{sign}{}.{}", number / one, rest.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts() -> impl Strategy<Value = Amount> {
        (0..MASS_MAX_MG, 0..1_000i64, 0..100i64).prop_map(|(element_mg, part, pieces)| Amount {
            element_mg,
            isotope_mg: element_mg / 1_000 * part,
            pieces,
        })
    }

    #[test]
    fn a_category_change_takes_from_one_material_and_gives_to_another() {
        let direction = |code: &str, material| code.parse::<ChangeCode>().unwrap().direction(material);
        assert_eq!(direction("EN", MaterialKind::EnrichedUranium), Some(Direction::Decrease));
        assert_eq!(direction("EN", MaterialKind::NaturalUranium), Some(Direction::Increase));
        assert_eq!(direction("EN", MaterialKind::Plutonium), None);
        assert_eq!(direction("LD", MaterialKind::Plutonium), Some(Direction::Decrease));
    }

    #[test]
    fn a_description_is_one_of_the_published_codes() {
        for good in ["CPCF", "LNFI", "EBSN", "WLDW"] {
            assert_eq!(good.parse::<MaterialDescription>().unwrap().as_str(), good);
        }
        assert!("EBCI".parse::<MaterialDescription>().unwrap().is_irradiated());
        for (bad, part) in [
            ("", "form"),
            ("XXCF", "form"),
            ("CPXF", "container"),
            ("CPCX", "state"),
            ("CPCFF", "length"),
            ("CP", "container"),
            ("é€", "form"),
        ] {
            let error = bad.parse::<MaterialDescription>().unwrap_err().to_string();
            assert!(error.contains(&format!("its {part}")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn the_book_inventory_is_the_opening_and_the_sum_of_the_changes(
            opening in amounts(),
            changes in prop::collection::vec((prop::sample::select(ChangeCode::ALL), amounts()), 0..20),
        ) {
            let material = MaterialKind::EnrichedUranium;
            let changes: Vec<_> =
                changes.into_iter().filter(|(code, _)| code.direction(material).is_some()).collect();
            let book = book_inventory(opening, material, changes.clone()).unwrap();
            let sign = |code: ChangeCode| if code.direction(material) == Some(Direction::Decrease) { -1 } else { 1 };
            let sum: i64 = changes.iter().map(|(code, amount)| sign(*code) * amount.element_mg).sum();
            prop_assert_eq!(book.element_mg, opening.element_mg + sum);
            // In whatever order, and in however many steps.
            let (one, other) = changes.split_at(changes.len() / 2);
            let there = book_inventory(opening, material, other.to_vec()).unwrap();
            prop_assert_eq!(book_inventory(there, material, one.to_vec()), Some(book));
        }

        #[test]
        fn an_area_that_finds_what_its_books_say_has_no_difference(book in amounts()) {
            prop_assert_eq!(inventory_difference(book, book), Some(Amount::default()));
            prop_assert_eq!(shipper_receiver_difference(book, book), Some(Amount::default()));
        }

        #[test]
        fn a_mass_in_grams_reads_back(mass in -MASS_MAX_MG..=MASS_MAX_MG) {
            prop_assert_eq!(parse_grams(&show_grams(mass)), Ok(mass));
        }

        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC{0,24}", digits in "-?[0-9]{0,30}\\.?[0-9]{0,30}") {
            let _ = (parse_grams(&text), parse_grams(&digits), text.parse::<MaterialDescription>());
        }
    }
}
