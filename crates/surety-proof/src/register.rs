//! What is committed to: holdings, assessed requirements and material balances of one State on one date.
//!
//! These are plain records. Where they are kept, and how they got there, is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use surety_core::{Date, StateCode, words};
use surety_material::Category;
pub use surety_standards::Regime;

use crate::encoding::{DecodeError, LABEL_LEN_MAX, Reader, Writer, is_label};

/// The most milligrams of one holding, 4,294 kg: its range proof covers 32 bits.
pub const HOLDING_MASS_MG_MAX: u64 = u32::MAX as u64;

/// The most milligrams of a difference (MUF) or of its threshold, 2,147 kg.
pub const BALANCE_MG_MAX: i64 = i32::MAX as i64;

/// The highest maturity.
pub const MATURITY_MAX: u8 = 5;

words! {
    /// A material that is counted by its element or isotope.
    pub enum Material("material") {
        /// Plutonium, by the element.
        Plutonium = "plutonium",
        /// Uranium with 20 % U-235 or more, by U-235.
        Heu = "HEU",
        /// Uranium-233, by the isotope.
        Uranium233 = "uranium-233",
        /// Uranium with 10 % to less than 20 % U-235, by U-235.
        Leu10To20 = "LEU-10-to-20",
        /// Uranium above natural with less than 10 % U-235, by U-235.
        LeuBelow10 = "LEU-below-10",
    }
}

words! {
    /// What material is held for.
    pub enum Purpose("purpose") {
        /// Civil.
        Civil = "civil",
        /// Weapons, and other military use.
        Military = "military",
        /// Naval reactors.
        Naval = "naval",
        /// Declared excess to military needs.
        Excess = "excess",
    }
}

words! {
    /// Who holds material together: a whole site, or one material balance area.
    pub enum Holder("holder") {
        /// A site.
        Site = "site",
        /// A material balance area.
        Area = "MBA",
    }
}

impl Material {
    /// Whether it is usable in weapons.
    pub fn is_weapons_usable(self) -> bool {
        matches!(self, Self::Plutonium | Self::Heu | Self::Uranium233)
    }

    /// The most milligrams that do not lie above a category, unirradiated; none when any mass does.
    pub fn most_mg_within(self, ceiling: Category) -> Option<u64> {
        let material = match self {
            Self::Plutonium => surety_material::Material::Plutonium { pu238_ppm: 0 },
            Self::Heu => surety_material::Material::EnrichedUranium { u235_ppm: 200_000 },
            Self::Uranium233 => surety_material::Material::Uranium233,
            Self::Leu10To20 => surety_material::Material::EnrichedUranium { u235_ppm: 100_000 },
            Self::LeuBelow10 => surety_material::Material::EnrichedUranium { u235_ppm: 50_000 },
        };
        let above = |mass_mg: u64| {
            let unirradiated = surety_material::Irradiation::Unirradiated;
            surety_material::category(material, mass_mg, unirradiated, surety_material::Policy::default())
                > ceiling
        };
        // The category never falls as the mass grows, so there is one mass at which it passes the ceiling.
        let (mut within, mut beyond) = (0, HOLDING_MASS_MG_MAX);
        if !above(beyond) {
            return None;
        }
        while beyond - within > 1 {
            let middle = within + (beyond - within) / 2;
            if above(middle) { beyond = middle } else { within = middle }
        }
        Some(within)
    }
}

/// A material held for a purpose: what is kept apart in the tree, and what totals are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// What.
    pub material: Material,
    /// For what.
    pub purpose: Purpose,
}

impl Class {
    /// Every class, in the order of the protocol.
    pub fn all() -> impl Iterator<Item = Self> {
        Material::ALL.iter().flat_map(|material| {
            Purpose::ALL.iter().map(|purpose| Self { material: *material, purpose: *purpose })
        })
    }

    /// The number of the class: four for each material.
    pub(crate) const fn code(self) -> u8 {
        self.material as u8 * 4 + self.purpose as u8
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let code = usize::from(reader.u8()?);
        Self::all().nth(code).ok_or_else(|| reader.error("there is no such class"))
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.purpose, self.material))
    }
}

/// The classes that a claim is about: at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(u32);

impl Scope {
    /// These classes together; none when there is not one.
    pub fn of(classes: impl IntoIterator<Item = Class>) -> Option<Self> {
        let bits = classes.into_iter().fold(0, |bits, class| bits | 1 << class.code());
        (bits != 0).then_some(Self(bits))
    }

    /// One class alone.
    pub const fn class(class: Class) -> Self {
        Self(1 << class.code())
    }

    /// One material, for whatever purpose it is held.
    pub fn material(material: Material) -> Self {
        Self(0b1111 << (material as u8 * 4))
    }

    /// Its classes, in order.
    pub fn classes(self) -> impl Iterator<Item = Class> {
        Class::all().filter(move |class| self.0 & 1 << class.code() != 0)
    }

    /// Whether every class of the other is one of these.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The material, where it is one.
    pub fn one_material(self) -> Option<Material> {
        Material::ALL.iter().copied().find(|material| Self::material(*material).contains(self))
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u32(self.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.u32()?;
        let known = Class::all().fold(0, |bits, class| bits | 1 << class.code());
        if bits == 0 || bits & !known != 0 {
            return Err(reader.error("a claim is about classes that exist, and at least one"));
        }
        Ok(Self(bits))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for material in Material::ALL {
            let purposes: Vec<_> = self
                .classes()
                .filter(|class| class.material == *material)
                .map(|class| class.purpose)
                .collect();
            match purposes.as_slice() {
                [] => {}
                all if all.len() == Purpose::ALL.len() => parts.push(material.to_string()),
                some => {
                    let words: Vec<_> = some.iter().map(|purpose| purpose.as_str()).collect();
                    parts.push(format!("{} {material}", words.join(" and ")));
                }
            }
        }
        f.pad(&parts.join(", "))
    }
}

/// One item or batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What the register calls it.
    pub id: String,
    /// At which site, by an opaque label.
    pub site: String,
    /// In which material balance area.
    pub area: String,
    /// What, and for what.
    pub class: Class,
    /// Milligrams of the element or isotope that its material is counted in.
    pub mass_mg: u64,
}

/// How one requirement is met under both regimes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The requirement, by its id in the catalogue.
    pub requirement: String,
    /// Maturity from 0 to 5 under the civil regime; none when it is not stated.
    pub civil: Option<u8>,
    /// Maturity from 0 to 5 under the military regime; none when it is not stated.
    pub military: Option<u8>,
}

impl Assessment {
    pub(crate) fn maturity(&self, regime: Regime) -> Option<u8> {
        match regime {
            Regime::Civil => self.civil,
            Regime::Military => self.military,
        }
    }
}

/// One closed material balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// In which material balance area.
    pub area: String,
    /// Of which material.
    pub material: Material,
    /// Over which period, such as `2026-03`.
    pub period: String,
    /// Material unaccounted for, in milligrams.
    pub muf_mg: i64,
    /// From which |MUF| on there is an alarm, in milligrams.
    pub threshold_mg: i64,
}

/// A record that cannot be committed to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// A label is empty, too long, or not printable.
    #[error("{of} `{label}`: a label has 1 to {LABEL_LEN_MAX} bytes of text without control characters")]
    Label {
        /// Of what.
        of: &'static str,
        /// The label.
        label: String,
    },
    /// The same label twice, where it must be one.
    #[error("{of} `{label}` is there twice: correct one of them, or give it another label")]
    Twice {
        /// Of what.
        of: &'static str,
        /// The label.
        label: String,
    },
    /// Too heavy for one leaf.
    #[error(
        "holding `{id}` has {mass_mg} mg: enter what is above {HOLDING_MASS_MG_MAX} mg as several holdings"
    )]
    Heavy {
        /// The holding.
        id: String,
        /// Its mass.
        mass_mg: u64,
    },
    /// No maturity.
    #[error("requirement `{requirement}`: a maturity is a number from 0 to {MATURITY_MAX}, not {maturity}")]
    Maturity {
        /// The requirement.
        requirement: String,
        /// What was given.
        maturity: u8,
    },
    /// A difference or threshold that is too large, or a threshold below zero.
    #[error(
        "the balance of `{area}` in {period}: |MUF| and its threshold are at most {BALANCE_MG_MAX} mg, and a \
         threshold is not negative"
    )]
    Balance {
        /// The material balance area.
        area: String,
        /// The period.
        period: String,
    },
    /// More than the protocol has room for.
    #[error("{count} {of}: a commitment has room for {max}")]
    Many {
        /// Of what.
        of: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        max: usize,
    },
}

/// The records of one State on one date, each of which can be committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    state: StateCode,
    date: Date,
    holdings: Vec<Holding>,
    assessments: Vec<Assessment>,
    balances: Vec<Balance>,
}

impl Register {
    /// Takes these records as the whole of a register.
    ///
    /// # Errors
    /// For the first record that has no place in a commitment.
    pub fn new(
        state: StateCode,
        date: Date,
        holdings: Vec<Holding>,
        assessments: Vec<Assessment>,
        balances: Vec<Balance>,
    ) -> Result<Self, RegisterError> {
        check_holdings(&holdings)?;
        check_assessments(&assessments)?;
        check_balances(&balances)?;
        Ok(Self { state, date, holdings, assessments, balances })
    }

    /// Whose it is.
    pub fn state(&self) -> StateCode {
        self.state
    }

    /// As of when.
    pub fn date(&self) -> Date {
        self.date
    }

    /// Every item and batch.
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Every requirement, assessed or not.
    pub fn assessments(&self) -> &[Assessment] {
        &self.assessments
    }

    /// Every closed balance.
    pub fn balances(&self) -> &[Balance] {
        &self.balances
    }

    /// The label of every holder of a kind, in order, with its place.
    pub(crate) fn holders(&self, holder: Holder) -> BTreeMap<&str, usize> {
        let labels: BTreeSet<&str> = self.holdings.iter().map(|holding| holding.holder(holder)).collect();
        labels.into_iter().zip(0..).collect()
    }
}

impl Holding {
    pub(crate) fn holder(&self, holder: Holder) -> &str {
        match holder {
            Holder::Site => &self.site,
            Holder::Area => &self.area,
        }
    }
}

fn check_label(of: &'static str, label: &str) -> Result<(), RegisterError> {
    if is_label(label) { Ok(()) } else { Err(RegisterError::Label { of, label: label.to_owned() }) }
}

fn check_holdings(holdings: &[Holding]) -> Result<(), RegisterError> {
    let mut ids = BTreeSet::new();
    for holding in holdings {
        check_label("holding", &holding.id)?;
        check_label("site", &holding.site)?;
        check_label("material balance area", &holding.area)?;
        if !ids.insert(&holding.id) {
            return Err(RegisterError::Twice { of: "holding", label: holding.id.clone() });
        }
        if holding.mass_mg > HOLDING_MASS_MG_MAX {
            return Err(RegisterError::Heavy { id: holding.id.clone(), mass_mg: holding.mass_mg });
        }
    }
    Ok(())
}

fn check_assessments(assessments: &[Assessment]) -> Result<(), RegisterError> {
    let mut ids = BTreeSet::new();
    for assessment in assessments {
        check_label("requirement", &assessment.requirement)?;
        if !ids.insert(&assessment.requirement) {
            return Err(RegisterError::Twice { of: "requirement", label: assessment.requirement.clone() });
        }
        let mut stated = [assessment.civil, assessment.military].into_iter().flatten();
        if let Some(maturity) = stated.find(|maturity| *maturity > MATURITY_MAX) {
            return Err(RegisterError::Maturity { requirement: assessment.requirement.clone(), maturity });
        }
    }
    Ok(())
}

fn check_balances(balances: &[Balance]) -> Result<(), RegisterError> {
    let mut seen = BTreeSet::new();
    for balance in balances {
        check_label("material balance area", &balance.area)?;
        check_label("period", &balance.period)?;
        if !seen.insert((&balance.area, balance.material, &balance.period)) {
            let label = format!("{} {} {}", balance.area, balance.material, balance.period);
            return Err(RegisterError::Twice { of: "balance", label });
        }
        let fits = (-BALANCE_MG_MAX..=BALANCE_MG_MAX).contains(&balance.muf_mg)
            && (0..=BALANCE_MG_MAX).contains(&balance.threshold_mg);
        if !fits {
            return Err(RegisterError::Balance {
                area: balance.area.clone(),
                period: balance.period.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(id: &str, mass_mg: u64) -> Holding {
        Holding {
            id: id.to_owned(),
            site: "S1".to_owned(),
            area: "A1".to_owned(),
            class: Class { material: Material::Heu, purpose: Purpose::Naval },
            mass_mg,
        }
    }

    fn register(
        holdings: Vec<Holding>,
        assessments: Vec<Assessment>,
        balances: Vec<Balance>,
    ) -> Result<Register, RegisterError> {
        let (state, date) = ("XAA".parse().unwrap(), "2026-12-31".parse().unwrap());
        Register::new(state, date, holdings, assessments, balances)
    }

    #[test]
    fn the_most_within_a_category_is_one_step_below_the_next() {
        use Category::{BelowIII, I, II, III};
        for (material, ceiling, most_mg) in [
            (Material::Plutonium, I, None),
            (Material::Plutonium, II, Some(1_999_999)),
            (Material::Plutonium, III, Some(500_000)),
            (Material::Plutonium, BelowIII, Some(15_000)),
            (Material::Heu, II, Some(4_999_999)),
            (Material::Heu, III, Some(1_000_000)),
            (Material::Uranium233, II, Some(1_999_999)),
            (Material::Leu10To20, II, None),
            (Material::Leu10To20, III, Some(9_999_999)),
            (Material::LeuBelow10, BelowIII, Some(9_999_999)),
        ] {
            assert_eq!(material.most_mg_within(ceiling), most_mg, "{material}, {ceiling}");
        }
    }

    #[test]
    fn a_scope_says_what_it_covers() {
        let class = |material, purpose| Class { material, purpose };
        let naval = class(Material::Heu, Purpose::Naval);
        let military = class(Material::Heu, Purpose::Military);
        let plutonium = class(Material::Plutonium, Purpose::Civil);
        assert_eq!(Scope::class(naval).to_string(), "naval HEU");
        assert_eq!(Scope::material(Material::Heu).to_string(), "HEU");
        let both = Scope::of([naval, military]).unwrap();
        assert_eq!(both.to_string(), "military and naval HEU");
        assert_eq!(both.one_material(), Some(Material::Heu));
        let mixed = Scope::of([naval, plutonium]).unwrap();
        assert_eq!(mixed.to_string(), "civil plutonium, naval HEU");
        assert_eq!(mixed.one_material(), None);
        assert_eq!(Scope::of([]), None);
        assert!(Scope::material(Material::Heu).contains(both) && !both.contains(mixed));
    }

    #[test]
    fn records_that_cannot_be_committed_to_are_named() {
        let assessment =
            |civil| Assessment { requirement: "R1".to_owned(), civil: Some(civil), military: None };
        let balance = |muf_mg, threshold_mg| Balance {
            area: "A1".to_owned(),
            material: Material::Heu,
            period: "2026".to_owned(),
            muf_mg,
            threshold_mg,
        };
        assert!(register(vec![holding("a", 1)], vec![assessment(5)], vec![balance(-3, 2)]).is_ok());
        for (found, said) in [
            (register(vec![holding("", 1)], vec![], vec![]), "a label has 1 to 64 bytes"),
            (register(vec![holding("a", 1), holding("a", 2)], vec![], vec![]), "`a` is there twice"),
            (register(vec![holding("a", 1 << 32)], vec![], vec![]), "as several holdings"),
            (register(vec![], vec![assessment(6)], vec![]), "a number from 0 to 5, not 6"),
            (register(vec![], vec![assessment(1), assessment(2)], vec![]), "`R1` is there twice"),
            (register(vec![], vec![], vec![balance(1 << 31, 0)]), "at most 2147483647 mg"),
            (register(vec![], vec![], vec![balance(0, -1)]), "not negative"),
            (register(vec![], vec![], vec![balance(0, 1), balance(0, 2)]), "is there twice"),
        ] {
            let text = found.unwrap_err().to_string();
            assert!(text.contains(said), "{text}");
        }
    }
}
