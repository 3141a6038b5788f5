//! How to say that a value is wrong: what to send, and where.

use maud::{Markup, html};
use surety_core::StateCode;
use surety_world::find_action;

use super::head;
use crate::address::{Address, segment};
use crate::problem::Problem;
use crate::site::Cx;

pub(super) fn page(cx: &Cx<'_>, about: &str) -> Result<(String, Markup), Problem> {
    let title = cx.tf("correct-title", [("about", about.into())]);
    let dataset = cx.context.dataset;
    let finding = about.split_once('/').and_then(|(code, action)| {
        let state = dataset.states.get(code.parse::<StateCode>().ok()?)?;
        Some((state.code, find_action(action).ok()?.id))
    });
    let statement = cx.site.statements.get(about).map(|index| cx.context.statement(*index));
    if finding.is_none() && statement.is_none() && dataset.catalogue.get(about).is_none() {
        return Err(Problem::unknown(format!("There is no value called `{about}` to correct.")));
    }
    let text = cx.tf(
        "correct-text",
        [
            ("about", about.into()),
            ("date", cx.as_of().to_string().into()),
            ("root", cx.site.entries.root_hex().into()),
        ],
    );
    let main = html! {
        (head(&title, &cx.t("correct-lead")))
        @if let Some((code, action)) = finding { p { a href=(cx.to(&Address::Why(code, action))) { (cx.name(code)) ": " (action) " " (action.action().title) } } }
        @if let Some(statement) = statement { (super::statement::card(cx, statement)) }
        ol { li { (cx.t("correct-1")) } li { (cx.t("correct-2")) } li { (cx.t("correct-3")) } }
        h2 { (cx.t("correct-send")) }
        pre tabindex="0" { (text) }
        @match &cx.site.settings.contact {
            Some(contact) => p { a href={"mailto:" (contact) "?subject=" (segment(&title)) "&body=" (segment(&text))} { (cx.tf("correct-mail", [("contact", contact.as_str().into())])) } },
            None => p.quiet { (cx.t("correct-no-contact")) },
        }
    };
    Ok((title, main))
}
