//! `surety gaps`: what is left to do, by whom.

use std::collections::HashMap;
use std::sync::Arc;

use comfy_table::Cell;
use serde::Serialize;
use surety_core::{Date, StateCode, Verdict};
use surety_world::{CHARTER, Finding, Tally, World};

use crate::context::{Chosen, Context, Filter};
use crate::page::{Page, Sheet, Table, View, verdict_cell};
use crate::view::{FINDING_COLUMNS, FindingJson, finding_row, remark_on_date};

/// What is left to do, by whom.
pub struct Gaps<'c> {
    context: &'c Context,
    world: Arc<World>,
    chosen: Chosen,
}

#[derive(Serialize)]
struct GapsJson<'a> {
    as_of: Date,
    gaps: Vec<GapJson<'a>>,
}

#[derive(Serialize)]
struct GapJson<'a> {
    state: StateCode,
    name: String,
    #[serde(flatten)]
    finding: FindingJson<'a>,
}

impl<'c> Gaps<'c> {
    /// Of what the filter leaves.
    pub fn new(context: &'c Context, filter: &Filter) -> anyhow::Result<Self> {
        Ok(Self { context, world: context.world(), chosen: Chosen::new(context, filter)? })
    }

    /// The gaps, in order of action, then of what is known to be missing first, then of State.
    fn gaps(&self) -> Vec<(StateCode, &Finding)> {
        let wanted = |(state, finding): &(StateCode, &Finding)| {
            finding.verdict.is_gap() && self.chosen.wants(*state, finding.action.action())
        };
        let mut gaps: Vec<_> = self.world.findings().filter(wanted).collect();
        gaps.sort_by_key(|(state, finding)| (finding.action, finding.verdict.gaps_first(), *state));
        gaps
    }

    /// Too many to show one by one: how many of each, and who.
    fn by_action(&self, page: &mut Page) {
        let mut table = Table::new(&["", "a State", "asked", "not met", "partly", "no evidence"]);
        for action in &CHARTER {
            let findings = self
                .world
                .findings()
                .filter(|(state, finding)| finding.action == action.id && self.chosen.wants(*state, action));
            let tally = Tally::of(findings.map(|(_, finding)| finding));
            if tally.asked() > tally.count(Verdict::Met) {
                let verdicts = [Verdict::NotMet, Verdict::PartlyMet, Verdict::NoPublicEvidence];
                let counts = [tally.asked()].into_iter().chain(verdicts.map(|verdict| tally.count(verdict)));
                let labels = [action.id.to_string(), action.title.to_owned()];
                table.row(labels.into_iter().chain(counts.map(|count| count.to_string())));
            }
        }
        page.table(&table);
        page.remark(
            "Name a State or one action for the list: surety gaps --action L3, surety gaps --state JPN.",
        );
    }

    /// One table for each action, with what most of its States should do said once above it.
    fn one_by_one(&self, page: &mut Page, gaps: &[(StateCode, &Finding)]) {
        for gaps in gaps.chunk_by(|(_, a), (_, b)| a.action == b.action) {
            let Some((_, first)) = gaps.first() else { continue };
            let action = first.action.action();
            page.heading(&format!("{} {}: {}", action.id, action.title, gaps.len()));
            let usual = usual_step(gaps);
            page.line(usual);
            // What the list leaves open is the same for every State: said once, here.
            let list = action.list.and_then(|list| self.context.base.coverage(list));
            if let Some(list) = list.filter(|list| !list.note.is_empty()) {
                page.remark(&format!("The list: {}.", list.note));
            }
            let doubt = list.map(|list| list.doubt().unwrap_or_else(|| list.note.clone()));
            let doubt = doubt.filter(|doubt| !doubt.is_empty());
            let mut table = Table::new(&["State", "verdict", "lvl", "what is known"]);
            for (state, finding) in gaps {
                let own_step = if finding.next_step == usual { "" } else { finding.next_step.as_str() };
                let note = match &doubt {
                    Some(doubt) => without(&finding.note, doubt),
                    None => finding.note.clone(),
                };
                let parts: Vec<&str> =
                    [note.as_str(), own_step].into_iter().filter(|text| !text.is_empty()).collect();
                let verdict = verdict_cell(finding.verdict);
                table.row([
                    Cell::new(format!("{state} {}", self.context.name(*state))),
                    verdict,
                    Cell::new(finding.level.number()),
                    Cell::new(parts.join(" → ")),
                ]);
            }
            page.table(&table);
        }
    }
}

/// A note without what was said once above.
fn without(note: &str, said: &str) -> String {
    note.replace(&format!("; {said}"), "").replace(said, "")
}

/// The next step that most of the findings share.
fn usual_step<'a>(gaps: &[(StateCode, &'a Finding)]) -> &'a str {
    let mut counts = HashMap::<&str, usize>::new();
    for (_, finding) in gaps {
        *counts.entry(&finding.next_step).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(step, count)| (*count, *step)).map_or("", |(step, _)| step)
}

impl View for Gaps<'_> {
    fn page(&self) -> Page {
        let gaps = self.gaps();
        let mut page = Page::new(&format!("Gaps on {}: {}", self.context.as_of, gaps.len()));
        remark_on_date(self.context, &mut page);
        for state in self.chosen.not_asked(&self.world) {
            page.line(&format!("The charter asks nothing of {} on this date.", self.context.name(state)));
        }
        if gaps.is_empty() {
            page.line("None: whatever is asked is met, or nothing is asked on this date.");
        } else if self.chosen.is_everything() || !self.chosen.is_narrow() {
            self.by_action(&mut page);
        } else {
            self.one_by_one(&mut page, &gaps);
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let gap = |(state, finding): (StateCode, _)| GapJson {
            state,
            name: self.context.name(state),
            finding: FindingJson::new(self.context, finding),
        };
        GapsJson { as_of: self.context.as_of, gaps: self.gaps().into_iter().map(gap).collect() }
    }

    fn sheet(&self) -> Sheet {
        let gaps = self.gaps();
        Sheet::new(
            FINDING_COLUMNS,
            gaps.into_iter().map(|(state, finding)| finding_row(self.context, state, finding)),
        )
    }
}
