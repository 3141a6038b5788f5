//! Where facts were read.

use std::collections::HashMap;

use maud::{Markup, html};
use surety_core::SourceId;
use surety_statement::Statement;

use super::head;
use crate::address::{Address, segment};
use crate::parts::{downloads, level, state};
use crate::problem::Problem;
use crate::site::Cx;

pub(super) fn list(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("sources-title");
    let mut cited = HashMap::<&SourceId, usize>::new();
    for id in cx.context.dataset.statements.iter().flat_map(|one| &one.sources) {
        *cited.entry(id).or_default() += 1;
    }
    let all = &cx.context.dataset.sources;
    let main = html! {
        (head(&title, &cx.tf("sources-lead", [("count", all.len().to_string().into())])))
        div.wide tabindex="0" role="group" aria-label=(title) { table.data.stacked data-sortable data-filter=(cx.t("filter-rows")) {
            caption { (title) }
            thead { tr { th scope="col" { (cx.t("col-title")) } th scope="col" { (cx.t("col-publisher")) } th scope="col" { (cx.t("col-trust")) } th scope="col" { (cx.t("col-cited")) } } }
            tbody { @for one in all { tr {
                th scope="row" { a href=(cx.to(&Address::Source(one.id.to_string()))) { (one.title) } }
                td data-label=(cx.t("col-publisher")) { (one.kind) } td data-label=(cx.t("col-trust")) { (one.trust) } td.num data-label=(cx.t("col-cited")) { (cited.get(&one.id).copied().unwrap_or_default()) }
            } } }
        } }
        (downloads(cx, "sources", None))
    };
    (title, main)
}

pub(super) fn page(cx: &Cx<'_>, id: &str) -> Result<(String, Markup), Problem> {
    let wanted = SourceId::from(id);
    let Some(source) = cx.context.dataset.source(&wanted) else {
        return Err(Problem::unknown(format!("No source has the id `{id}`.")));
    };
    let told: Vec<&Statement> =
        cx.context.dataset.statements.iter().filter(|one| one.sources.contains(&wanted)).collect();
    let main = html! {
        nav.crumbs aria-label=(cx.t("crumbs")) { a href=(cx.to(&Address::Sources)) { (cx.t("nav-sources")) } }
        (head(&source.title, ""))
        dl {
            dt { (cx.t("col-id")) } dd.mono { (source.id) }
            dt { (cx.t("col-publisher")) } dd { (source.kind) }
            dt { (cx.t("col-trust")) } dd { (source.trust) }
            dt { (cx.t("col-address")) } dd { @if source.address.starts_with("http") { a.out href=(source.address) rel="noreferrer" { (source.address) } } @else if source.address.is_empty() { (cx.t("none")) } @else { (source.address) } }
        }
        section aria-labelledby="told" {
            h2 #told { (cx.tf("source-told", [("count", told.len().to_string().into())])) }
            div.wide tabindex="0" role="group" aria-label=(cx.t("col-what")) { table.data.stacked data-sortable data-filter=(cx.t("filter-rows")) {
                caption { (source.title) }
                thead { tr { th scope="col" { (cx.t("col-id")) } th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-level")) } } }
                tbody { @for one in told { tr {
                    th scope="row" { a href=(cx.to(&Address::Statement(one.id.clone()))) { (one.id) } }
                    td data-label=(cx.t("col-state")) { @if let Some(code) = one.subject { (state(cx, code)) } @else { (cx.t("the-world")) } }
                    td.num data-label=(cx.t("col-date")) { (cx.when(one.date)) } td data-label=(cx.t("col-what")) { (one.body.summary()) } td data-label=(cx.t("col-level")) { (level(cx, one.level)) }
                } } }
            } }
        }
        (downloads(cx, &format!("sources/{}", segment(id)), None))
    };
    Ok((source.title.clone(), main))
}
