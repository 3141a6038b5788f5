//! Every State, with how much of each aim it meets.

use maud::{Markup, html};
use surety_core::{Aim, Verdict};
use surety_world::Tally;

use super::head;
use crate::parts::{downloads, ltr, ratio, state, tally_bar, tally_words};
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>) -> (String, Markup) {
    let world = cx.context.world();
    let title = cx.t("states-title");
    let main = html! {
        (head(&title, &cx.t("states-lead")))
        div.wide tabindex="0" role="group" aria-label=(title) {
            table.data data-sortable data-filter=(cx.t("filter-states")) {
                caption { (cx.t("states-caption")) }
                thead { tr {
                    th scope="col" { (cx.t("col-state")) }
                    th scope="col" { (cx.t("col-code")) }
                    th scope="col" { (cx.t("col-region")) }
                    @for aim in Aim::ALL { th scope="col" { (aim.title()) } }
                    th scope="col" { (cx.t("col-silent")) }
                } }
                tbody {
                    @for one in cx.by_name(world.states.iter().collect(), |one| one.state) {
                        @let all = Tally::of(&one.findings);
                        tr {
                            th scope="row" { (state(cx, one.state)) }
                            td.mono { (ltr(one.state)) }
                            td { (cx.context.dataset.states.get(one.state).map(|state| state.subregion.as_str()).unwrap_or_default()) }
                            @for aim in Aim::ALL {
                                @let tally = Tally::of(one.findings.iter().filter(|finding| finding.action.action().aim == aim));
                                @if tally.asked() == 0 { td.na data-order="-1" { (cx.t("verdict-na")) } } @else {
                                    td.num data-order=(ratio(tally.count(Verdict::Met), tally.asked())) { (tally_words(cx, tally)) " " (tally_bar(cx, tally)) }
                                }
                            }
                            td.num { (all.count(Verdict::NoPublicEvidence)) }
                        }
                    }
                }
            }
        }
        (downloads(cx, "world", None))
    };
    (title, main)
}
