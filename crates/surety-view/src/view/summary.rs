//! `surety` alone: where the world stands.

use std::sync::Arc;

use comfy_table::Cell;
use serde::Serialize;
use surety_core::{Aim, Date, Verdict, add_years};
use surety_law::{Counts, Instrument, InstrumentStatus};
use surety_material::{Basis, Purpose, StockMaterial};
use surety_world::{
    ActionId, Cause, Change, CommitmentTally, Direction, Tally, World, WorldSummary, diff, summarise,
};

use crate::context::{Checkpoint, Context};
use crate::page::{Page, Sheet, Table, View};
use crate::view::diff::cause_heading;
use crate::view::{MassJson, official_count, remark_on_date};

/// Over how many years changes are told.
const CHANGED_WITHIN_YEARS: i16 = 5;

/// Where the world stands: aims, treaties, holders, stocks, what changed.
pub struct Summary<'c> {
    context: &'c Context,
    checkpoint: Checkpoint,
    world: Arc<World>,
    before: World,
    summary: WorldSummary<'static>,
    instruments: Vec<InstrumentStatus>,
}

#[derive(Serialize)]
pub(crate) struct TallyJson {
    asked: usize,
    met: usize,
    partly_met: usize,
    not_met: usize,
    no_public_evidence: usize,
}

impl From<Tally> for TallyJson {
    fn from(tally: Tally) -> Self {
        Self {
            asked: tally.asked(),
            met: tally.count(Verdict::Met),
            partly_met: tally.count(Verdict::PartlyMet),
            not_met: tally.count(Verdict::NotMet),
            no_public_evidence: tally.count(Verdict::NoPublicEvidence),
        }
    }
}

#[derive(Serialize)]
struct AimJson {
    aim: Aim,
    #[serde(flatten)]
    tally: TallyJson,
    actions: Vec<ActionJson>,
}

#[derive(Serialize)]
struct ActionJson {
    action: ActionId,
    title: &'static str,
    #[serde(flatten)]
    tally: TallyJson,
}

#[derive(Serialize)]
struct InstrumentJson {
    instrument: Instrument,
    in_force: Option<bool>,
    in_force_since: Option<Date>,
    enters_into_force_on: Option<Date>,
    counts: Counts,
    deposits_needed: Option<usize>,
}

#[derive(Serialize)]
struct WorldStockJson<'a> {
    material: StockMaterial,
    purpose: Purpose,
    measure: &'a str,
    basis: Basis,
    compiler: &'a str,
    year: i16,
    mass: MassJson,
    trend: surety_material::Trend,
}

#[derive(Serialize)]
struct HolderListJson {
    date: Date,
    holders: usize,
}

#[derive(Serialize)]
struct ChangesJson {
    since: Date,
    improved: usize,
    worsened: usize,
    by_cause: Vec<CauseJson>,
}

#[derive(Serialize)]
struct CauseJson {
    cause: Cause,
    improved: usize,
    worsened: usize,
}

#[derive(Serialize)]
struct SummaryJson<'a> {
    as_of: Date,
    checkpoint: &'a Checkpoint,
    states: usize,
    aims: Vec<AimJson>,
    instruments: Vec<InstrumentJson>,
    holders: &'a [surety_core::StateCode],
    military_holders: &'a [surety_core::StateCode],
    holding_unknown: usize,
    assured_holders: usize,
    holder_lists: Vec<HolderListJson>,
    commitments: CommitmentTally,
    stocks: Vec<WorldStockJson<'a>>,
    changes: ChangesJson,
}

impl<'c> Summary<'c> {
    /// On the date asked.
    pub fn new(context: &'c Context) -> anyhow::Result<Self> {
        let world = context.world();
        let before = context.base.world(add_years(context.as_of, -CHANGED_WITHIN_YEARS));
        let summary = summarise(&context.base, &world);
        let instruments = Instrument::SECURITY_TREATIES
            .map(|instrument| context.base.ledger().status(instrument, context.as_of))
            .into();
        Ok(Self { context, checkpoint: context.checkpoint()?, world, before, summary, instruments })
    }

    /// The changes of States that were asked on both dates.
    fn changes(&self) -> Vec<Change<'_>> {
        let all = diff(&self.context.base, &self.before, &self.world);
        all.into_iter().filter(|change| change.before.is_some() && change.after.is_some()).collect()
    }

    fn holders_line(&self) -> String {
        let (holders, military) = (self.summary.holders.len(), self.summary.military_holders.len());
        let known = if self.summary.holding_unknown == 0 {
            String::new()
        } else {
            format!("; of {} States nothing says whether they did", self.summary.holding_unknown)
        };
        format!(
            "States known to hold 1 kg or more: {holders}, {military} of them outside civilian programmes{known}."
        )
    }

    fn tell_changes(&self, page: &mut Page) {
        let changes = self.changes();
        page.heading(&format!("Since {}: findings of States asked on both dates", self.before.as_of));
        for cause in Cause::ALL.iter().copied() {
            let (rose, fell) = counts_of(&changes, Some(cause));
            page.line(&format!("{}: {rose} rose, {fell} fell.", cause_heading(cause)));
        }
        for action in [ActionId::L1, ActionId::L2, ActionId::L3] {
            let joined = changes
                .iter()
                .filter(|change| change.action == action && change.verdict_after() == Some(Verdict::Met))
                .map(|change| change.state);
            let joined = crate::view::codes(joined);
            if !joined.is_empty() {
                page.indented(&format!("{:<8}", treaty_of(action).as_str()), &format!("now bound: {joined}"));
            }
        }
    }
}

/// How many rose and how many fell, for a reason or for any.
fn counts_of(changes: &[Change<'_>], cause: Option<Cause>) -> (usize, usize) {
    let count = |wanted| {
        let of_cause = changes.iter().filter(|change| cause.is_none_or(|cause| change.cause == cause));
        of_cause.filter(|change| change.direction() == wanted).count()
    };
    (count(Direction::Rose), count(Direction::Fell))
}

/// The header of a table of tallies.
pub(crate) const TALLY_HEADER: [&str; 5] = ["asked", "met", "partly", "not met", "no evidence"];

/// The cells of a tally, right-aligned.
pub(crate) fn tally_cells(tally: Tally) -> Vec<Cell> {
    let counts = [
        tally.asked(),
        tally.count(Verdict::Met),
        tally.count(Verdict::PartlyMet),
        tally.count(Verdict::NotMet),
        tally.count(Verdict::NoPublicEvidence),
    ];
    counts.iter().map(|count| Cell::new(count).set_alignment(comfy_table::CellAlignment::Right)).collect()
}

impl View for Summary<'_> {
    fn page(&self) -> Page {
        let context = self.context;
        let mut page = Page::new(&format!("The world on {}: {} States", context.as_of, self.summary.states));
        remark_on_date(context, &mut page);
        if self.instruments.iter().all(|status| !status.in_force) {
            page.line("No nuclear security treaty was in force on that date.");
        }

        page.heading("The four aims: findings on every State that each action asks");
        let mut table = Table::new(&[&["aim"], TALLY_HEADER.as_slice()].concat());
        for aim in &self.summary.aims {
            table.row([vec![Cell::new(aim.aim.title())], tally_cells(aim.total)].concat());
        }
        page.table(&table);
        page.remark("No evidence means that nothing public says either way: silence, not failure.");

        page.heading("Instruments");
        let mut table =
            Table::new(&["instrument", "in force", "parties", "States", "signed only", "deposits needed"]);
        for status in &self.instruments {
            table.row([
                status.instrument.to_string(),
                in_force(status),
                status.counts.parties.to_string(),
                status.counts.states_parties.to_string(),
                status.counts.signatories_not_party.to_string(),
                status.deposits_needed.map_or_else(String::new, |needed| needed.to_string()),
            ]);
        }
        page.table(&table);
        for status in &self.instruments {
            if let Some(count) = official_count(context, status.instrument) {
                page.remark(&format!("{}: {count}", status.instrument));
            }
        }

        page.heading("Weapons-usable material");
        page.line(&self.holders_line());
        let lists: Vec<String> = self
            .summary
            .holder_lists
            .iter()
            .map(|(date, holders)| format!("{holders} ({})", date.year()))
            .collect();
        if !lists.is_empty() {
            page.line(&format!("On the complete lists of holders: {}.", lists.join(", ")));
        }
        if !self.summary.holders.is_empty() {
            page.line(&format!(
                "Holders of whose material anything is assured at level 3 or above: {} of {}.",
                self.summary.assured_holders,
                self.summary.holders.len()
            ));
        }
        let mut table = Table::new(&["world total", "figure", "end of", "basis", "compiler", "trend"]);
        for stock in &self.summary.stocks {
            if let Some(last) = stock.figures.last() {
                table.row([
                    format!("{} {}", stock.key.material, stock.key.purpose),
                    last.mass.to_string(),
                    last.year.to_string(),
                    stock.key.basis.to_string(),
                    stock.key.compiler.clone(),
                    stock.trend_with_years(),
                ]);
            }
        }
        if table.is_empty() {
            page.line("No figure for the world by that date was read.");
        } else {
            page.table(&table);
        }

        let commitments = self.summary.commitments;
        if commitments.made > 0 {
            page.heading("Commitments with a text that could be read");
            page.line(&format!(
                "{} made, {} of them due: {} kept, {} late, {} broken, {} left.",
                commitments.made,
                commitments.due,
                commitments.kept,
                commitments.late,
                commitments.broken,
                commitments.left
            ));
        }

        self.tell_changes(&mut page);
        page.heading("Look further");
        page.line("surety state JPN · surety gaps --action L3 · surety treaty CPPNM-A · surety why JPN L3");
        page.remark(&format!("Folded from {}.", self.checkpoint));
        page
    }

    fn json(&self) -> impl Serialize {
        let changes = self.changes();
        let (improved, worsened) = counts_of(&changes, None);
        let by_cause = Cause::ALL.iter().map(|cause| {
            let (improved, worsened) = counts_of(&changes, Some(*cause));
            CauseJson { cause: *cause, improved, worsened }
        });
        SummaryJson {
            as_of: self.context.as_of,
            checkpoint: &self.checkpoint,
            states: self.summary.states,
            aims: self
                .summary
                .aims
                .iter()
                .map(|aim| AimJson {
                    aim: aim.aim,
                    tally: aim.total.into(),
                    actions: aim
                        .actions
                        .iter()
                        .map(|(action, tally)| ActionJson {
                            action: *action,
                            title: action.action().title,
                            tally: (*tally).into(),
                        })
                        .collect(),
                })
                .collect(),
            instruments: self
                .instruments
                .iter()
                .map(|status| InstrumentJson {
                    instrument: status.instrument,
                    in_force: status.in_force_if_computed(),
                    in_force_since: status.in_force_since,
                    enters_into_force_on: status.enters_into_force_on,
                    counts: status.counts,
                    deposits_needed: status.deposits_needed,
                })
                .collect(),
            holders: &self.summary.holders,
            military_holders: &self.summary.military_holders,
            holding_unknown: self.summary.holding_unknown,
            commitments: self.summary.commitments,
            assured_holders: self.summary.assured_holders,
            holder_lists: self
                .summary
                .holder_lists
                .iter()
                .map(|(date, holders)| HolderListJson { date: *date, holders: *holders })
                .collect(),
            stocks: self
                .summary
                .stocks
                .iter()
                .filter_map(|stock| {
                    let last = stock.figures.last()?;
                    Some(WorldStockJson {
                        material: stock.key.material,
                        purpose: stock.key.purpose,
                        measure: &stock.key.measure,
                        basis: stock.key.basis,
                        compiler: &stock.key.compiler,
                        year: last.year,
                        mass: last.mass.into(),
                        trend: stock.trend,
                    })
                })
                .collect(),
            changes: ChangesJson {
                since: self.before.as_of,
                improved,
                worsened,
                by_cause: by_cause.collect(),
            },
        }
    }

    fn sheet(&self) -> Sheet {
        tally_sheet(&self.summary)
    }
}

/// Every action with its tally, as a spreadsheet.
pub(crate) fn tally_sheet(summary: &WorldSummary<'_>) -> Sheet {
    let header = ["action", "aim", "title", "asked", "met", "partly_met", "not_met", "no_public_evidence"];
    let rows = summary.aims.iter().flat_map(|aim| {
        aim.actions.iter().map(|(action, tally)| {
            let mut row = vec![action.to_string(), aim.aim.to_string(), action.action().title.to_owned()];
            row.push(tally.asked().to_string());
            let verdicts = [Verdict::Met, Verdict::PartlyMet, Verdict::NotMet, Verdict::NoPublicEvidence];
            row.extend(verdicts.iter().map(|verdict| tally.count(*verdict).to_string()));
            row
        })
    });
    Sheet::new(header, rows)
}

pub(crate) fn in_force(status: &InstrumentStatus) -> String {
    match (status.in_force_since, status.enters_into_force_on) {
        (Some(since), _) => format!("since {since}"),
        (None, Some(day)) => format!("on {day}"),
        (None, None) => "no".to_owned(),
    }
}

fn treaty_of(action: ActionId) -> Instrument {
    match action {
        ActionId::L1 => Instrument::Icsant,
        ActionId::L2 => Instrument::Cppnm,
        _ => Instrument::CppnmAmendment,
    }
}
