//! Sources: where a fact was read, and who published it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The id of a source in the source table, such as `fedlex-cppnm-2022`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SourceId(String);

impl SourceId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SourceId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who published a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The depositary of a treaty, or a gazette or database that prints the depositary's notices.
    Depositary,
    /// A State's own authority.
    State,
    /// The IAEA, the United Nations or another international organisation.
    InternationalOrganisation,
    /// A university, or an academic database.
    Academic,
    /// A non-governmental organisation.
    Ngo,
    /// A newspaper or news agency.
    Press,
    /// An encyclopedia or a copy of one.
    Encyclopedia,
    /// A copy on a site that does not say who made it.
    Copy,
}

impl SourceKind {
    /// Every kind, in the order of standing for a fact about a State.
    pub const ALL: [Self; 8] = [
        Self::Depositary,
        Self::State,
        Self::InternationalOrganisation,
        Self::Academic,
        Self::Ngo,
        Self::Press,
        Self::Encyclopedia,
        Self::Copy,
    ];

    /// The word in the data and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depositary => "depositary",
            Self::State => "state",
            Self::InternationalOrganisation => "international-organisation",
            Self::Academic => "academic",
            Self::Ngo => "ngo",
            Self::Press => "press",
            Self::Encyclopedia => "encyclopedia",
            Self::Copy => "copy",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no kind of publisher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a kind of publisher: use depositary, state, international-organisation, academic, ngo, press, encyclopedia or copy"
)]
pub struct ParseSourceKindError(String);

impl FromStr for SourceKind {
    type Err = ParseSourceKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| ParseSourceKindError(text.to_owned()))
    }
}

/// A published source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its id in the source table.
    pub id: SourceId,
    /// Its title, with the edition or date that was read.
    pub title: String,
    /// Its public address; empty when it has none that could be read.
    pub address: String,
    /// Who published it.
    pub kind: SourceKind,
    /// How far it can be trusted, in the words of whoever read it.
    pub trust: String,
}
