//! What changed between two worlds, and what made it change.

use surety_core::{Date, PartialDate, StateCode, Verdict, words};
use surety_statement::{Body, Statement};

use crate::base::{Base, StateFindings, World};
use crate::charter::ActionId;
use crate::finding::Finding;

/// A verdict that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'w> {
    /// The State.
    pub state: StateCode,
    /// The action.
    pub action: ActionId,
    /// The finding before; none when the State was not asked then.
    pub before: Option<&'w Finding>,
    /// The finding after; none when the State is not asked any more.
    pub after: Option<&'w Finding>,
    /// What made it change.
    pub cause: Cause,
    /// The newest date that what it rests on, before or after, tells of; none when no source dates it.
    pub newest: Option<PartialDate>,
}

words! {
    /// What made a verdict change: the first of these that is enough to explain it.
    pub enum Cause("cause of a change") {
        /// Something that a source dates between the two days.
        Event = "event",
        /// A fact became known between the two days that no source dates between them.
        BecameKnown = "became-known",
        /// Nothing new was read: a fact grew old, or a day came.
        TimePassed = "time-passed",
    }
}

/// What a change of verdict means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// More is done, or shown.
    Rose,
    /// Less is, or what was shown has grown old.
    Fell,
    /// Neither: what is asked changed, or silence became a no.
    Other,
}

impl Direction {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rose => "rose",
            Self::Fell => "fell",
            Self::Other => "other",
        }
    }
}

impl Change<'_> {
    /// Whether it rose or fell.
    pub fn direction(&self) -> Direction {
        let height = |verdict: Option<Verdict>| match verdict? {
            Verdict::Met => Some(2),
            Verdict::PartlyMet => Some(1),
            Verdict::NotMet | Verdict::NoPublicEvidence => Some(0),
            Verdict::NotApplicable => None,
        };
        match height(self.verdict_before()).zip(height(self.verdict_after())) {
            Some((before, after)) if after > before => Direction::Rose,
            Some((before, after)) if after < before => Direction::Fell,
            _ => Direction::Other,
        }
    }

    /// The verdict before.
    pub fn verdict_before(&self) -> Option<Verdict> {
        self.before.map(|finding| finding.verdict)
    }

    /// The verdict after.
    pub fn verdict_after(&self) -> Option<Verdict> {
        self.after.map(|finding| finding.verdict)
    }
}

/// The verdicts that differ between two worlds of the same facts, in order of State and action, with what made each
/// differ. A State that is asked in one of them only differs in every action.
pub fn diff<'w>(base: &Base<'_>, before: &'w World, after: &'w World) -> Vec<Change<'w>> {
    let mut states: Vec<StateCode> =
        before.states.iter().chain(&after.states).map(|state| state.state).collect();
    states.sort_unstable();
    states.dedup();
    let mut changes = Vec::new();
    for state in states {
        let (old, new) = (before.state(state), after.state(state));
        for action in ActionId::ALL {
            let of =
                |findings: Option<&'w StateFindings>| findings.map(|found| &found.findings[*action as usize]);
            let (before, after) = (of(old), of(new));
            if before.map(|finding| finding.verdict) == after.map(|finding| finding.verdict) {
                continue;
            }
            let newest = newest(base, before.into_iter().chain(after));
            changes.push(Change { state, action: *action, before, after, cause: Cause::BecameKnown, newest });
        }
    }
    find_causes(base, before.as_of, after.as_of, &mut changes);
    changes
}

/// Tells causes apart by leaving facts out: what comes about on the later day without any new fact came with time
/// alone, and what comes about with those that are dated between the two days is an event.
fn find_causes(base: &Base<'_>, from: Date, to: Date, changes: &mut [Change<'_>]) {
    if changes.is_empty() {
        return;
    }
    let compiled = base.facts.compiled;
    let is_new = |statement: &Statement| {
        let since = statement.date.holds_from(compiled);
        from < since && since <= to
    };
    let is_event = |statement: &Statement| statement.date.date.first_day().is_some_and(|day| from < day);
    let old = base.only(&|one| !is_new(one));
    let dated = base.only(&|one| !is_new(one) || is_event(one));
    for of_state in changes.chunk_by_mut(|one, next| one.state == next.state) {
        let (by_time, by_events) = (old.judge(of_state[0].state, to), dated.judge(of_state[0].state, to));
        for change in of_state {
            let after = change.verdict_after().unwrap_or(Verdict::NotApplicable);
            if by_time.finding(change.action).verdict == after {
                change.cause = Cause::TimePassed;
            } else if by_events.finding(change.action).verdict == after {
                change.cause = Cause::Event;
            }
        }
    }
}

/// The newest date that what findings rest on tells of.
fn newest<'f>(base: &Base<'_>, findings: impl Iterator<Item = &'f Finding>) -> Option<PartialDate> {
    findings
        .flat_map(|finding| &finding.statements)
        .map(|cited| tells_of(base.statement(cited.statement)))
        .filter(|date| *date != PartialDate::Unknown)
        .max_by_key(|date| date.last_day())
}

/// The date that a statement tells of: a report of the day of its figures.
fn tells_of(statement: &Statement) -> PartialDate {
    match &statement.body {
        Body::Report { data_date, .. } if *data_date != PartialDate::Unknown => *data_date,
        Body::Stock(stock) => PartialDate::Year(stock.year),
        _ => statement.date.date,
    }
}
