//! "Did you mean": the nearest known word to an unknown one.

/// The candidate nearest to `word`, if one is near enough to be what was meant. Case is ignored.
///
/// ```
/// assert_eq!(surety_core::closest("ICSANTT", ["CPPNM", "ICSANT"]), Some("ICSANT"));
/// assert_eq!(surety_core::closest("xyz", ["CPPNM", "ICSANT"]), None);
/// ```
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR_ENOUGH: f64 = 0.7;
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&word, &candidate.to_lowercase()), candidate)
        })
        .filter(|(similarity, _)| *similarity >= NEAR_ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
