//! The ledger of deposits: who is a party to what, bound since when, on any date.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan;
use serde::Serialize;
use surety_core::{Date, FactDate, StateCode};

use crate::instrument::{ActionKind, EntryRule, Instrument};

/// One action of one State, as the depositary records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreatyAction {
    /// Who acts.
    pub state: StateCode,
    /// On which instrument.
    pub instrument: Instrument,
    /// What it does.
    pub kind: ActionKind,
    /// When: of a succession, the day of its notice.
    pub date: FactDate,
    /// Of a succession, the day from which the successor is bound.
    pub effective: Option<Date>,
    /// What the caller knows this row by.
    pub reference: u32,
}

/// The last day of each former State: from the next day on it is a party to nothing.
pub type Former = HashMap<StateCode, Date>;

/// A stretch of time during which a State is a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How it became a party.
    pub action: ActionKind,
    /// When it deposited its instrument.
    pub deposited: FactDate,
    /// The first day on which it counts as a party, in force for it or not yet. A successor counts from the
    /// succession; a deposit without a day from the first day on which it is sure.
    pub counts_from: Date,
    /// The day from which it is bound. None when the instrument is not in force, when the rule asks for a day
    /// that no source gives, or when the rule is not computed.
    pub bound_since: Option<Date>,
    /// A day on which it is sure to be bound already, where `bound_since` cannot be told.
    pub bound_by: Option<Date>,
    /// The day on which the last deposit was made that decides since when it is bound: nobody could know before.
    pub bound_known_from: Option<Date>,
    /// The first day on which it is no longer a party.
    pub ends: Option<Date>,
    /// The row that made it a party.
    pub reference: u32,
    /// The row that ended it.
    pub end_reference: Option<u32>,
}

impl Period {
    /// Whether it is a party on that day.
    pub fn covers(&self, date: Date) -> bool {
        self.counts_from <= date && self.ends.is_none_or(|ends| date < ends)
    }

    /// Since when it is bound, as far as the deposits made by a date tell.
    pub fn bound_since_as_known(&self, date: Date) -> Option<Date> {
        self.bound_since.filter(|_| self.bound_known_from.is_some_and(|known_from| known_from <= date))
    }

    /// Whether it is bound on that day.
    pub fn binds_on(&self, date: Date) -> bool {
        self.covers(date) && self.bound_since.or(self.bound_by).is_some_and(|since| since <= date)
    }
}

/// A signature: it does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// When it signed.
    pub signed: FactDate,
    /// The first day on which it is sure to have signed.
    pub counts_from: Date,
    /// The row that says so.
    pub reference: u32,
}

/// Everything one State did with one instrument.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    /// Its first signature.
    pub signature: Option<Signature>,
    /// When it was a party.
    pub periods: Vec<Period>,
}

/// Where one State stands with one instrument on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateStatus<'a> {
    /// It has done nothing.
    None,
    /// It has signed, and not joined.
    Signatory,
    /// It has deposited, and is not bound yet.
    Deposited(&'a Period),
    /// It is bound.
    Bound(&'a Period),
}

impl<'a> StateStatus<'a> {
    /// The period that makes it a party, when it is one.
    pub fn period(self) -> Option<&'a Period> {
        match self {
            Self::Deposited(period) | Self::Bound(period) => Some(period),
            Self::None | Self::Signatory => None,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Signatory => "signatory",
            Self::Deposited(_) => "deposited",
            Self::Bound(_) => "bound",
        }
    }
}

/// A party to an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The party.
    pub state: StateCode,
    /// How it became one.
    pub action: ActionKind,
    /// When it deposited.
    pub deposited: FactDate,
    /// Since when it is bound, where that can be told.
    pub bound_since: Option<Date>,
}

/// How many have joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that have deposited and not left, in force for them or not yet.
    pub parties: usize,
    /// The same without EURATOM.
    pub states_parties: usize,
    /// Those that signed and never joined.
    pub signatories_not_party: usize,
}

/// Where an instrument stands on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentStatus {
    /// The instrument.
    pub instrument: Instrument,
    /// The date asked.
    pub as_of: Date,
    /// Whether it is in force. False also where the rule is not computed.
    pub in_force: bool,
    /// The day on which it entered into force; none while it is not in force.
    pub in_force_since: Option<Date>,
    /// The day, still to come, on which it will enter into force by the deposits made by the date asked.
    pub enters_into_force_on: Option<Date>,
    /// How many.
    pub counts: Counts,
    /// How many more deposits it takes to enter into force; none where the rule is not computed.
    pub deposits_needed: Option<usize>,
    /// Who has joined, in order of code.
    pub parties: Vec<Party>,
    /// Who signed and never joined, in order of code.
    pub signatories_not_party: Vec<StateCode>,
}

impl InstrumentStatus {
    /// Whether it is in force; none where the rule is not computed.
    pub fn in_force_if_computed(&self) -> Option<bool> {
        (self.instrument.entry_rule() != EntryRule::NotComputed).then_some(self.in_force)
    }
}

/// A party that has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// Who left.
    pub state: StateCode,
    /// From when on it is no party.
    pub ended: Date,
    /// The row that says so.
    #[serde(skip)]
    pub reference: u32,
}

/// Every action on every instrument, worked out once; then any question on any date is a look-up.
///
/// The order of the actions never matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    memberships: BTreeMap<(Instrument, StateCode), Membership>,
    /// The day on which the condition for entry into force was fulfilled, and the day of entry into force.
    entries: BTreeMap<Instrument, Entry>,
    former: Former,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    fulfilled: Date,
    in_force: Date,
}

impl Ledger {
    /// Works out the ledger. A deposit that no source dates counts from `undated_from`, the day on which the
    /// data were compiled, and never enters a computation as a date.
    pub fn new(actions: &[TreatyAction], former: &Former, undated_from: Date) -> Self {
        let mut sorted = actions.to_vec();
        sorted.sort_by_key(|action| {
            (
                action.instrument,
                action.state,
                order_in_time(action, undated_from),
                action.kind,
                action.reference,
            )
        });
        let mut memberships = BTreeMap::<_, Membership>::new();
        for action in &sorted {
            let membership = memberships.entry((action.instrument, action.state)).or_default();
            membership.apply(action, undated_from);
        }
        for ((_, state), membership) in &mut memberships {
            if let Some(last_day) = former.get(state) {
                membership.end(last_day.saturating_add(1.day()), None);
            }
        }
        let mut ledger = Self { memberships, entries: BTreeMap::new(), former: former.clone() };
        for instrument in Instrument::ALL {
            ledger.derive_entry_into_force(instrument);
            ledger.derive_bound_since(instrument);
        }
        ledger
    }

    /// Everything a State did with an instrument.
    pub fn membership(&self, instrument: Instrument, state: StateCode) -> Option<&Membership> {
        self.memberships.get(&(instrument, state))
    }

    /// Where a State stands with an instrument on a date.
    pub fn state_status(&self, instrument: Instrument, state: StateCode, date: Date) -> StateStatus<'_> {
        let Some(membership) = self.membership(instrument, state) else { return StateStatus::None };
        match membership.periods.iter().find(|period| period.covers(date)) {
            Some(period) if period.binds_on(date) => StateStatus::Bound(period),
            Some(period) => StateStatus::Deposited(period),
            None if membership.signed_by(date) && self.exists(state, date) => StateStatus::Signatory,
            None => StateStatus::None,
        }
    }

    /// The day on which an instrument entered into force, by the deposits made up to and including `date`.
    /// The day itself can lie after `date`.
    pub fn entry_into_force(&self, instrument: Instrument, date: Date) -> Option<Date> {
        self.entries.get(&instrument).filter(|entry| entry.fulfilled <= date).map(|entry| entry.in_force)
    }

    /// How many have joined an instrument on a date: all parties, and those that are States.
    pub fn count(&self, instrument: Instrument, date: Date) -> (usize, usize) {
        self.parties_on(instrument, date).fold((0, 0), |(parties, states), (state, _)| {
            (parties + 1, states + usize::from(state.is_state()))
        })
    }

    /// How many deposits are still missing on a date; 0 once the condition is fulfilled. None where the rule is
    /// not computed, or the instrument was not open yet.
    pub fn deposits_needed(&self, instrument: Instrument, date: Date) -> Option<usize> {
        if instrument.opened().is_some_and(|opened| date < opened) {
            return None;
        }
        if self.entry_into_force(instrument, date).is_some() {
            return Some(0);
        }
        match instrument.entry_rule() {
            EntryRule::NthDeposit { n, counting } => {
                let made = self
                    .of(instrument)
                    .flat_map(|(_, membership)| &membership.periods)
                    .filter(|period| period.counts_from <= date && counting.contains(&period.action))
                    .count();
                Some(n.saturating_sub(made).max(1))
            }
            EntryRule::TwoThirdsOfParties { convention } => {
                let states = self.count(convention, date).1;
                let made = self.amending_states(instrument, convention, date);
                Some((2 * states).div_ceil(3).saturating_sub(made).max(1))
            }
            EntryRule::NotComputed => None,
        }
    }

    /// Where an instrument stands on a date.
    pub fn status(&self, instrument: Instrument, as_of: Date) -> InstrumentStatus {
        let entry = self.entry_into_force(instrument, as_of);
        let in_force_since = entry.filter(|day| *day <= as_of);
        let parties: Vec<Party> = self
            .parties_on(instrument, as_of)
            .map(|(state, period)| Party {
                state,
                action: period.action,
                deposited: period.deposited,
                bound_since: period.bound_since_as_known(as_of),
            })
            .collect();
        let signatories_not_party = self.signatories_not_party(instrument, as_of);
        InstrumentStatus {
            instrument,
            as_of,
            in_force: in_force_since.is_some(),
            in_force_since,
            enters_into_force_on: entry.filter(|day| *day > as_of),
            counts: Counts {
                parties: parties.len(),
                states_parties: parties.iter().filter(|party| party.state.is_state()).count(),
                signatories_not_party: signatories_not_party.len(),
            },
            deposits_needed: self.deposits_needed(instrument, as_of),
            parties,
            signatories_not_party,
        }
    }

    /// Every day on which the status of some State changes: it signs, joins, is bound or leaves.
    pub fn change_dates(&self, state: StateCode) -> Vec<Date> {
        let mut dates = Vec::new();
        for (_, membership) in self.memberships.iter().filter(|((_, of), _)| *of == state) {
            dates.extend(membership.signature.map(|signature| signature.counts_from));
            for period in &membership.periods {
                dates.push(period.counts_from);
                // A vague deposit may have happened from its first possible day on.
                let first = period.deposited.date.first_day();
                dates.extend(
                    [first, period.bound_since, period.bound_by, period.bound_known_from, period.ends]
                        .into_iter()
                        .flatten(),
                );
            }
        }
        dates
    }

    /// Who has left an instrument by a date and not come back, former States aside.
    pub fn departures(&self, instrument: Instrument, date: Date) -> Vec<Departure> {
        self.of(instrument)
            .filter_map(|(state, membership)| {
                let last = membership.periods.iter().rfind(|period| period.counts_from <= date)?;
                let (ended, reference) = last.ends.zip(last.end_reference)?;
                (ended <= date).then_some(Departure { state, ended, reference })
            })
            .collect()
    }

    /// Every day on which the number of parties to an instrument changes.
    pub fn count_change_dates(&self, instrument: Instrument) -> impl Iterator<Item = Date> {
        self.of(instrument)
            .flat_map(|(_, membership)| &membership.periods)
            .flat_map(|period| [Some(period.counts_from), period.ends])
            .flatten()
    }

    fn of(&self, instrument: Instrument) -> impl Iterator<Item = (StateCode, &Membership)> {
        let first = StateCode::MIN;
        self.memberships
            .range((instrument, first)..)
            .take_while(move |((of, _), _)| *of == instrument)
            .map(|((_, state), membership)| (*state, membership))
    }

    fn parties_on(&self, instrument: Instrument, date: Date) -> impl Iterator<Item = (StateCode, &Period)> {
        self.of(instrument).filter_map(move |(state, membership)| {
            membership.periods.iter().find(|period| period.covers(date)).map(|period| (state, period))
        })
    }

    fn signatories_not_party(&self, instrument: Instrument, date: Date) -> Vec<StateCode> {
        self.of(instrument)
            .filter(|(state, membership)| {
                membership.signed_by(date)
                    && self.exists(*state, date)
                    && !membership.periods.iter().any(|period| period.covers(date))
            })
            .map(|(state, _)| state)
            .collect()
    }

    fn exists(&self, state: StateCode, date: Date) -> bool {
        self.former.get(&state).is_none_or(|last_day| date <= *last_day)
    }

    /// States (EURATOM has no vote, Art. 18(4)(d)) that are party to the convention and have deposited the
    /// amendment on that date.
    fn amending_states(&self, amendment: Instrument, convention: Instrument, date: Date) -> usize {
        self.parties_on(amendment, date)
            .filter(|(state, _)| state.is_state())
            .filter(|(state, _)| self.state_status(convention, *state, date).period().is_some())
            .count()
    }

    fn derive_entry_into_force(&mut self, instrument: Instrument) {
        let fulfilled = match instrument.entry_rule() {
            EntryRule::NthDeposit { n, counting } => self.day_of_nth_deposit(instrument, n, counting),
            EntryRule::TwoThirdsOfParties { convention } => self.day_of_two_thirds(instrument, convention),
            EntryRule::NotComputed => None,
        };
        if let Some(fulfilled) = fulfilled {
            self.entries.insert(instrument, Entry { fulfilled, in_force: thirtieth_day_after(fulfilled) });
        }
    }

    /// Only deposits of a known day can be counted to a day. Former parties count: they had deposited.
    fn day_of_nth_deposit(&self, instrument: Instrument, n: usize, counting: &[ActionKind]) -> Option<Date> {
        let mut days: Vec<Date> = self
            .of(instrument)
            .flat_map(|(_, membership)| &membership.periods)
            .filter(|period| counting.contains(&period.action))
            .filter_map(|period| period.deposited.date.day())
            .collect();
        days.sort_unstable();
        days.get(n.checked_sub(1)?).copied()
    }

    /// The first day on which three times the States that have deposited are at least twice the States Parties.
    fn day_of_two_thirds(&self, amendment: Instrument, convention: Instrument) -> Option<Date> {
        let mut days: Vec<Date> = [amendment, convention]
            .into_iter()
            .flat_map(|instrument| self.count_change_dates(instrument))
            .collect();
        days.sort_unstable();
        days.dedup();
        days.into_iter().find(|day| {
            let (_, states) = self.count(convention, *day);
            states > 0 && 3 * self.amending_states(amendment, convention, *day) >= 2 * states
        })
    }

    fn derive_bound_since(&mut self, instrument: Instrument) {
        let Some(entry) = self.entries.get(&instrument).copied() else { return };
        let states: Vec<StateCode> = self.of(instrument).map(|(state, _)| state).collect();
        for state in states {
            let convention_periods = match instrument.entry_rule() {
                EntryRule::TwoThirdsOfParties { convention } => {
                    self.membership(convention, state).map(|membership| membership.periods.clone())
                }
                _ => None,
            }
            .unwrap_or_default();
            let Some(membership) = self.memberships.get_mut(&(instrument, state)) else { continue };
            for period in &mut membership.periods {
                let succeeds = period.action == ActionKind::Succession;
                period.bound_known_from = Some(entry.fulfilled.max(period.counts_from));
                let day = if succeeds { Some(period.counts_from) } else { period.deposited.date.day() };
                match instrument.entry_rule() {
                    EntryRule::TwoThirdsOfParties { .. } => {
                        // No party is bound by the amendment before it is bound by the convention.
                        let reaches = |convention: &&Period| {
                            convention.ends.is_none_or(|ends| period.counts_from < ends)
                        };
                        let Some(convention) = convention_periods.iter().find(reaches) else { continue };
                        period.bound_known_from = period.bound_known_from.max(convention.bound_known_from);
                        // Who leaves the Convention leaves its amendment.
                        if let Some(ends) = convention.ends {
                            period.ends = Some(period.ends.map_or(ends, |own| own.min(ends)));
                            period.end_reference = period.end_reference.or(convention.end_reference);
                        }
                        let bound = |deposited: Option<Date>, convention: Option<Date>| {
                            Some(deposited?.max(entry.in_force).max(convention?))
                        };
                        period.bound_since = bound(day, convention.bound_since);
                        period.bound_by =
                            bound(Some(period.counts_from), convention.bound_since.or(convention.bound_by));
                    }
                    _ if succeeds => {
                        // A successor is bound from the succession of States, not thirty days after its notice.
                        period.bound_since = Some(period.counts_from.max(entry.in_force));
                    }
                    _ => {
                        let bound = |deposited: Date| thirtieth_day_after(deposited).max(entry.in_force);
                        period.bound_since = day.map(bound);
                        period.bound_by = Some(bound(period.counts_from));
                    }
                }
            }
        }
    }
}

impl Membership {
    fn apply(&mut self, action: &TreatyAction, undated_from: Date) {
        match action.kind {
            ActionKind::Signature => {
                self.signature.get_or_insert(Signature {
                    signed: action.date,
                    counts_from: action.date.holds_from(undated_from),
                    reference: action.reference,
                });
            }
            ActionKind::Withdrawal => {
                let received = action.date.holds_from(undated_from);
                self.end(action.instrument.withdrawal_takes_effect(received), Some(action.reference));
            }
            consent => {
                let counts_from = action.effective.unwrap_or_else(|| action.date.holds_from(undated_from));
                let still_party = self.periods.last().is_some_and(|period| period.ends.is_none());
                if !still_party {
                    self.periods.push(Period {
                        action: consent,
                        deposited: action.date,
                        counts_from,
                        bound_since: None,
                        bound_by: None,
                        bound_known_from: None,
                        ends: None,
                        reference: action.reference,
                        end_reference: None,
                    });
                }
            }
        }
    }

    fn end(&mut self, ends: Date, reference: Option<u32>) {
        if let Some(period) = self.periods.last_mut().filter(|period| period.ends.is_none()) {
            period.ends = Some(ends);
            period.end_reference = reference;
        }
    }

    fn signed_by(&self, date: Date) -> bool {
        self.signature.is_some_and(|signature| signature.counts_from <= date)
    }
}

fn order_in_time(action: &TreatyAction, undated_from: Date) -> Date {
    action.effective.unwrap_or_else(|| action.date.holds_from(undated_from))
}

/// The thirtieth day after a deposit: the deposit's date plus 30 days.
fn thirtieth_day_after(deposit: Date) -> Date {
    deposit.saturating_add(30.days())
}
