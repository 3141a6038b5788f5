//! One State: gaps first, then treaties, stocks, reviews, regulations, commitments.

use maud::{Markup, html};
use surety_core::{Aim, Date, Level, State, StateCode, StateKind, Verdict};
use surety_law::{Instrument, InstrumentKind, StateStatus};
use surety_statement::{Body, Statement};
use surety_world::{Finding, Holding, HoldingStatus, Tally, commitments_of, stock_series};

use super::head;
use crate::address::Address;
use crate::figure::series_slug;
use crate::parts::{downloads, level, provenance, report_error, support, tally_bar, tally_words, verdict};
use crate::problem::Problem;
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>, code: StateCode) -> Result<(String, Markup), Problem> {
    let state = cx.context.dataset.states.find(code.as_str())?;
    let holding = Holding::of(&cx.context.base, code, cx.as_of());
    let asked = cx.context.base.asks(code, cx.as_of());
    let findings = cx.context.base.findings(code, cx.as_of());
    let main = html! {
        (head(&state.name, &about(cx, state)))
        p { (holding_words(cx, &holding)) @for index in holding.statements.iter().take(2) { " " (provenance(cx, cx.context.statement(*index))) } }
        @if asked { (found(cx, code, &findings)) } @else { p.notice { (not_asked(cx, state)) } }
        (treaties(cx, code))
        (stocks(cx, code))
        (commitments(cx, code))
        (told(cx, code, "state-reviews", &cx.t("state-reviews"), |body| matches!(body, Body::Review { .. })))
        (told(cx, code, "state-regulations", &cx.t("state-regulations"), |body| matches!(body, Body::Regulation { .. })))
        (told(cx, code, "state-reports", &cx.t("state-reports"), |body| matches!(body, Body::Report { .. })))
        (told(cx, code, "state-initiatives", &cx.t("state-initiatives"), |body| matches!(body, Body::Initiative(_))))
        (told(cx, code, "state-programmes", &cx.t("state-programmes"), |body| matches!(body, Body::Programme(_) | Body::Cleared { .. } | Body::MilitaryPolicy(_))))
        (proven(cx, code))
    };
    Ok((state.name.clone(), main))
}

fn about(cx: &Cx<'_>, state: &State) -> String {
    let mut parts = vec![state.code.to_string()];
    if !state.subregion.is_empty() {
        parts.push(state.subregion.clone());
    }
    if let Some(since) = state.un_since {
        parts.push(cx.tf("state-un-since", [("date", since.to_string().into())]));
    }
    if let Some(since) = state.iaea_since {
        parts.push(cx.tf("state-iaea-since", [("year", since.to_string().into())]));
    }
    if let Some(until) = state.until {
        parts.push(cx.tf("state-until", [("date", until.to_string().into())]));
    }
    parts.join(" · ")
}

fn not_asked(cx: &Cx<'_>, state: &State) -> Markup {
    html! {
        @match (state.kind, state.continued_by) {
            (StateKind::Organization, _) => (cx.t("not-asked-organization")),
            (StateKind::Other, _) => (cx.t("not-asked-other")),
            (_, Some(code)) => { (cx.t("not-asked-continued")) " " (crate::parts::state(cx, code)) },
            _ => (cx.t("not-asked-date")),
        }
    }
}

fn holding_words(cx: &Cx<'_>, holding: &Holding) -> String {
    match (holding.status, holding.military) {
        (HoldingStatus::Holder, Some(true)) => cx.t("holding-military"),
        (HoldingStatus::Holder, _) => cx.t("holding-holder"),
        (HoldingStatus::Former, _) => cx.t("holding-former"),
        (HoldingStatus::NonHolder, _) => cx.t("holding-none"),
        (HoldingStatus::Unknown, _) => cx.t("holding-unknown"),
    }
}

/// The findings, aim by aim, gaps first.
fn found(cx: &Cx<'_>, code: StateCode, findings: &[Finding]) -> Markup {
    let asks = |aim: Aim| {
        findings.iter().any(|one| one.action.action().aim == aim && one.verdict != Verdict::NotApplicable)
    };
    let mut aims = Aim::ALL;
    aims.sort_by_key(|aim| !asks(*aim));
    html! {
        div.aims {
            @for aim in Aim::ALL {
                @let tally = Tally::of(findings.iter().filter(|finding| finding.action.action().aim == aim));
                article {
                    h2 { a href={"#" (aim.as_str())} { (aim.title()) } }
                    @if tally.asked() == 0 { p.quiet { (cx.t("verdict-na")) } } @else {
                        p.tally { (tally_words(cx, tally)) }
                        (tally_bar(cx, tally))
                    }
                }
            }
        }
        @for aim in aims { (of_aim(cx, code, aim, findings)) }
        (downloads(cx, &format!("states/{code}"), None))
    }
}

/// The findings on one aim; what does not apply in one line.
fn of_aim(cx: &Cx<'_>, code: StateCode, aim: Aim, findings: &[Finding]) -> Markup {
    let of_aim = findings.iter().filter(|finding| finding.action.action().aim == aim);
    let (silent, mut asked): (Vec<&Finding>, Vec<&Finding>) =
        of_aim.partition(|finding| finding.verdict == Verdict::NotApplicable);
    asked.sort_by_key(|finding| finding.verdict.gaps_first());
    html! {
        section aria-labelledby=(aim.as_str()) {
            h2 id=(aim.as_str()) { (aim.title()) }
            @if !asked.is_empty() {
                div.wide tabindex="0" role="group" aria-label=(aim.title()) {
                    table.data.findings.stacked {
                        caption { (cx.t("findings-caption")) }
                        thead { tr {
                            th scope="col" { (cx.t("col-action")) }
                            th scope="col" { (cx.t("col-verdict")) }
                            th scope="col" { (cx.t("col-level")) }
                            th scope="col" { (cx.t("col-next")) }
                            th scope="col" { (cx.t("col-source")) }
                        } }
                        tbody { @for finding in asked { (row(cx, code, finding)) } }
                    }
                }
            }
            @if !silent.is_empty() {
                p.quiet {
                    (verdict(cx, Verdict::NotApplicable)) ": "
                    @for (number, finding) in silent.iter().enumerate() {
                        @if number > 0 { ", " }
                        a href=(cx.to(&Address::Why(code, finding.action))) title=(finding.action.action().title) { (finding.action) }
                    }
                    @if let Some(note) = silent.iter().map(|finding| finding.note.as_str()).find(|note| !note.is_empty()) { " (" (note) ")" }
                }
            }
        }
    }
}

fn row(cx: &Cx<'_>, code: StateCode, finding: &Finding) -> Markup {
    html! {
        tr id=(finding.action) {
            th scope="row" {
                a href=(cx.to(&Address::Why(code, finding.action))) { (finding.action) } " " (finding.action.action().title)
                @if !finding.note.is_empty() { p.note { (finding.note) } }
            }
            td data-label=(cx.t("col-verdict")) { (verdict(cx, finding.verdict)) @if finding.is_contested() { " " span.tag { (cx.t("contested")) } } }
            td data-label=(cx.t("col-level")) { @if finding.level == Level::None { span.quiet { "–" } } @else { (level(cx, finding.level)) } }
            td data-label=(cx.t("col-next")) { @if finding.verdict.is_gap() { (finding.next_step) } }
            td data-label=(cx.t("col-source")) { @if finding.verdict != Verdict::NotApplicable { (support(cx, code, finding)) " " (report_error(cx, &format!("{code}/{}", finding.action))) } }
        }
    }
}

fn treaties(cx: &Cx<'_>, code: StateCode) -> Markup {
    let ledger = cx.context.base.ledger();
    let shown = Instrument::ALL.into_iter().filter_map(|instrument| {
        let status = ledger.state_status(instrument, code, cx.as_of());
        let silent =
            matches!(status, StateStatus::None) && !Instrument::SECURITY_TREATIES.contains(&instrument);
        (!silent).then_some((instrument, status))
    });
    html! {
        section aria-labelledby="treaties" {
            h2 #treaties { (cx.t("state-treaties")) }
            div.wide tabindex="0" role="group" aria-label=(cx.t("state-treaties")) {
                table.data.stacked {
                    caption { (cx.t("state-treaties-caption")) }
                    thead { tr {
                        th scope="col" { (cx.t("col-instrument")) } th scope="col" { (cx.t("col-status")) } th scope="col" { (cx.t("col-how")) }
                        th scope="col" { (cx.t("col-deposited")) } th scope="col" { (cx.t("col-bound")) } th scope="col" { (cx.t("col-source")) }
                    } }
                    tbody {
                        @for (instrument, status) in shown {
                            @let period = status.period();
                            tr {
                                th scope="row" { a href=(cx.to(&Address::Treaty(instrument))) { (instrument) } p.note { (instrument.title()) } }
                                td data-label=(cx.t("col-status")) { (status_words(cx, instrument, status)) }
                                td data-label=(cx.t("col-how")) { @if let Some(period) = period { (period.action) } }
                                td.num data-label=(cx.t("col-deposited")) { @if let Some(period) = period { (period.deposited) } }
                                td.num data-label=(cx.t("col-bound")) { @if let Some(since) = period.and_then(|period| period.bound_since_as_known(cx.as_of())) { (since) } }
                                td data-label=(cx.t("col-source")) { @if let Some(period) = period { (provenance(cx, cx.context.statement(period.reference))) " " (report_error(cx, &cx.context.statement(period.reference).id)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn status_words(cx: &Cx<'_>, instrument: Instrument, status: StateStatus<'_>) -> String {
    match status {
        StateStatus::None => cx.t("status-none"),
        StateStatus::Signatory => cx.t("status-signed"),
        StateStatus::Deposited(_) if instrument.kind() == InstrumentKind::Pledge => cx.t("status-subscribed"),
        StateStatus::Deposited(_) if instrument.entry_rule() == surety_law::EntryRule::NotComputed => {
            cx.t("status-party")
        }
        StateStatus::Deposited(_) => cx.t("status-deposited"),
        StateStatus::Bound(_) => cx.t("status-bound"),
    }
}

fn stocks(cx: &Cx<'_>, code: StateCode) -> Markup {
    let series = stock_series(&cx.context.base, cx.as_of(), Some(code));
    html! {
        @if !series.is_empty() {
            section aria-labelledby="stocks" {
                h2 #stocks { (cx.t("state-stocks")) }
                p.quiet { (cx.t("stocks-note")) }
                @for one in &series { (super::materials::series(cx, Some(code), one, &format!("stock/{code}/{}", series_slug(&one.key)))) }
                (downloads(cx, &format!("stocks/{code}"), None))
            }
        }
    }
}

fn commitments(cx: &Cx<'_>, code: StateCode) -> Markup {
    let all = commitments_of(&cx.context.base, code, cx.as_of());
    html! {
        @if !all.is_empty() {
            section aria-labelledby="commitments" {
                h2 #commitments { (cx.t("state-commitments")) }
                (super::commitments::table(cx, &super::commitments::of(cx, code, &all), false))
            }
        }
    }
}

/// What is told of one kind.
fn told(cx: &Cx<'_>, code: StateCode, id: &str, title: &str, wanted: impl Fn(&Body) -> bool) -> Markup {
    let about = cx.context.base.statements_about(code).iter().map(|index| cx.context.statement(*index));
    let mut told: Vec<&Statement> =
        about.filter(|statement| wanted(&statement.body) && holds(cx, statement)).collect();
    told.sort_by_key(|statement| statement.date.newest_first());
    html! {
        @if !told.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                div.wide tabindex="0" role="group" aria-label=(title) {
                    table.data.stacked {
                        caption { (title) }
                        thead { tr { th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-source")) } } }
                        tbody { @for statement in told { tr {
                            td.num data-label=(cx.t("col-date")) { (cx.when(statement.date)) }
                            td data-label=(cx.t("col-what")) { (statement.body.summary()) @if !statement.note.is_empty() { p.note { (statement.note) } } }
                            td data-label=(cx.t("col-source")) { (provenance(cx, statement)) " " (report_error(cx, &statement.id)) }
                        } } }
                    }
                }
            }
        }
    }
}

pub(crate) fn holds(cx: &Cx<'_>, statement: &Statement) -> bool {
    let compiled: Date = cx.context.dataset.compiled;
    statement.holds_on(cx.as_of(), compiled)
}

/// What it has proven, and committed to prove.
fn proven(cx: &Cx<'_>, code: StateCode) -> Markup {
    let is_proof = |body: &Body| {
        matches!(
            body,
            Body::Proof(_)
                | Body::RegisterRoot(_)
                | Body::Disclosure(_)
                | Body::ParityResult { .. }
                | Body::Assessment(_)
        )
    };
    let any = cx.context.base.statements_about(code).iter().any(|index| {
        let statement = cx.context.statement(*index);
        is_proof(&statement.body) && holds(cx, statement)
    });
    html! {
        @if any { (told(cx, code, "state-proofs", &cx.t("state-proofs"), is_proof)) } @else {
            section aria-labelledby="state-proofs" { h2 #state-proofs { (cx.t("state-proofs")) } p.silence { (cx.t("state-proofs-none")) } }
        }
    }
}
