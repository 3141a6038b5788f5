//! `surety states`: every State with its codes.

use serde::Serialize;
use surety_core::{Date, State};

use crate::context::Context;
use crate::page::{Page, Sheet, Table, View};

/// Every State with its codes.
pub struct States<'c> {
    context: &'c Context,
}

#[derive(Serialize)]
struct StatesJson<'a> {
    as_of: Date,
    states: Vec<&'a State>,
}

impl<'c> States<'c> {
    /// On the date asked.
    pub fn new(context: &'c Context) -> Self {
        Self { context }
    }

    fn rows(&self) -> impl Iterator<Item = [String; 11]> {
        self.context.dataset.states.iter().map(|state| {
            [
                state.code.to_string(),
                state.numeric.clone().unwrap_or_default(),
                state.name.clone(),
                state.kind.to_string(),
                state.un.to_string(),
                state.un_since.map_or_else(String::new, |since| since.to_string()),
                state.iaea.to_string(),
                state.iaea_since.map_or_else(String::new, |since| since.to_string()),
                state.region.clone(),
                state.subregion.clone(),
                state.until.map_or_else(String::new, |until| until.to_string()),
            ]
        })
    }
}

const HEADER: [&str; 11] = [
    "code",
    "numeric",
    "name",
    "kind",
    "un",
    "un_since",
    "iaea",
    "iaea_since",
    "region",
    "subregion",
    "until",
];

/// The columns that fit the page.
const SHOWN: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 8];

impl View for States<'_> {
    fn page(&self) -> Page {
        let mut page = Page::new("States, former States and other parties");
        let mut table = Table::new(&SHOWN.map(|column| HEADER[column]));
        for row in self.rows() {
            table.row(SHOWN.map(|column| row[column].clone()));
        }
        page.table(&table);
        page
    }

    fn json(&self) -> impl Serialize {
        StatesJson { as_of: self.context.as_of, states: self.context.dataset.states.iter().collect() }
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(HEADER, self.rows().map(Vec::from))
    }
}
