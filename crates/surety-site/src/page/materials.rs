//! Stocks of the world and of States over time, civil and military; holders; reductions.

use maud::{Markup, html};
use surety_core::{MassRange, StateCode};
use surety_material::Purpose;
use surety_statement::{Body, Statement};
use surety_world::{Figure, Holding, HoldingStatus, StockSummary, WorldSummary, stock_series, summarise};

use super::head;
use super::state::holds;
use crate::address::Address;
use crate::figure::{Whose, holders, ranges, series_slug, series_words};
use crate::parts::{downloads, embed, mass, provenance, report_error, state};
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("materials-title");
    let world = stock_series(&cx.context.base, cx.as_of(), None);
    let summary = summarise(&cx.context.base, &cx.context.world());
    let (military, civil): (Vec<_>, Vec<_>) = world.iter().partition(|one| one.key.purpose.is_military());
    let (unspecified, civil): (Vec<_>, Vec<_>) =
        civil.into_iter().partition(|one| one.key.purpose == Purpose::Unspecified);
    let main = html! {
        (head(&title, &lead(cx, &summary)))
        p.quiet { (cx.t("stocks-note")) }
        section aria-labelledby="holders" {
            h2 #holders { (cx.t("materials-holders")) }
            @if summary.holder_lists.is_empty() { p.silence { (no_list(cx)) } } @else {
            figure { (holders(cx)) p.downloads { span { (cx.t("download-label")) } (crate::parts::figure_downloads(cx, "holders")) } (embed(cx, "holders", &cx.t("chart-holders"), &Address::Materials)) }
            @if let Some((first, _)) = summary.holder_lists.first() { p.note { (cx.tf("materials-holders-since", [("date", first.to_string().into())])) } }
            details { summary { (cx.t("table-of-figure")) } div.wide tabindex="0" role="group" aria-label=(cx.t("chart-holders")) { table.data {
                caption { (cx.t("chart-holders")) }
                thead { tr { th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-holders")) } } }
                tbody { @for (day, count) in &summary.holder_lists { tr { td.num { (day) } td.num { (count) } } } }
            } } }
            }
            @if !summary.holders.is_empty() { (holder_table(cx)) }
        }
        @for (id, words, all) in [("civil", cx.t("materials-civil"), civil), ("military", cx.t("materials-military"), military), ("unspecified", cx.t("materials-unspecified"), unspecified)] {
            @if !all.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { (words) }
                    @for one in all { (series(cx, None, one, &format!("stock/world/{}", series_slug(&one.key)))) }
                }
            }
        }
        (downloads(cx, "stocks", None))
        (reductions(cx))
    };
    (title, main)
}

/// How many hold material; before any list was read nobody knows, and a nought would say otherwise.
fn lead(cx: &Cx<'_>, summary: &WorldSummary<'_>) -> String {
    if summary.holder_lists.is_empty() && summary.holders.is_empty() {
        return no_list(cx);
    }
    let (holders, military) = (summary.holders.len().to_string(), summary.military_holders.len().to_string());
    cx.tf("materials-lead", [("holders", holders.into()), ("military", military.into())])
}

/// That no list of holders was read, or from when on.
fn no_list(cx: &Cx<'_>) -> String {
    let base = &cx.context.base;
    let known = base.world(cx.context.dataset.compiled);
    match summarise(base, &known).holder_lists.first() {
        Some((first, _)) => cx.tf("materials-no-list-before", [("date", first.to_string().into())]),
        None => cx.t("materials-no-list"),
    }
}

/// Who holds 1 kg or more, and what the newest figures say.
fn holder_table(cx: &Cx<'_>) -> Markup {
    let of = |code: StateCode| Holding::of(&cx.context.base, code, cx.as_of());
    let all = cx.context.dataset.states.iter().filter(|state| cx.context.base.asks(state.code, cx.as_of()));
    let holders =
        all.map(|state| (state.code, of(state.code))).filter(|(_, one)| one.status == HoldingStatus::Holder);
    let holders = cx.by_name(holders.collect(), |(code, _)| *code);
    html! {
        div.wide.tall tabindex="0" role="group" aria-label=(cx.t("materials-holders")) { table.data.stacked data-sortable data-filter=(cx.t("filter-states")) {
            caption { (cx.t("materials-holders-caption")) }
            thead { tr { th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-military")) } th scope="col" { (cx.t("col-figures")) } th scope="col" { (cx.t("col-source")) } } }
            tbody { @for (code, holding) in holders {
                @let series = stock_series(&cx.context.base, cx.as_of(), Some(code));
                @let held = series.iter().filter(|one| one.key.measure == "held");
                @let latest: Vec<(&StockSummary<'_>, &Figure<'_>)> = held.filter_map(|one| Some((one, one.figures.last()?))).collect();
                tr {
                    th scope="row" { (state(cx, code)) }
                    td data-label=(cx.t("col-military")) { @match holding.military { Some(true) => (cx.t("yes")), Some(false) => (cx.t("none-known")), None => (cx.t("unknown")) } }
                    td data-label=(cx.t("col-figures")) data-order=(largest_kg(&latest)) { ul.plain { @for (one, last) in latest { li { (one.key.material) " " (one.key.purpose) ": " (mass(last.mass)) " (" (last.year) ")" } } } }
                    td data-label=(cx.t("col-source")) { @for index in holding.statements.iter().take(1) { (provenance(cx, cx.context.statement(*index))) } }
                }
            } }
        } }
    }
}

/// What sorts a list of figures: the largest, in kilograms, by its best figure or else its upper end.
fn largest_kg(latest: &[(&StockSummary<'_>, &Figure<'_>)]) -> f64 {
    let kg = |mass: MassRange| {
        mass.best_kg().unwrap_or(if mass.max_kg().is_finite() { mass.max_kg() } else { mass.min_kg() })
    };
    latest.iter().map(|(_, figure)| kg(figure.mass)).fold(0.0, f64::max)
}

/// A series as a figure, with its table.
pub(super) fn series(cx: &Cx<'_>, whose: Whose, one: &StockSummary<'_>, figure: &str) -> Markup {
    let words = series_words(cx, &one.key);
    html! {
        article.series {
            h3 { (words) }
            p.quiet { (cx.tf("trend", [("trend", one.trend_with_years().into())])) }
            @if one.figures.len() > 1 { figure { (ranges(cx, whose, one)) p.downloads { span { (cx.t("download-label")) } (crate::parts::figure_downloads(cx, figure)) } } }
            @let open = one.figures.len() < 2;
            details open[open] { summary { (cx.t("table-of-figure")) } div.wide tabindex="0" role="group" aria-label=(words) { table.data.stacked {
                caption { (words) }
                thead { tr { th scope="col" { (cx.t("col-year")) } th scope="col" { (cx.t("col-figure")) } th scope="col" { (cx.t("col-source")) } } }
                tbody { @for figure in &one.figures {
                    @let statement = cx.context.statement(figure.statement);
                    tr { td.num data-label=(cx.t("col-year")) { (figure.year) } td.num data-label=(cx.t("col-figure")) { (mass(figure.mass)) } td data-label=(cx.t("col-source")) { (provenance(cx, statement)) " " (report_error(cx, &statement.id)) @if !statement.note.is_empty() { p.note { (statement.note) } } } }
                } }
            } } }
        }
    }
}

/// Steps of programmes that reduce material.
fn reductions(cx: &Cx<'_>) -> Markup {
    let is_step =
        |one: &&Statement| matches!(one.body, Body::Programme(_) | Body::Cleared { .. }) && holds(cx, one);
    let mut steps: Vec<&Statement> = cx.context.dataset.statements.iter().filter(is_step).collect();
    steps.sort_by_key(|one| one.date.newest_first());
    html! {
        section aria-labelledby="reductions" {
            h2 #reductions { (cx.t("materials-reductions")) }
            div.wide.tall tabindex="0" role="group" aria-label=(cx.t("materials-reductions")) { table.data.stacked data-sortable data-filter=(cx.t("filter-rows")) {
                caption { (cx.t("materials-reductions")) }
                thead { tr { th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-source")) } } }
                tbody { @for one in steps { tr {
                    td.num data-label=(cx.t("col-date")) { (cx.when(one.date)) }
                    th scope="row" { @if let Some(code) = one.subject { (state(cx, code)) } @else { (cx.t("the-world")) } }
                    td data-label=(cx.t("col-what")) { (one.body.summary()) }
                    td data-label=(cx.t("col-source")) { (provenance(cx, one)) " " (report_error(cx, &one.id)) }
                } } }
            } }
            (downloads(cx, "reductions", None))
        }
    }
}
