//! Inventory changes as they are entered, and the numbers that stand for words in the store.

use surety_core::Date;
use surety_material::{Amount, ChangeCode, Irradiation, MaterialKind, Purpose};

use crate::{Error, Result};

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

fn place<T: PartialEq + Copy>(all: &[T], wanted: T) -> i64 {
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
        fn a_day_has_one_number(number in -20_000i64..60_000) {
            prop_assert_eq!(number_of_day(day_of_number(number).unwrap()), number);
        }
    }
}
