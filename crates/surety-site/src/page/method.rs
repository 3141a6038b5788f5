//! How verdicts come about: a page for each action, and what the words mean.

use maud::{Markup, html};
use surety_core::{Aim, Level, Verdict};
use surety_statement::Coverage;
use surety_world::{ActionId, CHARTER, Tally};

use super::head;
use crate::address::{Address, Shown};
use crate::parts::{level, level_meaning, states, tally_bar, verdict};
use crate::site::Cx;

pub(super) fn list(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("method-title");
    let main = html! {
        (head(&title, &cx.t("method-lead")))
        section aria-labelledby="rules" { h2 #rules { (cx.t("method-rules")) } ul {
            li { (cx.t("method-rule-fold")) } li { (cx.t("method-rule-silence")) } li { (cx.t("method-rule-best")) } li { (cx.t("method-rule-old")) } li { (cx.t("method-rule-conflict")) }
        } }
        section aria-labelledby="verdicts" { h2 #verdicts { (cx.t("method-verdicts")) } dl {
            @for (kind, meaning) in [(Verdict::Met, cx.t("meaning-met")), (Verdict::PartlyMet, cx.t("meaning-partly")), (Verdict::NotMet, cx.t("meaning-not")), (Verdict::NoPublicEvidence, cx.t("meaning-silent")), (Verdict::NotApplicable, cx.t("meaning-na"))] {
                dt { (verdict(cx, kind)) } dd { (meaning) }
            }
        } }
        section aria-labelledby="levels" { h2 #levels { (cx.t("method-levels")) } dl {
            @for one in [Level::Reported, Level::Declared, Level::Evidenced, Level::Reviewed, Level::Proven] { dt { (level(cx, one)) } dd { (level_meaning(cx, one)) } }
        } }
        @for aim in Aim::ALL {
            section aria-labelledby=(aim.as_str()) { h2 id=(aim.as_str()) { (aim.title()) } ul.plain {
                @for one in CHARTER.iter().filter(|one| one.aim == aim) { li { a href=(cx.to(&Address::MethodOf(one.id))) { (one.id) } " " (one.title) } }
            } }
        }
        section aria-labelledby="index" { h2 #index { (cx.t("method-index")) } p { (cx.t("method-index-text")) } p { a href=(cx.to(&Address::Index)) { (cx.t("nav-index")) } } }
    };
    (title, main)
}

/// How far a list is complete, in words: that decides what absence means.
pub(super) fn completeness(cx: &Cx<'_>, list: &Coverage) -> String {
    let note =
        if list.note.is_empty() { String::new() } else { format!(" ({})", list.note.trim_end_matches('.')) };
    match list.complete_to {
        Some(day) => cx.tf(
            "list-complete",
            [("title", list.title.as_str().into()), ("date", day.to_string().into()), ("note", note.into())],
        ),
        None => cx.tf("list-incomplete", [("title", list.title.as_str().into()), ("note", note.into())]),
    }
}

pub(super) fn page(cx: &Cx<'_>, id: ActionId) -> (String, Markup) {
    let action = id.action();
    let title = format!("{id} {}", action.title);
    let world = cx.context.world();
    let of = |wanted: Verdict| {
        let all = world.states.iter().filter(|state| state.findings[id as usize].verdict == wanted);
        all.map(|state| state.state).collect::<Vec<_>>()
    };
    let tally = Tally::of(world.states.iter().map(|state| &state.findings[id as usize]));
    let list = action.list.and_then(|list| cx.context.base.coverage(list));
    let main = html! {
        nav.crumbs aria-label=(cx.t("crumbs")) { a href=(cx.to(&Address::Method)) { (cx.t("nav-method")) } }
        (head(&title, ""))
        dl {
            dt { (cx.t("method-aim")) } dd { (action.aim.title()) }
            dt { (cx.t("why-asked")) } dd { (action.applies_to.as_str()) }
            dt { (cx.t("why-decided")) } dd { (action.decided_by) }
            dt { (cx.t("why-list")) } dd { @if let Some(list) = list { (completeness(cx, list)) } @else { (cx.t("method-no-list")) } }
        }
        p { a href=(cx.to(&Address::World(Some(Shown::Action(id))))) { (cx.t("method-on-map")) } }
        (tally_bar(cx, tally))
        @for kind in [Verdict::NotMet, Verdict::PartlyMet, Verdict::NoPublicEvidence, Verdict::Met] {
            @let codes = of(kind);
            section { h2 { (verdict(cx, kind)) " " (codes.len()) } p { (states(cx, &codes)) } }
        }
    };
    (title, main)
}
