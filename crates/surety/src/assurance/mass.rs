//! Masses of claims in words: a commitment counts each material by its element or by one isotope, and whoever reads
//! kilograms must know of what.

use surety_proof::verify::Shown;
use surety_proof::{Claim, Material, Scope};

/// A claim, and of what its masses are.
pub(crate) fn in_words(claim: &Claim) -> String {
    format!("{claim}{}", of_what(claim))
}

/// What a file shows, and of what its masses are.
pub(crate) fn shown_in_words(shown: &Shown) -> String {
    match shown {
        Shown::Claim(proven) => format!("{shown}{}", of_what(proven.claim())),
        Shown::Ranges(_, class) => format!("{shown}{}", counted(Scope::class(*class))),
        _ => shown.to_string(),
    }
}

fn of_what(claim: &Claim) -> String {
    match claim {
        Claim::Total(total) => counted(total.scope),
        Claim::Decrease(decrease) => counted(decrease.scope),
        Claim::Balance(_) => " (plutonium by the element, uranium by U-235 or U-233)".to_owned(),
        _ => String::new(),
    }
}

/// What follows a mass of these classes, such as ` of U-235`.
pub(crate) fn counted(scope: Scope) -> String {
    let materials: Vec<Material> = Material::ALL
        .iter()
        .copied()
        .filter(|one| scope.classes().any(|class| class.material == *one))
        .collect();
    match materials[..] {
        [Material::Plutonium] => " of plutonium".to_owned(),
        [one] => format!(" of {}", counted_by(one)),
        _ => {
            let each = materials.iter().map(|one| format!("{one} by {}", counted_by(*one)));
            format!(" ({})", each.collect::<Vec<_>>().join(", "))
        }
    }
}

fn counted_by(material: Material) -> &'static str {
    match material {
        Material::Plutonium => "the element",
        Material::Heu | Material::Leu10To20 | Material::LeuBelow10 => "U-235",
        Material::Uranium233 => "U-233",
    }
}

/// Milligrams in kilograms, all digits that there are.
pub(crate) fn kg(mg: u64) -> String {
    let (whole, rest) = (mg / 1_000_000, mg % 1_000_000);
    let digits = format!("{whole}.{rest:06}");
    format!("{} kg", digits.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assurance::scope;

    #[test]
    fn a_mass_says_what_it_is_of() {
        for (text, of) in [
            ("military HEU", " of U-235"),
            ("plutonium", " of plutonium"),
            ("uranium-233", " of U-233"),
            ("plutonium, civil HEU", " (plutonium by the element, HEU by U-235)"),
        ] {
            assert_eq!(counted(scope(text).unwrap()), of);
        }
        assert_eq!([0, 1, 20_000_500, 135_000_000].map(kg), ["0 kg", "0.000001 kg", "20.0005 kg", "135 kg"]);
    }
}
