//! The world: the four aims at a glance, a map beside a table of the same, what changed lately.

use std::collections::BTreeMap;

use maud::{Markup, html};
use surety_core::{Aim, Verdict, add_years};
use surety_law::Instrument;
use surety_world::{ActionId, Change, Direction, Tally, WorldSummary, diff, summarise};

use super::head;
use crate::address::{Address, Shown};
use crate::figure::{map, map_legend, map_values};
use crate::parts::{action, downloads, embed, state, tally_bar, verdict};
use crate::problem::Problem;
use crate::site::Cx;

/// Over how many years changes are told.
const CHANGED_WITHIN_YEARS: i16 = 2;
/// How many changes are shown.
const CHANGES_MAX: usize = 12;

pub(super) fn page(cx: &Cx<'_>, shown: Option<Shown>) -> Result<(String, Markup), Problem> {
    let chosen = cx.query.get("show").and_then(|word| Shown::all().find(|shown| shown.as_str() == word));
    let shown = shown.or(chosen).unwrap_or(Shown::Action(ActionId::L3));
    let world = cx.context.world();
    let summary = summarise(&cx.context.base, &world);
    let title = cx.tf("world-title", [("date", cx.as_of().to_string().into())]);
    let values = map_values(cx, shown)?;
    let figure = format!("map/{}", shown.as_str());
    let heading = crate::figure::map_heading(cx, shown);
    let main = html! {
        (head(&title, &cx.tf("world-lead", [("states", summary.states.to_string().into())])))
        (aims(cx, &summary))
        section aria-labelledby="map" {
            h2 #map { (cx.t("world-map")) ": " (heading) }
            (chooser(cx, shown))
            div.map-and-table {
                figure {
                    (map(cx, shown)?)
                    (map_legend(cx, shown))
                    figcaption.quiet { (cx.t("map-note")) }
                    p.downloads { span { (cx.t("download-label")) } (crate::parts::figure_downloads(cx, &figure)) }
                    (embed(cx, &figure, &heading, &Address::World(Some(shown))))
                }
                div {
                    div.wide.tall tabindex="0" role="group" aria-label=(heading) {
                    table.data data-sortable data-filter=(cx.t("filter-states")) {
                        caption { (heading) }
                        thead { tr { th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-region")) } th scope="col" { (cx.t("col-value")) } } }
                        tbody {
                            @for one in cx.by_name(world.states.iter().collect(), |one| one.state) {
                                @let value = values.get(&one.state);
                                tr data-state=(one.state) {
                                    th scope="row" { (state(cx, one.state)) }
                                    td { (cx.context.dataset.states.get(one.state).map(|state| state.subregion.as_str()).unwrap_or_default()) }
                                    @match (shown, value) {
                                        (Shown::Action(action), _) => {
                                            @let found = &one.findings[action as usize];
                                            td data-order=(found.verdict.gaps_first()) { (verdict(cx, found.verdict)) }
                                        },
                                        (_, Some(value)) => td data-order=(value.order) { (value.words) },
                                        (_, None) => td data-order="-1" { (cx.t("verdict-na")) },
                                    }
                                }
                            }
                        }
                    }
                }
                    }
            }
            (downloads(cx, if shown == Shown::Index { "index" } else { "world" }, None))
        }
        (changes(cx, &world))
        (treaties(cx))
    };
    Ok((title, main))
}

/// The four aims: how much of what they ask is met, and where evidence is silent.
fn aims(cx: &Cx<'_>, summary: &WorldSummary<'_>) -> Markup {
    html! {
        section.aims aria-label=(cx.t("world-aims")) {
            @for aim in &summary.aims {
                article {
                    h2 { a href=(cx.to(&Address::World(Some(Shown::Aim(aim.aim))))) { (aim.aim.title()) } }
                    p.big { (percent(aim.total)) " " span.quiet { (cx.t("aim-met")) } }
                    (tally_bar(cx, aim.total))
                    p.quiet { (cx.tf("aim-tally", [
                        ("asked", aim.total.asked().to_string().into()),
                        ("met", aim.total.count(Verdict::Met).to_string().into()),
                        ("partly", aim.total.count(Verdict::PartlyMet).to_string().into()),
                        ("not", aim.total.count(Verdict::NotMet).to_string().into()),
                        ("silent", aim.total.count(Verdict::NoPublicEvidence).to_string().into()),
                    ])) }
                }
            }
        }
    }
}

fn percent(tally: Tally) -> String {
    match tally.asked() {
        0 => "–".to_owned(),
        asked => format!("{} %", 100 * tally.count(Verdict::Met) / asked),
    }
}

/// What the map can show.
fn chooser(cx: &Cx<'_>, shown: Shown) -> Markup {
    let link = |one: Shown, words: &str| {
        html! { a href={(cx.to(&Address::World(Some(one)))) "#map"} aria-current=[(one == shown).then_some("true")] title=(words) { (one.as_str()) } }
    };
    html! {
        nav.chooser aria-label=(cx.t("map-choose")) {
            @for aim in Aim::ALL {
                span.group {
                    (link(Shown::Aim(aim), aim.title()))
                    @for id in ActionId::ALL.iter().filter(|id| id.action().aim == aim) {
                        (link(Shown::Action(*id), id.action().title))
                    }
                }
            }
            span.group { (link(Shown::Index, &cx.t("map-index-title"))) }
        }
    }
}

/// What rose and fell lately, newest facts first; many of a kind as one.
fn changes(cx: &Cx<'_>, world: &surety_world::World) -> Markup {
    let from = add_years(cx.as_of(), -CHANGED_WITHIN_YEARS);
    let before = cx.context.base.world(from);
    let all = diff(&before, world);
    let mut by_action = BTreeMap::<(ActionId, &str), Vec<&Change<'_>>>::new();
    for change in all.iter().filter(|change| change.direction() != Direction::Other) {
        by_action.entry((change.action, change.direction().as_str())).or_default().push(change);
    }
    for changes in by_action.values_mut() {
        *changes = cx.by_name(std::mem::take(changes), |change| change.state);
    }
    html! {
        section aria-labelledby="changes" {
            h2 #changes { (cx.tf("changes-title", [("date", from.to_string().into())])) }
            @if by_action.is_empty() { p { (cx.t("changes-none")) } } @else {
                div.wide tabindex="0" role="group" aria-label=(cx.t("changes-table")) {
                    table.data {
                        caption { (cx.t("changes-table")) }
                        thead { tr { th scope="col" { (cx.t("col-action")) } th scope="col" { (cx.t("col-direction")) } th scope="col" { (cx.t("col-states")) } } }
                        tbody {
                            @for ((id, direction), changes) in &by_action {
                                tr {
                                    th scope="row" { (action(cx, *id)) }
                                    td { @if *direction == "rose" { (cx.t("rose")) } @else { (cx.t("fell")) } }
                                    td {
                                        @for (number, change) in changes.iter().take(CHANGES_MAX).enumerate() {
                                            @if number > 0 { ", " }
                                            a href=(cx.to(&Address::Why(change.state, change.action))) { (cx.name(change.state)) }
                                        }
                                        @if changes.len() > CHANGES_MAX { " " (cx.tf("and-more", [("count", (changes.len() - CHANGES_MAX).to_string().into())])) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (downloads(cx, "diff", None))
        }
    }
}

/// The three treaties on nuclear security, in one line each.
fn treaties(cx: &Cx<'_>) -> Markup {
    let ledger = cx.context.base.ledger();
    html! {
        section aria-labelledby="treaties" {
            h2 #treaties { (cx.t("world-treaties")) }
            ul.plain {
                @for instrument in Instrument::SECURITY_TREATIES {
                    @let status = ledger.status(instrument, cx.as_of());
                    li {
                        a href=(cx.to(&Address::Treaty(instrument))) { (instrument.title()) } ": "
                        (super::treaty::standing(cx, &status))
                    }
                }
            }
        }
    }
}
