//! The log: entries, checkpoints, and how to verify without trusting this server.

use jiff::Timestamp;
use maud::{Markup, html};
use surety_log::{Signature, SignedCheckpoint};
use surety_statement::Subject;

use super::head;
use super::statement::entry_files;
use crate::address::Address;
use crate::checkpoint::{Entry, hex};
use crate::parts::state;
use crate::problem::Problem;
use crate::site::Cx;

/// Entries on one page.
const ENTRIES: usize = 100;

pub(super) fn page(cx: &Cx<'_>) -> Result<(String, Markup), Problem> {
    let title = cx.t("log-title");
    let checkpoint = &cx.site.entries;
    let all = checkpoint.all();
    let pages = all.len().div_ceil(ENTRIES).max(1);
    let page = match cx.query.get("page") {
        None => 1,
        Some(text) => {
            text.parse::<usize>().ok().filter(|page| (1..=pages).contains(page)).ok_or_else(|| {
                Problem::bad_request(format!("`page={text}` is not a page from 1 to {pages}"))
            })?
        }
    };
    // Newest first: the last page of the log is the first one shown.
    let newest_first = all.iter().enumerate().rev().skip((page - 1) * ENTRIES).take(ENTRIES);
    let main = html! {
        (head(&title, &cx.tf("log-lead", [("size", checkpoint.size().to_string().into())])))
        section aria-labelledby="checkpoint" {
            h2 #checkpoint { (cx.t("log-checkpoint")) }
            @match &checkpoint.signed {
                Some(signed) => { pre tabindex="0" { (signed) } (signatures(cx, signed)) },
                None => {
                    dl { dt { (cx.t("log-origin")) } dd { (checkpoint.origin) } dt { (cx.t("log-size")) } dd.num { (checkpoint.size()) } dt { (cx.t("log-root")) } dd { code.hash { (checkpoint.root_hex()) } } }
                    p.silence { (cx.t("log-unsigned")) }
                },
            }
            p { a href=(cx.to(&Address::Verify)) { (cx.t("nav-verify")) } }
        }
        section aria-labelledby="entries" {
            h2 #entries { (cx.t("log-entries")) }
            div.wide tabindex="0" role="group" aria-label=(cx.t("log-entries")) { table.data.stacked data-filter=(cx.t("filter-rows")) {
                caption { (cx.t("log-entries")) }
                thead { tr { th scope="col" { (cx.t("log-index")) } th scope="col" { (cx.t("col-id")) } th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("log-kind")) } th scope="col" { (cx.t("log-leaf")) } @if checkpoint.signed.is_some() { th scope="col" { (cx.t("col-issuer")) } th scope="col" { (cx.t("log-files")) } } } }
                tbody { @for (place, entry) in newest_first { (row(cx, place, entry)) } }
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

fn row(cx: &Cx<'_>, place: usize, entry: &Entry) -> Markup {
    let entries = &cx.site.entries;
    let said = entry.said.as_ref();
    let id = said.and_then(|said| said.id.as_deref());
    // Of a statement that was corrected, only the last has a page.
    let page = id.filter(|id| {
        cx.site.statements.contains_key(*id) && entries.entry(id).is_some_and(|(last, _)| last == place)
    });
    html! {
        tr {
            td.num data-label=(cx.t("log-index")) { (place) }
            th scope="row" { @match (page, id) { (Some(id), _) => a href=(cx.to(&Address::Statement(id.to_owned()))) { (id) }, (None, Some(id)) => (id), (None, None) => "–" } }
            td data-label=(cx.t("col-state")) { @match said.map(|said| said.subject) { Some(Subject::State(code)) => (state(cx, code)), Some(Subject::World) => (cx.t("the-world")), Some(Subject::Policy) => (cx.t("log-policy")), None => "–" } }
            td data-label=(cx.t("col-what")) { @if let Some(said) = said { (said.summary) } @else { (cx.t("log-unreadable")) } }
            td data-label=(cx.t("log-kind")) { @if let Some(said) = said { (said.kind) } }
            td data-label=(cx.t("log-leaf")) { @if let Some(leaf) = entries.leaves.get(place) { code { (&hex(&leaf.0)[..12]) "…" } } }
            @if entries.signed.is_some() {
                td data-label=(cx.t("col-issuer")) { @if let Some(issuer) = said.and_then(|said| said.issuer.as_deref()) { (issuer) } }
                td data-label=(cx.t("log-files")) { (entry_files(cx, Some(place))) }
            }
        }
    }
}

/// Who signed a checkpoint, as it says itself: whether that holds, the visitor checks.
fn signatures(cx: &Cx<'_>, signed: &SignedCheckpoint) -> Markup {
    let origin = signed.checkpoint().origin().as_str();
    let role = |name: &str| if name == origin { cx.t("log-by-log") } else { cx.t("log-by-witness") };
    html! {
        p { (cx.t("log-signed")) }
        div.wide tabindex="0" role="group" aria-label=(cx.t("log-signatures")) { table.data {
            caption { (cx.t("log-signatures")) }
            thead { tr { th scope="col" { (cx.t("log-signer")) } th scope="col" { (cx.t("log-role")) } th scope="col" { (cx.t("log-key")) } th scope="col" { (cx.t("log-time")) } } }
            tbody { @for signature in signed.note().signatures() { tr {
                th scope="row" { (signature.name) }
                td { (role(signature.name.as_str())) }
                td { code { (signature.id) } }
                td.num { (time_of(signature).unwrap_or_else(|| "–".to_owned())) }
            } } }
        } }
        @if signed.note().signatures().iter().all(|signature| signature.name.as_str() == origin) { p.silence { (cx.t("log-no-witness")) } }
    }
}

/// When a witness signed: the first eight bytes of its cosignature (C2SP `tlog-cosignature`). A signature by Ed25519
/// alone has 64 bytes, and no time.
fn time_of(signature: &Signature) -> Option<String> {
    let (time, rest) = signature.bytes.split_first_chunk::<8>()?;
    let seconds = i64::try_from(u64::from_be_bytes(*time)).ok().filter(|_| rest.len() >= 64)?;
    Timestamp::from_second(seconds).ok().map(|time| time.to_string())
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
        output.result role="status" data-verify-result data-words=(verify_words(cx)) {}
        section aria-labelledby="how" { h2 #how { (cx.t("verify-how")) } ol { li { (cx.t("verify-how-1")) } li { (cx.t("verify-how-2")) } li { (cx.t("verify-how-3")) } } p { (cx.t("verify-how-cli")) } }
    };
    (title, main)
}

/// The words of what the script finds.
fn verify_words(cx: &Cx<'_>) -> String {
    serde_json::json!({
        "leaf": cx.t("verify-r-leaf"), "inclusion": cx.t("verify-r-inclusion"), "root": cx.t("verify-r-root"),
        "log": cx.t("verify-r-log"), "witness": cx.t("verify-r-witness"), "quorum": cx.t("verify-r-quorum"),
        "issuer": cx.t("verify-r-issuer"), "badLine": cx.t("verify-r-bad-line"), "unknownLine": cx.t("verify-r-unknown-line"),
        "good": cx.t("verify-good"), "bad": cx.t("verify-bad"), "unsigned": cx.t("verify-unsigned"), "cannot": cx.t("verify-cannot"),
        "unchecked": cx.t("verify-unchecked"), "unsupported": cx.t("verify-unsupported"), "unknownKey": cx.t("verify-unknown-key"),
        "otherOwner": cx.t("verify-other-owner"), "notThen": cx.t("verify-not-then"), "missing": cx.t("verify-missing"),
        "reached": cx.t("verify-reached"), "notReached": cx.t("verify-not-reached"), "assumed": cx.t("verify-assumed"),
        "files": cx.t("verify-files"), "notProof": cx.t("verify-not-proof"), "said": cx.t("verify-said"), "kind": cx.t("log-kind"),
        "about": cx.t("verify-about"), "world": cx.t("the-world"), "date": cx.t("col-date"), "what": cx.t("col-what"), "note": cx.t("col-note"),
    })
    .to_string()
}
