//! Materials together: the category of what lies in one place, and its significant quantities.

use crate::category::{Category, Irradiation, Material, Policy, category, significant_quantity_mg};

/// The rows that a category or a significant quantity tells apart. Exempt plutonium has more than 80 % Pu-238;
/// at 80 % exactly, a category counts it and a significant quantity does not.
const CLASSES: usize = 10;

/// One material of each class, for the rules that look at nothing else.
const EXAMPLES: [Material; CLASSES] = [
    Material::Plutonium { pu238_ppm: 0 },
    Material::Plutonium { pu238_ppm: 800_000 },
    Material::Plutonium { pu238_ppm: 800_001 },
    Material::Uranium233,
    Material::EnrichedUranium { u235_ppm: 200_000 },
    Material::EnrichedUranium { u235_ppm: 100_000 },
    Material::EnrichedUranium { u235_ppm: 7_200 },
    Material::NaturalUranium,
    Material::DepletedUranium,
    Material::Thorium,
];

fn class(material: Material) -> usize {
    match material {
        Material::Plutonium { pu238_ppm: ..800_000 } => 0,
        Material::Plutonium { pu238_ppm: 800_000 } => 1,
        Material::Plutonium { .. } => 2,
        Material::Uranium233 => 3,
        Material::EnrichedUranium { u235_ppm: 200_000.. } => 4,
        Material::EnrichedUranium { u235_ppm: 100_000.. } => 5,
        Material::EnrichedUranium { .. } => 6,
        Material::NaturalUranium => 7,
        Material::DepletedUranium => 8,
        Material::Thorium => 9,
    }
}

/// The masses of everything in one place, by what categories and significant quantities tell apart. Adding and joining
/// are exact, and their order does not matter.
///
/// # The category of several materials together
///
/// CPPNM Annex II and INFCIRC/225/Rev.5 give no rule for mixtures. This follows the published rule of 10 CFR 73.2
/// and 74.4 (formula quantity: U-235 + 2.5 × (U-233 + Pu) ≥ 5 kg, and the like for lower categories), which is to add
/// up the share of the threshold that each material reaches: a place is in a category when the sum exceeds 1, or equals
/// 1 and part of it is of a material whose row says "or more". The rows for uranium below 20 % enter the sums of
/// categories II and III in the same way; that is our extension, and never gives a lower category than the materials
/// have by themselves.
///
/// Irradiated fuel of low fissile content is category II by itself. Other irradiated material counts as if it were not,
/// unless the policy lowers it: then it is summed apart, and lowered by one level.
///
/// ```
/// use surety_material::{Category, Irradiation, Material, Policy, Rollup};
///
/// let mut vault = Rollup::default();
/// vault.add(Material::Plutonium { pu238_ppm: 0 }, 1_000_000, Irradiation::Unirradiated); // half of 2 kg
/// assert_eq!(vault.category(Policy::default()), Category::II);
/// vault.add(Material::EnrichedUranium { u235_ppm: 900_000 }, 2_500_000, Irradiation::Unirradiated); // half of 5 kg
/// assert_eq!(vault.category(Policy::default()), Category::I);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rollup {
    /// By class; unirradiated, then irradiated.
    masses_mg: [[u128; 2]; CLASSES],
}

impl Rollup {
    /// Adds a mass: of the element or isotope that categories count, in milligrams.
    pub fn add(&mut self, material: Material, mass_mg: u64, irradiation: Irradiation) {
        let mass =
            &mut self.masses_mg[class(material)][usize::from(irradiation != Irradiation::Unirradiated)];
        // 2^64 masses of 2^64 mg fit.
        *mass = mass.saturating_add(u128::from(mass_mg));
    }

    /// Adds everything in another place.
    pub fn join(&mut self, other: &Self) {
        for (masses, others) in self.masses_mg.iter_mut().zip(&other.masses_mg) {
            for (mass, other) in masses.iter_mut().zip(others) {
                *mass = mass.saturating_add(*other);
            }
        }
    }

    /// The category of everything together; see the type.
    pub fn category(&self, policy: Policy) -> Category {
        let mut whole = [0; CLASSES];
        let mut lowered = [0; CLASSES];
        let mut fuel = Category::BelowIII;
        for (class, [cold, hot]) in self.masses_mg.iter().enumerate() {
            whole[class] += cold;
            if *hot == 0 {
                continue;
            }
            let irradiated = Irradiation::Above1GrayPerHourAt1m;
            if category(EXAMPLES[class], 1, irradiated, policy) == Category::II {
                fuel = Category::II;
            } else if policy.reduce_irradiated {
                lowered[class] += hot;
            } else {
                whole[class] = whole[class].saturating_add(*hot);
            }
        }
        let one_lower = match together(&lowered) {
            Category::I => Category::II,
            Category::II => Category::III,
            unchanged => unchanged,
        };
        together(&whole).max(one_lower).max(fuel)
    }

    /// How many significant quantities it is, irradiated or not.
    pub fn significant_quantities(&self) -> f64 {
        let parts = self.masses_mg.iter().zip(EXAMPLES).filter_map(|([cold, hot], material)| {
            let one = significant_quantity_mg(material)?;
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people to read")]
            Some(cold.saturating_add(*hot) as f64 / one as f64)
        });
        // A sum of nothing is a negative zero.
        parts.fold(0.0, |sum, part| sum + part)
    }
}

/// A threshold of a row: how much, and whether that much is enough.
#[derive(Clone, Copy)]
enum Threshold {
    /// So many grams or more.
    From(u128),
    /// More than so many grams.
    Above(u128),
    /// No mass is enough.
    Never,
}

/// The thresholds of categories I, II and III, class by class: the columns of Annex II, in grams.
const THRESHOLDS: [(Category, [Threshold; CLASSES]); 3] = {
    use Threshold::{Above, From, Never};
    [
        (
            Category::I,
            [From(2_000), From(2_000), Never, From(2_000), From(5_000), Never, Never, Never, Never, Never],
        ),
        (
            Category::II,
            [
                Above(500),
                Above(500),
                Never,
                Above(500),
                Above(1_000),
                From(10_000),
                Never,
                Never,
                Never,
                Never,
            ],
        ),
        (
            Category::III,
            [
                Above(15),
                Above(15),
                Never,
                Above(15),
                Above(15),
                Above(1_000),
                From(10_000),
                Never,
                Never,
                Never,
            ],
        ),
    ]
};

fn together(masses_mg: &[u128; CLASSES]) -> Category {
    THRESHOLDS
        .iter()
        .find(|(_, thresholds)| reaches(masses_mg, thresholds))
        .map_or(Category::BelowIII, |(category, _)| *category)
}

/// Whether the shares of the thresholds add up. All thresholds divide 30 kg, so the sum is exact in whole numbers.
fn reaches(masses_mg: &[u128; CLASSES], thresholds: &[Threshold; CLASSES]) -> bool {
    const COMMON_G: u128 = 30_000;
    let (mut sum, mut or_more) = (0u128, false);
    for (mass, threshold) in masses_mg.iter().zip(thresholds) {
        let grams = match threshold {
            Threshold::From(grams) => {
                or_more |= *mass > 0;
                *grams
            }
            Threshold::Above(grams) => *grams,
            Threshold::Never => continue,
        };
        sum = sum.saturating_add(mass.saturating_mul(COMMON_G / grams));
    }
    let whole = COMMON_G * 1_000;
    sum > whole || (sum == whole && or_more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PU: Material = Material::Plutonium { pu238_ppm: 10_000 };
    const HEU: Material = Material::EnrichedUranium { u235_ppm: 900_000 };
    const COLD: Irradiation = Irradiation::Unirradiated;
    const HOT: Irradiation = Irradiation::Above1GrayPerHourAt1m;

    fn of(parts: &[(Material, u64, Irradiation)]) -> Rollup {
        let mut rollup = Rollup::default();
        for (material, mass, irradiation) in parts {
            rollup.add(*material, *mass, *irradiation);
        }
        rollup
    }

    fn materials() -> impl Strategy<Value = Material> {
        prop_oneof![
            (0..=1_000_000u32).prop_map(|pu238_ppm| Material::Plutonium { pu238_ppm }),
            (7_200..=1_000_000u32).prop_map(|u235_ppm| Material::EnrichedUranium { u235_ppm }),
            prop::sample::select(EXAMPLES.to_vec()),
        ]
    }

    fn masses() -> impl Strategy<Value = u64> {
        prop_oneof![
            0..20_000_000u64,
            prop::sample::select(vec![15_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000])
        ]
    }

    fn parts() -> impl Strategy<Value = Vec<(Material, u64, Irradiation)>> {
        let irradiations = prop::sample::select(vec![COLD, HOT]);
        prop::collection::vec((materials(), masses(), irradiations), 0..8)
    }

    fn policies() -> impl Strategy<Value = Policy> {
        any::<bool>().prop_map(|reduce_irradiated| Policy { reduce_irradiated })
    }

    #[test]
    fn shares_of_the_thresholds_add_up() {
        use Category::{BelowIII, I, II, III};
        let leu = Material::EnrichedUranium { u235_ppm: 150_000 };
        for (parts, expected) in [
            (&[(PU, 1_000_000, COLD), (HEU, 2_500_000, COLD)][..], I),
            (&[(PU, 1_000_000, COLD), (HEU, 2_499_999, COLD)], II),
            // Both rows say "more than".
            (&[(PU, 250_000, COLD), (HEU, 500_000, COLD)], III),
            (&[(PU, 250_000, COLD), (HEU, 500_001, COLD)], II),
            // One row says "or more".
            (&[(HEU, 500_000, COLD), (leu, 5_000_000, COLD)], II),
            (&[(PU, 7_500, COLD), (HEU, 7_500, COLD)], BelowIII),
            (&[(PU, 7_500, COLD), (HEU, 7_501, COLD)], III),
            (&[(Material::NaturalUranium, u64::MAX, COLD), (Material::Thorium, u64::MAX, COLD)], BelowIII),
            (&[(Material::NaturalUranium, 1, HOT)], II),
            (&[(Material::NaturalUranium, 1, HOT), (PU, 2_000_000, COLD)], I),
        ] {
            assert_eq!(of(parts).category(Policy::default()), expected, "{parts:?}");
        }
    }

    #[test]
    fn irradiated_material_is_lowered_only_by_policy() {
        let lower = Policy { reduce_irradiated: true };
        let hot = of(&[(HEU, 6_000_000, HOT)]);
        assert_eq!((hot.category(Policy::default()), hot.category(lower)), (Category::I, Category::II));
        let both = of(&[(HEU, 6_000_000, HOT), (PU, 600_000, COLD)]);
        assert_eq!((both.category(Policy::default()), both.category(lower)), (Category::I, Category::II));
    }

    #[test]
    fn significant_quantities_add_up() {
        let rollup = of(&[
            (PU, 8_000_000, COLD),
            (HEU, 12_500_000, HOT),
            (Material::Plutonium { pu238_ppm: 900_000 }, 9, COLD),
        ]);
        assert!((rollup.significant_quantities() - 1.5).abs() < 1e-12);
        assert!(Rollup::default().significant_quantities().is_sign_positive());
    }

    proptest! {
        #[test]
        fn one_material_by_itself_has_the_category_of_the_table(
            material in materials(), mass in masses(), hot in any::<bool>(), policy in policies(),
        ) {
            let irradiation = if hot { HOT } else { COLD };
            prop_assert_eq!(of(&[(material, mass, irradiation)]).category(policy), category(material, mass, irradiation, policy));
        }

        #[test]
        fn more_material_is_never_a_lower_category(
            parts in parts(), more in (materials(), masses(), prop::sample::select(vec![COLD, HOT])), policy in policies(),
        ) {
            let before = of(&parts).category(policy);
            let after = of(&[parts.as_slice(), &[more]].concat()).category(policy);
            prop_assert!(after >= before, "{before} fell to {after}");
        }

        #[test]
        fn a_place_is_never_below_what_lies_in_it(parts in parts(), policy in policies()) {
            let whole = of(&parts).category(policy);
            for part in &parts {
                prop_assert!(whole >= of(&[*part]).category(policy));
            }
        }

        #[test]
        fn joining_places_is_adding_their_items(one in parts(), other in parts()) {
            let mut joined = of(&one);
            joined.join(&of(&other));
            prop_assert_eq!(joined, of(&[one, other].concat()));
        }
    }
}
