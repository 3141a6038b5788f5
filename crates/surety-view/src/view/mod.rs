//! What each command shows. A view is worked out in full before anything is printed.

mod coverage;
mod diff;
mod gaps;
pub mod index;
mod requirements;
mod sources;
mod state;
mod states;
mod stocks;
mod summary;
mod treaty;
mod why;
mod world;

pub use coverage::CoverageView;
pub use diff::Diff;
pub use gaps::Gaps;
pub use requirements::Requirements;
pub use sources::Sources;
pub use state::StateView;
pub use states::States;
pub use stocks::Stocks;
pub use summary::Summary;
pub use treaty::{Duties, Pair, Treaty};
pub use why::Why;
pub use world::WorldView;

use serde::Serialize;
use surety_core::{Aim, Level, MassRange, Qualifier, StateCode, Verdict};
use surety_law::Instrument;
use surety_statement::Stance;
use surety_world::{ActionId, Finding, StateFindings};

use crate::context::Context;
use crate::page::Page;

/// A statement that a finding refers to.
#[derive(Serialize)]
pub(crate) struct CitedJson<'a> {
    id: &'a str,
    stance: Stance,
}

/// One finding, as JSON.
#[derive(Serialize)]
pub(crate) struct FindingJson<'a> {
    action: ActionId,
    aim: Aim,
    title: &'static str,
    verdict: Verdict,
    level: Level,
    contested: bool,
    note: &'a str,
    next_step: &'a str,
    statements: Vec<CitedJson<'a>>,
}

impl<'a> FindingJson<'a> {
    pub(crate) fn new(context: &Context, finding: &'a Finding) -> Self {
        let action = finding.action.action();
        Self {
            action: finding.action,
            aim: action.aim,
            title: action.title,
            verdict: finding.verdict,
            level: finding.level,
            contested: finding.is_contested(),
            note: &finding.note,
            next_step: &finding.next_step,
            statements: finding
                .statements
                .iter()
                .map(|cited| CitedJson { id: &context.statement(cited.statement).id, stance: cited.stance })
                .collect(),
        }
    }
}

/// One State with its findings, as JSON.
#[derive(Serialize)]
pub(crate) struct StateJson<'a> {
    state: StateCode,
    name: String,
    findings: Vec<FindingJson<'a>>,
}

impl<'a> StateJson<'a> {
    pub(crate) fn new(context: &Context, state: &'a StateFindings) -> Self {
        Self {
            state: state.state,
            name: context.name(state.state),
            findings: state.findings.iter().map(|finding| FindingJson::new(context, finding)).collect(),
        }
    }
}

/// The columns of a finding in a spreadsheet, after the State.
pub(crate) const FINDING_COLUMNS: [&str; 11] = [
    "state",
    "name",
    "action",
    "aim",
    "title",
    "verdict",
    "level",
    "contested",
    "note",
    "next_step",
    "statements",
];

/// One finding as a row of a spreadsheet. Statements stand as `id:stance`, separated by spaces.
pub(crate) fn finding_row(context: &Context, state: StateCode, finding: &Finding) -> Vec<String> {
    let action = finding.action.action();
    let cited: Vec<String> = finding
        .statements
        .iter()
        .map(|cited| format!("{}:{}", context.statement(cited.statement).id, cited.stance.as_str()))
        .collect();
    vec![
        state.to_string(),
        context.name(state),
        finding.action.to_string(),
        action.aim.to_string(),
        action.title.to_owned(),
        finding.verdict.to_string(),
        finding.level.number().to_string(),
        finding.is_contested().to_string(),
        finding.note.clone(),
        finding.next_step.clone(),
        cited.join(" "),
    ]
}

/// A mass, as JSON: in kilograms; an open upper end is null.
#[derive(Serialize)]
pub(crate) struct MassJson {
    best_kg: Option<f64>,
    min_kg: f64,
    max_kg: Option<f64>,
    qualifier: Qualifier,
}

impl From<MassRange> for MassJson {
    fn from(mass: MassRange) -> Self {
        Self {
            best_kg: mass.best_kg(),
            min_kg: mass.min_kg(),
            max_kg: Some(mass.max_kg()).filter(|max| max.is_finite()),
            qualifier: mass.qualifier(),
        }
    }
}

/// How our count of parties compares with the last official one by the date asked.
pub(crate) fn official_count(context: &Context, instrument: Instrument) -> Option<String> {
    let counts = context.dataset.counts.iter().filter(|count| {
        count.list == instrument.as_str()
            && ["parties", "states-parties"].contains(&count.measure.as_str())
            && count.date.last_day().is_some_and(|day| day <= context.as_of)
    });
    let last = counts.max_by_key(|count| count.date.last_day())?;
    let (ours, states) = context.base.ledger().count(instrument, context.as_of);
    let source = last.sources.first().map_or_else(String::new, |id| context.source_title(id));
    let counted = if last.measure == "states-parties" { states } else { ours };
    let theirs: usize = last.value.parse().ok()?;
    let gap = match counted.cmp(&theirs) {
        std::cmp::Ordering::Less => format!("{} more than the {counted} known here", theirs - counted),
        std::cmp::Ordering::Equal => "the same as here".to_owned(),
        std::cmp::Ordering::Greater => format!("{} fewer than the {counted} known here", counted - theirs),
    };
    Some(format!("{theirs} counted {}, {gap} ({source})", last.date))
}

/// What a reader should know of a date that the dataset does not reach.
pub(crate) fn remark_on_date(context: &Context, page: &mut Page) {
    if context.as_of > context.dataset.compiled {
        page.remark(&format!(
            "The facts were compiled on {}: nothing later is known, and facts grow old.",
            context.dataset.compiled
        ));
    }
}

/// The State's name with its code.
pub(crate) fn named(context: &Context, code: StateCode) -> String {
    format!("{} ({code})", context.name(code))
}

/// Codes, separated by spaces.
pub(crate) fn codes(states: impl IntoIterator<Item = StateCode>) -> String {
    states.into_iter().map(|state| state.to_string()).collect::<Vec<_>>().join(" ")
}
