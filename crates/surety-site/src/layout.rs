//! What stands around every page: where one is, the date, and how to cite it.

use maud::{DOCTYPE, Markup, html};
use surety_core::Date;

use crate::address::{Address, FIRST_DAY};
use crate::assets;
use crate::site::Cx;

/// The way around: words and pages.
fn places(cx: &Cx<'_>) -> [(String, Address); 12] {
    [
        (cx.t("nav-world"), Address::World(None)),
        (cx.t("nav-states"), Address::States),
        (cx.t("nav-treaties"), Address::Treaties),
        (cx.t("nav-materials"), Address::Materials),
        (cx.t("nav-commitments"), Address::Commitments),
        (cx.t("nav-reviews"), Address::Reviews),
        (cx.t("nav-reports"), Address::Reports),
        (cx.t("nav-requirements"), Address::Requirements),
        (cx.t("nav-index"), Address::Index),
        (cx.t("nav-compare"), Address::Compare),
        (cx.t("nav-log"), Address::Log),
        (cx.t("nav-about"), Address::About),
    ]
}

/// Whether a page lies under another of the way around.
fn lies_under(here: &Address, place: &Address) -> bool {
    let over = match here {
        Address::World(_) => Address::World(None),
        Address::State(_) | Address::Why(..) => Address::States,
        Address::Treaty(_) | Address::Pair => Address::Treaties,
        Address::Requirement(_) => Address::Requirements,
        Address::Verify | Address::Statement(_) => Address::Log,
        Address::Method | Address::MethodOf(_) | Address::Data | Address::Sources | Address::Source(_) => {
            Address::About
        }
        other => other.clone(),
    };
    over == *place
}

/// The whole page. A page that is none, as when nothing is found, has no place, no date and nothing to cite.
pub(crate) fn page(cx: &Cx<'_>, here: Option<&Address>, title: &str, main: &Markup) -> Markup {
    let words = &cx.site.words;
    html! {
        (DOCTYPE)
        html lang=(words.language) dir=(words.direction) {
            head {
                meta charset="utf-8";
                title { (title) " · " (cx.t("site-name")) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="description" content=(cx.t("site-description"));
                link rel="stylesheet" href=(cx.file(&assets::address("site.css")));
                link rel="icon" href=(cx.file(&assets::address("icon.svg"))) type="image/svg+xml";
                script src=(cx.file(&assets::address("site.js"))) type="module" {}
            }
            body data-words=(script_words(cx)) {
                a.skip href="#main" { (cx.t("skip")) }
                header.top {
                    a.brand href=(cx.to(&Address::World(None))) { (sign()) (cx.t("site-name")) }
                    @if cx.is_served() { (search(cx)) }
                    (way_around(cx, here))
                }
                @if cx.is_served() { @if let Some(here) = here { (date_form(cx, here)) } } @else {
                    section.date-bar aria-label=(cx.t("date-choose")) { (cx.tf("written-on", [("date", cx.as_of().to_string().into())])) }
                }
                main #main tabindex="-1" {
                    (main)
                    @if let Some(here) = here { (citation(cx, here, title)) }
                }
                footer {
                    p { (cx.t("footer-boundaries")) }
                    p { (cx.t("footer-silence")) }
                    p {
                        a href=(cx.to(&Address::Method)) { (cx.t("nav-method")) } " · "
                        a href=(cx.to(&Address::Data)) { (cx.t("nav-data")) } " · "
                        a href=(cx.to(&Address::Sources)) { (cx.t("nav-sources")) } " · "
                        a href=(cx.to(&Address::Verify)) { (cx.t("nav-verify")) } " · "
                        a href=(cx.to(&Address::About)) { (cx.t("nav-about")) }
                    }
                }
            }
        }
    }
}

/// The way around: a row of links, and on a phone a menu that opens. It needs no script.
fn way_around(cx: &Cx<'_>, here: Option<&Address>) -> Markup {
    let places = places(cx);
    let is_here = |place: &Address| here.is_some_and(|here| lies_under(here, place));
    let current = places.iter().find(|(_, place)| is_here(place)).map(|(word, _)| word);
    html! {
        nav aria-label=(cx.t("nav-label")) {
            details.menu { summary { (cx.t("nav-menu")) @if let Some(word) = current { span.here { (word) } } } }
            div.places {
                @for (word, place) in &places {
                    a href=(cx.to(place)) aria-current=[is_here(place).then_some("page")] { (word) }
                }
            }
        }
    }
}

/// The words that the script shows.
fn script_words(cx: &Cx<'_>) -> String {
    serde_json::json!({
        "sort": cx.t("script-sort"), "shown": cx.t("script-shown"), "csvShown": cx.t("script-csv-shown"),
        "png": cx.t("script-png"), "year": cx.t("script-year"),
    })
    .to_string()
}

fn sign() -> Markup {
    html! {
        svg.sign viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            path d="M12 2 3.5 5.5v6c0 5.2 3.5 9 8.5 10.5 5-1.5 8.5-5.3 8.5-10.5v-6z" fill="none" stroke="currentColor" stroke-width="1.8" {}
            path d="m8 12 3 3 5.5-6" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}

fn search(cx: &Cx<'_>) -> Markup {
    html! {
        form.search role="search" action=(cx.file("search")) method="get" {
            input type="search" name="q" required maxlength="100" aria-label=(cx.t("search-label")) placeholder=(cx.t("search-hint"));
            button type="submit" { (cx.t("search-button")) }
        }
    }
}

/// The date of the page, to be changed: with a slider where scripts run.
fn date_form(cx: &Cx<'_>, here: &Address) -> Markup {
    let today: Option<Date> = cx.asked;
    html! {
        form.date-bar action=(format!("/{}", here.path())) method="get" aria-label=(cx.t("date-choose")) data-first=(FIRST_DAY) data-last=(cx.context.dataset.compiled) {
            @for (name, value) in cx.query.pairs().filter(|(name, _)| *name != "as_of") {
                input type="hidden" name=(name) value=(value);
            }
            label for="as-of" { (cx.t("date-label")) }
            input #as-of type="date" name="as_of" value=(cx.as_of()) min=(FIRST_DAY) max="2100-12-31" required;
            span.printed { (cx.as_of()) }
            button type="submit" { (cx.t("date-button")) }
            @if today.is_some() {
                a href=(format!("/{}", here.path())) { (cx.t("date-today")) }
            }
            @if cx.as_of() > cx.context.dataset.compiled {
                span.quiet { (cx.tf("date-compiled", [("date", cx.context.dataset.compiled.to_string().into())])) }
            }
        }
    }
}

/// How to cite the page: title, date, checkpoint, address.
fn citation(cx: &Cx<'_>, here: &Address, title: &str) -> Markup {
    let root = cx.site.entries.root_hex();
    let path = here.path();
    let mut values =
        cx.query.pairs().filter(|(name, _)| *name != "as_of").fold(String::new(), |text, (name, value)| {
            format!("{text}&{}={}", crate::address::segment(name), crate::address::segment(value))
        });
    values.insert_str(0, &format!("?as_of={}", cx.as_of()));
    let base = cx.site.settings.public_address.as_deref().unwrap_or_default();
    html! {
        section.cite aria-labelledby="cite" {
            h2 #cite { (cx.t("cite-title")) }
            blockquote data-citation {
                (cx.tf("cite-text", [
                    ("title", title.into()),
                    ("date", cx.as_of().to_string().into()),
                    ("size", cx.site.entries.size().to_string().into()),
                    ("compiled", cx.context.dataset.compiled.to_string().into()),
                ]))
                " " span.mono data-address { (base) "/" (path) (values) }
            }
            p.quiet { (cx.t("cite-root")) " " code.hash { (root) } }
        }
    }
}
