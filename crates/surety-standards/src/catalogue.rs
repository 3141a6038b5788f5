//! The requirement catalogue, and how its items relate. A paragraph number that no source shows is empty, and never
//! guessed.

use serde::Serialize;
use surety_core::{SourceId, words};

words! {
    /// How well the citation of a requirement is confirmed.
    pub enum Confirmation("degree of confirmation") {
        /// Paragraph and content were read in a source.
        Confirmed = "confirmed",
        /// Content was read; the number of the paragraph was not.
        ContentConfirmed = "content-confirmed",
        /// Place and title were read; the content is general knowledge.
        TitleConfirmed = "title-confirmed",
        /// Neither was read: look at the original before use.
        NotConfirmed = "not-confirmed",
    }
}

/// One item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// Its id. Ids of the form `NSS13-XXX-n` name a topic, not a paragraph.
    pub id: String,
    /// The document that asks it.
    pub document: String,
    /// The paragraph; empty where no source that was read shows it.
    pub paragraph: String,
    /// The area it belongs to.
    pub area: String,
    /// What it asks, in our own words.
    pub text: String,
    /// State, authority, operator or carrier.
    pub applies_to: String,
    /// Which material or facility.
    pub material: String,
    /// The lowest category at which it applies, or `any`.
    pub category: String,
    /// Whether it reaches military material.
    pub scope: String,
    /// What would show that it is met.
    pub evidence_expected: String,
    /// How well the citation is confirmed.
    pub confirmation: Confirmation,
    /// Where it was confirmed.
    pub sources: Vec<SourceId>,
}

words! {
    /// How one requirement relates to another: `from` is this of `to`. The judgement is ours.
    pub enum Relation("relation") {
        /// They ask the same.
        Equal = "equal",
        /// `from` lies inside `to`.
        Subset = "subset",
        /// `from` contains `to`.
        Superset = "superset",
        /// They overlap.
        Intersects = "intersects",
    }
}

impl Relation {
    /// The relation seen from the other end.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Subset => Self::Superset,
            Self::Superset => Self::Subset,
            same => same,
        }
    }
}

/// One relation between two requirements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// The id of one requirement.
    pub from: String,
    /// The id of the other.
    pub to: String,
    /// `from` is this of `to`.
    pub relation: Relation,
    /// Why.
    pub rationale: String,
    /// Whether both ends were read in a source, or one rests on memory.
    pub both_ends_read: bool,
}

/// The catalogue with its mappings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The requirements, in the order of the table.
    pub requirements: Vec<Requirement>,
    /// How they relate.
    pub mappings: Vec<Mapping>,
}

impl Catalogue {
    /// The requirement with this id, in any case.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id.eq_ignore_ascii_case(id))
    }

    /// What relates to a requirement: the other id, and what the requirement is of it.
    pub fn related<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a str, Relation, &'a Mapping)> {
        self.mappings.iter().filter_map(move |mapping| {
            if mapping.from == id {
                Some((mapping.to.as_str(), mapping.relation, mapping))
            } else if mapping.to == id {
                Some((mapping.from.as_str(), mapping.relation.reversed(), mapping))
            } else {
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_reads_the_same_from_both_ends() {
        for relation in Relation::ALL {
            assert_eq!(relation.reversed().reversed(), *relation);
            assert_eq!(relation.as_str().parse(), Ok(*relation));
        }
        let mapping = Mapping {
            from: "A".to_owned(),
            to: "B".to_owned(),
            relation: Relation::Subset,
            rationale: String::new(),
            both_ends_read: true,
        };
        let catalogue = Catalogue { requirements: Vec::new(), mappings: vec![mapping] };
        let seen = |id: &'static str| {
            catalogue.related(id).map(|(other, relation, _)| (other, relation)).collect::<Vec<_>>()
        };
        assert_eq!(seen("A"), [("B", Relation::Subset)]);
        assert_eq!(seen("B"), [("A", Relation::Superset)]);
    }
}
