//! Categories I, II and III (CPPNM Annex II = INFCIRC/225/Rev.5) and significant quantities.
//!
//! Masses are exact: whole milligrams of the element for plutonium and thorium, of the isotope U-235 for
//! enriched uranium, of the isotope U-233 for uranium-233. Shares are whole parts per million.

use std::fmt;

use serde::Serialize;

const GRAM_MG: u64 = 1_000;
const KILOGRAM_MG: u64 = 1_000 * GRAM_MG;
const TONNE_MG: u64 = 1_000 * KILOGRAM_MG;

/// A nuclear material, as far as its category and its significant quantity need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Material {
    /// Plutonium, with its share of Pu-238.
    Plutonium {
        /// Pu-238 in parts per million of all plutonium.
        pu238_ppm: u32,
    },
    /// Uranium enriched in U-235, above natural.
    EnrichedUranium {
        /// U-235 in parts per million of all uranium: 200,000 is 20 %.
        u235_ppm: u32,
    },
    /// Uranium-233.
    Uranium233,
    /// Natural uranium.
    NaturalUranium,
    /// Depleted uranium.
    DepletedUranium,
    /// Thorium.
    Thorium,
}

impl Material {
    /// Uranium of that enrichment; none when it is more than all of it.
    pub fn enriched(u235_ppm: u32) -> Option<Self> {
        (u235_ppm <= 1_000_000).then_some(Self::EnrichedUranium { u235_ppm })
    }

    /// Whether it is HEU: 20 % U-235 or more.
    pub fn is_heu(self) -> bool {
        matches!(self, Self::EnrichedUranium { u235_ppm } if u235_ppm >= HEU_PPM)
    }
}

const HEU_PPM: u32 = 200_000;
const TEN_PERCENT_PPM: u32 = 100_000;
const PU238_EXEMPT_PPM: u32 = 800_000;

/// Whether material has been in a reactor, and how strongly it radiates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Irradiation {
    /// Not irradiated, or irradiated with at most 1 Gy/h at 1 m unshielded.
    Unirradiated,
    /// Irradiated, with more than 1 Gy/h at 1 m unshielded.
    Above1GrayPerHourAt1m,
}

/// What a State may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Fuel that was I or II before irradiation may go down one level while its dose rate exceeds 1 Gy/h at
    /// 1 m unshielded (Annex II, note e). Off by default.
    pub reduce_irradiated: bool,
}

/// The category of a material. Orders from the least to the most attractive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Category {
    /// Below category III: prudent management practice.
    #[serde(rename = "below III")]
    BelowIII,
    /// Category III.
    III,
    /// Category II.
    II,
    /// Category I.
    I,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::BelowIII => "below III",
        })
    }
}

/// The category of a mass of one material: CPPNM Annex II, the same as INFCIRC/225/Rev.5.
///
/// The mass is that of the element for plutonium, of the isotope for U-235 and U-233; see the module. The
/// table gives no rule for mixtures, and neither does this.
pub fn category(material: Material, mass_mg: u64, irradiation: Irradiation, policy: Policy) -> Category {
    let unirradiated = unirradiated_category(material, mass_mg);
    match irradiation {
        Irradiation::Unirradiated => unirradiated,
        Irradiation::Above1GrayPerHourAt1m if is_low_fissile_fuel(material) => {
            if mass_mg > 0 {
                Category::II
            } else {
                Category::BelowIII
            }
        }
        Irradiation::Above1GrayPerHourAt1m => match (unirradiated, policy.reduce_irradiated) {
            (Category::I, true) => Category::II,
            (Category::II, true) => Category::III,
            (unchanged, _) => unchanged,
        },
    }
}

/// Irradiated fuel of depleted or natural uranium, thorium, or less than 10 % fissile content.
fn is_low_fissile_fuel(material: Material) -> bool {
    match material {
        Material::NaturalUranium | Material::DepletedUranium | Material::Thorium => true,
        Material::EnrichedUranium { u235_ppm } => u235_ppm < TEN_PERCENT_PPM,
        Material::Plutonium { .. } | Material::Uranium233 => false,
    }
}

fn unirradiated_category(material: Material, mass_mg: u64) -> Category {
    match material {
        Material::Plutonium { pu238_ppm } if pu238_ppm > PU238_EXEMPT_PPM => Category::BelowIII,
        Material::Plutonium { .. } | Material::Uranium233 => by_mass(mass_mg, 2 * KILOGRAM_MG, 500 * GRAM_MG),
        Material::EnrichedUranium { u235_ppm } if u235_ppm >= HEU_PPM => {
            by_mass(mass_mg, 5 * KILOGRAM_MG, KILOGRAM_MG)
        }
        Material::EnrichedUranium { u235_ppm } if u235_ppm >= TEN_PERCENT_PPM => match mass_mg {
            mass if mass >= 10 * KILOGRAM_MG => Category::II,
            mass if mass > KILOGRAM_MG => Category::III,
            _ => Category::BelowIII,
        },
        Material::EnrichedUranium { .. } if mass_mg >= 10 * KILOGRAM_MG => Category::III,
        _ => Category::BelowIII,
    }
}

/// The rows with all three categories: at least `first` is I, more than `second` II, more than 15 g III.
fn by_mass(mass_mg: u64, first_mg: u64, second_mg: u64) -> Category {
    match mass_mg {
        mass if mass >= first_mg => Category::I,
        mass if mass > second_mg => Category::II,
        mass if mass > 15 * GRAM_MG => Category::III,
        _ => Category::BelowIII,
    }
}

/// One significant quantity in milligrams, of the element or isotope that [`category`] counts in; for natural
/// and depleted uranium of the element. None for plutonium with 80 % Pu-238 or more.
///
/// Plutonium 8 kg, U-233 8 kg, HEU 25 kg of U-235, LEU 75 kg of U-235, natural uranium 10 t, depleted uranium
/// 20 t, thorium 20 t: the values that the IAEA uses. Its Safeguards Glossary itself was not read.
pub fn significant_quantity_mg(material: Material) -> Option<u64> {
    match material {
        Material::Plutonium { pu238_ppm } if pu238_ppm >= PU238_EXEMPT_PPM => None,
        Material::Plutonium { .. } | Material::Uranium233 => Some(8 * KILOGRAM_MG),
        Material::EnrichedUranium { .. } if material.is_heu() => Some(25 * KILOGRAM_MG),
        Material::EnrichedUranium { .. } => Some(75 * KILOGRAM_MG),
        Material::NaturalUranium => Some(10 * TONNE_MG),
        Material::DepletedUranium | Material::Thorium => Some(20 * TONNE_MG),
    }
}

/// How many significant quantities a mass is.
pub fn significant_quantities(material: Material, mass_mg: u64) -> Option<f64> {
    // Exact up to 2^53 mg, nine thousand tonnes.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people to read")]
    significant_quantity_mg(material).map(|one| mass_mg as f64 / one as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PU: Material = Material::Plutonium { pu238_ppm: 10_000 };

    fn uranium(percent: f64) -> Material {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a test table in percent"
        )]
        Material::enriched((percent * 10_000.0).round() as u32).unwrap()
    }

    #[test]
    fn every_boundary_of_the_table_of_annex_ii() {
        use Category::{BelowIII, I, II, III};
        // material, mass in milligrams, category when unirradiated
        let table = [
            (PU, 2_000_000, I),
            (PU, 1_999_900, II),
            (PU, 1_999_999, II),
            (PU, 500_100, II),
            (PU, 500_001, II),
            (PU, 500_000, III),
            (PU, 15_100, III),
            (PU, 15_001, III),
            (PU, 15_000, BelowIII),
            (PU, 0, BelowIII),
            (Material::Plutonium { pu238_ppm: 800_000 }, 2_000_000, I),
            (Material::Plutonium { pu238_ppm: 800_001 }, 2_000_000, BelowIII),
            (uranium(20.0), 5_000_000, I),
            (uranium(20.0), 4_999_999, II),
            (uranium(20.0), 1_000_100, II),
            (uranium(20.0), 1_000_001, II),
            (uranium(20.0), 1_000_000, III),
            (uranium(20.0), 15_001, III),
            (uranium(20.0), 15_000, BelowIII),
            (uranium(93.0), 5_000_000, I),
            (uranium(19.9999), 10_000_000, II),
            (uranium(19.999), 9_999_999, III),
            (uranium(10.0), 10_000_000, II),
            (uranium(10.0), 9_999_999, III),
            (uranium(10.0), 1_000_001, III),
            (uranium(10.0), 1_000_000, BelowIII),
            (uranium(9.999), 10_000_000, III),
            (uranium(9.999), 9_999_000, BelowIII),
            (uranium(0.8), 10_000_000, III),
            (Material::Uranium233, 2_000_000, I),
            (Material::Uranium233, 1_999_999, II),
            (Material::Uranium233, 500_000, III),
            (Material::Uranium233, 15_000, BelowIII),
            (Material::NaturalUranium, u64::MAX, BelowIII),
            (Material::DepletedUranium, u64::MAX, BelowIII),
            (Material::Thorium, u64::MAX, BelowIII),
        ];
        for (material, mass_mg, expected) in table {
            let found = category(material, mass_mg, Irradiation::Unirradiated, Policy::default());
            assert_eq!(found, expected, "{material:?}, {mass_mg} mg");
        }
    }

    #[test]
    fn irradiated_fuel() {
        use Category::{BelowIII, I, II, III};
        let hot = Irradiation::Above1GrayPerHourAt1m;
        let (as_it_was, one_down) = (Policy::default(), Policy { reduce_irradiated: true });
        for (material, mass_mg, policy, expected) in [
            // Low fissile content: II, any amount, whatever the policy.
            (uranium(9.999), 1, as_it_was, II),
            (uranium(9.999), 1, one_down, II),
            (Material::NaturalUranium, 1, as_it_was, II),
            (Material::DepletedUranium, 1, as_it_was, II),
            (Material::Thorium, 1, as_it_was, II),
            (Material::NaturalUranium, 0, as_it_was, BelowIII),
            // Other fuel keeps its category, or goes down one level where the State chose so.
            (uranium(90.0), 5_000_000, as_it_was, I),
            (uranium(90.0), 5_000_000, one_down, II),
            (PU, 1_999_999, as_it_was, II),
            (PU, 1_999_999, one_down, III),
            // Nothing is said about fuel of category III.
            (PU, 500_000, one_down, III),
            (PU, 15_000, one_down, BelowIII),
        ] {
            assert_eq!(
                category(material, mass_mg, hot, policy),
                expected,
                "{material:?}, {mass_mg} mg, {policy:?}"
            );
        }
    }

    #[test]
    fn significant_quantities_of_the_glossary() {
        let kg = 1_000_000;
        for (material, mass_kg) in [
            (PU, Some(8)),
            (Material::Plutonium { pu238_ppm: 799_999 }, Some(8)),
            (Material::Plutonium { pu238_ppm: 800_000 }, None),
            (Material::Uranium233, Some(8)),
            (uranium(20.0), Some(25)),
            (uranium(19.9999), Some(75)),
            (Material::NaturalUranium, Some(10_000)),
            (Material::DepletedUranium, Some(20_000)),
            (Material::Thorium, Some(20_000)),
        ] {
            assert_eq!(significant_quantity_mg(material), mass_kg.map(|mass| mass * kg), "{material:?}");
        }
        assert_eq!(significant_quantities(uranium(90.0), 50 * kg), Some(2.0));
    }

    fn a_material() -> impl Strategy<Value = Material> {
        prop_oneof![
            (0u32..=1_000_000).prop_map(|pu238_ppm| Material::Plutonium { pu238_ppm }),
            (7_200u32..=1_000_000).prop_map(|u235_ppm| Material::EnrichedUranium { u235_ppm }),
            Just(Material::Uranium233),
            Just(Material::NaturalUranium),
            Just(Material::DepletedUranium),
            Just(Material::Thorium),
        ]
    }

    proptest! {
        #[test]
        fn more_material_is_never_a_lower_category(
            material in a_material(), mass in 0u64..20_000_000, more in 0u64..20_000_000, hot: bool, reduce: bool,
        ) {
            let irradiation = if hot { Irradiation::Above1GrayPerHourAt1m } else { Irradiation::Unirradiated };
            let policy = Policy { reduce_irradiated: reduce };
            prop_assert!(
                category(material, mass + more, irradiation, policy) >= category(material, mass, irradiation, policy)
            );
        }

        #[test]
        fn a_higher_enrichment_is_never_a_lower_category(
            mass in 0u64..20_000_000, low in 7_200u32..1_000_000, step in 0u32..500_000,
        ) {
            let at = |u235_ppm| category(Material::EnrichedUranium { u235_ppm }, mass, Irradiation::Unirradiated, Policy::default());
            prop_assert!(at((low + step).min(1_000_000)) >= at(low));
        }
    }
}
