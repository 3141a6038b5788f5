//! Peer reviews hosted, and reports filed: by State, newest first, undated last.

use maud::{Markup, html};
use surety_core::add_years;
use surety_statement::{Body, Statement};

use super::head;
use super::state::holds;
use crate::parts::{downloads, provenance, report_error, state};
use crate::site::Cx;

/// Which of the two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reviews,
    Reports,
    /// Steps that reduce material.
    Reductions,
}

impl Kind {
    fn wants(self, body: &Body) -> bool {
        match self {
            Self::Reviews => matches!(body, Body::Review { .. }),
            Self::Reports => matches!(body, Body::Report { .. }),
            Self::Reductions => matches!(body, Body::Programme(_) | Body::Cleared { .. }),
        }
    }
}

/// The statements of a kind that hold on the date, newest first.
pub(crate) fn rows(cx: &Cx<'_>, kind: Kind) -> Vec<&'static Statement> {
    let mut rows: Vec<&Statement> =
        cx.context.dataset.statements.iter().filter(|one| kind.wants(&one.body) && holds(cx, one)).collect();
    rows.sort_by_key(|one| one.date.newest_first());
    rows
}

pub(super) fn page(cx: &Cx<'_>, kind: Kind) -> (String, Markup) {
    let reviews = kind == Kind::Reviews;
    let rows = rows(cx, kind);
    let title = if reviews { cx.t("reviews-title") } else { cx.t("reports-title") };
    let window = add_years(cx.as_of(), if reviews { -10 } else { -5 });
    let mut recent: Vec<_> = rows
        .iter()
        .filter(|one| one.date.date.last_day().is_some_and(|day| day > window))
        .filter_map(|one| one.subject)
        .collect();
    recent.sort_unstable();
    recent.dedup();
    let lead = if reviews {
        cx.tf(
            "reviews-lead",
            [("count", rows.len().to_string().into()), ("states", recent.len().to_string().into())],
        )
    } else {
        cx.tf(
            "reports-lead",
            [("count", rows.len().to_string().into()), ("states", recent.len().to_string().into())],
        )
    };
    let list = cx.context.base.coverage(if reviews { "IPPAS" } else { "REPORTS" });
    let main = html! {
        (head(&title, &lead))
        @if let Some(list) = list { p.silence { (super::method::completeness(cx, list)) } }
        div.wide tabindex="0" role="group" aria-label=(title) { table.data.stacked data-sortable data-filter=(cx.t("filter-rows")) {
            caption { (title) }
            thead { tr { th scope="col" { (cx.t("col-date")) } th scope="col" { (cx.t("col-state")) } th scope="col" { (cx.t("col-what")) } th scope="col" { (cx.t("col-source")) } } }
            tbody { @for one in &rows { tr {
                td.num data-label=(cx.t("col-date")) { (cx.when(one.date)) }
                th scope="row" { @if let Some(code) = one.subject { (state(cx, code)) } @else { (cx.t("the-world")) } }
                td data-label=(cx.t("col-what")) { (one.body.summary()) @if !one.note.is_empty() { p.note { (one.note) } } }
                td data-label=(cx.t("col-source")) { (provenance(cx, one)) " " (report_error(cx, &one.id)) }
            } } }
        } }
        (downloads(cx, if reviews { "reviews" } else { "reports" }, None))
    };
    (title, main)
}
