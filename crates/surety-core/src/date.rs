//! Dates as sources give them: a day, a month, a year, or nothing.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::word::Exact;

/// A civil date (Gregorian calendar).
pub use jiff::civil::Date;

/// A date no more precise than its source.
///
/// Written as in ISO 8601: `2016-04-08`, `2025-04`, `2025`; empty when the source gives no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PartialDate {
    /// The source gives no date.
    #[default]
    Unknown,
    /// The year only.
    Year(i16),
    /// Year and month (1-12).
    Month(i16, i8),
    /// The day.
    Day(Date),
}

impl PartialDate {
    /// The first day that this date can mean; none when unknown.
    pub fn first_day(self) -> Option<Date> {
        match self {
            Self::Unknown => None,
            Self::Year(year) => Date::new(year, 1, 1).ok(),
            Self::Month(year, month) => Date::new(year, month, 1).ok(),
            Self::Day(day) => Some(day),
        }
    }

    /// The last day that this date can mean; none when unknown.
    pub fn last_day(self) -> Option<Date> {
        match self {
            Self::Unknown => None,
            Self::Year(year) => Date::new(year, 12, 31).ok(),
            Self::Month(year, month) => Date::new(year, month, 1).ok().map(Date::last_of_month),
            Self::Day(day) => Some(day),
        }
    }

    /// Whether both can mean the same day. An unknown date can mean any.
    pub fn can_equal(self, other: Self) -> bool {
        match (self.first_day().zip(self.last_day()), other.first_day().zip(other.last_day())) {
            (Some((first, last)), Some((others_first, others_last))) => {
                first <= others_last && others_first <= last
            }
            _ => true,
        }
    }

    /// The year, when there is one.
    pub fn year(self) -> Option<i16> {
        match self {
            Self::Unknown => None,
            Self::Year(year) | Self::Month(year, _) => Some(year),
            Self::Day(day) => Some(day.year()),
        }
    }

    /// The day, when the source gives it: the only form that may enter a computation as a date.
    pub fn day(self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(day),
            _ => None,
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.pad("date unknown"),
            Self::Year(year) => f.pad(&format!("{year:04}")),
            Self::Month(year, month) => f.pad(&format!("{year:04}-{month:02}")),
            Self::Day(day) => f.pad(&day.to_string()),
        }
    }
}

/// JSON: the text as written in the data, `null` when unknown.
impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_none(),
            known => serializer.collect_str(known),
        }
    }
}

/// Reads the text as written in the data, `null` when unknown; no other spelling.
impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<Exact<Self>>::deserialize(deserializer)?;
        match text {
            None => Ok(Self::Unknown),
            Some(Exact(Self::Unknown)) => Err(serde::de::Error::custom("write null for an unknown date")),
            Some(Exact(known)) => Ok(known),
        }
    }
}

impl JsonSchema for PartialDate {
    fn schema_name() -> Cow<'static, str> {
        "PartialDate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "null"],
            "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
            "description": "A date as precise as its source: YYYY-MM-DD, YYYY-MM or YYYY; null when unknown.",
        })
    }
}

/// The text is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date: write YYYY-MM-DD, for example 2016-05-08")]
pub struct ParseDateError(String);

impl FromStr for PartialDate {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDateError(text.to_owned());
        let digits = |part: &str, length: usize| -> Option<i16> {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        if text.is_empty() {
            return Ok(Self::Unknown);
        }
        let parts: Vec<&str> = text.split('-').collect();
        let date = match parts[..] {
            [year] => digits(year, 4).map(Self::Year),
            [year, month] => match (digits(year, 4), digits(month, 2)) {
                (Some(year), Some(month @ 1..=12)) => i8::try_from(month).ok().map(|m| Self::Month(year, m)),
                _ => None,
            },
            [_, _, _] => parse_day(text).ok().map(Self::Day),
            _ => None,
        };
        date.ok_or_else(error)
    }
}

/// Reads a full day, `YYYY-MM-DD`, and nothing else.
///
/// ```
/// assert!(surety_core::parse_day("2016-02-30").is_err());
/// assert_eq!(surety_core::parse_day("1987-02-08")?.year(), 1987);
/// # Ok::<(), surety_core::ParseDateError>(())
/// ```
pub fn parse_day(text: &str) -> Result<Date, ParseDateError> {
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !well_formed {
        return Err(ParseDateError(text.to_owned()));
    }
    text.parse().map_err(|_| ParseDateError(text.to_owned()))
}

/// The same day `years` later; 29 February becomes 28 February. Saturates at the end of the calendar.
pub fn add_years(date: Date, years: i16) -> Date {
    date.checked_add(jiff::Span::new().years(years)).unwrap_or(Date::MAX)
}

/// When something happened, and from when on it is known to hold.
///
/// A date that is less precise than a day holds from the last day that it can mean. A fact without a
/// date holds from the day its source is known to have listed it; without such a day, from the day
/// the dataset was made. So a fact is never shown on a date on which it may not yet have been true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FactDate {
    /// The date as the source gives it.
    pub date: PartialDate,
    /// The day by which a source shows the fact to hold, when the date itself is unknown or vague.
    pub known_by: Option<Date>,
}

impl FactDate {
    /// A fact of a known day.
    pub fn on(day: Date) -> Self {
        Self { date: PartialDate::Day(day), known_by: None }
    }

    /// The first day on which the fact is sure to hold; `undated_from` serves when nothing says when.
    pub fn holds_from(self, undated_from: Date) -> Date {
        let last = self.date.last_day();
        match (last, self.known_by) {
            (Some(last), Some(known_by)) => last.min(known_by),
            (Some(last), None) => last,
            (None, Some(known_by)) => known_by,
            (None, None) => undated_from,
        }
    }

    /// For a reader. That whoever compiled an undated fact knew it on that day says nothing of its date.
    pub fn in_words(self, compiled: Date) -> String {
        match self {
            Self { date: PartialDate::Unknown, known_by: Some(day) } if day == compiled => {
                PartialDate::Unknown.to_string()
            }
            told => told.to_string(),
        }
    }

    /// The last day that the date can mean, to put the newest first: an undated fact comes after all others.
    pub fn newest_first(self) -> impl Ord + use<> {
        std::cmp::Reverse(self.date.last_day())
    }

    /// Whether the date says that the fact came within `years` before `as_of`, on its last possible day.
    /// A fact without a date is never within a window.
    pub fn within_years(self, years: i16, as_of: Date) -> bool {
        self.date.last_day().is_some_and(|last| add_years(last, years) > as_of)
    }
}

impl From<PartialDate> for FactDate {
    fn from(date: PartialDate) -> Self {
        Self { date, known_by: None }
    }
}

impl FromStr for FactDate {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<PartialDate>().map(Self::from)
    }
}

impl fmt::Display for FactDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.date, self.known_by) {
            (PartialDate::Unknown, Some(known_by)) => f.pad(&format!("by {known_by}")),
            (date, _) => date.fmt(f),
        }
    }
}

impl Serialize for FactDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.date.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_day_of_compilation_is_no_date_of_a_fact() {
        let undated = |known_by| FactDate { date: PartialDate::Unknown, known_by };
        let compiled = date(2026, 11, 22);
        for (fact, words) in [
            (undated(None), "date unknown"),
            (undated(Some(compiled)), "date unknown"),
            (undated(Some(date(2017, 3, 31))), "by 2017-03-31"),
            (FactDate::on(compiled), "2026-11-22"),
        ] {
            assert_eq!(fact.in_words(compiled), words);
        }
        let mut facts = [undated(Some(compiled)), FactDate::on(date(1990, 1, 1)), FactDate::on(compiled)];
        facts.sort_by_key(|fact| fact.newest_first());
        assert_eq!(facts, [facts[0], FactDate::on(date(1990, 1, 1)), undated(Some(compiled))]);
    }

    #[test]
    fn a_date_is_as_precise_as_its_source() {
        for (text, first, last) in [
            ("2016-04-08", "2016-04-08", "2016-04-08"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2023", "2023-01-01", "2023-12-31"),
        ] {
            let parsed: PartialDate = text.parse().unwrap();
            assert_eq!(parsed.first_day().unwrap().to_string(), first, "{text}");
            assert_eq!(parsed.last_day().unwrap().to_string(), last, "{text}");
            assert_eq!(parsed.to_string(), text);
        }
        assert_eq!("".parse::<PartialDate>(), Ok(PartialDate::Unknown));
    }

    #[test]
    fn what_is_not_a_date_is_named() {
        for bad in [
            "2016-13",
            "2016-00",
            "2016-02-30",
            "16-02-03",
            "2016/02/03",
            "today",
            "2016-2-3",
            "-2016",
            "20166",
        ] {
            let error = bad.parse::<PartialDate>().unwrap_err().to_string();
            assert!(error.contains(bad), "{error}");
        }
    }

    #[test]
    fn a_fact_holds_from_the_last_day_it_can_mean() {
        let undated_from = date(2026, 11, 22);
        let holds = |text: &str, known_by: Option<Date>| {
            FactDate { date: text.parse().unwrap(), known_by }.holds_from(undated_from)
        };
        assert_eq!(holds("2025-04", None), date(2025, 4, 30));
        assert_eq!(holds("2025", Some(date(2025, 6, 1))), date(2025, 6, 1));
        assert_eq!(holds("", Some(date(2019, 5, 2))), date(2019, 5, 2));
        assert_eq!(holds("", None), undated_from);
    }

    #[test]
    fn vague_dates_can_mean_the_same_day() {
        let can = |a: &str, b: &str| a.parse::<PartialDate>().unwrap().can_equal(b.parse().unwrap());
        assert!(can("2010", "2010-05-05") && can("2010-05", "2010-05-05") && can("", "2010"));
        assert!(!can("2010-06", "2010-05-05") && !can("2011", "2010-05-05"));
    }

    #[test]
    fn an_undated_fact_is_in_no_window() {
        assert!(!FactDate::default().within_years(10, date(2026, 1, 1)));
        assert!(FactDate::on(date(2016, 1, 2)).within_years(10, date(2026, 1, 1)));
        assert!(!FactDate::on(date(2016, 1, 1)).within_years(10, date(2026, 1, 1)));
    }

    proptest! {
        #[test]
        fn every_day_reads_back(days in 0i32..60_000) {
            let day = date(1945, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(parse_day(&day.to_string()), Ok(day));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,12}") {
            let _ = text.parse::<PartialDate>();
        }
    }
}
