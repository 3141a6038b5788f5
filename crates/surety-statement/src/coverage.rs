//! What is complete and what is not: a list that broke off says nothing about those it does not name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use surety_core::{Date, PartialDate, SourceId};

use crate::wire::{self, Day};

/// How far one list of the dataset goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The list: an instrument, or a table.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// The last date for which it is known to be complete; none when it never was.
    pub complete_to: Option<Date>,
    /// Where that can be read.
    pub sources: Vec<SourceId>,
    /// What is missing.
    pub note: String,
}

impl Coverage {
    /// How many of how many were read, where the note says it, such as `30 of 38 read`.
    pub fn share_read(&self) -> Option<&str> {
        self.note
            .split("; ")
            .find(|part| part.starts_with(|c: char| c.is_ascii_digit()) && part.ends_with(" read"))
    }

    /// What silence of a list that was never known to be complete is worth, in words; none for one that was.
    pub fn doubt(&self) -> Option<String> {
        let note = self.note.as_str();
        match (self.complete_to, self.share_read(), note) {
            (Some(_), _, _) => None,
            (None, _, "") => Some("the list that Surety has read is not known to be complete".to_owned()),
            (None, None, _) => {
                Some(format!("the list that Surety has read is not known to be complete: {note}"))
            }
            (None, Some(_), _) => Some(format!("the list that Surety has read is incomplete: {note}")),
        }
    }
}

/// A count that someone in a position to know has published, to hold ours against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfficialCount {
    /// Its id.
    pub id: String,
    /// The list that it counts; empty when it counts something else.
    pub list: String,
    /// What is counted.
    pub measure: String,
    /// The count, as published.
    pub value: String,
    /// As of when.
    pub date: PartialDate,
    /// Where it can be read.
    pub sources: Vec<SourceId>,
    /// What a reader should know.
    pub note: String,
}

/// How far a list is complete, as a statement says it: sources and note are those of the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCoverage {
    /// The list: an instrument, or a table.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// The last date for which it is known to be complete; null when it never was.
    #[serde(default, with = "wire::optional_day")]
    #[schemars(with = "Option<Day>")]
    pub complete_to: Option<Date>,
}

impl ListCoverage {
    pub(crate) fn summary(&self) -> String {
        match self.complete_to {
            Some(day) => format!("{}: complete to {day}", self.title),
            None => format!("{}: not complete", self.title),
        }
    }
}

/// A published count, as a statement says it: id, date, sources and note are those of the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedCount {
    /// The list that it counts; empty when it counts something else.
    pub list: String,
    /// What is counted.
    pub measure: String,
    /// The count, as published.
    pub value: String,
}

/// The day to which what an issuer compiled from open sources goes: of later facts it knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compilation {
    /// The day.
    #[serde(with = "wire::day")]
    #[schemars(with = "Day")]
    pub compiled: Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_list_says_what_its_silence_is_worth() {
        let list = |complete_to, note: &str| Coverage {
            list: "INFCIRC/869".to_owned(),
            title: String::new(),
            complete_to,
            sources: Vec::new(),
            note: note.to_owned(),
        };
        let counted = "30 of 38 read; the printed list was read to the letter M";
        for (note, read, doubt) in [
            (
                counted,
                Some("30 of 38 read"),
                "the list that Surety has read is incomplete: 30 of 38 read; the",
            ),
            (
                "what could be found and read",
                None,
                "is not known to be complete: what could be found and read",
            ),
            ("", None, "is not known to be complete"),
        ] {
            let list = list(None, note);
            assert_eq!(list.share_read(), read);
            assert!(list.doubt().unwrap().contains(doubt), "{:?}", list.doubt());
        }
        assert_eq!(list(Some(Date::constant(2024, 1, 1)), counted).doubt(), None);
    }
}
