//! The laws that hold for every set of deposits.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use surety_core::{Date, FactDate, PartialDate, StateCode};
use surety_law::{ActionKind, Former, Instrument, Ledger, TreatyAction};

const TODAY: Date = date(2026, 11, 22);

fn a_state() -> impl Strategy<Value = StateCode> {
    prop_oneof![
        1 => Just(StateCode::EURATOM),
        30 => (0u8..26, 0u8..3).prop_map(|(a, b)| {
            format!("X{}{}", char::from(b'A' + a), char::from(b'A' + b)).parse().unwrap()
        }),
    ]
}

fn a_date() -> impl Strategy<Value = FactDate> {
    prop_oneof![
        20 => (0i64..9000).prop_map(|days| FactDate::on(date(2000, 1, 1).saturating_add(days.days()))),
        1 => (2000i16..2025, 1i8..=12).prop_map(|(year, month)| PartialDate::Month(year, month).into()),
        1 => Just(FactDate::default()),
    ]
}

/// Joining and signing; leaving has its own tests, since what it undoes breaks every law on purpose.
fn an_action() -> impl Strategy<Value = TreatyAction> {
    let kind = prop_oneof![
        Just(ActionKind::Signature),
        Just(ActionKind::Ratification),
        Just(ActionKind::Acceptance),
        Just(ActionKind::Accession),
    ];
    let instrument =
        prop_oneof![Just(Instrument::Cppnm), Just(Instrument::CppnmAmendment), Just(Instrument::Icsant)];
    (a_state(), instrument, kind, a_date(), any::<u32>()).prop_map(
        |(state, instrument, kind, date, reference)| TreatyAction {
            state,
            instrument,
            kind,
            date,
            effective: None,
            reference,
        },
    )
}

fn actions() -> impl Strategy<Value = Vec<TreatyAction>> {
    prop::collection::vec(an_action(), 0..160)
}

fn ledger(actions: &[TreatyAction]) -> Ledger {
    Ledger::new(actions, &Former::new(), TODAY)
}

fn parties(ledger: &Ledger, instrument: Instrument, date: Date) -> Vec<StateCode> {
    ledger.status(instrument, date).parties.iter().map(|party| party.state).collect()
}

proptest! {
    #[test]
    fn the_order_of_the_rows_never_matters(
        (sorted, shuffled) in actions().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        prop_assert_eq!(ledger(&sorted), ledger(&shuffled));
    }

    #[test]
    fn one_more_deposit_never_removes_a_party(rows in actions(), extra in an_action(), at in 0i64..9800) {
        let date = date(2000, 1, 1).saturating_add(at.days());
        let before = ledger(&rows);
        let after = ledger(&[rows, vec![extra]].concat());
        for instrument in Instrument::SECURITY_TREATIES {
            let now = parties(&after, instrument, date);
            for state in parties(&before, instrument, date) {
                prop_assert!(now.contains(&state), "{} lost {}", instrument, state);
            }
        }
    }

    #[test]
    fn a_later_date_never_loses_a_fact(rows in actions(), at in 0i64..9000, later in 1i64..900) {
        let ledger = ledger(&rows);
        let (date, then) = (date(2000, 1, 1).saturating_add(at.days()), date(2000, 1, 1).saturating_add((at + later).days()));
        for instrument in Instrument::SECURITY_TREATIES {
            let (now, afterwards) = (ledger.status(instrument, date), ledger.status(instrument, then));
            prop_assert!(!now.in_force || afterwards.in_force_since == now.in_force_since);
            for party in now.parties {
                // Since when it is bound may become known; it never changes.
                let later = afterwards.parties.iter().find(|later| later.state == party.state);
                let is_same = later.is_some_and(|later| {
                    (later.action, later.deposited) == (party.action, party.deposited)
                        && (party.bound_since.is_none() || party.bound_since == later.bound_since)
                });
                prop_assert!(is_same, "{}", party.state);
                let bound = |date| ledger.state_status(instrument, party.state, date).as_str() == "bound";
                prop_assert!(!bound(date) || bound(then));
            }
        }
    }

    #[test]
    fn what_is_not_deposited_yet_changes_nothing_today(rows in actions(), at in 0i64..9800) {
        let date = date(2000, 1, 1).saturating_add(at.days());
        let known: Vec<_> = rows.iter().copied().filter(|row| row.date.holds_from(TODAY) <= date).collect();
        for instrument in Instrument::SECURITY_TREATIES {
            let (all, known) = (ledger(&rows).status(instrument, date), ledger(&known).status(instrument, date));
            prop_assert_eq!(all.in_force, known.in_force);
            prop_assert_eq!(all.counts, known.counts);
            prop_assert_eq!(all.deposits_needed, known.deposits_needed);
            prop_assert_eq!(all.parties, known.parties);
        }
    }

    #[test]
    fn nobody_is_bound_before_depositing_or_before_the_instrument_is_in_force(rows in actions()) {
        let ledger = ledger(&rows);
        for instrument in Instrument::SECURITY_TREATIES {
            for party in ledger.status(instrument, Date::MAX).parties {
                if let (Some(bound), Some(deposited)) = (party.bound_since, party.deposited.date.day()) {
                    prop_assert!(bound >= deposited);
                    prop_assert!(Some(bound) >= ledger.entry_into_force(instrument, Date::MAX));
                }
            }
        }
    }
}
