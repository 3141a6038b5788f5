//! The world as a whole: how many States each action asks, and how many meet it.

use std::collections::BTreeMap;

use serde::Serialize;
use surety_core::{Aim, Date, Level, StateCode, Verdict};
use surety_material::{SeriesKey, Trend, compared, series, trend};
use surety_statement::{Body, Outcome};

use crate::base::{Base, StateFindings, Window, World};
use crate::charter::{ActionId, CHARTER};
use crate::figure::Figure;
use crate::finding::Finding;
use crate::holding::{Holding, HoldingStatus};

/// How many findings of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally([usize; Verdict::ALL.len()]);

impl Tally {
    /// Counts findings.
    pub fn of<'w>(findings: impl IntoIterator<Item = &'w Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.0[finding.verdict as usize] += 1;
        }
        tally
    }

    /// How many have this verdict.
    pub fn count(self, verdict: Verdict) -> usize {
        self.0[verdict as usize]
    }

    /// How many are asked: all but those to which the action does not apply.
    pub fn asked(self) -> usize {
        self.0.iter().sum::<usize>() - self.count(Verdict::NotApplicable)
    }
}

/// One aim, action by action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AimSummary {
    /// The aim.
    pub aim: Aim,
    /// All its findings together.
    pub total: Tally,
    /// Its actions.
    pub actions: Vec<(ActionId, Tally)>,
}

/// One series of stocks up to a date, with its last figure and its trend.
#[derive(Debug, Clone, PartialEq)]
pub struct StockSummary<'a> {
    /// What makes its figures comparable.
    pub key: SeriesKey,
    /// The figures, in order of year.
    pub figures: Vec<Figure<'a>>,
    /// The trend over at most five years.
    pub trend: Trend,
}

impl StockSummary<'_> {
    /// The trend with the years that it compares.
    pub fn trend_with_years(&self) -> String {
        match compared(&self.figures, TREND_YEARS) {
            Some((first, last)) => format!("{}, {} to {}", self.trend, first.year, last.year),
            None => self.trend.to_string(),
        }
    }
}

/// How many commitments there are, and how they ended as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CommitmentTally {
    /// All that were made by the date.
    pub made: usize,
    /// Of them, those whose day has come.
    pub due: usize,
    /// Kept.
    pub kept: usize,
    /// Kept late.
    pub late: usize,
    /// Broken.
    pub broken: usize,
    /// Left.
    pub left: usize,
}

/// The world as a whole, on its date.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldSummary<'a> {
    /// How many States are asked.
    pub states: usize,
    /// Aim by aim.
    pub aims: Vec<AimSummary>,
    /// The States that hold 1 kg or more of weapons-usable material.
    pub holders: Vec<StateCode>,
    /// Of them, those with material outside civilian programmes.
    pub military_holders: Vec<StateCode>,
    /// Of how many States nothing says whether they hold any: before the first list of holders, of most.
    pub holding_unknown: usize,
    /// Of the holders, those of whose material anything is assured at level 3 or above.
    pub assured_holders: usize,
    /// How many States each complete list of holders named, by the day from which it counts.
    pub holder_lists: Vec<(Date, usize)>,
    /// Commitments.
    pub commitments: CommitmentTally,
    /// The figures for the world as a whole: of each material and purpose the latest.
    pub stocks: Vec<StockSummary<'a>>,
}

/// Over how many years a trend is told.
const TREND_YEARS: i16 = Window::STOCK.years();

/// Sums up a world.
pub fn summarise<'a>(base: &Base<'a>, world: &World) -> WorldSummary<'a> {
    let aims = Aim::ALL
        .into_iter()
        .map(|aim| {
            let of = |wanted: &dyn Fn(ActionId) -> bool| {
                Tally::of(
                    world.findings().map(|(_, finding)| finding).filter(|finding| wanted(finding.action)),
                )
            };
            AimSummary {
                aim,
                total: of(&|id| id.action().aim == aim),
                actions: CHARTER
                    .iter()
                    .filter(|action| action.aim == aim)
                    .map(|action| (action.id, of(&|id| id == action.id)))
                    .collect(),
            }
        })
        .collect();
    let holdings = world.states.iter().map(|state| (state, Holding::of(base, state.state, world.as_of)));
    let (known, unknown): (Vec<_>, Vec<_>) =
        holdings.partition(|(_, holding)| holding.status != HoldingStatus::Unknown);
    let holders: Vec<(&StateFindings, Holding)> =
        known.into_iter().filter(|(_, holding)| holding.status == HoldingStatus::Holder).collect();
    let is_assured = |findings: &StateFindings| {
        let material =
            |finding: &&Finding| matches!(finding.action.action().aim, Aim::Military | Aim::Minimisation);
        findings.findings.iter().filter(material).any(|finding| {
            finding.level >= Level::Evidenced && matches!(finding.verdict, Verdict::Met | Verdict::PartlyMet)
        })
    };
    WorldSummary {
        states: world.states.len(),
        aims,
        military_holders: holders
            .iter()
            .filter(|(_, holding)| holding.military == Some(true))
            .map(|(findings, _)| findings.state)
            .collect(),
        assured_holders: holders.iter().filter(|(findings, _)| is_assured(findings)).count(),
        holders: holders.into_iter().map(|(findings, _)| findings.state).collect(),
        holding_unknown: unknown.len(),
        holder_lists: holder_lists(base, world.as_of),
        commitments: commitments(base, world.as_of),
        stocks: latest_of_each(stock_series(base, world.as_of, None)),
    }
}

fn holder_lists(base: &Base<'_>, as_of: Date) -> Vec<(Date, usize)> {
    let mut editions = BTreeMap::<Date, usize>::new();
    for statement in base.facts.statements {
        if matches!(statement.body, Body::ListedHolder { .. }) {
            let from = statement.date.holds_from(base.facts.compiled);
            if base.holder_list(from).is_some_and(|list| list.counts_from == from) && from <= as_of {
                *editions.entry(from).or_default() += 1;
            }
        }
    }
    editions.into_iter().collect()
}

fn commitments(base: &Base<'_>, as_of: Date) -> CommitmentTally {
    let mut tally = CommitmentTally::default();
    for statement in
        base.facts.statements.iter().filter(|statement| statement.holds_on(as_of, base.facts.compiled))
    {
        match &statement.body {
            Body::Commitment { due, .. } => {
                tally.made += 1;
                tally.due += usize::from(due.last_day().is_some_and(|day| day < as_of));
            }
            Body::Fulfilment { outcome, .. } => match outcome {
                Outcome::Kept => tally.kept += 1,
                Outcome::Late => tally.late += 1,
                Outcome::Broken => tally.broken += 1,
                Outcome::Left => tally.left += 1,
            },
            _ => {}
        }
    }
    tally
}

/// Of each material and purpose the series on what is held whose last figure is the newest.
fn latest_of_each(all: Vec<StockSummary<'_>>) -> Vec<StockSummary<'_>> {
    let mut latest = Vec::<StockSummary<'_>>::new();
    let year = |summary: &StockSummary<'_>| summary.figures.last().map(|figure| figure.year);
    for summary in all.into_iter().filter(|summary| summary.key.measure == "held") {
        let same = |other: &&mut StockSummary<'_>| {
            (other.key.material, other.key.purpose) == (summary.key.material, summary.key.purpose)
        };
        match latest.iter_mut().find(same) {
            Some(older) if year(older) < year(&summary) => *older = summary,
            Some(_) => {}
            None => latest.push(summary),
        }
    }
    latest
}

/// The series of stocks of one holder, or of the world as a whole, with figures up to a date.
pub fn stock_series<'a>(base: &Base<'a>, as_of: Date, holder: Option<StateCode>) -> Vec<StockSummary<'a>> {
    let known = base.statements_on(holder).iter().filter_map(|index| {
        let statement = base.statement(*index);
        match &statement.body {
            Body::Stock(stock) if statement.holds_on(as_of, base.facts.compiled) => {
                Some(Figure { statement: *index, stock })
            }
            _ => None,
        }
    });
    series(known)
        .into_iter()
        .map(|(key, figures)| StockSummary { key, trend: trend(&figures, TREND_YEARS), figures })
        .collect()
}
