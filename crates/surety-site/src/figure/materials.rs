//! Stocks over time with their ranges, and holders over time.

use maud::{Markup, html};
use surety_core::StateCode;
use surety_material::SeriesKey;
use surety_world::{Figure, StockSummary, stock_series, summarise};

use super::chart::{Frame, HEIGHT, WIDTH, nothing, number, px, year_of};
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

/// What a series counts, in words: with basis and compiler, which no two series share.
pub(crate) fn words(cx: &Cx<'_>, key: &SeriesKey) -> String {
    let compiler = cx.tf("compiled-by", [("who", key.compiler.as_str().into())]);
    format!("{} {}, {} ({}; {compiler})", key.material, key.purpose, key.measure, key.basis)
}

/// The words of a series and whose it is.
fn title(cx: &Cx<'_>, whose: Whose, key: &SeriesKey) -> String {
    let whose = whose.map_or_else(|| cx.t("the-world"), |code| cx.name(code));
    format!("{whose}: {}", words(cx, key))
}

/// The series with this name: what it shows, and the figure.
pub(crate) fn stock(cx: &Cx<'_>, whose: Whose, series: &str) -> Option<(String, Markup)> {
    let all = stock_series(&cx.context.base, cx.as_of(), whose);
    let found = all.iter().find(|one| slug(&one.key) == series)?;
    Some((title(cx, whose, &found.key), ranges(cx, whose, found)))
}

/// Neighbours in time. Figures of one year are told beside each other, and no line chooses between them.
fn neighbours<'f, 's>(figures: &'f [Figure<'s>]) -> Vec<[&'f Figure<'s>; 2]> {
    let is_alone = |one: &Figure<'_>| figures.iter().filter(|other| other.year == one.year).count() == 1;
    let pairs = figures.windows(2).map(|pair| [&pair[0], &pair[1]]);
    pairs.filter(|pair| pair.iter().all(|one| is_alone(one))).collect()
}

/// Every figure as a point in its range, and between figures of following years a line and a band. Over years without a
/// figure the line is dashed. Ranges without an upper end are open.
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
    let top = |figure: &Figure<'_>| {
        let max = figure.mass.max_kg();
        frame.y(if max.is_finite() { scale(max) } else { f64::MAX })
    };
    let x = |figure: &Figure<'_>| px(frame.x(f64::from(figure.year)));
    let foot = |figure: &Figure<'_>| px(frame.y(scale(figure.mass.min_kg())));
    let band = |[from, to]: [&Figure<'_>; 2]| {
        let (from_x, to_x) = (x(from), x(to));
        let (from_y, to_y) = (px(top(from)), px(top(to)));
        format!("M{from_x} {from_y}L{to_x} {to_y}L{to_x} {}L{from_x} {}Z", foot(to), foot(from))
    };
    let line = |pair: [&Figure<'_>; 2]| {
        let [from, to] = pair.map(|one| Some(px(frame.y(scale(one.mass.best_kg()?)))));
        Some(format!("M{} {}L{} {}", x(pair[0]), from?, x(pair[1]), to?))
    };
    let pairs = neighbours(figures);
    let title = title(cx, whose, &series.key);
    let unit = if in_tonnes { cx.t("unit-tonnes") } else { cx.t("unit-kilograms") };
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(title) font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            (frame.axes(&unit))
            @for pair in pairs {
                @let follows = pair[1].year - pair[0].year == 1;
                @if follows { path.band d=(band(pair)) fill="#2a6f97" fill-opacity="0.16" {} }
                @if let Some(line) = line(pair) { path.line d=(line) fill="none" stroke="#2a6f97" stroke-width="1.6" stroke-dasharray=[(!follows).then_some("3 4")] {} }
            }
            @for figure in figures {
                @let x = x(figure);
                line.range x1=(x) x2=(x) y1=(px(top(figure))) y2=(foot(figure)) stroke="#2a6f97" stroke-width="1.5" {}
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
    let frame = Frame::counts(first, year_of(cx.as_of()), highest);
    let title = cx.t("chart-holders");
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(title) font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            @if points.is_empty() { (nothing(cx)) } @else {
                (frame.axes(&cx.t("chart-holders-unit")))
                path.line d=(frame.steps(&points)) fill="none" stroke="#2a6f97" stroke-width="2.2" {}
            }
            @for (year, holders) in &points {
                circle.point cx=(px(frame.x(*year))) cy=(px(frame.y(*holders))) r="3" fill="#2a6f97" {}
                text.line-words x=(px(frame.x(*year) + 5.0)) y=(px(frame.y(*holders) - 7.0)) font-size="12" fill="#2a6f97" { (number(*holders)) }
            }
        }
    }
}
