//! One statement: who says what about whom, when, on what evidence, and where it stands in the log.

use maud::{Markup, html};
use surety_statement::{SignedStatement, Statement};

use crate::address::Address;
use crate::parts::{downloads, level, level_meaning, report_error, state};
use crate::problem::Problem;
use crate::proof;
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>, id: &str) -> Result<(String, Markup), Problem> {
    let Some(index) = cx.site.statements.get(id).copied() else {
        return Err(Problem::unknown(format!("No statement has the id `{id}`.")));
    };
    let statement = cx.context.statement(index);
    let title = cx.tf("statement-title", [("id", statement.id.as_str().into())]);
    let place = cx.site.entries.entry(id);
    let leaf = place.and_then(|(place, _)| cx.site.entries.leaves.get(place));
    let main = html! {
        h1 { (title) }
        (card(cx, statement))
        section aria-labelledby="place" {
            h2 #place { (cx.t("statement-place")) }
            dl {
                dt { (cx.t("log-index")) } dd.mono { @if let Some((place, _)) = place { (place) } }
                @if let Some(leaf) = leaf { dt { (cx.t("log-leaf")) } dd { code.hash { (crate::checkpoint::hex(&leaf.0)) } } }
            }
            p { a href=(cx.to(&Address::Log)) { (cx.t("nav-log")) } " · " (entry_files(cx, place.map(|(place, _)| place))) a href=(cx.to_file(&format!("api/v1/statements/{}/proof.json", crate::address::segment(id)), [])) download { (cx.t("statement-proof")) } " · " a href=(cx.to(&Address::Verify)) { (cx.t("nav-verify")) } }
            details { summary { (cx.t("statement-bytes")) } pre tabindex="0" { @if let Some((_, bytes)) = place { (readable(bytes)) } } }
        }
        (downloads(cx, &format!("statements/{}", crate::address::segment(id)), None))
    };
    Ok((title, main))
}

/// What was signed, of a signed entry; else the entry.
fn readable(bytes: &[u8]) -> String {
    let signed = SignedStatement::parse(bytes).ok();
    let payload = signed.as_ref().map_or(bytes, SignedStatement::payload_bytes);
    String::from_utf8_lossy(payload).into_owned()
}

/// Links to the proof and the bytes of an entry of a log.
pub(super) fn entry_files(cx: &Cx<'_>, place: Option<usize>) -> Markup {
    let [proof, entry] = proof::files(place.unwrap_or_default());
    html! {
        @if place.is_some() && cx.site.entries.signed.is_some() {
            a href=(cx.to_file(&proof, [])) download { (cx.t("log-proof")) } " · "
            a href=(cx.to_file(&entry, [])) download { (cx.t("log-entry")) } " "
        }
    }
}

/// A statement with its sources.
pub(super) fn card(cx: &Cx<'_>, statement: &Statement) -> Markup {
    html! {
        article.statement {
            p.name { a href=(cx.to(&Address::Statement(statement.id.clone()))) { (statement.id) } " " span.kind { (statement.body.kind()) } }
            p { @if let Some(code) = statement.subject { (state(cx, code)) } @else { (cx.t("the-world")) } ": " (statement.body.summary()) }
            dl {
                dt { (cx.t("col-date")) } dd.num { (cx.when(statement.date)) @if let (true, Some(day)) = (statement.date.date.last_day().is_some(), statement.date.known_by) { " " span.quiet { (cx.tf("known-by", [("date", day.to_string().into())])) } } }
                dt { (cx.t("col-issuer")) } dd { (statement.issuer.kind) " · " (statement.issuer.name) }
                dt { (cx.t("col-level")) } dd { (level(cx, statement.level)) " " span.quiet { (level_meaning(cx, statement.level)) } }
                @if !statement.note.is_empty() { dt { (cx.t("col-note")) } dd { (statement.note) } }
                dt { (cx.t("col-source")) }
                dd {
                    ul.plain { @for id in &statement.sources {
                        @if let Some(source) = cx.context.dataset.source(id) {
                            li {
                                a href=(cx.to(&Address::Source(id.to_string()))) { (source.title) } " "
                                span.quiet { "(" (source.kind) "; " (source.trust) ")" }
                                @if source.address.starts_with("http") { " " a.out href=(source.address) rel="noreferrer" { (cx.t("source-open")) } }
                            }
                        }
                    } }
                }
            }
            p { (report_error(cx, &statement.id)) }
        }
    }
}
