//! Who holds weapons-usable material on a date: derived from stocks and lists, never listed in code.

use serde::Serialize;
use surety_core::{Date, StateCode};
use surety_material::{Purpose, Stock, StockMaterial};
use surety_statement::Body;

use crate::base::Base;

/// One kilogram: from here on a State is a holder.
const HOLDER_KG: f64 = 1.0;

/// Whether a State holds at least 1 kg of weapons-usable material, and the statements that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What it is.
    pub status: HoldingStatus,
    /// Whether some of it lies outside civilian programmes.
    pub military: bool,
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
        let listed = known.listed.iter().filter(|(day, _)| Some(*day) == list).map(|(_, index)| *index);
        let listed: Vec<u32> = listed.collect();
        let after_list = |day: Date| list.is_none_or(|list| day > list);
        let (latest, military) = known.latest_stocks();
        let held: Vec<u32> =
            latest.iter().filter(|stock| is_held(stock)).map(|stock| stock.reference).collect();
        let held_since_list: Vec<u32> = latest
            .iter()
            .filter(|stock| is_held(stock) && year_end(stock.year).is_some_and(after_list))
            .map(|stock| stock.reference)
            .collect();
        let cleared_since_list: Vec<u32> =
            known.cleared.iter().filter(|(day, _, _)| after_list(*day)).map(|(_, _, index)| *index).collect();

        let holder = |statements| Self { status: HoldingStatus::Holder, military, statements };
        let former = |statements| Self { status: HoldingStatus::Former, military: false, statements };
        if !listed.is_empty() {
            if cleared_since_list.is_empty() || !held.is_empty() {
                return holder([listed, held].concat());
            }
            return former(cleared_since_list);
        }
        if !held_since_list.is_empty() {
            return holder(held_since_list);
        }
        let was_listed = known.listed.iter().map(|(_, index)| *index);
        let was_cleared = known.cleared.iter().map(|(_, _, index)| *index);
        let past: Vec<u32> = was_cleared.chain(was_listed).collect();
        if !past.is_empty() {
            return former(past);
        }
        let status = if list.is_some() { HoldingStatus::NonHolder } else { HoldingStatus::Unknown };
        Self { status, military: false, statements: Vec::new() }
    }
}

/// What is known of one State by a date.
struct Known<'a> {
    stocks: Vec<&'a Stock>,
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
                Body::Stock(stock) if stock.material.is_weapons_usable() && is_holding(stock) => {
                    known.stocks.push(stock);
                }
                Body::ListedHolder => known.listed.push((from, *index)),
                Body::Cleared { material, .. } => known.cleared.push((from, *material, *index)),
                _ => {}
            }
        }
        known
    }

    /// The latest figure of each material and purpose that no later clearing ended; and whether one of them
    /// shows material outside civilian programmes.
    fn latest_stocks(&self) -> (Vec<&'a Stock>, bool) {
        let mut latest = Vec::<&Stock>::new();
        for stock in &self.stocks {
            let cleared = self.cleared.iter().any(|(day, material, _)| {
                *material == stock.material
                    && stock.purpose == Purpose::Civilian
                    && year_end(stock.year) < Some(*day)
            });
            if cleared {
                continue;
            }
            let same =
                |other: &&&mut &Stock| (other.material, other.purpose) == (stock.material, stock.purpose);
            match latest.iter_mut().find(|other| same(&other)) {
                Some(older) if older.year <= stock.year => *older = stock,
                Some(_) => {}
                None => latest.push(stock),
            }
        }
        let military = latest.iter().any(|stock| stock.purpose.is_military() && is_some(stock));
        (latest, military)
    }
}

/// Whether a figure says what a State holds, rather than what it owns abroad or once declared.
fn is_holding(stock: &Stock) -> bool {
    !stock.part && stock.measure.starts_with("held")
}

/// Whether a figure shows at least 1 kg.
fn is_held(stock: &Stock) -> bool {
    stock.mass.best_kg().unwrap_or_else(|| stock.mass.min_kg()) >= HOLDER_KG
}

fn is_some(stock: &Stock) -> bool {
    stock.mass.best_kg().unwrap_or_else(|| stock.mass.min_kg()) > 0.0
}

fn year_end(year: i16) -> Option<Date> {
    Date::new(year, 12, 31).ok()
}
