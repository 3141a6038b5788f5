//! The statements, prepared so that the world on any date is cheap.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use surety_core::{Date, Level, PartialDate, StateCode, StateTable, add_years};
use surety_law::{ActionKind, Duty, Former, Instrument, Ledger, TreatyAction};
use surety_statement::{Body, Coverage, Statement, Topic};

use crate::charter::{self, ActionId, Case};
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

/// How long a fact serves an action, in years. The only windows there are, so that the walk from day to day knows
/// when one closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window(i16);

impl Window {
    /// Peer reviews: C1.
    pub(crate) const REVIEW: Self = Self(10);
    /// Reassurance, reports, kept commitments: M3, C7, D6.
    pub(crate) const REPORT: Self = Self(5);
    /// Stocks, and the trends over them: D1, D2, D4.
    pub(crate) const STOCK: Self = Self(5);
    /// Yearly figures: one year, and one more in which they are published: D7.
    pub(crate) const YEARLY: Self = Self(2);

    const ALL: [Self; 4] = [Self::REVIEW, Self::REPORT, Self::STOCK, Self::YEARLY];

    /// Its length in years.
    pub(crate) const fn years(self) -> i16 {
        self.0
    }
}

/// The statements, prepared.
#[derive(Debug)]
pub struct Base<'a> {
    pub(crate) facts: Facts<'a>,
    ledger: Ledger,
    by_state: BTreeMap<StateCode, Vec<u32>>,
    /// The statements on the world as a whole.
    on_the_world: Vec<u32>,
    /// The statements on other States, or on the world, that name a State as the one that helped.
    by_helper: BTreeMap<StateCode, Vec<u32>>,
    /// Treaty statements that another of higher standing overrules, by State.
    overruled: BTreeMap<StateCode, Vec<u32>>,
    /// The editions of complete lists of holders, in order.
    holder_lists: Vec<HolderList>,
    /// From when on each State can be asked: at the United Nations, or with its first act on a treaty.
    asked_from: BTreeMap<StateCode, Date>,
}

/// An edition of a complete list of holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HolderList {
    /// The day from which it is sure to hold.
    pub(crate) counts_from: Date,
    /// The first day that it can describe: a clearing on or after it is newer than the list.
    pub(crate) describes_from: Date,
}

impl<'a> Base<'a> {
    /// Prepares statements.
    pub fn new(facts: Facts<'a>) -> Self {
        Self::of(facts, &|_| true)
    }

    /// The same without those that are not wanted: nothing that is derived rests on them.
    pub(crate) fn only(&self, wanted: &dyn Fn(&Statement) -> bool) -> Self {
        Self::of(self.facts, wanted)
    }

    fn of(facts: Facts<'a>, wanted: &dyn Fn(&Statement) -> bool) -> Self {
        let known: Vec<(u32, &Statement)> =
            (0u32..).zip(facts.statements).filter(|(_, statement)| wanted(statement)).collect();
        let (mut by_state, mut by_helper) = (BTreeMap::<_, Vec<u32>>::new(), BTreeMap::<_, Vec<u32>>::new());
        let mut on_the_world = Vec::new();
        for &(index, statement) in &known {
            match statement.subject {
                Some(subject) => by_state.entry(subject).or_default().push(index),
                None => on_the_world.push(index),
            }
            if let Body::Programme(programme) = &statement.body
                && let Some(helper) = programme.partner
            {
                by_helper.entry(helper).or_default().push(index);
            }
        }
        let (actions, all_overruled) = prevailing_actions(&known);
        let mut overruled = BTreeMap::<_, Vec<u32>>::new();
        for Overruled { state, statement, .. } in all_overruled {
            overruled.entry(state).or_default().push(statement);
        }
        let former: Former =
            facts.states.iter().filter_map(|state| Some((state.code, state.until?))).collect();
        Self {
            ledger: Ledger::new(&actions, &former, facts.compiled),
            asked_from: asked_from(facts, &known),
            holder_lists: holder_lists(facts, &known),
            facts,
            by_state,
            on_the_world,
            by_helper,
            overruled,
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

    /// The statements about a State, or about the world as a whole.
    pub fn statements_on(&self, subject: Option<StateCode>) -> &[u32] {
        subject.map_or(self.on_the_world.as_slice(), |state| self.statements_about(state))
    }

    /// The statements that name a State as the one that helped another.
    pub(crate) fn helped_by(&self, state: StateCode) -> &[u32] {
        self.by_helper.get(&state).map_or(&[], Vec::as_slice)
    }

    /// Statements on treaty actions that another of higher standing overrules.
    pub(crate) fn overruled(&self, state: StateCode) -> &[u32] {
        self.overruled.get(&state).map_or(&[], Vec::as_slice)
    }

    /// The last complete list of holders by a date.
    pub(crate) fn holder_list(&self, as_of: Date) -> Option<HolderList> {
        self.holder_lists.iter().rev().find(|list| list.counts_from <= as_of).copied()
    }

    /// How far a list goes.
    pub fn coverage(&self, list: &str) -> Option<&'a Coverage> {
        self.facts.coverage.iter().find(|coverage| coverage.list == list)
    }

    /// Whether the charter asks a State on a date: from the day it is at the United Nations or first acts on a
    /// treaty; a former State in its lifetime.
    pub fn asks(&self, code: StateCode, as_of: Date) -> bool {
        self.facts.states.get(code).is_some_and(|state| state.can_be_asked_on(as_of))
            && self.asked_from.get(&code).is_some_and(|from| *from <= as_of)
    }

    /// The findings on one State on a date. A State that the charter does not ask has none that applies.
    pub fn findings(&self, state: StateCode, as_of: Date) -> Vec<Finding> {
        let judge = self.judge(state, as_of);
        ActionId::ALL.iter().map(|action| judge.finding(*action)).collect()
    }

    /// The same, action by action.
    pub(crate) fn judge(&self, state: StateCode, as_of: Date) -> Judge<'_, 'a> {
        Judge(self.asks(state, as_of).then(|| Case::new(self, state, as_of)))
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
                dates.extend(Window::ALL.map(|window| add_years(day, window.years())));
            }
            if let Body::Commitment { due, .. } = &statement.body {
                dates.extend(due.last_day().and_then(|day| day.tomorrow().ok()));
            }
        }
        dates.extend(self.asked_from.get(&code));
        let until = self.facts.states.get(code).and_then(|state| state.until);
        dates.extend(until.and_then(|until| until.tomorrow().ok()));
        dates
    }

    /// Every day on which a finding on any State can change because of what others did: an instrument opens or
    /// enters into force, deposits bring it nearer, a list of holders appears or a list ceases to be complete.
    pub(crate) fn common_change_dates(&self) -> Vec<Date> {
        let mut dates: Vec<Date> = self.holder_lists.iter().map(|list| list.counts_from).collect();
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

/// What is known of one State on a date, ready to be judged; nothing of one that the charter does not ask.
pub(crate) struct Judge<'b, 'a>(Option<Case<'b, 'a>>);

impl Judge<'_, '_> {
    pub(crate) fn finding(&self, action: ActionId) -> Finding {
        match &self.0 {
            Some(case) => charter::judge(action.action(), case),
            None => charter::not_asked(action),
        }
    }
}

/// A day, other than its date, from which a fact grows old.
fn ages_from(body: &Body) -> Option<Date> {
    match body {
        Body::Report { data_date, .. } => data_date.last_day(),
        Body::Stock(stock) => PartialDate::Year(stock.year).last_day(),
        _ => None,
    }
}

/// From when on each State can be asked: its standing at the United Nations, or its first act on a treaty; an invented
/// one from the first that is said of it.
fn asked_from(facts: Facts<'_>, known: &[(u32, &Statement)]) -> BTreeMap<StateCode, Date> {
    let at_the_un = facts.states.iter().filter_map(|state| Some((state.code, state.un_since?)));
    let acts = known.iter().filter_map(|(_, statement)| match statement.body {
        _ if statement.subject.is_some_and(StateCode::is_invented) => {
            Some((statement.subject?, statement.date.holds_from(facts.compiled)))
        }
        Body::TreatyAction { .. } => Some((statement.subject?, statement.date.holds_from(facts.compiled))),
        _ => None,
    });
    let mut earliest = BTreeMap::<StateCode, Date>::new();
    for (state, date) in at_the_un.chain(acts) {
        earliest.entry(state).and_modify(|known| *known = date.min(*known)).or_insert(date);
    }
    earliest
}

/// The editions of the lists of holders that are known to be complete.
fn holder_lists(facts: Facts<'_>, known: &[(u32, &Statement)]) -> Vec<HolderList> {
    let complete_to = |list: &str| facts.coverage.iter().find(|known| known.list == list)?.complete_to;
    let mut editions: Vec<HolderList> = known
        .iter()
        .filter_map(|(_, statement)| match &statement.body {
            Body::ListedHolder { list } => {
                let counts_from = statement.date.holds_from(facts.compiled);
                let describes_from = statement.date.date.first_day().unwrap_or(counts_from);
                let complete = complete_to(list).is_some_and(|day| counts_from <= day);
                complete.then_some(HolderList { counts_from, describes_from })
            }
            _ => None,
        })
        .collect();
    editions.sort_unstable();
    editions.dedup();
    editions
}

/// A statement on a treaty action that another of higher standing overrules.
pub(crate) struct Overruled {
    pub(crate) state: StateCode,
    pub(crate) statement: u32,
    /// The statement that prevails.
    pub(crate) by: u32,
}

/// The treaty actions that count, and the statements that another overrules, by State.
///
/// Two statements disagree when they cannot date the same kind of step of the same State to the same day. The one
/// whose issuer has the higher standing prevails; with equal standing the better assured, then the earlier. A State
/// that left may have come back, so the steps of such a State all count.
pub(crate) fn prevailing_actions(known: &[(u32, &Statement)]) -> (Vec<TreatyAction>, Vec<Overruled>) {
    let mut claims = BTreeMap::<_, Vec<(TreatyAction, Rank)>>::new();
    for &(reference, statement) in known {
        if let (Body::TreatyAction { instrument, action, effective }, Some(state)) =
            (&statement.body, statement.subject)
        {
            let claim = TreatyAction {
                state,
                instrument: *instrument,
                kind: *action,
                date: statement.date,
                effective: *effective,
                reference,
            };
            claims.entry((*instrument, state)).or_default().push((claim, rank(statement)));
        }
    }
    let (mut actions, mut overruled) = (Vec::new(), Vec::new());
    for ((_, state), claims) in claims {
        let has_left = claims.iter().any(|(claim, _)| claim.kind == ActionKind::Withdrawal);
        for joining in [false, true] {
            let of_the_kind = || claims.iter().filter(|(claim, _)| claim.kind.consents() == joining);
            let best = of_the_kind().max_by_key(|(_, rank)| rank).map(|(best, _)| best);
            for &(claim, _) in of_the_kind() {
                match best {
                    Some(best) if !has_left && !best.date.date.can_equal(claim.date.date) => {
                        overruled.push(Overruled { state, statement: claim.reference, by: best.reference });
                    }
                    _ => actions.push(claim),
                }
            }
        }
    }
    (actions, overruled)
}

/// How far a treaty action carries: standing, assurance, and then the earlier day.
type Rank = (u8, Level, Reverse<Option<Date>>);

fn rank(statement: &Statement) -> Rank {
    let standing = statement.issuer.standing(Topic::Deposit, statement.subject);
    (standing, statement.level, Reverse(statement.date.date.last_day()))
}
