//! What this is, and where its data can be had.

use maud::{Markup, html};

use super::head;
use crate::parts::downloads;
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("about-title");
    let main = html! {
        (head(&title, &cx.t("about-lead")))
        section { h2 { (cx.t("about-what")) } p { (cx.t("about-what-text")) } }
        section { h2 { (cx.t("about-not")) } ul { li { (cx.t("about-not-1")) } li { (cx.t("about-not-2")) } li { (cx.t("about-not-3")) } } }
        section { h2 { (cx.t("about-how")) } ul {
            li { (cx.t("about-how-1")) } li { (cx.t("about-how-2")) } li { (cx.t("about-how-3")) } li { (cx.t("about-how-4")) }
        } }
        section { h2 { (cx.t("about-privacy")) } p { (cx.t("about-privacy-text")) } }
        section { h2 { (cx.t("about-map")) } p { (cx.t("about-map-text")) } }
    };
    (title, main)
}

pub(super) fn data(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("data-title");
    let tables = [
        ("world", cx.t("data-world")),
        ("states", cx.t("data-states")),
        ("gaps", cx.t("data-gaps")),
        ("statements", cx.t("data-statements")),
        ("sources", cx.t("data-sources")),
        ("stocks", cx.t("data-stocks")),
        ("commitments", cx.t("data-commitments")),
        ("reviews", cx.t("data-reviews")),
        ("reports", cx.t("data-reports")),
        ("requirements", cx.t("data-requirements")),
        ("coverage", cx.t("data-coverage")),
        ("index", cx.t("data-index")),
    ];
    let main = html! {
        (head(&title, &cx.tf("data-lead", [("compiled", cx.context.dataset.compiled.to_string().into())])))
        dl.downloads-list { @for (path, words) in &tables { dt { (words) } dd { (downloads(cx, path, None)) } } }
        section aria-labelledby="api" {
            h2 #api { (cx.t("data-api")) }
            p { (cx.t("data-api-text")) }
            p { a href=(cx.to_file("api/v1/openapi.json", [])) { "OpenAPI 3.1" } }
            pre tabindex="0" { "curl '" span data-address { (cx.site.settings.public_address.as_deref().unwrap_or_default()) "/api/v1/states/JPN?as_of=2024-01-01" } "'" }
        }
        section aria-labelledby="lists" {
            h2 #lists { (cx.t("data-complete")) }
            div.wide tabindex="0" role="group" aria-label=(cx.t("data-complete")) { table.data {
                caption { (cx.t("data-complete")) }
                thead { tr { th scope="col" { (cx.t("data-list")) } th scope="col" { (cx.t("data-complete-to")) } th scope="col" { (cx.t("col-note")) } } }
                tbody { @for list in &cx.context.dataset.coverage { tr {
                    th scope="row" { (list.list) p.note { (list.title) } }
                    td.num { @if let Some(day) = list.complete_to { (day) } @else { (cx.t("data-never")) } }
                    td { (list.note) }
                } } }
            } }
        }
        section { h2 { (cx.t("data-licence")) } p { (cx.t("data-licence-text")) } }
    };
    (title, main)
}
