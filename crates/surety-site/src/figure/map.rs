//! The map of the world. Outlines are drawn once by a script (`web/map`), in whole pixels.

use std::collections::HashMap;

use anyhow::Context as _;
use maud::{Markup, html};
use surety_core::{StateCode, Verdict};
use surety_world::Tally;

use crate::address::{Address, Shown};
use crate::page::index::{outwards, subject};
use crate::parts::{class, ratio, verdict_words};
use crate::problem::Problem;
use crate::site::Cx;

/// How many bands shares and scores have.
const BANDS: usize = 5;
/// An interval wider than so many points, two bands, is hatched: its colour tells little.
const WIDE_POINTS: f64 = 40.0;

/// The size of the map.
pub(crate) const SIZE: (f64, f64) = (960.0, 468.0);

const OUTLINES: &str = include_str!("../../map/outlines.csv");

/// Where every State lies.
pub(crate) struct WorldMap {
    places: Vec<Place>,
}

struct Place {
    /// None: land that belongs to no State of the table.
    state: Option<StateCode>,
    x: i32,
    y: i32,
    /// Empty for a State too small to be seen: it has a dot.
    outline: String,
}

impl WorldMap {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(OUTLINES.as_bytes());
        let places = reader.records().map(|record| {
            let record = record?;
            let cell = |at: usize| record.get(at).unwrap_or_default();
            Ok(Place {
                state: if cell(0).is_empty() { None } else { Some(cell(0).parse()?) },
                x: cell(1).parse()?,
                y: cell(2).parse()?,
                outline: cell(3).to_owned(),
            })
        });
        Ok(Self { places: places.collect::<anyhow::Result<_>>().context("map/outlines.csv")? })
    }
}

/// What a State shows on the map and in the table beside it.
pub(crate) struct Value {
    /// The class that colours it.
    pub(crate) class: String,
    /// The words.
    pub(crate) words: String,
    /// What sorts it.
    pub(crate) order: f64,
}

/// What every State shows.
pub(crate) fn values(cx: &Cx<'_>, shown: Shown) -> Result<HashMap<StateCode, Value>, Problem> {
    if shown == Shown::Index {
        let subject = subject(cx)?;
        let scores = subject.scores()?;
        return Ok(scores
            .into_iter()
            .zip(subject.units())
            .filter_map(|(score, unit)| {
                let (low, high) = outwards(score.possible?);
                let band = band(score.nominal? / 100.0);
                let class = if high - low > WIDE_POINTS { format!("w{band}") } else { format!("b{band}") };
                let words = cx.tf(
                    "map-index-value",
                    [("low", format!("{low:.0}").into()), ("high", format!("{high:.0}").into())],
                );
                Some((unit.parse().ok()?, Value { class, words, order: low }))
            })
            .collect());
    }
    let world = cx.context.world();
    let value = |state: &surety_world::StateFindings| match shown {
        Shown::Action(action) => {
            let verdict = state.findings[action as usize].verdict;
            Value {
                class: class(verdict).to_owned(),
                words: verdict_words(cx, verdict),
                order: f64::from(verdict.gaps_first()),
            }
        }
        Shown::Aim(aim) => {
            let tally = Tally::of(state.findings.iter().filter(|finding| finding.action.action().aim == aim));
            let (met, asked) = (tally.count(Verdict::Met), tally.asked());
            if asked == 0 {
                return Value {
                    class: "na".to_owned(),
                    words: verdict_words(cx, Verdict::NotApplicable),
                    order: -1.0,
                };
            }
            let silent = tally.count(Verdict::NoPublicEvidence);
            let words = cx.tf(
                "map-aim-value",
                [
                    ("met", met.to_string().into()),
                    ("asked", asked.to_string().into()),
                    ("silent", silent.to_string().into()),
                ],
            );
            let class =
                if silent == asked { "silent".to_owned() } else { format!("b{}", band(ratio(met, asked))) };
            Value { class, words, order: ratio(met, asked) }
        }
        Shown::Index => Value { class: "na".to_owned(), words: String::new(), order: 0.0 },
    };
    Ok(world.states.iter().map(|state| (state.state, value(state))).collect())
}

/// One of five bands of a share.
fn band(share: f64) -> usize {
    match share {
        share if share < 0.2 => 0,
        share if share < 0.4 => 1,
        share if share < 0.6 => 2,
        share if share < 0.8 => 3,
        _ => 4,
    }
}

/// The colour of a class in a file of its own. Inside a page the style sheet decides.
fn fill(class: &str) -> &'static str {
    match class {
        "w0" => "url(#p-w0)",
        "w1" => "url(#p-w1)",
        "w2" => "url(#p-w2)",
        "w3" => "url(#p-w3)",
        "w4" => "url(#p-w4)",
        "met" => "#2a6f97",
        "partly" => "url(#p-partly)",
        "not" => "url(#p-not)",
        "silent" => "url(#p-silent)",
        "b0" => "#e3eef5",
        "b1" => "#b4d2e4",
        "b2" => "#7fb0cd",
        "b3" => "#4a8cb3",
        "b4" => "#1f5f86",
        _ => "#eceae4",
    }
}

/// The patterns that keep verdicts apart without colours.
fn patterns() -> Markup {
    html! {
        defs {
            pattern #p-partly width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.p-partly-ground width="5" height="5" fill="#bfdcec" {}
                rect.p-partly-line width="2" height="5" fill="#2a6f97" {}
            }
            pattern #p-not width="6" height="6" patternUnits="userSpaceOnUse" {
                rect.p-not-ground width="6" height="6" fill="#d1683a" {}
                path.p-not-line d="M0 0L6 6M6 0L0 6" stroke="#f6d9c9" stroke-width="1" {}
            }
            pattern #p-silent width="4" height="4" patternUnits="userSpaceOnUse" {
                rect.p-silent-ground width="4" height="4" fill="#f4f2ec" {}
                circle.p-silent-dot cx="2" cy="2" r="0.7" fill="#a9a598" {}
            }
            @for band in 0..BANDS {
                @let class = format!("b{band}");
                pattern id={"p-w" (band)} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect class={"f-" (class)} width="6" height="6" fill=(fill(&class)) {}
                    rect.p-wide-line width="1.6" height="6" fill="#ffffff" {}
                }
            }
        }
    }
}

/// The map. Its links are for the pointer: the table beside it holds the same for everybody.
pub(crate) fn map(cx: &Cx<'_>, shown: Shown, values: &HashMap<StateCode, Value>) -> Markup {
    let title = heading(cx, shown);
    let place = |place: &Place| {
        let value = place.state.and_then(|code| values.get(&code));
        let class = value.map_or("na", |value| value.class.as_str());
        html! {
            @if let (Some(code), Some(value)) = (place.state, value) {
                a href=(cx.to(&Address::State(code))) tabindex="-1" data-state=(code) {
                    title { (cx.name(code)) ": " (value.words) }
                    @if place.outline.is_empty() {
                        circle class={"m f-" (class)} cx=(place.x) cy=(place.y) r="4" fill=(fill(class)) {}
                    } @else {
                        path class={"m f-" (class)} d=(place.outline) fill=(fill(class)) {}
                    }
                }
            } @else if !place.outline.is_empty() {
                path class="m f-none" d=(place.outline) fill="#eceae4" {}
            }
        }
    };
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 468" aria-hidden="true" focusable="false" font-family="system-ui, sans-serif" {
            title { (title) " · " (cx.as_of()) }
            (patterns())
            g stroke="#fff" stroke-width="0.5" {
                @for one in cx.site.map.places.iter().filter(|one| !one.outline.is_empty()) { (place(one)) }
            }
            g stroke="#555" stroke-width="0.7" {
                @for one in cx.site.map.places.iter().filter(|one| one.outline.is_empty()) { (place(one)) }
            }
        }
    }
}

/// What the map draws, and what it means: class and words.
pub(crate) fn legend(cx: &Cx<'_>, shown: Shown) -> Vec<(String, String)> {
    let of_verdict = |verdict| (class(verdict).to_owned(), verdict_words(cx, verdict));
    let silent = of_verdict(Verdict::NoPublicEvidence);
    let grey = ("na".to_owned(), cx.t("map-grey"));
    let bands = |letter: char| {
        (0..BANDS).map(move |band| {
            let (low, high) = (band * 20, if band + 1 == BANDS { 100 } else { band * 20 + 19 });
            (format!("{letter}{band}"), format!("{low}–{high}"))
        })
    };
    match shown {
        Shown::Action(_) => {
            let judged = [Verdict::Met, Verdict::PartlyMet, Verdict::NotMet].map(of_verdict);
            judged.into_iter().chain([silent, grey]).collect()
        }
        Shown::Aim(_) => {
            bands('b').map(|(class, words)| (class, words + " %")).chain([silent, grey]).collect()
        }
        Shown::Index => {
            let wide = ("w2".to_owned(), cx.tf("map-wide", [("points", format!("{WIDE_POINTS}").into())]));
            bands('b').chain([wide, grey]).collect()
        }
    }
}

/// The legend of a map on a page: its swatches are drawn as the map is.
pub(crate) fn legend_list(cx: &Cx<'_>, shown: Shown) -> Markup {
    html! {
        ul.legend aria-label=(cx.t("legend-label")) {
            @for (class, words) in legend(cx, shown) {
                li { svg.swatch width="22" height="14" aria-hidden="true" { (swatch(&class)) } " " (words) }
            }
        }
        @if shown == Shown::Index { p.quiet { (cx.t("map-index-legend")) } }
    }
}

/// A piece of what the map draws for a class.
pub(crate) fn swatch(class: &str) -> Markup {
    html! { rect class={"f-" (class)} width="22" height="14" fill=(fill(class)) {} }
}

/// What a map shows, in words.
pub(crate) fn heading(cx: &Cx<'_>, shown: Shown) -> String {
    match shown {
        Shown::Action(id) => format!("{id} {}", id.action().title),
        Shown::Aim(aim) => cx.tf("map-aim-title", [("aim", aim.title().into())]),
        Shown::Index => cx.t("map-index-title"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surety_core::StateKind;

    #[test]
    fn every_state_of_today_has_its_place_on_the_map() {
        let map = WorldMap::new().unwrap();
        let drawn: Vec<StateCode> = map.places.iter().filter_map(|place| place.state).collect();
        let states = surety_data::embedded().states.iter().filter(|state| state.kind == StateKind::State);
        let missing: Vec<StateCode> =
            states.map(|state| state.code).filter(|code| !drawn.contains(code)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
