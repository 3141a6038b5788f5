//! Chosen States side by side.

use maud::{Markup, html};
use surety_core::{Aim, State};
use surety_world::ActionId;

use super::{head, named};
use crate::address::Address;
use crate::parts::{action, legend, level, state, verdict};
use crate::problem::Problem;
use crate::site::Cx;

/// So many States fit side by side.
const STATES_MAX: usize = 6;

pub(super) fn page(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("compare-title");
    let names = named(cx.query, "states");
    let mut chosen: Vec<&State> = Vec::new();
    for name in &names {
        let state = cx.context.dataset.states.find(name)?;
        if !chosen.iter().any(|known| known.code == state.code) {
            chosen.push(state);
        }
    }
    if chosen.len() > STATES_MAX {
        return Err(Problem::bad_request(format!(
            "{} States were named: compare at most {STATES_MAX}",
            chosen.len()
        )));
    }
    let main = html! {
        (head(&title, &cx.t("compare-lead")))
        @if cx.is_served() {
            form.inline action="/compare" method="get" {
                @if let Some(day) = cx.asked { input type="hidden" name="as_of" value=(day); }
                @for number in 0..4 {
                    label { (cx.t("col-state")) " " (number + 1) " " (super::treaty::state_choice(cx, "states", chosen.get(number).map_or("", |state| state.code.as_str()))) }
                }
                button type="submit" { (cx.t("compare-button")) }
            }
        } @else { p.notice { (cx.t("served-only")) } }
        @if !chosen.is_empty() { (legend(cx)) (table(cx, &chosen)) }
    };
    Ok((title, main))
}

fn table(cx: &Cx<'_>, chosen: &[&State]) -> Markup {
    let findings: Vec<_> =
        chosen.iter().map(|state| cx.context.base.findings(state.code, cx.as_of())).collect();
    html! {
        div.wide tabindex="0" role="group" aria-label=(cx.t("compare-title")) { table.data.compare {
            caption { (cx.t("compare-caption")) }
            thead { tr { th scope="col" { (cx.t("col-action")) } @for one in chosen { th scope="col" { (state(cx, one.code)) } } } }
            @for aim in Aim::ALL {
                tbody {
                    tr { th.group colspan=(chosen.len() + 1) scope="rowgroup" { (aim.title()) } }
                    @for id in ActionId::ALL.iter().filter(|id| id.action().aim == aim) { tr {
                        th scope="row" { (action(cx, *id)) }
                        @for (one, found) in chosen.iter().zip(&findings) {
                            @let finding = &found[*id as usize];
                            td { a.plain href=(cx.to(&Address::Why(one.code, *id))) { (verdict(cx, finding.verdict)) } @if finding.level.number() > 0 { " " (level(cx, finding.level)) } }
                        }
                    } }
                }
            }
        } }
    }
}
