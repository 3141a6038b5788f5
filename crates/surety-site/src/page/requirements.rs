//! The requirement catalogue: each item with its own address.

use std::collections::BTreeMap;

use maud::{Markup, html};
use surety_standards::{Confirmation, Requirement};
use surety_statement::Body;

use super::head;
use super::state::holds;
use crate::address::{Address, segment};
use crate::parts::{downloads, provenance, report_error, state};
use crate::problem::Problem;
use crate::site::Cx;

/// How well a citation is confirmed, as a badge.
fn confirmation(cx: &Cx<'_>, how: Confirmation) -> Markup {
    let meaning = match how {
        Confirmation::Confirmed => cx.t("confirmed"),
        Confirmation::ContentConfirmed => cx.t("content-confirmed"),
        Confirmation::TitleConfirmed => cx.t("title-confirmed"),
        Confirmation::NotConfirmed => cx.t("not-confirmed"),
    };
    html! { span class={"tag c-" (how)} title=(meaning) { (how) } }
}

pub(super) fn list(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("requirements-title");
    let area = cx.query.get("area");
    let all = &cx.context.dataset.catalogue.requirements;
    let mut areas = BTreeMap::<&str, usize>::new();
    for one in all {
        *areas.entry(&one.area).or_default() += 1;
    }
    let shown: Vec<&Requirement> =
        all.iter().filter(|one| area.is_none_or(|area| one.area.eq_ignore_ascii_case(area))).collect();
    if let (true, Some(area)) = (shown.is_empty(), area) {
        return Err(Problem::unknown(format!("No requirement belongs to the area `{area}`.")));
    }
    let main = html! {
        (head(&title, &cx.tf("requirements-lead", [("count", shown.len().to_string().into())])))
        @if cx.is_served() {
            nav.chooser aria-label=(cx.t("requirements-areas")) {
                a href=(cx.to(&Address::Requirements)) aria-current=[area.is_none().then_some("true")] { (cx.t("all")) }
                @for (name, count) in &areas { a href=(cx.to_with(&Address::Requirements, [("area", name)])) aria-current=[(area == Some(name)).then_some("true")] { (name) " (" (count) ")" } }
            }
        }
        div.wide tabindex="0" role="group" aria-label=(title) { table.data.stacked data-sortable data-filter=(cx.t("filter-rows")) {
            caption { (title) }
            thead { tr { th scope="col" { (cx.t("col-id")) } th scope="col" { (cx.t("col-document")) } th scope="col" { (cx.t("col-area")) } th scope="col" { (cx.t("col-asks")) } th scope="col" { (cx.t("col-confirmed")) } } }
            tbody { @for one in shown { tr {
                th scope="row" { a href=(cx.to(&Address::Requirement(one.id.clone()))) { (one.id) } }
                td data-label=(cx.t("col-document")) { (one.document) @if !one.paragraph.is_empty() { " " (one.paragraph) } }
                td data-label=(cx.t("col-area")) { (one.area) }
                td data-label=(cx.t("col-asks")) { (one.text) }
                td data-label=(cx.t("col-confirmed")) { (confirmation(cx, one.confirmation)) }
            } } }
        } }
        (downloads(cx, "requirements", None))
    };
    Ok((title, main))
}

pub(super) fn page(cx: &Cx<'_>, id: &str) -> Result<(String, Markup), Problem> {
    let catalogue = &cx.context.dataset.catalogue;
    let Some(one) = catalogue.get(id) else {
        let near = surety_core::closest(id, catalogue.requirements.iter().map(|one| one.id.as_str()));
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean {near}?"));
        return Err(Problem::unknown(format!("No requirement has the id `{id}`.{hint}")));
    };
    let title = format!("{}: {}", one.id, one.area);
    let related: Vec<_> = catalogue.related(&one.id).collect();
    let assessed: Vec<_> = cx
        .context
        .dataset
        .statements
        .iter()
        .filter(|statement| matches!(statement.body, Body::Assessment(_)) && holds(cx, statement))
        .collect();
    let main = html! {
        nav.crumbs aria-label=(cx.t("crumbs")) { a href=(cx.to(&Address::Requirements)) { (cx.t("nav-requirements")) } }
        h1 { (one.id) }
        p.lead { (one.text) }
        dl {
            dt { (cx.t("col-document")) } dd { (one.document) @if one.paragraph.is_empty() { " – " span.silence { (cx.t("paragraph-unknown")) } } @else { " " (one.paragraph) } }
            dt { (cx.t("col-confirmed")) } dd { (confirmation(cx, one.confirmation)) " " (report_error(cx, &one.id)) }
            dt { (cx.t("col-area")) } dd { (one.area) }
            dt { (cx.t("req-applies")) } dd { (one.applies_to) }
            @if !one.material.is_empty() { dt { (cx.t("req-material")) } dd { (one.material) } }
            dt { (cx.t("req-category")) } dd { (one.category) }
            dt { (cx.t("req-scope")) } dd { (one.scope) }
            dt { (cx.t("req-evidence")) } dd { (one.evidence_expected) }
            dt { (cx.t("col-source")) } dd { ul.plain { @for id in &one.sources { li { a href=(cx.to(&Address::Source(id.to_string()))) { (cx.context.source_title(id)) } } } } }
        }
        section aria-labelledby="related" {
            h2 #related { (cx.t("req-related")) }
            @if related.is_empty() { p { (cx.t("none")) } } @else {
                ul.plain { @for (other, relation, mapping) in related { li {
                    span.tag { (relation) } " " a href=(cx.to(&Address::Requirement(other.to_owned()))) { (other) } ": " (mapping.rationale)
                    @if !mapping.both_ends_read { " " span.quiet { (cx.t("req-from-memory")) } }
                } } }
            }
        }
        section aria-labelledby="status" {
            h2 #status { (cx.t("req-status")) }
            @if assessed.is_empty() { p.silence { (cx.t("req-status-none")) } } @else {
                p.quiet { (cx.t("req-status-note")) }
                ul.plain { @for statement in assessed { li { @if let Some(code) = statement.subject { (state(cx, code)) } ": " (statement.body.summary()) " " (provenance(cx, statement)) } } }
            }
        }
        (downloads(cx, &format!("requirements/{}", segment(&one.id)), None))
    };
    Ok((title, main))
}
