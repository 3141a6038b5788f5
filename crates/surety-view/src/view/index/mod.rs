//! `surety index`: scores that carry their uncertainty.

mod audit;
mod drivers;
mod path;
mod run;
mod sensitivity;
mod uncertainty;
mod what_if;

pub use audit::Audit;
pub use drivers::Drivers;
pub use path::PathView;
pub use run::Run;
pub use sensitivity::Sensitivity;
pub use uncertainty::{Spread, UncertaintyView, UnitSpread};
pub use what_if::WhatIf;

use comfy_table::{Cell, CellAlignment};

use crate::page::Page;

/// What every page with scores says.
const CAUTION: &str =
    "Small differences mean nothing: where two intervals overlap, nobody knows who is ahead.";

/// A cell of figures, right-aligned.
fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

/// An interval of scores in whole numbers, outwards.
fn interval(range: Option<(f64, f64)>) -> String {
    range.map_or_else(String::new, |(low, high)| {
        // Tiny overshoots of rounding are not worth a whole point.
        format!("{:.0}–{:.0}", (low + 1e-9).floor(), (high - 1e-9).ceil())
    })
}

fn ranks(range: Option<(u32, u32)>) -> String {
    range.map_or_else(String::new, |(best, worst)| format!("{best}–{worst}"))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn caution(page: &mut Page) {
    page.remark(CAUTION);
}
