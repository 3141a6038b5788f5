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
