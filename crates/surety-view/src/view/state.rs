//! `surety state`: one State.

use comfy_table::Cell;
use serde::Serialize;
use surety_core::{Date, FactDate, IaeaStatus, State, StateKind, UnStatus, Verdict};
use surety_law::{ActionKind, EntryRule, Instrument, InstrumentKind, StateStatus};
use surety_statement::Body;
use surety_world::{Holding, HoldingStatus, StateFindings, Tally};

use crate::context::{Context, findings_of};
use crate::page::{Page, Sheet, Table, View, verdict_cell};
use crate::view::{FINDING_COLUMNS, StateJson, finding_row, named, remark_on_date};

/// One State: treaties, holdings, findings with next steps.
pub struct StateView<'c> {
    context: &'c Context,
    state: &'static State,
    findings: StateFindings,
    asked: bool,
}

#[derive(Serialize)]
struct StateViewJson<'a> {
    as_of: Date,
    asked: bool,
    state: &'a State,
    holding: HoldingJson,
    treaties: Vec<MembershipJson>,
    territories: Vec<String>,
    states: Vec<StateJson<'a>>,
}

#[derive(Serialize)]
struct HoldingJson {
    status: HoldingStatus,
    military: Option<bool>,
}

#[derive(Serialize)]
struct MembershipJson {
    instrument: Instrument,
    status: &'static str,
    action: Option<ActionKind>,
    deposited: Option<FactDate>,
    bound_since: Option<Date>,
}

impl<'c> StateView<'c> {
    /// Of a State, by code or name.
    pub fn new(context: &'c Context, text: &str) -> anyhow::Result<Self> {
        let state = context.state(text)?;
        let asked = context.base.asks(state.code, context.as_of);
        let findings = if asked {
            findings_of(context, state.code)
        } else {
            StateFindings { state: state.code, findings: Vec::new() }
        };
        Ok(Self { context, state, findings, asked })
    }

    fn why_not_asked(&self) -> String {
        match (self.state.kind, self.state.continued_by, self.state.until) {
            (StateKind::Organization, _, _) => {
                "An organisation of States: the charter asks States. Its deposits are shown.".to_owned()
            }
            (StateKind::Other, _, _) => "Counted apart by some sources: the charter asks States.".to_owned(),
            (_, Some(state), _) => format!("Continued by {}: see there.", named(self.context, state)),
            (StateKind::Former, _, Some(until)) if until < self.context.as_of => {
                format!("It existed until {until}: the charter asks it in its lifetime.")
            }
            _ => "The charter asks a State from the day it is at the United Nations or first acts on a treaty: on this \
                  date it was neither."
                .to_owned(),
        }
    }

    fn about(&self) -> String {
        let mut parts = Vec::new();
        parts.push(match (self.state.un, self.state.un_since) {
            (UnStatus::Member, Some(since)) => format!("UN member since {since}"),
            (UnStatus::Member, None) => "UN member".to_owned(),
            (UnStatus::Observer, _) => "UN observer".to_owned(),
            (UnStatus::Former, _) => "former UN member".to_owned(),
            (UnStatus::None, _) => "not a UN member".to_owned(),
        });
        parts.push(match (self.state.iaea, self.state.iaea_since) {
            (IaeaStatus::Member, Some(since)) => format!("IAEA member since {since}"),
            (IaeaStatus::Unknown, _) => "IAEA membership not known here".to_owned(),
            (IaeaStatus::None, _) => "not an IAEA member".to_owned(),
            (IaeaStatus::Former, _) => "former IAEA member".to_owned(),
            (IaeaStatus::Observer, _) => "IAEA observer".to_owned(),
            (IaeaStatus::Member, None) => "IAEA member".to_owned(),
        });
        if !self.state.subregion.is_empty() {
            parts.push(self.state.subregion.clone());
        }
        if let Some(until) = self.state.until {
            parts.push(format!("existed until {until}"));
        }
        parts.join(" · ")
    }

    /// Where it stands with each instrument that it has acted on, and with the three security treaties always.
    fn memberships(&self) -> Vec<MembershipJson> {
        let ledger = self.context.base.ledger();
        let of = |instrument: Instrument| {
            let standing = ledger.state_status(instrument, self.state.code, self.context.as_of);
            let status = match standing {
                StateStatus::None if !Instrument::SECURITY_TREATIES.contains(&instrument) => return None,
                StateStatus::None => "not party",
                StateStatus::Signatory => "signed",
                StateStatus::Deposited(_) if instrument.kind() == InstrumentKind::Pledge => "subscribed",
                StateStatus::Deposited(_) if instrument.entry_rule() == EntryRule::NotComputed => "party",
                StateStatus::Deposited(_) => "deposited",
                StateStatus::Bound(_) => "bound",
            };
            let period = standing.period();
            Some(MembershipJson {
                instrument,
                status,
                action: period.map(|period| period.action),
                deposited: period.map(|period| period.deposited),
                bound_since: period.and_then(|period| period.bound_since_as_known(self.context.as_of)),
            })
        };
        Instrument::ALL.into_iter().filter_map(of).collect()
    }

    fn treaties(&self) -> Table {
        let mut table = Table::new(&["instrument", "status", "how", "deposited", "bound since"]);
        for membership in self.memberships() {
            table.row([
                membership.instrument.to_string(),
                membership.status.to_owned(),
                membership.action.map_or_else(String::new, |action| action.to_string()),
                membership.deposited.map_or_else(String::new, |deposited| deposited.to_string()),
                membership.bound_since.map_or_else(String::new, |since| since.to_string()),
            ]);
        }
        table
    }

    fn territories(&self) -> Vec<String> {
        let about = self.context.base.statements_about(self.state.code).iter();
        about
            .map(|index| self.context.statement(*index))
            .filter(|statement| statement.holds_on(self.context.as_of, self.context.dataset.compiled))
            .filter(|statement| matches!(statement.body, Body::Territory { .. }))
            .map(|statement| format!("{}, {}", statement.body.summary(), self.context.when(statement.date)))
            .collect()
    }
}

fn holding_line(holding: &Holding) -> &'static str {
    match (holding.status, holding.military) {
        (HoldingStatus::Holder, Some(true)) => {
            "Holds 1 kg or more of weapons-usable material, some of it outside civilian programmes."
        }
        (HoldingStatus::Holder, _) => "Holds 1 kg or more of weapons-usable material.",
        (HoldingStatus::Former, _) => "Held weapons-usable material, and has less than 1 kg now.",
        (HoldingStatus::NonHolder, _) => "Not among the holders of weapons-usable material.",
        (HoldingStatus::Unknown, _) => {
            "Whether it held weapons-usable material on that date is not known here."
        }
    }
}

impl View for StateView<'_> {
    fn page(&self) -> Page {
        let context = self.context;
        let mut page = Page::new(&format!("{} on {}", named(context, self.state.code), context.as_of));
        page.line(&self.about());
        remark_on_date(context, &mut page);
        if !self.asked {
            page.line(&self.why_not_asked());
        }
        page.line(holding_line(&Holding::of(&context.base, self.state.code, context.as_of)));

        page.heading("Treaties and pledges");
        page.table(&self.treaties());
        for territory in self.territories() {
            page.remark(&territory);
        }

        if self.asked {
            let tally = Tally::of(&self.findings.findings);
            page.heading(&format!(
                "{} actions asked: {} met, {} partly met, {} not met, {} without public evidence",
                tally.asked(),
                tally.count(Verdict::Met),
                tally.count(Verdict::PartlyMet),
                tally.count(Verdict::NotMet),
                tally.count(Verdict::NoPublicEvidence),
            ));
            let mut findings: Vec<_> = self.findings.findings.iter().collect();
            // Gaps first: what is known to be missing, then what is done in part, then silence.
            findings.sort_by_key(|finding| finding.verdict.gaps_first());
            let mut table = Table::new(&["", "a State", "verdict", "lvl", "next step"]);
            for finding in findings.iter().filter(|finding| finding.verdict != Verdict::NotApplicable) {
                let title = match finding.note.as_str() {
                    "" => finding.action.action().title.to_owned(),
                    note => format!("{} — {note}", finding.action.action().title),
                };
                let verdict = verdict_cell(finding.verdict);
                let next_step = if finding.verdict.is_gap() { finding.next_step.as_str() } else { "" };
                table.row([
                    Cell::new(finding.action),
                    Cell::new(title),
                    verdict,
                    Cell::new(finding.level.number()),
                    Cell::new(next_step),
                ]);
            }
            page.table(&table);
            let none: Vec<String> = findings
                .iter()
                .filter(|finding| finding.verdict == Verdict::NotApplicable)
                .map(|finding| finding.action.to_string())
                .collect();
            if !none.is_empty() {
                page.remark(&format!("Not applicable: {}.", none.join(", ")));
            }
            page.remark("Level: 1 reported, 2 declared, 3 evidenced, 4 reviewed, 5 proven. Sources: surety why STATE ACTION.");
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let states = if self.asked { vec![StateJson::new(self.context, &self.findings)] } else { Vec::new() };
        let holding = Holding::of(&self.context.base, self.state.code, self.context.as_of);
        StateViewJson {
            as_of: self.context.as_of,
            asked: self.asked,
            state: self.state,
            holding: HoldingJson { status: holding.status, military: holding.military },
            treaties: self.memberships(),
            territories: self.territories(),
            states,
        }
    }

    fn sheet(&self) -> Sheet {
        let rows =
            self.findings.findings.iter().map(|finding| finding_row(self.context, self.state.code, finding));
        Sheet::new(FINDING_COLUMNS, rows)
    }
}
