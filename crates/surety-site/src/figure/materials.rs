//! Stocks over time with their ranges, and holders over time.

use maud::{Markup, html};
use surety_core::StateCode;
use surety_material::SeriesKey;
use surety_world::{StockSummary, stock_series, summarise};

use super::chart::{Frame, HEIGHT, WIDTH, number, px, year_of};
use crate::site::Cx;

/// A holder, or the world.
pub(crate) type Whose = Option<StateCode>;

/// The name of a series in addresses.
pub(crate) fn slug(key: &SeriesKey) -> String {
    let words = format!("{} {} {} {} {}", key.material, key.purpose, key.measure, key.basis, key.compiler);
    let mut slug = String::new();
    for letter in words.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

/// What a series counts, in words.
pub(crate) fn words(key: &SeriesKey) -> String {
    format!("{} {}, {}", key.material, key.purpose, key.measure)
}

/// The series with this name.
pub(crate) fn stock(cx: &Cx<'_>, whose: Whose, series: &str) -> Option<Markup> {
    let all = stock_series(&cx.context.base, cx.as_of(), whose);
    all.iter().find(|one| slug(&one.key) == series).map(|one| ranges(cx, whose, one))
}

/// Every figure as a point in its range, and the band between them. Ranges without an upper end are open.
pub(crate) fn ranges(cx: &Cx<'_>, whose: Whose, series: &StockSummary<'_>) -> Markup {
    let tonnes = |kg: f64| kg / 1000.0;
    let figures = &series.figures;
    let highest = figures.iter().map(|figure| {
        let max = figure.mass.max_kg();
        let best = figure.mass.best_kg().unwrap_or(figure.mass.min_kg());
        if max.is_finite() { max } else { best }
    });
    let highest = highest.fold(0.0, f64::max);
    // Small stocks are told in kilograms.
    let in_tonnes = highest >= 2_000.0;
    let scale = |kg: f64| if in_tonnes { tonnes(kg) } else { kg };
    let first = figures.first().map_or(2000, |figure| figure.year);
    let last = figures.last().map_or(2001, |figure| figure.year);
    let frame = Frame::new(f64::from(first) - 0.5, f64::from(last) + 0.5, scale(highest));
    let top = |figure: &surety_material::Stock| {
        let max = figure.mass.max_kg();
        frame.y(if max.is_finite() { scale(max) } else { f64::MAX })
    };
    let upper =
        figures.iter().map(|figure| format!("{} {}", px(frame.x(f64::from(figure.year))), px(top(figure))));
    let lower = figures.iter().rev().map(|figure| {
        format!("{} {}", px(frame.x(f64::from(figure.year))), px(frame.y(scale(figure.mass.min_kg()))))
    });
    let band: Vec<String> = upper.chain(lower).collect();
    let line: Vec<String> = figures
        .iter()
        .filter_map(|figure| {
            Some(format!(
                "{} {}",
                px(frame.x(f64::from(figure.year))),
                px(frame.y(scale(figure.mass.best_kg()?)))
            ))
        })
        .collect();
    let whose = whose.map_or_else(|| cx.t("the-world"), |code| cx.name(code));
    let title = format!("{whose}: {}", words(&series.key));
    let unit = if in_tonnes { cx.t("unit-tonnes") } else { cx.t("unit-kilograms") };
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(title) font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            (frame.axes(&unit))
            @if figures.len() > 1 { path.band d={"M" (band.join("L")) "Z"} fill="#2a6f97" fill-opacity="0.16" {} }
            @if line.len() > 1 { path.line d={"M" (line.join("L"))} fill="none" stroke="#2a6f97" stroke-width="1.6" {} }
            @for figure in figures {
                @let x = px(frame.x(f64::from(figure.year)));
                line.range x1=(x) x2=(x) y1=(px(top(figure))) y2=(px(frame.y(scale(figure.mass.min_kg())))) stroke="#2a6f97" stroke-width="1.5" {}
                @if let Some(best) = figure.mass.best_kg() {
                    circle.point cx=(x) cy=(px(frame.y(scale(best)))) r="3" fill="#2a6f97" { title { (figure.year) ": " (figure.mass) } }
                }
            }
        }
    }
}

/// How many States each complete list of holders named.
pub(crate) fn holders(cx: &Cx<'_>) -> Markup {
    let lists = summarise(&cx.context.base, &cx.context.world()).holder_lists;
    let count = |holders: usize| f64::from(u32::try_from(holders).unwrap_or(u32::MAX));
    let points: Vec<(f64, f64)> =
        lists.iter().map(|(day, holders)| (year_of(*day), count(*holders))).collect();
    let first = points.first().map_or(1990.0, |(year, _)| year.floor());
    let highest = points.iter().map(|(_, holders)| *holders).fold(0.0, f64::max);
    let frame = Frame::new(first, year_of(cx.as_of()), highest);
    let title = cx.t("chart-holders");
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(title) font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            (frame.axes(&cx.t("chart-holders-unit")))
            @if !points.is_empty() { path.line d=(frame.steps(&points)) fill="none" stroke="#2a6f97" stroke-width="2.2" {} }
            @for (year, holders) in &points {
                circle.point cx=(px(frame.x(*year))) cy=(px(frame.y(*holders))) r="3" fill="#2a6f97" {}
                text.line-words x=(px(frame.x(*year) + 5.0)) y=(px(frame.y(*holders) - 7.0)) font-size="12" fill="#2a6f97" { (number(*holders)) }
            }
        }
    }
}
