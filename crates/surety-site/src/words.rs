//! The words of the pages, in one place: `words/en.ftl`, in the language of Project Fluent.

use std::borrow::Cow;

use anyhow::{Context as _, anyhow};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// English, complete.
pub(crate) const ENGLISH: &str = include_str!("../words/en.ftl");

/// The words of one language.
pub(crate) struct Words {
    bundle: FluentBundle<FluentResource>,
    /// For the attribute `lang`.
    pub(crate) language: String,
    /// For the attribute `dir`.
    pub(crate) direction: &'static str,
}

impl Words {
    /// Reads a language.
    pub(crate) fn new(language: &str, text: &str) -> anyhow::Result<Self> {
        let id: LanguageIdentifier = language.parse().context("the language of the words")?;
        let right_to_left = id.character_direction() == unic_langid::CharacterDirection::RTL;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks around what is filled in would stand in attributes and downloads too.
        bundle.set_use_isolating(false);
        let resource =
            FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| anyhow!("words: {errors:?}"))?;
        bundle.add_resource(resource).map_err(|errors| anyhow!("words: {errors:?}"))?;
        let direction = if right_to_left { "rtl" } else { "ltr" };
        Ok(Self { bundle, language: language.to_owned(), direction })
    }

    /// The words of a key. A key without words is shown as it is: a test finds it.
    pub(crate) fn get(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// The words of a key, with what stands in them.
    pub(crate) fn fill(&self, key: &str, values: &[(&'static str, Cow<'_, str>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            // Numbers choose plurals.
            match value.parse::<u32>() {
                Ok(number) => args.set(*name, FluentValue::from(number)),
                Err(_) => args.set(*name, value.to_string()),
            }
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// Whether a key has words.
    #[cfg(test)]
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, texts: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                sources(&entry.path(), texts);
            } else {
                texts.push(fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    /// Keys as they stand in the code: `t("…")`, `tf("…"`, and lists of keys after `keys!`.
    fn used() -> BTreeSet<String> {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
        let mut used = BTreeSet::new();
        for text in texts.iter().filter(|text| !text.contains("fn used()")) {
            for start in ["t(\"", "tf(\"", "tf(\n", "key: \""] {
                for (at, _) in text.match_indices(start) {
                    let before = text[..at].chars().last().unwrap_or(' ');
                    if before.is_alphanumeric() || before == '_' {
                        continue;
                    }
                    let rest = &text[at + start.len()..];
                    let rest = rest.trim_start().trim_start_matches('"');
                    used.extend(rest.split('"').next().map(str::to_owned));
                }
            }
        }
        used
    }

    #[test]
    fn every_word_that_a_page_uses_is_there_and_none_is_there_in_vain() {
        let words = Words::new("en", ENGLISH).unwrap();
        let used = used();
        assert!(used.len() > 100, "{}", used.len());
        let missing: Vec<_> = used.iter().filter(|key| !words.knows(key)).collect();
        assert!(missing.is_empty(), "no words in words/en.ftl for {missing:?}");
        let keys = ENGLISH.lines().filter_map(|line| line.split_once(" =")).map(|(key, _)| key);
        let keys = keys.filter(|key| !key.starts_with(['#', ' ', '.', '-']) && !key.is_empty());
        let idle: Vec<_> = keys.filter(|key| !used.contains(*key)).collect();
        assert!(idle.is_empty(), "words that no page uses: {idle:?}");
    }

    #[test]
    fn numbers_choose_their_plural() {
        let words = Words::new(
            "en",
            "states = { $count ->\n    [one] one State\n   *[other] { $count } States\n }\n",
        )
        .unwrap();
        assert_eq!(words.fill("states", &[("count", "1".into())]), "one State");
        assert_eq!(words.fill("states", &[("count", "12".into())]), "12 States");
    }

    #[test]
    fn a_language_knows_its_direction() {
        assert_eq!(Words::new("ar", "").unwrap().direction, "rtl");
        assert_eq!(Words::new("en", "").unwrap().direction, "ltr");
    }
}
