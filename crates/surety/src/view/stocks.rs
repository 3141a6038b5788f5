//! `surety stocks`: weapons-usable material, with ranges and trends.

use serde::Serialize;
use surety_core::{Date, State, StateCode};
use surety_material::{SeriesKey, Stock, Trend};
use surety_statement::Statement;
use surety_world::{Holding, HoldingStatus, StockSummary, stock_series};

use crate::context::Context;
use crate::output::{Page, Sheet, Table, View};
use crate::view::{MassJson, named, remark_on_date};

pub(crate) struct Stocks<'c> {
    context: &'c Context,
    state: Option<&'static State>,
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
    military: bool,
}

#[derive(Serialize)]
struct StockJson<'a> {
    id: &'a str,
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
    #[serde(flatten)]
    key: &'a SeriesKey,
    first_year: Option<i16>,
    last_year: Option<i16>,
    trend: Trend,
}

impl<'c> Stocks<'c> {
    pub(crate) fn new(context: &'c Context, state: Option<&str>) -> anyhow::Result<Self> {
        let state = state.map(|text| context.state(text)).transpose()?;
        let asked: Vec<StateCode> = match state {
            Some(state) => vec![state.code],
            None => context.dataset.states.iter().map(|state| state.code).collect(),
        };
        let world = if state.is_none() { Some(None) } else { None };
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
        Ok(Self { context, state, series, holders })
    }

    /// Every figure that holds on the date, in the order of the series, then the parts.
    fn figures(&self) -> Vec<(&'static Statement, &'static Stock)> {
        let asked = |stock: &Stock| self.state.is_none_or(|state| stock.holder == Some(state.code));
        let mut figures: Vec<_> = self
            .context
            .dataset
            .statements
            .iter()
            .filter(|statement| statement.holds_on(self.context.as_of, self.context.dataset.compiled))
            .filter_map(|statement| match &statement.body {
                surety_statement::Body::Stock(stock) if asked(stock) => Some((statement, stock)),
                _ => None,
            })
            .collect();
        figures.sort_by_key(|(_, stock)| (stock.key(), stock.year, stock.reference));
        figures
    }

    fn holders_line(&self) -> String {
        let military: Vec<String> = self
            .holders
            .iter()
            .filter(|(_, holding)| holding.military)
            .map(|(code, _)| code.to_string())
            .collect();
        let others: Vec<String> = self
            .holders
            .iter()
            .filter(|(_, holding)| !holding.military)
            .map(|(code, _)| code.to_string())
            .collect();
        format!(
            "{} holders of 1 kg or more. With material outside civilian programmes: {}. Civilian only: {}.",
            self.holders.len(),
            list_or_none(&military),
            list_or_none(&others)
        )
    }
}

fn list_or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Without a State: one line a series, its last figure and its trend.
fn overview(series: &[StockSummary<'_>]) -> Table {
    let mut table = Table::new(&[
        "material",
        "purpose",
        "measure",
        "last figure",
        "end of",
        "basis",
        "compiler",
        "trend",
    ]);
    for summary in series {
        if let Some(last) = summary.figures.last() {
            let key = &summary.key;
            table.row([
                key.material.to_string(),
                key.purpose.to_string(),
                key.measure.clone(),
                last.mass.to_string(),
                last.year.to_string(),
                key.basis.to_string(),
                key.compiler.clone(),
                summary.trend.to_string(),
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
            "{} {}, {}, {} by {}: {}",
            key.material, key.purpose, key.measure, key.basis, key.compiler, summary.trend
        ));
        let mut table = Table::new(&["end of", "figure", "id", "source", "note"]);
        for stock in &summary.figures {
            let statement = context.statement(stock.reference);
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
        let whose = self
            .state
            .map_or_else(|| "The world and its holders".to_owned(), |state| named(self.context, state.code));
        let mut page =
            Page::new(&format!("Stocks of weapons-usable material on {}: {whose}", self.context.as_of));
        remark_on_date(self.context, &mut page);
        match self.state {
            None => page.line(&self.holders_line()),
            Some(state) => page.line(&match self.holders.first() {
                Some((_, holding)) if holding.military => {
                    "A holder, with material outside civilian programmes.".to_owned()
                }
                Some(_) => "A holder.".to_owned(),
                None => format!("{} is not known to hold 1 kg or more.", state.name),
            }),
        }
        page.remark(
            "Country totals, with ranges. Figures on different bases, or of different compilers, are never joined; a \
             change inside the uncertainty is no trend.",
        );
        for (holder, series) in &self.series {
            if self.state.is_some() {
                in_full(self.context, series, &mut page);
            } else {
                page.heading(
                    &holder.map_or_else(|| "The world".to_owned(), |code| named(self.context, code)),
                );
                page.table(&overview(series));
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
                .flat_map(|(_, series)| series)
                .map(|summary| SeriesJson {
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
                stock.holder.map_or_else(String::new, |holder| holder.to_string()),
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
