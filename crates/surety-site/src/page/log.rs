//! The log: entries, checkpoints, and how to verify without trusting this server.

use maud::{Markup, html};
use surety_statement::Statement;

use super::head;
use crate::address::Address;
use crate::checkpoint::hex;
use crate::parts::{level, state};
use crate::problem::Problem;
use crate::site::Cx;

/// Entries on one page.
const ENTRIES: usize = 100;

pub(super) fn page(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("log-title");
    let all = &cx.context.dataset.statements;
    let pages = all.len().div_ceil(ENTRIES).max(1);
    let page = match cx.query.get("page") {
        None => 1,
        Some(text) => {
            text.parse::<usize>().ok().filter(|page| (1..=pages).contains(page)).ok_or_else(|| {
                Problem::bad_request(format!("`page={text}` is not a page from 1 to {pages}"))
            })?
        }
    };
    let checkpoint = &cx.site.entries;
    // Newest first: the last page of the log is the first one shown.
    let newest_first: Vec<&Statement> = all.iter().rev().skip((page - 1) * ENTRIES).take(ENTRIES).collect();
    let main = html! {
        (head(&title, &cx.tf("log-lead", [("size", checkpoint.size().to_string().into())])))
        section aria-labelledby="checkpoint" {
            h2 #checkpoint { (cx.t("log-checkpoint")) }
            @match &checkpoint.signed {
                Some(signed) => { pre tabindex="0" { (signed) } p { (cx.t("log-signed")) } },
                None => {
                    dl { dt { (cx.t("log-origin")) } dd { (checkpoint.origin) } dt { (cx.t("log-size")) } dd.num { (checkpoint.size()) } dt { (cx.t("log-root")) } dd { code.hash { (checkpoint.root_hex()) } } }
                    p.silence { (cx.t("log-unsigned")) }
                },
            }
            p { a href=(cx.to(&Address::Verify)) { (cx.t("nav-verify")) } }
        }
        section aria-labelledby="entries" {
            h2 #entries { (cx.t("log-entries")) }
            div.wide tabindex="0" role="group" aria-label=(cx.t("log-entries")) { table.data data-filter=(cx.t("filter-rows")) {
                caption { (cx.t("log-entries")) }
                thead { tr { th scope="col" { (cx.t("log-index")) } th scope="col" { (cx.t("col-id")) } th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-level")) } th scope="col" { (cx.t("log-leaf")) } } }
                tbody { @for one in newest_first {
                    @let place = checkpoint.entry(&one.id).map(|(place, _)| place);
                    tr {
                    td.num { @if let Some(place) = place { (place) } }
                    th scope="row" { a href=(cx.to(&Address::Statement(one.id.clone()))) { (one.id) } }
                    td { @if let Some(code) = one.subject { (state(cx, code)) } @else { (cx.t("the-world")) } }
                    td { (one.body.summary()) }
                    td { (level(cx, one.level)) }
                    td { @if let Some(leaf) = place.and_then(|place| checkpoint.leaves.get(place)) { code { (&hex(&leaf.0)[..12]) "…" } } }
                } } }
            } }
            @if cx.is_served() {
                nav.pages aria-label=(cx.t("log-pages")) {
                    @if page > 1 { a rel="prev" href=(cx.to_with(&Address::Log, [("page", &(page - 1).to_string())])) { (cx.t("newer")) } }
                    span { (cx.tf("page-of", [("page", page.to_string().into()), ("pages", pages.to_string().into())])) }
                    @if page < pages { a rel="next" href=(cx.to_with(&Address::Log, [("page", &(page + 1).to_string())])) { (cx.t("older")) } }
                }
            }
            p.downloads { span { (cx.t("download-label")) } a href=(cx.to_file("api/v1/statements.csv", [])) download { (cx.t("download-csv")) } a href=(cx.to_file("api/v1/statements.json", [])) download { (cx.t("download-json")) } }
        }
    };
    Ok((title, main))
}

/// The page on which the browser itself checks a file.
pub(super) fn verify(cx: &Cx<'_>) -> (String, Markup) {
    let title = cx.t("verify-title");
    let main = html! {
        (head(&title, &cx.t("verify-lead")))
        noscript { p.notice { (cx.t("verify-noscript")) } }
        form.verify data-verify {
            p { label { (cx.t("verify-entry")) " " input type="file" name="entry"; } }
            p { label { (cx.t("verify-proof")) " " input type="file" name="proof"; } }
            p { label for="trust" { (cx.t("verify-trust")) } }
            textarea #trust name="trust" rows="6" spellcheck="false" autocomplete="off" aria-describedby="trust-note" {}
            p.quiet #trust-note { (cx.t("verify-trust-note")) }
            p { label { (cx.t("verify-root")) " " input name="root" type="text" spellcheck="false" autocomplete="off" size="64" pattern="[0-9a-fA-F]{64}"; } }
            button type="submit" { (cx.t("verify-button")) }
        }
        output.result role="status" data-verify-result data-words=(serde_json::json!({
            "leaf": cx.t("verify-r-leaf"), "inclusion": cx.t("verify-r-inclusion"), "log": cx.t("verify-r-log"), "witness": cx.t("verify-r-witness"),
            "issuer": cx.t("verify-r-issuer"), "root": cx.t("verify-r-root"), "good": cx.t("verify-good"), "bad": cx.t("verify-bad"),
            "unchecked": cx.t("verify-unchecked"), "assumed": cx.t("verify-assumed"), "files": cx.t("verify-files"),
        })) {}
        section aria-labelledby="how" { h2 #how { (cx.t("verify-how")) } ol { li { (cx.t("verify-how-1")) } li { (cx.t("verify-how-2")) } li { (cx.t("verify-how-3")) } } p { (cx.t("verify-how-cli")) } }
    };
    (title, main)
}
