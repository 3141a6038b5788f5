//! The statements, prepared so that the world on any date is cheap.

use std::collections::BTreeMap;

use surety_core::{Date, StateCode, StateTable, add_years};
use surety_law::{ActionKind, Duty, Former, Instrument, Ledger, TreatyAction};
use surety_statement::{Body, Coverage, Statement, Topic};

use crate::charter::{self, CHARTER, Case};
use crate::finding::Finding;
use crate::timeline::Days;

/// What the world is folded from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The day on which the statements were compiled: a fact that no source dates holds from here.
    pub compiled: Date,
    /// The States.
    pub states: &'a StateTable,
    /// Which lists are complete, and to which day.
    pub coverage: &'a [Coverage],
    /// Treaty articles and duties.
    pub duties: &'a [Duty],
    /// What is said.
    pub statements: &'a [Statement],
}

/// The findings on one State.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFindings {
    /// The State.
    pub state: StateCode,
    /// One finding for each charter action, in the order of the charter.
    pub findings: Vec<Finding>,
}

/// The world on one date: every State that the charter asks, in order of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// The date.
    pub as_of: Date,
    /// The States with their findings.
    pub states: Vec<StateFindings>,
}

impl World {
    /// The findings on one State; none when the charter does not ask it on this date.
    pub fn state(&self, code: StateCode) -> Option<&StateFindings> {
        self.states.binary_search_by_key(&code, |state| state.state).ok().map(|index| &self.states[index])
    }

    /// Every finding with its State.
    pub fn findings(&self) -> impl Iterator<Item = (StateCode, &Finding)> {
        self.states.iter().flat_map(|state| state.findings.iter().map(move |finding| (state.state, finding)))
    }
}

/// Years after which some fact is too old for some action: peer reviews and reviews of reassurance, reports,
/// stocks, yearly reports. Every window that a charter action uses stands here; the walk from day to day relies on it.
pub(crate) const WINDOWS_YEARS: [i16; 3] = [2, 5, 10];

/// The statements, prepared.
#[derive(Debug)]
pub struct Base<'a> {
    pub(crate) facts: Facts<'a>,
    ledger: Ledger,
    by_state: BTreeMap<StateCode, Vec<u32>>,
    /// The statements on other States, or on the world, that name a State as the one that helped.
    by_helper: BTreeMap<StateCode, Vec<u32>>,
    /// Treaty statements that another of higher standing overrules.
    overruled: Vec<u32>,
    /// The days from which each complete list of holders counts, in order.
    holder_lists: Vec<Date>,
}

impl<'a> Base<'a> {
    /// Prepares statements.
    pub fn new(facts: Facts<'a>) -> Self {
        let (mut by_state, mut by_helper) = (BTreeMap::<_, Vec<u32>>::new(), BTreeMap::<_, Vec<u32>>::new());
        for (index, statement) in (0u32..).zip(facts.statements) {
            if let Some(subject) = statement.subject {
                by_state.entry(subject).or_default().push(index);
            }
            if let Body::Programme(programme) = &statement.body
                && let Some(helper) = programme.partner
            {
                by_helper.entry(helper).or_default().push(index);
            }
        }
        let (actions, overruled) = prevailing_actions(facts.statements);
        let former: Former =
            facts.states.iter().filter_map(|state| Some((state.code, state.until?))).collect();
        let mut holder_lists: Vec<Date> = facts
            .statements
            .iter()
            .filter(|statement| matches!(statement.body, Body::ListedHolder))
            .map(|statement| statement.date.holds_from(facts.compiled))
            .collect();
        holder_lists.sort_unstable();
        holder_lists.dedup();
        Self {
            facts,
            ledger: Ledger::new(&actions, &former, facts.compiled),
            by_state,
            by_helper,
            overruled,
            holder_lists,
        }
    }

    /// The treaty engine over these statements.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was given to prepare.
    pub fn facts(&self) -> Facts<'a> {
        self.facts
    }

    /// The statement with this index.
    pub fn statement(&self, index: u32) -> &'a Statement {
        &self.facts.statements[index as usize]
    }

    /// The statements about a State, in the order given.
    pub fn statements_about(&self, state: StateCode) -> &[u32] {
        self.by_state.get(&state).map_or(&[], Vec::as_slice)
    }

    /// The statements that name a State as the one that helped another.
    pub(crate) fn helped_by(&self, state: StateCode) -> &[u32] {
        self.by_helper.get(&state).map_or(&[], Vec::as_slice)
    }

    /// Statements on treaty actions that another of higher standing overrules.
    pub(crate) fn overruled(&self) -> &[u32] {
        &self.overruled
    }

    /// The last complete list of holders by a date, by the day from which it counts.
    pub(crate) fn holder_list(&self, as_of: Date) -> Option<Date> {
        self.holder_lists.iter().rev().find(|day| **day <= as_of).copied()
    }

    /// How far a list goes.
    pub fn coverage(&self, list: &str) -> Option<&'a Coverage> {
        self.facts.coverage.iter().find(|coverage| coverage.list == list)
    }

    /// Whether the charter asks a State on a date: a State of today, from the day it is at the United Nations
    /// or has acted on a treaty.
    pub fn asks(&self, code: StateCode, as_of: Date) -> bool {
        let Some(state) = self.facts.states.get(code) else { return false };
        state.is_asked_on(as_of)
            || (state.kind == surety_core::StateKind::State
                && Instrument::SECURITY_TREATIES
                    .iter()
                    .any(|instrument| self.ledger.state_status(*instrument, code, as_of).period().is_some()))
    }

    /// The findings on one State on a date, asked or not.
    pub fn findings(&self, state: StateCode, as_of: Date) -> Vec<Finding> {
        let case = Case::new(self, state, as_of);
        CHARTER.iter().map(|action| charter::judge(action, &case)).collect()
    }

    /// The world on a date.
    pub fn world(&self, as_of: Date) -> World {
        let states = self
            .facts
            .states
            .iter()
            .map(|state| state.code)
            .filter(|code| self.asks(*code, as_of))
            .map(|state| StateFindings { state, findings: self.findings(state, as_of) })
            .collect();
        World { as_of, states }
    }

    /// The world on every day from `from` to `to`, both included.
    pub fn days(&self, from: Date, to: Date) -> Days<'_, 'a> {
        Days::new(self, from, to)
    }

    /// Every day on which a finding on this State can change for a reason of its own.
    pub(crate) fn change_dates(&self, code: StateCode) -> Vec<Date> {
        let mut dates = self.ledger.change_dates(code);
        for index in self.statements_about(code).iter().chain(self.helped_by(code)) {
            let statement = self.statement(*index);
            dates.push(statement.date.holds_from(self.facts.compiled));
            let ages_from = [statement.date.date.last_day(), ages_from(&statement.body)];
            for day in ages_from.into_iter().flatten() {
                dates.push(day);
                dates.extend(WINDOWS_YEARS.iter().map(|years| add_years(day, *years)));
            }
            if let Body::Commitment { due, .. } = &statement.body {
                dates.extend(due.last_day().and_then(|day| day.tomorrow().ok()));
            }
        }
        dates.extend(self.facts.states.get(code).and_then(|state| state.un_since));
        dates
    }

    /// Every day on which a finding on any State can change because of what others did: an instrument opens or
    /// enters into force, deposits bring it nearer, a list of holders appears or a list ceases to be complete.
    pub(crate) fn common_change_dates(&self) -> Vec<Date> {
        let mut dates = self.holder_lists.clone();
        let entries =
            Instrument::SECURITY_TREATIES.map(|treaty| self.ledger.entry_into_force(treaty, Date::MAX));
        // Until the last of them is in force, any deposit can change how many more are needed.
        let last = entries.into_iter().map(|entry| entry.unwrap_or(Date::MAX)).max().unwrap_or(Date::MAX);
        for treaty in Instrument::SECURITY_TREATIES {
            dates.extend(self.ledger.count_change_dates(treaty).filter(|day| *day <= last));
        }
        dates.extend(entries.into_iter().flatten());
        dates.extend(Instrument::ALL.iter().filter_map(|instrument| instrument.opened()));
        dates.extend(self.facts.coverage.iter().filter_map(|coverage| coverage.complete_to?.tomorrow().ok()));
        dates
    }
}

/// A day, other than its date, from which a fact grows old.
fn ages_from(body: &Body) -> Option<Date> {
    match body {
        Body::Report { data_date, .. } => data_date.last_day(),
        _ => None,
    }
}

/// The treaty actions that count, and the statements that another of higher standing overrules.
///
/// Two statements disagree when they date the same kind of step of the same State differently. The one whose
/// issuer has the higher standing prevails; with equal standing, the better assured; then both count.
fn prevailing_actions(statements: &[Statement]) -> (Vec<TreatyAction>, Vec<u32>) {
    let rank = |statement: &Statement| (statement.issuer.kind.standing(Topic::Deposit), statement.level);
    let mut claims = BTreeMap::<_, Vec<TreatyAction>>::new();
    for (reference, statement) in (0u32..).zip(statements) {
        if let (Body::TreatyAction { instrument, action, effective }, Some(state)) =
            (&statement.body, statement.subject)
        {
            let step = if action.consents() { ActionKind::Ratification } else { *action };
            let claim = TreatyAction {
                state,
                instrument: *instrument,
                kind: *action,
                date: statement.date,
                effective: *effective,
                reference,
            };
            claims.entry((*instrument, state, step)).or_default().push(claim);
        }
    }
    let (mut actions, mut overruled) = (Vec::new(), Vec::new());
    for claims in claims.into_values() {
        let best = claims.iter().map(|claim| rank(&statements[claim.reference as usize])).max();
        for claim in &claims {
            let prevails = Some(rank(&statements[claim.reference as usize])) == best;
            let agrees = claims.iter().any(|other| {
                other.date == claim.date && Some(rank(&statements[other.reference as usize])) == best
            });
            if prevails {
                actions.push(*claim);
            } else if !agrees {
                overruled.push(claim.reference);
            }
        }
    }
    (actions, overruled)
}
