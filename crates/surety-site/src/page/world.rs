//! The world: the four aims at a glance, a map beside a table of the same, what changed lately.

use std::collections::BTreeMap;

use maud::{Markup, html};
use surety_core::{Aim, add_years};
use surety_law::Instrument;
use surety_world::{ActionId, Cause, Change, Direction, World, WorldSummary, diff, summarise};

use super::head;
use crate::address::{Address, Shown};
use crate::figure::{map, map_legend, map_values};
use crate::parts::{action, downloads, embed, state, tally_bar, tally_words, verdict};
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
                    (map(cx, shown, &values))
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
                    p.tally { (tally_words(cx, aim.total)) }
                    (tally_bar(cx, aim.total))
                }
            }
        }
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

/// What rose and fell lately: events first, then what only became known, then what fell while nothing new was read.
fn changes(cx: &Cx<'_>, world: &World) -> Markup {
    let from = add_years(cx.as_of(), -CHANGED_WITHIN_YEARS);
    let before = cx.context.base.world(from);
    let mut all = diff(&cx.context.base, &before, world);
    all.retain(|change| change.direction() != Direction::Other);
    let of = |cause| all.iter().filter(|change| change.cause == cause).collect::<Vec<_>>();
    let [events, known, time] = [Cause::Event, Cause::BecameKnown, Cause::TimePassed].map(of);
    html! {
        section aria-labelledby="changes" {
            h2 #changes { (cx.tf("changes-title", [("date", from.to_string().into())])) }
            @if events.is_empty() { h3 { (cx.t("changes-event")) } p { (cx.t("changes-event-none")) } }
            (changed(cx, &cx.t("changes-event"), &cx.t("changes-event-note"), &events))
            (changed(cx, &cx.t("changes-known"), &cx.t("changes-known-note"), &known))
            (changed(cx, &cx.t("changes-time"), &cx.t("changes-time-note"), &time))
            (downloads(cx, "diff", None))
        }
    }
}

/// The changes of one cause, action by action; many of a kind as one. Nothing where there are none.
fn changed(cx: &Cx<'_>, title: &str, note: &str, changes: &[&Change<'_>]) -> Markup {
    let mut by_action = BTreeMap::<(ActionId, &str), Vec<&Change<'_>>>::new();
    for change in changes {
        by_action.entry((change.action, change.direction().as_str())).or_default().push(change);
    }
    for changes in by_action.values_mut() {
        *changes = cx.by_name(std::mem::take(changes), |change| change.state);
    }
    html! {
        @if !changes.is_empty() {
            h3 { (title) }
            p.quiet { (note) }
            div.wide tabindex="0" role="group" aria-label=(title) {
                table.data {
                    caption { (title) }
                    thead { tr { th scope="col" { (cx.t("col-action")) } th scope="col" { (cx.t("col-direction")) } th scope="col" { (cx.t("col-states")) } } }
                    tbody {
                        @for ((id, direction), changes) in &by_action {
                            tr {
                                th scope="row" { (action(cx, *id)) }
                                td { @if *direction == "rose" { (cx.t("rose")) } @else { (cx.t("fell")) } }
                                td { (who_changed(cx, changes)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The States; where nothing new was read, each with the date of the newest that was.
fn who_changed(cx: &Cx<'_>, changes: &[&Change<'_>]) -> Markup {
    html! {
        @for (number, change) in changes.iter().take(CHANGES_MAX).enumerate() {
            @if number > 0 { ", " }
            a href=(cx.to(&Address::Why(change.state, change.action))) { (cx.name(change.state)) }
            @if change.cause == Cause::TimePassed {
                " (" @match change.newest {
                    Some(date) => (cx.tf("changes-newest", [("date", date.to_string().into())])),
                    None => (cx.t("changes-newest-none")),
                } ")"
            }
        }
        @if changes.len() > CHANGES_MAX { " " (cx.tf("and-more", [("count", (changes.len() - CHANGES_MAX).to_string().into())])) }
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
