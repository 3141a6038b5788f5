//! `surety stocks`: weapons-usable material, with ranges and trends.

use serde::Serialize;
use surety_core::{Date, State, StateCode};
use surety_material::{SeriesKey, Stock, Trend};
use surety_statement::Statement;
use surety_world::{Holding, HoldingStatus, StockSummary, stock_series};

use crate::context::Context;
use crate::page::{Page, Sheet, Table, View};
use crate::view::{MassJson, named, remark_on_date};

/// Stocks of weapons-usable material, with ranges and trends; holders.
pub struct Stocks<'c> {
    context: &'c Context,
    /// The States asked about; all, when none is named.
    named: Vec<&'static State>,
    /// The holders asked about, each with its series; none stands for the world.
    series: Vec<(Option<StateCode>, Vec<StockSummary<'static>>)>,
    holders: Vec<(StateCode, Holding)>,
}

#[derive(Serialize)]
struct StocksJson<'a> {
    as_of: Date,
    holders: Vec<HolderJson>,
    stocks: Vec<StockJson<'a>>,
    series: Vec<SeriesJson<'a>>,
}

#[derive(Serialize)]
struct HolderJson {
    state: StateCode,
    military: Option<bool>,
}

#[derive(Serialize)]
struct StockJson<'a> {
    id: &'a str,
    holder: Option<StateCode>,
    #[serde(flatten)]
    key: SeriesKey,
    year: i16,
    mass: MassJson,
    part: bool,
    sources: Vec<&'a str>,
    note: &'a str,
}

#[derive(Serialize)]
struct SeriesJson<'a> {
    holder: Option<StateCode>,
    #[serde(flatten)]
    key: &'a SeriesKey,
    first_year: Option<i16>,
    last_year: Option<i16>,
    trend: Trend,
}

impl<'c> Stocks<'c> {
    /// Of the States named, by code or name; without one, of the world and every holder.
    pub fn new(context: &'c Context, states: &[String]) -> anyhow::Result<Self> {
        let named = states.iter().map(|text| context.state(text)).collect::<anyhow::Result<Vec<_>>>()?;
        let asked: Vec<StateCode> = if named.is_empty() {
            context.dataset.states.iter().map(|state| state.code).collect()
        } else {
            named.iter().map(|state| state.code).collect()
        };
        let world = named.is_empty().then_some(None);
        let series = world
            .into_iter()
            .chain(asked.iter().map(|code| Some(*code)))
            .map(|holder| (holder, stock_series(&context.base, context.as_of, holder)))
            .filter(|(_, series)| !series.is_empty())
            .collect();
        let holders = asked
            .into_iter()
            .map(|code| (code, Holding::of(&context.base, code, context.as_of)))
            .filter(|(_, holding)| holding.status == HoldingStatus::Holder)
            .collect();
        Ok(Self { context, named, series, holders })
    }

    /// Every figure that holds on the date: holder by holder, in the order of the series, then of years.
    fn figures(&self) -> Vec<(&'static Statement, &'static Stock)> {
        let asked = |holder: Option<StateCode>| {
            self.named.is_empty() || self.named.iter().any(|state| Some(state.code) == holder)
        };
        let mut figures: Vec<_> = self
            .context
            .dataset
            .statements
            .iter()
            .filter(|statement| asked(statement.subject))
            .filter(|statement| statement.holds_on(self.context.as_of, self.context.dataset.compiled))
            .filter_map(|statement| match &statement.body {
                surety_statement::Body::Stock(stock) => Some((statement, stock)),
                _ => None,
            })
            .collect();
        figures.sort_by_cached_key(|(statement, stock)| (statement.subject, stock.key(), stock.year));
        figures
    }

    fn holders_line(&self) -> String {
        let of = |military: bool| {
            let chosen =
                self.holders.iter().filter(|(_, holding)| (holding.military == Some(true)) == military);
            chosen.map(|(code, _)| code.to_string()).collect::<Vec<_>>()
        };
        format!(
            "Known holders of 1 kg or more: {}. With material outside civilian programmes: {}. None known there: {}.",
            self.holders.len(),
            list_or_none(&of(true)),
            list_or_none(&of(false))
        )
    }

    fn standing(&self, state: &State) -> String {
        match self.holders.iter().find(|(code, _)| *code == state.code) {
            Some((_, holding)) if holding.military == Some(true) => {
                format!("{}: a holder, with material outside civilian programmes.", state.name)
            }
            Some(_) => format!("{}: a holder.", state.name),
            None => format!("{}: not known to hold 1 kg or more.", state.name),
        }
    }
}

fn list_or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Without a State: one line a series, its last figure and its trend.
fn overview(series: &[StockSummary<'_>]) -> Table {
    let mut table = Table::new(&["what", "last figure", "end of", "on whose word", "trend"]);
    for summary in series {
        if let Some(last) = summary.figures.last() {
            let key = &summary.key;
            table.row([
                format!("{} {}, {}", key.material, key.purpose, key.measure),
                last.mass.to_string(),
                last.year.to_string(),
                format!("{}, {}", key.basis, key.compiler),
                summary.trend_with_years(),
            ]);
        }
    }
    table
}

/// With a State: every figure of every series.
fn in_full(context: &Context, series: &[StockSummary<'_>], page: &mut Page) {
    for summary in series {
        let key = &summary.key;
        page.heading(&format!(
            "{} {}, {} ({}, compiled by {}): {}",
            key.material,
            key.purpose,
            key.measure,
            key.basis,
            key.compiler,
            summary.trend_with_years()
        ));
        let mut table = Table::new(&["end of", "figure", "id", "source", "note"]);
        for stock in &summary.figures {
            let statement = context.statement(stock.statement);
            let source = statement.sources.first().map_or_else(String::new, |id| context.source_title(id));
            table.row([
                stock.year.to_string(),
                stock.mass.to_string(),
                statement.id.clone(),
                source,
                statement.note.clone(),
            ]);
        }
        page.table(&table);
    }
}

impl View for Stocks<'_> {
    fn page(&self) -> Page {
        let whose = match self.named.as_slice() {
            [] => "the world and its holders".to_owned(),
            states => {
                states.iter().map(|state| named(self.context, state.code)).collect::<Vec<_>>().join(", ")
            }
        };
        let mut page =
            Page::new(&format!("Stocks of weapons-usable material on {}: {whose}", self.context.as_of));
        remark_on_date(self.context, &mut page);
        if self.named.is_empty() {
            page.line(&self.holders_line());
        }
        for state in &self.named {
            page.line(&self.standing(state));
        }
        page.remark(
            "Country totals, with ranges. Figures on different bases, or of different compilers, are never joined; a \
             change inside the uncertainty is no trend.",
        );
        for (holder, series) in &self.series {
            let whose = holder.map_or_else(|| "The world".to_owned(), |code| named(self.context, code));
            if self.named.is_empty() {
                page.heading(&whose);
                page.table(&overview(series));
            } else {
                if self.named.len() > 1 {
                    page.heading(&whose);
                }
                in_full(self.context, series, &mut page);
            }
        }
        if self.series.is_empty() {
            page.line("No figure by that date was read.");
        }
        page
    }

    fn json(&self) -> impl Serialize {
        StocksJson {
            as_of: self.context.as_of,
            holders: self
                .holders
                .iter()
                .map(|(state, holding)| HolderJson { state: *state, military: holding.military })
                .collect(),
            stocks: self
                .figures()
                .into_iter()
                .map(|(statement, stock)| StockJson {
                    id: &statement.id,
                    holder: statement.subject,
                    key: stock.key(),
                    year: stock.year,
                    mass: stock.mass.into(),
                    part: stock.part,
                    sources: statement.sources.iter().map(surety_core::SourceId::as_str).collect(),
                    note: &statement.note,
                })
                .collect(),
            series: self
                .series
                .iter()
                .flat_map(|(holder, series)| series.iter().map(move |summary| (*holder, summary)))
                .map(|(holder, summary)| SeriesJson {
                    holder,
                    key: &summary.key,
                    first_year: summary.figures.first().map(|stock| stock.year),
                    last_year: summary.figures.last().map(|stock| stock.year),
                    trend: summary.trend,
                })
                .collect(),
        }
    }

    fn sheet(&self) -> Sheet {
        let header = [
            "id",
            "holder",
            "year",
            "material",
            "purpose",
            "measure",
            "basis",
            "compiler",
            "best_kg",
            "min_kg",
            "max_kg",
            "qualifier",
            "part",
            "sources",
            "note",
        ];
        let number = |kg: f64| if kg.is_finite() { kg.to_string() } else { String::new() };
        let rows = self.figures().into_iter().map(|(statement, stock)| {
            let sources: Vec<&str> = statement.sources.iter().map(surety_core::SourceId::as_str).collect();
            vec![
                statement.id.clone(),
                statement.subject.map_or_else(String::new, |holder| holder.to_string()),
                stock.year.to_string(),
                stock.material.to_string(),
                stock.purpose.to_string(),
                stock.measure.clone(),
                stock.basis.to_string(),
                stock.compiler.clone(),
                stock.mass.best_kg().map_or_else(String::new, number),
                number(stock.mass.min_kg()),
                number(stock.mass.max_kg()),
                stock.mass.qualifier().as_str().to_owned(),
                stock.part.to_string(),
                sources.join(" "),
                statement.note.clone(),
            ]
        });
        Sheet::new(header, rows)
    }
}
