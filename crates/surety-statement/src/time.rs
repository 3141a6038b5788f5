//! Time, as logs and witnesses give it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use surety_core::Date;

/// The day (UTC) of a time in seconds since 1970. Beyond what a calendar holds, its last day: later than any other.
pub(crate) fn day(time: u64) -> Date {
    let seconds = i64::try_from(time).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    seconds.map_or(Date::MAX, |timestamp| timestamp.to_zoned(TimeZone::UTC).date())
}
