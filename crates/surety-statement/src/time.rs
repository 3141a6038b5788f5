//! Time, as logs and witnesses give it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use surety_core::Date;

/// The day (UTC) of a time in seconds since 1970. Beyond what a calendar holds, its last day: later than any other.
pub(crate) fn day(time: u64) -> Date {
    let seconds = i64::try_from(time).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    seconds.map_or(Date::MAX, |timestamp| timestamp.to_zoned(TimeZone::UTC).date())
}

/// A time in seconds since 1970, for people: `2026-11-26 04:05:06 UTC`.
pub(crate) fn utc(time: u64) -> String {
    let seconds = i64::try_from(time).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let text = seconds.map(|timestamp| timestamp.to_string().replace('T', " ").replace('Z', " UTC"));
    text.unwrap_or_else(|| format!("{time} s after 1970"))
}
