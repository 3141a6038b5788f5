//! Parties over time, with what it takes to enter into force.

use maud::{Markup, html};
use surety_core::{Date, PartialDate};
use surety_law::{EntryRule, Instrument};

use super::chart::{Frame, HEIGHT, WIDTH, nothing, px, year_of};
use crate::address::FIRST_DAY;
use crate::site::Cx;

/// How wide the words on the threshold are, in pixels.
const WORDS_WIDTH: f64 = 210.0;

/// How many parties joined on a day that no source tells. They are counted from the day on which the facts were
/// compiled, which is no step of theirs.
pub(crate) fn undated(cx: &Cx<'_>, instrument: Instrument) -> usize {
    let compiled = cx.context.dataset.compiled;
    let parties = cx.context.base.ledger().status(instrument, cx.as_of()).parties;
    parties
        .iter()
        .filter(|party| party.deposited.date == PartialDate::Unknown)
        .filter(|party| party.deposited.known_by.is_none_or(|day| day == compiled))
        .count()
}

/// The days on which the number of parties changed, up to the date, with the number and what was still needed: without
/// those that joined on an unknown day.
pub(crate) fn counts(cx: &Cx<'_>, instrument: Instrument) -> Vec<(Date, usize, Option<usize>)> {
    let ledger = cx.context.base.ledger();
    let mut days: Vec<Date> =
        ledger.count_change_dates(instrument).filter(|day| *day <= cx.as_of()).collect();
    if let EntryRule::TwoThirdsOfParties { convention } = instrument.entry_rule() {
        // The share asked grows with the parties to the convention.
        let opened = instrument.opened().unwrap_or(FIRST_DAY);
        days.extend(ledger.count_change_dates(convention).filter(|day| *day <= cx.as_of() && *day >= opened));
    }
    days.extend(ledger.entry_into_force(instrument, cx.as_of()).filter(|day| *day <= cx.as_of()));
    days.sort_unstable();
    days.dedup();
    let (undated, compiled) = (undated(cx, instrument), cx.context.dataset.compiled);
    let mut counts: Vec<(Date, usize, Option<usize>)> = Vec::new();
    for day in days {
        let parties = ledger.count(instrument, day).0 - if day < compiled { 0 } else { undated };
        let needed = ledger.deposits_needed(instrument, day).filter(|needed| *needed > 0);
        if counts.last().is_none_or(|(_, before, still)| (*before, *still) != (parties, needed)) {
            counts.push((day, parties, needed));
        }
    }
    counts
}

/// Where the words on the threshold begin, so that no line runs through them: once it was reached, after its end and below
/// it, where the parties have risen above; else above it, and above the parties where they reach higher under the words.
fn words_at(frame: &Frame, threshold: &[(f64, f64)], line: &[(f64, f64)], is_reached: bool) -> (f64, f64) {
    let ((start, _), (end, last)) = (threshold[0], threshold[threshold.len() - 1]);
    if is_reached && frame.x(end) + WORDS_WIDTH < WIDTH {
        return (frame.x(end) + 8.0, (frame.y(last) + 14.0).min(HEIGHT - 36.0));
    }
    let until = start + WORDS_WIDTH / (frame.x(start + 1.0) - frame.x(start));
    let under = threshold.iter().chain(line).filter(|(year, _)| *year <= until);
    let highest = under.map(|(_, count)| *count).fold(0.0, f64::max);
    (frame.x(start) + 6.0, frame.y(highest) - 6.0)
}

/// What the figure shows.
pub(crate) fn title(cx: &Cx<'_>, instrument: Instrument) -> String {
    cx.tf("chart-parties", [("instrument", instrument.as_str().into())])
}

pub(crate) fn parties(cx: &Cx<'_>, instrument: Instrument) -> Markup {
    let counts = counts(cx, instrument);
    let ledger = cx.context.base.ledger();
    let in_force = ledger.entry_into_force(instrument, cx.as_of()).filter(|day| *day <= cx.as_of());
    let first =
        counts.first().map_or(cx.as_of(), |(day, _, _)| *day).min(instrument.opened().unwrap_or(Date::MAX));
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let sum = |(_, parties, needed): &(Date, usize, Option<usize>)| needed.map(|needed| parties + needed);
    let highest = counts.iter().map(|one| one.1.max(sum(one).unwrap_or(0))).max().unwrap_or(1);
    let frame = Frame::counts(f64::from(first.year()), year_of(cx.as_of()), number(highest));
    let line: Vec<(f64, f64)> =
        counts.iter().map(|(day, parties, _)| (year_of(*day), number(*parties))).collect();
    let mut threshold: Vec<(f64, f64)> =
        counts.iter().filter_map(|one| Some((year_of(one.0), number(sum(one)?)))).collect();
    if let (Some(day), Some((_, last))) = (in_force, threshold.last().copied()) {
        threshold.push((year_of(day), last));
    }
    let title = title(cx, instrument);
    let last = counts.last().map_or(0, |one| one.1);
    let undated = undated(cx, instrument);
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(title) font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            @if line.is_empty() { (nothing(cx)) } @else { (frame.axes(&cx.t("chart-parties-unit"))) }
            @if threshold.len() > 1 {
                path.threshold d=(frame.steps_to_last(&threshold)) fill="none" stroke="#b4531f" stroke-width="1.5" stroke-dasharray="5 4" {}
                @let (x, y) = words_at(&frame, &threshold, &line, in_force.is_some());
                text.threshold-words x=(px(x)) y=(px(y)) font-size="12" fill="#b4531f" { (cx.t("chart-threshold")) }
            }
            @if !line.is_empty() {
                path.line d=(frame.steps(&line)) fill="none" stroke="#2a6f97" stroke-width="2.2" {}
                text.line-words x=(px(WIDTH - 20.0)) y=(px(frame.y(number(last)) - 7.0)) text-anchor="end" font-size="13" font-weight="600" fill="#2a6f97" { (last) @if undated > 0 { " " (cx.tf("chart-undated", [("count", undated.to_string().into())])) } }
            }
            @if let Some(day) = in_force {
                line.event x1=(px(frame.x(year_of(day)))) x2=(px(frame.x(year_of(day)))) y1="30" y2=(px(HEIGHT - 30.0)) stroke="#555" stroke-dasharray="2 3" {}
                text.event-words x=(px(frame.x(year_of(day)) + if frame.x(year_of(day)) > 500.0 { -6.0 } else { 6.0 })) y="44" text-anchor=(if frame.x(year_of(day)) > 500.0 { "end" } else { "start" }) font-size="12" fill="#555" { (cx.tf("chart-in-force", [("date", day.to_string().into())])) }
            }
        }
    }
}
