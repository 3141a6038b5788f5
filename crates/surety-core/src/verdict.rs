//! Aims, verdicts and assurance levels: how Surety says where a State stands.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One of the four aims of a global nuclear security system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// Military material is protected to the same or higher standards, and others are reassured of it.
    Military,
    /// Every State is bound by the instruments, carries out its duties and says so.
    Legal,
    /// States take steps that others can check, and keep their word.
    Confidence,
    /// Fewer weapons-usable materials at fewer sites.
    Minimisation,
}

impl Aim {
    /// The aims in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Military, Self::Legal, Self::Confidence, Self::Minimisation];

    /// The word used on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Military => "military",
            Self::Legal => "legal",
            Self::Confidence => "confidence",
            Self::Minimisation => "minimisation",
        }
    }

    /// The aim as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Military => "Military materials",
            Self::Legal => "Legal foundation",
            Self::Confidence => "Confidence and accountability",
            Self::Minimisation => "Fewer materials, fewer sites",
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is none of the four aims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an aim: use military, legal, confidence or minimisation")]
pub struct ParseAimError(String);

impl FromStr for Aim {
    type Err = ParseAimError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|aim| aim.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| ParseAimError(text.to_owned()))
    }
}

/// The verdict on one charter action for one State.
///
/// [`NoPublicEvidence`](Verdict::NoPublicEvidence) is silence. Silence is never failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Verdict {
    /// The State does what the action asks.
    #[serde(rename = "met")]
    Met,
    /// It does part of it, did it too long ago, or only promised it.
    #[serde(rename = "partly met")]
    PartlyMet,
    /// A source that would know says that it does not.
    #[serde(rename = "not met")]
    NotMet,
    /// Nothing public says either way.
    #[serde(rename = "no public evidence")]
    NoPublicEvidence,
    /// The action does not ask anything of this State on this date.
    #[serde(rename = "not applicable")]
    NotApplicable,
}

impl Verdict {
    /// The verdicts in the order in which they are counted and shown.
    pub const ALL: [Self; 5] =
        [Self::Met, Self::PartlyMet, Self::NotMet, Self::NoPublicEvidence, Self::NotApplicable];

    /// The words used everywhere a person or a program reads a verdict.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::PartlyMet => "partly met",
            Self::NotMet => "not met",
            Self::NoPublicEvidence => "no public evidence",
            Self::NotApplicable => "not applicable",
        }
    }

    /// Gaps first: what is known to be missing, what is done in part, silence; then what is met.
    pub fn gaps_first(self) -> u8 {
        match self {
            Self::NotMet => 0,
            Self::PartlyMet => 1,
            Self::NoPublicEvidence => 2,
            Self::Met => 3,
            Self::NotApplicable => 4,
        }
    }

    /// Whether something is left to do, or to show.
    pub fn is_gap(self) -> bool {
        matches!(self, Self::PartlyMet | Self::NotMet | Self::NoPublicEvidence)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How well a fact is assured. "Words alone" end at [`Declared`](Level::Declared).
///
/// ```
/// use surety_core::Level;
/// assert!(Level::Evidenced > Level::Declared);
/// assert_eq!(Level::Reviewed.number(), 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// 0: nothing supports it.
    #[default]
    None,
    /// 1: an observer says so, from open sources.
    Reported,
    /// 2: the State itself says so.
    Declared,
    /// 3: a published document with its digest, or the depositary's record.
    Evidenced,
    /// 4: an independent reviewer signed it.
    Reviewed,
    /// 5: a proof verifies against a root that a reviewer signed.
    Proven,
}

impl Level {
    /// The number of the level, 0 to 5.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The word for the level.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reported => "reported",
            Self::Declared => "declared",
            Self::Evidenced => "evidenced",
            Self::Reviewed => "reviewed",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Level {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_a_gap_but_not_a_failure() {
        assert!(Verdict::NoPublicEvidence.is_gap());
        assert_ne!(Verdict::NoPublicEvidence, Verdict::NotMet);
        assert!(!Verdict::NotApplicable.is_gap());
    }

    #[test]
    fn aims_parse_by_their_names_and_name_the_choices_when_they_do_not() {
        for aim in Aim::ALL {
            assert_eq!(aim.as_str().parse(), Ok(aim));
        }
        let error = "leagl".parse::<Aim>().unwrap_err().to_string();
        assert!(error.contains("leagl") && error.contains("minimisation"), "{error}");
    }
}
