//! Walking from day to day gives the same world as judging each day from scratch.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use jiff::ToSpan;
use surety_core::{Date, parse_day};
use surety_data::embedded;
use surety_world::Base;

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

/// Every 29th day, and every day around the turn of a year, where the windows close.
fn is_sampled(date: Date) -> bool {
    date.day_of_year() % 29 == 3 || date.day_of_year() <= 2 || (date.month() == 12 && date.day() >= 30)
}

#[test]
fn the_walk_equals_the_world_of_each_day() {
    let base = Base::new(embedded().facts());
    for (from, to) in
        [("1979-12-01", "1981-01-31"), ("1991-06-01", "1993-02-28"), ("2005-06-01", "2027-01-31")]
    {
        let mut days = base.days(day(from), day(to));
        let mut expected = day(from);
        while let Some(world) = days.advance() {
            assert_eq!(world.as_of, expected);
            if is_sampled(expected) {
                let scratch = base.world(expected);
                for (walked, judged) in world.states.iter().zip(&scratch.states) {
                    for (walked_to, judged_so) in walked.findings.iter().zip(&judged.findings) {
                        assert_eq!(walked_to, judged_so, "{} on {expected}", walked.state);
                    }
                }
                assert_eq!(world.states.len(), scratch.states.len(), "{expected}");
            }
            expected = expected.checked_add(1.day()).unwrap();
        }
        assert_eq!(expected, day(to).tomorrow().unwrap());
    }
}

#[test]
fn an_empty_walk_has_no_days() {
    let base = Base::new(embedded().facts());
    assert!(base.days(day("2020-01-02"), day("2020-01-01")).advance().is_none());
}
