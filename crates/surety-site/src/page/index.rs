//! The charter as an index: bands and rank intervals, own weights, peers. No bare ranking.

use std::num::NonZeroUsize;

use maud::{Markup, html};
use surety_core::Aim;
use surety_view::View as _;
use surety_view::index::{Input, Sampling, Subject};
use surety_view::view::index::{Drivers, Spread, UnitSpread};
use surety_world::ActionId;

use super::{head, named};
use crate::address::Address;
use crate::parts::{downloads, ltr, plain, sheet, state};
use crate::problem::Problem;
use crate::site::Cx;

/// Draws for a page: enough for intervals in whole points, few enough to be made while one waits.
const DRAWS: u64 = 500;

/// What the query asks for: weights as `weights=legal=2,L3=0.5` or as one value each, and peers.
fn input(cx: &Cx<'_>) -> Result<Input, Problem> {
    let mut weights = Vec::new();
    for entry in named(cx.query, "weights") {
        let (code, weight) = entry.split_once('=').ok_or_else(|| {
            Problem::bad_request(format!("`weights={entry}` is not CODE=WEIGHT, such as legal=2"))
        })?;
        weights.push((code.to_owned(), number(code, weight)?));
    }
    let codes = Aim::ALL.iter().map(|aim| aim.as_str()).chain(ActionId::ALL.iter().map(|id| id.as_str()));
    for code in codes {
        if let Some(weight) = cx.query.get(&format!("w-{code}")).filter(|weight| *weight != "1") {
            weights.push((code.to_owned(), number(code, weight)?));
        }
    }
    Ok(Input { weights, peers: named(cx.query, "peers"), ..Input::default() })
}

fn number(code: &str, text: &str) -> Result<f64, Problem> {
    text.trim().parse::<f64>().ok().filter(|weight| (0.0..=1000.0).contains(weight)).ok_or_else(|| {
        Problem::bad_request(format!("the weight of `{code}`, `{text}`, is not a number from 0 to 1000"))
    })
}

/// What the query asks to be scored.
pub(crate) fn subject(cx: &Cx<'_>) -> Result<Subject, Problem> {
    Ok(Subject::new(&cx.context, &input(cx)?)?)
}

/// The draws that the query asks for.
pub(crate) fn spread(cx: &Cx<'_>) -> Result<Spread, Problem> {
    drawn(cx, &subject(cx)?)
}

fn drawn(cx: &Cx<'_>, subject: &Subject) -> Result<Spread, Problem> {
    let sampling = Sampling { seed: 1, threads: NonZeroUsize::MIN };
    Ok(Spread::new(&cx.context, subject, DRAWS, sampling, &|_| {})?)
}

pub(super) fn page(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("index-title");
    let subject = subject(cx)?;
    let mut spread = drawn(cx, &subject)?;
    spread.units.sort_by_cached_key(|unit| plain(&unit.name));
    let mut drivers = Drivers::new(&cx.context, &subject)?.sheet();
    drivers.rows.iter_mut().flatten().for_each(|cell| *cell = shortened(cell));
    let headings: Vec<String> = drivers.header.iter().map(|word| word.replace('_', " ")).collect();
    let main = html! {
        (head(&title, &cx.t("index-lead")))
        p.notice { (cx.t("index-caution")) }
        (form(cx))
        section aria-labelledby="scores" {
            h2 #scores { (cx.tf("index-scores", [("count", spread.ranked.to_string().into())])) }
            div.wide.tall tabindex="0" role="group" aria-label=(cx.t("index-title")) { table.data data-filter=(cx.t("filter-states")) {
                caption { (cx.t("index-caption")) }
                thead { tr { th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("index-possible")) } th scope="col" { (cx.t("index-likely")) } th scope="col" { (cx.t("index-rank")) } th scope="col" { (cx.t("index-silent")) } } }
                tbody { @for unit in &spread.units { (row(cx, unit, spread.ranked)) } }
            } }
            p.quiet { (cx.tf("index-draws", [("draws", spread.draws.to_string().into()), ("factors", spread.factors.join(", ").into())])) }
            (downloads(cx, "index", None))
        }
        (pairs(cx, &spread))
        section aria-labelledby="drivers" {
            h2 #drivers { (cx.t("index-drivers")) }
            p { (cx.t("index-drivers-note")) }
            (sheet(&cx.t("index-drivers"), &drivers, &headings))
        }
        p { a href=(cx.to(&Address::Method)) { (cx.t("nav-method")) } }
    };
    Ok((title, main))
}

/// A number with three digits after the point at most; other words as they are.
fn shortened(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') => format!("{}", (number * 1_000.0).round() / 1_000.0),
        _ => cell.to_owned(),
    }
}

fn row(cx: &Cx<'_>, unit: &UnitSpread, ranked: usize) -> Markup {
    let whole = |range: (f64, f64)| {
        let (low, high) = outwards(range);
        format!("{low:.0}–{high:.0}")
    };
    html! {
        tr {
            th scope="row" { @if let Ok(code) = unit.unit.parse() { (state(cx, code)) } @else { (unit.name) } }
            td { @if let Some(range) = unit.possible { (interval(range, unit.likely)) " " span.num { (ltr(whole(range))) } } }
            td.num { @if let Some(range) = unit.likely { (ltr(whole(range))) } }
            td.num { @if let Some((best, worst)) = unit.rank_likely { (ltr(format!("{best}–{worst} / {ranked}"))) } }
            td.num { @if let (Some(silent), Some(asked)) = (unit.silent, unit.asked) { (ltr(format!("{silent} / {asked}"))) } }
        }
    }
}

/// An interval in whole points, never narrower than it is.
pub(crate) fn outwards((low, high): (f64, f64)) -> (f64, f64) {
    ((low + 1e-9).floor(), (high - 1e-9).ceil())
}

/// Possible and likely scores as two bars on one scale from 0 to 100. The numbers beside it say the same.
fn interval(possible: (f64, f64), likely: Option<(f64, f64)>) -> Markup {
    html! {
        svg.interval viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.possible x=(format!("{:.1}", possible.0)) y="3" width=(format!("{:.1}", (possible.1 - possible.0).max(0.5))) height="4" fill="#b4d2e4" {}
            @if let Some((low, high)) = likely { rect.likely x=(format!("{low:.1}")) y="1" width=(format!("{:.1}", (high - low).max(0.8))) height="8" fill="#2a6f97" {} }
        }
    }
}

/// Weights of one's own, and peers.
fn form(cx: &Cx<'_>) -> Markup {
    html! {
        @if cx.is_served() {
            form.inline action="/index" method="get" {
                @if let Some(day) = cx.asked { input type="hidden" name="as_of" value=(day); }
                @for aim in Aim::ALL {
                    @let name = format!("w-{}", aim.as_str());
                    label { (aim.title()) " " input type="number" name=(name) min="0" max="10" step="0.5" value=(cx.query.get(&name).unwrap_or("1")); }
                }
                label { (cx.t("index-peers")) " " input type="text" name="peers" value=(cx.query.get("peers").unwrap_or_default()) placeholder="JPN, KEN, BRA" maxlength="200"; }
                button type="submit" { (cx.t("index-button")) }
                @if cx.query.pairs().any(|(name, _)| name != "as_of") { a href=(cx.to(&Address::Index)) { (cx.t("index-reset")) } }
            }
        }
    }
}

/// How likely each of the peers is above each other.
fn pairs(cx: &Cx<'_>, spread: &Spread) -> Markup {
    let has_pairs = spread.units.iter().any(|unit| unit.above.is_some());
    html! {
        @if has_pairs {
            section aria-labelledby="pairs" {
                h2 #pairs { (cx.t("index-pairs")) }
                div.wide tabindex="0" role="group" aria-label=(cx.t("index-pairs")) { table.data {
                    caption { (cx.t("index-pairs")) }
                    thead { tr { th scope="col" { (cx.t("col-state")) } @for unit in &spread.units { th scope="col" { (unit.unit) } } } }
                    tbody { @for unit in &spread.units { tr {
                        th scope="row" { (unit.name) }
                        @for other in &spread.units {
                            td.num { @if let Some(share) = unit.above.as_ref().and_then(|above| above.get(&other.unit)) { (format!("{:.0} %", share * 100.0)) } }
                        }
                    } } }
                } }
            }
        }
    }
}
