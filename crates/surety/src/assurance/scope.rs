//! Which classes of material a claim is about, as people write it.

use surety_proof::{Class, Material, Purpose, Scope};

/// Reads classes, such as `military HEU`, `military and naval HEU`, `HEU` (for whatever purpose), or several of these,
/// separated by commas.
pub(crate) fn scope(text: &str) -> Result<Scope, String> {
    let mut classes = Vec::new();
    for part in text.split(',') {
        let mut words: Vec<&str> = part.split_whitespace().filter(|word| *word != "and").collect();
        let material = words.pop().ok_or("name a material, such as \"military HEU\"")?;
        let material: Material =
            material.parse().map_err(|error: surety_core::UnknownWord| error.to_string())?;
        let purposes = if words.is_empty() {
            Purpose::ALL.to_vec()
        } else {
            let purpose =
                |word: &&str| word.parse().map_err(|error: surety_core::UnknownWord| error.to_string());
            words.iter().map(purpose).collect::<Result<_, _>>()?
        };
        classes.extend(purposes.into_iter().map(|purpose| Class { material, purpose }));
    }
    Scope::of(classes).ok_or_else(|| "name at least one material".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_as_they_are_shown() {
        for text in ["military HEU", "civil and naval HEU", "plutonium, military HEU", "uranium-233"] {
            assert_eq!(scope(text).unwrap().to_string(), text);
        }
        for bad in ["", "military", "warm HEU", "HEU,"] {
            assert!(scope(bad).is_err(), "{bad}");
        }
    }
}
