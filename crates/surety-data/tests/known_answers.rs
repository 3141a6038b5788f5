//! The answers that the depositaries have published, derived here from the deposits of the embedded dataset.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use surety_core::{Date, StateCode, parse_day};
use surety_data::embedded;
use surety_law::{Instrument, StateStatus};
use surety_world::Base;

const CPPNM: Instrument = Instrument::Cppnm;
const AMENDMENT: Instrument = Instrument::CppnmAmendment;
const ICSANT: Instrument = Instrument::Icsant;

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

fn base() -> Base<'static> {
    Base::new(embedded().facts())
}

fn state(code: &str) -> StateCode {
    code.parse().unwrap()
}

#[test]
fn the_three_dates_of_entry_into_force() {
    let base = base();
    for (instrument, expected) in [(CPPNM, "1987-02-08"), (AMENDMENT, "2016-05-08"), (ICSANT, "2007-07-07")] {
        assert_eq!(
            base.ledger().entry_into_force(instrument, Date::MAX),
            Some(day(expected)),
            "{instrument}"
        );
        assert!(!base.ledger().status(instrument, day(expected).yesterday().unwrap()).in_force);
        assert!(base.ledger().status(instrument, day(expected)).in_force);
    }
}

#[test]
fn how_many_had_joined_on_past_days() {
    let base = base();
    // instrument, date, States Parties, parties with EURATOM
    for (instrument, date, states, parties) in [
        (CPPNM, "1987-01-08", 20, 20),
        (CPPNM, "1987-01-09", 21, 21),
        (CPPNM, "2016-04-08", 152, 153),
        (AMENDMENT, "2016-04-01", 100, 101),
        (AMENDMENT, "2016-04-08", 102, 103),
        (CPPNM, "2020-09-21", 161, 162),
        (AMENDMENT, "2020-09-21", 124, 125),
        (AMENDMENT, "2023-04-12", 131, 132),
        (ICSANT, "2007-06-07", 22, 22),
        (ICSANT, "2015-09-30", 100, 100),
        (ICSANT, "2024-09-25", 125, 125),
    ] {
        assert_eq!(base.ledger().count(instrument, day(date)), (parties, states), "{instrument} on {date}");
    }
}

#[test]
fn the_amendment_was_two_short_a_week_before() {
    let base = base();
    assert_eq!(base.ledger().deposits_needed(AMENDMENT, day("2016-04-01")), Some(2));
    assert_eq!(base.ledger().entry_into_force(AMENDMENT, day("2016-04-07")), None);
    assert_eq!(base.ledger().deposits_needed(AMENDMENT, day("2016-04-08")), Some(0));
}

#[test]
fn since_when_each_is_bound() {
    let base = base();
    for (code, instrument, expected) in [
        ("CHE", CPPNM, "1987-02-08"),
        ("EUR-ATOM", CPPNM, "1991-10-06"),
        ("DEU", CPPNM, "1991-10-06"),
        ("KGZ", AMENDMENT, "2016-09-26"),
        ("URY", AMENDMENT, "2016-05-08"),
        ("AGO", CPPNM, "2020-10-21"),
        ("AGO", AMENDMENT, "2020-10-21"),
        ("USA", ICSANT, "2015-10-30"),
        ("MOZ", ICSANT, "2024-10-25"),
        ("BGD", ICSANT, "2007-07-07"),
        // Successors: the day of the succession, not thirty days after the notice.
        ("SVN", CPPNM, "1991-06-25"),
        ("HRV", CPPNM, "1991-10-08"),
        ("MKD", CPPNM, "1991-11-17"),
        ("BIH", CPPNM, "1992-03-01"),
        ("SRB", CPPNM, "1992-04-27"),
        ("CZE", CPPNM, "1993-01-01"),
        ("SVK", CPPNM, "1993-01-01"),
        ("BLR", CPPNM, "1993-06-14"),
        ("MNE", CPPNM, "2006-06-03"),
    ] {
        let membership = base.ledger().membership(instrument, state(code)).unwrap();
        assert_eq!(membership.periods[0].bound_since, Some(day(expected)), "{code} {instrument}");
    }
}

#[test]
fn joint_deposits_after_2016_bind_on_one_day() {
    let base = base();
    for code in ["AGO", "BEN", "TCD", "ERI", "MMR", "PSE", "SYR", "THA"] {
        let since =
            |instrument| base.ledger().membership(instrument, state(code)).unwrap().periods[0].bound_since;
        assert_eq!(since(CPPNM), since(AMENDMENT), "{code}");
        assert!(since(AMENDMENT) > Some(day("2016-05-08")), "{code}");
    }
}

#[test]
fn joining_the_convention_alone_does_not_bring_the_amendment() {
    let base = base();
    let zambia = state("ZMB");
    assert!(matches!(base.ledger().state_status(CPPNM, zambia, day("2023-01-01")), StateStatus::Bound(_)));
    assert_eq!(base.ledger().state_status(AMENDMENT, zambia, day("2023-01-01")), StateStatus::None);
}

#[test]
fn former_parties_count_in_history_and_not_today() {
    let base = base();
    for code in ["CSK", "DDR", "YUG"] {
        let of = |date| base.ledger().state_status(CPPNM, state(code), day(date)).as_str();
        assert_eq!((of("1988-01-01"), of("2000-01-01")), ("bound", "none"), "{code}");
    }
}

#[test]
fn a_party_without_a_day_is_never_a_non_party() {
    let base = base();
    for code in ["GTM", "MNE"] {
        let on = |date| base.ledger().state_status(ICSANT, state(code), day(date)).period().is_some();
        assert!(on("2019-05-02") && !on("2010-01-01"), "{code}");
    }
}
