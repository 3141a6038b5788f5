//! Who holds weapons-usable material on a date: derived from stocks and lists, never listed in code.

use serde::Serialize;
use surety_core::{Date, StateCode};
use surety_material::{Purpose, StockMaterial};
use surety_statement::Body;

use crate::base::Base;
use crate::figure::Figure;

/// One kilogram: from here on a State is a holder.
const HOLDER_KG: f64 = 1.0;

/// Whether a State holds at least 1 kg of weapons-usable material, and the statements that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What it is.
    pub status: HoldingStatus,
    /// Whether some of it lies outside civilian programmes; none when nothing says either way.
    pub military: Option<bool>,
    /// The statements that show it.
    pub statements: Vec<u32>,
}

/// Holder or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldingStatus {
    /// It holds 1 kg or more.
    Holder,
    /// It held 1 kg or more, and was cleared or left the lists.
    Former,
    /// The last complete list does not name it, and it never was a holder as far as the sources show.
    NonHolder,
    /// No list and no stock of that time says either way.
    Unknown,
}

impl Holding {
    /// Works it out for a State on a date.
    ///
    /// The last complete list decides, unless a later stock or a later clearing says otherwise. Before the first
    /// list, only stocks and clearings speak.
    pub fn of(base: &Base<'_>, state: StateCode, as_of: Date) -> Self {
        let known = Known::gather(base, state, as_of);
        let list = base.holder_list(as_of);
        let latest = known.latest_stocks();
        let held = |after: Option<Date>| -> Vec<u32> {
            let newer = |stock: &Figure<'_>| year_end(stock.year) > after;
            latest
                .iter()
                .filter(|stock| stock.at_least_kg() >= HOLDER_KG && newer(stock))
                .map(|stock| stock.statement)
                .collect()
        };
        let on_list = list.map(|list| list.counts_from);
        let listed: Vec<u32> =
            known.listed.iter().filter(|(day, _)| Some(*day) == on_list).map(|(_, index)| *index).collect();
        let cleared_since: Vec<u32> = known
            .cleared
            .iter()
            .filter(|(day, _, _)| list.is_none_or(|list| *day >= list.describes_from))
            .map(|(_, _, index)| *index)
            .collect();
        let any_military =
            latest.iter().any(|stock| stock.purpose.is_military() && stock.at_least_kg() > 0.0);
        // Before the first complete list, that no military stock was read says nothing.
        let military = if any_military || list.is_some() { Some(any_military) } else { None };

        let holder = |statements| Self { status: HoldingStatus::Holder, military, statements };
        let former = |statements| Self { status: HoldingStatus::Former, military: Some(false), statements };
        if !listed.is_empty() {
            let held = held(None);
            if cleared_since.is_empty() || !held.is_empty() {
                return holder([listed, held].concat());
            }
            return former(cleared_since);
        }
        let held_since_list = held(on_list);
        if !held_since_list.is_empty() {
            return holder(held_since_list);
        }
        let past = known.past();
        if !past.is_empty() {
            return former(past);
        }
        match list {
            Some(_) => {
                Self { status: HoldingStatus::NonHolder, military: Some(false), statements: Vec::new() }
            }
            None => Self { status: HoldingStatus::Unknown, military: None, statements: Vec::new() },
        }
    }
}

/// What is known of one State by a date.
struct Known<'a> {
    stocks: Vec<Figure<'a>>,
    listed: Vec<(Date, u32)>,
    cleared: Vec<(Date, StockMaterial, u32)>,
}

impl<'a> Known<'a> {
    fn gather(base: &Base<'a>, state: StateCode, as_of: Date) -> Self {
        let compiled = base.facts.compiled;
        let mut known = Self { stocks: Vec::new(), listed: Vec::new(), cleared: Vec::new() };
        for index in base.statements_about(state) {
            let statement = base.statement(*index);
            let from = statement.date.holds_from(compiled);
            if from > as_of {
                continue;
            }
            match &statement.body {
                Body::Stock(stock) if stock.material.is_weapons_usable() && stock.is_holding() => {
                    known.stocks.push(Figure { statement: *index, stock });
                }
                Body::ListedHolder { .. } => known.listed.push((from, *index)),
                Body::Cleared { material, .. } => known.cleared.push((from, *material, *index)),
                _ => {}
            }
        }
        known
    }

    /// The latest figure of each material and purpose that no later clearing ended.
    fn latest_stocks(&self) -> Vec<Figure<'a>> {
        let mut latest = Vec::<Figure<'a>>::new();
        for stock in &self.stocks {
            let is_cleared = self.cleared.iter().any(|(day, material, _)| {
                *material == stock.material
                    && stock.purpose == Purpose::Civilian
                    && year_end(stock.year) < Some(*day)
            });
            if is_cleared {
                continue;
            }
            let of_the_same =
                |other: &&mut Figure<'a>| (other.material, other.purpose) == (stock.material, stock.purpose);
            match latest.iter_mut().find(of_the_same) {
                Some(older) if older.year <= stock.year => *older = *stock,
                Some(_) => {}
                None => latest.push(*stock),
            }
        }
        latest
    }

    /// What shows that it was a holder once: clearings, lists, stocks of 1 kg or more.
    fn past(&self) -> Vec<u32> {
        let cleared = self.cleared.iter().map(|(_, _, index)| *index);
        let listed = self.listed.iter().map(|(_, index)| *index);
        let stocks =
            self.stocks.iter().filter(|stock| stock.at_least_kg() >= HOLDER_KG).map(|stock| stock.statement);
        cleared.chain(listed).chain(stocks).collect()
    }
}

fn year_end(year: i16) -> Option<Date> {
    Date::new(year, 12, 31).ok()
}
