//! The world from day to day: only what can have changed is judged anew.

use std::collections::BTreeSet;

use surety_core::{Date, StateCode};

use crate::base::{Base, StateFindings, World};

/// A walk over days. Each step gives the whole world of that day; the findings of a State are judged anew only on
/// a day on which something about it, or about all, can have changed.
///
/// The law that makes this safe, and that tests hold it to: every day equals [`Base::world`] of that day.
#[derive(Debug)]
pub struct Days<'b, 'a> {
    base: &'b Base<'a>,
    world: World,
    next: Option<Date>,
    to: Date,
    /// When which State can change, in order.
    own: BTreeSet<(Date, StateCode)>,
    /// When every State can change, in order.
    common: BTreeSet<Date>,
    started: bool,
}

impl<'b, 'a> Days<'b, 'a> {
    pub(crate) fn new(base: &'b Base<'a>, from: Date, to: Date) -> Self {
        let own = base
            .facts
            .states
            .iter()
            .flat_map(|state| base.change_dates(state.code).into_iter().map(|date| (date, state.code)))
            .collect();
        let common = base.common_change_dates().into_iter().collect();
        let world = World { as_of: from, states: Vec::new() };
        Self { base, world, next: (from <= to).then_some(from), to, own, common, started: false }
    }

    /// The world of the next day; none after the last.
    pub fn advance(&mut self) -> Option<&World> {
        let today = self.next?;
        self.next = today.tomorrow().ok().filter(|day| *day <= self.to);
        if !self.started || self.common.contains(&today) {
            self.started = true;
            self.world = self.base.world(today);
        } else {
            self.world.as_of = today;
            let first = (today, StateCode::MIN);
            let changed: Vec<StateCode> = self
                .own
                .range(first..)
                .take_while(|(date, _)| *date == today)
                .map(|(_, state)| *state)
                .collect();
            for state in changed {
                self.judge_anew(state, today);
            }
        }
        Some(&self.world)
    }

    fn judge_anew(&mut self, state: StateCode, today: Date) {
        let states = &mut self.world.states;
        let place = states.binary_search_by_key(&state, |known| known.state);
        let asked = self.base.asks(state, today);
        match (place, asked) {
            (Ok(index), true) => states[index].findings = self.base.findings(state, today),
            (Ok(index), false) => {
                states.remove(index);
            }
            (Err(index), true) => {
                states.insert(index, StateFindings { state, findings: self.base.findings(state, today) });
            }
            (Err(_), false) => {}
        }
    }
}
