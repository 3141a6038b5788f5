//! The entry-into-force rules, case by case: deposits on the left, what follows from them on the right.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::HashMap;

use jiff::ToSpan;
use surety_core::{Date, FactDate, StateCode, parse_day};
use surety_law::{
    ActionKind, BindingText, Former, Instrument, Ledger, StateStatus, TreatyAction, binding_between,
};

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

/// State number `n`: XAA, XAB, …
fn state(n: usize) -> StateCode {
    let letter = |k: usize| char::from(b'A' + u8::try_from(k % 26).unwrap());
    format!("X{}{}", letter(n / 26), letter(n)).parse().unwrap()
}

fn action(state: StateCode, instrument: Instrument, kind: ActionKind, date: &str) -> TreatyAction {
    TreatyAction {
        state,
        instrument,
        kind,
        date: date.parse::<FactDate>().unwrap(),
        effective: None,
        reference: 0,
    }
}

/// `n` States that ratify the instrument one a month, from January 2000 on.
fn ratified_monthly(instrument: Instrument, n: usize) -> Vec<TreatyAction> {
    (0..n)
        .map(|k| {
            let date = day("2000-01-15").checked_add((i64::try_from(k).unwrap()).months()).unwrap();
            action(state(k), instrument, ActionKind::Ratification, &date.to_string())
        })
        .collect()
}

fn ledger(actions: &[TreatyAction]) -> Ledger {
    Ledger::new(actions, &Former::new(), day("2026-11-22"))
}

fn bound_since(ledger: &Ledger, instrument: Instrument, state: StateCode) -> Option<String> {
    let membership = ledger.membership(instrument, state)?;
    membership.periods.last()?.bound_since.map(|date| date.to_string())
}

const CPPNM: Instrument = Instrument::Cppnm;
const AMENDMENT: Instrument = Instrument::CppnmAmendment;
const ICSANT: Instrument = Instrument::Icsant;

#[test]
fn the_cppnm_needs_21_and_enters_into_force_on_the_30th_day_after() {
    let twenty = ledger(&ratified_monthly(CPPNM, 20));
    assert_eq!(twenty.entry_into_force(CPPNM, Date::MAX), None);
    assert_eq!(twenty.deposits_needed(CPPNM, Date::MAX), Some(1));

    let twenty_one = ledger(&ratified_monthly(CPPNM, 21));
    assert_eq!(twenty_one.entry_into_force(CPPNM, Date::MAX), Some(day("2001-10-15"))); // 2001-09-15 + 30 days
    assert_eq!(twenty_one.entry_into_force(CPPNM, day("2001-09-14")), None);
    assert!(!twenty_one.status(CPPNM, day("2001-10-14")).in_force);
    assert!(twenty_one.status(CPPNM, day("2001-10-15")).in_force);
}

#[test]
fn an_accession_counts_for_icsant_and_not_for_the_cppnm() {
    for (instrument, n, expected) in [(CPPNM, 21, false), (ICSANT, 22, true)] {
        let mut actions = ratified_monthly(instrument, n - 1);
        actions.push(action(state(90), instrument, ActionKind::Accession, "2003-01-01"));
        let entered = ledger(&actions).entry_into_force(instrument, Date::MAX).is_some();
        assert_eq!(entered, expected, "{instrument}");
    }
}

#[test]
fn a_late_comer_is_bound_on_the_30th_day_after_its_own_deposit() {
    for (instrument, n) in [(CPPNM, 21), (ICSANT, 22)] {
        let mut actions = ratified_monthly(instrument, n);
        actions.push(action(state(90), instrument, ActionKind::Accession, "2024-09-25"));
        assert_eq!(bound_since(&ledger(&actions), instrument, state(90)).as_deref(), Some("2024-10-25"));
    }
}

/// 30 parties to the CPPNM; the first `amended` of them deposit the Amendment on 1 March 2010.
fn amended_by(amended: usize) -> Vec<TreatyAction> {
    let mut actions = ratified_monthly(CPPNM, 30);
    actions.extend((0..amended).map(|k| action(state(k), AMENDMENT, ActionKind::Ratification, "2010-03-01")));
    actions
}

#[test]
fn the_amendment_needs_two_thirds_of_the_states_parties() {
    assert_eq!(ledger(&amended_by(19)).entry_into_force(AMENDMENT, Date::MAX), None);
    assert_eq!(ledger(&amended_by(19)).deposits_needed(AMENDMENT, Date::MAX), Some(1));
    assert_eq!(ledger(&amended_by(20)).entry_into_force(AMENDMENT, Date::MAX), Some(day("2010-03-31")));
}

#[test]
fn the_denominator_is_that_of_the_day_tested() {
    // A 31st party joins the Convention the day before: 20 of 31 are not two thirds.
    let mut actions = amended_by(20);
    actions.push(action(state(90), CPPNM, ActionKind::Accession, "2010-02-28"));
    assert_eq!(ledger(&actions).deposits_needed(AMENDMENT, Date::MAX), Some(1));
    // Joining the day after changes nothing: the condition was fulfilled.
    actions.pop();
    actions.push(action(state(90), CPPNM, ActionKind::Accession, "2010-03-02"));
    assert_eq!(ledger(&actions).entry_into_force(AMENDMENT, Date::MAX), Some(day("2010-03-31")));
}

#[test]
fn euratom_counts_on_neither_side_of_the_fraction() {
    let mut actions = amended_by(19);
    actions.push(action(StateCode::EURATOM, CPPNM, ActionKind::Confirmation, "2005-01-01"));
    actions.push(action(StateCode::EURATOM, AMENDMENT, ActionKind::Accession, "2010-02-01"));
    let ledger = ledger(&actions);
    assert_eq!(ledger.entry_into_force(AMENDMENT, Date::MAX), None);
    assert_eq!(ledger.count(AMENDMENT, Date::MAX), (20, 19));
}

#[test]
fn a_later_party_to_the_amendment_is_bound_on_the_day_of_its_own_deposit() {
    let mut actions = amended_by(20);
    actions.push(action(state(25), AMENDMENT, ActionKind::Ratification, "2016-09-26"));
    let ledger = ledger(&actions);
    assert_eq!(bound_since(&ledger, AMENDMENT, state(25)).as_deref(), Some("2016-09-26"));
    assert_eq!(bound_since(&ledger, AMENDMENT, state(0)).as_deref(), Some("2010-03-31"));
}

#[test]
fn nobody_is_bound_by_the_amendment_before_the_convention() {
    let mut actions = amended_by(20);
    for instrument in [CPPNM, AMENDMENT] {
        actions.push(action(state(90), instrument, ActionKind::Accession, "2020-09-21"));
    }
    // Without the Convention, the Amendment binds nobody.
    actions.push(action(state(91), AMENDMENT, ActionKind::Accession, "2020-09-21"));
    let ledger = ledger(&actions);
    assert_eq!(bound_since(&ledger, CPPNM, state(90)).as_deref(), Some("2020-10-21"));
    assert_eq!(bound_since(&ledger, AMENDMENT, state(90)).as_deref(), Some("2020-10-21"));
    assert_eq!(bound_since(&ledger, AMENDMENT, state(91)), None);
    assert!(matches!(ledger.state_status(AMENDMENT, state(91), Date::MAX), StateStatus::Deposited(_)));
}

#[test]
fn joining_the_convention_late_does_not_bring_the_amendment() {
    let mut actions = amended_by(20);
    actions.push(action(state(90), CPPNM, ActionKind::Accession, "2016-11-07"));
    assert_eq!(ledger(&actions).state_status(AMENDMENT, state(90), Date::MAX), StateStatus::None);
}

#[test]
fn a_successor_is_bound_from_the_succession_and_the_predecessor_leaves() {
    let (predecessor, successor) = (state(0), state(90));
    let mut actions = ratified_monthly(CPPNM, 21);
    actions.push(TreatyAction {
        effective: Some(day("2003-01-01")),
        ..action(successor, CPPNM, ActionKind::Succession, "2003-03-24")
    });
    let former: Former = HashMap::from([(predecessor, day("2002-12-31"))]);
    let ledger = Ledger::new(&actions, &former, day("2026-11-22"));
    assert_eq!(bound_since(&ledger, CPPNM, successor).as_deref(), Some("2003-01-01"));
    assert_eq!(ledger.state_status(CPPNM, predecessor, day("2002-12-31")).as_str(), "bound");
    assert_eq!(ledger.state_status(CPPNM, predecessor, day("2003-01-01")), StateStatus::None);
    assert_eq!(ledger.count(CPPNM, day("2003-01-01")).1, 21);
    // It still counts towards the 21 that brought the Convention into force.
    assert_eq!(ledger.entry_into_force(CPPNM, Date::MAX), Some(day("2001-10-15")));
}

#[test]
fn a_party_without_a_date_counts_today_and_is_never_used_as_a_date() {
    let mut actions = ratified_monthly(ICSANT, 21);
    actions.push(action(state(90), ICSANT, ActionKind::Ratification, ""));
    let ledger = ledger(&actions);
    assert_eq!(ledger.entry_into_force(ICSANT, Date::MAX), None, "an unknown day is no 22nd deposit");
    assert_eq!(ledger.count(ICSANT, day("2026-11-21")).0, 21);
    assert_eq!(ledger.count(ICSANT, day("2026-11-22")).0, 22);
}

#[test]
fn leaving_takes_effect_when_the_article_says() {
    for (instrument, n, ends) in [(CPPNM, 21, "2010-06-30"), (ICSANT, 22, "2011-01-01")] {
        let mut actions = ratified_monthly(instrument, n);
        actions.push(action(state(3), instrument, ActionKind::Withdrawal, "2010-01-01"));
        let ledger = ledger(&actions);
        let before = day(ends).checked_sub(1.day()).unwrap();
        assert_eq!(ledger.state_status(instrument, state(3), before).as_str(), "bound", "{instrument}");
        assert_eq!(ledger.state_status(instrument, state(3), day(ends)), StateStatus::None, "{instrument}");
    }
}

#[test]
fn who_leaves_the_convention_leaves_its_amendment() {
    let mut actions = amended_by(20);
    actions.push(action(state(3), CPPNM, ActionKind::Withdrawal, "2015-01-01"));
    let ledger = ledger(&actions);
    assert_eq!(ledger.state_status(AMENDMENT, state(3), day("2015-06-29")).as_str(), "bound");
    assert_eq!(ledger.state_status(AMENDMENT, state(3), day("2015-06-30")), StateStatus::None);
    assert_eq!(ledger.departures(AMENDMENT, Date::MAX).len(), 1);
}

#[test]
fn nobody_knows_since_when_they_are_bound_before_the_condition_is_fulfilled() {
    let ledger = ledger(&ratified_monthly(ICSANT, 22));
    let bound = |date| ledger.status(ICSANT, day(date)).parties[0].bound_since;
    assert_eq!(bound("2001-10-14"), None);
    assert_eq!(bound("2001-10-15"), Some(day("2001-11-14"))); // the 22nd deposit is made
}

#[test]
fn a_signature_does_not_bind() {
    let mut actions = ratified_monthly(ICSANT, 22);
    actions.push(action(state(90), ICSANT, ActionKind::Signature, "2005-09-14"));
    let ledger = ledger(&actions);
    assert_eq!(ledger.state_status(ICSANT, state(90), Date::MAX), StateStatus::Signatory);
    assert_eq!(ledger.state_status(ICSANT, state(90), day("2005-09-13")), StateStatus::None);
    assert_eq!(ledger.status(ICSANT, Date::MAX).signatories_not_party, [state(90)]);
}

#[test]
fn between_an_amended_party_and_one_that_is_not_the_1980_text_applies() {
    let ledger = ledger(&amended_by(20));
    let texts = |a, b, date| binding_between(&ledger, state(a), state(b), day(date));
    assert_eq!(texts(0, 1, "2010-03-31"), [BindingText::CppnmAmended]);
    assert_eq!(texts(0, 29, "2010-03-31"), [BindingText::Cppnm1980]);
    assert_eq!(texts(0, 1, "2010-03-30"), [BindingText::Cppnm1980]);
    assert_eq!(texts(0, 99, "2010-03-31"), []);
}
