//! The world as a whole: how many States each action asks, and how many meet it.

use surety_core::{Aim, StateCode, Verdict};
use surety_material::{SeriesKey, Stock, Trend, series, trend};
use surety_statement::Body;

use crate::base::{Base, World};
use crate::charter::{ActionId, CHARTER};
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
    pub figures: Vec<&'a Stock>,
    /// The trend over five years.
    pub trend: Trend,
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
    /// The figures for the world as a whole.
    pub stocks: Vec<StockSummary<'a>>,
}

/// Over how many years a trend is told.
const TREND_YEARS: i16 = 5;

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
    let holdings =
        world.states.iter().map(|state| (state.state, Holding::of(base, state.state, world.as_of)));
    let (known, unknown): (Vec<_>, Vec<_>) =
        holdings.partition(|(_, holding)| holding.status != HoldingStatus::Unknown);
    let holders: Vec<(StateCode, Holding)> =
        known.into_iter().filter(|(_, holding)| holding.status == HoldingStatus::Holder).collect();
    WorldSummary {
        states: world.states.len(),
        aims,
        military_holders: holders
            .iter()
            .filter(|(_, holding)| holding.military)
            .map(|(code, _)| *code)
            .collect(),
        holders: holders.into_iter().map(|(code, _)| code).collect(),
        holding_unknown: unknown.len(),
        stocks: stock_series(base, world.as_of, None),
    }
}

/// The series of stocks of one holder, or of the world as a whole, with figures up to a date.
pub fn stock_series<'a>(
    base: &Base<'a>,
    as_of: surety_core::Date,
    holder: Option<StateCode>,
) -> Vec<StockSummary<'a>> {
    let known = base.facts.statements.iter().filter_map(|statement| match &statement.body {
        Body::Stock(stock) if stock.holder == holder && statement.holds_on(as_of, base.facts.compiled) => {
            Some(stock)
        }
        _ => None,
    });
    series(known)
        .into_iter()
        .map(|(key, figures)| StockSummary { key, trend: trend(&figures, TREND_YEARS), figures })
        .collect()
}
