//! One instrument: status, parties over time, who is missing, article by article; and pairs of States.

use maud::{Markup, html};
use surety_core::StateCode;
use surety_law::{
    BindingText, Duty, EntryRule, Instrument, InstrumentKind, InstrumentStatus, StateStatus, applicable,
    binding_between,
};
use surety_statement::Coverage;

use super::head;
use crate::address::{Address, instrument_slug};
use crate::figure::{counts, parties, undated};
use crate::parts::{downloads, embed, provenance, report_error, state, states};
use crate::problem::Problem;
use crate::site::Cx;

pub(super) fn list(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("treaties-title");
    let main = html! {
        (head(&title, &cx.t("treaties-lead")))
        @for kind in [InstrumentKind::Treaty, InstrumentKind::Pledge] {
            section {
                h2 { @if kind == InstrumentKind::Treaty { (cx.t("treaties-treaties")) } @else { (cx.t("treaties-pledges")) } }
                ul.plain.cards {
                    @for instrument in Instrument::ALL.into_iter().filter(|instrument| instrument.kind() == kind) {
                        li {
                            h3 { a href=(cx.to(&Address::Treaty(instrument))) { (instrument) } }
                            p { (instrument.title()) }
                            p.quiet { (standing(cx, &cx.context.base.ledger().status(instrument, cx.as_of()))) }
                            @if let Some(read) = cx.context.base.coverage(instrument.as_str()).and_then(Coverage::share_read) { p.quiet { (read) } }
                        }
                    }
                }
            }
        }
        (pair_form(cx, Instrument::Cppnm))
    };
    (title, main)
}

/// In force or not, and how many parties, in one sentence.
pub(super) fn standing(cx: &Cx<'_>, status: &InstrumentStatus) -> String {
    let parties = status.counts.parties.to_string();
    if status.instrument.kind() == InstrumentKind::Pledge {
        return cx.tf("standing-pledge", [("count", parties.into())]);
    }
    let needed = status.deposits_needed.unwrap_or(0);
    match (status.in_force_since, status.enters_into_force_on) {
        (Some(since), _) => {
            cx.tf("standing-in-force", [("date", since.to_string().into()), ("count", parties.into())])
        }
        (None, Some(day)) => {
            cx.tf("standing-will-be", [("date", day.to_string().into()), ("count", parties.into())])
        }
        (None, None) if status.instrument.entry_rule() == EntryRule::NotComputed => {
            cx.tf("standing-not-computed", [("count", parties.into())])
        }
        (None, None) if status.instrument.opened().is_some_and(|opened| cx.as_of() < opened) => {
            cx.t("standing-not-open")
        }
        (None, None) => {
            cx.tf("standing-not-in-force", [("count", parties.into()), ("needed", needed.to_string().into())])
        }
    }
}

pub(super) fn page(cx: &Cx<'_>, instrument: Instrument) -> (String, Markup) {
    let ledger = cx.context.base.ledger();
    let status = ledger.status(instrument, cx.as_of());
    let missing: Vec<StateCode> = cx
        .context
        .dataset
        .states
        .iter()
        .map(|state| state.code)
        .filter(|code| cx.context.base.asks(*code, cx.as_of()))
        .filter(|code| ledger.state_status(instrument, *code, cx.as_of()).period().is_none())
        .collect();
    // Before it was opened for signature nobody could be missing.
    let is_open = instrument.opened().is_none_or(|opened| opened <= cx.as_of());
    let list = cx.context.base.coverage(instrument.as_str());
    let complete = list.is_some_and(|list| list.complete_to.is_some());
    let title = format!("{instrument}: {}", instrument.title());
    let main = html! {
        (head(&title, &standing(cx, &status)))
        @if let Some(depositary) = instrument.depositary() { p.quiet { (cx.tf("treaty-depositary", [("who", depositary.into())])) } }
        @if let Some(list) = list { p.quiet { (super::method::completeness(cx, list)) } }
        @if is_open { (over_time(cx, instrument, &title)) (missing_states(cx, &status, &missing, complete)) (party_table(cx, &status)) }
        (duties(cx, instrument))
    };
    (title, main)
}

/// How many parties there were on each day, as a figure and a table.
fn over_time(cx: &Cx<'_>, instrument: Instrument, title: &str) -> Markup {
    let counts = counts(cx, instrument);
    let figure = format!("treaty/{}", instrument_slug(instrument));
    html! {
        section aria-labelledby="over-time" {
            h2 #over-time { (cx.t("treaty-over-time")) }
            @if counts.is_empty() { p.silence { (cx.t("chart-nothing")) } p.quiet { (rule_words(cx, instrument)) } } @else {
            figure { (parties(cx, instrument)) figcaption.quiet { (rule_words(cx, instrument)) } p.downloads { span { (cx.t("download-label")) } (crate::parts::figure_downloads(cx, &figure)) } (embed(cx, &figure, title, &Address::Treaty(instrument))) }
            details { summary { (cx.t("table-of-figure")) }
                div.wide.tall tabindex="0" role="group" aria-label=(cx.t("treaty-over-time")) { table.data {
                    caption { (cx.t("treaty-over-time")) }
                    thead { tr { th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-parties")) } th scope="col" { (cx.t("col-needed")) } } }
                    tbody { @for (day, parties, needed) in counts { tr { td.num { (day) } td.num { (parties) } td.num { @if let Some(needed) = needed { (needed) } } } }
                        @let undated = undated(cx, instrument);
                        @if undated > 0 { tr { td.num { (cx.t("unknown")) } td.num { "+ " (undated) } td.num {} } }
                    }
                } }
            }
            }
        }
    }
}

/// Who is not party, or not known to be.
fn missing_states(cx: &Cx<'_>, status: &InstrumentStatus, missing: &[StateCode], complete: bool) -> Markup {
    html! {
        section aria-labelledby="missing" {
            h2 #missing { @if complete { (cx.tf("treaty-missing", [("count", missing.len().to_string().into())])) } @else { (cx.tf("treaty-not-known", [("count", missing.len().to_string().into())])) } }
            @if !complete { p.silence { (cx.t("treaty-not-known-note")) } }
            p { (states(cx, missing)) }
            @if !status.signatories_not_party.is_empty() {
                h3 { (cx.t("treaty-signed-only")) }
                p { (states(cx, &status.signatories_not_party)) }
            }
        }
    }
}

/// The parties, with the deposit that each rests on.
fn party_table(cx: &Cx<'_>, status: &InstrumentStatus) -> Markup {
    let (ledger, instrument) = (cx.context.base.ledger(), status.instrument);
    html! {
        section aria-labelledby="parties" {
            h2 #parties { (cx.tf("treaty-parties", [("count", status.counts.parties.to_string().into())])) }
            div.wide.tall tabindex="0" role="group" aria-label=(cx.t("col-parties")) {
                table.data.stacked data-sortable data-filter=(cx.t("filter-states")) {
                    caption { (cx.t("treaty-parties-caption")) }
                    thead { tr { th scope="col" { (cx.t("col-party")) } th scope="col" { (cx.t("col-how")) } th scope="col" { (cx.t("col-deposited")) } th scope="col" { (cx.t("col-bound")) } th scope="col" { (cx.t("col-source")) } } }
                    tbody { @for party in cx.by_name(status.parties.iter().collect(), |party| party.state) {
                        @let period = ledger.state_status(instrument, party.state, cx.as_of()).period().copied();
                        tr {
                            th scope="row" { (state(cx, party.state)) }
                            td data-label=(cx.t("col-how")) { (party.action) }
                            td.num data-label=(cx.t("col-deposited")) { (party.deposited) }
                            td.num data-label=(cx.t("col-bound")) { @if let Some(since) = party.bound_since { (since) } }
                            td data-label=(cx.t("col-source")) { @if let Some(period) = period { (provenance(cx, cx.context.statement(period.reference))) " " (report_error(cx, &cx.context.statement(period.reference).id)) } }
                        }
                    } }
                }
            }
            (downloads(cx, &format!("treaties/{}", instrument_slug(instrument)), None))
        }
    }
}

fn rule_words(cx: &Cx<'_>, instrument: Instrument) -> String {
    match instrument.entry_rule() {
        EntryRule::NthDeposit { n, .. } => cx.tf("rule-nth", [("n", n.to_string().into())]),
        EntryRule::TwoThirdsOfParties { convention } => {
            cx.tf("rule-two-thirds", [("convention", convention.as_str().into())])
        }
        EntryRule::NotComputed => cx.t("rule-none"),
    }
}

/// Article by article, with how many States are known to carry each out.
fn duties(cx: &Cx<'_>, instrument: Instrument) -> Markup {
    let duties: Vec<&Duty> =
        cx.context.dataset.duties.iter().filter(|duty| duty.instrument == instrument).collect();
    html! {
        @if !duties.is_empty() {
            section aria-labelledby="duties" {
                h2 #duties { (cx.t("treaty-articles")) }
                p.quiet { (cx.t("treaty-articles-note")) }
                (duty_table(cx, &duties))
                (downloads(cx, &format!("treaties/{}/duties", instrument_slug(instrument)), None))
            }
            (pair_form(cx, instrument))
        }
    }
}

fn duty_table(cx: &Cx<'_>, duties: &[&Duty]) -> Markup {
    html! {
        div.wide tabindex="0" role="group" aria-label=(cx.t("treaty-articles")) {
            table.data.stacked data-filter=(cx.t("filter-articles")) {
                caption { (cx.t("treaty-articles")) }
                thead { tr { th scope="col" { (cx.t("col-article")) } th scope="col" { (cx.t("col-nature")) } th scope="col" { (cx.t("col-whom")) } th scope="col" { (cx.t("col-what")) } } }
                tbody { @for duty in duties { tr {
                    th scope="row" { (duty.citation()) }
                    td data-label=(cx.t("col-nature")) { (duty.nature) ", " (duty.kind) }
                    td data-label=(cx.t("col-whom")) { (duty.addressee) }
                    td data-label=(cx.t("col-what")) { (duty.text) @if duty.replaced_by_amendment { p.note { (cx.t("duty-replaced")) } } }
                } } }
            }
        }
    }
}

/// Two States to choose.
fn pair_form(cx: &Cx<'_>, instrument: Instrument) -> Markup {
    let chosen = [cx.query.get("a").unwrap_or_default(), cx.query.get("b").unwrap_or_default()];
    let texts = [Instrument::Cppnm, Instrument::Icsant];
    html! {
        @if cx.is_served() {
            section aria-labelledby="pair" {
                h2 #pair { (cx.t("pair-choose")) }
                form.inline action="/pair" method="get" {
                    @if let Some(day) = cx.asked { input type="hidden" name="as_of" value=(day); }
                    label { (cx.t("pair-text")) " " select name="text" { @for text in texts { option value=(instrument_slug(text)) selected[text == instrument] { (text) } } } }
                    @for (name, value) in ["a", "b"].into_iter().zip(chosen) {
                        label { (cx.t("col-state")) " " (state_choice(cx, name, value)) }
                    }
                    button type="submit" { (cx.t("pair-button")) }
                }
            }
        }
    }
}

/// A State to choose.
pub(super) fn state_choice(cx: &Cx<'_>, name: &str, chosen: &str) -> Markup {
    let states = cx.context.dataset.states.iter();
    let asked = states.filter(|one| cx.context.base.asks(one.code, cx.as_of())).collect();
    html! {
        select name=(name) {
            option value="" { "–" }
            @for one in cx.by_name(asked, |one| one.code) {
                option value=(one.code) selected[one.code.as_str() == chosen] { (one.name) }
            }
        }
    }
}

/// Which text, and which duties, bind two States towards each other.
pub(super) fn pair(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("pair-title");
    let slug = cx.query.get("text").unwrap_or("CPPNM");
    let instrument = crate::address::instrument_of(slug)
        .filter(|instrument| Instrument::SECURITY_TREATIES.contains(instrument))
        .ok_or_else(|| {
            Problem::bad_request(format!("`text={slug}` has no articles here: use CPPNM or ICSANT"))
        })?;
    let named = [cx.query.get("a"), cx.query.get("b")];
    let pair = match named {
        [Some(a), Some(b)] => Some([cx.context.dataset.states.find(a)?, cx.context.dataset.states.find(b)?]),
        _ => None,
    };
    let main = html! {
        (head(&title, &cx.t("pair-lead")))
        (pair_form(cx, instrument))
        @if let Some([a, b]) = pair {
            @if a.code == b.code { p.notice { (cx.t("pair-same")) } } @else { (bound(cx, instrument, [a.code, b.code])) }
        }
    };
    Ok((title, main))
}

fn bound(cx: &Cx<'_>, instrument: Instrument, pair: [StateCode; 2]) -> Markup {
    let ledger = cx.context.base.ledger();
    let family: &[BindingText] = if instrument == Instrument::Icsant {
        &[BindingText::Icsant]
    } else {
        &[BindingText::CppnmAmended, BindingText::Cppnm1980]
    };
    let text =
        binding_between(ledger, pair[0], pair[1], cx.as_of()).into_iter().find(|text| family.contains(text));
    let instruments: &[Instrument] = if instrument == Instrument::Icsant {
        &[Instrument::Icsant]
    } else {
        &[Instrument::Cppnm, Instrument::CppnmAmendment]
    };
    let is_bound =
        |instrument, code| matches!(ledger.state_status(instrument, code, cx.as_of()), StateStatus::Bound(_));
    html! {
        section aria-labelledby="bound" {
            h2 #bound { (cx.name(pair[0])) " – " (cx.name(pair[1])) }
            ul.plain { @for code in pair { li {
                (state(cx, code)) ": "
                @for (number, instrument) in instruments.iter().enumerate() {
                    @if number > 0 { "; " }
                    (instrument) " " (super::state::status_words(cx, *instrument, ledger.state_status(*instrument, code, cx.as_of())))
                }
            } } }
            @match text {
                Some(text) => {
                    p.lead { (cx.tf("pair-binds", [("text", text.as_str().into())])) }
                    @if text == BindingText::Cppnm1980 && pair.iter().any(|code| is_bound(Instrument::CppnmAmendment, *code)) { p { (cx.t("pair-1980")) } }
                    (duty_table(cx, &applicable(&cx.context.dataset.duties, text).collect::<Vec<_>>()))
                },
                None => p.lead { (cx.tf("pair-none", [("instrument", instrument.as_str().into())])) },
            }
        }
    }
}
