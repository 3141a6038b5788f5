//! How far one requirement is done, in one regime, on one day.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use surety_core::{Date, closest, words};

use crate::Catalogue;

words! {
    /// The regime that is assessed.
    pub enum Regime("regime") {
        /// Civil material and facilities.
        Civil = "civil",
        /// Military material: for weapons, naval, and declared excess.
        Military = "military",
    }
}

words! {
    /// How far something holds.
    pub enum Extent("extent") {
        /// Not.
        No = "no",
        /// In part.
        Partly = "partly",
        /// In full.
        Yes = "yes",
    }
}

words! {
    /// How far the work on a requirement has come.
    pub enum WorkStatus("work status") {
        /// Not started.
        NotStarted = "not-started",
        /// Planned, with a date.
        Planned = "planned",
        /// In progress.
        InProgress = "in-progress",
        /// Done.
        Done = "done",
    }
}

words! {
    /// How sure the assessor is.
    pub enum Confidence("confidence") {
        /// Little was looked at.
        Low = "low",
        /// Documents were looked at.
        Medium = "medium",
        /// Documents and practice were looked at.
        High = "high",
    }
}

words! {
    /// Who may read something. Orders from everybody to the fewest.
    pub enum Publication("publication level") {
        /// Everybody.
        Public = "public",
        /// Partners, such as States and reviewers that were chosen.
        Partners = "partners",
        /// The State alone.
        National = "national",
    }
}

impl Publication {
    /// Whether what has this level may be shown to readers of that one.
    pub fn reaches(self, readers: Self) -> bool {
        self <= readers
    }
}

/// How mature the implementation of a requirement is, from 0 to 5.
///
/// 0 nothing in place · 1 begun, case by case · 2 in place in part · 3 done as the guidance asks · 4 done, tested and
/// evaluated · 5 done, and kept up and improved. So 3 is what the guidance asks: the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Maturity(u8);

impl Maturity {
    /// The highest.
    pub const MAX: Self = Self(5);
    /// Done as the guidance asks.
    pub const AS_ASKED: Self = Self(3);

    /// The number, 0 to 5.
    pub fn number(self) -> u8 {
        self.0
    }

    /// What the number means.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            0 => "nothing in place",
            1 => "begun, case by case",
            2 => "in place in part",
            3 => "done as the guidance asks",
            4 => "done, tested and evaluated",
            _ => "done, and kept up and improved",
        }
    }
}

/// The number or text is no maturity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no maturity: use 0 (nothing in place) to 5 (done, and kept up and improved)")]
pub struct ParseMaturityError(String);

impl TryFrom<u8> for Maturity {
    type Error = ParseMaturityError;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number <= 5 { Ok(Self(number)) } else { Err(ParseMaturityError(number.to_string())) }
    }
}

impl From<Maturity> for u8 {
    fn from(maturity: Maturity) -> Self {
        maturity.0
    }
}

impl FromStr for Maturity {
    type Err = ParseMaturityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            [digit @ b'0'..=b'5'] => Ok(Self(digit - b'0')),
            _ => Err(ParseMaturityError(text.to_owned())),
        }
    }
}

impl fmt::Display for Maturity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// A SHA-256 digest of a document, 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest as bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SHA-256 digest: write its 64 hexadecimal digits in lower case")]
pub struct ParseDigestError(String);

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseDigestError(text.chars().take(80).collect());
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(refuse()),
        };
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return Err(refuse());
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A document that shows something. It stays where it is: only that it exists is attested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its title.
    pub title: String,
    /// Its date.
    pub date: Date,
    /// Who keeps it.
    pub owner: String,
    /// Its SHA-256 digest, so that nobody can change it later.
    pub sha256: Digest,
}

/// How far one requirement is done in one regime, as somebody assessed it on a day. What is `None` is not stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The id of the requirement.
    pub requirement: String,
    /// The regime.
    pub regime: Regime,
    /// The day on which it was assessed.
    pub date: Date,
    /// Who assessed it.
    pub assessor: String,
    /// Whether law or a binding rule asks it.
    pub in_law: Option<Extent>,
    /// Whether that is enforced.
    pub enforced: Option<Extent>,
    /// How mature the implementation is.
    pub maturity: Option<Maturity>,
    /// How far the work has come.
    pub work: Option<WorkStatus>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// How sure the assessor is.
    pub confidence: Option<Confidence>,
    /// Who may read it.
    pub publication: Publication,
    /// What a reader should know.
    pub note: String,
    /// Why the requirement does not apply to this regime; none where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
}

/// Why an assessment cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssessmentError {
    /// No requirement has this id.
    #[error(
        "no requirement has the id `{id}`{}",
        .nearest.as_ref().map_or(String::new(), |near| format!(": did you mean {near}?"))
    )]
    UnknownRequirement {
        /// The id as given.
        id: String,
        /// The nearest known id.
        nearest: Option<String>,
    },
    /// It says nothing.
    #[error(
        "an assessment of {0} that states nothing: say whether it is in law, enforced, how mature, or what the work status is; or why it does not apply"
    )]
    Empty(String),
    /// It says that the requirement does not apply, and not why.
    #[error("an assessment of {0} says that it does not apply: say why")]
    NoReason(String),
    /// It says that the requirement does not apply, and how far it is done.
    #[error(
        "an assessment of {0} says that it does not apply, and how far it is done: say one of them. What applies in part is assessed"
    )]
    Both(String),
}

impl Assessment {
    /// Checks it against the catalogue.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), AssessmentError> {
        check_id(catalogue, &self.requirement)?;
        let states_something = self.in_law.is_some()
            || self.enforced.is_some()
            || self.maturity.is_some()
            || self.work.is_some();
        let id = self.requirement.clone();
        match &self.not_applicable {
            None if !states_something => Err(AssessmentError::Empty(id)),
            Some(reason) if reason.trim().is_empty() => Err(AssessmentError::NoReason(id)),
            Some(_) if states_something => Err(AssessmentError::Both(id)),
            _ => Ok(()),
        }
    }
}

/// Refuses an id that the catalogue does not have, exactly as it is written there.
pub(crate) fn check_id(catalogue: &Catalogue, id: &str) -> Result<(), AssessmentError> {
    let mut known = catalogue.requirements.iter().map(|requirement| requirement.id.as_str());
    if known.clone().any(|known| known == id) {
        return Ok(());
    }
    let nearest = closest(id, &mut known).map(str::to_owned);
    Err(AssessmentError::UnknownRequirement { id: id.to_owned(), nearest })
}

/// The assessments that count on a day: of each requirement and regime the last one made by then. Of two of one day the
/// later in the list counts, as a correction does.
pub fn current(assessments: &[Assessment], on: Date) -> BTreeMap<(&str, Regime), &Assessment> {
    let mut current = BTreeMap::<(&str, Regime), &Assessment>::new();
    for assessment in assessments.iter().filter(|assessment| assessment.date <= on) {
        let key = (assessment.requirement.as_str(), assessment.regime);
        if current.get(&key).is_none_or(|known| known.date <= assessment.date) {
            current.insert(key, assessment);
        }
    }
    current
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn assessment(
        requirement: &str,
        regime: Regime,
        date: &str,
        maturity: Option<u8>,
    ) -> Assessment {
        Assessment {
            requirement: requirement.to_owned(),
            regime,
            date: date.parse().unwrap(),
            assessor: "authority of XAA".to_owned(),
            in_law: None,
            enforced: None,
            maturity: maturity.map(|number| Maturity::try_from(number).unwrap()),
            work: None,
            evidence: Vec::new(),
            confidence: None,
            publication: Publication::National,
            note: String::new(),
            not_applicable: None,
        }
    }

    pub(crate) fn not_applicable(requirement: &str, regime: Regime, reason: &str) -> Assessment {
        let not_applicable = Some(reason.to_owned());
        Assessment { not_applicable, ..assessment(requirement, regime, "2025-01-01", None) }
    }

    #[test]
    fn what_does_not_apply_needs_a_reason_and_is_not_assessed_besides() {
        let catalogue = crate::answer::tests::catalogue(&["A"], &[]);
        let one = |reason: &str| not_applicable("A", Regime::Military, reason);
        assert_eq!(one("There is no military material.").check(&catalogue), Ok(()));
        assert_eq!(one(" ").check(&catalogue), Err(AssessmentError::NoReason("A".to_owned())));
        for both in [
            Assessment { maturity: Some(Maturity::MAX), ..one("none") },
            Assessment { in_law: Some(Extent::No), ..one("none") },
            Assessment { work: Some(WorkStatus::Planned), ..one("none") },
        ] {
            assert_eq!(both.check(&catalogue), Err(AssessmentError::Both("A".to_owned())), "{both:?}");
        }
        // What was written before the value was known reads as before, and is written as before.
        let old = serde_json::to_string(&assessment("A", Regime::Civil, "2025-01-01", Some(3))).unwrap();
        assert!(!old.contains("not_applicable"), "{old}");
        assert_eq!(serde_json::from_str::<Assessment>(&old).unwrap().not_applicable, None);
    }

    #[test]
    fn the_last_assessment_by_a_day_counts() {
        let of = |date, maturity| assessment("A", Regime::Civil, date, Some(maturity));
        let all = [of("2024-01-01", 1), of("2025-01-01", 2), of("2025-01-01", 3), of("2023-01-01", 0)];
        let on = |date: &str| {
            current(&all, date.parse().unwrap()).get(&("A", Regime::Civil)).and_then(|found| found.maturity)
        };
        assert_eq!(on("2022-12-31"), None);
        assert_eq!(on("2023-06-01").map(Maturity::number), Some(0));
        assert_eq!(on("2024-12-31").map(Maturity::number), Some(1));
        assert_eq!(on("2026-01-01").map(Maturity::number), Some(3), "the later of one day");
        assert!(!current(&all, "2026-01-01".parse().unwrap()).contains_key(&("A", Regime::Military)));
    }

    #[test]
    fn an_assessment_reads_back_from_json_and_bad_values_are_named() {
        let mut one = assessment("A", Regime::Military, "2025-02-03", Some(4));
        one.evidence.push(Evidence {
            title: "Regulation 7".to_owned(),
            date: "2020-05-06".parse().unwrap(),
            owner: "authority of XAA".to_owned(),
            sha256: Digest::from([0xab; 32]),
        });
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Assessment>(&json).unwrap(), one);
        for (from, to, expected) in [
            ("\"maturity\":4", "\"maturity\":6", "`6` is no maturity"),
            ("military", "naval", "`naval` is not a regime"),
            ("abab", "ABab", "is no SHA-256 digest"),
            ("2025-02-03", "2025-02-30", "date is not valid"),
            ("\"note\"", "\"nota\"", "unknown field"),
        ] {
            let error =
                serde_json::from_str::<Assessment>(&json.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(
            "6".parse::<Maturity>().is_err()
                && "".parse::<Maturity>().is_err()
                && "03".parse::<Maturity>().is_err()
        );
    }

    #[test]
    fn an_assessment_of_nothing_known_is_refused() {
        let catalogue = crate::answer::tests::catalogue(&["NSS13-GA-1"], &[]);
        let check =
            |id: &str, maturity| assessment(id, Regime::Civil, "2025-01-01", maturity).check(&catalogue);
        assert_eq!(check("NSS13-GA-1", Some(0)), Ok(()));
        let error = check("NSS13-GA-2", Some(0)).unwrap_err().to_string();
        assert!(error.contains("did you mean NSS13-GA-1?"), "{error}");
        assert!(check("NSS13-GA-1", None).unwrap_err().to_string().contains("states nothing"));
    }
}
