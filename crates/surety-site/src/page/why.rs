//! A claim: the statements and sources behind one verdict.

use maud::{Markup, html};
use surety_core::{Level, StateCode, Verdict};
use surety_statement::{Coverage, Stance};
use surety_world::ActionId;

use crate::address::Address;
use crate::parts::{downloads, level, report_error, verdict};
use crate::problem::Problem;
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>, code: StateCode, action: ActionId) -> Result<(String, Markup), Problem> {
    let state = cx.context.dataset.states.find(code.as_str())?;
    let findings = cx.context.base.findings(code, cx.as_of());
    let finding = &findings[action as usize];
    let title = format!("{}: {action} {}", state.name, action.action().title);
    let list = action.action().list.and_then(|list| cx.context.base.coverage(list));
    let by_absence = finding.verdict == Verdict::NotMet && finding.cited(Stance::Supports).next().is_none();
    let main = html! {
        nav.crumbs aria-label=(cx.t("crumbs")) { a href=(cx.to(&Address::State(code))) { (state.name) } }
        h1 { (action) " " (action.action().title) }
        p.verdict-line { (verdict(cx, finding.verdict)) @if finding.level != Level::None { " " (level(cx, finding.level)) } " " (report_error(cx, &format!("{code}/{action}"))) }
        dl {
            @if !finding.note.is_empty() { dt { (cx.t("why-known")) } dd { (finding.note) } }
            @if !finding.next_step.is_empty() { dt { (cx.t("why-next")) } dd { (finding.next_step) } }
            dt { (cx.t("why-decided")) } dd { (action.action().decided_by) }
            dt { (cx.t("why-asked")) } dd { (action.action().applies_to.as_str()) " " a href=(cx.to(&Address::MethodOf(action))) { (cx.t("method-link")) } }
            @if let Some(list) = list { dt { (cx.t("why-list")) } dd { (super::method::completeness(cx, list)) } }
        }
        @if let (true, Some(list)) = (by_absence, list) { (absence(cx, list)) }
        @else if finding.verdict == Verdict::NoPublicEvidence && finding.statements.is_empty() { p.silence { (cx.t("why-silence")) } }
        @for stance in [Stance::Supports, Stance::Contradicts, Stance::Context] {
            @let cited: Vec<u32> = finding.cited(stance).collect();
            @if !cited.is_empty() {
                section {
                    h2 { @match stance { Stance::Supports => (cx.t("why-supports")), Stance::Contradicts => (cx.t("why-contradicts")), Stance::Context => (cx.t("why-context")) } }
                    @for index in cited { (super::statement::card(cx, cx.context.statement(index))) }
                }
            }
        }
        (downloads(cx, &format!("states/{code}/{action}"), None))
    };
    Ok((title, main))
}

/// A no that rests on absence: from which list, how far it is complete, and where that can be read.
fn absence(cx: &Cx<'_>, list: &Coverage) -> Markup {
    let day = list.complete_to.map_or_else(String::new, |day| day.to_string());
    html! {
        section {
            h2 { (cx.t("why-supports")) }
            p { (cx.tf("why-absence", [("title", list.title.as_str().into()), ("date", day.into())])) }
            ul.plain {
                @for id in &list.sources { li { a.src href=(cx.to(&Address::Source(id.to_string()))) { (cx.context.source_title(id)) } } }
                li { a href=(cx.to(&Address::Data)) { (cx.t("data-complete")) } }
            }
        }
    }
}
