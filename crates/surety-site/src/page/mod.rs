//! The pages: one file for each.

mod about;
mod commitments;
mod compare;
mod correct;
pub(crate) mod index;
mod log;
mod materials;
mod method;
mod reports;
mod requirements;
mod search;
mod sources;
mod state;
mod statement;
mod states;
mod treaty;
mod why;
mod world;

pub(crate) use commitments::{Promise, promises};
pub(crate) use reports::{Kind, rows as told};
pub(crate) use search::{Hit, hits};

use maud::{Markup, html};

use crate::address::{Address, Query};
use crate::layout;
use crate::problem::Problem;
use crate::site::Cx;

/// A page as a whole.
pub(crate) fn render(cx: &Cx<'_>, here: &Address) -> Result<Markup, Problem> {
    let (title, main) = match here {
        Address::World(shown) => world::page(cx, *shown)?,
        Address::States => states::page(cx),
        Address::State(code) => state::page(cx, *code)?,
        Address::Why(code, action) => why::page(cx, *code, *action)?,
        Address::Treaties => treaty::list(cx),
        Address::Treaty(instrument) => treaty::page(cx, *instrument),
        Address::Pair => treaty::pair(cx)?,
        Address::Materials => materials::page(cx),
        Address::Commitments => commitments::page(cx),
        Address::Reviews => reports::page(cx, Kind::Reviews),
        Address::Reports => reports::page(cx, Kind::Reports),
        Address::Requirements => requirements::list(cx)?,
        Address::Requirement(id) => requirements::page(cx, id)?,
        Address::Index => index::page(cx)?,
        Address::Log => log::page(cx)?,
        Address::Verify => log::verify(cx),
        Address::Compare => compare::page(cx)?,
        Address::Search => search::page(cx),
        Address::Method => method::list(cx),
        Address::MethodOf(action) => method::page(cx, *action),
        Address::Data => about::data(cx),
        Address::Sources => sources::list(cx),
        Address::Source(id) => sources::page(cx, id)?,
        Address::Statement(id) => statement::page(cx, id)?,
        Address::Correct(about) => correct::page(cx, about)?,
        Address::About => about::page(cx),
    };
    Ok(layout::page(cx, Some(here), &title, &main))
}

/// A page that helps where there is none.
pub(crate) fn refused(cx: &Cx<'_>, problem: &Problem) -> Markup {
    let title = if problem.status == 404 { cx.t("refused-not-found") } else { cx.t("refused-title") };
    let main = html! {
        h1 { (title) }
        p.lead { (problem.detail) }
        p { (cx.t("refused-hint")) }
        ul {
            li { a href=(cx.to(&Address::World(None))) { (cx.t("nav-world")) } }
            li { a href=(cx.to(&Address::States)) { (cx.t("nav-states")) } }
            li { a href=(cx.to(&Address::Treaties)) { (cx.t("nav-treaties")) } }
        }
    };
    layout::page(cx, None, &title, &main)
}

/// The first part of a page: its title and what it says.
pub(crate) fn head(title: &str, lead: &str) -> Markup {
    html! {
        h1 { (title) }
        @if !lead.is_empty() { p.lead { (lead) } }
    }
}

/// The States that a query names, by code or name; separated by commas, or each by itself.
pub(crate) fn named(query: &Query, name: &str) -> Vec<String> {
    let parts = query.values(name).flat_map(|value| value.split(',')).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
