//! How values of other crates are written in JSON where the default would be too lenient, or less than all of it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use surety_core::{Date, FactDate, ParseDateError, PartialDate, parse_day};

/// A full day, `YYYY-MM-DD`, and no other spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(Date);

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Day {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_day(text).map(Self)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        surety_core::read_text(deserializer)
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}

/// For `#[serde(with)]`: a day.
pub(crate) mod day {
    use super::{Date, Day, Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
    pub(crate) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        Day(*day).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        Ok(Day::deserialize(deserializer)?.0)
    }
}

/// For `#[serde(with)]`: a day, or null.
pub(crate) mod optional_day {
    use super::{Date, Day, Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for this signature"
    )]
    pub(crate) fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        day.map(Day).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
    }
}

/// The date of a fact with the day by which it is known: `FactDate` itself writes the date alone.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FactDate")]
pub(crate) struct WireFactDate {
    /// When it happened, as precise as the source.
    date: PartialDate,
    /// The day by which a source shows it to hold, when the date is unknown or vague.
    known_by: Option<Day>,
}

/// For `#[serde(with)]`: the date of a fact.
pub(crate) mod fact_date {
    use super::{Day, Deserialize, Deserializer, FactDate, Serialize, Serializer, WireFactDate};

    pub(crate) fn serialize<S: Serializer>(date: &FactDate, serializer: S) -> Result<S::Ok, S::Error> {
        WireFactDate { date: date.date, known_by: date.known_by.map(Day) }.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FactDate, D::Error> {
        let wire = WireFactDate::deserialize(deserializer)?;
        Ok(FactDate { date: wire.date, known_by: wire.known_by.map(|day| day.0) })
    }
}
