//! Commitments: kept, late, due, unknown.

use maud::{Markup, html};
use serde::Serialize;
use surety_core::{PartialDate, StateCode};
use surety_law::{Instrument, InstrumentKind};
use surety_statement::{Body, Outcome, Statement};
use surety_world::{Commitment, commitments_of};

use super::head;
use crate::address::Address;
use crate::parts::{downloads, provenance, report_error, state};
use crate::site::Cx;

/// A commitment, and how it stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Promise {
    pub(crate) id: &'static str,
    pub(crate) state: StateCode,
    pub(crate) text: &'static str,
    pub(crate) due: PartialDate,
    pub(crate) standing: Standing,
    /// The statement that says how it ended.
    pub(crate) told_by: Option<&'static str>,
    #[serde(skip)]
    statement: &'static Statement,
    #[serde(skip)]
    told: Option<&'static Statement>,
}

/// How a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    Broken,
    Left,
    Late,
    /// Its day has come, and no source says how it ended.
    DueUnknown,
    /// Its day is still to come, or none was set.
    Open,
    Kept,
}

impl Standing {
    pub(crate) const ALL: [Self; 6] =
        [Self::Broken, Self::Left, Self::Late, Self::DueUnknown, Self::Open, Self::Kept];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Left => "left",
            Self::Late => "late",
            Self::DueUnknown => "due-unknown",
            Self::Open => "open",
            Self::Kept => "kept",
        }
    }

    fn words(self, cx: &Cx<'_>) -> String {
        match self {
            Self::Broken => cx.t("promise-broken"),
            Self::Left => cx.t("promise-left"),
            Self::Late => cx.t("promise-late"),
            Self::DueUnknown => cx.t("promise-due"),
            Self::Open => cx.t("promise-open"),
            Self::Kept => cx.t("promise-kept"),
        }
    }

    /// The class that draws it: silence stays silence.
    fn class(self) -> &'static str {
        match self {
            Self::Broken | Self::Left => "not",
            Self::Late => "partly",
            Self::DueUnknown => "silent",
            Self::Open => "na",
            Self::Kept => "met",
        }
    }
}

/// The commitments of one State, as they stand.
pub(super) fn of(cx: &Cx<'_>, code: StateCode, all: &[Commitment]) -> Vec<Promise> {
    let stand = |one: &Commitment| {
        let statement = cx.context.statement(one.statement);
        let Body::Commitment { text, .. } = &statement.body else { return None };
        let standing = match one.outcome() {
            Some(Outcome::Kept) => Standing::Kept,
            Some(Outcome::Late) => Standing::Late,
            Some(Outcome::Broken) => Standing::Broken,
            Some(Outcome::Left) => Standing::Left,
            None if one.is_due(cx.as_of()) => Standing::DueUnknown,
            None => Standing::Open,
        };
        let told = one.told_by().map(|index| cx.context.statement(index));
        Some(Promise {
            id: &statement.id,
            state: code,
            text,
            due: one.due,
            standing,
            told_by: told.map(|told| told.id.as_str()),
            statement,
            told,
        })
    };
    all.iter().filter_map(stand).collect()
}

/// Every commitment of every State, in order of State.
pub(crate) fn promises(cx: &Cx<'_>) -> Vec<Promise> {
    let states = cx.context.dataset.states.iter().map(|state| state.code);
    states.flat_map(|code| of(cx, code, &commitments_of(&cx.context.base, code, cx.as_of()))).collect()
}

pub(super) fn page(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("commitments-title");
    let all = promises(cx);
    let mut sorted = cx.by_name(all.clone(), |one| one.state);
    sorted.sort_by_key(|one| one.standing);
    let main = html! {
        (head(&title, &cx.t("commitments-lead")))
        ul.tiles { @for standing in Standing::ALL {
            li { span.big { (all.iter().filter(|one| one.standing == standing).count()) } " " span class={"v v-" (standing.class())} { (standing.words(cx)) } }
        } }
        section aria-labelledby="all" { h2 #all { (cx.t("commitments-all")) } (table(cx, &sorted, true)) (downloads(cx, "commitments", None)) }
        section aria-labelledby="pledges" {
            h2 #pledges { (cx.t("commitments-pledges")) }
            ul.plain { @for instrument in Instrument::ALL.into_iter().filter(|one| one.kind() == InstrumentKind::Pledge) {
                li { a href=(cx.to(&Address::Treaty(instrument))) { (instrument) } " " (instrument.title()) ": " (cx.context.base.ledger().count(instrument, cx.as_of()).0) }
            } }
        }
    };
    (title, main)
}

pub(super) fn table(cx: &Cx<'_>, all: &[Promise], with_state: bool) -> Markup {
    html! {
        div.wide tabindex="0" role="group" aria-label=(cx.t("commitments-all")) { table.data.stacked data-sortable[with_state] data-filter=[with_state.then(|| cx.t("filter-rows"))] {
            caption { (cx.t("commitments-caption")) }
            thead { tr { @if with_state { th scope="col" { (cx.t("col-state")) } } th scope="col" { (cx.t("col-standing")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-due")) } th scope="col" { (cx.t("col-source")) } } }
            tbody { @for one in all { tr {
                @if with_state { th scope="row" { (state(cx, one.state)) } }
                td data-label=(cx.t("col-standing")) { span class={"v v-" (one.standing.class())} { (one.standing.words(cx)) } }
                td data-label=(cx.t("col-what")) { (one.text) @if let Some(told) = one.told { p.note { (told.date) ": " (told.body.summary()) @if !told.note.is_empty() { " – " (told.note) } " " (provenance(cx, told)) } } }
                td.num data-label=(cx.t("col-due")) { (one.due) }
                td data-label=(cx.t("col-source")) { (provenance(cx, one.statement)) " " (report_error(cx, one.id)) }
            } } }
        } }
    }
}
