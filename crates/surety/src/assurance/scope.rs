//! Which classes of material a claim is about, as people write it.

use std::str::FromStr;

use surety_core::UnknownWord;
use surety_proof::{Class, Material, Purpose, Scope};

/// Reads classes, such as `military HEU`, `military and naval HEU`, `HEU` (for whatever purpose), or several of these,
/// separated by commas.
pub(crate) fn scope(text: &str) -> Result<Scope, String> {
    let mut classes = Vec::new();
    for part in text.split(',') {
        let mut words: Vec<&str> = part.split_whitespace().filter(|word| *word != "and").collect();
        let material = words.pop().ok_or("name a material, such as \"military HEU\"")?;
        let material: Material = word(material, Material::ALL, Material::as_str)?;
        let purposes = if words.is_empty() {
            Purpose::ALL.to_vec()
        } else {
            let purpose = |text: &&str| word(text, Purpose::ALL, Purpose::as_str);
            words.iter().map(purpose).collect::<Result<_, _>>()?
        };
        classes.extend(purposes.into_iter().map(|purpose| Class { material, purpose }));
    }
    Scope::of(classes).ok_or_else(|| "name at least one material".to_owned())
}

/// A word as it stands in the list, in whatever case it was typed.
fn word<T>(text: &str, all: &[T], as_str: impl Fn(T) -> &'static str) -> Result<T, String>
where
    T: Copy + FromStr<Err = UnknownWord>,
{
    let known = all.iter().copied().find(|known| as_str(*known).eq_ignore_ascii_case(text));
    known.map_or_else(|| text.parse().map_err(|error: UnknownWord| error.to_string()), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_as_they_are_shown() {
        for text in ["military HEU", "civil and naval HEU", "plutonium, military HEU", "uranium-233"] {
            assert_eq!(scope(text).unwrap().to_string(), text);
        }
        for (text, shown) in [("Military heu", "military HEU"), ("leu-10-TO-20", "LEU-10-to-20")] {
            assert_eq!(scope(text).unwrap().to_string(), shown);
        }
        for bad in ["", "military", "warm HEU", "HEU,"] {
            assert!(scope(bad).is_err(), "{bad}");
        }
    }
}
