//! Sources: where a fact was read, and who published it.

use std::fmt;

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

crate::words! {
    /// Who published a source, in the order of standing for a fact about a State.
    pub enum SourceKind("kind of publisher") {
        /// The depositary of a treaty, or a gazette or database that prints the depositary's notices.
        Depositary = "depositary",
        /// A State's own authority.
        State = "state",
        /// The IAEA, the United Nations or another international organisation.
        InternationalOrganisation = "international-organisation",
        /// A university, or an academic database.
        Academic = "academic",
        /// A non-governmental organisation.
        Ngo = "ngo",
        /// A newspaper or news agency.
        Press = "press",
        /// An encyclopedia or a copy of one.
        Encyclopedia = "encyclopedia",
        /// A copy on a site that does not say who made it.
        Copy = "copy",
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
